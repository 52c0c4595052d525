//! `pathproof whatif` and `pathproof diff`: the exact difference between two networks, what it is due to, whether it
//! is what was meant, and the expectations that it breaks.

use std::fmt::Write as _;

use clap::Args;

use super::args::{At, Format, Global};
use super::broken::{broken_markdown, broken_title, unjudged_text};
use super::budget::BudgetOption;
use super::certify;
use super::check::today;
use super::exit::Exit;
use super::files::{Disk, complain_unread};
use super::format::FormatName;
use super::one::{complain, open, refuse};
use super::output::Output;
use super::progress::Phase;
use crate::ask::{self, Asked, Compared, Terms, Two, compare, difference_document};
use crate::code::Language;
use crate::render::check_text::failures;
use crate::render::difference::{
    deeds_text, difference_markdown, difference_text, intent_markdown, intent_text,
};
use crate::render::matrix::effort_text;
use crate::scenario::Files;
use crate::verify::{ChangeReport, Depth, Difference, FileReport, effort};

/// Arguments of `whatif`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof whatif shop.ron --change 'DetachClassicLinkVpc(vpc: \"vpc-tom\", instances: [\"ins-tom\"])'
  pathproof whatif shop.ron --change-file tonight.ron --intent intent.ron
  pathproof whatif --terraform plan.json --format markdown
  pathproof whatif shop.ron --change-file tonight.ron --certify proof

The status is 1 if a change is refused, an expectation of the file breaks, or the intent is not met.")]
pub struct WhatifArgs {
    /// The scenario file, or - for standard input; with --terraform, whose expectations may break
    #[arg(required_unless_present = "terraform")]
    pub file: Option<String>,
    /// What `terraform show -json` prints of a plan: the network before is compared with the one after
    #[arg(long, value_name = "PLAN.json", conflicts_with_all = ["change", "change_file", "certify"])]
    pub terraform: Option<String>,
    /// The region of whatever the plan gives none for
    #[arg(long, requires = "terraform")]
    pub region: Option<String>,
    /// The folder of the *.tf files that the plan was made of: for lists that an expression decides
    #[arg(long, value_name = "DIR", requires = "terraform")]
    pub config: Option<String>,
    /// A change in the words of scenario files; may be given several times
    #[arg(long, value_name = "CHANGE")]
    pub change: Vec<String>,
    /// A file with a change, or a list [...] of them; - for standard input
    #[arg(long, value_name = "FILE")]
    pub change_file: Vec<String>,
    /// What is asked about the difference.
    #[command(flatten)]
    pub asked: Asking,
    /// Which network to start from.
    #[command(flatten)]
    pub at: At,
}

/// Arguments of `diff`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof diff today.ron tomorrow.ron
  pathproof diff migration.ron migration.ron --at \"the last CVM has moved\"")]
pub struct DiffArgs {
    /// The scenario file before
    pub old: String,
    /// The scenario file after
    pub new: String,
    /// What is asked about the difference.
    #[command(flatten)]
    pub asked: Asking,
    /// Which network of the new file; the base network of the old one is compared with it.
    #[command(flatten)]
    pub at: At,
}

/// What is asked about a difference, beside what works.
#[derive(Clone, Debug, Args)]
pub struct Asking {
    /// A file of Gains(from, to, service) and Loses(from, to, service): nothing else may change
    #[arg(long, value_name = "FILE")]
    pub intent: Option<String>,
    /// Also tell what stays blocked, but by something else
    #[arg(long)]
    pub reasons: bool,
    /// Compare what is sent from these source ports [default: 1024-65535]
    #[arg(long, value_name = "PORTS")]
    pub source_port: Option<String>,
    /// Also write certificates of every piece into this folder: before.json and after.json, line by line
    #[arg(long, value_name = "DIR")]
    pub certify: Option<String>,
    /// How much a question may take.
    #[command(flatten)]
    pub budget: BudgetOption,
}

/// What is done with a difference before it is told.
pub(super) type Proving<'a> = &'a dyn Fn(&Difference, &mut Output) -> Exit;

/// Runs `whatif`.
pub fn whatif(args: &WhatifArgs, global: &Global, output: &mut Output) -> Exit {
    if let Some(plan) = &args.terraform {
        return super::plan::run(plan, args, global, output);
    }
    let file = args.file.as_deref().unwrap_or("-");
    let asked = match open(file, &args.at, args.asked.budget.budget, global, output) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    let Some(texts) = changes(args, global, output) else {
        return Exit::Unusable;
    };
    let two = match Two::by_changes(&asked, &texts, global.language()) {
        Ok(two) => two,
        Err(wrong) => return refuse(&wrong, global, output),
    };
    let terms = (args.asked.budget.budget, global);
    let prove = |folder: &str, found: &Difference, output: &mut Output| {
        let of = (file, &asked, &args.at);
        certify::difference::by_changes(folder, of, &two.written, found, terms, output)
    };
    let folder = args.asked.certify.as_deref();
    let prove = folder
        .map(|folder| move |found: &Difference, output: &mut Output| prove(folder, found, output));
    let prove = prove.as_ref().map(|prove| prove as Proving<'_>);
    answer(file, (Some(&asked), prove), &two, &args.asked, global, output)
}

/// Runs `diff`.
pub fn diff(args: &DiffArgs, global: &Global, output: &mut Output) -> Exit {
    let budget = args.asked.budget.budget;
    let old = match open(&args.old, &At { step: None }, budget, global, output) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    let new = match open(&args.new, &args.at, budget, global, output) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    let two = Two::of_files(&old, &new, global.language());
    let base = At { step: None };
    let prove = args.asked.certify.as_deref().map(|folder| {
        let both = [(&old, &base), (&new, &args.at)];
        move |found: &Difference, output: &mut Output| {
            certify::difference::between(folder, both, found, (budget, global), output)
        }
    });
    let prove = prove.as_ref().map(|prove| prove as Proving<'_>);
    answer(&args.old, (Some(&old), prove), &two, &args.asked, global, output)
}

/// The changes of `--change` and `--change-file` in the order they are given, each text with a name.
fn changes(
    args: &WhatifArgs,
    global: &Global,
    output: &mut Output,
) -> Option<Vec<(String, String)>> {
    let mut texts = numbered(&args.change);
    for path in &args.change_file {
        texts.push((path.clone(), read(path, global, output)?));
    }
    Some(texts)
}

/// Changes of the command line, each with the name that it has there.
pub(super) fn numbered(changes: &[String]) -> Vec<(String, String)> {
    let named = changes.iter().zip(1..);
    let named = named.map(|(change, number)| (format!("--change #{number}"), change.clone()));
    named.collect()
}

/// The text of a file, or of standard input; tells why it cannot be read.
pub(super) fn read(path: &str, global: &Global, output: &mut Output) -> Option<String> {
    let bytes = match Disk::of(global).read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            complain_unread(path, &error, global, output);
            return None;
        }
    };
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let message = match global.language() {
                Language::English => format!("cannot read `{path}`: {error}"),
                Language::Chinese => format!("无法读取 `{path}`：文件不是 UTF-8 编码"),
            };
            complain(global, output, &message, None);
            None
        }
    }
}

/// Compares two networks and tells the difference.
pub(super) fn answer(
    path: &str,
    (asked, prove): (Option<&Asked>, Option<Proving<'_>>),
    two: &Two,
    asking: &Asking,
    global: &Global,
    output: &mut Output,
) -> Exit {
    let mut intent = None;
    if let Some(path) = &asking.intent {
        match read(path, global, output) {
            Some(text) => intent = Some((path, text)),
            None => return Exit::Unusable,
        }
    }
    let wanted = ask::Asking {
        intent: intent.as_ref().map(|(path, text)| (&***path, &**text)),
        depth: if asking.reasons { Depth::Reasons } else { Depth::Connectivity },
        source_port: asking.source_port.as_deref(),
    };
    let terms = Terms { budget: asking.budget.budget, today: today() };
    output.phase(Phase::Comparing);
    let compared = match compare(two, asked, &wanted, &terms) {
        Ok(compared) => compared,
        Err(wrong) => return refuse(&wrong, global, output),
    };
    if global.verbose {
        let told = effort(&two.new.0);
        output.note(&effort_text(told, global.language()));
    }
    let refused = two.changes.iter().any(|change| !change.passed);
    let breaks = compared.broken.is_some() || !compared.unjudged.is_empty();
    let exit =
        if refused || breaks || is_bad(&compared.found) { Exit::Finding } else { Exit::Good };
    let exit = match prove.map(|prove| prove(&compared.found, output)) {
        Some(unproved) => exit.max(unproved),
        None => exit,
    };
    let unjudged = unjudged_text(&compared.unjudged, path, global.language());
    if global.format_name == FormatName::Markdown {
        output.result(&markdown(two, &compared, path, global));
    } else {
        print(two, compared, path, global, output);
    }
    output.note(&unjudged);
    exit
}

/// A difference as a comment: changes that were refused or do nothing, the pieces, what breaks.
fn markdown(two: &Two, compared: &Compared, path: &str, global: &Global) -> String {
    let language = global.language();
    let found = &compared.found;
    let scenes = two.scenes(language);
    let mut text = String::new();
    for (index, change) in two.changes.iter().enumerate() {
        let effect = found.effect(index);
        let number = (two.changes.len() > 1).then_some(index + 1);
        if change.refused.is_some() || effect == Some(false) {
            text += "- ";
            text += &change_line(change, number, effect, language);
        }
    }
    if two.changes.is_empty() {
        let deeds = two.names.iter().zip(&found.effective).enumerate();
        for (index, (name, _)) in deeds {
            let what = match (found.effect(index), language) {
                (Some(true), _) => continue,
                (Some(false), Language::English) => "opens and closes nothing",
                (Some(false), Language::Chinese) => "不影响任何互通",
                (None, Language::English) => "what it opens and closes is not known",
                (None, Language::Chinese) => "它对互通的影响不得而知",
            };
            let _ = writeln!(text, "- {} `{name}`: {what}", index + 1);
        }
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text += &difference_markdown(found, scenes);
    if let Some(report) = &found.intent {
        text += &intent_markdown(report, scenes);
    }
    if let Some(broken) = &compared.broken {
        text += &broken_title(broken, path, language);
        text += &broken_markdown(broken, &two.new.1);
    }
    text
}

/// A difference for people or for scripts.
fn print(two: &Two, compared: Compared, path: &str, global: &Global, output: &mut Output) {
    let language = global.language();
    let (found, scenes) = (&compared.found, two.scenes(language));
    match global.format {
        Format::Json => output.json(&difference_document(two, &compared, language)),
        Format::Text => {
            for (index, change) in two.changes.iter().enumerate() {
                let effect = found.effect(index);
                let number = (two.changes.len() > 1).then_some(index + 1);
                output.result(&change_line(change, number, effect, language));
            }
            if two.changes.is_empty() {
                output.result(&deeds_text(found, scenes));
            }
            output.result(&difference_text(found, scenes));
            if let Some(report) = &found.intent {
                output.result(&intent_text(report, scenes));
            }
            if let Some(broken) = compared.broken {
                output.result(&broken_title(&broken, path, language));
                let report = FileReport {
                    path: path.to_owned(),
                    name: None,
                    sources: two.new.1.clone(),
                    diagnostics: Vec::new(),
                    stages: vec![broken],
                };
                output.result(&failures(&report, global.verbosity(), language));
            }
        }
    }
}

/// Whether the difference itself is a finding: not what was meant, or not to be relied on.
fn is_bad(found: &Difference) -> bool {
    !found.is_determined() || found.intent.as_ref().is_some_and(|intent| !intent.holds())
}

fn change_line(
    change: &ChangeReport,
    number: Option<usize>,
    effect: Option<bool>,
    language: Language,
) -> String {
    let number = number.map_or(String::new(), |number| format!("{number} "));
    let action = format!("{number}{}", change.action);
    match (&change.refused, effect, language) {
        (None, Some(false), Language::English) => {
            format!("{action}: applied; it opens and closes nothing\n")
        }
        (None, Some(false), Language::Chinese) => format!("{action}：已应用，但不影响任何互通\n"),
        (None, _, Language::English) => format!("{action}: applied\n"),
        (None, _, Language::Chinese) => format!("{action}：已应用\n"),
        (Some((code, message)), _, Language::English) => {
            format!("{action}: REFUSED {code}: {message}\n")
        }
        (Some((code, message)), _, Language::Chinese) => {
            format!("{action}：被拒绝 {code}：{}\n", message.chinese())
        }
    }
}
