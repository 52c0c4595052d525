//! Places in a text: bytes here, lines and UTF-16 units in the protocol.

use lsp_types::{Position, Range};

use crate::diagnostic::{Sources, Span};

/// A text with the starts of its lines.
pub struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub fn of(text: &'t str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            starts: std::iter::once(0).chain(ends).collect(),
        }
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

/// The range of a span in its file.
pub fn range(sources: &Sources, span: Span) -> Option<Range> {
    let text = &sources.get(span.file)?.text;
    Some(Lines::of(text).range(span.range()))
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
