//! Lines of a given width, in texts that hold English, Chinese or both.

/// Breaks a line at blanks, and around Chinese characters but not before closing punctuation.
pub(super) fn wrap(text: &str, limit: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for piece in pieces(text) {
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
    lines
        .iter()
        .map(|line| line.trim_end().to_owned())
        .collect()
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
pub(super) fn columns(line: &str) -> usize {
    line.chars().map(width).sum()
}

/// The columns a character takes: our texts hold ASCII, a few signs, and Chinese.
fn width(character: char) -> usize {
    if character >= '\u{1100}' && !('\u{2000}'..'\u{2e80}').contains(&character) {
        2
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_wraps_between_characters_and_never_before_a_stop() {
        assert_eq!(
            wrap("关联后，云服务器互通。", 10),
            ["关联后，云", "服务器互", "通。"]
        );
        assert_eq!(
            wrap("the primary CIDR only", 12),
            ["the primary", "CIDR only"]
        );
    }
}
