//! Choosing one of several instances by what the same expression holds.

use super::reference::Key;
use super::scope::Item;
use crate::diagnostic::{Words, words};

/// Whether an item says which of several instances is meant.
pub fn is_selector(item: &Item) -> bool {
    match item {
        Item::Own(..) => true,
        Item::Value(value) => Key::of(value).is_some(),
        Item::Untold(text, _) => text.starts_with("each.") || text.starts_with("count."),
        _ => false,
    }
}

/// The instance that a key in the same expression names, with a reason if the plan leaves a doubt.
pub fn pick(all: &[(Key, usize)], items: &[Item]) -> Option<(usize, Option<Words>)> {
    let at = |key: &Key| {
        let mut all = all.iter();
        all.find(|(other, _)| other == key).map(|(_, index)| *index)
    };
    let values = items.iter().filter_map(|item| match item {
        Item::Value(value) => Key::of(value).and_then(|key| at(&key)),
        _ => None,
    });
    let mut values: Vec<_> = values.collect();
    values.dedup();
    if let [one] = values[..] {
        return Some((one, None));
    }
    // `each.value.x` that the plan does not tell is not the own key
    let untold = items.iter().any(|item| match item {
        Item::Untold(text, _) => text.starts_with("each.value"),
        _ => false,
    });
    if !values.is_empty() || untold {
        return None;
    }
    items.iter().find_map(|item| match item {
        Item::Own(key, keys) if keys.iter().all(|key| at(key).is_some()) => {
            let doubt = matches!(key, Key::Number(_)).then(|| {
                words!(
                    "the expression holds `count.index`, read as the own index {key}",
                    "表达式含有 `count.index`，按自身序号 {key} 理解"
                )
            });
            Some((at(key)?, doubt))
        }
        _ => None,
    })
}

/// The only candidate that fits.
pub fn only_of(candidates: &[usize], fits: impl Fn(&usize) -> bool) -> Option<usize> {
    let mut fitting = candidates.iter().filter(|index| fits(index));
    let one = *fitting.next()?;
    fitting.next().is_none().then_some(one)
}
