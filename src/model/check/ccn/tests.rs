//! Networks that break a rule about CCNs, and some that just do not.

use super::super::super::sample::{
    breaks, ccn, cidr, direct_connect, id, ids, site, subnet, vpc, vpn,
};
use super::*;
use crate::model::{CcnRoutePolicy, CcnRouteTable, CcnSelection, DcNat, DirectConnectKind, Meta};
use crate::space::Action;

fn vpcs(names: &[&str]) -> Vec<CcnMember> {
    ids(names).into_iter().map(CcnMember::Vpc).collect()
}

/// `ccn-1` joins `vpc-tom` and `vpc-two`.
fn joined(network: &mut Network) -> &mut Ccn {
    network.ccns.insert(id("ccn-1"), ccn(vpcs(&["vpc-tom", "vpc-two"])));
    &mut network.ccns[&id("ccn-1")]
}

#[test]
fn a_member_is_attached_once() {
    breaks(
        |network| {
            joined(network);
        },
        &[],
    );
    let twice = |network: &mut Network| {
        joined(network).attachments.push(CcnMember::Vpc(id("vpc-tom")));
    };
    breaks(twice, &[Code::CcnAttachmentTwice]);
}

/// CCN-14.
#[test]
fn a_vpc_joins_five_ccns_and_no_gateway_two() {
    let joins = |count: usize| {
        move |network: &mut Network| {
            for number in 0..count {
                let name = format!("ccn-{number}");
                network.ccns.insert(id(&name), ccn(vpcs(&["vpc-two"])));
            }
        }
    };
    breaks(joins(5), &[]);
    // six CCNs are also one more than an account has by default (CCN-13)
    breaks(joins(6), &[Code::QuotaWarning, Code::QuotaExceeded]);
    let with_ipv6 = |network: &mut Network| {
        joins(2)(network);
        network.vpcs[&id("vpc-two")].ipv6_cidr = Some(cidr("fd00:2::/56"));
    };
    breaks(with_ipv6, &[Code::InvalidValue]);
    let gateway = |network: &mut Network| {
        network.sites.insert(id("idc"), site(&["192.168.0.0/16"]));
        let member = CcnMember::VpnGateway(id("vpngw-1"));
        for name in ["ccn-1", "ccn-2"] {
            network.ccns.insert(id(name), ccn(vec![member.clone()]));
        }
        let attached_to = Attachment::Ccn(id("ccn-1"));
        network.vpn_gateways.insert(id("vpngw-1"), vpn(attached_to));
    };
    breaks(gateway, &[Code::CcnAttachmentTwice]);
}

#[test]
fn a_gateway_and_its_ccn_say_the_same() {
    let says = |attached_to: Attachment| {
        move |network: &mut Network| {
            network.sites.insert(id("idc"), site(&["192.168.0.0/16"]));
            network.ccns.insert(id("ccn-2"), ccn(vec![]));
            network.vpn_gateways.insert(id("vpngw-1"), vpn(attached_to));
            joined(network).attachments.push(CcnMember::VpnGateway(id("vpngw-1")));
        }
    };
    breaks(says(Attachment::Ccn(id("ccn-1"))), &[]);
    breaks(says(Attachment::Ccn(id("ccn-2"))), &[Code::CcnAttachmentTwice]);
    breaks(says(Attachment::Vpc(id("vpc-tom"))), &[Code::InvalidValue]);
}

#[test]
fn a_nat_kind_gateway_joins_no_ccn() {
    let join = |network: &mut Network| {
        network.sites.insert(id("idc"), site(&["192.168.0.0/16"]));
        joined(network);
        let mut gateway = direct_connect(Attachment::Ccn(id("ccn-1")), &[]);
        gateway.kind = DirectConnectKind::Nat(DcNat::default());
        network.direct_connect_gateways.insert(id("dcg-1"), gateway);
    };
    breaks(join, &[Code::InvalidValue]);
}

#[test]
fn two_equal_routes_are_not_both_on() {
    let twin = |on: bool, first_off: bool| {
        move |network: &mut Network| {
            network.vpcs.insert(id("vpc-x"), vpc("10.1.0.0/16"));
            network.subnets.insert(id("subnet-x"), subnet("vpc-x", "10.1.1.0/24"));
            let ccn = joined(network);
            ccn.attachments.push(CcnMember::Vpc(id("vpc-x")));
            let route = |member: &str, enabled| CcnRoute {
                to: cidr("10.1.1.0/24"),
                next: CcnMember::Vpc(id(member)),
                enabled,
            };
            ccn.routes.push(route("vpc-x", on));
            ccn.routes.push(route("vpc-tom", !first_off));
        }
    };
    breaks(twin(false, false), &[]);
    breaks(twin(true, true), &[]);
    breaks(twin(true, false), &[Code::CcnRouteConflict]);
}

#[test]
fn equal_routes_of_direct_connect_gateways_share_the_load() {
    let two = |network: &mut Network| {
        network.sites.insert(id("idc"), site(&["192.168.0.0/16"]));
        joined(network);
        for name in ["dcg-1", "dcg-2"] {
            let prefixes = ["192.168.0.0/16"];
            let mut gateway = direct_connect(Attachment::Ccn(id("ccn-1")), &prefixes);
            gateway.tunnels[0].id = id(&format!("{name}-tunnel"));
            network.direct_connect_gateways.insert(id(name), gateway);
            network.ccns[&id("ccn-1")].routes.push(CcnRoute {
                to: cidr("192.168.0.0/16"),
                next: CcnMember::DirectConnectGateway(id(name)),
                enabled: true,
            });
        }
    };
    breaks(two, &[]);
}

fn with_tables(network: &mut Network, count: usize) -> &mut Ccn {
    let ccn = joined(network);
    for number in 0..count {
        let table = CcnRouteTable {
            meta: Meta::default(),
            attachments: Vec::new(),
            accept: vec![CcnRoutePolicy { from: None, cidr: None, action: Action::Accept }],
        };
        ccn.route_tables.insert(id(&format!("ccnrtb-{number}")), table);
    }
    ccn
}

#[test]
fn a_ccn_has_at_most_10_tables_and_20_selection_policies() {
    let tables = |count: usize| {
        move |network: &mut Network| {
            with_tables(network, count);
        }
    };
    breaks(tables(10), &[]);
    breaks(tables(11), &[Code::QuotaExceeded]);
    let select = |count: usize| {
        move |network: &mut Network| {
            let policy = CcnSelection {
                attachment: CcnMember::Vpc(id("vpc-tom")),
                source: cidr("10.1.1.0/24"),
                route_table: id("ccnrtb-0"),
            };
            with_tables(network, 1).selection = vec![policy; count];
        }
    };
    breaks(select(20), &[]);
    breaks(select(21), &[Code::QuotaExceeded]);
}

#[test]
fn tables_serve_members_and_each_member_has_one() {
    let bind = |tables: usize, member: &'static str| {
        move |network: &mut Network| {
            network.vpcs.insert(id("vpc-x"), vpc("10.9.0.0/16"));
            for table in with_tables(network, tables).route_tables.values_mut() {
                table.attachments.push(CcnMember::Vpc(id(member)));
            }
        }
    };
    breaks(bind(1, "vpc-tom"), &[]);
    breaks(bind(2, "vpc-tom"), &[Code::InvalidValue]);
    breaks(bind(1, "vpc-x"), &[Code::InvalidValue]);
}

#[test]
fn a_written_route_speaks_of_a_member_and_once() {
    let write = |members: &'static [&'static str]| {
        move |network: &mut Network| {
            network.vpcs.insert(id("vpc-x"), vpc("10.9.0.0/16"));
            joined(network).routes = vpcs(members)
                .into_iter()
                .map(|next| CcnRoute { to: cidr("10.77.0.0/16"), next, enabled: false })
                .collect();
        }
    };
    breaks(write(&["vpc-tom", "vpc-two"]), &[]);
    breaks(write(&["vpc-x"]), &[Code::InvalidValue]);
    breaks(write(&["vpc-tom", "vpc-tom"]), &[Code::InvalidValue]);
}
