//! Classic links: attaching, detaching, and what becomes of them when an address changes
//! (CL-8, CL-18..20, CL-22, D20-19).

use std::net::{IpAddr, Ipv4Addr};

use super::super::{ClassicLink, Fragment, Kind, Network, Place};
use super::{Performed, Refusal, Topic, missing, need};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;

/// What no instance ever has: the address of a link that is stale for good.
const NO_ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// Links every instance of the list or none (CL-20).
pub(super) fn attach(network: &mut Network, vpc: &Id, instances: &[Id]) -> Performed {
    need(network, vpc, &[Kind::Vpc])?;
    for instance in instances {
        let address = linkable(network, instance)?;
        if let Some((linked, index)) = live_link(network, instance) {
            let place = Place::item(linked, "classic_links", index);
            let message = Words::new(
                format!("`{instance}` is already linked to `{linked}`"),
                format!("`{instance}` 已关联到 `{linked}`"),
            );
            return Err(Refusal::new(Code::ClassicLinkAlreadyLinked, message)
                .with_other(place, Words::new("it is linked here", "关联在此处"))
                .with_help(Words::new(
                    "a classic CVM is linked to one VPC at a time (CL-8)",
                    "一台基础网络云服务器同一时间只能关联一个私有网络（CL-8）",
                )));
        }
        network.forget_links(|linked| linked == instance);
        let links = network.classic_links.entry(vpc.clone()).or_default();
        let instance = instance.clone();
        links.push(ClassicLink { instance, address });
    }
    Ok(&[Topic::Links])
}

/// The address with which something can be linked: only CVMs of the classic network can (CL-1).
fn linkable(network: &Network, instance: &Id) -> Result<IpAddr, Refusal> {
    if let Some(entity) = network.classic_instances.get(instance) {
        return Ok(entity.ip);
    }
    if network.kind_of(instance.as_str()).is_none()
        && network.group_member(instance.as_str()).is_none()
    {
        return Err(missing(network, instance, &[Kind::ClassicInstance]));
    }
    let message = Words::new(
        format!("`{instance}` cannot be linked: it is no CVM of the classic network"),
        format!("`{instance}` 不能关联：它不是基础网络云服务器"),
    );
    Err(Refusal::new(Code::ClassicLinkNotAClassicInstance, message))
}

fn live_link<'n>(network: &'n Network, instance: &Id) -> Option<(&'n Id, usize)> {
    network.classic_links.iter().find_map(|(vpc, links)| {
        let live = |link: &ClassicLink| link.instance == *instance && network.is_live(link);
        Some((vpc, links.iter().position(live)?))
    })
}

/// Unlinks every instance of the list or none (CL-20); stale links go as well.
pub(super) fn detach(network: &mut Network, vpc: &Id, instances: &[Id]) -> Performed {
    need(network, vpc, &[Kind::Vpc])?;
    for instance in instances {
        let links = network.classic_links.get(vpc).map_or(&[][..], Vec::as_slice);
        if links.iter().any(|link| link.instance == *instance) {
            continue;
        }
        if network.kind_of(instance.as_str()).is_none() {
            return Err(missing(network, instance, &[Kind::ClassicInstance]));
        }
        let message = Words::new(
            format!("`{instance}` is not linked to `{vpc}`"),
            format!("`{instance}` 没有关联到 `{vpc}`"),
        );
        return Err(Refusal::new(Code::ClassicLinkNotAttached, message));
    }
    if let Some(links) = network.classic_links.get_mut(vpc) {
        links.retain(|link| !instances.contains(&link.instance));
    }
    Ok(&[])
}

/// Gives the VPC exactly these links: those that live stay, the others are attached anew.
pub(super) fn replace(network: &mut Network, vpc: &Id, instances: &[Id]) -> Performed {
    need(network, vpc, &[Kind::Vpc])?;
    let mut links = network.classic_links.swap_remove(vpc).unwrap_or_default();
    links.retain(|link| instances.contains(&link.instance) && network.is_live(link));
    let kept: Vec<Id> = links.iter().map(|link| link.instance.clone()).collect();
    network.classic_links.insert(vpc.clone(), links);
    let mut new = instances.to_vec();
    for instance in &kept {
        // a second mention of a kept one is a second link, and refused as such
        if let Some(at) = new.iter().position(|other| other == instance) {
            new.remove(at);
        }
    }
    attach(network, vpc, &new)
}

/// Gives a classic CVM another address. Its links go stale, and stay so when an old address
/// comes back (CL-18, D20-19).
pub(super) fn readdress(network: &mut Network, instance: &Id, ip: IpAddr) {
    let Some(entity) = network.classic_instances.get_mut(instance) else {
        return;
    };
    let old = std::mem::replace(&mut entity.ip, ip);
    if old == ip {
        return;
    }
    let comes_back = |link: &ClassicLink| link.instance == *instance && link.address == ip;
    network.classic_links.change(
        |links| links.iter().any(comes_back),
        |links| {
            let links = links.iter_mut().filter(|link| comes_back(link));
            links.for_each(|link| link.address = NO_ADDRESS);
        },
    );
}

impl Fragment {
    /// The network that a whole file says: its links get the addresses that the classic CVMs
    /// have now (CL-18). What is no classic CVM is linked all the same, for [`check`](super::super::check()) to
    /// report (CL-1).
    #[must_use]
    pub fn into_network(self) -> Network {
        let mut network = self.network;
        for (vpc, instances) in self.classic_links {
            let links = instances.into_iter().map(|instance| {
                let entity = network.classic_instances.get(&instance);
                let address = entity.map_or(NO_ADDRESS, |entity| entity.ip);
                ClassicLink { instance, address }
            });
            let links: Vec<_> = links.collect();
            network.classic_links.entry(vpc).or_default().extend(links);
        }
        network.platform = self.platform.unwrap_or_default();
        network
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{
        AWAY, after, cidrs, classic, id, ids, ip, link, refused, tom, vpc,
    };
    use super::super::super::{Change, check};
    use super::*;

    fn attaching(vpc: &str, instances: &[&str]) -> Change {
        let (vpc, instances) = (id(vpc), ids(instances));
        Change::AttachClassicLinkVpc { vpc, instances }
    }

    fn detaching(vpc: &str, instances: &[&str]) -> Change {
        let (vpc, instances) = (id(vpc), ids(instances));
        Change::DetachClassicLinkVpc { vpc, instances }
    }

    fn moving(instance: &str, address: &str) -> Change {
        let (instance, ip) = (id(instance), ip(address));
        Change::ModifyPrivateIpAddress { instance, ip }
    }

    #[track_caller]
    fn linked(network: &Network, vpc: &str, expected: &[(&str, &str)]) {
        let links: Vec<_> = expected.iter().map(|(name, address)| link(name, address)).collect();
        let found = network.classic_links.get(&id(vpc)).map_or(&[][..], Vec::as_slice);
        assert_eq!(found, links);
    }

    #[test]
    fn attaching_links_with_the_present_address() {
        let network = after(&tom(), &attaching("vpc-two", &["ins-free"]));
        linked(&network, "vpc-two", &[("ins-free", "10.60.3.9")]);
        linked(&network, "vpc-tom", &[("ins-tom", "10.60.3.4")]);
    }

    #[test]
    fn a_batch_is_attached_as_a_whole_or_not_at_all() {
        let mut network = tom();
        network.classic_instances.insert(id("ins-x"), classic("10.60.3.10"));
        let both = after(&network, &attaching("vpc-two", &["ins-free", "ins-x"]));
        linked(&both, "vpc-two", &[("ins-free", "10.60.3.9"), ("ins-x", "10.60.3.10")]);
        let already = Code::ClassicLinkAlreadyLinked;
        refused(&network, &attaching("vpc-two", &["ins-free", "ins-tom"]), already);
        refused(&network, &attaching("vpc-two", &["ins-free", "ins-free"]), already);
        linked(&network, "vpc-two", &[]);
    }

    #[test]
    fn a_live_link_keeps_the_cvm_from_its_own_vpc_too() {
        refused(&tom(), &attaching("vpc-tom", &["ins-tom"]), Code::ClassicLinkAlreadyLinked);
    }

    #[test]
    fn only_classic_cvms_can_be_attached_and_only_to_vpcs() {
        let none = Code::ClassicLinkNotAClassicInstance;
        refused(&tom(), &attaching("vpc-two", &["ins-web"]), none);
        refused(&tom(), &attaching("vpc-two", &["cdb-old"]), none);
        refused(&tom(), &attaching("vpc-two", &["ins-none"]), Code::UnknownId);
        refused(&tom(), &attaching("vpc-none", &["ins-free"]), Code::UnknownId);
        refused(&tom(), &attaching("sg-open", &["ins-free"]), Code::WrongKind);
    }

    #[test]
    fn attaching_obeys_range_region_account_and_addresses() {
        let with = |edit: &dyn Fn(&mut Network)| {
            let mut network = tom();
            edit(&mut network);
            network
        };
        let range = with(&|it| {
            it.vpcs.insert(id("vpc-x"), vpc("172.20.0.0/16"));
        });
        let eligible = Code::ClassicLinkVpcCidrNotEligible;
        refused(&range, &attaching("vpc-x", &["ins-free"]), eligible);
        let change = attaching("vpc-two", &["ins-free"]);
        let region = with(&|it| it.vpcs[&id("vpc-two")].region = AWAY.to_owned());
        refused(&region, &change, Code::ClassicLinkRegionMismatch);
        let account = with(&|it| it.vpcs[&id("vpc-two")].meta.account = Some(id("ann")));
        refused(&account, &change, Code::ClassicLinkAccountMismatch);
        let own = with(&|it| it.vpcs[&id("vpc-two")].secondary_cidrs = cidrs(&["10.60.0.0/16"]));
        refused(&own, &change, Code::ClassicLinkAddressConflict);
    }

    #[test]
    fn the_101st_link_is_refused() {
        let mut network = tom();
        for number in 0..99 {
            let (name, address) = (format!("ins-{number}"), format!("10.70.0.{number}"));
            network.classic_instances.insert(id(&name), classic(&address));
            let links = &mut network.classic_links[&id("vpc-tom")];
            links.push(link(&name, &address));
        }
        let change = attaching("vpc-tom", &["ins-free"]);
        refused(&network, &change, Code::ClassicLinkQuotaExceeded);
        let network = after(&network, &detaching("vpc-tom", &["ins-7"]));
        assert_eq!(after(&network, &change).classic_links[&id("vpc-tom")].len(), 100);
    }

    #[test]
    fn detaching_takes_all_or_nothing() {
        let network = after(&tom(), &detaching("vpc-tom", &["ins-tom"]));
        linked(&network, "vpc-tom", &[]);
        let not_attached = Code::ClassicLinkNotAttached;
        refused(&tom(), &detaching("vpc-two", &["ins-tom"]), not_attached);
        refused(&tom(), &detaching("vpc-tom", &["ins-tom", "ins-free"]), not_attached);
        refused(&tom(), &detaching("vpc-tom", &["ins-none"]), Code::UnknownId);
    }

    #[test]
    fn another_address_makes_the_link_stale_and_coming_back_does_not_revive_it() {
        let moved = after(&tom(), &moving("ins-tom", "10.60.3.5"));
        linked(&moved, "vpc-tom", &[("ins-tom", "10.60.3.4")]);
        assert!(!moved.is_live(&moved.classic_links[&id("vpc-tom")][0]));
        let back = after(&moved, &moving("ins-tom", "10.60.3.4"));
        assert!(!back.is_live(&back.classic_links[&id("vpc-tom")][0]));
        let same = after(&tom(), &moving("ins-tom", "10.60.3.4"));
        assert!(same.is_live(&same.classic_links[&id("vpc-tom")][0]));
    }

    #[test]
    fn attaching_again_replaces_a_stale_link_wherever_it_was() {
        let moved = after(&tom(), &moving("ins-tom", "10.60.3.5"));
        let same = after(&moved, &attaching("vpc-tom", &["ins-tom"]));
        linked(&same, "vpc-tom", &[("ins-tom", "10.60.3.5")]);
        let other = after(&moved, &attaching("vpc-two", &["ins-tom"]));
        linked(&other, "vpc-tom", &[]);
        linked(&other, "vpc-two", &[("ins-tom", "10.60.3.5")]);
    }

    #[test]
    fn a_stale_link_can_be_detached() {
        let moved = after(&tom(), &moving("ins-tom", "10.60.3.5"));
        linked(&after(&moved, &detaching("vpc-tom", &["ins-tom"])), "vpc-tom", &[]);
    }

    #[test]
    fn a_file_links_with_the_addresses_it_says() {
        let mut fragment = Fragment { network: tom(), ..Fragment::default() };
        fragment.network.classic_links.clear();
        fragment.classic_links.insert(id("vpc-tom"), ids(&["ins-tom"]));
        assert_eq!(fragment.clone().into_network(), tom());
        fragment.classic_links.insert(id("vpc-two"), ids(&["ins-web"]));
        let found = check::check(&fragment.into_network());
        let codes: Vec<_> = found.iter().map(|it| it.code).collect();
        assert_eq!(codes, [Code::ClassicLinkNotAClassicInstance]);
    }
}
