//! The second opinion: one packet, judged straight from the rules of the cloud.
//!
//! [`judge`] takes the network as it is configured, an opener, whom it means and the packet it
//! sends, and follows that packet there and its reply back, a rule at a time. It knows no graph, no
//! sets of packets and nothing of the engine; what it has in common with it are the model and
//! `contains`. It is slow and means to be obvious.
//!
//! Where a packet may take several ways (equal routes, several targets, several gateways of a
//! site, several EIPs of a NAT gateway), [`Walk::choose`] picks one, and the walk is taken again
//! until every pick has been tried.
//!
//! # What may differ without anybody being wrong
//!
//! The verdict bits never. Of the reasons, those in [`Judgement::reasons`] must all be reported,
//! and nothing beyond them and [`Judgement::doubtful`] may be. Doubtful are, on a way that fails:
//!
//! - what else would have stopped the packet at the very place where something stopped it first
//!   (a NAT gateway that is down *and* does not carry the protocol);
//! - filters at the destination when the packet was stopped before a translation that would have
//!   decided what they see (D20-13 says "as if it had arrived", not with which source);
//! - what the destination itself would have said (`port-not-served`, `no-target`,
//!   `endpoint-down`) to a packet that routing stopped on the way;
//! - everything but the SMTP rule's own code beyond a CVM whose TCP/25 is blocked (SG-20);
//! - filters of an opener that cannot open connections at all (D20-1);
//! - what would be met behind a line or attachment that is down, where several networks follow;
//! - `gateway-no-transit` and `endpoint-connection-no-transit` of a target that no packet got near,
//!   and `classic-link-not-linked` or `no-route` beside `classic-link-no-transit`.
//!
//! # Readings, where the rules leave room
//!
//! - A NAT gateway, public gateway, peering, VPN or Direct Connect gateway of a VPC takes only
//!   packets whose source is in that VPC (`gateway-no-transit`, PCX-4, NAT-7, VPN-8, DC-4). A CCN takes any.
//! - A packet that a hand-added CCN route brings into a VPC may go on by a forwarder only (CCN-3, CCN-9).
//! - ACL-5 is about the hop: between a sender and a forwarder of its own subnet no ACL acts.
//! - A CCN attachment that is down keeps its routes and loses the packets (like D20-20).
//! - A forwarder that is stopped is `endpoint-down`; an unbound HAVIP is `route-blackhole`,
//!   as next hop and as destination.
//! - A ping to a VIP passes the load balancer's own groups; a linked classic CVM is not of the VPC
//!   whose VIP it pings (CLB-13, CL-1); an EIP in front of an internal VIP does not answer.
//! - CLB-16 is about the machine, as long as the packet has the source that the machine gave it (D20-21).
//! - A peering carries a VPC's IPv6 CIDR (PCX-7 speaks of secondary ones); CCNs publish it.
//! - A group's member addresses include IPv6 ones (SG-12).
//! - Of several SNAT rules for a source the first decides; the pool's EIPs are alternatives.
//! - A tunnel takes any source of its site; only policies look at it (VPN-3).
//! - With NAT-type Direct Connect the peer mapping is optional, the local one is not (DC-7).
//! - A public destination that leaves by a tunnel is `undetermined`, unless a filter has dropped it.

mod balancer;
mod carry;
mod ccn;
mod filter;
mod gateway;
mod lifting;
mod open;
mod private_link;
mod receive;
mod route;
mod script;
mod site;
mod structure;
mod tests;
mod tunnel;
mod who;

use std::collections::BTreeSet;

use pathproof::code::Code;
use pathproof::id::Id;
use pathproof::model::{Endpoint, Network};
use pathproof::space::Packet;

use carry::Mask;
use filter::List;
use script::Script;

pub use lifting::gets_there;

/// There or back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Direction {
    Forward,
    Return,
}

/// Why a packet or its reply is lost.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Reason {
    pub code: Code,
    pub direction: Direction,
    /// The entity that says so, for people; no part of comparisons.
    pub at: Option<String>,
}

/// What becomes of a connection's first packet and its reply.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judgement {
    /// It works on every way it may take.
    pub always: bool,
    /// It works on some way.
    pub sometimes: bool,
    /// Some way hangs on what is not modelled (D20-18).
    pub undetermined: bool,
    /// Why the ways that fail do.
    pub reasons: BTreeSet<Reason>,
    /// What may be reported beside them; see the module.
    pub doubtful: BTreeSet<Reason>,
}

impl Judgement {
    /// The codes that must be reported, by direction.
    pub fn codes(&self) -> BTreeSet<(Code, Direction)> {
        self.reasons.iter().map(|reason| (reason.code, reason.direction)).collect()
    }

    /// Compares with what somebody else reports. Reasons of an undetermined verdict are free.
    pub fn compare(
        &self,
        (always, sometimes, undetermined): (bool, bool, bool),
        reported: &BTreeSet<(Code, Direction)>,
    ) -> Result<(), String> {
        let ours = (self.always, self.sometimes, self.undetermined);
        let theirs = (always, sometimes, undetermined);
        if self.undetermined && undetermined {
            return Ok(());
        }
        let required = self.codes();
        let allowed: BTreeSet<_> = self
            .doubtful
            .iter()
            .map(|reason| (reason.code, reason.direction))
            .chain(required.clone())
            .collect();
        let missing: Vec<_> = required.difference(reported).collect();
        let behind_a_line = required.contains(&(Code::AttachmentDown, Direction::Forward));
        let extra = reported.difference(&allowed);
        let extra: Vec<_> = extra
            .filter(|(_, direction)| !(behind_a_line && *direction == Direction::Forward))
            .collect();
        if ours == theirs && missing.is_empty() && extra.is_empty() {
            return Ok(());
        }
        Err(format!(
            "(always, sometimes, undetermined): oracle {ours:?}, engine {theirs:?}; \
             missing {missing:?}, not expected {extra:?}; oracle: {:#?}",
            self.reasons
        ))
    }
}

/// Judges the connection that `packet` opens, as `from` sends it to an address of `to`.
pub fn judge(network: &Network, from: &Endpoint, to: &Endpoint, packet: Packet) -> Judgement {
    let mut judgement = Judgement {
        always: true,
        sometimes: false,
        undetermined: false,
        reasons: BTreeSet::new(),
        doubtful: BTreeSet::new(),
    };
    let mut script = Some(Script::default());
    while let Some(next) = script {
        let mut walk = Walk::new(network, from, to, packet, next);
        let ending = walk.take();
        if ending == Ending::Works {
            judgement.sometimes = true;
        } else {
            judgement.always = false;
            judgement.reasons.append(&mut walk.reasons);
            judgement.doubtful.append(&mut walk.doubtful);
        }
        judgement.undetermined |= ending == Ending::Unknown;
        script = walk.script.advance();
    }
    judgement
}

/// How one way ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ending {
    Works,
    Fails,
    /// Nothing that is modelled stops it, and the rest is not modelled.
    Unknown,
}

/// What ends a walk before the reply is home.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Stop {
    /// Routing or a platform rule (D20-13, D20-26).
    Lost(Vec<(Code, Option<String>)>),
    /// The packet arrived, and nobody sends the reply since the opener is down.
    NoReply,
    /// Not modelled (D20-18).
    Unknown,
}

impl Stop {
    fn at(code: Code, id: &Id) -> Self {
        Self::Lost(vec![(code, Some(id.to_string()))])
    }

    fn anywhere(code: Code) -> Self {
        Self::Lost(vec![(code, None)])
    }

    /// Local swallows it, and it is told where a CCN route is off that leads there (D20-32).
    fn without_owner(vpc: &Id, off: bool) -> Self {
        let mut losses = vec![(Code::LocalWithoutOwner, Some(vpc.to_string()))];
        losses.extend(off.then_some((Code::CcnRouteDisabled, None)));
        Self::Lost(losses)
    }

    /// A route that is missing, and the gateway of the lines that are gone, if that is why (D20-34).
    fn without_line(code: Code, at: &Id, gateway: Option<&Id>) -> Self {
        let mut losses = vec![(code, Some(at.to_string()))];
        let down = |gateway: &Id| (Code::AttachmentDown, Some(gateway.to_string()));
        losses.extend(gateway.map(down));
        Self::Lost(losses)
    }
}

/// One way of one packet and its reply.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says one thing of the walk; a state machine would hide the rules"
)]
struct Walk<'n> {
    network: &'n Network,
    from: &'n Endpoint,
    to: &'n Endpoint,
    /// The packet as the opener sends it.
    opening: Packet,
    script: Script,
    direction: Direction,
    /// A filter has dropped the packet; what follows is judged as if it had not (D20-13).
    blocked: bool,
    /// The filters of the destination have been judged.
    arrived: bool,
    /// The opener is down: nothing is judged on the way back.
    silent: bool,
    /// The NAT-type Direct Connect gateway by which a site's packet came in.
    translated_by: Option<&'n Id>,
    /// The packet has been on the Internet.
    on_internet: bool,
    /// What filters would see is not known (D20-13).
    blind: bool,
    /// It is judged as if it had come to a load balancer: its targets are not (D20-26).
    unreached: bool,
    /// Forwarders that sent the packet on under their own address, and what it was before (D20-36).
    masks: Vec<Mask<'n>>,
    /// Machines whose groups saw the connection: forwarders and targets of the way there (D20-40).
    saw: Vec<&'n Id>,
    /// Codes whose blockers do not block.
    lifted: BTreeSet<Code>,
    /// What is found now may be reported and need not be.
    in_doubt: bool,
    reasons: BTreeSet<Reason>,
    doubtful: BTreeSet<Reason>,
}

impl<'n> Walk<'n> {
    fn new(
        network: &'n Network,
        from: &'n Endpoint,
        to: &'n Endpoint,
        opening: Packet,
        script: Script,
    ) -> Self {
        Self {
            network,
            from,
            to,
            opening,
            script,
            direction: Direction::Forward,
            blocked: false,
            arrived: false,
            silent: false,
            translated_by: None,
            on_internet: false,
            blind: false,
            unreached: false,
            masks: Vec::new(),
            saw: Vec::new(),
            lifted: BTreeSet::new(),
            in_doubt: false,
            reasons: BTreeSet::new(),
            doubtful: BTreeSet::new(),
        }
    }

    /// Takes the whole way.
    fn take(&mut self) -> Ending {
        let ending = match self.open() {
            Ok(()) | Err(Stop::Unknown | Stop::NoReply) if self.blocked => Ending::Fails,
            Ok(()) => Ending::Works,
            Err(Stop::Unknown) => Ending::Unknown,
            Err(Stop::NoReply) => Ending::Fails,
            Err(Stop::Lost(losses)) => {
                let forward = self.direction == Direction::Forward;
                for (code, at) in losses {
                    self.record(code, at);
                }
                if forward {
                    self.destination_side();
                }
                Ending::Fails
            }
        };
        if ending == Ending::Fails {
            self.direction = Direction::Forward;
            self.structural_reasons();
        }
        ending
    }

    /// The destination turns the packet round.
    fn turn(&mut self) -> Result<(), Stop> {
        if self.silent {
            return Err(Stop::NoReply);
        }
        self.direction = Direction::Return;
        Ok(())
    }

    /// Picks one of several ways.
    fn choose<T>(&mut self, mut ways: Vec<T>) -> T {
        let pick = if ways.len() > 1 { self.script.choose(ways.len()) } else { 0 };
        ways.swap_remove(pick)
    }

    // What filters say: a drop is recorded, and the walk goes on.

    /// Group egress of whoever sends; replies are remembered (SG-1).
    fn group_egress(&mut self, groups: Option<&[Id]>, packet: &Packet) {
        self.groups(groups, List::Egress, packet, Code::SecurityGroupEgressDenied);
    }

    /// Group ingress of whoever receives; replies are remembered (SG-1).
    fn group_ingress(&mut self, groups: Option<&[Id]>, packet: &Packet) {
        self.groups(groups, List::Ingress, packet, Code::SecurityGroupIngressDenied);
    }

    fn groups(&mut self, groups: Option<&[Id]>, list: List, packet: &Packet, code: Code) {
        if self.direction == Direction::Forward {
            self.judge_groups(groups, list, packet, code);
        }
    }

    /// Groups that have no memory of the packet.
    fn judge_groups(&mut self, groups: Option<&[Id]>, list: List, packet: &Packet, code: Code) {
        let Some(groups) = groups else { return };
        if !self.blind && !filter::groups_admit(self.network, groups, list, packet) {
            self.block(code, Some(format!("{groups:?}")));
        }
    }

    /// The ACL of a subnet that the packet leaves; never remembered (ACL-2).
    fn acl_egress(&mut self, subnet: Option<&Id>, packet: &Packet) {
        self.acl(subnet, List::Egress, packet, Code::NetworkAclEgressDenied);
    }

    /// The ACL of a subnet that the packet enters.
    fn acl_ingress(&mut self, subnet: Option<&Id>, packet: &Packet) {
        self.acl(subnet, List::Ingress, packet, Code::NetworkAclIngressDenied);
    }

    fn acl(&mut self, subnet: Option<&Id>, list: List, packet: &Packet, code: Code) {
        let Some(subnet) = subnet else { return };
        if !self.blind && !filter::acl_admits(self.network, subnet, list, packet) {
            self.block(code, Some(subnet.to_string()));
        }
    }

    /// The edge firewalls at the border of the Internet; they remember connections (EFW-3).
    fn edge(&mut self, list: List, packet: &Packet) {
        if self.blind || self.direction == Direction::Return {
            return;
        }
        let code = match list {
            List::Ingress => Code::EdgeFirewallIngressDenied,
            List::Egress => Code::EdgeFirewallEgressDenied,
        };
        for (id, firewall) in &self.network.edge_firewalls {
            if !filter::edge_admits(firewall, list, packet) {
                self.block(code, Some(id.to_string()));
            }
        }
    }

    fn block(&mut self, code: Code, at: Option<String>) {
        self.blocked |= !self.is_lifted(code);
        self.record(code, at);
    }

    // What is written down.

    fn record(&mut self, code: Code, at: Option<String>) {
        let reason = Reason { code, direction: self.direction, at };
        if self.in_doubt { &mut self.doubtful } else { &mut self.reasons }.insert(reason);
    }

    fn doubt(&mut self, codes: &[Code]) {
        for code in codes {
            self.doubtful.insert(Reason { code: *code, direction: self.direction, at: None });
        }
    }

    /// Filters at the destination whose view of the packet is anybody's guess.
    fn doubt_filters(&mut self) {
        self.doubt(&[Code::NetworkAclIngressDenied, Code::SecurityGroupIngressDenied]);
    }

    /// Looks ahead: what is found is doubtful, and the walk stands where it stood.
    fn in_doubt(&mut self, look: impl FnOnce(&mut Self) -> Result<(), Stop>) {
        let before = (
            self.direction,
            self.blocked,
            self.arrived,
            self.silent,
            self.in_doubt,
            self.masks.clone(),
            self.saw.clone(),
        );
        self.in_doubt = true;
        if let Err(Stop::Lost(losses)) = look(self) {
            for (code, at) in losses {
                self.record(code, at);
            }
        }
        (
            self.direction,
            self.blocked,
            self.arrived,
            self.silent,
            self.in_doubt,
            self.masks,
            self.saw,
        ) = before;
    }
}

/// D20-13: whatever a stage has against a packet is told, not only the first.
fn all_of(at: &Id, conditions: &[(bool, Code)]) -> Result<(), Stop> {
    let held = conditions.iter().filter(|(holds, _)| *holds);
    let held: Vec<_> = held.map(|(_, code)| (*code, Some(at.to_string()))).collect();
    if held.is_empty() {
        return Ok(());
    }
    Err(Stop::Lost(held))
}
