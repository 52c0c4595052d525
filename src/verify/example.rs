//! An answer that stands for several pairs, told for each of them.
//!
//! Ends that nothing tells apart are answered once, at an address of one of them; whoever it is told for gets its own name and
//! addresses. An address that a packet was sent to and that is not the end's own (its EIP) stays.

use std::net::IpAddr;

use super::answer::End;
use super::group::Pairs;
use super::party::endpoint_of;
use crate::engine::Reacher;
use crate::fabric::Party;
use crate::id::Id;
use crate::model::Endpoint;
use crate::query::Reason;
use crate::space::{AddressSet, End as PacketEnd, Origin, Packet, Row, View};

/// Two ends by name, with their addresses.
pub(super) struct Ends {
    pub(super) from: Endpoint,
    pub(super) to: Endpoint,
    one_group: bool,
    sources: AddressSet,
    destinations: AddressSet,
}

impl Ends {
    /// `None` = they are one and the same endpoint.
    pub(super) fn of(
        reacher: &Reacher<'_>,
        pairs: &Pairs<'_>,
        from: &End,
        to: &End,
    ) -> Option<Self> {
        let alone = pairs.senders.len() == 1 && pairs.receivers.len() == 1;
        let same = from.0 == to.0 && from.2.len() == 1;
        (alone || !same).then(|| Self {
            from: endpoint_of(reacher.fabric(), from.0),
            to: endpoint_of(reacher.fabric(), to.0),
            one_group: matches!((from.0, to.0), (Party::Host(a, _), Party::Host(b, _)) if a == b),
            sources: from.2.clone(),
            destinations: to.2.clone(),
        })
    }
}

impl Ends {
    /// Whether they are members of one group.
    pub(super) fn are_one_group(&self) -> bool {
        self.one_group
    }
}

/// The pair that was answered, as its packets look when they are sent.
pub(super) struct Example {
    from: Endpoint,
    to: Endpoint,
    /// How its packets look when they are sent.
    pub(super) view: View,
    /// Whether it stands for several: then its own addresses are those of whoever it is told for.
    shared: bool,
    /// Whether each side was asked at an address of its own.
    own: [bool; 2],
}

impl Example {
    pub(super) fn of(reacher: &Reacher<'_>, pairs: &Pairs<'_>, view: View) -> Self {
        let wide = |ends: &[End]| ends.len() > 1 || ends.iter().any(|end| end.2.len() > 1);
        let hosts = |ends: &[End]| ends.iter().all(|end| matches!(end.0, Party::Host(..)));
        let shared = wide(pairs.senders) && hosts(pairs.senders)
            || wide(pairs.receivers) && hosts(pairs.receivers);
        let owns = |ends: &[End], origin| match origin {
            Origin::Const(address) => ends.iter().any(|end| end.2.contains(address)),
            Origin::Original(_) => false,
        };
        Self {
            from: endpoint_of(reacher.fabric(), pairs.pair.from),
            to: endpoint_of(reacher.fabric(), pairs.pair.to),
            view,
            shared,
            own: [owns(pairs.senders, view.source), owns(pairs.receivers, view.destination)],
        }
    }

    /// The addresses of whoever it is told for that stand at an end of its packets while nothing has rewritten them.
    fn stand_in<'e>(
        &self,
        ends: &'e Ends,
        end: PacketEnd,
        origin: Origin<IpAddr>,
    ) -> Option<&'e AddressSet> {
        let (sent, own, addresses) = match end {
            PacketEnd::Source => (self.view.source, self.own[0], &ends.sources),
            PacketEnd::Destination => (self.view.destination, self.own[1], &ends.destinations),
        };
        (self.shared && own && origin == sent && !addresses.is_empty()).then_some(addresses)
    }

    /// A reason as it is for two other ends that nothing tells apart from these.
    pub(super) fn told_for(&self, reason: &Reason, ends: &Ends) -> Reason {
        let mut reason = reason.clone();
        if !self.shared {
            return reason;
        }
        let own = |end: &Endpoint| match end {
            end if *end == self.from => ends.from.clone(),
            end if *end == self.to => ends.to.clone(),
            end => end.clone(),
        };
        let own_id = |id: &Id| match Some(id) {
            id if id == self.from.id() => ends.from.id().cloned(),
            id if id == self.to.id() => ends.to.id().cloned(),
            id => id.cloned(),
        };
        reason.endpoint = reason.endpoint.as_ref().map(own);
        reason.cause.at = reason.cause.at.as_ref().and_then(own_id);
        if let Some(place) = &mut reason.cause.place
            && let Some(id) = own_id(&place.id)
        {
            place.id = id;
        }
        // Replies have the ends the other way round.
        let address = |address: IpAddr| {
            let sides = [PacketEnd::Source, PacketEnd::Destination].into_iter();
            let mut own = sides.filter_map(|end| self.stand_in(ends, end, Origin::Const(address)));
            own.find_map(AddressSet::first).unwrap_or(address)
        };
        reason.witness.source = address(reason.witness.source);
        reason.witness.destination = address(reason.witness.destination);
        reason
    }

    /// The packets of a row as they are sent.
    pub(super) fn sent(&self, ends: &Ends, row: Row) -> Row {
        Row {
            source: self.addresses(ends, PacketEnd::Source, self.view.source, &row),
            destination: self.addresses(ends, PacketEnd::Destination, self.view.destination, &row),
            traffic: row.traffic,
        }
    }

    /// The addresses at an end of the packets of a row, where they come from there.
    pub(super) fn addresses(
        &self,
        ends: &Ends,
        end: PacketEnd,
        origin: Origin<IpAddr>,
        row: &Row,
    ) -> AddressSet {
        match origin {
            Origin::Original(PacketEnd::Source) => row.source.clone(),
            Origin::Original(PacketEnd::Destination) => row.destination.clone(),
            Origin::Const(address) => match self.stand_in(ends, end, origin) {
                Some(own) => own.clone(),
                None => AddressSet::single(address),
            },
        }
    }

    /// What an original packet looks like at a place.
    pub(super) fn looks(&self, ends: &Ends, at: &View, packet: &Packet) -> Packet {
        let looks = at.apply(packet);
        let own = |end, origin, address| {
            let own = self.stand_in(ends, end, origin);
            own.and_then(AddressSet::first).unwrap_or(address)
        };
        Packet {
            source: own(PacketEnd::Source, at.source, looks.source),
            destination: own(PacketEnd::Destination, at.destination, looks.destination),
            ..looks
        }
    }
}
