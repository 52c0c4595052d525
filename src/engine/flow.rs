//! What travels through the fabric: one packet, or a set of packets.
//!
//! The walk is written once for both. A set never changes its coordinates: it stays a set of *original* packets, and a
//! [`View`] says what they look like by now.

use std::net::IpAddr;

use crate::space::{Match, Origin, Packet, Rewrite, Set, Space, View};

/// Something that a stage can split and a device can rewrite.
pub trait Flow: Clone {
    /// What it looks like at a point of the way.
    type Header: Copy + Eq + std::fmt::Debug;

    /// The part that a match holds for, and the rest.
    fn split(&self, space: &mut Space, when: &Match) -> (Option<Self>, Option<Self>);

    /// What it looks like now.
    fn header(&self) -> Self::Header;

    /// The same packets, looking different.
    #[must_use]
    fn looking(&self, header: Self::Header) -> Self;

    /// What a rewrite makes of a header.
    fn rewritten(header: Self::Header, rewrite: &Rewrite) -> Self::Header;

    /// What the reply looks like.
    fn reversed(header: Self::Header) -> Self::Header;

    /// The destination, if it is one address.
    fn destination(&self) -> Option<IpAddr>;
}

impl Flow for Packet {
    type Header = Packet;

    fn split(&self, _: &mut Space, when: &Match) -> (Option<Self>, Option<Self>) {
        if when.holds(self) { (Some(*self), None) } else { (None, Some(*self)) }
    }

    fn header(&self) -> Packet {
        *self
    }

    fn looking(&self, header: Packet) -> Self {
        header
    }

    fn rewritten(header: Packet, rewrite: &Rewrite) -> Packet {
        rewrite.apply(&header)
    }

    fn reversed(header: Packet) -> Packet {
        header.reply()
    }

    fn destination(&self) -> Option<IpAddr> {
        Some(self.destination)
    }
}

/// A set of original packets and what they look like by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Batch {
    /// The original packets.
    pub set: Set,
    /// What they look like.
    pub view: View,
}

impl Flow for Batch {
    type Header = View;

    fn split(&self, space: &mut Space, when: &Match) -> (Option<Self>, Option<Self>) {
        let Some(when) = when.seen_through(&self.view) else {
            return (None, Some(*self));
        };
        if when.source.is_none() && when.destination.is_none() && when.traffic.is_all() {
            return (Some(*self), None);
        }
        let when = when.set(space);
        let inside = space.intersection(self.set, when);
        // Most conditions hold for all that comes, or for nothing of it.
        if space.is_empty(inside) {
            return (None, Some(*self));
        }
        if inside == self.set {
            return (Some(*self), None);
        }
        let outside = space.difference(self.set, when);
        let part = |set| (!space.is_empty(set)).then_some(Self { set, ..*self });
        (part(inside), part(outside))
    }

    fn header(&self) -> View {
        self.view
    }

    fn looking(&self, header: View) -> Self {
        Self { view: header, ..*self }
    }

    fn rewritten(header: View, rewrite: &Rewrite) -> View {
        header.then(rewrite)
    }

    fn reversed(header: View) -> View {
        header.reversed()
    }

    fn destination(&self) -> Option<IpAddr> {
        match self.view.destination {
            Origin::Const(address) => Some(address),
            Origin::Original(_) => None,
        }
    }
}
