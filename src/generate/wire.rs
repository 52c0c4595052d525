//! What joins VPCs with each other, with sites and with the Internet: peerings, CCNs, NAT, VPN, Direct Connect.
//!
//! The VPCs of one account in one region are a cell. The first half of a cell of four and more is joined
//! by a CCN; the others are peered in a row, and so is the row with the first VPC of the CCN. A CCN of an account joins a
//! VPC of each of its regions.

use std::net::Ipv4Addr;

use ipnet::{IpNet, Ipv4Net};

use super::Builder;
use super::dice::Dice;
use super::ground::{CELL, REGIONS};
use crate::id::Id;
use crate::model::{
    Attachment, Ccn, CcnBandwidth, CcnMember, CcnPublication, DirectConnectGateway,
    DirectConnectKind, DirectConnectTunnel, Dnat, Meta, NatGateway, NatKind, NextHop, Peering,
    PeeringState, Route, RouteTable, Section, Site, Snat, SnatSource, Subnet, Vpc, VpnConnection,
    VpnGateway, VpnPolicy, VpnRoute,
};

/// Where all sites have their addresses.
pub const OFFICES: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 0, 0), 16);
/// How many sites fit in there, a /24 each.
const SITES: u32 = 256;

impl Builder {
    /// VPCs and subnets; their ACLs and route tables come later.
    pub fn land(&mut self) {
        let mut dice = Dice::new(self.options.seed, 8);
        for ground in &self.grounds {
            let secondary = ground.secondary.iter().map(|cidr| IpNet::V4(*cidr));
            let by_cidr = dice.chance(20);
            let vpc = Vpc {
                meta: self.owned(ground.number as usize),
                region: ground.region.to_owned(),
                cidr: ground.cidr.into(),
                secondary_cidrs: secondary.collect(),
                ipv6_cidr: None,
                default_route_table: None,
                publish_to_ccn: if by_cidr {
                    CcnPublication::Cidrs
                } else {
                    CcnPublication::Subnets
                },
            };
            self.network.vpcs.insert(ground.id.clone(), vpc);
            for plot in &ground.plots {
                let zone = dice.between(1, 6);
                let subnet = Subnet {
                    meta: Meta::default(),
                    vpc: ground.id.clone(),
                    zone: Some(format!("{}-{zone}", ground.region)),
                    cidr: plot.cidr.into(),
                    ipv6_cidr: None,
                    route_table: None,
                    network_acl: None,
                };
                self.network.subnets.insert(plot.id.clone(), subnet);
            }
        }
    }

    /// The account of a VPC's things that do not inherit it.
    pub fn owned(&self, vpc: usize) -> Meta {
        Meta { account: self.grounds[vpc].account.clone(), ..Meta::default() }
    }

    /// Joins the VPCs of every cell.
    pub fn cells(&mut self) {
        let mut dice = Dice::new(self.options.seed, 9);
        let all: Vec<usize> = (0..self.grounds.len()).collect();
        let cells: Vec<&[usize]> = all.chunks(CELL as usize).collect();
        for (number, cell) in cells.iter().enumerate() {
            let half = if cell.len() >= 4 { cell.len() / 2 } else { 0 };
            let (hub, row) = cell.split_at(half);
            if !hub.is_empty() {
                self.ccn(number, hub, &mut dice);
                self.peer(hub[0], row[0]);
            }
            for pair in row.windows(2) {
                self.peer(pair[0], pair[1]);
            }
            for pair in row.windows(3) {
                if dice.chance(25) {
                    self.peer(pair[0], pair[2]);
                }
            }
            for vpc in row {
                match dice.below(100) {
                    0..15 => self.vpn(*vpc, &mut dice),
                    15..25 => self.direct_connect(*vpc),
                    _ => {}
                }
            }
        }
        for (number, cells) in cells.chunks(REGIONS.len()).enumerate() {
            let last = cells.iter().filter_map(|cell| cell.last().copied());
            let last: Vec<usize> = last.collect();
            if last.len() > 1 {
                self.backbone(number, &last);
            }
        }
    }

    /// Joins the last VPC of each region of an account.
    fn backbone(&mut self, number: usize, members: &[usize]) {
        let vpcs = members.iter().map(|vpc| &self.grounds[*vpc].id);
        let ccn = Ccn {
            meta: self.owned(members[0]),
            bandwidth: Some(CcnBandwidth::Configured),
            attachments: vpcs.cloned().map(CcnMember::Vpc).collect(),
            ..Ccn::default()
        };
        let id = Id::from(format!("ccn-backbone-{number}"));
        self.network.ccns.insert(id, ccn);
    }

    fn peer(&mut self, one: usize, two: usize) {
        let id = Id::from(format!("pcx-{one}-{two}"));
        let ends = (self.grounds[one].id.clone(), self.grounds[two].id.clone());
        let peering = Peering { meta: self.owned(one), between: ends, state: PeeringState::Active };
        self.network.peerings.insert(id.clone(), peering);
        for (own, peer) in [(one, two), (two, one)] {
            let to = self.grounds[peer].cidr.into();
            self.route(own, to, NextHop::PeeringConnection(id.clone()));
        }
        self.facts.peered.push((one, two));
    }

    fn route(&mut self, vpc: usize, to: IpNet, via: NextHop) {
        self.routes[vpc].push(Route { to, via, enabled: true, priority: 0, publish: false });
    }

    /// A CCN of some VPCs; every other one has a Direct Connect gateway, the others a VPN gateway.
    fn ccn(&mut self, number: usize, members: &[usize], dice: &mut Dice) {
        let id = Id::from(format!("ccn-{number}"));
        let vpcs = members.iter().map(|vpc| CcnMember::Vpc(self.grounds[*vpc].id.clone()));
        let mut attachments: Vec<CcnMember> = vpcs.collect();
        let attached_to = Attachment::Ccn(id.clone());
        let meta = self.owned(members[0]);
        if let Some((site, cidr)) = self.site() {
            if dice.chance(50) {
                let gateway = Id::from(format!("dcg-ccn-{number}"));
                attachments.push(CcnMember::DirectConnectGateway(gateway.clone()));
                let tunnels = vec![tunnel(format!("dcx-ccn-{number}"), site, cidr)];
                let kind = DirectConnectKind::Normal;
                let entity = DirectConnectGateway { meta, attached_to, kind, tunnels };
                self.network.direct_connect_gateways.insert(gateway, entity);
            } else {
                let gateway = Id::from(format!("vpngw-ccn-{number}"));
                attachments.push(CcnMember::VpnGateway(gateway.clone()));
                let local = IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8));
                let policies = vec![VpnPolicy { local, remote: vec![cidr] }];
                let connection = connection(format!("vpnx-ccn-{number}"), site, policies);
                let (connections, routes) = (vec![connection], Vec::new());
                let entity = VpnGateway { meta, attached_to, connections, routes };
                self.network.vpn_gateways.insert(gateway, entity);
            }
        }
        let ccn = Ccn {
            meta: self.owned(members[0]),
            route_overlap: false,
            bandwidth: None,
            attachments,
            routes: Vec::new(),
            route_tables: Section::default(),
            selection: Vec::new(),
        };
        self.network.ccns.insert(id, ccn);
        self.facts.ccns.push(members.to_vec());
    }

    /// A customer network with a CIDR of its own, while there are any.
    fn site(&mut self) -> Option<(Id, IpNet)> {
        if self.sites == SITES {
            return None;
        }
        let first = OFFICES.network().to_bits() + (self.sites << 8);
        let cidr = IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::from_bits(first), 24));
        let id = Id::from(format!("site-{}", self.sites));
        self.sites += 1;
        let (meta, cidrs) = (Meta::default(), vec![cidr]);
        self.network.sites.insert(id.clone(), Site { meta, cidrs });
        Some((id, cidr))
    }

    /// A VPN gateway of a VPC, by policies or by routes.
    fn vpn(&mut self, vpc: usize, dice: &mut Dice) {
        let Some((site, cidr)) = self.site() else {
            return;
        };
        let id = Id::from(format!("vpngw-{vpc}"));
        let local = self.grounds[vpc].cidr.into();
        let by_policy = dice.chance(50);
        let policies = by_policy.then(|| VpnPolicy { local, remote: vec![cidr] });
        let tunnel =
            connection(format!("vpnx-{vpc}"), site.clone(), policies.into_iter().collect());
        let route = (!by_policy).then(|| VpnRoute {
            to: cidr,
            connection: tunnel.id.clone(),
            priority: 0,
            enabled: true,
        });
        let gateway = VpnGateway {
            meta: Meta::default(),
            attached_to: Attachment::Vpc(self.grounds[vpc].id.clone()),
            connections: vec![tunnel],
            routes: route.into_iter().collect(),
        };
        self.network.vpn_gateways.insert(id.clone(), gateway);
        self.route(vpc, cidr, NextHop::VpnGateway(id));
        self.facts.sites.push((vpc, site));
    }

    fn direct_connect(&mut self, vpc: usize) {
        let Some((site, cidr)) = self.site() else {
            return;
        };
        let id = Id::from(format!("dcg-{vpc}"));
        let gateway = DirectConnectGateway {
            meta: Meta::default(),
            attached_to: Attachment::Vpc(self.grounds[vpc].id.clone()),
            kind: DirectConnectKind::Normal,
            tunnels: vec![tunnel(format!("dcx-{vpc}"), site.clone(), cidr)],
        };
        self.network.direct_connect_gateways.insert(id.clone(), gateway);
        self.route(vpc, cidr, NextHop::DirectConnectGateway(id));
        self.facts.sites.push((vpc, site));
    }

    /// NAT gateways in seven VPCs of ten, some with a rule of their own and a forwarded port.
    pub fn nat(&mut self) {
        let mut dice = Dice::new(self.options.seed, 10);
        for vpc in 0..self.grounds.len() {
            if !dice.chance(70) {
                continue;
            }
            let eips: Vec<_> = (0..dice.between(1, 3)).map(|_| self.public()).collect();
            let plot = &self.grounds[vpc].plots[0];
            let snat = dice.chance(25).then(|| Snat {
                from: SnatSource::Subnet(plot.id.clone()),
                eips: eips[..1].to_vec(),
            });
            let inside = self.faces[vpc].first().filter(|_| dice.chance(40));
            let dnat = inside.map(|face| Dnat {
                service: super::filter::tcp(&[443]),
                eip: eips[0],
                to: face.ip.into(),
                port: 8443,
            });
            let id = Id::from(format!("nat-{vpc}"));
            let gateway = NatGateway {
                meta: Meta::default(),
                vpc: self.grounds[vpc].id.clone(),
                kind: NatKind::Traditional,
                eips,
                strict_snat: false,
                snat: snat.into_iter().collect(),
                dnat: dnat.into_iter().collect(),
            };
            self.network.nat_gateways.insert(id.clone(), gateway);
            let everywhere = IpNet::V4(Ipv4Net::default());
            self.route(vpc, everywhere, NextHop::NatGateway(id));
            self.facts.nats.push(vpc);
        }
    }

    /// One table a VPC; where there is a NAT gateway and some subnets, the last of them has a table without it.
    pub fn tables(&mut self) {
        for (vpc, routes) in std::mem::take(&mut self.routes).into_iter().enumerate() {
            let ground = &self.grounds[vpc];
            let is_nat = |route: &Route| matches!(route.via, NextHop::NatGateway(_));
            let edge: Vec<_> = routes.iter().filter(|it| !is_nat(it)).cloned().collect();
            if ground.plots.len() >= 3
                && edge.len() < routes.len()
                && let Some(last) = ground.plots.last()
                && let Some(subnet) = self.network.subnets.get_mut(&last.id)
            {
                let id = Id::from(format!("rtb-{vpc}-edge"));
                subnet.route_table = Some(id.clone());
                self.table(vpc, id, edge);
            }
            let id = Id::from(format!("rtb-{vpc}"));
            if let Some(entity) = self.network.vpcs.get_mut(&self.grounds[vpc].id) {
                entity.default_route_table = Some(id.clone());
            }
            self.table(vpc, id, routes);
        }
    }

    fn table(&mut self, vpc: usize, id: Id, routes: Vec<Route>) {
        let (meta, vpc) = (Meta::default(), self.grounds[vpc].id.clone());
        self.network.route_tables.insert(id, RouteTable { meta, vpc, routes });
    }
}

fn tunnel(id: String, site: Id, cidr: IpNet) -> DirectConnectTunnel {
    let (id, prefixes) = (Id::from(id), vec![cidr]);
    DirectConnectTunnel { id, site, prefixes, up: true, health_check: false }
}

fn connection(id: String, site: Id, policies: Vec<VpnPolicy>) -> VpnConnection {
    let id = Id::from(id);
    VpnConnection { id, site, policies, up: true, health_check: false }
}
