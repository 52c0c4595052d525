//! Where in the files the parts of a network stand.

use crate::diagnostic::Span;

/// Where a change stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeOrigin {
    /// The change itself, without the `Refused` around it.
    pub span: Span,
}
