//! The exact difference of connectivity between two networks: who gained what, who lost what, and why.
//!
//! A connection counts as working if it works on all ways it may take, there and back, as everywhere. Ends are
//! matched by what they are called, outside ends (sites, the Internet) included; packets are compared as sets, so
//! `old + gained - lost = new` holds exactly for every pair. Ends that nothing tells apart, in neither network, are
//! compared once.

use std::sync::Arc;

use super::attribution::{Attribution, Causes};
use super::compare::{Compared, compare, counted};
use super::decision::Decider;
use super::desk::Desk;
use super::everyone::everyone;
use super::intent::{self, IntentReport, Selected};
use super::kept::{Common, Kept, Resting};
use super::land::{Alike, Land};
use super::moves::{Move, moves};
use super::pieces::pieces;
use super::run::Situation;
use super::summary::Crowd;
use super::untold::Untold;
use crate::model::Change;
use crate::model::between::Part;
use crate::query::{Intention, Reason, Traffics, Turn};
use crate::space::{AddressSet, Allowance, Budget, Exceeded, Packet, Row, Set};

/// What changed between two networks.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// Gains and losses; equal ones of several ends stand in one piece.
    pub pieces: Vec<Piece>,
    /// What is blocked in both networks, by something else; empty unless asked for.
    pub shifts: Vec<Shift>,
    /// What another line carries than before, whether anything is gained or lost by it or not.
    pub moves: Vec<Move>,
    /// Pairs of ends that were compared.
    pub pairs: u128,
    /// Pairs of which something that the files do not model may decide: what they gain or lose cannot be told.
    pub doubtful: u128,
    /// Classes of ends that nothing tells apart: the pairs of these were computed.
    pub classes: usize,
    /// For each change, whether any piece is due to it.
    pub effective: Vec<bool>,
    /// Groups of alike ends for which something differs that their connections rest on: all pairs of others were skipped.
    pub touched: usize,
    /// What came of what was meant to happen, if that was said.
    pub intent: Option<IntentReport>,
    /// What was left out of the networks and may gain or lose something: no difference is told of it.
    pub untold: Vec<Untold>,
    /// The budget was not enough, of this: there may be any difference, and none is told.
    pub exceeded: Option<Exceeded>,
}

impl Difference {
    /// Whether the difference is the whole truth.
    #[must_use]
    pub fn is_determined(&self) -> bool {
        self.exceeded.is_none() && self.untold.is_empty()
    }

    /// Whether a deed has an effect; `None` = that could not be told.
    #[must_use]
    pub fn effect(&self, deed: usize) -> Option<bool> {
        let effect = self.effective.get(deed).copied();
        let is_open = self.untold.iter().any(|it| it.deed == Some(deed));
        effect.filter(|effect| *effect || !is_open)
    }
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
    /// Which pairs to compute.
    pub scope: Scope,
    /// What is sent between them: every service from the usual source ports unless told otherwise.
    pub traffic: Traffics,
    /// How much the comparison may take.
    pub budget: Budget,
}

/// Which pairs of ends are computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Those that something differs for.
    #[default]
    Touched,
    /// All of them: the same answer, the slow way.
    Everything,
}

/// How much of a difference is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// What works, and nothing of why: no piece has reasons, or says what lets it pass.
    Packets,
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
#[derive(Clone)]
pub(super) struct Changed {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) turn: Turn,
    pub(super) set: Set,
    /// The changes that it is due to, once they are known.
    pub(super) causes: Causes,
}

/// The two networks and what is common to them.
pub(super) struct Two<'a> {
    pub(super) lands: [&'a Land; 2],
    pub(super) ends: Arc<Vec<Alike>>,
    pub(super) internet: AddressSet,
    /// What is sent.
    pub(super) traffic: Traffics,
    pub(super) desk: Desk,
    /// Whether it is asked why a part works, or does not.
    pub(super) asks_why: bool,
    /// What holds for all networks that differ from the old one in nothing but rules.
    pub(super) resting: Option<Resting>,
    /// How many pairs of different endpoints there are.
    pub(super) pairs: u128,
}

/// The difference between two networks.
#[must_use]
pub fn difference(old: &Situation, new: &Situation, request: &Request) -> Difference {
    difference_within(request.budget.begin(), old, new, request)
}

/// The same in what is left of the time of a larger question.
pub(super) fn difference_within(
    allowance: Allowance,
    old: &Situation,
    new: &Situation,
    request: &Request,
) -> Difference {
    let kept = old.kept();
    let is_fresh = kept.desk.is_fresh();
    let found = difference_from(kept, allowance, (old, new), request);
    match found.exceeded {
        // What others have left in the arena is not to be its trouble.
        Some(Exceeded::Nodes(_)) if !is_fresh => {
            difference_from(Kept::default(), allowance, (old, new), request)
        }
        _ => found,
    }
}

fn difference_from(
    kept: Kept,
    allowance: Allowance,
    (old, new): (&Situation, &Situation),
    request: &Request,
) -> Difference {
    let Kept { mut desk, mut resting } = kept;
    desk.renew(allowance);
    let (before, after) = if new.network.differs_in_rules_only(&old.network) {
        // Most of the new network is not compiled again.
        let before = Land::of(old);
        let after = before.beside(new);
        (before, after)
    } else {
        rayon::join(|| Land::of(old), || Land::of(new))
    };
    // Where a rule divides classes of the old network, both have those of the new one.
    let divided = before.divided_as(&after);
    let is_divided = divided.is_some();
    let before = divided.unwrap_or(before);
    let mut here = if is_divided { None } else { resting.take() };
    let lands = [&before, &after];
    let intentions = request.intent.as_deref().unwrap_or_default();
    let selected = intentions.iter().map(|item| Selected::of(item, lands));
    let selected: Vec<Selected> = selected.collect();
    let selections: Vec<_> = selected.iter().flat_map(Selected::all).collect();
    let common = if selections.is_empty() {
        Resting::common(&mut here, lands, |ends| counted(lands, ends))
    } else {
        let ends = everyone(&lands, &selections);
        Common {
            pairs: counted(lands, &ends),
            ends: Arc::new(ends),
            internet: before.internet().intersection(&after.internet()),
        }
    };
    desk.ask_about(&common.internet);
    let mut two = Two {
        ends: common.ends,
        internet: common.internet,
        pairs: common.pairs,
        lands,
        traffic: request.traffic.clone(),
        desk,
        asks_why: request.depth != Depth::Packets,
        resting: here,
    };
    let found = compared(&mut two, (old, new), &selected, request);
    let resting = if is_divided { resting } else { two.resting };
    if let Some(kept) = Kept::of(two.desk, resting, &before) {
        old.keep(kept);
    }
    found
}

fn compared(
    two: &mut Two<'_>,
    (old, new): (&Situation, &Situation),
    selected: &[Selected],
    request: &Request,
) -> Difference {
    let [before, after] = two.lands;
    let intentions = request.intent.as_deref().unwrap_or_default();
    // What a change takes away was named before it.
    let named = two.lands.iter().flat_map(|land| land.fabric.named.iter());
    two.desk.space.wish(&named.copied().collect());
    let Compared { changed, pairs, doubtful, computed } = compare(two, request.scope);
    let attribution = Attribution::new([&old.network, &new.network], &request.deeds);
    let changed = attribution.split(two, changed);
    let intent = request.intent.is_some().then(|| {
        let meant: Vec<_> = selected.iter().map(|one| one.meant(two)).collect();
        let (declared, undeclared) = intent::judge(two, intentions, &meant, &changed);
        IntentReport { declared, undeclared: pieces(two, &undeclared) }
    });
    let pieces = pieces(two, &changed);
    let shifts = match request.depth {
        Depth::Packets | Depth::Connectivity => Vec::new(),
        Depth::Reasons => super::shift::shifts(two),
    };
    if let Some(exceeded) = two.desk.space.exceeded() {
        return Difference {
            pairs,
            classes: before.classes.len().max(after.classes.len()),
            exceeded: Some(exceeded),
            ..Difference::default()
        };
    }
    let effective = (0..request.deeds.len()).map(|deed| {
        let mut pieces = pieces.iter();
        pieces.any(|piece| piece.causes.names(deed))
    });
    Difference {
        effective: effective.collect(),
        pieces,
        shifts,
        moves: if after.fabric.shares_ways(&before.fabric) {
            Vec::new()
        } else {
            moves(&old.network, &new.network)
        },
        pairs,
        doubtful,
        classes: before.classes.len().max(after.classes.len()),
        touched: computed,
        intent,
        untold: Vec::new(),
        exceeded: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn untold(deed: Option<usize>) -> Untold {
        Untold { what: "cvm".to_owned(), reason: "not modelled".to_owned(), deed }
    }

    #[test]
    fn a_deed_without_pieces_has_no_effect_only_where_nothing_of_it_was_left_out() {
        let found = Difference {
            effective: vec![true, true, false, false],
            untold: vec![untold(Some(1)), untold(Some(3)), untold(None)],
            ..Difference::default()
        };
        let effects: Vec<_> = (0..5).map(|deed| found.effect(deed)).collect();
        assert_eq!(effects, [Some(true), Some(true), Some(false), None, None]);
    }

    #[test]
    fn a_difference_is_the_whole_truth_if_nothing_was_left_out_and_the_budget_was_enough() {
        let exceeded = Some(Exceeded::Nodes(1));
        for (untold, exceeded, whole) in [
            (vec![], None, true),
            (vec![untold(None)], None, false),
            (vec![], exceeded, false),
            (vec![untold(None)], exceeded, false),
        ] {
            let found = Difference { untold, exceeded, ..Difference::default() };
            assert_eq!(found.is_determined(), whole);
        }
    }
}
