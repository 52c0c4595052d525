//! Plans and states, small ones that each show one thing.

#![expect(clippy::needless_pass_by_value, reason = "json! makes values that nobody else needs")]

use pathproof::import::terraform::{self, Options};
use pathproof::import::{Outcome, write};
use pathproof::model::{NextHop, Peer};
use serde_json::{Value, json};

use crate::plans::{
    group, import, instance, ip, notes, plan, refers, resource, state, subnet, vpc, written,
};

#[test]
fn an_unknown_id_is_the_address_and_an_unknown_address_the_lowest_free_one() {
    let by_reference = refers(&["tencentcloud_subnet.a.id", "tencentcloud_subnet.a"]);
    let known = json!({ "private_ip": "10.1.1.2" });
    let plan = plan(&[
        vpc(),
        subnet("tencentcloud_subnet.a", "10.1.1.0/24"),
        group(),
        instance("tencentcloud_instance.b", json!({}), by_reference.clone()),
        instance("tencentcloud_instance.a", json!({}), by_reference.clone()),
        instance("tencentcloud_instance.z", known, by_reference),
    ]);
    let network = written(&plan);
    assert_eq!(network.instances["tencentcloud_instance.a"].ip, ip("10.1.1.3"));
    assert_eq!(network.instances["tencentcloud_instance.b"].ip, ip("10.1.1.4"));
    notes(&plan, Outcome::StoodIn, &["tencentcloud_instance.a", "tencentcloud_instance.b"]);
    notes(&plan, Outcome::LeftOut, &[]);
    assert!(import(&plan).is_complete());
}

#[test]
fn importing_twice_gives_the_same_bytes() {
    let plan = plan(&[vpc(), subnet("tencentcloud_subnet.a", "10.1.1.0/24"), group()]);
    let text = || write(&import(&plan).document);
    assert_eq!(text(), text());
}

fn by_key(for_each: &Value, keys: [&str; 2]) -> Value {
    let selector = ["tencentcloud_subnet.all", "each.value.subnet", "each.value"];
    let mut resources = vec![vpc(), group()];
    let cidrs = ["10.1.1.0/24", "10.1.2.0/24"];
    for (key, cidr) in ["red", "blue"].into_iter().zip(cidrs) {
        resources.push(subnet(&format!("tencentcloud_subnet.all[\"{key}\"]"), cidr));
    }
    for key in keys {
        let address = format!("tencentcloud_instance.all[\"{key}\"]");
        let mut instance = instance(&address, json!({}), refers(&selector));
        instance["expressions"]["for_each"] = for_each.clone();
        resources.push(instance);
    }
    plan(&resources)
}

#[test]
fn a_key_that_the_plan_gives_picks_one_of_several() {
    let machines = json!({ "one": { "subnet": "blue" }, "two": { "subnet": "red" } });
    let plan = by_key(&json!({ "constant_value": machines }), ["one", "two"]);
    let network = written(&plan);
    let subnet = |key: &str| {
        let id = format!("tencentcloud_instance.all[\"{key}\"]");
        network.instances[id.as_str()].subnet.to_string()
    };
    assert_eq!(subnet("one"), "tencentcloud_subnet.all[\"blue\"]");
    assert_eq!(subnet("two"), "tencentcloud_subnet.all[\"red\"]");
}

#[test]
fn what_a_local_holds_is_not_in_the_plan_so_its_choice_is_left_out() {
    let plan = by_key(&refers(&["local.machines"]), ["one", "two"]);
    notes(
        &plan,
        Outcome::LeftOut,
        &[
            "tencentcloud_instance.all[\"one\"], subnet_id",
            "tencentcloud_instance.all[\"two\"], subnet_id",
        ],
    );
    assert!(!import(&plan).is_complete());
    let text = write(&import(&plan).document);
    assert!(text.contains("// left out: tencentcloud_instance.all[\"one\"], subnet_id:"), "{text}");
}

#[test]
fn the_only_resource_of_its_type_is_taken_with_a_note() {
    let mut subnet = subnet("tencentcloud_subnet.a", "10.1.1.0/24");
    subnet["expressions"]["vpc_id"] = refers(&["local.vpc"]);
    let plan = plan(&[vpc(), subnet]);
    notes(&plan, Outcome::Assumed, &["tencentcloud_subnet.a, vpc_id"]);
    assert_eq!(written(&plan).subnets.len(), 1);
}

fn rule_set(ingress: Value, unknown: Value, expressions: Value) -> Value {
    let unknown = json!({ "security_group_id": true, "ingress": unknown });
    let group = refers(&["tencentcloud_security_group.web.id", "tencentcloud_security_group.web"]);
    let expressions = json!({ "security_group_id": group, "ingress": expressions });
    let values = json!({ "ingress": ingress });
    let address = "tencentcloud_security_group_rule_set.web";
    resource(address, values, unknown, expressions)
}

#[test]
fn lines_of_a_dynamic_block_stand_before_the_one_that_is_written_out() {
    let line = |cidr: Value| json!({ "action": "ACCEPT", "cidr_block": cidr, "port": "80", "protocol": "TCP" });
    let own = refers(&["tencentcloud_security_group.web.id", "tencentcloud_security_group.web"]);
    let word = |text: &str| json!({ "constant_value": text });
    let plan = plan(&[
        group(),
        rule_set(
            json!([line(json!("10.0.0.0/8")), line(json!("11.0.0.0/8")), line(Value::Null)]),
            json!([{}, {}, { "source_security_id": true }]),
            json!([{ "action": word("ACCEPT"), "source_security_id": own, "port": word("80"), "protocol": word("TCP") }]),
        ),
    ]);
    let network = written(&plan);
    let rules = &network.security_groups["tencentcloud_security_group.web"].ingress;
    let own = Peer::SecurityGroup("tencentcloud_security_group.web".into());
    assert_eq!((rules.len(), &rules[2].peer), (3, &own));
}

#[test]
fn an_unknown_part_of_a_dynamic_block_leaves_its_rule_out() {
    let line = json!({ "action": "ACCEPT", "cidr_block": null, "port": "80", "protocol": "TCP" });
    let unknown = json!([{ "source_security_id": true }]);
    let plan = plan(&[group(), rule_set(json!([line]), unknown, Value::Null)]);
    let rule = "tencentcloud_security_group_rule_set.web, ingress[0].source_security_id";
    notes(&plan, Outcome::LeftOut, &[rule]);
}

#[test]
fn one_unknown_element_swallows_a_list() {
    let values = json!({ "name": "t" });
    let unknown = json!({ "id": true, "addresses": true });
    let expressions = json!({ "addresses": refers(&["tencentcloud_instance.x.private_ip"]) });
    let template = resource("tencentcloud_address_template.t", values, unknown, expressions);
    let plan = plan(&[template]);
    notes(&plan, Outcome::LeftOut, &["tencentcloud_address_template.t, addresses"]);
}

#[test]
fn a_machine_without_vpc_and_subnet_is_classic() {
    let values = json!({ "availability_zone": "ap-guangzhou-2" });
    let mut machine = instance("tencentcloud_instance.old", values, Value::Null);
    let fields = machine["expressions"].as_object_mut().expect("fields");
    fields.shift_remove("subnet_id");
    let ids = refers(&["tencentcloud_instance.old.id", "tencentcloud_instance.old"]);
    let vpc_id = refers(&["tencentcloud_vpc.main.id", "tencentcloud_vpc.main"]);
    let unknown = json!({ "vpc_id": true, "instance_ids": true });
    let expressions = json!({ "vpc_id": vpc_id, "instance_ids": ids });
    let address = "tencentcloud_vpc_classic_link_attachment.old";
    let link = resource(address, Value::Null, unknown, expressions);
    let network = written(&plan(&[vpc(), group(), machine, link]));
    let links = &network.classic_links["tencentcloud_vpc.main"];
    assert_eq!(links[0].address, ip("10.64.0.2"));
}

fn built(instance: Value) -> Value {
    state(&[
        (
            "tencentcloud_vpc.main",
            json!({ "id": "vpc-1", "cidr_block": "10.1.0.0/16", "default_route_table_id": "rtb-1" }),
        ),
        (
            "tencentcloud_subnet.a",
            json!({ "id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.1.1.0/24", "availability_zone": "ap-chengdu-1", "route_table_id": "rtb-1" }),
        ),
        ("tencentcloud_security_group.web", json!({ "id": "sg-1" })),
        ("tencentcloud_instance.a", instance),
    ])
}

#[test]
fn a_state_is_joined_by_id_and_names_its_addresses() {
    let values = json!({ "id": "ins-1", "subnet_id": "subnet-1", "vpc_id": "vpc-1", "private_ip": "10.1.1.9", "public_ip": "203.0.113.9", "orderly_security_groups": ["sg-1"] });
    let network = written(&built(values));
    let instance = &network.instances["ins-1"];
    assert_eq!(instance.meta.name.as_deref(), Some("tencentcloud_instance.a"));
    assert_eq!((instance.ip, instance.eip), (ip("10.1.1.9"), None));
    assert_eq!(network.vpcs["vpc-1"].region, "ap-chengdu");
}

#[test]
fn an_address_outside_the_planned_subnet_is_stale() {
    let values = json!({ "id": "ins-1", "subnet_id": "subnet-1", "vpc_id": "vpc-1", "private_ip": "10.1.7.9", "orderly_security_groups": ["sg-1"] });
    assert_eq!(written(&built(values)).instances["ins-1"].ip, ip("10.1.1.2"));
}

#[test]
fn an_id_that_is_not_in_the_input_is_named() {
    let values = json!({ "id": "ins-1", "subnet_id": "subnet-1", "vpc_id": "vpc-1", "private_ip": "10.1.1.9", "orderly_security_groups": ["sg-1", "sg-outside"] });
    let state = built(values);
    notes(&state, Outcome::LeftOut, &["tencentcloud_instance.a, orderly_security_groups"]);
    assert_eq!(written(&state).instances["ins-1"].security_groups.len(), 1);
}

#[test]
fn a_route_to_the_default_table_makes_it() {
    let route =
        json!({ "destination_cidr_block": "9.0.0.0/8", "next_type": "EIP", "next_hub": "0" });
    let unknown = json!({ "route_table_id": true });
    let table = "tencentcloud_vpc.main.default_route_table_id";
    let expressions = json!({ "route_table_id": refers(&[table, "tencentcloud_vpc.main"]) });
    let entry = resource("tencentcloud_route_table_entry.e", route, unknown, expressions);
    let network = written(&plan(&[vpc(), entry]));
    assert_eq!(network.route_tables[table].routes[0].via, NextHop::Eip);
    let default = network.vpcs["tencentcloud_vpc.main"].default_route_table.as_ref();
    assert_eq!(default.map(pathproof::id::Id::as_str), Some(table));
}

#[test]
fn a_module_takes_its_values_from_its_caller_and_gives_them_back() {
    let mut plan = plan(&[]);
    let vpc = json!({ "address": "module.net[\"a\"].tencentcloud_vpc.this", "mode": "managed", "type": "tencentcloud_vpc", "name": "this", "values": { "cidr_block": "10.1.0.0/16" } });
    let subnet = json!({ "address": "tencentcloud_subnet.s", "mode": "managed", "type": "tencentcloud_subnet", "name": "s", "values": { "cidr_block": "10.1.1.0/24" } });
    plan["planned_values"]["root_module"] = json!({
        "resources": [subnet],
        "child_modules": [{ "address": "module.net[\"a\"]", "resources": [vpc] }],
    });
    plan["resource_changes"] = json!([{ "address": "tencentcloud_subnet.s", "change": { "after_unknown": { "vpc_id": true } } }]);
    let output = refers(&["tencentcloud_vpc.this.id", "tencentcloud_vpc.this"]);
    let vpc = json!({ "mode": "managed", "type": "tencentcloud_vpc", "name": "this", "provider_config_key": "tencentcloud" });
    let id = refers(&["module.net[\"a\"].id", "module.net[\"a\"]", "module.net"]);
    plan["configuration"]["root_module"] = json!({
        "resources": [{ "mode": "managed", "type": "tencentcloud_subnet", "name": "s", "expressions": { "vpc_id": id } }],
        "module_calls": { "net": { "module": { "outputs": { "id": { "expression": output } }, "resources": [vpc] } } },
    });
    let network = written(&plan);
    let vpc = network.subnets["tencentcloud_subnet.s"].vpc.as_str();
    assert_eq!(vpc, "module.net[\"a\"].tencentcloud_vpc.this");
}

#[test]
fn resources_of_other_providers_are_none_of_its_business() {
    let plan = plan(&[vpc(), resource("aws_vpc.x", json!({}), json!({}), json!({}))]);
    notes(&plan, Outcome::LeftOut, &[]);
    let plan = state(&[("tencentcloud_ccn_routes.r", json!({ "id": "x" }))]);
    notes(&plan, Outcome::LeftOut, &["tencentcloud_ccn_routes.r, ccn_id"]);
}

#[test]
fn what_is_neither_plan_nor_state_is_told_apart() {
    let says = |text: &str, expected: &str| {
        let error = terraform::terraform(text, &Options::default()).expect_err("no plan");
        assert!(error.message.english().contains(expected), "{error}");
        assert!(error.help.is_some());
    };
    says("", "empty");
    says("PK\u{3}\u{4}", "Terraform's own format");
    says("{\"planned_values\": {", "ends too early");
    says("hello", "no JSON");
    says("{\"encrypted_data\": \"x\"}", "an encrypted state");
    says("{\"@level\":\"info\"}\n{\"@level\":\"info\"}", "terraform plan -json");
    says("{\"a\": 1}", "neither a plan nor a state");
}
