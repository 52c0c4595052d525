//! Mistakes and warnings of an input, each drawn at its place.

use annotate_snippets::{AnnotationKind, Group, Level};

use super::snippet::{draw, fitted, mark};
use crate::diagnostic::{Diagnostic, Severity, Sources};

/// One diagnostic: message, the culprit underlined, the other places, what to do.
#[must_use]
pub fn diagnostic_text(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let message = fitted(&diagnostic.message);
    let title = level.primary_title(message).id(diagnostic.code.name());
    let mut group = Group::with_title(title);
    let primary = diagnostic.primary.iter();
    let primary = primary.map(|label| (label, AnnotationKind::Primary));
    let others = diagnostic.others.iter();
    let others = others.map(|label| (label, AnnotationKind::Context));
    for (label, kind) in primary.chain(others) {
        if let Some(snippet) = mark(sources, label.span, kind, &label.text) {
            group = group.element(snippet);
        }
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(fitted(help)));
    }
    draw(&[group])
}

/// All of them, a blank line after each.
#[must_use]
pub fn diagnostics_text(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let drawn = diagnostics.iter();
    drawn
        .map(|diagnostic| diagnostic_text(sources, diagnostic) + "\n")
        .collect()
}
