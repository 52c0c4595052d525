//! Machines: their ENIs and HAVIPs stay in their VPC, and the groups bound to anything fit its
//! region and account and the quotas (SG-2, SG-15, SG-17).

use rustc_hash::FxHashMap;

use super::super::{Kind, Network, Place, Violation};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::limit;

pub(super) fn check(network: &Network, found: &mut Vec<Violation>) {
    interfaces(network, found);
    havips(network, found);
    old_addresses(network, found);
    let mut members = FxHashMap::default();
    for holder in holders(network) {
        groups(network, &holder, &mut members, found);
    }
    for group in network.security_groups.keys() {
        let count = members.get(group).copied().unwrap_or(0);
        found.extend(limit::GROUP_MEMBERS.soft(
            count,
            || Words::verbatim(format!("`{group}`")),
            || Place::of(group),
        ));
    }
}

/// An ENI lies in the VPC of its machine.
fn interfaces(network: &Network, found: &mut Vec<Violation>) {
    for (id, interface) in &network.network_interfaces {
        let machine = &interface.instance;
        let (Some(own), Some(home)) =
            (network.vpc_of_subnet(interface.subnet.as_str()), network.vpc_of(machine.as_str()))
        else {
            continue;
        };
        if own != home {
            let message = Words::new(
                format!("`{id}` lies in `{own}`, its machine `{machine}` in `{home}`"),
                format!("弹性网卡 `{id}` 位于 `{own}`，而其云服务器 `{machine}` 位于 `{home}`"),
            );
            let place = Place::field(id, "subnet");
            let violation = Violation::error(Code::InvalidValue, place, message);
            found.push(violation.with_other(
                Place::field(machine, "subnet"),
                Words::new("the machine is here", "该云服务器在此处"),
            ));
        }
    }
}

/// A HAVIP is bound to an instance of its VPC.
fn havips(network: &Network, found: &mut Vec<Violation>) {
    for (id, havip) in &network.havips {
        let Some(machine) = &havip.bound_to else {
            continue;
        };
        let (Some(own), Some(home)) =
            (network.vpc_of_subnet(havip.subnet.as_str()), network.vpc_of(machine.as_str()))
        else {
            continue;
        };
        if own != home {
            let message = Words::new(
                format!("the HAVIP `{id}` of `{own}` cannot be bound to `{machine}` of `{home}`"),
                format!("`{own}` 的 HAVIP `{id}` 不能绑定 `{home}` 的 `{machine}`"),
            );
            let place = Place::field(id, "bound_to");
            let violation = Violation::error(Code::InvalidValue, place, message);
            found.push(violation.with_other(
                Place::field(machine, "subnet"),
                Words::new("it lies here", "其位置在此处"),
            ));
        }
    }
}

/// MIG-6, MIG-7: no product keeps an old address longer than it can be told to.
fn old_addresses(network: &Network, found: &mut Vec<Violation>) {
    for (id, database) in &network.databases {
        let most = database.engine.keeping().map(|it| it.allowed.most());
        for (index, old) in database.old_vips.iter().enumerate() {
            let hours = old.hours_left;
            let place = Place::item(id, "old_vips", index);
            let message = match most {
                Some(most) if hours <= most => continue,
                Some(0) | None => Words::new(
                    format!("`{id}` cannot have an old address: its product keeps none (MIG-6)"),
                    format!("`{id}` 不能有旧地址：该产品切换网络后不保留旧地址（MIG-6）"),
                ),
                Some(most) => Words::new(
                    format!(
                        "the old address of `{id}` cannot answer for {hours} hours more: {most} at most (MIG-6)"
                    ),
                    format!("`{id}` 的旧地址不能再保留 {hours} 小时：最长 {most} 小时（MIG-6）"),
                ),
            };
            found.push(Violation::error(Code::InvalidValue, place, message));
        }
    }
}

/// Something that groups are bound to.
struct Holder<'n> {
    id: &'n Id,
    kind: Kind,
    groups: &'n [Id],
    region: Option<&'n str>,
    /// How many instances it stands for, for the quota of members.
    machines: usize,
}

/// Everything that groups are bound to, in the order of the sections.
fn holders(network: &Network) -> impl Iterator<Item = Holder<'_>> {
    let region = |subnet: &Id| {
        let vpc = network.vpc_of_subnet(subnet.as_str())?;
        Some(network.vpcs.get(vpc)?.region.as_str())
    };
    let holder = |id, kind, groups, region, machines| Holder { id, kind, groups, region, machines };
    let instances = network.instances.iter().map(move |(id, it)| {
        holder(id, Kind::Instance, it.security_groups.as_slice(), region(&it.subnet), 1)
    });
    let interfaces = network.network_interfaces.iter().map(move |(id, it)| {
        let groups = it.security_groups.as_slice();
        holder(id, Kind::NetworkInterface, groups, region(&it.subnet), 0)
    });
    let instance_groups = network.instance_groups.iter().map(move |(id, it)| {
        let groups = it.security_groups.as_slice();
        holder(id, Kind::InstanceGroup, groups, region(&it.subnet), it.count())
    });
    let databases = network.databases.iter().map(move |(id, it)| {
        holder(id, Kind::Database, it.security_groups.as_slice(), region(&it.subnet), 0)
    });
    let endpoints = network.vpc_endpoints.iter().map(move |(id, it)| {
        let groups = it.security_groups.as_slice();
        holder(id, Kind::VpcEndpoint, groups, region(&it.subnet), 0)
    });
    let balancers = network.load_balancers.iter().map(move |(id, it)| {
        let vpc = network.vpc_of_balancer(it).and_then(|vpc| network.vpcs.get(vpc));
        let region = vpc.map(|vpc| vpc.region.as_str());
        holder(id, Kind::LoadBalancer, it.security_groups.as_slice(), region, 0)
    });
    let classic = network.classic_instances.iter().map(move |(id, it)| {
        let groups = it.security_groups.as_slice();
        holder(id, Kind::ClassicInstance, groups, Some(it.region.as_str()), 1)
    });
    instances
        .chain(interfaces)
        .chain(instance_groups)
        .chain(databases)
        .chain(balancers)
        .chain(endpoints)
        .chain(classic)
}

fn groups<'n>(
    network: &'n Network,
    holder: &Holder<'n>,
    members: &mut FxHashMap<&'n Id, usize>,
    found: &mut Vec<Violation>,
) {
    let id = holder.id;
    // databases, load balancers and endpoints admit everything without groups (DB-4, CLB-6, PL-6)
    let is_service = matches!(holder.kind, Kind::Database | Kind::LoadBalancer | Kind::VpcEndpoint);
    if holder.groups.is_empty() && !is_service {
        let message = Words::new(
            format!("`{id}` has no security group and drops everything"),
            format!("`{id}` 没有绑定安全组，将丢弃所有报文"),
        );
        let place = Place::field(id, "security_groups");
        let violation = Violation::warning(Code::NoSecurityGroup, place, message);
        found.push(violation.with_help(Words::new(
            "an instance always has a group in the cloud (SG-17)",
            "云上的云服务器至少绑定一个安全组（SG-17）",
        )));
    }
    // how many groups a load balancer takes is in doubt (D-11)
    if holder.kind != Kind::LoadBalancer {
        let place = || Place::field(id, "security_groups");
        found.extend(limit::BOUND_GROUPS.soft(
            holder.groups.len(),
            || Words::verbatim(format!("`{id}`")),
            place,
        ));
    }
    for (index, group) in holder.groups.iter().enumerate() {
        *members.entry(group).or_insert(0) += holder.machines;
        let Some(entity) = network.security_groups.get(group) else {
            continue;
        };
        let place = || Place::item(id, "security_groups", index);
        if let (Some(own), Some(region)) = (&entity.region, holder.region)
            && own != region
        {
            let message = Words::new(
                format!("`{group}` of {own} cannot be bound to `{id}` in {region}"),
                format!("{own} 的安全组 `{group}` 不能绑定到 {region} 的 `{id}`"),
            );
            let violation = Violation::error(Code::SecurityGroupRegionMismatch, place(), message);
            let other = Place::field(group, "region");
            found.push(violation.with_other(
                other,
                Words::new(
                    format!("`{group}` names its region here"),
                    format!("`{group}` 的地域在此处"),
                ),
            ));
        }
        // groups that name no account are everybody's
        if let Some(account) = &entity.meta.account {
            let owner = network.account_of(id.as_str());
            if owner != account.as_str() {
                let message = Words::new(
                    format!("`{group}` of `{account}` cannot be bound to `{id}` of `{owner}`"),
                    format!(
                        "账号 `{account}` 的安全组 `{group}` 不能绑定到账号 `{owner}` 的 `{id}`"
                    ),
                );
                let violation = Violation::error(Code::InvalidValue, place(), message);
                let other = Place::field(group, "account");
                found.push(violation.with_other(
                    other,
                    Words::new(
                        format!("`{group}` names its owner here"),
                        format!("`{group}` 的账号在此处"),
                    ),
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{AWAY, HERE, breaks, havip, id, ids, interface, open, tom};
    use super::*;

    #[test]
    fn an_eni_lies_in_the_vpc_of_its_machine() {
        let eni = |subnet: &'static str, address: &'static str| {
            move |network: &mut Network| {
                let eni = interface("ins-web", subnet, address);
                network.network_interfaces.insert(id("eni-x"), eni);
            }
        };
        breaks(eni("subnet-new", "172.16.1.20"), &[]);
        breaks(eni("subnet-two", "10.2.1.20"), &[Code::InvalidValue]);
    }

    #[test]
    fn a_havip_is_bound_within_its_vpc() {
        let bound = |machine: &'static str| {
            move |network: &mut Network| {
                let havip = havip("subnet-web", "10.1.1.100", Some(machine));
                network.havips.insert(id("havip-x"), havip);
            }
        };
        breaks(bound("ins-web"), &[]);
        breaks(bound("ins-two"), &[Code::InvalidValue]);
    }

    #[test]
    fn a_group_that_names_its_region_stays_in_it() {
        let region = |region: &'static str| {
            move |network: &mut Network| {
                let mut group = open();
                group.region = Some(region.to_owned());
                network.security_groups.insert(id("sg-x"), group);
                network.instances[&id("ins-web")].security_groups = ids(&["sg-open", "sg-x"]);
            }
        };
        breaks(region(HERE), &[]);
        breaks(region(AWAY), &[Code::SecurityGroupRegionMismatch]);
    }

    #[test]
    fn a_group_that_names_its_account_serves_no_other() {
        let account = |network: &mut Network| {
            let mut group = open();
            group.meta.account = Some(id("ann"));
            network.security_groups.insert(id("sg-ann"), group);
            network.instances[&id("ins-web")].security_groups = ids(&["sg-ann"]);
        };
        breaks(account, &[Code::InvalidValue]);
    }

    #[test]
    fn an_instance_without_groups_is_worth_a_look() {
        let bare = |network: &mut Network| {
            network.instances[&id("ins-web")].security_groups.clear();
            network.classic_instances[&id("ins-free")].security_groups.clear();
        };
        breaks(bare, &[Code::NoSecurityGroup, Code::NoSecurityGroup]);
    }

    #[test]
    fn six_groups_on_an_instance_need_an_increase() {
        let mut network = tom();
        let names: Vec<_> = (0..6).map(|number| id(&format!("sg-{number}"))).collect();
        for name in &names {
            network.security_groups.insert(name.clone(), open());
        }
        network.instances[&id("ins-web")].security_groups = names;
        let found = super::super::check(&network);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(found[0].code, Code::QuotaWarning);
    }
}
