//! Findings in English.

use ipnet::IpNet;

use super::super::budget::exceeded_text;
use super::super::json::waypoint_text;
use super::super::rule::services;
use super::{Speaker, Words};
use crate::code::{Code, Language};
use crate::lint::{Empty, Fact, Finding, Gone, NotTaken};
use crate::model::{NextHop, State};
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
        .or_else(|| network(speaker, finding))
        .unwrap_or_else(|| end(speaker, finding))
}

fn verb(count: usize) -> &'static str {
    if count == 1 { "decides" } else { "decide" }
}

fn rule(speaker: &Speaker<'_>, fact: &Fact) -> Option<String> {
    Some(match fact {
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
        _ => return None,
    })
}

fn route(fact: &Fact) -> Option<String> {
    let name = |via: &NextHop| via.id().map_or("EIP", |id| id.as_str()).to_owned();
    Some(match fact {
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
            format!("the route to {to} loses every packet: {} {why}", name(via))
        }
        Fact::NextHopDown { to, via } => {
            format!("the route to {to} loses every packet: {} is down", name(via))
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
        _ => return None,
    })
}

fn network(speaker: &Speaker<'_>, finding: &Finding) -> Option<String> {
    Some(match &finding.fact {
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
        _ => return None,
    })
}

fn passed(waypoints: &[Waypoint]) -> String {
    let names: Vec<String> = waypoints.iter().map(waypoint_text).collect();
    if names.is_empty() {
        return "none of them".to_owned();
    }
    names.join(", ")
}

fn end(speaker: &Speaker<'_>, finding: &Finding) -> String {
    match &finding.fact {
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
        _ => finding.code().meaning(crate::code::Language::English).to_owned(),
    }
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
        _ => "",
    }
}

fn help(code: Code) -> &'static str {
    match code {
        Code::ShadowedRule => "move it above the rules that decide first, or take it out",
        Code::RedundantRule => "take it out; all that are found can go together",
        Code::EmptyReference => "bind a machine, fill the template, or take the rule out",
        Code::UnownedAddress => "take it out if the host is gone; correct the address if it is not",
        Code::UnusedObject => "delete it, or bind it where it belongs",
        Code::RouteNeverTaken => {
            "delete it, or make it more specific than what carries its packets"
        }
        Code::RouteDisabled => "enable it, or delete it",
        Code::NextHopGone => "bind, create or name the next hop, or delete the route",
        Code::NextHopDown => "bring the next hop up, or lead the route elsewhere",
        Code::LoopingRoute => "give the forwarder's own subnet a table that leads on",
        Code::RepliesDropped => {
            "accept the replies: an ACL remembers nothing, so the other direction needs a rule for the \
             client ports"
        }
        Code::AsymmetricPath => "lead both directions over the same gateway where it keeps state",
        Code::AsymmetricForwarder => {
            "lead the other direction over it, too; or accept in its groups what it sees without its beginning"
        }
        Code::PeeringOneSided => "add the route back in the tables of the other VPC",
        Code::PeeringCrossRegion => "join the VPCs to a CCN instead, and delete the peering",
        Code::OverlappingCidrs => "renumber one of them, or do not join them",
        Code::ContainerBridgeOverlap => {
            "give the containers' hosts another bridge (`bip` of Docker), or renumber the network"
        }
        Code::LineWithoutBackup => {
            "give it a second line: another priority in the gateway's table or the VPC's, or a gateway \
             on a CCN with `route_overlap`"
        }
        Code::CcnNoBandwidth => "configure bandwidth between the regions",
        Code::ExposedToInternet => "accept the port from known addresses only, or over a VPN",
        Code::TargetBlocked => "accept the balancer's clients at the target's port",
        Code::HealthCheckBlocked => "accept the VIP at the target's port",
        Code::PrivateLinkSourceBlocked => {
            "accept 11.163.0.0/16 at that port: it is all that the provider sees of its clients"
        }
        Code::DnatTargetBlocked => "accept the clients at the inside port, or delete the entry",
        Code::ForwarderBlocked => {
            "accept its clients in the forwarder's groups, on the way in and on the way out"
        }
        Code::ClassicLinkStale => "detach the CVM and attach it again",
        Code::ClassicLinkIdle => "start the CVM, or detach it",
        Code::QuotaNear => "ask for an increase in time, or use fewer",
        Code::LintAllowUnused => "take the `Allow` out, or correct it",
        Code::LintIncomplete => {
            "lint parts of the network in files of their own, or raise --budget if it says so"
        }
        _ => "",
    }
}
