//! What an importer says about its work.

use std::fmt;

use super::Document;

/// What came of an import.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The scenario file, not yet text.
    pub document: Document,
    /// What was imported, stood in for, taken for granted and left out, in the order of the input.
    pub notes: Vec<Note>,
}

impl Imported {
    /// Whether everything came over; stand-in addresses are no failure.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.notes
            .iter()
            .all(|note| note.outcome != Outcome::LeftOut)
    }
}

/// One thing that an importer did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What happened to it.
    pub outcome: Outcome,
    /// The resource: its Terraform address, or its id in the cloud.
    pub resource: String,
    /// The attribute that is concerned, if it is one: `subnet_id`, `ingress[1].source_security_id`.
    pub attribute: Option<String>,
    /// What the input says, in one sentence without a full stop.
    pub why: String,
    /// What would help.
    pub help: Option<String>,
}

/// What happened to a part of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// It is in the file.
    Imported,
    /// It is in the file, with a value that the importer made up because the real one is not known yet.
    StoodIn,
    /// It is in the file because only one reading is possible, although the input does not say so.
    Assumed,
    /// It is in the file, and somebody should look at it.
    Doubtful,
    /// It is not in the file.
    LeftOut,
}

impl Outcome {
    /// The word for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::StoodIn => "stood in",
            Self::Assumed => "assumed",
            Self::Doubtful => "doubtful",
            Self::LeftOut => "left out",
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.outcome.words(), self.resource)?;
        if let Some(attribute) = &self.attribute {
            write!(f, ", {attribute}")?;
        }
        if !self.why.is_empty() {
            write!(f, ": {}", self.why)?;
        }
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

/// Why nothing at all could be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError {
    /// What is wrong with the input, in one sentence without a full stop.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.help {
            Some(help) => write!(f, "{} ({help})", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for ImportError {}
