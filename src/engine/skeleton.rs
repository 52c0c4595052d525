//! The ways between two places, filters left open: walked once for all machines that only differ in their filters.
//!
//! Machines of one place send by the same route lookup and lie in the same address sets of every stage, so what one of
//! them sends to a machine of another place takes the same ways. What differs is their addresses and the lists that guard
//! them: a skeleton has slots for these, and is filled in for a pair without walking again.

use std::net::IpAddr;
use std::sync::Arc;

use super::classes::{Class, ClassIx, Classes};
use super::flow::Batch;
use super::judge::{is_unsaid, settle};
use super::reach::{Pair, Reacher, host, meant, source_is_down};
use super::session::replies;
use super::straight::{Host, share_a_machine};
use super::walk::{Detail, Ending, Path, Step, What};
use crate::fabric::{FilterUse, Gate, ListIx, Party};
use crate::space::{End, Origin, Set, Space, View};

/// The ways between two places, or between a place and the outside.
#[derive(Debug)]
pub struct Skeleton {
    asked: Set,
    ways: Vec<Leg>,
    /// Whether the model ends on one of them (D20-18).
    unsaid: bool,
}

/// Whom ways were walked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Stand {
    /// All machines of a gate.
    Gate(Gate),
    /// One party.
    Party(Party),
}

/// Whom ways were walked for, and what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Walked {
    ends: [Stand; 2],
    /// Whether both are places of one subnet.
    is_inside: bool,
    traffic: Set,
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
    /// A list of something on the way.
    Of(ListIx),
}

#[derive(Clone, Copy, Debug)]
enum Address {
    Sender,
    Receiver,
    Other(Origin<IpAddr>),
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

impl Skeleton {
    /// Whether the model says what happens on all ways.
    #[must_use]
    pub fn is_said(&self) -> bool {
        !self.unsaid
    }

    /// Whether a list is asked on the ways, beside those of the two ends.
    fn asks(&self, list: ListIx) -> bool {
        let mut legs = self.ways.iter().flat_map(|way| way.back.iter().chain([way]));
        legs.any(|leg| {
            let mut filters = leg.filters.iter();
            filters.any(|slot| matches!(slot.list, List::Of(own) if own == list))
        })
    }
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
        let from = Host::of(sender.first())?;
        let to = if std::ptr::eq(sender, receiver) {
            Host::of(sender.second()?)?
        } else {
            Host::of(receiver.first())?
        };
        if from.address == to.address || share_a_machine(self.fabric(), from, to) {
            return None;
        }
        if let Some(works) = self.straight(from, to, traffic) {
            return Some(works);
        }
        let (Some(here), Some(there)) = (sender.location, receiver.location) else {
            return self.between_some(classes, (sender, from), (receiver, to), traffic);
        };
        let pair = if here == there {
            Pair::of_hosts(from, to, traffic)
        } else {
            let stand = |location| Host::of(classes.first_at(location));
            Pair::of_hosts(stand(here)?, stand(there)?, traffic)
        };
        let ways = self.ways_of_fabric(&pair);
        Some(self.fill(&ways, Some(from), Some(to)))
    }

    /// The same where one of the ends is of its own: nothing of that holds over another fabric.
    fn between_some(
        &mut self,
        classes: &Classes,
        (sender, from): (&Class, Host),
        (receiver, to): (&Class, Host),
        traffic: Set,
    ) -> Option<Works> {
        if std::ptr::eq(sender, receiver) || !from.address.is_ipv4() || !to.address.is_ipv4() {
            return None;
        }
        let stands = |class: &Class, host: Host| match class.location {
            Some(location) => Host::of(classes.first_at(location)),
            None => Some(host),
        };
        let pair = Pair::of_hosts(stands(sender, from)?, stands(receiver, to)?, traffic);
        let ways = self.ways_like(&pair)?;
        Some(self.fill(&ways, Some(from), Some(to)))
    }

    /// The ways of a pair that stands for others, walked once; `None` = the model ends on some of them.
    pub fn ways_like(&mut self, pair: &Pair) -> Option<Arc<Skeleton>> {
        let ways = self.ways_of_fabric(pair);
        ways.is_said().then_some(ways)
    }

    /// The ways of a pair, walked once for this fabric and all that share its ways.
    fn ways_of_fabric(&mut self, pair: &Pair) -> Arc<Skeleton> {
        let walked = self.walked_for(pair);
        self.known.ways(walked).unwrap_or_else(|| {
            let ways = Arc::new(self.skeleton(pair));
            debug_assert!(
                !self.exempts_one_of_many(&walked, pair, &ways),
                "nobody stands for those of other subnets where its own is exempt"
            );
            self.known.keep(walked, &ways);
            ways
        })
    }

    /// For whom else the ways of a pair hold.
    fn walked_for(&self, pair: &Pair) -> Walked {
        let ends = [pair.from, pair.to];
        let mut walked =
            Walked { ends: ends.map(Stand::Party), is_inside: false, traffic: pair.traffic };
        let fabric = self.fabric();
        let own = ends.map(|end| match end {
            Party::Host(resident, IpAddr::V4(address)) => fabric.gate(resident, address),
            _ => None,
        });
        for (at, other) in [(0, 1), (1, 0)] {
            let Some((subnet, gate)) = own[at] else {
                continue;
            };
            let is_apart = match (own[other], ends[other]) {
                (Some(_), _) | (None, Party::Site(_) | Party::Internet) => true,
                (None, Party::Host(resident, _)) => !fabric.hands_into(resident, subnet),
                (None, Party::NatAddress(..) | Party::Nobody(_)) => false,
            };
            if is_apart {
                walked.ends[at] = Stand::Gate(gate);
            }
        }
        let [from, to] = own.map(|own| own.map(|(subnet, _)| subnet));
        walked.is_inside = from.is_some() && from == to;
        walked
    }

    /// Whether a list on the way exempts the subnet of an end that stands for those of other subnets. None does: such lists stand
    /// before a public address of the end (ACL-5, D20-10), and who has one stands for nobody else.
    fn exempts_one_of_many(&self, walked: &Walked, pair: &Pair, ways: &Skeleton) -> bool {
        let fabric = self.fabric();
        let mut ends = walked.ends.iter().zip([pair.from, pair.to]);
        ends.any(|(stand, end)| match (stand, end) {
            (Stand::Gate(_), Party::Host(resident, IpAddr::V4(address))) => {
                let gate = fabric.gate(resident, address);
                let legs = gate.map(|(own, _)| [fabric.leg_out(own), fabric.leg_in(own)]);
                let mut legs = legs.into_iter().flatten().flatten();
                legs.any(|leg| ways.asks(leg.list))
            }
            _ => false,
        })
    }

    /// The ways of a pair, for all that are alike with its ends.
    pub fn skeleton(&mut self, pair: &Pair) -> Skeleton {
        let (asked, ways) = self.ways_of(pair);
        let is_down = source_is_down(self.fabric(), pair.from);
        let legs = ways.iter().map(|path| {
            let mut leg = self.leg(path, pair);
            leg.stopped |= is_down;
            if !leg.stopped {
                let fabric = self.fabric();
                let opener = meant(pair.from, &pair.source);
                for back in replies(fabric, &mut self.space, path, (opener, Detail::Sets)) {
                    let back = settle(fabric, back, pair.to, pair.from);
                    leg.back.push(self.leg(&back, pair));
                }
            }
            leg
        });
        let legs = legs.collect();
        Skeleton { asked, unsaid: ways.iter().any(is_unsaid), ways: legs }
    }

    fn leg(&self, path: &Path<Batch>, pair: &Pair) -> Leg {
        // Mail is stopped on its way, whatever comes after it (SG-20).
        let stops = |step: &Step<View>| matches!(step.what, What::Stop(_));
        let stopped = matches!(path.ending, Ending::Stopped(_)) || path.steps.iter().any(stops);
        let filters = path.steps.iter().filter_map(|step| match &step.what {
            What::Filter(filter) if !stopped => Some(self.slot(*filter, step, pair)),
            _ => None,
        });
        Leg { set: path.flow.set, stopped, filters: filters.collect(), back: Vec::new() }
    }

    fn slot(&self, filter: FilterUse, step: &Step<View>, pair: &Pair) -> Slot {
        let fabric = self.fabric();
        let ends = [host(pair.from, &pair.source), host(pair.to, &pair.destination)];
        let at = |end: Option<Host>| {
            let end = end.map(|end| fabric.hosts.get(end.resident).endpoint_at(end.address));
            end.is_some() && step.endpoint == end
        };
        let [sender, receiver] = ends.map(|end| end.map(|end| fabric.hosts.get(end.resident)));
        let list = if at(ends[0]) && sender.is_some_and(|own| own.egress == Some(filter)) {
            List::Egress
        } else if at(ends[1]) && receiver.is_some_and(|own| own.ingress == Some(filter)) {
            List::Ingress
        } else {
            List::Of(filter.list)
        };
        let [from, to] = ends.map(|end| end.map(|end| Origin::Const(end.address)));
        let address = |origin| match Some(origin) {
            own if own == from => Address::Sender,
            own if own == to => Address::Receiver,
            _ => Address::Other(origin),
        };
        Slot {
            list,
            source: address(step.before.source),
            destination: address(step.before.destination),
            view: step.before,
        }
    }

    /// The skeleton with the addresses and lists of two ends that are alike with those it was made for; `None` for an end
    /// outside. Nothing is known of what works where the model ends on some way ([`Skeleton::is_said`]).
    pub fn fill(&mut self, skeleton: &Skeleton, from: Option<Host>, to: Option<Host>) -> Works {
        let ends = [from, to];
        let mut works =
            Works { asked: skeleton.asked, always: skeleton.asked, sometimes: Space::EMPTY };
        for way in &skeleton.ways {
            let there = self.passed(way, ends);
            let (mut always, mut sometimes) = (there, Space::EMPTY);
            for back in &way.back {
                if self.space.is_empty(there) {
                    break;
                }
                let returned = self.passed(back, ends);
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
    fn passed(&mut self, leg: &Leg, [from, to]: [Option<Host>; 2]) -> Set {
        if leg.stopped {
            return Space::EMPTY;
        }
        let fabric = self.fabric();
        let resident = |host: Option<Host>| host.map(|host| fabric.hosts.get(host.resident));
        let mut set = leg.set;
        for slot in &leg.filters {
            if self.space.is_empty(set) {
                break;
            }
            let list = match slot.list {
                List::Egress => resident(from).and_then(|from| Some(from.egress?.list)),
                List::Ingress => resident(to).and_then(|to| Some(to.ingress?.list)),
                List::Of(list) => Some(list),
            };
            let Some(list) = list.map(|list| self.list_number(list)) else {
                continue;
            };
            let address = |address| match (address, from, to) {
                (Address::Sender, Some(from), _) => Origin::Const(from.address),
                (Address::Receiver, _, Some(to)) => Origin::Const(to.address),
                (Address::Other(origin), ..) => origin,
                (Address::Sender, None, _) => Origin::Original(End::Source),
                (Address::Receiver, _, None) => Origin::Original(End::Destination),
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
