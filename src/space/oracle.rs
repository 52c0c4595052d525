//! The same expressions in `oxidd`, a binary decision diagram engine written by others: emptiness, equality and the
//! number of packets must agree.

use super::sample::{Expression, expression};
use super::traffic::port_protocols;
use super::{AddressSet, IntervalSet, Layer4, Match, Space, Traffic};
use oxidd::bdd::{BDDFunction, BDDManagerRef};
use oxidd::util::num::F64;
use oxidd::util::{FxHasher, SatCountCache};
use oxidd::{BooleanFunction, Manager, ManagerRef};
use proptest::prelude::*;
use std::hash::BuildHasherDefault;
use std::ops::Range;

const FAMILY: Range<u32> = 0..1;
const SOURCE: Range<u32> = 1..129;
const DESTINATION: Range<u32> = 129..257;
const PROTOCOL: Range<u32> = 257..265;
const DESTINATION_PORT: Range<u32> = 265..281;
const SOURCE_PORT: Range<u32> = 281..297;

/// One boolean variable a header bit; an IPv4 address is the low 32 bits, below zeros.
struct Bits {
    manager: BDDManagerRef,
    well_formed: BDDFunction,
}

impl Bits {
    fn new() -> Self {
        let manager = oxidd::bdd::new_manager(1 << 18, 1 << 16, 1);
        manager.with_manager_exclusive(|manager| manager.add_vars(SOURCE_PORT.end));
        let everything = manager.with_manager_shared(|manager| BDDFunction::t(manager));
        let mut bits = Self { manager, well_formed: everything };
        bits.well_formed = bits.product(None, None, &Traffic::all());
        bits
    }

    fn constant(&self, value: bool) -> BDDFunction {
        self.manager.with_manager_shared(|manager| {
            if value { BDDFunction::t(manager) } else { BDDFunction::f(manager) }
        })
    }

    /// The numbers `number` with `number <= bound`, or `number >= bound`.
    fn compare(&self, field: Range<u32>, bound: u128, side: std::cmp::Ordering) -> BDDFunction {
        let mut result = self.constant(true);
        for (place, variable) in field.rev().enumerate() {
            let bit = self
                .manager
                .with_manager_shared(|manager| BDDFunction::var(manager, variable))
                .expect("memory");
            let inside = if side.is_le() { bit.not().expect("memory") } else { bit };
            // where the bound's bit is on the far side, a bit on the near side settles it; else it must be there
            let settles = (bound >> place & 1 == 1) == side.is_le();
            result =
                if settles { inside.or(&result) } else { inside.and(&result) }.expect("memory");
        }
        result
    }

    fn any_of(
        &self,
        field: &Range<u32>,
        ranges: impl Iterator<Item = (u128, u128)>,
    ) -> BDDFunction {
        ranges.fold(self.constant(false), |all, (lo, hi)| {
            let from = self.compare(field.clone(), lo, std::cmp::Ordering::Greater);
            let to = self.compare(field.clone(), hi, std::cmp::Ordering::Less);
            all.or(&from.and(&to).expect("memory")).expect("memory")
        })
    }

    fn numbers<T: super::Point>(&self, field: &Range<u32>, set: &IntervalSet<T>) -> BDDFunction {
        self.any_of(field, set.ranges().map(|(lo, hi)| (lo.into(), hi.into())))
    }

    fn layer4(&self, layer4: &Layer4) -> BDDFunction {
        let part = |protocols: IntervalSet<u8>, to: &IntervalSet<u16>, from: &IntervalSet<u16>| {
            let protocols = self.numbers(&PROTOCOL, &protocols);
            let (to, from) =
                (self.numbers(&DESTINATION_PORT, to), self.numbers(&SOURCE_PORT, from));
            protocols.and(&to).and_then(|part| part.and(&from)).expect("memory")
        };
        let with = layer4.protocols.intersection(&port_protocols());
        let with = part(with, &layer4.destination_ports, &layer4.source_ports);
        if !layer4.any_port() {
            return with;
        }
        let zero = IntervalSet::single(0);
        with.or(&part(layer4.protocols.difference(&port_protocols()), &zero, &zero))
            .expect("memory")
    }

    fn product(
        &self,
        source: Option<&AddressSet>,
        destination: Option<&AddressSet>,
        traffic: &Traffic,
    ) -> BDDFunction {
        let any = AddressSet::any();
        let (source, destination) = (source.unwrap_or(&any), destination.unwrap_or(&any));
        let boxes = traffic.boxes().iter().fold(self.constant(false), |all, layer4| {
            all.or(&self.layer4(layer4)).expect("memory")
        });
        let ends = |family: u128, source: BDDFunction, destination: BDDFunction| {
            let family = self.any_of(&FAMILY, [(family, family)].into_iter());
            family.and(&source).and_then(|ends| ends.and(&destination)).expect("memory")
        };
        let v4 =
            ends(0, self.numbers(&SOURCE, &source.v4), self.numbers(&DESTINATION, &destination.v4));
        let v6 =
            ends(1, self.numbers(&SOURCE, &source.v6), self.numbers(&DESTINATION, &destination.v6));
        v4.or(&v6).and_then(|ends| ends.and(&boxes)).expect("memory")
    }

    fn read(&self, expression: &Expression) -> BDDFunction {
        match expression {
            Expression::Is(Match { source, destination, traffic }) => {
                self.product(source.as_deref(), destination.as_deref(), traffic)
            }
            Expression::Union(a, b) => self.read(a).or(&self.read(b)).expect("memory"),
            Expression::Both(a, b) => self.read(a).and(&self.read(b)).expect("memory"),
            Expression::Minus(a, b) => {
                let not = self.read(b).not().expect("memory");
                self.read(a).and(&not).expect("memory")
            }
            Expression::Not(a) => {
                self.read(a).not().and_then(|not| not.and(&self.well_formed)).expect("memory")
            }
        }
    }

    fn count(function: &BDDFunction) -> f64 {
        let mut cache = SatCountCache::<F64, BuildHasherDefault<FxHasher>>::default();
        function.sat_count(SOURCE_PORT.end, &mut cache).0
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn another_engine_finds_the_same_sets(a in expression(), b in expression()) {
        let (space, bits) = (&mut Space::new(), Bits::new());
        let (set_a, set_b) = (a.set(space), b.set(space));
        let (bits_a, bits_b) = (bits.read(&a), bits.read(&b));
        prop_assert_eq!(space.is_empty(set_a), !bits_a.satisfiable());
        prop_assert_eq!(set_a == set_b, bits_a == bits_b);
        let both = bits_a.and(&bits_b).expect("memory");
        prop_assert_eq!(space.overlaps(set_a, set_b), both.satisfiable());
        prop_assert_eq!(space.is_subset(set_a, set_b), both == bits_a);
        for (set, function) in [(set_a, &bits_a), (set_b, &bits_b)] {
            // 53 bits of their count are exact; what counts beyond u128 is only known to be large
            let ours = space.count(set);
            #[expect(clippy::cast_precision_loss, reason = "compared up to rounding")]
            let (ours, most, theirs) = (ours as f64, u128::MAX as f64, Bits::count(function));
            prop_assert!((ours - theirs.min(most)).abs() <= ours * 1e-12, "{} and {}", ours, theirs);
        }
    }
}
