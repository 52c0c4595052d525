//! Random estates: the oracle is the judge of every step, and brute force of the windows.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write;
use std::net::IpAddr;

use pathproof::id::Id;
use pathproof::model::{
    Change, Endpoint, Fragment, ListenerKey, LoadBalancerNetwork, Network, Protocols, Target, apply,
};
use pathproof::plan::{Kind, Outcome, Promise, Step};
use pathproof::query::{During, Expectation, Want};
use pathproof::space::{IntervalSet, Packet, Protocol};

use super::{planned, scenario};
use crate::oracle;
use crate::random::Dice;

/// Estates whose waves are compared with brute force in an ordinary run; `PATHPROOF_FEWEST=100` takes more and larger ones.
const FEWEST: u64 = 12;

/// Random estates in an ordinary run; `PATHPROOF_ESTATES=1000` plans more.
const ESTATES: u64 = 25;

/// The order of targets means nothing.
pub(super) fn settled(network: &Network) -> Network {
    let mut network = network.clone();
    for balancer in network.load_balancers.values_mut() {
        for listener in &mut balancer.listeners {
            listener.targets.sort_by(|a, b| (&a.instance, a.port).cmp(&(&b.instance, b.port)));
        }
    }
    network.classic_links.retain(|_, links| !links.is_empty());
    network
}

/// Start and goal of a random estate with so many machines or one more or two.
fn estate(dice: &mut Dice, least: usize) -> [String; 2] {
    let machines = least + dice.below(3);
    let linked = dice.chance(60);
    let cidr = if linked { "10.1" } else { "172.16" };
    let engines = ["MySql", "Redis", "TdSql", "MongoDb"];
    let databases: Vec<&str> = (0..=dice.below(2)).map(|_| dice.pick(&engines)).collect();
    let targets: Vec<usize> = (0..machines).filter(|_| dice.chance(70)).collect();
    let ground = format!(
        r#"vpcs: {{ "vpc-n": (region: "ap-guangzhou", cidr: "{cidr}.0.0/16") }},
        subnets: {{
            "subnet-a": (vpc: "vpc-n", zone: "ap-guangzhou-3", cidr: "{cidr}.1.0/24"),
            "subnet-b": (vpc: "vpc-n", zone: "ap-guangzhou-4", cidr: "{cidr}.2.0/24"),
        }},
        security_groups: {{ "sg": (ingress: [Accept()], egress: [Accept()]) }},"#
    );
    let behind: String = targets
        .iter()
        .map(|n| format!(r#"(instance: "ins-{n}", port: 443), "#))
        .collect::<Vec<_>>()
        .concat();
    let listeners = format!(r#"listeners: [(service: "tcp:443", targets: [{behind}])]"#);
    let classic: String = (0..machines)
        .map(|n| format!(r#""ins-{n}": (region: "ap-guangzhou", ip: "10.60.3.1{n}", security_groups: ["sg"]), "#))
        .collect::<Vec<_>>()
        .concat();
    let stores = |place: &dyn Fn(usize) -> String| -> String {
        let all = databases.iter().enumerate();
        all.map(|(n, engine)| format!(r#""db-{n}": ({}, engine: {engine}), "#, place(n)))
            .collect::<Vec<_>>()
            .concat()
    };
    let old = stores(&|n| format!(r#"region: "ap-guangzhou", ip: "10.66.1.2{n}""#));
    let new = stores(&|n| format!(r#"subnet: "subnet-b", ip: "{cidr}.2.2{n}""#));
    let moved: String = (0..machines)
        .map(|n| {
            let (subnet, third) = if dice.chance(70) { ("a", 1) } else { ("b", 2) };
            format!(r#""ins-{n}": (subnet: "subnet-{subnet}", ip: "{cidr}.{third}.1{n}", security_groups: ["sg"]), "#)
        })
        .collect::<Vec<_>>()
        .concat();
    let mut promises = String::new();
    for n in 0..machines {
        for (at, engine) in databases.iter().enumerate().filter(|_| dice.chance(60)) {
            let port = match *engine {
                "Redis" => 6379,
                "MongoDb" => 27017,
                _ => 3306,
            };
            let _ = write!(
                promises,
                r#"Reachable(from: "ins-{n}", to: "db-{at}", service: "tcp:{port}"), "#
            );
        }
        if n > 0 && dice.chance(50) {
            let _ = write!(
                promises,
                r#"Reachable(from: "ins-0", to: "ins-{n}", service: "tcp:22", during: except_while_restarting), "#
            );
        }
    }
    if !targets.is_empty() {
        promises += r#"Reachable(from: "internet", to: "www", service: "tcp:443"), "#;
    }
    promises += r#"Unreachable(from: "internet", to: "db-0", service: "tcp:3306"), "#;
    [
        format!(
            r#"(network: ({ground} classic: (instances: {{ {classic} }}, databases: {{ {old} }}, load_balancers: {{
                "lb-old": (region: "ap-guangzhou", vip: "203.0.113.10", public: true, {listeners}) }})),
                names: {{ "www": "lb-old" }}, expect: [{promises}])"#
        ),
        format!(
            r#"(network: ({ground} instances: {{ {moved} }}, databases: {{ {new} }}, load_balancers: {{
                "lb-new": (network: Public(vpc: "vpc-n", vip: "203.0.113.20"), {listeners}) }}),
                names: {{ "www": "lb-new" }})"#
        ),
    ]
}

/// What the oracle says of a promise in a network: whether the first packet of its service gets there by some address.
fn holds(network: &Network, promise: &Expectation) -> bool {
    let from = Id::from(promise.from_text.as_str());
    let to = network.meant_by(&Id::from(promise.to_text.as_str())).clone();
    let port = promise.traffic.service.ports.ranges().next().expect("a port").0;
    let (client, source): (Endpoint, IpAddr) = if let Some(it) = network.instances.get(&from) {
        (Endpoint::Instance(from), it.ip)
    } else if let Some(it) = network.classic_instances.get(&from) {
        (Endpoint::ClassicInstance(from), it.ip)
    } else {
        (Endpoint::Internet, "8.8.8.8".parse().expect("an address"))
    };
    let mut ends: Vec<(Endpoint, IpAddr)> = Vec::new();
    if let Some(it) = network.databases.get(&to) {
        ends.push((Endpoint::Database(to.clone()), it.ip));
        ends.extend(it.old_vips.iter().map(|old| (Endpoint::OldVip(to.clone(), old.ip), old.ip)));
    } else if let Some(it) = network.classic_databases.get(&to) {
        ends.push((Endpoint::ClassicDatabase(to.clone()), it.ip));
    } else if let Some(it) = network.instances.get(&to) {
        ends.push((Endpoint::Instance(to.clone()), it.ip));
    } else if let Some(it) = network.classic_instances.get(&to) {
        ends.push((Endpoint::ClassicInstance(to.clone()), it.ip));
    } else if let Some(it) = network.load_balancers.get(&to)
        && let LoadBalancerNetwork::Public { vip, .. } = it.network
    {
        ends.push((Endpoint::LoadBalancer(to.clone()), vip));
    } else if let Some(it) = network.classic_load_balancers.get(&to) {
        ends.push((Endpoint::ClassicLoadBalancer(to.clone()), it.vip));
    }
    ends.iter().any(|(end, at)| {
        let packet = Packet::new(Protocol::TCP, (source, 40_000), (*at, port));
        oracle::judge(network, &client, end, packet).always
    })
}

fn windows(steps: &[Step]) -> usize {
    steps.iter().filter(|step| step.kind == Kind::Machines).count()
}

#[test]
fn in_random_estates_no_step_breaks_what_is_always_kept_says_the_oracle() {
    let count = crate::three_voices::setting("PATHPROOF_ESTATES").unwrap_or(ESTATES);
    let mut found = 0;
    for seed in 0..count {
        let mut dice = Dice::new(seed ^ 0x91a0).split();
        let [start, goal] = estate(&mut dice, 2);
        let (from, to) = (scenario(&start), scenario(&goal));
        let (Outcome::Found(steps, _), promises) = planned(&from, &to, &from.base) else {
            continue;
        };
        found += 1;
        let mut now = from.network.clone();
        for step in &steps {
            let zones = step.changes.iter().filter_map(|change| match change {
                Change::ModifyInstancesVpcAttribute { subnet, .. } => Some(subnet.clone()),
                _ => None,
            });
            let zones: BTreeSet<Id> = zones.collect();
            assert!(zones.len() <= 1, "seed {seed}: machines into one zone at a time");
            for change in &step.changes {
                now = apply(&now, change)
                    .unwrap_or_else(|refusal| panic!("seed {seed}: {}", refusal.message));
            }
            for promise in promises.iter().filter(|it| it.asked.value.during == During::Always) {
                let it = &promise.asked.value;
                let wanted = matches!(it.want, Want::Reachable);
                assert_eq!(
                    holds(&now, it),
                    wanted,
                    "seed {seed}: {} after {}\n{start}",
                    promise.name(),
                    step.name
                );
            }
        }
        assert_eq!(settled(&now), settled(&to.network), "seed {seed}: the goal is reached");
    }
    assert!(found * 3 > count, "{found} of {count} have a plan");
}

/// A machine that moves in the estate: taken off the old load balancer before, put behind the new one after.
fn moved(from: &Network, goal: &Network, now: &Network, ids: &[Id]) -> Option<Network> {
    let key = || ListenerKey {
        protocols: Protocols::One(Protocol::TCP),
        ports: IntervalSet::single(443),
    };
    let listener = &from.classic_load_balancers["lb-old"].listeners[0];
    let own = listener.targets.iter().filter(|target| ids.contains(&target.instance));
    let targets: Vec<Target> = own.cloned().collect();
    let subnet = goal.instances[&ids[0]].subnet.clone();
    let mut changes = vec![Change::ModifyInstancesVpcAttribute {
        instances: ids.to_vec(),
        vpc: Id::from("vpc-n"),
        subnet,
        ips: Some(ids.iter().map(|id| goal.instances[id].ip).collect()),
        security_groups: None,
    }];
    if !targets.is_empty() {
        let (old, new) = (Id::from("lb-old"), Id::from("lb-new"));
        let (listener, own) = (key(), targets.clone());
        changes.insert(0, Change::DeregisterTargets { load_balancer: old, listener, targets: own });
        changes.push(Change::RegisterTargets { load_balancer: new, listener: key(), targets });
    }
    changes.iter().try_fold(now.clone(), |now, change| apply(&now, change).ok())
}

/// Whether a step may be taken, says the oracle: what is to be kept after it, and while machines restart.
fn is_kept(network: &Network, promises: &[Promise], restarts: &[Id]) -> bool {
    let mut down = network.clone();
    down.down.extend(restarts.iter().cloned());
    promises.iter().all(|promise| {
        let it = &promise.asked.value;
        let wanted = matches!(it.want, Want::Reachable);
        let [from, to] = [&it.from_text, &it.to_text].map(|text| Id::from(text.as_str()));
        let always = it.during == During::Always;
        let excused = !always && (restarts.contains(&from) || restarts.contains(&to));
        let asks = always && !restarts.is_empty() && !restarts.contains(&from);
        (excused || holds(network, it) == wanted) && (!asks || holds(&down, it) == wanted)
    })
}

/// What can be done beside moving machines: the load balancer, links, each database, the name.
enum Act {
    Balancer,
    Link,
    Database(Id),
    Name,
}

/// The network after an act, if the cloud lets it through.
fn acted(goal: &Network, now: &Network, act: &Act) -> Option<Network> {
    let change = match act {
        Act::Balancer => {
            let mut balancer = goal.load_balancers["lb-new"].clone();
            for listener in &mut balancer.listeners {
                let is_there = |target: &Target| now.instances.contains_key(&target.instance);
                listener.targets.retain(is_there);
            }
            let mut fragment = Fragment::default();
            let section = &mut fragment.network.load_balancers;
            section.insert(Id::from("lb-new"), balancer);
            Change::Create(Box::new(fragment))
        }
        Act::Link => Change::AttachClassicLinkVpc {
            vpc: Id::from("vpc-n"),
            instances: now.classic_instances.keys().cloned().collect(),
        },
        Act::Database(id) => {
            let engine = now.classic_databases.get(id)?.engine;
            Change::ModifyDBInstanceVipVport {
                database: id.clone(),
                vpc: Id::from("vpc-n"),
                subnet: goal.databases[id].subnet.clone(),
                ip: Some(goal.databases[id].ip),
                keep_old_hours: engine.keeping().map(|it| it.allowed.most()),
                security_groups: None,
            }
        }
        Act::Name => Change::SwitchName { name: Id::from("www"), to: Id::from("lb-new") },
    };
    apply(now, &change).ok()
}

/// The fewest windows in which all machines can move, by trying every order and every wave, with and without the name.
fn fewest(from: &Network, goal: &Network, promises: &[Promise]) -> Option<usize> {
    let ids: Vec<Id> = goal.instances.keys().cloned().collect();
    let mut acts = vec![Act::Balancer, Act::Link, Act::Name];
    acts.extend(goal.databases.keys().cloned().map(Act::Database));
    let musts = (1_usize << acts.len()) - 1 - 0b10;
    let name = 0b100;
    let everybody = (1_usize << ids.len()) - 1;
    let mut queue = VecDeque::from([(0_usize, 0_usize, 0_usize, from.clone())]);
    let mut seen = BTreeSet::new();
    while let Some((done, gone, windows, now)) = queue.pop_front() {
        if !seen.insert((done, gone)) {
            continue;
        }
        if (done | 0b10, gone) == (musts | 0b10, everybody) {
            return Some(windows);
        }
        for (at, act) in acts.iter().enumerate() {
            let next = (done & (1 << at) == 0).then(|| acted(goal, &now, act)).flatten();
            if let Some(next) = next.filter(|next| is_kept(next, promises, &[])) {
                queue.push_front((done | 1 << at, gone, windows, next));
            }
        }
        if done & 1 == 0 {
            continue;
        }
        for wave in (1..=everybody).filter(|wave| wave & gone == 0) {
            let own = ids.iter().enumerate().filter(|(n, _)| wave & (1 << n) != 0);
            let own: Vec<Id> = own.map(|(_, id)| id.clone()).collect();
            let places: BTreeSet<&Id> = own.iter().map(|id| &goal.instances[id].subnet).collect();
            let next = (places.len() == 1).then(|| moved(from, goal, &now, &own)).flatten();
            let Some(next) = next else { continue };
            if done & name == 0
                && let Some(next) = acted(goal, &next, &Act::Name)
                && is_kept(&next, promises, &own)
            {
                queue.push_back((done | name, gone | wave, windows + 1, next));
            }
            if is_kept(&next, promises, &own) {
                queue.push_back((done, gone | wave, windows + 1, next));
            }
        }
    }
    None
}

#[test]
fn of_few_moves_no_order_and_no_waves_need_fewer_windows() {
    let count = crate::three_voices::setting("PATHPROOF_FEWEST").unwrap_or(FEWEST);
    let (mut compared, mut none) = (0, 0);
    for seed in 0..count {
        let mut dice = Dice::new(seed ^ 0x77).split();
        // with the databases, eight moves at most
        let least = if count > FEWEST { 4 } else { 2 };
        let [start, goal] = estate(&mut dice, least);
        let (from, to) = (scenario(&start), scenario(&goal));
        let (outcome, promises) = planned(&from, &to, &from.base);
        let found = match &outcome {
            Outcome::Found(steps, told) => {
                assert_eq!(*told, windows(steps), "seed {seed}: all was tried");
                Some(windows(steps))
            }
            _ => None,
        };
        let least = fewest(&from.network, &to.network, &promises);
        assert_eq!(found, least, "seed {seed}: {outcome:?}\n{start}");
        compared += 1;
        none += usize::from(least.is_none());
    }
    assert!(compared > 3 && none < compared, "{none} of {compared}");
}
