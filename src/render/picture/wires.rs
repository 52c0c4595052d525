//! The wires: which gateway leads where, who is attached to what, who is linked.

use super::boxes::{BlockIx, Wire, WireKind};
use super::estate::Estate;
use crate::id::Id;
use crate::model::{LoadBalancerNetwork, Network, PeeringState};

/// The VPC that a classic CVM is linked to, and whether the link is live (CL-8, CL-18).
pub(super) fn link_of<'n>(network: &'n Network, instance: &Id) -> Option<(&'n Id, bool)> {
    let links = network.classic_links.iter();
    let mut links = links.flat_map(|(vpc, links)| links.iter().map(move |link| (vpc, link)));
    let (vpc, link) = links.find(|(_, link)| link.instance == *instance)?;
    Some((vpc, network.is_live(link)))
}

impl Estate<'_> {
    /// Draws all wires; the hub of each comes first.
    pub(super) fn connect(&mut self) {
        self.connect_internet();
        self.connect_between();
        self.connect_sites();
        self.connect_classic();
        self.connect_targets();
    }

    fn wire(&mut self, from: Option<BlockIx>, to: Option<BlockIx>, kind: WireKind) {
        if let (Some(from), Some(to)) = (from, to) {
            let wire = Wire { from, to, kind };
            if self.wired.insert(wire) {
                self.wires.push(wire);
            }
        }
    }

    fn leaf_of(&self, id: &Id) -> Option<BlockIx> {
        self.leaves.get(id).copied()
    }

    fn is_up(&self, id: &Id) -> WireKind {
        if self.network.down.contains(id) { WireKind::Down } else { WireKind::Up }
    }

    /// Public balancers, NAT gateways and public gateways lead to the Internet.
    fn connect_internet(&mut self) {
        let network = self.network;
        let public = network
            .load_balancers
            .iter()
            .filter(|(_, balancer)| matches!(balancer.network, LoadBalancerNetwork::Public { .. }));
        let machines = network.instances.iter().filter(|(_, machine)| machine.public_gateway);
        let doors: Vec<&Id> = public
            .map(|(id, _)| id)
            .chain(network.nat_gateways.keys())
            .chain(machines.map(|(id, _)| id))
            .collect();
        for id in doors {
            let internet = self.internet();
            self.wire(Some(internet), self.leaf_of(id), self.is_up(id));
        }
        // Machines with an EIP say so themselves; the Internet is there all the same.
        let eips = network.instances.values().any(|machine| machine.eip.is_some())
            || network.havips.values().any(|havip| havip.eip.is_some())
            || network.network_interfaces.values().any(|it| it.eip.is_some())
            || network.classic_instances.values().any(|it| it.public_ip.is_some());
        if eips {
            self.internet();
        }
    }

    fn connect_between(&mut self) {
        let network = self.network;
        for id in network.ccns.keys() {
            for member in network.ccn_members(id.as_str()) {
                let end = self.homes.get(member.id()).copied();
                let end = end.or_else(|| self.leaf_of(member.id()));
                self.wire(self.leaf_of(id), end, self.is_up(member.id()));
            }
        }
        for (id, peering) in &network.peerings {
            let kind = match peering.state {
                PeeringState::Active => self.is_up(id),
                PeeringState::Pending => WireKind::Down,
            };
            for vpc in [&peering.between.0, &peering.between.1] {
                self.wire(self.leaf_of(id), self.homes.get(vpc).copied(), kind);
            }
        }
    }

    fn connect_sites(&mut self) {
        let network = self.network;
        for (id, gateway) in &network.vpn_gateways {
            for connection in &gateway.connections {
                let kind = if connection.up { WireKind::Up } else { WireKind::Down };
                self.tunnel(id, &connection.id, &connection.site, kind);
            }
        }
        for (id, gateway) in &network.direct_connect_gateways {
            for tunnel in &gateway.tunnels {
                let kind = if tunnel.up { WireKind::Up } else { WireKind::Down };
                self.tunnel(id, &tunnel.id, &tunnel.site, kind);
            }
        }
    }

    fn tunnel(&mut self, gateway: &Id, tunnel: &Id, site: &Id, kind: WireKind) {
        let leaf = self.leaf_of(gateway);
        self.wire(self.leaf_of(site), leaf, kind);
        if let Some(leaf) = leaf {
            self.leaves.insert(tunnel.clone(), leaf);
        }
    }

    /// Load balancers and the machines that they send to.
    fn connect_targets(&mut self) {
        let network = self.network;
        let own = network.load_balancers.iter();
        let own = own.map(|(id, balancer)| (id, &balancer.listeners));
        let classic = network.classic_load_balancers.iter();
        let classic = classic.map(|(id, balancer)| (id, &balancer.listeners));
        for (id, listeners) in own.chain(classic) {
            let hub = self.leaf_of(id);
            // One that takes nothing is none (CLB-2).
            let targets = listeners.iter().flat_map(|listener| &listener.targets);
            for target in targets.filter(|target| target.weight > 0) {
                let target = &target.instance;
                let leaf = self.leaf_of(target).or_else(|| {
                    let (group, _) = network.group_member(target.as_str())?;
                    self.leaf_of(group)
                });
                self.wire(hub, leaf, WireKind::Target);
            }
        }
    }

    fn connect_classic(&mut self) {
        let network = self.network;
        for (vpc, links) in &network.classic_links {
            for link in links {
                let kind =
                    if network.is_live(link) { WireKind::ClassicLink } else { WireKind::Down };
                let hub = self.links.get(vpc).copied();
                self.wire(hub, self.leaf_of(&link.instance), kind);
            }
        }
        for (id, connection) in &network.endpoint_connections {
            let target = self.leaf_of(&connection.target);
            self.wire(self.leaf_of(id), target, WireKind::Up);
        }
        for (id, service) in &network.endpoint_services {
            let behind = self.leaf_of(&service.load_balancer);
            self.wire(self.leaf_of(id), behind, WireKind::Up);
        }
        for (id, endpoint) in &network.vpc_endpoints {
            let kind = if network.is_accepted(id) && !network.down.contains(id) {
                WireKind::Up
            } else {
                WireKind::Down
            };
            self.wire(self.leaf_of(id), self.leaf_of(&endpoint.service), kind);
        }
        let public = network.classic_load_balancers.iter();
        for (id, _) in public.filter(|(_, balancer)| balancer.public) {
            let internet = self.internet();
            self.wire(Some(internet), self.leaf_of(id), WireKind::Up);
        }
    }
}
