//! What a change does to places: what it writes is found in its own text from then on, what it moves keeps its place.

use super::edit::Registered;
use super::{ChangeOrigin, Edit, Entity, LINKS, Origins};
use crate::diagnostic::Span;
use crate::id::Id;
use crate::model::{Change, Key, RouteName};
use crate::scenario::fields::Fields;
use crate::scenario::known::Known;
use crate::scenario::read::outline::{Outline, outline_of};
use crate::scenario::reader::{Reader, Texts};
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
            Change::ModifyPrivateIpAddress { instance, .. } => self.field(instance, "ip", at, "ip"),
            Change::IsolateInstance { instance: id, .. }
            | Change::RecoverInstance { instance: id } => {
                self.set(id, "state", at);
            }
            Change::RegisterTargets { load_balancer, listener, .. } => {
                self.retarget(load_balancer, listener, at, Registered::Yes);
            }
            Change::DeregisterTargets { load_balancer, listener, .. } => {
                self.retarget(load_balancer, listener, at, Registered::No);
            }
            Change::CreateSecurityGroupPolicies { security_group, at: index, .. } => {
                self.insert(security_group, *index, at);
            }
            Change::DeleteSecurityGroupPolicies { security_group, ingress, egress } => {
                self.take_out(security_group, [("ingress", ingress), ("egress", egress)]);
            }
            Change::ModifySecurityGroupPolicies { security_group: id, ingress, egress } => {
                self.rewrite(
                    id,
                    [("ingress", ingress.is_some()), ("egress", egress.is_some())],
                    at,
                );
            }
            Change::ModifyNetworkAclEntries { network_acl: id, ingress, egress } => {
                self.rewrite(
                    id,
                    [("ingress", ingress.is_some()), ("egress", egress.is_some())],
                    at,
                );
            }
            Change::AssociateSecurityGroups { instance, .. } => {
                self.field(instance, "security_groups", at, "security_groups");
            }
            Change::AssociateNetworkAclSubnets { subnets, .. } => {
                for subnet in subnets {
                    self.field(subnet, "network_acl", at, "network_acl");
                }
            }
            Change::DisassociateNetworkAclSubnets { subnets, .. } => {
                for subnet in subnets {
                    self.set(subnet, "network_acl", at);
                }
            }
            Change::CreateRoutes { route_table, .. } => {
                let new = self.written_items(at, "routes");
                self.append(route_table, vec![Key::Field("routes")], new);
            }
            Change::DeleteRoutes { route_table, to } => self.drop_routes(route_table, to),
            Change::EnableRoutes { route_table, .. }
            | Change::DisableRoutes { route_table, .. } => {
                self.states(route_table, at);
            }
            Change::ReplaceRouteTableAssociation { subnet, .. } => {
                self.field(subnet, "route_table", at, "route_table");
            }
            Change::ModifyInstancesVpcAttribute { instances, .. } => {
                self.move_machines(instances, at);
            }
            Change::ModifyDBInstanceVipVport { database, .. } => {
                for field in ["subnet", "ip", "security_groups"] {
                    self.field(database, field, at, field);
                }
                self.append(database, vec![Key::Field("old_vips")], vec![at]);
            }
            Change::ReleaseOldVip { database } => {
                self.edit_at(database, vec![Key::Field("old_vips")], Edit::Items(Vec::new()));
            }
            Change::Create(_) => self.create(at),
            Change::Replace(_) => self.replace(at),
            Change::Delete(ids) => self.remove(ids),
            Change::Down(id) | Change::Up(id) => self.set(id, "up", at),
            // these neither write nor move anything that has a place
            Change::MigrateInstance { .. }
            | Change::ResizeInstance { .. }
            | Change::ResetInstance { .. }
            | Change::Advance { .. }
            | Change::SwitchName { .. } => {}
        }
    }

    /// A field has the value that the change as a whole gives it.
    fn set(&mut self, id: &Id, field: &'static str, at: Span) {
        self.edit_at(id, vec![Key::Field(field)], Edit::Value(at));
    }

    /// The rules that a change writes go to a position of their lists.
    fn insert(&mut self, group: &Id, index: usize, at: Span) {
        for list in ["ingress", "egress"] {
            let new = self.written_items(at, list);
            self.update(group, list, |items| {
                let index = index.min(items.len());
                items.splice(index..index, new);
            });
        }
    }

    /// Rules go out of lists, by their positions before the change.
    fn take_out(&mut self, group: &Id, lists: [(&'static str, &Vec<usize>); 2]) {
        for (list, gone) in lists {
            self.update(group, list, |items| {
                let mut index = 0..;
                items.retain(|_| !index.next().is_some_and(|index| gone.contains(&index)));
            });
        }
    }

    /// Routes go out of a table, by what they lead to.
    fn drop_routes(&mut self, table: &Id, to: &[RouteName]) {
        let items = self.items(table, &[Key::Field("routes")]);
        let kept = items.into_iter().filter(|item| {
            let written = self.text_at(*item, "to").and_then(|text| parse_cidr(&text).ok());
            let is_meant = |name: &RouteName| {
                let via = name.via.as_ref();
                via.is_none_or(|via| self.leads_to(*item, via))
                    && written.is_some_and(|cidr| cidr.trunc() == name.to)
            };
            !to.iter().any(is_meant)
        });
        let kept = kept.collect();
        self.edit_at(table, vec![Key::Field("routes")], Edit::Items(kept));
    }

    /// Machines have another subnet, other groups and, where it writes them, the addresses of the change.
    fn move_machines(&mut self, instances: &[Id], at: Span) {
        self.unlink(instances, None);
        let ips = self.written_items(at, "ips");
        for (index, instance) in instances.iter().enumerate() {
            self.field(instance, "subnet", at, "subnet");
            self.field(instance, "security_groups", at, "security_groups");
            if let Some(ip) = ips.get(index) {
                self.set(instance, "ip", *ip);
            }
        }
    }

    /// Turning a route on or off writes it into the table if only a CCN put it there (D20-4).
    fn states(&mut self, route_table: &Id, at: Span) {
        let path = vec![Key::Field("routes")];
        let mut items = self.items(route_table, &path);
        let to = |item: &Span| self.text_at(*item, "to").and_then(|text| parse_cidr(&text).ok());
        let written: Vec<_> = items.iter().filter_map(to).map(|cidr| cidr.trunc()).collect();
        let count = items.len();
        for new in self.written_items(at, "to") {
            let to = self.text(new).or_else(|| self.text_at(new, "to"));
            let to = to.and_then(|text| parse_cidr(&text).ok());
            if to.is_some_and(|to| !written.contains(&to.trunc())) {
                items.push(new);
            }
        }
        if items.len() > count {
            self.edit_at(route_table, path, Edit::Items(items));
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
        let Some(outline) = text.get(at.range()).and_then(|change| outline(change, &texts)) else {
            return Vec::new();
        };
        for entry in outline.all() {
            if let Some(edits) = self.edits.get_mut(&entry.id) {
                // the links of a VPC outlive it being replaced
                edits.retain(|(path, _)| path.first() == Some(&Key::Field(LINKS)));
            }
            self.changed.insert(entry.id.clone(), Some(Entity::of(entry, &texts)));
        }
        let links = outline.links.iter();
        links
            .map(|links| (links.vpc.clone(), self.elements(texts.span(links.value.text()))))
            .collect()
    }
}

/// What `Create(…)` or `Replace(…)` writes.
fn outline<'src>(change: &'src str, texts: &Texts<'src>) -> Option<Outline<'src>> {
    let (word, payload) = Value::new(change).variant()?;
    let mut quiet = Reader::new(texts.clone(), Known::default());
    Fields::of_variant(word, payload, "network", &mut quiet).map(outline_of)
}
