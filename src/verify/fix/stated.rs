//! Entities stated again with one thing different, where the cloud's API has no smaller action in the scenario format: a
//! CCN route on, a peering connection accepted, a source covered by SNAT.

use super::FixQuestion;
use super::block::Block;
use super::candidate::Candidate;
use super::route::destinations;
use crate::id::Id;
use crate::model::{
    CcnRoute, CcnTable, Change, Fragment, Network, PeeringState, Snat, SnatSource, State,
};
use crate::space::AddressSet;

/// A change that states entities again.
pub fn replaced(fragment: Fragment) -> Candidate {
    vec![Change::Replace(Box::new(fragment))]
}

/// Routes of a CCN that lead to the destination and are off, each turned on.
pub fn ccn_routes(network: &Network, _: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let Some(at) = &block.reason.cause.at else {
        return Vec::new();
    };
    let mut ccns = network.ccns.iter();
    let Some((id, ccn)) = ccns.find(|(id, ccn)| *id == at || ccn.route_tables.contains_key(at))
    else {
        return Vec::new();
    };
    let wanted = destinations(block);
    let leads = |route: &CcnRoute| {
        !route.enabled && !AddressSet::from(route.to).intersection(&wanted).is_empty()
    };
    let routes = network.ccn_routes(id, CcnTable::Default);
    let candidates = routes.into_iter().filter(leads).map(|off| {
        let mut ccn = ccn.clone();
        let mut stated = ccn.routes.iter_mut();
        let stated = stated.find(|route| route.to == off.to && route.next == off.next);
        match stated {
            Some(route) => route.enabled = true,
            None => ccn.routes.push(CcnRoute { enabled: true, ..off }),
        }
        let mut fragment = Fragment::default();
        fragment.network.ccns.insert(id.clone(), ccn);
        replaced(fragment)
    });
    candidates.collect()
}

/// A peering connection that waits to be accepted, accepted.
pub fn accepted(network: &Network, id: &Id) -> Option<Candidate> {
    let mut peering = network.peerings.get(id)?.clone();
    if peering.state == PeeringState::Active {
        return None;
    }
    peering.state = PeeringState::Active;
    let mut fragment = Fragment::default();
    fragment.network.peerings.insert(id.clone(), peering);
    Some(replaced(fragment))
}

/// A machine that is stopped, started; one that was isolated while it was stopped is recovered first.
pub fn started(network: &Network, id: &Id) -> Option<Candidate> {
    let mut fragment = Fragment::default();
    if let Some(instance) = network.instances.get(id) {
        let mut instance = instance.clone();
        let is_stopped = instance.state == State::Stopped;
        instance.state = State::Running;
        fragment.network.instances.insert(id.clone(), instance);
        return is_stopped.then(|| replaced(fragment));
    }
    let mut instance = network.classic_instances.get(id)?.clone();
    let is_stopped = instance.state == State::Stopped;
    instance.state = State::Running;
    fragment.network.classic_instances.insert(id.clone(), instance);
    is_stopped.then(|| replaced(fragment))
}

/// A forwarder that sends what it forwards under its own address (D20-36).
pub fn translates(network: &Network, _: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let Some(id) = &block.reason.cause.at else {
        return Vec::new();
    };
    let mut fragment = Fragment::default();
    if let Some(instance) = network.instances.get(id) {
        let mut instance = instance.clone();
        instance.masquerades = true;
        fragment.network.instances.insert(id.clone(), instance);
    } else if let Some(havip) = network.havips.get(id) {
        let mut havip = havip.clone();
        havip.masquerades = true;
        fragment.network.havips.insert(id.clone(), havip);
    } else {
        return Vec::new();
    }
    vec![replaced(fragment)]
}

/// An SNAT rule for the machine that sends, with the addresses that the gateway has.
pub fn covered(network: &Network, _: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let Some((id, gateway)) = block.reason.cause.at.as_ref().and_then(|at| {
        let gateway = network.nat_gateways.get(at)?;
        Some((at, gateway))
    }) else {
        return Vec::new();
    };
    let source = network.owner_in_vpc(&gateway.vpc, block.reason.witness.source);
    let Some(instance) = source.as_ref().and_then(|owner| owner.id()) else {
        return Vec::new();
    };
    let mut gateway = gateway.clone();
    gateway
        .snat
        .push(Snat { from: SnatSource::Instance(instance.clone()), eips: gateway.eips.clone() });
    let mut fragment = Fragment::default();
    fragment.network.nat_gateways.insert(id.clone(), gateway);
    vec![replaced(fragment)]
}
