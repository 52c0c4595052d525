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
//! - `gateway-no-transit` and `endpoint-connection-no-transit` of a target that no packet got near,
//!   and `classic-link-not-linked` or `no-route` beside `classic-link-no-transit`.

mod balancer;
mod carry;
mod ccn;
mod filter;
mod receive;
mod route;
mod site;
mod structure;
mod tests;
mod tunnel;
mod who;

use std::collections::BTreeSet;
use std::net::IpAddr;

use pathproof::code::Code;
use pathproof::id::Id;
use pathproof::model::{Endpoint, Network};
use pathproof::space::{Packet, Protocol};

use carry::{Role, Stand};
use filter::List;
use who::{Life, Seat};

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
        self.reasons
            .iter()
            .map(|reason| (reason.code, reason.direction))
            .collect()
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
        let extra: Vec<_> = reported.difference(&allowed).collect();
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

/// The picks of one walk: (which, of how many).
#[derive(Clone, Default, Debug)]
struct Script {
    picks: Vec<(usize, usize)>,
    next: usize,
}

impl Script {
    fn choose(&mut self, count: usize) -> usize {
        if self.next == self.picks.len() {
            self.picks.push((0, count));
        }
        let (pick, _) = self.picks[self.next];
        self.next += 1;
        pick
    }

    /// The next script in order; none after the last.
    fn advance(mut self) -> Option<Self> {
        while let Some((pick, count)) = self.picks.pop() {
            if pick + 1 < count {
                self.picks.push((pick + 1, count));
                self.next = 0;
                return Some(self);
            }
        }
        None
    }
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

    /// Who opens, by kind (D20-1).
    fn open(&mut self) -> Result<(), Stop> {
        match self.from {
            Endpoint::Instance(_)
            | Endpoint::NetworkInterface(_)
            | Endpoint::GroupMember(..)
            | Endpoint::HaVip(_) => self.open_in_vpc(),
            Endpoint::ClassicInstance(id) => self.open_in_classic(id),
            Endpoint::Site(id) => self.open_at_site(id),
            Endpoint::Internet => self.open_on_internet(),
            Endpoint::Database(id)
            | Endpoint::LoadBalancer(id)
            | Endpoint::ClassicDatabase(id)
            | Endpoint::ClassicLoadBalancer(id) => {
                self.refuse_to_open(Code::EndpointCannotInitiate, id)
            }
            Endpoint::EndpointConnection(id) => {
                self.refuse_to_open(Code::EndpointConnectionOneWay, id)
            }
            Endpoint::NatAddress(id, _) => self.refuse_to_open(Code::EndpointCannotInitiate, id),
        }
    }

    /// D20-1, DB-3, EP-3. Whether filters are judged beside it, nobody says.
    fn refuse_to_open(&mut self, code: Code, id: &Id) -> Result<(), Stop> {
        self.arrived = true;
        self.doubt_filters();
        self.doubt(&[
            Code::SecurityGroupEgressDenied,
            Code::NetworkAclEgressDenied,
            Code::NoRoute,
        ]);
        Err(Stop::at(code, id))
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
            self.acl_egress(seat.subnet, &packet);
            self.in_doubt(|walk| {
                let landing = walk.carry(stand.clone(), packet)?;
                walk.receive(landing)
            });
            return Err(Stop::anywhere(Code::OutboundSmtpBlocked));
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
        Err(Stop::at(code, seat.vpc))
    }

    /// A classic CVM opens (CL-4, CN-2..8).
    fn open_in_classic(&mut self, id: &'n Id) -> Result<(), Stop> {
        let classic = self
            .network
            .classic_instances
            .get(id)
            .ok_or(Stop::anywhere(Code::SourceAddressNotOwned))?;
        let packet = self.opening;
        self.opener_is_up(if who::classic_is_up(self.network, id) {
            Life::Up
        } else {
            Life::Down
        });
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
            self.in_doubt(|walk| {
                let outer = outer.ok_or(Stop::anywhere(Code::NoPublicAddress))?;
                walk.internet(outer)
            });
            return Err(Stop::anywhere(Code::OutboundSmtpBlocked));
        }
        self.internet(outer.ok_or(Stop::anywhere(Code::NoPublicAddress))?)
    }

    /// CN-3, SG-19.
    fn same_tenant_and_region(&mut self, id: &Id, other: &Id) -> Result<(), Stop> {
        let one = structure::classic_home(self.network, id);
        let other_home = structure::classic_home(self.network, other);
        self.first_of(
            other,
            &[
                (
                    one.map(|home| home.0) != other_home.map(|home| home.0),
                    Code::ClassicOtherTenant,
                ),
                (
                    one.map(|home| home.1) != other_home.map(|home| home.1),
                    Code::ClassicOtherRegion,
                ),
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
        self.blocked = true;
        self.record(code, Some(self.from.to_string()));
    }

    /// SG-20, D20-20: TCP/25 of CVMs to external addresses.
    fn smtp_is_blocked(&self, packet: &Packet) -> bool {
        self.network.platform.outbound_smtp_blocked
            && packet.protocol == Protocol::TCP
            && packet.destination_port == 25
            && who::is_public(self.network, packet.destination)
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
        let pick = if ways.len() > 1 {
            self.script.choose(ways.len())
        } else {
            0
        };
        ways.swap_remove(pick)
    }

    // What filters say: a drop is recorded, and the walk goes on.

    /// Group egress of whoever sends; replies are remembered (SG-1).
    fn group_egress(&mut self, groups: Option<&[Id]>, packet: &Packet) {
        self.groups(
            groups,
            List::Egress,
            packet,
            Code::SecurityGroupEgressDenied,
        );
    }

    /// Group ingress of whoever receives; replies are remembered (SG-1).
    fn group_ingress(&mut self, groups: Option<&[Id]>, packet: &Packet) {
        self.groups(
            groups,
            List::Ingress,
            packet,
            Code::SecurityGroupIngressDenied,
        );
    }

    fn groups(&mut self, groups: Option<&[Id]>, list: List, packet: &Packet, code: Code) {
        let Some(groups) = groups else { return };
        if self.direction == Direction::Forward
            && !filter::groups_admit(self.network, groups, list, packet)
        {
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
        if !filter::acl_admits(self.network, subnet, list, packet) {
            self.block(code, Some(subnet.to_string()));
        }
    }

    fn block(&mut self, code: Code, at: Option<String>) {
        self.blocked = true;
        self.record(code, at);
    }

    // What is written down.

    fn record(&mut self, code: Code, at: Option<String>) {
        let reason = Reason {
            code,
            direction: self.direction,
            at,
        };
        if self.in_doubt {
            &mut self.doubtful
        } else {
            &mut self.reasons
        }
        .insert(reason);
    }

    fn doubt(&mut self, codes: &[Code]) {
        for code in codes {
            self.doubtful.insert(Reason {
                code: *code,
                direction: self.direction,
                at: None,
            });
        }
    }

    /// Filters at the destination whose view of the packet is anybody's guess.
    fn doubt_filters(&mut self) {
        self.doubt(&[
            Code::NetworkAclIngressDenied,
            Code::SecurityGroupIngressDenied,
        ]);
    }

    /// Stops at the first condition that holds; the others are doubtful.
    fn first_of(&mut self, at: &Id, conditions: &[(bool, Code)]) -> Result<(), Stop> {
        let mut held = conditions
            .iter()
            .filter(|(holds, _)| *holds)
            .map(|(_, code)| *code);
        let Some(first) = held.next() else {
            return Ok(());
        };
        self.doubt(&held.collect::<Vec<_>>());
        Err(Stop::at(first, at))
    }

    /// Looks ahead: what is found is doubtful, and the walk stands where it stood.
    fn in_doubt(&mut self, look: impl FnOnce(&mut Self) -> Result<(), Stop>) {
        let before = (
            self.direction,
            self.blocked,
            self.arrived,
            self.silent,
            self.in_doubt,
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
        ) = before;
    }
}
