//! What fails and recovers: `Down` and `Up`.

use super::super::mention::FALLIBLE;
use super::super::{CcnMember, Kind, Network, Place, State};
use super::{Performed, Refusal, machine, need};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;

/// Something fails.
pub(super) fn down(network: &mut Network, id: &Id) -> Performed {
    if is_tunnel(attached(network, id)?) {
        *tunnel(network, id)? = false;
    } else {
        network.down.insert(id.clone());
    }
    Ok(&[])
}

/// It recovers; a machine that was shut down starts, an isolated one stays isolated.
pub(super) fn up(network: &mut Network, id: &Id) -> Performed {
    let kind = attached(network, id)?;
    if is_tunnel(kind) {
        *tunnel(network, id)? = true;
        return Ok(&[]);
    }
    network.down.remove(id);
    if matches!(kind, Kind::Instance | Kind::ClassicInstance) {
        let state = machine::state(network, id)?;
        if *state == State::Stopped {
            *state = State::Running;
        }
    }
    Ok(&[])
}

/// Tunnels carry their state themselves.
fn is_tunnel(kind: Kind) -> bool {
    matches!(kind, Kind::VpnConnection | Kind::DirectConnectTunnel)
}

/// The kind of what can fail; a VPC fails only as a member of a CCN.
pub(super) fn attached(network: &Network, id: &Id) -> Result<Kind, Refusal> {
    let kind = need(network, id, FALLIBLE.kinds())?;
    if kind == Kind::Vpc && network.ccns_of(&CcnMember::Vpc(id.clone())).next().is_none() {
        let message = Words::new(
            format!("`{id}` is attached to no CCN, and a VPC itself does not fail"),
            format!("`{id}` 没有加入云联网，而私有网络本身不会发生故障"),
        );
        return Err(Refusal::new(Code::InvalidValue, message).at(Place::of(id)));
    }
    Ok(kind)
}

/// Whether a tunnel is up.
fn tunnel<'n>(network: &'n mut Network, id: &Id) -> Result<&'n mut bool, Refusal> {
    let mut gateways = network.vpn_gateways.values();
    let is_vpn = gateways.any(|gateway| gateway.connections.iter().any(|it| it.id == *id));
    let up = if is_vpn {
        let gateways = network.vpn_gateways.values_mut();
        let mut tunnels = gateways.flat_map(|gateway| &mut gateway.connections);
        let tunnel = tunnels.find(|it| it.id == *id);
        tunnel.map(|it| &mut it.up)
    } else {
        let gateways = network.direct_connect_gateways.values_mut();
        let mut tunnels = gateways.flat_map(|gateway| &mut gateway.tunnels);
        let tunnel = tunnels.find(|it| it.id == *id);
        tunnel.map(|it| &mut it.up)
    };
    up.ok_or_else(|| {
        Refusal::new(
            Code::UnknownId,
            Words::new(
                format!("nothing has the id `{id}`"),
                format!("没有任何对象的 ID 为 `{id}`"),
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{
        after, ccn, direct_connect, id, nat, refused, site, tom, vpn,
    };
    use super::super::super::{Attachment, Change};
    use super::*;

    fn full() -> Network {
        let mut network = tom();
        network.sites.insert(id("idc"), site(&["192.168.0.0/16"]));
        network.nat_gateways.insert(id("nat-1"), nat(&[]));
        network.ccns.insert(id("ccn-1"), ccn(vec![CcnMember::Vpc(id("vpc-tom"))]));
        let gateway = vpn(Attachment::Vpc(id("vpc-tom")));
        network.vpn_gateways.insert(id("vpngw-1"), gateway);
        let gateway = direct_connect(Attachment::Ccn(id("ccn-1")), &[]);
        network.direct_connect_gateways.insert(id("dcg-1"), gateway);
        network
    }

    #[test]
    fn tunnels_carry_their_own_state() {
        let network = after(&full(), &Change::Down(id("vpnx-1")));
        assert!(!network.vpn_gateways[&id("vpngw-1")].connections[0].up);
        assert_eq!(after(&network, &Change::Up(id("vpnx-1"))), full());
        let network = after(&full(), &Change::Down(id("dcx-1")));
        assert!(!network.direct_connect_gateways[&id("dcg-1")].tunnels[0].up);
        assert!(network.down.is_empty());
    }

    #[test]
    fn others_are_listed_as_down_and_recover() {
        for name in ["nat-1", "vpc-tom", "ins-web", "ins-tom", "dcg-1"] {
            let network = after(&full(), &Change::Down(id(name)));
            assert!(network.down.contains(name));
            assert_eq!(after(&network, &Change::Up(id(name))), full());
        }
    }

    #[test]
    fn a_vpc_fails_only_as_a_member_of_a_ccn() {
        refused(&full(), &Change::Down(id("vpc-two")), Code::InvalidValue);
    }

    #[test]
    fn what_cannot_fail_is_of_the_wrong_kind() {
        refused(&full(), &Change::Down(id("sg-open")), Code::WrongKind);
        refused(&full(), &Change::Up(id("none")), Code::UnknownId);
    }

    #[test]
    fn up_starts_a_stopped_instance_and_leaves_an_isolated_one() {
        for (state, expected) in
            [(State::Stopped, State::Running), (State::Isolated, State::Isolated)]
        {
            let mut network = full();
            network.instances[&id("ins-web")].state = state;
            let network = after(&network, &Change::Up(id("ins-web")));
            assert_eq!(network.instances[&id("ins-web")].state, expected);
        }
    }
}
