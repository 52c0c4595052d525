//! From an attribute to the resource that it means.
//!
//! One of several instances is chosen by a key that the plan gives, by what is known of both sides, or because only
//! one resource comes into question at all. Everything else is unresolved, and says why.

use crate::diagnostic::{Words, words};
use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;

use super::choose::{only_of, pick};
use super::config::OPEN;
use super::input::{Input, get, is_unset};
use super::lack::outside;
pub use super::lack::{Lack, Unresolved, lost, not_yet};
use super::reference::Step;
use super::scope::Item;
use crate::import::notation;

/// An attribute of a resource, as far as it goes.
#[derive(Clone, Copy, Debug)]
pub enum Attribute<'j> {
    /// Nobody sets it: the cloud chooses.
    Unset,
    /// Its value.
    Known(&'j Value),
    /// Its value comes from the references of this expression.
    Unknown(&'j Value),
    /// Its value is not known, and the expression is not in the plan.
    Lost,
}

/// What an attribute means.
#[derive(Clone, Debug)]
pub struct Resolved<T> {
    /// The meaning.
    pub value: T,
    /// Why it must be that, where the plan does not say so.
    pub because: Option<Words>,
}

/// The outcome for a single meaning; `None` = not set.
pub type One = Result<Option<Resolved<usize>>, Unresolved>;

impl<'j> Input<'j> {
    /// A value of a resource, null if it is not set or not known.
    pub fn known(&self, resource: usize, name: &str) -> &'j Value {
        get(self.resources[resource].values, name)
    }

    /// A text of a resource; numbers as they are written.
    pub fn text(&self, resource: usize, name: &str) -> Option<String> {
        text_of(self.known(resource, name))
    }

    /// An attribute of a resource.
    pub fn attribute(&self, resource: usize, name: &str) -> Attribute<'j> {
        let of = &self.resources[resource];
        let expression = get(get(of.block, "expressions"), name);
        attribute_of(get(of.values, name), get(of.unknown, name), expression)
    }

    /// The resource of one of the types that an attribute means.
    pub fn one(&self, resource: usize, name: &str, kinds: &[&str]) -> One {
        self.one_of(resource, self.attribute(resource, name), kinds)
    }

    /// The same for an attribute that is at hand.
    pub fn one_of(&self, resource: usize, attribute: Attribute<'j>, kinds: &[&str]) -> One {
        match attribute {
            Attribute::Unset => Ok(None),
            Attribute::Known(value) => {
                let id = text_of(value).unwrap_or_default();
                self.by_text(&id, kinds).map(|value| Some(Resolved { value, because: None }))
            }
            Attribute::Unknown(expression) => self.referred(resource, expression, kinds).map(Some),
            Attribute::Lost => Err(lost()),
        }
    }

    /// The resource with an id.
    pub fn by_text(&self, id: &str, kinds: &[&str]) -> Result<usize, Unresolved> {
        let found = self.with_id(id);
        found.filter(|index| kinds.contains(&self.resources[*index].kind)).ok_or_else(|| {
            Unresolved {
                lack: if found.is_none() { Lack::Presence } else { Lack::Meaning },
                why: match found {
                    Some(index) => {
                        let address = self.resources[index].address;
                        words!("`{id}` is {address}", "`{id}` 是 {address}")
                    }
                    None => words!(
                        "nothing in the input has the id `{id}`",
                        "输入中没有 ID 为 `{id}` 的资源"
                    ),
                },
                help: outside(),
            }
        })
    }

    /// The one resource that an expression leads to.
    fn referred(
        &self,
        resource: usize,
        expression: &'j Value,
        kinds: &[&str],
    ) -> Result<Resolved<usize>, Unresolved> {
        if !get(expression, OPEN).is_null() {
            return Err(Unresolved::of(expression, &Words::default()));
        }
        let items = self.items(&self.frame(resource), expression, 0);
        let mut sure: Vec<usize> = Vec::new();
        let mut because = None;
        let mut open: Vec<usize> = Vec::new();
        let mut untold = None;
        for item in &items {
            match item {
                Item::Resource(index, steps) => sure.extend(self.wanted(*index, steps, kinds)),
                Item::Several(all, steps) => {
                    let wanted = |index| self.wanted(index, steps, kinds);
                    match pick(all, &items) {
                        Some((index, why)) => {
                            sure.extend(wanted(index));
                            because = why.or(because);
                        }
                        None => open.extend(all.iter().filter_map(|(_, index)| wanted(*index))),
                    }
                }
                Item::Untold(text, module) if !is_data(text) => {
                    untold = untold.or(Some((text, module)));
                }
                _ => {}
            }
        }
        sure.dedup();
        open.dedup();
        if let [one] = sure[..] {
            return Ok(Resolved { value: one, because });
        }
        let candidates = if sure.is_empty() { open } else { sure };
        if let Some((value, because)) = self.by_facts(resource, &candidates) {
            return Ok(Resolved { value, because: Some(because) });
        }
        if let [one] = candidates[..] {
            let text = &self.resources[one].address;
            return Ok(Resolved {
                value: one,
                because: Some(words!(
                    "{text} is the only one of its block",
                    "{text} 是其资源块的唯一实例"
                )),
            });
        }
        if let (true, Some((text, module))) = (candidates.is_empty(), untold)
            && let Some(index) = self.only(module, kinds)
        {
            return Ok(Resolved { value: index, because: Some(self.only_words(text, index)) });
        }
        let names: Vec<_> = self
            .possible(resource, &candidates)
            .iter()
            .map(|index| self.resources[*index].address)
            .collect();
        let which = if names.len() > 1 {
            let (english, chinese) = (names.join(" or "), names.join(" 或 "));
            words!("; it may be {english}", "；可能是 {chinese}")
        } else {
            Words::default()
        };
        Err(Unresolved::of(expression, &which))
    }

    /// The resource, or what its attribute leads to, if it is of a wanted type.
    pub fn wanted(&self, index: usize, steps: &[Step], kinds: &[&str]) -> Option<usize> {
        if kinds.contains(&self.resources[index].kind) {
            return Some(index);
        }
        let Some(Step::Name(name)) = steps.first() else {
            return None;
        };
        if name == "id" {
            return None;
        }
        match self.one(index, name, kinds) {
            Ok(Some(resolved)) => Some(resolved.value),
            _ => None,
        }
    }

    /// The only resource of the types that something of a module instance can mean: one of the module, of those that it
    /// calls, or one that it is given.
    pub fn only(&self, module: &[super::reference::Call], kinds: &[&str]) -> Option<usize> {
        let is_wanted = |index: usize| kinds.contains(&self.resources[index].kind);
        let mut inside =
            self.resources.iter().enumerate().filter(|(index, resource)| {
                resource.module.starts_with(module) && is_wanted(*index)
            });
        let (index, _) = inside.next()?;
        let is_only = inside.next().is_none() && self.resources[index].module == module;
        let given = self.given(module).into_iter();
        let mut others = given.filter(|item| match item {
            Item::Resource(other, _) => is_wanted(*other),
            Item::Several(all, _) => all.iter().any(|(_, other)| is_wanted(*other)),
            Item::Untold(..) => true,
            Item::Value(_) | Item::Own(..) | Item::Foreign => false,
        });
        (is_only && others.next().is_none()).then_some(index)
    }

    pub fn only_words(&self, reference: &str, index: usize) -> Words {
        let address = self.resources[index].address;
        words!(
            "the plan does not say what `{reference}` holds; {address} is the only one there is",
            "计划没有说明 `{reference}` 的内容；{address} 是唯一的候选"
        )
    }

    /// The one candidate that fits what is known of both sides: address, then zone, then region.
    fn by_facts(&self, resource: usize, candidates: &[usize]) -> Option<(usize, Words)> {
        let address = ["private_ip", "ip", "vip", "intranet_ip"]
            .into_iter()
            .find_map(|name| self.text(resource, name)?.parse::<IpAddr>().ok());
        if let Some(address) = address {
            let covers = |index: &usize| {
                let cidr = self.text(*index, "cidr_block");
                let cidr = cidr.and_then(|cidr| cidr.parse::<IpNet>().ok());
                cidr.is_some_and(|cidr| cidr.contains(&address))
            };
            let of_subnets =
                candidates.iter().all(|index| self.resources[*index].kind == "tencentcloud_subnet");
            if of_subnets && !candidates.is_empty() {
                let one = only_of(candidates, covers)?;
                let address = words!(
                    "{address} lies in no other of the candidates",
                    "{address} 不在其他候选之中"
                );
                return Some((one, address));
            }
        }
        let zone_of = |index: usize| {
            self.text(index, "availability_zone").or_else(|| self.text(index, "zone"))
        };
        if let Some(zone) = zone_of(resource)
            && let Some(one) = only_of(candidates, |index| zone_of(*index).as_ref() == Some(&zone))
        {
            return Some((
                one,
                words!(
                    "no other of the candidates is in zone {zone}",
                    "没有其他候选在可用区 {zone}"
                ),
            ));
        }
        let region = self.region(resource)?;
        let one = only_of(candidates, |index| self.region(*index).as_ref() == Some(&region))?;
        (candidates.len() > 1).then(|| {
            (one, words!("no other of the candidates is in {region}", "没有其他候选在 {region}"))
        })
    }

    /// The candidates that the zone of a resource does not rule out.
    fn possible(&self, resource: usize, candidates: &[usize]) -> Vec<usize> {
        let zone_of = |index: usize| self.text(index, "availability_zone");
        let zone = zone_of(resource);
        let fits = |index: &usize| zone.is_none() || zone_of(*index) == zone;
        let fitting: Vec<usize> = candidates.iter().copied().filter(fits).collect();
        if fitting.is_empty() { candidates.to_vec() } else { fitting }
    }

    /// The region of the provider configuration of a resource, or of its zone.
    pub fn region(&self, resource: usize) -> Option<String> {
        let key = self.resources[resource].provider;
        self.region_of_provider(get(self.providers, key))
            .or_else(|| {
                let zone = self
                    .text(resource, "availability_zone")
                    .or_else(|| self.text(resource, "zone"))?;
                notation::region_of_zone(&zone).map(str::to_owned)
            })
            .or_else(|| self.only_region())
    }

    fn region_of_provider(&self, provider: &'j Value) -> Option<String> {
        let expression = get(get(provider, "expressions"), "region");
        let region = self.value(&Self::root(), expression);
        region.as_ref().and_then(text_of)
    }

    /// The region of all configurations of the provider, if there is only one: for what has no block any more.
    fn only_region(&self) -> Option<String> {
        let all = self.providers.as_object().into_iter().flatten();
        let own = all.filter(|(key, _)| {
            let name = key.rsplit(':').next().unwrap_or_default();
            name == "tencentcloud" || name.starts_with("tencentcloud.")
        });
        let mut regions = own.map(|(_, provider)| self.region_of_provider(provider));
        let first = regions.next()??;
        regions.all(|other| other.as_ref() == Some(&first)).then_some(first)
    }
}

/// An attribute from its value, its mark in `after_unknown` and its expression.
pub fn attribute_of<'j>(value: &'j Value, unknown: &Value, expression: &'j Value) -> Attribute<'j> {
    if *unknown == Value::Bool(true) {
        if expression.is_null() {
            return Attribute::Unset;
        }
        return Attribute::Unknown(expression);
    }
    if is_unset(value) || *value == 0 { Attribute::Unset } else { Attribute::Known(value) }
}

/// The text of a string or number.
pub fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether a reference is one to a data source.
pub fn is_data(reference: &str) -> bool {
    reference.starts_with("data.")
}
