//! What somebody did who wrote a text that ron cannot read: the first slip, in the words of who made it.
//!
//! A parser says what it expected where it gave up. Here brackets, quotes, commas and names are walked once more, as a
//! person would look at them, and the first thing that cannot be meant is told: the full-width comma, the bracket that
//! is never closed and the line it was opened on, the quote that is missing.
//!
//! Deliberately not here: texts that ron reads, whatever they mean.

pub mod letter;
pub mod token;
mod walk;
mod words;

use std::ops::Range;

use crate::diagnostic::Words;

pub use words::closer;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// What is to be underlined.
    pub at: Range<usize>,
    /// Where it showed; a parser gives up there or before.
    pub noticed: usize,
    /// One sentence without a full stop.
    pub message: Words,
    /// Another place that belongs to it.
    pub other: Option<(Range<usize>, Words)>,
    /// What to do.
    pub help: Option<Words>,
}

impl Slip {
    fn new(at: Range<usize>, message: Words) -> Self {
        Self { noticed: at.start, at, message, other: None, help: None }
    }

    fn noticed(mut self, at: usize) -> Self {
        self.noticed = at;
        self
    }

    fn beside(mut self, at: Range<usize>, words: Words) -> Self {
        self.other = Some((at, words));
        self
    }

    fn help(mut self, help: Words) -> Self {
        self.help = Some(help);
        self
    }
}

/// The first slip of a text that is not well-formed, if it is one that people make.
pub fn find(text: &str) -> Option<Slip> {
    walk::Walk::of(text).run()
}
