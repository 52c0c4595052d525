//! Through the gateways of a VPC: NAT, peering, VPN, Direct Connect, CCN.

use std::net::IpAddr;

use pathproof::code::Code;
use pathproof::id::Id;
use pathproof::model::{Attachment, CcnMember, NextHop, PeeringState, SnatSource};
use pathproof::space::{Packet, Protocol};

use super::carry::{Device, Entry, Landing, Role, Stand};
use super::tunnel::{self, Kind};
use super::{Direction, Stop, Walk, all_of, ccn, route, who};

/// What a CCN does with a packet.
pub enum Crossing<'n> {
    Lands(Landing<'n>),
    Relayed(Stand<'n>),
    /// By a custom route that the VPC publishes to this CCN: on by its own next hops (D20-37, D20-38).
    Taken(Stand<'n>, &'n Id, Vec<NextHop>),
}

impl<'n> Walk<'n> {
    /// NAT-1, NAT-2, NAT-7, NAT-8, D20-2.
    pub(super) fn nat_gateway(
        &mut self,
        stand: &Stand<'n>,
        id: &Id,
        packet: Packet,
    ) -> Result<Landing<'n>, Stop> {
        self.leave(stand, None, &packet);
        let foreign = !self.network.vpcs[stand.vpc].covers(packet.source);
        self.translate(stand.vpc, id, packet, foreign, Device::Nat(stand.vpc))
    }

    /// D20-38: what a CCN brings to a standard one is translated like its own VPC's.
    pub(super) fn nat_gateway_by_ccn(
        &mut self,
        stand: &Stand<'n>,
        ccn: &'n Id,
        id: &Id,
        packet: Packet,
    ) -> Result<Landing<'n>, Stop> {
        let foreign = !ccn::is_standard(self.network, id);
        self.translate(stand.vpc, id, packet, foreign, Device::ByCcn(ccn, stand.vpc))
    }

    fn translate(
        &mut self,
        vpc: &Id,
        id: &Id,
        packet: Packet,
        foreign: bool,
        device: Device<'n>,
    ) -> Result<Landing<'n>, Stop> {
        let gateway = self.network.nat_gateways.get(id).filter(|gateway| gateway.vpc == *vpc);
        let gateway = gateway.ok_or(Stop::at(Code::RouteBlackhole, id))?;
        let rule = gateway.snat.iter().find(|rule| self.snat_names(&rule.from, packet.source));
        let pool = rule.map_or(&gateway.eips, |rule| &rule.eips);
        let pool: Vec<IpAddr> =
            pool.iter().copied().filter(|eip| eip.is_ipv4() == packet.source.is_ipv4()).collect();
        let translates = [Protocol::TCP, Protocol::UDP, Protocol::ICMP].contains(&packet.protocol);
        let private = !who::is_public(self.network, packet.destination);
        all_of(
            id,
            &[
                (private, Code::PrivateDestinationToInternet),
                (self.network.down.contains(id), Code::AttachmentDown),
                (foreign, Code::GatewayNoTransit),
                (!translates, Code::NatProtocolUnsupported),
                (gateway.strict_snat && rule.is_none(), Code::NatSourceNotCovered),
                (pool.is_empty(), Code::NatNoAddress),
            ],
        )?;
        let source = self.choose(pool);
        Ok(Landing::Internet { inner: packet, outer: Packet { source, ..packet }, device })
    }

    /// NAT-2: by CIDR, subnet, instance or ENI.
    fn snat_names(&self, from: &SnatSource, source: IpAddr) -> bool {
        match from {
            SnatSource::Cidr(cidr) => cidr.contains(&source),
            SnatSource::Subnet(id) => {
                self.network.subnets.get(id).is_some_and(|subnet| subnet.covers(source))
            }
            SnatSource::Instance(id) => {
                let seat = who::target(self.network, id)
                    .and_then(|endpoint| who::seat(self.network, &endpoint));
                seat.is_some_and(|seat| seat.addresses.contains(&source))
            }
        }
    }

    /// PCX-1, PCX-4, PCX-7.
    pub(super) fn peering(
        &mut self,
        stand: &Stand<'n>,
        id: &Id,
        packet: Packet,
    ) -> Result<Landing<'n>, Stop> {
        self.leave(stand, None, &packet);
        let peering = self.network.peerings.get(id);
        let other = peering.and_then(|peering| Some((peering, peering.other(stand.vpc)?)));
        let (peering, vpc) = other.ok_or(Stop::at(Code::RouteBlackhole, id))?;
        let (ours, theirs) = (&self.network.vpcs[stand.vpc], &self.network.vpcs[vpc]);
        let secondary = ours.is_secondary(packet.source) || theirs.is_secondary(packet.destination);
        let transit = !ours.covers(packet.source) || !theirs.covers(packet.destination);
        let down = peering.state == PeeringState::Pending || self.network.down.contains(id);
        all_of(
            id,
            &[
                (down, Code::AttachmentDown),
                (secondary, Code::PeeringSecondaryCidr),
                (transit, Code::GatewayNoTransit),
            ],
        )?;
        Ok(Landing::Vpc { vpc, from_subnet: None, entry: Entry::Peering, off: false, packet })
    }

    /// VPN-2, VPN-3, VPN-5, VPN-8.
    pub(super) fn vpn_gateway(
        &mut self,
        stand: &Stand<'n>,
        id: &Id,
        packet: Packet,
    ) -> Result<Landing<'n>, Stop> {
        self.leave(stand, None, &packet);
        let attached = Attachment::Vpc(stand.vpc.clone());
        let ours = self
            .network
            .vpn_gateways
            .get(id)
            .is_some_and(|gateway| gateway.attached_to == attached);
        if !ours {
            return Err(Stop::at(Code::RouteBlackhole, id));
        }
        let foreign = !self.network.vpcs[stand.vpc].covers(packet.source);
        let landing = self.vpn_to_site(id, packet);
        refused(self.against(id, foreign), id, landing)
    }

    /// A gateway of a VPC that has failed, and one that a third network's packet comes to.
    fn against(&self, id: &Id, foreign: bool) -> Vec<Code> {
        let down = self.network.down.contains(id);
        let all = [(down, Code::AttachmentDown), (foreign, Code::GatewayNoTransit)];
        let against = all.into_iter().filter(|(is, _)| *is);
        against.map(|(_, code)| code).collect()
    }

    fn vpn_to_site(&mut self, id: &Id, packet: Packet) -> Result<Landing<'n>, Stop> {
        let tunnel = tunnel::vpn_towards_site(self.network, id, &packet)
            .map_err(|code| Stop::at(code, id))?;
        if !tunnel.up {
            return Err(Stop::at(Code::AttachmentDown, tunnel.id)); // D20-20
        }
        Ok(Landing::Site { tunnel, inner: packet, seen: packet })
    }

    /// DC-2, DC-3, DC-6, DC-7.
    pub(super) fn direct_connect_gateway(
        &mut self,
        stand: &Stand<'n>,
        id: &Id,
        packet: Packet,
    ) -> Result<Landing<'n>, Stop> {
        self.leave(stand, None, &packet);
        let attached = Attachment::Vpc(stand.vpc.clone());
        let gateways = &self.network.direct_connect_gateways;
        let ours = gateways.get(id).is_some_and(|gateway| gateway.attached_to == attached);
        if !ours {
            return Err(Stop::at(Code::RouteBlackhole, id));
        }
        let foreign = !self.network.vpcs[stand.vpc].covers(packet.source);
        let landing = self.direct_connect_to_site(Some(stand.vpc), id, packet);
        refused(self.against(id, foreign), id, landing)
    }

    fn direct_connect_to_site(
        &mut self,
        vpc: Option<&Id>,
        id: &Id,
        packet: Packet,
    ) -> Result<Landing<'n>, Stop> {
        let network = self.network;
        let tunnels = tunnel::all(network);
        let nat = tunnels.iter().find_map(|tunnel| match tunnel.kind {
            Kind::DirectConnectNat(nat) if tunnel.gateway == id => Some(nat),
            _ => None,
        });
        let seen = match nat {
            None => Some(packet),
            // The reply of a connection that came in here is put back as it was sent.
            Some(_) if self.direction == Direction::Return && self.translated_by == Some(id) => {
                Some(self.opening.reply())
            }
            Some(nat) => tunnel::nat_towards_site(nat, &packet),
        };
        let secondary =
            nat.is_some() && vpc.is_some_and(|vpc| network.vpcs[vpc].is_secondary(packet.source));
        let tunnels = tunnel::dc_towards_site(network, id, seen.unwrap_or(packet).destination);
        let no_tunnel = tunnels.as_ref().err().copied();
        // Which prefix a packet would meet that is not translated is a matter of taste.
        let untranslated = secondary || seen.is_none();
        if untranslated {
            self.doubt(&[Code::DirectConnectNoPrefix, Code::AttachmentDown]);
        }
        all_of(
            id,
            &[
                (secondary, Code::DirectConnectSecondaryCidr),
                (seen.is_none(), Code::DirectConnectNatNoMapping),
                (
                    no_tunnel.is_some() && !untranslated,
                    no_tunnel.unwrap_or(Code::DirectConnectNoPrefix),
                ),
            ],
        )?;
        let tunnel = self.choose(tunnels.unwrap_or_default());
        if !tunnel.up {
            return Err(Stop::at(Code::AttachmentDown, tunnel.id)); // D20-20
        }
        Ok(Landing::Site { tunnel, inner: packet, seen: seen.unwrap_or(packet) })
    }

    /// CCN-6 (1): the VPC's table chose the CCN.
    pub(super) fn enter_ccn(
        &mut self,
        stand: &Stand<'n>,
        id: &Id,
        packet: Packet,
    ) -> Result<Crossing<'n>, Stop> {
        if !ccn::of_vpc(self.network, stand.vpc).contains(&id) {
            return Err(Stop::at(Code::RouteBlackhole, id));
        }
        self.cross_ccn(id, &CcnMember::Vpc(stand.vpc.clone()), packet)
    }

    /// From a gateway that is a member of a CCN to where the packet lands.
    pub(super) fn carry_from_ccn_member(
        &mut self,
        ccn: &Id,
        member: &CcnMember,
        packet: Packet,
    ) -> Result<Landing<'n>, Stop> {
        match self.cross_ccn(ccn, member, packet)? {
            Crossing::Lands(landing) => Ok(landing),
            Crossing::Relayed(stand) => self.carry(stand, packet),
            Crossing::Taken(stand, ccn, hops) => {
                self.carry_by(stand, Some((ccn, hops)), packet, Vec::new())
            }
        }
    }

    /// CCN-6 (2..4), CCN-9, CCN-11.
    fn cross_ccn(
        &mut self,
        id: &Id,
        member: &CcnMember,
        packet: Packet,
    ) -> Result<Crossing<'n>, Stop> {
        let network = self.network;
        if network.down.contains(member.id()) {
            if matches!(member, CcnMember::Vpc(_)) || self.direction == Direction::Return {
                return Err(Stop::at(Code::AttachmentDown, member.id()));
            }
            // D20-13: every stage of the way that would be taken were the gateway up is judged.
            self.block(Code::AttachmentDown, Some(member.id().to_string()));
            self.silent = true;
        }
        let routes = ccn::deciding_table(network, id, member, packet.source);
        let routes: Vec<_> =
            routes.into_iter().filter(|route| route.to.contains(&packet.destination)).collect();
        let enabled = routes.iter().filter(|route| route.enabled);
        let (mut best, gone): (Vec<_>, Vec<_>) = enabled.partition(|route| route.present);
        let Some(longest) = best.iter().map(|route| route.to.prefix_len()).max() else {
            if routes.iter().any(|route| !route.enabled) {
                return Err(Stop::at(Code::CcnRouteDisabled, id));
            }
            let gateway = gone.first().map(|route| route.next.id());
            return Err(Stop::without_line(Code::CcnNoRoute, id, gateway));
        };
        best.retain(|route| route.to.prefix_len() == longest);
        // D20-34: of equal ones of gateways the first attached whose line is there.
        let is_vpc = |route: &&ccn::Published| matches!(route.next, CcnMember::Vpc(_));
        if network.ccns[id].route_overlap {
            let (vpcs, behind): (Vec<_>, Vec<_>) = best.into_iter().partition(is_vpc);
            let there =
                |route: &&&ccn::Published| !tunnel::is_gateway_absent(network, route.next.id());
            let first = behind.iter().find(there).or(behind.first()).copied();
            best = vpcs.into_iter().chain(first).collect();
        }
        let route = self.choose(best).clone();
        if network.down.contains(route.next.id()) {
            return Err(Stop::at(Code::AttachmentDown, route.next.id()));
        }
        match &route.next {
            CcnMember::VpnGateway(gateway) => {
                self.vpn_to_site(gateway, packet).map(Crossing::Lands)
            }
            CcnMember::DirectConnectGateway(gateway) => {
                self.direct_connect_to_site(None, gateway, packet).map(Crossing::Lands)
            }
            CcnMember::Vpc(vpc) => {
                let (vpc, configured) =
                    network.vpcs.get_key_value(vpc).ok_or(Stop::at(Code::RouteBlackhole, id))?;
                if configured.covers(packet.destination) {
                    let (entry, from_subnet) = (Entry::Ccn, None);
                    return Ok(Crossing::Lands(Landing::Vpc {
                        vpc,
                        from_subnet,
                        entry,
                        off: false,
                        packet,
                    }));
                }
                let by_own_route = matches!(route.what, ccn::What::Custom | ccn::What::Everything);
                if !by_own_route && route::linked_at(network, vpc, packet.destination).is_some() {
                    return Err(Stop::at(Code::ClassicLinkNoTransit, id));
                }
                let stand = Stand {
                    own: None,
                    vpc,
                    subnet: None,
                    machine: None,
                    eip: None,
                    role: Role::Relay,
                };
                match route.what {
                    ccn::What::ByHand => Ok(Crossing::Relayed(stand)),
                    ccn::What::Custom | ccn::What::Everything => {
                        let hops = ccn::own_next_hops(network, vpc, route.to);
                        let (id, _) = network
                            .ccns
                            .get_key_value(id)
                            .ok_or(Stop::at(Code::RouteBlackhole, id))?;
                        Ok(Crossing::Taken(stand, id, hops))
                    }
                    ccn::What::Range | ccn::What::Prefix => Err(Stop::at(Code::NoRoute, vpc)),
                }
            }
        }
    }
}

/// What a gateway has against a packet by itself is told beside whatever its lines have (VPN-8, DC-4, D20-13).
fn refused<'n>(
    against: Vec<Code>,
    id: &Id,
    landing: Result<Landing<'n>, Stop>,
) -> Result<Landing<'n>, Stop> {
    if against.is_empty() {
        return landing;
    }
    let own = against.into_iter();
    let mut losses: Vec<_> = own.map(|code| (code, Some(id.to_string()))).collect();
    if let Err(Stop::Lost(further)) = landing {
        losses.extend(further);
    }
    Err(Stop::Lost(losses))
}
