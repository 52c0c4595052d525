//! The arena of sets and what is known of them, lent to one network after the other.

use std::sync::Arc;

use super::land::Land;
use crate::engine::{Known, Memory, Reacher};
use crate::fabric::Fabric;
use crate::space::{Allowance, Space};

/// The arena of sets and what is known of them, lent to one network after the other.
#[derive(Default)]
pub(super) struct Desk {
    pub(super) space: Space,
    pub(super) memory: Memory,
    /// What is known of each network that it comes back to.
    known: Vec<(Arc<Fabric>, Known)>,
}

impl Desk {
    pub(super) fn within(allowance: Allowance) -> Self {
        Self {
            space: Space::within(allowance),
            ..Self::default()
        }
    }

    /// Works over a network.
    pub(super) fn over<T>(
        &mut self,
        fabric: &Fabric,
        work: impl FnOnce(&mut Reacher<'_>) -> T,
    ) -> T {
        self.lend(fabric, Known::default(), work).0
    }

    /// Works over a network that it will come back to: what is known of it is kept.
    pub(super) fn at<T>(&mut self, land: &Land, work: impl FnOnce(&mut Reacher<'_>) -> T) -> T {
        let fabric = &land.fabric;
        let mut all = self.known.iter();
        let known = all.position(|(known, _)| Arc::ptr_eq(known, fabric));
        let known = known.map(|at| self.known.swap_remove(at).1);
        let (done, known) = self.lend(fabric, known.unwrap_or_default(), work);
        self.known.push((Arc::clone(fabric), known));
        done
    }

    fn lend<T>(
        &mut self,
        fabric: &Fabric,
        known: Known,
        work: impl FnOnce(&mut Reacher<'_>) -> T,
    ) -> (T, Known) {
        let space = std::mem::take(&mut self.space);
        let memory = std::mem::take(&mut self.memory);
        let mut reacher = Reacher::remembering(fabric, space, memory).knowing(known);
        let done = work(&mut reacher);
        let (space, memory, known) = reacher.into_parts();
        (self.space, self.memory) = (space, memory);
        (done, known)
    }
}
