//! Everybody to everybody: one verdict for every pair of ends, or of sets of ends.
//!
//! Ends that nothing tells apart share one row and one column of the computation. A row is told as soon as it is known, so
//! that a large matrix is never held as a whole.

mod alone;
mod block;
mod cell;
mod collapse;
mod grid;
mod head;
mod opened;
mod row;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;

use alone::Alone;
pub use block::{ClassAnswer, ClassBlock, ClassMatrix, ClassMember};
use cell::Cells;
pub use grid::{Grid, GridCell, GridEnd, GridTable, grid};
use head::{Head, heads};
use rayon::prelude::*;
use row::Row;

use super::answer::packets;
use super::desk::Desk;
use super::everyone::everyone;
use super::land::{Alike, Land, Meaning};
use super::run::Situation;
use super::select::Side;
use crate::engine::{ClassIx, Reacher, SpotIx, Spots};
use crate::query::{Traffics, Verdict};
use crate::space::{AddressSet, Allowance, Budget, Exceeded, Set};

/// What a row and a column of a matrix stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// One end.
    #[default]
    Endpoint,
    /// All ends that nothing tells apart, for a matrix that is to be collapsed.
    Alike,
    /// All ends of a subnet; those outside of any stand for themselves.
    Subnet,
    /// All ends of a VPC, and all of the classic network of a region and account; those outside of any stand for themselves.
    Vpc,
    /// All members of a security group; those without one stand for themselves.
    Group,
}

impl By {
    /// What it is where equal rows will be told together: ends that nothing tells apart are asked once.
    #[must_use]
    pub fn to_collapse(self) -> Self {
        match self {
            Self::Endpoint => Self::Alike,
            Self::Alike | Self::Subnet | Self::Vpc | Self::Group => self,
        }
    }
}

/// One row: what its ends may open, column by column; `None` = no pair of different ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatrixRow {
    /// Who opens.
    pub from: String,
    /// The verdicts.
    pub cells: Vec<Option<Verdict>>,
}

/// How much was computed for a matrix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Endpoints that live in the network, each member of a group counted.
    pub instances: u128,
    /// Classes of them that nothing tells apart.
    pub classes: usize,
    /// Rules of security groups and network ACLs.
    pub rules: usize,
}

/// A matrix that is about to be computed.
pub struct Matrix {
    land: Land,
    ends: Vec<Alike>,
    internet: AddressSet,
    rows: Vec<Head>,
    columns: Vec<Head>,
    /// Per end, the columns that it is in.
    columns_of: Vec<Vec<usize>>,
    /// Per class, its end; none where nobody is told of it.
    end_of: Vec<Option<usize>>,
    /// Ends that are no endpoints of the network: sites, the Internet.
    outside: Vec<usize>,
    spots: Spots,
    traffic: Traffics,
    /// The services whose cells a row has, one after the other, if they are several: parts of what is asked.
    services: Vec<Traffics>,
    allowance: Allowance,
    /// Where nobody works just now.
    seats: Mutex<Vec<Seat>>,
}

/// What a core knows of the matrix.
struct Known {
    /// What is asked, of IPv4.
    traffic: Set,
    /// The services that are parts of it, of IPv4 and of IPv6; none if it is one.
    parts: Vec<[Set; 2]>,
    alone: Alone,
}

/// An arena, and what is known in it of pairs that are asked alone.
struct Seat {
    desk: Desk,
    alone: Alone,
}

impl Seat {
    fn within(allowance: Allowance) -> Self {
        Self { desk: Desk::within(allowance), alone: Alone::default() }
    }
}

/// So many rows are computed before they are told.
const BLOCK: usize = 256;

impl Matrix {
    /// A matrix of a network. Its time begins to run; each share of rows that is computed by itself has all of the nodes.
    #[must_use]
    pub fn new(situation: &Situation, by: By, traffic: &Traffics, budget: Budget) -> Self {
        let allowance = budget.begin();
        let land = Land::of(situation);
        let ends = everyone(&[&land], &[]);
        let rows = heads(&land, &ends, by, Side::From);
        let columns = heads(&land, &ends, by, Side::To);
        let mut columns_of = vec![Vec::new(); ends.len()];
        for (index, column) in columns.iter().enumerate() {
            for end in &column.ends {
                columns_of[*end].push(index);
            }
        }
        let mut end_of = vec![None; land.classes.len()];
        let mut outside = Vec::new();
        for (index, end) in ends.iter().enumerate() {
            match end.means[0] {
                Some(Meaning::Class(class)) => end_of[class.0 as usize] = Some(index),
                _ => outside.push(index),
            }
        }
        Self {
            spots: Spots::of(&land.fabric, &land.classes),
            end_of,
            outside,
            internet: land.internet(),
            land,
            ends,
            rows,
            columns,
            columns_of,
            traffic: traffic.clone(),
            services: Vec::new(),
            allowance,
            seats: Mutex::default(),
        }
    }

    /// The names of the columns.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// What is computed.
    #[must_use]
    pub fn effort(&self) -> Effort {
        Effort::of(&self.land)
    }

    /// Every row in order, as soon as it is known; all cores are used. The result is what of the budget was not enough for
    /// some of the rows: their cells are undetermined.
    pub fn each_row(&self, tell: impl FnMut(MatrixRow)) -> Option<Exceeded> {
        self.each_row_of(0..self.rows.len(), tell)
    }

    /// The same of some rows, by their numbers from 0.
    pub fn each_row_of(
        &self,
        rows: Range<usize>,
        mut tell: impl FnMut(MatrixRow),
    ) -> Option<Exceeded> {
        let mut exceeded = None;
        for block in self.rows[rows].chunks(BLOCK) {
            // There may be very many rows, and nobody to hear that none is known.
            if !self.allowance.is_wanted() {
                break;
            }
            let share = block.len().div_ceil(rayon::current_num_threads()).max(1);
            let shares: Vec<(Vec<MatrixRow>, Option<Exceeded>)> =
                block.par_chunks(share).map(|rows| self.share(rows)).collect();
            for (rows, missing) in shares {
                exceeded = exceeded.or(missing);
                rows.into_iter().for_each(&mut tell);
            }
        }
        exceeded
    }

    /// Rows that one core computes: side by side in one arena, until one does not fit; that one begins the next. What is known
    /// goes on to the next share.
    fn share(&self, rows: &[Head]) -> (Vec<MatrixRow>, Option<Exceeded>) {
        let (mut told, mut exceeded) = (Vec::new(), None);
        let kept = self.seats.lock().ok().and_then(|mut seats| seats.pop());
        let mut seat = kept.unwrap_or_else(|| Seat::within(self.allowance));
        while told.len() < rows.len() {
            let Seat { desk, alone } = &mut seat;
            let is_fresh = desk.is_fresh();
            let mut is_full = false;
            let more: Vec<MatrixRow> = desk.at(&self.land, |reacher| {
                let asked = (&self.traffic, false);
                let mut known = Known {
                    traffic: reacher.asked_anywhere(asked, || packets(&self.traffic, false)),
                    parts: self.parts(reacher),
                    alone: std::mem::take(alone),
                };
                let mut more = Vec::new();
                for row in &rows[told.len()..] {
                    let row = self.row(reacher, row, &mut known);
                    let short = reacher.space.exceeded();
                    is_full = short.is_some();
                    let alone = is_fresh && more.is_empty();
                    if matches!(short, Some(Exceeded::Nodes(_))) && !alone {
                        break;
                    }
                    more.push(row);
                    exceeded = exceeded.or(short);
                    if is_full {
                        break;
                    }
                }
                *alone = known.alone;
                more
            });
            told.extend(more);
            if is_full {
                seat = Seat::within(self.allowance);
            }
        }
        if let Ok(mut seats) = self.seats.lock() {
            seats.push(seat);
        }
        (told, exceeded)
    }

    fn row(&self, reacher: &mut Reacher<'_>, head: &Head, known: &mut Known) -> MatrixRow {
        let mut row = Row {
            matrix: self,
            cells: vec![Cells::new(self, head); self.services.len().max(1)],
            known,
            later: Vec::new(),
        };
        let (machines, others) = self.openers(head);
        for (spot, classes) in &machines {
            row.spot(reacher, (*spot, classes));
        }
        let others = others.iter();
        let others = others.flat_map(|from| (0..self.ends.len()).map(|to| (*from, to)));
        row.pairs(reacher, others);
        let exceeded = reacher.space.exceeded();
        let cells = row.cells.into_iter();
        MatrixRow {
            from: head.name.clone(),
            cells: cells.flat_map(|cells| cells.verdicts(exceeded)).collect(),
        }
    }

    /// Whether what is asked is sent between IPv4 addresses, and everything that decides is modelled.
    fn is_plain(&self) -> bool {
        self.land.is_plain(&self.traffic)
    }

    /// The ends of a row: machines by their spots, and those that are answered one by one.
    fn openers(&self, row: &Head) -> (BTreeMap<SpotIx, Vec<ClassIx>>, Vec<usize>) {
        let mut machines: BTreeMap<SpotIx, Vec<ClassIx>> = BTreeMap::new();
        let mut others = Vec::new();
        for from in &row.ends {
            match self.ends[*from].means[0] {
                Some(Meaning::Class(class)) if self.is_plain() => {
                    let spot = self.spots.of_class(class);
                    machines.entry(spot).or_default().push(class);
                }
                _ => others.push(*from),
            }
        }
        (machines, others)
    }

    /// The end of a class that somebody is told of.
    fn end_of(&self, class: ClassIx) -> Option<usize> {
        self.end_of[class.0 as usize]
    }
}

/// How much there is to compute in a network.
#[must_use]
pub fn effort(situation: &Situation) -> Effort {
    Effort::of(&Land::of(situation))
}

impl Effort {
    /// What there is to compute in a network.
    pub(super) fn of(land: &Land) -> Self {
        let network = &land.fabric.network;
        let groups = network.security_groups.values();
        let groups = groups.map(|group| group.ingress.len() + group.egress.len());
        let acls = network.network_acls.values();
        let acls = acls.map(|acl| acl.ingress.len() + acl.egress.len());
        let classes = land.classes.iter();
        let firewalls = network.edge_firewalls.values();
        let firewalls = firewalls.map(|it| it.ingress.len() + it.egress.len());
        Self {
            instances: classes.map(|(_, class)| class.len()).sum(),
            classes: land.classes.len(),
            rules: groups.chain(acls).chain(firewalls).sum(),
        }
    }
}
