//! The raster, and the cheapest way over it (A*).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::Cut;
use crate::render::picture::boxes::{BlockIx, Picture};
use crate::render::picture::place::{Rect, Text, UNIT};
use crate::space::Allowance;

/// The net of the journey, which may lie upon wires.
pub(super) const JOURNEY: u32 = u32::MAX - 1;
/// Several nets.
const MANY: u32 = u32::MAX;

/// Costs.
const STEP: u32 = 10;
const SHARED_STEP: u32 = 7;
const BEND: u32 = 35;
const CROSSING: u32 = 30;
const ABREAST: u32 = 150;
const ABREAST_JOURNEY: u32 = 8;
const STRANGE: u32 = 12;
const BORDER: u32 = 12;

/// What is to be connected.
pub(super) struct Goal {
    pub(super) from: BlockIx,
    pub(super) to: BlockIx,
    pub(super) net: u32,
}

/// A direction of movement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Axis {
    Across,
    Down,
}

/// Where a line may leave a block: a point of its outline, and the first free cell outside.
struct Port {
    edge: (i32, i32),
    cell: usize,
    axis: Axis,
    cost: u32,
}

pub(super) struct Raster {
    columns: usize,
    rows: usize,
    walls: Vec<bool>,
    /// The innermost container of a cell, counted from 1.
    homes: Vec<u32>,
    /// Beside the border of a container, by axis.
    borders: [Vec<bool>; 2],
    /// Whose line runs through a cell, by axis.
    used: [Vec<u32>; 2],
    /// What is known of a cell and an axis: when, how far, from where.
    seen: Vec<(u32, u32, u32)>,
    round: u32,
    /// How many cells may still be looked at; without any, lines are straight.
    allowance: u64,
    /// How long they may be looked at.
    time: Allowance,
    is_late: bool,
}

/// So many cells all lines of a picture may look at: less than a second.
const ALLOWANCE: u64 = 4_000_000;
/// So many more the lines of the journey, which is what was asked for.
const ALLOWANCE_OF_JOURNEY: u64 = 1_000_000;
/// So many cells are looked at between two looks at the clock.
const LOOK: u64 = 1024;
/// A raster of more cells is not even begun.
const MOST_CELLS: usize = 4_000_000;

/// The last cell of a line comes from nowhere.
const START: u32 = u32::MAX;

impl Raster {
    pub(super) fn new(
        picture: &Picture,
        (blocks, texts): (&[Rect], &[Text]),
        size: (i32, i32),
        time: Allowance,
    ) -> Self {
        let columns = usize::try_from(size.0 / UNIT + 1).unwrap_or(1);
        let rows = usize::try_from(size.1 / UNIT + 1).unwrap_or(1);
        let size = columns.saturating_mul(rows);
        let allowance = if size > MOST_CELLS { 0 } else { ALLOWANCE };
        let (columns, rows) = if allowance == 0 { (1, 1) } else { (columns, rows) };
        let cells = columns * rows;
        let mut raster = Self {
            allowance,
            time,
            is_late: false,
            columns,
            rows,
            walls: vec![false; cells],
            homes: vec![0; cells],
            borders: [vec![false; cells], vec![false; cells]],
            used: [vec![0; cells], vec![0; cells]],
            seen: vec![(0, 0, START); cells * 2],
            round: 0,
        };
        for (index, block) in picture.blocks.iter().enumerate() {
            let rect = blocks[index];
            if block.shape.holds() {
                let home = u32::try_from(index + 1).unwrap_or(0);
                raster.each(rect, 0, |raster, cell| raster.homes[cell] = home);
                raster.outline(rect);
            } else {
                raster.each(rect, UNIT, |raster, cell| raster.walls[cell] = true);
            }
        }
        for text in texts {
            raster.each(text.rect, 4, |raster, cell| raster.walls[cell] = true);
        }
        raster
    }

    /// Does something with each cell whose middle lies in a rectangle or so near to it.
    fn each(&mut self, rect: Rect, near: i32, act: impl Fn(&mut Self, usize)) {
        let half = UNIT / 2;
        let first = |at: i32| (at - near + half - 1).div_euclid(UNIT).max(0);
        let last = |at: i32| (at + near - half).div_euclid(UNIT);
        for row in first(rect.y)..=last(rect.bottom()) {
            for column in first(rect.x)..=last(rect.right()) {
                if let Some(cell) = self.cell(column, row) {
                    act(self, cell);
                }
            }
        }
    }

    /// Cells on both sides of the border of a container.
    fn outline(&mut self, rect: Rect) {
        let [left, right] = [rect.x, rect.right()].map(|x| x / UNIT);
        let [top, bottom] = [rect.y, rect.bottom()].map(|y| y / UNIT);
        for row in top..bottom {
            for column in [left - 1, left, right - 1, right] {
                if let Some(cell) = self.cell(column, row) {
                    self.borders[1][cell] = true;
                }
            }
        }
        for column in left..right {
            for row in [top - 1, top, bottom - 1, bottom] {
                if let Some(cell) = self.cell(column, row) {
                    self.borders[0][cell] = true;
                }
            }
        }
    }

    fn cell(&self, column: i32, row: i32) -> Option<usize> {
        let column = usize::try_from(column).ok()?;
        let row = usize::try_from(row).ok()?;
        (column < self.columns && row < self.rows).then(|| row * self.columns + column)
    }

    fn middle(&self, cell: usize) -> (i32, i32) {
        let [column, row] = [cell % self.columns, cell / self.columns];
        let at = |index: usize| i32::try_from(index).unwrap_or(0) * UNIT + UNIT / 2;
        (at(column), at(row))
    }

    /// Allows for the journey, whatever the wires have used up.
    pub(super) fn begin_journey(&mut self) {
        let is_begun = self.columns * self.rows > 1;
        let own = if is_begun { ALLOWANCE_OF_JOURNEY } else { 0 };
        self.allowance = self.allowance.max(own);
    }

    /// Why some lines are straight, if they are for want of allowance or time.
    pub(super) fn cut(&self) -> Option<Cut> {
        match (self.is_late, self.allowance) {
            (true, _) => Some(Cut::Late),
            (false, 0) => Some(Cut::Many),
            (false, _) => None,
        }
    }

    /// Counts a cell that is looked at; whether there is no allowance or time for it.
    fn is_over(&mut self) -> bool {
        self.allowance = self.allowance.saturating_sub(1);
        if self.allowance.is_multiple_of(LOOK) {
            self.is_late |= self.time.late().is_some();
        }
        self.is_late || self.allowance == 0
    }

    /// A line from one block to another; straight where there is no way, or no allowance to find one.
    pub(super) fn connect(
        &mut self,
        picture: &Picture,
        blocks: &[Rect],
        goal: &Goal,
    ) -> Vec<(i32, i32)> {
        let (from, to) = (blocks[goal.from], blocks[goal.to]);
        let starts = self.ports(from, picture.is_leaf(goal.from));
        let ends = self.ports(to, picture.is_leaf(goal.to));
        let homes = homes(picture, goal);
        let Some((state, cells)) = self.search(&starts, &ends, &homes, goal.net, to) else {
            let middle = |rect: Rect| (rect.x + rect.width / 2, rect.y + rect.height / 2);
            return vec![middle(from), middle(to)];
        };
        self.mark(&cells, goal.net);
        let mut points: Vec<(i32, i32)> = cells.iter().map(|cell| self.middle(*cell)).collect();
        let first = cells.first().copied();
        let start = starts.iter().find(|port| Some(port.cell) == first);
        let end = ends.iter().find(|port| port.cell * 2 + port.axis as usize == state);
        let end = end.or_else(|| ends.iter().find(|port| port.cell == state / 2));
        points.splice(0..0, start.map(|port| port.edge));
        points.extend(end.map(|port| port.edge));
        corners(&points)
    }

    /// The places where a line may leave a block.
    fn ports(&self, rect: Rect, leaf: bool) -> Vec<Port> {
        let out = if leaf { 2 } else { 1 };
        let step = if leaf { 2 * UNIT } else { 3 * UNIT };
        let along = |low: i32, length: i32| {
            let middle = low + length / 2;
            // Not where the outline is round.
            let reach = (length / 2 - UNIT * 3 / 2).max(0) / step;
            (-reach..=reach).map(move |index| {
                let at = (middle + index * step).div_euclid(UNIT) * UNIT + UNIT / 2;
                // Near the middle is best.
                (at, index.unsigned_abs() * 14)
            })
        };
        let mut ports = Vec::new();
        let mut port = |edge: (i32, i32), (column, row): (i32, i32), axis, cost| {
            let cell = self.cell(column, row).filter(|cell| !self.walls[*cell]);
            ports.extend(cell.map(|cell| Port { edge, cell, axis, cost }));
        };
        for (y, cost) in along(rect.y, rect.height) {
            let row = y.div_euclid(UNIT);
            port((rect.x, y), (rect.x / UNIT - out, row), Axis::Across, cost);
            port((rect.right(), y), (rect.right() / UNIT + out - 1, row), Axis::Across, cost);
        }
        for (x, cost) in along(rect.x, rect.width) {
            let column = x.div_euclid(UNIT);
            port((x, rect.y), (column, rect.y / UNIT - out), Axis::Down, cost + 40);
            port(
                (x, rect.bottom()),
                (column, rect.bottom() / UNIT + out - 1),
                Axis::Down,
                cost + 40,
            );
        }
        ports
    }

    /// The cheapest way: its last state, and its cells from the start.
    fn search(
        &mut self,
        starts: &[Port],
        ends: &[Port],
        homes: &[u32],
        net: u32,
        target: Rect,
    ) -> Option<(usize, Vec<usize>)> {
        self.is_late |= self.time.late().is_some();
        if self.is_late || self.allowance == 0 {
            return None;
        }
        self.round += 1;
        let mut ending: BTreeMap<usize, (u32, Axis)> = BTreeMap::new();
        for end in ends {
            let known = ending.entry(end.cell).or_insert((end.cost, end.axis));
            if end.cost < known.0 {
                *known = (end.cost, end.axis);
            }
        }
        let mut heap = BinaryHeap::new();
        for start in starts {
            let state = start.cell * 2 + start.axis as usize;
            self.reach(state, start.cost, START, &mut heap, target);
        }
        // A line that has come to a port still has to enter it.
        let arrived = u32::MAX - 1;
        let mut best: Option<(u32, usize)> = None;
        while let Some(Reverse((guess, state))) = heap.pop() {
            let state = state as usize;
            if self.is_over() {
                return None;
            }
            if best.is_some_and(|(cost, _)| cost <= guess) {
                break;
            }
            let cell = state / 2;
            let (_, cost, _) = self.seen[state];
            if guess > cost + self.distance(cell, target) {
                continue;
            }
            if let Some((more, axis)) = ending.get(&cell) {
                let bend = if *axis as usize == state % 2 { 0 } else { BEND };
                let total = cost + more + bend;
                if total < best.map_or(arrived, |(cost, _)| cost) {
                    best = Some((total, state));
                }
            }
            self.spread(state, cost, homes, net, &mut heap, target);
        }
        let (_, last) = best?;
        let mut cells = vec![last / 2];
        let mut state = last;
        while self.seen[state].2 != START {
            state = self.seen[state].2 as usize;
            cells.push(state / 2);
        }
        cells.reverse();
        Some((last, cells))
    }

    fn spread(
        &mut self,
        state: usize,
        cost: u32,
        homes: &[u32],
        net: u32,
        heap: &mut BinaryHeap<Reverse<(u32, u32)>>,
        target: Rect,
    ) {
        let (cell, axis) = (state / 2, state % 2);
        let column = cell % self.columns;
        let neighbours = [
            (column > 0).then(|| (cell - 1, 0)),
            (column + 1 < self.columns).then(|| (cell + 1, 0)),
            (cell >= self.columns).then(|| (cell - self.columns, 1)),
            (cell + self.columns < self.walls.len()).then(|| (cell + self.columns, 1)),
        ];
        for (next, to) in neighbours.into_iter().flatten() {
            if self.walls[next] {
                continue;
            }
            let bend = if to == axis { 0 } else { BEND };
            let total = cost + bend + self.toll(next, to, homes, net);
            self.reach(next * 2 + to, total, u32::try_from(state).unwrap_or(START), heap, target);
        }
    }

    /// What entering a cell costs.
    fn toll(&self, cell: usize, axis: usize, homes: &[u32], net: u32) -> u32 {
        let along = self.used[axis][cell];
        let over = self.used[1 - axis][cell];
        let mut toll = match (along, net) {
            (0, _) => STEP,
            // The journey covers wires, but not itself.
            (JOURNEY, JOURNEY) => STEP + ABREAST,
            (_, JOURNEY) => STEP + ABREAST_JOURNEY,
            _ if along == net => SHARED_STEP,
            _ => STEP + ABREAST,
        };
        if over != 0 && over != net {
            toll += CROSSING;
        }
        if self.borders[axis][cell] {
            toll += BORDER;
        }
        let home = self.homes[cell];
        if home != 0 && !homes.contains(&home) {
            toll += STRANGE;
        }
        toll
    }

    fn reach(
        &mut self,
        state: usize,
        cost: u32,
        before: u32,
        heap: &mut BinaryHeap<Reverse<(u32, u32)>>,
        target: Rect,
    ) {
        let seen = &mut self.seen[state];
        if seen.0 != self.round || cost < seen.1 {
            *seen = (self.round, cost, before);
            let guess = cost + self.distance(state / 2, target);
            heap.push(Reverse((guess, u32::try_from(state).unwrap_or(0))));
        }
    }

    /// No line to the target is cheaper than this.
    fn distance(&self, cell: usize, target: Rect) -> u32 {
        let (x, y) = self.middle(cell);
        let off = |at: i32, low: i32, high: i32| (low - at).max(at - high).max(0);
        let pixels = off(x, target.x, target.right()) + off(y, target.y, target.bottom());
        // A leaf is entered some cells from its outline.
        let cells = (pixels / UNIT - 2).max(0);
        cells.unsigned_abs() * SHARED_STEP
    }

    /// Remembers whose line runs where.
    fn mark(&mut self, cells: &[usize], net: u32) {
        for pair in cells.windows(2) {
            let axis = usize::from(pair[0].abs_diff(pair[1]) != 1);
            for cell in pair {
                let used = &mut self.used[axis][*cell];
                *used = if *used == 0 || *used == net { net } else { MANY };
            }
        }
    }
}

/// The containers around both ends, and 0 for none.
fn homes(picture: &Picture, goal: &Goal) -> Vec<u32> {
    let mut homes = vec![0];
    for block in [goal.from, goal.to] {
        let mut at = Some(block);
        while let Some(block) = at {
            homes.push(u32::try_from(block + 1).unwrap_or(0));
            at = picture.blocks[block].parent;
        }
    }
    homes
}

/// Only the points where a line turns.
fn corners(points: &[(i32, i32)]) -> Vec<(i32, i32)> {
    let mut corners: Vec<(i32, i32)> = Vec::new();
    for &point in points {
        if let [.., (x0, y0), (x1, y1)] = corners[..]
            && ((x0 == x1 && x1 == point.0) || (y0 == y1 && y1 == point.1))
        {
            corners.pop();
        }
        if corners.last() != Some(&point) {
            corners.push(point);
        }
    }
    corners
}
