//! Whole entities: `Create` and `Replace`.
//!
//! * `Create` adds the sections of a fragment and attaches its links; an id that is taken refuses
//!   it. What it mentions must be there, in the network or in the fragment.
//! * `Replace` puts entities in the place of those with the same ids. Links of a replaced VPC or CVM
//!   stay; a VPC named in `classic_links` gets exactly those links.

use rustc_hash::FxHashSet;

use super::super::reference::broken_references_in;
use super::super::{Fragment, Network, Place, Section, sections};
use super::filter::settle;
use super::{Performed, Refusal, Topic, link, missing};
use crate::code::Code;
use crate::diagnostic::Words;

/// Adds everything of the fragment.
pub(super) fn create(network: &mut Network, fragment: &Fragment) -> Performed {
    let mut new = FxHashSet::default();
    for (id, kind) in fragment.network.ids() {
        let taken = network.kind_of(id.as_str());
        if let Some(kind) = taken.or_else(|| (!new.insert(id)).then_some(kind)) {
            let message = Words::new(
                format!("the id `{id}` is taken by {}", kind.one()),
                format!("ID `{id}` 已被{}占用", kind.chinese()),
            );
            let refusal = Refusal::new(Code::DuplicateId, message);
            return Err(match taken {
                Some(_) => refusal.with_other(Place::of(id), Words::here(id)),
                None => refusal,
            });
        }
    }
    put(network, fragment)?;
    for (vpc, instances) in &fragment.classic_links {
        link::attach(network, vpc, instances)?;
    }
    Ok(&Topic::ALL)
}

/// Puts everything of the fragment in the place of what has its id.
pub(super) fn replace(network: &mut Network, fragment: &Fragment) -> Performed {
    for (id, kind) in fragment.network.ids() {
        if !kind.is_part() && !network.has(kind, id.as_str()) {
            return Err(missing(network, id, &[kind]));
        }
    }
    for (id, instance) in &fragment.network.classic_instances {
        link::readdress(network, id, instance.ip);
    }
    put(network, fragment)?;
    let mut ids = FxHashSet::default();
    if fragment.network.parts().next().is_some()
        && let Some((id, kind)) = network.ids().find(|(id, _)| !ids.insert(*id))
    {
        let message = Words::new(
            format!("the id `{id}` of {} is taken", kind.one()),
            format!("{}的 ID `{id}` 已被占用", kind.chinese()),
        );
        return Err(Refusal::new(Code::DuplicateId, message));
    }
    for (vpc, instances) in &fragment.classic_links {
        link::replace(network, vpc, instances)?;
    }
    Ok(&Topic::ALL)
}

/// Inserts the entities of a fragment, each in the place of its namesake, and sees that what they
/// mention is there.
fn put(network: &mut Network, fragment: &Fragment) -> Result<(), Refusal> {
    fn all<T: Clone>(into: &mut Section<T>, from: &Section<T>) {
        into.extend(from.iter().map(|(id, entity)| (id.clone(), entity.clone())));
    }
    let part = &fragment.network;
    macro_rules! put {
        ($($section:ident: $kind:ident $row:tt)+) => {
            $(all(&mut network.$section, &part.$section);)+
        };
    }
    sections!(put);
    network.platform = fragment.platform.unwrap_or(network.platform);
    for entry in &part.unmodelled {
        if !network.unmodelled.contains(entry) {
            network.unmodelled.push(entry.clone());
        }
    }
    settle_groups(network, part);
    match broken_references_in(part, network).into_iter().next() {
        // its place stands in the fragment, not in the network
        Some(violation) => Err(Refusal { place: None, ..Refusal::from(violation) }),
        None => Ok(()),
    }
}

fn settle_groups(network: &mut Network, part: &Network) {
    for id in part.security_groups.keys() {
        let mut group = network.security_groups[id].clone();
        for rule in group.ingress.iter_mut().chain(&mut group.egress) {
            settle(network, rule);
        }
        network.security_groups[id] = group;
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{
        after, cidrs, classic, endpoint, id, ids, instance, link, open, refused, site, subnet, tom,
        vpc, vpn,
    };
    use super::super::super::{Attachment, Change, Platform};
    use super::*;

    fn fragment(edit: impl FnOnce(&mut Fragment)) -> Box<Fragment> {
        let mut fragment = Fragment::default();
        edit(&mut fragment);
        Box::new(fragment)
    }

    fn creating(edit: impl FnOnce(&mut Fragment)) -> Change {
        Change::Create(fragment(edit))
    }

    fn replacing(edit: impl FnOnce(&mut Fragment)) -> Change {
        Change::Replace(fragment(edit))
    }

    #[test]
    fn creating_adds_entities_that_may_name_each_other() {
        let change = creating(|it| {
            it.network.subnets.insert(id("subnet-x"), subnet("vpc-tom", "10.1.9.0/24"));
            it.network.instances.insert(id("ins-x"), instance("subnet-x", "10.1.9.9"));
        });
        let network = after(&tom(), &change);
        assert_eq!(network.instances.last().map(|(id, _)| id.as_str()), Some("ins-x"));
        refused(&network, &change, Code::DuplicateId);
    }

    #[test]
    fn an_id_is_unique_over_all_kinds() {
        let change = creating(|it| {
            it.network.security_groups.insert(id("vpc-tom"), open());
        });
        refused(&tom(), &change, Code::DuplicateId);
        let change = creating(|it| {
            it.network.security_groups.insert(id("x"), open());
            it.network.classic_instances.insert(id("x"), classic("10.60.9.9"));
        });
        refused(&tom(), &change, Code::DuplicateId);
    }

    #[test]
    fn creating_obeys_the_limits() {
        let subnet_of = |vpc: &'static str, range: &'static str| {
            creating(move |it| {
                it.network.subnets.insert(id("subnet-x"), subnet(vpc, range));
            })
        };
        refused(&tom(), &subnet_of("vpc-none", "10.1.9.0/24"), Code::UnknownId);
        refused(&tom(), &subnet_of("vpc-tom", "10.1.1.0/25"), Code::SubnetOverlap);
        let change = creating(|it| {
            it.network.endpoint_connections.insert(id("ep"), endpoint("10.1.1.9", "ins-tom"));
        });
        refused(&tom(), &change, Code::EndpointConnectionUnsupportedTarget);
    }

    #[test]
    fn creating_with_links_attaches() {
        let linking = |instance: &'static str| {
            creating(move |it| {
                it.network.vpcs.insert(id("vpc-x"), vpc("10.7.0.0/16"));
                it.classic_links.insert(id("vpc-x"), ids(&[instance]));
            })
        };
        let network = after(&tom(), &linking("ins-free"));
        assert_eq!(network.classic_links[&id("vpc-x")], [link("ins-free", "10.60.3.9")]);
        refused(&tom(), &linking("ins-tom"), Code::ClassicLinkAlreadyLinked);
    }

    #[test]
    fn creating_may_turn_the_switches_of_the_platform() {
        let strict = Platform { strict_classic_link_range: true, ..Platform::default() };
        let network = after(&tom(), &creating(|it| it.platform = Some(strict)));
        assert!(network.platform.strict_classic_link_range);
    }

    #[test]
    fn replacing_keeps_place_and_links() {
        let change = replacing(|it| {
            let mut tom = vpc("10.1.0.0/16");
            tom.secondary_cidrs = cidrs(&["172.16.0.0/16", "10.77.0.0/16"]);
            it.network.vpcs.insert(id("vpc-tom"), tom);
        });
        let network = after(&tom(), &change);
        assert_eq!(network.vpcs.keys().next(), Some(&id("vpc-tom")));
        assert_eq!(network.vpcs[&id("vpc-tom")].secondary_cidrs.len(), 2);
        assert_eq!(network.classic_links, tom().classic_links);
    }

    #[test]
    fn replacing_needs_the_id_and_the_kind() {
        let group = |name: &'static str| {
            replacing(move |it| {
                it.network.security_groups.insert(id(name), open());
            })
        };
        refused(&tom(), &group("sg-none"), Code::UnknownId);
        refused(&tom(), &group("vpc-tom"), Code::WrongKind);
    }

    #[test]
    fn replacing_obeys_the_limits() {
        let covering = replacing(|it| {
            let mut tom = vpc("10.1.0.0/16");
            tom.secondary_cidrs = cidrs(&["172.16.0.0/16", "10.60.0.0/16"]);
            it.network.vpcs.insert(id("vpc-tom"), tom);
        });
        refused(&tom(), &covering, Code::ClassicLinkAddressConflict);
        let moving = replacing(|it| {
            it.network.vpcs.insert(id("vpc-tom"), vpc("172.20.0.0/16"));
        });
        refused(&tom(), &moving, Code::SubnetOutsideVpc);
    }

    #[test]
    fn replacing_links_keeps_the_living_ones_and_attaches_the_rest() {
        let links = |instances: &'static [&'static str]| {
            replacing(move |it| {
                it.classic_links.insert(id("vpc-tom"), ids(instances));
            })
        };
        let network = after(&tom(), &links(&["ins-tom", "ins-free"]));
        let both = [link("ins-tom", "10.60.3.4"), link("ins-free", "10.60.3.9")];
        assert_eq!(network.classic_links[&id("vpc-tom")], both);
        assert!(after(&network, &links(&[])).classic_links[&id("vpc-tom")].is_empty());
        refused(&tom(), &links(&["ins-tom", "ins-tom"]), Code::ClassicLinkAlreadyLinked);
    }

    #[test]
    fn replacing_a_cvm_with_another_address_makes_its_link_stale() {
        let to = |address: &'static str| {
            replacing(move |it| {
                it.network.classic_instances.insert(id("ins-tom"), classic(address));
            })
        };
        let moved = after(&tom(), &to("10.60.3.5"));
        assert!(!moved.is_live(&moved.classic_links[&id("vpc-tom")][0]));
        let back = after(&moved, &to("10.60.3.4"));
        assert!(!back.is_live(&back.classic_links[&id("vpc-tom")][0]));
    }

    #[test]
    fn a_tunnel_brought_by_a_replacement_has_a_free_id() {
        let mut network = tom();
        network.sites.insert(id("idc"), site(&["192.168.0.0/16"]));
        let gateway = || vpn(Attachment::Vpc(id("vpc-tom")));
        network.vpn_gateways.insert(id("vpngw-1"), gateway());
        let with_tunnel = |name: &'static str| {
            replacing(move |it| {
                let mut gateway = gateway();
                gateway.connections[0].id = id(name);
                it.network.vpn_gateways.insert(id("vpngw-1"), gateway);
            })
        };
        after(&network, &with_tunnel("vpnx-1"));
        after(&network, &with_tunnel("vpnx-2"));
        refused(&network, &with_tunnel("idc"), Code::DuplicateId);
    }
}
