//! Lines of a source with marks under them, drawn by annotate-snippets like a compiler's.
//!
//! Only the lines that are shown are handed over, so that drawing costs nothing in a large file.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::scene::spot;
use super::style::WIDTH;
use super::wrap::{columns, wrap};
use crate::code::Language;
use crate::diagnostic::{Severity, Sources, Span};

/// Draws groups as one report, with a line break at its end.
pub(super) fn draw(groups: &[Group<'_>]) -> String {
    let renderer = Renderer::styled()
        .decor_style(DecorStyle::Unicode)
        .term_width(WIDTH);
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
    match (severity, language) {
        (Severity::Error, Language::English) => Level::ERROR,
        (Severity::Error, Language::Chinese) => Level::ERROR.with_name("错误"),
        (Severity::Warning, Language::English) => Level::WARNING,
        (Severity::Warning, Language::Chinese) => Level::WARNING.with_name("警告"),
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
    let label = (!label.is_empty()).then_some(label);
    let snippet = Snippet::source(view.text)
        .line_start(place.line)
        .path(place.path)
        .annotation(kind.span(view.start..until).label(label));
    Some(snippet)
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
        let source = sources.get(span.file)?;
        let (start, end) = (span.start as usize, span.end.max(span.start) as usize);
        let first = source.text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
        let rest = source.text.get(first..)?;
        // Of a thing that goes over many lines, the first ones are enough to find it.
        let most = rest.match_indices('\n').nth(LINES - 1);
        let until = (end - first).min(most.map_or(rest.len(), |(at, _)| at));
        let after = rest
            .get(until..)?
            .find('\n')
            .map_or(rest.len(), |at| until + at);
        Some(Self {
            text: rest.get(..after)?,
            start: start - first,
            until,
        })
    }

    /// Whether a label fits beside a mark that ends there.
    fn fits(&self, until: usize, label: &str) -> bool {
        let marked = &self.text[self.start..until];
        let long = columns(self.text.lines().next().unwrap_or_default()) + FRAME > WIDTH;
        // Of a long line, what stands before the mark is cut off.
        let before = if long {
            2
        } else {
            columns(&self.text[..self.start])
        };
        // Under several lines, the label stands after the end of the last one.
        let marked = if marked.contains('\n') {
            marked.lines().last().map_or(0, columns)
        } else {
            before + columns(marked)
        };
        FRAME + marked + columns(label) <= WIDTH
    }
}

/// Words of a note, broken to fit beside the frame.
pub(super) fn fitted(text: &str) -> String {
    wrap(text, WIDTH - 16).join("\n")
}
