//! Alike ends that a further network tells apart, divided.

use std::net::IpAddr;

use super::everyone::{before, is_many};
use super::land::{Alike, Land, Meaning, Who};
use crate::model::Endpoint;
use crate::space::after;

impl Alike {
    /// The parts that a network tells apart, in the order of the file; they stay alike in the networks of `lands`, which
    /// they come from.
    pub(super) fn divided_by(&self, land: &Land, lands: &[&Land]) -> Vec<Self> {
        let mut parts: Vec<(Option<Meaning>, Self)> = Vec::new();
        for who in self.who.iter().flat_map(|who| cut(who, land, lands)) {
            let meaning = land.meaning(&who);
            let many = is_many(lands, &who);
            if let Some((_, part)) = parts.iter_mut().find(|(other, _)| *other == meaning) {
                part.several = true;
                part.who.push(who);
            } else {
                let part = Self { who: vec![who], means: self.means.clone(), several: many };
                parts.push((meaning, part));
            }
        }
        parts.into_iter().map(|(_, part)| part).collect()
    }
}

/// The stretches of a group's members that a network tells apart; any other end is one.
fn cut(who: &Who, land: &Land, lands: &[&Land]) -> Vec<Who> {
    let whole = || vec![who.clone()];
    let Endpoint::GroupMember(id, first) = &who.endpoint else {
        return whole();
    };
    let mut groups = lands.iter().filter_map(|land| land.fabric.network.instance_groups.get(id));
    let last = who.part.or_else(|| Some(groups.next()?.ips.1));
    let resident = land.fabric.hosts.of(id.as_str());
    let (Some(last), Some(resident)) = (last, resident) else {
        return whole();
    };
    let mut starts: Vec<IpAddr> = vec![*first];
    let stretches = land.classes.stretches(resident).iter();
    starts.extend(stretches.map(|(start, _)| *start));
    starts.extend(after(land.fabric.hosts.get(resident).addresses.1));
    starts.retain(|start| first <= start && *start <= last);
    starts.sort_unstable();
    starts.dedup();
    if starts.len() == 1 {
        return whole();
    }
    let parts = starts.iter().enumerate().map(|(index, start)| {
        let end = starts.get(index + 1).and_then(|next| before(*next));
        Who { endpoint: Endpoint::GroupMember(id.clone(), *start), part: Some(end.unwrap_or(last)) }
    });
    parts.collect()
}
