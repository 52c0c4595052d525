//! `pathproof report`: one file that needs nothing from outside, with the same facts as `check`.

use std::fs;
use std::path::PathBuf;

use assert_cmd::Command;
use serde_json::Value;

use crate::shipped::root;

const ESTATE: &str = "scenarios/estate";

/// One promise that holds, one that does not, and a name that would end a script.
const SHOP: &str = r#"(
    name: "a </script><!-- <script> & \"page\"",
    network: (
        vpcs: { "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16") },
        subnets: { "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24") },
        security_groups: {
            "sg-open": (ingress: [Accept()], egress: [Accept()]),
            "sg-web": (ingress: [Accept(service: "tcp:80")]),
        },
        instances: {
            "ins-client": (subnet: "subnet-a", ip: "10.1.1.10", security_groups: ["sg-open"]),
            "ins-web": (subnet: "subnet-a", ip: "10.1.1.20", security_groups: ["sg-web"]),
        },
    ),
    expect: [
        Reachable(from: "ins-client", to: "ins-web", service: "tcp:22"),
        Reachable(from: "ins-client", to: "ins-web", service: "tcp:80"),
    ],
)
"#;

pub fn run(arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let output = Command::from_std(crate::shipped::program())
        .current_dir(root())
        .args(arguments)
        .write_stdin(input)
        .output()
        .expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// The data of a page.
fn data(page: &str) -> Value {
    let (_, rest) = page
        .split_once("<script type=\"application/json\" id=\"data\">")
        .expect("data");
    let (data, _) = rest.split_once("</script>").expect("its end");
    serde_json::from_str(data).expect("JSON")
}

fn list<'a>(value: &'a Value, field: &str) -> &'a Vec<Value> {
    value[field]
        .as_array()
        .unwrap_or_else(|| panic!("{field} in {value}"))
}

/// A text by its number, in English.
fn told<'a>(data: &'a Value, number: &Value) -> &'a str {
    let index = usize::try_from(number.as_u64().expect("a number")).expect("a small number");
    let text = &data["texts"][index];
    let english = text.as_str().or_else(|| text[0].as_str());
    english.unwrap_or_else(|| panic!("no text {number}"))
}

#[test]
fn a_page_has_the_facts_of_a_check() {
    let (code, page, _) = run(&["report", ESTATE], "");
    assert_eq!(code, Some(0));
    let data = data(&page);
    assert_eq!(data["schema"], "pathproof.report/1");
    let (_, check, _) = run(&["check", ESTATE, "--format", "json"], "");
    let check: Value = serde_json::from_str(&check).expect("JSON");
    assert_eq!(data["summary"], check["summary"]);
    let (told, checked) = (list(&data, "files"), list(&check, "files"));
    assert_eq!(told.len(), checked.len());
    let mut count = 0;
    for (told, checked) in told.iter().zip(checked) {
        assert_eq!(told["path"], checked["path"]);
        let stages = list(told, "stages").iter().zip(list(checked, "stages"));
        for (told, checked) in stages {
            assert_eq!(told["name"], checked["name"]);
            let told = list(told, "expectations").iter();
            for (told, checked) in told.zip(list(checked, "expectations")) {
                for field in ["from", "to", "service", "verdict", "outcome"] {
                    assert_eq!(told[field], checked[field]);
                }
                assert_eq!(told["place"]["line"], checked["line"]);
                let numbers = list(told, "reasons").iter();
                let codes = numbers.map(|number| {
                    let index = usize::try_from(number.as_u64().expect("a number"));
                    &data["reasons"][index.expect("a small number")]["code"]
                });
                let codes: Vec<&Value> = codes.collect();
                let reasons = list(checked, "reasons").iter();
                let checked: Vec<&Value> = reasons.map(|reason| &reason["code"]).collect();
                assert_eq!(codes, checked);
                count += 1;
            }
        }
    }
    assert!(count > 30, "{count}");
}

#[test]
fn a_page_needs_nothing_from_outside() {
    let (code, page, _) = run(&["report", "-", "--pictures", "all"], SHOP);
    assert_eq!(code, Some(1));
    let namespace = "http://www.w3.org/2000/svg";
    let rest = page.replace(namespace, "");
    let lower = rest.to_lowercase();
    for outside in [
        "http:", "https:", "src=", "href=", "@import", "url(", "<link", "<img", "<iframe",
    ] {
        assert!(!lower.contains(outside), "{outside}");
    }
    assert!(page.contains("default-src 'none'"));
    assert_eq!(page, run(&["report", "-", "--pictures", "all"], SHOP).1);
}

#[test]
fn nothing_in_a_file_can_end_the_script_of_its_data() {
    let (_, page, _) = run(&["report", "-"], SHOP);
    assert_eq!(page.matches("</script>").count(), 2);
    let name = data(&page)["files"][0]["name"].clone();
    assert_eq!(name, "a </script><!-- <script> & \"page\"");
    let open = |tag: &str| page.matches(&format!("<{tag}")).count();
    let shut = |tag: &str| page.matches(&format!("</{tag}>")).count();
    for tag in ["html", "head>", "body", "main", "section", "noscript"] {
        assert_eq!(open(tag), shut(tag.trim_end_matches('>')), "{tag}");
    }
}

#[test]
fn what_failed_is_explained_and_drawn() {
    let (_, page, _) = run(&["report", "-"], SHOP);
    let data = data(&page);
    let expectations = list(&data["files"][0]["stages"][0], "expectations");
    let failed = &expectations[0];
    assert_eq!(failed["outcome"], "fail");
    assert!(told(&data, &failed["why"]).contains("is unreachable"));
    let picture = told(&data, &failed["picture"]);
    let document = roxmltree::Document::parse(picture).expect("XML");
    assert_eq!(document.root_element().tag_name().name(), "svg");
    assert!(picture.contains("security-group-ingress-denied"));
    let reason = &data["reasons"][0];
    assert_eq!(reason["place"]["line"], 8);
    let line = reason["place"]["text"].as_str().expect("the source line");
    assert!(line.contains("sg-web"), "{line}");
    let rule = reason["rule"].as_str().expect("a rule");
    assert!(!told(&data, &data["rules"][rule]).is_empty());
    assert_eq!(expectations[1]["picture"], Value::Null);
    let (_, all, _) = run(&["report", "-", "--pictures", "all"], SHOP);
    let all = self::data(&all);
    let drawn = &all["files"][0]["stages"][0]["expectations"][1]["picture"];
    assert!(told(&all, drawn).starts_with("<svg"));
    let (_, none, _) = run(&["report", "-", "--pictures", "none"], SHOP);
    assert!(!none.contains("\\u003csvg"));
}

#[test]
fn the_matrix_agrees_with_traces() {
    let path = "scenarios/classic-link/primary-cidr-only.ron";
    let (_, page, _) = run(&["report", path], "");
    let data = data(&page);
    let matrix = &data["files"][0]["matrix"];
    let (from, to) = (list(matrix, "from"), list(matrix, "to"));
    let cells = list(matrix, "cells");
    assert_eq!(cells.len(), from.len() * to.len());
    let mut seen = 0;
    for (index, cell) in cells.iter().enumerate() {
        let ends = [&from[index / to.len()], &to[index % to.len()]];
        let [from, to] = ends.map(|end| end["name"].as_str().expect("a name"));
        if cell.is_null() {
            assert_eq!(from, to);
            continue;
        }
        let asked = [
            "trace", path, "--from", from, "--to", to, "--format", "json",
        ];
        let (_, trace, _) = run(&asked, "");
        let trace: Value = serde_json::from_str(&trace).expect("JSON");
        assert_eq!(cell["verdict"], trace["verdict"], "{from} → {to}");
        let reasons = list(cell, "reasons").len();
        assert_eq!(reasons, list(&trace, "reasons").len(), "{from} → {to}");
        seen += 1;
    }
    assert!(seen >= 8, "{seen}");
}

#[test]
fn many_equal_machines_stand_together_and_nothing_is_left_out_silently() {
    let machines = (10..90).map(|host| {
        format!(
            "\"ins-{host}\": (subnet: \"s\", ip: \"10.1.1.{host}\", security_groups: [\"sg\"]),"
        )
    });
    let network = format!(
        "(network: (vpcs: {{ \"v\": (region: \"r\", cidr: \"10.1.0.0/16\") }}, \
         subnets: {{ \"s\": (vpc: \"v\", cidr: \"10.1.1.0/24\") }}, \
         security_groups: {{ \"sg\": (ingress: [Accept(from: \"10.1.1.11\")], egress: [Accept()]) }}, \
         instances: {{ {} }}))",
        machines.collect::<String>()
    );
    let (code, page, _) = run(&["report", "-"], &network);
    assert_eq!(code, Some(1), "nothing is expected");
    let together = data(&page);
    let matrix = &together["files"][0]["matrix"];
    let first = &matrix["from"][0];
    assert_eq!(first["name"], "ins-10 … ins-89 (80)");
    // One of them is let in by all, so it cannot be said of all.
    assert_eq!(matrix["cells"][0]["verdict"], "partial");
    assert_eq!(matrix["left_out"], serde_json::json!([0, 0]));
    let (_, page, _) = run(&["report", "-", "--limit", "1"], &network);
    let short = data(&page);
    let matrix = &short["files"][0]["matrix"];
    let shown: u64 = list(matrix, "from")
        .iter()
        .filter_map(|end| end["count"].as_u64())
        .sum();
    let left = matrix["left_out"][0].as_u64().expect("a number");
    assert_eq!(shown + left, 81, "80 machines and the Internet");
}

#[test]
fn a_page_goes_to_a_file_and_ends_like_a_check() {
    let folder = std::env::temp_dir().join(format!("pathproof-page-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let file: PathBuf = folder.join("report.html");
    let path = file.to_str().expect("a path");
    let (code, out, errors) = run(&["report", "-", "-o", path, "--lang", "zh"], SHOP);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert_eq!(errors, format!("已写入 {path}\n"));
    let page = fs::read_to_string(&file).expect("the page");
    assert_eq!(data(&page)["language"], "zh");
    fs::remove_dir_all(&folder).expect("to tidy up");
    let (code, page, errors) = run(&["report", "-"], "(network: (vpcz: {}))");
    assert_eq!(code, Some(2));
    assert!(errors.contains("unknown-field"), "{errors}");
    assert_eq!(data(&page)["summary"]["unusable"], 1);
    let (code, ..) = run(&["report", "-", "-o", "/no/such/folder/x.html"], SHOP);
    assert_eq!(code, Some(3));
}
