//! Cloud Connect Networks: who is a member (CCN-1), equal routes (CCN-4), tables and selection
//! (CCN-6, CCN-8), quotas (CCN-13).

use std::collections::{BTreeMap, HashMap};

use ipnet::IpNet;

use super::super::{
    Attachment, Ccn, CcnMember, CcnRoute, CcnTable, Key, Network, Place, Violation,
};
use super::quota::Quota;
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;

const CCNS: Quota = Quota::new("CCN-13", 5, "CCNs", "个云联网");
const MEMBERS: Quota = Quota::new("CCN-13", 25, "members", "个成员");
const TABLES: Quota = Quota::new("CCN-8", 10, "route tables of its own", "个自定义路由表");
const SELECTION: Quota = Quota::new("CCN-8", 20, "selection policies", "条路由表选择策略");

pub(super) fn check(network: &Network, found: &mut Vec<Violation>) {
    let mut joined: HashMap<&Id, Place> = HashMap::new();
    for (id, ccn) in &network.ccns {
        attachments(network, id, ccn, &mut joined, found);
        let members = network.ccn_members(id.as_str());
        route_tables(id, ccn, &members, found);
        selection(id, ccn, &members, found);
        written_routes(id, ccn, &members, found);
        equal_routes(network, id, ccn, found);
        let whose = || Words::verbatim(format!("`{id}`"));
        found.extend(MEMBERS.soft(members.len(), whose, || Place::field(id, "attachments")));
        found.extend(TABLES.hard(ccn.route_tables.len(), whose, || {
            Place::field(id, "route_tables")
        }));
        found.extend(SELECTION.hard(ccn.selection.len(), whose, || Place::field(id, "selection")));
    }
    let mut counts: BTreeMap<&str, (usize, &Id)> = BTreeMap::new();
    for id in network.ccns.keys() {
        let entry = counts
            .entry(network.account_of(id.as_str()))
            .or_insert((0, id));
        *entry = (entry.0 + 1, id);
    }
    for (account, (count, last)) in counts {
        let whose = || {
            Words::new(
                format!("the account `{account}`"),
                format!("账号 `{account}`"),
            )
        };
        found.extend(CCNS.soft(count, whose, || Place::of(last)));
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
            let message = Words::new(
                format!(
                    "`{name}` is attached to `{id}` and before that to `{}`",
                    first.id
                ),
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
                    Words::new(
                        format!("it names `{ccn}` here"),
                        format!("此处写明 `{ccn}`"),
                    ),
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
        found.extend(no_member(
            id,
            members,
            &policy.attachment,
            &place("attachment"),
        ));
        let table = &policy.route_table;
        if !ccn.route_tables.contains_key(table) {
            let message = Words::new(
                format!("the route table `{table}` is not one of `{id}`"),
                format!("路由表 `{table}` 不属于 `{id}`"),
            );
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
            let message = Words::new(
                format!(
                    "`{id}` has the route to {to} on by {}",
                    names.join(" and by ")
                ),
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
mod tests {
    use super::super::super::sample::{
        breaks, ccn, cidr, direct_connect, id, ids, site, subnet, vpc, vpn,
    };
    use super::*;
    use crate::model::{
        CcnRoutePolicy, CcnRouteTable, CcnSelection, DcNat, DirectConnectKind, Meta,
    };
    use crate::space::Action;

    fn vpcs(names: &[&str]) -> Vec<CcnMember> {
        ids(names).into_iter().map(CcnMember::Vpc).collect()
    }

    /// `ccn-1` joins `vpc-tom` and `vpc-two`.
    fn joined(network: &mut Network) -> &mut Ccn {
        network
            .ccns
            .insert(id("ccn-1"), ccn(vpcs(&["vpc-tom", "vpc-two"])));
        &mut network.ccns[&id("ccn-1")]
    }

    #[test]
    fn a_member_is_attached_once() {
        breaks(
            |network| {
                joined(network);
            },
            &[],
        );
        let twice = |network: &mut Network| {
            joined(network)
                .attachments
                .push(CcnMember::Vpc(id("vpc-tom")));
        };
        breaks(twice, &[Code::CcnAttachmentTwice]);
        let in_two = |network: &mut Network| {
            joined(network);
            network.ccns.insert(id("ccn-2"), ccn(vpcs(&["vpc-two"])));
        };
        breaks(in_two, &[Code::CcnAttachmentTwice]);
    }

    #[test]
    fn a_gateway_and_its_ccn_say_the_same() {
        let says = |attached_to: Attachment| {
            move |network: &mut Network| {
                network.sites.insert(id("idc"), site(&["192.168.0.0/16"]));
                network.ccns.insert(id("ccn-2"), ccn(vec![]));
                network.vpn_gateways.insert(id("vpngw-1"), vpn(attached_to));
                joined(network)
                    .attachments
                    .push(CcnMember::VpnGateway(id("vpngw-1")));
            }
        };
        breaks(says(Attachment::Ccn(id("ccn-1"))), &[]);
        breaks(
            says(Attachment::Ccn(id("ccn-2"))),
            &[Code::CcnAttachmentTwice],
        );
        breaks(says(Attachment::Vpc(id("vpc-tom"))), &[Code::InvalidValue]);
    }

    #[test]
    fn a_nat_kind_gateway_joins_no_ccn() {
        let join = |network: &mut Network| {
            network.sites.insert(id("idc"), site(&["192.168.0.0/16"]));
            joined(network);
            let mut gateway = direct_connect(Attachment::Ccn(id("ccn-1")), &[]);
            gateway.kind = DirectConnectKind::Nat(DcNat::default());
            network.direct_connect_gateways.insert(id("dcg-1"), gateway);
        };
        breaks(join, &[Code::InvalidValue]);
    }

    #[test]
    fn two_equal_routes_are_not_both_on() {
        let twin = |on: bool, first_off: bool| {
            move |network: &mut Network| {
                network.vpcs.insert(id("vpc-x"), vpc("10.1.0.0/16"));
                network
                    .subnets
                    .insert(id("subnet-x"), subnet("vpc-x", "10.1.1.0/24"));
                let ccn = joined(network);
                ccn.attachments.push(CcnMember::Vpc(id("vpc-x")));
                let route = |member: &str, enabled| CcnRoute {
                    to: cidr("10.1.1.0/24"),
                    next: CcnMember::Vpc(id(member)),
                    enabled,
                };
                ccn.routes.push(route("vpc-x", on));
                ccn.routes.push(route("vpc-tom", !first_off));
            }
        };
        breaks(twin(false, false), &[]);
        breaks(twin(true, true), &[]);
        breaks(twin(true, false), &[Code::CcnRouteConflict]);
    }

    #[test]
    fn equal_routes_of_direct_connect_gateways_share_the_load() {
        let two = |network: &mut Network| {
            network.sites.insert(id("idc"), site(&["192.168.0.0/16"]));
            joined(network);
            for name in ["dcg-1", "dcg-2"] {
                let prefixes = ["192.168.0.0/16"];
                let mut gateway = direct_connect(Attachment::Ccn(id("ccn-1")), &prefixes);
                gateway.tunnels[0].id = id(&format!("{name}-tunnel"));
                network.direct_connect_gateways.insert(id(name), gateway);
                network.ccns[&id("ccn-1")].routes.push(CcnRoute {
                    to: cidr("192.168.0.0/16"),
                    next: CcnMember::DirectConnectGateway(id(name)),
                    enabled: true,
                });
            }
        };
        breaks(two, &[]);
    }

    fn with_tables(network: &mut Network, count: usize) -> &mut Ccn {
        let ccn = joined(network);
        for number in 0..count {
            let table = CcnRouteTable {
                meta: Meta::default(),
                attachments: Vec::new(),
                accept: vec![CcnRoutePolicy {
                    from: None,
                    cidr: None,
                    action: Action::Accept,
                }],
            };
            ccn.route_tables
                .insert(id(&format!("ccnrtb-{number}")), table);
        }
        ccn
    }

    #[test]
    fn a_ccn_has_at_most_10_tables_and_20_selection_policies() {
        let tables = |count: usize| {
            move |network: &mut Network| {
                with_tables(network, count);
            }
        };
        breaks(tables(10), &[]);
        breaks(tables(11), &[Code::QuotaExceeded]);
        let select = |count: usize| {
            move |network: &mut Network| {
                let policy = CcnSelection {
                    attachment: CcnMember::Vpc(id("vpc-tom")),
                    source: cidr("10.1.1.0/24"),
                    route_table: id("ccnrtb-0"),
                };
                with_tables(network, 1).selection = vec![policy; count];
            }
        };
        breaks(select(20), &[]);
        breaks(select(21), &[Code::QuotaExceeded]);
    }

    #[test]
    fn tables_serve_members_and_each_member_has_one() {
        let bind = |tables: usize, member: &'static str| {
            move |network: &mut Network| {
                network.vpcs.insert(id("vpc-x"), vpc("10.9.0.0/16"));
                for table in with_tables(network, tables).route_tables.values_mut() {
                    table.attachments.push(CcnMember::Vpc(id(member)));
                }
            }
        };
        breaks(bind(1, "vpc-tom"), &[]);
        breaks(bind(2, "vpc-tom"), &[Code::InvalidValue]);
        breaks(bind(1, "vpc-x"), &[Code::InvalidValue]);
    }

    #[test]
    fn a_written_route_speaks_of_a_member_and_once() {
        let write = |members: &'static [&'static str]| {
            move |network: &mut Network| {
                network.vpcs.insert(id("vpc-x"), vpc("10.9.0.0/16"));
                joined(network).routes = vpcs(members)
                    .into_iter()
                    .map(|next| CcnRoute {
                        to: cidr("10.77.0.0/16"),
                        next,
                        enabled: false,
                    })
                    .collect();
            }
        };
        breaks(write(&["vpc-tom", "vpc-two"]), &[]);
        breaks(write(&["vpc-x"]), &[Code::InvalidValue]);
        breaks(write(&["vpc-tom", "vpc-tom"]), &[Code::InvalidValue]);
    }
}
