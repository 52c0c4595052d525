//! One file a VPC, joined by `include`.

use super::scenario;
use crate::id::Id;
use crate::import::{Document, Spot};
use crate::model::{Attachment, Fragment, LoadBalancerNetwork, Network, Section};

/// The document as several files: the first is the scenario itself, named `main`, which includes the others, one for
/// each VPC. Paths are relative to the first.
#[must_use]
pub fn split(document: &Document, main: &str) -> Vec<(String, String)> {
    let mut rest = document.clone();
    let vpcs: Vec<Id> = rest.fragment.network.vpcs.keys().cloned().collect();
    let stem = main.strip_suffix(".ron").unwrap_or(main);
    let stem = stem.rsplit(['/', '\\']).next().unwrap_or(stem);
    let mut parts: Vec<(String, String)> = Vec::new();
    for vpc in vpcs {
        let part = Document {
            name: None,
            fragment: part_of(&vpc, &mut rest.fragment),
            remarks: document.remarks.clone(),
            expect: Vec::new(),
        };
        let part = Document {
            remarks: remarks_in(&part, document),
            ..part
        };
        let mut path = format!("{stem}.{}.ron", file_name(&vpc));
        while parts.iter().any(|(other, _)| *other == path) {
            path = path.replace(".ron", "_.ron");
        }
        parts.push((path, scenario(&part, &[])));
    }
    let include: Vec<String> = parts.iter().map(|(path, _)| path.clone()).collect();
    let mut files = vec![(main.to_owned(), scenario(&rest, &include))];
    files.extend(parts);
    files
}

/// Takes out of the network what belongs to one VPC and to nothing else.
fn part_of(vpc: &Id, from: &mut Fragment) -> Fragment {
    let network = &mut from.network;
    let subnets = take(&mut network.subnets, |it| it.vpc == *vpc);
    let inside = |subnet: &Id| subnets.contains_key(subnet);
    let attached = |to: &Attachment| matches!(to, Attachment::Vpc(id) if id == vpc);
    let part = Network {
        instances: take(&mut network.instances, |it| inside(&it.subnet)),
        network_interfaces: take(&mut network.network_interfaces, |it| inside(&it.subnet)),
        instance_groups: take(&mut network.instance_groups, |it| inside(&it.subnet)),
        havips: take(&mut network.havips, |it| inside(&it.subnet)),
        databases: take(&mut network.databases, |it| inside(&it.subnet)),
        load_balancers: take(&mut network.load_balancers, |it| match &it.network {
            LoadBalancerNetwork::Internal { subnet, .. } => inside(subnet),
            LoadBalancerNetwork::Public { vpc: id, .. } => id == vpc,
        }),
        route_tables: take(&mut network.route_tables, |it| it.vpc == *vpc),
        network_acls: take(&mut network.network_acls, |it| it.vpc == *vpc),
        endpoint_connections: take(&mut network.endpoint_connections, |it| it.vpc == *vpc),
        endpoint_services: take(&mut network.endpoint_services, |it| it.vpc == *vpc),
        vpc_endpoints: take(&mut network.vpc_endpoints, |it| inside(&it.subnet)),
        nat_gateways: take(&mut network.nat_gateways, |it| it.vpc == *vpc),
        vpn_gateways: take(&mut network.vpn_gateways, |it| attached(&it.attached_to)),
        direct_connect_gateways: take(&mut network.direct_connect_gateways, |it| {
            attached(&it.attached_to)
        }),
        vpcs: network.vpcs.shift_remove_entry(vpc).into_iter().collect(),
        subnets: subnets.clone(),
        ..Network::default()
    };
    Fragment {
        network: part,
        classic_links: from
            .classic_links
            .shift_remove_entry(vpc)
            .into_iter()
            .collect(),
        platform: None,
    }
}

fn take<T: Clone>(section: &mut Section<T>, is_inside: impl Fn(&T) -> bool) -> Section<T> {
    let all = std::mem::take(section);
    let mut taken = Section::default();
    for (id, entity) in all {
        if is_inside(&entity) {
            taken.insert(id, entity);
        } else {
            section.insert(id, entity);
        }
    }
    taken
}

/// The comments at what is in this part; the others stay in the first file.
fn remarks_in(part: &Document, whole: &Document) -> Vec<(Spot, String)> {
    let network = &part.fragment.network;
    let remarks = whole.remarks.iter().filter(|(spot, _)| match spot {
        Spot::Entity(id) | Spot::Item(id, ..) => network.kind_of(id.as_str()).is_some(),
        Spot::Head | Spot::Section(_) => false,
    });
    remarks.cloned().collect()
}

/// A name that every file system takes.
fn file_name(id: &Id) -> String {
    let letters = id.as_str().chars();
    let keep = |letter: char| letter.is_ascii_alphanumeric() || ".-_".contains(letter);
    letters
        .map(|letter| if keep(letter) { letter } else { '_' })
        .collect()
}
