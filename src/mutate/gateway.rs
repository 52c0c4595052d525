//! What goes wrong with the entries of gateways and load balancers.

use super::operator::Operator;
use super::rule::halves;
use super::thing::{Sheet, ThingKind};
use crate::id::Id;
use crate::model::{
    Change, DcNat, DirectConnectGateway, DirectConnectKind, Fragment, Key, Listener, ListenerKey,
    Network, Place, Protocols, VpnConnection, VpnGateway,
};

/// A change that puts an entity in the place of its namesake.
fn replacing(put: impl FnOnce(&mut Network)) -> Change {
    let mut fragment = Fragment::default();
    put(&mut fragment.network);
    Change::Replace(Box::new(fragment))
}

/// SNAT and port forwarding.
pub(super) fn nats(network: &Network, sheet: &mut Sheet) {
    for (id, gateway) in &network.nat_gateways {
        let replaced = |new| {
            replacing(|it| {
                it.nat_gateways.insert(id.clone(), new);
            })
        };
        for (index, entry) in gateway.snat.iter().enumerate() {
            sheet.thing(ThingKind::GatewayEntry, Place::item(id, "snat", index), entry);
            let mut fewer = gateway.clone();
            fewer.snat.remove(index);
            sheet.mutant(Operator::SnatDeleted, vec![replaced(fewer)]);
        }
        for (index, entry) in gateway.dnat.iter().enumerate() {
            sheet.thing(ThingKind::GatewayEntry, Place::item(id, "dnat", index), entry);
            let mut fewer = gateway.clone();
            fewer.dnat.remove(index);
            sheet.mutant(Operator::DnatDeleted, vec![replaced(fewer)]);
        }
    }
}

/// Tunnels, policies and routes of VPN gateways.
pub(super) fn vpns(network: &Network, sheet: &mut Sheet) {
    for (id, gateway) in &network.vpn_gateways {
        let replaced = |new| {
            replacing(|it| {
                it.vpn_gateways.insert(id.clone(), new);
            })
        };
        for (index, connection) in gateway.connections.iter().enumerate() {
            let place = Place::item(id, "connections", index);
            if connection.up {
                sheet.thing(ThingKind::Link, place.clone(), connection);
                let down = Change::Down(connection.id.clone());
                sheet.mutant(Operator::TunnelDown, vec![down]);
            }
            policies(gateway, (index, connection), &place, &replaced, sheet);
        }
        for (index, route) in gateway.routes.iter().enumerate() {
            sheet.thing(ThingKind::Route, Place::item(id, "routes", index), route);
            let mut fewer = gateway.clone();
            fewer.routes.remove(index);
            sheet.mutant(Operator::RouteDeleted, vec![replaced(fewer)]);
            if route.enabled {
                let mut other = gateway.clone();
                other.routes[index].enabled = false;
                sheet.mutant(Operator::RouteDisabled, vec![replaced(other)]);
            }
        }
    }
}

/// The policies of a tunnel. The last one is not deleted: without any, the tunnel would carry what routes say (VPN-5).
fn policies(
    gateway: &VpnGateway,
    (index, connection): (usize, &VpnConnection),
    place: &Place,
    replaced: &impl Fn(VpnGateway) -> Change,
    sheet: &mut Sheet,
) {
    for (number, policy) in connection.policies.iter().enumerate() {
        let place = place.clone().then(Key::Field("policies"));
        let alone = connection.policies.len() == 1;
        let kind = if alone { ThingKind::Other } else { ThingKind::GatewayEntry };
        sheet.thing(kind, place.then(Key::Index(number)), policy);
        if !alone {
            let mut fewer = gateway.clone();
            fewer.connections[index].policies.remove(number);
            sheet.mutant(Operator::PolicyDeleted, vec![replaced(fewer)]);
        }
        for half in halves(policy.local) {
            let mut other = gateway.clone();
            other.connections[index].policies[number].local = half;
            let turned = (policy.local.to_string(), half.to_string());
            sheet.turned(Operator::PolicyNarrowed, turned, vec![replaced(other)]);
        }
        for (at, remote) in policy.remote.iter().enumerate() {
            for half in halves(*remote) {
                let mut other = gateway.clone();
                other.connections[index].policies[number].remote[at] = half;
                let turned = (remote.to_string(), half.to_string());
                sheet.turned(Operator::PolicyNarrowed, turned, vec![replaced(other)]);
            }
        }
    }
}

/// Tunnels and translations of Direct Connect gateways.
pub(super) fn direct_connects(network: &Network, sheet: &mut Sheet) {
    for (id, gateway) in &network.direct_connect_gateways {
        for (index, tunnel) in gateway.tunnels.iter().enumerate() {
            if tunnel.up {
                let place = Place::item(id, "tunnels", index);
                sheet.thing(ThingKind::Link, place, tunnel);
                let down = Change::Down(tunnel.id.clone());
                sheet.mutant(Operator::TunnelDown, vec![down]);
            }
        }
        if let DirectConnectKind::Nat(nat) = &gateway.kind {
            translations(id, gateway, nat, sheet);
        }
    }
}

fn translations(id: &Id, gateway: &DirectConnectGateway, nat: &DcNat, sheet: &mut Sheet) {
    let kind = Place::field(id, "kind");
    let mut entry = |list: &'static str,
                     index: usize,
                     content: &dyn std::fmt::Debug,
                     operator: Operator,
                     without: &dyn Fn(&mut DcNat)| {
        let place = kind.clone().then(Key::Field(list)).then(Key::Index(index));
        sheet.thing(ThingKind::GatewayEntry, place, &content);
        let mut fewer = nat.clone();
        without(&mut fewer);
        let new = DirectConnectGateway { kind: DirectConnectKind::Nat(fewer), ..gateway.clone() };
        let change = replacing(|it| {
            it.direct_connect_gateways.insert(id.clone(), new);
        });
        sheet.mutant(operator, vec![change]);
    };
    for (index, pair) in nat.local_ips.iter().enumerate() {
        entry("local_ips", index, pair, Operator::MappingDeleted, &|nat| {
            nat.local_ips.remove(index);
        });
    }
    for (index, pair) in nat.peer_ips.iter().enumerate() {
        entry("peer_ips", index, pair, Operator::MappingDeleted, &|nat| {
            nat.peer_ips.remove(index);
        });
    }
    for (index, pool) in nat.snat.iter().enumerate() {
        entry("snat", index, pool, Operator::SnatDeleted, &|nat| {
            nat.snat.remove(index);
        });
    }
    for (index, forwarding) in nat.dnat.iter().enumerate() {
        entry("dnat", index, forwarding, Operator::DnatDeleted, &|nat| {
            nat.dnat.remove(index);
        });
    }
}

/// Listeners and targets of load balancers, of VPCs and of the classic network.
pub(super) fn balancers(network: &Network, sheet: &mut Sheet) {
    for (id, balancer) in &network.load_balancers {
        listeners(id, &balancer.listeners, sheet, |listeners| {
            let new = crate::model::LoadBalancer { listeners, ..balancer.clone() };
            replacing(|it| {
                it.load_balancers.insert(id.clone(), new);
            })
        });
    }
    for (id, balancer) in &network.classic_load_balancers {
        listeners(id, &balancer.listeners, sheet, |listeners| {
            let new = crate::model::ClassicLoadBalancer { listeners, ..balancer.clone() };
            replacing(|it| {
                it.classic_load_balancers.insert(id.clone(), new);
            })
        });
    }
}

fn listeners(
    id: &Id,
    listeners: &[Listener],
    sheet: &mut Sheet,
    replaced: impl Fn(Vec<Listener>) -> Change,
) {
    for (index, listener) in listeners.iter().enumerate() {
        let place = Place::item(id, "listeners", index);
        sheet.thing(ThingKind::Other, place.clone(), listener);
        let mut fewer = listeners.to_vec();
        fewer.remove(index);
        sheet.mutant(Operator::ListenerDeleted, vec![replaced(fewer)]);
        for (number, target) in listener.targets.iter().enumerate() {
            let place = place.clone().then(Key::Field("targets"));
            sheet.thing(ThingKind::Target, place.then(Key::Index(number)), target);
            let change = Change::DeregisterTargets {
                load_balancer: id.clone(),
                listener: ListenerKey {
                    protocols: Protocols::One(listener.protocol.transport()),
                    ports: listener.ports.clone(),
                },
                targets: vec![target.clone()],
            };
            sheet.mutant(Operator::TargetDeleted, vec![change]);
        }
    }
}
