//! A document while it grows: every remark is also a note, so that file and summary tell the same.

use super::document::{Document, Spot};
use super::note::{Imported, Note, Outcome};
use crate::code::Language;
use crate::diagnostic::Words;

/// The document and the notes so far.
#[derive(Debug, Default)]
pub struct Draft {
    /// The document.
    pub document: Document,
    /// The notes.
    pub notes: Vec<Note>,
    /// The language of the file.
    pub language: Language,
}

/// What is to be said about one part of the input.
#[derive(Clone, Debug)]
pub struct Say {
    /// The resource.
    pub resource: String,
    /// Its attribute.
    pub attribute: Option<String>,
    /// What the input says.
    pub why: Words,
    /// What would help.
    pub help: Option<Words>,
}

impl Say {
    /// About a whole resource.
    pub fn of(resource: impl Into<String>, why: Words) -> Self {
        Self { resource: resource.into(), attribute: None, why, help: None }
    }

    /// About one attribute.
    pub fn at(mut self, attribute: impl Into<String>) -> Self {
        self.attribute = Some(attribute.into());
        self
    }

    /// With what would help.
    pub fn help(mut self, help: Words) -> Self {
        self.help = Some(help);
        self
    }

    /// The attribute and what is said of it.
    pub fn reason(&self, language: Language) -> String {
        let why = self.why.text(language);
        match (&self.attribute, language) {
            (None, _) => why.to_owned(),
            (Some(attribute), Language::English) => format!("{attribute}: {why}"),
            (Some(attribute), Language::Chinese) => format!("{attribute}：{why}"),
        }
    }

    fn note(self, outcome: Outcome) -> Note {
        Note {
            outcome,
            resource: self.resource,
            attribute: self.attribute,
            why: self.why,
            help: self.help,
        }
    }
}

impl Draft {
    /// Says something in the summary and in the file.
    pub fn say(&mut self, outcome: Outcome, spot: Spot, say: Say) {
        let text = match outcome {
            Outcome::LeftOut => {
                let bare = Note { help: None, ..say.clone().note(outcome) };
                bare.line(self.language)
            }
            Outcome::Assumed | Outcome::Doubtful => say.reason(self.language),
            Outcome::Imported | Outcome::StoodIn => say.why.text(self.language).to_owned(),
        };
        let known = self.document.remarks.iter();
        if known.filter(|(at, _)| *at == spot).all(|(_, said)| *said != text) {
            self.document.remarks.push((spot, text));
        }
        self.note(outcome, say);
    }

    /// Says something in the summary only.
    pub fn note(&mut self, outcome: Outcome, say: Say) {
        let note = say.note(outcome);
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Says in the summary that something is in the file as it is.
    pub fn imported(&mut self, resource: &str) {
        self.note(Outcome::Imported, Say::of(resource, Words::default()));
    }

    /// The end of the work.
    pub fn finish(mut self) -> Imported {
        self.make_sound();
        super::left::settle(&mut self.document.fragment.network);
        Imported { document: self.document, notes: self.notes, read: Vec::new() }
    }
}
