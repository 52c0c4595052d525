//! All packets of a pair, exactly: which work there and back, which do not, and why.
//!
//! A way there works for the packets that pass its filters and whose replies come back. Where a packet may take several
//! ways (equal routes, targets, gateways of a site), `always` holds what works on all of them and `sometimes`
//! what works on at least one (D20-29).

use std::net::IpAddr;
use std::sync::Arc;

use super::classes::Classes;
use super::flow::Batch;
use super::judge::{
    Met, Obstacle, along, arrived, is_site, is_unsaid, landed, leaving, settle, structural,
};
use super::memory::{Known, Memory};
use super::rewriting::{self, Rewriting};
use super::session::replies;
use super::straight::{Host, view};
use super::walk::{Detail, Ending, Meant, Path, Walk, What};
use crate::code::Code;
use crate::fabric::{Fabric, FilterUse, Home, ListIx, Party, Role, meeting};
use crate::model::Endpoint;
use crate::query::{Cause, Direction, ListName, NearMiss, Reason, RuleRef, Traffics, Waypoint};
use crate::space::{
    Action, AddressSet, Allowance, Match, Origin, Packet, Part, Set, Space, Traffic, View,
};

/// Two ends and what is sent between them.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Who opens.
    pub from: Party,
    /// Who is meant.
    pub to: Party,
    /// Source addresses of the opening packets.
    pub source: AddressSet,
    /// Their destination addresses.
    pub destination: AddressSet,
    /// Protocols and ports, as a set that leaves addresses open.
    pub traffic: Set,
}

impl Pair {
    /// Two hosts at their addresses.
    #[must_use]
    pub fn of_hosts(from: Host, to: Host, traffic: Set) -> Self {
        Self {
            from: from.party(),
            to: to.party(),
            source: AddressSet::single(from.address),
            destination: AddressSet::single(to.address),
            traffic,
        }
    }
}

/// What blocks a part of the packets of a way.
#[derive(Clone, Debug)]
pub struct Blocker {
    /// Code, place, witness.
    pub reason: Reason,
    /// The original packets that it blocks.
    pub set: Set,
}

impl Blocker {
    /// A rule list, not a rule of the platform, a route or a state.
    #[must_use]
    pub fn is_filter(&self) -> bool {
        is_filter(self.reason.cause.code)
    }
}

/// A party that is one host, at one address.
pub(super) fn host(party: Party, addresses: &AddressSet) -> Option<Host> {
    match (party, addresses.first()) {
        (Party::Host(resident, _), Some(address)) if addresses.len() == 1 => {
            Some(Host { resident, address })
        }
        _ => None,
    }
}

/// Whether a code is that of a rule list.
pub(super) fn is_filter(code: Code) -> bool {
    ListName::denying(code).is_some()
}

/// Whether what such a reason takes is lost whatever comes after it: also where the model ends.
pub(super) fn is_sure(code: Code) -> bool {
    is_filter(code) || code == Code::OutboundSmtpBlocked
}

/// Whether it is only that the opener may open nothing (D20-1): where its packets would go is known.
pub(super) fn is_barred(forbidden: &[Cause]) -> bool {
    let mut codes = forbidden.iter().map(|cause| cause.code);
    codes.all(|code| {
        matches!(
            code,
            Code::EndpointCannotInitiate | Code::EndpointConnectionOneWay | Code::VpcEndpointOneWay
        )
    })
}

/// One way of a pair.
#[derive(Clone, Debug)]
pub struct Way {
    /// The original packets that take it.
    pub set: Set,
    /// Those that work on it, there and back, on every way back.
    pub always: Set,
    /// Those that work on it on at least one way back.
    pub sometimes: Set,
    /// What it passes.
    pub waypoints: Vec<Waypoint>,
    /// What is rewritten on the way there, in order.
    pub rewritings: Vec<Rewriting>,
    /// What blocks packets on it, in path order.
    pub blockers: Vec<Blocker>,
}

/// The answer for a pair.
#[derive(Clone, Debug)]
pub struct PairAnswer {
    /// What was asked, as a set.
    pub asked: Set,
    /// What works on all ways.
    pub always: Set,
    /// What works on some way.
    pub sometimes: Set,
    /// What the model does not say.
    pub undetermined: Set,
    /// The ways.
    pub ways: Vec<Way>,
    /// What the packets look like when they are sent: constant addresses are not part of the sets.
    pub view: View,
}

/// Answers pairs over one fabric; remembers what filters permit.
pub struct Reacher<'a> {
    fabric: &'a Fabric,
    /// The arena of all sets of its answers.
    pub space: Space,
    pub(super) memory: Memory,
    pub(super) known: Known,
    classes: Option<Arc<Classes>>,
}

impl<'a> Reacher<'a> {
    /// An engine over a fabric.
    #[must_use]
    pub fn new(fabric: &'a Fabric) -> Self {
        Self::within(fabric, Space::new())
    }

    /// An engine that works in this arena, such as one with a budget.
    #[must_use]
    pub fn within(fabric: &'a Fabric, space: Space) -> Self {
        Self::remembering(fabric, space, Memory::default())
    }

    /// An engine that knows what another one knew, whose arena this is.
    #[must_use]
    pub fn remembering(fabric: &'a Fabric, mut space: Space, memory: Memory) -> Self {
        space.wish(&fabric.named);
        Self { fabric, space, memory, known: Known::default(), classes: None }
    }

    /// What is asked in a family, from any address to any, made at most once.
    pub fn asked_anywhere(
        &mut self,
        traffic: (&Traffics, bool),
        packets: impl FnOnce() -> Traffic,
    ) -> Set {
        let space = &mut self.space;
        self.memory.asked(traffic, || {
            let any = AddressSet::any();
            space.cube(&any, &any, &packets())
        })
    }

    /// What is known of this fabric from another engine over it, with the same memory.
    #[must_use]
    pub fn knowing(mut self, known: Known) -> Self {
        self.known = known;
        self
    }

    /// Which endpoints of the fabric nothing tells apart.
    pub fn classes(&mut self) -> Arc<Classes> {
        let fabric = self.fabric;
        let classes = self.classes.get_or_insert_with(|| Arc::new(Classes::of(fabric)));
        Arc::clone(classes)
    }

    /// The number of each stage's text: equal in two fabrics whose engines share a memory, if and only if the texts are.
    pub fn stage_numbers(&mut self) -> &[u32] {
        let (numbers, _) = self.known.stages(&mut self.memory, self.fabric);
        numbers
    }

    /// The number of a list's content, equal in the same way.
    pub fn list_number(&mut self, list: ListIx) -> u32 {
        self.known.list(&mut self.memory, self.fabric, list)
    }

    /// Begins the next question. Where the budget was passed, it begins with nothing known, as the first one.
    pub fn renew(&mut self, allowance: Allowance) {
        self.space.renew(allowance);
        if self.space.exhausted() {
            self.space.clear();
            self.memory = Memory::default();
            self.known = Known::default();
        }
    }

    /// The arena, and what is known of the sets in it, for the engine over the next fabric; and what is known of this fabric
    /// alone.
    #[must_use]
    pub fn into_parts(self) -> (Space, Memory, Known) {
        (self.space, self.memory, self.known)
    }

    /// The fabric it works on.
    #[must_use]
    pub fn fabric(&self) -> &'a Fabric {
        self.fabric
    }

    /// Everything about one pair.
    pub fn pair(&mut self, pair: &Pair) -> PairAnswer {
        self.answer(pair, Detail::Reasons)
    }

    /// The sets of a pair, without who blocks what.
    pub fn sets(&mut self, pair: &Pair) -> PairAnswer {
        self.answer(pair, Detail::Sets)
    }

    /// What works for a pair on all ways, and what its packets look like: [`PairAnswer::always`] without the reasons.
    pub fn works(&mut self, pair: &Pair) -> (Set, View) {
        if let (Some(from), Some(to)) =
            (host(pair.from, &pair.source), host(pair.to, &pair.destination))
            && let Some(works) = self.straight(from, to, pair.traffic)
        {
            return (works.always, view(from.address, to.address));
        }
        let answer = self.answer(pair, Detail::Sets);
        (answer.always, answer.view)
    }

    /// What a pair is asked about, as a set, and what its packets look like.
    pub fn asked(&mut self, pair: &Pair) -> (Set, View) {
        let batch = self.batch(pair);
        (batch.set, batch.view)
    }

    fn answer(&mut self, pair: &Pair, detail: Detail) -> PairAnswer {
        let batch = self.batch(pair);
        let view = batch.view;
        let ways = self.ways(pair, batch, detail);
        let mut answer = PairAnswer {
            asked: batch.set,
            always: batch.set,
            sometimes: Space::EMPTY,
            undetermined: Space::EMPTY,
            ways: Vec::new(),
            view,
        };
        for path in ways {
            if self.space.is_over() {
                break;
            }
            // What is undetermined hangs on what filters drop before.
            let detail = if is_unsaid(&path) { Detail::Reasons } else { detail };
            let way = self.way(pair, &path, detail);
            let bad = self.space.difference(way.set, way.always);
            answer.always = self.space.difference(answer.always, bad);
            answer.sometimes = self.space.union(answer.sometimes, way.sometimes);
            if is_unsaid(&path) {
                // What a filter drops before is lost, whatever comes after.
                let dropped = way.blockers.iter();
                let dropped = dropped.filter(|blocker| is_sure(blocker.reason.cause.code));
                let dropped: Vec<_> = dropped.map(|blocker| blocker.set).collect();
                let dropped = self.space.union_all(dropped);
                let rest = self.space.difference(way.set, dropped);
                answer.undetermined = self.space.union(answer.undetermined, rest);
            }
            answer.ways.push(way);
        }
        answer
    }

    /// Single addresses become constants of the view: the sets then speak of protocols and ports only.
    fn batch(&mut self, pair: &Pair) -> Batch {
        let single = |addresses: &AddressSet| {
            let first = addresses.first()?;
            (addresses.len() == 1).then_some(first)
        };
        let mut view = View::identity();
        let mut when = Match::all();
        match single(&pair.source) {
            Some(address) => view.source = Origin::Const(address),
            None => when.source = Some(Arc::new(pair.source.clone())),
        }
        match single(&pair.destination) {
            Some(address) => view.destination = Origin::Const(address),
            None => when.destination = Some(Arc::new(pair.destination.clone())),
        }
        let addresses = when.set(&mut self.space);
        let set = self.space.intersection(pair.traffic, addresses);
        Batch { set, view }
    }

    /// What is asked about a pair, and the ways that it takes.
    pub(super) fn ways_of(&mut self, pair: &Pair) -> (Set, Vec<Path<Batch>>) {
        let batch = self.batch(pair);
        (batch.set, self.ways(pair, batch, Detail::Sets))
    }

    fn ways(&mut self, pair: &Pair, batch: Batch, detail: Detail) -> Vec<Path<Batch>> {
        self.space.begin_ways();
        let exempt = is_exempt(self.fabric, pair.from, pair.to);
        let meant = meant(pair.to, &pair.destination);
        let forbidden = meeting(self.fabric, pair.from, pair.to, batch_destination(pair));
        let walks = match detail {
            Detail::Sets => forbidden.is_empty(),
            Detail::Reasons => is_barred(&forbidden),
        };
        if !walks {
            return vec![forbidden_way(self.fabric, pair.from, exempt, batch, forbidden)];
        }
        let walk = Walk::opening(self.fabric, &mut self.space, meant, detail);
        let ways = walk.open(pair.from, (exempt, forbidden), batch);
        let ways: Vec<_> =
            ways.into_iter().map(|path| settle(self.fabric, path, pair.from, pair.to)).collect();
        if is_site(pair.from) {
            return self.carried(ways);
        }
        ways
    }

    /// Ways of a site whose gateway does not carry a packet that another one carries fall away (D20-12).
    fn carried(&mut self, ways: Vec<Path<Batch>>) -> Vec<Path<Batch>> {
        let sets = ways.iter().filter(|path| path.carried).map(|path| path.flow.set);
        let carried = self.space.union_all(sets.collect::<Vec<_>>());
        let ways = ways.into_iter().filter_map(|mut path| {
            if !path.carried {
                path.flow.set = self.space.difference(path.flow.set, carried);
            }
            (!self.space.is_empty(path.flow.set)).then_some(path)
        });
        ways.collect()
    }

    fn way(&mut self, pair: &Pair, path: &Path<Batch>, detail: Detail) -> Way {
        let set = path.flow.set;
        let mut blockers = Vec::new();
        let mut works = set;
        let stopped = matches!(path.ending, Ending::Stopped(_));
        let mail = path.steps.iter().any(|step| matches!(step.what, What::Stop(_)));
        if (stopped || mail) && detail == Detail::Sets {
            return way_of(path, Space::EMPTY, Space::EMPTY, Vec::new());
        }
        let mut rewritings = Vec::new();
        for step in &path.steps {
            for met in along(std::slice::from_ref(step)) {
                let found = self.obstacle(&met, set, (Direction::Forward, detail), &mut works);
                blockers.extend(found);
            }
            if detail == Detail::Reasons {
                rewriting::note(&mut rewritings, self.fabric, step, works);
            }
        }
        if stopped {
            let ends = (pair.from, pair.to);
            let mut beside: Vec<(Set, Met<View>)> = Vec::new();
            let leaving = leaving(self.fabric, pair.from, pair.to, path);
            beside.extend(leaving.map(|met| (set, met)));
            for landed in landed(self.fabric, &mut self.space, ends, path) {
                let met = along(&landed.steps).into_iter();
                beside.extend(met.map(|met| (landed.flow.set, met)));
            }
            beside.extend(extra(self.fabric, pair, path).into_iter().map(|met| (set, met)));
            for (set, met) in beside {
                let found = self.obstacle(&met, set, (Direction::Forward, detail), &mut works);
                blockers.extend(found);
            }
        }
        if source_is_down(self.fabric, pair.from) {
            let down = Met {
                obstacle: Obstacle::Stop(Arc::new(down(self.fabric, pair.from))),
                header: path.flow.view,
                endpoint: None,
            };
            let found = self.obstacle(&down, set, (Direction::Forward, detail), &mut works);
            blockers.splice(0..0, found);
            return way_of(path, works, works, blockers);
        }
        if stopped {
            return Way { rewritings, ..way_of(path, works, works, blockers) };
        }
        let opener = meant(pair.from, &pair.source);
        let back = replies(self.fabric, &mut self.space, path, (opener, detail));
        let mut always = set;
        let mut sometimes = Space::EMPTY;
        for path in back {
            let path = settle(self.fabric, path, pair.to, pair.from);
            let mut good = path.flow.set;
            let stopped = matches!(path.ending, Ending::Stopped(_));
            let beside = leaving(self.fabric, pair.to, pair.from, &path).filter(|_| stopped);
            for met in along(&path.steps).into_iter().chain(beside) {
                let found =
                    self.obstacle(&met, path.flow.set, (Direction::Return, detail), &mut good);
                blockers.extend(found);
            }
            debug_assert!(
                arrived(&path, pair.from) || matches!(path.ending, Ending::Stopped(_)),
                "a settled way has arrived or stopped"
            );
            let bad = self.space.difference(path.flow.set, good);
            always = self.space.difference(always, bad);
            sometimes = self.space.union(sometimes, good);
        }
        let always = self.space.intersection(works, always);
        let sometimes = self.space.intersection(works, sometimes);
        Way { rewritings, ..way_of(path, always, sometimes, blockers) }
    }

    /// What an obstacle blocks of a set; takes it out of `works`.
    fn obstacle(
        &mut self,
        met: &Met<View>,
        set: Set,
        (direction, detail): (Direction, Detail),
        works: &mut Set,
    ) -> Vec<Blocker> {
        match &met.obstacle {
            Obstacle::Stop(cause) => {
                *works = Space::EMPTY;
                if detail == Detail::Sets {
                    return Vec::new();
                }
                let cause = (**cause).clone();
                let reason = self.reason(cause, met, direction, None, set);
                reason.into_iter().map(|reason| Blocker { reason, set }).collect()
            }
            Obstacle::Filter(filter) => {
                let permitted = self.permitted(filter.list, &met.header);
                let blocked = self.space.difference(set, permitted);
                if self.space.is_empty(blocked) {
                    return Vec::new();
                }
                *works = self.space.intersection(*works, permitted);
                if detail == Detail::Sets {
                    return Vec::new();
                }
                self.denials(*filter, met, direction, blocked)
            }
        }
    }

    /// The original packets that a list permits where they look like this.
    pub(super) fn permitted(&mut self, list: ListIx, view: &View) -> Set {
        let list = self.known.list(&mut self.memory, self.fabric, list);
        self.permitted_by(list, view)
    }

    /// The same of a list by the number of its content.
    pub(super) fn permitted_by(&mut self, list: u32, view: &View) -> Set {
        self.memory.permits.permitted(&mut self.space, list, view)
    }

    /// Who dropped which part: each rule in order, then the implied deny.
    fn denials(
        &mut self,
        filter: FilterUse,
        met: &Met<View>,
        direction: Direction,
        mut blocked: Set,
    ) -> Vec<Blocker> {
        let list = self.fabric.filters.get(filter.list);
        let mut blockers = Vec::new();
        for rule in &list.rules {
            if self.space.is_empty(blocked) {
                return blockers;
            }
            let Some(when) = rule.when.seen_through(&met.header) else {
                continue;
            };
            if rule.action == Action::Accept {
                continue;
            }
            let when = when.set(&mut self.space);
            let part = self.space.intersection(blocked, when);
            if self.space.is_empty(part) {
                continue;
            }
            // Blocked packets that match a drop rule were not accepted above it.
            blocked = self.space.difference(blocked, when);
            let owner = rule.rule.as_ref().map_or(&list.owner, |rule| &rule.owner);
            let mut cause = Cause::at(filter.kind.denied(), owner);
            if let Some(rule) = &rule.rule {
                cause = cause.placed(rule.place());
            }
            let reason = self.reason(cause, met, direction, rule.rule.clone(), part);
            blockers.extend(reason.map(|reason| Blocker { reason, set: part }));
        }
        if !self.space.is_empty(blocked) {
            let cause = Cause::at(filter.kind.denied(), &list.owner);
            let reason = self.reason(cause, met, direction, None, blocked);
            blockers.extend(reason.map(|mut reason| {
                reason.near_miss = near_miss(self.fabric, filter, &reason.witness);
                Blocker { reason, set: blocked }
            }));
        }
        blockers
    }

    fn reason(
        &mut self,
        cause: Cause,
        met: &Met<View>,
        direction: Direction,
        rule: Option<RuleRef>,
        set: Set,
    ) -> Option<Reason> {
        let witness = self.space.witness(set)?;
        Some(Reason {
            direction,
            cause,
            endpoint: met.endpoint.clone(),
            rule,
            near_miss: None,
            witness: met.header.apply(&witness),
        })
    }

    /// A packet of a set as it is sent.
    #[must_use]
    pub fn witness(&self, set: Set, view: &View) -> Option<Packet> {
        self.space.witness(set).map(|packet| view.apply(&packet))
    }
}

/// A way on which nothing is rewritten.
fn way_of(path: &Path<Batch>, always: Set, sometimes: Set, blockers: Vec<Blocker>) -> Way {
    Way {
        set: path.flow.set,
        always,
        sometimes,
        waypoints: path.waypoints.clone(),
        rewritings: Vec::new(),
        blockers,
    }
}

/// The accept rule that a packet came closest to: fewest parts missed, topmost first.
pub(super) fn near_miss(fabric: &Fabric, filter: FilterUse, packet: &Packet) -> Option<NearMiss> {
    let rules = &fabric.filters.get(filter.list).rules;
    let accepting = rules.iter().filter(|rule| rule.action == Action::Accept);
    let misses = accepting.filter_map(|rule| {
        let failed: Vec<Part> = rule.when.misses(packet);
        Some((failed, rule.rule.clone()?))
    });
    let nearest = misses.min_by_key(|(failed, _)| failed.len());
    nearest.map(|(failed, rule)| NearMiss { rule, failed })
}

/// Classic CVMs reach `MySql`, Redis and Memcached of the classic network past their own groups (SG-18).
pub(super) fn is_exempt(fabric: &Fabric, from: Party, to: Party) -> bool {
    let (Party::Host(from, _), Party::Host(to, _)) = (from, to) else {
        return false;
    };
    if fabric.hosts.get(from).home != Home::Classic {
        return false;
    }
    match &fabric.hosts.get(to).endpoint {
        Endpoint::ClassicDatabase(id) => {
            let database = fabric.network.classic_databases.get(id);
            database.is_some_and(|database| database.engine.is_exempt_in_classic())
        }
        // Who comes from the classic network meets the old address of a VPC by a link, not in the classic network.
        Endpoint::OldVip(id, _) if fabric.hosts.get(to).home == Home::Classic => {
            let database = fabric.network.databases.get(id);
            database.is_some_and(|database| database.engine.is_exempt_in_classic())
        }
        _ => false,
    }
}

fn batch_destination(pair: &Pair) -> Option<IpAddr> {
    pair.destination.first()
}

/// The way of what may not meet: the opener's groups, then the platform's word.
pub(super) fn forbidden_way<F: super::flow::Flow>(
    fabric: &Fabric,
    from: Party,
    exempt: bool,
    flow: F,
    causes: Vec<Cause>,
) -> Path<F> {
    let mut path = Path::new(flow);
    if let Party::Host(host, address) = from {
        let resident = fabric.hosts.get(host);
        if let Home::Subnet(subnet) = resident.home {
            path.leaving = Some(subnet);
        }
        if let Some(egress) = resident.egress.filter(|_| !exempt && resident.role == Role::Machine)
        {
            path.note(What::Filter(egress), Some(resident.endpoint_at(address)));
        }
    }
    for cause in causes {
        path = path.stopped(Arc::new(cause));
    }
    path
}

/// Causes that stand beside the one that stopped a way.
pub(super) fn extra<F: super::flow::Flow>(
    fabric: &Fabric,
    pair: &Pair,
    path: &Path<F>,
) -> Vec<Met<F::Header>> {
    let Ending::Stopped(cause) = &path.ending else {
        return Vec::new();
    };
    if is_unsaid(path) {
        return Vec::new();
    }
    let known = |code: Code| {
        path.steps.iter().any(|step| matches!(&step.what, What::Stop(cause) if cause.code == code))
    };
    let public = pair.destination.first().is_some_and(|sent| fabric.is_public(sent));
    let at_home = !path.moved && matches!(pair.from, Party::Host(..));
    let causes = structural(fabric, pair.from, pair.to, cause, (at_home, public)).into_iter();
    let causes = causes.filter(|cause| !known(cause.code));
    let met = causes.map(|cause| Met {
        obstacle: Obstacle::Stop(Arc::new(cause)),
        header: path.flow.header(),
        endpoint: None,
    });
    met.collect()
}

/// Stopped and isolated endpoints, and HAVIPs that nobody carries, open nothing (D20-17).
pub(super) fn source_is_down(fabric: &Fabric, from: Party) -> bool {
    match from {
        Party::Host(host, _) => {
            let resident = fabric.hosts.get(host);
            resident.down || resident.unbound
        }
        Party::NatAddress(..) | Party::Site(_) | Party::Internet | Party::Nobody(_) => false,
    }
}

pub(super) fn down(fabric: &Fabric, from: Party) -> Cause {
    let id = match from {
        Party::Host(host, _) => fabric.hosts.get(host).id(),
        Party::NatAddress(..) | Party::Site(_) | Party::Internet | Party::Nobody(_) => None,
    };
    id.map_or(Cause::plain(Code::EndpointDown), |id| Cause::at(Code::EndpointDown, id))
}

/// The resident that is meant, with its addresses if they are more than one.
pub(super) fn meant(party: Party, addresses: &AddressSet) -> Option<Meant> {
    match party {
        Party::Host(resident, _) if addresses.len() > 1 => {
            Some(Meant { resident, addresses: Arc::new(addresses.clone()) })
        }
        _ => None,
    }
}
