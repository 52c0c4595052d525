//! The packets of one way, divided by the rules that decide about them.

use crate::code::Code;
use crate::engine::{Leg, Reacher, Step, Trail, What};
use crate::fabric::{Device, Fabric, FilterKind, FilterUse, StageKind};
use crate::id::Id;
use crate::model::{Endpoint, Key};
use crate::query::{Cause, Direction};
use crate::space::{Action, Origin, Set, Space, View};

use super::claim::{Change, Cut, Outcome, Stage};
use super::gap::Gap;

/// Disjoint sets, each with what becomes of it on every way that it may take.
pub(super) type Atoms<T> = Vec<(Set, Vec<T>)>;

/// The packets of a leg that are still on their way, with the stages that they have passed.
type Travelling = Vec<(Set, Vec<Stage>)>;

/// Divides what was divided already by what becomes of it on one more way.
pub(super) fn refined<T: Clone>(
    space: &mut Space,
    atoms: Atoms<T>,
    parts: Vec<(Set, Vec<T>)>,
) -> Atoms<T> {
    let known = space.union_all(atoms.iter().map(|(set, _)| *set).collect::<Vec<_>>());
    let mut finer = Vec::new();
    for (set, outcomes) in atoms {
        let mut rest = set;
        for (part, more) in &parts {
            let both = space.intersection(rest, *part);
            if space.is_empty(both) {
                continue;
            }
            rest = space.difference(rest, *part);
            let joined = outcomes.iter().chain(more).cloned().collect();
            finer.push((both, joined));
        }
        if !space.is_empty(rest) {
            finer.push((rest, outcomes));
        }
    }
    for (part, outcomes) in parts {
        let new = space.difference(part, known);
        if !space.is_empty(new) {
            finer.push((new, outcomes));
        }
    }
    finer
}

/// The two ends of a way.
pub(super) type Ends<'a> = (&'a Endpoint, &'a Endpoint);

/// What becomes of the packets of a way, there and on every way back.
pub(super) fn outcomes(
    reacher: &mut Reacher<'_>,
    ends: Ends<'_>,
    trail: &Trail,
) -> Result<Vec<(Set, Vec<Outcome>)>, Gap> {
    if trail.unsaid {
        return Err(Gap::Undetermined);
    }
    if let Some(cause) = &trail.silent {
        let cut = stopped(cause, ends, Direction::Forward)?;
        return Ok(vec![(trail.there.set, vec![Outcome::Cut(cut)])]);
    }
    let (arrived, cuts) = leg(reacher, ends, (&trail.there, trail.there.set), Direction::Forward)?;
    let mut parts: Vec<(Set, Vec<Outcome>)> = Vec::new();
    parts.extend(cuts.into_iter().map(|(set, cut)| (set, vec![Outcome::Cut(cut)])));
    for (set, there) in arrived {
        let mut returns: Atoms<Outcome> = Vec::new();
        for back in &trail.back {
            let own = reacher.space.intersection(set, back.set);
            if reacher.space.is_empty(own) {
                continue;
            }
            let (home, cuts) = leg(reacher, ends, (back, own), Direction::Return)?;
            let walks = home.into_iter().map(|(set, back)| {
                let there = there.clone();
                (set, vec![Outcome::Walk { there, back }])
            });
            let lost = cuts.into_iter();
            let lost = lost.map(|(set, cut)| (set, vec![Outcome::Cut(cut)]));
            let all = walks.chain(lost).collect();
            returns = refined(&mut reacher.space, returns, all);
        }
        parts.extend(returns);
    }
    Ok(parts)
}

/// The packets of one leg that come through, and those that are lost on it.
fn leg(
    reacher: &mut Reacher<'_>,
    ends: Ends<'_>,
    (leg, set): (&Leg, Set),
    direction: Direction,
) -> Result<(Travelling, Vec<(Set, Cut)>), Gap> {
    let mut on_the_way: Travelling = vec![(set, Vec::new())];
    let mut cuts = Vec::new();
    // A forwarder rewrites on the way into it, and is told where it sends the packets on.
    let mut masked = Vec::new();
    // The load balancer behind the last endpoint: its groups are asked on the way to it.
    let mut behind = None;
    for step in &leg.steps {
        if on_the_way.is_empty() {
            break;
        }
        match &step.what {
            What::Stop(cause) => {
                let cut = stopped(cause, ends, direction)?;
                cuts.extend(on_the_way.drain(..).map(|(set, _)| (set, cut.clone())));
            }
            What::Filter(filter) => {
                on_the_way =
                    judged(reacher, (*filter, step, behind), direction, on_the_way, &mut cuts);
            }
            What::Pass { stage, at, .. } => {
                let network = &reacher.fabric().network;
                let endpoint = at.as_ref().filter(|_| *stage == StageKind::VpcEndpoint);
                let endpoint = endpoint.and_then(|id| network.vpc_endpoints.get(id));
                let service = endpoint.and_then(|it| network.endpoint_services.get(&it.service));
                behind = service.map(|it| &it.load_balancer).or(behind);
                // What translates a reply back passes it on in its next step.
                let is_masked = matches!(step.translated_by, Some(Device::Masquerade(_)));
                if !(is_masked && direction == Direction::Return) {
                    for stage in passed(reacher.fabric(), step, &mut masked) {
                        for (_, stages) in &mut on_the_way {
                            if stages.last() != Some(&stage) {
                                stages.push(stage.clone());
                            }
                        }
                    }
                }
            }
        }
        if matches!(step.translated_by, Some(Device::Masquerade(_)))
            && direction == Direction::Forward
        {
            masked = changes(&step.before, &step.after);
        }
    }
    Ok((on_the_way, cuts))
}

/// Asks a rule list: what each rule takes of what those above it have left.
fn judged(
    reacher: &mut Reacher<'_>,
    (filter, step, behind): (FilterUse, &Step<View>, Option<&Id>),
    direction: Direction,
    asking: Travelling,
    cuts: &mut Vec<(Set, Cut)>,
) -> Travelling {
    let list = reacher.fabric().filters.get(filter.list);
    let at = match &step.endpoint {
        Some(endpoint) if filter.kind.is_of_a_machine() => guarded(endpoint, filter, &step.before),
        None if filter.kind.is_of_a_machine() => behind.unwrap_or(&list.owner).to_string(),
        _ => list.owner.to_string(),
    };
    let space = &mut reacher.space;
    let mut passed = Vec::new();
    for (set, stages) in asking {
        let mut rest = set;
        for rule in &list.rules {
            if space.is_empty(rest) {
                break;
            }
            let Some(when) = rule.when.seen_through(&step.before) else {
                continue;
            };
            let when = when.set(space);
            let taken = space.intersection(rest, when);
            if space.is_empty(taken) {
                continue;
            }
            rest = space.difference(rest, when);
            let named = rule.rule.as_ref();
            let named = named.map(|rule| (rule.owner.clone(), rule.index));
            if rule.action == Action::Drop {
                cuts.push((taken, denied(filter, &at, named, direction)));
                continue;
            }
            let mut stages = stages.clone();
            stages.extend(named.map(|rule| Stage::Filter {
                stage: filter.kind.name(),
                at: at.clone(),
                rule,
            }));
            passed.push((taken, stages));
        }
        if !space.is_empty(rest) {
            cuts.push((rest, denied(filter, &at, None, direction)));
        }
    }
    passed
}

/// Whose groups are asked: of a group of machines the one that has the address.
fn guarded(endpoint: &Endpoint, filter: FilterUse, header: &View) -> String {
    let address = match filter.kind {
        FilterKind::SecurityGroupIngress
        | FilterKind::NetworkAclIngress
        | FilterKind::EdgeFirewallIngress => header.destination,
        FilterKind::SecurityGroupEgress
        | FilterKind::NetworkAclEgress
        | FilterKind::EdgeFirewallEgress => header.source,
    };
    match (endpoint, address) {
        (Endpoint::GroupMember(group, _), Origin::Const(address)) => {
            Endpoint::GroupMember(group.clone(), address).to_string()
        }
        _ => endpoint.to_string(),
    }
}

fn denied(filter: FilterUse, at: &str, rule: Option<(Id, usize)>, direction: Direction) -> Cut {
    Cut { direction, code: filter.kind.denied(), at: Some(at.to_owned()), rule }
}

/// A stop as a cut, if the checker knows its lemma.
fn stopped(cause: &Cause, ends: Ends<'_>, direction: Direction) -> Result<Cut, Gap> {
    if let Some(cut) = without_link(cause, ends, direction) {
        return Ok(cut);
    }
    match cause.code {
        Code::OutboundToUnmodelled => Err(Gap::Undetermined),
        code if is_lemma(code) => {
            Ok(Cut { direction, code, at: cause.at.as_ref().map(ToString::to_string), rule: None })
        }
        code => Err(Gap::Lost(code)),
    }
}

/// A gateway that refuses a third network, or a linked classic CVM, has no route to it: that is what the checker sees.
fn without_link(cause: &Cause, (from, to): Ends<'_>, direction: Direction) -> Option<Cut> {
    let refuses = matches!(cause.code, Code::ClassicLinkNoTransit | Code::GatewayNoTransit);
    if refuses && matches!(from, Endpoint::Site(_)) {
        return Some(Cut {
            direction,
            code: Code::NoRoute,
            at: cause.at.as_ref().map(ToString::to_string),
            rule: None,
        });
    }
    if cause.code != Code::ClassicLinkNoTransit || direction == Direction::Return {
        return None;
    }
    let (code, at) = match (from, to) {
        (Endpoint::ClassicInstance(_), Endpoint::Site(_) | Endpoint::NatAddress(..)) => {
            (Code::NoRoute, from)
        }
        (Endpoint::ClassicInstance(_), _) => (Code::ClassicLinkNotLinked, from),
        (_, Endpoint::ClassicInstance(_)) => (Code::ClassicLinkNotLinked, to),
        _ => return None,
    };
    Some(Cut { direction, code, at: Some(at.to_string()), rule: None })
}

/// Whether the checker has a lemma for a code.
fn is_lemma(code: Code) -> bool {
    matches!(
        code,
        Code::NoRoute
            | Code::NoPublicAddress
            | Code::PrivateDestinationToInternet
            | Code::RouteBlackhole
            | Code::AttachmentDown
            | Code::GatewayNoTransit
            | Code::PeeringSecondaryCidr
            | Code::CcnNoRoute
            | Code::CcnRouteDisabled
            | Code::VpnPolicyMismatch
            | Code::DirectConnectNoPrefix
            | Code::NatSourceNotCovered
            | Code::NatNoAddress
            | Code::NatNoDnatEntry
            | Code::NatProtocolUnsupported
            | Code::OutboundSmtpBlocked
            | Code::PortNotServed
            | Code::NoTarget
            | Code::EndpointCannotInitiate
            | Code::EndpointDown
            | Code::LoadBalancerLoop
            | Code::LocalWithoutOwner
            | Code::ClassicLinkNotLinked
            | Code::ClassicLinkCvmOnly
            | Code::ClassicLinkSecondaryCidr
            | Code::ClassicLinkNoTransit
            | Code::ClassicLinkStaleAddress
            | Code::ClassicOtherTenant
            | Code::ClassicOtherRegion
            | Code::EndpointConnectionOneWay
            | Code::EndpointConnectionNoTransit
            | Code::RouteLoop
            | Code::ForwarderDoesNotTranslate
            | Code::PublicGatewaySameSubnet
            | Code::DirectConnectSecondaryCidr
            | Code::DirectConnectNatNoMapping
            | Code::VpcEndpointPending
            | Code::VpcEndpointOneWay
    )
}

/// The stages that a certificate names of one that passes packets on; behind a machine that forwards stands the route of
/// its own table. `masked` = what a forwarder has rewritten that the packets came into.
fn passed(fabric: &Fabric, step: &Step<View>, masked: &mut Vec<Change>) -> Vec<Stage> {
    let What::Pass { stage, at, place } = &step.what else {
        return Vec::new();
    };
    let device = |changes| {
        let at = at.clone()?;
        let stage = stage.name();
        Some(Stage::Device { stage, at, changes })
    };
    let changes = changes(&step.before, &step.after);
    let route = || match &place.as_ref()?.path[..] {
        [Key::Field("routes"), Key::Index(index)] => {
            Some(Stage::Route { table: place.as_ref()?.id.clone(), index: *index })
        }
        _ => None,
    };
    let (device, route) = match stage {
        StageKind::Route => (None, route()),
        StageKind::Forwarder => (device(std::mem::take(masked)), route()),
        StageKind::PublicGateway => (device(changes), route()),
        StageKind::Ccn => {
            // A CCN is several stages; its tables are not named.
            let is_ccn = |at: &Id| fabric.network.ccns.contains_key(at);
            let named = at.as_ref().is_some_and(is_ccn);
            (device(changes).filter(|_| named), None)
        }
        // One that answers itself hands nothing on (CLB-18), and which line a gateway takes is told by the pair.
        StageKind::LoadBalancer
        | StageKind::VpnGateway
        | StageKind::DirectConnectGateway
        | StageKind::Site => (device(changes).filter(|_| step.before != step.after), None),
        StageKind::Peering | StageKind::NatGateway | StageKind::VpcEndpoint => {
            (device(changes), None)
        }
        StageKind::Local
        | StageKind::Subnet
        | StageKind::ClassicLink
        | StageKind::Classic
        | StageKind::Internet
        | StageKind::EndpointConnection
        | StageKind::Database => (None, None),
    };
    device.into_iter().chain(route).collect()
}

/// What a device has rewritten.
fn changes(before: &View, after: &View) -> Vec<Change> {
    let mut changes = Vec::new();
    if let (true, Origin::Const(to)) = (before.source != after.source, after.source) {
        changes.push(Change::Source(to));
    }
    if let (true, Origin::Const(to)) = (before.destination != after.destination, after.destination)
    {
        changes.push(Change::Destination(to));
    }
    let port = after.destination_port;
    if let (true, Origin::Const(to)) = (before.destination_port != port, port) {
        changes.push(Change::DestinationPort(to));
    }
    changes
}
