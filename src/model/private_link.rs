//! `PrivateLink` 私有连接: a load balancer of one VPC offered as an address in others (PL-1..9).
//!
//! Not to be confused with the endpoint connections 终端连接 of the classic network ([`super::link`]).

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

use super::{LoadBalancer, Meta, Network};
use crate::id::Id;

/// An endpoint service 终端节点服务: what a provider offers (PL-1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointService {
    /// Owner, name.
    pub meta: Meta,
    /// The provider's VPC.
    pub vpc: Id,
    /// The internal layer-4 load balancer behind it.
    pub load_balancer: Id,
    /// Other accounts that may ask for an endpoint (PL-5).
    pub allowed_accounts: Vec<Id>,
    /// Whether what they ask for is accepted by itself (PL-5).
    pub auto_accept: bool,
}

/// An endpoint 终端节点: an address in a consumer's subnet that stands for a service (PL-2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpcEndpoint {
    /// Owner, name, tags.
    pub meta: Meta,
    /// The subnet.
    pub subnet: Id,
    /// Its address there.
    pub ip: IpAddr,
    /// The endpoint service.
    pub service: Id,
    /// What guards it, in order; without any everything is admitted (PL-6).
    pub security_groups: Vec<Id>,
    /// Whether the provider has accepted it (PL-5).
    pub state: VpcEndpointState,
}

/// The state of an endpoint (PL-5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum VpcEndpointState {
    /// Accepted.
    #[default]
    Available,
    /// Waiting for the provider.
    Pending,
}

/// The sources that a provider sees instead of the clients: 11.163.0.0/16 (PL-4).
#[must_use]
pub fn provider_sources() -> IpNet {
    IpNet::V4(Ipv4Net::new_assert([11, 163, 0, 0].into(), 16))
}

impl Network {
    /// The service of an endpoint and the load balancer behind it, with their ids.
    #[must_use]
    pub fn offered(&self, endpoint: &VpcEndpoint) -> Option<(&Id, &Id, &LoadBalancer)> {
        let (service, entity) = self.endpoint_services.get_key_value(&endpoint.service)?;
        let (id, balancer) = self.load_balancers.get_key_value(&entity.load_balancer)?;
        Some((service, id, balancer))
    }

    /// Whether an endpoint carries connections (PL-5): one of the provider's own account when its state says so; one of
    /// another account when that is on the service's list, and the provider accepts it or accepts automatically.
    #[must_use]
    pub fn is_accepted(&self, id: &Id) -> bool {
        let Some(endpoint) = self.vpc_endpoints.get(id) else {
            return false;
        };
        let Some(service) = self.endpoint_services.get(&endpoint.service) else {
            return false;
        };
        let accepted = endpoint.state == VpcEndpointState::Available;
        let consumer = self.account_of(id.as_str());
        if consumer == self.account_of(endpoint.service.as_str()) {
            return accepted;
        }
        let mut allowed = service.allowed_accounts.iter();
        let listed = allowed.any(|account| account.as_str() == consumer);
        listed && (accepted || service.auto_accept)
    }
}
