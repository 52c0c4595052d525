//! `pathproof plan`: the steps from one network to another that keep every promise.

use std::fmt::Write;
use std::io;
use std::path::Path;

use clap::Args;

use super::args::{At, Format, Global};
use super::budget::BudgetOption;
use super::check::today;
use super::exit::Exit;
use super::one::{complain, open, refuse};
use super::output::Output;
use super::progress::Phase;
use super::save::save;
use crate::ask::{Asked, selector};
use crate::code::Language;
use crate::diagnostic::{Words, visible};
use crate::import::{Stretch, plan_file, quoted, write_change};
use crate::plan::{Choice, Conflict, Outcome, Promise, Step, Task, Terms, followed, plan};
use crate::query::question::Waypoint;
use crate::query::{During, Expectation, Traffics, Want};
use crate::render::conflict::{Impossible, Written as WrittenAt};
use crate::render::plan::{explained_text, given_up, plan_json, plan_text};
use crate::render::runbook::{Runbook, runbook, runbook_page};
use crate::scenario::{Files, Planned, Side, lay_out, load};
use crate::verify::run as prove;

/// Arguments of `plan`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof plan shop.ron --goal new.ron -o plan.ron --runbook plan.md
  pathproof plan shop.ron --move \"tag:app=shop\" --into subnet-new -o plan.ron

What is expected in the first file, or in the step that --at names, is kept in every step, as its
`during` says. The plan is a scenario with steps, and is checked before it is written. The status is 1
if there is no plan: then what cannot hold together is told.")]
pub struct PlanArgs {
    /// The scenario file to start from, or - for standard input
    pub file: String,
    /// A scenario file of the end, matched by id
    #[arg(long, value_name = "FILE", conflicts_with = "moved")]
    pub goal: Option<String>,
    /// Who moves: an id, or a set such as "tag:app=shop"
    #[arg(
        long = "move",
        id = "moved",
        value_name = "WHO",
        requires = "into",
        required_unless_present = "goal"
    )]
    pub moved: Option<String>,
    /// The subnet that they move into
    #[arg(long, value_name = "SUBNET", requires = "moved")]
    pub into: Option<String>,
    /// Keep the addresses: the subnet has to contain them
    #[arg(long, requires = "moved")]
    pub keep_addresses: bool,
    /// Write the plan to this file
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<String>,
    /// Also write a runbook to this file: Markdown, or a page with pictures if it ends in .html
    #[arg(long, value_name = "FILE")]
    pub runbook: Option<String>,
    /// Tell why this step does not come earlier
    #[arg(long, value_name = "STEP")]
    pub explain: Option<String>,
    /// Which network of the file to start from.
    #[command(flatten)]
    pub at: At,
    /// How much a judgement may take.
    #[command(flatten)]
    pub budget: BudgetOption,
}

/// Runs the command.
pub fn run(args: &PlanArgs, global: &Global, output: &mut Output) -> Exit {
    let budget = args.budget.budget;
    let asked = match open(&args.file, &args.at, budget, global, output) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    let goal = match &args.goal {
        Some(goal) => match open(goal, &At { step: None }, budget, global, output) {
            Ok(goal) => Some(goal),
            Err(exit) => return exit,
        },
        None => None,
    };
    let task = match task(args, &asked, goal.as_ref(), global, output) {
        Ok(task) => task,
        Err(exit) => return exit,
    };
    let (written, names) = expected(&asked, args.at.step.as_deref(), goal.as_ref());
    let promises = followed(&task, &written);
    let today = today();
    output.phase(Phase::Planning);
    let told = |done: usize, all: usize| output.step(done, all);
    let terms = Terms { today: &today, budget, told: &told, explain: args.explain.as_deref() };
    match plan(&task, &promises, &asked.scenario, &terms) {
        Outcome::Found(steps, least) => {
            let found =
                Found { asked: &asked, task: &task, promises: &promises, steps: &steps, least };
            found.deliver(args, global, output)
        }
        Outcome::Impossible(conflict) => {
            let told = Impossible {
                conflict: &conflict,
                names: &names,
                from: written_at(&asked),
                goal: goal.as_ref().map(written_at),
            };
            impossible(args, &told, global, output)
        }
        Outcome::GivenUp(judged) => {
            let words = given_up(judged);
            complain(global, output, words.text(global.language()), None);
            Exit::Finding
        }
    }
}

fn task(
    args: &PlanArgs,
    asked: &Asked,
    goal: Option<&Asked>,
    global: &Global,
    output: &mut Output,
) -> Result<Task, Exit> {
    let from = (*asked.situation.network).clone();
    if let Some(goal) = goal {
        return Ok(Task::between(from, goal.scenario.network.clone()));
    }
    let (who, into) = (args.moved.as_deref(), args.into.as_deref());
    let (Some(who), Some(into)) = (who, into) else {
        return Err(Exit::Unusable);
    };
    let who = selector("--move", who, Side::To, asked)
        .map_err(|wrong| refuse(&wrong.into(), global, output))?;
    let language = global.language();
    let unusable = |words: &Words, output: &mut Output| {
        complain(global, output, words.text(language), None);
        Err(Exit::Unusable)
    };
    if from.vpc_of_subnet(into).is_none() {
        let words = Words::new(
            format!("--into: there is no subnet `{into}`"),
            format!("--into：没有子网 `{into}`"),
        );
        return unusable(&words, output);
    }
    let choice =
        if args.keep_addresses { Choice::keeping(who, into) } else { Choice::new(who, into) };
    let task = Task::moving(from, &choice).map_err(|why| {
        let conflict = Conflict::refused(why);
        let told =
            Impossible { conflict: &conflict, names: &[], from: written_at(asked), goal: None };
        impossible(args, &told, global, output)
    })?;
    if task.from == task.goal {
        let words = Words::new(
            format!("--move: nobody of them can move into `{into}`, or all are there already"),
            format!("--move：其中没有可迁入 `{into}` 的资源，或均已在其中"),
        );
        return unusable(&words, output);
    }
    if !task.stays.is_empty() {
        let ids: Vec<String> = task.stays.iter().map(ToString::to_string).collect();
        let words = Words::new(
            format!("these cannot move, and stay: {}\n", ids.join(", ")),
            format!("以下资源不支持迁移，保持不变：{}\n", ids.join("、")),
        );
        output.note(words.text(language));
    }
    Ok(task)
}

/// What is expected of the beginning, which is what a step says itself if it says anything, and of the end if a goal says so;
/// with what each is called.
fn expected(
    asked: &Asked,
    at: Option<&str>,
    goal: Option<&Asked>,
) -> (Vec<Planned<Expectation>>, Vec<String>) {
    let scenario = &asked.scenario;
    let mut stages = scenario.steps.iter().chain(&scenario.what_if);
    let stage = stages.find(|stage| Some(stage.name.as_str()) == at);
    let own = stage.map(|stage| &stage.expectations);
    let own = own.filter(|own| !own.is_empty());
    let mut all = own.unwrap_or(&scenario.base).clone();
    let mut names: Vec<String> = all.iter().map(|it| called(asked, it)).collect();
    for one in goal.into_iter().flat_map(|goal| &goal.scenario.base) {
        let is_known = all.iter().any(|known| {
            (&known.value.from_text, &known.value.to_text)
                == (&one.value.from_text, &one.value.to_text)
                && known.value.service_text == one.value.service_text
                && known.value.want == one.value.want
        });
        if !is_known {
            let mut one = one.clone();
            one.value.during = During::AtEnd;
            names.extend(goal.map(|goal| called(goal, &one)));
            all.push(one);
        }
    }
    (all, names)
}

/// The name of an expectation, or where it stands and what it says.
fn called(asked: &Asked, one: &Planned<Expectation>) -> String {
    let it = &one.value;
    if let Some(name) = &it.name {
        return name.clone();
    }
    let said = format!("{} → {} {}", it.from_text, it.to_text, it.service_text);
    match asked.sources.place(one.span) {
        Some((path, line, _)) => format!("{path}:{line} {said}"),
        None => said,
    }
}

fn written_at(asked: &Asked) -> WrittenAt<'_> {
    WrittenAt {
        network: &asked.situation.network,
        origins: &*asked.situation.origins,
        sources: &asked.sources,
    }
}

fn impossible(
    args: &PlanArgs,
    told: &Impossible<'_>,
    global: &Global,
    output: &mut Output,
) -> Exit {
    let language = global.language();
    match global.format {
        Format::Text => output.result(&told.text(language)),
        Format::Json => output.json(&told.json(&args.file, language)),
    }
    Exit::Finding
}

/// Steps that were found.
struct Found<'a> {
    asked: &'a Asked,
    task: &'a Task,
    promises: &'a [Promise],
    steps: &'a [Step],
    /// How many windows there have to be.
    least: usize,
}

impl Found<'_> {
    fn deliver(&self, args: &PlanArgs, global: &Global, output: &mut Output) -> Exit {
        let language = global.language();
        let file = args.output.as_deref().unwrap_or("plan.ron");
        let book = Runbook {
            file,
            from: &self.task.from,
            goal: &self.task.goal,
            steps: self.steps,
            least: self.least,
            promises: self.promises,
            named: &self.task.named,
            written: &write_change,
        };
        let text = self.text(language);
        if let Some(wrong) = unproven(&text) {
            complain(global, output, wrong.text(language), None);
            return Exit::Failed;
        }
        if let Some(name) = &args.explain {
            let mut steps = self.steps.iter();
            let is_meant = |step: &&Step| {
                step.name.english() == name.as_str() || step.name.chinese() == name.as_str()
            };
            let Some(step) = steps.find(is_meant) else {
                let message = Words::new(
                    format!("the plan has no step `{name}`"),
                    format!("计划中没有名为 `{name}` 的步骤"),
                );
                complain(global, output, message.text(language), None);
                return Exit::Unusable;
            };
            output.result(&explained_text(&book, step, language));
            return Exit::Good;
        }
        let mut exit = Exit::Good;
        if let Some(path) = &args.output {
            exit = save(path, &text, global, output);
        }
        if let (Some(path), Exit::Good) = (&args.runbook, exit) {
            let kind = Path::new(path).extension();
            let is_page = kind.is_some_and(|kind| kind.eq_ignore_ascii_case("html"));
            let write = if is_page { runbook_page } else { runbook };
            exit = save(path, &write(&book, language), global, output);
        }
        match global.format {
            Format::Json => output.json(&plan_json(&book, language)),
            Format::Text if args.output.is_some() => output.result(&plan_text(&book, language)),
            Format::Text => output.result(&text),
        }
        exit
    }

    /// The plan as a scenario file.
    fn text(&self, language: Language) -> String {
        let held = self.promises.iter().filter(|it| it.asked.value.during != During::AtEnd);
        let begin = held.map(|it| expectation(&it.asked.value)).collect();
        let steps = self.steps.iter().map(|step| Stretch {
            name: step.name.text(language).to_owned(),
            changes: &step.changes,
            expect: step
                .kept
                .iter()
                .map(|at| expectation(&self.promises[*at].asked.value))
                .collect(),
        });
        let steps: Vec<_> = steps.collect();
        let text = plan_file(
            self.asked.scenario.name.as_deref(),
            &self.task.from,
            &begin,
            &steps,
            language,
        );
        // As `fmt` would: a plan is kept, read and edited.
        let laid = lay_out("plan.ron", text.clone().into_bytes());
        laid.text.unwrap_or(text)
    }
}

/// A plan in memory.
struct Written<'a>(&'a str);

impl Files for Written<'_> {
    fn read(&self, _path: &str) -> io::Result<Vec<u8>> {
        Ok(self.0.into())
    }
}

/// What `check` would say against the text of a plan.
fn unproven(text: &str) -> Option<Words> {
    let loaded = load("plan.ron", &Written(text));
    let mut told =
        loaded.diagnostics.iter().filter(|it| loaded.scenario.is_none() && it.primary.is_some());
    if let Some(wrong) = told.next() {
        let why = visible(wrong.message.english()).into_owned();
        return Some(Words::new(
            format!("the plan does not read back as it was found: {why}"),
            format!("计划写出后无法读回：{why}"),
        ));
    }
    let report = prove("plan.ron", loaded, &today(), crate::verify::Budget::default());
    let refused = report.stages.iter().flat_map(|stage| &stage.changes).any(|it| !it.passed);
    let broken = report.expectations().find(|(_, it)| !it.outcome.is_good());
    match broken {
        Some((stage, it)) => {
            let said = format!("{} → {}", it.expectation.from_text, it.expectation.to_text);
            let step = stage.name.clone().unwrap_or_default();
            Some(Words::new(
                format!("the plan does not keep `{said}` after `{step}`, so it is not written"),
                format!("计划在 `{step}` 之后不满足 `{said}`，因此未写出"),
            ))
        }
        None => refused.then(|| {
            Words::new("the cloud would refuse a step of the plan", "云会拒绝计划中的某一步")
        }),
    }
}

/// An expectation in the words of scenario files.
fn expectation(it: &Expectation) -> String {
    let word = match it.want {
        Want::Reachable => "Reachable",
        Want::Unreachable => "Unreachable",
        Want::Partial { .. } => "Partial",
    };
    let mut text = format!("{word}(from: {}, to: {}", quoted(&it.from_text), quoted(&it.to_text));
    if it.service_text != "all" {
        let _ = write!(text, ", service: {}", quoted(&it.service_text));
    }
    if it.traffic.source_ports != Traffics::default().source_ports {
        let ranges = it.traffic.source_ports.ranges();
        let ports: Vec<String> = ranges
            .map(
                |(first, last)| {
                    if first == last { first.to_string() } else { format!("{first}-{last}") }
                },
            )
            .collect();
        let _ = write!(text, ", source_port: {}", quoted(&ports.join(",")));
    }
    for (field, ways) in [("via", &it.via), ("not_via", &it.not_via)] {
        if !ways.is_empty() {
            let ways = ways.iter().map(|way| match way {
                Waypoint::Id(id) => quoted(id.as_str()),
                Waypoint::ClassicLink(vpc) => quoted(&format!("classic-link:{vpc}")),
            });
            let ways: Vec<String> = ways.collect();
            let _ = write!(text, ", {field}: [{}]", ways.join(", "));
        }
    }
    if let Some(name) = &it.name {
        let _ = write!(text, ", name: {}", quoted(name));
    }
    if it.during == During::ExceptWhileRestarting {
        text.push_str(", during: except_while_restarting");
    }
    if let Some(waive) = &it.waive {
        let _ = write!(
            text,
            ", waive: (reason: {}, until: {}, owner: {})",
            quoted(&waive.reason),
            quoted(&waive.until),
            quoted(&waive.owner)
        );
    }
    text.push(')');
    text
}
