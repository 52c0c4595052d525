//! Which pairs of ends an edit of groups can have touched: found from the lists that differ and from who is near those
//! that they guard, without a look at anybody else.
//!
//! The machines and services of one spot are reached on the same ways, so who is near is found for spots, and once for
//! all fabrics that share their ways. Between two spots with nothing but filters in between, a list that differs matters
//! only for the addresses that it permits something else for.

use std::net::IpAddr;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::classes::{ClassIx, Classes};
use super::reach::Reacher;
use super::spot::{SpotIx, Spots};
use super::straight::{Passage, passage, share_a_machine};
use crate::fabric::{Fabric, ListIx};
use crate::space::End;

/// So many spots' neighbours are kept: a few dozen megabytes.
const MOST_KEPT: usize = 1 << 13;

/// Spots that something may cross to, or from, each with whether only a walk can tell what does.
type Near = Arc<[(SpotIx, bool)]>;

/// Addresses, as disjoint ranges in order.
type Ranges = Arc<[(u32, u32)]>;

/// Who is near whom, and which lists guard whom: the same for all fabrics that share their ways and classes.
pub struct Nearby {
    spots: Spots,
    ahead: FxHashMap<SpotIx, Near>,
    behind: FxHashMap<SpotIx, Near>,
    /// Per list, the classes whose groups of egress or of ingress it is.
    guarded: [FxHashMap<ListIx, Vec<ClassIx>>; 2],
}

impl Nearby {
    /// Nobody's neighbours are known yet.
    #[must_use]
    pub fn of(fabric: &Fabric, classes: &Classes) -> Self {
        let mut guarded = [FxHashMap::default(), FxHashMap::default()];
        for (index, class) in classes.iter() {
            let resident = fabric.hosts.get(class.members[0].resident);
            for (lists, filter) in guarded.iter_mut().zip([resident.egress, resident.ingress]) {
                if let Some(filter) = filter {
                    let own: &mut Vec<ClassIx> = lists.entry(filter.list).or_default();
                    own.push(index);
                }
            }
        }
        Self {
            spots: Spots::of(fabric, classes),
            ahead: FxHashMap::default(),
            behind: FxHashMap::default(),
            guarded,
        }
    }

    /// The classes whose own groups are this list, as senders or as receivers.
    #[must_use]
    pub fn guarded(&self, list: ListIx, side: End) -> &[ClassIx] {
        self.guarded[at(side)].get(&list).map_or(&[], |own| own)
    }

    /// The spots that something may cross to from a spot, or from to it.
    fn near(&mut self, fabric: &Fabric, spot: SpotIx, side: End) -> Near {
        let kept = match side {
            End::Source => &mut self.ahead,
            End::Destination => &mut self.behind,
        };
        if let Some(near) = kept.get(&spot) {
            return Arc::clone(near);
        }
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        let spots = &self.spots;
        let others = match (side, spots.first(spot)) {
            (End::Source, Some(own)) => spots.ahead(fabric, own),
            _ => spots.iter().collect(),
        };
        let near = others.into_iter().filter_map(|other| {
            let (own, other_end) = (spots.first(spot)?, spots.first(other)?);
            let (from, to) = match side {
                End::Source => (own, other_end),
                End::Destination => (other_end, own),
            };
            if other == spot || share_a_machine(fabric, from, to) {
                return Some((other, true));
            }
            match passage(fabric, from, to) {
                Passage::Shut => None,
                Passage::Open(_) => Some((other, false)),
                Passage::Unclear => Some((other, true)),
            }
        });
        let near: Near = near.collect();
        kept.insert(spot, Arc::clone(&near));
        near
    }
}

fn at(side: End) -> usize {
    match side {
        End::Source => 0,
        End::Destination => 1,
    }
}

impl Reacher<'_> {
    /// The pairs of classes that may pass something else where nothing but these lists of ends differs, by the numbers of
    /// what they say in both fabrics. All other pairs pass what they passed.
    pub fn touched_by(
        &mut self,
        (classes, nearby): (&Classes, &mut Nearby),
        edited: &FxHashMap<ListIx, (u32, u32)>,
    ) -> Vec<(ClassIx, ClassIx)> {
        let mut touched = Vec::new();
        let mut ranges: FxHashMap<[u32; 4], Ranges> = FxHashMap::default();
        for (list, numbers) in edited {
            for side in [End::Source, End::Destination] {
                for own in nearby.guarded(*list, side).to_vec() {
                    let spot = nearby.spots.of_class(own);
                    let near = nearby.near(self.fabric(), spot, side);
                    let address = first_of(classes, own);
                    let differing = address.map(|address| {
                        let permits = &mut self.memory.permits;
                        let key = permits.cells_of(*numbers, side, address);
                        let known = ranges.entry([numbers.0, numbers.1, key.0, key.1]);
                        let known = known.or_insert_with(|| {
                            permits.differing(&mut self.space, *numbers, side, address)
                        });
                        Arc::clone(known)
                    });
                    for (other, unclear) in near.iter() {
                        let others = &nearby.spots.get(*other).classes;
                        let inside = |class: &&ClassIx| match (&differing, unclear) {
                            (Some(ranges), false) => first_of(classes, **class)
                                .is_none_or(|address| is_in(ranges, address)),
                            _ => true,
                        };
                        touched.extend(others.iter().filter(inside).map(|other| match side {
                            End::Source => (own, *other),
                            End::Destination => (*other, own),
                        }));
                    }
                }
            }
        }
        touched.sort_unstable();
        touched.dedup();
        touched
    }
}

/// The IPv4 address that stands for a class.
fn first_of(classes: &Classes, class: ClassIx) -> Option<u32> {
    match classes.get(class).members[0].addresses.0 {
        IpAddr::V4(address) => Some(address.to_bits()),
        IpAddr::V6(_) => None,
    }
}

fn is_in(ranges: &[(u32, u32)], address: u32) -> bool {
    let after = ranges.partition_point(|(first, _)| *first <= address);
    after > 0 && address <= ranges[after - 1].1
}
