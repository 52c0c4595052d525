//! Everybody to everybody, spot by spot: what stands between two places is found once for all that are in them.
//!
//! A spot is a location with its classes, or a class of its own. All classes of one spot send by the same route lookup
//! and are reached on the same ways, so two spots need one look at the ways between them; what is left are the lists of
//! either side, each asked once for a class of the other side. A sender only looks at spots that its first route lookup
//! does not refuse anyway: most of a region is never looked at.

use std::net::IpAddr;

use rustc_hash::FxHashMap;

use super::classes::{Class, ClassIx, Classes};
use super::permit::Facing;
use super::reach::{Pair, Reacher, source_is_down};
use super::skeleton::Works;
use super::straight::{Host, Open, Passage, leaving, passage, share_a_machine, view};
use crate::fabric::{Fabric, FilterUse};
use crate::space::{AddressSet, End, Set, Space};

/// A spot, by its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpotIx(pub u32);

/// Classes between which nothing but their filters differs.
#[derive(Clone, Debug)]
pub struct Spot {
    /// Its classes, by address.
    pub classes: Vec<ClassIx>,
    ends: Vec<Host>,
}

/// All spots of a network.
#[derive(Clone, Debug, Default)]
pub struct Spots {
    all: Vec<Spot>,
    of: Vec<SpotIx>,
    /// Spots of private IPv4 addresses by their first one, sorted.
    by_address: Vec<(u32, SpotIx)>,
    /// All others: no route lookup tells whether they are meant.
    elsewhere: Vec<SpotIx>,
}

/// Who is told what crosses from some classes.
pub trait Crossings<'f> {
    /// Whether it still matters what crosses to a spot.
    fn asks(&self, to: SpotIx) -> bool;

    /// What crosses to a spot.
    fn tell(&mut self, reacher: &mut Reacher<'f>, to: SpotIx, crossing: Crossing<'_>);
}

/// Whoever only listens asks about all.
impl<'f, F: FnMut(&mut Reacher<'f>, SpotIx, Crossing<'_>)> Crossings<'f> for F {
    fn asks(&self, _: SpotIx) -> bool {
        true
    }

    fn tell(&mut self, reacher: &mut Reacher<'f>, to: SpotIx, crossing: Crossing<'_>) {
        self(reacher, to, crossing);
    }
}

/// Some senders of one spot, on their tour of the spots where their packets may arrive.
struct Sweep<'a> {
    senders: &'a [Host],
    addresses: Vec<u32>,
    asked: Set,
    /// What was asked, for each sender.
    exempt: Vec<Set>,
    /// What of it the groups of each sender let out to everybody.
    base: Vec<Set>,
    /// Senders whose groups tell receivers apart, and these groups.
    choosy: Vec<(usize, FilterUse)>,
    /// Where the columns begin that are known: by the receiver's list and the cell of its address there, if it has one; and
    /// whether the senders' groups are left out.
    known: FxHashMap<(Option<(u32, u32)>, bool), usize>,
    /// What gets past the senders' groups, where these tell no receivers apart, and past those of a receiver.
    columns: Vec<Set>,
}

/// What crosses from the classes of one spot to those of another.
pub enum Crossing<'a> {
    /// What works from each class to each, by sender, then by receiver.
    Sets(&'a [Set]),
    /// The same where there may be several ways.
    Works(&'a [Works]),
    /// Each pair has to be asked alone.
    Unclear,
}

impl Spots {
    /// The spots that all classes make.
    #[must_use]
    pub fn of(fabric: &Fabric, classes: &Classes) -> Self {
        Self::among(fabric, classes, |_| true)
    }

    /// The spots that some classes make: nobody else is asked about.
    #[must_use]
    pub fn among(fabric: &Fabric, classes: &Classes, is_asked: impl Fn(&Class) -> bool) -> Self {
        let mut spots = Self::default();
        let mut known = FxHashMap::default();
        for (index, class) in classes.iter() {
            if !is_asked(class) {
                spots.of.push(SpotIx(u32::MAX));
                continue;
            }
            let next = SpotIx(u32::try_from(spots.all.len()).unwrap_or(u32::MAX));
            let spot = match class.location {
                Some(location) => *known.entry(location).or_insert(next),
                None => next,
            };
            if spot == next {
                spots.all.push(Spot { classes: Vec::new(), ends: Vec::new() });
            }
            spots.of.push(spot);
            let Some(end) = Host::of(class.first()) else {
                continue;
            };
            let spot = &mut spots.all[spot.0 as usize];
            spot.classes.push(index);
            spot.ends.push(end);
        }
        for (index, spot) in (0..).map(SpotIx).zip(&mut spots.all) {
            let mut ends: Vec<_> = spot.ends.iter().copied().zip(&spot.classes).collect();
            ends.sort_by_key(|(end, _)| end.address);
            (spot.ends, spot.classes) = ends.into_iter().unzip();
            match spot.ends.first().map(|end| end.address) {
                Some(IpAddr::V4(address)) if !fabric.is_public(address.into()) => {
                    spots.by_address.push((address.to_bits(), index));
                }
                _ => spots.elsewhere.push(index),
            }
        }
        spots.by_address.sort_unstable();
        spots
    }

    /// A spot.
    #[must_use]
    pub fn get(&self, spot: SpotIx) -> &Spot {
        &self.all[spot.0 as usize]
    }

    /// The end that stands for a spot.
    pub(super) fn first(&self, spot: SpotIx) -> Option<Host> {
        self.get(spot).ends.first().copied()
    }

    /// The spot of a class that is asked about.
    #[must_use]
    pub fn of_class(&self, class: ClassIx) -> SpotIx {
        self.of[class.0 as usize]
    }

    /// All spots.
    pub fn iter(&self) -> impl Iterator<Item = SpotIx> + use<> {
        (0..u32::try_from(self.all.len()).unwrap_or(u32::MAX)).map(SpotIx)
    }

    /// Spots at which anything from a spot may arrive.
    #[must_use]
    pub fn ahead_of(&self, fabric: &Fabric, spot: SpotIx) -> Vec<SpotIx> {
        let first = self.get(spot).ends.first();
        first.map_or_else(Vec::new, |first| self.ahead(fabric, *first))
    }

    /// Whether anything from a spot may get to some of these addresses.
    #[must_use]
    pub fn may_send(&self, fabric: &Fabric, spot: SpotIx, to: &AddressSet) -> bool {
        let Some(from) = self.get(spot).ends.first() else {
            return false;
        };
        let start = leaving(fabric, from.resident);
        let start = start.filter(|_| fabric.hosts.get(from.resident).owns(from.address));
        let (Some(start), IpAddr::V4(_)) = (start, from.address) else {
            return true;
        };
        let ahead = fabric.ahead(start, from.address);
        let mut ranges = to.ranges();
        ranges.any(|range| match range {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                let (first, last) = (first.to_bits(), last.to_bits());
                let after = ahead.partition_point(|(_, end)| *end < first);
                ahead.get(after).is_some_and(|(start, _)| *start <= last)
            }
            _ => true,
        })
    }

    /// Spots that may be reached from a spot, and surely all that are.
    pub(super) fn ahead(&self, fabric: &Fabric, from: Host) -> Vec<SpotIx> {
        let start = leaving(fabric, from.resident);
        let start = start.filter(|_| fabric.hosts.get(from.resident).owns(from.address));
        let (Some(start), IpAddr::V4(_)) = (start, from.address) else {
            return self.iter().collect();
        };
        let mut ahead = self.elsewhere.clone();
        for (first, last) in fabric.ahead(start, from.address) {
            let after = self.by_address.partition_point(|(at, _)| *at < first);
            let inside = self.by_address[after..].iter();
            let inside = inside.take_while(|(at, _)| *at <= last);
            ahead.extend(inside.map(|(_, spot)| *spot));
        }
        ahead
    }
}

impl<'f> Reacher<'f> {
    /// Tells what crosses from some classes of one spot to every spot that is asked about and where anything may: to all
    /// others, nothing does.
    ///
    /// A class of several endpoints also crosses to itself; what stands there for a class of one means nothing. `asked`
    /// is of IPv4.
    pub fn crossings(
        &mut self,
        spots: &Spots,
        (from, senders): (SpotIx, &[ClassIx]),
        asked: Set,
        told: &mut impl Crossings<'f>,
    ) {
        let spot = spots.get(from);
        let Some(&first) = spot.ends.first() else {
            return;
        };
        let all = self.space.all();
        let asked = self.space.intersection(asked, all);
        let own = spot.classes.iter().zip(&spot.ends);
        let own = own.filter(|(class, _)| senders.contains(class));
        let ends: Vec<Host> = own.map(|(_, end)| *end).collect();
        if ends.is_empty() {
            return;
        }
        let is_down = source_is_down(self.fabric(), first.party());
        let (mut sets, mut works) = (Vec::new(), Vec::new());
        let mut sweep = self.sweep(&ends, asked);
        for to in spots.ahead(self.fabric(), first) {
            if self.space.is_over() {
                return;
            }
            let receivers = &spots.get(to).ends;
            let Some(&meant) = receivers.first().filter(|_| told.asks(to)) else {
                continue;
            };
            // Two ends of one machine are no pair: whoever asks about pairs knows.
            if from != to && share_a_machine(self.fabric(), first, meant) {
                told.tell(self, to, Crossing::Unclear);
                continue;
            }
            if is_down {
                continue;
            }
            let straight = match passage(self.fabric(), first, meant) {
                Passage::Shut => continue,
                Passage::Open(open) => self.block(&mut sweep, receivers, &open, &mut sets),
                Passage::Unclear => None,
            };
            if straight.is_some() {
                told.tell(self, to, Crossing::Sets(&sets));
            } else if from != to && self.walked((first, &ends), receivers, asked, &mut works) {
                told.tell(self, to, Crossing::Works(&works));
            } else {
                told.tell(self, to, Crossing::Unclear);
            }
        }
    }

    /// What works from each sender to each receiver, on ways that are walked once; whether that is all there is to say.
    fn walked(
        &mut self,
        (first, senders): (Host, &[Host]),
        receivers: &[Host],
        asked: Set,
        works: &mut Vec<Works>,
    ) -> bool {
        let v4 = |ends: &[Host]| ends.iter().all(|end| end.address.is_ipv4());
        if !v4(senders) || !v4(receivers) {
            return false;
        }
        let Some(ways) = self.ways_like(&Pair::of_hosts(first, receivers[0], asked)) else {
            return false;
        };
        works.clear();
        for from in senders {
            for to in receivers {
                works.push(self.fill(&ways, Some(*from), Some(*to)));
            }
        }
        true
    }

    /// Some senders of one spot, before anybody is met.
    fn sweep<'a>(&mut self, senders: &'a [Host], asked: Set) -> Sweep<'a> {
        let fabric = self.fabric();
        let (mut base, mut choosy) = (vec![asked; senders.len()], Vec::new());
        for (at, host) in senders.iter().enumerate() {
            let Some(filter) = fabric.hosts.get(host.resident).egress else {
                continue;
            };
            let list = self.list_number(filter.list);
            let permits = &mut self.memory.permits;
            match permits.for_all(&mut self.space, list, bits(*host)) {
                Some(permitted) => base[at] = self.space.intersection(asked, permitted),
                None => choosy.push((at, filter)),
            }
        }
        Sweep {
            senders,
            addresses: senders.iter().map(|host| bits(*host)).collect(),
            asked,
            exempt: vec![asked; senders.len()],
            base,
            choosy,
            known: FxHashMap::default(),
            columns: Vec::new(),
        }
    }

    /// What passes all filters from each sender to each receiver.
    fn block(
        &mut self,
        sweep: &mut Sweep<'_>,
        receivers: &[Host],
        open: &Open,
        sets: &mut Vec<Set>,
    ) -> Option<()> {
        let fabric = self.fabric();
        let senders = sweep.senders;
        let (sender, receiver) = (senders[0], receivers[0]);
        let meant = fabric.hosts.get(receiver.resident);
        let there = view(sender.address, receiver.address);
        let served = self.served(sender, (receiver, meant), sweep.asked, there)?;
        let width = receivers.len();
        sets.clear();
        sets.resize(senders.len() * width, Space::EMPTY);
        for (column, host) in receivers.iter().enumerate() {
            let passed = self.column(sweep, *host, open.exempt);
            let cells = sets.iter_mut().skip(column).step_by(width);
            for (set, passed) in cells.zip(&sweep.columns[passed..]) {
                *set = *passed;
            }
        }
        if served != sweep.asked {
            for set in sets.iter_mut() {
                *set = self.space.intersection(*set, served);
            }
        }
        for filter in open.there.iter() {
            self.common(filter, Facing::There, (senders, receivers), sets);
        }
        let stateless = open.back.iter().filter(|filter| !filter.kind.is_stateful());
        for filter in stateless {
            self.common(filter, Facing::Back, (senders, receivers), sets);
        }
        for (at, filter) in sweep.choosy.iter().filter(|_| !open.exempt) {
            let row = &mut sets[at * width..(at + 1) * width];
            self.own(*filter, (senders[*at], receivers), row);
        }
        Some(())
    }

    /// Where what the senders' own groups and those of a receiver let pass begins in the columns, a set a sender: the same for all
    /// receivers that one list guards, as long as it does not tell them apart.
    fn column(&mut self, sweep: &mut Sweep<'_>, receiver: Host, is_exempt: bool) -> usize {
        let ingress = self.fabric().hosts.get(receiver.resident).ingress;
        let list = ingress.map(|filter| self.list_number(filter.list));
        let permits = &mut self.memory.permits;
        let cell = list.map(|list| permits.cell_of(list, End::Destination, bits(receiver)));
        let key = (list.zip(cell), is_exempt);
        if let Some(column) = sweep.known.get(&key) {
            return *column;
        }
        let begins = sweep.columns.len();
        let base = if is_exempt { &sweep.exempt } else { &sweep.base };
        match list.zip(cell) {
            None => sweep.columns.extend(base),
            Some(guard) => {
                let senders = sweep.addresses.iter().copied();
                permits.towards(&mut self.space, guard, senders, |space, at, permitted| {
                    sweep.columns.push(space.intersection(base[at], permitted));
                });
            }
        }
        sweep.known.insert(key, begins);
        begins
    }

    /// A filter of the way, which all pairs pass.
    fn common(
        &mut self,
        filter: FilterUse,
        facing: Facing,
        (senders, receivers): (&[Host], &[Host]),
        sets: &mut [Set],
    ) {
        let list = self.list_number(filter.list);
        let ranges = [range(senders), range(receivers)];
        let key = (list, facing);
        let permits = &mut self.memory.permits;
        if let Some(permitted) = permits.throughout(&mut self.space, key, ranges) {
            for set in sets {
                *set = self.space.intersection(*set, permitted);
            }
            return;
        }
        let pairs = senders.iter().flat_map(|a| receivers.iter().map(move |b| (a, b)));
        for ((from, to), set) in pairs.zip(sets) {
            let permitted = permits.between(&mut self.space, key, (bits(*from), bits(*to)));
            *set = self.space.intersection(*set, permitted);
        }
    }

    /// The filter of a sender that tells receivers apart, towards all of a spot.
    fn own(&mut self, filter: FilterUse, (host, receivers): (Host, &[Host]), row: &mut [Set]) {
        let list = self.list_number(filter.list);
        let key = (list, Facing::There);
        let permits = &mut self.memory.permits;
        let own = bits(host);
        let same = permits.throughout(&mut self.space, key, [(own, own), range(receivers)]);
        for (receiver, set) in receivers.iter().zip(row) {
            if *set == Space::EMPTY {
                continue;
            }
            let permitted = same
                .unwrap_or_else(|| permits.between(&mut self.space, key, (own, bits(*receiver))));
            *set = self.space.intersection(*set, permitted);
        }
    }
}

fn bits(host: Host) -> u32 {
    match host.address {
        IpAddr::V4(address) => address.to_bits(),
        IpAddr::V6(_) => 0,
    }
}

/// The first and the last address of a spot's ends.
fn range(hosts: &[Host]) -> (u32, u32) {
    (bits(hosts[0]), bits(hosts[hosts.len() - 1]))
}
