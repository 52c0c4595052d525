//! What a dump lacks, and values that are written otherwise than the documentation has them.

use std::net::IpAddr;

use pathproof::import::{self, Imported, Outcome, tencent};
use pathproof::model::Network;
use serde_json::{Value, json};

use crate::import_write::network;

/// A VPC with its table, an ACL, a subnet, a group and a machine.
fn ground() -> Vec<(String, Value)> {
    let machine = json!({ "InstanceId": "ins-1", "PrivateIpAddresses": ["10.1.1.9"], "SecurityGroupIds": ["sg-1"],
        "VirtualPrivateCloud": { "VpcId": "vpc-1", "SubnetId": "subnet-1" } });
    let subnet = json!({ "SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.1.1.0/24" });
    let files = [
        (
            "DescribeVpcs.ap-chengdu.1.json",
            json!({ "VpcSet": [{ "VpcId": "vpc-1", "CidrBlock": "10.1.0.0/16" }] }),
        ),
        ("DescribeSubnets.ap-chengdu.1.json", json!({ "SubnetSet": [subnet] })),
        ("DescribeRouteTables.ap-chengdu.1.json", json!({ "RouteTableSet": [] })),
        (
            "DescribeInstances.ap-chengdu.1.json",
            json!({ "TotalCount": 1, "InstanceSet": [machine] }),
        ),
        (
            "DescribeSecurityGroups.ap-chengdu.1.json",
            json!({ "SecurityGroupSet": [{ "SecurityGroupId": "sg-1" }] }),
        ),
        ("DescribeSecurityGroupPolicies.sg-1.json", json!({ "SecurityGroupPolicySet": {} })),
    ];
    files.map(|(name, value)| (name.to_owned(), value)).into()
}

pub fn import(more: &[(&str, Value)]) -> Imported {
    let mut files = ground();
    for (name, value) in more {
        files.retain(|(known, _)| known != name);
        files.push(((*name).to_owned(), json!({ "Response": value })));
    }
    let files: Vec<_> = files.into_iter().map(|(name, value)| (name, value.to_string())).collect();
    import::tencent(&files, &tencent::Options::default()).expect("a dump")
}

pub fn read(imported: &Imported) -> Network {
    network(&[("main.ron".to_owned(), import::write(&imported.document))])
}

#[track_caller]
pub fn left_out(imported: &Imported, expected: &[&str]) {
    let notes = imported.notes.iter().filter(|note| note.outcome == Outcome::LeftOut);
    let found: Vec<_> = notes.map(|note| format!("{}: {}", note.resource, note.why)).collect();
    assert_eq!(found, expected);
}

fn ids(list: &[pathproof::id::Id]) -> Vec<&str> {
    list.iter().map(pathproof::id::Id::as_str).collect()
}

#[test]
fn a_dump_that_is_whole_is_complete() {
    left_out(&import(&[]), &[]);
}

#[test]
fn machines_on_pages_that_are_missing_are_missing_from_their_sets() {
    let page = json!({ "TotalCount": "57", "InstanceSet": [] });
    let imported = import(&[("DescribeInstances.ap-chengdu.2.json", page)]);
    left_out(
        &imported,
        &["DescribeInstances.ap-chengdu: DescribeInstances holds 1 of 57: pages are missing"],
    );
    let entry = &read(&imported).unmodelled[0];
    assert_eq!(ids(&entry.missing_from), ["vpc-1", "subnet-1", "sg-1"]);
}

#[test]
fn a_machine_that_two_pages_tell_counts_once() {
    let machine = json!({ "InstanceId": "ins-2", "PrivateIpAddresses": ["10.1.1.7"], "SecurityGroupIds": ["sg-1"],
        "VirtualPrivateCloud": { "VpcId": "vpc-1", "SubnetId": "subnet-1" } });
    let page = json!({ "TotalCount": 3, "InstanceSet": [machine, machine] });
    let imported = import(&[("DescribeInstances.ap-chengdu.2.json", page)]);
    left_out(
        &imported,
        &["DescribeInstances.ap-chengdu: DescribeInstances holds 2 of 3: pages are missing"],
    );
}

#[test]
fn regions_are_counted_each_by_itself() {
    let far = json!({ "TotalCount": 2, "InstanceSet": [] });
    let imported = import(&[("DescribeInstances.ap-beijing.1.json", far)]);
    left_out(
        &imported,
        &["DescribeInstances.ap-beijing: DescribeInstances holds 0 of 2: pages are missing"],
    );
    // no VPC of that region is in the files; a group does not say of which one it is
    assert_eq!(ids(&read(&imported).unmodelled[0].missing_from), ["sg-1"]);
}

#[test]
fn entries_of_an_acl_that_are_missing_leave_it_open() {
    let acl = json!({ "NetworkAclId": "acl-1", "VpcId": "vpc-1", "NetworkAclType": "QUINTUPLE" });
    let entry = json!({ "NetworkAclDirection": "INGRESS", "Priority": 1, "Protocol": "TCP", "SourceCidr": "198.51.100.1/32",
        "SourcePort": "ALL", "DestinationCidr": "0.0.0.0/0", "DestinationPort": 22, "Action": "DROP" });
    let imported = import(&[
        (
            "DescribeNetworkAcls.ap-chengdu.1.json",
            json!({ "TotalCount": 1, "NetworkAclSet": [acl] }),
        ),
        (
            "DescribeNetworkAclQuintupleEntries.acl-1.1.json",
            json!({ "TotalCount": 24, "NetworkAclQuintupleSet": [entry] }),
        ),
    ]);
    let why = "DescribeNetworkAclQuintupleEntries.acl-1: DescribeNetworkAclQuintupleEntries holds 1 of 24: pages are missing";
    left_out(&imported, &[why]);
    let network = read(&imported);
    assert_eq!(ids(&network.unmodelled[0].touches), ["acl-1"]);
    assert_eq!(network.network_acls["acl-1"].ingress[0].service.to_string(), "tcp:22");
}

fn policies(ingress: &Value) -> (Vec<String>, Imported) {
    let set = json!({ "SecurityGroupPolicySet": { "Ingress": [ingress] } });
    let imported = import(&[("DescribeSecurityGroupPolicies.sg-1.json", set)]);
    let rules = read(&imported).security_groups["sg-1"].ingress.clone();
    (rules.iter().map(|rule| format!("{:?}", rule.service)).collect(), imported)
}

#[test]
fn a_port_that_is_a_number_is_that_port_and_never_all() {
    let text = json!({ "PolicyIndex": 0, "Protocol": "tcp", "Port": "80", "CidrBlock": "0.0.0.0/0", "Action": "ACCEPT" });
    let number = json!({ "PolicyIndex": "0", "Protocol": "tcp", "Port": 80, "CidrBlock": "0.0.0.0/0", "Action": "ACCEPT" });
    assert_eq!(policies(&number).0, policies(&text).0);
    for port in [json!([80]), json!({ "From": 80 }), json!(true), json!(80.5), json!(-1)] {
        let policy = json!({ "PolicyIndex": 0, "Protocol": "tcp", "Port": port, "CidrBlock": "0.0.0.0/0", "Action": "ACCEPT" });
        let (rules, imported) = policies(&policy);
        assert!(rules.is_empty(), "{port}: {rules:?}");
        assert_eq!(ids(&read(&imported).unmodelled[0].touches), ["sg-1"], "{port}");
    }
}

#[test]
fn a_policy_that_says_more_than_is_known_is_left_out() {
    let policy = json!({ "PolicyIndex": 0, "Protocol": "tcp", "Port": "80", "PrefixListId": "pl-1", "Action": "ACCEPT" });
    let (rules, imported) = policies(&policy);
    assert!(rules.is_empty());
    left_out(&imported, &["sg-1: what its `PrefixListId` means is not known"]);
}

#[test]
fn a_local_route_that_is_the_vpc_is_the_implied_one() {
    let table = |cidr: &str| {
        let route = json!({ "DestinationCidrBlock": cidr, "GatewayType": "LOCAL", "GatewayId": "local", "Enabled": true });
        json!({ "RouteTableSet": [{ "RouteTableId": "rtb-1", "VpcId": "vpc-1", "Main": true, "RouteSet": [route] }] })
    };
    left_out(&import(&[("DescribeRouteTables.ap-chengdu.1.json", table("10.1.0.0/16"))]), &[]);
    let other = import(&[("DescribeRouteTables.ap-chengdu.1.json", table("10.1.1.0/24"))]);
    left_out(&other, &["rtb-1: a next hop of type `LOCAL` is not modelled"]);
}

fn machine(members: &Value) -> Imported {
    let mut machine = json!({ "InstanceId": "ins-1", "PrivateIpAddresses": ["10.1.1.9"], "SecurityGroupIds": ["sg-1"],
        "VirtualPrivateCloud": { "VpcId": "vpc-1", "SubnetId": "subnet-1" } });
    for (name, value) in members.as_object().into_iter().flatten() {
        machine[name] = value.clone();
    }
    import(&[(
        "DescribeInstances.ap-chengdu.1.json",
        json!({ "TotalCount": 1, "InstanceSet": [machine] }),
    )])
}

#[test]
fn the_other_addresses_of_a_machine_are_secondary_ones() {
    let imported = machine(&json!({ "PrivateIpAddresses": ["10.1.1.9", "10.1.1.10"] }));
    left_out(&imported, &[]);
    let second: IpAddr = "10.1.1.10".parse().expect("an address");
    assert_eq!(read(&imported).instances["ins-1"].secondary_ips, [second]);
}

#[test]
fn a_machine_in_rescue_mode_leaves_its_verdicts_open() {
    for state in ["RESCUE_MODE", "ENTER_RESCUE_MODE", "DREAMING"] {
        let network = read(&machine(&json!({ "InstanceState": state })));
        assert_eq!(ids(&network.unmodelled[0].touches), ["ins-1"], "{state}");
    }
    for state in ["RUNNING", "REBOOTING", "STOPPED"] {
        let network = read(&machine(&json!({ "InstanceState": state })));
        assert!(network.unmodelled.is_empty(), "{state}");
    }
}

#[test]
fn a_database_with_several_addresses_stands_at_each() {
    let database = json!({ "InstanceId": "cmgo-1", "Vip": "10.1.1.30,10.1.1.31:27018", "Vport": 27017, "VpcId": "vpc-1", "SubnetId": "subnet-1" });
    let imported = import(&[
        (
            "mongodb.DescribeDBInstances.ap-chengdu.1.json",
            json!({ "TotalCount": 1, "InstanceDetails": [database] }),
        ),
        (
            "mongodb.DescribeSecurityGroup.cmgo-1.json",
            json!({ "Groups": [{ "SecurityGroupId": "sg-1" }] }),
        ),
    ]);
    left_out(&imported, &[]);
    let network = read(&imported);
    let told = |id: &str| (network.databases[id].ip.to_string(), network.databases[id].port);
    assert_eq!(told("cmgo-1"), ("10.1.1.30".to_owned(), 27017));
    assert_eq!(told("cmgo-1.10.1.1.31"), ("10.1.1.31".to_owned(), 27018));
    assert_eq!(network.databases["cmgo-1.10.1.1.31"].security_groups.len(), 1);
}

#[test]
fn an_answer_that_is_an_error_is_named_with_what_may_be_missing() {
    let error = json!({ "Error": { "Code": "UnauthorizedOperation", "Message": "no right" } });
    let imported = import(&[
        ("DescribeHaVips.ap-chengdu.1.json", error.clone()),
        (
            "cdb.DescribeDBInstances.ap-chengdu.1.json",
            json!({ "Error": { "Code": "UnsupportedRegion", "Message": "none here" } }),
        ),
    ]);
    left_out(
        &imported,
        &[
            "DescribeHaVips.ap-chengdu.1.json: it holds no answer but an error: UnauthorizedOperation: no right",
        ],
    );
    assert_eq!(ids(&read(&imported).unmodelled[0].missing_from), ["vpc-1", "subnet-1", "sg-1"]);
    // over everything that is not known where packets go
    let imported = import(&[("DescribeCcnAttachedInstances.json", error)]);
    assert_eq!(ids(&read(&imported).unmodelled[0].routing_of), ["vpc-1"]);
}

#[test]
fn an_answer_without_its_list_is_none() {
    let imported = import(&[("DescribeHaVips.ap-chengdu.1.json", json!({ "RequestId": "1" }))]);
    left_out(
        &imported,
        &["DescribeHaVips.ap-chengdu.1.json: it holds no answer: there is no `HaVipSet` in it"],
    );
}

#[test]
fn folders_say_region_and_service() {
    let database = json!({ "InstanceId": "crs-1", "WanIp": "10.1.1.40", "Port": 6379, "UniqVpcId": "vpc-1", "UniqSubnetId": "subnet-1" });
    let vpc = json!({ "VpcId": "vpc-2", "CidrBlock": "10.2.0.0/16" });
    let imported = import(&[
        ("7/ap-beijing/DescribeVpcs.json", json!({ "VpcSet": [vpc] })),
        ("7/ap-chengdu/redis/DescribeInstances.1.json", json!({ "InstanceSet": [database] })),
        (
            "7/ap-chengdu/redis/DescribeDBSecurityGroups.crs-1.json",
            json!({ "Groups": [{ "SecurityGroupId": "sg-1" }] }),
        ),
    ]);
    left_out(&imported, &[]);
    let network = read(&imported);
    assert_eq!(network.vpcs["vpc-2"].region, "ap-beijing");
    assert_eq!(network.databases["crs-1"].security_groups.len(), 1);
}

#[test]
fn what_nobody_asked_about_an_owner_is_said() {
    let balancer = json!({ "LoadBalancerId": "lb-1", "LoadBalancerType": "INTERNAL", "Forward": 1, "LoadBalancerVips": ["10.1.1.60"], "VpcId": "vpc-1", "SubnetId": "subnet-1" });
    let ccn = json!({ "CcnId": "ccn-1", "InstanceCount": 2 });
    let imported = import(&[
        ("DescribeLoadBalancers.ap-chengdu.1.json", json!({ "LoadBalancerSet": [balancer] })),
        ("DescribeCcns.ap-chengdu.1.json", json!({ "CcnSet": [ccn] })),
    ]);
    left_out(
        &imported,
        &["lb-1: its listeners are not in the files", "ccn-1: 0 of its 2 members are in the files"],
    );
    let network = read(&imported);
    assert_eq!(ids(&network.unmodelled[0].touches), ["lb-1"]);
    assert_eq!(ids(&network.unmodelled[1].routing_of), ["vpc-1"]);
}

#[test]
fn a_member_of_a_ccn_that_is_elsewhere_may_send_there() {
    let member = json!({ "CcnId": "ccn-9", "InstanceId": "vpc-1", "InstanceType": "VPC", "State": "ACTIVE" });
    let imported =
        import(&[("DescribeCcnAttachedInstances.json", json!({ "InstanceSet": [member] }))]);
    left_out(&imported, &["vpc-1: no CCN in the files has the id `ccn-9`"]);
    assert_eq!(ids(&read(&imported).unmodelled[0].routing_of), ["vpc-1"]);
}

#[test]
fn a_manifest_says_which_files_are_lost() {
    let manifest = json!({ "schema": "pathproof.collect/1", "finished": false, "answers": [
        { "file": "DescribeVpcs.ap-chengdu.1.json", "error": null },
        { "file": "DescribeHaVips.ap-chengdu.1.json", "error": null },
    ] });
    let mut files = ground();
    files.push(("manifest.json".to_owned(), manifest));
    let files: Vec<_> = files.into_iter().map(|(name, value)| (name, value.to_string())).collect();
    let imported = import::tencent(&files, &tencent::Options::default()).expect("a dump");
    left_out(
        &imported,
        &[
            "manifest.json: collecting was interrupted: not everything was asked for",
            "manifest.json: DescribeHaVips.ap-chengdu.1.json is not there any more",
        ],
    );
    let network = read(&imported);
    assert!(network.unmodelled[0].touches_all());
    assert_eq!(ids(&network.unmodelled[1].missing_from), ["vpc-1", "subnet-1", "sg-1"]);
}

#[test]
fn an_answer_that_is_not_understood_touches_whatever_it_names() {
    let deep = json!({ "Set": [{ "Rules": [{ "Target": { "Id": "ins-1" } }] }] });
    let imported = import(&[("DescribeTargetGroups.json", deep)]);
    assert_eq!(ids(&read(&imported).unmodelled[0].touches), ["ins-1"]);
    let firewall = import(&[("cfw.DescribeEdgeRules.json", json!({ "Rules": [] }))]);
    assert!(read(&firewall).unmodelled[0].touches_all());
    // one of its rules names a machine, and the others whatever they like; and files are named without the service, too
    let rules = json!({ "Total": 2, "Data": [{ "TargetContent": "ins-1" }, { "TargetContent": "0.0.0.0/0" }] });
    for file in ["DescribeNatAcRule.json", "DescribeAclRule.json"] {
        let imported = import(&[(file, rules.clone())]);
        assert!(read(&imported).unmodelled[0].touches_all(), "{file}");
    }
    // those of the border are asked about nothing but the Internet (EFW-1)
    let network = read(&import(&[("cfw.DescribeAclRule.json", rules)]));
    assert!(!network.unmodelled.is_empty());
    for entry in &network.unmodelled {
        assert_eq!(ids(&entry.touches), ["internet"]);
    }
}

#[test]
fn a_private_link_comes_with_its_list_and_its_state() {
    let balancer = json!({ "LoadBalancerId": "lb-1", "LoadBalancerType": "INTERNAL", "Forward": 1, "VpcId": "vpc-1",
        "SubnetId": "subnet-1", "LoadBalancerVips": ["10.1.1.100"] });
    let target = json!({ "InstanceId": "ins-1", "Port": 8443, "Weight": 10 });
    let listener =
        json!({ "ListenerId": "lbl-1", "Protocol": "TCP", "Port": 443, "Targets": [target] });
    let service = json!({ "EndPointServiceId": "vpcsvc-1", "VpcId": "vpc-1", "ServiceName": "api",
        "ServiceInstanceId": "lb-1", "ServiceType": "CLB", "AutoAcceptFlag": false });
    let database = json!({ "EndPointServiceId": "vpcsvc-2", "VpcId": "vpc-1", "ServiceType": "CDB",
        "ServiceInstanceId": "cdb-1" });
    let user = json!({ "EndPointServiceId": "vpcsvc-1", "UserUin": "100001", "Owner": 125 });
    let endpoint = |id: &str, ip: &str, state: &str, service: &str| {
        json!({ "EndPointId": id, "VpcId": "vpc-1", "SubnetId": "subnet-1", "EndPointVip": ip, "State": state,
            "EndPointServiceId": service, "GroupSet": ["sg-1"] })
    };
    let imported = import(&[
        ("DescribeLoadBalancers.ap-chengdu.1.json", json!({ "LoadBalancerSet": [balancer] })),
        ("DescribeTargets.lb-1.json", json!({ "Listeners": [listener] })),
        (
            "DescribeVpcEndPointService.ap-chengdu.1.json",
            json!({ "EndPointServiceSet": [service, database] }),
        ),
        (
            "DescribeVpcEndPointServiceWhiteList.ap-chengdu.1.json",
            json!({ "VpcEndpointServiceUserSet": [user] }),
        ),
        (
            "DescribeVpcEndPoint.ap-chengdu.1.json",
            json!({ "EndPointSet": [
                endpoint("vpce-1", "10.1.1.50", "ACTIVE", "vpcsvc-1"),
                endpoint("vpce-2", "10.1.1.51", "REJECTED", "vpcsvc-1"),
                endpoint("vpce-3", "10.1.1.52", "ACTIVE", "vpcsvc-other"),
                endpoint("vpce-4", "10.1.1.53", "SINGING", "vpcsvc-1"),
            ] }),
        ),
    ]);
    left_out(
        &imported,
        &[
            "vpcsvc-2: it offers CDB, and only a load balancer can be modelled",
            "vpce-3: no endpoint service in the files has the id `vpcsvc-other`",
            "vpce-4: its state `SINGING` is not known",
        ],
    );
    let network = read(&imported);
    let service = &network.endpoint_services["vpcsvc-1"];
    assert_eq!(service.load_balancer.as_str(), "lb-1");
    assert_eq!(ids(&service.allowed_accounts), ["100001"]);
    assert_eq!(ids(&network.vpc_endpoints["vpce-1"].security_groups), ["sg-1"]);
    assert!(network.is_accepted(&"vpce-1".into()));
    assert!(!network.is_accepted(&"vpce-2".into()));
    // who is left out may be in any of its sets
    let missing = network.unmodelled.iter();
    assert!(missing.clone().any(|it| ids(&it.missing_from) == ["vpc-1", "subnet-1", "sg-1"]));
}
