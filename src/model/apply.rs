//! What a change does, and when the cloud refuses it (section 6 of the scenario format).
//!
//! A change is tried on a copy: it succeeds as a whole, or is refused and nothing has happened.
//! First each action refuses what it alone can see (an id that is not there, a link that is), then
//! the rules of the cloud that it could have broken are judged ([`super::check()`]); the first *new*
//! error refuses it. What was wrong before does not count against a change.
//!
//! | change | effect, and what stays |
//! |---|---|
//! | `AttachClassicLinkVpc` | links with the present addresses; a stale link of the CVM, to whatever VPC, goes (D20-19) |
//! | `DetachClassicLinkVpc` | live and stale links go; one that is not there refuses all |
//! | `ModifyPrivateIpAddress` | a link of the CVM goes stale for good; DNAT entries keep the old address |
//! | `TerminateInstances` | ENIs, links, load-balancer targets, HAVIP bindings and SNAT rules of the machine go; routes and DNAT entries stay |
//! | `IsolateInstance`, `RecoverInstance` | the state; recovering what is not isolated changes nothing |
//! | `MigrateInstance`, `ResizeInstance`, `ResetInstance` | nothing: no link is lost (CL-19) |
//! | `RegisterTargets`, `DeregisterTargets` | targets are known by instance and port; registering one again sets its weight |
//! | `…SecurityGroupPolicies`, `ModifyNetworkAclEntries` | the lists |
//! | `AssociateSecurityGroups` | the whole list, of anything that takes groups |
//! | `…NetworkAclSubnets` | associating replaces another ACL (ACL-1) |
//! | `…Routes` | named by destination; those a CCN propagates can be turned on and off (D20-4): see `apply::route` |
//! | `ModifyInstancesVpcAttribute`, `ModifyDBInstanceVipVport` | into a subnet: see `apply::migrate` |
//! | `ReleaseOldVip`, `Advance`, `SwitchName` | old addresses end, a name leads elsewhere: see `apply::ending` |
//! | `Create`, `Replace` | whole entities: see `apply::section` |
//! | `Delete` | what nothing else needs: see `apply::delete` |
//! | `Down`, `Up` | tunnels, peerings, NAT gateways, gateways, VPCs as CCN members, machines; `Up` starts a stopped machine, an isolated one must be recovered |

mod balancer;
mod delete;
mod ending;
mod filter;
mod link;
mod machine;
mod migrate;
mod power;
mod route;
mod section;

use rustc_hash::FxHashSet;

use super::check::{Topic, check_topics};
use super::{Change, Kind, Network, Place, Violation, reference};
use crate::code::Code;
use crate::diagnostic::{Severity, Words};
use crate::id::Id;

/// Why the cloud does not let a change through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its public code.
    pub code: Code,
    /// One sentence without a full stop.
    pub message: Words,
    /// The culprit, if it is a part of the network; else it stands in the change.
    pub place: Option<Place>,
    /// Other places that belong to it, each with what is to be said of it.
    pub others: Vec<(Place, Words)>,
    /// What to do.
    pub help: Option<Words>,
}

impl Refusal {
    fn new(code: Code, message: Words) -> Self {
        Self { code, message, place: None, others: Vec::new(), help: None }
    }

    fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    fn with_other(mut self, place: Place, text: Words) -> Self {
        self.others.push((place, text));
        self
    }

    fn with_help(mut self, help: Words) -> Self {
        self.help = Some(help);
        self
    }
}

impl From<Violation> for Refusal {
    fn from(violation: Violation) -> Self {
        Self {
            code: violation.code,
            message: violation.message,
            place: Some(violation.place),
            others: violation.others,
            help: violation.help,
        }
    }
}

/// Whether `Down` takes an id.
#[must_use]
pub fn may_fail(network: &Network, id: &Id) -> bool {
    power::attached(network, id).is_ok()
}

/// What an action could have broken: the topics to judge afterwards, or why it is refused.
type Performed = Result<&'static [Topic], Refusal>;

/// The network after a change, or why the cloud refuses it.
///
/// The network before must be valid ([`super::check()`] finds no error), except for what earlier
/// changes may leave behind: dangling next hops and DNAT entries.
pub fn apply(network: &Network, change: &Change) -> Result<Network, Refusal> {
    let mut after = network.clone();
    let topics = perform(&mut after, change)?;
    match first_new_error(network, &after, topics) {
        Some(violation) => Err(violation.into()),
        None => Ok(after),
    }
}

fn perform(network: &mut Network, change: &Change) -> Performed {
    match change {
        Change::AttachClassicLinkVpc { vpc, instances } => link::attach(network, vpc, instances),
        Change::DetachClassicLinkVpc { vpc, instances } => link::detach(network, vpc, instances),
        Change::ModifyPrivateIpAddress { instance, ip } => {
            machine::modify_address(network, instance, *ip)
        }
        Change::TerminateInstances(instances) => machine::terminate(network, instances),
        Change::IsolateInstance { instance, .. } => machine::isolate(network, instance),
        Change::RecoverInstance { instance } => machine::recover(network, instance),
        Change::MigrateInstance { instance, .. }
        | Change::ResizeInstance { instance }
        | Change::ResetInstance { instance } => machine::untouched(network, instance),
        Change::RegisterTargets { load_balancer, listener, targets } => {
            balancer::register(network, load_balancer, listener, targets)
        }
        Change::DeregisterTargets { load_balancer, listener, targets } => {
            balancer::deregister(network, load_balancer, listener, targets)
        }
        Change::CreateSecurityGroupPolicies { security_group, ingress, egress, at } => {
            filter::create_policies(network, security_group, [ingress, egress], *at)
        }
        Change::DeleteSecurityGroupPolicies { security_group, ingress, egress } => {
            filter::delete_policies(network, security_group, [ingress, egress])
        }
        Change::ModifySecurityGroupPolicies { security_group, ingress, egress } => {
            filter::modify_policies(network, security_group, [ingress.as_ref(), egress.as_ref()])
        }
        Change::AssociateSecurityGroups { instance, security_groups } => {
            machine::associate_groups(network, instance, security_groups)
        }
        Change::ModifyNetworkAclEntries { network_acl, ingress, egress } => {
            filter::modify_entries(network, network_acl, [ingress.as_ref(), egress.as_ref()])
        }
        Change::AssociateNetworkAclSubnets { network_acl, subnets } => {
            filter::associate_subnets(network, network_acl, subnets)
        }
        Change::DisassociateNetworkAclSubnets { network_acl, subnets } => {
            filter::disassociate_subnets(network, network_acl, subnets)
        }
        Change::CreateRoutes { route_table, routes } => route::create(network, route_table, routes),
        Change::DeleteRoutes { route_table, to } => route::delete(network, route_table, to),
        Change::EnableRoutes { route_table, to } => route::enable(network, route_table, to),
        Change::DisableRoutes { route_table, to } => route::disable(network, route_table, to),
        Change::ReplaceRouteTableAssociation { subnet, route_table } => {
            route::associate(network, subnet, route_table)
        }
        Change::ModifyInstancesVpcAttribute { instances, vpc, subnet, ips, security_groups } => {
            let to = migrate::Target::of(vpc, subnet, security_groups.as_deref());
            migrate::instances(network, instances, to, ips.as_deref())
        }
        Change::ModifyDBInstanceVipVport {
            database,
            vpc,
            subnet,
            ip,
            keep_old_hours,
            security_groups,
        } => {
            let to = migrate::Target::of(vpc, subnet, security_groups.as_deref());
            migrate::database(network, database, to, *ip, *keep_old_hours)
        }
        Change::ReleaseOldVip { database } => ending::release(network, database),
        Change::Advance { hours } => Ok(ending::advance(network, *hours)),
        Change::SwitchName { name, to } => ending::switch_name(network, name, to),
        Change::Create(fragment) => section::create(network, fragment),
        Change::Replace(fragment) => section::replace(network, fragment),
        Change::Delete(ids) => delete::delete(network, ids),
        Change::Down(id) => power::down(network, id),
        Change::Up(id) => power::up(network, id),
    }
}

/// The first error that the change brought; codes, entities and messages tell old ones apart,
/// list positions do not, since a change may shift them.
fn first_new_error(before: &Network, after: &Network, topics: &[Topic]) -> Option<Violation> {
    let errors = |network| {
        let found = check_topics(network, topics);
        found.into_iter().filter(|it| it.severity == Severity::Error)
    };
    let mut new = errors(after).peekable();
    new.peek()?;
    let old: FxHashSet<_> = errors(before).map(|it| (it.code, it.place.id, it.message)).collect();
    new.find(|it| !old.contains(&(it.code, it.place.id.clone(), it.message.clone())))
}

/// Refuses an id that leads nowhere, or not to one of the wanted kinds.
fn need(network: &Network, id: &Id, wanted: &[Kind]) -> Result<Kind, Refusal> {
    let kind = network.kind_of(id.as_str());
    match kind.filter(|kind| wanted.contains(kind)) {
        Some(kind) => Ok(kind),
        None => Err(missing(network, id, wanted)),
    }
}

fn missing(network: &Network, id: &Id, wanted: &[Kind]) -> Refusal {
    let violation = reference::violation(network, Place::of(id), id, wanted);
    let refusal = Refusal::from(violation);
    // the culprit stands in the change
    Refusal { place: None, ..refusal }
}
