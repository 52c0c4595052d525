//! Rules that name a group or template that stands for nothing, in no stage of the file: they match no packet.

use std::collections::HashSet;

use super::rules::lists;
use super::{Empty, Fact, Finding, Subject};
use crate::id::Id;
use crate::model::{Network, Peer, Place, Served};
use crate::query::{ListName, RuleRef};

pub(super) fn find(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for network in subject.networks() {
        groups.add(network);
    }
    for list in lists(subject.network) {
        for rule in &list.rules {
            let Some(name) = &rule.rule else { continue };
            let ends = [&rule.when.source, &rule.when.destination];
            let nobody = ends.into_iter().flatten().any(|set| set.is_empty());
            if nobody && let Some((id, why)) = groups.peer(subject, name) {
                found.push(finding(name, id, why));
            }
            if rule.when.traffic.is_none()
                && let Some(id) = served(subject, name)
            {
                found.push(finding(name, id, Empty::NoContent));
            }
        }
    }
}

fn finding(rule: &RuleRef, names: Id, why: Empty) -> Finding {
    let other = Place::of(&names);
    let fact = Fact::EmptyReference { rule: rule.clone(), names, why };
    Finding::at(rule.place(), fact).with([other])
}

/// Who is bound to which groups in some stage.
#[derive(Default)]
struct Groups {
    with_members: HashSet<Id>,
    with_services: HashSet<Id>,
}

impl Groups {
    fn add(&mut self, network: &Network) {
        let instances = network.instances.values().map(|it| &it.security_groups);
        let interfaces = network.network_interfaces.values();
        let groups = network.instance_groups.values();
        let classic = network.classic_instances.values();
        let members = instances
            .chain(interfaces.map(|it| &it.security_groups))
            .chain(groups.map(|it| &it.security_groups))
            .chain(classic.map(|it| &it.security_groups));
        self.with_members.extend(members.flatten().cloned());
        let databases = network.databases.values().map(|it| &it.security_groups);
        let balancers = network.load_balancers.values();
        let services = databases.chain(balancers.map(|it| &it.security_groups));
        self.with_services.extend(services.flatten().cloned());
    }

    /// What a rule names for its other side, if that is empty in every stage.
    fn peer(&self, subject: &Subject<'_>, rule: &RuleRef) -> Option<(Id, Empty)> {
        let group = subject.network.security_groups.get(&rule.owner)?;
        let rules = match rule.list {
            ListName::Ingress => &group.ingress,
            ListName::Egress => &group.egress,
        };
        let everywhere = |is_empty: &dyn Fn(&Network) -> bool| subject.networks().all(is_empty);
        match &rules.get(rule.index)?.peer {
            Peer::SecurityGroup(id) if self.with_members.contains(id) => None,
            Peer::SecurityGroup(id) if self.with_services.contains(id) => {
                Some((id.clone(), Empty::OnlyServices))
            }
            // A group that names itself and has no members is unused as a whole.
            Peer::SecurityGroup(id) if *id == rule.owner => None,
            Peer::SecurityGroup(id) => Some((id.clone(), Empty::NoMembers)),
            Peer::AddressTemplate(id) => {
                everywhere(&|network| network.template_addresses(id).is_empty())
                    .then(|| (id.clone(), Empty::NoContent))
            }
            Peer::AddressTemplateGroup(id) => {
                everywhere(&|network| network.template_group_addresses(id).is_empty())
                    .then(|| (id.clone(), Empty::NoContent))
            }
            Peer::Any | Peer::Addresses(_) | Peer::ZeroPrefix(_) => None,
        }
    }
}

/// The service template that a rule names, if it is empty in every stage.
fn served(subject: &Subject<'_>, rule: &RuleRef) -> Option<Id> {
    let group = subject.network.security_groups.get(&rule.owner)?;
    let rules = match rule.list {
        ListName::Ingress => &group.ingress,
        ListName::Egress => &group.egress,
    };
    let service = &rules.get(rule.index)?.service;
    let (Served::Template(id) | Served::TemplateGroup(id)) = service else {
        return None;
    };
    let is_empty = |network: &Network| match service {
        Served::Service(_) => false,
        Served::Template(id) => network.template_traffic(id).is_none(),
        Served::TemplateGroup(id) => network.template_group_traffic(id).is_none(),
    };
    subject.networks().all(is_empty).then(|| id.clone())
}
