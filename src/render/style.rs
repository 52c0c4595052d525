//! Colours of the terminal, and lines that know their width.
//!
//! A colour never says anything that the words beside it do not say.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::screen::width;
use super::wrap::{columns, wrap};

pub(super) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(super) const DOUBT: Style = AnsiColor::Yellow.on_default().bold();
pub(super) const STRONG: Style = Style::new().bold();
pub(super) const FAINT: Style = Style::new().dimmed();

/// A line that is being written.
#[derive(Default)]
pub(super) struct Line {
    text: String,
    columns: usize,
}

impl Line {
    /// A line that begins with blanks.
    pub(super) fn indented(indent: usize) -> Self {
        Self::default().blank_to(indent)
    }

    /// Adds text.
    pub(super) fn then(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self.columns += columns(text);
        self
    }

    /// Adds coloured text.
    pub(super) fn styled(mut self, style: Style, text: &str) -> Self {
        if !text.is_empty() {
            let _ = write!(self.text, "{style}{text}{style:#}");
            self.columns += columns(text);
        }
        self
    }

    /// Adds blanks up to a column.
    pub(super) fn blank_to(mut self, column: usize) -> Self {
        let blanks = column.saturating_sub(self.columns);
        self.text.extend(std::iter::repeat_n(' ', blanks));
        self.columns += blanks;
        self
    }

    /// Adds blanks up to a column, at least two.
    pub(super) fn gap_to(self, column: usize) -> Self {
        let least = self.columns + 2;
        self.blank_to(column.max(least))
    }

    /// Columns left.
    pub(super) fn room(&self) -> usize {
        width().saturating_sub(self.columns)
    }

    /// Adds faint text at the right edge; on a line of its own if it does not fit.
    pub(super) fn right(self, text: &str) -> Self {
        let wide = columns(text);
        if wide == 0 {
            return self;
        }
        if wide + 2 > self.room() {
            let mut above = self.end();
            let below = Self::default().blank_to(width().saturating_sub(wide));
            above.push_str(&below.styled(FAINT, text).text);
            return Self { text: above, columns: width() };
        }
        let column = width() - wide;
        self.blank_to(column).styled(FAINT, text)
    }

    /// The line with its break, without blanks at the end.
    pub(super) fn end(mut self) -> String {
        self.text.truncate(self.text.trim_end().len());
        self.text.push('\n');
        self.text
    }
}

/// A text over several lines, each indented, with a word at the right edge of the last one.
pub(super) fn paragraph(indent: usize, text: &str, right: &str) -> String {
    let room = width() - indent;
    let mut lines = wrap(text, room);
    let side = columns(right) + 2;
    let fits = lines.last().is_some_and(|last| columns(last) + side <= room);
    if !right.is_empty() && !fits && side * 4 < room {
        lines = wrap(text, room - side);
    }
    let last = lines.len().saturating_sub(1);
    let lines = lines.iter().enumerate().map(|(index, line)| {
        let line = Line::indented(indent).then(line);
        let line = if index == last { line.right(right) } else { line };
        line.end()
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_at_the_right_edge_ends_in_the_last_column() {
        let line = Line::indented(2).then("互通").right("CL-6").end();
        assert_eq!(columns(anstream::adapter::strip_str(&line).to_string().trim_end()), width());
    }

    #[test]
    fn what_does_not_fit_at_the_right_edge_goes_below() {
        let line = Line::default().then(&"x".repeat(97)).right("shop.ron:3").end();
        let line = anstream::adapter::strip_str(&line).to_string();
        assert_eq!(line.lines().count(), 2);
        assert!(line.lines().all(|line| columns(line) <= width()));
    }
}
