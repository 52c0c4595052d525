//! A runbook as Markdown, with the pictures as mermaid.

use std::fmt::Write;

use super::scene::{Place, places};
use super::{Runbook, Section, colon};
use crate::code::Language;

/// The text of a runbook.
#[must_use]
pub fn runbook(book: &Runbook<'_>, language: Language) -> String {
    let front = book.front(language);
    let mut text = format!("# {}\n\n{}\n\n{}\n\n", front.title, front.summary, front.shell);
    for (head, list) in &front.lists {
        let _ = writeln!(text, "**{head}**\n");
        for line in list {
            let _ = writeln!(text, "- {line}");
        }
        text.push('\n');
    }
    let networks = book.networks();
    let steps = book.steps.iter().zip(&networks);
    for ((step, network), section) in steps.zip(book.sections(language)) {
        told(&mut text, &section, language);
        if !step.restarts.is_empty() {
            picture(&mut text, &places(network, &step.restarts, language));
        }
    }
    text
}

fn told(text: &mut String, section: &Section, language: Language) {
    let colon = colon(language);
    let _ = writeln!(text, "## {}\n", section.name);
    for (head, body) in &section.rows {
        let _ = writeln!(text, "- **{head}**{colon}{body}");
    }
    let _ = writeln!(text, "\n```sh");
    for line in &section.lines {
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(text, "```\n");
    for (at, (head, body)) in section.after.iter().enumerate() {
        let _ = writeln!(text, "- **{head}**{colon}{body}");
        if let (0, Some(no_return)) = (at, &section.no_return) {
            let _ = writeln!(text, "- {no_return}");
        }
    }
    text.push('\n');
}

/// Who has just come is drawn with a thick border.
fn picture(text: &mut String, places: &[Place]) {
    let _ = writeln!(text, "```mermaid\nflowchart LR");
    for (at, place) in places.iter().enumerate() {
        let _ = writeln!(text, "  subgraph p{at}[\"{}\"]", plain(&place.title));
        for (number, (thing, moved)) in place.things.iter().enumerate() {
            let class = if *moved { ":::moved" } else { "" };
            let _ = writeln!(text, "    p{at}n{number}[\"{}\"]{class}", plain(thing));
        }
        let _ = writeln!(text, "  end");
    }
    let _ = writeln!(text, "  classDef moved stroke-width:4px\n```\n");
}

fn plain(text: &str) -> String {
    text.replace('"', "'")
}
