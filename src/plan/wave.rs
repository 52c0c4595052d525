//! Waves: machines of a zone that move together.
//!
//! All are tried at once. A promise that breaks loses half of its machines from the wave, all such promises at a time, until
//! everything is kept: so many judgements as a wave has halves, however many machines it has. Names that must lead elsewhere
//! at the same moment go with the wave.

use std::collections::BTreeMap;

use super::Rule;
use super::act::Strict;
use super::deed::{Need, Work};
use super::numbers::Numbers;
use super::search::{Blocked, FEW, Search, State, Why};
use crate::id::Id;
use crate::limit::MOVED_AT_ONCE;
use crate::model::Change;

/// A wave that can move.
pub(super) struct Wave {
    pub(super) machines: Numbers,
    /// Names that are switched with it.
    pub(super) deeds: Vec<usize>,
    pub(super) changes: Vec<Change>,
    pub(super) next: State,
}

/// The waves of a zone, one after the other.
pub(super) struct Waves {
    candidates: Vec<usize>,
    /// What comes after the largest: other ways to divide the zone.
    others: Option<Box<dyn Iterator<Item = Numbers>>>,
    first: Numbers,
}

impl Waves {
    /// The waves of a zone.
    pub(super) fn of(candidates: Vec<usize>) -> Self {
        Self { candidates, others: None, first: Numbers::default() }
    }

    /// The next wave that can move.
    pub(super) fn next(
        &mut self,
        search: &mut Search<'_>,
        state: &State,
        why: &mut Why,
    ) -> Option<Wave> {
        if self.others.is_none() {
            let exact = search.exact && self.candidates.len() <= FEW;
            self.others = Some(others(&self.candidates, exact));
            for strict in [Strict::Yes, Strict::No] {
                if exact {
                    break;
                }
                if let Some(wave) = search.largest(state, &self.candidates, strict, why) {
                    self.first = wave.machines.clone();
                    return Some(wave);
                }
            }
        }
        let others = self.others.as_mut()?;
        for machines in others.filter(|machines| *machines != self.first) {
            match search.with_names(state, &machines, Strict::No) {
                Ok(wave) => return Some(wave),
                Err(blocked) => why.join(&search.blamed(&blocked)),
            }
        }
        None
    }
}

/// Every set of a few, the large ones first; of many, each alone.
fn others(candidates: &[usize], exact: bool) -> Box<dyn Iterator<Item = Numbers>> {
    let candidates = candidates.to_vec();
    if !exact {
        return Box::new(candidates.into_iter().map(|at| std::iter::once(at).collect()));
    }
    let mut sets: Vec<u32> = (1..1_u32 << candidates.len()).collect();
    sets.sort_by_key(|set| std::cmp::Reverse(set.count_ones()));
    Box::new(sets.into_iter().map(move |set| {
        let own = candidates.iter().enumerate();
        let own = own.filter(|(bit, _)| set & (1 << bit) != 0);
        own.map(|(_, at)| *at).collect()
    }))
}

impl Search<'_> {
    /// As many machines of a zone as are found to move together, in waves of one size.
    fn largest(
        &mut self,
        state: &State,
        candidates: &[usize],
        strict: Strict,
        why: &mut Why,
    ) -> Option<Wave> {
        let most = if self.relaxed == Some(Rule::Batch) { usize::MAX } else { MOVED_AT_ONCE.most };
        let waves = candidates.len().div_ceil(most).max(1);
        let size = candidates.len().div_ceil(waves);
        let mut chosen: Numbers = candidates.iter().copied().take(size).collect();
        let mut left: Vec<usize> = Vec::new();
        let mut found = loop {
            if chosen.is_empty() {
                return None;
            }
            let blocked = match self.with_names(state, &chosen, strict) {
                Ok(wave) => break wave,
                Err(blocked) => blocked,
            };
            let gone = match &blocked {
                Blocked::Promises(broken) => {
                    let mut gone = Numbers::default();
                    for promise in broken {
                        let own = self.court.scope(*promise).and(&chosen).without(&gone);
                        gone.join(&half(&own));
                    }
                    gone
                }
                Blocked::Refused(_) => half(&chosen),
            };
            why.join(&self.blamed(&blocked));
            if gone.is_empty() {
                return None;
            }
            chosen = chosen.without(&gone);
            left.extend(gone.iter());
        };
        // Of few machines, none is left that could go with them.
        if left.len() <= FEW {
            for at in left {
                let mut more = found.machines.clone();
                more.insert(at);
                if let Ok(wave) = self.with_names(state, &more, strict) {
                    found = wave;
                }
            }
        }
        Some(found)
    }

    /// A wave, and with it names that have to lead elsewhere from then on.
    fn with_names(
        &mut self,
        state: &State,
        machines: &Numbers,
        strict: Strict,
    ) -> Result<Wave, Blocked> {
        let mut names: BTreeMap<Id, Vec<usize>> = BTreeMap::new();
        loop {
            let deeds: Vec<usize> = names.values().filter_map(|all| all.first().copied()).collect();
            let blocked = match self.tried(state, &deeds, machines, strict) {
                Ok((next, changes)) => {
                    return Ok(Wave { machines: machines.clone(), deeds, changes, next });
                }
                Err(blocked) => blocked,
            };
            let Blocked::Promises(broken) = &blocked else {
                return Err(blocked);
            };
            let mut is_new = false;
            for promise in broken {
                for name in &self.promises[*promise].names {
                    match names.get_mut(name) {
                        Some(all) if all.len() > 1 => {
                            all.remove(0);
                            is_new = true;
                        }
                        Some(_) => {}
                        None => {
                            let all = self.leading(state, name);
                            is_new |= !all.is_empty();
                            names.insert(name.clone(), all);
                        }
                    }
                }
            }
            if !is_new {
                return Err(blocked);
            }
        }
    }

    /// Where a name may lead from now on: where the goal has it, else somewhere for a time.
    fn leading(&self, state: &State, name: &Id) -> Vec<usize> {
        let all = 0..self.deeds.len();
        let own = all.filter(|at| {
            matches!(&self.deeds[*at].work, Work::Name(own, _) if own == name)
                && self.may(state, *at)
        });
        let mut own: Vec<usize> = own.collect();
        own.sort_by_key(|at| self.deeds[*at].need != Need::Must);
        own
    }
}

/// The second half; of one, that one.
fn half(all: &Numbers) -> Numbers {
    let count = all.len();
    let stay = if count > 1 { count.div_ceil(2) } else { 0 };
    all.iter().skip(stay).collect()
}
