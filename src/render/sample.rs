//! A small shop for the tests of `render`: a network, its text, and what came of questions about it, all
//! made by hand.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use crate::code::Code;
use crate::diagnostic::{Sources, Span};
use crate::id::Id;
use crate::model::Protocols;
use crate::model::{
    AclRule, ClassicInstance, ClassicLink, Endpoint, Locate, Meta, Network, NetworkAcl, NextHop,
    Peer, Place, Route, RouteTable, SecurityGroup, SecurityGroupRule, Served, Service, State,
};
use crate::query::{
    Cause, Direction, Expectation, Facts, ListName, NearMiss, Reason, RuleRef, Selector, Trace,
    TracePath, TraceStep, Traffics, Verdict, Want,
};
use crate::space::{Action, AddressSet, IntervalSet, Packet, Part, Protocol};
use crate::verify::{
    ChangeReport, ExpectationReport, FileReport, Found, Note, Outcome, Sample, StageKind,
    StageReport, TraceReport,
};

/// The file.
pub(super) const TEXT: &str = r#"(
    network: (
        vpcs: { "vpc-shop": (region: "ap-guangzhou", cidr: "10.8.0.0/16", secondary_cidrs: ["172.16.0.0/16"]) },
        route_tables: {
            "rtb-shop": (vpc: "vpc-shop", routes: [(to: "10.2.0.0/16", via: PeeringConnection("pcx-1"))]),
        },
        network_acls: {
            "acl-db": (
                vpc: "vpc-shop",
                ingress: [Accept(from: "10.0.0.0/8", service: "tcp:3306")],
                egress: [Accept(to: "10.0.0.0/8", service: "tcp:49152-65535")],
            ),
        },
        security_groups: {
            "sg-classic": (egress: [Accept()]),
            "sg-db": (
                ingress: [
                    Drop(from: "10.9.0.0/16"),
                    Accept(from: "10.1.0.0/16", service: "tcp:3306"),
                ],
            ),
        },
        classic_links: { "vpc-shop": ["ins-tom", "ins-ann"] },
    ),
    expect: [
        Reachable(from: "ins-tom", to: "cdb-1", service: "tcp:3306"),
        Unreachable(from: "ins-web", to: "cdb-1", service: "tcp:3306"),
        Reachable(from: "tag:role=none", to: "cdb-1"),
    ],
    steps: [
        (
            name: "link another",
            changes: [AttachClassicLinkVpc(vpc: "vpc-shop", instances: ["ins-far"])],
        ),
    ],
)
"#;

/// Knows places by a piece of the text that begins there.
struct Marks(Vec<(Place, Span)>);

impl Locate for Marks {
    fn locate(&self, place: &Place) -> Option<Span> {
        let mut marks = self.0.iter();
        marks
            .find(|(known, _)| known == place)
            .map(|(_, span)| *span)
    }
}

/// The span of the first piece of the text that reads so.
pub(super) fn span(piece: &str) -> Span {
    let start = TEXT.find(piece).expect("a piece of the text");
    let offset = |at: usize| u32::try_from(at).expect("a short text");
    Span {
        file: 0,
        start: offset(start),
        end: offset(start + piece.len()),
    }
}

pub(super) fn sources() -> Sources {
    let mut sources = Sources::default();
    sources.add("shop.ron".to_owned(), Arc::from(TEXT));
    sources
}

pub(super) fn origins() -> Arc<dyn Locate + Send + Sync> {
    let list = |id: &str, list, index| Place::item(&id.into(), list, index);
    Arc::new(Marks(vec![
        (Place::of(&"vpc-shop".into()), span("\"vpc-shop\": (region")),
        (list("rtb-shop", "routes", 0), span("(to: \"10.2.0.0/16\"")),
        (
            list("acl-db", "ingress", 0),
            span("Accept(from: \"10.0.0.0/8\", service: \"tcp:3306\")"),
        ),
        (
            list("acl-db", "egress", 0),
            span("Accept(to: \"10.0.0.0/8\", service: \"tcp:49152-65535\")"),
        ),
        (
            Place::field(&"acl-db".into(), "egress"),
            span("egress: [Accept(to"),
        ),
        (list("sg-classic", "egress", 0), span("Accept()")),
        (
            Place::field(&"sg-db".into(), "ingress"),
            span("ingress: [\n"),
        ),
        (
            list("sg-db", "ingress", 0),
            span("Drop(from: \"10.9.0.0/16\")"),
        ),
        (
            list("sg-db", "ingress", 1),
            span("Accept(from: \"10.1.0.0/16\", service: \"tcp:3306\")"),
        ),
        (
            list("vpc-shop", "classic_links", 0),
            span("\"ins-tom\", \"ins-ann\""),
        ),
        (list("vpc-shop", "classic_links", 1), span("\"ins-ann\"")),
    ]))
}

pub(super) fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn cidr(text: &str) -> IpNet {
    text.parse().expect("a CIDR")
}

fn tcp(low: u16, high: u16) -> Service {
    Service {
        protocols: Protocols::One(Protocol::TCP),
        ports: IntervalSet::range(low, high),
    }
}

/// What stands in [`TEXT`].
pub(super) fn network() -> Network {
    let group = |action, peer: Option<&str>, service| SecurityGroupRule {
        action,
        peer: peer.map_or(Peer::Any, |peer| Peer::Addresses(cidr(peer).into())),
        service: Served::Service(service),
    };
    let mut network = Network::default();
    network.security_groups.insert(
        "sg-classic".into(),
        SecurityGroup {
            meta: Meta::default(),
            region: None,
            ingress: Vec::new(),
            egress: vec![group(Action::Accept, None, Service::all())],
        },
    );
    network.security_groups.insert(
        "sg-db".into(),
        SecurityGroup {
            meta: Meta::default(),
            region: None,
            ingress: vec![
                group(Action::Drop, Some("10.9.0.0/16"), Service::all()),
                group(Action::Accept, Some("10.1.0.0/16"), tcp(3306, 3306)),
            ],
            egress: Vec::new(),
        },
    );
    let acl = |source: Option<&str>, destination: Option<&str>, service| AclRule {
        action: Action::Accept,
        source: source.map(|source| AddressSet::from(cidr(source))),
        source_ports: None,
        destination: destination.map(|destination| AddressSet::from(cidr(destination))),
        service,
    };
    network.network_acls.insert(
        "acl-db".into(),
        NetworkAcl {
            meta: Meta::default(),
            vpc: "vpc-shop".into(),
            ingress: vec![acl(Some("10.0.0.0/8"), None, tcp(3306, 3306))],
            egress: vec![acl(None, Some("10.0.0.0/8"), tcp(49152, 65535))],
        },
    );
    network.route_tables.insert(
        "rtb-shop".into(),
        RouteTable {
            meta: Meta::default(),
            vpc: "vpc-shop".into(),
            routes: vec![Route {
                to: cidr("10.2.0.0/16"),
                via: NextHop::PeeringConnection("pcx-1".into()),
                enabled: true,
            }],
        },
    );
    link(&mut network, "ins-tom", "10.60.5.7", "10.60.5.7");
    link(&mut network, "ins-ann", "10.60.5.8", "10.60.5.9");
    network
}

fn link(network: &mut Network, id: &str, linked: &str, now: &str) {
    network.classic_instances.insert(
        id.into(),
        ClassicInstance {
            meta: Meta::default(),
            region: "ap-guangzhou".to_owned(),
            ip: address(now),
            public_ip: None,
            security_groups: Vec::new(),
            state: State::Running,
        },
    );
    let links = network.classic_links.entry("vpc-shop".into()).or_default();
    links.push(ClassicLink {
        instance: id.into(),
        address: address(linked),
    });
}

/// The packet of most questions: `ins-tom` opens MySQL on `cdb-1`.
pub(super) fn packet() -> Packet {
    Packet::new(
        Protocol::TCP,
        (address("10.60.5.7"), 1024),
        (address("172.16.3.9"), 3306),
    )
}

/// A reason of a code, with all that sentences may need.
pub(super) fn reason(code: Code, at: &str, direction: Direction) -> Reason {
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

pub(super) fn rule(owner: &str, list: ListName, index: usize, action: Action) -> RuleRef {
    RuleRef {
        owner: owner.into(),
        list,
        index,
        action,
    }
}

/// The secondary CIDR of `vpc-shop` is in the way.
pub(super) fn secondary() -> Reason {
    let mut reason = reason(
        Code::ClassicLinkSecondaryCidr,
        "vpc-shop",
        Direction::Forward,
    );
    reason.cause.facts = Facts {
        address: Some(address("172.16.3.9")),
        cidr: Some(cidr("10.8.0.0/16")),
        other: None,
    };
    reason
}

/// No rule of `sg-db` matches; the second comes closest.
pub(super) fn unmatched() -> Reason {
    Reason {
        endpoint: Some(Endpoint::Database("cdb-1".into())),
        near_miss: Some(NearMiss {
            rule: rule("sg-db", ListName::Ingress, 1, Action::Accept),
            failed: vec![Part::Source],
        }),
        ..reason(
            Code::SecurityGroupIngressDenied,
            "sg-db",
            Direction::Forward,
        )
    }
}

/// The reply meets no rule of `acl-db`.
pub(super) fn lost_reply() -> Reason {
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
pub(super) fn blocked_way() -> TracePath {
    let as_if = |step| TraceStep {
        as_if: true,
        ..step
    };
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
        always: false,
        sometimes: false,
    }
}

/// The packet arrives under another address, and the reply is lost.
pub(super) fn half_way() -> TracePath {
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
        forward: vec![
            out(),
            TraceStep {
                endpoint: None,
                ..route
            },
            arrives,
        ],
        back: vec![vec![blocked("network-acl-egress", lost_reply())]],
        reasons: vec![lost_reply()],
        waypoints: Vec::new(),
        always: false,
        sometimes: false,
    }
}

/// Everything works on this way.
pub(super) fn open_way() -> TracePath {
    TracePath {
        back: vec![Vec::new()],
        reasons: Vec::new(),
        always: true,
        sometimes: true,
        forward: vec![out(), into_subnet()],
        waypoints: Vec::new(),
    }
}

fn sample() -> Sample {
    Sample {
        from: opener(),
        to: receiver(),
        packet: packet(),
    }
}

pub(super) fn found(verdict: Verdict, reasons: Vec<Reason>) -> Found {
    Found {
        verdict,
        pairs: 1,
        lost: (verdict != Verdict::Reachable).then(sample),
        working: (verdict != Verdict::Unreachable).then(sample),
        reasons,
        works: Vec::new(),
    }
}

/// A trace over these ways.
pub(super) fn trace(verdict: Verdict, paths: Vec<TracePath>) -> TraceReport {
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
        waive: None,
    }
}

/// A file with one expectation that fails, one that passes, one that is vacuous, and a change that is
/// refused.
pub(super) fn file() -> FileReport {
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
            "`ins-far` is in ap-beijing, `vpc-shop` in ap-guangzhou".to_owned(),
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
            stage(
                StageKind::Base,
                None,
                Vec::new(),
                vec![failing, passing, vacuous],
            ),
            stage(
                StageKind::Step,
                Some("link another"),
                vec![change],
                Vec::new(),
            ),
        ],
    }
}

/// A text without its colours.
pub(super) fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// Fails if a line is wider than a terminal.
pub(super) fn assert_narrow(text: &str) {
    for line in plain(text).lines() {
        let wide = super::wrap::columns(line);
        assert!(wide <= super::style::WIDTH, "{wide} columns: {line}");
    }
}
