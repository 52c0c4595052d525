//! What the command line may be asked, and how it answers: about machines that are to come, with examples that belong to
//! what they illustrate, and without telling what was asked as a side effect.

use serde_json::Value;

use crate::cli::run_on;

/// A client that may send anything but to 10.1.2.0/24 on tcp:23, and a subnet whose ACL takes only tcp:80.
const HALF_BUILT: &str = r#"(network: (
    vpcs: {
        "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16"),
        "vpc-b": (region: "ap-guangzhou", cidr: "10.2.0.0/16"),
    },
    subnets: {
        "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24"),
        "subnet-new": (vpc: "vpc-a", cidr: "10.1.2.0/24", network_acl: "acl-new"),
        "subnet-b": (vpc: "vpc-b", cidr: "10.2.1.0/24"),
    },
    network_acls: {"acl-new": (vpc: "vpc-a", ingress: [Accept(service: "tcp:80")], egress: [Accept()])},
    security_groups: {
        "sg-a": (egress: [Drop(to: "10.1.2.0/24", service: "tcp:23"), Accept()]),
        "sg-b": (ingress: [Accept()], egress: [Accept()]),
    },
    instances: {
        "ins-a": (subnet: "subnet-a", ip: "10.1.1.5", security_groups: ["sg-a"]),
        "ins-b": (subnet: "subnet-b", ip: "10.2.1.5", security_groups: ["sg-b"]),
    },
))"#;

fn codes(reasons: &Value) -> Vec<&str> {
    let reasons = reasons.as_array().into_iter().flatten();
    reasons.filter_map(|reason| reason["code"].as_str()).collect()
}

/// What says that nobody has an address where a packet came to.
fn is_nobody(code: &str) -> bool {
    ["no-route", "local-without-owner"].contains(&code)
}

#[test]
fn a_machine_that_is_to_come_may_be_asked_about() {
    let ask = |to: &str, service: &str| {
        let ends = ["--from", "ins-a", "--to", to, "-s", service];
        let arguments = [&["trace", "-", "--format", "json"], &ends[..]].concat();
        let ended = run_on(HALF_BUILT, &arguments);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        ended.json()
    };
    let open = ask("10.1.2.7", "tcp:80");
    assert_eq!(open["verdict"], "unreachable", "{open:#}");
    let told = codes(&open["reasons"]);
    assert!(matches!(told[..], [code] if is_nobody(code)), "{told:?}");
    assert_eq!(open["shown"]["to"], "10.1.2.7");
    // The filters on the way are asked, too.
    let told = ask("10.1.2.7", "tcp:23");
    let told = codes(&told["reasons"]);
    assert!(told.iter().any(|code| is_nobody(code)), "{told:?}");
    for filter in ["security-group-egress-denied", "network-acl-ingress-denied"] {
        assert!(told.contains(&filter), "{told:?}");
    }
    // In a network that no route leads to, and in none at all.
    for to in ["10.2.1.9", "172.20.0.1"] {
        let told = ask(to, "tcp:80");
        assert_eq!(codes(&told["reasons"]), ["no-route"], "{to}");
    }
}

#[test]
fn reach_tells_of_a_machine_that_is_to_come_beside_those_that_are_there() {
    let ends = ["--to", "10.1.2.7 | ins-b", "-s", "tcp:80"];
    let ended = run_on(HALF_BUILT, &[&["reach", "-"], &ends[..]].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.out.contains("10.1.2.7"), "{}", ended.out);
    let chinese = run_on(HALF_BUILT, &[&["reach", "-", "--lang", "zh"], &ends[..]].concat());
    assert!(chinese.out.contains("10.1.2.7"), "{}", chinese.out);
}

#[test]
fn a_promise_about_nobody_and_a_sender_who_is_nobody_stay_mistakes() {
    let promise = HALF_BUILT.replacen(
        "(network:",
        r#"(expect: [Unreachable(from: "ins-a", to: "10.1.2.7")], network:"#,
        1,
    );
    let ended = run_on(promise, &["check", "-"]);
    assert_eq!(ended.code, Some(2), "{}", ended.out);
    assert!(ended.tells("unknown-address"), "{}", ended.err);
    for arguments in [
        ["trace", "-", "--from", "10.1.2.7", "--to", "ins-a"],
        ["fix", "-", "--from", "ins-a", "--to", "10.1.2.7"],
        ["trace", "-", "--from", "ins-a", "--to", "10.9.0.0/16"],
    ] {
        let ended = run_on(HALF_BUILT, &arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.out);
        assert!(ended.tells("unknown-address"), "{arguments:?}: {}", ended.err);
    }
}

#[test]
fn members_of_a_group_meet_each_other_and_none_itself() {
    let group = r#"(network: (
        vpcs: {"vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16")},
        subnets: {"subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24")},
        security_groups: {"sg-a": (ingress: [Accept()], egress: [Accept()])},
        instance_groups: {"asg-a": (subnet: "subnet-a", ips: "10.1.1.5-10.1.1.7", security_groups: ["sg-a"])},
    ))"#;
    let ends = ["--from", "asg-a", "--to", "asg-a", "-s", "tcp:80", "--format", "json"];
    let told = run_on(group, &[&["reach", "-"], &ends[..]].concat()).json();
    let parts = told["works"].as_array().expect("parts");
    let rows = parts.iter().flat_map(|part| part["packets"].as_array().expect("rows"));
    let rows: Vec<&Value> = rows.collect();
    assert_eq!(rows.len(), 3, "{told:#}");
    for row in rows {
        let (source, destination) = (row["source"].to_string(), row["destination"].to_string());
        for address in ["10.1.1.5", "10.1.1.6", "10.1.1.7"] {
            let both = source.contains(address) && destination.contains(address);
            assert!(!both, "{address} in {row}");
        }
    }
    let traced = run_on(group, &[&["trace", "-"], &ends[..]].concat()).json();
    let packet = &traced["shown"]["packet"];
    assert_ne!(packet["src"], packet["dst"], "{traced:#}");
}

/// A machine with an EIP behind an ACL that lets all in; its group lets ping out, to one network.
const BEHIND_AN_EIP: &str = r#"(network: (
    vpcs: {"vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16")},
    subnets: {"subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24", network_acl: "acl-a")},
    network_acls: {"acl-a": (vpc: "vpc-a", ingress: [Accept()], egress: [Accept()])},
    security_groups: {"sg-a": (egress: [Accept(to: "142.0.0.0/8", service: "icmp")])},
    instances: {"ins-a": (subnet: "subnet-a", ip: "10.1.1.5", eip: "203.0.113.5", security_groups: ["sg-a"])},
))"#;

#[test]
fn the_example_of_a_reason_is_a_packet_of_its_piece() {
    let closed =
        r#"ModifyNetworkAclEntries(network_acl: "acl-a", ingress: [Accept(service: "tcp:22")])"#;
    let told =
        run_on(BEHIND_AN_EIP, &["whatif", "-", "--change", closed, "--format", "json"]).json();
    let pieces = told["pieces"].as_array().expect("pieces");
    assert_eq!(pieces.len(), 1, "{told:#}");
    let reasons = pieces[0]["reasons"].as_array().expect("reasons");
    assert!(!reasons.is_empty());
    for reason in reasons {
        // The reply to a ping of 142.0.0.0/8, whom the ACL does not let in any more.
        let packets = reason["packets"].as_str().unwrap_or_default();
        assert!(packets.starts_with("icmp 142."), "{reason:#}");
    }
}

#[test]
fn an_example_uses_a_port_that_somebody_names() {
    let network = BEHIND_AN_EIP.replace(
        r#"egress: [Accept(to: "142.0.0.0/8", service: "icmp")]"#,
        r#"ingress: [Accept(service: "tcp:8443")]"#,
    );
    let open = r#"CreateSecurityGroupPolicies(security_group: "sg-a", ingress: [Accept(from: "198.51.100.0/24")])"#;
    let told = run_on(network, &["whatif", "-", "--change", open, "--format", "json"]).json();
    let pieces = told["pieces"].as_array().expect("pieces");
    assert_eq!(pieces.len(), 1, "{told:#}");
    // tcp:8443 is open already: what everybody knows comes next, and never tcp:1.
    assert_eq!(pieces[0]["witness"]["destination_port"], 443, "{told:#}");
    let closed = r#"DeleteSecurityGroupPolicies(security_group: "sg-a", ingress: [0])"#;
    let wide = BEHIND_AN_EIP
        .replace(r#"egress: [Accept(to: "142.0.0.0/8", service: "icmp")]"#, "ingress: [Accept()]")
        .replace(
            "ingress: [Accept()], egress",
            r#"ingress: [Drop(service: "tcp:25"), Drop(service: "tcp:8080"), Accept()], egress"#,
        );
    let told = run_on(wide, &["whatif", "-", "--change", closed, "--format", "json"]).json();
    let port = &told["pieces"][0]["witness"]["destination_port"];
    assert_eq!(*port, 443, "{told:#}");
}

#[test]
fn a_fix_for_a_public_address_is_no_side_effect_of_itself() {
    for to in ["203.0.113.5", "ins-a"] {
        let ends = ["--from", "internet", "--to", to, "-s", "tcp:22"];
        let arguments = [&["fix", "-", "--format", "json"], &ends[..]].concat();
        let told = run_on(BEHIND_AN_EIP, &arguments).json();
        let fixes = told["fixes"].as_array().expect("fixes");
        assert!(!fixes.is_empty(), "{told:#}");
        let aside = &fixes[0]["aside"];
        assert!(aside.as_array().is_some_and(Vec::is_empty), "{to}: {told:#}");
    }
}

#[test]
fn a_ccn_is_one_hop_of_a_trace() {
    let network = r#"(network: (
        vpcs: {
            "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16"),
            "vpc-b": (region: "ap-guangzhou", cidr: "10.2.0.0/16"),
        },
        subnets: {
            "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24"),
            "subnet-b": (vpc: "vpc-b", cidr: "10.2.1.0/24"),
        },
        security_groups: {"sg": (ingress: [Accept()], egress: [Accept()])},
        instances: {
            "ins-a": (subnet: "subnet-a", ip: "10.1.1.5", security_groups: ["sg"]),
            "ins-b": (subnet: "subnet-b", ip: "10.2.1.5", security_groups: ["sg"]),
        },
        ccns: {"ccn-1": (attachments: [Vpc("vpc-a"), Vpc("vpc-b")])},
    ))"#;
    let ends = ["--from", "ins-a", "--to", "ins-b", "-s", "tcp:80"];
    let text = run_on(network, &[&["trace", "-"], &ends[..]].concat()).out;
    assert_eq!(text.matches("passes").count(), 2, "once there, once back: {text}");
}

#[test]
fn a_route_into_what_is_not_modelled_is_no_certain_black_hole() {
    let network = |entry: &str| {
        format!(
            r#"(network: (
        vpcs: {{
            "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16", default_route_table: "rtb-a"),
            "vpc-b": (region: "ap-guangzhou", cidr: "10.2.0.0/16"),
        }},
        subnets: {{
            "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24"),
            "subnet-b": (vpc: "vpc-b", cidr: "10.2.1.0/24"),
        }},
        security_groups: {{"sg": (ingress: [Accept()], egress: [Accept()])}},
        instances: {{
            "ins-a": (subnet: "subnet-a", ip: "10.1.1.5", security_groups: ["sg"]),
            "ins-b": (subnet: "subnet-b", ip: "10.2.1.5", security_groups: ["sg"]),
        }},
        route_tables: {{"rtb-a": (vpc: "vpc-a", routes: [(to: "10.2.1.0/24", via: Ccn("ccn-b"))])}},
        ccns: {{"ccn-b": (attachments: [Vpc("vpc-b")])}},
        {entry}
    ))"#
        )
    };
    let verdict = |entry: &str| {
        let ends = ["--from", "ins-a", "--to", "ins-b", "--format", "json"];
        let told = run_on(network(entry), &[&["trace", "-"], &ends[..]].concat()).json();
        told["verdict"].as_str().expect("a verdict").to_owned()
    };
    assert_eq!(verdict(""), "unreachable");
    let half_known =
        r#"unmodelled: [(what: "ccn-b", reason: "a member was left out", touches: ["ccn-b"])]"#;
    assert_eq!(verdict(half_known), "undetermined");
    let lint = |entry: &str| run_on(network(entry), &["lint", "-"]).out;
    assert!(lint("").contains("next-hop-gone"));
    assert!(!lint(half_known).contains("next-hop-gone"));
}

#[test]
fn an_example_of_many_ports_is_at_one_that_somebody_names() {
    let network = r#"(network: (
        vpcs: {"vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16")},
        subnets: {"subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24")},
        security_groups: {
            "sg-mute": (egress: [Accept()]),
            "sg-app": (ingress: [Accept(service: "tcp:8443"), Accept(service: "udp:5060")], egress: [Accept()]),
        },
        instances: {
            "ins-a": (subnet: "subnet-a", ip: "10.1.1.5", security_groups: ["sg-mute"]),
            "ins-b": (subnet: "subnet-a", ip: "10.1.1.6", security_groups: ["sg-app"]),
        },
    ))"#;
    let asked = |ends: [&str; 2], service: &str| {
        let ends = ["--from", ends[0], "--to", ends[1], "-s", service, "--format", "json"];
        let told = run_on(network.to_owned(), &[&["trace", "-"], &ends[..]].concat()).json();
        let packet = &told["shown"]["packet"];
        packet["destination_port"].as_u64().unwrap_or_else(|| panic!("a port in {told}"))
    };
    // Lost: named by a rule of somebody else's group. Named by nobody in the range asked: the lowest.
    assert_eq!(asked(["ins-b", "ins-a"], "tcp"), 8443);
    assert_eq!(asked(["ins-b", "ins-a"], "udp"), 5060);
    assert_eq!(asked(["ins-b", "ins-a"], "tcp:1000-2000"), 1000);
}

#[test]
fn the_near_miss_is_the_accept_rule_that_fails_in_the_fewest_parts() {
    let network = HALF_BUILT.replace(
        r#""sg-b": (ingress: [Accept()]"#,
        r#""sg-b": (ingress: [Drop(from: "10.9.0.0/16"), Accept(from: "10.9.0.0/16", service: "udp:53"), Accept(service: "tcp:443")]"#,
    );
    let network = network
        .replace(r#"subnet: "subnet-b", ip: "10.2.1.5""#, r#"subnet: "subnet-a", ip: "10.1.1.6""#);
    let ask =
        ["trace", "-", "--from", "ins-a", "--to", "ins-b", "-s", "tcp:22", "--format", "json"];
    let told = run_on(network, &ask).json();
    let near = &told["reasons"][0]["near_miss"];
    assert_eq!(near["rule"]["index"], 2, "{told:#}");
    assert_eq!(near["rule"]["action"], "accept");
    assert_eq!(near["failed"], serde_json::json!(["port"]));
}

#[test]
fn what_an_end_would_say_to_a_packet_that_never_comes_is_told_as_if_it_came() {
    let ask =
        ["trace", "-", "--from", "ins-b", "--to", "ins-a", "-s", "tcp:22", "--format", "json"];
    let told = run_on(HALF_BUILT, &ask).json();
    let hops = told["paths"][0]["forward"].as_array().expect("hops");
    let told_of = |hop: &Value| (hop["code"].as_str().map(str::to_owned), hop["as_if"] == true);
    let blocked: Vec<_> =
        hops.iter().filter(|hop| hop["decision"] == "block").map(told_of).collect();
    let expected = [("no-route", false), ("security-group-ingress-denied", true)];
    assert_eq!(blocked, expected.map(|(code, as_if)| (Some(code.to_owned()), as_if)), "{told:#}");
}

#[test]
fn an_address_of_nobody_is_asked_about_where_the_set_has_it_and_nowhere_else() {
    let ask = |to: &str| {
        let arguments = ["reach", "-", "--from", "ins-a", "--to", to, "--format", "json"];
        run_on(HALF_BUILT, &arguments)
    };
    let there = ask("10.1.2.7 & !10.1.1.0/24").json();
    assert_eq!(there["blocked"][0]["to"], "10.1.2.7", "{there:#}");
    let gone = ask("10.1.1.77 & !10.1.1.0/24");
    assert_eq!(gone.code, Some(2), "{}", gone.err);
}
