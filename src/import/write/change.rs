//! Changes, in the words that scenario files and `whatif --change-file` take them in.
//!
//! What is written reads back as the same change: the readers are in `scenario`.

use std::net::IpAddr;

use super::Names;
use super::filter::{acl_rule, group_rule, ports};
use super::layout::{Node, Record};
use super::record::{Written, record};
use crate::id::Id;
use crate::import::document::Document;
use crate::model::{
    AclRule, Change, Fragment, IsolationReason, ListenerKey, MigrationKind, Protocols, Route,
    RouteName, SecurityGroupRule, Target, changes,
};

/// A longer line is broken: changes are also shown on terminals, indented.
const WIDTH: usize = 92;

/// The text of a change, without a line break at its end.
#[must_use]
pub fn write_change(change: &Change) -> String {
    let nobody = Document::default();
    let names = Names::new(&nobody);
    macro_rules! written {
        ($(
            $action:ident
            $({ $($field:ident: $type:ty $([$may:ident])?),+ })?
            $(( $whole:ty $([$whole_may:ident])? ))?
        )+) => {
            match change {
                $(
                    $(Change::$action { $($field),+ } => {
                        let record = Record::of(change.action());
                        $(let record = $field.put(record, stringify!($field), &names);)+
                        record.node()
                    })?
                    $(Change::$action(whole) => <$whole as Whole>::node(whole, change.action(), &names),)?
                )+
            }
        };
    }
    let node = changes!(written);
    let text = laid_out(&node);
    if text.lines().all(|line| line.chars().count() <= WIDTH) {
        return text;
    }
    laid_out(&node.tall())
}

fn laid_out(node: &Node) -> String {
    let mut text = String::new();
    node.write("", 0, "", &mut text);
    text.truncate(text.trim_end().len());
    text
}

/// The value of a field of a change.
trait Field {
    /// The value, in the field of this name.
    fn node(&self, name: &'static str, names: &Names<'_>) -> Node;

    /// The value where it could have been left out.
    fn stated(&self, name: &'static str, names: &Names<'_>) -> Node {
        self.node(name, names)
    }

    /// Adds it to the fields.
    fn put(&self, record: Record, name: &'static str, names: &Names<'_>) -> Record {
        record.field(name, self.node(name, names))
    }
}

/// Fields that are always written, by the node of their value.
macro_rules! fields {
    ($($type:ty: |$value:ident, $names:pat_param| $node:expr;)+) => {
        $(impl Field for $type {
            fn node(&self, _: &'static str, $names: &Names<'_>) -> Node {
                let $value = self;
                $node
            }
        })+
    };
}

fields! {
    Id: |id, names| names.id(id);
    Vec<Id>: |ids, names| names.ids(ids);
    IpAddr: |ip, _| Node::text(ip);
    Vec<IpAddr>: |ips, _| Node::list(ips.iter().map(Node::text));
    u32: |number, _| Node::word(number);
    IsolationReason: |reason, names| Written::node(reason, names);
    MigrationKind: |kind, names| Written::node(kind, names);
    Vec<Target>: |targets, names| Node::list(targets.iter().map(|it| record(it, names)));
    Vec<Route>: |routes, names| Node::list(routes.iter().map(|it| record(it, names)));
    Vec<RouteName>: |routes, names| Node::list(routes.iter().map(|it| route_name(it, names)));
    Vec<AclRule>: |rules, _| Node::list(rules.iter().map(acl_rule)).tall();
}

/// Left out where there is none.
impl<T: Field> Field for Option<T> {
    fn node(&self, name: &'static str, names: &Names<'_>) -> Node {
        let node = self.as_ref().map(|value| value.stated(name, names));
        node.unwrap_or_else(|| Node::list([]))
    }

    fn put(&self, record: Record, name: &'static str, names: &Names<'_>) -> Record {
        record.optional(name, self.as_ref().map(|value| value.stated(name, names)))
    }
}

/// A position in a list: its beginning, where none is written.
impl Field for usize {
    fn node(&self, _: &'static str, _: &Names<'_>) -> Node {
        Node::word(self)
    }

    fn put(&self, record: Record, name: &'static str, names: &Names<'_>) -> Record {
        record.optional(name, (*self != 0).then(|| self.node(name, names)))
    }
}

impl Field for Vec<usize> {
    fn node(&self, _: &'static str, _: &Names<'_>) -> Node {
        Node::list(self.iter().map(Node::word))
    }

    fn put(&self, record: Record, name: &'static str, names: &Names<'_>) -> Record {
        record.unless_empty(name, self.node(name, names))
    }
}

/// Rules that are added stand in a line, a list that is stated anew under each other.
impl Field for Vec<SecurityGroupRule> {
    fn node(&self, name: &'static str, names: &Names<'_>) -> Node {
        let own = match name {
            "ingress" => "from",
            _ => "to",
        };
        Node::list(self.iter().map(|rule| group_rule(own, rule, names)))
    }

    fn stated(&self, name: &'static str, names: &Names<'_>) -> Node {
        self.node(name, names).tall()
    }

    fn put(&self, record: Record, name: &'static str, names: &Names<'_>) -> Record {
        record.unless_empty(name, self.node(name, names))
    }
}

/// Written as the service that the listener listens for.
impl Field for ListenerKey {
    fn node(&self, _: &'static str, _: &Names<'_>) -> Node {
        let protocol = match self.protocols {
            Protocols::One(protocol) => protocol.to_string(),
            Protocols::All => String::from("all"),
        };
        Node::text(format!("{protocol}:{}", ports(&self.ports)))
    }

    fn put(&self, record: Record, name: &'static str, names: &Names<'_>) -> Record {
        record.field("service", self.node(name, names))
    }
}

/// The one value of a change that has no fields.
trait Whole {
    fn node(&self, action: &'static str, names: &Names<'_>) -> Node;
}

impl Whole for Id {
    fn node(&self, action: &'static str, names: &Names<'_>) -> Node {
        Node::tuple(action, [names.id(self)])
    }
}

impl Whole for Vec<Id> {
    fn node(&self, action: &'static str, names: &Names<'_>) -> Node {
        Node::tuple(action, [names.ids(self)])
    }
}

/// Sections, as in `network`.
impl Whole for Box<Fragment> {
    fn node(&self, action: &'static str, _: &Names<'_>) -> Node {
        let document = Document { fragment: (**self).clone(), ..Document::default() };
        Names::new(&document).sections(Record::of(action)).node()
    }
}

/// Which routes are meant.
fn route_name(name: &RouteName, names: &Names<'_>) -> Node {
    match &name.via {
        None => Node::text(name.to),
        Some(via) => {
            Record::new().field("to", Node::text(name.to)).field("via", via.node(names)).node()
        }
    }
}
