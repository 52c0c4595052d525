//! Cloud Connect Networks.

use super::layout::{Node, Record};
use super::{Names, Write};
use crate::id::Id;
use crate::model::{Ccn, CcnBandwidth, CcnMember, CcnRouteTable};
use crate::space::Action;

impl Write for Ccn {
    fn node(&self, id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, route_overlap, bandwidth, attachments, routes, route_tables, selection } =
            self;
        let routes = routes.iter().map(|route| {
            Record::new()
                .field("to", Node::text(route.to))
                .field("next", member(&route.next, names))
                .unless(true, "enabled", route.enabled)
                .node()
        });
        let tables = route_tables.iter();
        let tables = tables.map(|(id, table)| (id.to_string(), route_table(table, names)));
        let selection = selection.iter().map(|policy| {
            Record::new()
                .field("attachment", member(&policy.attachment, names))
                .field("source", Node::text(policy.source))
                .field("route_table", names.id(&policy.route_table))
                .node()
        });
        let bandwidth = bandwidth.map(|bandwidth| {
            Node::word(match bandwidth {
                CcnBandwidth::Configured => "Configured",
                CcnBandwidth::Missing => "Missing",
            })
        });
        names
            .meta(Record::new(), meta)
            .unless(false, "route_overlap", *route_overlap)
            .optional("bandwidth", bandwidth)
            .unless_empty(
                "attachments",
                names.items(id, "attachments", members(attachments, names)),
            )
            .unless_empty("routes", names.items(id, "routes", routes))
            .unless_empty("route_tables", Node::map(tables))
            .unless_empty("selection", names.items(id, "selection", selection))
            .node()
    }
}

fn route_table(table: &CcnRouteTable, names: &Names<'_>) -> Node {
    let policies = table.accept.iter().map(|policy| {
        let drop = policy.action == Action::Drop;
        Record::new()
            .optional("from", policy.from.as_ref().map(|from| member(from, names)))
            .optional("cidr", policy.cidr.map(Node::text))
            .optional("action", drop.then(|| Node::word("Drop")))
            .node()
    });
    names
        .meta(Record::new(), &table.meta)
        .unless_empty("attachments", Node::list(members(&table.attachments, names)))
        .unless_empty("accept", Node::list(policies))
        .node()
}

fn members(members: &[CcnMember], names: &Names<'_>) -> Vec<Node> {
    members.iter().map(|it| member(it, names)).collect()
}

fn member(member: &CcnMember, names: &Names<'_>) -> Node {
    let word = match member {
        CcnMember::Vpc(_) => "Vpc",
        CcnMember::VpnGateway(_) => "VpnGateway",
        CcnMember::DirectConnectGateway(_) => "DirectConnectGateway",
    };
    Node::tuple(word, [names.id(member.id())])
}
