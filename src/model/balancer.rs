//! Cloud load balancers (CLB-1..17), in VPCs and in the classic network.

use std::net::IpAddr;

use super::Meta;
use crate::id::Id;
use crate::space::{IntervalSet, Protocol};

/// A load balancer of a VPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadBalancer {
    /// Owner, name, tags.
    pub meta: Meta,
    /// Where its VIP lives.
    pub network: LoadBalancerNetwork,
    /// Bound groups in order; none = everything admitted at the listeners (CLB-6).
    pub security_groups: Vec<Id>,
    /// `LoadBalancerPassToTarget`: the targets' groups are not consulted (CLB-5).
    pub pass_to_target: bool,
    /// Its listeners.
    pub listeners: Vec<Listener>,
}

/// `INTERNAL` or `OPEN` (CLB-1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadBalancerNetwork {
    /// VIP taken from a subnet, optionally with an EIP (CLB-9).
    Internal {
        /// The subnet of the VIP.
        subnet: Id,
        /// Private VIP.
        vip: IpAddr,
        /// Elastic IP bound to it.
        eip: Option<IpAddr>,
    },
    /// Public VIP; its targets lie in `vpc`.
    Public {
        /// The VPC of its targets.
        vpc: Id,
        /// Public VIP.
        vip: IpAddr,
    },
}

/// A listener of a load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Protocol, with layer 7 ones kept apart for display.
    pub protocol: ListenerProtocol,
    /// Ports it listens on.
    pub ports: IntervalSet<u16>,
    /// Its targets in order.
    pub targets: Vec<Target>,
    /// The port that its answers send every client to, if it answers itself (CLB-18): it has no targets then.
    pub redirects_to: Option<u16>,
}

/// Protocol of a listener (CLB-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "protocol names")]
pub enum ListenerProtocol {
    Tcp,
    Udp,
    TcpSsl,
    Quic,
    Http,
    Https,
}

impl ListenerProtocol {
    /// The transport protocol on the wire.
    #[must_use]
    pub fn transport(self) -> Protocol {
        match self {
            Self::Udp | Self::Quic => Protocol::UDP,
            Self::Tcp | Self::TcpSsl | Self::Http | Self::Https => Protocol::TCP,
        }
    }

    /// Whether it speaks HTTP, and can redirect (CLB-18).
    #[must_use]
    pub fn is_web(self) -> bool {
        matches!(self, Self::Http | Self::Https)
    }

    /// The word of the scenario format.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::TcpSsl => "tcp_ssl",
            Self::Quic => "quic",
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// A backend of a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// An instance, ENI or instance-group member.
    pub instance: Id,
    /// Port on the target.
    pub port: u16,
    /// 0 takes no new connections (CLB-2).
    pub weight: u8,
}
