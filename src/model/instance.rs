//! Cloud virtual machines and what hangs on them: ENIs, HAVIPs, groups of equal machines.

use std::net::IpAddr;

use super::Meta;
use crate::id::Id;

/// Whether a machine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash)]
pub enum State {
    /// It sends and answers.
    #[default]
    Running,
    /// Shut down.
    Stopped,
    /// Isolated for arrears or security; links stay (CL-19), it does not answer.
    Isolated,
    /// The same of one that was shut down before: recovering it does not start it.
    IsolatedStopped,
}

/// A CVM in a VPC; its fields are those of the primary ENI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Owner, name, tags.
    pub meta: Meta,
    /// Its subnet.
    pub subnet: Id,
    /// Primary private address.
    pub ip: IpAddr,
    /// Further private addresses of the primary ENI.
    pub secondary_ips: Vec<IpAddr>,
    /// IPv6 address.
    pub ipv6: Option<IpAddr>,
    /// Elastic or plain public IP of the primary address (NAT-9).
    pub eip: Option<IpAddr>,
    /// Bound groups in order (SG-4).
    pub security_groups: Vec<Id>,
    /// Running or not.
    pub state: State,
    /// `AsVpcGateway`: may be the next hop `PublicGateway` (NAT-12).
    pub public_gateway: bool,
    /// What it forwards as a next hop leaves it with its own address as source (D20-36).
    pub masquerades: bool,
}

/// An extra elastic network interface of an instance: an endpoint of its own on the same machine (D20-6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkInterface {
    /// Owner, name, tags.
    pub meta: Meta,
    /// The machine.
    pub instance: Id,
    /// Its subnet, in the machine's VPC.
    pub subnet: Id,
    /// Primary address of the interface.
    pub ip: IpAddr,
    /// Further addresses.
    pub secondary_ips: Vec<IpAddr>,
    /// Elastic IP of the primary address.
    pub eip: Option<IpAddr>,
    /// Bound groups in order.
    pub security_groups: Vec<Id>,
}

/// Many equal CVMs, one an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceGroup {
    /// Owner, name, tags.
    pub meta: Meta,
    /// Their subnet.
    pub subnet: Id,
    /// First and last address, inclusive, of one family.
    pub ips: (IpAddr, IpAddr),
    /// Bound groups in order.
    pub security_groups: Vec<Id>,
}

impl InstanceGroup {
    /// How many instances it stands for; `usize::MAX` when that does not fit.
    #[must_use]
    pub fn count(&self) -> usize {
        let count = match self.ips {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                u128::from(last.to_bits().saturating_sub(first.to_bits()))
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => last.to_bits().saturating_sub(first.to_bits()),
            _ => 0,
        };
        usize::try_from(count).map_or(usize::MAX, |count| count.saturating_add(1))
    }
}

/// A high-availability virtual IP, carried by the instance it is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HaVip {
    /// Owner, name, tags.
    pub meta: Meta,
    /// Its subnet.
    pub subnet: Id,
    /// Its address.
    pub ip: IpAddr,
    /// Elastic IP.
    pub eip: Option<IpAddr>,
    /// The instance that answers for it; unbound = black hole (RT-16).
    pub bound_to: Option<Id>,
    /// What it forwards as a next hop leaves it with its own address as source (D20-36).
    pub masquerades: bool,
}
