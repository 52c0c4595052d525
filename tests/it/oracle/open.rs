//! Who opens a connection, and the first step of its packet (D20-1, PIPE-2).

use std::net::IpAddr;

use pathproof::code::Code;
use pathproof::id::Id;
use pathproof::model::Endpoint;
use pathproof::space::{Packet, Protocol};

use super::carry::{Role, Stand};
use super::who::{self, Life, Seat};
use super::{Stop, Walk, all_of, structure};

impl<'n> Walk<'n> {
    /// Who opens, by kind (D20-1).
    pub(super) fn open(&mut self) -> Result<(), Stop> {
        match self.from {
            Endpoint::Instance(_)
            | Endpoint::NetworkInterface(_)
            | Endpoint::GroupMember(..)
            | Endpoint::HaVip(_) => self.open_in_vpc(),
            Endpoint::ClassicInstance(id) => self.open_in_classic(id),
            Endpoint::Site(id) => self.open_at_site(id),
            Endpoint::Internet => self.open_on_internet(),
            Endpoint::Database(id)
            | Endpoint::OldVip(id, _)
            | Endpoint::LoadBalancer(id)
            | Endpoint::ClassicDatabase(id)
            | Endpoint::ClassicLoadBalancer(id) => {
                self.refuse_to_open(Code::EndpointCannotInitiate, id)
            }
            Endpoint::EndpointConnection(id) => {
                self.refuse_to_open(Code::EndpointConnectionOneWay, id)
            }
            Endpoint::VpcEndpoint(id) => {
                let seat = who::seat(self.network, self.from);
                self.opener_is_up(seat.map_or(Life::Up, |seat| seat.life));
                self.refuse_to_open(Code::VpcEndpointOneWay, id)
            }
            Endpoint::NatAddress(id, _) => self.refuse_to_open(Code::EndpointCannotInitiate, id),
            Endpoint::Nobody(_) => Err(Stop::anywhere(Code::EndpointCannotInitiate)),
        }
    }

    /// D20-1, DB-3, EP-3; D20-13: it hides nothing of the way that its packet would take.
    fn refuse_to_open(&mut self, code: Code, id: &Id) -> Result<(), Stop> {
        self.block(code, Some(id.to_string()));
        self.silent = true;
        let packet = self.opening;
        let Some(seat) = who::seat(self.network, self.from) else {
            return self.refuse_outside_a_subnet(&packet);
        };
        if !who::is_public(self.network, packet.destination) {
            self.classic_side_is_linked(&seat, &packet)?;
        }
        let landing = self.carry(Stand::of(&seat, Role::Sender), packet)?;
        self.receive(landing)
    }

    /// A public load balancer, or something of the classic network that is no CVM: there is no way to follow.
    fn refuse_outside_a_subnet(&mut self, packet: &Packet) -> Result<(), Stop> {
        if !who::is_public(self.network, packet.destination) {
            match (self.from, self.to) {
                (
                    Endpoint::ClassicDatabase(id) | Endpoint::ClassicLoadBalancer(id),
                    Endpoint::OldVip(other, _),
                ) if who::classic_database(self.network, self.to).is_some() => {
                    self.same_tenant_and_region(id, other)?;
                }
                (
                    Endpoint::ClassicDatabase(id) | Endpoint::ClassicLoadBalancer(id),
                    Endpoint::ClassicInstance(other)
                    | Endpoint::ClassicDatabase(other)
                    | Endpoint::ClassicLoadBalancer(other),
                ) => self.same_tenant_and_region(id, other)?,
                (_, Endpoint::Site(_) | Endpoint::Internet | Endpoint::NatAddress(..)) => {}
                (Endpoint::ClassicDatabase(id) | Endpoint::ClassicLoadBalancer(id), _) => {
                    self.over_link_into_vpc(id, *packet)?;
                }
                _ => self.doubt(&[
                    Code::ClassicLinkNotLinked,
                    Code::ClassicLinkStaleAddress,
                    Code::ClassicLinkSecondaryCidr,
                    Code::ClassicLinkCvmOnly,
                ]),
            }
        }
        Err(Stop::Lost(Vec::new()))
    }

    /// A CVM, ENI, group member or HAVIP opens (PIPE-2).
    fn open_in_vpc(&mut self) -> Result<(), Stop> {
        let seat = who::seat(self.network, self.from)
            .ok_or(Stop::anywhere(Code::SourceAddressNotOwned))?;
        let packet = self.opening;
        self.opener_is_up(seat.life);
        if !seat.addresses.contains(&packet.source) {
            return Err(Stop::anywhere(Code::SourceAddressNotOwned));
        }
        self.group_egress(seat.groups, &packet);
        let stand = Stand::of(&seat, Role::Sender);
        if self.smtp_is_blocked(&packet) {
            self.block(Code::OutboundSmtpBlocked, None); // D20-13: it hides nothing
        }
        if !who::is_public(self.network, packet.destination) {
            self.classic_side_is_linked(&seat, &packet)?;
        }
        let landing = self.carry(stand, packet)?;
        self.receive(landing)
    }

    /// CL-2, CL-5, CL-18: what a VPC may reach of the classic network.
    fn classic_side_is_linked(&mut self, seat: &Seat<'n>, packet: &Packet) -> Result<(), Stop> {
        let code = match self.to {
            Endpoint::OldVip(..) if who::classic_database(self.network, self.to).is_some() => {
                Code::ClassicLinkCvmOnly
            }
            Endpoint::ClassicDatabase(_) | Endpoint::ClassicLoadBalancer(_) => {
                Code::ClassicLinkCvmOnly
            }
            Endpoint::ClassicInstance(id) => match structure::link(self.network, seat.vpc, id) {
                structure::Link::Live => return Ok(()),
                structure::Link::Stale => Code::ClassicLinkStaleAddress,
                structure::Link::None => Code::ClassicLinkNotLinked,
            },
            _ => return Ok(()),
        };
        self.acl_egress(seat.subnet, packet);
        let secondary = code != Code::ClassicLinkCvmOnly
            && self.network.vpcs[seat.vpc].is_secondary(packet.source);
        all_of(
            seat.vpc,
            &[(true, code), (secondary, Code::ClassicLinkSecondaryCidr)], // CL-6
        )
    }

    /// A classic CVM opens (CL-4, CN-2..8).
    fn open_in_classic(&mut self, id: &'n Id) -> Result<(), Stop> {
        let classic = self
            .network
            .classic_instances
            .get(id)
            .ok_or(Stop::anywhere(Code::SourceAddressNotOwned))?;
        let packet = self.opening;
        self.opener_is_up(if who::classic_is_up(self.network, id) { Life::Up } else { Life::Down });
        if classic.ip != packet.source {
            return Err(Stop::anywhere(Code::SourceAddressNotOwned));
        }
        let public = who::is_public(self.network, packet.destination);
        if public || !self.is_exempt_classic_database() {
            self.group_egress(Some(&classic.security_groups), &packet);
        }
        if public {
            return self.open_from_classic_to_internet(classic.public_ip, &packet);
        }
        match self.to {
            Endpoint::OldVip(other, _)
                if who::classic_database(self.network, self.to).is_some() =>
            {
                self.same_tenant_and_region(id, other)?;
                self.receive_in_classic(packet)
            }
            Endpoint::ClassicInstance(other)
            | Endpoint::ClassicDatabase(other)
            | Endpoint::ClassicLoadBalancer(other) => {
                self.same_tenant_and_region(id, other)?;
                self.receive_in_classic(packet)
            }
            Endpoint::Site(_) | Endpoint::Internet | Endpoint::NatAddress(..) => {
                Err(Stop::anywhere(Code::NoRoute))
            }
            _ => {
                let landing = self.over_link_into_vpc(id, packet)?;
                self.receive(landing)
            }
        }
    }

    /// CN-8, CL-24: by its own public address and no other way.
    fn open_from_classic_to_internet(
        &mut self,
        public: Option<IpAddr>,
        packet: &Packet,
    ) -> Result<(), Stop> {
        let outer = public.map(|source| Packet { source, ..*packet });
        if self.smtp_is_blocked(packet) {
            self.block(Code::OutboundSmtpBlocked, None); // D20-13: it hides nothing
        }
        self.internet(outer.ok_or(Stop::anywhere(Code::NoPublicAddress))?)
    }

    /// CN-3, SG-19.
    fn same_tenant_and_region(&mut self, id: &Id, other: &Id) -> Result<(), Stop> {
        let one = structure::classic_home(self.network, id);
        let other_home = structure::classic_home(self.network, other);
        all_of(
            other,
            &[
                (one.map(|home| home.0) != other_home.map(|home| home.0), Code::ClassicOtherTenant),
                (one.map(|home| home.1) != other_home.map(|home| home.1), Code::ClassicOtherRegion),
            ],
        )
    }

    /// An Internet host opens: only a public address of `to` leads to it (NAT-9, NAT-3, CLB-1).
    fn open_on_internet(&mut self) -> Result<(), Stop> {
        let packet = self.opening;
        if matches!(self.to, Endpoint::Site(_)) {
            return Err(Stop::Unknown); // D20-18
        }
        if !who::is_public(self.network, packet.source)
            || who::public_owner(self.network, packet.source).is_some()
        {
            return Err(Stop::anywhere(Code::SourceAddressNotOwned));
        }
        if who::public_owner(self.network, packet.destination).is_none() {
            if matches!(self.to, Endpoint::EndpointConnection(_)) {
                self.doubt(&[Code::EndpointConnectionNoTransit]);
            }
            return Err(Stop::anywhere(Code::NoPublicAddress));
        }
        self.internet(packet)
    }

    /// D20-17: a stopped opener is reported; its way there is judged all the same.
    fn opener_is_up(&mut self, life: Life) {
        let code = match life {
            Life::Up => return,
            Life::Down => Code::EndpointDown,
            Life::Unbound => Code::RouteBlackhole,
        };
        self.silent = true;
        self.block(code, Some(self.from.to_string()));
    }

    /// SG-20, D20-20: TCP/25 of CVMs to external addresses.
    fn smtp_is_blocked(&self, packet: &Packet) -> bool {
        self.network.platform.outbound_smtp_blocked
            && packet.protocol == Protocol::TCP
            && packet.destination_port == 25
            && who::is_public(self.network, packet.destination)
    }
}
