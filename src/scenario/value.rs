//! One value of a RON text, read one level at a time.
//!
//! The ron crate parses; a [`Value`] is a slice of the file that ron has found well-formed, so its place in
//! the file is pointer arithmetic and its parts are read when somebody asks for them. Each level of nesting
//! reads its slice again; a scenario has about six levels, so usual text is taken apart by [`level`] and only the
//! unusual by ron again.
//!
//! Deliberately not here: what the values mean, and the reporting of wrong ones (`reader`).

use std::borrow::Cow;
use std::fmt;

use ron::error::SpannedError;
use ron::value::RawValue;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::level;
use super::well_formed::is_well_formed;
use crate::diagnostic::Words;

/// A slice of a file that holds one RON value, without blanks and comments before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<'src>(&'src str);

/// What a value is, as its first characters tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `"…"` or `r"…"`.
    Text,
    /// `12`.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `[…]`.
    List,
    /// `{…}`.
    Map,
    /// `(…)`.
    Fields,
    /// `Running`, `Vpc("vpc-1")`, `Accept(from: …)`.
    Word,
    /// Bytes, characters and the like, which no field takes.
    Other,
}

impl Shape {
    /// With an article, for messages.
    pub fn words(self) -> Words {
        let (english, chinese) = match self {
            Self::Text => ("a string", "字符串"),
            Self::Number => ("a number", "数字"),
            Self::Boolean => ("a boolean", "布尔值"),
            Self::List => ("a list `[…]`", "列表 `[…]`"),
            Self::Map => ("a map `{…}`", "映射 `{…}`"),
            Self::Fields => ("a struct `(…)`", "结构 `(…)`"),
            Self::Word => ("a word without quotes", "不带引号的单词"),
            Self::Other => ("something else", "其他内容"),
        };
        Words::new(english, chinese)
    }
}

impl<'src> Value<'src> {
    /// A slice that ron has read as one value.
    pub fn new(text: &'src str) -> Self {
        Self(after_blanks(text))
    }

    /// The slice.
    pub fn text(self) -> &'src str {
        self.0
    }

    /// What it looks like.
    pub fn shape(self) -> Shape {
        let mut letters = self.0.chars();
        match letters.next() {
            Some('"') => Shape::Text,
            Some('r') if self.0[1..].trim_start_matches('#').starts_with('"') => Shape::Text,
            Some('[') => Shape::List,
            Some('{') => Shape::Map,
            Some('(') => Shape::Fields,
            Some('0'..='9' | '+' | '-' | '.') => Shape::Number,
            Some('b') if matches!(letters.next(), Some('"' | '\'')) => Shape::Other,
            _ => match self.variant() {
                Some(("true" | "false", _)) => Shape::Boolean,
                Some(_) => Shape::Word,
                None => Shape::Other,
            },
        }
    }

    /// The text of a string; borrowed, and so with a place, unless it has escapes.
    pub fn string(self) -> Result<Cow<'src, str>, SpannedError> {
        if let Some(text) = level::plain(self.0) {
            return Ok(Cow::Borrowed(text));
        }
        ron::from_str::<Text<'src>>(self.0).map(|text| text.0)
    }

    /// A number of the type asked for.
    pub fn number<T: Deserialize<'src>>(self) -> Result<T, SpannedError> {
        ron::from_str(self.0)
    }

    /// `true` or `false`.
    pub fn boolean(self) -> Result<bool, SpannedError> {
        ron::from_str(self.0)
    }

    /// The elements of `[…]`.
    pub fn items(self) -> Result<Vec<Value<'src>>, SpannedError> {
        if let Some(values) = self.unnamed(b'[') {
            return Ok(values);
        }
        ron::from_str(self.0)
    }

    /// The elements of `(a, b)`.
    pub fn tuple(self) -> Result<Vec<Value<'src>>, SpannedError> {
        if let Some(values) = self.unnamed(b'(') {
            return Ok(values);
        }
        ron::from_str::<Tuple<'src>>(self.0).map(|tuple| tuple.0)
    }

    /// Keys and values of `{…}`, keys unread, in the order of the file.
    pub fn entries(self) -> Result<Vec<(Value<'src>, Value<'src>)>, SpannedError> {
        if let Some(entries) = self.keyed(b'{', |key| Some(Value::new(key))) {
            return Ok(entries);
        }
        ron::from_str::<Entries<'src>>(self.0).map(|entries| entries.0)
    }

    /// Names and values of `(a: …, b: …)`, in the order of the file. The name `Scenario` may stand before.
    pub fn fields(self) -> Result<Vec<(&'src str, Value<'src>)>, SpannedError> {
        if let Some(fields) = self.keyed(b'(', |key| is_name(key).then_some(key)) {
            return Ok(fields);
        }
        ron::from_str::<Named<'src>>(self.0).map(|named| named.0)
    }

    /// The fields of `Scenario(…)` or `(…)`; nothing where ron has to be asked.
    pub fn body(self) -> Option<Vec<(&'src str, Value<'src>)>> {
        let body = match self.variant() {
            None => self,
            Some(("Scenario", body)) => body,
            Some(_) => return None,
        };
        body.keyed(b'(', |key| is_name(key).then_some(key))
    }

    /// The values of a level without keys; nothing where ron has to be asked.
    fn unnamed(self, open: u8) -> Option<Vec<Value<'src>>> {
        let parts = level::parts(self.0, open)?.into_iter();
        let values = parts.map(|part| part.key.is_none().then_some(part.value));
        let values: Option<Vec<_>> = values.collect();
        values.filter(|values| !values.is_empty())
    }

    /// The keys and values of a level; nothing where ron has to be asked.
    fn keyed<K>(
        self,
        open: u8,
        key: impl Fn(&'src str) -> Option<K>,
    ) -> Option<Vec<(K, Value<'src>)>> {
        let parts = level::parts(self.0, open)?.into_iter();
        let entries = parts.map(|part| Some((key(part.key?)?, part.value)));
        let entries: Option<Vec<_>> = entries.collect();
        entries.filter(|entries| !entries.is_empty())
    }

    /// The fields of a whole file, which may begin with attributes such as `#![enable(implicit_some)]`.
    pub fn whole(text: &'src str) -> Result<Vec<(&'src str, Value<'src>)>, SpannedError> {
        if let Some(fields) = Value::new(text).body()
            && fields.iter().all(|(_, value)| is_well_formed(*value))
        {
            return Ok(fields);
        }
        ron::from_str::<Named<'src>>(text).map(|named| named.0)
    }

    /// A leading word and what follows it: `Vpc("vpc-1")` is `Vpc` and `("vpc-1")`, `Eip` is `Eip` and nothing.
    pub fn variant(self) -> Option<(&'src str, Value<'src>)> {
        let text = self.0.strip_prefix("r#").unwrap_or(self.0);
        let end = text.find(|letter: char| !(letter == '_' || letter.is_alphanumeric()));
        let (word, rest) = text.split_at(end.unwrap_or(text.len()));
        let first = word.chars().next()?;
        (first == '_' || first.is_alphabetic()).then(|| (word, Value::new(rest)))
    }

    /// Without the parentheses that `Create((…))` may have and `Create(…)` has not.
    pub fn unwrapped(self) -> Value<'src> {
        let doubled = self.0.strip_prefix('(').map(after_blanks);
        if doubled.is_some_and(|inner| inner.starts_with('('))
            && let Ok(tuple) = self.tuple()
            && let [only] = tuple[..]
        {
            return only;
        }
        self
    }

    /// `None` and `Some(…)` may be written out; a bare value means `Some` of it.
    pub fn option(self) -> Option<Value<'src>> {
        match self.variant() {
            Some(("None", rest)) if rest.0.is_empty() => None,
            Some(("Some", rest)) => match rest.tuple().as_deref() {
                Ok([only]) => Some(*only),
                _ => Some(self),
            },
            _ => Some(self),
        }
    }
}

/// Whether a text is a name that needs no escape.
pub fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    let first = bytes.next();
    first.is_some_and(|byte| byte == b'_' || byte.is_ascii_alphabetic())
        && bytes.all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
}

/// A slice that begins with a value, without the blanks and comments at its end.
pub fn without_comments(text: &str) -> &str {
    let text = text.trim_end();
    if text.contains("//") || text.contains("/*") {
        RawValue::from_ron(text).map_or(text, |raw| raw.trim().get_ron())
    } else {
        text
    }
}

/// What follows the blanks and comments at the start. Blanks are those of ron.
pub fn after_blanks(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|letter: char| {
            letter.is_ascii_whitespace()
                || matches!(
                    letter,
                    '\x0B' | '\u{85}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}'
                )
        });
        if let Some(comment) = rest.strip_prefix("//") {
            rest = comment.find('\n').map_or(&comment[comment.len()..], |end| &comment[end..]);
        } else if rest.starts_with("/*") {
            rest = after_block_comment(rest);
        } else {
            return rest;
        }
    }
}

/// Block comments nest.
fn after_block_comment(text: &str) -> &str {
    let mut depth = 0_usize;
    let mut rest = text;
    loop {
        if let Some(inner) = rest.strip_prefix("/*") {
            depth += 1;
            rest = inner;
        } else if let Some(outer) = rest.strip_prefix("*/") {
            depth -= 1;
            rest = outer;
            if depth == 0 {
                return rest;
            }
        } else {
            let mut letters = rest.chars();
            if letters.next().is_none() {
                return rest;
            }
            rest = letters.as_str();
        }
    }
}

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|raw| Value::new(raw.get_ron()))
    }
}

struct Text<'src>(Cow<'src, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;
        impl<'de> Visitor<'de> for Reading {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Reading)
    }
}

struct Tuple<'src>(Vec<Value<'src>>);

impl<'de> Deserialize<'de> for Tuple<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;
        impl<'de> Visitor<'de> for Reading {
            type Value = Tuple<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("values in parentheses")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tuple<'de>, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = seq.next_element()? {
                    values.push(value);
                }
                Ok(Tuple(values))
            }
        }
        deserializer.deserialize_tuple(0, Reading)
    }
}

struct Entries<'src>(Vec<(Value<'src>, Value<'src>)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;
        impl<'de> Visitor<'de> for Reading {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Reading)
    }
}

pub(super) struct Named<'src>(Vec<(&'src str, Value<'src>)>);

impl<'de> Deserialize<'de> for Named<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;
        impl<'de> Visitor<'de> for Reading {
            type Value = Named<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("named fields in parentheses")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Named(fields))
            }
        }
        deserializer.deserialize_struct("Scenario", &[], Reading)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// What ron says of a level, trailing blanks and comments left out.
    fn by_ron<'src>(value: Value<'src>) -> Vec<(&'src str, &'src str)> {
        let trim = |value: Value<'src>| without_comments(value.0);
        let text = value.0;
        match text.as_bytes().first() {
            Some(b'[') => ron::from_str::<Vec<Value>>(text)
                .map(|all| all.into_iter().map(|it| ("", trim(it))).collect()),
            Some(b'{') => ron::from_str::<Entries>(text)
                .map(|all| all.0.into_iter().map(|(k, v)| (trim(k), trim(v))).collect()),
            Some(b'(') => ron::from_str::<Named>(text)
                .map(|all| all.0.into_iter().map(|(k, v)| (k, trim(v))).collect())
                .or_else(|_| {
                    ron::from_str::<Tuple>(text)
                        .map(|all| all.0.into_iter().map(|it| ("", trim(it))).collect())
                }),
            _ => Ok(Vec::new()),
        }
        .expect("a level that ron reads")
    }

    fn quickly<'src>(value: Value<'src>) -> Option<Vec<(&'src str, &'src str)>> {
        let open = *value.0.as_bytes().first()?;
        let parts = level::parts(value.0, open).filter(|_| b"[{(".contains(&open))?;
        let part = |part: level::Part<'src>| (part.key.unwrap_or(""), part.value.0);
        Some(parts.into_iter().map(part).collect())
    }

    /// Compares all levels; how many were read quickly.
    fn compare(value: Value<'_>) -> usize {
        let slow = by_ron(value);
        let quick = quickly(value);
        if let Some(quick) = &quick {
            assert_eq!(quick, &slow, "{}", value.0);
        }
        let below = slow.into_iter().map(|(_, part)| {
            let part = Value::new(part);
            compare(part) + part.variant().map_or(0, |(_, payload)| compare(payload))
        });
        usize::from(quick.is_some()) + below.sum::<usize>()
    }

    #[test]
    fn levels_are_read_quickly_as_ron_reads_them() {
        let text = fs::read_to_string(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import/everything.ron"),
        );
        let text = text.expect("a scenario with everything");
        let fields = Value::whole(&text).expect("a well-formed file");
        let levels: usize = fields.into_iter().map(|(_, value)| compare(value)).sum();
        assert!(levels > 100, "{levels} levels");
    }

    #[test]
    fn the_unusual_is_read_as_ron_reads_it() {
        let texts = [
            r#"["a", r"b", "c\"]", "d,:", "é"]"#,
            r##"[r#"a"]"#, 'x', ']', b"[", b'[']"##,
            "{ \"a\" /* ] */ : 1 , // }\n \"b\": (c: [], d: ()), }",
            "(a: Vpc (\"x\"), b: None, r#type: 3,)",
            "(\"a\", (1, 2), Some([3]),)",
            "[\u{2028}1,\u{85}2 /* /* , */ */, 3 // ,\n]",
            "[]",
            "()",
            "{}",
        ];
        for text in texts {
            compare(Value::new(text));
        }
    }
}
