//! What an expression of a configuration gives: values, and things that do not exist yet under the names of their resources.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::diagnostic::{Words, words};
use crate::import::terraform::reference::{Call, Key};

/// The outcome of an expression, or why it is not certain.
pub type Told = Result<Term, Words>;

/// What an expression gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// A value that holds nothing of the others.
    Known(Value),
    /// A resource, by its index.
    Resource(usize),
    /// The id of a resource that does not exist yet, by its address.
    Id(String),
    /// A text with such ids in it, as the addresses of their resources.
    Woven(String),
    /// An instance of a module.
    Module(Vec<Call>),
    /// A list.
    List(Vec<Term>),
    /// A set of texts, in their order: each is its own key.
    Set(Vec<Term>),
    /// A map or an object, in the order of its keys.
    Map(Vec<(String, Term)>),
}

impl Term {
    /// A truth value.
    pub fn flag(&self) -> Option<bool> {
        match self {
            Self::Known(Value::Bool(flag)) => Some(*flag),
            Self::Known(Value::String(text)) => text.parse().ok(),
            _ => None,
        }
    }

    /// A text; numbers and truth values as they are written.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Known(Value::String(text)) => Some(text.clone()),
            Self::Known(value @ (Value::Number(_) | Value::Bool(_))) => Some(value.to_string()),
            _ => None,
        }
    }

    /// A whole number that is not negative.
    pub fn index(&self) -> Option<usize> {
        let value = self.text()?;
        value.parse().ok()
    }

    /// Whether it is null; of what is not known, that cannot be said.
    pub fn is_null(&self) -> bool {
        *self == Self::Known(Value::Null)
    }

    /// The elements of a list, or the values of a map.
    pub fn items(&self) -> Option<Vec<Self>> {
        match self {
            Self::List(items) | Self::Set(items) => Some(items.clone()),
            Self::Map(members) => Some(members.iter().map(|(_, it)| it.clone()).collect()),
            Self::Known(Value::Array(items)) => {
                Some(items.iter().cloned().map(Self::Known).collect())
            }
            Self::Known(Value::Object(_)) => {
                let members = self.members()?.into_iter();
                Some(members.map(|(_, it)| it).collect())
            }
            Self::Known(_) | Self::Resource(_) | Self::Id(_) | Self::Woven(_) | Self::Module(_) => {
                None
            }
        }
    }

    /// The same with the key of each: positions of a list.
    pub fn members(&self) -> Option<Vec<(String, Self)>> {
        match self {
            Self::Map(members) => Some(members.clone()),
            Self::Known(Value::Object(members)) => {
                let members = members.iter();
                // whoever wrote them, the order is that of the keys
                let all: BTreeMap<String, Self> =
                    members.map(|(key, it)| (key.clone(), Self::Known(it.clone()))).collect();
                Some(all.into_iter().collect())
            }
            Self::Set(items) => {
                let items = items.iter();
                items.map(|it| Some((it.text()?, it.clone()))).collect()
            }
            _ => {
                let items = self.items()?.into_iter().enumerate();
                Some(items.map(|(at, it)| (at.to_string(), it)).collect())
            }
        }
    }

    /// Whether it has keys that are names.
    pub fn is_map(&self) -> bool {
        matches!(self, Self::Map(_) | Self::Known(Value::Object(_)))
    }

    /// Whether it has positions.
    pub fn is_list(&self) -> bool {
        matches!(self, Self::List(_) | Self::Known(Value::Array(_)))
    }

    /// An element of a list or a map.
    pub fn element(&self, key: &Self) -> Told {
        let wrong = || {
            let key = key.text().unwrap_or_default();
            words!("there is no element `{key}`", "没有元素 `{key}`")
        };
        if self.is_map() {
            let key = key.text().ok_or_else(wrong)?;
            let mut members = self.members().unwrap_or_default().into_iter();
            return members.find(|(own, _)| *own == key).map(|(_, it)| it).ok_or_else(wrong);
        }
        let items = self.items().filter(|_| self.is_list()).ok_or_else(wrong)?;
        let at = key.index().ok_or_else(wrong)?;
        items.get(at).cloned().ok_or_else(wrong)
    }

    /// As JSON, ids of what does not exist yet as the addresses of it; `None` where it holds more than ids and values.
    pub fn json(&self) -> Option<Value> {
        match self {
            Self::Known(value) => Some(value.clone()),
            Self::Id(text) | Self::Woven(text) => Some(Value::from(text.clone())),
            Self::List(items) | Self::Set(items) => items.iter().map(Self::json).collect(),
            Self::Map(members) => {
                let members = members.iter();
                let all: Option<Map<String, Value>> =
                    members.map(|(key, it)| Some((key.clone(), it.json()?))).collect();
                all.map(Value::Object)
            }
            Self::Resource(_) | Self::Module(_) => None,
        }
    }

    /// Things that are told apart by the keys of `count` or `for_each`, or the only one.
    pub fn of_keys(things: Vec<(Option<Key>, Self)>) -> Self {
        if let [(None, only)] = &things[..] {
            return only.clone();
        }
        let is_text = |(key, _): &(Option<Key>, Self)| matches!(key, Some(Key::Text(_)));
        if !things.is_empty() && things.iter().all(is_text) {
            let members = things.into_iter().filter_map(|(key, it)| match key {
                Some(Key::Text(key)) => Some((key, it)),
                _ => None,
            });
            return Self::Map(members.collect());
        }
        Self::List(things.into_iter().map(|(_, it)| it).collect())
    }
}
