//! Laying out RON for people: on one line what fits on one, with comments above and behind.

use std::fmt::{Display, Write as _};

use crate::diagnostic::is_hidden;

/// How wide a line may be before it is broken.
const WIDTH: usize = 118;
/// How wide a line with a comment alone may be.
const COMMENT_WIDTH: usize = 100;
/// One step to the right.
const STEP: usize = 4;

/// A value of a scenario file.
#[derive(Clone, Debug)]
pub struct Node {
    shape: Shape,
    /// Comments on lines of their own above it.
    above: Vec<String>,
    /// A comment behind the line that it stands on: the name of what an id means.
    hint: Option<String>,
}

#[derive(Clone, Debug)]
enum Shape {
    /// Written as it is.
    Bare(String),
    /// What stands between two brackets: `word(`, `)` and what is in between, each with its key.
    Group {
        open: String,
        close: char,
        items: Vec<(String, Node)>,
        /// Comments below the last item.
        below: Vec<String>,
        /// One item a line, also where all would fit on one.
        tall: bool,
    },
}

impl Node {
    fn new(shape: Shape) -> Self {
        Self { shape, above: Vec::new(), hint: None }
    }

    /// A word, a number, `true`.
    pub fn word(text: impl Display) -> Self {
        Self::new(Shape::Bare(format!("{text}")))
    }

    /// A string.
    pub fn text(text: impl Display) -> Self {
        Self::word(quoted(&format!("{text}")))
    }

    /// `[…]`.
    pub fn list(items: impl IntoIterator<Item = Node>) -> Self {
        Self::group("[", ']', items)
    }

    /// `word(…)`, or `(…)` with an empty word, of unnamed values.
    pub fn tuple(word: &str, items: impl IntoIterator<Item = Node>) -> Self {
        Self::group(&format!("{word}("), ')', items)
    }

    fn group(open: &str, close: char, items: impl IntoIterator<Item = Node>) -> Self {
        let items = items.into_iter().map(|item| (String::new(), item));
        Self::new(Shape::Group {
            open: open.to_owned(),
            close,
            items: items.collect(),
            below: Vec::new(),
            tall: false,
        })
    }

    /// `{"key": …}`.
    pub fn map(entries: impl IntoIterator<Item = (String, Node)>) -> Self {
        let entries = entries.into_iter();
        Self::new(Shape::Group {
            open: String::from("{"),
            close: '}',
            items: entries.map(|(key, node)| (format!("{}: ", quoted(&key)), node)).collect(),
            below: Vec::new(),
            tall: false,
        })
    }

    /// With one item a line.
    pub fn tall(mut self) -> Self {
        if let Shape::Group { tall, .. } = &mut self.shape {
            *tall = true;
        }
        self
    }

    /// With comments above it.
    pub fn under(mut self, comments: impl IntoIterator<Item = String>) -> Self {
        self.above.extend(comments.into_iter().map(|text| line(&text)));
        self
    }

    /// With comments below its last item.
    pub fn ending(mut self, comments: impl IntoIterator<Item = String>) -> Self {
        if let Shape::Group { below, .. } = &mut self.shape {
            below.extend(comments.into_iter().map(|text| line(&text)));
        }
        self
    }

    /// With a comment behind its line.
    pub fn hinted(mut self, hint: Option<String>) -> Self {
        self.hint = hint.map(|text| line(&text));
        self
    }

    /// Whether it is a group with nothing in it, not even a comment.
    pub fn is_empty(&self) -> bool {
        matches!(&self.shape, Shape::Group { items, below, .. } if items.is_empty() && below.is_empty())
    }

    /// On one line, unless a comment forbids it.
    fn flat(&self, hints: &mut Vec<String>) -> Option<String> {
        hints.extend(self.hint.clone());
        match &self.shape {
            Shape::Bare(text) => Some(text.clone()),
            Shape::Group { open, close, items, below, tall } => {
                if !below.is_empty() || (*tall && !items.is_empty()) {
                    return None;
                }
                let mut parts = Vec::with_capacity(items.len());
                for (key, item) in items {
                    if !item.above.is_empty() {
                        return None;
                    }
                    parts.push(format!("{key}{}", item.flat(hints)?));
                }
                Some(format!("{open}{}{close}", parts.join(", ")))
            }
        }
    }

    /// The text, beginning at the start of a line; `behind` follows the value at once.
    pub fn write(&self, key: &str, indent: usize, behind: &str, into: &mut String) {
        let margin = " ".repeat(indent);
        for comment in &self.above {
            write_comment(comment, indent, into);
        }
        let mut hints = Vec::new();
        if let Some(text) = self.flat(&mut hints) {
            let text = format!("{margin}{key}{text}{behind}");
            if text.chars().count() <= WIDTH || matches!(self.shape, Shape::Bare(_)) {
                into.push_str(&text);
                finish(&hints, into);
                return;
            }
        }
        let Shape::Group { open, close, items, below, .. } = &self.shape else {
            return;
        };
        let _ = write!(into, "{margin}{key}{open}");
        finish(self.hint.as_slice(), into);
        for (key, item) in items {
            item.write(key, indent + STEP, ",", into);
        }
        for comment in below {
            write_comment(comment, indent + STEP, into);
        }
        let _ = writeln!(into, "{margin}{close}{behind}");
    }
}

/// A comment on lines of its own, broken between words; a word that is too long stands alone.
fn write_comment(comment: &str, indent: usize, into: &mut String) {
    let margin = " ".repeat(indent);
    let room = COMMENT_WIDTH.saturating_sub(indent + "// ".len());
    let mut line = String::new();
    let mut end = |line: &str| {
        let _ = writeln!(into, "{margin}// {line}");
    };
    for word in comment.split_whitespace() {
        let width = line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && width > room {
            end(&line);
            // what goes on is set apart from the next comment
            line = String::from(" ");
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    end(&line);
}

/// Ends a line, with the hints that stand on it, each once.
fn finish(hints: &[String], into: &mut String) {
    let mut seen: Vec<&str> = Vec::new();
    for hint in hints {
        if !seen.contains(&hint.as_str()) {
            seen.push(hint);
        }
    }
    if !seen.is_empty() {
        let _ = write!(into, " // {}", seen.join(", "));
    }
    into.push('\n');
}

/// `(…)` or `Word(…)` of named fields, while they are being put together.
#[derive(Debug, Default)]
pub struct Record {
    word: &'static str,
    fields: Vec<(String, Node)>,
    tall: bool,
}

impl Record {
    /// Without a word in front.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one.
    pub fn of(word: &'static str) -> Self {
        Self { word, ..Self::default() }
    }

    /// With a field.
    pub fn field(mut self, name: &str, node: Node) -> Self {
        self.fields.push((format!("{name}: "), node));
        self
    }

    /// With a field, if it is there.
    pub fn optional(self, name: &str, node: Option<Node>) -> Self {
        match node {
            Some(node) => self.field(name, node),
            None => self,
        }
    }

    /// With a list, unless it is empty.
    pub fn unless_empty(self, name: &str, list: Node) -> Self {
        if list.is_empty() { self } else { self.field(name, list) }
    }

    /// One field a line.
    pub fn tall(mut self) -> Self {
        self.tall = true;
        self
    }

    /// The value.
    pub fn node(self) -> Node {
        Node::new(Shape::Group {
            open: format!("{}(", self.word),
            close: ')',
            items: self.fields,
            below: Vec::new(),
            tall: self.tall,
        })
    }
}

/// A string of RON.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            hidden if is_hidden(hidden) => {
                let _ = write!(quoted, "\\u{{{:x}}}", u32::from(hidden));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A comment must not leave its line.
fn line(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for letter in text.chars() {
        words.push(if is_hidden(letter) { ' ' } else { letter });
    }
    words
}
