//! Load balancers, endpoint connections and the classic network as destinations.

use pathproof::code::Code;
use pathproof::id::Id;
use pathproof::model::{ClassicLoadBalancer, Endpoint, Listener};
use pathproof::space::{Packet, Protocol};

use super::carry::Entry;
use super::receive::{alive, served};
use super::who::{self, Life, Seat};
use super::{Stop, Walk, all_of, structure};

/// Whether a packet is a ping of its family (D20-9).
fn is_ping(packet: &Packet) -> bool {
    packet.protocol == if packet.source.is_ipv4() { Protocol::ICMP } else { Protocol::ICMPV6 }
}

/// CLB-1: the listener that takes a packet.
pub fn listener<'n>(listeners: &'n [Listener], packet: &Packet) -> Option<&'n Listener> {
    listeners.iter().find(|listener| {
        listener.protocol.transport() == packet.protocol
            && listener.ports.contains(packet.destination_port)
    })
}

impl<'n> Walk<'n> {
    /// CLB-1..6, CLB-9, CLB-12, CLB-13, CLB-15, D20-9, D20-10. `vip` is the seat of an internal VIP.
    pub(super) fn receive_at_balancer(
        &mut self,
        id: &Id,
        vip: Option<&Seat<'n>>,
        from_subnet: Option<&'n Id>,
        entry: Entry,
        packet: Packet,
    ) -> Result<(), Stop> {
        let balancer = &self.network.load_balancers[id];
        if let Some(vip) = vip
            && vip.subnet != from_subnet
        {
            self.acl_ingress(vip.subnet, &packet);
        }
        let by_eip_of_internal = vip.is_some() && entry == Entry::Eip;
        let exempt = by_eip_of_internal && !balancer.pass_to_target; // CLB-9
        if !balancer.security_groups.is_empty() && !exempt {
            self.group_ingress(Some(&balancer.security_groups), &packet);
        }
        self.arrived = true;
        if is_ping(&packet) {
            // CLB-13: an internal VIP answers its own VPC, a public one anybody.
            served(vip.is_none() || entry == Entry::Local, id)?;
        } else {
            let listener =
                listener(&balancer.listeners, &packet).ok_or(Stop::at(Code::PortNotServed, id))?;
            if listener.redirects_to.is_some() {
                self.turn()?; // CLB-18: it answers itself
                return self.reply_of_vip(vip, entry, packet.reply());
            }
            if self.unreached || self.blind {
                return self.usable(listener, id).map(drop);
            }
            let (target, port) = self.target(listener, id, &packet)?;
            let at_target =
                Packet { destination: target.addresses[0], destination_port: port, ..packet };
            if target.subnet != from_subnet {
                self.acl_ingress(target.subnet, &at_target); // CLB-15
            }
            if !balancer.pass_to_target {
                self.group_ingress(target.groups, &at_target); // CLB-4, CLB-5
            }
            self.turn()?;
            if target.subnet != from_subnet {
                self.acl_egress(target.subnet, &at_target.reply());
            }
            return self.reply_of_vip(vip, entry, packet.reply());
        }
        self.turn()?;
        self.reply_of_vip(vip, entry, packet.reply())
    }

    /// D20-10: a public VIP answers straight to the Internet, an internal one by its subnet's table.
    fn reply_of_vip(
        &mut self,
        vip: Option<&Seat<'n>>,
        entry: Entry,
        reply: Packet,
    ) -> Result<(), Stop> {
        match vip {
            None => Ok(()),
            Some(vip) => self.reply(vip, entry, reply),
        }
    }

    /// CLB-2, CLB-16, D20-10, D20-21: one of the usable targets, which must not be the client.
    pub(super) fn target(
        &mut self,
        listener: &Listener,
        balancer: &Id,
        packet: &Packet,
    ) -> Result<(Seat<'n>, u16), Stop> {
        let usable = self.usable(listener, balancer)?;
        let (target, port) = self.choose(usable);
        let client = who::seat(self.network, self.from).and_then(|seat| seat.machine);
        let is_client =
            target.endpoint == *self.from || client.is_some() && client == target.machine;
        if is_client && packet.source == self.opening.source {
            return Err(Stop::at(Code::LoadBalancerLoop, balancer));
        }
        self.saw.extend(target.machine);
        Ok((target, port))
    }

    /// Weight above 0, and running (D20-10).
    pub(super) fn usable(
        &self,
        listener: &Listener,
        balancer: &Id,
    ) -> Result<Vec<(Seat<'n>, u16)>, Stop> {
        let network = self.network;
        let targets = listener.targets.iter().filter(|target| target.weight > 0);
        let seats = targets.filter_map(|target| {
            let seat = who::target(network, &target.instance)
                .and_then(|endpoint| who::seat(network, &endpoint))?;
            Some((seat, target.port))
        });
        let usable: Vec<_> = seats.filter(|(seat, _)| seat.life == Life::Up).collect();
        if usable.is_empty() {
            return Err(Stop::at(Code::NoTarget, balancer));
        }
        Ok(usable)
    }

    /// EP-1, EP-5..8, D20-9, D20-10.
    pub(super) fn receive_at_connection(
        &mut self,
        id: &Id,
        vip: &Seat<'n>,
        from_subnet: Option<&'n Id>,
        entry: Entry,
        packet: Packet,
    ) -> Result<(), Stop> {
        let network = self.network;
        self.filters_at(vip, from_subnet, &packet);
        let foreign = entry != Entry::Local && !network.platform.endpoint_connection_transit;
        let target = &network.endpoint_connections[id].target;
        let classic = network.classic_databases.get(target).map(|it| it.port);
        // MIG-8: it leads to a database that has moved for as long as the classic address answers.
        let moved = network.databases.get(target).map(|it| it.port);
        let database = classic.or(moved);
        let balancer = network.classic_load_balancers.get(target);
        let listener = balancer.map(|balancer| listener(&balancer.listeners, &packet));
        let unserved = match (database, &listener) {
            (Some(port), _) => packet.protocol != Protocol::TCP || packet.destination_port != port,
            (None, Some(listener)) => listener.is_none(),
            (None, None) => false,
        };
        let nobody = listener
            .flatten()
            .is_some_and(|it| it.redirects_to.is_none() && self.classic_targets(it).is_empty());
        all_of(
            id,
            &[
                (foreign, Code::EndpointConnectionNoTransit),
                (unserved, Code::PortNotServed),
                (nobody, Code::NoTarget),
            ],
        )?;
        self.turn()?;
        self.reply(vip, entry, packet.reply())
    }

    /// Usable targets of a classic load balancer, with their ports (D20-10).
    fn classic_targets(&self, listener: &'n Listener) -> Vec<(&'n Id, u16)> {
        let usable = listener.targets.iter().filter(|target| {
            target.weight > 0 && who::classic_is_up(self.network, &target.instance)
        });
        usable.map(|target| (&target.instance, target.port)).collect()
    }

    /// CN-2, CN-5, CN-6, CN-8: `to` is in the classic network and the packet has got there.
    pub(super) fn receive_in_classic(&mut self, packet: Packet) -> Result<(), Stop> {
        let network = self.network;
        if !structure::owns(network, self.to, packet.destination) {
            return Err(Stop::anywhere(Code::NoRoute));
        }
        match self.to {
            Endpoint::ClassicInstance(id) => self.take_in_classic_instance(id, &packet),
            Endpoint::ClassicDatabase(id) | Endpoint::OldVip(id, _) => {
                self.arrived = true;
                let database = who::classic_database(network, self.to);
                let (_, port, _) = database.ok_or(Stop::anywhere(Code::NoRoute))?;
                served(packet.protocol == Protocol::TCP && packet.destination_port == port, id)?;
                self.turn()
            }
            Endpoint::ClassicLoadBalancer(id) => {
                self.arrived = true;
                let balancer = &network.classic_load_balancers[id];
                if !is_ping(&packet) {
                    self.reach_classic_target(id, balancer, &packet)?;
                }
                self.turn()
            }
            _ => Err(Stop::anywhere(Code::NoRoute)),
        }
    }

    /// CN-6, CLB-8: no groups on the load balancer, no pass-through, groups on the target.
    fn reach_classic_target(
        &mut self,
        id: &Id,
        balancer: &'n ClassicLoadBalancer,
        packet: &Packet,
    ) -> Result<(), Stop> {
        let listener =
            listener(&balancer.listeners, packet).ok_or(Stop::at(Code::PortNotServed, id))?;
        if listener.redirects_to.is_some() {
            return Ok(()); // CLB-18
        }
        let usable = self.classic_targets(listener);
        if usable.is_empty() {
            return Err(Stop::at(Code::NoTarget, id));
        }
        if self.unreached || self.blind {
            return Ok(());
        }
        let (target, port) = self.choose(usable);
        let is_client = *self.from == Endpoint::ClassicInstance(target.clone());
        if is_client && packet.source == self.opening.source {
            return Err(Stop::at(Code::LoadBalancerLoop, id)); // CLB-16, D20-21
        }
        let target = &self.network.classic_instances[target];
        let at_target = Packet { destination: target.ip, destination_port: port, ..*packet };
        self.group_ingress(Some(&target.security_groups), &at_target);
        Ok(())
    }

    /// CN-2: groups, and nothing else; the reply is remembered.
    pub(super) fn take_in_classic_instance(
        &mut self,
        id: &Id,
        packet: &Packet,
    ) -> Result<(), Stop> {
        let classic = &self.network.classic_instances[id];
        // NAT-9: groups see the private side of a public address.
        let packet = Packet { destination: classic.ip, ..*packet };
        self.group_ingress(Some(&classic.security_groups), &packet);
        self.arrived = true;
        let life = if who::classic_is_up(self.network, id) { Life::Up } else { Life::Down };
        alive(life, &Endpoint::ClassicInstance(id.clone()))?;
        self.turn()
    }

    /// SG-18, D20-8.
    pub(super) fn is_exempt_classic_database(&self) -> bool {
        let database = who::classic_database(self.network, self.to);
        database.is_some_and(|(engine, _, _)| engine.is_exempt_in_classic())
    }
}
