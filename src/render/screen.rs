//! How wide the reader's screen is. It is the same for everything that a run prints, so it is said once, before anything is.

use std::sync::OnceLock;

/// The columns of a pipe or a file, where nobody says otherwise.
const PIPE: usize = 100;

/// Narrower texts cannot be read, and wider ones are not.
const SENSIBLE: std::ops::RangeInclusive<usize> = 60..=140;

static COLUMNS: OnceLock<usize> = OnceLock::new();

/// Says how many columns there are, within what can be read; the first word counts.
pub fn set_width(columns: usize) {
    // A second word would come after something was printed: it changes nothing.
    let _ = COLUMNS.set(columns.clamp(*SENSIBLE.start(), *SENSIBLE.end()));
}

/// The widest line printed, in columns.
#[must_use]
pub fn width() -> usize {
    COLUMNS.get().copied().unwrap_or(PIPE)
}
