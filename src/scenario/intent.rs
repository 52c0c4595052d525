//! Intent files: what a change is meant to open and to close, `[Gains(from: …, to: …), Loses(…)]`.

use std::sync::Arc;

use super::Planned;
use super::known::Known;
use super::read::question;
use super::reader::{Reader, Texts};
use super::text;
use super::who::Owners;
use crate::diagnostic::{Diagnostic, Sources};
use crate::model::Network;
use crate::query::Intention;

/// What came of an intent file.
#[derive(Debug)]
pub struct ParsedIntent {
    /// Its items in order, unless there are errors.
    pub items: Option<Vec<Planned<Intention>>>,
    /// All mistakes and warnings, by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads an intent; its words mean something in the old network or in the new one. The text is added to `sources`
/// under its name.
#[must_use]
pub fn parse_intent(
    (name, text): (&str, &str),
    (old, new): (&Network, &Network),
    sources: &mut Sources,
) -> ParsedIntent {
    let text: Arc<str> = Arc::from(text);
    let mut known = Known::of(old);
    known.also(new);
    let mut at = Reader::new(Texts::default(), known);
    at.owners = Owners::of(old);
    at.owners.tried.add(new);
    let file = sources.add(name.to_owned(), Arc::clone(&text));
    at.texts.add(file, &text);
    let mut items = Vec::new();
    if let Some(value) = text::value(&text, &mut at) {
        let written = value.items().unwrap_or_else(|_| vec![value]);
        let read = written.into_iter();
        items.extend(read.filter_map(|item| question::intention(item, &mut at)));
    }
    at.check_references();
    let sound = at.errors() == 0;
    ParsedIntent { items: sound.then_some(items), diagnostics: at.into_diagnostics() }
}
