//! Cells: the stretches of addresses that nothing divides, by the first address of each but the very first.

use std::net::{IpAddr, Ipv4Addr};

use crate::space::Origin;

/// The number of the cell that an address lies in, between bounds in order.
pub(super) fn cell(bounds: &[u32], address: u32) -> u32 {
    let below = bounds.partition_point(|bound| *bound <= address);
    u32::try_from(below).unwrap_or(u32::MAX)
}

/// The cell of a whole range, if it lies in one.
pub(super) fn whole(bounds: &[u32], (first, last): (u32, u32)) -> Option<u32> {
    let cell = cell(bounds, first);
    let next = bounds.get(cell as usize);
    next.is_none_or(|next| last < *next).then_some(cell)
}

/// An IPv4 address moved to the beginning of its cell; IPv6 addresses are what they are.
pub(super) fn in_cell(origin: Origin<IpAddr>, bounds: &[u32]) -> Origin<IpAddr> {
    match origin {
        Origin::Const(IpAddr::V4(address)) => {
            let below = cell(bounds, address.to_bits()) as usize;
            let first = below.checked_sub(1).map_or(0, |last| bounds[last]);
            Origin::Const(Ipv4Addr::from_bits(first).into())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_address_of_a_cell_stands_for_it() {
        let bounds = [10, 20];
        let at = |address| Origin::Const(Ipv4Addr::from_bits(address).into());
        assert_eq!(in_cell(at(9), &bounds), at(0));
        assert_eq!(in_cell(at(10), &bounds), at(10));
        assert_eq!(in_cell(at(19), &bounds), at(10));
        assert_eq!(in_cell(at(u32::MAX), &bounds), at(20));
    }
}
