//! What an importer says about its work.

use std::fmt;

use super::Document;
use crate::code::Language;
use crate::diagnostic::Words;

/// What came of an import.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The scenario file, not yet text.
    pub document: Document,
    /// What was imported, stood in for, taken for granted and left out, in the order of the input.
    pub notes: Vec<Note>,
    /// What was read, by type.
    pub read: Vec<super::Counted>,
}

impl Imported {
    /// Whether everything came over; stand-in addresses are no failure.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.notes.iter().all(|note| note.outcome != Outcome::LeftOut)
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
    pub why: Words,
    /// What would help.
    pub help: Option<Words>,
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
    /// Every outcome, from the best to the worst.
    pub const ALL: [Self; 5] =
        [Self::Imported, Self::StoodIn, Self::Assumed, Self::Doubtful, Self::LeftOut];

    /// The word for scripts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::StoodIn => "stood_in",
            Self::Assumed => "assumed",
            Self::Doubtful => "doubtful",
            Self::LeftOut => "left_out",
        }
    }

    /// The word for people.
    #[must_use]
    pub fn words(self) -> Words {
        match self {
            Self::Imported => Words::new("imported", "已导入"),
            Self::StoodIn => Words::new("stood in", "占位"),
            Self::Assumed => Words::new("assumed", "推定"),
            Self::Doubtful => Words::new("doubtful", "存疑"),
            Self::LeftOut => Words::new("left out", "未导入"),
        }
    }
}

impl Note {
    /// The whole note in a language, in one line.
    #[must_use]
    pub fn line(&self, language: Language) -> String {
        let (comma, colon, open, close) = match language {
            Language::English => (", ", ": ", " (", ")"),
            Language::Chinese => ("，", "：", "（", "）"),
        };
        let outcome = self.outcome.words();
        let mut line = format!("{}{colon}{}", outcome.text(language), self.resource);
        if let Some(attribute) = &self.attribute {
            line.push_str(comma);
            line.push_str(attribute);
        }
        if !self.why.is_empty() {
            line.push_str(colon);
            line.push_str(self.why.text(language));
        }
        if let Some(help) = &self.help {
            line.push_str(open);
            line.push_str(help.text(language));
            line.push_str(close);
        }
        line
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line(Language::English))
    }
}

/// Why nothing at all could be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError {
    /// What is wrong with the input, in one sentence without a full stop.
    pub message: Words,
    /// What to do.
    pub help: Option<Words>,
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.help {
            Some(help) => write!(f, "{} ({help})", self.message),
            None => f.write_str(self.message.english()),
        }
    }
}

impl std::error::Error for ImportError {}
