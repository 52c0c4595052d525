//! Expectations, steps and what-ifs.

use super::super::sample::told;
use super::{asked, expectation};
use crate::code::Code;
use crate::model::Change;
use crate::query::{Want, Waypoint};

#[test]
fn an_expectation_is_read_whole() {
    let loaded = asked(
        r#"expect: [
            Partial(name: "n", from: "vpc-tom & !ins-new", to: "internet | 10.60.3.4", service: "TCP:80-90", source_port: "80",
                because: "no-route", via: "classic-link:vpc-tom", not_via: ["ins-web"], works: "tcp:80,443",
                waive: (reason: "r", until: "2027-01-31", owner: "o")),
        ]"#,
    );
    assert_eq!(told(&loaded), "");
    let expectation = &loaded.scenario.expect("a scenario").base[0].value;
    assert_eq!(expectation.from_text, "vpc-tom & !ins-new");
    assert_eq!(expectation.service_text, "TCP:80-90");
    assert_eq!(expectation.because, Some(Code::NoRoute));
    assert_eq!(expectation.via, [Waypoint::ClassicLink("vpc-tom".into())]);
    assert_eq!(expectation.not_via, [Waypoint::Id("ins-web".into())]);
    assert!(matches!(&expectation.want, Want::Partial { works: Some(works) } if works.len() == 1));
    assert_eq!(expectation.waive.as_ref().map(|waive| waive.until.as_str()), Some("2027-01-31"));
}

#[test]
fn a_reason_exists_and_is_a_reason() {
    let because = |kind: &str, code: &str| {
        expectation(&format!(r#"{kind}(from: "ins-tom", to: "ins-web", because: "{code}")"#))
    };
    assert_eq!(because("Unreachable", "no-route"), "");
    let said = because("Unreachable", "no-rout");
    assert!(
        said.ends_with("<\"no-rout\"> there is no reason `no-rout` [did you mean `no-route`?]"),
        "{said}"
    );
    let said = because("Unreachable", "classic-link-already-linked");
    assert!(said.starts_with("unknown-reason") && said.contains("refuses a change"), "{said}");
    assert!(because("Unreachable", "syntax").contains("is no reason why packets do not cross"));
    assert!(because("Reachable", "no-route").starts_with("because-with-reachable"));
}

#[test]
fn who_is_asked_about_exists() {
    let from = |from: &str| expectation(&format!(r#"Reachable(from: "{from}", to: "ins-web")"#));
    for known in [
        "ins-tom",
        "vpc-tom",
        "subnet-web",
        "sg-open",
        "default",
        "internet",
        "10.1.1.10",
        "10.1.1.0/24",
        "8.8.8.8",
        "8.0.0.0/8",
        "0.0.0.0/0",
        "tag:role=web",
        "2001:db8::1",
        "ins-web | ins-new",
    ] {
        assert_eq!(from(known), "", "{known}");
    }
    let culprit = |text: &str| {
        let said = from(text);
        let (code, rest) = said.split_once(' ').unwrap_or_default();
        let culprit = rest.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
        format!("{code} {}", culprit.unwrap_or_default().0)
    };
    assert_eq!(culprit("ins-webb"), "unknown-id ins-webb");
    assert_eq!(culprit("ins-tom | (vpc-tom & !ins-x)"), "unknown-id ins-x");
    assert_eq!(culprit("acl-web"), "wrong-kind acl-web");
    assert_eq!(culprit("10.1.1.11"), "unknown-address 10.1.1.11");
    assert_eq!(culprit("10.9.0.0/16"), "unknown-address 10.9.0.0/16");
    assert_eq!(culprit("100.64.0.1"), "unknown-address 100.64.0.1");
    assert_eq!(culprit("fd00::1"), "unknown-address fd00::1");
    assert_eq!(culprit("ins-tom |"), "empty-selector \"ins-tom |\"");
    assert_eq!(culprit("ins-tom, ins-web"), "empty-selector ,");
    assert_eq!(culprit("10.1.1.9/24"), "host-bits-masked \"10.1.1.9/24\"");
}

#[test]
fn way_points_are_gateways_and_the_like() {
    let via = |via: &str| {
        expectation(&format!(r#"Reachable(from: "ins-tom", to: "ins-web", via: {via})"#))
    };
    assert_eq!(via(r#"["ins-web", "classic-link:vpc-tom"]"#), "");
    assert!(via(r#""subnet-web""#).starts_with("wrong-kind"));
    assert!(via(r#""nat""#).starts_with("unknown-id"));
    assert!(via(r#""classic-link:vpc""#).contains("there is no VPC `vpc`"));
}

#[test]
fn a_waiver_ends_on_a_day() {
    let until = |until: &str| {
        expectation(&format!(
            r#"Reachable(from: "ins-tom", to: "ins-web", waive: (reason: "r", until: "{until}", owner: "o"))"#
        ))
    };
    assert_eq!(until("2027-01-31"), "");
    for wrong in ["2027-02-30", "31.1.2027", "2027-1-31", "", "2027-01-31T00:00"] {
        assert!(until(wrong).starts_with("invalid-value"), "{wrong}");
    }
    assert!(
        expectation(r#"Reachable(from: "ins-tom", to: "ins-web", waive: (reason: "r"))"#)
            .contains("needs the field `until`")
    );
}

#[test]
fn nobody_sends_from_an_eip() {
    let loaded = asked(
        r#"what_if: [(name: "w", changes: [Replace(instances: {
            "ins-web": (subnet: "subnet-web", ip: "10.1.1.10", eip: "1.2.3.4", security_groups: []),
        })], expect: [Reachable(from: "1.2.3.4", to: "ins-tom"), Reachable(from: "ins-tom", to: "1.2.3.4")])]"#,
    );
    let said = told(&loaded);
    assert!(said.starts_with("invalid-value") && said.lines().count() == 1, "{said}");
    assert!(said.ends_with("[name `ins-web`, or `internet`]"), "{said}");
}

#[test]
fn a_stage_knows_what_its_changes_and_earlier_steps_may_create() {
    let subnet = r#"Create(subnets: { "subnet-x": (vpc: "vpc-tom", cidr: "10.1.9.0/24") }, instances: {
        "ins-x": (subnet: "subnet-x", ip: "10.1.9.9", security_groups: ["sg-open"]) })"#;
    let ask = r#"expect: [Reachable(from: "ins-x", to: "10.1.9.9"), Reachable(from: "subnet-x", to: "10.60.3.9")]"#;
    let moved = r#"ModifyPrivateIpAddress(instance: "ins-tom", ip: "10.60.3.9")"#;
    let steps = format!(
        r#"steps: [(name: "a", changes: [{subnet}, {moved}], {ask}), (name: "b", changes: [Delete(["ins-x"])], {ask})]"#
    );
    assert_eq!(told(&asked(&steps)), "");
    // what-ifs start from the network of the file
    let said = told(&asked(&format!(r#"{steps}, what_if: [(name: "c", changes: [], {ask})]"#)));
    let codes: Vec<&str> = said.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(codes, ["unknown-id", "unknown-address", "unknown-id", "unknown-address"]);
    let what_if = format!(
        r#"what_if: [(name: "c", changes: [Refused(change: {subnet}, because: "subnet-overlap"), {moved}], {ask})]"#
    );
    assert_eq!(told(&asked(&what_if)), "");
}

#[test]
fn changes_say_what_they_need() {
    let change =
        |change: &str| told(&asked(&format!(r#"what_if: [(name: "w", changes: [{change}])]"#)));
    for good in [
        r#"TerminateInstances(["ins-tom"])"#,
        r#"Delete(["vpc-tom", "acl-web"])"#,
        r#"Down("ins-web")"#,
        r#"IsolateInstance(instance: "ins-web", reason: Arrears)"#,
        r#"MigrateInstance(instance: "ins-web", kind: Cold)"#,
        r#"CreateSecurityGroupPolicies(security_group: "sg-ssh", ingress: [Drop(from: "sg-open")], at: 1)"#,
        r#"DeleteSecurityGroupPolicies(security_group: "sg-ssh", ingress: [0])"#,
        r#"ModifyNetworkAclEntries(network_acl: "acl-web", egress: [])"#,
        r#"AssociateSecurityGroups(instance: "ins-web", security_groups: ["sg-open", "sg-ssh"])"#,
        r#"Create((vpcs: { "vpc-two": (region: "ap-guangzhou", cidr: "10.2.0.0/16") }))"#,
        r#"Create(platform: (outbound_smtp_blocked: false), classic_links: { "vpc-tom": ["ins-tom"] })"#,
    ] {
        assert_eq!(change(good), "", "{good}");
    }
    for (wrong, code) in [
        (r#"TerminateInstances("ins-tom")"#, "invalid-value"),
        (r#"TerminateInstance(["ins-tom"])"#, "unknown-variant"),
        (r#"Delete(["vpc-tim"])"#, "unknown-id"),
        (r#"Down("acl-web")"#, "wrong-kind"),
        (r#"IsolateInstance(instance: "ins-web")"#, "missing-field"),
        (r#"AttachClassicLinkVpc(vpc: "ins-tom", instances: [])"#, "wrong-kind"),
        (
            r#"AttachClassicLinkVpc(vpcs: "vpc-tom", vpc: "vpc-tom", instances: [])"#,
            "unknown-field",
        ),
        (
            r#"DeleteSecurityGroupPolicies(security_group: "sg-ssh", ingress: [-1])"#,
            "invalid-value",
        ),
        (r#"Create(sites: { "a": (cidrs: []), "a": (cidrs: []) })"#, "duplicate-id"),
        (r#"Create(sites: { "all": (cidrs: []) })"#, "reserved-id"),
        (r#"Refused(change: Up("ins-tom"), because: "no-route")"#, "unknown-reason"),
        (r#"Refused(change: Up("ins-tom"))"#, "missing-field"),
        (
            r#"Refused(change: Refused(change: Up("ins-tom"), because: "unknown-id"), because: "unknown-id")"#,
            "unknown-variant",
        ),
    ] {
        let said = change(wrong);
        assert!(said.starts_with(code) && said.lines().count() == 1, "{wrong}: {said}");
    }
}

#[test]
fn a_change_that_should_be_refused_for_an_id_may_name_it() {
    let change = |code: &str| {
        told(&asked(&format!(
            r#"what_if: [(name: "w", changes: [Refused(change: Delete(["nobody"]), because: "{code}")])]"#
        )))
    };
    assert_eq!(change("unknown-id"), "");
    assert!(change("wrong-kind").starts_with("unknown-id"));
}

#[test]
fn what_a_change_creates_may_bear_a_known_id() {
    let loaded = asked(
        r#"what_if: [(name: "w", changes: [Refused(
            change: Create(vpcs: { "vpc-tom": (region: "r", cidr: "10.9.0.0/16") }), because: "duplicate-id")])]"#,
    );
    assert_eq!(told(&loaded), "");
    let scenario = loaded.scenario.expect("a scenario");
    let planned = &scenario.what_if[0].changes[0];
    assert_eq!(planned.refused, Some(Code::DuplicateId));
    assert!(
        matches!(&planned.change, Change::Create(fragment) if fragment.network.vpcs.len() == 1)
    );
}
