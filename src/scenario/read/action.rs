//! What stands in a change, by the type of the field: how each is read, and whether it may be left out.

use std::net::IpAddr;

use super::filter::{Direction, acl_rule, group_rule};
use super::form::{listener_key, next_hop, word};
use super::outline::{Scope, outline_of};
use super::record::Record;
use crate::id::Id;
use crate::model::change::MOST_HOURS;
use crate::model::mention::Mention;
use crate::model::{
    AclRule, Fragment, IsolationReason, ListenerKey, MigrationKind, NextHop, Route, RouteName,
    SecurityGroupRule, Target,
};
use crate::scenario::fields::Fields;
use crate::scenario::reader::Reader;
use crate::scenario::reference::only;
use crate::scenario::value::Value;
use crate::scenario::word::{address, cidr, number, reference};

/// The value of a field of a change.
pub trait Field: Sized {
    /// Reads a field; `None` where it must be written and is not, or cannot be read.
    fn field(fields: &mut Fields<'_, '_>, name: &'static str, may: Mention) -> Option<Self>;
}

/// Fields that must be written, and those that need not be: `required` and `optional` read the one value, `required_list`
/// and `optional_list` a list of them.
macro_rules! fields {
    ($($type:ty: $how:ident $read:expr;)+) => {
        $(impl Field for $type {
            fn field(fields: &mut Fields<'_, '_>, name: &'static str, _may: Mention) -> Option<Self> {
                fields!($how fields, name, $read)
            }
        })+
    };
    (required $fields:ident, $name:ident, $read:expr) => { $fields.required($name, $read) };
    (required_list $fields:ident, $name:ident, $read:expr) => { $fields.required_list($name, $read) };
    (optional $fields:ident, $name:ident, $read:expr) => { Some($fields.optional($name, $read)) };
    (optional_list $fields:ident, $name:ident, $read:expr) => { Some($fields.optional_list($name, $read)) };
    (list $fields:ident, $name:ident, $read:expr) => { Some($fields.list($name, $read)) };
}

fields! {
    IpAddr: required address;
    Option<IpAddr>: optional address;
    Option<Vec<IpAddr>>: optional_list address;
    // time passes or it does not; an old address may end at once
    u32: required number(1, MOST_HOURS);
    Option<u32>: optional number(0, MOST_HOURS);
    Vec<usize>: list number(0, usize::MAX);
    IsolationReason: required word;
    MigrationKind: required word;
    Vec<Target>: required_list Record::read;
    Vec<Route>: required_list Record::read;
    Vec<RouteName>: required_list route_name;
    Option<Vec<AclRule>>: optional_list acl_rule;
}

impl Field for Id {
    fn field(fields: &mut Fields<'_, '_>, name: &'static str, may: Mention) -> Option<Self> {
        match may {
            Mention::Entity(kinds) => fields.required(name, reference(only(kinds))),
            Mention::Name => fields.required(name, name_of),
        }
    }
}

impl Field for Vec<Id> {
    fn field(fields: &mut Fields<'_, '_>, name: &'static str, may: Mention) -> Option<Self> {
        fields.required_list(name, reference(only(may.kinds())))
    }
}

impl Field for Option<Vec<Id>> {
    fn field(fields: &mut Fields<'_, '_>, name: &'static str, may: Mention) -> Option<Self> {
        Some(fields.optional_list(name, reference(only(may.kinds()))))
    }
}

/// A position in a list: its beginning, where none is written.
impl Field for usize {
    fn field(fields: &mut Fields<'_, '_>, name: &'static str, _may: Mention) -> Option<Self> {
        Some(fields.optional(name, number(0, Self::MAX)).unwrap_or(0))
    }
}

/// Written as the service that the listener listens for.
impl Field for ListenerKey {
    fn field(fields: &mut Fields<'_, '_>, _name: &'static str, _may: Mention) -> Option<Self> {
        fields.required("service", listener_key)
    }
}

/// Which side a rule names follows from its list.
impl Field for Option<Vec<SecurityGroupRule>> {
    fn field(fields: &mut Fields<'_, '_>, name: &'static str, _may: Mention) -> Option<Self> {
        let direction = match name {
            "ingress" => Direction::Ingress,
            _ => Direction::Egress,
        };
        Some(fields.optional_list(name, group_rule(direction)))
    }
}

impl Field for Vec<SecurityGroupRule> {
    fn field(fields: &mut Fields<'_, '_>, name: &'static str, may: Mention) -> Option<Self> {
        Option::field(fields, name, may).map(Option::unwrap_or_default)
    }
}

/// The one value of a change that has no fields.
pub trait Whole: Sized {
    /// Reads what stands in the parentheses.
    fn whole<'src>(
        action: &'src str,
        payload: Value<'src>,
        may: Mention,
        at: &mut Reader<'src>,
    ) -> Option<Self>;
}

impl Whole for Id {
    fn whole<'src>(
        action: &'src str,
        payload: Value<'src>,
        may: Mention,
        at: &mut Reader<'src>,
    ) -> Option<Self> {
        at.named(action, payload, only(may.kinds()))
    }
}

impl Whole for Vec<Id> {
    fn whole<'src>(
        action: &'src str,
        payload: Value<'src>,
        may: Mention,
        at: &mut Reader<'src>,
    ) -> Option<Self> {
        let list = at.single(action, payload)?;
        at.list(list, reference(only(may.kinds())))
    }
}

/// Sections, as in `network`.
impl Whole for Box<Fragment> {
    fn whole<'src>(
        action: &'src str,
        payload: Value<'src>,
        _may: Mention,
        at: &mut Reader<'src>,
    ) -> Option<Self> {
        let outline = outline_of(Fields::of_variant(action, payload, "network", at)?);
        at.define(&outline, Scope::Change);
        Some(Self::new(at.fragment(&outline)))
    }
}

/// A name of `names`.
fn name_of<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Id> {
    let text = at.exact(value)?;
    let name = Id::from(text.as_ref());
    at.refer_name(&name, value);
    Some(name)
}

/// What a route leads to. It stays when that goes, so it may be named by what is there no more; what names no route is refused
/// when it is applied.
fn hop_of_a_route<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<NextHop> {
    let met = at.references.len();
    let hop = next_hop(value, at);
    at.references.truncate(met);
    hop
}

/// Which routes are meant: `"10.0.0.0/8"`, or `(to: "10.0.0.0/8", via: NatGateway("nat-1"))` for one of several.
fn route_name<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<RouteName> {
    if value.fields().is_err() {
        return cidr(value, at).map(RouteName::from);
    }
    let mut fields = Fields::of(value, "route", at)?;
    let to = fields.required("to", cidr);
    let via = fields.optional("via", hop_of_a_route);
    fields.finish();
    Some(RouteName { to: to?, via })
}
