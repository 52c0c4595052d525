//! A large picture in few blocks: what is asked about stands by itself, the rest of a subnet, of a VPC or of a region is
//! counted.

use std::collections::{BTreeMap, HashSet};

use super::boxes::{Block, BlockIx, Line, Part, Picture, Shape, Tone};
use super::words::{Word, counted};
use crate::code::Language;

/// A picture of a connection with so many blocks is shown as it is.
pub(super) const SMALL: usize = 60;

/// The same of a picture that has less than half of a screen.
pub(super) const BESIDE: usize = 16;

/// A picture of a network may have so many blocks.
const MOST: usize = 120;

/// So many blocks of one kind stand side by side before they are counted.
const EACH: usize = 8;

/// What became of the blocks of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Folded {
    /// How many there were.
    pub blocks: usize,
    /// How many are drawn.
    pub drawn: usize,
}

/// Folds what has nothing to do with the journey, or with what stands around `around`; nothing of a journey where there are no
/// more than `small` blocks. Without either, a picture that is too large is folded by subnets, then by VPCs, then by regions.
pub(super) fn fold(
    picture: Picture,
    around: &[BlockIx],
    small: usize,
) -> (Picture, Option<Folded>) {
    let mut open = vec![false; picture.blocks.len()];
    if !around.is_empty() {
        mark_around(&picture, around, &mut open);
    } else if picture.journey.is_some() {
        if picture.blocks.len() <= small {
            return (picture, None);
        }
        mark_journey(&picture, &mut open);
    } else {
        return fit(picture);
    }
    open_parents(&picture, &mut open);
    let folded = Plan::of(&picture, &open, EACH).draw(&picture);
    told(&picture, folded)
}

fn told(before: &Picture, after: Picture) -> (Picture, Option<Folded>) {
    let (blocks, drawn) = (before.blocks.len(), after.blocks.len());
    (after, (drawn < blocks).then_some(Folded { blocks, drawn }))
}

/// Folds by larger and larger parts until it fits; the last ones are folded anyway.
fn fit(picture: Picture) -> (Picture, Option<Folded>) {
    if picture.blocks.len() <= MOST {
        return (picture, None);
    }
    let vpcs: &[Shape] = &[Shape::Region, Shape::Vpc, Shape::Classic];
    let levels = [
        (vpcs, usize::MAX),
        (vpcs, EACH),
        (&[Shape::Region], usize::MAX),
        (&[Shape::Region], EACH),
        (&[], EACH),
    ];
    let plans = levels.map(|(shapes, each)| {
        let blocks = picture.blocks.iter();
        let open: Vec<bool> = blocks.map(|it| shapes.contains(&it.shape)).collect();
        Plan::of(&picture, &open, each)
    });
    let fitting = plans.iter().find(|plan| plan.parts.len() <= MOST);
    let plan = fitting.unwrap_or(&plans[levels.len() - 1]);
    told(&picture, plan.draw(&picture))
}

fn mark_journey(picture: &Picture, open: &mut [bool]) {
    let stops = picture.journey.iter().flat_map(|journey| &journey.stops);
    for stop in stops {
        open[*stop] = true;
    }
    for (block, open) in picture.blocks.iter().zip(open) {
        let is_end = block.lines.iter().any(|line| line.tone == Tone::End);
        *open |= is_end || block.part != Part::None;
    }
}

/// A block with all that stands in it, and whatever a wire leads to.
fn mark_around(picture: &Picture, around: &[BlockIx], open: &mut [bool]) {
    for block in around {
        open[*block] = true;
    }
    // A block stands behind the one that holds it.
    for (index, block) in picture.blocks.iter().enumerate() {
        open[index] |= block.parent.is_some_and(|parent| open[parent]);
    }
    let near = open.to_owned();
    for wire in &picture.wires {
        open[wire.from] |= near[wire.to];
        open[wire.to] |= near[wire.from];
    }
}

fn open_parents(picture: &Picture, open: &mut [bool]) {
    for (index, block) in picture.blocks.iter().enumerate().rev() {
        if let (true, Some(parent)) = (open[index], block.parent) {
            open[parent] = true;
        }
    }
}

/// What a block of the folded picture is made of.
#[derive(Default)]
struct Made {
    /// Blocks that stand side by side and are drawn as this one.
    roots: Vec<BlockIx>,
    /// Whether it is drawn as it was.
    as_it_was: bool,
    /// What stands in it, by kind.
    inside: BTreeMap<Shape, usize>,
    warnings: usize,
}

/// The blocks of the folded picture.
struct Plan {
    parts: Vec<Made>,
    /// Per block of the whole picture, the one it is drawn in.
    place: Vec<usize>,
}

impl Plan {
    /// Open blocks are drawn as they are; others, with all they hold, are one block, and more than `each` of a kind side
    /// by side are one together.
    fn of(picture: &Picture, open: &[bool], each: usize) -> Self {
        let is_open = |block: Option<BlockIx>| block.is_none_or(|block| open[block]);
        let beside = |block: &Block| (block.parent, block.shape);
        let mut crowds: BTreeMap<(Option<BlockIx>, Shape), usize> = BTreeMap::new();
        for (index, block) in picture.blocks.iter().enumerate() {
            if !open[index] && is_open(block.parent) {
                *crowds.entry(beside(block)).or_default() += 1;
            }
        }
        let mut together: BTreeMap<(Option<BlockIx>, Shape), usize> = BTreeMap::new();
        let mut parts: Vec<Made> = Vec::new();
        let mut place = Vec::with_capacity(picture.blocks.len());
        for (index, block) in picture.blocks.iter().enumerate() {
            let crowd = crowds.get(&beside(block)).copied().unwrap_or(0);
            let at = match block.parent {
                Some(parent) if !open[parent] => place[parent],
                _ if open[index] || crowd <= each => parts.len(),
                _ => *together.entry(beside(block)).or_insert(parts.len()),
            };
            if at == parts.len() {
                parts.push(Made::default());
            }
            place.push(at);
            let made = &mut parts[at];
            if is_open(block.parent) {
                made.roots.push(index);
                made.as_it_was |= open[index] || (crowd <= each && !block.shape.holds());
            }
            if !is_open(block.parent) || crowd > each {
                *made.inside.entry(block.shape).or_default() += block.ends;
                let warns = block.lines.iter().any(|line| line.tone == Tone::Warn);
                made.warnings += usize::from(warns);
            }
        }
        Self { parts, place }
    }

    fn draw(&self, picture: &Picture) -> Picture {
        let blocks = self.parts.iter().filter_map(|made| {
            let first = &picture.blocks[*made.roots.first()?];
            let mut block = first.clone();
            block.parent = first.parent.map(|parent| self.place[parent]);
            if !made.as_it_was {
                block.lines = made.lines(first, picture.language);
                block.ends = made.inside.values().sum();
            }
            Some(block)
        });
        let blocks: Vec<Block> = blocks.collect();
        let mut seen = HashSet::new();
        let wires = picture.wires.iter().filter_map(|wire| {
            let mut wire = *wire;
            (wire.from, wire.to) = (self.place[wire.from], self.place[wire.to]);
            let drawn = wire.from != wire.to && seen.insert((wire.from, wire.to, wire.kind));
            drawn.then_some(wire)
        });
        let wires = wires.collect();
        let mut journey = picture.journey.clone();
        for stop in journey.iter_mut().flat_map(|journey| &mut journey.stops) {
            *stop = self.place[*stop];
        }
        Picture { title: picture.title.clone(), blocks, wires, journey, language: picture.language }
    }
}

impl Made {
    /// `subnet-web`, `10.1.0.0/24`, `120 machines, 2 databases`; or `12 subnets`, `340 machines`.
    fn lines(&self, first: &Block, language: Language) -> Vec<Line> {
        let mut inside = self.inside.clone();
        let mut lines = if self.roots.len() > 1 {
            let count = inside.remove(&(first.shape)).unwrap_or(0);
            let many = counted(first.shape, count, language);
            vec![Line::new(Tone::Name, many)]
        } else {
            first.lines.clone()
        };
        let each = inside.iter().filter(|(_, count)| **count > 0);
        let each: Vec<String> =
            each.map(|(shape, count)| counted(*shape, *count, language)).collect();
        for few in each.chunks(3) {
            lines.push(Line::new(Tone::Plain, few.join(" · ")));
        }
        if self.warnings > 0 {
            let text = format!("{} {}", self.warnings, Word::Troubled.say(language));
            lines.push(Line::new(Tone::Warn, text));
        }
        lines
    }
}
