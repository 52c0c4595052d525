//! VPCs, subnets, route tables without their routes, network ACLs.

use ipnet::IpNet;

use super::dump::Object;
use super::{Import, collect, name_file, no_region};
use crate::diagnostic::Words;
use crate::import::document::Spot;
use crate::import::notation;
use crate::model::{AclRule, CcnPublication, Kind, NetworkAcl, RouteTable, Subnet, Vpc};
use crate::space::{AddressSet, IntervalSet};

impl<'d> Import<'d> {
    pub(super) fn vpcs(&mut self) {
        for object in self.dump.all("DescribeVpcs", "VpcSet") {
            let id = object.words("VpcId");
            let spot = Spot::Section(Kind::Vpc);
            let subnets = self.dump.all("DescribeSubnets", "SubnetSet");
            let mut subnets = subnets.iter().filter(|it| it.words("VpcId") == id);
            let zone = subnets.find_map(|it| it.text("Zone")).unwrap_or_default();
            let Some(region) = self.region(&object, zone) else {
                let why = no_region();
                let help = name_file("DescribeVpcs.ap-guangzhou.json");
                self.left_out(id, "region", spot, why, help);
                continue;
            };
            let cidr = notation::cidr(object.words("CidrBlock"));
            let Some(cidr) = self.read(id, "CidrBlock", spot, cidr) else {
                continue;
            };
            let vpc = Vpc {
                meta: Self::plain_meta(&object, "VpcName"),
                region,
                cidr,
                secondary_cidrs: self.secondary_cidrs(&object),
                ipv6_cidr: self.ipv6(&object),
                default_route_table: None,
                publish_to_ccn: if object.is("EnableRouteVpcPublish") {
                    CcnPublication::Cidrs
                } else {
                    CcnPublication::Subnets
                },
            };
            self.network().vpcs.insert(notation::id(id), vpc);
            self.imported(id);
        }
    }

    /// Those of the VPC itself and those of `DescribeAssistantCidr`.
    fn secondary_cidrs(&mut self, vpc: &Object<'d>) -> Vec<IpNet> {
        let id = vpc.words("VpcId");
        let own = vpc.list("AssistantCidrSet");
        let listed = self.dump.all("DescribeAssistantCidr", "AssistantCidrSet");
        let listed = listed.into_iter().filter(|it| it.words("VpcId") == id);
        let mut cidrs = Vec::new();
        for object in own.into_iter().chain(listed) {
            let spot = Spot::Entity(notation::id(id));
            let cidr = notation::cidr(object.words("CidrBlock"));
            if let Some(cidr) = self.read(id, "AssistantCidrSet", spot, cidr)
                && !cidrs.contains(&cidr)
            {
                cidrs.push(cidr);
            }
        }
        cidrs
    }

    fn ipv6(&mut self, object: &Object<'d>) -> Option<IpNet> {
        let text = object.text("Ipv6CidrBlock")?;
        let spot = Spot::Head;
        self.read(text, "Ipv6CidrBlock", spot, notation::cidr(text))
    }

    pub(super) fn route_tables(&mut self) {
        for object in self.dump.all("DescribeRouteTables", "RouteTableSet") {
            let id = object.words("RouteTableId");
            let spot = Spot::Section(Kind::RouteTable);
            let Some(vpc) = self.must(id, "VpcId", object.words("VpcId"), Kind::Vpc, spot) else {
                continue;
            };
            let id = notation::id(id);
            let table = RouteTable {
                meta: Self::plain_meta(&object, "RouteTableName"),
                vpc: vpc.clone(),
                routes: Vec::new(),
            };
            let network = self.network();
            network.route_tables.insert(id.clone(), table);
            if object.is("Main")
                && let Some(vpc) = network.vpcs.get_mut(&vpc)
            {
                vpc.default_route_table = Some(id.clone());
            }
            self.imported(id.as_str());
        }
    }

    pub(super) fn network_acls(&mut self) {
        for object in self.dump.all("DescribeNetworkAcls", "NetworkAclSet") {
            let id = object.words("NetworkAclId");
            let spot = Spot::Section(Kind::NetworkAcl);
            let Some(vpc) = self.must(id, "VpcId", object.words("VpcId"), Kind::Vpc, spot) else {
                continue;
            };
            let mut acl = NetworkAcl {
                meta: Self::plain_meta(&object, "NetworkAclName"),
                vpc,
                ingress: Vec::new(),
                egress: Vec::new(),
            };
            if object.words("NetworkAclType").eq_ignore_ascii_case("quintuple") {
                self.quintuple(id, &mut acl);
            } else {
                acl.ingress = self.triple(id, "ingress", object.list("IngressEntries"));
                acl.egress = self.triple(id, "egress", object.list("EgressEntries"));
            }
            self.network().network_acls.insert(notation::id(id), acl);
            self.imported(id);
        }
    }

    fn triple(
        &mut self,
        id: &str,
        list: &'static str,
        mut entries: Vec<Object<'d>>,
    ) -> Vec<AclRule> {
        entries.sort_by_key(|entry| entry.number("Priority"));
        let mut rules = Vec::new();
        for entry in entries {
            let spot = Spot::Item(notation::id(id), list, rules.len());
            let rule = acl_rule(&entry, "Port").and_then(|mut rule| {
                let peer = cidr(&entry, "CidrBlock", "Ipv6CidrBlock")?;
                for rule in &mut rule {
                    if list == "ingress" {
                        rule.source.clone_from(&peer);
                    } else {
                        rule.destination.clone_from(&peer);
                    }
                }
                Ok(rule)
            });
            rules.extend(self.read(id, list, spot, rule).into_iter().flatten());
        }
        rules
    }

    fn quintuple(&mut self, id: &str, acl: &mut NetworkAcl) {
        let entries = self.dump.all("DescribeNetworkAclQuintupleEntries", "NetworkAclQuintupleSet");
        let mut entries: Vec<_> =
            entries.into_iter().filter(|it| it.response.owner.as_deref() == Some(id)).collect();
        if entries.is_empty() {
            let why = Words::new("its entries are not in the files", "文件中没有其规则");
            let help = collect(&format!("DescribeNetworkAclQuintupleEntries.{id}.json"));
            self.left_out(id, "entries", Spot::Entity(notation::id(id)), why, help);
        }
        entries.sort_by_key(|entry| entry.number("Priority"));
        for entry in entries {
            let is_egress = entry.words("NetworkAclDirection").eq_ignore_ascii_case("egress");
            let (list, rules) =
                if is_egress { ("egress", &mut acl.egress) } else { ("ingress", &mut acl.ingress) };
            let spot = Spot::Item(notation::id(id), list, rules.len());
            let rule = quintuple(&entry);
            rules.extend(self.read(id, list, spot, rule).into_iter().flatten());
        }
    }

    pub(super) fn subnets(&mut self) {
        for object in self.dump.all("DescribeSubnets", "SubnetSet") {
            let id = object.words("SubnetId");
            let spot = Spot::Section(Kind::Subnet);
            let vpc = object.words("VpcId");
            let Some(vpc) = self.must(id, "VpcId", vpc, Kind::Vpc, spot.clone()) else {
                continue;
            };
            let cidr = notation::cidr(object.words("CidrBlock"));
            let Some(cidr) = self.read(id, "CidrBlock", spot, cidr) else {
                continue;
            };
            let here = Spot::Entity(notation::id(id));
            let table = object.text("RouteTableId").and_then(|table| {
                self.must(id, "RouteTableId", table, Kind::RouteTable, here.clone())
            });
            let acl = object
                .text("NetworkAclId")
                .and_then(|acl| self.must(id, "NetworkAclId", acl, Kind::NetworkAcl, here));
            let default = self.network().vpcs.get(&vpc);
            let default = default.and_then(|vpc| vpc.default_route_table.clone());
            let subnet = Subnet {
                meta: Self::plain_meta(&object, "SubnetName"),
                vpc,
                zone: object.text("Zone").map(str::to_owned),
                cidr,
                ipv6_cidr: self.ipv6(&object),
                route_table: table.filter(|table| Some(table) != default.as_ref()),
                network_acl: acl,
            };
            self.network().subnets.insert(notation::id(id), subnet);
            self.imported(id);
        }
    }
}

/// What an entry of either kind is made of.
const MEMBERS: [&str; 19] = [
    "Priority",
    "Protocol",
    "Port",
    "CidrBlock",
    "Ipv6CidrBlock",
    "Action",
    "Description",
    "ModifyTime",
    "CreateTime",
    "NetworkAclIpv4EntryId",
    "NetworkAclIpv6EntryId",
    "NetworkAclQuintupleEntryId",
    "NetworkAclDirection",
    "SourceCidr",
    "SourceIPv6Cidr",
    "SourcePort",
    "DestinationCidr",
    "DestinationIPv6Cidr",
    "DestinationPort",
];

/// The addresses that one of two members gives; none = all.
fn cidr(entry: &Object<'_>, name: &str, other: &str) -> Result<Option<AddressSet>, Words> {
    let texts = [entry.plain(name)?, entry.plain(other)?];
    let text = texts.into_iter().find(|text| !text.is_empty());
    Ok(text.map(notation::cidr).transpose()?.map(AddressSet::from))
}

/// A rule with an action and services; several ports are several rules (ACL-8).
fn acl_rule(entry: &Object<'_>, port: &str) -> Result<Vec<AclRule>, Words> {
    entry.only(&MEMBERS)?;
    let port = entry.plain(port)?;
    let action = notation::action(entry.words("Action"))?;
    let services = notation::acl_services(entry.plain("Protocol")?, port)?;
    let rules = services.into_iter().map(|service| AclRule {
        action,
        source: None,
        source_ports: None,
        destination: None,
        service,
    });
    Ok(rules.collect())
}

fn quintuple(entry: &Object<'_>) -> Result<Vec<AclRule>, Words> {
    let source = cidr(entry, "SourceCidr", "SourceIPv6Cidr")?;
    let destination = cidr(entry, "DestinationCidr", "DestinationIPv6Cidr")?;
    let ports: IntervalSet<u16> = notation::ports(entry.plain("SourcePort")?)?;
    let mut rules = acl_rule(entry, "DestinationPort")?;
    for rule in &mut rules {
        rule.source.clone_from(&source);
        rule.destination.clone_from(&destination);
        rule.source_ports = (!ports.is_full()).then(|| ports.clone());
    }
    Ok(rules)
}
