//! Sets in `from` and `to` (section 4 of the format, D20-7, D20-31): what they mean is what their words say, one by one.

use std::net::IpAddr;
use std::sync::Arc;

use pathproof::engine::Reacher;
use pathproof::fabric::{Fabric, Home, Role};
use pathproof::model::{Endpoint, LoadBalancerNetwork, Network, OldNetwork};
use pathproof::query::{Selector, Traffics, Verdict};
use pathproof::space::AddressSet;
use pathproof::verify::{Selection, Side, answer, select};

use crate::cli::run_on;
use crate::random::{self, Dice};
use crate::sketch::{id, ip, net};

/// Somebody who can be meant: who it is, and at which address.
#[derive(Clone, Debug)]
struct Somebody {
    who: Endpoint,
    at: IpAddr,
    /// Whether `at` is its own address, or one that leads to it.
    own: bool,
}

fn and(a: Selector, b: Selector) -> Selector {
    Selector::And(Box::new(a), Box::new(b))
}

fn or(a: Selector, b: Selector) -> Selector {
    Selector::Or(Box::new(a), Box::new(b))
}

fn not(a: Selector) -> Selector {
    Selector::Not(Box::new(a))
}

/// Endpoints by every address, hosts of sites and of the Internet.
fn people(fabric: &Fabric) -> Vec<Somebody> {
    let mut all = Vec::new();
    for (_, resident) in fabric.hosts.iter() {
        let (first, last) = resident.addresses;
        for at in [first, last] {
            all.push(Somebody { who: resident.endpoint_at(at), at, own: true });
        }
        let public = resident.public.filter(|at| *at != first);
        for at in resident.further.iter().copied().chain(public) {
            all.push(Somebody { who: resident.endpoint.clone(), at, own: false });
        }
    }
    for (name, site) in &fabric.network.sites {
        for cidr in &site.cidrs {
            for at in [cidr.network(), cidr.broadcast()] {
                let who = Endpoint::Site(name.clone());
                all.push(Somebody { who, at, own: true });
            }
        }
    }
    for at in ["8.8.8.8", "198.51.100.7", "1.1.1.1", "223.255.255.255"] {
        let who = Endpoint::Internet;
        let at = ip(at);
        all.push(Somebody { who, at, own: true });
    }
    all
}

/// Whether a set contains somebody, from the words of section 4.
fn contains(network: &Network, selector: &Selector, one: &Somebody) -> bool {
    let outside = matches!(one.who, Endpoint::Site(_) | Endpoint::Internet);
    match selector {
        Selector::Internet => one.who == Endpoint::Internet,
        Selector::Address(address) => one.at == *address,
        Selector::Cidr(cidr) => cidr.contains(&one.at),
        Selector::Tag(key, value) => one.who.id().is_some_and(|id| {
            let meta = network.meta_of(id.as_str());
            !outside && meta.is_some_and(|meta| meta.tags.get(key) == Some(value))
        }),
        Selector::Classic(region, account) => one.who.id().is_some_and(|id| {
            let classic = [
                network.classic_instances.get(id).map(|it| &it.region),
                network.classic_databases.get(id).map(|it| &it.region),
                network.classic_load_balancers.get(id).map(|it| &it.region),
                // an address of a database from before it left the classic network
                match &one.who {
                    Endpoint::OldVip(id, at) => {
                        let mut old = network.databases[id].old_vips.iter();
                        let classic =
                            old.any(|it| it.ip == *at && it.network == OldNetwork::Classic);
                        let vpc = network.vpc_of(id.as_str()).filter(|_| classic);
                        vpc.map(|vpc| &network.vpcs[vpc].region)
                    }
                    _ => None,
                },
            ];
            let here = classic.into_iter().flatten().any(|own| own == region);
            let owner = network.account_of(id.as_str());
            here && account.as_ref().is_none_or(|account| account == owner)
        }),
        Selector::Id(set) => one.who.id().is_some_and(|own| {
            let subnet = match &one.who {
                Endpoint::Instance(id) => network.instances.get(id).map(|it| &it.subnet),
                Endpoint::NetworkInterface(id) => {
                    network.network_interfaces.get(id).map(|it| &it.subnet)
                }
                Endpoint::GroupMember(id, _) => {
                    network.instance_groups.get(id).map(|it| &it.subnet)
                }
                Endpoint::Database(id) => network.databases.get(id).map(|it| &it.subnet),
                Endpoint::OldVip(id, at) => {
                    let old = network.databases[id].old_vips.iter();
                    let mut vpcs = old.filter(|old| old.ip == *at).map(|old| &old.network);
                    vpcs.find_map(|old| match old {
                        OldNetwork::Vpc(vpc) => Some(network.subnet_around(vpc, *at)?.0),
                        OldNetwork::Classic => None,
                    })
                }
                Endpoint::HaVip(id) => network.havips.get(id).map(|it| &it.subnet),
                Endpoint::LoadBalancer(id) => match &network.load_balancers[id].network {
                    LoadBalancerNetwork::Internal { subnet, .. } => Some(subnet),
                    LoadBalancerNetwork::Public { .. } => None,
                },
                Endpoint::VpcEndpoint(id) => network.vpc_endpoints.get(id).map(|it| &it.subnet),
                Endpoint::EndpointConnection(id) => {
                    let it = &network.endpoint_connections[id];
                    let mut subnets = network.subnets.iter();
                    let own = subnets.find(|(_, own)| own.vpc == it.vpc && own.covers(it.vip));
                    own.map(|(id, _)| id)
                }
                _ => None,
            };
            let groups = match &one.who {
                Endpoint::Instance(id) => network.instances.get(id).map(|it| &it.security_groups),
                Endpoint::NetworkInterface(id) => {
                    network.network_interfaces.get(id).map(|it| &it.security_groups)
                }
                Endpoint::GroupMember(id, _) => {
                    network.instance_groups.get(id).map(|it| &it.security_groups)
                }
                Endpoint::ClassicInstance(id) => {
                    network.classic_instances.get(id).map(|it| &it.security_groups)
                }
                Endpoint::Database(id) | Endpoint::OldVip(id, _) => {
                    network.databases.get(id).map(|it| &it.security_groups)
                }
                Endpoint::LoadBalancer(id) => {
                    network.load_balancers.get(id).map(|it| &it.security_groups)
                }
                Endpoint::VpcEndpoint(id) => {
                    network.vpc_endpoints.get(id).map(|it| &it.security_groups)
                }
                _ => None,
            };
            own == set
                || !outside && network.vpc_of(own.as_str()) == Some(set)
                || subnet == Some(set)
                || groups.is_some_and(|groups| groups.contains(set))
        }),
        Selector::And(a, b) => contains(network, a, one) && contains(network, b, one),
        Selector::Or(a, b) => contains(network, a, one) || contains(network, b, one),
        Selector::Not(not) => !contains(network, not, one),
    }
}

/// Whether a selection means somebody.
fn means(fabric: &Fabric, selection: &Selection, one: &Somebody) -> bool {
    match &one.who {
        Endpoint::Internet => selection.internet.contains(one.at),
        Endpoint::Site(site) => {
            let site = fabric.network.sites.get_index_of(site).expect("a site");
            let site = u32::try_from(site).expect("few sites");
            let hosts = selection.sites.get(&site);
            hosts.is_some_and(|hosts| hosts.contains(one.at))
        }
        who => {
            let resident = who.id().and_then(|id| fabric.hosts.of(id.as_str()));
            let through = (!one.own).then_some(one.at);
            let found = selection.hosts.get(&(resident.expect("a resident"), through));
            found.is_some_and(|own| !one.own || own.contains(one.at))
        }
    }
}

/// A set of one word.
fn word(network: &Network, dice: &mut Dice, people: &[Somebody]) -> Selector {
    let mut sets: Vec<_> = network.vpcs.keys().cloned().collect();
    sets.extend(network.subnets.keys().cloned());
    sets.extend(network.security_groups.keys().cloned());
    sets.extend(network.sites.keys().cloned());
    let one = dice.any(people).cloned().expect("somebody");
    match dice.below(10) {
        0 | 1 => Selector::Internet,
        2..5 => Selector::Id(dice.any(&sets).cloned().unwrap_or_else(|| id("vpc-none"))),
        5 => match one.who.id() {
            Some(own) => Selector::Id(own.clone()),
            None => Selector::Internet,
        },
        6 => Selector::Address(one.at),
        7 if people.len().is_multiple_of(2) => Selector::Tag("role".to_owned(), "web".to_owned()),
        7 => {
            let regions = network.vpcs.values().map(|vpc| vpc.region.clone());
            let regions: Vec<String> = regions.collect();
            let region = dice.any(&regions).cloned().unwrap_or_default();
            Selector::Classic(region, None)
        }
        _ => {
            let wide = match dice.below(4) {
                0 => net("0.0.0.0/0"),
                1 => net("128.0.0.0/1"),
                _ => ipnet::IpNet::from(one.at),
            };
            let near = [24, 16, 30].map(|bits| {
                let prefix = if one.at.is_ipv4() { bits } else { 64 };
                ipnet::IpNet::new(one.at, prefix).expect("a prefix").trunc()
            });
            Selector::Cidr(if dice.chance(70) { dice.pick(&near) } else { wide })
        }
    }
}

fn expression(network: &Network, dice: &mut Dice, people: &[Somebody], depth: usize) -> Selector {
    if depth == 0 || dice.chance(20) {
        return word(network, dice, people);
    }
    let mut part = || expression(network, dice, people, depth - 1);
    let (a, b) = (part(), part());
    match dice.below(4) {
        0 => or(a, b),
        1 => and(a, b),
        2 => and(a, not(b)),
        _ => not(a),
    }
}

/// A random network in which some endpoints carry a tag.
fn tagged(seed: u64) -> Network {
    let mut network = random::network(seed);
    let mut dice = Dice::new(seed ^ 0x7a9).split();
    for instance in network.instances.values_mut() {
        if dice.chance(40) {
            let tags = &mut instance.meta.tags;
            tags.insert("role".to_owned(), "web".to_owned());
        }
    }
    network
}

#[test]
fn a_set_means_whoever_its_words_say_and_loses_nobody() {
    let (mut meant, mut others, mut complements) = (0, 0, 0);
    for seed in 0..80 {
        let network = tagged(seed);
        let fabric = Fabric::new(Arc::new(network.clone()));
        let people = people(&fabric);
        let mut dice = Dice::new(seed ^ 0x5e1).split();
        for _ in 0..40 {
            let set = expression(&network, &mut dice, &people, 3);
            for side in [Side::From, Side::To] {
                let everybody = select(&fabric, &Selector::everybody(), side);
                let selection = select(&fabric, &set, side);
                for one in &people {
                    let found = means(&fabric, &selection, one);
                    let belongs = contains(&network, &set, one);
                    let name = format!("seed {seed}, {side:?}: {one:?} in {set:?}");
                    // Nobody is meant who does not belong, and all of those who take part are.
                    assert!(belongs || !found, "{name}");
                    if means(&fabric, &everybody, one) {
                        assert_eq!(found, belongs, "{name}");
                    }
                    meant += usize::from(found);
                    others += usize::from(!found);
                }
                // `A & !B` is A without B, whatever A is made of.
                let less = expression(&network, &mut dice, &people, 2);
                let rest = select(&fabric, &and(set.clone(), not(less.clone())), side);
                for one in &people {
                    let truth = means(&fabric, &selection, one) && !contains(&network, &less, one);
                    assert_eq!(
                        means(&fabric, &rest, one),
                        truth,
                        "seed {seed}: {one:?} in {set:?} & !{less:?}"
                    );
                    complements += usize::from(truth);
                }
            }
        }
    }
    assert!(
        meant > 10_000 && others > 10_000 && complements > 5_000,
        "{meant} {others} {complements}"
    );
}

#[test]
fn everybody_is_every_endpoint_that_takes_part_every_site_and_the_internet() {
    for seed in 0..20 {
        let network = random::network(seed);
        let fabric = Fabric::new(Arc::new(network.clone()));
        for side in [Side::From, Side::To] {
            let everybody = select(&fabric, &Selector::everybody(), side);
            for (index, resident) in fabric.hosts.iter() {
                let takes_part =
                    !resident.unbound && (side == Side::To || resident.role == Role::Machine);
                let public = matches!(resident.home, Home::Public(_));
                let own = AddressSet::range(resident.addresses.0, resident.addresses.1);
                let found = everybody.hosts.get(&(index, None));
                assert_eq!(found, takes_part.then_some(&own), "seed {seed}, {public}");
            }
            assert_eq!(everybody.sites.len(), network.sites.len());
            assert!(everybody.internet.contains(ip("8.8.8.8")));
        }
    }
}

/// The verdict of two parts together, where their verdicts leave no doubt.
#[expect(
    clippy::option_option,
    reason = "no verdict of nobody is a verdict, no doubt is another thing"
)]
fn together(a: Option<Verdict>, b: Option<Verdict>) -> Option<Option<Verdict>> {
    Some(match (a, b) {
        (None, other) | (other, None) => other,
        (Some(Verdict::Undetermined), _) | (_, Some(Verdict::Undetermined)) => return None,
        (Some(a), Some(b)) if a == b => Some(a),
        _ => Some(Verdict::Partial),
    })
}

#[test]
fn sets_asked_together_are_answered_as_they_are_one_by_one() {
    let (mut compared, mut outside) = (0, 0);
    for seed in 0..60 {
        let network = tagged(seed);
        let fabric = Fabric::new(Arc::new(network.clone()));
        let people: Vec<_> = people(&fabric).into_iter().filter(|one| one.at.is_ipv4()).collect();
        let mut reacher = Reacher::new(&fabric);
        let mut dice = Dice::new(seed ^ 0x1b1).split();
        for _ in 0..12 {
            let [a, b, other] =
                [2, 2, 1].map(|depth| expression(&network, &mut dice, &people, depth));
            let turned = dice.chance(50);
            let mut verdict = |set: Selector| {
                let (from, to) = if turned { (&other, &set) } else { (&set, &other) };
                let from = select(&fabric, from, Side::From);
                let to = select(&fabric, to, Side::To);
                let found = answer(&mut reacher, &from, &to, &Traffics::default());
                let some_outside = !from.internet.is_empty() || !to.internet.is_empty();
                ((!found.vacuous).then_some(found.verdict), some_outside)
            };
            let (whole, is_outside) = verdict(a.clone());
            let inner = verdict(and(a.clone(), b.clone())).0;
            let rest = verdict(and(a.clone(), not(b.clone()))).0;
            let second = verdict(b.clone()).0;
            let both = verdict(or(a.clone(), b.clone())).0;
            let name = format!("seed {seed}, turned {turned}: {a:?} and {b:?} with {other:?}");
            for (told, parts) in [(whole, (inner, rest)), (both, (whole, second))] {
                if let Some(truth) = together(parts.0, parts.1)
                    && told != Some(Verdict::Undetermined)
                {
                    assert_eq!(told, truth, "{name}");
                    compared += 1;
                    outside += usize::from(is_outside);
                }
            }
        }
    }
    assert!(compared > 300 && outside > 100, "{compared} {outside}");
}

/// One machine with an EIP open to ssh from everywhere and to the Internet, one that may send nothing, and an office.
const OPEN_TO_ALL: &str = r#"(
    network: (
        vpcs: {"vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16")},
        subnets: {"subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24")},
        security_groups: {
            "sg-web": (ingress: [Accept(service: "tcp:22"), Drop()], egress: [Accept()]),
            "sg-shut": (),
        },
        instances: {
            "ins-web": (subnet: "subnet-a", ip: "10.1.1.5", eip: "43.136.10.9", security_groups: ["sg-web"]),
            "ins-shut": (subnet: "subnet-a", ip: "10.1.1.6", security_groups: ["sg-shut"]),
        },
    ),
    expect: [EXPECT],
)"#;

/// The outcome of one expectation about [`OPEN_TO_ALL`].
fn outcome(expectation: &str) -> String {
    let file = OPEN_TO_ALL.replace("EXPECT", expectation);
    let told = run_on(file, &["check", "-", "--format", "json"]).json();
    told["files"][0]["stages"][0]["expectations"][0]["outcome"]
        .as_str()
        .unwrap_or_else(|| panic!("{told:#}"))
        .to_owned()
}

#[test]
fn a_complement_never_hides_the_internet_from_a_promise() {
    for from in [
        "(internet | vpc-a) & !198.51.100.0/24",
        "internet & !198.51.100.0/24",
        "(internet | vpc-a) & !ins-web",
        "!(vpc-a | 198.51.100.0/24)",
        "!ins-web",
    ] {
        let promise =
            |verdict| format!(r#"{verdict}(from: "{from}", to: "ins-web", service: "tcp:22")"#);
        assert_eq!(outcome(&promise("Unreachable")), "fail", "{from}");
    }
    for to in ["(internet | vpc-a) & !198.51.100.7", "!vpc-a", "!198.51.100.7"] {
        let promise = format!(r#"Unreachable(from: "ins-web", to: "{to}", service: "tcp:443")"#);
        assert_eq!(outcome(&promise), "fail", "{to}");
    }
    let nobody = r#"Reachable(from: "internet & !0.0.0.0/0 & !::/0", to: "ins-web")"#;
    assert_eq!(outcome(nobody), "vacuous");
}

#[test]
fn who_is_named_by_a_public_address_stays_in_a_difference_and_leaves_with_its_id() {
    for (to, outcome_of) in [
        ("43.136.10.9 & !ins-shut", "pass"),
        ("43.136.10.9 & vpc-a", "pass"),
        ("43.136.10.9 & !vpc-a", "vacuous"),
        ("43.136.10.0/24 & ins-web", "pass"),
    ] {
        let promise = format!(r#"Reachable(from: "internet", to: "{to}", service: "tcp:22")"#);
        assert_eq!(outcome(&promise), outcome_of, "{to}");
    }
}
