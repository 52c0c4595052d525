//! Advice that can be followed: for every reason that blocks, what is said about it is done to a shipped scenario that shows
//! it, and the reason is gone; or the text says that no rule lifts it.

use std::collections::BTreeMap;

use pathproof::code::{Class, Code, CodeKind, Language};
use pathproof::diagnostic::Sources;
use pathproof::model::{Network, apply};
use pathproof::query::{Reason, Verdict};
use pathproof::render::remedy::remedy;
use pathproof::scenario::{Scenario, Side, parse_changes, parse_service, resolve_selector};
use pathproof::verify::{Budget, Goal, fix, reach, run};

use crate::fix::{DAY, question, scenario, situation};
use crate::shipped::{loaded, scenarios};

/// Somebody in a shipped scenario who meets a reason.
struct Met {
    path: String,
    network: Network,
    words: [String; 3],
    reason: Reason,
}

/// So many questions of a code are tried, in the order of the files.
const TRIED: usize = 12;

/// Who meets which reason in the scenarios that come with the program.
fn met() -> BTreeMap<Code, Vec<Met>> {
    let mut all: BTreeMap<Code, Vec<Met>> = BTreeMap::new();
    for path in scenarios("scenarios") {
        let report = run(&path, loaded(&path), DAY, Budget::default());
        for stage in &report.stages {
            for asked in &stage.expectations {
                let expectation = &asked.expectation;
                let found = asked.found.as_ref();
                for reason in found.map_or(&[][..], |found| &found.reasons) {
                    let own = all.entry(reason.cause.code).or_default();
                    if own.len() < TRIED {
                        own.push(Met {
                            path: path.clone(),
                            network: (*stage.network).clone(),
                            words: [
                                expectation.from_text.clone(),
                                expectation.to_text.clone(),
                                expectation.service_text.clone(),
                            ],
                            reason: reason.clone(),
                        });
                    }
                }
            }
        }
    }
    all
}

/// What blocks a question.
fn blockers(network: &Network, [from, to, service]: [&str; 3]) -> (Verdict, Vec<Code>) {
    let who = |text: &str, side| resolve_selector(text, side, network).expect("a selector");
    let traffic = pathproof::query::Traffics {
        service: parse_service(service).expect("a service"),
        ..pathproof::query::Traffics::default()
    };
    let (from, to) = (who(from, Side::From), who(to, Side::To));
    let found = reach(&situation(network), &from, &to, &traffic, Budget::default());
    let found = found.expect("somebody is meant");
    let reasons = found.blocked.iter().flat_map(|part| &part.reasons);
    (found.verdict, reasons.map(|reason| reason.cause.code).collect())
}

/// Whether the best changes that `fix` finds lift a reason.
fn is_lifted(met: &Met, scenario: &Scenario) -> bool {
    let [from, to, service] = &met.words;
    let words = [from.as_str(), to, service];
    let mut asked = question(&met.network, words, Goal::Open);
    asked.limit = 1;
    let found = fix(&situation(&met.network), scenario, &asked, DAY);
    let Some(best) = found.as_ref().and_then(|found| found.fixes.first()) else {
        return false;
    };
    let mut network = met.network.clone();
    for change in &best.changes {
        network = apply(&network, change).expect("a change that was tried");
    }
    let (verdict, left) = blockers(&network, words);
    assert_eq!(verdict, Verdict::Reachable, "{}: {words:?}", met.path);
    !left.contains(&met.reason.cause.code)
}

#[test]
fn every_reason_can_be_lifted_or_is_said_to_be_the_platforms() {
    let met = met();
    let mut open = Vec::new();
    for &code in Code::ALL.iter().filter(|code| code.kind() == CodeKind::Reason) {
        // They are of the question: another one is asked below.
        if code == Code::LocalWithoutOwner {
            continue;
        }
        // Whoever opens has the address that it opens from: the word is for engines that are asked otherwise.
        if code == Code::SourceAddressNotOwned {
            assert!(!met.contains_key(&code), "{code} is shown: follow its advice");
            continue;
        }
        let Some(own) = met.get(&code) else {
            open.push(format!("{code}: no shipped scenario shows it"));
            continue;
        };
        if code.class() == Some(Class::Platform) {
            for one in own {
                let text = remedy(&one.network, "1", &one.reason, Language::English);
                let says = text.starts_with("no rule lifts 1, which is the platform's: ");
                assert!(says, "{code}: {text}");
                let text = remedy(&one.network, "1", &one.reason, Language::Chinese);
                let says = text.starts_with("1 为平台限制，任何规则都无法放开：");
                assert!(says, "{code}: {text}");
            }
            continue;
        }
        let mut tried = own.iter();
        if !tried.any(|one| is_lifted(one, &scenario(&one.path))) {
            let names: Vec<_> = own.iter().map(|one| (&one.path, &one.words)).collect();
            open.push(format!("{code}: nothing lifts it in {names:?}"));
        }
    }
    assert!(open.is_empty(), "{}", open.join("\n"));
}

/// A scenario, a question that a code blocks, what the advice says is done first, the question it says to ask then.
type Way<'a> = (Code, &'a str, [&'a str; 3], &'a str, [&'a str; 3]);

/// The other way that the advice names where no rule lifts a reason.
const WAYS: &[Way<'_>] = &[
    (
        Code::ClassicLinkSecondaryCidr,
        "scenarios/classic-link/primary-cidr-only.ron",
        ["TomCVM", "ins-new", "all"],
        r#"ModifyInstancesVpcAttribute(instances: ["ins-new"], vpc: "vpc-tom", subnet: "subnet-web", ips: ["10.1.1.50"])"#,
        ["TomCVM", "ins-new", "all"],
    ),
    (
        Code::ClassicLinkCvmOnly,
        "scenarios/classic-link/services-outside-the-vpc.ron",
        ["ins-web", "cdb-old", "tcp:3306"],
        r#"Create(endpoint_connections: {"epc-new": (vpc: "vpc-tom", vip: "10.1.1.200", target: "cdb-old")})"#,
        ["ins-web", "epc-new", "tcp:3306"],
    ),
    (
        Code::ClassicLinkNoTransit,
        "scenarios/classic-link/no-transit-through-peering.ron",
        ["TomCVM", "ins-ann", "all"],
        r#"ModifyInstancesVpcAttribute(instances: ["TomCVM"], vpc: "vpc-tom", subnet: "subnet-tom", ips: ["10.1.1.60"])"#,
        ["TomCVM", "ins-ann", "all"],
    ),
    (
        Code::LocalWithoutOwner,
        "scenarios/lint/overlapping-cidrs.ron",
        ["ins-client", "10.1.7.10", "tcp:443"],
        "[]",
        ["ins-client", "10.2.0.10", "tcp:443"],
    ),
    (
        Code::EndpointConnectionOneWay,
        "scenarios/classic-link/endpoint-connection.ron",
        ["epc-orders", "ins-web", "all"],
        "[]",
        ["ins-web", "epc-orders", "tcp:3306"],
    ),
    (
        Code::EndpointCannotInitiate,
        "scenarios/classic-link/endpoint-connection.ron",
        ["cdb-orders", "TomCVM", "all"],
        "[]",
        ["TomCVM", "cdb-orders", "tcp:3306"],
    ),
    (
        Code::PeeringSecondaryCidr,
        "scenarios/gateways/peering-secondary-cidr.ron",
        ["ins-a", "ins-b2", "all"],
        r#"ModifyInstancesVpcAttribute(instances: ["ins-b2"], vpc: "vpc-b", subnet: "subnet-b", ips: ["10.2.1.50"])"#,
        ["ins-a", "ins-b2", "all"],
    ),
    (
        Code::OutboundSmtpBlocked,
        "scenarios/gateways/outbound-mail.ron",
        ["ins-mail", "internet", "tcp:25"],
        "[]",
        ["ins-mail", "internet", "tcp:465"],
    ),
    (
        Code::VpcEndpointOneWay,
        "scenarios/private-link/one-way.ron",
        ["ins-ops", "ins-shop", "all"],
        "[]",
        ["ins-shop", "vpce-api", "tcp:443"],
    ),
];

#[test]
fn the_other_way_that_the_advice_names_is_a_way() {
    for (code, path, words, changes, other) in WAYS {
        let network = scenario(path).network;
        let (_, before) = blockers(&network, *words);
        assert!(before.contains(code), "{path}: {words:?}: {before:?}");
        let mut sources = Sources::default();
        let parsed = parse_changes(&[("way", changes)], &network, &mut sources);
        let changes = parsed.changes.expect("changes that can be read");
        let mut network = network;
        for planned in &changes {
            network = apply(&network, &planned.change).expect("a change that the cloud takes");
        }
        let (verdict, after) = blockers(&network, *other);
        assert!(!after.contains(code), "{code}: {after:?}");
        assert_eq!(verdict, Verdict::Reachable, "{code}: {path}: {after:?}");
    }
}

#[test]
fn nobody_asks_with_an_address_that_the_opener_does_not_have() {
    let network = scenario("scenarios/changes/load-balancer-targets.ron").network;
    let wrong = resolve_selector("10.1.1.99", Side::From, &network);
    assert!(wrong.is_err(), "nobody in the VPC has it: {wrong:?}");
    // What the advice says: with the opener's own address it works.
    let (verdict, left) = blockers(&network, ["10.1.1.5", "ins-web1", "tcp:80"]);
    assert_eq!((verdict, left), (Verdict::Reachable, Vec::new()));
}
