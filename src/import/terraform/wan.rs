//! VPN and Direct Connect gateways with the sites behind them, and Cloud Connect Networks.

use crate::diagnostic::Words;
use ipnet::IpNet;
use serde_json::Value;

use super::block::Order;
use super::ground::VPC;
use super::input::{get, list};
use super::{Import, Spots, Unresolved};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::left::Bears;
use crate::import::notation;
use crate::model::{
    Attachment, Ccn, CcnMember, DcNat, DirectConnectGateway, DirectConnectKind,
    DirectConnectTunnel, Kind, Meta, Section, Site, VpnConnection, VpnGateway, VpnPolicy, VpnRoute,
};

/// The type of a VPN gateway.
pub const VPN: &[&str] = &["tencentcloud_vpn_gateway"];
const CUSTOMER: &[&str] = &["tencentcloud_vpn_customer_gateway"];
/// The type of a VPN connection.
pub const CONNECTION: &[&str] = &["tencentcloud_vpn_connection"];
/// The type of a Direct Connect gateway.
pub const DIRECT: &[&str] = &["tencentcloud_dc_gateway"];
/// The type of a CCN.
pub const CCN: &[&str] = &["tencentcloud_ccn"];
/// The types that attach a member to a CCN.
pub const CCN_ATTACHMENTS: &[&str] =
    &["tencentcloud_ccn_attachment", "tencentcloud_ccn_attachment_v2"];

impl Import<'_> {
    /// The CCN that a gateway has joined.
    fn ccn_of(&self, gateway: usize) -> Option<usize> {
        let attachments = self.of_kinds(CCN_ATTACHMENTS).into_iter();
        let mut ccns = attachments.filter_map(|attachment| {
            let member = self.input.one(attachment, "instance_id", &[VPN[0], DIRECT[0], VPC[0]]);
            let is_own = matches!(member, Ok(Some(found)) if found.value == gateway);
            let ccn = self.input.one(attachment, "ccn_id", CCN).ok()??;
            is_own.then_some(ccn.value)
        });
        ccns.next()
    }

    /// What a gateway is attached to: its VPC, or the CCN that it has joined.
    fn attachment(&mut self, gateway: usize, vpc: &str, spots: &Spots) -> Option<Attachment> {
        if let Some(ccn) = self.ccn_of(gateway) {
            return Some(Attachment::Ccn(self.id(ccn)));
        }
        let own = self.may(gateway, vpc, &[VPC[0], CCN[0]], spots).ok()?;
        let Some(own) = own else {
            let why = Unresolved {
                lack: super::resolve::Lack::Meaning,
                why: Words::new(
                    "it is attached to neither a VPC nor a CCN",
                    "它既未绑定私有网络，也未绑定云联网",
                ),
                help: Words::new("attach it", "请先绑定"),
            };
            self.left_out(gateway, vpc, &spots.missing, why);
            return None;
        };
        let id = self.id(own);
        Some(if self.input.resources[own].kind == CCN[0] {
            Attachment::Ccn(id)
        } else {
            Attachment::Vpc(id)
        })
    }

    /// Widens a site, which comes into being here.
    pub(super) fn widen(&mut self, site: &Id, name: Option<String>, cidrs: &[IpNet]) {
        let site = self
            .network()
            .sites
            .entry(site.clone())
            .or_insert_with(|| Site { meta: Meta { name, ..Meta::default() }, cidrs: Vec::new() });
        for cidr in cidrs {
            if !site.cidrs.contains(cidr) {
                site.cidrs.push(*cidr);
            }
        }
    }

    pub(super) fn vpn_gateways(&mut self) {
        // CCNs first: gateways may be attached to them
        for index in self.of_kind(CCN[0]) {
            let ccn = Ccn {
                meta: self.plain_meta(index),
                route_overlap: self.overlaps(index) == Some(true),
                bandwidth: None,
                attachments: Vec::new(),
                routes: Vec::new(),
                route_tables: Section::default(),
                selection: Vec::new(),
            };
            let id = self.id(index);
            self.network().ccns.insert(id, ccn);
            self.place(index, Kind::Ccn);
        }
        for index in self.of_kind(VPN[0]) {
            let id = self.id(index);
            let spots = Spots::entity(Kind::VpnGateway, &id);
            let Some(attached_to) = self.attachment(index, "vpc_id", &spots) else {
                continue;
            };
            let gateway = VpnGateway {
                meta: self.plain_meta(index),
                attached_to,
                connections: Vec::new(),
                routes: Vec::new(),
            };
            self.network().vpn_gateways.insert(id, gateway);
            self.place(index, Kind::VpnGateway);
        }
        for index in self.of_kind(CUSTOMER[0]) {
            self.place(index, Kind::Site);
        }
        for index in self.of_kind(CONNECTION[0]) {
            self.vpn_connection(index);
        }
        for index in self.of_kind("tencentcloud_vpn_gateway_route") {
            self.vpn_route(index);
        }
    }

    fn vpn_connection(&mut self, index: usize) {
        let spots = Spots::part(Spot::Section(Kind::VpnGateway));
        let Some(gateway) = self.must(index, "vpn_gateway_id", VPN, &spots) else {
            return;
        };
        let spot = self.entity(gateway);
        let spots = Spots::part(spot.clone());
        let Some(customer) = self.must(index, "customer_gateway_id", CUSTOMER, &spots) else {
            return;
        };
        let lines = match self.input.lines(index, "security_group_policy", Order::Free) {
            Ok(lines) => lines,
            Err(why) => {
                self.left_out(index, "security_group_policy", &spot, why);
                Vec::new()
            }
        };
        let mut policies = Vec::new();
        for (number, line) in lines.iter().enumerate() {
            match policy(line.values) {
                Ok(policy) => policies.push(policy),
                Err(why) => {
                    let place = format!("security_group_policy[{number}]");
                    self.left_out(index, &place, &spot, Self::unreadable(why));
                }
            }
        }
        policies.sort_by_key(|policy| policy.local);
        let route_type = self.input.text(index, "route_type").unwrap_or_default();
        if !route_type.is_empty() && !route_type.eq_ignore_ascii_case("policy") {
            policies.clear();
        }
        let site = self.id(customer);
        let remote: Vec<IpNet> = policies.iter().flat_map(|it| it.remote.clone()).collect();
        let name = self.plain_meta(customer).name;
        self.widen(&site, name, &remote);
        self.belongs(index, &site);
        let is_up = |name: &str| {
            let state = self.input.text(index, name);
            self.input.is_plan || state.is_none_or(|state| state.eq_ignore_ascii_case("available"))
        };
        let connection = VpnConnection {
            id: self.id(index),
            site,
            policies,
            up: is_up("state") && is_up("net_status"),
            health_check: *self.input.known(index, "enable_health_check") == Value::Bool(true),
        };
        let id = self.id(gateway);
        if let Some(gateway) = self.network().vpn_gateways.get_mut(&id) {
            gateway.connections.push(connection);
        }
        self.belongs(index, &id);
        self.place(index, Kind::VpnConnection);
    }

    fn vpn_route(&mut self, index: usize) {
        let spots = Spots::part(Spot::Section(Kind::VpnGateway));
        let Some(gateway) = self.must(index, "vpn_gateway_id", VPN, &spots) else {
            return;
        };
        let spot = self.entity(gateway);
        let is_tunnel = self
            .input
            .text(index, "instance_type")
            .is_none_or(|kind| kind.eq_ignore_ascii_case("vpnconn"));
        if !is_tunnel {
            // routes towards the CCN are what the CCN tells the gateway anyway
            self.joins(index, &self.id(gateway));
            return;
        }
        let spots = Spots::part(spot.clone());
        let Some(connection) = self.must(index, "instance_id", CONNECTION, &spots) else {
            return;
        };
        let to = self.input.text(index, "destination_cidr_block");
        let to = match notation::cidr(&to.unwrap_or_default()) {
            Ok(to) => to,
            Err(why) => {
                self.left_out(index, "destination_cidr_block", &spot, Self::unreadable(why));
                return;
            }
        };
        let priority = self.input.known(index, "priority").as_u64();
        let status = self.input.text(index, "status");
        let route = VpnRoute {
            to,
            connection: self.id(connection),
            priority: priority.and_then(|it| u32::try_from(it).ok()).unwrap_or(0),
            enabled: status.is_none_or(|it| it.eq_ignore_ascii_case("enable")),
        };
        if let Ok(Some(customer)) = self.input.one(connection, "customer_gateway_id", CUSTOMER) {
            let site = self.id(customer.value);
            self.widen(&site, None, &[to]);
            self.belongs(index, &site);
        }
        let id = self.id(gateway);
        if let Some(gateway) = self.network().vpn_gateways.get_mut(&id) {
            gateway.routes.push(route);
        }
        self.joins(index, &id);
    }

    pub(super) fn direct_connect_gateways(&mut self) {
        for index in self.of_kind(DIRECT[0]) {
            let id = self.id(index);
            let spots = Spots::entity(Kind::DirectConnectGateway, &id);
            let Some(attached_to) = self.attachment(index, "network_instance_id", &spots) else {
                continue;
            };
            let is_nat = self.input.text(index, "gateway_type").as_deref() == Some("NAT");
            if is_nat {
                let why = Words::new(
                    "its address mappings are not in Terraform: none stand here",
                    "Terraform 中没有其地址映射：此处为空",
                );
                self.open(index, &id, why);
            }
            let gateway = DirectConnectGateway {
                meta: self.plain_meta(index),
                attached_to,
                kind: if is_nat {
                    DirectConnectKind::Nat(DcNat::default())
                } else {
                    DirectConnectKind::Normal
                },
                tunnels: Vec::new(),
            };
            self.network().direct_connect_gateways.insert(id, gateway);
            self.place(index, Kind::DirectConnectGateway);
        }
        for index in self.of_kind("tencentcloud_dcx") {
            self.tunnel(index);
        }
        self.tunnel_options();
        self.ccn_routes_of_gateways();
    }

    fn tunnel(&mut self, index: usize) {
        let spots = Spots::part(Spot::Section(Kind::DirectConnectGateway));
        let Some(gateway) = self.must(index, "dcg_id", DIRECT, &spots) else {
            return;
        };
        let spot = self.entity(gateway);
        let prefixes = self.cidrs(index, "route_filter_prefixes", &spot);
        let line = self.input.text(index, "dc_id");
        let site = match line {
            Some(line) => notation::id(&line),
            None => Id::from(format!("{}.site", self.id(index))),
        };
        self.widen(&site, None, &prefixes);
        self.belongs(index, &site);
        let state = self.input.text(index, "state");
        let tunnel = DirectConnectTunnel {
            id: self.id(index),
            site,
            prefixes,
            up: self.input.is_plan
                || state.is_none_or(|state| state.eq_ignore_ascii_case("available")),
            health_check: false,
        };
        let id = self.id(gateway);
        if let Some(gateway) = self.network().direct_connect_gateways.get_mut(&id) {
            gateway.tunnels.push(tunnel);
        }
        self.belongs(index, &id);
        self.place(index, Kind::DirectConnectTunnel);
    }

    /// What a gateway of a CCN tells it: the prefixes of its tunnels, or of a site of its own.
    fn ccn_routes_of_gateways(&mut self) {
        for index in self.of_kind("tencentcloud_dc_gateway_ccn_route") {
            let spots = Spots::part(Spot::Section(Kind::DirectConnectGateway));
            let Some(gateway) = self.must(index, "dcg_id", DIRECT, &spots) else {
                continue;
            };
            let spot = self.entity(gateway);
            let cidr = self.input.text(index, "cidr_block").unwrap_or_default();
            let cidr = match notation::cidr(&cidr) {
                Ok(cidr) => cidr,
                Err(why) => {
                    self.left_out(index, "cidr_block", &spot, Self::unreadable(why));
                    continue;
                }
            };
            let id = self.id(gateway);
            let own = Id::from(format!("{id}.site"));
            let mut sites = Vec::new();
            if let Some(gateway) = self.network().direct_connect_gateways.get_mut(&id) {
                if gateway.tunnels.is_empty() {
                    gateway.tunnels.push(DirectConnectTunnel {
                        id: Id::from(format!("{id}.tunnel")),
                        site: own,
                        prefixes: Vec::new(),
                        up: true,
                        health_check: false,
                    });
                }
                for tunnel in &mut gateway.tunnels {
                    if !tunnel.prefixes.contains(&cidr) {
                        tunnel.prefixes.push(cidr);
                    }
                    sites.push(tunnel.site.clone());
                }
            }
            for site in sites {
                self.widen(&site, None, &[cidr]);
                self.belongs(index, &site);
            }
            self.joins(index, &id);
        }
    }

    pub(super) fn ccns(&mut self) {
        let attachments = self.joining_order();
        for index in attachments {
            let spots = Spots::part(Spot::Section(Kind::Ccn));
            let kinds = [VPC[0], VPN[0], DIRECT[0]];
            let ccn = match self.input.one(index, "ccn_id", CCN) {
                Err(why) => {
                    let member = self.input.one(index, "instance_id", &kinds);
                    let bears = match self.getting(&member) {
                        Bears::On(ids) => Bears::Routing(ids),
                        other => other,
                    };
                    let part = (index, "ccn_id");
                    self.leave_out(part, &spots.missing, why, bears);
                    continue;
                }
                found => self.settle(index, "ccn_id", found, &spots),
            };
            let Ok(Some(ccn)) = ccn else {
                continue;
            };
            let spots = Spots::part(self.entity(ccn));
            let Some(member) = self.must(index, "instance_id", &kinds, &spots) else {
                continue;
            };
            let id = self.id(member);
            self.belongs(index, &self.id(ccn));
            self.joins(index, &id);
            let member = match self.placed.get(&member) {
                Some(Kind::Vpc) => CcnMember::Vpc(id),
                Some(Kind::VpnGateway) => CcnMember::VpnGateway(id),
                _ => CcnMember::DirectConnectGateway(id),
            };
            let ccn = self.id(ccn);
            if let Some(ccn) = self.network().ccns.get_mut(&ccn)
                && !ccn.attachments.contains(&member)
            {
                ccn.attachments.push(member);
            }
        }
    }

    /// The order in which members join: what an attachment depends on first, then the order of addresses.
    fn joining_order(&self) -> Vec<usize> {
        let mut open = self.of_kinds(CCN_ATTACHMENTS);
        let mut order = Vec::with_capacity(open.len());
        while !open.is_empty() {
            let next = open
                .iter()
                .position(|index| !open.iter().any(|other| self.depends(*index, *other)));
            order.push(open.remove(next.unwrap_or(0)));
        }
        order
    }

    fn depends(&self, one: usize, other: usize) -> bool {
        if one == other {
            return false;
        }
        let (one, other) = (&self.input.resources[one], &self.input.resources[other]);
        let block = format!("{}.{}", other.kind, other.name);
        let written = list(get(one.block, "depends_on")).iter();
        let written = written.filter_map(Value::as_str);
        let in_module = one.module == other.module
            && written.into_iter().any(|it| it == block || it.starts_with(&format!("{block}[")));
        let mut stored = list(one.depends_on).iter().filter_map(Value::as_str);
        // a state names blocks by their full address, without index
        let whole = other.address.split_once('[').map_or(other.address, |it| it.0);
        in_module || stored.any(|it| it == other.address || it == whole)
    }
}

fn policy(values: &Value) -> Result<VpnPolicy, Words> {
    let local = get(values, "local_cidr_block").as_str().unwrap_or_default();
    let remote = list(get(values, "remote_cidr_block")).iter();
    let remote = remote.map(|it| notation::cidr(it.as_str().unwrap_or_default()));
    Ok(VpnPolicy { local: notation::cidr(local)?, remote: remote.collect::<Result<_, _>>()? })
}
