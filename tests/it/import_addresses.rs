//! Addresses of IPv6 and further addresses in Terraform, and the rules about them.

#![expect(clippy::needless_pass_by_value, reason = "json! makes values that nobody else needs")]

use pathproof::import::Outcome;
use pathproof::model::Network;
use pathproof::query::Verdict;
use serde_json::{Value, json};

use crate::import_left;
use crate::plans::{import, ip, notes, plan, refers, resource, state, verdicts, vpc, written};

/// Two machines with addresses of IPv6 in a VPC that has a CIDR of it, the second one in a subnet of its own.
fn both_families(more: &[(&'static str, Value)]) -> Value {
    let machine = |id: &str, subnet: &str, ip: &str, v6: &str| json!({ "id": id, "vpc_id": "vpc-1", "subnet_id": subnet, "private_ip": ip, "ipv6_addresses": [v6], "orderly_security_groups": ["sg-1"] });
    let subnet = |id: &str, cidr: &str| json!({ "id": id, "vpc_id": "vpc-1", "cidr_block": cidr, "availability_zone": "ap-chengdu-1" });
    let line = |subnet: &str, cidr: &str| json!({ "subnet_id": subnet, "ipv6_cidr_block": cidr });
    let mut all = vec![
        ("tencentcloud_vpc.v", json!({ "id": "vpc-1", "cidr_block": "10.1.0.0/16" })),
        ("tencentcloud_subnet.a", subnet("subnet-a", "10.1.1.0/24")),
        ("tencentcloud_subnet.b", subnet("subnet-b", "10.1.2.0/24")),
        (
            "tencentcloud_vpc_ipv6_cidr_block.v",
            json!({ "id": "vpc-1", "vpc_id": "vpc-1", "ipv6_cidr_block": "2402:4e00:1::/56" }),
        ),
        (
            "tencentcloud_vpc_ipv6_subnet_cidr_block.v",
            json!({ "id": "x", "vpc_id": "vpc-1", "ipv6_subnet_cidr_blocks": [line("subnet-a", "2402:4e00:1:1::/64"), line("subnet-b", "2402:4e00:1:2::/64")] }),
        ),
        ("tencentcloud_security_group.g", json!({ "id": "sg-1" })),
        (
            "tencentcloud_security_group_rule_set.g",
            json!({
                "id": "sg-1", "security_group_id": "sg-1",
                "ingress": [{ "action": "ACCEPT", "ipv6_cidr_block": "2402:4e00:1:1::/64", "protocol": "TCP", "port": "443" }],
                "egress": [{ "action": "ACCEPT", "ipv6_cidr_block": "::/0", "protocol": "ALL", "port": "ALL" }],
            }),
        ),
        ("tencentcloud_instance.a", machine("ins-a", "subnet-a", "10.1.1.9", "2402:4e00:1:1::9")),
        ("tencentcloud_instance.b", machine("ins-b", "subnet-b", "10.1.2.9", "2402:4e00:1:2::9")),
    ];
    all.extend(more.iter().cloned());
    state(&all)
}

#[test]
fn cidrs_addresses_and_rules_of_ipv6_are_read() {
    let state = both_families(&[]);
    let network = written(&state);
    let cidr = |cidr: Option<ipnet::IpNet>| cidr.map(|it| it.to_string());
    let vpc = cidr(network.vpcs["vpc-1"].ipv6_cidr);
    assert_eq!(vpc.as_deref(), Some("2402:4e00:1::/56"));
    let subnet = cidr(network.subnets["subnet-b"].ipv6_cidr);
    assert_eq!(subnet.as_deref(), Some("2402:4e00:1:2::/64"));
    assert_eq!(network.instances["ins-a"].ipv6, Some(ip("2402:4e00:1:1::9")));
    notes(&state, Outcome::LeftOut, &[]);
    assert!(network.unmodelled.is_empty(), "{:?}", network.unmodelled);
    // the group admits the first subnet only, and nothing of IPv4
    let asked = [
        ("2402:4e00:1:1::9", "2402:4e00:1:2::9"),
        ("2402:4e00:1:2::9", "2402:4e00:1:1::9"),
        ("10.1.1.9", "10.1.2.9"),
    ];
    assert_eq!(
        verdicts(&state, &asked),
        [Verdict::Reachable, Verdict::Unreachable, Verdict::Unreachable]
    );
}

#[test]
fn rules_of_acls_about_ipv6_are_read() {
    let acl = json!({ "id": "acl-1", "vpc_id": "vpc-1", "ingress": ["DROP#2402:4e00:1:1::/64#443#TCP", "ACCEPT#::/0#ALL#ALL"], "egress": ["ACCEPT#::/0#ALL#ALL"] });
    let bound = json!({ "id": "acl-1#subnet-b", "acl_id": "acl-1", "subnet_id": "subnet-b" });
    let state = both_families(&[
        ("tencentcloud_vpc_acl.a", acl),
        ("tencentcloud_vpc_acl_attachment.a", bound),
    ]);
    assert_eq!(written(&state).network_acls["acl-1"].ingress.len(), 2);
    let asked = [("2402:4e00:1:1::9", "2402:4e00:1:2::9")];
    assert_eq!(verdicts(&state, &asked), [Verdict::Unreachable]);
}

#[test]
fn several_addresses_of_ipv6_are_all_there() {
    let mut state = both_families(&[]);
    let resources = state["values"]["root_module"]["resources"].as_array_mut();
    let mut machines = resources.expect("resources").iter_mut();
    let machine = machines.find(|it| it["address"] == "tencentcloud_instance.a");
    machine.expect("a machine")["values"]["ipv6_addresses"] =
        json!(["2402:4e00:1:1::9", "2402:4e00:1:1::10"]);
    let network = written(&state);
    let instance = &network.instances["ins-a"];
    assert_eq!(instance.ipv6, Some(ip("2402:4e00:1:1::9")));
    assert_eq!(instance.secondary_ips, [ip("2402:4e00:1:1::10")]);
}

#[test]
fn bandwidth_of_ipv6_opens_an_address_to_the_internet() {
    let bandwidth = json!({ "id": "eip-6", "ipv6_address": "2402:4e00:1:1::9" });
    let state = both_families(&[("tencentcloud_ipv6_address_bandwidth.w", bandwidth)]);
    let asked = [
        ("internet", "2402:4e00:1:1::9"),
        ("internet", "2402:4e00:1:2::9"),
        ("10.1.1.9", "10.1.2.9"),
    ];
    assert_eq!(
        verdicts(&state, &asked),
        [Verdict::Undetermined, Verdict::Unreachable, Verdict::Unreachable]
    );
    // an address that nothing here has may be anybody's
    let bandwidth = json!({ "id": "eip-6", "ipv6_address": "2402:4e00:9::9" });
    let state = both_families(&[("tencentcloud_ipv6_address_bandwidth.w", bandwidth)]);
    assert_eq!(written(&state).unmodelled[0].touches[0].as_str(), "internet");
}

#[test]
fn a_cidr_of_ipv6_that_is_not_known_yet_leaves_ipv6_open_and_nothing_else() {
    let main = refers(&["tencentcloud_vpc.main.id", "tencentcloud_vpc.main"]);
    let block = resource(
        "tencentcloud_vpc_ipv6_cidr_block.v",
        json!({}),
        json!({ "id": true, "vpc_id": true, "ipv6_cidr_block": true }),
        json!({ "vpc_id": main }),
    );
    let network = written(&plan(&[vpc(), block]));
    let entry = &network.unmodelled[0];
    assert_eq!(entry.touches[0].as_str(), "tencentcloud_vpc.main");
    assert_eq!(entry.destinations[0].to_string(), "::/0");
    assert_eq!(network.vpcs["tencentcloud_vpc.main"].ipv6_cidr, None);
}

#[test]
fn a_cidr_of_ipv6_outside_that_of_the_vpc_goes_and_the_subnet_stays() {
    let mut state = both_families(&[]);
    let resources = state["values"]["root_module"]["resources"].as_array_mut();
    let mut blocks = resources.expect("resources").iter_mut();
    let block = blocks.find(|it| it["type"] == "tencentcloud_vpc_ipv6_cidr_block");
    block.expect("a block")["values"]["ipv6_cidr_block"] = json!("2402:4e00:9::/56");
    let network = written(&state);
    assert_eq!(network.subnets["subnet-a"].ipv6_cidr, None);
    assert_eq!(network.instances["ins-a"].ipv6, None);
    assert!(!network.unmodelled.is_empty());
}

/// A machine with an interface, and what gives that interface more addresses.
fn interface(eni: Value, more: &[(&'static str, Value)]) -> Value {
    let mut values = json!({ "id": "eni-1", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "orderly_security_groups": ["sg-1"] });
    for (name, value) in eni.as_object().expect("values") {
        values[name] = value.clone();
    }
    let mut all = vec![
        ("tencentcloud_eni.e", values),
        (
            "tencentcloud_eni_attachment.e",
            json!({ "id": "x", "eni_id": "eni-1", "instance_id": "ins-1" }),
        ),
    ];
    all.extend(more.iter().cloned());
    import_left::built(&all)
}

fn addresses(network: &Network) -> Vec<String> {
    let interface = &network.network_interfaces["eni-1"];
    let all = std::iter::once(&interface.ip).chain(&interface.secondary_ips);
    all.map(ToString::to_string).collect()
}

#[test]
fn addresses_that_are_asked_for_by_number_are_read_from_a_state() {
    let told =
        json!([{ "ip": "10.1.1.31", "primary": false }, { "ip": "10.1.1.30", "primary": true }]);
    let state = interface(json!({ "ipv4_count": 2, "ipv4_info": told }), &[]);
    assert_eq!(addresses(&written(&state)), ["10.1.1.30", "10.1.1.31"]);
    notes(&state, Outcome::StoodIn, &[]);
}

#[test]
fn addresses_that_are_not_known_yet_are_as_many_stand_ins() {
    let state = interface(json!({ "ipv4_count": 3 }), &[]);
    assert_eq!(addresses(&written(&state)), ["10.1.1.2", "10.1.1.3", "10.1.1.4"]);
    let stood = import(&state).notes.into_iter();
    assert_eq!(stood.filter(|it| it.outcome == Outcome::StoodIn).count(), 3);
}

#[test]
fn a_resource_of_its_own_gives_an_interface_more_addresses() {
    let eni = json!({ "ipv4s": [{ "ip": "10.1.1.30", "primary": true }] });
    let line =
        |ip: &str| json!({ "private_ip_address": ip, "address_id": "", "public_ip_address": "" });
    let more = json!({ "id": "eni-1", "network_interface_id": "eni-1", "private_ip_addresses": [line("10.1.1.30"), line("10.1.1.31")], "secondary_private_ip_address_count": 3 });
    let state = interface(eni.clone(), &[("tencentcloud_eni_ipv4_address.m", more)]);
    assert_eq!(addresses(&written(&state)), ["10.1.1.30", "10.1.1.31", "10.1.1.2"]);
    notes(&state, Outcome::LeftOut, &[]);
    // an EIP of such an address is not modelled
    let line = json!({ "private_ip_address": "10.1.1.31", "public_ip_address": "203.0.113.31" });
    let more =
        json!({ "id": "eni-1", "network_interface_id": "eni-1", "private_ip_addresses": [line] });
    let state = interface(eni.clone(), &[("tencentcloud_eni_ipv4_address.m", more)]);
    assert_eq!(written(&state).unmodelled[0].touches[0].as_str(), "eni-1");
    // one outside its subnet cannot be right
    let line = json!({ "private_ip_address": "10.9.1.31" });
    let more =
        json!({ "id": "eni-1", "network_interface_id": "eni-1", "private_ip_addresses": [line] });
    let state = interface(eni, &[("tencentcloud_eni_ipv4_address.m", more)]);
    let at = ["tencentcloud_eni_ipv4_address.m, private_ip_address"];
    notes(&state, Outcome::LeftOut, &at);
}

#[test]
fn an_interface_has_its_addresses_of_ipv6_among_the_further_ones() {
    let eni = json!({ "ipv4s": [{ "ip": "10.1.1.30", "primary": true }] });
    let line = |subnet: &str, cidr: &str| json!({ "subnet_id": subnet, "ipv6_cidr_block": cidr });
    let more = [
        (
            "tencentcloud_vpc_ipv6_cidr_block.v",
            json!({ "id": "vpc-1", "vpc_id": "vpc-1", "ipv6_cidr_block": "2402:4e00:1::/56" }),
        ),
        (
            "tencentcloud_vpc_ipv6_subnet_cidr_block.v",
            json!({ "id": "x", "vpc_id": "vpc-1", "ipv6_subnet_cidr_blocks": [line("subnet-1", "2402:4e00:1:1::/64")] }),
        ),
        (
            "tencentcloud_eni_ipv6_address.m",
            json!({ "id": "eni-1", "network_interface_id": "eni-1", "ipv6_addresses": [{ "address": "2402:4e00:1:1::30" }] }),
        ),
    ];
    let state = interface(eni, &more);
    assert_eq!(addresses(&written(&state)), ["10.1.1.30", "2402:4e00:1:1::30"]);
    notes(&state, Outcome::LeftOut, &[]);
}

#[test]
fn a_load_balancer_of_ipv6_is_open() {
    let balancer = json!({ "id": "lb-1", "network_type": "OPEN", "vpc_id": "vpc-1", "clb_vips": ["2402:4e00::60"], "address_ip_version": "IPv6FullChain" });
    let state = import_left::built(&[("tencentcloud_clb_instance.l", balancer)]);
    assert_eq!(written(&state).unmodelled[0].touches[0].as_str(), "lb-1");
}
