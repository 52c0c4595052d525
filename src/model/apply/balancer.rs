//! Targets of load balancers (CL-10, CLB-14, CLB-17).

use super::super::mention::{BALANCER, TARGET};
use super::super::{Kind, Listener, ListenerKey, Network, Place, Protocols, Target};
use super::{Performed, Refusal, Topic, missing, need};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;

/// Adds targets to a listener; one that is there gets the new weight.
pub(super) fn register(
    network: &mut Network,
    balancer: &Id,
    key: &ListenerKey,
    targets: &[Target],
) -> Performed {
    for target in targets {
        let name = &target.instance;
        if network.group_member(name.as_str()).is_none() {
            // a whole group is no target
            if need(network, name, TARGET.kinds())? == Kind::InstanceGroup {
                return Err(missing(network, name, TARGET.kinds()));
            }
        }
    }
    let listener = listener(network, balancer, key)?;
    for target in targets {
        match listener.targets.iter_mut().find(|old| is_same(old, target)) {
            Some(old) => old.weight = target.weight,
            None => listener.targets.push(target.clone()),
        }
    }
    Ok(&[Topic::Balancers])
}

/// Takes targets away, all or none.
pub(super) fn deregister(
    network: &mut Network,
    balancer: &Id,
    key: &ListenerKey,
    targets: &[Target],
) -> Performed {
    let listener = listener(network, balancer, key)?;
    for target in targets {
        if !listener.targets.iter().any(|old| is_same(old, target)) {
            let (name, port) = (&target.instance, target.port);
            let message = Words::new(
                format!("`{name}` with port {port} is no target of `{balancer}`"),
                format!("`{name}` 的端口 {port} 不是 `{balancer}` 的后端"),
            );
            return Err(Refusal::new(Code::UnknownId, message));
        }
    }
    let goes = |old: &Target| targets.iter().any(|target| is_same(old, target));
    listener.targets.retain(|old| !goes(old));
    Ok(&[])
}

fn is_same(one: &Target, two: &Target) -> bool {
    one.instance == two.instance && one.port == two.port
}

fn listener<'n>(
    network: &'n mut Network,
    balancer: &Id,
    key: &ListenerKey,
) -> Result<&'n mut Listener, Refusal> {
    let kind = need(network, balancer, BALANCER.kinds())?;
    let listeners = if kind == Kind::ClassicLoadBalancer {
        &mut network.classic_load_balancers[balancer].listeners
    } else {
        &mut network.load_balancers[balancer].listeners
    };
    let mut listeners = listeners.iter_mut();
    let meant = listeners.find(|listener| {
        Protocols::One(listener.protocol.transport()) == key.protocols
            && listener.ports == key.ports
    });
    meant.ok_or_else(|| {
        let protocol = match key.protocols {
            Protocols::All => "all".to_owned(),
            Protocols::One(protocol) => protocol.to_string(),
        };
        let message = Words::new(
            format!("`{balancer}` has no listener {protocol}:{}", key.ports),
            format!("`{balancer}` 没有监听器 {protocol}:{}", key.ports),
        );
        Refusal::new(Code::UnknownId, message).with_other(
            Place::field(balancer, "listeners"),
            Words::new("its listeners are here", "其监听器在此处"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::Change;
    use super::super::super::sample::{
        after, balancer, id, instance_group, refused, target, tcp, tom,
    };
    use super::*;

    fn with_balancer() -> Network {
        let mut network = tom();
        let clb = balancer("10.1.1.100", &["ins-web"]);
        network.load_balancers.insert(id("lb-1"), clb);
        let group = instance_group("subnet-web", "10.1.1.20", "10.1.1.30");
        network.instance_groups.insert(id("asg-web"), group);
        network
    }

    fn key(port: u16) -> ListenerKey {
        let (protocols, ports) = (tcp(port).protocols, tcp(port).ports);
        ListenerKey { protocols, ports }
    }

    fn registering(port: u16, names: &[&str]) -> Change {
        Change::RegisterTargets {
            load_balancer: id("lb-1"),
            listener: key(port),
            targets: names.iter().map(|name| target(name)).collect(),
        }
    }

    fn deregistering(names: &[&str]) -> Change {
        Change::DeregisterTargets {
            load_balancer: id("lb-1"),
            listener: key(80),
            targets: names.iter().map(|name| target(name)).collect(),
        }
    }

    fn targets(network: &Network) -> Vec<(&str, u8)> {
        let targets = &network.load_balancers[&id("lb-1")].listeners[0].targets;
        targets.iter().map(|it| (it.instance.as_str(), it.weight)).collect()
    }

    #[test]
    fn targets_join_a_listener() {
        let network = after(&with_balancer(), &registering(80, &["ins-new", "asg-web[10.1.1.25]"]));
        let expected = [("ins-web", 10), ("ins-new", 10), ("asg-web[10.1.1.25]", 10)];
        assert_eq!(targets(&network), expected);
    }

    #[test]
    fn a_target_that_is_there_gets_the_new_weight() {
        let change = Change::RegisterTargets {
            load_balancer: id("lb-1"),
            listener: key(80),
            targets: vec![Target { weight: 0, ..target("ins-web") }],
        };
        assert_eq!(targets(&after(&with_balancer(), &change)), [("ins-web", 0)]);
    }

    #[test]
    fn a_linked_classic_cvm_is_refused_as_a_target_and_others_are_foreign() {
        let linked = Code::ClassicLinkLoadBalancerTarget;
        refused(&with_balancer(), &registering(80, &["ins-new", "ins-tom"]), linked);
        let foreign = Code::LoadBalancerForeignTarget;
        refused(&with_balancer(), &registering(80, &["ins-free"]), foreign);
        refused(&with_balancer(), &registering(80, &["ins-two"]), foreign);
        refused(&with_balancer(), &registering(80, &["asg-web"]), Code::WrongKind);
        refused(&with_balancer(), &registering(80, &["cdb-old"]), Code::WrongKind);
    }

    #[test]
    fn a_listener_is_named_by_protocol_and_port() {
        refused(&with_balancer(), &registering(81, &["ins-new"]), Code::UnknownId);
        let mut change = registering(80, &["ins-new"]);
        if let Change::RegisterTargets { listener, .. } = &mut change {
            listener.protocols = Protocols::One(crate::space::Protocol::UDP);
        }
        refused(&with_balancer(), &change, Code::UnknownId);
    }

    #[test]
    fn targets_leave_all_or_none() {
        let network = after(&with_balancer(), &deregistering(&["ins-web"]));
        assert_eq!(targets(&network), []);
        let change = deregistering(&["ins-web", "ins-new"]);
        refused(&with_balancer(), &change, Code::UnknownId);
    }
}
