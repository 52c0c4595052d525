//! Machines like others.

use std::collections::HashSet;

use super::{Fabric, Home, Resident, Role};
use crate::id::Id;
use crate::model::Endpoint;

impl Fabric {
    /// Per resident, whether it is a machine like others: in a subnet, with addresses of one kind, alone on its hardware.
    #[must_use]
    pub fn plain_machines(&self) -> Vec<bool> {
        let shared = shared_machines(self);
        let all = self.hosts.iter();
        all.map(|(_, resident)| is_plain(self, resident, &shared))
            .collect()
    }
}

fn is_plain(fabric: &Fabric, resident: &Resident, shared: &HashSet<&Id>) -> bool {
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
        && !resident
            .machine
            .as_ref()
            .is_some_and(|machine| shared.contains(machine))
}

/// Machines that more than one resident lives on.
fn shared_machines(fabric: &Fabric) -> HashSet<&Id> {
    let mut seen = HashSet::new();
    let machines = fabric.hosts.iter();
    let machines = machines.filter_map(|(_, resident)| resident.machine.as_ref());
    machines.filter(|machine| !seen.insert(*machine)).collect()
}
