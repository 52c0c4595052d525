//! What `failures` tells, to be kept and read again: a head, as JSON, and a line for every promise that something breaks.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::{BreakTold, DownTold, EntryTold, FailuresTold, PromiseTold, kind_name};
use crate::code::Code;
use crate::model::{Failing, Kind};
use crate::query::Verdict;
use crate::verify::Outcome;

/// A promise that breaks when something fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureLine {
    /// What fails: its place among all that can, its id, what it is.
    pub down: Vec<(usize, String, &'static str)>,
    /// Whether only promises about machines that fail break.
    pub is_end: bool,
    /// The promise, by position.
    pub promise: usize,
    /// The promise itself.
    pub about: PromiseTold,
    /// What is so instead.
    pub verdict: Option<&'static str>,
    /// How it fares then.
    pub outcome: &'static str,
    /// Why, by code.
    pub reasons: Vec<&'static str>,
}

impl FailuresTold {
    /// All but what breaks.
    #[must_use]
    pub fn head(&self) -> Value {
        let promises = self.promises.iter().map(|promise| {
            json!({
                "name": promise.name,
                "file": promise.file,
                "line": promise.line,
                "from": promise.from,
                "to": promise.to,
                "service": promise.service,
                "expected": promise.expected,
                "outcome": promise.outcome.name(),
                "own": promise.is_own,
            })
        });
        json!({
            "k": self.at_once,
            "promises": promises.collect::<Vec<_>>(),
            "failures": self.failures,
            "tried": [self.tried.0, self.tried.1],
            "failed": self.failed,
            "groups": self.groups,
        })
    }

    /// What breaks, line by line.
    pub fn lines(&self) -> impl Iterator<Item = FailureLine> {
        self.entries.iter().flat_map(move |entry| {
            let down = entry.down.iter();
            let down = down.map(|one| (one.number, one.id.clone(), kind_name(one.kind)));
            let down: Vec<_> = down.collect();
            entry.breaks.iter().map(move |broken| FailureLine {
                down: down.clone(),
                is_end: entry.is_end,
                promise: broken.promise,
                about: self.promises[broken.promise].clone(),
                verdict: broken.verdict,
                outcome: broken.outcome.name(),
                reasons: broken.reasons.clone(),
            })
        })
    }

    /// The same again from its head; nothing breaks yet. `None` = this is no such head.
    #[must_use]
    pub fn of_head(head: &Value, file: &str, at: Option<&str>) -> Option<Self> {
        let number = |value: &Value| usize::try_from(value.as_u64()?).ok();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let promises = head["promises"].as_array()?.iter().map(|promise| {
            Some(PromiseTold {
                name: text(&promise["name"]),
                file: text(&promise["file"])?,
                line: number(&promise["line"])?,
                from: text(&promise["from"])?,
                to: text(&promise["to"])?,
                service: text(&promise["service"])?,
                expected: verdict_of(promise["expected"].as_str()?)?,
                outcome: outcome_of(promise["outcome"].as_str()?)?,
                is_own: promise["own"].as_bool()?,
            })
        });
        Some(Self {
            file: file.to_owned(),
            at: at.map(str::to_owned),
            at_once: number(&head["k"])?,
            shard: None,
            promises: promises.collect::<Option<_>>()?,
            failures: number(&head["failures"])?,
            tried: (number(&head["tried"][0])?, number(&head["tried"][1])?),
            failed: number(&head["failed"])?,
            groups: number(&head["groups"])?,
            entries: Vec::new(),
            open: Vec::new(),
        })
    }

    /// Adds a line again: those of one failure follow each other. `None` = there is no such kind, promise or code.
    pub fn add(
        &mut self,
        down: &[(usize, String, String)],
        is_end: bool,
        (promise, verdict, outcome, reasons): (usize, Option<&str>, &str, &str),
    ) -> Option<()> {
        self.promises.get(promise)?;
        let down = down.iter().map(|(number, id, kind)| {
            Some(DownTold { number: *number, id: id.clone(), kind: kind_of(kind)? })
        });
        let down: Vec<DownTold> = down.collect::<Option<_>>()?;
        let reasons = reasons.split_whitespace().map(|name| {
            let mut codes = Code::ALL.iter();
            let code = codes.find(|code| code.name() == name)?;
            Some(code.name())
        });
        let broken = BreakTold {
            promise,
            verdict: match verdict {
                Some(verdict) => Some(verdict_of(verdict)?),
                None => None,
            },
            outcome: outcome_of(outcome)?,
            reasons: reasons.collect::<Option<_>>()?,
        };
        match self.entries.last_mut() {
            Some(last) if last.down == down => last.breaks.push(broken),
            _ => self.entries.push(EntryTold { down, is_end, breaks: vec![broken] }),
        }
        Some(())
    }

    /// The order to be told, after slices were put together: that of a sweep.
    pub fn sort(&mut self) {
        self.entries.sort_by_cached_key(|entry| {
            let down = entry.down.iter().map(|one| one.number);
            let breaks = Reverse(entry.breaks.len());
            (entry.down.len(), entry.is_end, breaks, down.collect::<Vec<_>>())
        });
    }
}

fn verdict_of(name: &str) -> Option<&'static str> {
    let verdicts =
        [Verdict::Reachable, Verdict::Unreachable, Verdict::Partial, Verdict::Undetermined];
    let mut names = verdicts.into_iter().map(Verdict::name);
    names.find(|known| *known == name)
}

fn outcome_of(name: &str) -> Option<Outcome> {
    let all = [
        Outcome::Pass,
        Outcome::Fail,
        Outcome::Vacuous,
        Outcome::Undetermined,
        Outcome::Waived,
        Outcome::Error,
    ];
    all.into_iter().find(|outcome| outcome.name() == name)
}

fn kind_of(name: &str) -> Option<Failing> {
    let parts = [Kind::VpnConnection, Kind::DirectConnectTunnel];
    let entities = Kind::SECTIONS.iter().copied().chain(parts);
    let all = [Failing::Attachment, Failing::Link].into_iter();
    let mut all = all.chain(entities.map(Failing::Entity));
    all.find(|kind| kind_name(*kind) == name)
}
