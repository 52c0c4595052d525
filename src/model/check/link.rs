//! The bridges to the classic network: classic links (CL-1, CL-7..9, CL-13, CL-14, CL-25) and
//! endpoint connections (EP-2, EP-4).

use std::collections::HashMap;
use std::net::Ipv4Addr;

use ipnet::IpNet;

use super::super::lookup::with_article;
use super::super::{ClassicLink, EndpointConnection, Kind, Network, Place, Violation, Vpc};
use crate::code::Code;
use crate::id::Id;

/// CL-9: how many classic CVMs a VPC takes.
const LINKS: usize = 100;

pub(super) fn check(network: &Network, found: &mut Vec<Violation>) {
    let mut live: HashMap<&Id, Place> = HashMap::new();
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
        let message = format!("`{id}` with the primary CIDR {cidr} cannot have classic links");
        let place = Place::field(id, "classic_links");
        Violation::error(Code::ClassicLinkVpcCidrNotEligible, place, message)
            .with_other(Place::field(id, "cidr"), format!("{cidr} is here"))
            .with_help("the primary CIDR must lie in 10.0.0.0/16 - 10.47.0.0/16 (CL-7)")
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
    let error = |code, message: String| Violation::error(code, place.clone(), message);
    let Some(instance) = network.classic_instances.get(linked) else {
        let message = format!("`{linked}` cannot be linked: it is no CVM of the classic network");
        let violation = error(Code::ClassicLinkNotAClassicInstance, message);
        let kind = network.kind_of(linked.as_str()).map(Kind::words);
        let what = with_article(kind.unwrap_or("member of an instance group"));
        found.push(violation.with_other(Place::of(linked), format!("`{linked}` is {what}")));
        return;
    };
    if instance.region != vpc.region {
        let (there, here) = (&instance.region, &vpc.region);
        let message = format!("`{linked}` in {there} cannot be linked to `{id}` in {here}");
        let violation = error(Code::ClassicLinkRegionMismatch, message);
        found.push(violation.with_other(Place::field(linked, "region"), "its region is here"));
    }
    let (owner, account) = (
        network.account_of(linked.as_str()),
        network.account_of(id.as_str()),
    );
    if owner != account {
        let message = format!(
            "`{linked}` of the account `{owner}` cannot be linked to `{id}` of `{account}`"
        );
        let violation = error(Code::ClassicLinkAccountMismatch, message);
        found.push(violation.with_other(Place::of(linked), format!("`{linked}` is here")));
    }
    if network.is_live(link)
        && let Some(cidr) = vpc.cidrs().find(|cidr| cidr.contains(&link.address))
    {
        let address = link.address;
        let message = format!("`{linked}` cannot be linked: {address} lies in {cidr} of `{id}`");
        let violation = error(Code::ClassicLinkAddressConflict, message);
        found.push(violation.with_other(Place::field(linked, "ip"), "its address is here"));
    }
}

/// CL-8: one VPC at a time, and once.
fn already_linked(
    live: &HashMap<&Id, Place>,
    link: &ClassicLink,
    place: &Place,
) -> Option<Violation> {
    let first = live.get(&link.instance)?;
    let (linked, vpc) = (&link.instance, &first.id);
    let message = format!("`{linked}` is already linked to `{vpc}`");
    Some(
        Violation::error(Code::ClassicLinkAlreadyLinked, place.clone(), message)
            .with_other(first.clone(), "the first link is here")
            .with_help("a classic CVM is linked to one VPC at a time (CL-8)"),
    )
}

/// CL-9; links that went stale do not count (D20-19).
fn too_many(network: &Network, id: &Id, links: &[ClassicLink]) -> Option<Violation> {
    let live = |(_, link): &(usize, &ClassicLink)| network.is_live(link);
    let (index, _) = links.iter().enumerate().filter(live).nth(LINKS)?;
    let count = links.iter().filter(|link| network.is_live(link)).count();
    let message = format!("`{id}` has {count} linked classic CVMs, the limit is {LINKS} (CL-9)");
    let place = Place::item(id, "classic_links", index);
    Some(Violation::error(
        Code::ClassicLinkQuotaExceeded,
        place,
        message,
    ))
}

/// EP-2, EP-4: a classic database or load balancer of the VPC's region and account.
fn endpoint_connection(
    network: &Network,
    id: &Id,
    connection: &EndpointConnection,
    found: &mut Vec<Violation>,
) {
    let (vpc, target) = (&connection.vpc, &connection.target);
    let error = |code, message: String| {
        let violation = Violation::error(code, Place::field(id, "target"), message);
        violation.with_other(Place::of(target), format!("`{target}` is here"))
    };
    let Some(kind) = network.kind_of(target.as_str()) else {
        return;
    };
    if !matches!(kind, Kind::ClassicDatabase | Kind::ClassicLoadBalancer) {
        let what = with_article(kind.words());
        let message = format!("`{id}` cannot lead to `{target}`, {what}");
        let help = "an endpoint connection leads to a classic database or load balancer (EP-2)";
        let violation = error(Code::EndpointConnectionUnsupportedTarget, message);
        found.push(violation.with_help(help));
        return;
    }
    let (here, there) = (
        network.region_of(vpc.as_str()),
        network.region_of(target.as_str()),
    );
    if let (Some(here), Some(there)) = (here, there)
        && here != there
    {
        let message = format!("`{id}` in {here} cannot lead to `{target}` in {there}");
        found.push(error(Code::EndpointConnectionRegionMismatch, message));
    }
    let (here, there) = (
        network.account_of(vpc.as_str()),
        network.account_of(target.as_str()),
    );
    if here != there {
        let message =
            format!("`{id}` of the account `{here}` cannot lead to `{target}` of `{there}`");
        found.push(error(Code::EndpointConnectionAccountMismatch, message));
    }
}
