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
mod hosts;
mod meeting;
mod private_link;
mod public;
mod stage;
mod straight;
mod vpc;
mod wan;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use ipnet::IpNet;
use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};

pub use content::{leading_to, stage_texts};
pub use filter::{FilterBuilder, FilterKind, FilterList, FilterRule, FilterUse, Filters, ListIx};
pub use hosts::{Home, Hosts, PublicOwner, Resident, ResidentIx, Role};
pub use meeting::{
    Party, against_an_endpoint, beside_the_way, beyond_a_second_gateway, meeting, shared_ccns,
};
pub use stage::{Device, Hop, Rule, Stage, StageKind, Then, Translation, Way};
pub use straight::{Between, Straight};

use crate::id::Id;
use crate::model::{Network, Place, Vpc, named_ports};
use crate::query::{Cause, ListName};
use crate::space::{AddressSet, Match, Protocol, Traffic};
use hosts::position;

/// A stage, by its position in the graph.
pub type StageIx = NodeIndex;

/// A compiled network.
#[derive(Clone, Debug)]
pub struct Fabric {
    /// Stages and hops.
    pub graph: DiGraph<Stage, Hop>,
    /// Residents and their addresses.
    pub hosts: Hosts,
    /// Rule lists.
    pub filters: Filters,
    /// Addresses that count as public (D20-3).
    pub public: Arc<AddressSet>,
    /// Ports that its network names, for examples.
    pub named: Arc<[(Protocol, u16)]>,
    nodes: Nodes,
    /// ACLs of each subnet: (egress, ingress).
    acls: Vec<(Option<FilterUse>, Option<FilterUse>)>,
    /// The same with the exemption of the subnet's own addresses.
    legs: Vec<(Option<FilterUse>, Option<FilterUse>)>,
    /// Route lookups and the subnets whose packets they see.
    routers: HashMap<NodeIndex, u32>,
    /// Per VPC: what lies beyond its gateways, once it was asked for.
    beyond: Vec<OnceLock<Vec<(Id, meeting::Zone)>>>,
    /// Per stage: its decisions by destination, once they were asked for.
    lines: Vec<OnceLock<straight::Line>>,
    /// What it was compiled from.
    pub network: Arc<Network>,
}

/// Where the stages of each object are.
#[derive(Clone, Debug, Default)]
struct Nodes {
    /// Per subnet: the route lookup for packets that leave it.
    routers: Vec<NodeIndex>,
    /// Per subnet: handing out to its residents.
    subnets: Vec<NodeIndex>,
    /// Per VPC: Local.
    locals: Vec<NodeIndex>,
    /// Per VPC: links towards the classic network.
    links: Vec<NodeIndex>,
    internet: NodeIndex,
    /// Per region.
    classic: HashMap<Id, NodeIndex>,
    /// Per site.
    sites: Vec<NodeIndex>,
    /// Per VPN connection and Direct Connect tunnel of a site: its id and where its packets enter.
    entrances: Vec<Vec<(Id, NodeIndex)>>,
    /// Per classic instance: its way out.
    classic_out: HashMap<ResidentIx, NodeIndex>,
    /// Stages of load balancers, databases, endpoint connections, endpoints of `PrivateLink`.
    services: HashMap<ResidentIx, NodeIndex>,
    /// Per NAT gateway: out to the Internet.
    nat_out: Vec<NodeIndex>,
    /// Per forwarder, as a public gateway or not: its own route lookup.
    forwarders: HashMap<(ResidentIx, bool), NodeIndex>,
    /// Per peering and the VPC that sends.
    peerings: HashMap<(Id, Id), NodeIndex>,
    /// Per VPN gateway: out to its sites.
    vpn_out: Vec<NodeIndex>,
    /// Per Direct Connect gateway: out to its sites.
    direct_connect_out: Vec<NodeIndex>,
    /// Per Direct Connect gateway: the choice of a tunnel; the same stage where nothing is translated.
    direct_connect_tunnels: Vec<NodeIndex>,
    /// Per CCN and member: in.
    ccn_in: HashMap<(Id, Id), NodeIndex>,
    /// Hop from the Internet to the owner of a public address.
    public_in: HashMap<PublicOwner, EdgeIndex>,
    /// Per route lookup: CCN routes to the VPC's own CIDRs that are off, longest first, and their CCNs.
    off: HashMap<NodeIndex, Vec<(IpNet, Id)>>,
    /// Per way out of a NAT gateway for packets that a CCN brings: where their replies go (D20-38).
    nat_back: HashMap<NodeIndex, NodeIndex>,
}

impl Nodes {
    /// What a VPC's Local swallows although a CCN route leads there that is off (D20-32).
    fn swallowed(&mut self, router: NodeIndex, vpc: &Vpc, off: &[(IpNet, Id, Place)]) {
        let is_own = |to: &IpNet| {
            let mut own = vpc.cidrs();
            own.any(|own| own.contains(to) || to.contains(&own))
        };
        let own = off.iter().filter(|(to, ..)| is_own(to));
        let mut own: Vec<_> = own.map(|(to, ccn, _)| (*to, ccn.clone())).collect();
        if !own.is_empty() {
            own.sort_by_key(|(to, _)| std::cmp::Reverse(to.prefix_len()));
            self.off.insert(router, own);
        }
    }
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
    propagated: HashMap<(Id, Option<Id>), Arc<Vec<ccn::Propagated>>>,
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
            propagated: HashMap::new(),
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
        let mut routers: HashMap<_, _> = builder.nodes.routers.iter().copied().zip(0..).collect();
        for ((gateway, _), node) in &builder.nodes.forwarders {
            if let Home::Subnet(subnet) = builder.hosts.get(*gateway).home {
                routers.insert(*node, subnet);
            }
        }
        let Builder {
            graph,
            hosts,
            filters,
            public,
            nodes,
            ..
        } = builder;
        let filters = filters.finish();
        Self {
            lines: straight::lines(graph.node_count()),
            graph,
            hosts,
            filters,
            public,
            named: named_ports(&network).into(),
            nodes,
            acls,
            legs,
            routers,
            beyond: network.vpcs.iter().map(|_| OnceLock::new()).collect(),
            network,
        }
    }

    /// The route lookup for packets that leave a subnet.
    #[must_use]
    pub fn router(&self, subnet: u32) -> Option<NodeIndex> {
        self.nodes.routers.get(subnet as usize).copied()
    }

    /// The route lookup for what an instance or HAVIP forwards as a next hop.
    #[must_use]
    pub fn forwarder(&self, forwarder: ResidentIx) -> Option<NodeIndex> {
        self.nodes.forwarders.get(&(forwarder, false)).copied()
    }

    /// The rules of a stage in order, those of a stage that it shares with others among them.
    pub fn rules(&self, stage: NodeIndex) -> impl Iterator<Item = &Rule> {
        let shared = self.shared(stage);
        let shared = shared.map(|shared| &self.graph[shared].rules);
        let own = &self.graph[stage].rules;
        own.iter().chain(shared.into_iter().flatten())
    }

    /// The stage that decides for this one and others where its own rules do not.
    #[must_use]
    pub fn shared(&self, stage: NodeIndex) -> Option<NodeIndex> {
        let Then::Shared(edge) = self.graph[stage].otherwise else {
            return None;
        };
        let ends = self.graph.edge_endpoints(edge);
        ends.map(|(_, shared)| shared)
    }

    /// Local of a VPC.
    #[must_use]
    pub fn local(&self, vpc: u32) -> NodeIndex {
        self.nodes.locals[vpc as usize]
    }

    /// The Internet.
    #[must_use]
    pub fn internet(&self) -> NodeIndex {
        self.nodes.internet
    }

    /// Where the packets of a classic instance start.
    #[must_use]
    pub fn classic_out(&self, resident: ResidentIx) -> Option<NodeIndex> {
        self.nodes.classic_out.get(&resident).copied()
    }

    /// The ways from a site into the cloud, one a tunnel.
    #[must_use]
    pub fn entrances(&self, site: u32) -> &[(Id, NodeIndex)] {
        self.nodes
            .entrances
            .get(site as usize)
            .map_or(&[], Vec::as_slice)
    }

    /// The stage of a load balancer, database, endpoint connection or endpoint.
    #[must_use]
    pub fn service(&self, resident: ResidentIx) -> Option<NodeIndex> {
        self.nodes.services.get(&resident).copied()
    }

    /// The hop from the Internet to the owner of a public address.
    #[must_use]
    pub fn public_in(&self, owner: PublicOwner) -> Option<EdgeIndex> {
        self.nodes.public_in.get(&owner).copied()
    }

    /// Where a Direct Connect gateway chooses a tunnel, translation done.
    #[must_use]
    pub fn direct_connect_tunnels(&self, gateway: u32) -> NodeIndex {
        self.nodes.direct_connect_tunnels[gateway as usize]
    }

    /// Where packets enter a Direct Connect gateway from the cloud.
    #[must_use]
    pub fn direct_connect_out(&self, gateway: u32) -> NodeIndex {
        self.nodes.direct_connect_out[gateway as usize]
    }

    /// The ACL of a subnet for packets leaving it.
    #[must_use]
    pub fn acl_out(&self, subnet: u32) -> Option<FilterUse> {
        self.acls.get(subnet as usize).and_then(|(out, _)| *out)
    }

    /// The ACL of a subnet for packets entering it.
    #[must_use]
    pub fn acl_in(&self, subnet: u32) -> Option<FilterUse> {
        self.acls.get(subnet as usize).and_then(|(_, into)| *into)
    }

    /// [`Self::acl_out`] for the leg of a translated connection: two ends of the subnet are exempt (ACL-5,
    /// D20-10).
    #[must_use]
    pub fn leg_out(&self, subnet: u32) -> Option<FilterUse> {
        self.legs.get(subnet as usize).and_then(|(out, _)| *out)
    }

    /// [`Self::acl_in`] for the leg of a translated connection.
    #[must_use]
    pub fn leg_in(&self, subnet: u32) -> Option<FilterUse> {
        self.legs.get(subnet as usize).and_then(|(_, into)| *into)
    }

    /// CCN routes that are off and lead to own CIDRs of the VPC in whose table a stage looks: longest first, with their CCNs.
    #[must_use]
    pub fn off(&self, router: NodeIndex) -> &[(IpNet, Id)] {
        self.nodes.off.get(&router).map_or(&[], Vec::as_slice)
    }

    /// Where the replies go of what left a NAT gateway by a stage for packets that a CCN brings (D20-38).
    #[must_use]
    pub fn nat_back(&self, out: NodeIndex) -> Option<NodeIndex> {
        self.nodes.nat_back.get(&out).copied()
    }

    /// The subnet whose leaving packets a stage looks up, if it is a route lookup.
    #[must_use]
    pub fn subnet_of_router(&self, stage: NodeIndex) -> Option<u32> {
        self.routers.get(&stage).copied()
    }

    /// The VPC of a subnet, by position.
    #[must_use]
    pub fn vpc_of(&self, subnet: u32) -> Option<u32> {
        let (_, subnet) = self.network.subnets.get_index(subnet as usize)?;
        position(&self.network.vpcs, &subnet.vpc)
    }

    /// The position of a VPC.
    #[must_use]
    pub fn position_of_vpc(&self, vpc: &Id) -> Option<u32> {
        position(&self.network.vpcs, vpc)
    }

    /// The classic network of the region that a resident lives in.
    #[must_use]
    pub fn classic_network(&self, resident: ResidentIx) -> Option<NodeIndex> {
        let id = self.hosts.get(resident).id()?;
        let region = self.network.region_of(id.as_str())?;
        self.nodes.classic.get(region).copied()
    }

    /// The VPC that a resident lives in.
    #[must_use]
    pub fn vpc_of_resident(&self, resident: ResidentIx) -> Option<u32> {
        match self.hosts.get(resident).home {
            Home::Subnet(subnet) => self.vpc_of(subnet),
            Home::Public(vpc) => Some(vpc),
            Home::Classic => None,
        }
    }

    /// Whether an address is a public one.
    #[must_use]
    pub fn is_public(&self, address: IpAddr) -> bool {
        self.public.contains(address)
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

/// The addresses of a subnet.
fn subnet_addresses(subnet: &crate::model::Subnet) -> AddressSet {
    let v6 = subnet.ipv6_cidr.map(AddressSet::from);
    AddressSet::union_all(std::iter::once(AddressSet::from(subnet.cidr)).chain(v6))
}

/// Packets by their destination.
fn to(addresses: impl Into<AddressSet>) -> Match {
    Match {
        destination: Some(Arc::new(addresses.into())),
        ..Match::all()
    }
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
    Match {
        traffic: Arc::new(traffic),
        ..Match::all()
    }
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
    Rule {
        when,
        from_outside: None,
        then,
        place: None,
    }
}

fn placed(when: Match, then: Then, place: Place) -> Rule {
    Rule {
        when,
        from_outside: None,
        then,
        place: Some(place),
    }
}
