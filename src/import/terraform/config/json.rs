//! The second syntax of a configuration: `*.tf.json`, read as the first one would be written.
//!
//! JSON does not tell a nested block from an attribute that holds an object, so both become attributes, and `lines`
//! reads the blocks from either.

use hcl::expr::TemplateExpr;
use hcl::{Attribute, Block, Body, Expression, Identifier, Object, ObjectKey, Structure};
use serde_json::{Map, Value};

use crate::diagnostic::{Words, words};

/// The blocks at the top of a file, and how many labels each has.
const TOP: [(&str, usize); 6] =
    [("resource", 2), ("data", 2), ("variable", 1), ("module", 1), ("output", 1), ("locals", 0)];

/// A file as a body of blocks.
pub fn body(text: &str) -> Result<Body, Words> {
    let mut blocks = Vec::new();
    for (identifier, value) in top(text)? {
        let known = TOP.iter().find(|(name, _)| *name == identifier);
        if let Some((name, labels)) = known {
            labelled(name, *labels, &value, &mut Vec::new(), &mut blocks)?;
        }
    }
    Ok(blocks.into_iter().map(Structure::Block).collect())
}

/// A file of values: texts stand for themselves.
pub fn values(text: &str) -> Result<Vec<(String, Expression)>, Words> {
    let all = top(text)?.into_iter();
    Ok(all.map(|(name, value)| (name, literal(&value))).collect())
}

fn top(text: &str) -> Result<Vec<(String, Value)>, Words> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| words!("this is no JSON: {error}", "这不是 JSON：{error}"))?;
    let mut all = Vec::new();
    for object in objects(&value)? {
        all.extend(members(object).map(|(name, it)| (name.clone(), it.clone())));
    }
    Ok(all)
}

/// An object, or several.
fn objects(value: &Value) -> Result<Vec<&Map<String, Value>>, Words> {
    let one = std::slice::from_ref(value);
    let items = value.as_array().map_or(one, Vec::as_slice);
    let all: Option<Vec<_>> = items.iter().map(Value::as_object).collect();
    all.ok_or_else(|| Words::new("an object is expected", "此处应为对象"))
}

/// The members of an object but its comments.
fn members(object: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    object.iter().filter(|(name, _)| *name != "//")
}

fn labelled(
    identifier: &str,
    depth: usize,
    value: &Value,
    labels: &mut Vec<String>,
    blocks: &mut Vec<Block>,
) -> Result<(), Words> {
    for object in objects(value)? {
        if depth == 0 {
            let all = labels.iter().cloned();
            let block = Block::builder(Identifier::sanitized(identifier)).add_labels(all);
            blocks.push(block.add_structures(inner(identifier, object)?).build());
            continue;
        }
        for (label, value) in members(object) {
            labels.push(label.clone());
            labelled(identifier, depth - 1, value, labels, blocks)?;
            labels.pop();
        }
    }
    Ok(())
}

/// What stands in a block.
fn inner(identifier: &str, object: &Map<String, Value>) -> Result<Vec<Structure>, Words> {
    let mut all = Vec::new();
    for (name, value) in members(object) {
        let expression = match (identifier, name.as_str()) {
            ("variable", "type") => value.as_str().and_then(|it| it.parse().ok()),
            ("variable", _) => Some(literal(value)),
            (_, "dynamic") => {
                let mut blocks = Vec::new();
                labelled("dynamic", 1, value, &mut Vec::new(), &mut blocks)?;
                all.extend(blocks.into_iter().map(Structure::Block));
                continue;
            }
            ("dynamic", "content") => {
                let mut blocks = Vec::new();
                labelled("content", 0, value, &mut Vec::new(), &mut blocks)?;
                all.extend(blocks.into_iter().map(Structure::Block));
                continue;
            }
            ("dynamic", "iterator") => value.as_str().and_then(|it| it.parse().ok()),
            _ => Some(expression(value)),
        };
        let expression =
            expression.ok_or_else(|| words!("`{name}` is not understood", "无法理解 `{name}`"))?;
        let key = Identifier::new(name.clone())
            .map_err(|_| words!("`{name}` is no name", "`{name}` 不是名称"))?;
        all.push(Structure::Attribute(Attribute::new(key, expression)));
    }
    Ok(all)
}

/// A value whose texts are templates.
fn expression(value: &Value) -> Expression {
    of(value, &|text| {
        if text.contains("${") || text.contains("%{") {
            let template = TemplateExpr::QuotedString(text.to_owned());
            return Expression::TemplateExpr(Box::new(template));
        }
        Expression::String(text.to_owned())
    })
}

/// A value whose texts stand for themselves.
fn literal(value: &Value) -> Expression {
    of(value, &|text| Expression::String(text.to_owned()))
}

fn of(value: &Value, text: &dyn Fn(&str) -> Expression) -> Expression {
    match value {
        Value::Null => Expression::Null,
        Value::Bool(flag) => Expression::Bool(*flag),
        Value::Number(number) => {
            let whole = number.as_i64().map(hcl::Number::from);
            let number = whole.or_else(|| hcl::Number::from_f64(number.as_f64()?));
            number.map_or(Expression::Null, Expression::Number)
        }
        Value::String(it) => text(it),
        Value::Array(items) => Expression::Array(items.iter().map(|it| of(it, text)).collect()),
        Value::Object(object) => {
            let members = members(object);
            let members =
                members.map(|(name, it)| (ObjectKey::Expression(text(name)), of(it, text)));
            Expression::Object(members.collect::<Object<ObjectKey, Expression>>())
        }
    }
}
