//! The parts of one level of a value that ron has found well-formed, at the speed of reading.
//!
//! ron reads a level by parsing all below it, twice, so a text of six levels would be parsed twelve times. Here brackets
//! are counted instead. Whatever is unusual (raw strings, bytes and characters, escaped names, letters outside of strings
//! that are not ASCII) is `None`, and the caller asks ron.

use super::value::{Value, after_blanks};

/// A part: a value, behind a name or key or alone.
#[derive(Clone, Copy, Debug)]
pub struct Part<'src> {
    /// What stands before the colon, if there is one.
    pub key: Option<&'src str>,
    /// The value.
    pub value: Value<'src>,
}

/// The parts between the bracket with which the text begins and the one with which it ends.
pub fn parts(text: &str, open: u8) -> Option<Vec<Part<'_>>> {
    if text.as_bytes().first() != Some(&open) {
        return None;
    }
    let mut level = Level { text, at: 1, key: None, token: None, parts: Vec::new() };
    level.read()?;
    after_blanks(&text[level.at..]).is_empty().then_some(level.parts)
}

/// The letters of a plain string.
pub fn plain(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let is_plain = |byte: u8| byte != b'"' && byte != b'\\';
    inner.bytes().all(is_plain).then_some(inner)
}

/// One level while it is being read.
struct Level<'src> {
    text: &'src str,
    at: usize,
    key: Option<&'src str>,
    /// Where the key or value that is being read begins and ends, blanks left out.
    token: Option<(usize, usize)>,
    parts: Vec<Part<'src>>,
}

impl Level<'_> {
    /// Reads behind the closing bracket.
    fn read(&mut self) -> Option<()> {
        let bytes = self.text.as_bytes();
        let mut depth = 0_usize;
        loop {
            let start = self.at;
            match *bytes.get(start)? {
                b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C => {
                    self.at = pass(bytes, start, |byte| byte == b' ');
                    continue;
                }
                b'/' => {
                    self.comment()?;
                    continue;
                }
                b',' if depth == 0 => {
                    self.end_of_part()?;
                    self.at += 1;
                    continue;
                }
                b':' if depth == 0 => {
                    if self.key.is_some() {
                        return None;
                    }
                    let (start, end) = self.token.take()?;
                    self.key = Some(&self.text[start..end]);
                    self.at += 1;
                    continue;
                }
                b')' | b']' | b'}' if depth == 0 => {
                    if self.token.is_some() {
                        self.end_of_part()?;
                    }
                    self.at += 1;
                    let is_closed = matches!(
                        (bytes[0], bytes[start]),
                        (b'(', b')') | (b'[', b']') | (b'{', b'}')
                    );
                    return (is_closed && self.key.is_none()).then_some(());
                }
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth -= 1,
                b'"' => self.string(bytes)?,
                b'\'' | b'#' | 0x80.. => return None,
                // One before where a name or a number ends.
                _ => {
                    self.at = pass(bytes, start, |it| it.is_ascii_alphanumeric() || it == b'_') - 1;
                }
            }
            self.at += 1;
            let (first, _) = self.token.unwrap_or((start, start));
            self.token = Some((first, self.at));
        }
    }

    fn end_of_part(&mut self) -> Option<()> {
        let (start, end) = self.token.take()?;
        let value = Value::new(&self.text[start..end]);
        let key = self.key.take();
        self.parts.push(Part { key, value });
        Some(())
    }

    fn comment(&mut self) -> Option<()> {
        let here = &self.text[self.at..];
        let rest = after_blanks(here);
        if rest.len() == here.len() {
            return None;
        }
        self.at = self.text.len() - rest.len();
        Some(())
    }

    /// To the closing quote of a string that begins here.
    fn string(&mut self, bytes: &[u8]) -> Option<()> {
        let before = bytes[self.at - 1];
        if before.is_ascii_alphanumeric() {
            // a raw string or bytes
            return None;
        }
        loop {
            self.at = pass(bytes, self.at, |byte| byte != b'"' && byte != b'\\');
            match *bytes.get(self.at)? {
                b'"' => return Some(()),
                _ => self.at += 1,
            }
        }
    }
}

/// Behind a byte and all that follow it and are of a kind.
fn pass(bytes: &[u8], at: usize, is_one: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(at + 1..).unwrap_or_default().iter();
    at + 1 + rest.take_while(|byte| is_one(**byte)).count()
}
