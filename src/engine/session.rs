//! The way back: devices that translated are undone, routes are looked up again (PIPE-2, D20-10..12).
//!
//! A connection that passed a NAT gateway, an EIP, a public gateway or a load balancer comes back through it whatever the
//! route table says (NAT-5, NAT-11, D20-10); between those, replies are routed like any packet.

use petgraph::graph::NodeIndex;

use super::flow::Flow;
use super::walk::{Detail, Ending, Meant, Meeting, Opened, Path, Session, Taken, Walk, What};
use crate::fabric::{Device, Fabric, FilterUse, Home, ResidentIx, Role};
use crate::space::Space;

/// Where a reply is.
#[derive(Clone, Copy)]
enum At {
    Subnet(u32),
    Classic(ResidentIx),
    Internet,
    Site(u32),
    /// Inside a VPC, at a gateway.
    Vpc(u32),
    /// At a stage that takes it from here.
    Stage(NodeIndex),
    /// At the edge of a subnet, about to be looked up in its table.
    Gateway(u32),
    /// At an instance or HAVIP that forwarded the connection under its own address.
    Forwarder(ResidentIx),
}

/// The ways of the reply to what took a way there.
pub(super) fn replies<F: Flow>(
    fabric: &Fabric,
    space: &mut Space,
    there: &Path<F>,
    (opener, detail): (Option<Meant>, Detail),
) -> Vec<Path<F>> {
    let mut at = match there.ending {
        Ending::Resident(resident) => home(fabric, resident),
        Ending::NatGateway(_) | Ending::Internet => At::Internet,
        Ending::Site(site) => At::Site(site),
        Ending::Stopped(_) => return Vec::new(),
    };
    let header = F::reversed(there.flow.header());
    let mut path = Path::new(there.flow.looking(header));
    if let Ending::Resident(resident) = there.ending {
        path.stand = Some(resident);
    }
    for (index, taken) in there.devices.iter().enumerate().rev() {
        let restored = F::reversed(taken.before);
        match (&taken.device, at) {
            (Device::Masquerade(forwarder), At::Forwarder(here)) if *forwarder == here => {
                path.pass_back(fabric, here, restored);
                continue;
            }
            // The reply must find it by route.
            (Device::Masquerade(_), _) | (Device::DirectConnect(_), At::Subnet(_)) => {
                let devices = there.devices[..=index].iter().rev();
                let sessions = devices.filter_map(|taken| session::<F>(fabric, taken)).collect();
                return finish(fabric, space, at, path, there, (sessions, opener, detail));
            }
            _ => {}
        }
        // Between a load balancer and an endpoint before it no subnet lies (PL-8).
        if !matches!(taken.device, Device::VpcEndpoint(_)) {
            leave(fabric, at, &mut path);
        }
        path.stand = taken.device.resident();
        path.flow = path.flow.looking(restored);
        at = match &taken.device {
            Device::EipIn(_) | Device::NatIn(_) => At::Internet,
            Device::LoadBalancer(resident) | Device::VpcEndpoint(resident) => {
                home(fabric, *resident)
            }
            Device::EipOut(sender) => {
                let at = home(fabric, *sender);
                if let At::Subnet(subnet) = at {
                    enter(&mut path, fabric.leg_in(subnet));
                }
                if index == 0 {
                    path.met.push(*sender);
                    path.ending = Ending::Resident(*sender);
                    return vec![path];
                }
                At::Forwarder(*sender)
            }
            Device::Masquerade(forwarder) => At::Forwarder(*forwarder),
            Device::PublicGateway(gateway) => match fabric.hosts.get(*gateway).home {
                Home::Subnet(subnet) => {
                    enter(&mut path, fabric.leg_in(subnet));
                    At::Gateway(subnet)
                }
                Home::Classic | Home::Public(_) => At::Internet,
            },
            Device::NatOut(_) if let Some(back) = nat_back(fabric, there) => At::Stage(back),
            Device::NatOut(gateway) => {
                let gateway = fabric.network.nat_gateways.get_index(*gateway as usize);
                let vpc = gateway.and_then(|(_, gateway)| fabric.position_of_vpc(&gateway.vpc));
                vpc.map_or(At::Internet, At::Vpc)
            }
            Device::DirectConnect(gateway) => {
                let gateways = &fabric.network.direct_connect_gateways;
                let gateway = gateways.get_index(*gateway as usize);
                let vpc = gateway.and_then(|(_, gateway)| gateway.attached_to.vpc());
                let vpc = vpc.and_then(|vpc| fabric.position_of_vpc(vpc));
                vpc.map_or(at, At::Vpc)
            }
        };
    }
    finish(fabric, space, at, path, there, (Vec::new(), opener, detail))
}

/// Where a reply that is routed finds a device, and goes on from there.
fn session<F: Flow>(fabric: &Fabric, taken: &Taken<F::Header>) -> Option<Session<F::Header>> {
    let (at, onward) = match taken.device {
        Device::Masquerade(forwarder) => {
            let onward = fabric.forwarder(forwarder)?;
            (Meeting::Resident(forwarder), onward)
        }
        Device::DirectConnect(gateway) => {
            let stage = fabric.direct_connect_out(gateway);
            (Meeting::Stage(stage), fabric.direct_connect_tunnels(gateway))
        }
        Device::NatOut(_)
        | Device::NatIn(_)
        | Device::EipOut(_)
        | Device::EipIn(_)
        | Device::PublicGateway(_)
        | Device::LoadBalancer(_)
        | Device::VpcEndpoint(_) => return None,
    };
    Some(Session { at, restored: F::reversed(taken.before), onward })
}

/// Where the reply of what came to a NAT gateway by a CCN goes: back into it (D20-38).
fn nat_back<F: Flow>(fabric: &Fabric, there: &Path<F>) -> Option<NodeIndex> {
    let mut stages = there.visited.iter().rev();
    stages.find_map(|stage| fabric.nat_back(*stage))
}

fn home(fabric: &Fabric, resident: ResidentIx) -> At {
    match fabric.hosts.get(resident).home {
        Home::Subnet(subnet) => At::Subnet(subnet),
        // A public VIP of the classic network answers the Internet.
        Home::Classic if is_public_vip(fabric, resident) => At::Internet,
        Home::Classic => At::Classic(resident),
        Home::Public(_) => At::Internet,
    }
}

/// Out of the subnet towards a device that remembers the connection: only the ACL is asked.
fn leave<F: Flow>(fabric: &Fabric, at: At, path: &mut Path<F>) {
    if let At::Subnet(subnet) = at {
        enter(path, fabric.leg_out(subnet));
    }
}

fn enter<F: Flow>(path: &mut Path<F>, filter: Option<FilterUse>) {
    if let Some(filter) = filter {
        path.note(What::Filter(filter), None);
    }
}

/// The last leg is routed.
fn finish<F: Flow>(
    fabric: &Fabric,
    space: &mut Space,
    at: At,
    path: Path<F>,
    there: &Path<F>,
    (sessions, meant, detail): (Vec<Session<F::Header>>, Option<Meant>, Detail),
) -> Vec<Path<F>> {
    let start = match at {
        At::Subnet(subnet) | At::Gateway(subnet) => fabric.router(subnet),
        At::Classic(resident) => {
            fabric.classic_out(resident).or_else(|| fabric.classic_network(resident))
        }
        At::Internet => Some(fabric.internet()),
        At::Forwarder(forwarder) => fabric.forwarder(forwarder),
        At::Vpc(vpc) => Some(fabric.local(vpc)),
        At::Stage(stage) => Some(stage),
        // A site answers by the tunnel that the packet came through (D20-12).
        At::Site(site) => {
            let mut entrances = fabric.entrances(site).iter();
            let entrance = entrances.find(|(tunnel, _)| Some(tunnel) == there.tunnel.as_ref());
            entrance.map(|(_, node)| *node)
        }
    };
    match start {
        Some(start) => {
            let saw = there.forwarders.iter().chain(&there.met);
            let opened =
                Opened { sessions, saw: saw.copied().chain(there.stand).collect(), meant, detail };
            Walk::reply(fabric, space, opened).from(start, path)
        }
        None => vec![path],
    }
}

fn is_public_vip(fabric: &Fabric, resident: ResidentIx) -> bool {
    let resident = fabric.hosts.get(resident);
    resident.role == Role::LoadBalancer && resident.public == Some(resident.addresses.0)
}
