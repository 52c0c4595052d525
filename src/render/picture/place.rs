//! From blocks to rectangles: a place for everything, on a raster of [`UNIT`] pixels.
//!
//! ```text
//! title
//! outside │ between │ region: VPCs (gateways │ subnets │ links) │ classic network
//! legend, and the connection in words
//! ```
//!
//! Between any two leaves there is room for a wire at least.

use super::boxes::{BlockIx, Picture, Shape, Tone};
use super::route::{Leg, route};
use super::width::{Bold, width};
use crate::space::Allowance;

mod grid;
mod margin;

/// Edges of blocks lie on multiples of it, wires half way between.
pub(super) const UNIT: i32 = 8;

/// From one line of text to the next.
const PITCH: i32 = 16;

/// Size of the texts.
pub(super) const SIZE: u32 = 12;

/// Room around leaves, for one wire; around subnets; around VPCs; around regions.
const NARROW: i32 = 3 * UNIT;
const MIDDLE: i32 = 5 * UNIT;
const WIDE: i32 = 7 * UNIT;
const BROAD: i32 = 9 * UNIT;

/// A rectangle, in pixels from the top left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in every drawing")]
pub struct Rect {
    pub x: i32,
    pub y: i32,
    pub width: i32,
    pub height: i32,
}

impl Rect {
    /// The first pixel right of it.
    #[must_use]
    pub fn right(self) -> i32 {
        self.x + self.width
    }

    /// The first pixel below it.
    #[must_use]
    pub fn bottom(self) -> i32 {
        self.y + self.height
    }

    /// Whether two rectangles share a pixel.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }

    /// Whether the other one lies inside.
    #[must_use]
    pub fn holds(self, other: Self) -> bool {
        self.x <= other.x
            && self.y <= other.y
            && other.right() <= self.right()
            && other.bottom() <= self.bottom()
    }
}

/// A text with the room that it takes at most.
#[derive(Clone, Debug)]
pub struct Text {
    /// Its room.
    pub rect: Rect,
    /// What it says.
    pub text: String,
    /// What it is, for the styles: a tone, `title`, `headline`, `legend`.
    pub class: &'static str,
    /// Size of its letters.
    pub size: u32,
}

/// Everything has a place.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The whole picture.
    pub size: (i32, i32),
    /// A rectangle for each block.
    pub blocks: Vec<Rect>,
    /// Every text.
    pub texts: Vec<Text>,
    /// The corners of each wire.
    pub wires: Vec<Vec<(i32, i32)>>,
    /// The corners of the journey, from stop to stop.
    pub legs: Vec<Leg>,
    /// Samples of the lines that are used: where, and which.
    pub samples: Vec<(Rect, &'static str)>,
}

/// Places everything; lines are straight once the time is up.
#[must_use]
pub fn layout(picture: &Picture, time: Allowance) -> Layout {
    let mut placing = Placing {
        picture,
        blocks: vec![Rect::default(); picture.blocks.len()],
        inside: inside(picture),
    };
    let (width, height) = placing.world();
    let mut texts = placing.texts();
    let routed = route(picture, (&placing.blocks, &texts), (width, height), time);
    let below = margin::below(picture, &mut texts, (width, height), routed.cut);
    Layout {
        size: below.size,
        blocks: placing.blocks,
        texts,
        wires: routed.wires,
        legs: routed.legs,
        samples: below.samples,
    }
}

/// The blocks inside each block, and the outermost ones at the end.
fn inside(picture: &Picture) -> Vec<Vec<BlockIx>> {
    let all = picture.blocks.len();
    let mut inside = vec![Vec::new(); all + 1];
    for (index, block) in picture.blocks.iter().enumerate() {
        inside[block.parent.unwrap_or(all)].push(index);
    }
    inside
}

/// The next multiple of twice the unit, so that middles lie on the raster, too.
fn snap(pixels: i32) -> i32 {
    let step = 2 * UNIT;
    (pixels + step - 1).div_euclid(step) * step
}

fn pixels(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX / 4)
}

struct Placing<'p> {
    picture: &'p Picture,
    blocks: Vec<Rect>,
    inside: Vec<Vec<BlockIx>>,
}

impl Placing<'_> {
    fn of(&self, parent: Option<BlockIx>, shape: Shape) -> Vec<BlockIx> {
        let children = &self.inside[parent.unwrap_or(self.picture.blocks.len())];
        let children = children.iter().copied();
        children.filter(|child| self.picture.blocks[*child].shape == shape).collect()
    }

    /// The room that the lines of a block take.
    fn lines(&self, block: BlockIx) -> (i32, i32) {
        let lines = &self.picture.blocks[block].lines;
        let widths = lines.iter().map(|line| width(&line.text, SIZE, bold(line.tone)));
        let height = i32::try_from(lines.len()).unwrap_or(0) * PITCH;
        (pixels(widths.max().unwrap_or(0)), height)
    }

    /// Sets the sizes inside out, and the places relative to the block around.
    fn size(&mut self, block: BlockIx) {
        let (text, lines) = self.lines(block);
        let shape = self.picture.blocks[block].shape;
        let (width, height) = match shape {
            Shape::Region => self.region(block, lines),
            Shape::Vpc => self.vpc(block, lines),
            Shape::Subnet => self.cells(block, lines, 2.4),
            Shape::Classic => self.cells(block, lines, 0.6),
            _ => (text + 3 * UNIT, lines + 2 * UNIT),
        };
        let rect = &mut self.blocks[block];
        rect.width = snap(width.max(text + 4 * UNIT));
        rect.height = snap(height);
    }

    /// Leaves of one width in rows under a heading.
    fn cells(&mut self, block: BlockIx, lines: i32, shape: f64) -> (i32, i32) {
        let leaves = self.inside[block].clone();
        self.sizes(&leaves);
        self.equal(&leaves);
        let top = snap(lines + UNIT) + 2 * UNIT;
        let inner = self.grid(&leaves, (NARROW, top), NARROW, shape);
        let below = if leaves.is_empty() { 0 } else { NARROW };
        (inner.0 + 2 * NARROW, top + inner.1 + below)
    }

    fn sizes(&mut self, blocks: &[BlockIx]) {
        for block in blocks {
            self.size(*block);
        }
    }

    /// Makes blocks equally wide.
    fn equal(&mut self, blocks: &[BlockIx]) {
        let widest = blocks.iter().map(|block| self.blocks[*block].width).max();
        for block in blocks {
            self.blocks[*block].width = widest.unwrap_or(0);
        }
    }

    fn vpc(&mut self, block: BlockIx, lines: i32) -> (i32, i32) {
        let [gates, subnets, links] =
            [Shape::Gateway, Shape::Subnet, Shape::Link].map(|shape| self.of(Some(block), shape));
        for all in [&gates, &subnets, &links] {
            self.sizes(all);
        }
        self.equal(&gates);
        self.equal(&links);
        let top = snap(lines + UNIT) + 2 * UNIT;
        let mut x = NARROW;
        let mut bottom = top;
        let (wide, high) = self.column(&gates, (x, top), MIDDLE);
        x += wide + if gates.is_empty() { 0 } else { WIDE };
        bottom = bottom.max(top + high);
        let (wide, high) = self.grid(&subnets, (x, top), MIDDLE, 1.6);
        self.fill_rows(&subnets);
        x += wide;
        bottom = bottom.max(top + high);
        let gap = if links.is_empty() { 0 } else { WIDE };
        let (wide, high) = self.column(&links, (x + gap, top), MIDDLE);
        x += wide + gap;
        bottom = bottom.max(top + high);
        (x + NARROW, bottom + NARROW)
    }

    fn region(&mut self, block: BlockIx, lines: i32) -> (i32, i32) {
        let vpcs = self.of(Some(block), Shape::Vpc);
        let classic = self.of(Some(block), Shape::Classic);
        self.sizes(&vpcs);
        self.sizes(&classic);
        let top = snap(lines + UNIT) + 2 * UNIT;
        let (wide, high) = self.grid(&vpcs, (MIDDLE, top), WIDE, 1.4);
        let gap = if vpcs.is_empty() || classic.is_empty() { 0 } else { BROAD };
        let (more, tall) = self.column(&classic, (MIDDLE + wide + gap, top), MIDDLE);
        (wide + gap + more + 2 * MIDDLE, top + high.max(tall) + MIDDLE)
    }

    /// Everything: outside, between, regions; returns the size.
    fn world(&mut self) -> (i32, i32) {
        let [regions, between, outside] =
            [Shape::Region, Shape::Between, Shape::Outside].map(|shape| self.of(None, shape));
        for all in [&regions, &between, &outside] {
            self.sizes(all);
        }
        let top = margin::TOP;
        let mut x = MIDDLE;
        let columns = [&outside, &between].map(|blocks| {
            let widest = blocks.iter().map(|block| self.blocks[*block].width).max();
            let at = x;
            x += widest.map_or(0, |width| width + BROAD + UNIT * self.hubs(blocks));
            at
        });
        let (wide, high) = self.column(&regions, (x, top), WIDE);
        for region in &regions {
            self.move_inside(*region);
        }
        x += wide;
        let mut bottom = top + high;
        for (blocks, at) in [(between, columns[1]), (outside, columns[0])] {
            bottom = bottom.max(self.beside(&blocks, at, top));
        }
        (x + MIDDLE, bottom + MIDDLE)
    }

    /// How many of the blocks have wires, each of which wants a lane of its own; within reason.
    fn hubs(&self, blocks: &[BlockIx]) -> i32 {
        const MOST: usize = 24;
        let wired = |block: &&BlockIx| {
            let mut wires = self.picture.wires.iter();
            wires.any(|wire| wire.from == **block || wire.to == **block)
        };
        let hubs = blocks.iter().filter(wired).count().min(MOST);
        i32::try_from(hubs).unwrap_or(0) / 2 * 2
    }

    /// Adds the place of a block to those inside it.
    fn move_inside(&mut self, block: BlockIx) {
        let Rect { x, y, .. } = self.blocks[block];
        for child in self.inside[block].clone() {
            self.blocks[child].x += x;
            self.blocks[child].y += y;
            self.move_inside(child);
        }
    }

    /// The lines of the blocks.
    fn texts(&self) -> Vec<Text> {
        let mut texts = vec![margin::title(&self.picture.title)];
        for (block, rect) in self.picture.blocks.iter().zip(&self.blocks) {
            let (left, top) = if block.shape.holds() {
                (12, UNIT)
            } else {
                let lines = i32::try_from(block.lines.len()).unwrap_or(0) * PITCH;
                (12, (rect.height - lines) / 2)
            };
            let lines = block.lines.iter().zip(0..);
            texts.extend(lines.map(|(line, row)| Text {
                rect: Rect {
                    x: rect.x + left,
                    y: rect.y + top + row * PITCH,
                    width: pixels(width(&line.text, SIZE, bold(line.tone))),
                    height: PITCH,
                },
                text: line.text.clone(),
                class: line.tone.name(),
                size: SIZE,
            }));
        }
        texts
    }
}

fn bold(tone: Tone) -> Bold {
    match tone {
        Tone::Name | Tone::Blocker | Tone::End => Bold::Yes,
        Tone::Plain | Tone::Warn => Bold::No,
    }
}
