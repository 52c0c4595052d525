//! Findings in Chinese.

use ipnet::IpNet;

use super::super::budget::exceeded_text;
use super::super::json::waypoint_text;
use super::super::rule::services;
use super::{Speaker, Words};
use crate::code::{Code, Language};
use crate::lint::{Empty, Fact, Finding, Gone, NotTaken};
use crate::model::{Kind, NextHop, State};
use crate::query::Waypoint;

pub(super) fn words(speaker: &Speaker<'_>, finding: &Finding) -> Words {
    Words {
        message: message(speaker, finding),
        related: related(&finding.fact),
        help: help(finding.code()),
    }
}

fn message(speaker: &Speaker<'_>, finding: &Finding) -> String {
    rule(speaker, &finding.fact)
        .or_else(|| route(&finding.fact))
        .or_else(|| network(speaker, &finding.fact))
        .unwrap_or_else(|| end(speaker, finding))
}

fn rule(speaker: &Speaker<'_>, fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::ShadowedRule { rule, by } => format!(
            "{} 永不生效：上方的 {} 已裁决其全部报文，且动作不同",
            speaker.rule(rule),
            speaker.rules(by)
        ),
        Fact::RedundantRule { rule, by } => {
            format!("{} 不起作用：{} 对其报文的裁决相同", speaker.rule(rule), speaker.rules(by))
        }
        Fact::EmptyReference { rule, names, why } => {
            let why = match why {
                Empty::NoMembers => format!("{names} 没有成员"),
                Empty::OnlyServices => {
                    format!("{names} 只绑定了云数据库或负载均衡，它们不计入引用")
                }
                Empty::NoContent => format!("{names} 为空"),
            };
            format!("{} 不匹配任何报文：{why}", speaker.rule(rule))
        }
        Fact::UnownedAddress { addresses } => format!("文件中没有对象拥有 {addresses}"),
        Fact::UnusedObject { kind, id } => format!("没有任何对象使用{} {id}", kind_word(*kind)),
        _ => return None,
    })
}

fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::RouteTable => "路由表",
        Kind::NetworkAcl => "网络 ACL",
        Kind::SecurityGroup => "安全组",
        Kind::AddressTemplate => "IP 地址模板",
        Kind::AddressTemplateGroup => "IP 地址组",
        Kind::ServiceTemplate => "协议端口模板",
        Kind::ServiceTemplateGroup => "协议端口组",
        _ => "对象",
    }
}

fn route(fact: &Fact) -> Option<String> {
    let name = |via: &NextHop| via.id().map_or("EIP", |id| id.as_str()).to_owned();
    Some(match fact {
        Fact::RouteNeverTaken { to, why } => {
            let why = match why {
                NotTaken::Local => "Local 已覆盖其全部目的地址",
                NotTaken::MoreSpecific => "更精确的路由已覆盖其全部目的地址",
                NotTaken::NoPublicAddress => "其子网中没有公网 IP",
            };
            format!("没有报文会走到 {to} 的路由：{why}")
        }
        Fact::RouteDisabled { to } => format!("到 {to} 的路由已禁用"),
        Fact::NextHopGone { to, via, why } => {
            let why = match why {
                Gone::Missing => "已不存在",
                Gone::Unbound => "未绑定实例",
                Gone::Elsewhere => "不转发本私有网络的报文",
            };
            format!("到 {to} 的路由会丢弃所有报文：{} {why}", name(via))
        }
        Fact::NextHopDown { to, via } => {
            format!("到 {to} 的路由会丢弃所有报文：{} 不可用", name(via))
        }
        Fact::LoopingRoute { to, through } => {
            let through: Vec<String> = through.iter().map(ToString::to_string).collect();
            format!(
                "走到 {to} 的路由的报文全部成环：{} → {}",
                through.join(" → "),
                through.first().map_or("", String::as_str)
            )
        }
        Fact::PeeringOneSided { peering, with, without } => {
            format!("{with} 有指向 {peering} 的路由，{without} 没有返回的路由")
        }
        Fact::PeeringCrossRegion { peering, regions: [one, two] } => {
            format!("{peering} 连通 {one} 与 {two}；跨地域对等连接正在停止服务")
        }
        Fact::OverlappingCidrs { networks: [one, two], cidrs: [first, second], through } => {
            format!("{through} 连通的 {one}（{first}）与 {two}（{second}）网段重叠")
        }
        Fact::ContainerBridgeOverlap { network, cidr, through } => {
            format!("{through} 连通的 {network}（{cidr}）与容器主机的网桥 172.17.0.0/16 重叠")
        }
        Fact::LineWithoutBackup { line, gateway, cidrs } => format!(
            "{line} 开启了健康检查，而它中断时没有其他线路接替 {gateway} 承载 {}",
            listed(cidrs)
        ),
        Fact::CcnNoBandwidth { ccn, regions } => {
            format!("{ccn} 连通 {}，而未配置跨地域带宽", regions.join("、"))
        }
        _ => return None,
    })
}

fn network(speaker: &Speaker<'_>, fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::RepliesDropped { acl, list, from, to, services: lost, ports, reply, .. } => format!(
            "{acl} {} 丢弃 {from} → {to} {} 发往客户端端口 {ports} 的回包，例如 {reply}",
            list.name(),
            services(lost).join(" "),
        ),
        Fact::AsymmetricPath { from, to, there, back, packet } => format!(
            "{from} → {to} 的报文经过{}，回包经过{}；例如 {packet}",
            passed(there),
            passed(back)
        ),
        Fact::AsymmetricForwarder { forwarders, from, to, there, back, packet } => {
            let names: Vec<String> = forwarders.iter().map(ToString::to_string).collect();
            format!(
                "{} 只能看到 {from} → {to} 的一个方向：报文经过{}，回包经过{}；例如 {packet}",
                speaker.names(&names),
                passed(there),
                passed(back)
            )
        }
        Fact::ExposedToInternet { endpoints, ports, inside, sources } => {
            let names = endpoints.iter();
            let names: Vec<String> = names.map(|(end, at)| format!("{end}（{at}）")).collect();
            let behind = if ports == inside {
                String::new()
            } else {
                format!("（其后为端口 {inside}）")
            };
            let from = match sources {
                None => "任意公网地址".to_owned(),
                Some(sources) => format!("{} 个公网地址", sources.len()),
            };
            let names = speaker.names(&names);
            format!("{from}可以访问 {names} 的 tcp:{ports}{behind}")
        }
        _ => return None,
    })
}

fn passed(waypoints: &[Waypoint]) -> String {
    let names: Vec<String> = waypoints.iter().map(waypoint_text).collect();
    if names.is_empty() {
        return "（不经网关）".to_owned();
    }
    format!(" {}", names.join("、"))
}

fn end(speaker: &Speaker<'_>, finding: &Finding) -> String {
    match &finding.fact {
        Fact::TargetBlocked { balancer, targets, port, guard } => {
            let targets = speaker.targets(targets, *port);
            format!("{balancer} 转发到 {targets} 的流量全部被 {guard} 丢弃")
        }
        Fact::HealthCheckBlocked { balancer, vip, targets, port, guard } => {
            let targets = speaker.targets(targets, *port);
            format!("{guard} 丢弃 {balancer}（{vip}）对 {targets} 的健康检查")
        }
        Fact::PrivateLinkSourceBlocked { service, targets, port, guard } => {
            let targets = speaker.targets(targets, *port);
            format!("{guard} 在 {targets} 丢弃 {service} 的客户端，其源地址为 11.163.0.0/16")
        }
        Fact::DnatTargetBlocked { gateway, outside: (eip, outside), target, port, guard } => {
            format!("{gateway} 从 {eip}:{outside} 转发到 {target}:{port} 的流量全部被 {guard} 丢弃")
        }
        Fact::ForwarderBlocked { to, forwarder, guard, list, client: (client, more) } => {
            let clients = speaker.and_more(&client.to_string(), *more);
            format!(
                "{guard} {} 丢弃到 {to} 的路由从 {clients} 送到 {forwarder} 的全部流量",
                list.name()
            )
        }
        Fact::ClassicLinkStale { vpc, instance, linked, now } => {
            let was = linked.map_or_else(String::new, |linked| format!("（{linked}）"));
            let is = now.map_or_else(|| "已销毁".to_owned(), |now| format!("现为 {now}"));
            format!("{instance} 与 {vpc} 的关联{was}已失效：该云服务器{is}")
        }
        Fact::ClassicLinkIdle { vpc, instance, state } => {
            let state = match state {
                State::Running => "运行中",
                State::Stopped => "已关机",
                State::Isolated | State::IsolatedStopped => "已隔离",
            };
            format!("{instance} 已关联 {vpc}，但{state}")
        }
        Fact::QuotaNear { usage } => format!(
            "{}：已有 {} {}，上限 {}（{}）",
            Speaker::name(finding),
            usage.count,
            usage.of[1],
            usage.limit,
            usage.rule
        ),
        Fact::LintAllowUnused { code, at } => match at {
            Some(at) => format!("{at} 处没有可允许的 {code}"),
            None => format!("没有可允许的 {code}"),
        },
        Fact::LintIncomplete { lint, done } => {
            format!("{lint} 在检查 {done} 对端点后停止；可能还有未发现的问题")
        }
        Fact::LintExceeded { lint, exceeded } => {
            let why = exceeded_text(*exceeded, Language::Chinese);
            format!("{lint} 未能检查全部内容，可能还有未发现的问题：{why}")
        }
        _ => finding.code().meaning(Language::Chinese).to_owned(),
    }
}

/// The first CIDRs, and how many more there are.
fn listed(cidrs: &[IpNet]) -> String {
    let first: Vec<String> = cidrs.iter().take(3).map(ToString::to_string).collect();
    match cidrs.len().saturating_sub(first.len()) {
        0 => first.join("、"),
        more => format!("{}等（另有 {more} 个）", first.join("、")),
    }
}

fn related(fact: &Fact) -> &'static str {
    match fact {
        Fact::ShadowedRule { .. } => "先行裁决",
        Fact::RedundantRule { .. } => "裁决相同",
        Fact::EmptyReference { .. } => "不代表任何内容",
        Fact::RouteNeverTaken { .. } => "覆盖其中一部分",
        Fact::NextHopDown { .. } => "不可用",
        Fact::LoopingRoute { .. } => "转发",
        Fact::AsymmetricPath { .. } | Fact::AsymmetricForwarder { .. } => "回程",
        Fact::PeeringOneSided { .. } => "唯一的路由",
        Fact::OverlappingCidrs { .. } => "重叠",
        Fact::ContainerBridgeOverlap { .. } => "由此连通",
        Fact::ExposedToInternet { .. } => "其后的端点",
        Fact::TargetBlocked { .. }
        | Fact::HealthCheckBlocked { .. }
        | Fact::PrivateLinkSourceBlocked { .. }
        | Fact::DnatTargetBlocked { .. }
        | Fact::ForwarderBlocked { .. } => "在此丢弃",
        Fact::ClassicLinkStale { .. } | Fact::ClassicLinkIdle { .. } => "该云服务器",
        _ => "",
    }
}

fn help(code: Code) -> &'static str {
    match code {
        Code::ShadowedRule => "将其移到先行裁决的规则之上，或删除",
        Code::RedundantRule => "删除；所有此类规则可一并删除",
        Code::EmptyReference => "绑定云服务器、填充模板，或删除该规则",
        Code::UnownedAddress => "主机已不存在则删除该规则，否则更正地址",
        Code::UnusedObject => "删除，或绑定到应绑定之处",
        Code::RouteNeverTaken => "删除，或使其比现有路由更精确",
        Code::RouteDisabled => "启用或删除",
        Code::NextHopGone => "绑定、创建或更正下一跳，或删除该路由",
        Code::NextHopDown => "恢复下一跳，或将路由指向别处",
        Code::LoopingRoute => "为转发实例所在子网配置能继续转发的路由表",
        Code::RepliesDropped => "放行回包：网络 ACL 无状态，另一方向需放行客户端端口",
        Code::AsymmetricPath => "若网关有状态，应使双向经过同一网关",
        Code::AsymmetricForwarder => "使另一方向也经过它；或在其安全组中放行它未见首包的流量",
        Code::PeeringOneSided => "在另一端私有网络的路由表中添加返回的路由",
        Code::PeeringCrossRegion => "改用云联网连通两个私有网络，并删除该对等连接",
        Code::OverlappingCidrs => "更换其中一方的网段，或不要将其连通",
        Code::ContainerBridgeOverlap => {
            "为容器主机更换网桥网段（Docker 的 `bip`），或更换该网络的网段"
        }
        Code::LineWithoutBackup => {
            "配置第二条线路：网关或路由表中优先级不同的路由，或开启 `route_overlap` 的云联网中的另一网关"
        }
        Code::CcnNoBandwidth => "配置地域间带宽",
        Code::ExposedToInternet => "只对已知地址放行该端口，或改用 VPN",
        Code::TargetBlocked => "在后端端口放行负载均衡的客户端",
        Code::HealthCheckBlocked => "在后端端口放行 VIP",
        Code::PrivateLinkSourceBlocked => {
            "在该端口放行 11.163.0.0/16：服务提供方只看得到这些源地址"
        }
        Code::DnatTargetBlocked => "在内网端口放行公网客户端，或删除该条目",
        Code::ForwarderBlocked => "在转发实例的安全组中放行其客户端，出入两个方向都要",
        Code::ClassicLinkStale => "解关联后重新关联",
        Code::ClassicLinkIdle => "启动该云服务器，或解关联",
        Code::QuotaNear => "提前申请提升配额，或减少用量",
        Code::LintAllowUnused => "删除或更正该 `Allow`",
        Code::LintIncomplete => "将网络分成多个文件分别检查；若提示 --budget 则放宽限额",
        _ => "",
    }
}
