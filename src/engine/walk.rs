//! The way of a flow through the fabric: splits at decisions, forks where it may take several ways.
//!
//! Filters are noted on the way and judged afterwards ([`super::judge`]): they never change where a packet goes, and all
//! of them are to be reported (D20-13).

use std::net::IpAddr;
use std::sync::Arc;

use petgraph::graph::{EdgeIndex, NodeIndex};

use super::flow::Flow;
use crate::code::Code;
use crate::fabric::{
    Device, Fabric, FilterUse, Home, Hop, Party, Resident, ResidentIx, Role, StageKind, Then, Way,
};
use crate::id::Id;
use crate::model::{Endpoint, Place};
use crate::query::{Cause, Direction, Facts, Waypoint};
use crate::space::{AddressSet, IntervalSet, Match, Protocol, Space, Traffic};

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
    /// The subnet in whose route table it is being looked up.
    pub(super) leaving: Option<u32>,
    /// Who sends it: a route of the sender's to itself is a loop.
    pub(super) stand: Option<ResidentIx>,
    forwarders: Vec<ResidentIx>,
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
            tunnel: None,
            carried: false,
            moved: false,
            arrival: None,
            doomed: None,
            leaving: None,
            stand: None,
            forwarders: Vec::new(),
            visited: Vec::new(),
        }
    }

    fn with(&self, flow: F) -> Self {
        Self {
            flow,
            ..self.clone()
        }
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
        let endpoint = None;
        self.note(What::Stop(Arc::clone(&cause)), endpoint);
        self.ending = Ending::Stopped(cause);
        self
    }
}

/// Where a reply may find the translating gateway that its connection passed (DC-6).
pub(super) struct Session<H> {
    pub(super) stage: NodeIndex,
    pub(super) restored: H,
    /// Where it goes on: the choice of a tunnel.
    pub(super) onward: NodeIndex,
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
    session: Option<Session<F::Header>>,
    meant: Option<Meant>,
    opener: Option<Party>,
    done: Vec<Path<F>>,
}

impl<'a, F: Flow> Walk<'a, F> {
    /// The ways of the opening packets.
    pub(super) fn opening(fabric: &'a Fabric, space: &'a mut Space, meant: Option<Meant>) -> Self {
        Self {
            fabric,
            space,
            direction: Direction::Forward,
            session: None,
            meant,
            opener: None,
            done: Vec::new(),
        }
    }

    /// The ways of replies.
    pub(super) fn reply(
        fabric: &'a Fabric,
        space: &'a mut Space,
        session: Option<Session<F::Header>>,
        meant: Option<Meant>,
    ) -> Self {
        Self {
            fabric,
            space,
            direction: Direction::Return,
            session,
            meant,
            opener: None,
            done: Vec::new(),
        }
    }

    /// All ways from a stage on.
    pub(super) fn from(mut self, node: NodeIndex, path: Path<F>) -> Vec<Path<F>> {
        self.stage(node, path);
        self.done
    }

    /// All ways of what a party opens. `exempt` = its groups are not asked (SG-18).
    pub(super) fn open(mut self, from: Party, exempt: bool, flow: F) -> Vec<Path<F>> {
        let mut path = Path::new(flow);
        self.opener = Some(from);
        match from {
            Party::Host(index, address) => {
                let resident = self.fabric.hosts.get(index);
                let endpoint = resident.endpoint_at(address);
                path.stand = Some(index);
                if let Some(egress) = resident.egress.filter(|_| !exempt) {
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
                let Some(path) = self.smtp(path, resident) else {
                    return self.done;
                };
                match start {
                    Some(start) => self.stage(start, path),
                    None => self.stop(path, Cause::plain(Code::NoRoute)),
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
            Party::NatAddress(..) => self.stop(path, Cause::plain(Code::EndpointCannotInitiate)),
        }
        self.done
    }

    /// TCP/25 of CVMs to external addresses (SG-20); gives what is left.
    fn smtp(&mut self, path: Path<F>, resident: &Resident) -> Option<Path<F>> {
        let blocked = self.fabric.network.platform.outbound_smtp_blocked;
        let Some(id) = resident.id().filter(|_| blocked) else {
            return Some(path);
        };
        let smtp = Match {
            source: None,
            destination: Some(Arc::clone(&self.fabric.public)),
            traffic: Arc::new(Traffic::ports(Protocol::TCP, IntervalSet::single(25))),
        };
        let (mail, rest) = path.flow.split(self.space, &smtp);
        if let Some(mail) = mail {
            let cause = Cause::at(Code::OutboundSmtpBlocked, id);
            self.stop(path.with(mail), cause);
        }
        rest.map(|rest| path.with(rest))
    }

    fn stop(&mut self, path: Path<F>, cause: Cause) {
        self.keep(path.stopped(Arc::new(cause)));
    }

    fn end(&mut self, mut path: Path<F>, ending: Ending) {
        path.ending = ending;
        self.keep(path);
    }

    fn keep(&mut self, path: Path<F>) {
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
            let cause = Cause {
                at,
                ..Cause::plain(Code::RouteLoop)
            };
            return self.stop(path, cause);
        }
        if let Some(session) = &self.session
            && session.stage == node
        {
            path.flow = path.flow.looking(session.restored);
            let onward = session.onward;
            return self.stage(onward, path);
        }
        path.leaving = self.fabric.subnet_of_router(node);
        self.decide(node, path);
    }

    /// What a stage decides, where it stands or where others share it.
    fn decide(&mut self, node: NodeIndex, mut path: Path<F>) {
        let stage = &self.fabric.graph[node];
        let mut rest = path.flow.clone();
        for rule in &stage.rules {
            let (hit, miss) = rest.split(self.space, &rule.when);
            if let Some(hit) = hit {
                self.take(node, path.with(hit), &rule.then, rule.place.as_ref());
            }
            match miss {
                Some(miss) => rest = miss,
                None => return,
            }
        }
        path.flow = rest;
        self.take(node, path, &stage.otherwise, None);
    }

    fn take(&mut self, node: NodeIndex, mut path: Path<F>, then: &Then, place: Option<&Place>) {
        let stage = &self.fabric.graph[node];
        match then {
            Then::Go(ways) => {
                path.note(
                    What::Pass {
                        stage: stage.kind,
                        at: stage.at.clone(),
                        place: place.cloned(),
                    },
                    None,
                );
                for way in &**ways {
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
            Then::Stop(cause) => {
                path.carried |= carries(cause.code);
                self.keep(path.stopped(Arc::clone(cause)));
            }
            Then::Shared(_) => match self.fabric.shared(node) {
                Some(shared) => {
                    path.visited.push(shared);
                    self.decide(shared, path);
                }
                None => self.stop(path, Cause::plain(Code::NoRoute)),
            },
            Then::Deliver(vpc) => {
                let address = path.flow.destination();
                let owner = address.and_then(|address| self.fabric.hosts.in_vpc(*vpc, address));
                match (address, self.meant.clone()) {
                    (None, Some(meant)) => self.hand_to_members(*vpc, &path, meant),
                    _ => self.hand(path, owner, address),
                }
            }
            Then::DeliverClassic(region) => {
                let address = path.flow.destination();
                let owner =
                    address.and_then(|address| self.fabric.hosts.in_classic(region, address));
                self.hand(path, owner, address);
            }
            Then::Hand(resident) => self.arrive(path, *resident),
            Then::Public => {
                let owner = path.flow.destination();
                let owner = owner.and_then(|address| self.fabric.hosts.in_public(address));
                path.note(
                    What::Pass {
                        stage: StageKind::Internet,
                        at: None,
                        place: None,
                    },
                    None,
                );
                match owner.and_then(|owner| self.fabric.public_in(owner)) {
                    Some(edge) => self.follow(edge, path),
                    None => self.end(path, Ending::Internet),
                }
            }
            Then::ArriveAtSite(site) => self.end(path, Ending::Site(*site)),
            Then::Target(resident) => {
                path.met.push(*resident);
                self.end(path, Ending::Resident(*resident));
            }
            Then::Accept => {
                let ending = match (stage.kind, path.met.last()) {
                    (StageKind::NatGateway, _) | (_, None) => {
                        let gateways = &self.fabric.network.nat_gateways;
                        let index = stage.at.as_ref().and_then(|id| gateways.get_index_of(id));
                        let index = index.and_then(|index| u32::try_from(index).ok());
                        Ending::NatGateway(index.unwrap_or(u32::MAX))
                    }
                    (_, Some(resident)) => Ending::Resident(*resident),
                };
                self.end(path, ending);
            }
        }
    }

    /// Along an edge: forwarder, filters, translation.
    fn follow(&mut self, edge: EdgeIndex, mut path: Path<F>) {
        let fabric = self.fabric;
        let hop = &fabric.graph[edge];
        path.tell(hop);
        let resident = hop.forwarder.map(|index| fabric.hosts.get(index));
        if let (Some(forwarder), Some(resident)) = (hop.forwarder, resident) {
            let id = resident.id();
            let same = |other: &ResidentIx| {
                let other = fabric.hosts.get(*other);
                other.id() == id || other.machine.is_some() && other.machine == resident.machine
            };
            if path.leaving.map(Home::Subnet) == Some(resident.home) {
                path.leaving = None;
            }
            let itself = path.stand.filter(|_| !path.moved);
            if path.forwarders.iter().chain(&itself).any(same) {
                let cause = id.map_or(Cause::plain(Code::RouteLoop), |id| {
                    Cause::at(Code::RouteLoop, id)
                });
                return self.stop(path, cause);
            }
            if let Some((clients, refused)) = &hop.refused {
                let (hit, miss) = path.flow.split(self.space, clients);
                if let Some(hit) = hit {
                    let path = path.with(hit);
                    self.keep(path.stopped(Arc::clone(refused)));
                }
                match miss {
                    Some(miss) => path.flow = miss,
                    None => return,
                }
            }
            if resident.down {
                let cause = id.map_or(Cause::plain(Code::EndpointDown), |id| {
                    Cause::at(Code::EndpointDown, id)
                });
                return self.stop(path, cause);
            }
            path.forwarders.push(forwarder);
        }
        path.moved = true;
        path.leaving = None;
        let forwarder = hop.forwarder;
        self.filters(&hop.filters, forwarder, &mut path);
        if let Some(translation) = &hop.translation {
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
        let target = fabric.graph.edge_endpoints(edge).and_then(|(_, next)| {
            match fabric.graph[next].otherwise {
                Then::Target(target) => Some(target),
                _ => None,
            }
        });
        if let Some(target) =
            target.filter(|target| self.is_opener(*target, path.flow.destination()))
        {
            // A target that is the client itself (CLB-16, D20-21).
            let balancer = path.met.last().copied().unwrap_or(target);
            let id = fabric.hosts.get(balancer).id();
            let cause = id.map_or(Cause::plain(Code::NoTarget), |id| {
                Cause::at(Code::NoTarget, id)
            });
            return self.stop(path, cause);
        }
        self.filters(&hop.behind, target, &mut path);
        if let Some(waypoint) = &hop.waypoint
            && !path.waypoints.contains(waypoint)
        {
            path.waypoints.push(waypoint.clone());
        }
        if hop.tunnel.is_some() {
            path.tunnel.clone_from(&hop.tunnel);
        }
        path.carried |= hop.carried;
        if hop.down.is_some() {
            path.doomed.clone_from(&hop.down);
        }
        if path.carried
            && let Some(down) = path.doomed.take()
        {
            return self.keep(path.stopped(down));
        }
        match fabric.graph.edge_endpoints(edge) {
            Some((_, next)) => self.stage(next, path),
            None => self.stop(path, Cause::plain(Code::NoRoute)),
        }
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

    /// Notes filters; groups are those of a resident and are not asked about replies.
    fn filters(&self, filters: &[FilterUse], of: Option<ResidentIx>, path: &mut Path<F>) {
        for filter in filters {
            let stateful = filter.kind.is_stateful();
            if self.direction == Direction::Forward || !stateful {
                let resident = of.filter(|_| stateful).map(|of| self.fabric.hosts.get(of));
                let endpoint = resident.map(|resident| resident.endpoint.clone());
                path.note(What::Filter(*filter), endpoint);
            }
        }
    }

    fn hand(&mut self, path: Path<F>, owner: Option<ResidentIx>, address: Option<IpAddr>) {
        if let Some(owner) = owner {
            return self.arrive(path, owner);
        }
        // Local covers addresses that nobody owns.
        let mut path = path;
        path.forget_the_last_leg();
        let facts = Facts {
            address,
            ..Facts::default()
        };
        self.stop(path, Cause::plain(Code::NoRoute).with(facts));
    }

    /// Several destinations at once: those of the group that is meant get there.
    fn hand_to_members(&mut self, vpc: u32, path: &Path<F>, meant: Meant) {
        let members = Match {
            destination: Some(meant.addresses),
            ..Match::all()
        };
        let (hit, miss) = path.flow.split(self.space, &members);
        let here = self.fabric.vpc_of_resident(meant.resident) == Some(vpc);
        if let Some(hit) = hit {
            let owner = here.then_some(meant.resident);
            self.hand(path.with(hit), owner, None);
        }
        if let Some(miss) = miss {
            self.hand(path.with(miss), None, None);
        }
    }

    /// At a resident: its groups, its state, what it serves.
    fn arrive(&mut self, mut path: Path<F>, index: ResidentIx) {
        path.arrival.get_or_insert(path.steps.len());
        path.met.push(index);
        if self.direction == Direction::Return {
            return self.end(path, Ending::Resident(index));
        }
        let fabric = self.fabric;
        let resident = fabric.hosts.get(index);
        let address = path.flow.destination().unwrap_or(resident.addresses.0);
        let endpoint = resident.endpoint_at(address);
        let skipped = path
            .devices
            .last()
            .is_some_and(|taken| taken.device == Device::EipIn(index))
            && groups_ignore_eip(fabric, resident);
        if let Some(ingress) = resident.ingress.filter(|_| !skipped) {
            path.note(What::Filter(ingress), Some(endpoint));
        }
        let id = resident.id();
        if let (Role::EndpointConnection, Some(id)) = (resident.role, id) {
            path.waypoints.push(Waypoint::Id(id.clone()));
        }
        if resident.unbound {
            let cause = id.map_or(Cause::plain(Code::RouteBlackhole), |id| {
                Cause::at(Code::RouteBlackhole, id)
            });
            return self.stop(path, cause);
        }
        if resident.down {
            let cause = id.map_or(Cause::plain(Code::EndpointDown), |id| {
                Cause::at(Code::EndpointDown, id)
            });
            return self.stop(path, cause);
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

/// A gateway that loses a packet for these reasons would have carried it (D20-12, D20-20).
fn carries(code: Code) -> bool {
    matches!(
        code,
        Code::AttachmentDown | Code::DirectConnectSecondaryCidr
    )
}
