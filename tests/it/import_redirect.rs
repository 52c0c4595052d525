//! Redirections of load balancers (CLB-18) in Terraform and in dumps: taken where a listener does nothing else, open elsewhere.

use pathproof::import::Outcome;
use pathproof::model::Listener;
use serde_json::{Value, json};

use crate::import_dump;
use crate::import_left;
use crate::plans::{notes, written};

/// A load balancer before `ins-1` on 443, and what else there is.
fn state(more: &[(&str, Value)]) -> Value {
    let all = ["ACCEPT#0.0.0.0/0#ALL#ALL"];
    let mut resources = vec![
        (
            "tencentcloud_security_group_lite_rule.web",
            json!({ "id": "sg-1", "security_group_id": "sg-1", "ingress": all, "egress": all }),
        ),
        (
            "tencentcloud_clb_instance.l",
            json!({ "id": "lb-1", "network_type": "INTERNAL", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "clb_vips": ["10.1.1.60"] }),
        ),
        ("tencentcloud_clb_listener.s", listener("lbl-2", "HTTPS", 443)),
        rule("lbl-2", "loc-2"),
        targets("lbl-2"),
    ];
    resources.extend_from_slice(more);
    import_left::built(&resources)
}

fn listener(id: &str, protocol: &str, port: u16) -> Value {
    json!({ "id": format!("lb-1#{id}"), "listener_id": id, "clb_id": "lb-1", "protocol": protocol, "port": port })
}

fn rule(listener: &str, id: &str) -> (&'static str, Value) {
    let name = format!("tencentcloud_clb_listener_rule.{}", id.replace('-', "_"));
    (
        name.leak(),
        json!({ "id": id, "rule_id": id, "clb_id": "lb-1", "listener_id": listener, "domain": id, "url": "/" }),
    )
}

fn targets(listener: &str) -> (&'static str, Value) {
    let name = format!("tencentcloud_clb_attachment.{}", listener.replace('-', "_"));
    (
        name.leak(),
        json!({ "id": "x", "clb_id": "lb-1", "listener_id": listener, "targets": [{ "instance_id": "ins-1", "port": 8443, "weight": 10 }] }),
    )
}

fn redirection(source: Option<&str>) -> (&'static str, Value) {
    (
        "tencentcloud_clb_redirection.r",
        json!({ "id": "r", "clb_id": "lb-1", "source_listener_id": source, "target_listener_id": "lbl-2",
            "source_rule_id": "loc-1", "target_rule_id": "loc-2", "is_auto_rewrite": source.is_none() }),
    )
}

/// Port and redirection of each listener.
fn told(listeners: &[Listener]) -> Vec<(u16, Option<u16>)> {
    let each = listeners.iter();
    let mut told: Vec<_> =
        each.filter_map(|it| Some((it.ports.first()?, it.redirects_to))).collect();
    told.sort_unstable();
    told
}

#[test]
fn a_listener_whose_every_rule_redirects_does_so() {
    let http = ("tencentcloud_clb_listener.h", listener("lbl-1", "HTTP", 80));
    let by_hand = state(&[http, rule("lbl-1", "loc-1"), redirection(Some("lbl-1"))]);
    notes(&by_hand, Outcome::LeftOut, &[]);
    let listeners = &written(&by_hand).load_balancers["lb-1"].listeners;
    assert_eq!(told(listeners), [(80, Some(443)), (443, None)]);
}

#[test]
fn an_automatic_redirection_makes_its_listener() {
    let made = state(&[redirection(None)]);
    notes(&made, Outcome::LeftOut, &[]);
    let listeners = &written(&made).load_balancers["lb-1"].listeners;
    assert_eq!(told(listeners), [(80, Some(443)), (443, None)]);
}

#[test]
fn a_listener_that_also_serves_stays_open() {
    let http = ("tencentcloud_clb_listener.h", listener("lbl-1", "HTTP", 80));
    let redirects = redirection(Some("lbl-1"));
    let two = [rule("lbl-1", "loc-1"), rule("lbl-1", "loc-3")];
    for more in [
        // a rule without a redirection, targets, an automatic one beside a listener that is there
        vec![http.clone(), two[0].clone(), two[1].clone(), redirects.clone()],
        vec![http.clone(), two[0].clone(), targets("lbl-1"), redirects],
        vec![http, two[0].clone(), redirection(None)],
    ] {
        let mixed = state(&more);
        let network = written(&mixed);
        let listeners = &network.load_balancers["lb-1"].listeners;
        assert!(told(listeners).contains(&(80, None)), "{listeners:?}");
        let touches = network.unmodelled.iter().flat_map(|it| &it.touches);
        assert!(touches.clone().any(|it| it.as_str() == "lb-1"), "{:?}", network.unmodelled);
    }
}

/// Answers about a load balancer with an HTTP listener of these rules, beside the one on 443.
fn dump(rules: &Value, asked: &[&str]) -> Vec<(String, Value)> {
    let balancer = json!({ "LoadBalancerId": "lb-1", "LoadBalancerType": "INTERNAL", "Forward": 1, "LoadBalancerVips": ["10.1.1.60"], "VpcId": "vpc-1", "SubnetId": "subnet-1" });
    let target = json!({ "InstanceId": "ins-1", "Port": 8443, "Weight": 10 });
    let listeners = json!([
        { "ListenerId": "lbl-1", "Protocol": "HTTP", "Port": 80, "Rules": rules },
        { "ListenerId": "lbl-2", "Protocol": "HTTPS", "Port": 443, "Rules": [{ "LocationId": "loc-2", "Targets": [target] }] },
    ]);
    let mut files = vec![(
        "DescribeLoadBalancers.ap-chengdu.1.json".to_owned(),
        json!({ "LoadBalancerSet": [balancer] }),
    )];
    for action in asked {
        files.push((format!("{action}.lb-1.json"), json!({ "Listeners": listeners })));
    }
    files
}

fn imported(files: &[(String, Value)]) -> pathproof::import::Imported {
    let files: Vec<_> = files.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    import_dump::import(&files)
}

#[test]
fn a_dump_tells_redirections_with_the_rules_of_listeners() {
    let sends = json!({ "LocationId": "loc-1", "RewriteTarget": { "TargetListenerId": "lbl-2", "TargetLocationId": "loc-2" } });
    let both = ["DescribeListeners", "DescribeTargets"];
    let whole = imported(&dump(&json!([sends]), &both));
    import_dump::left_out(&whole, &[]);
    let network = import_dump::read(&whole);
    let listeners = &network.load_balancers["lb-1"].listeners;
    assert_eq!(told(listeners), [(80, Some(443)), (443, None)]);

    let serves =
        json!({ "LocationId": "loc-3", "Targets": [{ "InstanceId": "ins-1", "Port": 80 }] });
    import_dump::left_out(
        &imported(&dump(&json!([sends, serves]), &both)),
        &["lb-1: some of its rules redirect and some have targets, which nobody tells by a packet"],
    );
}

#[test]
fn rules_without_targets_are_open_while_nobody_says_whether_they_redirect() {
    let bare = json!([{ "LocationId": "loc-1", "Targets": [] }]);
    let half = imported(&dump(&bare, &["DescribeTargets"]));
    import_dump::left_out(
        &half,
        &["lb-1: its rules have no targets, and whether they redirect is not in the files"],
    );
    let whole = imported(&dump(&bare, &["DescribeListeners", "DescribeTargets"]));
    import_dump::left_out(&whole, &[]);
}
