//! `Delete`: entities go when nothing that stays needs them.
//!
//! It is refused with `classic-link-vpc-in-use` for a VPC with live links (CL-23), and with
//! `unknown-id` while others refer to what would go, since that is what the references would become.
//! Routes to what is deleted stay (`route-blackhole`); links of a deleted classic CVM go (CL-19), and
//! so do the stale links of a deleted VPC. Tunnels and CCN tables can be deleted as well.

use rustc_hash::FxHashSet;

use super::super::reference::{self, Step, walk};
use super::super::{AddressSpace, Network, Place, Section, sections};
use super::{Performed, Refusal, missing};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;

/// Takes entities away that nothing else needs.
pub(super) fn delete(network: &mut Network, ids: &[Id]) -> Performed {
    let gone: FxHashSet<&Id> = ids.iter().collect();
    for id in ids {
        if network.kind_of(id.as_str()).is_none() {
            return Err(missing(network, id, &[]));
        }
    }
    let refusals = [linked(network, ids, &gone), needed(network, &gone), forwarded(network, &gone)];
    if let Some(refusal) = refusals.into_iter().flatten().next() {
        return Err(refusal);
    }
    remove(network, &gone);
    Ok(&[])
}

/// CL-23: a VPC with links that live. Deleting the linked CVMs with it unlinks them.
fn linked(network: &Network, ids: &[Id], gone: &FxHashSet<&Id>) -> Option<Refusal> {
    ids.iter().find_map(|vpc| {
        let mut links = network.classic_links.get(vpc)?.iter();
        let lives = links.position(|it| network.is_live(it) && !gone.contains(&it.instance))?;
        let message = Words::new(
            format!("`{vpc}` cannot be deleted: classic CVMs are linked to it"),
            format!("`{vpc}` 不能删除：仍有基础网络云服务器与其关联"),
        );
        let place = Place::item(vpc, "classic_links", lives);
        let refusal = Refusal::new(Code::ClassicLinkVpcInUse, message).at(place);
        Some(refusal.with_help(Words::new("detach them first (CL-23)", "请先解关联（CL-23）")))
    })
}

/// The first that refers to something deleted and stays itself; routes and links do not count.
fn needed(network: &Network, gone: &FxHashSet<&Id>) -> Option<Refusal> {
    let mut refusal = None;
    walk(network, &mut |owner, path, id, _| {
        let id = network.group_member(id.as_str()).map_or(id, |(group, _)| group);
        if refusal.is_some() || !gone.contains(id) || gone.contains(owner) {
            return;
        }
        if reference::may_dangle(path) || is_link(path) || is_gone_too(network, owner, path, gone) {
            return;
        }
        let message = Words::new(
            format!("`{id}` cannot be deleted: `{owner}` refers to it"),
            format!("`{id}` 不能删除：`{owner}` 仍引用它"),
        );
        let place = reference::place(owner, path);
        let is_machine = network.instances.contains_key(id);
        refusal = Some(Refusal::new(Code::UnknownId, message).at(place).with_help(if is_machine {
            Words::new(
                "`TerminateInstances` takes an instance out of everything that refers to it",
                "`TerminateInstances` 会将云服务器从所有引用它的对象中移除",
            )
        } else {
            Words::new("delete or change that first", "请先删除或修改引用它的对象")
        }));
    });
    refusal
}

fn is_link(path: &[Step<'_>]) -> bool {
    matches!(path, [Step::Field("classic_links"), ..])
}

/// Whether the reference stands in a part of its owner that is deleted as well.
fn is_gone_too(network: &Network, owner: &Id, path: &[Step<'_>], gone: &FxHashSet<&Id>) -> bool {
    match path {
        [Step::Field("connections"), Step::Index(index), ..] => {
            let gateway = network.vpn_gateways.get(owner);
            let part = gateway.and_then(|gateway| gateway.connections.get(*index));
            part.is_some_and(|part| gone.contains(&part.id))
        }
        [Step::Field("tunnels"), Step::Index(index), ..] => {
            let gateway = network.direct_connect_gateways.get(owner);
            let part = gateway.and_then(|gateway| gateway.tunnels.get(*index));
            part.is_some_and(|part| gone.contains(&part.id))
        }
        [Step::Field("route_tables"), Step::Entry(table), ..] => gone.contains(table),
        _ => false,
    }
}

/// A DNAT entry refers to a machine by its address.
fn forwarded(network: &Network, gone: &FxHashSet<&Id>) -> Option<Refusal> {
    let addresses = network.owned_addresses();
    let mut lost = addresses.iter().filter(|owned| gone.contains(owned.owner));
    lost.find_map(|owned| {
        let AddressSpace::Vpc(vpc) = owned.space else {
            return None;
        };
        let mut gateways = network.nat_gateways.iter();
        let (nat, index) = gateways.find_map(|(id, nat)| {
            let stays = nat.vpc == *vpc && !gone.contains(id);
            let entry = nat.dnat.iter().position(|entry| stays && owned.has(entry.to))?;
            Some((id, entry))
        })?;
        let id = owned.owner;
        let message = Words::new(
            format!("`{id}` cannot be deleted: `{nat}` forwards to it"),
            format!("`{id}` 不能删除：`{nat}` 有端口转发规则指向它"),
        );
        let place = Place::item(nat, "dnat", index);
        Some(
            Refusal::new(Code::UnknownId, message)
                .at(place)
                .with_help(Words::new("change the DNAT entry first", "请先修改端口转发规则")),
        )
    })
}

fn remove(network: &mut Network, gone: &FxHashSet<&Id>) {
    fn from<T: Clone>(section: &mut Section<T>, gone: &FxHashSet<&Id>) {
        if gone.iter().any(|id| section.contains_key(*id)) {
            section.forget(|id, _| gone.contains(id));
        }
    }
    macro_rules! remove {
        ($($section:ident: $kind:ident $row:tt)+) => {
            $(from(&mut network.$section, gone);)+
        };
    }
    sections!(remove);
    from(&mut network.classic_links, gone);
    network.forget_links(|instance| gone.contains(instance));
    network.ccns.change(
        |ccn| ccn.route_tables.keys().any(|id| gone.contains(id)),
        |ccn| from(&mut ccn.route_tables, gone),
    );
    network.vpn_gateways.change(
        |gateway| gateway.connections.iter().any(|it| gone.contains(&it.id)),
        |gateway| gateway.connections.retain(|it| !gone.contains(&it.id)),
    );
    network.direct_connect_gateways.change(
        |gateway| gateway.tunnels.iter().any(|it| gone.contains(&it.id)),
        |gateway| gateway.tunnels.retain(|it| !gone.contains(&it.id)),
    );
    network.down.retain(|id| !gone.contains(id));
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{
        after, balancer, havip, id, ids, ip, nat, refused, route, site, tcp, tom, vpn,
    };
    use super::super::super::{Attachment, Change, Dnat, NextHop};
    use super::*;

    fn deleting(names: &[&str]) -> Change {
        Change::Delete(ids(names))
    }

    #[test]
    fn a_vpc_with_live_links_stays_until_they_go() {
        refused(&tom(), &deleting(&["vpc-tom"]), Code::ClassicLinkVpcInUse);
        let mut network = tom();
        network.subnets.clear();
        network.instances.clear();
        network.route_tables.clear();
        refused(&network, &deleting(&["vpc-tom"]), Code::ClassicLinkVpcInUse);
        let both = after(&network, &deleting(&["vpc-tom", "ins-tom"]));
        assert!(both.classic_links.is_empty());
        network.classic_instances[&id("ins-tom")].ip = ip("10.60.3.5");
        assert!(after(&network, &deleting(&["vpc-tom"])).classic_links.is_empty());
    }

    #[test]
    fn what_others_refer_to_stays() {
        let mut network = tom();
        network.havips.insert(id("havip-1"), havip("subnet-web", "10.1.1.99", Some("ins-web")));
        network.load_balancers.insert(id("lb-1"), balancer("10.1.1.100", &["ins-new"]));
        for name in ["vpc-two", "subnet-web", "sg-open", "ins-web", "ins-new"] {
            refused(&network, &deleting(&[name]), Code::UnknownId);
        }
        refused(&network, &deleting(&["none"]), Code::UnknownId);
        after(&network, &deleting(&["vpc-two", "subnet-two", "ins-two"]));
        after(&network, &deleting(&["ins-new", "lb-1"]));
    }

    #[test]
    fn routes_to_what_is_deleted_stay() {
        let mut network = tom();
        network.nat_gateways.insert(id("nat-1"), nat(&[]));
        let via = NextHop::NatGateway(id("nat-1"));
        network.route_tables[&id("rtb-tom")].routes = vec![route("0.0.0.0/0", via)];
        let gone = after(&network, &deleting(&["nat-1"]));
        assert_eq!(gone.route_tables, network.route_tables);
        after(&gone, &deleting(&["ins-new"]));
    }

    #[test]
    fn a_machine_behind_a_dnat_entry_stays() {
        let mut network = tom();
        let mut gateway = nat(&["203.0.113.1"]);
        gateway.dnat = vec![Dnat {
            service: tcp(443),
            eip: ip("203.0.113.1"),
            to: ip("10.1.1.10"),
            port: 443,
        }];
        network.nat_gateways.insert(id("nat-1"), gateway);
        refused(&network, &deleting(&["ins-web"]), Code::UnknownId);
        after(&network, &deleting(&["ins-web", "nat-1"]));
    }

    #[test]
    fn a_deleted_classic_cvm_is_unlinked() {
        let network = after(&tom(), &deleting(&["ins-tom"]));
        assert!(network.classic_links[&id("vpc-tom")].is_empty());
    }

    #[test]
    fn a_tunnel_goes_with_what_only_it_refers_to() {
        let mut network = tom();
        network.sites.insert(id("idc"), site(&["192.168.0.0/16"]));
        let gateway = vpn(Attachment::Vpc(id("vpc-tom")));
        network.vpn_gateways.insert(id("vpngw-1"), gateway);
        refused(&network, &deleting(&["idc"]), Code::UnknownId);
        let network = after(&network, &deleting(&["idc", "vpnx-1"]));
        assert_eq!(network.vpn_gateways[&id("vpngw-1")].connections, []);
    }
}
