//! The laws of the algebra, and its agreement with packets taken one by one.

use super::sample::{expression, matches, packets, ports, rewrite, rules, traffic};
use super::{
    Action, AddressSet, Budget, Exceeded, Fields, IntervalSet, Layer4, Match, Packet, Part, Set,
    Space, Traffic, View,
};
use proptest::prelude::*;
use std::sync::Arc;

fn row_set(space: &mut Space, row: &super::Row) -> Set {
    space.cube(&row.source, &row.destination, &Traffic::from(row.traffic.clone()))
}

fn first_match(rules: &[(Match, Action)], packet: &Packet) -> Option<Action> {
    rules.iter().find(|(matches, _)| matches.holds(packet)).map(|(_, action)| *action)
}

proptest! {
    #[test]
    fn both_readings_of_a_match_agree(m in matches(), packets in packets()) {
        let space = &mut Space::new();
        let set = m.set(space);
        prop_assert!(space.is_subset(set, space.all()));
        for packet in &packets {
            prop_assert_eq!(space.contains(set, packet), m.holds(packet), "{}", packet);
            prop_assert_eq!(m.misses(packet).is_empty(), m.holds(packet));
            let one = space.singleton(packet);
            prop_assert_eq!(space.count(one), 1);
            prop_assert_eq!(space.witness(one), Some(*packet));
            prop_assert_eq!(space.is_subset(one, set), m.holds(packet));
            prop_assert_eq!(space.overlaps(one, set), m.holds(packet));
        }
    }

    #[test]
    fn expressions_agree_with_packets(e in expression(), packets in packets()) {
        let space = &mut Space::new();
        let set = e.set(space);
        prop_assert!(space.is_subset(set, space.all()));
        for packet in &packets {
            prop_assert_eq!(space.contains(set, packet), e.holds(packet), "{}", packet);
        }
        match space.witness(set) {
            Some(packet) => prop_assert!(space.contains(set, &packet) && e.holds(&packet)),
            None => prop_assert!(space.is_empty(set)),
        }
    }

    #[test]
    fn sets_obey_the_laws_of_sets(a in expression(), b in expression(), c in expression()) {
        let s = &mut Space::new();
        let (a, b, c) = (a.set(s), b.set(s), c.set(s));
        let (ab, ba) = (s.union(a, b), s.union(b, a));
        prop_assert_eq!(ab, ba, "union commutes");
        let (bc, abc) = (s.union(b, c), s.union_all([a, b, c]));
        prop_assert_eq!(s.union(a, bc), abc, "union associates");
        prop_assert_eq!(s.union(ab, c), abc);
        let (both, swapped) = (s.intersection(a, b), s.intersection(b, a));
        prop_assert_eq!(both, swapped, "intersection commutes");
        let (both_bc, both_c) = (s.intersection(b, c), s.intersection(both, c));
        prop_assert_eq!(s.intersection(a, both_bc), both_c, "intersection associates");
        prop_assert_eq!((s.union(a, both), s.intersection(a, ab)), (a, a), "absorption");
        prop_assert_eq!((s.union(a, a), s.intersection(a, a), s.difference(a, a)), (a, a, Space::EMPTY));
        let (not_a, not_b) = (s.complement(a), s.complement(b));
        prop_assert_eq!(s.complement(not_a), a, "complement undoes itself");
        let (not_ab, neither) = (s.complement(ab), s.intersection(not_a, not_b));
        prop_assert_eq!(not_ab, neither, "De Morgan");
        let (not_both, not_either) = (s.complement(both), s.union(not_a, not_b));
        prop_assert_eq!(not_both, not_either, "De Morgan");
        let (minus, and_not) = (s.difference(a, b), s.intersection(a, not_b));
        prop_assert_eq!(minus, and_not, "difference");
        let (ac, bcc) = (s.intersection(a, c), s.intersection(b, c));
        let (left, right) = (s.union(ac, bcc), s.intersection(ab, c));
        prop_assert_eq!(left, right, "distribution");
        prop_assert_eq!(s.is_subset(a, b), s.is_empty(minus));
        prop_assert_eq!(s.overlaps(a, b), !s.is_empty(both));
        if let Some(sum) = s.count(a).checked_add(s.count(b)).filter(|&sum| sum != u128::MAX) {
            prop_assert_eq!(s.count(ab) + s.count(both), sum, "inclusion and exclusion");
        }
        prop_assert!(!s.exhausted());
    }

    #[test]
    fn rows_are_disjoint_and_exact(e in expression()) {
        let space = &mut Space::new();
        let set = e.set(space);
        let mut seen = Space::EMPTY;
        for row in space.rows(set) {
            let next = row_set(space, &row);
            prop_assert!(!space.is_empty(next), "{}", row);
            prop_assert!(!space.overlaps(seen, next), "{}", row);
            seen = space.union(seen, next);
        }
        prop_assert_eq!(seen, set);
    }

    #[test]
    fn a_list_decides_by_first_match(rules in rules(), packets in packets()) {
        let space = &mut Space::new();
        let list = space.list(&rules);
        let (permitted, denied, unmatched) = (space.permitted(list), space.denied(list), space.unmatched(list));
        for packet in &packets {
            let decision = first_match(&rules, packet);
            prop_assert_eq!(space.decision(list, packet), decision);
            prop_assert_eq!(space.contains(permitted, packet), decision == Some(Action::Accept));
            prop_assert_eq!(space.contains(denied, packet), decision == Some(Action::Drop));
            prop_assert_eq!(space.contains(unmatched, packet), decision.is_none());
        }
        prop_assert_eq!(space.union_all([permitted, denied, unmatched]), space.all());
        let one_by_one = rules.iter().fold(super::List::EMPTY, |list, (matches, action)| {
            let rule = space.rule(matches, *action);
            space.override_(list, rule)
        });
        prop_assert_eq!(one_by_one, list, "override associates");
    }

    #[test]
    fn a_match_seen_through_a_view_is_the_match_on_later_packets(
        m in matches(), first in rewrite(), second in rewrite(), turn in any::<bool>(), packets in packets(),
    ) {
        let view = View::identity().then(&first);
        let view = if turn { view.reversed() } else { view }.then(&second);
        let seen = m.seen_through(&view);
        for packet in &packets {
            let later = first.apply(packet);
            let later = second.apply(&if turn { later.reply() } else { later });
            prop_assert_eq!(view.apply(packet), later);
            prop_assert_eq!(seen.as_ref().is_some_and(|seen| seen.holds(packet)), m.holds(&later), "{}", packet);
        }
    }

    #[test]
    fn both_ends_may_come_from_one_field(m in matches(), turn in any::<bool>(), packets in packets()) {
        let mut view = View::identity();
        if turn {
            (view.source, view.source_port) = (view.destination, view.destination_port);
        } else {
            (view.destination, view.destination_port) = (view.source, view.source_port);
        }
        let seen = m.seen_through(&view);
        for packet in &packets {
            prop_assert_eq!(seen.as_ref().is_some_and(|seen| seen.holds(packet)), m.holds(&view.apply(packet)));
        }
    }

    #[test]
    fn the_image_of_a_set_holds_the_later_packets(
        e in expression(), first in rewrite(), turn in any::<bool>(), packets in packets(),
    ) {
        let space = &mut Space::new();
        let view = if turn { View::identity().reversed() } else { View::identity() };
        let set = e.set(space);
        let image = view.image(space, set);
        prop_assert_eq!(space.count(image), space.count(set), "turning round loses nothing");
        let view = view.then(&first);
        let image = view.image(space, set);
        for packet in &packets {
            let later = view.apply(packet);
            if e.holds(packet) && later.source.is_ipv4() == later.destination.is_ipv4() {
                prop_assert!(space.contains(image, &later), "{} from {}", later, packet);
            }
        }
        let mut alone = Space::EMPTY;
        for packet in &packets {
            let one = space.singleton(packet);
            let one = view.image(space, one);
            prop_assert!(space.count(one) <= 1);
            alone = space.union(alone, one);
        }
        prop_assert!(space.count(alone) <= packets.len() as u128);
    }

    #[test]
    fn projection_keeps_what_occurs(e in expression(), bits in 0u8..32, packets in packets()) {
        let space = &mut Space::new();
        let set = e.set(space);
        let parts = [Fields::SOURCE, Fields::DESTINATION, Fields::PROTOCOL, Fields::DESTINATION_PORT, Fields::SOURCE_PORT];
        let keep = (0..).zip(parts).filter(|(bit, _)| bits >> bit & 1 == 1)
            .fold(Fields::ALL.without(Fields::ALL), |keep, (_, part)| keep | part);
        let shadow = space.project(set, keep);
        prop_assert!(space.is_subset(set, shadow) && space.is_subset(shadow, space.all()));
        prop_assert_eq!(space.project(shadow, keep), shadow, "projecting twice changes nothing");
        for packet in &packets {
            let alike = alike(space, packet, keep);
            prop_assert_eq!(space.contains(shadow, packet), space.overlaps(alike, set), "{}", packet);
            let all = space.all();
            let every = space.project_all(set, all, keep);
            prop_assert_eq!(space.contains(every, packet), space.is_subset(alike, set), "{}", packet);
        }
    }

    #[test]
    fn traffic_reads_the_same_after_any_constructor(a in traffic(), b in traffic(), ports in ports(), packets in packets()) {
        let union = a.union(&b);
        let narrowed = a.clone().with_source_ports(&ports);
        for packet in &packets {
            prop_assert_eq!(union.holds(packet), a.holds(packet) || b.holds(packet));
            let from_port = ports.is_full() || packet.protocol.has_ports() && ports.contains(packet.source_port);
            prop_assert_eq!(narrowed.holds(packet), a.holds(packet) && from_port);
        }
    }
}

/// The well-formed packets that agree with one packet in the kept fields.
fn alike(space: &mut Space, packet: &Packet, keep: Fields) -> Set {
    let address = |field, address: std::net::IpAddr| {
        if keep.has(field) { AddressSet::single(address) } else { AddressSet::any() }
    };
    let (source, destination) =
        (address(Fields::SOURCE, packet.source), address(Fields::DESTINATION, packet.destination));
    let port = |field, port| {
        if keep.has(field) { IntervalSet::single(port) } else { IntervalSet::full() }
    };
    let protocols = if keep.has(Fields::PROTOCOL) {
        IntervalSet::single(packet.protocol.0)
    } else {
        IntervalSet::full()
    };
    let mut layer4 = Layer4 {
        protocols: protocols.clone(),
        destination_ports: port(Fields::DESTINATION_PORT, packet.destination_port),
        source_ports: port(Fields::SOURCE_PORT, packet.source_port),
    };
    let with_ports = space.cube(&source, &destination, &Traffic::from(layer4.clone()));
    // protocols without ports are alike if the kept ports are 0
    let zero =
        [&layer4.destination_ports, &layer4.source_ports].iter().all(|ports| ports.contains(0));
    layer4 = Layer4 {
        protocols: protocols.difference(&super::traffic::port_protocols()),
        ..Layer4::all()
    };
    let without_ports = space.cube(&source, &destination, &Traffic::from(layer4));
    if zero { space.union(with_ports, without_ports) } else { with_ports }
}

#[test]
fn everything_reads_as_one_row() {
    let mut space = Space::new();
    let rows: Vec<_> = space.rows(space.all()).iter().map(ToString::to_string).collect();
    assert_eq!(rows, ["all any → any"]);
    let tcp = Match { traffic: Arc::new(Traffic::protocol(super::Protocol::TCP)), ..Match::all() }
        .set(&mut space);
    let rest = space.complement(tcp);
    assert_eq!(space.rows(rest)[0].to_string(), "0-5,7-255 any → any");
}

#[test]
fn everything_of_one_family_can_be_counted() {
    let mut space = Space::new();
    let v4 = space.cube(&AddressSet::any_v4(), &AddressSet::any(), &Traffic::all());
    assert_eq!(space.count(v4), (1u128 << 64) * (2 * (1 << 32) + 254));
    assert_eq!(space.count(space.all()), u128::MAX);
}

#[test]
fn a_row_reads_like_a_rule() {
    let address = |text: &str| AddressSet::single(text.parse().expect("an address"));
    let row = super::Row {
        source: address("10.1.1.10"),
        destination: address("10.1.1.20"),
        traffic: Layer4 {
            protocols: IntervalSet::single(6),
            destination_ports: IntervalSet::from_ranges([(80, 80), (443, 443)]),
            source_ports: IntervalSet::range(1024, 65535),
        },
    };
    assert_eq!(row.to_string(), "tcp 10.1.1.10 → 10.1.1.20:80,443 (source port 1024-65535)");
    let many = super::Row { destination: row.destination.union(&address("fd00::1")), ..row };
    assert_eq!(
        many.to_string(),
        "tcp 10.1.1.10 → [10.1.1.20, fd00::1]:80,443 (source port 1024-65535)"
    );
}

#[test]
fn a_near_miss_names_the_parts_that_fail() {
    let address = |text: &str| text.parse().expect("an address");
    let set = |text: &str| Some(Arc::new(AddressSet::single(address(text))));
    let web = Traffic::ports(super::Protocol::TCP, IntervalSet::single(80));
    let rule =
        Match { source: set("10.0.0.1"), destination: set("10.0.0.2"), traffic: Arc::new(web) };
    let misses = |protocol, from, port| {
        rule.misses(&Packet::new(protocol, (address(from), 1024), (address("10.0.0.2"), port)))
    };
    assert_eq!(misses(super::Protocol::TCP, "10.0.0.1", 80), []);
    assert_eq!(misses(super::Protocol::TCP, "10.0.0.1", 81), [Part::Port]);
    assert_eq!(misses(super::Protocol::UDP, "10.0.0.9", 80), [Part::Source, Part::Protocol]);
}

fn within(nodes: usize) -> Space {
    let budget = Budget { nodes, ..Budget::NONE };
    Space::within(budget.begin())
}

#[test]
fn a_space_over_its_budget_says_so() {
    let mut space = within(50);
    assert!(!space.exhausted());
    let mut all = Space::EMPTY;
    for host in 1..=50u8 {
        let address = AddressSet::single(std::net::IpAddr::from([10, 0, 0, host]));
        let traffic = Traffic::ports(super::Protocol::TCP, IntervalSet::single(host.into()));
        let next = space.cube(&address, &address, &traffic);
        all = space.union(all, next);
    }
    assert_eq!(space.exceeded(), Some(Exceeded::Nodes(50)));
}

#[test]
fn many_edges_take_the_room_of_many_nodes() {
    let mut space = within(200);
    for service in 1..=100u16 {
        let ports = (0..100u16).map(|port| (port * 600 + service, port * 600 + service));
        let ports = IntervalSet::from_ranges(ports);
        let traffic = Traffic::ports(super::Protocol::TCP, ports);
        space.cube(&AddressSet::any(), &AddressSet::any(), &traffic);
    }
    assert!(space.exhausted());
    assert!(space.node_count() < 200, "{}", space.node_count());
    assert!(space.edge_count() <= 200 * 16, "{}", space.edge_count());
}

#[test]
fn time_that_is_up_ends_a_space_at_once_and_later_on_soon() {
    let none = Budget { time: Some(std::time::Duration::ZERO), ..Budget::NONE };
    let over = Some(Exceeded::Time(std::time::Duration::ZERO));
    assert_eq!(Space::within(none.begin()).exceeded(), over);
    let mut space = Space::new();
    assert!(!space.is_over());
    space.renew(none.begin());
    assert!(space.is_over(), "no set has to be made");
    space.renew(Budget::NONE.begin());
    assert!(space.is_over(), "what is over stays over");
    space.clear();
    assert!(!space.is_over());
}

#[test]
fn rows_are_counted_before_they_are_made() {
    let mut space = within(1000);
    let mut all = Space::EMPTY;
    for host in 1..=20u8 {
        let address = AddressSet::single(std::net::IpAddr::from([10, 0, 0, 2 * host]));
        let traffic = Traffic::ports(super::Protocol::TCP, IntervalSet::single(host.into()));
        let next = space.cube(&address, &AddressSet::any(), &traffic);
        all = space.union(all, next);
    }
    assert!(space.count_rows(all) >= space.rows(all).len());
    assert!(space.count_rows(all) < 50);
    space.keep_rows(all, 10);
    assert!(!space.is_over());
    space.keep_rows(all, 100);
    assert_eq!(space.exceeded(), Some(Exceeded::Rows(1000)));
}

#[test]
fn the_ways_of_a_pair_have_as_many_steps_as_there_may_be_nodes() {
    let mut space = within(100);
    space.keep_way(60);
    space.begin_ways();
    space.keep_way(60);
    assert!(!space.is_over());
    space.keep_way(60);
    assert_eq!(space.exceeded(), Some(Exceeded::Steps(100)));
}

#[test]
fn a_cleared_space_is_like_a_new_one() {
    let mut space = within(40);
    let one = AddressSet::single(std::net::IpAddr::from([10, 0, 0, 1]));
    let set = space.cube(&one, &AddressSet::any(), &Traffic::all());
    let nodes = space.node_count();
    space.clear();
    assert!(space.node_count() < nodes);
    assert_eq!(space.cube(&one, &AddressSet::any(), &Traffic::all()), set);
    assert_eq!(space.node_count(), nodes);
}

#[test]
fn a_set_takes_what_is_below_it_and_nothing_else() {
    let space = &mut Space::new();
    let all = space.size(space.all());
    assert_eq!(all.nodes, space.node_count());
    assert_eq!(all.edges, space.edge_count());
    assert_eq!(space.size(Space::EMPTY).bytes(), 0);
    let any = AddressSet::any();
    let office = AddressSet::single([10, 0, 0, 1].into());
    let one = space.cube(&office, &any, &Traffic::all());
    let size = space.size(one);
    // The family, one source of the family, and all traffic below it.
    assert_eq!((size.nodes, size.edges), (all.nodes + 2, all.edges + 5));
    assert_eq!(size.bytes(), 16 * size.nodes + 8 * size.edges);
    assert_eq!(space.size(space.all()), all);
}
