//! The two bridges between a VPC and the classic network: `ClassicLink` 基础网络互通 (CL-1..27) and
//! endpoint connections 终端连接 (EP-1..8).

use std::net::IpAddr;

use super::{Meta, Network};
use crate::id::Id;

/// One classic CVM linked to a VPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassicLink {
    /// The classic instance.
    pub instance: Id,
    /// Its private address when it was attached. If the instance has another one now, the link is
    /// stale and carries nothing (CL-18).
    ///
    /// A stale link stays stale when the instance gets its old address back (D20-19): it then
    /// holds the unspecified address, which no instance ever has.
    pub address: IpAddr,
}

impl Network {
    /// Whether the instance still has the address with which it was linked (CL-18).
    #[must_use]
    pub fn is_live(&self, link: &ClassicLink) -> bool {
        let instance = self.classic_instances.get(&link.instance);
        instance.is_some_and(|instance| instance.ip == link.address)
    }
}

/// A VIP in a VPC that stands for one classic database or load balancer (EP-1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointConnection {
    /// Owner, name, tags.
    pub meta: Meta,
    /// The VPC.
    pub vpc: Id,
    /// The address in the VPC.
    pub vip: IpAddr,
    /// The classic database or load balancer behind it.
    pub target: Id,
}
