//! Random packets, rules and sets for the tests of this room, crowded at the boundaries so that they often meet.

use super::{
    Action, AddressSet, IntervalSet, Layer4, Match, Packet, Protocol, Rewrite, Set, Space, Traffic,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

fn v4_bits() -> impl Strategy<Value = u32> {
    select(vec![
        0,
        1,
        2,
        0x0a00_0000,
        0x0a00_0001,
        0x0a00_00ff,
        0x0aff_ffff,
        u32::MAX - 1,
        u32::MAX,
    ])
}

fn v6_bits() -> impl Strategy<Value = u128> {
    let edge = select(vec![
        0u128,
        1,
        0xffff_ffff,
        1 << 32,
        (1 << 64) - 1,
        1 << 64,
        1 << 96,
        u128::MAX - 1,
        u128::MAX,
    ]);
    (edge.clone(), edge).prop_map(|(a, b)| a.wrapping_add(b))
}

fn port() -> impl Strategy<Value = u16> {
    select(vec![0, 1, 80, 81, 443, 1023, 1024, 65534, 65535])
}

pub fn protocol() -> impl Strategy<Value = Protocol> {
    select(vec![0u8, 1, 5, 6, 7, 17, 18, 47, 58, 255]).prop_map(Protocol)
}

fn v4() -> impl Strategy<Value = IpAddr> {
    v4_bits().prop_map(|bits| Ipv4Addr::from_bits(bits).into())
}

fn v6() -> impl Strategy<Value = IpAddr> {
    v6_bits().prop_map(|bits| Ipv6Addr::from_bits(bits).into())
}

/// Well-formed packets.
pub fn packet() -> impl Strategy<Value = Packet> {
    let ends = prop_oneof![2 => (v4(), v4()), 1 => (v6(), v6())];
    (protocol(), ends, port(), port()).prop_map(
        |(protocol, (source, destination), source_port, destination_port)| {
            Packet::new(protocol, (source, source_port), (destination, destination_port))
        },
    )
}

pub fn packets() -> impl Strategy<Value = Vec<Packet>> {
    vec(packet(), 40)
}

pub fn ports() -> impl Strategy<Value = IntervalSet<u16>> {
    prop_oneof![
        Just(IntervalSet::full()),
        vec((port(), port()), 1..3).prop_map(IntervalSet::from_ranges)
    ]
}

pub fn address_set() -> impl Strategy<Value = AddressSet> {
    let v4 = prop_oneof![1 => Just(IntervalSet::full()), 5 => vec((v4_bits(), v4_bits()), 0..4).prop_map(IntervalSet::from_ranges)];
    let v6 = prop_oneof![1 => Just(IntervalSet::full()), 5 => vec((v6_bits(), v6_bits()), 0..4).prop_map(IntervalSet::from_ranges)];
    (v4, v6).prop_map(|(v4, v6)| AddressSet { v4, v6 })
}

fn layer4() -> impl Strategy<Value = Layer4> {
    let protocols = prop_oneof![
        1 => Just(IntervalSet::full()),
        3 => protocol().prop_map(|protocol| IntervalSet::single(protocol.0)),
        2 => vec((protocol(), protocol()), 1..3)
            .prop_map(|ranges| IntervalSet::from_ranges(ranges.into_iter().map(|(lo, hi)| (lo.0, hi.0)))),
    ];
    (protocols, ports(), ports()).prop_map(|(protocols, destination_ports, source_ports)| Layer4 {
        protocols,
        destination_ports,
        source_ports,
    })
}

pub fn traffic() -> impl Strategy<Value = Traffic> {
    vec(layer4(), 1..3).prop_map(|boxes| boxes.into_iter().collect())
}

pub fn matches() -> impl Strategy<Value = Match> {
    let side = || proptest::option::of(address_set().prop_map(Arc::new));
    (side(), side(), traffic().prop_map(Arc::new))
        .prop_map(|(source, destination, traffic)| Match { source, destination, traffic })
}

pub fn rules() -> impl Strategy<Value = Vec<(Match, Action)>> {
    vec((matches(), select(vec![Action::Accept, Action::Drop])), 0..8)
}

pub fn rewrite() -> impl Strategy<Value = Rewrite> {
    let address = || proptest::option::of(prop_oneof![v4(), v6()]);
    let port = || proptest::option::of(port());
    (address(), address(), port(), port()).prop_map(
        |(source, destination, destination_port, source_port)| Rewrite {
            source,
            destination,
            destination_port,
            source_port,
        },
    )
}

/// A set as an expression over matches, so that one value can be read in a space and packet by packet.
#[derive(Clone, Debug)]
pub enum Expression {
    Is(Match),
    Union(Box<Expression>, Box<Expression>),
    Both(Box<Expression>, Box<Expression>),
    Minus(Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
}

impl Expression {
    pub fn set(&self, space: &mut Space) -> Set {
        match self {
            Self::Is(matches) => matches.set(space),
            Self::Union(a, b) => {
                let (a, b) = (a.set(space), b.set(space));
                space.union(a, b)
            }
            Self::Both(a, b) => {
                let (a, b) = (a.set(space), b.set(space));
                space.intersection(a, b)
            }
            Self::Minus(a, b) => {
                let (a, b) = (a.set(space), b.set(space));
                space.difference(a, b)
            }
            Self::Not(a) => {
                let a = a.set(space);
                space.complement(a)
            }
        }
    }

    pub fn holds(&self, packet: &Packet) -> bool {
        match self {
            Self::Is(matches) => matches.holds(packet),
            Self::Union(a, b) => a.holds(packet) || b.holds(packet),
            Self::Both(a, b) => a.holds(packet) && b.holds(packet),
            Self::Minus(a, b) => a.holds(packet) && !b.holds(packet),
            Self::Not(a) => !a.holds(packet),
        }
    }
}

pub fn expression() -> impl Strategy<Value = Expression> {
    matches().prop_map(Expression::Is).prop_recursive(3, 12, 2, |inner| {
        let pair = || (inner.clone().prop_map(Box::new), inner.clone().prop_map(Box::new));
        prop_oneof![
            pair().prop_map(|(a, b)| Expression::Union(a, b)),
            pair().prop_map(|(a, b)| Expression::Both(a, b)),
            pair().prop_map(|(a, b)| Expression::Minus(a, b)),
            inner.clone().prop_map(|a| Expression::Not(Box::new(a))),
        ]
    })
}
