//! How the cloud's answers are read (IMP-1 … IMP-5), and what they say of things that are there and do not work. The truth of each
//! test is the rule's that it cites.

use pathproof::import::{Imported, Outcome};
use pathproof::model::{Network, NextHop};
use pathproof::space::Action;
use serde_json::{Value, json};

use crate::import_dump::{import, read};

const TABLES: &str = "DescribeRouteTables.ap-chengdu.1.json";
const POLICIES: &str = "DescribeSecurityGroupPolicies.sg-1.json";

fn network(more: &[(&str, Value)]) -> Network {
    read(&import(more))
}

/// What an import says is left open or left out, each by the id that it is about.
fn said(imported: &Imported) -> Vec<String> {
    let notes = imported.notes.iter();
    let notes = notes.filter(|note| note.outcome != Outcome::Imported);
    notes.map(|note| format!("{}: {}", note.resource, note.why)).collect()
}

/// Whether every answer that passes this entity is undetermined.
fn is_open(network: &Network, id: &str) -> bool {
    let mut all = network.unmodelled.iter();
    all.any(|it| it.touches.iter().any(|touched| touched.as_str() == id))
}

fn tables(routes: &Value) -> (&'static str, Value) {
    let association = json!([{ "SubnetId": "subnet-1", "RouteTableId": "rtb-1" }]);
    let table = json!({ "RouteTableId": "rtb-1", "VpcId": "vpc-1", "Main": true, "AssociationSet": association,
        "RouteSet": routes });
    (TABLES, json!({ "RouteTableSet": [table] }))
}

/// RT-8, LOG-4: the routes of a network probe are not the user's and carry no traffic; a route into a CCN is one whatever its type
/// says, as in the documentation's example.
#[test]
fn routes_of_probes_are_left_out_and_those_of_a_ccn_are_known_by_their_next_hop() {
    let routes = json!([
        { "DestinationCidrBlock": "192.168.1.0/24", "GatewayType": "NORMAL_CVM", "GatewayId": "10.1.1.9", "RouteType": "NETD" },
        { "DestinationCidrBlock": "192.168.2.0/24", "GatewayType": "NORMAL_CVM", "GatewayId": "10.1.1.9", "RouteType": "USER" },
        { "DestinationCidrBlock": "192.168.3.0/24", "GatewayType": "CCN", "GatewayId": "ccn-1", "RouteType": "USER" },
    ]);
    let ccns = json!({ "CcnSet": [{ "CcnId": "ccn-1", "State": "AVAILABLE" }] });
    let network = network(&[tables(&routes), ("DescribeCcns.json", ccns)]);
    let routes = &network.route_tables["rtb-1"].routes;
    let read: Vec<_> = routes.iter().map(|it| (it.to.to_string(), it.via.clone())).collect();
    let expected = [
        ("192.168.2.0/24".to_owned(), NextHop::Instance("ins-1".into())),
        ("192.168.3.0/24".to_owned(), NextHop::Ccn("ccn-1".into())),
    ];
    assert_eq!(read, expected);
}

/// RT-19: what precedes the ordinary tables in the API and nobody describes is never passed over.
#[test]
fn tables_of_high_priority_leave_their_subnets_open() {
    let table = json!({ "HighPriorityRouteTableSet": [{ "HighPriorityRouteTableId": "hprtb-1", "VpcId": "vpc-1",
        "SubnetIds": ["subnet-1"] }] });
    let imported = import(&[("DescribeHighPriorityRouteTables.json", table)]);
    let network = read(&imported);
    assert!(is_open(&network, "subnet-1"), "{:?}", said(&imported));
    assert!(said(&imported).iter().any(|it| it.starts_with("DescribeHighPriorityRouteTables")));
}

/// NAT-13: a blocked EIP, or one in arrears, is no way in and none out; another one is.
#[test]
fn an_address_that_is_blocked_or_not_paid_for_is_not_there() {
    let eip = |flag: &str, set: Value| {
        let mut address = json!({ "AddressId": "eip-1", "AddressIp": "203.0.113.9", "AddressStatus": "BIND",
            "InstanceId": "ins-1", "PrivateAddressIp": "10.1.1.9" });
        address[flag] = set;
        let imported = import(&[("DescribeAddresses.json", json!({ "AddressSet": [address] }))]);
        (read(&imported).instances["ins-1"].eip, said(&imported))
    };
    assert!(eip("IsBlocked", json!(false)).0.is_some());
    for flag in ["IsBlocked", "IsArrears"] {
        let (address, said) = eip(flag, json!(true));
        assert_eq!(address, None, "{flag}");
        assert!(said.iter().any(|it| it.starts_with("eip-1: its public address")), "{said:?}");
    }
}

/// NAT-8, NAT-13, D-6: a NAT gateway that is not available, is restricted, has a blocked address or groups of its own proves nothing.
#[test]
fn a_nat_gateway_that_is_not_in_order_is_open() {
    let gateway = |name: &str, value: Value| {
        let mut gateway = json!({ "NatGatewayId": "nat-1", "VpcId": "vpc-1", "State": "AVAILABLE", "NetworkState": "AVAILABLE",
            "RestrictState": "NORMAL", "PublicIpAddressSet": [{ "PublicIpAddress": "203.0.113.1", "IsBlocked": false }] });
        gateway[name] = value;
        network(&[("DescribeNatGateways.json", json!({ "NatGatewaySet": [gateway] }))])
    };
    assert!(!is_open(&gateway("State", json!("available")), "nat-1"));
    for (name, value) in [
        ("State", json!("UPDATING")),
        ("NetworkState", json!("UNAVAILABLE")),
        ("RestrictState", json!("PROTECTIVELY_ISOLATED")),
        ("SecurityGroupSet", json!(["sg-1"])),
        ("PublicIpAddressSet", json!([{ "PublicIpAddress": "203.0.113.1", "IsBlocked": true }])),
    ] {
        assert!(is_open(&gateway(name, value), "nat-1"), "{name}");
    }
}

/// CCN-1, CCN-4, D20-34: a CCN that is locked or not available proves nothing; whether its routes may overlap is read.
#[test]
fn a_ccn_is_read_with_its_state_and_its_flag() {
    let ccn = |name: &str, value: Value| {
        let mut ccn = json!({ "CcnId": "ccn-1", "State": "AVAILABLE" });
        ccn[name] = value;
        network(&[("DescribeCcns.json", json!({ "CcnSet": [ccn] }))])
    };
    assert!(!is_open(&ccn("IsSecurityLock", json!(false)), "ccn-1"));
    assert!(is_open(&ccn("IsSecurityLock", json!(true)), "ccn-1"));
    assert!(is_open(&ccn("State", json!("ISOLATED")), "ccn-1"));
    assert!(!ccn("RouteOverlapFlag", json!(false)).ccns["ccn-1"].route_overlap);
    assert!(ccn("RouteOverlapFlag", json!(true)).ccns["ccn-1"].route_overlap);
}

/// VPN-7: a tunnel is up while its state and its net are, and while its health check, if it has one, does not fail.
#[test]
fn a_tunnel_is_up_while_nothing_says_otherwise() {
    let tunnel = |change: Value| {
        let gateway = json!({ "VpnGatewayId": "vpngw-1", "VpcId": "vpc-1", "Type": "IPSEC" });
        let mut tunnel = json!({ "VpnConnectionId": "vpnx-1", "VpnGatewayId": "vpngw-1", "CustomerGatewayId": "cgw-1",
            "RouteType": "Policy", "State": "AVAILABLE", "NetStatus": "AVAILABLE",
            "SecurityPolicyDatabaseSet": [{ "LocalCidrBlock": "10.1.0.0/16", "RemoteCidrBlock": ["192.168.0.0/16"] }] });
        let changes = change.as_object().expect("an object").clone();
        for (name, value) in changes {
            tunnel[name] = value;
        }
        let network = network(&[
            ("DescribeVpnGateways.json", json!({ "VpnGatewaySet": [gateway] })),
            ("DescribeVpnConnections.json", json!({ "VpnConnectionSet": [tunnel] })),
        ]);
        let connection = &network.vpn_gateways["vpngw-1"].connections[0];
        (connection.up, connection.health_check)
    };
    assert_eq!(tunnel(json!({})), (true, false));
    assert_eq!(tunnel(json!({ "State": "PENDING" })), (false, false));
    assert_eq!(tunnel(json!({ "NetStatus": "UNAVAILABLE" })), (false, false));
    let status = |status: &str| json!({ "EnableHealthCheck": true, "HealthCheckStatus": status });
    assert_eq!(tunnel(status("AVAILABLE")), (true, true));
    assert_eq!(tunnel(status("UNAVAILABLE")), (false, true));
    // without the check nobody looked
    assert_eq!(tunnel(json!({ "HealthCheckStatus": "UNAVAILABLE" })), (true, false));
}

/// IMP-1: letters are small or not, and a type 1 is the ordinary one. IMP-2: not set is missing, null or empty.
#[test]
fn values_are_compared_without_their_letters_and_unset_ones_are_alike() {
    let rule = |address: Value| {
        json!({ "Protocol": "tCp", "Port": "ALL", "CidrBlock": "10.0.0.0/8", "Action": "Accept", "Priority": 1,
            "Ipv6CidrBlock": address })
    };
    for unset in [Value::Null, json!("")] {
        let acl = json!({ "NetworkAclSet": [{ "NetworkAclId": "acl-1", "VpcId": "vpc-1", "NetworkAclType": "1", "SubnetSet": [],
            "IngressEntries": [rule(unset)], "EgressEntries": [] }] });
        let imported = import(&[("DescribeNetworkAcls.json", acl)]);
        let network = read(&imported);
        let rules = &network.network_acls["acl-1"].ingress;
        assert_eq!(rules.len(), 1, "{:?}", said(&imported));
        assert_eq!(rules[0].action, Action::Accept);
        assert_eq!(rules[0].service.to_string(), "tcp:all");
        assert!(!is_open(&network, "acl-1"), "{:?}", said(&imported));
    }
}

/// IMP-3: a rule with a template says nothing else, and the id that it does not use is empty. IMP-4: the index orders the rules,
/// equal ones stand as they are listed.
#[test]
fn rules_of_groups_are_read_with_their_templates_and_in_the_order_of_their_index() {
    let drop = |index: u8, port: &str| json!({ "PolicyIndex": index, "Protocol": "tcp", "Port": port, "CidrBlock": "0.0.0.0/0", "Action": "drop" });
    let template = json!({ "PolicyIndex": 1, "AddressTemplate": { "AddressId": "ipm-1", "AddressGroupId": "" },
        "ServiceTemplate": { "ServiceId": "", "ServiceGroupId": "ppmg-1" }, "Action": "ACCEPT" });
    let set = json!({ "SecurityGroupPolicySet": { "Egress": [],
        "Ingress": [drop(10, "8080"), drop(2, "22"), template, drop(0, "80"), drop(2, "443")] } });
    let addresses = json!({ "AddressTemplateSet": [{ "AddressTemplateId": "ipm-1", "AddressSet": ["10.0.0.0/8"] }] });
    let services = json!({ "ServiceTemplateSet": [{ "ServiceTemplateId": "ppm-1", "ServiceSet": ["tcp:80"] }] });
    let groups = json!({ "ServiceTemplateGroupSet": [{ "ServiceTemplateGroupId": "ppmg-1", "ServiceTemplateIdSet": ["ppm-1"] }] });
    let imported = import(&[
        (POLICIES, set),
        ("DescribeAddressTemplates.json", addresses),
        ("DescribeServiceTemplates.json", services),
        ("DescribeServiceTemplateGroups.json", groups),
    ]);
    let text = pathproof::import::write(&imported.document);
    let places: Vec<_> = ["tcp:80\"", "ppmg-1\"", "tcp:22\"", "tcp:443\"", "tcp:8080\""]
        .map(|service| text.find(&format!("service: \"{service}")))
        .into();
    assert!(places.is_sorted() && places[0].is_some(), "{places:?} {text}");
    assert!(text.contains(r#"Accept(from: "ipm-1", service: "ppmg-1")"#), "{text}");
}

/// IMP-5: Local routes and denials are nowhere in the answers and hold all the same: two machines meet by Local, and only where a
/// rule accepts.
#[test]
fn what_the_cloud_never_tells_holds() {
    let accept = json!({ "PolicyIndex": 0, "Protocol": "tcp", "Port": "22", "CidrBlock": "10.1.1.0/24", "Action": "ACCEPT" });
    let set = json!({ "SecurityGroupPolicySet": { "Ingress": [accept], "Egress": [accept] } });
    let other = json!({ "InstanceId": "ins-2", "PrivateIpAddresses": ["10.1.1.7"], "SecurityGroupIds": ["sg-1"],
        "VirtualPrivateCloud": { "VpcId": "vpc-1", "SubnetId": "subnet-1" } });
    let page = json!({ "TotalCount": 2, "InstanceSet": [other] });
    let imported = import(&[(POLICIES, set), ("DescribeInstances.ap-chengdu.2.json", page)]);
    let text = pathproof::import::write(&imported.document);
    let asked = |service: &str| {
        let question =
            ["trace", "-", "--from", "ins-1", "--to", "ins-2", "-s", service, "--format", "json"];
        let (_, out, said) = crate::page::run(&question, &text);
        let told: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{said}"));
        told["verdict"].as_str().expect("a verdict").to_owned()
    };
    assert_eq!(asked("tcp:22"), "reachable");
    assert_eq!(asked("tcp:23"), "unreachable");
}
