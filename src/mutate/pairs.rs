//! Of who may meet whom by what, the share that an expectation speaks about: classes of ends that nothing tells apart, and the
//! services by which anybody reaches one.

use std::net::IpAddr;

use rustc_hash::FxHashSet;

use super::coverage::packets_of;
use super::fate::share;
use super::suite::Suite;
use crate::engine::{ClassIx, Classes, Reacher};
use crate::fabric::{Fabric, Party, Role};
use crate::query::{Selector, Traffics};
use crate::scenario::Planned;
use crate::space::{AddressSet, Fields, IntervalSet, Layer4, Set, Space};
use crate::verify::{End, Selection, Side, pairs, select};

/// So many ends are looked at; where there are more, nothing is said.
const MOST: usize = 2000;

/// Cells of class × class × service, and how many of them an expectation speaks about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PairsAsserted {
    /// Those in which something works: asserted, all.
    pub works: (usize, usize),
    /// Those in which nothing works.
    pub blocked: (usize, usize),
}

impl PairsAsserted {
    /// Counts those of another file in.
    pub fn add(&mut self, other: &Self) {
        for (own, other) in [(&mut self.works, other.works), (&mut self.blocked, other.blocked)] {
            own.0 += other.0;
            own.1 += other.1;
        }
    }

    /// The share that is asserted; `None` = there are no cells.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        share(self.works.0 + self.blocked.0, self.works.1 + self.blocked.1)
    }
}

/// What is the same for all members of an end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Class(ClassIx),
    Site(u32),
    Internet,
}

/// The cells of the network of a suite; `None` = there are too many ends, or the budget was not enough.
#[must_use]
pub fn pairs_asserted(suite: &Suite<'_>) -> Option<PairsAsserted> {
    let fabric = suite.base.fabric();
    let classes = suite.base.classes();
    let all = everyone(&fabric, &classes);
    if all.len() > MOST {
        return None;
    }
    let mut reacher = Reacher::within(&fabric, Space::within(suite.budget.begin()));
    let asked: Vec<_> = suite
        .scenario
        .base
        .iter()
        .map(|Planned { value, .. }| {
            let own = packets_of(&mut reacher.space, value);
            let own = reacher.space.project(own, Fields::SERVICE);
            let from = select(&fabric, &value.from, Side::From);
            let to = select(&fabric, &value.to, Side::To);
            let members = |selection| members(&fabric, &classes, selection, &all);
            (members(&from), members(&to), own)
        })
        .collect();
    let traffic = Traffics::default();
    let internet = internet(&fabric);
    let mut counted = PairsAsserted::default();
    for (column, to) in all.iter().enumerate() {
        let works: Vec<Option<Set>> = all
            .iter()
            .map(|from| works(&mut reacher, (*from, *to), (&classes, &internet), &traffic))
            .collect();
        let served = served(&mut reacher.space, &works);
        for (row, works) in works.iter().enumerate() {
            let Some(works) = works else { continue };
            for service in &served {
                let space = &mut reacher.space;
                let is_open = space.overlaps(*works, *service);
                let is_asserted = asked.iter().any(|(from, to, own)| {
                    from[row] && to[column] && space.is_subset(*service, *own)
                });
                let cell = if is_open { &mut counted.works } else { &mut counted.blocked };
                cell.0 += usize::from(is_asserted);
                cell.1 += 1;
            }
        }
    }
    (!reacher.space.exhausted()).then_some(counted)
}

/// Every class, site and the Internet.
fn everyone(fabric: &Fabric, classes: &Classes) -> Vec<Who> {
    let sites = 0..u32::try_from(fabric.network.sites.len()).unwrap_or(0);
    let all = classes.iter().map(|(class, _)| Who::Class(class));
    all.chain(sites.map(Who::Site)).chain([Who::Internet]).collect()
}

fn internet(fabric: &Fabric) -> AddressSet {
    select(fabric, &Selector::Internet, Side::From).internet
}

/// The services by which one end reaches another on all ways; `None` = they do not meet.
fn works(
    reacher: &mut Reacher<'_>,
    (from, to): (Who, Who),
    (classes, internet): (&Classes, &AddressSet),
    traffic: &Traffics,
) -> Option<Set> {
    let outside = |who| matches!(who, Who::Site(_) | Who::Internet);
    if outside(from) && outside(to) {
        return None;
    }
    let fabric = reacher.fabric();
    let first = end(fabric, classes, from, internet, false)?;
    let second = end(fabric, classes, to, internet, from == to)?;
    let opens = match first.0 {
        Party::Host(resident, _) => {
            let resident = fabric.hosts.get(resident);
            resident.role == Role::Machine && !resident.unbound
        }
        _ => true,
    };
    let all = pairs(reacher, &first, &second, traffic);
    if !opens || all.is_empty() {
        return None;
    }
    let mut set = Space::EMPTY;
    for pair in all {
        let own = reacher.works(&pair).0;
        set = reacher.space.union(set, own);
    }
    Some(reacher.space.project(set, Fields::SERVICE))
}

/// An example of an end; the second of a class that meets itself.
fn end(
    fabric: &Fabric,
    classes: &Classes,
    who: Who,
    internet: &AddressSet,
    is_other: bool,
) -> Option<End> {
    match who {
        Who::Internet => Some((Party::Internet, None, internet.clone())),
        Who::Site(site) => {
            let (_, written) = fabric.network.sites.get_index(site as usize)?;
            let hosts = written.cidrs.iter().copied().map(AddressSet::from);
            Some((Party::Site(site), None, AddressSet::union_all(hosts)))
        }
        Who::Class(class) => {
            let class = classes.get(class);
            let party = if is_other { class.second()? } else { class.first() };
            let Party::Host(_, address) = party else {
                return None;
            };
            Some((party, None, AddressSet::single(address)))
        }
    }
}

/// The different services by which an end is reached, from whomever: the ranges of ports of what works, each by itself.
fn served(space: &mut Space, works: &[Option<Set>]) -> Vec<Set> {
    let mut known = FxHashSet::default();
    let mut served = Vec::new();
    for set in works.iter().flatten() {
        for row in space.rows(*set) {
            for (low, high) in row.traffic.destination_ports.ranges() {
                let service = Layer4 {
                    destination_ports: IntervalSet::range(low, high),
                    ..row.traffic.clone()
                };
                if known.insert(service.clone()) {
                    let any = AddressSet::any();
                    served.push(space.cube(&any, &any, &service.into()));
                }
            }
        }
    }
    served
}

/// Which of the ends a selection means, or one of whose members.
fn members(fabric: &Fabric, classes: &Classes, selection: &Selection, all: &[Who]) -> Vec<bool> {
    let mut meant = vec![false; classes.len()];
    for ((resident, _), addresses) in &selection.hosts {
        let firsts = classes.stretches(*resident).iter().map(|(first, _)| *first);
        let named = addresses.ranges().map(|(first, _)| first);
        let owner = fabric.hosts.get(*resident);
        let own = |address: &IpAddr| owner.owns(*address);
        // The stretches that begin in the set, and the one that it begins in.
        let inside = firsts.filter(|first| addresses.contains(*first));
        for address in inside.chain(named.filter(own)) {
            meant[classes.class_of(*resident, address).0 as usize] = true;
        }
    }
    let is_meant = |who: &Who| match who {
        Who::Class(class) => meant[class.0 as usize],
        Who::Site(site) => selection.sites.contains_key(site),
        Who::Internet => !selection.internet.is_empty(),
    };
    all.iter().map(is_meant).collect()
}
