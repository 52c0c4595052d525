//! The walk over every id that a network mentions, one function a neighbourhood.

use super::super::{
    Attachment, CcnMember, Entity, Kind, LoadBalancerNetwork, Network, NextHop, OldNetwork, Peer,
    Section, SecurityGroupRule, Served, SnatSource, sections,
};
use crate::id::Id;

/// One step from an entity to the place of a reference; a [`super::Key`] that borrows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step<'n> {
    /// A field.
    Field(&'static str),
    /// An element of a list.
    Index(usize),
    /// An entry of a map.
    Entry(&'n Id),
}

/// What is called for each reference: the entity that mentions, the way to the place in it, the id
/// and the kinds that may stand there.
pub(crate) type See<'s, 'n> = &'s mut dyn FnMut(&'n Id, &[Step<'n>], &'n Id, &'static [Kind]);

use Step::{Entry, Field, Index};

/// References that a rule of the cloud judges, not the kind: any entity may stand there.
pub(super) const ANY: &[Kind] = Kind::ALL;

const VPC: &[Kind] = &[Kind::Vpc];
const CCN: &[Kind] = &[Kind::Ccn];
const ACCOUNT: &[Kind] = &[Kind::Account];
const SERVICE: &[Kind] = &[Kind::EndpointService];
const SUBNET: &[Kind] = &[Kind::Subnet];
const SITE: &[Kind] = &[Kind::Site];
const INSTANCE: &[Kind] = &[Kind::Instance];
const ROUTE_TABLE: &[Kind] = &[Kind::RouteTable];
const NETWORK_ACL: &[Kind] = &[Kind::NetworkAcl];
const GROUP: &[Kind] = &[Kind::SecurityGroup];
const ADDRESSES: &[Kind] = &[Kind::AddressTemplate];
const SERVICES: &[Kind] = &[Kind::ServiceTemplate];
/// The other side of a security-group rule.
pub(crate) const PEER: &[Kind] =
    &[Kind::SecurityGroup, Kind::AddressTemplate, Kind::AddressTemplateGroup];
/// The service of a security-group rule.
pub(crate) const SERVED: &[Kind] = &[Kind::ServiceTemplate, Kind::ServiceTemplateGroup];
/// Targets of load balancers of both networks: CL-10 and CLB-17 tell which of them are allowed.
pub(crate) const TARGET: &[Kind] =
    &[Kind::Instance, Kind::NetworkInterface, Kind::InstanceGroup, Kind::ClassicInstance];
const SNAT: &[Kind] = &[Kind::Subnet, Kind::Instance, Kind::NetworkInterface];

/// Shows every reference to `see`, in the order of sections, of the file, and of the fields.
pub(crate) fn walk<'n>(network: &'n Network, see: See<'_, 'n>) {
    accounts(network, see);
    vpcs(network, see);
    filters(network, see);
    machines(network, see);
    load_balancers(network, see);
    classic(network, see);
    joints(network, see);
    ccns(network, see);
    gateways(network, see);
    for (name, to) in &network.names {
        see(name, &[Field("names")], to, Kind::NAMED);
    }
}

fn accounts<'n>(network: &'n Network, see: See<'_, 'n>) {
    fn of<'n, E: Entity>(section: &'n Section<E>, see: See<'_, 'n>) {
        // an account owns itself
        let section = section.iter().filter(|_| E::KIND != Kind::Account);
        for (id, entity) in section {
            if let Some(account) = &entity.meta().account {
                see(id, &[Field("account")], account, &[Kind::Account]);
            }
        }
    }
    macro_rules! owned {
        ($($section:ident: $kind:ident $row:tt)+) => {
            $(of(&network.$section, see);)+
        };
    }
    sections!(owned);
    for (ccn, entity) in &network.ccns {
        for (table, entity) in &entity.route_tables {
            if let Some(account) = &entity.meta.account {
                let path = [Field("route_tables"), Entry(table), Field("account")];
                see(ccn, &path, account, &[Kind::Account]);
            }
        }
    }
}

fn vpcs<'n>(network: &'n Network, see: See<'_, 'n>) {
    for (id, vpc) in &network.vpcs {
        if let Some(table) = &vpc.default_route_table {
            see(id, &[Field("default_route_table")], table, ROUTE_TABLE);
        }
    }
    for (id, subnet) in &network.subnets {
        see(id, &[Field("vpc")], &subnet.vpc, VPC);
        if let Some(table) = &subnet.route_table {
            see(id, &[Field("route_table")], table, ROUTE_TABLE);
        }
        if let Some(acl) = &subnet.network_acl {
            see(id, &[Field("network_acl")], acl, NETWORK_ACL);
        }
    }
    for (id, table) in &network.route_tables {
        see(id, &[Field("vpc")], &table.vpc, VPC);
        for (index, route) in table.routes.iter().enumerate() {
            if let Some(hop) = route.via.id() {
                let path = [Field("routes"), Index(index), Field("via")];
                see(id, &path, hop, next_hop(&route.via));
            }
        }
    }
    for (id, acl) in &network.network_acls {
        see(id, &[Field("vpc")], &acl.vpc, VPC);
    }
}

/// The kinds that a next hop of this type may name.
pub(crate) fn next_hop(via: &NextHop) -> &'static [Kind] {
    match via {
        NextHop::NatGateway(_) => &[Kind::NatGateway],
        NextHop::VpnGateway(_) => &[Kind::VpnGateway],
        NextHop::DirectConnectGateway(_) => &[Kind::DirectConnectGateway],
        NextHop::PeeringConnection(_) => &[Kind::Peering],
        NextHop::Ccn(_) => CCN,
        NextHop::HaVip(_) => &[Kind::HaVip],
        NextHop::Instance(_) | NextHop::PublicGateway(_) => INSTANCE,
        NextHop::Eip => &[],
    }
}

fn filters<'n>(network: &'n Network, see: See<'_, 'n>) {
    for (id, group) in &network.security_groups {
        rules(id, ["ingress", "from"], &group.ingress, see);
        rules(id, ["egress", "to"], &group.egress, see);
    }
    for (id, group) in &network.address_template_groups {
        list(id, "templates", &group.templates, ADDRESSES, see);
    }
    for (id, group) in &network.service_template_groups {
        list(id, "templates", &group.templates, SERVICES, see);
    }
}

fn rules<'n>(
    id: &'n Id,
    [field, peer]: [&'static str; 2],
    rules: &'n [SecurityGroupRule],
    see: See<'_, 'n>,
) {
    for (index, rule) in rules.iter().enumerate() {
        match &rule.peer {
            Peer::SecurityGroup(named)
            | Peer::AddressTemplate(named)
            | Peer::AddressTemplateGroup(named) => {
                see(id, &[Field(field), Index(index), Field(peer)], named, PEER);
            }
            Peer::Any | Peer::Addresses(_) | Peer::ZeroPrefix(_) => {}
        }
        match &rule.service {
            Served::Template(named) | Served::TemplateGroup(named) => {
                let path = [Field(field), Index(index), Field("service")];
                see(id, &path, named, SERVED);
            }
            Served::Service(_) => {}
        }
    }
}

fn machines<'n>(network: &'n Network, see: See<'_, 'n>) {
    for (id, instance) in &network.instances {
        see(id, &[Field("subnet")], &instance.subnet, SUBNET);
        groups(id, &instance.security_groups, see);
    }
    for (id, interface) in &network.network_interfaces {
        see(id, &[Field("instance")], &interface.instance, INSTANCE);
        see(id, &[Field("subnet")], &interface.subnet, SUBNET);
        groups(id, &interface.security_groups, see);
    }
    for (id, group) in &network.instance_groups {
        see(id, &[Field("subnet")], &group.subnet, SUBNET);
        groups(id, &group.security_groups, see);
    }
    for (id, havip) in &network.havips {
        see(id, &[Field("subnet")], &havip.subnet, SUBNET);
        if let Some(instance) = &havip.bound_to {
            see(id, &[Field("bound_to")], instance, INSTANCE);
        }
    }
    for (id, database) in &network.databases {
        see(id, &[Field("subnet")], &database.subnet, SUBNET);
        groups(id, &database.security_groups, see);
        for (index, old) in database.old_vips.iter().enumerate() {
            if let OldNetwork::Vpc(vpc) = &old.network {
                let path = [Field("old_vips"), Index(index), Field("network")];
                see(id, &path, vpc, VPC);
            }
        }
    }
}

fn load_balancers<'n>(network: &'n Network, see: See<'_, 'n>) {
    for (id, balancer) in &network.load_balancers {
        match &balancer.network {
            LoadBalancerNetwork::Internal { subnet, .. } => {
                see(id, &[Field("network"), Field("subnet")], subnet, SUBNET);
            }
            LoadBalancerNetwork::Public { vpc, .. } => {
                see(id, &[Field("network"), Field("vpc")], vpc, VPC);
            }
        }
        groups(id, &balancer.security_groups, see);
        targets(id, &balancer.listeners, see);
    }
}

fn targets<'n>(id: &'n Id, listeners: &'n [super::super::Listener], see: See<'_, 'n>) {
    for (listener, entry) in listeners.iter().enumerate() {
        for (target, named) in entry.targets.iter().enumerate() {
            let path = [
                Field("listeners"),
                Index(listener),
                Field("targets"),
                Index(target),
                Field("instance"),
            ];
            see(id, &path, &named.instance, TARGET);
        }
    }
}

fn classic<'n>(network: &'n Network, see: See<'_, 'n>) {
    for (id, instance) in &network.classic_instances {
        groups(id, &instance.security_groups, see);
    }
    for (id, balancer) in &network.classic_load_balancers {
        targets(id, &balancer.listeners, see);
    }
}

fn joints<'n>(network: &'n Network, see: See<'_, 'n>) {
    for (vpc, links) in &network.classic_links {
        see(vpc, &[], vpc, VPC);
        for (index, link) in links.iter().enumerate() {
            let path = [Field("classic_links"), Index(index)];
            see(vpc, &path, &link.instance, ANY);
        }
    }
    for (id, connection) in &network.endpoint_connections {
        see(id, &[Field("vpc")], &connection.vpc, VPC);
        see(id, &[Field("target")], &connection.target, ANY);
    }
    for (id, service) in &network.endpoint_services {
        see(id, &[Field("vpc")], &service.vpc, VPC);
        see(id, &[Field("load_balancer")], &service.load_balancer, ANY);
        list(id, "allowed_accounts", &service.allowed_accounts, ACCOUNT, see);
    }
    for (id, endpoint) in &network.vpc_endpoints {
        see(id, &[Field("subnet")], &endpoint.subnet, SUBNET);
        see(id, &[Field("service")], &endpoint.service, SERVICE);
        groups(id, &endpoint.security_groups, see);
    }
    for (id, peering) in &network.peerings {
        see(id, &[Field("between"), Index(0)], &peering.between.0, VPC);
        see(id, &[Field("between"), Index(1)], &peering.between.1, VPC);
    }
}

fn ccns<'n>(network: &'n Network, see: See<'_, 'n>) {
    for (id, ccn) in &network.ccns {
        for (index, member) in ccn.attachments.iter().enumerate() {
            let path = [Field("attachments"), Index(index)];
            see(id, &path, member.id(), member_kind(member));
        }
        for (index, route) in ccn.routes.iter().enumerate() {
            let path = [Field("routes"), Index(index), Field("next")];
            see(id, &path, route.next.id(), member_kind(&route.next));
        }
        for (table, entry) in &ccn.route_tables {
            let table = [Field("route_tables"), Entry(table)];
            for (index, member) in entry.attachments.iter().enumerate() {
                let path = [table[0], table[1], Field("attachments"), Index(index)];
                see(id, &path, member.id(), member_kind(member));
            }
            for (index, policy) in entry.accept.iter().enumerate() {
                if let Some(from) = &policy.from {
                    let policy = [Field("accept"), Index(index), Field("from")];
                    let path = [table[0], table[1], policy[0], policy[1], policy[2]];
                    see(id, &path, from.id(), member_kind(from));
                }
            }
        }
        for (index, selection) in ccn.selection.iter().enumerate() {
            let of = |field| [Field("selection"), Index(index), Field(field)];
            let member = &selection.attachment;
            see(id, &of("attachment"), member.id(), member_kind(member));
            let table = &selection.route_table;
            see(id, &of("route_table"), table, &[Kind::CcnRouteTable]);
        }
    }
}

/// The kind that a member of this type may name.
fn member_kind(member: &CcnMember) -> &'static [Kind] {
    match member {
        CcnMember::Vpc(_) => VPC,
        CcnMember::VpnGateway(_) => &[Kind::VpnGateway],
        CcnMember::DirectConnectGateway(_) => &[Kind::DirectConnectGateway],
    }
}

fn gateways<'n>(network: &'n Network, see: See<'_, 'n>) {
    for (id, nat) in &network.nat_gateways {
        see(id, &[Field("vpc")], &nat.vpc, VPC);
        for (index, rule) in nat.snat.iter().enumerate() {
            let path = [Field("snat"), Index(index), Field("from")];
            match &rule.from {
                SnatSource::Subnet(named) | SnatSource::Instance(named) => {
                    see(id, &path, named, SNAT);
                }
                SnatSource::Cidr(_) => {}
            }
        }
    }
    for (id, gateway) in &network.vpn_gateways {
        attached_to(id, &gateway.attached_to, see);
        for (index, connection) in gateway.connections.iter().enumerate() {
            let path = [Field("connections"), Index(index), Field("site")];
            see(id, &path, &connection.site, SITE);
        }
        for (index, route) in gateway.routes.iter().enumerate() {
            let path = [Field("routes"), Index(index), Field("connection")];
            see(id, &path, &route.connection, &[Kind::VpnConnection]);
        }
    }
    for (id, gateway) in &network.direct_connect_gateways {
        attached_to(id, &gateway.attached_to, see);
        for (index, tunnel) in gateway.tunnels.iter().enumerate() {
            let path = [Field("tunnels"), Index(index), Field("site")];
            see(id, &path, &tunnel.site, SITE);
        }
    }
}

fn attached_to<'n>(id: &'n Id, attachment: &'n Attachment, see: See<'_, 'n>) {
    match attachment {
        Attachment::Vpc(vpc) => see(id, &[Field("attached_to")], vpc, VPC),
        Attachment::Ccn(ccn) => see(id, &[Field("attached_to")], ccn, CCN),
    }
}

fn groups<'n>(id: &'n Id, groups: &'n [Id], see: See<'_, 'n>) {
    list(id, "security_groups", groups, GROUP, see);
}

fn list<'n>(
    id: &'n Id,
    field: &'static str,
    named: &'n [Id],
    wanted: &'static [Kind],
    see: See<'_, 'n>,
) {
    for (index, named) in named.iter().enumerate() {
        see(id, &[Field(field), Index(index)], named, wanted);
    }
}
