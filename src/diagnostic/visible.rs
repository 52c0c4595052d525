//! Free text made visible: names, reasons, owners and paths come from anybody, and a terminal, a log and a page obey
//! characters that nobody sees. Here, and nowhere else, it is decided which characters are shown as their numbers.

use std::borrow::Cow;

/// The text with every character that steers instead of being read written as an escape: `\n`, `\u{1b}`.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        if is_hidden(letter) {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    Cow::Owned(shown)
}

/// Whether a character moves the cursor, ends the line, turns the direction of writing, or is not seen at all.
#[must_use]
pub fn is_hidden(letter: char) -> bool {
    let breaks_line = matches!(letter, '\u{2028}' | '\u{2029}');
    let turns = matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_nothing = matches!(letter, '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    letter.is_control() || breaks_line || turns || is_nothing
}

/// A whole output as a terminal or a log may be given it: lines, tabs, and colours. Free text is [`visible`] by then; what
/// is left of other characters gives way.
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    let is_left = |(at, letter): (usize, char)| match letter {
        '\n' | '\t' => false,
        // A line of CSV ends with both.
        '\r' => !text[at..].starts_with("\r\n"),
        '\u{1b}' => colour(&text[at..]).is_none(),
        other => is_hidden(other),
    };
    if !text.char_indices().any(is_left) {
        return Cow::Borrowed(text);
    }
    let letters = text.char_indices();
    let letters =
        letters.map(|(at, letter)| if is_left((at, letter)) { '\u{fffd}' } else { letter });
    Cow::Owned(letters.collect())
}

/// An output for people without lines that a build server takes for commands: `::set-env …::` at the start of a line,
/// `##[group]` anywhere. Who may name a thing may not steer the server.
#[must_use]
pub fn without_commands(text: &str) -> Cow<'_, str> {
    if !text.contains("::") && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let lines = text.split_inclusive('\n').map(|line| {
        let line = if begins_a_command(line) {
            line.replacen("::", "\\u{3a}:", 1)
        } else {
            line.to_owned()
        };
        without_old_commands(line)
    });
    Cow::Owned(lines.collect())
}

/// Whether a line is `::command …::…` once colours and blanks before it are gone.
fn begins_a_command(line: &str) -> bool {
    let mut rest = line;
    while let Some(after) = colour(rest).or_else(|| {
        let first = rest.chars().next().filter(|it| it.is_whitespace())?;
        rest.get(first.len_utf8()..)
    }) {
        rest = after;
    }
    let command = rest.strip_prefix("::");
    command.is_some_and(|command| command.contains("::"))
}

/// `##[…]`, `##vso[…]` and `##teamcity[…]` with one of the marks written as its number.
fn without_old_commands(mut line: String) -> String {
    let mut from = 0;
    while let Some(at) = line[from..].find("##").map(|at| from + at) {
        let word = line[at + 2..].trim_start_matches(|it: char| it.is_ascii_alphanumeric());
        if word.starts_with('[') {
            line.replace_range(at..=at, "\\u{23}");
        }
        from = at + 1;
    }
    line
}

/// What follows a sequence that sets colours, if one begins here.
fn colour(text: &str) -> Option<&str> {
    let codes = text.strip_prefix("\u{1b}[")?;
    codes.trim_start_matches(|it: char| it.is_ascii_digit() || it == ';').strip_prefix('m')
}

/// How many bytes a message has at most: it may cite a word of a file or of the command line, and a word may be huge.
const LONGEST: usize = 1000;

/// Cuts what nobody would read.
#[must_use]
pub fn shortened(mut message: String) -> String {
    if message.len() > LONGEST {
        message.truncate(message.floor_char_boundary(LONGEST));
        message.push('…');
    }
    message
}

/// A word as it stands after Chinese ones: Latin letters and digits are set apart by a blank.
#[must_use]
pub fn after_chinese(word: &str) -> Cow<'_, str> {
    if word.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        Cow::Owned(format!(" {word}"))
    } else {
        Cow::Borrowed(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_keeps_its_lines_and_colours_and_nothing_else_that_steers() {
        for (text, given) in [
            ("  \u{1b}[1;31mFAIL\u{1b}[0m\tx\n", "  \u{1b}[1;31mFAIL\u{1b}[0m\tx\n"),
            ("a\u{1b}[2Kb\u{1b}", "a\u{fffd}[2Kb\u{fffd}"),
            ("a,b\r\nc\r", "a,b\r\nc\u{fffd}"),
            ("a\rb\u{9b}m\u{202e}", "a\u{fffd}b\u{fffd}m\u{fffd}"),
        ] {
            assert_eq!(harmless(text), given);
        }
    }

    #[test]
    fn no_line_is_a_command_of_a_build_server() {
        for (text, given) in [
            ("::error::no\n", "\\u{3a}:error::no\n"),
            ("a\n  ::add-mask::x\n", "a\n  \\u{3a}:add-mask::x\n"),
            ("\u{1b}[1m ::x::", "\u{1b}[1m \\u{3a}:x::"),
            ("a ##[group]b ##vso[c]", "a \\u{23}#[group]b \\u{23}#vso[c]"),
            ("###[x]", "#\\u{23}#[x]"),
            ("::1 → 2001:db8::1", "\\u{3a}:1 → 2001:db8::1"),
            ("::/0 accepts", "::/0 accepts"),
            ("## title", "## title"),
            ("from ::/0 to ::1", "from ::/0 to ::1"),
        ] {
            assert_eq!(without_commands(text), given);
        }
    }

    #[test]
    fn what_steers_is_shown_and_what_is_read_stays() {
        for (text, shown) in [
            ("shop \u{1b}[2K", "shop \\u{1b}[2K"),
            ("one\r\ntwo\tthree", "one\\r\\ntwo\\tthree"),
            ("a\u{2028}b\u{85}c", "a\\u{2028}b\\u{85}c"),
            ("\u{202e}txt.exe\u{2066}", "\\u{202e}txt.exe\\u{2066}"),
            ("ad\u{200b}min\u{feff}", "ad\\u{200b}min\\u{feff}"),
            ("\u{0}\u{7f}\u{9b}", "\\u{0}\\u{7f}\\u{9b}"),
        ] {
            assert_eq!(visible(text), shown);
            assert!(!visible(text).contains(is_hidden));
        }
        for text in ["", "网络 ACL：放行", "naïve 👩\u{200d}💻 café", "a|b `c` <d> \\n"]
        {
            assert_eq!(visible(text), text);
        }
    }
}
