//! A small shop for the tests of `render`: a network, its text, and what came of questions about it, all
//! made by hand.

mod report;

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use crate::diagnostic::{Sources, Span};
use crate::model::Protocols;
use crate::model::{
    AclRule, ClassicInstance, ClassicLink, Locate, Meta, Network, NetworkAcl, NextHop, Peer, Place,
    Route, RouteTable, SecurityGroup, SecurityGroupRule, Served, Service, State,
};
use crate::space::{Action, AddressSet, IntervalSet, Protocol};

pub(super) use report::{
    blocked_way, file, half_way, lost_reply, open_way, packet, reason, rule, secondary, trace,
    unmatched,
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
        marks.find(|(known, _)| known == place).map(|(_, span)| *span)
    }
}

/// The span of the first piece of the text that reads so.
pub(super) fn span(piece: &str) -> Span {
    let start = TEXT.find(piece).expect("a piece of the text");
    let offset = |at: usize| u32::try_from(at).expect("a short text");
    Span { file: 0, start: offset(start), end: offset(start + piece.len()) }
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
        (list("acl-db", "ingress", 0), span("Accept(from: \"10.0.0.0/8\", service: \"tcp:3306\")")),
        (
            list("acl-db", "egress", 0),
            span("Accept(to: \"10.0.0.0/8\", service: \"tcp:49152-65535\")"),
        ),
        (Place::field(&"acl-db".into(), "egress"), span("egress: [Accept(to")),
        (list("sg-classic", "egress", 0), span("Accept()")),
        (Place::field(&"sg-db".into(), "ingress"), span("ingress: [\n")),
        (list("sg-db", "ingress", 0), span("Drop(from: \"10.9.0.0/16\")")),
        (list("sg-db", "ingress", 1), span("Accept(from: \"10.1.0.0/16\", service: \"tcp:3306\")")),
        (list("vpc-shop", "classic_links", 0), span("\"ins-tom\", \"ins-ann\"")),
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
    Service { protocols: Protocols::One(Protocol::TCP), ports: IntervalSet::range(low, high) }
}

/// What stands in [`TEXT`].
pub(super) fn network() -> Network {
    let group = |action, peer: Option<&str>, service| SecurityGroupRule {
        action,
        peer: peer.map_or(Peer::Any, |peer| Peer::cidr(cidr(peer))),
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
                priority: 0,
                publish: false,
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
    links.push(ClassicLink { instance: id.into(), address: address(linked) });
}

/// A text without its colours.
pub(super) fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// Fails if a line is wider than a terminal.
pub(super) fn assert_narrow(text: &str) {
    for line in plain(text).lines() {
        let wide = super::wrap::columns(line);
        assert!(wide <= super::screen::width(), "{wide} columns: {line}");
    }
}
