//! The public codes: one name for everything the program can tell a user apart.
//!
//! A code is a field-less variant with a kebab-case name. Scripts, scenario files and pages cite
//! the name, so a name never changes its meaning. All facts about a code stand in its row of
//! `code/table.rs`; this file only reads them. To add a code: a variant here, its row there, and
//! its section in a file of `render/pages/en` and of `render/pages/zh`.
//!
//! Deliberately not here: severities, places and messages (a diagnostic's), and the long
//! explanations (`render::explain`).

mod table;

use std::fmt;

use table::{Row, TABLE};

/// A public code: a reason, a refusal, a mistake, a warning, a cause of an undetermined verdict or a lint.
///
/// The order is that of the table: by [`CodeKind`], then as the packet or the reader meets them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Code {
    /// The opener's security groups do not let the packet out.
    SecurityGroupEgressDenied,
    /// The receiver's security groups do not let the packet in.
    SecurityGroupIngressDenied,
    /// A subnet's network ACL does not let the packet out.
    NetworkAclEgressDenied,
    /// A subnet's network ACL does not let the packet in.
    NetworkAclIngressDenied,
    /// The Cloud Firewall drops what goes out to the Internet.
    EdgeFirewallEgressDenied,
    /// The Cloud Firewall drops what comes in from the Internet.
    EdgeFirewallIngressDenied,
    /// No route of the table carries the private destination.
    NoRoute,
    /// A private address of the VPC's own CIDR that nobody has.
    LocalWithoutOwner,
    /// Only a way to the Internet matches a private destination.
    PrivateDestinationToInternet,
    /// The route's next hop is gone or cannot take the packet.
    RouteBlackhole,
    /// The routes bring the packet back to where it has been.
    RouteLoop,
    /// The tunnel, peering, gateway or attachment is down.
    AttachmentDown,
    /// A gateway does not carry traffic on to a third network.
    GatewayNoTransit,
    /// A peering connection does not carry secondary CIDRs.
    PeeringSecondaryCidr,
    /// The CCN route table has no route to the destination.
    CcnNoRoute,
    /// The only CCN route to the destination is disabled.
    CcnRouteDisabled,
    /// No tunnel of the VPN gateway accepts the address pair.
    VpnPolicyMismatch,
    /// No Direct Connect tunnel announces the destination.
    DirectConnectNoPrefix,
    /// A NAT-type Direct Connect gateway drops secondary CIDRs.
    DirectConnectSecondaryCidr,
    /// No mapping of the NAT-type gateway covers the packet.
    DirectConnectNatNoMapping,
    /// Strict SNAT is on and no SNAT rule covers the source.
    NatSourceNotCovered,
    /// The NAT gateway has no EIP to send from.
    NatNoAddress,
    /// No DNAT entry of the NAT gateway serves this port.
    NatNoDnatEntry,
    /// The NAT gateway translates TCP, UDP and ICMP only.
    NatProtocolUnsupported,
    /// There is no public address or NAT for this connection.
    NoPublicAddress,
    /// A public gateway does not serve its own subnet.
    PublicGatewaySameSubnet,
    /// Outbound TCP port 25 is blocked by default.
    OutboundSmtpBlocked,
    /// The destination does not serve this protocol or port.
    PortNotServed,
    /// The listener has no target that can take the connection.
    NoTarget,
    /// The load balancer chose the client itself as target.
    LoadBalancerLoop,
    /// A next-hop machine sends private sources to the Internet.
    ForwarderDoesNotTranslate,
    /// A database or load balancer does not open connections.
    EndpointCannotInitiate,
    /// An end of the connection is stopped or isolated.
    EndpointDown,
    /// The packet's source is no address of the opener.
    SourceAddressNotOwned,
    /// The classic CVM is not linked to this VPC.
    ClassicLinkNotLinked,
    /// A VPC reaches CVMs of the classic network, nothing else.
    ClassicLinkCvmOnly,
    /// A linked classic CVM meets only the VPC's primary CIDR.
    ClassicLinkSecondaryCidr,
    /// A classic link ends in its VPC and goes no further.
    ClassicLinkNoTransit,
    /// The link died when the CVM's private address changed.
    ClassicLinkStaleAddress,
    /// Tenants of the classic network are always kept apart.
    ClassicOtherTenant,
    /// The classic network of another region is out of reach.
    ClassicOtherRegion,
    /// An endpoint connection is opened from the VPC side only.
    EndpointConnectionOneWay,
    /// Only clients inside the VPC may use this endpoint VIP.
    EndpointConnectionNoTransit,
    /// A VPC endpoint is opened from the consumer's side only.
    VpcEndpointOneWay,
    /// The provider has not accepted this VPC endpoint.
    VpcEndpointPending,
    /// The VPC's primary CIDR is outside the linkable range.
    ClassicLinkVpcCidrNotEligible,
    /// The classic CVM is already linked to a VPC.
    ClassicLinkAlreadyLinked,
    /// A VPC takes at most 100 linked classic CVMs.
    ClassicLinkQuotaExceeded,
    /// A CLB of the VPC cannot have a linked classic CVM behind.
    ClassicLinkLoadBalancerTarget,
    /// The classic CVM and the VPC are in different regions.
    ClassicLinkRegionMismatch,
    /// The classic CVM and the VPC have different accounts.
    ClassicLinkAccountMismatch,
    /// Only CVMs of the classic network can be linked.
    ClassicLinkNotAClassicInstance,
    /// The classic address lies inside a CIDR of the VPC.
    ClassicLinkAddressConflict,
    /// A VPC with linked classic CVMs cannot be deleted.
    ClassicLinkVpcInUse,
    /// The classic CVM to detach is not linked to this VPC.
    ClassicLinkNotAttached,
    /// What is bound to the CVM keeps it from moving.
    MigrationBound,
    /// A CVM or database moves only within its region and zone.
    MigrationElsewhere,
    /// A VPC-only account cannot own classic resources.
    AccountVpcOnly,
    /// An endpoint connection cannot lead to this target.
    EndpointConnectionUnsupportedTarget,
    /// An endpoint connection cannot cross regions.
    EndpointConnectionRegionMismatch,
    /// An endpoint connection cannot cross accounts.
    EndpointConnectionAccountMismatch,
    /// An endpoint service cannot offer this target.
    EndpointServiceUnsupportedTarget,
    /// A VPC endpoint is outside the region of its service.
    EndpointServiceRegionMismatch,
    /// A load balancer's target is not of its own network.
    LoadBalancerForeignTarget,
    /// The CIDRs that the peering would join overlap.
    PeeringCidrOverlap,
    /// The peering route points outside the peer VPC's CIDRs.
    PeeringRouteOutsidePeer,
    /// The route clashes with another route, CIDR or subnet.
    RouteConflict,
    /// Two equal CCN routes cannot both be enabled.
    CcnRouteConflict,
    /// The VPC's CIDR is not one that the cloud allows.
    VpcCidrInvalid,
    /// The subnet lies in no CIDR of its VPC.
    SubnetOutsideVpc,
    /// Two subnets of one VPC overlap.
    SubnetOverlap,
    /// The address is not inside its subnet.
    AddressOutsideSubnet,
    /// The cloud keeps this address of the subnet for itself.
    AddressReserved,
    /// Something else already has this address.
    AddressInUse,
    /// A limit that the cloud does not lift is exceeded.
    QuotaExceeded,
    /// A security group is used outside its own region.
    SecurityGroupRegionMismatch,
    /// A NAT mapping is on the wrong side of the VPC's CIDRs.
    DirectConnectMappingInvalid,
    /// The SPD policies of the VPN gateway are not allowed.
    VpnPolicyInvalid,
    /// A network instance is attached to CCN twice.
    CcnAttachmentTwice,
    /// A VPC cannot publish this route to its CCNs.
    RouteNotPublishable,
    /// The text is not well-formed.
    Syntax,
    /// The file is not UTF-8 text.
    NotUtf8,
    /// The file cannot be read.
    Io,
    /// There is no field of this name here.
    UnknownField,
    /// A field that has no default was left out.
    MissingField,
    /// A field is written twice.
    DuplicateField,
    /// There is no variant of this name here.
    UnknownVariant,
    /// The value is not allowed here.
    InvalidValue,
    /// The id names a thing of another kind.
    WrongKind,
    /// Nothing defined has this id.
    UnknownId,
    /// Two things have the same id.
    DuplicateId,
    /// This word has a meaning of its own and cannot be an id.
    ReservedId,
    /// Nothing in the file owns this private address.
    UnknownAddress,
    /// The set expression is not well-formed.
    EmptySelector,
    /// The included file does not exist.
    IncludeNotFound,
    /// A file includes itself, directly or through others.
    IncludeCycle,
    /// A reachable connection cannot have a `because`.
    BecauseWithReachable,
    /// There is no reason code of this name.
    UnknownReason,
    /// The text is nested too deeply.
    TooDeep,
    /// The file or a range in it is too large.
    TooLarge,
    /// The program itself failed: a bug.
    InternalError,
    /// An included file lies outside the folder of the scenario.
    IncludeOutside,
    /// An included file's expectations are not run.
    IncludeIgnoresExpectations,
    /// The CIDR has host bits; they were masked off.
    HostBitsMasked,
    /// A zero prefix in a group is stored as every address.
    ZeroPrefix,
    /// Nothing was asked, so nothing was proved.
    NoExpectations,
    /// The waiver is past its date and no longer counts.
    ExpiredWaiver,
    /// A classic address lies where the cloud hands out none.
    ClassicAddressUnusual,
    /// An unknown region whose name is nearly a known one's.
    RegionUnusual,
    /// A default quota is exceeded; ask for an increase.
    QuotaWarning,
    /// An instance without security groups drops everything.
    NoSecurityGroup,
    /// The answer hangs on a network outside the model.
    OutboundToUnmodelled,
    /// The answer hangs on something the file does not model.
    NotModelled,
    /// The question was too large to decide within its budget.
    BudgetExceeded,
    /// Rules above decide all its packets, and differently.
    ShadowedRule,
    /// Without this rule the same packets would pass.
    RedundantRule,
    /// A rule names a group or template that stands for nothing.
    EmptyReference,
    /// A rule is for private addresses that nobody has.
    UnownedAddress,
    /// Nothing uses it.
    UnusedObject,
    /// No packet can take this route.
    RouteNeverTaken,
    /// The route is switched off.
    RouteDisabled,
    /// What takes this route is lost: the next hop is not there.
    NextHopGone,
    /// What takes this route is lost: the next hop is down.
    NextHopDown,
    /// Every packet that takes this route goes in circles.
    LoopingRoute,
    /// An ACL drops replies of connections that get through.
    RepliesDropped,
    /// The reply is delivered by another gateway.
    AsymmetricPath,
    /// A forwarder that keeps state sees one direction only.
    AsymmetricForwarder,
    /// Only one end of the peering has a route to the other.
    PeeringOneSided,
    /// A peering joins two regions, which the cloud is giving up.
    PeeringCrossRegion,
    /// Networks that are joined have overlapping CIDRs.
    OverlappingCidrs,
    /// A joined network lies in the range of container bridges.
    ContainerBridgeOverlap,
    /// Nothing takes over when this checked line is down.
    LineWithoutBackup,
    /// A CCN joins regions without bandwidth between them.
    CcnNoBandwidth,
    /// The Internet reaches a port for administrators or data.
    ExposedToInternet,
    /// The target's groups drop all that the balancer sends.
    TargetBlocked,
    /// The target's groups drop the balancer's health checks.
    HealthCheckBlocked,
    /// The target's groups drop all that a DNAT entry brings.
    DnatTargetBlocked,
    /// Something behind the service drops 11.163.0.0/16.
    PrivateLinkSourceBlocked,
    /// The forwarder's groups drop all that a route brings.
    ForwarderBlocked,
    /// The link is to an address that the CVM no longer has.
    ClassicLinkStale,
    /// A linked classic CVM is stopped or isolated.
    ClassicLinkIdle,
    /// A quota is nearly used up, used up or exceeded.
    QuotaNear,
    /// An `Allow` of the file matches no finding.
    LintAllowUnused,
    /// A lint stopped at its limit before it had seen everything.
    LintIncomplete,
}

/// What a code is first of all.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum CodeKind {
    /// Why packets do not cross.
    Reason,
    /// Why the cloud would not let somebody build or change this; an error when a file holds it.
    Refusal,
    /// What is wrong with a file or a question; an error.
    Mistake,
    /// What is legal and still worth a look.
    Warning,
    /// Why no verdict could be given.
    Undetermined,
    /// What `lint` finds: legal, and looks wrong.
    Lint,
}

/// Whose doing a reason or a refusal is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Class {
    /// The cloud never allows it; no setting lifts it.
    Platform,
    /// A rule, a route or a missing object of the user's.
    Config,
    /// Something is down, stopped, isolated or stale.
    State,
    /// A limit on how many.
    Quota,
    /// The question itself: what it asks lies beyond what can be decided.
    Query,
}

/// A language the program speaks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub enum Language {
    /// English, the language of the output unless asked otherwise.
    #[default]
    English,
    /// Chinese, in the words of the cloud's own documentation.
    Chinese,
}

impl Code {
    /// Every code, in the order of the table.
    pub const ALL: &'static [Code] = &table::CODES;

    /// The public name, kebab-case.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The code of this public name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Code> {
        TABLE
            .iter()
            .find(|row| row.name == name)
            .map(|row| row.code)
    }

    /// What the code is first of all. It may be usable in other ways too: see
    /// [`Code::can_be_because`] and [`Code::can_refuse`].
    #[must_use]
    pub fn kind(self) -> CodeKind {
        self.row().kind
    }

    /// Whose doing it is; reasons, refusals and causes of an undetermined verdict have a class.
    #[must_use]
    pub fn class(self) -> Option<Class> {
        self.row().class
    }

    /// Whether an expectation that names `because` means this reason: its own name, or the one that it had before.
    #[must_use]
    pub fn answers_to(self, because: Code) -> bool {
        self == because || (self, because) == (Code::LoadBalancerLoop, Code::NoTarget)
    }

    /// Whether an expectation may name the code in its `because`: true of reasons only.
    #[must_use]
    pub fn can_be_because(self) -> bool {
        self.kind() == CodeKind::Reason
    }

    /// Whether a change can be refused with the code: true of refusals, and of the mistakes that
    /// only show when the change is tried on the network as it then is (`unknown-id` of an entity
    /// that an earlier step may have made).
    #[must_use]
    pub fn can_refuse(self) -> bool {
        match self.kind() {
            CodeKind::Refusal => true,
            CodeKind::Mistake => self.class().is_some(),
            CodeKind::Reason | CodeKind::Warning | CodeKind::Undetermined | CodeKind::Lint => false,
        }
    }

    /// The same as [`Code::can_refuse`], read as "is one of the refusals".
    #[must_use]
    pub fn is_refusal(self) -> bool {
        self.can_refuse()
    }

    /// The ids of the rules it follows from (`CL-6`); the first is the one to cite when there is
    /// room for one. Empty when it follows from the program's own formats, not from the cloud.
    #[must_use]
    pub fn rules(self) -> &'static [&'static str] {
        self.row().rules
    }

    /// What it means, in one line without a full stop, at most 58 columns wide.
    #[must_use]
    pub fn meaning(self, language: Language) -> &'static str {
        match language {
            Language::English => self.row().english,
            Language::Chinese => self.row().chinese,
        }
    }

    fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl CodeKind {
    /// Every kind, in the order of the table.
    pub const ALL: [CodeKind; 6] = [
        CodeKind::Reason,
        CodeKind::Refusal,
        CodeKind::Mistake,
        CodeKind::Warning,
        CodeKind::Undetermined,
        CodeKind::Lint,
    ];

    /// The lower-case name that JSON uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            CodeKind::Reason => "reason",
            CodeKind::Refusal => "refusal",
            CodeKind::Mistake => "mistake",
            CodeKind::Warning => "warning",
            CodeKind::Undetermined => "undetermined",
            CodeKind::Lint => "lint",
        }
    }
}

impl Class {
    /// The lower-case name that JSON uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Class::Platform => "platform",
            Class::Config => "config",
            Class::State => "state",
            Class::Quota => "quota",
            Class::Query => "query",
        }
    }
}

#[cfg(test)]
mod tests;
