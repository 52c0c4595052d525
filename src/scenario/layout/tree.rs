//! A text as a tree of brackets with its comments, each beside what it stands at.

use std::iter::Peekable;
use std::ops::Range;

use crate::scenario::slip::token::{Kind, Token, Tokens};

/// A comment.
#[derive(Clone, Debug)]
pub struct Comment<'a> {
    /// It, as written, without the blanks after it.
    pub text: &'a str,
    /// Whether it begins a line.
    pub own: bool,
    /// Whether a blank line stands before it.
    pub gap: bool,
}

/// A value.
#[derive(Debug)]
pub enum Node<'a> {
    /// A word, a number, a string.
    Atom(&'a str),
    /// A bracket with what is in it.
    Group(Group<'a>),
}

/// A bracket.
#[derive(Debug)]
pub struct Group<'a> {
    /// The word before it: `Accept`.
    pub head: &'a str,
    /// The bracket that opens it.
    pub open: u8,
    /// Comments in the line of the bracket.
    pub first: Vec<Comment<'a>>,
    /// What is in it.
    pub parts: Vec<Part<'a>>,
    /// Comments before the closing bracket.
    pub last: Vec<Comment<'a>>,
    /// Whether the line was broken after the bracket.
    pub broken: bool,
}

/// A value in a bracket, with its name.
#[derive(Debug)]
pub struct Part<'a> {
    /// Comments before it.
    pub before: Vec<Comment<'a>>,
    /// Whether a blank line stands before it.
    pub gap: bool,
    /// Its name or id.
    pub key: Option<&'a str>,
    /// The value.
    pub node: Node<'a>,
    /// Comments in its last line.
    pub after: Vec<Comment<'a>>,
}

/// A whole text.
#[derive(Debug)]
pub struct Tree<'a> {
    /// Attributes at the start.
    pub attributes: &'a str,
    /// Comments before the value.
    pub before: Vec<Comment<'a>>,
    /// Whether a blank line stands before the value.
    pub gap: bool,
    /// The value.
    pub node: Node<'a>,
    /// Comments after it.
    pub after: Vec<Comment<'a>>,
}

impl<'a> Tree<'a> {
    /// The tree of a text that ron reads; nothing if it has letters in it that are no word of the format.
    pub fn of(text: &'a str) -> Option<Self> {
        let mut tokens = Tokens::of(text).peekable();
        let start = attributes(text);
        let mut reader = Reading { text, end: start, tokens: &mut tokens };
        let between = reader.between();
        let before = reader.comments();
        let last = before
            .last()
            .and_then(|comment| between.rfind(comment.text).map(|at| at + comment.text.len()));
        let gap = blank_line(&between[last.unwrap_or(0)..]);
        let node = reader.node()?;
        let after = reader.comments();
        reader.tokens.next().is_none().then_some(Self {
            attributes: &text[..start],
            before,
            gap,
            node,
            after,
        })
    }
}

/// Where the attributes at the start end: with the last `)]` before the first token.
fn attributes(text: &str) -> usize {
    let first = Tokens::of(text).next().map_or(text.len(), |token| token.at.start);
    let before = &text[..first];
    if before.contains("#![") { before.rfind(")]").map_or(0, |at| at + 2) } else { 0 }
}

struct Reading<'a, 't> {
    text: &'a str,
    /// The end of what was read.
    end: usize,
    tokens: &'t mut Peekable<Tokens<'a>>,
}

impl<'a> Reading<'a, '_> {
    /// The comments up to the next token.
    fn comments(&mut self) -> Vec<Comment<'a>> {
        let start = self.tokens.peek().map_or(self.text.len(), |token| token.at.start);
        let found = comments(self.text, self.end..start);
        self.end = start.max(self.end);
        found
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.next()?;
        self.end = token.at.end;
        Some(token)
    }

    fn kind(&mut self) -> Option<Kind> {
        self.tokens.peek().map(|token| token.kind)
    }

    /// The blanks and comments before the next token.
    fn between(&mut self) -> &'a str {
        let start = self.tokens.peek().map_or(self.text.len(), |token| token.at.start);
        &self.text[self.end..start.max(self.end)]
    }

    /// A value. Comments inside of it that stand beside no part are none of it: then there is no tree.
    fn node(&mut self) -> Option<Node<'a>> {
        let token = self.next()?;
        match token.kind {
            Kind::Text => Some(Node::Atom(&self.text[token.at])),
            Kind::Open(open) => self.group("", open).map(Node::Group),
            Kind::Bare => {
                let word = &self.text[token.at];
                if self.kind() == Some(Kind::Open(b'(')) && self.between().trim().is_empty() {
                    self.next();
                    return self.group(word, b'(').map(Node::Group);
                }
                Some(Node::Atom(word))
            }
            Kind::Close(_) | Kind::Comma | Kind::Colon | Kind::OpenText | Kind::Odd(_) => None,
        }
    }

    fn group(&mut self, head: &'a str, open: u8) -> Option<Group<'a>> {
        let broken = self.between().contains('\n');
        let mut group =
            Group { head, open, first: Vec::new(), parts: Vec::new(), last: Vec::new(), broken };
        loop {
            let gap = blank_line(leading(self.between()));
            let mut found = self.comments();
            let same_line = found.iter().take_while(|comment| !comment.own).count();
            let rest = found.split_off(same_line);
            match group.parts.last_mut() {
                Some(part) => part.after.extend(found),
                None => group.first.extend(found),
            }
            if let Some(Kind::Close(_)) = self.kind() {
                self.next();
                group.last = rest;
                return Some(group);
            }
            let part = self.part(rest, gap)?;
            group.parts.push(part);
            match self.kind()? {
                Kind::Comma => {
                    // a comment between a value and its comma goes behind the comma
                    let found = self.comments();
                    self.next();
                    group.parts.last_mut()?.after.extend(found);
                }
                Kind::Close(_) => {}
                _ => return None,
            }
        }
    }

    fn part(&mut self, mut before: Vec<Comment<'a>>, gap: bool) -> Option<Part<'a>> {
        let gap = gap && before.first().is_none_or(|first| !first.gap);
        let mut node = self.node()?;
        let mut key = None;
        let inner = self.comments_before(Kind::Colon);
        if self.kind() == Some(Kind::Colon)
            && let Node::Atom(name) = node
        {
            self.next();
            before.extend(inner);
            before.extend(self.comments());
            key = Some(name);
            node = self.node()?;
        }
        Some(Part { before, gap, key, node, after: Vec::new() })
    }

    /// The comments before the next token, if it is of this kind; otherwise they belong elsewhere.
    fn comments_before(&mut self, kind: Kind) -> Vec<Comment<'a>> {
        if self.kind() == Some(kind) { self.comments() } else { Vec::new() }
    }
}

/// What of a gap stands before its first comment.
fn leading(gap: &str) -> &str {
    &gap[..gap.find('/').unwrap_or(gap.len())]
}

fn blank_line(gap: &str) -> bool {
    gap.bytes().filter(|byte| *byte == b'\n').count() > 1
}

/// The comments of a gap between two tokens.
pub fn comments(text: &str, gap: Range<usize>) -> Vec<Comment<'_>> {
    let mut found = Vec::new();
    let mut at = gap.start;
    let mut blanks = at;
    while at < gap.end {
        let rest = &text[at..gap.end];
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block(rest)
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        let before = &text[blanks..at];
        let lines = before.bytes().filter(|byte| *byte == b'\n').count();
        found.push(Comment {
            text: rest[..length].trim_end(),
            own: lines > 0 || text[..at].trim().is_empty(),
            gap: lines > 1,
        });
        at += length;
        blanks = at;
    }
    found
}

/// How long a block comment is; they nest.
fn block(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}
