//! Machines like others, and what tells machines apart.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::{Fabric, Home, Resident, ResidentIx, Role};
use crate::id::Id;
use crate::model::Endpoint;
use crate::space::AddressSet;

impl Fabric {
    /// Per resident, whether it is a machine like others: in a subnet, with addresses of one kind, alone on its hardware.
    #[must_use]
    pub fn plain_machines(&self) -> Vec<bool> {
        let shared = shared_machines(self);
        let all = self.hosts.iter();
        all.map(|(_, resident)| is_plain(self, resident, &shared)).collect()
    }

    /// Residents that a hop names, and those that something bears on which is not modelled: it may not on their neighbours.
    pub fn on_ways(&self) -> impl Iterator<Item = ResidentIx> + '_ {
        let hops = self.graph.edge_weights();
        let passed = hops.flat_map(|hop| {
            let translation = hop.translation.as_ref();
            let device = translation.and_then(|it| it.device.resident());
            device.into_iter().chain(hop.forwarder)
        });
        let unmodelled = self.network.unmodelled.iter();
        let touched = unmodelled.flat_map(|entry| entry.touches.iter().chain(&entry.missing_from));
        passed.chain(touched.filter_map(|id| self.hosts.of(id.as_str())))
    }

    /// The address sets that decide where packets go, beside those of stages.
    #[must_use]
    pub fn sets_beside_stages(&self) -> BTreeSet<AddressSet> {
        let mut sets = BTreeSet::new();
        for hop in self.graph.edge_weights() {
            let refused = hop.refused.iter();
            let whom = refused.flat_map(|(when, _)| [&when.source, &when.destination]);
            sets.extend(whom.flatten().map(|set| (**set).clone()));
            let rewrite = hop.translation.as_ref().map(|it| &it.rewrite);
            let written = rewrite.map(|rewrite| [rewrite.source, rewrite.destination]);
            let written = written.into_iter().flatten().flatten();
            sets.extend(written.map(AddressSet::single));
        }
        let network = &self.network;
        sets.insert((*self.public).clone());
        // What a link covers (CL-6), and what the Internet finds behind a NAT gateway (D20-6).
        sets.extend(network.vpcs.values().map(|vpc| AddressSet::from(vpc.cidr)));
        let entries = network.nat_gateways.values().flat_map(|nat| &nat.dnat);
        sets.extend(entries.map(|entry| AddressSet::single(entry.to)));
        sets
    }
}

fn is_plain(fabric: &Fabric, resident: &Resident, shared: &FxHashSet<&Id>) -> bool {
    let kind = match &resident.endpoint {
        Endpoint::Instance(id) => {
            let instance = fabric.network.instances.get(id);
            instance.is_some_and(|instance| !instance.public_gateway)
        }
        Endpoint::GroupMember(..) => true,
        _ => false,
    };
    kind && resident.role == Role::Machine
        && matches!(resident.home, Home::Subnet(_))
        && resident.addresses.0.is_ipv4()
        && resident.further.is_empty()
        && resident.public.is_none()
        && !resident.unbound
        && !resident.machine.as_ref().is_some_and(|machine| shared.contains(machine))
}

/// Machines that more than one resident lives on.
fn shared_machines(fabric: &Fabric) -> FxHashSet<&Id> {
    let mut seen = FxHashSet::default();
    let machines = fabric.hosts.iter();
    let machines = machines.filter_map(|(_, resident)| resident.machine.as_ref());
    machines.filter(|machine| !seen.insert(*machine)).collect()
}
