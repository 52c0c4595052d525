//! SSL VPN: people who dial in get an address of a pool, so a server is a connection to a site with that pool.
//!
//! Its clients are told which addresses lie behind the tunnel (`local_address`), and send no others into it; so these
//! are its policies. Whether the cloud routes the pool back by itself no document says: where no route of the VPC does,
//! what goes there is left open.

use ipnet::IpNet;

use super::wan::VPN;
use super::{Import, Spots};
use crate::diagnostic::{Words, words};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::draft::Say;
use crate::import::left::Bears;
use crate::import::notation;
use crate::model::{
    Attachment, Destination, Kind, Network, NextHop, RouteTable, VpnConnection, VpnPolicy,
};
use serde_json::Value;

/// The type of a server.
const SERVER: &[&str] = &["tencentcloud_vpn_ssl_server"];

impl Import<'_> {
    pub(super) fn ssl_servers(&mut self) {
        for index in self.of_kind(SERVER[0]) {
            self.ssl_server(index);
        }
        for index in self.of_kind("tencentcloud_vpn_ssl_client") {
            let spots = Spots::part(Spot::Section(Kind::Site));
            let found = self.input.one(index, "ssl_vpn_server_id", SERVER);
            if let Err(why) = found {
                // a certificate for a server that says itself what it is
                let part = (index, "ssl_vpn_server_id");
                self.leave_out(part, &spots.missing, why, Bears::Nothing);
                continue;
            }
            let server = self.settle(index, "ssl_vpn_server_id", found, &spots);
            if let Ok(Some(server)) = server {
                let site = self.clients_of(server);
                self.joins(index, &site);
            }
        }
    }

    /// The site of whoever dials in to a server.
    fn clients_of(&self, server: usize) -> Id {
        Id::from(format!("{}.clients", self.id(server)))
    }

    fn ssl_server(&mut self, index: usize) {
        let spots = Spots::part(Spot::Section(Kind::VpnGateway));
        let Some(gateway) = self.must(index, "vpn_gateway_id", VPN, &spots) else {
            return;
        };
        let gateway = self.id(gateway);
        let spot = Spot::Entity(gateway.clone());
        let pool = self.input.text(index, "remote_address");
        let pool = match notation::cidr(&pool.unwrap_or_default()) {
            Ok(pool) => pool,
            Err(why) => {
                self.left_out(index, "remote_address", &spot, Self::unreadable(why));
                return;
            }
        };
        let locals = self.cidrs(index, "local_address", &spot);
        let policy = |local: &IpNet| VpnPolicy { local: *local, remote: vec![pool] };
        let site = self.clients_of(index);
        let name = self.input.text(index, "ssl_vpn_server_name");
        self.widen(&site, name, &[pool]);
        let connection = VpnConnection {
            id: self.id(index),
            site: site.clone(),
            policies: locals.iter().map(policy).collect(),
            up: true,
            health_check: false,
        };
        // without policies it would carry everything
        if !connection.policies.is_empty()
            && let Some(gateway) = self.network().vpn_gateways.get_mut(&gateway)
        {
            gateway.connections.push(connection);
        }
        self.belongs(index, &site);
        self.belongs(index, &gateway);
        self.place(index, Kind::VpnConnection);
        if *self.input.known(index, "access_policy_enabled") == Value::Bool(true) {
            let why = Words::new(
                "which users may reach what, its access policies say, which Terraform does not have",
                "由访问策略决定哪些用户可访问什么，而 Terraform 中没有访问策略",
            );
            self.open(index, &site, why);
        }
    }

    /// Leaves open what goes back to clients where no route leads there, when the routes are known.
    pub(super) fn ssl_routes(&mut self) {
        for index in self.of_kind(SERVER[0]) {
            if !self.placed.contains_key(&index) {
                continue;
            }
            let site = self.clients_of(index);
            let network = &self.draft.document.fragment.network;
            let connection = self.id(index);
            let mut gateways = network.vpn_gateways.iter();
            let own = gateways.find(|(_, it)| it.connections.iter().any(|it| it.id == connection));
            let pool = network.sites.get(&site).and_then(|it| it.cidrs.first());
            let (Some((gateway, own)), Some(pool)) = (own, pool.copied()) else {
                continue;
            };
            let Attachment::Vpc(vpc) = &own.attached_to else {
                continue;
            };
            let Some(bears) = unrouted(network, vpc, gateway, pool) else {
                continue;
            };
            let why = words!(
                "whether the cloud routes {pool} back to the clients by itself is not told; no route of the VPC does",
                "云端是否自动将 {pool} 路由回客户端，没有说明；私有网络中没有这样的路由"
            );
            let help = Words::new(
                "give the route tables a route to the clients by the gateway, or see in the console what they hold",
                "在路由表中添加经该网关到客户端网段的路由，或在控制台查看其内容",
            );
            let say = Say::of(self.address(index), why).help(help);
            let spot = Spot::Entity(site);
            let to = vec![Destination::Cidr(pool)];
            self.draft.leave_open_to(spot, say, bears, to);
        }
    }
}

/// Which routing of a VPC has no route to a pool by a gateway; `None` = all of it has one.
fn unrouted(network: &Network, vpc: &Id, gateway: &Id, pool: IpNet) -> Option<Bears> {
    let leads = |table: &RouteTable| {
        let mut routes = table.routes.iter();
        routes.any(|route| {
            let is_own = matches!(&route.via, NextHop::VpnGateway(id) if id == gateway);
            is_own && route.enabled && route.to.contains(&pool)
        })
    };
    let has_default = network.vpcs.get(vpc)?.default_route_table.is_some();
    let own = network.route_tables.iter();
    let own: Vec<_> = own.filter(|(_, table)| table.vpc == *vpc).collect();
    let lacking = own.iter().filter(|(_, table)| !leads(table));
    let lacking: Vec<Id> = lacking.map(|(id, _)| (*id).clone()).collect();
    if !has_default {
        // whoever uses the default table uses one that is not in the file
        let mut subnets = network.subnets.values().filter(|it| it.vpc == *vpc);
        let uses_default = subnets.any(|it| it.route_table.is_none());
        if uses_default || lacking.len() == own.len() {
            return Some(Bears::Routing(vec![vpc.clone()]));
        }
    }
    (!lacking.is_empty()).then_some(Bears::On(lacking))
}
