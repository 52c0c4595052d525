//! A folder of API responses, `tests/import/tencent`, and what becomes of it.

use std::net::IpAddr;
use std::path::Path;

use pathproof::import::tencent::{self, Options};
use pathproof::import::{Imported, Outcome, write};
use pathproof::model::{CcnMember, Network, NextHop, State};

use crate::import_write::network;

pub fn files() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import/tencent");
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy();
            let text = std::fs::read_to_string(&path).expect("a file");
            (name.into_owned(), text)
        })
        .collect()
}

fn import(files: &[(String, String)]) -> Imported {
    tencent::tencent(files, &Options::default()).expect("a dump")
}

fn everything() -> Network {
    let text = write(&import(&files()).document);
    network(&[("main.ron".to_owned(), text)])
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

#[track_caller]
fn left_out(imported: &Imported, expected: &[(&str, &str)]) {
    let notes = imported.notes.iter();
    let found: Vec<_> = notes
        .filter(|note| note.outcome == Outcome::LeftOut)
        .map(|note| {
            let attribute = note.attribute.as_deref().unwrap_or_default();
            (note.resource.as_str(), attribute)
        })
        .collect();
    assert_eq!(found, expected, "{:#?}", imported.notes);
}

#[test]
fn a_whole_dump_loads_without_a_word() {
    let network = everything();
    assert_eq!(network.vpcs.len(), 3);
    assert_eq!(network.vpcs["vpc-far"].region, "ap-shanghai");
    assert_eq!(network.instances.len(), 5);
}

#[test]
fn what_is_not_in_the_files_is_named() {
    left_out(
        &import(&files()),
        &[
            ("sg-app", "ingress 1"),
            ("sg-lost", "policies"),
            ("eni-free", ""),
            ("lb-out", "lbl-1"),
            ("pcx-2", "PeerVpcId"),
            ("rtb-main", "route rti-9.9.9.0"),
            ("ins-unknown", "InstanceId"),
            ("lb-in", "listeners"),
        ],
    );
}

#[test]
fn the_order_of_the_files_does_not_matter() {
    let mut turned = files();
    turned.reverse();
    let text = |files: &[_]| write(&import(files).document);
    assert_eq!(text(&turned), text(&files()));
}

#[test]
fn a_default_table_is_the_one_that_is_main() {
    let network = everything();
    let table = network.vpcs["vpc-shop"].default_route_table.as_ref();
    assert_eq!(table.map(pathproof::id::Id::as_str), Some("rtb-main"));
    assert_eq!(network.subnets["subnet-web"].route_table, None);
    assert!(network.subnets["subnet-app"].route_table.is_some());
}

#[test]
fn a_machine_named_by_its_address_is_the_next_hop() {
    let network = everything();
    let route = &network.route_tables["rtb-nat"].routes[1];
    assert_eq!(route.via, NextHop::Instance("ins-web".into()));
    assert!(!network.route_tables["rtb-nat"].routes[2].enabled);
}

#[test]
fn rules_stand_by_priority_and_index() {
    let network = everything();
    let acl = &network.network_acls["acl-app"].ingress;
    let services: Vec<_> = acl.iter().map(|rule| rule.service.to_string()).collect();
    assert_eq!(services, ["tcp:8080", "tcp:9000", "all"]);
    let text = write(&import(&files()).document);
    let rules = "Accept(from: \"ipmg-offices\", service: \"ppm-web\"),\n                    Drop(";
    assert!(text.contains(rules), "{text}");
}

#[test]
fn an_acl_with_five_parts_has_its_entries_in_a_file_of_its_own() {
    let network = everything();
    let rule = &network.network_acls["acl-five"].ingress[0];
    assert_eq!(rule.source_ports.as_ref().map(ToString::to_string), Some("1024-65535".to_owned()));
    let without: Vec<_> = files()
        .into_iter()
        .filter(|(name, _)| !name.starts_with("DescribeNetworkAclQuintuple"))
        .collect();
    let imported = import(&without);
    let notes = imported.notes.iter();
    let of_acl: Vec<_> = notes.filter(|note| note.resource == "acl-five").collect();
    assert_eq!(of_acl[0].outcome, Outcome::LeftOut);
}

#[test]
fn a_cvm_without_a_vpc_is_classic_and_its_link_gets_its_address() {
    let network = everything();
    let instance = &network.classic_instances["ins-old"];
    assert_eq!((instance.region.as_str(), instance.ip), ("ap-guangzhou", ip("10.60.3.4")));
    let links = &network.classic_links["vpc-shop"];
    assert_eq!(links.len(), 1);
    assert_eq!(links[0].address, ip("10.60.3.4"));
    let text = write(&import(&files()).document);
    assert!(text.contains("// left out: ins-unknown"), "{text}");
    assert!(text.contains("10.60.3.4 is that of the CVM now"), "{text}");
}

#[test]
fn an_eip_belongs_to_the_part_whose_private_address_it_names() {
    let network = everything();
    assert_eq!(network.instances["ins-web"].eip, Some(ip("203.0.113.7")));
    let interface = &network.network_interfaces["eni-2"];
    assert_eq!(interface.eip, Some(ip("203.0.113.8")));
    assert_eq!(network.instances["ins-web"].secondary_ips, [ip("10.1.1.11")]);
}

#[test]
fn states_are_those_of_the_cloud() {
    let network = everything();
    let state = |id: &str| network.instances[id].state;
    assert_eq!(state("ins-app"), State::Stopped);
    assert_eq!(state("ins-frozen"), State::Isolated);
    let gateway = &network.vpn_gateways["vpngw-1"];
    let up: Vec<_> = gateway.connections.iter().map(|it| it.up).collect();
    assert_eq!(up, [true, false]);
    assert!(!gateway.routes[0].enabled);
}

#[test]
fn a_site_is_what_lies_behind_its_tunnels() {
    let network = everything();
    let cidrs = |id: &str| {
        let cidrs = network.sites[id].cidrs.iter();
        cidrs.map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(cidrs("cgw-1"), ["192.168.0.0/16"]);
    assert_eq!(cidrs("cgw-2"), ["192.169.0.0/16"]);
    assert_eq!(cidrs("dc-1"), ["172.30.0.0/16"]);
}

#[test]
fn members_stand_in_the_order_in_which_they_joined_and_routes_keep_their_state() {
    let network = everything();
    let ccn = &network.ccns["ccn-1"];
    assert_eq!(
        ccn.attachments,
        [CcnMember::Vpc("vpc-shop".into()), CcnMember::Vpc("vpc-far".into())]
    );
    let states: Vec<_> = ccn.routes.iter().map(|route| route.enabled).collect();
    assert_eq!(states, [false, true]);
}

#[test]
fn rules_of_a_gateway_that_two_actions_tell_stand_once() {
    let network = everything();
    let gateway = &network.nat_gateways["nat-1"];
    assert_eq!((gateway.snat.len(), gateway.dnat.len()), (2, 1));
}

#[test]
fn secrets_are_never_copied() {
    assert!(!write(&import(&files()).document).contains("not-to-be-copied"));
}

#[test]
fn what_cannot_be_used_is_said() {
    let error = |name: &str, text: &str| {
        let files = [(name.to_owned(), text.to_owned())];
        let imported = tencent::tencent(&files, &Options::default());
        imported.err().map(|error| error.message.to_string())
    };
    let says = |text: &str| Some(text.to_owned());
    assert_eq!(
        error("DescribeVpcs.json", "{\"VpcSet\": ["),
        says("DescribeVpcs.json ends too early: it is cut off")
    );
    assert_eq!(
        error("DescribeVpcs.json", r#"{"Response": {"Error": {"Message": "no right"}}}"#),
        says("DescribeVpcs.json: it holds no answer but an error: no right")
    );
    assert_eq!(error("vpcs.json", "{}"), says("no file here is named after an action of the API"));
}
