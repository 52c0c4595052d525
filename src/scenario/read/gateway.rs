//! Peerings and NAT, VPN and Direct Connect gateways.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Read;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::{
    Attachment, DcDnat, DcNat, DcSnat, DirectConnectGateway, DirectConnectKind,
    DirectConnectTunnel, Dnat, Kind, NatGateway, NatKind, Peering, PeeringState, Service, Snat,
    SnatSource, VpnConnection, VpnGateway, VpnPolicy, VpnRoute,
};
use crate::scenario::fields::Fields;
use crate::scenario::reader::Reader;
use crate::scenario::reference::{Wanted, also_members, only};
use crate::scenario::value::{Shape, Value};
use crate::scenario::variant::word;
use crate::scenario::word::{
    address, boolean, cidr, masked, number, port, reference, service, text,
};

/// What an SNAT rule may name beside a CIDR (NAT-2).
const SOURCES: Wanted = only(&[Kind::Subnet, Kind::Instance, Kind::NetworkInterface]);
/// What a DNAT entry may lead to beside an address (NAT-3).
const INSIDE: Wanted = also_members(&[Kind::Instance, Kind::NetworkInterface]);

/// An entry of `peerings`.
impl Read for Peering {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        const STATES: &[(&str, PeeringState)] =
            &[("Active", PeeringState::Active), ("Pending", PeeringState::Pending)];
        let mut fields = Fields::of(value, "peering", at)?;
        let meta = fields.meta();
        let between =
            fields.required("between", |value, at| pair(value, at, reference(only(&[Kind::Vpc]))));
        let state = fields.optional("state", word(STATES)).unwrap_or_default();
        fields.finish();
        Some(Peering { meta, between: between?, state })
    }
}

/// `(a, b)`.
fn pair<'src, T>(
    value: Value<'src>,
    at: &mut Reader<'src>,
    read: impl Fn(Value<'src>, &mut Reader<'src>) -> Option<T>,
) -> Option<(T, T)> {
    match value.tuple().as_deref() {
        Ok(&[first, second]) => {
            let (first, second) = (read(first, at), read(second, at));
            first.zip(second)
        }
        _ => at.shape(value, &Words::new("a pair `(…, …)`", "一对值 `(…, …)`")),
    }
}

/// An entry of `nat_gateways`.
impl Read for NatGateway {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        let mut fields = Fields::of(value, "nat gateway", at)?;
        let meta = fields.meta();
        let vpc = fields.required("vpc", reference(only(&[Kind::Vpc])));
        let kind = fields.optional("kind", nat_kind).unwrap_or_default();
        let eips = fields.list("eips", address);
        let strict_snat = fields.optional("strict_snat", boolean).unwrap_or(false);
        let snat = fields.list("snat", snat);
        let dnat = fields.list("dnat", dnat);
        fields.finish();
        Some(NatGateway { meta, vpc: vpc?, kind, eips, strict_snat, snat, dnat })
    }
}

fn nat_kind<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<NatKind> {
    let (name, payload) = at.variant(value, &["Traditional", "Standard"])?;
    at.bare(name, payload)?;
    Some(match name {
        "Standard" => NatKind::Standard,
        _ => NatKind::Traditional,
    })
}

fn snat<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Snat> {
    let mut fields = Fields::of(value, "snat rule", at)?;
    let from = fields.required("from", snat_source);
    let eips = fields.required_list("eips", address);
    fields.finish();
    Some(Snat { from: from?, eips: eips? })
}

fn snat_source<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<SnatSource> {
    let text = at.string(value)?;
    if let Ok(cidr) = text.parse::<IpAddr>().map(IpNet::from).or_else(|_| text.parse()) {
        return Some(SnatSource::Cidr(masked(cidr, value, at)));
    }
    let id = Id::from(text.as_ref());
    at.refer(&id, value.text(), SOURCES);
    Some(match at.known.kind(&text) {
        Some(Kind::Subnet) => SnatSource::Subnet(id),
        _ => SnatSource::Instance(id),
    })
}

fn dnat<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Dnat> {
    let mut fields = Fields::of(value, "dnat entry", at)?;
    let service = fields.required("service", one_port);
    let eip = fields.required("eip", address);
    let to = fields.required("to", inside);
    let port = fields.required("port", port);
    fields.finish();
    Some(Dnat { service: service?, eip: eip?, to: to?, port: port? })
}

/// A service that is one port of TCP or UDP.
fn one_port<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Service> {
    let service = service(value, at)?;
    if service.ports.len() != 1 {
        return at.invalid(
            value.text(),
            Words::new(
                "one port of tcp or udp is needed here, as in `tcp:443`",
                "此处需要一个 tcp 或 udp 端口，如 `tcp:443`",
            ),
        );
    }
    Some(service)
}

/// An address, or the id of an instance for its address.
fn inside<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<IpAddr> {
    let text = at.string(value)?;
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    at.refer(&Id::from(text.as_ref()), value.text(), INSIDE);
    match at.known.address(&text) {
        Some(address) => Some(address),
        // what is wrong with the id, or with the entry that has it, is reported there
        None if at.errors() > 0 || INSIDE.check(&text, &at.known).is_err() => None,
        None => at.invalid(
            value.text(),
            Words::new(
                format!("the address of `{text}` is not known here; write the address"),
                format!("此处不知道 `{text}` 的地址，请直接写地址"),
            ),
        ),
    }
}

/// `Vpc("vpc-1")` or `Ccn("ccn-1")`.
fn attachment<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Attachment> {
    let (name, payload) = at.variant(value, &["Vpc", "Ccn"])?;
    if name == "Vpc" {
        at.named(name, payload, only(&[Kind::Vpc])).map(Attachment::Vpc)
    } else {
        at.named(name, payload, only(&[Kind::Ccn])).map(Attachment::Ccn)
    }
}

/// An entry of `vpn_gateways`.
impl Read for VpnGateway {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        let mut fields = Fields::of(value, "vpn gateway", at)?;
        let meta = fields.meta();
        let attached_to = fields.required("attached_to", attachment);
        let connections = fields.required_list("connections", vpn_connection);
        let routes = fields.list("routes", vpn_route);
        fields.finish();
        Some(VpnGateway { meta, attached_to: attached_to?, connections: connections?, routes })
    }
}

fn vpn_connection<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<VpnConnection> {
    let mut fields = Fields::of(value, "vpn connection", at)?;
    let id = fields.required("id", part_id);
    let site = fields.required("site", reference(only(&[Kind::Site])));
    let policies = fields.list("policies", vpn_policy);
    let up = fields.optional("up", boolean).unwrap_or(true);
    let health_check = fields.optional("health_check", boolean).unwrap_or(false);
    fields.finish();
    Some(VpnConnection { id: id?, site: site?, policies, up, health_check })
}

/// The id of a tunnel; the rules for ids are checked with those of the sections (`network`).
fn part_id<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Id> {
    text(value, at).map(Id::from)
}

fn vpn_policy<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<VpnPolicy> {
    let mut fields = Fields::of(value, "vpn policy", at)?;
    let local = fields.required("local", cidr);
    let remote = fields.required_list("remote", cidr);
    fields.finish();
    Some(VpnPolicy { local: local?, remote: remote? })
}

fn vpn_route<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<VpnRoute> {
    let mut fields = Fields::of(value, "vpn route", at)?;
    let to = fields.required("to", cidr);
    let connection = fields.required("connection", reference(only(&[Kind::VpnConnection])));
    let priority = fields.optional("priority", number(0, u32::MAX)).unwrap_or(0);
    let enabled = fields.optional("enabled", boolean).unwrap_or(true);
    fields.finish();
    Some(VpnRoute { to: to?, connection: connection?, priority, enabled })
}

/// An entry of `direct_connect_gateways`.
impl Read for DirectConnectGateway {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        let mut fields = Fields::of(value, "direct connect gateway", at)?;
        let meta = fields.meta();
        let attached_to = fields.required("attached_to", attachment);
        let kind =
            fields.optional("kind", direct_connect_kind).unwrap_or(DirectConnectKind::Normal);
        let tunnels = fields.required_list("tunnels", tunnel);
        fields.finish();
        Some(DirectConnectGateway { meta, attached_to: attached_to?, kind, tunnels: tunnels? })
    }
}

fn direct_connect_kind<'src>(
    value: Value<'src>,
    at: &mut Reader<'src>,
) -> Option<DirectConnectKind> {
    let (name, payload) = at.variant(value, &["Normal", "Nat"])?;
    if name == "Normal" {
        return at.bare(name, payload).map(|()| DirectConnectKind::Normal);
    }
    let mut fields = Fields::of_variant(name, payload, "Nat", at)?;
    let nat = DcNat {
        local_ips: fields.list("local_ips", mapping),
        peer_ips: fields.list("peer_ips", mapping),
        snat: fields.list("snat", dc_snat),
        dnat: fields.list("dnat", dc_dnat),
    };
    fields.finish();
    Some(DirectConnectKind::Nat(nat))
}

/// `(address: "…", mapped: "…")`, or the two in order.
fn mapping<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<(IpAddr, IpAddr)> {
    if value.shape() == Shape::Fields && value.fields().is_err() {
        return pair(value, at, address);
    }
    let mut fields = Fields::of(value, "mapping", at)?;
    let original = fields.required("address", address);
    let mapped = fields.required("mapped", address);
    fields.finish();
    original.zip(mapped)
}

fn dc_snat<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<DcSnat> {
    let mut fields = Fields::of(value, "snat rule", at)?;
    let from = fields.required("from", cidr);
    let pool = fields.required_list("pool", address);
    fields.finish();
    Some(DcSnat { from: from?, pool: pool? })
}

fn dc_dnat<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<DcDnat> {
    let mut fields = Fields::of(value, "dnat entry", at)?;
    let service = fields.required("service", one_port);
    let outside = fields.required("address", address);
    let to = fields.required("to", inside);
    let port = fields.required("port", port);
    fields.finish();
    Some(DcDnat { service: service?, address: outside?, to: to?, port: port? })
}

fn tunnel<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<DirectConnectTunnel> {
    let mut fields = Fields::of(value, "direct connect tunnel", at)?;
    let id = fields.required("id", part_id);
    let site = fields.required("site", reference(only(&[Kind::Site])));
    let prefixes = fields.required_list("prefixes", cidr);
    let up = fields.optional("up", boolean).unwrap_or(true);
    let health_check = fields.optional("health_check", boolean).unwrap_or(false);
    fields.finish();
    Some(DirectConnectTunnel { id: id?, site: site?, prefixes: prefixes?, up, health_check })
}
