//! Changes to a network, named after the cloud's API actions (section 6 of the scenario format).
//!
//! This file says what a change *is*; what it does and when the cloud refuses it stands in
//! [`super::apply()`].

use std::net::IpAddr;

use super::{AclRule, Fragment, Network, Protocols, Route, RouteName, SecurityGroupRule, Target};
use crate::id::Id;
use crate::space::IntervalSet;

/// One change. Applying it takes a valid network to a valid network, or is refused.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of the API actions")]
pub enum Change {
    AttachClassicLinkVpc {
        vpc: Id,
        instances: Vec<Id>,
    },
    DetachClassicLinkVpc {
        vpc: Id,
        instances: Vec<Id>,
    },
    ModifyPrivateIpAddress {
        instance: Id,
        ip: IpAddr,
    },
    TerminateInstances(Vec<Id>),
    IsolateInstance {
        instance: Id,
        reason: IsolationReason,
    },
    RecoverInstance {
        instance: Id,
    },
    /// Cold or failure migration: nothing unlinks (CL-19).
    MigrateInstance {
        instance: Id,
        kind: MigrationKind,
    },
    ResizeInstance {
        instance: Id,
    },
    ResetInstance {
        instance: Id,
    },
    RegisterTargets {
        load_balancer: Id,
        listener: ListenerKey,
        targets: Vec<Target>,
    },
    DeregisterTargets {
        load_balancer: Id,
        listener: ListenerKey,
        targets: Vec<Target>,
    },
    CreateSecurityGroupPolicies {
        security_group: Id,
        ingress: Vec<SecurityGroupRule>,
        egress: Vec<SecurityGroupRule>,
        at: usize,
    },
    /// Indexes refer to the lists before the change.
    DeleteSecurityGroupPolicies {
        security_group: Id,
        ingress: Vec<usize>,
        egress: Vec<usize>,
    },
    /// A list left out stays as it is.
    ModifySecurityGroupPolicies {
        security_group: Id,
        ingress: Option<Vec<SecurityGroupRule>>,
        egress: Option<Vec<SecurityGroupRule>>,
    },
    AssociateSecurityGroups {
        instance: Id,
        security_groups: Vec<Id>,
    },
    ModifyNetworkAclEntries {
        network_acl: Id,
        ingress: Option<Vec<AclRule>>,
        egress: Option<Vec<AclRule>>,
    },
    AssociateNetworkAclSubnets {
        network_acl: Id,
        subnets: Vec<Id>,
    },
    DisassociateNetworkAclSubnets {
        network_acl: Id,
        subnets: Vec<Id>,
    },
    CreateRoutes {
        route_table: Id,
        routes: Vec<Route>,
    },
    DeleteRoutes {
        route_table: Id,
        to: Vec<RouteName>,
    },
    EnableRoutes {
        route_table: Id,
        to: Vec<RouteName>,
    },
    DisableRoutes {
        route_table: Id,
        to: Vec<RouteName>,
    },
    ReplaceRouteTableAssociation {
        subnet: Id,
        route_table: Id,
    },
    /// CVMs move into a subnet; addresses left out are the first that are free (MIG-2).
    ModifyInstancesVpcAttribute {
        instances: Vec<Id>,
        vpc: Id,
        subnet: Id,
        ips: Option<Vec<IpAddr>>,
        security_groups: Option<Vec<Id>>,
    },
    /// A database moves into a subnet and keeps its old address for a while (MIG-6).
    ModifyDBInstanceVipVport {
        database: Id,
        vpc: Id,
        subnet: Id,
        ip: Option<IpAddr>,
        keep_old_hours: Option<u32>,
        security_groups: Option<Vec<Id>>,
    },
    ReleaseOldVip {
        database: Id,
    },
    /// Time passes: old addresses end (MIG-8).
    Advance {
        hours: u32,
    },
    SwitchName {
        name: Id,
        to: Id,
    },
    Create(Box<Fragment>),
    Replace(Box<Fragment>),
    Delete(Vec<Id>),
    Down(Id),
    Up(Id),
}

/// Why an instance is isolated (CL-19).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the scenario format")]
pub enum IsolationReason {
    Arrears,
    Security,
}

/// How an instance is migrated (CL-19).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the scenario format")]
pub enum MigrationKind {
    Cold,
    Failure,
}

/// Which listener of a load balancer is meant: transport protocol and ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenerKey {
    /// Transport protocol (`http` and `https` are TCP).
    pub protocols: Protocols,
    /// Its ports.
    pub ports: IntervalSet<u16>,
}

impl Change {
    /// A list of a network ACL or an edge firewall, `ingress` or `egress`, stated anew.
    #[must_use]
    pub fn of_rules(network: &Network, id: &Id, list: &str, rules: Vec<AclRule>) -> Self {
        if let Some(firewall) = network.edge_firewalls.get(id) {
            let mut firewall = firewall.clone();
            match list {
                "ingress" => firewall.ingress = rules,
                _ => firewall.egress = rules,
            }
            let mut fragment = Fragment::default();
            let firewalls = &mut fragment.network.edge_firewalls;
            firewalls.insert(id.clone(), firewall);
            return Self::Replace(Box::new(fragment));
        }
        let (ingress, egress) = match list {
            "ingress" => (Some(rules), None),
            _ => (None, Some(rules)),
        };
        Self::ModifyNetworkAclEntries {
            network_acl: id.clone(),
            ingress,
            egress,
        }
    }

    /// The names of all actions, in the order of the variants.
    pub const ACTIONS: [&str; 33] = [
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
        "ModifyInstancesVpcAttribute",
        "ModifyDBInstanceVipVport",
        "ReleaseOldVip",
        "Advance",
        "SwitchName",
        "Create",
        "Replace",
        "Delete",
        "Down",
        "Up",
    ];

    /// The action's name, as in the API and the scenario format.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::AttachClassicLinkVpc { .. } => "AttachClassicLinkVpc",
            Self::DetachClassicLinkVpc { .. } => "DetachClassicLinkVpc",
            Self::ModifyPrivateIpAddress { .. } => "ModifyPrivateIpAddress",
            Self::TerminateInstances(_) => "TerminateInstances",
            Self::IsolateInstance { .. } => "IsolateInstance",
            Self::RecoverInstance { .. } => "RecoverInstance",
            Self::MigrateInstance { .. } => "MigrateInstance",
            Self::ResizeInstance { .. } => "ResizeInstance",
            Self::ResetInstance { .. } => "ResetInstance",
            Self::RegisterTargets { .. } => "RegisterTargets",
            Self::DeregisterTargets { .. } => "DeregisterTargets",
            Self::CreateSecurityGroupPolicies { .. } => "CreateSecurityGroupPolicies",
            Self::DeleteSecurityGroupPolicies { .. } => "DeleteSecurityGroupPolicies",
            Self::ModifySecurityGroupPolicies { .. } => "ModifySecurityGroupPolicies",
            Self::AssociateSecurityGroups { .. } => "AssociateSecurityGroups",
            Self::ModifyNetworkAclEntries { .. } => "ModifyNetworkAclEntries",
            Self::AssociateNetworkAclSubnets { .. } => "AssociateNetworkAclSubnets",
            Self::DisassociateNetworkAclSubnets { .. } => "DisassociateNetworkAclSubnets",
            Self::CreateRoutes { .. } => "CreateRoutes",
            Self::DeleteRoutes { .. } => "DeleteRoutes",
            Self::EnableRoutes { .. } => "EnableRoutes",
            Self::DisableRoutes { .. } => "DisableRoutes",
            Self::ReplaceRouteTableAssociation { .. } => "ReplaceRouteTableAssociation",
            Self::ModifyInstancesVpcAttribute { .. } => "ModifyInstancesVpcAttribute",
            Self::ModifyDBInstanceVipVport { .. } => "ModifyDBInstanceVipVport",
            Self::ReleaseOldVip { .. } => "ReleaseOldVip",
            Self::Advance { .. } => "Advance",
            Self::SwitchName { .. } => "SwitchName",
            Self::Create(_) => "Create",
            Self::Replace(_) => "Replace",
            Self::Delete(_) => "Delete",
            Self::Down(_) => "Down",
            Self::Up(_) => "Up",
        }
    }
}
