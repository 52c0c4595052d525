//! Where everything lies: the CIDRs of VPCs, and subnets with the fleets in them.
//!
//! VPCs take blocks of 10.0.0.0/8, the largest first, so that none overlaps another; further blocks of a huge VPC and, in
//! some VPCs, a subnet of 172.16.0.0/12 are secondary CIDRs.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::dice::{Dice, count};
use super::fleet::Fleet;
use super::{Impossible, Options};
use crate::id::Id;

/// The regions, taken in turn by a cell of VPCs each.
pub const REGIONS: [&str; 4] = ["ap-guangzhou", "ap-shanghai", "ap-beijing", "ap-chengdu"];
/// How many VPCs an account has in one region: VPC-7 allows 20, and from 18 on a lint warns.
pub const CELL: u32 = 17;
/// How many fleets a subnet holds, unless that would make too many subnets.
const FLEETS: u32 = 10;
/// How many subnets there are at most: VPC-3 allows 100, and from 90 on a lint warns.
const SUBNETS: u32 = 89;
/// VPC-2: how many secondary CIDRs a VPC has.
const SECONDARY: usize = 5;
/// Addresses that a subnet keeps for databases, load balancers and the cloud itself.
const KEPT: u32 = 28;
/// VPC-1: the largest block of 10.0.0.0/8, a /12.
const LARGEST_BLOCK: u32 = 1 << 20;
/// 10.0.0.0/8.
const TEN: (u32, u32) = (0x0a00_0000, 1 << 24);
/// 172.16.0.0/12, in pieces of a /20.
const SPARE: (u32, u32, u32) = (0xac10_0000, 1 << 20, 1 << 12);

/// A VPC and what lies in it.
pub struct Ground {
    /// Its id.
    pub id: Id,
    /// Its number.
    pub number: u32,
    /// The account, unless there is only one.
    pub account: Option<Id>,
    /// The region.
    pub region: &'static str,
    /// The primary CIDR.
    pub cidr: Ipv4Net,
    /// Further ones.
    pub secondary: Vec<Ipv4Net>,
    /// Its subnets; the first lies in the primary CIDR.
    pub plots: Vec<Plot>,
}

impl Ground {
    /// Whether classic CVMs may be linked to it (CL-7).
    pub fn may_link(&self) -> bool {
        self.cidr.broadcast() <= Ipv4Addr::new(10, 47, 255, 255)
    }

    /// The first subnet.
    pub fn first(&mut self) -> &mut Plot {
        &mut self.plots[0]
    }
}

/// A subnet.
pub struct Plot {
    /// Its id.
    pub id: Id,
    /// Its addresses.
    pub cidr: Ipv4Net,
    /// Whether they are of a secondary CIDR.
    pub is_secondary: bool,
    /// The machines in it.
    pub fleets: Vec<Fleet>,
    low: u32,
    high: u32,
}

impl Plot {
    /// Takes so many addresses in a row for machines: the first and the last of them.
    pub fn take(&mut self, size: u32) -> (Ipv4Addr, Ipv4Addr) {
        let first = self.low;
        self.low += size;
        (Ipv4Addr::from_bits(first), Ipv4Addr::from_bits(self.low - 1))
    }

    /// Takes an address for a database or a load balancer, as long as some are kept.
    pub fn keep(&mut self) -> Option<Ipv4Addr> {
        let kept = self.cidr.broadcast().to_bits() - self.high;
        (kept < KEPT - 4).then(|| {
            self.high -= 1;
            Ipv4Addr::from_bits(self.high)
        })
    }
}

/// Lays out all VPCs.
pub fn grounds(options: &Options, fleets: Vec<Vec<Fleet>>) -> Result<Vec<Ground>, Impossible> {
    let mut dice = Dice::new(options.seed, 2);
    let mut spare = 0;
    let sketches = fleets.into_iter().map(|fleets| Sketch::new(fleets, &mut spare, &mut dice));
    let mut sketches: Vec<Sketch> = sketches.collect();
    let roomy =
        (TEN.1 / 2 / options.vpcs.checked_next_power_of_two().unwrap_or(TEN.1)).clamp(64, 1 << 16);
    let blocks = blocks(&mut sketches, roomy)?;
    let grounds = (0..)
        .zip(sketches)
        .zip(blocks)
        .map(|((number, sketch), blocks)| ground(number, options.vpcs, sketch, &blocks));
    Ok(grounds.collect())
}

/// A VPC before it has addresses.
struct Sketch {
    plots: Vec<Draft>,
    /// How large each block is.
    blocks: Vec<u32>,
}

struct Draft {
    fleets: Vec<Fleet>,
    size: u32,
    at: Spot,
}

/// Where a subnet lies.
#[derive(Clone, Copy)]
enum Spot {
    /// In a block of 10.0.0.0/8, by number, at an offset.
    Block(usize, u32),
    /// In 172.16.0.0/12, at an offset.
    Spare(u32),
}

impl Sketch {
    fn new(fleets: Vec<Fleet>, spare: &mut u32, dice: &mut Dice) -> Self {
        let length = FLEETS.max(count(fleets.len()).div_ceil(SUBNETS)) as usize;
        let mut plots: Vec<Draft> = Vec::new();
        let mut fleets = fleets.into_iter().peekable();
        while fleets.peek().is_some() || plots.is_empty() {
            let fleets: Vec<Fleet> = fleets.by_ref().take(length).collect();
            let machines: u32 = fleets.iter().map(|fleet| fleet.size).sum();
            let size = (machines + machines / 8 + KEPT).next_power_of_two();
            let at = Spot::Block(0, 0);
            plots.push(Draft { fleets, size, at });
        }
        let many = plots.len() > 1;
        if let Some(last) = plots.last_mut()
            && many
            && dice.chance(25)
            && last.size <= SPARE.2
            && *spare < SPARE.1
        {
            last.at = Spot::Spare(*spare);
            *spare += SPARE.2;
        }
        let mut blocks: Vec<u32> = vec![0];
        for plot in &mut plots {
            let Spot::Block(..) = plot.at else { continue };
            let mut block = blocks.len() - 1;
            let mut offset = blocks[block].next_multiple_of(plot.size);
            if offset + plot.size > LARGEST_BLOCK {
                blocks.push(0);
                (block, offset) = (block + 1, 0);
            }
            plot.at = Spot::Block(block, offset);
            blocks[block] = offset + plot.size;
        }
        Self { plots, blocks }
    }
}

/// Where the blocks of each VPC begin, the largest first, so that every one is aligned.
fn blocks(sketches: &mut [Sketch], roomy: u32) -> Result<Vec<Vec<u32>>, Impossible> {
    let mut order = Vec::new();
    for (vpc, sketch) in sketches.iter_mut().enumerate() {
        for (block, size) in sketch.blocks.iter_mut().enumerate() {
            *size = size.next_power_of_two();
            if block == 0 {
                *size = roomy.max(*size);
            }
            order.push((std::cmp::Reverse(*size), vpc, block));
        }
    }
    order.sort_unstable();
    let mut starts: Vec<Vec<u32>> =
        sketches.iter().map(|sketch| vec![0; sketch.blocks.len()]).collect();
    let mut next = 0u32;
    for (size, vpc, block) in order {
        let fits = next.checked_add(size.0).is_some_and(|end| end <= TEN.1);
        if !fits || starts[vpc].len() > SECONDARY {
            return Err(Impossible {
                message: "so many instances and VPCs do not fit into 10.0.0.0/8".to_owned(),
                help: "ask for fewer instances or fewer VPCs".to_owned(),
            });
        }
        starts[vpc][block] = next;
        next += size.0;
    }
    Ok(starts)
}

fn ground(number: u32, vpcs: u32, sketch: Sketch, starts: &[u32]) -> Ground {
    let accounts = vpcs.div_ceil(CELL * count(REGIONS.len()));
    let cell = number / CELL;
    let region = REGIONS[cell as usize % REGIONS.len()];
    let account = cell / count(REGIONS.len());
    let start = |block: usize| TEN.0 + starts[block];
    let mut secondary: Vec<Ipv4Net> =
        (1..sketch.blocks.len()).map(|block| net(start(block), sketch.blocks[block])).collect();
    let plots = (0..).zip(sketch.plots).map(|(index, draft): (u32, Draft)| {
        let (first, is_secondary) = match draft.at {
            Spot::Block(block, offset) => (start(block) + offset, block > 0),
            Spot::Spare(offset) => (SPARE.0 + offset, true),
        };
        if let Spot::Spare(offset) = draft.at {
            secondary.push(net(SPARE.0 + offset, SPARE.2));
        }
        let cidr = net(first, draft.size);
        Plot {
            id: Id::from(format!("subnet-{number}-{index}")),
            cidr,
            is_secondary,
            fleets: draft.fleets,
            // the cloud keeps the first two and the last (VPC-4)
            low: first + 2,
            high: cidr.broadcast().to_bits(),
        }
    });
    let plots = plots.collect();
    Ground {
        id: Id::from(format!("vpc-{number}")),
        number,
        account: (accounts > 1).then(|| Id::from(format!("account-{account}"))),
        region,
        cidr: net(start(0), sketch.blocks[0]),
        secondary,
        plots,
    }
}

/// The block of a power of two of addresses.
fn net(first: u32, size: u32) -> Ipv4Net {
    let length = 32 - u8::try_from(size.trailing_zeros()).unwrap_or(0);
    Ipv4Net::new_assert(Ipv4Addr::from_bits(first), length)
}
