//! DOT, for Graphviz: containers are clusters, blockers and the journey are drawn as in SVG.

use std::fmt::Write as _;

use super::boxes::{BlockIx, Line, Part, Picture, Shape, WireKind};

/// The picture as a DOT graph.
#[must_use]
pub fn dot(picture: &Picture) -> String {
    let mut text = String::from("digraph pathproof {\n");
    let _ = writeln!(
        text,
        "  graph [compound=true, rankdir=LR, fontname=\"sans-serif\", labelloc=t, label={}];",
        quoted(&caption(picture))
    );
    text.push_str(
        "  node [shape=box, fontname=\"sans-serif\", fontsize=11, margin=\"0.12,0.06\"];\n",
    );
    text.push_str("  edge [dir=none, fontname=\"sans-serif\"];\n");
    for block in picture.inside(None) {
        node(&mut text, picture, block, 1);
    }
    for wire in &picture.wires {
        let style = match wire.kind {
            WireKind::Up => "style=solid",
            WireKind::Down => "style=dotted",
            WireKind::ClassicLink => "style=bold, color=\"#c48a17\"",
            WireKind::Target => "dir=forward, style=solid, color=\"#2b7a78\", constraint=false",
        };
        edge(&mut text, picture, (wire.from, wire.to), style);
    }
    if let Some(journey) = &picture.journey {
        let pairs = journey.stops.iter().zip(journey.stops.iter().skip(1));
        for ((from, to), index) in pairs.zip(1..) {
            let style = if index >= journey.broken {
                "dir=forward, penwidth=2, style=dashed, color=\"#b3122b\", constraint=false"
            } else {
                "dir=forward, penwidth=3, color=\"#0b4fb3\", constraint=false"
            };
            edge(&mut text, picture, (*from, *to), style);
        }
    }
    text.push_str("}\n");
    text
}

/// The title, and the connection in words.
fn caption(picture: &Picture) -> String {
    let mut lines = vec![picture.title.as_str()];
    if let Some(journey) = &picture.journey {
        lines.push(&journey.headline);
        lines.extend(journey.words.iter().map(String::as_str));
    }
    lines.join("\n")
}

fn node(text: &mut String, picture: &Picture, block: BlockIx, depth: usize) {
    let indent = "  ".repeat(depth);
    let Some(it) = picture.blocks.get(block) else {
        return;
    };
    let label = quoted(&joined(&it.lines));
    let pen = match it.part {
        Part::None => "",
        Part::Passed => ", penwidth=2, color=\"#0b4fb3\"",
        Part::Stops => ", penwidth=3, color=\"#b3122b\"",
    };
    if !it.shape.holds() {
        let style = match it.shape {
            Shape::Outside => "style=\"rounded,dotted\"",
            Shape::Gateway | Shape::Between | Shape::Link => "style=rounded",
            Shape::Database => "shape=cylinder",
            _ => "style=solid",
        };
        let _ = writeln!(text, "{indent}n{block} [label={label}, {style}{pen}];");
        return;
    }
    let style = if it.shape == Shape::Classic { "dashed" } else { "solid" };
    let _ = writeln!(text, "{indent}subgraph cluster_{block} {{");
    let _ = writeln!(text, "{indent}  graph [label={label}, labeljust=l, style={style}{pen}];");
    // An edge to a cluster needs a node inside it.
    let _ = writeln!(
        text,
        "{indent}  n{block} [shape=point, style=invis, width=0, height=0, label=\"\"];"
    );
    for child in picture.inside(Some(block)) {
        node(text, picture, child, depth + 1);
    }
    let _ = writeln!(text, "{indent}}}");
}

fn edge(text: &mut String, picture: &Picture, (from, to): (BlockIx, BlockIx), style: &str) {
    let mut ends = String::new();
    for (block, end) in [(from, "ltail"), (to, "lhead")] {
        if !picture.is_leaf(block) {
            let _ = write!(ends, ", {end}=cluster_{block}");
        }
    }
    let _ = writeln!(text, "  n{from} -> n{to} [{style}{ends}];");
}

fn joined(lines: &[Line]) -> String {
    let lines: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    lines.join("\n")
}

/// A quoted string of DOT; line breaks end lines that begin at the left.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\l"),
            // An ampersand begins an entity, as in HTML.
            '&' => quoted.push_str("&amp;"),
            '\0'..='\u{1f}' => quoted.push(' '),
            other => quoted.push(other),
        }
    }
    if text.contains('\n') {
        quoted.push_str("\\l");
    }
    quoted.push('"');
    quoted
}
