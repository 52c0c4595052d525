//! What a next-hop machine sends to the Internet is left open by every importer (D20-36).

use pathproof::import::tencent;
use pathproof::model::Network;
use pathproof::query::Verdict;
use serde_json::{Value, json};

use crate::plans::{import, state, verdicts};

/// A machine whose subnet sends a CIDR to another machine, which has an EIP and lies in a subnet of its own.
fn built(to: &str) -> Value {
    let machine = |id: &str, subnet: &str, ip: &str| json!({ "id": id, "vpc_id": "vpc-1", "subnet_id": subnet, "private_ip": ip, "orderly_security_groups": ["sg-1"] });
    let subnet = |id: &str, cidr: &str, table: &str| json!({ "id": id, "vpc_id": "vpc-1", "cidr_block": cidr, "availability_zone": "ap-chengdu-1", "route_table_id": table });
    let all = ["ACCEPT#0.0.0.0/0#ALL#ALL"];
    state(&[
        ("tencentcloud_vpc.v", json!({ "id": "vpc-1", "cidr_block": "10.1.0.0/16" })),
        ("tencentcloud_subnet.a", subnet("subnet-a", "10.1.1.0/24", "rtb-a")),
        ("tencentcloud_subnet.b", subnet("subnet-b", "10.1.2.0/24", "rtb-b")),
        ("tencentcloud_route_table.a", json!({ "id": "rtb-a", "vpc_id": "vpc-1" })),
        ("tencentcloud_route_table.b", json!({ "id": "rtb-b", "vpc_id": "vpc-1" })),
        ("tencentcloud_security_group.g", json!({ "id": "sg-1" })),
        (
            "tencentcloud_security_group_lite_rule.g",
            json!({ "id": "sg-1", "security_group_id": "sg-1", "ingress": all, "egress": all }),
        ),
        ("tencentcloud_instance.a", machine("ins-a", "subnet-a", "10.1.1.9")),
        ("tencentcloud_instance.b", machine("ins-b", "subnet-b", "10.1.2.9")),
        ("tencentcloud_eip.b", json!({ "id": "eip-b", "public_ip": "203.0.113.9" })),
        (
            "tencentcloud_eip_association.b",
            json!({ "id": "x", "eip_id": "eip-b", "instance_id": "ins-b" }),
        ),
        (
            "tencentcloud_route_table_entry.r",
            json!({ "id": "r", "route_table_id": "rtb-a", "destination_cidr_block": to, "next_type": "NORMAL_CVM", "next_hub": "10.1.2.9" }),
        ),
    ])
}

fn open(network: &Network) -> Vec<String> {
    let entries = network.unmodelled.iter();
    let entries = entries.map(|it| {
        let touched: Vec<_> = it.touches.iter().map(ToString::to_string).collect();
        let to: Vec<_> = it.destinations.iter().map(ToString::to_string).collect();
        format!("{}: {} to {}", it.what, touched.join(" "), to.join(" "))
    });
    entries.collect()
}

#[test]
fn what_a_route_hands_to_a_machine_for_the_internet_is_left_open() {
    let network = |to: &str| import(&built(to)).document.fragment.network;
    assert_eq!(open(&network("0.0.0.0/0")), ["rtb-a: rtb-a to internet"]);
    assert_eq!(open(&network("9.0.0.0/8")), ["rtb-a: rtb-a to 9.0.0.0/8"]);
    assert_eq!(
        open(&network("172.0.0.0/8")),
        ["rtb-a: rtb-a to internet"],
        "some of it is private"
    );
    assert!(open(&network("172.16.0.0/12")).is_empty());
}

#[test]
fn the_verdicts_that_hang_on_it_are_undetermined_and_no_others() {
    let questions =
        [("ins-a", "internet"), ("ins-b", "internet"), ("ins-a", "ins-b"), ("internet", "ins-b")];
    assert_eq!(
        verdicts(&built("0.0.0.0/0"), &questions),
        [Verdict::Undetermined, Verdict::Reachable, Verdict::Reachable, Verdict::Reachable]
    );
}

#[test]
fn responses_of_the_cloud_leave_it_open_as_well() {
    let machine = |id: &str, subnet: &str, ip: &str| json!({ "InstanceId": id, "InstanceState": "RUNNING", "PrivateIpAddresses": [ip], "VirtualPrivateCloud": { "VpcId": "vpc-1", "SubnetId": subnet }, "SecurityGroupIds": ["sg-1"], "Placement": { "Zone": "ap-chengdu-1" } });
    let subnet = |id: &str, cidr: &str| json!({ "SubnetId": id, "VpcId": "vpc-1", "CidrBlock": cidr, "Zone": "ap-chengdu-1", "RouteTableId": "rtb-a" });
    let route = json!({ "RouteItemId": "rti-1", "DestinationCidrBlock": "0.0.0.0/0", "GatewayType": "NORMAL_CVM", "GatewayId": "10.1.2.9", "RouteType": "USER", "Enabled": true });
    let answer = |list: &str, items: Value| {
        json!({ "Response": { list: items, "TotalCount": items.as_array().map(Vec::len) } })
            .to_string()
    };
    let files = [
        (
            "DescribeVpcs.json",
            answer("VpcSet", json!([{ "VpcId": "vpc-1", "CidrBlock": "10.1.0.0/16" }])),
        ),
        (
            "DescribeSubnets.json",
            answer(
                "SubnetSet",
                json!([subnet("subnet-a", "10.1.1.0/24"), subnet("subnet-b", "10.1.2.0/24")]),
            ),
        ),
        (
            "DescribeRouteTables.json",
            answer(
                "RouteTableSet",
                json!([{ "RouteTableId": "rtb-a", "VpcId": "vpc-1", "RouteSet": [route] }]),
            ),
        ),
        (
            "DescribeSecurityGroups.json",
            answer("SecurityGroupSet", json!([{ "SecurityGroupId": "sg-1" }])),
        ),
        (
            "DescribeInstances.json",
            answer(
                "InstanceSet",
                json!([
                    machine("ins-a", "subnet-a", "10.1.1.9"),
                    machine("ins-b", "subnet-b", "10.1.2.9")
                ]),
            ),
        ),
    ];
    let files: Vec<_> = files.map(|(name, text)| (name.to_owned(), text)).into();
    let options =
        tencent::Options { region: Some("ap-chengdu".to_owned()), ..tencent::Options::default() };
    let imported = tencent::tencent(&files, &options).expect("a dump");
    let told = open(&imported.document.fragment.network);
    assert!(told.contains(&"rtb-a: rtb-a to internet".to_owned()), "{told:?}");
}
