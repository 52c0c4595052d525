//! Parts of entities that a change writes, and lists that it shortens or lengthens.

use super::{Edit, LINKS, Origins};
use crate::diagnostic::Span;
use crate::id::Id;
use crate::model::{Key, Kind, ListenerKey, NextHop, Protocols};
use crate::scenario::service::parse_listener;

/// Which way a target goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Registered {
    /// It is added.
    Yes,
    /// It is taken away.
    No,
}

impl Origins {
    /// Notes that a part is written anew.
    pub(super) fn edit_at(&mut self, id: &Id, path: Vec<Key>, edit: Edit) {
        let edits = self.edits.entry(id.clone()).or_default();
        edits.retain(|(edited, _)| *edited != path);
        edits.push((path, edit));
    }

    /// A field of an entity that is the field `from` of the change now.
    pub(super) fn field(&mut self, id: &Id, field: &'static str, at: Span, from: &'static str) {
        if let Some(span) = self.step(at, &Key::Field(from)) {
            self.edit_at(id, vec![Key::Field(field)], Edit::Value(span));
        }
    }

    pub(super) fn update(
        &mut self,
        id: &Id,
        list: &'static str,
        update: impl FnOnce(&mut Vec<Span>),
    ) {
        let path = vec![Key::Field(list)];
        let mut items = self.items(id, &path);
        update(&mut items);
        self.edit_at(id, path, Edit::Items(items));
    }

    pub(super) fn append(&mut self, id: &Id, path: Vec<Key>, new: Vec<Span>) {
        let mut items = self.items(id, &path);
        items.extend(new);
        self.edit_at(id, path, Edit::Items(items));
    }

    pub(super) fn rewrite(&mut self, id: &Id, lists: [(&'static str, bool); 2], at: Span) {
        for (list, _) in lists.into_iter().filter(|(_, written)| *written) {
            let items = self.written_items(at, list);
            self.edit_at(id, vec![Key::Field(list)], Edit::Items(items));
        }
    }

    /// The elements of a list field of the change.
    pub(super) fn written_items(&self, at: Span, field: &'static str) -> Vec<Span> {
        self.step(at, &Key::Field(field)).map(|list| self.elements(list)).unwrap_or_default()
    }

    /// The string in a field of what stands at a place.
    pub(super) fn text_at(&self, at: Span, field: &'static str) -> Option<String> {
        self.text(self.step(at, &Key::Field(field))?)
    }

    pub(super) fn text(&self, at: Span) -> Option<String> {
        self.value(at)?.string().ok().map(std::borrow::Cow::into_owned)
    }

    /// Whether the route that is written at a place has this next hop.
    pub(super) fn leads_to(&self, at: Span, hop: &NextHop) -> bool {
        let via = self.step(at, &Key::Field("via"));
        let Some((word, payload)) = via.and_then(|via| self.value(via)?.variant()) else {
            return false;
        };
        let id = payload.tuple().ok().and_then(|items| items.first()?.string().ok());
        word == hop.word() && id.as_deref() == hop.id().map(Id::as_str)
    }

    /// Takes instances out of the links of one VPC, or of all.
    pub(super) fn unlink(&mut self, instances: &[Id], vpc: Option<&Id>) {
        let linked = self.files.links.keys().chain(self.edits.keys());
        let vpcs: Vec<Id> = linked.filter(|id| vpc.is_none_or(|vpc| vpc == *id)).cloned().collect();
        for id in vpcs {
            let path = [Key::Field(LINKS)];
            let items = self.items(&id, &path);
            let count = items.len();
            let named = |span: &Span| {
                self.text(*span).is_some_and(|text| instances.iter().any(|id| id.as_str() == text))
            };
            let kept: Vec<Span> = items.into_iter().filter(|span| !named(span)).collect();
            if kept.len() < count {
                self.edit_at(&id, path.to_vec(), Edit::Items(kept));
            }
        }
    }

    /// Takes instances out of the targets of all load balancers and the sources of all NAT gateways.
    pub(super) fn forget(&mut self, instances: &[Id]) {
        let files = self.files.entities.iter().map(|(id, entity)| (id, entity.kind));
        let changed = self.changed.iter().filter_map(|(id, entity)| Some((id, (*entity)?.kind)));
        let holders = files.chain(changed).filter(|(_, kind)| {
            matches!(kind, Kind::LoadBalancer | Kind::ClassicLoadBalancer | Kind::NatGateway)
        });
        let holders: Vec<(Id, Kind)> = holders.map(|(id, kind)| (id.clone(), kind)).collect();
        for (id, kind) in holders {
            if kind == Kind::NatGateway {
                self.without(&id, vec![Key::Field("snat")], "from", instances);
                continue;
            }
            for index in 0..self.items(&id, &[Key::Field("listeners")]).len() {
                let targets =
                    vec![Key::Field("listeners"), Key::Index(index), Key::Field("targets")];
                self.without(&id, targets, "instance", instances);
            }
        }
    }

    /// Takes the elements out of a list whose field names one of the instances.
    pub(super) fn without(
        &mut self,
        id: &Id,
        list: Vec<Key>,
        field: &'static str,
        instances: &[Id],
    ) {
        let items = self.items(id, &list);
        let count = items.len();
        let names = |span: &Span| {
            self.text_at(*span, field)
                .is_some_and(|text| instances.iter().any(|id| id.as_str() == text))
        };
        let kept: Vec<Span> = items.into_iter().filter(|span| !names(span)).collect();
        if kept.len() < count {
            self.edit_at(id, list, Edit::Items(kept));
        }
    }

    /// Adds or removes targets of one listener. A target that is registered again stands where it is registered last.
    pub(super) fn retarget(
        &mut self,
        balancer: &Id,
        listener: &ListenerKey,
        at: Span,
        registered: Registered,
    ) {
        let new = self.written_items(at, "targets");
        for (index, entry) in
            self.items(balancer, &[Key::Field("listeners")]).into_iter().enumerate()
        {
            let service = self.text_at(entry, "service");
            let key = service.as_deref().and_then(|service| parse_listener(service).ok());
            let key = key.map(|(protocol, ports)| (Protocols::One(protocol.transport()), ports));
            if key.is_none_or(|key| key != (listener.protocols, listener.ports.clone())) {
                continue;
            }
            let path = vec![Key::Field("listeners"), Key::Index(index), Key::Field("targets")];
            let mut items = self.items(balancer, &path);
            for target in &new {
                let same = |other: &Span| self.target(*other) == self.target(*target);
                let found = items.iter().position(same);
                match (registered, found) {
                    (Registered::Yes, Some(found)) => items[found] = *target,
                    (Registered::Yes, None) => items.push(*target),
                    (Registered::No, Some(found)) => {
                        items.remove(found);
                    }
                    (Registered::No, None) => {}
                }
            }
            self.edit_at(balancer, path, Edit::Items(items));
        }
    }

    /// What tells a target from others: instance and port.
    pub(super) fn target(&self, at: Span) -> (Option<String>, Option<u16>) {
        let port =
            self.step(at, &Key::Field("port")).and_then(|port| self.value(port)?.number().ok());
        (self.text_at(at, "instance"), port)
    }

    pub(super) fn remove(&mut self, ids: &[Id]) {
        for id in ids {
            self.edits.remove(id);
            self.changed.insert(id.clone(), None);
        }
    }
}
