//! The bracket that is likely the one that is never closed: where it was opened, and where the lines say that it should have ended.

use std::ops::Range;

use super::{Level, Walk};
use crate::diagnostic::Words;
use crate::scenario::slip::token::{Kind, Token};
use crate::scenario::slip::{Slip, words};

/// A bracket that seems never to be closed, and where one would have expected it to be.
pub(super) struct Suspect {
    bracket: u8,
    open: Range<usize>,
    line: usize,
    outside: Range<usize>,
}

impl Walk<'_> {
    /// Notes a bracket that is still open where the lines are no longer indented as its inside is.
    pub(super) fn look_at_indent(&mut self, token: &Token) {
        if !self.fresh || self.levels.len() < 3 {
            return;
        }
        let (line, indent) = (self.line, self.indent);
        let level = self.level();
        if level.line == line {
            return;
        }
        let closes = matches!(token.kind, Kind::Close(_));
        let inside = level.body.is_none_or(|body| body > level.indent);
        let outside = indent < level.indent || (!closes && indent == level.indent && inside);
        if level.body.is_none() && !closes {
            level.body = Some(indent);
        }
        if outside && inside && self.suspect.is_none() {
            let level = self.level();
            let suspect = Suspect {
                bracket: level.bracket,
                open: level.open.clone(),
                line: level.line,
                outside: token.at.clone(),
            };
            self.suspect = Some(suspect);
        }
    }

    /// A bracket that nothing closes: the one that the indentation tells of, or `level`.
    pub(super) fn unclosed(&self, level: &Level, seen: Range<usize>) -> Slip {
        let noticed = seen.start;
        let (slip, outside) = match &self.suspect {
            Some(suspect) => (
                words::unclosed(suspect.open.clone(), suspect.bracket, suspect.line),
                suspect.outside.clone(),
            ),
            None => (words::unclosed(level.open.clone(), level.bracket, level.line), seen),
        };
        let close = match self.text[outside.start..].trim_start() {
            "" => Words::new("the text ends here", "文本在此处结束"),
            _ => Words::new("before this", "应在此处之前闭合"),
        };
        slip.beside(outside, close).noticed(noticed)
    }
}
