//! A resident: something that owns addresses, where it lives, what it can do and which filters guard it.

use std::net::IpAddr;

use super::filter::FilterUse;
use crate::id::Id;
use crate::model::Endpoint;

/// A resident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResidentIx(pub u32);

/// Where a resident lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Home {
    /// In a subnet, by its position in the network.
    Subnet(u32),
    /// In the classic network.
    Classic,
    /// Nowhere private: a public load balancer of a VPC, by the VPC's position.
    Public(u32),
}

/// What a resident can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "named after the kinds of endpoint")]
pub enum Role {
    Machine,
    Database,
    LoadBalancer,
    EndpointConnection,
    VpcEndpoint,
}

/// Something that owns addresses.
#[derive(Clone, Debug)]
pub struct Resident {
    /// The endpoint; for a group the one of its first address.
    pub endpoint: Endpoint,
    /// What it can do.
    pub role: Role,
    /// Where it lives.
    pub home: Home,
    /// First and last of its primary addresses; equal except for groups.
    pub addresses: (IpAddr, IpAddr),
    /// Secondary and IPv6 addresses.
    pub further: Vec<IpAddr>,
    /// Its public address (EIP, public IP, public VIP).
    pub public: Option<IpAddr>,
    /// The machine it is on, so that a machine is never paired with itself (D20-6).
    pub machine: Option<Id>,
    /// The filter of packets it sends.
    pub egress: Option<FilterUse>,
    /// The filter of packets that arrive.
    pub ingress: Option<FilterUse>,
    /// Stopped, isolated or failed: neither opens nor accepts (D20-17).
    pub down: bool,
    /// A HAVIP that nobody carries (RT-16).
    pub unbound: bool,
}

impl Resident {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> Option<&Id> {
        self.endpoint.id()
    }

    /// The endpoint behind one of its addresses.
    #[must_use]
    pub fn endpoint_at(&self, address: IpAddr) -> Endpoint {
        match &self.endpoint {
            Endpoint::GroupMember(id, _) => Endpoint::GroupMember(id.clone(), address),
            other => other.clone(),
        }
    }

    /// Whether the (private) address is one of its own.
    #[must_use]
    pub fn owns(&self, address: IpAddr) -> bool {
        (self.addresses.0 <= address && address <= self.addresses.1)
            || self.further.contains(&address)
    }
}
