//! What goes wrong with what is bound: groups to machines, ACLs to subnets.

use super::operator::Operator;
use super::thing::{Sheet, ThingKind};
use crate::id::Id;
use crate::model::{Change, Network, Place};

/// Whoever has security groups.
pub(super) fn groups(network: &Network, sheet: &mut Sheet) {
    fn list<'n, T: 'n>(
        section: &'n crate::model::Section<T>,
        groups: impl Fn(&'n T) -> &'n Vec<Id> + 'n,
    ) -> impl Iterator<Item = (&'n Id, &'n Vec<Id>)> {
        section.iter().map(move |(id, entity)| (id, groups(entity)))
    }
    let all = list(&network.instances, |it| &it.security_groups)
        .chain(list(&network.network_interfaces, |it| &it.security_groups))
        .chain(list(&network.instance_groups, |it| &it.security_groups))
        .chain(list(&network.databases, |it| &it.security_groups))
        .chain(list(&network.load_balancers, |it| &it.security_groups))
        .chain(list(&network.vpc_endpoints, |it| &it.security_groups))
        .chain(list(&network.classic_instances, |it| &it.security_groups));
    for (id, groups) in all {
        for (index, group) in groups.iter().enumerate() {
            let place = Place::item(id, "security_groups", index);
            sheet.thing(ThingKind::Other, place, group);
            let mut fewer = groups.clone();
            fewer.remove(index);
            let turned = (names(groups), names(&fewer));
            sheet.turned(Operator::GroupUnbound, turned, vec![associated(id, fewer)]);
            if groups.get(index + 1).is_some_and(|next| next != group) {
                let mut other = groups.clone();
                other.swap(index, index + 1);
                let turned = (names(groups), names(&other));
                sheet.turned(Operator::GroupsReordered, turned, vec![associated(id, other)]);
            }
        }
    }
}

fn associated(id: &Id, groups: Vec<Id>) -> Change {
    Change::AssociateSecurityGroups { instance: id.clone(), security_groups: groups }
}

fn names(ids: &[Id]) -> String {
    let names: Vec<&str> = ids.iter().map(Id::as_str).collect();
    format!("[{}]", names.join(", "))
}

/// Subnets with a network ACL.
pub(super) fn acls(network: &Network, sheet: &mut Sheet) {
    for (id, subnet) in &network.subnets {
        let Some(acl) = &subnet.network_acl else {
            continue;
        };
        sheet.thing(ThingKind::Other, Place::field(id, "network_acl"), acl);
        let change = Change::DisassociateNetworkAclSubnets {
            network_acl: acl.clone(),
            subnets: vec![id.clone()],
        };
        sheet.mutant(Operator::AclUnbound, vec![change]);
    }
}
