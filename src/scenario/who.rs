//! Whether the ids and addresses of a selector mean something in the network (section 4 of the format).

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use rustc_hash::FxHashMap;

use super::known::Known;
use super::meant;
use super::mistake::Mistake;
use super::reader::Reader;
use super::reference::ASKED;
use super::selector::{self, Atom};
use super::value::Value;
use super::word::masked;
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::lookup::DEFAULT_ACCOUNT;
use crate::model::{DirectConnectKind, LoadBalancerNetwork, Network};
use crate::query::Selector;
use crate::space::AddressSet;

/// Which end of a connection a selector stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Who opens.
    From,
    /// Who is meant.
    To,
}

/// The addresses of the network and those that changes may bring.
#[derive(Clone, Debug, Default)]
pub struct Owners {
    /// The network's.
    pub network: Owned,
    /// What changes of this stage and of earlier steps may add.
    pub tried: Owned,
}

/// Addresses with an owner.
#[derive(Clone, Debug, Default)]
pub struct Owned {
    single: BTreeSet<IpAddr>,
    ranges: Vec<(IpAddr, IpAddr)>,
    sites: Vec<IpNet>,
    eips: FxHashMap<IpAddr, Id>,
    /// What VPCs and sites cover: never public (D20-3).
    covered: Vec<IpNet>,
}

impl Owned {
    /// Adds all addresses of a network.
    pub fn add(&mut self, network: &Network) {
        for vpc in network.vpcs.values() {
            self.covered.extend(vpc.cidrs());
        }
        for site in network.sites.values() {
            self.covered.extend(&site.cidrs);
            self.sites.extend(&site.cidrs);
        }
        for (id, instance) in &network.instances {
            self.single.insert(instance.ip);
            self.single.extend(instance.secondary_ips.iter().chain(&instance.ipv6));
            self.add_eip(id, instance.eip);
        }
        for (id, eni) in &network.network_interfaces {
            self.single.insert(eni.ip);
            self.single.extend(&eni.secondary_ips);
            self.add_eip(id, eni.eip);
        }
        self.ranges.extend(network.instance_groups.values().map(|group| group.ips));
        for (id, havip) in &network.havips {
            self.single.insert(havip.ip);
            self.add_eip(id, havip.eip);
        }
        for database in network.databases.values() {
            self.single.insert(database.ip);
            self.single.extend(database.old_vips.iter().map(|old| old.ip));
        }
        self.single.extend(network.endpoint_connections.values().map(|connection| connection.vip));
        self.single.extend(network.vpc_endpoints.values().map(|endpoint| endpoint.ip));
        self.add_balancers(network);
        self.add_classic(network);
        self.add_gateways(network);
    }

    fn add_balancers(&mut self, network: &Network) {
        for (id, balancer) in &network.load_balancers {
            match &balancer.network {
                LoadBalancerNetwork::Internal { vip, eip, .. } => {
                    self.single.insert(*vip);
                    self.add_eip(id, *eip);
                }
                LoadBalancerNetwork::Public { vip, .. } => {
                    self.single.insert(*vip);
                }
            }
        }
    }

    fn add_classic(&mut self, network: &Network) {
        for (id, instance) in &network.classic_instances {
            self.single.insert(instance.ip);
            self.add_eip(id, instance.public_ip);
        }
        self.single.extend(network.classic_databases.values().map(|database| database.ip));
        self.single.extend(network.classic_load_balancers.values().map(|balancer| balancer.vip));
    }

    fn add_gateways(&mut self, network: &Network) {
        for (id, gateway) in &network.nat_gateways {
            for eip in &gateway.eips {
                self.add_eip(id, Some(*eip));
            }
        }
        for gateway in network.direct_connect_gateways.values() {
            if let DirectConnectKind::Nat(nat) = &gateway.kind {
                self.single
                    .extend(nat.local_ips.iter().chain(&nat.peer_ips).map(|(_, mapped)| *mapped));
                self.single.extend(nat.dnat.iter().map(|dnat| dnat.address));
            }
        }
    }

    fn add_eip(&mut self, owner: &Id, eip: Option<IpAddr>) {
        if let Some(eip) = eip {
            self.single.insert(eip);
            self.eips.insert(eip, owner.clone());
        }
    }

    /// Adds an address.
    pub fn add_address(&mut self, address: IpAddr) {
        self.single.insert(address);
    }

    fn owns_some_of(&self, cidr: IpNet) -> bool {
        let (first, last) = (cidr.network(), cidr.broadcast());
        self.single.range(first..=last).next().is_some()
            || self.ranges.iter().any(|(from, to)| {
                from.is_ipv4() == first.is_ipv4() && *from <= last && first <= *to
            })
            || self.sites.iter().any(|site| site.contains(&cidr) || cidr.contains(site))
    }
}

impl Owners {
    /// The owners of a network's addresses.
    pub fn of(network: &Network) -> Self {
        let mut owners = Self::default();
        owners.network.add(network);
        owners
    }

    /// Forgets what changes of other stages may bring.
    pub fn only_network(&mut self) {
        self.tried = Owned::default();
    }

    fn each(&self) -> [&Owned; 2] {
        [&self.network, &self.tried]
    }

    /// Whether no address of the CIDR is public (D20-3).
    fn is_private(&self, cidr: IpNet) -> bool {
        let mut public = AddressSet::from(cidr).difference(&never_public());
        for covered in self.each().into_iter().flat_map(|owned| &owned.covered) {
            if public.is_empty() {
                break;
            }
            public = public.difference(&AddressSet::from(*covered));
        }
        public.is_empty()
    }

    /// What is wrong with one word of a selector.
    pub fn check(&self, atom: &Atom, side: Side, known: &Known) -> Result<(), Mistake> {
        let here = |mistake: Mistake| mistake.moved(atom.at.start);
        match &atom.means {
            Selector::Id(id)
                if id.as_str() == DEFAULT_ACCOUNT && known.kind(DEFAULT_ACCOUNT).is_none() =>
            {
                Ok(())
            }
            Selector::Id(id) if known.is_name(id) => match side {
                Side::To => Ok(()),
                Side::From => Err(nameless(id, atom)),
            },
            Selector::Id(id) => ASKED.check(id.as_str(), known).map_err(here),
            Selector::Address(address) => self.check_address(*address, atom, side),
            Selector::Cidr(cidr) => self.check_owned(*cidr, atom),
            _ => Ok(()),
        }
    }

    fn check_address(&self, address: IpAddr, atom: &Atom, side: Side) -> Result<(), Mistake> {
        if side == Side::From
            && !atom.excluded
            && let Some(owner) = self.each().into_iter().find_map(|owned| owned.eips.get(&address))
        {
            let message = Words::new(
                format!("nobody sends from the public address {address}: it belongs to `{owner}`"),
                format!("不会有报文从公网 IP {address} 发出：它属于 `{owner}`"),
            );
            return Err(Mistake::invalid(atom.at.clone(), message).with_help(Some(Words::new(
                format!("name `{owner}`, or `internet`"),
                format!("请写 `{owner}` 或 `internet`"),
            ))));
        }
        self.check_owned(IpNet::from(address), atom)
    }

    fn check_owned(&self, cidr: IpNet, atom: &Atom) -> Result<(), Mistake> {
        if self.each().into_iter().any(|owned| owned.owns_some_of(cidr)) || !self.is_private(cidr) {
            return Ok(());
        }
        let message = match atom.means {
            Selector::Cidr(_) => Words::new(
                format!("no endpoint has an address in {cidr}"),
                format!("没有实例的地址在 {cidr} 内"),
            ),
            _ => Words::new(
                format!("no endpoint has the address {}", cidr.addr()),
                format!("没有实例使用地址 {}", cidr.addr()),
            ),
        };
        Err(Mistake { code: Code::UnknownAddress, ..Mistake::invalid(atom.at.clone(), message) })
    }
}

/// That nobody opens connections by a name (MIG-10).
fn nameless(name: &Id, atom: &Atom) -> Mistake {
    let message = Words::new(
        format!("`{name}` is a name, and nobody opens connections by a name"),
        format!("`{name}` 是一个名称，名称不会发起连接"),
    );
    Mistake::invalid(atom.at.clone(), message).with_help(Some(Words::new(
        "name the endpoint: a name is a word for `to`",
        "请写实例的 ID：名称只能用于 `to`",
    )))
}

/// What is public for nobody (D20-3).
fn never_public() -> AddressSet {
    const V4: [([u8; 4], u8); 10] = [
        ([0, 0, 0, 0], 8),
        ([10, 0, 0, 0], 8),
        ([100, 64, 0, 0], 10),
        ([127, 0, 0, 0], 8),
        ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12),
        ([192, 168, 0, 0], 16),
        ([198, 18, 0, 0], 15),
        ([224, 0, 0, 0], 4),
        ([240, 0, 0, 0], 4),
    ];
    let v4 = V4
        .iter()
        .map(|(address, length)| IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::from(*address), *length)));
    let public_v6 = IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3));
    let v6 = AddressSet::any_v6().difference(&AddressSet::from(public_v6));
    v4.map(AddressSet::from).collect::<AddressSet>().union(&v6)
}

impl<'src> Reader<'src> {
    /// A selector and its text; every word of it is checked.
    pub fn selector(&mut self, value: Value<'src>, side: Side) -> Option<(Selector, String)> {
        if self.is_listed(value, meant::joined) {
            return None;
        }
        let text = self.string(value)?;
        let parsed = match selector::parse(&text) {
            Ok(parsed) => parsed,
            Err(mistake) => return self.mistake(value, &text, mistake),
        };
        for atom in &parsed.atoms {
            if let Some(cidr) = atom.host_bits {
                masked(cidr, value, self);
            }
            if let Err(mistake) = self.owners.check(atom, side, &self.known) {
                self.mistake::<()>(value, &text, mistake);
            }
        }
        Some((parsed.selector, text.into_owned()))
    }
}
