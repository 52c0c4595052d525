//! `pathproof fix --all`: every promise that fails, with the changes that let it pass.

use super::FixArgs;
use crate::ask::{Asked, Between, Terms, fix_document, fix_scene, mends_of};
use crate::cli::args::{Format, Global};
use crate::cli::check::today;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::progress::Phase;
use crate::diagnostic::Words;
use crate::render::case::counted;
use crate::render::fix::{
    Promise, fix_text, no_search_text, promise_json, promise_text, promises_json,
};
use crate::verify::{Outcome, run_read};

/// Runs the command on a file that is open.
pub(super) fn run(args: &FixArgs, asked: &Asked, global: &Global, output: &mut Output) -> Exit {
    let language = global.language();
    let terms = Terms { budget: args.budget.budget, today: today() };
    output.phase(Phase::Searching);
    let limit = usize::from(args.limit);
    let mut told = Vec::new();
    let (mut failing, mut mended) = (0, 0);
    let report = run_read(&args.file, asked.read(), &terms.today, terms.budget);
    let stages = asked.stages().zip(&report.stages);
    let at = args.at.step.as_deref();
    for (asked, stage) in stages.filter(|(_, it)| at.is_none() || it.name.as_deref() == at) {
        for report in stage.expectations.iter().filter(|one| !one.outcome.is_good()) {
            failing += 1;
            let promise = Promise { report, stage: stage.name.as_deref(), sources: &asked.sources };
            let expected = &report.expectation;
            let between = Between {
                from: &expected.from_text,
                to: &expected.to_text,
                service: &expected.service_text,
                source_port: None,
            };
            let found = match report.outcome {
                Outcome::Fail => mends_of(&asked, report, limit, &terms),
                _ => None,
            };
            mended += usize::from(found.as_ref().is_some_and(|(_, found)| !found.fixes.is_empty()));
            if global.format == Format::Json {
                let document = found
                    .map(|(goal, found)| fix_document(&asked, &found, between, goal, language));
                told.push(promise_json(&promise, document.as_ref()));
                continue;
            }
            output.result(&promise_text(&promise, language));
            match &found {
                Some((goal, found)) if !found.done => {
                    output.result(&fix_text(fix_scene(&asked, found, between, *goal, language)));
                }
                _ => output.result(&no_search_text(report, language)),
            }
            output.result("\n");
        }
    }
    if global.format == Format::Json {
        output.json(&promises_json(&told));
    } else {
        let promises = counted(failing, "promise");
        let words = Words::new(
            match failing {
                1 => format!("{promises} fails, {mended} of 1 has a fix"),
                _ => format!("{promises} fail, {mended} of {failing} have a fix"),
            },
            format!("{failing} 条期望不成立，其中 {mended} 条有修复方案"),
        );
        output.result(&format!("{}\n", words.text(language)));
    }
    if mended == failing { Exit::Good } else { Exit::Finding }
}
