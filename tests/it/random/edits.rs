//! Random changes to a network: of every kind that decides where packets go, often undoing one another.

use pathproof::model::{Change, Fragment, IsolationReason, Network, Peer, Section, apply};
use pathproof::space::AddressSet;

use super::dice::Dice;
use pathproof::id::Id;

/// A change that the cloud lets through, and the network after it.
pub fn edit(network: &Network, dice: &mut Dice) -> Option<(Change, Network)> {
    for _ in 0..20 {
        let Some(change) = draw(network, dice) else {
            continue;
        };
        if let Ok(after) = apply(network, &change)
            && after != *network
        {
            return Some((change, after));
        }
    }
    None
}

/// Changes one after the other, with the network after each.
pub fn edits(network: &Network, seed: u64, count: usize) -> Vec<(Change, Network)> {
    let mut dice = Dice::new(seed ^ 0xed17).split();
    let mut now = network.clone();
    let mut done = Vec::new();
    for _ in 0..count {
        let Some((change, after)) = edit(&now, &mut dice) else {
            break;
        };
        now = after.clone();
        done.push((change, after));
    }
    done
}

fn any<'net, T>(section: &'net Section<T>, dice: &mut Dice) -> Option<(&'net Id, &'net T)> {
    section.get_index(dice.below(section.len()))
}

fn draw(network: &Network, dice: &mut Dice) -> Option<Change> {
    match dice.below(18) {
        0..3 => policies(network, dice),
        3 => {
            let (instance, _) = any(&network.instances, dice)?;
            let (group, _) = any(&network.security_groups, dice)?;
            Some(Change::AssociateSecurityGroups {
                instance: instance.clone(),
                security_groups: vec![group.clone()],
            })
        }
        4 => {
            let (id, acl) = any(&network.network_acls, dice)?;
            let mut ingress = acl.ingress.clone();
            ingress.reverse();
            ingress.truncate(dice.below(ingress.len() + 1).max(1));
            Some(Change::ModifyNetworkAclEntries {
                network_acl: id.clone(),
                ingress: Some(ingress),
                egress: None,
            })
        }
        5 | 6 => {
            let (id, table) = any(&network.route_tables, dice)?;
            let route = dice.any(&table.routes)?;
            let to = vec![if dice.chance(30) { table.name_of(route) } else { route.to.into() }];
            let route_table = id.clone();
            Some(match dice.below(3) {
                0 => Change::DisableRoutes { route_table, to },
                1 => Change::EnableRoutes { route_table, to },
                _ => Change::DeleteRoutes { route_table, to },
            })
        }
        7 | 8 => power(network, dice),
        9 => {
            let (vpc, links) = any(&network.classic_links, dice)?;
            Some(Change::DetachClassicLinkVpc {
                vpc: vpc.clone(),
                instances: vec![dice.any(links)?.instance.clone()],
            })
        }
        10 => {
            let (vpc, _) = any(&network.vpcs, dice)?;
            let (instance, _) = any(&network.classic_instances, dice)?;
            Some(Change::AttachClassicLinkVpc {
                vpc: vpc.clone(),
                instances: vec![instance.clone()],
            })
        }
        11 => {
            let (subnet, _) = any(&network.subnets, dice)?;
            let (table, _) = any(&network.route_tables, dice)?;
            Some(Change::ReplaceRouteTableAssociation {
                subnet: subnet.clone(),
                route_table: table.clone(),
            })
        }
        12 => {
            let (instance, _) = any(&network.instances, dice)?;
            Some(Change::IsolateInstance {
                instance: instance.clone(),
                reason: IsolationReason::Arrears,
            })
        }
        13 => moves(network, dice),
        14 => {
            let (database, it) = any(&network.databases, dice)?;
            let database = database.clone();
            Some(if it.old_vips.is_empty() {
                Change::Advance { hours: 12 }
            } else {
                Change::ReleaseOldVip { database }
            })
        }
        15 => {
            let (instance, _) = any(&network.instances, dice)?;
            Some(Change::TerminateInstances(vec![instance.clone()]))
        }
        _ => {
            let network = replaced(network, dice)?;
            let fragment = Fragment { network, ..Fragment::default() };
            Some(Change::Replace(Box::new(fragment)))
        }
    }
}

/// An entity as it would be written anew: a group with a rule about an address that no rule spoke of, a template with fewer
/// members, a load balancer with one target less or one that takes nothing new.
fn replaced(network: &Network, dice: &mut Dice) -> Option<Network> {
    let mut part = Network::default();
    match dice.below(4) {
        0 => {
            let (id, group) = any(&network.security_groups, dice)?;
            let (_, instance) = any(&network.instances, dice)?;
            let mut group = group.clone();
            let mut rule = dice.any(&group.ingress)?.clone();
            rule.peer = Peer::Addresses(AddressSet::single(instance.ip));
            group.ingress.insert(0, rule);
            part.security_groups.insert(id.clone(), group);
        }
        1 => {
            let (id, template) = any(&network.address_templates, dice)?;
            let mut template = template.clone();
            template.addresses.pop().filter(|_| !template.addresses.is_empty())?;
            part.address_templates.insert(id.clone(), template);
        }
        2 => {
            let (id, template) = any(&network.service_templates, dice)?;
            let mut template = template.clone();
            template.services.pop().filter(|_| !template.services.is_empty())?;
            part.service_templates.insert(id.clone(), template);
        }
        _ => {
            let (id, balancer) = any(&network.load_balancers, dice)?;
            let mut balancer = balancer.clone();
            let listener = balancer.listeners.first_mut()?;
            let target = listener.targets.first_mut()?;
            if dice.chance(50) {
                target.weight = 10 - target.weight.min(10);
            } else {
                listener.targets.remove(0);
            }
            part.load_balancers.insert(id.clone(), balancer);
        }
    }
    Some(part)
}

/// Machines and databases into a subnet (MIG-2, MIG-6).
fn moves(network: &Network, dice: &mut Dice) -> Option<Change> {
    let (subnet, it) = any(&network.subnets, dice)?;
    let (vpc, subnet) = (it.vpc.clone(), subnet.clone());
    let database = match dice.below(4) {
        0 => any(&network.databases, dice)?.0,
        1 => any(&network.classic_databases, dice)?.0,
        _ => {
            let instance = if dice.chance(50) {
                any(&network.classic_instances, dice)?.0
            } else {
                any(&network.instances, dice)?.0
            };
            return Some(Change::ModifyInstancesVpcAttribute {
                instances: vec![instance.clone()],
                vpc,
                subnet,
                ips: None,
                security_groups: None,
            });
        }
    };
    Some(Change::ModifyDBInstanceVipVport {
        database: database.clone(),
        vpc,
        subnet,
        ip: None,
        keep_old_hours: None,
        security_groups: None,
    })
}

/// Rules of one group for another, a rule less, or the rules in another order.
fn policies(network: &Network, dice: &mut Dice) -> Option<Change> {
    let (id, group) = any(&network.security_groups, dice)?;
    let (_, other) = any(&network.security_groups, dice)?;
    let mut ingress = match dice.below(3) {
        0 => other.ingress.clone(),
        _ => group.ingress.clone(),
    };
    if dice.chance(50) {
        ingress.reverse();
    } else if !ingress.is_empty() {
        ingress.remove(dice.below(ingress.len()));
    }
    let egress = dice.chance(30).then(|| other.egress.clone());
    Some(Change::ModifySecurityGroupPolicies {
        security_group: id.clone(),
        ingress: Some(ingress),
        egress,
    })
}

/// Something fails or recovers.
fn power(network: &Network, dice: &mut Dice) -> Option<Change> {
    let ids = network.instances.keys();
    let ids = ids.chain(network.peerings.keys());
    let ids = ids.chain(network.nat_gateways.keys());
    let tunnels = network.vpn_gateways.values();
    let tunnels = tunnels.flat_map(|gateway| gateway.connections.iter().map(|one| &one.id));
    let ids: Vec<&Id> = ids.chain(tunnels).collect();
    let id = (*dice.any(&ids)?).clone();
    Some(if dice.chance(70) { Change::Down(id) } else { Change::Up(id) })
}
