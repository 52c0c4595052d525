//! Clusters of containers in Terraform: what is certain of their machines and pods, and what is not.

#![expect(clippy::needless_pass_by_value, reason = "json! makes values that nobody else needs")]

use pathproof::import::Outcome;
use pathproof::model::Network;
use pathproof::query::Verdict;
use serde_json::{Value, json};

use crate::import_left;
use crate::plans::{group, ip, notes, plan, refers, resource, subnet, verdicts, vpc, written};

/// A state with a machine `ins-1` in `subnet-1`, another subnet, rules that admit everything, and what else there is.
fn built(more: &[(&str, Value)]) -> Value {
    let all = ["ACCEPT#0.0.0.0/0#ALL#ALL"];
    let mut whole = vec![
        (
            "tencentcloud_subnet.p",
            json!({ "id": "subnet-p", "vpc_id": "vpc-1", "cidr_block": "10.1.64.0/24", "availability_zone": "ap-chengdu-1", "route_table_id": "rtb-1" }),
        ),
        (
            "tencentcloud_security_group_lite_rule.web",
            json!({ "id": "sg-1", "security_group_id": "sg-1", "ingress": all, "egress": all }),
        ),
    ];
    whole.extend(more.iter().cloned());
    import_left::built(&whole)
}

fn pool() -> Value {
    json!({
        "id": "cls-1#np-1", "cluster_id": "cls-1", "vpc_id": "vpc-1", "subnet_ids": ["subnet-1"],
        "min_size": 1, "max_size": 9,
        "auto_scaling_config": [{ "orderly_security_group_ids": ["sg-1"], "public_ip_assigned": false }],
    })
}

/// The sets that each thing is missing from.
fn missing(network: &Network) -> Vec<String> {
    let entries = network.unmodelled.iter();
    let entries = entries.filter(|it| !it.missing_from.is_empty());
    let entries = entries.map(|it| {
        let sets: Vec<_> = it.missing_from.iter().map(ToString::to_string).collect();
        format!("{}: {}", it.what, sets.join(" "))
    });
    entries.collect()
}

#[test]
fn a_pool_is_a_group_of_machines_of_which_some_are_missing() {
    let state = built(&[("tencentcloud_kubernetes_node_pool.p", pool())]);
    let network = written(&state);
    let group = &network.instance_groups["cls-1#np-1"];
    assert_eq!(group.subnet.as_str(), "subnet-1");
    assert_eq!(group.security_groups[0].as_str(), "sg-1");
    assert_eq!(group.ips, (ip("10.1.1.2"), ip("10.1.1.3")));
    assert_eq!(
        missing(&network),
        ["tencentcloud_kubernetes_node_pool.p: vpc-1 subnet-1 sg-1 cls-1#np-1"]
    );
    // each of its machines is as certain as any other; all of them together are not
    let asked = [
        ("cls-1#np-1[10.1.1.2]", "ins-1"),
        ("cls-1#np-1[10.1.1.2]", "cls-1#np-1[10.1.1.3]"),
        ("cls-1#np-1", "ins-1"),
        ("ins-1", "subnet-1"),
    ];
    assert_eq!(
        verdicts(&state, &asked),
        [Verdict::Reachable, Verdict::Reachable, Verdict::Undetermined, Verdict::Undetermined]
    );
}

#[test]
fn a_pool_in_several_subnets_is_a_group_in_each() {
    let mut both = pool();
    both["subnet_ids"] = json!(["subnet-1", "subnet-p"]);
    let network = written(&built(&[("tencentcloud_kubernetes_node_pool.p", both)]));
    let groups: Vec<_> = network.instance_groups.keys().map(ToString::to_string).collect();
    assert_eq!(groups, ["cls-1#np-1@subnet-1", "cls-1#np-1@subnet-p"]);
}

#[test]
fn a_pool_of_a_plan_has_the_groups_that_its_block_refers_to() {
    let values = json!({ "cluster_id": "cls-1", "min_size": 1, "max_size": 9 });
    let list = json!([{ "orderly_security_group_ids": true }]);
    let unknown =
        json!({ "id": true, "vpc_id": true, "subnet_ids": true, "auto_scaling_config": list });
    let web = refers(&["tencentcloud_security_group.web.id", "tencentcloud_security_group.web"]);
    let net = refers(&["tencentcloud_subnet.a.id", "tencentcloud_subnet.a"]);
    let main = refers(&["tencentcloud_vpc.main.id", "tencentcloud_vpc.main"]);
    let expressions = json!({ "vpc_id": main, "subnet_ids": net, "auto_scaling_config": [{ "orderly_security_group_ids": web }] });
    let address = "tencentcloud_kubernetes_node_pool.p";
    let pool = resource(address, values, unknown, expressions);
    let plan = plan(&[vpc(), subnet("tencentcloud_subnet.a", "10.1.1.0/24"), group(), pool]);
    let network = written(&plan);
    let made = &network.instance_groups[address];
    assert_eq!(made.subnet.as_str(), "tencentcloud_subnet.a");
    assert_eq!(made.security_groups[0].as_str(), "tencentcloud_security_group.web");
    notes(&plan, Outcome::LeftOut, &[address]);
    notes(&plan, Outcome::StoodIn, &[address]);
}

#[test]
fn machines_whose_public_addresses_are_not_told_are_open_towards_the_internet_only() {
    let mut public = pool();
    public["auto_scaling_config"][0]["public_ip_assigned"] = json!(true);
    let state = built(&[("tencentcloud_kubernetes_node_pool.p", public)]);
    let asked = [
        ("cls-1#np-1[10.1.1.2]", "internet"),
        ("internet", "cls-1#np-1[10.1.1.2]"),
        ("cls-1#np-1[10.1.1.2]", "ins-1"),
    ];
    assert_eq!(
        verdicts(&state, &asked),
        [Verdict::Undetermined, Verdict::Undetermined, Verdict::Reachable]
    );
    let native = json!({
        "id": "cls-1#np-2", "cluster_id": "cls-1", "type": "Native",
        "native": [{ "subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"], "internet_accessible": [{ "max_bandwidth_out": 10 }] }],
    });
    let state = built(&[("tencentcloud_kubernetes_native_node_pool.p", native)]);
    let asked = [("internet", "cls-1#np-2[10.1.1.2]"), ("internet", "subnet-1")];
    assert_eq!(verdicts(&state, &asked), [Verdict::Undetermined; 2]);
}

#[test]
fn groups_that_no_pool_names_are_not_known() {
    let mut bare = pool();
    bare["auto_scaling_config"] = json!([{ "instance_type": "S5.MEDIUM4" }]);
    let state = built(&[("tencentcloud_kubernetes_node_pool.p", bare)]);
    let asked = [("ins-1", "cls-1#np-1[10.1.1.2]")];
    assert_eq!(verdicts(&state, &asked), [Verdict::Undetermined]);
}

fn workers(list: Value) -> Value {
    json!({
        "id": "cls-1#w", "cluster_id": "cls-1",
        "worker_config": [{ "count": 2, "subnet_id": "subnet-1", "security_group_ids": ["sg-1"], "public_ip_assigned": false }],
        "worker_instances_list": list,
    })
}

#[test]
fn workers_that_a_state_lists_are_machines_at_their_addresses() {
    let list = json!([
        { "instance_id": "ins-w1", "lan_ip": "10.1.1.21", "instance_role": "WORKER", "instance_state": "running" },
        { "instance_id": "ins-w2", "lan_ip": "10.1.1.22", "instance_role": "WORKER", "instance_state": "running" },
    ]);
    let state = built(&[("tencentcloud_kubernetes_scale_worker.w", workers(list))]);
    let network = written(&state);
    assert_eq!(network.instances["ins-w2"].ip, ip("10.1.1.22"));
    assert!(network.unmodelled.is_empty(), "{:?}", network.unmodelled);
    notes(&state, Outcome::LeftOut, &[]);
    let asked = [("ins-1", "subnet-1"), ("ins-w1", "ins-w2")];
    assert_eq!(verdicts(&state, &asked), [Verdict::Reachable; 2]);
}

#[test]
fn workers_that_are_counted_only_are_a_group_of_as_many() {
    let state = built(&[("tencentcloud_kubernetes_scale_worker.w", workers(json!([])))]);
    let network = written(&state);
    assert_eq!(network.instance_groups["cls-1#w.worker_config[0]"].count(), 2);
    assert!(network.unmodelled.is_empty(), "{:?}", network.unmodelled);
    assert_eq!(verdicts(&state, &[("cls-1#w.worker_config[0]", "ins-1")]), [Verdict::Reachable]);
}

/// A cluster with ranges of its own, in a VPC that sends 172.16.0.0/12 to another one.
fn cluster(values: Value) -> Value {
    let mut cluster = json!({ "id": "cls-1", "vpc_id": "vpc-1" });
    for (name, value) in values.as_object().expect("values") {
        cluster[name] = value.clone();
    }
    let far = json!({ "id": "vpc-2", "cidr_block": "172.18.0.0/16" });
    let peering = json!({ "id": "pcx-1", "source_vpc_id": "vpc-1", "destination_vpc_id": "vpc-2" });
    let route = |table: &str, to: &str| json!({ "route_table_id": table, "destination_cidr_block": to, "next_type": "PEERCONNECTION", "next_hub": "pcx-1" });
    let machine = |id: &str, subnet: &str, ip: &str| json!({ "id": id, "vpc_id": "vpc-2", "subnet_id": subnet, "private_ip": ip, "orderly_security_groups": ["sg-1"] });
    let place = |id: &str, cidr: &str| json!({ "id": id, "vpc_id": "vpc-2", "cidr_block": cidr, "availability_zone": "ap-chengdu-1", "route_table_id": "rtb-2" });
    built(&[
        ("tencentcloud_vpc.far", far),
        ("tencentcloud_route_table.far", json!({ "id": "rtb-2", "vpc_id": "vpc-2" })),
        ("tencentcloud_subnet.x", place("subnet-x", "172.18.1.0/24")),
        ("tencentcloud_subnet.y", place("subnet-y", "172.18.200.0/24")),
        ("tencentcloud_instance.x", machine("ins-x", "subnet-x", "172.18.1.9")),
        ("tencentcloud_instance.y", machine("ins-y", "subnet-y", "172.18.200.9")),
        ("tencentcloud_vpc_peer_connect_manager.p", peering),
        ("tencentcloud_route_table_entry.r", route("rtb-1", "172.18.0.0/16")),
        ("tencentcloud_route_table_entry.s", route("rtb-2", "10.1.0.0/16")),
        ("tencentcloud_kubernetes_cluster.c", cluster),
    ])
}

#[test]
fn packets_into_the_range_of_pods_have_no_verdict() {
    let state = cluster(json!({ "cluster_cidr": "172.18.1.0/24", "network_type": "GR" }));
    let asked = [("ins-1", "ins-x"), ("ins-1", "ins-y")];
    assert_eq!(verdicts(&state, &asked), [Verdict::Undetermined, Verdict::Reachable]);
    // beyond the VPC a pod is its node
    let imported = crate::plans::import(&state);
    let mut assumed = imported.notes.iter().filter(|it| it.outcome == Outcome::Assumed);
    assert!(assumed.any(|it| it.why.english().contains("the address of their node")));
    // the same where the cluster is managed elsewhere
    let mut state = cluster(json!({}));
    let resources = state["values"]["root_module"]["resources"].as_array_mut();
    let resources = resources.expect("resources");
    resources.pop();
    resources[0]["values"]["docker_assistant_cidrs"] = json!(["172.18.1.0/24"]);
    assert_eq!(verdicts(&state, &asked), [Verdict::Undetermined, Verdict::Reachable]);
}

#[test]
fn pods_with_addresses_of_the_vpc_are_endpoints_with_unknown_groups() {
    let cluster = json!({ "id": "cls-1", "vpc_id": "vpc-1", "network_type": "VPC-CNI", "eni_subnet_ids": ["subnet-p"] });
    let state = built(&[("tencentcloud_kubernetes_cluster.c", cluster)]);
    let network = written(&state);
    assert_eq!(network.instance_groups["cls-1.pods"].subnet.as_str(), "subnet-p");
    let asked = [
        ("cls-1.pods[10.1.64.2]", "ins-1"),
        ("ins-1", "subnet-p"),
        ("cls-1.pods[10.1.64.2]", "internet"),
    ];
    assert_eq!(
        verdicts(&state, &asked),
        [
            Verdict::Undetermined,
            Verdict::Undetermined,
            // whatever their groups are, nothing leads there
            Verdict::Unreachable
        ]
    );
    let at = "tencentcloud_kubernetes_cluster.c: vpc-1 subnet-p cls-1.pods";
    assert!(missing(&network).contains(&at.to_owned()), "{:?}", missing(&network));
}

#[test]
fn an_address_that_splits_the_subnet_of_a_pool_is_said() {
    let mut state = built(&[("tencentcloud_kubernetes_node_pool.p", pool())]);
    let resources = state["values"]["root_module"]["resources"].as_array_mut();
    let rules = resources.expect("resources").iter_mut();
    let mut rules = rules.filter(|it| it["type"] == "tencentcloud_security_group_lite_rule");
    let rules = rules.next().expect("the rules");
    rules["values"]["ingress"] = json!(["ACCEPT#10.1.1.0/28#ALL#ALL"]);
    notes(&state, Outcome::Doubtful, &["tencentcloud_kubernetes_node_pool.p"]);
}

#[test]
fn a_scaling_group_is_a_pool_whose_groups_stand_in_its_configuration() {
    let group = json!({ "id": "asg-1", "configuration_id": "asc-1", "vpc_id": "vpc-1", "subnet_ids": ["subnet-1"], "min_size": 0, "max_size": 5 });
    let config =
        json!({ "id": "asc-1", "security_group_ids": ["sg-1"], "public_ip_assigned": false });
    let state = built(&[
        ("tencentcloud_as_scaling_group.g", group.clone()),
        ("tencentcloud_as_scaling_config.c", config),
    ]);
    let network = written(&state);
    let made = &network.instance_groups["asg-1"];
    assert_eq!(made.security_groups[0].as_str(), "sg-1");
    let asked = [("asg-1[10.1.1.2]", "ins-1"), ("asg-1", "ins-1")];
    assert_eq!(verdicts(&state, &asked), [Verdict::Reachable, Verdict::Undetermined]);
    // whose configuration is elsewhere, has groups that nobody tells
    let state = built(&[("tencentcloud_as_scaling_group.g", group)]);
    let asked = [("ins-1", "asg-1[10.1.1.2]")];
    assert_eq!(verdicts(&state, &asked), [Verdict::Undetermined]);
}
