//! Findings in English.

use ipnet::IpNet;

use super::super::budget::exceeded_text;
use super::super::json::waypoint_text;
use super::super::rule::services;
use super::{Speaker, Words};
use crate::code::Language;
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
            "{} never takes effect: {} above {} all its packets, and not as it says",
            speaker.rule(rule),
            speaker.rules(by),
            verb(by.len())
        ),
        Fact::RedundantRule { rule, by } => format!(
            "{} changes nothing: {} {} its packets alike",
            speaker.rule(rule),
            speaker.rules(by),
            verb(by.len())
        ),
        Fact::EmptyReference { rule, names, why } => {
            let why = match why {
                Empty::NoMembers => format!("{names} has no members"),
                Empty::OnlyServices => format!(
                    "only databases and load balancers are bound to {names}, and they do not count"
                ),
                Empty::NoContent => format!("{names} is empty"),
            };
            format!("{} matches nothing: {why}", speaker.rule(rule))
        }
        Fact::UnownedAddress { addresses } => format!("nobody in the file has {addresses}"),
        Fact::UnusedObject { kind, id } => format!("nothing uses the {} {id}", kind.words()),
        Fact::RouteNeverTaken { to, why } => {
            let why = match why {
                NotTaken::Local => "Local carries all of it",
                NotTaken::MoreSpecific => "more specific routes carry all of it",
                NotTaken::NoPublicAddress => "its subnets have no public address",
            };
            format!("no packet takes the route to {to}: {why}")
        }
        Fact::RouteDisabled { to } => format!("the route to {to} is disabled"),
        Fact::NextHopGone { to, via, why } => {
            let why = match why {
                Gone::Missing => "is gone",
                Gone::Unbound => "is bound to no instance",
                Gone::Elsewhere => "does not take packets of this VPC",
            };
            format!("the route to {to} loses every packet: {} {why}", hop(via))
        }
        Fact::NextHopDown { to, via } => {
            format!("the route to {to} loses every packet: {} is down", hop(via))
        }
        Fact::LoopingRoute { to, through } => {
            let through: Vec<String> = through.iter().map(ToString::to_string).collect();
            format!(
                "every packet that takes the route to {to} goes in circles: {} → {}",
                through.join(" → "),
                through.first().map_or("", String::as_str)
            )
        }
        Fact::PeeringOneSided { peering, with, without } => {
            format!("{with} has a route into {peering}, {without} has none back")
        }
        Fact::PeeringCrossRegion { peering, regions: [one, two] } => {
            format!("{peering} joins {one} and {two}; peering across regions is being given up")
        }
        Fact::OverlappingCidrs { networks: [one, two], cidrs: [first, second], through } => {
            format!("{through} joins {one} ({first}) and {two} ({second}), which overlap")
        }
        Fact::ContainerBridgeOverlap { network, cidr, through } => format!(
            "{through} joins {network} ({cidr}), which overlaps 172.17.0.0/16, the bridge of container hosts"
        ),
        Fact::LineWithoutBackup { line, gateway, cidrs } => format!(
            "{line} is checked, and while it is down nothing behind {gateway} carries {}",
            listed(cidrs)
        ),
        Fact::CcnNoBandwidth { ccn, regions } => {
            format!("{ccn} joins {} and has no bandwidth between regions", regions.join(", "))
        }
        Fact::RepliesDropped { acl, list, from, to, services: lost, ports, reply, .. } => format!(
            "{acl} {} drops replies of {from} → {to} {} to the client ports {ports}, for example \
             {reply}",
            list.name(),
            services(lost).join(" "),
        ),
        Fact::AsymmetricPath { from, to, there, back, packet } => format!(
            "packets {from} → {to} pass {}, their replies {}; for example {packet}",
            passed(there),
            passed(back)
        ),
        Fact::AsymmetricForwarder { forwarders, from, to, there, back, packet } => {
            let names: Vec<String> = forwarders.iter().map(ToString::to_string).collect();
            format!(
                "{} {} one direction of {from} → {to} only: packets pass {}, their replies {}; \
                 for example {packet}",
                speaker.names(&names),
                if names.len() == 1 { "sees" } else { "see" },
                passed(there),
                passed(back)
            )
        }
        Fact::ExposedToInternet { endpoints, ports, inside, sources } => {
            let names = endpoints.iter();
            let names: Vec<String> = names.map(|(end, at)| format!("{end} ({at})")).collect();
            let behind = if ports == inside {
                String::new()
            } else {
                format!(", behind which is port {inside}")
            };
            let from = match sources {
                None => "from anywhere".to_owned(),
                Some(sources) => format!("from {} addresses", sources.len()),
            };
            let names = speaker.names(&names);
            format!("the Internet reaches {names} at tcp:{ports}{behind}, {from}")
        }
        Fact::TargetBlocked { balancer, targets, port, guard } => {
            let targets = speaker.targets(targets, *port);
            format!("nothing that {balancer} sends to {targets} gets past {guard}")
        }
        Fact::HealthCheckBlocked { balancer, vip, targets, port, guard } => {
            let targets = speaker.targets(targets, *port);
            format!("{guard} drops the health checks of {balancer} ({vip}) to {targets}")
        }
        Fact::PrivateLinkSourceBlocked { service, targets, port, guard } => {
            let targets = speaker.targets(targets, *port);
            format!("{guard} drops clients of {service}, who come from 11.163.0.0/16, at {targets}")
        }
        Fact::DnatTargetBlocked { gateway, outside: (eip, outside), target, port, guard } => {
            format!(
                "nothing that {gateway} brings from {eip}:{outside} to {target}:{port} gets past {guard}"
            )
        }
        Fact::ForwarderBlocked { to, forwarder, guard, list, client: (client, more) } => {
            let clients = speaker.and_more(&client.to_string(), *more);
            format!(
                "{guard} {} drops all that the route to {to} brings to {forwarder} from {clients}",
                list.name()
            )
        }
        Fact::ClassicLinkStale { vpc, instance, linked, now } => {
            let was = linked.map_or_else(String::new, |linked| format!(" as {linked}"));
            let is = now.map_or_else(|| "is gone".to_owned(), |now| format!("has {now} now"));
            format!("{instance} was linked to {vpc}{was} and {is}: the link carries nothing")
        }
        Fact::ClassicLinkIdle { vpc, instance, state } => {
            let state = match state {
                State::Running => "running",
                State::Stopped => "stopped",
                State::Isolated | State::IsolatedStopped => "isolated",
            };
            format!("{instance} is linked to {vpc} and {state}")
        }
        Fact::QuotaNear { usage } => format!(
            "{}: {} of {} {} ({})",
            Speaker::name(finding),
            usage.count,
            usage.limit,
            usage.of[0],
            usage.rule
        ),
        Fact::LintAllowUnused { code, at } => match at {
            Some(at) => format!("there is no {code} at {at} to allow"),
            None => format!("there is no {code} to allow"),
        },
        Fact::LintIncomplete { lint, done } => {
            format!("{lint} stopped after {done} pairs of ends; there may be more")
        }
        Fact::LintExceeded { lint, exceeded } => {
            let why = exceeded_text(*exceeded, Language::English);
            format!("{lint} has not seen everything, there may be more: {why}")
        }
    }
}

/// What a route leads to.
fn hop(via: &NextHop) -> &str {
    via.id().map_or("EIP", |id| id.as_str())
}

fn verb(count: usize) -> &'static str {
    if count == 1 { "decides" } else { "decide" }
}

fn passed(waypoints: &[Waypoint]) -> String {
    let names: Vec<String> = waypoints.iter().map(waypoint_text).collect();
    if names.is_empty() {
        return "none of them".to_owned();
    }
    names.join(", ")
}

/// The first CIDRs, and how many more there are.
fn listed(cidrs: &[IpNet]) -> String {
    let first: Vec<String> = cidrs.iter().take(3).map(ToString::to_string).collect();
    match cidrs.len().saturating_sub(first.len()) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

fn related(fact: &Fact) -> &'static str {
    match fact {
        Fact::ShadowedRule { .. } => "decides first",
        Fact::RedundantRule { .. } => "decides alike",
        Fact::EmptyReference { .. } => "stands for nothing",
        Fact::RouteNeverTaken { .. } => "carries some of it",
        Fact::NextHopDown { .. } => "down",
        Fact::LoopingRoute { .. } => "forwards",
        Fact::AsymmetricPath { .. } | Fact::AsymmetricForwarder { .. } => "the way back",
        Fact::PeeringOneSided { .. } => "the only route",
        Fact::OverlappingCidrs { .. } => "overlaps",
        Fact::ContainerBridgeOverlap { .. } => "joins it",
        Fact::ExposedToInternet { .. } => "behind it",
        Fact::TargetBlocked { .. }
        | Fact::HealthCheckBlocked { .. }
        | Fact::PrivateLinkSourceBlocked { .. }
        | Fact::DnatTargetBlocked { .. }
        | Fact::ForwarderBlocked { .. } => "drops it",
        Fact::ClassicLinkStale { .. } | Fact::ClassicLinkIdle { .. } => "the CVM",
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
