//! One record for a terminal and as data, and the list of all.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::types::told;
use super::{Field, Labels, Record, chapters, uses};
use crate::code::Language;
use crate::render::screen::width;
use crate::render::wrap::{columns, wrap};

/// How far what is said of a field is indented.
const INDENT: usize = 6;

/// A record for a terminal; ends with a line break.
#[must_use]
pub fn record_text(record: &Record, language: Language) -> String {
    let labels = Labels::of(language);
    let one = record.one.text(language);
    let mut text = format!("{}  {}{one}{}\n", record.name, labels.open.trim_start(), labels.close);
    for line in wrap(record.meaning.text(language), width()) {
        let _ = writeln!(text, "{line}");
    }
    for field in &record.fields {
        text.push('\n');
        tell(field, 2, language, &mut text);
    }
    if !record.example.is_empty() {
        let _ = writeln!(text, "\n{}\n", labels.example);
        for line in &record.example {
            let _ = writeln!(text, "    {line}");
        }
    }
    if !record.rules.is_empty() {
        let (colon, comma) = match language {
            Language::English => (": ", ", "),
            Language::Chinese => ("：", "、"),
        };
        let rules = record.rules.join(comma);
        let _ = writeln!(text, "\n{}{colon}{rules}", labels.rules);
    }
    text
}

/// A field after a few blanks: its type, whether it must be there, and what it means.
fn tell(field: &Field, indent: usize, language: Language, text: &mut String) {
    let labels = Labels::of(language);
    let kind = told(&field.kind, language);
    let need = match (field.required, field.default) {
        (true, _) => format!("{}{}{}", labels.open, labels.required, labels.close),
        (false, "") => String::new(),
        (false, default) => {
            format!("{}{} {default}{}", labels.open, labels.default, labels.close)
        }
    };
    let _ = writeln!(text, "{:indent$}{}: {kind}{need}", "", field.name);
    for line in wrap(field.meaning.text(language), width() - INDENT) {
        let _ = writeln!(text, "{:INDENT$}{line}", "");
    }
}

/// A field for a terminal, wherever it stands; ends with a line break.
#[must_use]
pub fn field_text(name: &str, language: Language) -> String {
    let comma = match language {
        Language::English => ", ",
        Language::Chinese => "、",
    };
    let uses = uses(name).into_iter().map(|(field, records)| {
        let mut text = String::new();
        for line in wrap(&records.join(comma), width()) {
            let _ = writeln!(text, "{line}");
        }
        tell(field, 2, language, &mut text);
        text
    });
    uses.collect::<Vec<_>>().join("\n")
}

/// A field as data, wherever it stands.
#[must_use]
pub fn field_json(name: &str, language: Language) -> Value {
    let uses = uses(name).into_iter().map(|(field, records)| {
        let mut value = told_json(field, language);
        value["records"] = records.into();
        value
    });
    json!({
        "schema": "pathproof.explain/1",
        "field": name,
        "uses": uses.collect::<Vec<_>>(),
    })
}

fn told_json(field: &Field, language: Language) -> Value {
    json!({
        "name": field.name,
        "type": field.kind,
        "required": field.required,
        "default": if field.default.is_empty() { None } else { Some(field.default) },
        "meaning": field.meaning.text(language),
    })
}

/// All records for a terminal: a line each.
#[must_use]
pub fn records_text(language: Language) -> String {
    let chapters = chapters();
    let names = chapters.iter().flat_map(|(_, records)| records);
    let widest = names.map(|record| columns(record.name)).max().unwrap_or(0);
    let mut text = String::new();
    for (heading, records) in &chapters {
        let _ = writeln!(text, "{}\n", heading.text(language));
        for record in records {
            let gap = " ".repeat(widest - columns(record.name) + 2);
            let _ = writeln!(text, "  {}{gap}{}", record.name, record.one.text(language));
        }
        text.push('\n');
    }
    text
}

/// All records as data: what each is called, and what one of it is.
#[must_use]
pub fn records_json(language: Language) -> Value {
    let chapters = chapters();
    let all = chapters.iter().flat_map(|(heading, records)| {
        records.iter().map(|record| {
            json!({
                "chapter": heading.text(language),
                "record": record.name,
                "one": record.one.text(language),
            })
        })
    });
    json!({ "schema": "pathproof.explain/1", "records": all.collect::<Vec<_>>() })
}

/// A record as data.
#[must_use]
pub fn record_json(record: &Record, language: Language) -> Value {
    let fields = record.fields.iter();
    let fields = fields.map(|field| told_json(field, language));
    json!({
        "schema": "pathproof.explain/1",
        "record": record.name,
        "one": record.one.text(language),
        "meaning": record.meaning.text(language),
        "fields": fields.collect::<Vec<_>>(),
        "example": record.example.join("\n"),
        "rules": record.rules,
    })
}
