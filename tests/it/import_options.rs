//! What a resource of its own, or a field beside others, says of a route, a tunnel, a gateway or a CCN in Terraform.

use pathproof::import::{Outcome, tencent};
use pathproof::model::{CcnBandwidth, NatKind, Network, NextHop};
use pathproof::query::Verdict;
use serde_json::{Value, json};

use crate::import_left::built;
use crate::plans::{notes, plan, refers, resource, state, subnet, verdicts, vpc, written};

fn network(more: &[(&str, Value)]) -> Network {
    written(&built(more))
}

fn gateways() -> Vec<(&'static str, Value)> {
    vec![
        ("tencentcloud_vpn_gateway.g", json!({ "id": "vpngw-1", "vpc_id": "vpc-1" })),
        ("tencentcloud_vpn_customer_gateway.c", json!({ "id": "cgw-1" })),
        (
            "tencentcloud_vpn_connection.x",
            json!({
                "id": "vpnx-1", "vpn_gateway_id": "vpngw-1", "customer_gateway_id": "cgw-1", "enable_health_check": true,
                "security_group_policy": [{ "local_cidr_block": "10.1.0.0/16", "remote_cidr_block": ["192.168.0.0/16"] }],
            }),
        ),
        (
            "tencentcloud_dc_gateway.d",
            json!({ "id": "dcg-1", "network_type": "VPC", "network_instance_id": "vpc-1", "gateway_type": "NORMAL" }),
        ),
        (
            "tencentcloud_dcx.t",
            json!({ "id": "dcx-1", "dcg_id": "dcg-1", "dc_id": "dc-1", "route_filter_prefixes": ["172.30.0.0/16"] }),
        ),
    ]
}

#[test]
fn the_health_checks_of_tunnels_are_read() {
    let mut more = gateways();
    let network = network(&more);
    assert!(network.vpn_gateways["vpngw-1"].connections[0].health_check);
    assert!(!network.direct_connect_gateways["dcg-1"].tunnels[0].health_check);
    more.push((
        "tencentcloud_dcx_extra_config.t",
        json!({ "id": "dcx-1", "direct_connect_tunnel_id": "dcx-1", "bfd_enable": 1, "nqa_enable": 0, "route_filter_prefixes": [{ "cidr": "172.31.0.0/16" }] }),
    ));
    let network = self::network(&more);
    let tunnel = &network.direct_connect_gateways["dcg-1"].tunnels[0];
    assert!(tunnel.health_check);
    let prefixes: Vec<_> = tunnel.prefixes.iter().map(ToString::to_string).collect();
    assert_eq!(prefixes, ["172.31.0.0/16"]);
    assert!(network.unmodelled.is_empty());
}

#[test]
fn the_kind_of_a_nat_gateway_is_read() {
    let gateway = |version: Value| {
        let gateway = json!({ "id": "nat-1", "vpc_id": "vpc-1", "assigned_eip_set": ["203.0.113.8"], "nat_product_version": version });
        network(&[("tencentcloud_nat_gateway.n", gateway)]).nat_gateways["nat-1"].kind
    };
    assert_eq!(gateway(json!(2)), NatKind::Standard);
    assert_eq!(gateway(json!(1)), NatKind::Traditional);
    assert_eq!(gateway(Value::Null), NatKind::Traditional);
}

fn on_a_ccn(more: &[(&'static str, Value)]) -> Vec<(&'static str, Value)> {
    let mut all = vec![
        ("tencentcloud_ccn.c", json!({ "id": "ccn-1" })),
        (
            "tencentcloud_ccn_attachment.v",
            json!({ "id": "ccn-1#VPC#x#vpc-1", "ccn_id": "ccn-1", "instance_id": "vpc-1", "instance_type": "VPC", "instance_region": "ap-chengdu" }),
        ),
    ];
    all.extend(more.iter().cloned());
    all
}

#[test]
fn bandwidth_between_regions_is_read() {
    let limit = json!({ "id": "ccn-1#x", "ccn_id": "ccn-1", "region": "ap-chengdu", "bandwidth_limit": 100 });
    let all = on_a_ccn(&[("tencentcloud_ccn_bandwidth_limit.l", limit)]);
    let bandwidth = network(&all).ccns["ccn-1"].bandwidth;
    assert_eq!(bandwidth, Some(CcnBandwidth::Configured));
    assert_eq!(network(&on_a_ccn(&[])).ccns["ccn-1"].bandwidth, None);
    notes(&built(&all), Outcome::LeftOut, &[]);
}

/// Two gateways of a CCN that publish overlapping prefixes.
fn overlapping(flag: Value) -> Value {
    let gateway = |id: &str| json!({ "id": id, "network_type": "CCN", "network_instance_id": "ccn-1", "gateway_type": "NORMAL" });
    let tunnel = |id: &str, gateway: &str, prefix: &str| json!({ "id": id, "dcg_id": gateway, "dc_id": format!("dc-{id}"), "route_filter_prefixes": [prefix] });
    let mut all = on_a_ccn(&[
        ("tencentcloud_dc_gateway.a", gateway("dcg-a")),
        ("tencentcloud_dc_gateway.b", gateway("dcg-b")),
        ("tencentcloud_dcx.a", tunnel("dcx-a", "dcg-a", "172.30.0.0/16")),
        ("tencentcloud_dcx.b", tunnel("dcx-b", "dcg-b", "172.30.1.0/24")),
    ]);
    all[0].1["route_overlap_flag"] = flag;
    built(&all)
}

#[test]
fn whether_overlapping_routes_stay_on_is_read_or_left_open_where_it_matters() {
    let told = written(&overlapping(json!(true)));
    assert!(told.ccns["ccn-1"].route_overlap && told.unmodelled.is_empty());
    let told = written(&overlapping(json!(false)));
    assert!(!told.ccns["ccn-1"].route_overlap && told.unmodelled.is_empty());
    let untold = written(&overlapping(Value::Null));
    let touched: Vec<_> = untold.unmodelled.iter().map(|it| &it.touches[..]).collect();
    assert_eq!(touched, [["ccn-1".into()]]);
    // where nothing overlaps it does not matter
    assert!(network(&on_a_ccn(&[])).unmodelled.is_empty());
}

#[test]
fn what_a_plan_does_not_say_of_a_ccn_is_what_the_provider_makes() {
    let ccn = resource(
        "tencentcloud_ccn.c",
        json!({ "name": "c" }),
        json!({ "id": true, "route_overlap_flag": true }),
        json!({}),
    );
    let network = written(&plan(&[vpc(), ccn]));
    assert!(network.ccns["tencentcloud_ccn.c"].route_overlap);
}

fn route(to: &str, kind: &str, hub: &str) -> Value {
    json!({ "id": "1.rtb-1", "route_item_id": "rti-1", "route_table_id": "rtb-1", "destination_cidr_block": to, "next_type": kind, "next_hub": hub })
}

fn notified(route: Value, item: &str) -> Vec<(&'static str, Value)> {
    on_a_ccn(&[
        ("tencentcloud_route_table_entry.r", route),
        (
            "tencentcloud_vpc_notify_routes.n",
            json!({ "id": "rtb-1#rti-1", "route_table_id": "rtb-1", "route_item_ids": [item] }),
        ),
    ])
}

#[test]
fn a_route_that_is_published_to_ccns_is_published() {
    let network = network(&notified(route("172.30.0.0/16", "NORMAL_CVM", "10.1.1.9"), "rti-1"));
    assert!(network.route_tables["rtb-1"].routes[0].publish);
    assert!(network.unmodelled.is_empty(), "{:?}", network.unmodelled);
}

#[test]
fn what_cannot_be_published_or_found_leaves_the_ccn_open() {
    let touched = |route: Value, item: &str| {
        let network = network(&notified(route, item));
        let entries = network.unmodelled.into_iter();
        let entries = entries.filter(|it| it.what == "tencentcloud_vpc_notify_routes.n");
        let entries = entries.map(|it| format!("{:?} {:?}", it.touches, it.destinations.len()));
        entries.collect::<Vec<_>>()
    };
    let eip = route("9.0.0.0/8", "EIP", "0");
    assert_eq!(touched(eip, "rti-1"), [r#"["ccn-1"] 1"#]);
    let good = route("172.30.0.0/16", "NORMAL_CVM", "10.1.1.9");
    assert_eq!(touched(good, "rti-9"), [r#"["ccn-1"] 0"#]);
}

#[test]
fn a_plan_names_the_routes_that_it_publishes_by_reference() {
    let address = "tencentcloud_route_table_entry.r";
    let table = refers(&["tencentcloud_vpc.main.default_route_table_id", "tencentcloud_vpc.main"]);
    let machine = crate::plans::instance(
        "tencentcloud_instance.m",
        json!({ "private_ip": "10.1.1.9" }),
        refers(&["tencentcloud_subnet.a.id", "tencentcloud_subnet.a"]),
    );
    let entry = resource(
        address,
        json!({ "destination_cidr_block": "172.30.0.0/16", "next_type": "NORMAL_CVM", "next_hub": "10.1.1.9" }),
        json!({ "id": true, "route_table_id": true, "route_item_id": true }),
        json!({ "route_table_id": table }),
    );
    let items = refers(&["tencentcloud_route_table_entry.r.route_item_id", address]);
    let notify = resource(
        "tencentcloud_vpc_notify_routes.n",
        json!({}),
        json!({ "id": true, "route_table_id": true, "route_item_ids": true }),
        json!({ "route_table_id": table, "route_item_ids": items }),
    );
    let plan = plan(&[
        vpc(),
        subnet("tencentcloud_subnet.a", "10.1.1.0/24"),
        crate::plans::group(),
        machine,
        entry,
        notify,
    ]);
    let network = written(&plan);
    let table = &network.route_tables["tencentcloud_vpc.main.default_route_table_id"];
    assert!(matches!(table.routes[0].via, NextHop::Instance(_)));
    assert!(table.routes[0].publish);
}

#[test]
fn a_route_that_a_resource_of_its_own_switches_off_is_off() {
    let config = |item: &str| json!({ "id": "rtb-1#rti-1", "route_table_id": "rtb-1", "route_item_id": item, "disabled": true });
    let all = |item: &str| {
        [
            ("tencentcloud_route_table_entry.r", route("9.0.0.0/8", "EIP", "0")),
            ("tencentcloud_route_table_entry_config.r", config(item)),
        ]
    };
    let off = network(&all("rti-1"));
    assert!(!off.route_tables["rtb-1"].routes[0].enabled);
    assert!(off.unmodelled.is_empty());
    // one that nothing knows may be any of the table
    let unknown = network(&all("rti-9"));
    assert_eq!(unknown.unmodelled[0].touches[0].as_str(), "rtb-1");
}

/// A VPC with rules that admit everything, and an SSL VPN into it.
fn dialled(server: Value, route: bool) -> Value {
    let all = ["ACCEPT#0.0.0.0/0#ALL#ALL"];
    let mut more = vec![
        (
            "tencentcloud_security_group_lite_rule.web",
            json!({ "id": "sg-1", "security_group_id": "sg-1", "ingress": all, "egress": all }),
        ),
        (
            "tencentcloud_vpn_gateway.g",
            json!({ "id": "vpngw-1", "vpc_id": "vpc-1", "type": "SSL" }),
        ),
        ("tencentcloud_vpn_ssl_server.s", server),
        ("tencentcloud_vpn_ssl_client.c", json!({ "id": "vpnc-1", "ssl_vpn_server_id": "vpns-1" })),
    ];
    if route {
        let route = json!({ "id": "r", "route_table_id": "rtb-1", "destination_cidr_block": "192.168.100.0/24", "next_type": "VPN", "next_hub": "vpngw-1" });
        more.push(("tencentcloud_route_table_entry.r", route));
    }
    built(&more)
}

fn server() -> Value {
    json!({ "id": "vpns-1", "vpn_gateway_id": "vpngw-1", "ssl_vpn_server_name": "office", "local_address": ["10.1.1.0/24"], "remote_address": "192.168.100.0/24" })
}

#[test]
fn an_ssl_vpn_is_a_site_with_the_pool_of_its_clients() {
    let state = dialled(server(), true);
    let network = written(&state);
    let connection = &network.vpn_gateways["vpngw-1"].connections[0];
    assert_eq!(connection.site.as_str(), "vpns-1.clients");
    assert_eq!(connection.policies[0].local.to_string(), "10.1.1.0/24");
    let pool = network.sites["vpns-1.clients"].cidrs[0].to_string();
    assert_eq!(pool, "192.168.100.0/24");
    notes(&state, Outcome::LeftOut, &[]);
    let asked = [("vpns-1.clients", "ins-1"), ("ins-1", "vpns-1.clients")];
    assert!(network.vpcs["vpc-1"].default_route_table.is_none());
    assert_eq!(verdicts(&state, &asked), [Verdict::Reachable; 2]);
}

#[test]
fn the_way_back_to_clients_is_open_where_no_route_leads_there() {
    let state = dialled(server(), false);
    let asked = [("vpns-1.clients", "ins-1"), ("ins-1", "internet")];
    assert_eq!(verdicts(&state, &asked), [Verdict::Undetermined, Verdict::Unreachable]);
}

#[test]
fn access_policies_that_terraform_does_not_have_leave_the_clients_open() {
    let mut server = server();
    server["access_policy_enabled"] = json!(true);
    let state = dialled(server, true);
    let asked = [("vpns-1.clients", "ins-1")];
    assert_eq!(verdicts(&state, &asked), [Verdict::Undetermined]);
}

#[test]
fn an_ssl_vpn_of_a_gateway_that_is_elsewhere_is_named() {
    let state = state(&[("tencentcloud_vpn_ssl_server.s", server())]);
    let at = ["tencentcloud_vpn_ssl_server.s, vpn_gateway_id"];
    notes(&state, Outcome::LeftOut, &at);
}

fn dumped(files: &[(&str, &str, Value)]) -> Network {
    let files = files.iter().map(|(action, list, items)| {
        let count = items.as_array().map(Vec::len);
        let answer = json!({ "Response": { *list: items, "TotalCount": count } });
        (format!("{action}.json"), answer.to_string())
    });
    let files: Vec<_> = files.collect();
    let options =
        tencent::Options { region: Some("ap-chengdu".to_owned()), ..tencent::Options::default() };
    let imported = tencent::tencent(&files, &options).expect("a dump");
    imported.document.fragment.network
}

#[test]
fn responses_of_the_cloud_tell_the_same_options() {
    let route = |to: &str, kind: &str, hub: &str| json!({ "RouteItemId": "rti", "DestinationCidrBlock": to, "GatewayType": kind, "GatewayId": hub, "RouteType": "USER", "Enabled": true, "PublishedToVbc": true });
    let machine = json!({ "InstanceId": "ins-1", "InstanceState": "RUNNING", "PrivateIpAddresses": ["10.1.1.9"], "VirtualPrivateCloud": { "VpcId": "vpc-1", "SubnetId": "subnet-1" }, "SecurityGroupIds": ["sg-1"], "Placement": { "Zone": "ap-chengdu-1" } });
    let network = dumped(&[
        ("DescribeVpcs", "VpcSet", json!([{ "VpcId": "vpc-1", "CidrBlock": "10.1.0.0/16" }])),
        (
            "DescribeSubnets",
            "SubnetSet",
            json!([{ "SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.1.1.0/24", "Zone": "ap-chengdu-1" }]),
        ),
        ("DescribeSecurityGroups", "SecurityGroupSet", json!([{ "SecurityGroupId": "sg-1" }])),
        ("DescribeInstances", "InstanceSet", json!([machine])),
        (
            "DescribeNatGateways",
            "NatGatewaySet",
            json!([{ "NatGatewayId": "nat-1", "VpcId": "vpc-1", "NatProductVersion": 2, "PublicIpAddressSet": [{ "PublicIpAddress": "203.0.113.8" }] }]),
        ),
        (
            "DescribeRouteTables",
            "RouteTableSet",
            json!([{ "RouteTableId": "rtb-1", "VpcId": "vpc-1", "RouteSet": [
            route("172.30.0.0/16", "NORMAL_CVM", "10.1.1.9"), route("0.0.0.0/0", "NAT", "nat-1"), route("9.0.0.0/8", "EIP", "0"),
        ] }]),
        ),
        ("DescribeCcns", "CcnSet", json!([{ "CcnId": "ccn-1", "RouteOverlapFlag": true }])),
        (
            "DescribeCcnAttachedInstances",
            "InstanceSet",
            json!([{ "CcnId": "ccn-1", "InstanceId": "vpc-1", "InstanceType": "VPC", "InstanceRegion": "ap-chengdu", "State": "ACTIVE" }]),
        ),
        (
            "DescribeVpnGateways",
            "VpnGatewaySet",
            json!([{ "VpnGatewayId": "vpngw-1", "VpcId": "vpc-1", "Type": "IPSEC" }]),
        ),
        (
            "DescribeVpnConnections",
            "VpnConnectionSet",
            json!([{
                "VpnConnectionId": "vpnx-1", "VpnGatewayId": "vpngw-1", "CustomerGatewayId": "cgw-1", "EnableHealthCheck": true,
                "SecurityPolicyDatabaseSet": [{ "LocalCidrBlock": "10.1.0.0/16", "RemoteCidrBlock": ["192.168.0.0/16"] }],
            }]),
        ),
    ]);
    assert_eq!(network.nat_gateways["nat-1"].kind, NatKind::Standard);
    assert!(network.ccns["ccn-1"].route_overlap);
    assert!(network.vpn_gateways["vpngw-1"].connections[0].health_check);
    let routes = &network.route_tables["rtb-1"].routes;
    let published: Vec<_> = routes.iter().map(|route| route.publish).collect();
    assert_eq!(published, [true, true, false]);
    let open = network.unmodelled.iter();
    let open = open.filter(|it| it.touches == ["ccn-1".into()]);
    let open: Vec<_> = open.map(|it| it.destinations[0].to_string()).collect();
    assert_eq!(open, ["9.0.0.0/8"], "what cannot be published here is said");
}
