//! `--config`: lists that an expression decides, evaluated from the files of the configuration or left open.

use pathproof::import::terraform::{self, Options, before_and_after};
use pathproof::import::{Imported, Outcome, write};
use serde_json::{Value, json};

use crate::import_write::network;
use crate::plans::{instance, plan, refers, resource, subnet, vpc};

/// The VPC, three groups of their own, two of a block with keys, and a machine with a list.
fn document(references: &[&str], variables: &Value) -> Value {
    let unknown = json!({ "id": true });
    let group = |name: &str| {
        let address = format!("tencentcloud_security_group.{name}");
        resource(&address, json!({ "name": name }), unknown.clone(), json!({}))
    };
    let home = refers(&["tencentcloud_subnet.main.id", "tencentcloud_subnet.main"]);
    let mut machine =
        instance("tencentcloud_instance.m", json!({ "private_ip": "10.1.1.9" }), home);
    machine["expressions"]["orderly_security_groups"] = refers(references);
    let mut plan = plan(&[
        vpc(),
        subnet("tencentcloud_subnet.main", "10.1.1.0/24"),
        group("strict"),
        group("wide"),
        group("each[\"a\"]"),
        group("each[\"b\"]"),
        group("many[0]"),
        group("many[1]"),
        machine,
    ]);
    plan["variables"] = variables.clone();
    plan
}

const BLOCKS: &str = r#"
variable "strict" { default = false }
variable "extra" { default = ["sg-old00001"] }
variable "which" { default = "b" }
locals {
  both   = [tencentcloud_security_group.strict.id, tencentcloud_security_group.wide.id]
  circle = local.circle
}
resource "tencentcloud_security_group" "each" { for_each = toset(["a", "b"]) }
resource "tencentcloud_security_group" "many" { count = 2 }
"#;

fn with(expression: &str, references: &[&str], variables: &Value) -> Imported {
    let machine = format!(
        "{BLOCKS}\nresource \"tencentcloud_instance\" \"m\" {{\n  orderly_security_groups = {expression}\n}}\n"
    );
    let options = Options { config: vec![("main.tf".to_owned(), machine)], ..Options::default() };
    let text = document(references, variables).to_string();
    terraform::terraform(&text, &options).expect("a plan")
}

/// The groups of the machine, and whether what is in the list is certain.
fn groups(imported: &Imported) -> (Vec<String>, bool) {
    let network = network(&[("main.ron".to_owned(), write(&imported.document))]);
    let machine = &network.instances["tencentcloud_instance.m"];
    let short = |id: &pathproof::id::Id| {
        let id = id.as_str();
        id.strip_prefix("tencentcloud_security_group.").unwrap_or(id).to_owned()
    };
    let is_open = network
        .unmodelled
        .iter()
        .any(|it| it.touches.iter().any(|id| id.as_str() == "tencentcloud_instance.m"));
    (machine.security_groups.iter().map(short).collect(), !is_open)
}

/// An expression, its references in the plan, the value of `var.strict`, and the groups that it gives.
type Case<'t> = (&'t str, &'t [&'t str], bool, &'t [&'t str]);

#[track_caller]
fn decided(cases: &[Case]) {
    for (expression, references, strict, expected) in cases {
        let expression = expression.replace("SG.", "tencentcloud_security_group.");
        let variables = json!({ "strict": { "value": strict } });
        let (found, is_sure) = groups(&with(&expression, references, &variables));
        assert!(is_sure, "{expression}: {found:?}");
        let plain = |it: &str| it.replace(['[', ']', '"'], "");
        let expected: Vec<String> = expected.iter().map(|it| plain(it)).collect();
        let found: Vec<String> = found.iter().map(|it| plain(it)).collect();
        assert_eq!(found, expected, "{expression}");
    }
}

const S: &str = "tencentcloud_security_group.strict.id";
const W: &str = "tencentcloud_security_group.wide.id";
const EACH: &str = "tencentcloud_security_group.each";
const MANY: &str = "tencentcloud_security_group.many";

#[test]
fn what_a_condition_or_an_index_decides_is_decided() {
    let either = "var.strict ? [SG.strict.id] : [SG.wide.id, SG.strict.id]";
    let both = "!var.strict && length(local.both) == 2 ? [SG.wide.id] : local.both";
    decided(&[
        (either, &["var.strict", S, W], false, &["wide", "strict"]),
        (either, &["var.strict", S, W], true, &["strict"]),
        (both, &["var.strict", "local.both", W], false, &["wide"]),
        ("local.both", &["local.both"], false, &["strict", "wide"]),
        ("[local.both[1]]", &["local.both"], false, &["wide"]),
        ("[SG.each[var.which].id]", &[EACH, "var.which"], false, &["each[\"b\"]"]),
        ("SG.many[*].id", &[MANY], false, &["many[0]", "many[1]"]),
    ]);
    // a variable that the plan does not tell has its default
    let references = ["var.strict", S, W];
    let expression = either.replace("SG.", "tencentcloud_security_group.");
    let found = groups(&with(&expression, &references, &json!({})));
    assert_eq!(found, (vec!["wide".to_owned(), "strict".to_owned()], true));
}

#[test]
fn what_functions_and_loops_decide_is_decided() {
    let picked = "[for key, it in SG.each : it.id if key == var.which]";
    let compact = "compact([var.strict ? SG.strict.id : \"\", SG.wide.id])";
    let lookup = "[lookup({ b = SG.wide.id }, var.which, SG.strict.id)]";
    decided(&[
        ("reverse([SG.strict.id, SG.wide.id])", &[S, W], false, &["wide", "strict"]),
        ("concat([SG.wide.id], [SG.strict.id])", &[W, S], false, &["wide", "strict"]),
        ("slice(local.both, 1, 2)", &["local.both"], false, &["wide"]),
        ("[for id in local.both : id if id != \"\"]", &["local.both"], false, &["strict", "wide"]),
        (picked, &[EACH, "var.which"], false, &["each[\"b\"]"]),
        (
            "flatten([SG.many.*.id, [SG.wide.id]])",
            &[MANY, W],
            false,
            &["many[0]", "many[1]", "wide"],
        ),
        (compact, &["var.strict", S, W], false, &["wide"]),
        ("values({ x = SG.wide.id, a = SG.strict.id })", &[W, S], false, &["strict", "wide"]),
        (lookup, &[W, "var.which", S], false, &["wide"]),
        (
            "distinct(concat(local.both, [SG.wide.id]))",
            &["local.both", W],
            false,
            &["strict", "wide"],
        ),
    ]);
}

#[test]
fn a_group_that_only_an_id_names_stands_beside_those_of_the_plan() {
    let references = ["tencentcloud_security_group.wide.id", "var.extra"];
    let expression = "concat([tencentcloud_security_group.wide.id], var.extra)";
    let imported = with(expression, &references, &json!({}));
    let (found, is_sure) = groups(&imported);
    // the rules of the other one are nowhere
    assert_eq!((found, is_sure), (vec!["wide".to_owned()], false));
    let notes = imported.notes.iter().filter(|it| it.outcome == Outcome::LeftOut);
    let told: Vec<String> = notes.map(|it| it.why.to_string()).collect();
    assert!(told.iter().any(|it| it.contains("sg-old00001")), "{told:#?}");
}

#[test]
fn what_is_not_certain_stays_open_and_is_named() {
    let (s, w) = ("tencentcloud_security_group.strict.id", "tencentcloud_security_group.wide.id");
    for (expression, references) in [
        ("sort([SG.strict.id, SG.wide.id])", &[s, w][..]),
        ("tolist(toset([SG.strict.id, SG.wide.id]))", &[s, w]),
        (
            "SG.strict.name == random_id.x.hex ? [SG.strict.id] : [SG.wide.id]",
            &["random_id.x.hex", s, w],
        ),
        ("local.circle == 1 ? [SG.strict.id] : [SG.wide.id]", &["local.circle", s, w]),
        ("local.none == 1 ? [SG.strict.id] : [SG.wide.id]", &["local.none", s, w]),
    ] {
        let expression = expression.replace("SG.", "tencentcloud_security_group.");
        let imported = with(&expression, references, &json!({}));
        assert!(!groups(&imported).1, "{expression}");
        let mut notes = imported.notes.iter();
        let told = notes.find(|it| {
            it.outcome == Outcome::Doubtful
                && it.attribute.as_deref() == Some("orderly_security_groups")
        });
        let told = told.unwrap_or_else(|| panic!("{expression}: {:#?}", imported.notes));
        assert!(!told.why.chinese().is_empty());
    }
}

#[test]
fn a_configuration_that_is_not_that_of_the_plan_is_not_taken() {
    let references = ["tencentcloud_security_group.wide.id", "local.more"];
    let imported = with("[tencentcloud_security_group.strict.id]", &references, &json!({}));
    assert!(!groups(&imported).1);
    let told = imported
        .notes
        .iter()
        .any(|it| it.why.english().contains("not the one that the plan was made of"));
    assert!(told, "{:#?}", imported.notes);
}

#[test]
fn a_file_that_cannot_be_read_is_named_and_the_rest_is_as_without_it() {
    let references = [
        "var.strict",
        "tencentcloud_security_group.strict.id",
        "tencentcloud_security_group.wide.id",
    ];
    let text = document(&references, &json!({})).to_string();
    let config = vec![
        ("broken.tf".to_owned(), "resource {{{".to_owned()),
        ("a_override.tf".to_owned(), "resource }".to_owned()),
    ];
    let options = Options { config, ..Options::default() };
    let imported = terraform::terraform(&text, &options).expect("a plan");
    for file in ["broken.tf", "a_override.tf"] {
        assert!(
            imported.notes.iter().any(|it| it.resource == file),
            "{file}: {:#?}",
            imported.notes
        );
    }
    assert!(!groups(&imported).1);
}

/// The same plan with the machine in a module, to which the root gives the list.
fn in_module() -> (Value, Vec<(String, String)>) {
    let mut plan = document(&["var.groups"], &json!({ "strict": { "value": true } }));
    let root = &mut plan["planned_values"]["root_module"];
    let mut machine = root["resources"].as_array_mut().expect("a list").pop().expect("the machine");
    machine["address"] = json!("module.app.tencentcloud_instance.m");
    root["child_modules"] = json!([{ "address": "module.app", "resources": [machine] }]);
    let changes = plan["resource_changes"].as_array_mut().expect("a list");
    changes.last_mut().expect("the machine")["address"] =
        json!("module.app.tencentcloud_instance.m");
    let root = &mut plan["configuration"]["root_module"];
    let mut block = root["resources"].as_array_mut().expect("a list").pop().expect("the machine");
    block["expressions"]["subnet_id"] = refers(&["var.subnet"]);
    let home = refers(&["tencentcloud_subnet.main.id", "tencentcloud_subnet.main"]);
    let given = refers(&["var.strict", "local.both"]);
    root["module_calls"] = json!({ "app": {
        "source": "./modules/app",
        "expressions": { "groups": given, "subnet": home },
        "module": { "resources": [block], "variables": { "groups": {}, "subnet": {} } },
    } });
    let call = "module \"app\" {\n  source = \"./modules/app\"\n  subnet = tencentcloud_subnet.main.id\n  groups = var.strict ? [local.both[1]] : local.both\n}\n";
    let inside = "variable \"groups\" {}\nvariable \"subnet\" {}\nresource \"tencentcloud_instance\" \"m\" {\n  subnet_id = var.subnet\n  orderly_security_groups = var.groups\n}\n";
    let files = vec![
        ("main.tf".to_owned(), format!("{BLOCKS}{call}")),
        ("modules/app/main.tf".to_owned(), inside.to_owned()),
    ];
    (plan, files)
}

#[test]
fn a_list_is_followed_into_the_module_that_it_is_given_to() {
    let (plan, config) = in_module();
    let options = Options { config, ..Options::default() };
    let imported = terraform::terraform(&plan.to_string(), &options).expect("a plan");
    let network = network(&[("main.ron".to_owned(), write(&imported.document))]);
    let groups = &network.instances["module.app.tencentcloud_instance.m"].security_groups;
    assert_eq!(groups[..], ["tencentcloud_security_group.wide".into()]);
    assert!(network.unmodelled.is_empty(), "{:#?}", network.unmodelled);
    // where Terraform has fetched the module to, it says itself
    let fetched =
        json!({ "Modules": [{ "Key": "app", "Source": "registry/app", "Dir": "modules/app" }] });
    let mut options = options;
    options.config[0].1 = options.config[0].1.replace("\"./modules/app\"", "\"registry/app\"");
    options.config.push((".terraform/modules/modules.json".to_owned(), fetched.to_string()));
    let again = terraform::terraform(&plan.to_string(), &options).expect("a plan");
    assert_eq!(write(&again.document), write(&imported.document));
}

#[test]
fn the_difference_of_a_plan_knows_what_its_configuration_says() {
    let (plan, config) = in_module();
    let options = Options { config, ..Options::default() };
    let both = before_and_after(&plan.to_string(), &options).expect("a plan");
    let after = &both.after.document.fragment.network;
    let groups = &after.instances["module.app.tencentcloud_instance.m"].security_groups;
    assert_eq!(groups[..], ["tencentcloud_security_group.wide".into()]);
}

/// Locals of which each is the one before twice: 2^40 elements that nobody waits for.
#[test]
fn locals_that_double_one_another_end_and_are_named() {
    let first = "l0 = [tencentcloud_security_group.strict.id]".to_owned();
    let others = (1..40).map(|at| format!("l{at} = concat(local.l{}, local.l{})", at - 1, at - 1));
    let locals: Vec<String> = std::iter::once(first).chain(others).collect();
    let machine = format!(
        "{BLOCKS}\nlocals {{\n{}\n}}\nresource \"tencentcloud_instance\" \"m\" {{\n  orderly_security_groups = distinct(local.l39)\n}}\n",
        locals.join("\n")
    );
    let options = Options { config: vec![("main.tf".to_owned(), machine)], ..Options::default() };
    let text = document(&["local.l39"], &json!({})).to_string();
    let imported = terraform::terraform(&text, &options).expect("a plan");
    assert!(!groups(&imported).1);
    let mut notes = imported.notes.iter();
    assert!(notes.any(|it| it.why.english().contains("too many steps")));
}
