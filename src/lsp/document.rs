//! Open documents: their texts stand before those of the disk.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use lsp_types::{TextDocumentContentChangeEvent, Uri};

use super::cursor::{Expected, strings};
use super::position::Lines;
use crate::id::Id;
use crate::model::{Locate, Place};
use crate::scenario::{Files, Scenario};

/// The texts of the editor, and the disk behind them. A copy keeps the texts as they are now.
#[derive(Clone)]
pub struct Desk<'d> {
    disk: &'d dyn Files,
    /// By path.
    pub texts: BTreeMap<String, Arc<str>>,
}

impl<'d> Desk<'d> {
    pub fn new(disk: &'d dyn Files) -> Self {
        Self { disk, texts: BTreeMap::new() }
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

    fn near(&self, path: &str) -> Option<String> {
        self.disk.near(path)
    }

    fn may_leave(&self) -> bool {
        self.disk.may_leave()
    }
}

/// A text after changes, one after the other; nothing if they are changes of a part where there is no text.
pub fn changed(
    before: Option<String>,
    changes: Vec<TextDocumentContentChangeEvent>,
) -> Option<String> {
    changes.into_iter().fold(before, |text, change| {
        let Some(range) = change.range else {
            return Some(change.text);
        };
        let mut text = text?;
        let lines = Lines::of(&text);
        let (start, end) = (lines.byte(range.start), lines.byte(range.end));
        text.replace_range(start.min(end)..end, &change.text);
        Some(text)
    })
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
            borders.into_iter().flatten().all(|letter| !is_of_id(letter))
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
    fn parts_of_a_text_are_changed_one_after_the_other() {
        let part = |start: (u32, u32), end: (u32, u32), text: &str| {
            let place = |(line, character)| lsp_types::Position { line, character };
            TextDocumentContentChangeEvent {
                range: Some(lsp_types::Range::new(place(start), place(end))),
                range_length: None,
                text: text.to_owned(),
            }
        };
        let whole = |text: &str| TextDocumentContentChangeEvent {
            range: None,
            range_length: None,
            text: text.to_owned(),
        };
        let one = || Some("a 🏬 b\nc\n".to_owned());
        for (changes, after) in [
            (vec![part((0, 2), (0, 4), "网")], "a 网 b\nc\n"),
            // past the end of a line, and past the end of the text
            (vec![part((0, 99), (1, 0), "")], "a 🏬 bc\n"),
            (vec![part((9, 9), (9, 9), "d")], "a 🏬 b\nc\nd"),
            // the wrong way round
            (vec![part((1, 1), (0, 0), "x")], "xa 🏬 b\nc\n"),
            (vec![part((0, 0), (0, 1), ""), part((0, 0), (0, 1), "z")], "z🏬 b\nc\n"),
            (vec![whole("q\n"), part((0, 1), (0, 1), "r")], "qr\n"),
        ] {
            assert_eq!(changed(one(), changes).as_deref(), Some(after));
        }
        assert_eq!(changed(None, vec![part((0, 0), (0, 0), "x")]), None);
        let new = changed(None, vec![whole("new")]);
        assert_eq!(new.as_deref(), Some("new"));
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
