//! From text to a network, questions and changes: the scenario format.
//!
//! [`load`] reads a file and what it includes and finds all mistakes in one run. What it gives is sound: every
//! reference leads to a thing of the right kind, so nothing past it checks again.
//!
//! | file | what |
//! |---|---|
//! | `include`, `text`, `encoding` | bytes to files, encoding, well-formedness |
//! | `slip` | what somebody did whose text is not well-formed, in the words of who did it |
//! | `value`, `level`, `well_formed` | one level of a value, and whether ron reads it |
//! | `fields`, `reader` | the fields of a struct, what every reader has at hand |
//! | `word`, `variant`, `service`, `selector`, `region` | single values and the notations inside strings |
//! | `meant` | what somebody meant who wrote these in the words of another tool |
//! | `read/*` | one reader for every kind of thing |
//! | `build` | the network of all files together |
//! | `known`, `reference`, `who` | ids and addresses: what exists, what is needed where |
//! | `origin` | where in the files a part of the network stands, also after changes |
//! | `layout` | the same text with every line where it belongs |
//! | `ask` | selectors and changes from the command line |
//! | `intent` | what a change is meant to open and to close |
//!
//! Deliberately not here: the limits of the cloud ([`crate::model`]), and files and terminals.

mod ask;
mod beside;
mod build;
mod encoding;
mod fields;
mod include;
mod intent;
mod known;
mod layout;
mod level;
mod meant;
mod mistake;
mod near;
mod once;
pub mod origin;
mod read;
mod reader;
mod reference;
mod region;
mod selector;
mod service;
mod slip;
mod text;
mod value;
mod variant;
mod well_formed;
mod who;
mod word;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Label, Sources, Span, Words};
use crate::id::Id;
use crate::model::{self, Change, Locate, Network, Place, Violation};
use crate::query::Expectation;
use crate::space::{Allowance, Budget};

pub use ask::{Names, ParsedChanges, parse_changes, parse_selector, resolve_selector};
pub use beside::beside_network;
pub use include::{Files, is_outside};
pub use intent::{ParsedIntent, parse_intent};
pub use layout::{LaidOut, lay_out};
pub use mistake::Mistake;
pub use near::{nearest, question};
pub use origin::{ChangeOrigin, Origins};
pub use service::{parse_meant as parse_service, parse_ports};
pub use text::LARGEST;
pub use who::Side;

use include::{Includer, Shelf};
use known::Known;
use read::{lint, question};
use reader::{Reader, Texts};
use value::Value;

/// What came of a file.
#[derive(Debug)]
pub struct Loaded {
    /// The file and what it includes.
    pub sources: Sources,
    /// The scenario, unless there are errors.
    pub scenario: Option<Scenario>,
    /// All mistakes and warnings, by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// A network and what is asked of it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name, for people.
    pub name: Option<String>,
    /// The network of the file.
    pub network: Network,
    /// Where its parts stand.
    pub origins: Origins,
    /// What is expected of it.
    pub base: Vec<Planned<Expectation>>,
    /// Changes one after the other.
    pub steps: Vec<Stage>,
    /// Changes that each start from the network of the file.
    pub what_if: Vec<Stage>,
    /// What `lint` is not to tell, of all files.
    pub allowed: Vec<Planned<Allow>>,
}

/// Findings of `lint` that are meant to be as they are: `Allow(code: …, at: …, reason: …)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// The lint.
    pub code: Code,
    /// The entity that the finding stands at or speaks of; `None` = any.
    pub at: Option<Id>,
    /// Why, for people.
    pub reason: String,
}

/// Something that stands in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned<T> {
    /// What.
    pub value: T,
    /// Where.
    pub span: Span,
}

/// A step or a what-if.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    /// What is done, in order.
    pub changes: Vec<PlannedChange>,
    /// What is expected afterwards.
    pub expectations: Vec<Planned<Expectation>>,
}

/// A change and what should come of it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedChange {
    /// The change.
    pub change: Change,
    /// The refusal that is expected (`Refused`).
    pub refused: Option<Code>,
    /// All of it, `Refused` included.
    pub span: Span,
    /// The change itself.
    pub origin: ChangeOrigin,
}

/// Reads a scenario file and the files that it includes.
#[must_use]
pub fn load(path: &str, files: &dyn Files) -> Loaded {
    load_within(path, files, Budget::NONE.begin())
}

/// The same, unless it takes longer than it may: then that is the mistake, and there is no scenario.
#[must_use]
pub fn load_within(path: &str, files: &dyn Files, time: Allowance) -> Loaded {
    let mut sources = Sources::default();
    let shelf = Shelf::new();
    let mut at = Reader::new(Texts::default(), Known::default()).within(time);
    let mut includer = Includer::new(files, &shelf, &mut sources);
    includer.start(path, &mut at);
    let documents = includer.documents;
    let (network, origins) = build::network(&documents, &mut at);
    let origins = origins.with_sources(sources.clone());
    if at.errors() == 0 {
        limits(&network, &origins, &mut at);
    }
    let scenario = documents.last().map(|main| {
        let name = main.name.and_then(|value| word::text(value, &mut at));
        let base = list(main.expect, &mut at, question::expectation);
        at.check_references();
        let steps = list(main.steps, &mut at, question::stage);
        let what_if = list(main.what_if, &mut at, |value, at| {
            at.only_network();
            question::stage(value, at)
        });
        let allowed = documents.iter().flat_map(|it| list(it.lint, &mut at, lint::allow));
        let allowed = allowed.collect();
        Scenario { name, network, origins, base, steps, what_if, allowed }
    });
    let sound = at.errors() == 0;
    let diagnostics = once::once(at.into_diagnostics(), &sources);
    Loaded { sources, scenario: scenario.filter(|_| sound), diagnostics }
}

fn list<'src, T>(
    value: Option<Value<'src>>,
    at: &mut Reader<'src>,
    read: impl FnMut(Value<'src>, &mut Reader<'src>) -> Option<T>,
) -> Vec<T> {
    value.and_then(|value| at.list(value, read)).unwrap_or_default()
}

/// Reports the limits of the cloud that the network breaks (section 7 of the format).
fn limits(network: &Network, origins: &Origins, at: &mut Reader<'_>) {
    for violation in model::check_while(network, || !at.is_over()) {
        at.report(located(violation, origins));
    }
}

/// A broken rule as a diagnostic.
#[must_use]
pub fn located(violation: Violation, origins: &dyn Locate) -> Diagnostic {
    let label = |(place, text): &(Place, Words)| {
        Some(Label { span: origins.locate(place)?, text: text.clone() })
    };
    Diagnostic {
        code: violation.code,
        severity: violation.severity,
        message: violation.message,
        primary: origins
            .locate(&violation.place)
            .map(|span| Label { span, text: Words::default() }),
        others: violation.others.iter().filter_map(label).collect(),
        help: violation.help,
    }
}
