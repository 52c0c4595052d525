//! Machines and what is outside of the network's endpoints: sites and the Internet.

use std::sync::Arc;

use super::cell::Bits;
use super::{Known, Matrix};
use crate::engine::{Host, Pair, Reacher, Skeleton};
use crate::fabric::Party;
use crate::space::AddressSet;
use crate::verify::answer::{End, pairs};
use crate::verify::land::Meaning;

impl Matrix {
    /// A machine and something outside: the ways are walked once for all machines of a spot.
    pub(super) fn outward(
        &self,
        reacher: &mut Reacher<'_>,
        (from, to): (Meaning, Meaning),
        known: &mut Known,
    ) -> Option<Bits> {
        let (class, opens) = match (from, to) {
            (Meaning::Class(_), Meaning::Class(_)) => return None,
            (Meaning::Class(class), _) => (class, true),
            (_, Meaning::Class(class)) => (class, false),
            _ => return None,
        };
        self.land
            .class(class)
            .location
            .filter(|_| self.is_plain())?;
        let (first, own) = self.spots.ends_of(class)?;
        let outside = if opens { to } else { from };
        let key = (self.spots.of_class(class), outside, opens);
        let skeleton = if let Some(known) = known.outward.get(&key) {
            Arc::clone(known.as_ref()?)
        } else {
            let ends = self.land.examples(from, to, &self.internet)?;
            let made = self.walked(reacher, &ends, (first, opens));
            known.outward.insert(key, made.clone());
            made?
        };
        // Whoever the Internet finds at a public address is asked alone.
        if !opens && outside == Meaning::Internet {
            let (from, to) = self.land.examples(from, to, &self.internet)?;
            let pairs = pairs(reacher, &from, &to, &self.traffic);
            let private = AddressSet::single(own.address);
            let [Pair { destination, .. }] = pairs.as_slice() else {
                return None;
            };
            (*destination == private).then_some(())?;
        }
        let (from, to) = if opens {
            (Some(own), None)
        } else {
            (None, Some(own))
        };
        let works = reacher.fill(&skeleton, from, to);
        Some(Bits::of(works.asked, works.always, works.sometimes))
    }

    /// The ways between the first machine of a spot and something outside, if one pair is all there is to ask.
    fn walked(
        &self,
        reacher: &mut Reacher<'_>,
        (from, to): &(End, End),
        (first, opens): (Host, bool),
    ) -> Option<Arc<Skeleton>> {
        let party = Party::Host(first.resident, first.address);
        let first: End = (party, None, AddressSet::single(first.address));
        let (from, to) = if opens { (&first, to) } else { (from, &first) };
        let pairs = pairs(reacher, from, to, &self.traffic);
        let [pair] = pairs.as_slice() else {
            return None;
        };
        let own = if opens {
            &pair.source
        } else {
            &pair.destination
        };
        if *own != first.2 {
            return None;
        }
        let skeleton = reacher.skeleton(pair);
        skeleton.is_said().then(|| Arc::new(skeleton))
    }
}
