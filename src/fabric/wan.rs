//! Beyond the VPC: peering, VPN, Direct Connect, and the sites behind them (PCX, VPN, DC rules).

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use petgraph::graph::NodeIndex;

use super::hosts::position;
use super::stage::{Device, Hop, Rule, StageKind, Then, Translation, Way};
use super::{Builder, between, go, lost, placed, rule, stop, to};
use crate::code::Code;
use crate::id::Id;
use crate::model::{
    Attachment, DcNat, DirectConnectGateway, DirectConnectKind, Line, PeeringState, Place, Vpc,
    VpnConnection, VpnGateway,
};
use crate::query::{Cause, Waypoint};
use crate::space::{AddressSet, Match, Rewrite};

impl Builder<'_> {
    /// Sites and the gateways' ways out, decisions aside.
    pub(super) fn site_stages(&mut self) {
        for (index, (id, site)) in (0..).zip(&self.network.sites) {
            let node = self.stage(StageKind::Site, Some(id), &["D20-12", "D20-18"]);
            let hosts = AddressSet::union_all(site.cidrs.iter().copied().map(AddressSet::from));
            // What a site sends on by its own line is not modelled (D20-18).
            let public = Match { destination: Some(Arc::clone(&self.public)), ..Match::all() };
            let unsaid = stop(Cause::at(Code::OutboundToUnmodelled, id));
            let rules = vec![rule(to(hosts), Then::ArriveAtSite(index)), rule(public, unsaid)];
            self.decide(node, rules, stop(Cause::at(Code::NoRoute, id)));
            self.nodes.sites.push(node);
            self.nodes.entrances.push(Vec::new());
        }
        for id in self.network.vpn_gateways.keys() {
            let node = self.stage(StageKind::VpnGateway, Some(id), &["VPN-2", "VPN-3", "VPN-5"]);
            self.nodes.vpn_out.push(node);
        }
        for id in self.network.direct_connect_gateways.keys() {
            let node = self.stage(StageKind::DirectConnectGateway, Some(id), &["DC-2", "DC-6"]);
            self.nodes.direct_connect_out.push(node);
            self.nodes.direct_connect_tunnels.push(node);
        }
    }

    /// Everything that leads to and from sites, and the CCNs.
    pub(super) fn wan(&mut self) {
        self.ccn_stages();
        for (index, (id, gateway)) in self.network.vpn_gateways.iter().enumerate() {
            let out = self.nodes.vpn_out[index];
            self.vpn_out_rules(out, id, gateway);
            for (position, connection) in gateway.connections.iter().enumerate() {
                self.vpn_in(id, gateway, position, connection);
            }
        }
        for (index, (id, gateway)) in (0..).zip(&self.network.direct_connect_gateways) {
            self.direct_connect_out_rules(index, id, gateway);
            self.direct_connect_in(index, id, gateway);
        }
    }

    /// A peering, seen from one of its ends; `None` = not an end of it, or gone.
    pub(super) fn peering_out(&mut self, id: &Id, from: &Id) -> Option<NodeIndex> {
        let key = (id.clone(), from.clone());
        if let Some(node) = self.nodes.peerings.get(&key) {
            return Some(*node);
        }
        let peering = self.network.peerings.get(id)?;
        let other = peering.other(from)?;
        let (sender, receiver) = (self.network.vpcs.get(from)?, self.network.vpcs.get(other)?);
        let node = self.stage(StageKind::Peering, Some(id), &["PCX-4", "PCX-7"]);
        self.nodes.peerings.insert(key, node);
        let down = peering.state == PeeringState::Pending || self.network.down.contains(id);
        let down = down.then(|| rule(Match::all(), stop(Cause::at(Code::AttachmentDown, id))));
        let local = position(&self.network.vpcs, other).unwrap_or(0);
        let hop = Hop { waypoint: Some(Waypoint::Id(id.clone())), ..Hop::default() };
        let way = self.hop(node, self.nodes.locals[local as usize], hop);
        let secondary = || stop(Cause::at(Code::PeeringSecondaryCidr, id));
        let no_transit = || stop(Cause::at(Code::GatewayNoTransit, id));
        let refused = [
            rule(from_addresses(secondary_cidrs(sender)), secondary()),
            rule(from_addresses(local_cidrs(sender).complement()), no_transit()),
            rule(to(secondary_cidrs(receiver)), secondary()),
        ];
        let taken = rule(to(local_cidrs(receiver)), go(vec![way]));
        let rules = refused.into_iter().chain(down).chain([taken]).collect();
        self.decide(node, rules, no_transit());
        Some(node)
    }

    /// The way out of a VPC-type VPN gateway; `None` = not this VPC's, or gone.
    pub(super) fn vpn_out(&mut self, id: &Id, vpc: &Id) -> Option<NodeIndex> {
        let gateway = self.network.vpn_gateways.get(id)?;
        let index = position(&self.network.vpn_gateways, id)?;
        (gateway.attached_to == Attachment::Vpc(vpc.clone()))
            .then(|| self.nodes.vpn_out[index as usize])
    }

    /// The way out of a VPC-type Direct Connect gateway; `None` = not this VPC's, or gone.
    pub(super) fn direct_connect_out(&mut self, id: &Id, vpc: &Id) -> Option<NodeIndex> {
        let gateway = self.network.direct_connect_gateways.get(id)?;
        let index = position(&self.network.direct_connect_gateways, id)?;
        (gateway.attached_to == Attachment::Vpc(vpc.clone()))
            .then(|| self.nodes.direct_connect_out[index as usize])
    }

    /// What a gateway refuses before it looks at tunnels: its own failure, and third networks.
    fn gateway_rules(&self, id: &Id, attached_to: &Attachment) -> Vec<Rule> {
        let mut rules = Vec::new();
        if self.network.down.contains(id) {
            rules.push(rule(Match::all(), stop(Cause::at(Code::AttachmentDown, id))));
        }
        if let Attachment::Vpc(vpc) = attached_to
            && let Some(vpc) = self.network.vpcs.get(vpc)
        {
            let foreign = from_addresses(local_cidrs(vpc).complement());
            rules.push(rule(foreign, stop(Cause::at(Code::GatewayNoTransit, id))));
        }
        rules
    }

    /// A hop into a tunnel, or its loss if the tunnel is down (D20-20).
    fn tunnel(&mut self, from: NodeIndex, gateway: &Id, line: Line<'_>) -> Way {
        if !line.up || self.network.down.contains(line.id) {
            return lost(Cause::at(Code::AttachmentDown, line.id));
        }
        let site = position(&self.network.sites, line.site).unwrap_or(0);
        let hop = Hop {
            waypoint: Some(Waypoint::Id(gateway.clone())),
            tunnel: Some(line.id.clone()),
            carried: true,
            ..Hop::default()
        };
        self.hop(from, self.nodes.sites[site as usize], hop)
    }

    /// Policy tunnels by pair (VPN-3), then route-based ones by the gateway's own table (VPN-5).
    fn vpn_out_rules(&mut self, out: NodeIndex, id: &Id, gateway: &VpnGateway) {
        let mut rules = self.gateway_rules(id, &gateway.attached_to);
        // What only lines carry that count as absent is lost at the gateway, after all that others carry (D20-34).
        let mut absent = Vec::new();
        let no_line = || go(vec![lost(Cause::at(Code::AttachmentDown, id))]);
        for (position, connection) in gateway.connections.iter().enumerate() {
            let place = Place::item(id, "connections", position);
            let is_absent = self.network.is_absent(id, connection.into());
            for (local, remote) in policies(connection) {
                let when = between(local, remote);
                if is_absent {
                    absent.push(rule(when, no_line()));
                    continue;
                }
                let way = self.tunnel(out, id, connection.into());
                rules.push(placed(when, go(vec![way]), place.clone()));
            }
        }
        let mut routes: Vec<_> = gateway.routes.iter().enumerate().collect();
        routes.sort_by_key(|(_, route)| (std::cmp::Reverse(route.to.prefix_len()), route.priority));
        for (position, route) in routes {
            let mut connections = gateway.connections.iter();
            let connection = connections.find(|connection| connection.id == route.connection);
            let Some(connection) = connection.filter(|c| route.enabled && c.policies.is_empty())
            else {
                continue;
            };
            if self.network.is_absent(id, connection.into()) {
                absent.push(rule(to(route.to), no_line()));
                continue;
            }
            let way = self.tunnel(out, id, connection.into());
            let place = Place::item(id, "routes", position);
            rules.push(placed(to(route.to), go(vec![way]), place));
        }
        rules.extend(absent);
        let by_policy = gateway.connections.iter().any(|c| !c.policies.is_empty());
        let code = if by_policy { Code::VpnPolicyMismatch } else { Code::NoRoute };
        self.decide(out, rules, stop(Cause::at(code, id)));
    }

    /// A tunnel, from the site's end.
    fn vpn_in(
        &mut self,
        id: &Id,
        gateway: &VpnGateway,
        position: usize,
        connection: &VpnConnection,
    ) {
        let into = self.stage(StageKind::VpnGateway, Some(id), &["VPN-3", "VPN-8"]);
        self.entrance(&connection.site, &connection.id, into);
        let place = Place::item(id, "connections", position);
        let mut rules = Vec::new();
        let pairs: Vec<_> = if connection.policies.is_empty() {
            vec![(AddressSet::any(), AddressSet::any())]
        } else {
            policies(connection).collect()
        };
        for (local, remote) in pairs {
            let pair = (remote, local);
            self.inward(
                into,
                id,
                &gateway.attached_to,
                connection.into(),
                pair,
                &place,
                &mut rules,
            );
        }
        if !connection.policies.is_empty() {
            // What else the gateway has against it is told beside (D20-13).
            let refused = Cause::at(Code::VpnPolicyMismatch, id).placed(place.clone());
            rules.push(rule(Match::all(), stop(refused)));
            let any = (AddressSet::any(), AddressSet::any());
            self.inward(into, id, &gateway.attached_to, connection.into(), any, &place, &mut rules);
        }
        let nowhere = Cause::at(Code::NoRoute, id).placed(place);
        let down = self.network.is_down(id, connection.into());
        self.nowhere(into, rules, nowhere, down.then_some(&connection.id));
    }

    /// From a gateway into what it is attached to; destinations that it does not lead to fall through.
    #[expect(
        clippy::too_many_arguments,
        reason = "one call site a gateway kind; a struct would only rename them"
    )]
    fn inward(
        &mut self,
        into: NodeIndex,
        id: &Id,
        attached_to: &Attachment,
        line: Line<'_>,
        (source, destination): (AddressSet, AddressSet),
        place: &Place,
        rules: &mut Vec<Rule>,
    ) {
        let (node, reach) = match attached_to {
            Attachment::Vpc(vpc) => {
                let index = position(&self.network.vpcs, vpc).unwrap_or(0);
                let reach = local_cidrs(&self.network.vpcs[vpc]);
                (Some(self.nodes.locals[index as usize]), reach)
            }
            Attachment::Ccn(ccn) => (self.ccn_in(ccn, id), AddressSet::any()),
        };
        let Some(node) = node else { return };
        let down = self.network.is_down(id, line);
        let hop = Hop {
            waypoint: Some(Waypoint::Id(id.clone())),
            tunnel: Some(line.id.clone()),
            down: down.then(|| Arc::new(Cause::at(Code::AttachmentDown, line.id))),
            absent: self.network.is_absent(id, line),
            carried: matches!(attached_to, Attachment::Vpc(_)),
            ..Hop::default()
        };
        let way = self.hop(into, node, hop);
        let when = between(source, destination.intersection(&reach));
        rules.push(placed(when, go(vec![way]), place.clone()));
    }

    /// What no rule of a gateway takes leads nowhere; a tunnel that is down besides is told, too (D20-13).
    fn nowhere(&mut self, into: NodeIndex, mut rules: Vec<Rule>, cause: Cause, down: Option<&Id>) {
        let otherwise = match down {
            Some(tunnel) => {
                rules.push(rule(Match::all(), stop(cause)));
                Cause::at(Code::AttachmentDown, tunnel)
            }
            None => cause,
        };
        self.decide(into, rules, stop(otherwise));
    }

    fn entrance(&mut self, site: &Id, tunnel: &Id, node: NodeIndex) {
        if let Some(site) = position(&self.network.sites, site) {
            self.nodes.entrances[site as usize].push((tunnel.clone(), node));
        }
    }

    /// Translation first if there is any, then the tunnel with the longest announced prefix (DC-2, DC-6).
    fn direct_connect_out_rules(&mut self, index: u32, id: &Id, gateway: &DirectConnectGateway) {
        let out = self.nodes.direct_connect_out[index as usize];
        let mut rules = self.gateway_rules(id, &gateway.attached_to);
        let DirectConnectKind::Nat(nat) = &gateway.kind else {
            rules.extend(self.prefix_rules(out, id, gateway));
            let none = stop(Cause::at(Code::DirectConnectNoPrefix, id));
            return self.decide(out, rules, none);
        };
        if let Attachment::Vpc(vpc) = &gateway.attached_to
            && let Some(vpc) = self.network.vpcs.get(vpc)
        {
            let secondary = from_addresses(secondary_cidrs(vpc));
            let cause = Cause::at(Code::DirectConnectSecondaryCidr, id);
            rules.push(rule(secondary, stop(cause)));
        }
        let cites = &["DC-6", "DC-7"];
        let sources = self.stage(StageKind::DirectConnectGateway, Some(id), cites);
        let tunnels = self.stage(StageKind::DirectConnectGateway, Some(id), cites);
        self.nodes.direct_connect_tunnels[index as usize] = tunnels;
        let peers = nat.peer_ips.iter().enumerate();
        for (position, (address, mapped)) in peers {
            let rewrite = Rewrite { destination: Some(*address), ..Rewrite::default() };
            let way = self.translate(out, sources, index, rewrite);
            let place = Place::item(id, "kind", position);
            rules.push(placed(to(AddressSet::single(*mapped)), go(vec![way]), place));
        }
        let unchanged = self.translate(out, sources, index, Rewrite::default());
        self.decide(out, rules, go(vec![unchanged]));
        self.direct_connect_sources(sources, tunnels, index, id, nat);
        let rules = self.prefix_rules(tunnels, id, gateway);
        let none = stop(Cause::at(Code::DirectConnectNoPrefix, id));
        self.decide(tunnels, rules, none);
    }

    /// Sources of a NAT-type gateway: 1:1 before pools, nothing = dropped (DC-6, DC-7).
    fn direct_connect_sources(
        &mut self,
        sources: NodeIndex,
        tunnels: NodeIndex,
        index: u32,
        id: &Id,
        nat: &DcNat,
    ) {
        let mut rules = Vec::new();
        let source = |address: IpAddr| Rewrite { source: Some(address), ..Rewrite::default() };
        for (address, mapped) in &nat.local_ips {
            let way = self.translate(sources, tunnels, index, source(*mapped));
            let when = from_addresses(AddressSet::single(*address));
            rules.push(rule(when, go(vec![way])));
        }
        for snat in &nat.snat {
            let pool = snat.pool.iter();
            let ways: Vec<_> = pool
                .map(|address| self.translate(sources, tunnels, index, source(*address)))
                .collect();
            if !ways.is_empty() {
                rules.push(rule(from_addresses(AddressSet::from(snat.from)), go(ways)));
            }
        }
        let none = stop(Cause::at(Code::DirectConnectNatNoMapping, id));
        rules.push(rule(Match::all(), none));
        // What the tunnels have against it is told beside (D20-13).
        let unchanged = self.hop(sources, tunnels, Hop::default());
        self.decide(sources, rules, go(vec![unchanged]));
    }

    fn translate(&mut self, from: NodeIndex, to: NodeIndex, index: u32, rewrite: Rewrite) -> Way {
        let hop = Hop {
            translation: Some(Translation { device: Device::DirectConnect(index), rewrite }),
            ..Hop::default()
        };
        self.hop(from, to, hop)
    }

    /// Tunnels by announced prefix, longest first; equal prefixes = any of them (D20-29).
    fn prefix_rules(
        &mut self,
        from: NodeIndex,
        id: &Id,
        gateway: &DirectConnectGateway,
    ) -> Vec<Rule> {
        let mut prefixes: Vec<(IpNet, usize)> = Vec::new();
        for (position, tunnel) in gateway.tunnels.iter().enumerate() {
            prefixes.extend(tunnel.prefixes.iter().map(|prefix| (*prefix, position)));
        }
        prefixes.sort_by_key(|(prefix, tunnel)| {
            (std::cmp::Reverse(prefix.prefix_len()), *prefix, *tunnel)
        });
        prefixes.dedup();
        // What only absent tunnels announce is lost at the gateway (D20-34).
        let network = self.network;
        let is_absent = |at: usize| network.is_absent(id, (&gateway.tunnels[at]).into());
        let (absent, prefixes): (Vec<_>, Vec<_>) =
            prefixes.into_iter().partition(|(_, at)| is_absent(*at));
        let mut rules = Vec::new();
        for same in prefixes.chunk_by(|a, b| a.0 == b.0) {
            let ways = same.iter().map(|(_, position)| {
                let tunnel = &gateway.tunnels[*position];
                self.tunnel(from, id, tunnel.into())
            });
            let ways = ways.collect();
            let (prefix, position) = same[0];
            let place = Place::item(id, "tunnels", position);
            rules.push(placed(to(prefix), go(ways), place));
        }
        let lost = absent.into_iter().map(|(prefix, _)| {
            let cause = Cause::at(Code::AttachmentDown, id);
            rule(to(prefix), go(vec![lost(cause)]))
        });
        rules.extend(lost);
        rules
    }

    /// Tunnels, from the sites' ends.
    fn direct_connect_in(&mut self, index: u32, id: &Id, gateway: &DirectConnectGateway) {
        for (position, tunnel) in gateway.tunnels.iter().enumerate() {
            let place = Place::item(id, "tunnels", position);
            let cites = &["DC-2", "DC-4", "DC-6"];
            let into = self.stage(StageKind::DirectConnectGateway, Some(id), cites);
            self.entrance(&tunnel.site, &tunnel.id, into);
            let down = self.network.is_down(id, tunnel.into());
            let down = down.then_some(&tunnel.id);
            let inside = match &gateway.kind {
                DirectConnectKind::Normal => into,
                DirectConnectKind::Nat(nat) => {
                    self.direct_connect_nat_in(into, index, (id, down), nat)
                }
            };
            let mut rules = Vec::new();
            if let (Attachment::Vpc(vpc), DirectConnectKind::Nat(_)) =
                (&gateway.attached_to, &gateway.kind)
                && let Some(vpc) = self.network.vpcs.get(vpc)
            {
                let cause = Cause::at(Code::DirectConnectSecondaryCidr, id);
                rules.push(rule(to(secondary_cidrs(vpc)), stop(cause)));
            }
            let any = (AddressSet::any(), AddressSet::any());
            let attached_to = &gateway.attached_to;
            self.inward(inside, id, attached_to, tunnel.into(), any, &place, &mut rules);
            let nowhere = Cause::at(Code::NoRoute, id);
            self.nowhere(inside, rules, nowhere, down);
        }
    }

    /// Destinations, then sources, of what a site sends through a NAT-type gateway; gives the stage
    /// that sees the translated packet.
    fn direct_connect_nat_in(
        &mut self,
        into: NodeIndex,
        index: u32,
        (id, down): (&Id, Option<&Id>),
        nat: &DcNat,
    ) -> NodeIndex {
        let cites = &["DC-6", "DC-7"];
        let sources = self.stage(StageKind::DirectConnectGateway, Some(id), cites);
        let inside = self.stage(StageKind::DirectConnectGateway, Some(id), cites);
        let mut rules = Vec::new();
        // The port map of a packet first, then the 1:1 mapping (D20-42).
        for entry in &nat.dnat {
            let rewrite = Rewrite {
                destination: Some(entry.to),
                destination_port: Some(entry.port),
                ..Rewrite::default()
            };
            let way = self.translate(into, sources, index, rewrite);
            let when = Match {
                destination: Some(Arc::new(AddressSet::single(entry.address))),
                ..super::carrying(entry.service.traffic())
            };
            rules.push(rule(when, go(vec![way])));
        }
        for (address, mapped) in &nat.local_ips {
            let rewrite = Rewrite { destination: Some(*address), ..Rewrite::default() };
            let way = self.translate(into, sources, index, rewrite);
            rules.push(rule(to(AddressSet::single(*mapped)), go(vec![way])));
        }
        let none = Cause::at(Code::DirectConnectNatNoMapping, id);
        self.nowhere(into, rules, none, down);
        let mut rules = Vec::new();
        for (address, mapped) in &nat.peer_ips {
            let rewrite = Rewrite { source: Some(*mapped), ..Rewrite::default() };
            let way = self.translate(sources, inside, index, rewrite);
            let when = from_addresses(AddressSet::single(*address));
            rules.push(rule(when, go(vec![way])));
        }
        let unchanged = self.translate(sources, inside, index, Rewrite::default());
        self.decide(sources, rules, go(vec![unchanged]));
        inside
    }
}

/// Packets by their source.
fn from_addresses(addresses: AddressSet) -> Match {
    Match { source: Some(Arc::new(addresses)), ..Match::all() }
}

/// Primary, secondary and IPv6 CIDRs of a VPC.
pub(super) fn local_cidrs(vpc: &Vpc) -> AddressSet {
    AddressSet::union_all(vpc.cidrs().map(AddressSet::from))
}

/// Secondary CIDRs of a VPC.
pub(super) fn secondary_cidrs(vpc: &Vpc) -> AddressSet {
    AddressSet::union_all(vpc.secondary_cidrs.iter().copied().map(AddressSet::from))
}

/// The pairs of a policy tunnel: (cloud side, site side).
fn policies(connection: &VpnConnection) -> impl Iterator<Item = (AddressSet, AddressSet)> + '_ {
    connection.policies.iter().map(|policy| {
        let remote = policy.remote.iter().copied().map(AddressSet::from);
        (AddressSet::from(policy.local), AddressSet::union_all(remote))
    })
}
