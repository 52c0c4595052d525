//! Why a packet is lost: data only. Words are chosen in `render`, so that every language and format
//! tells the same fact.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::code::Code;
use crate::id::Id;
use crate::model::{Endpoint, Place};
use crate::space::{Action, Exceeded, Packet, Part};

/// Which way a packet was going.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// The opening packet.
    Forward,
    /// Its reply.
    Return,
}

impl Direction {
    /// The word of the output contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Return => "return",
        }
    }
}

/// What a stage says when it stops a packet, known when the fabric is built.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cause {
    /// The reason code.
    pub code: Code,
    /// The object that decided: a route table, a gateway, a group.
    pub at: Option<Id>,
    /// The route, rule or object in the configuration.
    pub place: Option<Place>,
    /// What the sentence needs.
    pub facts: Facts,
}

impl Cause {
    /// A cause at an object.
    #[must_use]
    pub fn at(code: Code, id: &Id) -> Self {
        Self { code, at: Some(id.clone()), place: Some(Place::of(id)), facts: Facts::default() }
    }

    /// A cause that is nobody's in particular.
    #[must_use]
    pub fn plain(code: Code) -> Self {
        Self { code, at: None, place: None, facts: Facts::default() }
    }

    /// With the place that decided.
    #[must_use]
    pub fn placed(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// With facts.
    #[must_use]
    pub fn with(mut self, facts: Facts) -> Self {
        self.facts = facts;
        self
    }
}

/// What the sentence of a reason needs beside its code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Facts {
    /// An address, such as the one in a secondary CIDR.
    pub address: Option<IpAddr>,
    /// A CIDR, such as the primary one.
    pub cidr: Option<IpNet>,
    /// Another object, such as the VPC beyond a gateway.
    pub other: Option<Id>,
    /// The port that would be served.
    pub port: Option<u16>,
    /// What of the budget was not enough.
    pub exceeded: Option<Exceeded>,
}

/// Which list a rule stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ListName {
    /// Packets that arrive.
    Ingress,
    /// Packets that leave.
    Egress,
}

impl ListName {
    /// The list that drops what it does not accept with this code; `None` = no list says it.
    #[must_use]
    pub fn denying(code: Code) -> Option<Self> {
        match code {
            Code::SecurityGroupEgressDenied
            | Code::NetworkAclEgressDenied
            | Code::EdgeFirewallEgressDenied => Some(Self::Egress),
            Code::SecurityGroupIngressDenied
            | Code::NetworkAclIngressDenied
            | Code::EdgeFirewallIngressDenied => Some(Self::Ingress),
            _ => None,
        }
    }

    /// The name of the field.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }
}

/// A rule of a security group or a network ACL.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleRef {
    /// The group or ACL.
    pub owner: Id,
    /// Its list.
    pub list: ListName,
    /// Position from the top, from 0.
    pub index: usize,
    /// What it does.
    pub action: Action,
}

impl RuleRef {
    /// Where it stands in the configuration.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::item(&self.owner, self.list.name(), self.index)
    }
}

/// The accept rule that came closest to matching.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NearMiss {
    /// The rule.
    pub rule: RuleRef,
    /// What it failed on.
    pub failed: Vec<Part>,
}

/// One blocker of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reason {
    /// Which way the packet was going.
    pub direction: Direction,
    /// Code, object, place, facts.
    pub cause: Cause,
    /// The endpoint at which it happened, if at one.
    pub endpoint: Option<Endpoint>,
    /// The rule that dropped it; `None` = the implied deny, or no filter at all.
    pub rule: Option<RuleRef>,
    /// The nearest accept rule, when nothing matched.
    pub near_miss: Option<NearMiss>,
    /// A packet that is lost here, as it looks here.
    pub witness: Packet,
}
