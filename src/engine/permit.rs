//! What a rule list permits, remembered by what the list can tell apart.
//!
//! A list only sees on which side of the bounds of its own rules an address lies. Two views whose addresses lie between
//! the same bounds get the same set, so a list is evaluated once per such cell, not once per pair of machines.

use std::net::IpAddr;

use rustc_hash::FxHashMap;

use crate::space::{Action, AddressSet, Match, Origin, Set, Space, View, after};

/// The permitted sets of lists, by the numbers of their contents, as far as they were asked for.
#[derive(Debug, Default)]
pub(super) struct Permits {
    known: FxHashMap<Key, Set>,
    bounds: FxHashMap<u32, Bounds>,
}

/// What a list can see of a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    list: u32,
    source: Origin<u32>,
    destination: Origin<u32>,
    destination_port: Origin<u16>,
    source_port: Origin<u16>,
}

/// Where the address sets of a list begin and end.
#[derive(Debug, Default)]
struct Bounds {
    source: Vec<IpAddr>,
    destination: Vec<IpAddr>,
}

impl Permits {
    /// The original packets that a list permits where they look like this.
    pub(super) fn permitted(
        &mut self,
        space: &mut Space,
        (list, rules): (u32, &[(Match, Action)]),
        view: &View,
    ) -> Set {
        let bounds = self.bounds.entry(list).or_insert_with(|| Bounds::of(rules));
        let key = Key {
            list,
            source: cell(view.source, &bounds.source),
            destination: cell(view.destination, &bounds.destination),
            destination_port: view.destination_port,
            source_port: view.source_port,
        };
        *self
            .known
            .entry(key)
            .or_insert_with(|| evaluate(rules, space, view))
    }
}

fn evaluate(rules: &[(Match, Action)], space: &mut Space, view: &View) -> Set {
    let seen = rules
        .iter()
        .filter_map(|(when, action)| Some((when.seen_through(view)?, *action)));
    let rules: Vec<(Match, Action)> = seen.collect();
    let list = space.list(&rules);
    space.permitted(list)
}

fn cell(origin: Origin<IpAddr>, bounds: &[IpAddr]) -> Origin<u32> {
    match origin {
        Origin::Original(end) => Origin::Original(end),
        Origin::Const(address) => {
            let below = bounds.partition_point(|bound| *bound <= address);
            Origin::Const(u32::try_from(below).unwrap_or(u32::MAX))
        }
    }
}

impl Bounds {
    fn of(rules: &[(Match, Action)]) -> Self {
        let rules = || rules.iter().map(|(when, _)| when);
        Self {
            source: bounds(rules().filter_map(|when| when.source.as_deref())),
            destination: bounds(rules().filter_map(|when| when.destination.as_deref())),
        }
    }
}

/// The first address of every stretch that no set divides, but the very first.
fn bounds<'set>(sets: impl Iterator<Item = &'set AddressSet>) -> Vec<IpAddr> {
    let mut bounds = Vec::new();
    for (first, last) in sets.flat_map(AddressSet::ranges) {
        bounds.push(first);
        bounds.extend(after(last));
    }
    bounds.sort_unstable();
    bounds.dedup();
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_with_the_last_address_of_ipv4_does_not_go_on_in_ipv6() {
        let bounds = bounds([AddressSet::any_v4()].iter());
        let cell = |text: &str| cell(Origin::Const(text.parse().expect("an address")), &bounds);
        assert_eq!(cell("10.0.0.1"), cell("255.255.255.255"));
        assert_ne!(cell("10.0.0.1"), cell("2001:db8::1"));
    }
}
