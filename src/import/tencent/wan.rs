//! VPN and Direct Connect gateways with the sites behind them, and Cloud Connect Networks.

use ipnet::IpNet;

use super::dump::Object;
use super::{Import, collect_owner, not_there, nothing_to_do};
use crate::diagnostic::{Words, words};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::draft::Say;
use crate::import::left::Bears;
use crate::import::notation;
use crate::import::note::Outcome;
use crate::model::{
    Attachment, Ccn, CcnMember, CcnRoute, CcnRouteTable, CcnSelection, DcNat, DirectConnectGateway,
    DirectConnectKind, DirectConnectTunnel, Kind, Meta, Section, Site, VpnConnection, VpnGateway,
    VpnPolicy, VpnRoute,
};

impl<'d> Import<'d> {
    pub(super) fn ccns(&mut self) {
        for object in self.dump.all("DescribeCcns", "CcnSet") {
            let id = object.words("CcnId");
            let ccn = Ccn {
                meta: Self::plain_meta(&object, "CcnName"),
                route_overlap: object.is("RouteOverlapFlag"),
                bandwidth: None,
                attachments: Vec::new(),
                routes: Vec::new(),
                route_tables: Section::default(),
                selection: Vec::new(),
            };
            self.network().ccns.insert(notation::id(id), ccn);
            self.imported(id);
        }
        for object in self.dump.all("DescribeCcnRouteTables", "CcnRouteTableSet") {
            if object.is("IsDefaultTable") {
                continue;
            }
            let id = object.words("CcnRouteTableId");
            let spot = Spot::Section(Kind::Ccn);
            let Some(ccn) = self.must(id, "CcnId", object.words("CcnId"), Kind::Ccn, spot) else {
                continue;
            };
            let table = CcnRouteTable {
                meta: Self::plain_meta(&object, "RouteTableName"),
                attachments: Vec::new(),
                accept: Vec::new(),
            };
            if let Some(ccn) = self.network().ccns.get_mut(&ccn) {
                ccn.route_tables.insert(notation::id(id), table);
            }
        }
    }

    /// The CCN that a gateway has joined.
    fn joined(&mut self, gateway: &str) -> Option<Id> {
        let members = self.dump.all("DescribeCcnAttachedInstances", "InstanceSet");
        let own = members.iter().find(|it| it.text("InstanceId") == Some(gateway))?;
        let ccn = own.words("CcnId");
        self.network().has(Kind::Ccn, ccn).then(|| Id::from(ccn))
    }

    fn attachment(&mut self, id: &str, names: [&str; 3], kind: Kind) -> Option<Attachment> {
        if let Some(ccn) = self.joined(id) {
            return Some(Attachment::Ccn(ccn));
        }
        let network = self.network();
        if let Some(ccn) = names.iter().find(|name| network.has(Kind::Ccn, name)) {
            return Some(Attachment::Ccn(Id::from(*ccn)));
        }
        if let Some(vpc) = names.iter().find(|name| network.has(Kind::Vpc, name)) {
            return Some(Attachment::Vpc(Id::from(*vpc)));
        }
        let why = Words::new(
            "neither the VPC nor the CCN that it is attached to is in the files",
            "文件中既没有它绑定的私有网络，也没有它绑定的云联网",
        );
        let help = Words::new("collect what it is attached to", "请采集它绑定的网络");
        self.left_out(id, "", Spot::Section(kind), why, help);
        None
    }

    fn widen(&mut self, site: &Id, name: Option<&str>, cidrs: &[IpNet]) {
        let sites = &mut self.network().sites;
        let site = sites.entry(site.clone()).or_insert_with(|| Site {
            meta: Meta { name: name.map(str::to_owned), ..Meta::default() },
            cidrs: Vec::new(),
        });
        for cidr in cidrs {
            if !site.cidrs.contains(cidr) {
                site.cidrs.push(*cidr);
            }
        }
    }

    pub(super) fn vpn_gateways(&mut self) {
        for object in self.dump.all("DescribeVpnGateways", "VpnGatewaySet") {
            let id = object.words("VpnGatewayId");
            let of_ccn = object.words("Type").to_ascii_uppercase().contains("CCN");
            let vpc = if of_ccn { "" } else { object.words("VpcId") };
            let names = [object.words("NetworkInstanceId"), vpc, ""];
            let Some(attached_to) = self.attachment(id, names, Kind::VpnGateway) else {
                continue;
            };
            let gateway = VpnGateway {
                meta: Self::plain_meta(&object, "VpnGatewayName"),
                attached_to,
                connections: Vec::new(),
                routes: Vec::new(),
            };
            self.network().vpn_gateways.insert(notation::id(id), gateway);
            self.imported(id);
        }
        for object in self.dump.all("DescribeVpnConnections", "VpnConnectionSet") {
            self.vpn_connection(&object);
        }
        for object in self.dump.all("DescribeVpnGatewayRoutes", "Routes") {
            self.vpn_route(&object);
        }
    }

    fn vpn_connection(&mut self, object: &Object<'d>) {
        let id = object.words("VpnConnectionId");
        let spot = Spot::Section(Kind::VpnGateway);
        let gateway = object.words("VpnGatewayId");
        let Some(gateway) = self.must(id, "VpnGatewayId", gateway, Kind::VpnGateway, spot) else {
            return;
        };
        let mut policies = Vec::new();
        for policy in object.list("SecurityPolicyDatabaseSet") {
            let spot = Spot::Entity(gateway.clone());
            policies.extend(self.read(id, "SecurityPolicyDatabaseSet", spot, vpn_policy(&policy)));
        }
        let route_type = object.words("RouteType");
        if !route_type.is_empty() && !route_type.eq_ignore_ascii_case("policy") {
            policies.clear();
        }
        let site = if let Some(site) = object.text("CustomerGatewayId") {
            notation::id(site)
        } else {
            let why = Words::new("its customer gateway is not told", "未说明其对端网关");
            self.open(id, Spot::Entity(gateway.clone()), why);
            Id::from(format!("{id}.site"))
        };
        let customers = self.dump.all("DescribeCustomerGateways", "CustomerGatewaySet");
        let name = customers
            .iter()
            .find(|it| it.words("CustomerGatewayId") == site.as_str())
            .and_then(|it| it.text("CustomerGatewayName"));
        let remote: Vec<IpNet> = policies.iter().flat_map(|it| it.remote.clone()).collect();
        self.widen(&site, name, &remote);
        let is_up = |name: &str| {
            object.text(name).is_none_or(|state| state.eq_ignore_ascii_case("available"))
        };
        let connection = VpnConnection {
            id: notation::id(id),
            site,
            policies,
            up: is_up("State") && is_up("NetStatus"),
            health_check: object.is("EnableHealthCheck"),
        };
        if let Some(gateway) = self.network().vpn_gateways.get_mut(&gateway) {
            gateway.connections.push(connection);
        }
        self.imported(id);
    }

    fn vpn_route(&mut self, object: &Object<'d>) {
        if !object.words("InstanceType").eq_ignore_ascii_case("vpnconn") {
            // towards the CCN: what the CCN tells the gateway anyway
            return;
        }
        let route = object.words("RouteId");
        let named = object.words("InstanceId");
        let spot = Spot::Section(Kind::VpnGateway);
        let kind = Kind::VpnConnection;
        let Some(connection) = self.must(route, "InstanceId", named, kind, spot.clone()) else {
            return;
        };
        let to = notation::cidr(object.words("DestinationCidrBlock"));
        let Some(to) = self.read(route, "DestinationCidrBlock", spot, to) else {
            return;
        };
        let priority = object.number("Priority");
        let route = VpnRoute {
            to,
            connection: connection.clone(),
            priority: priority.and_then(|it| u32::try_from(it).ok()).unwrap_or(0),
            enabled: object.text("Status").is_none_or(|it| it.eq_ignore_ascii_case("enable")),
        };
        let mut site = None;
        for gateway in self.network().vpn_gateways.values_mut() {
            let mut own = gateway.connections.iter();
            if let Some(own) = own.find(|it| it.id == connection) {
                site = Some(own.site.clone());
                gateway.routes.push(route.clone());
            }
        }
        if let Some(site) = site {
            self.widen(&site, None, &[to]);
        }
    }

    pub(super) fn direct_connect_gateways(&mut self) {
        let gateways = self.dump.all("DescribeDirectConnectGateways", "DirectConnectGatewaySet");
        for object in gateways {
            let id = object.words("DirectConnectGatewayId");
            let of_ccn = object.words("NetworkType").eq_ignore_ascii_case("ccn");
            // the VPC that a gateway of a CCN also lists is its own, not what it is attached to
            let vpc = if of_ccn { "" } else { object.words("VpcId") };
            let names = [object.words("NetworkInstanceId"), object.words("CcnId"), vpc];
            let kind = Kind::DirectConnectGateway;
            let Some(attached_to) = self.attachment(id, names, kind) else {
                continue;
            };
            let is_nat = object.words("GatewayType").eq_ignore_ascii_case("nat");
            if is_nat {
                let why = Words::new(
                    "its address mappings are not in the files: none stand here",
                    "文件中没有其地址映射：此处为空",
                );
                self.open(id, Spot::Entity(notation::id(id)), why);
            }
            let gateway = DirectConnectGateway {
                meta: Self::plain_meta(&object, "DirectConnectGatewayName"),
                attached_to,
                kind: if is_nat {
                    DirectConnectKind::Nat(DcNat::default())
                } else {
                    DirectConnectKind::Normal
                },
                tunnels: Vec::new(),
            };
            let network = self.network();
            network.direct_connect_gateways.insert(notation::id(id), gateway);
            self.imported(id);
        }
        for object in self.dump.all("DescribeDirectConnectTunnels", "DirectConnectTunnelSet") {
            self.tunnel(&object);
        }
        self.ccn_routes_of_gateways();
    }

    fn tunnel(&mut self, object: &Object<'d>) {
        let id = object.words("DirectConnectTunnelId");
        let spot = Spot::Section(Kind::DirectConnectGateway);
        let gateway = object.words("DirectConnectGatewayId");
        let kind = Kind::DirectConnectGateway;
        let Some(gateway) = self.must(id, "DirectConnectGatewayId", gateway, kind, spot) else {
            return;
        };
        let mut prefixes = Vec::new();
        for prefix in object.list("RouteFilterPrefixes") {
            let spot = Spot::Entity(gateway.clone());
            let cidr = notation::cidr(prefix.words("Cidr"));
            prefixes.extend(self.read(id, "RouteFilterPrefixes", spot, cidr));
        }
        let line = object.text("DirectConnectId");
        let site = line.map_or_else(|| Id::from(format!("{id}.site")), notation::id);
        self.widen(&site, None, &prefixes);
        let tunnel = DirectConnectTunnel {
            id: notation::id(id),
            site,
            prefixes,
            up: object.text("State").is_none_or(|state| state.eq_ignore_ascii_case("available")),
            health_check: object.is("NqaEnable") || object.is("BfdEnable"),
        };
        if let Some(gateway) = self.network().direct_connect_gateways.get_mut(&gateway) {
            gateway.tunnels.push(tunnel);
        }
        self.imported(id);
    }

    /// What a gateway tells its CCN: prefixes of its tunnels, or of a site of its own.
    fn ccn_routes_of_gateways(&mut self) {
        for object in self.dump.all("DescribeDirectConnectGatewayCcnRoutes", "RouteSet") {
            let route = object.words("RouteId");
            let owner = object.response.owner.as_deref().unwrap_or_default();
            let spot = Spot::Section(Kind::DirectConnectGateway);
            let kind = Kind::DirectConnectGateway;
            let Some(id) = self.must(route, "DirectConnectGatewayId", owner, kind, spot.clone())
            else {
                continue;
            };
            let cidr = notation::cidr(object.words("DestinationCidrBlock"));
            let Some(cidr) = self.read(route, "DestinationCidrBlock", spot, cidr) else {
                continue;
            };
            let mut sites = Vec::new();
            if let Some(gateway) = self.network().direct_connect_gateways.get_mut(&id) {
                if gateway.tunnels.is_empty() {
                    gateway.tunnels.push(DirectConnectTunnel {
                        id: Id::from(format!("{id}.tunnel")),
                        site: Id::from(format!("{id}.site")),
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
            }
        }
    }

    /// Members in the order in which they joined, and the routes with the states that the cloud tells.
    pub(super) fn ccn_members(&mut self) {
        let mut members = self.dump.all("DescribeCcnAttachedInstances", "InstanceSet");
        members.sort_by_key(|member| member.words("AttachedTime"));
        for object in members {
            let named = object.words("InstanceId");
            let cidrs = object.texts("CidrBlock").into_iter();
            self.concerns = cidrs.filter_map(|it| notation::cidr(it).ok()).collect();
            let member = self.member(&object, named);
            self.concerns.clear();
            let Some((ccn, member)) = member else {
                continue;
            };
            let state = object.words("State");
            if !state.is_empty() && !state.eq_ignore_ascii_case("active") {
                let why = words!(
                    "{named} has not joined: its state is {state}",
                    "{named} 未加入：状态为 {state}"
                );
                let help = nothing_to_do();
                let part = (named, "");
                self.leave_out(part, Spot::Entity(ccn), why, help, Bears::Nothing);
                continue;
            }
            let table = notation::id(object.words("RouteTableId"));
            if let Some(ccn) = self.network().ccns.get_mut(&ccn) {
                if let Some(table) = ccn.route_tables.get_mut(&table) {
                    table.attachments.push(member.clone());
                }
                if !ccn.attachments.contains(&member) {
                    ccn.attachments.push(member);
                }
            }
        }
        for object in self.dump.all("DescribeCcnRoutes", "RouteSet") {
            self.ccn_route(&object);
        }
        let policies =
            self.dump.all("DescribeRouteTableSelectionPolicies", "RouteSelectionPolicySet");
        for object in policies {
            let Some((ccn, attachment)) = self.member(&object, object.words("InstanceId")) else {
                continue;
            };
            let spot = Spot::Entity(ccn.clone());
            let name = ccn.as_str();
            let source = notation::cidr(object.words("SourceCidrBlock"));
            let source = self.read(name, "selection", spot.clone(), source);
            let table = object.words("RouteTableId");
            let table = self.must(name, "selection", table, Kind::CcnRouteTable, spot);
            if let (Some(source), Some(route_table)) = (source, table)
                && let Some(ccn) = self.network().ccns.get_mut(&ccn)
            {
                ccn.selection.push(CcnSelection { attachment, source, route_table });
            }
        }
    }

    pub(super) fn member(&mut self, object: &Object<'d>, named: &str) -> Option<(Id, CcnMember)> {
        let spot = Spot::Section(Kind::Ccn);
        let ccn = object.text("CcnId").or(object.response.owner.as_deref()).unwrap_or_default();
        if !self.network().has(Kind::Ccn, ccn) && self.network().has(Kind::Vpc, named) {
            // packets that leave the VPC may go there
            let bears = Bears::Routing(vec![notation::id(named)]);
            let why = not_there(Kind::Ccn, ccn);
            self.leave_out((named, "CcnId"), spot, why, collect_owner(), bears);
            return None;
        }
        let ccn = self.must(named, "CcnId", ccn, Kind::Ccn, spot)?;
        let spot = Spot::Entity(ccn.clone());
        let (kind, make): (Kind, fn(Id) -> CcnMember) =
            match object.words("InstanceType").to_ascii_uppercase().as_str() {
                "DIRECTCONNECT" => (Kind::DirectConnectGateway, CcnMember::DirectConnectGateway),
                "VPNGW" => (Kind::VpnGateway, CcnMember::VpnGateway),
                _ => (Kind::Vpc, CcnMember::Vpc),
            };
        let member = self.must(ccn.as_str(), "InstanceId", named, kind, spot)?;
        Some((ccn, make(member)))
    }

    fn ccn_route(&mut self, object: &Object<'d>) {
        let cidr = notation::cidr(object.words("DestinationCidrBlock"));
        self.concerns = cidr.into_iter().collect();
        let member = self.member(object, object.words("InstanceId"));
        self.concerns.clear();
        let Some((ccn, next)) = member else {
            return;
        };
        let table = notation::id(object.words("RouteTableId"));
        let spot = Spot::Entity(ccn.clone());
        let to = notation::cidr(object.words("DestinationCidrBlock"));
        let Some(to) = self.read(ccn.as_str(), "routes", spot.clone(), to) else {
            return;
        };
        let Some(entity) = self.network().ccns.get_mut(&ccn) else {
            return;
        };
        // what custom tables hold follows from what they accept
        if entity.route_tables.contains_key(&table) {
            return;
        }
        let route = CcnRoute { to, next, enabled: !object.is_not("Enabled") };
        if !entity.routes.contains(&route) {
            entity.routes.push(route);
        }
        let why = Words::new(
            "the states of its routes are those that the cloud told, not computed ones",
            "其路由状态取自云端，并非计算得出",
        );
        self.draft.say(Outcome::Assumed, spot, Say::of(ccn.as_str(), why));
    }
}

fn vpn_policy(policy: &Object<'_>) -> Result<VpnPolicy, Words> {
    let remote = policy.texts("RemoteCidrBlock").into_iter();
    Ok(VpnPolicy {
        local: notation::cidr(policy.words("LocalCidrBlock"))?,
        remote: remote.map(notation::cidr).collect::<Result<_, _>>()?,
    })
}
