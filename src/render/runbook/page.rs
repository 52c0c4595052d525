//! A runbook as a page: one file, to be opened on no network, with a picture of each wave.

use std::fmt::Write;

use super::Runbook;
use super::scene::{Place, places};
use crate::code::Language;

const LOOK: &str = include_str!("page.css");

/// How wide a place is, how high a line, and what is between them, in pixels.
const WIDE: usize = 230;
const LINE: usize = 24;
const GAP: usize = 14;

/// So many places stand side by side.
const BESIDE: usize = 4;

/// The page of a runbook.
#[must_use]
pub fn runbook_page(book: &Runbook<'_>, language: Language) -> String {
    let front = book.front(language);
    let colon = super::colon(language);
    let lang = match language {
        Language::English => "en",
        Language::Chinese => "zh-CN",
    };
    let title = escaped(&front.title);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<style>\n{LOOK}</style>\n</head>\n\
         <body>\n<h1>{title}</h1>\n<p>{}</p>\n<p>{}</p>\n",
        marked(&front.summary),
        escaped(&front.shell)
    );
    for (head, list) in &front.lists {
        let _ = writeln!(page, "<h3>{}</h3>\n<ul>", escaped(head));
        for line in list {
            let _ = writeln!(page, "<li>{}</li>", marked(line));
        }
        page.push_str("</ul>\n");
    }
    let networks = book.networks();
    let steps = book.steps.iter().zip(&networks).zip(book.sections(language));
    for (at, ((step, network), section)) in steps.enumerate() {
        let class = if step.restarts.is_empty() { "" } else { " class=\"wave\"" };
        let _ = writeln!(page, "<section{class}>\n<h2>{}</h2>\n<ul>", escaped(&section.name));
        for (head, body) in &section.rows {
            let _ = writeln!(page, "<li><b>{}</b>{colon}{}</li>", escaped(head), marked(body));
        }
        page.push_str("</ul>\n<pre><code>");
        for line in &section.lines {
            let _ = write!(page, "<span>{}</span>", escaped(line));
        }
        page.push_str("</code></pre>\n<ul>\n");
        for (head, body) in &section.after {
            let _ = writeln!(page, "<li><b>{}</b>{colon}{}</li>", escaped(head), marked(body));
        }
        if let Some(words) = &section.no_return {
            let _ = writeln!(page, "<li class=\"stop\">{}</li>", marked(words));
        }
        page.push_str("</ul>\n");
        if !step.restarts.is_empty() {
            page.push_str(&picture(&places(network, &step.restarts, language), &section.name, at));
        }
        page.push_str("</section>\n");
    }
    page.push_str("</body>\n</html>\n");
    page
}

/// Places side by side; who has just come is marked.
fn picture(places: &[Place], name: &str, number: usize) -> String {
    let mut body = String::new();
    let mut top = 0;
    for row in places.chunks(BESIDE) {
        let most = row.iter().map(|place| place.things.len()).max().unwrap_or(0);
        let high = LINE * (most + 1) + GAP;
        for (at, place) in row.iter().enumerate() {
            let left = at * (WIDE + GAP);
            let _ = writeln!(
                body,
                "<g transform=\"translate({left} {top})\"><rect class=\"place\" width=\"{WIDE}\" height=\"{high}\" rx=\"6\"/>\
                 <text class=\"title\" x=\"10\" y=\"19\">{}</text>",
                escaped(&short(&place.title))
            );
            for (line, (thing, moved)) in place.things.iter().enumerate() {
                let y = LINE * (line + 1) + 4;
                let class = if *moved { "thing moved" } else { "thing" };
                let _ = writeln!(
                    body,
                    "<rect class=\"{class}\" x=\"8\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"3\"/><text x=\"14\" y=\"{}\">{}</text>",
                    WIDE - 16,
                    LINE - 4,
                    y + 15,
                    escaped(&short(thing))
                );
            }
            body.push_str("</g>\n");
        }
        top += high + GAP;
    }
    let columns = places.len().min(BESIDE);
    let wide = (columns * (WIDE + GAP)).saturating_sub(GAP);
    let high = top.saturating_sub(GAP);
    format!(
        "<figure><svg role=\"img\" aria-labelledby=\"wave-{number}\" viewBox=\"-1 -1 {} {}\" style=\"max-width:{wide}px\">\
         <title id=\"wave-{number}\">{}</title>\n{body}</svg></figure>\n",
        wide + 2,
        high + 2,
        escaped(name)
    )
}

/// What fits into a place.
fn short(text: &str) -> String {
    const MOST: usize = 27;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let kept: String = text.chars().take(MOST - 1).collect();
    format!("{kept}…")
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

/// Backquotes and double stars as on the page.
fn marked(text: &str) -> String {
    let text = paired(&escaped(text), "`", ["<code>", "</code>"]);
    paired(&text, "**", ["<b>", "</b>"])
}

fn paired(text: &str, mark: &str, [open, close]: [&str; 2]) -> String {
    let mut out = String::new();
    for (at, part) in text.split(mark).enumerate() {
        if at > 0 {
            out.push_str(if at % 2 == 1 { open } else { close });
        }
        out.push_str(part);
    }
    out
}
