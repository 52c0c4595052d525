//! The arena of sets and what is known of them, lent to one network after the other.

use std::sync::Arc;

use super::land::Land;
use crate::engine::{Known, Memory, Reacher};
use crate::fabric::Fabric;
use crate::space::{AddressSet, Allowance, Space};

/// With more nodes, an arena is not kept for the next question: some dozen megabytes.
const MOST_NODES: usize = 1 << 20;

/// So many lists of networks that are gone are kept at most, beside those that there are.
const MOST_LISTS: usize = 1 << 12;

/// The arena of sets and what is known of them, lent to one network after the other.
#[derive(Default)]
pub(super) struct Desk {
    pub(super) space: Space,
    pub(super) memory: Memory,
    /// What is known of each network that it comes back to.
    known: Vec<(Arc<Fabric>, Known)>,
    /// What the Internet is in the ways that are known.
    internet: AddressSet,
}

impl Desk {
    pub(super) fn within(allowance: Allowance) -> Self {
        Self { space: Space::within(allowance), ..Self::default() }
    }

    /// Works over a network that it will come back to: what is known of it is kept.
    pub(super) fn at<T>(&mut self, land: &Land, work: impl FnOnce(&mut Reacher<'_>) -> T) -> T {
        let fabric = &land.fabric;
        let mut all = self.known.iter();
        let own = all.position(|(known, _)| Arc::ptr_eq(known, fabric));
        let own = own.map(|at| self.known.swap_remove(at).1);
        let mut akin = self.known.iter_mut();
        let akin = akin.find(|(other, _)| other.shares_ways(fabric));
        let mut known = match (own, &akin) {
            (Some(own), _) => own,
            (None, Some((other, known))) => known.after(other.filters.differing(&fabric.filters)),
            (None, None) => Known::default(),
        };
        if let Some((_, akin)) = akin {
            known.share_ways(akin);
        }
        let (done, known) = self.lend(fabric, known, work);
        self.known.push((Arc::clone(fabric), known));
        done
    }

    /// The next question begins.
    pub(super) fn renew(&mut self, allowance: Allowance) {
        self.space.renew(allowance);
    }

    /// It asks about these hosts of the Internet: ways to others are of no use.
    pub(super) fn ask_about(&mut self, internet: &AddressSet) {
        if self.internet != *internet {
            self.internet = internet.clone();
            self.known.iter_mut().for_each(|(_, known)| known.forget_ways());
        }
    }

    /// Whether nothing was asked yet.
    pub(super) fn is_fresh(&self) -> bool {
        self.known.is_empty()
    }

    /// Forgets all networks but one. Whether what is left is worth its room.
    pub(super) fn keeps_only(&mut self, fabric: &Arc<Fabric>) -> bool {
        let mut own = self.known.iter();
        let own = own.position(|(known, _)| Arc::ptr_eq(known, fabric));
        let Some((own, mut known)) = own.map(|own| self.known.swap_remove(own)) else {
            return false;
        };
        for (other, theirs) in &mut self.known {
            if other.shares_ways(&own) {
                known.share_ways(theirs);
            }
        }
        self.known = vec![(own, known)];
        let lists = 2 * fabric.filters.iter().count() + MOST_LISTS;
        let is_small = self.space.node_count() < MOST_NODES && self.memory.lists() < lists;
        self.space.exceeded().is_none() && is_small
    }

    fn lend<T>(
        &mut self,
        fabric: &Fabric,
        known: Known,
        work: impl FnOnce(&mut Reacher<'_>) -> T,
    ) -> (T, Known) {
        let space = std::mem::replace(&mut self.space, Space::vacant());
        let memory = std::mem::take(&mut self.memory);
        let mut reacher = Reacher::remembering(fabric, space, memory).knowing(known);
        let done = work(&mut reacher);
        let (space, memory, known) = reacher.into_parts();
        (self.space, self.memory) = (space, memory);
        (done, known)
    }
}
