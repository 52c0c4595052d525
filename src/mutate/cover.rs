//! A small set of expectations that notices every mutant that nobody noticed: greedily, always the one that notices most.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::fate::{Fate, Mutation};
use super::killer::{Killer, holds};
use super::suite::Suite;
use super::thing::Thing;
use crate::engine::Reacher;
use crate::space::Space;

/// An expectation, and the mutants that it is there for.
#[derive(Clone, Debug)]
pub struct Suggestion {
    /// What to add.
    pub killer: Killer,
    /// Positions of the mutants that it notices and none before it.
    pub mutants: Vec<usize>,
}

/// So many judgements are made to find few expectations; where there would be more, one is tried only on mutants of
/// the entity that it was found for.
const TRIALS: usize = 300_000;

/// Expectations that notice all mutants that survived, as few as greed finds. A mutant that no expectation tells from the
/// network is in none.
#[must_use]
pub fn suggest(suite: &Suite<'_>, things: &[Thing], mutation: &Mutation) -> Vec<Suggestion> {
    let mut pool: Vec<(&Killer, &str)> = Vec::new();
    let mut known = FxHashMap::default();
    let mut survivors = Vec::new();
    for (at, fated) in mutation.mutants.iter().enumerate() {
        let Fate::Survived { killer: Some(killer), .. } = &fated.fate else {
            continue;
        };
        let entity = things[fated.thing].place.id.as_str();
        let own = *known.entry(killer.to_string()).or_insert_with(|| {
            pool.push((killer, entity));
            pool.len() - 1
        });
        survivors.push((at, own, entity));
    }
    let few = survivors.len() * pool.len() <= TRIALS;
    let noticed = survivors.par_iter().map(|(at, own, entity)| {
        let mut noticed = vec![*own];
        let Ok(network) = suite.mutated(&mutation.mutants[*at].mutant.changes) else {
            return noticed;
        };
        let fabric = network.fabric();
        let mut reacher = Reacher::within(&fabric, Space::within(suite.budget.begin()));
        for (number, (killer, found_for)) in pool.iter().enumerate() {
            let is_tried = number != *own && (few || found_for == entity);
            if is_tried && holds(&mut reacher, killer, suite) == Some(false) {
                noticed.push(number);
            }
        }
        noticed
    });
    let noticed: Vec<Vec<usize>> = noticed.collect();
    let mut by_killer: Vec<Vec<usize>> = vec![Vec::new(); pool.len()];
    for (survivor, killers) in noticed.iter().enumerate() {
        for killer in killers {
            by_killer[*killer].push(survivor);
        }
    }
    let chosen = greedy(by_killer, survivors.len());
    let suggestions = chosen.into_iter().map(|(killer, own)| Suggestion {
        killer: pool[killer].0.clone(),
        mutants: own.into_iter().map(|survivor| survivors[survivor].0).collect(),
    });
    suggestions.collect()
}

/// Sets that cover everything, each with what it covers first; of equal ones the first.
fn greedy(mut sets: Vec<Vec<usize>>, all: usize) -> Vec<(usize, Vec<usize>)> {
    let mut covered = vec![false; all];
    let mut chosen = Vec::new();
    loop {
        let mut best: Option<usize> = None;
        for number in 0..sets.len() {
            sets[number].retain(|item| !covered[*item]);
            if sets[number].len() > best.map_or(0, |best| sets[best].len()) {
                best = Some(number);
            }
        }
        let Some(best) = best else { return chosen };
        let own = std::mem::take(&mut sets[best]);
        for item in &own {
            covered[*item] = true;
        }
        chosen.push((best, own));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greed_takes_what_covers_most_and_leaves_nothing() {
        let sets = vec![vec![0, 1], vec![1, 2, 3], vec![3], vec![0, 4]];
        let chosen = greedy(sets, 5);
        assert_eq!(chosen, [(1, vec![1, 2, 3]), (3, vec![0, 4])]);
        assert!(greedy(vec![vec![]], 0).is_empty());
    }
}
