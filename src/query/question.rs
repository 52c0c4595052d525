//! Expectations: who, to whom, with what, and what should come of it (section 5 of the scenario format).

use std::net::IpAddr;

use ipnet::IpNet;

use crate::code::Code;
use crate::id::Id;
use crate::model::Service;
use crate::space::IntervalSet;

/// A set of endpoints in words: ids, addresses, tags and `|`, `&`, `!` (section 4 of the format).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// An id of an endpoint or of a set of endpoints.
    Id(Id),
    /// `internet`: every public host that the file does not own.
    Internet,
    /// An address.
    Address(IpAddr),
    /// A CIDR.
    Cidr(IpNet),
    /// `tag:key=value`.
    Tag(String, String),
    /// `classic:region` or `classic:region/account`: what of the classic network is there.
    Classic(String, Option<String>),
    /// Both.
    And(Box<Selector>, Box<Selector>),
    /// Either.
    Or(Box<Selector>, Box<Selector>),
    /// In an intersection, the other part without these; alone, every endpoint, site and Internet host but these.
    Not(Box<Selector>),
}

impl Selector {
    /// Every endpoint, every site and the Internet.
    #[must_use]
    pub fn everybody() -> Self {
        // Nobody has a tag without a name.
        let nobody = Self::Tag(String::new(), String::new());
        Self::Not(Box::new(nobody))
    }
}

/// The packets of a question, addresses left open: services × source ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traffics {
    /// Protocols and destination ports.
    pub service: Service,
    /// Source ports (of TCP and UDP).
    pub source_ports: IntervalSet<u16>,
}

impl Default for Traffics {
    /// Service `all` from source ports 1024 to 65535.
    fn default() -> Self {
        Self { service: Service::all(), source_ports: IntervalSet::range(1024, 65535) }
    }
}

/// How much of a question's packets work, there and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// All of them.
    Reachable,
    /// None of them.
    Unreachable,
    /// Some of them, or all of them on some of the ways they may take.
    Partial,
    /// The answer hangs on something that is not modelled or not said.
    Undetermined,
}

impl Verdict {
    /// The word of the output contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reachable => "reachable",
            Self::Unreachable => "unreachable",
            Self::Partial => "partial",
            Self::Undetermined => "undetermined",
        }
    }
}

/// What an expectation wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    /// Every connection works.
    Reachable,
    /// None works, for this reason among others if one is given.
    Unreachable,
    /// Some work; exactly these services if given.
    Partial {
        /// The services that work from every source port, for every pair.
        works: Option<Vec<Service>>,
    },
}

impl Want {
    /// The verdict it wants.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Reachable => Verdict::Reachable,
            Self::Unreachable => Verdict::Unreachable,
            Self::Partial { .. } => Verdict::Partial,
        }
    }
}

/// When a migration has to keep a promise (`during`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum During {
    /// Before, in and after every step.
    #[default]
    Always,
    /// Not in the step in which a machine of it moves.
    ExceptWhileRestarting,
    /// Only when all is done.
    AtEnd,
}

/// An element of `via` and `not_via`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Waypoint {
    /// A gateway, peering, CCN, load balancer, endpoint connection or forwarder.
    Id(Id),
    /// `classic-link:<VPC id>`.
    ClassicLink(Id),
}

/// One expectation of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Its name, for people.
    pub name: Option<String>,
    /// Who opens.
    pub from: Selector,
    /// `from` as written.
    pub from_text: String,
    /// Who is meant.
    pub to: Selector,
    /// `to` as written.
    pub to_text: String,
    /// What is sent.
    pub traffic: Traffics,
    /// The service as written (`all` if left out).
    pub service_text: String,
    /// What should come of it.
    pub want: Want,
    /// A reason that must be among the reported ones.
    pub because: Option<Code>,
    /// Every path must pass each of these.
    pub via: Vec<Waypoint>,
    /// No path may pass any of these.
    pub not_via: Vec<Waypoint>,
    /// When a migration has to keep it.
    pub during: During,
    /// A waiver.
    pub waive: Option<Waiver>,
}

/// An accepted failure (`waive`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// Why.
    pub reason: String,
    /// Last day it holds, `YYYY-MM-DD`, UTC.
    pub until: String,
    /// Who answers for it.
    pub owner: String,
}
