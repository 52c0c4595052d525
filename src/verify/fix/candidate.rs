//! From the code of a blocker to changes that may lift it. Whether they do is found out by trying.

use super::block::Block;
use super::{FixQuestion, filter, route, stated};
use crate::code::{Class, Code};
use crate::model::{Change, Network, apply};

/// Changes that belong together.
pub type Candidate = Vec<Change>;

/// What makes changes from a blocker.
type Maker = fn(&Network, &FixQuestion, &Block) -> Vec<Candidate>;

/// Which codes can be lifted by changes that are known here, in the order in which they are tried: what leads a packet
/// elsewhere comes before what filters it there.
const MAKERS: [(Code, Maker); 15] = [
    (Code::ClassicLinkNotLinked, link),
    (Code::ClassicLinkStaleAddress, link),
    (Code::NoRoute, route::routes),
    (Code::PrivateDestinationToInternet, route::routes),
    (Code::NoPublicAddress, route::routes),
    (Code::RouteBlackhole, route::instead),
    (Code::CcnRouteDisabled, route::enabled),
    (Code::AttachmentDown, up),
    (Code::EndpointDown, up),
    (Code::NatSourceNotCovered, stated::covered),
    (Code::NoTarget, targets),
    (Code::NetworkAclEgressDenied, filter::entries),
    (Code::NetworkAclIngressDenied, filter::entries),
    (Code::SecurityGroupEgressDenied, filter::policies),
    (Code::SecurityGroupIngressDenied, filter::policies),
];

/// Whether changes are known that may lift a blocker of this code; the platform's own limits never are.
#[must_use]
pub fn is_liftable(code: Code) -> bool {
    code.class() != Some(Class::Platform) && MAKERS.iter().any(|(known, _)| *known == code)
}

/// The first blocker for which there are candidates, with them, and those for which there are none.
pub fn first<'b>(
    network: &Network,
    question: &FixQuestion,
    blocks: &'b [Block],
) -> (Option<(&'b Block, Vec<Candidate>)>, Vec<&'b Block>) {
    let mut order: Vec<(usize, &Block)> = Vec::new();
    let mut stuck = Vec::new();
    for block in blocks {
        let code = block.reason.cause.code;
        match MAKERS.iter().position(|(known, _)| *known == code) {
            Some(rank) => order.push((rank, block)),
            None => stuck.push(block),
        }
    }
    order.sort_by_key(|(rank, _)| *rank);
    let mut chosen = None;
    for (rank, block) in order {
        let mut made = MAKERS[rank].1(network, question, block);
        made.dedup();
        if made.is_empty() {
            stuck.push(block);
        } else if chosen.is_none() {
            chosen = Some((block, made));
        }
    }
    (chosen, stuck)
}

/// Links the classic CVM, again if its address has changed (CL-18).
fn link(_: &Network, _: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let cause = &block.reason.cause;
    let ends = cause.facts.other.clone().zip(cause.at.clone());
    let attach = ends.map(|(vpc, instance)| {
        vec![Change::AttachClassicLinkVpc {
            vpc,
            instances: vec![instance],
        }]
    });
    attach.into_iter().collect()
}

/// Brings up what is down; an isolated machine is recovered, a peering connection that waits is accepted.
fn up(network: &Network, _: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let Some(id) = block.reason.cause.at.clone() else {
        return Vec::new();
    };
    let mut found: Vec<Candidate> = stated::accepted(network, &id).into_iter().collect();
    let instance = id.clone();
    for change in [Change::Up(id), Change::RecoverInstance { instance }] {
        // What is up, or cannot be isolated, is no candidate.
        if apply(network, &change).is_ok_and(|new| &new != network) {
            found.push(vec![change]);
        }
    }
    found
}

/// Starts the machines behind a load balancer that has no usable target.
fn targets(network: &Network, _: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let Some(id) = &block.reason.cause.at else {
        return Vec::new();
    };
    let vpc = network.load_balancers.get(id).map(|one| &one.listeners);
    let classic = network.classic_load_balancers.get(id);
    let listeners = vpc.or(classic.map(|one| &one.listeners));
    let targets = listeners.into_iter().flatten();
    let targets = targets.flat_map(|listener| &listener.targets);
    let each = targets.flat_map(|target| {
        let instance = target.instance.clone();
        [
            Change::Up(instance.clone()),
            Change::RecoverInstance { instance },
        ]
    });
    let works = |change: &Change| apply(network, change).is_ok_and(|new| &new != network);
    each.filter(works).map(|change| vec![change]).collect()
}
