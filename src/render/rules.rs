//! The rules of the cloud in our own words, so that every cited id can be looked up.
//!
//! The texts stand in `rules/*.txt`, a rule a paragraph of three lines: the id and the keys of its
//! sources, the rule in English, the rule in Chinese. `sources.txt` has the same form, with a
//! source's key alone in the first line. To add a rule, add its paragraph.
//!
//! Ids are stable. `INFERRED` and `DECISION` as a source say that no document states the rule.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::code::Language;
use crate::limit::told;

/// The files of rules, in the order of a tour: the VPC, its edges, the classic network, the way out of it,
/// the cloud's data, our own.
const FILES: [&str; 6] = [
    include_str!("rules/cloud.txt"),
    include_str!("rules/edge.txt"),
    include_str!("rules/classic.txt"),
    include_str!("rules/migration.txt"),
    include_str!("rules/data.txt"),
    include_str!("rules/decisions.txt"),
];

/// The same with the numbers of limits in them.
static RULES: LazyLock<[Cow<'static, str>; 6]> = LazyLock::new(|| FILES.map(told));

const SOURCES: &str = include_str!("rules/sources.txt");

/// A rule of the cloud, or a decision of ours where the documents leave room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// The stable id, such as `CL-6`.
    pub id: &'static str,
    /// What it says: one line, of any width.
    pub statement: &'static str,
    /// Where it comes from, the most telling first.
    pub sources: Vec<Source>,
}

/// A document that states a rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// The short key, such as `SEED`.
    pub key: &'static str,
    /// The document's name.
    pub title: &'static str,
}

/// The rule of this id in this language. Small letters do as well: `cl-6`.
#[must_use]
pub fn rule(id: &str, language: Language) -> Option<Rule> {
    let (head, statement) = entries(language).find(|(head, _)| {
        head.split_whitespace().next().is_some_and(|known| known.eq_ignore_ascii_case(id))
    })?;
    let mut words = head.split_whitespace();
    let id = words.next()?;
    let sources = words.filter_map(|key| source(key, language)).collect();
    Some(Rule { id, statement, sources })
}

/// The headings of the files in a document.
const CHAPTERS: [(&str, &str); 6] = [
    ("The VPC", "私有网络"),
    ("Its edges", "网络边缘"),
    ("The classic network", "基础网络"),
    ("Moving", "迁移"),
    ("Logs, tools and data", "日志、工具与数据"),
    ("Decisions", "本程序的决定"),
];

/// All rules with their sources in Markdown: `docs/semantics.md`.
#[must_use]
pub fn document(language: Language) -> String {
    let (title, note, sources) = match language {
        Language::English => (
            "What is true of the cloud",
            "Every answer cites these rules by their ids; `pathproof explain CL-6` tells one with the codes that follow \
             from it. Made from `src/render/rules/*.txt`: to change it, change the texts there and run \
             `INSTA_UPDATE=always cargo test format`.",
            "Sources",
        ),
        Language::Chinese => (
            "云的规则",
            "每个结论都以编号引用这些规则；`pathproof explain CL-6` 给出一条规则及由它得出的代码。本文由 \
             `src/render/rules/*.txt` 生成：需要修改时，请修改那里的文本并运行 `INSTA_UPDATE=always cargo test format`。",
            "来源",
        ),
    };
    let mut text = format!("# {title}\n\n{note}\n");
    for (file, (english, chinese)) in RULES.iter().zip(CHAPTERS) {
        let heading = match language {
            Language::English => english,
            Language::Chinese => chinese,
        };
        text.extend([format!("\n## {heading}\n")]);
        for (head, statement) in paragraphs(file, language) {
            let (id, keys) = head.split_once("  ").unwrap_or((head, ""));
            text.extend([format!("\n**{id}** {statement} *[{keys}]*\n")]);
        }
    }
    text.extend([format!("\n## {sources}\n\n")]);
    for (key, title) in paragraphs(SOURCES, language) {
        text.extend([format!("- **{key}**: {title}\n")]);
    }
    text
}

/// The ids of all rules, in the order of the files.
pub fn ids() -> impl Iterator<Item = &'static str> {
    entries(Language::English).filter_map(|(head, _)| head.split_whitespace().next())
}

fn source(key: &str, language: Language) -> Option<Source> {
    paragraphs(SOURCES, language)
        .find(|(known, _)| *known == key)
        .map(|(key, title)| Source { key, title })
}

fn entries(language: Language) -> impl Iterator<Item = (&'static str, &'static str)> {
    RULES.iter().flat_map(move |file| paragraphs(file, language))
}

/// First line and text of each paragraph; one that begins with `#` is a remark.
fn paragraphs(
    file: &'static str,
    language: Language,
) -> impl Iterator<Item = (&'static str, &'static str)> {
    file.split("\n\n").filter(|paragraph| !paragraph.starts_with('#')).filter_map(
        move |paragraph| {
            let mut lines = paragraph.lines();
            let head = lines.next()?;
            let text = match language {
                Language::English => lines.next(),
                Language::Chinese => lines.nth(1),
            };
            Some((head, text?))
        },
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::code::Code;

    #[test]
    fn every_paragraph_has_its_three_lines() {
        for file in RULES.iter().map(|file| &**file).chain([SOURCES]) {
            for paragraph in file.split("\n\n").filter(|paragraph| !paragraph.starts_with('#')) {
                assert_eq!(paragraph.lines().count(), 3, "{paragraph}");
                assert!(paragraph.lines().all(|line| line.trim() == line && !line.is_empty()));
            }
        }
    }

    #[test]
    fn every_rule_that_a_code_cites_can_be_looked_up() {
        for &code in Code::ALL {
            for id in code.rules() {
                assert!(rule(id, Language::English).is_some(), "{code} cites {id}");
            }
        }
    }

    #[test]
    fn every_source_of_a_rule_has_a_name_and_every_source_is_used() {
        let mut used = BTreeSet::new();
        for (head, _) in entries(Language::English) {
            let keys: Vec<&str> = head.split_whitespace().skip(1).collect();
            assert!(!keys.is_empty(), "{head} has no source");
            for key in keys {
                assert!(source(key, Language::Chinese).is_some(), "{head}");
                used.insert(key);
            }
        }
        let known: BTreeSet<&str> =
            paragraphs(SOURCES, Language::English).map(|(key, _)| key).collect();
        assert_eq!(known, used);
    }

    #[test]
    fn ids_are_unique_and_each_family_is_numbered_without_a_gap() {
        let all: Vec<&str> = ids().collect();
        let set: BTreeSet<&str> = all.iter().copied().collect();
        assert_eq!(all.len(), set.len());
        for id in all {
            let (family, number) = id.rsplit_once('-').expect("a family and a number");
            let number: u32 = number.parse().expect("a number");
            assert!(number == 1 || set.contains(format!("{family}-{}", number - 1).as_str()));
        }
    }

    #[test]
    fn an_id_in_small_letters_is_found() {
        let found = rule("cl-6", Language::Chinese).expect("CL-6");
        assert_eq!(found.id, "CL-6");
        assert_eq!(found.sources[0].key, "SEED");
        assert!(found.statement.contains("主 CIDR"));
        assert_eq!(rule("CL-600", Language::English), None);
    }
}
