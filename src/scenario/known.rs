//! The ids that a scenario defines, with their kinds.
//!
//! The ids of the network come first. While a stage is read, the ids that its changes and those of earlier steps may
//! create are known too, so that a later change or an expectation may name them.
//!
//! Deliberately not here: which kind is needed where (`reference`).

use std::cell::Cell;
use std::collections::BTreeSet;
use std::net::IpAddr;

use rustc_hash::FxHashMap;

use super::near;
use crate::diagnostic::{Span, Words};
use crate::id::Id;
use crate::model::{Kind, Network};

/// How many comparisons with known ids a run spends on suggestions.
const COMPARISONS: usize = 5_000_000;

/// So many ids are named where there is no near one.
const FEW: usize = 6;

/// One thing that has an id.
#[derive(Clone, Copy, Debug)]
pub struct Defined {
    /// What it is.
    pub kind: Kind,
    /// Where its id stands.
    pub key: Option<Span>,
    /// Its address, or the first and the last of a group.
    pub addresses: Option<(IpAddr, IpAddr)>,
}

/// All ids.
#[derive(Clone, Debug, Default)]
pub struct Known {
    network: FxHashMap<Id, Defined>,
    tried: FxHashMap<Id, Vec<Defined>>,
    /// What clients ask for by name.
    names: BTreeSet<Id>,
    /// Whether a section `accounts` says which accounts there are.
    accounts: bool,
    compared: Cell<usize>,
}

impl Known {
    /// The ids of a network, without places.
    pub fn of(network: &Network) -> Self {
        let mut known = Self {
            accounts: !network.accounts.is_empty(),
            names: network.names.keys().cloned().collect(),
            ..Self::default()
        };
        for (id, kind) in network.ids() {
            known.network.insert(id.clone(), Defined { kind, key: None, addresses: None });
        }
        let accounts =
            network.ids().filter_map(|(id, _)| network.meta_of(id.as_str())?.account.as_ref());
        let services = network.endpoint_services.values();
        let allowed = services.flat_map(|service| &service.allowed_accounts);
        for account in accounts.chain(allowed).filter(|_| !known.accounts) {
            let implied = Defined { kind: Kind::Account, key: None, addresses: None };
            known.network.entry(account.clone()).or_insert(implied);
        }
        let instances =
            network.instances.iter().map(|(id, instance)| (id, (instance.ip, instance.ip)));
        let interfaces = network.network_interfaces.iter().map(|(id, eni)| (id, (eni.ip, eni.ip)));
        let groups = network.instance_groups.iter().map(|(id, group)| (id, group.ips));
        for (id, addresses) in instances.chain(interfaces).chain(groups) {
            known.locate(id, addresses);
        }
        known
    }

    /// Lets suggestions be looked for as if none had been yet.
    pub fn compare_anew(&self) {
        self.compared.set(0);
    }

    /// Adds the ids of another network that are not known yet.
    pub fn also(&mut self, network: &Network) {
        self.names.extend(network.names.keys().cloned());
        for (id, defined) in Self::of(network).network {
            self.network.entry(id).or_insert(defined);
        }
    }

    /// Adds an id of the network; gives back who has it already.
    pub fn define(&mut self, id: Id, kind: Kind, key: Span) -> Option<Defined> {
        let defined = Defined { kind, key: Some(key), addresses: None };
        if let Some(first) = self.network.get(&id) {
            return Some(*first);
        }
        self.accounts |= kind == Kind::Account;
        self.network.insert(id, defined);
        None
    }

    /// Adds an id that exists because something names it.
    pub fn imply(&mut self, id: Id, kind: Kind, key: Span) {
        self.network.insert(id, Defined { kind, key: Some(key), addresses: None });
    }

    /// Whether accounts are declared, so that an undeclared one is a mistake.
    pub fn declares_accounts(&self) -> bool {
        self.accounts
    }

    /// Adds an id that a change may create.
    pub fn may_create(&mut self, id: Id, kind: Kind, key: Span) {
        let defined = Defined { kind, key: Some(key), addresses: None };
        self.tried.entry(id).or_default().push(defined);
    }

    /// Says where an instance or a group of them is. The last word counts.
    pub fn locate(&mut self, id: &Id, addresses: (IpAddr, IpAddr)) {
        let tried = self.tried.get_mut(id).and_then(|all| all.last_mut());
        if let Some(defined) = tried.or_else(|| self.network.get_mut(id)) {
            defined.addresses = Some(addresses);
        }
    }

    /// Says that a change gives an instance another address.
    pub fn moved(&mut self, id: &Id, address: IpAddr) {
        let defined = self.all(id.as_str()).next().copied();
        if let Some(defined) = defined {
            let moved = Defined { addresses: Some((address, address)), ..defined };
            self.tried.entry(id.clone()).or_default().push(moved);
        }
    }

    /// Says that a change makes something of another kind: what was classic is in a VPC.
    pub fn becomes(&mut self, id: &Id, kind: Kind, address: Option<IpAddr>) {
        let Some(before) = self.all(id.as_str()).next().copied() else {
            return;
        };
        let now = Defined { kind, addresses: address.map(|address| (address, address)), ..before };
        self.tried.entry(id.clone()).or_default().push(now);
    }

    /// Adds a name of `names`.
    pub fn name(&mut self, name: Id) {
        self.names.insert(name);
    }

    /// Whether a word is a name of `names`.
    pub fn is_name(&self, word: &Id) -> bool {
        self.names.contains(word)
    }

    /// The nearest name of `names`.
    pub fn near_name(&self, text: &str) -> Option<&str> {
        near::nearest(text, self.names.iter().map(Id::as_str))
    }

    /// Forgets what the changes of other stages may create.
    pub fn only_network(&mut self) {
        self.tried.clear();
    }

    /// Everything that `id` may name, the latest first.
    pub fn all(&self, id: &str) -> impl Iterator<Item = &Defined> {
        self.tried.get(id).into_iter().flatten().rev().chain(self.network.get(id))
    }

    /// What `id` names.
    pub fn kind(&self, id: &str) -> Option<Kind> {
        self.all(id).next().map(|defined| defined.kind)
    }

    /// The instance group that `text` names a member of, as in `asg-web[10.1.2.11]`, and the address.
    pub fn group_of<'a>(&self, text: &'a str) -> Option<(&'a str, IpAddr, &Defined)> {
        let (group, address) = text.strip_suffix(']')?.rsplit_once('[')?;
        let address: IpAddr = address.parse().ok()?;
        let defined = self.all(group).find(|defined| defined.kind == Kind::InstanceGroup)?;
        Some((group, address, defined))
    }

    /// Whether `text` names an existing member of an instance group. A group whose addresses could not be read has any.
    pub fn is_member(&self, text: &str) -> bool {
        self.group_of(text).is_some_and(|(_, address, group)| {
            group.addresses.is_none_or(|(first, last)| {
                first.is_ipv4() == address.is_ipv4() && (first..=last).contains(&address)
            })
        })
    }

    /// The address that `text` has as an instance, an interface or a member of a group.
    pub fn address(&self, text: &str) -> Option<IpAddr> {
        if let Some(defined) = self.all(text).next() {
            return defined.addresses.filter(|(first, last)| first == last).map(|(first, _)| first);
        }
        self.group_of(text).map(|(_, address, _)| address)
    }

    /// What there is of the kinds, to choose from: all of a few ids, otherwise those that hold `text`, or begin most like it.
    pub fn choice(&self, text: &str, kinds: &[Kind]) -> Option<Words> {
        let size = self.network.len();
        let compared = self.compared.get() + size;
        if compared > COMPARISONS {
            return None;
        }
        self.compared.set(compared);
        let common = |id: &str| {
            let pairs = id.chars().zip(text.chars());
            pairs.take_while(|(one, other)| one == other).count()
        };
        let of_kind = self.network.iter();
        let of_kind = of_kind.filter(|(_, defined)| kinds.contains(&defined.kind));
        let mut ids: Vec<&str> = of_kind.map(|(id, _)| id.as_str()).collect();
        // what holds the whole word is nearest: `sg-web` for `web`
        ids.sort_unstable_by_key(|id| (!id.contains(text), std::cmp::Reverse(common(id)), *id));
        let few = ids.iter().take(FEW).map(|id| format!("`{id}`"));
        let few: Vec<String> = few.collect();
        let more = ids.len() - few.len();
        let (english, chinese) = (few.join(", "), few.join("、"));
        match (few.len(), more) {
            (0, _) => None,
            (_, 0) => Some(Words::new(format!("there is {english}"), format!("现有 {chinese}"))),
            _ => Some(Words::new(
                format!("there is {english} and {more} more"),
                format!("现有 {chinese} 等，另有 {more} 个"),
            )),
        }
    }

    /// The nearest id of one of the kinds; of any kind if none is named.
    pub fn near(&self, text: &str, kinds: &[Kind]) -> Option<&str> {
        let size = self.network.len() + self.tried.len();
        let compared = self.compared.get() + size;
        if compared > COMPARISONS {
            return None;
        }
        self.compared.set(compared);
        let tried = self
            .tried
            .iter()
            .flat_map(|(id, all)| all.iter().map(move |defined| (id, defined.kind)));
        let network = self.network.iter().map(|(id, defined)| (id, defined.kind));
        let mut ids: Vec<&str> = tried
            .chain(network)
            .filter(|(id, kind)| {
                (kinds.is_empty() || kinds.contains(kind))
                    && id.as_str().len().abs_diff(text.len()) <= 4
            })
            .map(|(id, _)| id.as_str())
            .collect();
        // the hash order must not show
        ids.sort_unstable();
        near::nearest(text, ids)
    }
}
