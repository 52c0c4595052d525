//! Lines of a source with marks under them, drawn by annotate-snippets like a compiler's.
//!
//! Only the lines that are shown are handed over, so that drawing costs nothing in a large file.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::scene::spot;
use super::screen::width;
use super::wrap::{clipped, columns, wrap};
use crate::code::{Code, Language};
use crate::diagnostic::{Severity, Sources, Span};

/// Draws groups as one report, with a line break at its end.
pub(super) fn draw(groups: &[Group<'_>]) -> String {
    let renderer = Renderer::styled().decor_style(DecorStyle::Unicode).term_width(width());
    renderer.render(groups) + "\n"
}

/// The head of a note.
pub(super) fn note(language: Language) -> Level<'static> {
    match language {
        Language::English => Level::NOTE,
        Language::Chinese => Level::NOTE.with_name("说明"),
    }
}

/// The head of what to do.
pub(super) fn help(language: Language) -> Level<'static> {
    match language {
        Language::English => Level::HELP,
        Language::Chinese => Level::HELP.with_name("建议"),
    }
}

/// The head of an error or a warning.
pub(super) fn severity(severity: Severity, language: Language) -> Level<'static> {
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    match language {
        Language::English => level,
        Language::Chinese => level.with_name(severity_word(severity, language)),
    }
}

/// The word for an error or a warning.
#[must_use]
pub fn severity_word(severity: Severity, language: Language) -> &'static str {
    match (severity, language) {
        (severity, Language::English) => severity.name(),
        (Severity::Error, Language::Chinese) => "错误",
        (Severity::Warning, Language::Chinese) => "警告",
    }
}

/// So many lines of one thing are shown.
const LINES: usize = 6;

/// What the frame around a line takes, in columns.
const FRAME: usize = 9;

/// The lines of a span with a mark and a label; `None` if the span is in no source.
///
/// A label that does not fit beside the mark makes the mark shorter: up to the first parenthesis. Labels
/// are to be short; [`has_room`] tells whether one is.
pub(super) fn mark<'a>(
    sources: &'a Sources,
    span: Span,
    kind: AnnotationKind,
    label: &'a str,
) -> Option<Snippet<'a, Annotation<'a>>> {
    let place = spot(sources, span)?;
    let view = View::of(sources, span)?;
    let mut until = view.until;
    if !view.fits(until, label)
        && let Some(at) = view.text[view.start..until].find(['(', '\n'])
        && at > 0
    {
        until = view.start + at;
    }
    let snippet = |text: Cow<'a, str>, marked: Range<usize>| {
        let label = (!label.is_empty()).then_some(label);
        Snippet::source(text)
            .line_start(place.line)
            .path(place.path)
            .annotation(kind.span(marked).label(label))
    };
    let (start, until) = (view.start, until);
    let whole = snippet(Cow::Borrowed(view.text), start..until);
    if is_narrow(whole.clone()) {
        return Some(whole);
    }
    let (text, marked) = cut(view.text, start..until, label);
    Some(snippet(Cow::Owned(text), marked))
}

/// Whether the drawn lines keep to the width; the renderer cuts some long lines, and not others.
fn is_narrow(snippet: Snippet<'_, Annotation<'_>>) -> bool {
    let drawn = draw(&[Group::with_title(Level::NOTE.primary_title("")).element(snippet)]);
    let drawn = anstream::adapter::strip_str(&drawn).to_string();
    drawn.lines().all(|line| columns(line) <= width())
}

/// The lines cut to fit, with the mark where it is then: of one line, what stands far before the mark goes; of
/// several, what all are indented by; then, what stands too far to the right.
fn cut(text: &str, marked: Range<usize>, label: &str) -> (String, Range<usize>) {
    let room = width() - FRAME - 2;
    let beside = columns(label) + 2;
    let several = text.contains('\n');
    let most = room.saturating_sub(if several { beside } else { 0 });
    let left = if several {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let indents = lines.map(|line| line.len() - line.trim_start_matches(' ').len());
        indents.min().unwrap_or(0)
    } else {
        let mark = columns(&text[marked.clone()]).min(room.saturating_sub(beside));
        let before = room.saturating_sub(mark + beside);
        let excess = columns(&text[..marked.start]).saturating_sub(before);
        clipped(text, excess).len()
    };
    let mut whole = String::new();
    let mut places = marked.clone();
    let mut at = 0;
    for line in text.split('\n') {
        let (from, begin) = (at + left.min(line.len()), whole.len());
        let rest = line.get(left..).unwrap_or_default();
        let mut kept = clipped(rest, most);
        if kept.len() < rest.len() {
            kept = clipped(rest, most.saturating_sub(1));
        }
        for (place, old) in [(&mut places.start, marked.start), (&mut places.end, marked.end)] {
            if (at..=at + line.len()).contains(&old) {
                *place = begin + old.saturating_sub(from).min(kept.len());
            }
        }
        whole.push_str(kept);
        if kept.len() < rest.len() {
            whole.push('…');
        }
        whole.push('\n');
        at += line.len() + 1;
    }
    whole.pop();
    if !several {
        let mark = &whole[places.clone()];
        let shown = clipped(mark, room.saturating_sub(beside));
        places.end = places.start + shown.len();
    }
    (whole, places)
}

/// Whether a label fits beside the shortest mark of a span.
pub(super) fn has_room(sources: &Sources, span: Span, label: &str) -> bool {
    View::of(sources, span).is_some_and(|view| {
        let text = &view.text[view.start..view.until];
        let shortest = text.find(['(', '\n']).filter(|at| *at > 0);
        view.fits(view.start + shortest.unwrap_or(text.len()), label)
    })
}

/// The lines that a span is on, at most [`LINES`] of them, and where in them it begins and ends.
struct View<'a> {
    text: &'a str,
    start: usize,
    until: usize,
}

impl<'a> View<'a> {
    fn of(sources: &'a Sources, span: Span) -> Option<Self> {
        let source = sources.get(span.file).filter(|source| !source.veiled)?;
        let (start, end) = (span.start as usize, span.end.max(span.start) as usize);
        let first = source.text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
        let rest = source.text.get(first..)?;
        // Of a thing that goes over many lines, the first ones are enough to find it.
        let most = rest.match_indices('\n').nth(LINES - 1);
        let until = (end - first).min(most.map_or(rest.len(), |(at, _)| at));
        let after = rest.get(until..)?.find('\n').map_or(rest.len(), |at| until + at);
        Some(Self { text: rest.get(..after)?, start: start - first, until })
    }

    /// Whether a label fits beside a mark that ends there.
    fn fits(&self, until: usize, label: &str) -> bool {
        let marked = &self.text[self.start..until];
        let long = columns(self.text.lines().next().unwrap_or_default()) + FRAME > width();
        // Of a long line, what stands before the mark is cut off.
        let before = if long { 2 } else { columns(&self.text[..self.start]) };
        // Under several lines, the label stands after the end of the last one.
        let marked = if marked.contains('\n') {
            marked.lines().last().map_or(0, columns)
        } else {
            before + columns(marked)
        };
        FRAME + marked + columns(label) <= width()
    }
}

/// Words of a note, broken to fit beside the frame.
pub(super) fn fitted(text: &str) -> String {
    wrap(text, width() - 16).join("\n")
}

/// Words of a title, broken to fit beside `word[code]: `.
pub(super) fn fitted_title(word: &str, code: Option<Code>, text: &str) -> String {
    let code = code.map_or(0, |code| columns(code.name()) + 2);
    wrap(text, width() - columns(word) - code - 2).join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::sample::assert_narrow;
    use super::*;

    /// A source drawn with a mark from the first `<` to the last `>`.
    fn drawn(text: &str) -> String {
        let mut sources = Sources::default();
        let file = sources.add("deep/shop.ron".to_owned(), text.into());
        let place = |letter: Option<usize>| u32::try_from(letter.expect("a mark")).expect("short");
        let span = Span { file, start: place(text.find('<')), end: place(text.rfind('>')) + 1 };
        let snippet = mark(&sources, span, AnnotationKind::Primary, "is unreachable");
        let group = Group::with_title(Level::ERROR.primary_title("it fails"));
        let text = draw(&[group.element(snippet.expect("a place"))]);
        assert_narrow(&text);
        anstream::adapter::strip_str(&text).to_string()
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_wherever_the_mark_is() {
        for count in [0, 40, 80, 120, 300] {
            for filler in ["x", " ", "中", "ab "] {
                let long = filler.repeat(count);
                for text in [
                    format!("{long}<mark>{long}"),
                    format!("<{long}>"),
                    format!("<mark({long})>"),
                    format!("before {long}<{long}> after {long}"),
                    format!("{long}<one{long}\n{long}two{long}>{long}"),
                    format!("{long}\n<one({long}\n  {long}two{long}\nthree)>{long}"),
                ] {
                    let drawn = drawn(&text);
                    assert!(drawn.contains("is unreachable"), "{text}:\n{drawn}");
                }
            }
        }
    }
}
