//! How wide a text is at most, whatever sans-serif font draws it.
//!
//! Nobody knows the reader's font, so every letter is taken as wide as in the widest of the common ones
//! (`DejaVu` Sans); Chinese, Japanese and Korean letters and symbols are squares.

/// Pixels of a text of this size, rounded up.
pub(super) fn width(text: &str, size: u32, bold: Bold) -> u32 {
    let thousandths: u32 = text.chars().map(letter).sum();
    let heavy = match bold {
        Bold::Yes => thousandths + thousandths / 8,
        Bold::No => thousandths,
    };
    (heavy * size).div_ceil(1000)
}

/// Whether a text is bold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bold {
    Yes,
    No,
}

/// Thousandths of the size.
fn letter(letter: char) -> u32 {
    match letter {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' | '!' | '·' | 'I' => 340,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' | '\\' | '`' => 420,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '—' | '…' | '→' => 1020,
        '+' | '<' | '>' | '=' | '~' | '#' | '^' | '&' | 'N' | 'O' | 'Q' | 'G' | 'H' | 'D' | 'U' => {
            840
        }
        'A'..='Z' => 740,
        ' '..='~' => 660,
        'À'..='ɏ' | 'Α'..='ӿ' => 860,
        _ => 1080,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_is_about_twice_as_wide_as_english() {
        let (chinese, english) = (width("基础网络", 12, Bold::No), width("clas", 12, Bold::No));
        assert!(chinese > 48 && chinese < 56, "{chinese}");
        assert!(chinese > english * 3 / 2, "{english}");
        assert!(width("ins-web", 12, Bold::Yes) > width("ins-web", 12, Bold::No));
    }
}
