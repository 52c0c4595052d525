//! VPN gateways: what their policies may say (VPN-3, VPN-4) and where their routes lead (VPN-5).

use std::collections::HashMap;

use ipnet::IpNet;

use super::super::{Key, Network, Place, Violation, VpnGateway};
use super::vpc::overlap;
use crate::code::Code;
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
                pairs.push(Pair {
                    local,
                    remote,
                    place,
                });
            }
        }
    }
    pairs
}

/// VPN-4: the cloud side lies in the VPC, the site side outside it. A CCN-type gateway has no VPC.
fn wrong_side(network: &Network, id: &Id, gateway: &VpnGateway, pair: &Pair) -> Option<Violation> {
    let vpc = gateway.attached_to.vpc()?;
    let entity = network.vpcs.get(vpc)?;
    let Pair {
        local,
        remote,
        place,
    } = pair;
    let message = if !entity.cidrs().any(|cidr| cidr.contains(local)) {
        format!("the local side {local} of a policy of `{id}` lies in no CIDR of `{vpc}`")
    } else if entity.cidrs().any(|cidr| overlap(&cidr, remote)) {
        format!("the remote side {remote} of a policy of `{id}` overlaps `{vpc}`")
    } else {
        return None;
    };
    let violation = Violation::error(Code::VpnPolicyInvalid, place.clone(), message)
        .with_other(Place::field(vpc, "cidr"), format!("`{vpc}` is here"));
    Some(violation.with_help("leave the policies out for a route-based tunnel (VPN-5)"))
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
        let clash = open
            .iter()
            .find(|&&other| overlap(&pairs[other].remote, &pair.remote));
        clashes.extend(clash.map(|&other| (at.max(other), at.min(other))));
        open.push(at);
    }
    clashes.sort_unstable();
    clashes.dedup_by_key(|(late, _)| *late);
    for (late, early) in clashes {
        let (late, early) = (&pairs[late], &pairs[early]);
        let message = format!(
            "two policies of `{id}` claim the same addresses: {} with {}, and {} with {}",
            early.local, early.remote, late.local, late.remote
        );
        let violation = Violation::error(Code::VpnPolicyInvalid, late.place.clone(), message);
        found.push(violation.with_other(early.place.clone(), "the other policy is here"));
    }
}

/// VPN-5: a route leads to a route-based tunnel of this gateway, and equal routes differ in their
/// priority, since there is no ECMP.
fn routes(id: &Id, gateway: &VpnGateway, found: &mut Vec<Violation>) {
    let mut enabled: HashMap<(IpNet, u32), usize> = HashMap::new();
    for (index, route) in gateway.routes.iter().enumerate() {
        let place = Place::item(id, "routes", index);
        let to = route.to;
        let name = &route.connection;
        let mut connections = gateway.connections.iter();
        let message = match connections.find(|connection| connection.id == *name) {
            None => Some(format!("`{name}` is no tunnel of `{id}`")),
            Some(connection) if !connection.policies.is_empty() => Some(format!(
                "`{id}` cannot route to `{name}`: its policies decide, not routes"
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
            let message = format!("`{id}` has two enabled routes to {to} of one priority");
            let violation = Violation::error(Code::RouteConflict, place, message)
                .with_other(Place::item(id, "routes", first), "the other route is here");
            found.push(violation.with_help("give one of them another priority (VPN-5)"));
        }
    }
}
