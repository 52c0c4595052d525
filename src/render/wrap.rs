//! Lines of a given width, in texts that hold English, Chinese or both.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Breaks a line at blanks, and around Chinese characters but not before closing punctuation.
#[must_use]
pub fn wrap(text: &str, limit: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for piece in pieces(text).into_iter().flat_map(|piece| broken(piece, limit)) {
        let wide = columns(piece.trim_end());
        if used > 0 && used + wide > limit {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(piece);
        }
        used += columns(piece);
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// Things one after the other, two blanks apart, none broken unless it fits on no line by itself.
pub(super) fn rows_of(items: &[String], limit: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for item in items {
        match lines.last_mut() {
            Some(line) if columns(line) + 2 + columns(item) <= limit => {
                line.push_str("  ");
                line.push_str(item);
            }
            _ => lines.extend(wrap(item, limit)),
        }
    }
    lines
}

/// A piece that fits on no line, in parts that do.
fn broken(mut piece: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    while columns(piece.trim_end()) > limit {
        let part = clipped(piece, limit);
        if part.is_empty() {
            break;
        }
        parts.push(part);
        piece = &piece[part.len()..];
    }
    parts.push(piece);
    parts
}

/// As much of the beginning of a text as fits in so many columns.
pub(super) fn clipped(text: &str, limit: usize) -> &str {
    let mut used = 0;
    let mut letters = text.char_indices();
    let end = letters.find(|(_, letter)| {
        used += width(*letter);
        used > limit
    });
    end.map_or(text, |(at, _)| &text[..at])
}

/// The smallest parts of a text that stay on one line, each with the blanks that follow it.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut previous = ' ';
    for (at, next) in text.char_indices() {
        let breakable = next != ' '
            && !"，。；：、）”》".contains(next)
            && !"（“《".contains(previous)
            && (previous == ' ' || width(previous) == 2 || width(next) == 2);
        if breakable && at > start {
            pieces.push(&text[start..at]);
            start = at;
        }
        previous = next;
    }
    pieces.push(&text[start..]);
    pieces
}

/// The columns a line takes on a terminal.
#[must_use]
pub fn columns(line: &str) -> usize {
    line.width()
}

/// The columns a character takes by itself.
fn width(character: char) -> usize {
    character.width().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_fits_on_no_line_is_broken() {
        assert_eq!(wrap("an abcdefghij", 4), ["an", "abcd", "efgh", "ij"]);
    }

    #[test]
    fn things_in_a_row_are_broken_between_them_only() {
        let items = ["1 ins-a", "2 ins-b", "3 a long one"].map(ToOwned::to_owned);
        let rows = rows_of(&items, 16);
        assert_eq!(rows, ["1 ins-a  2 ins-b", "3 a long one"]);
    }

    #[test]
    fn chinese_wraps_between_characters_and_never_before_a_stop() {
        assert_eq!(wrap("关联后，云服务器互通。", 10), ["关联后，云", "服务器互", "通。"]);
        assert_eq!(wrap("the primary CIDR only", 12), ["the primary", "CIDR only"]);
    }
}
