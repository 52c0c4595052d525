//! Exactness at the size of a region: what is computed for classes, for whole spots and for one packet at a time is what
//! the rules say of random flows, and a what-if is what they say before and after.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use pathproof::engine::{ClassIx, Classes, Crossing, Reacher, SpotIx, Spots};
use pathproof::fabric::{Fabric, Party, Role};
use pathproof::generate::{Options, Shape, generate};
use pathproof::model::{Change, Endpoint, Network, NextHop, apply};
use pathproof::query::Turn;
use pathproof::space::{IntervalSet, Packet, Protocol, Set};
use pathproof::verify::{Crowd, Piece, Request, Situation, difference};

use crate::memory::everything;
use crate::oracle;
use crate::whatif::{own, speaks_of};

/// A region as `generate` makes it, on a dozen VPCs.
pub fn region(instances: u32, seed: u64) -> Network {
    let options =
        Options { instances, vpcs: 12, groups: 240, seed, shape: Shape::Mixed, singles: 5 };
    generate(&options).expect("a region").network
}

/// A small generator of numbers (xorshift64*, Vigna 2016): the same flows every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(drawn).unwrap_or(0) % count
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// One flow: who, to whom, what.
struct Flow {
    from: (Party, Endpoint),
    to: (Party, Endpoint),
    classes: (ClassIx, ClassIx),
    packet: Packet,
}

/// Ends of a network to draw flows from.
struct Ends<'a> {
    fabric: &'a Fabric,
    classes: &'a Classes,
    /// Per VPC, the classes that live in it; then all.
    homes: Vec<Vec<ClassIx>>,
    all: Vec<ClassIx>,
    ports: Vec<u16>,
}

impl<'a> Ends<'a> {
    fn of(fabric: &'a Fabric, classes: &'a Classes) -> Self {
        let mut homes = vec![Vec::new(); fabric.network.vpcs.len()];
        let mut all = Vec::new();
        for (class, members) in classes.iter() {
            let Party::Host(resident, address) = members.first() else {
                continue;
            };
            if address.is_ipv6() {
                continue;
            }
            if let Some(vpc) = fabric.vpc_of_resident(resident) {
                homes[vpc as usize].push(class);
            }
            all.push(class);
        }
        let lists = fabric.filters.iter().flat_map(|list| &list.rules);
        let boxes = lists.flat_map(|rule| rule.when.traffic.boxes().to_vec());
        let bounds = boxes.flat_map(|layer| layer.destination_ports.ranges().collect::<Vec<_>>());
        let near = bounds
            .flat_map(|(low, high)| [low, high, low.saturating_sub(1), high.saturating_add(1)]);
        let mut ports: Vec<u16> = near.chain([0, 80, 443, 40_000, 65_535]).collect();
        ports.sort_unstable();
        ports.dedup();
        Self { fabric, classes, homes, all, ports }
    }

    /// A member of a class at one of its addresses.
    fn member(&self, dice: &mut Dice, class: ClassIx) -> (Party, Endpoint, IpAddr) {
        let members = &self.classes.get(class).members;
        let member = members[dice.below(members.len())];
        let address = dice.pick(&[member.addresses.0, member.addresses.1]);
        let resident = self.fabric.hosts.get(member.resident);
        let party = Party::Host(member.resident, address);
        (party, resident.endpoint_at(address), address)
    }

    /// A flow, mostly between neighbours; none if both ends are on one machine.
    fn flow(&self, dice: &mut Dice) -> Option<Flow> {
        let from = dice.pick(&self.all);
        let Party::Host(resident, _) = self.classes.get(from).first() else {
            return None;
        };
        let opener = self.fabric.hosts.get(resident);
        let home = self.fabric.vpc_of_resident(resident);
        let near = home.map(|vpc| &self.homes[vpc as usize]);
        let to = match near.filter(|_| dice.below(4) > 0) {
            Some(near) => dice.pick(near),
            None => dice.pick(&self.all),
        };
        let (a, b) = (self.member(dice, from), self.member(dice, to));
        let Party::Host(other, _) = b.0 else {
            return None;
        };
        let shared =
            opener.machine.is_some() && opener.machine == self.fabric.hosts.get(other).machine;
        if a.2 == b.2 || opener.role != Role::Machine || shared {
            return None;
        }
        let protocol = dice.pick(&[Protocol::TCP, Protocol::TCP, Protocol::UDP, Protocol::ICMP]);
        let ports = match protocol {
            Protocol::ICMP => (0, 0),
            _ => (dice.pick(&[1024, 40_000, 65_535]), dice.pick(&self.ports)),
        };
        Some(Flow {
            from: (a.0, a.1),
            to: (b.0, b.1),
            classes: (from, to),
            packet: Packet::new(protocol, (a.2, ports.0), (b.2, ports.1)),
        })
    }
}

/// How many flows are judged: `PATHPROOF_FLOWS`, or as many as a few seconds allow.
fn wanted() -> usize {
    let said = std::env::var("PATHPROOF_FLOWS").ok();
    said.and_then(|count| count.parse().ok()).unwrap_or(4_000)
}

#[test]
fn random_flows_of_a_region_go_as_its_rules_say() {
    let network = region(100_000, 7);
    let fabric = Fabric::new(Arc::new(network));
    let network = Arc::clone(&fabric.network);
    let classes = Classes::of(&fabric);
    let spots = Spots::of(&fabric, &classes);
    let ends = Ends::of(&fabric, &classes);
    let mut reacher = Reacher::new(&fabric);
    let traffic = everything(&mut reacher.space);
    let mut dice = Dice(1);
    let mut rows: BTreeMap<SpotIx, BTreeMap<(ClassIx, ClassIx), Set>> = BTreeMap::new();
    let (mut flows, mut works, mut by_class, mut by_spot) = (0, 0, 0, 0);
    while flows < wanted() {
        let Some(Flow { from, to, classes: (a, b), packet }) = ends.flow(&mut dice) else {
            continue;
        };
        let judged = oracle::judge(&network, &from.1, &to.1, packet);
        let told = reacher.crosses(from.0, to.0, packet);
        let case = || format!("{} → {}: {packet}", from.1, to.1);
        assert_eq!(
            (told.always, told.sometimes, told.undetermined),
            (judged.always, judged.sometimes, judged.undetermined),
            "one packet: {}",
            case()
        );
        if let Some(sets) = reacher.between(&classes, a, b, traffic) {
            let is_in = |set| reacher.space.contains(set, &packet);
            assert_eq!(is_in(sets.always), judged.always, "by class: {}", case());
            assert_eq!(is_in(sets.sometimes), judged.sometimes, "by class: {}", case());
            by_class += 1;
        }
        // All that a spot may open, for every fourth: looked at once, then asked again and again.
        let spot = spots.of_class(a);
        if spot.0.is_multiple_of(4) {
            let row = rows.entry(spot).or_insert_with(|| {
                let mut row = BTreeMap::new();
                let own = &spots.get(spot).classes;
                reacher.crossings(
                    &spots,
                    (spot, own),
                    traffic,
                    &mut |_: &mut Reacher<'_>, to, crossing: Crossing<'_>| {
                        let receivers = &spots.get(to).classes;
                        let pairs = own.iter().flat_map(|a| receivers.iter().map(|b| (*a, *b)));
                        for (index, pair) in pairs.enumerate() {
                            let set = match crossing {
                                Crossing::Sets(sets) => sets[index],
                                Crossing::Works(works) => works[index].always,
                                Crossing::Unclear => continue,
                            };
                            row.insert(pair, set);
                        }
                    },
                );
                row
            });
            let several = classes.get(a).location.is_some() || a != b;
            let told = row.get(&(a, b)).filter(|_| several);
            let told = told.is_some_and(|set| reacher.space.contains(*set, &packet));
            assert!(!several || told == judged.always, "by spot: {}", case());
            by_spot += 1;
        }
        flows += 1;
        works += usize::from(judged.always);
    }
    assert!(
        works > flows / 20 && works < flows / 2 && by_class > flows / 2 && by_spot > flows / 10,
        "{works} work, {by_class} by class, {by_spot} by spot"
    );
}

/// One change of each kind that matters at this size, where the network has something to change.
fn changes(network: &Network) -> Vec<Change> {
    let groups = network.security_groups.iter();
    let group = groups.filter(|(_, group)| group.ingress.len() > 1).nth(5);
    let routes = network.route_tables.iter();
    let mut peered = routes.filter_map(|(id, table)| {
        let to =
            |route: &&pathproof::model::Route| matches!(route.via, NextHop::PeeringConnection(_));
        Some((id, table.routes.iter().find(to)?))
    });
    let mut changes = Vec::new();
    if let Some((id, group)) = group {
        changes.push(Change::ModifySecurityGroupPolicies {
            security_group: id.clone(),
            ingress: Some(group.ingress[1..].to_vec()),
            egress: None,
        });
        // A bound that no rule had before: it divides classes.
        let mut ingress = group.ingress.clone();
        let mut first = ingress[0].clone();
        first.peer = pathproof::model::Peer::Addresses(
            "10.0.1.7/32".parse::<ipnet::IpNet>().expect("a CIDR").into(),
        );
        ingress.insert(0, first);
        changes.push(Change::ModifySecurityGroupPolicies {
            security_group: id.clone(),
            ingress: Some(ingress),
            egress: None,
        });
    }
    if let Some((id, route)) = peered.next() {
        changes.push(Change::DeleteRoutes { route_table: id.clone(), to: vec![route.to.into()] });
    }
    let gateway = network.nat_gateways.keys().next();
    let link = network.classic_instances.keys().next();
    for id in gateway.into_iter().chain(link).chain(network.ccns.keys().next()) {
        changes.push(Change::Down(id.clone()));
    }
    changes
}

/// A packet that a piece speaks of, if its ends have addresses of their own.
fn spoken_of(
    network: &Network,
    piece: &Piece,
    dice: &mut Dice,
) -> Option<(Endpoint, Endpoint, Packet)> {
    let mut end = |crowd: &Crowd| {
        let who = &crowd.who[dice.below(crowd.who.len())];
        let last = who.part.filter(|_| dice.below(2) == 0);
        match (&who.endpoint, last) {
            (Endpoint::GroupMember(id, _), Some(last)) => Endpoint::GroupMember(id.clone(), last),
            (endpoint, _) => endpoint.clone(),
        }
    };
    let (from, to) = (end(&piece.from), end(&piece.to));
    let (source, destination) = (own(network, &from)?, own(network, &to)?);
    let row = &piece.packets[dice.below(piece.packets.len())];
    let layer = row.traffic.clone();
    let protocols: Vec<u8> = layer.protocols.ranges().map(|(low, _)| low).collect();
    let protocol = Protocol(dice.pick(&protocols));
    let mut port = |ports: &IntervalSet<u16>| {
        let bounds: Vec<u16> = ports.ranges().flat_map(|(low, high)| [low, high]).collect();
        dice.pick(&bounds)
    };
    let ports = if protocol.has_ports() {
        (port(&layer.source_ports), port(&layer.destination_ports))
    } else {
        (0, 0)
    };
    let packet = Packet::new(protocol, (source, ports.0), (destination, ports.1));
    (source != destination).then_some((from, to, packet))
}

#[test]
fn what_a_change_does_to_a_region_is_what_the_rules_say_before_and_after() {
    let network = region(6_000, 3);
    let situation = |network: &Network| Situation::new(Arc::new(network.clone()), Arc::default());
    let old = situation(&network);
    let fabric = old.fabric();
    let classes = old.classes();
    let ends = Ends::of(&fabric, &classes);
    let (mut turned, mut same, mut kinds) = (0, 0, 0);
    for change in changes(&network) {
        let Ok(after) = apply(&network, &change) else {
            continue;
        };
        let found = difference(&old, &situation(&after), &Request::default());
        assert!(found.exceeded.is_none());
        kinds += usize::from(!found.pieces.is_empty());
        let mut dice = Dice(9);
        let near = (0..600).filter_map(|_| ends.flow(&mut dice));
        let near = near.map(|flow| (flow.from.1, flow.to.1, flow.packet));
        let near: Vec<_> = near.collect();
        let spoken = found.pieces.iter().flat_map(|piece| {
            let drawn: Vec<_> = (0..5).map(|_| spoken_of(&network, piece, &mut dice)).collect();
            drawn.into_iter().flatten()
        });
        let spoken: Vec<_> = spoken.take(400).collect();
        for (from, to, packet) in near.iter().chain(&spoken) {
            let was = oracle::judge(&network, from, to, *packet).always;
            let is = oracle::judge(&after, from, to, *packet).always;
            let told = |turn| {
                let mut pieces = found.pieces.iter().filter(|piece| piece.turn == turn);
                pieces.any(|piece| speaks_of(piece, from, to, packet))
            };
            assert_eq!(
                (told(Turn::Gained), told(Turn::Lost)),
                (!was && is, was && !is),
                "{change:?}: {from} → {to}, {packet}"
            );
            turned += usize::from(was != is);
            same += usize::from(was == is);
        }
    }
    assert!(kinds > 2, "{kinds} kinds of change do something");
    assert!(turned > 100 && same > 2_000, "{turned} turned, {same} did not");
}
