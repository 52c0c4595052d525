//! Cloud Connect Networks: who is a member (CCN-1), equal routes (CCN-4), tables and selection
//! (CCN-6, CCN-8), quotas (CCN-13).

use std::collections::{BTreeMap, HashMap};

use ipnet::IpNet;

use super::super::{
    Attachment, Ccn, CcnMember, CcnRoute, CcnTable, Key, Network, Place, Violation,
};
use super::quota::Quota;
use crate::code::Code;
use crate::id::Id;

const CCNS: Quota = Quota::new("CCN-13", 5, "CCNs");
const MEMBERS: Quota = Quota::new("CCN-13", 25, "members");
const TABLES: Quota = Quota::new("CCN-8", 10, "route tables of its own");
const SELECTION: Quota = Quota::new("CCN-8", 20, "selection policies");

pub(super) fn check(network: &Network, found: &mut Vec<Violation>) {
    let mut joined: HashMap<&Id, Place> = HashMap::new();
    for (id, ccn) in &network.ccns {
        attachments(network, id, ccn, &mut joined, found);
        let members = network.ccn_members(id.as_str());
        route_tables(id, ccn, &members, found);
        selection(id, ccn, &members, found);
        written_routes(id, ccn, &members, found);
        equal_routes(network, id, ccn, found);
        let whose = format!("`{id}`");
        found.extend(MEMBERS.soft(members.len(), &whose, || Place::field(id, "attachments")));
        found.extend(TABLES.hard(ccn.route_tables.len(), &whose, || {
            Place::field(id, "route_tables")
        }));
        found.extend(SELECTION.hard(ccn.selection.len(), &whose, || {
            Place::field(id, "selection")
        }));
    }
    let mut counts: BTreeMap<&str, (usize, &Id)> = BTreeMap::new();
    for id in network.ccns.keys() {
        let entry = counts
            .entry(network.account_of(id.as_str()))
            .or_insert((0, id));
        *entry = (entry.0 + 1, id);
    }
    for (account, (count, last)) in counts {
        let whose = format!("the account `{account}`");
        found.extend(CCNS.soft(count, &whose, || Place::of(last)));
    }
}

/// CCN-1: each member once, in one CCN, and gateways of the CCN type only.
fn attachments<'n>(
    network: &'n Network,
    id: &Id,
    ccn: &'n Ccn,
    joined: &mut HashMap<&'n Id, Place>,
    found: &mut Vec<Violation>,
) {
    for (index, member) in ccn.attachments.iter().enumerate() {
        let place = Place::item(id, "attachments", index);
        let name = member.id();
        if let Some(first) = joined.get(name) {
            let message = format!(
                "`{name}` is attached to `{id}` and before that to `{}`",
                first.id
            );
            let violation = Violation::error(Code::CcnAttachmentTwice, place.clone(), message);
            found.push(violation.with_other(first.clone(), "it is attached here first"));
            continue;
        }
        let attached_to = match member {
            CcnMember::Vpc(_) => None,
            CcnMember::VpnGateway(name) => network.vpn_gateways.get(name).map(|it| &it.attached_to),
            CcnMember::DirectConnectGateway(name) => {
                let gateway = network.direct_connect_gateways.get(name);
                gateway.map(|it| &it.attached_to)
            }
        };
        let other = Place::field(name, "attached_to");
        match attached_to {
            Some(Attachment::Ccn(ccn)) if ccn != id => {
                let message = format!("`{name}` is attached to `{id}` and says it is to `{ccn}`");
                let violation = Violation::error(Code::CcnAttachmentTwice, place.clone(), message);
                found.push(violation.with_other(other, format!("it names `{ccn}` here")));
            }
            Some(Attachment::Vpc(vpc)) => {
                let message = format!("`{name}` is a gateway of `{vpc}` and cannot join `{id}`");
                let violation = Violation::error(Code::InvalidValue, place.clone(), message);
                let help = format!("write `attached_to: Ccn(\"{id}\")` at the gateway");
                found.push(
                    violation
                        .with_other(other, format!("it names `{vpc}` here"))
                        .with_help(help),
                );
            }
            _ => {}
        }
        joined.insert(name, place);
    }
}

/// A table serves members of its CCN, and each member has at most one (CCN-6).
fn route_tables(id: &Id, ccn: &Ccn, members: &[CcnMember], found: &mut Vec<Violation>) {
    let mut bound: HashMap<&CcnMember, &Id> = HashMap::new();
    for (table, entity) in &ccn.route_tables {
        for (index, member) in entity.attachments.iter().enumerate() {
            let place = Place::field(id, "route_tables")
                .then(Key::Entry(table.clone()))
                .then(Key::Field("attachments"))
                .then(Key::Index(index));
            found.extend(no_member(id, members, member, &place));
            if let Some(first) = bound.insert(member, table) {
                let name = member.id();
                let message = format!("`{name}` has the route table `{first}` already");
                let violation = Violation::error(Code::InvalidValue, place, message);
                found.push(violation.with_help("a member has one route table (CCN-6)"));
            }
        }
    }
}

fn no_member(
    id: &Id,
    members: &[CcnMember],
    member: &CcnMember,
    place: &Place,
) -> Option<Violation> {
    (!members.contains(member)).then(|| {
        let message = format!("`{}` is no member of `{id}`", member.id());
        let violation = Violation::error(Code::InvalidValue, place.clone(), message);
        violation.with_help(format!("list it in the `attachments` of `{id}`"))
    })
}

/// CCN-8: a selection policy speaks of a member and names a custom table of this CCN.
fn selection(id: &Id, ccn: &Ccn, members: &[CcnMember], found: &mut Vec<Violation>) {
    for (index, policy) in ccn.selection.iter().enumerate() {
        let place = |field| Place::item(id, "selection", index).then(Key::Field(field));
        found.extend(no_member(
            id,
            members,
            &policy.attachment,
            &place("attachment"),
        ));
        let table = &policy.route_table;
        if !ccn.route_tables.contains_key(table) {
            let message = format!("the route table `{table}` is not one of `{id}`");
            found.push(Violation::error(
                Code::InvalidValue,
                place("route_table"),
                message,
            ));
        }
    }
}

/// A written route speaks of a member, and no two of the same route.
fn written_routes(id: &Id, ccn: &Ccn, members: &[CcnMember], found: &mut Vec<Violation>) {
    let mut written: HashMap<(IpNet, &CcnMember), usize> = HashMap::new();
    for (index, route) in ccn.routes.iter().enumerate() {
        let place = Place::item(id, "routes", index);
        let next = place.clone().then(Key::Field("next"));
        found.extend(no_member(id, members, &route.next, &next));
        if let Some(first) = written.insert((route.to, &route.next), index) {
            let (to, next) = (route.to, route.next.id());
            let message = format!("the route to {to} by `{next}` is written twice in `{id}`");
            let violation = Violation::error(Code::InvalidValue, place, message);
            found.push(violation.with_other(Place::item(id, "routes", first), "the first is here"));
        }
    }
}

/// CCN-4: two identical routes cannot both be on, except when all lead to Direct Connect gateways.
/// On arrival the later one is off, so only a written state can clash.
fn equal_routes(network: &Network, id: &Id, ccn: &Ccn, found: &mut Vec<Violation>) {
    if !ccn.routes.iter().any(|route| route.enabled) {
        return;
    }
    let custom = ccn.route_tables.keys().map(CcnTable::Custom);
    let mut reported = Vec::new();
    for table in std::iter::once(CcnTable::Default).chain(custom) {
        let mut enabled: BTreeMap<IpNet, Vec<CcnRoute>> = BTreeMap::new();
        for route in network.ccn_routes(id, table) {
            if route.enabled {
                enabled.entry(route.to).or_default().push(route);
            }
        }
        for (to, routes) in enabled {
            let is_dc = |it: &CcnRoute| matches!(it.next, CcnMember::DirectConnectGateway(_));
            if routes.len() < 2 || routes.iter().all(is_dc) || reported.contains(&to) {
                continue;
            }
            reported.push(to);
            let says_on = |it: &CcnRoute| it.to == to && it.enabled;
            let culprit = ccn.routes.iter().rposition(says_on).unwrap_or_default();
            let names: Vec<_> = routes
                .iter()
                .map(|it| format!("`{}`", it.next.id()))
                .collect();
            let message = format!(
                "`{id}` has the route to {to} on by {}",
                names.join(" and by ")
            );
            let place = Place::item(id, "routes", culprit);
            let violation = Violation::error(Code::CcnRouteConflict, place, message);
            found.push(violation.with_help("disable all but one of them (CCN-4)"));
        }
    }
}
