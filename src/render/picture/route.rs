//! Lines for wires and for the journey: along the raster, around leaves and texts, apart from each other.
//!
//! Every line is a cheapest way over the raster's cells ([`super::place::UNIT`] pixels, lines run through
//! their middles): steps, bends, crossings and strange subnets cost, leaves and texts are walls. Wires of
//! one hub may share their way, others keep apart. The same picture gives the same lines.

mod raster;

use super::boxes::{BlockIx, Picture};
use super::place::{Rect, Text};
use crate::space::Allowance;
use raster::{Goal, Raster};

/// A part of the journey, from one stop to the next.
#[derive(Clone, Debug)]
pub struct Leg {
    /// Its corners.
    pub points: Vec<(i32, i32)>,
    /// The packet does not get there; drawn as if it did.
    pub broken: bool,
}

/// All lines.
pub(super) struct Routed {
    pub(super) wires: Vec<Vec<(i32, i32)>>,
    pub(super) legs: Vec<Leg>,
    /// Why some lines are straight, if no way was looked for.
    pub(super) cut: Option<Cut>,
}

/// Why there is no way for each line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// They are too many.
    Many,
    /// The time was up.
    Late,
}

pub(super) fn route(
    picture: &Picture,
    (blocks, texts): (&[Rect], &[Text]),
    size: (i32, i32),
    time: Allowance,
) -> Routed {
    let mut raster = Raster::new(picture, (blocks, texts), size, time);
    let mut order: Vec<usize> = (0..picture.wires.len()).collect();
    let far = |wire: &usize| {
        let wire = &picture.wires[*wire];
        let (a, b) = (blocks[wire.from], blocks[wire.to]);
        (a.x - b.x).abs() + (a.y - b.y).abs()
    };
    // Short wires have no choice; long ones go around them.
    order.sort_by_key(|wire| (far(wire), *wire));
    let mut wires = vec![Vec::new(); picture.wires.len()];
    for index in order {
        let wire = &picture.wires[index];
        let goal = Goal {
            from: wire.from,
            to: wire.to,
            // Nets are counted from 1; 0 is nobody's.
            net: u32::try_from(wire.from + 1).unwrap_or(u32::MAX),
        };
        wires[index] = raster.connect(picture, blocks, &goal);
    }
    let mut cut = raster.cut();
    raster.begin_journey();
    let legs = legs(picture, blocks, &mut raster, &wires);
    cut = cut.or(raster.cut());
    Routed { wires, legs, cut }
}

fn legs(
    picture: &Picture,
    blocks: &[Rect],
    raster: &mut Raster,
    wires: &[Vec<(i32, i32)>],
) -> Vec<Leg> {
    let Some(journey) = &picture.journey else {
        return Vec::new();
    };
    let pairs = journey.stops.iter().zip(journey.stops.iter().skip(1));
    let mut legs = Vec::new();
    for ((&from, &to), index) in pairs.zip(1..) {
        let known = known(picture, wires, from, to);
        let points = known.unwrap_or_else(|| {
            let goal = Goal { from, to, net: raster::JOURNEY };
            raster.connect(picture, blocks, &goal)
        });
        legs.push(Leg { points, broken: index >= journey.broken });
    }
    legs
}

/// The line of the wire between two blocks, in the direction of the journey.
fn known(
    picture: &Picture,
    wires: &[Vec<(i32, i32)>],
    from: BlockIx,
    to: BlockIx,
) -> Option<Vec<(i32, i32)>> {
    let joins = picture.wires.iter().zip(wires);
    let mut joins = joins.filter_map(|(wire, points)| {
        if (wire.from, wire.to) == (from, to) {
            Some(points.clone())
        } else if (wire.to, wire.from) == (from, to) {
            Some(points.iter().rev().copied().collect())
        } else {
            None
        }
    });
    joins.next()
}
