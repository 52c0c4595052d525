//! What was not understood, and what may hang on an address that was made up.

use crate::diagnostic::{Words, words};
use ipnet::IpNet;

use super::Import;
use super::bears::OWNERS;
use super::place::ENDPOINTS;
use super::resolve::Attribute;
use crate::code::Language;
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::draft::Say;
use crate::import::left::Bears;
use crate::import::notation;
use crate::import::note::Outcome;
use crate::model::{Network, Peer};
use crate::space::AddressSet;

/// Resource types that are understood elsewhere in this importer.
const UNDERSTOOD: [&str; 45] = [
    "tencentcloud_address_template",
    "tencentcloud_address_template_group",
    "tencentcloud_ccn",
    "tencentcloud_ccn_attachment",
    "tencentcloud_ccn_attachment_v2",
    "tencentcloud_clb_attachment",
    "tencentcloud_clb_instance",
    "tencentcloud_clb_listener",
    "tencentcloud_clb_listener_rule",
    "tencentcloud_clb_security_group_attachment",
    "tencentcloud_clb_snat_ip",
    "tencentcloud_dc_gateway",
    "tencentcloud_dc_gateway_ccn_route",
    "tencentcloud_dcx",
    "tencentcloud_dnat",
    "tencentcloud_eip",
    "tencentcloud_eip_association",
    "tencentcloud_eni",
    "tencentcloud_eni_attachment",
    "tencentcloud_eni_sg_attachment",
    "tencentcloud_ha_vip",
    "tencentcloud_ha_vip_eip_attachment",
    "tencentcloud_ha_vip_instance_attachment",
    "tencentcloud_instance",
    "tencentcloud_nat_gateway",
    "tencentcloud_nat_gateway_snat",
    "tencentcloud_protocol_template",
    "tencentcloud_protocol_template_group",
    "tencentcloud_route_entry",
    "tencentcloud_route_table",
    "tencentcloud_route_table_association",
    "tencentcloud_route_table_entry",
    "tencentcloud_security_group",
    "tencentcloud_security_group_lite_rule",
    "tencentcloud_security_group_rule",
    "tencentcloud_security_group_rule_set",
    "tencentcloud_subnet",
    "tencentcloud_vpc",
    "tencentcloud_vpc_acl",
    "tencentcloud_vpc_acl_attachment",
    "tencentcloud_vpc_classic_link_attachment",
    "tencentcloud_vpc_network_acl_quintuple",
    "tencentcloud_vpc_peer_connect_accept_operation",
    "tencentcloud_vpc_peer_connect_manager",
    "tencentcloud_vpn_customer_gateway",
];

/// The same, of the wide area.
const UNDERSTOOD_WAN: [&str; 9] = [
    "tencentcloud_ccn_route_table",
    "tencentcloud_ccn_route_table_associate_instance_config",
    "tencentcloud_ccn_route_table_input_policies",
    "tencentcloud_ccn_route_table_selection_policies",
    "tencentcloud_ccn_routes",
    "tencentcloud_vpn_connection",
    "tencentcloud_vpn_gateway",
    "tencentcloud_vpn_gateway_ccn_routes",
    "tencentcloud_vpn_gateway_route",
];

/// Resource types that have no part in connectivity, though they may name what has; all that begin so.
const HARMLESS: [&str; 14] = [
    "tencentcloud_cam",
    "tencentcloud_cbs",
    "tencentcloud_cls",
    "tencentcloud_cos",
    "tencentcloud_image",
    "tencentcloud_key_pair",
    "tencentcloud_kms",
    "tencentcloud_monitor",
    "tencentcloud_placement_group",
    "tencentcloud_private_dns",
    "tencentcloud_ssl",
    "tencentcloud_tag",
    "tencentcloud_vpc_bandwidth_package",
    "tencentcloud_vpc_flow_log",
];

/// What a resource is that is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// An endpoint.
    Endpoint,
    /// A part of what it names.
    Part,
    /// A gateway that routes lead to, or something that makes routes.
    Routing,
    /// Something of IPv6.
    V6,
}

/// Resource types that bear on connectivity and that this importer does not understand (section 16 of the rules).
/// A name stands for all types that begin with it.
const NOT_UNDERSTOOD: [(&str, Role, &str, &str); 13] = [
    (
        "tencentcloud_ccn_route_table",
        Role::Part,
        "what a route table of a CCN tells its members",
        "云联网路由表向成员发布的内容",
    ),
    (
        "tencentcloud_lb",
        Role::Endpoint,
        "load balancers of the old kind, whose address and subnet Terraform does not tell,",
        "Terraform 不给出地址和子网的传统型负载均衡",
    ),
    (
        "tencentcloud_alb_",
        Role::Part,
        "load balancers of the old kind",
        "传统型负载均衡",
    ),
    (
        "tencentcloud_clb_target_group",
        Role::Part,
        "target groups",
        "目标组",
    ),
    (
        "tencentcloud_vpc_private_nat_gateway",
        Role::Routing,
        "private NAT gateways",
        "私网 NAT 网关",
    ),
    (
        "tencentcloud_vpc_ipv6",
        Role::V6,
        "addresses of IPv6",
        "IPv6 地址",
    ),
    (
        "tencentcloud_ipv6",
        Role::V6,
        "addresses of IPv6",
        "IPv6 地址",
    ),
    (
        "tencentcloud_instance_set",
        Role::Endpoint,
        "sets of instances",
        "批量实例",
    ),
    (
        "tencentcloud_as_scaling_group",
        Role::Endpoint,
        "the machines of a scaling group",
        "伸缩组中的机器",
    ),
    (
        "tencentcloud_kubernetes_cluster",
        Role::Endpoint,
        "the machines and pods of a cluster",
        "集群中的机器和 Pod",
    ),
    (
        "tencentcloud_kubernetes_node_pool",
        Role::Endpoint,
        "the machines of a node pool",
        "节点池中的机器",
    ),
    (
        "tencentcloud_vpc_end_point",
        Role::Endpoint,
        "endpoints of a private link",
        "私有连接的终端节点",
    ),
    (
        "tencentcloud_vpc_local_gateway",
        Role::Routing,
        "local gateways",
        "本地网关",
    ),
];

impl Import<'_> {
    pub(super) fn not_understood(&mut self) {
        let mut harmless: Vec<&str> = Vec::new();
        for index in 0..self.input.resources.len() {
            let kind = self.input.resources[index].kind;
            let is_understood = UNDERSTOOD.contains(&kind)
                || UNDERSTOOD_WAN.contains(&kind)
                || ENDPOINTS.iter().any(|(endpoint, _)| *endpoint == kind);
            if is_understood {
                continue;
            }
            let mut known = NOT_UNDERSTOOD.iter();
            let known = known.find(|(name, ..)| kind.starts_with(name));
            if let Some((_, role, english, chinese)) = known {
                let why = words!("{english} are not imported", "不支持导入{chinese}");
                self.foreign(index, *role, why);
            } else if let Some(role) = self.guessed_role(index) {
                let why = Words::new(
                    "this importer does not know its type, and it names a part of the network",
                    "导入器不认识其类型，而它引用了网络的一部分",
                );
                self.foreign(index, role, why);
            } else if !harmless.contains(&kind) {
                harmless.push(kind);
            }
        }
        for kind in harmless {
            let why = Words::new(
                "not imported: its type has no part in connectivity as far as is known here",
                "未导入：据目前所知，此类型与连通性无关",
            );
            let text = match self.draft.language {
                Language::English => format!("{kind}: {why}"),
                Language::Chinese => format!("{kind}：{}", why.chinese()),
            };
            self.draft.document.remarks.push((Spot::Head, text));
            self.draft.note(Outcome::Assumed, Say::of(kind, why));
        }
    }

    /// What a resource of an unknown type may be, by what it names; `None` = nothing of the network.
    fn guessed_role(&self, index: usize) -> Option<Role> {
        let kind = self.input.resources[index].kind;
        if HARMLESS.iter().any(|name| kind.starts_with(name)) {
            return None;
        }
        let has = |name| !matches!(self.input.attribute(index, name), Attribute::Unset);
        if has("vpc_id") || has("subnet_id") {
            return Some(Role::Endpoint);
        }
        let mut owners = OWNERS.iter().filter(|(name, _)| *name != "instance_id");
        owners.any(|(name, _)| has(name)).then_some(Role::Part)
    }

    fn foreign(&mut self, index: usize, role: Role, why: Words) {
        let bears = match role {
            Role::Endpoint => Bears::Missing(self.sets_of(index)),
            Role::Part | Role::V6 => self.by_owner(index),
            Role::Routing => match self.by_owner(index) {
                Bears::On(ids) => Bears::Routing(ids),
                other => other,
            },
        };
        let cidr = match role {
            Role::V6 => Some("::/0".to_owned()),
            _ => self.input.text(index, "destination_cidr_block"),
        };
        let cidr = cidr.and_then(|cidr| notation::cidr(&cidr).ok());
        self.concerns = cidr.into_iter().collect();
        self.leave_out((index, ""), &Spot::Head, Self::unreadable(why), bears);
        self.concerns.clear();
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
                let (english, chinese) = (splitter.english(), splitter.chinese());
                let why = words!(
                    "{english} holds only a part of {subnet}, so what it does may hang on the stand-in address {address}",
                    "{chinese} 只包含 {subnet} 的一部分，其作用可能取决于占位地址 {address}"
                );
                self.doubt(index, &Spot::Entity(id.clone()), why);
            }
        }
    }
}

/// Everything that tells addresses apart, with what it is.
fn splitters(network: &Network) -> Vec<(Words, AddressSet)> {
    let mut sets: Vec<(Words, AddressSet)> = Vec::new();
    let rule_of = |id: &Id| words!("a rule of {id}", "{id} 的规则");
    for (id, group) in &network.security_groups {
        for rule in group.ingress.iter().chain(&group.egress) {
            if let Peer::Addresses(set) = &rule.peer {
                sets.push((rule_of(id), set.clone()));
            }
        }
    }
    for (id, acl) in &network.network_acls {
        for rule in acl.ingress.iter().chain(&acl.egress) {
            let both = rule.source.iter().chain(&rule.destination);
            sets.extend(both.map(|set| (rule_of(id), set.clone())));
        }
    }
    for (id, template) in &network.address_templates {
        let all = AddressSet::union_all(template.addresses.iter().cloned());
        sets.push((words!("the template {id}", "模板 {id}"), all));
    }
    let mut cidr = |what: Words, cidr: IpNet| sets.push((what, AddressSet::from(cidr)));
    for (id, table) in &network.route_tables {
        for route in &table.routes {
            cidr(words!("a route of {id}", "{id} 的路由"), route.to);
        }
    }
    for (id, gateway) in &network.vpn_gateways {
        for policy in gateway.connections.iter().flat_map(|it| &it.policies) {
            cidr(words!("a policy of {id}", "{id} 的策略"), policy.local);
        }
    }
    sets
}
