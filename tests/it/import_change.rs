//! A plan as the network before and after it.

use pathproof::import::terraform::{Action, BeforeAndAfter, Options, Part, before_and_after};
use pathproof::import::write;
use pathproof::model::Network;
use serde_json::{Value, json};

use crate::cli::run_on;
use crate::import_write::network;
use crate::plans::{group, ip, plan, refers, resource, state, subnet, vpc};

const SUBNET: &str = "tencentcloud_subnet.a";
const GROUP: &str = "tencentcloud_security_group.web";

fn built(address: &str, values: Value) -> Value {
    resource(address, values, json!({}), json!({}))
}

fn machine(address: &str, id: &str, ip: &str) -> Value {
    let values = json!({
        "id": id, "vpc_id": "vpc-1", "subnet_id": "subnet-1", "private_ip": ip,
        "orderly_security_groups": ["sg-1"],
    });
    built(address, values)
}

fn ground() -> Vec<Value> {
    vec![
        built("tencentcloud_vpc.main", json!({ "id": "vpc-1", "cidr_block": "10.1.0.0/16" })),
        built(SUBNET, json!({ "id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.1.1.0/24" })),
        built(GROUP, json!({ "id": "sg-1" })),
    ]
}

fn rules(port: &str) -> Value {
    let line =
        json!({ "action": "ACCEPT", "cidr_block": "10.0.0.0/8", "port": port, "protocol": "TCP" });
    let values = json!({ "id": "sg-1", "security_group_id": "sg-1", "ingress": [line] });
    built("tencentcloud_security_group_rule_set.web", values)
}

/// A plan over a state: what is, what will be, and what is done to each.
fn over(before: &[Value], after: &[Value], actions: &[(&str, Value)]) -> Value {
    let mut document = plan(after);
    let prior: Vec<(&str, Value)> = before
        .iter()
        .map(|it| {
            let address = it["address"].as_str().expect("an address");
            (address, it["values"].clone())
        })
        .collect();
    document["prior_state"] = state(&prior);
    let known = document["resource_changes"].as_array().expect("changes");
    let mut changes: Vec<Value> = known.clone();
    for change in &mut changes {
        change["change"]["actions"] = json!(["no-op"]);
    }
    for (address, action) in actions {
        let old = before.iter().find(|it| it["address"] == *address);
        let values = old.map_or(Value::Null, |it| it["values"].clone());
        match changes.iter_mut().find(|it| it["address"] == *address) {
            Some(change) => change["change"]["actions"] = action.clone(),
            None => changes.push(json!({
                "address": address, "mode": "managed",
                "type": address.split('.').next(),
                "change": { "actions": action, "before": values },
            })),
        }
    }
    document["resource_changes"] = Value::from(changes);
    document
}

fn both(plan: &Value) -> BeforeAndAfter {
    before_and_after(&plan.to_string(), &Options::default()).expect("a plan")
}

fn networks(both: &BeforeAndAfter) -> (Network, Network) {
    let load = |imported: &pathproof::import::Imported| {
        network(&[("main.ron".to_owned(), write(&imported.document))])
    };
    (load(&both.before), load(&both.after))
}

fn ids(parts: &[Part]) -> Vec<&str> {
    parts.iter().map(|part| part.id.as_str()).collect()
}

fn edited() -> Value {
    let mut before = ground();
    before.push(machine("tencentcloud_instance.old", "ins-old", "10.1.1.8"));
    before.push(machine("tencentcloud_instance.same", "ins-same", "10.1.1.9"));
    before.push(rules("80"));
    let mut after = ground();
    after.push(machine("tencentcloud_instance.same", "ins-same", "10.1.1.9"));
    after.push(rules("443"));
    let values = json!({
        "vpc_id": "vpc-1", "subnet_id": "subnet-1", "orderly_security_groups": ["sg-1"],
    });
    let unknown = json!({ "id": true, "private_ip": true });
    after.push(resource("tencentcloud_instance.new", values, unknown, json!({})));
    let actions = [
        ("tencentcloud_instance.old", json!(["delete"])),
        ("tencentcloud_instance.new", json!(["create"])),
        ("tencentcloud_security_group_rule_set.web", json!(["update"])),
    ];
    over(&before, &after, &actions)
}

#[test]
fn what_stays_has_the_same_id_on_both_sides_and_what_is_new_its_address() {
    let both = both(&edited());
    let (before, after) = networks(&both);
    let keys = |network: &Network| {
        let keys = network.instances.keys();
        keys.map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(keys(&before), ["ins-old", "ins-same"]);
    assert_eq!(keys(&after), ["tencentcloud_instance.new", "ins-same"]);
    assert_eq!(before.instances["ins-same"], after.instances["ins-same"]);
    assert_eq!(before.subnets, after.subnets);
    assert_ne!(before.security_groups, after.security_groups);
}

#[test]
fn every_change_says_what_it_touches_on_either_side() {
    let both = both(&edited());
    let told: Vec<_> = both
        .changes
        .iter()
        .map(|it| (it.address.as_str(), it.action, ids(&it.before), ids(&it.after)))
        .collect();
    let new = "tencentcloud_instance.new";
    assert_eq!(
        told,
        [
            (
                "tencentcloud_security_group_rule_set.web",
                Action::Update,
                vec!["sg-1"],
                vec!["sg-1"]
            ),
            (new, Action::Create, vec![], vec![new]),
            ("tencentcloud_instance.old", Action::Delete, vec!["ins-old"], vec![]),
        ]
    );
}

#[test]
fn what_is_replaced_is_its_old_id_before_and_its_address_after() {
    let mut before = ground();
    before.push(machine("tencentcloud_instance.x", "ins-x", "10.1.1.8"));
    let mut after = ground();
    let values = json!({
        "vpc_id": "vpc-1", "subnet_id": "subnet-1", "private_ip": "10.1.1.8",
        "orderly_security_groups": ["sg-1"],
    });
    let unknown = json!({ "id": true });
    after.push(resource("tencentcloud_instance.x", values, unknown, json!({})));
    let actions = [("tencentcloud_instance.x", json!(["create", "delete"]))];
    let both = both(&over(&before, &after, &actions));
    let change = &both.changes[0];
    assert_eq!(change.action, Action::Replace);
    assert_eq!(ids(&change.before), ["ins-x"]);
    assert_eq!(ids(&change.after), ["tencentcloud_instance.x"]);
}

#[test]
fn what_terraform_forgets_stays_in_the_cloud() {
    let mut before = ground();
    before.push(machine("tencentcloud_instance.x", "ins-x", "10.1.1.8"));
    let actions = [("tencentcloud_instance.x", json!(["forget"]))];
    let both = both(&over(&before, &ground(), &actions));
    let (before, after) = networks(&both);
    assert_eq!(before.instances, after.instances);
    assert_eq!(both.changes[0].action, Action::Forget);
}

#[test]
fn a_plan_that_builds_on_nothing_has_an_empty_network_before() {
    let plan = plan(&[vpc(), subnet(SUBNET, "10.1.1.0/24"), group()]);
    let both = both(&plan);
    let (before, after) = networks(&both);
    assert_eq!(before, Network::default());
    assert_eq!((after.vpcs.len(), both.changes.len()), (1, 3));
}

#[test]
fn an_eip_touches_what_holds_it() {
    let mut after = ground();
    let unknown = json!({ "id": true, "public_ip": true });
    after.push(resource("tencentcloud_eip.nat", json!({}), unknown, json!({})));
    let eips = refers(&["tencentcloud_eip.nat.public_ip", "tencentcloud_eip.nat"]);
    after.push(resource(
        "tencentcloud_nat_gateway.nat",
        json!({ "id": "nat-1", "vpc_id": "vpc-1" }),
        json!({ "assigned_eip_set": true }),
        json!({ "assigned_eip_set": eips }),
    ));
    let actions = [("tencentcloud_eip.nat", json!(["create"]))];
    let both = both(&over(&ground(), &after, &actions));
    assert_eq!(ids(&both.changes[0].after), ["nat-1"]);
    let eips = &networks(&both).1.nat_gateways["nat-1"].eips;
    assert_eq!(eips[..], [ip("203.0.113.1")]);
}

#[test]
fn a_region_that_only_the_provider_says_holds_for_what_is_deleted() {
    let actions = [("tencentcloud_vpc.main", json!(["delete"])), (SUBNET, json!(["delete"]))];
    let both = both(&over(&ground(), &[], &actions));
    let (before, after) = networks(&both);
    assert_eq!(before.vpcs["vpc-1"].region, "ap-guangzhou");
    assert!(after.vpcs.is_empty());
    assert!(both.changes.iter().all(|it| it.before.len() == 1));
}

#[test]
fn what_cannot_be_in_the_cloud_is_touched_by_nothing() {
    let mut after = ground();
    // the second address of a subnet is reserved
    after.push(machine("tencentcloud_instance.x", "ins-x", "10.1.1.1"));
    let actions = [("tencentcloud_instance.x", json!(["create"]))];
    let both = both(&over(&ground(), &after, &actions));
    assert_eq!(both.changes[0].after, []);
    assert!(networks(&both).1.instances.is_empty());
}

#[test]
fn a_state_has_no_before_and_after() {
    let state = state(&[("tencentcloud_vpc.main", json!({ "id": "vpc-1" }))]);
    let error = before_and_after(&state.to_string(), &Options::default()).expect_err("a state");
    assert!(error.message.english().starts_with("this is a state"), "{error}");
}

#[test]
fn an_action_that_is_not_known_is_refused() {
    let actions = [("tencentcloud_vpc.main", json!(["frobnicate"]))];
    let plan = over(&ground(), &ground(), &actions);
    let error = before_and_after(&plan.to_string(), &Options::default()).expect_err("no plan");
    assert!(error.message.english().contains("frobnicate"), "{error}");
}

/// A plan that changes something beside what stays: a group, a machine and what is left out.
fn with_left(kind: &str, values: Value, action: Value) -> Value {
    let address = format!("{kind}.left");
    let mut before = ground();
    before.push(machine("tencentcloud_instance.a", "ins-a", "10.1.1.8"));
    before.push(machine("tencentcloud_instance.b", "ins-b", "10.1.1.9"));
    before.push(rules("80"));
    let mut after = before.clone();
    if action != json!(["create"]) {
        before.push(built(&address, values.clone()));
    }
    if action != json!(["delete"]) {
        after.push(built(&address, values));
    }
    over(&before, &after, &[(&address, action)])
}

#[track_caller]
fn whatif(plan: &Value, format: &str) -> crate::cli::Ended {
    let asked = ["whatif", "--terraform", "-", "--region", "ap-guangzhou", "--format", format];
    run_on(plan.to_string(), &asked)
}

#[test]
fn no_difference_is_said_only_where_nothing_that_is_left_out_changes() {
    let named = json!({ "id": "x", "instance_id": "ins-a" });
    for action in [json!(["create"]), json!(["delete"]), json!(["update"])] {
        let plan = with_left("tencentcloud_brand_new_filter", named.clone(), action);
        let told = whatif(&plan, "json");
        let value = told.json();
        assert_eq!((told.code, &value["determined"]), (Some(1), &json!(false)), "{}", told.err);
        assert_eq!(value["untold"][0]["what"], "tencentcloud_brand_new_filter.left");
        assert_eq!(value["deeds"][0]["effect"], Value::Null);
        let told = whatif(&plan, "text");
        assert_eq!(told.code, Some(1));
        assert!(
            told.out.contains("UNDETERMINED") && !told.out.contains("no difference"),
            "{}",
            told.out
        );
        let told = whatif(&plan, "markdown");
        assert!(
            told.out.contains("UNDETERMINED") && told.out.contains("new_filter.left"),
            "{}",
            told.out
        );
    }
    // what stays as it is changes nothing where nothing else does
    let plan = with_left("tencentcloud_brand_new_filter", named, json!(["no-op"]));
    let told = whatif(&plan, "json");
    assert_eq!((told.code, &told.json()["determined"]), (Some(0), &json!(true)), "{}", told.out);
}

#[test]
fn what_is_left_out_and_stays_may_meet_what_changes() {
    let mut before = ground();
    before.push(machine("tencentcloud_instance.a", "ins-a", "10.1.1.8"));
    before.push(machine("tencentcloud_instance.b", "ins-b", "10.1.1.9"));
    let cluster = json!({ "id": "emr-1", "subnet_id": "subnet-1", "sg_id": "sg-1" });
    before.push(built("tencentcloud_emr_cluster.left", cluster));
    let mut after = before.clone();
    before.push(rules("80"));
    after.push(rules("443"));
    let action = [("tencentcloud_security_group_rule_set.web", json!(["update"]))];
    let told = whatif(&over(&before, &after, &action), "json");
    let value = told.json();
    // its machines have the group that changes
    assert_eq!((told.code, &value["determined"]), (Some(1), &json!(false)), "{}", told.out);
}
