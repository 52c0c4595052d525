//! What needs no network: `explain` and `schema`.

use serde_json::{Value, json};

use super::wrong::{Unanswered, Wrong};
use crate::code::{Code, Language};
use crate::diagnostic::Words;
use crate::render::explain::{explain_all_json, explain_json, explain_rule_json, topics};
use crate::render::format::{names, record, record_json, scenario_schema};
use crate::render::schema::{names as schemas, schema};

/// So many near names are offered.
const NEAR: usize = 3;

/// The schema of what is read, beside those of what is printed.
const SCENARIO: &str = "scenario";

/// A code, a rule or a part of the format as JSON; without a name, all codes.
///
/// # Errors
///
/// If there is none of that name.
pub fn explain_document(name: Option<&str>, language: Language) -> Result<Value, Unanswered> {
    let Some(asked) = name.map(str::trim) else {
        return Ok(explain_all_json(language));
    };
    let code = Code::from_name(&asked.to_lowercase());
    let told = code
        .map(|code| explain_json(code, language))
        .or_else(|| explain_rule_json(asked, language))
        .or_else(|| record(asked).map(|record| record_json(&record, language)));
    told.ok_or_else(|| unknown(asked))
}

/// There is nothing of that name, and what may have been meant.
#[must_use]
pub fn unknown(asked: &str) -> Unanswered {
    let near = near(asked);
    let quoted: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
    let help = if quoted.is_empty() {
        Words::new(
            "`pathproof explain` lists all codes, `pathproof explain format` what a file can hold",
            "`pathproof explain` 列出全部代码，`pathproof explain format` 列出文件可以包含的内容",
        )
    } else {
        Words::new(
            format!("did you mean {}?", quoted.join(" or ")),
            format!("您是否要找 {}？", quoted.join("、")),
        )
    };
    Wrong::Unknown {
        message: Words::new(
            format!("there is no code, rule or part of the format `{asked}`"),
            format!("没有名为 `{asked}` 的代码、规则或格式的部分"),
        ),
        help,
        near,
    }
    .into()
}

/// The names that come nearest, nearest first: names with the asked text in them, then those that are
/// written alike.
fn near(asked: &str) -> Vec<&'static str> {
    let asked = asked.to_lowercase();
    let likeness = |name: &str| {
        let name = name.to_lowercase();
        if asked.len() >= 3 && name.contains(&asked) {
            return 1.0;
        }
        strsim::normalized_damerau_levenshtein(&asked, &name)
    };
    let mut names: Vec<(f64, &str)> = topics()
        .chain(names())
        .map(|name| (likeness(name), name))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .collect();
    names.sort_by(|a, b| b.0.total_cmp(&a.0));
    names.into_iter().take(NEAR).map(|(_, name)| name).collect()
}

/// The schema of a document; without a name, the names of all.
///
/// # Errors
///
/// If there is none of that name.
pub fn schema_document(name: Option<&str>, language: Language) -> Result<Value, Unanswered> {
    let Some(name) = name else {
        let names: Vec<&str> = schemas().collect();
        return Ok(json!({ "schema": "pathproof.schemas/1", "names": names }));
    };
    if name == SCENARIO {
        return Ok(scenario_schema(language));
    }
    schema(name).ok_or_else(|| {
        let known = schemas().chain([SCENARIO]).collect::<Vec<_>>().join(", ");
        Wrong::Asked {
            message: Words::new(
                format!("there is no schema `{name}`"),
                format!("没有名为 `{name}` 的模式"),
            ),
            help: Some(Words::new(
                format!("there are {known}"),
                format!("现有模式：{known}"),
            )),
        }
        .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_code_is_answered_with_near_ones() {
        assert_eq!(near("no-rout"), ["no-route", "ccn-no-route"]);
        assert_eq!(
            near("secondary-cidr"),
            [
                "peering-secondary-cidr",
                "direct-connect-secondary-cidr",
                "classic-link-secondary-cidr"
            ]
        );
        assert_eq!(near("rt-166").first(), Some(&"RT-16"));
        assert_eq!(near("teapot"), [""; 0]);
    }
}
