//! What has no certificate yet. It is said, never papered over.

use crate::code::Code;
use crate::space::Exceeded;

/// Why a verdict has no certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// The verdict itself is undetermined.
    Undetermined,
    /// Nobody is meant.
    Vacuous,
    /// The file says that something of it is not modelled.
    Unmodelled,
    /// A set with `&` or `!`.
    Selector,
    /// More pairs than anybody would read.
    TooLarge,
    /// The budget was not enough.
    Budget(Exceeded),
    /// A change of the stage did not come as the file says.
    Stage,
    /// It is lost for a reason that the checker does not judge.
    Lost(Code),
}

impl Gap {
    /// The word that a certificate says in the place of a claim.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Undetermined => "undetermined",
            Self::Vacuous => "vacuous",
            Self::Unmodelled => "unmodelled",
            Self::Selector => "selector",
            Self::TooLarge => "too-large",
            Self::Budget(_) => "budget",
            Self::Stage => "stage",
            Self::Lost(code) => code.name(),
        }
    }
}
