//! `pathproof whatif` and `pathproof diff`: the exact difference between two networks, what it is due to, whether it
//! is what was meant, and the expectations that it breaks.

use std::fmt::Write as _;

use clap::Args;
use serde_json::Value;

use super::args::{At, Format, Global};
use super::broken::{broken, broken_json, broken_markdown, broken_title, unjudged_text};
use super::budget::BudgetOption;
use super::exit::Exit;
use super::files::Disk;
use super::format::FormatName;
use super::one::{Asked, complain, open, tell};
use super::output::Output;
use super::trace::traffic;
use crate::code::Language;
use crate::diagnostic::Sources;
use crate::query::Intention;
use crate::render::check_text::failures;
use crate::render::difference::{
    Outcomes, Scenes, deeds_text, difference_json, difference_markdown, difference_text,
    intent_json, intent_markdown, intent_text,
};
use crate::render::matrix::effort_text;
use crate::render::scene::Scene;
use crate::scenario::{Files, PlannedChange, parse_changes, parse_intent};
use crate::verify::{
    ChangeReport, ChangedPart as Part, Deed, Depth, Difference, FileReport, Request, Scope,
    Situation, StageReport, Turned, Untolds, applied, difference, differences, effort,
};

/// Arguments of `whatif`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof whatif shop.ron --change 'DetachClassicLinkVpc(vpc: \"vpc-tom\", instances: [\"ins-tom\"])'
  pathproof whatif shop.ron --change-file tonight.ron --intent intent.ron
  pathproof whatif --terraform plan.json --format markdown

The status is 1 if a change is refused, an expectation of the file breaks, or the intent is not met.")]
pub struct WhatifArgs {
    /// The scenario file, or - for standard input; with --terraform, whose expectations may break
    #[arg(required_unless_present = "terraform")]
    pub file: Option<String>,
    /// What `terraform show -json` prints of a plan: the network before is compared with the one after
    #[arg(long, value_name = "PLAN.json", conflicts_with_all = ["change", "change_file"])]
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
    /// How much a question may take.
    #[command(flatten)]
    pub budget: BudgetOption,
}

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
    let mut sources = asked.sources.clone();
    let Some(changes) = changes(args, &asked, &mut sources, global, output) else {
        return Exit::Unusable;
    };
    let old = asked.situation.clone();
    let start = Situation::new(
        old.network.clone(),
        old.origins.with_sources(sources.clone()).into(),
    );
    let (new, reports) = applied(&start, &changes);
    let names = changes.iter().map(|planned| told(&sources, planned));
    let two = Two {
        old: (old, asked.sources.clone()),
        new: (new, sources.clone()),
        deeds: changes
            .iter()
            .map(|one| Deed::Change(one.change.clone()))
            .collect(),
        names: names.collect(),
        changes: reports,
        warnings: asked.warnings.clone(),
        left: Untolds::default(),
    };
    answer(file, Some(&asked), &two, &args.asked, global, output)
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
    let parts = differences(&old.situation.network, &new.situation.network);
    let names = parts.iter().map(|part| part_name(part, global.language()));
    let two = Two {
        old: (old.situation.clone(), old.sources.clone()),
        new: (new.situation.clone(), new.sources.clone()),
        names: names.collect(),
        deeds: parts
            .into_iter()
            .map(|(part, _)| Deed::Parts(vec![part]))
            .collect(),
        changes: Vec::new(),
        warnings: [&old.warnings[..], &new.warnings].concat(),
        left: Untolds::default(),
    };
    answer(&args.old, Some(&old), &two, &args.asked, global, output)
}

/// Two networks, the texts that they stand in, and what leads from one to the other.
pub(super) struct Two {
    pub(super) old: (Situation, Sources),
    pub(super) new: (Situation, Sources),
    pub(super) deeds: Vec<Deed>,
    /// What people call each deed.
    pub(super) names: Vec<String>,
    /// What came of the changes, if the deeds are changes.
    pub(super) changes: Vec<ChangeReport>,
    /// Warnings of the files.
    pub(super) warnings: Vec<Value>,
    /// What was left out of the networks.
    pub(super) left: Untolds,
}

impl Two {
    fn scenes(&self, language: Language) -> Scenes<'_> {
        Scenes {
            old: Scene::of(&self.old.0, &self.old.1, language),
            new: Scene::of(&self.new.0, &self.new.1, language),
            deeds: &self.names,
        }
    }
}

/// A change as it was written, on one line and not too long.
fn told(sources: &Sources, planned: &PlannedChange) -> String {
    /// So many letters tell one change from another.
    const LONGEST: usize = 72;
    let text = sources.text(planned.span).unwrap_or_default();
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    if text.chars().count() <= LONGEST {
        return text;
    }
    let start: String = text.chars().take(LONGEST - 1).collect();
    format!("{start}…")
}

/// `sg-web (changed)`.
fn part_name((part, turned): &(Part, Turned), language: Language) -> String {
    let name = match (part, language) {
        (Part::Entity(_, id) | Part::Failure(id) | Part::Name(id), _) => id.to_string(),
        (Part::Links(vpc), Language::English) => format!("classic links of {vpc}"),
        (Part::Links(vpc), Language::Chinese) => format!("{vpc} 的基础网络互通"),
        (Part::Platform, Language::English) => "platform switches".to_owned(),
        (Part::Platform, Language::Chinese) => "平台开关".to_owned(),
    };
    let is_failure = matches!(part, Part::Failure(_));
    match (turned, language) {
        (Turned::Added, Language::English) if is_failure => format!("{name} (down)"),
        (Turned::Added, Language::Chinese) if is_failure => format!("{name}（故障）"),
        (Turned::Removed, Language::English) if is_failure => format!("{name} (up)"),
        (Turned::Removed, Language::Chinese) if is_failure => format!("{name}（恢复）"),
        (Turned::Added, Language::English) => format!("{name} (added)"),
        (Turned::Added, Language::Chinese) => format!("{name}（新增）"),
        (Turned::Changed, Language::English) => format!("{name} (changed)"),
        (Turned::Changed, Language::Chinese) => format!("{name}（变更）"),
        (Turned::Removed, Language::English) => format!("{name} (removed)"),
        (Turned::Removed, Language::Chinese) => format!("{name}（删除）"),
    }
}

/// The changes of `--change` and `--change-file`, in the order they are given.
fn changes(
    args: &WhatifArgs,
    asked: &Asked,
    sources: &mut Sources,
    global: &Global,
    output: &mut Output,
) -> Option<Vec<PlannedChange>> {
    let mut texts = Vec::new();
    for (index, change) in args.change.iter().enumerate() {
        texts.push((format!("--change #{}", index + 1), change.clone()));
    }
    for path in &args.change_file {
        texts.push((path.clone(), read(path, global, output)?));
    }
    if texts.is_empty() {
        let example = "--change 'DetachClassicLinkVpc(vpc: \"vpc-1\", instances: [\"ins-1\"])'";
        let (message, help) = match global.language() {
            Language::English => ("no change is given", format!("for example {example}")),
            Language::Chinese => ("没有给出任何变更", format!("例如 {example}")),
        };
        complain(global, output, message, Some(&help));
        return None;
    }
    let named: Vec<_> = texts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let parsed = parse_changes(&named, &asked.situation.network, sources);
    if parsed.changes.is_none() {
        tell(sources, &parsed.diagnostics, global, output);
    }
    parsed.changes
}

/// The text of a file, or of standard input; tells why it cannot be read.
pub(super) fn read(path: &str, global: &Global, output: &mut Output) -> Option<String> {
    let read = Disk::of(global)
        .read(path)
        .map_err(|error| error.to_string());
    let read = read.and_then(|bytes| String::from_utf8(bytes).map_err(|e| e.to_string()));
    match read {
        Ok(text) => Some(text),
        Err(error) => {
            let message = match global.language() {
                Language::English => format!("cannot read {path}: {error}"),
                Language::Chinese => format!("无法读取 {path}：{error}"),
            };
            complain(global, output, &message, None);
            None
        }
    }
}

/// What `--intent` says, if it is given.
fn intent(
    asking: &Asking,
    two: &Two,
    global: &Global,
    output: &mut Output,
) -> Result<Option<Vec<Intention>>, Exit> {
    let Some(path) = &asking.intent else {
        return Ok(None);
    };
    let text = read(path, global, output).ok_or(Exit::Unusable)?;
    let mut sources = Sources::default();
    let networks = (&*two.old.0.network, &*two.new.0.network);
    let parsed = parse_intent((path, &text), networks, &mut sources);
    let Some(items) = parsed.items else {
        tell(&sources, &parsed.diagnostics, global, output);
        return Err(Exit::Unusable);
    };
    Ok(Some(items.into_iter().map(|item| item.value).collect()))
}

/// Compares two networks and tells the difference.
pub(super) fn answer(
    path: &str,
    asked: Option<&Asked>,
    two: &Two,
    asking: &Asking,
    global: &Global,
    output: &mut Output,
) -> Exit {
    let intent = match intent(asking, two, global, output) {
        Ok(intent) => intent,
        Err(exit) => return exit,
    };
    let Some(traffic) = traffic("all", asking.source_port.as_deref(), global, output) else {
        return Exit::Unusable;
    };
    let request = Request {
        deeds: two.deeds.clone(),
        depth: if asking.reasons {
            Depth::Reasons
        } else {
            Depth::Connectivity
        },
        intent,
        scope: Scope::Touched,
        traffic,
        budget: asking.budget.budget,
    };
    let mut found = difference(&two.old.0, &two.new.0, &request);
    if found.exceeded.is_none() {
        found.untold.extend(two.left.changed.iter().cloned());
        let met = two.left.met.iter().filter(|_| found.doubtful > 0);
        found.untold.extend(met.cloned());
    }
    let broken = asked.map(|asked| broken(asked, two, asking.budget.budget));
    let (broken, unjudged) = broken.unzip();
    let broken = broken.filter(|broken| !broken.expectations.is_empty());
    let unjudged = unjudged.unwrap_or_default();
    if global.verbose {
        let told = effort(&two.new.0);
        output.note(&effort_text(told, global.language()));
    }
    let breaks = broken.is_some();
    let refused = two.changes.iter().any(|change| !change.passed);
    if global.format_name == FormatName::Markdown {
        output.result(&markdown(two, &found, broken.as_ref(), path, global));
    } else {
        print(two, &found, (broken, unjudged.len()), path, global, output);
    }
    output.note(&unjudged_text(&unjudged, path, global.language()));
    if refused || breaks || !unjudged.is_empty() || is_bad(&found) {
        Exit::Finding
    } else {
        Exit::Good
    }
}

/// A difference as a comment: changes that were refused or do nothing, the pieces, what breaks.
fn markdown(
    two: &Two,
    found: &Difference,
    broken: Option<&StageReport>,
    path: &str,
    global: &Global,
) -> String {
    let language = global.language();
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
    if let Some(broken) = broken {
        text += &broken_title(broken, path, language);
        text += &broken_markdown(broken, &two.new.1);
    }
    text
}

/// A difference for people or for scripts.
fn print(
    two: &Two,
    found: &Difference,
    (broken, unjudged): (Option<StageReport>, usize),
    path: &str,
    global: &Global,
    output: &mut Output,
) {
    let language = global.language();
    let scenes = two.scenes(language);
    match global.format {
        Format::Json => {
            let list = broken
                .as_ref()
                .map(|broken| broken_json(broken, &two.new.1));
            let outcomes = Outcomes {
                changes: &two.changes,
                broken: &list.unwrap_or_default(),
                intent: &found.intent.as_ref().map_or(Value::Null, intent_json),
                unjudged,
            };
            let mut value = difference_json(found, outcomes, scenes);
            value["diagnostics"] = two.warnings.clone().into();
            output.json(&value);
        }
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
            if let Some(broken) = broken {
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
