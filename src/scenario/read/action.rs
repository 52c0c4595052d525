//! The fields of the changes that have named ones.

use super::balancer::{listener_key, target};
use super::filter::{Direction, acl_rule, group_rule};
use super::vpc::{next_hop, route};
use crate::id::Id;
use crate::model::{Change, IsolationReason, Kind, MigrationKind, NextHop, RouteName};
use crate::scenario::fields::Fields;
use crate::scenario::reader::Reader;
use crate::scenario::reference::{ANY, Wanted, only};
use crate::scenario::value::Value;
use crate::scenario::variant::word;
use crate::scenario::word::{address, cidr, number, reference};

const ISOLATIONS: &[(&str, IsolationReason)] = &[
    ("Arrears", IsolationReason::Arrears),
    ("Security", IsolationReason::Security),
];
const MIGRATIONS: &[(&str, MigrationKind)] = &[
    ("Cold", MigrationKind::Cold),
    ("Failure", MigrationKind::Failure),
];

/// The longest time that a change or an old address can name, in hours: a year.
pub const MOST_HOURS: u32 = 8760;

/// Machines, in a VPC or classic.
pub const MACHINES: Wanted = only(&[Kind::Instance, Kind::ClassicInstance]);
/// What has a private address that can be changed.
const MOVABLE: Wanted = only(&[
    Kind::Instance,
    Kind::ClassicInstance,
    Kind::NetworkInterface,
]);
/// What security groups can be bound to (SG-16).
const GUARDED: Wanted = only(&[
    Kind::Instance,
    Kind::ClassicInstance,
    Kind::NetworkInterface,
    Kind::InstanceGroup,
    Kind::Database,
    Kind::LoadBalancer,
    Kind::VpcEndpoint,
]);
const BALANCERS: Wanted = only(&[Kind::LoadBalancer, Kind::ClassicLoadBalancer]);

/// Classic links, and what is done to machines.
pub fn machine(name: &str, fields: &mut Fields<'_, '_>) -> Option<Change> {
    match name {
        "AttachClassicLinkVpc" | "DetachClassicLinkVpc" => {
            let vpc = fields.required("vpc", reference(only(&[Kind::Vpc])));
            let instances = fields.required_list("instances", reference(ANY));
            let (vpc, instances) = (vpc?, instances?);
            Some(if name == "AttachClassicLinkVpc" {
                Change::AttachClassicLinkVpc { vpc, instances }
            } else {
                Change::DetachClassicLinkVpc { vpc, instances }
            })
        }
        "ModifyPrivateIpAddress" => {
            let instance = fields.required("instance", reference(MOVABLE));
            let ip = fields.required("ip", address);
            Some(Change::ModifyPrivateIpAddress {
                instance: instance?,
                ip: ip?,
            })
        }
        "IsolateInstance" => {
            let instance = fields.required("instance", reference(MACHINES));
            let reason = fields.required("reason", word(ISOLATIONS));
            Some(Change::IsolateInstance {
                instance: instance?,
                reason: reason?,
            })
        }
        "MigrateInstance" => {
            let instance = fields.required("instance", reference(MACHINES));
            let kind = fields.required("kind", word(MIGRATIONS));
            Some(Change::MigrateInstance {
                instance: instance?,
                kind: kind?,
            })
        }
        "AssociateSecurityGroups" => {
            let instance = fields.required("instance", reference(GUARDED));
            let security_groups = fields.security_groups();
            Some(Change::AssociateSecurityGroups {
                instance: instance?,
                security_groups: security_groups?,
            })
        }
        "RecoverInstance" => {
            let instance = fields.required("instance", reference(MACHINES))?;
            Some(Change::RecoverInstance { instance })
        }
        "ResizeInstance" => {
            let instance = fields.required("instance", reference(MACHINES))?;
            Some(Change::ResizeInstance { instance })
        }
        _ => {
            let instance = fields.required("instance", reference(MACHINES))?;
            Some(Change::ResetInstance { instance })
        }
    }
}

/// Moving into a VPC, and what ends with time.
pub fn moving(name: &str, fields: &mut Fields<'_, '_>) -> Option<Change> {
    match name {
        "ReleaseOldVip" => {
            let database = fields.required("database", reference(ANY))?;
            Some(Change::ReleaseOldVip { database })
        }
        "Advance" => {
            let hours = fields.required("hours", number(1, MOST_HOURS))?;
            Some(Change::Advance { hours })
        }
        "SwitchName" => {
            let name = fields.required("name", name_of);
            let to = fields.required("to", reference(ANY));
            Some(Change::SwitchName {
                name: name?,
                to: to?,
            })
        }
        _ => {
            let is_database = name == "ModifyDBInstanceVipVport";
            let (database, instances) = if is_database {
                (fields.required("database", reference(ANY)), None)
            } else {
                (None, fields.required_list("instances", reference(ANY)))
            };
            let vpc = fields.required("vpc", reference(only(&[Kind::Vpc])));
            let subnet = fields.required("subnet", reference(only(&[Kind::Subnet])));
            let group = reference(only(&[Kind::SecurityGroup]));
            let change = if is_database {
                Change::ModifyDBInstanceVipVport {
                    ip: fields.optional("ip", address),
                    keep_old_hours: fields.optional("keep_old_hours", number(0, MOST_HOURS)),
                    security_groups: fields.optional_list("security_groups", group),
                    database: database?,
                    vpc: vpc?,
                    subnet: subnet?,
                }
            } else {
                Change::ModifyInstancesVpcAttribute {
                    ips: fields.optional_list("ips", address),
                    security_groups: fields.optional_list("security_groups", group),
                    instances: instances?,
                    vpc: vpc?,
                    subnet: subnet?,
                }
            };
            Some(change)
        }
    }
}

/// A name of `names`.
fn name_of<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Id> {
    let text = at.exact(value)?;
    let name = Id::from(text.as_ref());
    at.refer_name(&name, value);
    Some(name)
}

/// Targets of load balancers.
pub fn targets(name: &str, fields: &mut Fields<'_, '_>) -> Option<Change> {
    let load_balancer = fields.required("load_balancer", reference(BALANCERS));
    let listener = fields.required("service", listener_key);
    let targets = fields.required_list("targets", target);
    let (load_balancer, listener, targets) = (load_balancer?, listener?, targets?);
    Some(if name == "RegisterTargets" {
        Change::RegisterTargets {
            load_balancer,
            listener,
            targets,
        }
    } else {
        Change::DeregisterTargets {
            load_balancer,
            listener,
            targets,
        }
    })
}

/// Rules of security groups.
pub fn policies(name: &str, fields: &mut Fields<'_, '_>) -> Option<Change> {
    let security_group = fields.required("security_group", reference(only(&[Kind::SecurityGroup])));
    if name == "DeleteSecurityGroupPolicies" {
        let ingress = fields.list("ingress", number(0, usize::MAX));
        let egress = fields.list("egress", number(0, usize::MAX));
        return Some(Change::DeleteSecurityGroupPolicies {
            security_group: security_group?,
            ingress,
            egress,
        });
    }
    let ingress = fields.optional_list("ingress", group_rule(Direction::Ingress));
    let egress = fields.optional_list("egress", group_rule(Direction::Egress));
    if name == "ModifySecurityGroupPolicies" {
        return Some(Change::ModifySecurityGroupPolicies {
            security_group: security_group?,
            ingress,
            egress,
        });
    }
    let at = fields.optional("at", number(0, usize::MAX)).unwrap_or(0);
    let (ingress, egress) = (ingress.unwrap_or_default(), egress.unwrap_or_default());
    Some(Change::CreateSecurityGroupPolicies {
        security_group: security_group?,
        ingress,
        egress,
        at,
    })
}

/// Rules of network ACLs, and the subnets that they serve.
pub fn acl(name: &str, fields: &mut Fields<'_, '_>) -> Option<Change> {
    let network_acl = fields.required("network_acl", reference(only(&[Kind::NetworkAcl])));
    if name == "ModifyNetworkAclEntries" {
        let ingress = fields.optional_list("ingress", acl_rule);
        let egress = fields.optional_list("egress", acl_rule);
        return Some(Change::ModifyNetworkAclEntries {
            network_acl: network_acl?,
            ingress,
            egress,
        });
    }
    let subnets = fields.required_list("subnets", reference(only(&[Kind::Subnet])));
    let (network_acl, subnets) = (network_acl?, subnets?);
    Some(if name == "AssociateNetworkAclSubnets" {
        Change::AssociateNetworkAclSubnets {
            network_acl,
            subnets,
        }
    } else {
        Change::DisassociateNetworkAclSubnets {
            network_acl,
            subnets,
        }
    })
}

/// Routes, and the tables of subnets.
pub fn routing(name: &str, fields: &mut Fields<'_, '_>) -> Option<Change> {
    if name == "ReplaceRouteTableAssociation" {
        let subnet = fields.required("subnet", reference(only(&[Kind::Subnet])));
        let route_table = fields.required("route_table", reference(only(&[Kind::RouteTable])));
        return Some(Change::ReplaceRouteTableAssociation {
            subnet: subnet?,
            route_table: route_table?,
        });
    }
    let route_table = fields.required("route_table", reference(only(&[Kind::RouteTable])));
    if name == "CreateRoutes" {
        let routes = fields.required_list("routes", route);
        return Some(Change::CreateRoutes {
            route_table: route_table?,
            routes: routes?,
        });
    }
    let to = fields.required_list("to", route_name);
    let (route_table, to) = (route_table?, to?);
    Some(match name {
        "DeleteRoutes" => Change::DeleteRoutes { route_table, to },
        "EnableRoutes" => Change::EnableRoutes { route_table, to },
        _ => Change::DisableRoutes { route_table, to },
    })
}

/// What a route leads to. It stays when that goes, so it may be named by what is there no more; what names no route is refused
/// when it is applied.
fn hop_of_a_route<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<NextHop> {
    let met = at.references.len();
    let hop = next_hop(value, at);
    at.references.truncate(met);
    hop
}

/// Which routes are meant: `"10.0.0.0/8"`, or `(to: "10.0.0.0/8", via: NatGateway("nat-1"))` for one of several.
fn route_name<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<RouteName> {
    if value.fields().is_err() {
        return cidr(value, at).map(RouteName::from);
    }
    let mut fields = Fields::of(value, "route", at)?;
    let to = fields.required("to", cidr);
    let via = fields.optional("via", hop_of_a_route);
    fields.finish();
    Some(RouteName { to: to?, via })
}
