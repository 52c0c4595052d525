//! What a difference says beside who gains and who loses: what it is due to, whom it names as a set, what blocks instead
//! of what blocked before, and what need not be said of an end that is not there.

use serde_json::{Value, json};

use crate::cli::{file, run_on};

/// Two users of groups of their own, two servers of one group, and a database alone in its group.
const OFFICE: &str = r#"(network: (
    vpcs: {"vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16")},
    subnets: {
        "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24"),
        "subnet-b": (vpc: "vpc-a", cidr: "10.1.2.0/24", network_acl: "acl-b"),
    },
    network_acls: {"acl-b": (vpc: "vpc-a", ingress: [Accept()], egress: [Accept()])},
    security_groups: {
        "sg-user1": (egress: [Accept()]),
        "sg-user2": (egress: [Accept(), Accept()]),
        "sg-web": (ingress: [Accept(service: "tcp:443")]),
        "sg-db": (),
    },
    instances: {
        "ins-user1": (subnet: "subnet-a", ip: "10.1.1.5", security_groups: ["sg-user1"]),
        "ins-user2": (subnet: "subnet-a", ip: "10.1.1.6", security_groups: ["sg-user2"]),
        "ins-web1": (subnet: "subnet-b", ip: "10.1.2.11", security_groups: ["sg-web"]),
        "ins-web2": (subnet: "subnet-b", ip: "10.1.2.12", security_groups: ["sg-web"]),
        "ins-db": (subnet: "subnet-b", ip: "10.1.2.21", security_groups: ["sg-db"]),
    },
))"#;

/// A machine on each side of a peering.
const PEERED: &str = r#"(network: (
    vpcs: {
        "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16"),
        "vpc-b": (region: "ap-guangzhou", cidr: "10.2.0.0/16"),
    },
    peerings: {"pcx-ab": (between: ("vpc-a", "vpc-b"))},
    route_tables: {
        "rtb-a": (vpc: "vpc-a", routes: [(to: "10.2.0.0/16", via: PeeringConnection("pcx-ab"))]),
        "rtb-b": (vpc: "vpc-b", routes: [(to: "10.1.0.0/16", via: PeeringConnection("pcx-ab"))]),
    },
    subnets: {
        "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24", route_table: "rtb-a"),
        "subnet-b": (vpc: "vpc-b", cidr: "10.2.1.0/24", route_table: "rtb-b"),
    },
    security_groups: {"sg-open": (ingress: [Accept()], egress: [Accept()])},
    instances: {
        "ins-a": (subnet: "subnet-a", ip: "10.1.1.5", security_groups: ["sg-open"]),
        "ins-b": (subnet: "subnet-b", ip: "10.2.1.5", security_groups: ["sg-open"]),
    },
))"#;

fn changed(network: &str, changes: &[&str]) -> Value {
    let mut arguments = vec!["whatif", "-", "--reasons", "--format", "json"];
    arguments.extend(changes.iter().flat_map(|change| ["--change", change]));
    run_on(network, &arguments).json()
}

fn list<'told>(told: &'told Value, name: &str) -> &'told [Value] {
    told[name].as_array().map_or(&[], Vec::as_slice)
}

#[test]
fn what_one_change_moves_is_due_to_it() {
    for change in [
        r#"TerminateInstances(["ins-web1"])"#,
        r#"ModifySecurityGroupPolicies(security_group: "sg-db", ingress: [Accept(service: "tcp:3306")])"#,
    ] {
        let told = changed(OFFICE, &[change]);
        let pieces = list(&told, "pieces");
        assert!(!pieces.is_empty(), "{told:#}");
        for piece in pieces {
            assert_eq!(piece["causes"]["needed"], json!([0]), "{piece:#}");
        }
    }
}

#[test]
fn who_gains_is_named_by_the_set_that_it_is_all_of() {
    let opened = |group: &str| {
        let rules = r#"[Accept(service: "tcp:443"), Accept(service: "tcp:80")]"#;
        let policies = "ModifySecurityGroupPolicies";
        let change = format!(r#"{policies}(security_group: "{group}", ingress: {rules})"#);
        changed(OFFICE, &[&change])
    };
    let told = opened("sg-web");
    let [piece] = list(&told, "pieces") else {
        panic!("{told:#}");
    };
    assert_eq!(piece["from"], json!(["ins-user1", "ins-user2"]));
    assert_eq!(piece["from_sets"], json!([{"id": "subnet-a", "members": 2}]));
    assert_eq!(piece["to"], json!(["ins-web1", "ins-web2"]));
    assert_eq!(piece["to_sets"], json!([{"id": "sg-web", "members": 2}]));
    // Five machines and the Internet, each to the five others.
    assert_eq!(told["pairs"], 30);
    // One machine is named itself, though it is all of its group.
    let told = opened("sg-db");
    let [piece] = list(&told, "pieces") else {
        panic!("{told:#}");
    };
    assert_eq!(piece["to"], json!(["ins-db"]));
    assert_eq!(piece["to_sets"], json!([]));
}

/// What decides in the network where a piece passes, and what blocks it in the other.
fn decided(piece: &Value) -> [Vec<&str>; 2] {
    let words = |name: &str, word: &str| -> Vec<&str> {
        let all = list(piece, name).iter();
        all.filter_map(|it| it[word].as_str()).collect()
    };
    [words("passed_by", "message"), words("reasons", "code")]
}

#[test]
fn only_the_rule_that_decides_is_told_of_all_that_a_packet_passes() {
    let opened = r#"ModifySecurityGroupPolicies(security_group: "sg-web", ingress: [Accept(service: "tcp:443"), Accept(service: "tcp:80")])"#;
    let shut = r#"ModifyNetworkAclEntries(network_acl: "acl-b", ingress: [Drop(service: "tcp:443"), Accept()], egress: [Accept()])"#;
    let gone = r#"TerminateInstances(["ins-web1"])"#;
    let told = changed(OFFICE, &[opened, gone, shut]);
    let [gained, gone, shut] = list(&told, "pieces") else {
        panic!("{told:#}");
    };
    let accepted = vec!["sg-web ingress #2 accept tcp:80"];
    assert_eq!(decided(gained), [accepted, vec!["security-group-ingress-denied"]]);
    assert_eq!(gained["causes"]["needed"], json!([0]));
    // Either of two changes alone takes it.
    assert_eq!(gone["to"], json!(["ins-web1"]));
    assert_eq!(gone["causes"]["needed"], json!([]));
    assert_eq!(gone["causes"]["enough"], json!([1, 2]));
    let accepted = vec!["acl-b ingress #1 accept all"];
    assert_eq!(decided(shut), [accepted, vec!["network-acl-ingress-denied"]]);
    assert_eq!(shut["causes"]["needed"], json!([2]));
}

#[test]
fn what_is_blocked_by_something_else_than_before_is_told_where_reasons_are_asked_for() {
    let shut = r#"ModifyNetworkAclEntries(network_acl: "acl-b", ingress: [Drop(service: "tcp:22"), Accept()], egress: [Accept()])"#;
    let told = changed(OFFICE, &[shut]);
    assert_eq!(told["pieces"], json!([]));
    let codes = |shift: &Value, at: &str| -> Vec<String> {
        let reasons = list(shift, at).iter();
        let codes = reasons.filter_map(|reason| reason["code"].as_str());
        codes.map(str::to_owned).collect()
    };
    let shifts = list(&told, "shifts").iter();
    let inside: Vec<&Value> =
        shifts.filter(|shift| shift["from"] == json!(["ins-user1", "ins-user2"])).collect();
    let to: Vec<&Value> = inside.iter().map(|shift| &shift["to"]).collect();
    assert_eq!(to, [&json!(["ins-db"]), &json!(["ins-web1", "ins-web2"])], "{told:#}");
    for shift in inside {
        // All other ports stay blocked by what blocked them.
        let packets = list(shift, "packets").iter();
        let packets: Vec<&Value> = packets.map(|row| &row["traffic"]).collect();
        assert_eq!(packets, [&json!("tcp:22 (source port 1024-65535)")]);
        let group = "security-group-ingress-denied";
        assert_eq!(codes(shift, "before"), [group]);
        assert_eq!(codes(shift, "after"), ["network-acl-ingress-denied", group]);
    }
}

#[test]
fn of_an_end_that_is_gone_nothing_else_is_told() {
    let told = changed(PEERED, &[r#"TerminateInstances(["ins-b"])"#]);
    let pieces = list(&told, "pieces");
    assert_eq!(pieces.len(), 2, "{told:#}");
    for piece in pieces {
        assert_eq!(piece["absent"]["to"], piece["to"] == json!(["ins-b"]));
        assert_eq!(piece["absent"]["from"], piece["from"] == json!(["ins-b"]));
        assert_eq!(piece["reasons"], json!([]));
        assert_eq!(piece["passed_by"], json!([]), "routes have not changed");
    }
}

#[test]
fn an_intent_is_held_to_every_packet_of_every_pair_that_it_names() {
    let change = r#"ModifySecurityGroupPolicies(security_group: "sg-web", ingress: [Accept(service: "tcp:443"), Accept(service: "tcp:80")])"#;
    let judged = |intent: &str| -> (Vec<String>, Value, Option<i32>) {
        let intent = file("intent", "intent.ron", format!("[{intent}]"));
        let ask = ["whatif", "-", "--change", change, "--intent", &intent, "--format", "json"];
        let ended = run_on(OFFICE, &ask);
        let told = ended.json();
        let declared = list(&told["intent"], "declared").iter();
        let outcomes = declared.filter_map(|it| it["outcome"].as_str()).map(str::to_owned);
        let undeclared = list(&told["intent"], "undeclared").iter();
        let from = undeclared.map(|piece| piece["from"].clone()).collect();
        (outcomes.collect(), from, ended.code)
    };
    let (all, nothing) = (r#"Gains(from: "subnet-a", to: "sg-web", service: "tcp:80")"#, json!([]));
    assert_eq!(judged(all), (vec!["holds".into()], nothing.clone(), Some(0)));
    // What nobody declared is told.
    let one = r#"Gains(from: "ins-user1", to: "sg-web", service: "tcp:80")"#;
    assert_eq!(judged(one), (vec!["holds".into()], json!([["ins-user2"]]), Some(1)));
    // What is declared and does not happen is missed, whoever should have gained it.
    for from in ["ins-db", "internet"] {
        let more = format!(r#"{all}, Gains(from: "{from}", to: "ins-web1", service: "tcp:80")"#);
        let outcomes = vec!["holds".into(), "misses".into()];
        assert_eq!(judged(&more), (outcomes, nothing.clone(), Some(1)), "{from}");
    }
    // Whoever opens nothing, as no machine opens to itself, is declared in vain.
    let vain = format!(r#"{all}, Gains(from: "ins-web1", to: "ins-web1")"#);
    assert_eq!(judged(&vain), (vec!["holds".into(), "vacuous".into()], nothing, Some(1)));
}

/// A group of four and two machines that nobody may open anything to.
const CREW: &str = r#"(network: (
    vpcs: {"vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16")},
    subnets: {"subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24")},
    security_groups: {"sg-crew": (egress: [Accept()])},
    instance_groups: {"asg-crew": (subnet: "subnet-a", ips: "10.1.1.30-10.1.1.33", security_groups: ["sg-crew"])},
    instances: {
        "ins-a": (subnet: "subnet-a", ip: "10.1.1.5", security_groups: ["sg-crew"]),
        "ins-b": (subnet: "subnet-a", ip: "10.1.1.6", security_groups: ["sg-crew"]),
    },
))"#;

#[test]
fn a_fix_counts_the_pairs_that_it_opens_beside_and_nobody_with_itself() {
    let gained = |from: &str| -> Vec<Value> {
        let ask = ["fix", "-", "--from", from, "--to", "ins-b", "-s", "tcp:22"];
        let told = run_on(CREW, &[&ask[..], &["--format", "json"]].concat()).json();
        let fixes = list(&told, "fixes").iter();
        fixes.map(|fix| fix["pairs"]["gained"].clone()).collect()
    };
    // One source, to the four of the group, too.
    assert_eq!(gained("ins-a"), [4]);
    // The four to ins-a and to each other; with the whole subnet also the two machines, to each other and to the four.
    assert_eq!(gained("asg-crew"), [4 + 4 * 3, (4 + 4 * 3) + 2 * (1 + 4)]);
}

#[test]
fn a_matrix_says_how_much_it_is_computed_from() {
    let told = run_on(OFFICE, &["matrix", "-", "--format", "json"]).json();
    assert_eq!(told["instances"], 5);
    // The two servers are alike.
    assert_eq!(told["classes"], 4);
    assert_eq!(told["rules"], (1 + 2 + 1) + 2);
}

#[test]
fn pairs_that_the_model_does_not_say_are_counted_where_something_is_not_modelled() {
    let untold = r#"    unmodelled: [(what: "box", reason: "not read", touches: ["sg-web"])],
))"#;
    let doubted = OFFICE.replace("\n))", &format!("\n{untold}"));
    let change = r#"ModifySecurityGroupPolicies(security_group: "sg-db", ingress: [Accept(service: "tcp:3306")])"#;
    let doubtful = |network: &str| changed(network, &[change])["doubtful"].as_u64();
    assert_eq!(doubtful(OFFICE), Some(0));
    // Everybody's pairs with the two servers, and theirs with everybody, but for what is dropped for certain.
    let counted = doubtful(&doubted).expect("a number");
    assert!((1..=18).contains(&counted), "{counted}");
}
