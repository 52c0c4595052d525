//! Sets of numbers as ranges: ports, protocols, addresses.
//!
//! Invariant: the ranges are inclusive, sorted, disjoint and not adjacent, so two sets are equal exactly when
//! their ranges are. Every operation is linear in the number of ranges of its operands.
//!
//! Not here: what the numbers mean (`address`, `traffic`), and sets of several fields at once (`set`).

use std::fmt::{self, Debug, Display};
use std::hash::Hash;

/// A number that an [`IntervalSet`] can hold: an unsigned integer.
pub trait Point:
    Copy + Ord + Hash + Debug + Display + From<u8> + Into<u128> + TryFrom<u128>
{
    /// The highest value; the lowest is 0.
    const MAX: Self;

    /// The value after this one.
    fn after(self) -> Option<Self> {
        self.into().checked_add(1).and_then(|next| Self::try_from(next).ok())
    }

    /// The value before this one.
    fn before(self) -> Option<Self> {
        self.into().checked_sub(1).and_then(|previous| Self::try_from(previous).ok())
    }
}

impl Point for u8 {
    const MAX: Self = Self::MAX;
}
impl Point for u16 {
    const MAX: Self = Self::MAX;
}
impl Point for u32 {
    const MAX: Self = Self::MAX;
}
impl Point for u128 {
    const MAX: Self = Self::MAX;
}

/// A set of numbers, kept as sorted ranges.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct IntervalSet<T> {
    ranges: Vec<(T, T)>,
}

impl<T> IntervalSet<T> {
    /// The set of nothing, where a constant is needed.
    pub const EMPTY: Self = Self { ranges: Vec::new() };
}

impl<T: Point> IntervalSet<T> {
    /// The set of nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self::EMPTY
    }

    /// The set of every value of `T`.
    #[must_use]
    pub fn full() -> Self {
        Self::range(T::from(0), T::MAX)
    }

    /// The set of one value.
    #[must_use]
    pub fn single(value: T) -> Self {
        Self::range(value, value)
    }

    /// The values from `lo` to `hi`, both included; empty when `lo > hi`.
    #[must_use]
    pub fn range(lo: T, hi: T) -> Self {
        Self::from_ranges([(lo, hi)])
    }

    /// The union of inclusive ranges in any order; they may overlap, and inverted ones are empty.
    #[must_use]
    pub fn from_ranges(ranges: impl IntoIterator<Item = (T, T)>) -> Self {
        let mut ranges: Vec<_> = ranges.into_iter().filter(|(lo, hi)| lo <= hi).collect();
        if !ranges.is_sorted() {
            ranges.sort_unstable();
        }
        ranges.dedup_by(|next, kept| {
            let touches = kept.1.after().is_none_or(|after| next.0 <= after);
            if touches {
                kept.1 = kept.1.max(next.1);
            }
            touches
        });
        Self { ranges }
    }

    /// Values in `self`, in `other`, or in both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        if other.is_empty() {
            return self.clone();
        }
        let mut merged = Vec::with_capacity(self.ranges.len() + other.ranges.len());
        let (mut left, mut right) = (self.ranges.iter().peekable(), other.ranges.iter().peekable());
        while let Some(&range) = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) if a <= b => left.next(),
            (Some(_), None) => left.next(),
            _ => right.next(),
        } {
            merged.push(range);
        }
        Self::from_ranges(merged)
    }

    /// Values in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut i, mut j) = (0, 0);
        let mut ranges = Vec::new();
        while let (Some(a), Some(b)) = (self.ranges.get(i), other.ranges.get(j)) {
            let (lo, hi) = (a.0.max(b.0), a.1.min(b.1));
            if lo <= hi {
                ranges.push((lo, hi));
            }
            if a.1 <= b.1 {
                i += 1;
            } else {
                j += 1;
            }
        }
        Self { ranges }
    }

    /// Values of `self` that `other` does not have.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.intersection(&other.complement())
    }

    /// Every value of `T` that is not in the set.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut ranges = Vec::with_capacity(self.ranges.len() + 1);
        let mut next = Some(T::from(0));
        for &(lo, hi) in &self.ranges {
            if let (Some(from), Some(to)) = (next, lo.before())
                && from <= to
            {
                ranges.push((from, to));
            }
            next = hi.after();
        }
        ranges.extend(next.map(|from| (from, T::MAX)));
        Self { ranges }
    }

    /// Whether the value is in the set.
    #[must_use]
    pub fn contains(&self, value: T) -> bool {
        let at = self.ranges.partition_point(|&(_, hi)| hi < value);
        self.ranges.get(at).is_some_and(|&(lo, _)| lo <= value)
    }

    /// Whether all values of a range are in the set (`true`) or none is (`false`); `None` = some are.
    #[must_use]
    pub fn holds(&self, first: T, last: T) -> Option<bool> {
        let at = self.ranges.partition_point(|&(_, hi)| hi < first);
        match self.ranges.get(at) {
            Some(&(lo, hi)) if lo <= first && last <= hi => Some(true),
            Some(&(lo, _)) if lo <= last => None,
            _ => Some(false),
        }
    }

    /// Whether there is no value in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether every value of `T` is in the set.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.ranges.first().is_some_and(|&range| range == (T::from(0), T::MAX))
    }

    /// Whether every value of `self` is in `other`.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.ranges.iter().all(|&(lo, hi)| {
            let at = other.ranges.partition_point(|range| range.1 < lo);
            other.ranges.get(at).is_some_and(|range| range.0 <= lo && hi <= range.1)
        })
    }

    /// The inclusive ranges, sorted, disjoint and not adjacent.
    #[must_use]
    pub fn ranges(&self) -> impl ExactSizeIterator<Item = (T, T)> + Clone + '_ {
        self.ranges.iter().copied()
    }

    /// How many values there are; `u128::MAX` when that does not fit.
    #[must_use]
    pub fn len(&self) -> u128 {
        self.ranges.iter().fold(0, |sum: u128, &(lo, hi)| {
            sum.saturating_add(hi.into() - lo.into()).saturating_add(1)
        })
    }

    /// The lowest value.
    #[must_use]
    pub fn first(&self) -> Option<T> {
        self.ranges.first().map(|&(lo, _)| lo)
    }
}

/// `80,443,1024-65535`; nothing at all for the empty set.
impl<T: Point> Display for IntervalSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (lo, hi)) in self.ranges().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            if lo == hi {
                write!(f, "{comma}{lo}")?;
            } else {
                write!(f, "{comma}{lo}-{hi}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set() -> impl Strategy<Value = IntervalSet<u8>> {
        let bound = prop_oneof![Just(0), Just(255), any::<u8>()];
        proptest::collection::vec((bound.clone(), bound), 0..6).prop_map(IntervalSet::from_ranges)
    }

    fn is_canonical(set: &IntervalSet<u8>) -> bool {
        set.ranges.iter().all(|(lo, hi)| lo <= hi)
            && set.ranges.windows(2).all(|pair| u16::from(pair[0].1) + 1 < u16::from(pair[1].0))
    }

    proptest! {
        #[test]
        fn operations_agree_with_each_value_and_stay_canonical(a in set(), b in set()) {
            let (union, both, minus, not) = (a.union(&b), a.intersection(&b), a.difference(&b), a.complement());
            for value in 0..=255 {
                let (in_a, in_b) = (a.contains(value), b.contains(value));
                prop_assert_eq!(in_a, a.ranges().any(|(lo, hi)| lo <= value && value <= hi));
                prop_assert_eq!(union.contains(value), in_a || in_b);
                prop_assert_eq!(both.contains(value), in_a && in_b);
                prop_assert_eq!(minus.contains(value), in_a && !in_b);
                prop_assert_eq!(not.contains(value), !in_a);
            }
            for set in [&a, &union, &both, &minus, &not] {
                prop_assert!(is_canonical(set));
                prop_assert_eq!(set.len(), (0..=255).filter(|&value| set.contains(value)).count() as u128);
                prop_assert_eq!(set.first(), (0..=255).find(|&value| set.contains(value)));
            }
            prop_assert_eq!(a.is_subset(&b), minus.is_empty());
            prop_assert_eq!(union.is_full(), union.len() == 256);
        }
    }

    #[test]
    fn ranges_read_like_a_port_field() {
        let ports = IntervalSet::from_ranges([(1024, 65535), (443, 443), (80u16, 80), (9, 8)]);
        assert_eq!(ports.to_string(), "80,443,1024-65535");
        assert_eq!(
            IntervalSet::from_ranges([(80u16, 80), (81, 90), (85, 88)]).to_string(),
            "80-90"
        );
    }

    #[test]
    fn the_widest_set_saturates_its_length() {
        assert_eq!(IntervalSet::<u128>::full().len(), u128::MAX);
        assert!(IntervalSet::<u128>::full().complement().is_empty());
        assert_eq!(IntervalSet::<u32>::full().len(), 1 << 32);
    }
}
