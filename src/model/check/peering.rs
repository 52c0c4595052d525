//! Peering connections: two VPCs whose CIDRs do not overlap, and no two peers of one VPC that do
//! (PCX-1, PCX-6, PCX-8, D-3).

use std::collections::BTreeMap;

use ipnet::IpNet;

use super::super::{Network, Peering, Place, Violation, Vpc};
use super::vpc::overlap;
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::limit;

pub(super) fn check(network: &Network, found: &mut Vec<Violation>) {
    let mut peers: BTreeMap<&Id, Vec<(&Id, &Id)>> = BTreeMap::new();
    for (id, peering) in &network.peerings {
        let (left, right) = &peering.between;
        if left == right {
            let message = Words::new(
                format!("`{id}` joins `{left}` with itself"),
                format!("对等连接 `{id}` 的两端都是 `{left}`"),
            );
            let place = Place::field(id, "between");
            let violation = Violation::error(Code::InvalidValue, place, message);
            found.push(violation.with_help(Words::new(
                "a peering joins two VPCs (PCX-1)",
                "对等连接连接两个私有网络（PCX-1）",
            )));
            continue;
        }
        found.extend(ends(network, id, peering));
        for vpc in [left, right] {
            found.extend(among_peers(network, (id, peering), vpc, peers.get(vpc)));
            let others = peers.entry(vpc).or_default();
            others.extend(peering.other(vpc).map(|peer| (id, peer)));
            let whose = || Words::verbatim(format!("`{vpc}`"));
            if others.len() == limit::PEERINGS.most + 1 {
                found.extend(limit::PEERINGS.soft(others.len(), whose, || Place::of(id)));
            }
        }
    }
    for (vpc, others) in peers {
        found.extend(limit::PEERINGS.near(others.len(), || Place::of(vpc)));
    }
}

/// PCX-6: no CIDR of one end overlaps one of the other.
fn ends(network: &Network, id: &Id, peering: &Peering) -> Option<Violation> {
    let (left, right) = network.ends_of(peering)?;
    let (one, two) = shared(left, right)?;
    let (left, right) = &peering.between;
    let message = Words::new(
        format!("`{id}` cannot join `{left}` and `{right}`: {one} and {two} overlap"),
        format!("对等连接 `{id}` 不能连接 `{left}` 和 `{right}`：{one} 与 {two} 重叠"),
    );
    let violation =
        Violation::error(Code::PeeringCidrOverlap, Place::field(id, "between"), message)
            .with_other(
                Place::of(left),
                Words::new(format!("{one} is here"), format!("{one} 在此处")),
            )
            .with_other(
                Place::of(right),
                Words::new(format!("{two} is here"), format!("{two} 在此处")),
            );
    Some(violation.with_help(Words::new(
        "the CIDRs of the two ends must not overlap (PCX-6)",
        "两端的网段不能重叠（PCX-6）",
    )))
}

/// PCX-6, D-3: peers of one VPC do not overlap each other; an error when both peerings cross
/// regions, else worth a look.
fn among_peers(
    network: &Network,
    (id, peering): (&Id, &Peering),
    vpc: &Id,
    before: Option<&Vec<(&Id, &Id)>>,
) -> Option<Violation> {
    let peer = peering.other(vpc)?;
    let entity = network.vpcs.get(peer)?;
    let (other, other_peer, one, two) = before?.iter().find_map(|(other, other_peer)| {
        let (one, two) = shared(entity, network.vpcs.get(*other_peer)?)?;
        Some((*other, *other_peer, one, two))
    })?;
    let message = Words::new(
        format!(
            "`{vpc}` has two peers that overlap: {one} of `{peer}` and {two} of `{other_peer}`"
        ),
        format!("`{vpc}` 的两个对端网段重叠：`{peer}` 的 {one} 与 `{other_peer}` 的 {two}"),
    );
    let place = Place::field(id, "between");
    let is_error = network.is_cross_region(id) && network.is_cross_region(other);
    let violation = if is_error {
        Violation::error(Code::PeeringCidrOverlap, place, message)
    } else {
        Violation::warning(Code::PeeringCidrOverlap, place, message)
    };
    let text = Words::new(
        format!("`{other}` joins `{other_peer}` here"),
        format!("`{other}` 在此连接 `{other_peer}`"),
    );
    let violation = violation.with_other(Place::field(other, "between"), text);
    Some(violation.with_help(Words::new(
        "the longest prefix decides where a packet goes (D-3)",
        "报文的去向由最长前缀匹配决定（D-3）",
    )))
}

/// The first pair of CIDRs that overlap.
fn shared(left: &Vpc, right: &Vpc) -> Option<(IpNet, IpNet)> {
    let rights: Vec<IpNet> = right.cidrs().collect();
    left.cidrs().find_map(|one| {
        let two = rights.iter().find(|two| overlap(&one, two))?;
        Some((one, *two))
    })
}

impl Network {
    /// Whether the two ends of a peering lie in different regions.
    #[must_use]
    pub fn is_cross_region(&self, peering: &Id) -> bool {
        let ends = self.peerings.get(peering).and_then(|it| self.ends_of(it));
        ends.is_some_and(|(left, right)| left.region != right.region)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{AWAY, HERE, breaks, cidrs, id, peering, tom, vpc};
    use super::*;
    use crate::diagnostic::Severity;

    fn join(network: &mut Network, pairs: &[(&str, &str)]) {
        for (number, (left, right)) in pairs.iter().enumerate() {
            network.peerings.insert(id(&format!("pcx-{number}")), peering(left, right));
        }
    }

    #[test]
    fn the_cidrs_of_the_ends_do_not_overlap() {
        breaks(|network| join(network, &[("vpc-tom", "vpc-two")]), &[]);
        let primary = |network: &mut Network| {
            network.vpcs.insert(id("vpc-x"), vpc("10.0.0.0/12"));
            join(network, &[("vpc-tom", "vpc-x")]);
        };
        breaks(primary, &[Code::PeeringCidrOverlap]);
        let secondary = |network: &mut Network| {
            network.vpcs[&id("vpc-two")].secondary_cidrs = cidrs(&["172.16.9.0/24"]);
            join(network, &[("vpc-tom", "vpc-two")]);
        };
        breaks(secondary, &[Code::PeeringCidrOverlap]);
    }

    #[test]
    fn a_peering_joins_two_vpcs() {
        breaks(|network| join(network, &[("vpc-tom", "vpc-tom")]), &[Code::InvalidValue]);
    }

    #[test]
    fn peers_that_overlap_are_an_error_across_regions_and_a_warning_within_one() {
        let severity = |region: &str| {
            let mut network = tom();
            for name in ["vpc-x", "vpc-y"] {
                let mut peer = vpc("10.9.0.0/16");
                peer.region = region.to_owned();
                network.vpcs.insert(id(name), peer);
            }
            join(&mut network, &[("vpc-tom", "vpc-x"), ("vpc-tom", "vpc-y")]);
            let found = super::super::check(&network);
            assert_eq!(found.len(), 1, "{found:#?}");
            assert_eq!(found[0].code, Code::PeeringCidrOverlap);
            found[0].severity
        };
        assert_eq!(severity(HERE), Severity::Warning);
        assert_eq!(severity(AWAY), Severity::Error);
    }
}
