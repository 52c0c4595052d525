//! Corners of differences and fixes: who is told, by which example, due to which change, and what comes first.

use std::sync::Arc;

use pathproof::model::{Change, apply};
use pathproof::scenario::Origins;
use pathproof::verify::{Crowd, Deed, Request, Situation, difference};
use serde_json::{Value, json};

use super::peered;
use crate::cli::run_on;
use crate::sketch::{self, id};

/// Four equal machines, of which two changes take two away each.
#[test]
fn machines_that_go_together_lose_each_other_by_the_change_that_takes_them() {
    let mut n = peered();
    for number in 12..15 {
        let address = format!("10.1.1.{number}");
        sketch::instance(&mut n, &format!("ins-{number}"), "subnet-a", &address);
    }
    let taken = [["ins-a", "ins-12"], ["ins-13", "ins-14"]];
    let changes = taken.map(|ids| Change::TerminateInstances(ids.map(id).to_vec()));
    let mut after = n.clone();
    for change in &changes {
        after = apply(&after, change).expect("a change");
    }
    let request =
        Request { deeds: changes.into_iter().map(Deed::Change).collect(), ..Request::default() };
    let [old, new] = [n, after].map(|n| Situation::new(Arc::new(n), Arc::new(Origins::default())));
    let found = difference(&old, &new, &request);
    let causes = |from: &str, to: &str| {
        let named = |crowd: &Crowd, name: &str| {
            let mut who = crowd.who.iter();
            who.any(|who| who.endpoint.id() == Some(&id(name)))
        };
        let mut pieces = found.pieces.iter();
        let piece = pieces.find(|piece| named(&piece.from, from) && named(&piece.to, to));
        let piece = piece.unwrap_or_else(|| panic!("{from} → {to} is not told"));
        (piece.causes.needed.clone(), piece.causes.enough.clone())
    };
    assert_eq!(causes("ins-a", "ins-12"), (vec![0], vec![]));
    assert_eq!(causes("ins-13", "ins-14"), (vec![1], vec![]));
    assert_eq!(causes("ins-a", "ins-13"), (vec![], vec![0, 1]));
}

/// The example is a packet from one member to another.
#[test]
fn members_of_a_group_that_lose_each_other_are_told_why() {
    let network = r#"(network: (
    vpcs: { "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16") },
    subnets: { "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24") },
    security_groups: { "sg-web": (ingress: [Accept()], egress: [Accept()]) },
    instance_groups: {
        "grp-web": (subnet: "subnet-a", ips: "10.1.1.100-10.1.1.119", security_groups: ["sg-web"]),
    },
))"#;
    let closed = r#"DeleteSecurityGroupPolicies(security_group: "sg-web", ingress: [0])"#;
    let told = run_on(network, &["whatif", "-", "--change", closed, "--format", "json"]).json();
    let pieces = told["pieces"].as_array().expect("pieces");
    let own = pieces.iter().find(|piece| piece["from"] == piece["to"]);
    let own = own.unwrap_or_else(|| panic!("{told:#}"));
    assert_ne!(own["witness"]["src"], own["witness"]["dst"], "{own:#}");
    assert_eq!(own["reasons"][0]["code"], "security-group-ingress-denied", "{own:#}");
}

/// What blocks more than was lost is told of a packet that was lost: here only tcp:8443 had worked.
#[test]
fn a_reply_that_is_lost_is_told_of_what_had_worked() {
    let network = r#"(network: (
    vpcs: { "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16") },
    subnets: {
        "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24"),
        "subnet-b": (vpc: "vpc-a", cidr: "10.1.2.0/24", network_acl: "acl-b"),
    },
    network_acls: { "acl-b": (vpc: "vpc-a", ingress: [Drop(service: "tcp:22"), Accept()], egress: [Accept()]) },
    security_groups: {
        "sg-a": (egress: [Accept()]),
        "sg-b": (ingress: [Accept(service: "tcp:22,8443")], egress: []),
    },
    instances: {
        "ins-a": (subnet: "subnet-a", ip: "10.1.1.5", security_groups: ["sg-a"]),
        "ins-b": (subnet: "subnet-b", ip: "10.1.2.5", security_groups: ["sg-b"]),
    },
))"#;
    let closed = r#"ModifyNetworkAclEntries(network_acl: "acl-b", egress: [])"#;
    let told = run_on(network, &["whatif", "-", "--change", closed, "--format", "json"]).json();
    let pieces = told["pieces"].as_array().expect("pieces");
    assert_eq!(pieces.len(), 1, "{told:#}");
    let reasons = pieces[0]["reasons"].as_array().expect("reasons");
    let of = |reason: &Value| (reason["code"].clone(), reason["packets"].clone());
    let told: Vec<(Value, Value)> = reasons.iter().map(of).collect();
    let expected = (json!("network-acl-egress-denied"), json!("tcp 10.1.2.5:8443 → 10.1.1.5:1024"));
    assert_eq!(told, [expected]);
}

/// Beside the asked both open one pair more, the one eight ports and the other one port.
#[test]
fn of_two_fixes_that_open_as_many_pairs_the_one_of_fewer_packets_comes_first() {
    for (wide, narrow) in [("sg-1", "sg-2"), ("sg-2", "sg-1")] {
        let network = format!(
            r#"(network: (
    vpcs: {{ "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16") }},
    subnets: {{ "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24") }},
    security_groups: {{
        "sg-out": (egress: [Accept()]),
        "sg-1": (),
        "sg-2": (),
        "sg-most": (ingress: [Accept(service: "tcp:443-449")]),
    }},
    instances: {{
        "ins-a": (subnet: "subnet-a", ip: "10.1.1.5", security_groups: ["sg-out"]),
        "ins-b": (subnet: "subnet-a", ip: "10.1.1.6", security_groups: ["sg-1", "sg-2"]),
        "ins-bare": (subnet: "subnet-a", ip: "10.1.1.7", security_groups: ["{wide}"]),
        "ins-open": (subnet: "subnet-a", ip: "10.1.1.8", security_groups: ["{narrow}", "sg-most"]),
    }},
))"#
        );
        let asked = ["fix", "-", "--from", "ins-a", "--to", "ins-b", "-s", "tcp:443-450"];
        let told = run_on(network.as_str(), &[&asked[..], &["--format", "json"]].concat()).json();
        let fixes = told["fixes"].as_array().expect("fixes");
        let groups: Vec<bool> =
            fixes.iter().map(|fix| fix["changes"].to_string().contains(narrow)).collect();
        assert_eq!(groups, [true, false], "{told:#}");
    }
}
