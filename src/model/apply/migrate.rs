//! Moving: CVMs and databases into a VPC, from the classic network or from another VPC (MIG-1..7, MIG-9).
//!
//! | change | effect |
//! |---|---|
//! | `ModifyInstancesVpcAttribute` | new addresses at once; the links of a classic CVM go, its public address stays |
//! | `ModifyDBInstanceVipVport` | an address in the subnet; the old one answers for the hours that its product keeps it |
//!
//! Deliberately not here: how old addresses end (`ending`), and in which order to do it (`plan`).

use std::net::IpAddr;

use ipnet::IpNet;
use rustc_hash::FxHashSet;

use super::super::{
    ClassicDatabase, ClassicInstance, Database, Engine, Hours, Instance, Kind, Network, NextHop,
    OldNetwork, OldVip, Place, SnatSource,
};
use super::{Performed, Refusal, Topic, ending, missing, need};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::limit::MOVED_AT_ONCE;

/// Where something moves to.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    /// The VPC.
    vpc: &'a Id,
    /// One of its subnets.
    subnet: &'a Id,
    /// The groups of the new place; none = those it has.
    security_groups: Option<&'a [Id]>,
}

/// Moves every CVM of the list or none.
pub(super) fn instances(
    network: &mut Network,
    ids: &[Id],
    to: Target<'_>,
    ips: Option<&[IpAddr]>,
) -> Performed {
    to.check(network)?;
    batch(ids, ips)?;
    for id in ids {
        movable(network, id)?;
        same_place(network, id, to)?;
        if let Some(refusal) = bound(network, id, to.vpc) {
            return Err(refusal);
        }
    }
    let mut taken = addresses_of(network, to.vpc, ids);
    for (index, id) in ids.iter().enumerate() {
        let ip = match ips.and_then(|ips| ips.get(index)) {
            Some(ip) => *ip,
            None => free_address(network, to.subnet, &taken)?,
        };
        taken.insert(ip);
        settle(network, id, to, ip);
    }
    Ok(&[
        Topic::Addresses,
        Topic::Machines,
        Topic::Accounts,
        Topic::Balancers,
        Topic::Routes,
        Topic::Nats,
    ])
}

/// MIG-4: at most a hundred different ones, with an address for each or for none.
fn batch(ids: &[Id], ips: Option<&[IpAddr]>) -> Result<(), Refusal> {
    if ids.is_empty() {
        let message = Words::new("no instance is named", "没有写明要迁移的云服务器");
        return Err(Refusal::new(Code::InvalidValue, message));
    }
    let mut seen = FxHashSet::default();
    if let Some(twice) = ids.iter().find(|id| !seen.insert(*id)) {
        let message =
            Words::new(format!("`{twice}` is named twice"), format!("`{twice}` 重复出现"));
        return Err(Refusal::new(Code::InvalidValue, message));
    }
    let count = ids.len();
    let most = MOVED_AT_ONCE.most;
    if count > most {
        let message = Words::new(
            format!("{count} instances in one request, the limit is {most} (MIG-4)"),
            format!("一次请求迁移 {count} 台云服务器，上限为 {most} 台（MIG-4）"),
        );
        return Err(Refusal::new(Code::QuotaExceeded, message));
    }
    match ips {
        Some(ips) if ips.len() != count => {
            let given = ips.len();
            let message = Words::new(
                format!("{given} addresses for {count} instances: name one each, or none"),
                format!("{count} 台云服务器对应 {given} 个地址：请每台写一个，或都不写"),
            );
            Err(Refusal::new(Code::InvalidValue, message))
        }
        _ => Ok(()),
    }
}

impl<'a> Target<'a> {
    /// A subnet, and the groups if they are to be other ones.
    pub(super) fn of(vpc: &'a Id, subnet: &'a Id, security_groups: Option<&'a [Id]>) -> Self {
        Self { vpc, subnet, security_groups }
    }

    fn check(self, network: &Network) -> Result<(), Refusal> {
        need(network, self.vpc, &[Kind::Vpc])?;
        need(network, self.subnet, &[Kind::Subnet])?;
        for group in self.security_groups.into_iter().flatten() {
            need(network, group, &[Kind::SecurityGroup])?;
        }
        let (vpc, subnet) = (self.vpc, self.subnet);
        if network.vpc_of_subnet(subnet.as_str()) == Some(vpc) {
            return Ok(());
        }
        let message = Words::new(
            format!("`{subnet}` is no subnet of `{vpc}`"),
            format!("`{subnet}` 不是 `{vpc}` 的子网"),
        );
        Err(Refusal::new(Code::InvalidValue, message))
    }
}

/// MIG-9: only CVMs move; whoever tries a load balancer is told what to do instead.
fn movable(network: &Network, id: &Id) -> Result<(), Refusal> {
    let wanted = &[Kind::Instance, Kind::ClassicInstance];
    match network.kind_of(id.as_str()) {
        Some(Kind::LoadBalancer | Kind::ClassicLoadBalancer) => Err(balancer(id)),
        _ => need(network, id, wanted).map(|_| ()),
    }
}

fn balancer(id: &Id) -> Refusal {
    let message = Words::new(
        format!("`{id}` is a load balancer, and load balancers cannot move"),
        format!("`{id}` 是负载均衡，负载均衡不支持切换网络"),
    );
    Refusal::new(Code::WrongKind, message).with_help(Words::new(
        "create one in the VPC, give it the targets, and switch the name last (MIG-9)",
        "请在私有网络中新建负载均衡，绑定后端，最后切换域名（MIG-9）",
    ))
}

/// MIG-4: the same region, account and, where it is known, zone.
fn same_place(network: &Network, id: &Id, to: Target<'_>) -> Result<(), Refusal> {
    let refuse = |message: Words| Err(Refusal::new(Code::MigrationElsewhere, message));
    let (vpc, subnet) = (to.vpc, to.subnet);
    let region = |id: &Id| network.region_of(id.as_str());
    if let (Some(here), Some(there)) = (region(id), region(vpc))
        && here != there
    {
        return refuse(Words::new(
            format!("`{id}` in {here} cannot move into `{vpc}` in {there} (MIG-4)"),
            format!("{here} 的 `{id}` 不能迁入 {there} 的 `{vpc}`（MIG-4）"),
        ));
    }
    let account = |id: &Id| network.account_of(id.as_str()).to_owned();
    let (here, there) = (account(id), account(vpc));
    if here != there {
        return refuse(Words::new(
            format!("`{id}` of the account `{here}` cannot move into `{vpc}` of `{there}` (MIG-4)"),
            format!("账号 `{here}` 的 `{id}` 不能迁入账号 `{there}` 的 `{vpc}`（MIG-4）"),
        ));
    }
    let zone = |subnet: &Id| network.subnets.get(subnet)?.zone.clone();
    let own = network.instances.get(id).and_then(|it| zone(&it.subnet));
    match (own, zone(subnet)) {
        (Some(here), Some(there)) if here != there => refuse(Words::new(
            format!("`{id}` in the zone {here} cannot move into `{subnet}` in {there} (MIG-4)"),
            format!("可用区 {here} 的 `{id}` 不能迁入 {there} 的 `{subnet}`（MIG-4）"),
        )),
        _ => Ok(()),
    }
}

/// MIG-5: what must be taken off a CVM before it moves. Routes to it and SNAT rules of it only stand in the way of leaving
/// the VPC.
fn bound(network: &Network, id: &Id, vpc: &Id) -> Option<Refusal> {
    let leaves = network.vpc_of(id.as_str()).is_some_and(|own| own != vpc);
    let (holder, what, place) = balanced(network, id)
        .or_else(|| own_addresses(network, id))
        .or_else(|| interfaced(network, id))
        .or_else(|| leaves.then(|| routed(network, id)).flatten())?;
    let message = Words::new(
        format!("`{id}` cannot move: {what} `{holder}` binds it (MIG-5)"),
        format!("`{id}` 不能迁移：仍绑定在{} `{holder}` 上（MIG-5）", what.chinese()),
    );
    let refusal = Refusal::new(Code::MigrationBound, message).at(place);
    Some(refusal.with_help(Words::new(
        "unbind it before, bind it again after",
        "请在迁移前解绑，迁移后重新绑定",
    )))
}

type Holder = (String, Words, Place);

fn balanced(network: &Network, id: &Id) -> Option<Holder> {
    let own = network.load_balancers.iter();
    let own = own.map(|(id, it)| (id, &it.listeners));
    let classic = network.classic_load_balancers.iter();
    let all = own.chain(classic.map(|(id, it)| (id, &it.listeners)));
    for (balancer, listeners) in all {
        for (index, listener) in listeners.iter().enumerate() {
            if listener.targets.iter().any(|target| target.instance == *id) {
                let what = Words::new("the load balancer", "负载均衡");
                let place = Place::item(balancer, "listeners", index);
                return Some((balancer.to_string(), what, place));
            }
        }
    }
    None
}

fn own_addresses(network: &Network, id: &Id) -> Option<Holder> {
    let instance = network.instances.get(id)?;
    if let Some(second) = instance.secondary_ips.first() {
        let what = Words::new("the secondary address", "辅助内网 IP");
        let place = Place::field(id, "secondary_ips");
        return Some((second.to_string(), what, place));
    }
    let ipv6 = instance.ipv6?;
    let what = Words::new("the IPv6 address", "IPv6 地址");
    Some((ipv6.to_string(), what, Place::field(id, "ipv6")))
}

fn interfaced(network: &Network, id: &Id) -> Option<Holder> {
    let mut interfaces = network.network_interfaces.iter();
    if let Some((eni, _)) = interfaces.find(|(_, it)| it.instance == *id) {
        let what = Words::new("the network interface", "弹性网卡");
        return Some((eni.to_string(), what, Place::field(eni, "instance")));
    }
    let mut havips = network.havips.iter();
    let (havip, _) = havips.find(|(_, it)| it.bound_to.as_ref() == Some(id))?;
    let what = Words::new("the HAVIP", "高可用虚拟 IP");
    Some((havip.to_string(), what, Place::field(havip, "bound_to")))
}

fn routed(network: &Network, id: &Id) -> Option<Holder> {
    for (table, it) in &network.route_tables {
        let leads = |via: &NextHop| matches!(via, NextHop::Instance(hop) | NextHop::PublicGateway(hop) if hop == id);
        if let Some(index) = it.routes.iter().position(|route| leads(&route.via)) {
            let what = Words::new("a route of", "路由表");
            return Some((table.to_string(), what, Place::item(table, "routes", index)));
        }
    }
    for (nat, it) in &network.nat_gateways {
        let own = |from: &SnatSource| matches!(from, SnatSource::Instance(own) if own == id);
        if let Some(index) = it.snat.iter().position(|rule| own(&rule.from)) {
            let what = Words::new("an SNAT rule of", "NAT 网关");
            return Some((nat.to_string(), what, Place::item(nat, "snat", index)));
        }
    }
    None
}

/// The private addresses that are taken in a VPC; those that move do not hold theirs.
fn addresses_of(network: &Network, vpc: &Id, moving: &[Id]) -> FxHashSet<IpAddr> {
    let owned = network.owned_addresses();
    let mut taken = FxHashSet::default();
    for one in owned {
        let here = one.space == super::super::AddressSpace::Vpc(vpc);
        if !here || moving.contains(one.owner) {
            continue;
        }
        match one.range {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                let all = first.to_bits()..=last.to_bits();
                taken.extend(all.map(|bits| IpAddr::V4(bits.into())));
            }
            (first, _) => {
                taken.insert(first);
            }
        }
    }
    taken
}

/// MIG-2: which address the cloud gives is not said; the first that is free stands for it.
fn free_address(
    network: &Network,
    subnet: &Id,
    taken: &FxHashSet<IpAddr>,
) -> Result<IpAddr, Refusal> {
    let cidr = network.subnets.get(subnet).map(|it| it.cidr);
    let free = match cidr {
        Some(IpNet::V4(cidr)) => {
            let (first, last) = (cidr.network().to_bits(), cidr.broadcast().to_bits());
            let mut bits = first.saturating_add(2)..last;
            bits.find_map(|bits| {
                let address = IpAddr::V4(bits.into());
                (!taken.contains(&address)).then_some(address)
            })
        }
        _ => None,
    };
    free.ok_or_else(|| {
        let message = Words::new(
            format!("no address of `{subnet}` is free"),
            format!("子网 `{subnet}` 没有可用地址"),
        );
        Refusal::new(Code::AddressInUse, message)
    })
}

/// MIG-2, MIG-3: the CVM at its new place. A classic one stops being classic: its links go, its public address stays.
fn settle(network: &mut Network, id: &Id, to: Target<'_>, ip: IpAddr) {
    if let Some(instance) = network.instances.get_mut(id) {
        instance.subnet = to.subnet.clone();
        instance.ip = ip;
        if let Some(groups) = to.security_groups {
            instance.security_groups = groups.to_vec();
        }
        return;
    }
    let Some(classic) = network.classic_instances.shift_remove(id) else {
        return;
    };
    // a VPC that has lost its last link is one without links
    network.classic_links.retain(|_, links| {
        let before = links.len();
        links.retain(|link| link.instance != *id);
        !links.is_empty() || before == 0
    });
    let ClassicInstance { meta, public_ip, security_groups, state, .. } = classic;
    let security_groups = to.security_groups.map_or(security_groups, <[Id]>::to_vec);
    let instance = Instance {
        meta,
        subnet: to.subnet.clone(),
        ip,
        secondary_ips: Vec::new(),
        ipv6: None,
        eip: public_ip,
        security_groups,
        state,
        public_gateway: false,
        masquerades: false,
    };
    network.instances.insert(id.clone(), instance);
}

/// Gives a database an address in a subnet.
pub(super) fn database(
    network: &mut Network,
    id: &Id,
    to: Target<'_>,
    ip: Option<IpAddr>,
    keep: Option<u32>,
) -> Performed {
    to.check(network)?;
    let wanted = &[Kind::Database, Kind::ClassicDatabase];
    match network.kind_of(id.as_str()) {
        Some(Kind::LoadBalancer | Kind::ClassicLoadBalancer) => return Err(balancer(id)),
        _ => need(network, id, wanted)?,
    };
    same_place(network, id, to)?;
    let (mut database, old) =
        standing(network, id, to).ok_or_else(|| missing(network, id, wanted))?;
    let hours_left = kept(id, database.engine, keep)?;
    let ip = match ip {
        Some(ip) => ip,
        None => free_address(network, to.subnet, &addresses_of(network, to.vpc, &[]))?,
    };
    let old = OldVip { hours_left, ..old };
    if hours_left > 0 {
        database.old_vips.push(old);
    }
    database.subnet = to.subnet.clone();
    database.ip = ip;
    if let Some(groups) = to.security_groups {
        database.security_groups = groups.to_vec();
    }
    network.classic_databases.shift_remove(id);
    network.databases.insert(id.clone(), database);
    ending::forget_connections(network);
    Ok(&[Topic::Addresses, Topic::Machines, Topic::Accounts])
}

/// The database as one of a VPC, and the address that it has before the move.
fn standing(network: &Network, id: &Id, to: Target<'_>) -> Option<(Database, OldVip)> {
    let old = |network, ip| OldVip { network, ip, hours_left: 0 };
    if let Some(database) = network.databases.get(id) {
        let vpc = network.vpc_of_subnet(database.subnet.as_str())?.clone();
        return Some((database.clone(), old(OldNetwork::Vpc(vpc), database.ip)));
    }
    let ClassicDatabase { meta, ip, engine, port, .. } = network.classic_databases.get(id)?.clone();
    let database = Database {
        meta,
        subnet: to.subnet.clone(),
        ip,
        engine,
        port,
        security_groups: Vec::new(),
        old_vips: Vec::new(),
    };
    Some((database, old(OldNetwork::Classic, ip)))
}

/// MIG-6, MIG-7: for how many hours the old address answers.
fn kept(id: &Id, engine: Engine, keep: Option<u32>) -> Result<u32, Refusal> {
    let refuse = |message: Words| Err(Refusal::new(Code::InvalidValue, message));
    let Some(keeping) = engine.keeping() else {
        return refuse(Words::new(
            format!("`{id}` cannot move: the documents know no move of this product (MIG-7)"),
            format!("`{id}` 不能迁移：文档未说明该产品支持切换网络（MIG-7）"),
        ));
    };
    let hours = keep.unwrap_or(keeping.default);
    if keeping.allowed.allows(hours) {
        return Ok(hours);
    }
    let allowed = match keeping.allowed {
        Hours::UpTo(most) => format!("0-{most}"),
        Hours::OneOf(some) => {
            let some: Vec<_> = some.iter().map(u32::to_string).collect();
            some.join(", ")
        }
    };
    refuse(Words::new(
        format!(
            "`{id}` cannot keep its old address for {hours} hours; its product allows {allowed} (MIG-6)"
        ),
        format!("`{id}` 的旧地址不能保留 {hours} 小时；该产品可选 {allowed}（MIG-6）"),
    ))
}
