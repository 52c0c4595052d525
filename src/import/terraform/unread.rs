//! What the importer does not read, and what may hang on it: everything that it names, unless its family is known to
//! have no part in connectivity.
//!
//! | what is not read | then open is |
//! |---|---|
//! | its family is harmless | nothing; it is mentioned with the reason |
//! | it filters: Cloud Firewall, WAF, anti-DDoS | what it names, and everything from and to the Internet, or between VPCs |
//! | it names VPCs, subnets or groups, and may be a machine there | what is asked of these sets as a whole |
//! | it names anything else, or its type speaks of rules or routes | every packet that has to do with what it names |
//! | it names what nobody can tell | everything |
//! | it names nothing of the network | nothing; it is mentioned |

use rustc_hash::FxHashSet;

use super::Import;
use super::family::{Border, controls, filter, goes_on, harmless};
use super::name::{Names, Owners};
use super::place::ENDPOINTS;
use super::resolve::{Lack, Unresolved};
use crate::code::Language;
use crate::diagnostic::{Words, after_chinese, words};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::draft::Say;
use crate::import::left::{Bears, Touched};
use crate::import::notation;
use crate::import::note::Outcome;
use crate::model::lookup::is_all_public;
use crate::model::{INTERNET, Kind};
use ipnet::IpNet;

/// Resource types that are understood elsewhere in this importer.
const UNDERSTOOD: [&str; 50] = [
    "tencentcloud_address_template",
    "tencentcloud_address_template_group",
    "tencentcloud_ccn",
    "tencentcloud_ccn_attachment",
    "tencentcloud_ccn_attachment_v2",
    "tencentcloud_clb_attachment",
    "tencentcloud_clb_instance",
    "tencentcloud_clb_listener",
    "tencentcloud_clb_listener_rule",
    "tencentcloud_clb_redirection",
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
    "tencentcloud_vpc_end_point_service",
    "tencentcloud_vpc_end_point_service_white_list",
    "tencentcloud_vpc_ipv6_cidr_block",
    "tencentcloud_vpc_ipv6_subnet_cidr_block",
    "tencentcloud_vpc_network_acl_quintuple",
    "tencentcloud_vpc_peer_connect_accept_operation",
    "tencentcloud_vpc_peer_connect_manager",
    "tencentcloud_vpn_customer_gateway",
];

/// The same, of the wide area.
const UNDERSTOOD_WAN: [&str; 15] = [
    "tencentcloud_ccn_bandwidth_limit",
    "tencentcloud_ccn_route_table",
    "tencentcloud_ccn_route_table_associate_instance_config",
    "tencentcloud_ccn_route_table_input_policies",
    "tencentcloud_ccn_route_table_selection_policies",
    "tencentcloud_ccn_routes",
    "tencentcloud_dcx_extra_config",
    "tencentcloud_route_table_entry_config",
    "tencentcloud_vpc_notify_routes",
    "tencentcloud_vpn_connection",
    "tencentcloud_vpn_gateway",
    "tencentcloud_vpn_gateway_ccn_routes",
    "tencentcloud_vpn_gateway_route",
    "tencentcloud_vpn_ssl_client",
    "tencentcloud_vpn_ssl_server",
];

/// A rule of the Cloud Firewall before public addresses.
const EDGE_POLICY: &str = "tencentcloud_cfw_edge_policy";

/// What a resource is that is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// An endpoint: only sets lack it.
    Endpoint,
    /// What endpoints are made from: only sets lack these, and it is no rule of any.
    Mould,
    /// A part of what it names.
    Part,
    /// A gateway that routes lead to, or something that makes routes.
    Routing,
    /// Something of IPv6.
    V6,
    /// What stands behind load balancers: it bears on those that use it.
    Behind,
}

/// Resource types that bear on connectivity and that this importer knows, but does not read (section 16 of the rules).
/// A name stands for all types that go on from it.
const NOT_READ: [(&str, Role, &str, &str); 23] = [
    (
        "ccn_route_table",
        Role::Part,
        "what a route table of a CCN tells its members",
        "云联网路由表向成员发布的内容",
    ),
    (
        "lb",
        Role::Endpoint,
        "load balancers of the old kind, whose address and subnet Terraform does not tell,",
        "Terraform 不给出地址和子网的传统型负载均衡",
    ),
    ("alb", Role::Part, "load balancers of the old kind", "传统型负载均衡"),
    ("clb_target_group", Role::Behind, "target groups", "目标组"),
    (
        "clb_function_targets_attachment",
        Role::Part,
        "functions behind a load balancer",
        "负载均衡之后的云函数",
    ),
    ("gwlb", Role::Endpoint, "gateway load balancers", "网关负载均衡"),
    ("vpc_private_nat_gateway", Role::Routing, "private NAT gateways", "私网 NAT 网关"),
    ("vpc_ipv6", Role::V6, "addresses of IPv6", "IPv6 地址"),
    ("ipv6", Role::V6, "addresses of IPv6", "IPv6 地址"),
    ("eni_ipv6_address", Role::V6, "addresses of IPv6", "IPv6 地址"),
    ("elastic_public_ipv6", Role::V6, "addresses of IPv6", "IPv6 地址"),
    ("classic_elastic_public_ipv6", Role::V6, "addresses of IPv6", "IPv6 地址"),
    ("instance_set", Role::Endpoint, "sets of instances", "批量实例"),
    (
        "as_scaling_config",
        Role::Mould,
        "machines that are made from a configuration elsewhere",
        "由该配置在别处创建的机器",
    ),
    (
        "as_scaling_group",
        Role::Endpoint,
        "all machines of a scaling group but those that stand for them",
        "伸缩组中占位机器之外的机器",
    ),
    (
        "kubernetes_cluster_attachment",
        Role::Endpoint,
        "machines that join a cluster, and the groups that it gives them,",
        "加入集群的机器及其安全组",
    ),
    (
        "kubernetes_cluster_master_attachment",
        Role::Endpoint,
        "machines that join a cluster, and the groups that it gives them,",
        "加入集群的机器及其安全组",
    ),
    (
        "kubernetes_cluster_endpoint",
        Role::Endpoint,
        "the addresses of an API server",
        "API Server 的访问地址",
    ),
    (
        "kubernetes_cluster",
        Role::Endpoint,
        "pods, load balancers and all else that a cluster makes, but the workers that it counts,",
        "集群自行创建的 Pod、负载均衡等（已列数量的工作节点除外）",
    ),
    (
        "kubernetes_node_pool",
        Role::Endpoint,
        "all machines of a pool but those that stand for them",
        "节点池中占位机器之外的机器",
    ),
    (
        "kubernetes_native_node_pool",
        Role::Endpoint,
        "all machines of a pool but those that stand for them",
        "节点池中占位机器之外的机器",
    ),
    (
        "kubernetes_serverless_node_pool",
        Role::Endpoint,
        "all pods of a pool but those that stand for them",
        "节点池中占位 Pod 之外的 Pod",
    ),
    ("vpc_local_gateway", Role::Routing, "local gateways", "本地网关"),
];

/// Whether a type is read somewhere in this importer.
pub fn is_understood(kind: &str) -> bool {
    UNDERSTOOD.contains(&kind)
        || UNDERSTOOD_WAN.contains(&kind)
        || super::attach::is_attachment(kind)
        || ENDPOINTS.iter().any(|(endpoint, _)| *endpoint == kind)
}

impl Import<'_> {
    pub(super) fn not_understood(&mut self) {
        let mut mentioned: Vec<(&str, Words)> = Vec::new();
        let network = &self.draft.document.fragment.network;
        let (owners, inside) = (Owners::of(network), Owners::inside(network));
        let notes = self.draft.notes.iter();
        let told: FxHashSet<String> = notes.map(|note| note.resource.clone()).collect();
        for index in 0..self.input.resources.len() {
            let kind = self.input.resources[index].kind;
            if self.whole.contains(&index) {
                continue;
            }
            if is_understood(kind) {
                let is_there = self.placed.contains_key(&index) || self.parts.contains_key(&index);
                if !is_there && !told.contains(self.address(index)) {
                    let why = Words::new("nothing of it could be read", "无法读取其中任何内容");
                    let names = self.names(index, &owners);
                    self.foreign(index, Role::Part, why, names);
                }
                continue;
            }
            let reason = harmless(kind).or_else(|| self.unread(index, [&owners, &inside]));
            if let Some(reason) = reason
                && mentioned.iter().all(|(other, _)| *other != kind)
            {
                mentioned.push((kind, reason));
            }
        }
        for (kind, reason) in mentioned {
            let (english, chinese) = (reason.english(), reason.chinese());
            let why = words!("not imported: {english}", "未导入：{chinese}");
            let text = match self.draft.language {
                Language::English => format!("{kind}: {why}"),
                Language::Chinese => format!("{kind}：{}", why.chinese()),
            };
            self.draft.document.remarks.push((Spot::Head, text));
            self.draft.note(Outcome::Assumed, Say::of(kind, why));
        }
    }

    /// Says what hangs on a resource of no harmless family; if nothing does, why.
    fn unread(&mut self, index: usize, [owners, inside]: [&Owners; 2]) -> Option<Words> {
        let kind = self.input.resources[index].kind;
        if let Some((border, what)) = filter(kind) {
            // who has a public address is meant as the Internet sees it
            let names = self.names(index, inside);
            let (english, chinese) = (what.english(), after_chinese(what.chinese()));
            let why = words!("{english} are not imported", "不支持导入{chinese}");
            if kind == EDGE_POLICY && self.input.text(index, "enable").as_deref() == Some("false") {
                return Some(Words::new(
                    "a rule that is off decides about no packet",
                    "已停用的规则不决定任何报文",
                ));
            }
            self.concerns = self.inner_side(index).into_iter().collect();
            self.filters(index, why, names, border);
            self.concerns.clear();
            return None;
        }
        let names = self.names(index, owners);
        let mut known = NOT_READ.iter();
        let known = known.find(|(name, ..)| goes_on(kind, name));
        if let Some((_, role, english, chinese)) = known {
            let why = words!("{english} are not imported", "不支持导入 {chinese}");
            self.foreign(index, *role, why, names);
            return None;
        }
        if names.ids.is_empty() && !names.elsewhere && !names.open {
            return Some(Words::new(
                "this importer does not know its type, and it names nothing of the network",
                "导入器不认识其类型，而它没有引用网络的任何部分",
            ));
        }
        let why = Words::new(
            "this importer does not know its type, and it names a part of the network",
            "导入器不认识其类型，而它引用了网络的一部分",
        );
        let role = if controls(kind) { Role::Part } else { Role::Endpoint };
        self.foreign(index, role, why, names);
        None
    }

    fn filters(&mut self, index: usize, why: Words, names: Names, border: Border) {
        let mut touched = Touched { on: names.ids, ..Touched::default() };
        let network = &self.draft.document.fragment.network;
        if border == Border::Vpcs {
            touched.routing_of = network.vpcs.keys().cloned().collect();
        }
        touched.on.push(Id::from(INTERNET));
        let bears = Bears::Of(touched);
        let address = self.address(index);
        let is_edge = self.input.resources[index].kind.contains("_cfw_edge_");
        let help = if is_edge {
            words!(
                "rules that were made in the console are not told here: write all of them as `edge_firewalls` (a dump of the \
                 API has them), and delete the entry `what: \"{address}\"` from `unmodelled`",
                "此处不含控制台所建的规则：请将全部规则写为 `edge_firewalls`（API 应答中有），再从 `unmodelled` 中删除 \
                 `what: \"{address}\"` 条目"
            )
        } else {
            words!(
                "the format has no filter there: once you know that it drops nothing that you ask, delete the entry \
                 `what: \"{address}\"` from `unmodelled`",
                "格式不含此处的过滤：确认它不拦截所问的连接后，从 `unmodelled` 中删除 `what: \"{address}\"` 条目"
            )
        };
        let why = Unresolved { lack: Lack::Meaning, why, help };
        self.leave_out((index, ""), &Spot::Head, why, bears);
    }

    /// The public addresses of ours that a rule of the border is about, if it says which: it sees no others.
    fn inner_side(&self, index: usize) -> Option<IpNet> {
        if self.input.resources[index].kind != EDGE_POLICY {
            return None;
        }
        let (kind, content) = match self.input.known(index, "direction").as_u64()? {
            1 => ("target_type", "target_content"),
            _ => ("source_type", "source_content"),
        };
        if self.input.text(index, kind)? != "net" {
            return None;
        }
        let cidr = notation::cidr(&self.input.text(index, content)?).ok()?;
        is_all_public(cidr).then_some(cidr)
    }

    fn foreign(&mut self, index: usize, role: Role, why: Words, mut names: Names) {
        // what it has put into the file itself is known
        let own = self.parts.get(&index);
        names.ids.retain(|id| own.is_none_or(|own| !own.contains(id)));
        let bears = if names.open {
            Bears::Everything
        } else {
            let mut touched = self.touched(role, names.ids);
            touched.missing.extend(self.open_groups(index));
            if role == Role::V6 && touched == Touched::default() {
                // it opens an address that nobody tells
                touched.on.push(Id::from(INTERNET));
            }
            Bears::Of(touched)
        };
        let cidr = match role {
            Role::V6 => Some("::/0".to_owned()),
            Role::Endpoint | Role::Mould | Role::Part | Role::Routing | Role::Behind => {
                self.input.text(index, "destination_cidr_block")
            }
        };
        let cidr = cidr.and_then(|cidr| notation::cidr(&cidr).ok());
        self.concerns = cidr.into_iter().collect();
        let mut why = Self::unreadable(why);
        if let Some(group) = self.open_groups(index).next() {
            why.help = words!(
                "ask about one of its machines, `{group}[ADDRESS]`, or write all of them into the file",
                "请以其中一台机器 `{group}[ADDRESS]` 提问，或将其全部机器写入文件"
            );
        }
        self.leave_out((index, ""), &Spot::Head, why, bears);
        self.concerns.clear();
    }

    fn touched(&self, role: Role, named: Vec<Id>) -> Touched {
        let network = &self.draft.document.fragment.network;
        let (places, rest): (Vec<Id>, Vec<Id>) =
            named.into_iter().partition(|id| is_place(network.kind_of(id.as_str())));
        let mut touched = Touched { on: rest, ..Touched::default() };
        match role {
            Role::Endpoint => {
                // what lies in groups only, or is a rule of them: nothing says which
                let is_group = |id: &Id| network.security_groups.contains_key(id);
                if !places.is_empty() && places.iter().all(is_group) {
                    touched.on.extend(places.iter().cloned());
                }
                touched.missing = places;
                let vpcs = touched.missing.iter();
                let vpcs = vpcs.filter_map(|id| network.vpc_of_subnet(id.as_str()));
                let vpcs: Vec<Id> = vpcs.cloned().collect();
                for vpc in vpcs {
                    if !touched.missing.contains(&vpc) {
                        touched.missing.push(vpc);
                    }
                }
            }
            Role::Part => {
                touched.on.extend(places.iter().cloned());
                touched.missing = places;
            }
            Role::Mould => touched.missing = places,
            Role::V6 => touched.on.extend(places),
            Role::Behind => touched.on.retain(|id| {
                let kind = network.kind_of(id.as_str());
                matches!(kind, Some(Kind::LoadBalancer | Kind::ClassicLoadBalancer))
            }),
            Role::Routing => {
                let (vpcs, others): (Vec<Id>, Vec<Id>) =
                    places.into_iter().partition(|id| network.vpcs.contains_key(id));
                touched.on.extend(others);
                touched.routing_of = vpcs;
            }
        }
        touched
    }
}

/// Whether machines may be in something of this kind.
fn is_place(kind: Option<Kind>) -> bool {
    matches!(kind, Some(Kind::Vpc | Kind::Subnet | Kind::SecurityGroup | Kind::Account))
}
