//! The Cloud Firewall at the border of the Internet in a dump: a list where five fields say everything, open otherwise.

use pathproof::model::{INTERNET, Network};
use pathproof::space::Action;
use serde_json::{Value, json};

use crate::import_dump::{import, left_out, read};
use crate::sketch::{addresses, service};

/// A rule as the API tells it, with some members written otherwise.
fn rule(uuid: u32, direction: u8, order: u32, other: &Value) -> Value {
    let mut rule = json!({
        "Uuid": uuid, "Direction": direction, "OrderIndex": order, "Enable": "true", "Invalid": 0, "Scope": "serial",
        "SourceType": "net", "SourceContent": "0.0.0.0/0", "TargetType": "net", "TargetContent": "0.0.0.0/0",
        "Protocol": "ANY", "Port": "-1/-1", "RuleAction": "drop", "BetaList": [], "Count": 7,
    });
    for (name, value) in other.as_object().expect("members") {
        rule[name] = value.clone();
    }
    rule
}

fn switch(address: &str, status: u8, mode: u8) -> Value {
    json!({ "PublicIp": address, "Status": status, "SwitchMode": mode, "InstanceId": "ins-1" })
}

/// The names of the files, and what stands in them; `of` = how many there are of each.
fn answers(rules: &[Value], switches: &[Value], of: (usize, usize)) -> [(&'static str, Value); 2] {
    [
        (
            "cfw.DescribeAclRule.in.1.json",
            json!({ "Data": rules, "AllTotal": of.0, "Total": of.0 }),
        ),
        ("cfw.DescribeFwEdgeIps.edge.1.json", json!({ "Data": switches, "Total": of.1 })),
    ]
}

fn open(network: &Network) -> bool {
    let mut unmodelled = network.unmodelled.iter();
    unmodelled.any(|it| it.touches.iter().any(|id| id.as_str() == INTERNET))
}

#[test]
fn rules_that_five_fields_say_are_a_list_in_their_order() {
    let accept = json!({ "RuleAction": "accept", "Protocol": "TCP", "Port": "443/443",
        "SourceType": "ip", "SourceContent": "198.51.100.9", "TargetContent": "203.0.113.0/24" });
    let rules = [
        rule(1, 1, 9, &json!({})),
        rule(2, 1, 2, &accept),
        rule(3, 0, 1, &json!({ "Protocol": "UDP", "Port": "53/60" })),
        // off, whatever it says
        rule(4, 1, 1, &json!({ "Enable": "false", "TargetType": "domain" })),
    ];
    let switches = [switch("203.0.113.9", 1, 1), switch("203.0.113.5", 0, 0)];
    let imported = import(&answers(&rules, &switches, (4, 2)));
    left_out(&imported, &[]);
    let network = read(&imported);
    assert!(!open(&network));
    let firewall = &network.edge_firewalls["cfw-edge"];
    let guarded: Vec<String> = firewall.addresses.iter().map(ToString::to_string).collect();
    assert_eq!(guarded, ["203.0.113.9/32"]);
    let told = |rules: &[pathproof::model::AclRule]| {
        let told = rules.iter().map(|rule| {
            let side = |set: &Option<_>| set.clone().expect("addresses");
            (rule.action, side(&rule.source), side(&rule.destination), rule.service.clone())
        });
        told.collect::<Vec<_>>()
    };
    let any = || addresses("0.0.0.0/0");
    assert_eq!(
        told(&firewall.ingress),
        [
            (
                Action::Accept,
                addresses("198.51.100.9"),
                addresses("203.0.113.0/24"),
                service("tcp:443")
            ),
            (Action::Drop, any(), any(), service("all")),
        ]
    );
    assert_eq!(told(&firewall.egress), [(Action::Drop, any(), any(), service("udp:53-60"))]);
}

#[test]
fn what_five_fields_cannot_say_leaves_the_internet_open_and_is_named() {
    let guarded = [switch("203.0.113.9", 1, 1)];
    for (member, value) in [
        ("TargetType", json!("domain")),
        ("SourceType", json!("location")),
        ("TargetType", json!("template")),
        ("Protocol", json!("HTTPS")),
        ("RuleAction", json!("log")),
        ("Scope", json!("side")),
        ("Invalid", json!(1)),
        ("Enable", json!("perhaps")),
        ("Direction", json!(2)),
        ("OrderIndex", json!("first")),
    ] {
        let told = value.as_str().map_or(value.to_string(), str::to_owned);
        let rules = [rule(8, 1, 1, &json!({ member: value }))];
        let imported = import(&answers(&rules, &guarded, (1, 1)));
        let why = format!("rule 8: its {member} `{told}` is none that five fields can say");
        left_out(&imported, &[&why]);
        let network = read(&imported);
        assert!(open(&network) && network.edge_firewalls.is_empty(), "{why}");
    }
}

#[test]
fn a_place_that_two_rules_have_is_none() {
    let rules = [rule(8, 1, 1, &json!({})), rule(9, 1, 1, &json!({}))];
    let imported = import(&answers(&rules, &[switch("203.0.113.9", 1, 1)], (2, 1)));
    left_out(&imported, &["rule 9: its OrderIndex `1` is none that five fields can say"]);
}

#[test]
fn pages_that_are_missing_and_switches_beside_the_traffic_leave_it_open() {
    let rules = [rule(8, 1, 1, &json!({}))];
    for (switches, of, why) in [
        (
            vec![switch("203.0.113.9", 1, 1)],
            (3, 1),
            "cfw.DescribeAclRule: it holds 1 of 3: pages are missing",
        ),
        (
            vec![switch("203.0.113.9", 1, 1)],
            (1, 2),
            "cfw.DescribeFwEdgeIps: it holds 1 of 2: pages are missing",
        ),
        (
            vec![switch("203.0.113.9", 1, 0)],
            (1, 1),
            "203.0.113.9: its firewall switch is neither off nor on in line (Status 1, SwitchMode 0)",
        ),
    ] {
        let imported = import(&answers(&rules, &switches, of));
        left_out(&imported, &[why]);
        assert!(open(&read(&imported)), "{why}");
    }
    let [rules, _] = answers(&rules, &[], (1, 0));
    let imported = import(&[rules]);
    left_out(
        &imported,
        &["cfw.DescribeFwEdgeIps: it is not in the files: collect `cfw.DescribeFwEdgeIps.json`"],
    );
    assert!(open(&read(&imported)));
}

#[test]
fn a_firewall_that_is_on_for_nobody_is_none() {
    let rules = [rule(8, 1, 1, &json!({}))];
    let imported = import(&answers(&rules, &[switch("203.0.113.9", 0, 1)], (1, 1)));
    left_out(&imported, &[]);
    let network = read(&imported);
    assert!(network.edge_firewalls.is_empty() && !open(&network));
}

#[test]
fn an_answer_that_is_refused_leaves_the_internet_open() {
    let refused = json!({ "Error": { "Code": "UnauthorizedOperation", "Message": "no" } });
    let imported = import(&[("cfw.DescribeAclRule.in.1.json", refused)]);
    assert!(open(&read(&imported)));
}
