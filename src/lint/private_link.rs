//! Endpoint services behind which something does not admit all of 11.163.0.0/16, the only sources that it will ever see
//! (PL-4): the groups of the load balancer, those of its targets, the network ACL of the targets' subnets.
//!
//! Targets that take nothing (weight 0) are not asked, nor are the groups of targets that the balancer passes by (CLB-5).

use std::net::IpAddr;

use super::guards::Guards;
use super::{Fact, Finding, Subject, short};
use crate::code::Code;
use crate::fabric::{FilterKind, FilterUse, Home};
use crate::id::Id;
use crate::model::{EndpointService, Listener, Place, Target, provider_sources};
use crate::space::{AddressSet, Fields, IntervalSet, Protocol, Traffic};

pub(super) fn find(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let mut asked = Guards::of(subject);
    for (id, service) in &subject.network.endpoint_services {
        let blocked = asked.behind(service);
        if let Some(exceeded) = asked.space.exceeded() {
            found.push(short(Code::PrivateLinkSourceBlocked, Place::of(id), exceeded));
            return;
        }
        let mut told: Vec<(Blocked, Vec<Id>)> = Vec::new();
        for (blocked, who) in blocked {
            match told.iter_mut().find(|(other, _)| *other == blocked) {
                Some((_, all)) if all.contains(&who) => {}
                Some((_, all)) => all.push(who),
                None => told.push((blocked, vec![who])),
            }
        }
        for (Blocked { guard, list, port }, targets) in told {
            let fact = Fact::PrivateLinkSourceBlocked {
                service: id.clone(),
                targets,
                port,
                guard: guard.clone(),
            };
            let finding = Finding::at(Place::field(id, "load_balancer"), fact);
            found.push(finding.with([Place::field(&guard, list)]));
        }
    }
}

/// What drops some of the range, towards which port.
#[derive(PartialEq, Eq)]
struct Blocked {
    guard: Id,
    /// The list that does.
    list: &'static str,
    port: u16,
}

impl Guards<'_> {
    /// Everything behind a service that drops some of the range, and for whom.
    fn behind(&mut self, service: &EndpointService) -> Vec<(Blocked, Id)> {
        let network = self.subject.network;
        let id = &service.load_balancer;
        let (Some(balancer), Some((resident, vip))) =
            (network.load_balancers.get(id), self.resident(id))
        else {
            return Vec::new();
        };
        let own = self.subject.fabric.hosts.get(resident).ingress;
        let mut blocked = Vec::new();
        for listener in &balancer.listeners {
            let protocol = listener.protocol.transport();
            let port = listener.ports.first().unwrap_or_default();
            if let Some(filter) = own
                && let Some(it) = self.drops(filter, vip, (protocol, &listener.ports), port)
            {
                blocked.push((it, id.clone()));
            }
            for target in listener.targets.iter().filter(|it| it.weight > 0) {
                let dropped = self.at_target(listener, target, balancer.pass_to_target);
                blocked.extend(dropped.into_iter().map(|it| (it, target.instance.clone())));
            }
        }
        blocked
    }

    fn at_target(&mut self, listener: &Listener, target: &Target, passes: bool) -> Vec<Blocked> {
        let Some((resident, address)) = self.resident(&target.instance) else {
            return Vec::new();
        };
        let fabric = self.subject.fabric;
        let resident = fabric.hosts.get(resident);
        let ports = IntervalSet::single(target.port);
        let acls = match resident.home {
            Home::Subnet(subnet) => [fabric.leg_in(subnet), fabric.leg_out(subnet)],
            Home::Classic | Home::Public(_) => [None, None],
        };
        let groups = resident.ingress.filter(|_| !passes);
        let filters = acls.into_iter().chain([groups]).flatten();
        let protocol = listener.protocol.transport();
        filters
            .filter_map(|filter| self.drops(filter, address, (protocol, &ports), target.port))
            .collect()
    }

    /// A filter that does not let all of the range through to these ports, or the replies back.
    fn drops(
        &mut self,
        filter: FilterUse,
        to: IpAddr,
        (protocol, ports): (Protocol, &IntervalSet<u16>),
        port: u16,
    ) -> Option<Blocked> {
        let range = AddressSet::from(provider_sources());
        let any = AddressSet::any();
        let leaves = filter.kind == FilterKind::NetworkAclEgress;
        let (through, range, list) = if leaves {
            let from = Traffic::protocol(protocol).with_source_ports(ports);
            let own = self.space.cube(&AddressSet::single(to), &any, &from);
            let permitted = self.permitted(filter);
            let own = self.space.intersection(permitted, own);
            let through = self.space.project(own, Fields::DESTINATION);
            let range = self.space.cube(&any, &range, &Traffic::all());
            (through, range, "egress")
        } else {
            let through = self.sources(filter, to, protocol, ports);
            (through, self.space.cube(&range, &any, &Traffic::all()), "ingress")
        };
        let lost = self.space.difference(range, through);
        let guard = self.owner(filter);
        (!self.space.is_empty(lost)).then_some(Blocked { guard, list, port })
    }
}
