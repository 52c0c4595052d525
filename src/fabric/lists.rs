//! Rule lists compiled from what is written: groups in bound order, ACLs, edge firewalls, templates.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::filter::{
    FilterKind, FilterList, FilterRule, FilterUse, Filters, ListIx, ListKey, Members,
};
use crate::id::Id;
use crate::model::{AclRule, Network, Peer, SecurityGroupRule, Served};
use crate::query::{ListName, RuleRef};
use crate::space::{Action, AddressSet, Match, Traffic};

impl Filters {
    /// The lists of a network that differs from another in nothing but what is written in groups, ACLs and templates:
    /// compiled are those that it changes.
    #[must_use]
    pub(super) fn after(&self, old: &Network, new: &Network) -> Self {
        let mut builder = FilterBuilder {
            network: new,
            members: Arc::clone(&self.members),
            keys: FxHashMap::default(),
            written: FxHashMap::default(),
            lists: Vec::new(),
        };
        let templates = new.shares_templates(old);
        let groups = new.security_groups.iter().filter(|(id, group)| {
            let is_same = old.security_groups.get(*id) == Some(*group);
            !(is_same && (templates || !group.uses_templates()))
        });
        let acls = new.network_acls.iter();
        let acls = acls.filter(|(id, acl)| old.network_acls.get(*id) != Some(*acl));
        let changed: FxHashSet<&Id> =
            (groups.map(|(id, _)| id)).chain(acls.map(|(id, _)| id)).collect();
        let lists = self.lists.iter().zip(&*self.keys).map(|(list, key)| {
            let touched = match key {
                ListKey::Groups(groups, _) => groups.iter().any(|id| changed.contains(id)),
                ListKey::Acl(acl, ..) => changed.contains(acl),
                // Networks with other firewalls differ in more than rules.
                ListKey::Edge(..) => false,
            };
            if touched {
                let (rules, owner) = (builder.rules(key, None), list.owner.clone());
                return Arc::new(FilterList { rules, owner });
            }
            Arc::clone(list)
        });
        Self {
            lists: lists.collect(),
            keys: Arc::clone(&self.keys),
            members: Arc::clone(&self.members),
        }
    }
}

/// Compiles lists, each once.
pub struct FilterBuilder<'net> {
    network: &'net Network,
    members: Arc<Members>,
    keys: FxHashMap<ListKey, ListIx>,
    /// The rules of single groups: most stand in many lists, which share what they match.
    written: FxHashMap<(Id, ListName), Vec<FilterRule>>,
    lists: Vec<Arc<FilterList>>,
}

impl<'net> FilterBuilder<'net> {
    /// Starts with the private addresses of each group's members, for references (SG-12, D20-14).
    #[must_use]
    pub fn new(network: &'net Network) -> Self {
        Self {
            network,
            members: Arc::new(members(network)),
            keys: FxHashMap::default(),
            written: FxHashMap::default(),
            lists: Vec::new(),
        }
    }

    /// A list so far.
    #[must_use]
    pub fn list(&self, filter: FilterUse) -> &FilterList {
        &self.lists[filter.list.0 as usize]
    }

    /// Done.
    #[must_use]
    pub fn finish(self) -> Filters {
        let mut keys: Vec<_> = self.keys.into_iter().collect();
        keys.sort_unstable_by_key(|(_, list)| *list);
        Filters {
            lists: self.lists,
            keys: Arc::new(keys.into_iter().map(|(key, _)| key).collect()),
            members: self.members,
        }
    }

    /// The list of several groups in bound order: one concatenated list (SG-4).
    pub fn groups(&mut self, groups: &[Id], list: ListName) -> Option<FilterUse> {
        let owner = groups.last()?;
        let kind = match list {
            ListName::Ingress => FilterKind::SecurityGroupIngress,
            ListName::Egress => FilterKind::SecurityGroupEgress,
        };
        let list = self.intern(ListKey::Groups(groups.to_vec(), list), owner, None);
        Some(FilterUse { kind, list })
    }

    /// A network ACL. With a subnet, packets between two ends of that subnet pass (ACL-5, for the
    /// legs of a load balancer, D20-10).
    pub fn acl(
        &mut self,
        acl: &Id,
        list: ListName,
        within: Option<(&Id, &Arc<AddressSet>)>,
    ) -> Option<FilterUse> {
        self.network.network_acls.get(acl)?;
        let kind = match list {
            ListName::Ingress => FilterKind::NetworkAclIngress,
            ListName::Egress => FilterKind::NetworkAclEgress,
        };
        let key = ListKey::Acl(acl.clone(), list, within.map(|(subnet, _)| subnet.clone()));
        let list = self.intern(key, acl, within.map(|(_, addresses)| addresses));
        Some(FilterUse { kind, list })
    }

    /// An edge firewall: what it is not switched on for passes, and so does what no rule of it matches (EFW-1, EFW-2).
    pub fn edge_firewall(&mut self, id: &Id, list: ListName) -> Option<FilterUse> {
        self.network.edge_firewalls.get(id)?;
        let kind = match list {
            ListName::Ingress => FilterKind::EdgeFirewallIngress,
            ListName::Egress => FilterKind::EdgeFirewallEgress,
        };
        let list = self.intern(ListKey::Edge(id.clone(), list), id, None);
        Some(FilterUse { kind, list })
    }

    /// The list of an endpoint that must have groups and has none: everything is denied (SG-17).
    pub fn deny_all(&mut self, owner: &Id, list: ListName) -> FilterUse {
        let kind = match list {
            ListName::Ingress => FilterKind::SecurityGroupIngress,
            ListName::Egress => FilterKind::SecurityGroupEgress,
        };
        // Nobody is a group by that name, so it has no rules.
        let list = self.intern(ListKey::Groups(vec![owner.clone()], list), owner, None);
        FilterUse { kind, list }
    }

    fn intern(&mut self, key: ListKey, owner: &Id, within: Option<&Arc<AddressSet>>) -> ListIx {
        if let Some(known) = self.keys.get(&key) {
            return *known;
        }
        let (rules, owner) = (self.rules(&key, within), owner.clone());
        let next = ListIx(u32::try_from(self.lists.len()).unwrap_or(u32::MAX));
        self.lists.push(Arc::new(FilterList { rules, owner }));
        self.keys.insert(key, next);
        next
    }

    /// The rules of a list; `within` are the addresses of its subnet, if they are at hand.
    pub(super) fn rules(
        &mut self,
        key: &ListKey,
        within: Option<&Arc<AddressSet>>,
    ) -> Vec<FilterRule> {
        match key {
            ListKey::Groups(groups, list) => {
                let mut rules = Vec::new();
                for id in groups {
                    let (network, members) = (self.network, &self.members);
                    let compiled = self
                        .written
                        .entry((id.clone(), *list))
                        .or_insert_with(|| group_rules(network, members, id, *list));
                    rules.extend(compiled.iter().cloned());
                }
                rules
            }
            ListKey::Acl(acl, list, subnet) => {
                let subnet = subnet.as_ref();
                let subnet = subnet.and_then(|id| self.network.subnets.get(id));
                let own = || subnet.map(|subnet| Arc::new(super::subnet_addresses(subnet)));
                acl_rules(self.network, acl, *list, within.cloned().or_else(own))
            }
            ListKey::Edge(firewall, list) => edge_rules(self.network, firewall, *list),
        }
    }
}

/// The rules of an ACL, and before them that packets between two of these addresses pass.
fn acl_rules(
    network: &Network,
    acl: &Id,
    list: ListName,
    within: Option<Arc<AddressSet>>,
) -> Vec<FilterRule> {
    let exempt = within.map(|addresses| FilterRule {
        when: Match {
            source: Some(Arc::clone(&addresses)),
            destination: Some(addresses),
            traffic: Arc::new(Traffic::all()),
        },
        action: Action::Accept,
        rule: None,
    });
    let acl_of = network.network_acls.get(acl).map(|acl| match list {
        ListName::Ingress => &acl.ingress,
        ListName::Egress => &acl.egress,
    });
    let written = acl_of.map(|rules| written(acl, list, rules));
    let exempt = exempt.into_iter();
    exempt.chain(written.into_iter().flatten()).collect()
}

/// The rules of an edge firewall, between what it lets pass in any case.
fn edge_rules(network: &Network, id: &Id, list: ListName) -> Vec<FilterRule> {
    let Some(firewall) = network.edge_firewalls.get(id) else {
        return Vec::new();
    };
    let passes = |when| FilterRule { when, action: Action::Accept, rule: None };
    let guarded = firewall.addresses.iter().copied().map(AddressSet::from);
    let guarded = AddressSet::union_all(guarded);
    let others = (!guarded.is_empty()).then(|| Arc::new(guarded.complement()));
    let others = others.map(|others| match list {
        ListName::Ingress => Match { destination: Some(others), ..Match::all() },
        ListName::Egress => Match { source: Some(others), ..Match::all() },
    });
    let rules = match list {
        ListName::Ingress => &firewall.ingress,
        ListName::Egress => &firewall.egress,
    };
    let others = others.map(passes).into_iter();
    let all = others.chain(written(id, list, rules));
    all.chain([passes(Match::all())]).collect()
}

/// Rules as they are written.
fn written<'r>(
    owner: &'r Id,
    list: ListName,
    rules: &'r [AclRule],
) -> impl Iterator<Item = FilterRule> + 'r {
    let rules = rules.iter().enumerate();
    rules.map(move |(index, rule)| FilterRule {
        when: acl_match(rule),
        action: rule.action,
        rule: Some(RuleRef { owner: owner.clone(), list, index, action: rule.action }),
    })
}

/// The rules of one group.
fn group_rules(
    network: &Network,
    members: &FxHashMap<Id, Arc<AddressSet>>,
    id: &Id,
    list: ListName,
) -> Vec<FilterRule> {
    let rules = network.security_groups.get(id).map(|group| match list {
        ListName::Ingress => &group.ingress,
        ListName::Egress => &group.egress,
    });
    let rules = rules.into_iter().flatten().enumerate();
    let rules = rules.map(|(index, rule)| FilterRule {
        when: group_match(network, members, rule, list),
        action: rule.action,
        rule: Some(RuleRef { owner: id.clone(), list, index, action: rule.action }),
    });
    rules.collect()
}

fn group_match(
    network: &Network,
    members: &FxHashMap<Id, Arc<AddressSet>>,
    rule: &SecurityGroupRule,
    list: ListName,
) -> Match {
    let peer = match &rule.peer {
        Peer::Any => None,
        Peer::Addresses(_) | Peer::ZeroPrefix(_) => rule.peer.addresses().map(Arc::new),
        Peer::SecurityGroup(id) => Some(members.get(id).cloned().unwrap_or_default()),
        Peer::AddressTemplate(id) => Some(Arc::new(network.template_addresses(id))),
        Peer::AddressTemplateGroup(id) => Some(Arc::new(network.template_group_addresses(id))),
    };
    let traffic = match &rule.service {
        Served::Service(service) => service.traffic(),
        Served::Template(id) => network.template_traffic(id),
        Served::TemplateGroup(id) => network.template_group_traffic(id),
    };
    let (source, destination) = match list {
        ListName::Ingress => (peer, None),
        ListName::Egress => (None, peer),
    };
    Match { source, destination, traffic: Arc::new(traffic) }
}

fn acl_match(rule: &AclRule) -> Match {
    let traffic = rule.service.traffic();
    let traffic = match &rule.source_ports {
        Some(ports) if !ports.is_full() => traffic.with_source_ports(ports),
        _ => traffic,
    };
    Match {
        source: rule.source.clone().map(Arc::new),
        destination: rule.destination.clone().map(Arc::new),
        traffic: Arc::new(traffic),
    }
}

/// The private addresses of all CVMs and ENIs bound to each group, stopped ones too (SG-12, D20-14).
fn members(network: &Network) -> FxHashMap<Id, Arc<AddressSet>> {
    let mut ranges: FxHashMap<&Id, Vec<AddressSet>> = FxHashMap::default();
    let mut add = |groups: &'_ [Id], addresses: AddressSet| {
        for group in groups {
            if let Some((id, _)) = network.security_groups.get_key_value(group) {
                ranges.entry(id).or_default().push(addresses.clone());
            }
        }
    };
    for instance in network.instances.values() {
        let own = instance.secondary_ips.iter().copied().chain(instance.ipv6);
        add(&instance.security_groups, AddressSet::single(instance.ip));
        own.for_each(|address| add(&instance.security_groups, AddressSet::single(address)));
    }
    for interface in network.network_interfaces.values() {
        let own = std::iter::once(interface.ip).chain(interface.secondary_ips.iter().copied());
        own.for_each(|address| add(&interface.security_groups, AddressSet::single(address)));
    }
    for group in network.instance_groups.values() {
        let addresses = AddressSet::range(group.ips.0, group.ips.1);
        add(&group.security_groups, addresses);
    }
    for instance in network.classic_instances.values() {
        add(&instance.security_groups, AddressSet::single(instance.ip));
    }
    let all = ranges.into_iter();
    all.map(|(id, sets)| (id.clone(), Arc::new(AddressSet::union_all(sets)))).collect()
}

impl Network {
    /// The addresses of an address template (SG-14).
    #[must_use]
    pub fn template_addresses(&self, id: &Id) -> AddressSet {
        let template = self.address_templates.get(id);
        AddressSet::union_all(template.into_iter().flat_map(|t| t.addresses.iter().cloned()))
    }

    /// The addresses of an address template group (SG-14).
    #[must_use]
    pub fn template_group_addresses(&self, id: &Id) -> AddressSet {
        let group = self.address_template_groups.get(id);
        let templates = group.into_iter().flat_map(|group| &group.templates);
        AddressSet::union_all(templates.map(|id| self.template_addresses(id)))
    }

    /// The traffic of a service template (SG-14).
    #[must_use]
    pub fn template_traffic(&self, id: &Id) -> Traffic {
        let template = self.service_templates.get(id);
        let services = template.into_iter().flat_map(|template| &template.services);
        services.fold(Traffic::none(), |all, service| all.union(&service.traffic()))
    }

    /// The traffic of a service template group (SG-14).
    #[must_use]
    pub fn template_group_traffic(&self, id: &Id) -> Traffic {
        let group = self.service_template_groups.get(id);
        let templates = group.into_iter().flat_map(|group| &group.templates);
        templates.fold(Traffic::none(), |all, id| all.union(&self.template_traffic(id)))
    }
}
