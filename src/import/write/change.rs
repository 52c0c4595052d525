//! Changes, in the words that scenario files and `whatif --change-file` take them in.
//!
//! What is written reads back as the same change: the readers are in `scenario`.

use super::Names;
use super::balancer::target;
use super::filter::{acl_rule, group_rule, ports};
use super::layout::{Node, Record};
use super::vpc::{next_hop, route};
use crate::id::Id;
use crate::import::document::Document;
use crate::model::{
    AclRule, Change, Fragment, IsolationReason, ListenerKey, MigrationKind, Protocols, Route,
    RouteName, SecurityGroupRule, Target,
};

/// A longer line is broken: changes are also shown on terminals, indented.
const WIDTH: usize = 92;

/// The text of a change, without a line break at its end.
#[must_use]
pub fn write_change(change: &Change) -> String {
    let nobody = Document::default();
    let names = Names::new(&nobody);
    let node = match change {
        Change::Create(fragment) | Change::Replace(fragment) => whole(change.action(), fragment),
        _ => machines(change, &names)
            .or_else(|| moving(change, &names))
            .or_else(|| policies(change, &names))
            .or_else(|| routing(change, &names))
            .unwrap_or_else(|| simple(change, &names)),
    };
    let text = laid_out(&node);
    if text.lines().all(|line| line.chars().count() <= WIDTH) {
        return text;
    }
    laid_out(&node.tall())
}

fn laid_out(node: &Node) -> String {
    let mut text = String::new();
    node.write("", 0, "", &mut text);
    text.truncate(text.trim_end().len());
    text
}

/// Whole entities.
fn whole(action: &'static str, fragment: &Fragment) -> Node {
    let document = Document {
        fragment: fragment.clone(),
        ..Document::default()
    };
    Names::new(&document).sections(Record::of(action)).node()
}

/// What is done to machines, their links and their load balancers.
fn machines(change: &Change, names: &Names<'_>) -> Option<Node> {
    let record = Record::of(change.action());
    let record = match change {
        Change::AttachClassicLinkVpc { vpc, instances }
        | Change::DetachClassicLinkVpc { vpc, instances } => record
            .field("vpc", names.id(vpc))
            .field("instances", names.ids(instances)),
        Change::ModifyPrivateIpAddress { instance, ip } => record
            .field("instance", names.id(instance))
            .field("ip", Node::text(ip)),
        Change::IsolateInstance { instance, reason } => {
            let reason = match reason {
                IsolationReason::Arrears => "Arrears",
                IsolationReason::Security => "Security",
            };
            record
                .field("instance", names.id(instance))
                .field("reason", Node::word(reason))
        }
        Change::MigrateInstance { instance, kind } => {
            let kind = match kind {
                MigrationKind::Cold => "Cold",
                MigrationKind::Failure => "Failure",
            };
            record
                .field("instance", names.id(instance))
                .field("kind", Node::word(kind))
        }
        Change::RecoverInstance { instance }
        | Change::ResizeInstance { instance }
        | Change::ResetInstance { instance } => record.field("instance", names.id(instance)),
        Change::AssociateSecurityGroups {
            instance,
            security_groups,
        } => record
            .field("instance", names.id(instance))
            .field("security_groups", names.ids(security_groups)),
        Change::RegisterTargets {
            load_balancer,
            listener,
            targets,
        }
        | Change::DeregisterTargets {
            load_balancer,
            listener,
            targets,
        } => targets_of(record, load_balancer, listener, targets, names),
        _ => return None,
    };
    Some(record.node())
}

/// Moving into a VPC, and what ends with time.
fn moving(change: &Change, names: &Names<'_>) -> Option<Node> {
    let record = Record::of(change.action());
    let record = match change {
        Change::ModifyInstancesVpcAttribute {
            instances,
            vpc,
            subnet,
            ips,
            security_groups,
        } => {
            let ips = ips.as_ref();
            record
                .field("instances", names.ids(instances))
                .field("vpc", names.id(vpc))
                .field("subnet", names.id(subnet))
                .optional("ips", ips.map(|ips| Node::list(ips.iter().map(Node::text))))
                .optional(
                    "security_groups",
                    security_groups.as_ref().map(|ids| names.ids(ids)),
                )
        }
        Change::ModifyDBInstanceVipVport {
            database,
            vpc,
            subnet,
            ip,
            keep_old_hours,
            security_groups,
        } => record
            .field("database", names.id(database))
            .field("vpc", names.id(vpc))
            .field("subnet", names.id(subnet))
            .optional("ip", ip.map(Node::text))
            .optional("keep_old_hours", keep_old_hours.map(Node::word))
            .optional(
                "security_groups",
                security_groups.as_ref().map(|ids| names.ids(ids)),
            ),
        Change::ReleaseOldVip { database } => record.field("database", names.id(database)),
        Change::Advance { hours } => record.field("hours", Node::word(hours)),
        Change::SwitchName { name, to } => record
            .field("name", Node::text(name))
            .field("to", names.id(to)),
        _ => return None,
    };
    Some(record.node())
}

fn targets_of(
    record: Record,
    balancer: &Id,
    listener: &ListenerKey,
    targets: &[Target],
    names: &Names<'_>,
) -> Record {
    let protocol = match listener.protocols {
        Protocols::One(protocol) => protocol.to_string(),
        Protocols::All => String::from("all"),
    };
    let service = format!("{protocol}:{}", ports(&listener.ports));
    record
        .field("load_balancer", names.id(balancer))
        .field("service", Node::text(service))
        .field(
            "targets",
            Node::list(targets.iter().map(|one| target(one, names))),
        )
}

/// Rules of security groups and network ACLs.
fn policies(change: &Change, names: &Names<'_>) -> Option<Node> {
    let record = Record::of(change.action());
    let group = |own: &'static str, rules: &[SecurityGroupRule]| {
        Node::list(rules.iter().map(|rule| group_rule(own, rule, names)))
    };
    let entries = |rules: &Vec<AclRule>| Node::list(rules.iter().map(acl_rule)).tall();
    let record = match change {
        Change::CreateSecurityGroupPolicies {
            security_group,
            ingress,
            egress,
            at,
        } => record
            .field("security_group", names.id(security_group))
            .unless_empty("ingress", group("from", ingress))
            .unless_empty("egress", group("to", egress))
            .optional("at", (*at != 0).then(|| Node::word(at))),
        Change::DeleteSecurityGroupPolicies {
            security_group,
            ingress,
            egress,
        } => record
            .field("security_group", names.id(security_group))
            .unless_empty("ingress", Node::list(ingress.iter().map(Node::word)))
            .unless_empty("egress", Node::list(egress.iter().map(Node::word))),
        Change::ModifySecurityGroupPolicies {
            security_group,
            ingress,
            egress,
        } => {
            let list = |own, rules: &Option<Vec<SecurityGroupRule>>| {
                rules.as_ref().map(|rules| group(own, rules).tall())
            };
            record
                .field("security_group", names.id(security_group))
                .optional("ingress", list("from", ingress))
                .optional("egress", list("to", egress))
        }
        Change::ModifyNetworkAclEntries {
            network_acl,
            ingress,
            egress,
        } => record
            .field("network_acl", names.id(network_acl))
            .optional("ingress", ingress.as_ref().map(entries))
            .optional("egress", egress.as_ref().map(entries)),
        Change::AssociateNetworkAclSubnets {
            network_acl,
            subnets,
        }
        | Change::DisassociateNetworkAclSubnets {
            network_acl,
            subnets,
        } => record
            .field("network_acl", names.id(network_acl))
            .field("subnets", names.ids(subnets)),
        _ => return None,
    };
    Some(record.node())
}

/// Routes, and the tables of subnets.
fn routing(change: &Change, names: &Names<'_>) -> Option<Node> {
    let record = Record::of(change.action());
    let routes = |routes: &[Route]| Node::list(routes.iter().map(|one| route(one, names)));
    let record = match change {
        Change::CreateRoutes {
            route_table,
            routes: new,
        } => record
            .field("route_table", names.id(route_table))
            .field("routes", routes(new)),
        Change::DeleteRoutes { route_table, to }
        | Change::EnableRoutes { route_table, to }
        | Change::DisableRoutes { route_table, to } => {
            record.field("route_table", names.id(route_table)).field(
                "to",
                Node::list(to.iter().map(|one| route_name(one, names))),
            )
        }
        Change::ReplaceRouteTableAssociation {
            subnet,
            route_table,
        } => record
            .field("subnet", names.id(subnet))
            .field("route_table", names.id(route_table)),
        _ => return None,
    };
    Some(record.node())
}

/// Which routes are meant.
fn route_name(name: &RouteName, names: &Names<'_>) -> Node {
    match &name.via {
        None => Node::text(name.to),
        Some(via) => Record::new()
            .field("to", Node::text(name.to))
            .field("via", next_hop(via, names))
            .node(),
    }
}

/// What takes an id or a list of them.
fn simple(change: &Change, names: &Names<'_>) -> Node {
    let value = match change {
        Change::Down(id) | Change::Up(id) => names.id(id),
        Change::TerminateInstances(ids) | Change::Delete(ids) => names.ids(ids),
        _ => Node::list([]),
    };
    Node::tuple(change.action(), [value])
}
