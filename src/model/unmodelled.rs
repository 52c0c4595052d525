//! What the cloud has and this network does not hold, though it may decide about packets.

use std::fmt;

use ipnet::IpNet;

use crate::id::Id;

/// What `touches` names beside entities: whatever comes from the Internet or goes there. In `destinations`: there only.
pub const INTERNET: &str = "internet";

/// Where packets go that something may bear on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// To these addresses.
    Cidr(IpNet),
    /// To the Internet or from it.
    Internet,
}

impl From<IpNet> for Destination {
    fn from(cidr: IpNet) -> Self {
        Self::Cidr(cidr)
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cidr(cidr) => write!(f, "{cidr}"),
            Self::Internet => f.write_str(INTERNET),
        }
    }
}

/// Something that is not modelled. Packets that it may decide about have no verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmodelled {
    /// What it is, in the words of whoever left it out: an id, a Terraform address.
    pub what: String,
    /// Why it is left out.
    pub reason: String,
    /// The entities that it may bear on, and [the Internet](INTERNET); none named = all of them.
    pub touches: Vec<Id>,
    /// The VPCs of which it may decide where packets go that leave them.
    pub routing_of: Vec<Id>,
    /// The only destinations that it may bear on, as for a route; none named = all of them.
    pub destinations: Vec<Destination>,
    /// The sets (VPCs, subnets, groups, accounts) that an endpoint is missing from, if it is one. It bears on what is
    /// asked of these sets as a whole; on pairs of endpoints that are there only if it touches them.
    pub missing_from: Vec<Id>,
}

impl Unmodelled {
    /// Whether it may bear on every pair.
    #[must_use]
    pub fn touches_all(&self) -> bool {
        self.touches.is_empty() && self.routing_of.is_empty() && self.missing_from.is_empty()
    }
}
