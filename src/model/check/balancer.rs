//! Load balancers: listeners that do not clash, targets of their own network (CL-10, CLB-14,
//! CLB-17), weights up to 100 (CLB-2).

use super::super::{Key, Kind, Listener, LoadBalancer, Network, Place, Target, Violation};
use crate::code::Code;
use crate::id::Id;

/// CLB-2: the heaviest target.
const WEIGHT: u8 = 100;

pub(super) fn check(network: &Network, found: &mut Vec<Violation>) {
    for (id, balancer) in &network.load_balancers {
        listeners(id, &balancer.listeners, found);
        targets(id, &balancer.listeners, found, |target, place| {
            foreign_to_vpc(network, id, balancer, target, place)
        });
    }
    for (id, balancer) in &network.classic_load_balancers {
        listeners(id, &balancer.listeners, found);
        targets(id, &balancer.listeners, found, |target, place| {
            foreign_to_classic(network, id, &balancer.region, target, place)
        });
    }
}

/// Two listeners never share a port of one transport protocol.
fn listeners(id: &Id, listeners: &[Listener], found: &mut Vec<Violation>) {
    for (index, listener) in listeners.iter().enumerate() {
        let transport = listener.protocol.transport();
        let clash = listeners.iter().take(index).position(|other| {
            other.protocol.transport() == transport
                && !other.ports.intersection(&listener.ports).is_empty()
        });
        if let Some(other) = clash {
            let (word, ports) = (listener.protocol.word(), &listener.ports);
            let message = format!(
                "the listener {word}:{ports} of `{id}` shares a port with another listener"
            );
            let place = Place::item(id, "listeners", index);
            let violation = Violation::error(Code::InvalidValue, place, message);
            let other = Place::item(id, "listeners", other);
            found.push(violation.with_other(other, "the other listener is here"));
        }
    }
}

fn targets(
    id: &Id,
    listeners: &[Listener],
    found: &mut Vec<Violation>,
    foreign: impl Fn(&Target, Place) -> Option<Violation>,
) {
    for (listener, entry) in listeners.iter().enumerate() {
        for (index, target) in entry.targets.iter().enumerate() {
            let place = || {
                let listener = Place::item(id, "listeners", listener);
                listener.then(Key::Field("targets")).then(Key::Index(index))
            };
            found.extend(foreign(target, place().then(Key::Field("instance"))));
            if target.weight > WEIGHT {
                let (name, weight) = (&target.instance, target.weight);
                let message = format!("the target `{name}` of `{id}` cannot have weight {weight}");
                let place = place().then(Key::Field("weight"));
                let violation = Violation::error(Code::InvalidValue, place, message);
                found.push(violation.with_help("weights go from 0 to 100 (CLB-2)"));
            }
        }
    }
}

/// CLB-14: a target lies in the load balancer's VPC. CLB-17: never in the classic network; CL-10
/// has a word of its own for a classic CVM that is linked to that VPC.
fn foreign_to_vpc(
    network: &Network,
    id: &Id,
    balancer: &LoadBalancer,
    target: &Target,
    place: Place,
) -> Option<Violation> {
    let vpc = network.vpc_of_balancer(balancer)?;
    let name = &target.instance;
    if network.has(Kind::ClassicInstance, name.as_str()) {
        let links = network.classic_links.get(vpc);
        let is_linked = links.is_some_and(|links| {
            let mut links = links.iter();
            links.any(|link| link.instance == *name && network.is_live(link))
        });
        let (code, why) = if is_linked {
            (
                Code::ClassicLinkLoadBalancerTarget,
                format!("a classic CVM linked to `{vpc}`"),
            )
        } else {
            (
                Code::LoadBalancerForeignTarget,
                "a CVM of the classic network".to_owned(),
            )
        };
        let message = format!("`{id}` of `{vpc}` cannot have the target `{name}`, {why}");
        let violation = Violation::error(code, place, message);
        return Some(violation.with_other(Place::of(name), format!("`{name}` is here")));
    }
    let home = network.vpc_of(name.as_str())?;
    (home != vpc).then(|| {
        let message = format!("`{id}` of `{vpc}` cannot have the target `{name}` of `{home}`");
        Violation::error(Code::LoadBalancerForeignTarget, place, message)
            .with_help("targets lie in the load balancer's own VPC (CLB-14)")
    })
}

/// CLB-17, CN-3: a classic load balancer has classic CVMs of its region and account.
fn foreign_to_classic(
    network: &Network,
    id: &Id,
    region: &str,
    target: &Target,
    place: Place,
) -> Option<Violation> {
    let name = &target.instance;
    let error = |message| {
        let violation = Violation::error(Code::LoadBalancerForeignTarget, place, message);
        Some(violation.with_help("a classic CLB has classic CVMs of its region and account"))
    };
    let Some(instance) = network.classic_instances.get(name) else {
        return error(format!(
            "the classic load balancer `{id}` cannot have the target `{name}` of a VPC"
        ));
    };
    if instance.region != region {
        let there = &instance.region;
        return error(format!(
            "`{id}` in {region} cannot have the target `{name}` in {there}"
        ));
    }
    let (own, other) = (
        network.account_of(id.as_str()),
        network.account_of(name.as_str()),
    );
    if own != other {
        return error(format!(
            "`{id}` of the account `{own}` cannot have the target `{name}` of `{other}`"
        ));
    }
    None
}
