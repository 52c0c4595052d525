//! What can be mended at a place: a slip by what it may have been meant to be, an expectation that fails by the smallest
//! changes that let it pass.

use std::collections::BTreeMap;

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, Command, Range, TextEdit,
    Uri, WorkspaceEdit,
};
use serde_json::json;

use super::document::uri_of;
use super::edit::{added, edits};
use super::known::Known;
use super::position::{Lines, Places};
use super::protocol::SHOW;
use super::{Session, told};
use crate::ask::{Asked, Terms, change_list, mends_of};
use crate::code::Language;
use crate::diagnostic::{self, Span, shortened};
use crate::import::write_change;
use crate::verify::{Budget, ExpectationReport, Fix, Outcome};

/// So many fixes are offered for an expectation.
const FIXES: usize = 3;

/// The expectations that fail at a place, each with the number of its network: 0 is the file's own, then come those of steps
/// and what-ifs.
fn failing<'k>(
    known: &'k Known<'_>,
    at: Range,
) -> impl Iterator<Item = (usize, &'k ExpectationReport)> {
    let places = Places::of(&known.report.sources);
    let stages = known.report.stages.iter().enumerate();
    let all = stages.flat_map(|(stage, it)| it.expectations.iter().map(move |one| (stage, one)));
    all.filter(move |(_, one)| {
        let range = places.range(one.span);
        one.outcome == Outcome::Fail
            && places.is_in(one.span, &known.path)
            && range.is_some_and(|range| meet(range, at))
    })
}

/// Whether what is to be offered there takes a while to find.
pub fn takes_long(known: &Known<'_>, at: Range) -> bool {
    failing(known, at).next().is_some()
}

/// Everything that can be done at a place.
pub fn actions(
    known: &Known<'_>,
    asked: &CodeActionParams,
    (session, budget): (&Session<'_>, Budget),
) -> Vec<CodeActionOrCommand> {
    let mut actions = slips(known, asked.range, session.language);
    if let Some(own) = &known.asked {
        for (stage, one) in failing(known, asked.range) {
            if let Some(asked) = own.stages().nth(stage) {
                actions.extend(fixes(known, (stage, &asked), one, (session, budget)));
            }
        }
    }
    actions
}

fn slips(known: &Known<'_>, at: Range, language: Language) -> Vec<CodeActionOrCommand> {
    let sources = &known.report.sources;
    let places = Places::of(sources);
    let mut actions = Vec::new();
    for one in &known.report.diagnostics {
        let Some(span) = one.primary.as_ref().map(|label| label.span) else {
            continue;
        };
        let range = places.range(span);
        let range = range.filter(|range| places.is_in(span, &known.path) && meet(*range, at));
        let (Some(range), Some(meant)) = (range, one.help.as_ref().and_then(meant)) else {
            continue;
        };
        let source = sources.get(span.file);
        let was = source.map_or("", |source| &source.text[span.range()]);
        let quoted = was.starts_with('"') && !meant.starts_with('"');
        let new_text = if quoted { format!("\"{meant}\"") } else { meant.to_owned() };
        let title = match language {
            Language::English => format!("Write {new_text}"),
            Language::Chinese => format!("改为 {new_text}"),
        };
        let edit = TextEdit::new(range, new_text);
        let uri = uri_of(&known.path);
        actions.push(CodeActionOrCommand::CodeAction(CodeAction {
            title,
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![told::of(one, &places, language)]),
            edit: uri.map(|uri| WorkspaceEdit::new([(uri, vec![edit])].into())),
            is_preferred: Some(true),
            ..CodeAction::default()
        }));
    }
    actions
}

/// The changes that let an expectation pass, best first.
fn fixes(
    known: &Known<'_>,
    (stage, asked): (usize, &Asked),
    one: &ExpectationReport,
    (session, budget): (&Session<'_>, Budget),
) -> Vec<CodeActionOrCommand> {
    let terms = Terms { budget, today: session.today.clone() };
    let found = mends_of(asked, one, FIXES, &terms);
    let fixes = found.into_iter().flat_map(|(_, found)| found.fixes);
    let actions = fixes.map(|fix| action(known, (stage, asked), &fix, session.language));
    actions.collect()
}

fn action(
    known: &Known<'_>,
    (stage, asked): (usize, &Asked),
    fix: &Fix,
    language: Language,
) -> CodeActionOrCommand {
    let names = fix.changes.iter().map(|change| {
        let text = write_change(change);
        shortened(text.split_whitespace().collect::<Vec<_>>().join(" "))
    });
    let names = names.collect::<Vec<_>>().join("; ");
    let broken = fix.broken.len();
    let aside = match (language, broken) {
        (_, 0) => String::new(),
        (Language::English, 1) => " (breaks 1 other expectation)".to_owned(),
        (Language::English, _) => format!(" (breaks {broken} other expectations)"),
        (Language::Chinese, _) => format!("（会破坏另外 {broken} 条期望）"),
    };
    let edit = match stage {
        0 => edits(known, asked, &fix.network),
        stage => added(known, (stage, asked), fix),
    };
    let edit = edit.and_then(|edits| workspace_edit(asked, &edits));
    let Some(edit) = edit else {
        let title = match language {
            Language::English => format!("Show the change: {names}{aside}"),
            Language::Chinese => format!("查看变更：{names}{aside}"),
        };
        let arguments = vec![json!(title), json!(change_list(fix))];
        return CodeActionOrCommand::Command(Command::new(title, SHOW.to_owned(), Some(arguments)));
    };
    CodeActionOrCommand::CodeAction(CodeAction {
        title: match language {
            Language::English => format!("Mend: {names}{aside}"),
            Language::Chinese => format!("修复：{names}{aside}"),
        },
        kind: Some(CodeActionKind::QUICKFIX),
        edit: Some(edit),
        is_preferred: Some(broken == 0),
        ..CodeAction::default()
    })
}

fn workspace_edit(asked: &Asked, edits: &[(Span, String)]) -> Option<WorkspaceEdit> {
    let mut changes: BTreeMap<String, (Uri, Vec<TextEdit>)> = BTreeMap::new();
    for (span, put) in edits {
        let source = asked.sources.get(span.file)?;
        let uri = uri_of(&source.file)?;
        let range = Lines::of(&source.text).range(span.range());
        let own = changes.entry(source.file.clone());
        let own = own.or_insert_with(|| (uri, Vec::new()));
        own.1.push(TextEdit::new(range, put.clone()));
    }
    Some(WorkspaceEdit::new(changes.into_values().collect()))
}

fn meet(a: Range, b: Range) -> bool {
    a.start <= b.end && b.start <= a.end
}

/// What "did you mean `x`?" offers.
fn meant(help: &diagnostic::Words) -> Option<&str> {
    let rest = help.english().strip_prefix("did you mean `")?;
    rest.split_once('`').map(|(meant, _)| meant)
}
