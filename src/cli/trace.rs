//! `pathproof trace`: one connection, hop by hop, there and back.

use super::args::{Format, Global, TraceArgs};
use super::exit::Exit;
use super::hint::{Question, hint};
use super::one::{Asked, answered, complain, mistaken, open};
use super::output::Output;
use crate::diagnostic::Words;
use crate::query::{Selector, Traffics, Waypoint};
use crate::render::trace_json::trace_json;
use crate::render::trace_text::trace_text;
use crate::scenario::{Side, parse_ports, parse_service, resolve_asked, resolve_selector};
use crate::verify::{TraceQuestion, exceeded, explain};

/// Runs the command.
pub fn trace(args: &TraceArgs, global: &Global, output: &mut Output) -> Exit {
    let asked = match open(&args.file, &args.at, args.budget.budget, global, output) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    if !known_waypoints(args, &asked, global, output) {
        return Exit::Unusable;
    }
    let Some(question) = question(args, &asked, global, output) else {
        return Exit::Unusable;
    };
    let warnings = asked.warnings;
    let Some(report) = explain(&asked.situation, asked.sources, &question) else {
        let (from, to) = (&args.from, &args.to);
        let message = Words::new(
            format!("nobody is meant: `{from}` and `{to}` make no pair of different endpoints"),
            format!("没有可判断的对象：`{from}` 与 `{to}` 没有一对不同的实例"),
        );
        complain(global, output, message.text(global.language()), None);
        return Exit::Unusable;
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
        Format::Json => {
            let mut value = trace_json(&report, language);
            value["diagnostics"] = warnings.into();
            output.json(&value);
        }
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
        let message = Words::new(
            format!("nothing is called `{id}`"),
            format!("没有名为 `{id}` 的对象"),
        );
        complain(global, output, message.text(global.language()), None);
    }
    unknown.is_none()
}

fn question(
    args: &TraceArgs,
    asked: &Asked,
    global: &Global,
    output: &mut Output,
) -> Option<TraceQuestion> {
    let from = asked_selector("--from", &args.from, Side::From, asked, global, output);
    let to = asked_selector("--to", &args.to, Side::To, asked, global, output);
    let traffic = traffic(&args.service, args.source_port.as_deref(), global, output);
    Some(TraceQuestion {
        from: (from?, args.from.clone()),
        to: (to?, args.to.clone()),
        traffic: (traffic?, args.service.clone()),
        budget: args.budget.budget,
    })
}

/// A selector of an argument; points at what is wrong with it.
pub fn selector(
    option: &str,
    text: &str,
    side: Side,
    asked: &Asked,
    global: &Global,
    output: &mut Output,
) -> Option<Selector> {
    resolve_selector(text, side, &asked.situation.network)
        .map_err(|mistakes| mistaken(option, text, &mistakes, global, output))
        .ok()
}

/// The same, where `--to` may be a private address that nobody owns.
pub fn asked_selector(
    option: &str,
    text: &str,
    side: Side,
    asked: &Asked,
    global: &Global,
    output: &mut Output,
) -> Option<Selector> {
    resolve_asked(text, side, &asked.situation.network)
        .map_err(|mistakes| mistaken(option, text, &mistakes, global, output))
        .ok()
}

/// The packets of `--service` and `--source-port`.
pub fn traffic(
    service: &str,
    source_port: Option<&str>,
    global: &Global,
    output: &mut Output,
) -> Option<Traffics> {
    let parsed = parse_service(service).map_err(|mistake| {
        mistaken("--service", service, &[mistake], global, output);
    });
    let mut traffic = Traffics {
        service: parsed.ok()?,
        ..Traffics::default()
    };
    if let Some(ports) = source_port {
        let parsed = parse_ports(ports)
            .map_err(|mistake| mistaken("--source-port", ports, &[mistake], global, output));
        traffic.source_ports = parsed.ok()?;
    }
    Some(traffic)
}
