//! A change of a network as an edit of its files. Rules and routes are put in, taken out or written anew where they stand;
//! an edit counts only if the files with it mean the very network that was computed.

use std::sync::Arc;

use super::known::Known;
use crate::ask::Asked;
use crate::diagnostic::{Sources, Span};
use crate::id::Id;
use crate::import::write_change;
use crate::model::{Change, Locate, Network, Place};
use crate::scenario::{Scenario, load};
use crate::verify::{Fix, base, situations};

/// The edits that turn the files of a scenario into those of another network; none where that takes more than rules and routes.
pub fn edits(known: &Known<'_>, asked: &Asked, after: &Network) -> Option<Vec<(Span, String)>> {
    let before = &asked.situation.network;
    let mut all = Vec::new();
    let mut put = |id: &Id, list: &'static str, lists: [Vec<String>; 2]| {
        let [old, new] = lists;
        if old == new {
            return Some(());
        }
        all.push(splice(asked, (id, list), &old, &new)?);
        Some(())
    };
    for (id, new) in &after.security_groups {
        let old = before.security_groups.get(id).filter(|old| *old != new);
        for (list, of_list) in [("ingress", 0), ("egress", 1)] {
            let Some(old) = old else { continue };
            let [old, new] = [old, new].map(|group| {
                let rules = [&group.ingress, &group.egress][of_list].iter();
                let text = rules.map(|rule| {
                    let [ingress, egress] = alone(of_list, rule);
                    item(&Change::CreateSecurityGroupPolicies {
                        security_group: id.clone(),
                        ingress,
                        egress,
                        at: 0,
                    })
                });
                text.collect()
            });
            put(id, list, [old, new])?;
        }
    }
    for (id, new) in &after.network_acls {
        let old = before.network_acls.get(id).filter(|old| *old != new);
        for (list, of_list) in [("ingress", 0), ("egress", 1)] {
            let Some(old) = old else { continue };
            let [old, new] = [old, new].map(|acl| {
                let rules = [&acl.ingress, &acl.egress][of_list].iter();
                let text = rules.map(|rule| {
                    let lists = alone(of_list, rule);
                    let [ingress, egress] =
                        lists.map(|list| Some(list).filter(|it| !it.is_empty()));
                    item(&Change::ModifyNetworkAclEntries {
                        network_acl: id.clone(),
                        ingress,
                        egress,
                    })
                });
                text.collect()
            });
            put(id, list, [old, new])?;
        }
    }
    for (id, new) in &after.route_tables {
        let Some(old) = before.route_tables.get(id).filter(|old| *old != new) else {
            continue;
        };
        let [old, new] = [old, new].map(|table| {
            let text = table.routes.iter().map(|route| {
                item(&Change::CreateRoutes { route_table: id.clone(), routes: vec![route.clone()] })
            });
            text.collect()
        });
        put(id, "routes", [old, new])?;
    }
    let is_meant = |scenario: Scenario| scenario.network == *after;
    (!all.is_empty() && means(known, &asked.sources, &all, is_meant)).then_some(all)
}

/// The edit that adds the changes of a fix to those of a step or a what-if, the file's network number `stage`; none where it has
/// no change yet, or would then come to another network.
pub fn added(
    known: &Known<'_>,
    (stage, asked): (usize, &Asked),
    fix: &Fix,
) -> Option<Vec<(Span, String)>> {
    let scenario = &asked.scenario;
    let mut stages = scenario.steps.iter().chain(&scenario.what_if);
    let last = stages.nth(stage.checked_sub(1)?)?.changes.last()?.span;
    let between = gap(&asked.sources.get(last.file)?.text, last);
    let margin = between.trim_start_matches(',').trim_start_matches(' ');
    let break_of_line = if margin.is_empty() { "\n" } else { margin };
    let put = fix.changes.iter().map(|change| {
        let text = write_change(change).replace('\n', break_of_line);
        format!("{between}{text}")
    });
    let behind = Span { start: last.end, ..last };
    let all = vec![(behind, put.collect())];
    let is_meant = |scenario: Scenario| {
        let situations = situations(&scenario, &base(&scenario));
        let after = situations.get(stage);
        after.is_some_and(|after| after.network == fix.network)
    };
    means(known, &asked.sources, &all, is_meant).then_some(all)
}

/// A rule in its own list, with nothing in the other: what it is written like depends on which.
fn alone<T: Clone>(of_list: usize, rule: &T) -> [Vec<T>; 2] {
    let mut lists = [Vec::new(), Vec::new()];
    lists[of_list].push(rule.clone());
    lists
}

/// The one element of the one list that the text of a change has.
fn item(change: &Change) -> String {
    let text = write_change(change);
    let inner = text.split_once('[').and_then(|(_, rest)| rest.rsplit_once(']'));
    let inner = inner.map_or("", |(inner, _)| inner).trim();
    inner.strip_suffix(',').unwrap_or(inner).to_owned()
}

/// Where the elements of a list differ, and what is to stand there.
fn splice(
    asked: &Asked,
    (id, list): (&Id, &'static str),
    old: &[String],
    new: &[String],
) -> Option<(Span, String)> {
    let same = |pair: &(&String, &String)| pair.0 == pair.1;
    let head = old.iter().zip(new).take_while(same).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev());
    let tail = tail.take_while(same).count();
    let written = &new[head..new.len() - tail];
    let gone = head..old.len() - tail;
    let origins = &asked.situation.origins;
    let places = (0..old.len()).map(|index| origins.locate(&Place::item(id, list, index)));
    let places: Vec<Span> = places.collect::<Option<_>>()?;
    let text = |span: Span| asked.sources.get(span.file).map(|source| &*source.text);
    let at = |span: Span, start, end| Span { start, end, ..span };
    if let (Some(first), Some(last)) = (places.get(gone.start), places[..gone.end].last())
        && !gone.is_empty()
    {
        if !written.is_empty() {
            let between = gap(text(*first)?, *first);
            return Some((at(*first, first.start, last.end), written.join(&between)));
        }
        // With the comma before or behind.
        return Some(match (places.get(gone.end), gone.start.checked_sub(1)) {
            (Some(next), _) => (at(*first, first.start, next.start), String::new()),
            (None, Some(before)) => (at(*first, places[before].end, last.end), String::new()),
            (None, None) => (at(*first, first.start, last.end), String::new()),
        });
    }
    if let Some(next) = places.get(head) {
        let between = gap(text(*next)?, *next);
        let put = format!("{}{between}", written.join(&between));
        return Some((at(*next, next.start, next.start), put));
    }
    if let Some(last) = places.last() {
        let between = gap(text(*last)?, *last);
        let put = format!("{between}{}", written.join(&between));
        return Some((at(*last, last.end, last.end), put));
    }
    let put = written.join(", ");
    let field = origins.locate(&Place::field(id, list));
    let empty =
        field.filter(|span| text(*span).is_some_and(|it| it[span.range()].starts_with('[')));
    if let Some(empty) = empty {
        return Some((empty, format!("[{put}]")));
    }
    // The field is not there: it becomes the first.
    let key = origins.locate(&Place::of(id))?;
    let whole = text(key)?;
    let open = whole[key.end as usize..].find('(')?;
    let start = key.end + u32::try_from(open).ok()? + 1;
    Some((at(key, start, start), format!("{list}: [{put}], ")))
}

/// What stands between an element and the next: a line break where it stands on a line of its own.
fn gap(text: &str, element: Span) -> String {
    let before = &text[..element.start as usize];
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let margin = &before[line..];
    if margin.trim().is_empty() { format!(",\n{margin}") } else { ", ".to_owned() }
}

/// Whether the files with these edits mean what they should.
fn means(
    known: &Known<'_>,
    sources: &Sources,
    edits: &[(Span, String)],
    is_meant: impl FnOnce(Scenario) -> bool,
) -> bool {
    let mut desk = known.desk.clone();
    let mut ordered: Vec<_> = edits.iter().collect();
    ordered.sort_by_key(|(span, _)| std::cmp::Reverse((span.file, span.start)));
    for (span, put) in ordered {
        let Some(source) = sources.get(span.file) else {
            return false;
        };
        let text = desk.texts.get(&source.file).unwrap_or(&source.text);
        let mut text = text.to_string();
        text.replace_range(span.range(), put);
        desk.texts.insert(source.file.clone(), Arc::from(text));
    }
    let loaded = load(&known.path, &desk);
    loaded.scenario.is_some_and(is_meant)
}
