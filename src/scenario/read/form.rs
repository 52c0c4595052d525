//! How the text of a field reads, by the names of the forms in [`records!`](crate::model::records). Whatever names an id notes it: references
//! are checked when all ids are known.

use std::net::IpAddr;

use ipnet::IpNet;

use super::record::Record;
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::change::MOST_HOURS;
use crate::model::{
    Attachment, CcnMember, DcNat, Destination, DirectConnectKind, Engine, INTERNET, Kind, Listener,
    ListenerKey, LoadBalancerNetwork, NextHop, OldNetwork, Protocols, Service, SnatSource, Target,
    Worded, mention,
};
use crate::scenario::fields::Fields;
use crate::scenario::reader::Reader;
use crate::scenario::reference::{ANY, Wanted, also_members, only};
use crate::scenario::service::parse_listener;
use crate::scenario::value::{Shape, Value};
use crate::scenario::variant;
use crate::scenario::word::{masked, new_id, number as number_of, reference, text};

pub use super::filter::{acl_rule, edge_rule, egress_rule, ingress_rule};
pub use crate::scenario::region::region;
pub use crate::scenario::word::{
    address, address_or_cidr, address_v6, addresses, boolean as flag, cidr, cidr_v6, port, service,
    words,
};

/// What an SNAT rule may name beside a CIDR (NAT-2).
const SOURCES: Wanted = only(mention::SNAT.kinds());
/// What a DNAT entry may lead to beside an address (NAT-3).
const INSIDE: Wanted = also_members(&[Kind::Instance, Kind::NetworkInterface]);
/// What a listener may have behind it. Whether it is of the right network (CL-10, CLB-17) is a limit.
const TARGETS: Wanted =
    also_members(&[Kind::Instance, Kind::NetworkInterface, Kind::ClassicInstance]);

/// How many instances a group may have: the largest subnet holds no more.
const LARGEST_GROUP: u128 = 1 << 16;

/// One of some words.
pub fn word<'src, T: Worded>(value: Value<'src>, at: &mut Reader<'src>) -> Option<T> {
    variant::word(T::WORDS)(value, at)
}

/// The product of a database.
pub fn engine<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Engine> {
    word(value, at)
}

/// A number up to 255.
pub fn small<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<u8> {
    number_of(0, u8::MAX)(value, at)
}

/// A number of 32 bits.
pub fn number<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<u32> {
    number_of(0, u32::MAX)(value, at)
}

/// The weight of a target, from 0 to 100 (CLB-2).
pub fn weight<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<u8> {
    number_of(0, 100)(value, at)
}

/// How long an address still answers.
pub fn hours<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<u32> {
    number_of(1, MOST_HOURS)(value, at)
}

/// An account. Where the file has no section `accounts`, naming one is enough.
pub fn account<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Id> {
    let id = new_id(value, at)?;
    at.accounts.push((id.clone(), value.text()));
    Some(id)
}

/// The id of a tunnel; the rules for ids are checked with those of the sections (`network`).
pub fn part_id<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Id> {
    text(value, at).map(Id::from)
}

/// The addresses of a group of instances.
pub fn range<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<(IpAddr, IpAddr)> {
    let (first, last) = crate::scenario::word::range(value, at)?;
    let size = match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => u128::from(last.to_bits() - first.to_bits()),
        (IpAddr::V6(first), IpAddr::V6(last)) => last.to_bits() - first.to_bits(),
        _ => 0,
    };
    if size >= LARGEST_GROUP {
        let message = Words::new(
            format!("the range has more than {LARGEST_GROUP} addresses"),
            format!("该范围超过 {LARGEST_GROUP} 个地址"),
        );
        return at.error(Code::TooLarge, value.text(), message);
    }
    Some((first, last))
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

/// The two ends of a peering.
pub fn two_vpcs<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<(Id, Id)> {
    pair(value, at, reference(only(&[Kind::Vpc])))
}

/// `(address: "…", mapped: "…")`, or the two in order.
pub fn mapping<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<(IpAddr, IpAddr)> {
    if value.shape() == Shape::Fields && value.fields().is_err() {
        return pair(value, at, address);
    }
    let mut fields = Fields::of(value, "mapping", at)?;
    let original = fields.required("address", address);
    let mapped = fields.required("mapped", address);
    fields.finish();
    original.zip(mapped)
}

/// Where a database stood: `Classic` or `Vpc("vpc-1")`.
pub fn old_network<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<OldNetwork> {
    let (word, payload) = at.variant(value, &["Classic", "Vpc"])?;
    if word == "Vpc" {
        return at.named(word, payload, only(&[Kind::Vpc])).map(OldNetwork::Vpc);
    }
    at.bare(word, payload).map(|()| OldNetwork::Classic)
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

/// A member of a CCN: `Vpc("vpc-a")`.
pub fn member<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<CcnMember> {
    let (name, payload) = at.variant(value, &["Vpc", "VpnGateway", "DirectConnectGateway"])?;
    let mut id = |kinds| at.named(name, payload, only(kinds));
    match name {
        "Vpc" => id(&[Kind::Vpc]).map(CcnMember::Vpc),
        "VpnGateway" => id(&[Kind::VpnGateway]).map(CcnMember::VpnGateway),
        _ => id(&[Kind::DirectConnectGateway]).map(CcnMember::DirectConnectGateway),
    }
}

/// What a gateway is attached to: `Vpc("vpc-1")` or `Ccn("ccn-1")`.
pub fn attachment<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Attachment> {
    let (name, payload) = at.variant(value, &["Vpc", "Ccn"])?;
    if name == "Vpc" {
        at.named(name, payload, only(&[Kind::Vpc])).map(Attachment::Vpc)
    } else {
        at.named(name, payload, only(&[Kind::Ccn])).map(Attachment::Ccn)
    }
}

/// `Normal` or `Nat(…)`.
pub fn direct_connect_kind<'src>(
    value: Value<'src>,
    at: &mut Reader<'src>,
) -> Option<DirectConnectKind> {
    let (name, payload) = at.variant(value, &["Normal", "Nat"])?;
    if name == "Normal" {
        return at.bare(name, payload).map(|()| DirectConnectKind::Normal);
    }
    DcNat::of_variant(name, payload, at).map(DirectConnectKind::Nat)
}

/// The network of a load balancer: `Internal(…)` or `Public(…)`.
pub fn balancer_network<'src>(
    value: Value<'src>,
    at: &mut Reader<'src>,
) -> Option<LoadBalancerNetwork> {
    let (name, payload) = at.variant(value, &["Internal", "Public"])?;
    if name == "Internal" {
        let mut fields = Fields::of_variant(name, payload, "Internal", at)?;
        let subnet = fields.required("subnet", reference(only(&[Kind::Subnet])));
        let vip = fields.required("vip", address);
        let eip = fields.optional("eip", address);
        fields.finish();
        return Some(LoadBalancerNetwork::Internal { subnet: subnet?, vip: vip?, eip });
    }
    let mut fields = Fields::of_variant(name, payload, "Public", at)?;
    let vpc = fields.required("vpc", reference(only(&[Kind::Vpc])));
    let vip = fields.required("vip", address);
    fields.finish();
    Some(LoadBalancerNetwork::Public { vpc: vpc?, vip: vip? })
}

/// A listener: `(service: "tcp:443", targets: […])` or `(service: "http:80", redirects_to: 443)`.
pub fn listener<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Listener> {
    let mut fields = Fields::of(value, "listener", at)?;
    let service = fields.required("service", |value, at| {
        let text = at.string(value)?;
        match parse_listener(&text) {
            Ok(service) => Some(service),
            Err(mistake) => at.mistake(value, &text, mistake),
        }
    });
    let targets = fields.list("targets", Target::read);
    let redirects_to = fields.optional("redirects_to", port);
    fields.finish();
    let (protocol, ports) = service?;
    Some(Listener { protocol, ports, targets, redirects_to })
}

/// Which listener a change means.
pub fn listener_key<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<ListenerKey> {
    let text = at.string(value)?;
    match parse_listener(&text) {
        Ok((protocol, ports)) => {
            Some(ListenerKey { protocols: Protocols::One(protocol.transport()), ports })
        }
        Err(mistake) => at.mistake(value, &text, mistake),
    }
}

/// What a listener hands connections to.
pub fn target<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Id> {
    reference(TARGETS)(value, at)
}

/// Whose packets an SNAT rule takes: a CIDR, or the id of a subnet or a machine.
pub fn snat_source<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<SnatSource> {
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

/// A service that is one port of TCP or UDP.
pub fn one_port<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Service> {
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
pub fn inside<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<IpAddr> {
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

/// What something that is not modelled touches. It must be there: a misspelt id would silently touch nothing.
pub fn touched<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Id> {
    if at.string(value)?.as_ref() == INTERNET {
        return Some(Id::from(INTERNET));
    }
    reference(ANY)(value, at)
}

/// Where the packets go that something decides about which is not modelled.
pub fn destination<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Destination> {
    if at.string(value)?.as_ref() == INTERNET {
        return Some(Destination::Internet);
    }
    cidr(value, at).map(Destination::from)
}
