//! The exact difference of connectivity between two networks: who gained what, who lost what, and why.
//!
//! A connection counts as working if it works on all ways it may take, there and back, as everywhere. Ends are
//! matched by what they are called, outside ends (sites, the Internet) included; packets are compared as sets, so
//! `old + gained - lost = new` holds exactly for every pair. Ends that nothing tells apart, in neither network, are
//! compared once.

use std::collections::HashMap;
use std::sync::Arc;

use super::attribution::{Attribution, Causes};
use super::decision::Decider;
use super::intent::{self, IntentReport, Selected};
use super::land::{Alike, Desk, Land, Meaning, everyone, works};
use super::pieces::pieces;
use super::run::{NODES, Situation};
use super::select::Side;
use super::summary::Crowd;
use crate::model::Change;
use crate::model::between::Part;
use crate::query::{Intention, Reason, Traffics, Turn};
use crate::space::{AddressSet, Packet, Row, Set, Space};

/// What changed between two networks.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// Gains and losses; equal ones of several ends stand in one piece.
    pub pieces: Vec<Piece>,
    /// What is blocked in both networks, by something else; empty unless asked for.
    pub shifts: Vec<Shift>,
    /// Pairs of ends that were compared.
    pub pairs: u128,
    /// Pairs of which something that the files do not model may decide: what they gain or lose cannot be told.
    pub doubtful: u128,
    /// Classes of ends that nothing tells apart: the pairs of these were computed.
    pub classes: usize,
    /// For each change, whether any piece is due to it.
    pub effective: Vec<bool>,
    /// What came of what was meant to happen, if that was said.
    pub intent: Option<IntentReport>,
    /// The node budget ran out: nothing of this is to be relied on.
    pub exhausted: bool,
}

/// The same difference for every pair of `from` × `to`; an end of both is not paired with itself.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Gained or lost.
    pub turn: Turn,
    /// Who opens.
    pub from: Crowd,
    /// Who is meant.
    pub to: Crowd,
    /// The packets, disjoint and exact; addresses that are constant for a pair are left open.
    pub packets: Vec<Row>,
    /// One of them.
    pub witness: Option<Packet>,
    /// What blocked the gained packets before, or blocks the lost ones now.
    pub reasons: Vec<Reason>,
    /// Which sides are not there in the network where nothing works.
    pub absent: Absent,
    /// What lets them pass on the side where they work, and is not there, or decides otherwise, on the other.
    pub passed_by: Vec<Decider>,
    /// The changes that it is due to.
    pub causes: Causes,
}

/// Ends that only one of the networks has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Absent {
    /// Those who open.
    pub from: bool,
    /// Those who are meant.
    pub to: bool,
}

/// Packets that are blocked in both networks, for different reasons.
#[derive(Clone, Debug)]
pub struct Shift {
    /// Who opens.
    pub from: Crowd,
    /// Who is meant.
    pub to: Crowd,
    /// The packets.
    pub packets: Vec<Row>,
    /// What blocked them.
    pub before: Vec<Reason>,
    /// What blocks them now.
    pub after: Vec<Reason>,
}

/// What is asked about two networks, beside what works in them.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// What leads from the old to the new network: every piece then says which of these it is due to.
    pub deeds: Vec<Deed>,
    /// How deep to look.
    pub depth: Depth,
    /// What is meant to happen, and nothing else.
    pub intent: Option<Vec<Intention>>,
}

/// How much of a difference is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// What works.
    #[default]
    Connectivity,
    /// What blocks the rest, too.
    Reasons,
}

/// One thing that was done.
#[derive(Clone, Debug)]
pub enum Deed {
    /// A change of the cloud; what it refuses does not happen.
    Change(Change),
    /// These parts became what they are in the new network, in whatever order.
    Parts(Vec<Part>),
}

/// A pair of ends with a difference.
#[derive(Clone, Copy)]
pub(super) struct Changed {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) turn: Turn,
    pub(super) set: Set,
}

/// The two networks and what is common to them.
pub(super) struct Two<'a> {
    pub(super) lands: [&'a Land; 2],
    pub(super) ends: Vec<Alike>,
    pub(super) internet: AddressSet,
    pub(super) desk: Desk,
}

/// What works between two meanings of one network, so far.
type Known = HashMap<(Meaning, Meaning), (Set, Set)>;

/// The difference between two networks.
#[must_use]
pub fn difference(old: &Situation, new: &Situation, request: &Request) -> Difference {
    let before = Land::of(Arc::clone(&old.network));
    let after = Land::of(Arc::clone(&new.network));
    let lands = [&before, &after];
    let intentions = request.intent.as_deref().unwrap_or_default();
    let selected = intentions.iter().map(|item| Selected::of(item, lands));
    let selected: Vec<Selected> = selected.collect();
    let selections: Vec<_> = selected.iter().flat_map(Selected::all).collect();
    let mut two = Two {
        ends: everyone(&lands, &selections),
        internet: before.internet().intersection(&after.internet()),
        lands,
        desk: Desk::with_budget(NODES),
    };
    let Compared {
        changed,
        pairs,
        doubtful,
    } = compare(&mut two);
    let attribution = Attribution::new([&old.network, &new.network], &request.deeds);
    let intent = request.intent.is_some().then(|| {
        let meant: Vec<_> = selected.iter().map(|one| one.meant(&two)).collect();
        let (declared, undeclared) = intent::judge(&mut two, intentions, &meant, &changed);
        IntentReport {
            declared,
            undeclared: pieces(&mut two, &undeclared, &attribution),
        }
    });
    let pieces = pieces(&mut two, &changed, &attribution);
    let shifts = match request.depth {
        Depth::Connectivity => Vec::new(),
        Depth::Reasons => super::shift::shifts(&mut two),
    };
    let effective = (0..request.deeds.len()).map(|deed| {
        let mut pieces = pieces.iter();
        pieces.any(|piece| piece.causes.names(deed))
    });
    Difference {
        effective: effective.collect(),
        pieces,
        shifts,
        pairs,
        doubtful,
        classes: before.classes.len().max(after.classes.len()),
        intent,
        exhausted: two.desk.space.exhausted(),
    }
}

/// What came of comparing every pair of ends.
#[derive(Default)]
struct Compared {
    /// Those that work differently.
    changed: Vec<Changed>,
    /// How many there are.
    pairs: u128,
    /// Of how many something that is not modelled decides.
    doubtful: u128,
}

/// Every pair of ends that works differently.
fn compare(two: &mut Two<'_>) -> Compared {
    let mut works: [Vec<Vec<(Set, Set)>>; 2] = [Vec::new(), Vec::new()];
    for (at, works) in works.iter_mut().enumerate() {
        *works = connectivity(two, at);
    }
    let mut compared = Compared::default();
    let [before, after] = works;
    for (from, (was, is)) in before.iter().zip(&after).enumerate() {
        for (to, (was, is)) in was.iter().zip(is).enumerate() {
            let pairs = counted(two, from, to);
            compared.pairs += pairs;
            let space = &mut two.desk.space;
            if !(space.is_empty(was.1) && space.is_empty(is.1)) {
                compared.doubtful += pairs;
            }
            if was == is {
                continue;
            }
            for (turn, more, less) in [(Turn::Gained, is, was), (Turn::Lost, was, is)] {
                // What may work on the other side is neither gained nor lost for sure.
                let set = two.desk.space.difference(more.0, less.0);
                let set = two.desk.space.difference(set, less.1);
                if !two.desk.space.is_empty(set) {
                    compared.changed.push(Changed {
                        from,
                        to,
                        turn,
                        set,
                    });
                }
            }
        }
    }
    compared
}

/// How many pairs of endpoints two groups of alike ends make.
fn counted(two: &Two<'_>, from: usize, to: usize) -> u128 {
    let size = |at: usize| two.ends[at].len(&two.lands);
    let opens = two.ends[from].takes_part(&two.lands, Side::From);
    let meant = two.ends[to].takes_part(&two.lands, Side::To);
    match opens && meant {
        true if from == to => size(from) * size(from).saturating_sub(1),
        true => size(from) * size(to),
        false => 0,
    }
}

/// What works between all ends in one of the networks: every service from the usual source ports.
fn connectivity(two: &mut Two<'_>, at: usize) -> Vec<Vec<(Set, Set)>> {
    /// Nothing works, and nothing is in doubt.
    const NOTHING: (Set, Set) = (Space::EMPTY, Space::EMPTY);
    let land = two.lands[at];
    let (ends, internet) = (&two.ends, &two.internet);
    two.desk.over(&land.fabric, |reacher| {
        let mut known = Known::new();
        let traffic = super::answer::packets(&Traffics::default(), false);
        let any = AddressSet::any();
        let traffic = reacher.space.cube(&any, &any, &traffic);
        let rows = ends.iter().map(|from| {
            let row = ends.iter().map(|to| {
                let alone = std::ptr::eq(from, to) && !from.several;
                let (Some(from), Some(to)) = (from.means[at], to.means[at]) else {
                    return NOTHING;
                };
                let skipped = !land.takes_part(from, Side::From) || !land.takes_part(to, Side::To);
                if skipped || alone && matches!(from, Meaning::Class(_)) {
                    return NOTHING;
                }
                if let Some(set) = known.get(&(from, to)) {
                    return *set;
                }
                let set = works(reacher, land, (from, to), (traffic, internet));
                known.insert((from, to), set);
                set
            });
            row.collect()
        });
        rows.collect()
    })
}
