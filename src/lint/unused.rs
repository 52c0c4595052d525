//! Groups, ACLs, route tables and templates that nothing in any stage of the file uses.

use std::collections::HashSet;

use super::{Fact, Finding, Subject};
use crate::id::Id;
use crate::model::{Kind, Place, references};

pub(super) fn find(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let mut used: HashSet<Id> = HashSet::new();
    for network in subject.networks() {
        // What only names itself is used by nobody.
        let named = references(network).into_iter();
        let named = named.filter(|reference| reference.id != reference.place.id);
        used.extend(named.map(|reference| reference.id));
        // A published route counts in whatever table it stands (D20-37).
        let publishes = |id: &&Id| network.route_tables[*id].routes.iter().any(|it| it.publish);
        used.extend(network.route_tables.keys().filter(publishes).cloned());
    }
    let network = subject.network;
    let mut add = |kind: Kind, ids: &mut dyn Iterator<Item = &Id>| {
        for id in ids.filter(|id| !used.contains(*id)) {
            let id = id.clone();
            let place = Place::of(&id);
            found.push(Finding::at(place, Fact::UnusedObject { kind, id }));
        }
    };
    add(Kind::RouteTable, &mut network.route_tables.keys());
    add(Kind::NetworkAcl, &mut network.network_acls.keys());
    add(Kind::SecurityGroup, &mut network.security_groups.keys());
    add(Kind::AddressTemplate, &mut network.address_templates.keys());
    add(Kind::AddressTemplateGroup, &mut network.address_template_groups.keys());
    add(Kind::ServiceTemplate, &mut network.service_templates.keys());
    add(Kind::ServiceTemplateGroup, &mut network.service_template_groups.keys());
}
