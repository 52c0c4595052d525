//! What the type of a variable makes of a value: texts of numbers, sets in order, attributes that may be left out.

use std::collections::BTreeMap;

use hcl::expr::FuncCall;
use hcl::{Expression, ObjectKey};
use serde_json::{Value, json};

use super::eval::{Evaluator, Frame, strange};
use super::function::in_order;
use super::term::{Term, Told};
use crate::diagnostic::Words;

impl<'c> Evaluator<'c, '_> {
    /// A value as one of a type.
    pub(super) fn conform(&self, value: Term, kind: &Expression, frame: &Frame<'c>) -> Told {
        if value.is_null() {
            return Ok(value);
        }
        match kind {
            Expression::Variable(name) => simple(value, name.as_str()),
            // as old configurations write it
            Expression::String(name) => simple(value, name),
            Expression::FuncCall(of) => self.compound(value, of, frame),
            _ => Err(strange()),
        }
    }

    fn compound(&self, value: Term, of: &FuncCall, frame: &Frame<'c>) -> Told {
        // what a resource has, the cloud says
        if matches!(value, Term::Resource(_) | Term::Module(_)) {
            return Ok(value);
        }
        let each = |items: Vec<Term>, kind: &Expression| -> Result<Vec<Term>, Words> {
            let items = items.into_iter();
            items.map(|it| self.conform(it, kind, frame)).collect()
        };
        match (of.name.name.as_str(), &of.args[..]) {
            ("list", [kind]) if !value.is_map() => {
                let items = value.items().ok_or_else(strange)?;
                each(items, kind).map(Term::List)
            }
            ("set", [kind]) if !value.is_map() => {
                let items = each(value.items().ok_or_else(strange)?, kind)?;
                in_order(&items, true).ok_or_else(strange)
            }
            ("map", [kind]) if value.is_map() => {
                let members = value.members().ok_or_else(strange)?.into_iter();
                let all: Result<Vec<(String, Term)>, Words> =
                    members.map(|(key, it)| Ok((key, self.conform(it, kind, frame)?))).collect();
                all.map(Term::Map)
            }
            ("tuple", [Expression::Array(kinds)]) => {
                let items = value.items().ok_or_else(strange)?;
                if items.len() != kinds.len() {
                    return Err(strange());
                }
                let all: Result<Vec<Term>, Words> = items
                    .into_iter()
                    .zip(kinds)
                    .map(|(it, kind)| self.conform(it, kind, frame))
                    .collect();
                all.map(Term::List)
            }
            ("object", [Expression::Object(fields)]) if value.is_map() => {
                let mut all = BTreeMap::new();
                for (key, kind) in fields {
                    let key = match key {
                        ObjectKey::Identifier(name) => name.to_string(),
                        ObjectKey::Expression(key) => self.word(key, frame)?,
                        _ => return Err(strange()),
                    };
                    let given = value.element(&Term::Known(json!(key))).ok();
                    let given = self.field(given, kind, frame)?;
                    all.insert(key, given);
                }
                Ok(Term::Map(all.into_iter().collect()))
            }
            _ => Err(strange()),
        }
    }

    /// A field of an object, which may be `optional(TYPE, DEFAULT)`.
    fn field(&self, given: Option<Term>, kind: &Expression, frame: &Frame<'c>) -> Told {
        let optional = match kind {
            Expression::FuncCall(of) if of.name.name.as_str() == "optional" => Some(&of.args[..]),
            _ => None,
        };
        let Some(arguments) = optional else {
            return self.conform(given.ok_or_else(strange)?, kind, frame);
        };
        let kind = arguments.first().ok_or_else(strange)?;
        let given = given.filter(|it| !it.is_null());
        let value = match (given, arguments.get(1)) {
            (Some(given), _) => given,
            (None, Some(default)) => self.eval(default, frame)?,
            (None, None) => Term::Known(Value::Null),
        };
        self.conform(value, kind, frame)
    }
}

/// A value of a type that is a word.
fn simple(value: Term, name: &str) -> Told {
    match (name, &value) {
        ("any" | "list" | "map", _) | ("string", Term::Id(_) | Term::Woven(_)) => Ok(value),
        ("string", _) => {
            let text = value.text().ok_or_else(strange)?;
            Ok(Term::Known(json!(text)))
        }
        ("number", Term::Known(Value::Number(_))) | ("bool", Term::Known(Value::Bool(_))) => {
            Ok(value)
        }
        ("number", _) => {
            let text = value.text().ok_or_else(strange)?;
            let number = text.parse::<i64>().map_err(|_| strange())?;
            Ok(Term::Known(json!(number)))
        }
        ("bool", _) => {
            let flag = value.flag().ok_or_else(strange)?;
            Ok(Term::Known(json!(flag)))
        }
        _ => Err(strange()),
    }
}
