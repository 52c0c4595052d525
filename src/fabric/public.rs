//! Which addresses are public (D20-3).

use ipnet::IpNet;

use crate::model::Network;
use crate::space::AddressSet;

/// Never public, whatever a file says (D20-3).
const RESERVED: [&str; 10] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
];

/// Public IPv6 space (D20-3).
const PUBLIC_V6: &str = "2000::/3";

/// Every address that is public in this network: not reserved, and in no VPC or site of it.
pub fn public_addresses(network: &Network) -> AddressSet {
    let parsed = |text: &str| {
        text.parse::<IpNet>()
            .map_or(AddressSet::empty(), AddressSet::from)
    };
    let everything = AddressSet::any_v4().union(&parsed(PUBLIC_V6));
    let reserved = RESERVED.into_iter().map(parsed);
    let vpcs = network.vpcs.values().flat_map(crate::model::Vpc::cidrs);
    let sites = network
        .sites
        .values()
        .flat_map(|site| site.cidrs.iter().copied());
    let taken = reserved.chain(vpcs.chain(sites).map(AddressSet::from));
    everything.difference(&AddressSet::union_all(taken))
}
