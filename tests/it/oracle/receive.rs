//! What happens where a packet lands, and the way its reply takes home.

use pathproof::code::Code;
use pathproof::id::Id;
use pathproof::model::{CcnMember, Endpoint};
use pathproof::space::{Packet, Protocol};

use super::carry::{Device, Entry, Landing, Mask, Role, Stand};
use super::filter::{List, serves};
use super::who::{self, Life, PublicOwner, Seat};
use super::{Stop, Walk, all_of, structure};

/// D20-17, D20-26: somebody must be there.
pub fn alive(life: Life, endpoint: &Endpoint) -> Result<(), Stop> {
    let code = match life {
        Life::Up => return Ok(()),
        Life::Down => Code::EndpointDown,
        Life::Unbound => Code::RouteBlackhole,
    };
    Err(Stop::Lost(vec![(code, Some(endpoint.to_string()))]))
}

/// CLB-1, DB-1, D20-26: it must serve the port.
pub fn served(is: bool, id: &Id) -> Result<(), Stop> {
    if is { Ok(()) } else { Err(Stop::at(Code::PortNotServed, id)) }
}

impl<'n> Walk<'n> {
    /// The packet has landed; the destination takes it and its reply goes home.
    pub(super) fn receive(&mut self, landing: Landing<'n>) -> Result<(), Stop> {
        match landing {
            Landing::Vpc { vpc, from_subnet, entry, off, packet } => {
                self.receive_in_vpc(vpc, from_subnet, entry, off, packet)
            }
            Landing::Linked { vpc, instance, packet } => {
                if *self.to != Endpoint::ClassicInstance(instance.clone()) {
                    return Err(Stop::at(Code::NoRoute, vpc));
                }
                self.take_in_classic_instance(instance, &packet)?;
                let landing = self.over_link_into_vpc(instance, packet.reply())?;
                self.home(landing)
            }
            Landing::Site { tunnel, inner, seen } => self.receive_at_site(&tunnel, inner, &seen),
            Landing::Internet { inner, outer, device } => {
                self.internet(outer)?;
                if let Device::ByCcn(ccn, vpc) = device {
                    let member = CcnMember::Vpc(vpc.clone());
                    let landing = self.carry_from_ccn_member(ccn, &member, inner.reply())?;
                    return self.home(landing);
                }
                self.back_from_internet(device, &inner.reply())
            }
        }
    }

    /// VPC-8, and who is there (D20-6).
    fn receive_in_vpc(
        &mut self,
        vpc: &'n Id,
        from_subnet: Option<&'n Id>,
        entry: Entry,
        off: bool,
        packet: Packet,
    ) -> Result<(), Stop> {
        let owner = who::owner(self.network, vpc, packet.destination)
            .ok_or(Stop::without_owner(vpc, off))?;
        let meant = owner.endpoint == *self.to
            || entry == Entry::Dnat && matches!(self.to, Endpoint::NatAddress(..));
        if !meant {
            return Err(Stop::at(Code::NoRoute, vpc));
        }
        match &owner.endpoint {
            Endpoint::Database(id) | Endpoint::OldVip(id, _) => {
                let serves = self.network.databases.get(id).is_some_and(|database| {
                    packet.protocol == Protocol::TCP && packet.destination_port == database.port
                });
                self.filters_at(&owner, from_subnet, &packet);
                served(serves, id)?;
                self.turn()?;
                self.reply(&owner, entry, packet.reply())
            }
            Endpoint::LoadBalancer(id) => {
                self.receive_at_balancer(id, Some(&owner), from_subnet, entry, packet)
            }
            Endpoint::EndpointConnection(id) => {
                self.receive_at_connection(id, &owner, from_subnet, entry, packet)
            }
            Endpoint::VpcEndpoint(_) => match self.to {
                Endpoint::VpcEndpoint(id) => {
                    self.receive_at_endpoint(id, &owner, from_subnet, entry, packet)
                }
                _ => Err(Stop::at(Code::NoRoute, vpc)),
            },
            _ => {
                self.filters_at(&owner, from_subnet, &packet);
                alive(owner.life, &owner.endpoint)?;
                self.turn()?;
                self.reply(&owner, entry, packet.reply())
            }
        }
    }

    /// PIPE-1: the subnet's ACL unless the sender is inside (ACL-5), then the groups.
    pub(super) fn filters_at(
        &mut self,
        seat: &Seat<'n>,
        from_subnet: Option<&Id>,
        packet: &Packet,
    ) {
        if seat.subnet != from_subnet {
            self.acl_ingress(seat.subnet, packet);
        }
        self.group_ingress(seat.groups, packet);
        if seat.life == Life::Unbound {
            self.doubt(&[Code::SecurityGroupIngressDenied]); // no instance, no groups: or nobody to let it in?
        }
        self.arrived = true;
    }

    /// The way back from an endpoint of a VPC: by the device it came in by (NAT-5, NAT-11), else by
    /// the table of its own subnet (RT-1).
    pub(super) fn reply(
        &mut self,
        seat: &Seat<'n>,
        entry: Entry,
        reply: Packet,
    ) -> Result<(), Stop> {
        if matches!(entry, Entry::Eip | Entry::Dnat) {
            self.acl_egress(seat.subnet, &reply);
            return Ok(());
        }
        let landing = self.carry(Stand::of(seat, Role::Sender), reply)?;
        self.home(landing)
    }

    /// The reply has landed: is it with the opener, or with a forwarder that sent the connection under its own address?
    pub(super) fn home(&mut self, landing: Landing<'n>) -> Result<(), Stop> {
        match landing {
            Landing::Vpc { vpc, from_subnet, off, packet, .. } => {
                let owner = who::owner(self.network, vpc, packet.destination);
                if owner.is_none() {
                    return Err(Stop::without_owner(vpc, off));
                }
                if let Some(mask) = self.masks.pop() {
                    let owner = owner.filter(|owner| owner.endpoint == mask.seat.endpoint);
                    let owner = owner.ok_or(Stop::at(Code::NoRoute, vpc))?;
                    if owner.subnet != from_subnet {
                        self.acl_ingress(owner.subnet, &packet);
                    }
                    return self.unmask(&mask);
                }
                let owner = owner.filter(|owner| owner.endpoint == *self.from);
                let owner = owner.ok_or(Stop::at(Code::NoRoute, vpc))?;
                if owner.subnet != from_subnet {
                    self.acl_ingress(owner.subnet, &packet);
                }
                Ok(())
            }
            Landing::Linked { vpc, instance, .. } => {
                if *self.from == Endpoint::ClassicInstance(instance.clone()) {
                    Ok(())
                } else {
                    Err(Stop::at(Code::NoRoute, vpc))
                }
            }
            Landing::Site { tunnel, seen, .. } => {
                let with_opener = *self.from == Endpoint::Site(tunnel.site.clone());
                if with_opener && seen == self.opening.reply() {
                    Ok(())
                } else {
                    Err(Stop::at(Code::NoRoute, tunnel.gateway))
                }
            }
            Landing::Internet { .. } => Err(Stop::anywhere(Code::NoRoute)),
        }
    }

    /// D20-36: the forwarder translates the reply back and sends it on by its own table.
    fn unmask(&mut self, mask: &Mask<'n>) -> Result<(), Stop> {
        let stand = Stand::of(&mask.seat, Role::Forwarder);
        let passed = mask.seat.machine.into_iter().collect();
        let landing = self.carry_on(stand, mask.before.reply(), passed)?;
        self.home(landing)
    }

    /// From the device that sent the packet out, back to the opener in its VPC, or to the forwarder that hid it;
    /// `reply` on the inside of the device.
    fn back_from_internet(&mut self, device: Device<'n>, reply: &Packet) -> Result<(), Stop> {
        let mask = self.masks.pop();
        let opener = match &mask {
            Some(mask) => mask.seat.subnet,
            None => who::seat(self.network, self.from).and_then(|seat| seat.subnet),
        };
        if let Device::Nat(vpc) = device {
            let owner = who::owner(self.network, vpc, reply.destination);
            let meant = mask.as_ref().map_or(self.from, |mask| &mask.seat.endpoint);
            if owner.is_none_or(|owner| owner.endpoint != *meant) {
                return Err(Stop::at(Code::LocalWithoutOwner, vpc));
            }
        }
        if let Device::PublicGateway(subnet) = device {
            self.acl_ingress(subnet, reply);
            self.acl_egress(subnet, reply);
        }
        self.acl_ingress(opener, reply);
        mask.map_or(Ok(()), |mask| self.unmask(&mask))
    }

    /// A packet between public addresses meets whoever owns the destination (NAT-9).
    pub(super) fn internet(&mut self, packet: Packet) -> Result<(), Stop> {
        self.on_internet = true;
        // EFW-1, EFW-4: what leaves a public address of the network, and what comes to one.
        if who::public_owner(self.network, packet.source).is_some() {
            self.edge(List::Egress, &packet);
        }
        let Some(owner) = who::public_owner(self.network, packet.destination) else {
            if *self.to == Endpoint::Internet {
                self.arrived = true;
                return self.turn();
            }
            return Err(Stop::anywhere(Code::NoRoute));
        };
        if self.is_met_at(&owner) {
            self.edge(List::Ingress, &packet);
        }
        match owner {
            PublicOwner::Seat(vpc, destination) => {
                self.receive_in_vpc(vpc, None, Entry::Eip, false, Packet { destination, ..packet })
            }
            PublicOwner::Balancer(id) => {
                if *self.to != Endpoint::LoadBalancer(id.clone()) {
                    return Err(Stop::anywhere(Code::NoRoute));
                }
                self.receive_at_balancer(id, None, None, Entry::Eip, packet)
            }
            PublicOwner::Classic(id) => {
                if *self.to != Endpoint::ClassicInstance(id.clone()) {
                    return Err(Stop::anywhere(Code::NoRoute));
                }
                self.take_in_classic_instance(id, &packet)
            }
            PublicOwner::ClassicBalancer(id) => {
                if *self.to != Endpoint::ClassicLoadBalancer(id.clone()) {
                    return Err(Stop::anywhere(Code::NoRoute));
                }
                self.receive_in_classic(packet)
            }
            PublicOwner::Nat(id) => self.receive_at_nat(id, packet),
        }
    }

    /// Whether a public address is that of whom the packet is meant for, or of a NAT gateway, which may hand it on to them.
    fn is_met_at(&self, owner: &PublicOwner<'n>) -> bool {
        match owner {
            PublicOwner::Seat(vpc, private) => {
                let seat = who::owner(self.network, vpc, *private);
                seat.is_some_and(|seat| seat.endpoint == *self.to)
            }
            PublicOwner::Balancer(id) => *self.to == Endpoint::LoadBalancer((*id).clone()),
            PublicOwner::Classic(id) => *self.to == Endpoint::ClassicInstance((*id).clone()),
            PublicOwner::ClassicBalancer(id) => {
                *self.to == Endpoint::ClassicLoadBalancer((*id).clone())
            }
            PublicOwner::Nat(_) => true,
        }
    }

    /// NAT-3, NAT-4, NAT-8, D20-6: pings are answered by the gateway itself; else a DNAT entry decides.
    fn receive_at_nat(&mut self, id: &'n Id, packet: Packet) -> Result<(), Stop> {
        let gateway = &self.network.nat_gateways[id];
        let gateway_is_meant = matches!(self.to, Endpoint::NatAddress(to, _) if to == id);
        if packet.protocol == Protocol::ICMP && gateway_is_meant {
            self.arrived = true;
            all_of(id, &[(self.network.down.contains(id), Code::AttachmentDown)])?;
            return self.turn();
        }
        let entry = gateway.dnat.iter().find(|entry| {
            entry.eip == packet.destination
                && packet.protocol.has_ports()
                && serves(&entry.service, &packet)
        });
        // A ping that the gateway answers in the place of whom it is meant for finds no entry (NAT-8).
        let answers = packet.protocol == Protocol::ICMP && self.network.down.contains(id);
        if answers {
            self.doubt(&[Code::NatNoDnatEntry]);
        }
        all_of(
            id,
            &[
                (self.network.down.contains(id), Code::AttachmentDown),
                (entry.is_none() && !answers, Code::NatNoDnatEntry),
            ],
        )?;
        let entry = entry.ok_or(Stop::at(Code::NatNoDnatEntry, id))?;
        let inside = Packet { destination: entry.to, destination_port: entry.port, ..packet };
        self.receive_in_vpc(&gateway.vpc, None, Entry::Dnat, false, inside)
    }

    /// D20-13: the packet was stopped on its way; the destination is judged as if it had arrived. What a filter behind a
    /// translation would have seen is not known, and not judged.
    pub(super) fn destination_side(&mut self) {
        if self.arrived {
            return;
        }
        self.arrived = true;
        self.silent = true;
        let network = self.network;
        let packet = self.opening;
        if matches!(self.to, Endpoint::Site(_) | Endpoint::Internet) {
            return; // nothing of the cloud's filters there
        }
        let public = who::is_public(network, packet.destination);
        let meant = !public && structure::owns(network, self.to, packet.destination);
        if public && !self.on_internet {
            self.blind = *self.from != Endpoint::Internet;
            if self.blind {
                // Whether a VIP answers a ping hangs on the source, which is not known.
                self.doubt(&[Code::PortNotServed]);
            }
            let doubted = self.in_doubt;
            self.in_doubt |= self.blind
                && !packet.protocol.has_ports()
                && matches!(self.to, Endpoint::LoadBalancer(_));
            let ending = self.internet(packet);
            self.tell(ending);
            self.in_doubt = doubted;
            self.blind = false;
            return;
        }
        if !meant {
            self.doubt_filters();
            self.doubt(&[
                Code::EndpointDown,
                Code::PortNotServed,
                Code::NoTarget,
                Code::VpcEndpointPending,
            ]);
            return;
        }
        // Under the address of the last forwarder that it passed (D20-36).
        let hidden = self.masks.last().map(|mask| mask.seat.addresses[0]);
        let source = hidden.unwrap_or(packet.source);
        let packet = Packet { source, ..packet };
        let ending = match self.to {
            Endpoint::ClassicInstance(id) => self.take_in_classic_instance(id, &packet),
            Endpoint::OldVip(..) if who::classic_database(network, self.to).is_some() => {
                self.unreached = true;
                self.receive_in_classic(packet)
            }
            Endpoint::ClassicDatabase(_) | Endpoint::ClassicLoadBalancer(_) => {
                self.unreached = true;
                self.receive_in_classic(packet)
            }
            _ => match who::seat(network, self.to) {
                Some(seat) => self.as_if_arrived(&seat, packet),
                None => Ok(()),
            },
        };
        self.tell(ending);
    }

    /// At the border of the destination's subnet.
    fn as_if_arrived(&mut self, seat: &Seat<'n>, packet: Packet) -> Result<(), Stop> {
        let network = self.network;
        let opener = who::seat(network, self.from).filter(|opener| opener.vpc == seat.vpc);
        let from_subnet = opener.as_ref().and_then(|opener| opener.subnet);
        let entry = if opener.is_some() { Entry::Local } else { Entry::Gateway };
        if let Endpoint::VpcEndpoint(id) = self.to {
            self.unreached = true;
            return self.receive_at_endpoint(id, seat, from_subnet, entry, packet);
        }
        match &seat.endpoint {
            Endpoint::LoadBalancer(id) => {
                self.unreached = true;
                self.receive_at_balancer(id, Some(seat), from_subnet, entry, packet)
            }
            Endpoint::EndpointConnection(id) => {
                self.receive_at_connection(id, seat, from_subnet, entry, packet)
            }
            Endpoint::Database(id) | Endpoint::OldVip(id, _) => {
                let serves = network.databases.get(id).is_some_and(|database| {
                    packet.protocol == Protocol::TCP && packet.destination_port == database.port
                });
                self.filters_at(seat, from_subnet, &packet);
                served(serves, id)
            }
            _ => {
                self.filters_at(seat, from_subnet, &packet);
                alive(seat.life, &seat.endpoint)
            }
        }
    }

    /// What stopped a packet where it was looked at as if it had arrived.
    fn tell(&mut self, ending: Result<(), Stop>) {
        if let Err(Stop::Lost(losses)) = ending {
            self.direction = super::Direction::Forward;
            for (code, at) in losses {
                self.block(code, at);
            }
        }
    }
}
