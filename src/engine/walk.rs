//! The way of a flow through the fabric: splits at decisions, forks where it may take several ways.
//!
//! Filters are noted on the way and judged afterwards ([`super::judge`]): they never change where a packet goes, and all
//! of them are to be reported (D20-13). Where reasons are asked for, a way does not end at what stops it:
//!
//! | what stops it | how it goes on, as if that had been lifted |
//! |---|---|
//! | mail is blocked, a tunnel or a forwarder is down, an end may not open | on its way |
//! | a refusal of a gateway ([`Walk::refuses_beside`]) | through the rest of that stage, for what it has against the packet besides |
//! | anything else | not; [`Walk::landing`] judges the destination as if the packet had arrived |

use std::net::IpAddr;
use std::sync::Arc;

use petgraph::graph::{EdgeIndex, NodeIndex};

use super::flow::Flow;
use crate::code::Code;
use crate::fabric::{
    Device, Fabric, FilterUse, Home, Hop, Party, Resident, ResidentIx, Role, Stage, StageKind,
    Then, Translation, Way,
};
use crate::id::Id;
use crate::model::{Endpoint, Place};
use crate::query::{Cause, Direction, Facts, Waypoint};
use crate::space::{AddressSet, IntervalSet, Match, Protocol, Rewrite, Space, Traffic};

/// More stages than any sensible way has; beyond it the packet is going in circles.
const LONGEST_WAY: usize = 256;

/// A point of the way.
#[derive(Clone, Debug)]
pub struct Step<H> {
    /// What happened.
    pub what: What,
    /// What the packet looked like before.
    pub before: H,
    /// What it looked like afterwards.
    pub after: H,
    /// The endpoint at which it happened, if at one.
    pub endpoint: Option<Endpoint>,
    /// The device that rewrote it on the way on, if one did.
    pub translated_by: Option<Device>,
}

/// What happens at a point of the way.
#[derive(Clone, Debug)]
pub enum What {
    /// A filter is asked.
    Filter(FilterUse),
    /// A stage passes the packet on.
    Pass {
        /// The kind of stage.
        stage: StageKind,
        /// Its object.
        at: Option<Id>,
        /// The route or entry that decided.
        place: Option<Place>,
    },
    /// The packet is lost.
    Stop(Arc<Cause>),
}

/// How much is to be known of a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Whether it works.
    Sets,
    /// Everything that blocks, too.
    Reasons,
}

/// Where a way ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// At a resident that takes the packet.
    Resident(ResidentIx),
    /// At a NAT gateway that answers a ping itself (NAT-8).
    NatGateway(u32),
    /// At a host of a site.
    Site(u32),
    /// At an Internet host.
    Internet,
    /// Nowhere.
    Stopped(Arc<Cause>),
}

/// A translating device that was passed, and what the packet looked like before it.
#[derive(Clone, Debug)]
pub struct Taken<H> {
    pub(super) device: Device,
    pub(super) before: H,
}

/// One way of a flow.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says one thing of the way; a state machine would hide the rules"
)]
#[derive(Clone, Debug)]
pub struct Path<F: Flow> {
    /// The packets that take it.
    pub flow: F,
    /// Its points in order.
    pub steps: Vec<Step<F::Header>>,
    /// What `via` may name.
    pub waypoints: Vec<Waypoint>,
    /// Where it ends.
    pub ending: Ending,
    pub(super) devices: Vec<Taken<F::Header>>,
    /// Residents that the packet was handed to.
    pub(super) met: Vec<ResidentIx>,
    /// The site that it came to, or would have if what stops it were lifted.
    pub(super) site: Option<u32>,
    /// The last tunnel it passed.
    pub(super) tunnel: Option<Id>,
    /// Whether a site's gateway carried it (D20-12).
    pub(super) carried: bool,
    /// Whether it has left the stage where it started.
    pub(super) moved: bool,
    /// How many steps it had taken when it was first handed to a resident.
    arrival: Option<usize>,
    /// The tunnel it came through is down: lost as soon as it is known to be carried.
    doomed: Option<Arc<Cause>>,
    /// That tunnel's health is checked: it counts as one that does not carry (D20-34).
    absent: bool,
    /// The subnet in whose route table it is being looked up.
    pub(super) leaving: Option<u32>,
    /// A gateway has refused it: where it would go from there is not known.
    refused: bool,
    /// Who sends it: a route of the sender's to itself is a loop.
    pub(super) stand: Option<ResidentIx>,
    /// The residents that have forwarded it, in order.
    pub(super) forwarders: Vec<ResidentIx>,
    /// How many of the translations that the connection passed are undone on the last leg of a reply.
    restored: usize,
    /// The stages that it came by, in order.
    pub(super) visited: Vec<NodeIndex>,
}

impl<F: Flow> Path<F> {
    /// A way that has not started.
    pub(super) fn new(flow: F) -> Self {
        Self {
            flow,
            steps: Vec::new(),
            waypoints: Vec::new(),
            ending: Ending::Internet,
            devices: Vec::new(),
            met: Vec::new(),
            site: None,
            tunnel: None,
            carried: false,
            moved: false,
            arrival: None,
            doomed: None,
            absent: false,
            leaving: None,
            refused: false,
            stand: None,
            forwarders: Vec::new(),
            restored: 0,
            visited: Vec::new(),
        }
    }

    fn with(&self, flow: F) -> Self {
        Self { flow, ..self.clone() }
    }

    pub(super) fn note(&mut self, what: What, endpoint: Option<Endpoint>) {
        let header = self.flow.header();
        self.steps.push(Step {
            what,
            before: header,
            after: header,
            endpoint,
            translated_by: None,
        });
    }

    /// Drops what happened since the first arrival anywhere, and the filters on the way into it.
    pub(super) fn forget_the_last_leg(&mut self) {
        if let Some(arrival) = self.arrival {
            self.steps.truncate(arrival);
        }
        let is_filter = |step: &Step<F::Header>| matches!(step.what, What::Filter(_));
        while self.steps.last().is_some_and(is_filter) {
            self.steps.pop();
        }
    }

    /// A stage passes it on, by what stands at a place.
    fn pass(&mut self, stage: &Stage, place: Option<&Place>) {
        let what = What::Pass { stage: stage.kind, at: stage.at.clone(), place: place.cloned() };
        self.note(what, None);
    }

    /// A reply at the forwarder that sent its connection under its own address: it is translated back (D20-36).
    pub(super) fn pass_back(
        &mut self,
        fabric: &Fabric,
        forwarder: ResidentIx,
        restored: F::Header,
    ) {
        let resident = fabric.hosts.get(forwarder);
        let what =
            What::Pass { stage: StageKind::Forwarder, at: resident.id().cloned(), place: None };
        self.note(what, None);
        if let Some(step) = self.steps.last_mut() {
            step.after = restored;
            step.translated_by = Some(Device::Masquerade(forwarder));
        }
        self.flow = self.flow.looking(restored);
        self.forwarders.push(forwarder);
    }

    /// Whether its source is known to whoever comes next: an endpoint gives it one (PL-4).
    fn is_behind_an_endpoint(&self) -> bool {
        let last = self.devices.last().map(|taken| &taken.device);
        matches!(last, Some(Device::VpcEndpoint(_)))
    }

    /// Whether the last source address that a device gave it is one of the Internet's.
    fn is_public_outside(&self) -> bool {
        let mut devices = self.devices.iter().rev().map(|taken| &taken.device);
        let last = devices.find(|device| device.rewrites_source());
        last.is_some_and(|device| !matches!(device, Device::Masquerade(_)))
    }

    /// Whether a device has given it another source address.
    fn is_disguised(&self) -> bool {
        self.devices.iter().any(|taken| taken.device.rewrites_source())
    }

    /// What the hop adds to the decision that led along it.
    fn tell(&mut self, hop: &Hop) {
        let Some(What::Pass { stage, at, place }) =
            self.steps.last_mut().map(|step| &mut step.what)
        else {
            return;
        };
        if let Some(Waypoint::ClassicLink(vpc)) = &hop.waypoint
            && *stage == StageKind::Classic
        {
            *stage = StageKind::ClassicLink;
            *at = Some(vpc.clone());
        }
        if hop.place.is_some() {
            place.clone_from(&hop.place);
        }
    }

    pub(super) fn stopped(mut self, cause: Arc<Cause>) -> Self {
        self.note(What::Stop(Arc::clone(&cause)), None);
        if let Some(beside) = beside(&cause) {
            self.note(What::Stop(Arc::new(beside)), None);
        }
        self.ending = Ending::Stopped(self.first_stop().map_or(cause, Arc::clone));
        self
    }

    /// What ended it; blocked mail goes its way all the same (D20-13).
    pub(super) fn first_stop(&self) -> Option<&Arc<Cause>> {
        let mut stops = self.steps.iter().filter_map(|step| match &step.what {
            What::Stop(cause) => Some(cause),
            What::Filter(_) | What::Pass { .. } => None,
        });
        stops.find(|cause| cause.code != Code::OutboundSmtpBlocked)
    }

    /// Says of a gateway that has no route that it refuses a third network, if that is so; tells whether it is.
    pub(super) fn names_transit(&mut self, transit: &[Cause]) -> bool {
        let mut named = false;
        for step in &mut self.steps {
            let What::Stop(cause) = &mut step.what else {
                continue;
            };
            let mut refusals = transit.iter();
            let refusal = refusals.find(|refusal| refusal.at == cause.at);
            if let Some(refusal) = refusal.filter(|_| cause.code == Code::NoRoute) {
                *cause = Arc::new(refusal.clone());
                named = true;
            }
        }
        if let Some(first) = self.first_stop().filter(|_| named) {
            self.ending = Ending::Stopped(Arc::clone(first));
        }
        named
    }
}

/// Where a reply finds a translating device that its connection passed, by route (DC-6, D20-36).
pub(super) struct Session<H> {
    pub(super) at: Meeting,
    pub(super) restored: H,
    /// Where it goes on: the choice of a tunnel, the lookup of a forwarder.
    pub(super) onward: NodeIndex,
}

/// How a reply comes to a device.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Meeting {
    /// By a stage of the fabric.
    Stage(NodeIndex),
    /// By being sent to this resident, which forwarded the connection under its own address.
    Resident(ResidentIx),
}

/// What a reply needs to know of the way there.
pub(super) struct Opened<H> {
    /// The devices that are to be found by route, in the order in which the reply meets them.
    pub(super) sessions: Vec<Session<H>>,
    /// The residents that saw the connection.
    pub(super) saw: Vec<ResidentIx>,
    /// The opener, if it is several.
    pub(super) meant: Option<Meant>,
    /// How much is to be known.
    pub(super) detail: Detail,
}

/// The resident that a set of packets with several destinations is meant for: members of one group.
#[derive(Clone)]
pub(super) struct Meant {
    pub(super) resident: ResidentIx,
    pub(super) addresses: Arc<AddressSet>,
}

/// Walks one direction of a connection.
pub(super) struct Walk<'a, F: Flow> {
    fabric: &'a Fabric,
    space: &'a mut Space,
    /// Replies pass groups unasked (SG-1) and are served nowhere.
    direction: Direction,
    detail: Detail,
    /// Only the destination is looked at, for a packet that did not get there.
    landing: bool,
    /// The source that the destination would see is not known: filters there are not judged.
    blind: bool,
    sessions: Vec<Session<F::Header>>,
    /// Residents whose groups remember the connection of a reply (SG-1, D20-40).
    saw: Vec<ResidentIx>,
    meant: Option<Meant>,
    opener: Option<Party>,
    done: Vec<Path<F>>,
}

impl<'a, F: Flow> Walk<'a, F> {
    /// The ways of the opening packets.
    pub(super) fn opening(
        fabric: &'a Fabric,
        space: &'a mut Space,
        meant: Option<Meant>,
        detail: Detail,
    ) -> Self {
        Self {
            fabric,
            space,
            direction: Direction::Forward,
            detail,
            landing: false,
            blind: false,
            sessions: Vec::new(),
            saw: Vec::new(),
            meant,
            opener: None,
            done: Vec::new(),
        }
    }

    /// The ways of replies.
    pub(super) fn reply(
        fabric: &'a Fabric,
        space: &'a mut Space,
        opened: Opened<F::Header>,
    ) -> Self {
        Self {
            fabric,
            space,
            direction: Direction::Return,
            detail: opened.detail,
            landing: false,
            blind: false,
            sessions: opened.sessions,
            saw: opened.saw,
            meant: opened.meant,
            opener: None,
            done: Vec::new(),
        }
    }

    /// All ways from a stage on.
    pub(super) fn from(mut self, node: NodeIndex, path: Path<F>) -> Vec<Path<F>> {
        self.stage(node, path);
        self.done
    }

    /// What the destination says to a packet that was stopped on its way, as if it had arrived at the border of its subnet
    /// (D20-13).
    pub(super) fn landing(mut self, from: Party, to: Party, stopped: &Path<F>) -> Vec<Path<F>> {
        self.opener = Some(from);
        self.landing = true;
        let fabric = self.fabric;
        let mut path = Path::new(stopped.flow.clone());
        path.devices.clone_from(&stopped.devices);
        let sent = path.flow.destination();
        let public = sent.is_some_and(|sent| fabric.is_public(sent));
        let is_translated = sent.is_some_and(|sent| match to {
            Party::Host(host, _) => public || !fabric.hosts.get(host).owns(sent),
            Party::NatAddress(..) => true,
            Party::Site(_) | Party::Internet | Party::Nobody(_) => false,
        });
        // A forwarder's own address is private: under which one its packets leave is not known (D20-36).
        let is_source_known =
            if public { stopped.is_public_outside() } else { stopped.is_disguised() };
        self.blind = is_translated && from != Party::Internet && !is_source_known;
        if is_translated && public && !stopped.visited.contains(&fabric.internet()) {
            return self.landing_from_the_internet(path);
        }
        let Party::Host(host, address) = to else {
            return Vec::new();
        };
        if is_translated {
            let rewrite = Rewrite { destination: Some(address), ..Rewrite::default() };
            let header = F::rewritten(path.flow.header(), &rewrite);
            path.flow = path.flow.looking(header);
        }
        let home = fabric.hosts.get(host).home;
        let neighbours =
            matches!(from, Party::Host(from, _) if fabric.hosts.get(from).home == home);
        if let Home::Subnet(subnet) = home
            && !neighbours
        {
            let filter = fabric.acl_in(subnet);
            self.filters(filter.as_slice(), None, &mut path);
        }
        self.arrive(path, host);
        self.done
    }

    /// The same by way of the Internet. Where the source is not known there, one of the Internet's stands for it.
    fn landing_from_the_internet(mut self, mut path: Path<F>) -> Vec<Path<F>> {
        let fabric = self.fabric;
        let sent = path.flow.header();
        if self.blind {
            let rewrite = Rewrite { source: fabric.public.first(), ..Rewrite::default() };
            path.flow = path.flow.looking(F::rewritten(sent, &rewrite));
        }
        self.stage(fabric.internet(), path);
        let mut done = self.done;
        if self.blind {
            let steps = done.iter_mut().flat_map(|path| &mut path.steps);
            steps.for_each(|step| (step.before, step.after) = (sent, sent));
        }
        done
    }

    /// All ways of what a party opens. `exempt` = its groups are not asked (SG-18). `barred` = why it may open nothing
    /// (D20-1), which is told beside what else blocks.
    pub(super) fn open(
        mut self,
        from: Party,
        (exempt, barred): (bool, Vec<Cause>),
        flow: F,
    ) -> Vec<Path<F>> {
        let mut path = Path::new(flow);
        self.opener = Some(from);
        let is_barred = !barred.is_empty();
        for cause in barred {
            path.note(What::Stop(Arc::new(cause)), None);
        }
        match from {
            Party::Host(index, address) => {
                let resident = self.fabric.hosts.get(index);
                let endpoint = resident.endpoint_at(address);
                path.stand = Some(index);
                if let Some(egress) = resident.egress.filter(|_| !exempt && !is_barred) {
                    path.note(What::Filter(egress), Some(endpoint.clone()));
                }
                let start = match resident.home {
                    Home::Subnet(subnet) => {
                        path.leaving = Some(subnet);
                        self.fabric.router(subnet)
                    }
                    Home::Classic => self.fabric.classic_out(index),
                    Home::Public(_) => None,
                };
                for path in self.smtp(path, resident) {
                    match start {
                        Some(start) => self.stage(start, path),
                        None if path.first_stop().is_some() => self.end(path, Ending::Internet),
                        None => self.stop(path, Cause::plain(Code::NoRoute)),
                    }
                }
            }
            Party::Site(site) => {
                let entrances = self.fabric.entrances(site);
                if entrances.is_empty() {
                    let site = self.fabric.network.sites.get_index(site as usize);
                    let cause = site.map_or(Cause::plain(Code::NoRoute), |(id, _)| {
                        Cause::at(Code::NoRoute, id)
                    });
                    self.stop(path.clone(), cause);
                }
                for (tunnel, node) in entrances {
                    let mut path = path.clone();
                    path.tunnel = Some(tunnel.clone());
                    self.stage(*node, path);
                }
            }
            Party::Internet => {
                let internet = self.fabric.internet();
                self.stage(internet, path);
            }
            Party::NatAddress(..) | Party::Nobody(_) => {
                self.stop(path, Cause::plain(Code::EndpointCannotInitiate));
            }
        }
        self.done
    }

    /// TCP/25 of CVMs to external addresses is blocked (SG-20) and goes its way all the same, so that what else blocks it is
    /// told, too (D20-13).
    fn smtp(&mut self, path: Path<F>, resident: &Resident) -> Vec<Path<F>> {
        let blocked = self.fabric.network.platform.outbound_smtp_blocked;
        let blocked = blocked && resident.role == Role::Machine;
        let Some(id) = resident.id().filter(|_| blocked) else {
            return vec![path];
        };
        let smtp = Match {
            source: None,
            destination: Some(Arc::clone(&self.fabric.public)),
            traffic: Arc::new(Traffic::ports(Protocol::TCP, IntervalSet::single(25))),
        };
        let (mail, rest) = path.flow.split(self.space, &smtp);
        let mail = mail.map(|mail| {
            let mut path = path.with(mail);
            let cause = Cause::at(Code::OutboundSmtpBlocked, id);
            path.note(What::Stop(Arc::new(cause)), None);
            path
        });
        let rest = rest.map(|rest| path.with(rest));
        mail.into_iter().chain(rest).collect()
    }

    fn stop(&mut self, path: Path<F>, cause: Cause) {
        self.keep(path.stopped(Arc::new(cause)));
    }

    fn end(&mut self, mut path: Path<F>, ending: Ending) {
        let stopped = path.first_stop().map(Arc::clone);
        path.ending = stopped.map_or(ending, Ending::Stopped);
        self.keep(path);
    }

    /// Notes what stops a packet; true if the way goes on as if it had been lifted.
    fn lift(&self, path: &mut Path<F>, cause: &Arc<Cause>) -> bool {
        let lifts = self.detail == Detail::Reasons;
        if lifts {
            path.note(What::Stop(Arc::clone(cause)), None);
        }
        lifts
    }

    /// Whether a stage may have something else against what it refuses for this reason: not a lookup, which has one outcome.
    fn refuses_beside(&self, stage: StageKind, cause: &Cause) -> bool {
        let refusal = matches!(
            cause.code,
            Code::NoRoute
                | Code::GatewayNoTransit
                | Code::PeeringSecondaryCidr
                | Code::DirectConnectSecondaryCidr
                | Code::DirectConnectNatNoMapping
                | Code::PrivateDestinationToInternet
                | Code::VpnPolicyMismatch
                | Code::NatProtocolUnsupported
                | Code::NatSourceNotCovered
                | Code::AttachmentDown
                | Code::EndpointConnectionNoTransit
        );
        let lookup = matches!(
            stage,
            StageKind::Route | StageKind::Local | StageKind::Forwarder | StageKind::PublicGateway
        );
        self.detail == Detail::Reasons && refusal && !lookup
    }

    fn keep(&mut self, mut path: Path<F>) {
        // A line that counts as absent carries nothing (D20-34).
        path.carried &= !path.absent;
        self.space.keep_way(path.steps.len());
        self.done.push(path);
    }

    fn stage(&mut self, node: NodeIndex, mut path: Path<F>) {
        // Equal routes may make more ways than anybody can walk.
        if self.space.is_over() {
            return;
        }
        path.visited.push(node);
        if path.visited.len() > LONGEST_WAY {
            let at = self.fabric.graph[node].at.clone();
            let cause = Cause { at, ..Cause::plain(Code::RouteLoop) };
            return self.stop(path, cause);
        }
        if let Some(onward) = self.restore(Meeting::Stage(node), &mut path) {
            return self.stage(onward, path);
        }
        path.leaving = self.fabric.subnet_of_router(node);
        self.decide(node, path, 0);
    }

    /// Undoes the next translation of a reply where it comes to the device; gives where it goes on.
    fn restore(&self, at: Meeting, path: &mut Path<F>) -> Option<NodeIndex> {
        let session = self.sessions.get(path.restored)?;
        if session.at != at {
            return None;
        }
        match at {
            Meeting::Stage(_) => path.flow = path.flow.looking(session.restored),
            Meeting::Resident(forwarder) => {
                path.pass_back(self.fabric, forwarder, session.restored);
            }
        }
        path.restored += 1;
        Some(session.onward)
    }

    /// What a stage decides from one of its rules on, where it stands or where others share it.
    fn decide(&mut self, node: NodeIndex, mut path: Path<F>, first: usize) {
        let stage = &self.fabric.graph[node];
        let mut rest = path.flow.clone();
        for (index, rule) in stage.rules.iter().enumerate().skip(first) {
            let outside = rule.from_outside;
            if outside.is_some_and(|outside| outside != self.is_from_outside(&path)) {
                continue;
            }
            let (hit, miss) = rest.split(self.space, &rule.when);
            if let Some(hit) = hit {
                let mut hit = path.with(hit);
                match &rule.then {
                    Then::Stop(cause) if self.refuses_beside(stage.kind, cause) => {
                        hit.carried |= !hit.refused && carries(cause.code);
                        hit.refused = true;
                        self.lift(&mut hit, cause);
                        self.decide(node, hit, index + 1);
                    }
                    then => self.take(node, hit, then, rule.place.as_ref()),
                }
            }
            match miss {
                Some(miss) => rest = miss,
                None => return,
            }
        }
        path.flow = rest;
        self.take(node, path, &stage.otherwise, None);
    }

    /// Whether it came into the VPC where it is by a gateway that joins it to others.
    fn is_from_outside(&self, path: &Path<F>) -> bool {
        let kinds = path.visited.iter().rev();
        let kinds = kinds.map(|node| self.fabric.graph[*node].kind);
        let mut before = kinds.skip_while(|kind| {
            matches!(
                kind,
                StageKind::Local
                    | StageKind::Subnet
                    | StageKind::LoadBalancer
                    | StageKind::EndpointConnection
                    | StageKind::VpcEndpoint
                    | StageKind::Database
            )
        });
        matches!(
            before.next(),
            Some(
                StageKind::Peering
                    | StageKind::Ccn
                    | StageKind::VpnGateway
                    | StageKind::DirectConnectGateway
            )
        )
    }

    fn take(&mut self, node: NodeIndex, mut path: Path<F>, then: &Then, place: Option<&Place>) {
        let stage = &self.fabric.graph[node];
        // Behind a load balancer that the packet did not reach nothing is judged (D20-26).
        let unreached = self.landing && stage.kind == StageKind::LoadBalancer;
        if (path.refused || unreached) && !matches!(then, Then::Stop(_)) {
            return self.end_here(path, then);
        }
        match then {
            Then::Go(ways) => {
                path.pass(stage, place);
                self.go(&path, ways);
            }
            Then::Stop(cause) if cause.code == Code::LocalWithoutOwner => {
                if let Some(vpc) = &cause.at {
                    self.swallow(vpc, path);
                }
            }
            Then::Stop(cause) => {
                path.carried |= !path.refused && carries(cause.code);
                self.keep(path.stopped(Arc::clone(cause)));
            }
            Then::Shared(_) => match self.fabric.shared(node) {
                Some(shared) => {
                    path.visited.push(shared);
                    self.decide(shared, path, 0);
                }
                None => self.stop(path, Cause::plain(Code::NoRoute)),
            },
            Then::Deliver(vpc) => {
                let address = path.flow.destination();
                let owner = address.and_then(|address| self.fabric.hosts.in_vpc(*vpc, address));
                match (address, self.meant.clone()) {
                    (None, Some(meant)) => self.hand_to_members(*vpc, &path, meant),
                    _ => self.hand_in_vpc(*vpc, path, owner),
                }
            }
            Then::DeliverClassic(region) => {
                let address = path.flow.destination();
                let owner =
                    address.and_then(|address| self.fabric.hosts.in_classic(region, address));
                self.hand(path, owner, address);
            }
            Then::Hand(resident) => self.arrive(path, *resident),
            Then::Public => self.on_the_internet(path),
            Then::ArriveAtSite(site) => {
                path.site = Some(*site);
                self.end(path, Ending::Site(*site));
            }
            Then::Target(resident) => {
                path.met.push(*resident);
                self.end(path, Ending::Resident(*resident));
            }
            Then::Accept => {
                // A listener that answers itself (CLB-18) is a step of its own: nobody stands behind it.
                if stage.kind == StageKind::LoadBalancer && place.is_some() {
                    path.pass(stage, place);
                }
                self.accepted(stage, path);
            }
        }
    }

    /// It may take any of these ways.
    fn go(&mut self, path: &Path<F>, ways: &[Way]) {
        for way in ways {
            match way {
                Way::Hop(edge) => self.follow(*edge, path.clone()),
                Way::Lost(cause) => {
                    let mut path = path.clone();
                    path.carried |= carries(cause.code);
                    self.keep(path.stopped(Arc::clone(cause)));
                }
            }
        }
    }

    /// A packet that a gateway has refused, or a load balancer that it did not reach: what else the gateway has against it.
    fn end_here(&mut self, path: Path<F>, then: &Then) {
        match then {
            Then::Go(ways) if path.refused => {
                for way in &**ways {
                    match way {
                        Way::Lost(cause) => self.keep(path.clone().stopped(Arc::clone(cause))),
                        Way::Hop(edge) => self.refused_on(*edge, path.clone()),
                    }
                }
            }
            _ => {
                let here = path.met.last().copied();
                self.end(path, here.map_or(Ending::Internet, Ending::Resident));
            }
        }
    }

    /// Whoever owns the public destination gets it, else an Internet host.
    fn on_the_internet(&mut self, mut path: Path<F>) {
        let owner = path.flow.destination();
        let owner = owner.and_then(|address| self.fabric.hosts.in_public(address));
        path.note(What::Pass { stage: StageKind::Internet, at: None, place: None }, None);
        match owner.and_then(|owner| self.fabric.public_in(owner)) {
            Some(edge) => self.follow(edge, path),
            None => self.end(path, Ending::Internet),
        }
    }

    /// It is served here: by the resident that it was handed to, or by a NAT gateway that answers a ping (NAT-8).
    fn accepted(&mut self, stage: &Stage, mut path: Path<F>) {
        let ending = match (stage.kind, path.met.last()) {
            (StageKind::NatGateway, _) | (_, None) => {
                path.waypoints.extend(stage.at.clone().map(Waypoint::Id));
                let gateways = &self.fabric.network.nat_gateways;
                let index = stage.at.as_ref().and_then(|id| gateways.get_index_of(id));
                let index = index.and_then(|index| u32::try_from(index).ok());
                Ending::NatGateway(index.unwrap_or(u32::MAX))
            }
            (_, Some(resident)) => Ending::Resident(*resident),
        };
        self.end(path, ending);
    }

    /// A refused packet at the next stage of the same gateway, for what it has against it there; elsewhere it ends.
    fn refused_on(&mut self, edge: EdgeIndex, path: Path<F>) {
        let graph = &self.fabric.graph;
        let same = graph.edge_endpoints(edge).filter(|(here, next)| {
            let (here, next) = (&graph[*here], &graph[*next]);
            (here.kind, &here.at) == (next.kind, &next.at)
        });
        match (same, &graph[edge].down) {
            (Some((_, next)), _) => self.stage(next, path),
            (None, Some(down)) => self.keep(path.stopped(Arc::clone(down))),
            (None, None) => self.end(path, Ending::Internet),
        }
    }

    /// Along an edge: forwarder · filters · translation · target · filters behind · marks · the next stage.
    fn follow(&mut self, edge: EdgeIndex, mut path: Path<F>) {
        let fabric = self.fabric;
        let hop = &fabric.graph[edge];
        path.tell(hop);
        let Some(mut path) = self.through_forwarder(hop, path) else {
            return;
        };
        path.moved = true;
        path.leaving = None;
        self.filters(&hop.filters, hop.forwarder, &mut path);
        self.translate(hop, &mut path);
        let target = self.target_of(edge);
        if let Some(target) = target
            && !path.is_disguised()
            && self.is_opener(target, path.flow.destination())
        {
            // A target that is the client itself (CLB-16, D20-21).
            let balancer = path.met.last().copied().unwrap_or(target);
            return self.stop(path, fabric.hosts.cause(balancer, Code::LoadBalancerLoop));
        }
        self.filters(&hop.behind, target, &mut path);
        if self.mark(hop, &mut path) {
            match fabric.graph.edge_endpoints(edge) {
                Some((_, next)) => self.stage(next, path),
                None => self.stop(path, Cause::plain(Code::NoRoute)),
            }
        }
    }

    /// A forwarder on the way: loops, whom it refuses, its state (RT-16, NAT-12, D20-22). Gives what goes on.
    fn through_forwarder(&mut self, hop: &Hop, mut path: Path<F>) -> Option<Path<F>> {
        let Some(forwarder) = hop.forwarder else {
            return Some(path);
        };
        let hosts = &self.fabric.hosts;
        let resident = hosts.get(forwarder);
        if path.leaving.map(Home::Subnet) == Some(resident.home) {
            path.leaving = None;
        }
        let same = |other: &ResidentIx| {
            hosts.get(*other).id() == resident.id() || hosts.share_a_machine(*other, forwarder)
        };
        let itself = path.stand.filter(|_| !path.moved);
        if path.forwarders.iter().chain(&itself).any(same) {
            let cause = Arc::new(hosts.cause(forwarder, Code::RouteLoop));
            if !self.lift(&mut path, &cause) {
                self.keep(path.stopped(cause));
                return None;
            }
            path.refused = true;
        }
        let mut parts = vec![path];
        for (whom, cause) in &hop.refused {
            let mut next = Vec::new();
            for path in parts {
                let (hit, miss) = path.flow.split(self.space, whom);
                next.extend(miss.map(|miss| path.with(miss)));
                let Some(mut path) = hit.map(|hit| path.with(hit)) else {
                    continue;
                };
                if self.lift(&mut path, cause) {
                    path.refused = true;
                    next.push(path);
                } else {
                    self.keep(path.stopped(Arc::clone(cause)));
                }
            }
            parts = next;
        }
        let mut passed = None;
        for mut path in parts {
            if resident.down {
                let cause = Arc::new(hosts.cause(forwarder, Code::EndpointDown));
                if !self.lift(&mut path, &cause) {
                    self.keep(path.stopped(cause));
                    continue;
                }
            }
            if path.refused {
                self.end(path, Ending::Internet);
                continue;
            }
            path.forwarders.push(forwarder);
            passed = Some(path);
        }
        passed
    }

    fn translate(&self, hop: &Hop, path: &mut Path<F>) {
        let Some(translation) = hop.translation.as_ref().filter(|it| self.translates(it)) else {
            return;
        };
        let before = path.flow.header();
        let same = path.devices.last().map(|taken| &taken.device);
        if same != Some(&translation.device) {
            let device = translation.device.clone();
            path.devices.push(Taken { device, before });
        }
        let after = F::rewritten(before, &translation.rewrite);
        path.flow = path.flow.looking(after);
        if let Some(step) = path.steps.last_mut() {
            step.after = after;
            step.translated_by = Some(translation.device.clone());
        }
    }

    /// The target of a load balancer that an edge leads to.
    fn target_of(&self, edge: EdgeIndex) -> Option<ResidentIx> {
        let (_, next) = self.fabric.graph.edge_endpoints(edge)?;
        match self.fabric.graph[next].otherwise {
            Then::Target(target) => Some(target),
            _ => None,
        }
    }

    /// What a path remembers of a hop, and whether its tunnel lets it pass (D20-12, D20-20).
    fn mark(&mut self, hop: &Hop, path: &mut Path<F>) -> bool {
        if let Some(waypoint) = &hop.waypoint
            && !path.waypoints.contains(waypoint)
        {
            path.waypoints.push(waypoint.clone());
        }
        if hop.tunnel.is_some() {
            path.tunnel.clone_from(&hop.tunnel);
        }
        path.carried |= hop.carried;
        path.absent |= hop.absent && hop.down.is_some();
        if let Some(down) = &hop.down
            && !self.lift(path, down)
        {
            path.doomed = Some(Arc::clone(down));
        }
        let doomed = path.doomed.take_if(|_| path.carried);
        if let Some(down) = doomed {
            self.keep(path.clone().stopped(down));
            return false;
        }
        true
    }

    /// A forwarder does not translate a reply whose request it did not see (D20-36).
    fn translates(&self, translation: &Translation) -> bool {
        self.direction == Direction::Forward || !matches!(translation.device, Device::Masquerade(_))
    }

    /// Whether a machine is the one that opens the connection.
    fn is_opener(&self, target: ResidentIx, at: Option<IpAddr>) -> bool {
        let machine = |resident| self.fabric.hosts.get(resident).machine.as_ref();
        match self.opener {
            Some(Party::Host(opener, own)) => match machine(opener) {
                Some(_) => machine(opener) == machine(target),
                None => opener == target && at == Some(own),
            },
            _ => false,
        }
    }

    /// Notes filters; groups are those of a resident and are not asked about replies of what it saw (SG-1, D20-40).
    fn filters(&self, filters: &[FilterUse], of: Option<ResidentIx>, path: &mut Path<F>) {
        let hosts = &self.fabric.hosts;
        let remembers = |resident: ResidentIx| {
            let mut saw = self.saw.iter();
            saw.any(|other| *other == resident || hosts.share_a_machine(*other, resident))
        };
        let forward = self.direction == Direction::Forward;
        let unseen = of.is_some_and(|of| !remembers(of));
        let blind = self.blind && !path.is_behind_an_endpoint();
        for filter in filters.iter().filter(|_| !blind) {
            let own = filter.kind.is_of_a_machine();
            // What remembers connections passes replies: a machine's groups those that the machine has seen (D20-40).
            if forward || own && unseen || !filter.kind.is_stateful() {
                let resident = of.filter(|_| own).map(|of| self.fabric.hosts.get(of));
                let endpoint = resident.map(|resident| resident.endpoint.clone());
                path.note(What::Filter(*filter), endpoint);
            }
        }
    }

    /// To whoever owns an address of the classic network.
    fn hand(&mut self, mut path: Path<F>, owner: Option<ResidentIx>, address: Option<IpAddr>) {
        if let Some(owner) = owner {
            return self.arrive(path, owner);
        }
        path.forget_the_last_leg();
        let facts = Facts { address, ..Facts::default() };
        self.stop(path, Cause::plain(Code::NoRoute).with(facts));
    }

    /// To whoever owns an address of a VPC's subnets.
    fn hand_in_vpc(&mut self, vpc: u32, mut path: Path<F>, owner: Option<ResidentIx>) {
        if let Some(owner) = owner {
            return self.arrive(path, owner);
        }
        path.forget_the_last_leg();
        if let Some((id, _)) = self.fabric.network.vpcs.get_index(vpc as usize) {
            self.swallow(id, path);
        }
    }

    /// Local covers addresses that nobody owns; where a CCN route leads there that is off, that is told beside it
    /// (D20-32).
    fn swallow(&mut self, vpc: &Id, mut path: Path<F>) {
        let fabric = self.fabric;
        let is_inside = |node: &&NodeIndex| {
            matches!(fabric.graph[**node].kind, StageKind::Local | StageKind::Subnet)
        };
        let mut came_by = path.visited.iter().rev().skip_while(is_inside);
        let off = came_by.next().map_or(&[][..], |router| fabric.off(*router));
        let stopped = |path: Path<F>, ccn: Option<&Id>| {
            let facts =
                Facts { address: path.flow.destination(), other: ccn.cloned(), ..Facts::default() };
            path.stopped(Arc::new(Cause::at(Code::LocalWithoutOwner, vpc).with(facts)))
        };
        for (to, ccn) in off {
            let there =
                Match { destination: Some(Arc::new(AddressSet::from(*to))), ..Match::all() };
            let (hit, miss) = path.flow.split(self.space, &there);
            if let Some(hit) = hit {
                self.keep(stopped(path.with(hit), Some(ccn)));
            }
            match miss {
                Some(miss) => path.flow = miss,
                None => return,
            }
        }
        self.keep(stopped(path, None));
    }

    /// Several destinations at once: those of the group that is meant get there.
    fn hand_to_members(&mut self, vpc: u32, path: &Path<F>, meant: Meant) {
        let members = Match { destination: Some(meant.addresses), ..Match::all() };
        let (hit, miss) = path.flow.split(self.space, &members);
        let here = self.fabric.vpc_of_resident(meant.resident) == Some(vpc);
        if let Some(hit) = hit {
            let owner = here.then_some(meant.resident);
            self.hand_in_vpc(vpc, path.with(hit), owner);
        }
        if let Some(miss) = miss {
            self.hand_in_vpc(vpc, path.with(miss), None);
        }
    }

    /// At a resident: its groups, its state, what it serves.
    fn arrive(&mut self, mut path: Path<F>, index: ResidentIx) {
        if let Some(onward) = self.restore(Meeting::Resident(index), &mut path) {
            return self.stage(onward, path);
        }
        path.arrival.get_or_insert(path.steps.len());
        path.met.push(index);
        if self.direction == Direction::Return {
            return self.end(path, Ending::Resident(index));
        }
        let fabric = self.fabric;
        let resident = fabric.hosts.get(index);
        let address = path.flow.destination().unwrap_or(resident.addresses.0);
        let endpoint = resident.endpoint_at(address);
        let skipped = path.devices.last().is_some_and(|taken| taken.device == Device::EipIn(index))
            && groups_ignore_eip(fabric, resident);
        if let Some(ingress) = resident.ingress.filter(|_| !skipped && !self.blind) {
            path.note(What::Filter(ingress), Some(endpoint));
        }
        let id = resident.id();
        if let (Role::EndpointConnection | Role::VpcEndpoint, Some(id)) = (resident.role, id) {
            path.waypoints.push(Waypoint::Id(id.clone()));
        }
        if resident.unbound {
            return self.stop(path, fabric.hosts.cause(index, Code::RouteBlackhole));
        }
        if resident.down {
            let down = Arc::new(fabric.hosts.cause(index, Code::EndpointDown));
            // What else an endpoint has against it is told, too (D20-13).
            if resident.role != Role::VpcEndpoint || !self.lift(&mut path, &down) {
                return self.keep(path.stopped(down));
            }
        }
        match fabric.service(index) {
            Some(service) => self.stage(service, path),
            None => self.end(path, Ending::Resident(index)),
        }
    }
}

/// An internal load balancer's groups do not see what its EIP brings, unless it passes through (CLB-9).
fn groups_ignore_eip(fabric: &Fabric, resident: &Resident) -> bool {
    let Endpoint::LoadBalancer(id) = &resident.endpoint else {
        return false;
    };
    let balancer = fabric.network.load_balancers.get(id);
    resident.role == Role::LoadBalancer && balancer.is_some_and(|balancer| !balancer.pass_to_target)
}

/// What a missing route tells beside itself: that it is there and off (D20-32), or that no line is left for it (D20-34).
fn beside(cause: &Cause) -> Option<Cause> {
    let other = cause.facts.other.as_ref()?;
    let code = match cause.code {
        Code::LocalWithoutOwner => Code::CcnRouteDisabled,
        Code::NoRoute | Code::CcnNoRoute => Code::AttachmentDown,
        _ => return None,
    };
    Some(Cause::at(code, other))
}

/// A gateway that loses a packet for these reasons would have carried it (D20-12, D20-20).
fn carries(code: Code) -> bool {
    matches!(code, Code::AttachmentDown | Code::DirectConnectSecondaryCidr)
}
