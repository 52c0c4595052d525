//! The devices that rewrite addresses and ports, by name.

use crate::id::Id;

/// What kind of device translates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TranslatorKind {
    /// A NAT gateway: sources on the way out (NAT-1), destinations of DNAT entries on the way in (NAT-3).
    NatGateway,
    /// The EIP of an endpoint, 1:1 (NAT-9).
    Eip,
    /// The public address of a classic CVM (CN-8).
    PublicAddress,
    /// An instance that forwards under its own public address (NAT-12).
    PublicGateway,
    /// An instance or HAVIP that forwards under its own private address (D20-36).
    Forwarder,
    /// A load balancer: from its VIP and port to a target's (CLB-3).
    LoadBalancer,
    /// An endpoint of `PrivateLink`: from the client and its own address to 11.163.0.0/16 and the VIP behind (PL-4).
    VpcEndpoint,
    /// A NAT-type Direct Connect gateway (DC-6).
    DirectConnectGateway,
}

impl TranslatorKind {
    /// Kebab-case name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NatGateway => "nat-gateway",
            Self::Eip => "eip",
            Self::PublicAddress => "public-address",
            Self::PublicGateway => "public-gateway",
            Self::Forwarder => "forwarder",
            Self::LoadBalancer => "load-balancer",
            Self::VpcEndpoint => "vpc-endpoint",
            Self::DirectConnectGateway => "direct-connect-gateway",
        }
    }
}

/// A device that translates.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Translator {
    /// What it is.
    pub kind: TranslatorKind,
    /// The gateway or balancer; of an EIP or public address, who has it.
    pub at: Id,
}
