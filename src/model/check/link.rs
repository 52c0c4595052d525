//! The bridges to the classic network: classic links (CL-1, CL-7..9, CL-13, CL-14, CL-25) and
//! endpoint connections (EP-2, EP-4).

use std::net::Ipv4Addr;

use ipnet::IpNet;
use rustc_hash::FxHashMap;

use super::super::{
    ClassicLink, Database, EndpointConnection, Kind, Network, Place, Violation, Vpc,
};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::limit::CLASSIC_LINKS;

pub(super) fn check(network: &Network, found: &mut Vec<Violation>) {
    let mut live: FxHashMap<&Id, Place> = FxHashMap::default();
    for (id, links) in &network.classic_links {
        let Some(vpc) = network.vpcs.get(id) else {
            continue;
        };
        if !links.is_empty() {
            found.extend(not_eligible(network, id, vpc));
        }
        for (index, link) in links.iter().enumerate() {
            let place = Place::item(id, "classic_links", index);
            fits(network, (id, vpc), link, &place, found);
            if network.is_live(link) {
                found.extend(already_linked(&live, link, &place));
                live.entry(&link.instance).or_insert(place);
            }
        }
        found.extend(too_many(network, id, links));
    }
    for (id, connection) in &network.endpoint_connections {
        endpoint_connection(network, id, connection, found);
    }
}

/// CL-7: the primary CIDR inside 10.0.0.0 to 10.47.255.255; under the strict reading of DOUBT-3
/// also no larger than /16.
fn not_eligible(network: &Network, id: &Id, vpc: &Vpc) -> Option<Violation> {
    let strict = network.platform.strict_classic_link_range;
    let eligible = match vpc.cidr {
        IpNet::V4(cidr) => {
            cidr.network() >= Ipv4Addr::new(10, 0, 0, 0)
                && cidr.broadcast() <= Ipv4Addr::new(10, 47, 255, 255)
                && (!strict || cidr.prefix_len() >= 16)
        }
        IpNet::V6(_) => false,
    };
    (!eligible).then(|| {
        let cidr = vpc.cidr;
        let message = Words::new(
            format!("`{id}` with the primary CIDR {cidr} cannot have classic links"),
            format!("主 CIDR 为 {cidr} 的私有网络 `{id}` 不能与基础网络互通"),
        );
        let place = Place::field(id, "classic_links");
        Violation::error(Code::ClassicLinkVpcCidrNotEligible, place, message)
            .with_other(
                Place::field(id, "cidr"),
                Words::new(format!("{cidr} is here"), format!("{cidr} 在此处")),
            )
            .with_help(Words::new(
                "the primary CIDR must lie in 10.0.0.0/16 - 10.47.0.0/16 (CL-7)",
                "主 CIDR 必须在 10.0.0.0/16 - 10.47.0.0/16 范围内（CL-7）",
            ))
    })
}

/// CL-1, CL-13, CL-14, CL-25: what is linked is a classic CVM of the VPC's region and account, and
/// its address is not one of the VPC's own.
fn fits(
    network: &Network,
    (id, vpc): (&Id, &Vpc),
    link: &ClassicLink,
    place: &Place,
    found: &mut Vec<Violation>,
) {
    let linked = &link.instance;
    let error = |code, message: Words| Violation::error(code, place.clone(), message);
    let Some(instance) = network.classic_instances.get(linked) else {
        let message = Words::new(
            format!("`{linked}` cannot be linked: it is no CVM of the classic network"),
            format!("`{linked}` 不能关联：它不是基础网络云服务器"),
        );
        let violation = error(Code::ClassicLinkNotAClassicInstance, message);
        let what = match network.kind_of(linked.as_str()) {
            Some(kind) => kind.one(),
            None => Words::new("a member of an instance group", "实例组的成员"),
        };
        let text =
            Words::new(format!("`{linked}` is {what}"), format!("`{linked}` 是{}", what.chinese()));
        found.push(violation.with_other(Place::of(linked), text));
        return;
    };
    if instance.region != vpc.region {
        let (there, here) = (&instance.region, &vpc.region);
        let message = Words::new(
            format!("`{linked}` in {there} cannot be linked to `{id}` in {here}"),
            format!("{there} 的 `{linked}` 不能关联到 {here} 的 `{id}`"),
        );
        let violation = error(Code::ClassicLinkRegionMismatch, message);
        found.push(violation.with_other(
            Place::field(linked, "region"),
            Words::new("its region is here", "其地域在此处"),
        ));
    }
    let (owner, account) = (network.account_of(linked.as_str()), network.account_of(id.as_str()));
    if owner != account {
        let message = Words::new(
            format!(
                "`{linked}` of the account `{owner}` cannot be linked to `{id}` of `{account}`"
            ),
            format!("账号 `{owner}` 的 `{linked}` 不能关联到账号 `{account}` 的 `{id}`"),
        );
        let violation = error(Code::ClassicLinkAccountMismatch, message);
        found.push(violation.with_other(Place::of(linked), Words::here(linked)));
    }
    if network.is_live(link)
        && let Some(cidr) = vpc.cidrs().find(|cidr| cidr.contains(&link.address))
    {
        let address = link.address;
        let message = Words::new(
            format!("`{linked}` cannot be linked: {address} lies in {cidr} of `{id}`"),
            format!("`{linked}` 不能关联：{address} 落在 `{id}` 的网段 {cidr} 内"),
        );
        let violation = error(Code::ClassicLinkAddressConflict, message);
        found.push(violation.with_other(
            Place::field(linked, "ip"),
            Words::new("its address is here", "其地址在此处"),
        ));
    }
}

/// CL-8: one VPC at a time, and once.
fn already_linked(
    live: &FxHashMap<&Id, Place>,
    link: &ClassicLink,
    place: &Place,
) -> Option<Violation> {
    let first = live.get(&link.instance)?;
    let (linked, vpc) = (&link.instance, &first.id);
    let message = Words::new(
        format!("`{linked}` is already linked to `{vpc}`"),
        format!("`{linked}` 已关联到 `{vpc}`"),
    );
    Some(
        Violation::error(Code::ClassicLinkAlreadyLinked, place.clone(), message)
            .with_other(first.clone(), Words::new("the first link is here", "第一次关联在此处"))
            .with_help(Words::new(
                "a classic CVM is linked to one VPC at a time (CL-8)",
                "一台基础网络云服务器同一时间只能关联一个私有网络（CL-8）",
            )),
    )
}

/// CL-9; links that went stale do not count (D20-19).
fn too_many(network: &Network, id: &Id, links: &[ClassicLink]) -> Option<Violation> {
    let live = |(_, link): &(usize, &ClassicLink)| network.is_live(link);
    let count = links.iter().filter(|link| network.is_live(link)).count();
    let Some((index, _)) = links.iter().enumerate().filter(live).nth(CLASSIC_LINKS.most) else {
        return CLASSIC_LINKS.near(count, || Place::field(id, "classic_links"));
    };
    let most = CLASSIC_LINKS.most;
    let message = Words::new(
        format!("`{id}` has {count} linked classic CVMs, the limit is {most} (CL-9)"),
        format!("`{id}` 关联了 {count} 台基础网络云服务器，上限为 {most} 台（CL-9）"),
    );
    let place = Place::item(id, "classic_links", index);
    Some(Violation::error(Code::ClassicLinkQuotaExceeded, place, message))
}

/// EP-2, EP-4: a classic database or load balancer of the VPC's region and account.
fn endpoint_connection(
    network: &Network,
    id: &Id,
    connection: &EndpointConnection,
    found: &mut Vec<Violation>,
) {
    let (vpc, target) = (&connection.vpc, &connection.target);
    let error = |code, message: Words| {
        let violation = Violation::error(code, Place::field(id, "target"), message);
        violation.with_other(Place::of(target), Words::here(target))
    };
    let Some(kind) = network.kind_of(target.as_str()) else {
        return;
    };
    let moved = network.databases.get(target);
    let is_classic = matches!(kind, Kind::ClassicDatabase | Kind::ClassicLoadBalancer)
        || moved.is_some_and(Database::is_still_classic);
    if !is_classic {
        let message = Words::new(
            format!("`{id}` cannot lead to `{target}`, {}", kind.one()),
            format!("终端连接 `{id}` 不能连接{} `{target}`", kind.chinese()),
        );
        let help = Words::new(
            "an endpoint connection leads to a classic database or load balancer (EP-2)",
            "终端连接只能连接基础网络的数据库或负载均衡（EP-2）",
        );
        let violation = error(Code::EndpointConnectionUnsupportedTarget, message);
        found.push(violation.with_help(help));
        return;
    }
    let (here, there) = (network.region_of(vpc.as_str()), network.region_of(target.as_str()));
    if let (Some(here), Some(there)) = (here, there)
        && here != there
    {
        let message = Words::new(
            format!("`{id}` in {here} cannot lead to `{target}` in {there}"),
            format!("{here} 的终端连接 `{id}` 不能连接 {there} 的 `{target}`"),
        );
        found.push(error(Code::EndpointConnectionRegionMismatch, message));
    }
    let (here, there) = (network.account_of(vpc.as_str()), network.account_of(target.as_str()));
    if here != there {
        let message = Words::new(
            format!("`{id}` of the account `{here}` cannot lead to `{target}` of `{there}`"),
            format!("账号 `{here}` 的终端连接 `{id}` 不能连接账号 `{there}` 的 `{target}`"),
        );
        found.push(error(Code::EndpointConnectionAccountMismatch, message));
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{
        AWAY, breaks, cidrs, classic, endpoint, id, ip, link, tom, vpc,
    };
    use super::*;

    fn links(network: &mut Network, vpc: &str, linked: &[(&str, &str)]) {
        let links = linked.iter().map(|(name, address)| link(name, address));
        network.classic_links.insert(id(vpc), links.collect());
    }

    #[track_caller]
    fn primary_is(primary: &str, strict: bool, expected: &[Code]) {
        let edit = |network: &mut Network| {
            network.platform.strict_classic_link_range = strict;
            network.vpcs.insert(id("vpc-x"), vpc(primary));
            links(network, "vpc-x", &[("ins-free", "10.60.3.9")]);
        };
        breaks(edit, expected);
    }

    #[test]
    fn a_linked_vpc_lies_in_10_0_to_10_47() {
        for fine in ["10.0.0.0/16", "10.47.255.0/24", "10.32.0.0/12", "10.40.0.0/13"] {
            primary_is(fine, false, &[]);
        }
        for wrong in ["10.48.0.0/16", "10.128.0.0/12", "172.16.0.0/16", "192.168.0.0/16"] {
            primary_is(wrong, false, &[Code::ClassicLinkVpcCidrNotEligible]);
        }
    }

    #[test]
    fn the_strict_range_takes_no_more_than_a_16() {
        primary_is("10.32.0.0/16", true, &[]);
        primary_is("10.32.0.0/12", true, &[Code::ClassicLinkVpcCidrNotEligible]);
    }

    #[test]
    fn an_ineligible_vpc_without_links_is_fine() {
        let empty = |network: &mut Network| {
            network.vpcs.insert(id("vpc-x"), vpc("192.168.0.0/16"));
            links(network, "vpc-x", &[]);
        };
        breaks(empty, &[]);
    }

    #[test]
    fn only_classic_cvms_are_linked() {
        for other in ["ins-web", "cdb-old", "vpc-two", "sg-open"] {
            let edit = |network: &mut Network| links(network, "vpc-two", &[(other, "0.0.0.0")]);
            breaks(edit, &[Code::ClassicLinkNotAClassicInstance]);
        }
    }

    #[test]
    fn a_classic_cvm_is_linked_once() {
        let twice = |network: &mut Network| links(network, "vpc-two", &[("ins-tom", "10.60.3.4")]);
        breaks(twice, &[Code::ClassicLinkAlreadyLinked]);
        let same = |network: &mut Network| {
            links(network, "vpc-tom", &[("ins-tom", "10.60.3.4"), ("ins-tom", "10.60.3.4")]);
        };
        breaks(same, &[Code::ClassicLinkAlreadyLinked]);
    }

    #[test]
    fn a_stale_link_is_no_second_one() {
        let stale = |network: &mut Network| links(network, "vpc-two", &[("ins-tom", "10.60.3.3")]);
        breaks(stale, &[]);
    }

    #[test]
    fn a_vpc_takes_100_linked_cvms_stale_ones_aside() {
        let many = |count: u8, stale: u8| {
            move |network: &mut Network| {
                let mut linked = Vec::new();
                for number in 0..count {
                    let (name, address) = (format!("ins-{number}"), format!("10.70.0.{number}"));
                    network.classic_instances.insert(id(&name), classic(&address));
                    let address = if number < stale { "10.70.9.9" } else { &address };
                    linked.push(link(&name, address));
                }
                network.classic_links.insert(id("vpc-two"), linked);
            }
        };
        breaks(many(100, 0), &[]);
        breaks(many(101, 0), &[Code::ClassicLinkQuotaExceeded]);
        breaks(many(101, 1), &[]);
    }

    #[test]
    fn both_ends_share_region_and_account() {
        let region = |network: &mut Network| {
            network.classic_instances[&id("ins-tom")].region = AWAY.to_owned();
        };
        breaks(region, &[Code::ClassicLinkRegionMismatch]);
        let account = |network: &mut Network| {
            network.classic_instances[&id("ins-tom")].meta.account = Some(id("ann"));
        };
        breaks(account, &[Code::ClassicLinkAccountMismatch]);
    }

    #[test]
    fn the_linked_address_is_none_of_the_vpcs_own() {
        let covering = |network: &mut Network| {
            network.vpcs[&id("vpc-tom")].secondary_cidrs =
                cidrs(&["172.16.0.0/16", "10.60.0.0/16"]);
        };
        breaks(covering, &[Code::ClassicLinkAddressConflict]);
    }

    #[test]
    fn an_endpoint_connection_leads_to_a_classic_database_or_load_balancer() {
        let to = |target: &'static str| {
            move |network: &mut Network| {
                let connection = endpoint("10.1.1.30", target);
                network.endpoint_connections.insert(id("ep-x"), connection);
            }
        };
        breaks(to("cdb-old"), &[]);
        breaks(to("ins-tom"), &[Code::EndpointConnectionUnsupportedTarget]);
        breaks(to("ins-web"), &[Code::EndpointConnectionUnsupportedTarget]);
    }

    #[test]
    fn an_endpoint_connection_stays_in_region_and_account() {
        let connect = |network: &mut Network| {
            let connection = endpoint("10.1.1.30", "cdb-old");
            network.endpoint_connections.insert(id("ep-x"), connection);
        };
        let region = |network: &mut Network| {
            connect(network);
            network.classic_databases[&id("cdb-old")].region = AWAY.to_owned();
        };
        breaks(region, &[Code::EndpointConnectionRegionMismatch]);
        let account = |network: &mut Network| {
            connect(network);
            network.classic_databases[&id("cdb-old")].meta.account = Some(id("ann"));
        };
        breaks(account, &[Code::EndpointConnectionAccountMismatch]);
    }

    #[test]
    fn a_link_is_live_while_the_address_is_the_linked_one() {
        let mut network = tom();
        let linked = network.classic_links[&id("vpc-tom")][0].clone();
        assert!(network.is_live(&linked));
        network.classic_instances[&id("ins-tom")].ip = ip("10.60.3.5");
        assert!(!network.is_live(&linked));
    }
}
