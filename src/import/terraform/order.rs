//! Whether the order of several groups decides: only where one drops what another accepts.

use crate::id::Id;
use crate::model::{Network, Peer, Protocols, SecurityGroup, SecurityGroupRule, Served, Service};
use crate::space::{Action, AddressSet};

/// Whether some packet is accepted by one of the groups and dropped by another, as far as their rules tell. What no
/// rule matches is dropped after all groups (SG-4), in any order.
pub fn order_decides(network: &Network, groups: &[Id]) -> bool {
    let known = groups.iter().filter_map(|id| network.security_groups.get(id));
    let known: Vec<&SecurityGroup> = known.collect();
    let lists: [fn(&SecurityGroup) -> &[SecurityGroupRule]; 2] =
        [|group| &group.ingress, |group| &group.egress];
    lists.into_iter().any(|list| {
        known.iter().enumerate().any(|(at, group)| {
            let others = known.iter().enumerate().filter(|(other, _)| *other != at);
            let others = others.flat_map(|(_, other)| list(other));
            let accepts: Vec<_> = others.filter(|it| it.action == Action::Accept).collect();
            let mut drops = list(group).iter().filter(|it| it.action == Action::Drop);
            drops.any(|drop| accepts.iter().any(|accept| meet(network, drop, accept)))
        })
    })
}

/// Whether two rules may match the same packet.
fn meet(network: &Network, one: &SecurityGroupRule, other: &SecurityGroupRule) -> bool {
    let peers = [&one.peer, &other.peer].map(|peer| addresses(network, peer));
    if let [Some(one), Some(other)] = &peers
        && one.intersection(other).is_empty()
    {
        return false;
    }
    let others = services(network, &other.service);
    let mut own = services(network, &one.service).into_iter();
    own.any(|own| others.iter().any(|other| share(own, other)))
}

/// The addresses of the other side; `None` = whoever.
fn addresses(network: &Network, peer: &Peer) -> Option<AddressSet> {
    let of = |id: &Id| {
        let template = network.address_templates.get(id)?;
        Some(AddressSet::union_all(template.addresses.iter().cloned()))
    };
    match peer {
        // whose members these are may change; a zero prefix is everybody (SG-9)
        Peer::Any | Peer::SecurityGroup(_) | Peer::ZeroPrefix(_) => None,
        Peer::Addresses(set) => Some(set.clone()),
        Peer::AddressTemplate(id) => of(id),
        Peer::AddressTemplateGroup(id) => {
            let group = network.address_template_groups.get(id)?;
            let sets: Option<Vec<AddressSet>> = group.templates.iter().map(of).collect();
            Some(AddressSet::union_all(sets?))
        }
    }
}

fn services<'n>(network: &'n Network, served: &'n Served) -> Vec<&'n Service> {
    let of = |id: &Id| network.service_templates.get(id).map(|it| &it.services);
    match served {
        Served::Service(service) => vec![service],
        Served::Template(id) => of(id).into_iter().flatten().collect(),
        Served::TemplateGroup(id) => {
            let group = network.service_template_groups.get(id);
            let templates = group.into_iter().flat_map(|it| &it.templates);
            templates.filter_map(of).flatten().collect()
        }
    }
}

fn share(one: &Service, other: &Service) -> bool {
    let protocols = match (one.protocols, other.protocols) {
        (Protocols::One(one), Protocols::One(other)) => one == other,
        (Protocols::All, _) | (_, Protocols::All) => true,
    };
    protocols && !one.ports.intersection(&other.ports).is_empty()
}
