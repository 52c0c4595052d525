//! Where the things that a report speaks of stand in files.

use crate::code::Language;
use crate::diagnostic::{Sources, Span};
use crate::id::Id;
use crate::model::{Locate, Network, Place};
use crate::query::{ListName, NearMiss, Reason, TraceStep};
use crate::verify::{FileReport, Situation, StageReport, TraceReport};

/// A network, where its parts stand, and the language to speak of it.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The rules and routes that are quoted.
    pub network: &'a Network,
    /// Where they stand.
    pub origins: &'a dyn Locate,
    /// The texts they stand in.
    pub sources: &'a Sources,
    /// The language of the reader.
    pub language: Language,
}

/// A place in a file, for people and for scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot<'a> {
    pub(super) span: Span,
    pub(super) path: &'a str,
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Spot<'_> {
    /// `shop.ron:41`.
    pub(super) fn short(&self) -> String {
        format!("{}:{}", self.path, self.line)
    }
}

impl<'a> Scene<'a> {
    /// The scene of a network with the texts that it stands in.
    #[must_use]
    pub fn of(situation: &'a Situation, sources: &'a Sources, language: Language) -> Self {
        Self { network: &situation.network, origins: &*situation.origins, sources, language }
    }

    /// The scene of a stage of a file.
    #[must_use]
    pub fn of_stage(file: &'a FileReport, stage: &'a StageReport, language: Language) -> Self {
        Self { network: &stage.network, origins: &*stage.origins, sources: &file.sources, language }
    }

    /// The scene of a trace.
    #[must_use]
    pub fn of_trace(report: &'a TraceReport, language: Language) -> Self {
        Self {
            network: &report.network,
            origins: &*report.origins,
            sources: &report.sources,
            language,
        }
    }

    /// The path of the file that was asked about, if [`Scene::short`] leaves some of it out.
    pub(super) fn shortened(&self) -> Option<&'a str> {
        let path = &self.sources.iter().next()?.path;
        (self.tail(path) != path).then_some(path)
    }

    /// `shop.ron:41`: the file by as much of its path as tells it from the others, and the line.
    pub(super) fn short(&self, spot: Spot<'_>) -> String {
        format!("{}:{}", self.tail(spot.path), spot.line)
    }

    fn tail<'p>(&self, path: &'p str) -> &'p str {
        let cuts = path.rmatch_indices('/').map(|(at, _)| &path[at + 1..]);
        let unique = |tail: &&str| {
            let same = self.sources.iter().filter(|source| {
                let rest = source.path.strip_suffix(tail);
                rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
            });
            same.count() == 1
        };
        cuts.into_iter().find(unique).unwrap_or(path)
    }

    /// Where a span begins.
    pub(super) fn spot(&self, span: Span) -> Option<Spot<'a>> {
        spot(self.sources, span)
    }

    /// Where a place stands; if it was not written itself, the nearest thing around it that was.
    pub(super) fn find(&self, place: &Place) -> Option<Spot<'a>> {
        let mut place = place.clone();
        loop {
            if let Some(span) = self.origins.locate(&place) {
                return self.spot(span);
            }
            place.path.pop()?;
        }
    }

    fn entity(&self, id: Option<&Id>) -> Option<Spot<'a>> {
        self.find(&Place::of(id?))
    }

    /// The line to blame: the rule that dropped the packet, the route, the list without a rule, the object.
    pub(super) fn blame(&self, reason: &Reason) -> Option<Spot<'a>> {
        let rule = reason.rule.as_ref().map(crate::query::RuleRef::place);
        let list = silent_list(reason);
        let places = [rule.as_ref(), list.as_ref(), reason.cause.place.as_ref()];
        places
            .into_iter()
            .flatten()
            .find_map(|place| self.find(place))
            .or_else(|| self.entity(reason.cause.at.as_ref()))
            .or_else(|| self.entity(reason.endpoint.as_ref().and_then(|end| end.id())))
    }

    /// The line of the rule that came closest.
    pub(super) fn nearest(&self, near: &NearMiss) -> Option<Spot<'a>> {
        self.find(&near.rule.place())
    }

    /// The line that decided a hop.
    pub(super) fn step(&self, step: &TraceStep) -> Option<Spot<'a>> {
        if let Some(reason) = &step.reason {
            return self.blame(reason);
        }
        let rule = step.rule.as_ref().map(crate::query::RuleRef::place);
        let place = rule.as_ref().or(step.place.as_ref());
        place.and_then(|place| self.find(place)).or_else(|| self.entity(step.at.as_ref()))
    }
}

/// Where a span begins in these sources.
pub(super) fn spot(sources: &Sources, span: Span) -> Option<Spot<'_>> {
    let (path, line, column) = sources.place(span)?;
    Some(Spot { span, path, line, column })
}

/// The list of rules in which nothing matched.
fn silent_list(reason: &Reason) -> Option<Place> {
    let list = ListName::denying(reason.cause.code)?;
    let owner = reason.cause.at.as_ref()?;
    reason.rule.is_none().then(|| Place::field(owner, list.name()))
}
