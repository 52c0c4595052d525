//! The ways between two places, filters left open: walked once for all machines that only differ in their filters.
//!
//! Machines of one place send by the same route lookup and lie in the same address sets of every stage, so what one of
//! them sends to a machine of another place takes the same ways. What differs is their addresses and the lists that guard
//! them: a skeleton has slots for these, and is filled in for a pair without walking again.

use std::net::IpAddr;
use std::sync::Arc;

use super::classes::{ClassIx, Classes, LocationIx};
use super::flow::Batch;
use super::judge::settle;
use super::reach::{Pair, Reacher};
use super::session::replies;
use super::straight::Host;
use super::walk::{Ending, Path, Step, What};
use crate::fabric::{FilterUse, Party, ResidentIx};
use crate::space::{AddressSet, Origin, Set, Space, View};

/// The ways between two places.
#[derive(Debug)]
pub(super) struct Skeleton {
    asked: Set,
    ways: Vec<Leg>,
    /// The stages that the ways came by, by the numbers of their texts.
    footprint: Vec<u32>,
}

/// A way there with its ways back, or a way back.
#[derive(Debug)]
struct Leg {
    set: Set,
    stopped: bool,
    filters: Vec<Slot>,
    back: Vec<Leg>,
}

/// A filter on the way.
#[derive(Debug)]
struct Slot {
    list: List,
    source: Address,
    destination: Address,
    view: View,
}

#[derive(Debug)]
enum List {
    /// The sender's own groups.
    Egress,
    /// The receiver's own groups.
    Ingress,
    /// A list of something on the way, by the number of its content.
    Of(u32),
}

#[derive(Clone, Copy, Debug)]
enum Address {
    Sender,
    Receiver,
    Other(IpAddr),
}

/// What works between two machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Works {
    /// What was asked.
    pub asked: Set,
    /// What works on all ways.
    pub always: Set,
    /// What works on some way.
    pub sometimes: Set,
}

/// A machine of a place.
#[derive(Clone, Copy)]
struct Machine {
    party: Party,
    resident: ResidentIx,
    address: IpAddr,
    location: LocationIx,
}

impl Reacher<'_> {
    /// What works from a machine of one class to one of another (or another one of the same), there and back.
    /// `None` = one of the classes is not of ordinary machines, or they have one address.
    pub fn between(
        &mut self,
        classes: &Classes,
        from: ClassIx,
        to: ClassIx,
        traffic: Set,
    ) -> Option<Works> {
        let (sender, receiver) = (classes.get(from), classes.get(to));
        let from = end(sender.first())?;
        let to = if std::ptr::eq(sender, receiver) {
            end(sender.second()?)?
        } else {
            end(receiver.first())?
        };
        if from.address == to.address || self.one_machine(from, to) {
            return None;
        }
        if let Some(works) = self.straight(from, to, traffic) {
            return Some(works);
        }
        let from = machine(from, sender.location)?;
        let to = machine(to, receiver.location)?;
        let fabric = self.fabric();
        let place = |reacher: &mut Self, location| {
            reacher
                .known
                .place(&mut reacher.memory, fabric, classes, location)
        };
        let key = (
            place(self, from.location),
            place(self, to.location),
            traffic,
        );
        let known = self.memory.skeletons.get(&key).cloned();
        let known = known.filter(|skeleton| {
            let (_, all) = self.known.stages(&mut self.memory, fabric);
            skeleton.footprint.iter().all(|stage| all.contains(stage))
        });
        let skeleton = known.unwrap_or_else(|| {
            let skeleton = Arc::new(self.skeleton(from, to, traffic));
            self.memory.walked += 1;
            self.memory.skeletons.insert(key, Arc::clone(&skeleton));
            skeleton
        });
        Some(self.fill(&skeleton, from, to))
    }

    /// Whether two ends are on one machine, and therefore no pair (D20-6).
    pub(super) fn one_machine(&self, from: Host, to: Host) -> bool {
        let machine = |host: Host| self.fabric().hosts.get(host.resident).machine.as_ref();
        machine(from).is_some() && machine(from) == machine(to)
    }

    fn skeleton(&mut self, from: Machine, to: Machine, traffic: Set) -> Skeleton {
        let pair = Pair {
            from: from.party,
            to: to.party,
            source: AddressSet::single(from.address),
            destination: AddressSet::single(to.address),
            traffic,
        };
        let (asked, ways) = self.ways_of(&pair);
        let mut visited: Vec<_> = ways
            .iter()
            .flat_map(|path| &path.visited)
            .copied()
            .collect();
        let mut legs = Vec::new();
        for path in &ways {
            let mut leg = self.leg(path, from, to);
            if !leg.stopped {
                let fabric = self.fabric();
                for back in replies(fabric, &mut self.space, path, None) {
                    let back = settle(fabric, back, to.party, from.party);
                    visited.extend(&back.visited);
                    leg.back.push(self.leg(&back, from, to));
                }
            }
            legs.push(leg);
        }
        visited.sort_unstable();
        visited.dedup();
        let fabric = self.fabric();
        let (numbers, _) = self.known.stages(&mut self.memory, fabric);
        Skeleton {
            asked,
            ways: legs,
            footprint: visited.iter().map(|node| numbers[node.index()]).collect(),
        }
    }

    fn leg(&mut self, path: &Path<Batch>, from: Machine, to: Machine) -> Leg {
        let stopped = matches!(path.ending, Ending::Stopped(_));
        let filters = path.steps.iter().filter_map(|step| match &step.what {
            What::Filter(filter) if !stopped => Some(self.slot(*filter, step, from, to)),
            _ => None,
        });
        Leg {
            set: path.flow.set,
            stopped,
            filters: filters.collect(),
            back: Vec::new(),
        }
    }

    fn slot(&mut self, filter: FilterUse, step: &Step<View>, from: Machine, to: Machine) -> Slot {
        let fabric = self.fabric();
        let at = |machine: Machine| {
            let resident = fabric.hosts.get(machine.resident);
            step.endpoint.as_ref() == Some(&resident.endpoint_at(machine.address))
        };
        let (sender, receiver) = (
            fabric.hosts.get(from.resident),
            fabric.hosts.get(to.resident),
        );
        let list = if at(from) && sender.egress == Some(filter) {
            List::Egress
        } else if at(to) && receiver.ingress == Some(filter) {
            List::Ingress
        } else {
            List::Of(self.known.list(&mut self.memory, fabric, filter.list))
        };
        let address = |origin| match origin {
            Origin::Const(address) if address == from.address => Address::Sender,
            Origin::Const(address) if address == to.address => Address::Receiver,
            Origin::Const(address) => Address::Other(address),
            Origin::Original(crate::space::End::Source) => Address::Sender,
            Origin::Original(crate::space::End::Destination) => Address::Receiver,
        };
        Slot {
            list,
            source: address(step.before.source),
            destination: address(step.before.destination),
            view: step.before,
        }
    }

    /// The skeleton with the addresses and lists of two machines.
    fn fill(&mut self, skeleton: &Skeleton, from: Machine, to: Machine) -> Works {
        let mut works = Works {
            asked: skeleton.asked,
            always: skeleton.asked,
            sometimes: Space::EMPTY,
        };
        for way in &skeleton.ways {
            let there = self.passed(way, from, to);
            let (mut always, mut sometimes) = (there, Space::EMPTY);
            for back in &way.back {
                if self.space.is_empty(there) {
                    break;
                }
                let returned = self.passed(back, from, to);
                let lost = self.space.difference(back.set, returned);
                always = self.space.difference(always, lost);
                sometimes = self.space.union(sometimes, returned);
            }
            sometimes = self.space.intersection(there, sometimes);
            let bad = self.space.difference(way.set, always);
            works.always = self.space.difference(works.always, bad);
            works.sometimes = self.space.union(works.sometimes, sometimes);
        }
        works
    }

    /// What the filters of a leg let through.
    fn passed(&mut self, leg: &Leg, from: Machine, to: Machine) -> Set {
        if leg.stopped {
            return Space::EMPTY;
        }
        let fabric = self.fabric();
        let mut set = leg.set;
        for slot in &leg.filters {
            if self.space.is_empty(set) {
                break;
            }
            let own = match slot.list {
                List::Egress => fabric.hosts.get(from.resident).egress,
                List::Ingress => fabric.hosts.get(to.resident).ingress,
                List::Of(_) => None,
            };
            let list = match (&slot.list, own) {
                (List::Of(list), _) => *list,
                (_, Some(own)) => self.known.list(&mut self.memory, fabric, own.list),
                (_, None) => continue,
            };
            let address = |address| {
                Origin::Const(match address {
                    Address::Sender => from.address,
                    Address::Receiver => to.address,
                    Address::Other(address) => address,
                })
            };
            let view = View {
                source: address(slot.source),
                destination: address(slot.destination),
                ..slot.view
            };
            let permitted = self.permitted_by(list, &view);
            set = self.space.intersection(set, permitted);
        }
        set
    }
}

/// A host at its address.
fn end(party: Party) -> Option<Host> {
    match party {
        Party::Host(resident, address) => Some(Host { resident, address }),
        _ => None,
    }
}

fn machine(host: Host, location: Option<LocationIx>) -> Option<Machine> {
    Some(Machine {
        party: Party::Host(host.resident, host.address),
        resident: host.resident,
        address: host.address,
        location: location?,
    })
}
