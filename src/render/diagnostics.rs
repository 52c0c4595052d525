//! Mistakes and warnings of an input, each drawn at its place.

use std::collections::BTreeMap;

use annotate_snippets::{AnnotationKind, Group};
use indexmap::IndexMap;

use super::number::number;
use super::several::several;
use super::snippet::{draw, fitted, fitted_title, has_room, help, mark, note, severity};
use crate::code::Language;
use crate::diagnostic::{Diagnostic, Sources};

pub use super::snippet::severity_word;

/// One diagnostic: message, the culprit underlined, the other places, what to do.
#[must_use]
pub fn diagnostic_text(sources: &Sources, diagnostic: &Diagnostic, language: Language) -> String {
    drawn(sources, diagnostic, &[], language)
}

/// The same, with the places of others that say the same.
fn drawn(
    sources: &Sources,
    diagnostic: &Diagnostic,
    same: &[&Diagnostic],
    language: Language,
) -> String {
    let level = severity(diagnostic.severity, language);
    let code = diagnostic.code;
    let word = severity_word(diagnostic.severity, language);
    let message = fitted_title(word, Some(code), diagnostic.message.text(language));
    let title = level.primary_title(message).id(code.name());
    let mut group = Group::with_title(title);
    let primary = diagnostic.primary.iter();
    let primary = primary.map(|label| (label, AnnotationKind::Primary));
    let others = diagnostic.others.iter();
    let others = others.map(|label| (label, AnnotationKind::Context));
    for (label, kind) in primary.chain(others) {
        let text = label.text.text(language);
        let beside = has_room(sources, label.span, text);
        if let Some(snippet) = mark(sources, label.span, kind, if beside { text } else { "" }) {
            group = group.element(snippet);
        }
        if !beside && !text.is_empty() {
            group = group.element(note(language).message(fitted(text)));
        }
    }
    let same = same_text(sources, same, language);
    if let Some(text) = &same {
        group = group.element(note(language).message(fitted(text)));
    }
    let veiled = veiled(sources, diagnostic, language);
    if let Some(text) = &veiled {
        group = group.element(note(language).message(fitted(text)));
    }
    if let Some(advice) = &diagnostic.help {
        group = group.element(help(language).message(fitted(advice.text(language))));
    }
    draw(&[group])
}

/// The place of a culprit whose line is not shown.
fn veiled(sources: &Sources, diagnostic: &Diagnostic, language: Language) -> Option<String> {
    let span = diagnostic.primary.as_ref()?.span;
    sources.get(span.file).filter(|source| source.veiled)?;
    let (path, line, column) = sources.place(span)?;
    Some(match language {
        Language::English => {
            format!(
                "at {path}:{line}:{column}, which does not begin like a scenario: no line of it is shown"
            )
        }
        Language::Chinese => {
            format!("位于 {path}:{line}:{column}；该文件不像场景文件，因此不显示其内容")
        }
    })
}

/// So many places of others that say the same are named.
const MOST_SAME: usize = 5;

/// `the same at shop.ron:8:78, shop.ron:10:103`.
fn same_text(sources: &Sources, same: &[&Diagnostic], language: Language) -> Option<String> {
    let places = same.iter().filter_map(|it| {
        let (path, line, column) = sources.place(it.primary.as_ref()?.span)?;
        Some(format!("{path}:{line}:{column}"))
    });
    let places: Vec<String> = places.collect();
    let named = several(&places[..places.len().min(MOST_SAME)], language);
    let more = places.len().saturating_sub(MOST_SAME);
    Some(match (places.len(), more, language) {
        (0, ..) => return None,
        (_, 0, Language::English) => format!("the same at {named}"),
        (_, 0, Language::Chinese) => format!("同样的问题：{named}"),
        (_, _, Language::English) => format!("the same at {named} and {} more", number(more)),
        (_, _, Language::Chinese) => format!("同样的问题：{named}，另有 {} 处", number(more)),
    })
}

/// So many diagnostics of one line are drawn: each draws the line, and who wrote all on one line has a program fail.
const MOST_OF_A_LINE: usize = 10;

/// All of them, a blank line after each; of those that say the same the first one, with the places of the others; of many on one
/// line the first ones, and how many more there are.
#[must_use]
pub fn diagnostics_text(
    sources: &Sources,
    diagnostics: &[Diagnostic],
    language: Language,
) -> String {
    let mut text = String::new();
    let mut lines: BTreeMap<(&str, usize), usize> = BTreeMap::new();
    let mut alike: IndexMap<_, Vec<&Diagnostic>> = IndexMap::new();
    for (at, diagnostic) in diagnostics.iter().enumerate() {
        // What draws another place, too, is drawn by itself.
        let own = (diagnostic.primary.is_none() || !diagnostic.others.is_empty()).then_some(at);
        let said = (diagnostic.code, diagnostic.message.to_string(), own);
        alike.entry(said).or_default().push(diagnostic);
    }
    for all in alike.values() {
        let [diagnostic, same @ ..] = all.as_slice() else {
            continue;
        };
        let place = diagnostic.primary.as_ref();
        let place = place.and_then(|label| sources.place(label.span));
        let before = place.map_or(0, |(path, line, _)| {
            let count = lines.entry((path, line)).or_default();
            *count += 1;
            *count - 1
        });
        if before < MOST_OF_A_LINE {
            text += &drawn(sources, diagnostic, same, language);
            text.push('\n');
        }
    }
    for ((path, line), count) in lines {
        let more = count.saturating_sub(MOST_OF_A_LINE);
        if more > 0 {
            let more = match language {
                Language::English => format!("{more} more on line {line} of {path}\n\n"),
                Language::Chinese => format!("{path} 第 {line} 行另有 {more} 处\n\n"),
            };
            text.push_str(&more);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::sample::{plain, sources, span};
    use super::*;
    use crate::code::Code;
    use crate::diagnostic::Words;

    #[test]
    fn a_mistake_is_underlined_with_what_belongs_to_it_and_what_to_do() {
        let mistake = Diagnostic::error(
            Code::DuplicateId,
            span("\"sg-db\""),
            Words::verbatim("`sg-db` is defined twice"),
        )
        .with_label(Words::verbatim("defined again"))
        .with_other(span("\"acl-db\""), Words::verbatim("first defined here"))
        .with_help(Words::verbatim("rename one of them"));
        insta::assert_snapshot!(plain(&diagnostic_text(&sources(), &mistake, Language::English)), @r#"
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
        let mut mistake =
            Diagnostic::warning(Code::Io, span("("), Words::verbatim("`shop.ron` cannot be read"));
        mistake.primary = None;
        let text = diagnostics_text(&sources(), &[mistake], Language::English);
        insta::assert_snapshot!(plain(&text), @"warning[io]: `shop.ron` cannot be read");
    }
}
