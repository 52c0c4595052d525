//! Blocks in rows and columns, and in a column beside what they are wired to.

use super::{MIDDLE, Placing, Rect, UNIT};
use crate::render::picture::boxes::BlockIx;

impl Placing<'_> {
    /// Places blocks under each other; returns the room they take.
    pub(super) fn column(&mut self, blocks: &[BlockIx], at: (i32, i32), gap: i32) -> (i32, i32) {
        self.rows(blocks, at, gap, 1)
    }

    /// Places blocks in rows and columns, so many columns that the whole has about this shape (width to
    /// height); returns the room they take.
    pub(super) fn grid(
        &mut self,
        blocks: &[BlockIx],
        at: (i32, i32),
        gap: i32,
        shape: f64,
    ) -> (i32, i32) {
        const MOST: usize = 8;
        let mut best = (f64::INFINITY, 1);
        for columns in 1..=blocks.len().clamp(1, MOST) {
            let (width, height) = self.rows(blocks, at, gap, columns);
            let is = f64::from(width.max(1)) / f64::from(height.max(1));
            let off = (is / shape).max(shape / is);
            // A fuller grid is calmer than one with an empty end.
            let holes = (columns - blocks.len() % columns) % columns;
            let off = if holes * 2 > columns { off + 0.2 } else { off };
            if off < best.0 {
                best = (off, columns);
            }
        }
        self.rows(blocks, at, gap, best.1)
    }

    fn rows(
        &mut self,
        blocks: &[BlockIx],
        (left, top): (i32, i32),
        gap: i32,
        columns: usize,
    ) -> (i32, i32) {
        let mut widths = vec![0; columns];
        for (block, column) in blocks.iter().zip((0..columns).cycle()) {
            widths[column] = self.blocks[*block].width.max(widths[column]);
        }
        let (mut right, mut y) = (left, top);
        for row in blocks.chunks(columns) {
            let mut x = left;
            let mut high = 0;
            for (block, width) in row.iter().zip(&widths) {
                let rect = &mut self.blocks[*block];
                (rect.x, rect.y) = (x, y);
                high = high.max(rect.height);
                right = right.max(x + width);
                x += width + gap;
            }
            y += high + gap;
        }
        (right - left, (y - gap - top).max(0))
    }

    /// Makes the blocks of a grid as wide as their column and as high as their row.
    pub(super) fn fill_rows(&mut self, blocks: &[BlockIx]) {
        let old: Vec<Rect> = blocks.iter().map(|block| self.blocks[*block]).collect();
        for block in blocks {
            let rect = &mut self.blocks[*block];
            let column = old.iter().filter(|other| other.x == rect.x);
            let row = old.iter().filter(|other| other.y == rect.y);
            rect.width = column.map(|other| other.width).max().unwrap_or(rect.width);
            rect.height = row.map(|other| other.height).max().unwrap_or(rect.height);
        }
    }

    /// Places outermost blocks in a column, each as near as can be to the height of what it is wired to;
    /// returns where the column ends.
    pub(super) fn beside(&mut self, blocks: &[BlockIx], x: i32, top: i32) -> i32 {
        let mut wanted: Vec<(i32, BlockIx)> =
            blocks.iter().map(|block| (self.wanted(*block, top), *block)).collect();
        wanted.sort_unstable();
        let widest = blocks.iter().map(|block| self.blocks[*block].width).max();
        let mut y = top;
        for (middle, block) in wanted {
            let rect = &mut self.blocks[block];
            let at = (middle - rect.height / 2).div_euclid(UNIT) * UNIT;
            *rect =
                Rect { x, y: at.max(y), width: widest.unwrap_or(rect.width), height: rect.height };
            y = rect.bottom() + MIDDLE;
        }
        (y - MIDDLE).max(top)
    }

    /// The mean height of what a block is wired to, or of what that is wired to.
    fn wanted(&self, block: BlockIx, top: i32) -> i32 {
        let near = self.wired(block);
        let middles = |blocks: &[BlockIx]| {
            // Nothing that is placed touches the left edge.
            let placed = blocks.iter().map(|block| self.blocks[*block]);
            let placed = placed.filter(|rect| rect.x > 0);
            placed.map(|rect| rect.y + rect.height / 2).collect::<Vec<_>>()
        };
        let mut heights = middles(&near);
        if heights.is_empty() {
            let far: Vec<BlockIx> = near.iter().flat_map(|block| self.wired(*block)).collect();
            heights = middles(&far);
        }
        let count = i32::try_from(heights.len()).unwrap_or(1);
        if count == 0 { top } else { heights.iter().sum::<i32>() / count }
    }

    /// The other ends of the wires of a block.
    fn wired(&self, block: BlockIx) -> Vec<BlockIx> {
        let wires = self.picture.wires.iter();
        let others = wires.filter_map(|wire| match (wire.from == block, wire.to == block) {
            (true, false) => Some(wire.to),
            (false, true) => Some(wire.from),
            _ => None,
        });
        others.collect()
    }
}
