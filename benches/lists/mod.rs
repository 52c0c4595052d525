//! Rule lists as people write them, from a seed, so that every machine and every bench gets the same ones.
//!
//! Sources from /16 to /32 inside 10/8, one of 64 subnets as destination or (a third) any, mostly TCP with a few ports
//! out of a small stock, four in five accept; one rule in twenty opens a web port of a subnet to any source. In a group
//! list the destination is any, as in a security group.

use std::net::Ipv4Addr;
use std::sync::Arc;

use pathproof::space::{Action, AddressSet, IntervalSet, Match, Protocol, Traffic};

/// A small generator of numbers (`SplitMix64`), so that every machine gets the same lists.
pub struct Numbers(pub u64);

impl Numbers {
    /// A number below `end`.
    pub fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((mixed >> 32) % u64::from(end)).unwrap_or(0)
    }

    /// One of several.
    pub fn pick<T: Copy>(&mut self, stock: &[T]) -> T {
        stock[self.below(u32::try_from(stock.len()).unwrap_or(1)) as usize]
    }
}

/// The block of `length` bits around an address in 10/8.
fn block(offset: u32, length: u32) -> AddressSet {
    let host = u32::MAX.checked_shr(length).unwrap_or(0);
    let first = (0x0a00_0000 | offset) & !host;
    AddressSet::range(Ipv4Addr::from_bits(first).into(), Ipv4Addr::from_bits(first | host).into())
}

/// What a rule is about; most rules name a single well-known port.
fn traffic(numbers: &mut Numbers) -> Traffic {
    let well_known = [22, 53, 80, 443, 1433, 3306, 3389, 5432, 6379, 8080, 9200, 27017];
    let ports = match numbers.below(10) {
        0 => IntervalSet::range(1024, 65535),
        1 => IntervalSet::range(8000, 8000 + u16::try_from(numbers.below(100)).unwrap_or(0)),
        2 | 3 => IntervalSet::from_ranges([(80, 80), (443, 443)]),
        _ => IntervalSet::single(numbers.pick(&well_known)),
    };
    match numbers.below(20) {
        0 => Traffic::all(),
        1 => Traffic::protocol(Protocol::ICMP),
        2 | 3 => Traffic::ports(Protocol::UDP, ports),
        _ => Traffic::ports(Protocol::TCP, ports),
    }
}

/// One rule.
pub fn rule(numbers: &mut Numbers) -> (Match, Action) {
    let destination = Some(Arc::new(block(numbers.below(64) << 8, 24)));
    let action = if numbers.below(5) == 0 { Action::Drop } else { Action::Accept };
    if numbers.below(20) == 0 {
        let port = IntervalSet::single(numbers.pick(&[80, 443, 8080]));
        let traffic = Arc::new(Traffic::ports(Protocol::TCP, port));
        return (Match { source: None, destination, traffic }, action);
    }
    let length = numbers.pick(&[16, 20, 24, 24, 24, 28, 32, 32, 32, 32]);
    let source = Some(Arc::new(block(numbers.below(1 << 24), length)));
    let destination = destination.filter(|_| numbers.below(3) > 0);
    (Match { source, destination, traffic: Arc::new(traffic(numbers)) }, action)
}

/// A list as of a network ACL.
pub fn rules(seed: u64, count: usize) -> Vec<(Match, Action)> {
    let mut numbers = Numbers(seed);
    (0..count).map(|_| rule(&mut numbers)).collect()
}

/// An inbound list of a security group: any destination, and nothing from any source but at the end.
pub fn group(seed: u64, count: usize) -> Vec<(Match, Action)> {
    let mut rules = rules(seed, count);
    for (matches, _) in &mut rules {
        matches.destination = None;
    }
    rules.sort_by_key(|(matches, _)| matches.source.is_none());
    rules
}
