//! The network of all files together.
//!
//! The outlines of the files are joined first, so that ids are known wherever they stand; then everything is read and
//! its references are checked.

use std::net::IpAddr;

use super::include::Document;
use super::known::Known;
use super::read::network::{self, Outline, Scope};
use super::reader::Reader;
use super::reference::only;
use crate::id::Id;
use crate::model::{
    Account, ClassicLink, Kind, LoadBalancerNetwork, Meta, Network, SupportedPlatforms,
};

/// The account of everything that names none (D20-16).
pub const DEFAULT_ACCOUNT: &str = "default";

/// Reads the sections `network` of all files, included ones first.
pub fn network<'src>(documents: &[Document<'src>], at: &mut Reader<'src>) -> Network {
    let mut outline = Outline::default();
    for value in documents.iter().filter_map(|document| document.network) {
        if let Some(other) = network::outline(value, at) {
            outline.extend(other);
        }
    }
    at.define(&outline, Scope::Network);
    let fragment = at.fragment(&outline);
    let mut network = fragment.network;
    network.platform = fragment.platform.unwrap_or_default();
    let accounts = at.check_accounts();
    network
        .accounts
        .extend(accounts.into_iter().map(|id| (id, usual_account())));
    network.join_attached_gateways();
    at.check_references();
    for (vpc, instances) in fragment.classic_links {
        let links = instances.into_iter().filter_map(|instance| {
            let address = address_of(&network, &instance, &at.known)?;
            Some(ClassicLink { instance, address })
        });
        let links = links.collect();
        network.classic_links.insert(vpc, links);
    }
    at.owners.network.add(&network);
    network
}

fn usual_account() -> Account {
    Account {
        meta: Meta::default(),
        supported_platforms: SupportedPlatforms::Classic,
    }
}

/// The private address of an endpoint; that only classic instances can be linked is a limit (CL-1).
fn address_of(network: &Network, id: &Id, known: &Known) -> Option<IpAddr> {
    let of_balancer = |network: &LoadBalancerNetwork| match network {
        LoadBalancerNetwork::Internal { vip, .. } | LoadBalancerNetwork::Public { vip, .. } => *vip,
    };
    let classic = network
        .classic_instances
        .get(id)
        .map(|instance| instance.ip);
    classic
        .or_else(|| known.address(id.as_str()))
        .or_else(|| network.instance_groups.get(id).map(|group| group.ips.0))
        .or_else(|| network.havips.get(id).map(|havip| havip.ip))
        .or_else(|| network.databases.get(id).map(|database| database.ip))
        .or_else(|| {
            network
                .load_balancers
                .get(id)
                .map(|balancer| of_balancer(&balancer.network))
        })
        .or_else(|| {
            network
                .classic_databases
                .get(id)
                .map(|database| database.ip)
        })
        .or_else(|| {
            network
                .classic_load_balancers
                .get(id)
                .map(|balancer| balancer.vip)
        })
        .or_else(|| {
            network
                .endpoint_connections
                .get(id)
                .map(|connection| connection.vip)
        })
}

impl Reader<'_> {
    /// Checks the accounts that entities name. Where nothing defines accounts, naming one is enough; those are
    /// given back and become known.
    pub fn check_accounts(&mut self) -> Vec<Id> {
        let named = std::mem::take(&mut self.accounts);
        if self.known.defines_accounts() {
            for (id, slice) in named
                .iter()
                .filter(|(id, _)| id.as_str() != DEFAULT_ACCOUNT)
            {
                self.refer(id, slice, only(&[Kind::Account]));
            }
            return Vec::new();
        }
        let mut new = Vec::new();
        for (id, slice) in named {
            if self.known.kind(id.as_str()).is_none() {
                let span = self.span(slice);
                self.known.define_implied_account(&id, span);
                new.push(id);
            } else if !new.contains(&id) {
                self.refer(&id, slice, only(&[Kind::Account]));
            }
        }
        new
    }

    /// Forgets what the changes of other stages may bring.
    pub fn only_network(&mut self) {
        self.known.only_network();
        self.owners.only_network();
    }
}
