//! A tree as text.

use super::tree::{Group, Node, Part, Tree};
use crate::scenario::slip::closer;

/// The widest line, if it can be had: that of the files that `import` writes.
const WIDTH: usize = 118;
/// How far the inside of a bracket is indented.
const STEP: usize = 4;

/// The text of a tree.
pub fn print(tree: &Tree<'_>) -> String {
    let mut out = Out { text: String::new(), column: 0 };
    let attributes = tree.attributes.trim();
    if !attributes.is_empty() {
        out.push(attributes);
        out.line(0);
    }
    for (index, comment) in tree.before.iter().enumerate() {
        if comment.gap && index > 0 {
            out.blank();
        }
        out.push(comment.text);
        out.line(0);
    }
    if gap_before_value(tree) {
        out.blank();
    }
    out.node(&tree.node, 0, 0);
    for comment in &tree.after {
        if comment.own {
            out.line(0);
            if comment.gap {
                out.blank();
            }
        } else {
            out.push(" ");
        }
        out.push(comment.text);
    }
    out.line(0);
    out.text
}

/// Whether the comments at the start are a heading of their own.
fn gap_before_value(tree: &Tree<'_>) -> bool {
    tree.gap && !tree.before.is_empty()
}

struct Out {
    text: String,
    column: usize,
}

impl Out {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.column = match text.rfind('\n') {
            Some(at) => text[at + 1..].chars().count(),
            None => self.column + text.chars().count(),
        };
    }

    fn line(&mut self, indent: usize) {
        while self.text.ends_with(' ') {
            self.text.pop();
        }
        self.text.push('\n');
        self.text.push_str(&" ".repeat(indent));
        self.column = indent;
    }

    /// A blank line before this one.
    fn blank(&mut self) {
        let indent = self.column;
        self.text.truncate(self.text.trim_end_matches(' ').len());
        if !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
        self.text.push_str(&" ".repeat(indent));
    }

    /// A value at the end of the line; `after` columns are needed behind it.
    fn node(&mut self, node: &Node<'_>, indent: usize, after: usize) {
        match node {
            Node::Atom(text) => self.push(text),
            Node::Group(group) => match inline(node) {
                Some(line) if self.column + line.chars().count() + after <= WIDTH => {
                    self.push(&line);
                }
                _ => self.group(group, indent),
            },
        }
    }

    fn group(&mut self, group: &Group<'_>, indent: usize) {
        self.push(group.head);
        self.push(char::from(group.open).to_string().as_str());
        if let Some(part) = hugged(group) {
            self.node(&part.node, indent, 2);
            self.push(closer(group.open).to_string().as_str());
            return;
        }
        for comment in &group.first {
            self.push(" ");
            self.push(comment.text);
        }
        let inner = indent + STEP;
        for (index, part) in group.parts.iter().enumerate() {
            self.line(inner);
            if part.gap && index > 0 {
                self.blank();
            }
            self.part(part, inner, index > 0);
        }
        for (index, comment) in group.last.iter().enumerate() {
            self.line(inner);
            if comment.gap && (index > 0 || !group.parts.is_empty()) {
                self.blank();
            }
            self.push(comment.text);
        }
        self.line(indent);
        self.push(closer(group.open).to_string().as_str());
    }

    fn part(&mut self, part: &Part<'_>, indent: usize, follows: bool) {
        for (index, comment) in part.before.iter().enumerate() {
            if comment.gap && (index > 0 || follows) {
                self.blank();
            }
            self.push(comment.text);
            self.line(indent);
        }
        if let Some(key) = part.key {
            self.push(key);
            self.push(": ");
        }
        self.node(&part.node, indent, 1);
        self.push(",");
        for comment in &part.after {
            if comment.own {
                self.line(indent);
            } else {
                self.push(" ");
            }
            self.push(comment.text);
        }
    }
}

/// The only value of a bracket that was not broken, if the value is a bracket that has to be.
fn hugged<'t, 'a>(group: &'t Group<'a>) -> Option<&'t Part<'a>> {
    let [part] = &group.parts[..] else {
        return None;
    };
    let comments = [&group.first, &group.last, &part.before, &part.after];
    let bare = comments.iter().all(|comments| comments.is_empty());
    let is_group = matches!(part.node, Node::Group(_));
    (!group.broken && part.key.is_none() && bare && is_group).then_some(part)
}

/// A value on one line, if nothing in it forbids that.
fn inline(node: &Node<'_>) -> Option<String> {
    let group = match node {
        Node::Atom(text) => return (!text.contains('\n')).then(|| (*text).to_owned()),
        Node::Group(group) => group,
    };
    if !group.first.is_empty() || !group.last.is_empty() {
        return None;
    }
    let mut parts = Vec::with_capacity(group.parts.len());
    for part in &group.parts {
        if group.broken || !part.before.is_empty() || !part.after.is_empty() {
            return None;
        }
        let value = inline(&part.node)?;
        parts.push(match part.key {
            Some(key) => format!("{key}: {value}"),
            None => value,
        });
    }
    let pad = if group.open == b'{' && !parts.is_empty() { " " } else { "" };
    let (open, close) = (char::from(group.open), closer(group.open));
    Some(format!("{}{open}{pad}{}{pad}{close}", group.head, parts.join(", ")))
}
