//! What can be done about a reason, in one line a code: the platform's rules cannot be lifted, but often
//! there is another way; the user's own rules and routes can be changed.
//!
//! Here is only what holds for every reason of the code. What a change would open besides is not said.

use crate::code::{Code, Language};
use crate::query::Cause;

/// The line for a cause: at a NAT gateway one of its own, since a CCN alone does not help there (D20-38).
pub(super) fn advice_for(cause: &Cause, language: Language) -> Option<&'static str> {
    if cause.code == Code::GatewayNoTransit && cause.facts.cidr.is_some() {
        return Some(match language {
            Language::English => {
                "give that VPC a NAT gateway of its own, or publish a route to a standard one by CCN"
            }
            Language::Chinese => {
                "为该私有网络单独配置 NAT 网关，或经云联网发布指向标准型 NAT 网关的路由"
            }
        });
    }
    advice(cause.code, language)
}

/// One line; `None` for codes that are no reasons.
pub(super) fn advice(code: Code, language: Language) -> Option<&'static str> {
    let [english, chinese] = filters(code)
        .or_else(|| routes(code))
        .or_else(|| gateways(code))
        .or_else(|| ends(code))
        .or_else(|| classic(code))?;
    Some(match language {
        Language::English => english,
        Language::Chinese => chinese,
    })
}

fn filters(code: Code) -> Option<[&'static str; 2]> {
    Some(match code {
        Code::SecurityGroupEgressDenied | Code::SecurityGroupIngressDenied => [
            "accept it in a security group, above the rule that drops it",
            "在安全组中放通，且须位于拒绝规则之上",
        ],
        Code::NetworkAclEgressDenied | Code::NetworkAclIngressDenied => [
            "accept it in the network ACL, and the reply too: an ACL remembers nothing",
            "在网络 ACL 中放通，回包也须放通：网络 ACL 无状态",
        ],
        Code::EdgeFirewallEgressDenied | Code::EdgeFirewallIngressDenied => [
            "accept it in the edge firewall, above the rule that drops it",
            "在互联网边界防火墙中放通，且须位于拒绝规则之上",
        ],
        _ => return None,
    })
}

fn routes(code: Code) -> Option<[&'static str; 2]> {
    Some(match code {
        Code::NoRoute => [
            "join the two networks (peering, CCN, gateway) and route the destination there",
            "先连通两个网络（对等连接、云联网或网关），再添加到目的地址的路由",
        ],
        Code::LocalWithoutOwner => [
            "ask for an address that somebody has; a CCN adds only subnets that overlap no own one",
            "请改用有归属的地址；云联网只能带来与自身子网不重叠的其他子网",
        ],
        Code::PrivateDestinationToInternet => [
            "add a route of its own for the private destination, longer than the one to the Internet",
            "为该内网目的地址添加比公网路由更精确的路由",
        ],
        Code::RouteBlackhole => [
            "point the route at a next hop that exists in this VPC, or bind the HAVIP",
            "将路由的下一跳改为本私有网络中存在的对象，或绑定该高可用虚拟 IP",
        ],
        Code::RouteLoop => {
            ["give the forwarder's own subnet another route table", "为转发实例所在子网更换路由表"]
        }
        Code::CcnNoRoute => [
            "let the CCN route table accept the route, or attach the network that has the address",
            "让云联网路由表接收该路由，或将目的网络加入云联网",
        ],
        Code::CcnRouteDisabled => [
            "enable the CCN route; it is off by default where another route overlaps it",
            "启用该云联网路由；与其他路由重叠时默认为禁用状态",
        ],
        _ => return None,
    })
}

fn gateways(code: Code) -> Option<[&'static str; 2]> {
    Some(match code {
        Code::AttachmentDown => [
            "bring it up, or accept the peering connection if it is pending",
            "恢复其状态；对等连接尚未接受时请接受",
        ],
        Code::GatewayNoTransit => [
            "join the two networks directly, or put them all into one CCN",
            "让两个网络直接互通，或将它们加入同一云联网",
        ],
        Code::PeeringSecondaryCidr => [
            "move the end into the primary CIDR, or use a CCN instead of the peering connection",
            "将该端迁入主 CIDR，或改用云联网",
        ],
        Code::VpnPolicyMismatch => [
            "add an SPD policy, or a route of the gateway, that covers the two addresses",
            "添加覆盖两端地址的 SPD 策略或网关路由",
        ],
        Code::DirectConnectNoPrefix => {
            ["announce the destination on a tunnel that is up", "在可用的专用通道上发布该目的网段"]
        }
        Code::DirectConnectSecondaryCidr => [
            "move the end into the primary CIDR, or use a standard Direct Connect gateway",
            "将该端迁入主 CIDR，或改用标准型专线网关",
        ],
        Code::DirectConnectNatNoMapping => [
            "add a mapping of the gateway that covers the packet",
            "在专线网关上添加覆盖该报文的映射规则",
        ],
        Code::NatSourceNotCovered => {
            ["add an SNAT rule that covers the source", "添加覆盖该源地址的 SNAT 规则"]
        }
        Code::NatNoAddress => ["bind an EIP to the NAT gateway", "为 NAT 网关绑定弹性公网 IP"],
        Code::NatNoDnatEntry => ["add a DNAT entry for this port", "为该端口添加端口转发规则"],
        Code::NatProtocolUnsupported => [
            "let it leave by an EIP of its own, with an `Eip` route beside the one to the NAT gateway",
            "改由自身的弹性公网 IP 出公网，并在 NAT 网关路由旁添加 `Eip` 路由",
        ],
        Code::NoPublicAddress => [
            "give it a public address; in a VPC a NAT gateway (out) or load balancer (in) will do too",
            "为其配置公网地址；私有网络内出向也可用 NAT 网关，入向也可用负载均衡",
        ],
        Code::ForwarderDoesNotTranslate => [
            "write `masquerades: true` if it translates, or use a NAT gateway or PublicGateway route",
            "会转换地址时请写 `masquerades: true`；否则改用 NAT 网关或 PublicGateway 路由",
        ],
        Code::PublicGatewaySameSubnet => [
            "put client and public gateway into different subnets, or use a NAT gateway",
            "使实例与公网网关处于不同子网，或改用 NAT 网关",
        ],
        Code::OutboundSmtpBlocked => [
            "send mail by another port (465, 587), or apply for port 25 to be unblocked",
            "改用其他端口发信（465、587），或申请解封 25 端口",
        ],
        _ => return None,
    })
}

fn ends(code: Code) -> Option<[&'static str; 2]> {
    Some(match code {
        Code::PortNotServed => [
            "ask for a port that is served, or add a listener",
            "改用其提供服务的端口，或添加监听器",
        ],
        Code::NoTarget => {
            ["register a running target with a weight above 0", "注册一台运行中且权重大于 0 的后端"]
        }
        Code::LoadBalancerLoop => [
            "call the target by its own address and port, or register a target that is not the client",
            "直接访问该后端自己的地址和端口，或注册一台不是客户端的后端",
        ],
        Code::EndpointCannotInitiate => {
            ["open the connection from the other side", "改由另一端发起连接"]
        }
        Code::EndpointDown => ["start or recover it", "开机或恢复该实例"],
        Code::SourceAddressNotOwned => {
            ["ask with an address that the opener has", "改用发起方自身的地址"]
        }
        Code::EndpointConnectionOneWay => {
            ["open the connection from the VPC side", "改由私有网络一侧发起连接"]
        }
        Code::EndpointConnectionNoTransit => [
            "make an endpoint connection in the client's own VPC",
            "在客户端所在的私有网络中另建终端连接",
        ],
        Code::VpcEndpointOneWay => [
            "open the connection from the consumer's side, or join the VPCs by a CCN or a peering",
            "改由使用方一侧发起，或用云联网、对等连接连通两个私有网络",
        ],
        Code::VpcEndpointPending => [
            "put the consumer's account on the service's list and let the provider accept it",
            "将使用方账号加入服务的白名单，并由提供方接受该终端节点",
        ],
        Code::OutboundToUnmodelled => [
            "describe the network beyond, or ask from a place inside the file",
            "在文件中补充描述该网络，或改从文件内的对象提问",
        ],
        Code::NotModelled => [
            "describe it in the file and take it out of `unmodelled`",
            "在文件中补充描述该对象，并从 `unmodelled` 中删除",
        ],
        Code::BudgetExceeded => [
            "give the question more with --budget, or ask for fewer endpoints or services at a time",
            "用 --budget 放宽限额，或缩小一次提问的对象或服务范围",
        ],
        _ => return None,
    })
}

fn classic(code: Code) -> Option<[&'static str; 2]> {
    Some(match code {
        Code::ClassicLinkNotLinked => [
            "attach the classic CVM to the VPC (AttachClassicLinkVpc), if it is linked to no other",
            "将该云服务器关联到该私有网络（AttachClassicLinkVpc），前提是未关联其他私有网络",
        ],
        Code::ClassicLinkCvmOnly => [
            "use an endpoint connection, or move the service into the VPC",
            "使用终端连接，或将该服务迁入私有网络",
        ],
        Code::ClassicLinkSecondaryCidr => {
            ["move the endpoint into a subnet of the primary CIDR", "将该实例迁到主 CIDR 内的子网"]
        }
        Code::ClassicLinkNoTransit => [
            "go through a proxy inside the VPC, or move the classic CVM into the VPC",
            "经私有网络内的代理中转，或将该云服务器迁入私有网络",
        ],
        Code::ClassicLinkStaleAddress => [
            "attach it to the VPC again; the dead link needs no detaching first",
            "重新关联该私有网络（无须先解关联），并更新引用旧 IP 的规则",
        ],
        Code::ClassicOtherTenant => [
            "meet through public addresses, or move both into VPCs and join these",
            "经公网地址互通，或将两端迁入私有网络后连通",
        ],
        Code::ClassicOtherRegion => [
            "meet through public addresses, or move both into VPCs and join these by CCN",
            "经公网地址互通，或将两端迁入私有网络后用云联网连通",
        ],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::CodeKind;

    #[test]
    fn every_reason_has_an_advice_and_it_fits_on_a_line() {
        for &code in Code::ALL {
            if !matches!(code.kind(), CodeKind::Reason | CodeKind::Undetermined) {
                assert_eq!(advice(code, Language::English), None);
                continue;
            }
            for language in [Language::English, Language::Chinese] {
                let text = advice(code, language).unwrap_or_default();
                assert!(!text.is_empty(), "{code}");
                assert!(super::super::wrap::columns(text) <= 90, "{code}: {text}");
            }
        }
    }
}
