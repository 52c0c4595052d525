//! From the code of a blocker to changes that may lift it. Whether they do is found out by trying.

use super::block::Block;
use super::{
    FixQuestion, Why, ccn, filter, join, line, private_link, public, route, serve, stated,
};
use crate::code::{Class, Code};
use crate::id::Id;
use crate::model::{Change, Network, apply};

/// Changes that belong together.
pub type Candidate = Vec<Change>;

/// What makes changes from a blocker.
type Maker = fn(&Network, &FixQuestion, &Block) -> Vec<Candidate>;

/// Which codes can be lifted by changes that are known here, in the order in which they are tried: what leads a packet
/// elsewhere comes before what filters it there. Each has makers of two kinds: what is there is used, or something is
/// made; the latter are asked only where the former lead to nothing.
const MAKERS: [(Code, [&[Maker]; TIERS]); 30] = [
    (Code::ClassicLinkNotLinked, [&[link], &[]]),
    (Code::ClassicLinkStaleAddress, [&[link], &[]]),
    // a route may be gone since what it leads to is down
    (Code::AttachmentDown, [&[up], &[route::without, route::routes, join::joins]]),
    (Code::CcnNoRoute, [&[ccn::routes], &[join::joins]]),
    (Code::NoRoute, [&[route::routes, line::vpn], &[join::joins]]),
    (Code::PrivateDestinationToInternet, [&[route::routes], &[join::joins]]),
    (Code::NoPublicAddress, [&[route::routes], &[public::addresses]]),
    (Code::RouteBlackhole, [&[route::instead], &[join::joins]]),
    (Code::RouteLoop, [&[route::without, route::instead], &[join::joins]]),
    (Code::CcnRouteDisabled, [&[route::enabled, ccn::instead], &[]]),
    (Code::GatewayNoTransit, [&[route::without, route::routes], &[join::joins]]),
    (Code::PeeringSecondaryCidr, [&[route::without], &[join::joins]]),
    (Code::VpnPolicyMismatch, [&[line::vpn], &[]]),
    (Code::DirectConnectNoPrefix, [&[line::prefixes], &[]]),
    (Code::DirectConnectNatNoMapping, [&[line::mappings], &[]]),
    (Code::NatNoAddress, [&[public::for_gateway], &[]]),
    (Code::NatNoDnatEntry, [&[public::entries], &[]]),
    (Code::NatProtocolUnsupported, [&[route::routes], &[public::own]]),
    (Code::ForwarderDoesNotTranslate, [&[stated::translates, route::instead], &[]]),
    (Code::NatSourceNotCovered, [&[stated::covered], &[]]),
    (Code::EndpointDown, [&[up], &[]]),
    (Code::VpcEndpointPending, [&[private_link::accepted], &[]]),
    (Code::PortNotServed, [&[serve::listeners], &[]]),
    (Code::NoTarget, [&[serve::targets], &[]]),
    (Code::NetworkAclEgressDenied, [&[filter::entries], &[]]),
    (Code::NetworkAclIngressDenied, [&[filter::entries], &[]]),
    (Code::EdgeFirewallEgressDenied, [&[filter::entries], &[]]),
    (Code::EdgeFirewallIngressDenied, [&[filter::entries], &[]]),
    (Code::SecurityGroupEgressDenied, [&[filter::policies], &[]]),
    (Code::SecurityGroupIngressDenied, [&[filter::policies], &[]]),
];

/// How often a blocker is asked about: first for what is there, then for what can be made.
pub const TIERS: usize = 2;

/// From here on the makers lead packets nowhere else: what none of them lifts stays.
const AT_THE_ENDS: Code = Code::EndpointDown;

/// Whether changes are known that may lift a blocker of this code; the platform's own limits never are.
#[must_use]
pub fn is_liftable(code: Code) -> bool {
    code.class() != Some(Class::Platform) && rank(code) < MAKERS.len()
}

/// Where a code stands among those that can be lifted; those that cannot come last.
fn rank(code: Code) -> usize {
    let known = MAKERS.iter().position(|(known, _)| *known == code);
    known.unwrap_or(MAKERS.len())
}

/// What may be tried next.
pub struct Choice<'b> {
    /// The blocker to lift, what may lift it, and the tier that this is of.
    pub chosen: Option<(&'b Block, Vec<Candidate>, usize)>,
    /// Blockers that nothing is known for.
    pub stuck: Vec<(&'b Block, Why)>,
}

/// The first blocker that something may lift, from a tier on. If one at the ends stays whatever is done, there is none.
pub fn choose<'b>(
    network: &Network,
    question: &FixQuestion,
    blocks: &'b [Block],
    tier: usize,
) -> Choice<'b> {
    let mut order: Vec<&Block> = blocks.iter().collect();
    order.sort_by_key(|block| rank(block.reason.cause.code));
    let mut choice = Choice { chosen: None, stuck: Vec::new() };
    for block in order {
        let code = block.reason.cause.code;
        let made = made(network, question, block, tier);
        match made {
            Some((candidates, tier)) if choice.chosen.is_none() => {
                choice.chosen = Some((block, candidates, tier));
            }
            Some(_) => {}
            None => choice.stuck.push((block, why(code))),
        }
    }
    let leads = |block: &Block| rank(block.reason.cause.code) < rank(AT_THE_ENDS);
    let hopeless =
        !choice.stuck.is_empty() && choice.chosen.as_ref().is_some_and(|(block, ..)| !leads(block));
    if hopeless {
        choice.chosen = None;
    }
    choice
}

fn why(code: Code) -> Why {
    match code.class() {
        Some(Class::Platform) => Why::Platform,
        _ if rank(code) < MAKERS.len() => Why::NothingThere,
        _ => Why::Unknown,
    }
}

/// What the makers of the first tier from one on know that knows something.
fn made(
    network: &Network,
    question: &FixQuestion,
    block: &Block,
    tier: usize,
) -> Option<(Vec<Candidate>, usize)> {
    let (_, tiers) = MAKERS.get(rank(block.reason.cause.code))?;
    for (tier, makers) in tiers.iter().enumerate().skip(tier) {
        let mut made: Vec<Candidate> = Vec::new();
        for candidate in makers.iter().flat_map(|maker| maker(network, question, block)) {
            if !made.contains(&candidate) {
                made.push(candidate);
            }
        }
        if !made.is_empty() {
            return Some((made, tier));
        }
    }
    None
}

/// Links the classic CVM, again if its address has changed (CL-18); a link to another VPC goes first (CL-8).
fn link(network: &Network, _: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let cause = &block.reason.cause;
    let Some((vpc, instance)) = cause.facts.other.clone().zip(cause.at.clone()) else {
        return Vec::new();
    };
    let mut changes = Vec::new();
    if let Some(linked) = network.live_link(&instance) {
        changes.push(Change::DetachClassicLinkVpc {
            vpc: linked.clone(),
            instances: vec![instance.clone()],
        });
    }
    changes.push(Change::AttachClassicLinkVpc { vpc, instances: vec![instance] });
    vec![changes]
}

/// The machine that carries a HAVIP or an interface; anything else is itself.
fn machine_of(network: &Network, id: Id) -> Id {
    let havip = network.havips.get(&id);
    let interface = network.network_interfaces.get(&id);
    let bound = havip.and_then(|havip| havip.bound_to.clone());
    let carrier = bound.or(interface.map(|interface| interface.instance.clone()));
    carrier.unwrap_or(id)
}

/// What is down of something that is down as a whole: the lines of a gateway (D20-34), the attachments of a CCN.
fn parts_down(network: &Network, whole: &Id) -> Vec<Id> {
    let vpn = network.vpn_gateways.get(whole);
    let connections = vpn.into_iter().flat_map(|it| &it.connections);
    let connections = connections.map(|line| (&line.id, line.up));
    let direct = network.direct_connect_gateways.get(whole);
    let tunnels = direct.into_iter().flat_map(|it| &it.tunnels);
    let tunnels = tunnels.map(|line| (&line.id, line.up));
    let down = connections.chain(tunnels).filter(|(_, up)| !up);
    let members = network.ccn_members(whole.as_str()).into_iter();
    let members = members.filter(|member| network.down.contains(member.id()));
    let members = members.map(|member| member.id().clone());
    down.map(|(id, _)| id.clone()).chain(members).collect()
}

/// Brings up what is down; an isolated machine is recovered, a peering connection that waits is accepted.
fn up(network: &Network, _: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let Some(id) = block.reason.cause.at.clone() else {
        return Vec::new();
    };
    let id = machine_of(network, id);
    let mut found: Vec<Candidate> = stated::accepted(network, &id).into_iter().collect();
    let started = stated::started(network, &id);
    let instance = id.clone();
    let parts = parts_down(network, &id).into_iter().map(Change::Up);
    let itself = [Change::Up(id), Change::RecoverInstance { instance }];
    for change in itself.into_iter().chain(parts) {
        // What is up, or cannot be isolated, is no candidate.
        if apply(network, &change).is_ok_and(|new| &new != network) {
            found.push(vec![change]);
        }
    }
    if found.is_empty() {
        found.extend(started);
    }
    found
}
