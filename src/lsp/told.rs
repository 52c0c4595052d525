//! What is wrong with a file, where: what `check` and `lint` say, as diagnostics of the protocol.

use lsp_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag,
    DocumentFormattingParams, NumberOrString, Position, Range, TextEdit,
};

use super::Server;
use super::known::{Known, Marks};
use super::position::{Lines, Places};
use crate::code::{Code, Language};
use crate::diagnostic::{self, Severity, Span};
use crate::lint::Level;
use crate::render::case::told;
use crate::render::lint::said;
use crate::scenario::lay_out;

/// Everything to say of a file, by the file that it stands in.
pub fn diagnostics(known: &Known<'_>, language: Language) -> Marks {
    let report = &known.report;
    let places = Places::of(&report.sources);
    let mut all = Marks::new();
    let mut put = |span: Option<Span>, said: Diagnostic| {
        let file = span.and_then(|span| report.sources.get(span.file));
        let path = file.map_or(&report.path, |source| &source.file);
        all.entry(path.clone()).or_default().push(said);
    };
    let lint = known.lint.get().and_then(Option::as_ref);
    // What lints tell better is told by them.
    let read = lint.map_or(&report.diagnostics, |lint| &lint.diagnostics);
    for one in read {
        let span = one.primary.as_ref().map(|label| label.span);
        put(span, of(one, &places, language));
    }
    for one in told(report, language) {
        if !one.is_good {
            let said =
                plain(places.range(one.span), DiagnosticSeverity::ERROR, (one.code, one.text));
            put(Some(one.span), said);
        }
    }
    for one in lint.into_iter().flat_map(|lint| said(lint, language)) {
        let severity = match one.level {
            Level::Error => DiagnosticSeverity::ERROR,
            Level::Warning => DiagnosticSeverity::WARNING,
            Level::Note => DiagnosticSeverity::INFORMATION,
        };
        let others = one.related.iter().filter_map(|span| {
            Some(DiagnosticRelatedInformation {
                location: places.location(*span)?,
                message: one.of_related.to_owned(),
            })
        });
        let unneeded = [Code::UnusedObject, Code::RedundantRule, Code::ShadowedRule];
        let is_unneeded = unneeded.contains(&one.code);
        let message = format!("{}\n{}", one.message, one.help);
        let range = one.span.and_then(|span| places.range(span));
        let said = Diagnostic {
            related_information: Some(others.collect()),
            tags: is_unneeded.then(|| vec![DiagnosticTag::UNNECESSARY]),
            ..plain(range, severity, (one.code.name().to_owned(), message))
        };
        put(one.span, said);
    }
    all
}

fn plain(
    range: Option<Range>,
    severity: DiagnosticSeverity,
    (code, message): (String, String),
) -> Diagnostic {
    Diagnostic {
        range: range.unwrap_or_default(),
        severity: Some(severity),
        code: Some(NumberOrString::String(code)),
        source: Some("pathproof".to_owned()),
        message,
        ..Diagnostic::default()
    }
}

/// A mistake or a warning of a file.
pub fn of(one: &diagnostic::Diagnostic, places: &Places<'_>, language: Language) -> Diagnostic {
    let mut message = one.message.text(language).to_owned();
    if let Some(help) = &one.help {
        message = format!("{message}\n{}", help.text(language));
    }
    let others = one.others.iter().filter_map(|other| {
        Some(DiagnosticRelatedInformation {
            location: places.location(other.span)?,
            message: other.text.text(language).to_owned(),
        })
    });
    let severity = match one.severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
    };
    let primary = one.primary.as_ref();
    let range = primary.and_then(|label| places.range(label.span));
    Diagnostic {
        related_information: Some(others.collect()),
        ..plain(range, severity, (one.code.name().to_owned(), message))
    }
}

impl Server<'_, '_> {
    /// The file laid out, as `pathproof fmt` does it; nothing where that cannot be.
    pub(super) fn lay_out(&self, asked: &DocumentFormattingParams) -> Option<Vec<TextEdit>> {
        let (path, text) = self.text(&asked.text_document.uri)?;
        let laid = lay_out(&path, text.as_bytes().to_vec()).text?;
        if laid == text {
            return Some(Vec::new());
        }
        let end = Lines::of(text).position(text.len());
        let whole = Range::new(Position::new(0, 0), end);
        Some(vec![TextEdit::new(whole, laid)])
    }
}
