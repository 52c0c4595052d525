//! What texts are known by.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::diagnostic::Sources;

/// The SHA-256 of a text, in hex.
pub(super) fn sha256(text: &[u8]) -> String {
    hex(&Sha256::digest(text))
}

/// What a scenario is known by: the SHA-256 of its text and those that it includes, in the order in which they were read,
/// each after its length in bytes and a line break.
#[must_use]
pub fn digest(sources: &Sources) -> String {
    let mut all = Sha256::new();
    for source in sources.iter() {
        all.update(format!("{}\n", source.text.len()));
        all.update(source.text.as_bytes());
    }
    hex(&all.finalize())
}

fn hex(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
