//! Places in a text: bytes here, lines and UTF-16 units in the protocol.

use std::cell::RefCell;
use std::collections::BTreeMap;

use lsp_types::{Location, Position, Range};

use super::document::uri_of;
use crate::diagnostic::{Sources, Span};

/// A text with the starts of its lines.
pub struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub fn of(text: &'t str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(ends).collect() }
    }

    /// The place of a byte; inside of a character its beginning.
    pub fn position(&self, byte: usize) -> Position {
        let byte = self.text.floor_char_boundary(byte);
        let line = self.starts.partition_point(|start| *start <= byte) - 1;
        let before = &self.text[self.starts[line]..byte];
        Position::new(small(line), small(before.encode_utf16().count()))
    }

    /// The byte of a place; past the end of a line its end.
    pub fn byte(&self, position: Position) -> usize {
        let Some(start) = self.starts.get(position.line as usize) else {
            return self.text.len();
        };
        let line = self.text[*start..].split('\n').next().unwrap_or_default();
        let mut units = 0;
        for (at, letter) in line.char_indices() {
            if units >= position.character {
                return start + at;
            }
            units += small(letter.len_utf16());
        }
        start + line.len()
    }

    pub fn range(&self, bytes: std::ops::Range<usize>) -> Range {
        Range::new(self.position(bytes.start), self.position(bytes.end))
    }
}

/// The files of a scenario with the starts of their lines, found once for all who ask.
pub struct Places<'s> {
    sources: &'s Sources,
    lines: RefCell<BTreeMap<u32, Lines<'s>>>,
}

impl<'s> Places<'s> {
    pub fn of(sources: &'s Sources) -> Self {
        let lines = RefCell::default();
        Self { sources, lines }
    }

    /// The range of a span in its file.
    pub fn range(&self, span: Span) -> Option<Range> {
        let text = &self.sources.get(span.file)?.text;
        let mut lines = self.lines.borrow_mut();
        let lines = lines.entry(span.file).or_insert_with(|| Lines::of(text));
        Some(lines.range(span.range()))
    }

    /// The file of a span, and the range there.
    pub fn location(&self, span: Span) -> Option<Location> {
        let file = &self.sources.get(span.file)?.file;
        Some(Location::new(uri_of(file)?, self.range(span)?))
    }

    /// Whether a span stands in a file.
    pub fn is_in(&self, span: Span, path: &str) -> bool {
        let source = self.sources.get(span.file);
        source.is_some_and(|source| source.file == path)
    }
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_utf16_units() {
        let text = "ab\n网𝄞x\r\n";
        let lines = Lines::of(text);
        let x = text.find('x').expect("an x");
        assert_eq!(lines.position(x), Position::new(1, 3));
        assert_eq!(lines.byte(Position::new(1, 3)), x);
        assert_eq!(lines.byte(Position::new(0, 99)), 2);
        assert_eq!(lines.byte(Position::new(9, 0)), text.len());
    }

    #[test]
    fn every_boundary_comes_back() {
        let text = "Scenario(\n    name: \"商店 🏬\",\n)\n";
        let lines = Lines::of(text);
        for (at, _) in text.char_indices() {
            assert_eq!(lines.byte(lines.position(at)), at);
        }
    }
}
