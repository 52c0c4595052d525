//! The verdict of one packet and nothing else: no reasons, no steps, no sets.
//!
//! Where only filters stand between two hosts, their lists are read until the first rule that matches; everything else is
//! traced. For those who ask millions of times; whoever wants to know why asks [`trace`].

use super::straight::{Host, Passage, passage};
use super::trace::trace;
use crate::code::CodeKind;
use crate::fabric::{Fabric, FilterUse, Party, Role, Then};
use crate::space::{Action, Packet};

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

/// Whether a packet that one party sends to another crosses, and its reply.
#[must_use]
pub fn crosses(fabric: &Fabric, from: Party, to: Party, packet: Packet) -> Crosses {
    if let (Party::Host(sender, _), Party::Host(receiver, _)) = (from, to)
        && packet.source != packet.destination
        && let Some(works) = straight(
            fabric,
            Host {
                resident: sender,
                address: packet.source,
            },
            Host {
                resident: receiver,
                address: packet.destination,
            },
            &packet,
        )
    {
        return Crosses {
            always: works,
            sometimes: works,
            undetermined: false,
        };
    }
    let traced = trace(fabric, from, to, packet);
    Crosses {
        always: traced.always,
        sometimes: traced.sometimes,
        undetermined: traced.undetermined,
    }
}

/// The same where only filters decide; `None` = elsewhere.
fn straight(fabric: &Fabric, from: Host, to: Host, packet: &Packet) -> Option<bool> {
    let open = match passage(fabric, from, to) {
        Passage::Open(open) => open,
        Passage::Shut => return Some(false),
        Passage::Unclear => return None,
    };
    let (sender, receiver) = (
        fabric.hosts.get(from.resident),
        fabric.hosts.get(to.resident),
    );
    if receiver.role != Role::Machine {
        let stage = &fabric.graph[fabric.service(to.resident)?];
        let mut rules = stage.rules.iter();
        let decided = rules.find(|rule| rule.when.holds(packet));
        match decided.map_or(&stage.otherwise, |rule| &rule.then) {
            Then::Accept => {}
            Then::Stop(cause) if cause.code.kind() != CodeKind::Undetermined => return Some(false),
            _ => return None,
        }
    }
    let permits = |filter: FilterUse, packet: &Packet| {
        let mut rules = fabric.filters.get(filter.list).rules.iter();
        let decided = rules.find(|rule| rule.when.holds(packet));
        decided.is_some_and(|rule| rule.action == Action::Accept)
    };
    let own = sender.egress.filter(|_| !open.exempt);
    let mut there = own
        .into_iter()
        .chain(open.there.iter())
        .chain(receiver.ingress);
    if !there.all(|filter| permits(filter, packet)) {
        return Some(false);
    }
    let reply = packet.reply();
    let mut back = open.back.iter().filter(|filter| !filter.kind.is_stateful());
    Some(back.all(|filter| permits(filter, &reply)))
}
