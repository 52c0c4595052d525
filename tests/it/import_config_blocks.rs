//! `--config` beyond single attributes: nested and `dynamic` blocks, both syntaxes, overrides, values of variables.

use pathproof::import::terraform::{self, Options};
use pathproof::import::{Imported, Outcome, write};
use pathproof::model::{Network, Peer};
use serde_json::{Value, json};

use crate::import_write::network;
use crate::plans::{plan, resource};

const SG: &str = "tencentcloud_security_group";

/// Groups `a`, `b` and `own`, whose rules are a set of lines as the plan tells them.
fn document(kind: &str, values: Value, unknown: Value, expressions: Value) -> Value {
    let id = json!({ "id": true });
    let group = |name: &str| {
        let address = format!("{SG}.{name}");
        resource(&address, json!({ "name": name }), id.clone(), json!({}))
    };
    let mut rules = expressions;
    rules["security_group_id"] =
        json!({ "references": [format!("{SG}.own.id"), format!("{SG}.own")] });
    let mut open = unknown;
    open["security_group_id"] = json!(true);
    plan(&[
        group("a"),
        group("b"),
        group("own"),
        resource(&format!("{kind}.own"), values, open, rules),
    ])
}

/// What the groups of these lines are in the plan: two lines of `dynamic`, whose groups nobody knows yet.
fn made() -> Value {
    let line = |port: &str| json!({ "action": "ACCEPT", "protocol": "TCP", "port": port, "cidr_block": "" });
    document(
        "tencentcloud_security_group_rule_set",
        json!({ "ingress": [line("22"), line("80")], "egress": [] }),
        json!({ "ingress": [{ "source_security_id": true }, { "source_security_id": true }] }),
        json!({}),
    )
}

fn with(plan: &Value, files: &[(&str, &str)]) -> Imported {
    let config = files.iter();
    let config = config.map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    let options = Options { config: config.collect(), ..Options::default() };
    terraform::terraform(&plan.to_string(), &options).expect("a plan")
}

fn read(imported: &Imported) -> Network {
    network(&[("main.ron".to_owned(), write(&imported.document))])
}

/// The groups whose members the rules of `own` let in, with their ports.
fn let_in(imported: &Imported) -> Vec<String> {
    let network = read(imported);
    let rules = network.security_groups["tencentcloud_security_group.own"].ingress.iter();
    let told = rules.map(|rule| match &rule.peer {
        Peer::SecurityGroup(id) => format!(
            "{} {:?}",
            id.as_str().replace("tencentcloud_security_group.", ""),
            rule.service
        ),
        other => format!("{other:?}"),
    });
    told.collect()
}

/// Which of `a` and `b` stand in the rules, in order, if that is certain.
fn order(imported: &Imported) -> Option<Vec<String>> {
    let network = read(imported);
    if !network.unmodelled.is_empty() {
        return None;
    }
    let first = |it: &String| it.split(' ').next().unwrap_or_default().to_owned();
    Some(let_in(imported).iter().map(first).collect())
}

const GROUPS: &str = r#"
resource "tencentcloud_security_group" "a" {}
resource "tencentcloud_security_group" "b" {}
resource "tencentcloud_security_group" "own" {}
"#;

const DYNAMIC: &str = r#"
variable "ports" { default = ["22", "80"] }
locals {
  peers = { "22" = tencentcloud_security_group.b.id, "80" = tencentcloud_security_group.a.id }
}
resource "tencentcloud_security_group_rule_set" "own" {
  security_group_id = tencentcloud_security_group.own.id
  dynamic "ingress" {
    for_each = var.ports
    iterator = it
    content {
      action             = "ACCEPT"
      protocol           = "TCP"
      port               = it.value
      source_security_id = local.peers[it.value]
    }
  }
}
"#;

fn ba() -> Vec<String> {
    vec!["b".to_owned(), "a".to_owned()]
}

#[test]
fn the_lines_of_a_dynamic_block_are_those_that_its_list_makes() {
    assert_eq!(order(&with(&made(), &[])), None);
    let files = [("groups.tf", GROUPS), ("main.tf", DYNAMIC)];
    assert_eq!(order(&with(&made(), &files)), Some(ba()));
}

#[test]
fn a_configuration_that_does_not_make_the_lines_of_the_plan_is_not_taken() {
    for ports in ["[\"22\"]", "[\"22\", \"443\"]", "[\"22\", \"80\", \"81\"]"] {
        let other = DYNAMIC.replace("[\"22\", \"80\"]", ports);
        let imported = with(&made(), &[("groups.tf", GROUPS), ("main.tf", &other)]);
        assert_eq!(order(&imported), None, "{ports}");
        let mut notes = imported.notes.iter();
        assert!(
            notes
                .any(|it| it.outcome == Outcome::Doubtful
                    && it.attribute.as_deref() == Some("ingress")),
            "{ports}: {:#?}",
            imported.notes
        );
    }
}

/// A set tells no order: the lines stand in the plan in any, and each finds its block by what is known.
#[test]
fn a_line_finds_its_block_whatever_the_order() {
    let mut plan = made();
    let lines = plan.pointer_mut("/planned_values/root_module/resources/3/values/ingress");
    lines.and_then(Value::as_array_mut).expect("lines").reverse();
    let files = [("groups.tf", GROUPS), ("main.tf", DYNAMIC)];
    let imported = with(&plan, &files);
    assert_eq!(order(&imported), Some(vec!["a".to_owned(), "b".to_owned()]));
    // and lines that only the unknown tells apart are those of the blocks all together
    let mut plan = made();
    for line in 0..2 {
        let path = format!("/planned_values/root_module/resources/3/values/ingress/{line}/port");
        *plan.pointer_mut(&path).expect("a port") = json!("ALL");
    }
    let alike = DYNAMIC.replace("it.value\n", "\"ALL\"\n");
    let files = [("groups.tf", GROUPS), ("main.tf", alike.as_str())];
    assert_eq!(order(&with(&plan, &files)), Some(ba()));
}

#[test]
fn a_block_of_which_the_plan_knows_nothing_is_made_from_its_configuration() {
    let plan = document(
        "tencentcloud_security_group_rule_set",
        json!({ "egress": [] }),
        json!({ "ingress": true }),
        json!({ "ingress": [{}] }),
    );
    let files = [("groups.tf", GROUPS), ("main.tf", DYNAMIC)];
    assert_eq!(order(&with(&plan, &files)), Some(ba()));
    let unsure = DYNAMIC.replace("local.peers[it.value]", "random_id.x.hex");
    let files = [("groups.tf", GROUPS), ("main.tf", unsure.as_str())];
    assert_eq!(order(&with(&plan, &files)), None);
}

/// The same in JSON.
#[test]
fn both_syntaxes_say_the_same() {
    let json = json!({
        "//": "a remark",
        "variable": { "ports": { "default": ["22", "80"] } },
        "locals": { "peers": { "22": "${tencentcloud_security_group.b.id}", "80": "${tencentcloud_security_group.a.id}" } },
        "resource": {
            "tencentcloud_security_group": [{ "a": {} }, { "b": {}, "own": [{}] }],
            "tencentcloud_security_group_rule_set": { "own": {
                "security_group_id": "${tencentcloud_security_group.own.id}",
                "dynamic": { "ingress": {
                    "for_each": "${var.ports}",
                    "content": {
                        "action": "ACCEPT", "protocol": "TCP", "port": "${ingress.value}",
                        "source_security_id": "${local.peers[ingress.value]}",
                    },
                } },
            } },
        },
    });
    let text = json.to_string();
    assert_eq!(order(&with(&made(), &[("main.tf.json", &text)])), Some(ba()));
    // blocks are lists of objects there
    let line = |port: &str, of: &str| json!({ "port": port, "source_security_id": format!("${{{SG}.{of}.id}}") });
    let mut written = json.clone();
    written["resource"]["tencentcloud_security_group_rule_set"]["own"] = json!({
        "security_group_id": "${tencentcloud_security_group.own.id}",
        "ingress": [line("22", "b"), line("80", "a")],
    });
    let text = written.to_string();
    assert_eq!(order(&with(&made(), &[("main.tf.json", &text)])), Some(ba()));
    let broken = with(&made(), &[("main.tf.json", "{ \"resource\": 3 }")]);
    assert_eq!(order(&broken), None);
    assert!(broken.notes.iter().any(|it| it.resource == "main.tf.json"));
}

#[test]
fn what_overrides_is_put_over_what_is_there() {
    let swapped = r#"
locals {
  peers = { "22" = tencentcloud_security_group.a.id, "80" = tencentcloud_security_group.b.id }
}
"#;
    let files = |over: &'static str, text: &'static str| {
        [("groups.tf", GROUPS), (over, text), ("main.tf", DYNAMIC)]
    };
    let ab = Some(vec!["a".to_owned(), "b".to_owned()]);
    // whatever the name, an override comes last
    assert_eq!(order(&with(&made(), &files("a_override.tf", swapped))), ab);
    assert_eq!(order(&with(&made(), &files("override.tf", swapped))), ab);
    let json = r#"{ "locals": { "peers": { "22": "${tencentcloud_security_group.a.id}", "80": "${tencentcloud_security_group.b.id}" } } }"#;
    assert_eq!(order(&with(&made(), &files("a_override.tf.json", json))), ab);
    // blocks of a type all together, also in place of `dynamic` ones
    let written = r#"
resource "tencentcloud_security_group_rule_set" "own" {
  ingress {
    port               = "22"
    source_security_id = tencentcloud_security_group.a.id
  }
  ingress {
    port               = "80"
    source_security_id = tencentcloud_security_group.b.id
  }
}
"#;
    assert_eq!(order(&with(&made(), &files("z_override.tf", written))), ab);
    // one that cannot be put over anything leaves its folder out
    for over in ["resource \"x\" \"y\" {}", "locals {"] {
        let imported = with(&made(), &files("override.tf", over));
        assert_eq!(order(&imported), None, "{over}");
        assert!(imported.notes.iter().any(|it| it.resource == "override.tf"));
    }
}

#[test]
fn values_come_from_the_files_that_terraform_reads_by_itself() {
    let plain = DYNAMIC.replace("default = [\"22\", \"80\"]", "type = list(string)");
    let plain = plain.as_str();
    let given = |files: &[(&str, &str)]| {
        let mut all = vec![("groups.tf", GROUPS), ("main.tf", plain)];
        all.extend(files);
        order(&with(&made(), &all))
    };
    assert_eq!(given(&[]), None);
    let right = "ports = [22, 80]";
    let wrong = "ports = [1, 2, 3]";
    let json = "{ \"ports\": [22, \"80\"] }";
    assert_eq!(given(&[("terraform.tfvars", right)]), Some(ba()));
    assert_eq!(given(&[("terraform.tfvars.json", json)]), Some(ba()));
    let both = [("terraform.tfvars", wrong), ("a.auto.tfvars", right)];
    assert_eq!(given(&both), Some(ba()));
    let both = [("z.auto.tfvars.json", json), ("a.auto.tfvars", wrong)];
    assert_eq!(given(&both), Some(ba()));
    // only a command line names this one
    assert_eq!(given(&[("prod.tfvars", right)]), None);
    // what cannot be read may say anything
    let both = [("a.auto.tfvars", right), ("b.auto.tfvars", "ports = [")];
    assert_eq!(given(&both), None);
}

#[test]
fn a_variable_has_the_order_of_its_type() {
    let set = DYNAMIC.replace(
        "{ default = [\"22\", \"80\"] }",
        "{\n type = set(string)\n default = [\"80\", \"22\", \"80\"]\n}",
    );
    let files = [("groups.tf", GROUPS), ("main.tf", set.as_str())];
    assert_eq!(order(&with(&made(), &files)), Some(ba()));
    let object = DYNAMIC
        .replace(
            "variable \"ports\" { default = [\"22\", \"80\"] }",
            "variable \"ports\" {\n type = list(object({ port = string, to = optional(string, \"a\") }))\n default = [{ port = 22, to = \"b\" }, { port = 80 }]\n}",
        )
        .replace("it.value\n", "it.value.port\n")
        .replace(
            "local.peers[it.value]",
            "it.value.to == \"a\" ? tencentcloud_security_group.a.id : tencentcloud_security_group.b.id",
        );
    let files = [("groups.tf", GROUPS), ("main.tf", object.as_str())];
    assert_eq!(order(&with(&made(), &files)), Some(ba()));
}

/// `ACCEPT#group#port#protocol` with a group that does not exist yet: the plan then tells nothing of the list.
#[test]
fn a_lite_rule_with_a_group_that_does_not_exist_yet_is_read_from_the_configuration() {
    let kind = "tencentcloud_security_group_lite_rule";
    let references = json!({ "references": [format!("{SG}.a.id"), format!("{SG}.a")] });
    let plan =
        document(kind, json!({}), json!({ "ingress": true }), json!({ "ingress": references }));
    assert_eq!(order(&with(&plan, &[])), None);
    let text = format!(
        "{GROUPS}\nresource \"{kind}\" \"own\" {{\n security_group_id = {SG}.own.id\n ingress = [\"ACCEPT#${{{SG}.a.id}}#22#TCP\", \"DROP#10.0.0.0/8#ALL#ALL\"]\n}}\n"
    );
    let imported = with(&plan, &[("main.tf", &text)]);
    let rules = let_in(&imported);
    assert_eq!(rules.len(), 2, "{rules:?}");
    assert!(rules[0].starts_with("a "), "{rules:?}");
    assert!(order(&imported).is_some());
    // an element that is not known among others that are
    let mut plan = document(
        kind,
        json!({ "ingress": ["ACCEPT#10.0.0.0/8#22#TCP", null] }),
        json!({ "ingress": [false, true] }),
        json!({ "ingress": { "references": [format!("{SG}.a.id"), format!("{SG}.a")] } }),
    );
    let imported = with(&plan, &[]);
    assert_eq!(let_in(&imported).len(), 1);
    assert_eq!(order(&imported), None);
    // and rules of their own, one of which nobody knows in part
    for (name, kind) in
        [("port_range", "x"), ("cidr_ip", "x"), ("ip_protocol", "x"), ("protocol_template", "y")]
    {
        let value = if kind == "x" { json!(true) } else { json!([{ "template_id": true }]) };
        plan = document(
            "tencentcloud_security_group_rule",
            json!({ "type": "ingress", "policy": "ACCEPT", "protocol_template": [{}] }),
            json!({ name: value }),
            json!({ name: { "references": ["random_integer.x.result"] } }),
        );
        if kind == "x" {
            let values = plan.pointer_mut("/planned_values/root_module/resources/3/values");
            values
                .and_then(Value::as_object_mut)
                .expect("values")
                .shift_remove("protocol_template");
        }
        let imported = with(&plan, &[]);
        assert!(let_in(&imported).is_empty(), "{name}");
        assert_eq!(order(&imported), None, "{name}");
    }
}

/// What is of another provider is not in the plan as this one reads it: none of it is not nothing.
#[test]
fn how_many_there_are_of_another_provider_is_not_none() {
    let text = DYNAMIC.replace(
        "for_each = var.ports",
        "for_each = length(random_id.x) > 0 ? [\"22\", \"80\"] : [\"80\", \"22\"]",
    );
    let text = format!("{text}\nresource \"random_id\" \"x\" {{ count = 2 }}\n");
    let files = [("groups.tf", GROUPS), ("main.tf", text.as_str())];
    assert_eq!(order(&with(&made(), &files)), None);
    let none = text.replace("count = 2", "count = 0");
    let none = none.replace("? [\"22\", \"80\"] : [\"80\", \"22\"]", "? [] : [\"22\", \"80\"]");
    let files = [("groups.tf", GROUPS), ("main.tf", none.as_str())];
    assert_eq!(order(&with(&made(), &files)), Some(ba()));
}
