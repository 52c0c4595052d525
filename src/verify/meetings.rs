//! Which ends can meet differently in two networks, place by place: of two places with nothing but filters in between, or
//! with nothing that crosses, in both networks alike, no pair of ends needs to be computed.

use rustc_hash::FxHashMap;

use super::difference::Two;
use super::land::{Alike, Meaning};
use super::touched::Touched;
use crate::engine::{Host, SpotIx, Spots, Standing};
use crate::fabric::{Party, Role};

/// Ends that are in one spot in each of the networks; of others, each for itself.
#[derive(Default)]
struct Place {
    ends: Vec<usize>,
    /// One of them in each network, where they have one there.
    hosts: Option<[Host; 2]>,
    /// Whether the connections of any of them may differ: those that it opens, those that it takes.
    touched: [bool; 2],
    /// Whether what any of them is itself differs, so that it matters who it is: as a sender, as a receiver.
    own: [bool; 2],
}

/// Who is where, in both networks.
pub(super) struct Meetings {
    places: Vec<Place>,
    of: Vec<usize>,
    /// Per place, whom its ends can meet differently.
    met: FxHashMap<usize, Vec<usize>>,
}

impl Meetings {
    /// Nobody's meetings are known yet.
    pub(super) fn of(two: &mut Two<'_>, touched: &[Touched]) -> Self {
        let spots = two.lands.map(|land| Spots::of(&land.fabric, &land.classes));
        let mut all = Self {
            places: Vec::new(),
            of: Vec::new(),
            met: FxHashMap::default(),
        };
        let mut known: FxHashMap<[SpotIx; 2], usize> = FxHashMap::default();
        let ends = std::sync::Arc::clone(&two.ends);
        for (index, (end, touched)) in ends.iter().zip(touched).enumerate() {
            let next = all.places.len();
            let at = match classes(end) {
                Some(classes) => {
                    let spots = [0, 1].map(|at| spots[at].of_class(classes[at]));
                    *known.entry(spots).or_insert(next)
                }
                None => next,
            };
            if at == next {
                let place = Place {
                    hosts: hosts(two, end),
                    ..Place::default()
                };
                all.places.push(place);
            }
            let own = own(two, end);
            let place = &mut all.places[at];
            place.ends.push(index);
            place.touched[0] |= touched.opens;
            place.touched[1] |= touched.takes;
            place.own[0] |= own[0];
            place.own[1] |= own[1];
            all.of.push(at);
        }
        all
    }

    /// The ends that one can meet differently as a sender, in order.
    pub(super) fn met(&mut self, two: &mut Two<'_>, from: usize) -> &[usize] {
        let at = self.of[from];
        if !self.met.contains_key(&at) {
            let mut met = Vec::new();
            for to in 0..self.places.len() {
                if self.may_differ(two, at, to) {
                    met.extend_from_slice(&self.places[to].ends);
                }
            }
            met.sort_unstable();
            self.met.insert(at, met);
        }
        self.met.get(&at).map_or(&[], |met| met)
    }

    fn may_differ(&self, two: &mut Two<'_>, from: usize, to: usize) -> bool {
        let (sender, receiver) = (&self.places[from], &self.places[to]);
        if !(sender.touched[0] || receiver.touched[1]) {
            return false;
        }
        let (Some(openers), Some(meant)) = (sender.hosts, receiver.hosts) else {
            return true;
        };
        if from == to {
            return true;
        }
        let lands = two.lands;
        let mut standing = |at: usize| {
            let (from, to) = (openers[at], meant[at]);
            two.desk.at(lands[at], |reacher| reacher.standing(from, to))
        };
        match (standing(0), standing(1)) {
            (Standing::Shut, Standing::Shut) => false,
            (Standing::Filters(old, own), Standing::Filters(new, also)) => {
                sender.own[0] || receiver.own[1] || (old, own) != (new, also)
            }
            _ => true,
        }
    }
}

fn classes(end: &Alike) -> Option<[crate::engine::ClassIx; 2]> {
    match end.means[..] {
        [Some(Meaning::Class(old)), Some(Meaning::Class(new))] => Some([old, new]),
        _ => None,
    }
}

/// An end's host in each network.
fn hosts(two: &Two<'_>, end: &Alike) -> Option<[Host; 2]> {
    let [old, new] = classes(end)?;
    let host = |at: usize, class| Host::of(two.lands[at].class(class).first());
    Some([host(0, old)?, host(1, new)?])
}

/// Whether what an end is itself differs, as a sender and as a receiver: its address, its groups, and what a service serves.
fn own(two: &mut Two<'_>, end: &Alike) -> [bool; 2] {
    let parties = [0, 1].map(|at| two.lands[at].party(&end.who[0]));
    let [Some(Party::Host(old, was)), Some(Party::Host(new, is))] = parties else {
        return [true, true];
    };
    let residents = [(0, old), (1, new)].map(|(at, resident)| {
        let resident = two.lands[at].fabric.hosts.get(resident);
        (at, resident.role, [resident.egress, resident.ingress])
    });
    let is_service = residents.iter().any(|(_, role, _)| *role != Role::Machine);
    let lands = two.lands;
    let [before, after] = residents.map(|(at, _, lists)| {
        two.desk.at(lands[at], |reacher| {
            lists.map(|list| list.map(|it| (it.kind, reacher.list_number(it.list))))
        })
    });
    [
        was != is || before[0] != after[0],
        was != is || before[1] != after[1] || is_service,
    ]
}
