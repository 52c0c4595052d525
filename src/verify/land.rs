//! Two or more networks side by side: the ends that they have in common, by name, those together that nothing tells
//! apart in any of them.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use super::alike::alike;
use super::answer::{End, pairs};
use super::run::Situation;
use super::select::{Side, takes_part, unowned};
use super::selection::Selection;
use super::summary::Sets;
use super::unmodelled::doubted;
use crate::engine::{Class, ClassIx, Classes, Reacher};
use crate::fabric::{Fabric, Party, ResidentIx};
use crate::id::Id;
use crate::model::{Endpoint, Network, Protocols};
use crate::query::Traffics;
use crate::space::{AddressSet, Protocol, Set, Space};

/// An endpoint, a stretch of the members of an instance group, a site or the Internet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Who {
    /// The endpoint; the first one, of a group.
    pub endpoint: Endpoint,
    /// The last member's address, where it is only a part of its group.
    pub part: Option<IpAddr>,
}

impl Who {
    /// All of it.
    #[must_use]
    pub fn whole(endpoint: Endpoint) -> Self {
        Self { endpoint, part: None }
    }
}

impl Who {
    /// How many endpoints it is in a network; a site and the Internet count as one.
    pub(super) fn len(&self, land: &Land) -> u128 {
        match (&self.endpoint, self.part) {
            (Endpoint::GroupMember(_, first), Some(last)) => AddressSet::range(*first, last).len(),
            (Endpoint::GroupMember(id, _), None) => {
                let group = land.fabric.network.instance_groups.get(id);
                group.map_or(1, |group| AddressSet::range(group.ips.0, group.ips.1).len())
            }
            _ => 1,
        }
    }
}

impl fmt::Display for Who {
    /// `ins-web`, `asg-web`, `asg-web[10.1.2.11]`, `asg-web[10.1.2.11-10.1.2.20]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.endpoint, self.part) {
            (Endpoint::GroupMember(id, _), None) => write!(f, "{id}"),
            (Endpoint::GroupMember(id, first), Some(last)) if *first != last => {
                write!(f, "{id}[{first}-{last}]")
            }
            (endpoint, _) => write!(f, "{endpoint}"),
        }
    }
}

/// A compiled network with its classes.
pub(super) struct Land {
    pub(super) fabric: Arc<Fabric>,
    pub(super) classes: Arc<Classes>,
    sets: Arc<OnceLock<Sets>>,
}

/// What a name means in one network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Meaning {
    Class(ClassIx),
    Site(u32),
    Internet,
}

/// Ends that nothing tells apart, in none of the networks that are compared.
#[derive(Clone, Debug)]
pub(super) struct Alike {
    /// Their names, in the order of the file.
    pub(super) who: Vec<Who>,
    /// What they mean in each network; `None` = they are not there.
    pub(super) means: Vec<Option<Meaning>>,
    /// Whether there is more than one endpoint, so that they meet each other.
    pub(super) several: bool,
}

impl Land {
    pub(super) fn of(situation: &Situation) -> Self {
        Self { fabric: situation.fabric(), classes: situation.classes(), sets: situation.sets() }
    }

    /// A network that is compared with this one. It has this one's ends where it tells none of them apart.
    pub(super) fn beside(&self, situation: &Situation) -> Self {
        let fabric = situation.fabric();
        let classes = &self.classes;
        let serve = fabric.shares_ways(&self.fabric) && classes.serve(&self.fabric, &fabric);
        Self {
            classes: if serve { Arc::clone(classes) } else { situation.classes() },
            fabric,
            sets: situation.sets(),
        }
    }

    /// The same network with the classes of another one that shares its ways, where these divide its own and tell apart all
    /// that it does.
    pub(super) fn divided_as(&self, other: &Self) -> Option<Self> {
        let shares = self.fabric.shares_ways(&other.fabric);
        let is_other = shares && !Arc::ptr_eq(&self.classes, &other.classes);
        let classes = &other.classes;
        (is_other && classes.serve(&other.fabric, &self.fabric)).then(|| Self {
            fabric: Arc::clone(&self.fabric),
            classes: Arc::clone(classes),
            sets: Arc::clone(&self.sets),
        })
    }

    /// A network that was made of this one, and is looked at only once.
    pub(super) fn after(&self, network: Arc<Network>) -> Self {
        let fabric = Arc::new(self.fabric.after(network));
        let shares = fabric.shares_ways(&self.fabric);
        Self {
            classes: self.classes.after(&self.fabric, &fabric),
            fabric,
            sets: if shares { Arc::clone(&self.sets) } else { Arc::default() },
        }
    }

    /// What the ends are members of.
    pub(super) fn sets(&self) -> &Sets {
        self.sets.get_or_init(|| Sets::of(self))
    }

    pub(super) fn class(&self, class: ClassIx) -> &Class {
        self.classes.get(class)
    }

    /// Whether everything that decides is modelled, and what is asked is sent between the IPv4 addresses that stand for ends.
    pub(super) fn is_plain(&self, traffic: &Traffics) -> bool {
        let v6 = Protocols::One(Protocol::ICMPV6);
        self.fabric.network.unmodelled.is_empty() && traffic.service.protocols != v6
    }

    /// Internet hosts that nobody of this network owns.
    pub(super) fn internet(&self) -> AddressSet {
        unowned(&self.fabric, &self.fabric.public)
    }

    /// Whether it opens connections, or takes part at all.
    pub(super) fn takes_part(&self, meaning: Meaning, side: Side) -> bool {
        match meaning {
            Meaning::Class(class) => match self.class(class).first() {
                Party::Host(resident, _) => takes_part(self.fabric.hosts.get(resident), side),
                _ => false,
            },
            Meaning::Site(_) | Meaning::Internet => true,
        }
    }

    /// What a name means here.
    pub(super) fn meaning(&self, who: &Who) -> Option<Meaning> {
        match &who.endpoint {
            Endpoint::Internet => Some(Meaning::Internet),
            Endpoint::Site(id) => {
                let index = self.fabric.network.sites.get_index_of(id)?;
                Some(Meaning::Site(u32::try_from(index).ok()?))
            }
            Endpoint::GroupMember(id, address) => {
                let resident = self.resident(id, &who.endpoint)?;
                let owner = self.fabric.hosts.get(resident);
                owner
                    .owns(*address)
                    .then(|| Meaning::Class(self.classes.class_of(resident, *address)))
            }
            other => {
                let resident = self.resident(other.id()?, other)?;
                let first = self.fabric.hosts.get(resident).addresses.0;
                Some(Meaning::Class(self.classes.class_of(resident, first)))
            }
        }
    }

    /// The resident with that id, if it is of the same kind.
    fn resident(&self, id: &Id, endpoint: &Endpoint) -> Option<ResidentIx> {
        if let Endpoint::OldVip(_, address) = endpoint {
            return self.fabric.hosts.of_old(id, *address);
        }
        let resident = self.fabric.hosts.of(id.as_str())?;
        let own = &self.fabric.hosts.get(resident).endpoint;
        (std::mem::discriminant(own) == std::mem::discriminant(endpoint)).then_some(resident)
    }

    /// The resident that a name means here, at its first address.
    pub(super) fn party(&self, who: &Who) -> Option<Party> {
        let (party, ..) = self.end(who, &AddressSet::EMPTY)?;
        Some(party)
    }

    /// Whether a selection means an endpoint by its own address.
    pub(super) fn is_meant(&self, who: &Who, selection: &Selection) -> bool {
        let resident = who.endpoint.id().and_then(|id| self.resident(id, &who.endpoint));
        let Some(resident) = resident else {
            return false;
        };
        let own = match &who.endpoint {
            Endpoint::GroupMember(_, address) => *address,
            _ => self.fabric.hosts.get(resident).addresses.0,
        };
        let meant = selection.hosts.get(&(resident, None));
        meant.is_some_and(|addresses| addresses.contains(own))
    }

    /// Whether a selection means an endpoint by every public address at which the Internet finds it (D20-6): its own, or
    /// those of the port forwardings that lead to it.
    pub(super) fn is_meant_in_public(&self, who: &Who, selection: &Selection) -> bool {
        let resident = who.endpoint.id();
        let Some(index) = resident.and_then(|id| self.resident(id, &who.endpoint)) else {
            return false;
        };
        let resident = self.fabric.hosts.get(index);
        if let Some(public) = resident.public {
            return selection.hosts.contains_key(&(index, Some(public)));
        }
        let gateways = (0..).zip(self.fabric.network.nat_gateways.values());
        let vpc = self.fabric.vpc_of_resident(index);
        let gateways = gateways.filter(|(_, it)| self.fabric.position_of_vpc(&it.vpc) == vpc);
        let entries = gateways.flat_map(|(at, it)| it.dnat.iter().map(move |entry| (at, entry)));
        let mut entries = entries.filter(|(_, entry)| resident.owns(entry.to)).peekable();
        let is_meant = |(gateway, eip)| selection.nat_addresses.contains(&(gateway, eip));
        entries.peek().is_some() && entries.all(|(at, entry)| is_meant((at, entry.eip)))
    }

    /// The end that a name means here, as questions are asked about it.
    pub(super) fn end(&self, who: &Who, internet: &AddressSet) -> Option<End> {
        match &who.endpoint {
            Endpoint::Internet => Some((Party::Internet, None, internet.clone())),
            Endpoint::Site(id) => {
                let (index, _, site) = self.fabric.network.sites.get_full(id)?;
                let hosts = site.cidrs.iter().copied().map(AddressSet::from);
                let party = Party::Site(u32::try_from(index).ok()?);
                Some((party, None, AddressSet::union_all(hosts)))
            }
            endpoint => {
                let resident = self.resident(endpoint.id()?, endpoint)?;
                let address = match endpoint {
                    Endpoint::GroupMember(_, address) => *address,
                    _ => self.fabric.hosts.get(resident).addresses.0,
                };
                let own = self.fabric.hosts.get(resident).owns(address);
                let party = Party::Host(resident, address);
                own.then(|| (party, None, AddressSet::single(address)))
            }
        }
    }
}

impl Alike {
    /// How many endpoints there are, in the network where there are most; a site and the Internet count as one.
    pub(super) fn len(&self, lands: &[&Land]) -> u128 {
        let sizes = self.who.iter().map(|who| {
            let sizes = lands.iter().map(|land| who.len(land));
            sizes.max().unwrap_or(1)
        });
        sizes.sum()
    }

    /// Whether there are two of them that can meet: several endpoints, or hosts of a site or of the Internet.
    pub(super) fn meets_itself(&self) -> bool {
        let mut means = self.means.iter().flatten();
        self.several || means.any(|meaning| !matches!(meaning, Meaning::Class(_)))
    }

    /// Whether they take part on a side, in any of the networks.
    pub(super) fn takes_part(&self, lands: &[&Land], side: Side) -> bool {
        let mut means = self.means.iter().zip(lands);
        means.any(|(meaning, land)| meaning.is_some_and(|meaning| land.takes_part(meaning, side)))
    }
}

impl Land {
    /// An end that stands for all with this meaning.
    fn example(&self, meaning: Meaning, which: Which, internet: &AddressSet) -> Option<End> {
        match meaning {
            Meaning::Internet => Some((Party::Internet, None, internet.clone())),
            Meaning::Site(site) => {
                let (_, written) = self.fabric.network.sites.get_index(site as usize)?;
                let hosts = written.cidrs.iter().copied().map(AddressSet::from);
                Some((Party::Site(site), None, AddressSet::union_all(hosts)))
            }
            Meaning::Class(class) => {
                let class = self.class(class);
                let party = match which {
                    Which::First => class.first(),
                    Which::Second => class.second()?,
                };
                let Party::Host(_, address) = party else {
                    return None;
                };
                Some((party, None, AddressSet::single(address)))
            }
        }
    }

    /// Two ends that stand for all pairs with these meanings; two different ones of one class.
    pub(super) fn examples(
        &self,
        from: Meaning,
        to: Meaning,
        internet: &AddressSet,
    ) -> Option<(End, End)> {
        let which = if from == to { Which::Second } else { Which::First };
        let from = self.example(from, Which::First, internet)?;
        Some((from, self.example(to, which, internet)?))
    }
}

#[derive(Clone, Copy)]
enum Which {
    First,
    Second,
}

/// What of the traffic (`set`, of IPv4) works between all that have these meanings, on all ways, there and back; and what
/// may work or not, since something that is not modelled decides.
pub(super) fn works(
    reacher: &mut Reacher<'_>,
    land: &Land,
    (from, to): (Meaning, Meaning),
    (traffic, set, internet): (&Traffics, Set, &AddressSet),
) -> (Set, Set) {
    let is_whole = land.fabric.network.unmodelled.is_empty();
    let all = (traffic, set, internet);
    if is_whole && let Some(works) = alike(reacher, land, (from, to), all) {
        return (works.always, Space::EMPTY);
    }
    let (mut set, mut doubtful) = (Space::EMPTY, Space::EMPTY);
    if let Some((from, to)) = land.examples(from, to, internet) {
        for pair in pairs(reacher, &from, &to, traffic) {
            let works = if is_whole {
                reacher.works(&pair).0
            } else {
                let answer = reacher.pair(&pair);
                let unsaid = answer.undetermined;
                let answer = doubted(reacher, &pair, answer);
                let more = reacher.space.difference(answer.undetermined, unsaid);
                doubtful = reacher.space.union(doubtful, more);
                answer.always
            };
            set = reacher.space.union(set, works);
        }
    }
    (set, doubtful)
}
