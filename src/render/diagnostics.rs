//! Mistakes and warnings of an input, each drawn at its place.

use annotate_snippets::{AnnotationKind, Group, Level};

use super::snippet::{draw, fitted, fitted_title, has_room, mark};
use crate::diagnostic::{Diagnostic, Severity, Sources};

/// One diagnostic: message, the culprit underlined, the other places, what to do.
#[must_use]
pub fn diagnostic_text(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let code = diagnostic.code;
    let message = fitted_title(diagnostic.severity.name(), Some(code), &diagnostic.message);
    let title = level.primary_title(message).id(code.name());
    let mut group = Group::with_title(title);
    let primary = diagnostic.primary.iter();
    let primary = primary.map(|label| (label, AnnotationKind::Primary));
    let others = diagnostic.others.iter();
    let others = others.map(|label| (label, AnnotationKind::Context));
    for (label, kind) in primary.chain(others) {
        let beside = has_room(sources, label.span, &label.text);
        let text = if beside { &label.text } else { "" };
        if let Some(snippet) = mark(sources, label.span, kind, text) {
            group = group.element(snippet);
        }
        if !beside && !label.text.is_empty() {
            group = group.element(Level::NOTE.message(fitted(&label.text)));
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

#[cfg(test)]
mod tests {
    use super::super::sample::{plain, sources, span};
    use super::*;
    use crate::code::Code;

    #[test]
    fn a_mistake_is_underlined_with_what_belongs_to_it_and_what_to_do() {
        let mistake = Diagnostic::error(
            Code::DuplicateId,
            span("\"sg-db\""),
            "`sg-db` is defined twice",
        )
        .with_label("defined again")
        .with_other(span("\"acl-db\""), "first defined here")
        .with_help("rename one of them");
        insta::assert_snapshot!(plain(&diagnostic_text(&sources(), &mistake)), @r#"
        error[duplicate-id]: `sg-db` is defined twice
           ╭▸ shop.ron:16:13
           │
        16 │             "sg-db": (
           │             ━━━━━━━ defined again
           │
           ⸬  shop.ron:8:13
           │
         8 │             "acl-db": (
           │             ──────── first defined here
           │
           ╰ help: rename one of them
        "#);
    }

    #[test]
    fn a_mistake_without_a_place_is_told_all_the_same() {
        let mut mistake = Diagnostic::warning(Code::Io, span("("), "`shop.ron` cannot be read");
        mistake.primary = None;
        let text = diagnostics_text(&sources(), &[mistake]);
        insta::assert_snapshot!(plain(&text), @"warning[io]: `shop.ron` cannot be read");
    }
}
