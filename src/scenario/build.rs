//! The network of all files together.
//!
//! The outlines of the files are joined first, so that ids are known wherever they stand; then everything is read and
//! its references are checked.

use super::include::Document;
use super::near;
use super::origin::Origins;
use super::read::outline::{Outline, Scope, outline};
use super::reader::Reader;
use super::reference::only;
use super::value::{Shape, Value};
use super::word::{new_id, reference};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Words};
use crate::id::Id;
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
    let mut network = at.fragment(&all).into_network();
    for value in documents.iter().filter_map(|document| document.names) {
        names(value, &mut network, at);
    }
    at.check_accounts(Scope::Network);
    at.check_references();
    at.owners.network.add(&network);
    let origins = Origins::new(&all, &at.texts);
    (network, origins)
}

/// The section `names`: what clients ask for, and whom they find.
fn names<'src>(value: Value<'src>, network: &mut Network, at: &mut Reader<'src>) {
    let Ok(entries) = value.entries() else {
        at.shape::<()>(value, &Shape::Map.words());
        return;
    };
    for (key, value) in entries {
        let (name, to) = (new_id(key, at), reference(only(Kind::NAMED))(value, at));
        let (Some(name), Some(to)) = (name, to) else {
            continue;
        };
        let is_id = at.known.kind(name.as_str()).is_some();
        if is_id || network.names.insert(name.clone(), to).is_some() {
            let message = Words::new(
                format!("the name `{name}` is taken"),
                format!("名称 `{name}` 已被占用"),
            );
            at.error::<()>(Code::DuplicateId, key.text(), message);
            continue;
        }
        at.known.name(name);
    }
}

impl<'src> Reader<'src> {
    /// Checks that a change names one of `names`.
    pub fn refer_name(&mut self, name: &Id, value: Value<'src>) {
        if self.known.is_name(name) || self.expected_refusal == Some(Code::UnknownId) {
            return;
        }
        let message =
            Words::new(format!("there is no name `{name}`"), format!("没有名称 `{name}`"));
        let help = self.known.near_name(name.as_str()).map(near::question);
        let span = self.span(value.text());
        let diagnostic = Diagnostic::error(Code::UnknownId, span, message);
        self.report(Diagnostic { help, ..diagnostic });
    }
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
