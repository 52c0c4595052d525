//! Security groups and network ACLs as lists of matches (SG-3, SG-4, ACL-3).
//!
//! Matching lives in `space`; this file only turns the user's words into it. Equal lists exist once.

use std::collections::HashMap;
use std::sync::Arc;

use crate::code::Code;
use crate::id::Id;
use crate::model::{AclRule, Network, Peer, SecurityGroupRule, Served};
use crate::query::{ListName, RuleRef};
use crate::space::{Action, AddressSet, Match, Traffic};

/// A compiled rule list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ListIx(pub u32);

/// What a filter is, which decides when it is asked and what its drop is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "named after what they are")]
pub enum FilterKind {
    SecurityGroupEgress,
    NetworkAclEgress,
    NetworkAclIngress,
    SecurityGroupIngress,
    EdgeFirewallEgress,
    EdgeFirewallIngress,
}

impl FilterKind {
    /// Security groups and edge firewalls remember connections (SG-1, EFW-3); ACLs do not (ACL-2).
    #[must_use]
    pub fn is_stateful(self) -> bool {
        match self {
            Self::SecurityGroupEgress
            | Self::SecurityGroupIngress
            | Self::EdgeFirewallEgress
            | Self::EdgeFirewallIngress => true,
            Self::NetworkAclEgress | Self::NetworkAclIngress => false,
        }
    }

    /// Whether it guards one machine, which alone knows the connections that it has seen (D20-40).
    #[must_use]
    pub fn is_of_a_machine(self) -> bool {
        matches!(self, Self::SecurityGroupEgress | Self::SecurityGroupIngress)
    }

    /// Whether it stands at the border of the Internet (EFW-1).
    #[must_use]
    pub fn is_of_the_edge(self) -> bool {
        matches!(self, Self::EdgeFirewallEgress | Self::EdgeFirewallIngress)
    }

    /// The reason code of a drop.
    #[must_use]
    pub fn denied(self) -> Code {
        match self {
            Self::SecurityGroupEgress => Code::SecurityGroupEgressDenied,
            Self::NetworkAclEgress => Code::NetworkAclEgressDenied,
            Self::NetworkAclIngress => Code::NetworkAclIngressDenied,
            Self::SecurityGroupIngress => Code::SecurityGroupIngressDenied,
            Self::EdgeFirewallEgress => Code::EdgeFirewallEgressDenied,
            Self::EdgeFirewallIngress => Code::EdgeFirewallIngressDenied,
        }
    }

    /// Name of the stage in a trace.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SecurityGroupEgress => "security-group-egress",
            Self::NetworkAclEgress => "network-acl-egress",
            Self::NetworkAclIngress => "network-acl-ingress",
            Self::SecurityGroupIngress => "security-group-ingress",
            Self::EdgeFirewallEgress => "edge-firewall-egress",
            Self::EdgeFirewallIngress => "edge-firewall-ingress",
        }
    }
}

/// A filter at a point of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FilterUse {
    /// What it is.
    pub kind: FilterKind,
    /// Its rules.
    pub list: ListIx,
}

/// An ordered rule list; nothing matching = dropped (SG-5, ACL-4).
#[derive(Clone, Debug)]
pub struct FilterList {
    /// The rules, top first.
    pub rules: Vec<FilterRule>,
    /// Who is named when nothing matches: the last group, or the ACL.
    pub owner: Id,
}

/// One rule of a list.
#[derive(Clone, Debug)]
pub struct FilterRule {
    /// Which packets.
    pub when: Match,
    /// What happens to them.
    pub action: Action,
    /// Where it comes from; `None` = not a written rule (the exemption within a subnet, ACL-5).
    pub rule: Option<RuleRef>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum ListKey {
    Groups(Vec<Id>, ListName),
    Acl(Id, ListName, Option<Id>),
    Edge(Id, ListName),
}

/// The compiled lists of a network.
#[derive(Clone, Debug, Default)]
pub struct Filters {
    lists: Vec<FilterList>,
}

impl Filters {
    /// All lists.
    pub fn iter(&self) -> impl Iterator<Item = &FilterList> {
        self.lists.iter()
    }

    /// A list.
    #[must_use]
    pub fn get(&self, list: ListIx) -> &FilterList {
        &self.lists[list.0 as usize]
    }
}

/// Compiles lists, each once.
pub struct FilterBuilder<'net> {
    network: &'net Network,
    members: HashMap<Id, Arc<AddressSet>>,
    keys: HashMap<ListKey, ListIx>,
    /// The rules of single groups: most stand in many lists, which share what they match.
    written: HashMap<(Id, ListName), Vec<FilterRule>>,
    filters: Filters,
}

impl<'net> FilterBuilder<'net> {
    /// Starts with the private addresses of each group's members, for references (SG-12, D20-14).
    #[must_use]
    pub fn new(network: &'net Network) -> Self {
        Self {
            network,
            members: members(network),
            keys: HashMap::new(),
            written: HashMap::new(),
            filters: Filters::default(),
        }
    }

    /// A list so far.
    #[must_use]
    pub fn list(&self, filter: FilterUse) -> &FilterList {
        self.filters.get(filter.list)
    }

    /// Done.
    #[must_use]
    pub fn finish(self) -> Filters {
        self.filters
    }

    /// The list of several groups in bound order: one concatenated list (SG-4).
    pub fn groups(&mut self, groups: &[Id], list: ListName) -> Option<FilterUse> {
        let owner = groups.last()?.clone();
        let kind = match list {
            ListName::Ingress => FilterKind::SecurityGroupIngress,
            ListName::Egress => FilterKind::SecurityGroupEgress,
        };
        let key = ListKey::Groups(groups.to_vec(), list);
        let (network, members, written) = (self.network, &self.members, &mut self.written);
        let rules = || {
            let mut rules = Vec::new();
            for id in groups {
                let compiled = written
                    .entry((id.clone(), list))
                    .or_insert_with(|| group_rules(network, members, id, list));
                rules.extend(compiled.iter().cloned());
            }
            rules
        };
        let list = intern(&mut self.keys, &mut self.filters, key, owner, rules);
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
        let written = self.network.network_acls.get(acl)?;
        let (kind, written) = match list {
            ListName::Ingress => (FilterKind::NetworkAclIngress, &written.ingress),
            ListName::Egress => (FilterKind::NetworkAclEgress, &written.egress),
        };
        let key = ListKey::Acl(acl.clone(), list, within.map(|(subnet, _)| subnet.clone()));
        let rules = || {
            let exempt = within.map(|(_, addresses)| FilterRule {
                when: Match {
                    source: Some(Arc::clone(addresses)),
                    destination: Some(Arc::clone(addresses)),
                    traffic: Arc::new(Traffic::all()),
                },
                action: Action::Accept,
                rule: None,
            });
            let written = written.iter().enumerate().map(|(index, rule)| FilterRule {
                when: acl_match(rule),
                action: rule.action,
                rule: Some(RuleRef {
                    owner: acl.clone(),
                    list,
                    index,
                    action: rule.action,
                }),
            });
            exempt.into_iter().chain(written).collect()
        };
        let list = intern(&mut self.keys, &mut self.filters, key, acl.clone(), rules);
        Some(FilterUse { kind, list })
    }

    /// An edge firewall: what it is not switched on for passes, and so does what no rule of it matches (EFW-1, EFW-2).
    pub fn edge_firewall(&mut self, id: &Id, list: ListName) -> Option<FilterUse> {
        let firewall = self.network.edge_firewalls.get(id)?;
        let (kind, written) = match list {
            ListName::Ingress => (FilterKind::EdgeFirewallIngress, &firewall.ingress),
            ListName::Egress => (FilterKind::EdgeFirewallEgress, &firewall.egress),
        };
        let passes = |when| FilterRule {
            when,
            action: Action::Accept,
            rule: None,
        };
        let rules = || {
            let guarded = firewall.addresses.iter().copied().map(AddressSet::from);
            let guarded = AddressSet::union_all(guarded);
            let others = (!guarded.is_empty()).then(|| Arc::new(guarded.complement()));
            let others = others.map(|others| match list {
                ListName::Ingress => Match {
                    destination: Some(others),
                    ..Match::all()
                },
                ListName::Egress => Match {
                    source: Some(others),
                    ..Match::all()
                },
            });
            let written = written.iter().enumerate().map(|(index, rule)| FilterRule {
                when: acl_match(rule),
                action: rule.action,
                rule: Some(RuleRef {
                    owner: id.clone(),
                    list,
                    index,
                    action: rule.action,
                }),
            });
            let others = others.map(passes).into_iter();
            others
                .chain(written)
                .chain([passes(Match::all())])
                .collect()
        };
        let key = ListKey::Edge(id.clone(), list);
        let list = intern(&mut self.keys, &mut self.filters, key, id.clone(), rules);
        Some(FilterUse { kind, list })
    }

    /// The list of an endpoint that must have groups and has none: everything is denied (SG-17).
    pub fn deny_all(&mut self, owner: &Id, list: ListName) -> FilterUse {
        let kind = match list {
            ListName::Ingress => FilterKind::SecurityGroupIngress,
            ListName::Egress => FilterKind::SecurityGroupEgress,
        };
        let key = ListKey::Groups(vec![owner.clone()], list);
        let list = intern(
            &mut self.keys,
            &mut self.filters,
            key,
            owner.clone(),
            Vec::new,
        );
        FilterUse { kind, list }
    }
}

fn intern(
    keys: &mut HashMap<ListKey, ListIx>,
    filters: &mut Filters,
    key: ListKey,
    owner: Id,
    rules: impl FnOnce() -> Vec<FilterRule>,
) -> ListIx {
    *keys.entry(key).or_insert_with(|| {
        let rules = rules();
        filters.lists.push(FilterList { rules, owner });
        ListIx(u32::try_from(filters.lists.len() - 1).unwrap_or(u32::MAX))
    })
}

/// The rules of one group.
fn group_rules(
    network: &Network,
    members: &HashMap<Id, Arc<AddressSet>>,
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
        rule: Some(RuleRef {
            owner: id.clone(),
            list,
            index,
            action: rule.action,
        }),
    });
    rules.collect()
}

fn group_match(
    network: &Network,
    members: &HashMap<Id, Arc<AddressSet>>,
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
    Match {
        source,
        destination,
        traffic: Arc::new(traffic),
    }
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
fn members(network: &Network) -> HashMap<Id, Arc<AddressSet>> {
    let mut ranges: HashMap<&Id, Vec<AddressSet>> = HashMap::new();
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
    all.map(|(id, sets)| (id.clone(), Arc::new(AddressSet::union_all(sets))))
        .collect()
}

impl Network {
    /// The addresses of an address template (SG-14).
    #[must_use]
    pub fn template_addresses(&self, id: &Id) -> AddressSet {
        let template = self.address_templates.get(id);
        AddressSet::union_all(
            template
                .into_iter()
                .flat_map(|t| t.addresses.iter().cloned()),
        )
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
        services.fold(Traffic::none(), |all, service| {
            all.union(&service.traffic())
        })
    }

    /// The traffic of a service template group (SG-14).
    #[must_use]
    pub fn template_group_traffic(&self, id: &Id) -> Traffic {
        let group = self.service_template_groups.get(id);
        let templates = group.into_iter().flat_map(|group| &group.templates);
        templates.fold(Traffic::none(), |all, id| {
            all.union(&self.template_traffic(id))
        })
    }
}
