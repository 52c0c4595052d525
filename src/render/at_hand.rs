//! What an advice would propose and is there already: then the advice is what is still missing. Nobody wants to read "join the
//! two networks" of two that are joined.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::code::Code;
use crate::diagnostic::{Words, words};
use crate::id::Id;
use crate::model::{CcnMember, CcnTable, Network, NextHop, Route, RouteTable, VpcEndpointState};
use crate::query::Reason;
use crate::render::rule::service_of;
use crate::space::Protocol;

/// What is still missing for a blocker, where part of what would lift it is there; `None` = the general advice holds.
pub(super) fn still_missing(network: &Network, reason: &Reason) -> Option<Words> {
    let scene = Lost { network, reason };
    match reason.cause.code {
        Code::NoRoute | Code::PrivateDestinationToInternet => {
            scene.switched_off().or_else(|| scene.joined())
        }
        Code::NoPublicAddress => scene.switched_off().or_else(|| scene.translator()),
        Code::AttachmentDown => scene.attachment(),
        Code::CcnNoRoute => scene.member(),
        Code::CcnRouteDisabled => scene.rival(),
        Code::GatewayNoTransit => scene.other_way(),
        Code::PeeringSecondaryCidr => scene.ccn_instead(),
        Code::EndpointConnectionNoTransit => scene.own_door(),
        Code::NatNoDnatEntry => scene.no_port(),
        Code::NatNoAddress => scene.rule_without_address(),
        Code::VpcEndpointPending => scene.waiting(),
        Code::VpcEndpointOneWay => scene.joined_beside(),
        _ => None,
    }
}

/// A packet that is lost, and where.
struct Lost<'n> {
    network: &'n Network,
    reason: &'n Reason,
}

/// A route table that decides for a subnet; the implied one has no id.
struct Table<'n> {
    vpc: &'n Id,
    written: Option<(&'n Id, &'n RouteTable)>,
}

impl Table<'_> {
    fn name(&self) -> &Id {
        self.written.map_or(self.vpc, |(id, _)| id)
    }
}

impl<'n> Lost<'n> {
    fn destination(&self) -> IpAddr {
        self.reason.witness.destination
    }

    /// The table that has no way for the packet, if its sender is in the VPC of that table.
    fn table(&self) -> Option<Table<'n>> {
        let network = self.network;
        let at = self.reason.cause.at.as_ref()?;
        let vpc = network.vpc_of(at.as_str())?;
        let (vpc, entity) = network.vpcs.get_key_value(vpc)?;
        let source = self.reason.witness.source;
        if !entity.covers(source) {
            return None;
        }
        let mut subnets = network.subnets.values();
        let subnet = subnets.find(|it| {
            let cidrs = [Some(it.cidr), it.ipv6_cidr];
            let mut cidrs = cidrs.into_iter().flatten();
            it.vpc == *vpc && cidrs.any(|cidr| cidr.contains(&source))
        });
        let of_subnet = subnet.and_then(|subnet| subnet.route_table.as_ref());
        let named = network.route_tables.get_key_value(at);
        let default = || {
            let id = of_subnet.or(entity.default_route_table.as_ref())?;
            network.route_tables.get_key_value(id)
        };
        Some(Table { vpc, written: named.or_else(default) })
    }

    /// A route that leads there and is off.
    fn switched_off(&self) -> Option<Words> {
        let table = self.table()?;
        let (id, written) = table.written?;
        let destination = self.destination();
        let public = self.network.is_public(destination);
        let leads = |route: &&Route| {
            let to_internet = matches!(
                route.via,
                NextHop::NatGateway(_) | NextHop::PublicGateway(_) | NextHop::Eip
            );
            !route.enabled && route.to.contains(&destination) && (public || !to_internet)
        };
        let routes = written.routes.iter().filter(leads);
        let route = routes.max_by_key(|route| route.to.prefix_len())?;
        let to = route.to;
        Some(words!(
            "enable the route to {to} in {id}, which is off",
            "启用 {id} 中目的端为 {to} 的路由，它已被禁用"
        ))
    }

    /// A peering, gateway or CCN that joins the two networks; a line that leads to a site where nobody has the address.
    fn joined(&self) -> Option<Words> {
        let at = self.reason.cause.at.as_ref();
        if let Some((site, _)) = at.and_then(|at| self.network.sites.get_key_value(at)) {
            let destination = self.destination();
            return Some(words!(
                "ask for an address of {site}, or add the range of {destination} to its `cidrs`",
                "请改用 {site} 的地址，或将 {destination} 所在网段加入其 `cidrs`"
            ));
        }
        let table = self.table()?;
        let name = table.name();
        let destination = self.destination();
        let route = |to: IpNet, through: &Id| {
            words!(
                "{through} joins the two networks: route {to} to it in {name}",
                "{through} 已连通两个网络：在 {name} 中添加经它到 {to} 的路由"
            )
        };
        if let Some((through, cidr)) = self.peering(table.vpc, destination) {
            return Some(route(cidr, through));
        }
        if let Some((through, cidr)) = self.gateway(table.vpc, destination) {
            return Some(route(cidr, through));
        }
        let ccn = self.shared_ccn(table.vpc, destination)?;
        Some(words!(
            "{ccn} joins the two networks: let it bring a route for {destination} to {name}",
            "{ccn} 已连通两个网络：使其向 {name} 传播到 {destination} 的路由"
        ))
    }

    /// The peering to a VPC that has the address in its primary CIDR, the only one that is carried.
    fn peering(&self, vpc: &Id, address: IpAddr) -> Option<(&'n Id, IpNet)> {
        let peerings = self.network.peerings.iter();
        let mut beyond = peerings.filter_map(|(id, peering)| {
            let other = self.network.vpcs.get(peering.other(vpc)?)?;
            other.cidr.contains(&address).then_some((id, other.cidr))
        });
        beyond.next()
    }

    /// The VPN or Direct Connect gateway of a VPC with a line that leads to the address.
    fn gateway(&self, vpc: &Id, address: IpAddr) -> Option<(&'n Id, IpNet)> {
        let vpn = self.network.vpn_gateways.iter();
        let vpn = vpn.filter(|(_, it)| it.attached_to.vpc() == Some(vpc));
        let vpn = vpn.flat_map(|(id, gateway)| {
            let connections = gateway.connections.iter();
            let policies = connections.flat_map(|it| &it.policies);
            let remotes = policies.flat_map(|it| &it.remote);
            let routes = gateway.routes.iter().map(|route| &route.to);
            remotes.chain(routes).map(move |cidr| (id, *cidr))
        });
        let dc = self.network.direct_connect_gateways.iter();
        let dc = dc.filter(|(_, it)| it.attached_to.vpc() == Some(vpc));
        let dc = dc.flat_map(|(id, gateway)| {
            let prefixes = gateway.tunnels.iter().flat_map(|it| &it.prefixes);
            prefixes.map(move |cidr| (id, *cidr))
        });
        let mut all = vpn.chain(dc);
        all.find(|(_, cidr)| cidr.contains(&address))
    }

    /// A CCN of the VPC that another member with the address has joined.
    fn shared_ccn(&self, vpc: &Id, address: IpAddr) -> Option<&'n Id> {
        let own = CcnMember::Vpc(vpc.clone());
        let mut ccns = self.network.ccns.keys();
        ccns.find(|ccn| {
            let members = self.network.ccn_members(ccn.as_str());
            let mut others = members.iter().filter(|member| **member != own);
            members.contains(&own) && others.any(|member| self.has(member, address))
        })
    }

    /// Whether an address is one of a member of a CCN, or of what stands behind it.
    fn has(&self, member: &CcnMember, address: IpAddr) -> bool {
        match member {
            CcnMember::Vpc(id) => {
                let vpc = self.network.vpcs.get(id);
                vpc.is_some_and(|vpc| vpc.covers(address))
            }
            CcnMember::VpnGateway(_) | CcnMember::DirectConnectGateway(_) => {
                let mut prefixes = self.network.published(member).into_iter();
                prefixes.any(|cidr| cidr.contains(&address))
            }
        }
    }

    /// What takes packets of this VPC to the Internet, if only a route to it is missing.
    fn translator(&self) -> Option<Words> {
        let table = self.table()?;
        let packet = &self.reason.witness;
        if !self.network.is_public(packet.destination) || !packet.source.is_ipv4() {
            return None;
        }
        let translates = [Protocol::TCP, Protocol::UDP, Protocol::ICMP].contains(&packet.protocol);
        let mut gateways = self.network.nat_gateways.iter();
        let nat = gateways
            .find(|(_, it)| translates && it.vpc == *table.vpc && !it.eips.is_empty())
            .map(|(id, _)| id);
        let gate = || {
            let mut instances = self.network.instances.iter();
            instances.find(|(_, it)| {
                let subnet = self.network.subnets.get(&it.subnet);
                let elsewhere = subnet.is_some_and(|subnet| {
                    subnet.vpc == *table.vpc && !subnet.cidr.contains(&packet.source)
                });
                it.public_gateway && it.eip.is_some() && elsewhere
            })
        };
        let through = nat.or_else(|| gate().map(|(id, _)| id))?;
        let name = table.name();
        Some(words!(
            "route it to {through} in {name}, or give it a public address of its own",
            "在 {name} 中添加经 {through} 的路由，或为其配置公网地址"
        ))
    }

    /// Which member of a CCN it is whose attachment is down; the others need nothing.
    fn attachment(&self) -> Option<Words> {
        let (ccn, _) = self.network.ccns.get_key_value(self.reason.cause.at.as_ref()?)?;
        let packet = &self.reason.witness;
        let members = self.network.ccn_members(ccn.as_str()).into_iter();
        let down: Vec<_> =
            members.filter(|member| self.network.down.contains(member.id())).collect();
        let ends = |member: &&CcnMember| {
            self.has(member, packet.destination) || self.has(member, packet.source)
        };
        let member = down.iter().find(ends).or_else(|| down.first())?.id();
        Some(words!(
            "the attachment of {member} is down: bring it up",
            "{member} 的关联已中断：请恢复"
        ))
    }

    /// The network that has the address is a member, and no route of it is in the table.
    fn member(&self) -> Option<Words> {
        let ccn = self.reason.cause.at.as_ref()?;
        let destination = self.destination();
        let members = self.network.ccn_members(ccn.as_str());
        let mut there = members.iter().filter(|it| self.has(it, destination));
        let member = there.find(|member| match member {
            CcnMember::Vpc(id) => {
                let vpc = self.network.vpcs.get(id);
                !vpc.is_some_and(|vpc| vpc.covers(self.reason.witness.source))
            }
            CcnMember::VpnGateway(_) | CcnMember::DirectConnectGateway(_) => true,
        })?;
        let member = member.id();
        Some(words!(
            "{member} is a member: let the CCN route table accept its route, and a line of it be up",
            "{member} 已是成员：使云联网路由表接收其路由，并保证其线路可用"
        ))
    }

    /// Of two equal routes of a CCN one may be on, so enabling this one is refused while the other is.
    fn rival(&self) -> Option<Words> {
        let (ccn, entity) = self.network.ccns.get_key_value(self.reason.cause.at.as_ref()?)?;
        let destination = self.destination();
        let tables = entity.route_tables.keys().map(CcnTable::Custom);
        let tables = tables.chain([CcnTable::Default]);
        let mut pairs = tables.filter_map(|table| {
            let entries = self.network.ccn_entries(ccn, table);
            let off = entries.iter().filter(|entry| !entry.route.enabled);
            let off = off.filter(|entry| entry.route.to.contains(&destination));
            let off = off.max_by_key(|entry| entry.route.to.prefix_len())?;
            let mut others = entries.iter().filter(|entry| entry.route.enabled);
            let on = others.find(|entry| entry.route.to == off.route.to)?;
            Some((off.route.to, on.route.next.id().clone()))
        });
        let (to, next) = pairs.next()?;
        Some(words!(
            "switch off the equal route {to} to {next} in {ccn} first: only one of the two can be on",
            "先在 {ccn} 中禁用指向 {next} 的相同路由 {to}：两条相同路由只能启用一条"
        ))
    }

    /// A way between the two networks that does not pass this gateway.
    fn other_way(&self) -> Option<Words> {
        let at = self.reason.cause.at.as_ref()?;
        let packet = &self.reason.witness;
        let owners = self.network.vpcs.iter();
        let owners = owners.filter(|(_, vpc)| vpc.covers(packet.source));
        let mut ways = owners.flat_map(|(from, _)| {
            let peering = self.peering(from, packet.destination).map(|(id, _)| id);
            let gateway = self.gateway(from, packet.destination).map(|(id, _)| id);
            let ccn = self.shared_ccn(from, packet.destination);
            [peering, gateway, ccn].into_iter().flatten()
        });
        let Some(through) = ways.clone().find(|through| *through != at) else {
            // it came to its own CCN by a detour
            return ways.next().map(|through| {
                words!(
                    "{through} joins the two networks: let the sender's route lead straight there",
                    "{through} 已连通两个网络：请让发送方的路由直接指向它"
                )
            });
        };
        Some(words!(
            "{through} joins the two networks: let the routes lead there instead of {at}",
            "{through} 已直接连通两个网络：请让路由指向它，而不是 {at}"
        ))
    }

    /// A CCN that both ends of the peering have joined.
    fn ccn_instead(&self) -> Option<Words> {
        let at = self.reason.cause.at.as_ref()?;
        let (left, right) = &self.network.peerings.get(at)?.between;
        let right = CcnMember::Vpc(right.clone());
        let left = CcnMember::Vpc(left.clone());
        let mut ccns = self.network.ccns_of(&left);
        let ccn = ccns.find(|ccn| self.network.ccn_members(ccn.as_str()).contains(&right))?;
        Some(words!(
            "{ccn} carries it: let the routes lead there instead of {at}",
            "{ccn} 可以承载：请让路由指向它，而不是 {at}"
        ))
    }

    /// An SNAT rule that names none of the gateway's EIPs.
    fn rule_without_address(&self) -> Option<Words> {
        let id = self.reason.cause.at.as_ref()?;
        let eip = self.network.nat_gateways.get(id)?.eips.first()?;
        let source = self.reason.witness.source;
        Some(words!(
            "name an EIP of {id}, such as {eip}, in its SNAT rule for {source}",
            "请在 {id} 针对 {source} 的 SNAT 规则中填写其弹性公网 IP，例如 {eip}"
        ))
    }

    /// Whoever may ask has asked: what is left is that the provider accepts it (PL-5).
    fn waiting(&self) -> Option<Words> {
        let network = self.network;
        let id = self.reason.cause.at.as_ref()?;
        let endpoint = network.vpc_endpoints.get(id)?;
        let service = network.endpoint_services.get(&endpoint.service)?;
        let consumer = network.account_of(id.as_str());
        let is_own = consumer == network.account_of(endpoint.service.as_str());
        let mut allowed = service.allowed_accounts.iter();
        let is_listed = allowed.any(|account| account.as_str() == consumer);
        let service = &endpoint.service;
        if is_own || is_listed {
            return Some(words!(
                "let the provider accept {id} at {service}",
                "请由提供方在 {service} 上接受 {id}"
            ));
        }
        let accepted = endpoint.state == VpcEndpointState::Available;
        accepted.then(|| {
            words!(
                "put the account {consumer} on the list of {service}",
                "请将账号 {consumer} 加入 {service} 的白名单"
            )
        })
    }

    /// The two VPCs are joined, and only the endpoint's own address opens nothing that way (PL-3).
    fn joined_beside(&self) -> Option<Words> {
        let packet = &self.reason.witness;
        let owners = self.network.vpcs.iter();
        let owners = owners.filter(|(_, vpc)| vpc.covers(packet.source));
        let mut ways = owners.flat_map(|(from, _)| {
            let peering = self.peering(from, packet.destination).map(|(id, _)| id);
            [peering, self.shared_ccn(from, packet.destination)]
        });
        let through = ways.find_map(|way| way)?;
        Some(words!(
            "open it from the consumer's side, or over {through}, which joins the VPCs, to a machine",
            "请改由使用方一侧发起；或经已连通两个私有网络的 {through} 直接访问实例"
        ))
    }

    /// A DNAT entry names TCP or UDP (NAT-3); nothing else gets in by one.
    fn no_port(&self) -> Option<Words> {
        let packet = &self.reason.witness;
        let by_port = [Protocol::TCP, Protocol::UDP].contains(&packet.protocol);
        let protocol = service_of(packet);
        (!by_port).then(|| {
            words!(
                "no DNAT entry can name {protocol}: bind an EIP to the machine itself",
                "端口转发规则不支持 {protocol}：请为该机器自身绑定弹性公网 IP"
            )
        })
    }

    /// An endpoint connection of the client's own VPC to the same service; a classic CVM needs none.
    fn own_door(&self) -> Option<Words> {
        let network = self.network;
        let at = network.endpoint_connections.get(self.reason.cause.at.as_ref()?)?;
        let (source, target) = (self.reason.witness.source, &at.target);
        let mut doors = network.endpoint_connections.iter();
        let own = doors.find(|(_, it)| {
            let vpc = network.vpcs.get(&it.vpc);
            it.target == *target && it.vpc != at.vpc && vpc.is_some_and(|vpc| vpc.covers(source))
        });
        if let Some((own, _)) = own {
            return Some(words!(
                "ask for {own}, which leads to {target} from the client's own VPC",
                "请改用 {own}，它从客户端所在的私有网络通往 {target}"
            ));
        }
        let mut classic = network.classic_instances.values();
        let is_classic = classic.any(|it| it.ip == source);
        is_classic.then(|| {
            words!(
                "a classic CVM reaches {target} at its own classic address",
                "基础网络云服务器可直接访问 {target} 的基础网络地址"
            )
        })
    }
}
