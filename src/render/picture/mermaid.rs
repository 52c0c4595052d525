//! Mermaid, for Markdown: containers are subgraphs, blockers and the journey have classes.
//!
//! Mermaid leaves room for one line above a subgraph, so what else is known of a container stands in a node inside.

use std::fmt::Write as _;

use super::boxes::{BlockIx, Line, Part, Picture, Shape, Tone, WireKind};

/// Codes are long words: let them stand on one line.
const SETTINGS: &str = "%%{init: {\"flowchart\": {\"wrappingWidth\": 500}}}%%\n";

/// The picture as a Mermaid flowchart.
#[must_use]
pub fn mermaid(picture: &Picture) -> String {
    let mut text = format!("{SETTINGS}flowchart LR\n");
    for comment in caption(picture) {
        let _ = writeln!(text, "  %% {comment}");
    }
    for block in picture.inside(None) {
        node(&mut text, picture, block, 1);
    }
    let mut lines = 0;
    for wire in &picture.wires {
        let arrow = match wire.kind {
            WireKind::Up => "---",
            WireKind::Down => "-.-",
            WireKind::ClassicLink => "===",
            WireKind::Target => "-->",
        };
        let _ = writeln!(text, "  n{} {arrow} n{}", wire.from, wire.to);
        lines += 1;
    }
    journey(&mut text, picture, lines);
    for (block, it) in picture.blocks.iter().enumerate() {
        let class = match it.part {
            Part::None => continue,
            Part::Passed => "passed",
            Part::Stops => "stops",
        };
        let _ = writeln!(text, "  class n{block} {class}");
    }
    text.push_str("  classDef passed stroke:#0b4fb3,stroke-width:3px\n");
    text.push_str("  classDef about fill:none,stroke:none\n");
    text.push_str("  classDef stops stroke:#b3122b,stroke-width:4px\n");
    text
}

/// The title and the connection in words; on one line each, as comments are.
fn caption(picture: &Picture) -> Vec<String> {
    let journey = picture.journey.iter();
    let words =
        journey.flat_map(|journey| std::iter::once(&journey.headline).chain(&journey.words));
    let all = std::iter::once(&picture.title).chain(words);
    // A directive would begin with a brace.
    all.map(|line| line.replace(['\n', '\r'], " ").replace(['{', '}'], " ")).collect()
}

fn journey(text: &mut String, picture: &Picture, before: usize) {
    let Some(journey) = &picture.journey else {
        return;
    };
    let pairs = journey.stops.iter().zip(journey.stops.iter().skip(1));
    for ((from, to), index) in pairs.zip(1..) {
        let broken = index >= journey.broken;
        let arrow = if broken { "-. ✗ .->" } else { "==>" };
        let _ = writeln!(text, "  n{from} {arrow} n{to}");
        let color = if broken { "#b3122b" } else { "#0b4fb3" };
        let line = before + index - 1;
        let _ = writeln!(text, "  linkStyle {line} stroke:{color},stroke-width:3px");
    }
}

fn node(text: &mut String, picture: &Picture, block: BlockIx, depth: usize) {
    let indent = "  ".repeat(depth);
    let Some(it) = picture.blocks.get(block) else {
        return;
    };
    if it.shape.holds() {
        let (title, rest) = it.lines.split_at(it.lines.len().min(1));
        let _ = writeln!(text, "{indent}subgraph n{block} [\"{}\"]", label(title));
        if !rest.is_empty() {
            let _ = writeln!(text, "{indent}  n{block}i[\"{}\"]:::about", label(rest));
        }
        for child in picture.inside(Some(block)) {
            node(text, picture, child, depth + 1);
        }
        let _ = writeln!(text, "{indent}end");
        return;
    }
    let label = label(&it.lines);
    let (open, close) = match it.shape {
        Shape::Outside | Shape::Between | Shape::Gateway | Shape::Link => ("([", "])"),
        Shape::Database => ("[(", ")]"),
        Shape::Balancer => ("[[", "]]"),
        _ => ("[", "]"),
    };
    let _ = writeln!(text, "{indent}n{block}{open}\"{label}\"{close}");
}

/// The lines of a block as Mermaid wants them: names bold, special letters as entities.
fn label(lines: &[Line]) -> String {
    let lines = lines.iter().map(|line| {
        let text = escape(&line.text);
        match line.tone {
            Tone::Name | Tone::Blocker | Tone::End => format!("<b>{text}</b>"),
            Tone::Plain | Tone::Warn => text,
        }
    });
    lines.collect::<Vec<_>>().join("<br/>")
}

/// Everything that Mermaid or HTML could take for its own becomes an entity, by its number.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        let plain = letter.is_alphanumeric() || " -.:/,+…·✗◆_".contains(letter);
        if plain {
            escaped.push(letter);
        } else {
            let _ = write!(escaped, "#{};", u32::from(letter));
        }
    }
    escaped
}
