//! The smallest changes that open or close: found on shipped scenarios by the code of the blocker, true on random
//! networks by the oracle, and the same in the words of scenario files.

use std::collections::BTreeMap;
use std::sync::Arc;

use pathproof::code::Code;
use pathproof::import::write_change;
use pathproof::model::{Change, Endpoint, Network, apply};
use pathproof::query::{Selector, Traffics, Turn, Verdict};
use pathproof::scenario::{
    Origins, Scenario, Side, parse_changes, parse_service, resolve_selector,
};
use pathproof::space::{IntervalSet, Packet, Protocol};
use pathproof::verify::{
    Budget, Deed, Fix, FixQuestion, Fixes, Goal, Request, Situation, base, difference, fix,
    is_liftable,
};

use crate::shipped::loaded;
use crate::{oracle, random};

pub(crate) const DAY: &str = "2026-01-01";

pub(crate) fn question(
    network: &Network,
    [from, to, service]: [&str; 3],
    goal: Goal,
) -> FixQuestion {
    let who = |text: &str, side| resolve_selector(text, side, network).expect("a selector");
    let traffic =
        Traffics { service: parse_service(service).expect("a service"), ..Traffics::default() };
    FixQuestion {
        from: (who(from, Side::From), from.to_owned()),
        to: (who(to, Side::To), to.to_owned()),
        traffic: (traffic, service.to_owned()),
        goal,
        limit: 5,
        budget: Budget::default(),
    }
}

pub(crate) fn scenario(path: &str) -> Scenario {
    loaded(path).scenario.expect("a sound file")
}

pub(crate) fn asked(path: &str, words: [&str; 3], goal: Goal) -> (Scenario, Fixes) {
    let scenario = scenario(path);
    let question = question(&scenario.network, words, goal);
    let found = fix(&base(&scenario), &scenario, &question, DAY).expect("somebody is meant");
    (scenario, found)
}

/// The network after changes that the cloud takes.
fn after(network: &Network, changes: &[Change]) -> Network {
    let mut network = network.clone();
    for change in changes {
        network = apply(&network, change).expect("a change that was tried");
    }
    network
}

pub(crate) fn situation(network: &Network) -> Situation {
    Situation::new(Arc::new(network.clone()), Arc::new(Origins::default()))
}

/// File, ends, service; the code that blocks; the actions of the best fix.
type Case<'a> = (&'a str, [&'a str; 3], Code, &'a [&'a str]);

#[test]
#[expect(clippy::too_many_lines, reason = "a row a code")]
fn each_code_has_the_change_that_an_engineer_would_make() {
    let cases: [Case<'_>; 16] = [
        (
            "scenarios/classic-link/linked-neighbours.ron",
            ["ins-a", "ins-b", "tcp:80"],
            Code::SecurityGroupIngressDenied,
            &["CreateSecurityGroupPolicies"],
        ),
        (
            "scenarios/classic-link/endpoint-connection.ron",
            ["ins-mute", "epc-orders", "tcp:3306"],
            Code::SecurityGroupEgressDenied,
            &["CreateSecurityGroupPolicies"],
        ),
        (
            "scenarios/classic-link/network-acl-of-the-subnet.ron",
            ["ins-good", "ins-web", "tcp:443"],
            Code::NetworkAclIngressDenied,
            &["ModifyNetworkAclEntries"],
        ),
        (
            "scenarios/estate/today.ron",
            ["tag:role=web", "cdb-orders", "tcp:3306"],
            Code::NetworkAclIngressDenied,
            &["ModifyNetworkAclEntries", "CreateSecurityGroupPolicies"],
        ),
        (
            "scenarios/gateways/peering.ron",
            ["ins-a", "ins-b-forgot", "all"],
            Code::NoRoute,
            &["CreateRoutes"],
        ),
        (
            "scenarios/gateways/peering.ron",
            ["ins-a", "ins-c", "all"],
            Code::AttachmentDown,
            &["Replace"],
        ),
        (
            "scenarios/gateways/ccn-disabled-routes.ron",
            ["ins-a", "ins-b2", "all"],
            Code::CcnRouteDisabled,
            &["Replace"],
        ),
        (
            "scenarios/vpc/ephemeral-ports.ron",
            ["ins-desk", "ins-web", "tcp:443"],
            Code::NetworkAclEgressDenied,
            &["ModifyNetworkAclEntries"],
        ),
        (
            "scenarios/gateways/public-address-or-nat.ron",
            ["ins-poor", "internet", "tcp:443"],
            Code::NoPublicAddress,
            &["CreateRoutes"],
        ),
        (
            "scenarios/gateways/forwarder-that-translates.ron",
            ["ins-b", "203.0.113.7", "tcp:443"],
            Code::ForwarderDoesNotTranslate,
            &["CreateRoutes"],
        ),
        (
            "scenarios/vpc/stopped-instances.ron",
            ["ins-on", "ins-off", "tcp:80"],
            Code::EndpointDown,
            &["Up"],
        ),
        (
            "scenarios/classic-link/isolated-by-default.ron",
            ["ins-old", "ins-tom", "tcp:22"],
            Code::ClassicLinkNotLinked,
            &["AttachClassicLinkVpc"],
        ),
        (
            "scenarios/private-link/source-behind-the-endpoint.ron",
            ["ins-shop", "vpce-client", "tcp:443"],
            Code::SecurityGroupIngressDenied,
            &["CreateSecurityGroupPolicies"],
        ),
        (
            "scenarios/private-link/acceptance.ron",
            ["ins-eve", "vpce-eve", "tcp:443"],
            Code::VpcEndpointPending,
            &["Replace"],
        ),
        (
            "scenarios/gateways/edge-firewall.ron",
            ["192.0.2.9", "203.0.113.10", "tcp:2222"],
            Code::EdgeFirewallIngressDenied,
            &["Replace"],
        ),
        (
            "scenarios/gateways/edge-firewall.ron",
            ["ins-job", "198.51.100.7", "tcp:443"],
            Code::EdgeFirewallEgressDenied,
            &["Replace"],
        ),
    ];
    for (path, words, code, actions) in cases {
        let (scenario, found) = asked(path, words, Goal::Open);
        let codes = found.reasons.iter().map(|reason| reason.cause.code);
        assert!(codes.into_iter().any(|one| one == code), "{path} {words:?}");
        assert!(is_liftable(code), "{code}");
        let best = found.fixes.first().unwrap_or_else(|| panic!("{path} {words:?}"));
        let told: Vec<&str> = best.changes.iter().map(Change::action).collect();
        assert_eq!(told, actions, "{path} {words:?}");
        for fix in &found.fixes {
            holds(&scenario.network, fix);
        }
    }
}

/// The changes of a fix give its network, its side effect is the difference, and no change can be left out.
fn holds(network: &Network, fix: &Fix) {
    let new = after(network, &fix.changes);
    assert_eq!(new, *fix.network);
    let request = Request {
        deeds: fix.changes.iter().cloned().map(Deed::Change).collect(),
        ..Request::default()
    };
    let whole = difference(&situation(network), &situation(&new), &request);
    let told = |pieces: &[pathproof::verify::Piece]| -> Vec<String> {
        let pieces = pieces.iter().map(|piece| {
            let (from, to) = (&piece.from.who, &piece.to.who);
            format!("{:?} {from:?} {to:?} {:?}", piece.turn, piece.packets)
        });
        pieces.collect()
    };
    assert_eq!(told(&whole.pieces), told(&fix.difference.pieces));
    let mut sources = pathproof::diagnostic::Sources::default();
    let text: Vec<String> = fix.changes.iter().map(write_change).collect();
    let text = format!("[{}]", text.join(",\n"));
    let parsed = parse_changes(&[("fix", &text)], network, &mut sources);
    let parsed = parsed.changes.unwrap_or_else(|| panic!("{text}: {:?}", parsed.diagnostics));
    let parsed: Vec<Change> = parsed.into_iter().map(|planned| planned.change).collect();
    assert_eq!(after(network, &parsed), new, "{text}");
}

#[test]
fn the_platforms_own_limits_are_told_as_not_liftable() {
    let path = "scenarios/classic-link/primary-cidr-only.ron";
    let (_, found) = asked(path, ["TomCVM", "ins-new", "all"], Goal::Open);
    assert!(found.fixes.is_empty() && !found.capped);
    let stuck = found.stuck.iter();
    let stuck: Vec<Code> = stuck.map(|stuck| stuck.reason.cause.code).collect();
    assert_eq!(stuck, [Code::ClassicLinkSecondaryCidr]);
    assert!(!is_liftable(Code::ClassicLinkSecondaryCidr));
}

#[test]
fn what_the_cloud_refuses_is_no_fix_and_is_named() {
    let path = "scenarios/classic-link/a-hundred-links.ron";
    let (_, found) = asked(path, ["ins-more", "ins-web", "all"], Goal::Open);
    assert!(found.fixes.is_empty());
    assert_eq!(found.refused[0].code, Code::ClassicLinkQuotaExceeded);
}

#[test]
fn closing_breaks_no_expectation_and_what_would_is_named() {
    let path = "scenarios/classic-link/linked-neighbours.ron";
    let (_, kept) = asked(path, ["ins-a", "ins-b", "tcp:22"], Goal::Close);
    assert!(kept.fixes.is_empty() && !kept.rejected.is_empty());
    let mut bare = scenario(path);
    bare.base.clear();
    let question = question(&bare.network, ["ins-a", "ins-b", "tcp:22"], Goal::Close);
    let found = fix(&base(&bare), &bare, &question, DAY).expect("somebody is meant");
    assert!(!found.fixes.is_empty() && found.rejected.is_empty());
    for fix in &found.fixes {
        assert_eq!(fix.changes.len(), 1);
        holds(&bare.network, fix);
        let mut pieces = fix.difference.pieces.iter();
        assert!(pieces.all(|piece| piece.turn == Turn::Lost));
    }
}

/// One packet between two ends as a question; the packets of its protocol and port, from that very source port.
pub(crate) fn about(
    from: &Endpoint,
    to: &Endpoint,
    packet: &Packet,
    goal: Goal,
) -> Option<FixQuestion> {
    let (from, to) = (from.id()?, to.id()?);
    let service = match packet.protocol {
        Protocol::TCP => format!("tcp:{}", packet.destination_port),
        Protocol::UDP => format!("udp:{}", packet.destination_port),
        Protocol::ICMP => "icmp".to_owned(),
        _ => return None,
    };
    let traffic = Traffics {
        service: parse_service(&service).ok()?,
        source_ports: IntervalSet::single(packet.source_port),
    };
    Some(FixQuestion {
        from: (Selector::Id(from.clone()), from.to_string()),
        to: (Selector::Id(to.clone()), to.to_string()),
        traffic: (traffic, service),
        goal,
        limit: 3,
        budget: Budget::default(),
    })
}

/// Ends that mean one address each.
pub(crate) fn is_single(network: &Network, end: &Endpoint, address: std::net::IpAddr) -> bool {
    match end {
        Endpoint::Instance(id) => network.instances.get(id).is_some_and(|it| it.ip == address),
        Endpoint::ClassicInstance(id) => {
            let own = network.classic_instances.get(id);
            own.is_some_and(|it| it.ip == address)
        }
        Endpoint::Database(id) => network.databases.get(id).is_some_and(|it| it.ip == address),
        _ => false,
    }
}

#[test]
fn every_fix_on_random_networks_is_what_the_oracle_says() {
    let mut idle = Vec::new();
    let mut empty = scenario("scenarios/classic-link/linked-neighbours.ron");
    empty.base.clear();
    let (mut opened, mut closed, mut actions) = (0, 0, BTreeMap::new());
    for seed in 0..30 {
        let network = random::network(seed);
        // Of both kinds; most questions of some networks work.
        let mut left = BTreeMap::from([(true, 1), (false, 5)]);
        for (from, to, packet) in random::questions(&network, seed, 150) {
            let single = is_single(&network, &from, packet.source)
                && is_single(&network, &to, packet.destination);
            if !single {
                continue;
            }
            let judged = oracle::judge(&network, &from, &to, packet);
            if left[&judged.always] == 0 {
                continue;
            }
            let goal = if judged.always { Goal::Close } else { Goal::Open };
            let Some(question) = about(&from, &to, &packet, goal) else {
                continue;
            };
            let Some(found) = fix(&situation(&network), &empty, &question, DAY) else {
                continue;
            };
            let works = found.verdict == Verdict::Reachable;
            assert_eq!(works, judged.always, "seed {seed}: {from} → {to} {packet}");
            *left.get_mut(&works).expect("both kinds") -= 1;
            for fix in &found.fixes {
                holds(&network, fix);
                let judged = oracle::judge(&fix.network, &from, &to, packet);
                let told = format!("seed {seed}: {from} → {to} {packet}: {:?}", fix.changes);
                match goal {
                    Goal::Open => assert!(judged.always, "{told}\n{judged:#?}"),
                    Goal::Close => assert!(!judged.sometimes, "{told}"),
                }
                for left_out in 0..fix.changes.len() {
                    let mut fewer = fix.changes.clone();
                    fewer.remove(left_out);
                    let mut network = network.clone();
                    let taken = fewer.iter().all(|change| {
                        let new = apply(&network, change).map(|new| network = new);
                        new.is_ok()
                    });
                    let judged = oracle::judge(&network, &from, &to, packet);
                    let still = match goal {
                        Goal::Open => judged.always,
                        Goal::Close => !judged.sometimes && !judged.undetermined,
                    };
                    idle.extend((taken && still).then(|| format!("{told}: {left_out}")));
                }
                *(if works { &mut closed } else { &mut opened }) += 1;
                for change in &fix.changes {
                    *actions.entry(change.action()).or_insert(0) += 1;
                }
            }
        }
    }
    assert!(opened > 20 && closed > 5, "{opened} {closed} {actions:?}");
    assert!(actions.len() >= 4, "{actions:?}");
    assert!(idle.is_empty(), "not needed: {idle:#?}");
}

#[test]
fn a_change_reads_back_as_it_is_written() {
    let mut seen = BTreeMap::new();
    for seed in 0..60 {
        let mut network = random::network(seed);
        for (change, new) in random::edits(&network.clone(), seed, 12) {
            let text = write_change(&change);
            let mut sources = pathproof::diagnostic::Sources::default();
            let parsed = parse_changes(&[("change", &text)], &network, &mut sources);
            let parsed =
                parsed.changes.unwrap_or_else(|| panic!("{text}: {:?}", parsed.diagnostics));
            let [planned] = parsed.as_slice() else { panic!("one change: {text}") };
            assert_eq!(after(&network, std::slice::from_ref(&planned.change)), new, "{text}");
            *seen.entry(change.action()).or_insert(0) += 1;
            network = new;
        }
    }
    assert!(seen.len() >= 4, "{seen:?}");
}

#[test]
fn every_action_of_the_format_can_be_written() {
    let written = [
        r#"AttachClassicLinkVpc(vpc: "vpc-prod", instances: ["ins-legacy-1"])"#,
        r#"DetachClassicLinkVpc(vpc: "vpc-prod", instances: ["ins-legacy-1", "ins-legacy-2"])"#,
        r#"ModifyPrivateIpAddress(instance: "ins-web-1", ip: "10.8.2.77")"#,
        r#"TerminateInstances(["ins-web-1", "ins-legacy-1"])"#,
        r#"IsolateInstance(instance: "ins-web-1", reason: Arrears)"#,
        r#"RecoverInstance(instance: "ins-web-1")"#,
        r#"MigrateInstance(instance: "ins-web-1", kind: Failure)"#,
        r#"ResizeInstance(instance: "ins-web-1")"#,
        r#"ResetInstance(instance: "ins-web-1")"#,
        r#"RegisterTargets(load_balancer: "lb-shop", service: "tcp:443", targets: [(instance: "ins-web-1", port: 8443, weight: 3)])"#,
        r#"DeregisterTargets(load_balancer: "lb-shop", service: "tcp:443", targets: [(instance: "ins-web-1", port: 8443)])"#,
        r#"CreateSecurityGroupPolicies(security_group: "sg-web", ingress: [Drop(from: "sg-data", service: "udp:1-9,53")], at: 1)"#,
        r#"DeleteSecurityGroupPolicies(security_group: "sg-web", ingress: [0, 1], egress: [0])"#,
        r#"ModifySecurityGroupPolicies(security_group: "sg-web", ingress: [], egress: [Accept(to: "10.0.0.0/8")])"#,
        r#"AssociateSecurityGroups(instance: "ins-web-1", security_groups: ["sg-data", "sg-web"])"#,
        r#"ModifyNetworkAclEntries(network_acl: "acl-data", egress: [Accept(to: "10.8.0.0/16", source_port: "53", service: "udp:all")])"#,
        r#"AssociateNetworkAclSubnets(network_acl: "acl-data", subnets: ["subnet-web"])"#,
        r#"DisassociateNetworkAclSubnets(network_acl: "acl-data", subnets: ["subnet-data"])"#,
        r#"CreateRoutes(route_table: "RTB", routes: [(to: "0.0.0.0/0", via: Eip), (to: "10.99.0.0/16", via: Instance("ins-web-1"), enabled: false)])"#,
        r#"DeleteRoutes(route_table: "RTB", to: ["0.0.0.0/0"])"#,
        r#"EnableRoutes(route_table: "RTB", to: ["0.0.0.0/0"])"#,
        r#"DisableRoutes(route_table: "RTB", to: ["0.0.0.0/0", "10.0.0.0/8"])"#,
        r#"ReplaceRouteTableAssociation(subnet: "subnet-web", route_table: "RTB")"#,
        r#"Create(vpcs: {"vpc-new": (region: "ap-guangzhou", cidr: "10.99.0.0/16")}, classic_links: {"vpc-new": ["ins-legacy-1"]})"#,
        r#"Replace(security_groups: {"sg-web": (ingress: [Accept()])})"#,
        r#"Delete(["sg-web"])"#,
        r#"Down("ins-web-1")"#,
        r#"Up("ins-web-1")"#,
    ];
    let network = scenario("scenarios/estate/today.ron").network;
    let table = network.route_tables.keys().next().expect("a route table");
    let read = |text: &str| {
        let mut sources = pathproof::diagnostic::Sources::default();
        let parsed = parse_changes(&[("change", text)], &network, &mut sources);
        let changes = parsed.changes.unwrap_or_else(|| panic!("{text}: {:?}", parsed.diagnostics));
        let mut changes = changes.into_iter().map(|planned| planned.change);
        changes.next().expect("a change")
    };
    let mut actions: Vec<&str> = Vec::new();
    for text in written {
        let text = text.replace("RTB", table.as_str());
        let change = read(&text);
        assert_eq!(read(&write_change(&change)), change, "{text}");
        actions.push(change.action());
    }
    actions.dedup();
    assert_eq!(actions.len(), 28);
}
