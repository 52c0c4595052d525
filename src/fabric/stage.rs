//! The words of the fabric: stages, their decision lists, and the hops between them.
//!
//! A stage is a list of rules, first match decides. A translation (`vpc`, `edge`, `wan`, `ccn`, `balancer`,
//! `classic`) turns the user's words into these words and does nothing else; walking them is the engine's.

use std::sync::Arc;

use petgraph::graph::EdgeIndex;

use super::filter::FilterUse;
use super::resident::ResidentIx;
use crate::id::Id;
use crate::model::Place;
use crate::query::{Cause, Waypoint};
use crate::space::{Match, Rewrite};

/// What a stage is, for people and scripts (`stage` of `pathproof.trace/1`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "named after what they are")]
pub enum StageKind {
    Route,
    Local,
    Subnet,
    ClassicLink,
    Classic,
    Peering,
    Ccn,
    NatGateway,
    PublicGateway,
    Forwarder,
    VpnGateway,
    DirectConnectGateway,
    Site,
    Internet,
    LoadBalancer,
    EndpointConnection,
    VpcEndpoint,
    Database,
}

impl StageKind {
    /// Kebab-case name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Route => "route",
            Self::Local => "local",
            Self::Subnet => "subnet",
            Self::ClassicLink => "classic-link",
            Self::Classic => "classic-network",
            Self::Peering => "peering",
            Self::Ccn => "ccn",
            Self::NatGateway => "nat-gateway",
            Self::PublicGateway => "public-gateway",
            Self::Forwarder => "forwarder",
            Self::VpnGateway => "vpn-gateway",
            Self::DirectConnectGateway => "direct-connect-gateway",
            Self::Site => "site",
            Self::Internet => "internet",
            Self::LoadBalancer => "load-balancer",
            Self::EndpointConnection => "endpoint-connection",
            Self::VpcEndpoint => "vpc-endpoint",
            Self::Database => "database",
        }
    }
}

/// A packet-processing stage.
#[derive(Clone, Debug)]
pub struct Stage {
    /// What it is.
    pub kind: StageKind,
    /// The object it belongs to.
    pub at: Option<Id>,
    /// Decisions, first match wins.
    pub rules: Vec<Rule>,
    /// What happens to the rest.
    pub otherwise: Then,
    /// The cloud rules it implements.
    pub cites: &'static [&'static str],
}

/// One decision of a stage.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Which packets.
    pub when: Match,
    /// Only those that came into the VPC by a gateway, or only those that did not; `None` = both. Addresses alone do not
    /// tell, since VPCs may overlap (D20-32).
    pub from_outside: Option<bool>,
    /// What happens to them.
    pub then: Then,
    /// The route or entry that says so.
    pub place: Option<Place>,
}

/// What happens to a packet.
#[derive(Clone, Debug)]
pub enum Then {
    /// It may take any of these ways: all of them must work (RT-10, D20-29).
    Go(Arc<[Way]>),
    /// It is lost.
    Stop(Arc<Cause>),
    /// A stage that several share decides, as if it stood here: along this edge, on which nothing happens.
    Shared(EdgeIndex),
    /// Whoever owns its destination in this VPC gets it.
    Deliver(u32),
    /// Whoever owns its destination in the classic network of this region gets it (CN-3).
    DeliverClassic(Id),
    /// This resident gets it.
    Hand(ResidentIx),
    /// The Internet: whoever owns its public destination gets it, else an Internet host.
    Public,
    /// It has arrived at this site.
    ArriveAtSite(u32),
    /// This target of a load balancer takes it.
    Target(ResidentIx),
    /// It is served here.
    Accept,
}

/// One way out of a stage.
#[derive(Clone, Debug)]
pub enum Way {
    /// Along an edge of the graph.
    Hop(EdgeIndex),
    /// Nowhere.
    Lost(Arc<Cause>),
}

/// An edge of the graph: what happens between two stages.
#[derive(Clone, Debug, Default)]
pub struct Hop {
    /// Filters before the translation, in order.
    pub filters: Vec<FilterUse>,
    /// Filters behind it, in order.
    pub behind: Vec<FilterUse>,
    /// What a translating device does; on the way back it is undone at the same device.
    pub translation: Option<Translation>,
    /// The route that leads along it, where a stage has several for one destination.
    pub place: Option<Place>,
    /// What `via` may name.
    pub waypoint: Option<Waypoint>,
    /// The forwarding resident that the packet passes, to detect loops (RT-16, D20-11).
    pub forwarder: Option<ResidentIx>,
    /// Which packets that forwarder refuses, and why (NAT-12, D20-2).
    pub refused: Vec<(Match, Arc<Cause>)>,
    /// The tunnel that the packet passes, so that a site's reply takes it too (D20-12).
    pub tunnel: Option<Id>,
    /// The tunnel is down: packets that it would carry are lost (D20-20).
    pub down: Option<Arc<Cause>>,
    /// Since its health is checked, a site does not take it while it is down, where another carries (D20-34).
    pub absent: bool,
    /// The packet has entered what the gateway leads to (D20-12).
    pub carried: bool,
}

/// A rewrite and the device that does it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Translation {
    /// The device.
    pub device: Device,
    /// What it does.
    pub rewrite: Rewrite,
}

/// A device that translates and remembers: replies come back through it (NAT-5, NAT-11, D20-10).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Device {
    /// NAT gateway, on the way out.
    NatOut(u32),
    /// NAT gateway, on the way in.
    NatIn(u32),
    /// EIP or public address of a resident, on the way out.
    EipOut(ResidentIx),
    /// EIP or public address of a resident, on the way in.
    EipIn(ResidentIx),
    /// Public gateway instance.
    PublicGateway(ResidentIx),
    /// A forwarding instance or HAVIP that translates (D20-36).
    Masquerade(ResidentIx),
    /// Load balancer of a VPC or of the classic network.
    LoadBalancer(ResidentIx),
    /// An endpoint of `PrivateLink` (PL-4).
    VpcEndpoint(ResidentIx),
    /// NAT-type Direct Connect gateway.
    DirectConnect(u32),
}

impl Device {
    /// Whose machine it is, where it is one: the reply goes on from there.
    #[must_use]
    pub fn resident(&self) -> Option<ResidentIx> {
        match self {
            Self::EipOut(resident)
            | Self::EipIn(resident)
            | Self::PublicGateway(resident)
            | Self::Masquerade(resident)
            | Self::LoadBalancer(resident)
            | Self::VpcEndpoint(resident) => Some(*resident),
            Self::NatOut(_) | Self::NatIn(_) | Self::DirectConnect(_) => None,
        }
    }

    /// Whether what passes it on the way there has another source address behind it.
    #[must_use]
    pub fn rewrites_source(&self) -> bool {
        match self {
            Self::NatOut(_)
            | Self::EipOut(_)
            | Self::PublicGateway(_)
            | Self::Masquerade(_)
            | Self::VpcEndpoint(_)
            | Self::DirectConnect(_) => true,
            Self::NatIn(_) | Self::EipIn(_) | Self::LoadBalancer(_) => false,
        }
    }
}
