//! SARIF 2.1.0, the format in which code hosts take findings: a tool, its rules, its results.
//!
//! It knows neither expectations nor lints; who has findings describes them with [`Finding`] and [`Rule`].
//! What readers insist on is made sure here: every result has a file and a line, every rule that a result names is
//! there once, and paths are URIs.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::explain::page;
use crate::code::{Code, Language};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// How bad a result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// To be known.
    Note,
    /// Somebody should look.
    Warning,
    /// It is wrong.
    Error,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A rule that results name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The public name: a code, mostly.
    pub id: String,
    /// One line without a full stop.
    pub summary: String,
    /// What it means and what to do, in Markdown.
    pub help: String,
}

impl Rule {
    /// The rule of a code, with its page as the help.
    #[must_use]
    pub fn of(code: Code, language: Language) -> Self {
        Self {
            id: code.name().to_owned(),
            summary: code.meaning(language).to_owned(),
            help: page(code, language).to_owned(),
        }
    }
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The path as the user gave it.
    pub path: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters; none if the whole line, or only the file, is meant.
    pub column: Option<usize>,
}

/// One result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its rule.
    pub rule: Rule,
    /// How bad it is.
    pub level: Level,
    /// What is the matter, in plain text.
    pub message: String,
    /// Where.
    pub location: Location,
    /// Other places that belong to it, with what is to be said of them.
    pub related: Vec<(Location, String)>,
    /// Why it is accepted for now, if it is.
    pub accepted: Option<String>,
}

/// A log of one run with these results, in their order.
#[must_use]
pub fn sarif(findings: &[Finding]) -> Value {
    let mut rules: Vec<&Rule> = Vec::new();
    let mut results = Vec::new();
    for finding in findings {
        let known = rules.iter().position(|rule| rule.id == finding.rule.id);
        let index = known.unwrap_or_else(|| {
            rules.push(&finding.rule);
            rules.len() - 1
        });
        results.push(result(finding, index));
    }
    let rules: Vec<Value> = rules.into_iter().map(rule).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.summary },
        "help": { "text": rule.help, "markdown": rule.help },
    })
}

fn result(finding: &Finding, index: usize) -> Value {
    let mut value = Map::new();
    value.insert("ruleId".into(), finding.rule.id.as_str().into());
    value.insert("ruleIndex".into(), index.into());
    value.insert("level".into(), finding.level.name().into());
    value.insert("message".into(), json!({ "text": finding.message }));
    value.insert("locations".into(), json!([location(&finding.location)]));
    if !finding.related.is_empty() {
        let related = finding.related.iter().map(|(place, text)| {
            let mut value = location(place);
            value["message"] = json!({ "text": text });
            value
        });
        value.insert("relatedLocations".into(), related.collect());
    }
    if let Some(reason) = &finding.accepted {
        let accepted = json!({ "kind": "inSource", "status": "accepted", "justification": reason });
        value.insert("suppressions".into(), json!([accepted]));
    }
    Value::Object(value)
}

fn location(location: &Location) -> Value {
    let mut region = Map::new();
    region.insert("startLine".into(), location.line.max(1).into());
    if let Some(column) = location.column {
        region.insert("startColumn".into(), column.max(1).into());
    }
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(&location.path) },
        "region": region,
    } })
}

/// A path as a URI, relative like the path.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        // A colon would make the first folder a scheme.
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(code: Code, path: &str, line: usize) -> Finding {
        Finding {
            rule: Rule::of(code, Language::English),
            level: Level::Error,
            message: "it is so".to_owned(),
            location: Location { path: path.to_owned(), line, column: None },
            related: Vec::new(),
            accepted: None,
        }
    }

    #[test]
    fn a_rule_stands_once_and_results_point_at_it() {
        let codes = [Code::NoRoute, Code::Io, Code::NoRoute];
        let log = sarif(&codes.map(|code| finding(code, "shop.ron", 3)));
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        assert_eq!(rules.len(), 2);
        let results = run["results"].as_array().expect("results");
        for result in results {
            let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index"));
            assert_eq!(rules[index.expect("small")]["id"], result["ruleId"]);
        }
    }

    #[test]
    fn a_result_without_a_line_points_at_the_first() {
        let log = sarif(&[finding(Code::Io, "shop.ron", 0)]);
        let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["region"], json!({ "startLine": 1 }));
    }

    #[test]
    fn a_path_is_a_uri_whatever_is_in_it() {
        assert_eq!(uri("net/shop.ron"), "net/shop.ron");
        assert_eq!(uri("a b/c:d#é.ron"), "a%20b/c%3Ad%23%C3%A9.ron");
        assert_eq!(uri("/srv/shop.ron"), "file:///srv/shop.ron");
    }

    #[test]
    fn what_is_accepted_is_suppressed_and_says_why() {
        let mut waived = finding(Code::NoRoute, "shop.ron", 3);
        waived.accepted = Some("until May".to_owned());
        let log = sarif(&[waived]);
        let suppressed = &log["runs"][0]["results"][0]["suppressions"][0];
        assert_eq!(suppressed["justification"], "until May");
        assert_eq!(suppressed["kind"], "inSource");
    }
}
