//! The filters and stops along a way, and those beside it that are judged as if (D20-13).
//!
//! | what stopped the packet | source side | destination side | way back |
//! |---|---|---|---|
//! | nothing, or filters only | all filters of the way | all filters of the way | judged as if nothing had been blocked |
//! | a route, a rule of the platform, a port nobody serves, an end that is down | judged | as if it had arrived | not judged |

use std::net::IpAddr;
use std::sync::Arc;

use super::flow::Flow;
use super::walk::{Detail, Ending, Path, Step, Walk, What};
use crate::code::Code;
use crate::fabric::{
    Device, Fabric, FilterUse, Home, Party, against_an_endpoint, beside_the_way,
    beyond_a_second_gateway, shared_ccns,
};
use crate::model::Endpoint;
use crate::query::Cause;
use crate::space::Space;

/// Something that may block a flow.
#[derive(Clone, Debug)]
pub(super) enum Obstacle {
    /// Its rules decide.
    Filter(FilterUse),
    /// It does.
    Stop(Arc<Cause>),
}

/// An obstacle and what the packet looks like there.
#[derive(Clone, Debug)]
pub(super) struct Met<H> {
    pub(super) obstacle: Obstacle,
    pub(super) header: H,
    pub(super) endpoint: Option<Endpoint>,
}

/// Settles where a way ended: what reached somebody else has not arrived; what a gateway refused towards a
/// third network says so.
pub(super) fn settle<F: Flow>(
    fabric: &Fabric,
    mut path: Path<F>,
    from: Party,
    to: Party,
) -> Path<F> {
    if matches!(path.ending, Ending::Stopped(_)) {
        if is_site(from) && path.names_transit(&beyond_a_second_gateway(fabric, from, to)) {
            return path;
        }
        let resident = path.met.first().copied().map(Ending::Resident);
        let landed = resident.or(path.site.map(Ending::Site));
        let is_meant = match to {
            Party::Host(host, _) => path.met.first() == Some(&host),
            Party::Site(site) => path.site == Some(site),
            Party::Internet | Party::NatAddress(..) | Party::Nobody(_) => return path,
        };
        let Some(landed) = landed.filter(|_| !is_meant) else {
            return path;
        };
        // It came to somebody else, who owns the address where it went.
        path.ending = landed;
    }
    if arrived(&path, to) {
        return path;
    }
    // Somebody else owns the address where the packet went; what guards it is nobody's concern.
    path.forget_the_last_leg();
    let network = &fabric.network;
    let cause = match &path.ending {
        Ending::Resident(resident) => (Code::NoRoute, fabric.hosts.get(*resident).id()),
        Ending::Site(site) => {
            let site = network.sites.get_index(*site as usize);
            (Code::NoRoute, site.map(|(id, _)| id))
        }
        Ending::NatGateway(gateway) => {
            let gateway = network.nat_gateways.get_index(*gateway as usize);
            (Code::NatNoDnatEntry, gateway.map(|(id, _)| id))
        }
        Ending::Internet | Ending::Stopped(_) => (Code::NoRoute, None),
    };
    let cause = match cause {
        (code, Some(id)) => Cause::at(code, id),
        (code, None) => Cause::plain(code),
    };
    path.stopped(Arc::new(cause))
}

/// Whether a way ends at the party.
pub(super) fn arrived<F: Flow>(path: &Path<F>, to: Party) -> bool {
    match (to, &path.ending) {
        // Whom a packet is addressed to, not whom a balancer hands it to.
        (Party::Host(host, _), Ending::Resident(_)) => path.met.first() == Some(&host),
        (Party::Site(a), Ending::Site(b)) | (Party::NatAddress(a, _), Ending::NatGateway(b)) => {
            a == *b
        }
        (Party::Internet, Ending::Internet) => true,
        (Party::NatAddress(gateway, _), Ending::Resident(_)) => {
            path.devices.iter().any(|taken| taken.device == Device::NatIn(gateway))
        }
        _ => false,
    }
}

/// Filters and stops of a way, in its order.
pub(super) fn along<H: Copy>(steps: &[Step<H>]) -> Vec<Met<H>> {
    let met = steps.iter().filter_map(|step| {
        let obstacle = match &step.what {
            What::Filter(filter) => Obstacle::Filter(*filter),
            What::Stop(cause) => Obstacle::Stop(Arc::clone(cause)),
            What::Pass { .. } => return None,
        };
        Some(Met { obstacle, header: step.before, endpoint: step.endpoint.clone() })
    });
    met.collect()
}

/// The ACL of the subnet in whose table a way was stopped: it is on the source side (D20-13).
pub(super) fn leaving<F: Flow>(
    fabric: &Fabric,
    from: Party,
    to: Party,
    path: &Path<F>,
) -> Option<Met<F::Header>> {
    let subnet = path.leaving?;
    // An ACL does not act within a subnet (ACL-5).
    let inside = subnet_of(fabric, to) == Some(subnet)
        && subnet_of(fabric, from) == Some(subnet)
        && path.flow.destination().is_none_or(|sent| !fabric.is_public(sent));
    let filter = fabric.acl_out(subnet).filter(|_| !inside)?;
    Some(Met { obstacle: Obstacle::Filter(filter), header: path.flow.header(), endpoint: None })
}

/// What the destination says to a way that was stopped before it came there.
pub(super) fn landed<F: Flow>(
    fabric: &Fabric,
    space: &mut Space,
    (from, to): (Party, Party),
    path: &Path<F>,
) -> Vec<Path<F>> {
    let came = matches!(to, Party::Host(host, _) if path.met.contains(&host));
    if came || is_unsaid(path) || !matches!(path.ending, Ending::Stopped(_)) {
        return Vec::new();
    }
    if let Party::Nobody(address) = to {
        return nobody_there(fabric, from, path, address).into_iter().collect();
    }
    let landed = Walk::opening(fabric, space, None, Detail::Reasons).landing(from, to, path);
    let landed = landed.into_iter();
    landed.map(|path| settle(fabric, path, from, to)).collect()
}

/// What the border of a subnet says to a packet for an address in it that nobody has.
fn nobody_there<F: Flow>(
    fabric: &Fabric,
    from: Party,
    path: &Path<F>,
    address: IpAddr,
) -> Option<Path<F>> {
    let subnet = subnet_to_be(fabric, from, path, address)?;
    // An ACL does not act within a subnet (ACL-5).
    let is_neighbour = subnet_of(fabric, from) == Some(subnet);
    let filter = fabric.acl_in(subnet).filter(|_| !is_neighbour)?;
    let mut border = Path::new(path.flow.clone());
    border.note(What::Filter(filter), None);
    Some(border)
}

/// The subnet that an address without an owner lies in, of the VPC where a way to it ended.
fn subnet_to_be<F: Flow>(
    fabric: &Fabric,
    from: Party,
    path: &Path<F>,
    address: IpAddr,
) -> Option<u32> {
    let network = &fabric.network;
    let at = match &path.ending {
        Ending::Stopped(cause) => cause.at.as_ref(),
        _ => None,
    };
    let own = subnet_of(fabric, from).and_then(|subnet| fabric.vpc_of(subnet));
    let own = own.and_then(|vpc| network.vpcs.get_index(vpc as usize));
    let vpc = at.filter(|at| network.vpcs.contains_key(*at)).or(own.map(|(id, _)| id))?;
    let mut subnets = (0..).zip(network.subnets.values());
    let found = subnets.find(|(_, subnet)| subnet.vpc == *vpc && subnet.covers(address));
    found.map(|(index, _)| index)
}

/// The subnet that a party lives in.
fn subnet_of(fabric: &Fabric, party: Party) -> Option<u32> {
    match party {
        Party::Host(host, _) => match fabric.hosts.get(host).home {
            Home::Subnet(subnet) => Some(subnet),
            Home::Classic | Home::Public(_) => None,
        },
        Party::NatAddress(..) | Party::Site(_) | Party::Internet | Party::Nobody(_) => None,
    }
}

/// Structural reasons that stand beside what stopped a way: rules of the platform about its two ends (CL-12,
/// EP-6), a third network in between (PCX-4, VPN-8, DC-4), a CCN that both ends are joined to and that has no
/// route (CCN-6).
pub(super) fn structural(
    fabric: &Fabric,
    from: Party,
    to: Party,
    cause: &Cause,
    (at_home, public): (bool, bool),
) -> Vec<Cause> {
    let mut causes = beside_the_way(fabric, from, to, public);
    if matches!(
        cause.code,
        Code::NoRoute
            | Code::LocalWithoutOwner
            | Code::CcnNoRoute
            | Code::PrivateDestinationToInternet
            | Code::VpnPolicyMismatch
            | Code::DirectConnectNoPrefix
    ) {
        causes.extend(beyond_a_second_gateway(fabric, from, to));
    }
    if matches!(cause.code, Code::NoRoute | Code::PrivateDestinationToInternet) && at_home {
        causes.extend(against_an_endpoint(fabric, from, to));
    }
    if cause.code == Code::NoRoute && at_home {
        let shared = shared_ccns(fabric, from, to).into_iter();
        causes.extend(shared.map(|ccn| Cause::at(Code::CcnNoRoute, &ccn)));
    }
    causes
}

/// Of the ways a site may take, those whose gateway carries the packet count; if there is none, all do
/// (D20-12).
pub(super) fn is_site(from: Party) -> bool {
    matches!(from, Party::Site(_))
}

/// Whether a way ends where the model ends (D20-18): nothing is known of what comes after.
pub(super) fn is_unsaid<F: Flow>(path: &Path<F>) -> bool {
    matches!(&path.ending, Ending::Stopped(cause) if cause.code == Code::OutboundToUnmodelled)
}
