//! Which promises break when something fails: everything that can fail, one at a time or two at once.
//!
//! Nothing is judged that a failure cannot touch. A machine that is only an end (no stage names it, nothing refers to it),
//! and the link of one, bear on those promises alone that mean it or somebody with the same address; a target of a load
//! balancer also on those that mean the balancer. Machines that nothing tells apart, and that the same promises mean on
//! the same sides, break the same: one of them is tried for all; where all these promises are that everything works,
//! it is enough that the machines live in the same place, for nothing but the failure itself is lost. Two failures at
//! once are told where neither alone breaks the promise.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use rayon::prelude::*;

use super::report::{ExpectationReport, Outcome};
use super::run::{Situation, judged};
use super::select::{Side, select};
use super::selection::Selection;
use crate::engine::{ClassIx, Classes};
use crate::fabric::{Fabric, Home, ResidentIx};
use crate::id::Id;
use crate::model::failure::{failed, failures};
use crate::model::{DirectConnectKind, Failing, Failure, Key, Kind, Network, apply, references};
use crate::query::{Expectation, Want};
use crate::scenario::Planned;
use crate::space::{AddressSet, Budget, Exceeded};

/// How many things fail at once at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AtOnce {
    /// Each alone.
    One,
    /// Each alone, then every two.
    Two,
}

/// What is asked.
pub struct Sweep<'a> {
    /// The network in which things fail.
    pub situation: &'a Situation,
    /// The promises.
    pub expectations: Vec<&'a Planned<Expectation>>,
    /// The date, `YYYY-MM-DD` in UTC, for waivers.
    pub today: &'a str,
    /// How much a promise may take each time that it is judged.
    pub budget: Budget,
    /// How many things fail at once.
    pub at_once: AtOnce,
    /// Whether a piece of the work, by its number, is to be done.
    pub has: &'a (dyn Fn(usize) -> bool + Sync),
}

/// What came of it.
pub struct Failures {
    /// The promises with nothing failed, in their order.
    pub before: Vec<ExpectationReport>,
    /// Everything that can fail.
    pub failures: Vec<Failure>,
    /// How many failures were tried, and how many pairs of them; those that can touch nothing are among them.
    pub tried: (usize, usize),
    /// How many things had failed before.
    pub failed: usize,
    /// Instance groups, whose members have no state of their own.
    pub groups: usize,
    /// What breaks something, those that matter most first.
    pub broken: Vec<Broken>,
    /// What may break something: the budget was not enough to know.
    pub open: Vec<Open>,
}

/// A failure, or two at once, with the promises that it breaks.
#[derive(Clone)]
pub struct Broken {
    /// What fails, by position.
    pub down: Vec<usize>,
    /// The promises by their position, as they were judged then.
    pub breaks: Arc<[(usize, ExpectationReport)]>,
    /// Whether it only breaks promises about the very machines that fail.
    pub is_end: bool,
}

/// A promise that could not be judged while something was down.
#[derive(Clone, Debug)]
pub struct Open {
    /// What fails, by position.
    pub down: Vec<usize>,
    /// The promise, by position.
    pub promise: usize,
    /// What the budget was not enough of.
    pub exceeded: Exceeded,
}

/// Failures that break the same: one is tried for all.
struct Unit {
    /// By position.
    members: Vec<usize>,
    /// The promises that it can touch, of those that hold.
    touches: Vec<usize>,
    /// The promises that mean the machine.
    means: Vec<usize>,
}

/// What came of one piece of the work: a unit, or two.
struct Judged {
    down: Vec<usize>,
    units: (usize, Option<usize>),
    broken: Vec<(usize, ExpectationReport)>,
    open: Vec<(usize, Exceeded)>,
}

/// Makes everything fail that can; `tell` hears how much of the work is done.
#[must_use]
pub fn sweep(asked: &Sweep<'_>, mut tell: impl FnMut(usize, usize)) -> Failures {
    let terms = (asked.today, || asked.budget.begin());
    let promises = asked.expectations.iter().copied();
    let before = judged(asked.situation, promises, terms);
    let network = &asked.situation.network;
    let all = failures(network);
    let units = units(asked, &before, &all);
    let pieces: Vec<(usize, Option<usize>)> = (0..units.len()).map(|unit| (unit, None)).collect();
    let own = |pieces: &[(usize, Option<usize>)]| -> usize {
        let pieces = pieces.iter().map(|piece| size(&units, *piece));
        pieces.sum()
    };
    let mut made = Failures {
        before,
        tried: (0, 0),
        failed: failed(network),
        groups: network.instance_groups.len(),
        broken: Vec::new(),
        open: Vec::new(),
        failures: all,
    };
    // Two at once need to know what each alone breaks, whoever tells that.
    let first: Vec<_> = match asked.at_once {
        AtOnce::Two => pieces.clone(),
        AtOnce::One => mine(asked, &pieces, 0),
    };
    let pairs = pairs(&units);
    let second = match asked.at_once {
        AtOnce::Two => mine(asked, &pairs, pieces.len()),
        AtOnce::One => Vec::new(),
    };
    let total = first.len() + second.len();
    let alone = each(asked, &made.failures, &units, &first, &[], |done| {
        tell(done, total);
    });
    let two = each(asked, &made.failures, &units, &second, &alone, |done| {
        tell(first.len() + done, total);
    });
    let told = mine(asked, &pieces, 0);
    made.tried = (own(&told), own(&second));
    let told: HashSet<usize> = told.into_iter().map(|(unit, _)| unit).collect();
    let alone = alone.into_iter().filter(|one| told.contains(&one.units.0));
    for judged in alone.chain(two) {
        made.tell(&units, judged);
    }
    made.sort();
    made
}

/// The pieces that are to be done, counted from `first`.
fn mine<P: Copy>(asked: &Sweep<'_>, pieces: &[P], first: usize) -> Vec<P> {
    let pieces = (first..).zip(pieces);
    let mine = pieces.filter(|(number, _)| (asked.has)(*number));
    mine.map(|(_, piece)| *piece).collect()
}

/// Every two units, and those by themselves that have two members.
fn pairs(units: &[Unit]) -> Vec<(usize, Option<usize>)> {
    let all = 0..units.len();
    let pairs = all.flat_map(|one| (one..units.len()).map(move |two| (one, two)));
    let pairs = pairs.filter(|(one, two)| one != two || units[*one].members.len() > 1);
    pairs.map(|(one, two)| (one, Some(two))).collect()
}

/// For how many failures, or pairs of them, a piece stands.
fn size(units: &[Unit], (one, two): (usize, Option<usize>)) -> usize {
    let first = units[one].members.len();
    match two {
        None => first,
        Some(two) if two == one => first * (first - 1) / 2,
        Some(two) => first * units[two].members.len(),
    }
}

/// So many pieces are done before somebody hears of it.
const BLOCK: usize = 32;

/// Does some pieces of the work, on all cores.
fn each(
    asked: &Sweep<'_>,
    all: &[Failure],
    units: &[Unit],
    pieces: &[(usize, Option<usize>)],
    alone: &[Judged],
    mut tell: impl FnMut(usize),
) -> Vec<Judged> {
    let mut done = Vec::with_capacity(pieces.len());
    for block in pieces.chunks(BLOCK) {
        let judged = block
            .par_iter()
            .map(|piece| piece_of(asked, all, units, *piece, alone));
        done.extend(judged.collect::<Vec<_>>());
        tell(done.len());
    }
    done
}

/// One piece: what fails, and what it breaks.
fn piece_of(
    asked: &Sweep<'_>,
    all: &[Failure],
    units: &[Unit],
    (one, two): (usize, Option<usize>),
    alone: &[Judged],
) -> Judged {
    let first = units[one].members[0];
    let mut down = vec![first];
    let mut touched = units[one].touches.clone();
    if let Some(two) = two {
        let members = &units[two].members;
        down.push(if one == two { members[1] } else { members[0] });
        let both: HashSet<usize> = units[two].touches.iter().copied().collect();
        // What only one of them touches is as it is with that one alone.
        touched.retain(|promise| both.contains(promise));
        // What one alone breaks, or leaves open, is told there.
        let told = [&alone[one], &alone[two]].into_iter().flat_map(|judged| {
            let broken = judged.broken.iter().map(|(promise, _)| *promise);
            broken.chain(judged.open.iter().map(|(promise, _)| *promise))
        });
        let told: HashSet<usize> = told.collect();
        touched.retain(|promise| !told.contains(promise));
    }
    let mut judgement = Judged {
        units: (one, two),
        broken: Vec::new(),
        open: Vec::new(),
        down,
    };
    if touched.is_empty() {
        return judgement;
    }
    let mut network = (*asked.situation.network).clone();
    for index in &judgement.down {
        // A failure of what is up is never refused; were it, the network would be as it is without.
        if let Ok(next) = apply(&network, &all[*index].change) {
            network = next;
        }
    }
    let then = Situation::new(Arc::new(network), Arc::clone(&asked.situation.origins));
    let promises = touched.iter().map(|promise| asked.expectations[*promise]);
    let terms = (asked.today, || asked.budget.begin());
    let reports = judged(&then, promises, terms);
    for (promise, report) in touched.into_iter().zip(reports) {
        match report.exceeded() {
            _ if report.outcome.is_good() => {}
            Some(exceeded) => judgement.open.push((promise, exceeded)),
            None => judgement.broken.push((promise, report)),
        }
    }
    judgement
}

/// Which promises mean a resident, and on which sides: from, to.
type Meant = Vec<(usize, bool, bool)>;

/// What machines have in common that break the same.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Like {
    /// Nothing tells them apart.
    Class(ClassIx),
    /// They live in the same place, and all that touches them is that everything works.
    Home(Home),
}

/// Sorts failures into those that break the same.
fn units(asked: &Sweep<'_>, before: &[ExpectationReport], all: &[Failure]) -> Vec<Unit> {
    let fabric = asked.situation.fabric();
    let ends = Ends::of(asked, &fabric, before);
    let mut known: BTreeMap<(Failing, Like, Meant, Vec<usize>), usize> = BTreeMap::new();
    let mut units: Vec<Unit> = Vec::new();
    for (index, failure) in all.iter().enumerate() {
        let machine = failure.machine.as_ref();
        let resident = machine.and_then(|id| fabric.hosts.of(id.as_str()));
        let sides = resident.and_then(|resident| ends.meant.get(&resident));
        let sides = sides.cloned().unwrap_or_default();
        let means: Vec<usize> = sides.iter().map(|(promise, ..)| *promise).collect();
        let stretches = resident.map(|resident| ends.classes.stretches(resident));
        let class = stretches.and_then(|stretches| stretches.first());
        let class = class.map(|(_, class)| *class);
        let near = resident
            .zip(class)
            .and_then(|it| ends.near(&fabric, failure, it));
        let is_end = near.is_some();
        let touches = near.map_or_else(
            || ends.held.clone(),
            |near| {
                let promises = ends.addressed.iter();
                let touched = promises.filter(|(promise, addresses)| {
                    // Where nothing works nothing is lost, unless it is to be for a certain reason or by a certain way.
                    !is_shut(&asked.expectations[*promise].value)
                        && (means.contains(promise)
                            || near.iter().any(|address| addresses.contains(*address)))
                });
                touched.map(|(promise, _)| *promise).collect()
            },
        );
        if let Some((class, resident)) = class.zip(resident) {
            let next = units.len();
            let all_work = is_end
                && touches.iter().all(|promise| {
                    means.contains(promise)
                        && asked.expectations[*promise].value.want == Want::Reachable
                });
            let like = if all_work {
                Like::Home(fabric.hosts.get(resident).home)
            } else {
                Like::Class(class)
            };
            let key = (failure.kind, like, sides, touches.clone());
            let at = *known.entry(key).or_insert(next);
            if at != next {
                units[at].members.push(index);
                continue;
            }
        }
        units.push(Unit {
            members: vec![index],
            touches,
            means,
        });
    }
    units
}

/// Whether a promise is only that nothing works.
fn is_shut(expectation: &Expectation) -> bool {
    let Expectation {
        want,
        because,
        via,
        not_via,
        ..
    } = expectation;
    *want == Want::Unreachable && because.is_none() && via.is_empty() && not_via.is_empty()
}

/// Whom the promises mean that hold, and whom something else rests on.
struct Ends {
    classes: Arc<Classes>,
    /// The promises that hold.
    held: Vec<usize>,
    meant: BTreeMap<ResidentIx, Meant>,
    /// The addresses of all that a promise means.
    addressed: Vec<(usize, AddressSet)>,
    /// What something refers to, other than by a link or as a target.
    referred: HashSet<Id>,
    /// The load balancers whose targets a machine is among.
    balancers: HashMap<Id, Vec<Id>>,
    /// Addresses that stand behind others.
    forwarded: HashSet<IpAddr>,
}

impl Ends {
    fn of(asked: &Sweep<'_>, fabric: &Fabric, before: &[ExpectationReport]) -> Self {
        let reports = before.iter().enumerate();
        let held = reports.filter(|(_, report)| report.outcome == Outcome::Pass);
        let (mut referred, mut balancers) = (HashSet::new(), HashMap::<Id, Vec<Id>>::new());
        for reference in references(&fabric.network) {
            match reference.place.path.as_slice() {
                // A link is a failure of its own.
                [Key::Field("classic_links"), ..] => {}
                [Key::Field("listeners"), _, Key::Field("targets"), ..] => {
                    let own = balancers.entry(reference.id).or_default();
                    own.push(reference.place.id);
                }
                _ => {
                    referred.insert(reference.id);
                }
            }
        }
        let mut ends = Self {
            classes: asked.situation.classes(),
            held: held.map(|(promise, _)| promise).collect(),
            meant: BTreeMap::new(),
            addressed: Vec::new(),
            referred,
            balancers,
            forwarded: forwarded(&fabric.network),
        };
        for promise in ends.held.clone() {
            let expectation = &asked.expectations[promise].value;
            let from = select(fabric, &expectation.from, Side::From);
            let to = select(fabric, &expectation.to, Side::To);
            ends.mean(promise, &from, &to);
        }
        ends
    }

    /// Notes whom a promise means.
    fn mean(&mut self, promise: usize, from: &Selection, to: &Selection) {
        let addresses = from.ends().chain(to.ends());
        let addresses = addresses.map(|(_, _, addresses)| addresses);
        self.addressed
            .push((promise, AddressSet::union_all(addresses)));
        let residents = |selection: &Selection| -> BTreeSet<ResidentIx> {
            let keys = selection.hosts.keys();
            keys.map(|(resident, _)| *resident).collect()
        };
        let (from, to) = (residents(from), residents(to));
        for resident in from.union(&to) {
            let sides = (promise, from.contains(resident), to.contains(resident));
            self.meant.entry(*resident).or_default().push(sides);
        }
    }

    /// If nothing but promises about certain addresses rests on a machine or its link: those addresses, its own and those
    /// of the load balancers that it is a target of.
    fn near(
        &self,
        fabric: &Fabric,
        failure: &Failure,
        (resident, class): (ResidentIx, ClassIx),
    ) -> Option<Vec<IpAddr>> {
        let machine = failure.machine.as_ref()?;
        let network = &fabric.network;
        let is_gateway = network.instances.get(machine).map(|it| it.public_gateway);
        let own = fabric.hosts.get(resident);
        // A stage that names an instance is one that something leads to by its id, by an address that is forwarded, or by
        // its own public address; the class of any other has a place. Classic CVMs are named by what refers to them.
        let is_known = self.classes.get(class).location.is_some()
            || is_gateway != Some(true) && network.unmodelled.is_empty();
        let is_instance = failure.kind == Failing::Entity(Kind::Instance);
        if is_instance && !is_known || self.leads_to(fabric, resident, machine) {
            return None;
        }
        let mut near = vec![own.addresses.0];
        near.extend(own.public);
        for id in self.balancers.get(machine).into_iter().flatten() {
            let resident = fabric.hosts.of(id.as_str())?;
            let balancer = fabric.hosts.get(resident);
            if balancer.public.is_some() || self.leads_to(fabric, resident, id) {
                return None;
            }
            near.push(balancer.addresses.0);
        }
        Some(near)
    }

    /// Whether anything leads to somebody other than by an address of its own.
    fn leads_to(&self, fabric: &Fabric, resident: ResidentIx, id: &Id) -> bool {
        let own = fabric.hosts.get(resident);
        !own.further.is_empty()
            || matches!(own.home, Home::Public(_))
            || self.forwarded.contains(&own.addresses.0)
            || self.referred.contains(id)
    }
}

/// Addresses that stand behind others: whoever has one is meant by a promise about the other, too.
fn forwarded(network: &Network) -> HashSet<IpAddr> {
    let nat = network.nat_gateways.values();
    let nat = nat.flat_map(|gateway| gateway.dnat.iter().map(|entry| entry.to));
    let lines = network.direct_connect_gateways.values();
    let lines = lines.filter_map(|gateway| match &gateway.kind {
        DirectConnectKind::Nat(nat) => Some(nat),
        DirectConnectKind::Normal => None,
    });
    let lines = lines.flat_map(|nat| {
        let local = nat.local_ips.iter().map(|(own, _)| *own);
        local.chain(nat.dnat.iter().map(|entry| entry.to))
    });
    nat.chain(lines).collect()
}

impl Failures {
    /// Tells a piece of the work for every failure, or pair of them, that it stands for.
    fn tell(&mut self, units: &[Unit], judged: Judged) {
        if judged.broken.is_empty() && judged.open.is_empty() {
            return;
        }
        let (one, two) = judged.units;
        let first = &units[one].members;
        let downs: Vec<Vec<usize>> = match two {
            None => first.iter().map(|member| vec![*member]).collect(),
            Some(two) => {
                let second = &units[two].members;
                let pairs = first.iter().enumerate().flat_map(|(at, member)| {
                    let rest = if one == two {
                        &second[at + 1..]
                    } else {
                        second
                    };
                    rest.iter().map(move |other| vec![*member, *other])
                });
                pairs.collect()
            }
        };
        let means = |unit: usize, promise: &usize| units[unit].means.contains(promise);
        let is_end = judged
            .broken
            .iter()
            .all(|(promise, _)| means(one, promise) || two.is_some_and(|two| means(two, promise)));
        let breaks: Arc<[_]> = judged.broken.into();
        for down in downs {
            let open = judged.open.iter().map(|(promise, exceeded)| Open {
                down: down.clone(),
                promise: *promise,
                exceeded: *exceeded,
            });
            self.open.extend(open);
            if !breaks.is_empty() {
                let breaks = Arc::clone(&breaks);
                self.broken.push(Broken {
                    down,
                    breaks,
                    is_end,
                });
            }
        }
    }

    /// Single points of failure first, of these what others rest on, of these what breaks most.
    fn sort(&mut self) {
        self.broken.sort_by_cached_key(Broken::rank);
        self.open
            .sort_by(|a, b| (&a.down, a.promise).cmp(&(&b.down, b.promise)));
    }
}

impl Broken {
    /// What comes first among all that breaks something.
    fn rank(&self) -> (usize, bool, Reverse<usize>, Vec<usize>) {
        let (fail, breaks) = (self.down.len(), self.breaks.len());
        (fail, self.is_end, Reverse(breaks), self.down.clone())
    }
}
