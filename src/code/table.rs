//! The table of codes: one row a code, of which the codes are made.
//!
//! A row says the variant, what the code is first of all and its class, the public name, the rules it follows from, and its meaning
//! in English (the doc of the variant, too) and in Chinese; behind `=>` what can be done about it, if it is a reason or a lint:
//! the platform's rules cannot be lifted, but often there is another way. Only what holds for all of the code is said there.

use super::{Class, CodeKind};

/// All that is known of a code.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) kind: CodeKind,
    pub(super) class: Option<Class>,
    pub(super) rules: &'static [&'static str],
    pub(super) english: &'static str,
    pub(super) chinese: &'static str,
    pub(super) advice: Option<[&'static str; 2]>,
}

macro_rules! codes {
    ($(
        $code:ident: $kind:ident $($class:ident)? $name:literal [$($rule:literal),*] $english:literal $chinese:literal
            $(=> $advice:literal $advice_in_chinese:literal)?;
    )+) => {
        /// A public code: a reason, a refusal, a mistake, a warning, a cause of an undetermined verdict or a lint.
        ///
        /// The order is that of the table: by [`CodeKind`], then as the packet or the reader meets them.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub enum Code {
            $(#[doc = concat!($english, ".")] $code,)+
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$code,)+];
        }

        /// The rows: a code's row is found by its number.
        pub(super) const TABLE: &[Row] = &[$(Row {
            name: $name,
            kind: CodeKind::$kind,
            class: [$(Class::$class)?].first().copied(),
            rules: &[$($rule),*],
            english: $english,
            chinese: $chinese,
            advice: [$([$advice, $advice_in_chinese])?].first().copied(),
        },)+];
    };
}

/// What people are told of, so that they do something about it, says what; the rest tells it where it happens.
const _: () = {
    let mut at = 0;
    while at < TABLE.len() {
        let advised =
            matches!(TABLE[at].kind, CodeKind::Reason | CodeKind::Undetermined | CodeKind::Lint);
        assert!(
            advised == TABLE[at].advice.is_some(),
            "advice is for reasons and lints, and all of them have one"
        );
        at += 1;
    }
};

codes! {
    // reasons: why a packet does not cross
    SecurityGroupEgressDenied: Reason Config "security-group-egress-denied" ["SG-5", "SG-3", "SG-4", "SG-8"]
        "The opener's security groups do not let the packet out"
        "发起方的安全组出站规则未放通该报文"
        => "accept it in a security group, above the rule that drops it"
           "在安全组中放通，且须位于拒绝规则之上";
    SecurityGroupIngressDenied: Reason Config "security-group-ingress-denied" ["SG-5", "SG-3", "SG-4", "SG-8"]
        "The receiver's security groups do not let the packet in"
        "接收方的安全组入站规则未放通该报文"
        => "accept it in a security group, above the rule that drops it"
           "在安全组中放通，且须位于拒绝规则之上";
    NetworkAclEgressDenied: Reason Config "network-acl-egress-denied" ["ACL-4", "ACL-2", "ACL-3", "ACL-5"]
        "A subnet's network ACL does not let the packet out"
        "子网的网络 ACL 出站规则未放通该报文"
        => "accept it in the network ACL, and the reply too: an ACL remembers nothing"
           "在网络 ACL 中放通，回包也须放通：网络 ACL 无状态";
    NetworkAclIngressDenied: Reason Config "network-acl-ingress-denied" ["ACL-4", "ACL-2", "ACL-3", "ACL-5"]
        "A subnet's network ACL does not let the packet in"
        "子网的网络 ACL 入站规则未放通该报文"
        => "accept it in the network ACL, and the reply too: an ACL remembers nothing"
           "在网络 ACL 中放通，回包也须放通：网络 ACL 无状态";
    EdgeFirewallEgressDenied: Reason Config "edge-firewall-egress-denied" ["EFW-2", "EFW-1", "EFW-3"]
        "The Cloud Firewall drops what goes out to the Internet"
        "云防火墙的互联网边界出向规则拒绝该报文"
        => "accept it in the edge firewall, above the rule that drops it"
           "在互联网边界防火墙中放通，且须位于拒绝规则之上";
    EdgeFirewallIngressDenied: Reason Config "edge-firewall-ingress-denied" ["EFW-2", "EFW-1", "EFW-3"]
        "The Cloud Firewall drops what comes in from the Internet"
        "云防火墙的互联网边界入向规则拒绝该报文"
        => "accept it in the edge firewall, above the rule that drops it"
           "在互联网边界防火墙中放通，且须位于拒绝规则之上";
    NoRoute: Reason Config "no-route" ["RT-1", "VPC-6", "D20-2"]
        "No route of the table carries the private destination"
        "路由表中没有能到达该内网目的地址的路由"
        => "join the two networks (peering, CCN, gateway) and route the destination there"
           "先连通两个网络（对等连接、云联网或网关），再添加到目的地址的路由";
    LocalWithoutOwner: Reason Config "local-without-owner" ["D20-32", "CCN-5", "RT-4"]
        "A private address of the VPC's own CIDR that nobody has"
        "内网地址位于私有网络自身网段内，但无人拥有"
        => "ask for an address that somebody has; a CCN adds only subnets that overlap no own one"
           "请改用有归属的地址；云联网只能带来与自身子网不重叠的其他子网";
    PrivateDestinationToInternet: Reason Config "private-destination-to-internet" ["D20-2"]
        "Only a way to the Internet matches a private destination"
        "内网目的地址只匹配到通往公网的路由"
        => "add a route of its own for the private destination, longer than the one to the Internet"
           "为该内网目的地址添加比公网路由更精确的路由";
    RouteBlackhole: Reason Config "route-blackhole" ["RT-16"]
        "The route's next hop is gone or cannot take the packet"
        "路由的下一跳已不存在或无法接收该报文"
        => "point the route at a next hop that exists in this VPC, or bind the HAVIP"
           "将路由的下一跳改为本私有网络中存在的对象，或绑定该高可用虚拟 IP";
    RouteLoop: Reason Config "route-loop" ["RT-16", "D20-11", "D20-22"]
        "The routes bring the packet back to where it has been"
        "路由使报文回到已经过的转发实例"
        => "give the forwarder's own subnet another route table"
           "为转发实例所在子网更换路由表";
    AttachmentDown: Reason State "attachment-down" ["PCX-1", "VPN-7", "NAT-8", "CCN-1", "D20-20"]
        "The tunnel, peering, gateway or attachment is down"
        "通道、对等连接、网关或关联关系不可用"
        => "bring it up, or accept the peering connection if it is pending"
           "恢复其状态；对等连接尚未接受时请接受";
    GatewayNoTransit: Reason Platform "gateway-no-transit" ["PCX-4", "PCX-5", "VPN-8", "DC-4", "NAT-7"]
        "A gateway does not carry traffic on to a third network"
        "网关不会把流量转发到第三方网络"
        => "join the two networks directly, or put them all into one CCN"
           "让两个网络直接互通，或将它们加入同一云联网";
    PeeringSecondaryCidr: Reason Platform "peering-secondary-cidr" ["PCX-7", "D20-15"]
        "A peering connection does not carry secondary CIDRs"
        "对等连接不承载辅助 CIDR 的流量"
        => "move the end into the primary CIDR, or use a CCN instead of the peering connection"
           "将该端迁入主 CIDR，或改用云联网";
    CcnNoRoute: Reason Config "ccn-no-route" ["CCN-6", "CCN-4", "CCN-5", "CCN-7", "CCN-8"]
        "The CCN route table has no route to the destination"
        "云联网路由表中没有到达目的地址的路由"
        => "let the CCN route table accept the route, or attach the network that has the address"
           "让云联网路由表接收该路由，或将目的网络加入云联网";
    CcnRouteDisabled: Reason Config "ccn-route-disabled" ["CCN-4", "RT-17", "D20-4", "D20-5", "D20-24"]
        "The only CCN route to the destination is disabled"
        "到达目的地址的云联网路由处于禁用状态"
        => "enable the CCN route; it is off by default where another route overlaps it"
           "启用该云联网路由；与其他路由重叠时默认为禁用状态";
    VpnPolicyMismatch: Reason Config "vpn-policy-mismatch" ["VPN-3", "VPN-5"]
        "No tunnel of the VPN gateway accepts the address pair"
        "VPN 网关没有通道接受该地址对"
        => "add an SPD policy, or a route of the gateway, that covers the two addresses"
           "添加覆盖两端地址的 SPD 策略或网关路由";
    DirectConnectNoPrefix: Reason Config "direct-connect-no-prefix" ["DC-2"]
        "No Direct Connect tunnel announces the destination"
        "没有专用通道发布该目的网段"
        => "announce the destination on a tunnel that is up"
           "在可用的专用通道上发布该目的网段";
    DirectConnectSecondaryCidr: Reason Platform "direct-connect-secondary-cidr" ["DC-3"]
        "A NAT-type Direct Connect gateway drops secondary CIDRs"
        "NAT 型专线网关不承载辅助 CIDR 的流量"
        => "move the end into the primary CIDR, or use a standard Direct Connect gateway"
           "将该端迁入主 CIDR，或改用标准型专线网关";
    DirectConnectNatNoMapping: Reason Config "direct-connect-nat-no-mapping" ["DC-7", "DC-6"]
        "No mapping of the NAT-type gateway covers the packet"
        "NAT 型专线网关没有覆盖该报文的映射规则"
        => "add a mapping of the gateway that covers the packet"
           "在专线网关上添加覆盖该报文的映射规则";
    NatSourceNotCovered: Reason Config "nat-source-not-covered" ["NAT-2"]
        "Strict SNAT is on and no SNAT rule covers the source"
        "已开启严格 SNAT，且没有 SNAT 规则覆盖该源地址"
        => "add an SNAT rule that covers the source"
           "添加覆盖该源地址的 SNAT 规则";
    NatNoAddress: Reason Config "nat-no-address" ["NAT-1", "NAT-2"]
        "The NAT gateway has no EIP to send from"
        "NAT 网关没有可用于转换的弹性公网 IP"
        => "bind an EIP to the NAT gateway"
           "为 NAT 网关绑定弹性公网 IP";
    NatNoDnatEntry: Reason Config "nat-no-dnat-entry" ["NAT-3", "D20-6"]
        "No DNAT entry of the NAT gateway serves this port"
        "NAT 网关没有该端口的端口转发规则"
        => "add a DNAT entry for this port"
           "为该端口添加端口转发规则";
    NatProtocolUnsupported: Reason Platform "nat-protocol-unsupported" ["NAT-1"]
        "The NAT gateway translates TCP, UDP and ICMP only"
        "NAT 网关只转换 TCP、UDP、ICMP"
        => "let it leave by an EIP of its own, with an `Eip` route beside the one to the NAT gateway"
           "改由自身的弹性公网 IP 出公网，并在 NAT 网关路由旁添加 `Eip` 路由";
    NoPublicAddress: Reason Config "no-public-address" ["RT-13", "NAT-9", "D20-2"]
        "There is no public address or NAT for this connection"
        "缺少公网 IP 或 NAT，无法与公网互通"
        => "give it a public address; in a VPC a NAT gateway (out) or load balancer (in) will do too"
           "为其配置公网地址；私有网络内出向也可用 NAT 网关，入向也可用负载均衡";
    PublicGatewaySameSubnet: Reason Platform "public-gateway-same-subnet" ["NAT-12"]
        "A public gateway does not serve its own subnet"
        "公网网关不能为其所在子网转发流量"
        => "put client and public gateway into different subnets, or use a NAT gateway"
           "使实例与公网网关处于不同子网，或改用 NAT 网关";
    OutboundSmtpBlocked: Reason Platform "outbound-smtp-blocked" ["SG-20"]
        "Outbound TCP port 25 is blocked by default"
        "出公网的 TCP 25 端口默认封禁"
        => "send mail by another port (465, 587), or apply for port 25 to be unblocked"
           "改用其他端口发信（465、587），或申请解封 25 端口";
    PortNotServed: Reason Config "port-not-served" ["CLB-1", "DB-1", "DB-6", "CLB-13", "D20-8", "D20-9"]
        "The destination does not serve this protocol or port"
        "目的端不提供该协议或端口的服务"
        => "ask for a port that is served, or add a listener"
           "改用其提供服务的端口，或添加监听器";
    NoTarget: Reason Config "no-target" ["CLB-2", "D20-10"]
        "The listener has no target that can take the connection"
        "监听器没有可用的后端"
        => "register a running target with a weight above 0"
           "注册一台运行中且权重大于 0 的后端";
    LoadBalancerLoop: Reason Platform "load-balancer-loop" ["CLB-16", "D20-21"]
        "The load balancer chose the client itself as target"
        "负载均衡选中的后端就是客户端自身"
        => "call the target by its own address and port, or register a target that is not the client"
           "直接访问该后端自己的地址和端口，或注册一台不是客户端的后端";
    ForwarderDoesNotTranslate: Reason Config "forwarder-does-not-translate" ["D20-36", "RT-16"]
        "A next-hop machine sends private sources to the Internet"
        "作为下一跳的实例或高可用虚拟 IP 把内网源地址直接发往公网"
        => "write `masquerades: true` if it translates, or use a NAT gateway or PublicGateway route"
           "会转换地址时请写 `masquerades: true`；否则改用 NAT 网关或 PublicGateway 路由";
    EndpointCannotInitiate: Reason Platform "endpoint-cannot-initiate" ["DB-3", "D20-1"]
        "A database or load balancer does not open connections"
        "云数据库与负载均衡不会主动发起连接"
        => "open the connection from the other side"
           "改由另一端发起连接";
    EndpointDown: Reason State "endpoint-down" ["CL-19", "D20-17"]
        "An end of the connection is stopped or isolated"
        "连接的一端已关机或被隔离"
        => "start or recover it"
           "开机或恢复该实例";
    SourceAddressNotOwned: Reason Config "source-address-not-owned" ["PIPE-2"]
        "The packet's source is no address of the opener"
        "报文的源地址不属于发起方"
        => "ask with an address that the opener has"
           "改用发起方自身的地址";
    ClassicLinkNotLinked: Reason Config "classic-link-not-linked" ["CL-2", "CN-4"]
        "The classic CVM is not linked to this VPC"
        "基础网络云服务器未关联到该私有网络"
        => "attach the classic CVM to the VPC (AttachClassicLinkVpc), if it is linked to no other"
           "将该云服务器关联到该私有网络（AttachClassicLinkVpc），前提是未关联其他私有网络";
    ClassicLinkCvmOnly: Reason Platform "classic-link-cvm-only" ["CL-5"]
        "A VPC reaches CVMs of the classic network, nothing else"
        "私有网络只能访问基础网络中的云服务器"
        => "use an endpoint connection, or move the service into the VPC"
           "使用终端连接，或将该服务迁入私有网络";
    ClassicLinkSecondaryCidr: Reason Platform "classic-link-secondary-cidr" ["CL-6"]
        "A linked classic CVM meets only the VPC's primary CIDR"
        "关联的基础网络云服务器只与主 CIDR 互通"
        => "move the endpoint into a subnet of the primary CIDR"
           "将该实例迁到主 CIDR 内的子网";
    ClassicLinkNoTransit: Reason Platform "classic-link-no-transit" ["CL-11", "CL-12", "CCN-11", "D20-25"]
        "A classic link ends in its VPC and goes no further"
        "基础网络互通的流量止于该私有网络，不能再转发"
        => "go through a proxy inside the VPC, or move the classic CVM into the VPC"
           "经私有网络内的代理中转，或将该云服务器迁入私有网络";
    ClassicLinkStaleAddress: Reason State "classic-link-stale-address" ["CL-18", "D20-19"]
        "The link died when the CVM's private address changed"
        "云服务器内网 IP 已变更，原关联已失效"
        => "attach it to the VPC again; the dead link needs no detaching first"
           "重新关联该私有网络（无须先解关联），并更新引用旧 IP 的规则";
    ClassicOtherTenant: Reason Platform "classic-other-tenant" ["CN-3", "SG-19"]
        "Tenants of the classic network are always kept apart"
        "基础网络中不同账号之间始终隔离"
        => "meet through public addresses, or move both into VPCs and join these"
           "经公网地址互通，或将两端迁入私有网络后连通";
    ClassicOtherRegion: Reason Platform "classic-other-region" ["CN-3"]
        "The classic network of another region is out of reach"
        "不同地域的基础网络内网不互通"
        => "meet through public addresses, or move both into VPCs and join these by CCN"
           "经公网地址互通，或将两端迁入私有网络后用云联网连通";
    EndpointConnectionOneWay: Reason Platform "endpoint-connection-one-way" ["EP-3", "D20-1"]
        "An endpoint connection is opened from the VPC side only"
        "终端连接只能由私有网络一侧发起"
        => "open the connection from the VPC side"
           "改由私有网络一侧发起连接";
    EndpointConnectionNoTransit: Reason Platform "endpoint-connection-no-transit" ["EP-6"]
        "Only clients inside the VPC may use this endpoint VIP"
        "只有本私有网络内的实例才能使用该终端连接"
        => "make an endpoint connection in the client's own VPC"
           "在客户端所在的私有网络中另建终端连接";
    VpcEndpointOneWay: Reason Platform "vpc-endpoint-one-way" ["PL-3", "D20-13"]
        "A VPC endpoint is opened from the consumer's side only"
        "终端节点只能由使用方一侧发起"
        => "open the connection from the consumer's side, or join the VPCs by a CCN or a peering"
           "改由使用方一侧发起，或用云联网、对等连接连通两个私有网络";
    VpcEndpointPending: Reason State "vpc-endpoint-pending" ["PL-5"]
        "The provider has not accepted this VPC endpoint"
        "服务提供方尚未接受该终端节点"
        => "put the consumer's account on the service's list and let the provider accept it"
           "将使用方账号加入服务的白名单，并由提供方接受该终端节点";
    // refusals: what the cloud does not let anybody build or change
    ClassicLinkVpcCidrNotEligible: Refusal Platform "classic-link-vpc-cidr-not-eligible" ["CL-7"]
        "The VPC's primary CIDR is outside the linkable range"
        "私有网络主 CIDR 不在可互通的网段范围内";
    ClassicLinkAlreadyLinked: Refusal Platform "classic-link-already-linked" ["CL-8", "D20-19"]
        "The classic CVM is already linked to a VPC"
        "该基础网络云服务器已关联私有网络";
    ClassicLinkQuotaExceeded: Refusal Quota "classic-link-quota-exceeded" ["CL-9", "D20-19"]
        "A VPC takes at most {CLASSIC_LINKS} linked classic CVMs"
        "一个私有网络最多关联 {CLASSIC_LINKS} 台基础网络云服务器";
    ClassicLinkLoadBalancerTarget: Refusal Platform "classic-link-load-balancer-target" ["CL-10", "CLB-17"]
        "A CLB of the VPC cannot have a linked classic CVM behind"
        "私有网络的负载均衡不能绑定已互通的基础网络云服务器";
    ClassicLinkRegionMismatch: Refusal Platform "classic-link-region-mismatch" ["CL-13"]
        "The classic CVM and the VPC are in different regions"
        "基础网络云服务器与私有网络不在同一地域";
    ClassicLinkAccountMismatch: Refusal Platform "classic-link-account-mismatch" ["CL-14"]
        "The classic CVM and the VPC have different accounts"
        "基础网络云服务器与私有网络不属于同一账号";
    ClassicLinkNotAClassicInstance: Refusal Config "classic-link-not-a-classic-instance" ["CL-1"]
        "Only CVMs of the classic network can be linked"
        "只有基础网络中的云服务器才能关联";
    ClassicLinkAddressConflict: Refusal Config "classic-link-address-conflict" ["CL-25"]
        "The classic address lies inside a CIDR of the VPC"
        "基础网络地址落在私有网络的网段之内";
    ClassicLinkVpcInUse: Refusal Config "classic-link-vpc-in-use" ["CL-23"]
        "A VPC with linked classic CVMs cannot be deleted"
        "仍有关联云服务器的私有网络不能删除";
    ClassicLinkNotAttached: Refusal Config "classic-link-not-attached" ["CL-22"]
        "The classic CVM to detach is not linked to this VPC"
        "要解关联的云服务器并未关联该私有网络";
    MigrationBound: Refusal Config "migration-bound" ["MIG-5"]
        "What is bound to the CVM keeps it from moving"
        "云服务器仍有绑定关系，不能切换网络";
    MigrationElsewhere: Refusal Platform "migration-elsewhere" ["MIG-4"]
        "A CVM or database moves only within its region and zone"
        "云服务器或数据库只能在本地域、本可用区内切换网络";
    AccountVpcOnly: Refusal Platform "account-vpc-only" ["CL-26"]
        "A VPC-only account cannot own classic resources"
        "仅支持私有网络的账号不能拥有基础网络资源";
    EndpointConnectionUnsupportedTarget: Refusal Platform "endpoint-connection-unsupported-target" ["EP-2"]
        "An endpoint connection cannot lead to this target"
        "终端连接不支持该类目标";
    EndpointConnectionRegionMismatch: Refusal Platform "endpoint-connection-region-mismatch" ["EP-4"]
        "An endpoint connection cannot cross regions"
        "终端连接不支持跨地域";
    EndpointConnectionAccountMismatch: Refusal Platform "endpoint-connection-account-mismatch" ["EP-4"]
        "An endpoint connection cannot cross accounts"
        "终端连接不支持跨账号";
    EndpointServiceUnsupportedTarget: Refusal Platform "endpoint-service-unsupported-target" ["PL-1"]
        "An endpoint service cannot offer this target"
        "终端节点服务不支持该类后端";
    EndpointServiceRegionMismatch: Refusal Platform "endpoint-service-region-mismatch" ["PL-2"]
        "A VPC endpoint is outside the region of its service"
        "终端节点与其服务不在同一地域";
    LoadBalancerForeignTarget: Refusal Platform "load-balancer-foreign-target" ["CLB-14", "CLB-17"]
        "A load balancer's target is not of its own network"
        "负载均衡的后端不在其所属网络中";
    PeeringCidrOverlap: Refusal Config "peering-cidr-overlap" ["PCX-6"]
        "The CIDRs that the peering would join overlap"
        "对等连接两端的网段重叠";
    PeeringRouteOutsidePeer: Refusal Config "peering-route-outside-peer" ["RT-14", "D20-15"]
        "The peering route points outside the peer VPC's CIDRs"
        "对等连接路由的目的端不在对端私有网络网段内";
    RouteConflict: Refusal Config "route-conflict" ["RT-10", "RT-15", "RT-5", "VPC-11"]
        "The route clashes with another route, CIDR or subnet"
        "该路由与其他路由、网段或子网冲突";
    CcnRouteConflict: Refusal Config "ccn-route-conflict" ["CCN-4"]
        "Two equal CCN routes cannot both be enabled"
        "相同网段的云联网路由不能同时启用";
    VpcCidrInvalid: Refusal Config "vpc-cidr-invalid" ["VPC-1", "VPC-2", "VPC-11"]
        "The VPC's CIDR is not one that the cloud allows"
        "私有网络的网段不符合云上要求";
    SubnetOutsideVpc: Refusal Config "subnet-outside-vpc" ["VPC-3"]
        "The subnet lies in no CIDR of its VPC"
        "子网不在所属私有网络的任何网段内";
    SubnetOverlap: Refusal Config "subnet-overlap" ["VPC-3"]
        "Two subnets of one VPC overlap"
        "同一私有网络的两个子网重叠";
    AddressOutsideSubnet: Refusal Config "address-outside-subnet" ["VPC-4", "VPC-3"]
        "The address is not inside its subnet"
        "该地址不在所属子网内";
    AddressReserved: Refusal Config "address-reserved" ["VPC-4"]
        "The cloud keeps this address of the subnet for itself"
        "该地址是子网的保留地址";
    AddressInUse: Refusal Config "address-in-use" ["VPC-4", "D20-20"]
        "Something else already has this address"
        "该地址已被占用";
    QuotaExceeded: Refusal Quota "quota-exceeded" ["SG-14", "RT-10", "CCN-8", "DC-1", "DC-3"]
        "A limit that the cloud does not lift is exceeded"
        "超出云上不可调整的配额";
    SecurityGroupRegionMismatch: Refusal Config "security-group-region-mismatch" ["SG-12", "SG-2"]
        "A security group is used outside its own region"
        "安全组被用在其他地域";
    DirectConnectMappingInvalid: Refusal Config "direct-connect-mapping-invalid" ["DC-6"]
        "A NAT mapping is on the wrong side of the VPC's CIDRs"
        "NAT 型专线网关映射的地址不合法";
    VpnPolicyInvalid: Refusal Config "vpn-policy-invalid" ["VPN-3", "VPN-4"]
        "The SPD policies of the VPN gateway are not allowed"
        "VPN 网关的 SPD 策略不合法";
    CcnAttachmentTwice: Refusal Config "ccn-attachment-twice" ["CCN-1"]
        "A network instance is attached to CCN twice"
        "同一网络实例被重复关联到云联网";
    RouteNotPublishable: Refusal Config "route-not-publishable" ["D20-37", "D20-38", "CCN-3", "RT-9"]
        "A VPC cannot publish this route to its CCNs"
        "该路由不能发布到云联网";
    // mistakes in a file or a question
    Syntax: Mistake "syntax" []
        "The text is not well-formed"
        "文本不符合语法";
    NotUtf8: Mistake "not-utf8" []
        "The file is not UTF-8 text"
        "文件不是 UTF-8 文本";
    Io: Mistake "io" []
        "The file cannot be read"
        "文件无法读取";
    UnknownField: Mistake "unknown-field" []
        "There is no field of this name here"
        "此处没有该名称的字段";
    MissingField: Mistake "missing-field" []
        "A field that has no default was left out"
        "缺少没有默认值的字段";
    DuplicateField: Mistake "duplicate-field" []
        "A field is written twice"
        "同一字段写了两次";
    UnknownVariant: Mistake "unknown-variant" []
        "There is no variant of this name here"
        "此处没有该名称的变体";
    InvalidValue: Mistake Config "invalid-value" ["D20-16", "D20-28"]
        "The value is not allowed here"
        "该值在此处不允许";
    WrongKind: Mistake Config "wrong-kind" []
        "The id names a thing of another kind"
        "该 ID 指向的对象类型不对";
    UnknownId: Mistake Config "unknown-id" []
        "Nothing defined has this id"
        "没有定义该 ID 的对象";
    DuplicateId: Mistake Config "duplicate-id" []
        "Two things have the same id"
        "两个对象使用了同一 ID";
    ReservedId: Mistake "reserved-id" []
        "This word has a meaning of its own and cannot be an id"
        "该词另有含义，不能用作 ID";
    UnknownAddress: Mistake "unknown-address" []
        "Nothing in the file owns this private address"
        "文件中没有对象拥有该内网地址";
    EmptySelector: Mistake "empty-selector" []
        "The set expression is not well-formed"
        "集合表达式不合法";
    IncludeNotFound: Mistake "include-not-found" []
        "The included file does not exist"
        "被包含的文件不存在";
    IncludeCycle: Mistake "include-cycle" []
        "A file includes itself, directly or through others"
        "文件直接或间接包含了自身";
    BecauseWithReachable: Mistake "because-with-reachable" []
        "A reachable connection cannot have a `because`"
        "预期可达时不能写 `because`";
    UnknownReason: Mistake "unknown-reason" []
        "There is no reason code of this name"
        "没有该名称的原因码";
    TooDeep: Mistake "too-deep" []
        "The text is nested too deeply"
        "文本嵌套过深";
    TooLarge: Mistake "too-large" []
        "The file or a range in it is too large"
        "文件或其中的范围过大";
    InternalError: Mistake "internal-error" []
        "The program itself failed: a bug"
        "程序自身出错：这是程序缺陷";
    // warnings: legal, and worth a look
    IncludeOutside: Warning "include-outside" []
        "An included file lies outside the folder of the scenario"
        "被包含的文件位于场景所在文件夹之外";
    IncludeIgnoresExpectations: Warning "include-ignores-expectations" []
        "An included file's expectations are not run"
        "被包含文件中的预期不会被执行";
    HostBitsMasked: Warning "host-bits-masked" ["ACL-9"]
        "The CIDR has host bits; they were masked off"
        "网段含有主机位，已按掩码归零";
    ZeroPrefix: Warning "zero-prefix" ["SG-9", "D20-30"]
        "A zero prefix in a group is stored as every address"
        "安全组规则中的零前缀网段；云上会存为所有地址";
    NoExpectations: Warning "no-expectations" []
        "Nothing was asked, so nothing was proved"
        "没有任何预期，因此什么也没有证明";
    ExpiredWaiver: Warning "expired-waiver" []
        "The waiver is past its date and no longer counts"
        "豁免已过期，不再生效";
    ClassicAddressUnusual: Warning "classic-address-unusual" ["CN-7"]
        "A classic address lies where the cloud hands out none"
        "基础网络地址不在云上通常分配的范围内";
    RegionUnusual: Warning "region-unusual" []
        "An unknown region whose name is nearly a known one's"
        "地域名称未知，且与某个已知地域几乎相同";
    QuotaWarning: Warning "quota-warning" ["SG-15", "ACL-10", "VPC-2", "VPC-3", "VPC-7", "RT-2", "PCX-8", "NAT-14", "CCN-13"]
        "A default quota is exceeded; ask for an increase"
        "超出默认配额，需申请提升";
    NoSecurityGroup: Warning "no-security-group" ["SG-17", "SG-5"]
        "An instance without security groups drops everything"
        "未绑定安全组的实例会拒绝所有流量";
    // undetermined: why no verdict could be given
    OutboundToUnmodelled: Undetermined Query "outbound-to-unmodelled" ["D20-18"]
        "The answer hangs on a network outside the model"
        "结论取决于模型之外的网络"
        => "describe the network beyond, or ask from a place inside the file"
           "在文件中补充描述该网络，或改从文件内的对象提问";
    NotModelled: Undetermined Query "not-modelled" []
        "The answer hangs on something the file does not model"
        "结论取决于文件声明为未建模的对象"
        => "describe it in the file and take it out of `unmodelled`"
           "在文件中补充描述该对象，并从 `unmodelled` 中删除";
    BudgetExceeded: Undetermined Query "budget-exceeded" []
        "The question was too large to decide within its budget"
        "问题规模过大，未能在限额内得出结论"
        => "give the question more with --budget, or ask for fewer endpoints or services at a time"
           "用 --budget 放宽限额，或缩小一次提问的对象或服务范围";
    // lints: legal, and looks wrong
    ShadowedRule: Lint "shadowed-rule" ["SG-3", "SG-4", "ACL-3"]
        "Rules above decide all its packets, and differently"
        "上方的规则已全部裁决其报文，且动作不同"
        => "move it above the rules that decide first, or take it out"
           "将其移到先行裁决的规则之上，或删除";
    RedundantRule: Lint "redundant-rule" ["SG-3", "ACL-3"]
        "Without this rule the same packets would pass"
        "去掉该规则后放行的报文不变"
        => "take it out; all that are found can go together"
           "删除；所有此类规则可一并删除";
    EmptyReference: Lint "empty-reference" ["SG-12", "SG-14"]
        "A rule names a group or template that stands for nothing"
        "规则引用的安全组或参数模板不含任何内容"
        => "bind a machine, fill the template, or take the rule out"
           "绑定云服务器、填充模板，或删除该规则";
    UnownedAddress: Lint "unowned-address" []
        "A rule is for private addresses that nobody has"
        "规则针对的内网地址不属于任何对象"
        => "take it out if the host is gone; correct the address if it is not"
           "主机已不存在则删除该规则，否则更正地址";
    UnusedObject: Lint "unused-object" []
        "Nothing uses it"
        "没有任何对象使用它"
        => "delete it, or bind it where it belongs"
           "删除，或绑定到应绑定之处";
    RouteNeverTaken: Lint "route-never-taken" ["RT-4", "RT-5", "RT-6", "RT-11"]
        "No packet can take this route"
        "没有报文会走这条路由"
        => "delete it, or make it more specific than what carries its packets"
           "删除，或使其比现有路由更精确";
    RouteDisabled: Lint "route-disabled" ["RT-9"]
        "The route is switched off"
        "该路由已禁用"
        => "enable it, or delete it"
           "启用或删除";
    NextHopGone: Lint "next-hop-gone" ["RT-16"]
        "What takes this route is lost: the next hop is not there"
        "走该路由的报文全部丢失：下一跳不存在"
        => "bind, create or name the next hop, or delete the route"
           "绑定、创建或更正下一跳，或删除该路由";
    NextHopDown: Lint "next-hop-down" ["D20-17", "D20-20", "PCX-1", "VPN-7"]
        "What takes this route is lost: the next hop is down"
        "走该路由的报文全部丢失：下一跳不可用"
        => "bring the next hop up, or lead the route elsewhere"
           "恢复下一跳，或将路由指向别处";
    LoopingRoute: Lint "looping-route" ["RT-16", "D20-11", "D20-22"]
        "Every packet that takes this route goes in circles"
        "走该路由的报文全部成环"
        => "give the forwarder's own subnet a table that leads on"
           "为转发实例所在子网配置能继续转发的路由表";
    RepliesDropped: Lint "replies-dropped" ["ACL-2", "ACL-6", "ACL-15"]
        "An ACL drops replies of connections that get through"
        "网络 ACL 丢弃了已放行连接的回包"
        => "accept the replies: an ACL remembers nothing, so the other direction needs a rule for the client ports"
           "放行回包：网络 ACL 无状态，另一方向需放行客户端端口";
    AsymmetricPath: Lint "asymmetric-path" ["D20-12"]
        "The reply is delivered by another gateway"
        "回包经由另一个网关送达"
        => "lead both directions over the same gateway where it keeps state"
           "若网关有状态，应使双向经过同一网关";
    AsymmetricForwarder: Lint "asymmetric-forwarder" ["D20-12", "D20-40", "SG-1"]
        "A forwarder that keeps state sees one direction only"
        "有状态的转发实例只能看到连接的一个方向"
        => "lead the other direction over it, too; or accept in its groups what it sees without its beginning"
           "使另一方向也经过它；或在其安全组中放行它未见首包的流量";
    PeeringOneSided: Lint "peering-one-sided" ["PCX-2"]
        "Only one end of the peering has a route to the other"
        "对等连接只有一端配置了路由"
        => "add the route back in the tables of the other VPC"
           "在另一端私有网络的路由表中添加返回的路由";
    PeeringCrossRegion: Lint "peering-cross-region" ["PCX-9"]
        "A peering joins two regions, which the cloud is giving up"
        "对等连接跨地域，云上正在停止此功能"
        => "join the VPCs to a CCN instead, and delete the peering"
           "改用云联网连通两个私有网络，并删除该对等连接";
    OverlappingCidrs: Lint "overlapping-cidrs" ["RT-5", "PCX-6", "CCN-4", "CCN-5"]
        "Networks that are joined have overlapping CIDRs"
        "互通的网络之间网段重叠"
        => "renumber one of them, or do not join them"
           "更换其中一方的网段，或不要将其连通";
    ContainerBridgeOverlap: Lint "container-bridge-overlap" ["VPC-1"]
        "A joined network lies in the range of container bridges"
        "互通的网络与容器网桥网段重叠"
        => "give the containers' hosts another bridge (`bip` of Docker), or renumber the network"
           "为容器主机更换网桥网段（Docker 的 `bip`），或更换该网络的网段";
    LineWithoutBackup: Lint "line-without-backup" ["D20-34", "D20-35", "VPN-12"]
        "Nothing takes over when this checked line is down"
        "开启健康检查的线路中断时没有备线"
        => "give it a second line: another priority in the gateway's table or the VPC's, or a gateway on a CCN with `route_overlap`"
           "配置第二条线路：网关或路由表中优先级不同的路由，或开启 `route_overlap` 的云联网中的另一网关";
    CcnNoBandwidth: Lint "ccn-no-bandwidth" ["CCN-13"]
        "A CCN joins regions without bandwidth between them"
        "云联网跨地域互通，但未配置带宽"
        => "configure bandwidth between the regions"
           "配置地域间带宽";
    ExposedToInternet: Lint "exposed-to-internet" ["NAT-9", "NAT-3", "CLB-4"]
        "The Internet reaches a port for administrators or data"
        "公网可以访问管理端口或数据库端口"
        => "accept the port from known addresses only, or over a VPN"
           "只对已知地址放行该端口，或改用 VPN";
    TargetBlocked: Lint "target-blocked" ["CLB-4", "CLB-6"]
        "The target's groups drop all that the balancer sends"
        "后端的安全组丢弃负载均衡转发的全部流量"
        => "accept the balancer's clients at the target's port"
           "在后端端口放行负载均衡的客户端";
    HealthCheckBlocked: Lint "health-check-blocked" ["CLB-10"]
        "The target's groups drop the balancer's health checks"
        "后端的安全组丢弃负载均衡的健康检查"
        => "accept the VIP at the target's port"
           "在后端端口放行 VIP";
    DnatTargetBlocked: Lint "dnat-target-blocked" ["NAT-3", "SG-5"]
        "The target's groups drop all that a DNAT entry brings"
        "后端的安全组丢弃端口转发送来的全部流量"
        => "accept the clients at the inside port, or delete the entry"
           "在内网端口放行公网客户端，或删除该条目";
    PrivateLinkSourceBlocked: Lint "private-link-source-blocked" ["PL-4", "CLB-4"]
        "Something behind the service drops 11.163.0.0/16"
        "终端节点服务的后端未放行 11.163.0.0/16"
        => "accept 11.163.0.0/16 at that port: it is all that the provider sees of its clients"
           "在该端口放行 11.163.0.0/16：服务提供方只看得到这些源地址";
    ForwarderBlocked: Lint "forwarder-blocked" ["D20-11", "NAT-12"]
        "The forwarder's groups drop all that a route brings"
        "转发实例的安全组丢弃路由送来的全部流量"
        => "accept its clients in the forwarder's groups, on the way in and on the way out"
           "在转发实例的安全组中放行其客户端，出入两个方向都要";
    ClassicLinkStale: Lint "classic-link-stale" ["CL-18", "D20-19"]
        "The link is to an address that the CVM no longer has"
        "关联的地址已不属于该云服务器"
        => "detach the CVM and attach it again"
           "解关联后重新关联";
    ClassicLinkIdle: Lint "classic-link-idle" ["CL-19"]
        "A linked classic CVM is stopped or isolated"
        "已关联的基础网络云服务器已关机或被隔离"
        => "start the CVM, or detach it"
           "启动该云服务器，或解关联";
    QuotaNear: Lint "quota-near" ["SG-15", "ACL-10", "VPC-3", "VPC-7", "RT-2", "PCX-8", "CL-9", "NAT-14"]
        "A quota is nearly used up, used up or exceeded"
        "配额即将用尽、已用尽或已超出"
        => "ask for an increase in time, or use fewer"
           "提前申请提升配额，或减少用量";
    LintAllowUnused: Lint "lint-allow-unused" []
        "An `Allow` of the file matches no finding"
        "文件中的 `Allow` 没有匹配任何问题"
        => "take the `Allow` out, or correct it"
           "删除或更正该 `Allow`";
    LintIncomplete: Lint "lint-incomplete" []
        "A lint stopped at its limit before it had seen everything"
        "某项检查达到上限，未能看完全部"
        => "lint parts of the network in files of their own, or raise --budget if it says so"
           "将网络分成多个文件分别检查；若提示 --budget 则放宽限额";
}
