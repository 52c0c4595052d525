//! The network of all files together.
//!
//! The outlines of the files are joined first, so that ids are known wherever they stand; then everything is read and
//! its references are checked.

use std::net::IpAddr;

use super::include::Document;
use super::known::Known;
use super::origin::Origins;
use super::read::network::{self, Outline, Scope};
use super::reader::Reader;
use super::reference::only;
use crate::id::Id;
use crate::model::lookup::DEFAULT_ACCOUNT;
use crate::model::{ClassicLink, Kind, LoadBalancerNetwork, Network};

/// Reads the sections `network` of all files, included ones first.
pub fn network<'src>(documents: &[Document<'src>], at: &mut Reader<'src>) -> (Network, Origins) {
    let mut outline = Outline::default();
    let errors = at.errors();
    for value in documents.iter().filter_map(|document| document.network) {
        if let Some(other) = network::outline(value, at) {
            outline.extend(other);
        }
    }
    at.partial |= at.errors() > errors;
    at.define(&outline, Scope::Network);
    let fragment = at.fragment(&outline);
    let mut network = fragment.network;
    network.platform = fragment.platform.unwrap_or_default();
    at.check_accounts(Scope::Network);
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
    let origins = Origins::new(&outline, &at.texts);
    (network, origins)
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
    /// Checks the accounts that entities name. Where nothing declares accounts, naming one is enough.
    pub fn check_accounts(&mut self, scope: Scope) {
        let named = std::mem::take(&mut self.accounts);
        for (id, slice) in named {
            let known = self.known.kind(id.as_str()).is_some();
            if known || (self.known.declares_accounts() && id.as_str() != DEFAULT_ACCOUNT) {
                self.refer(&id, slice, only(&[Kind::Account]));
            } else {
                let span = self.span(slice);
                match scope {
                    Scope::Network => self.known.imply(id, Kind::Account, span),
                    Scope::Change => self.known.may_create(id, Kind::Account, span),
                }
            }
        }
    }

    /// Forgets what the changes of other stages may bring.
    pub fn only_network(&mut self) {
        self.known.only_network();
        self.owners.only_network();
    }
}
