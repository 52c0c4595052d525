//! `reach` tells the headers on both sides of every device that rewrites them.

use serde_json::{Value, json};

use super::{run, run_on};

/// The lines that tell of rewrites.
fn lines(out: &str) -> Vec<&str> {
    let rewrites = |line: &&str| line.contains(" ⇒ ") || line.contains("rewritten");
    out.lines().filter(rewrites).map(str::trim).collect()
}

/// The command in words and in JSON.
fn reach(file: &str, ends: [&str; 2], service: &str) -> (String, Value) {
    let [from, to] = ends;
    let arguments = ["reach", file, "--from", from, "--to", to, "-s", service];
    let text = run(&arguments);
    assert_eq!(text.code, Some(0), "{}", text.err);
    let json = run(&[&arguments[..], &["--format", "json"]].concat());
    (text.out, json.json())
}

#[test]
fn a_nat_gateway_gives_the_source_one_of_its_addresses() {
    let file = "scenarios/gateways/nat-source.ron";
    let (text, told) = reach(file, ["ins-x", "198.51.100.7"], "tcp:443");
    assert_eq!(
        lines(&text),
        ["at nat-a (NAT gateway): source 10.1.1.10 ⇒ 203.0.113.1, or 203.0.113.2"]
    );
    let works = &told["works"];
    assert_eq!(works.as_array().map(Vec::len), Some(1));
    let rewrites = works[0]["rewrites"].as_array().expect("alternatives");
    assert_eq!(rewrites.len(), 2);
    let packet = |source: &str| {
        json!({
            "src": source, "dst": "198.51.100.7", "protocol": "tcp",
            "source_port": 1024, "destination_port": 443,
        })
    };
    assert_eq!(works[0]["witness"], packet("10.1.1.10"));
    let second = json!([{
        "at": "nat-a",
        "kind": "nat-gateway",
        "rewritten": {
            "src": { "before": "10.1.1.10", "after": "203.0.113.2" },
            "dst": null, "source_port": null, "destination_port": null,
        },
        "before": packet("10.1.1.10"),
        "after": packet("203.0.113.2"),
    }]);
    assert_eq!(rewrites[1], second);
}

#[test]
fn a_ping_through_a_nat_gateway_has_no_ports_to_tell() {
    let file = "scenarios/gateways/nat-source.ron";
    let (_, told) = reach(file, ["ins-x", "198.51.100.7"], "icmp");
    let device = &told["works"][0]["rewrites"][0][0];
    assert_eq!(
        device["after"],
        json!({ "src": "203.0.113.1", "dst": "198.51.100.7", "protocol": "icmp" })
    );
    assert_eq!(device["rewritten"]["source_port"], Value::Null);
}

#[test]
fn a_dnat_entry_is_told_for_what_works_and_for_what_its_target_drops() {
    let file = "scenarios/gateways/nat-port-forwarding.ron";
    let (text, told) = reach(file, ["internet", "203.0.113.1"], "tcp");
    assert_eq!(
        lines(&text),
        [
            "at nat-a (NAT gateway): destination 203.0.113.1:443 ⇒ 10.1.1.10:8443",
            "at nat-a (NAT gateway): destination 203.0.113.1:2222 ⇒ 10.1.1.11:22",
        ]
    );
    let blocked = told["blocked"].as_array().expect("blocked");
    let [dropped, unknown] = blocked.as_slice() else {
        panic!("{blocked:#?}");
    };
    assert_eq!(dropped["reasons"][0]["code"], "security-group-ingress-denied");
    assert_eq!(
        dropped["rewrites"][0][0]["rewritten"]["destination_port"],
        json!({ "before": "2222", "after": "22" })
    );
    assert_eq!(unknown["reasons"][0]["code"], "nat-no-dnat-entry");
    assert_eq!(unknown["rewrites"], json!([]));
}

#[test]
fn an_eip_is_told_on_the_way_out_and_on_the_way_in() {
    let file = "scenarios/gateways/public-address-or-nat.ron";
    let (out, _) = reach(file, ["ins-free", "198.51.100.7"], "tcp:443");
    assert_eq!(lines(&out), ["at ins-free (EIP): source 10.1.3.10 ⇒ 203.0.113.30"]);
    let (inside, told) = reach(file, ["198.51.100.7", "ins-free"], "tcp:443");
    assert_eq!(lines(&inside), ["at ins-free (EIP): destination 203.0.113.30 ⇒ 10.1.3.10"]);
    let device = &told["works"][0]["rewrites"][0][0];
    assert_eq!((&device["at"], &device["kind"]), (&json!("ins-free"), &json!("eip")));
    let (blocked, _) = reach(file, ["ins-free", "10.1.1.10"], "tcp:443");
    assert_eq!(lines(&blocked), Vec::<&str>::new());
}

/// A balancer with two targets at other ports, a guarded one, a mapped data centre, a group of equal machines and an EIP.
const DEVICES: &str = r#"Scenario(
    name: "devices",
    network: (
        vpcs: { "vpc-a": (region: "ap-guangzhou", cidr: "10.0.0.0/16", default_route_table: "rtb-a") },
        route_tables: {
            "rtb-a": (vpc: "vpc-a", routes: [
                (to: "192.168.1.0/24", via: DirectConnectGateway("dcg-nat")),
                (to: "0.0.0.0/0", via: NatGateway("nat-a")),
            ]),
        },
        subnets: { "subnet-a": (vpc: "vpc-a", cidr: "10.0.1.0/24") },
        security_groups: {
            "sg-open": (ingress: [Accept()], egress: [Accept()]),
            "sg-shut": (egress: [Accept()]),
            "sg-mute": (ingress: [Accept()]),
        },
        instances: {
            "ins-client": (subnet: "subnet-a", ip: "10.0.1.50", security_groups: ["sg-open"]),
            "ins-mute": (subnet: "subnet-a", ip: "10.0.1.51", security_groups: ["sg-mute"]),
            "ins-one": (subnet: "subnet-a", ip: "10.0.1.5", security_groups: ["sg-open"]),
            "ins-two": (subnet: "subnet-a", ip: "10.0.1.6", security_groups: ["sg-open"]),
            "ins-shut": (subnet: "subnet-a", ip: "10.0.1.7", security_groups: ["sg-shut"]),
            "ins-public": (subnet: "subnet-a", ip: "10.0.1.8", eip: "203.0.113.8", security_groups: ["sg-open"]),
        },
        instance_groups: {
            "asg-a": (subnet: "subnet-a", ips: "10.0.1.100-10.0.1.104", security_groups: ["sg-open"]),
        },
        load_balancers: {
            "lb-a": (
                network: Internal(subnet: "subnet-a", vip: "10.0.1.10"),
                listeners: [
                    (service: "tcp:443", targets: [
                        (instance: "ins-one", port: 8443), (instance: "ins-two", port: 8443),
                    ]),
                    (service: "tcp:80", targets: [(instance: "ins-shut", port: 80)]),
                    (service: "tcp:82", targets: [
                        (instance: "asg-a[10.0.1.100]", port: 8082), (instance: "ins-one", port: 8082),
                    ]),
                    (service: "tcp:81", targets: [
                        (instance: "ins-one", port: 81), (instance: "ins-two", port: 8081),
                    ]),
                ],
            ),
        },
        nat_gateways: { "nat-a": (vpc: "vpc-a", eips: ["203.0.113.1"]) },
        sites: { "site-idc": (cidrs: ["172.16.1.0/24"]) },
        direct_connect_gateways: {
            "dcg-nat": (
                attached_to: Vpc("vpc-a"),
                kind: Nat(
                    local_ips: [("10.0.1.50", "192.168.99.50")],
                    peer_ips: [("172.16.1.7", "192.168.1.7")],
                ),
                tunnels: [(id: "dcx-nat", site: "site-idc", prefixes: ["172.16.1.0/24"])],
            ),
        },
    ),
)
"#;

fn devices(ends: [&str; 2], more: &[&str]) -> super::Ended {
    let [from, to] = ends;
    let ended = run_on(DEVICES, &[&["reach", "-", "--from", from, "--to", to], more].concat());
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    ended
}

#[test]
fn a_balancer_tells_all_its_targets_of_one_part() {
    let text = devices(["ins-client", "lb-a"], &["-s", "tcp:443"]).out;
    assert_eq!(
        lines(&text),
        ["at lb-a (load balancer): destination 10.0.1.10:443 ⇒ 10.0.1.5:8443, or 10.0.1.6:8443"]
    );
    let told = devices(["ins-client", "lb-a"], &["-s", "tcp:443", "--format", "json"]).json();
    let works = told["works"].as_array().expect("works");
    assert_eq!(works.len(), 1, "{works:#?}");
    let targets = works[0]["rewrites"].as_array().expect("alternatives");
    let after = targets.iter().map(|devices| &devices[0]["after"]["dst"]);
    assert_eq!(after.collect::<Vec<_>>(), ["10.0.1.5", "10.0.1.6"]);
    assert_eq!(targets[1][0]["before"], works[0]["witness"]);
}

#[test]
fn listeners_are_parts_of_their_own_and_a_kept_port_stands_beside_a_changed_one() {
    let text = devices(["ins-client", "lb-a"], &["-s", "tcp:80-81,443"]).out;
    assert_eq!(
        lines(&text),
        [
            "at lb-a (load balancer): destination 10.0.1.10:443 ⇒ 10.0.1.5:8443, or 10.0.1.6:8443",
            "at lb-a (load balancer): destination 10.0.1.10:81 ⇒ 10.0.1.5:81, or 10.0.1.6:8081",
            "at lb-a (load balancer): destination 10.0.1.10 ⇒ 10.0.1.7",
        ]
    );
    let told = devices(["ins-client", "lb-a"], &["-s", "tcp:80", "--format", "json"]).json();
    let rewritten = &told["blocked"][0]["rewrites"][0][0]["rewritten"];
    assert_eq!(rewritten["destination_port"], Value::Null);
    assert_eq!(rewritten["dst"], json!({ "before": "10.0.1.10", "after": "10.0.1.7" }));
}

#[test]
fn what_the_sender_may_not_send_comes_to_no_device() {
    let told = devices(["ins-mute", "lb-a"], &["-s", "tcp:443", "--format", "json"]).json();
    assert_eq!(told["blocked"][0]["reasons"][0]["code"], "security-group-egress-denied");
    assert_eq!(told["blocked"][0]["rewrites"], json!([]));
}

#[test]
fn a_direct_connect_gateway_that_rewrites_both_ends_is_one_device() {
    let text = devices(["ins-client", "192.168.1.7"], &["-s", "tcp:22"]).out;
    let words: Vec<_> = text.split_whitespace().collect();
    let line = "at dcg-nat (Direct Connect gateway): source 10.0.1.50 ⇒ 192.168.99.50; destination \
                192.168.1.7 ⇒ 172.16.1.7";
    assert!(words.join(" ").contains(line), "{text}");
    let told = devices(["ins-client", "192.168.1.7"], &["--format", "json"]).json();
    let rewrites = &told["works"][0]["rewrites"];
    assert_eq!(rewrites[0].as_array().map(Vec::len), Some(1));
    assert_eq!(rewrites[0][0]["kind"], "direct-connect-gateway");
}

#[test]
fn ways_that_rewrite_and_ways_that_do_not_are_told_one_by_one() {
    let ends = ["asg-a[10.0.1.100]", "lb-a"];
    let text = devices(ends, &["-s", "tcp:82"]).out;
    assert_eq!(
        lines(&text),
        [
            "either nothing is rewritten",
            "or at lb-a (load balancer): destination 10.0.1.10:82 ⇒ 10.0.1.5:8082",
        ]
    );
    let told = devices(ends, &["-s", "tcp:82", "--format", "json"]).json();
    let rewrites = told["blocked"][0]["rewrites"].as_array().expect("ways");
    assert_eq!(rewrites[0], json!([]));
    assert_eq!(rewrites[1][0]["after"]["destination_port"], 8082);
    let chinese = devices(ends, &["-s", "tcp:82", "--lang", "zh"]).out;
    assert!(chinese.contains("要么不作改写\n"), "{chinese}");
}

#[test]
fn of_many_targets_the_words_tell_some_and_the_json_all() {
    let targets = (100..120).map(|last| format!("(instance: \"asg-b[10.0.2.{last}]\", port: 80)"));
    let targets = targets.collect::<Vec<_>>().join(", ");
    let file = DEVICES
        .replace("[(instance: \"ins-shut\", port: 80)]", &format!("[{targets}]"))
        .replace("subnets: {", "subnets: { \"subnet-b\": (vpc: \"vpc-a\", cidr: \"10.0.2.0/24\"),")
        .replace(
            "instance_groups: {",
            "instance_groups: { \"asg-b\": (subnet: \"subnet-b\", ips: \"10.0.2.100-10.0.2.119\", \
             security_groups: [\"sg-open\"]),",
        );
    let arguments = ["reach", "-", "--from", "ins-client", "--to", "lb-a", "-s", "tcp:80"];
    let text = run_on(file.as_str(), &arguments);
    let words = text.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("10.0.2.107, or 12 more"), "{}{}", text.out, text.err);
    let told = run_on(file.as_str(), &[&arguments[..], &["--format", "json"]].concat()).json();
    let rewrites = told["works"][0]["rewrites"].as_array().expect("ways");
    assert_eq!(rewrites.len(), 20);
}

#[test]
fn several_senders_to_an_eip_are_told_the_address_that_they_send_to() {
    let text = devices(["asg-a", "203.0.113.8"], &["-s", "tcp:22"]).out;
    assert!(
        text.contains("asg-a → ins-public\n      tcp:22 (source port 1024-65535) to 203.0.113.8\n"),
        "{text}"
    );
    assert_eq!(
        lines(&text),
        [
            "at nat-a (NAT gateway): source 10.0.1.100-10.0.1.104 ⇒ 203.0.113.1",
            "at ins-public (EIP): destination 203.0.113.8 ⇒ 10.0.1.8",
        ]
    );
}

#[test]
fn rewrites_are_told_in_chinese() {
    let text = devices(["ins-client", "lb-a"], &["-s", "tcp:443", "--lang", "zh"]);
    assert_eq!(
        lines(&text.out),
        ["经 lb-a（负载均衡）：目的 10.0.1.10:443 ⇒ 10.0.1.5:8443，或 10.0.1.6:8443"]
    );
}

#[test]
fn where_nothing_is_rewritten_nothing_is_said() {
    let text = devices(["ins-client", "ins-one"], &[]).out;
    assert_eq!(lines(&text), Vec::<&str>::new());
    assert!(!text.contains(" at "), "{text}");
    let told = devices(["ins-client", "ins-one"], &["--format", "json"]).json();
    assert_eq!(told["works"][0]["rewrites"], json!([]));
}
