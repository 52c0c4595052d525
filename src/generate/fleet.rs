//! Fleets: machines of one VPC that are equal in everything but their address, and the security groups bound to them.
//!
//! A group takes [`MEMBERS`] machines at most (SG-15), so groups are handed out from a book that knows the room left.

use super::dice::{Dice, count};
use super::{Options, Shape};

/// SG-15: how many machines a group takes.
pub const MEMBERS: u32 = 2000;
/// How many classic CVMs there are at most, and one in how many machines is one.
const CLASSIC: (u32, u32) = (400, 50);
/// How many groups a fleet has at most; an instance takes five.
const MOST: usize = 4;
/// How many VPCs in a row share the same shared groups.
const NEIGHBOURS: u32 = 4;

/// Equal machines.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// How many.
    pub size: u32,
    /// Their groups in order, by number; one at least.
    pub groups: Vec<u32>,
}

/// All machines of a network.
pub struct Fleets {
    /// Of each VPC.
    pub vpcs: Vec<Vec<Fleet>>,
    /// The groups of each classic CVM.
    pub classic: Vec<Fleet>,
}

/// Divides the machines among VPCs, fleets and groups.
pub fn fleets(options: &Options) -> Fleets {
    let mut dice = Dice::new(options.seed, 1);
    let classic = (options.instances / CLASSIC.1).min(CLASSIC.0);
    let shares = shares(options.instances - classic, options.vpcs, &mut dice);
    let mut book = Book::new(options);
    let vpcs = (0..).zip(&shares).map(|(vpc, share)| {
        let mut fleets = Vec::new();
        let mut left = *share;
        while left > 0 {
            let size = size(&mut dice).min(left);
            let wish = book.own(vpc, count(fleets.len()), &mut dice);
            let fleet = book.fleet(wish, size);
            left -= fleet.size;
            fleets.push(fleet);
        }
        fleets
    });
    let mut vpcs: Vec<Vec<Fleet>> = vpcs.collect();
    let classic = (0..classic).map(|at| {
        let wish = book.own(at % options.vpcs, at, &mut dice);
        book.fleet(wish, 1)
    });
    let classic = classic.collect();
    // Further groups come last: the first ones of all fleets must find room.
    for (vpc, fleets) in (0..).zip(&mut vpcs) {
        for fleet in fleets {
            book.further(vpc, fleet, &mut dice);
        }
    }
    book.idle(&mut vpcs);
    Fleets { vpcs, classic }
}

/// How many machines each VPC has: small, usual and large ones.
fn shares(machines: u32, vpcs: u32, dice: &mut Dice) -> Vec<u32> {
    let weights: Vec<u32> = (0..vpcs).map(|_| dice.pick([1, 2, 2, 3, 3, 6])).collect();
    let total: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    let (mut before, mut given) = (0u64, 0u32);
    let shares = weights.iter().map(|weight| {
        before += u64::from(*weight);
        let until = u64::from(machines) * before / total.max(1);
        let share = u32::try_from(until).unwrap_or(machines) - given;
        given += share;
        share
    });
    shares.collect()
}

/// How many machines a fleet has: 25 on average.
fn size(dice: &mut Dice) -> u32 {
    match dice.below(10) {
        0..3 => dice.between(1, 10),
        3..8 => dice.between(11, 40),
        _ => dice.between(41, 70),
    }
}

/// Which groups have room, and whose they are.
struct Book {
    shape: Shape,
    vpcs: u32,
    /// The first groups are shared among neighbouring VPCs, the others belong to one VPC.
    shared: u32,
    room: Vec<u32>,
}

impl Book {
    fn new(options: &Options) -> Self {
        let groups = options.groups;
        let shared = match options.shape {
            Shape::Shared => groups,
            Shape::Private => 0,
            Shape::Mixed => (groups / 5).max(1),
        };
        Self {
            shape: options.shape,
            vpcs: options.vpcs,
            shared,
            room: vec![MEMBERS; groups as usize],
        }
    }

    /// The group that a VPC's fleet would have for its own.
    fn own(&self, vpc: u32, fleet: u32, dice: &mut Dice) -> u32 {
        let private = count(self.room.len()) - self.shared;
        if private == 0 {
            return self.share(vpc, dice);
        }
        let start = part(private, vpc, self.vpcs);
        let length = (part(private, vpc + 1, self.vpcs) - start).max(1);
        self.shared + start + fleet % length
    }

    /// One of the groups that a VPC shares with its neighbours.
    fn share(&self, vpc: u32, dice: &mut Dice) -> u32 {
        let window = part(self.shared, NEIGHBOURS, self.vpcs).clamp(1, self.shared);
        let offset =
            u64::from(vpc / NEIGHBOURS) * u64::from(window) + u64::from(dice.below(window));
        u32::try_from(offset % u64::from(self.shared)).unwrap_or(0)
    }

    /// A fleet of the group that it wishes for, or else of the next one that has room; smaller if none has room enough.
    fn fleet(&mut self, wish: u32, size: u32) -> Fleet {
        let groups = count(self.room.len());
        let mut best = wish;
        for step in 0..groups {
            let group = (wish + step) % groups;
            if self.room[group as usize] > self.room[best as usize] {
                best = group;
            }
            if self.room[best as usize] >= size {
                break;
            }
        }
        // there is room for all machines (`Options::check`), so for one of this fleet
        let size = size.min(self.room[best as usize]);
        self.room[best as usize] -= size;
        Fleet { size, groups: vec![best] }
    }

    /// Binds the groups that nobody has drawn, each to a fleet of its part of the VPCs that has room.
    fn idle(&mut self, vpcs: &mut [Vec<Fleet>]) {
        let groups = count(self.room.len());
        let idle = (0..groups).filter(|group| self.room[*group as usize] == MEMBERS);
        let idle: Vec<u32> = idle.collect();
        for group in idle {
            let start = part(self.vpcs, group, groups) as usize;
            let order = vpcs[start..].iter().chain(&vpcs[..start]);
            let spare = |fleet: &Fleet| fleet.groups.len() < MOST;
            let Some(at) = order.enumerate().find(|(_, it)| it.iter().any(spare)) else {
                return;
            };
            let vpc = (start + at.0) % vpcs.len();
            if let Some(fleet) = vpcs[vpc].iter_mut().find(|fleet| spare(fleet)) {
                self.room[group as usize] -= fleet.size;
                fleet.groups.push(group);
            }
        }
    }

    /// Perhaps binds one or two more groups.
    fn further(&mut self, vpc: u32, fleet: &mut Fleet, dice: &mut Dice) {
        let (one, another) = match self.shape {
            Shape::Private => (20, 0),
            Shape::Shared => (50, 20),
            Shape::Mixed => (60, 10),
        };
        for chance in [one, another] {
            let group = if self.shared > 0 {
                self.share(vpc, dice)
            } else {
                let any = dice.below(count(self.room.len()));
                self.own(vpc, any, dice)
            };
            let first = dice.chance(50);
            let has_room = self.room[group as usize] >= fleet.size;
            if !dice.chance(chance) || !has_room || fleet.groups.contains(&group) {
                continue;
            }
            self.room[group as usize] -= fleet.size;
            let at = if first { 0 } else { fleet.groups.len() };
            fleet.groups.insert(at, group);
        }
    }
}

/// The share `part / of` of a whole, rounded down.
fn part(whole: u32, part: u32, of: u32) -> u32 {
    let part = u64::from(whole) * u64::from(part) / u64::from(of.max(1));
    u32::try_from(part).unwrap_or(u32::MAX)
}
