//! VPN gateways: what their policies may say (VPN-3, VPN-4) and where their routes lead (VPN-5).

use ipnet::IpNet;
use rustc_hash::FxHashMap;

use super::super::{Key, Network, Place, Violation, VpnGateway};
use super::vpc::overlap;
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;

pub(super) fn check(network: &Network, found: &mut Vec<Violation>) {
    for (id, gateway) in &network.vpn_gateways {
        let pairs = pairs(id, gateway);
        for pair in &pairs {
            found.extend(wrong_side(network, id, gateway, pair));
        }
        overlaps(id, &pairs, found);
        routes(id, gateway, found);
    }
}

/// A pair of a cloud CIDR and a site CIDR that a policy lets through.
struct Pair {
    local: IpNet,
    remote: IpNet,
    /// The policy.
    place: Place,
}

fn pairs(id: &Id, gateway: &VpnGateway) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (index, connection) in gateway.connections.iter().enumerate() {
        for (at, policy) in connection.policies.iter().enumerate() {
            let place = Place::item(id, "connections", index)
                .then(Key::Field("policies"))
                .then(Key::Index(at));
            for remote in &policy.remote {
                let (local, remote, place) = (policy.local, *remote, place.clone());
                pairs.push(Pair { local, remote, place });
            }
        }
    }
    pairs
}

/// VPN-4: the cloud side lies in the VPC, the site side outside it. A CCN-type gateway has no VPC.
fn wrong_side(network: &Network, id: &Id, gateway: &VpnGateway, pair: &Pair) -> Option<Violation> {
    let vpc = gateway.attached_to.vpc()?;
    let entity = network.vpcs.get(vpc)?;
    let Pair { local, remote, place } = pair;
    let message = if !entity.cidrs().any(|cidr| cidr.contains(local)) {
        Words::new(
            format!("the local side {local} of a policy of `{id}` lies in no CIDR of `{vpc}`"),
            format!("`{id}` 的 SPD 策略的本端网段 {local} 不在 `{vpc}` 的任何网段内"),
        )
    } else if entity.cidrs().any(|cidr| overlap(&cidr, remote)) {
        Words::new(
            format!("the remote side {remote} of a policy of `{id}` overlaps `{vpc}`"),
            format!("`{id}` 的 SPD 策略的对端网段 {remote} 与 `{vpc}` 重叠"),
        )
    } else {
        return None;
    };
    let violation = Violation::error(Code::VpnPolicyInvalid, place.clone(), message)
        .with_other(Place::field(vpc, "cidr"), Words::here(vpc));
    Some(violation.with_help(Words::new(
        "leave the policies out for a route-based tunnel (VPN-5)",
        "路由型通道请不要写策略（VPN-5）",
    )))
}

/// VPN-3: no address pair is claimed twice. Sorted by their cloud side, each pair only meets those
/// whose cloud side overlaps its own.
fn overlaps(id: &Id, pairs: &[Pair], found: &mut Vec<Violation>) {
    let mut order: Vec<usize> = (0..pairs.len()).collect();
    order.sort_by_key(|&at| (pairs[at].local.network(), pairs[at].local.prefix_len(), at));
    let mut clashes: Vec<(usize, usize)> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for at in order {
        let pair = &pairs[at];
        open.retain(|&other| pairs[other].local.contains(&pair.local));
        let clash = open.iter().find(|&&other| overlap(&pairs[other].remote, &pair.remote));
        clashes.extend(clash.map(|&other| (at.max(other), at.min(other))));
        open.push(at);
    }
    clashes.sort_unstable();
    clashes.dedup_by_key(|(late, _)| *late);
    for (late, early) in clashes {
        let (late, early) = (&pairs[late], &pairs[early]);
        let message = Words::new(
            format!(
                "two policies of `{id}` claim the same addresses: {} with {}, and {} with {}",
                early.local, early.remote, late.local, late.remote
            ),
            format!(
                "`{id}` 的两条 SPD 策略覆盖相同的地址：{} 与 {}，以及 {} 与 {}",
                early.local, early.remote, late.local, late.remote
            ),
        );
        let violation = Violation::error(Code::VpnPolicyInvalid, late.place.clone(), message);
        found.push(violation.with_other(
            early.place.clone(),
            Words::new("the other policy is here", "另一条策略在此处"),
        ));
    }
}

/// VPN-5: a route leads to a route-based tunnel of this gateway, and equal routes differ in their
/// priority, since there is no ECMP.
fn routes(id: &Id, gateway: &VpnGateway, found: &mut Vec<Violation>) {
    let mut enabled: FxHashMap<(IpNet, u32), usize> = FxHashMap::default();
    for (index, route) in gateway.routes.iter().enumerate() {
        let place = Place::item(id, "routes", index);
        let to = route.to;
        let name = &route.connection;
        let mut connections = gateway.connections.iter();
        let message = match connections.find(|connection| connection.id == *name) {
            None => Some(Words::new(
                format!("`{name}` is no tunnel of `{id}`"),
                format!("`{name}` 不是 `{id}` 的通道"),
            )),
            Some(connection) if !connection.policies.is_empty() => Some(Words::new(
                format!("`{id}` cannot route to `{name}`: its policies decide, not routes"),
                format!("`{id}` 不能路由到 `{name}`：该通道由 SPD 策略决定，而非路由"),
            )),
            Some(_) => None,
        };
        if let Some(message) = message {
            let place = place.clone().then(Key::Field("connection"));
            found.push(Violation::error(Code::InvalidValue, place, message));
        }
        if !route.enabled {
            continue;
        }
        if let Some(first) = enabled.insert((to, route.priority), index) {
            let message = Words::new(
                format!("`{id}` has two enabled routes to {to} of one priority"),
                format!("`{id}` 有两条到 {to} 的启用路由优先级相同"),
            );
            let violation = Violation::error(Code::RouteConflict, place, message).with_other(
                Place::item(id, "routes", first),
                Words::new("the other route is here", "另一条路由在此处"),
            );
            found.push(violation.with_help(Words::new(
                "give one of them another priority (VPN-5)",
                "请为其中一条设置不同的优先级（VPN-5）",
            )));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{breaks, ccn, cidr, cidrs, id, site, vpn};
    use super::*;
    use crate::model::{Attachment, VpnPolicy, VpnRoute};

    fn policy(local: &str, remote: &[&str]) -> VpnPolicy {
        VpnPolicy { local: cidr(local), remote: cidrs(remote) }
    }

    #[track_caller]
    fn policies_are(attached_to: Attachment, policies: &[VpnPolicy], expected: &[Code]) {
        let add = |network: &mut Network| {
            network.sites.insert(id("idc"), site(&["192.168.0.0/16"]));
            network.ccns.insert(id("ccn-1"), ccn(vec![]));
            let mut gateway = vpn(attached_to);
            gateway.connections[0].policies = policies.to_vec();
            network.vpn_gateways.insert(id("vpngw-1"), gateway);
        };
        breaks(add, expected);
    }

    fn of_vpc() -> Attachment {
        Attachment::Vpc(id("vpc-tom"))
    }

    #[test]
    fn the_local_side_lies_in_the_vpc_and_the_remote_side_outside() {
        policies_are(of_vpc(), &[policy("10.1.1.0/24", &["192.168.0.0/16"])], &[]);
        policies_are(of_vpc(), &[policy("172.16.0.0/16", &["192.168.0.0/16"])], &[]);
        let invalid = [Code::VpnPolicyInvalid];
        policies_are(of_vpc(), &[policy("10.9.0.0/16", &["192.168.0.0/16"])], &invalid);
        policies_are(of_vpc(), &[policy("10.1.0.0/16", &["10.0.0.0/8"])], &invalid);
    }

    #[test]
    fn a_ccn_type_gateway_has_no_vpc_to_lie_in() {
        let ccn = Attachment::Ccn(id("ccn-1"));
        policies_are(ccn, &[policy("10.9.0.0/16", &["192.168.0.0/16"])], &[]);
    }

    #[test]
    fn policies_overlap_only_as_pairs() {
        let one = policy("10.1.0.0/16", &["192.168.0.0/24"]);
        let other_remote = policy("10.1.0.0/16", &["192.168.1.0/24"]);
        policies_are(of_vpc(), &[one.clone(), other_remote], &[]);
        let inside = policy("10.1.1.0/24", &["192.168.0.0/16"]);
        policies_are(of_vpc(), &[one, inside], &[Code::VpnPolicyInvalid]);
        let left = policy("10.1.0.0/17", &["192.168.0.0/24"]);
        let right = policy("10.1.128.0/17", &["192.168.0.0/24"]);
        policies_are(of_vpc(), &[left, right], &[]);
    }

    #[track_caller]
    fn routes_are(routes: &[(&str, &str, u32)], expected: &[Code]) {
        let add = |network: &mut Network| {
            network.sites.insert(id("idc"), site(&["192.168.0.0/16"]));
            let mut gateway = vpn(of_vpc());
            let mut second = gateway.connections[0].clone();
            second.id = id("vpnx-2");
            let mut policed = gateway.connections[0].clone();
            policed.id = id("vpnx-3");
            policed.policies = vec![policy("10.1.0.0/16", &["192.168.0.0/24"])];
            gateway.connections.extend([second, policed]);
            let routes = routes.iter().map(|(to, connection, priority)| VpnRoute {
                to: cidr(to),
                connection: id(connection),
                priority: *priority,
                enabled: true,
            });
            gateway.routes = routes.collect();
            let mut other = vpn(Attachment::Vpc(id("vpc-two")));
            other.connections[0].id = id("vpnx-other");
            network.vpn_gateways.insert(id("vpngw-1"), gateway);
            network.vpn_gateways.insert(id("vpngw-2"), other);
        };
        breaks(add, expected);
    }

    #[test]
    fn a_route_leads_to_a_route_based_tunnel_of_its_own_gateway() {
        routes_are(&[("192.168.0.0/16", "vpnx-1", 0)], &[]);
        routes_are(&[("192.168.0.0/16", "vpnx-3", 0)], &[Code::InvalidValue]);
        routes_are(&[("192.168.0.0/16", "vpnx-other", 0)], &[Code::InvalidValue]);
    }

    #[test]
    fn equal_routes_differ_in_priority() {
        let to = "192.168.0.0/16";
        routes_are(&[(to, "vpnx-1", 0), (to, "vpnx-2", 100)], &[]);
        routes_are(&[(to, "vpnx-1", 0), (to, "vpnx-2", 0)], &[Code::RouteConflict]);
    }
}
