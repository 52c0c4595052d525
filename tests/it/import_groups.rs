//! Groups and places that Terraform binds by a resource of their own, in an order that nobody tells, or not at all.

use pathproof::import::Outcome;
use pathproof::model::Network;
use pathproof::query::Verdict;
use pathproof::scenario::load;
use pathproof::verify::{self, Budget};
use serde_json::{Value, json};

use crate::import_write::Shelf;
use crate::plans::{
    group, import, instance, notes, plan, refers, resource, state, subnet, vpc, written,
};
use pathproof::import::write;

/// The verdict between two endpoints of what is imported.
#[track_caller]
fn verdict(document: &Value, from: &str, to: &str, service: &str) -> Verdict {
    let text = write(&import(document).document);
    let text = text.trim_end().trim_end_matches(')').trim_end().trim_end_matches(',');
    let (from, to) = (from.replace('"', "\\\""), to.replace('"', "\\\""));
    let ask = format!("Reachable(from: \"{from}\", to: \"{to}\", service: \"{service}\")");
    let text = format!("{text},\n expect: [{ask}])");
    let loaded = load("main.ron", &Shelf(&[("main.ron".to_owned(), text)]));
    let report = verify::run("main.ron", loaded, "2026-01-01", Budget::default());
    let mut all = report.expectations();
    let (_, report) = all.next().expect("an expectation");
    report.found.as_ref().expect("an answer").verdict
}

fn rules(id: &str, ingress: &[&str]) -> Value {
    json!({ "id": id, "security_group_id": id, "ingress": ingress, "egress": ["ACCEPT#0.0.0.0/0#ALL#ALL"] })
}

/// A client and a server with a group that lets nothing in, an open group, and one that drops.
fn built(more: &[(&str, Value)]) -> Value {
    let machine = |id: &str, ip: &str| json!({ "id": id, "vpc_id": "vpc-1", "subnet_id": "subnet-1", "private_ip": ip, "orderly_security_groups": ["sg-shut"] });
    let database = |id: &str, name: &str, ip: &str| {
        let mut values = json!({ "id": id, "vpc_id": "vpc-1", "subnet_id": "subnet-1", "security_groups": ["sg-shut"] });
        values[name] = json!(ip);
        values
    };
    let mut cluster = database("cynosdbmysql-1", "x", "y");
    cluster["rw_group_addr"] = json!([{ "ip": "10.1.1.56", "port": 3306 }]);
    let mut all = vec![
        ("tencentcloud_vpc.main", json!({ "id": "vpc-1", "cidr_block": "10.1.0.0/16" })),
        (
            "tencentcloud_subnet.a",
            json!({ "id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.1.1.0/24", "availability_zone": "ap-chengdu-1" }),
        ),
        ("tencentcloud_security_group.shut", json!({ "id": "sg-shut" })),
        (
            "tencentcloud_security_group_lite_rule.shut",
            rules("sg-shut", &["ACCEPT#10.9.0.0/16#22#TCP"]),
        ),
        ("tencentcloud_security_group.open", json!({ "id": "sg-open" })),
        (
            "tencentcloud_security_group_lite_rule.open",
            rules("sg-open", &["ACCEPT#0.0.0.0/0#ALL#ALL"]),
        ),
        ("tencentcloud_security_group.drop", json!({ "id": "sg-drop" })),
        (
            "tencentcloud_security_group_lite_rule.drop",
            rules("sg-drop", &["DROP#0.0.0.0/0#ALL#ALL"]),
        ),
        ("tencentcloud_instance.client", machine("ins-client", "10.1.1.5")),
        ("tencentcloud_instance.server", machine("ins-server", "10.1.1.6")),
        ("tencentcloud_mysql_instance.d", database("cdb-1", "intranet_ip", "10.1.1.50")),
        ("tencentcloud_redis_instance.d", database("crs-1", "ip", "10.1.1.51")),
        ("tencentcloud_mariadb_instance.d", database("tdsql-1", "vip", "10.1.1.52")),
        ("tencentcloud_dcdb_db_instance.d", database("tdsqlshard-1", "vip", "10.1.1.53")),
        (
            "tencentcloud_postgresql_instance.d",
            database("postgres-1", "private_access_ip", "10.1.1.54"),
        ),
        ("tencentcloud_sqlserver_instance.d", database("mssql-1", "vip", "10.1.1.55")),
        ("tencentcloud_cynosdb_cluster.d", cluster),
    ];
    all.extend(more.iter().cloned());
    state(&all)
}

fn groups(network: &Network, id: &str) -> Vec<String> {
    let own = match network.instances.get(id) {
        Some(instance) => &instance.security_groups,
        None => &network.databases[id].security_groups,
    };
    own.iter().map(ToString::to_string).collect()
}

#[test]
fn an_attachment_adds_its_group_to_those_that_are_there() {
    let one = |id: &str| json!({ "id": format!("{id}#sg-open"), "instance_id": id, "security_group_id": "sg-open" });
    let all = [
        ("tencentcloud_cvm_security_group_attachment.x", "ins-server"),
        ("tencentcloud_mysql_security_groups_attachment.x", "cdb-1"),
        ("tencentcloud_redis_security_group_attachment.x", "crs-1"),
        ("tencentcloud_mariadb_security_groups.x", "tdsql-1"),
        ("tencentcloud_dcdb_security_group_attachment.x", "tdsqlshard-1"),
    ];
    let more = all.map(|(address, id)| (address, one(id)));
    let state = built(&more);
    notes(&state, Outcome::LeftOut, &[]);
    let network = written(&state);
    for (_, id) in all {
        assert_eq!(groups(&network, id), ["sg-shut", "sg-open"], "{id}");
    }
    assert!(network.unmodelled.is_empty());
    assert_eq!(verdict(&state, "ins-client", "ins-server", "tcp:80"), Verdict::Reachable);
}

#[test]
fn a_configuration_of_groups_replaces_those_that_are_there() {
    let more = [
        (
            "tencentcloud_postgresql_security_group_config.x",
            json!({ "id": "postgres-1", "db_instance_id": "postgres-1", "security_group_id_set": ["sg-drop"] }),
        ),
        (
            "tencentcloud_sqlserver_config_instance_security_groups.x",
            json!({ "id": "mssql-1", "instance_id": "mssql-1", "security_group_id_set": ["sg-drop"] }),
        ),
        (
            "tencentcloud_cynosdb_security_group.x",
            json!({ "id": "y", "cluster_id": "cynosdbmysql-1", "instance_group_type": "HA", "security_group_ids": ["sg-drop"] }),
        ),
    ];
    let state = built(&more);
    notes(&state, Outcome::LeftOut, &[]);
    let network = written(&state);
    for id in ["postgres-1", "mssql-1", "cynosdbmysql-1"] {
        assert_eq!(groups(&network, id), ["sg-drop"], "{id}");
    }
}

#[test]
fn what_read_only_instances_get_does_not_reach_the_first_one() {
    let values = json!({ "id": "y", "cluster_id": "cynosdbmysql-1", "instance_group_type": "RO", "security_group_ids": ["sg-open"] });
    let state = built(&[("tencentcloud_cynosdb_security_group.x", values)]);
    assert_eq!(groups(&written(&state), "cynosdbmysql-1"), ["sg-shut"]);
    notes(
        &state,
        Outcome::LeftOut,
        &["tencentcloud_cynosdb_security_group.x, instance_group_type"],
    );
}

#[test]
fn the_place_of_an_added_group_decides_only_where_one_drops() {
    let values = json!({ "id": "x", "instance_id": "ins-server", "security_group_id": "sg-drop" });
    let state = built(&[("tencentcloud_cvm_security_group_attachment.x", values)]);
    notes(&state, Outcome::LeftOut, &["tencentcloud_cvm_security_group_attachment.x"]);
    assert_eq!(verdict(&state, "ins-client", "ins-server", "tcp:22"), Verdict::Undetermined);
}

#[test]
fn groups_of_what_is_not_imported_have_a_member_that_is_missing() {
    let values = json!({ "id": "es-1", "instance_id": "es-1", "security_group_ids": ["sg-open"] });
    let network = written(&built(&[("tencentcloud_elasticsearch_security_group.x", values)]));
    let entry = &network.unmodelled[0];
    assert!(entry.touches.is_empty(), "{entry:?}");
    assert_eq!(entry.missing_from.len(), 1);
}

/// Two machines, of which the second has the groups of an expression.
fn with_groups(expression: Value) -> Value {
    let by = refers(&["tencentcloud_subnet.a.id", "tencentcloud_subnet.a"]);
    let unknown = json!({ "id": true });
    let other = resource("tencentcloud_security_group.other", json!({}), unknown, json!({}));
    let lite = |name: &str, ingress: Value| {
        let group = format!("tencentcloud_security_group.{name}");
        let values = json!({ "ingress": ingress, "egress": ["ACCEPT#0.0.0.0/0#ALL#ALL"] });
        let group = refers(&[&format!("{group}.id"), &group]);
        let address = format!("tencentcloud_security_group_lite_rule.{name}");
        resource(
            &address,
            values,
            json!({ "security_group_id": true }),
            json!({ "security_group_id": group }),
        )
    };
    let mut server = instance("tencentcloud_instance.server", json!({}), by.clone());
    server["expressions"]["orderly_security_groups"] = expression;
    let mut all = plan(&[
        vpc(),
        subnet("tencentcloud_subnet.a", "10.1.1.0/24"),
        group(),
        other,
        lite("web", json!(["ACCEPT#0.0.0.0/0#ALL#ALL"])),
        lite("other", json!(["DROP#0.0.0.0/0#3306#TCP"])),
        instance("tencentcloud_instance.client", json!({}), by),
        server,
    ]);
    all["configuration"]["root_module"]["variables"] = json!({ "shared": { "default": true } });
    all
}

const WEB: [&str; 2] = ["tencentcloud_security_group.web.id", "tencentcloud_security_group.web"];
const OTHER: [&str; 2] =
    ["tencentcloud_security_group.other.id", "tencentcloud_security_group.other"];

fn asked(expression: Value) -> Verdict {
    let plan = with_groups(expression);
    verdict(&plan, "tencentcloud_instance.client", "tencentcloud_instance.server", "tcp:80")
}

/// `["sg-1", TYPE.NAME.id]` and `[TYPE.NAME.id]` are the same bytes in a plan.
#[test]
fn a_list_of_one_reference_may_hold_an_id_that_the_plan_hides() {
    assert_eq!(asked(refers(&WEB)), Verdict::Undetermined);
    let imported = import(&with_groups(refers(&WEB)));
    let mut notes = imported.notes.iter();
    let note = notes.find(|it| it.why.english().contains("written out beside"));
    let help = note.expect("a note").help.as_ref().expect("a way out");
    assert!(help.english().contains("--config"));
    // with the configuration, `import_config.rs` has them for certain
}

#[test]
fn a_list_that_a_condition_a_function_or_a_workspace_decides_has_no_verdict() {
    let both = [&WEB[..], &OTHER[..]].concat();
    let more = [
        [&["var.shared"][..], &both].concat(),
        [&["terraform.workspace"][..], &WEB].concat(),
        [&["random_id.x.hex", "random_id.x"][..], &WEB].concat(),
        [
            &[
                "data.tencentcloud_security_groups.x.security_groups",
                "data.tencentcloud_security_groups.x",
            ][..],
            &WEB,
        ]
        .concat(),
        // the order: `reverse` of them looks the same, and one of them drops
        both,
    ];
    for references in more {
        let told = format!("{references:?}");
        assert_eq!(asked(refers(&references)), Verdict::Undetermined, "{told}");
        assert!(!import(&with_groups(refers(&references))).is_complete(), "{told}");
    }
}

#[test]
fn a_machine_whose_group_is_elsewhere_is_there_and_its_group_is_not_known() {
    let machine = json!({ "id": "ins-far", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "private_ip": "10.1.1.7", "orderly_security_groups": ["sg-console"] });
    let state = built(&[("tencentcloud_instance.far", machine)]);
    let network = written(&state);
    assert_eq!(groups(&network, "ins-far"), ["sg-console"]);
    assert_eq!(verdict(&state, "ins-far", "ins-server", "tcp:22"), Verdict::Undetermined);
    assert_eq!(verdict(&state, "ins-client", "ins-server", "tcp:22"), Verdict::Unreachable);
    let by = refers(&["tencentcloud_subnet.a.id", "tencentcloud_subnet.a"]);
    let mut machine = instance("tencentcloud_instance.m", json!({}), by);
    let data = "data.tencentcloud_security_groups.console";
    machine["expressions"]["orderly_security_groups"] =
        refers(&[&format!("{data}.security_groups[0]"), data]);
    let plan = plan(&[vpc(), subnet("tencentcloud_subnet.a", "10.1.1.0/24"), machine]);
    let network = written(&plan);
    let own = groups(&network, "tencentcloud_instance.m");
    assert_eq!(own, ["tencentcloud_instance.m.orderly_security_groups"]);
}

#[test]
fn what_names_no_group_has_the_default_one_whose_rules_nobody_tells() {
    let by = refers(&["tencentcloud_subnet.a.id", "tencentcloud_subnet.a"]);
    let mut machine = instance("tencentcloud_instance.m", json!({}), by.clone());
    let fields = machine["expressions"].as_object_mut().expect("fields");
    fields.shift_remove("orderly_security_groups");
    let plan = plan(&[
        vpc(),
        subnet("tencentcloud_subnet.a", "10.1.1.0/24"),
        group(),
        machine,
        instance("tencentcloud_instance.n", json!({}), by),
    ]);
    let network = written(&plan);
    let default = "default-security-group.ap-guangzhou";
    assert_eq!(groups(&network, "tencentcloud_instance.m"), [default]);
    notes(&plan, Outcome::LeftOut, &[default]);
    let (m, n) = ("tencentcloud_instance.m", "tencentcloud_instance.n");
    assert_eq!(verdict(&plan, m, n, "tcp:22"), Verdict::Undetermined);
}

/// SG-17, D20-39: what exists always has a group, so an empty list tells as little as none. `import_ids.rs` holds
/// answers of the API to the same.
#[test]
fn a_machine_that_exists_without_a_group_is_undetermined_and_so_are_the_groups() {
    for list in [
        json!({ "orderly_security_groups": [] }),
        json!({ "security_groups": [] }),
        json!({ "security_groups": null }),
        json!({}),
    ] {
        let mut machine = json!({ "id": "ins-bare", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "private_ip": "10.1.1.7" });
        let fields = machine.as_object_mut().expect("fields");
        fields.extend(list.as_object().expect("fields").clone());
        let state = built(&[("tencentcloud_instance.bare", machine)]);
        let imported = import(&state);
        let network = imported.document.fragment.network;
        let default = "default-security-group";
        assert_eq!(groups(&network, "ins-bare"), [default], "{list}");
        let open = network.unmodelled.iter();
        let mut open = open.filter(|it| it.touches.iter().any(|id| id.as_str() == "ins-bare"));
        let open = open.next().expect("it is open");
        assert!(open.missing_from.iter().any(|id| id.as_str() == "sg-open"), "{list}: {open:#?}");
        let told = verdict(&state, "ins-client", "ins-bare", "tcp:22");
        assert_eq!(told, Verdict::Undetermined, "{list}");
    }
}

/// D20-39.
#[test]
fn what_names_no_vpc_lies_in_the_default_one_never_in_the_classic_network() {
    let more = [
        (
            "tencentcloud_instance.lone",
            json!({ "id": "ins-lone", "private_ip": "172.16.0.9", "availability_zone": "ap-chengdu-1", "orderly_security_groups": ["sg-open"] }),
        ),
        (
            "tencentcloud_mysql_instance.lone",
            json!({ "id": "cdb-lone", "availability_zone": "ap-chengdu-2", "security_groups": ["sg-open"] }),
        ),
        (
            "tencentcloud_clb_instance.lone",
            json!({ "id": "lb-lone", "network_type": "OPEN", "clb_vips": ["203.0.113.60"], "zone": "ap-chengdu-1" }),
        ),
    ];
    let state = built(&more);
    let network = written(&state);
    assert!(network.classic_instances.is_empty() && network.classic_databases.is_empty());
    assert_eq!(network.instances["ins-lone"].subnet.as_str(), "default-subnet.ap-chengdu-1");
    assert_eq!(network.databases["cdb-lone"].subnet.as_str(), "default-subnet.ap-chengdu-2");
    assert!(network.load_balancers.contains_key("lb-lone"));
    notes(&state, Outcome::LeftOut, &["default-vpc.ap-chengdu"]);
    assert_eq!(verdict(&state, "ins-lone", "cdb-lone", "tcp:3306"), Verdict::Undetermined);
}

#[test]
fn the_default_vpc_of_the_input_is_taken() {
    let more = [
        (
            "tencentcloud_vpc.default",
            json!({ "id": "vpc-0", "cidr_block": "172.16.0.0/16", "is_default": true }),
        ),
        (
            "tencentcloud_subnet.default",
            json!({ "id": "subnet-0", "vpc_id": "vpc-0", "cidr_block": "172.16.0.0/20", "availability_zone": "ap-chengdu-1", "is_default": true }),
        ),
        (
            "tencentcloud_instance.lone",
            json!({ "id": "ins-lone", "private_ip": "172.16.0.9", "availability_zone": "ap-chengdu-1", "orderly_security_groups": ["sg-open"] }),
        ),
    ];
    let state = built(&more);
    notes(&state, Outcome::LeftOut, &[]);
    assert_eq!(written(&state).instances["ins-lone"].subnet.as_str(), "subnet-0");
}

/// A plan for a part of the resources (`-target`) does not speak of the others, which stay as they are; one that failed
/// may lack anything.
#[test]
fn what_a_plan_does_not_speak_of_stays_and_what_it_could_not_finish_is_open() {
    let whole = built(&[]);
    let mut plan = json!({
        "format_version": "1.2", "complete": false,
        "planned_values": { "root_module": {} },
        "resource_changes": [], "configuration": { "root_module": {} },
        "prior_state": { "values": whole["values"] },
    });
    let (client, server) = ("ins-client", "ins-server");
    let before = verdict(&whole, client, server, "tcp:22");
    assert_ne!(before, Verdict::Undetermined);
    assert_eq!(verdict(&plan, client, server, "tcp:22"), before);
    // what it takes away is gone
    plan["resource_changes"] =
        json!([{ "address": "tencentcloud_instance.server", "change": { "actions": ["delete"] } }]);
    assert!(!written(&plan).instances.contains_key(server));
    plan["resource_changes"] = json!([]);
    for (name, value) in [
        ("errored", json!(true)),
        ("deferred_changes", json!([{ "reason": "provider_config_unknown" }])),
    ] {
        let mut plan = plan.clone();
        plan[name] = value;
        let told = verdict(&plan, client, server, "tcp:22");
        assert_eq!(told, Verdict::Undetermined, "{name}");
    }
}
