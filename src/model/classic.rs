//! The classic network: one shared pool of addresses for all tenants, without subnets, routes or
//! ACLs (CN-1..9).

use std::net::IpAddr;

use super::{Engine, Listener, Meta, State};
use crate::id::Id;

/// A CVM of the classic network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassicInstance {
    /// Owner, name, tags.
    pub meta: Meta,
    /// Its region.
    pub region: String,
    /// Private address, given by the cloud.
    pub ip: IpAddr,
    /// Public address (CN-8).
    pub public_ip: Option<IpAddr>,
    /// Bound groups in order.
    pub security_groups: Vec<Id>,
    /// Running or not.
    pub state: State,
}

/// A database of the classic network; takes no groups (DB-5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassicDatabase {
    /// Owner, name, tags.
    pub meta: Meta,
    /// Its region.
    pub region: String,
    /// Private address.
    pub ip: IpAddr,
    /// The product.
    pub engine: Engine,
    /// The TCP port it serves.
    pub port: u16,
}

/// A load balancer of the classic network; takes no groups and has no pass-through (CLB-8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassicLoadBalancer {
    /// Owner, name, tags.
    pub meta: Meta,
    /// Its region.
    pub region: String,
    /// Its VIP.
    pub vip: IpAddr,
    /// Whether the VIP is a public address.
    pub public: bool,
    /// Its listeners; targets are classic instances.
    pub listeners: Vec<Listener>,
}
