//! Machines and databases in a VPC: instances, interfaces, groups of equal instances, HAVIPs, databases.

use std::net::IpAddr;

use super::Read;
use crate::code::Code;
use crate::diagnostic::Words;
use crate::model::change::MOST_HOURS;
use crate::model::{
    Database, Engine, HaVip, Instance, InstanceGroup, Kind, NetworkInterface, OldNetwork, OldVip,
    State,
};
use crate::scenario::fields::Fields;
use crate::scenario::reader::Reader;
use crate::scenario::reference::only;
use crate::scenario::value::Value;
use crate::scenario::variant::word;
use crate::scenario::word::{address, address_v6, boolean, number, port, range, reference};

/// The words for `state`.
pub const STATES: &[(&str, State)] = &[
    ("Running", State::Running),
    ("Stopped", State::Stopped),
    ("Isolated", State::Isolated),
    ("IsolatedStopped", State::IsolatedStopped),
];

/// The words for `engine`.
pub const ENGINES: &[(&str, Engine)] = &[
    ("MySql", Engine::MySql),
    ("Redis", Engine::Redis),
    ("MongoDb", Engine::MongoDb),
    ("Memcached", Engine::Memcached),
    ("MariaDb", Engine::MariaDb),
    ("SqlServer", Engine::SqlServer),
    ("PostgreSql", Engine::PostgreSql),
    ("TdSql", Engine::TdSql),
];

/// How many instances a group may have: the largest subnet holds no more.
const LARGEST_GROUP: u128 = 1 << 16;

/// An entry of `instances`.
impl Read for Instance {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        let mut fields = Fields::of(value, "instance", at)?;
        let meta = fields.endpoint_meta();
        let subnet = fields.required("subnet", reference(only(&[Kind::Subnet])));
        let ip = fields.required("ip", address);
        let secondary_ips = fields.list("secondary_ips", address);
        let ipv6 = fields.optional("ipv6", address_v6);
        let eip = fields.optional("eip", address);
        let security_groups = fields.security_groups();
        let state = fields.optional("state", word(STATES)).unwrap_or_default();
        let public_gateway = fields.optional("public_gateway", boolean).unwrap_or(false);
        let masquerades = fields.optional("masquerades", boolean).unwrap_or(false);
        fields.finish();
        Some(Instance {
            meta,
            subnet: subnet?,
            ip: ip?,
            secondary_ips,
            ipv6,
            eip,
            security_groups: security_groups?,
            state,
            public_gateway,
            masquerades,
        })
    }

    fn addresses(&self) -> Option<(IpAddr, IpAddr)> {
        Some((self.ip, self.ip))
    }
}

/// An entry of `network_interfaces`.
impl Read for NetworkInterface {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        let mut fields = Fields::of(value, "network interface", at)?;
        let meta = fields.endpoint_meta();
        let instance = fields.required("instance", reference(only(&[Kind::Instance])));
        let subnet = fields.required("subnet", reference(only(&[Kind::Subnet])));
        let ip = fields.required("ip", address);
        let secondary_ips = fields.list("secondary_ips", address);
        let eip = fields.optional("eip", address);
        let security_groups = fields.security_groups();
        fields.finish();
        Some(NetworkInterface {
            meta,
            instance: instance?,
            subnet: subnet?,
            ip: ip?,
            secondary_ips,
            eip,
            security_groups: security_groups?,
        })
    }

    fn addresses(&self) -> Option<(IpAddr, IpAddr)> {
        Some((self.ip, self.ip))
    }
}

/// An entry of `instance_groups`.
impl Read for InstanceGroup {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        let mut fields = Fields::of(value, "instance group", at)?;
        let meta = fields.endpoint_meta();
        let subnet = fields.required("subnet", reference(only(&[Kind::Subnet])));
        let ips = fields.required("ips", bounded_range);
        let security_groups = fields.security_groups();
        fields.finish();
        Some(InstanceGroup { meta, subnet: subnet?, ips: ips?, security_groups: security_groups? })
    }

    fn addresses(&self) -> Option<(IpAddr, IpAddr)> {
        Some(self.ips)
    }
}

fn bounded_range<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<(IpAddr, IpAddr)> {
    let (first, last) = range(value, at)?;
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

/// An entry of `havips`.
impl Read for HaVip {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        let mut fields = Fields::of(value, "havip", at)?;
        let meta = fields.endpoint_meta();
        let subnet = fields.required("subnet", reference(only(&[Kind::Subnet])));
        let ip = fields.required("ip", address);
        let eip = fields.optional("eip", address);
        let bound_to = fields.optional("bound_to", reference(only(&[Kind::Instance])));
        let masquerades = fields.optional("masquerades", boolean).unwrap_or(false);
        fields.finish();
        Some(HaVip { meta, subnet: subnet?, ip: ip?, eip, bound_to, masquerades })
    }
}

/// An entry of `databases`.
impl Read for Database {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        let mut fields = Fields::of(value, "database", at)?;
        let meta = fields.endpoint_meta();
        let subnet = fields.required("subnet", reference(only(&[Kind::Subnet])));
        let ip = fields.required("ip", address);
        let engine = fields.required("engine", word(ENGINES));
        let port = fields.optional("port", port);
        let security_groups = fields.optional_security_groups();
        let old_vips = fields.list("old_vips", old_vip);
        fields.finish();
        let engine = engine?;
        let port = port.unwrap_or_else(|| engine.default_port());
        Some(Database { meta, subnet: subnet?, ip: ip?, engine, port, security_groups, old_vips })
    }
}

/// An element of `old_vips`.
fn old_vip<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<OldVip> {
    let mut fields = Fields::of(value, "old address", at)?;
    let network = fields.required("network", old_network);
    let ip = fields.required("ip", address);
    let hours_left = fields.required("hours_left", number(1, MOST_HOURS));
    fields.finish();
    Some(OldVip { network: network?, ip: ip?, hours_left: hours_left? })
}

fn old_network<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<OldNetwork> {
    let (word, payload) = at.variant(value, &["Classic", "Vpc"])?;
    if word == "Vpc" {
        return at.named(word, payload, only(&[Kind::Vpc])).map(OldNetwork::Vpc);
    }
    at.bare(word, payload).map(|()| OldNetwork::Classic)
}
