//! One scenario file and one of its networks: what every command but `check` starts with.

use serde_json::Value;

use super::args::{At, Format, Global};
use super::budget::to_read;
use super::exit::Exit;
use super::files::Disk;
use super::output::Output;
use crate::code::{Code, Language};
use crate::diagnostic::{Diagnostic, Sources, Words, shortened, visible};
use crate::query::Verdict;
use crate::render::diagnostics::diagnostics_text;
use crate::render::json::{complaint_json, diagnostic_json};
use crate::scenario::{Mistake, Scenario, load_within};
use crate::verify::{Budget, Exceeded, Situation, base, situation};

/// A scenario and the network that is asked.
pub struct Asked {
    /// The scenario.
    pub scenario: Scenario,
    /// Its texts.
    pub sources: Sources,
    /// The network, after `--at`.
    pub situation: Situation,
    /// Warnings of the file, as the JSON of a result has them under `diagnostics`.
    pub warnings: Vec<Value>,
}

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
    let loaded = load_within(path, &Disk::of(global), to_read(budget));
    let Some(scenario) = loaded.scenario else {
        tell(&loaded.sources, &loaded.diagnostics, global, output);
        return Err(Exit::Unusable);
    };
    if global.format == Format::Text {
        output.note(&diagnostics_text(
            &loaded.sources,
            &loaded.diagnostics,
            global.language(),
        ));
    }
    let path = &*visible(path);
    let found = match &at.step {
        None => Some(base(&scenario)),
        Some(step) => situation(&scenario, step),
    };
    let Some(situation) = found else {
        let stages = scenario.steps.iter().chain(&scenario.what_if);
        let names: Vec<_> = stages.map(|stage| format!("`{}`", stage.name)).collect();
        let known = if names.is_empty() {
            Words::new(
                "it has no steps and no what-ifs",
                "文件中没有 steps，也没有 what_if",
            )
        } else {
            Words::new(
                format!("it has {}", names.join(", ")),
                format!("文件中有 {}", names.join("、")),
            )
        };
        let step = at.step.as_deref().unwrap_or_default();
        let message = Words::new(
            format!("{path} has no step or what-if named `{step}`"),
            format!("{path} 中没有名为 `{step}` 的 step 或 what_if"),
        );
        let language = global.language();
        let help = Some(known.text(language));
        complain(global, output, message.text(language), help);
        return Err(Exit::Unusable);
    };
    Ok(Asked {
        scenario,
        warnings: as_json(&loaded.sources, &loaded.diagnostics, global.language()),
        sources: loaded.sources,
        situation,
    })
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

fn as_json(sources: &Sources, diagnostics: &[Diagnostic], language: Language) -> Vec<Value> {
    let all = diagnostics.iter();
    all.map(|diagnostic| diagnostic_json(sources, diagnostic, language))
        .collect()
}

/// Prints diagnostics: drawn for people, as data on standard output for scripts.
pub fn tell(sources: &Sources, diagnostics: &[Diagnostic], global: &Global, output: &mut Output) {
    let language = global.language();
    match global.format {
        Format::Text => output.note(&diagnostics_text(sources, diagnostics, language)),
        Format::Json => {
            let all = as_json(sources, diagnostics, language);
            for one in all {
                output.complain(one);
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
            output.note(&format!("{error}: {message}\n"));
            if let Some(help) = help {
                output.note(&format!("  {advice}: {help}\n"));
            }
        }
        Format::Json => {
            output.complain(complaint_json(Code::InvalidValue, message, help, None));
        }
    }
}

/// Points at what is wrong inside an argument.
pub fn mistaken(
    option: &str,
    text: &str,
    mistakes: &[Mistake],
    global: &Global,
    output: &mut Output,
) {
    let language = global.language();
    let shown = |text: &str| shortened(text.to_owned());
    if global.format == Format::Json {
        for mistake in mistakes {
            let help = mistake.help.as_ref().map(|help| shown(help.text(language)));
            output.complain(complaint_json(
                mistake.code,
                &shown(mistake.message.text(language)),
                help.as_deref(),
                Some(option),
            ));
        }
        return;
    }
    let (error, advice) = heads(language);
    for mistake in mistakes {
        let before = text
            .get(..mistake.at.start)
            .unwrap_or_default()
            .chars()
            .count();
        let wrong = text
            .get(mistake.at.clone())
            .unwrap_or_default()
            .chars()
            .count();
        let code = mistake.code;
        output.note(&format!(
            "{error}[{code}]: {}\n  {option} {}\n  {}\n",
            shown(mistake.message.text(language)),
            shown(text),
            shown(&format!(
                "{}{}",
                " ".repeat(option.chars().count() + 1 + before),
                "^".repeat(wrong.max(1)),
            )),
        ));
        if let Some(help) = &mistake.help {
            output.note(&format!("  {advice}: {}\n", shown(help.text(language))));
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
