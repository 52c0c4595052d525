//! What would make a connection work, or close it: the smallest changes, each tried out and its side effect computed.
//!
//! Nothing is printed that was not recomputed: a candidate is applied ([`crate::model::apply()`]), the whole question is
//! answered again, no change of a fix can be left out, and what it opens or closes beside what was asked is the exact
//! difference of the two networks. What the cloud refuses is told as refused.
//!
//! | module | what it does |
//! |---|---|
//! | `block` | the blockers of a question with the packets that each of them stops |
//! | `candidate` | from a blocker's code to changes that may lift it |
//! | `filter` | rules that accept or drop, as narrow as they can be |
//! | `route` | routes through what is there already |
//! | `ccn` | routes of CCNs |
//! | `line` | policies, routes, prefixes and mappings of lines to sites |
//! | `serve` | listeners, targets, carriers of HAVIPs |
//! | `join` | networks that nothing joins, joined |
//! | `public` | ways between private addresses and the Internet |
//! | `fresh` | names and addresses of what is made |
//! | `close` | from a way that works to changes that may close it |
//! | `stated` | entities stated again with one thing different |
//! | `search` | few changes first |

mod block;
mod candidate;
mod ccn;
mod close;
mod filter;
mod fresh;
mod join;
mod line;
mod private_link;
mod public;
mod route;
mod search;
mod serve;
mod stated;

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::budget::budget_reason;
use super::difference::{Deed, Depth, Difference, Piece, Request, difference_within};
use super::land::Who;
use super::report::ExpectationReport;
use super::run::{Situation, asked_again};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::model::{Change, Endpoint, Network};
use crate::query::{Intention, Reason, Selector, Traffics, Turn, Verdict};
use crate::scenario::Scenario;
use crate::space::{AddressSet, Allowance, Budget, Exceeded};

pub use candidate::is_liftable;

/// What a fix is to reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Every packet of every pair works.
    Open,
    /// None does, and what the file expects still holds.
    Close,
}

/// What `fix` asks.
#[derive(Clone, Debug)]
pub struct FixQuestion {
    /// Who opens, and as asked.
    pub from: (Selector, String),
    /// Who is meant, and as asked.
    pub to: (Selector, String),
    /// What is sent, and the service as asked.
    pub traffic: (Traffics, String),
    /// To open or to close.
    pub goal: Goal,
    /// So many fixes, the best ones.
    pub limit: usize,
    /// How much the whole search may take: each network that is computed has all of the nodes, all have the time together.
    pub budget: Budget,
}

/// Changes that do what was asked, none of which can be left out.
#[derive(Clone, Debug)]
pub struct Fix {
    /// The changes in order.
    pub changes: Vec<Change>,
    /// All that they open and close.
    pub difference: Difference,
    /// What they open and close beside what was asked.
    pub aside: Vec<Piece>,
    /// Pairs of ends that gain something beside what was asked, and those that lose something.
    pub pairs: Pairs,
    /// Expectations of the file that hold without the changes and not with them.
    pub broken: Vec<ExpectationReport>,
    /// Public addresses that stand for those which the cloud will give.
    pub stand_ins: Vec<std::net::IpAddr>,
    /// The network with the changes.
    pub network: Arc<Network>,
}

/// Numbers of pairs of ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pairs {
    /// Those that lose packets.
    pub lost: u128,
    /// Those that gain packets.
    pub gained: u128,
}

/// A change that the cloud would not take.
#[derive(Clone, Debug)]
pub struct RefusedChange {
    /// The change.
    pub change: Change,
    /// The code of the refusal.
    pub code: Code,
    /// Its words.
    pub message: Words,
}

/// A blocker that stays, and why.
#[derive(Clone, Debug)]
pub struct Stuck {
    /// The blocker.
    pub reason: Reason,
    /// Why it stays.
    pub why: Why,
    /// So many changes had lifted what came before it.
    pub after: usize,
}

/// Why a blocker stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The platform never allows it.
    Platform,
    /// No change to the network is known that may lift it.
    Unknown,
    /// There is nothing in the network that a change could use.
    NothingThere,
    /// The cloud refuses every change that may lift it.
    Refused,
    /// Changes were tried, so many, and none lifts it.
    InVain(usize),
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Fixes {
    /// The verdict without any change.
    pub verdict: Verdict,
    /// Whether nothing has to be done.
    pub done: bool,
    /// What blocks now.
    pub reasons: Vec<Reason>,
    /// Blockers that nothing lifts that is known here, with why; where there are fixes, another way round them was found.
    pub stuck: Vec<Stuck>,
    /// The best fixes, best first.
    pub fixes: Vec<Fix>,
    /// Those that would do but break an expectation, only where closing was asked for.
    pub rejected: Vec<Fix>,
    /// Changes that the cloud refused on the way.
    pub refused: Vec<RefusedChange>,
    /// Networks that were computed.
    pub tried: usize,
    /// The search ended before everything was tried.
    pub capped: bool,
    /// The budget was not enough, of this: what could not be computed is not told.
    pub exceeded: Option<Exceeded>,
}

/// Looks for fixes; `None` = one side means nobody.
#[must_use]
pub fn fix(
    situation: &Situation,
    scenario: &Scenario,
    question: &FixQuestion,
    today: &str,
) -> Option<Fixes> {
    let allowance = question.budget.begin();
    let looked = block::look(&situation.network, question, allowance)?;
    let mut found = Fixes {
        verdict: looked.verdict,
        done: search::is_reached(&looked, question.goal),
        reasons: looked.reasons(),
        stuck: Vec::new(),
        fixes: Vec::new(),
        rejected: Vec::new(),
        refused: Vec::new(),
        tried: 1,
        capped: false,
        exceeded: looked.exceeded,
    };
    found.reasons.extend(looked.exceeded.map(budget_reason));
    if found.done || found.exceeded.is_some() {
        return Some(found);
    }
    let searched = search::search(&situation.network, looked, question, allowance);
    found.exceeded = searched.exceeded;
    found.tried += searched.tried;
    found.capped = searched.capped;
    found.refused = searched.refused;
    found.stuck = searched.stuck;
    let asked = Asked { situation, scenario, question, today, allowance };
    let before = asked.expectations(situation);
    let judged: Vec<_> = match before {
        Ok(before) => {
            let solutions = searched.solutions.into_par_iter();
            let judged =
                solutions.map(|(changes, network)| asked.judged(&before, changes, network));
            judged.collect()
        }
        Err(exceeded) => vec![Err(exceeded)],
    };
    let mut fixes = Vec::new();
    for judged in judged {
        match judged {
            Ok(fix) => fixes.push(fix),
            Err(exceeded) => found.exceeded = Some(exceeded),
        }
    }
    fixes.sort_by_key(|fix| (fix.changes.len(), fix.broken.len(), fix.pairs, fix.packets()));
    let closing = question.goal == Goal::Close;
    let (rejected, fixes): (Vec<Fix>, _) =
        fixes.into_iter().partition(|fix| closing && !fix.broken.is_empty());
    (found.fixes, found.rejected) = (fixes, rejected);
    found.fixes.truncate(question.limit);
    found.rejected.truncate(question.limit);
    for fixes in [&mut found.fixes, &mut found.rejected] {
        let told: Vec<_> = fixes.par_iter_mut().map(|fix| asked.tell(fix)).collect();
        let mut told = told.into_iter();
        fixes.retain(|_| match told.next() {
            Some(Err(exceeded)) => {
                found.exceeded = found.exceeded.or(Some(exceeded));
                false
            }
            _ => true,
        });
    }
    Some(found)
}

/// What every fix is judged by.
struct Asked<'a> {
    situation: &'a Situation,
    scenario: &'a Scenario,
    question: &'a FixQuestion,
    today: &'a str,
    allowance: Allowance,
}

impl Asked<'_> {
    /// What comes of the expectations of the file in a network, or what of the budget is not enough for that.
    fn expectations(&self, situation: &Situation) -> Result<Vec<ExpectationReport>, Exceeded> {
        let terms = (self.today, || self.allowance);
        let reports = asked_again(situation, self.scenario, terms).expectations;
        let exceeded = reports.iter().find_map(ExpectationReport::exceeded);
        exceeded.map_or(Ok(reports), Err)
    }

    fn with(&self, network: &Arc<Network>) -> Situation {
        let origins = Arc::clone(&self.situation.origins);
        self.situation.after(Arc::clone(network), origins)
    }

    /// What changes open and close; with what is meant to happen, that divides ends.
    fn difference(
        &self,
        changes: &[Change],
        new: &Situation,
        (intent, depth): (Option<Vec<Intention>>, Depth),
    ) -> Result<Difference, Exceeded> {
        let request = Request {
            deeds: changes.iter().cloned().map(Deed::Change).collect(),
            intent,
            depth,
            ..Request::default()
        };
        let difference = difference_within(self.allowance, self.situation, new, &request);
        difference.exceeded.map_or(Ok(difference), Err)
    }

    /// What a fix opens and closes beside what was asked.
    fn aside(
        &self,
        changes: &[Change],
        new: &Situation,
        depth: Depth,
    ) -> Result<Vec<Piece>, Exceeded> {
        let intent = Some(vec![intention(self.question)]);
        let difference = self.difference(changes, new, (intent, depth))?;
        Ok(difference.intent.unwrap_or_default().undeclared)
    }

    /// Adds why, and all that a fix opens and closes, told as `whatif` tells it: what is asked for does not divide the
    /// ends there.
    fn tell(&self, fix: &mut Fix) -> Result<(), Exceeded> {
        let new = self.with(&fix.network);
        let (aside, difference) = rayon::join(
            || self.aside(&fix.changes, &new, Depth::Connectivity),
            || self.difference(&fix.changes, &new, (None, Depth::Connectivity)),
        );
        (fix.aside, fix.difference) = (aside?, difference?);
        Ok(())
    }

    /// A solution with what it is to be weighed by, or what of the budget is not enough to know that.
    fn judged(
        &self,
        before: &[ExpectationReport],
        changes: Vec<Change>,
        network: Arc<Network>,
    ) -> Result<Fix, Exceeded> {
        let new = self.with(&network);
        let aside = self.aside(&changes, &new, Depth::Packets)?;
        let mut broken = self.expectations(&new)?;
        broken.retain(|report| {
            let mut before = before.iter();
            let held = before.any(|old| old.span == report.span && old.outcome.is_good());
            held && !report.outcome.is_good()
        });
        Ok(Fix {
            stand_ins: fresh::stand_ins(&self.situation.network, &network),
            pairs: pairs(&aside, &network),
            aside,
            changes,
            difference: Difference::default(),
            broken,
            network,
        })
    }
}

/// What is asked, as what is meant to happen: the rest of a difference is its side effect.
fn intention(question: &FixQuestion) -> Intention {
    Intention {
        turn: match question.goal {
            Goal::Open => Turn::Gained,
            Goal::Close => Turn::Lost,
        },
        from: question.from.0.clone(),
        from_text: question.from.1.clone(),
        to: question.to.0.clone(),
        to_text: question.to.1.clone(),
        traffic: question.traffic.0.clone(),
        service_text: question.traffic.1.clone(),
    }
}

impl Fix {
    /// Packets opened beside what was asked: protocols and ports of all rows, weighed by their pairs.
    fn packets(&self) -> u128 {
        let pieces = self.aside.iter().map(|piece| {
            let rows = piece.packets.iter().map(|row| {
                let ports = row.traffic.destination_ports.len();
                let sources = row.traffic.source_ports.len();
                row.traffic.protocols.len().saturating_mul(ports.saturating_mul(sources))
            });
            let rows: u128 = rows.fold(0, u128::saturating_add);
            rows.saturating_mul(pairs_of(piece, &self.network))
        });
        pieces.fold(0, u128::saturating_add)
    }
}

/// Distinct pairs: one that gains by several pieces counts once.
fn pairs(pieces: &[Piece], network: &Network) -> Pairs {
    let count = |turn| {
        let mut seen: FxHashSet<(&Who, &Who)> = FxHashSet::default();
        let mut all = 0_u128;
        for piece in pieces.iter().filter(|piece| piece.turn == turn) {
            for from in &piece.from.who {
                let new = piece.to.who.iter().filter(|to| seen.insert((from, to)));
                let sizes = new.map(|to| pair_size(from, to, network));
                all = sizes.fold(all, u128::saturating_add);
            }
        }
        all
    };
    Pairs { lost: count(Turn::Lost), gained: count(Turn::Gained) }
}

/// How many pairs of ends a piece speaks of; a site and the Internet count as one end each.
#[must_use]
pub fn pairs_of(piece: &Piece, network: &Network) -> u128 {
    let pairs = piece.from.who.iter().flat_map(|from| {
        let to = piece.to.who.iter();
        to.map(move |to| pair_size(from, to, network))
    });
    pairs.fold(0, u128::saturating_add)
}

/// Members of one group meet each other, nobody meets itself.
fn pair_size(from: &Who, to: &Who, network: &Network) -> u128 {
    let outside = matches!(from.endpoint, Endpoint::Site(_) | Endpoint::Internet);
    let itself = u128::from(from == to && !outside);
    let others = size(to, network).saturating_sub(itself);
    size(from, network).saturating_mul(others)
}

fn size(who: &Who, network: &Network) -> u128 {
    match (&who.endpoint, who.part) {
        (Endpoint::GroupMember(_, first), Some(last)) => AddressSet::range(*first, last).len(),
        (Endpoint::GroupMember(id, _), None) => {
            let group = network.instance_groups.get(id);
            group.map_or(1, |group| AddressSet::range(group.ips.0, group.ips.1).len())
        }
        _ => 1,
    }
}
