//! Packets and rules as bits, for engines that only know those: where each header field lies, and what a rule says of it.
//!
//! The most significant bit of a field comes first. Ports of protocols without ports are left open, which is less work
//! for these engines than the zeros of well-formed packets; counts are taken among well-formed packets.

use std::net::{IpAddr, Ipv4Addr};

use super::engine::Written;
use pathproof::space::{Action, AddressSet, IntervalSet, Packet, Protocol};

/// A header field of an IPv4 packet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Source,
    Destination,
    Protocol,
    Port,
    SourcePort,
}

impl Field {
    fn width(self) -> u16 {
        match self {
            Self::Source | Self::Destination => 32,
            Self::Protocol => 8,
            Self::Port | Self::SourcePort => 16,
        }
    }

    fn of(self, packet: &Packet) -> u32 {
        let bits = |address| match address {
            IpAddr::V4(address) => Ipv4Addr::to_bits(address),
            IpAddr::V6(_) => 0,
        };
        match self {
            Self::Source => bits(packet.source),
            Self::Destination => bits(packet.destination),
            Self::Protocol => packet.protocol.0.into(),
            Self::Port => packet.destination_port.into(),
            Self::SourcePort => packet.source_port.into(),
        }
    }
}

/// How many bits a packet has.
pub const BITS: u16 = 104;

/// The order of the fields that decide, first to last; no rule asks for source ports, which come after all of them.
#[derive(Clone, Copy)]
pub struct Order(pub [Field; 4]);

/// A bit by its position, and what it has to be.
pub type Literal = (u16, bool);

/// What one field has to be: one of several patterns of leading bits.
pub type Patterns = Vec<Vec<Literal>>;

/// A rule as bits.
pub struct BitRule {
    /// For every box of traffic, what the fields that it asks for have to be, first field first.
    pub boxes: Vec<Vec<Patterns>>,
    /// What it does.
    pub action: Action,
}

impl Order {
    fn fields(self) -> impl Iterator<Item = Field> {
        self.0.into_iter().chain([Field::SourcePort])
    }

    /// The position of the first bit of a field.
    fn start(self, field: Field) -> u16 {
        let before = self.fields().take_while(|other| *other != field);
        before.map(Field::width).sum()
    }

    /// A rule as bits.
    pub fn rule(self, (when, action): &Written) -> BitRule {
        let boxes = when.traffic.boxes().iter().map(|layer4| {
            let of = |field| match field {
                Field::Source => self.addresses(field, when.source.as_deref()),
                Field::Destination => self.addresses(field, when.destination.as_deref()),
                Field::Protocol => self.numbers(field, &widened(&layer4.protocols)),
                Field::Port => self.numbers(field, &widened(&layer4.destination_ports)),
                Field::SourcePort => self.numbers(field, &widened(&layer4.source_ports)),
            };
            let asked = self.fields().map(of);
            asked.filter(|patterns| patterns.iter().all(|it| !it.is_empty())).collect()
        });
        BitRule { boxes: boxes.collect(), action: *action }
    }

    fn addresses(self, field: Field, set: Option<&AddressSet>) -> Patterns {
        let any = AddressSet::any_v4();
        self.numbers(field, &set.unwrap_or(&any).v4)
    }

    /// The patterns of leading bits that make up a set of numbers.
    fn numbers(self, field: Field, set: &IntervalSet<u32>) -> Patterns {
        let (start, width) = (self.start(field), field.width());
        let mut patterns = Vec::new();
        for (low, high) in set.ranges() {
            let (mut low, end) = (u64::from(low), u64::from(high) + 1);
            while low < end {
                let aligned = low.trailing_zeros().min(u32::from(width));
                let open = (0..=aligned).rev().find(|open| low + (1 << open) <= end);
                let open = open.unwrap_or(0);
                let fixed = width - u16::try_from(open).unwrap_or(0);
                let pattern =
                    (0..fixed).map(|bit| (start + bit, low >> (width - 1 - bit) & 1 == 1));
                patterns.push(pattern.collect());
                low += 1 << open;
            }
        }
        patterns
    }

    /// What a well-formed packet has to be: a protocol with ports, or both ports 0.
    pub fn well_formed(self) -> [Vec<Patterns>; 2] {
        let with = [Protocol::TCP, Protocol::UDP].map(|it| (it.0.into(), it.0.into()));
        let with = IntervalSet::from_ranges(with);
        let zero = IntervalSet::single(0);
        let ports = [Field::Port, Field::SourcePort];
        [
            vec![self.numbers(Field::Protocol, &with)],
            ports.map(|field| self.numbers(field, &zero)).to_vec(),
        ]
    }

    /// The bits of a packet.
    pub fn bits(self, packet: &Packet) -> Vec<bool> {
        let bits = self.fields().flat_map(|field| {
            let value = field.of(packet);
            (0..field.width()).rev().map(move |bit| value >> bit & 1 == 1)
        });
        bits.collect()
    }

    /// The packet with these bits.
    pub fn packet(self, bits: impl Fn(u16) -> bool) -> Packet {
        let value = |field: Field| {
            let start = self.start(field);
            (start..start + field.width()).fold(0, |value, at| value << 1 | u32::from(bits(at)))
        };
        let address = |field| IpAddr::V4(Ipv4Addr::from_bits(value(field)));
        let port = |field| u16::try_from(value(field)).unwrap_or(0);
        Packet::new(
            Protocol(u8::try_from(value(Field::Protocol)).unwrap_or(0)),
            (address(Field::Source), port(Field::SourcePort)),
            (address(Field::Destination), port(Field::Port)),
        )
    }
}

fn widened<T: Copy + Into<u32> + pathproof::space::Point>(
    set: &IntervalSet<T>,
) -> IntervalSet<u32> {
    let ranges = set.ranges().map(|(low, high)| (low.into(), high.into()));
    IntervalSet::from_ranges(ranges.collect::<Vec<_>>())
}
