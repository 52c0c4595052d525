//! How the program ends: part of the contract with scripts.

use std::process::{ExitCode, Termination};

/// The exit status.
///
/// | code | means |
/// |---|---|
/// | 0 | everything asked holds, or what was asked is answered |
/// | 1 | a finding: something asked does not hold or could not be decided |
/// | 2 | the command line or the input cannot be used; nothing was decided |
/// | 3 | the program itself failed |
///
/// They are ordered by weight: of several, the greatest is the one to end with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Everything asked holds.
    Good = 0,
    /// Something does not hold, or could not be decided.
    Finding = 1,
    /// The command line or the input cannot be used.
    Unusable = 2,
    /// The program failed: output could not be written, or a bug.
    Failed = 3,
}

impl Exit {
    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_contract() {
        let all = [Exit::Good, Exit::Finding, Exit::Unusable, Exit::Failed];
        assert_eq!(all.map(Exit::code), [0, 1, 2, 3]);
        assert_eq!(all.iter().max(), Some(&Exit::Failed));
    }
}
