//! What a rule list permits, remembered by what the list can tell apart.
//!
//! A list only sees on which side of the bounds of its own rules an address lies. Two views whose addresses lie between
//! the same bounds get the same set, so a list is evaluated once per such cell, not once per pair of machines. And two
//! cells, even of two lists, that the same rules are left for get the same set, so those are turned into a set once.
//!
//! Lists, address sets and traffic have numbers by their contents, so that they are the same over every fabric.

use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::cell::{cell, in_cell, whole};
use crate::fabric::{Fabric, ListIx};
use crate::space::{Action, AddressSet, End, Match, Origin, Set, Space, Traffic, View};

/// No condition on an address.
const ANY: u32 = u32::MAX;

/// The permitted sets of lists, by the numbers of their contents, as far as they were asked for.
#[derive(Default)]
pub(super) struct Permits {
    sets: Interned<AddressSet>,
    traffics: Interned<Traffic>,
    numbers: FxHashMap<Box<[Rule]>, u32>,
    lists: Vec<Permit>,
    /// What rules without addresses permit together, by their traffic and actions.
    left: FxHashMap<(Facing, Vec<(u32, Action)>), Set>,
}

/// Contents with numbers.
struct Interned<T> {
    numbers: FxHashMap<Arc<T>, u32>,
    contents: Vec<Arc<T>>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self { numbers: FxHashMap::default(), contents: Vec::new() }
    }
}

impl<T: Eq + Hash> Interned<T> {
    fn number(&mut self, content: &Arc<T>) -> u32 {
        if let Some(number) = self.numbers.get(content) {
            return *number;
        }
        let next = u32::try_from(self.contents.len()).unwrap_or(u32::MAX);
        self.contents.push(Arc::clone(content));
        self.numbers.insert(Arc::clone(content), next);
        next
    }
}

/// The numbers of things of one fabric, by where they are: rules share most of what they match.
#[derive(Default)]
pub(super) struct Numbers {
    lists: Vec<Option<u32>>,
    /// The contents are kept, so that no other can come to lie where they are.
    sets: FxHashMap<usize, (Arc<AddressSet>, u32)>,
    traffics: FxHashMap<usize, (Arc<Traffic>, u32)>,
}

impl Numbers {
    /// Those of a fabric whose lists differ from this one's in these.
    pub(super) fn after(&self, edited: impl Iterator<Item = ListIx>) -> Self {
        let mut lists = self.lists.clone();
        for list in edited {
            if let Some(number) = lists.get_mut(list.0 as usize) {
                *number = None;
            }
        }
        Self { lists, ..Self::default() }
    }
}

/// A rule by the numbers of its parts.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Rule {
    source: u32,
    destination: u32,
    traffic: u32,
    action: Action,
}

/// A list and what it permits.
struct Permit {
    rules: Box<[Rule]>,
    /// The first IPv4 address of every cell but the very first, of sources.
    sources: Box<[u32]>,
    /// The same of destinations.
    destinations: Box<[u32]>,
    /// Per way that packets may face, by the cells of both addresses.
    known: [Table; 2],
    /// Of other views, with addresses at the beginning of their cells.
    views: FxHashMap<View, Set>,
}

/// Sets by two cells: a plain table, or a map where that would be large.
#[derive(Default)]
enum Table {
    #[default]
    Empty,
    Plain(Box<[Option<Set>]>),
    Large(FxHashMap<(u32, u32), Set>),
}

/// So many cells are held as a plain table.
const PLAIN: usize = 4096;

impl Table {
    fn get(&self, of: &Permit, cells: (u32, u32)) -> Option<Set> {
        match self {
            Self::Empty => None,
            Self::Plain(sets) => sets[of.index(cells)],
            Self::Large(sets) => sets.get(&cells).copied(),
        }
    }

    fn put(&mut self, of: &Permit, cells: (u32, u32), set: Set) {
        if matches!(self, Self::Empty) {
            let size = (of.sources.len() + 1) * (of.destinations.len() + 1);
            *self = if size <= PLAIN {
                Self::Plain(vec![None; size].into())
            } else {
                Self::Large(FxHashMap::default())
            };
        }
        match self {
            Self::Empty => {}
            Self::Plain(sets) => sets[of.index(cells)] = Some(set),
            Self::Large(sets) => drop(sets.insert(cells, set)),
        }
    }
}

impl Permit {
    /// The first addresses of the cells of one side, but the very first.
    fn bounds_of(&self, side: End) -> &[u32] {
        match side {
            End::Source => &self.sources,
            End::Destination => &self.destinations,
        }
    }

    fn index(&self, (source, destination): (u32, u32)) -> usize {
        source as usize * (self.destinations.len() + 1) + destination as usize
    }
}

/// Which way packets between two known addresses go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Facing {
    /// They open a connection.
    There,
    /// They are replies: what is asked about are the packets that they answer.
    Back,
}

impl Facing {
    /// Who is the source and who the destination, as a list sees them, of what goes between a sender and a receiver.
    fn seen<T>(self, (from, to): (T, T)) -> (T, T) {
        match self {
            Self::There => (from, to),
            Self::Back => (to, from),
        }
    }
}

impl Permits {
    /// How many lists there are.
    pub(super) fn len(&self) -> usize {
        self.lists.len()
    }

    /// The number of a list's content.
    pub(super) fn number(&mut self, known: &mut Numbers, fabric: &Fabric, list: ListIx) -> u32 {
        let at = list.0 as usize;
        if known.lists.len() <= at {
            known.lists.resize(fabric.filters.iter().count(), None);
        }
        if let Some(number) = known.lists[at] {
            return number;
        }
        let rules = fabric.filters.get(list).rules.iter().map(|rule| Rule {
            source: self.set_number(known, rule.when.source.as_ref()),
            destination: self.set_number(known, rule.when.destination.as_ref()),
            traffic: self.traffic_number(known, &rule.when.traffic),
            action: rule.action,
        });
        let rules: Box<[Rule]> = rules.collect();
        let number = match self.numbers.get(&rules) {
            Some(number) => *number,
            None => self.add(rules),
        };
        known.lists[at] = Some(number);
        number
    }

    fn set_number(&mut self, known: &mut Numbers, set: Option<&Arc<AddressSet>>) -> u32 {
        let Some(set) = set else { return ANY };
        let place = Arc::as_ptr(set).addr();
        let entry = known.sets.entry(place);
        let entry = entry.or_insert_with(|| (Arc::clone(set), self.sets.number(set)));
        entry.1
    }

    fn traffic_number(&mut self, known: &mut Numbers, traffic: &Arc<Traffic>) -> u32 {
        let place = Arc::as_ptr(traffic).addr();
        let entry = known.traffics.entry(place);
        let entry = entry.or_insert_with(|| (Arc::clone(traffic), self.traffics.number(traffic)));
        entry.1
    }

    fn add(&mut self, rules: Box<[Rule]>) -> u32 {
        let next = u32::try_from(self.lists.len()).unwrap_or(u32::MAX);
        self.numbers.insert(rules.clone(), next);
        self.lists.push(Permit {
            sources: self.bounds(rules.iter().map(|rule| rule.source)),
            destinations: self.bounds(rules.iter().map(|rule| rule.destination)),
            rules,
            known: [Table::default(), Table::default()],
            views: FxHashMap::default(),
        });
        next
    }

    /// The first address of every stretch that no set divides, but the very first.
    fn bounds(&self, sets: impl Iterator<Item = u32>) -> Box<[u32]> {
        let mut bounds = Vec::new();
        for set in sets.filter(|set| *set != ANY) {
            for (first, last) in self.sets.contents[set as usize].v4.ranges() {
                bounds.push(first);
                bounds.extend(last.checked_add(1));
            }
        }
        bounds.sort_unstable();
        bounds.dedup();
        bounds.into()
    }

    /// What a list permits from any sender of a range to any receiver of another; `None` = it may tell them apart.
    pub(super) fn throughout(
        &mut self,
        space: &mut Space,
        (list, facing): (u32, Facing),
        [from, to]: [(u32, u32); 2],
    ) -> Option<Set> {
        let permit = &self.lists[list as usize];
        let (sources, destinations) = facing.seen((from, to));
        let cells = (whole(&permit.sources, sources)?, whole(&permit.destinations, destinations)?);
        match permit.known[facing as usize].get(permit, cells) {
            Some(set) => Some(set),
            None => Some(self.between(space, (list, facing), (from.0, to.0))),
        }
    }

    /// What a list permits of the packets that a sender opens connections with, if it is the same to all receivers.
    pub(super) fn for_all(&mut self, space: &mut Space, list: u32, from: u32) -> Option<Set> {
        let is_same = self.lists[list as usize].destinations.is_empty();
        is_same.then(|| self.between(space, (list, Facing::There), (from, 0)))
    }

    /// What a list permits of the packets with which senders open connections to a receiver, of which the cell is known: each
    /// sender's set in turn. Quick where the senders come by address.
    pub(super) fn towards(
        &mut self,
        space: &mut Space,
        (list, to): (u32, u32),
        senders: impl Iterator<Item = u32>,
        mut tell: impl FnMut(&mut Space, usize, Set),
    ) {
        // What holds for all addresses from the first to the one before the last.
        let (mut stretch, mut permitted) = (0..0, Space::EMPTY);
        for (at, from) in senders.enumerate() {
            if !stretch.contains(&u64::from(from)) {
                let bounds = &self.lists[list as usize].sources;
                let own = cell(bounds, from) as usize;
                let begins = own.checked_sub(1).map_or(0, |before| bounds[before]);
                let ends = bounds.get(own).map_or(1 << u32::BITS, |next| u64::from(*next));
                stretch = u64::from(begins)..ends;
                permitted =
                    self.between(space, (list, Facing::There), (from, self.begin_of(list, to)));
            }
            tell(space, at, permitted);
        }
    }

    /// The first destination of a cell of a list.
    fn begin_of(&self, list: u32, cell: u32) -> u32 {
        let bounds = &self.lists[list as usize].destinations;
        (cell as usize).checked_sub(1).map_or(0, |before| bounds[before])
    }

    /// The cell of a list that an address lies in.
    pub(super) fn cell_of(&self, list: u32, side: End, address: u32) -> u32 {
        cell(self.lists[list as usize].bounds_of(side), address)
    }

    /// The cells of two lists that an end's address lies in.
    pub(super) fn cells_of(&self, lists: (u32, u32), side: End, address: u32) -> (u32, u32) {
        (self.cell_of(lists.0, side, address), self.cell_of(lists.1, side, address))
    }

    /// The addresses of the other end for which two lists permit different packets that open a connection, where one end is
    /// known: disjoint ranges in order.
    pub(super) fn differing(
        &mut self,
        space: &mut Space,
        lists: (u32, u32),
        side: End,
        address: u32,
    ) -> Arc<[(u32, u32)]> {
        let other = match side {
            End::Source => End::Destination,
            End::Destination => End::Source,
        };
        let both = [lists.0, lists.1].into_iter();
        let both = both.flat_map(|list| self.lists[list as usize].bounds_of(other));
        let mut starts: Vec<u32> = both.copied().chain([0]).collect();
        starts.sort_unstable();
        starts.dedup();
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for (index, start) in starts.iter().enumerate() {
            let ends = match side {
                End::Source => (address, *start),
                End::Destination => (*start, address),
            };
            let mut permitted = |list| self.between(space, (list, Facing::There), ends);
            if permitted(lists.0) == permitted(lists.1) {
                continue;
            }
            let last = starts.get(index + 1).map_or(u32::MAX, |next| next - 1);
            match ranges.last_mut() {
                Some((_, end)) if start.checked_sub(1) == Some(*end) => *end = last,
                _ => ranges.push((*start, last)),
            }
        }
        ranges.into()
    }

    /// The cells of a list that both addresses of packets lie in, as the list sees them.
    pub(super) fn cells(
        &self,
        (list, facing): (u32, Facing),
        (from, to): (u32, u32),
    ) -> (u32, u32) {
        let permit = &self.lists[list as usize];
        let (source, destination) = facing.seen((from, to));
        (cell(&permit.sources, source), cell(&permit.destinations, destination))
    }

    /// What a list permits of the packets from one address to another; of those that are answered, if it sees the replies.
    pub(super) fn between(
        &mut self,
        space: &mut Space,
        (list, facing): (u32, Facing),
        (from, to): (u32, u32),
    ) -> Set {
        let cells = self.cells((list, facing), (from, to));
        let permit = &self.lists[list as usize];
        let (source, destination) = facing.seen((from, to));
        if let Some(set) = permit.known[facing as usize].get(permit, cells) {
            return set;
        }
        let ends = [source, destination].map(|end| IpAddr::from(Ipv4Addr::from_bits(end)));
        let inside =
            |set: u32, end: IpAddr| set == ANY || self.sets.contents[set as usize].contains(end);
        let rules = permit.rules.iter();
        let rules =
            rules.filter(|rule| inside(rule.source, ends[0]) && inside(rule.destination, ends[1]));
        let left: Vec<(u32, Action)> = rules.map(|rule| (rule.traffic, rule.action)).collect();
        let set = self.left(space, facing, left);
        let permit = &mut self.lists[list as usize];
        let mut table = std::mem::take(&mut permit.known[facing as usize]);
        table.put(permit, cells, set);
        permit.known[facing as usize] = table;
        set
    }

    /// What rules without addresses permit.
    fn left(&mut self, space: &mut Space, facing: Facing, rules: Vec<(u32, Action)>) -> Set {
        let key = (facing, rules);
        if let Some(set) = self.left.get(&key) {
            return *set;
        }
        let view = match facing {
            Facing::There => View::identity(),
            Facing::Back => View::identity().reversed(),
        };
        let seen = key.1.iter().filter_map(|(traffic, action)| {
            let when = Match {
                traffic: Arc::clone(&self.traffics.contents[*traffic as usize]),
                ..Match::all()
            };
            Some((when.seen_through(&view)?, *action))
        });
        let set = permitted(space, &seen.collect::<Vec<_>>());
        self.left.insert(key, set);
        set
    }

    /// The original packets that a list permits where they look like this.
    pub(super) fn permitted(&mut self, space: &mut Space, list: u32, view: &View) -> Set {
        if let (Origin::Const(IpAddr::V4(source)), Origin::Const(IpAddr::V4(destination))) =
            (view.source, view.destination)
            && let Some(facing) = facing(view)
        {
            let (source, destination) = (source.to_bits(), destination.to_bits());
            let (from, to) = match facing {
                Facing::There => (source, destination),
                Facing::Back => (destination, source),
            };
            return self.between(space, (list, facing), (from, to));
        }
        let permit = &self.lists[list as usize];
        let key = View {
            source: in_cell(view.source, &permit.sources),
            destination: in_cell(view.destination, &permit.destinations),
            ..*view
        };
        if let Some(set) = permit.views.get(&key) {
            return *set;
        }
        let addresses = |set| (set != ANY).then(|| Arc::clone(&self.sets.contents[set as usize]));
        let seen = permit.rules.iter().filter_map(|rule| {
            let when = Match {
                source: addresses(rule.source),
                destination: addresses(rule.destination),
                traffic: Arc::clone(&self.traffics.contents[rule.traffic as usize]),
            };
            Some((when.seen_through(view)?, rule.action))
        });
        let set = permitted(space, &seen.collect::<Vec<_>>());
        self.lists[list as usize].views.insert(key, set);
        set
    }
}

fn permitted(space: &mut Space, rules: &[(Match, Action)]) -> Set {
    let list = space.list(rules);
    space.permitted(list)
}

/// Which way packets go whose ports are their own.
fn facing(view: &View) -> Option<Facing> {
    let plain = View::identity();
    [(Facing::There, plain), (Facing::Back, plain.reversed())]
        .into_iter()
        .find(|(_, own)| {
            (own.source_port, own.destination_port) == (view.source_port, view.destination_port)
        })
        .map(|(facing, _)| facing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_with_the_last_address_of_ipv4_does_not_go_on_in_ipv6() {
        let mut permits = Permits::default();
        let all = Arc::new(AddressSet::any_v4());
        let number = permits.sets.number(&all);
        assert!(permits.bounds([number].into_iter()).iter().all(|it| *it == 0));
        let v6 = Origin::Const("2001:db8::1".parse().expect("an address"));
        assert_eq!(in_cell(v6, &[0]), v6, "a cell of its own");
    }
}
