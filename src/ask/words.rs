//! What needs no network: `explain` and `schema`.

use serde_json::{Value, json};

use super::wrong::{Unanswered, Wrong};
use crate::code::{Code, Language};
use crate::diagnostic::Words;
use crate::render::explain::{explain_all_json, explain_json, explain_rule_json, topics};
use crate::render::format::{
    Record, field_json, fields, names, record_json, records, records_json, scenario_schema,
};
use crate::render::rules;
use crate::render::schema::{names as schemas, schema};
use crate::scenario::{nearest, question};

/// So many near names are offered.
const NEAR: usize = 3;

/// The schema of what is read, beside those of what is printed.
const SCENARIO: &str = "scenario";

/// The word for the list of everything that a file can hold.
const FORMAT: &str = "format";

/// What can be explained.
pub enum Topic {
    /// A code.
    Code(Code),
    /// A rule of the cloud, by its id.
    Rule(&'static str),
    /// What a file can hold, as a list.
    Format,
    /// A section, a part, an expectation or a change.
    Record(&'static Record),
    /// A field, by its name.
    Field(&'static str),
}

/// What somebody asks to have explained, however it is written: in any case, in quotes, with the stop of the sentence
/// that it was copied from, or with what `error[…]` has around it.
#[must_use]
pub fn topic(asked: &str) -> Option<Topic> {
    let bracketed = asked.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    let names = [Some(asked), bracketed.map(|(inner, _)| inner)];
    names.into_iter().flatten().find_map(|name| named(&plain(name)))
}

/// What people call things that have another name in the format: the plain name, and that other.
const ALIASES: [(&str, &str); 17] = [
    ("cvm", "instances"),
    ("instance", "instances"),
    ("实例", "instances"),
    ("云服务器", "instances"),
    ("database", "databases"),
    ("数据库", "databases"),
    ("clb", "load_balancers"),
    ("loadbalancer", "load_balancers"),
    ("负载均衡", "load_balancers"),
    ("acl", "network_acls"),
    ("peering", "peerings"),
    ("弹性公网ip", "eip"),
    ("classiclink", "classic_links"),
    ("基础网络互通", "classic_links"),
    ("期望", "expect"),
    ("步骤", "steps"),
    ("假设", "what_if"),
];

/// The topic with this plain name.
fn named(name: &str) -> Option<Topic> {
    let is = |other: &str| !name.is_empty() && plain(other) == name;
    let mut codes = Code::ALL.iter().copied();
    let code = codes.find(|code| is(code.name())).map(Topic::Code);
    code.or_else(|| rules::ids().find(|id| is(id)).map(Topic::Rule))
        .or_else(|| is(FORMAT).then_some(Topic::Format))
        .or_else(|| {
            let of_name = records().iter().find(|record| is(record.name));
            let called = || records().iter().find(|record| record.calls().into_iter().any(is));
            of_name.or_else(called).map(Topic::Record)
        })
        .or_else(|| {
            let (_, other) = ALIASES.iter().find(|(alias, _)| is(alias))?;
            named(&plain(other))
        })
        .or_else(|| fields().find(|field| is(field)).map(Topic::Field))
}

/// Letters and figures of a name alone, small and of one width: the rest tells no two names apart.
fn plain(name: &str) -> String {
    /// From a full-width letter to the plain one.
    const FULL_WIDTH: u32 = 0xFEE0;
    let letters = name.chars().map(|letter| match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - FULL_WIDTH).unwrap_or(letter),
        letter => letter,
    });
    let kept = letters.filter(|letter| letter.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

/// A code, a rule or a part of the format as JSON; without a name, all codes.
///
/// # Errors
///
/// If there is none of that name.
pub fn explain_document(name: Option<&str>, language: Language) -> Result<Value, Unanswered> {
    let Some(asked) = name.map(str::trim) else {
        return Ok(explain_all_json(language));
    };
    let told = topic(asked).and_then(|topic| match topic {
        Topic::Code(code) => Some(explain_json(code, language)),
        Topic::Rule(id) => explain_rule_json(id, language),
        Topic::Format => Some(records_json(language)),
        Topic::Record(record) => Some(record_json(record, language)),
        Topic::Field(name) => Some(field_json(name, language)),
    });
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
        let near = nearest(name, schemas().chain([SCENARIO])).map(question);
        let known = schemas().chain([SCENARIO]).collect::<Vec<_>>().join(", ");
        Wrong::Asked {
            message: Words::new(
                format!("there is no schema `{name}`"),
                format!("没有名为 `{name}` 的模式"),
            ),
            help: near.or_else(|| {
                Some(Words::new(format!("there are {known}"), format!("现有模式：{known}")))
            }),
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

    #[test]
    fn no_two_names_are_one_when_written_plainly() {
        let mut seen = std::collections::BTreeMap::new();
        for name in topics().chain(names()).chain([FORMAT]) {
            let before = seen.insert(plain(name), name);
            assert!(before.is_none(), "{name} and {before:?}");
        }
    }

    #[test]
    fn a_name_is_found_however_it_is_written() {
        let found = |asked: &str| {
            topic(asked).map(|topic| match topic {
                Topic::Code(code) => code.name(),
                Topic::Rule(id) => id,
                Topic::Format => FORMAT,
                Topic::Record(record) => record.name,
                Topic::Field(name) => name,
            })
        };
        for (asked, name) in [
            ("安全组。", "security_groups"),
            ("「安全组」", "security_groups"),
            ("（安全组）：", "security_groups"),
            (" Security Groups ", "security_groups"),
            ("security-group?", "security_groups"),
            ("`no-route`,", "no-route"),
            ("NO_ROUTE", "no-route"),
            ("error[no-route]: the", "no-route"),
            ("错误[no-route]：没有", "no-route"),
            ("(CL-6).", "CL-6"),
            ("ｃｌ－６", "CL-6"),
            ("cl6", "CL-6"),
            ("delete routes", "DeleteRoutes"),
            ("Format!", FORMAT),
            ("expect", "expect"),
            ("`what_if`", "what_if"),
            ("secondary_cidrs:", "secondary_cidrs"),
        ] {
            assert_eq!(found(asked), Some(name), "{asked}");
        }
        for (alias, name) in ALIASES {
            assert_eq!(found(alias), Some(name), "{alias}");
        }
        for nothing in ["", "。", "[]", "teapot"] {
            assert_eq!(found(nothing), None, "{nothing}");
        }
    }
}
