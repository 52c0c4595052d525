//! Verdicts and reasons that were once read wrongly, written from the rules: each test cites the rule that it is about.

mod data;
mod limits;

use serde_json::Value;

use crate::cli::run_on;
use crate::page::run;

/// `check` on a text; nothing but warnings may be said besides.
fn holds(text: &str) -> String {
    let (code, out, said) = run(&["check", "-q", "-"], text);
    assert_eq!(code, Some(0), "{out}{said}");
    said
}

/// The codes of a trace, in path order.
fn told(text: &str, from: &str, to: &str, service: &str) -> Vec<String> {
    let asked = ["--from", from, "--to", to, "-s", service, "--format", "json"];
    let arguments: Vec<_> = ["trace", "-"].into_iter().chain(asked).collect();
    let (code, out, said) = run(&arguments, text);
    assert_eq!(code, Some(0), "{said}");
    let document: Value = serde_json::from_str(&out).expect("JSON");
    let reasons = document["reasons"].as_array().expect("reasons").iter();
    let codes = reasons.map(|reason| reason["code"].as_str().expect("a code").to_owned());
    codes.collect()
}

/// SG-9, D20-30.
#[test]
fn a_zero_prefix_in_a_security_group_is_everybody_and_nowhere_else() {
    let said = holds(include_str!("rules/zero-prefix.ron"));
    assert_eq!(said.matches("warning[zero-prefix]").count(), 3, "{said}");
    let (_, out, _) = run(
        &["trace", "-", "--from", "internet", "--to", "ins-shut", "-s", "tcp:22"],
        include_str!("rules/zero-prefix.ron"),
    );
    assert!(
        out.contains("from 0.0.0.0/31 (= any)"),
        "the rule is shown as written, with its meaning: {out}"
    );
}

/// CLB-18: the way ends at the listener, which says what it answers.
#[test]
fn a_listener_that_redirects_is_the_last_step() {
    let text = include_str!("../../scenarios/rules/load-balancer-redirects.ron");
    let asked = ["trace", "-", "--from", "internet", "--to", "lb-shop", "--service", "tcp:80"];
    for (language, words) in [("en", "http:80 redirects to 443"), ("zh", "http:80 重定向到 443")]
    {
        let told = run_on(text, &[&asked[..], &["--lang", language]].concat());
        assert_eq!(told.code, Some(0), "{}", told.err);
        assert!(told.out.contains(words), "{}", told.out);
    }
}

/// CLB-16, D20-21.
#[test]
fn a_target_that_is_the_client_loops_only_while_the_packet_has_its_address() {
    holds(include_str!("rules/balancer-loop.ron"));
}

/// DC-4, PCX-7, D20-13: what hides behind the first blocker is told with it.
#[test]
fn all_blockers_are_told_at_once() {
    let text = include_str!("rules/hidden.ron");
    let cases = [
        ("ins-a", "ins-2", "tcp:22", "peering-secondary-cidr attachment-down"),
        ("ins-a", "cdb-b", "tcp:80", "attachment-down port-not-served"),
        ("ins-a", "ins-off", "tcp:22", "attachment-down endpoint-down"),
        ("ins-a", "lb-b", "tcp:443", "attachment-down no-target"),
        ("ins-a", "lb-pub", "tcp:443", "nat-source-not-covered no-target"),
        (
            "ins-2",
            "ins-old",
            "tcp:22",
            "classic-link-not-linked classic-link-secondary-cidr endpoint-down",
        ),
        ("ins-c", "ins-off", "tcp:25", "no-route network-acl-egress-denied endpoint-down"),
        (
            "ins-c",
            "internet",
            "tcp:25",
            "outbound-smtp-blocked no-public-address network-acl-egress-denied",
        ),
        ("cdb-b", "ins-a", "tcp:22", "endpoint-cannot-initiate attachment-down"),
        (
            "site-1",
            "ins-off",
            "tcp:22",
            "vpn-policy-mismatch gateway-no-transit attachment-down endpoint-down",
        ),
    ];
    for (from, to, service, all) in cases {
        let mut told = told(text, from, to, service);
        let mut all: Vec<_> = all.split(' ').map(str::to_owned).collect();
        told.sort();
        all.sort();
        assert_eq!(told, all, "{from} → {to} {service}");
    }
}

/// D20-13: a filter at the far end of a translated connection is judged with the source that it would see there.
#[test]
fn blocked_mail_invents_no_filter_at_the_far_end() {
    let text = include_str!("rules/mail.ron");
    assert_eq!(told(text, "ins-client", "lb-mail", "tcp:25"), ["outbound-smtp-blocked"]);
    assert_eq!(told(text, "ins-client", "lb-mail", "tcp:26"), Vec::<String>::new());
}

/// PIPE-1, PIPE-3: out of a machine the groups come before the subnet's ACL, into one the ACL before the groups; all that would
/// drop the packet are told, the first of them first, and then what would drop the reply, which meets no group.
#[test]
fn filters_are_told_in_the_order_in_which_a_packet_meets_them() {
    let text = include_str!("rules/order.ron");
    assert_eq!(
        told(text, "ins-a", "ins-b", "tcp:22"),
        [
            "security-group-egress-denied",
            "network-acl-egress-denied",
            "network-acl-ingress-denied",
            "security-group-ingress-denied",
            "network-acl-egress-denied",
            "network-acl-ingress-denied",
        ]
    );
}

/// D20-26: who does not serve the port, has no target or is down sends no reply that a filter could drop.
#[test]
fn the_way_back_is_not_judged_where_nobody_answers() {
    let text = include_str!("rules/order.ron");
    let cases = [
        ("cdb-mute", "tcp:3306", "network-acl-egress-denied"),
        ("cdb-mute", "tcp:80", "port-not-served"),
        ("lb-mute", "tcp:80", "no-target"),
        ("ins-mute", "tcp:80", "endpoint-down"),
    ];
    for (to, service, only) in cases {
        assert_eq!(told(text, "ins-open", to, service), [only], "{to} {service}");
    }
}

/// CCN-9: what somebody wrote into the CCN may lead to a VPC beyond the CIDRs of that VPC, whose table is used once.
#[test]
fn a_written_route_of_a_ccn_leads_into_the_table_of_its_vpc() {
    let text = include_str!("rules/written-ccn-route.ron");
    holds(text);
    assert_eq!(told(text, "ins-a", "172.20.1.1", "tcp:80"), ["route-loop"]);
    assert_eq!(told(text, "ins-a", "172.21.1.1", "tcp:80"), ["no-route"]);
}
