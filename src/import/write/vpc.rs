//! Accounts, VPCs, subnets, route tables, sites, switches.

use super::Names;
use super::layout::{Node, Record};
use crate::id::Id;
use crate::model::{
    Account, CcnPublication, NextHop, Platform, Route, RouteTable, Site, Subnet,
    SupportedPlatforms, Vpc,
};

pub fn account(account: &Account, names: &Names<'_>) -> Node {
    let only = account.supported_platforms == SupportedPlatforms::OnlyVpc;
    names
        .meta(Record::new(), &account.meta)
        .optional("supported_platforms", only.then(|| Node::word("OnlyVpc")))
        .node()
}

pub fn vpc(vpc: &Vpc, names: &Names<'_>) -> Node {
    let cidrs = vpc.publish_to_ccn == CcnPublication::Cidrs;
    names
        .meta(Record::new(), &vpc.meta)
        .field("region", Node::text(&vpc.region))
        .field("cidr", Node::text(vpc.cidr))
        .unless_empty(
            "secondary_cidrs",
            Node::list(vpc.secondary_cidrs.iter().map(Node::text)),
        )
        .optional("ipv6_cidr", vpc.ipv6_cidr.map(Node::text))
        .optional(
            "default_route_table",
            vpc.default_route_table.as_ref().map(|id| names.id(id)),
        )
        .optional("publish_to_ccn", cidrs.then(|| Node::word("Cidrs")))
        .node()
}

pub fn subnet(subnet: &Subnet, names: &Names<'_>) -> Node {
    names
        .meta(Record::new(), &subnet.meta)
        .field("vpc", names.id(&subnet.vpc))
        .optional("zone", subnet.zone.as_ref().map(Node::text))
        .field("cidr", Node::text(subnet.cidr))
        .optional("ipv6_cidr", subnet.ipv6_cidr.map(Node::text))
        .optional(
            "route_table",
            subnet.route_table.as_ref().map(|id| names.id(id)),
        )
        .optional(
            "network_acl",
            subnet.network_acl.as_ref().map(|id| names.id(id)),
        )
        .node()
}

pub fn route_table(id: &Id, table: &RouteTable, names: &Names<'_>) -> Node {
    let routes = table.routes.iter().map(|one| route(one, names));
    let routes = names.items(id, "routes", routes).tall();
    names
        .meta(Record::new(), &table.meta)
        .field("vpc", names.id(&table.vpc))
        .unless_empty("routes", routes)
        .node()
}

/// A route of a table.
pub fn route(route: &Route, names: &Names<'_>) -> Node {
    let via = next_hop(&route.via, names);
    Record::new()
        .field("to", Node::text(route.to))
        .field("via", via)
        .unless(true, "enabled", route.enabled)
        .optional(
            "priority",
            (route.priority != 0).then(|| Node::word(route.priority)),
        )
        .unless(false, "publish", route.publish)
        .node()
}

/// Where a route leads.
pub fn next_hop(via: &NextHop, names: &Names<'_>) -> Node {
    match via.id() {
        Some(hop) => Node::tuple(via.word(), [names.id(hop)]),
        None => Node::word(NextHop::Eip.word()),
    }
}

pub fn site(site: &Site, names: &Names<'_>) -> Node {
    names
        .meta(Record::new(), &site.meta)
        .field("cidrs", Node::list(site.cidrs.iter().map(Node::text)))
        .node()
}

pub fn platform(platform: Platform) -> Node {
    let usual = Platform::default();
    Record::new()
        .unless(
            usual.outbound_smtp_blocked,
            "outbound_smtp_blocked",
            platform.outbound_smtp_blocked,
        )
        .unless(
            usual.strict_classic_link_range,
            "strict_classic_link_range",
            platform.strict_classic_link_range,
        )
        .unless(
            usual.endpoint_connection_transit,
            "endpoint_connection_transit",
            platform.endpoint_connection_transit,
        )
        .node()
}
