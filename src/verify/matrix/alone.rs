//! Pairs that are asked alone, and services that are parts of what is asked: each way is walked once with all packets, for what
//! becomes of a packet does not hang on what else is asked.

use std::sync::PoisonError;

use rustc_hash::FxHashMap;

use super::cell::{Bits, Cells};
use super::{Known, Matrix};
use crate::engine::{Pair, PairAnswer, Reacher, Works};
use crate::model::Protocols;
use crate::query::Traffics;
use crate::space::{Budget, Protocol, Set, Space};
use crate::verify::alike::alike;
use crate::verify::answer::{packets, pairs};
use crate::verify::land::Meaning;
use crate::verify::unmodelled::doubted;

/// What is known of pairs that are asked alone, service by service.
pub(super) type Alone = FxHashMap<(Meaning, Meaning), Vec<Bits>>;

/// What becomes of the packets between two addresses.
#[derive(Clone, Copy)]
struct Found {
    asked: Set,
    always: Set,
    sometimes: Set,
    undetermined: Set,
}

impl Found {
    fn of(answer: &PairAnswer) -> Self {
        Self {
            asked: answer.asked,
            always: answer.always,
            sometimes: answer.sometimes,
            undetermined: answer.undetermined,
        }
    }

    /// Of some of the packets.
    fn part(self, space: &mut Space, packets: Set) -> Self {
        let mut part = |set| space.intersection(set, packets);
        Self {
            asked: part(self.asked),
            always: part(self.always),
            sometimes: part(self.sometimes),
            undetermined: part(self.undetermined),
        }
    }

    fn bits(self, space: &mut Space) -> Bits {
        let blocked = space.difference(self.asked, self.always);
        let failing = space.difference(blocked, self.undetermined);
        Bits {
            works: !space.is_empty(self.sometimes),
            fails: !space.is_empty(failing),
            unsaid: !space.is_empty(self.undetermined),
        }
    }
}

impl Known {
    /// What is known of one of the services, by its number, from what works of all that is asked of IPv4.
    pub(super) fn bits(&self, space: &mut Space, service: usize, works: Works) -> Bits {
        let mut part = |set| match self.parts.get(service) {
            Some([v4, _]) => space.intersection(set, *v4),
            None => set,
        };
        Bits::of(part(works.asked), part(works.always), part(works.sometimes))
    }
}

impl Matrix {
    /// Asks for all of some services from now on: its time begins to run. What was known of others is forgotten.
    pub(super) fn ask(&mut self, services: &[Traffics], budget: Budget) {
        (self.traffic, self.services) = match services {
            [one] => (one.clone(), Vec::new()),
            several => (Traffics::default(), several.to_vec()),
        };
        let times = u32::try_from(services.len()).unwrap_or(u32::MAX);
        let time = budget.time.map(|time| time.saturating_mul(times));
        self.allowance = Budget { time, ..budget }.begin();
        let seats = self.seats.get_mut().unwrap_or_else(PoisonError::into_inner);
        for seat in seats {
            seat.desk.renew(self.allowance);
            seat.alone.clear();
        }
    }

    /// Whether a service is a part of all that is sent between the same addresses, and nothing that is not modelled may
    /// weigh on it alone.
    pub(super) fn is_part_of_all(&self, asked: &Traffics) -> bool {
        let is_usual = match asked.service.protocols {
            Protocols::All => true,
            Protocols::One(protocol) => {
                [Protocol::TCP, Protocol::UDP, Protocol::ICMP].contains(&protocol)
            }
        };
        let is_usual = is_usual && asked.source_ports == Traffics::default().source_ports;
        is_usual && self.land.fabric.network.unmodelled.is_empty()
    }

    /// The packets of the services.
    pub(super) fn parts(&self, reacher: &mut Reacher<'_>) -> Vec<[Set; 2]> {
        let services = self.services.iter();
        let parts = services.map(|service| {
            [false, true].map(|v6| {
                let asked = (service, v6);
                reacher.asked_anywhere(asked, || packets(service, v6))
            })
        });
        parts.collect()
    }

    /// Tells the cells of a row, one for each service, of a pair.
    pub(super) fn pair(
        &self,
        reacher: &mut Reacher<'_>,
        (from, to): (usize, usize),
        known: &mut Known,
        cells: &mut [Cells<'_>],
    ) {
        let means = (self.ends[from].means[0], self.ends[to].means[0]);
        let (Some(first), Some(second)) = means else {
            for cells in cells {
                cells.add(from, to, Bits::default());
            }
            return;
        };
        let asked = (&self.traffic, known.traffic, &self.internet);
        if self.is_plain()
            && let Some(works) = alike(reacher, &self.land, (first, second), asked)
        {
            for (service, cells) in cells.iter_mut().enumerate() {
                cells.add(from, to, known.bits(&mut reacher.space, service, works));
            }
            return;
        }
        if !known.alone.contains_key(&(first, second)) {
            let bits = self.alone(reacher, (first, second), &known.parts);
            known.alone.insert((first, second), bits);
        }
        for (cells, bits) in cells.iter_mut().zip(&known.alone[&(first, second)]) {
            cells.add(from, to, *bits);
        }
    }

    /// A pair by itself, service by service.
    fn alone(
        &self,
        reacher: &mut Reacher<'_>,
        (from, to): (Meaning, Meaning),
        parts: &[[Set; 2]],
    ) -> Vec<Bits> {
        let mut bits = vec![Bits::default(); parts.len().max(1)];
        let Some((from, to)) = self.land.examples(from, to, &self.internet) else {
            return bits;
        };
        for pair in pairs(reacher, &from, &to, &self.traffic) {
            let (answer, own) = asked_alone(reacher, &pair);
            if parts.is_empty() {
                bits[0].add(own);
            }
            let v6 = pair.destination.first().is_some_and(|it| it.is_ipv6());
            for (bits, packets) in bits.iter_mut().zip(parts) {
                let part = Found::of(&answer).part(&mut reacher.space, packets[usize::from(v6)]);
                bits.add(part.bits(&mut reacher.space));
            }
        }
        bits
    }
}

/// A pair that is asked by itself: its sets, and what is known of it.
pub(super) fn asked_alone(reacher: &mut Reacher<'_>, pair: &Pair) -> (PairAnswer, Bits) {
    let answer = if reacher.fabric().network.unmodelled.is_empty() {
        reacher.sets(pair)
    } else {
        let answer = reacher.pair(pair);
        doubted(reacher, pair, answer)
    };
    let bits = Found::of(&answer).bits(&mut reacher.space);
    (answer, bits)
}
