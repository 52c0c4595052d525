//! The IPv4 line, cut where any of several sets begins or ends, with what it cannot tell apart numbered alike.

use std::net::{IpAddr, Ipv4Addr};

use rustc_hash::FxHashMap;

use super::interval::IntervalSet;
use super::sweep::sweep;

/// The IPv4 line, cut where any set begins or ends; stretches in the same sets have the same number.
#[derive(Debug)]
pub struct Cells {
    /// Where each stretch begins and its cell; the first begins at 0.
    stretches: Vec<(u32, u32)>,
}

impl Cells {
    /// The line cut by these sets. What lies in none of them is cell 0.
    pub fn of<'set>(sets: impl Iterator<Item = &'set IntervalSet<u32>>) -> Self {
        let mut cells: FxHashMap<Box<[u32]>, u32> = FxHashMap::default();
        cells.insert(Box::default(), 0);
        let mut stretches: Vec<(u32, u32)> = Vec::new();
        sweep((0..).zip(sets), |first, inside| {
            let next = u32::try_from(cells.len()).unwrap_or(u32::MAX);
            let cell = match cells.get(inside) {
                Some(cell) => *cell,
                None => *cells.entry(inside.into()).or_insert(next),
            };
            if stretches.last().is_none_or(|(_, last)| *last != cell) {
                stretches.push((first, cell));
            }
        });
        Self { stretches }
    }

    /// The cell of an address.
    #[must_use]
    pub fn at(&self, address: u32) -> u32 {
        let after = self.stretches.partition_point(|(first, _)| *first <= address);
        self.stretches[after.saturating_sub(1)].1
    }

    /// The stretches of a range: first, last, cell. A range of IPv6 is one stretch.
    #[must_use]
    pub fn split(&self, (first, last): (IpAddr, IpAddr)) -> Vec<(IpAddr, IpAddr, u32)> {
        let (IpAddr::V4(from), IpAddr::V4(to)) = (first, last) else {
            return vec![(first, last, u32::MAX)];
        };
        let (from, to) = (from.to_bits(), to.to_bits());
        let start = self.stretches.partition_point(|(at, _)| *at <= from) - 1;
        let mut split = Vec::new();
        for (index, (at, cell)) in self.stretches.iter().enumerate().skip(start) {
            if *at > to {
                break;
            }
            let next = self.stretches.get(index + 1);
            let end = next.map_or(u32::MAX, |(next, _)| next - 1);
            let (first, last) = ((*at).max(from), end.min(to));
            split.push((
                Ipv4Addr::from_bits(first).into(),
                Ipv4Addr::from_bits(last).into(),
                *cell,
            ));
        }
        split
    }
}
