//! Where in a scenario a cursor stands, also while its text is not well-formed: the brackets that are open there, and the
//! word or string under it.

use std::ops::Range;

use crate::render::format::{Field, Record, named, record};

/// A bracket that is open.
#[derive(Clone, Debug, Default)]
struct Frame {
    open: u8,
    /// The word before it: `Accept` of `Accept(`.
    word: Option<String>,
    /// The field, or the key of a map, whose value is being written.
    field: Option<String>,
    /// The fields that were written before.
    written: Vec<String>,
}

/// The word or string that a cursor touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// `Accept`, `vpc`, `true`.
    Word(Range<usize>),
    /// What stands between quotes.
    Text(Range<usize>),
}

impl Token {
    pub fn range(&self) -> Range<usize> {
        let (Self::Word(range) | Self::Text(range)) = self;
        range.clone()
    }
}

/// What may stand where a cursor is.
#[derive(Clone, Debug)]
pub enum Expected {
    /// A field of a record; those that were written before it.
    Field(Box<Record>, Vec<String>),
    /// A value, in the notation of types of the format.
    Value(String),
    /// Nothing that is known.
    Nothing,
}

/// Where a cursor stands.
#[derive(Debug)]
pub struct Cursor {
    frames: Vec<Frame>,
    pub token: Option<Token>,
}

/// A piece of the text; what is not well-formed ends with the text.
enum Piece {
    Word(Range<usize>),
    Text(Range<usize>),
    Sign(u8),
}

impl Cursor {
    /// The cursor before a byte of a text.
    pub fn at(text: &str, cursor: usize) -> Self {
        let mut way = Way::default();
        let mut token = None;
        for (start, piece) in (Pieces { text, at: 0 }) {
            if start >= cursor && !touches(&piece, cursor) {
                break;
            }
            match piece {
                Piece::Word(range) if range.contains(&cursor) || range.end == cursor => {
                    token = Some(Token::Word(range));
                }
                Piece::Text(range) if range.contains(&cursor) || range.end == cursor => {
                    token = Some(Token::Text(range));
                }
                piece => way.pass(text, &piece),
            }
        }
        Self { frames: way.frames, token }
    }

    /// What may stand there.
    pub fn expected(&self) -> Expected {
        expected(&self.frames)
    }

    /// The field whose name is under the cursor, and the record it belongs to.
    pub fn field(&self, text: &str) -> Option<(Record, Field)> {
        let Some(Token::Word(range)) = &self.token else {
            return None;
        };
        let Expected::Field(record, _) = self.expected() else {
            return None;
        };
        let field = field_of(&record, text.get(range.clone())?)?;
        Some((*record, field))
    }
}

/// The strings of a text that are wanted, each with what may stand there.
pub fn strings(text: &str, wanted: impl Fn(&str) -> bool) -> Vec<(Range<usize>, Expected)> {
    let mut way = Way::default();
    let mut found = Vec::new();
    for (_, piece) in (Pieces { text, at: 0 }) {
        if let Piece::Text(range) = &piece
            && text.get(range.clone()).is_some_and(&wanted)
        {
            found.push((range.clone(), expected(&way.frames)));
        }
        way.pass(text, &piece);
    }
    found
}

/// The brackets that are open after some pieces of a text.
#[derive(Default)]
struct Way<'t> {
    frames: Vec<Frame>,
    word: Option<&'t str>,
    key: Option<&'t str>,
}

impl<'t> Way<'t> {
    fn pass(&mut self, text: &'t str, piece: &Piece) {
        match piece {
            Piece::Word(range) => self.word = text.get(range.clone()),
            Piece::Text(range) => self.key = text.get(range.clone()),
            Piece::Sign(open @ (b'(' | b'[' | b'{')) => self.frames.push(Frame {
                open: *open,
                word: self.word.take().map(str::to_owned),
                ..Frame::default()
            }),
            Piece::Sign(b')' | b']' | b'}') => {
                self.frames.pop();
                (self.word, self.key) = (None, None);
            }
            Piece::Sign(sign) => {
                if let Some(frame) = self.frames.last_mut() {
                    let name = self.word.take().or(self.key.take()).map(str::to_owned);
                    frame.field = if *sign == b':' { name } else { None };
                    frame.written.extend(frame.field.clone());
                }
                (self.word, self.key) = (None, None);
            }
        }
    }
}

fn expected(frames: &[Frame]) -> Expected {
    let mut kind = "record scenario".to_owned();
    for (index, frame) in frames.iter().enumerate() {
        let is_last = index + 1 == frames.len();
        kind = match (frame.open, &frame.field) {
            (b'[', _) => of_each(&kind, &["list of ", "pair of "]),
            (b'{', Some(_)) => of_each(&kind, &["map of "]),
            (b'{', None) => return Expected::Nothing,
            (_, field) => {
                let Some(record) = record_of(&kind, frame.word.as_deref()) else {
                    // `Ccn("ccn-1")`: what is in a tuple is an id
                    return Expected::Value("id".to_owned());
                };
                match field {
                    Some(field) => match field_of(&record, field) {
                        Some(field) => field.kind,
                        None => return Expected::Nothing,
                    },
                    None if is_last => {
                        return Expected::Field(Box::new(record), frame.written.clone());
                    }
                    None => return Expected::Nothing,
                }
            }
        };
    }
    if frames.is_empty() {
        return Expected::Nothing;
    }
    Expected::Value(kind)
}

fn touches(piece: &Piece, cursor: usize) -> bool {
    match piece {
        Piece::Word(range) | Piece::Text(range) => range.start <= cursor,
        Piece::Sign(_) => false,
    }
}

fn of_each(kind: &str, kinds: &[&str]) -> String {
    let mut inner = kinds.iter().filter_map(|many| kind.strip_prefix(many));
    inner.next().unwrap_or(kind).to_owned()
}

fn field_of(record: &Record, name: &str) -> Option<Field> {
    let mut fields = record.fields.iter();
    fields.find(|field| field.name == name).cloned()
}

/// The record in a bracket: the one that its word names, else the one of its type.
fn record_of(kind: &str, word: Option<&str>) -> Option<Record> {
    let by_word = word.and_then(named).cloned();
    by_word.or_else(|| record(kind.strip_prefix("record ")?))
}

/// The pieces of a text one after the other, with where each begins.
struct Pieces<'t> {
    text: &'t str,
    at: usize,
}

impl Iterator for Pieces<'_> {
    type Item = (usize, Piece);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.text.get(self.at..)?;
            let first = rest.chars().next()?;
            let start = self.at;
            let length = if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                comment(rest)
            } else if first == '"' {
                let inner = string(&rest[1..]);
                self.at = (start + inner + 2).min(self.text.len());
                return Some((start, Piece::Text(start + 1..start + 1 + inner)));
            } else if is_of_word(first) {
                let end = rest.find(|letter| !is_of_word(letter));
                let end = end.unwrap_or(rest.len());
                self.at = start + end;
                return Some((start, Piece::Word(start..start + end)));
            } else if b"()[]{}:,".contains(&rest.as_bytes()[0]) {
                self.at = start + 1;
                return Some((start, Piece::Sign(rest.as_bytes()[0])));
            } else {
                first.len_utf8()
            };
            self.at = start + length;
        }
    }
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The length of a comment; comments stand in each other.
fn comment(text: &str) -> usize {
    let (mut deep, mut at) = (0, 0);
    while let Some(found) = text[at..].find(['*', '/']) {
        at += found;
        match text.get(at..at + 2) {
            Some("/*") => (deep, at) = (deep + 1, at + 2),
            Some("*/") if deep == 1 => return at + 2,
            Some("*/") => (deep, at) = (deep - 1, at + 2),
            _ => at += 1,
        }
    }
    text.len()
}

/// The length of a string up to its quote; one that is not closed ends with its line.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '"' if !escaped => return at,
            '\n' => return at,
            _ => escaped = letter == '\\' && !escaped,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cursor stands at `|`.
    fn at(text: &str) -> (Cursor, String) {
        let byte = text.find('|').expect("a cursor");
        let text = text.replacen('|', "", 1);
        (Cursor::at(&text, byte), text)
    }

    fn value(text: &str) -> String {
        match at(text).0.expected() {
            Expected::Value(kind) => kind,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn values_are_of_the_type_of_their_field() {
        let subnet = "Scenario(network: (subnets: { \"subnet-a\": (cidr: \"10.0.0.0/24\", vpc: \"|";
        assert_eq!(value(subnet), "id of vpcs");
        let rule = "(network: (security_groups: { \"sg\": (ingress: [Accept(), Drop(service: \"|\"";
        assert!(value(rule).starts_with("service"), "{}", value(rule));
        assert_eq!(value("(expect: [|"), "expectation");
        assert_eq!(value("(expect: [Reachable(from: \"a\"), |"), "expectation");
        assert_eq!(value("(expect: [Unreachable(because: \"|"), "code");
        assert_eq!(value("(expect: [Unreachable(from: \"ins-|"), "selector");
        assert_eq!(value("(steps: [(name: \"x\", changes: [|"), "change");
        assert_eq!(value("(steps: [(changes: [AttachClassicLinkVpc(vpc: |"), "id of vpcs");
    }

    #[test]
    fn fields_are_those_of_the_record_around_that_are_not_written() {
        let (cursor, _) = at("(network: (vpcs: { \"vpc-a\": (region: \"ap-guangzhou\", |");
        let Expected::Field(record, written) = cursor.expected() else {
            panic!("{cursor:?}");
        };
        assert_eq!((record.name, &written[..]), ("vpcs", &["region".to_owned()][..]));
        assert!(
            matches!(at("(|").0.expected(), Expected::Field(record, _) if record.name == "scenario")
        );
        assert!(matches!(at("|").0.expected(), Expected::Nothing));
    }

    #[test]
    fn comments_and_strings_hide_brackets() {
        let text =
            "( // (((\n /* ( /* ( */ ( */ name: \"((( \\\" (\", network: (vpcs: {}), expect: [|";
        assert_eq!(value(text), "expectation");
        // A string that is not closed ends with its line.
        assert_eq!(value("(name: \"never closed,\n expect: [|"), "expectation");
    }

    #[test]
    fn the_field_under_the_cursor_is_found() {
        let (cursor, text) = at("(network: (vpcs: { \"vpc-a\": (ci|dr: \"10.0.0.0/8\")");
        let (record, field) = cursor.field(&text).expect("a field");
        assert_eq!((record.name, field.name), ("vpcs", "cidr"));
    }

    #[test]
    fn no_text_is_too_strange() {
        let text = "Scenario(\"网\\: { [ ) } /* / // \"\\\"𝄞 é : , ( ] r#\"";
        for (byte, _) in text.char_indices() {
            let _ = Cursor::at(text, byte).expected();
            let _ = Cursor::at(&text[..byte], byte).expected();
            let _ = Cursor::at(&text[byte..], 0).expected();
        }
    }
}
