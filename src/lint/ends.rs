//! Ends of connections, a few for many: residents of one class meet the same fate, so one of them stands for all.

use std::collections::BTreeSet;

use crate::engine::{Class, Classes, Pair, PairAnswer, Reacher};
use crate::fabric::{Fabric, FilterUse, Home, ListIx, Party, Role, Straight};
use crate::id::Id;
use crate::query::{Selector, Traffics};
use crate::space::AddressSet;
use crate::verify::{End, Side, pairs, select};

/// One end of a connection, and which subnet it is in.
pub(super) struct Somebody {
    /// The end.
    pub(super) end: End,
    /// Its subnet; none outside of all subnets.
    pub(super) subnet: Option<u32>,
    /// Whether it can open connections.
    pub(super) opens: bool,
    /// Whether it is the first of its subnet that the same lists guard.
    pub(super) leads: bool,
}

/// One for all that nothing tells apart, in the order of the file, then every site and the Internet.
pub(super) fn representatives(fabric: &Fabric, classes: &Classes) -> Vec<Somebody> {
    let mut guarded = BTreeSet::new();
    let residents = classes.iter();
    let residents = residents.filter_map(|(_, class)| first(fabric, class, &mut guarded));
    let mut all: Vec<Somebody> = residents.collect();
    let outside = select(fabric, &Selector::Internet, Side::From);
    let mut ends: Vec<End> = outside.ends().collect();
    for site in fabric.network.sites.keys() {
        let hosts = select(fabric, &Selector::Id(site.clone()), Side::From);
        ends.extend(hosts.ends());
    }
    all.extend(ends.into_iter().map(|end| Somebody {
        end,
        subnet: None,
        opens: true,
        leads: true,
    }));
    all
}

/// A subnet or a link, a role, and the lists on the way out and in.
type Guarded<'a> = (Option<u32>, Option<&'a Id>, Role, Option<ListIx>, Option<ListIx>);

impl Somebody {
    /// Whether the first route lookups lose all that it sends to another, whatever it carries.
    pub(super) fn is_lost(&self, fabric: &Fabric, to: &Self) -> bool {
        let (Party::Host(_, source), Party::Host(_, destination)) = (self.end.0, to.end.0) else {
            return false;
        };
        let start = self.subnet.and_then(|subnet| fabric.router(subnet));
        let way = start.map(|start| fabric.straight(start, source, destination));
        way == Some(Straight::Lost)
    }
}

/// The first of a class, unless nothing reaches it where it is.
fn first<'a>(
    fabric: &'a Fabric,
    class: &Class,
    guarded: &mut BTreeSet<Guarded<'a>>,
) -> Option<Somebody> {
    let member = class.members.first()?;
    let resident = fabric.hosts.get(member.resident);
    // A classic CVM counts where it is linked (ACL-12).
    let (subnet, link) = match resident.home {
        Home::Subnet(subnet) => (Some(subnet), None),
        Home::Classic => (None, Some(fabric.network.live_link(resident.id()?)?)),
        Home::Public(_) => return None,
    };
    if resident.down || resident.unbound {
        return None;
    }
    let list = |filter: Option<FilterUse>| filter.map(|filter| filter.list);
    let (egress, ingress) = (list(resident.egress), list(resident.ingress));
    let leads = guarded.insert((subnet, link, resident.role, egress, ingress));
    let address = member.addresses.0;
    let party = Party::Host(member.resident, address);
    Some(Somebody {
        end: (party, None, AddressSet::single(address)),
        subnet,
        opens: resident.role == Role::Machine,
        leads,
    })
}

/// Every pair of packets' addresses between two ends, answered.
pub(super) fn answers(
    reacher: &mut Reacher<'_>,
    from: &Somebody,
    to: &Somebody,
) -> Vec<(Pair, PairAnswer)> {
    let pairs = pairs(reacher, &from.end, &to.end, &Traffics::default());
    let answered = pairs.into_iter().map(|pair| {
        let answer = reacher.pair(&pair);
        (pair, answer)
    });
    answered.collect()
}
