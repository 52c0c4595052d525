//! Where packets of a fabric go, beside its graph: which stage belongs to what. No rule of a list decides any of it, so that fabrics
//! which differ in nothing but rules share it.

use std::net::IpAddr;
use std::sync::OnceLock;

use ipnet::IpNet;
use petgraph::graph::{EdgeIndex, NodeIndex};
use rustc_hash::{FxHashMap, FxHashSet};

use super::gates::Gates;
use super::hosts::position;
use super::meeting::Zone;
use super::straight::Line;
use super::{Fabric, FilterUse, Home, ListIx, PublicOwner, ResidentIx, Rule, Then};
use crate::id::Id;
use crate::model::{Place, Vpc};

/// Where packets of a fabric go, beside its graph: what no rule of a list decides.
#[derive(Debug)]
pub(super) struct Ways {
    pub(super) nodes: Nodes,
    /// ACLs of each subnet: (egress, ingress).
    pub(super) acls: Vec<(Option<FilterUse>, Option<FilterUse>)>,
    /// The same with the exemption of the subnet's own addresses.
    pub(super) legs: Vec<(Option<FilterUse>, Option<FilterUse>)>,
    /// Route lookups and the subnets whose packets they see.
    pub(super) routers: FxHashMap<NodeIndex, u32>,
    /// The lists that are asked on the way, not only of its ends.
    pub(super) on_the_way: OnceLock<FxHashSet<ListIx>>,
    /// The VPC of each live link (CL-8, CL-18), by its CVM.
    pub(super) linked: FxHashMap<ResidentIx, u32>,
    /// Per VPC: what lies beyond its gateways, once it was asked for.
    pub(super) beyond: Vec<OnceLock<Vec<(Id, Zone)>>>,
    /// Per stage: its decisions by destination, once they were asked for.
    pub(super) lines: Vec<OnceLock<Line>>,
    /// Which places are alike, once it was asked for.
    pub(super) gates: OnceLock<Gates>,
}

/// Where the stages of each object are.
#[derive(Clone, Debug, Default)]
pub(super) struct Nodes {
    /// Per subnet: the route lookup for packets that leave it.
    pub(super) routers: Vec<NodeIndex>,
    /// Per subnet: handing out to its residents.
    pub(super) subnets: Vec<NodeIndex>,
    /// Per VPC: Local.
    pub(super) locals: Vec<NodeIndex>,
    /// Per VPC: links towards the classic network.
    pub(super) links: Vec<NodeIndex>,
    pub(super) internet: NodeIndex,
    /// Per region.
    pub(super) classic: FxHashMap<Id, NodeIndex>,
    /// Per site.
    pub(super) sites: Vec<NodeIndex>,
    /// Per VPN connection and Direct Connect tunnel of a site: its id and where its packets enter.
    pub(super) entrances: Vec<Vec<(Id, NodeIndex)>>,
    /// Per classic instance: its way out.
    pub(super) classic_out: FxHashMap<ResidentIx, NodeIndex>,
    /// Stages of load balancers, databases, endpoint connections, endpoints of `PrivateLink`.
    pub(super) services: FxHashMap<ResidentIx, NodeIndex>,
    /// Per NAT gateway: out to the Internet.
    pub(super) nat_out: Vec<NodeIndex>,
    /// Per forwarder, as a public gateway or not: its own route lookup.
    pub(super) forwarders: FxHashMap<(ResidentIx, bool), NodeIndex>,
    /// Per peering and the VPC that sends.
    pub(super) peerings: FxHashMap<(Id, Id), NodeIndex>,
    /// Per VPN gateway: out to its sites.
    pub(super) vpn_out: Vec<NodeIndex>,
    /// Per Direct Connect gateway: out to its sites.
    pub(super) direct_connect_out: Vec<NodeIndex>,
    /// Per Direct Connect gateway: the choice of a tunnel; the same stage where nothing is translated.
    pub(super) direct_connect_tunnels: Vec<NodeIndex>,
    /// Per CCN and member: in.
    pub(super) ccn_in: FxHashMap<(Id, Id), NodeIndex>,
    /// Hop from the Internet to the owner of a public address.
    pub(super) public_in: FxHashMap<PublicOwner, EdgeIndex>,
    /// Per route lookup: CCN routes to the VPC's own CIDRs that are off, longest first, and their CCNs.
    pub(super) off: FxHashMap<NodeIndex, Vec<(IpNet, Id)>>,
    /// Per way out of a NAT gateway for packets that a CCN brings: where their replies go (D20-38).
    pub(super) nat_back: FxHashMap<NodeIndex, NodeIndex>,
}

impl Nodes {
    /// What a VPC's Local swallows although a CCN route leads there that is off (D20-32).
    pub(super) fn swallowed(&mut self, router: NodeIndex, vpc: &Vpc, off: &[(IpNet, Id, Place)]) {
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

impl Fabric {
    /// The route lookup for packets that leave a subnet.
    #[must_use]
    pub fn router(&self, subnet: u32) -> Option<NodeIndex> {
        self.ways.nodes.routers.get(subnet as usize).copied()
    }

    /// The route lookup for what an instance or HAVIP forwards as a next hop.
    #[must_use]
    pub fn forwarder(&self, forwarder: ResidentIx) -> Option<NodeIndex> {
        self.ways.nodes.forwarders.get(&(forwarder, false)).copied()
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
        self.ways.nodes.locals[vpc as usize]
    }

    /// The Internet.
    #[must_use]
    pub fn internet(&self) -> NodeIndex {
        self.ways.nodes.internet
    }

    /// Where the packets of a classic instance start.
    #[must_use]
    pub fn classic_out(&self, resident: ResidentIx) -> Option<NodeIndex> {
        self.ways.nodes.classic_out.get(&resident).copied()
    }

    /// The ways from a site into the cloud, one a tunnel.
    #[must_use]
    pub fn entrances(&self, site: u32) -> &[(Id, NodeIndex)] {
        self.ways.nodes.entrances.get(site as usize).map_or(&[], Vec::as_slice)
    }

    /// The stage of a load balancer, database, endpoint connection or endpoint.
    #[must_use]
    pub fn service(&self, resident: ResidentIx) -> Option<NodeIndex> {
        self.ways.nodes.services.get(&resident).copied()
    }

    /// The hop from the Internet to the owner of a public address.
    #[must_use]
    pub fn public_in(&self, owner: PublicOwner) -> Option<EdgeIndex> {
        self.ways.nodes.public_in.get(&owner).copied()
    }

    /// Where a Direct Connect gateway chooses a tunnel, translation done.
    #[must_use]
    pub fn direct_connect_tunnels(&self, gateway: u32) -> NodeIndex {
        self.ways.nodes.direct_connect_tunnels[gateway as usize]
    }

    /// Where packets enter a Direct Connect gateway from the cloud.
    #[must_use]
    pub fn direct_connect_out(&self, gateway: u32) -> NodeIndex {
        self.ways.nodes.direct_connect_out[gateway as usize]
    }

    /// The ACL of a subnet for packets leaving it.
    #[must_use]
    pub fn acl_out(&self, subnet: u32) -> Option<FilterUse> {
        self.ways.acls.get(subnet as usize).and_then(|(out, _)| *out)
    }

    /// The ACL of a subnet for packets entering it.
    #[must_use]
    pub fn acl_in(&self, subnet: u32) -> Option<FilterUse> {
        self.ways.acls.get(subnet as usize).and_then(|(_, into)| *into)
    }

    /// [`Self::acl_out`] for the leg of a translated connection: two ends of the subnet are exempt (ACL-5,
    /// D20-10).
    #[must_use]
    pub fn leg_out(&self, subnet: u32) -> Option<FilterUse> {
        self.ways.legs.get(subnet as usize).and_then(|(out, _)| *out)
    }

    /// [`Self::acl_in`] for the leg of a translated connection.
    #[must_use]
    pub fn leg_in(&self, subnet: u32) -> Option<FilterUse> {
        self.ways.legs.get(subnet as usize).and_then(|(_, into)| *into)
    }

    /// CCN routes that are off and lead to own CIDRs of the VPC in whose table a stage looks: longest first, with their CCNs.
    #[must_use]
    pub fn off(&self, router: NodeIndex) -> &[(IpNet, Id)] {
        self.ways.nodes.off.get(&router).map_or(&[], Vec::as_slice)
    }

    /// Where the replies go of what left a NAT gateway by a stage for packets that a CCN brings (D20-38).
    #[must_use]
    pub fn nat_back(&self, out: NodeIndex) -> Option<NodeIndex> {
        self.ways.nodes.nat_back.get(&out).copied()
    }

    /// The subnet whose leaving packets a stage looks up, if it is a route lookup.
    #[must_use]
    pub fn subnet_of_router(&self, stage: NodeIndex) -> Option<u32> {
        self.ways.routers.get(&stage).copied()
    }

    /// The VPC of a subnet, by position.
    #[must_use]
    pub fn vpc_of(&self, subnet: u32) -> Option<u32> {
        self.hosts.vpc_of(subnet)
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
        self.ways.nodes.classic.get(region).copied()
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

    /// Whether one of two is of the classic network, the other of a VPC, and no live link joins them: by their private addresses
    /// they never meet (CL-2, CL-18).
    #[must_use]
    pub fn are_unlinked(&self, one: ResidentIx, other: ResidentIx) -> bool {
        let linked = |classic| self.ways.linked.get(&classic).copied();
        match (self.vpc_of_resident(one), self.vpc_of_resident(other)) {
            (None, Some(vpc)) => linked(one) != Some(vpc),
            (Some(vpc), None) => linked(other) != Some(vpc),
            _ => false,
        }
    }

    /// Whether an address is a public one.
    #[must_use]
    pub fn is_public(&self, address: IpAddr) -> bool {
        self.public.contains(address)
    }
}
