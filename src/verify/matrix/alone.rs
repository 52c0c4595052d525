//! Pairs that are walked alone. Where several services are asked of the same pairs, each is walked once with all packets,
//! and every service is a part of what was found: what becomes of a packet does not hang on what else is asked.

use std::sync::PoisonError;

use rustc_hash::FxHashMap;

use super::cell::Bits;
use super::{Matrix, asked_alone};
use crate::engine::{PairAnswer, Reacher};
use crate::model::Protocols;
use crate::query::Traffics;
use crate::space::{Budget, Protocol, Set, Space};
use crate::verify::answer::{End, packets, pairs};
use crate::verify::land::Meaning;

/// What is known of pairs that are walked alone.
#[derive(Default)]
pub(super) struct Alone {
    /// For the service that is asked.
    pub(super) bits: FxHashMap<(Meaning, Meaning), Bits>,
    /// For all packets.
    whole: FxHashMap<(Meaning, Meaning), Vec<Whole>>,
}

/// What becomes of the packets between two addresses.
#[derive(Clone, Copy)]
pub(super) struct Whole {
    /// Whether their addresses are of IPv6.
    v6: bool,
    asked: Set,
    always: Set,
    sometimes: Set,
    undetermined: Set,
}

impl Whole {
    pub(super) fn of(answer: &PairAnswer, v6: bool) -> Self {
        Self {
            v6,
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
            v6: self.v6,
            asked: part(self.asked),
            always: part(self.always),
            sometimes: part(self.sometimes),
            undetermined: part(self.undetermined),
        }
    }

    pub(super) fn bits(self, space: &mut Space) -> Bits {
        let blocked = space.difference(self.asked, self.always);
        let failing = space.difference(blocked, self.undetermined);
        Bits {
            works: !space.is_empty(self.sometimes),
            fails: !space.is_empty(failing),
            unsaid: !space.is_empty(self.undetermined),
        }
    }
}

impl Matrix {
    /// Asks for another service from now on, and others after it: its time begins to run.
    pub(super) fn ask(&mut self, traffic: &Traffics, budget: Budget) {
        self.traffic = traffic.clone();
        self.several = true;
        self.allowance = budget.begin();
        let seats = self.seats.get_mut().unwrap_or_else(PoisonError::into_inner);
        for seat in seats {
            seat.desk.renew(self.allowance);
            seat.alone.bits.clear();
        }
    }

    /// A pair by itself.
    pub(super) fn alone(
        &self,
        reacher: &mut Reacher<'_>,
        (from, to): (Meaning, Meaning),
        known: &mut Alone,
    ) -> Bits {
        if !self.is_part_of_all() {
            let mut bits = Bits::default();
            if let Some((from, to)) = self.land.examples(from, to, &self.internet) {
                for pair in pairs(reacher, &from, &to, &self.traffic) {
                    bits.add(asked_alone(reacher, &pair).1);
                }
            }
            return bits;
        }
        let whole = known.whole.entry((from, to));
        let whole = whole.or_insert_with(|| {
            let ends = self.land.examples(from, to, &self.internet);
            ends.map_or_else(Vec::new, |ends| wholly(reacher, &ends))
        });
        let mut bits = Bits::default();
        for one in whole {
            let asked = (&self.traffic, one.v6);
            let asked = reacher.asked_anywhere(asked, || packets(&self.traffic, one.v6));
            let part = one.part(&mut reacher.space, asked);
            bits.add(part.bits(&mut reacher.space));
        }
        bits
    }

    /// Whether what is asked is a part of all that is sent between the same addresses, and nothing that is not modelled
    /// may weigh on one service and not on another.
    fn is_part_of_all(&self) -> bool {
        let service = &self.traffic.service;
        let is_usual = match service.protocols {
            Protocols::All => true,
            Protocols::One(protocol) => {
                [Protocol::TCP, Protocol::UDP, Protocol::ICMP].contains(&protocol)
            }
        };
        let is_known = self.land.fabric.network.unmodelled.is_empty();
        let is_usual = is_usual && self.traffic.source_ports == Traffics::default().source_ports;
        self.several && is_usual && is_known
    }
}

/// What becomes of everything that one end may send to another.
fn wholly(reacher: &mut Reacher<'_>, (from, to): &(End, End)) -> Vec<Whole> {
    let all = pairs(reacher, from, to, &Traffics::default());
    let all = all.iter().map(|pair| {
        let v6 = pair.destination.first().is_some_and(|it| it.is_ipv6());
        Whole::of(&asked_alone(reacher, pair).0, v6)
    });
    all.collect()
}
