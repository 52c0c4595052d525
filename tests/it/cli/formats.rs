//! The formats of `check`, as the programs read them that they are for.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use serde_json::Value;

use super::{Ended, SMALL, file, folder, run, run_on};

/// Every outcome, a failed change, a step and a what-if; names that no format likes.
fn every_outcome() -> String {
    let expect = r#"expect: [
        Reachable(from: "ins-client", to: "ins-web", service: "tcp:80"),
        Reachable(name: "<&\"]]> # 50%, a|b: `c`\u{7}", from: "ins-client", to: "ins-web", service: "tcp:22"),
        Reachable(from: "tag:role=none", to: "ins-web"),
        Unreachable(from: "ins-client", to: "ins-web", service: "tcp:22", because: "no-route"),
        Unreachable(from: "ins-client", to: "ins-web", service: "tcp:80"),
        Reachable(from: "ins-client", to: "ins-web", service: "udp",
            waive: (reason: "later", until: "2999-12-31", owner: "ann")),
        Reachable(from: "ins-client", to: "ins-web", service: "tcp:80"),
    ],"#;
    let (before, after) = SMALL.split_once("    expect:").expect("expectations");
    let (_, after) = after.split_once("    steps:").expect("steps");
    let gone = r#"(name: "gone", changes: [TerminateInstances(["ins-web"]), Down("ins-web")],
        expect: [Reachable(from: "ins-client", to: "ins-web")]),"#;
    let after = after.replace("what_if: [(", &format!("what_if: [{gone} ("));
    format!("{before}{expect}\n    steps:{after}")
}

/// How many of them are what.
const TESTS: usize = 9;
const FAILURES: usize = 5;
const ERRORS: usize = 1;
const SKIPPED: usize = 1;

fn check(format: &str) -> Ended {
    let ended = run_on(every_outcome(), &["check", "-", "--format", format]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    ended
}

/// An element of XML.
#[derive(Debug)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    /// The text right inside.
    text: String,
}

impl Element {
    fn of(begun: &BytesStart<'_>) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        let attributes = begun.attributes().map(|attribute| {
            let attribute = attribute.expect("an attribute");
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.expect("a value").into_owned();
            (text(attribute.key.as_ref()), value)
        });
        Self {
            name: text(begun.name().as_ref()),
            attributes: attributes.collect(),
            text: String::new(),
        }
    }

    fn attribute(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map_or_else(|| panic!("no {name} in {self:?}"), |(_, value)| value)
    }
}

/// The elements of a document in their order; fails if it is not well-formed.
fn elements(xml: &str) -> Vec<Element> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let mut all: Vec<Element> = Vec::new();
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Start(begun) | Event::Empty(begun) => all.push(Element::of(&begun)),
            Event::Text(text) => {
                let text = text.decode().expect("text");
                if let Some(element) = all.last_mut() {
                    element.text.push_str(text.trim());
                }
            }
            Event::Eof => return all,
            _ => {}
        }
    }
}

#[test]
fn junit_counts_what_it_holds_and_names_are_unique() {
    let elements = elements(&check("junit").out);
    let named = |name: &'static str| elements.iter().filter(move |element| element.name == name);
    for group in named("testsuites").chain(named("testsuite")) {
        for (attribute_name, count) in
            [("tests", TESTS), ("failures", FAILURES), ("errors", ERRORS), ("skipped", SKIPPED)]
        {
            let told = group.attribute(attribute_name);
            assert_eq!(told, count.to_string(), "{attribute_name}");
        }
    }
    assert_eq!(named("testcase").count(), TESTS);
    assert_eq!(named("failure").count(), FAILURES);
    assert_eq!(named("error").count(), ERRORS);
    assert_eq!(named("skipped").count(), SKIPPED);
    let names: BTreeSet<&str> = named("testcase").map(|case| case.attribute("name")).collect();
    assert_eq!(names.len(), TESTS, "{names:#?}");
    for case in named("testcase") {
        assert_eq!(case.attribute("classname"), "-");
        assert!(case.attribute("line").parse::<usize>().is_ok_and(|line| line >= 1));
    }
    for failure in named("failure").chain(named("error")) {
        assert!(!failure.attribute("message").is_empty());
        assert!(!failure.attribute("type").is_empty());
        assert!(!failure.text.is_empty(), "{failure:?}");
    }
    let types: Vec<&str> = named("failure").map(|failure| failure.attribute("type")).collect();
    assert!(types.contains(&"expectation-vacuous"), "{types:?}");
}

#[test]
fn junit_is_xml_whatever_a_name_holds() {
    let out = check("junit").out;
    assert!(!out.contains(|letter: char| letter.is_control() && letter != '\n'), "{out}");
    let elements = elements(&out);
    let names: Vec<&str> = elements
        .iter()
        .filter(|element| element.name == "testcase")
        .map(|element| element.attribute("name"))
        .collect();
    let hard = names.iter().any(|name| name.starts_with("<&\"]]> # 50%, a|b: `c`"));
    assert!(hard, "{names:#?}");
}

#[test]
fn an_unusable_file_is_an_error_in_every_format() {
    let bad = "scenarios/mistakes/unknown-field.ron.bad";
    let told = |format: &str| {
        let ended = run(&["check", bad, "--format", format]);
        assert_eq!(ended.code, Some(2), "{format}: {}", ended.out);
        ended.out
    };
    let xml = elements(&told("junit"));
    assert!(xml.iter().any(|element| element.name == "error"));
    let sarif: Value = serde_json::from_str(&told("sarif")).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "unknown-field");
    assert!(
        told("github").starts_with("::error file=scenarios/mistakes/unknown-field.ron.bad,line=")
    );
    assert!(told("tap").contains("\nnot ok 1 - "));
    let markdown = told("markdown");
    assert!(markdown.contains("| **ERROR** |") && markdown.contains("cannot be used"));
}

#[test]
fn sarif_results_have_a_rule_a_file_and_a_line() {
    let log = check("sarif").json();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let ids: BTreeSet<&str> = rules.iter().filter_map(|rule| rule["id"].as_str()).collect();
    assert_eq!(ids.len(), rules.len(), "a rule stands once");
    for rule in rules {
        for text in [&rule["shortDescription"]["text"], &rule["help"]["text"]] {
            assert!(text.as_str().is_some_and(|text| !text.is_empty()), "{rule:#}");
        }
    }
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), FAILURES + ERRORS + SKIPPED);
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("an index");
        let rule = &rules[usize::try_from(index).expect("small")];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(["error", "note"].contains(&result["level"].as_str().expect("a level")));
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        let related = result["relatedLocations"].as_array().into_iter().flatten();
        for location in result["locations"].as_array().into_iter().flatten().chain(related) {
            let place = &location["physicalLocation"];
            assert!(place["artifactLocation"]["uri"].is_string());
            assert!(place["region"]["startLine"].as_u64().is_some_and(|line| line >= 1));
        }
    }
    let suppressed = results.iter().filter(|result| result.get("suppressions").is_some());
    assert_eq!(suppressed.count(), SKIPPED);
    assert!(ids.contains("security-group-ingress-denied") && ids.contains("expectation-fail"));
}

#[test]
fn github_gets_one_line_a_finding_and_no_stray_separators() {
    let out = check("github").out;
    let lines: Vec<&str> = out.lines().filter(|line| line.starts_with("::")).collect();
    assert_eq!(lines.len(), FAILURES + ERRORS + SKIPPED, "{out}");
    for line in &lines {
        let (properties, message) = line[2..].split_once("::").expect("a message");
        assert!(!message.is_empty(), "{line}");
        let (_, properties) = properties.split_once(' ').expect("properties");
        let names: Vec<&str> = properties
            .split(',')
            .map(|property| property.split_once('=').expect("a value").0)
            .collect();
        assert_eq!(names, ["file", "line", "col", "title"], "{line}");
    }
    assert!(lines.iter().any(|line| line.contains("50%25%2C a|b%3A")), "{out}");
    let quiet = run_on(every_outcome(), &["check", "-", "--format", "github", "-q"]);
    assert!(out.contains("::notice ") && !quiet.out.contains("::notice "));
}

#[test]
fn tap_has_as_many_points_as_its_plan_says() {
    let out = check("tap").out;
    let mut lines = out.lines();
    assert_eq!(lines.next(), Some("TAP version 14"));
    assert_eq!(lines.next(), Some(format!("1..{TESTS}").as_str()));
    let points: Vec<&str> =
        out.lines().filter(|line| line.starts_with("ok ") || line.starts_with("not ok ")).collect();
    assert_eq!(points.len(), TESTS);
    for (point, number) in points.iter().zip(1..) {
        let rest = point.trim_start_matches("not ").strip_prefix("ok ").expect("a point");
        assert!(rest.starts_with(&format!("{number} - ")), "{point}");
        let directive = point.replace("\\#", "").contains('#');
        assert_eq!(directive, point.contains(" # SKIP "), "{point}");
    }
    let bad = points.iter().filter(|point| point.starts_with("not ok")).count();
    assert_eq!(bad, FAILURES + ERRORS);
    let blocks = |end: &str| out.lines().filter(|line| *line == end).count();
    assert_eq!((blocks("  ---"), blocks("  ...")), (bad, bad));
}

#[test]
fn markdown_is_a_table_and_names_do_not_break_it() {
    let out = check("markdown").out;
    let rows: Vec<&str> = out.lines().filter(|line| line.starts_with("| **")).collect();
    assert_eq!(rows.len(), FAILURES + ERRORS + SKIPPED, "{out}");
    for row in rows {
        let bars = row.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 5, "{row}");
    }
    assert_eq!(out.matches("<details>").count(), FAILURES + ERRORS);
    assert_eq!(out.matches("</details>").count(), FAILURES + ERRORS);
    let zh = run_on(every_outcome(), &["check", "-", "--format", "markdown", "--lang", "zh"]);
    assert!(zh.out.contains("网络不满足期望") && zh.out.contains("| **失败** |"));
}

#[test]
fn reports_go_to_files_beside_the_text() {
    let place = folder("reports");
    let path = |name: &str| place.join(name).to_str().expect("UTF-8").to_owned();
    let (junit, sarif, text) = (path("a.xml"), path("a.sarif"), path("a.txt"));
    let reports = [format!("junit={junit}"), format!("sarif={sarif}"), format!("text={text}")];
    let mut arguments = vec!["check", "-", "--color", "always"];
    for report in &reports {
        arguments.extend(["--report", report]);
    }
    let ended = run_on(every_outcome(), &arguments);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert!(ended.out.contains("9 expectations") || ended.out.contains("expectations:"));
    let read = |path: &str| fs::read_to_string(Path::new(path)).expect("a report");
    assert_eq!(read(&junit), check("junit").out);
    assert_eq!(read(&sarif), check("sarif").out);
    assert!(!read(&text).contains('\u{1b}') && ended.out.contains('\u{1b}'));
    assert!(read(&text).contains("FAIL["));
}

#[test]
fn a_report_may_have_standard_output_for_itself() {
    let ended = run_on(every_outcome(), &["check", "-", "--report", "json=-"]);
    assert_eq!(ended.json()["schema"], "pathproof.check/1");
    assert!(ended.tells("FAIL["), "{}", ended.err);
    let refused = |arguments: &[&str], needle: &str| {
        let ended = run_on(SMALL, arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}");
        assert!(ended.tells(needle), "{}", ended.err);
    };
    refused(&["check", "-", "--report", "json=-", "--report", "tap=-"], "two reports");
    refused(&["check", "-", "--report", "json=-", "--format", "tap"], "standard output");
    refused(&["check", "-", "--report", "xml=a.xml"], "text, json, junit, sarif");
    refused(&["check", "-", "--report", "junit"], "junit=report.xml");
    refused(&["check", "-", "--format", "xml"], "text, json, junit, sarif");
    refused(&["links", "-", "--format", "junit"], "text, json, csv]");
}

#[test]
fn a_report_that_cannot_be_written_ends_with_3_and_says_so() {
    let good = file("unwritable", "small.ron", SMALL);
    let path = folder("unwritable-report").join("no/such/folder/a.xml");
    let report = format!("junit={}", path.display());
    let ended = run(&["check", &good, "--report", &report]);
    assert_eq!(ended.code, Some(3));
    assert!(ended.tells("a.xml cannot be written: "), "{}", ended.err);
    assert!(ended.out.contains("1 passed"), "the rest is told: {}", ended.out);
}

#[test]
fn what_is_demanded_beside_the_verdict_stands_in_the_headline() {
    let out = run_on(every_outcome(), &["check", "-"]).out;
    let words = out.split_whitespace().collect::<Vec<_>>().join(" ");
    let headline = "tcp:22 should be unreachable because of no-route";
    assert!(words.contains(headline), "{out}");
    assert!(out.contains("is unreachable, but for another reason"), "{out}");
    let wide = out.lines().find(|line| line.chars().count() > 100);
    assert_eq!(wide, None);
    let zh = run_on(every_outcome(), &["check", "-", "--lang", "zh"]).out;
    assert!(zh.contains("应不可达，原因为 no-route") && zh.contains("但原因不同"), "{zh}");
}
