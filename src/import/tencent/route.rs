//! The routes of route tables. Local routes are not listed by the API and are implied in the file (RT-3).

use ipnet::IpNet;

use super::dump::Object;
use super::{Import, by_hand, collect_instances, nothing_to_do};
use crate::diagnostic::{Words, words};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::draft::Say;
use crate::import::left::Bears;
use crate::import::notation;
use crate::model::{CcnMember, Destination, Kind, NextHop, Route};

impl<'d> Import<'d> {
    pub(super) fn routes(&mut self) {
        for table in self.dump.all("DescribeRouteTables", "RouteTableSet") {
            let id = notation::id(table.words("RouteTableId"));
            if !self.network().route_tables.contains_key(&id) {
                continue;
            }
            for entry in table.list("RouteSet") {
                self.route(&id, &entry);
            }
        }
    }

    fn route(&mut self, table: &Id, entry: &Object<'d>) {
        let count = self.network().route_tables.get(table);
        let count = count.map_or(0, |table| table.routes.len());
        let spot = Spot::Item(table.clone(), "routes", count);
        let name = format!("route {}", entry.words("RouteItemId"));
        let name = name.trim_end();
        if entry.words("RouteType").eq_ignore_ascii_case("netd") {
            let why = Words::new("it belongs to a network probe", "它属于网络探测");
            let part = (table.as_str(), name);
            self.leave_out(part, spot, why, nothing_to_do(), Bears::Nothing);
            return;
        }
        let to =
            entry.text("DestinationCidrBlock").or_else(|| entry.text("DestinationIpv6CidrBlock"));
        let to = notation::cidr(to.unwrap_or_default());
        let Some(to) = self.read(table.as_str(), name, spot.clone(), to) else {
            return;
        };
        if entry.words("GatewayType").eq_ignore_ascii_case("local") && self.is_implied(table, to) {
            return;
        }
        self.concerns = vec![to];
        let via = self.next_hop(table, entry, name, &spot);
        self.concerns.clear();
        let Some(via) = via else {
            return;
        };
        // the state is the cloud's word, also for what a CCN has propagated (RT-17)
        let enabled = !entry.is_not("Enabled");
        let mut route = Route { to, via, enabled, priority: 0, publish: false };
        // what a CCN has put there is not published to it
        let is_own = !matches!(route.via, NextHop::Ccn(_));
        if is_own && entry.is("PublishedToVbc") {
            route.publish = enabled && self.network().is_publishable(&route);
            if !route.publish {
                self.strange_publication(table, name, &spot, to);
            }
        }
        if let Some(table) = self.network().route_tables.get_mut(table) {
            table.routes.push(route);
        }
    }

    /// A route is published that the model publishes none of: what its CCNs know of its destination is open.
    fn strange_publication(&mut self, table: &Id, name: &str, spot: &Spot, to: IpNet) {
        let network = self.network();
        let vpc = network.route_tables.get(table).map(|it| it.vpc.clone());
        let member = vpc.map(CcnMember::Vpc);
        let ccns = member.iter().flat_map(|member| network.ccns_of(member));
        let ccns: Vec<Id> = ccns.cloned().collect();
        if ccns.is_empty() {
            return;
        }
        let why = words!(
            "the route to {to} is published, which the model takes only of routes to machines, HAVIPs and standard NAT \
             gateways (D20-37, D20-38)",
            "到 {to} 的路由已发布；模型只支持发布经机器、高可用虚拟 IP 与标准型 NAT 网关的路由（D20-37、D20-38）"
        );
        let say = Say::of(table.as_str(), why).at(name);
        let to = vec![Destination::Cidr(to)];
        self.draft.leave_open_to(spot.clone(), say, Bears::On(ccns), to);
    }

    /// Leaves a CCN open of whose gateways prefixes overlap, where nothing tells whether both stay on (D20-34).
    pub(super) fn untold_overlaps(&mut self) {
        for object in self.dump.all("DescribeCcns", "CcnSet") {
            let id = notation::id(object.words("CcnId"));
            if object.is("RouteOverlapFlag")
                || object.is_not("RouteOverlapFlag")
                || !self.network().gateways_overlap(&id)
            {
                continue;
            }
            let why = Words::new(
                "prefixes of its gateways overlap, and whether both stay on (`RouteOverlapFlag`) is not told (D20-34)",
                "其网关的网段重叠，而未说明二者是否同时生效（`RouteOverlapFlag`，D20-34）",
            );
            self.open(id.as_str(), Spot::Entity(id.clone()), why);
        }
    }

    /// Whether a Local route is one that every table of the VPC has anyway (RT-3).
    fn is_implied(&mut self, table: &Id, to: IpNet) -> bool {
        let network = self.network();
        let vpc = network.route_tables.get(table);
        let vpc = vpc.and_then(|table| network.vpcs.get(&table.vpc));
        vpc.is_some_and(|vpc| {
            vpc.cidr == to || vpc.secondary_cidrs.contains(&to) || vpc.ipv6_cidr == Some(to)
        })
    }

    fn next_hop(
        &mut self,
        table: &Id,
        entry: &Object<'d>,
        name: &str,
        spot: &Spot,
    ) -> Option<NextHop> {
        let word = entry.words("GatewayType").to_ascii_uppercase();
        let gateway = entry.words("GatewayId");
        let (kind, make): (Kind, fn(Id) -> NextHop) = match word.as_str() {
            "EIP" => return Some(NextHop::Eip),
            "NORMAL_CVM" => return self.forwarder(table, gateway, name, spot),
            "CVM" => (Kind::Instance, NextHop::PublicGateway),
            "VPN" => (Kind::VpnGateway, NextHop::VpnGateway),
            "DIRECTCONNECT" => (Kind::DirectConnectGateway, NextHop::DirectConnectGateway),
            "PEERCONNECTION" => (Kind::Peering, NextHop::PeeringConnection),
            "HAVIP" => (Kind::HaVip, NextHop::HaVip),
            "NAT" => (Kind::NatGateway, NextHop::NatGateway),
            "CCN" | "USER_CCN" => (Kind::Ccn, NextHop::Ccn),
            other => {
                let why = words!(
                    "a next hop of type `{other}` is not modelled",
                    "模型不支持类型为 `{other}` 的下一跳"
                );
                let help = by_hand();
                self.left_out(table.as_str(), name, spot.clone(), why, help);
                return None;
            }
        };
        let id = self.must(table.as_str(), name, gateway, kind, spot.clone())?;
        if word == "CVM"
            && let Some(instance) = self.network().instances.get_mut(&id)
        {
            instance.public_gateway = true;
        }
        Some(make(id))
    }

    /// `NORMAL_CVM` names the private address of a machine (RT-7).
    fn forwarder(&mut self, table: &Id, address: &str, name: &str, spot: &Spot) -> Option<NextHop> {
        let network = self.network();
        let vpc = network.route_tables.get(table).map(|table| &table.vpc);
        let parsed = address.parse().ok();
        let mut inside = network.instances.iter().filter(|(_, instance)| {
            let subnet = network.subnets.get(&instance.subnet);
            Some(instance.ip) == parsed && subnet.map(|subnet| &subnet.vpc) == vpc
        });
        if let Some((id, _)) = inside.next() {
            return Some(NextHop::Instance(id.clone()));
        }
        let why = words!(
            "no instance of the VPC has the address `{address}`",
            "私有网络中没有地址为 `{address}` 的云服务器"
        );
        let help = collect_instances();
        self.left_out(table.as_str(), name, spot.clone(), why, help);
        None
    }
}
