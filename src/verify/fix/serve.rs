//! What answers: listeners and targets of load balancers, the machine that carries a HAVIP.

use super::FixQuestion;
use super::block::Block;
use super::candidate::Candidate;
use super::private_link::serving;
use super::stated::replaced;
use crate::id::Id;
use crate::model::{
    Change, Fragment, Listener, ListenerKey, ListenerProtocol, Network, Protocols, Target, apply,
};
use crate::space::{IntervalSet, Protocol};

/// So many machines are tried one after the other.
const MOST_MACHINES: usize = 4;

/// The weight of a target that nobody weighs (CLB-2).
const WEIGHT: u8 = 10;

/// Targets for a listener that has none that could take the connection: those that are registered and take nothing,
/// those that do not run, those of other listeners, other machines of the network.
pub fn targets(network: &Network, _: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let Some(id) = &block.reason.cause.at else {
        return Vec::new();
    };
    let listeners = listeners_of(network, id);
    let Some(listener) = asked(listeners, block) else {
        return Vec::new();
    };
    let key = ListenerKey {
        protocols: Protocols::One(listener.protocol.transport()),
        ports: listener.ports.clone(),
    };
    let registered = |target: Target| Change::RegisterTargets {
        load_balancer: id.clone(),
        listener: key.clone(),
        targets: vec![target],
    };
    let mut found: Vec<Candidate> = Vec::new();
    for target in listener.targets.iter().filter(|target| target.weight == 0) {
        let weight = WEIGHT;
        let target = Target { weight, ..target.clone() };
        found.push(vec![registered(target)]);
    }
    let each = listener.targets.iter().flat_map(|target| {
        let instance = target.instance.clone();
        [Change::Up(instance.clone()), Change::RecoverInstance { instance }]
    });
    let works = |change: &Change| apply(network, change).is_ok_and(|new| &new != network);
    found.extend(each.filter(works).map(|change| vec![change]));
    let port = listener.targets.first().map(|target| target.port);
    let port = port.or_else(|| listener.ports.first());
    let known: Vec<&Id> = listener.targets.iter().map(|it| &it.instance).collect();
    for instance in machines(network, id, listeners) {
        let (Some(port), false) = (port, known.contains(&&instance)) else {
            continue;
        };
        let weight = WEIGHT;
        let target = Target { instance, port, weight };
        found.push(vec![registered(target)]);
    }
    found
}

/// A listener for ports that a load balancer does not serve, with the targets of another one, or a machine of the network.
pub fn listeners(network: &Network, _: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let Some(id) = &block.reason.cause.at else {
        return Vec::new();
    };
    let id = serving(network, id);
    let old = listeners_of(network, id);
    let Some(new) = wanted(block) else {
        return Vec::new();
    };
    let mut sets: Vec<Vec<Target>> = Vec::new();
    let mut add = |targets: Vec<Target>| {
        if !targets.is_empty() && !sets.contains(&targets) {
            sets.push(targets);
        }
    };
    for listener in old.iter().filter(|it| !it.targets.is_empty()) {
        let own = listener.ports.first();
        // A target that has the listener's own port has the new one's, too; one that has another keeps it.
        let targets = listener.targets.iter().map(|target| Target {
            port: match (own == Some(target.port), new.first()) {
                (true, Some(first)) => first.ports.first().unwrap_or(target.port),
                _ => target.port,
            },
            weight: if target.weight == 0 { WEIGHT } else { target.weight },
            ..target.clone()
        });
        add(targets.collect());
    }
    if sets.is_empty() {
        let port = new.first().and_then(|listener| listener.ports.first());
        for instance in machines(network, id, old) {
            if let Some(port) = port {
                let weight = WEIGHT;
                add_one(&mut sets, instance, port, weight);
            }
        }
    }
    let stated = sets.into_iter().filter_map(|targets| {
        let listeners =
            new.iter().map(|listener| Listener { targets: targets.clone(), ..listener.clone() });
        with_listeners(network, id, listeners.collect())
    });
    stated.collect()
}

fn add_one(sets: &mut Vec<Vec<Target>>, instance: Id, port: u16, weight: u8) {
    sets.push(vec![Target { instance, port, weight }]);
}

fn listeners_of<'n>(network: &'n Network, id: &Id) -> &'n [Listener] {
    let vpc = network.load_balancers.get(id).map(|one| &one.listeners);
    let classic = network.classic_load_balancers.get(id);
    vpc.or(classic.map(|one| &one.listeners)).map_or(&[], Vec::as_slice)
}

/// The listener that a packet met.
fn asked<'n>(listeners: &'n [Listener], block: &Block) -> Option<&'n Listener> {
    let packet = &block.reason.witness;
    let mut all = listeners.iter();
    let meets = all.find(|listener| {
        listener.protocol.transport() == packet.protocol
            && listener.ports.contains(packet.destination_port)
    });
    meets.or_else(|| {
        listeners
            .iter()
            .find(|listener| listener.targets.is_empty() && listener.redirects_to.is_none())
    })
}

/// Listeners for what is asked: one for each port.
fn wanted(block: &Block) -> Option<Vec<Listener>> {
    let mut all = Vec::new();
    for service in block.flows.iter().flat_map(|flow| &flow.services) {
        let protocol = match service.protocols {
            Protocols::One(Protocol::TCP) => ListenerProtocol::Tcp,
            Protocols::One(Protocol::UDP) => ListenerProtocol::Udp,
            _ => return None,
        };
        if service.ports.len() > MOST_MACHINES as u128 {
            return None;
        }
        let ports = service.ports.ranges().flat_map(|(first, last)| first..=last);
        all.extend(ports.map(|port| Listener {
            protocol,
            ports: IntervalSet::single(port),
            targets: Vec::new(),
            redirects_to: None,
        }));
    }
    (!all.is_empty()).then_some(all)
}

/// The machines that may stand behind a load balancer: targets of its other listeners, then others of its network.
fn machines(network: &Network, id: &Id, listeners: &[Listener]) -> Vec<Id> {
    let mut found: Vec<Id> = Vec::new();
    let known = listeners.iter().flat_map(|listener| &listener.targets);
    let known = known.map(|target| &target.instance);
    let balancer = network.load_balancers.get(id);
    let vpc = balancer.and_then(|balancer| network.vpc_of_balancer(balancer));
    let own = network.instances.keys();
    let own = own.filter(|id| vpc.is_some() && network.vpc_of(id.as_str()) == vpc);
    let classic = network.classic_load_balancers.get(id);
    let far = network.classic_instances.iter();
    let far = far.filter(|(_, it)| classic.is_some_and(|classic| classic.region == it.region));
    for instance in known.chain(own).chain(far.map(|(id, _)| id)) {
        if !found.contains(instance) {
            found.push(instance.clone());
        }
    }
    found.truncate(MOST_MACHINES);
    found
}

fn with_listeners(network: &Network, id: &Id, new: Vec<Listener>) -> Option<Candidate> {
    let mut fragment = Fragment::default();
    if let Some(balancer) = network.load_balancers.get(id) {
        let mut balancer = balancer.clone();
        balancer.listeners.extend(new);
        fragment.network.load_balancers.insert(id.clone(), balancer);
    } else {
        let mut balancer = network.classic_load_balancers.get(id)?.clone();
        balancer.listeners.extend(new);
        let balancers = &mut fragment.network.classic_load_balancers;
        balancers.insert(id.clone(), balancer);
    }
    Some(replaced(fragment))
}

/// A machine of the same subnet for a HAVIP that nobody carries; one that runs.
pub fn bound(network: &Network, id: &Id) -> Vec<Candidate> {
    let Some(havip) = network.havips.get(id).filter(|it| it.bound_to.is_none()) else {
        return Vec::new();
    };
    let machines = network.instances.iter();
    let machines = machines.filter(|(_, instance)| instance.subnet == havip.subnet);
    let running = machines.filter(|(id, instance)| {
        instance.state == crate::model::State::Running && !network.down.contains(*id)
    });
    let each = running.take(MOST_MACHINES).map(|(machine, _)| {
        let mut havip = havip.clone();
        havip.bound_to = Some(machine.clone());
        let mut fragment = Fragment::default();
        fragment.network.havips.insert(id.clone(), havip);
        replaced(fragment)
    });
    each.collect()
}
