//! Findings in Chinese.

use ipnet::IpNet;

use super::super::budget::exceeded_text;
use super::super::json::waypoint_text;
use super::super::rule::services;
use super::{Speaker, Words};
use crate::code::Language;
use crate::diagnostic::after_chinese;
use crate::lint::{Empty, Fact, Finding, Gone, NotTaken};
use crate::model::{NextHop, State};
use crate::query::Waypoint;

pub(super) fn words(speaker: &Speaker<'_>, finding: &Finding) -> Words {
    Words { message: message(speaker, finding), related: related(&finding.fact) }
}

/// One sentence a fact.
#[expect(clippy::too_many_lines, reason = "some lines a fact, and no arm for all others")]
fn message(speaker: &Speaker<'_>, finding: &Finding) -> String {
    match &finding.fact {
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
        Fact::UnusedObject { kind, id } => {
            format!("没有任何对象使用{} {id}", after_chinese(kind.chinese()))
        }
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
            format!("到 {to} 的路由会丢弃所有报文：{} {why}", hop(via))
        }
        Fact::NextHopDown { to, via } => {
            format!("到 {to} 的路由会丢弃所有报文：{} 不可用", hop(via))
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
    }
}

/// What a route leads to.
fn hop(via: &NextHop) -> &str {
    via.id().map_or("EIP", |id| id.as_str())
}

fn passed(waypoints: &[Waypoint]) -> String {
    let names: Vec<String> = waypoints.iter().map(waypoint_text).collect();
    if names.is_empty() {
        return "（不经网关）".to_owned();
    }
    format!(" {}", names.join("、"))
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
        Fact::UnownedAddress { .. }
        | Fact::UnusedObject { .. }
        | Fact::RouteDisabled { .. }
        | Fact::NextHopGone { .. }
        | Fact::RepliesDropped { .. }
        | Fact::PeeringCrossRegion { .. }
        | Fact::LineWithoutBackup { .. }
        | Fact::CcnNoBandwidth { .. }
        | Fact::QuotaNear { .. }
        | Fact::LintAllowUnused { .. }
        | Fact::LintIncomplete { .. }
        | Fact::LintExceeded { .. } => "",
    }
}
