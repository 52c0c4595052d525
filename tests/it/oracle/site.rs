//! Sites: what arrives there, and what they open.

use pathproof::code::Code;
use pathproof::id::Id;
use pathproof::model::{Attachment, Endpoint};
use pathproof::space::Packet;

use super::carry::{Entry, Landing};
use super::tunnel::{self, Kind, Tunnel};
use super::{Stop, Walk, ccn, route, structure, who};

impl<'n> Walk<'n> {
    /// A packet has come out of a tunnel; the site answers by the gateway it came through (D20-12).
    pub(super) fn receive_at_site(
        &mut self,
        tunnel: &Tunnel<'n>,
        inner: Packet,
        seen: &Packet,
    ) -> Result<(), Stop> {
        let site = &self.network.sites[tunnel.site];
        let is_host = site.cidrs.iter().any(|cidr| cidr.contains(&seen.destination));
        if !is_host && who::is_public(self.network, seen.destination) {
            return Err(Stop::Unknown); // D20-18: the site's own line to the Internet
        }
        if !is_host || *self.to != Endpoint::Site(tunnel.site.clone()) {
            return Err(Stop::at(Code::NoRoute, tunnel.gateway));
        }
        self.arrived = true;
        self.turn()?;
        let landing = self.out_of_gateway(tunnel, inner.reply())?;
        self.home(landing)
    }

    /// From a gateway into what it is attached to (VPN-8, DC-4, VPN-9, DC-8).
    fn out_of_gateway(&mut self, tunnel: &Tunnel<'n>, packet: Packet) -> Result<Landing<'n>, Stop> {
        let of_vpc = matches!(tunnel.attached_to, Attachment::Vpc(_));
        if of_vpc && self.network.down.contains(tunnel.gateway) {
            // As a line that is down (D20-20), and what follows is judged (D20-13).
            self.block(Code::AttachmentDown, Some(tunnel.gateway.to_string()));
            self.silent = true;
        }
        match tunnel.attached_to {
            Attachment::Ccn(ccn) => self.carry_from_ccn_member(ccn, &tunnel.member(), packet),
            Attachment::Vpc(vpc) if self.network.vpcs[vpc].covers(packet.destination) => {
                Ok(Landing::Vpc {
                    vpc,
                    from_subnet: None,
                    entry: Entry::Gateway,
                    off: false,
                    packet,
                })
            }
            Attachment::Vpc(_) => Err(Stop::at(Code::GatewayNoTransit, tunnel.gateway)),
        }
    }

    /// A host of a site opens: by any of its tunnels that carries the packet (D20-12).
    pub(super) fn open_at_site(&mut self, site: &'n Id) -> Result<(), Stop> {
        let network = self.network;
        let packet = self.opening;
        if !network.sites[site].cidrs.iter().any(|cidr| cidr.contains(&packet.source)) {
            return Err(Stop::anywhere(Code::SourceAddressNotOwned));
        }
        let own_line = *self.to == Endpoint::Internet || *self.to == Endpoint::Site(site.clone());
        if own_line || who::is_public(network, packet.destination) {
            return Err(Stop::Unknown); // D20-18
        }
        let tunnels: Vec<_> =
            tunnel::all(network).into_iter().filter(|tunnel| tunnel.site == site).collect();
        let mut carrying = Vec::new();
        let mut refusals = Vec::new();
        for tunnel in tunnels {
            match self.carries(&tunnel, &packet) {
                Ok(()) => carrying.push(tunnel),
                Err(code) => {
                    refusals.push((code, Some(tunnel.gateway.to_string())));
                    let down = &self.network.down;
                    if down.contains(tunnel.id) || down.contains(tunnel.gateway) {
                        self.doubt(&[Code::AttachmentDown]);
                    }
                    if !tunnel.up {
                        refusals.push((Code::AttachmentDown, Some(tunnel.id.to_string())));
                    }
                    if code == Code::CcnNoRoute && self.is_gone(&tunnel, &packet) {
                        refusals.push((Code::AttachmentDown, None)); // D20-34
                    }
                }
            }
        }
        if carrying.is_empty() {
            if refusals.is_empty() {
                refusals.push((Code::NoRoute, Some(site.to_string())));
            }
            return Err(Stop::Lost(refusals));
        }
        let tunnel = self.choose(carrying);
        if !tunnel.up {
            // D20-20; D20-13: every stage of the way that would be taken were it up is judged.
            self.block(Code::AttachmentDown, Some(tunnel.id.to_string()));
            self.silent = true;
        }
        let landing = self.enter_cloud(&tunnel, packet)?;
        self.receive(landing)
    }

    /// Whether a tunnel takes a site's packet: the tunnel accepts the pair, and its gateway leads
    /// to the destination.
    fn carries(&mut self, tunnel: &Tunnel<'n>, packet: &Packet) -> Result<(), Code> {
        let network = self.network;
        let leads = match tunnel.attached_to {
            Attachment::Ccn(ccn) => {
                let routes = ccn::deciding_table(network, ccn, &tunnel.member(), packet.source);
                let routes = routes.into_iter();
                let routes: Vec<_> = routes
                    .filter(|route| route.to.contains(&packet.destination))
                    .filter(|route| route.present || !route.enabled)
                    .collect();
                match (!routes.is_empty(), routes.iter().any(|route| route.enabled)) {
                    (_, true) => Ok(()),
                    (true, false) => Err(Code::CcnRouteDisabled),
                    (false, false) => Err(Code::CcnNoRoute),
                }
            }
            Attachment::Vpc(vpc) => {
                let to_linked = route::linked_at(network, vpc, packet.destination).is_some();
                let other_gateway =
                    structure::beyond(network, vpc, self.to).iter().any(|id| id != tunnel.gateway);
                match network.vpcs[vpc].covers(packet.destination) {
                    true => Ok(()),
                    false if to_linked => Err(Code::ClassicLinkNoTransit), // CL-12
                    false if other_gateway => Err(Code::GatewayNoTransit), // VPN-8, DC-4
                    false => Err(Code::NoRoute),
                }
            }
        };
        let accepts = match tunnel.kind {
            Kind::Vpn(connection) if !tunnel::vpn_takes_from_site(connection, packet) => {
                Err(Code::VpnPolicyMismatch)
            }
            Kind::DirectConnectNat(nat) if tunnel::nat_from_site(nat, packet).is_none() => {
                Err(Code::DirectConnectNatNoMapping)
            }
            // What a NAT-type gateway leads to are its mapped addresses.
            Kind::DirectConnectNat(_) if tunnel.is_absent(network) => {
                return Err(Code::AttachmentDown);
            }
            Kind::DirectConnectNat(_) => return Ok(()),
            Kind::Vpn(_) | Kind::DirectConnect => Ok(()),
        };
        if let (Err(_), Err(code)) = (accepts, leads) {
            self.doubt(&[code]);
        }
        // D20-34: one whose health is checked and that is down counts as absent.
        let is_there = if tunnel.is_absent(network) { Err(Code::AttachmentDown) } else { Ok(()) };
        accepts.and(leads).and(is_there)
    }

    /// Whether the CCN of a tunnel's gateway had a route, and no line is left for it (D20-34).
    fn is_gone(&self, tunnel: &Tunnel<'n>, packet: &Packet) -> bool {
        let Attachment::Ccn(ccn) = tunnel.attached_to else {
            return false;
        };
        let routes = ccn::deciding_table(self.network, ccn, &tunnel.member(), packet.source);
        let mut gone = routes.iter().filter(|route| route.enabled && !route.present);
        gone.any(|route| route.to.contains(&packet.destination))
    }

    /// Into the cloud by a tunnel that carries the packet (DC-3, DC-6).
    fn enter_cloud(&mut self, tunnel: &Tunnel<'n>, packet: Packet) -> Result<Landing<'n>, Stop> {
        let (Kind::DirectConnectNat(nat), Attachment::Vpc(vpc)) =
            (&tunnel.kind, tunnel.attached_to)
        else {
            return self.out_of_gateway(tunnel, packet);
        };
        let nowhere = Stop::at(Code::DirectConnectNatNoMapping, tunnel.gateway);
        let inside = tunnel::nat_from_site(nat, &packet).ok_or(nowhere)?;
        if self.network.vpcs[vpc].is_secondary(inside.destination) {
            return Err(Stop::at(Code::DirectConnectSecondaryCidr, tunnel.gateway));
        }
        self.translated_by = Some(tunnel.gateway);
        self.out_of_gateway(tunnel, inside)
    }
}
