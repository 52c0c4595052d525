//! What a change does to places: what it writes is found in its own text from then on, what it moves keeps its place.

use super::{ChangeOrigin, Edit, Entity, LINKS, Origins};
use crate::diagnostic::Span;
use crate::id::Id;
use crate::model::{Change, Key, Kind, ListenerKey, Protocols};
use crate::scenario::fields::Fields;
use crate::scenario::known::Known;
use crate::scenario::read::network::{Outline, outline_of};
use crate::scenario::reader::{Reader, Texts};
use crate::scenario::service::parse_listener;
use crate::scenario::value::Value;
use crate::scenario::word::parse_cidr;

impl Origins {
    /// The places after a change that the network took. Positions in lists follow the change: what is added stands where
    /// `model::apply` puts it.
    #[must_use]
    pub fn after(&self, change: &Change, at: ChangeOrigin) -> Self {
        let mut after = self.clone();
        after.change(change, at.span);
        after
    }

    fn change(&mut self, change: &Change, at: Span) {
        match change {
            Change::AttachClassicLinkVpc { vpc, instances } => {
                self.unlink(instances, None);
                let new = self.written_items(at, "instances");
                self.append(vpc, vec![Key::Field(LINKS)], new);
            }
            Change::DetachClassicLinkVpc { vpc, instances } => self.unlink(instances, Some(vpc)),
            Change::TerminateInstances(ids) => {
                self.unlink(ids, None);
                self.forget(ids);
                self.remove(ids);
            }
            Change::Delete(ids) => self.remove(ids),
            Change::ModifyPrivateIpAddress { instance, .. } => self.field(instance, "ip", at, "ip"),
            Change::IsolateInstance { instance, .. } | Change::RecoverInstance { instance } => {
                self.edit_at(instance, vec![Key::Field("state")], Edit::Value(at));
            }
            Change::AssociateSecurityGroups { instance, .. } => {
                self.field(instance, "security_groups", at, "security_groups");
            }
            Change::RegisterTargets {
                load_balancer,
                listener,
                ..
            } => {
                self.retarget(load_balancer, listener, at, Registered::Yes);
            }
            Change::DeregisterTargets {
                load_balancer,
                listener,
                ..
            } => {
                self.retarget(load_balancer, listener, at, Registered::No);
            }
            Change::AssociateNetworkAclSubnets { subnets, .. } => {
                for subnet in subnets {
                    self.field(subnet, "network_acl", at, "network_acl");
                }
            }
            Change::DisassociateNetworkAclSubnets { subnets, .. } => {
                for subnet in subnets {
                    self.edit_at(subnet, vec![Key::Field("network_acl")], Edit::Value(at));
                }
            }
            Change::ReplaceRouteTableAssociation { subnet, .. } => {
                self.field(subnet, "route_table", at, "route_table");
            }
            Change::Down(id) | Change::Up(id) => {
                self.edit_at(id, vec![Key::Field("up")], Edit::Value(at));
            }
            Change::Create(_) => self.create(at),
            Change::Replace(_) => self.replace(at),
            other => self.lists(other, at),
        }
    }

    /// Changes of rule lists and routes.
    fn lists(&mut self, change: &Change, at: Span) {
        match change {
            Change::CreateSecurityGroupPolicies {
                security_group,
                at: index,
                ..
            } => {
                for list in ["ingress", "egress"] {
                    let new = self.written_items(at, list);
                    self.update(security_group, list, |items| {
                        let index = (*index).min(items.len());
                        items.splice(index..index, new);
                    });
                }
            }
            Change::DeleteSecurityGroupPolicies {
                security_group,
                ingress,
                egress,
            } => {
                for (list, gone) in [("ingress", ingress), ("egress", egress)] {
                    self.update(security_group, list, |items| {
                        let mut index = 0..;
                        items.retain(|_| !index.next().is_some_and(|index| gone.contains(&index)));
                    });
                }
            }
            Change::ModifySecurityGroupPolicies {
                security_group: id,
                ingress,
                egress,
            } => {
                self.rewrite(
                    id,
                    [("ingress", ingress.is_some()), ("egress", egress.is_some())],
                    at,
                );
            }
            Change::ModifyNetworkAclEntries {
                network_acl: id,
                ingress,
                egress,
            } => {
                self.rewrite(
                    id,
                    [("ingress", ingress.is_some()), ("egress", egress.is_some())],
                    at,
                );
            }
            Change::CreateRoutes { route_table, .. } => {
                let new = self.written_items(at, "routes");
                self.append(route_table, vec![Key::Field("routes")], new);
            }
            Change::DeleteRoutes { route_table, to } => {
                let items = self.items(route_table, &[Key::Field("routes")]);
                let kept = items.into_iter().filter(|item| {
                    let written = self
                        .text_at(*item, "to")
                        .and_then(|text| parse_cidr(&text).ok());
                    !written.is_some_and(|cidr| to.contains(&cidr.trunc()))
                });
                let kept = kept.collect();
                self.edit_at(route_table, vec![Key::Field("routes")], Edit::Items(kept));
            }
            Change::EnableRoutes { route_table, .. }
            | Change::DisableRoutes { route_table, .. } => {
                self.states(route_table, at);
            }
            // these neither write nor move anything that has a place
            _ => {}
        }
    }

    /// Turning a route on or off writes it into the table if only a CCN put it there (D20-4).
    fn states(&mut self, route_table: &Id, at: Span) {
        let path = vec![Key::Field("routes")];
        let mut items = self.items(route_table, &path);
        let to = |item: &Span| {
            self.text_at(*item, "to")
                .and_then(|text| parse_cidr(&text).ok())
        };
        let written: Vec<_> = items
            .iter()
            .filter_map(to)
            .map(|cidr| cidr.trunc())
            .collect();
        let count = items.len();
        for new in self.written_items(at, "to") {
            let to = self.text(new).and_then(|text| parse_cidr(&text).ok());
            if to.is_some_and(|to| !written.contains(&to.trunc())) {
                items.push(new);
            }
        }
        if items.len() > count {
            self.edit_at(route_table, path, Edit::Items(items));
        }
    }

    /// Notes that a part is written anew.
    fn edit_at(&mut self, id: &Id, path: Vec<Key>, edit: Edit) {
        let edits = self.edits.entry(id.clone()).or_default();
        edits.retain(|(edited, _)| *edited != path);
        edits.push((path, edit));
    }

    /// A field of an entity that is the field `from` of the change now.
    fn field(&mut self, id: &Id, field: &'static str, at: Span, from: &'static str) {
        if let Some(span) = self.step(at, &Key::Field(from)) {
            self.edit_at(id, vec![Key::Field(field)], Edit::Value(span));
        }
    }

    fn update(&mut self, id: &Id, list: &'static str, update: impl FnOnce(&mut Vec<Span>)) {
        let path = vec![Key::Field(list)];
        let mut items = self.items(id, &path);
        update(&mut items);
        self.edit_at(id, path, Edit::Items(items));
    }

    fn append(&mut self, id: &Id, path: Vec<Key>, new: Vec<Span>) {
        let mut items = self.items(id, &path);
        items.extend(new);
        self.edit_at(id, path, Edit::Items(items));
    }

    fn rewrite(&mut self, id: &Id, lists: [(&'static str, bool); 2], at: Span) {
        for (list, _) in lists.into_iter().filter(|(_, written)| *written) {
            let items = self.written_items(at, list);
            self.edit_at(id, vec![Key::Field(list)], Edit::Items(items));
        }
    }

    /// The elements of a list field of the change.
    fn written_items(&self, at: Span, field: &'static str) -> Vec<Span> {
        self.step(at, &Key::Field(field))
            .map(|list| self.elements(list))
            .unwrap_or_default()
    }

    /// The string in a field of what stands at a place.
    fn text_at(&self, at: Span, field: &'static str) -> Option<String> {
        self.text(self.step(at, &Key::Field(field))?)
    }

    fn text(&self, at: Span) -> Option<String> {
        self.value(at)?
            .string()
            .ok()
            .map(std::borrow::Cow::into_owned)
    }

    /// Takes instances out of the links of one VPC, or of all.
    fn unlink(&mut self, instances: &[Id], vpc: Option<&Id>) {
        let linked = self.files.links.keys().chain(self.edits.keys());
        let vpcs: Vec<Id> = linked
            .filter(|id| vpc.is_none_or(|vpc| vpc == *id))
            .cloned()
            .collect();
        for id in vpcs {
            let path = [Key::Field(LINKS)];
            let items = self.items(&id, &path);
            let count = items.len();
            let named = |span: &Span| {
                self.text(*span)
                    .is_some_and(|text| instances.iter().any(|id| id.as_str() == text))
            };
            let kept: Vec<Span> = items.into_iter().filter(|span| !named(span)).collect();
            if kept.len() < count {
                self.edit_at(&id, path.to_vec(), Edit::Items(kept));
            }
        }
    }

    /// Takes instances out of the targets of all load balancers and the sources of all NAT gateways.
    fn forget(&mut self, instances: &[Id]) {
        let files = self
            .files
            .entities
            .iter()
            .map(|(id, entity)| (id, entity.kind));
        let changed = self
            .changed
            .iter()
            .filter_map(|(id, entity)| Some((id, (*entity)?.kind)));
        let holders = files.chain(changed).filter(|(_, kind)| {
            matches!(
                kind,
                Kind::LoadBalancer | Kind::ClassicLoadBalancer | Kind::NatGateway
            )
        });
        let holders: Vec<(Id, Kind)> = holders.map(|(id, kind)| (id.clone(), kind)).collect();
        for (id, kind) in holders {
            if kind == Kind::NatGateway {
                self.without(&id, vec![Key::Field("snat")], "from", instances);
                continue;
            }
            for index in 0..self.items(&id, &[Key::Field("listeners")]).len() {
                let targets = vec![
                    Key::Field("listeners"),
                    Key::Index(index),
                    Key::Field("targets"),
                ];
                self.without(&id, targets, "instance", instances);
            }
        }
    }

    /// Takes the elements out of a list whose field names one of the instances.
    fn without(&mut self, id: &Id, list: Vec<Key>, field: &'static str, instances: &[Id]) {
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
    fn retarget(
        &mut self,
        balancer: &Id,
        listener: &ListenerKey,
        at: Span,
        registered: Registered,
    ) {
        let new = self.written_items(at, "targets");
        for (index, entry) in self
            .items(balancer, &[Key::Field("listeners")])
            .into_iter()
            .enumerate()
        {
            let service = self.text_at(entry, "service");
            let key = service
                .as_deref()
                .and_then(|service| parse_listener(service).ok());
            let key = key.map(|(protocol, ports)| (Protocols::One(protocol.transport()), ports));
            if key.is_none_or(|key| key != (listener.protocols, listener.ports.clone())) {
                continue;
            }
            let path = vec![
                Key::Field("listeners"),
                Key::Index(index),
                Key::Field("targets"),
            ];
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
    fn target(&self, at: Span) -> (Option<String>, Option<u16>) {
        let port = self
            .step(at, &Key::Field("port"))
            .and_then(|port| self.value(port)?.number().ok());
        (self.text_at(at, "instance"), port)
    }

    fn remove(&mut self, ids: &[Id]) {
        for id in ids {
            self.edits.remove(id);
            self.changed.insert(id.clone(), None);
        }
    }

    fn create(&mut self, at: Span) {
        for links in self.enter(at) {
            self.append(&links.0, vec![Key::Field(LINKS)], links.1);
        }
    }

    fn replace(&mut self, at: Span) {
        for links in self.enter(at) {
            self.edit_at(&links.0, vec![Key::Field(LINKS)], Edit::Items(links.1));
        }
    }

    /// Takes the entities that a change writes; gives the links that it writes.
    fn enter(&mut self, at: Span) -> Vec<(Id, Vec<Span>)> {
        let Some(text) = self.sources.get(at.file).map(|source| source.text.clone()) else {
            return Vec::new();
        };
        let mut texts = Texts::default();
        texts.add(at.file, &text);
        let Some(outline) = text
            .get(at.range())
            .and_then(|change| outline(change, &texts))
        else {
            return Vec::new();
        };
        for entry in outline.all() {
            self.edits.remove(&entry.id);
            self.changed
                .insert(entry.id.clone(), Some(Entity::of(entry, &texts)));
        }
        let links = outline.links.iter();
        links
            .map(|links| {
                (
                    links.vpc.clone(),
                    self.elements(texts.span(links.value.text())),
                )
            })
            .collect()
    }
}

/// Which way a target goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Registered {
    Yes,
    No,
}

/// What `Create(…)` or `Replace(…)` writes.
fn outline<'src>(change: &'src str, texts: &Texts<'src>) -> Option<Outline<'src>> {
    let (word, payload) = Value::new(change).variant()?;
    let mut quiet = Reader::new(texts.clone(), Known::default());
    Fields::of_variant(word, payload, "network", &mut quiet).map(outline_of)
}
