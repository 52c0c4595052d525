//! Which addresses are public (D20-3).

use ipnet::IpNet;

use crate::model::Network;
use crate::model::lookup::{PUBLIC_V6, RESERVED};
use crate::space::AddressSet;

/// Every address that is public in this network: not reserved, and in no VPC or site of it.
pub fn public_addresses(network: &Network) -> AddressSet {
    let everything = AddressSet::any_v4().union(&AddressSet::from(IpNet::V6(PUBLIC_V6)));
    let reserved = RESERVED.into_iter().map(IpNet::V4).map(AddressSet::from);
    let vpcs = network.vpcs.values().flat_map(crate::model::Vpc::cidrs);
    let sites = network.sites.values().flat_map(|site| site.cidrs.iter().copied());
    let taken = reserved.chain(vpcs.chain(sites).map(AddressSet::from));
    everything.difference(&AddressSet::union_all(taken))
}
