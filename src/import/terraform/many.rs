//! From a list to the resources that it means, in order.
//!
//! A plan tells a list that is not known yet as the references in it, and nothing of what joins them. So the list is
//! certain only where they could hardly stand otherwise: resources written out one after another. A condition, a
//! function of other values, a splat or a key that picks leaves it open, which is said.

use serde_json::Value;

use super::choose::{is_selector, pick};
use super::config::OPEN;
use super::input::{Input, get, list};
use super::machine::EIP;
use super::reference::{Key, collapse};
use super::resolve::{Attribute, Lack, Unresolved, is_data, lost, not_yet, text_of};
use super::scope::Item;
use crate::diagnostic::{Words, words};

/// What each element of a list means.
#[derive(Clone, Debug, Default)]
pub struct Many {
    /// The resources, in order.
    pub found: Vec<usize>,
    /// Why it must be these, where the plan does not say so.
    pub because: Option<Words>,
    /// What could not be resolved.
    pub lost: Vec<Unresolved>,
}

impl<'j> Input<'j> {
    /// The resources that a list means, in order.
    pub fn many(&self, resource: usize, name: &str, kinds: &[&str]) -> Option<Many> {
        self.many_of(resource, self.attribute(resource, name), kinds)
    }

    /// The same for an attribute that is at hand.
    pub fn many_of(
        &self,
        resource: usize,
        attribute: Attribute<'j>,
        kinds: &[&str],
    ) -> Option<Many> {
        match attribute {
            Attribute::Unset => None,
            Attribute::Known(value) => {
                let one = [value.clone()];
                let items = value.as_array().map_or(&one[..], Vec::as_slice);
                let mut many = Many::default();
                for item in items {
                    // what is not known yet stands as null among the others
                    if item.is_null() {
                        many.lost.push(not_yet());
                        continue;
                    }
                    match self.by_text(&text_of(item).unwrap_or_default(), kinds) {
                        Ok(index) => many.found.push(index),
                        Err(unresolved) => many.lost.push(unresolved),
                    }
                }
                Some(many)
            }
            Attribute::Unknown(expression) => Some(self.all_referred(resource, expression, kinds)),
            Attribute::Lost => Some(Many { lost: vec![lost()], ..Many::default() }),
        }
    }

    fn all_referred(&self, resource: usize, expression: &'j Value, kinds: &[&str]) -> Many {
        let frame = self.frame(resource);
        let items = self.items(&frame, expression, 0);
        let mut many = Many::default();
        let mut untold = Vec::new();
        let mut is_sure = get(expression, OPEN).is_null();
        for item in &items {
            match item {
                Item::Resource(index, steps) => {
                    let wanted = self.wanted(*index, steps, kinds);
                    is_sure &= wanted.is_some();
                    many.found.extend(wanted);
                }
                Item::Several(all, steps) => {
                    let has_keys = items.iter().any(is_selector);
                    let picked = has_keys.then(|| pick(all, &items)).flatten();
                    if let Some((index, because)) = picked {
                        many.because = because.or(many.because);
                        many.found.extend(self.wanted(index, steps, kinds));
                    } else {
                        let all = all.iter();
                        let wanted = all.filter_map(|(_, it)| self.wanted(*it, steps, kinds));
                        many.found.extend(wanted);
                        // all of them, one, or those of a condition: only of public addresses does it not matter
                        is_sure &= kinds == EIP && !has_keys;
                    }
                }
                Item::Value(value) => {
                    let one = [value.clone()];
                    let values = value.as_array().map_or(&one[..], Vec::as_slice);
                    let ids = values.iter().filter_map(Value::as_str);
                    let found = ids.filter_map(|id| self.by_text(id, kinds).ok());
                    let before = many.found.len();
                    many.found.extend(found);
                    let is_list = many.found.len() == before + values.len() && items.len() == 1;
                    is_sure &= is_list || is_key(value, &items);
                }
                Item::Untold(text, module) => untold.push((text, module)),
                Item::Own(..) => is_sure &= items.iter().any(|it| matches!(it, Item::Several(..))),
                Item::Foreign => is_sure = false,
            }
        }
        if let (true, Some((text, module))) = (many.found.is_empty(), untold.first()) {
            match self.only(module, kinds).filter(|_| !is_data(text)) {
                Some(index) => {
                    many.because = Some(self.only_words(text, index));
                    many.found.push(index);
                    return many;
                }
                None => many.lost.push(Unresolved::of(expression, &Words::default())),
            }
        } else if !untold.is_empty() || many.found.is_empty() {
            many.lost.push(Unresolved::of(expression, &Words::default()));
        } else if !is_sure {
            many.lost.push(Self::unsure(expression));
        }
        many
    }

    /// A list that more decides about than what it holds.
    fn unsure(expression: &Value) -> Unresolved {
        let references = list(get(expression, "references")).iter();
        let references = references.filter_map(Value::as_str);
        let references = collapse(references).join(", ");
        Unresolved {
            lack: Lack::Meaning,
            why: words!(
                "which of {references} are in the list, and in which order, an expression decides that is not in the plan",
                "列表由 {references} 中的哪些组成、顺序如何，取决于计划中没有的表达式"
            ),
            help: Words::new(
                "give the *.tf files with --config DIR, import the state after `terraform apply`, or write the list out: [TYPE.NAME.id, …]",
                "请用 --config DIR 提供 *.tf 文件，或在 `terraform apply` 之后导入状态，或将列表写成 [TYPE.NAME.id, …]",
            ),
        }
    }
}

/// Whether a value of an expression only says which of several instances is meant.
fn is_key(value: &Value, items: &[Item]) -> bool {
    let Some(key) = Key::of(value) else {
        return false;
    };
    items.iter().any(|item| match item {
        Item::Several(all, _) => all.iter().any(|(other, _)| *other == key),
        _ => false,
    })
}
