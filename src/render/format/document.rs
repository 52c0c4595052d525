//! The reference of the format as a document: `docs/format.md`.

use std::fmt::Write as _;

use super::types::told;
use super::{Labels, Record, chapters};
use crate::code::Language;

/// The whole reference in Markdown.
#[must_use]
pub fn document(language: Language) -> String {
    let (title, note, columns) = match language {
        Language::English => (
            "The scenario file",
            "Made from what `pathproof explain SECTION` tells (`src/render/format`); `cargo test format` holds it to that \
             and to the reader.\nTo change it, change the texts there and run `INSTA_UPDATE=always cargo test format`.",
            ["field", "type", "default", "meaning"],
        ),
        Language::Chinese => (
            "场景文件",
            "本文由 `pathproof explain SECTION` 的文本（`src/render/format`）生成，`cargo test format` 保证其与读取程序一致。\n\
             需要修改时，请修改那里的文本并运行 `INSTA_UPDATE=always cargo test format`。",
            ["字段", "类型", "默认", "含义"],
        ),
    };
    let mut text = format!("# {title}\n\n{note}\n");
    let chapters = chapters();
    for (heading, records) in &chapters {
        let _ = write!(text, "\n- {}: ", heading.text(language));
        let links =
            records.iter().map(|record| format!("[{}](#{})", record.name, anchor(record.name)));
        text += &links.collect::<Vec<_>>().join(", ");
    }
    text.push('\n');
    for (heading, records) in &chapters {
        let _ = writeln!(text, "\n## {}", heading.text(language));
        for record in records {
            text += &section(record, &columns, language);
        }
    }
    text
}

fn section(record: &Record, columns: &[&str; 4], language: Language) -> String {
    let labels = Labels::of(language);
    let (one, meaning) = (record.one.text(language), record.meaning.text(language));
    let mut text = format!("\n### {}\n\n**{one}.** {meaning}\n", record.name);
    if language == Language::Chinese {
        text = text.replace(".** ", "。** ");
    }
    if !record.fields.is_empty() {
        let _ = writeln!(text, "\n| {} |\n|---|---|---|---|", columns.join(" | "));
    }
    for field in &record.fields {
        let default = match (field.required, field.default) {
            (true, _) => format!("*{}*", labels.required),
            (false, "") => String::new(),
            (false, default) => format!("`{default}`"),
        };
        let _ = writeln!(
            text,
            "| `{}` | {} | {default} | {} |",
            field.name,
            told(&field.kind, language),
            field.meaning.text(language),
        );
    }
    if !record.example.is_empty() {
        let _ = writeln!(text, "\n```ron\n{}\n```", record.example.join("\n"));
    }
    if !record.rules.is_empty() {
        let _ = writeln!(text, "\n{}: {}", labels.rules, record.rules.join(", "));
    }
    text
}

/// The anchor of a heading, as code hosts make it.
fn anchor(name: &str) -> String {
    let kept = name.chars().filter(|letter| *letter != '.');
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}
