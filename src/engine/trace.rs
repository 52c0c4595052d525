//! One packet, there and back: every hop, every decision, every blocker.
//!
//! The same walk as for sets, but filters are read rule by rule for the one packet: the second of the three voices.

use std::sync::Arc;

use super::flow::Flow;
use super::judge::{Met, Obstacle, along, is_unsaid, landed, leaving, settle};
use super::reach::{
    Pair, down, extra, forbidden_way, is_barred, is_exempt, is_sure, near_miss, source_is_down,
};
use super::session::replies;
use super::walk::{Detail, Ending, Path, Step, Walk, What};
use crate::code::Code;
use crate::fabric::{Fabric, FilterUse, Party, StageKind, meeting};
use crate::query::{Cause, Direction, NearMiss, Reason, RuleRef, Trace, TracePath, TraceStep};
use crate::space::{Action, AddressSet, Allowance, Packet, Space};

/// Traces one packet of a pair.
#[must_use]
pub fn trace(fabric: &Fabric, from: Party, to: Party, packet: Packet) -> Trace {
    traced(fabric, &mut Space::new(), (from, to), packet)
}

/// The same within a budget; `None` = it was passed.
#[must_use]
pub fn trace_within(
    fabric: &Fabric,
    allowance: Allowance,
    ends: (Party, Party),
    packet: Packet,
) -> Option<Trace> {
    let mut space = Space::within(allowance);
    let trace = traced(fabric, &mut space, ends, packet);
    (!space.exhausted()).then_some(trace)
}

fn traced(fabric: &Fabric, space: &mut Space, (from, to): (Party, Party), packet: Packet) -> Trace {
    let pair = Pair {
        from,
        to,
        source: AddressSet::single(packet.source),
        destination: AddressSet::single(packet.destination),
        traffic: Space::EMPTY,
    };
    let exempt = is_exempt(fabric, from, to);
    let forbidden = meeting(fabric, from, to, Some(packet.destination));
    let ways = if is_barred(&forbidden) {
        let walk = Walk::opening(fabric, space, None, Detail::Reasons);
        let ways = walk.open(from, (exempt, forbidden), packet).into_iter();
        let ways: Vec<_> = ways.map(|path| settle(fabric, path, from, to)).collect();
        let carried = ways.iter().any(|path| path.carried) && matches!(from, Party::Site(_));
        ways.into_iter().filter(|path| path.carried || !carried).collect()
    } else {
        vec![forbidden_way(fabric, from, exempt, packet, forbidden)]
    };
    let unsaid: Vec<bool> = ways.iter().map(is_unsaid).collect();
    let mut paths = Vec::new();
    for path in &ways {
        if space.is_over() {
            break;
        }
        paths.push(one_way(fabric, space, &pair, path));
    }
    // What a filter drops before is lost, whatever comes after.
    let undetermined = unsaid.into_iter().zip(&paths).any(|(unsaid, path)| {
        let mut reasons = path.reasons.iter();
        unsaid && !reasons.any(|reason| is_sure(reason.cause.code))
    });
    Trace {
        packet,
        always: paths.iter().all(|path| path.always),
        sometimes: paths.iter().any(|path| path.sometimes),
        undetermined,
        paths,
    }
}

fn one_way(fabric: &Fabric, space: &mut Space, pair: &Pair, path: &Path<Packet>) -> TracePath {
    let mut forward = there(fabric, path);
    forward.dedup_by(is_told);
    let stopped = matches!(path.ending, Ending::Stopped(_));
    if stopped {
        let mut more: Vec<_> = leaving(fabric, pair.from, pair.to, path).into_iter().collect();
        for landed in landed(fabric, space, (pair.from, pair.to), path) {
            more.extend(along(&landed.steps));
        }
        more.extend(extra(fabric, pair, path));
        forward.extend(
            more.iter()
                .map(|met| TraceStep { as_if: true, ..obstacle(fabric, met, Direction::Forward) }),
        );
    }
    let source_down = source_is_down(fabric, pair.from);
    if source_down {
        let met = Met {
            obstacle: Obstacle::Stop(Arc::new(down(fabric, pair.from))),
            header: pair_packet(path),
            endpoint: None,
        };
        forward.insert(0, obstacle(fabric, &met, Direction::Forward));
    }
    let works = forward.iter().all(|step| step.passed);
    let mut reasons: Vec<Reason> = forward.iter().filter_map(|s| s.reason.clone()).collect();
    let (mut always, mut sometimes) = (works, false);
    let (mut back, mut waypoints_back) = (Vec::new(), Vec::new());
    if !stopped && !source_down {
        for path in replies(fabric, space, path, (None, Detail::Reasons)) {
            let path = settle(fabric, path, pair.to, pair.from);
            let stopped = matches!(path.ending, Ending::Stopped(_));
            let beside = leaving(fabric, pair.to, pair.from, &path).filter(|_| stopped);
            let beside = beside
                .map(|met| TraceStep { as_if: true, ..obstacle(fabric, &met, Direction::Return) });
            let steps = path.steps.iter();
            let steps = steps.map(|step| hop(fabric, step, Direction::Return));
            let mut steps: Vec<TraceStep> = steps.chain(beside).collect();
            steps.dedup_by(is_told);
            let comes_back = steps.iter().all(|step| step.passed);
            always &= comes_back;
            sometimes |= works && comes_back;
            reasons.extend(steps.iter().filter_map(|step| step.reason.clone()));
            waypoints_back.push(path.waypoints);
            back.push(steps);
        }
    }
    TracePath {
        forward,
        back,
        reasons,
        waypoints: path.waypoints.clone(),
        waypoints_back,
        always,
        sometimes,
    }
}

/// The way there: what lies behind a stop is judged as if it had been lifted, and only what judges is told of it.
fn there(fabric: &Fabric, path: &Path<Packet>) -> Vec<TraceStep> {
    let mut as_if = false;
    let mut steps = Vec::new();
    for step in &path.steps {
        let is_pass = matches!(step.what, What::Pass { .. });
        if !(as_if && is_pass) {
            let told = hop(fabric, step, Direction::Forward);
            steps.push(TraceStep { as_if, ..told });
        }
        as_if |= matches!(&step.what, What::Stop(cause) if cause.code != Code::OutboundSmtpBlocked);
    }
    steps
}

/// Whether a hop only says once more that a CCN passes the packet on: a CCN is several stages. The one that is kept names
/// the entry that decided.
fn is_told(next: &mut TraceStep, hop: &mut TraceStep) -> bool {
    let is_quiet = |step: &TraceStep| {
        let is_plain = step.rule.is_none() && step.reason.is_none();
        step.stage == StageKind::Ccn.name()
            && step.passed
            && is_plain
            && step.packet_in == step.packet_out
    };
    let has_entry = |step: &TraceStep| {
        let place = step.place.as_ref();
        place.is_some_and(|place| !place.path.is_empty())
    };
    let same = hop.at == next.at && hop.as_if == next.as_if && is_quiet(hop) && is_quiet(next);
    if !same || has_entry(hop) && has_entry(next) && hop.place != next.place {
        return false;
    }
    if !has_entry(hop) && next.place.is_some() {
        hop.place.clone_from(&next.place);
    }
    true
}

/// The packet as the way began.
fn pair_packet(path: &Path<Packet>) -> Packet {
    let first = path.steps.first();
    first.map_or_else(|| path.flow.header(), |step| step.before)
}

fn hop(fabric: &Fabric, step: &Step<Packet>, direction: Direction) -> TraceStep {
    match &step.what {
        What::Pass { stage, at, place } => TraceStep {
            stage: stage.name(),
            at: at.clone(),
            endpoint: step.endpoint.clone(),
            passed: true,
            rule: None,
            place: place.clone(),
            packet_in: step.before,
            packet_out: step.after,
            reason: None,
            as_if: false,
        },
        What::Filter(_) | What::Stop(_) => {
            let met = along(std::slice::from_ref(step));
            let met = &met[0];
            TraceStep { packet_out: step.after, ..obstacle(fabric, met, direction) }
        }
    }
}

fn obstacle(fabric: &Fabric, met: &Met<Packet>, direction: Direction) -> TraceStep {
    let step = TraceStep {
        stage: "stop",
        at: None,
        endpoint: met.endpoint.clone(),
        passed: true,
        rule: None,
        place: None,
        packet_in: met.header,
        packet_out: met.header,
        reason: None,
        as_if: false,
    };
    match &met.obstacle {
        Obstacle::Stop(cause) => TraceStep {
            stage: stage_of(cause.code),
            at: cause.at.clone(),
            passed: false,
            place: cause.place.clone(),
            reason: Some(reason((**cause).clone(), met, direction, None, None)),
            ..step
        },
        Obstacle::Filter(filter) => filtered(fabric, *filter, met, direction, step),
    }
}

fn filtered(
    fabric: &Fabric,
    filter: FilterUse,
    met: &Met<Packet>,
    direction: Direction,
    step: TraceStep,
) -> TraceStep {
    let list = fabric.filters.get(filter.list);
    let decided = list.rules.iter().find(|rule| rule.when.holds(&met.header));
    let rule = decided.and_then(|rule| rule.rule.clone());
    let owner = rule.as_ref().map_or(&list.owner, |rule| &rule.owner).clone();
    let passed = decided.is_some_and(|rule| rule.action == Action::Accept);
    let cause = || {
        let cause = Cause::at(filter.kind.denied(), &owner);
        match &rule {
            Some(rule) => cause.placed(rule.place()),
            None => cause,
        }
    };
    let nearest = || match decided {
        Some(_) => None,
        None => near_miss(fabric, filter, &met.header),
    };
    TraceStep {
        stage: filter.kind.name(),
        at: Some(owner.clone()),
        passed,
        place: rule.as_ref().map(RuleRef::place),
        reason: (!passed).then(|| reason(cause(), met, direction, rule.clone(), nearest())),
        rule,
        ..step
    }
}

fn reason(
    cause: Cause,
    met: &Met<Packet>,
    direction: Direction,
    rule: Option<RuleRef>,
    near_miss: Option<NearMiss>,
) -> Reason {
    Reason {
        direction,
        cause,
        endpoint: met.endpoint.clone(),
        rule,
        near_miss,
        witness: met.header,
    }
}

/// The stage that a stop belongs to, for the trace.
fn stage_of(code: Code) -> &'static str {
    let name = code.name();
    match code {
        Code::NoRoute
        | Code::LocalWithoutOwner
        | Code::PrivateDestinationToInternet
        | Code::RouteBlackhole
        | Code::RouteLoop
        | Code::NoPublicAddress => StageKind::Route.name(),
        Code::PortNotServed | Code::NoTarget | Code::LoadBalancerLoop | Code::EndpointDown => {
            "destination"
        }
        Code::EndpointCannotInitiate | Code::EndpointConnectionOneWay | Code::VpcEndpointOneWay => {
            "opener"
        }
        Code::VpcEndpointPending => StageKind::VpcEndpoint.name(),
        Code::OutboundSmtpBlocked => "platform",
        Code::PublicGatewaySameSubnet => StageKind::PublicGateway.name(),
        Code::ForwarderDoesNotTranslate => StageKind::Forwarder.name(),
        _ if name.starts_with("classic-link") => StageKind::ClassicLink.name(),
        _ if name.starts_with("classic") => StageKind::Classic.name(),
        _ if name.starts_with("peering") => StageKind::Peering.name(),
        _ if name.starts_with("ccn") => StageKind::Ccn.name(),
        _ if name.starts_with("vpn") => StageKind::VpnGateway.name(),
        _ if name.starts_with("direct-connect") => StageKind::DirectConnectGateway.name(),
        _ if name.starts_with("nat") => StageKind::NatGateway.name(),
        _ if name.starts_with("endpoint-connection") => StageKind::EndpointConnection.name(),
        _ => "gateway",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_without_a_stage_of_its_own_is_told_at_the_gateway_that_it_is_named_for() {
        for (code, stage) in [
            (Code::NoRoute, StageKind::Route),
            (Code::ClassicLinkNotLinked, StageKind::ClassicLink),
            (Code::ClassicOtherTenant, StageKind::Classic),
            (Code::PeeringSecondaryCidr, StageKind::Peering),
            (Code::CcnNoRoute, StageKind::Ccn),
            (Code::VpnPolicyMismatch, StageKind::VpnGateway),
            (Code::DirectConnectNoPrefix, StageKind::DirectConnectGateway),
            (Code::NatNoAddress, StageKind::NatGateway),
        ] {
            assert_eq!(stage_of(code), stage.name(), "{code}");
        }
        assert_eq!(stage_of(Code::GatewayNoTransit), "gateway");
    }
}
