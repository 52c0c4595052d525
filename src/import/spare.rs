//! Addresses for what has none yet: the lowest free one, so that the same input gives the same output.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};
use rustc_hash::FxHashSet;

/// Where classic addresses come from (CN-7).
const CLASSIC: [Ipv4Net; 1] = [Ipv4Net::new_assert(Ipv4Addr::new(10, 64, 0, 0), 16)];
/// Where public addresses come from: the ranges kept for documentation.
const PUBLIC: [Ipv4Net; 2] = [
    Ipv4Net::new_assert(Ipv4Addr::new(203, 0, 113, 0), 24),
    Ipv4Net::new_assert(Ipv4Addr::new(198, 51, 100, 0), 24),
];

/// What is taken already.
#[derive(Debug, Default)]
pub struct Spare {
    taken: FxHashSet<(String, IpAddr)>,
}

/// The name of the space of public addresses.
const PUBLIC_SPACE: &str = "public";
/// The name of the space of classic addresses.
const CLASSIC_SPACE: &str = "classic";

impl Spare {
    /// Marks a public address.
    pub fn take_public(&mut self, address: IpAddr) {
        self.taken.insert((PUBLIC_SPACE.to_owned(), address));
    }

    /// Marks a classic address.
    pub fn take_classic(&mut self, address: IpAddr) {
        self.taken.insert((CLASSIC_SPACE.to_owned(), address));
    }

    /// Marks a private address of a VPC.
    pub fn take_private(&mut self, vpc: &str, address: IpAddr) {
        self.taken.insert((format!("vpc {vpc}"), address));
    }

    /// A free public address.
    pub fn public(&mut self) -> Option<IpAddr> {
        PUBLIC.into_iter().find_map(|range| self.free(PUBLIC_SPACE, range, 1, 1))
    }

    /// A free classic address.
    pub fn classic(&mut self) -> Option<IpAddr> {
        CLASSIC.into_iter().find_map(|range| self.free(CLASSIC_SPACE, range, 2, 1))
    }

    /// A free address of a subnet, none of the reserved ones (VPC-4).
    pub fn private(&mut self, vpc: &str, subnet: IpNet) -> Option<IpAddr> {
        match subnet {
            IpNet::V4(range) => self.free(&format!("vpc {vpc}"), range, 2, 1),
            IpNet::V6(_) => None,
        }
    }

    /// Free addresses of a subnet one after another, as many as are wanted or as there are in a row.
    pub fn private_row(
        &mut self,
        vpc: &str,
        subnet: IpNet,
        wanted: u32,
    ) -> Option<(IpAddr, IpAddr)> {
        let IpNet::V4(range) = subnet else {
            return None;
        };
        let space = format!("vpc {vpc}");
        let first = range.network().to_bits().checked_add(2)?;
        let last = range.broadcast().to_bits().checked_sub(1)?;
        let address = |bits| IpAddr::V4(Ipv4Addr::from_bits(bits));
        let is_free = |bits: &u32| !self.taken.contains(&(space.clone(), address(*bits)));
        let start = (first..=last).find(is_free)?;
        let row = (start..=last).take_while(is_free);
        let row: Vec<u32> = row.take(wanted.max(1) as usize).collect();
        let ends = (address(*row.first()?), address(*row.last()?));
        for bits in row {
            self.taken.insert((space.clone(), address(bits)));
        }
        Some(ends)
    }

    fn free(&mut self, space: &str, range: Ipv4Net, below: u32, above: u32) -> Option<IpAddr> {
        let first = range.network().to_bits().checked_add(below)?;
        let last = range.broadcast().to_bits().checked_sub(above)?;
        for bits in first..=last {
            let address = IpAddr::V4(Ipv4Addr::from_bits(bits));
            if self.taken.insert((space.to_owned(), address)) {
                return Some(address);
            }
        }
        None
    }
}
