//! What is wrong with an input, where, and what to do about it. Words only; drawing is done in `render`.

mod visible;
mod words;

use std::ops::Range;
use std::sync::Arc;

use crate::code::Code;

pub use visible::{after_chinese, harmless, is_hidden, shortened, visible, without_commands};
pub(crate) use words::words;
pub use words::{Words, chinese_of};

/// Place in a source file: byte offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Index into [`Sources`].
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The input cannot be used.
    Error,
    /// The input can be used; somebody should look.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A place that belongs to a diagnostic, with what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What; may be empty.
    pub text: Words,
}

/// One mistake or warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its public code.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// One sentence without a full stop.
    pub message: Words,
    /// The culprit; none if the file could not be read at all.
    pub primary: Option<Label>,
    /// Other places that belong to it ("first defined here").
    pub others: Vec<Label>,
    /// What to do: "did you mean `cidr`?".
    pub help: Option<Words>,
}

impl Diagnostic {
    /// An error at a place.
    #[must_use]
    pub fn error(code: Code, span: Span, message: Words) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message,
            primary: Some(Label { span, text: Words::default() }),
            others: Vec::new(),
            help: None,
        }
    }

    /// A warning at a place.
    #[must_use]
    pub fn warning(code: Code, span: Span, message: Words) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// With what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: Words) -> Self {
        self.help = Some(help);
        self
    }

    /// With words under the culprit.
    #[must_use]
    pub fn with_label(mut self, text: Words) -> Self {
        if let Some(primary) = &mut self.primary {
            primary.text = text;
        }
        self
    }

    /// With another place.
    #[must_use]
    pub fn with_other(mut self, span: Span, text: Words) -> Self {
        self.others.push(Label { span, text });
        self
    }
}

/// One file that was read.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path as the user gave it, or relative to that for included files, as it is shown.
    pub path: String,
    /// The same as the system knows it.
    pub file: String,
    /// Its text.
    pub text: Arc<str>,
    /// Whether its lines are not to be shown: it is no scenario.
    pub veiled: bool,
    /// Offset of the start of each line.
    lines: Arc<[u32]>,
}

/// The files of one scenario; [`Span::file`] indexes them.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<Arc<Source>>);

impl Sources {
    /// Adds a file and gives its index.
    pub fn add(&mut self, path: String, text: Arc<str>) -> u32 {
        let starts = text.bytes().zip(1u32..).filter(|(byte, _)| *byte == b'\n');
        let lines = std::iter::once(0).chain(starts.map(|(_, next)| next)).collect();
        self.0.push(Arc::new(Source {
            path: visible(&path).into_owned(),
            file: path,
            text,
            veiled: false,
            lines,
        }));
        u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX)
    }

    /// Lets no line of a file be shown.
    pub fn veil(&mut self, file: u32) {
        if let Some(source) = self.0.get_mut(file as usize) {
            Arc::make_mut(source).veiled = true;
        }
    }

    /// A file by its index.
    #[must_use]
    pub fn get(&self, file: u32) -> Option<&Source> {
        self.0.get(file as usize).map(|source| &**source)
    }

    /// All files, the one the user named first.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.0.iter().map(|source| &**source)
    }

    /// The text of a span.
    #[must_use]
    pub fn text(&self, span: Span) -> Option<&str> {
        self.get(span.file)?.text.get(span.range())
    }

    /// Path, line and column (both from 1; columns count characters) of the start of a span.
    #[must_use]
    pub fn place(&self, span: Span) -> Option<(&str, usize, usize)> {
        let source = self.get(span.file)?;
        let line = source.lines.partition_point(|start| *start <= span.start);
        let start = *source.lines.get(line.checked_sub(1)?)? as usize;
        let before = source.text.get(start..span.start as usize)?;
        Some((&source.path, line, before.chars().count() + 1))
    }
}
