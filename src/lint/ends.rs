//! Ends of connections, a few for many: residents of one subnet that the same lists guard meet the same fate, so one of
//! them stands for all.

use std::collections::BTreeSet;

use crate::engine::{Pair, PairAnswer, Reacher};
use crate::fabric::{Fabric, Home, Party, Resident, ResidentIx, Role};
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
}

/// One resident for all those of its subnet that the same lists guard, and every site and the Internet.
pub(super) fn representatives(fabric: &Fabric) -> Vec<Somebody> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for (index, resident) in fabric.hosts.iter() {
        // A classic CVM counts where it is linked (ACL-12).
        let (subnet, link) = match (resident.home, resident.id()) {
            (Home::Subnet(subnet), _) => (Some(subnet), None),
            (Home::Classic, Some(id)) if fabric.network.live_link(id).is_some() => {
                (None, fabric.network.live_link(id))
            }
            _ => continue,
        };
        if resident.down || resident.unbound {
            continue;
        }
        let lists = |filter: Option<crate::fabric::FilterUse>| filter.map(|filter| filter.list);
        let class = (
            subnet,
            link,
            resident.role,
            lists(resident.egress),
            lists(resident.ingress),
        );
        if seen.insert(class) {
            all.push(Somebody {
                end: end(index, resident),
                subnet,
                opens: resident.role == Role::Machine,
            });
        }
    }
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
    }));
    all
}

/// A resident at the first of its addresses.
fn end(index: ResidentIx, resident: &Resident) -> End {
    let first = resident.addresses.0;
    (Party::Host(index, first), None, AddressSet::single(first))
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
