//! What a provider does for a consumer: accepts an endpoint, after putting the account on the list (PL-5).

use super::FixQuestion;
use super::block::Block;
use super::candidate::Candidate;
use super::stated::replaced;
use crate::id::Id;
use crate::model::{Fragment, Network, VpcEndpointState};

/// The endpoint accepted; its account put on the service's list where that is what is missing.
pub fn accepted(network: &Network, _: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let Some(id) = &block.reason.cause.at else {
        return Vec::new();
    };
    let Some(endpoint) = network.vpc_endpoints.get(id) else {
        return Vec::new();
    };
    let mut fragment = Fragment::default();
    if endpoint.state == VpcEndpointState::Pending {
        let mut endpoint = endpoint.clone();
        endpoint.state = VpcEndpointState::Available;
        let endpoints = &mut fragment.network.vpc_endpoints;
        endpoints.insert(id.clone(), endpoint);
    }
    let consumer = network.account_of(id.as_str());
    let service = network.endpoint_services.get(&endpoint.service);
    if let Some(service) = service
        && consumer != network.account_of(endpoint.service.as_str())
    {
        let mut service = service.clone();
        let account = Id::from(consumer);
        if !service.allowed_accounts.contains(&account) {
            service.allowed_accounts.push(account);
            let services = &mut fragment.network.endpoint_services;
            services.insert(endpoint.service.clone(), service);
        }
    }
    vec![replaced(fragment)]
}

/// The load balancer that serves an id: the one behind an endpoint, else itself.
pub fn serving<'n>(network: &'n Network, id: &'n Id) -> &'n Id {
    let endpoint = network.vpc_endpoints.get(id);
    let offered = endpoint.and_then(|endpoint| network.offered(endpoint));
    offered.map_or(id, |(_, behind, _)| behind)
}
