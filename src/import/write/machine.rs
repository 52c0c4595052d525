//! Machines and databases, in VPCs and in the classic network, and what leads from one network to another.

use super::Names;
use super::layout::{Node, Record};
use crate::model::{
    ClassicDatabase, ClassicInstance, Database, EndpointConnection, EndpointService, Engine, HaVip,
    Instance, InstanceGroup, NetworkInterface, OldNetwork, OldVip, State, VpcEndpoint,
    VpcEndpointState,
};

/// What clients ask for by name, and whom they find.
pub fn names(names: &Names<'_>) -> Node {
    let all = &names.document.fragment.network.names;
    Node::map(
        all.iter()
            .map(|(name, to)| (name.to_string(), names.id(to))),
    )
    .tall()
}

pub fn instance(instance: &Instance, names: &Names<'_>) -> Node {
    names
        .endpoint(Record::new(), &instance.meta)
        .field("subnet", names.id(&instance.subnet))
        .field("ip", Node::text(instance.ip))
        .unless_empty(
            "secondary_ips",
            Node::list(instance.secondary_ips.iter().map(Node::text)),
        )
        .optional("ipv6", instance.ipv6.map(Node::text))
        .optional("eip", instance.eip.map(Node::text))
        .field("security_groups", names.ids(&instance.security_groups))
        .optional("state", state(instance.state))
        .unless(false, "public_gateway", instance.public_gateway)
        .unless(false, "masquerades", instance.masquerades)
        .node()
}

fn state(state: State) -> Option<Node> {
    match state {
        State::Running => None,
        State::Stopped => Some(Node::word("Stopped")),
        State::Isolated => Some(Node::word("Isolated")),
        State::IsolatedStopped => Some(Node::word("IsolatedStopped")),
    }
}

pub fn network_interface(interface: &NetworkInterface, names: &Names<'_>) -> Node {
    names
        .endpoint(Record::new(), &interface.meta)
        .field("instance", names.id(&interface.instance))
        .field("subnet", names.id(&interface.subnet))
        .field("ip", Node::text(interface.ip))
        .unless_empty(
            "secondary_ips",
            Node::list(interface.secondary_ips.iter().map(Node::text)),
        )
        .optional("eip", interface.eip.map(Node::text))
        .field("security_groups", names.ids(&interface.security_groups))
        .node()
}

pub fn instance_group(group: &InstanceGroup, names: &Names<'_>) -> Node {
    let (first, last) = group.ips;
    names
        .endpoint(Record::new(), &group.meta)
        .field("subnet", names.id(&group.subnet))
        .field("ips", Node::text(format!("{first}-{last}")))
        .field("security_groups", names.ids(&group.security_groups))
        .node()
}

pub fn havip(havip: &HaVip, names: &Names<'_>) -> Node {
    names
        .endpoint(Record::new(), &havip.meta)
        .field("subnet", names.id(&havip.subnet))
        .field("ip", Node::text(havip.ip))
        .optional("eip", havip.eip.map(Node::text))
        .optional("bound_to", havip.bound_to.as_ref().map(|id| names.id(id)))
        .unless(false, "masquerades", havip.masquerades)
        .node()
}

pub fn database(database: &Database, names: &Names<'_>) -> Node {
    names
        .endpoint(Record::new(), &database.meta)
        .field("subnet", names.id(&database.subnet))
        .field("ip", Node::text(database.ip))
        .field("engine", engine(database.engine))
        .optional("port", port(database.engine, database.port))
        .unless_empty("security_groups", names.ids(&database.security_groups))
        .unless_empty(
            "old_vips",
            Node::list(database.old_vips.iter().map(|old| old_vip(old, names))),
        )
        .node()
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

fn engine(engine: Engine) -> Node {
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
fn port(engine: Engine, port: u16) -> Option<Node> {
    (port != engine.default_port()).then(|| Node::word(port))
}

pub fn classic_instance(instance: &ClassicInstance, names: &Names<'_>) -> Node {
    names
        .endpoint(Record::new(), &instance.meta)
        .field("region", Node::text(&instance.region))
        .field("ip", Node::text(instance.ip))
        .optional("public_ip", instance.public_ip.map(Node::text))
        .field("security_groups", names.ids(&instance.security_groups))
        .optional("state", state(instance.state))
        .node()
}

pub fn classic_database(database: &ClassicDatabase, names: &Names<'_>) -> Node {
    names
        .endpoint(Record::new(), &database.meta)
        .field("region", Node::text(&database.region))
        .field("ip", Node::text(database.ip))
        .field("engine", engine(database.engine))
        .optional("port", port(database.engine, database.port))
        .node()
}

pub fn endpoint_connection(connection: &EndpointConnection, names: &Names<'_>) -> Node {
    names
        .endpoint(Record::new(), &connection.meta)
        .field("vpc", names.id(&connection.vpc))
        .field("vip", Node::text(connection.vip))
        .field("target", names.id(&connection.target))
        .node()
}

pub fn endpoint_service(service: &EndpointService, names: &Names<'_>) -> Node {
    names
        .meta(Record::new(), &service.meta)
        .field("vpc", names.id(&service.vpc))
        .field("load_balancer", names.id(&service.load_balancer))
        .unless_empty("allowed_accounts", names.ids(&service.allowed_accounts))
        .unless(false, "auto_accept", service.auto_accept)
        .node()
}

pub fn vpc_endpoint(endpoint: &VpcEndpoint, names: &Names<'_>) -> Node {
    let state = match endpoint.state {
        VpcEndpointState::Available => None,
        VpcEndpointState::Pending => Some(Node::word("Pending")),
    };
    names
        .endpoint(Record::new(), &endpoint.meta)
        .field("subnet", names.id(&endpoint.subnet))
        .field("ip", Node::text(endpoint.ip))
        .field("service", names.id(&endpoint.service))
        .unless_empty("security_groups", names.ids(&endpoint.security_groups))
        .optional("state", state)
        .node()
}
