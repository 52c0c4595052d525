//! Lines of a source with marks under them, drawn by annotate-snippets like a compiler's.
//!
//! Only the lines that are shown are handed over, so that drawing costs nothing in a large file.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Renderer, Snippet};

use super::scene::spot;
use super::style::WIDTH;
use super::wrap::wrap;
use crate::diagnostic::{Sources, Span};

/// Draws groups as one report, with a line break at its end.
pub(super) fn draw(groups: &[Group<'_>]) -> String {
    let renderer = Renderer::styled()
        .decor_style(DecorStyle::Unicode)
        .term_width(WIDTH);
    renderer.render(groups) + "\n"
}

/// So many lines of one thing are shown.
const LINES: usize = 6;

/// The lines of a span with a mark and a label; `None` if the span is in no source.
pub(super) fn mark<'a>(
    sources: &'a Sources,
    span: Span,
    kind: AnnotationKind,
    label: &'a str,
) -> Option<Snippet<'a, Annotation<'a>>> {
    let place = spot(sources, span)?;
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
    let label = (!label.is_empty()).then_some(label);
    let snippet = Snippet::source(rest.get(..after)?)
        .line_start(place.line)
        .path(place.path)
        .annotation(kind.span(start - first..until).label(label));
    Some(snippet)
}

/// Words of a note, broken to fit beside the frame.
pub(super) fn fitted(text: &str) -> String {
    wrap(text, WIDTH - 16).join("\n")
}
