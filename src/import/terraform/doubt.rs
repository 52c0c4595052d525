//! What was not understood, and what may hang on an address that was made up.

use ipnet::IpNet;

use super::Import;
use crate::id::Id;
use crate::import::document::Spot;
use crate::model::{Network, Peer};
use crate::space::AddressSet;

/// Resource types that bear on connectivity and that this importer does not understand (section 16 of the rules).
/// A name stands for all types that begin with it.
const NOT_UNDERSTOOD: [(&str, &str); 10] = [
    ("tencentcloud_ccn_routes", "the state of a route of a CCN"),
    ("tencentcloud_ccn_route_table", "route tables of a CCN"),
    (
        "tencentcloud_vpn_gateway_ccn_routes",
        "what a gateway tells a CCN",
    ),
    (
        "tencentcloud_clb_snat_ip",
        "SNAT addresses of a load balancer",
    ),
    ("tencentcloud_lb", "load balancers of the old kind"),
    ("tencentcloud_alb_", "load balancers of the old kind"),
    ("tencentcloud_clb_target_group", "target groups"),
    ("tencentcloud_ha_vip_", "what is bound to a HAVIP"),
    (
        "tencentcloud_vpc_network_acl_quintuple",
        "ACL rules with five parts",
    ),
    (
        "tencentcloud_vpc_private_nat_gateway",
        "private NAT gateways",
    ),
];

impl Import<'_> {
    pub(super) fn not_understood(&mut self) {
        for index in 0..self.input.resources.len() {
            let kind = self.input.resources[index].kind;
            let what = NOT_UNDERSTOOD
                .iter()
                .find(|(name, _)| kind.starts_with(name));
            if let Some((_, what)) = what {
                let why = format!("{what} are not imported");
                let bears = self.by_owner(index);
                let why = Self::unreadable(why);
                self.leave_out((index, ""), &Spot::Head, why, bears);
            }
        }
    }

    /// Warns where a rule, route, policy or template holds some addresses of a subnet and not others, and an address
    /// of that subnet is a stand-in: the verdict may hang on it.
    pub(super) fn split_subnets(&mut self) {
        let splitters = splitters(&self.draft.document.fragment.network);
        for (index, address) in self.places.made_up.clone() {
            let id = self.id(index);
            let network = &self.draft.document.fragment.network;
            let subnets = network.subnets.iter();
            let mut subnets = subnets
                .filter(|(_, subnet)| self.placed.contains_key(&index) && subnet.covers(address));
            let Some((subnet, cidr)) = subnets.next().map(|(id, it)| (id.clone(), it.cidr)) else {
                continue;
            };
            let all = AddressSet::from(cidr);
            for (splitter, set) in &splitters {
                let common = set.intersection(&all);
                if common.is_empty() || all.is_subset(set) {
                    continue;
                }
                let why = format!(
                    "{splitter} holds only a part of {subnet}, so what it does may hang on the \
                     stand-in address {address}"
                );
                self.doubt(index, &Spot::Entity(id.clone()), why);
            }
        }
    }
}

/// Everything that tells addresses apart, with what it is.
fn splitters(network: &Network) -> Vec<(String, AddressSet)> {
    let mut sets: Vec<(String, AddressSet)> = Vec::new();
    let named = |what: &str, id: &Id| format!("{what} {id}");
    for (id, group) in &network.security_groups {
        for rule in group.ingress.iter().chain(&group.egress) {
            if let Peer::Addresses(set) = &rule.peer {
                sets.push((named("a rule of", id), set.clone()));
            }
        }
    }
    for (id, acl) in &network.network_acls {
        for rule in acl.ingress.iter().chain(&acl.egress) {
            let both = rule.source.iter().chain(&rule.destination);
            sets.extend(both.map(|set| (named("a rule of", id), set.clone())));
        }
    }
    for (id, template) in &network.address_templates {
        let all = AddressSet::union_all(template.addresses.iter().cloned());
        sets.push((named("the template", id), all));
    }
    let mut cidr = |what: String, cidr: IpNet| sets.push((what, AddressSet::from(cidr)));
    for (id, table) in &network.route_tables {
        for route in &table.routes {
            cidr(named("a route of", id), route.to);
        }
    }
    for (id, gateway) in &network.vpn_gateways {
        for policy in gateway.connections.iter().flat_map(|it| &it.policies) {
            cidr(named("a policy of", id), policy.local);
        }
    }
    sets
}
