//! Security groups without their rules, templates, and the lists that name them.

use super::ground::swallowed;
use super::input::list;
use super::resolve::Attribute;
use super::{Import, Spots};
use crate::diagnostic::Words;
use crate::id::Id;
use crate::import::document::Spot;
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
pub const GROUP_LISTS: [&str; 3] = [
    "orderly_security_groups",
    "security_groups",
    "security_group_ids",
];

impl Import<'_> {
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
        let members = values
            .iter()
            .map(|value| parse(value.as_str().unwrap_or_default()));
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
        let spots = Spots::entity(kind, &self.id(resource));
        let mut ids = Vec::new();
        let mut missing = Vec::new();
        for index in many.found {
            if !self.placed.contains_key(&index) {
                missing.push(Self::hangs_on(self.address(index)));
            } else if !ids.contains(&self.id(index)) {
                ids.push(self.id(index));
            }
        }
        missing.extend(many.lost);
        let spot = if ids.is_empty() {
            &spots.missing
        } else {
            &spots.there
        };
        self.assumed(resource, name, spot, many.because);
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

    /// The groups of a machine or service, in order. `None`: it is left out, which was said.
    pub(super) fn groups(&mut self, resource: usize, kind: Kind) -> Option<Vec<Id>> {
        for name in GROUP_LISTS {
            if self.input.many(resource, name, GROUP).is_none() {
                continue;
            }
            let groups = self.ids(resource, name, GROUP, kind)?;
            if name == "security_groups" && groups.len() > 1 && kind != Kind::LoadBalancer {
                let spot = Spot::Entity(self.id(resource));
                let why = Words::new(
                    "`security_groups` is a set: the order of the groups is not known (SG-4)",
                    "`security_groups` 是集合：安全组的顺序未知（SG-4）",
                );
                self.doubt(resource, &spot, why);
            }
            return Some(groups);
        }
        Some(Vec::new())
    }
}
