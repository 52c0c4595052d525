//! Route tables of a CCN in Terraform: who is bound, what is accepted, what is selected, and the verdicts that follow.

use pathproof::import::{Outcome, write};
use pathproof::model::Network;
use pathproof::query::Verdict;
use pathproof::scenario::load;
use pathproof::verify::{self, Budget};
use serde_json::{Value, json};

use crate::import_write::Shelf;
use crate::plans::{import, notes, plan, refers, resource, state, written};

/// A VPC with a subnet and an open machine, whose number is in all ids.
fn place(number: u8) -> Vec<(String, Value)> {
    let vpc = json!({ "id": format!("vpc-{number}"), "cidr_block": format!("10.{number}.0.0/16") });
    let subnet = json!({
        "id": format!("subnet-{number}"), "vpc_id": format!("vpc-{number}"),
        "cidr_block": format!("10.{number}.1.0/24"), "availability_zone": "ap-chengdu-1",
    });
    let machine = json!({
        "id": format!("ins-{number}"), "vpc_id": format!("vpc-{number}"),
        "subnet_id": format!("subnet-{number}"), "private_ip": format!("10.{number}.1.9"),
        "orderly_security_groups": ["sg-1"],
    });
    vec![
        (format!("tencentcloud_vpc.v{number}"), vpc),
        (format!("tencentcloud_subnet.v{number}"), subnet),
        (format!("tencentcloud_instance.v{number}"), machine),
    ]
}

fn attached(number: u8, table: &str) -> (String, Value) {
    let values = json!({
        "id": format!("a{number}"), "ccn_id": "ccn-1", "instance_id": format!("vpc-{number}"),
        "instance_type": "VPC", "instance_region": "ap-chengdu", "route_table_id": table,
    });
    (format!("tencentcloud_ccn_attachment.v{number}"), values)
}

/// Three VPCs on a CCN: the first has the table `ccnrtb-1`, the others the default one.
fn built(more: &[(&str, Value)]) -> Value {
    let line = |cidr: &str| json!({ "action": "ACCEPT", "cidr_block": cidr });
    let rules = json!({ "id": "sg-1", "security_group_id": "sg-1",
        "ingress": [line("10.0.0.0/8")], "egress": [line("0.0.0.0/0")] });
    let mut all: Vec<(String, Value)> = (1..=3).flat_map(place).collect();
    all.push(("tencentcloud_security_group.web".to_owned(), json!({ "id": "sg-1" })));
    all.push(("tencentcloud_security_group_rule_set.web".to_owned(), rules));
    all.push(("tencentcloud_ccn.c".to_owned(), json!({ "id": "ccn-1" })));
    let table = |id: &str, default: bool| json!({ "id": id, "ccn_id": "ccn-1", "name": id, "is_default_table": default });
    all.push(("tencentcloud_ccn_route_table.own".to_owned(), table("ccnrtb-1", false)));
    all.push(("tencentcloud_ccn_route_table.default".to_owned(), table("ccnrtb-0", true)));
    all.push(attached(1, "ccnrtb-1"));
    all.push(attached(2, "ccnrtb-0"));
    all.push(attached(3, "ccnrtb-0"));
    all.extend(more.iter().map(|(address, values)| ((*address).to_owned(), values.clone())));
    let all: Vec<(&str, Value)> =
        all.iter().map(|(address, values)| (address.as_str(), values.clone())).collect();
    state(&all)
}

fn condition(name: &str, values: &[&str], pattern: u64) -> Value {
    json!({ "name": name, "values": values, "match_pattern": pattern })
}

fn policies(lines: &[(&str, Value)]) -> (&'static str, Value) {
    let lines = lines.iter().map(|(action, conditions)| {
        json!({ "action": action, "description": "d", "route_conditions": conditions })
    });
    let lines: Vec<_> = lines.collect();
    let values = json!({ "id": "ccn-1#ccnrtb-1", "ccn_id": "ccn-1", "route_table_id": "ccnrtb-1", "policies": lines });
    ("tencentcloud_ccn_route_table_input_policies.p", values)
}

fn selection(lines: &[(&str, &str, &str)]) -> (&'static str, Value) {
    let lines = lines.iter().map(|(vpc, source, table)| {
        json!({ "instance_type": "VPC", "instance_id": vpc, "source_cidr_block": source, "route_table_id": table, "description": "d" })
    });
    let lines: Vec<_> = lines.collect();
    let values = json!({ "id": "ccn-1", "ccn_id": "ccn-1", "selection_policies": lines });
    ("tencentcloud_ccn_route_table_selection_policies.s", values)
}

/// The verdicts between machines after the import.
fn verdicts(state: &Value, pairs: &[(&str, &str)]) -> Vec<Verdict> {
    let expect: Vec<String> = pairs
        .iter()
        .map(|(from, to)| {
            format!("Reachable(from: \"{from}\", to: \"{to}\", service: \"tcp:80\"),")
        })
        .collect();
    let main = format!("Scenario(include: [\"net.ron\"], expect: [{}])", expect.concat());
    let files =
        [("main.ron".to_owned(), main), ("net.ron".to_owned(), write(&import(state).document))];
    let loaded = load("main.ron", &Shelf(&files));
    let report = verify::run("main.ron", loaded, "2026-01-01", Budget::default());
    let told = report.expectations();
    let told = told.map(|(_, it)| it.found.as_ref().expect("an answer").verdict);
    told.collect()
}

fn touched(network: &Network) -> Vec<String> {
    let entries = network.unmodelled.iter();
    let ids = |entry: &pathproof::model::Unmodelled| {
        let ids = entry.touches.iter().map(ToString::to_string);
        let to = entry.destinations.iter().map(ToString::to_string);
        ids.chain(to).collect::<Vec<_>>().join(" ")
    };
    entries.map(ids).collect()
}

const BOTH: [(&str, &str); 2] = [("ins-1", "ins-2"), ("ins-1", "ins-3")];
const YES: Verdict = Verdict::Reachable;
const NO: Verdict = Verdict::Unreachable;

#[test]
fn a_table_accepts_what_its_policies_accept_in_order() {
    let drop_two = ("drop", json!([condition("instance-id", &["vpc-2"], 1)]));
    let all = ("accept", json!([condition("instance-type", &["VPC"], 1)]));
    let one = built(&[policies(&[drop_two.clone(), all.clone()])]);
    let network = written(&one);
    assert!(network.unmodelled.is_empty(), "{:?}", network.unmodelled);
    assert_eq!(network.ccns["ccn-1"].route_tables["ccnrtb-1"].attachments.len(), 1);
    assert_eq!(verdicts(&one, &BOTH), [NO, YES]);
    let other = built(&[policies(&[all, drop_two])]);
    assert_eq!(verdicts(&other, &BOTH), [YES, YES]);
}

#[test]
fn a_table_without_policies_accepts_nothing_and_that_is_said() {
    let state = built(&[]);
    assert_eq!(verdicts(&state, &BOTH), [NO, NO]);
    assert_eq!(verdicts(&state, &[("ins-2", "ins-3")]), [YES]);
    notes(&state, Outcome::Doubtful, &["tencentcloud_ccn_route_table.own"]);
}

#[test]
fn policies_tell_regions_and_equal_cidrs_apart() {
    let here = ("accept", json!([condition("instance-region", &["ap-chengdu"], 1)]));
    let drop = ("drop", json!([condition("cidr-block", &["10.2.1.0/24"], 1)]));
    let state = built(&[policies(&[drop, here])]);
    assert_eq!(verdicts(&state, &BOTH), [NO, YES]);
    let there = ("accept", json!([condition("instance-region", &["ap-beijing"], 1)]));
    assert_eq!(verdicts(&built(&[policies(&[there])]), &BOTH), [NO, NO]);
}

#[test]
fn a_policy_that_cannot_be_read_takes_the_verdicts_from_its_ccn() {
    let conditions = [
        condition("instance-type", &["VPC"], 0),
        condition("as-path", &["1"], 1),
        // what lies in it is not meant, and the file would take it along
        condition("cidr-block", &["10.2.0.0/16"], 1),
    ];
    for condition in conditions {
        let state = built(&[policies(&[("accept", json!([condition]))])]);
        let network = written(&state);
        assert_eq!(touched(&network), ["ccn-1"], "{condition}");
        assert_eq!(verdicts(&state, &BOTH), [Verdict::Undetermined; 2]);
        let place = "tencentcloud_ccn_route_table_input_policies.p, policies[0]";
        notes(&state, Outcome::LeftOut, &[place]);
    }
}

#[test]
fn a_selection_policy_decides_for_the_source_that_it_names() {
    let all = ("accept", json!([condition("instance-id", &["vpc-1"], 1)]));
    let chosen = selection(&[("vpc-2", "10.2.1.0/24", "ccnrtb-1")]);
    let state = built(&[policies(std::slice::from_ref(&all)), chosen]);
    assert_eq!(written(&state).ccns["ccn-1"].selection.len(), 1);
    assert_eq!(verdicts(&state, &[("ins-2", "ins-3")]), [NO]);
    let elsewhere = selection(&[("vpc-2", "10.2.9.0/24", "ccnrtb-1")]);
    let state = built(&[policies(std::slice::from_ref(&all)), elsewhere]);
    assert_eq!(verdicts(&state, &[("ins-2", "ins-3")]), [YES]);
    let default = selection(&[("vpc-2", "10.2.1.0/24", "ccnrtb-0")]);
    let network = written(&built(&[policies(&[all]), default]));
    assert_eq!(touched(&network), ["ccn-1"]);
}

#[test]
fn a_member_that_two_resources_bind_differently_is_left_open() {
    let line = json!({ "instance_id": "vpc-1", "instance_type": "VPC" });
    let config =
        json!({ "id": "x", "ccn_id": "ccn-1", "route_table_id": "ccnrtb-0", "instances": [line] });
    let address = "tencentcloud_ccn_route_table_associate_instance_config.a";
    let network = written(&built(&[(address, config)]));
    assert_eq!(touched(&network), ["ccn-1"]);
}

#[test]
fn an_attachment_to_a_table_that_is_elsewhere_leaves_its_ccn_open() {
    let mut state = built(&[]);
    let resources = state["values"]["root_module"]["resources"].as_array_mut();
    for resource in resources.expect("resources") {
        if resource["address"] == "tencentcloud_ccn_attachment.v3" {
            resource["values"]["route_table_id"] = json!("ccnrtb-other");
        }
    }
    assert_eq!(touched(&written(&state)), ["ccn-1"]);
}

/// References to a resource that a plan creates.
fn to(address: &str) -> Value {
    refers(&[&format!("{address}.id"), address])
}

#[test]
fn a_plan_says_with_references_who_is_bound_and_what_is_accepted() {
    const CCN: &str = "tencentcloud_ccn.c";
    const TABLE: &str = "tencentcloud_ccn_route_table.t";
    let new = |address: &str, values: Value, unknown: Value, expressions: Value| {
        let mut unknown = unknown;
        unknown["id"] = json!(true);
        resource(address, values, unknown, expressions)
    };
    let vpc = |address: &str, cidr: &str| {
        let values = json!({ "cidr_block": cidr });
        new(address, values, json!({}), json!({}))
    };
    let subnet = |address: &str, of: &str, cidr: &str| {
        let values = json!({ "cidr_block": cidr, "availability_zone": "ap-guangzhou-3" });
        new(address, values, json!({ "vpc_id": true }), json!({ "vpc_id": to(of) }))
    };
    let attachment = |address: &str, of: &str| {
        let values = json!({ "instance_type": "VPC", "instance_region": "ap-guangzhou" });
        let unknown = json!({ "ccn_id": true, "instance_id": true, "route_table_id": true });
        let expressions = json!({ "ccn_id": to(CCN), "instance_id": to(of) });
        new(address, values, unknown, expressions)
    };
    let values = json!({ "policies": [{ "action": "accept", "description": "d",
        "route_conditions": [{ "name": "instance-id", "match_pattern": 1 }] }] });
    let unknown = json!({ "ccn_id": true, "route_table_id": true,
        "policies": [{ "route_conditions": [{ "values": true }] }] });
    let constant = |value: Value| json!({ "constant_value": value });
    let block = json!([{ "action": constant(json!("accept")), "description": constant(json!("d")),
        "route_conditions": [{ "name": constant(json!("instance-id")),
            "match_pattern": constant(json!(1)), "values": to("tencentcloud_vpc.b") }] }]);
    let accepts = new(
        "tencentcloud_ccn_route_table_input_policies.p",
        values,
        unknown,
        json!({ "ccn_id": to(CCN), "route_table_id": to(TABLE), "policies": block }),
    );
    let lines = json!({ "instances": [{ "instance_type": "VPC" }] });
    let unknown =
        json!({ "ccn_id": true, "route_table_id": true, "instances": [{ "instance_id": true }] });
    let block = json!([{ "instance_type": constant(json!("VPC")), "instance_id": to("tencentcloud_vpc.a") }]);
    let bound = new(
        "tencentcloud_ccn_route_table_associate_instance_config.a",
        lines,
        unknown,
        json!({ "ccn_id": to(CCN), "route_table_id": to(TABLE), "instances": block }),
    );
    let plan = plan(&[
        vpc("tencentcloud_vpc.a", "10.1.0.0/16"),
        vpc("tencentcloud_vpc.b", "10.2.0.0/16"),
        subnet("tencentcloud_subnet.a", "tencentcloud_vpc.a", "10.1.1.0/24"),
        subnet("tencentcloud_subnet.b", "tencentcloud_vpc.b", "10.2.1.0/24"),
        new(CCN, json!({}), json!({}), json!({})),
        new(
            TABLE,
            json!({ "name": "t" }),
            json!({ "ccn_id": true, "is_default_table": true }),
            json!({ "ccn_id": to(CCN) }),
        ),
        attachment("tencentcloud_ccn_attachment.a", "tencentcloud_vpc.a"),
        attachment("tencentcloud_ccn_attachment.b", "tencentcloud_vpc.b"),
        accepts,
        bound,
    ]);
    let network = written(&plan);
    assert!(network.unmodelled.is_empty(), "{:?}", network.unmodelled);
    let table = &network.ccns[CCN].route_tables[TABLE];
    assert_eq!(table.attachments[0].id().as_str(), "tencentcloud_vpc.a");
    let from = table.accept[0].from.as_ref().expect("a member");
    assert_eq!(from.id().as_str(), "tencentcloud_vpc.b");
    assert_eq!(table.accept.len(), 1);
}

/// The same CCN with the default table alone.
fn plain(more: &[(&str, Value)]) -> Value {
    let mut state = built(more);
    let resources = &mut state["values"]["root_module"]["resources"];
    let all = resources.as_array_mut().expect("resources");
    all.retain(|it| it["address"] != "tencentcloud_ccn_route_table.own");
    for resource in all {
        if resource["type"] == "tencentcloud_ccn_attachment" {
            resource["values"]["route_table_id"] = json!("ccnrtb-0");
        }
    }
    state
}

/// A state in which a data source has read the routes.
fn with_routes(mut state: Value) -> Value {
    let route = |id: &str, to: &str, via: &str| json!({ "route_id": id, "destination_cidr_block": to, "instance_id": via });
    let routes = [route("ccnr-2", "10.2.1.0/24", "vpc-2"), route("ccnr-9", "10.9.1.0/24", "vpc-2")];
    let data = json!({
        "address": "data.tencentcloud_ccn_routes.all", "mode": "data",
        "type": "tencentcloud_ccn_routes", "name": "all",
        "values": { "ccn_id": "ccn-1", "route_list": routes },
    });
    let resources = &mut state["values"]["root_module"]["resources"];
    resources.as_array_mut().expect("resources").push(data);
    state
}

fn switched(route: &str, switch: &str) -> (&'static str, Value) {
    let id = format!("ccn-1#{route}");
    let values = json!({ "id": id, "ccn_id": "ccn-1", "route_id": route, "switch": switch });
    ("tencentcloud_ccn_routes.r", values)
}

#[test]
fn a_route_that_a_data_source_tells_is_switched() {
    let off = with_routes(plain(&[switched("ccnr-2", "off")]));
    let network = written(&off);
    assert!(network.unmodelled.is_empty(), "{:?}", network.unmodelled);
    assert!(!network.ccns["ccn-1"].routes[0].enabled);
    assert_eq!(verdicts(&off, &BOTH), [NO, YES]);
    let on = with_routes(plain(&[switched("ccnr-2", "on")]));
    assert_eq!(verdicts(&on, &BOTH), [YES, YES]);
}

#[test]
fn a_route_that_nothing_identifies_leaves_its_ccn_open() {
    let unknown = plain(&[switched("ccnr-2", "off")]);
    assert_eq!(touched(&written(&unknown)), ["ccn-1"]);
    assert_eq!(verdicts(&unknown, &BOTH), [Verdict::Undetermined; 2]);
    let place = "tencentcloud_ccn_routes.r, route_id";
    notes(&unknown, Outcome::LeftOut, &[place]);
    let elsewhere = with_routes(plain(&[switched("ccnr-9", "on")]));
    assert_eq!(touched(&written(&elsewhere)), ["ccn-1 10.9.1.0/24"]);
    let of_some_table = with_routes(built(&[switched("ccnr-2", "off")]));
    assert_eq!(touched(&written(&of_some_table)), ["ccn-1 10.2.1.0/24"]);
}

/// A VPN gateway on the CCN with a site behind it, and what it tells of it.
fn told(status: &str, remote: &str) -> Value {
    let policy = json!({ "local_cidr_block": "10.0.0.0/8", "remote_cidr_block": [remote] });
    let more = [
        ("tencentcloud_vpn_gateway.g", json!({ "id": "vpngw-1", "type": "CCN" })),
        (
            "tencentcloud_vpn_customer_gateway.c",
            json!({ "id": "cgw-1", "public_ip_address": "203.0.113.9" }),
        ),
        (
            "tencentcloud_vpn_connection.x",
            json!({ "id": "vpnx-1", "vpn_gateway_id": "vpngw-1",
            "customer_gateway_id": "cgw-1", "security_group_policy": [policy] }),
        ),
        (
            "tencentcloud_ccn_attachment.z",
            json!({ "id": "z", "ccn_id": "ccn-1", "instance_id": "vpngw-1",
            "instance_type": "VPNGW", "instance_region": "ap-chengdu", "route_table_id": "ccnrtb-0" }),
        ),
        (
            "tencentcloud_vpn_gateway_ccn_routes.r",
            json!({ "id": "vpngw-1#vpnr-1", "vpn_gateway_id": "vpngw-1",
            "route_id": "vpnr-1", "destination_cidr_block": remote, "status": status }),
        ),
    ];
    plain(&more)
}

#[test]
fn a_vpn_gateway_tells_its_ccn_what_is_enabled() {
    let site = [("ins-1", "192.168.5.5")];
    let enabled = told("ENABLE", "192.168.0.0/16");
    assert!(written(&enabled).unmodelled.is_empty());
    assert_eq!(verdicts(&enabled, &site), [YES]);
    let disabled = told("DISABLE", "192.168.0.0/16");
    let network = written(&disabled);
    assert!(network.unmodelled.is_empty(), "{:?}", network.unmodelled);
    assert_eq!(verdicts(&disabled, &site), [NO]);
}

#[test]
fn what_is_kept_from_a_ccn_and_overlaps_is_left_open() {
    let network = written(&told("DISABLE", "10.2.0.0/16"));
    assert_eq!(touched(&network), ["vpngw-1 ccn-1 10.2.0.0/16"]);
}
