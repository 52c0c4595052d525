//! What an importer leaves out takes the verdict from what it may decide about.

use pathproof::import::{self, tencent};
use pathproof::model::Unmodelled;
use serde_json::{Value, json};

use crate::import_write::network;
use crate::plans::{resource, state, written};

/// A VPC with a subnet, its table, a group and a machine, as a state; and what else there is.
pub fn built(more: &[(&str, Value)]) -> Value {
    let mut all = vec![
        ("tencentcloud_vpc.main", json!({ "id": "vpc-1", "cidr_block": "10.1.0.0/16" })),
        (
            "tencentcloud_subnet.a",
            json!({ "id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.1.1.0/24", "availability_zone": "ap-chengdu-1", "route_table_id": "rtb-1" }),
        ),
        ("tencentcloud_route_table.a", json!({ "id": "rtb-1", "vpc_id": "vpc-1" })),
        ("tencentcloud_security_group.web", json!({ "id": "sg-1" })),
        (
            "tencentcloud_instance.a",
            json!({ "id": "ins-1", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "private_ip": "10.1.1.9", "orderly_security_groups": ["sg-1"] }),
        ),
    ];
    all.extend(more.iter().cloned());
    state(&all)
}

fn told(entries: &[Unmodelled]) -> Vec<(&str, String)> {
    let join = |ids: Vec<String>| ids.join(" ");
    let entries = entries.iter().map(|entry| {
        let lists = [
            ("touches", join(entry.touches.iter().map(ToString::to_string).collect())),
            ("routing of", join(entry.routing_of.iter().map(ToString::to_string).collect())),
            ("to", join(entry.destinations.iter().map(ToString::to_string).collect())),
            ("missing from", join(entry.missing_from.iter().map(ToString::to_string).collect())),
        ];
        let lists = lists.iter().filter(|(_, ids)| !ids.is_empty());
        let lists: Vec<_> = lists.map(|(word, ids)| format!("{word} {ids}")).collect();
        (entry.what.as_str(), lists.join(", "))
    });
    entries.collect()
}

#[track_caller]
fn left(more: (&str, Value), expected: &[&str]) {
    let network = written(&built(&[more]));
    let told: Vec<_> = told(&network.unmodelled).into_iter().map(|it| it.1).collect();
    assert_eq!(told, expected);
}

#[test]
fn a_route_that_is_left_out_touches_its_table_and_its_destination_only() {
    let route = json!({ "route_table_id": "rtb-1", "destination_cidr_block": "172.30.0.0/16", "next_type": "PEERCONNECTION", "next_hub": "pcx-other" });
    left(("tencentcloud_route_table_entry.r", route), &["touches rtb-1, to 172.30.0.0/16"]);
}

#[test]
fn a_rule_about_a_group_that_is_elsewhere_touches_nothing_here() {
    let line = json!({ "action": "ACCEPT", "source_security_id": "sg-other", "protocol": "TCP", "port": "80" });
    let rules = json!({ "security_group_id": "sg-1", "ingress": [line] });
    left(("tencentcloud_security_group_rule_set.r", rules), &[]);
}

#[test]
fn a_rule_that_cannot_be_read_touches_its_group() {
    let line =
        json!({ "action": "ACCEPT", "cidr_block": "10.0.0.0/8", "protocol": "SCTP", "port": "80" });
    let rules = json!({ "security_group_id": "sg-1", "ingress": [line] });
    left(("tencentcloud_security_group_rule_set.r", rules), &["touches sg-1"]);
}

#[test]
fn a_machine_that_is_left_out_is_missing_from_its_sets() {
    let machine = json!({ "id": "ins-2", "vpc_id": "vpc-1", "subnet_id": "subnet-other", "orderly_security_groups": ["sg-1"] });
    left(("tencentcloud_instance.b", machine), &["missing from vpc-1 sg-1"]);
}

#[test]
fn what_is_part_of_something_elsewhere_touches_nothing_here() {
    let rules = json!({ "security_group_id": "sg-other", "ingress": [] });
    left(("tencentcloud_security_group_rule_set.r", rules), &[]);
    let peering =
        json!({ "id": "pcx-1", "source_vpc_id": "vpc-1", "destination_vpc_id": "vpc-other" });
    left(("tencentcloud_vpc_peer_connect_manager.p", peering), &[]);
}

#[test]
fn a_ccn_that_is_elsewhere_bears_on_what_leaves_its_member() {
    let member = json!({ "ccn_id": "ccn-other", "instance_id": "vpc-1", "instance_type": "VPC" });
    left(("tencentcloud_ccn_attachment.m", member), &["routing of vpc-1"]);
}

#[test]
fn an_eip_that_is_elsewhere_touches_the_machine_that_has_it() {
    let eip = json!({ "eip_id": "eip-other", "instance_id": "ins-1" });
    left(("tencentcloud_eip_association.e", eip), &["touches ins-1"]);
}

#[test]
fn rules_that_two_resources_write_leave_their_group_open() {
    let group = json!({ "security_group_id": "sg-1", "ingress": [] });
    let more = [
        ("tencentcloud_security_group_rule_set.a", group.clone()),
        ("tencentcloud_security_group_lite_rule.b", group),
    ];
    let network = written(&built(&more));
    assert_eq!(
        told(&network.unmodelled),
        [("tencentcloud_security_group.web", "touches sg-1".to_owned())]
    );
}

#[test]
fn what_nobody_can_place_touches_everything() {
    let unknown = json!({ "route_table_id": true });
    let values =
        json!({ "destination_cidr_block": "0.0.0.0/0", "next_type": "EIP", "next_hub": "0" });
    let references = json!({ "references": ["data.tencentcloud_vpc_route_tables.x"] });
    let entry = resource(
        "tencentcloud_route_table_entry.e",
        values,
        unknown,
        json!({ "route_table_id": references }),
    );
    let network = written(&crate::plans::plan(&[entry]));
    assert_eq!(
        told(&network.unmodelled),
        [("tencentcloud_route_table_entry.e", "to 0.0.0.0/0".to_owned())]
    );
    assert!(network.unmodelled[0].touches_all());
}

fn dump(files: &[(&str, Value)]) -> Vec<Unmodelled> {
    let ground = [
        (
            "DescribeVpcs.ap-chengdu.json",
            json!({ "VpcSet": [{ "VpcId": "vpc-1", "CidrBlock": "10.1.0.0/16" }] }),
        ),
        (
            "DescribeSubnets.json",
            json!({ "SubnetSet": [{ "SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.1.1.0/24" }] }),
        ),
    ];
    let files = ground.iter().chain(files);
    let files: Vec<_> =
        files.map(|(name, value)| ((*name).to_owned(), value.to_string())).collect();
    let imported = import::tencent(&files, &tencent::Options::default()).expect("a dump");
    let text = import::write(&imported.document);
    network(&[("main.ron".to_owned(), text)]).unmodelled
}

#[test]
fn answers_of_the_api_that_lack_something_say_what_it_touches() {
    let table = json!({ "RouteTableId": "rtb-1", "VpcId": "vpc-1", "RouteSet": [
        { "DestinationCidrBlock": "172.30.0.0/16", "GatewayType": "INTRANAT", "GatewayId": "intranat-1" },
        { "DestinationCidrBlock": "172.31.0.0/16", "RouteType": "NETD", "GatewayType": "CVM" },
    ] });
    let machine = json!({ "InstanceId": "ins-1", "PrivateIpAddresses": ["10.1.9.9"], "VirtualPrivateCloud": { "VpcId": "vpc-1", "SubnetId": "subnet-9" }, "SecurityGroupIds": ["sg-1"] });
    let entries = dump(&[
        ("DescribeRouteTables.json", json!({ "RouteTableSet": [table] })),
        ("DescribeInstances.json", json!({ "InstanceSet": [machine] })),
        (
            "DescribeSecurityGroups.json",
            json!({ "SecurityGroupSet": [{ "SecurityGroupId": "sg-1" }] }),
        ),
    ]);
    assert_eq!(
        told(&entries),
        [
            ("sg-1", "touches sg-1".to_owned()),
            ("ins-1", "missing from vpc-1 sg-1".to_owned()),
            ("rtb-1", "touches rtb-1, to 172.30.0.0/16".to_owned()),
        ]
    );
}

#[test]
fn what_the_limits_of_the_cloud_forbid_is_left_out_and_the_file_loads() {
    let reserved = json!({ "id": "ins-2", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "private_ip": "10.1.1.1", "orderly_security_groups": ["sg-1"] });
    left(("tencentcloud_instance.b", reserved), &["missing from vpc-1 subnet-1 sg-1"]);
    let more = [
        ("tencentcloud_vpc.b", json!({ "id": "vpc-2", "cidr_block": "10.2.0.0/16" })),
        (
            "tencentcloud_subnet.b",
            json!({ "id": "subnet-2", "vpc_id": "vpc-2", "cidr_block": "10.2.1.0/24", "availability_zone": "ap-chengdu-1" }),
        ),
        (
            "tencentcloud_vpc_peer_connect_manager.p",
            json!({ "id": "pcx-1", "source_vpc_id": "vpc-1", "destination_vpc_id": "vpc-2" }),
        ),
        (
            "tencentcloud_route_table_entry.wrong",
            json!({ "route_table_id": "rtb-1", "destination_cidr_block": "10.9.0.0/16", "next_type": "PEERCONNECTION", "next_hub": "pcx-1" }),
        ),
        (
            "tencentcloud_route_table_entry.right",
            json!({ "route_table_id": "rtb-1", "destination_cidr_block": "10.2.0.0/16", "next_type": "PEERCONNECTION", "next_hub": "pcx-1" }),
        ),
    ];
    let network = written(&built(&more));
    assert_eq!(network.route_tables["rtb-1"].routes.len(), 1);
    assert_eq!(told(&network.unmodelled), [("rtb-1", "touches rtb-1, to 10.9.0.0/16".to_owned())]);
}

#[test]
fn a_vpc_that_cannot_be_takes_what_lies_in_it_along() {
    let more = [
        ("tencentcloud_vpc.b", json!({ "id": "vpc-2", "cidr_block": "11.2.0.0/16" })),
        (
            "tencentcloud_subnet.b",
            json!({ "id": "subnet-2", "vpc_id": "vpc-2", "cidr_block": "11.2.1.0/24", "availability_zone": "ap-chengdu-1" }),
        ),
        (
            "tencentcloud_instance.b",
            json!({ "id": "ins-2", "vpc_id": "vpc-2", "subnet_id": "subnet-2", "private_ip": "11.2.1.9", "orderly_security_groups": ["sg-1"] }),
        ),
    ];
    let state = built(&more);
    let network = written(&state);
    assert_eq!((network.vpcs.len(), network.instances.len()), (1, 1));
    let gone = ["vpc-2", "subnet-2", "ins-2"];
    crate::plans::notes(&state, import::Outcome::LeftOut, &gone);
    let text = import::write(&crate::plans::import(&state).document);
    assert!(text.contains("// left out: vpc-2: "), "{text}");
}

#[test]
fn comments_are_broken_at_100_columns() {
    let machine = json!({ "id": "ins-2", "vpc_id": "vpc-1", "subnet_id": "subnet-which-is-in-another-state-of-another-team", "orderly_security_groups": ["sg-1"] });
    let state = built(&[("tencentcloud_instance.with_a_name_that_is_rather_long", machine)]);
    let text = import::write(&crate::plans::import(&state).document);
    let comments = text.lines().filter(|line| line.trim().starts_with("//"));
    let widest = comments.map(|line| line.chars().count()).max();
    assert!(widest.is_some_and(|width| width <= 100), "{text}");
}
