//! The network as a graph of packet-processing stages.
//!
//! Nodes are [`Stage`]s with ordered decisions, edges are [`Hop`]s with the filters and translations between
//! them. Everything the cloud does by itself (Local, implied routes, propagation) is a stage or a rule here, with
//! the ids of the cloud's rules it implements. Engines walk the graph and add no meaning.
//!
//! Endpoints are not nodes: a subnet's stage hands a packet to whoever owns its destination, so the graph has the size
//! of the routing, not of the fleet.

mod balancer;
mod ccn;
mod classic;
mod content;
mod edge;
mod filter;
mod firewall;
mod gates;
mod hosts;
mod lists;
mod meeting;
mod plain;
mod private_link;
mod public;
mod resident;
mod stage;
mod straight;
mod vpc;
mod wan;
mod ways;

use std::sync::{Arc, OnceLock};

use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};

pub use content::{leading_to, stage_texts};
pub use filter::{FilterKind, FilterList, FilterRule, FilterUse, Filters, ListIx};
pub use gates::Gate;
pub use hosts::{Hosts, PublicOwner};
pub use lists::FilterBuilder;
pub use meeting::{
    Party, against_an_endpoint, beside_the_way, beyond_a_second_gateway, meeting, shared_ccns,
};
pub use resident::{Home, Resident, ResidentIx, Role};
pub use stage::{Device, Hop, Rule, Stage, StageKind, Then, Translation, Way};
pub use straight::{Between, Straight};

use crate::id::Id;
use crate::model::{Network, Place, named_ports};
use crate::query::{Cause, ListName};
use crate::space::{AddressSet, Match, Protocol, Traffic};
use rustc_hash::FxHashMap;
use ways::{Nodes, Ways};

/// A stage, by its position in the graph.
pub type StageIx = NodeIndex;

/// A hop, by its position in the graph.
pub type HopIx = EdgeIndex;

/// A compiled network. What a change of rules leaves as it is, two fabrics share ([`Fabric::after`]).
#[derive(Clone, Debug)]
pub struct Fabric {
    /// Stages and hops.
    pub graph: Arc<DiGraph<Stage, Hop>>,
    /// Residents and their addresses.
    pub hosts: Arc<Hosts>,
    /// Rule lists.
    pub filters: Filters,
    /// Addresses that count as public (D20-3).
    pub public: Arc<AddressSet>,
    /// Ports that its network names, for examples.
    pub named: Arc<[(Protocol, u16)]>,
    ways: Arc<Ways>,
    /// What it was compiled from.
    pub network: Arc<Network>,
}

/// What the translations build with.
struct Builder<'net> {
    network: &'net Network,
    graph: DiGraph<Stage, Hop>,
    hosts: Hosts,
    filters: FilterBuilder<'net>,
    public: Arc<AddressSet>,
    nodes: Nodes,
    /// What CCNs say in a VPC's route tables: many subnets share one.
    propagated: FxHashMap<(Id, Option<Id>), Arc<Vec<ccn::Propagated>>>,
}

impl Fabric {
    /// Compiles a valid network.
    #[must_use]
    pub fn new(network: Arc<Network>) -> Self {
        let mut filters = FilterBuilder::new(&network);
        let hosts = hosts::residents(&network, &mut filters);
        let mut builder = Builder {
            network: &network,
            graph: DiGraph::new(),
            hosts,
            filters,
            public: Arc::new(public::public_addresses(&network)),
            nodes: Nodes::default(),
            propagated: FxHashMap::default(),
        };
        // Stages first, decisions second: decisions refer to stages of every kind.
        builder.vpc_stages();
        builder.edge_stages();
        builder.site_stages();
        builder.local();
        builder.classic();
        builder.balancers();
        builder.vpc_endpoints();
        builder.wan();
        builder.routers();
        builder.public_ways();
        builder.edge_firewalls();
        let legs = builder.legs();
        let subnets = 0..u32::try_from(network.subnets.len()).unwrap_or(u32::MAX);
        let acls = subnets.map(|subnet| {
            let out = builder.acl(subnet, ListName::Egress);
            (out, builder.acl(subnet, ListName::Ingress))
        });
        let acls = acls.collect();
        let mut routers: FxHashMap<_, _> = builder.nodes.routers.iter().copied().zip(0..).collect();
        for ((gateway, _), node) in &builder.nodes.forwarders {
            if let Home::Subnet(subnet) = builder.hosts.get(*gateway).home {
                routers.insert(*node, subnet);
            }
        }
        let Builder { graph, hosts, filters, public, nodes, .. } = builder;
        let filters = filters.finish();
        let ways = Ways {
            linked: linked(&network, &hosts),
            lines: straight::lines(graph.node_count()),
            gates: OnceLock::new(),
            on_the_way: OnceLock::new(),
            nodes,
            acls,
            legs,
            routers,
            beyond: network.vpcs.iter().map(|_| OnceLock::new()).collect(),
        };
        Self {
            graph: Arc::new(graph),
            hosts: Arc::new(hosts),
            filters,
            public,
            named: named_ports(&network).into(),
            ways: Arc::new(ways),
            network,
        }
    }

    /// Compiles a valid network that was made of this one's. Where nothing but what is written in groups, ACLs and templates
    /// differs, packets go where they went: only the lists that differ are compiled.
    #[must_use]
    pub fn after(&self, network: Arc<Network>) -> Self {
        // The sources that stand for the clients of an endpoint are chosen by what rules tell apart.
        if !network.differs_in_rules_only(&self.network) || !network.vpc_endpoints.is_empty() {
            return Self::new(network);
        }
        Self {
            graph: Arc::clone(&self.graph),
            hosts: Arc::clone(&self.hosts),
            filters: self.filters.after(&self.network, &network),
            public: Arc::clone(&self.public),
            named: named_ports(&network).into(),
            ways: Arc::clone(&self.ways),
            network,
        }
    }

    /// Whether a list is asked on some way, not only of the ends that it guards.
    #[must_use]
    pub fn is_on_the_way(&self, list: ListIx) -> bool {
        let lists = || {
            let hops = self.graph.edge_weights();
            let filters = hops.flat_map(|hop| hop.filters.iter().chain(&hop.behind));
            filters.map(|filter| filter.list).collect()
        };
        self.ways.on_the_way.get_or_init(lists).contains(&list)
    }

    /// Whether two fabrics share their stages and residents, so that only lists may differ.
    #[must_use]
    pub fn shares_ways(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.ways, &other.ways)
    }
}

impl Builder<'_> {
    fn stage(
        &mut self,
        kind: StageKind,
        at: Option<&Id>,
        cites: &'static [&'static str],
    ) -> NodeIndex {
        self.graph.add_node(Stage {
            kind,
            at: at.cloned(),
            rules: Vec::new(),
            otherwise: Then::Accept,
            cites,
        })
    }

    fn hop(&mut self, from: NodeIndex, to: NodeIndex, hop: Hop) -> Way {
        Way::Hop(self.graph.add_edge(from, to, hop))
    }

    fn decide(&mut self, stage: NodeIndex, rules: Vec<Rule>, otherwise: Then) {
        let stage = &mut self.graph[stage];
        stage.rules = rules;
        stage.otherwise = otherwise;
    }

    fn acl(&mut self, subnet: u32, list: ListName) -> Option<FilterUse> {
        let (_, written) = self.network.subnets.get_index(subnet as usize)?;
        let acl = written.network_acl.as_ref()?;
        self.filters.acl(acl, list, None)
    }

    /// The ACLs of all subnets, with the exemption of ACL-5 as their first rule.
    fn legs(&mut self) -> Vec<(Option<FilterUse>, Option<FilterUse>)> {
        let network = self.network;
        let subnets = network.subnets.iter();
        let legs = subnets.map(|(id, subnet)| {
            let own = Arc::new(subnet_addresses(subnet));
            let mut leg = |list| {
                let acl = subnet.network_acl.as_ref()?;
                self.filters.acl(acl, list, Some((id, &own)))
            };
            (leg(ListName::Egress), leg(ListName::Ingress))
        });
        legs.collect()
    }
}

/// The VPC of each live link, by its CVM.
fn linked(network: &Network, hosts: &Hosts) -> FxHashMap<ResidentIx, u32> {
    let links = (0..).zip(network.vpcs.keys());
    let links = links.filter_map(|(vpc, id)| Some((vpc, network.classic_links.get(id)?)));
    let links = links.flat_map(|(vpc, links)| links.iter().map(move |link| (vpc, link)));
    let live = links.filter(|(_, link)| network.is_live(link));
    let live = live.filter_map(|(vpc, link)| Some((hosts.of(link.instance.as_str())?, vpc)));
    live.collect()
}

/// The addresses of a subnet.
fn subnet_addresses(subnet: &crate::model::Subnet) -> AddressSet {
    let v6 = subnet.ipv6_cidr.map(AddressSet::from);
    AddressSet::union_all(std::iter::once(AddressSet::from(subnet.cidr)).chain(v6))
}

/// Packets by their destination.
fn to(addresses: impl Into<AddressSet>) -> Match {
    Match { destination: Some(Arc::new(addresses.into())), ..Match::all() }
}

/// Packets by their source and destination.
fn between(source: AddressSet, destination: AddressSet) -> Match {
    Match {
        source: Some(Arc::new(source)),
        destination: Some(Arc::new(destination)),
        ..Match::all()
    }
}

/// Packets by what they carry.
fn carrying(traffic: Traffic) -> Match {
    Match { traffic: Arc::new(traffic), ..Match::all() }
}

fn stop(cause: Cause) -> Then {
    Then::Stop(Arc::new(cause))
}

fn lost(cause: Cause) -> Way {
    Way::Lost(Arc::new(cause))
}

fn go(ways: Vec<Way>) -> Then {
    Then::Go(ways.into())
}

fn rule(when: Match, then: Then) -> Rule {
    Rule { when, from_outside: None, then, place: None }
}

fn placed(when: Match, then: Then, place: Place) -> Rule {
    Rule { when, from_outside: None, then, place: Some(place) }
}
