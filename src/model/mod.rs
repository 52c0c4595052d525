//! The network as configured: what a cloud account holds, and nothing about how a packet crosses it.
//!
//! Entities refer to each other by [`Id`]. A `Network` that came out of [`crate::scenario`] or of
//! [`change::Change`] has passed [`check()`]: every reference leads to an entity of the right
//! kind, every address lies where it must, and no rule of the cloud is broken; engines rely on it and never fail.
//! Two networks are equal if and only if their configuration is: places in files live elsewhere
//! ([`crate::scenario::origin`]).

pub mod address;
pub mod apply;
pub mod balancer;
pub mod between;
pub mod ccn;
pub mod change;
pub mod check;
pub mod classic;
pub mod database;
pub mod endpoint;
pub mod failure;
pub mod filter;
pub mod gateway;
pub mod instance;
mod kind;
pub mod line;
pub mod link;
pub mod lookup;
pub mod mention;
mod named;
pub mod place;
pub mod private_link;
pub mod propagation;
pub mod publication;
mod records;
pub mod reference;
pub mod route;
#[cfg(test)]
mod sample;
mod section;
mod sections;
pub mod service;
mod sharing;
pub mod unmodelled;
pub mod violation;
pub mod vpc;
mod worded;

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::id::Id;

pub use address::{AddressSpace, Owned};
pub use apply::{Refusal, apply};
pub use balancer::{Listener, ListenerProtocol, LoadBalancer, LoadBalancerNetwork, Target};
pub use ccn::{
    Ccn, CcnBandwidth, CcnMember, CcnRoute, CcnRoutePolicy, CcnRouteTable, CcnSelection,
};
pub(crate) use change::changes;
pub use change::{Change, IsolationReason, ListenerKey, MigrationKind};
pub use check::{check, check_while, quotas};
pub use classic::{ClassicDatabase, ClassicInstance, ClassicLoadBalancer};
pub use database::{Database, Engine, Hours, Keeping, OldNetwork, OldVip};
pub use endpoint::Endpoint;
pub use failure::{Failing, Failure};
pub use filter::{
    AclRule, AddressTemplate, AddressTemplateGroup, EdgeFirewall, NetworkAcl, Peer, SecurityGroup,
    SecurityGroupRule, Served, ServiceTemplate, ServiceTemplateGroup,
};
pub use gateway::{
    Attachment, DcDnat, DcNat, DcSnat, DirectConnectGateway, DirectConnectKind,
    DirectConnectTunnel, Dnat, NatGateway, NatKind, Peering, PeeringState, Site, Snat, SnatSource,
    VpnConnection, VpnGateway, VpnPolicy, VpnRoute,
};
pub use instance::{HaVip, Instance, InstanceGroup, NetworkInterface, State};
pub use line::Line;
pub use link::{ClassicLink, EndpointConnection};
pub use mention::Mention;
pub use named::{named_ports, own_ports};
pub use place::{Key, Locate, Place};
pub use private_link::{EndpointService, VpcEndpoint, VpcEndpointState, provider_sources};
pub use propagation::{CcnCopy, CcnEntry, CcnTable};
pub use publication::{Origin, Publication};
pub(crate) use records::records;
pub use reference::{Reference, broken_references, references};
pub use route::{NextHop, Route, RouteName, RouteTable};
pub use section::Section;
pub(crate) use sections::sections;
pub use sections::{Entity, Kind, Lies, Network};
pub use service::{Protocols, Service};
pub use unmodelled::{Destination, INTERNET, Unmodelled};
pub use violation::{Usage, Violation};
pub use vpc::{CcnPublication, Subnet, Vpc};
pub use worded::Worded;

/// What every entity may carry beside its own fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// The account that owns it; `None` = inherited (D20-16).
    pub account: Option<Id>,
    /// Free text for people.
    pub name: Option<String>,
    /// Labels of an endpoint, for selectors such as `tag:role=web`.
    pub tags: BTreeMap<String, String>,
}

/// An account (tenant) of the cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Free text and the like.
    pub meta: Meta,
    /// What kinds of network it may use (CL-26).
    pub supported_platforms: SupportedPlatforms,
}

/// `supportedPlatforms` of `DescribeAccountVpcAttributes` (CL-26).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SupportedPlatforms {
    /// The classic network and VPCs.
    #[default]
    Classic,
    /// VPCs only: registered after 2017-06-13.
    OnlyVpc,
}

/// Switches for what the cloud's documents leave open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Platform {
    /// TCP/25 from CVMs to external addresses is dropped (SG-20).
    pub outbound_smtp_blocked: bool,
    /// Only primary CIDRs of /16 and longer may be linked (CL-7, DOUBT-3).
    pub strict_classic_link_range: bool,
    /// Clients from outside the VPC may use its endpoint connections (EP-6, DOUBT-4).
    pub endpoint_connection_transit: bool,
}

impl Default for Platform {
    fn default() -> Self {
        Self {
            outbound_smtp_blocked: true,
            strict_classic_link_range: false,
            endpoint_connection_transit: false,
        }
    }
}

/// A part of a network as a file or a `Create` writes it: like [`Network`], except that its
/// classic links do not know their addresses yet (CL-18: the address is the one at the time of attaching).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fragment {
    /// Everything but the links; its `classic_links` and `down` are empty.
    pub network: Network,
    /// VPC id → classic instances to link.
    pub classic_links: IndexMap<Id, Vec<Id>>,
    /// The switches, where the fragment writes the section.
    pub platform: Option<Platform>,
}
