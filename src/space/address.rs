//! Sets of addresses of both families.
//!
//! Not here: which addresses are public, private or owned by whom; that is the cloud's business, above the algebra.

use super::interval::IntervalSet;
use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The next address in the order of all: behind the last of IPv4 begins IPv6. `None` = there is none.
#[must_use]
pub fn after(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(v4) => Some(match v4.to_bits().checked_add(1) {
            Some(next) => Ipv4Addr::from_bits(next).into(),
            None => Ipv6Addr::UNSPECIFIED.into(),
        }),
        IpAddr::V6(v6) => {
            let next = v6.to_bits().checked_add(1)?;
            Some(Ipv6Addr::from_bits(next).into())
        }
    }
}

/// A set of IPv4 and IPv6 addresses. An IPv4-mapped IPv6 address is an IPv6 address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AddressSet {
    /// The IPv4 addresses.
    pub v4: IntervalSet<u32>,
    /// The IPv6 addresses.
    pub v6: IntervalSet<u128>,
}

impl Default for AddressSet {
    /// No address.
    fn default() -> Self {
        Self::empty()
    }
}

impl AddressSet {
    /// No address.
    pub const EMPTY: Self = Self { v4: IntervalSet::EMPTY, v6: IntervalSet::EMPTY };

    /// No address.
    #[must_use]
    pub fn empty() -> Self {
        Self::EMPTY
    }

    /// Every address of both families.
    #[must_use]
    pub fn any() -> Self {
        Self { v4: IntervalSet::full(), v6: IntervalSet::full() }
    }

    /// Every IPv4 address.
    #[must_use]
    pub fn any_v4() -> Self {
        Self { v4: IntervalSet::full(), ..Self::EMPTY }
    }

    /// Every IPv6 address.
    #[must_use]
    pub fn any_v6() -> Self {
        Self { v6: IntervalSet::full(), ..Self::EMPTY }
    }

    /// One address.
    #[must_use]
    pub fn single(address: IpAddr) -> Self {
        Self::range(address, address)
    }

    /// The addresses from `lo` to `hi`, both included; empty when `lo > hi` or the families differ.
    #[must_use]
    pub fn range(lo: IpAddr, hi: IpAddr) -> Self {
        match (lo, hi) {
            (IpAddr::V4(lo), IpAddr::V4(hi)) => {
                Self { v4: IntervalSet::range(lo.to_bits(), hi.to_bits()), ..Self::EMPTY }
            }
            (IpAddr::V6(lo), IpAddr::V6(hi)) => {
                Self { v6: IntervalSet::range(lo.to_bits(), hi.to_bits()), ..Self::EMPTY }
            }
            _ => Self::EMPTY,
        }
    }

    /// Addresses in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self { v4: self.v4.union(&other.v4), v6: self.v6.union(&other.v6) }
    }

    /// Addresses in any of the sets.
    #[must_use]
    pub fn union_all(sets: impl IntoIterator<Item = Self>) -> Self {
        let sets: Vec<Self> = sets.into_iter().collect();
        let v4 = sets.iter().flat_map(|set| set.v4.ranges());
        let v6 = sets.iter().flat_map(|set| set.v6.ranges());
        Self { v4: IntervalSet::from_ranges(v4), v6: IntervalSet::from_ranges(v6) }
    }

    /// Addresses in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self { v4: self.v4.intersection(&other.v4), v6: self.v6.intersection(&other.v6) }
    }

    /// Addresses of `self` that are not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self { v4: self.v4.difference(&other.v4), v6: self.v6.difference(&other.v6) }
    }

    /// Addresses that are not in the set, of both families.
    #[must_use]
    pub fn complement(&self) -> Self {
        Self { v4: self.v4.complement(), v6: self.v6.complement() }
    }

    /// Whether the address is in the set.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.v4.contains(address.to_bits()),
            IpAddr::V6(address) => self.v6.contains(address.to_bits()),
        }
    }

    /// Whether there is no address in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether every address of both families is in the set.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.v4.is_full() && self.v6.is_full()
    }

    /// Whether every address of `self` is in `other`.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.v4.is_subset(&other.v4) && self.v6.is_subset(&other.v6)
    }

    /// The lowest address, IPv4 before IPv6.
    #[must_use]
    pub fn first(&self) -> Option<IpAddr> {
        let v4 = self.v4.first().map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits)));
        v4.or_else(|| self.v6.first().map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits))))
    }

    /// How many addresses there are; `u128::MAX` when that does not fit.
    #[must_use]
    pub fn len(&self) -> u128 {
        self.v4.len().saturating_add(self.v6.len())
    }

    /// The inclusive ranges in order, IPv4 before IPv6.
    pub fn ranges(&self) -> impl Iterator<Item = (IpAddr, IpAddr)> + '_ {
        let v4 = self
            .v4
            .ranges()
            .map(|(lo, hi)| (Ipv4Addr::from_bits(lo).into(), Ipv4Addr::from_bits(hi).into()));
        let v6 = self
            .v6
            .ranges()
            .map(|(lo, hi)| (Ipv6Addr::from_bits(lo).into(), Ipv6Addr::from_bits(hi).into()));
        v4.chain(v6)
    }

    /// The fewest CIDRs that make up the set, in order.
    #[must_use]
    pub fn cidrs(&self) -> Vec<IpNet> {
        self.ranges().flat_map(|(lo, hi)| subnets(lo, hi)).collect()
    }
}

/// The fewest CIDRs that make up a range of one family.
fn subnets(lo: IpAddr, hi: IpAddr) -> Box<dyn Iterator<Item = IpNet>> {
    match (lo, hi) {
        (IpAddr::V4(lo), IpAddr::V4(hi)) => Box::new(Ipv4Subnets::new(lo, hi, 0).map(IpNet::V4)),
        (IpAddr::V6(lo), IpAddr::V6(hi)) => Box::new(Ipv6Subnets::new(lo, hi, 0).map(IpNet::V6)),
        _ => Box::new(std::iter::empty()),
    }
}

/// The addresses of the CIDR; host bits do not count (ACL-9).
impl From<IpNet> for AddressSet {
    fn from(cidr: IpNet) -> Self {
        Self::range(cidr.network(), cidr.broadcast())
    }
}

impl FromIterator<AddressSet> for AddressSet {
    /// The union of all sets, in one sort.
    fn from_iter<I: IntoIterator<Item = AddressSet>>(sets: I) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for set in sets {
            v4.extend(set.v4.ranges());
            v6.extend(set.v6.ranges());
        }
        Self { v4: IntervalSet::from_ranges(v4), v6: IntervalSet::from_ranges(v6) }
    }
}

/// `10.0.0.0/8, 10.9.8.7, 192.168.0.1-192.168.0.9`; `any` for both families, `none` for nothing.
impl fmt::Display for AddressSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_any() {
            return f.write_str("any");
        }
        if self.is_empty() {
            return f.write_str("none");
        }
        for (index, (lo, hi)) in self.ranges().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            let mut cidrs = subnets(lo, hi);
            match (cidrs.next(), cidrs.next()) {
                _ if lo == hi => write!(f, "{comma}{lo}")?,
                (Some(cidr), None) => write!(f, "{comma}{cidr}")?,
                _ => write!(f, "{comma}{lo}-{hi}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cidr(text: &str) -> AddressSet {
        text.parse::<IpNet>().expect("a CIDR").into()
    }

    fn range(lo: &str, hi: &str) -> AddressSet {
        AddressSet::range(lo.parse().expect("an address"), hi.parse().expect("an address"))
    }

    #[test]
    fn host_bits_of_a_cidr_do_not_count() {
        assert_eq!(cidr("192.168.200.11/24"), cidr("192.168.200.0/24"));
        assert_eq!(cidr("fd00::7/64").len(), 1 << 64);
    }

    #[test]
    fn a_set_reads_as_cidrs_where_it_can() {
        let set = cidr("10.0.0.0/8")
            .union(&range("192.168.0.1", "192.168.0.9"))
            .union(&cidr("fd00::1/128"));
        assert_eq!(set.to_string(), "10.0.0.0/8, 192.168.0.1-192.168.0.9, fd00::1");
        assert_eq!(AddressSet::any().to_string(), "any");
        assert_eq!(AddressSet::any_v6().to_string(), "::/0");
        assert_eq!(AddressSet::EMPTY.to_string(), "none");
        assert_eq!(range("0.0.0.0", "255.255.255.255"), AddressSet::any_v4());
    }

    #[test]
    fn cidrs_make_up_the_set_again() {
        let set = range("10.0.0.1", "10.0.3.254").union(&range("::1", "::8"));
        assert_eq!(set.cidrs().into_iter().map(AddressSet::from).collect::<AddressSet>(), set);
        assert_eq!(set.cidrs().len(), 18 + 4);
    }

    #[test]
    fn families_do_not_mix() {
        let mixed = AddressSet::range("10.0.0.1".parse().expect("v4"), "::1".parse().expect("v6"));
        assert!(mixed.is_empty());
        assert!(AddressSet::any_v4().intersection(&AddressSet::any_v6()).is_empty());
        assert_eq!(AddressSet::any_v4().complement(), AddressSet::any_v6());
        assert_eq!(AddressSet::any_v6().first(), Some("::".parse().expect("v6")));
    }
}
