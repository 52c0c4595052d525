//! What somebody means a change to do: which connections it may open and close, and no others.

use super::{Selector, Traffics};

/// What happens to packets from one network to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Turn {
    /// They did not work and do now.
    Gained,
    /// They worked and do not any more.
    Lost,
}

impl Turn {
    /// `gained` or `lost`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gained => "gained",
            Self::Lost => "lost",
        }
    }
}

/// `Gains(from: …, to: …, service: …)` or `Loses(…)`: for every pair exactly these packets turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intention {
    /// Gained or lost.
    pub turn: Turn,
    /// Who opens.
    pub from: Selector,
    /// The same as it is written.
    pub from_text: String,
    /// Who is meant.
    pub to: Selector,
    /// The same as it is written.
    pub to_text: String,
    /// The packets.
    pub traffic: Traffics,
    /// The service as it is written.
    pub service_text: String,
}
