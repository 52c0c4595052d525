//! Resource types of Terraform beside the common ones: what is read of them, and what is said of the others.

use pathproof::import::Outcome;
use pathproof::model::Network;
use pathproof::query::Verdict;
use serde_json::{Value, json};

use crate::plans::{ip, notes, state, verdicts, written};

/// A VPC with a subnet, a group, an ACL and a machine, and what else there is.
fn built(more: &[(&str, Value)]) -> Value {
    let mut all = vec![
        ("tencentcloud_vpc.main", json!({ "id": "vpc-1", "cidr_block": "10.1.0.0/16" })),
        (
            "tencentcloud_subnet.a",
            json!({ "id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.1.1.0/24", "availability_zone": "ap-chengdu-1" }),
        ),
        ("tencentcloud_security_group.web", json!({ "id": "sg-1" })),
        ("tencentcloud_vpc_acl.a", json!({ "id": "acl-1", "vpc_id": "vpc-1" })),
        (
            "tencentcloud_instance.a",
            json!({ "id": "ins-1", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "private_ip": "10.1.1.9", "orderly_security_groups": ["sg-1"] }),
        ),
    ];
    all.extend(more.iter().cloned());
    state(&all)
}

fn network(more: &[(&str, Value)]) -> Network {
    written(&built(more))
}

#[test]
fn attachments_bind_a_havip_to_its_machine_and_its_public_address() {
    let more = [
        (
            "tencentcloud_ha_vip.v",
            json!({ "id": "havip-1", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "vip": "10.1.1.50" }),
        ),
        (
            "tencentcloud_ha_vip_instance_attachment.v",
            json!({ "id": "x", "ha_vip_id": "havip-1", "instance_id": "ins-1", "instance_type": "CVM" }),
        ),
        (
            "tencentcloud_ha_vip_eip_attachment.v",
            json!({ "id": "y", "havip_id": "havip-1", "address_ip": "203.0.113.7" }),
        ),
    ];
    let network = network(&more);
    let havip = &network.havips["havip-1"];
    assert_eq!(havip.bound_to.as_ref().map(ToString::to_string).as_deref(), Some("ins-1"));
    assert_eq!(havip.eip, Some(ip("203.0.113.7")));
    assert!(network.unmodelled.is_empty());
}

#[test]
fn a_rule_with_five_parts_matches_both_sides_by_priority() {
    let line = |priority: u64, action: &str, port: &str| {
        json!({
            "priority": priority, "action": action, "protocol": "TCP", "source_cidr": "10.2.0.0/16",
            "source_port": "1024-65535", "destination_cidr": "10.1.1.0/24", "destination_port": port,
        })
    };
    let set =
        json!([{ "ingress": [line(2, "DROP", "ALL"), line(1, "ACCEPT", "80")], "egress": [] }]);
    let rules =
        json!({ "id": "acl-1", "network_acl_id": "acl-1", "network_acl_quintuple_set": set });
    let network = network(&[("tencentcloud_vpc_network_acl_quintuple.q", rules)]);
    let ingress = &network.network_acls["acl-1"].ingress;
    assert_eq!(ingress.len(), 2);
    assert!(ingress[0].source.is_some() && ingress[0].destination.is_some());
    assert!(ingress[0].source_ports.is_some());
    assert_eq!(ingress[0].action, pathproof::space::Action::Accept);
}

fn touched(network: &Network) -> Vec<String> {
    let entries = network.unmodelled.iter();
    let lists = entries.map(|it| {
        let ids = it.touches.iter().chain(&it.routing_of).chain(&it.missing_from);
        let ids: Vec<_> = ids.map(ToString::to_string).collect();
        ids.join(" ")
    });
    lists.collect()
}

#[test]
fn what_is_not_understood_touches_what_it_names() {
    let gateway = json!({ "id": "intranat-1", "vpc_id": "vpc-1" });
    let network_with = |kind: &str, values: Value| network(&[(kind, values)]);
    let network = network_with("tencentcloud_vpc_private_nat_gateway.p", gateway);
    assert_eq!(network.unmodelled[0].routing_of.len(), 1);
    let old = json!({ "id": "lb-1", "vpc_id": "vpc-1" });
    assert_eq!(touched(&network_with("tencentcloud_lb.o", old)), ["vpc-1"]);
    let rows = json!({ "id": "x", "security_group_id": "sg-1" });
    assert_eq!(touched(&network_with("tencentcloud_brand_new_rule.n", rows)), ["sg-1 sg-1"]);
}

#[test]
fn what_names_nothing_of_the_network_is_only_mentioned() {
    let more = [
        ("tencentcloud_cos_bucket.b", json!({ "id": "b" })),
        ("tencentcloud_cos_bucket.c", json!({ "id": "c" })),
        ("tencentcloud_vpc_flow_log.f", json!({ "id": "fl-1", "vpc_id": "vpc-1" })),
    ];
    let state = built(&more);
    notes(&state, Outcome::LeftOut, &[]);
    let kinds = ["tencentcloud_cos_bucket", "tencentcloud_vpc_flow_log"];
    notes(&state, Outcome::Assumed, &kinds);
    assert!(network(&more).unmodelled.is_empty());
}

#[test]
fn an_eip_of_a_secondary_address_leaves_its_machine_open() {
    let more = [
        ("tencentcloud_eip.e", json!({ "id": "eip-1", "public_ip": "203.0.113.9" })),
        (
            "tencentcloud_eip_association.e",
            json!({ "id": "x", "eip_id": "eip-1", "instance_id": "ins-1", "private_ip": "10.1.1.77" }),
        ),
    ];
    assert_eq!(touched(&network(&more)), ["ins-1"]);
}

#[test]
fn targets_beyond_the_vpc_of_a_load_balancer_leave_it_open() {
    let balancer = json!({ "id": "lb-1", "network_type": "INTERNAL", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "clb_vips": ["10.1.1.60"], "snat_pro": true });
    let network_with = |values: Value| network(&[("tencentcloud_clb_instance.l", values)]);
    assert_eq!(touched(&network_with(balancer.clone())), ["lb-1"]);
    let mut far = balancer;
    far["snat_pro"] = Value::Bool(false);
    far["target_region_info_vpc_id"] = json!("vpc-far");
    assert_eq!(touched(&network_with(far.clone())), ["lb-1"]);
    far["target_region_info_vpc_id"] = json!("vpc-1");
    assert!(network_with(far).unmodelled.is_empty());
}

#[test]
fn addresses_of_the_second_family_without_their_cidr_leave_only_its_packets_open() {
    let machine = json!({ "id": "ins-2", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "private_ip": "10.1.1.8", "orderly_security_groups": ["sg-1"], "ipv6_addresses": ["2402:4e00::8"] });
    let more = [("tencentcloud_instance.b", machine)];
    let entry = &network(&more).unmodelled[0];
    assert_eq!(entry.destinations[0].to_string(), "::/0");
    let all = ["ACCEPT#0.0.0.0/0#ALL#ALL"];
    let rules = json!({ "id": "sg-1", "security_group_id": "sg-1", "ingress": all, "egress": all });
    let more = [more[0].clone(), ("tencentcloud_security_group_lite_rule.r", rules)];
    let asked = [("ins-1", "ins-2"), ("internet", "ins-2")];
    assert_eq!(verdicts(&built(&more), &asked), [Verdict::Reachable, Verdict::Unreachable]);
}

#[test]
fn the_groups_of_a_document_database_are_its_own() {
    let shut = json!({ "id": "sg-shut" });
    let database = json!({ "id": "cmgo-1", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "vip": "10.1.1.80", "vport": 27017, "security_groups": ["sg-shut"] });
    let more =
        [("tencentcloud_security_group.shut", shut), ("tencentcloud_mongodb_instance.d", database)];
    let network = network(&more);
    let groups = &network.databases["cmgo-1"].security_groups;
    assert_eq!(groups[0].as_str(), "sg-shut");
    assert!(network.unmodelled.is_empty());
}

#[test]
fn snat_addresses_say_no_more_than_the_snat_of_their_load_balancer() {
    let balancer = |pro: bool| json!({ "id": "lb-1", "network_type": "INTERNAL", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "clb_vips": ["10.1.1.60"], "snat_pro": pro });
    let ips = json!([{ "subnet_id": "subnet-1", "ip": "10.1.1.61" }]);
    let ips = json!({ "id": "lb-1", "clb_id": "lb-1", "ips": ips });
    let with = |pro| {
        let more = [
            ("tencentcloud_clb_instance.l", balancer(pro)),
            ("tencentcloud_clb_snat_ip.s", ips.clone()),
        ];
        built(&more)
    };
    notes(&with(true), Outcome::LeftOut, &[]);
    assert_eq!(touched(&written(&with(true))), ["lb-1"]);
    let place = "tencentcloud_clb_snat_ip.s, ips";
    notes(&with(false), Outcome::LeftOut, &[place]);
    assert_eq!(touched(&written(&with(false))), ["lb-1"]);
}

#[test]
fn what_hangs_on_a_load_balancer_of_the_old_kind_touches_nothing_else() {
    let more = [
        (
            "tencentcloud_lb.o",
            json!({ "id": "lb-1", "type": "OPEN", "forward": "APPLICATION", "vpc_id": "vpc-1" }),
        ),
        (
            "tencentcloud_clb_listener.l",
            json!({ "id": "lb-1#lbl-1", "listener_id": "lbl-1", "clb_id": "lb-1", "protocol": "TCP", "port": 80 }),
        ),
        (
            "tencentcloud_alb_server_attachment.a",
            json!({ "id": "x", "loadbalancer_id": "lb-1", "listener_id": "lbl-1" }),
        ),
    ];
    let network = network(&more);
    assert_eq!(touched(&network), ["vpc-1"]);
    assert_eq!(network.unmodelled[0].missing_from.len(), 1);
    let gone = [
        "tencentcloud_clb_listener.l, clb_id",
        "tencentcloud_alb_server_attachment.a",
        "tencentcloud_lb.o",
    ];
    notes(&built(&more), Outcome::LeftOut, &gone);
}

/// Target groups: their members are targets of the listeners that use them, where all of them are known.
#[test]
fn the_members_of_a_target_group_are_targets_of_the_listeners_that_use_it() {
    let balancer = json!({ "id": "lb-1", "network_type": "INTERNAL", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "clb_vips": ["10.1.1.60"], "security_groups": ["sg-1"] });
    let listener = |id: &str, port: u16| json!({ "id": id, "listener_id": id, "clb_id": "lb-1", "protocol": "TCP", "port": port });
    let member = |ip: &str, weight: u8| json!({ "id": "x", "target_group_id": "lbtg-1", "bind_ip": ip, "port": 8080, "weight": weight });
    let with = |member: Value, group: Value, second: Value| {
        network(&[
            ("tencentcloud_clb_instance.l", balancer.clone()),
            ("tencentcloud_clb_listener.a", listener("lbl-1", 80)),
            ("tencentcloud_clb_listener.b", listener("lbl-2", 81)),
            ("tencentcloud_clb_target_group.t", group),
            ("tencentcloud_clb_target_group_instance_attachment.m", member),
            (
                "tencentcloud_clb_target_group_attachment.a",
                json!({ "id": "y", "clb_id": "lb-1", "listener_id": "lbl-1", "target_group_id": "lbtg-1" }),
            ),
            ("tencentcloud_clb_target_group_attachments.b", second),
        ])
    };
    let group = json!({ "id": "lbtg-1", "vpc_id": "vpc-1", "port": 8080 });
    let second = json!({ "id": "z", "load_balancer_id": "lb-1", "associations": [{ "listener_id": "lbl-2", "target_group_id": "lbtg-1", "weight": 0 }] });
    let whole = with(member("10.1.1.9", 7), group.clone(), second.clone());
    let targets = |network: &Network| -> Vec<(String, u16, u8)> {
        let listeners = network.load_balancers["lb-1"].listeners.iter();
        let targets = listeners.flat_map(|it| &it.targets);
        targets.map(|it| (it.instance.to_string(), it.port, it.weight)).collect()
    };
    let expected = [("ins-1".to_owned(), 8080, 7), ("ins-1".to_owned(), 8080, 0)];
    assert_eq!(targets(&whole), expected);
    assert_eq!(touched(&whole), Vec::<String>::new());
    // an address that nobody has, every port of the listener, a group that is elsewhere
    let elsewhere = json!({ "id": "z", "load_balancer_id": "lb-1", "associations": [{ "listener_id": "lbl-2", "target_group_id": "lbtg-9" }] });
    let all =
        json!({ "id": "lbtg-1", "vpc_id": "vpc-1", "type": "v2", "full_listen_switch": true });
    for (member, group, second, left) in [
        (member("10.9.9.9", 7), group.clone(), second.clone(), 0),
        (member("10.1.1.9", 7), all, second, 0),
        (member("10.1.1.9", 7), group, elsewhere, 1),
    ] {
        let network = with(member, group, second);
        assert_eq!(targets(&network).len(), left);
        assert!(
            touched(&network).iter().any(|it| it.contains("lb-1")),
            "{:#?}",
            network.unmodelled
        );
    }
}
