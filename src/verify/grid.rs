//! Who reaches whom in one network, and why not: every opener to everybody, with all reasons and the way of one
//! packet for each pair. For a page that people ask, so it is small.
//!
//! Where there are many ends, machines of one home with the same groups stand together; the verdict is over all
//! of their pairs, so that nothing is claimed of them that does not hold for each. What the limits leave out is
//! counted.

use std::sync::Arc;

use super::answer::{Witness, answer};
use super::judge::found;
use super::party::endpoint_of;
use super::report::Found;
use super::select::{Side, everybody};
use super::selection::Selection;
use crate::engine::{Reacher, trace};
use crate::fabric::Fabric;
use crate::id::Id;
use crate::model::{Endpoint, Network};
use crate::query::{Trace, Traffics};
use crate::space::{Budget, Space};

/// So many members may stand behind each end on average: every pair of them is judged.
const MEMBERS: usize = 5;

/// Who reaches whom.
pub struct Grid {
    /// Who opens.
    pub from: Vec<GridEnd>,
    /// Who is meant.
    pub to: Vec<GridEnd>,
    /// Row by row; `None` where both are one and the same endpoint.
    pub cells: Vec<Option<GridCell>>,
    /// Ends that the limit left out: openers, and all.
    pub left_out: (usize, usize),
}

/// A row or a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridEnd {
    /// The endpoints it stands for, in the order of the file.
    pub members: Vec<Endpoint>,
}

/// What was found for a pair of ends.
pub struct GridCell {
    /// The verdict over all of their pairs, every service.
    pub found: Found,
    /// The ends of the packet that is shown, and its way: a lost one if there is any.
    pub shown: Option<(Endpoint, Endpoint, Trace)>,
}

/// An end with what it means to the engine.
type End = (GridEnd, Selection);

/// Judges all pairs of ends; at most `limit` of them a side, with five times as many endpoints. All rows have the time
/// together, each has all of the nodes.
#[must_use]
pub fn grid(network: &Arc<Network>, limit: usize, budget: Budget) -> Grid {
    let allowance = budget.begin();
    let fabric = Fabric::new(Arc::clone(network));
    let (from, lost_from) = ends(&fabric, Side::From, limit);
    let (to, lost_to) = ends(&fabric, Side::To, limit);
    let traffic = Traffics::default();
    let mut cells = Vec::new();
    for (_, sender) in &from {
        // A row that is too large does not take the others with it.
        let mut reacher = Reacher::within(&fabric, Space::within(allowance));
        for (_, receiver) in &to {
            let answer = answer(&mut reacher, sender, receiver, &traffic);
            if answer.vacuous {
                cells.push(None);
                continue;
            }
            let shown = answer.lost.clone().or_else(|| answer.working.clone());
            let shown = shown.map(|Witness { from, to, packet }| {
                let way = trace(&fabric, from, to, packet);
                (endpoint_of(&fabric, from), endpoint_of(&fabric, to), way)
            });
            let found = found(&reacher, answer);
            cells.push(Some(GridCell { found, shown }));
        }
    }
    let named = |ends: Vec<End>| ends.into_iter().map(|(end, _)| end).collect();
    Grid {
        from: named(from),
        to: named(to),
        cells,
        left_out: (lost_from, lost_to),
    }
}

/// The ends of one side, and how many endpoints are left out.
fn ends(fabric: &Fabric, side: Side, limit: usize) -> (Vec<End>, usize) {
    let all = everybody(fabric, side);
    let single = singles(fabric, &all);
    let all = if single.len() > limit {
        together(fabric, single)
    } else {
        single
    };
    let (mut kept, mut left, mut members) = (Vec::new(), 0, 0);
    for end in all {
        let count = end.0.members.len();
        if kept.len() < limit && members + count <= limit * MEMBERS {
            members += count;
            kept.push(end);
        } else {
            left += count;
        }
    }
    (kept, left)
}

/// Every endpoint, every site and the Internet by itself.
fn singles(fabric: &Fabric, all: &Selection) -> Vec<End> {
    let mut ends = Vec::new();
    let mut add = |endpoint: Endpoint, selection: Selection| {
        let members = vec![endpoint];
        ends.push((GridEnd { members }, selection));
    };
    for ((resident, through), addresses) in &all.hosts {
        let mut selection = Selection::default();
        selection
            .hosts
            .insert((*resident, *through), addresses.clone());
        add(whole(&fabric.hosts.get(*resident).endpoint), selection);
    }
    for (site, addresses) in &all.sites {
        let id = fabric.network.sites.get_index(*site as usize);
        let mut selection = Selection::default();
        selection.sites.insert(*site, addresses.clone());
        if let Some((id, _)) = id {
            add(Endpoint::Site(id.clone()), selection);
        }
    }
    if !all.internet.is_empty() {
        let internet = all.internet.clone();
        add(
            Endpoint::Internet,
            Selection {
                internet,
                ..Selection::default()
            },
        );
    }
    ends
}

/// A group stands for all of its members.
fn whole(endpoint: &Endpoint) -> Endpoint {
    match endpoint {
        Endpoint::GroupMember(id, _) => Endpoint::Instance(id.clone()),
        other => other.clone(),
    }
}

/// Machines of one home with the same groups become one end.
fn together(fabric: &Fabric, single: Vec<End>) -> Vec<End> {
    let mut ends: indexmap::IndexMap<String, End> = indexmap::IndexMap::new();
    for (number, (end, selection)) in single.into_iter().enumerate() {
        let alike = end
            .members
            .first()
            .and_then(|it| alike(&fabric.network, it));
        // A blank is in no id, so nobody is alike by accident.
        let key = alike.unwrap_or_else(|| format!(" {number}"));
        match ends.get_mut(&key) {
            Some((known, meant)) => {
                known.members.extend(end.members);
                meant.hosts.extend(selection.hosts);
            }
            None => {
                ends.insert(key, (end, selection));
            }
        }
    }
    ends.into_values().collect()
}

/// What equal machines have in common; `None` = it is like nobody.
fn alike(network: &Network, endpoint: &Endpoint) -> Option<String> {
    let joined = |groups: &[Id]| {
        let groups: Vec<&str> = groups.iter().map(Id::as_str).collect();
        groups.join(" ")
    };
    match endpoint {
        Endpoint::Instance(id) => {
            let it = network.instances.get(id)?;
            let plain = it.eip.is_none()
                && it.ipv6.is_none()
                && it.secondary_ips.is_empty()
                && !it.public_gateway;
            let down = network.down.contains(id);
            let groups = joined(&it.security_groups);
            plain.then(|| format!("{} {:?} {down} {groups}", it.subnet, it.state))
        }
        Endpoint::ClassicInstance(id) => {
            let it = network.classic_instances.get(id)?;
            let links = network.classic_links.iter();
            let mut links =
                links.filter(|(_, links)| links.iter().any(|link| link.instance == *id));
            let linked = links.next().map_or("", |(vpc, _)| vpc.as_str());
            let groups = joined(&it.security_groups);
            let key = format!("{} {:?} {linked} {groups}", it.region, it.state);
            it.public_ip.is_none().then_some(key)
        }
        _ => None,
    }
}
