//! Which failures break the same, and which promises each can touch.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Sweep, Unit};
use crate::engine::{ClassIx, Classes};
use crate::fabric::{Fabric, Home, ResidentIx};
use crate::id::Id;
use crate::model::{DirectConnectKind, Failing, Failure, Key, Kind, Network, references};
use crate::query::{Expectation, Want};
use crate::space::AddressSet;
use crate::verify::report::{ExpectationReport, Outcome};
use crate::verify::select::{Side, select};
use crate::verify::selection::Selection;

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
pub(super) fn units(asked: &Sweep<'_>, before: &[ExpectationReport], all: &[Failure]) -> Vec<Unit> {
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
        let near = resident.zip(class).and_then(|it| ends.near(&fabric, failure, it));
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
        units.push(Unit { members: vec![index], touches, means });
    }
    units
}

/// Whether a promise is only that nothing works.
fn is_shut(expectation: &Expectation) -> bool {
    let Expectation { want, because, via, not_via, .. } = expectation;
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
    referred: FxHashSet<Id>,
    /// The load balancers whose targets a machine is among.
    balancers: FxHashMap<Id, Vec<Id>>,
    /// Addresses that stand behind others.
    forwarded: FxHashSet<IpAddr>,
}

impl Ends {
    fn of(asked: &Sweep<'_>, fabric: &Fabric, before: &[ExpectationReport]) -> Self {
        let reports = before.iter().enumerate();
        let held = reports.filter(|(_, report)| report.outcome == Outcome::Pass);
        let (mut referred, mut balancers) =
            (FxHashSet::default(), FxHashMap::<Id, Vec<Id>>::default());
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
        self.addressed.push((promise, AddressSet::union_all(addresses)));
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
fn forwarded(network: &Network) -> FxHashSet<IpAddr> {
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
