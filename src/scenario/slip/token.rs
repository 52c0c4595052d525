//! The words of a text that need not be well-formed: brackets, commas, colons, strings, and whatever stands between.

use std::ops::Range;

use super::letter::odd;
use crate::scenario::value::after_blanks;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `(`, `[` or `{`.
    Open(u8),
    /// `)`, `]` or `}`.
    Close(u8),
    /// `,`.
    Comma,
    /// `:`.
    Colon,
    /// `"…"`, and the like with `r` or `b` before it.
    Text,
    /// A string to whose end there is no quote.
    OpenText,
    /// Letters, digits and what may stand in an id or an address: `region`, `10.0.0.0/8`.
    Bare,
    /// One letter that means nothing here.
    Odd(char),
}

/// A token and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What.
    pub kind: Kind,
    /// Where.
    pub at: Range<usize>,
}

/// Reads tokens one after the other.
pub struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    /// From the start of a text; attributes such as `#![enable(…)]` are passed by.
    pub fn of(text: &'a str) -> Self {
        let mut rest = after_blanks(text);
        while rest.starts_with("#![") {
            let Some(end) = rest.find(")]") else { break };
            rest = after_blanks(&rest[end + 2..]);
        }
        Self { text, at: text.len() - rest.len() }
    }

    fn token(&mut self, kind: Kind, length: usize) -> Token {
        let start = self.at;
        self.at += length;
        Token { kind, at: start..self.at }
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let rest = after_blanks(&self.text[self.at..]);
        self.at = self.text.len() - rest.len();
        let first = rest.chars().next()?;
        let kind = match first {
            '(' | '[' | '{' => Kind::Open(rest.as_bytes()[0]),
            ')' | ']' | '}' => Kind::Close(rest.as_bytes()[0]),
            ',' => Kind::Comma,
            ':' => Kind::Colon,
            _ => {
                if let Some((length, closed)) = string(rest) {
                    let kind = if closed { Kind::Text } else { Kind::OpenText };
                    return Some(self.token(kind, length));
                }
                let length = bare(rest);
                if length > 0 {
                    return Some(self.token(Kind::Bare, length));
                }
                Kind::Odd(first)
            }
        };
        Some(self.token(kind, first.len_utf8()))
    }
}

/// How long the string at the start is, and whether it ends.
fn string(rest: &str) -> Option<(usize, bool)> {
    let prefix = rest.find(|letter| !matches!(letter, 'r' | 'b'))?;
    let raw = rest[..prefix].contains('r');
    let hashes = rest[prefix..].find(|letter| letter != '#')?;
    let open = prefix + hashes;
    if prefix > 2 || (hashes > 0 && !raw) || rest.as_bytes().get(open) != Some(&b'"') {
        return None;
    }
    let inner = &rest[open + 1..];
    if raw {
        let end = format!("\"{}", "#".repeat(hashes));
        let length = inner.find(&end).map(|at| open + 1 + at + end.len());
        return Some((length.unwrap_or(rest.len()), length.is_some()));
    }
    let mut letters = inner.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((open + 2 + at, true)),
            '\\' => {
                letters.next();
            }
            _ => {}
        }
    }
    Some((rest.len(), false))
}

/// How long the run of letters at the start is that are neither blank nor mean anything.
fn bare(rest: &str) -> usize {
    let mut end = 0;
    for (at, letter) in rest.char_indices() {
        let stops = letter.is_whitespace()
            || ",:()[]{}\"'=;#".contains(letter)
            || odd(letter).is_some()
            || rest[at..].starts_with("//")
            || rest[at..].starts_with("/*");
        if stops {
            break;
        }
        end = at + letter.len_utf8();
    }
    end
}

/// Whether a text may be the name of a field.
pub(super) fn is_name(text: &str) -> bool {
    !text.starts_with(|letter: char| letter.is_ascii_digit())
        && text.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
}

/// Whether a text may be the word of a variant: `Reachable`.
pub(super) fn is_variant(text: &str) -> bool {
    is_name(text) && text.starts_with(|first: char| first.is_ascii_uppercase())
}

/// Whether a text is a word that may stand without quotes.
pub(super) fn is_word(text: &str) -> bool {
    let text = text.strip_prefix("r#").unwrap_or(text);
    !text.starts_with(|letter: char| letter.is_numeric())
        && text.chars().all(|letter| letter == '_' || letter.is_alphanumeric())
}

/// Whether a text is a number, as ron has them.
pub(super) fn is_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    digits.starts_with(|letter: char| letter.is_ascii_digit())
        && (digits.replace('_', "").parse::<f64>().is_ok()
            || ["0x", "0b", "0o"].iter().any(|base| digits.starts_with(base)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<&str> {
        Tokens::of(text).map(|token| &text[token.at]).collect()
    }

    #[test]
    fn a_text_falls_into_words() {
        assert_eq!(
            tokens("#![enable(implicit_some)]\n(a: \"b\\\"c\", // d\n e-f=r#\"g\"h\"#，)"),
            ["(", "a", ":", "\"b\\\"c\"", ",", "e-f", "=", "r#\"g\"h\"#", "，", ")"]
        );
    }

    #[test]
    fn a_string_without_an_end_goes_to_the_end() {
        let last = Tokens::of("(a: \"b").last().expect("a token");
        assert_eq!((last.kind, last.at), (Kind::OpenText, 4..6));
    }
}
