//! NAT gateways: SNAT and DNAT rules speak of their own EIPs and VPC (NAT-2, NAT-3, NAT-14).

use std::collections::BTreeMap;
use std::net::IpAddr;

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::{
    AddressSpace, Dnat, Key, Kind, NatGateway, Network, Place, Protocols, SnatSource, Violation,
};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::limit;
use crate::space::Protocol;

pub(super) fn check(network: &Network, found: &mut Vec<Violation>) {
    let inside = machines_behind(network);
    let mut gateways: BTreeMap<&Id, usize> = BTreeMap::new();
    for (id, nat) in &network.nat_gateways {
        snat(network, id, nat, found);
        dnat(id, nat, &inside, found);
        let whose = || Words::verbatim(format!("`{id}`"));
        found.extend(limit::NAT_EIPS.soft(nat.eips.len(), whose, || Place::field(id, "eips")));
        found.extend(limit::SNAT_RULES.soft(nat.snat.len(), whose, || Place::field(id, "snat")));
        found.extend(limit::DNAT_ENTRIES.soft(nat.dnat.len(), whose, || Place::field(id, "dnat")));
        *gateways.entry(&nat.vpc).or_insert(0) += 1;
    }
    for (vpc, count) in gateways {
        found.extend(limit::NAT_GATEWAYS.soft(
            count,
            || Words::verbatim(format!("`{vpc}`")),
            || Place::of(vpc),
        ));
    }
}

/// NAT-2: the sources of an SNAT rule lie in the VPC, its EIPs are the gateway's.
fn snat(network: &Network, id: &Id, nat: &NatGateway, found: &mut Vec<Violation>) {
    for (index, rule) in nat.snat.iter().enumerate() {
        let place = Place::item(id, "snat", index);
        if let SnatSource::Subnet(source) | SnatSource::Instance(source) = &rule.from
            && let Some(home) = network.vpc_of(source.as_str())
            && *home != nat.vpc
        {
            let vpc = &nat.vpc;
            let message = Words::new(
                format!("`{id}` of `{vpc}` cannot translate `{source}` of `{home}`"),
                format!("`{vpc}` 的 NAT 网关 `{id}` 不能转换 `{home}` 的 `{source}`"),
            );
            let place = place.clone().then(Key::Field("from"));
            found.push(Violation::error(Code::InvalidValue, place, message));
        }
        for (at, eip) in rule.eips.iter().enumerate() {
            let place = place.clone().then(Key::Field("eips")).then(Key::Index(at));
            found.extend(foreign_eip(id, nat, *eip, place));
        }
    }
}

fn foreign_eip(id: &Id, nat: &NatGateway, eip: IpAddr, place: Place) -> Option<Violation> {
    (!nat.eips.contains(&eip)).then(|| {
        let message =
            Words::new(format!("{eip} is no EIP of `{id}`"), format!("{eip} 不是 `{id}` 的 EIP"));
        Violation::error(Code::InvalidValue, place, message)
            .with_other(Place::field(id, "eips"), Words::new("its EIPs are here", "其 EIP 在此处"))
    })
}

/// NAT-3: TCP or UDP, one port outside, an address of a CVM or ENI of the VPC inside.
fn dnat<'n>(
    id: &'n Id,
    nat: &'n NatGateway,
    inside: &FxHashSet<(&'n Id, IpAddr)>,
    found: &mut Vec<Violation>,
) {
    let mut outside: FxHashMap<(Protocols, u16, IpAddr), usize> = FxHashMap::default();
    for (index, entry) in nat.dnat.iter().enumerate() {
        let place = Place::item(id, "dnat", index);
        let field = |field| place.clone().then(Key::Field(field));
        found.extend(foreign_eip(id, nat, entry.eip, field("eip")));
        let Some((protocols, port)) = outside_port(entry) else {
            let message = Words::new(
                format!("a DNAT entry of `{id}` cannot serve {}", entry.service),
                format!("`{id}` 的端口转发规则不支持 {}", entry.service),
            );
            let violation = Violation::error(Code::InvalidValue, field("service"), message);
            found.push(violation.with_help(Words::new(
                "name one TCP or UDP port, as in \"tcp:443\" (NAT-3)",
                "请写一个 TCP 或 UDP 端口，如 \"tcp:443\"（NAT-3）",
            )));
            continue;
        };
        if let Some(first) = outside.insert((protocols, port, entry.eip), index) {
            let (eip, service) = (entry.eip, &entry.service);
            let message = Words::new(
                format!("`{id}` forwards {service} of {eip} twice"),
                format!("`{id}` 重复转发 {eip} 的 {service}"),
            );
            let violation = Violation::error(Code::InvalidValue, place.clone(), message);
            found.push(violation.with_other(
                Place::item(id, "dnat", first),
                Words::new("the first is here", "第一条在此处"),
            ));
        }
        if !inside.contains(&(&nat.vpc, entry.to)) {
            let (to, vpc) = (entry.to, &nat.vpc);
            let message = Words::new(
                format!("no instance or ENI of `{vpc}` has the DNAT address {to}"),
                format!("`{vpc}` 中没有云服务器或弹性网卡使用端口转发的内网地址 {to}"),
            );
            let violation = Violation::error(Code::InvalidValue, field("to"), message);
            found.push(violation.with_help(Words::new(
                "a DNAT entry leads to a CVM or ENI (NAT-3)",
                "端口转发规则只能指向云服务器或弹性网卡（NAT-3）",
            )));
        }
    }
}

/// The protocol and the one port that an entry serves.
fn outside_port(entry: &Dnat) -> Option<(Protocols, u16)> {
    let protocols = entry.service.protocols;
    let has_ports = [Protocol::TCP, Protocol::UDP].map(Protocols::One).contains(&protocols);
    let port = entry.service.ports.first()?;
    (has_ports && entry.service.ports.len() == 1).then_some((protocols, port))
}

/// Which of the inside addresses of DNAT entries an instance, ENI or group member has.
fn machines_behind(network: &Network) -> FxHashSet<(&Id, IpAddr)> {
    let mut wanted: FxHashMap<&Id, FxHashSet<IpAddr>> = FxHashMap::default();
    for nat in network.nat_gateways.values() {
        let targets = nat.dnat.iter().map(|entry| entry.to);
        wanted.entry(&nat.vpc).or_default().extend(targets);
    }
    wanted.retain(|_, addresses| !addresses.is_empty());
    let mut found = FxHashSet::default();
    if wanted.is_empty() {
        return found;
    }
    for owned in network.owned_addresses() {
        let AddressSpace::Vpc(vpc) = owned.space else {
            continue;
        };
        let Some(addresses) = wanted.get(vpc) else {
            continue;
        };
        if owned.kind == Kind::InstanceGroup {
            let held = addresses.iter().filter(|address| owned.has(**address));
            found.extend(held.map(|address| (vpc, *address)));
        } else if matches!(owned.kind, Kind::Instance | Kind::NetworkInterface) {
            let address = owned.range.0;
            found.extend(addresses.contains(&address).then_some((vpc, address)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{breaks, cidr, id, instance_group, ip, nat, tcp};
    use super::*;
    use crate::model::{Service, Snat};

    fn entry(to: &str) -> Dnat {
        Dnat { service: tcp(443), eip: ip("203.0.113.1"), to: ip(to), port: 8443 }
    }

    #[track_caller]
    fn dnat_is(entries: Vec<Dnat>, expected: &[Code]) {
        let add = |network: &mut Network| {
            let group = instance_group("subnet-web", "10.1.1.30", "10.1.1.40");
            network.instance_groups.insert(id("asg-web"), group);
            let mut gateway = nat(&["203.0.113.1"]);
            gateway.dnat = entries;
            network.nat_gateways.insert(id("nat-1"), gateway);
        };
        breaks(add, expected);
    }

    #[test]
    fn a_dnat_entry_leads_to_a_machine_of_the_vpc() {
        dnat_is(vec![entry("10.1.1.10")], &[]);
        dnat_is(vec![entry("172.16.1.10")], &[]);
        dnat_is(vec![entry("10.1.1.35")], &[]);
        dnat_is(vec![entry("10.1.1.50")], &[Code::InvalidValue]);
        dnat_is(vec![entry("10.2.1.10")], &[Code::InvalidValue]);
        dnat_is(vec![entry("10.60.3.4")], &[Code::InvalidValue]);
    }

    #[test]
    fn a_dnat_entry_serves_one_tcp_or_udp_port_of_an_eip_of_the_gateway_once() {
        let mut other = entry("10.1.1.10");
        other.eip = ip("203.0.113.2");
        dnat_is(vec![other], &[Code::InvalidValue]);
        let mut all = entry("10.1.1.10");
        all.service = Service::all();
        dnat_is(vec![all], &[Code::InvalidValue]);
        dnat_is(vec![entry("10.1.1.10"), entry("172.16.1.10")], &[Code::InvalidValue]);
        let mut udp = entry("10.1.1.10");
        udp.service.protocols = Protocols::One(Protocol::UDP);
        dnat_is(vec![entry("10.1.1.10"), udp], &[]);
    }

    #[test]
    fn an_snat_rule_speaks_of_its_vpc_and_its_eips() {
        let rule = |from: SnatSource, eip: &'static str| {
            move |network: &mut Network| {
                let mut gateway = nat(&["203.0.113.1"]);
                let eips = vec![ip(eip)];
                gateway.snat = vec![Snat { from, eips }];
                network.nat_gateways.insert(id("nat-1"), gateway);
            }
        };
        let own = "203.0.113.1";
        breaks(rule(SnatSource::Subnet(id("subnet-web")), own), &[]);
        breaks(rule(SnatSource::Instance(id("ins-new")), own), &[]);
        breaks(rule(SnatSource::Cidr(cidr("10.1.0.0/17")), own), &[]);
        breaks(rule(SnatSource::Subnet(id("subnet-two")), own), &[Code::InvalidValue]);
        let other = "203.0.113.2";
        breaks(rule(SnatSource::Subnet(id("subnet-web")), other), &[Code::InvalidValue]);
    }

    #[test]
    fn four_nat_gateways_need_an_increase() {
        let four = |network: &mut Network| {
            for number in 0..4 {
                network.nat_gateways.insert(id(&format!("nat-{number}")), nat(&[]));
            }
        };
        breaks(four, &[Code::QuotaWarning]);
    }
}
