//! What a rule list permits, remembered by what the list can tell apart.
//!
//! A list only sees on which side of the bounds of its own rules an address lies. Two views whose addresses lie between
//! the same bounds get the same set, so a list is evaluated once per such cell, not once per pair of machines.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rustc_hash::FxHashMap;

use crate::fabric::{Fabric, FilterList, ListIx};
use crate::space::{Action, AddressSet, Match, Origin, Set, Space, View};

/// The permitted sets of all lists of a fabric, as far as they were asked for.
#[derive(Debug, Default)]
pub(super) struct Permits {
    known: FxHashMap<Key, Set>,
    bounds: FxHashMap<ListIx, Bounds>,
}

/// What a list can see of a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    list: ListIx,
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
        fabric: &Fabric,
        space: &mut Space,
        list: ListIx,
        view: &View,
    ) -> Set {
        let written = fabric.filters.get(list);
        let bounds = self
            .bounds
            .entry(list)
            .or_insert_with(|| Bounds::of(written));
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
            .or_insert_with(|| evaluate(written, space, view))
    }
}

fn evaluate(list: &FilterList, space: &mut Space, view: &View) -> Set {
    let seen = list
        .rules
        .iter()
        .filter_map(|rule| Some((rule.when.seen_through(view)?, rule.action)));
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
    fn of(list: &FilterList) -> Self {
        let rules = || list.rules.iter().map(|rule| &rule.when);
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

fn after(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(v4) => {
            let next = v4.to_bits().checked_add(1)?;
            Some(Ipv4Addr::from_bits(next).into())
        }
        IpAddr::V6(v6) => {
            let next = v6.to_bits().checked_add(1)?;
            Some(Ipv6Addr::from_bits(next).into())
        }
    }
}
