//! The network of all files together.
//!
//! The outlines of the files are joined first, so that ids are known wherever they stand; then everything is read and
//! its references are checked.

use super::include::Document;
use super::origin::Origins;
use super::read::outline::{Outline, Scope, outline};
use super::reader::Reader;
use super::reference::only;
use crate::model::lookup::DEFAULT_ACCOUNT;
use crate::model::{Kind, Network};

/// Reads the sections `network` of all files, included ones first.
pub fn network<'src>(documents: &[Document<'src>], at: &mut Reader<'src>) -> (Network, Origins) {
    let mut all = Outline::default();
    let errors = at.errors();
    for value in documents.iter().filter_map(|document| document.network) {
        if let Some(other) = outline(value, at) {
            all.extend(other);
        }
    }
    at.partial |= at.errors() > errors;
    at.network_is_partial = at.partial;
    at.define(&all, Scope::Network);
    let network = at.fragment(&all).into_network();
    at.check_accounts(Scope::Network);
    at.check_references();
    at.owners.network.add(&network);
    let origins = Origins::new(&all, &at.texts);
    (network, origins)
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
        self.partial = self.network_is_partial;
        self.known.only_network();
        self.owners.only_network();
    }
}
