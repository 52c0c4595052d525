//! What the groups of an end let through, asked of one list after another.

use std::collections::HashMap;
use std::net::IpAddr;

use super::Subject;
use crate::fabric::{FilterUse, ListIx, ResidentIx};
use crate::id::Id;
use crate::space::{Action, AddressSet, Fields, IntervalSet, Match, Protocol, Set, Space, Traffic};

/// The lists of a network, each computed once.
pub(super) struct Guards<'a> {
    pub(super) subject: &'a Subject<'a>,
    pub(super) space: Space,
    permitted: HashMap<ListIx, Set>,
}

impl<'a> Guards<'a> {
    pub(super) fn of(subject: &'a Subject<'a>) -> Self {
        Self { subject, space: Space::within(subject.budget.begin()), permitted: HashMap::new() }
    }

    /// Who a target is, at which address.
    pub(super) fn resident(&self, id: &Id) -> Option<(ResidentIx, IpAddr)> {
        let hosts = &self.subject.fabric.hosts;
        if let Some(resident) = hosts.of(id.as_str()) {
            return Some((resident, hosts.get(resident).addresses.0));
        }
        let (group, address) = self.subject.network.group_member(id.as_str())?;
        Some((hosts.of(group.as_str())?, address))
    }

    /// The sources from which a list lets something in to these ports, all else left open.
    pub(super) fn sources(
        &mut self,
        filter: FilterUse,
        to: IpAddr,
        protocol: Protocol,
        ports: &IntervalSet<u16>,
    ) -> Set {
        let permitted = self.permitted(filter);
        let any = AddressSet::any();
        let traffic = Traffic::ports(protocol, ports.clone());
        let own = self.space.cube(&any, &AddressSet::single(to), &traffic);
        let own = self.space.intersection(permitted, own);
        self.space.project(own, Fields::SOURCE)
    }

    /// All that a list lets through.
    pub(super) fn permitted(&mut self, filter: FilterUse) -> Set {
        if let Some(known) = self.permitted.get(&filter.list) {
            return *known;
        }
        let rules = self.subject.fabric.filters.get(filter.list).rules.iter();
        let rules: Vec<(Match, Action)> =
            rules.map(|rule| (rule.when.clone(), rule.action)).collect();
        let list = self.space.list(&rules);
        let set = self.space.permitted(list);
        self.permitted.insert(filter.list, set);
        set
    }

    /// Whose list it is: the last of the groups, or the end itself if it has none.
    pub(super) fn owner(&self, filter: FilterUse) -> Id {
        self.subject.fabric.filters.get(filter.list).owner.clone()
    }
}
