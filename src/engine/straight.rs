//! What works between two hosts that only filters stand between: no walk, only the lists on the straight way there and
//! back.
//!
//! This knows nothing that the walk does not know. It says so, and leaves the pair to the walk, wherever anything but a
//! filter could matter: a public address, a translation, a choice of ways, a tunnel, a service with targets.

use std::net::IpAddr;

use rustc_hash::FxHashMap;

use super::flow::{Batch, Flow};
use super::permit::Facing;
use super::reach::{Reacher, is_exempt, source_is_down};
use super::skeleton::Works;
use crate::code::CodeKind;
use crate::fabric::{
    Between, Fabric, FilterKind, FilterUse, Home, ListIx, Party, Resident, ResidentIx, Role,
    StageIx, Straight, Then, meeting,
};
use crate::space::{Match, Origin, Set, Space, View};

/// One end of a pair: who, at which address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host {
    /// Who.
    pub resident: ResidentIx,
    /// One of its own addresses.
    pub address: IpAddr,
}

impl Host {
    /// A party that is a host.
    #[must_use]
    pub fn of(party: Party) -> Option<Self> {
        match party {
            Party::Host(resident, address) => Some(Self { resident, address }),
            _ => None,
        }
    }

    /// The host as a party.
    #[must_use]
    pub fn party(self) -> Party {
        Party::Host(self.resident, self.address)
    }
}

/// What stands between two hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Passage {
    /// Nothing crosses.
    Shut,
    /// Only filters decide.
    Open(Open),
    /// Only a walk can tell.
    Unclear,
}

/// The filters on the way between two hosts, beside their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Open {
    pub(super) there: Between,
    /// Groups among them do not see replies (SG-1).
    pub(super) back: Between,
    /// The sender's groups are not asked (SG-18).
    pub(super) exempt: bool,
}

/// What stands between two different hosts at these addresses.
pub(super) fn passage(fabric: &Fabric, from: Host, to: Host) -> Passage {
    let (sender, receiver) = (fabric.hosts.get(from.resident), fabric.hosts.get(to.resident));
    let public = fabric.is_public(from.address) || fabric.is_public(to.address);
    if public || sender.role != Role::Machine || !sender.owns(from.address) {
        return Passage::Unclear;
    }
    let (opener, meant) = (from.party(), to.party());
    if source_is_down(fabric, opener) {
        return Passage::Shut;
    }
    // Who may not meet needs no way: most of the classic network is linked to no VPC.
    if fabric.are_unlinked(from.resident, to.resident) {
        return Passage::Shut;
    }
    let inside = |home| matches!(home, Home::Subnet(_));
    if !(inside(sender.home) && inside(receiver.home)) {
        let causes = meeting(fabric, opener, meant, Some(to.address));
        let unsaid = |kind| kind == CodeKind::Undetermined;
        if causes.iter().any(|cause| unsaid(cause.code.kind())) {
            return Passage::Unclear;
        }
        if !causes.is_empty() {
            return Passage::Shut;
        }
    }
    let there = match leaving(fabric, from.resident) {
        Some(start) => fabric.straight(start, from.address, to.address),
        None => return Passage::Unclear,
    };
    let there = match there {
        Straight::Lost => return Passage::Shut,
        Straight::Arrives(owner, there) if owner == to.resident => there,
        Straight::Arrives(..) | Straight::Unclear => return Passage::Unclear,
    };
    if receiver.down || receiver.unbound {
        return Passage::Shut;
    }
    let answers = matches!(receiver.role, Role::Machine | Role::Database);
    let back = match leaving(fabric, to.resident) {
        Some(start) if answers => fabric.straight(start, to.address, from.address),
        _ => return Passage::Unclear,
    };
    match back {
        Straight::Lost => Passage::Shut,
        Straight::Arrives(owner, back) if owner == from.resident => {
            Passage::Open(Open { there, back, exempt: is_exempt(fabric, opener, meant) })
        }
        Straight::Arrives(..) | Straight::Unclear => Passage::Unclear,
    }
}

/// Where the packets of a host start.
pub(super) fn leaving(fabric: &Fabric, host: ResidentIx) -> Option<StageIx> {
    match fabric.hosts.get(host).home {
        Home::Subnet(subnet) => fabric.router(subnet),
        Home::Classic => fabric.classic_out(host).or_else(|| fabric.classic_network(host)),
        Home::Public(_) => None,
    }
}

/// Whether two hosts are on one machine, and therefore no pair (D20-6).
pub(super) fn share_a_machine(fabric: &Fabric, from: Host, to: Host) -> bool {
    fabric.hosts.share_a_machine(from.resident, to.resident)
}

/// What packets between two hosts look like.
pub(super) fn view(from: IpAddr, to: IpAddr) -> View {
    View { source: Origin::Const(from), destination: Origin::Const(to), ..View::identity() }
}

/// What blocks packets between two machines with nothing but filters in between: the lists that do, and in which of their cells
/// the two addresses lie. Where that is equal, the same rules block the same packets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Circumstances {
    /// The subnets, where a list that is not of one of the ends blocks.
    homes: Option<[Home; 2]>,
    filters: Vec<(FilterUse, Facing, (u32, u32))>,
}

/// What stands between two hosts, in words that mean the same in every fabric whose engine has the same memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing crosses.
    Shut,
    /// Nothing but filters: what they are and the numbers of what they say, there and back; and whether the sender's own
    /// groups are asked, too.
    Filters([Vec<(FilterKind, u32)>; 2], bool),
    /// Only a walk can tell.
    Unclear,
}

impl Reacher<'_> {
    /// What stands between two hosts at these addresses, beside their own groups and what they serve.
    pub fn standing(&mut self, from: Host, to: Host) -> Standing {
        if share_a_machine(self.fabric(), from, to) {
            return Standing::Unclear;
        }
        let open = match passage(self.fabric(), from, to) {
            Passage::Shut => return Standing::Shut,
            Passage::Unclear => return Standing::Unclear,
            Passage::Open(open) => open,
        };
        let filters = [open.there, open.back].map(|way| {
            let filters = way.iter();
            let said = filters.map(|it| (it.kind, self.list_number(it.list)));
            said.collect()
        });
        Standing::Filters(filters, !open.exempt)
    }

    /// Whether surely every reply comes back to packets of a set that arrive: nothing crosses, or nothing but filters decides,
    /// and those on the way back let through what those on the way there do.
    pub fn keeps_replies(&mut self, from: Host, to: Host, asked: Set) -> bool {
        let fabric = self.fabric();
        if share_a_machine(fabric, from, to) {
            return false;
        }
        let open = match passage(fabric, from, to) {
            Passage::Shut => return true,
            Passage::Unclear => return false,
            Passage::Open(open) => open,
        };
        let there = view(from.address, to.address);
        let back = there.reversed();
        let Some(arrives) =
            self.through(from, to, &Open { back: Between::default(), ..open }, asked)
        else {
            return false;
        };
        open.back.iter().filter(|filter| !filter.kind.is_stateful()).all(|filter| {
            let permitted = self.permitted(filter.list, &back);
            self.space.difference(arrives, permitted) == Space::EMPTY
        })
    }

    /// What blocks some packets between two machines; `None` = more than filters may.
    pub fn circumstances(&mut self, from: Host, to: Host, set: Set) -> Option<Circumstances> {
        let fabric = self.fabric();
        let (sender, receiver) = (fabric.hosts.get(from.resident), fabric.hosts.get(to.resident));
        let (IpAddr::V4(source), IpAddr::V4(destination)) = (from.address, to.address) else {
            return None;
        };
        if receiver.role != Role::Machine || share_a_machine(fabric, from, to) {
            return None;
        }
        let Passage::Open(open) = passage(fabric, from, to) else {
            return None;
        };
        let own = sender.egress.filter(|_| !open.exempt).into_iter();
        let there = own.chain(open.there.iter()).chain(receiver.ingress);
        let stateless = open.back.iter().filter(|filter| !filter.kind.is_stateful());
        let there = there.map(|filter| (filter, Facing::There));
        let filters = there.chain(stateless.map(|filter| (filter, Facing::Back)));
        let ends = (source.to_bits(), destination.to_bits());
        let mut blocking = Vec::new();
        for (filter, facing) in filters {
            let list = (self.list_number(filter.list), facing);
            let permits = &mut self.memory.permits;
            let permitted = permits.between(&mut self.space, list, ends);
            if self.space.difference(set, permitted) != Space::EMPTY {
                blocking.push((filter, facing, self.memory.permits.cells(list, ends)));
            }
        }
        let mut kinds = blocking.iter().map(|(filter, ..)| filter.kind);
        let is_between = kinds.any(|kind| !kind.is_of_a_machine());
        Some(Circumstances {
            homes: is_between.then_some([sender.home, receiver.home]),
            filters: blocking,
        })
    }

    /// What works from one host to another; `None` = only a walk can tell.
    pub(super) fn straight(&mut self, from: Host, to: Host, traffic: Set) -> Option<Works> {
        let all = self.space.all();
        let asked = self.space.intersection(traffic, all);
        let works = match passage(self.fabric(), from, to) {
            Passage::Shut => Space::EMPTY,
            Passage::Unclear => return None,
            Passage::Open(open) => self.through(from, to, &open, asked)?,
        };
        Some(Works { asked, always: works, sometimes: works })
    }

    /// What of a set passes all filters between two hosts and theirs, there and back.
    fn through(&mut self, from: Host, to: Host, open: &Open, asked: Set) -> Option<Set> {
        let fabric = self.fabric();
        let (sender, receiver) = (fabric.hosts.get(from.resident), fabric.hosts.get(to.resident));
        let there = view(from.address, to.address);
        let back = there.reversed();
        let own = sender.egress.filter(|_| !open.exempt);
        let stateless = open.back.iter().filter(|filter| !filter.kind.is_stateful());
        let filters = own.into_iter().chain(open.there.iter()).chain(receiver.ingress);
        let filters = filters.map(|filter| (filter, there));
        let mut set = self.served(from, (to, receiver), asked, there)?;
        for (filter, view) in filters.chain(stateless.map(|filter| (filter, back))) {
            if self.space.is_empty(set) {
                break;
            }
            let permitted = self.permitted(filter.list, &view);
            set = self.space.intersection(set, permitted);
        }
        Some(set)
    }

    /// Whether two fabrics that differ in nothing but these lists surely let the same pass between two machines, of the
    /// packets that go by their own addresses of IPv4. `false` where that would need a walk.
    ///
    /// Each list comes with the numbers of its contents in both.
    pub fn passes_alike(
        &mut self,
        (from, to): (Host, Host),
        edited: &FxHashMap<ListIx, (u32, u32)>,
    ) -> bool {
        let (IpAddr::V4(source), IpAddr::V4(destination)) = (from.address, to.address) else {
            return false;
        };
        let ends = (source.to_bits(), destination.to_bits());
        let hosts = &self.fabric().hosts;
        let own = [hosts.get(from.resident).egress, hosts.get(to.resident).ingress];
        let permits = &mut self.memory.permits;
        let space = &mut self.space;
        let mut permitted =
            |list: u32| permits.between(space, (list, Facing::There), (ends.0, ends.1));
        let mut lists = own.iter().flatten();
        let same = lists.all(|filter| {
            let contents = edited.get(&filter.list);
            contents.is_none_or(|(old, new)| permitted(*old) == permitted(*new))
        });
        same && passage(self.fabric(), from, to) != Passage::Unclear
    }

    /// What of a set an end serves itself; `None` = it hands packets on.
    pub(super) fn served(
        &mut self,
        from: Host,
        (to, receiver): (Host, &Resident),
        set: Set,
        view: View,
    ) -> Option<Set> {
        let fabric = self.fabric();
        if receiver.role == Role::Machine {
            return Some(set);
        }
        let stage = &fabric.graph[fabric.service(to.resident)?];
        let mut served = Space::EMPTY;
        let mut rest = Batch { set, view };
        // On a straight way whoever stands in another VPC comes by a gateway.
        let own = fabric.vpc_of_resident(to.resident);
        let sender = fabric.vpc_of_resident(from.resident);
        let is_foreign = sender.is_some() && sender != own;
        let rules = stage.rules.iter();
        let rules = rules.filter(|rule| rule.from_outside.is_none_or(|it| it == is_foreign));
        let rules = rules.map(|rule| (&rule.when, &rule.then));
        let all = Match::all();
        for (when, then) in rules.chain([(&all, &stage.otherwise)]) {
            let (hit, miss) = rest.split(&mut self.space, when);
            if let Some(hit) = hit {
                match then {
                    Then::Accept => served = self.space.union(served, hit.set),
                    Then::Stop(cause) if cause.code.kind() != CodeKind::Undetermined => {}
                    _ => return None,
                }
            }
            let Some(miss) = miss else { break };
            rest = miss;
        }
        Some(served)
    }
}
