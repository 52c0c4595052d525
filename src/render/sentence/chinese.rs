//! The clauses of reasons in Chinese, in the words of the cloud's own documentation.

use super::Said;
use crate::code::{Code, Language};
use crate::query::Direction;
use crate::render::budget::exceeded_text;

/// Why the packet is lost.
pub(super) fn clause(said: &Said<'_>) -> String {
    let code = said.reason.cause.code;
    filter(said)
        .or_else(|| route(said))
        .or_else(|| gateway(said))
        .or_else(|| end(said))
        .or_else(|| classic(said))
        .unwrap_or_else(|| code.meaning(Language::Chinese).to_owned())
}

fn filter(said: &Said<'_>) -> Option<String> {
    let Said { at, rule, source, destination, service, packets, .. } = said;
    let drops = |what: &str| rule.as_ref().map(|rule| format!("{rule} 拒绝{what}"));
    let it = match said.reason.direction {
        Direction::Forward => format!(" {packets}"),
        Direction::Return => "该报文".to_owned(),
    };
    Some(match said.reason.cause.code {
        Code::SecurityGroupEgressDenied => drops(&format!("到 {destination} 的 {service}"))
            .unwrap_or_else(|| format!("{at} 没有出站规则放通到 {destination} 的 {service}")),
        Code::SecurityGroupIngressDenied => drops(&format!("来自 {source} 的 {service}"))
            .unwrap_or_else(|| format!("{at} 没有入站规则放通来自 {source} 的 {service}")),
        Code::NetworkAclEgressDenied => {
            drops(&it).unwrap_or_else(|| format!("{at} 没有出站规则放通{it}"))
        }
        Code::NetworkAclIngressDenied => {
            drops(&it).unwrap_or_else(|| format!("{at} 没有入站规则放通{it}"))
        }
        Code::EdgeFirewallEgressDenied | Code::EdgeFirewallIngressDenied => {
            drops(&it).unwrap_or_else(|| format!("{at} 拒绝{it}"))
        }
        _ => return None,
    })
}

fn route(said: &Said<'_>) -> Option<String> {
    let Said { at, destination, .. } = said;
    Some(match said.reason.cause.code {
        Code::NoRoute => match (said.address, at.is_empty()) {
            (Some(address), _) => format!("没有任何对象拥有 {address}"),
            (None, true) => format!("没有到 {destination} 的路由"),
            (None, false) => format!("{at} 没有到 {destination} 的路由"),
        },
        Code::LocalWithoutOwner => {
            let address = said.address.unwrap_or(*destination);
            format!("{address} 位于 {at} 自身的网段内，而其中没有任何对象拥有它")
        }
        Code::PrivateDestinationToInternet => {
            format!("{destination} 是内网地址，却只匹配到通往公网的 {at}")
        }
        Code::RouteBlackhole => match said.other {
            Some(next) => format!("{at} 的路由指向 {next}，而它已不存在或无法接收该报文"),
            None if said.entry => format!("{at} 的路由的下一跳无法接收该报文"),
            None => format!("{at} 未绑定任何云服务器，报文无人接收"),
        },
        Code::RouteLoop if at.is_empty() => "路由使报文循环转发".to_owned(),
        Code::RouteLoop => format!("路由使报文回到已经过的 {at}"),
        Code::CcnNoRoute => format!("{at} 没有到 {destination} 的路由"),
        Code::CcnRouteDisabled => format!("{at} 到 {destination} 的路由处于禁用状态"),
        _ => return None,
    })
}

fn gateway(said: &Said<'_>) -> Option<String> {
    let Said { at, source, destination, service, .. } = said;
    let ends = format!("{source} → {destination}");
    Some(match said.reason.cause.code {
        Code::AttachmentDown => format!("{at} 不可用"),
        Code::GatewayNoTransit => match said.other {
            Some(other) => format!("{at} 不会把流量再经 {other} 转发出去"),
            None => format!("{at} 只承载其两端网络自身的流量，不承载 {ends}"),
        },
        Code::PeeringSecondaryCidr => match said.address {
            Some(address) => format!("{address} 属于辅助 CIDR，{at} 不承载辅助 CIDR 的流量"),
            None => format!("{at} 不承载辅助 CIDR 的流量，而 {ends} 有一端属于辅助 CIDR"),
        },
        Code::VpnPolicyMismatch => format!("{at} 没有 SPD 策略覆盖 {ends}"),
        Code::DirectConnectNoPrefix => format!("{at} 没有可用的专用通道发布 {destination}"),
        Code::DirectConnectSecondaryCidr => {
            format!("{at} 是 NAT 型专线网关，不承载辅助 CIDR 的流量（{ends}）")
        }
        Code::DirectConnectNatNoMapping => format!("{at} 没有覆盖 {ends}（{service}）的映射规则"),
        Code::NatSourceNotCovered => format!("{at} 已开启严格 SNAT，且没有 SNAT 规则覆盖 {source}"),
        Code::NatNoAddress => format!("{at} 没有可用于转换的弹性公网 IP"),
        Code::NatNoDnatEntry => format!("{at} 没有 {destination} 上 {service} 的端口转发规则"),
        Code::NatProtocolUnsupported => {
            let protocol = said.reason.witness.protocol;
            format!("{at} 只转换 TCP、UDP、ICMP，不转换 {protocol}")
        }
        Code::NoPublicAddress => match (said.address, said.owner()) {
            (Some(address), Some(owner)) => {
                format!("{address} 没有弹性公网 IP；{at} 的弹性公网 IP 属于 {owner}")
            }
            _ => format!("{at} 既没有公网 IP，也没有可用的 NAT，无法与公网互通"),
        },
        Code::ForwarderDoesNotTranslate => {
            format!("{at} 原样转发源地址 {source}，公网无法回应内网地址")
        }
        Code::PublicGatewaySameSubnet => {
            format!("{at} 是公网网关，不能为其所在子网（{source}）转发流量")
        }
        Code::OutboundSmtpBlocked => format!("平台默认封禁出公网的 {service}"),
        _ => return None,
    })
}

fn end(said: &Said<'_>) -> Option<String> {
    let Said { at, source, service, .. } = said;
    Some(match said.reason.cause.code {
        Code::PortNotServed => format!("{at} 不提供 {service} 服务"),
        Code::NoTarget => format!("{at} 的 {service} 没有可用的后端"),
        Code::LoadBalancerLoop => {
            format!("{at} 把 {service} 又转发给客户端自身 {source}，客户端无法应答自己的报文")
        }
        Code::EndpointCannotInitiate => format!("{at} 只应答，不会主动发起连接"),
        Code::EndpointDown => format!("{at} 已关机、被隔离或发生故障"),
        Code::SourceAddressNotOwned => format!("{source} 不是 {at} 的地址"),
        Code::EndpointConnectionOneWay => format!("{at} 只能由私有网络一侧发起，不能反向发起连接"),
        Code::EndpointConnectionNoTransit => {
            format!("只有 {at} 所在私有网络内的实例才能使用它，{source} 不在其中")
        }
        Code::VpcEndpointOneWay => format!("{at} 只能由使用方一侧发起，提供方不能经它发起连接"),
        Code::VpcEndpointPending => format!("{at} 尚待服务提供方接受"),
        Code::OutboundToUnmodelled => "结论取决于文件未描述的网络".to_owned(),
        Code::NotModelled => {
            let what = said.other.unwrap_or("某个对象");
            match *at {
                "" => format!("{what} 未建模，可能影响此连接"),
                at => format!("{what} 未建模，可能经由 {at} 影响此连接"),
            }
        }
        Code::BudgetExceeded => match said.reason.cause.facts.exceeded {
            Some(exceeded) => exceeded_text(exceeded, Language::Chinese),
            None => "问题过大，未能在限额内得出结论".to_owned(),
        },
        _ => return None,
    })
}

fn classic(said: &Said<'_>) -> Option<String> {
    let Said { at, source, .. } = said;
    let vpc = said.other.unwrap_or("该私有网络");
    Some(match said.reason.cause.code {
        Code::ClassicLinkNotLinked => format!("{at} 未关联到 {vpc}"),
        Code::ClassicLinkCvmOnly => {
            format!("{at} 不是云服务器，私有网络只能访问基础网络中的云服务器")
        }
        Code::ClassicLinkSecondaryCidr => {
            let address = said.address.unwrap_or(*source);
            let primary = said.reason.cause.facts.cidr;
            let primary = primary.map_or(String::new(), |cidr| format!(" {cidr}"));
            format!("{address} 属于辅助 CIDR；关联的基础网络云服务器只与主 CIDR{primary} 互通")
        }
        Code::ClassicLinkNoTransit => {
            let instance = said.other.unwrap_or("基础网络云服务器");
            format!("{instance} 的互通止于其关联的私有网络，{at} 不为其转发流量")
        }
        Code::ClassicLinkStaleAddress => {
            format!("{at} 的内网 IP 在关联 {vpc} 之后已变更，原关联已失效")
        }
        Code::ClassicOtherTenant => format!("{at} 属于其他账号，基础网络中不同账号之间始终隔离"),
        Code::ClassicOtherRegion => format!("{at} 在其他地域，不同地域的基础网络内网不互通"),
        _ => return None,
    })
}
