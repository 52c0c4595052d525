//! Everything that has named fields, written by its row in [`records!`].

use std::net::IpAddr;

use ipnet::IpNet;

use super::filter::{address_set, group_rule, ports};
use super::layout::{self, Node};
use super::{Names, Write};
use crate::id::Id;
use crate::model::{
    AclRule, Attachment, CcnMember, Destination, DirectConnectKind, Entity, Listener,
    LoadBalancerNetwork, NextHop, OldNetwork, Service, SnatSource, Worded, records,
};
use crate::space::AddressSet;

/// What has named fields.
pub trait Record {
    /// Adds them to a record. Lists of the entity that `of` names carry the comments between their items.
    fn put(&self, into: layout::Record, of: Option<&Id>, names: &Names<'_>) -> layout::Record;
}

/// `(…)`.
pub fn record(record: &impl Record, names: &Names<'_>) -> Node {
    record.put(layout::Record::new(), None, names).node()
}

impl<E: Entity + Record> Write for E {
    fn node(&self, id: &Id, names: &Names<'_>) -> Node {
        self.put(layout::Record::new(), Some(id), names).node()
    }
}

/// The value of a field.
pub trait Written {
    /// As a scenario writes it.
    fn node(&self, names: &Names<'_>) -> Node;
}

/// How a value is written: by its type, but for forms that say more than their type.
macro_rules! node {
    (record $value:expr, $names:expr) => {
        record($value, $names)
    };
    (range $value:expr, $names:expr) => {
        range($value)
    };
    (address_or_cidr $value:expr, $names:expr) => {
        address_set(&AddressSet::from(*$value))
    };
    (ingress_rule $value:expr, $names:expr) => {
        group_rule("from", $value, $names)
    };
    (egress_rule $value:expr, $names:expr) => {
        group_rule("to", $value, $names)
    };
    ($form:ident $value:expr, $names:expr) => {
        Written::node($value, $names)
    };
}

/// A field, unless it says what is usual.
macro_rules! put {
    (must $form:ident $into:ident $name:expr, $field:ident, $of:ident, $names:ident) => {
        $into.field($name, node!($form $field, $names))
    };
    (may $form:ident $into:ident $name:expr, $field:ident, $of:ident, $names:ident) => {
        $into.optional($name, $field.as_ref().map(|value| node!($form value, $names)))
    };
    (usual $form:ident $into:ident $name:expr, $field:ident, $of:ident, $names:ident) => {
        put!(usual $form $into $name, $field, $of, $names, Default::default())
    };
    (usual $form:ident $into:ident $name:expr, $field:ident, $of:ident, $names:ident, $usual:expr) => {
        $into.optional($name, unless($field, &$usual).map(|value| node!($form value, $names)))
    };
    (must_list $form:ident $into:ident $name:expr, $field:ident, $of:ident, $names:ident) => {
        $into.field($name, list!($form $name, $field, $of, $names))
    };
    (list $form:ident $into:ident $name:expr, $field:ident, $of:ident, $names:ident) => {
        $into.unless_empty($name, list!($form $name, $field, $of, $names))
    };
    (rows $form:ident $into:ident $name:expr, $field:ident, $of:ident, $names:ident) => {
        $into.unless_empty($name, list!($form $name, $field, $of, $names).tall())
    };
    (map $form:ident $into:ident $name:expr, $field:ident, $of:ident, $names:ident) => {
        $into.unless_empty($name, Node::map(
            $field.iter().map(|(id, value)| (id.to_string(), node!($form value, $names)))
        ))
    };
}

macro_rules! list {
    ($form:ident $name:expr, $field:ident, $of:ident, $names:ident) => {
        $names.items($of, $name, $field.iter().map(|value| node!($form value, $names)))
    };
}

/// Takes the whole of a record apart: a field without a row does not compile.
macro_rules! opened {
    (part $it:ident $into:ident $names:ident $($field:ident)*) => {
        let Self { $($field),* } = $it;
    };
    ($carries:ident $it:ident $into:ident $names:ident $($field:ident)*) => {
        let Self { meta, $($field),* } = $it;
        let $into = $names.meta($into, meta);
    };
}

macro_rules! write {
    ($($record:ident $what:literal $carries:ident {
        $($field:ident: $how:ident $(($usual:expr))? $form:ident $([$may:ident])? $(<$inner:ident>)?;)*
    })+) => {
        $(impl Record for crate::model::$record {
            fn put(&self, into: layout::Record, of: Option<&Id>, names: &Names<'_>) -> layout::Record {
                // not every record has a list
                _ = of;
                opened!($carries self into names $($field)*);
                $(let into = put!($how $form into stringify!($field), $field, of, names $(, $usual)?);)*
                into
            }
        })+
    };
}
records!(write);

fn unless<'v, T: PartialEq>(value: &'v T, usual: &T) -> Option<&'v T> {
    (value != usual).then_some(value)
}

/// Values by their type.
macro_rules! written {
    ($($type:ty: |$value:pat_param, $names:pat_param| $node:expr;)+) => {
        $(impl Written for $type {
            fn node(&self, $names: &Names<'_>) -> Node {
                let $value = self;
                $node
            }
        })+
    };
}

written! {
    bool: |flag, _| Node::word(flag);
    u8: |number, _| Node::word(number);
    u16: |number, _| Node::word(number);
    u32: |number, _| Node::word(number);
    String: |text, _| Node::text(text);
    IpAddr: |address, _| Node::text(address);
    IpNet: |cidr, _| Node::text(cidr);
    AddressSet: |set, _| address_set(set);
    Service: |service, _| Node::text(service);
    Destination: |destination, _| Node::text(destination);
    AclRule: |rule, _| super::filter::acl_rule(rule);
    Id: |id, names| names.id(id);
    (Id, Id): |(one, other), names| Node::tuple("", [names.id(one), names.id(other)]);
    (IpAddr, IpAddr): |(from, to), _| Node::tuple("", [Node::text(from), Node::text(to)]);
}

impl<T: Worded> Written for T {
    fn node(&self, _: &Names<'_>) -> Node {
        Node::word(self.word())
    }
}

fn range((first, last): &(IpAddr, IpAddr)) -> Node {
    Node::text(format!("{first}-{last}"))
}

impl Written for NextHop {
    fn node(&self, names: &Names<'_>) -> Node {
        match self.id() {
            Some(hop) => Node::tuple(self.word(), [names.id(hop)]),
            None => Node::word(self.word()),
        }
    }
}

impl Written for CcnMember {
    fn node(&self, names: &Names<'_>) -> Node {
        let word = match self {
            Self::Vpc(_) => "Vpc",
            Self::VpnGateway(_) => "VpnGateway",
            Self::DirectConnectGateway(_) => "DirectConnectGateway",
        };
        Node::tuple(word, [names.id(self.id())])
    }
}

impl Written for Attachment {
    fn node(&self, names: &Names<'_>) -> Node {
        match self {
            Self::Vpc(id) => Node::tuple("Vpc", [names.id(id)]),
            Self::Ccn(id) => Node::tuple("Ccn", [names.id(id)]),
        }
    }
}

impl Written for OldNetwork {
    fn node(&self, names: &Names<'_>) -> Node {
        match self {
            Self::Classic => Node::word("Classic"),
            Self::Vpc(vpc) => Node::tuple("Vpc", [names.id(vpc)]),
        }
    }
}

impl Written for SnatSource {
    fn node(&self, names: &Names<'_>) -> Node {
        match self {
            Self::Cidr(cidr) => Node::text(cidr),
            Self::Subnet(id) | Self::Instance(id) => names.id(id),
        }
    }
}

impl Written for DirectConnectKind {
    fn node(&self, names: &Names<'_>) -> Node {
        match self {
            Self::Normal => Node::word("Normal"),
            Self::Nat(nat) => nat.put(layout::Record::of("Nat"), None, names).node(),
        }
    }
}

impl Written for LoadBalancerNetwork {
    fn node(&self, names: &Names<'_>) -> Node {
        let record = match self {
            Self::Internal { subnet, vip, eip } => layout::Record::of("Internal")
                .field("subnet", names.id(subnet))
                .field("vip", Node::text(vip))
                .optional("eip", eip.map(Node::text)),
            Self::Public { vpc, vip } => layout::Record::of("Public")
                .field("vpc", names.id(vpc))
                .field("vip", Node::text(vip)),
        };
        record.node()
    }
}

impl Written for Listener {
    fn node(&self, names: &Names<'_>) -> Node {
        let Self { protocol, ports: own, targets, redirects_to } = self;
        let service = format!("{}:{}", protocol.word(), ports(own));
        layout::Record::new()
            .field("service", Node::text(service))
            .unless_empty("targets", Node::list(targets.iter().map(|it| record(it, names))))
            .optional("redirects_to", redirects_to.map(Node::word))
            .node()
    }
}
