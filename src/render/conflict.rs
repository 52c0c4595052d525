//! Why there is no plan: what cannot hold together, and where and why each promise of it breaks, as text and as JSON.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::check_text::{distinct, verdict_word, why_expectation};
use super::json::reason_json;
use super::plan::SCHEMA;
use super::scene::Scene;
use super::sentence::sentence;
use super::several::several;
use super::style::paragraph;
use crate::code::Language;
use crate::diagnostic::{Sources, Span, Words};
use crate::id::Id;
use crate::model::between::{Part, differences};
use crate::model::{Locate, Network, Place};
use crate::plan::{Conflict, Hurdle, Moment, Rule};
use crate::verify::Note;

/// So many blockers of a promise are told.
const BLOCKERS: usize = 3;

/// A file that a plan is between.
#[derive(Clone, Copy)]
pub struct Written<'a> {
    /// Its network.
    pub network: &'a Network,
    /// Where the parts of it stand.
    pub origins: &'a dyn Locate,
    /// The texts they stand in.
    pub sources: &'a Sources,
}

/// Why there is no plan, with what the words need.
pub struct Impossible<'a> {
    /// What cannot hold together.
    pub conflict: &'a Conflict,
    /// What each promise is called: its name, or where it stands.
    pub names: &'a [String],
    /// The file to start from.
    pub from: Written<'a>,
    /// The file of the end, if there is one.
    pub goal: Option<Written<'a>>,
}

impl Impossible<'_> {
    /// What cannot hold together, as a list: under each promise where it breaks, and why.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let head = match language {
            Language::English => "there is no plan: this cannot hold together",
            Language::Chinese => "没有可行的计划：以下各项不能同时成立",
        };
        let mut text = format!("{head}\n");
        for name in self.promises() {
            text += &item(name);
            for hurdle in self.hurdles(name) {
                text += &self.told(hurdle, language);
            }
        }
        // what is known beside has been told with the promise
        let rules = self.conflict.rules.iter();
        let rules = rules.map(|rule| rule_words(*rule).text(language).to_owned());
        for one in self.refused(language).into_iter().chain(rules) {
            text += &item(&one);
        }
        text
    }

    /// The same as JSON.
    #[must_use]
    pub fn json(&self, file: &str, language: Language) -> Value {
        let mut conflict: Vec<String> = self.promises().cloned().collect();
        conflict.extend(self.refused(language));
        let why = self.conflict.hurdles.iter();
        let why: Vec<Value> = why.map(|it| self.data(it, language)).collect();
        json!({
            "schema": SCHEMA, "file": file, "possible": false, "steps": [], "windows": 0, "windows_at_least": 0,
            "conflict": conflict, "why": why, "rules": self.rules(language),
        })
    }

    fn promises(&self) -> impl Iterator<Item = &String> {
        let all = self.conflict.promises.iter();
        all.filter_map(|at| self.names.get(*at))
    }

    fn hurdles<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Hurdle> {
        let all = self.conflict.hurdles.iter();
        all.filter(move |it| self.names.get(it.promise).is_some_and(|own| own == name))
    }

    /// What the cloud refuses where no promise stands in the way.
    fn refused(&self, language: Language) -> Option<String> {
        let words = self.conflict.refused.as_ref();
        let words = words.filter(|_| self.conflict.promises.is_empty());
        words.map(|words| words.text(language).to_owned())
    }

    /// The rules of the cloud without which there would be a plan, in words, and what else is known of why a promise cannot
    /// hold.
    fn rules(&self, language: Language) -> Vec<String> {
        let rules = self.conflict.rules.iter();
        let rules = rules.map(|rule| rule_words(*rule).text(language).to_owned());
        let known = self.conflict.refused.iter();
        let known = known.filter(|_| !self.conflict.promises.is_empty());
        rules.chain(known.map(|words| words.text(language).to_owned())).collect()
    }

    /// When a promise breaks, and every blocker with its code and the place that decides.
    fn told(&self, hurdle: &Hurdle, language: Language) -> String {
        let known = self.places(hurdle);
        let scene = known.scene(hurdle, language);
        let report = &hurdle.report;
        let asked = &report.expectation;
        let (from, to, service) = (&asked.from_text, &asked.to_text, &asked.service_text);
        let when = moment(&hurdle.moment, language);
        let verdict = report.found.as_ref().map(|found| found.verdict);
        let is_plain = report.notes.iter().all(|note| *note == Note::OtherVerdict);
        let head = if let Some(verdict) = verdict.filter(|_| is_plain) {
            let verdict = verdict_word(verdict, language);
            match language {
                Language::English => format!("{when}, {from} → {to} {service} is {verdict}"),
                Language::Chinese => format!("{when}，{from} → {to} {service} {verdict}"),
            }
        } else {
            let why = why_expectation(scene, report);
            match language {
                Language::English => format!("{when}: {why}"),
                Language::Chinese => format!("{when}：{why}"),
            }
        };
        let mut text = paragraph(4, &head, "");
        let reasons = report.found.as_ref();
        let reasons = reasons.map_or(&[][..], |found| &found.reasons);
        let reasons = distinct(reasons);
        for shared in reasons.iter().take(BLOCKERS) {
            let reason = shared.reason;
            let code = reason.cause.code;
            let said = sentence(reason, language);
            let said = match code.rules().first() {
                Some(rule) => format!("{said} [{code}, {rule}]"),
                None => format!("{said} [{code}]"),
            };
            let place = scene.blame(reason).map(|spot| scene.short(spot));
            text += &paragraph(6, &said, &place.unwrap_or_default());
        }
        let more = reasons.len().saturating_sub(BLOCKERS);
        if more > 0 {
            let words = Words::new(format!("… and {more} more"), format!("……另有 {more} 处"));
            text += &paragraph(6, words.text(language), "");
        }
        text
    }

    fn data(&self, hurdle: &Hurdle, language: Language) -> Value {
        let known = self.places(hurdle);
        let scene = known.scene(hurdle, language);
        let found = hurdle.report.found.as_ref();
        let reasons = found.map_or(&[][..], |found| &found.reasons);
        let reasons: Vec<Value> = reasons.iter().map(|it| reason_json(scene, it)).collect();
        let (when, step, restarts) = match &hurdle.moment {
            Moment::Start => ("start", None, &[][..]),
            Moment::Step { name, restarts } => ("step", Some(name.text(language)), &restarts[..]),
            Moment::End => ("end", None, &[][..]),
        };
        let restarts: Vec<&str> = restarts.iter().map(Id::as_str).collect();
        json!({
            "promise": self.names.get(hurdle.promise),
            "when": when,
            "step": step,
            "restarts": restarts,
            "verdict": found.map(|found| found.verdict.name()),
            "message": why_expectation(scene, &hurdle.report),
            "reasons": reasons,
        })
    }

    /// Where the parts of the network stand that breaks a promise.
    fn places(&self, hurdle: &Hurdle) -> Places<'_> {
        let written = match (&hurdle.moment, self.goal) {
            (Moment::End, Some(goal)) => goal,
            _ => self.from,
        };
        let parts = differences(written.network, &hurdle.network).into_iter();
        let changed = parts.filter_map(|(part, _)| match part {
            Part::Entity(_, id) | Part::Links(id) => Some(id),
            Part::Failure(_) | Part::Name(_) | Part::Platform => None,
        });
        Places { written, changed: changed.collect() }
    }
}

/// Places of a file, as far as they are still as it says: what a step has changed stands nowhere.
struct Places<'a> {
    written: Written<'a>,
    changed: BTreeSet<Id>,
}

impl Places<'_> {
    fn scene<'a>(&'a self, hurdle: &'a Hurdle, language: Language) -> Scene<'a> {
        Scene { network: &hurdle.network, origins: self, sources: self.written.sources, language }
    }
}

impl Locate for Places<'_> {
    fn locate(&self, place: &Place) -> Option<Span> {
        let is_changed = self.changed.contains(&place.id);
        (!is_changed).then(|| self.written.origins.locate(place)).flatten()
    }
}

fn moment(moment: &Moment, language: Language) -> String {
    let words = match moment {
        Moment::Start => Words::new("before the first step", "第一步之前"),
        Moment::End => Words::new("after the last step", "最后一步之后"),
        Moment::Step { name, restarts } if restarts.is_empty() => Words::new(
            format!("after the step \"{}\"", name.english()),
            format!("“{}”之后", name.chinese()),
        ),
        Moment::Step { name, restarts } => {
            let ids: Vec<&str> = restarts.iter().map(Id::as_str).collect();
            let verb = if ids.len() == 1 { "restarts" } else { "restart" };
            Words::new(
                format!(
                    "while {} {verb} in the step \"{}\"",
                    several(&ids, Language::English),
                    name.english()
                ),
                format!("在“{}”中 {} 重启期间", name.chinese(), several(&ids, Language::Chinese)),
            )
        }
    };
    words.text(language).to_owned()
}

fn item(text: &str) -> String {
    format!("  - {text}\n")
}

fn rule_words(rule: Rule) -> Words {
    match rule {
        Rule::Restart => {
            Words::new("a machine that moves restarts (MIG-2)", "云服务器迁移时会重启（MIG-2）")
        }
        Rule::OneZone => Words::new(
            "machines move into one zone at a time (MIG-4)",
            "一次只能迁入一个可用区（MIG-4）",
        ),
        Rule::Batch => Words::new(
            "at most 100 machines move at a time (MIG-4)",
            "一次最多迁移 100 台（MIG-4）",
        ),
    }
}
