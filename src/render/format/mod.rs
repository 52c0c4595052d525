//! The format of scenario files, described: what stands in each section, part, expectation and change.
//!
//! The texts stand in `*.txt` beside this file, a record a block: its name after `==`, what one is in English and Chinese,
//! its meaning in both, the rules that it follows (`@`), fields that many have (`+`), its own fields (`-`: name, `!` if it
//! must be there; type; default; meaning in both), and an example (`>`). `pathproof explain SECTION`, `pathproof schema
//! scenario` and `docs/format.md` are made of them, and `tests/it/format.rs` holds them to what the reader takes.

mod document;
mod schema;
mod text;
mod types;

use std::sync::LazyLock;

use crate::code::Language;
use crate::diagnostic::Words;

pub use document::document;
pub use schema::scenario_schema;
pub use text::{field_json, field_text, record_json, record_text, records_json, records_text};

/// The files, in the order in which the reference tells them, with the heading of each in both languages.
const FILES: [(&str, &str, &str); 5] = [
    ("The file", "文件", include_str!("whole.txt")),
    ("Sections of a network", "网络的各个部分", include_str!("network.txt")),
    ("Parts of entries", "条目中的结构", include_str!("parts.txt")),
    ("Expectations and stages", "期望与步骤", include_str!("questions.txt")),
    ("Changes", "变更", include_str!("changes.txt")),
];

/// Which of the files holds the sections.
const SECTIONS: usize = 1;

/// A record of the format: an entry of a section, a part of one, an expectation, a change.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its name: that of the section, the word, or what the program calls it.
    pub name: &'static str,
    /// What one of it is.
    pub one: Words,
    /// What it means.
    pub meaning: Words,
    /// The rules of the cloud that it follows.
    pub rules: Vec<&'static str>,
    /// Its fields.
    pub fields: Vec<Field>,
    /// An example, line by line.
    pub example: Vec<&'static str>,
}

impl Record {
    /// What one of it is called: in English with and without its article, and in Chinese.
    #[must_use]
    pub fn calls(&self) -> [&str; 3] {
        let one = self.one.english();
        let bare = one.strip_prefix("a ").or_else(|| one.strip_prefix("an "));
        [one, bare.unwrap_or(one), self.one.chinese()]
    }
}

/// A field of a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its type, in the notation of the files.
    pub kind: String,
    /// Whether it must be there.
    pub required: bool,
    /// What counts if it is left out; empty if nothing does.
    pub default: &'static str,
    /// What it means.
    pub meaning: Words,
}

impl Field {
    fn common(name: &'static str, kind: &str, english: &str, chinese: &str) -> Self {
        Self {
            name,
            kind: kind.to_owned(),
            required: false,
            default: "",
            meaning: Words::new(english, chinese),
        }
    }

    /// `cidr! | cidr | default | English | Chinese`.
    fn read(line: &'static str) -> Option<Self> {
        let mut parts = line.split('|').map(str::trim);
        let name = parts.next()?;
        let (kind, default) = (parts.next()?, parts.next()?);
        let (english, chinese) = (parts.next()?, parts.next()?);
        Some(Self {
            name: name.trim_end_matches('!'),
            kind: kind.to_owned(),
            required: name.ends_with('!'),
            default,
            meaning: Words::new(english, chinese),
        })
    }
}

/// All records, file by file.
#[must_use]
pub fn chapters() -> Vec<(Words, Vec<Record>)> {
    let files = FILES.iter();
    files.map(|(english, chinese, text)| (Words::new(*english, *chinese), blocks(text))).collect()
}

/// All records: read once, since an editor asks with every key.
#[must_use]
pub fn records() -> &'static [Record] {
    static RECORDS: LazyLock<Vec<Record>> = LazyLock::new(|| {
        let chapters = chapters().into_iter();
        chapters.flat_map(|(_, records)| records).collect()
    });
    &RECORDS
}

/// The record of just this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Record> {
    records().iter().find(|record| record.name == name)
}

/// The names of all records.
pub fn names() -> impl Iterator<Item = &'static str> {
    let lines = FILES.iter().flat_map(|(_, _, text)| text.lines());
    lines.filter_map(|line| line.strip_prefix("== "))
}

/// The names of all fields, as often as they stand somewhere.
pub fn fields() -> impl Iterator<Item = &'static str> {
    let fields = records().iter().flat_map(|record| &record.fields);
    fields.map(|field| field.name)
}

/// Where a field stands: what is said of it, each with the records in which it is just that.
fn uses(name: &str) -> Vec<(&'static Field, Vec<&'static str>)> {
    let mut uses: Vec<(&Field, Vec<&str>)> = Vec::new();
    for record in records() {
        for field in record.fields.iter().filter(|field| field.name == name) {
            match uses.iter_mut().find(|(known, _)| *known == field) {
                Some((_, records)) => records.push(record.name),
                None => uses.push((field, vec![record.name])),
            }
        }
    }
    uses
}

/// The record of this name, or of what one of it is called in any language.
#[must_use]
pub fn record(name: &str) -> Option<Record> {
    let records = records();
    let same = |other: &str| other.eq_ignore_ascii_case(name);
    let of_name = records.iter().find(|record| same(record.name));
    let called = || records.iter().find(|record| record.calls().into_iter().any(same));
    of_name.or_else(called).cloned()
}

fn blocks(text: &'static str) -> Vec<Record> {
    let blocks = text.split("== ").skip(1);
    blocks.filter_map(block).collect()
}

fn block(text: &'static str) -> Option<Record> {
    let mut lines = text.lines();
    let name = lines.next()?;
    let (english, chinese) = lines.next()?.split_once(" / ")?;
    let meaning = Words::new(lines.next()?, lines.next()?);
    let mut record = Record {
        name,
        one: Words::new(english, chinese),
        meaning,
        rules: Vec::new(),
        fields: Vec::new(),
        example: Vec::new(),
    };
    for line in lines.filter(|line| !line.is_empty()) {
        match line.split_at(1) {
            ("@", rules) => record.rules.extend(rules.split_whitespace()),
            ("+", group) => record.fields.extend(group_of(group.trim())),
            ("-", field) => record.fields.push(Field::read(field)?),
            _ => record.example.push(line.get(2..).unwrap_or_default()),
        }
    }
    Some(record)
}

/// Fields that many records have.
fn group_of(name: &str) -> Vec<Field> {
    let mut fields = vec![
        Field::common(
            "account",
            "text",
            "The account that owns it; inherited from what it lies in (D20-16)",
            "所属账号；未写时继承自其所在的对象（D20-16）",
        ),
        Field::common("name", "text", "A name, for people", "名称，供人阅读"),
    ];
    match name {
        "endpoint" => fields.push(Field::common(
            "tags",
            "map of text",
            "Tags; `tag:role=web` names all ends with one",
            "标签；`tag:role=web` 表示带有该标签的全部实例",
        )),
        "sections" => {
            let sections = blocks(FILES[SECTIONS].2).into_iter();
            let own = sections.filter(|record| !record.name.contains('.'));
            fields = own
                .map(|record| Field {
                    name: record.name,
                    kind: format!("map of record {}", record.name),
                    required: false,
                    default: "{}",
                    meaning: record.one,
                })
                .collect();
        }
        _ => {}
    }
    fields
}

/// The words of the reference.
struct Labels {
    required: &'static str,
    default: &'static str,
    example: &'static str,
    rules: &'static str,
    open: &'static str,
    close: &'static str,
}

impl Labels {
    fn of(language: Language) -> Self {
        match language {
            Language::English => Self {
                required: "required",
                default: "default",
                example: "example",
                rules: "rules",
                open: " (",
                close: ")",
            },
            Language::Chinese => Self {
                required: "必填",
                default: "默认",
                example: "示例",
                rules: "规则",
                open: "（",
                close: "）",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_is_read_and_every_name_stands_once() {
        let records = records();
        let read: Vec<&str> = records.iter().map(|record| record.name).collect();
        assert_eq!(read, names().collect::<Vec<_>>());
        for record in records {
            let same = records.iter().filter(|other| other.name == record.name);
            assert_eq!(same.count(), 1, "{}", record.name);
        }
    }

    #[test]
    fn a_record_is_found_by_its_name_in_any_language() {
        for name in ["security_groups", "a security group", "security group", "安全组"] {
            let found = record(name).map(|record| record.name);
            assert_eq!(found, Some("security_groups"), "{name}");
        }
        assert!(record("teapot").is_none());
    }

    #[test]
    fn every_rule_that_is_named_is_one() {
        for record in records() {
            for id in &record.rules {
                let known = crate::render::rules::rule(id, Language::English);
                assert!(known.is_some(), "{}: {id}", record.name);
            }
        }
    }
}
