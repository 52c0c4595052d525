//! What a difference is due to: each cause is what leaving the change out, and computing everything anew, says.

use std::net::IpAddr;
use std::sync::Arc;

use pathproof::model::{Change, Endpoint, Network, apply};
use pathproof::query::Turn;
use pathproof::scenario::Origins;
use pathproof::space::{IntervalSet, Packet, Protocol};
use pathproof::verify::{Deed, Difference, Piece, Request, Situation, Who, difference};

use crate::cli::run_on;
use crate::random::{self, Dice};
use crate::whatif::{own, speaks_of};

fn situation(network: &Network) -> Situation {
    Situation::new(Arc::new(network.clone()), Arc::new(Origins::default()))
}

fn compare(old: &Network, new: &Network, deeds: &[Change]) -> Difference {
    let request =
        Request { deeds: deeds.iter().cloned().map(Deed::Change).collect(), ..Request::default() };
    difference(&situation(old), &situation(new), &request)
}

/// The network after some of the changes; what is then refused does not happen.
fn after(network: &Network, changes: &[Change], taken: impl Fn(usize) -> bool) -> Network {
    let mut now = network.clone();
    for (_, change) in changes.iter().enumerate().filter(|(at, _)| taken(*at)) {
        if let Ok(next) = apply(&now, change) {
            now = next;
        }
    }
    now
}

/// A random network in which most machines have a twin that nothing tells apart from them.
fn with_twins(seed: u64) -> Network {
    let mut network = random::network(seed);
    let owned: Vec<IpAddr> = network.owned_addresses().iter().map(|it| it.range.0).collect();
    let mut taken = owned;
    for (id, instance) in network.instances.clone() {
        let Some(subnet) = network.subnets.get(&instance.subnet) else {
            continue;
        };
        let in_a_group = |at: &IpAddr| {
            let mut groups = network.instance_groups.values();
            groups.any(|group| group.ips.0 <= *at && *at <= group.ips.1)
        };
        let mut free = subnet.cidr.hosts().skip(20).take(60);
        let Some(ip) = free.find(|at| !taken.contains(at) && !in_a_group(at)) else {
            continue;
        };
        taken.push(ip);
        let mut twin = instance.clone();
        twin.ip = ip;
        twin.eip = None;
        twin.ipv6 = None;
        twin.secondary_ips.clear();
        twin.public_gateway = false;
        network.instances.insert(format!("{id}-twin").as_str().into(), twin);
    }
    network
}

/// The endpoints that a name stands for: of a stretch of a group the first and the last.
fn members(network: &Network, who: &Who) -> Vec<Endpoint> {
    let Endpoint::GroupMember(id, first) = &who.endpoint else {
        return vec![who.endpoint.clone()];
    };
    let whole = network.instance_groups.get(id).map(|group| group.ips.1);
    let last = who.part.or(whole).unwrap_or(*first);
    [*first, last].map(|at| Endpoint::GroupMember(id.clone(), at)).to_vec()
}

/// A packet of every row of a piece between two of its ends, as far as these have one address of their own in a network.
fn packets(piece: &Piece, network: &Network, from: &Endpoint, to: &Endpoint) -> Vec<Packet> {
    let mut packets = Vec::new();
    for row in &piece.packets {
        let source = own(network, from).or_else(|| row.source.first());
        let destination = own(network, to).or_else(|| row.destination.first());
        let (Some(source), Some(destination)) = (source, destination) else {
            continue;
        };
        let ports = |last: bool| {
            let end = |ports: &IntervalSet<u16>| {
                if last { ports.ranges().last().map(|range| range.1) } else { ports.first() }
            };
            Some((end(&row.traffic.source_ports)?, end(&row.traffic.destination_ports)?))
        };
        let protocol = Protocol(row.traffic.protocols.first().unwrap_or(6));
        for (from_port, to_port) in [ports(false), ports(true)].into_iter().flatten() {
            packets.push(Packet::new(protocol, (source, from_port), (destination, to_port)));
        }
    }
    packets
}

/// Which of the changes the difference happens with.
fn happening(
    differences: &[Difference],
    (turn, from, to, packet): (Turn, &Endpoint, &Endpoint, &Packet),
) -> Vec<usize> {
    let happens = |difference: &Difference| {
        let mut pieces = difference.pieces.iter().filter(|piece| piece.turn == turn);
        pieces.any(|piece| speaks_of(piece, from, to, packet))
    };
    let all = differences.iter().enumerate();
    all.filter(|(_, found)| happens(found)).map(|(at, _)| at).collect()
}

/// Holds the causes of a list of changes against the truth; how many packets were looked at.
fn hold(name: &str, network: &Network, changes: &[Change]) -> usize {
    let new = after(network, changes, |_| true);
    let found = compare(network, &new, changes);
    let without = |left_out| compare(network, &after(network, changes, |at| at != left_out), &[]);
    let only = |one| compare(network, &after(network, changes, |at| at == one), &[]);
    let without: Vec<_> = (0..changes.len()).map(without).collect();
    let only: Vec<_> = (0..changes.len()).map(only).collect();
    let mut looked_at = 0;
    for piece in &found.pieces {
        let side = match piece.turn {
            Turn::Gained => &new,
            Turn::Lost => network,
        };
        for from in piece.from.who.iter().flat_map(|who| members(side, who)) {
            for to in piece.to.who.iter().flat_map(|who| members(side, who)) {
                if from == to {
                    continue;
                }
                for packet in packets(piece, side, &from, &to) {
                    let asked = (piece.turn, &from, &to, &packet);
                    let happens = happening(&without, asked);
                    let needed: Vec<_> =
                        (0..changes.len()).filter(|at| !happens.contains(at)).collect();
                    let text =
                        format!("{name}: {from} → {to} {packet} {:?} of {changes:#?}", piece.turn);
                    assert_eq!(piece.causes.needed, needed, "{text}");
                    let enough =
                        if needed.is_empty() { happening(&only, asked) } else { Vec::new() };
                    assert_eq!(piece.causes.enough, enough, "{text}");
                    assert_eq!(
                        piece.causes.together,
                        needed.is_empty() && enough.is_empty(),
                        "{text}"
                    );
                    looked_at += 1;
                }
            }
        }
    }
    looked_at
}

#[test]
fn every_cause_is_what_leaving_the_change_out_says() {
    let (mut looked_at, mut lists) = (0, 0);
    for seed in 0..40 {
        let network = with_twins(seed);
        let edits = random::edits(&network, seed, 2 + usize::try_from(seed % 3).unwrap_or(0));
        let changes: Vec<Change> = edits.into_iter().map(|(change, _)| change).collect();
        looked_at += hold(&format!("seed {seed}"), &network, &changes);
        lists += 1;
    }
    assert!(looked_at > 2000, "{looked_at} packets of {lists} lists");
}

#[test]
fn changes_to_twins_are_told_apart() {
    let mut looked_at = 0;
    for seed in 0..60 {
        let network = with_twins(seed);
        let twins: Vec<_> = network
            .instances
            .keys()
            .filter(|id| network.instances.contains_key(format!("{id}-twin").as_str()))
            .cloned()
            .collect();
        let mut dice = Dice::new(seed ^ 0x7719).split();
        let Some(one) = dice.any(&twins) else {
            continue;
        };
        let other = format!("{one}-twin").as_str().into();
        let pair = [one.clone(), other];
        let changes: Vec<Change> = match dice.below(3) {
            0 => pair.map(Change::Down).to_vec(),
            1 => pair.map(|id| Change::TerminateInstances(vec![id])).to_vec(),
            _ => pair
                .map(|instance| Change::AssociateSecurityGroups {
                    instance,
                    security_groups: network.security_groups.keys().take(1).cloned().collect(),
                })
                .to_vec(),
        };
        looked_at += hold(&format!("twins {seed}"), &network, &changes);
    }
    assert!(looked_at > 1000, "{looked_at}");
}

/// A user and two web servers that nothing tells apart.
const ALIKE: &str = r#"(network: (
    vpcs: {"vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16")},
    subnets: {"subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24")},
    security_groups: {"sg-web": (ingress: [Accept(service: "tcp:443")]), "sg-user": (egress: [Accept()])},
    instances: {
        "ins-user": (subnet: "subnet-a", ip: "10.1.1.5", security_groups: ["sg-user"]),
        "ins-web1": (subnet: "subnet-a", ip: "10.1.1.11", security_groups: ["sg-web"]),
        "ins-web2": (subnet: "subnet-a", ip: "10.1.1.12", security_groups: ["sg-web"]),
    },
))"#;

#[test]
fn of_two_alike_servers_each_is_lost_by_its_own_change() {
    let told = run_on(
        ALIKE,
        &[
            "whatif",
            "-",
            "--format",
            "json",
            "--change",
            r#"TerminateInstances(["ins-web1"])"#,
            "--change",
            r#"TerminateInstances(["ins-web2"])"#,
        ],
    )
    .json();
    let pieces = told["pieces"].as_array().expect("pieces");
    let due = |to: &str| {
        let mut pieces = pieces.iter();
        let piece = pieces.find(|piece| piece["to"][0] == to && piece["from"][0] == "ins-user");
        piece.unwrap_or_else(|| panic!("{told:#}"))["causes"]["needed"].clone()
    };
    assert_eq!(due("ins-web1"), serde_json::json!([0]));
    assert_eq!(due("ins-web2"), serde_json::json!([1]));
    assert_eq!(told["deeds"][0]["effect"], true);
    assert_eq!(told["deeds"][1]["effect"], true);
}

#[test]
fn with_many_changes_the_weaker_answer_is_said_to_be_weaker() {
    let mut arguments = vec!["whatif".to_owned(), "-".to_owned()];
    for number in 0..25 {
        arguments.push("--change".to_owned());
        arguments.push(format!(
            "CreateSecurityGroupPolicies(security_group: \"sg-web\", ingress: [Accept(service: \"tcp:{}\")])",
            8000 + number
        ));
    }
    let ask = |more: &[&str]| {
        let arguments: Vec<&str> =
            arguments.iter().map(String::as_str).chain(more.iter().copied()).collect();
        run_on(ALIKE, &arguments)
    };
    let told = ask(&["--format", "json"]).json();
    let pieces = told["pieces"].as_array().expect("pieces");
    assert_eq!(pieces.len(), 25);
    for piece in pieces {
        assert!(piece["causes"]["last"].is_number(), "{piece:#}");
        assert_eq!(piece["causes"]["needed"], serde_json::json!([]));
    }
    let text = ask(&[]).out;
    assert!(
        text.contains("last turned by change 25") && text.contains("other changes may be needed"),
        "{text}"
    );
    let chinese = ask(&["--lang", "zh"]).out;
    assert!(chinese.contains("未逐一排除验证"), "{chinese}");
}
