//! What is printed as JSON is what `pathproof schema` says, for every command, over the shipped scenarios.
//!
//! Both ways: no output has a field that its schema does not know, and no schema has a field that no output has.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::Validator;
use serde_json::{Value, json};

use super::{ESTATE, SMALL, file, run, run_on};
use crate::shipped::{below, root, scenarios};

mod lists;

/// The schemas by name, and the fields that were seen under each.
struct Schemas {
    validators: BTreeMap<String, Validator>,
    seen: BTreeMap<String, BTreeSet<String>>,
}

impl Schemas {
    fn all() -> Self {
        let validators = names().into_iter().map(|name| {
            let validator = jsonschema::draft202012::new(&schema(&name)).expect("a schema");
            (name, validator)
        });
        Self { validators: validators.collect(), seen: BTreeMap::new() }
    }

    /// That an output is as its own `schema` says.
    fn hold(&mut self, value: &Value, told: &str) {
        let full =
            value["schema"].as_str().unwrap_or_else(|| panic!("{told}: no schema: {value:#}"));
        let name = full
            .strip_prefix("pathproof.")
            .and_then(|rest| rest.strip_suffix("/1"))
            .expect("the name of a schema");
        let validator = self.validators.get(name).unwrap_or_else(|| panic!("{told}: {name}"));
        let errors: Vec<String> = validator
            .iter_errors(value)
            .take(3)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{told}: {errors:#?}");
        fields(value, self.seen.entry(name.to_owned()).or_default());
    }

    /// Runs a command with `--format json`, and holds what it prints.
    fn run(&mut self, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["--format", "json"]].concat();
        let ended = run(&arguments);
        assert_eq!(ended.err, "", "{arguments:?}");
        let value = ended.json();
        self.hold(&value, &arguments.join(" "));
        value
    }

    /// The same with a scenario on standard input.
    fn run_on(&mut self, input: &str, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["--format", "json"]].concat();
        let value = run_on(input, &arguments).json();
        self.hold(&value, &arguments.join(" "));
        value
    }

    /// That every field of a schema was seen.
    fn nothing_unused(&self, name: &str) {
        let mut told = BTreeSet::new();
        told_fields(&schema(name), &mut told);
        let seen = &self.seen[name];
        let unused: Vec<&String> = told.difference(seen).collect();
        assert!(unused.is_empty(), "{name}: no output has {unused:?}");
    }
}

fn names() -> Vec<String> {
    run(&["schema"]).out.lines().map(str::to_owned).collect()
}

fn schema(name: &str) -> Value {
    run(&["schema", name]).json()
}

/// The names of all fields in a value.
fn fields(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| fields(value, names)),
        Value::Object(all) => {
            names.extend(all.keys().cloned());
            all.values().for_each(|value| fields(value, names));
        }
        _ => {}
    }
}

/// The names of all fields that a schema tells of.
fn told_fields(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Array(values) => values.iter().for_each(|value| told_fields(value, names)),
        Value::Object(all) => {
            if let Some(properties) = all.get("properties").and_then(Value::as_object) {
                names.extend(properties.keys().cloned());
            }
            all.values().for_each(|value| told_fields(value, names));
        }
        _ => {}
    }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn a_schema_is_one_and_leaves_no_field_open() {
    fn closed(schema: &Value, name: &str) {
        match schema {
            Value::Array(values) => values.iter().for_each(|value| closed(value, name)),
            Value::Object(all) => {
                let object = all.get("type").is_some_and(|kind| kind == "object");
                let decided = all.contains_key("oneOf");
                // no others, or others that are all alike: a table by name
                let others = all.get("additionalProperties");
                let closes = matches!(others, Some(Value::Bool(false) | Value::Object(_)));
                assert!(!object || closes || decided, "{name}: {schema:#}");
                all.values().for_each(|value| closed(value, name));
            }
            _ => {}
        }
    }
    for name in names() {
        let schema = schema(&name);
        assert!(jsonschema::meta::is_valid(&schema), "{name}");
        closed(&schema, &name);
    }
    let unknown = run(&["schema", "chek"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.tells("check"), "{}", unknown.err);
    Schemas::all().run(&["schema"]);
}

#[test]
fn check_prints_what_its_schema_says() {
    let mut schemas = Schemas::all();
    schemas.run(&["check", "scenarios"]);
    schemas.run(&["check", "scenarios", "--lang", "zh"]);
    for path in below(&root().join("scenarios/mistakes")) {
        let path = path.strip_prefix(root()).expect("a path of the repository");
        schemas.run(&["check", path.to_str().expect("UTF-8")]);
    }
    let hard = r#"expect: [
        Reachable(name: "waived", from: "ins-client", to: "ins-web", service: "udp",
            waive: (reason: "later", until: "2999-12-31", owner: "ann")),
        Reachable(from: "ins-client", to: "ins-web", service: "icmp",
            waive: (reason: "late", until: "2001-12-31", owner: "ann")),
        Reachable(from: "tag:role=none", to: "ins-web"),
        Reachable(from: "ins-client", to: "tag:role=none"),
        Reachable(from: "ins-client", to: "ins-client"),
        Unreachable(from: "ins-client", to: "ins-web", service: "udp", because: "no-route"),
        Partial(from: "ins-client", to: "ins-web", works: "tcp:81"),
        Reachable(from: "ins-client", to: "ins-web", service: "tcp:80", via: "ins-client"),
    ],"#;
    let (before, after) = SMALL.split_once("    expect:").expect("expectations");
    let (_, after) = after.split_once('\n').expect("more lines");
    let gone = r#"what_if: [(name: "gone", changes: [TerminateInstances(["ins-web"]), Down("ins-web")],
        expect: [Reachable(from: "ins-client", to: "ins-web")]), ("#;
    let hard = format!("{before}{hard}\n{}", after.replace("what_if: [(", gone));
    let value = schemas.run_on(&hard, &["check", "-"]);
    assert!(value["summary"]["waived"] == 1, "{value:#}");
    let value = schemas.run(&["check", "no/such/file.ron"]);
    assert_eq!(value["files"][0]["diagnostics"][0]["code"], "io");
    // These two are for the command line only.
    let seen = schemas.seen.get_mut("check").expect("outputs");
    seen.extend(["argument", "near"].map(str::to_owned));
    schemas.answer("check", &json!({ "file": ESTATE, "certify": true }));
    schemas.nothing_unused("check");
}

#[test]
fn trace_reach_and_links_print_what_their_schemas_say() {
    let mut schemas = Schemas::all();
    let checked = run(&["check", "scenarios", "--format", "json"]).json();
    for file in items(&checked["files"]) {
        let path = text(&file["path"]);
        for stage in items(&file["stages"]) {
            let expectations = items(&stage["expectations"]);
            let Some(asked) = expectations.first() else {
                continue;
            };
            let mut arguments = vec![path, "--from", text(&asked["from"]), "--to"];
            arguments.extend([text(&asked["to"]), "-s", text(&asked["service"])]);
            if let Some(name) = stage["name"].as_str() {
                arguments.extend(["--at", name]);
            }
            schemas.run(&[&["trace"], &arguments[..]].concat());
            if stage["kind"] == "base" {
                schemas.run(&[&["reach"], &arguments[..]].concat());
            }
        }
    }
    let short = ["--from", "vpc-prod", "--to", "vpc-prod", "--budget", "10"];
    schemas.run(&[&["reach", ESTATE], &short[..]].concat());
    for path in scenarios("scenarios/classic-link") {
        schemas.run(&["links", &path]);
    }
    let warned = "scenarios/mistakes/host-bits-masked.ron.bad";
    let links = schemas.run(&["links", warned]);
    assert_eq!(links["diagnostics"][0]["code"], "host-bits-masked");
    let both = ["argument", "near", "severity", "label", "help", "others"];
    let asked = json!({ "file": ESTATE, "from": "internet", "to": "lb-shop", "certify": true });
    schemas.answer("trace", &asked);
    for name in ["trace", "reach", "links"] {
        let seen = schemas.seen.get_mut(name).expect("outputs");
        seen.extend(both.map(str::to_owned));
        seen.extend(["code", "message", "column", "file", "line"].map(str::to_owned));
        schemas.nothing_unused(name);
    }
}

#[test]
fn coverage_prints_what_its_schema_says() {
    let mut schemas = Schemas::all();
    schemas.run(&["coverage", "scenarios/vpc/local-route.ron"]);
    schemas.run(&["coverage", "scenarios/vpc/local-route.ron", "--budget", "none,10"]);
    let warned = "scenarios/mistakes/host-bits-masked.ron.bad";
    schemas.run(&["coverage", warned]);
    let seen = schemas.seen.get_mut("coverage").expect("outputs");
    seen.extend(["argument", "near", "label", "help", "others"].map(str::to_owned));
    schemas.nothing_unused("coverage");
}

#[test]
fn mutate_prints_what_its_schema_says() {
    let mut schemas = Schemas::all();
    schemas.run(&["mutate", "scenarios/gateways/ccn-custom-tables.ron"]);
    schemas.run(&["mutate", "scenarios/vpc", "--shard", "1/9", "--lang", "zh"]);
    schemas.run(&["mutate", "scenarios/vpc/local-route.ron", "--budget", "none,10"]);
    schemas.run(&["mutate", "scenarios/changes/routes.ron"]);
    let warned = "scenarios/mistakes/host-bits-masked.ron.bad";
    schemas.run(&["mutate", warned]);
    let seen = schemas.seen.get_mut("mutate").expect("outputs");
    seen.extend(["argument", "near", "label", "help", "others"].map(str::to_owned));
    seen.extend(["limit", "what"].map(str::to_owned));
    schemas.nothing_unused("mutate");
}

#[test]
fn what_cannot_be_used_is_told_as_diagnostics() {
    let mut schemas = Schemas::all();
    let bad = "scenarios/mistakes/duplicate-id.ron.bad";
    let nobody = ["--from", "ins-clint", "--to", "ins-web"];
    let itself = ["--from", "ins-web", "--to", "ins-web"];
    for ends in [nobody, itself] {
        for command in ["trace", "reach", "fix"] {
            let told = schemas.run(&[&[command, bad], &ends[..]].concat());
            assert_eq!(told["diagnostics"][0]["code"], "duplicate-id");
            let told = schemas.run_on(SMALL, &[&[command, "-"], &ends[..]].concat());
            assert_eq!(told["schema"], "pathproof.diagnostics/1");
        }
    }
    for arguments in [
        &["links", bad][..],
        &["links", ESTATE, "--vpc", "vpc-none"],
        &["links", ESTATE, "--at", "never"],
        &["whatif", ESTATE, "--change", "Down(1)"],
        &["whatif", ESTATE],
        &["diff", ESTATE, bad],
        &["explain", "no-rout"],
        &["schema", "teapot"],
        &["check", "scenarios", "--watch", "-"],
        &["check", "-", "--report", "json=a", "--report", "tap=a"],
        &["import", "tencent", "no/such/folder"],
        &["import", "terraform", "no/such/file"],
    ] {
        let told = schemas.run(arguments);
        assert_eq!(told["schema"], "pathproof.diagnostics/1", "{arguments:?}");
    }
    schemas.nothing_unused("diagnostics");
}

#[test]
fn differences_explanations_and_imports_are_as_their_schemas_say() {
    let mut schemas = Schemas::all();
    let estate = ["scenarios/estate/today.ron", "scenarios/estate/migration.ron"];
    schemas.run(&["diff", estate[0], estate[1]]);
    let path = file("schema-whatif", "small.ron", SMALL);
    for change in [
        r#"Down("ins-web")"#,
        r#"Delete(["subnet-a"])"#,
        r#"ModifySecurityGroupPolicies(security_group: "sg-web", ingress: [Accept(service: "tcp:81")])"#,
        r#"ModifySecurityGroupPolicies(security_group: "sg-web", ingress: [Drop()])"#,
        r#"CreateSecurityGroupPolicies(security_group: "sg-web", ingress: [Accept(service: "tcp:22")])"#,
    ] {
        schemas.run(&["whatif", &path, "--change", change]);
    }
    let intent = file(
        "schema-intent",
        "intent.ron",
        r#"[Loses(from: "ins-client", to: "ins-web", service: "udp"), Gains(from: "ins-web", to: "ins-client")]"#,
    );
    let change = r#"ModifySecurityGroupPolicies(security_group: "sg-web", ingress: [Drop()])"#;
    schemas.run(&["whatif", &path, "--reasons", "--intent", &intent, "--change", change]);
    let change = r#"DeleteSecurityGroupPolicies(security_group: "sg-data", ingress: [0])"#;
    schemas.run(&["whatif", ESTATE, "--change", change]);
    let short = ["whatif", "-", "--change", r#"Down("ins-web")"#, "--budget", "1"];
    schemas.run_on(SMALL, &short);
    let left = json!({ "address": "tencentcloud_new_rule.x", "mode": "managed", "type": "tencentcloud_new_rule", "name": "x", "values": { "group": "sg-1" } });
    let group = json!({ "address": "tencentcloud_security_group.x", "mode": "managed", "type": "tencentcloud_security_group", "name": "x", "values": { "id": "sg-1" } });
    let create = json!({ "address": "tencentcloud_new_rule.x", "mode": "managed", "type": "tencentcloud_new_rule", "change": { "actions": ["create"] } });
    let plan = json!({
        "planned_values": { "root_module": { "resources": [group, left] } },
        "prior_state": { "values": { "root_module": { "resources": [group] } } },
        "resource_changes": [create],
    });
    schemas.run_on(&plan.to_string(), &["whatif", "--terraform", "-"]);
    // Of a set of packets, no rule is nearest.
    let seen = schemas.seen.get_mut("difference").expect("outputs");
    let more = ["failed", "argument", "near", "severity", "label", "help", "others"];
    seen.extend(more.map(str::to_owned));
    seen.insert("column".to_owned());
    schemas.answer("diff", &json!({ "file": ESTATE, "new": ESTATE, "certify": true }));
    let down = json!({ "file": ESTATE, "changes": ["Down(\"ins-bastion\")"], "certify": true });
    schemas.answer("whatif", &down);
    schemas.nothing_unused("difference");
    let all = schemas.run(&["explain"]);
    schemas.run(&["explain", "--lang", "zh"]);
    for code in items(&all["codes"]).iter().step_by(9) {
        schemas.run(&["explain", text(&code["code"])]);
    }
    for rule in ["CL-6", "SG-5", "RT-16", "D20-3"] {
        schemas.run(&["explain", rule]);
    }
    for record in ["instances", "CreateRoutes", "format", "because"] {
        schemas.run(&["explain", record]);
    }
    schemas.nothing_unused("explain");
    schemas.run(&["fmt", "--check", "scenarios/estate"]);
    schemas.nothing_unused("fmt");
    schemas.run(&["import", "tencent", "tests/import/tencent"]);
    let state = r#"{"values": {"root_module": {"resources": [{"address": "tencentcloud_vpc.main",
        "mode": "managed", "type": "tencentcloud_vpc", "name": "main",
        "values": {"id": "vpc-1", "cidr_block": "10.1.0.0/16"}}]}}}"#;
    schemas.run_on(state, &["import", "terraform", "-"]);
    let kept =
        ["import", "tencent", "tests/import/tencent", "--keep", "tests/import/everything.ron"];
    schemas.run(&kept);
    schemas.nothing_unused("import");
}

#[test]
fn matrices_and_lints_are_as_their_schemas_say() {
    let mut schemas = Schemas::all();
    for by in ["endpoint", "subnet", "vpc", "group"] {
        schemas.run(&["matrix", ESTATE, "--by", by]);
    }
    schemas.run(&["matrix", ESTATE, "--collapse"]);
    schemas.run_on(SMALL, &["matrix", "-", "--budget", "10"]);
    schemas.run(&["matrix", "scenarios/mistakes/host-bits-masked.ron.bad"]);
    schemas.run(&["lint", "scenarios/lint"]);
    schemas.run(&["lint", "scenarios/mistakes/host-bits-masked.ron.bad"]);
    for name in ["matrix", "lint"] {
        let seen = schemas.seen.get_mut(name).expect("outputs");
        seen.extend(["argument", "near"].map(str::to_owned));
        schemas.nothing_unused(name);
    }
}

#[test]
fn certificates_are_as_their_schema_says() {
    let mut schemas = Schemas::all();
    for path in [
        "scenarios/gateways/load-balancer-internal.ron",
        "scenarios/gateways/nat-source.ron",
        "scenarios/gateways/peering.ron",
        "scenarios/changes/security-group-policies.ron",
        "scenarios/rules/security-groups.ron", // one has none: a set with `!`
    ] {
        let ended = run(&["certify", path]);
        for line in ended.out.lines() {
            let document: Value = serde_json::from_str(line).expect("a document");
            schemas.hold(&document, path);
        }
    }
    schemas.nothing_unused("certificate");
}

#[test]
fn failures_are_as_their_schema_says() {
    let mut schemas = Schemas::all();
    let small = file("schema-failures", "small.ron", SMALL);
    let failing = SMALL.replace("expect: [Reachable", "expect: [Unreachable");
    let failing = file("schema-failing", "failing.ron", failing);
    for arguments in [
        &[&small[..], "-k", "2"][..],
        &["scenarios/gateways/single-points-of-failure.ron", "-k", "2"],
        &["scenarios/changes/failures.ron", "--at", "the tunnel to the office"],
        &[&failing, "--shard", "2/2"],
        &[&small, "--budget", "1"],
    ] {
        schemas.run(&[&["failures"], arguments].concat());
    }
    // Nothing is so near the end of its budget that only a failure takes it over.
    let seen = schemas.seen.get_mut("failures").expect("outputs");
    let spent = ["code", "what", "limit", "message", "exceeded"];
    let warned = ["argument", "near", "severity", "label", "help", "others", "column"];
    seen.extend(spent.into_iter().chain(warned).map(str::to_owned));
    schemas.nothing_unused("failures");
}

#[test]
fn fixes_are_as_their_schema_says() {
    let mut schemas = Schemas::all();
    let ends = |from, to, service| ["--from", from, "--to", to, "-s", service];
    let path = file("schema-fix", "small.ron", SMALL);
    let small = ends("ins-client", "ins-web", "tcp:80");
    let found = schemas.run(&[&["fix", &path, "--at", "the server stops"], &small[..]].concat());
    assert_eq!(items(&found["fixes"]).len(), 1, "{found:#}");
    let found = schemas.run(&[&["fix", &path, "--close"], &small[..]].concat());
    assert!(!items(&found["rejected"]).is_empty(), "{found:#}");
    let linking = ends("ins-more", "ins-web", "all");
    let full = "scenarios/classic-link/a-hundred-links.ron";
    let found = schemas.run(&[&["fix", full], &linking[..]].concat());
    assert_eq!(found["refused"][0]["code"], "classic-link-quota-exceeded");
    let stuck = ends("TomCVM", "ins-new", "all");
    let platform = "scenarios/classic-link/primary-cidr-only.ron";
    let found = schemas.run(&[&["fix", platform], &stuck[..]].concat());
    assert_eq!(found["stuck"][0]["class"], "platform", "{found:#}");
    let near = ends("tag:role=web", "cdb-orders", "tcp:3306");
    schemas.run(&[&["fix", ESTATE], &near[..]].concat());
    let route = ends("ins-a", "ins-b-forgot", "all");
    schemas.run(&[&["fix", "scenarios/gateways/peering.ron"], &route[..]].concat());
    schemas.run(&[&["fix", &path, "--budget", "1"], &small[..]].concat());
    // Diagnostics of warnings are held elsewhere.
    let seen = schemas.seen.get_mut("fix").expect("outputs");
    let warned = ["argument", "near", "severity", "label", "help", "others", "column"];
    seen.extend(warned.map(str::to_owned));
    schemas.nothing_unused("fix");
    let tight = SMALL
        .replace("to: \"ins-web\", service: \"tcp:80\"", "to: \"ins-web\", service: \"tcp:22\"");
    schemas.run_on(&tight, &["fix", "-", "--all"]);
    schemas.nothing_unused("fixes");
}
