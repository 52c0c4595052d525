//! A mistake inside a piece of text that may come from a file or from the command line.

use std::ops::Range;

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Span, Words};

/// What is wrong with a selector, a service or another text in a notation of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Its public code.
    pub code: Code,
    /// Which bytes of the text are wrong; may be empty at its end.
    pub at: Range<usize>,
    /// One sentence without a full stop.
    pub message: Words,
    /// What to do.
    pub help: Option<Words>,
}

impl Mistake {
    /// A value that is not allowed.
    #[must_use]
    pub fn invalid(at: Range<usize>, message: Words) -> Self {
        Self { code: Code::InvalidValue, at, message, help: None }
    }

    /// With what to do about it.
    #[must_use]
    pub fn with_help(self, help: Option<Words>) -> Self {
        Self { help, ..self }
    }

    /// The mistake, `offset` bytes further on.
    #[must_use]
    pub fn moved(mut self, offset: usize) -> Self {
        self.at = self.at.start + offset..self.at.end + offset;
        self
    }

    /// As a diagnostic at a place.
    #[must_use]
    pub fn at(self, span: Span) -> Diagnostic {
        Diagnostic { help: self.help, ..Diagnostic::error(self.code, span, self.message) }
    }
}
