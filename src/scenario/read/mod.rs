//! One small reader for every kind of thing in a scenario.
//!
//! A reader names the fields it takes, in the order of the format's tables, and builds the model's value. References
//! are only noted; they are checked when all ids are known.

pub mod action;
pub mod balancer;
pub mod ccn;
pub mod change;
pub mod classic;
pub mod filter;
pub mod gateway;
pub mod instance;
pub mod lint;
pub mod network;
pub mod outline;
pub mod private_link;
pub mod question;
pub mod vpc;

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::fields::Fields;
use super::reader::Reader;
use super::reference::only;
use super::value::{Shape, Value};
use super::word;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::{Entity, Kind, Meta};

/// An entity that a section holds.
pub trait Read: Entity {
    /// Reads an entry of its section.
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self>;

    /// The addresses that it has from now on, first and last, if others may be told by them.
    fn addresses(&self) -> Option<(IpAddr, IpAddr)> {
        None
    }
}

impl Fields<'_, '_> {
    /// `account` and `name`, which every entity takes.
    pub fn meta(&mut self) -> Meta {
        Meta {
            account: self.optional("account", account),
            name: self.optional("name", word::text),
            tags: BTreeMap::new(),
        }
    }

    /// `account`, `name` and `tags`, which every endpoint takes.
    pub fn endpoint_meta(&mut self) -> Meta {
        let meta = self.meta();
        Meta { tags: self.optional("tags", tags).unwrap_or_default(), ..meta }
    }

    /// `security_groups` of a machine, in order. It must be written, if only to say that there are none (SG-17).
    pub fn security_groups(&mut self) -> Option<Vec<Id>> {
        self.required_list("security_groups", word::reference(only(&[Kind::SecurityGroup])))
    }

    /// `security_groups` of a service, in order; it may have none.
    pub fn optional_security_groups(&mut self) -> Vec<Id> {
        self.list("security_groups", word::reference(only(&[Kind::SecurityGroup])))
    }
}

/// An account. Where the file has no section `accounts`, naming one is enough.
pub fn account<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Id> {
    let id = word::new_id(value, at)?;
    at.accounts.push((id.clone(), value.text()));
    Some(id)
}

fn tags<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<BTreeMap<String, String>> {
    let Ok(entries) = value.entries() else {
        return at.shape(value, &Shape::Map.words());
    };
    let mut tags = BTreeMap::new();
    for (key, value) in entries {
        let (name, text) = (word::words(key, at), word::text(value, at));
        let (Some(name), Some(text)) = (name, text) else {
            continue;
        };
        if tags.insert(name.clone(), text).is_some() {
            at.error::<()>(
                crate::code::Code::DuplicateId,
                key.text(),
                Words::new(
                    format!("the tag `{name}` is written twice"),
                    format!("标签 `{name}` 重复书写"),
                ),
            );
        }
    }
    Some(tags)
}
