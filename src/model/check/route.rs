//! Written routes: against the VPC's own CIDRs and subnets (RT-5, RT-15, VPC-11, D20-32), against each other
//! (RT-10, D20-35), into peerings (RT-14), and what a VPC may publish (D20-37, D20-38).

use std::collections::BTreeMap;

use ipnet::IpNet;
use rustc_hash::{FxHashMap, FxHashSet};

use super::super::{CcnCopy, Key, Network, NextHop, Place, Route, RouteTable, Violation, Vpc};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::limit;

pub(super) fn check(network: &Network, found: &mut Vec<Violation>) {
    let mut subnets: FxHashMap<(&Id, IpNet), &Id> = FxHashMap::default();
    for (id, subnet) in &network.subnets {
        for cidr in std::iter::once(subnet.cidr).chain(subnet.ipv6_cidr) {
            subnets.entry((&subnet.vpc, cidr)).or_insert(id);
        }
    }
    for (id, table) in &network.route_tables {
        let copies = stated_copies(network, table);
        for (index, route) in table.routes.iter().enumerate() {
            let place = Place::item(id, "routes", index);
            found.extend(not_publishable(network, route, &place));
            if is_state_of_a_copy(&copies, route) {
                continue;
            }
            if let Some(vpc) = network.vpcs.get(&table.vpc) {
                found.extend(own_cidr((&table.vpc, vpc), route, &place));
            }
            if let Some(subnet) = subnets.get(&(&table.vpc, route.to)) {
                found.extend(own_subnet(network, table, subnet, route, &place));
            }
            found.extend(outside_peer(network, table, route, &place));
            found.extend(no_public_gateway(network, route, place));
        }
        equal(network, id, table, found);
        let whose = || Words::verbatim(format!("`{id}`"));
        found.extend(limit::ROUTES.soft(table.routes.len(), whose, || Place::field(id, "routes")));
    }
}

/// What the CCNs that a table names put into it.
fn stated_copies(network: &Network, table: &RouteTable) -> Vec<CcnCopy> {
    let hops = table.routes.iter().filter_map(|route| match &route.via {
        NextHop::Ccn(ccn) => Some(ccn),
        _ => None,
    });
    let ccns: FxHashSet<&Id> = hops.collect();
    let copies = ccns.into_iter();
    let copies = copies.flat_map(|ccn| network.propagated_by(ccn, &table.vpc, Some(table)));
    copies.collect()
}

/// D20-4, D20-32: the written state of a route that a CCN propagates. One that the file turns on and that is off all the
/// same lies across an own subnet.
fn is_state_of_a_copy(copies: &[CcnCopy], route: &Route) -> bool {
    let mut copies = copies.iter().map(|copy| &copy.route);
    copies.any(|copy| (copy.to, &copy.via, copy.enabled) == (route.to, &route.via, route.enabled))
}

/// D20-37, D20-38, RT-9: what a VPC cannot publish to its CCNs.
fn not_publishable(network: &Network, route: &Route, place: &Place) -> Option<Violation> {
    if !route.publish || route.enabled && network.is_publishable(route) {
        return None;
    }
    let to = route.to;
    let message = if !route.enabled {
        Words::new(
            format!("the route to {to} is published and off"),
            format!("到 {to} 的路由已发布，却处于禁用状态"),
        )
    } else if matches!(route.via, NextHop::Instance(_) | NextHop::HaVip(_)) {
        Words::new(
            format!("a route to {to} via {} cannot be published", route.via.word()),
            format!("经 {} 到 {to} 的路由不能发布", route.via.word()),
        )
    } else if let NextHop::NatGateway(id) = &route.via {
        Words::new(
            format!("`{id}` is a traditional NAT gateway: routes to it cannot be published"),
            format!("`{id}` 是传统型 NAT 网关，指向它的路由不能发布"),
        )
    } else {
        let word = route.via.word();
        Words::new(
            format!("a route via {word} cannot be published"),
            format!("经 {word} 的路由不能发布"),
        )
    };
    let place = place.clone().then(Key::Field("publish"));
    let violation = Violation::error(Code::RouteNotPublishable, place, message);
    Some(violation.with_help(if route.enabled {
        Words::new(
            "routes to instances and HAVIPs can be published, 0.0.0.0/0 only to a standard NAT gateway",
            "可发布的是经云服务器或高可用虚拟 IP 的路由；0.0.0.0/0 只能经标准型 NAT 网关发布",
        )
    } else {
        Words::new(
            "withdraw it from the CCN first: `publish: false` (RT-9)",
            "请先从云联网撤回：`publish: false`（RT-9）",
        )
    }))
}

/// RT-5, VPC-11: a destination inside the primary or the IPv6 CIDR would contradict Local; one
/// that overlaps a secondary CIDR may be written, unless it is exactly that CIDR. Covering the VPC
/// is fine: Local wins.
fn own_cidr((id, vpc): (&Id, &Vpc), route: &Route, place: &Place) -> Option<Violation> {
    let within =
        std::iter::once(("cidr", vpc.cidr)).chain(vpc.ipv6_cidr.map(|it| ("ipv6_cidr", it)));
    let mut within = within.filter(|(_, cidr)| cidr.contains(&route.to));
    let mut exactly = vpc.secondary_cidrs.iter().filter(|cidr| **cidr == route.to);
    let (field, cidr) =
        within.next().or_else(|| exactly.next().map(|cidr| ("secondary_cidrs", *cidr)))?;
    let message = Words::new(
        format!("the route to {} lies in the CIDR {cidr} of `{id}` itself", route.to),
        format!("到 {} 的路由位于 `{id}` 自身的网段 {cidr} 内", route.to),
    );
    let violation = Violation::error(Code::RouteConflict, place.clone(), message);
    let violation = violation.with_other(
        Place::field(id, field),
        Words::new(format!("{cidr} is here"), format!("{cidr} 在此处")),
    );
    Some(
        violation.with_help(Words::new(
            "Local carries it already (RT-3)",
            "Local 路由已覆盖该网段（RT-3）",
        )),
    )
}

/// RT-15: a destination equal to a subnet. Inside the primary CIDR [`own_cidr`] has said it.
fn own_subnet(
    network: &Network,
    table: &RouteTable,
    subnet: &Id,
    route: &Route,
    place: &Place,
) -> Option<Violation> {
    let vpc = network.vpcs.get(&table.vpc)?;
    own_cidr((&table.vpc, vpc), route, place).is_none().then(|| {
        let message = Words::new(
            format!("the route to {} is exactly the subnet `{subnet}`", route.to),
            format!("到 {} 的路由与子网 `{subnet}` 完全相同", route.to),
        );
        let violation = Violation::error(Code::RouteConflict, place.clone(), message);
        violation.with_other(Place::field(subnet, "cidr"), Words::here(subnet))
    })
}

/// RT-14, D20-15: a peering route leads into a CIDR of the peer. The peering of two other VPCs is a
/// black hole, not a conflict.
fn outside_peer(
    network: &Network,
    table: &RouteTable,
    route: &Route,
    place: &Place,
) -> Option<Violation> {
    let NextHop::PeeringConnection(id) = &route.via else {
        return None;
    };
    let peer = network.peerings.get(id)?.other(&table.vpc)?;
    let vpc = network.vpcs.get(peer)?;
    (!vpc.cidrs().any(|cidr| cidr.contains(&route.to))).then(|| {
        let message = Words::new(
            format!("the route to {} via `{id}` lies in no CIDR of `{peer}`", route.to),
            format!("经 `{id}` 到 {} 的路由不在对端 `{peer}` 的任何网段内", route.to),
        );
        let violation = Violation::error(Code::PeeringRouteOutsidePeer, place.clone(), message);
        let cidr = vpc.cidr;
        violation.with_other(
            Place::field(peer, "cidr"),
            Words::new(
                format!("`{peer}` has {cidr} here"),
                format!("`{peer}` 的网段 {cidr} 在此处"),
            ),
        )
    })
}

/// NAT-12: the next hop type `CVM` is an instance bought as public gateway.
fn no_public_gateway(network: &Network, route: &Route, place: Place) -> Option<Violation> {
    let NextHop::PublicGateway(id) = &route.via else {
        return None;
    };
    (!network.instances.get(id)?.public_gateway).then(|| {
        let message = Words::new(
            format!("`{id}` was not bought as a public gateway"),
            format!("`{id}` 不是公网网关"),
        );
        let place = place.then(Key::Field("via"));
        Violation::error(Code::InvalidValue, place, message)
            .with_other(Place::of(id), Words::here(id))
            .with_help(Words::new(
                format!("write `public_gateway: true` there, or `Instance(\"{id}\")` here"),
                format!("请在该处写 `public_gateway: true`，或在此处写 `Instance(\"{id}\")`"),
            ))
    })
}

/// RT-10: which enabled routes of one destination and one priority (D20-35) may stand side by side.
fn equal(network: &Network, id: &Id, table: &RouteTable, found: &mut Vec<Violation>) {
    let mut enabled: BTreeMap<(IpNet, u8), Vec<usize>> = BTreeMap::new();
    for (index, route) in table.routes.iter().enumerate() {
        if route.enabled {
            let same = enabled.entry((route.to, route.priority)).or_default();
            same.push(index);
        }
    }
    for ((to, _), indexes) in enabled {
        if indexes.len() < 2 {
            continue;
        }
        for (at, index) in indexes.iter().enumerate() {
            let route = &table.routes[*index];
            let mut before = indexes.iter().take(at);
            let clash = before.find(|other| {
                !may_both_be_enabled(network, &table.routes[**other].via, &route.via)
            });
            if let Some(other) = clash {
                let (one, two) = (table.routes[*other].via.word(), route.via.word());
                let message = Words::new(
                    format!(
                        "two enabled routes to {to} in `{id}`, via {one} and via {two}, exclude each other"
                    ),
                    format!("`{id}` 中两条启用的到 {to} 的路由（经 {one} 和经 {two}）互相冲突"),
                );
                let place = Place::item(id, "routes", *index);
                let violation = Violation::error(Code::RouteConflict, place, message).with_other(
                    Place::item(id, "routes", *other),
                    Words::new("the other route is here", "另一条路由在此处"),
                );
                found.push(violation.with_help(Words::new(
                    "disable one of them, or give it another `priority` (RT-10, D20-35)",
                    "请禁用其中一条，或为其设置不同的 `priority`（RT-10、D20-35）",
                )));
            }
        }
        let types = [
            |via: &NextHop| matches!(via, NextHop::NatGateway(_)),
            |via: &NextHop| matches!(via, NextHop::Instance(_)),
        ];
        for is_type in types {
            let of_type = indexes.iter().filter(|index| is_type(&table.routes[**index].via));
            let hops: FxHashSet<_> = of_type.filter_map(|it| table.routes[*it].via.id()).collect();
            let whose = || {
                Words::new(
                    format!("the destination {to} in `{id}`"),
                    format!("`{id}` 中的目的端 {to}"),
                )
            };
            found
                .extend(limit::EQUAL_ROUTES.hard(hops.len(), whose, || Place::field(id, "routes")));
        }
    }
}

/// RT-10, RT-11: whether two routes to one destination may both be enabled.
///
/// | type | with the same type | with others |
/// |---|---|---|
/// | NAT gateway | yes, 8 | EIP |
/// | instance | yes, 8 | EIP |
/// | public gateway | no | EIP (RT-11) |
/// | EIP | no | NAT gateway, instance, public gateway |
/// | CCN | of another CCN (D20-33) | Direct Connect, peering across regions |
/// | everything else | no | no |
///
/// Two routes to the very same next hop are one route twice: no.
fn may_both_be_enabled(network: &Network, left: &NextHop, right: &NextHop) -> bool {
    use NextHop::{
        Ccn, DirectConnectGateway, Eip, Instance, NatGateway, PeeringConnection, PublicGateway,
    };
    match (left, right) {
        (NatGateway(one), NatGateway(two))
        | (Instance(one), Instance(two))
        // copies of two CCNs (D20-33)
        | (Ccn(one), Ccn(two)) => one != two,
        (Eip, NatGateway(_) | Instance(_) | PublicGateway(_))
        | (NatGateway(_) | Instance(_) | PublicGateway(_), Eip)
        | (Ccn(_), DirectConnectGateway(_))
        | (DirectConnectGateway(_), Ccn(_)) => true,
        (Ccn(_), PeeringConnection(id)) | (PeeringConnection(id), Ccn(_)) => {
            network.is_cross_region(id)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
