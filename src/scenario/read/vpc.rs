//! Accounts, VPCs, subnets, route tables and sites.

use super::Read;
use crate::model::{
    Account, CcnPublication, Kind, NextHop, Platform, Route, RouteTable, Site, Subnet,
    SupportedPlatforms, Vpc,
};
use crate::scenario::fields::Fields;
use crate::scenario::reader::Reader;
use crate::scenario::reference::only;
use crate::scenario::region::region;
use crate::scenario::value::Value;
use crate::scenario::variant::word;
use crate::scenario::word::{boolean, cidr, cidr_v6, number, reference, words};

/// An entry of `accounts`.
impl Read for Account {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        const PLATFORMS: &[(&str, SupportedPlatforms)] =
            &[("Classic", SupportedPlatforms::Classic), ("OnlyVpc", SupportedPlatforms::OnlyVpc)];
        let mut fields = Fields::of(value, "account", at)?;
        let meta = fields.meta();
        let platforms = fields.optional("supported_platforms", word(PLATFORMS));
        fields.finish();
        Some(Account { meta, supported_platforms: platforms.unwrap_or_default() })
    }
}

/// An entry of `vpcs`.
impl Read for Vpc {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        const PUBLICATIONS: &[(&str, CcnPublication)] =
            &[("Subnets", CcnPublication::Subnets), ("Cidrs", CcnPublication::Cidrs)];
        let mut fields = Fields::of(value, "vpc", at)?;
        let meta = fields.meta();
        let region = fields.required("region", region);
        let primary = fields.required("cidr", cidr);
        let secondary_cidrs = fields.list("secondary_cidrs", cidr);
        let ipv6_cidr = fields.optional("ipv6_cidr", cidr_v6);
        let default_route_table =
            fields.optional("default_route_table", reference(only(&[Kind::RouteTable])));
        let publish_to_ccn =
            fields.optional("publish_to_ccn", word(PUBLICATIONS)).unwrap_or_default();
        fields.finish();
        Some(Vpc {
            meta,
            region: region?,
            cidr: primary?,
            secondary_cidrs,
            ipv6_cidr,
            default_route_table,
            publish_to_ccn,
        })
    }
}

/// An entry of `subnets`.
impl Read for Subnet {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        let mut fields = Fields::of(value, "subnet", at)?;
        let meta = fields.meta();
        let vpc = fields.required("vpc", reference(only(&[Kind::Vpc])));
        let v4 = fields.required("cidr", cidr);
        let zone = fields.optional("zone", words);
        let ipv6_cidr = fields.optional("ipv6_cidr", cidr_v6);
        let route_table = fields.optional("route_table", reference(only(&[Kind::RouteTable])));
        let network_acl = fields.optional("network_acl", reference(only(&[Kind::NetworkAcl])));
        fields.finish();
        Some(Subnet { meta, vpc: vpc?, zone, cidr: v4?, ipv6_cidr, route_table, network_acl })
    }
}

/// An entry of `route_tables`.
impl Read for RouteTable {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        let mut fields = Fields::of(value, "route table", at)?;
        let meta = fields.meta();
        let vpc = fields.required("vpc", reference(only(&[Kind::Vpc])));
        let routes = fields.list("routes", route);
        fields.finish();
        Some(RouteTable { meta, vpc: vpc?, routes })
    }
}

/// A route: `(to: CIDR, via: NextHop, enabled: bool = true, priority: u8 = 0, publish: bool = false)`.
pub fn route<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Route> {
    let mut fields = Fields::of(value, "route", at)?;
    let to = fields.required("to", cidr);
    let via = fields.required("via", next_hop);
    let enabled = fields.optional("enabled", boolean).unwrap_or(true);
    let priority = fields.optional("priority", number(0, u8::MAX)).unwrap_or(0);
    let publish = fields.optional("publish", boolean).unwrap_or(false);
    fields.finish();
    Some(Route { to: to?, via: via?, enabled, priority, publish })
}

/// A next hop: `NatGateway("nat-1")`, `Eip`.
pub fn next_hop<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<NextHop> {
    const NAMES: [&str; 9] = [
        "NatGateway",
        "VpnGateway",
        "DirectConnectGateway",
        "PeeringConnection",
        "Ccn",
        "HaVip",
        "Instance",
        "PublicGateway",
        "Eip",
    ];
    let (name, payload) = at.variant(value, &NAMES)?;
    let mut id = |kinds| at.named(name, payload, only(kinds));
    match name {
        "NatGateway" => id(&[Kind::NatGateway]).map(NextHop::NatGateway),
        "VpnGateway" => id(&[Kind::VpnGateway]).map(NextHop::VpnGateway),
        "DirectConnectGateway" => {
            id(&[Kind::DirectConnectGateway]).map(NextHop::DirectConnectGateway)
        }
        "PeeringConnection" => id(&[Kind::Peering]).map(NextHop::PeeringConnection),
        "Ccn" => id(&[Kind::Ccn]).map(NextHop::Ccn),
        "HaVip" => id(&[Kind::HaVip]).map(NextHop::HaVip),
        "Instance" => id(&[Kind::Instance]).map(NextHop::Instance),
        "PublicGateway" => id(&[Kind::Instance]).map(NextHop::PublicGateway),
        _ => at.bare(name, payload).map(|()| NextHop::Eip),
    }
}

/// An entry of `sites`.
impl Read for Site {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        let mut fields = Fields::of(value, "site", at)?;
        let meta = fields.endpoint_meta();
        let cidrs = fields.required_list("cidrs", cidr);
        fields.finish();
        Some(Site { meta, cidrs: cidrs? })
    }
}

/// The section `platform`.
pub fn platform<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Platform> {
    let usual = Platform::default();
    let mut fields = Fields::of(value, "platform", at)?;
    let smtp = fields.optional("outbound_smtp_blocked", boolean);
    let strict = fields.optional("strict_classic_link_range", boolean);
    let transit = fields.optional("endpoint_connection_transit", boolean);
    fields.finish();
    Some(Platform {
        outbound_smtp_blocked: smtp.unwrap_or(usual.outbound_smtp_blocked),
        strict_classic_link_range: strict.unwrap_or(usual.strict_classic_link_range),
        endpoint_connection_transit: transit.unwrap_or(usual.endpoint_connection_transit),
    })
}
