//! Peerings and NAT, VPN and Direct Connect gateways.

use std::net::IpAddr;

use super::layout::{Node, Record};
use super::{Names, Write};
use crate::id::Id;
use crate::model::{
    Attachment, DcNat, DirectConnectGateway, DirectConnectKind, NatGateway, NatKind, Peering,
    PeeringState, SnatSource, VpnConnection, VpnGateway,
};

impl Write for Peering {
    fn node(&self, _id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, between, state } = self;
        let pending = *state == PeeringState::Pending;
        let (one, other) = between;
        names
            .meta(Record::new(), meta)
            .field("between", Node::tuple("", [names.id(one), names.id(other)]))
            .optional("state", pending.then(|| Node::word("Pending")))
            .node()
    }
}

impl Write for NatGateway {
    fn node(&self, id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, vpc, kind, eips, strict_snat, snat, dnat } = self;
        let snat = snat.iter().map(|rule| {
            let from = match &rule.from {
                SnatSource::Cidr(cidr) => Node::text(cidr),
                SnatSource::Subnet(id) | SnatSource::Instance(id) => names.id(id),
            };
            Record::new()
                .field("from", from)
                .field("eips", Node::list(rule.eips.iter().map(Node::text)))
                .node()
        });
        let dnat = dnat.iter().map(|entry| {
            Record::new()
                .field("service", Node::text(&entry.service))
                .field("eip", Node::text(entry.eip))
                .field("to", Node::text(entry.to))
                .field("port", Node::word(entry.port))
                .node()
        });
        let standard = *kind == NatKind::Standard;
        names
            .meta(Record::new(), meta)
            .field("vpc", names.id(vpc))
            .optional("kind", standard.then(|| Node::word("Standard")))
            .unless_empty("eips", names.items(id, "eips", eips.iter().map(Node::text)))
            .unless(false, "strict_snat", *strict_snat)
            .unless_empty("snat", names.items(id, "snat", snat))
            .unless_empty("dnat", names.items(id, "dnat", dnat))
            .node()
    }
}

fn attachment(attachment: &Attachment, names: &Names<'_>) -> Node {
    match attachment {
        Attachment::Vpc(id) => Node::tuple("Vpc", [names.id(id)]),
        Attachment::Ccn(id) => Node::tuple("Ccn", [names.id(id)]),
    }
}

impl Write for VpnGateway {
    fn node(&self, id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, attached_to, connections, routes } = self;
        let connections = connections.iter();
        let connections = connections.map(|connection| vpn_connection(connection, names));
        let routes = routes.iter().map(|route| {
            let priority = (route.priority != 0).then(|| Node::word(route.priority));
            Record::new()
                .field("to", Node::text(route.to))
                .field("connection", names.id(&route.connection))
                .optional("priority", priority)
                .unless(true, "enabled", route.enabled)
                .node()
        });
        names
            .meta(Record::new(), meta)
            .field("attached_to", attachment(attached_to, names))
            .field("connections", names.items(id, "connections", connections))
            .unless_empty("routes", names.items(id, "routes", routes))
            .node()
    }
}

fn vpn_connection(connection: &VpnConnection, names: &Names<'_>) -> Node {
    let policies = connection.policies.iter().map(|policy| {
        Record::new()
            .field("local", Node::text(policy.local))
            .field("remote", Node::list(policy.remote.iter().map(Node::text)))
            .node()
    });
    Record::new()
        .field("id", Node::text(&connection.id))
        .field("site", names.id(&connection.site))
        .unless_empty("policies", Node::list(policies))
        .unless(true, "up", connection.up)
        .unless(false, "health_check", connection.health_check)
        .node()
}

impl Write for DirectConnectGateway {
    fn node(&self, id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, attached_to, kind, tunnels } = self;
        let tunnels = tunnels.iter().map(|tunnel| {
            Record::new()
                .field("id", Node::text(&tunnel.id))
                .field("site", names.id(&tunnel.site))
                .field("prefixes", Node::list(tunnel.prefixes.iter().map(Node::text)))
                .unless(true, "up", tunnel.up)
                .unless(false, "health_check", tunnel.health_check)
                .node()
        });
        let kind = match kind {
            DirectConnectKind::Normal => None,
            DirectConnectKind::Nat(nat) => Some(dc_nat(nat)),
        };
        names
            .meta(Record::new(), meta)
            .field("attached_to", attachment(attached_to, names))
            .optional("kind", kind)
            .field("tunnels", names.items(id, "tunnels", tunnels))
            .node()
    }
}

fn dc_nat(nat: &DcNat) -> Node {
    let pairs = |pairs: &[(IpAddr, IpAddr)]| {
        let pairs = pairs.iter();
        Node::list(pairs.map(|(from, to)| Node::tuple("", [Node::text(from), Node::text(to)])))
    };
    let snat = nat.snat.iter().map(|rule| {
        Record::new()
            .field("from", Node::text(rule.from))
            .field("pool", Node::list(rule.pool.iter().map(Node::text)))
            .node()
    });
    let dnat = nat.dnat.iter().map(|entry| {
        Record::new()
            .field("service", Node::text(&entry.service))
            .field("address", Node::text(entry.address))
            .field("to", Node::text(entry.to))
            .field("port", Node::word(entry.port))
            .node()
    });
    Record::of("Nat")
        .unless_empty("local_ips", pairs(&nat.local_ips))
        .unless_empty("peer_ips", pairs(&nat.peer_ips))
        .unless_empty("snat", Node::list(snat))
        .unless_empty("dnat", Node::list(dnat))
        .node()
}
