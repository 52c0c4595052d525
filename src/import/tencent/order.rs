//! What is there and does not work, as the answers say themselves: addresses that are blocked (NAT-13), gateways (NAT-8) and CCNs
//! (CCN-1) that are not available, tunnels whose health check fails (VPN-7).

use std::net::IpAddr;

use super::Import;
use super::dump::Object;
use crate::diagnostic::{Words, words};
use crate::id::Id;
use crate::import::Outcome;
use crate::import::document::Spot;
use crate::import::draft::Say;
use crate::import::notation;
use crate::model::{Kind, LoadBalancerNetwork};

impl Import<'_> {
    /// Comes last: what is out of order is taken back, or said to be open.
    pub(super) fn out_of_order(&mut self) {
        for object in self.dump.all("DescribeAddresses", "AddressSet") {
            if object.is("IsBlocked") || object.is("IsArrears") {
                self.blocked(&object);
            }
        }
        for object in self.dump.all("DescribeNatGateways", "NatGatewaySet") {
            let id = notation::id(object.words("NatGatewayId"));
            for address in object.list("PublicIpAddressSet") {
                if address.is("IsBlocked") {
                    let address = address.words("PublicIpAddress");
                    let why =
                        words!("its address {address} is blocked", "其地址 {address} 已被封堵");
                    self.open_entity(Kind::NatGateway, &id, why);
                }
            }
            for (name, good) in
                [("State", "AVAILABLE"), ("NetworkState", "AVAILABLE"), ("RestrictState", "NORMAL")]
            {
                self.is_in_order(Kind::NatGateway, &id, &object, (name, good));
            }
        }
        for object in self.dump.all("DescribeCcns", "CcnSet") {
            let id = notation::id(object.words("CcnId"));
            self.is_in_order(Kind::Ccn, &id, &object, ("State", "AVAILABLE"));
            if object.is("IsSecurityLock") {
                let why = Words::new("it is locked for security reasons", "它已被安全锁定");
                self.open_entity(Kind::Ccn, &id, why);
            }
        }
        for object in self.dump.all("DescribeVpnConnections", "VpnConnectionSet") {
            self.health(&object);
        }
    }

    /// VPN-7: a tunnel whose health is checked is down while the check fails.
    fn health(&mut self, object: &Object<'_>) {
        let status = object.words("HealthCheckStatus");
        if !object.is("EnableHealthCheck") || !status.eq_ignore_ascii_case("unavailable") {
            return;
        }
        let id = notation::id(object.words("VpnConnectionId"));
        let gateway = notation::id(object.words("VpnGatewayId"));
        let gateway = self.network().vpn_gateways.get_mut(&gateway);
        let mut connections = gateway.into_iter().flat_map(|it| &mut it.connections);
        if let Some(connection) = connections.find(|it| it.id == id) {
            connection.up = false;
        }
    }

    fn is_in_order(
        &mut self,
        kind: Kind,
        id: &Id,
        object: &Object<'_>,
        (name, good): (&str, &str),
    ) {
        let state = object.words(name);
        if !state.is_empty() && !state.eq_ignore_ascii_case(good) {
            let why = words!("its {name} is {state}", "其 {name} 为 {state}");
            self.open_entity(kind, id, why);
        }
    }

    fn open_entity(&mut self, kind: Kind, id: &Id, why: Words) {
        if self.network().has(kind, id.as_str()) {
            self.open(id.as_str(), Spot::Entity(id.clone()), why);
        }
    }

    /// An EIP that is blocked or not paid for is nobody's way (NAT-13).
    fn blocked(&mut self, object: &Object<'_>) {
        let Ok(address) = notation::address(object.words("AddressIp")) else {
            return;
        };
        let Some(owner) = self.take_address(address) else {
            return;
        };
        let why = words!(
            "its public address {address} is blocked or in arrears, and left out",
            "其公网地址 {address} 已被封堵或欠费，未写入"
        );
        let say = Say::of(object.words("AddressId"), why);
        self.draft.say(Outcome::Assumed, Spot::Entity(owner), say);
    }

    /// Takes a public address from whoever has it; a NAT gateway keeps it, for its rules name it, and is open.
    fn take_address(&mut self, address: IpAddr) -> Option<Id> {
        let network = self.network();
        let instances = network.instances.iter_mut();
        let instances = instances.map(|(id, it)| (id, &mut it.eip));
        let interfaces = network.network_interfaces.iter_mut();
        let interfaces = interfaces.map(|(id, it)| (id, &mut it.eip));
        let havips = network.havips.iter_mut();
        let havips = havips.map(|(id, it)| (id, &mut it.eip));
        let classic = network.classic_instances.iter_mut();
        let classic = classic.map(|(id, it)| (id, &mut it.public_ip));
        let balancers = network.load_balancers.iter_mut();
        let balancers = balancers.filter_map(|(id, it)| match &mut it.network {
            LoadBalancerNetwork::Internal { eip, .. } => Some((id, eip)),
            LoadBalancerNetwork::Public { .. } => None,
        });
        let all = instances.chain(interfaces).chain(havips).chain(classic);
        let mut owned = all.chain(balancers);
        if let Some((id, eip)) = owned.find(|(_, eip)| **eip == Some(address)) {
            *eip = None;
            return Some(id.clone());
        }
        let mut gateways = network.nat_gateways.iter();
        let gateway = gateways.find(|(_, it)| it.eips.contains(&address));
        let gateway = gateway.map(|(id, _)| id.clone())?;
        let why = words!("its address {address} is blocked", "其地址 {address} 已被封堵");
        self.open_entity(Kind::NatGateway, &gateway, why);
        None
    }
}
