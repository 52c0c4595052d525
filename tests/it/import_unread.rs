//! What the importer of Terraform does not read leaves open whatever it names, wherever the name stands.

#![expect(clippy::needless_pass_by_value, reason = "json! makes values that nobody else needs")]

use std::collections::BTreeSet;

use pathproof::import::Outcome;
use pathproof::model::{Network, Unmodelled};
use serde_json::{Value, json};

use crate::import_left;
use crate::plans::{import, notes, plan, refers, resource, subnet, vpc, written};

/// The resource types of the provider (1.82), each with the attributes that may name something of the network:
/// `a.b` is an attribute of a block, `[]` follows a list.
const TYPES: &str = include_str!("../import/terraform/types.txt");

/// Types that earlier versions of it had, later ones have, and that none has: the promise hangs on no list.
const OTHER_TYPES: [&str; 8] = [
    "tencentcloud_container_cluster vpc_id instances_para.subnet_id",
    "tencentcloud_container_cluster_instance cluster_id subnet_id sg_id",
    "tencentcloud_lb vpc_id",
    "tencentcloud_alb_server_attachment loadbalancer_id backends[].instance_id",
    "tencentcloud_antiddos_bgp_instance",
    "tencentcloud_teo_deploy_config_group_version",
    "tencentcloud_brand_new_thing",
    "tencentcloud_brand_new_gateway_rule",
];

/// The network of what is left out, with more that may be named.
fn built(more: &[(&str, Value)]) -> Value {
    let balancer = json!({ "id": "lb-1", "network_type": "INTERNAL", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "clb_vips": ["10.1.1.60"], "security_groups": ["sg-1"] });
    let mut all = vec![
        (
            "tencentcloud_nat_gateway.n",
            json!({ "id": "nat-1", "vpc_id": "vpc-1", "assigned_eip_set": ["203.0.113.8"] }),
        ),
        ("tencentcloud_clb_instance.l", balancer),
        (
            "tencentcloud_mysql_instance.d",
            json!({ "id": "cdb-1", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "intranet_ip": "10.1.1.70", "security_groups": ["sg-1"] }),
        ),
    ];
    all.extend(more.iter().cloned());
    import_left::built(&all)
}

fn open(entry: &Unmodelled) -> BTreeSet<String> {
    let lists = [&entry.touches, &entry.routing_of, &entry.missing_from];
    lists.into_iter().flatten().map(ToString::to_string).collect()
}

/// What a network with one more resource says of it.
fn told(kind: &str, values: &Value) -> (Vec<Unmodelled>, Vec<(Outcome, String)>) {
    let address = format!("{kind}.x");
    let imported = import(&built(&[(&address, values.clone())]));
    let network = imported.document.fragment.network;
    let own = network.unmodelled.into_iter().filter(|it| it.what == address);
    let notes = imported.notes.into_iter();
    let notes = notes.filter(|note| note.resource == address || note.resource == kind);
    (own.collect(), notes.map(|note| (note.outcome, note.resource)).collect())
}

/// Puts a text at a path: `a.b[]` is a list in a block, `a{}` a map.
fn put(values: &mut Value, path: &str, text: &str) {
    let (head, rest) = match path.split_once('.') {
        Some((head, rest)) => (head, Some(rest)),
        None => (path, None),
    };
    let name = head.trim_end_matches("[]").trim_end_matches("{}");
    let place = &mut values[name];
    match rest {
        Some(rest) => {
            if place.is_null() {
                *place = json!([{}]);
            }
            put(&mut place[0], rest, text);
        }
        None if head.ends_with("[]") => *place = json!(["other", text]),
        None if head.ends_with("{}") => *place = json!({ "key": text }),
        None => *place = json!(text),
    }
}

/// Whether a type is neither read nor listed as one that decides about no packet.
fn is_unread(kind: &str) -> bool {
    let address = format!("{kind}.x");
    let values = json!({ "id": "x-1", "made_up_by_this_test": "ins-1" });
    let imported = import(&built(&[(&address, values)]));
    let mut notes = imported.notes.iter();
    notes.any(|note| {
        let why = note.why.english();
        let says = why.contains("does not know its type") || why.contains("are not imported");
        note.resource == address && note.attribute.is_none() && says
    })
}

#[test]
fn whatever_a_type_that_is_not_read_names_is_open_at_every_depth() {
    let names = [
        ("ins-1", "ins-1"),
        ("10.1.1.9", "ins-1"),
        ("subnet-1", "subnet-1"),
        ("vpc-1", "vpc-1"),
        ("sg-1", "sg-1"),
        ("lb-1", "lb-1"),
        ("cdb-1", "cdb-1"),
        ("nat-1", "nat-1"),
    ];
    // of a target group only the load balancers that use it are open
    let behind = "tencentcloud_clb_target_group";
    let (mut swept, mut known) = (0, 0);
    let lines = TYPES.lines();
    assert!(lines.clone().count() > 1_180, "all types of the provider");
    for (number, line) in lines.chain(OTHER_TYPES).enumerate() {
        let mut words = line.split(' ');
        let kind = words.next().expect("a type");
        if kind.starts_with(behind) || !is_unread(kind) {
            known += 1;
            continue;
        }
        // its own attributes, and shapes that it has not today
        let others = ["whatever", "block.whatever", "blocks[].whatever[]", "list[]"];
        let paths: Vec<&str> = words.chain(others).collect();
        for paths in paths.chunks(names.len()) {
            let mut values = json!({ "id": "x-1" });
            let named = paths.iter().zip(names.iter().cycle().skip(number));
            let named: Vec<_> = named.collect();
            for (path, (value, _)) in &named {
                put(&mut values, path, value);
            }
            let (entries, _) = told(kind, &values);
            for (path, (value, meant)) in named {
                let is_open =
                    entries.iter().any(|it| it.touches_all() || open(it).contains(*meant));
                assert!(is_open, "{kind}, {path} = {value}: {entries:?}");
                swept += 1;
            }
        }
    }
    assert!(swept > 3_000 && known > 100, "{swept} {known}");
}

#[test]
fn composite_ids_and_keys_name_their_parts() {
    let kind = "tencentcloud_brand_new_thing";
    for value in
        ["ins-1#sg-9", "a,ins-1", "qcs::cvm:ap-chengdu:uin/1:instance/ins-1", "10.1.1.9:8080"]
    {
        let (entries, _) = told(kind, &json!({ "id": value }));
        assert!(open(&entries[0]).contains("ins-1"), "{value}: {entries:?}");
    }
    let (entries, _) = told(kind, &json!({ "id": "x", "weights": { "ins-1": 10 } }));
    assert!(open(&entries[0]).contains("ins-1"));
}

#[test]
fn a_cidr_names_the_subnets_that_it_holds() {
    let kind = "tencentcloud_brand_new_rule";
    let touched = |cidr: &str| {
        let (entries, _) = told(kind, &json!({ "id": "x", "deny": [cidr] }));
        entries.iter().flat_map(open).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(touched("10.1.1.0/24"), "subnet-1");
    assert_eq!(touched("10.1.1.128/25"), "subnet-1");
    assert_eq!(touched("10.0.0.0/8"), "subnet-1 vpc-1");
    assert_eq!(touched("10.1.9.0/24"), "vpc-1");
    assert_eq!(touched("172.30.0.0/16"), "");
}

#[test]
fn a_type_that_may_be_a_machine_is_missing_from_the_sets_that_it_names() {
    let values = json!({ "id": "emr-1", "vpc_settings": { "vpc_id": "vpc-1", "subnet_id": "subnet-1" }, "sg_id": "sg-1" });
    let (entries, _) = told("tencentcloud_emr_cluster", &values);
    let [entry] = &entries[..] else {
        panic!("{entries:?}");
    };
    assert!(entry.touches.is_empty(), "{entry:?}");
    let missing: BTreeSet<_> = entry.missing_from.iter().map(ToString::to_string).collect();
    assert_eq!(missing.into_iter().collect::<Vec<_>>(), ["sg-1", "subnet-1", "vpc-1"]);
}

#[test]
fn a_filter_of_the_border_leaves_the_internet_open_and_nothing_else() {
    let rule = json!({ "id": "1", "source_content": "0.0.0.0/0", "target_content": "203.0.113.8", "protocol": "TCP", "rule_action": "drop", "direction": 1 });
    for kind in [
        "cfw_edge_policy",
        "antiddos_ddos_black_white_ip",
        "dayu_ddos_policy_v2",
        "waf_saas_domain",
    ] {
        let (entries, _) = told(&format!("tencentcloud_{kind}"), &rule);
        let touched: Vec<_> = entries.iter().flat_map(open).collect();
        assert_eq!(touched, ["internet"], "{kind}");
    }
    let (entries, _) = told("tencentcloud_cfw_vpc_policy", &json!({ "id": "1" }));
    assert_eq!(entries[0].routing_of.len(), 1);
}

#[test]
fn what_is_harmless_says_why() {
    let values = json!({ "id": "x", "instance_id": "ins-1" });
    let (entries, notes) = told("tencentcloud_cbs_storage_attachment", &values);
    assert_eq!(entries, []);
    assert_eq!(notes.len(), 1);
    let imported = import(&built(&[("tencentcloud_cbs_storage.x", values)]));
    let note = imported.notes.iter().find(|note| note.resource.contains("cbs"));
    let why = &note.expect("a note").why;
    assert!(why.english().contains("have no address"), "{why}");
    assert!(why.chinese().contains("没有地址"), "{why}");
}

#[test]
fn a_target_group_leaves_open_only_the_load_balancers_that_use_it() {
    let group = json!({ "id": "lbtg-1", "vpc_id": "vpc-1" });
    let (entries, _) = told("tencentcloud_clb_target_group", &group);
    assert_eq!(entries, []);
    let uses = json!({ "id": "x", "clb_id": "lb-1", "target_group_id": "lbtg-1" });
    let (entries, _) = told("tencentcloud_clb_target_group_attachment", &uses);
    let touched: Vec<_> = entries.iter().flat_map(open).collect();
    assert_eq!(touched, ["lb-1"]);
}

/// A plan whose one unknown type has an expression.
fn planned(kind: &str, attribute: &str, expression: Value) -> Network {
    let mut unknown = json!({ "id": true });
    unknown[attribute] = json!(true);
    let mut expressions = json!({});
    expressions[attribute] = expression;
    let thing = resource(&format!("{kind}.x"), json!({}), unknown, expressions);
    written(&plan(&[vpc(), subnet("tencentcloud_subnet.a", "10.1.1.0/24"), thing]))
}

#[test]
fn references_name_what_they_lead_to_in_nested_blocks_too() {
    let kind = "tencentcloud_brand_new_thing";
    let subnet = "tencentcloud_subnet.a";
    let expressions = [
        refers(&["tencentcloud_subnet.a.id", subnet]),
        json!([{ "deep": [{ "deeper": refers(&["tencentcloud_subnet.a.id", subnet]) }] }]),
    ];
    for expression in expressions {
        let network = planned(kind, "where", expression);
        let entry = &network.unmodelled[0];
        assert!(open(entry).contains(subnet), "{entry:?}");
    }
}

#[test]
fn a_reference_that_nobody_can_tell_leaves_everything_open_or_all_that_it_may_mean() {
    let kind = "tencentcloud_brand_new_thing";
    let network = planned(kind, "where", refers(&["local.where"]));
    assert!(network.unmodelled[0].touches_all());
    let network = planned(kind, "subnet_ids", refers(&["local.where"]));
    assert!(open(&network.unmodelled[0]).contains("tencentcloud_subnet.a"));
    // what another provider makes is nothing of the network
    let network = planned(kind, "suffix", refers(&["random_id.x.hex", "random_id.x"]));
    assert!(network.unmodelled.is_empty());
}

#[test]
fn a_part_that_carries_the_id_of_its_whole_does_not_take_its_place() {
    let part = json!({ "id": "ins-1", "enabled": true });
    let state = built(&[("tencentcloud_aaa_first_in_the_alphabet.p", part)]);
    let eip = ("tencentcloud_eip.e", json!({ "id": "eip-1", "public_ip": "203.0.113.9" }));
    let bound = (
        "tencentcloud_eip_association.e",
        json!({ "id": "x", "eip_id": "eip-1", "instance_id": "ins-1" }),
    );
    let part = json!({ "id": "ins-1", "enabled": true });
    let more = [("tencentcloud_aaa_first_in_the_alphabet.p", part), eip, bound];
    assert!(written(&built(&more)).instances["ins-1"].eip.is_some());
    notes(&state, Outcome::LeftOut, &["tencentcloud_aaa_first_in_the_alphabet.p"]);
}

fn edge(values: Value) -> Vec<String> {
    let mut rule = json!({ "id": "1", "source_content": "0.0.0.0/0", "source_type": "net", "target_content": "0.0.0.0/0", "target_type": "net", "protocol": "TCP", "port": "80", "rule_action": "drop", "direction": 1, "enable": "true", "scope": "all" });
    for (name, value) in values.as_object().expect("values") {
        rule[name] = value.clone();
    }
    let (entries, _) = told("tencentcloud_cfw_edge_policy", &rule);
    let entries = entries.iter().map(|it| {
        let to: Vec<_> = it.destinations.iter().map(ToString::to_string).collect();
        format!("{:?} {}", open(it), to.join(" "))
    });
    entries.collect()
}

#[test]
fn a_rule_before_a_public_address_leaves_that_address_open_and_no_other() {
    assert_eq!(edge(json!({})), [r#"{"internet"} "#]);
    let inbound = json!({ "target_content": "203.0.113.8/32" });
    assert_eq!(edge(inbound), [r#"{"internet"} 203.0.113.8/32"#]);
    let outbound = json!({ "direction": 0, "source_content": "203.0.113.0/28", "target_content": "9.9.9.9/32" });
    assert_eq!(edge(outbound), [r#"{"internet"} 203.0.113.0/28"#]);
    // by tag or by machine: nobody tells which address that is
    let tagged = json!({ "target_type": "tag", "target_content": "203.0.113.8/32" });
    assert_eq!(edge(tagged), [r#"{"internet"} "#]);
    // one that is off decides about nothing
    assert!(edge(json!({ "enable": "false" })).is_empty());
}
