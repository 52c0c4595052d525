//! What a comparison leaves for the next one with the same network: the arena with what is known in it, the ends that there
//! are, and who is near whom.

use std::sync::Arc;

use super::desk::Desk;
use super::everyone::everyone;
use super::land::{Alike, Land};
use crate::engine::{Classes, Nearby};
use crate::fabric::Fabric;
use crate::space::AddressSet;

/// What is kept of a network. Whoever finds nothing makes it anew: no answer depends on it.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) desk: Desk,
    pub(super) resting: Option<Resting>,
}

/// What holds for all networks that differ from one in nothing but rules, and tell the same ends apart.
pub(super) struct Resting {
    fabric: Arc<Fabric>,
    classes: Arc<Classes>,
    common: Common,
    nearby: Option<Nearby>,
}

/// What is common to two networks that are compared.
#[derive(Clone)]
pub(super) struct Common {
    /// Ends that none of them tells apart.
    pub(super) ends: Arc<Vec<Alike>>,
    /// Internet hosts that nobody of either owns.
    pub(super) internet: AddressSet,
    /// Pairs of different endpoints.
    pub(super) pairs: u128,
}

impl Kept {
    /// What is kept for the next comparison with a network, unless it is not worth its room.
    pub(super) fn of(mut desk: Desk, resting: Option<Resting>, old: &Land) -> Option<Self> {
        let is_worth = desk.keeps_only(&old.fabric);
        is_worth.then_some(Self { desk, resting })
    }
}

impl Resting {
    /// What two networks have in common, kept in `known` where they have the same ends.
    pub(super) fn common(
        known: &mut Option<Self>,
        lands: [&Land; 2],
        counted: impl Fn(&[Alike]) -> u128,
    ) -> Common {
        let own = known.as_ref();
        if let Some(own) = own.filter(|it| lands.iter().all(|land| it.is_of(land))) {
            return own.common.clone();
        }
        let [old, new] = lands;
        let ends = everyone(&lands, &[]);
        let common = Common {
            pairs: counted(&ends),
            ends: Arc::new(ends),
            internet: old.internet().intersection(&new.internet()),
        };
        if new.has_ends_of(old) {
            *known = Some(Self {
                fabric: Arc::clone(&old.fabric),
                classes: Arc::clone(&old.classes),
                common: common.clone(),
                nearby: None,
            });
        }
        common
    }

    /// Whether it is kept of a network with these ends.
    pub(super) fn is_of(&self, land: &Land) -> bool {
        self.fabric.shares_ways(&land.fabric) && Arc::ptr_eq(&self.classes, &land.classes)
    }

    /// How many ends there are: class by class, then what is outside.
    pub(super) fn ends(&self) -> usize {
        self.common.ends.len()
    }

    /// Who is near whom.
    pub(super) fn nearby(&mut self) -> &mut Nearby {
        let made = || Nearby::of(&self.fabric, &self.classes);
        self.nearby.get_or_insert_with(made)
    }
}
