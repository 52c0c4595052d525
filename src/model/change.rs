//! Changes to a network, named after the cloud's API actions (section 6 of the scenario format).
//!
//! This file says what a change *is*, a row an action; the reader in `scenario` and the writer in `import` are made of the same rows.
//! What it does and when the cloud refuses it stands in [`super::apply()`].

use std::net::IpAddr;

use super::{AclRule, Fragment, Network, Protocols, Route, RouteName, SecurityGroupRule, Target};
use crate::id::Id;
use crate::space::IntervalSet;

/// Hands the rows to a macro: an action with its fields, or with the one value that it takes, and behind each type what an id in it
/// may name ([`mention`]).
macro_rules! changes {
    ($then:ident) => {
        $then! {
            AttachClassicLinkVpc { vpc: Id [VPC], instances: Vec<Id> [ANY] }
            DetachClassicLinkVpc { vpc: Id [VPC], instances: Vec<Id> [ANY] }
            ModifyPrivateIpAddress { instance: Id [ADDRESSED], ip: IpAddr }
            TerminateInstances(Vec<Id> [MACHINE])
            IsolateInstance { instance: Id [MACHINE], reason: IsolationReason }
            RecoverInstance { instance: Id [MACHINE] }
            // cold or failure migration: nothing unlinks (CL-19)
            MigrateInstance { instance: Id [MACHINE], kind: MigrationKind }
            ResizeInstance { instance: Id [MACHINE] }
            ResetInstance { instance: Id [MACHINE] }
            RegisterTargets { load_balancer: Id [BALANCER], listener: ListenerKey, targets: Vec<Target> }
            DeregisterTargets { load_balancer: Id [BALANCER], listener: ListenerKey, targets: Vec<Target> }
            CreateSecurityGroupPolicies {
                security_group: Id [GROUP], ingress: Vec<SecurityGroupRule>, egress: Vec<SecurityGroupRule>, at: usize
            }
            // indexes refer to the lists before the change
            DeleteSecurityGroupPolicies { security_group: Id [GROUP], ingress: Vec<usize>, egress: Vec<usize> }
            // a list left out stays as it is
            ModifySecurityGroupPolicies {
                security_group: Id [GROUP], ingress: Option<Vec<SecurityGroupRule>>, egress: Option<Vec<SecurityGroupRule>>
            }
            AssociateSecurityGroups { instance: Id [GUARDED], security_groups: Vec<Id> [GROUP] }
            ModifyNetworkAclEntries { network_acl: Id [ACL], ingress: Option<Vec<AclRule>>, egress: Option<Vec<AclRule>> }
            AssociateNetworkAclSubnets { network_acl: Id [ACL], subnets: Vec<Id> [SUBNET] }
            DisassociateNetworkAclSubnets { network_acl: Id [ACL], subnets: Vec<Id> [SUBNET] }
            CreateRoutes { route_table: Id [TABLE], routes: Vec<Route> }
            DeleteRoutes { route_table: Id [TABLE], to: Vec<RouteName> }
            EnableRoutes { route_table: Id [TABLE], to: Vec<RouteName> }
            DisableRoutes { route_table: Id [TABLE], to: Vec<RouteName> }
            ReplaceRouteTableAssociation { subnet: Id [SUBNET], route_table: Id [TABLE] }
            // CVMs move into a subnet; addresses left out are the first that are free (MIG-2)
            ModifyInstancesVpcAttribute {
                instances: Vec<Id> [ANY], vpc: Id [VPC], subnet: Id [SUBNET],
                ips: Option<Vec<IpAddr>>, security_groups: Option<Vec<Id>> [GROUP]
            }
            // a database moves into a subnet and keeps its old address for a while (MIG-6)
            ModifyDBInstanceVipVport {
                database: Id [ANY], vpc: Id [VPC], subnet: Id [SUBNET],
                ip: Option<IpAddr>, keep_old_hours: Option<u32>, security_groups: Option<Vec<Id>> [GROUP]
            }
            ReleaseOldVip { database: Id [ANY] }
            // time passes: old addresses end (MIG-8)
            Advance { hours: u32 }
            SwitchName { name: Id [NAME], to: Id [ANY] }
            Create(Box<Fragment>)
            Replace(Box<Fragment>)
            Delete(Vec<Id> [ANY])
            Down(Id [FALLIBLE])
            Up(Id [FALLIBLE])
        }
    };
}

pub(crate) use changes;

macro_rules! described {
    ($(
        $action:ident
        $({ $($field:ident: $type:ty $([$may:ident])?),+ })?
        $(( $whole:ty $([$whole_may:ident])? ))?
    )+) => {
        /// One change. Applying it takes a valid network to a valid network, or is refused.
        #[derive(Clone, Debug, PartialEq)]
        #[expect(missing_docs, reason = "the actions and fields are those of the API")]
        pub enum Change {
            $($action $({ $($field: $type),+ })? $(( $whole ))?,)+
        }

        impl Change {
            /// The names of all actions, in the order of the variants.
            pub const ACTIONS: [&str; [$(stringify!($action)),+].len()] = [$(stringify!($action)),+];

            /// The action's name, as in the API and the scenario format.
            #[must_use]
            pub fn action(&self) -> &'static str {
                match self {
                    $(Self::$action { .. } => stringify!($action),)+
                }
            }
        }
    };
}
changes!(described);

/// The longest time that a change or an old address can name, in hours: a year.
pub const MOST_HOURS: u32 = 8760;

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
        Self::ModifyNetworkAclEntries { network_acl: id.clone(), ingress, egress }
    }
}
