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

use super::head::{name_of, sets_of, shared_regions};
use super::opened::{Opened, grouped};
use super::{By, Effort};
use crate::engine::{ClassIx, Member, Reacher, SpotIx, Spots};
use crate::fabric::{Party, Role};
use crate::model::{DirectConnectGateway, DirectConnectKind, Endpoint};
use crate::query::{Traffics, Verdict};
use crate::space::{AddressSet, Allowance, Budget, Exceeded, Row};
use crate::verify::answer::packets;
use crate::verify::desk::Desk;
use crate::verify::land::{Land, Meaning};
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
    pub vpc: Option<String>,
    /// Its subnet.
    pub subnet: Option<String>,
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
    pub(super) land: Land,
    pub(super) spots: Spots,
    pub(super) internet: AddressSet,
    pub(super) traffic: Traffics,
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
        let widths: Vec<u64> =
            self.spots.iter().map(|spot| self.spots.get(spot).classes.len() as u64).collect();
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

    pub(super) fn meaning(&self, end: u32) -> Meaning {
        let inside = u32::try_from(self.land.classes.len()).unwrap_or(u32::MAX);
        let sites = u32::try_from(self.land.fabric.network.sites.len()).unwrap_or(0);
        match end.checked_sub(inside) {
            None => Meaning::Class(ClassIx(end)),
            Some(site) if site < sites => Meaning::Site(site),
            Some(_) => Meaning::Internet,
        }
    }

    /// Whether what is asked is sent between IPv4 addresses, and everything that decides is modelled.
    pub(super) fn is_plain(&self) -> bool {
        self.land.is_plain(&self.traffic)
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
    pub(super) fn is_pair(&self, from: u32, to: u32) -> bool {
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
        Ok(ClassBlock { number, members, from, to, cells, answers: opened.answers })
    }

    /// What some ends may open, end by end.
    fn opened(&self, reacher: &mut Reacher<'_>, ends: &[u32]) -> Result<Opened<'_>, Exceeded> {
        let asked = (&self.traffic, false);
        let traffic = reacher.asked_anywhere(asked, || packets(&self.traffic, false));
        let mut opened = Opened::new(self, traffic);
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
        let who = self.land.who(member);
        let shared = self.shared.iter().map(String::as_str).collect();
        let set = |by| {
            let sets = sets_of(&self.land, &who, (by, &shared), Side::From);
            sets.first().map(ToString::to_string)
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
