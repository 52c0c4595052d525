//! Engines that are compared must do the same: they are held to each other, and to the rules read one by one.

use std::net::{IpAddr, Ipv4Addr};

use super::engine::{Engine, Tree, Written};
use super::idd::Idd;
use super::lists::Numbers;
use super::{BestBiodivine, BestOxidd};
use pathproof::space::{Action, Packet, Protocol};

/// Counts of up to 104 bits are rounded on their way.
const ROUNDING: f64 = 1e-9;

/// Packets of which about half meet some rule of a list.
fn packets(list: &[Written], count: usize) -> Vec<Packet> {
    let mut numbers = Numbers(9);
    let ports = [22, 53, 80, 443, 1433, 3306, 5432, 6379, 8080, 9200, 27017, 8042, 50_000];
    let mut packet = || {
        let at = numbers.below(u32::try_from(list.len()).unwrap_or(1));
        let when = &list[at as usize].0;
        let mut address = |own: Option<IpAddr>| {
            let anywhere = IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 | numbers.below(1 << 24)));
            if numbers.below(4) == 0 { anywhere } else { own.unwrap_or(anywhere) }
        };
        let first = |set: &Option<std::sync::Arc<pathproof::space::AddressSet>>| {
            set.as_ref().and_then(|set| set.first())
        };
        let source = address(first(&when.source));
        let destination = address(first(&when.destination));
        let protocol = numbers.pick(&[Protocol::TCP, Protocol::TCP, Protocol::UDP, Protocol::ICMP]);
        let source_port = u16::try_from(numbers.below(1 << 16)).unwrap_or(0);
        Packet::new(protocol, (source, source_port), (destination, numbers.pick(&ports)))
    };
    (0..count).map(|_| packet()).collect()
}

fn accepts(list: &[Written], packet: &Packet) -> bool {
    let rule = list.iter().find(|(when, _)| when.holds(packet));
    rule.is_some_and(|(_, action)| *action == Action::Accept)
}

/// The engines that are compared.
pub struct Engines(Idd, BestOxidd, BestBiodivine);

impl Engines {
    /// All of them, without sets.
    pub fn new() -> Self {
        Self(Idd::new(), BestOxidd::new(), BestBiodivine::new())
    }

    /// Holds every engine to a list, on so many packets.
    pub fn agree(&mut self, list: &[Written], count: usize) {
        let packets = packets(list, count);
        same([
            agrees(&mut self.0, list, &packets),
            agrees(&mut self.1, list, &packets),
            agrees(&mut self.2, list, &packets),
        ]);
    }

    /// Holds every engine to what edits of a list change.
    pub fn agree_on_edits(&mut self, list: &[Written], edits: &[(usize, Written)], count: usize) {
        let packets = packets(list, count);
        let ours = changes(&mut self.0, list, edits, &packets);
        let oxidd = changes(&mut self.1, list, edits, &packets);
        let biodivine = changes(&mut self.2, list, edits, &packets);
        for at in 0..edits.len() {
            same([ours[at], oxidd[at], biodivine[at]]);
        }
    }
}

fn same(counts: [f64; 3]) {
    let [ours, others @ ..] = counts;
    for other in others {
        assert!((ours - other).abs() <= ours * ROUNDING, "{counts:?}");
    }
}

/// Holds an engine to a list; tells how many packets that accepts.
fn agrees<E: Engine>(engine: &mut E, list: &[Written], packets: &[Packet]) -> f64 {
    engine.forget();
    let set = built::<E>(engine, list);
    holds(engine, &set, packets, |packet| accepts(list, packet));
    let witness = engine.witness(&set);
    assert!(witness.is_none_or(|packet| accepts(list, &packet)), "{witness:?}");
    engine.count(&set)
}

fn built<E: Engine>(engine: &mut E, list: &[Written]) -> E::Set {
    let list: Vec<E::Rule> = list.iter().map(E::prepare).collect();
    let set = engine.build(&list);
    let tree = Tree::new(engine, &list);
    assert!(tree.permitted(engine) == set, "{}", E::NAME);
    set
}

fn holds<E: Engine>(
    engine: &E,
    set: &E::Set,
    packets: &[Packet],
    expected: impl Fn(&Packet) -> bool,
) {
    for packet in packets {
        let found = engine.contains(set, packet);
        assert_eq!(found, expected(packet), "{}: {packet}", E::NAME);
    }
}

/// Holds an engine to each edit; tells how many packets each changes.
fn changes<E: Engine>(
    engine: &mut E,
    list: &[Written],
    edits: &[(usize, Written)],
    packets: &[Packet],
) -> Vec<f64> {
    engine.forget();
    let before = built::<E>(engine, list);
    let rules: Vec<E::Rule> = list.iter().map(E::prepare).collect();
    let tree = Tree::new(engine, &rules);
    let changed = edits.iter().map(|(at, rule)| {
        let mut after = list.to_vec();
        after[*at].clone_from(rule);
        let edited = tree.edited(engine, *at, &E::prepare(rule));
        assert!(edited == built::<E>(engine, &after), "{}", E::NAME);
        let closed = engine.difference(&before, &edited);
        let opened = engine.difference(&edited, &before);
        let was = |packet: &Packet| accepts(list, packet);
        let is = |packet: &Packet| accepts(&after, packet);
        holds(engine, &closed, packets, |packet| was(packet) && !is(packet));
        holds(engine, &opened, packets, |packet| !was(packet) && is(packet));
        engine.count(&closed) + engine.count(&opened)
    });
    changed.collect()
}
