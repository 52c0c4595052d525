//! Changes of machines: address, end, state, groups (CL-18, CL-19).

use std::net::IpAddr;

use rustc_hash::FxHashSet;

use super::super::mention::{ADDRESSED, MACHINE};
use super::super::{Kind, Listener, Network, Snat, SnatSource, State, Target};
use super::{Performed, Topic, link, missing, need};
use crate::id::Id;

/// Another primary private address, of an instance, an ENI or a classic CVM.
pub(super) fn modify_address(network: &mut Network, id: &Id, ip: IpAddr) -> Performed {
    let kind = need(network, id, ADDRESSED.kinds())?;
    if kind == Kind::ClassicInstance {
        link::readdress(network, id, ip);
    } else if kind == Kind::NetworkInterface {
        network.network_interfaces[id].ip = ip;
    } else {
        network.instances[id].ip = ip;
    }
    Ok(&[Topic::Addresses])
}

/// The machines are gone, with all that belongs to them.
pub(super) fn terminate(network: &mut Network, ids: &[Id]) -> Performed {
    for id in ids {
        need(network, id, MACHINE.kinds())?;
    }
    let mut gone: FxHashSet<Id> = ids.iter().cloned().collect();
    let interfaces = network.network_interfaces.iter();
    let interfaces = interfaces.filter(|(_, eni)| ids.contains(&eni.instance));
    gone.extend(interfaces.map(|(id, _)| id.clone()));
    network.instances.forget(|id, _| gone.contains(id));
    network.network_interfaces.forget(|id, _| gone.contains(id));
    network.classic_instances.forget(|id, _| gone.contains(id));
    network.down.retain(|id| !gone.contains(id));
    network.forget_links(|instance| gone.contains(instance));
    network.havips.change(
        |havip| havip.bound_to.as_ref().is_some_and(|id| gone.contains(id)),
        |havip| havip.bound_to = None,
    );
    let is_gone = |target: &Target| gone.contains(&target.instance);
    network.load_balancers.change(
        |balancer| has_target(&balancer.listeners, is_gone),
        |balancer| forget_targets(&mut balancer.listeners, is_gone),
    );
    network.classic_load_balancers.change(
        |balancer| has_target(&balancer.listeners, is_gone),
        |balancer| forget_targets(&mut balancer.listeners, is_gone),
    );
    let translates = |rule: &Snat| match &rule.from {
        SnatSource::Instance(id) => gone.contains(id),
        SnatSource::Cidr(_) | SnatSource::Subnet(_) => false,
    };
    network.nat_gateways.change(
        |nat| nat.snat.iter().any(translates),
        |nat| nat.snat.retain(|rule| !translates(rule)),
    );
    Ok(&[])
}

fn has_target(listeners: &[Listener], is_meant: impl Fn(&Target) -> bool) -> bool {
    let mut targets = listeners.iter().flat_map(|listener| &listener.targets);
    targets.any(is_meant)
}

fn forget_targets(listeners: &mut [Listener], is_gone: impl Fn(&Target) -> bool) {
    for listener in listeners {
        listener.targets.retain(|target| !is_gone(target));
    }
}

impl Network {
    /// Links of these classic CVMs end.
    pub(super) fn forget_links(&mut self, is_meant: impl Fn(&Id) -> bool) {
        self.classic_links.change(
            |links| links.iter().any(|link| is_meant(&link.instance)),
            |links| links.retain(|link| !is_meant(&link.instance)),
        );
    }
}

/// CL-19: links stay, the machine does not answer.
pub(super) fn isolate(network: &mut Network, id: &Id) -> Performed {
    let state = state(network, id)?;
    *state = match *state {
        State::Running | State::Isolated => State::Isolated,
        State::Stopped | State::IsolatedStopped => State::IsolatedStopped,
    };
    Ok(&[])
}

/// An isolated machine is again what it was before.
pub(super) fn recover(network: &mut Network, id: &Id) -> Performed {
    let state = state(network, id)?;
    *state = match *state {
        State::Running | State::Isolated => State::Running,
        State::Stopped | State::IsolatedStopped => State::Stopped,
    };
    Ok(&[])
}

/// CL-19: nothing unlinks.
pub(super) fn untouched(network: &Network, id: &Id) -> Performed {
    need(network, id, MACHINE.kinds())?;
    Ok(&[])
}

/// The state of a machine.
pub(super) fn state<'n>(
    network: &'n mut Network,
    id: &Id,
) -> Result<&'n mut State, super::Refusal> {
    let kind = need(network, id, MACHINE.kinds())?;
    Ok(if kind == Kind::ClassicInstance {
        &mut network.classic_instances[id].state
    } else {
        &mut network.instances[id].state
    })
}

/// Replaces the ordered list of groups (SG-4).
pub(super) fn associate_groups(network: &mut Network, id: &Id, groups: &[Id]) -> Performed {
    for group in groups {
        need(network, group, &[Kind::SecurityGroup])?;
    }
    let wanted = &[
        Kind::Instance,
        Kind::NetworkInterface,
        Kind::InstanceGroup,
        Kind::Database,
        Kind::LoadBalancer,
        Kind::VpcEndpoint,
        Kind::ClassicInstance,
    ];
    let list = match network.kind_of(id.as_str()) {
        Some(Kind::Instance) => &mut network.instances[id].security_groups,
        Some(Kind::NetworkInterface) => &mut network.network_interfaces[id].security_groups,
        Some(Kind::InstanceGroup) => &mut network.instance_groups[id].security_groups,
        Some(Kind::Database) => &mut network.databases[id].security_groups,
        Some(Kind::LoadBalancer) => &mut network.load_balancers[id].security_groups,
        Some(Kind::VpcEndpoint) => &mut network.vpc_endpoints[id].security_groups,
        Some(Kind::ClassicInstance) => &mut network.classic_instances[id].security_groups,
        _ => return Err(missing(network, id, wanted)),
    };
    *list = groups.to_vec();
    Ok(&[Topic::Machines])
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{
        AWAY, after, balancer, havip, id, ids, interface, ip, listener, nat, open, refused, route,
        tcp, tom,
    };
    use super::super::super::{
        Change, ClassicLoadBalancer, Dnat, IsolationReason, Meta, MigrationKind, NextHop, Snat,
    };
    use super::*;
    use crate::code::Code;

    fn moving(instance: &str, address: &str) -> Change {
        let (instance, ip) = (id(instance), ip(address));
        Change::ModifyPrivateIpAddress { instance, ip }
    }

    #[test]
    fn a_new_address_lies_in_the_subnet_and_is_free() {
        let moved = after(&tom(), &moving("ins-web", "10.1.1.77"));
        assert_eq!(moved.instances[&id("ins-web")].ip, ip("10.1.1.77"));
        refused(&tom(), &moving("ins-web", "10.1.2.77"), Code::AddressOutsideSubnet);
        refused(&tom(), &moving("ins-web", "10.1.1.255"), Code::AddressReserved);
        refused(&tom(), &moving("ins-free", "10.60.3.4"), Code::AddressInUse);
        refused(&tom(), &moving("cdb-old", "10.60.3.7"), Code::WrongKind);
    }

    /// `tom()` with an ENI of `ins-web`, and all that can refer to machines.
    fn full() -> Network {
        let mut network = tom();
        let eni = interface("ins-web", "subnet-new", "172.16.1.20");
        network.network_interfaces.insert(id("eni-web"), eni);
        network.havips.insert(id("havip-1"), havip("subnet-web", "10.1.1.99", Some("ins-web")));
        let clb = balancer("10.1.1.100", &["ins-web", "eni-web", "ins-new"]);
        network.load_balancers.insert(id("lb-1"), clb);
        let old = ClassicLoadBalancer {
            meta: Meta::default(),
            region: super::super::super::sample::HERE.to_owned(),
            vip: ip("10.99.0.1"),
            public: false,
            listeners: vec![listener(80, &["ins-tom", "ins-free"])],
        };
        network.classic_load_balancers.insert(id("lb-old"), old);
        let mut gateway = nat(&["203.0.113.1"]);
        gateway.snat =
            vec![Snat { from: SnatSource::Instance(id("ins-web")), eips: vec![ip("203.0.113.1")] }];
        gateway.dnat = vec![Dnat {
            service: tcp(443),
            eip: ip("203.0.113.1"),
            to: ip("10.1.1.10"),
            port: 443,
        }];
        network.nat_gateways.insert(id("nat-1"), gateway);
        let via = NextHop::Instance(id("ins-web"));
        network.route_tables[&id("rtb-tom")].routes = vec![route("9.0.0.0/8", via)];
        network
    }

    #[test]
    fn a_terminated_instance_takes_all_that_belongs_to_it_along() {
        let network = after(&full(), &Change::TerminateInstances(ids(&["ins-web"])));
        assert!(!network.instances.contains_key("ins-web"));
        assert!(network.network_interfaces.is_empty());
        assert_eq!(network.havips[&id("havip-1")].bound_to, None);
        let targets = &network.load_balancers[&id("lb-1")].listeners[0].targets;
        let names: Vec<_> = targets.iter().map(|target| target.instance.as_str()).collect();
        assert_eq!(names, ["ins-new"]);
        assert_eq!(network.nat_gateways[&id("nat-1")].snat, []);
    }

    #[test]
    fn routes_and_dnat_entries_to_a_terminated_instance_stay() {
        let network = after(&full(), &Change::TerminateInstances(ids(&["ins-web"])));
        assert_eq!(network.route_tables, full().route_tables);
        let dnat = &network.nat_gateways[&id("nat-1")].dnat;
        assert_eq!(*dnat, full().nat_gateways[&id("nat-1")].dnat);
        // and what dangles does not stand in the way of later changes
        let change = Change::Create(Box::default());
        assert_eq!(after(&network, &change), network);
    }

    #[test]
    fn a_terminated_classic_cvm_is_unlinked_and_no_target_any_more() {
        let network = after(&full(), &Change::TerminateInstances(ids(&["ins-tom"])));
        assert!(network.classic_links[&id("vpc-tom")].is_empty());
        let targets = &network.classic_load_balancers[&id("lb-old")].listeners[0].targets;
        assert_eq!(targets.len(), 1);
    }

    #[test]
    fn terminating_is_all_or_nothing() {
        let change = Change::TerminateInstances(ids(&["ins-web", "ins-none"]));
        refused(&full(), &change, Code::UnknownId);
        let change = Change::TerminateInstances(ids(&["ins-web", "cdb-old"]));
        refused(&full(), &change, Code::WrongKind);
    }

    #[test]
    fn isolating_keeps_the_link_and_recovering_ends_it() {
        let (instance, reason) = (id("ins-tom"), IsolationReason::Arrears);
        let isolated = after(&tom(), &Change::IsolateInstance { instance, reason });
        assert_eq!(isolated.classic_instances[&id("ins-tom")].state, State::Isolated);
        assert_eq!(isolated.classic_links, tom().classic_links);
        let instance = id("ins-tom");
        assert_eq!(after(&isolated, &Change::RecoverInstance { instance }), tom());
    }

    #[test]
    fn recovering_does_not_start_a_stopped_instance() {
        let mut network = tom();
        network.instances[&id("ins-web")].state = State::Stopped;
        let instance = id("ins-web");
        let recovered = after(&network, &Change::RecoverInstance { instance });
        assert_eq!(recovered, network);
    }

    #[test]
    fn migrating_resizing_and_resetting_change_nothing() {
        let instance = || id("ins-tom");
        let kind = MigrationKind::Cold;
        let changes = [
            Change::MigrateInstance { instance: instance(), kind },
            Change::ResizeInstance { instance: instance() },
            Change::ResetInstance { instance: instance() },
        ];
        for change in changes {
            assert_eq!(after(&tom(), &change), tom());
        }
        let change = Change::ResetInstance { instance: id("sg-open") };
        refused(&tom(), &change, Code::WrongKind);
    }

    fn associating(instance: &str, groups: &[&str]) -> Change {
        let (instance, security_groups) = (id(instance), ids(groups));
        Change::AssociateSecurityGroups { instance, security_groups }
    }

    #[test]
    fn associating_groups_replaces_the_ordered_list() {
        let mut network = tom();
        network.security_groups.insert(id("sg-x"), open());
        let network = after(&network, &associating("ins-tom", &["sg-x", "sg-open"]));
        let groups = &network.classic_instances[&id("ins-tom")].security_groups;
        assert_eq!(*groups, ids(&["sg-x", "sg-open"]));
    }

    #[test]
    fn groups_are_associated_only_where_they_can_be() {
        let mut network = tom();
        network.security_groups.insert(id("sg-far"), open());
        network.security_groups[&id("sg-far")].region = Some(AWAY.to_owned());
        let mismatch = Code::SecurityGroupRegionMismatch;
        refused(&network, &associating("ins-web", &["sg-far"]), mismatch);
        refused(&network, &associating("ins-web", &["sg-none"]), Code::UnknownId);
        refused(&network, &associating("cdb-old", &["sg-open"]), Code::WrongKind);
    }
}
