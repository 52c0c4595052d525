//! One walk over the tokens of a text, level by level, until something cannot be meant.

mod suspect;

use std::iter::Peekable;
use std::ops::Range;

use super::Slip;
use super::token::{Kind, Token, Tokens, is_name, is_number, is_variant, is_word};
use super::words;
use crate::diagnostic::Words;
use suspect::Suspect;

/// What joins a name and its value elsewhere.
const ARROW: &str = "->";

/// What a level waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaits {
    /// A value, a name or an id, or the end.
    Part,
    /// The colon after a name or an id.
    Colon,
    /// The value after a colon.
    Value,
    /// A comma, or the end.
    Comma,
}

/// What the last token was, as far as what follows depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    /// A word that may take `(…)`.
    Word,
    /// A number.
    Number,
    /// Anything else.
    Other,
}

/// The inside of a bracket.
struct Level {
    bracket: u8,
    open: Range<usize>,
    /// The line of the bracket, and how far that line is indented.
    line: usize,
    indent: usize,
    awaits: Awaits,
    /// The name or id whose value is read.
    name: Range<usize>,
    /// Whether a part had a name.
    named: bool,
    /// How far the first part that begins a line is indented.
    body: Option<usize>,
    last: Range<usize>,
    last_kind: Last,
}

/// The walk.
pub struct Walk<'a> {
    text: &'a str,
    tokens: Peekable<Tokens<'a>>,
    levels: Vec<Level>,
    suspect: Option<Suspect>,
    /// The end of the only value.
    closed: Option<Range<usize>>,
    seen: usize,
    line: usize,
    indent: usize,
    fresh: bool,
}

impl<'a> Walk<'a> {
    /// At the start.
    pub fn of(text: &'a str) -> Self {
        let root = Level {
            bracket: 0,
            open: 0..0,
            line: 1,
            indent: 0,
            awaits: Awaits::Value,
            name: 0..0,
            named: false,
            body: None,
            last: 0..0,
            last_kind: Last::Other,
        };
        Self {
            text,
            tokens: Tokens::of(text).peekable(),
            levels: vec![root],
            suspect: None,
            closed: None,
            seen: 0,
            line: 1,
            indent: 0,
            fresh: true,
        }
    }

    /// The first slip.
    pub fn run(mut self) -> Option<Slip> {
        while let Some(token) = self.tokens.next() {
            self.advance(&token);
            if let Some(slip) = self.step(&token) {
                return Some(slip);
            }
        }
        let last = self.levels.pop().filter(|_| !self.levels.is_empty())?;
        let end = self.text.trim_end().len();
        let slip = self.unclosed(&last, end..self.text.len().min(end + 1));
        Some(slip.noticed(self.text.len()))
    }

    /// Keeps count of lines and of how far they are indented.
    fn advance(&mut self, token: &Token) {
        let passed = &self.text[self.seen..token.at.start];
        let lines = passed.bytes().filter(|byte| *byte == b'\n').count();
        self.fresh = lines > 0 || self.seen == 0;
        if let Some(start) = passed.rfind('\n') {
            let before = &passed[start + 1..];
            self.indent = before.chars().count();
        }
        self.line += lines;
        self.seen = token.at.start;
    }

    fn level(&mut self) -> &mut Level {
        // the root is never taken away before the walk ends
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    fn step(&mut self, token: &Token) -> Option<Slip> {
        if let Some(closed) = self.closed.clone() {
            return Some(match token.kind {
                Kind::Close(bracket) => words::closes_nothing(token.at.clone(), bracket, None)
                    .beside(closed, Words::new("all is closed here", "全部内容在此处已结束")),
                _ => words::after_the_end(token.at.clone(), closed),
            });
        }
        self.look_at_indent(token);
        if matches!(token.kind, Kind::Bare | Kind::Odd(_))
            && let Some(slip) = words::left_behind(token.at.start, self.text)
        {
            return Some(slip);
        }
        match token.kind {
            Kind::Odd(letter) => Some(self.odd(token, letter)),
            Kind::OpenText => Some(words::open_text(self.to_line_end(&token.at), self.line)),
            Kind::Text => self.string(token),
            Kind::Bare => self.bare(token),
            Kind::Open(bracket) => self.open(token, bracket),
            Kind::Close(bracket) => self.close(token, bracket),
            Kind::Comma => self.comma(token),
            Kind::Colon => self.colon(token),
        }
    }

    /// The letters of a token to the end of its first line.
    fn to_line_end(&self, at: &Range<usize>) -> Range<usize> {
        let line = self.text[at.clone()].lines().next().unwrap_or_default();
        at.start..at.start + line.trim_end().len()
    }

    /// Whether a name or id is followed by what stands before its value.
    fn value_follows(&mut self) -> bool {
        let text = self.text;
        self.tokens.peek().is_some_and(|next| {
            let is_arrow = &text[next.at.clone()] == ARROW;
            is_arrow || matches!(next.kind, Kind::Colon | Kind::Odd('=' | '：'))
        })
    }

    /// The token that follows without a blank.
    fn touching(&mut self, token: &Token) -> Option<Token> {
        let next = self.tokens.peek();
        next.filter(|next| next.at.start == token.at.end).cloned()
    }

    fn done(&mut self, token: &Token, kind: Last) -> Option<Slip> {
        let level = self.level();
        level.awaits = Awaits::Comma;
        level.last = token.at.clone();
        level.last_kind = kind;
        None
    }

    fn named(&mut self, token: &Token) -> Option<Slip> {
        let level = self.level();
        level.awaits = Awaits::Colon;
        level.name = token.at.clone();
        level.named = true;
        None
    }

    fn colon_missing(&mut self, noticed: usize) -> Slip {
        let name = self.level().name.clone();
        words::colon_missing(name.clone(), &self.text[name], noticed)
    }

    fn value_missing(&mut self, noticed: usize) -> Slip {
        let name = self.level().name.clone();
        words::value_missing(name.clone(), &self.text[name], noticed)
    }

    fn odd(&mut self, token: &Token, letter: char) -> Slip {
        let at = token.at.clone();
        let rest = &self.text[at.start..];
        match letter {
            '#' => words::other_comment(at, "#"),
            ';' => words::semicolon(at),
            '=' => {
                let written = if rest.starts_with("=>") { "=>" } else { "=" };
                words::equals(at.start..at.start + written.len(), written)
            }
            '\'' | '`' => {
                let line = rest[1..].lines().next().unwrap_or_default();
                match line.find(letter) {
                    Some(end) => words::other_quotes(at.start..at.start + end + 2, &line[..end]),
                    None => words::letter(at, letter, 0),
                }
            }
            _ => {
                let same = |other: &Token| other.kind == Kind::Odd(letter);
                let more = self.tokens.by_ref().filter(same).count();
                words::letter(at, letter, more)
            }
        }
    }

    fn string(&mut self, token: &Token) -> Option<Slip> {
        let next = self.touching(token).map(|next| next.kind);
        if matches!(next, Some(Kind::Bare | Kind::Text | Kind::OpenText)) {
            let slip = words::open_text(self.to_line_end(&token.at), self.line);
            return Some(slip.noticed(token.at.end));
        }
        let follows = self.value_follows();
        let after = self.tokens.peek().map(|next| next.kind);
        let ends = matches!(after, Some(Kind::Comma | Kind::Close(b'}')));
        let (line, fresh) = (self.line, self.fresh);
        let parent = self.levels.len().checked_sub(2);
        let parent = parent.map_or(0, |parent| self.levels[parent].bracket);
        let level = self.level();
        match (level.awaits, level.bracket) {
            (Awaits::Part, b'(') if follows => {
                if level.named && parent == b'{' && fresh && level.line < line {
                    let level = self.levels.pop()?;
                    return Some(self.unclosed(&level, token.at.clone()));
                }
                let open = level.open.clone();
                let name = self.text[token.at.clone()].trim_matches('"');
                Some(if is_name(name) {
                    words::quoted_name(token.at.clone(), name)
                } else {
                    words::id_among_fields(token.at.clone(), open)
                })
            }
            (Awaits::Part, b'(') if level.named => Some(words::name_missing(token.at.clone())),
            (Awaits::Part, b'{') if ends => Some(self.in_braces(token)),
            (Awaits::Part, b'{') => self.named(token),
            (Awaits::Part | Awaits::Value, _) => self.done(token, Last::Other),
            (Awaits::Colon, _) => Some(self.colon_missing(token.at.start)),
            (Awaits::Comma, _) => Some(self.comma_missing(token)),
        }
    }

    fn in_braces(&mut self, token: &Token) -> Slip {
        words::list_in_braces(token.at.clone(), self.level().open.clone())
    }

    fn comma_missing(&mut self, token: &Token) -> Slip {
        let last = self.level().last.clone();
        words::comma_missing(last, token.at.clone())
    }

    fn bare(&mut self, token: &Token) -> Option<Slip> {
        let text = &self.text[token.at.clone()];
        if text.starts_with("--") {
            return Some(words::other_comment(token.at.start..token.at.start + 2, "--"));
        }
        let at = || token.at.clone();
        match text {
            ARROW => return Some(words::equals(at(), ARROW)),
            "+" => return Some(words::of_a_difference(at())),
            "!Reachable" | "!Unreachable" => return Some(words::denied(at(), &text[1..])),
            _ => {}
        }
        let level = self.level();
        if text == "-" && matches!(level.awaits, Awaits::Part | Awaits::Value) {
            return Some(words::dashed(token.at.clone()));
        }
        let follows = self.value_follows();
        let next = self.tokens.peek().map(|next| next.kind);
        let level = self.level();
        match (level.awaits, level.bracket) {
            (Awaits::Part, b'(') if follows => {
                if is_word(text) {
                    return self.named(token);
                }
                Some(words::no_name(token.at.clone(), text))
            }
            (Awaits::Part, b'(') if level.named => {
                level.name = token.at.clone();
                let noticed = token.at.end;
                Some(match next {
                    Some(Kind::Comma | Kind::Close(_)) | None => self.value_missing(noticed),
                    Some(_) => self.colon_missing(noticed),
                })
            }
            (Awaits::Part, b'{') if is_variant(text) && next == Some(Kind::Open(b'(')) => {
                Some(self.in_braces(token))
            }
            (Awaits::Part, b'{') if is_word(text) || is_number(text) => self.named(token),
            (Awaits::Part, b'{') => Some(words::unquoted(token.at.clone(), text)),
            (Awaits::Part | Awaits::Value, _) => self.bare_value(token),
            (Awaits::Colon, _) => Some(self.colon_missing(token.at.start)),
            (Awaits::Comma, _) => Some(self.side_by_side(token)),
        }
    }

    /// A value without quotes: a word, a number, or something that needs them.
    fn bare_value(&mut self, token: &Token) -> Option<Slip> {
        let text = &self.text[token.at.clone()];
        let touching = self.touching(token).map(|next| next.kind);
        if touching == Some(Kind::Text) || touching == Some(Kind::OpenText) {
            let at = token.at.start..token.at.end + 1;
            return Some(words::quote_missing_before(at, text).noticed(token.at.end));
        }
        let after = self.text[token.at.end..].chars().nth(1);
        let goes_on = touching == Some(Kind::Colon) && after.is_some_and(|it| !it.is_whitespace());
        let number = is_number(text);
        if goes_on || !(number || is_word(text)) {
            let rest = &self.text[token.at.start..];
            let end = rest.find(|it: char| it.is_whitespace() || ",()[]{}\"".contains(it));
            let whole = &rest[..end.unwrap_or(rest.len())];
            let at = token.at.start..token.at.start + whole.len();
            return Some(words::unquoted(at, whole));
        }
        self.done(token, if number { Last::Number } else { Last::Word })
    }

    /// A value after which stands no comma, but more letters: words that need quotes, or a comma is missing.
    fn side_by_side(&mut self, token: &Token) -> Slip {
        let level = self.level();
        let (last, kind) = (level.last.clone(), level.last_kind);
        let between = &self.text[last.end..token.at.start];
        if kind != Last::Other && !between.contains('\n') && !self.value_follows() {
            let rest = &self.text[last.start..];
            let end = rest.find(|letter: char| ",()[]{}\":\n".contains(letter));
            let whole = rest[..end.unwrap_or(rest.len())].trim_end();
            let slip = words::unquoted(last.start..last.start + whole.len(), whole);
            return slip.noticed(token.at.start);
        }
        words::comma_missing(last, token.at.clone())
    }

    fn open(&mut self, token: &Token, bracket: u8) -> Option<Slip> {
        let level = self.level();
        match level.awaits {
            Awaits::Colon => return Some(self.colon_missing(token.at.start)),
            Awaits::Comma if level.last_kind != Last::Word => {
                return Some(self.comma_missing(token));
            }
            Awaits::Comma if bracket != b'(' => {
                let word = level.last.clone();
                let text = &self.text[word.clone()];
                if is_variant(text) {
                    return Some(words::other_bracket(token.at.clone(), text, bracket));
                }
                return Some(words::colon_missing(word, text, token.at.start));
            }
            Awaits::Part | Awaits::Value | Awaits::Comma => {}
        }
        level.last_kind = Last::Other;
        let head = level.last.clone();
        // a scenario has named fields; a change may have a value alone
        let root = self.levels.len() == 1 && matches!(&self.text[head], "" | "Scenario");
        self.levels.push(Level {
            bracket,
            open: token.at.clone(),
            line: self.line,
            indent: self.indent,
            awaits: Awaits::Part,
            name: token.at.clone(),
            named: root && bracket == b'(',
            body: None,
            last: token.at.clone(),
            last_kind: Last::Other,
        });
        None
    }

    fn close(&mut self, token: &Token, bracket: u8) -> Option<Slip> {
        let closes = |level: &Level| words::closer(level.bracket) == char::from(bracket);
        if self.levels.len() == 1 {
            return Some(words::closes_nothing(token.at.clone(), bracket, None));
        }
        let deeper = self.levels[1..].iter().any(closes);
        let level = self.level();
        if !closes(level) {
            if deeper {
                let level = self.levels.pop()?;
                return Some(self.unclosed(&level, token.at.clone()));
            }
            let open = (level.bracket, level.open.clone(), level.line);
            return Some(words::closes_nothing(token.at.clone(), bracket, Some(open)));
        }
        match level.awaits {
            Awaits::Value => return Some(self.value_missing(token.at.start)),
            Awaits::Colon => return Some(self.colon_missing(token.at.start)),
            Awaits::Part | Awaits::Comma => {}
        }
        self.levels.pop();
        if self.levels.len() == 1 {
            self.closed = Some(token.at.clone());
        }
        self.done(token, Last::Other)
    }

    fn comma(&mut self, token: &Token) -> Option<Slip> {
        let level = self.level();
        match level.awaits {
            Awaits::Comma => {
                level.awaits = Awaits::Part;
                None
            }
            Awaits::Part => Some(words::comma_twice(token.at.clone())),
            Awaits::Colon => Some(self.colon_missing(token.at.start)),
            Awaits::Value => Some(self.value_missing(token.at.start)),
        }
    }

    fn colon(&mut self, token: &Token) -> Option<Slip> {
        let level = self.level();
        if level.awaits == Awaits::Colon {
            level.awaits = Awaits::Value;
            return None;
        }
        let (bracket, word) = (level.bracket, level.last_kind == Last::Word);
        let last = level.last.clone();
        let parent = self.levels.len().checked_sub(2);
        if bracket == b'[' && word && parent.is_some_and(|parent| self.levels[parent].named) {
            // a name after values: it is one of the level around, and this level was to end before it
            let level = self.levels.pop()?;
            return Some(self.unclosed(&level, last));
        }
        Some(words::stray_colon(token.at.clone(), bracket))
    }
}
