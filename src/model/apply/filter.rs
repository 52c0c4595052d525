//! Changes of rule lists, and of the subnets that a network ACL serves.

use super::super::mention::{PEER, SERVED};
use super::super::{AclRule, Kind, Network, Peer, Place, SecurityGroupRule, Served};
use super::{Performed, Refusal, Topic, need};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;

/// The two lists by their names.
const LISTS: [&str; 2] = ["ingress", "egress"];

/// Inserts rules in the order given; position 0 is the top.
pub(super) fn create_policies(
    network: &mut Network,
    id: &Id,
    new: [&Vec<SecurityGroupRule>; 2],
    at: usize,
) -> Performed {
    need(network, id, &[Kind::SecurityGroup])?;
    for (which, rules) in new.into_iter().enumerate() {
        let rules = settled(network, rules)?;
        let list = policies(network, id, which);
        if !rules.is_empty() && at > list.len() {
            let (list, name) = (list.len(), LISTS[which]);
            let message = Words::new(
                format!("the {name} list of `{id}` has {list} rules and no position {at}"),
                format!("`{id}` 的 {name} 规则共 {list} 条，没有位置 {at}"),
            );
            return Err(Refusal::new(Code::InvalidValue, message).at(Place::field(id, name)));
        }
        let at = at.min(list.len());
        list.splice(at..at, rules);
    }
    Ok(&[Topic::Filters])
}

/// Takes rules away; all positions refer to the lists before the change.
pub(super) fn delete_policies(network: &mut Network, id: &Id, gone: [&Vec<usize>; 2]) -> Performed {
    need(network, id, &[Kind::SecurityGroup])?;
    for (which, gone) in gone.into_iter().enumerate() {
        let list = policies(network, id, which);
        if let Some(index) = gone.iter().find(|index| **index >= list.len()) {
            let (count, name) = (list.len(), LISTS[which]);
            let message = Words::new(
                format!("the {name} list of `{id}` has {count} rules and no rule {index}"),
                format!("`{id}` 的 {name} 规则共 {count} 条，没有第 {index} 条"),
            );
            return Err(Refusal::new(Code::InvalidValue, message).at(Place::field(id, name)));
        }
        let mut index = 0;
        list.retain(|_| {
            index += 1;
            !gone.contains(&(index - 1))
        });
    }
    Ok(&[])
}

/// Replaces the lists that are given.
pub(super) fn modify_policies(
    network: &mut Network,
    id: &Id,
    new: [Option<&Vec<SecurityGroupRule>>; 2],
) -> Performed {
    need(network, id, &[Kind::SecurityGroup])?;
    for (which, rules) in new.into_iter().enumerate() {
        if let Some(rules) = rules {
            let rules = settled(network, rules)?;
            *policies(network, id, which) = rules;
        }
    }
    Ok(&[Topic::Filters])
}

fn policies<'n>(network: &'n mut Network, id: &Id, which: usize) -> &'n mut Vec<SecurityGroupRule> {
    let group = &mut network.security_groups[id];
    if which == 0 { &mut group.ingress } else { &mut group.egress }
}

/// The rules as the network understands them, or why they name what is not there.
fn settled(
    network: &Network,
    rules: &[SecurityGroupRule],
) -> Result<Vec<SecurityGroupRule>, Refusal> {
    let mut rules = rules.to_vec();
    for rule in &mut rules {
        if let Peer::SecurityGroup(id)
        | Peer::AddressTemplate(id)
        | Peer::AddressTemplateGroup(id) = &rule.peer
        {
            need(network, id, PEER.kinds())?;
        }
        if let Served::Template(id) | Served::TemplateGroup(id) = &rule.service {
            need(network, id, SERVED.kinds())?;
        }
        settle(network, rule);
    }
    Ok(rules)
}

/// Makes the ids of a rule say what they name: who writes a change may not know yet whether
/// `office` will be a group or a template.
pub(super) fn settle(network: &Network, rule: &mut SecurityGroupRule) {
    if let Peer::SecurityGroup(id) | Peer::AddressTemplate(id) | Peer::AddressTemplateGroup(id) =
        &rule.peer
    {
        let id = id.clone();
        match network.kind_of(id.as_str()) {
            Some(Kind::SecurityGroup) => rule.peer = Peer::SecurityGroup(id),
            Some(Kind::AddressTemplate) => rule.peer = Peer::AddressTemplate(id),
            Some(Kind::AddressTemplateGroup) => rule.peer = Peer::AddressTemplateGroup(id),
            _ => {}
        }
    }
    if let Served::Template(id) | Served::TemplateGroup(id) = &rule.service {
        let id = id.clone();
        match network.kind_of(id.as_str()) {
            Some(Kind::ServiceTemplate) => rule.service = Served::Template(id),
            Some(Kind::ServiceTemplateGroup) => rule.service = Served::TemplateGroup(id),
            _ => {}
        }
    }
}

/// Replaces the lists of an ACL that are given.
pub(super) fn modify_entries(
    network: &mut Network,
    id: &Id,
    [ingress, egress]: [Option<&Vec<AclRule>>; 2],
) -> Performed {
    need(network, id, &[Kind::NetworkAcl])?;
    let acl = &mut network.network_acls[id];
    if let Some(rules) = ingress {
        acl.ingress.clone_from(rules);
    }
    if let Some(rules) = egress {
        acl.egress.clone_from(rules);
    }
    Ok(&[Topic::Filters])
}

/// Binds an ACL to subnets, in the place of another one (ACL-1).
pub(super) fn associate_subnets(network: &mut Network, acl: &Id, subnets: &[Id]) -> Performed {
    need(network, acl, &[Kind::NetworkAcl])?;
    for subnet in subnets {
        need(network, subnet, &[Kind::Subnet])?;
        network.subnets[subnet].network_acl = Some(acl.clone());
    }
    Ok(&[Topic::Vpcs])
}

/// Frees subnets of an ACL; all of them must have it.
pub(super) fn disassociate_subnets(network: &mut Network, acl: &Id, subnets: &[Id]) -> Performed {
    need(network, acl, &[Kind::NetworkAcl])?;
    for subnet in subnets {
        need(network, subnet, &[Kind::Subnet])?;
        let bound = &mut network.subnets[subnet].network_acl;
        if bound.as_ref() != Some(acl) {
            let message = Words::new(
                format!("the network ACL `{acl}` is not bound to `{subnet}`"),
                format!("网络 ACL `{acl}` 没有关联子网 `{subnet}`"),
            );
            let refusal = Refusal::new(Code::InvalidValue, message);
            return Err(refusal.with_other(Place::of(subnet), Words::here(subnet)));
        }
        *bound = None;
    }
    Ok(&[])
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{accept, after, id, ids, refused, tom};
    use super::super::super::{AddressTemplate, Change, Meta, NetworkAcl, Protocols, Service};
    use super::*;
    use crate::space::{Action, AddressSet, Protocol};

    fn dropping() -> SecurityGroupRule {
        SecurityGroupRule { action: Action::Drop, ..accept(Peer::Any) }
    }

    fn creating(rules: Vec<SecurityGroupRule>, at: usize) -> Change {
        Change::CreateSecurityGroupPolicies {
            security_group: id("sg-open"),
            ingress: rules,
            egress: Vec::new(),
            at,
        }
    }

    fn ingress(network: &Network) -> &[SecurityGroupRule] {
        &network.security_groups[&id("sg-open")].ingress
    }

    #[test]
    fn rules_enter_at_their_position_in_the_order_given() {
        let own = accept(Peer::SecurityGroup(id("sg-open")));
        let new = vec![dropping(), own.clone()];
        let top = after(&tom(), &creating(new.clone(), 0));
        assert_eq!(ingress(&top), [dropping(), own.clone(), accept(Peer::Any)]);
        let end = after(&tom(), &creating(new, 1));
        assert_eq!(ingress(&end), [accept(Peer::Any), dropping(), own]);
        refused(&tom(), &creating(vec![dropping()], 2), Code::InvalidValue);
    }

    #[test]
    fn rules_name_what_is_there() {
        let rules = vec![accept(Peer::SecurityGroup(id("sg-none")))];
        refused(&tom(), &creating(rules, 0), Code::UnknownId);
        let rules = vec![accept(Peer::SecurityGroup(id("ins-web")))];
        refused(&tom(), &creating(rules, 0), Code::WrongKind);
    }

    #[test]
    fn an_id_in_a_rule_means_what_it_names() {
        let mut network = tom();
        let (meta, addresses) = (Meta::default(), vec![AddressSet::any()]);
        let template = AddressTemplate { meta, addresses };
        network.address_templates.insert(id("office"), template);
        let rules = vec![accept(Peer::SecurityGroup(id("office")))];
        let network = after(&network, &creating(rules, 0));
        assert_eq!(ingress(&network)[0].peer, Peer::AddressTemplate(id("office")));
    }

    #[test]
    fn deleted_positions_refer_to_the_list_before() {
        let mut network = tom();
        let rules = vec![accept(Peer::Any), dropping(), accept(Peer::Any), dropping()];
        network.security_groups[&id("sg-open")].ingress = rules;
        let deleting = |ingress: &[usize]| Change::DeleteSecurityGroupPolicies {
            security_group: id("sg-open"),
            ingress: ingress.to_vec(),
            egress: Vec::new(),
        };
        let network_after = after(&network, &deleting(&[2, 0]));
        assert_eq!(ingress(&network_after), [dropping(), dropping()]);
        refused(&network, &deleting(&[0, 4]), Code::InvalidValue);
    }

    #[test]
    fn a_list_left_out_stays() {
        let change = Change::ModifySecurityGroupPolicies {
            security_group: id("sg-open"),
            ingress: Some(vec![dropping()]),
            egress: None,
        };
        let network = after(&tom(), &change);
        assert_eq!(ingress(&network), [dropping()]);
        let egress = |network: &Network| network.security_groups[&id("sg-open")].egress.clone();
        assert_eq!(egress(&network), egress(&tom()));
    }

    fn with_acls() -> Network {
        let mut network = tom();
        for (name, vpc) in [("acl-1", "vpc-tom"), ("acl-2", "vpc-tom"), ("acl-two", "vpc-two")] {
            let acl = NetworkAcl {
                meta: Meta::default(),
                vpc: id(vpc),
                ingress: Vec::new(),
                egress: Vec::new(),
            };
            network.network_acls.insert(id(name), acl);
        }
        network
    }

    fn entries(service: Service) -> Change {
        Change::ModifyNetworkAclEntries {
            network_acl: id("acl-1"),
            ingress: Some(vec![AclRule {
                action: Action::Accept,
                source: None,
                source_ports: None,
                destination: None,
                service,
            }]),
            egress: None,
        }
    }

    #[test]
    fn the_lists_of_an_acl_are_replaced() {
        let network = after(&with_acls(), &entries(Service::all()));
        assert_eq!(network.network_acls[&id("acl-1")].ingress.len(), 1);
        let mut gre = Service::all();
        gre.protocols = Protocols::One(Protocol::GRE);
        refused(&with_acls(), &entries(gre), Code::InvalidValue);
    }

    fn binding(acl: &str, subnets: &[&str]) -> Change {
        let (network_acl, subnets) = (id(acl), ids(subnets));
        Change::AssociateNetworkAclSubnets { network_acl, subnets }
    }

    fn freeing(acl: &str, subnets: &[&str]) -> Change {
        let (network_acl, subnets) = (id(acl), ids(subnets));
        Change::DisassociateNetworkAclSubnets { network_acl, subnets }
    }

    #[test]
    fn a_subnet_has_one_acl_of_its_vpc() {
        let first = after(&with_acls(), &binding("acl-1", &["subnet-web", "subnet-new"]));
        let second = after(&first, &binding("acl-2", &["subnet-web"]));
        let acl = |name: &str| second.subnets[&id(name)].network_acl.clone();
        assert_eq!(acl("subnet-web"), Some(id("acl-2")));
        assert_eq!(acl("subnet-new"), Some(id("acl-1")));
        refused(&with_acls(), &binding("acl-two", &["subnet-web"]), Code::InvalidValue);
    }

    #[test]
    fn a_subnet_is_freed_of_the_acl_that_it_has() {
        let bound = after(&with_acls(), &binding("acl-1", &["subnet-web"]));
        assert_eq!(after(&bound, &freeing("acl-1", &["subnet-web"])), with_acls());
        refused(&bound, &freeing("acl-2", &["subnet-web"]), Code::InvalidValue);
        refused(&bound, &freeing("acl-1", &["subnet-web", "subnet-new"]), Code::InvalidValue);
    }
}
