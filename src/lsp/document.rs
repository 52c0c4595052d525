//! Open documents: their texts stand before those of the disk.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use lsp_types::Uri;

use super::cursor::{Expected, strings};
use crate::id::Id;
use crate::model::{Locate, Place};
use crate::scenario::{Files, Scenario};

/// The texts of the editor, and the disk behind them. A copy keeps the texts as they are now.
#[derive(Clone)]
pub struct Desk<'d> {
    disk: &'d (dyn Files + Sync),
    /// By path.
    pub texts: BTreeMap<String, Arc<str>>,
}

impl<'d> Desk<'d> {
    pub fn new(disk: &'d (dyn Files + Sync)) -> Self {
        Self {
            disk,
            texts: BTreeMap::new(),
        }
    }

    fn open(&self, path: &str) -> Option<Vec<u8>> {
        self.texts.get(path).map(|text| text.as_bytes().to_vec())
    }
}

impl Files for Desk<'_> {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.open(path).map_or_else(|| self.disk.read(path), Ok)
    }

    fn read_included(&self, path: &str) -> io::Result<Vec<u8>> {
        let open = self.open(path);
        open.map_or_else(|| self.disk.read_included(path), Ok)
    }

    fn is_outside(&self, scenario: &str, path: &str) -> bool {
        self.disk.is_outside(scenario, path)
    }

    fn may_leave(&self) -> bool {
        self.disk.may_leave()
    }
}

/// The path of a file's address.
pub fn path_of(uri: &Uri) -> Option<String> {
    let path = uri.as_str().strip_prefix("file://")?;
    let path = path.strip_prefix("localhost").unwrap_or(path);
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        let digits = std::str::from_utf8(&digits).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// The address of a path.
pub fn uri_of(path: &str) -> Option<Uri> {
    use std::fmt::Write as _;
    let mut text = "file://".to_owned();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text.parse().ok()
}

/// The place where an id is defined: its key.
pub fn definition(scenario: &Scenario, id: &str) -> Option<crate::diagnostic::Span> {
    scenario.origins.locate(&Place::of(&Id::from(id)))
}

/// The id in a string that a byte of it touches: selectors have several.
pub fn id_at(text: &str, string: Range<usize>, byte: usize) -> Option<Range<usize>> {
    let inner = text.get(string.clone())?;
    let at = byte.clamp(string.start, string.end) - string.start;
    let before = inner[..at].trim_end_matches(is_of_id);
    let start = before.len();
    let end = inner[at..].find(|letter| !is_of_id(letter));
    let end = end.map_or(inner.len(), |found| at + found);
    (start < end).then(|| string.start + start..string.start + end)
}

fn is_of_id(letter: char) -> bool {
    letter.is_alphanumeric() || "-_.".contains(letter)
}

/// Every mention of an id in the strings of a text, but for those that are free text.
pub fn mentions(text: &str, id: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (string, expected) in strings(text, |string| string.contains(id)) {
        if matches!(expected, Expected::Value(kind) if kind == "text") {
            continue;
        }
        let inner = &text[string.clone()];
        let own = inner.match_indices(id).map(|(at, _)| at..at + id.len());
        let whole = own.filter(|range| {
            let before = inner[..range.start].chars().next_back();
            let after = inner[range.end..].chars().next();
            let borders = [before, after];
            borders
                .into_iter()
                .flatten()
                .all(|letter| !is_of_id(letter))
        });
        found.extend(whole.map(|range| string.start + range.start..string.start + range.end));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_back_from_their_addresses() {
        for path in ["/home/a/shop.ron", "/tmp/网络 图/50%.ron", "/c:/x+y.ron"] {
            let uri = uri_of(path).expect("an address");
            assert_eq!(path_of(&uri).as_deref(), Some(path));
        }
        let other: Uri = "untitled:shop".parse().expect("an address");
        assert_eq!(path_of(&other), None);
    }

    #[test]
    fn the_id_under_the_cursor_is_taken_out_of_a_selector() {
        let text = "\"vpc-a & !sg-b\"";
        let inner = 1..text.len() - 1;
        let id = |byte| id_at(text, inner.clone(), byte).map(|range| &text[range]);
        assert_eq!(id(3), Some("vpc-a"));
        assert_eq!(id(12), Some("sg-b"));
        assert_eq!(id(7), None);
    }
}
