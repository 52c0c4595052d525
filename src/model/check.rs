//! The limits of the cloud: what a network must obey to exist there (section 7 of the scenario
//! format).
//!
//! Every rule is judged in one run and none hides another. A rule that needs an entity which is
//! not there stays silent: [`super::broken_references`] has said it already. Each rule passes over
//! its section once, with hash tables and sorted sweeps, and never expands the addresses of an
//! instance group.
//!
//! | file | rules |
//! |---|---|
//! | `vpc` | CIDRs, subnets, what belongs to which VPC (VPC-1..3, VPC-11, ACL-1) |
//! | `address` | addresses inside their subnet, free and unique (VPC-4, CN-7, D20-20) |
//! | `account` | who owns what (D20-16, CL-26) |
//! | `machine` | ENIs, HAVIPs and groups on them (SG-2, SG-15, SG-17) |
//! | `filter` | rules, templates, their limits (SG-12, SG-14, ACL-8, ACL-10) |
//! | `link` | classic links and endpoint connections (CL-1..14, CL-25, EP-2..4) |
//! | `balancer` | listeners and targets (CL-10, CLB-14, CLB-17) |
//! | `route` | routes against CIDRs, subnets and each other (RT-10, RT-14, RT-15, VPC-11) |
//! | `private_link` | endpoint services and endpoints (PL-1, PL-2, PL-9) |
//! | `peering` | overlaps (PCX-6, PCX-8) |
//! | `ccn` | membership, tables, equal routes (CCN-1, CCN-4, CCN-8, CCN-13) |
//! | `nat` | SNAT, DNAT (NAT-2, NAT-3, NAT-14) |
//! | `vpn` | policies and routes (VPN-3..5) |
//! | `direct_connect` | kinds, mappings (DC-1, DC-3, DC-6) |
//!
//! Not here: what is legal and looks wrong (`lint`).

mod account;
mod address;
mod balancer;
mod ccn;
mod direct_connect;
mod filter;
mod link;
mod machine;
mod nat;
mod peering;
mod private_link;
mod quota;
mod route;
mod vpc;
mod vpn;

use super::{Kind, Network, Place, Usage, Violation};
use crate::code::Code;
use crate::id::Id;

/// A neighbourhood of rules; a change runs those that it could have broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    Vpcs,
    Addresses,
    Accounts,
    Machines,
    Filters,
    Links,
    Balancers,
    Routes,
    Peerings,
    PrivateLinks,
    Ccns,
    Nats,
    Vpns,
    DirectConnects,
}

impl Topic {
    /// Every topic, in the order in which their violations count.
    pub(crate) const ALL: [Topic; 14] = [
        Topic::Vpcs,
        Topic::Links,
        Topic::Balancers,
        Topic::Addresses,
        Topic::Accounts,
        Topic::Machines,
        Topic::Filters,
        Topic::Routes,
        Topic::Peerings,
        Topic::PrivateLinks,
        Topic::Ccns,
        Topic::Nats,
        Topic::Vpns,
        Topic::DirectConnects,
    ];

    fn check(self, network: &Network, found: &mut Vec<Violation>) {
        match self {
            Self::Vpcs => vpc::check(network, found),
            Self::Addresses => address::check(network, found),
            Self::Accounts => account::check(network, found),
            Self::Machines => machine::check(network, found),
            Self::Filters => filter::check(network, found),
            Self::Links => link::check(network, found),
            Self::Balancers => balancer::check(network, found),
            Self::Routes => route::check(network, found),
            Self::Peerings => peering::check(network, found),
            Self::PrivateLinks => private_link::check(network, found),
            Self::Ccns => ccn::check(network, found),
            Self::Nats => nat::check(network, found),
            Self::Vpns => vpn::check(network, found),
            Self::DirectConnects => direct_connect::check(network, found),
        }
    }
}

/// Every rule of the cloud that the network breaks, errors and warnings, in the order of the
/// sections and of the file.
///
/// Precondition: [`super::broken_references`] finds nothing; else rules stay silent where they
/// cannot judge.
#[must_use]
pub fn check(network: &Network) -> Vec<Violation> {
    check_while(network, || true)
}

/// The same as long as it may go on: rules that were not reached stay silent.
#[must_use]
pub fn check_while(network: &Network, mut may_go_on: impl FnMut() -> bool) -> Vec<Violation> {
    let mut found = Vec::new();
    for topic in Topic::ALL {
        if may_go_on() {
            found.extend(check_topics(network, &[topic]));
        }
    }
    found.sort_by_cached_key(|violation| rank(network, &violation.place.id));
    found
}

/// The violations of some topics, topic by topic.
pub(crate) fn check_topics(network: &Network, topics: &[Topic]) -> Vec<Violation> {
    let mut found = Vec::new();
    for topic in topics {
        topic.check(network, &mut found);
    }
    found.retain(|violation| violation.code != Code::QuotaNear);
    found
}

/// The quotas of which nine tenths and more are used, and where, in the order of [`check()`].
#[must_use]
pub fn quotas(network: &Network) -> Vec<(Usage, Place)> {
    let mut found = Vec::new();
    for topic in Topic::ALL {
        topic.check(network, &mut found);
    }
    found.sort_by_cached_key(|violation| rank(network, &violation.place.id));
    let used = found.into_iter();
    used.filter_map(|violation| Some((violation.usage?, violation.place))).collect()
}

/// Where the entity stands: its section, and its position there.
fn rank(network: &Network, id: &Id) -> (Kind, Option<usize>) {
    let kind = network.kind_of(id.as_str()).unwrap_or(Kind::Site);
    let at = network.index_of(kind, id.as_str());
    (kind, at)
}
