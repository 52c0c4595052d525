//! Ways that were walked for others of the same gates: what they say of a pair is what a walk of that pair says.
//! `PATHPROOF_GATES=200 cargo test gates` looks at more networks.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use pathproof::engine::{Classes, Host, Pair, Reacher};
use pathproof::fabric::{Fabric, Gate, Party};
use pathproof::generate::{Options, Shape, generate};
use pathproof::model::{Listener, ListenerProtocol, LoadBalancerNetwork, Network, Target};
use pathproof::space::{Action, AddressSet, IntervalSet, Match, Set, Space};

use crate::random;
use crate::shipped::{loaded, scenarios};
use crate::sketch;

/// Random networks in an ordinary run.
const NETWORKS: u64 = 40;

/// About so many pairs of one network are walked.
const PAIRS: usize = 3000;

fn everything(space: &mut Space) -> Set {
    Match::all().set(space)
}

/// The network with one route table and one ACL for all subnets of a VPC, so that more of them are alike.
fn leveled(mut network: Network) -> Network {
    let mut first = HashMap::new();
    for subnet in network.subnets.values_mut() {
        let own = (subnet.route_table.clone(), subnet.network_acl.clone());
        let (table, acl) = first.entry(subnet.vpc.clone()).or_insert(own);
        subnet.route_table.clone_from(table);
        subnet.network_acl.clone_from(acl);
    }
    network
}

/// A party and its addresses.
type End = (Party, AddressSet);

/// What was looked at.
#[derive(Default)]
struct Seen {
    pairs: usize,
    /// Pairs of machines whose gates stand for machines of another subnet.
    shared: usize,
}

/// The ends of a network: hosts, by an example of each class and another one, sites, the Internet.
fn ends(fabric: &Fabric) -> Vec<End> {
    let classes = Classes::of(fabric);
    let hosts = classes.iter();
    let hosts = hosts.flat_map(|(_, class)| [Some(class.first()), class.second()]);
    let hosts = hosts.flatten().filter_map(Host::of);
    let hosts = hosts.map(|host| (host.party(), AddressSet::single(host.address)));
    let sites = (0..).zip(fabric.network.sites.values());
    let sites = sites.map(|(index, site)| {
        let hosts = site.cidrs.iter().copied().map(AddressSet::from);
        (Party::Site(index), AddressSet::union_all(hosts))
    });
    let nobody: AddressSet = "198.18.77.0/24".parse::<ipnet::IpNet>().expect("a CIDR").into();
    let internet = (Party::Internet, nobody);
    hosts.chain(sites).chain([internet]).collect()
}

fn host(end: &End) -> Option<Host> {
    Host::of(end.0)
}

fn compare(name: &str, network: &Network, seen: &mut Seen) {
    let fabric = Fabric::new(Arc::new(network.clone()));
    let ends = ends(&fabric);
    let step = (ends.len() * ends.len()).div_ceil(PAIRS).max(1);
    let all = ends.iter().flat_map(|from| ends.iter().map(move |to| (from, to)));
    let all: Vec<_> = all.step_by(step).collect();
    // Each of a gate may be the one that stands for the others: the first from either end.
    for all in [all.clone(), all.into_iter().rev().collect()] {
        compare_all(name, &mut Reacher::new(&fabric), &all, seen);
    }
}

fn compare_all(name: &str, reacher: &mut Reacher<'_>, all: &[(&End, &End)], seen: &mut Seen) {
    let fabric = reacher.fabric();
    let traffic = everything(&mut reacher.space);
    let mut known: HashSet<(u32, Gate)> = HashSet::new();
    for &(from, to) in all {
        let both = host(from).zip(host(to));
        let same = both.is_some_and(|(a, b)| fabric.hosts.share_a_machine(a.resident, b.resident));
        let v6 = |end: &End| end.1.first().is_some_and(|it| it.is_ipv6());
        if from.0 == to.0 || same || v6(from) || v6(to) {
            continue;
        }
        let pair = Pair {
            from: from.0,
            to: to.0,
            source: from.1.clone(),
            destination: to.1.clone(),
            traffic,
        };
        let alone = reacher.sets(&pair);
        let Some(ways) = reacher.ways_like(&pair) else {
            continue;
        };
        let works = reacher.fill(&ways, host(from), host(to));
        let who = || format!("{name}: {from:?} → {to:?}");
        assert_eq!(works.always, alone.always, "{}", who());
        assert_eq!(works.sometimes, alone.sometimes, "{}", who());
        seen.pairs += 1;
        let mut gates = [from, to].into_iter().filter_map(host).filter_map(|host| {
            let IpAddr::V4(address) = host.address else {
                return None;
            };
            fabric.gate(host.resident, address)
        });
        seen.shared += usize::from(gates.any(|(subnet, gate)| {
            known.insert((subnet, gate));
            known.iter().any(|(other, same)| *other != subnet && *same == gate)
        }));
    }
}

#[test]
fn in_generated_networks() {
    let mut seen = Seen::default();
    let shapes = [Shape::Shared, Shape::Private, Shape::Mixed];
    for (seed, shape) in (0..).zip(shapes.into_iter().cycle().take(6)) {
        let options = Options { instances: 3000, vpcs: 4, groups: 20, seed, shape, singles: 30 };
        let generated = generate(&options).expect("such a network");
        compare(&format!("seed {seed}, {shape:?}"), &generated.network, &mut seen);
    }
    assert!(seen.pairs > 5000 && seen.shared > 300, "{} {}", seen.pairs, seen.shared);
}

#[test]
fn in_random_networks() {
    let count = std::env::var("PATHPROOF_GATES").ok();
    let count = count.and_then(|count| count.parse().ok()).unwrap_or(NETWORKS);
    let mut seen = Seen::default();
    for seed in 0..count {
        let network = random::network(seed);
        compare(&format!("seed {seed}"), &network, &mut seen);
        let leveled = leveled(network);
        compare(&format!("seed {seed}, leveled"), &leveled, &mut seen);
    }
    assert!(seen.pairs > 5000 && seen.shared > 50, "{} {}", seen.pairs, seen.shared);
}

/// A VPC of four subnets with one table and one ACL, which lets in what opens and no replies: only within a subnet anything
/// works. A load balancer is in one of them, one of its targets in another, another in a fifth one without an ACL.
fn one_acl() -> Network {
    let mut network = Network::default();
    sketch::open_group(&mut network);
    sketch::vpc(&mut network, "vpc-a", "10.1.0.0/16");
    let opens = || vec![sketch::acl_rule(Action::Accept, "any", "any", "tcp:1-1000")];
    sketch::network_acl(&mut network, "acl-a", "vpc-a", opens(), opens());
    for third in 1..=5 {
        let subnet = format!("subnet-{third}");
        let cidr = format!("10.1.{third}.0/24");
        let acl = (third < 5).then(|| sketch::id("acl-a"));
        sketch::subnet(&mut network, &subnet, "vpc-a", &cidr).network_acl = acl;
        for last in 1..=2 {
            let (name, at) = (format!("ins-{third}-{last}"), format!("10.1.{third}.{last}"));
            sketch::instance(&mut network, &name, &subnet, &at);
        }
    }
    let lives = LoadBalancerNetwork::Internal {
        subnet: sketch::id("subnet-1"),
        vip: sketch::ip("10.1.1.100"),
        eip: None,
    };
    let balancer = sketch::load_balancer(&mut network, "lb-a", lives);
    balancer.security_groups = vec![sketch::id("sg-open")];
    let listener = |port: u16, target: &str| Listener {
        protocol: ListenerProtocol::Tcp,
        ports: IntervalSet::single(port),
        targets: vec![Target { instance: sketch::id(target), port, weight: 10 }],
        redirects_to: None,
    };
    balancer.listeners = vec![listener(80, "ins-5-1"), listener(81, "ins-4-1")];
    network
}

#[test]
fn a_subnet_that_a_service_lives_in_or_hands_to_is_told_from_others() {
    let mut seen = Seen::default();
    compare("one ACL", &one_acl(), &mut seen);
    let fabric = Fabric::new(Arc::new(one_acl()));
    let balancer = fabric.hosts.of("lb-a").expect("a resident");
    let told = (0..5).map(|subnet| fabric.hands_into(balancer, subnet));
    assert_eq!(told.collect::<Vec<_>>(), [true, false, false, true, true]);
    assert!(seen.shared > 20, "{} {}", seen.pairs, seen.shared);
}

#[test]
fn in_shipped_networks() {
    let mut seen = Seen::default();
    for path in scenarios("scenarios") {
        if let Some(scenario) = loaded(&path).scenario {
            compare(&path, &scenario.network, &mut seen);
        }
    }
    assert!(seen.pairs > 5000 && seen.shared > 50, "{} {}", seen.pairs, seen.shared);
}
