//! Certificates: why a verdict holds, as facts that somebody can check who trusts no engine.
//!
//! What is asked is divided into boxes, each with a claim: it is cut at this place, or it takes this walk, there and back.
//! A box is so small that every rule on its way takes all of it or none. `docs/certificates.md` says what a claim means;
//! `tools/certcheck.py` checks it from the scenario alone.
//!
//! | module | what it does |
//! |---|---|
//! | `boxes` | a set as boxes |
//! | `judged` | one way's packets, divided by the rules that decide |
//! | `claim` | stages, cuts and walks as data |
//! | `file` | every expectation of a file |
//! | `gap` | what has no certificate yet, and why |
//! | `question` | what a difference is asked about |
//! | `rests` | the rules that a proof stands on |
//!
//! Not here: the text of a certificate (`render`), digests and files (`cli`).

mod boxes;
mod claim;
mod file;
mod gap;
mod judged;
mod question;
mod rests;

use std::collections::BTreeMap;
use std::iter::successors;
use std::net::IpAddr;

pub use boxes::PacketBox;
pub use claim::{Change, Claim, Cut, Outcome, Stage};
pub use file::{Setting, setting, settings_of};
pub use gap::Gap;
pub use question::{Question, questions};
pub use rests::rests_on;

use crate::code::Code;
use crate::engine::{Pair, Reacher};
use crate::fabric::Party;
use crate::id::Id;
use crate::model::Endpoint;
use crate::query::{Expectation, Selector, Traffics, Verdict};
use crate::space::{AddressSet, Set, after};
use crate::verify::{End, Selection, Side, endpoint_of, pairs, select};

use boxes::boxes;
use judged::{Atoms, outcomes, refined};

/// More pairs than these have no certificate: nobody would read it.
const MOST_PAIRS: usize = 4096;

/// Packets of one pair with the same claim.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Who opens.
    pub from: Endpoint,
    /// Who is meant.
    pub to: Endpoint,
    /// The packets, as disjoint boxes.
    pub boxes: Vec<PacketBox>,
    /// What becomes of them.
    pub claim: Claim,
}

/// What was asked of one pair.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Who opens.
    pub from: Endpoint,
    /// Who is meant.
    pub to: Endpoint,
    /// The packets.
    pub packets: PacketBox,
}

/// Why a verdict holds.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The verdict.
    pub verdict: Verdict,
    /// The ends that `from` and `to` mean, with their addresses.
    pub ends: [Vec<(Endpoint, AddressSet)>; 2],
    /// What was asked, as boxes.
    pub asked: Vec<Asked>,
    /// The same, divided by what becomes of it.
    pub pieces: Vec<Piece>,
}

/// Proves the verdict of an expectation.
///
/// # Errors
///
/// With why it has no certificate.
pub fn certify(reacher: &mut Reacher<'_>, expectation: &Expectation) -> Result<Proof, Gap> {
    let Expectation { from, to, .. } = expectation;
    prove(reacher, [from, to], &expectation.traffic)
}

/// Proves what becomes of the connections between two sets.
///
/// # Errors
///
/// With why it has no certificate.
pub fn prove(
    reacher: &mut Reacher<'_>,
    [from, to]: [&Selector; 2],
    traffic: &Traffics,
) -> Result<Proof, Gap> {
    let fabric = reacher.fabric();
    if !fabric.network.unmodelled.is_empty() {
        return Err(Gap::Unmodelled);
    }
    if !(is_plain(from) && is_plain(to)) {
        return Err(Gap::Selector);
    }
    let from: Vec<End> = ends(&select(fabric, from, Side::From));
    let to: Vec<End> = ends(&select(fabric, to, Side::To));
    if from.len() * to.len() > MOST_PAIRS {
        return Err(Gap::TooLarge);
    }
    let told = |ends: &[End]| {
        let ends = ends.iter();
        ends.map(|(party, _, set)| (endpoint_of(fabric, *party), set.clone())).collect()
    };
    let mut proof = Proof {
        verdict: Verdict::Unreachable,
        ends: [told(&from), told(&to)],
        asked: Vec::new(),
        pieces: Vec::new(),
    };
    for one in &from {
        for other in &to {
            for pair in pairs(reacher, one, other, traffic) {
                add(reacher, &pair, &mut proof)?;
                if let Some(exceeded) = reacher.space.exceeded() {
                    return Err(Gap::Budget(exceeded));
                }
            }
        }
    }
    proof.verdict = verdict(&proof.pieces).ok_or(Gap::Vacuous)?;
    Ok(proof)
}

/// Whether a set is named without `&`, `!` and `classic:`, which the checker does not read.
fn is_plain(selector: &Selector) -> bool {
    match selector {
        Selector::And(..) | Selector::Not(_) | Selector::Classic(..) => false,
        Selector::Or(a, b) => is_plain(a) && is_plain(b),
        Selector::Id(_)
        | Selector::Internet
        | Selector::Address(_)
        | Selector::Cidr(_)
        | Selector::Tag(..) => true,
    }
}

/// The ends, each member of a group by itself.
fn ends(selection: &Selection) -> Vec<End> {
    let mut ends = Vec::new();
    for (party, through, set) in selection.ends() {
        let Party::Host(resident, _) = party else {
            ends.push((party, through, set));
            continue;
        };
        let members = set.ranges().flat_map(|(first, last)| {
            let next = move |at: &IpAddr| after(*at).filter(|at| *at <= last);
            successors(Some(first), next)
        });
        for address in members.take(MOST_PAIRS + 1) {
            let party = Party::Host(resident, address);
            ends.push((party, through, AddressSet::single(address)));
        }
    }
    ends
}

/// Adds what is asked of a pair and what becomes of it.
fn add(reacher: &mut Reacher<'_>, pair: &Pair, proof: &mut Proof) -> Result<(), Gap> {
    let fabric = reacher.fabric();
    let (from, to) = (endpoint_of(fabric, pair.from), endpoint_of(fabric, pair.to));
    if matches!(to, Endpoint::Nobody(_)) {
        return Err(Gap::Lost(Code::LocalWithoutOwner));
    }
    let (asked, _) = reacher.asked(pair);
    let asked = boxes(reacher, pair, asked).into_iter();
    proof.asked.extend(asked.map(|packets| Asked { from: from.clone(), to: to.clone(), packets }));
    let mut atoms: Atoms<Outcome> = Vec::new();
    for trail in reacher.trails(pair) {
        let parts = outcomes(reacher, (&from, &to), &trail)?;
        atoms = refined(&mut reacher.space, atoms, parts);
    }
    for (sets, claim) in joined(atoms) {
        let boxes = sets.into_iter().flat_map(|set| boxes(reacher, pair, set));
        proof.pieces.push(Piece {
            from: from.clone(),
            to: to.clone(),
            boxes: boxes.collect(),
            claim,
        });
    }
    Ok(())
}

/// Packets with the same claim are one piece. Their sets stay apart: a box is not to reach over what two entries decide.
fn joined(atoms: Atoms<Outcome>) -> Vec<(Vec<Set>, Claim)> {
    let mut pieces: Vec<(Vec<Set>, Claim)> = Vec::new();
    for (set, outcomes) in atoms {
        let claim = Claim::of(outcomes);
        match pieces.iter_mut().find(|(_, known)| *known == claim) {
            Some((sets, _)) => sets.push(set),
            None => pieces.push((vec![set], claim)),
        }
    }
    pieces
}

/// The verdict that claims add up to; none if nothing was asked. Of several addresses of a database one that works is
/// enough (MIG-11).
fn verdict(pieces: &[Piece]) -> Option<Verdict> {
    // Per address: whether anything works, and whether anything does not.
    type Fates<'a> = BTreeMap<&'a Endpoint, (bool, bool)>;
    let mut fates: BTreeMap<[&Endpoint; 2], Fates<'_>> = BTreeMap::new();
    let mut known: BTreeMap<&Id, &Endpoint> = BTreeMap::new();
    for piece in pieces {
        let meant = match &piece.to {
            Endpoint::Database(id) | Endpoint::OldVip(id, _) => {
                known.entry(id).or_insert(&piece.to)
            }
            to => to,
        };
        let own = fates.entry([&piece.from, meant]).or_default();
        let (works, fails) = own.entry(&piece.to).or_default();
        *works |= !piece.claim.walks.is_empty();
        *fails |= !piece.claim.cuts.is_empty();
    }
    let (mut works, mut fails) = (false, false);
    for addresses in fates.values() {
        let whole = addresses.values().any(|fate| *fate == (true, false));
        works |= addresses.values().any(|(works, _)| *works);
        fails |= !whole && addresses.values().any(|(_, fails)| *fails);
    }
    match (works, fails) {
        (true, true) => Some(Verdict::Partial),
        (true, false) => Some(Verdict::Reachable),
        (false, true) => Some(Verdict::Unreachable),
        (false, false) => None,
    }
}
