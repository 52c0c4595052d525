//! Whether what was imported could exist in the cloud: what its limits forbid is taken out, or the file would not load.
//!
//! What is forbidden goes first, then what leads nowhere without it, until nothing is left to say. Each is a note and
//! a comment like everything that is left out; warnings are said, and what they are about stays.

use ipnet::IpNet;
use rustc_hash::FxHashSet;

use super::document::Spot;
use super::draft::{Draft, Say};
use super::left::Bears;
use super::note::Outcome;
use crate::code::Code;
use crate::diagnostic::{Severity, Words, words};
use crate::id::Id;
use crate::model::{Fragment, Key, Kind, Network, Place, Violation, broken_references, check};

/// What may be taken out of an entity, an item at a time, and the index of the item.
const LISTS: [&str; 12] = [
    "routes",
    "ingress",
    "egress",
    "snat",
    "dnat",
    "connections",
    "tunnels",
    "attachments",
    "selection",
    "security_groups",
    "secondary_cidrs",
    "classic_links",
];

impl Draft {
    /// Takes out what cannot be, and says so.
    pub fn make_sound(&mut self) {
        loop {
            let network = self.document.fragment.clone().into_network();
            let mut found = namesakes(&network);
            if found.is_empty() {
                found = broken_references(&network);
            }
            if found.is_empty() {
                found = check(&network);
            }
            let errors = found.iter().filter(|it| it.severity == Severity::Error);
            let mut owners = FxHashSet::default();
            // one of each entity at a time: taking out an item moves those behind it
            let errors: Vec<_> = errors.filter(|it| owners.insert(it.place.id.clone())).collect();
            if errors.is_empty() {
                self.warn(&found);
                return;
            }
            let mut is_done = false;
            for violation in errors {
                is_done |= self.take_out(&network, violation);
            }
            if !is_done {
                return;
            }
        }
    }

    fn warn(&mut self, found: &[Violation]) {
        for violation in found {
            // the importers say it in their own words
            if violation.code != Code::NoSecurityGroup {
                let say = said(violation);
                let spot = Spot::Entity(violation.place.id.clone());
                self.say(Outcome::Doubtful, spot, say);
            }
        }
    }

    /// Takes out the item that a rule of the cloud is about, or its entity; whether it was there.
    fn take_out(&mut self, network: &Network, violation: &Violation) -> bool {
        let Place { id, path } = &violation.place;
        let fragment = &mut self.document.fragment;
        let say = said(violation);
        if let Some(destinations) = item(fragment, id, path) {
            if let [Key::Field(list), Key::Index(at), ..] = path[..] {
                self.moved_up(id, list, at);
            }
            let bears = Bears::On(vec![id.clone()]);
            self.leave_out(Spot::Entity(id.clone()), say, bears, destinations);
            return true;
        }
        let Some((_, kind)) = network.ids().filter(|(own, _)| *own == id).last() else {
            return false;
        };
        let bears = bears(network, id, kind);
        if !entity(fragment, id) {
            return false;
        }
        for (spot, _) in &mut self.document.remarks {
            if matches!(spot, Spot::Entity(of) | Spot::Item(of, ..) if of == id) {
                *spot = Spot::Section(kind);
            }
        }
        self.leave_out(Spot::Section(kind), say, bears, Vec::new());
        true
    }

    /// The comments behind an item that is gone stay above what they speak of.
    fn moved_up(&mut self, id: &Id, list: &str, at: usize) {
        for (spot, _) in &mut self.document.remarks {
            if let Spot::Item(of, own, index) = spot
                && of == id
                && *own == list
                && *index > at
            {
                *index -= 1;
            }
        }
    }
}

/// Ids that are empty or stand twice, whatever they are ids of: an id alone says which thing is meant.
fn namesakes(network: &Network) -> Vec<Violation> {
    let mut known = FxHashSet::default();
    let again = network.ids().filter(|(id, _)| {
        let is_new = known.insert(*id);
        id.as_str().is_empty() || !is_new
    });
    let violations = again.map(|(id, kind)| {
        let place =
            part(network, id, kind).unwrap_or_else(|| Place { id: id.clone(), path: Vec::new() });
        let (english, chinese) = (kind.words(), kind.chinese());
        if id.as_str().is_empty() {
            let message = words!("the {english} has no id", "{chinese}没有 ID");
            return Violation::error(Code::InvalidValue, place, message);
        }
        let message = words!(
            "`{id}` is the id of a {english} and of something else",
            "`{id}` 是{chinese}的 ID，同时也是另一资源的 ID"
        );
        Violation::error(Code::DuplicateId, place, message)
    });
    violations.collect()
}

/// Where the last part with an id stands in what it is a part of.
fn part(network: &Network, id: &Id, kind: Kind) -> Option<Place> {
    let (_, list, _) = Kind::PARTS.into_iter().find(|(.., part)| *part == kind)?;
    let place = |owner: &Id, key| Place { id: owner.clone(), path: vec![Key::Field(list), key] };
    if kind == Kind::CcnRouteTable {
        let mut ccns = network.ccns.iter().rev();
        let (owner, _) = ccns.find(|(_, ccn)| ccn.route_tables.contains_key(id))?;
        return Some(place(owner, Key::Entry(id.clone())));
    }
    let vpn =
        network.vpn_gateways.iter().rev().find_map(|(owner, it)| {
            Some((owner, it.connections.iter().rposition(|it| it.id == *id)?))
        });
    let direct = network
        .direct_connect_gateways
        .iter()
        .rev()
        .find_map(|(owner, it)| Some((owner, it.tunnels.iter().rposition(|it| it.id == *id)?)));
    let (owner, at) = if kind == Kind::VpnConnection { vpn } else { direct }?;
    Some(place(owner, Key::Index(at)))
}

fn said(violation: &Violation) -> Say {
    let code = violation.code;
    let why = Words::new(
        format!("{} ({code})", violation.message.english()),
        format!("{}（{code}）", violation.message.chinese()),
    );
    let say = Say::of(violation.place.id.as_str(), why);
    match &violation.help {
        Some(help) => say.help(help.clone()),
        None => say,
    }
}

/// What an entity bears on that cannot be in the file.
fn bears(network: &Network, id: &Id, kind: Kind) -> Bears {
    let vpc = network.vpc_of(id.as_str()).cloned();
    match kind {
        Kind::Instance
        | Kind::NetworkInterface
        | Kind::InstanceGroup
        | Kind::HaVip
        | Kind::Database
        | Kind::LoadBalancer
        | Kind::VpcEndpoint
        | Kind::ClassicInstance
        | Kind::ClassicDatabase
        | Kind::ClassicLoadBalancer => {
            let groups = [
                network.instances.get(id).map(|it| &it.security_groups),
                network.network_interfaces.get(id).map(|it| &it.security_groups),
                network.vpc_endpoints.get(id).map(|it| &it.security_groups),
                network.classic_instances.get(id).map(|it| &it.security_groups),
            ];
            let groups = groups.into_iter().flatten().flatten().cloned();
            let subnet = network.instances.get(id).map(|it| it.subnet.clone());
            Bears::Missing(vpc.into_iter().chain(subnet).chain(groups).collect())
        }
        Kind::Peering
        | Kind::NatGateway
        | Kind::VpnGateway
        | Kind::DirectConnectGateway
        | Kind::Ccn => Bears::Routing(network.vpcs.keys().cloned().collect()),
        Kind::Vpc => Bears::Nothing,
        Kind::Account
        | Kind::Subnet
        | Kind::RouteTable
        | Kind::NetworkAcl
        | Kind::SecurityGroup
        | Kind::AddressTemplate
        | Kind::AddressTemplateGroup
        | Kind::ServiceTemplate
        | Kind::ServiceTemplateGroup
        | Kind::EndpointConnection
        | Kind::EndpointService
        | Kind::EdgeFirewall
        | Kind::Site
        | Kind::CcnRouteTable
        | Kind::VpnConnection
        | Kind::DirectConnectTunnel => vpc.map_or(Bears::Everything, |vpc| Bears::On(vec![vpc])),
    }
}

/// Takes an item out of a list of an entity; the destinations that it was about, if it was a route.
fn item(fragment: &mut Fragment, id: &Id, path: &[Key]) -> Option<Vec<IpNet>> {
    let network = &mut fragment.network;
    let (list, at) = match *path {
        [Key::Field(list), Key::Index(at), ..] if LISTS.contains(&list) => (list, at),
        [
            Key::Field("listeners"),
            Key::Index(listener),
            Key::Field("targets"),
            Key::Index(at),
            ..,
        ] => {
            let own = network.load_balancers.get_mut(id).map(|it| &mut it.listeners);
            let classic = network.classic_load_balancers.get_mut(id);
            let listeners = own.or(classic.map(|it| &mut it.listeners))?;
            return drop_at(&mut listeners.get_mut(listener)?.targets, at);
        }
        [Key::Field("route_tables"), Key::Entry(ref table)] => {
            let table = network.ccns.get_mut(id)?.route_tables.shift_remove(table);
            return table.map(|_| Vec::new());
        }
        [Key::Field("network_acl")] => {
            let acl = network.subnets.get_mut(id)?.network_acl.take();
            return acl.map(|_| Vec::new());
        }
        [Key::Field("route_table")] => {
            let table = network.subnets.get_mut(id)?.route_table.take();
            return table.map(|_| Vec::new());
        }
        [Key::Field("default_route_table")] => {
            let table = network.vpcs.get_mut(id)?.default_route_table.take();
            return table.map(|_| Vec::new());
        }
        [Key::Field("ipv6_cidr")] => {
            let vpc = network.vpcs.get_mut(id).map(|it| &mut it.ipv6_cidr);
            let subnet = network.subnets.get_mut(id).map(|it| &mut it.ipv6_cidr);
            return vpc.or(subnet)?.take().map(|cidr| vec![cidr]);
        }
        [Key::Field("ipv6")] => {
            let address = network.instances.get_mut(id)?.ipv6.take();
            return address.map(|address| vec![IpNet::from(address)]);
        }
        [Key::Field("bound_to")] => {
            let carrier = network.havips.get_mut(id)?.bound_to.take();
            return carrier.map(|_| Vec::new());
        }
        _ => return None,
    };
    match list {
        "routes" => {
            if let Some(table) = network.route_tables.get_mut(id) {
                let to = table.routes.get(at)?.to;
                table.routes.remove(at);
                return Some(vec![to]);
            }
            if let Some(ccn) = network.ccns.get_mut(id) {
                return drop_at(&mut ccn.routes, at);
            }
            drop_at(&mut network.vpn_gateways.get_mut(id)?.routes, at)
        }
        "ingress" | "egress" => rule(network, id, list, at),
        "snat" => drop_at(&mut network.nat_gateways.get_mut(id)?.snat, at),
        "dnat" => drop_at(&mut network.nat_gateways.get_mut(id)?.dnat, at),
        "connections" => drop_at(&mut network.vpn_gateways.get_mut(id)?.connections, at),
        "tunnels" => {
            let gateway = network.direct_connect_gateways.get_mut(id)?;
            drop_at(&mut gateway.tunnels, at)
        }
        "attachments" => drop_at(&mut network.ccns.get_mut(id)?.attachments, at),
        "selection" => drop_at(&mut network.ccns.get_mut(id)?.selection, at),
        "secondary_cidrs" => drop_at(&mut network.vpcs.get_mut(id)?.secondary_cidrs, at),
        "classic_links" => drop_at(fragment.classic_links.get_mut(id)?, at),
        _ => drop_at(groups(network, id)?, at),
    }
}

/// The groups of an endpoint.
fn groups<'n>(network: &'n mut Network, id: &Id) -> Option<&'n mut Vec<Id>> {
    let groups = [
        network.instances.get_mut(id).map(|it| &mut it.security_groups),
        network.network_interfaces.get_mut(id).map(|it| &mut it.security_groups),
        network.instance_groups.get_mut(id).map(|it| &mut it.security_groups),
        network.load_balancers.get_mut(id).map(|it| &mut it.security_groups),
        network.databases.get_mut(id).map(|it| &mut it.security_groups),
        network.vpc_endpoints.get_mut(id).map(|it| &mut it.security_groups),
        network.classic_instances.get_mut(id).map(|it| &mut it.security_groups),
    ];
    groups.into_iter().flatten().next()
}

fn rule(network: &mut Network, id: &Id, list: &str, at: usize) -> Option<Vec<IpNet>> {
    if let Some(group) = network.security_groups.get_mut(id) {
        return match list {
            "ingress" => drop_at(&mut group.ingress, at),
            _ => drop_at(&mut group.egress, at),
        };
    }
    let acl = network.network_acls.get_mut(id)?;
    match list {
        "ingress" => drop_at(&mut acl.ingress, at),
        _ => drop_at(&mut acl.egress, at),
    }
}

fn drop_at<T>(list: &mut Vec<T>, at: usize) -> Option<Vec<IpNet>> {
    (at < list.len()).then(|| {
        list.remove(at);
        Vec::new()
    })
}

/// Takes out a whole entity: of two with one id the later one, on which less hangs.
fn entity(fragment: &mut Fragment, id: &Id) -> bool {
    let mut kinds = Kind::SECTIONS.iter().rev();
    kinds.any(|kind| fragment.network.remove(*kind, id.as_str()))
        || fragment.classic_links.shift_remove(id).is_some()
}
