//! Security groups without their rules, templates, and the lists that name them.

use super::ground::swallowed;
use super::input::list;
use super::resolve::{Attribute, Lack};
use super::{Import, Spots};
use crate::diagnostic::Words;
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::left::{Bears, Touched};
use crate::import::notation;
use crate::model::{
    AddressTemplate, AddressTemplateGroup, Kind, SecurityGroup, ServiceTemplate,
    ServiceTemplateGroup,
};

/// The type of a security group.
pub const GROUP: &[&str] = &["tencentcloud_security_group"];
/// The type of an address template.
pub const ADDRESSES: &[&str] = &["tencentcloud_address_template"];
/// The type of a group of address templates.
pub const ADDRESS_GROUPS: &[&str] = &["tencentcloud_address_template_group"];
/// The type of a service template.
pub const SERVICES: &[&str] = &["tencentcloud_protocol_template"];
/// The type of a group of service templates.
pub const SERVICE_GROUPS: &[&str] = &["tencentcloud_protocol_template_group"];

/// The attributes that name the groups of something, the one that counts first.
pub const GROUP_LISTS: [&str; 3] =
    ["orderly_security_groups", "security_groups", "security_group_ids"];

impl<'j> Import<'j> {
    pub(super) fn templates(&mut self) {
        for index in self.of_kind(ADDRESSES[0]) {
            let parse = |text: &str| notation::addresses(text);
            if let Some(addresses) = self.members(index, "addresses", Kind::AddressTemplate, &parse)
            {
                let meta = self.plain_meta(index);
                let id = self.id(index);
                let template = AddressTemplate { meta, addresses };
                self.network().address_templates.insert(id, template);
                self.place(index, Kind::AddressTemplate);
            }
        }
        for index in self.of_kind(SERVICES[0]) {
            let parse = |text: &str| notation::template_service(text);
            if let Some(services) = self.members(index, "protocols", Kind::ServiceTemplate, &parse)
            {
                let meta = self.plain_meta(index);
                let id = self.id(index);
                let template = ServiceTemplate { meta, services };
                self.network().service_templates.insert(id, template);
                self.place(index, Kind::ServiceTemplate);
            }
        }
        for index in self.of_kind(ADDRESS_GROUPS[0]) {
            let kind = Kind::AddressTemplateGroup;
            if let Some(templates) = self.ids(index, "template_ids", ADDRESSES, kind) {
                let meta = self.plain_meta(index);
                let id = self.id(index);
                let group = AddressTemplateGroup { meta, templates };
                self.network().address_template_groups.insert(id, group);
                self.place(index, kind);
            }
        }
        for index in self.of_kind(SERVICE_GROUPS[0]) {
            let kind = Kind::ServiceTemplateGroup;
            if let Some(templates) = self.ids(index, "template_ids", SERVICES, kind) {
                let meta = self.plain_meta(index);
                let id = self.id(index);
                let group = ServiceTemplateGroup { meta, templates };
                self.network().service_template_groups.insert(id, group);
                self.place(index, kind);
            }
        }
    }

    /// The members of a template; a template that lacks one is no template.
    fn members<T>(
        &mut self,
        template: usize,
        name: &str,
        kind: Kind,
        parse: &dyn Fn(&str) -> Result<T, Words>,
    ) -> Option<Vec<T>> {
        let spot = Spot::Section(kind);
        let values = match self.input.attribute(template, name) {
            Attribute::Known(values) => list(values),
            Attribute::Unset => &[],
            Attribute::Unknown(_) | Attribute::Lost => {
                self.left_out(template, name, &spot, swallowed());
                return None;
            }
        };
        let members = values.iter().map(|value| parse(value.as_str().unwrap_or_default()));
        match members.collect() {
            Ok(members) => Some(members),
            Err(why) => {
                self.left_out(template, name, &spot, Self::unreadable(why));
                None
            }
        }
    }

    /// The ids that a list means. If nothing of it is left, what has the list is left out, and `None` says so.
    pub(super) fn ids(
        &mut self,
        resource: usize,
        name: &str,
        kinds: &[&str],
        kind: Kind,
    ) -> Option<Vec<Id>> {
        let Some(many) = self.input.many(resource, name, kinds) else {
            return Some(Vec::new());
        };
        let own = self.id(resource);
        let spots = Spots::entity(kind, &own);
        let mut ids = Vec::new();
        let mut missing = Vec::new();
        let is_told = many.lost.is_empty();
        for index in many.found {
            if !self.placed.contains_key(&index) {
                missing.push(Self::hangs_on(self.address(index)));
            } else if !ids.contains(&self.id(index)) {
                ids.push(self.id(index));
            }
        }
        missing.extend(many.lost);
        let spot = if ids.is_empty() { &spots.missing } else { &spots.there };
        self.assumed(resource, name, spot, many.because);
        let list = self.input.attribute(resource, name);
        if is_told && missing.is_empty() && matches!(list, Attribute::Unknown(_)) {
            self.more_beside((resource, name), &own, Vec::new());
        }
        for why in missing {
            self.left_out(resource, name, spot, why);
        }
        (!ids.is_empty()).then_some(ids)
    }

    pub(super) fn security_groups(&mut self) {
        for index in self.of_kind(GROUP[0]) {
            let group = SecurityGroup {
                meta: self.plain_meta(index),
                region: None,
                ingress: Vec::new(),
                egress: Vec::new(),
            };
            let id = self.id(index);
            self.network().security_groups.insert(id, group);
            self.place(index, Kind::SecurityGroup);
        }
    }

    /// The groups of a machine or service, in order; the default one where it names none.
    pub(super) fn groups(&mut self, resource: usize, kind: Kind) -> Vec<Id> {
        for name in GROUP_LISTS {
            if self.input.many(resource, name, GROUP).is_none() {
                continue;
            }
            let groups = self.listed_groups((resource, name), resource);
            if name == "security_groups" && groups.len() > 1 && kind != Kind::LoadBalancer {
                let id = self.id(resource);
                self.without_order(resource, &id);
            }
            return groups;
        }
        if !Self::gets_default_group(kind) {
            return Vec::new();
        }
        self.untold_groups(resource);
        vec![self.default_group(resource)]
    }

    /// The groups that a list of a resource gives to an endpoint.
    pub(super) fn listed_groups(&mut self, (resource, name): (usize, &str), of: usize) -> Vec<Id> {
        let id = self.id(of);
        let list = self.input.attribute(resource, name);
        self.meant_groups((resource, name), list, &id)
    }

    /// The same for a list that is at hand. What of it is not known leaves the endpoint open, and any group may have it
    /// as a member.
    pub(super) fn meant_groups(
        &mut self,
        (resource, name): (usize, &str),
        list: Attribute<'j>,
        id: &Id,
    ) -> Vec<Id> {
        let many = self.input.many_of(resource, list, GROUP);
        let many = many.unwrap_or_default();
        let spot = Spot::Entity(id.clone());
        let mut groups = Vec::new();
        for index in many.found {
            let group = self.id(index);
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        self.assumed(resource, name, &spot, many.because);
        let is_empty = groups.is_empty();
        let is_lost = !many.lost.is_empty();
        for why in many.lost {
            let network = &self.draft.document.fragment.network;
            let missing = match why.lack {
                Lack::Meaning => network.security_groups.keys().cloned().collect(),
                Lack::Presence => Vec::new(),
            };
            let touched = Touched { on: vec![id.clone()], missing, ..Touched::default() };
            self.leave_out((resource, name), &spot, why, Bears::Of(touched));
            if is_empty && groups.is_empty() {
                let told = match list {
                    Attribute::Known(value) => value.as_array().and_then(|it| it.first()?.as_str()),
                    Attribute::Unset | Attribute::Unknown(_) | Attribute::Lost => None,
                };
                groups.push(self.unknown_group(told, name, id));
            }
        }
        if matches!(list, Attribute::Unknown(_)) {
            // what leaves them open anyway says so itself
            if !is_lost {
                let all = self.network().security_groups.keys().cloned().collect();
                self.more_beside((resource, name), id, all);
            }
            if groups.len() > 1 {
                self.without_order(resource, id);
            }
        }
        groups
    }
}
