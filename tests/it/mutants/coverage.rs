//! `pathproof coverage` as people, scripts and build servers see it.

use std::path::Path;

use serde_json::Value;

use crate::cli::{file, run, run_on};

/// One rule pinned in part, one touched, one that nobody speaks of, one dead; a route that nobody would miss.
const SHOP: &str = r#"Scenario(
    network: (
        vpcs: {
            "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16", default_route_table: "rtb-a"),
            "vpc-b": (region: "ap-guangzhou", cidr: "10.2.0.0/16", default_route_table: "rtb-b"),
        },
        route_tables: {
            "rtb-a": (vpc: "vpc-a", routes: [(to: "10.2.0.0/16", via: PeeringConnection("pcx"))]),
            "rtb-b": (vpc: "vpc-b", routes: [(to: "10.1.0.0/16", via: PeeringConnection("pcx"))]),
        },
        peerings: { "pcx": (between: ("vpc-a", "vpc-b")) },
        subnets: {
            "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24"),
            "subnet-b": (vpc: "vpc-b", cidr: "10.2.1.0/24"),
        },
        security_groups: {
            "sg-web": (egress: [Accept()]),
            "sg-app": (
                ingress: [
                    Accept(from: "sg-web", service: "tcp:22,80"),
                    Accept(from: "10.1.1.11", service: "tcp:8080"),
                    Accept(from: "10.2.0.0/16", service: "tcp:9090"),
                    Drop(service: "tcp:22"),
                ],
            ),
            "sg-far": (egress: [Accept()]),
        },
        instances: {
            "ins-web": (subnet: "subnet-a", ip: "10.1.1.10", security_groups: ["sg-web"]),
            "ins-web2": (subnet: "subnet-a", ip: "10.1.1.11", security_groups: ["sg-web"]),
            "ins-app": (subnet: "subnet-a", ip: "10.1.1.20", security_groups: ["sg-app"]),
            "ins-far": (subnet: "subnet-b", ip: "10.2.1.10", security_groups: ["sg-far"]),
        },
    ),
    expect: [
        Reachable(from: "ins-web", to: "ins-app", service: "tcp:22"),
        Partial(from: "ins-web | ins-web2", to: "ins-app", service: "tcp:8000-9000"),
        Partial(from: "ins-web | ins-web2", to: "ins-app", service: "tcp:80-8080"),
    ],
)
"#;

fn things(value: &Value) -> &Vec<Value> {
    value["things"].as_array().expect("a list")
}

fn state<'v>(value: &'v Value, at: &str) -> &'v Value {
    let thing = things(value).iter().find(|thing| thing["at"] == at);
    thing.unwrap_or_else(|| panic!("{at}: {value:#}"))
}

#[test]
fn what_would_be_missed_is_pinned_and_to_which_part() {
    let ended = run_on(SHOP, &["coverage", "-", "--format", "json"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let value = ended.json();
    let first = state(&value, "sg-app ingress #1");
    assert_eq!(first["state"], "pinned");
    assert_eq!(first["pinned_by"], serde_json::json!([36]));
    assert_eq!(first["extent"]["pinned"], serde_json::json!(["tcp:22"]));
    assert_eq!(first["extent"]["open"], serde_json::json!(["tcp:80"]));
    assert_eq!(state(&value, "sg-app ingress #2")["state"], "pinned");
    assert_eq!(state(&value, "sg-app ingress #3")["state"], "untouched");
    // What nothing matches is dropped anyway.
    assert_eq!(state(&value, "sg-app ingress #4")["state"], "dead");
    assert_eq!(state(&value, "rtb-a #1")["state"], "untouched");
    assert_eq!(value["summary"]["kinds"]["rule"]["dead"], 1);
    let text = run_on(SHOP, &["coverage", "-"]);
    let last = text.out.lines().last().expect("a line");
    assert_eq!(last, "rules pinned 60.0 %, pairs asserted 31.2 %");
    assert!(text.out.contains("tcp:22 pinned, tcp:80 not"), "{}", text.out);
    let chinese = run_on(SHOP, &["coverage", "-", "--lang", "zh"]);
    assert!(chinese.out.contains("未触及"), "{}", chinese.out);
    assert_eq!(chinese.out.lines().last(), Some(last));
}

#[test]
fn what_an_expectation_speaks_of_and_would_not_notice_is_touched() {
    // Port 22 and 80 are open without the narrow rule, too: a partial answer stays partial.
    let vague = SHOP.replace(
        "service: \"tcp:22\"),\n        Partial",
        "service: \"tcp:22\"),\n    ],\n    what_if: [],\n)\n//",
    );
    let (vague, _) = vague.split_once("//").expect("the rest");
    let vague = vague.replace(
        "Reachable(from: \"ins-web\", to: \"ins-app\", service: \"tcp:22\")",
        "Partial(from: \"vpc-a | ins-far\", to: \"ins-app\")",
    );
    let value = run_on(vague, &["coverage", "-", "--format", "json"]).json();
    assert_eq!(state(&value, "sg-app ingress #1")["state"], "touched", "{value:#}");
}

#[test]
fn too_little_ends_with_1() {
    for (least, code) in [("60", 0), ("60.1", 1), ("100", 1), ("0", 0)] {
        let ended = run_on(SHOP, &["coverage", "-", "--fail-under", least]);
        assert_eq!(ended.code, Some(code), "{least}");
    }
    for bad in ["", "many", "101", "-1", "NaN"] {
        let ended = run_on(SHOP, &["coverage", "-", &format!("--fail-under={bad}")]);
        assert_eq!(ended.code, Some(2), "{bad}");
    }
    let wrong = SHOP.replace("        Reachable(", "        Unreachable(");
    assert_eq!(run_on(wrong, &["coverage", "-"]).code, Some(1));
    assert_eq!(run(&["coverage", "no/such.ron"]).code, Some(2));
}

#[test]
fn only_what_changed_is_measured_with_in_diff() {
    let before = file("coverage_in_diff", "before.ron", SHOP);
    let more = SHOP
        .replace("Drop(service", "Accept(from: \"10.1.1.10\", service: \"tcp:25\"), Drop(service");
    let value = run_on(more, &["coverage", "-", "--in-diff", &before, "--format", "json"]).json();
    let places: Vec<&Value> = things(&value).iter().map(|thing| &thing["at"]).collect();
    assert_eq!(places, ["sg-app ingress #4"]);
}

#[test]
fn lcov_has_a_record_a_file_and_counts_what_it_lists() {
    let shop = file("coverage_lcov", "shop.ron", SHOP);
    let text = run(&["coverage", &shop, "--format", "lcov"]).out;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.first(), Some(&"TN:"));
    assert_eq!(lines.last(), Some(&"end_of_record"));
    let source = lines.iter().find_map(|line| line.strip_prefix("SF:")).expect("a source");
    assert!(source.ends_with("shop.ron") && !source.starts_with('/'), "{source}");
    let data: Vec<(usize, usize)> = lines
        .iter()
        .filter_map(|line| line.strip_prefix("DA:")?.split_once(','))
        .map(|(line, hits)| (line.parse().expect("a line"), hits.parse().expect("hits")))
        .collect();
    assert!(data.is_sorted() && data.contains(&(20, 1)) && data.contains(&(22, 0)), "{data:?}");
    let count = |name: &str| {
        let mut lines = lines.iter();
        let found = lines.find_map(|line| line.strip_prefix(name)).expect(name);
        found.parse::<usize>().expect("a number")
    };
    assert_eq!(count("LF:"), data.len());
    assert_eq!(count("LH:"), data.iter().filter(|(_, hits)| *hits > 0).count());
}

#[test]
fn cobertura_is_a_document_of_relative_files() {
    let shop = file("coverage_cobertura", "shop & co.ron", SHOP);
    let text = run(&["coverage", &shop, "--format", "cobertura"]).out;
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE coverage"));
    assert!(text.contains("shop &amp; co.ron\" line-rate="), "{text}");
    assert!(!text.contains("filename=\"/"), "{text}");
    assert!(text.contains("<line number=\"20\" hits=\"1\" branch=\"false\"/>"), "{text}");
    assert!(text.contains("<line number=\"22\" hits=\"0\" branch=\"false\"/>"), "{text}");
    let open = text.matches("<class ").count();
    assert_eq!(open, text.matches("</class>").count());
}

/// What `coverage-04.dtd` says: an element, what stands in it in this order (`*` any number, `?` perhaps), and what it must have.
const DTD: [(&str, &[&str], &[&str]); 10] = [
    (
        "coverage",
        &["sources?", "packages"],
        &[
            "line-rate",
            "branch-rate",
            "lines-covered",
            "lines-valid",
            "branches-covered",
            "branches-valid",
            "complexity",
            "version",
            "timestamp",
        ],
    ),
    ("sources", &["source*"], &[]),
    ("source", &[], &[]),
    ("packages", &["package*"], &[]),
    ("package", &["classes"], &["name", "line-rate", "branch-rate", "complexity"]),
    ("classes", &["class*"], &[]),
    (
        "class",
        &["methods", "lines"],
        &["name", "filename", "line-rate", "branch-rate", "complexity"],
    ),
    ("methods", &[], &[]),
    ("lines", &["line*"], &[]),
    ("line", &[], &["number", "hits"]),
];

/// Elements with their attributes and the names of what stands in them; panics where they do not nest.
fn elements(text: &str) -> Vec<(String, Vec<String>, Vec<String>)> {
    let mut open: Vec<(String, Vec<String>, Vec<String>)> = Vec::new();
    let mut done = Vec::new();
    for tag in text.split('<').skip(1).map(|rest| rest.split('>').next()) {
        let tag = tag.expect("a tag ends");
        if tag.starts_with(['?', '!']) {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            let element = open.pop().expect("something is open");
            assert_eq!(element.0, name);
            done.push(element);
            continue;
        }
        let (tag, is_empty) = match tag.strip_suffix('/') {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let (name, rest) = tag.split_once(' ').unwrap_or((tag, ""));
        let attributes = rest.split('"').step_by(2).filter_map(|it| it.strip_suffix('='));
        let attributes = attributes.map(|it| it.trim().to_owned()).collect();
        if let Some((.., inside)) = open.last_mut() {
            inside.push(name.to_owned());
        }
        let element = (name.to_owned(), attributes, Vec::new());
        if is_empty {
            done.push(element);
        } else {
            open.push(element);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    done
}

#[test]
fn cobertura_holds_to_its_dtd() {
    let shop = file("coverage_dtd", "shop & co.ron", SHOP);
    let library = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/vpc");
    for path in [shop.as_str(), library] {
        let text = run(&["coverage", path, "--format", "cobertura"]).out;
        assert!(text.len() < 10 << 20, "{}", text.len());
        for (name, attributes, inside) in elements(&text) {
            let of_name = DTD.iter().find(|(element, ..)| *element == name);
            let (_, wanted, needed) = of_name.unwrap_or_else(|| panic!("{name} is not in the DTD"));
            for attribute in *needed {
                assert!(attributes.iter().any(|it| it == attribute), "{name} {attribute}");
            }
            let mut rest = &inside[..];
            for wanted in *wanted {
                let plain = wanted.trim_end_matches(['*', '?']);
                let most = if wanted.ends_with('*') { usize::MAX } else { 1 };
                let met = rest.iter().take(most).take_while(|it| *it == plain).count();
                assert!(met > 0 || wanted.ends_with(['*', '?']), "{name} without {plain}");
                rest = &rest[met..];
            }
            assert!(rest.is_empty(), "{rest:?} in {name}");
        }
    }
}

/// Debian's package lcov brings `genhtml`; who has none cannot be told whether it takes the file.
#[test]
#[expect(clippy::print_stderr, reason = "a test that skips has to say so")]
fn genhtml_takes_the_lcov() {
    let shop = file("coverage_genhtml", "shop.ron", SHOP);
    let folder = Path::new(&shop).parent().expect("a folder");
    // lcov names sources as the run was told them: from where it runs.
    let ended = assert_cmd::Command::from_std(crate::shipped::program())
        .current_dir(folder)
        .args(["coverage", "shop.ron", "--format", "lcov"])
        .output()
        .expect("the program starts");
    std::fs::write(folder.join("shop.info"), ended.stdout).expect("a file for the test");
    let genhtml = std::process::Command::new("genhtml")
        .current_dir(folder)
        .args(["shop.info", "--output-directory", "pages"])
        .output();
    let Ok(genhtml) = genhtml else {
        eprintln!("skipped: no genhtml");
        return;
    };
    let said = String::from_utf8_lossy(&genhtml.stdout).into_owned()
        + &String::from_utf8_lossy(&genhtml.stderr);
    assert!(genhtml.status.success(), "{said}");
    assert!(!said.to_lowercase().contains("warning"), "{said}");
    assert!(folder.join("pages/index.html").is_file(), "{said}");
}

#[test]
fn a_page_and_annotations_show_the_lines() {
    let shop = file("coverage_html", "shop.ron", SHOP);
    let page = run(&["coverage", &shop, "--format", "html"]).out;
    assert!(page.contains("<tr class=\"untouched\"><td class=\"n\">22</td>"), "{page}");
    assert!(page.contains("<tr class=\"part\"><td class=\"n\">20</td>"), "{page}");
    assert!(page.contains("sg-app ingress #1 in part: tcp:22 pinned, tcp:80 not"), "{page}");
    let log = run(&["coverage", &shop, "--format", "github"]).out;
    assert!(log.contains("::warning file="), "{log}");
    assert!(log.contains(",line=22,"), "{log}");
    assert_eq!(log.lines().last(), Some("rules pinned 60.0 %, pairs asserted 31.2 %"));
}

/// The shipped scenarios hold themselves to what they recommend; the rest is in files that are there for a lint or a plan.
#[test]
fn the_library_pins_its_own_rules() {
    let scenarios = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let ended = run(&["coverage", scenarios, "--fail-under", "95"]);
    assert_eq!(ended.code, Some(0), "{}", ended.out);
}

#[test]
fn a_check_that_says_more_says_what_is_pinned() {
    let line = |ended: &crate::cli::Ended| {
        let mut lines = ended.err.lines().chain(ended.out.lines());
        let found = lines.find(|line| line.contains("rules pinned"));
        found.map(|line| line.split_once(": ").expect("a path").1.to_owned())
    };
    let told = run_on(SHOP, &["coverage", "-"]).out;
    let told = told.lines().last().map(str::to_owned);
    assert_eq!(line(&run_on(SHOP, &["check", "-", "-v"])), told);
    assert_eq!(line(&run_on(SHOP, &["check", "-"])), None);
    let wrong = SHOP.replacen("Reachable(", "Unreachable(", 1);
    let failing = run_on(wrong.as_str(), &["check", "-", "-v"]);
    assert_eq!((failing.code, line(&failing)), (Some(1), None));
}
