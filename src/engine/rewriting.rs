//! The headers on both sides of every device that translates, for a set of packets.
//!
//! A rewrite is told of the packets that come to it: what a filter or a stop before it takes never does.

use super::walk::Step;
use crate::fabric::{Device, Fabric, Home, ResidentIx};
use crate::query::{Translator, TranslatorKind};
use crate::space::{Set, View};

/// One device that translates, on a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewriting {
    /// The device.
    pub by: Translator,
    /// What its packets look like before.
    pub before: View,
    /// What they look like afterwards.
    pub after: View,
    /// The original packets of the way that come to it.
    pub passed: Set,
}

/// Adds what a point of a way rewrites of the packets that come to it.
///
/// A Direct Connect gateway rewrites destination and source at two stages and is one device all the same.
pub(super) fn note(
    rewritings: &mut Vec<Rewriting>,
    fabric: &Fabric,
    step: &Step<View>,
    passed: Set,
) {
    let device = step.translated_by.as_ref();
    let Some(device) = device.filter(|_| step.before != step.after) else {
        return;
    };
    let Some(by) = translator(fabric, device) else {
        return;
    };
    match rewritings.last_mut() {
        Some(last)
            if by.kind == TranslatorKind::DirectConnectGateway
                && (&last.by, last.passed) == (&by, passed) =>
        {
            last.after = step.after;
        }
        _ => rewritings.push(Rewriting { by, before: step.before, after: step.after, passed }),
    }
}

/// A device by name; all of them have one.
fn translator(fabric: &Fabric, device: &Device) -> Option<Translator> {
    let network = &fabric.network;
    let owner = |resident: ResidentIx| fabric.hosts.get(resident).id();
    let public = |resident: ResidentIx| match fabric.hosts.get(resident).home {
        Home::Classic => TranslatorKind::PublicAddress,
        Home::Subnet(_) | Home::Public(_) => TranslatorKind::Eip,
    };
    let (kind, at) = match device {
        Device::NatOut(index) | Device::NatIn(index) => {
            let gateway = network.nat_gateways.get_index(*index as usize);
            (TranslatorKind::NatGateway, gateway.map(|(id, _)| id))
        }
        Device::DirectConnect(index) => {
            let gateway = network.direct_connect_gateways.get_index(*index as usize);
            let id = gateway.map(|(id, _)| id);
            (TranslatorKind::DirectConnectGateway, id)
        }
        Device::EipOut(resident) | Device::EipIn(resident) => (public(*resident), owner(*resident)),
        Device::PublicGateway(resident) => (TranslatorKind::PublicGateway, owner(*resident)),
        Device::Masquerade(resident) => (TranslatorKind::Forwarder, owner(*resident)),
        Device::LoadBalancer(resident) => (TranslatorKind::LoadBalancer, owner(*resident)),
        Device::VpcEndpoint(resident) => (TranslatorKind::VpcEndpoint, owner(*resident)),
    };
    at.cloned().map(|at| Translator { kind, at })
}
