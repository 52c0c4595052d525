//! Endpoints of `PrivateLink` (PL-3..6): what they serve, and the way to the load balancer behind.
//!
//! Behind an endpoint the source is some address of 11.163.0.0/16 (PL-4). Which one nobody knows, so there is a way for
//! each part of the range that the filters behind can tell apart, under the first address of the part: all of them must
//! work.

use std::net::IpAddr;
use std::sync::Arc;

use petgraph::graph::NodeIndex;
use rustc_hash::FxHashSet;

use super::filter::FilterUse;
use super::resident::{Home, ResidentIx};
use super::stage::{Device, Hop, Rule, StageKind, Translation, Way};
use super::{Builder, carrying, go, placed, stop};
use crate::code::Code;
use crate::id::Id;
use crate::model::{Endpoint, Listener, LoadBalancer, Place, provider_sources};
use crate::query::{Cause, ListName};
use crate::space::{AddressSet, Rewrite, Traffic};

impl Builder<'_> {
    /// The stages of all endpoints: after those of the load balancers that they lead to.
    pub(super) fn vpc_endpoints(&mut self) {
        let endpoints: Vec<_> = self
            .hosts
            .iter()
            .filter_map(|(index, resident)| match &resident.endpoint {
                Endpoint::VpcEndpoint(id) => Some((index, id.clone())),
                _ => None,
            })
            .collect();
        for (index, id) in endpoints {
            let node = self.vpc_endpoint(index, &id);
            self.nodes.services.insert(index, node);
        }
    }

    /// One that is not accepted loses what it would carry (PL-5), and all the same tells what else is against it.
    fn vpc_endpoint(&mut self, index: ResidentIx, id: &Id) -> NodeIndex {
        let node = self.serving(index, id);
        if self.network.is_accepted(id) {
            return node;
        }
        let before = self.stage(StageKind::VpcEndpoint, Some(id), &["PL-5"]);
        let hop = Hop {
            down: Some(Arc::new(Cause::at(Code::VpcEndpointPending, id))),
            carried: true,
            ..Hop::default()
        };
        let way = self.hop(before, node, hop);
        self.decide(before, Vec::new(), go(vec![way]));
        before
    }

    /// The listeners' ports and nothing else, no ping (PL-3).
    fn serving(&mut self, index: ResidentIx, id: &Id) -> NodeIndex {
        let node = self.stage(StageKind::VpcEndpoint, Some(id), &["PL-3", "PL-4", "PL-6"]);
        let not_served = stop(Cause::at(Code::PortNotServed, id));
        let network = self.network;
        let endpoint = &network.vpc_endpoints[id];
        let offered = network.offered(endpoint).and_then(|(_, behind, balancer)| {
            let resident = self.hosts.of(behind.as_str())?;
            Some((resident, balancer))
        });
        let Some((behind, balancer)) = offered else {
            self.decide(node, Vec::new(), not_served);
            return node;
        };
        let ways: Vec<Way> = self
            .sources(behind, balancer)
            .into_iter()
            .map(|source| self.way_to_provider(node, index, behind, source))
            .collect();
        let listeners = balancer.listeners.iter().enumerate();
        let rules = listeners.map(|(position, listener)| {
            let place = Place::item(
                &network.endpoint_services[&endpoint.service].load_balancer,
                "listeners",
                position,
            );
            placed(carrying(offered_by(listener)), go(ways.clone()), place)
        });
        let rules: Vec<Rule> = rules.collect();
        self.decide(node, rules, not_served);
        node
    }

    /// To the load balancer, under one of the addresses that the provider sees; its groups judge that (PL-4).
    fn way_to_provider(
        &mut self,
        node: NodeIndex,
        endpoint: ResidentIx,
        balancer: ResidentIx,
        source: IpAddr,
    ) -> Way {
        let resident = self.hosts.get(balancer);
        let hop = Hop {
            behind: resident.ingress.into_iter().collect(),
            translation: Some(Translation {
                device: Device::VpcEndpoint(endpoint),
                rewrite: Rewrite {
                    source: Some(source),
                    destination: Some(resident.addresses.0),
                    ..Rewrite::default()
                },
            }),
            ..Hop::default()
        };
        let next = self.nodes.services.get(&balancer).copied();
        match next {
            Some(next) => self.hop(node, next, hop),
            None => Way::Lost(Arc::new(self.hosts.cause(balancer, Code::PortNotServed))),
        }
    }

    /// One address of the range for each part of it that the filters behind can tell apart.
    fn sources(&mut self, behind: ResidentIx, balancer: &LoadBalancer) -> Vec<IpAddr> {
        let mut lists: FxHashSet<FilterUse> = FxHashSet::default();
        lists.extend(self.hosts.get(behind).ingress);
        let targets = balancer.listeners.iter().flat_map(|it| &it.targets);
        let targets = targets.filter_map(|target| self.member(&target.instance));
        let targets: Vec<ResidentIx> = targets.map(|(resident, _)| resident).collect();
        for target in targets {
            let resident = self.hosts.get(target).clone();
            lists.extend(resident.ingress.filter(|_| !balancer.pass_to_target));
            if let Home::Subnet(subnet) = resident.home {
                lists.extend(self.acl(subnet, ListName::Ingress));
                lists.extend(self.acl(subnet, ListName::Egress));
            }
        }
        let lists = lists.into_iter().map(|list| self.filters.list(list));
        let rules = lists.flat_map(|list| &list.rules);
        let sets = rules.flat_map(|rule| [&rule.when.source, &rule.when.destination]);
        let sets: FxHashSet<&AddressSet> = sets.flatten().map(|set| &**set).collect();
        let mut parts = vec![AddressSet::from(provider_sources())];
        for set in sets {
            let cut = parts.iter();
            let cut = cut.flat_map(|part| [part.intersection(set), part.difference(set)]);
            parts = cut.filter(|part| !part.is_empty()).collect();
        }
        let mut sources: Vec<IpAddr> = parts.iter().filter_map(AddressSet::first).collect();
        sources.sort_unstable();
        sources
    }
}

/// What a listener takes of an endpoint's clients.
fn offered_by(listener: &Listener) -> Traffic {
    Traffic::ports(listener.protocol.transport(), listener.ports.clone())
}
