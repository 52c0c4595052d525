//! Cloud Connect Networks: who is a member (CCN-1, CCN-14), equal routes (CCN-4, D20-34), tables and
//! selection (CCN-6, CCN-8), quotas (CCN-13).

use std::collections::BTreeMap;

use ipnet::IpNet;
use rustc_hash::FxHashMap;

use super::super::{
    Attachment, Ccn, CcnMember, CcnRoute, CcnTable, Key, Network, Origin, Place, Violation,
};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::limit;

pub(super) fn check(network: &Network, found: &mut Vec<Violation>) {
    let mut joined: FxHashMap<&Id, Vec<Place>> = FxHashMap::default();
    for (id, ccn) in &network.ccns {
        attachments(network, id, ccn, &mut joined, found);
        let members = network.ccn_members(id.as_str());
        route_tables(id, ccn, &members, found);
        selection(id, ccn, &members, found);
        written_routes(id, ccn, &members, found);
        equal_routes(network, id, ccn, found);
        let whose = || Words::verbatim(format!("`{id}`"));
        found.extend(
            limit::CCN_MEMBERS.soft(members.len(), whose, || Place::field(id, "attachments")),
        );
        found.extend(
            limit::CCN_TABLES
                .hard(ccn.route_tables.len(), whose, || Place::field(id, "route_tables")),
        );
        found.extend(
            limit::CCN_SELECTION.hard(ccn.selection.len(), whose, || Place::field(id, "selection")),
        );
    }
    let mut counts: BTreeMap<&str, (usize, &Id)> = BTreeMap::new();
    for id in network.ccns.keys() {
        let entry = counts.entry(network.account_of(id.as_str())).or_insert((0, id));
        *entry = (entry.0 + 1, id);
    }
    for (account, (count, last)) in counts {
        let whose = || Words::new(format!("the account `{account}`"), format!("账号 `{account}`"));
        found.extend(limit::CCNS.soft(count, whose, || Place::of(last)));
    }
    for (id, vpc) in &network.vpcs {
        let Some(places) = joined.get(id) else {
            continue;
        };
        let last = || places.last().cloned().unwrap_or_else(|| Place::of(id));
        let whose = || Words::verbatim(format!("`{id}`"));
        found.extend(limit::JOINED_CCNS.hard(places.len(), whose, last));
        if let (Some(cidr), true) = (vpc.ipv6_cidr, places.len() > 1) {
            let message = Words::new(
                format!("`{id}` has the IPv6 CIDR {cidr} and cannot join several CCNs (CCN-14)"),
                format!("`{id}` 有 IPv6 网段 {cidr}，不能加入多个云联网（CCN-14）"),
            );
            found.push(Violation::error(Code::InvalidValue, last(), message));
        }
    }
}

/// CCN-1, CCN-14: each member once, in one CCN unless it is a VPC, and gateways of the CCN type only.
fn attachments<'n>(
    network: &'n Network,
    id: &Id,
    ccn: &'n Ccn,
    joined: &mut FxHashMap<&'n Id, Vec<Place>>,
    found: &mut Vec<Violation>,
) {
    for (index, member) in ccn.attachments.iter().enumerate() {
        let place = Place::item(id, "attachments", index);
        let name = member.id();
        let is_vpc = matches!(member, CcnMember::Vpc(_));
        let mut before = joined.get(name).into_iter().flatten();
        if let Some(first) = before.find(|first| !is_vpc || first.id == *id) {
            let message = Words::new(
                format!("`{name}` is attached to `{id}` and before that to `{}`", first.id),
                format!("`{name}` 关联到 `{id}`，而此前已关联到 `{}`", first.id),
            );
            let violation = Violation::error(Code::CcnAttachmentTwice, place.clone(), message);
            found.push(violation.with_other(
                first.clone(),
                Words::new("it is attached here first", "首次关联在此处"),
            ));
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
                let message = Words::new(
                    format!("`{name}` is attached to `{id}` and says it is to `{ccn}`"),
                    format!("`{name}` 关联到 `{id}`，而其自身写明关联到 `{ccn}`"),
                );
                let violation = Violation::error(Code::CcnAttachmentTwice, place.clone(), message);
                found.push(violation.with_other(
                    other,
                    Words::new(format!("it names `{ccn}` here"), format!("此处写明 `{ccn}`")),
                ));
            }
            Some(Attachment::Vpc(vpc)) => {
                let message = Words::new(
                    format!("`{name}` is a gateway of `{vpc}` and cannot join `{id}`"),
                    format!("`{name}` 是 `{vpc}` 的网关，不能加入 `{id}`"),
                );
                let violation = Violation::error(Code::InvalidValue, place.clone(), message);
                let help = Words::new(
                    format!("write `attached_to: Ccn(\"{id}\")` at the gateway"),
                    format!("请在网关处写 `attached_to: Ccn(\"{id}\")`"),
                );
                found.push(
                    violation
                        .with_other(
                            other,
                            Words::new(
                                format!("it names `{vpc}` here"),
                                format!("此处写明 `{vpc}`"),
                            ),
                        )
                        .with_help(help),
                );
            }
            _ => {}
        }
        joined.entry(name).or_default().push(place);
    }
}

/// A table serves members of its CCN, and each member has at most one (CCN-6).
fn route_tables(id: &Id, ccn: &Ccn, members: &[CcnMember], found: &mut Vec<Violation>) {
    let mut bound: FxHashMap<&CcnMember, &Id> = FxHashMap::default();
    for (table, entity) in &ccn.route_tables {
        for (index, member) in entity.attachments.iter().enumerate() {
            let place = Place::field(id, "route_tables")
                .then(Key::Entry(table.clone()))
                .then(Key::Field("attachments"))
                .then(Key::Index(index));
            found.extend(no_member(id, members, member, &place));
            if let Some(first) = bound.insert(member, table) {
                let name = member.id();
                let message = Words::new(
                    format!("`{name}` has the route table `{first}` already"),
                    format!("`{name}` 已绑定路由表 `{first}`"),
                );
                let violation = Violation::error(Code::InvalidValue, place, message);
                found.push(violation.with_help(Words::new(
                    "a member has one route table (CCN-6)",
                    "一个成员只能绑定一个路由表（CCN-6）",
                )));
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
        let message = Words::new(
            format!("`{}` is no member of `{id}`", member.id()),
            format!("`{}` 不是 `{id}` 的成员", member.id()),
        );
        let violation = Violation::error(Code::InvalidValue, place.clone(), message);
        violation.with_help(Words::new(
            format!("list it in the `attachments` of `{id}`"),
            format!("请将其列入 `{id}` 的 `attachments`"),
        ))
    })
}

/// CCN-8: a selection policy speaks of a member and names a custom table of this CCN.
fn selection(id: &Id, ccn: &Ccn, members: &[CcnMember], found: &mut Vec<Violation>) {
    for (index, policy) in ccn.selection.iter().enumerate() {
        let place = |field| Place::item(id, "selection", index).then(Key::Field(field));
        found.extend(no_member(id, members, &policy.attachment, &place("attachment")));
        let table = &policy.route_table;
        if !ccn.route_tables.contains_key(table) {
            let message = Words::new(
                format!("the route table `{table}` is not one of `{id}`"),
                format!("路由表 `{table}` 不属于 `{id}`"),
            );
            found.push(Violation::error(Code::InvalidValue, place("route_table"), message));
        }
    }
}

/// A written route speaks of a member, and no two of the same route.
fn written_routes(id: &Id, ccn: &Ccn, members: &[CcnMember], found: &mut Vec<Violation>) {
    let mut written: FxHashMap<(IpNet, &CcnMember), usize> = FxHashMap::default();
    for (index, route) in ccn.routes.iter().enumerate() {
        let place = Place::item(id, "routes", index);
        let next = place.clone().then(Key::Field("next"));
        found.extend(no_member(id, members, &route.next, &next));
        if let Some(first) = written.insert((route.to, &route.next), index) {
            let (to, next) = (route.to, route.next.id());
            let message = Words::new(
                format!("the route to {to} by `{next}` is written twice in `{id}`"),
                format!("`{id}` 中经 `{next}` 到 {to} 的路由重复"),
            );
            let violation = Violation::error(Code::InvalidValue, place, message);
            found.push(violation.with_other(
                Place::item(id, "routes", first),
                Words::new("the first is here", "第一条在此处"),
            ));
        }
    }
}

/// CCN-4: two identical routes cannot both be on, except when all lead to Direct Connect gateways, or to any
/// gateways where the CCN lets routes overlap (D20-34). On arrival the later one is off, so only a written state can clash.
fn equal_routes(network: &Network, id: &Id, ccn: &Ccn, found: &mut Vec<Violation>) {
    if !ccn.routes.iter().any(|route| route.enabled) {
        return;
    }
    let custom = ccn.route_tables.keys().map(CcnTable::Custom);
    let mut reported = Vec::new();
    for table in std::iter::once(CcnTable::Default).chain(custom) {
        let mut enabled: BTreeMap<IpNet, Vec<CcnRoute>> = BTreeMap::new();
        for entry in network.ccn_entries(id, table) {
            let takes_part = entry.origin != Origin::Default;
            if entry.route.enabled && takes_part {
                let same = enabled.entry(entry.route.to).or_default();
                same.push(entry.route);
            }
        }
        for (to, routes) in enabled {
            let is_dc = |it: &CcnRoute| matches!(it.next, CcnMember::DirectConnectGateway(_));
            let is_behind = |it: &CcnRoute| !matches!(it.next, CcnMember::Vpc(_));
            let may_overlap = ccn.route_overlap && routes.iter().all(is_behind);
            let fine = routes.len() < 2 || routes.iter().all(is_dc) || may_overlap;
            if fine || reported.contains(&to) {
                continue;
            }
            reported.push(to);
            let says_on = |it: &CcnRoute| it.to == to && it.enabled;
            let culprit = ccn.routes.iter().rposition(says_on).unwrap_or_default();
            let names: Vec<_> = routes.iter().map(|it| format!("`{}`", it.next.id())).collect();
            let message = Words::new(
                format!("`{id}` has the route to {to} on by {}", names.join(" and by ")),
                format!("`{id}` 中到 {to} 的路由同时经 {} 启用", names.join("、")),
            );
            let place = Place::item(id, "routes", culprit);
            let violation = Violation::error(Code::CcnRouteConflict, place, message);
            found.push(violation.with_help(Words::new(
                "disable all but one of them (CCN-4)",
                "只保留其中一条启用（CCN-4）",
            )));
        }
    }
}

#[cfg(test)]
mod tests;
