//! The promise of D20-13 on random networks: with everything lifted that is told of a lost packet, the packet gets there,
//! and each blocker alone, left in place, would stop it. The oracle says what gets there.

use std::collections::BTreeSet;
use std::sync::Arc;

use pathproof::code::Code;
use pathproof::engine::trace;
use pathproof::fabric::Fabric;
use pathproof::model::{Endpoint, Network};
use pathproof::query::Direction;
use pathproof::space::Packet;
use pathproof::verify::party_of;

use crate::three_voices::{has_twin, same_machine, setting};
use crate::{oracle, random};

/// Questions a network.
const QUESTIONS: usize = 120;

/// Networks in an ordinary run.
const NETWORKS: u64 = 250;

#[test]
fn with_all_that_is_told_lifted_the_packet_gets_there_and_each_alone_would_stop_it() {
    let (mut lost, mut wrong) = (0, Vec::new());
    for seed in 0..setting("PATHPROOF_NETWORKS").unwrap_or(NETWORKS) {
        let network = Arc::new(random::network(seed));
        let fabric = Fabric::new(Arc::clone(&network));
        for (from, to, packet) in random::questions(&network, seed, QUESTIONS) {
            let Some(told) = told(&fabric, &from, &to, packet) else {
                continue;
            };
            lost += 1;
            let kept = kept(&network, (&from, &to, packet), &told);
            wrong.extend(
                kept.err().map(|why| format!("seed {seed}: {from} → {to}, {packet}: {why}")),
            );
        }
    }
    assert!(lost > 1_000, "{lost} packets are lost");
    let shown = wrong.iter().take(12).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {lost}:\n{shown}", wrong.len());
}

/// The codes that are told of the way there of a packet that does not get there; nothing if it is of no interest here.
fn told(fabric: &Fabric, from: &Endpoint, to: &Endpoint, packet: Packet) -> Option<BTreeSet<Code>> {
    let network = &fabric.network;
    // Which filters stand beside a lost packet where VPCs overlap is a matter of taste.
    if has_twin(network, packet.source) || has_twin(network, packet.destination) {
        return None;
    }
    let (sender, receiver) = (party_of(fabric, from)?, party_of(fabric, to)?);
    if same_machine(fabric, sender, receiver) {
        return None;
    }
    let traced = trace(fabric, sender, receiver, packet);
    let reasons = traced.paths.iter().flat_map(|path| &path.reasons);
    let there = reasons.filter(|reason| reason.direction == Direction::Forward);
    let told: BTreeSet<Code> = there.map(|reason| reason.cause.code).collect();
    let known = !traced.undetermined && !told.contains(&Code::OutboundToUnmodelled);
    (known && !told.is_empty()).then_some(told)
}

fn kept(
    network: &Network,
    (from, to, packet): (&Endpoint, &Endpoint, Packet),
    told: &BTreeSet<Code>,
) -> Result<(), String> {
    if !oracle::gets_there(network, from, to, packet, told) {
        return Err(format!("all of {told:?} lifted, and it does not get there"));
    }
    let judged = oracle::judge(network, from, to, packet);
    let own = judged.codes().into_iter();
    let own = own.filter(|(_, direction)| *direction == oracle::Direction::Forward);
    for (code, _) in own.filter(|(code, _)| !is_beside(*code)) {
        // A third network that is refused stands beside a missing route, and for one where none is told.
        let unrouted = matches!(
            code,
            Code::NoRoute | Code::CcnNoRoute | Code::CcnRouteDisabled | Code::ClassicLinkNotLinked
        );
        let stands_for = |told: Code| {
            unrouted && matches!(told, Code::GatewayNoTransit | Code::ClassicLinkNoTransit)
        };
        let others = told.iter().copied();
        let others = others.filter(|told| *told != code && !stands_for(*told)).collect();
        if oracle::gets_there(network, from, to, packet, &others) {
            return Err(format!("{code:?} alone does not stop it"));
        }
    }
    Ok(())
}

/// What is told beside whatever else stops a packet, and is no stage of its way (CL-11, CL-12).
fn is_beside(code: Code) -> bool {
    code == Code::ClassicLinkNoTransit
}
