//! Stored states, several documents, what data sources have read, and texts as PowerShell writes them.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use pathproof::import::terraform::{Options, Strange, terraform_all};
use pathproof::import::{self, Imported, Outcome};
use pathproof::model::Network;
use serde_json::{Value, json};

use crate::import_write::network;
use crate::plans::{import as shown, ip, notes, plan, resource, state, written};

fn read(imported: &Imported) -> Network {
    network(&[("main.ron".to_owned(), import::write(&imported.document))])
}

fn all(documents: &[(&str, Value)]) -> Imported {
    let texts = documents.iter().map(|(name, value)| ((*name).to_owned(), value.to_string()));
    let texts: Vec<_> = texts.collect();
    terraform_all(&texts, Strange::Refused, &Options::default()).expect("documents")
}

fn vpc() -> Value {
    json!({ "id": "vpc-1", "cidr_block": "10.1.0.0/16" })
}

fn subnet() -> Value {
    json!({ "id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.1.1.0/24", "availability_zone": "ap-chengdu-1" })
}

fn machine() -> Value {
    json!({ "id": "ins-1", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "private_ip": "10.1.1.9", "orderly_security_groups": ["sg-1"] })
}

fn stored(kind: &str, name: &str, instances: &[Value]) -> Value {
    json!({ "mode": "managed", "type": kind, "name": name, "instances": instances })
}

#[test]
fn a_stored_state_says_what_a_shown_one_says() {
    let stored = json!({ "version": 4, "serial": 3, "lineage": "x", "resources": [
        stored("tencentcloud_vpc", "main", &[json!({ "attributes": vpc() })]),
        stored("tencentcloud_subnet", "a", &[json!({ "attributes": subnet() })]),
        stored("tencentcloud_security_group", "web", &[json!({ "index_key": "x.y", "attributes": { "id": "sg-1" } })]),
        stored("tencentcloud_instance", "a", &[json!({ "index_key": 0, "attributes": machine(), "dependencies": ["tencentcloud_vpc.main"] })]),
    ] });
    let from_stored = shown(&stored);
    let same = state(&[
        ("tencentcloud_vpc.main", vpc()),
        ("tencentcloud_subnet.a", subnet()),
        ("tencentcloud_security_group.web[\"x.y\"]", json!({ "id": "sg-1" })),
        ("tencentcloud_instance.a[0]", machine()),
    ]);
    assert_eq!(import::write(&from_stored.document), import::write(&shown(&same).document));
}

#[test]
fn a_state_of_version_3_is_read_too() {
    let flat = json!({ "id": "ins-1", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "private_ip": "10.1.1.9",
        "orderly_security_groups.#": "1", "orderly_security_groups.0": "sg-1", "allocate_public_ip": "false" });
    let resource = |kind: &str, attributes: Value| json!({ "type": kind, "primary": { "id": attributes["id"], "attributes": attributes } });
    let old = json!({ "version": 3, "serial": 1, "modules": [{ "path": ["root", "net"], "resources": {
        "tencentcloud_vpc.main": resource("tencentcloud_vpc", vpc()),
        "tencentcloud_subnet.a": resource("tencentcloud_subnet", subnet()),
        "tencentcloud_security_group.web": resource("tencentcloud_security_group", json!({ "id": "sg-1" })),
        "tencentcloud_instance.a.0": resource("tencentcloud_instance", flat),
    } }] });
    let network = read(&shown(&old));
    let machine = &network.instances["ins-1"];
    assert_eq!(machine.meta.name.as_deref(), Some("module.net.tencentcloud_instance.a[0]"));
    assert_eq!(machine.security_groups.len(), 1);
}

#[test]
fn states_of_several_teams_are_joined_by_ids() {
    let network_team =
        state(&[("tencentcloud_vpc.main", vpc()), ("tencentcloud_subnet.a", subnet())]);
    let shop_team = state(&[
        ("tencentcloud_security_group.main", json!({ "id": "sg-1" })),
        ("tencentcloud_instance.a", machine()),
    ]);
    let imported = all(&[
        ("network/terraform.tfstate", network_team.clone()),
        ("shop.json", shop_team.clone()),
    ]);
    let joined = read(&imported);
    assert_eq!(
        joined.instances["ins-1"].meta.name.as_deref(),
        Some("shop:tencentcloud_instance.a")
    );
    // one after another in one text, and one of them twice
    let text = format!("{network_team}\n{shop_team}{network_team}");
    let imported = import::terraform(&text, &Options::default()).expect("documents");
    let names: Vec<_> = imported.notes.iter().map(|note| note.resource.as_str()).collect();
    assert!(names.contains(&"document:tencentcloud_vpc.main"), "{names:?}");
    assert_eq!(read(&imported).vpcs.len(), 1);
}

#[test]
fn plans_keep_their_own_references_and_providers() {
    let reference = |name: &str| json!({ "references": [format!("tencentcloud_vpc.{name}.id"), format!("tencentcloud_vpc.{name}")] });
    let of = |cidr: &str, subnet: &str| {
        plan(&[
            resource(
                "tencentcloud_vpc.main",
                json!({ "cidr_block": cidr }),
                json!({ "id": true }),
                json!({}),
            ),
            resource(
                "tencentcloud_subnet.a",
                json!({ "cidr_block": subnet, "availability_zone": "ap-chengdu-1" }),
                json!({ "id": true, "vpc_id": true }),
                json!({ "vpc_id": reference("main") }),
            ),
        ])
    };
    let imported = all(&[
        ("a.json", of("10.1.0.0/16", "10.1.1.0/24")),
        ("b.json", of("10.2.0.0/16", "10.2.1.0/24")),
    ]);
    let network = read(&imported);
    let of = |id: &str| network.subnets[id].vpc.as_str();
    assert_eq!(of("a:tencentcloud_subnet.a"), "a:tencentcloud_vpc.main");
    assert_eq!(of("b:tencentcloud_subnet.a"), "b:tencentcloud_vpc.main");
}

#[test]
fn what_two_documents_tell_differently_is_open() {
    let other = json!({ "id": "ins-1", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "private_ip": "10.1.1.10", "orderly_security_groups": ["sg-1"] });
    let ground = [
        ("tencentcloud_vpc.main", vpc()),
        ("tencentcloud_subnet.a", subnet()),
        ("tencentcloud_security_group.web", json!({ "id": "sg-1" })),
        ("tencentcloud_instance.a", machine()),
    ];
    let imported = all(&[
        ("a.json", state(&ground)),
        ("b.json", state(&[("tencentcloud_instance.a", other)])),
    ]);
    let network = read(&imported);
    assert_eq!(network.instances["ins-1"].ip.to_string(), "10.1.1.9");
    assert_eq!(network.unmodelled[0].touches[0].as_str(), "ins-1");
}

#[test]
fn what_a_data_source_has_read_and_something_names_is_there() {
    let mut machine = machine();
    machine["id"] = Value::Null;
    let mut plan = plan(&[
        resource("tencentcloud_vpc.main", vpc(), json!({}), json!({})),
        resource("tencentcloud_subnet.a", subnet(), json!({}), json!({})),
        resource("tencentcloud_instance.a", machine, json!({ "id": true }), json!({})),
    ]);
    let group = |id: &str, rule: &str| json!({ "security_group_id": id, "name": id, "ingress": [rule], "egress": [] });
    let data = json!({ "address": "data.tencentcloud_security_groups.all", "mode": "data", "type": "tencentcloud_security_groups", "name": "all",
        "values": { "security_groups": [group("sg-1", "ACCEPT#10.0.0.0/8#22#TCP"), group("sg-2", "ACCEPT#0.0.0.0/0#ALL#ALL")] } });
    plan["prior_state"] = json!({ "values": { "root_module": { "resources": [data] } } });
    let network = read(&shown(&plan));
    assert_eq!(network.security_groups.len(), 1);
    assert_eq!(network.security_groups["sg-1"].ingress.len(), 1);
    assert_eq!(network.instances["tencentcloud_instance.a"].security_groups.len(), 1);
}

#[test]
fn the_only_region_that_the_input_speaks_of_is_that_of_a_vpc() {
    let eip = json!({ "id": "nat-1", "vpc_id": "vpc-1", "zone": "ap-chengdu-2" });
    let imported =
        shown(&state(&[("tencentcloud_vpc.main", vpc()), ("tencentcloud_nat_gateway.n", eip)]));
    assert_eq!(read(&imported).vpcs["vpc-1"].region, "ap-chengdu");
    let assumed = imported.notes.iter().find(|note| note.outcome == Outcome::Assumed);
    assert_eq!(assumed.and_then(|note| note.attribute.as_deref()), Some("region"));
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // what an earlier run left
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("a/.terraform")).expect("a folder");
    folder
}

#[test]
fn a_folder_of_states_is_one_network_and_what_is_none_is_named() {
    let folder = folder("import-join");
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a file");
    write(
        "a/terraform.tfstate",
        &state(&[("tencentcloud_vpc.main", vpc()), ("tencentcloud_subnet.a", subnet())])
            .to_string(),
    );
    write(
        "shop.json",
        &state(&[
            ("tencentcloud_security_group.main", json!({ "id": "sg-1" })),
            ("tencentcloud_instance.a", machine()),
        ])
        .to_string(),
    );
    write("package.json", "{ \"name\": \"shop\" }");
    write("a/.terraform/terraform.tfstate", "not for us");
    let mut command = Command::cargo_bin("pathproof").expect("the program");
    let done = command.args(["import", "terraform"]).arg(&folder).assert();
    let output = done.get_output();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("package.json: it is neither a plan nor a state"), "{told}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"ins-1\""), "{told}");
}

#[test]
fn a_text_of_utf_16_is_read() {
    let text =
        state(&[("tencentcloud_vpc.main", vpc()), ("tencentcloud_subnet.a", subnet())]).to_string();
    let little = text.encode_utf16().flat_map(u16::to_le_bytes);
    let big = text.encode_utf16().flat_map(u16::to_be_bytes);
    for bytes in [
        [0xFF, 0xFE].into_iter().chain(little).collect::<Vec<u8>>(),
        [0xFE, 0xFF].into_iter().chain(big).collect(),
    ] {
        let mut command = Command::cargo_bin("pathproof").expect("the program");
        let done = command.args(["import", "terraform", "-"]).write_stdin(bytes).assert().success();
        assert!(String::from_utf8_lossy(&done.get_output().stdout).contains("\"vpc-1\""));
    }
}

#[test]
fn templates_and_interfaces_that_data_sources_have_read_are_there() {
    let mut state = state(&[
        ("tencentcloud_vpc.main", json!({ "id": "vpc-1", "cidr_block": "10.1.0.0/16" })),
        (
            "tencentcloud_subnet.a",
            json!({ "id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.1.1.0/24", "availability_zone": "ap-chengdu-1" }),
        ),
        ("tencentcloud_security_group.web", json!({ "id": "sg-1" })),
        (
            "tencentcloud_security_group_rule_set.web",
            json!({ "id": "sg-1", "security_group_id": "sg-1", "ingress": [{ "action": "ACCEPT", "address_template_group": "ipmg-1", "service_template_id": "ppm-1" }] }),
        ),
        (
            "tencentcloud_instance.a",
            json!({ "id": "ins-1", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "private_ip": "10.1.1.9", "orderly_security_groups": ["sg-1"] }),
        ),
        (
            "tencentcloud_nat_gateway_snat.s",
            json!({ "id": "s", "nat_gateway_id": "nat-1", "resource_type": "NETWORKINTERFACE", "instance_id": "eni-1", "public_ip_addr": ["203.0.113.8"] }),
        ),
        (
            "tencentcloud_nat_gateway.n",
            json!({ "id": "nat-1", "vpc_id": "vpc-1", "assigned_eip_set": ["203.0.113.8"] }),
        ),
        (
            "tencentcloud_eip_association.e",
            json!({ "id": "x", "eip_id": "eip-1", "instance_id": "ins-1" }),
        ),
        ("tencentcloud_route_table.t", json!({ "id": "rtb-1", "vpc_id": "vpc-1" })),
        (
            "tencentcloud_route_table_entry.t",
            json!({ "id": "r", "route_table_id": "rtb-1", "destination_cidr_block": "172.30.0.0/16", "next_type": "HAVIP", "next_hub": "havip-1" }),
        ),
    ]);
    let source = |kind: &str, list: &str, items: Value| {
        let kind = format!("tencentcloud_{kind}");
        json!({ "address": format!("data.{kind}.all"), "mode": "data", "type": kind, "name": "all", "values": { list: items } })
    };
    let sources = [
        source(
            "address_template_groups",
            "group_list",
            json!([{ "id": "ipmg-1", "name": "g", "template_ids": ["ipm-1"] }]),
        ),
        source(
            "address_templates",
            "template_list",
            json!([{ "id": "ipm-1", "name": "t", "addresses": ["10.8.0.0/16"] }, { "id": "ipm-9", "addresses": [] }]),
        ),
        source(
            "protocol_templates",
            "template_list",
            json!([{ "id": "ppm-1", "name": "p", "protocols": ["tcp:80"] }]),
        ),
        source(
            "enis",
            "enis",
            json!([{ "id": "eni-1", "instance_id": "ins-1", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "primary": false, "security_groups": ["sg-1"], "ipv4s": [{ "ip": "10.1.1.20", "primary": true }] }]),
        ),
        source(
            "eips",
            "eip_list",
            json!([{ "eip_id": "eip-1", "public_ip": "203.0.113.9", "instance_id": "ins-1" }]),
        ),
        source(
            "ha_vips",
            "ha_vip_list",
            json!([{ "id": "havip-1", "vip": "10.1.1.50", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "instance_id": "ins-1", "address_ip": "203.0.113.7" }]),
        ),
    ];
    let resources = state["values"]["root_module"]["resources"].as_array_mut();
    resources.expect("resources").extend(sources);
    notes(&state, Outcome::LeftOut, &[]);
    let network = written(&state);
    assert_eq!(network.address_templates.len(), 1, "what nothing names stays out");
    assert!(network.address_template_groups.contains_key("ipmg-1"));
    assert!(network.service_templates.contains_key("ppm-1"));
    assert_eq!(network.network_interfaces["eni-1"].ip, ip("10.1.1.20"));
    assert_eq!(network.instances["ins-1"].eip, Some(ip("203.0.113.9")));
    let havip = &network.havips["havip-1"];
    assert_eq!(havip.eip, Some(ip("203.0.113.7")));
    assert!(havip.bound_to.is_some());
}
