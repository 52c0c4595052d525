//! `pathproof lint`: what is legal and still looks wrong.

use std::collections::HashSet;
use std::sync::Arc;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::args::{At, Format, Global};
use super::budget::BudgetOption;
use super::check::runnable;
use super::exit::Exit;
use super::files::{Disk, find, is_any_empty};
use super::format::FormatName;
use super::one::{complain, refuse};
use super::output::Output;
use super::progress::Phase;
use crate::ask::lint_of;
use crate::code::{Code, CodeKind};
use crate::diagnostic::Words;
use crate::lint::{Choice, Level, Report, Switch, Switches};
use crate::render::diagnostics::diagnostics_text;
use crate::render::lint::{lint_json, lint_sarif, lint_summary, lint_text};
use crate::render::matrix::effort_text;
use crate::verify::{Situation, base, effort};

/// Arguments of `lint`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof lint shop.ron
  pathproof lint network --deny exposed-to-internet --allow unused-object
  pathproof lint shop.ron --at \"after the move\" --format sarif > lint.sarif

`pathproof explain` lists the lints, `pathproof explain shadowed-rule` tells one in full.
A file can allow a finding itself: lint: [Allow(code: \"unused-object\", at: \"sg-spare\", reason: \"…\")]
Exit status: 1 when a finding is an error.")]
pub struct LintArgs {
    /// Scenario files, folders with *.ron files in them, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<String>,
    /// How loudly each lint is told.
    #[command(flatten)]
    pub switches: LevelSwitches,
    /// Which network of a single file to look at.
    #[command(flatten)]
    pub at: At,
    /// How much a lint may take.
    #[command(flatten)]
    pub budget: BudgetOption,
}

/// `--deny`, `--warn` and `--allow` in the order in which they were given: a later one wins.
#[derive(Clone, Debug, Default)]
pub struct LevelSwitches(Vec<(Choice, String)>);

const OPTIONS: [(&str, Choice, &str); 3] = [
    ("deny", Choice::Deny, "Make the findings of a lint errors"),
    ("warn", Choice::Warn, "Make the findings of a lint warnings"),
    ("allow", Choice::Allow, "Do not tell the findings of a lint"),
];

impl Args for LevelSwitches {
    fn augment_args(command: Command) -> Command {
        OPTIONS.into_iter().fold(command, |command, (name, _, help)| {
            let more = if name == "deny" {
                "; CODE is a lint or `all`, repeatable, later ones win"
            } else {
                ""
            };
            let option = Arg::new(name).long(name).value_name("CODE");
            command.arg(option.action(ArgAction::Append).help(format!("{help}{more}")))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for LevelSwitches {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut given: Vec<(usize, Choice, String)> = Vec::new();
        for (name, choice, _) in OPTIONS {
            let values = matches.get_many::<String>(name).into_iter().flatten();
            let places = matches.indices_of(name).into_iter().flatten();
            given.extend(places.zip(values).map(|(at, value)| (at, choice, value.clone())));
        }
        given.sort_by_key(|(at, _, _)| *at);
        let given = given.into_iter().map(|(_, choice, code)| (choice, code));
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl LevelSwitches {
    /// The switches, or what is wrong with one of them and what it may have been meant to be.
    fn read(&self) -> Result<Switches, Wrong> {
        let switches = self.0.iter().map(|(choice, name)| {
            let code: Option<Code> = match name.as_str() {
                "all" => None,
                name => Some(lint_named(name)?),
            };
            let choice = *choice;
            Ok(Switch { choice, code })
        });
        let switches: Result<_, Wrong> = switches.collect();
        Ok(Switches(switches?))
    }
}

/// What is wrong with the command line, and what may help.
type Wrong = (Words, Option<Words>);

fn lint_named(name: &str) -> Result<Code, Wrong> {
    let code = Code::from_name(name);
    if let Some(code) = code.filter(|code| code.kind() == CodeKind::Lint) {
        return Ok(code);
    }
    let message = match code {
        Some(_) => Words::new(format!("`{name}` is no lint"), format!("`{name}` 不是检查项")),
        None => Words::new(format!("there is no lint `{name}`"), format!("没有检查项 `{name}`")),
    };
    let lints = Code::ALL.iter().filter(|it| it.kind() == CodeKind::Lint);
    let alike = lints.map(|lint| {
        let likeness = strsim::normalized_damerau_levenshtein(name, lint.name());
        (likeness, lint.name())
    });
    let nearest = alike.max_by(|a, b| a.0.total_cmp(&b.0));
    let nearest = nearest.filter(|(likeness, _)| *likeness >= 0.6);
    let help = nearest.map_or_else(
        || Words::new("`pathproof explain` lists the lints", "`pathproof explain` 列出所有检查项"),
        |(_, near)| Words::new(format!("did you mean `{near}`?"), format!("是否想写 `{near}`？")),
    );
    Err((message, Some(help)))
}

/// Runs the command.
pub fn run(args: &LintArgs, global: &Global, output: &mut Output) -> Exit {
    let switches = match args.switches.read() {
        Ok(switches) => switches,
        Err(wrong) => return refused(&wrong, global, output),
    };
    if is_any_empty(&args.paths, global, output) {
        return Exit::Unusable;
    }
    let files = runnable(find(&args.paths), &Disk::of(global), args.budget.budget);
    if args.at.step.is_some() && files.len() != 1 {
        let count = files.len();
        let message = Words::new(
            format!("`--at` is for a single file, not for {count}"),
            format!("`--at` 只能用于单个文件，而这里有 {count} 个"),
        );
        return refused(&(message, None), global, output);
    }
    output.phase(Phase::Linting);
    let total = files.len();
    let (mut reports, mut told) = (Vec::new(), HashSet::new());
    for (path, loaded) in files {
        if total > 1 {
            output.step(reports.len(), total);
        }
        let base = loaded.scenario.as_ref().map(base);
        let usable = loaded.scenario.as_ref().zip(base.as_ref());
        let read = (loaded.sources, loaded.diagnostics, usable);
        let at = args.at.step.as_deref();
        match lint_of(path, read, (at, args.budget.budget), &switches) {
            Ok(mut report) => {
                report.tell_once(&mut told);
                reports.push(report);
            }
            Err(wrong) => return refuse(&wrong, global, output),
        }
    }
    tell(&reports, global, output);
    if reports.iter().any(|report| !report.usable()) {
        Exit::Unusable
    } else if reports.iter().any(|report| report.count(Level::Error) > 0) {
        Exit::Finding
    } else {
        Exit::Good
    }
}

fn refused((message, help): &Wrong, global: &Global, output: &mut Output) -> Exit {
    let language = global.language();
    let help = help.as_ref().map(|help| help.text(language));
    complain(global, output, message.text(language), help);
    Exit::Unusable
}

fn tell(reports: &[Report], global: &Global, output: &mut Output) {
    let language = global.language();
    if global.format_name == FormatName::Sarif {
        output.json(&lint_sarif(reports, language));
        return;
    }
    match global.format {
        Format::Json => output.json(&lint_json(reports, language)),
        Format::Text => {
            for report in reports {
                output.note(&diagnostics_text(&report.sources, &report.diagnostics, language));
                output.result(&lint_text(report, global.verbosity(), language));
                if let (true, Some(network)) = (global.verbose, &report.network) {
                    let alone = Situation::new(Arc::clone(network), Arc::default());
                    let told = effort_text(effort(&alone), language);
                    output.note(&format!("  {}: {told}", report.path));
                }
            }
            output.result(&lint_summary(reports, language));
        }
    }
}
