//! Everybody to everybody by class, as a table for other programs: what works between any two classes of ends that nothing
//! tells apart, as sets of packets instead of verdicts.
//!
//! Ends fall into blocks, those of a VPC together, and a block is what its ends may open. In a block, ends that may open the
//! same stand together, and so do those to whom the same is open, so a cell speaks of two sets of classes; where nothing
//! works there is no cell. A block is told as soon as it is known: a region is never held as a whole, and many machines
//! may share the blocks.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::cell::Bits;
use super::head::{name_of, sets_of, shared_regions};
use super::{By, Effort, asked_alone};
use crate::engine::{ClassIx, Crossing, Crossings, Member, Reacher, SpotIx, Spots, Works};
use crate::fabric::{Party, Role};
use crate::id::Id;
use crate::model::{DirectConnectGateway, DirectConnectKind, Endpoint, Protocols};
use crate::query::{Traffics, Verdict};
use crate::space::{AddressSet, Allowance, Budget, Exceeded, Protocol, Row, Set, Space};
use crate::verify::alike::alike;
use crate::verify::answer::{packets, pairs};
use crate::verify::desk::Desk;
use crate::verify::land::{Land, Meaning, Who};
use crate::verify::run::Situation;
use crate::verify::select::Side;

/// So many ends are one block at most.
const WIDEST: usize = 256;

/// An arena of so many nodes is given up after a block: what it knew is found again, and memory stays in bounds.
const ROOM: usize = 1 << 20;

/// What a pair that is asked alone costs, in pairs of machines that are asked by spots. Measured on `generate`.
const ALONE: u64 = 16;

/// What works between two ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClassAnswer {
    /// Of all that was asked.
    pub verdict: Verdict,
    /// What works whatever way it takes.
    pub works: Vec<Row>,
    /// What works on some ways only.
    pub sometimes: Vec<Row>,
    /// What the model does not say.
    pub undetermined: Vec<Row>,
}

/// An end, or a stretch of a group of machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassMember {
    /// The class that it is of, by number.
    pub class: u32,
    /// Its name, as questions name it.
    pub name: String,
    /// First and last address; none of sites and the Internet.
    pub addresses: Option<(std::net::IpAddr, std::net::IpAddr)>,
    /// Its VPC, or the classic network of its region.
    pub vpc: Option<Id>,
    /// Its subnet.
    pub subnet: Option<Id>,
}

/// What some ends may open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassBlock {
    /// Which, from 0.
    pub number: usize,
    /// Its ends.
    pub members: Vec<ClassMember>,
    /// The sets of classes that open the same: the number of a set, and a class of it.
    pub from: Vec<(u32, u32)>,
    /// The sets of classes to which they open the same.
    pub to: Vec<(u32, u32)>,
    /// From which set to which, and which of the answers.
    pub cells: Vec<(u32, u32, u32)>,
    /// What works, as often as it is asked about.
    pub answers: Vec<Arc<ClassAnswer>>,
}

/// A matrix by class that is about to be computed.
pub struct ClassMatrix {
    land: Land,
    spots: Spots,
    internet: AddressSet,
    traffic: Traffics,
    allowance: Allowance,
    blocks: Vec<Vec<u32>>,
    /// Per spot, which of the sites its packets may get to.
    sites: Vec<Vec<bool>>,
    /// Regions of the classic network with more than one account, for names.
    shared: Vec<String>,
    /// Sites and the Internet, by number.
    outside: Vec<u32>,
    receives: Vec<bool>,
}

impl ClassMatrix {
    /// A matrix of a network. Its time begins to run; each block has all of the nodes.
    #[must_use]
    pub fn new(situation: &Situation, traffic: &Traffics, budget: Budget) -> Self {
        let allowance = budget.begin();
        let land = Land::of(situation);
        let mut homes: IndexMap<Option<u32>, Vec<u32>> = IndexMap::new();
        for (class, own) in land.classes.iter() {
            let home = match own.first() {
                Party::Host(resident, _) => land.fabric.vpc_of_resident(resident),
                _ => None,
            };
            homes.entry(home).or_default().push(class.0);
        }
        let inside = u32::try_from(land.classes.len()).unwrap_or(u32::MAX);
        let sites = u32::try_from(land.fabric.network.sites.len()).unwrap_or(0);
        let outside: Vec<u32> = (inside..=inside + sites).collect();
        let mut blocks: Vec<Vec<u32>> = Vec::new();
        for ends in homes.values().chain([&outside]) {
            blocks.extend(ends.chunks(WIDEST).map(<[u32]>::to_vec));
        }
        let shared = shared_regions(&land.fabric.network);
        let mut matrix = Self {
            spots: Spots::of(&land.fabric, &land.classes),
            internet: land.internet(),
            shared: shared.into_iter().map(str::to_owned).collect(),
            land,
            traffic: traffic.clone(),
            allowance,
            blocks,
            outside,
            sites: Vec::new(),
            receives: Vec::new(),
        };
        matrix.sites = matrix.sites_ahead();
        let all = 0..=inside + sites;
        let receives = all.map(|end| matrix.land.takes_part(matrix.meaning(end), Side::To));
        matrix.receives = receives.collect();
        matrix
    }

    /// What is computed.
    #[must_use]
    pub fn effort(&self) -> Effort {
        Effort::of(&self.land)
    }

    /// About how much work each block is: the same numbers on every machine.
    #[must_use]
    pub fn costs(&self) -> Vec<u64> {
        let widths: Vec<u64> = self
            .spots
            .iter()
            .map(|spot| self.spots.get(spot).classes.len() as u64)
            .collect();
        let outside = self.outside.len() as u64;
        let inside = self.land.classes.len() as u64;
        let costs = self.blocks.par_iter().map(|ends| {
            let (machines, others) = self.openers(ends);
            let spots = machines.iter().map(|(spot, classes)| {
                let ahead = self.spots.ahead_of(&self.land.fabric, *spot);
                let ahead: u64 = ahead.iter().map(|spot| widths[spot.0 as usize]).sum();
                let sites = &self.sites[spot.0 as usize];
                let outside = 1 + sites.iter().filter(|ahead| **ahead).count() as u64;
                classes.len() as u64 * (ahead + ALONE * outside)
            });
            spots.sum::<u64>() + others.len() as u64 * ALONE * (inside + outside)
        });
        costs.collect()
    }

    /// Some blocks in order, as soon as each is known; all cores are used. The result is what of the budget was not enough
    /// for one of them: no further one is told.
    pub fn each_of(
        &self,
        blocks: Range<usize>,
        mut tell: impl FnMut(ClassBlock),
    ) -> Option<Exceeded> {
        let desks = Mutex::new(Vec::new());
        let take = || {
            let mut desks = desks.lock().unwrap_or_else(PoisonError::into_inner);
            desks.pop().unwrap_or_else(|| Desk::within(self.allowance))
        };
        let numbers: Vec<usize> = blocks.collect();
        // Few are under way at a time, for they are kept until those before them are told.
        for some in numbers.chunks(8 * rayon::current_num_threads()) {
            let told: Vec<Result<ClassBlock, Exceeded>> = some
                .par_iter()
                .map(|number| {
                    let mut desk = take();
                    let mut block = self.block(&mut desk, *number);
                    if matches!(block, Err(Exceeded::Nodes(_))) {
                        // What others have left in the arena is not to be its trouble.
                        desk = Desk::within(self.allowance);
                        block = self.block(&mut desk, *number);
                    }
                    if desk.space.node_count() < ROOM && block.is_ok() {
                        let mut desks = desks.lock().unwrap_or_else(PoisonError::into_inner);
                        desks.push(desk);
                    }
                    block
                })
                .collect();
            for block in told {
                match block {
                    Ok(block) => tell(block),
                    Err(exceeded) => return Some(exceeded),
                }
            }
        }
        None
    }

    /// How many blocks there are.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }

    fn meaning(&self, end: u32) -> Meaning {
        let inside = u32::try_from(self.land.classes.len()).unwrap_or(u32::MAX);
        let sites = u32::try_from(self.land.fabric.network.sites.len()).unwrap_or(0);
        match end.checked_sub(inside) {
            None => Meaning::Class(ClassIx(end)),
            Some(site) if site < sites => Meaning::Site(site),
            Some(_) => Meaning::Internet,
        }
    }

    /// Whether what is asked is sent between IPv4 addresses, and everything that decides is modelled.
    fn is_plain(&self) -> bool {
        let v6 = Protocols::One(Protocol::ICMPV6);
        self.land.fabric.network.unmodelled.is_empty() && self.traffic.service.protocols != v6
    }

    /// Who of a block opens connections: machines by their spots, and those that are answered one by one.
    fn openers(&self, ends: &[u32]) -> (BTreeMap<SpotIx, Vec<ClassIx>>, Vec<u32>) {
        let mut machines: BTreeMap<SpotIx, Vec<ClassIx>> = BTreeMap::new();
        let mut others = Vec::new();
        for end in ends {
            let meaning = self.meaning(*end);
            match meaning {
                _ if !self.land.takes_part(meaning, Side::From) => {}
                Meaning::Class(class) if self.is_plain() => {
                    let spot = self.spots.of_class(class);
                    machines.entry(spot).or_default().push(class);
                }
                _ => others.push(*end),
            }
        }
        (machines, others)
    }

    /// Whether two ends make a pair.
    fn is_pair(&self, from: u32, to: u32) -> bool {
        let meets_itself = || match self.meaning(to) {
            Meaning::Class(class) => self.land.class(class).len() > 1,
            Meaning::Site(_) => true,
            Meaning::Internet => false,
        };
        self.receives[to as usize] && (from != to || meets_itself())
    }

    fn block(&self, desk: &mut Desk, number: usize) -> Result<ClassBlock, Exceeded> {
        let ends = &self.blocks[number];
        desk.space.renew(self.allowance);
        let mut opened = desk.at(&self.land, |reacher| self.opened(reacher, ends))?;
        let members = ends.iter().flat_map(|end| self.members(*end)).collect();
        let rows = std::mem::take(&mut opened.rows);
        let (from, to, cells) = grouped(rows);
        Ok(ClassBlock {
            number,
            members,
            from,
            to,
            cells,
            answers: opened.answers,
        })
    }

    /// What some ends may open, end by end.
    fn opened(&self, reacher: &mut Reacher<'_>, ends: &[u32]) -> Result<Opened<'_>, Exceeded> {
        let any = AddressSet::any();
        let traffic = packets(&self.traffic, false);
        let traffic = reacher.space.cube(&any, &any, &traffic);
        let mut opened = Opened {
            matrix: self,
            traffic,
            senders: Vec::new(),
            later: Vec::new(),
            rows: BTreeMap::new(),
            known: FxHashMap::default(),
            answers: Vec::new(),
        };
        let (machines, others) = self.openers(ends);
        for (spot, senders) in &machines {
            let own = self.spots.get(*spot).classes.iter();
            let own = own.filter(|class| senders.contains(class));
            opened.senders = own.map(|class| class.0).collect();
            reacher.crossings(&self.spots, (*spot, senders), traffic, &mut opened);
            let pairs = opened.senders.iter();
            let pairs = pairs.flat_map(|from| self.outside.iter().map(move |to| (*from, *to)));
            opened.later.extend(pairs);
        }
        let everybody = 0..u32::try_from(self.receives.len()).unwrap_or(u32::MAX);
        let later = std::mem::take(&mut opened.later).into_iter();
        let others = others.into_iter();
        let others = others.flat_map(|from| everybody.clone().map(move |to| (from, to)));
        for (from, to) in later.chain(others) {
            if reacher.space.is_over() {
                break;
            }
            if self.is_pair(from, to) && !self.is_apart(from, to) {
                opened.alone(reacher, from, to);
            }
        }
        match reacher.space.exceeded() {
            Some(exceeded) => Err(exceeded),
            None => Ok(opened),
        }
    }

    /// Per spot, which sites its packets may get to.
    fn sites_ahead(&self) -> Vec<Vec<bool>> {
        let network = &self.land.fabric.network;
        let sites = network.sites.values().map(|site| {
            let hosts = site.cidrs.iter().copied().map(AddressSet::from);
            AddressSet::union_all(hosts)
        });
        let sites: Vec<AddressSet> = sites.collect();
        let spots: Vec<SpotIx> = self.spots.iter().collect();
        let ahead = spots.par_iter().map(|spot| {
            let ahead = sites.iter();
            let ahead = ahead.map(|site| self.spots.may_send(&self.land.fabric, *spot, site));
            ahead.collect()
        });
        ahead.collect()
    }

    /// Whether nothing surely works between two ends: one is a site, and what the other sends there, opening or replying,
    /// is lost at once.
    fn is_apart(&self, from: u32, to: u32) -> bool {
        let (class, site, replies) = match (self.meaning(from), self.meaning(to)) {
            (Meaning::Class(class), Meaning::Site(site)) => (class, site, false),
            (Meaning::Site(site), Meaning::Class(class)) => (class, site, true),
            _ => return false,
        };
        let Party::Host(resident, _) = self.land.class(class).first() else {
            return false;
        };
        let network = &self.land.fabric.network;
        let translates = |it: &DirectConnectGateway| it.kind != DirectConnectKind::Normal;
        // A load balancer has its targets reply, and what is translated is replied to by another address.
        let is_plain = self.land.fabric.hosts.get(resident).role == Role::Machine
            && !network.direct_connect_gateways.values().any(translates);
        let spot = self.spots.of_class(class);
        self.is_plain() && (is_plain || !replies) && !self.sites[spot.0 as usize][site as usize]
    }

    /// Who is of a class.
    fn members(&self, end: u32) -> Vec<ClassMember> {
        let network = &self.land.fabric.network;
        let outside = |endpoint: Endpoint| ClassMember {
            class: end,
            name: endpoint.to_string(),
            addresses: None,
            vpc: None,
            subnet: None,
        };
        match self.meaning(end) {
            Meaning::Internet => vec![outside(Endpoint::Internet)],
            Meaning::Site(site) => {
                let site = network.sites.get_index(site as usize);
                let site = site.map(|(id, _)| outside(Endpoint::Site(id.clone())));
                site.into_iter().collect()
            }
            Meaning::Class(class) => {
                let members = self.land.class(class).members.iter();
                members.map(|member| self.member(end, member)).collect()
            }
        }
    }

    fn member(&self, class: u32, member: &Member) -> ClassMember {
        let who = match &self.land.fabric.hosts.get(member.resident).endpoint {
            Endpoint::GroupMember(id, _)
                if self.land.classes.stretches(member.resident).len() > 1 =>
            {
                Who {
                    endpoint: Endpoint::GroupMember(id.clone(), member.addresses.0),
                    part: Some(member.addresses.1),
                }
            }
            endpoint => Who::whole(endpoint.clone()),
        };
        let shared = self.shared.iter().map(String::as_str).collect();
        let set = |by| {
            let sets = sets_of(&self.land, &who, (by, &shared), Side::From);
            sets.into_iter().next()
        };
        ClassMember {
            class,
            name: name_of(&self.land, &who),
            addresses: Some(member.addresses),
            vpc: set(By::Vpc),
            subnet: set(By::Subnet),
        }
    }
}

/// What some ends may open, under way.
struct Opened<'m> {
    matrix: &'m ClassMatrix,
    /// What is asked, of IPv4.
    traffic: Set,
    /// The senders under way, in the order in which crossings are told.
    senders: Vec<u32>,
    /// Pairs that have to be asked alone.
    later: Vec<(u32, u32)>,
    /// Per sender: to whom, and which answer.
    rows: BTreeMap<u32, Vec<(u32, u32)>>,
    known: FxHashMap<([Set; 3], Bits), u32>,
    answers: Vec<Arc<ClassAnswer>>,
}

impl Opened<'_> {
    /// Notes an answer, unless nothing works and that is certain: what works always, sometimes, and what is not said.
    fn add(&mut self, space: &mut Space, (from, to): (u32, u32), sets: [Set; 3], bits: Bits) {
        let [always, sometimes, unsaid] = sets;
        let Some(verdict) = bits.verdict().filter(|_| bits.works || bits.unsaid) else {
            return;
        };
        let next = u32::try_from(self.answers.len()).unwrap_or(u32::MAX);
        let at = *self.known.entry((sets, bits)).or_insert(next);
        if at == next {
            let partly = space.difference(sometimes, always);
            self.answers.push(Arc::new(ClassAnswer {
                verdict,
                works: space.rows(always),
                sometimes: space.rows(partly),
                undetermined: space.rows(unsaid),
            }));
        }
        self.rows.entry(from).or_default().push((to, at));
    }

    /// The same of machines, between which the model says everything.
    fn add_works(&mut self, space: &mut Space, pair: (u32, u32), works: Works) {
        let Works {
            asked,
            always,
            sometimes,
        } = works;
        let bits = Bits::of(asked, always, sometimes);
        self.add(space, pair, [always, sometimes, Space::EMPTY], bits);
    }

    /// A pair by itself.
    fn alone(&mut self, reacher: &mut Reacher<'_>, from: u32, to: u32) {
        let matrix = self.matrix;
        let (a, b) = (matrix.meaning(from), matrix.meaning(to));
        let asked = (&matrix.traffic, self.traffic, &matrix.internet);
        if matrix.is_plain()
            && let Some(works) = alike(reacher, &matrix.land, (a, b), asked)
        {
            self.add_works(&mut reacher.space, (from, to), works);
            return;
        }
        let Some((a, b)) = matrix.land.examples(a, b, &matrix.internet) else {
            return;
        };
        let mut sum = [Space::EMPTY; 3];
        let mut bits = Bits::default();
        for pair in pairs(reacher, &a, &b, &matrix.traffic) {
            let (answer, own) = asked_alone(reacher, &pair);
            bits.add(own);
            let own = [answer.always, answer.sometimes, answer.undetermined];
            for (sum, own) in sum.iter_mut().zip(own) {
                *sum = reacher.space.union(*sum, own);
            }
        }
        self.add(&mut reacher.space, (from, to), sum, bits);
    }
}

impl<'f> Crossings<'f> for Opened<'_> {
    fn asks(&self, _: SpotIx) -> bool {
        true
    }

    fn tell(&mut self, reacher: &mut Reacher<'f>, to: SpotIx, crossing: Crossing<'_>) {
        let matrix = self.matrix;
        let receivers = &matrix.spots.get(to).classes;
        let all = reacher.space.all();
        let asked = reacher.space.intersection(self.traffic, all);
        for row in 0..self.senders.len() {
            let from = self.senders[row];
            for (column, to) in receivers.iter().enumerate() {
                let pair = (from, to.0);
                if !matrix.is_pair(pair.0, pair.1) {
                    continue;
                }
                let index = row * receivers.len() + column;
                let works = match crossing {
                    Crossing::Sets(sets) => Works {
                        asked,
                        always: sets[index],
                        sometimes: sets[index],
                    },
                    Crossing::Works(works) => works[index],
                    Crossing::Unclear => {
                        self.later.push(pair);
                        continue;
                    }
                };
                self.add_works(&mut reacher.space, pair, works);
            }
        }
    }
}

/// Sets of ends: the number of a set, and an end of it.
type Members = Vec<(u32, u32)>;

/// Rows that are equal as one, then columns that are equal as one; both in the order of their first ends.
fn grouped(rows: BTreeMap<u32, Vec<(u32, u32)>>) -> (Members, Members, Vec<(u32, u32, u32)>) {
    let mut alike: IndexMap<Vec<(u32, u32)>, Vec<u32>> = IndexMap::new();
    for (from, mut row) in rows {
        row.sort_unstable();
        alike.entry(row).or_default().push(from);
    }
    let mut columns: BTreeMap<u32, Vec<(u32, u32)>> = BTreeMap::new();
    for (set, row) in (0..).zip(alike.keys()) {
        for (to, answer) in row {
            columns.entry(*to).or_default().push((set, *answer));
        }
    }
    let mut equal: IndexMap<Vec<(u32, u32)>, Vec<u32>> = IndexMap::new();
    for (to, column) in columns {
        equal.entry(column).or_default().push(to);
    }
    let numbered = |sets: Vec<&Vec<u32>>| -> Members {
        let sets = (0..).zip(sets);
        sets.flat_map(|(set, ends)| ends.iter().map(move |end| (set, *end)))
            .collect()
    };
    let cells = (0..).zip(equal.keys());
    let mut cells: Vec<(u32, u32, u32)> = cells
        .flat_map(|(to, column)| {
            column
                .iter()
                .map(move |(from, answer)| (*from, to, *answer))
        })
        .collect();
    cells.sort_unstable();
    (
        numbered(alike.values().collect()),
        numbered(equal.values().collect()),
        cells,
    )
}
