//! `PrivateLink` in Terraform: services, their endpoints, and who may ask for one.

use pathproof::import::Outcome;
use pathproof::model::VpcEndpointState;
use pathproof::query::Verdict;
use serde_json::{Value, json};

use crate::import_left;
use crate::plans::{ip, notes, verdicts, written};

/// A load balancer before `ins-1`, a service of it, an endpoint in another VPC with a machine beside it.
fn built(service: &Value, endpoint: &Value) -> Value {
    let all = ["ACCEPT#0.0.0.0/0#ALL#ALL"];
    let mut own = json!({ "id": "vpcsvc-1", "vpc_id": "vpc-1", "end_point_service_name": "api", "auto_accept_flag": false, "service_type": "CLB", "service_instance_id": "lb-1" });
    merge(&mut own, service);
    let mut there = json!({ "id": "vpce-1", "vpc_id": "vpc-2", "subnet_id": "subnet-2", "end_point_name": "api", "end_point_service_id": "vpcsvc-1", "end_point_vip": "10.2.1.60", "state": "ACTIVE" });
    merge(&mut there, endpoint);
    import_left::built(&[
        (
            "tencentcloud_security_group_lite_rule.web",
            json!({ "id": "sg-1", "security_group_id": "sg-1", "ingress": all, "egress": all }),
        ),
        (
            "tencentcloud_clb_instance.l",
            json!({ "id": "lb-1", "network_type": "INTERNAL", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "clb_vips": ["10.1.1.60"] }),
        ),
        (
            "tencentcloud_clb_listener.l",
            json!({ "id": "lb-1#lbl-1", "listener_id": "lbl-1", "clb_id": "lb-1", "protocol": "TCP", "port": 443 }),
        ),
        (
            "tencentcloud_clb_attachment.l",
            json!({ "id": "x", "clb_id": "lb-1", "listener_id": "lbl-1", "targets": [{ "instance_id": "ins-1", "port": 8443, "weight": 10 }] }),
        ),
        ("tencentcloud_vpc.two", json!({ "id": "vpc-2", "cidr_block": "10.2.0.0/16" })),
        (
            "tencentcloud_subnet.two",
            json!({ "id": "subnet-2", "vpc_id": "vpc-2", "cidr_block": "10.2.1.0/24", "availability_zone": "ap-chengdu-1" }),
        ),
        (
            "tencentcloud_instance.two",
            json!({ "id": "ins-2", "vpc_id": "vpc-2", "subnet_id": "subnet-2", "private_ip": "10.2.1.9", "orderly_security_groups": ["sg-1"] }),
        ),
        ("tencentcloud_vpc_end_point_service.s", own),
        (
            "tencentcloud_vpc_end_point_service_white_list.w",
            json!({ "id": "100020512675#vpcsvc-1", "user_uin": "100020512675", "end_point_service_id": "vpcsvc-1" }),
        ),
        ("tencentcloud_vpc_end_point.e", there),
    ])
}

fn merge(values: &mut Value, more: &Value) {
    for (name, value) in more.as_object().expect("values") {
        values[name] = value.clone();
    }
}

const ASKED: [(&str, &str); 1] = [("ins-2", "vpce-1")];

#[test]
fn a_service_is_reached_by_its_endpoint() {
    let state = built(&json!({}), &json!({}));
    let network = written(&state);
    let service = &network.endpoint_services["vpcsvc-1"];
    assert_eq!(service.load_balancer.as_str(), "lb-1");
    assert_eq!(service.allowed_accounts[0].as_str(), "100020512675");
    let endpoint = &network.vpc_endpoints["vpce-1"];
    assert_eq!(endpoint.ip, ip("10.2.1.60"));
    assert_eq!(endpoint.state, VpcEndpointState::Available);
    notes(&state, Outcome::LeftOut, &[]);
    let asked = [ASKED[0], ("ins-2", "ins-1"), ("ins-1", "ins-2")];
    assert_eq!(
        verdicts(&state, &asked),
        [Verdict::Reachable, Verdict::Unreachable, Verdict::Unreachable]
    );
}

#[test]
fn an_endpoint_that_is_not_accepted_carries_nothing() {
    let state = built(&json!({}), &json!({ "state": "PENDING" }));
    assert_eq!(verdicts(&state, &ASKED), [Verdict::Unreachable]);
    // one that does not exist yet is accepted by itself: its service is of the same account
    let state = built(&json!({}), &json!({ "state": null }));
    assert_eq!(verdicts(&state, &ASKED), [Verdict::Reachable]);
    let assumed = ["tencentcloud_vpc_end_point.e, state"];
    notes(&state, Outcome::Assumed, &assumed);
}

#[test]
fn the_groups_of_an_endpoint_guard_it() {
    let shut = json!({ "security_groups_ids": ["sg-elsewhere"] });
    let state = built(&json!({}), &shut);
    assert_eq!(verdicts(&state, &ASKED), [Verdict::Undetermined]);
    let open = json!({ "security_groups_ids": ["sg-1"] });
    let state = built(&json!({}), &open);
    assert_eq!(verdicts(&state, &ASKED), [Verdict::Reachable]);
}

#[test]
fn an_endpoint_of_what_is_not_in_the_file_is_missing_from_its_sets() {
    let elsewhere = json!({ "end_point_service_id": "vpcsvc-9" });
    let state = built(&json!({}), &elsewhere);
    let at = ["tencentcloud_vpc_end_point.e, end_point_service_id"];
    notes(&state, Outcome::LeftOut, &at);
    let network = written(&state);
    let missing = &network.unmodelled[0].missing_from;
    let missing: Vec<_> = missing.iter().map(ToString::to_string).collect();
    assert_eq!(missing, ["vpc-2", "subnet-2"]);
    // services of other products have no load balancer
    let state = built(&json!({ "service_type": "CDB" }), &json!({}));
    let gone = [
        "tencentcloud_vpc_end_point_service.s, service_type",
        "tencentcloud_vpc_end_point_service_white_list.w, end_point_service_id",
        "tencentcloud_vpc_end_point.e, end_point_service_id",
    ];
    notes(&state, Outcome::LeftOut, &gone);
}

#[test]
fn a_service_that_could_not_be_is_left_out_and_the_file_loads() {
    let mut state = built(&json!({}), &json!({}));
    let resources = state["values"]["root_module"]["resources"].as_array_mut();
    let mut listeners = resources.expect("resources").iter_mut();
    let listener = listeners.find(|it| it["type"] == "tencentcloud_clb_listener");
    listener.expect("a listener")["values"]["protocol"] = json!("HTTPS");
    let network = written(&state);
    assert!(network.endpoint_services.is_empty() && network.vpc_endpoints.is_empty());
    assert!(!network.unmodelled.is_empty());
}
