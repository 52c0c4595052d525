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
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// The data of a page.
fn data(page: &str) -> Value {
    let (_, rest) =
        page.split_once("<script type=\"application/json\" id=\"data\">").expect("data");
    let (data, _) = rest.split_once("</script>").expect("its end");
    serde_json::from_str(data).expect("JSON")
}

fn list<'a>(value: &'a Value, field: &str) -> &'a Vec<Value> {
    value[field].as_array().unwrap_or_else(|| panic!("{field} in {value}"))
}

/// A text by its number, in English.
fn told<'a>(data: &'a Value, number: &Value) -> &'a str {
    let index = usize::try_from(number.as_u64().expect("a number")).expect("a small number");
    let text = &data["texts"][index];
    let english = text.as_str().or_else(|| text[0].as_str());
    english.unwrap_or_else(|| panic!("no text {number}"))
}

/// Where something stands.
fn place<'a>(data: &'a Value, thing: &Value) -> &'a Value {
    let number = thing["place"].as_u64().expect("a place");
    &data["places"][usize::try_from(number).expect("a small number")]
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
                assert_eq!(place(&data, told)["line"], checked["line"]);
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
    for outside in
        ["http:", "https:", "src=", "href=", "@import", "url(", "<link", "<img", "<iframe"]
    {
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
    let place = place(&data, reason);
    assert_eq!(place["line"], 8);
    let line = place["text"].as_str().expect("the source line");
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

/// The verdicts of a table of a matrix, row by row.
fn verdicts(matrix: &Value, table: usize) -> Vec<Vec<Option<&'static str>>> {
    let number = |value: &Value| usize::try_from(value.as_u64().expect("a number")).expect("small");
    let rows = matrix["tables"][table].as_array().expect("rows").iter();
    let lines = rows.map(|row| matrix["lines"][number(row)].as_str().expect("a line"));
    lines.map(unpacked).collect()
}

fn unpacked(line: &str) -> Vec<Option<&'static str>> {
    let mut cells = Vec::new();
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        rest = &rest[1..];
        let digits = rest.len() - rest.trim_start_matches(|it: char| it.is_ascii_digit()).len();
        let count = rest[..digits].parse().unwrap_or(1);
        rest = &rest[digits..];
        let verdict = match letter {
            'r' => Some("reachable"),
            'u' => Some("unreachable"),
            'p' => Some("partial"),
            'x' => Some("undetermined"),
            '-' => None,
            other => panic!("{other} in {line}"),
        };
        cells.extend(std::iter::repeat_n(verdict, count));
    }
    cells
}

/// The names of the rows or columns of a matrix.
fn ends<'a>(matrix: &'a Value, side: &str) -> Vec<&'a str> {
    let numbers = list(matrix, side).iter();
    let ends = numbers.map(|end| {
        let index = usize::try_from(end.as_u64().expect("a number")).expect("small");
        matrix["ends"][index][0].as_str().expect("a name")
    });
    ends.collect()
}

#[test]
fn every_service_has_the_table_of_its_own() {
    for path in [
        "scenarios/estate/today.ron",
        "scenarios/gateways/edge-firewall.ron",
        "scenarios/gateways/ccn.ron",
        "scenarios/gateways/ipv6.ron",
    ] {
        let page = data(&run(&["report", path, "--pictures", "none"], "").1);
        let matrix = &page["files"][0]["matrix"];
        let (from, to) = (ends(matrix, "from"), ends(matrix, "to"));
        for (table, service) in list(matrix, "services").iter().enumerate() {
            let service = service.as_str().expect("a service");
            let asked = ["matrix", path, "--service", service, "--format", "json"];
            let alone: Value = serde_json::from_str(&run(&asked, "").1).expect("JSON");
            assert_eq!(list(&alone, "columns").len(), to.len(), "{path}");
            let rows = list(&alone, "rows");
            assert_eq!(rows.len(), from.len(), "{path}");
            for (row, found) in rows.iter().zip(verdicts(matrix, table)) {
                let found: Vec<Value> = found.into_iter().map(Value::from).collect();
                assert_eq!(row["verdicts"], Value::from(found), "{path} {service} {}", row["from"]);
            }
        }
    }
}

#[test]
fn the_matrix_agrees_with_traces() {
    let path = "scenarios/classic-link/primary-cidr-only.ron";
    let (_, page, _) = run(&["report", path], "");
    let data = data(&page);
    let matrix = &data["files"][0]["matrix"];
    let (from, to) = (ends(matrix, "from"), ends(matrix, "to"));
    let services = list(matrix, "services");
    assert_eq!(services[0], "all");
    assert!(services.len() > 1, "the file asks for services: {services:?}");
    let tables: Vec<_> = (0..services.len()).map(|table| verdicts(matrix, table)).collect();
    let mut seen = 0;
    for (row, from) in from.iter().enumerate() {
        for (column, to) in to.iter().enumerate() {
            let why = list(matrix, "cells").iter();
            let mut why = why.filter(|cell| cell[0] == row && cell[1] == column);
            for (table, service) in services.iter().enumerate() {
                let Some(verdict) = tables[table][row][column] else {
                    assert_eq!(from, to);
                    continue;
                };
                let service = service.as_str().expect("a service");
                let asked = [
                    "trace",
                    path,
                    "--from",
                    from,
                    "--to",
                    to,
                    "--service",
                    service,
                    "--format",
                    "json",
                ];
                let (_, trace, _) = run(&asked, "");
                let trace: Value = serde_json::from_str(&trace).expect("JSON");
                assert_eq!(verdict, trace["verdict"], "{from} → {to} {service}");
                if table == 0 {
                    let why = why.next().expect("why");
                    let reasons = why[4].as_array().expect("reasons").len();
                    assert_eq!(reasons, list(&trace, "reasons").len(), "{from} → {to}");
                }
                seen += 1;
            }
        }
    }
    assert!(seen >= 16, "{seen}");
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
    // One of them is let in by all, so it stands by itself.
    let from = ends(matrix, "from");
    assert_eq!(from.len(), 3, "{from:?}");
    let one = from.iter().position(|end| *end == "ins-11").expect("the one");
    let many = from.iter().position(|end| end.starts_with("ins-10, ins-12, "));
    let many = many.expect("the others");
    assert_eq!(matrix["ends"][0][1], 79);
    let all = verdicts(matrix, 0);
    let to = ends(matrix, "to");
    let column = |name: &str| to.iter().position(|end| end.starts_with(name)).expect("a column");
    assert_eq!(all[one][column("ins-10")], Some("reachable"));
    assert_eq!(all[many][column("ins-10")], Some("unreachable"));
    assert_eq!(all[one][column("ins-11")], None);
    assert_eq!(matrix["left_out"], serde_json::json!([0, 0]));
    // Fewer reasons, and every verdict.
    let (_, page, _) = run(&["report", "-", "--limit", "1"], &network);
    let short = data(&page);
    let matrix = &short["files"][0]["matrix"];
    assert_eq!(verdicts(matrix, 0), all);
    assert_eq!(list(matrix, "cells").len(), 1);
}

#[test]
fn a_page_tells_what_steps_change() {
    let (_, page, _) = run(&["report", "scenarios/classic-link/detach.ron"], "");
    let data = data(&page);
    let stages = list(&data["files"][0], "stages");
    assert_eq!(stages[0]["difference"], Value::Null, "the base changes nothing");
    let mut told = 0;
    for stage in &stages[1..] {
        let changes = list(stage, "changes");
        if stage["difference"].is_null() {
            continue;
        }
        assert!(!changes.is_empty());
        let lines = stage["difference"]["lines"].as_array().expect("two languages");
        for lines in lines {
            assert!(!lines.as_array().expect("lines").is_empty());
        }
        told += 1;
    }
    assert!(told > 0);
}

#[test]
fn a_page_has_what_lint_finds_and_the_picture_of_the_network() {
    let path = "scenarios/lint/exposed-to-internet.ron";
    let (_, page, _) = run(&["report", path], "");
    let data = data(&page);
    let (_, lint, _) = run(&["lint", path, "--format", "json"], "");
    let lint: Value = serde_json::from_str(&lint).expect("JSON");
    let found = list(&lint["files"][0], "findings");
    let shown = list(&data["files"][0], "lint");
    assert_eq!(shown.len(), found.len());
    for (shown, found) in shown.iter().zip(found) {
        assert_eq!(shown["code"], found["code"]);
        assert_eq!(told(&data, &shown["message"]), found["message"]);
        assert_eq!(place(&data, shown)["line"], found["line"]);
    }
    let picture = told(&data, &data["files"][0]["network"]["picture"]);
    assert!(picture.starts_with("<svg"), "{picture}");
    let (_, none, _) = run(&["report", path, "--pictures", "none"], "");
    assert_eq!(self::data(&none)["files"][0]["network"], Value::Null);
}

#[test]
fn a_network_of_two_thousand_can_be_mailed() {
    let (code, network, _) = run(&["generate", "--instances", "2000"], "");
    assert_eq!(code, Some(0));
    let (code, page, _) = run(&["report", "-"], &network);
    assert_eq!(code, Some(0));
    assert!(page.len() < 1_000_000, "{}", page.len());
    let data = data(&page);
    let matrix = &data["files"][0]["matrix"];
    assert_eq!(matrix["left_out"], serde_json::json!([0, 0]));
    let members = matrix["ends"].as_array().expect("ends").iter();
    let count: u64 = members.map(|end| end[1].as_u64().unwrap_or(1)).sum();
    assert!(count >= 2000, "{count}");
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

/// A suite that lets a rule go, beside its source.
#[test]
fn what_the_expectations_would_not_notice_stands_beside_the_source() {
    let gap = "scenarios/trust/a-suite-with-a-gap.ron";
    let (_, page, _) = run(&["report", gap], "");
    let data = data(&page);
    let suite = &data["files"][0]["suite"];
    let told = suite["headline"].as_str().expect("a headline");
    let (_, out, _) = run(&["coverage", gap], "");
    assert_eq!(Some(told), out.lines().last());
    let (_, mutants, _) = run(&["mutate", "--format", "json", gap], "");
    let mutants: Value = serde_json::from_str(&mutants).expect("JSON");
    let survivors = list(suite, "survivors");
    assert_eq!(mutants["summary"]["survived"], survivors.len());
    let lines = &data["lines"];
    let first = survivors[0]["lines"][0].as_array().expect("lines");
    let first = first.iter().map(|it| {
        let at = it.as_u64().and_then(|it| usize::try_from(it).ok());
        lines[at.expect("a number")].as_str().expect("a line")
    });
    let first = first.collect::<Vec<_>>().join("\n");
    assert!(first.contains("SURVIVED") && first.contains("add "), "{first}");
    let text = fs::read_to_string(root().join(gap)).expect("a scenario");
    let files = list(suite, "files");
    assert_eq!(files[0]["path"], gap);
    let mut holds = Vec::new();
    for line in list(&files[0], "lines") {
        let at = line[0].as_u64().and_then(|it| usize::try_from(it).ok());
        let own = text.lines().nth(at.expect("a number") - 1);
        assert_eq!(line[1].as_str(), own, "{line}");
        holds.push(line[2].as_str().unwrap_or_default().to_owned());
    }
    assert!(holds.iter().any(|it| it == "pinned" || it == "part"), "{holds:?}");
    // Where something fails as it is, nothing is measured.
    let (_, page, _) = run(&["report", "-"], SHOP);
    assert_eq!(self::data(&page)["files"][0]["suite"], Value::Null);
}
