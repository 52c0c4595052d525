//! `pathproof reach`: exactly which packets work between two sets of ends, which do not, and why.

use super::args::{Format, Global, ReachArgs};
use super::exit::Exit;
use super::one::{Asked, answered, complain, open};
use super::output::Output;
use super::trace::{asked_selector, traffic};
use crate::diagnostic::Words;
use crate::query::Selector;
use crate::render::matrix::effort_text;
use crate::render::reach::{reach_json, reach_text};
use crate::render::scene::Scene;
use crate::scenario::Side;
use crate::verify::{effort, reach};

/// Runs the command.
pub fn run(args: &ReachArgs, global: &Global, output: &mut Output) -> Exit {
    let asked = match open(&args.file, &args.at, args.budget.budget, global, output) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    let from = end(
        "--from",
        args.from.as_deref(),
        Side::From,
        &asked,
        global,
        output,
    );
    let to = end("--to", args.to.as_deref(), Side::To, &asked, global, output);
    let packets = traffic(&args.service, args.source_port.as_deref(), global, output);
    let (Some(from), Some(to), Some(packets)) = (from, to, packets) else {
        return Exit::Unusable;
    };
    let budget = args.budget.budget;
    let Some(found) = reach(&asked.situation, &from, &to, &packets, budget) else {
        let [from, to] = [&args.from, &args.to].map(|text| text.as_deref().unwrap_or("*"));
        let message = Words::new(
            format!("nobody is meant: `{from}` and `{to}` make no pair of different endpoints"),
            format!("没有可判断的对象：`{from}` 与 `{to}` 没有一对不同的实例"),
        );
        complain(global, output, message.text(global.language()), None);
        return Exit::Unusable;
    };
    let scene = Scene::of(&asked.situation, &asked.sources, global.language());
    if global.verbose {
        let told = effort(&asked.situation);
        output.note(&effort_text(told, global.language()));
    }
    match global.format {
        Format::Text => output.result(&reach_text(&found, scene)),
        Format::Json => {
            let mut value = reach_json(&found, scene);
            value["diagnostics"] = asked.warnings.into();
            output.json(&value);
        }
    }
    let expected = args.expect.map(super::args::ExpectedVerdict::verdict);
    if expected.is_some_and(|expected| expected != found.verdict) {
        return Exit::Finding;
    }
    answered(expected, found.exceeded)
}

/// One side: what is selected, or everybody.
fn end(
    option: &str,
    text: Option<&str>,
    side: Side,
    asked: &Asked,
    global: &Global,
    output: &mut Output,
) -> Option<Selector> {
    match text {
        Some(text) => asked_selector(option, text, side, asked, global, output),
        None => Some(Selector::everybody()),
    }
}
