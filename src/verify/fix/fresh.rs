//! Names and addresses of what has to be made: ids that nothing has, and public addresses that stand for those which the
//! cloud will give.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;

use crate::id::Id;
use crate::model::{AddressSpace, Network};

/// Addresses for documents: whoever reads one knows that it is none that the cloud gave (RFC 5737).
const STAND_INS: [Ipv4Net; 3] = [
    Ipv4Net::new_assert(Ipv4Addr::new(203, 0, 113, 0), 24),
    Ipv4Net::new_assert(Ipv4Addr::new(198, 51, 100, 0), 24),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 0, 2, 0), 24),
];

/// An id that nothing has: the stem, with a number if it is taken.
pub fn id(network: &Network, stem: &str) -> Option<Id> {
    let names = std::iter::once(stem.to_owned());
    let mut names = names.chain((2_u32..=u32::MAX).map(|number| format!("{stem}-{number}")));
    let free =
        |name: &String| network.kind_of(name).is_none() && network.group_member(name).is_none();
    names.find(free).map(Id::from)
}

/// A public address that nothing has, in the place of the one that the cloud will give.
pub fn public_address(network: &Network) -> Option<IpAddr> {
    let owned: Vec<IpAddr> = owned(network);
    let mut hosts = STAND_INS.iter().flat_map(Ipv4Net::hosts).map(IpAddr::V4);
    hosts.find(|address| network.is_public(*address) && !owned.contains(address))
}

/// The stand-ins that a network has and another one has not.
pub fn stand_ins(before: &Network, after: &Network) -> Vec<IpAddr> {
    let known = owned(before);
    let mut new = owned(after);
    let made_up = |address: &IpAddr| match address {
        IpAddr::V4(address) => STAND_INS.iter().any(|net| net.contains(address)),
        IpAddr::V6(_) => false,
    };
    new.retain(|address| made_up(address) && !known.contains(address));
    new
}

fn owned(network: &Network) -> Vec<IpAddr> {
    let all = network.owned_addresses().into_iter();
    let public = all.filter(|owned| matches!(owned.space, AddressSpace::Public));
    public.map(|owned| owned.range.0).collect()
}
