//! What comes from the command line in the words of scenario files: selectors and changes.

use std::sync::{Arc, Mutex, PoisonError};

use super::PlannedChange;
use super::known::Known;
use super::mistake::Mistake;
use super::read::question;
use super::reader::{Reader, Texts};
use super::selector::{self, Atom};
use super::text;
use super::who::{Owners, Side};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Sources};
use crate::model::Network;
use crate::query::Selector;

/// A selector. Whether what it names exists is another question ([`resolve_selector`]).
pub fn parse_selector(text: &str) -> Result<Selector, Mistake> {
    selector::parse(text).map(|parsed| parsed.selector)
}

/// What words of selectors mean in a network: made once for all who ask about it.
pub struct Names(Mutex<(Known, Owners)>);

impl Names {
    /// Of a network.
    #[must_use]
    pub fn of(network: &Network) -> Self {
        Self(Mutex::new((Known::of(network), Owners::of(network))))
    }

    /// A selector whose every word means something in the network.
    pub fn resolve(&self, text: &str, side: Side) -> Result<Selector, Vec<Mistake>> {
        self.resolved(text, side, |_, _| false)
    }

    /// The same, but `to` may also be a private address that nobody owns: a machine that is to come.
    pub fn resolve_asked(&self, text: &str, side: Side) -> Result<Selector, Vec<Mistake>> {
        self.resolved(text, side, |atom, mistake| {
            let is_address = matches!(atom.means, Selector::Address(_));
            is_address && side == Side::To && mistake.code == Code::UnknownAddress
        })
    }

    fn resolved(
        &self,
        text: &str,
        side: Side,
        is_good: impl Fn(&Atom, &Mistake) -> bool,
    ) -> Result<Selector, Vec<Mistake>> {
        let parsed = selector::parse(text).map_err(|mistake| vec![mistake])?;
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, owners) = &*names;
        known.compare_anew();
        let wrong = parsed.atoms.iter().filter_map(|atom| {
            let mistake = owners.check(atom, side, known).err()?;
            (!is_good(atom, &mistake)).then_some(mistake)
        });
        let wrong: Vec<Mistake> = wrong.collect();
        if wrong.is_empty() { Ok(parsed.selector) } else { Err(wrong) }
    }
}

/// The same for who asks once.
pub fn resolve_selector(
    text: &str,
    side: Side,
    network: &Network,
) -> Result<Selector, Vec<Mistake>> {
    Names::of(network).resolve(text, side)
}

/// What came of changes in text form.
#[derive(Debug)]
pub struct ParsedChanges {
    /// The changes in order, unless there are errors.
    pub changes: Option<Vec<PlannedChange>>,
    /// All mistakes and warnings, by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Changes from texts that each hold one change or a list `[…]` of them. A text comes with a name to show for it, and is
/// added to `sources`; a later change may name what an earlier one creates.
#[must_use]
pub fn parse_changes(
    named: &[(&str, &str)],
    network: &Network,
    sources: &mut Sources,
) -> ParsedChanges {
    let texts: Vec<Arc<str>> = named.iter().map(|(_, text)| Arc::from(*text)).collect();
    let mut at = Reader::new(Texts::default(), Known::of(network));
    at.owners = Owners::of(network);
    let mut items = Vec::new();
    for ((name, _), text) in named.iter().zip(&texts) {
        let file = sources.add((*name).to_owned(), Arc::clone(text));
        at.texts.add(file, text);
        if let Some(value) = text::value(text, &mut at) {
            items.extend(value.items().unwrap_or_else(|_| vec![value]));
        }
    }
    let changes = question::changes_of(&items, &mut at);
    at.check_references();
    let sound = at.errors() == 0;
    ParsedChanges { changes: sound.then_some(changes), diagnostics: at.into_diagnostics() }
}
