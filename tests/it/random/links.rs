//! Endpoint services of `PrivateLink` and their endpoints.

use pathproof::id::Id;
use pathproof::model::{
    EndpointService, Listener, ListenerProtocol, LoadBalancerNetwork, Meta, Target, VpcEndpoint,
    VpcEndpointState,
};
use pathproof::space::IntervalSet;

use super::Draft;
use super::land::{GROUPS, host};
use super::wires::targets;
use crate::sketch::{self, id};

impl Draft {
    /// Drawn with numbers of its own, so that the rest of a network stays what it is.
    pub(super) fn private_links(&mut self) {
        let own = self.dice.split();
        let rest = std::mem::replace(&mut self.dice, own);
        for _ in 0..self.dice.below(3) {
            self.endpoint_service();
        }
        self.dice = rest;
    }

    fn endpoint_service(&mut self) {
        let (service, balancer) = (self.name("svc"), self.name("lb-svc"));
        let Some(subnet) = self.any_subnet() else {
            return;
        };
        let vpc = self.network.subnets[&subnet].vpc.clone();
        let vip = host(&self.network, subnet.as_str(), 9);
        let stock = targets(&self.network, &vpc);
        let made = self.attempt(|network, dice| {
            let lives = LoadBalancerNetwork::Internal { subnet, vip, eip: None };
            let guarded = dice.chance(40).then(|| id(dice.pick(&GROUPS)));
            let lb = sketch::load_balancer(network, &balancer, lives);
            lb.security_groups = guarded.into_iter().collect();
            lb.pass_to_target = dice.chance(30);
            let ways = [(ListenerProtocol::Tcp, 80), (ListenerProtocol::Udp, 53)];
            for (protocol, port) in ways.into_iter().take(1 + dice.below(2)) {
                let chosen = stock.iter().filter(|_| dice.chance(60)).cloned();
                let chosen: Vec<Id> = chosen.collect();
                let targets = chosen.into_iter().map(|instance| Target {
                    instance,
                    port: dice.pick(&[80, 8080]),
                    weight: dice.pick(&[0, 10, 10, 10]),
                });
                lb.listeners.push(Listener {
                    protocol,
                    ports: IntervalSet::single(port),
                    targets: targets.collect(),
                    redirects_to: None,
                });
            }
            let offered = EndpointService {
                meta: Meta::default(),
                vpc,
                load_balancer: id(&balancer),
                allowed_accounts: dice.chance(60).then(|| id("bob")).into_iter().collect(),
                auto_accept: dice.chance(30),
            };
            network.endpoint_services.insert(id(&service), offered);
        });
        for _ in 0..=self.dice.below(2) {
            if made {
                self.vpc_endpoint(&service);
            }
        }
    }

    fn vpc_endpoint(&mut self, service: &str) {
        let name = self.name("vpce");
        let Some(subnet) = self.any_subnet() else {
            return;
        };
        let at = self.dice.pick(&[6, 7, 8]);
        let address = host(&self.network, subnet.as_str(), at);
        let vpc = self.network.subnets[&subnet].vpc.clone();
        self.attempt(|network, dice| {
            let state = if dice.chance(15) {
                VpcEndpointState::Pending
            } else {
                VpcEndpointState::Available
            };
            let endpoint = VpcEndpoint {
                meta: Meta::default(),
                subnet,
                ip: address,
                service: id(service),
                security_groups: dice
                    .chance(40)
                    .then(|| id(dice.pick(&GROUPS)))
                    .into_iter()
                    .collect(),
                state,
            };
            network.vpc_endpoints.insert(id(&name), endpoint);
            if dice.chance(10) {
                network.down.insert(id(&name));
            }
        });
        // Another account's, now and then: where the rest of the network lets it.
        if self.dice.chance(25) {
            self.attempt(|network, _| network.vpcs[&vpc].meta.account = Some(id("bob")));
        }
    }

    fn any_subnet(&mut self) -> Option<Id> {
        let subnets: Vec<Id> = self.network.subnets.keys().cloned().collect();
        self.dice.any(&subnets).cloned()
    }
}
