//! What a comparison of two networks cannot tell, because the networks do not hold it.

use crate::model::between::{Part, differences};
use crate::model::{Kind, Network, Unmodelled};

/// Something that the networks do not hold, though a difference may hang on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untold {
    /// What it is.
    pub what: String,
    /// Why it is left out.
    pub reason: String,
    /// Which of the deeds makes, changes or deletes it.
    pub deed: Option<usize>,
}

/// What two networks do not hold, as far as it may gain or lose something.
#[derive(Clone, Debug, Default)]
pub struct Untolds {
    /// It is changed itself, or lacks an endpoint of what is changed.
    pub changed: Vec<Untold>,
    /// It stays, and what is changed may meet it: that counts where a pair hangs on it.
    pub met: Vec<Untold>,
}

/// Finds what two networks do not hold. `deed` tells of something by its name whether it is changed, and by which deed.
#[must_use]
pub fn untold([old, new]: [&Network; 2], deed: &dyn Fn(&str) -> Option<Option<usize>>) -> Untolds {
    let differing = differences(old, new);
    let mut found = Untolds::default();
    for network in [new, old] {
        for entry in &network.unmodelled {
            let changed = deed(&entry.what);
            let mut parts = differing.iter();
            let list = if changed.is_some() || parts.any(|(part, _)| lacks(entry, part, network)) {
                &mut found.changed
            } else if differing.is_empty() {
                continue;
            } else {
                &mut found.met
            };
            if list.iter().all(|other| other.what != entry.what) {
                list.push(Untold {
                    what: entry.what.clone(),
                    reason: entry.reason.clone(),
                    deed: changed.flatten(),
                });
            }
        }
    }
    found
}

/// Whether an endpoint that is not in the file may gain or lose by what differs.
fn lacks(entry: &Unmodelled, part: &Part, network: &Network) -> bool {
    let Part::Entity(kind, id) = part else {
        return !entry.missing_from.is_empty();
    };
    match kind {
        Kind::Instance
        | Kind::NetworkInterface
        | Kind::InstanceGroup
        | Kind::HaVip
        | Kind::Database
        | Kind::LoadBalancer
        | Kind::EndpointConnection
        | Kind::VpcEndpoint
        | Kind::ClassicInstance
        | Kind::ClassicDatabase
        | Kind::ClassicLoadBalancer => false,
        Kind::SecurityGroup => entry.missing_from.contains(id),
        Kind::Account
        | Kind::Vpc
        | Kind::Subnet
        | Kind::RouteTable
        | Kind::NetworkAcl
        | Kind::AddressTemplate
        | Kind::AddressTemplateGroup
        | Kind::ServiceTemplate
        | Kind::ServiceTemplateGroup
        | Kind::EndpointService
        | Kind::Peering
        | Kind::Ccn
        | Kind::NatGateway
        | Kind::VpnGateway
        | Kind::DirectConnectGateway
        | Kind::EdgeFirewall
        | Kind::Site
        | Kind::CcnRouteTable
        | Kind::VpnConnection
        | Kind::DirectConnectTunnel => match network.vpc_of(id.as_str()) {
            Some(vpc) => entry.missing_from.contains(vpc),
            None => !entry.missing_from.is_empty(),
        },
    }
}
