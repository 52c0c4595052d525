//! `pathproof reach`: exactly which packets work between two sets of ends, which do not, and why.

use super::args::{Format, Global, ReachArgs};
use super::exit::Exit;
use super::format::FormatName;
use super::one::{answered, open, refuse};
use super::output::Output;
use crate::ask::{reach_document, reach_of};
use crate::render::matrix::effort_text;
use crate::render::reach::{Detail, reach_csv, reach_text};
use crate::render::scene::Scene;
use crate::verify::{effort, overview};

/// Runs the command.
pub fn run(args: &ReachArgs, global: &Global, output: &mut Output) -> Exit {
    let asked = match open(&args.file, &args.at, args.budget.budget, global, output) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    let ends = (args.from.as_deref(), args.to.as_deref());
    let sent = (&*args.service, args.source_port.as_deref());
    let found = match reach_of(&asked, ends, sent, args.budget.budget) {
        Ok(found) => found,
        Err(wrong) => return refuse(&wrong, global, output),
    };
    let language = global.language();
    if global.verbose {
        let told = effort(&asked.situation);
        output.note(&effort_text(told, language));
    }
    match global.format {
        Format::Text if global.format_name == FormatName::Csv => {
            output.result(&reach_csv(&found));
        }
        Format::Text => {
            let scene = Scene::of(&asked.situation, &asked.sources, language);
            let detail = if global.verbose { Detail::Whole } else { Detail::Summary };
            let overview = overview(&asked.situation, &found);
            output.result(&reach_text(&found, &overview, detail, scene));
        }
        Format::Json => output.json(&reach_document(&asked, &found, language)),
    }
    let expected = args.expect.map(super::args::ExpectedVerdict::verdict);
    if expected.is_some_and(|expected| expected != found.verdict) {
        return Exit::Finding;
    }
    answered(expected, found.exceeded)
}
