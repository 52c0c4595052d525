//! Route tables: what should be there, and what should not.

use ipnet::IpNet;
use pathproof::id::Id;
use pathproof::model::{Attachment, DirectConnectKind, Network, NextHop, Route};

use super::Draft;
use super::dice::Dice;
use super::wires::{destinations, half, machines};
use crate::sketch::{self, id, net};

impl Draft {
    pub(super) fn route_tables(&mut self, vpc: &Id) {
        let mut tables = Vec::new();
        if self.dice.chance(85) {
            let name = self.name("rtb");
            self.attempt(|network, _| {
                sketch::route_table(network, &name, vpc.as_str(), Vec::new());
            });
            tables.push(name);
        }
        let subnets: Vec<Id> = self
            .network
            .subnets
            .iter()
            .filter(|(_, subnet)| subnet.vpc == *vpc)
            .map(|(id, _)| id.clone())
            .collect();
        for _ in 0..self.dice.below(3) {
            let name = self.name("rtb");
            self.attempt(|network, dice| {
                let default = network.vpcs[vpc].default_route_table.clone();
                sketch::route_table(network, &name, vpc.as_str(), Vec::new());
                network.vpcs[vpc].default_route_table = default;
                if let Some(subnet) = dice.any(&subnets) {
                    network.subnets[subnet].route_table = Some(id(&name));
                }
            });
            tables.push(name);
        }
        for table in &tables {
            let mut stock = forwarders(&self.network, vpc, &mut self.dice);
            stock.extend(route_stock(&self.network, vpc));
            for (to, via) in stock {
                let keep = match via {
                    NextHop::PeeringConnection(_)
                    | NextHop::VpnGateway(_)
                    | NextHop::DirectConnectGateway(_) => 75,
                    NextHop::NatGateway(_) => 50,
                    NextHop::PublicGateway(_) | NextHop::Eip => 25,
                    NextHop::HaVip(_) | NextHop::Instance(_) => 100,
                    NextHop::Ccn(_) => 15,
                };
                self.attempt(|network, dice| {
                    if dice.chance(keep) {
                        let mut route = Route {
                            to,
                            via,
                            enabled: dice.chance(90),
                            priority: dice.pick(&[0, 0, 0, 1]),
                            publish: false,
                        };
                        let may_be = route.enabled && network.is_publishable(&route);
                        route.publish = may_be && dice.chance(30);
                        network.route_tables[table.as_str()].routes.push(route);
                    }
                });
            }
        }
    }
}

/// Routes that a table of a VPC may be given, the usual ones and odd ones.
fn route_stock(network: &Network, vpc: &Id) -> Vec<(IpNet, NextHop)> {
    let mut stock = Vec::new();
    let internet = [net("0.0.0.0/0"), net("8.8.8.0/24"), net("43.128.0.0/16")];
    let to_vpc = Attachment::Vpc(vpc.clone());
    for (id, peering) in &network.peerings {
        // The peering of two other VPCs is a black hole.
        let other = peering.other(vpc).unwrap_or(&peering.between.0);
        let cidrs = network.vpcs[other].cidrs().collect::<Vec<_>>();
        if peering.other(vpc).is_some() {
            stock.extend(
                cidrs.into_iter().map(|cidr| (cidr, NextHop::PeeringConnection(id.clone()))),
            );
        } else {
            stock.push((net("172.29.0.0/16"), NextHop::PeeringConnection(id.clone())));
        }
    }
    let sites: Vec<_> = network.sites.values().flat_map(|site| site.cidrs.clone()).collect();
    for (id, gateway) in &network.vpn_gateways {
        let mine = gateway.attached_to == to_vpc;
        stock.extend(
            sites.iter().filter(|_| mine).map(|cidr| (*cidr, NextHop::VpnGateway(id.clone()))),
        );
        if mine {
            stock.push((half(sites[0], 0), NextHop::VpnGateway(id.clone())));
        }
    }
    for (id, gateway) in &network.direct_connect_gateways {
        let mine = gateway.attached_to == to_vpc;
        stock.extend(
            sites
                .iter()
                .filter(|_| mine)
                .map(|cidr| (*cidr, NextHop::DirectConnectGateway(id.clone()))),
        );
        if mine && matches!(gateway.kind, DirectConnectKind::Nat(_)) {
            stock.push((net("10.98.0.0/24"), NextHop::DirectConnectGateway(id.clone())));
        }
    }
    for (id, gateway) in &network.nat_gateways {
        if gateway.vpc == *vpc {
            stock.extend(internet.map(|to| (to, NextHop::NatGateway(id.clone()))));
        } else {
            stock.push((net("8.8.4.0/24"), NextHop::NatGateway(id.clone())));
        }
    }
    stock.extend(internet.map(|to| (to, NextHop::Eip)));
    for (id, _) in machines(network, vpc) {
        if network.instances.get(&id).is_some_and(|instance| instance.public_gateway) {
            stock.extend(internet.map(|to| (to, NextHop::PublicGateway(id.clone()))));
        }
    }
    for id in network.ccns.keys() {
        stock.extend(destinations(network).into_iter().map(|to| (to, NextHop::Ccn(id.clone()))));
    }
    shuffled(stock)
}

/// Two equal routes at most by machines that forward; more would send every packet in circles.
fn forwarders(network: &Network, vpc: &Id, dice: &mut Dice) -> Vec<(IpNet, NextHop)> {
    let machines = machines(network, vpc).into_iter().map(|(id, _)| id);
    let forward =
        |id: &Id| network.instances.get(id).is_some_and(|instance| !instance.public_gateway);
    let havips = network.havips.iter().filter(|(_, it)| network.subnets[&it.subnet].vpc == *vpc);
    let havips = havips.map(|(id, _)| NextHop::HaVip(id.clone()));
    let hops: Vec<_> = machines.filter(forward).map(NextHop::Instance).chain(havips).collect();
    let mut cidrs = destinations(network);
    // Machines that people let forward to the Internet (D20-36).
    cidrs.extend([net("0.0.0.0/0"), net("8.8.8.0/24"), net("8.8.0.0/16"), net("0.0.0.0/0")]);
    let mut stock = Vec::new();
    if dice.chance(40) {
        let to = dice.pick(&cidrs);
        for _ in 0..=dice.below(2) {
            stock.extend(dice.any(&hops).map(|hop| (to, hop.clone())));
        }
    }
    stock
}

/// In another order, the same one every time.
fn shuffled<T>(mut stock: Vec<T>) -> Vec<T> {
    let mut dice = Dice::new(u64::try_from(stock.len()).unwrap_or(0));
    for at in (1..stock.len()).rev() {
        stock.swap(at, dice.below(at + 1));
    }
    stock
}
