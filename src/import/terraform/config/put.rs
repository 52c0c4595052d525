//! Puts into a plan what its configuration gives, and marks what more than references decides.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::OPEN;
use crate::import::terraform::input::get;
use crate::import::terraform::reference::calls;

/// A step to a part of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// An attribute or a block.
    Name(String),
    /// A line of a block.
    Line(usize),
}

/// A path as people write it: `ingress[2].source_security_id`.
pub fn written(path: &[Part]) -> String {
    let mut text = String::new();
    for part in path {
        match part {
            Part::Name(name) if text.is_empty() => text.push_str(name),
            Part::Name(name) => {
                let _ = write!(text, ".{name}");
            }
            Part::Line(line) => {
                let _ = write!(text, "[{line}]");
            }
        }
    }
    text
}

/// Puts a value where it was not known.
pub fn put(document: &mut Value, address: &str, path: &[Part], value: Value) {
    if let Some(planned) = document.get_mut("planned_values")
        && let Some(root) = planned.get_mut("root_module")
        && let Some(resource) = resource_mut(root, address)
    {
        set(&mut resource["values"], path, value);
    }
    let changes = document.get_mut("resource_changes").and_then(Value::as_array_mut);
    for change in changes.into_iter().flatten() {
        if get(change, "address") == address
            && let Some(unknown) = change.pointer_mut("/change/after_unknown")
        {
            set(unknown, path, Value::Bool(false));
        }
    }
}

/// Sets a part of a value, making what leads to it.
fn set(value: &mut Value, path: &[Part], to: Value) {
    let Some((first, rest)) = path.split_first() else {
        *value = to;
        return;
    };
    match first {
        Part::Name(name) => {
            if !value.is_object() {
                *value = Value::Object(Map::new());
            }
            set(&mut value[name.as_str()], rest, to);
        }
        Part::Line(line) => {
            if !value.is_array() {
                *value = Value::Array(Vec::new());
            }
            if let Some(lines) = value.as_array_mut() {
                while lines.len() <= *line {
                    lines.push(Value::Object(Map::new()));
                }
                set(&mut lines[*line], rest, to);
            }
        }
    }
}

/// Says of an expression of the plan that its references are not read as they stand: more stands around them.
pub fn mark_open(document: &mut Value, address: &str, name: &str) {
    let Some(mut module) = document.pointer_mut("/configuration/root_module") else {
        return;
    };
    for call in calls(address) {
        let inner = module.get_mut("module_calls");
        let inner = inner.and_then(|it| it.get_mut(&call.name)?.get_mut("module"));
        let Some(inner) = inner else {
            return;
        };
        module = inner;
    }
    let blocks = module.get_mut("resources").and_then(Value::as_array_mut);
    for block in blocks.into_iter().flatten() {
        let own = get(block, "address").as_str().unwrap_or_default();
        let rest = address.rsplit_once(own).map(|(_, rest)| rest);
        let is_own = !own.is_empty() && rest.is_some_and(|it| it.is_empty() || it.starts_with('['));
        if is_own && let Some(expression) = block.pointer_mut(&format!("/expressions/{name}")) {
            expression[OPEN] = Value::Bool(true);
        }
    }
}

fn resource_mut<'v>(module: &'v mut Value, address: &str) -> Option<&'v mut Value> {
    let module = module.as_object_mut()?;
    let (mut resources, mut children) = (None, None);
    for (name, member) in module {
        match name.as_str() {
            "resources" => resources = member.as_array_mut(),
            "child_modules" => children = member.as_array_mut(),
            _ => {}
        }
    }
    let mut own = resources.into_iter().flatten();
    if let Some(found) = own.find(|it| get(it, "address") == address) {
        return Some(found);
    }
    let mut children = children.into_iter().flatten();
    children.find_map(|child| resource_mut(child, address))
}
