//! One connection explained, and every packet between two sets of ends: `trace` and `reach`.

use serde_json::Value;

use super::asked::Asked;
use super::ends::{asked_selector, nobody, traffic};
use super::wrong::{Unanswered, both};
use crate::code::Language;
use crate::query::{Selector, Traffics};
use crate::render::reach::reach_json;
use crate::render::scene::Scene;
use crate::render::trace_json::trace_json;
use crate::scenario::Side;
use crate::verify::{Budget, Reached, TraceQuestion, TraceReport, explain, reach};

/// Two ends and what is sent, as somebody writes them.
#[derive(Clone, Copy, Debug)]
pub struct Between<'a> {
    /// Who opens.
    pub from: &'a str,
    /// Who is meant.
    pub to: &'a str,
    /// What is asked for.
    pub service: &'a str,
    /// Source ports, if others than the usual ones.
    pub source_port: Option<&'a str>,
}

impl Between<'_> {
    /// Who and what that is in a network.
    ///
    /// # Errors
    ///
    /// With everything that is wrong with it.
    pub fn resolve(&self, asked: &Asked) -> Result<([Selector; 2], Traffics), Unanswered> {
        let from = asked_selector("--from", self.from, Side::From, asked);
        let to = asked_selector("--to", self.to, Side::To, asked);
        let sent = traffic(self.service, self.source_port);
        let ((from, to), sent) = three(from, to, sent)?;
        Ok(([from, to], sent))
    }
}

/// Explains one connection.
///
/// # Errors
///
/// With what is wrong with the question.
pub fn trace_of(
    asked: &Asked,
    between: Between<'_>,
    budget: Budget,
) -> Result<TraceReport, Unanswered> {
    let ([from, to], sent) = between.resolve(asked)?;
    let question = TraceQuestion {
        from: (from, between.from.to_owned()),
        to: (to, between.to.to_owned()),
        traffic: (sent, between.service.to_owned()),
        budget,
    };
    let found = explain(&asked.situation, asked.sources.clone(), &question);
    found.ok_or_else(|| nobody(between.from, between.to).into())
}

/// What was found, as JSON.
#[must_use]
pub fn trace_document(asked: &Asked, report: &TraceReport, language: Language) -> Value {
    let mut value = trace_json(report, language);
    value["diagnostics"] = asked.warnings(language).into();
    value
}

/// Tells which packets work between two sets of ends; a side that is not given means everybody.
///
/// # Errors
///
/// With what is wrong with the question.
pub fn reach_of(
    asked: &Asked,
    (from, to): (Option<&str>, Option<&str>),
    (service, source_port): (&str, Option<&str>),
    budget: Budget,
) -> Result<Reached, Unanswered> {
    let end = |option, text: Option<&str>, side| match text {
        Some(text) => asked_selector(option, text, side, asked),
        None => Ok(Selector::everybody()),
    };
    let ends = (end("--from", from, Side::From), end("--to", to, Side::To));
    let sent = traffic(service, source_port);
    let ((senders, receivers), sent) = three(ends.0, ends.1, sent)?;
    let found = reach(&asked.situation, &senders, &receivers, &sent, budget);
    found.ok_or_else(|| nobody(from.unwrap_or("*"), to.unwrap_or("*")).into())
}

/// What was found, as JSON.
#[must_use]
pub fn reach_document(asked: &Asked, found: &Reached, language: Language) -> Value {
    let scene = Scene::of(&asked.situation, &asked.sources, language);
    let mut value = reach_json(found, scene);
    value["diagnostics"] = asked.warnings(language).into();
    value
}

/// All three, or everything that is wrong with any of them.
pub(super) fn three<A, B, C>(
    one: Result<A, super::Wrong>,
    other: Result<B, super::Wrong>,
    last: Result<C, super::Wrong>,
) -> Result<((A, B), C), Unanswered> {
    match (both(one, other), last) {
        (Ok(pair), Ok(last)) => Ok((pair, last)),
        (pair, last) => {
            let mut all = pair.err().unwrap_or(Unanswered(Vec::new()));
            all.0.extend(last.err());
            Err(all)
        }
    }
}
