//! What came of questions about the sample shop.

use std::sync::Arc;

use super::{address, cidr, network, origins, sources, span};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::{Endpoint, Place};
use crate::query::{
    Cause, Direction, Expectation, Facts, ListName, NearMiss, Reason, RuleRef, Selector, Trace,
    TracePath, TraceStep, Traffics, Verdict, Want,
};
use crate::space::{Action, Packet, Part, Protocol};
use crate::verify::{
    ChangeReport, ExpectationReport, FileReport, Found, Note, Outcome, Sample, StageKind,
    StageReport, TraceReport,
};
/// The packet of most questions: `ins-tom` opens `MySQL` on `cdb-1`.
pub(in super::super) fn packet() -> Packet {
    Packet::new(Protocol::TCP, (address("10.60.5.7"), 1024), (address("172.16.3.9"), 3306))
}

/// A reason of a code, with all that sentences may need.
pub(in super::super) fn reason(code: Code, at: &str, direction: Direction) -> Reason {
    let packet = match direction {
        Direction::Forward => packet(),
        Direction::Return => packet().reply(),
    };
    Reason {
        direction,
        cause: Cause::at(code, &at.into()),
        endpoint: None,
        rule: None,
        near_miss: None,
        witness: packet,
    }
}

pub(in super::super) fn rule(owner: &str, list: ListName, index: usize, action: Action) -> RuleRef {
    RuleRef { owner: owner.into(), list, index, action }
}

/// The secondary CIDR of `vpc-shop` is in the way.
pub(in super::super) fn secondary() -> Reason {
    let mut reason = reason(Code::ClassicLinkSecondaryCidr, "vpc-shop", Direction::Forward);
    reason.cause.facts = Facts {
        address: Some(address("172.16.3.9")),
        cidr: Some(cidr("10.8.0.0/16")),
        ..Facts::default()
    };
    reason
}

/// No rule of `sg-db` matches; the second comes closest.
pub(in super::super) fn unmatched() -> Reason {
    Reason {
        endpoint: Some(Endpoint::Database("cdb-1".into())),
        near_miss: Some(NearMiss {
            rule: rule("sg-db", ListName::Ingress, 1, Action::Accept),
            failed: vec![Part::Source],
        }),
        ..reason(Code::SecurityGroupIngressDenied, "sg-db", Direction::Forward)
    }
}

/// The reply meets no rule of `acl-db`.
pub(in super::super) fn lost_reply() -> Reason {
    Reason {
        near_miss: Some(NearMiss {
            rule: rule("acl-db", ListName::Egress, 0, Action::Accept),
            failed: vec![Part::Port],
        }),
        ..reason(Code::NetworkAclEgressDenied, "acl-db", Direction::Return)
    }
}

fn passed(stage: &'static str, endpoint: Option<Endpoint>, rule: RuleRef) -> TraceStep {
    TraceStep {
        stage,
        at: Some(rule.owner.clone()),
        endpoint,
        passed: true,
        place: Some(rule.place()),
        rule: Some(rule),
        packet_in: packet(),
        packet_out: packet(),
        reason: None,
        as_if: false,
    }
}

fn blocked(stage: &'static str, reason: Reason) -> TraceStep {
    TraceStep {
        stage,
        at: reason.cause.at.clone(),
        endpoint: reason.endpoint.clone(),
        passed: false,
        rule: reason.rule.clone(),
        place: reason.cause.place.clone(),
        packet_in: reason.witness,
        packet_out: reason.witness,
        reason: Some(reason),
        as_if: false,
    }
}

fn opener() -> Endpoint {
    Endpoint::ClassicInstance("ins-tom".into())
}

fn receiver() -> Endpoint {
    Endpoint::Database("cdb-1".into())
}

/// The first steps of a way: out of `ins-tom`.
fn out() -> TraceStep {
    let rule = rule("sg-classic", ListName::Egress, 0, Action::Accept);
    passed("security-group-egress", Some(opener()), rule)
}

fn into_subnet() -> TraceStep {
    let rule = rule("acl-db", ListName::Ingress, 0, Action::Accept);
    passed("network-acl-ingress", None, rule)
}

/// The platform and a group are in the way there.
pub(in super::super) fn blocked_way() -> TracePath {
    let as_if = |step| TraceStep { as_if: true, ..step };
    TracePath {
        forward: vec![
            out(),
            blocked("classic-link", secondary()),
            as_if(into_subnet()),
            as_if(blocked("security-group-ingress", unmatched())),
        ],
        back: Vec::new(),
        reasons: vec![secondary(), unmatched()],
        waypoints: Vec::new(),
        waypoints_back: Vec::new(),
        always: false,
        sometimes: false,
    }
}

/// The packet arrives under another address, and the reply is lost.
pub(in super::super) fn half_way() -> TracePath {
    let mut rewritten = packet();
    rewritten.destination = address("172.16.3.10");
    rewritten.destination_port = 13306;
    let mut arrives = passed(
        "security-group-ingress",
        Some(receiver()),
        rule("sg-db", ListName::Ingress, 1, Action::Accept),
    );
    arrives.packet_in = rewritten;
    let route = TraceStep {
        stage: "route",
        at: None,
        rule: None,
        place: Some(Place::item(&"rtb-shop".into(), "routes", 0)),
        packet_out: rewritten,
        ..out()
    };
    TracePath {
        forward: vec![out(), TraceStep { endpoint: None, ..route }, arrives],
        back: vec![vec![blocked("network-acl-egress", lost_reply())]],
        reasons: vec![lost_reply()],
        waypoints: Vec::new(),
        waypoints_back: Vec::new(),
        always: false,
        sometimes: false,
    }
}

/// Everything works on this way.
pub(in super::super) fn open_way() -> TracePath {
    TracePath {
        back: vec![Vec::new()],
        reasons: Vec::new(),
        always: true,
        sometimes: true,
        forward: vec![out(), into_subnet()],
        waypoints: Vec::new(),
        waypoints_back: Vec::new(),
    }
}

fn sample() -> Sample {
    Sample { from: opener(), to: receiver(), packet: packet() }
}

pub(in super::super) fn found(verdict: Verdict, reasons: Vec<Reason>) -> Found {
    Found {
        verdict,
        pairs: 1,
        lost: (verdict != Verdict::Reachable).then(sample),
        working: (verdict != Verdict::Unreachable).then(sample),
        reasons,
        works: Vec::new(),
        routes: Vec::new(),
    }
}

/// A trace over these ways.
pub(in super::super) fn trace(verdict: Verdict, paths: Vec<TracePath>) -> TraceReport {
    let reasons = paths.iter().flat_map(|path| path.reasons.clone()).collect();
    TraceReport {
        from: "ins-tom".to_owned(),
        to: "cdb-1".to_owned(),
        service: "tcp:3306".to_owned(),
        found: found(verdict, reasons),
        shown: Some((opener(), receiver())),
        trace: Some(Trace {
            packet: packet(),
            always: paths.iter().all(|path| path.always),
            sometimes: paths.iter().any(|path| path.sometimes),
            undetermined: false,
            paths,
        }),
        network: Arc::new(network()),
        origins: origins(),
        sources: sources(),
    }
}

fn expectation(from: &str, service: &str, want: Want) -> Expectation {
    let id = |text: &str| Selector::Id(Id::from(text));
    Expectation {
        name: None,
        from: id(from),
        from_text: from.to_owned(),
        to: id("cdb-1"),
        to_text: "cdb-1".to_owned(),
        traffic: Traffics::default(),
        service_text: service.to_owned(),
        want,
        because: None,
        via: Vec::new(),
        not_via: Vec::new(),
        during: crate::query::During::Always,
        waive: None,
    }
}

/// A file with one expectation that fails, one that passes, one that is vacuous, and a change that is
/// refused.
pub(in super::super) fn file() -> FileReport {
    let failing = ExpectationReport {
        span: span("Reachable(from: \"ins-tom\", to: \"cdb-1\", service: \"tcp:3306\")"),
        expectation: expectation("ins-tom", "tcp:3306", Want::Reachable),
        outcome: Outcome::Fail,
        found: Some(found(Verdict::Unreachable, vec![secondary(), unmatched()])),
        notes: vec![Note::OtherVerdict],
    };
    let passing = ExpectationReport {
        span: span("Unreachable(from: \"ins-web\", to: \"cdb-1\", service: \"tcp:3306\")"),
        expectation: expectation("ins-web", "tcp:3306", Want::Unreachable),
        outcome: Outcome::Pass,
        found: Some(found(Verdict::Unreachable, vec![lost_reply()])),
        notes: Vec::new(),
    };
    let vacuous = ExpectationReport {
        span: span("Reachable(from: \"tag:role=none\", to: \"cdb-1\")"),
        expectation: expectation("tag:role=none", "all", Want::Reachable),
        outcome: Outcome::Vacuous,
        found: None,
        notes: vec![Note::NobodyFrom],
    };
    let change = ChangeReport {
        span: span("AttachClassicLinkVpc(vpc: \"vpc-shop\", instances: [\"ins-far\"])"),
        action: "AttachClassicLinkVpc",
        refused: Some((
            Code::ClassicLinkRegionMismatch,
            Words::new(
                "`ins-far` is in ap-beijing, `vpc-shop` in ap-guangzhou",
                "`ins-far` 在 ap-beijing，`vpc-shop` 在 ap-guangzhou",
            ),
        )),
        wanted: None,
        passed: false,
    };
    let stage = |kind, name: Option<&str>, changes, expectations| StageReport {
        kind,
        name: name.map(str::to_owned),
        changes,
        expectations,
        network: Arc::new(network()),
        origins: origins(),
    };
    FileReport {
        path: "shop.ron".to_owned(),
        name: None,
        sources: sources(),
        diagnostics: Vec::new(),
        stages: vec![
            stage(StageKind::Base, None, Vec::new(), vec![failing, passing, vacuous]),
            stage(StageKind::Step, Some("link another"), vec![change], Vec::new()),
        ],
    }
}
