//! What a lint finds, as data: ids, places, sets.

use std::net::IpAddr;

use ipnet::IpNet;

use super::levels::Level;
use crate::code::Code;
use crate::diagnostic::Span;
use crate::id::Id;
use crate::model::{Endpoint, Kind, NextHop, Place, State, Usage};
use crate::query::{ListName, RuleRef, Waypoint};
use crate::space::{AddressSet, Exceeded, IntervalSet, Packet, Row};

/// One thing that looks wrong.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What it is.
    pub fact: Fact,
    /// How loudly it is told.
    pub level: Level,
    /// Where it stands.
    pub at: Site,
    /// Other places that belong to it.
    pub related: Vec<Place>,
}

/// Where a finding stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Site {
    /// In the network.
    Place(Place),
    /// Elsewhere in the file.
    Span(Span),
}

/// What looks wrong.
#[derive(Clone, Debug)]
pub enum Fact {
    /// Rules above decide all packets of the rule, some of them differently.
    ShadowedRule {
        /// The rule that decides nothing.
        rule: RuleRef,
        /// Those that decide its packets, top first.
        by: Vec<RuleRef>,
    },
    /// Without the rule everything is decided as with it.
    RedundantRule {
        /// The rule.
        rule: RuleRef,
        /// Those that decide its packets instead, top first.
        by: Vec<RuleRef>,
    },
    /// A rule names something that stands for nothing, so it matches no packet.
    EmptyReference {
        /// The rule.
        rule: RuleRef,
        /// What it names.
        names: Id,
        /// Why that stands for nothing.
        why: Empty,
    },
    /// Private addresses that nobody has.
    UnownedAddress {
        /// All addresses of the rule or of the member of a template.
        addresses: AddressSet,
    },
    /// Nothing uses it.
    UnusedObject {
        /// What it is.
        kind: Kind,
        /// Its id.
        id: Id,
    },
    /// No packet takes the route.
    RouteNeverTaken {
        /// Its destination.
        to: IpNet,
        /// Why.
        why: NotTaken,
    },
    /// The route is off.
    RouteDisabled {
        /// Its destination.
        to: IpNet,
    },
    /// The next hop is not there, or nobody carries it, or it is another VPC's.
    NextHopGone {
        /// The destination.
        to: IpNet,
        /// Where it should lead.
        via: NextHop,
        /// Why it does not.
        why: Gone,
    },
    /// The next hop is there and down.
    NextHopDown {
        /// The destination.
        to: IpNet,
        /// Where it leads.
        via: NextHop,
    },
    /// Every packet that takes the route comes back to where it has been.
    LoopingRoute {
        /// The destination.
        to: IpNet,
        /// The forwarding instances that it passes.
        through: Vec<Id>,
    },
    /// Connections that arrive and whose replies an ACL drops.
    RepliesDropped {
        /// The ACL.
        acl: Id,
        /// Its list.
        list: ListName,
        /// The rule; none = no rule accepts them.
        rule: Option<RuleRef>,
        /// Who opens.
        from: Endpoint,
        /// Who answers.
        to: Endpoint,
        /// The services whose replies are lost, source ports left open.
        services: Vec<Row>,
        /// The ports of the opener that no reply gets to.
        ports: IntervalSet<u16>,
        /// Such a reply.
        reply: Packet,
    },
    /// A reply is delivered by other gateways than the packet that it answers.
    AsymmetricPath {
        /// Who opens.
        from: Endpoint,
        /// Who answers.
        to: Endpoint,
        /// What the packet passes.
        there: Vec<Waypoint>,
        /// What the reply passes.
        back: Vec<Waypoint>,
        /// The packet.
        packet: Packet,
    },
    /// A forwarder with security groups passes only the packets, or only their replies.
    AsymmetricForwarder {
        /// The forwarders that only one direction passes.
        forwarders: Vec<Id>,
        /// Who opens.
        from: Endpoint,
        /// Who answers.
        to: Endpoint,
        /// What the packet passes.
        there: Vec<Waypoint>,
        /// What the reply passes.
        back: Vec<Waypoint>,
        /// The packet.
        packet: Packet,
    },
    /// A peering with routes at one end only.
    PeeringOneSided {
        /// The peering.
        peering: Id,
        /// The VPC with a route.
        with: Id,
        /// The VPC without.
        without: Id,
    },
    /// A peering joins two regions.
    PeeringCrossRegion {
        /// The peering.
        peering: Id,
        /// The regions of its ends.
        regions: [String; 2],
    },
    /// Two networks that are joined overlap.
    OverlappingCidrs {
        /// The networks.
        networks: [Id; 2],
        /// A CIDR of each; they overlap.
        cidrs: [IpNet; 2],
        /// What joins them.
        through: Id,
    },
    /// A network that others are joined with lies where container hosts have their bridge.
    ContainerBridgeOverlap {
        /// The network: a VPC or a site.
        network: Id,
        /// Its CIDR that overlaps.
        cidr: IpNet,
        /// What joins it with others.
        through: Id,
    },
    /// A line whose health is checked, and nothing carries these when it is down.
    LineWithoutBackup {
        /// The line.
        line: Id,
        /// Its gateway.
        gateway: Id,
        /// What only it carries.
        cidrs: Vec<IpNet>,
    },
    /// A CCN joins regions, and no bandwidth between them is configured.
    CcnNoBandwidth {
        /// The CCN.
        ccn: Id,
        /// The regions.
        regions: Vec<String>,
    },
    /// Internet hosts reach ports that are for administrators, or where data is.
    ExposedToInternet {
        /// Who is reached, by which public address.
        endpoints: Vec<(Endpoint, IpAddr)>,
        /// At which ports of the address.
        ports: IntervalSet<u16>,
        /// Which ports lie behind those.
        inside: IntervalSet<u16>,
        /// From where; `None` = from everywhere.
        sources: Option<AddressSet>,
    },
    /// Nothing that a load balancer sends passes the groups of a target.
    TargetBlocked {
        /// The load balancer.
        balancer: Id,
        /// The targets, of one listener.
        targets: Vec<Id>,
        /// Their port.
        port: u16,
        /// The last of the groups; the target itself if it has none.
        guard: Id,
    },
    /// The groups of a target drop the health checks of a load balancer.
    HealthCheckBlocked {
        /// The load balancer.
        balancer: Id,
        /// Where the checks come from.
        vip: IpAddr,
        /// The targets, of one listener.
        targets: Vec<Id>,
        /// Their port.
        port: u16,
        /// The last of the groups; the target itself if it has none.
        guard: Id,
    },
    /// Something behind an endpoint service drops sources that its clients come from.
    PrivateLinkSourceBlocked {
        /// The endpoint service.
        service: Id,
        /// The load balancer or its targets.
        targets: Vec<Id>,
        /// Their port.
        port: u16,
        /// The last of the groups, the target itself if it has none, or the network ACL.
        guard: Id,
    },
    /// No client on the Internet gets past the groups of what a DNAT entry leads to.
    DnatTargetBlocked {
        /// The NAT gateway.
        gateway: Id,
        /// The outside address and port.
        outside: (IpAddr, u16),
        /// Where they lead.
        target: Endpoint,
        /// The port there.
        port: u16,
        /// The last of the groups; the target itself if it has none.
        guard: Id,
    },
    /// No machine that a route leads over a forwarder gets past its groups.
    ForwarderBlocked {
        /// The destination of the route.
        to: IpNet,
        /// The instance, HAVIP or public gateway.
        forwarder: Id,
        /// The last of the groups; the forwarder itself if it has none.
        guard: Id,
        /// Which of its lists drops.
        list: ListName,
        /// A machine that sends this way, and how many more.
        client: (Endpoint, usize),
    },
    /// A link to an address that the CVM no longer has.
    ClassicLinkStale {
        /// The VPC.
        vpc: Id,
        /// The classic CVM.
        instance: Id,
        /// The address of the link, if it ever comes back.
        linked: Option<IpAddr>,
        /// The CVM's address.
        now: Option<IpAddr>,
    },
    /// A linked CVM that neither opens nor answers.
    ClassicLinkIdle {
        /// The VPC.
        vpc: Id,
        /// The classic CVM.
        instance: Id,
        /// How it is.
        state: State,
    },
    /// Nine tenths of a quota or more.
    QuotaNear {
        /// How much.
        usage: Usage,
    },
    /// An `Allow` that matches nothing.
    LintAllowUnused {
        /// Its code.
        code: Code,
        /// Its entity.
        at: Option<Id>,
    },
    /// A lint has stopped at its limit.
    LintIncomplete {
        /// The lint.
        lint: Code,
        /// How many pairs it has judged.
        done: usize,
    },
    /// The budget was not enough for a lint.
    LintExceeded {
        /// The lint.
        lint: Code,
        /// What of it.
        exceeded: Exceeded,
    },
}

/// Why something stands for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// A group that nothing is bound to.
    NoMembers,
    /// A group that only databases or load balancers are bound to, which do not count (SG-12).
    OnlyServices,
    /// A template or template group without content.
    NoContent,
}

/// Why a next hop takes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// There is no such thing any more.
    Missing,
    /// A HAVIP that no instance carries.
    Unbound,
    /// It is there, and does not take packets of this VPC.
    Elsewhere,
}

/// Why no packet takes a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// Local carries all of it (RT-5).
    Local,
    /// More specific routes, with Local or without, carry all of it (RT-6).
    MoreSpecific,
    /// It is for those that have a public address, and none of its subnets has one (RT-11).
    NoPublicAddress,
}

impl Fact {
    /// Its public code.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::ShadowedRule { .. } => Code::ShadowedRule,
            Self::RedundantRule { .. } => Code::RedundantRule,
            Self::EmptyReference { .. } => Code::EmptyReference,
            Self::UnownedAddress { .. } => Code::UnownedAddress,
            Self::UnusedObject { .. } => Code::UnusedObject,
            Self::RouteNeverTaken { .. } => Code::RouteNeverTaken,
            Self::RouteDisabled { .. } => Code::RouteDisabled,
            Self::NextHopGone { .. } => Code::NextHopGone,
            Self::NextHopDown { .. } => Code::NextHopDown,
            Self::LoopingRoute { .. } => Code::LoopingRoute,
            Self::RepliesDropped { .. } => Code::RepliesDropped,
            Self::AsymmetricPath { .. } => Code::AsymmetricPath,
            Self::AsymmetricForwarder { .. } => Code::AsymmetricForwarder,
            Self::PeeringOneSided { .. } => Code::PeeringOneSided,
            Self::PeeringCrossRegion { .. } => Code::PeeringCrossRegion,
            Self::OverlappingCidrs { .. } => Code::OverlappingCidrs,
            Self::ContainerBridgeOverlap { .. } => Code::ContainerBridgeOverlap,
            Self::LineWithoutBackup { .. } => Code::LineWithoutBackup,
            Self::CcnNoBandwidth { .. } => Code::CcnNoBandwidth,
            Self::ExposedToInternet { .. } => Code::ExposedToInternet,
            Self::TargetBlocked { .. } => Code::TargetBlocked,
            Self::HealthCheckBlocked { .. } => Code::HealthCheckBlocked,
            Self::PrivateLinkSourceBlocked { .. } => Code::PrivateLinkSourceBlocked,
            Self::DnatTargetBlocked { .. } => Code::DnatTargetBlocked,
            Self::ForwarderBlocked { .. } => Code::ForwarderBlocked,
            Self::ClassicLinkStale { .. } => Code::ClassicLinkStale,
            Self::ClassicLinkIdle { .. } => Code::ClassicLinkIdle,
            Self::QuotaNear { .. } => Code::QuotaNear,
            Self::LintAllowUnused { .. } => Code::LintAllowUnused,
            Self::LintIncomplete { .. } | Self::LintExceeded { .. } => Code::LintIncomplete,
        }
    }

    /// The lint that has not seen everything, if it says that.
    #[must_use]
    pub fn incomplete(&self) -> Option<Code> {
        if let Self::LintIncomplete { lint, .. } | Self::LintExceeded { lint, .. } = self {
            return Some(*lint);
        }
        None
    }
}

impl Finding {
    /// A finding at a place, as loud as its code is by itself.
    pub(super) fn at(place: Place, fact: Fact) -> Self {
        Self { level: Level::of(fact.code()), fact, at: Site::Place(place), related: Vec::new() }
    }

    /// With other places.
    pub(super) fn with(mut self, related: impl IntoIterator<Item = Place>) -> Self {
        self.related.extend(related);
        self
    }

    /// Its public code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.fact.code()
    }
}
