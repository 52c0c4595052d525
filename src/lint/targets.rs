//! Targets of load balancers whose groups let none of the balancer's traffic in (CLB-4), or not its health checks (CLB-10).
//!
//! A target is blocked when no client that the balancer admits passes the target's groups at its port: surely broken. Its health
//! is in doubt when neither of the addresses that checks may come from, the VIP and 100.64.0.0/10, passes them. Neither
//! is asked where the balancer passes through (CLB-5), nor for targets that take nothing (weight 0).

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

use super::guards::Guards;
use super::{Fact, Finding, Subject, short};
use crate::code::Code;
use crate::fabric::FilterUse;
use crate::id::Id;
use crate::model::{Key, Listener, LoadBalancerNetwork, Place, Target};
use crate::space::{AddressSet, IntervalSet, Protocol, Traffic};

/// Where health checks may come from instead of the VIP (CLB-10).
const CHECKS: Ipv4Net = Ipv4Net::new_assert(std::net::Ipv4Addr::new(100, 64, 0, 0), 10);

/// A load balancer, of a VPC or of the classic network.
struct Balancer<'a> {
    id: &'a Id,
    vip: IpAddr,
    listeners: &'a [Listener],
    /// What guards it, if anything does for all of its clients.
    guard: Option<FilterUse>,
    /// Whether its health checks have to be let in.
    checks: Checks,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Checks {
    FromVip,
    Exempt,
}

pub(super) fn find(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let mut asked = Guards::of(subject);
    for balancer in balancers(subject) {
        for (at, listener) in balancer.listeners.iter().enumerate() {
            let mut told: Vec<(Trouble, usize, Vec<Id>)> = Vec::new();
            for (index, target) in listener.targets.iter().enumerate() {
                let trouble = asked.target(&balancer, listener, target);
                if asked.space.is_over() {
                    let lints = [Code::TargetBlocked, Code::HealthCheckBlocked].into_iter();
                    let both = lints.zip(asked.space.exceeded().into_iter().cycle());
                    let place = Place::of(balancer.id);
                    found.extend(both.map(|(lint, it)| short(lint, place.clone(), it)));
                    return;
                }
                let Some(trouble) = trouble else {
                    continue;
                };
                match told.iter_mut().find(|(other, ..)| *other == trouble) {
                    Some((.., targets)) => targets.push(target.instance.clone()),
                    None => told.push((trouble, index, vec![target.instance.clone()])),
                }
            }
            for (trouble, index, targets) in told {
                let place = Place::item(balancer.id, "listeners", at);
                let place = place.then(Key::Field("targets")).then(Key::Index(index));
                let guard = Place::field(&trouble.guard, "ingress");
                let fact = trouble.fact(&balancer, targets);
                found.push(Finding::at(place, fact).with([guard]));
            }
        }
    }
}

/// What is wrong with a target; several targets of a listener may have the same.
#[derive(PartialEq, Eq)]
struct Trouble {
    /// What is dropped.
    blocked: Blocked,
    guard: Id,
    port: u16,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Blocked {
    All,
    Checks,
}

impl Trouble {
    fn fact(self, balancer: &Balancer<'_>, targets: Vec<Id>) -> Fact {
        let Self { blocked, guard, port } = self;
        let (balancer, vip) = (balancer.id.clone(), balancer.vip);
        match blocked {
            Blocked::All => Fact::TargetBlocked { balancer, targets, port, guard },
            Blocked::Checks => Fact::HealthCheckBlocked { balancer, vip, targets, port, guard },
        }
    }
}

fn balancers<'a>(subject: &Subject<'a>) -> Vec<Balancer<'a>> {
    let network = subject.network;
    let hosts = &subject.fabric.hosts;
    let mut all = Vec::new();
    for (id, balancer) in &network.load_balancers {
        if balancer.pass_to_target {
            continue;
        }
        let (vip, has_eip) = match &balancer.network {
            LoadBalancerNetwork::Internal { vip, eip, .. } => (*vip, eip.is_some()),
            LoadBalancerNetwork::Public { vip, .. } => (*vip, false),
        };
        let own = hosts.of(id.as_str()).and_then(|own| hosts.get(own).ingress);
        all.push(Balancer {
            id,
            vip,
            listeners: &balancer.listeners,
            // What comes by its EIP is not asked (CLB-9).
            guard: own.filter(|_| !has_eip),
            checks: Checks::FromVip,
        });
    }
    for (id, balancer) in &network.classic_load_balancers {
        // What comes by an endpoint connection is not asked (D20-10).
        let mut connections = network.endpoint_connections.values();
        if connections.any(|connection| connection.target == *id) {
            continue;
        }
        all.push(Balancer {
            id,
            vip: balancer.vip,
            listeners: &balancer.listeners,
            guard: None,
            checks: if balancer.public { Checks::FromVip } else { Checks::Exempt },
        });
    }
    all
}

impl Guards<'_> {
    fn target(
        &mut self,
        balancer: &Balancer<'_>,
        listener: &Listener,
        target: &Target,
    ) -> Option<Trouble> {
        let (resident, address) = self.resident(&target.instance)?;
        let resident = self.subject.fabric.hosts.get(resident);
        let ingress = resident.ingress.filter(|_| target.weight > 0)?;
        let protocol = listener.protocol.transport();
        let port = IntervalSet::single(target.port);
        let admitted = self.sources(ingress, address, protocol, &port);
        let clients = match balancer.guard {
            Some(guard) => self.sources(guard, balancer.vip, protocol, &listener.ports),
            None => self.space.all(),
        };
        let guard = self.subject.fabric.filters.get(ingress.list).owner.clone();
        let port = target.port;
        if !self.space.overlaps(admitted, clients) {
            let blocked = Blocked::All;
            return Some(Trouble { blocked, guard, port });
        }
        // How UDP is checked is the user's choice, and not in the model.
        let checked = balancer.checks == Checks::FromVip && protocol == Protocol::TCP;
        let any = AddressSet::any();
        let vip = AddressSet::single(balancer.vip);
        let from = vip.union(&AddressSet::from(IpNet::V4(CHECKS)));
        let from = self.space.cube(&from, &any, &Traffic::all());
        let heard = !checked || self.space.overlaps(admitted, from);
        let blocked = Blocked::Checks;
        (!heard).then_some(Trouble { blocked, guard, port })
    }
}
