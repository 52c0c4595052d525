//! Machines and databases, in VPCs and in the classic network, and what leads from one network to another.

use super::layout::{Node, Record};
use super::{Names, Write};
use crate::id::Id;
use crate::model::{
    ClassicDatabase, ClassicInstance, Database, EndpointConnection, EndpointService, Engine, HaVip,
    Instance, InstanceGroup, NetworkInterface, OldNetwork, OldVip, State, VpcEndpoint,
    VpcEndpointState,
};

/// What clients ask for by name, and whom they find.
pub fn names(names: &Names<'_>) -> Node {
    let all = &names.document.fragment.network.names;
    Node::map(all.iter().map(|(name, to)| (name.to_string(), names.id(to)))).tall()
}

impl Write for Instance {
    fn node(&self, _id: &Id, names: &Names<'_>) -> Node {
        let Self {
            meta,
            subnet,
            ip,
            secondary_ips,
            ipv6,
            eip,
            security_groups,
            state,
            public_gateway,
            masquerades,
        } = self;
        names
            .meta(Record::new(), meta)
            .field("subnet", names.id(subnet))
            .field("ip", Node::text(*ip))
            .unless_empty("secondary_ips", Node::list(secondary_ips.iter().map(Node::text)))
            .optional("ipv6", ipv6.map(Node::text))
            .optional("eip", eip.map(Node::text))
            .field("security_groups", names.ids(security_groups))
            .optional("state", state_of(*state))
            .unless(false, "public_gateway", *public_gateway)
            .unless(false, "masquerades", *masquerades)
            .node()
    }
}

fn state_of(state: State) -> Option<Node> {
    match state {
        State::Running => None,
        State::Stopped => Some(Node::word("Stopped")),
        State::Isolated => Some(Node::word("Isolated")),
        State::IsolatedStopped => Some(Node::word("IsolatedStopped")),
    }
}

impl Write for NetworkInterface {
    fn node(&self, _id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, instance, subnet, ip, secondary_ips, eip, security_groups } = self;
        names
            .meta(Record::new(), meta)
            .field("instance", names.id(instance))
            .field("subnet", names.id(subnet))
            .field("ip", Node::text(*ip))
            .unless_empty("secondary_ips", Node::list(secondary_ips.iter().map(Node::text)))
            .optional("eip", eip.map(Node::text))
            .field("security_groups", names.ids(security_groups))
            .node()
    }
}

impl Write for InstanceGroup {
    fn node(&self, _id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, subnet, ips, security_groups } = self;
        let (first, last) = *ips;
        names
            .meta(Record::new(), meta)
            .field("subnet", names.id(subnet))
            .field("ips", Node::text(format!("{first}-{last}")))
            .field("security_groups", names.ids(security_groups))
            .node()
    }
}

impl Write for HaVip {
    fn node(&self, _id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, subnet, ip, eip, bound_to, masquerades } = self;
        names
            .meta(Record::new(), meta)
            .field("subnet", names.id(subnet))
            .field("ip", Node::text(*ip))
            .optional("eip", eip.map(Node::text))
            .optional("bound_to", bound_to.as_ref().map(|id| names.id(id)))
            .unless(false, "masquerades", *masquerades)
            .node()
    }
}

impl Write for Database {
    fn node(&self, _id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, subnet, ip, engine, port, security_groups, old_vips } = self;
        names
            .meta(Record::new(), meta)
            .field("subnet", names.id(subnet))
            .field("ip", Node::text(*ip))
            .field("engine", engine_of(*engine))
            .optional("port", port_of(*engine, *port))
            .unless_empty("security_groups", names.ids(security_groups))
            .unless_empty("old_vips", Node::list(old_vips.iter().map(|old| old_vip(old, names))))
            .node()
    }
}

fn old_vip(old: &OldVip, names: &Names<'_>) -> Node {
    let network = match &old.network {
        OldNetwork::Classic => Node::word("Classic"),
        OldNetwork::Vpc(vpc) => Node::tuple("Vpc", [names.id(vpc)]),
    };
    Record::new()
        .field("network", network)
        .field("ip", Node::text(old.ip))
        .field("hours_left", Node::word(old.hours_left))
        .node()
}

fn engine_of(engine: Engine) -> Node {
    Node::word(match engine {
        Engine::MySql => "MySql",
        Engine::Redis => "Redis",
        Engine::MongoDb => "MongoDb",
        Engine::Memcached => "Memcached",
        Engine::MariaDb => "MariaDb",
        Engine::SqlServer => "SqlServer",
        Engine::PostgreSql => "PostgreSql",
        Engine::TdSql => "TdSql",
    })
}

/// The port, unless it is the engine's own.
fn port_of(engine: Engine, port: u16) -> Option<Node> {
    (port != engine.default_port()).then(|| Node::word(port))
}

impl Write for ClassicInstance {
    fn node(&self, _id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, region, ip, public_ip, security_groups, state } = self;
        names
            .meta(Record::new(), meta)
            .field("region", Node::text(region))
            .field("ip", Node::text(*ip))
            .optional("public_ip", public_ip.map(Node::text))
            .field("security_groups", names.ids(security_groups))
            .optional("state", state_of(*state))
            .node()
    }
}

impl Write for ClassicDatabase {
    fn node(&self, _id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, region, ip, engine, port } = self;
        names
            .meta(Record::new(), meta)
            .field("region", Node::text(region))
            .field("ip", Node::text(*ip))
            .field("engine", engine_of(*engine))
            .optional("port", port_of(*engine, *port))
            .node()
    }
}

impl Write for EndpointConnection {
    fn node(&self, _id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, vpc, vip, target } = self;
        names
            .meta(Record::new(), meta)
            .field("vpc", names.id(vpc))
            .field("vip", Node::text(*vip))
            .field("target", names.id(target))
            .node()
    }
}

impl Write for EndpointService {
    fn node(&self, _id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, vpc, load_balancer, allowed_accounts, auto_accept } = self;
        names
            .meta(Record::new(), meta)
            .field("vpc", names.id(vpc))
            .field("load_balancer", names.id(load_balancer))
            .unless_empty("allowed_accounts", names.ids(allowed_accounts))
            .unless(false, "auto_accept", *auto_accept)
            .node()
    }
}

impl Write for VpcEndpoint {
    fn node(&self, _id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, subnet, ip, service, security_groups, state } = self;
        let state = match *state {
            VpcEndpointState::Available => None,
            VpcEndpointState::Pending => Some(Node::word("Pending")),
        };
        names
            .meta(Record::new(), meta)
            .field("subnet", names.id(subnet))
            .field("ip", Node::text(*ip))
            .field("service", names.id(service))
            .unless_empty("security_groups", names.ids(security_groups))
            .optional("state", state)
            .node()
    }
}
