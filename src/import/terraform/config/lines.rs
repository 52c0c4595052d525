//! Nested blocks: each line of the plan with the block of the configuration that it must come from.
//!
//! The blocks of a type stand in the order of the files, `dynamic` ones in place of what they make. In the plan they may
//! be a set, and then in any order. So they are matched by what is known of both: a line has a block for certain if no
//! other block fits it, or if all that fit are alike to the plan, and as many as the lines that they fit. Where that
//! leaves a choice, nothing is taken.

use hcl::{Block, Body, Expression, Structure};
use serde_json::Value;

use super::eval::{Evaluator, Frame, holds_true, strange};
use super::put::{Part, written};
use super::term::{Term, Told};
use super::{Evaluated, Unevaluated, body_attribute, is_composed, is_of, names_others};
use crate::diagnostic::Words;
use crate::import::terraform::input::{NOTHING, get, is_unset, list};
use crate::import::terraform::resolve::text_of;

/// What the configuration says of one line.
#[derive(Clone, Debug)]
struct Row<'c> {
    fields: Vec<(String, Field<'c>)>,
}

/// What it says of a part of a line.
#[derive(Clone, Debug)]
enum Field<'c> {
    /// An attribute: what it gives, and the expression if there is one of its own.
    Given(Told, Option<&'c Expression>),
    /// The blocks within it.
    Rows(Result<Vec<Row<'c>>, Words>),
}

impl Row<'_> {
    /// Whether more stands in it than the references that the plan has.
    fn is_composed(&self) -> bool {
        self.fields.iter().any(|(name, field)| match field {
            Field::Given(_, expression) => names_others(name) && expression.is_none_or(is_composed),
            Field::Rows(_) => true,
        })
    }

    /// As JSON, if all of it is certain.
    fn json(&self) -> Option<Value> {
        let fields = self.fields.iter().map(|(name, field)| {
            let value = match field {
                Field::Given(told, _) => told.as_ref().ok()?.json()?,
                Field::Rows(rows) => {
                    let rows = rows.as_ref().ok()?.iter();
                    rows.map(Row::json).collect::<Option<Value>>()?
                }
            };
            Some((name.clone(), value))
        });
        fields.collect()
    }
}

/// What every resource may have, and no provider sees.
const META: [&str; 6] =
    ["lifecycle", "provisioner", "connection", "timeouts", "content", "dynamic"];

/// The types of blocks in a body, in their order: also those of `dynamic` ones.
pub fn types(body: &Body) -> Vec<&str> {
    let mut types = Vec::new();
    for block in body.blocks() {
        let name = match block.labels.first() {
            Some(label) if block.identifier.as_str() == "dynamic" => label.as_str(),
            _ => block.identifier.as_str(),
        };
        if !META.contains(&name) && !types.contains(&name) {
            types.push(name);
        }
    }
    types
}

impl<'c> Evaluator<'c, '_> {
    /// All blocks of a type.
    fn rows(&self, body: &'c Body, name: &str, frame: &Frame<'c>) -> Result<Vec<Row<'c>>, Words> {
        let mut rows = Vec::new();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) if attribute.key.as_str() == name => {
                    rows.extend(objects(&self.eval(&attribute.expr, frame)?)?);
                }
                Structure::Block(block) if block.identifier.as_str() == name => {
                    rows.push(self.row(&block.body, frame));
                }
                Structure::Block(block) => {
                    let label = block.labels.first().map(hcl::BlockLabel::as_str);
                    if block.identifier.as_str() == "dynamic" && label == Some(name) {
                        rows.extend(self.made(block, name, frame)?);
                    }
                }
                Structure::Attribute(_) => {}
            }
        }
        Ok(rows)
    }

    fn row(&self, body: &'c Body, frame: &Frame<'c>) -> Row<'c> {
        let attributes = body.attributes().map(|it| {
            let given = Field::Given(self.eval(&it.expr, frame), Some(&it.expr));
            (it.key.to_string(), given)
        });
        let blocks = types(body).into_iter().map(|name| {
            let rows = self.rows(body, name, frame);
            (name.to_owned(), Field::Rows(rows))
        });
        Row { fields: attributes.chain(blocks).collect() }
    }

    /// What a `dynamic` block makes.
    fn made(&self, block: &'c Block, name: &str, frame: &Frame<'c>) -> Result<Vec<Row<'c>>, Words> {
        let body = &block.body;
        let mut content = body.blocks().filter(|it| it.identifier.as_str() == "content");
        let content = content.next().ok_or_else(strange)?;
        let each = body_attribute(body, "for_each").ok_or_else(strange)?;
        let iterator = match body_attribute(body, "iterator") {
            Some(Expression::Variable(name)) => name.as_str(),
            Some(_) => return Err(strange()),
            None => name,
        };
        let all = self.eval(each, frame)?;
        let is_list = all.is_list();
        let mut rows = Vec::new();
        for (key, value) in all.members().ok_or_else(strange)? {
            let key = match key.parse::<u64>() {
                Ok(at) if is_list => Value::from(at),
                _ => Value::from(key),
            };
            let own = vec![("key".to_owned(), Term::Known(key)), ("value".to_owned(), value)];
            let mut inner = frame.clone();
            inner.bound.push((iterator.to_owned(), Term::Map(own)));
            rows.push(self.row(&content.body, &inner));
        }
        Ok(rows)
    }
}

/// The lines that an attribute gives which holds objects.
fn objects<'c>(term: &Term) -> Result<Vec<Row<'c>>, Words> {
    let all = if term.is_map() { vec![term.clone()] } else { term.items().ok_or_else(strange)? };
    let rows = all.into_iter().map(|object| {
        let members = object.members().filter(|_| object.is_map());
        let fields = members.ok_or_else(strange)?.into_iter();
        let fields = fields.map(|(name, it)| {
            let holds_objects =
                it.items().is_some_and(|items| !items.is_empty() && items.iter().all(Term::is_map));
            let field = if holds_objects && !it.is_map() {
                Field::Rows(objects(&it))
            } else {
                Field::Given(Ok(it), None)
            };
            (name, field)
        });
        Ok(Row { fields: fields.collect() })
    });
    rows.collect()
}

/// Settles the lines of one resource.
pub struct Lines<'s, 'c, 'j> {
    /// What evaluates.
    pub evaluator: &'s Evaluator<'c, 'j>,
    /// The resource.
    pub address: &'j str,
    /// What is certain.
    pub found: &'s mut Vec<Evaluated>,
    /// What is not.
    pub told: &'s mut Vec<Unevaluated>,
}

impl<'c, 'j> Lines<'_, 'c, 'j> {
    /// Takes the blocks of a type where the plan does not know all of them.
    pub fn block(&mut self, body: &'c Body, name: &str, frame: &Frame<'c>, of: [&'j Value; 3]) {
        let [values, unknown, planned] = of.map(|it| get(it, name));
        if !holds_true(unknown) {
            return;
        }
        let path = vec![Part::Name(name.to_owned())];
        match self.evaluator.rows(body, name, frame) {
            Ok(rows) => self.rows(&rows, &path, [values, unknown, planned]),
            Err(why) => self.tell(&path, why),
        }
    }

    fn tell(&mut self, path: &[Part], why: Words) {
        self.told.push(Unevaluated::of(self.address, &written(path), why, false));
    }

    fn rows(&mut self, rows: &[Row<'c>], path: &[Part], of: [&'j Value; 3]) {
        let [values, unknown, planned] = of;
        if *unknown == Value::Bool(true) {
            let all: Option<Vec<Value>> = rows.iter().map(Row::json).collect();
            match all {
                // of a set, two that are alike are one
                Some(all) if (1..all.len()).all(|at| !all[..at].contains(&all[at])) => {
                    self.find(path, Value::from(all));
                }
                _ => self.tell(path, strange()),
            }
            return;
        }
        let (values, unknown, planned) = (list(values), list(unknown), list(planned));
        let count = values.len().max(unknown.len());
        let line = |all: &'j [Value], at: usize| all.get(at).unwrap_or(NOTHING);
        let of: Vec<[&Value; 2]> =
            (0..count).map(|at| [line(values, at), line(unknown, at)]).collect();
        let chosen = if rows.len() == count { matched(rows, &of) } else { None };
        let Some(chosen) = chosen else {
            let why = Words::new(
                "which lines of the plan come from which blocks of the configuration cannot be told",
                "无法确定计划中的各行来自配置中的哪些块",
            );
            // the plan reads blocks of references alone
            if rows.len() != planned.len() || rows.iter().any(Row::is_composed) {
                self.tell(path, why);
            }
            return;
        };
        for (at, row) in chosen.into_iter().enumerate() {
            let mut path = path.to_vec();
            path.push(Part::Line(at));
            // where nothing is made by `dynamic`, the plan has the expressions in the same order
            let planned = if planned.len() == rows.len() { line(planned, row) } else { NOTHING };
            self.line(&rows[row], &path, of[at], planned);
        }
    }

    /// Takes what a line does not know from its block.
    fn line(&mut self, row: &Row<'c>, path: &[Part], of: [&'j Value; 2], planned: &'j Value) {
        let [values, unknown] = of;
        for (name, field) in &row.fields {
            if !holds_true(get(unknown, name)) {
                continue;
            }
            let mut path = path.to_vec();
            path.push(Part::Name(name.clone()));
            match field {
                Field::Rows(Ok(rows)) => {
                    let of = [values, unknown, planned].map(|it| get(it, name));
                    self.rows(rows, &path, of);
                }
                Field::Rows(Err(why)) => self.tell(&path, why.clone()),
                Field::Given(_, Some(expression))
                    if !get(planned, name).is_null() && !is_of(get(planned, name), expression) =>
                {
                    self.tell(&path, super::other_plan());
                }
                Field::Given(told, expression) => {
                    let told = told.clone().and_then(|it| it.json().ok_or_else(strange));
                    match told {
                        Ok(value) => self.find(&path, value),
                        Err(why) if names_others(name) && expression.is_some_and(is_composed) => {
                            self.tell(&path, why);
                        }
                        Err(_) => {}
                    }
                }
            }
        }
    }

    fn find(&mut self, path: &[Part], value: Value) {
        self.found.push(Evaluated { address: self.address.to_owned(), path: path.to_vec(), value });
    }
}

/// For each line the block that it comes from; `None` where there is a choice.
fn matched(rows: &[Row<'_>], lines: &[[&Value; 2]]) -> Option<Vec<usize>> {
    let fitting: Vec<Vec<usize>> = lines
        .iter()
        .map(|line| (0..rows.len()).filter(|at| fits(&rows[*at], *line)).collect())
        .collect();
    let mut chosen = Vec::new();
    for (at, own) in fitting.iter().enumerate() {
        let rivals: Vec<usize> = (0..lines.len())
            .filter(|other| fitting[*other].iter().any(|row| own.contains(row)))
            .collect();
        let is_alike = |other: &usize| fitting[*other] == *own && lines[*other] == lines[at];
        // blocks that say the same are no choice
        if own.len() != rivals.len() || own.len() > 1 && !rivals.iter().all(is_alike) {
            return None;
        }
        let place = rivals.iter().position(|other| *other == at)?;
        chosen.push(*own.get(place)?);
    }
    Some(chosen)
}

/// Whether a line may come from a block: what is known of both is the same. What is not written, the provider or the
/// cloud fills in.
fn fits(row: &Row<'_>, [values, unknown]: [&Value; 2]) -> bool {
    row.fields.iter().all(|(name, field)| {
        let is_known = !holds_true(get(unknown, name));
        match field {
            Field::Given(Ok(Term::Known(given)), _) if is_known => same(given, get(values, name)),
            // what does not exist yet is not known to the plan
            Field::Given(Ok(Term::Id(_) | Term::Woven(_)), _) => !is_known,
            Field::Rows(Ok(rows)) if is_known => rows.len() == list(get(values, name)).len(),
            Field::Given(..) | Field::Rows(_) => true,
        }
    })
}

fn same(one: &Value, other: &Value) -> bool {
    let is_none = |value: &Value| is_unset(value) || *value == Value::Bool(false);
    one == other
        || is_none(one) && is_none(other)
        || text_of(one).is_some_and(|text| text_of(other) == Some(text))
}
