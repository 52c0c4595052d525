//! What was computed over one fabric and holds over the next: an edit makes only that anew which rests on it.
//!
//! Everything is known by its content. A rule list is the same list wherever its rules are the same; a stage is the same
//! wherever it says the same. Nothing here trusts a hash: contents are compared. Sets belong to one arena, which has to
//! go along. Ways are known for one fabric and those that share its ways: to look whether a way of another one holds
//! costs what walking it costs, since one is walked for all that are alike.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::permit::{Numbers, Permits};
use super::skeleton::{Skeleton, Walked};
use crate::fabric::{Fabric, ListIx, stage_texts};
use crate::query::Traffics;
use crate::space::Set;

/// So many ways are kept for one fabric: a few dozen megabytes.
const MOST_WAYS: usize = 1 << 16;

/// So many questions are kept as sets.
const MOST_ASKED: usize = 8;

/// What one fabric's answers leave for the next one's.
#[derive(Default)]
pub struct Memory {
    pub(super) permits: Permits,
    stages: FxHashMap<String, u32>,
    /// What was asked lately, in a family, as a set.
    asked: Vec<(Traffics, bool, Set)>,
}

impl Memory {
    /// What is asked in a family, as a set: whoever asks, asks the same of most pairs.
    pub(super) fn asked(
        &mut self,
        (traffic, v6): (&Traffics, bool),
        make: impl FnOnce() -> Set,
    ) -> Set {
        let mut all = self.asked.iter();
        if let Some((.., set)) = all.find(|(own, family, _)| *family == v6 && own == traffic) {
            return *set;
        }
        if self.asked.len() >= MOST_ASKED {
            self.asked.clear();
        }
        let set = make();
        self.asked.push((traffic.clone(), v6, set));
        set
    }

    /// How many lists it knows.
    #[must_use]
    pub fn lists(&self) -> usize {
        self.permits.len()
    }
}

/// What is known of one fabric, and how its things are known to the memory: for the next engine over the same fabric.
#[derive(Default)]
pub struct Known {
    numbers: Numbers,
    /// The ways between two ends that stand for all that are alike with them, by what is asked.
    ways: FxHashMap<Walked, Arc<Skeleton>>,
    /// Per stage the number of its text, and all of them; made when they are first asked for.
    stages: Option<(Vec<u32>, FxHashSet<u32>)>,
}

impl Known {
    /// The number of a list's content.
    pub(super) fn list(&mut self, memory: &mut Memory, fabric: &Fabric, list: ListIx) -> u32 {
        memory.permits.number(&mut self.numbers, fabric, list)
    }

    /// What is known of a fabric that shares the ways of this one, whose lists differ from this one's in these.
    #[must_use]
    pub fn after(&self, edited: impl Iterator<Item = ListIx>) -> Self {
        Self { numbers: self.numbers.after(edited), ..Self::default() }
    }

    /// Forgets the ways that were walked over its fabric.
    pub fn forget_ways(&mut self) {
        self.ways.clear();
    }

    /// Takes over the ways that were walked over a fabric that shares them.
    pub fn share_ways(&mut self, other: &mut Self) {
        if self.ways.is_empty() {
            self.ways = std::mem::take(&mut other.ways);
        }
    }

    /// Ways that were walked over this fabric for others that are alike.
    pub(super) fn ways(&self, walked: Walked) -> Option<Arc<Skeleton>> {
        self.ways.get(&walked).cloned()
    }

    /// Keeps ways for others that are alike.
    pub(super) fn keep(&mut self, walked: Walked, ways: &Arc<Skeleton>) {
        if self.ways.len() >= MOST_WAYS {
            self.ways.clear();
        }
        self.ways.insert(walked, Arc::clone(ways));
    }

    /// The numbers of the stages' texts, by position, and all that there are.
    pub(super) fn stages(
        &mut self,
        memory: &mut Memory,
        fabric: &Fabric,
    ) -> &(Vec<u32>, FxHashSet<u32>) {
        if self.stages.is_none() {
            let texts = stage_texts(fabric, |list| self.list(memory, fabric, list));
            let numbers = texts.into_iter().map(|text| {
                let next = u32::try_from(memory.stages.len()).unwrap_or(u32::MAX);
                *memory.stages.entry(text).or_insert(next)
            });
            let numbers: Vec<u32> = numbers.collect();
            let all = numbers.iter().copied().collect();
            self.stages = Some((numbers, all));
        }
        self.stages.get_or_insert_default()
    }
}
