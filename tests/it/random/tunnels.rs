//! VPN and Direct Connect gateways with their tunnels.

use pathproof::id::Id;
use pathproof::model::{
    Attachment, CcnMember, DcDnat, DcNat, DcSnat, DirectConnectKind, VpnPolicy, VpnRoute,
};

use super::Draft;
use super::wires::{destinations, half, machines};
use crate::sketch::{self, id, ip, net};

impl Draft {
    pub(super) fn vpn_gateway(&mut self, attached_to: &Attachment) {
        let name = self.name("vpngw");
        let tunnels = [self.name("vpnx"), self.name("vpnx")];
        let sites: Vec<Id> =
            self.network.sites.keys().filter(|id| id.as_str() != "idc-nat").cloned().collect();
        let locals = destinations(&self.network);
        self.attempt(|network, dice| {
            sketch::vpn_gateway(network, &name, attached_to.clone());
            if let Attachment::Ccn(ccn) = attached_to
                && dice.chance(85)
            {
                network.ccns[ccn].attachments.push(CcnMember::VpnGateway(id(&name)));
            }
        });
        let by_policy = self.dice.chance(50);
        for tunnel in tunnels.iter().take(1 + self.dice.below(2)) {
            self.attempt(|network, dice| {
                let Some(site) = dice.any(&sites).cloned() else {
                    return;
                };
                let whole = network.sites[&site].cidrs[0];
                let mut connection = sketch::vpn_connection(tunnel, site.as_str());
                connection.up = !dice.chance(20);
                connection.health_check = dice.chance(50);
                let mut routes = Vec::new();
                if by_policy {
                    let own: Vec<_> = match attached_to {
                        Attachment::Vpc(vpc) => {
                            network.vpcs[vpc].cidrs().filter(|cidr| cidr.addr().is_ipv4()).collect()
                        }
                        Attachment::Ccn(_) => locals.clone(),
                    };
                    let Some(local) = dice.any(&own).copied() else {
                        return;
                    };
                    let remote =
                        vec![if dice.chance(60) { whole } else { half(whole, dice.below(2)) }];
                    connection.policies.push(VpnPolicy { local, remote });
                } else {
                    for to in [whole, half(whole, 0)] {
                        if dice.chance(70) {
                            let priority = dice.pick(&[0, 100]);
                            let (connection, enabled) = (id(tunnel), dice.chance(85));
                            routes.push(VpnRoute { to, connection, priority, enabled });
                        }
                    }
                    if dice.chance(10) {
                        let (to, connection) = (net("0.0.0.0/0"), id(tunnel));
                        routes.push(VpnRoute { to, connection, priority: 0, enabled: true });
                    }
                }
                let gateway = &mut network.vpn_gateways[name.as_str()];
                gateway.connections.push(connection);
                gateway.routes.extend(routes);
            });
        }
    }

    pub(super) fn direct_connect_gateway(&mut self, attached_to: &Attachment) {
        let name = self.name("dcg");
        let tunnels = [self.name("dcx"), self.name("dcx")];
        let sites: Vec<Id> =
            self.network.sites.keys().filter(|id| id.as_str() != "idc-nat").cloned().collect();
        let count = 1 + self.dice.below(2);
        self.attempt(|network, dice| {
            sketch::direct_connect_gateway(network, &name, attached_to.clone());
            if let Attachment::Ccn(ccn) = attached_to
                && dice.chance(85)
            {
                network.ccns[ccn].attachments.push(CcnMember::DirectConnectGateway(id(&name)));
            }
            for tunnel in tunnels.iter().take(count) {
                let Some(site) = dice.any(&sites).cloned() else {
                    return;
                };
                let whole = network.sites[&site].cidrs[0];
                let prefix = if dice.chance(60) { whole } else { half(whole, dice.below(2)) };
                let mut tunnel =
                    sketch::direct_connect_tunnel(tunnel, site.as_str(), &[&prefix.to_string()]);
                tunnel.up = !dice.chance(20);
                tunnel.health_check = dice.chance(50);
                network.direct_connect_gateways[name.as_str()].tunnels.push(tunnel);
            }
        });
    }

    /// The site behind a NAT-type gateway has no other gateway.
    pub(super) fn direct_connect_nat(&mut self, vpc: &Id) {
        let (name, tunnel) = (self.name("dcg"), self.name("dcx"));
        let insiders = machines(&self.network, vpc);
        self.attempt(|network, dice| {
            if !network.sites.contains_key("idc-nat") {
                sketch::site(network, "idc-nat", "172.31.0.0/16");
            }
            let mut nat = DcNat::default();
            if let Some((_, own)) = dice.any(&insiders) {
                nat.local_ips.push((*own, ip("10.99.0.5")));
            }
            if dice.chance(50) {
                nat.peer_ips.push((ip("172.31.0.7"), ip("10.98.0.7")));
            }
            if dice.chance(50) {
                let from = half(network.vpcs[vpc].cidr, 0);
                nat.snat.push(DcSnat { from, pool: vec![ip("10.99.0.6"), ip("10.99.0.7")] });
            }
            if let Some((_, to)) = dice.any(&insiders).filter(|(_, to)| to.is_ipv4()) {
                let service = sketch::service(dice.pick(&["tcp:80", "tcp:443"]));
                nat.dnat.push(DcDnat {
                    service,
                    address: ip("10.99.0.8"),
                    to: *to,
                    port: dice.pick(&[80, 22]),
                });
            }
            let prefix = dice.pick(&["172.31.0.0/16", "172.31.0.0/17"]);
            let gateway =
                sketch::direct_connect_gateway(network, &name, Attachment::Vpc(vpc.clone()));
            gateway.kind = DirectConnectKind::Nat(nat);
            gateway.tunnels.push(sketch::direct_connect_tunnel(&tunnel, "idc-nat", &[prefix]));
        });
    }
}
