//! Accounts, VPCs, subnets, route tables, sites, switches.

use super::layout::{Node, Record};
use super::{Names, Write};
use crate::id::Id;
use crate::model::{
    Account, CcnPublication, NextHop, Platform, Route, RouteTable, Site, Subnet,
    SupportedPlatforms, Vpc,
};

impl Write for Account {
    fn node(&self, _id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, supported_platforms } = self;
        let only = *supported_platforms == SupportedPlatforms::OnlyVpc;
        names
            .meta(Record::new(), meta)
            .optional("supported_platforms", only.then(|| Node::word("OnlyVpc")))
            .node()
    }
}

impl Write for Vpc {
    fn node(&self, _id: &Id, names: &Names<'_>) -> Node {
        let Self {
            meta,
            region,
            cidr,
            secondary_cidrs,
            ipv6_cidr,
            default_route_table,
            publish_to_ccn,
        } = self;
        let cidrs = *publish_to_ccn == CcnPublication::Cidrs;
        names
            .meta(Record::new(), meta)
            .field("region", Node::text(region))
            .field("cidr", Node::text(*cidr))
            .unless_empty("secondary_cidrs", Node::list(secondary_cidrs.iter().map(Node::text)))
            .optional("ipv6_cidr", ipv6_cidr.map(Node::text))
            .optional("default_route_table", default_route_table.as_ref().map(|id| names.id(id)))
            .optional("publish_to_ccn", cidrs.then(|| Node::word("Cidrs")))
            .node()
    }
}

impl Write for Subnet {
    fn node(&self, _id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, vpc, zone, cidr, ipv6_cidr, route_table, network_acl } = self;
        names
            .meta(Record::new(), meta)
            .field("vpc", names.id(vpc))
            .optional("zone", zone.as_ref().map(Node::text))
            .field("cidr", Node::text(*cidr))
            .optional("ipv6_cidr", ipv6_cidr.map(Node::text))
            .optional("route_table", route_table.as_ref().map(|id| names.id(id)))
            .optional("network_acl", network_acl.as_ref().map(|id| names.id(id)))
            .node()
    }
}

impl Write for RouteTable {
    fn node(&self, id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, vpc, routes } = self;
        let routes = routes.iter().map(|one| route(one, names));
        let routes = names.items(id, "routes", routes).tall();
        names
            .meta(Record::new(), meta)
            .field("vpc", names.id(vpc))
            .unless_empty("routes", routes)
            .node()
    }
}

/// A route of a table.
pub fn route(route: &Route, names: &Names<'_>) -> Node {
    let via = next_hop(&route.via, names);
    Record::new()
        .field("to", Node::text(route.to))
        .field("via", via)
        .unless(true, "enabled", route.enabled)
        .optional("priority", (route.priority != 0).then(|| Node::word(route.priority)))
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

impl Write for Site {
    fn node(&self, _id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, cidrs } = self;
        names
            .meta(Record::new(), meta)
            .field("cidrs", Node::list(cidrs.iter().map(Node::text)))
            .node()
    }
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
