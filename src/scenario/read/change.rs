//! Changes, named after the cloud's API actions (section 6 of the format).

use super::balancer::{listener_key, target};
use super::filter::{Direction, acl_rule, group_rule};
use super::network::{Outline, Scope, field_of, outline_of};
use super::vpc::route;
use crate::code::Code;
use crate::diagnostic::Diagnostic;
use crate::id::Id;
use crate::model::{Change, IsolationReason, Kind, MigrationKind};
use crate::scenario::PlannedChange;
use crate::scenario::fields::Fields;
use crate::scenario::known::Known;
use crate::scenario::near;
use crate::scenario::origin::ChangeOrigin;
use crate::scenario::reader::Reader;
use crate::scenario::reference::{ANY, ENDPOINT, Wanted, only};
use crate::scenario::value::Value;
use crate::scenario::word::{address, cidr, number, reference, word};

/// The names of the changes, in the order of the format.
const NAMES: [&str; 28] = [
    "AttachClassicLinkVpc",
    "DetachClassicLinkVpc",
    "ModifyPrivateIpAddress",
    "TerminateInstances",
    "IsolateInstance",
    "RecoverInstance",
    "MigrateInstance",
    "ResizeInstance",
    "ResetInstance",
    "RegisterTargets",
    "DeregisterTargets",
    "CreateSecurityGroupPolicies",
    "DeleteSecurityGroupPolicies",
    "ModifySecurityGroupPolicies",
    "AssociateSecurityGroups",
    "ModifyNetworkAclEntries",
    "AssociateNetworkAclSubnets",
    "DisassociateNetworkAclSubnets",
    "CreateRoutes",
    "DeleteRoutes",
    "EnableRoutes",
    "DisableRoutes",
    "ReplaceRouteTableAssociation",
    "Create",
    "Replace",
    "Delete",
    "Down",
    "Up",
];
const ISOLATIONS: &[(&str, IsolationReason)] = &[
    ("Arrears", IsolationReason::Arrears),
    ("Security", IsolationReason::Security),
];
const MIGRATIONS: &[(&str, MigrationKind)] = &[
    ("Cold", MigrationKind::Cold),
    ("Failure", MigrationKind::Failure),
];

/// Machines, in a VPC or classic.
const MACHINES: Wanted = only(&[Kind::Instance, Kind::ClassicInstance]);
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
]);
/// What can fail and recover.
const FALLIBLE: Wanted = only(&[
    Kind::VpnConnection,
    Kind::DirectConnectTunnel,
    Kind::Peering,
    Kind::Vpc,
    Kind::VpnGateway,
    Kind::DirectConnectGateway,
    Kind::NatGateway,
    Kind::Instance,
    Kind::ClassicInstance,
]);
const BALANCERS: Wanted = only(&[Kind::LoadBalancer, Kind::ClassicLoadBalancer]);

/// A change of a stage, `Refused(…)` included.
pub fn planned<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<PlannedChange> {
    let span = at.span(value.text());
    let Some(("Refused", payload)) = value.variant() else {
        let change = change(value, at)?;
        return Some(PlannedChange {
            change,
            refused: None,
            span,
            origin: ChangeOrigin { span },
        });
    };
    let (word, _) = value.variant()?;
    let mut fields = Fields::of_variant(word, payload, "Refused", at)?;
    let refused = fields.required("because", refusal);
    let inner = fields.required_value("change");
    fields.finish();
    let inner = inner?;
    at.expected_refusal = refused;
    let change = change(inner, at);
    at.expected_refusal = None;
    let origin = ChangeOrigin {
        span: at.span(inner.text()),
    };
    Some(PlannedChange {
        change: change?,
        refused: Some(refused?),
        span,
        origin,
    })
}

fn refusal<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Code> {
    let text = at.string(value)?;
    if let Some(code) = Code::from_name(&text).filter(|code| code.can_refuse()) {
        return Some(code);
    }
    let message = match Code::from_name(&text) {
        Some(_) => format!("`{text}` is no refusal of a change"),
        None => format!("there is no refusal `{text}`"),
    };
    let names = Code::ALL
        .iter()
        .filter(|code| code.can_refuse())
        .map(|code| code.name());
    let span = at.span(value.text());
    let help = near::nearest(&text, names).map(near::question);
    at.report(Diagnostic {
        help,
        ..Diagnostic::error(Code::UnknownReason, span, message)
    });
    None
}

/// The change inside a `Refused`, or the value itself.
fn bare(value: Value<'_>) -> Value<'_> {
    match value.variant() {
        Some(("Refused", payload)) => field_of(payload.unwrapped(), "change").unwrap_or(value),
        _ => value,
    }
}

/// What a change creates, if it can be read.
pub fn creation<'src>(value: Value<'src>, at: &Reader<'src>) -> Option<Outline<'src>> {
    let (word @ ("Create" | "Replace"), payload) = bare(value).variant()? else {
        return None;
    };
    let mut quiet = Reader::new(at.texts.clone(), Known::default());
    Fields::of_variant(word, payload, "network", &mut quiet).map(outline_of)
}

fn change<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Change> {
    let (name, payload) = at.variant(value, &NAMES)?;
    match name {
        "TerminateInstances" => ids(name, payload, at, ENDPOINT).map(Change::TerminateInstances),
        "Delete" => ids(name, payload, at, ANY).map(Change::Delete),
        "Down" => at.named(name, payload, FALLIBLE).map(Change::Down),
        "Up" => at.named(name, payload, FALLIBLE).map(Change::Up),
        "Create" | "Replace" => {
            let outline = outline_of(Fields::of_variant(name, payload, "network", at)?);
            at.define(&outline, Scope::Change);
            let fragment = Box::new(at.fragment(&outline));
            Some(if name == "Create" {
                Change::Create(fragment)
            } else {
                Change::Replace(fragment)
            })
        }
        _ => {
            let what = NAMES.into_iter().find(|known| *known == name)?;
            let mut fields = Fields::of_variant(name, payload, what, at)?;
            let change = match name {
                "RegisterTargets" | "DeregisterTargets" => targets(name, &mut fields),
                "CreateRoutes"
                | "DeleteRoutes"
                | "EnableRoutes"
                | "DisableRoutes"
                | "ReplaceRouteTableAssociation" => routing(name, &mut fields),
                "CreateSecurityGroupPolicies"
                | "DeleteSecurityGroupPolicies"
                | "ModifySecurityGroupPolicies" => policies(name, &mut fields),
                "ModifyNetworkAclEntries"
                | "AssociateNetworkAclSubnets"
                | "DisassociateNetworkAclSubnets" => acl(name, &mut fields),
                _ => machine(name, &mut fields),
            };
            fields.finish();
            change
        }
    }
}

/// The list in `Delete(["a", "b"])`.
fn ids<'src>(
    name: &'src str,
    payload: Value<'src>,
    at: &mut Reader<'src>,
    wanted: Wanted,
) -> Option<Vec<Id>> {
    let list = at.single(name, payload)?;
    at.list(list, reference(wanted))
}

fn machine(name: &str, fields: &mut Fields<'_, '_>) -> Option<Change> {
    match name {
        "AttachClassicLinkVpc" | "DetachClassicLinkVpc" => {
            let vpc = fields.required("vpc", reference(only(&[Kind::Vpc])));
            let instances = fields.required_list("instances", reference(ENDPOINT));
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

fn targets(name: &str, fields: &mut Fields<'_, '_>) -> Option<Change> {
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

fn policies(name: &str, fields: &mut Fields<'_, '_>) -> Option<Change> {
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

fn acl(name: &str, fields: &mut Fields<'_, '_>) -> Option<Change> {
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

fn routing(name: &str, fields: &mut Fields<'_, '_>) -> Option<Change> {
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
    let to = fields.required_list("to", cidr);
    let (route_table, to) = (route_table?, to?);
    Some(match name {
        "DeleteRoutes" => Change::DeleteRoutes { route_table, to },
        "EnableRoutes" => Change::EnableRoutes { route_table, to },
        _ => Change::DisableRoutes { route_table, to },
    })
}
