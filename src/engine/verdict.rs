//! The verdict of one packet and nothing else: no reasons, no steps.
//!
//! Where only filters stand between two hosts, the sets that their lists permit are looked up, not the lists read; everything
//! else is traced. For those who ask millions of times; whoever wants to know why asks [`trace`].

use super::reach::Reacher;
use super::straight::{Host, Passage, passage, view};
use super::trace::trace;
use crate::fabric::{FilterUse, Party, Role};
use crate::space::{Packet, View};

/// What becomes of one packet and its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Crosses {
    /// It works on every way it may take.
    pub always: bool,
    /// It works on some way.
    pub sometimes: bool,
    /// Some way hangs on what is not modelled.
    pub undetermined: bool,
}

impl Reacher<'_> {
    /// Whether a packet that one party sends to another crosses, and its reply.
    pub fn crosses(&mut self, from: Party, to: Party, packet: Packet) -> Crosses {
        let sent = |party, address| Host::of(party).map(|host| Host { address, ..host });
        if let (Some(from), Some(to)) = (sent(from, packet.source), sent(to, packet.destination))
            && from.address != to.address
            && let Some(works) = self.passes(from, to, &packet)
        {
            return Crosses { always: works, sometimes: works, undetermined: false };
        }
        let traced = trace(self.fabric(), from, to, packet);
        Crosses {
            always: traced.always,
            sometimes: traced.sometimes,
            undetermined: traced.undetermined,
        }
    }

    /// The same where only filters decide; `None` = elsewhere.
    fn passes(&mut self, from: Host, to: Host, packet: &Packet) -> Option<bool> {
        let open = match passage(self.fabric(), from, to) {
            Passage::Open(open) => open,
            Passage::Shut => return Some(false),
            Passage::Unclear => return None,
        };
        let fabric = self.fabric();
        let (sender, receiver) = (fabric.hosts.get(from.resident), fabric.hosts.get(to.resident));
        let there = view(from.address, to.address);
        if receiver.role != Role::Machine {
            let all = self.space.all();
            let served = self.served(from, (to, receiver), all, there)?;
            if !self.space.contains(served, packet) {
                return Some(false);
            }
        }
        let mut permits = |filter: FilterUse, view: &View| {
            let permitted = self.permitted(filter.list, view);
            self.space.contains(permitted, packet)
        };
        let own = sender.egress.filter(|_| !open.exempt);
        let mut filters = own.into_iter().chain(open.there.iter()).chain(receiver.ingress);
        if !filters.all(|filter| permits(filter, &there)) {
            return Some(false);
        }
        let back = there.reversed();
        let mut stateless = open.back.iter().filter(|filter| !filter.kind.is_stateful());
        Some(stateless.all(|filter| permits(filter, &back)))
    }
}
