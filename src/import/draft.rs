//! A document while it grows: every remark is also a note, so that file and summary tell the same.

use super::document::{Document, Spot};
use super::note::{Imported, Note, Outcome};

/// The document and the notes so far.
#[derive(Debug, Default)]
pub struct Draft {
    /// The document.
    pub document: Document,
    /// The notes.
    pub notes: Vec<Note>,
}

/// What is to be said about one part of the input.
#[derive(Clone, Debug)]
pub struct Say {
    /// The resource.
    pub resource: String,
    /// Its attribute.
    pub attribute: Option<String>,
    /// What the input says.
    pub why: String,
    /// What would help.
    pub help: Option<String>,
}

impl Say {
    /// About a whole resource.
    pub fn of(resource: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            resource: resource.into(),
            attribute: None,
            why: why.into(),
            help: None,
        }
    }

    /// About one attribute.
    pub fn at(mut self, attribute: impl Into<String>) -> Self {
        self.attribute = Some(attribute.into());
        self
    }

    /// With what would help.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl Draft {
    /// Says something in the summary and in the file.
    pub fn say(&mut self, outcome: Outcome, spot: Spot, say: Say) {
        let subject = match &say.attribute {
            Some(attribute) => format!("{}, {attribute}", say.resource),
            None => say.resource.clone(),
        };
        let text = match outcome {
            Outcome::LeftOut => format!("left out: {subject}: {}", say.why),
            Outcome::Assumed | Outcome::Doubtful => match &say.attribute {
                Some(attribute) => format!("{attribute}: {}", say.why),
                None => say.why.clone(),
            },
            Outcome::Imported | Outcome::StoodIn => say.why.clone(),
        };
        let known = self.document.remarks.iter();
        if known
            .filter(|(at, _)| *at == spot)
            .all(|(_, said)| *said != text)
        {
            self.document.remarks.push((spot, text));
        }
        self.note(outcome, say);
    }

    /// Says something in the summary only.
    pub fn note(&mut self, outcome: Outcome, say: Say) {
        let note = Note {
            outcome,
            resource: say.resource,
            attribute: say.attribute,
            why: say.why,
            help: say.help,
        };
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// The end of the work.
    pub fn finish(mut self) -> Imported {
        self.make_sound();
        super::left::settle(&mut self.document.fragment.network);
        Imported {
            document: self.document,
            notes: self.notes,
        }
    }
}
