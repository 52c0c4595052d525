//! `pathproof trace`: one connection, hop by hop, there and back.

use super::args::{Format, Global, TraceArgs};
use super::exit::Exit;
use super::hint::{Question, hint};
use super::one::{answered, complain, open, refuse};
use super::output::Output;
use crate::ask::{Asked, Between, trace_document, trace_of};
use crate::diagnostic::Words;
use crate::query::Waypoint;
use crate::render::trace_text::trace_text;
use crate::verify::exceeded;

/// Runs the command.
pub fn trace(args: &TraceArgs, global: &Global, output: &mut Output) -> Exit {
    let asked = match open(&args.file, &args.at, args.budget.budget, global, output) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    if !known_waypoints(args, &asked, global, output) {
        return Exit::Unusable;
    }
    let between = Between {
        from: &args.from,
        to: &args.to,
        service: &args.service,
        source_port: args.source_port.as_deref(),
    };
    let report = match trace_of(&asked, between, args.budget.budget) {
        Ok(report) => report,
        Err(wrong) => return refuse(&wrong, global, output),
    };
    let language = global.language();
    match global.format {
        Format::Text => {
            output.result(&trace_text(&report, language));
            let question = Question {
                file: &args.file,
                from: &args.from,
                to: &args.to,
                service: &args.service,
                source_port: args.source_port.as_deref(),
                at: args.at.step.as_deref(),
            };
            let found = &report.found;
            if !report.is_about_nobody()
                && let Some(hint) = hint(&question, found.verdict, &found.reasons, language)
            {
                output.result(&format!("\n{hint}"));
            }
        }
        Format::Json => output.json(&trace_document(&asked, &report, language)),
    }
    if let Some(complaint) = waypoints(args, &report.found.routes) {
        output.note(&format!("{}\n", complaint.text(language)));
        return Exit::Finding;
    }
    let expected = args.expect.map(super::args::ExpectedVerdict::verdict);
    if expected.is_some_and(|expected| expected != report.found.verdict) {
        return Exit::Finding;
    }
    answered(expected, exceeded(&report.found.reasons))
}

/// What `--via` and `--not-via` find wrong.
fn waypoints(args: &TraceArgs, routes: &[Vec<Waypoint>]) -> Option<Words> {
    let word = |waypoint: &Waypoint| match waypoint {
        Waypoint::Id(id) => id.to_string(),
        Waypoint::ClassicLink(vpc) => format!("classic-link:{vpc}"),
    };
    let passes = |route: &Vec<Waypoint>, id: &String| route.iter().any(|w| word(w) == *id);
    let mut missed = args.via.iter();
    let missed = missed.find(|id| routes.iter().any(|route| !passes(route, id)));
    let mut passed = args.not_via.iter();
    let passed = passed.find(|id| routes.iter().any(|route| passes(route, id)));
    let missed = missed.map(|id| {
        Words::new(
            format!("a way that works does not pass {id}"),
            format!("有一条可通的路径不经过 {id}"),
        )
    });
    missed.or_else(|| {
        passed.map(|id| {
            Words::new(
                format!("a way that works passes {id}"),
                format!("有一条可通的路径经过 {id}"),
            )
        })
    })
}

/// `--via` and `--not-via` name something of the network.
fn known_waypoints(args: &TraceArgs, asked: &Asked, global: &Global, output: &mut Output) -> bool {
    let network = &asked.situation.network;
    let mut named = args.via.iter().chain(&args.not_via);
    let unknown = named.find(|id| {
        let id = id.strip_prefix("classic-link:").unwrap_or(id);
        network.kind_of(id).is_none()
    });
    if let Some(id) = unknown {
        let message =
            Words::new(format!("nothing is called `{id}`"), format!("没有名为 `{id}` 的对象"));
        complain(global, output, message.text(global.language()), None);
    }
    unknown.is_none()
}
