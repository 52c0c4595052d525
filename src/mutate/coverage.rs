//! Which parts of a network the expectations of a file pin: taken away, each of them should turn at least one.

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::fate::{everything, share};
use super::suite::Suite;
use super::thing::{Thing, ThingKind};
use crate::diagnostic::Span;
use crate::engine::Reacher;
use crate::fabric::{Fabric, Party};
use crate::model::Place;
use crate::query::{Expectation, Traffics};
use crate::scenario::Planned;
use crate::space::{AddressSet, Fields, Set, Space};
use crate::verify::{
    Depth, Piece, Request, Selection, Side, Who, difference, judge, packets, party_of, select,
};

/// How well a part of a network is held by the expectations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Hold {
    /// Taken away, it turns at least one expectation.
    Pinned,
    /// Some expectation speaks of packets that it decides, and would not notice.
    Touched,
    /// No expectation speaks of what it decides.
    Untouched,
    /// Taken away, nothing works otherwise: it decides nothing, which is no fault of the expectations.
    Dead,
    /// The cloud does not let it be taken away, or the budget was not enough.
    Unknown,
}

impl Hold {
    /// The word of the JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pinned => "pinned",
            Self::Touched => "touched",
            Self::Untouched => "untouched",
            Self::Dead => "dead",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the expectations could hold it at all.
    #[must_use]
    pub fn counts(self) -> bool {
        matches!(self, Self::Pinned | Self::Touched | Self::Untouched)
    }
}

/// A part of a network with how well it is held.
#[derive(Clone, Debug)]
pub struct Covered {
    /// Where it is.
    pub place: Place,
    /// What it is.
    pub kind: ThingKind,
    /// How well it is held.
    pub hold: Hold,
    /// The expectations that turn without it.
    pub by: Vec<Span>,
    /// The services that it decides and some of those expectations asks about.
    pub pinned: Vec<String>,
    /// The services that it decides and none of those asks about.
    pub open: Vec<String>,
}

/// How many things are held how well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the ways to be held")]
pub struct Holds {
    pub pinned: usize,
    pub touched: usize,
    pub untouched: usize,
    pub dead: usize,
    pub unknown: usize,
}

impl Holds {
    /// Counts one in.
    pub fn add(&mut self, hold: Hold) {
        *match hold {
            Hold::Pinned => &mut self.pinned,
            Hold::Touched => &mut self.touched,
            Hold::Untouched => &mut self.untouched,
            Hold::Dead => &mut self.dead,
            Hold::Unknown => &mut self.unknown,
        } += 1;
    }

    /// How many could be pinned.
    #[must_use]
    pub fn all(&self) -> usize {
        self.pinned + self.touched + self.untouched
    }

    /// The share of those that could be pinned and are; `None` = there are none.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        share(self.pinned, self.all())
    }
}

/// How well each thing is held that coverage counts, in the order of the things. `done` hears of every one.
pub fn cover(suite: &Suite<'_>, things: &[Thing], done: impl Fn() + Sync) -> Vec<Covered> {
    let counted = |thing: &&Thing| ThingKind::COUNTED.contains(&thing.kind);
    let things: Vec<&Thing> = things.iter().filter(counted).collect();
    let asked = Asked::of(suite);
    let covered = things.par_iter().map(|thing| {
        let covered = one(suite, &asked, thing);
        done();
        covered
    });
    covered.collect()
}

fn one(suite: &Suite<'_>, asked: &Asked<'_>, thing: &Thing) -> Covered {
    let mut covered = Covered {
        place: thing.place.clone(),
        kind: thing.kind,
        hold: Hold::Unknown,
        by: Vec::new(),
        pinned: Vec::new(),
        open: Vec::new(),
    };
    let without = thing.mutants.first();
    let Some(Ok(without)) = without.map(|mutant| suite.mutated(&mutant.changes)) else {
        return covered;
    };
    let turned = suite.turned(&without);
    covered.by = turned.spans;
    let mut found = None;
    for traffic in [Traffics::default(), everything()] {
        let request =
            Request { traffic, budget: suite.budget, depth: Depth::Packets, ..Request::default() };
        let difference = difference(&suite.base, &without, &request);
        let is_over = difference.exceeded.is_some() || !difference.pieces.is_empty();
        found = Some(difference);
        if is_over {
            break;
        }
    }
    let Some(found) = found else { return covered };
    let is_told = found.exceeded.is_none() && turned.untold == 0;
    covered.hold = if !covered.by.is_empty() {
        Hold::Pinned
    } else if !is_told {
        Hold::Unknown
    } else if asked.speaks_of(&found.pieces) || asked.named.contains(&thing.place) {
        Hold::Touched
    } else if found.pieces.is_empty() {
        if found.doubtful == 0 { Hold::Dead } else { Hold::Unknown }
    } else {
        Hold::Untouched
    };
    (covered.pinned, covered.open) = asked.extent(&found.pieces, &covered.by);
    covered
}

/// What the expectations of a suite speak of.
struct Asked<'s> {
    suite: &'s Suite<'s>,
    /// Those of the network as it is, with the ends that they mean.
    ends: Vec<(&'s Expectation, Selection, Selection)>,
    /// What their reasons name.
    named: FxHashSet<Place>,
}

impl<'s> Asked<'s> {
    fn of(suite: &'s Suite<'s>) -> Self {
        let fabric = suite.base.fabric();
        let mut reacher = Reacher::within(&fabric, Space::within(suite.budget.begin()));
        let mut named = FxHashSet::default();
        let mut ends = Vec::new();
        for Planned { value, span } in &suite.scenario.base {
            let from = select(&fabric, &value.from, Side::From);
            ends.push((value, from, select(&fabric, &value.to, Side::To)));
            reacher.renew(suite.budget.begin());
            let report = judge(&mut reacher, value, *span, suite.today);
            for reason in report.found.iter().flat_map(|found| &found.reasons) {
                named.extend(reason.rule.as_ref().map(crate::query::RuleRef::place));
                named.extend(reason.cause.place.clone());
            }
        }
        Self { suite, ends, named }
    }

    /// Whether some expectation asks about a packet of these pieces.
    fn speaks_of(&self, pieces: &[Piece]) -> bool {
        let fabric = self.suite.base.fabric();
        let mut space = Space::within(self.suite.budget.begin());
        pieces.iter().any(|piece| {
            let set = services(&mut space, piece);
            self.ends.iter().any(|(asked, from, to)| {
                let meets =
                    |who: &[Who], selection| who.iter().any(|who| means(&fabric, selection, who));
                let own = packets_of(&mut space, asked);
                meets(&piece.from.who, from) && meets(&piece.to.who, to) && space.overlaps(own, set)
            })
        })
    }

    /// The services of these pieces that the expectations at these places ask about, and the others.
    fn extent(&self, pieces: &[Piece], by: &[Span]) -> (Vec<String>, Vec<String>) {
        let mut space = Space::within(self.suite.budget.begin());
        let sets: Vec<Set> = pieces.iter().map(|piece| services(&mut space, piece)).collect();
        let effective = space.union_all(sets);
        let scenario = self.suite.scenario;
        let stages = scenario.steps.iter().chain(&scenario.what_if);
        let later = stages.flat_map(|stage| &stage.expectations);
        let asked = scenario.base.iter().chain(later);
        let asked = asked.filter(|planned| by.contains(&planned.span));
        let sets: Vec<Set> = asked.map(|planned| packets_of(&mut space, &planned.value)).collect();
        let spoken = space.union_all(sets);
        let spoken = space.project(spoken, Fields::SERVICE);
        let pinned = space.intersection(effective, spoken);
        let open = space.difference(effective, spoken);
        if space.exhausted() {
            return Default::default();
        }
        let told = |set| {
            let rows = space.rows(set).into_iter();
            rows.map(|row| row.traffic.to_string()).collect()
        };
        (told(pinned), told(open))
    }
}

/// The services of a piece, whoever sends them from whatever port.
fn services(space: &mut Space, piece: &Piece) -> Set {
    let any = AddressSet::any();
    let sets: Vec<Set> = piece
        .packets
        .iter()
        .map(|row| space.cube(&any, &any, &row.traffic.clone().into()))
        .collect();
    let set = space.union_all(sets);
    space.project(set, Fields::SERVICE)
}

/// What an expectation asks about, addresses left open.
pub(super) fn packets_of(space: &mut Space, asked: &Expectation) -> Set {
    let any = AddressSet::any();
    let [v4, v6] = [false, true].map(|v6| packets(&asked.traffic, v6));
    space.cube(&any, &any, &v4.union(&v6))
}

/// Whether a selection means an end, or one of those that go by its name.
fn means(fabric: &Fabric, selection: &Selection, who: &Who) -> bool {
    match party_of(fabric, &who.endpoint) {
        Some(Party::Internet) => !selection.internet.is_empty(),
        Some(Party::Site(site)) => selection.sites.contains_key(&site),
        Some(Party::Host(resident, _)) => {
            let mut ends = selection.hosts.range((resident, None)..);
            ends.next().is_some_and(|((other, _), _)| *other == resident)
        }
        Some(Party::NatAddress(..) | Party::Nobody(_)) | None => false,
    }
}
