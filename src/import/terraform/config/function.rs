//! The functions whose outcome is certain, also of ids that nobody knows yet: what takes lists and maps apart and joins
//! them. What looks into texts is known in the plan already, and what orders by texts cannot order what has none.

use std::collections::BTreeMap;

use serde_json::Value;

use super::term::{Term, Told};
use crate::diagnostic::{Words, words};

/// How many elements `range` may give: more stand in no plan.
const MOST: usize = 10_000;

/// Calls a function.
pub fn call(name: &str, arguments: &[Term]) -> Told {
    let wrong = || words!("what `{name}` gives here is not certain", "无法确定 `{name}` 的结果");
    let items = |term: &Term| term.items().ok_or_else(wrong);
    match (name, arguments) {
        ("concat", lists) => {
            let mut all = Vec::new();
            for list in lists {
                all.extend(items(list)?);
            }
            Ok(Term::List(all))
        }
        ("flatten", [list]) => {
            let mut all = Vec::new();
            flatten(&items(list)?, &mut all);
            Ok(Term::List(all))
        }
        ("compact", [list]) => {
            let all = items(list)?.into_iter();
            let is_empty = |it: &Term| it.is_null() || it.text().as_deref() == Some("");
            Ok(Term::List(all.filter(|it| !is_empty(it)).collect()))
        }
        ("reverse", [list]) => Ok(Term::List(items(list)?.into_iter().rev().collect())),
        ("tolist", [list]) if !list.is_map() => items(list).map(Term::List),
        ("tomap", [map]) if map.is_map() => Ok(map.clone()),
        ("values", [map]) if map.is_map() => items(map).map(Term::List),
        ("keys", [map]) if map.is_map() => {
            let members = map.members().unwrap_or_default().into_iter();
            Ok(Term::List(members.map(|(key, _)| Term::Known(Value::from(key))).collect()))
        }
        ("length", [list]) => Ok(Term::Known(Value::from(items(list)?.len()))),
        ("element", [list, at]) => {
            let (list, at) = (items(list)?, at.index().ok_or_else(wrong)?);
            let at = at.checked_rem(list.len()).ok_or_else(wrong)?;
            list.get(at).cloned().ok_or_else(wrong)
        }
        ("one", [list]) => match &items(list)?[..] {
            [] => Ok(Term::Known(Value::Null)),
            [only] => Ok(only.clone()),
            _ => Err(wrong()),
        },
        ("slice", [list, from, to]) => {
            let (list, from, to) = (items(list)?, from.index(), to.index());
            let range = from.zip(to).and_then(|(from, to)| list.get(from..to));
            range.map(|it| Term::List(it.to_vec())).ok_or_else(wrong)
        }
        ("lookup", [map, key]) if map.is_map() => map.element(key),
        ("lookup", [map, key, other]) if map.is_map() => {
            Ok(map.element(key).unwrap_or_else(|_| other.clone()))
        }
        ("merge", maps) if maps.iter().all(Term::is_map) => Ok(merged(maps)),
        ("coalesce", all) => {
            let is_unset = |it: &&Term| it.is_null() || it.text().as_deref() == Some("");
            let mut all = all.iter().filter(|it| !is_unset(it));
            all.next().cloned().ok_or_else(wrong)
        }
        ("coalescelist", all) => {
            let mut all = all.iter().filter(|it| it.items().is_some_and(|it| !it.is_empty()));
            all.next().cloned().ok_or_else(wrong)
        }
        ("contains", [list, wanted]) => contains(&items(list)?, wanted).ok_or_else(wrong),
        ("distinct", [list]) => distinct(items(list)?).ok_or_else(wrong),
        // what is in order by its texts has an order only where those are known
        ("toset" | "sort", [list]) => in_order(&items(list)?, name == "toset").ok_or_else(wrong),
        ("zipmap", [keys, values]) => {
            let keys: Option<Vec<String>> = items(keys)?.iter().map(Term::text).collect();
            let (keys, values) = (keys.ok_or_else(wrong)?, items(values)?);
            if keys.len() != values.len() {
                return Err(wrong());
            }
            let all: BTreeMap<String, Term> = keys.into_iter().zip(values).collect();
            Ok(Term::Map(all.into_iter().collect()))
        }
        ("range", [to]) => {
            let to = to.index().filter(|it| *it <= MOST).ok_or_else(wrong)?;
            let all = (0..to).map(|it| Term::Known(Value::from(it)));
            Ok(Term::List(all.collect()))
        }
        (_, [it]) => of_text(name, it).ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

/// The functions of one text.
fn of_text(name: &str, it: &Term) -> Option<Term> {
    let text = it.text();
    match name {
        "tostring" if it.is_null() => Some(it.clone()),
        "tostring" => {
            let is_text = matches!(it, Term::Id(_) | Term::Woven(_));
            let text = text.map(|text| Term::Known(Value::from(text)));
            text.or_else(|| is_text.then(|| it.clone()))
        }
        "lower" => Some(Term::Known(Value::from(text?.to_lowercase()))),
        "upper" => Some(Term::Known(Value::from(text?.to_uppercase()))),
        "trimspace" => Some(Term::Known(Value::from(text?.trim()))),
        _ => None,
    }
}

/// Texts in order, once each if they are a set. One alone is in order, whatever it is.
pub fn in_order(items: &[Term], is_set: bool) -> Option<Term> {
    let all = if is_set { Term::Set } else { Term::List };
    if items.len() <= 1 {
        return Some(all(items.to_vec()));
    }
    let is_text = |it: &Term| matches!(it, Term::Known(Value::String(_)));
    if !items.iter().all(is_text) {
        return None;
    }
    let mut texts: Vec<String> = items.iter().filter_map(Term::text).collect();
    texts.sort();
    if is_set {
        texts.dedup();
    }
    let texts = texts.into_iter().map(|it| Term::Known(Value::from(it)));
    Some(all(texts.collect()))
}

fn flatten(items: &[Term], all: &mut Vec<Term>) {
    for item in items {
        match item.items().filter(|_| !item.is_map()) {
            Some(inner) => flatten(&inner, all),
            None => all.push(item.clone()),
        }
    }
}

/// Maps as one, in which later members replace earlier ones; by the order of their keys, as maps are.
fn merged(maps: &[Term]) -> Term {
    let members = maps.iter().flat_map(|map| map.members().unwrap_or_default());
    let all: BTreeMap<String, Term> = members.collect();
    Term::Map(all.into_iter().collect())
}

/// Whether two are equal. The id of what does not exist yet is neither null nor empty nor that of something else; what
/// other text it is not, nobody can say.
pub fn equal(one: &Term, other: &Term) -> Option<bool> {
    match (one, other) {
        (Term::Known(Value::Number(one)), Term::Known(Value::Number(other))) => {
            Some(one.as_f64() == other.as_f64())
        }
        (Term::Known(one), Term::Known(other)) => Some(one == other),
        (Term::Id(one), Term::Id(other)) => Some(one == other),
        (Term::Id(_) | Term::Woven(_), known) | (known, Term::Id(_) | Term::Woven(_)) => {
            (known.is_null() || known.text().as_deref() == Some("")).then_some(false)
        }
        (known, list) | (list, known) if known.is_null() => Some(list.is_null()),
        _ => None,
    }
}

fn contains(list: &[Term], wanted: &Term) -> Option<Term> {
    let all: Vec<Option<bool>> = list.iter().map(|it| equal(it, wanted)).collect();
    let flag = all.contains(&Some(true)) || !all.iter().all(Option::is_some);
    // an unknown one may be it
    let is_sure = all.contains(&Some(true)) || all.iter().all(Option::is_some);
    is_sure.then_some(Term::Known(Value::Bool(flag)))
}

fn distinct(list: Vec<Term>) -> Option<Term> {
    let mut all: Vec<Term> = Vec::new();
    for item in list {
        let known: Option<Vec<bool>> = all.iter().map(|it| equal(it, &item)).collect();
        if !known?.contains(&true) {
            all.push(item);
        }
    }
    Some(Term::List(all))
}

/// Whether a call is worth telling of: that it cannot be evaluated.
pub fn unknown(name: &str) -> Words {
    words!("what `{name}` gives is not evaluated", "不对 `{name}` 求值")
}
