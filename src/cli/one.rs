//! One scenario file and one of its networks: what every command but `check` starts with.

use super::args::{At, Format, Global};
use super::exit::Exit;
use super::files::Disk;
use super::output::Output;
use super::progress::Phase;
use crate::ask::{Asked, Unanswered, Wrong};
use crate::code::{Code, Language};
use crate::diagnostic::{Diagnostic, Sources, shortened, visible};
use crate::query::Verdict;
use crate::render::diagnostics::diagnostics_text;
use crate::render::json::{complaint_json, diagnostic_json};
use crate::render::screen::width;
use crate::render::wrap::{columns, wrap};
use crate::scenario::Mistake;
use crate::verify::{Budget, Exceeded};

/// Loads a file and finds the network to ask; tells what is wrong otherwise.
///
/// # Errors
///
/// With the status to end with.
pub fn open(
    path: &str,
    at: &At,
    budget: Budget,
    global: &Global,
    output: &mut Output,
) -> Result<Asked, Exit> {
    output.phase(Phase::Reading);
    let asked = Asked::load(path, &Disk::of(global), budget);
    let asked = asked.map_err(|wrong| refuse(&wrong, global, output))?;
    output.phase(Phase::Answering);
    if global.format == Format::Text {
        output.note(&diagnostics_text(&asked.sources, &asked.diagnostics, global.language()));
    }
    match &at.step {
        None => Ok(asked),
        Some(step) => asked.at(path, step).map_err(|wrong| refuse(&wrong, global, output)),
    }
}

/// Tells why a question has no answer, and gives the status to end with.
pub fn refuse(unanswered: &Unanswered, global: &Global, output: &mut Output) -> Exit {
    let language = global.language();
    let mut exit = Exit::Unusable;
    for wrong in &unanswered.0 {
        if matches!(wrong, Wrong::Bug(_)) {
            exit = Exit::Failed;
        }
        if global.format == Format::Json {
            for told in wrong.told(language) {
                output.complain(told);
            }
            continue;
        }
        match wrong {
            Wrong::Text { sources, diagnostics } => tell(sources, diagnostics, global, output),
            Wrong::Argument { option, text, mistakes } => {
                mistaken(option, text, mistakes, language, output);
            }
            Wrong::Asked { message, help } => {
                let help = help.as_ref().map(|help| help.text(language));
                complain(global, output, message.text(language), help);
            }
            Wrong::Bug(message) => complain(global, output, message.text(language), None),
            Wrong::Unknown { message, help, .. } => {
                let help = Some(help.text(language));
                complain(global, output, message.text(language), help);
            }
        }
    }
    exit
}

/// How a question ends that nothing else is wrong with: one that the budget was not enough for was not answered, and that
/// is a finding unless just that was expected.
#[must_use]
pub fn answered(expected: Option<Verdict>, exceeded: Option<Exceeded>) -> Exit {
    match (expected, exceeded) {
        (None, Some(_)) => Exit::Finding,
        _ => Exit::Good,
    }
}

/// Prints diagnostics: drawn for people, as data on standard output for scripts.
pub fn tell(sources: &Sources, diagnostics: &[Diagnostic], global: &Global, output: &mut Output) {
    let language = global.language();
    match global.format {
        Format::Text => output.note(&diagnostics_text(sources, diagnostics, language)),
        Format::Json => {
            for one in diagnostics {
                output.complain(diagnostic_json(sources, one, language));
            }
        }
    }
}

/// Tells that an argument cannot be used.
pub fn complain(global: &Global, output: &mut Output, message: &str, help: Option<&str>) {
    let shown = |text: &str| shortened(visible(text).into_owned());
    let (message, help) = (shown(message), help.map(shown));
    let (message, help) = (&*message, help.as_deref());
    match global.format {
        Format::Text => {
            let (error, advice) = heads(global.language());
            output.note(&headed(0, error, message));
            if let Some(help) = help {
                output.note(&headed(2, advice, help));
            }
        }
        Format::Json => {
            output.complain(complaint_json(Code::InvalidValue, message, help, None));
        }
    }
}

/// A text after its head, broken to fit beside it.
fn headed(indent: usize, head: &str, text: &str) -> String {
    let hang = indent + columns(head) + 2;
    let mut told = format!("{:indent$}{head}: ", "");
    let lines = text.lines().flat_map(|line| wrap(line, width() - hang));
    for (index, line) in lines.enumerate() {
        if index > 0 {
            told.extend(std::iter::repeat_n(' ', hang));
        }
        told.extend([&line, "\n"]);
    }
    told
}

/// Points at what is wrong inside an argument.
fn mistaken(
    option: &str,
    text: &str,
    mistakes: &[Mistake],
    language: Language,
    output: &mut Output,
) {
    let shown = |text: &str| shortened(text.to_owned());
    let (error, advice) = heads(language);
    for mistake in mistakes {
        let before = text.get(..mistake.at.start).unwrap_or_default().chars().count();
        let wrong = text.get(mistake.at.clone()).unwrap_or_default().chars().count();
        let code = mistake.code;
        let head = format!("{error}[{code}]");
        output.note(&headed(0, &head, &shown(mistake.message.text(language))));
        output.note(&format!(
            "  {option} {}\n  {}\n",
            shown(text),
            shown(&format!(
                "{}{}",
                " ".repeat(option.chars().count() + 1 + before),
                "^".repeat(wrong.max(1)),
            )),
        ));
        if let Some(help) = &mistake.help {
            output.note(&headed(2, advice, &shown(help.text(language))));
        }
    }
}

/// What stands before a complaint, and before what to do about it.
#[must_use]
pub fn heads(language: Language) -> (&'static str, &'static str) {
    match language {
        Language::English => ("error", "help"),
        Language::Chinese => ("错误", "建议"),
    }
}
