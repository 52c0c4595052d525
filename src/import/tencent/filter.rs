//! Security groups, their policies, and templates.

use super::dump::Object;
use super::{Import, collect, collect_owner, name_file, not_there};
use crate::diagnostic::Words;
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::left::Bears;
use crate::import::notation;
use crate::model::{
    AddressTemplate, AddressTemplateGroup, Kind, Peer, SecurityGroup, SecurityGroupRule, Served,
    ServiceTemplate, ServiceTemplateGroup,
};

/// What a policy is made of.
const MEMBERS: [&str; 11] = [
    "PolicyIndex",
    "Protocol",
    "Port",
    "ServiceTemplate",
    "CidrBlock",
    "Ipv6CidrBlock",
    "SecurityGroupId",
    "AddressTemplate",
    "Action",
    "PolicyDescription",
    "ModifyTime",
];

impl<'d> Import<'d> {
    pub(super) fn templates(&mut self) {
        for object in self.dump.all("DescribeAddressTemplates", "AddressTemplateSet") {
            let id = object.words("AddressTemplateId");
            let members = object.texts("AddressSet");
            let members: Result<_, _> = members.into_iter().map(notation::addresses).collect();
            let spot = Spot::Section(Kind::AddressTemplate);
            if let Some(addresses) = self.read(id, "AddressSet", spot, members) {
                let meta = Self::plain_meta(&object, "AddressTemplateName");
                let template = AddressTemplate { meta, addresses };
                let id = notation::id(id);
                self.network().address_templates.insert(id.clone(), template);
                self.imported(id.as_str());
            }
        }
        for object in self.dump.all("DescribeServiceTemplates", "ServiceTemplateSet") {
            let id = object.words("ServiceTemplateId");
            let members = object.texts("ServiceSet");
            let members: Result<_, _> =
                members.into_iter().map(notation::template_service).collect();
            let spot = Spot::Section(Kind::ServiceTemplate);
            if let Some(services) = self.read(id, "ServiceSet", spot, members) {
                let meta = Self::plain_meta(&object, "ServiceTemplateName");
                let template = ServiceTemplate { meta, services };
                let id = notation::id(id);
                self.network().service_templates.insert(id.clone(), template);
                self.imported(id.as_str());
            }
        }
        let groups = self.dump.all("DescribeAddressTemplateGroups", "AddressTemplateGroupSet");
        for object in groups {
            let id = object.words("AddressTemplateGroupId");
            let members = object.texts("AddressTemplateIdSet");
            let kinds = (Kind::AddressTemplateGroup, Kind::AddressTemplate);
            if let Some(templates) = self.ids(id, "AddressTemplateIdSet", &members, kinds) {
                let meta = Self::plain_meta(&object, "AddressTemplateGroupName");
                let group = AddressTemplateGroup { meta, templates };
                let id = notation::id(id);
                let network = self.network();
                network.address_template_groups.insert(id.clone(), group);
                self.imported(id.as_str());
            }
        }
        let groups = self.dump.all("DescribeServiceTemplateGroups", "ServiceTemplateGroupSet");
        for object in groups {
            let id = object.words("ServiceTemplateGroupId");
            let members = object.texts("ServiceTemplateIdSet");
            let kinds = (Kind::ServiceTemplateGroup, Kind::ServiceTemplate);
            if let Some(templates) = self.ids(id, "ServiceTemplateIdSet", &members, kinds) {
                let meta = Self::plain_meta(&object, "ServiceTemplateGroupName");
                let group = ServiceTemplateGroup { meta, templates };
                let id = notation::id(id);
                let network = self.network();
                network.service_template_groups.insert(id.clone(), group);
                self.imported(id.as_str());
            }
        }
    }

    /// The ids of a list. What names ids and keeps none of them is left out, which `None` says.
    pub(super) fn ids(
        &mut self,
        id: &str,
        attribute: &str,
        named: &[&str],
        (own, wanted): (Kind, Kind),
    ) -> Option<Vec<Id>> {
        let (known, unknown): (Vec<&str>, Vec<&str>) =
            named.iter().partition(|name| self.draft.document.fragment.network.has(wanted, name));
        let is_lost = known.is_empty() && !unknown.is_empty();
        for name in unknown {
            let spot = if is_lost { Spot::Section(own) } else { Spot::Entity(notation::id(id)) };
            self.must(id, attribute, name, wanted, spot);
        }
        (!is_lost).then(|| known.into_iter().map(Id::from).collect())
    }

    pub(super) fn security_groups(&mut self) {
        for object in self.dump.all("DescribeSecurityGroups", "SecurityGroupSet") {
            let id = object.words("SecurityGroupId");
            let group = SecurityGroup {
                meta: Self::plain_meta(&object, "SecurityGroupName"),
                region: None,
                ingress: Vec::new(),
                egress: Vec::new(),
            };
            self.network().security_groups.insert(notation::id(id), group);
            self.imported(id);
        }
    }

    /// The response does not say whose policies it holds: the name of the file does.
    pub(super) fn security_group_policies(&mut self) {
        let mut told = Vec::new();
        for answer in self.dump.answers("DescribeSecurityGroupPolicies") {
            let Some(owner) = answer.response.owner.as_deref() else {
                let file = answer.response.file.as_str();
                let why = Words::new(
                    "a response does not say whose policies it holds",
                    "应答中没有说明规则属于哪个安全组",
                );
                let help = name_file("DescribeSecurityGroupPolicies.sg-….json");
                self.left_out(file, "", Spot::Section(Kind::SecurityGroup), why, help);
                continue;
            };
            let spot = Spot::Section(Kind::SecurityGroup);
            let Some(id) = self.must(owner, "", owner, Kind::SecurityGroup, spot) else {
                continue;
            };
            told.push(id.clone());
            let set = answer.inner("SecurityGroupPolicySet");
            self.policies(&id, "ingress", set.list("Ingress"));
            self.policies(&id, "egress", set.list("Egress"));
        }
        let groups: Vec<Id> = self.network().security_groups.keys().cloned().collect();
        for id in groups {
            if !told.contains(&id) {
                let why = Words::new("its policies are not in the files", "文件中没有其规则");
                let help = collect(&format!("DescribeSecurityGroupPolicies.{id}.json"));
                self.left_out(id.as_str(), "policies", Spot::Entity(id.clone()), why, help);
            }
        }
    }

    /// In the order of `PolicyIndex` (IMP-4).
    fn policies(&mut self, group: &Id, list: &'static str, mut policies: Vec<Object<'d>>) {
        policies.sort_by_key(|policy| policy.number("PolicyIndex"));
        for policy in policies {
            let network = &mut self.draft.document.fragment.network;
            let Some(entity) = network.security_groups.get(group) else {
                return;
            };
            let rules = match list {
                "ingress" => &entity.ingress,
                _ => &entity.egress,
            };
            let spot = Spot::Item(group.clone(), list, rules.len());
            let index = policy.words("PolicyIndex");
            let attribute = format!("{list} {index}").trim_end().to_owned();
            if let Some(peer) = policy.text("SecurityGroupId")
                && !self.network().has(Kind::SecurityGroup, peer)
            {
                // a rule about the members of a group of which none is in the files
                let why = not_there(Kind::SecurityGroup, peer);
                let part = (group.as_str(), attribute.as_str());
                let help = collect_owner();
                self.leave_out(part, spot, why, help, Bears::Nothing);
                continue;
            }
            let rule = self.rule(&policy);
            let Some(rule) = self.read(group.as_str(), &attribute, spot, rule) else {
                continue;
            };
            if let Some(entity) = self.network().security_groups.get_mut(group) {
                match list {
                    "ingress" => entity.ingress.push(rule),
                    _ => entity.egress.push(rule),
                }
            }
        }
    }

    fn rule(&self, policy: &Object<'d>) -> Result<SecurityGroupRule, Words> {
        let network = &self.draft.document.fragment.network;
        let known = |kind: Kind, id: &str| {
            let is_there = network.has(kind, id);
            let missing = || not_there(kind, id);
            is_there.then(|| Id::from(id)).ok_or_else(missing)
        };
        policy.only(&MEMBERS)?;
        let addresses = policy.inner("AddressTemplate");
        addresses.only(&["AddressId", "AddressGroupId"])?;
        let cidrs = [policy.plain("CidrBlock")?, policy.plain("Ipv6CidrBlock")?];
        let cidr = cidrs.into_iter().find(|cidr| !cidr.is_empty());
        let peer = if let Some(id) = policy.text("SecurityGroupId") {
            Peer::SecurityGroup(known(Kind::SecurityGroup, id)?)
        } else if let Some(id) = addresses.text("AddressId") {
            Peer::AddressTemplate(known(Kind::AddressTemplate, id)?)
        } else if let Some(id) = addresses.text("AddressGroupId") {
            Peer::AddressTemplateGroup(known(Kind::AddressTemplateGroup, id)?)
        } else if let Some(cidr) = cidr {
            Peer::cidr(notation::cidr(cidr)?)
        } else {
            Peer::Any
        };
        let services = policy.inner("ServiceTemplate");
        services.only(&["ServiceId", "ServiceGroupId"])?;
        let service = if let Some(id) = services.text("ServiceId") {
            Served::Template(known(Kind::ServiceTemplate, id)?)
        } else if let Some(id) = services.text("ServiceGroupId") {
            Served::TemplateGroup(known(Kind::ServiceTemplateGroup, id)?)
        } else {
            Served::Service(notation::service(policy.plain("Protocol")?, policy.plain("Port")?)?)
        };
        Ok(SecurityGroupRule { action: notation::action(policy.words("Action"))?, peer, service })
    }
}
