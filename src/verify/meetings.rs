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
        let mut all = Self { places: Vec::new(), of: Vec::new(), met: FxHashMap::default() };
        let mut known: FxHashMap<[SpotIx; 2], usize> = FxHashMap::default();
        let ends = std::sync::Arc::clone(&two.ends);
        let owns = owns(two, &ends);
        for (index, ((end, touched), own)) in ends.iter().zip(touched).zip(owns).enumerate() {
            let next = all.places.len();
            let at = match classes(end) {
                Some(classes) => {
                    let spots = [0, 1].map(|at| spots[at].of_class(classes[at]));
                    *known.entry(spots).or_insert(next)
                }
                None => next,
            };
            if at == next {
                let place = Place { hosts: hosts(two, end), ..Place::default() };
                all.places.push(place);
            }
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
            let mut met: Vec<usize> = self.differing(two, at);
            met.sort_unstable();
            self.met.insert(at, met);
        }
        self.met.get(&at).map_or(&[], |met| met)
    }

    /// The ends of all places that those of one can meet differently.
    fn differing(&self, two: &mut Two<'_>, from: usize) -> Vec<usize> {
        let sender = &self.places[from];
        let some = (0..self.places.len())
            .filter(|to| sender.touched[0] || self.places[*to].touched[1])
            .map(|to| (&self.places[to], self.between(from, to)));
        let (some, hosts): (Vec<_>, Vec<_>) = some.unzip();
        let lands = two.lands;
        let [old, new] = [0, 1].map(|at| {
            two.desk.at(lands[at], |reacher| {
                let hosts = hosts.iter();
                let standing = hosts.map(|hosts| {
                    let (from, to) = (*hosts)?[at];
                    Some(reacher.standing(from, to))
                });
                standing.collect::<Vec<_>>()
            })
        });
        let all = some.iter().zip(old.iter().zip(&new));
        let differ = all.filter(|(receiver, standing)| match standing {
            (Some(Standing::Shut), Some(Standing::Shut)) => false,
            (Some(old @ Standing::Filters(..)), Some(new @ Standing::Filters(..))) => {
                sender.own[0] || receiver.own[1] || old != new
            }
            _ => true,
        });
        differ.flat_map(|(receiver, _)| &receiver.ends).copied().collect()
    }

    /// A sender and a receiver that stand for two places in each network; `None` = their ends meet as they are.
    fn between(&self, from: usize, to: usize) -> Option<[(Host, Host); 2]> {
        let (openers, meant) = self.places[from].hosts.zip(self.places[to].hosts)?;
        (from != to).then(|| [0, 1].map(|at| (openers[at], meant[at])))
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

/// Whether what each end is itself differs, as a sender and as a receiver: its address, its groups, and what a service serves.
fn owns(two: &mut Two<'_>, ends: &[Alike]) -> Vec<[bool; 2]> {
    let lands = two.lands;
    let [old, new] = [0, 1].map(|at| {
        let land = lands[at];
        two.desk.at(land, |reacher| {
            let told = ends.iter().map(|end| {
                let Some(Party::Host(resident, is)) = land.party(&end.who[0]) else {
                    return None;
                };
                let resident = land.fabric.hosts.get(resident);
                let lists = [resident.egress, resident.ingress];
                let lists =
                    lists.map(|list| list.map(|it| (it.kind, reacher.list_number(it.list))));
                Some((is, resident.role, lists))
            });
            told.collect::<Vec<_>>()
        })
    });
    let both = old.into_iter().zip(new);
    let own = both.map(|both| {
        let (Some((was, before, old)), Some((is, after, new))) = both else {
            return [true, true];
        };
        let is_service = [before, after].iter().any(|role| *role != Role::Machine);
        [was != is || old[0] != new[0], was != is || old[1] != new[1] || is_service]
    });
    own.collect()
}
