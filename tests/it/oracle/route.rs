//! The lookup in a subnet's route table (RT-1..17, D20-32..35), one destination at a time.

use std::net::IpAddr;

use ipnet::IpNet;
use pathproof::code::Code;
use pathproof::id::Id;
use pathproof::model::{CcnMember, Network, NextHop, Route};

use super::who::is_public;
use super::{ccn, tunnel};

/// What a lookup says.
#[derive(Debug)]
pub enum Lookup<'n> {
    /// An address of the VPC's own CIDRs (RT-4); whether a CCN route that is off leads there, too (D20-32).
    Local { off: bool },
    /// The address of a live classic link (CL-3).
    Linked(&'n Id),
    /// The best routes: several only where equal ones may stand together (RT-10).
    Hops(Vec<NextHop>),
    /// No route, a public destination, and an own public address to leave by (RT-13).
    OwnAddress,
    /// Nothing carries it; the gateway whose lines are gone, if that is why (D20-34).
    Nothing(Code, Option<Id>),
}

/// RT-1, RT-5, RT-6, RT-11, RT-13. `subnet: None` asks the VPC's default table.
/// `has_public`: whether the sender has a public address of the packet's family.
pub fn lookup<'n>(
    network: &'n Network,
    vpc: &Id,
    subnet: Option<&Id>,
    destination: IpAddr,
    has_public: bool,
) -> Lookup<'n> {
    let table = table(network, vpc, subnet);
    let Table { enabled, disabled, gone } = &table;
    let only_disabled = disabled.iter().any(|to| to.contains(&destination));
    // RT-4, RT-5: Local wins over everything, except where a CCN brings another VPC's range that lies in no own
    // subnet (D20-32).
    if network.vpcs[vpc].covers(destination) {
        let mut inner: Vec<&Standing> = enabled.iter().filter(|it| it.inner).collect();
        inner.retain(|it| it.route.to.contains(&destination));
        let longest = inner.iter().map(|it| it.route.to.prefix_len()).max();
        inner.retain(|it| Some(it.route.to.prefix_len()) == longest);
        if inner.is_empty() {
            return Lookup::Local { off: only_disabled };
        }
        return Lookup::Hops(preferred(network, &inner));
    }
    if let Some(instance) = linked_at(network, vpc, destination) {
        return Lookup::Linked(instance);
    }
    let mut candidates: Vec<&Standing> = enabled.iter().filter(|it| !it.inner).collect();
    // RT-11: who has no public address skips EIP routes.
    candidates.retain(|it| {
        it.route.to.contains(&destination) && (has_public || it.route.via != NextHop::Eip)
    });
    // RT-6: longest prefix.
    if let Some(longest) = candidates.iter().map(|it| it.route.to.prefix_len()).max() {
        candidates.retain(|it| it.route.to.prefix_len() == longest);
        return Lookup::Hops(preferred(network, &candidates));
    }
    if is_public(network, destination) {
        return if has_public {
            Lookup::OwnAddress
        } else {
            Lookup::Nothing(Code::NoPublicAddress, None)
        };
    }
    if only_disabled {
        return Lookup::Nothing(Code::CcnRouteDisabled, None);
    }
    let mut gone = gone.iter();
    let gone = gone.find(|(to, _)| to.contains(&destination));
    Lookup::Nothing(Code::NoRoute, gone.map(|(_, gateway)| gateway.clone()))
}

/// Of equal routes those of the highest priority that has a next hop which is there, else of the highest (D20-35);
/// among those an EIP route before the others (RT-11).
fn preferred(network: &Network, candidates: &[&Standing]) -> Vec<NextHop> {
    let is_there = |via: &NextHop| match via {
        NextHop::VpnGateway(id) | NextHop::DirectConnectGateway(id) => {
            !tunnel::is_gateway_absent(network, id)
        }
        _ => true,
    };
    let priorities = || candidates.iter().map(|it| it.route.priority);
    let there = candidates.iter().filter(|it| is_there(&it.route.via));
    let best = there.map(|it| it.route.priority).min();
    let best = best.or(priorities().min());
    let mut hops: Vec<&NextHop> = Vec::new();
    for it in candidates {
        if Some(it.route.priority) == best {
            hops.push(&it.route.via);
        }
    }
    let eip = hops.contains(&&NextHop::Eip);
    hops.retain(|via| !eip || **via == NextHop::Eip);
    hops.into_iter().cloned().collect()
}

/// The classic CVM whose live link has this address (CL-18).
pub fn linked_at<'n>(network: &'n Network, vpc: &Id, address: IpAddr) -> Option<&'n Id> {
    let links = network.classic_links.get(vpc)?;
    let mut live = links.iter().filter(|link| {
        network
            .classic_instances
            .get(&link.instance)
            .is_some_and(|classic| classic.ip == link.address)
    });
    live.find(|link| link.address == address).map(|link| &link.instance)
}

/// An enabled route of a table.
#[derive(Debug)]
struct Standing {
    route: Route,
    /// It lies in the VPC's own CIDRs, is another VPC's range, and a CCN brings it (D20-32).
    inner: bool,
}

/// What a table says.
#[derive(Debug, Default)]
struct Table {
    /// The enabled routes, propagated ones included.
    enabled: Vec<Standing>,
    /// Destinations of the CCN routes that are disabled there or in the CCN's own table.
    disabled: Vec<IpNet>,
    /// Those that are missing since no line is left for them, with their gateways (D20-34).
    gone: Vec<(IpNet, Id)>,
}

/// RT-9, RT-17, D20-4, D20-5, D20-24, D20-32..34, D20-38.
fn table(network: &Network, vpc: &Id, subnet: Option<&Id>) -> Table {
    let table = subnet
        .and_then(|id| network.subnets.get(id))
        .and_then(|subnet| subnet.route_table.as_ref());
    let table = table.or(network.vpcs[vpc].default_route_table.as_ref());
    let written =
        table.and_then(|id| network.route_tables.get(id)).map(|table| table.routes.as_slice());
    let written = written.unwrap_or_default();
    let ccns = ccn::of_vpc(network, vpc);
    let arriving: Vec<_> =
        ccns.iter().map(|ccn| (*ccn, ccn::propagated(network, ccn, vpc))).collect();
    // D20-4: a written route of exactly a propagated destination speaks of that copy.
    let is_state = |route: &Route| {
        let mut arriving = arriving.iter();
        arriving.any(|(ccn, routes)| {
            let is_its = route.via == NextHop::Ccn((*ccn).clone());
            is_its && routes.iter().any(|copy| copy.to == route.to)
        })
    };
    let users: Vec<&Route> = written.iter().filter(|route| !is_state(route)).collect();
    let mut found = Table::default();
    for route in &users {
        if route.enabled {
            found.enabled.push(Standing { route: (*route).clone(), inner: false });
        } else if ccns.iter().any(|ccn| route.via == NextHop::Ccn((*ccn).clone())) {
            found.disabled.push(route.to);
        }
    }
    for (ccn, routes) in &arriving {
        let via = NextHop::Ccn((*ccn).clone());
        for copy in routes {
            let mut stated = written.iter();
            let stated = stated.rfind(|route| route.via == via && route.to == copy.to);
            let inner = is_inner(network, vpc, copy);
            let on = stated.map_or_else(|| arrives(&users, copy), |route| route.enabled);
            if on && !(inner && overlaps_a_subnet(network, vpc, &copy.to)) {
                let route = Route {
                    to: copy.to,
                    via: via.clone(),
                    enabled: true,
                    priority: stated.map_or(0, |route| route.priority),
                    publish: false,
                };
                found.enabled.push(Standing { route, inner });
            } else {
                found.disabled.push(copy.to);
            }
        }
        let member = CcnMember::Vpc(vpc.clone());
        for route in ccn::bound_table(network, ccn, &member) {
            if route.next == member {
                continue;
            }
            if !route.enabled {
                found.disabled.push(route.to);
            } else if !route.present && routes.iter().all(|copy| copy.to != route.to) {
                found.gone.push((route.to, route.next.id().clone()));
            }
        }
    }
    found
}

/// RT-17, D20-4: it arrives disabled beside an overlapping USER route that is on and no default; D20-38: one
/// for everything only beside an own one for everything.
fn arrives(users: &[&Route], copy: &ccn::Published) -> bool {
    let mut rivals = users.iter().filter(|route| route.enabled);
    !rivals.any(|route| match copy.what {
        ccn::What::Everything => route.to == copy.to,
        _ => route.to.prefix_len() > 0 && ccn::overlap(&route.to, &copy.to),
    })
}

/// D20-32: another VPC's own range, wholly inside a CIDR of the VPC.
fn is_inner(network: &Network, vpc: &Id, copy: &ccn::Published) -> bool {
    let mut own = network.vpcs[vpc].cidrs();
    copy.what == ccn::What::Range && own.any(|own| own.contains(&copy.to))
}

fn overlaps_a_subnet(network: &Network, vpc: &Id, to: &IpNet) -> bool {
    let subnets = network.subnets.values().filter(|it| it.vpc == *vpc);
    let mut cidrs = subnets.flat_map(|it| [it.cidr].into_iter().chain(it.ipv6_cidr));
    cidrs.any(|cidr| ccn::overlap(&cidr, to))
}
