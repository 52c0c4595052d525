//! SVG: a drawing that needs nothing from outside and follows the reader's light or dark theme.
//!
//! Classes carry the colours, so that a page can hold many drawings; what matters is told by shapes, dashes
//! and words, too: blockers have a cross, ends a diamond, what carries nothing is dashed.

use std::fmt::Write as _;

use super::boxes::{Block, BlockIx, Part, Picture, Shape, WireKind};
use super::place::{Layout, Rect, Text, layout};
use crate::query::Verdict;
use crate::space::Allowance;

/// The styles of all drawings.
pub const STYLE: &str = include_str!("svg/style.css");

/// The picture as an SVG document, as far as there is time to lay it out.
#[must_use]
pub fn svg(picture: &Picture, time: Allowance) -> String {
    let layout = layout(picture, time);
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    text.push_str(&element(picture, &layout, STYLE));
    text
}

/// The `svg` element alone, for a page that has the [`STYLE`] already.
#[must_use]
pub fn inline(picture: &Picture, time: Allowance) -> String {
    element(picture, &layout(picture, time), "")
}

fn element(picture: &Picture, layout: &Layout, style: &str) -> String {
    let (width, height) = layout.size;
    let title = escape(&picture.title);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"pathproof\" role=\"img\" \
         width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
         <title>{title}</title>\n"
    );
    if !style.is_empty() {
        let _ = writeln!(text, "<style>\n{style}</style>");
    }
    let _ = writeln!(text, "<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>");
    blocks(&mut text, picture, layout, Holding::Others);
    wires(&mut text, picture, layout);
    blocks(&mut text, picture, layout, Holding::Nothing);
    journey(&mut text, layout);
    for (rect, class) in &layout.samples {
        let y = rect.y + rect.height / 2;
        let points = [(rect.x, y), (rect.right(), y)];
        line(&mut text, class, &points, "");
        if matches!(*class, "walked" | "broken") {
            arrow(&mut text, class, &points);
        }
    }
    let verdict = picture.journey.as_ref().map(|journey| journey.verdict);
    for line in &layout.texts {
        words(&mut text, line, verdict);
    }
    text.push_str("</svg>\n");
    text
}

/// Containers are drawn below the wires, leaves above.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holding {
    Others,
    Nothing,
}

fn blocks(text: &mut String, picture: &Picture, layout: &Layout, which: Holding) {
    for (block, rect) in picture.blocks.iter().zip(&layout.blocks) {
        if block.shape.holds() != (which == Holding::Others) {
            continue;
        }
        let part = match block.part {
            Part::None => "",
            Part::Passed => " passed",
            Part::Stops => " stops",
        };
        let class = format!("{}{part}", block.shape.name());
        let Rect { x, y, width, height } = *rect;
        let round = match block.shape {
            Shape::Gateway | Shape::Between | Shape::Link => 14,
            Shape::Outside => 20,
            Shape::Machine | Shape::Subnet => 4,
            _ => 8,
        };
        let _ = writeln!(
            text,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" \
             rx=\"{round}\"><title>{}</title></rect>",
            escape(&hover(block))
        );
        if block.shape == Shape::Database {
            // A second line at the top, as on a drum.
            let _ = writeln!(text, "<path class=\"rim\" d=\"M{x} {}h{width}\"/>", y + 4);
        }
    }
}

/// The dashes of balancers side by side: whose lines meet can be told apart, without colours too.
const DASHES: [&str; 3] = ["target", "target second", "target third"];

fn wires(text: &mut String, picture: &Picture, layout: &Layout) {
    let mut balancers: Vec<BlockIx> = Vec::new();
    for (wire, points) in picture.wires.iter().zip(&layout.wires) {
        let kind = if wire.kind == WireKind::Target {
            let known = balancers.iter().position(|from| *from == wire.from);
            let rank = known.unwrap_or_else(|| {
                balancers.push(wire.from);
                balancers.len() - 1
            });
            DASHES[rank % DASHES.len()]
        } else {
            wire.kind.name()
        };
        let [from, to] = [wire.from, wire.to].map(|end| picture.blocks[end].lines.first());
        let title = match (from, to) {
            (Some(from), Some(to)) => format!("{} → {}", from.text, to.text),
            _ => String::new(),
        };
        line(text, kind, points, &title);
        if !picture.is_leaf(wire.to)
            && let Some((x, y)) = points.last()
        {
            let _ =
                writeln!(text, "<circle class=\"dot {kind}\" cx=\"{x}\" cy=\"{y}\" r=\"3.5\"/>");
        }
    }
}

fn journey(text: &mut String, layout: &Layout) {
    for leg in &layout.legs {
        let class = if leg.broken { "broken" } else { "walked" };
        line(text, class, &leg.points, "");
        arrow(text, class, &leg.points);
    }
}

/// What a block says, in one line: a browser shows it to who points at any of it.
fn hover(block: &Block) -> String {
    let lines: Vec<&str> = block.lines.iter().map(|line| line.text.as_str()).collect();
    lines.join(" · ")
}

/// A line with rounded corners, and what a browser shows to who points at it.
fn line(text: &mut String, class: &str, points: &[(i32, i32)], title: &str) {
    const ROUND: i32 = 6;
    let Some((first, rest)) = points.split_first() else {
        return;
    };
    let mut path = format!("M{} {}", first.0, first.1);
    let mut before = *first;
    for (index, &point) in rest.iter().enumerate() {
        match rest.get(index + 1) {
            None => {
                let _ = write!(path, "L{} {}", point.0, point.1);
            }
            Some(&next) => {
                let start = toward(point, before, ROUND);
                let end = toward(point, next, ROUND);
                let _ = write!(
                    path,
                    "L{} {}Q{} {} {} {}",
                    start.0, start.1, point.0, point.1, end.0, end.1
                );
            }
        }
        before = point;
    }
    let _ = write!(text, "<path class=\"line {class}\" d=\"{path}\"");
    let _ = if title.is_empty() {
        writeln!(text, "/>")
    } else {
        writeln!(text, "><title>{}</title></path>", escape(title))
    };
}

/// So far from a point toward another one, at most half way.
fn toward(from: (i32, i32), to: (i32, i32), most: i32) -> (i32, i32) {
    let step = |from: i32, to: i32| (to - from).signum() * most.min((to - from).abs() / 2);
    (from.0 + step(from.0, to.0), from.1 + step(from.1, to.1))
}

/// The head of an arrow at the end of a line.
fn arrow(text: &mut String, class: &str, points: &[(i32, i32)]) {
    let [.., before, (x, y)] = *points else {
        return;
    };
    let (dx, dy) = ((x - before.0).signum(), (y - before.1).signum());
    let (back, side) = (9, 5);
    let (bx, by) = (x - dx * back, y - dy * back);
    let _ = writeln!(
        text,
        "<path class=\"head {class}\" d=\"M{x} {y}L{} {}L{} {}Z\"/>",
        bx - dy * side,
        by + dx * side,
        bx + dy * side,
        by - dx * side
    );
}

fn words(text: &mut String, line: &Text, verdict: Option<Verdict>) {
    let rect = line.rect;
    let baseline = rect.y + i32::midpoint(rect.height, i32::try_from(line.size).unwrap_or(12)) - 2;
    let verdict = match (line.class, verdict) {
        ("headline", Some(verdict)) => format!(" {}", verdict.name()),
        _ => String::new(),
    };
    let _ = writeln!(
        text,
        "<text class=\"{}{verdict}\" x=\"{}\" y=\"{baseline}\">{}</text>",
        line.class,
        rect.x,
        escape(&line.text)
    );
}

/// Text for XML: the five special characters, and none that XML forbids.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}
