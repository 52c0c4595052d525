//! From a place in a VPC to where the packet lands: lookups, links, forwarders. Gateways: [`super::gateway`].

use std::net::IpAddr;

use pathproof::code::Code;
use pathproof::id::Id;
use pathproof::model::{Endpoint, NextHop};
use pathproof::space::Packet;

use super::filter::List;
use super::gateway::Crossing;
use super::route::{self, Lookup};
use super::tunnel::Tunnel;
use super::who::{self, Life, Seat};
use super::{Stop, Walk, all_of};

/// In which part a packet is sent on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// By its own opener or answerer.
    Sender,
    /// By a forwarding instance (D20-11).
    Forwarder,
    /// By a public gateway (NAT-12).
    PublicGateway,
    /// By nobody: it came over a CCN by a route added by hand, and the VPC's default table is used once (CCN-9).
    Relay,
}

/// Where a packet stands when a route is looked up for it.
#[derive(Clone, Debug)]
pub struct Stand<'n> {
    pub vpc: &'n Id,
    pub subnet: Option<&'n Id>,
    pub machine: Option<&'n Id>,
    /// The address that a forwarder masquerades with.
    pub own: Option<IpAddr>,
    /// Private and public side of the sender's elastic IP.
    pub eip: Option<(IpAddr, IpAddr)>,
    pub role: Role,
}

impl<'n> Stand<'n> {
    /// Where a seat's packets stand. Only machines have a public address of their own to send by (RT-11).
    pub fn of(seat: &Seat<'n>, role: Role) -> Self {
        let sends = matches!(
            seat.endpoint,
            Endpoint::Instance(_) | Endpoint::NetworkInterface(_) | Endpoint::HaVip(_)
        );
        Self {
            vpc: seat.vpc,
            subnet: seat.subnet,
            machine: seat.machine,
            own: seat.addresses.first().copied(),
            eip: seat.eip.filter(|_| sends),
            role,
        }
    }
}

/// How a packet came to where it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entry {
    Local,
    Link,
    Peering,
    Ccn,
    /// A VPN or Direct Connect gateway of the VPC.
    Gateway,
    /// An elastic IP.
    Eip,
    /// A DNAT entry.
    Dnat,
}

/// Where a packet lands.
#[derive(Clone, Debug)]
pub enum Landing<'n> {
    /// In a VPC, for whoever owns the destination. `from_subnet` is the subnet of that VPC that it comes from.
    Vpc {
        vpc: &'n Id,
        from_subnet: Option<&'n Id>,
        entry: Entry,
        /// A CCN route that is off leads there, too (D20-32).
        off: bool,
        packet: Packet,
    },
    /// At a linked classic CVM.
    Linked { vpc: &'n Id, instance: &'n Id, packet: Packet },
    /// At a site; `inner` is the packet on the cloud's side of the gateway, `seen` on the site's.
    Site { tunnel: Tunnel<'n>, inner: Packet, seen: Packet },
    /// On the Internet, sent by a device that keeps `inner` and sends `outer`.
    Internet { inner: Packet, outer: Packet, device: Device<'n> },
}

/// What sent a packet to the Internet, as far as the way back needs to know it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Device<'n> {
    /// The sender's elastic IP: replies go straight to the sender.
    Direct,
    /// A NAT gateway of this VPC: replies go to whoever has the sender's address there.
    Nat(&'n Id),
    /// A public gateway in this subnet: replies pass the subnet once more.
    PublicGateway(Option<&'n Id>),
    /// A standard NAT gateway of this VPC, for what this CCN brought: replies go back into it (D20-38).
    ByCcn(&'n Id, &'n Id),
}

/// A forwarder that sent a packet on under its own address.
#[derive(Clone, Debug)]
pub struct Mask<'n> {
    pub seat: Seat<'n>,
    /// The packet as it came to the forwarder.
    pub before: Packet,
}

impl<'n> Walk<'n> {
    /// Follows routes until the packet lands (RT-1, D20-11).
    pub(super) fn carry(&mut self, start: Stand<'n>, packet: Packet) -> Result<Landing<'n>, Stop> {
        self.carry_by(start, None, packet, Vec::new())
    }

    /// The same behind forwarders that it must not come to again.
    pub(super) fn carry_on(
        &mut self,
        start: Stand<'n>,
        packet: Packet,
        passed: Vec<&'n Id>,
    ) -> Result<Landing<'n>, Stop> {
        self.carry_by(start, None, packet, passed)
    }

    /// The same; the first step may be told by a route that a VPC publishes to a CCN.
    pub(super) fn carry_by(
        &mut self,
        start: Stand<'n>,
        mut taken: Option<(&'n Id, Vec<NextHop>)>,
        mut packet: Packet,
        mut passed: Vec<&'n Id>,
    ) -> Result<Landing<'n>, Stop> {
        let mut stand = start;
        loop {
            if let Some((ccn, hops)) = taken.take() {
                // CCN-9, D20-37, D20-38: by the published route's own next hop.
                (stand, packet) = match self.choose(hops) {
                    NextHop::NatGateway(id) => {
                        return self.nat_gateway_by_ccn(&stand, ccn, &id, packet);
                    }
                    hop => self.pass_forwarder(&stand, &hop, &mut passed, packet)?,
                };
                continue;
            }
            // RT-11, D20-41: an EIP is that of one private address; a public gateway lends its own (NAT-12).
            let has_public = stand.eip.as_ref().is_some_and(|(private, _)| {
                stand.role == Role::PublicGateway
                    && private.is_ipv4() == packet.destination.is_ipv4()
                    || *private == packet.source
            });
            let found = route::lookup(
                self.network,
                stand.vpc,
                stand.subnet,
                packet.destination,
                has_public,
            );
            let hops = match found {
                Lookup::Local { off } => {
                    self.leave(
                        &stand,
                        who::subnet_at(self.network, stand.vpc, packet.destination),
                        &packet,
                    );
                    let (vpc, from_subnet) = (stand.vpc, stand.subnet);
                    return Ok(Landing::Vpc { vpc, from_subnet, entry: Entry::Local, off, packet });
                }
                Lookup::Linked(instance) => return self.link_to(&stand, instance, packet),
                Lookup::OwnAddress => return self.own_address(&stand, packet),
                Lookup::Nothing(code, gone) => {
                    self.leave(&stand, None, &packet);
                    let at = stand.subnet.unwrap_or(stand.vpc);
                    let untranslated = stand.role == Role::Forwarder
                        && packet.source.is_ipv4()
                        && stand.own != Some(packet.source);
                    return Err(match code {
                        // D20-36: the Internet cannot answer a private source.
                        Code::NoPublicAddress if untranslated => {
                            Stop::at(Code::ForwarderDoesNotTranslate, at)
                        }
                        _ => Stop::without_line(code, at, gone.as_ref()),
                    });
                }
                Lookup::Hops(hops) => hops,
            };
            let hop = self.choose(hops);
            if stand.role == Role::Relay && !matches!(hop, NextHop::Instance(_) | NextHop::HaVip(_))
            {
                // CCN-3: what is published by hand leads to forwarders, not to further gateways.
                return Err(Stop::at(Code::GatewayNoTransit, stand.vpc));
            }
            stand = match hop {
                NextHop::Instance(_) | NextHop::HaVip(_) => {
                    let next;
                    (next, packet) = self.pass_forwarder(&stand, &hop, &mut passed, packet)?;
                    next
                }
                NextHop::PublicGateway(id) => {
                    self.pass_public_gateway(&stand, &id, &mut passed, &packet)?
                }
                NextHop::Ccn(id) => {
                    self.leave(&stand, None, &packet);
                    match self.enter_ccn(&stand, &id, packet)? {
                        Crossing::Lands(landing) => return Ok(landing),
                        Crossing::Relayed(stand) => stand,
                        Crossing::Taken(stand, ccn, hops) => {
                            taken = Some((ccn, hops));
                            stand
                        }
                    }
                }
                NextHop::Eip => return self.own_address(&stand, packet),
                NextHop::NatGateway(id) => return self.nat_gateway(&stand, &id, packet),
                NextHop::PeeringConnection(id) => return self.peering(&stand, &id, packet),
                NextHop::VpnGateway(id) => return self.vpn_gateway(&stand, &id, packet),
                NextHop::DirectConnectGateway(id) => {
                    return self.direct_connect_gateway(&stand, &id, packet);
                }
            };
        }
    }

    /// D20-36: under the own address of what the route names, if it masquerades; replies that it did not see pass as
    /// they are.
    fn masked(&mut self, seat: Seat<'n>, id: &Id, packet: Packet) -> Packet {
        let instance = self.network.instances.get(id);
        let havip = self.network.havips.get(id);
        let masquerades =
            instance.is_some_and(|it| it.masquerades) || havip.is_some_and(|it| it.masquerades);
        let source = seat.addresses[0];
        if !masquerades
            || self.direction == super::Direction::Return
            || source.is_ipv4() != packet.source.is_ipv4()
        {
            return packet;
        }
        let before = packet;
        self.masks.push(Mask { seat, before });
        Packet { source, ..packet }
    }

    /// The ACL of the subnet the packet leaves, unless it stays inside (ACL-5).
    pub(super) fn leave(&mut self, stand: &Stand<'n>, toward: Option<&Id>, packet: &Packet) {
        if stand.subnet != toward {
            self.acl_egress(stand.subnet, packet);
        }
    }

    /// CL-3, CL-6: Local covers linked addresses; only the primary CIDR takes part.
    fn link_to(
        &mut self,
        stand: &Stand<'n>,
        instance: &'n Id,
        packet: Packet,
    ) -> Result<Landing<'n>, Stop> {
        self.leave(stand, None, &packet);
        let vpc = &self.network.vpcs[stand.vpc];
        if vpc.is_secondary(packet.source) {
            return Err(Stop::at(Code::ClassicLinkSecondaryCidr, stand.vpc));
        }
        if !vpc.covers(packet.source) {
            return Err(Stop::at(Code::ClassicLinkNoTransit, stand.vpc)); // CL-12
        }
        Ok(Landing::Linked { vpc: stand.vpc, instance, packet })
    }

    /// By the sender's own elastic IP (RT-11, RT-13, NAT-9); a public gateway lends its own to others (NAT-12).
    fn own_address(&mut self, stand: &Stand<'n>, packet: Packet) -> Result<Landing<'n>, Stop> {
        self.leave(stand, None, &packet);
        let at = stand.subnet.unwrap_or(stand.vpc);
        if !who::is_public(self.network, packet.destination) {
            return Err(Stop::at(Code::PrivateDestinationToInternet, at));
        }
        let (device, source) = match (stand.role, stand.eip) {
            (Role::Sender | Role::Forwarder, Some((private, public)))
                if private == packet.source =>
            {
                (Device::Direct, public)
            }
            (Role::PublicGateway, Some((_, public))) => {
                (Device::PublicGateway(stand.subnet), public)
            }
            _ => return Err(Stop::at(Code::NoPublicAddress, at)),
        };
        Ok(Landing::Internet { inner: packet, outer: Packet { source, ..packet }, device })
    }

    /// Through an instance or a HAVIP that forwards (D20-11, D20-36); anything else takes nothing.
    fn pass_forwarder(
        &mut self,
        stand: &Stand<'n>,
        hop: &NextHop,
        passed: &mut Vec<&'n Id>,
        packet: Packet,
    ) -> Result<(Stand<'n>, Packet), Stop> {
        let (id, endpoint) = match hop {
            NextHop::Instance(id) => (id, Endpoint::Instance(id.clone())),
            NextHop::HaVip(id) => (id, Endpoint::HaVip(id.clone())),
            _ => return Err(Stop::at(Code::RouteBlackhole, stand.vpc)),
        };
        let seat = self.forwarder(stand, &endpoint, id, &packet)?;
        let next = self.pass(stand, &seat, id, Role::Forwarder, passed, &packet)?;
        Ok((next, self.masked(seat, id, packet)))
    }

    /// The seat of a next hop that forwards; gone or in another VPC it is a black hole (RT-16).
    fn forwarder(
        &mut self,
        stand: &Stand<'n>,
        hop: &Endpoint,
        id: &Id,
        packet: &Packet,
    ) -> Result<Seat<'n>, Stop> {
        let seat = who::seat(self.network, hop).filter(|seat| seat.vpc == stand.vpc);
        seat.ok_or_else(|| {
            self.leave(stand, None, packet);
            Stop::at(Code::RouteBlackhole, id)
        })
    }

    /// D20-11: in through ACL and groups, out through groups, all on the original addresses.
    fn pass(
        &mut self,
        stand: &Stand<'n>,
        seat: &Seat<'n>,
        id: &Id,
        role: Role,
        passed: &mut Vec<&'n Id>,
        packet: &Packet,
    ) -> Result<Stand<'n>, Stop> {
        self.leave(stand, seat.subnet, packet);
        if let Some(machine) = seat.machine
            && (stand.machine == Some(machine) || passed.contains(&machine))
        {
            return Err(self.stop_at_neighbour(stand, Code::RouteLoop, id, packet));
        }
        match seat.life {
            Life::Up => {}
            // D20-13: were it up, this would be its way; what answers is not asked any more (D20-26).
            Life::Down => {
                self.block(Code::EndpointDown, Some(id.to_string()));
                self.silent = true;
            }
            Life::Unbound => {
                return Err(self.stop_at_neighbour(stand, Code::RouteBlackhole, id, packet));
            }
        }
        if stand.subnet != seat.subnet {
            self.acl_ingress(seat.subnet, packet);
        }
        self.forwarder_groups(seat, packet);
        passed.extend(seat.machine);
        Ok(Stand::of(seat, role))
    }

    /// A forwarder's groups remember what they saw; a reply whose request they did not see is a packet like any other
    /// (SG-1, D20-40).
    fn forwarder_groups(&mut self, seat: &Seat<'n>, packet: &Packet) {
        if self.direction == super::Direction::Forward {
            self.group_ingress(seat.groups, packet);
            self.group_egress(seat.groups, packet);
            self.saw.extend(seat.machine);
            return;
        }
        let ends = [self.from, self.to].map(|end| who::seat(self.network, end));
        let mut ends = ends.iter().flatten().filter_map(|end| end.machine);
        let is_end = seat.machine.is_some() && ends.any(|machine| Some(machine) == seat.machine);
        let saw = seat.machine.is_some_and(|machine| self.saw.contains(&machine));
        if !is_end && !saw {
            let (ingress, egress) =
                (Code::SecurityGroupIngressDenied, Code::SecurityGroupEgressDenied);
            self.judge_groups(seat.groups, List::Ingress, packet, ingress);
            self.judge_groups(seat.groups, List::Egress, packet, egress);
        }
    }

    /// A stop at a next hop in the sender's own subnet: whether the packet counts as leaving the
    /// subnet, nobody says.
    fn stop_at_neighbour(
        &mut self,
        stand: &Stand<'n>,
        code: Code,
        id: &Id,
        packet: &Packet,
    ) -> Stop {
        if stand.role == Role::Sender {
            let subnet = stand.subnet;
            self.in_doubt(|walk| {
                walk.acl_egress(subnet, packet);
                Ok(())
            });
        }
        Stop::at(code, id)
    }

    /// NAT-12, D20-2, D20-22.
    fn pass_public_gateway(
        &mut self,
        stand: &Stand<'n>,
        id: &Id,
        passed: &mut Vec<&'n Id>,
        packet: &Packet,
    ) -> Result<Stand<'n>, Stop> {
        let is_gateway =
            self.network.instances.get(id).is_some_and(|instance| instance.public_gateway);
        let private = !who::is_public(self.network, packet.destination);
        let seat = self.forwarder(stand, &Endpoint::Instance(id.clone()), id, packet)?;
        let again = stand.machine == seat.machine
            || seat.machine.is_some_and(|machine| passed.contains(&machine));
        let foreign = !self.network.vpcs[stand.vpc].covers(packet.source);
        let same_subnet = stand.subnet == seat.subnet
            || who::subnet_at(self.network, stand.vpc, packet.source) == seat.subnet;
        let stops = [
            (!is_gateway, Code::RouteBlackhole),
            (private, Code::PrivateDestinationToInternet),
            (again, Code::RouteLoop),
            (same_subnet, Code::PublicGatewaySameSubnet),
            (foreign, Code::GatewayNoTransit), // PCX-5
        ];
        let is_refused = stops.iter().any(|(stops, _)| *stops);
        let down = (is_refused && seat.life == Life::Down, Code::EndpointDown);
        let stops: Vec<_> = stops.into_iter().chain([down]).collect();
        if stops.iter().any(|(stops, _)| *stops) {
            self.leave(stand, seat.subnet, packet);
            if let Err(Stop::Lost(losses)) = all_of(id, &stops) {
                let (code, _) = losses[0];
                let _ = self.stop_at_neighbour(stand, code, id, packet);
                return Err(Stop::Lost(losses));
            }
        }
        self.pass(stand, &seat, id, Role::PublicGateway, passed, packet)
    }
}
