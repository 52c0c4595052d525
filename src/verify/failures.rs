//! Which promises break when something fails: everything that can fail, one at a time or two at once.
//!
//! Nothing is judged that a failure cannot touch. A machine that is only an end (no stage names it, nothing refers to it),
//! and the link of one, bear on those promises alone that mean it or somebody with the same address; a target of a load
//! balancer also on those that mean the balancer. Machines that nothing tells apart, and that the same promises mean on
//! the same sides, break the same: one of them is tried for all; where all these promises are that everything works,
//! it is enough that the machines live in the same place, for nothing but the failure itself is lost. Two failures at
//! once are told where neither alone breaks the promise.

mod ends;

use std::cmp::Reverse;
use std::sync::Arc;

use ends::units;
use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::report::ExpectationReport;
use super::run::{Situation, judged};
use crate::model::failure::{failed, failures};
use crate::model::{Failure, apply};
use crate::query::Expectation;
use crate::scenario::Planned;
use crate::space::{Budget, Exceeded};

/// How many things fail at once at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AtOnce {
    /// Each alone.
    One,
    /// Each alone, then every two.
    Two,
}

/// What is asked.
pub struct Sweep<'a> {
    /// The network in which things fail.
    pub situation: &'a Situation,
    /// The promises.
    pub expectations: Vec<&'a Planned<Expectation>>,
    /// The date, `YYYY-MM-DD` in UTC, for waivers.
    pub today: &'a str,
    /// How much a promise may take each time that it is judged.
    pub budget: Budget,
    /// How many things fail at once.
    pub at_once: AtOnce,
    /// Whether a piece of the work, by its number, is to be done.
    pub has: &'a (dyn Fn(usize) -> bool + Sync),
}

/// What came of it.
pub struct Failures {
    /// The promises with nothing failed, in their order.
    pub before: Vec<ExpectationReport>,
    /// Everything that can fail.
    pub failures: Vec<Failure>,
    /// How many failures were tried, and how many pairs of them; those that can touch nothing are among them.
    pub tried: (usize, usize),
    /// How many things had failed before.
    pub failed: usize,
    /// Instance groups, whose members have no state of their own.
    pub groups: usize,
    /// What breaks something, those that matter most first.
    pub broken: Vec<Broken>,
    /// What may break something: the budget was not enough to know.
    pub open: Vec<Open>,
}

/// A failure, or two at once, with the promises that it breaks.
#[derive(Clone)]
pub struct Broken {
    /// What fails, by position.
    pub down: Vec<usize>,
    /// The promises by their position, as they were judged then.
    pub breaks: Arc<[(usize, ExpectationReport)]>,
    /// Whether it only breaks promises about the very machines that fail.
    pub is_end: bool,
}

/// A promise that could not be judged while something was down.
#[derive(Clone, Debug)]
pub struct Open {
    /// What fails, by position.
    pub down: Vec<usize>,
    /// The promise, by position.
    pub promise: usize,
    /// What the budget was not enough of.
    pub exceeded: Exceeded,
}

/// Failures that break the same: one is tried for all.
struct Unit {
    /// By position.
    members: Vec<usize>,
    /// The promises that it can touch, of those that hold.
    touches: Vec<usize>,
    /// The promises that mean the machine.
    means: Vec<usize>,
}

/// What came of one piece of the work: a unit, or two.
struct Judged {
    down: Vec<usize>,
    units: (usize, Option<usize>),
    broken: Vec<(usize, ExpectationReport)>,
    open: Vec<(usize, Exceeded)>,
}

/// Makes everything fail that can; `tell` hears how much of the work is done.
#[must_use]
pub fn sweep(asked: &Sweep<'_>, mut tell: impl FnMut(usize, usize)) -> Failures {
    let terms = (asked.today, || asked.budget.begin());
    let promises = asked.expectations.iter().copied();
    let before = judged(asked.situation, promises, terms);
    let network = &asked.situation.network;
    let all = failures(network);
    let units = units(asked, &before, &all);
    let pieces: Vec<(usize, Option<usize>)> = (0..units.len()).map(|unit| (unit, None)).collect();
    let own = |pieces: &[(usize, Option<usize>)]| -> usize {
        let pieces = pieces.iter().map(|piece| size(&units, *piece));
        pieces.sum()
    };
    let mut made = Failures {
        before,
        tried: (0, 0),
        failed: failed(network),
        groups: network.instance_groups.len(),
        broken: Vec::new(),
        open: Vec::new(),
        failures: all,
    };
    // Two at once need to know what each alone breaks, whoever tells that.
    let first: Vec<_> = match asked.at_once {
        AtOnce::Two => pieces.clone(),
        AtOnce::One => mine(asked, &pieces, 0),
    };
    let pairs = pairs(&units);
    let second = match asked.at_once {
        AtOnce::Two => mine(asked, &pairs, pieces.len()),
        AtOnce::One => Vec::new(),
    };
    let total = first.len() + second.len();
    let alone = each(asked, &made.failures, &units, &first, &[], |done| {
        tell(done, total);
    });
    let two = each(asked, &made.failures, &units, &second, &alone, |done| {
        tell(first.len() + done, total);
    });
    let told = mine(asked, &pieces, 0);
    made.tried = (own(&told), own(&second));
    let told: FxHashSet<usize> = told.into_iter().map(|(unit, _)| unit).collect();
    let alone = alone.into_iter().filter(|one| told.contains(&one.units.0));
    for judged in alone.chain(two) {
        made.tell(&units, judged);
    }
    made.sort();
    made
}

/// The pieces that are to be done, counted from `first`.
fn mine<P: Copy>(asked: &Sweep<'_>, pieces: &[P], first: usize) -> Vec<P> {
    let pieces = (first..).zip(pieces);
    let mine = pieces.filter(|(number, _)| (asked.has)(*number));
    mine.map(|(_, piece)| *piece).collect()
}

/// Every two units, and those by themselves that have two members.
fn pairs(units: &[Unit]) -> Vec<(usize, Option<usize>)> {
    let all = 0..units.len();
    let pairs = all.flat_map(|one| (one..units.len()).map(move |two| (one, two)));
    let pairs = pairs.filter(|(one, two)| one != two || units[*one].members.len() > 1);
    pairs.map(|(one, two)| (one, Some(two))).collect()
}

/// For how many failures, or pairs of them, a piece stands.
fn size(units: &[Unit], (one, two): (usize, Option<usize>)) -> usize {
    let first = units[one].members.len();
    match two {
        None => first,
        Some(two) if two == one => first * (first - 1) / 2,
        Some(two) => first * units[two].members.len(),
    }
}

/// So many pieces are done before somebody hears of it.
const BLOCK: usize = 32;

/// Does some pieces of the work, on all cores.
fn each(
    asked: &Sweep<'_>,
    all: &[Failure],
    units: &[Unit],
    pieces: &[(usize, Option<usize>)],
    alone: &[Judged],
    mut tell: impl FnMut(usize),
) -> Vec<Judged> {
    let mut done = Vec::with_capacity(pieces.len());
    for block in pieces.chunks(BLOCK) {
        let judged = block.par_iter().map(|piece| piece_of(asked, all, units, *piece, alone));
        done.extend(judged.collect::<Vec<_>>());
        tell(done.len());
    }
    done
}

/// One piece: what fails, and what it breaks.
fn piece_of(
    asked: &Sweep<'_>,
    all: &[Failure],
    units: &[Unit],
    (one, two): (usize, Option<usize>),
    alone: &[Judged],
) -> Judged {
    let first = units[one].members[0];
    let mut down = vec![first];
    let mut touched = units[one].touches.clone();
    if let Some(two) = two {
        let members = &units[two].members;
        down.push(if one == two { members[1] } else { members[0] });
        let both: FxHashSet<usize> = units[two].touches.iter().copied().collect();
        // What only one of them touches is as it is with that one alone.
        touched.retain(|promise| both.contains(promise));
        // What one alone breaks, or leaves open, is told there.
        let told = [&alone[one], &alone[two]].into_iter().flat_map(|judged| {
            let broken = judged.broken.iter().map(|(promise, _)| *promise);
            broken.chain(judged.open.iter().map(|(promise, _)| *promise))
        });
        let told: FxHashSet<usize> = told.collect();
        touched.retain(|promise| !told.contains(promise));
    }
    let mut judgement = Judged { units: (one, two), broken: Vec::new(), open: Vec::new(), down };
    if touched.is_empty() {
        return judgement;
    }
    let mut network = (*asked.situation.network).clone();
    for index in &judgement.down {
        // A failure of what is up is never refused; were it, the network would be as it is without.
        if let Ok(next) = apply(&network, &all[*index].change) {
            network = next;
        }
    }
    let then = Situation::new(Arc::new(network), Arc::clone(&asked.situation.origins));
    let promises = touched.iter().map(|promise| asked.expectations[*promise]);
    let terms = (asked.today, || asked.budget.begin());
    let reports = judged(&then, promises, terms);
    for (promise, report) in touched.into_iter().zip(reports) {
        match report.exceeded() {
            _ if report.outcome.is_good() => {}
            Some(exceeded) => judgement.open.push((promise, exceeded)),
            None => judgement.broken.push((promise, report)),
        }
    }
    judgement
}

impl Failures {
    /// Tells a piece of the work for every failure, or pair of them, that it stands for.
    fn tell(&mut self, units: &[Unit], judged: Judged) {
        if judged.broken.is_empty() && judged.open.is_empty() {
            return;
        }
        let (one, two) = judged.units;
        let first = &units[one].members;
        let downs: Vec<Vec<usize>> = match two {
            None => first.iter().map(|member| vec![*member]).collect(),
            Some(two) => {
                let second = &units[two].members;
                let pairs = first.iter().enumerate().flat_map(|(at, member)| {
                    let rest = if one == two { &second[at + 1..] } else { second };
                    rest.iter().map(move |other| vec![*member, *other])
                });
                pairs.collect()
            }
        };
        let means = |unit: usize, promise: &usize| units[unit].means.contains(promise);
        let is_end = judged
            .broken
            .iter()
            .all(|(promise, _)| means(one, promise) || two.is_some_and(|two| means(two, promise)));
        let breaks: Arc<[_]> = judged.broken.into();
        for down in downs {
            let open = judged.open.iter().map(|(promise, exceeded)| Open {
                down: down.clone(),
                promise: *promise,
                exceeded: *exceeded,
            });
            self.open.extend(open);
            if !breaks.is_empty() {
                let breaks = Arc::clone(&breaks);
                self.broken.push(Broken { down, breaks, is_end });
            }
        }
    }

    /// Single points of failure first, of these what others rest on, of these what breaks most.
    fn sort(&mut self) {
        self.broken.sort_by_cached_key(Broken::rank);
        self.open.sort_by(|a, b| (&a.down, a.promise).cmp(&(&b.down, b.promise)));
    }
}

impl Broken {
    /// What comes first among all that breaks something.
    fn rank(&self) -> (usize, bool, Reverse<usize>, Vec<usize>) {
        let (fail, breaks) = (self.down.len(), self.breaks.len());
        (fail, self.is_end, Reverse(breaks), self.down.clone())
    }
}
