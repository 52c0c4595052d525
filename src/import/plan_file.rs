//! A plan as the text of a scenario file: the network it begins with, what is expected of it, and its steps.

use std::fmt::Write;

use super::document::{Document, Spot};
use super::write::{quoted, write, write_change};
use crate::code::Language;
use crate::model::{Change, Network};

/// A step.
pub struct Stretch<'a> {
    /// Its name.
    pub name: String,
    /// What is done.
    pub changes: &'a [Change],
    /// What is expected after it, each as text.
    pub expect: Vec<String>,
}

/// What the file is, for whoever opens it.
fn head(steps: usize, language: Language) -> Vec<(Spot, String)> {
    let lines = match language {
        Language::English => [
            format!(
                "A plan of {steps} step{}, found by `pathproof plan`. What is expected after each is what it keeps.",
                if steps == 1 { "" } else { "s" }
            ),
            "`pathproof check` proves it; the last step leaves the goal.".to_owned(),
        ],
        Language::Chinese => [
            format!(
                "由 `pathproof plan` 找到的计划，共 {steps} 步。每一步之后的期望即该步所保持的内容。"
            ),
            "`pathproof check` 可证明其成立；最后一步之后即为目标。".to_owned(),
        ],
    };
    lines.map(|line| (Spot::Head, line)).into()
}

/// The text of the file.
#[must_use]
pub fn plan_file(
    name: Option<&str>,
    network: &Network,
    begin: &Vec<String>,
    steps: &[Stretch<'_>],
    language: Language,
) -> String {
    let document = Document {
        name: name.map(ToOwned::to_owned),
        remarks: head(steps.len(), language),
        ..Document::of(network)
    };
    let mut text = write(&document);
    let kept = text.trim_end().strip_suffix(')').map_or(text.len(), str::len);
    text.truncate(kept);
    if !begin.is_empty() {
        text.push_str("    expect: [\n");
        for one in begin {
            let _ = writeln!(text, "        {one},");
        }
        text.push_str("    ],\n");
    }
    text.push_str("    steps: [\n");
    for step in steps {
        let _ = writeln!(text, "        (\n            name: {},", quoted(&step.name));
        text.push_str("            changes: [\n");
        for change in step.changes {
            for line in write_change(change).lines() {
                let _ = writeln!(text, "                {line}");
            }
            let end = text.trim_end().len();
            text.truncate(end);
            text.push_str(",\n");
        }
        text.push_str("            ],\n");
        if !step.expect.is_empty() {
            text.push_str("            expect: [\n");
            for one in &step.expect {
                let _ = writeln!(text, "                {one},");
            }
            text.push_str("            ],\n");
        }
        text.push_str("        ),\n");
    }
    text.push_str("    ],\n)\n");
    text
}
