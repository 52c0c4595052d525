//! What every reader of a scenario has at hand: the texts, the mistakes found so far, the ids that are known and
//! the references that were met.
//!
//! A reader function takes a [`Value`] and the [`Reader`] and gives `None` after it has reported what is wrong, so
//! one run finds all mistakes. Nothing here stops early.
//!
//! Deliberately not here: the shapes of fields (`fields`) and what single values mean (`word`, `read`).

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::known::Known;
use super::mistake::Mistake;
use super::reference::{Reference, Wanted};
use super::value::{self, Shape, Value};
use super::who::Owners;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Severity, Span, Words, is_hidden, shortened, visible};
use crate::id::Id;
use crate::space::{Allowance, Budget, Exceeded};

/// How many mistakes one run lists; what comes after is only counted.
const LISTED: usize = 10_000;

/// The texts of the files, to turn a slice back into its place.
#[derive(Clone, Debug, Default)]
pub struct Texts<'src>(Vec<(u32, &'src str)>);

impl<'src> Texts<'src> {
    /// Adds the text of a file.
    pub fn add(&mut self, file: u32, text: &'src Arc<str>) {
        self.0.push((file, text));
    }

    /// The place of a slice of one of the texts.
    pub fn span(&self, slice: &str) -> Span {
        let slice = value::without_comments(slice);
        let start = slice.as_ptr() as usize;
        for (file, text) in &self.0 {
            let base = text.as_ptr() as usize;
            if (base..=base + text.len()).contains(&start) {
                let place = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
                let (start, end) = (start - base, start - base + slice.len());
                return Span { file: *file, start: place(start), end: place(end) };
            }
        }
        Span { file: 0, start: 0, end: 0 }
    }
}

/// The state of reading one scenario.
pub struct Reader<'src> {
    /// The files.
    pub texts: Texts<'src>,
    /// Ids and addresses that the scenario defines.
    pub known: Known,
    /// The addresses that somebody has.
    pub owners: Owners,
    /// Accounts that entities name.
    pub accounts: Vec<(Id, &'src str)>,
    /// References met since they were last checked.
    pub references: Vec<Reference<'src>>,
    /// Whether ids may be missing because a part of the scenario could not be read; then unknown ones are no mistake.
    pub partial: bool,
    /// The same of the network alone, without changes.
    pub network_is_partial: bool,
    /// The code that the change being read expects to be refused with.
    pub expected_refusal: Option<Code>,
    diagnostics: Vec<Diagnostic>,
    unlisted: usize,
    errors: usize,
    /// How long reading may take.
    time: Allowance,
    is_late: bool,
    /// How much was read since the last look at the clock.
    unseen: u32,
}

/// So many parts are read between two looks at the clock.
const LOOK: u32 = 64;

impl<'src> Reader<'src> {
    /// Nothing read yet.
    pub fn new(texts: Texts<'src>, known: Known) -> Self {
        Self {
            texts,
            known,
            owners: Owners::default(),
            accounts: Vec::new(),
            references: Vec::new(),
            partial: false,
            network_is_partial: false,
            expected_refusal: None,
            diagnostics: Vec::new(),
            unlisted: 0,
            errors: 0,
            time: Budget::NONE.begin(),
            is_late: false,
            unseen: LOOK,
        }
    }

    /// With an end.
    pub fn within(self, time: Allowance) -> Self {
        Self { time, ..self }
    }

    /// Whether the time to read is up, which is a mistake of its own. Loops ask before each part; what they leave unread
    /// then makes the scenario partial.
    pub fn is_over(&mut self) -> bool {
        self.unseen += 1;
        if !self.is_late && self.unseen > LOOK {
            self.unseen = 0;
            if let Some(Exceeded::Time(time)) = self.time.late() {
                self.is_late = true;
                self.partial = true;
                self.report(late(time));
            }
        }
        self.is_late
    }

    /// The place of a slice.
    pub fn span(&self, slice: &str) -> Span {
        self.texts.span(slice)
    }

    /// How many errors were reported.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// Takes a diagnostic.
    pub fn report(&mut self, mut diagnostic: Diagnostic) {
        if self.partial && matches!(diagnostic.code, Code::UnknownId | Code::UnknownAddress) {
            return;
        }
        self.errors += usize::from(diagnostic.severity == Severity::Error);
        if self.diagnostics.len() < LISTED {
            let shown = |text: String| shortened(visible(&text).into_owned());
            diagnostic.message = diagnostic.message.map(shown);
            diagnostic.help = diagnostic.help.map(|help| help.map(shown));
            for label in diagnostic.primary.iter_mut().chain(&mut diagnostic.others) {
                label.text = std::mem::take(&mut label.text).map(shown);
            }
            self.diagnostics.push(diagnostic);
        } else {
            self.unlisted += 1;
        }
    }

    /// Reports an error at a slice.
    pub fn error<T>(&mut self, code: Code, slice: &str, message: Words) -> Option<T> {
        let span = self.span(slice);
        self.report(Diagnostic::error(code, span, message));
        None
    }

    /// Reports a value that is not allowed where it stands.
    pub fn invalid<T>(&mut self, slice: &str, message: Words) -> Option<T> {
        self.error(Code::InvalidValue, slice, message)
    }

    /// Reports a value that cannot be used, with what to write instead.
    pub fn invalid_with<T>(&mut self, slice: &str, message: Words, help: Words) -> Option<T> {
        let span = self.span(slice);
        self.report(Diagnostic::error(Code::InvalidValue, span, message).with_help(help));
        None
    }

    /// Reports a mistake inside a string: at the very letters if the string has no escapes.
    pub fn mistake<T>(&mut self, value: Value<'src>, text: &str, mistake: Mistake) -> Option<T> {
        let letters = text.get(mistake.at.clone()).filter(|part| !part.is_empty());
        let written = value.text().as_bytes().as_ptr_range();
        let slice = letters.filter(|part| written.contains(&part.as_ptr()));
        let span = self.span(slice.unwrap_or(value.text()));
        self.report(mistake.at(span));
        None
    }

    /// Reports a value of the wrong shape.
    pub fn shape<T>(&mut self, value: Value<'src>, wanted: &Words) -> Option<T> {
        let help = reshaped(value, wanted);
        self.shape_with(value, wanted, help)
    }

    /// Whether a list of several strings stands where one is wanted; then that is reported.
    pub fn is_listed(&mut self, value: Value<'src>, help: impl FnOnce(&[String]) -> Words) -> bool {
        let items = value.items().unwrap_or_default();
        let texts = items.iter().map(|item| item.string().ok());
        let texts = texts.map(|text| text.map(Cow::into_owned));
        let texts: Option<Vec<String>> = texts.collect();
        let Some(texts) = texts.filter(|texts| texts.len() > 1) else {
            return false;
        };
        self.shape_with::<()>(value, &Shape::Text.words(), Some(help(&texts)));
        true
    }

    fn shape_with<T>(
        &mut self,
        value: Value<'src>,
        wanted: &Words,
        help: Option<Words>,
    ) -> Option<T> {
        let found = value.shape();
        let message = match (found, value.variant()) {
            (Shape::Word, Some((word, _))) => Words::new(
                format!("{wanted} is needed here, not the word `{word}`"),
                format!("此处需要{}，而不是单词 `{word}`", wanted.chinese()),
            ),
            _ => Words::new(
                format!("{wanted} is needed here, not {}", found.words()),
                format!("此处需要{}，而不是{}", wanted.chinese(), found.words().chinese()),
            ),
        };
        let span = self.span(head(value));
        let diagnostic = Diagnostic::error(Code::InvalidValue, span, message);
        self.report(Diagnostic { help, ..diagnostic });
        None
    }

    /// The text of a string, to be told to people. Names and reasons are free text: from here on, everything in them can
    /// be seen.
    pub fn string(&mut self, value: Value<'src>) -> Option<Cow<'src, str>> {
        let text = self.exact(value)?;
        if text.contains(is_hidden) {
            return Some(Cow::Owned(visible(&text).into_owned()));
        }
        Some(text)
    }

    /// The text of a string to the letter.
    pub fn exact(&mut self, value: Value<'src>) -> Option<Cow<'src, str>> {
        match value.string() {
            Ok(text) => Some(text),
            Err(_) => self.shape(value, &Shape::Text.words()),
        }
    }

    /// The elements of a list, each read; those that cannot be read are left out.
    pub fn list<T>(
        &mut self,
        value: Value<'src>,
        mut read: impl FnMut(Value<'src>, &mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Ok(items) = value.items() else {
            return self.shape(value, &Shape::List.words());
        };
        let mut all = Vec::new();
        for item in items {
            if self.is_over() {
                break;
            }
            all.extend(read(item, self));
        }
        Some(all)
    }

    /// Remembers that the file refers to `id` here; whether that is right is checked when all ids are known.
    pub fn refer(&mut self, id: &Id, slice: &'src str, wanted: Wanted) {
        self.references.push(Reference {
            id: id.clone(),
            slice,
            wanted,
            expected: self.expected_refusal,
        });
    }

    /// The diagnostics, by place.
    pub fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        if self.unlisted > 0
            && let Some(last) = self.diagnostics.last_mut()
        {
            last.help = Some(Words::new(
                format!("{} more mistakes are not listed", self.unlisted),
                format!("另有 {} 处错误未列出", self.unlisted),
            ));
        }
        sort(&mut self.diagnostics);
        self.diagnostics
    }
}

/// That reading took too long.
fn late(time: Duration) -> Diagnostic {
    let more = time.saturating_mul(10);
    let more = match more.subsec_millis() {
        0 => format!("{}s", more.as_secs()),
        _ => format!("{}ms", more.as_millis()),
    };
    Diagnostic {
        code: Code::TooLarge,
        severity: Severity::Error,
        message: Words::new(
            format!("reading takes longer than {time:?}"),
            format!("读取耗时超过 {time:?}"),
        ),
        primary: None,
        others: Vec::new(),
        help: Some(Words::new(
            format!("--budget {more} allows more"),
            format!("可用 --budget {more} 放宽"),
        )),
    }
}

/// By place, then by code: the order does not depend on the order of the checks.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        let place = |diagnostic: &Diagnostic| diagnostic.primary.as_ref().map(|label| label.span);
        (place(a), a.code, &a.message).cmp(&(place(b), b.code, &b.message))
    });
}

/// The part of a value to underline when it is wrong as a whole: short values entirely, long ones by their beginning.
pub fn head(value: Value<'_>) -> &str {
    let text = value.text();
    if let Some((word, _)) = value.variant() {
        return word;
    }
    let line = text.lines().next().unwrap_or(text);
    if line.len() == text.len()
        || !matches!(value.shape(), Shape::List | Shape::Map | Shape::Fields)
    {
        return text;
    }
    text.get(..1).unwrap_or(text)
}

/// How a value of the wrong shape may have been meant.
fn reshaped(value: Value<'_>, wanted: &Words) -> Option<Words> {
    let written = value_of_one_line(value)?;
    let found = value.shape();
    if found == Shape::Word && ["null", "nil", "none", "undefined"].contains(&written) {
        return Some(Words::new(
            "leave the field out, or write `None`",
            "请省略该字段，或写 `None`",
        ));
    }
    let is = |shape: Shape| *wanted == shape.words();
    let meant = match found {
        Shape::List if is(Shape::Text) => {
            let parts = value.items().ok()?;
            let [only] = parts.as_slice() else {
                return None;
            };
            only.string().ok()?;
            only.text().to_owned()
        }
        // `Subnet("subnet-a")`: a string says it alone
        Shape::Word
            if is(Shape::Text) && value.variant().is_some_and(|(_, rest)| one(rest).is_some()) =>
        {
            let (_, rest) = value.variant()?;
            one(rest)?.to_owned()
        }
        Shape::Word | Shape::Number if is(Shape::Text) => format!("\"{written}\""),
        Shape::Text if is(Shape::Number) => {
            let number = value.string().ok().filter(|text| text.parse::<u64>().is_ok())?;
            number.into_owned()
        }
        // `(a, b)` for `[a, b]`; one thing with named fields is one part of the list.
        Shape::Fields if is(Shape::List) && value.fields().is_ok() => format!("[{written}]"),
        Shape::Fields if is(Shape::List) => {
            let inner = written.strip_prefix('(')?.strip_suffix(')')?;
            format!("[{inner}]")
        }
        // Yes or no is no part of any list.
        Shape::Word if is(Shape::List) && ["True", "False"].contains(&written) => return None,
        Shape::Text | Shape::Word if is(Shape::List) => format!("[{written}]"),
        _ => return None,
    };
    Some(Words::new(format!("write `{meant}`"), format!("请写 `{meant}`")))
}

/// The string in `("subnet-a")`, as it is written.
fn one(value: Value<'_>) -> Option<&str> {
    let [only] = value.tuple().ok()?[..] else {
        return None;
    };
    only.string().ok().map(|_| only.text())
}

/// The text of a short value.
fn value_of_one_line(value: Value<'_>) -> Option<&str> {
    let text = value::without_comments(value.text());
    (text.len() <= 80 && !text.contains('\n')).then_some(text)
}
