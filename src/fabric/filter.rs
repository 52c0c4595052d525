//! Security groups and network ACLs as lists of matches (SG-3, SG-4, ACL-3).
//!
//! Matching lives in `space`; this file only turns the user's words into it. Equal lists exist once.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::code::Code;
use crate::id::Id;
use crate::query::{ListName, RuleRef};
use crate::space::{Action, AddressSet, Match};

/// A compiled rule list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ListIx(pub u32);

/// What a filter is, which decides when it is asked and what its drop is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "named after what they are")]
pub enum FilterKind {
    SecurityGroupEgress,
    NetworkAclEgress,
    NetworkAclIngress,
    SecurityGroupIngress,
    EdgeFirewallEgress,
    EdgeFirewallIngress,
}

impl FilterKind {
    /// Security groups and edge firewalls remember connections (SG-1, EFW-3); ACLs do not (ACL-2).
    #[must_use]
    pub fn is_stateful(self) -> bool {
        match self {
            Self::SecurityGroupEgress
            | Self::SecurityGroupIngress
            | Self::EdgeFirewallEgress
            | Self::EdgeFirewallIngress => true,
            Self::NetworkAclEgress | Self::NetworkAclIngress => false,
        }
    }

    /// Whether it guards one machine, which alone knows the connections that it has seen (D20-40).
    #[must_use]
    pub fn is_of_a_machine(self) -> bool {
        matches!(self, Self::SecurityGroupEgress | Self::SecurityGroupIngress)
    }

    /// Whether it stands at the border of the Internet (EFW-1).
    #[must_use]
    pub fn is_of_the_edge(self) -> bool {
        matches!(self, Self::EdgeFirewallEgress | Self::EdgeFirewallIngress)
    }

    /// The reason code of a drop.
    #[must_use]
    pub fn denied(self) -> Code {
        match self {
            Self::SecurityGroupEgress => Code::SecurityGroupEgressDenied,
            Self::NetworkAclEgress => Code::NetworkAclEgressDenied,
            Self::NetworkAclIngress => Code::NetworkAclIngressDenied,
            Self::SecurityGroupIngress => Code::SecurityGroupIngressDenied,
            Self::EdgeFirewallEgress => Code::EdgeFirewallEgressDenied,
            Self::EdgeFirewallIngress => Code::EdgeFirewallIngressDenied,
        }
    }

    /// Name of the stage in a trace.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SecurityGroupEgress => "security-group-egress",
            Self::NetworkAclEgress => "network-acl-egress",
            Self::NetworkAclIngress => "network-acl-ingress",
            Self::SecurityGroupIngress => "security-group-ingress",
            Self::EdgeFirewallEgress => "edge-firewall-egress",
            Self::EdgeFirewallIngress => "edge-firewall-ingress",
        }
    }
}

/// A filter at a point of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FilterUse {
    /// What it is.
    pub kind: FilterKind,
    /// Its rules.
    pub list: ListIx,
}

/// An ordered rule list; nothing matching = dropped (SG-5, ACL-4).
#[derive(Clone, Debug)]
pub struct FilterList {
    /// The rules, top first.
    pub rules: Vec<FilterRule>,
    /// Who is named when nothing matches: the last group, or the ACL.
    pub owner: Id,
}

/// One rule of a list.
#[derive(Clone, Debug)]
pub struct FilterRule {
    /// Which packets.
    pub when: Match,
    /// What happens to them.
    pub action: Action,
    /// Where it comes from; `None` = not a written rule (the exemption within a subnet, ACL-5).
    pub rule: Option<RuleRef>,
}

/// What a list is made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum ListKey {
    Groups(Vec<Id>, ListName),
    /// With a subnet: packets between two ends of it pass.
    Acl(Id, ListName, Option<Id>),
    Edge(Id, ListName),
}

/// The compiled lists of a network.
#[derive(Clone, Debug, Default)]
pub struct Filters {
    pub(super) lists: Vec<Arc<FilterList>>,
    pub(super) keys: Arc<Vec<ListKey>>,
    pub(super) members: Arc<Members>,
}

/// The private addresses of the members of each group.
pub(super) type Members = FxHashMap<Id, Arc<AddressSet>>;

impl Filters {
    /// All lists.
    pub fn iter(&self) -> impl Iterator<Item = &FilterList> {
        self.lists.iter().map(|list| &**list)
    }

    /// A list.
    #[must_use]
    pub fn get(&self, list: ListIx) -> &FilterList {
        &self.lists[list.0 as usize]
    }

    /// The lists that are not those of other filters which these were made from, or the other way round.
    pub fn differing<'f>(&'f self, other: &'f Self) -> impl Iterator<Item = ListIx> + 'f {
        let both = self.lists.iter().zip(&other.lists);
        let both = (0..).map(ListIx).zip(both);
        both.filter(|(_, (a, b))| !Arc::ptr_eq(a, b)).map(|(list, _)| list)
    }
}
