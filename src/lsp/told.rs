//! What is wrong with a file, what its expectations came to, and what can be mended: what `check` says, at its places.

use std::collections::BTreeMap;

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeLens, CodeLensParams,
    Command, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity,
    DocumentFormattingParams, Location, NumberOrString, Position, Range, TextEdit, WorkspaceEdit,
};

use super::Server;
use super::document::uri_of;
use super::position::{Lines, range};
use crate::code::Language;
use crate::diagnostic::{self, Severity, Span};
use crate::render::case::told;
use crate::scenario::lay_out;
use crate::verify::FileReport;

/// Everything to say of a file, by the file that it stands in.
pub(super) fn diagnostics(
    report: &FileReport,
    language: Language,
) -> BTreeMap<String, Vec<Diagnostic>> {
    let mut all: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
    let mut put = |span: Option<Span>, said: Diagnostic| {
        let file = span.and_then(|span| report.sources.get(span.file));
        let path = file.map_or(&report.path, |source| &source.file);
        all.entry(path.clone()).or_default().push(said);
    };
    for one in &report.diagnostics {
        put(
            one.primary.as_ref().map(|label| label.span),
            of(one, report, language),
        );
    }
    for one in told(report, language)
        .into_iter()
        .filter(|one| !one.is_good)
    {
        let said = Diagnostic {
            range: range(&report.sources, one.span).unwrap_or_default(),
            severity: Some(DiagnosticSeverity::ERROR),
            code: Some(NumberOrString::String(one.code)),
            source: Some("pathproof".to_owned()),
            message: one.text,
            ..Diagnostic::default()
        };
        put(Some(one.span), said);
    }
    all
}

/// A mistake or a warning of a file.
fn of(one: &diagnostic::Diagnostic, report: &FileReport, language: Language) -> Diagnostic {
    let mut message = one.message.text(language).to_owned();
    if let Some(help) = &one.help {
        message = format!("{message}\n{}", help.text(language));
    }
    let place = |span: Span| {
        let source = report.sources.get(span.file)?;
        Some(Location::new(
            uri_of(&source.file)?,
            range(&report.sources, span)?,
        ))
    };
    let others = one.others.iter().filter_map(|other| {
        Some(DiagnosticRelatedInformation {
            location: place(other.span)?,
            message: other.text.text(language).to_owned(),
        })
    });
    let primary = one.primary.as_ref();
    Diagnostic {
        range: primary
            .and_then(|label| range(&report.sources, label.span))
            .unwrap_or_default(),
        severity: Some(match one.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
        }),
        code: Some(NumberOrString::String(one.code.name().to_owned())),
        source: Some("pathproof".to_owned()),
        message,
        related_information: Some(others.collect()),
        ..Diagnostic::default()
    }
}

impl Server<'_> {
    fn report(&self, path: &str) -> Option<&FileReport> {
        self.known.get(path)?.report.as_ref()
    }

    /// Over each expectation what it came to.
    pub(super) fn lenses(&self, asked: &CodeLensParams) -> Option<Vec<CodeLens>> {
        let (path, _) = self.text(&asked.text_document.uri)?;
        let report = self.report(&path)?;
        let own = told(report, self.session.language);
        let own = own.into_iter().filter(|one| {
            let source = report.sources.get(one.span.file);
            source.is_some_and(|source| source.file == path)
        });
        let lenses = own.filter_map(|one| {
            let mark = if one.is_good { '✓' } else { '✗' };
            Some(CodeLens {
                range: range(&report.sources, one.span)?,
                command: Some(Command::new(
                    format!("{mark} {}", one.word),
                    String::new(),
                    None,
                )),
                data: None,
            })
        });
        Some(lenses.collect())
    }

    /// What a mistake may have been meant to be, and files laid out.
    pub(super) fn actions(&self, asked: &CodeActionParams) -> Option<Vec<CodeActionOrCommand>> {
        let uri = &asked.text_document.uri;
        let (path, text) = self.text(uri)?;
        let report = self.report(&path)?;
        let lines = Lines::of(text);
        let mut actions = Vec::new();
        for one in &report.diagnostics {
            let Some(label) = one.primary.as_ref() else {
                continue;
            };
            let source = report.sources.get(label.span.file);
            let place = lines.range(label.span.range());
            let here = source.is_some_and(|source| source.file == path) && meet(place, asked.range);
            let Some(meant) = one.help.as_ref().filter(|_| here).and_then(meant) else {
                continue;
            };
            let was = text.get(label.span.range()).unwrap_or_default();
            let quoted = was.starts_with('"') && !meant.starts_with('"');
            let new_text = if quoted {
                format!("\"{meant}\"")
            } else {
                meant.to_owned()
            };
            let title = match self.session.language {
                Language::English => format!("Write {new_text}"),
                Language::Chinese => format!("改为 {new_text}"),
            };
            let edit = TextEdit::new(place, new_text);
            actions.push(CodeActionOrCommand::CodeAction(CodeAction {
                title,
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: Some(vec![of(one, report, self.session.language)]),
                edit: Some(WorkspaceEdit::new([(uri.clone(), vec![edit])].into())),
                is_preferred: Some(true),
                ..CodeAction::default()
            }));
        }
        Some(actions)
    }

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

fn meet(a: Range, b: Range) -> bool {
    a.start <= b.end && b.start <= a.end
}

/// What "did you mean `x`?" offers.
fn meant(help: &diagnostic::Words) -> Option<&str> {
    let rest = help.english().strip_prefix("did you mean `")?;
    rest.split_once('`').map(|(meant, _)| meant)
}
