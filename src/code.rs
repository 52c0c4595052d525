//! The public codes: one name for everything the program can tell a user apart.
//!
//! A code is a field-less variant with a kebab-case name. Scripts, scenario files and pages cite
//! the name, so a name never changes its meaning. All facts about a code stand in its row of
//! `code/table.rs`; this file only reads them. To add a code: its row there, and its section in a file of
//! `render/pages/en` and of `render/pages/zh`.
//!
//! Deliberately not here: severities, places and messages (a diagnostic's), and the long
//! explanations (`render::explain`).

mod table;

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

pub use table::Code;
use table::{Row, TABLE};

use crate::limit::told;

/// What a code is first of all.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum CodeKind {
    /// Why packets do not cross.
    Reason,
    /// Why the cloud would not let somebody build or change this; an error when a file holds it.
    Refusal,
    /// What is wrong with a file or a question; an error.
    Mistake,
    /// What is legal and still worth a look.
    Warning,
    /// Why no verdict could be given.
    Undetermined,
    /// What `lint` finds: legal, and looks wrong.
    Lint,
}

/// Whose doing a reason or a refusal is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Class {
    /// The cloud never allows it; no setting lifts it.
    Platform,
    /// A rule, a route or a missing object of the user's.
    Config,
    /// Something is down, stopped, isolated or stale.
    State,
    /// A limit on how many.
    Quota,
    /// The question itself: what it asks lies beyond what can be decided.
    Query,
}

/// A language the program speaks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub enum Language {
    /// English, the language of the output unless asked otherwise.
    #[default]
    English,
    /// Chinese, in the words of the cloud's own documentation.
    Chinese,
}

impl Code {
    /// The public name, kebab-case.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The code of this public name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Code> {
        let mut codes = Self::ALL.iter();
        codes.find(|code| code.name() == name).copied()
    }

    /// What the code is first of all. It may be usable in other ways too: see
    /// [`Code::can_be_because`] and [`Code::can_refuse`].
    #[must_use]
    pub fn kind(self) -> CodeKind {
        self.row().kind
    }

    /// Whose doing it is; reasons, refusals and causes of an undetermined verdict have a class.
    #[must_use]
    pub fn class(self) -> Option<Class> {
        self.row().class
    }

    /// Whether an expectation that names `because` means this reason: its own name, or the one that it had before.
    #[must_use]
    pub fn answers_to(self, because: Code) -> bool {
        self == because || (self, because) == (Code::LoadBalancerLoop, Code::NoTarget)
    }

    /// Whether an expectation may name the code in its `because`: true of reasons only.
    #[must_use]
    pub fn can_be_because(self) -> bool {
        self.kind() == CodeKind::Reason
    }

    /// Whether a change can be refused with the code: true of refusals, and of the mistakes that
    /// only show when the change is tried on the network as it then is (`unknown-id` of an entity
    /// that an earlier step may have made).
    #[must_use]
    pub fn can_refuse(self) -> bool {
        match self.kind() {
            CodeKind::Refusal => true,
            CodeKind::Mistake => self.class().is_some(),
            CodeKind::Reason | CodeKind::Warning | CodeKind::Undetermined | CodeKind::Lint => false,
        }
    }

    /// The same as [`Code::can_refuse`], read as "is one of the refusals".
    #[must_use]
    pub fn is_refusal(self) -> bool {
        self.can_refuse()
    }

    /// The ids of the rules it follows from (`CL-6`); the first is the one to cite when there is
    /// room for one. Empty when it follows from the program's own formats, not from the cloud.
    #[must_use]
    pub fn rules(self) -> &'static [&'static str] {
        self.row().rules
    }

    /// What it means, in one line without a full stop, at most 58 columns wide.
    #[must_use]
    pub fn meaning(self, language: Language) -> &'static str {
        static MEANINGS: LazyLock<Vec<[Cow<'static, str>; 2]>> = LazyLock::new(|| {
            TABLE.iter().map(|row| [row.english, row.chinese].map(told)).collect()
        });
        let [english, chinese] = &MEANINGS[self as usize];
        match language {
            Language::English => english,
            Language::Chinese => chinese,
        }
    }

    /// What can be done about it, in one line, if it is a reason or a lint.
    #[must_use]
    pub fn advice(self, language: Language) -> Option<&'static str> {
        let [english, chinese] = self.row().advice?;
        Some(match language {
            Language::English => english,
            Language::Chinese => chinese,
        })
    }

    fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl CodeKind {
    /// Every kind, in the order of the table.
    pub const ALL: [CodeKind; 6] = [
        CodeKind::Reason,
        CodeKind::Refusal,
        CodeKind::Mistake,
        CodeKind::Warning,
        CodeKind::Undetermined,
        CodeKind::Lint,
    ];

    /// The lower-case name that JSON uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            CodeKind::Reason => "reason",
            CodeKind::Refusal => "refusal",
            CodeKind::Mistake => "mistake",
            CodeKind::Warning => "warning",
            CodeKind::Undetermined => "undetermined",
            CodeKind::Lint => "lint",
        }
    }
}

impl Class {
    /// The lower-case name that JSON uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Class::Platform => "platform",
            Class::Config => "config",
            Class::State => "state",
            Class::Quota => "quota",
            Class::Query => "query",
        }
    }
}

#[cfg(test)]
mod tests;
