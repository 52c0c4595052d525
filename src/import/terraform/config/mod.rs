//! `--config`: the `.tf` files of a plan, for what the plan tells only the references of.
//!
//! A plan holds the value of every expression that is known before it is applied; of the others it lists what they refer
//! to, and nothing of the conditions, functions and indexes around that. Here those are evaluated as far as they are
//! certain: an id that nobody knows yet stands for its resource, under the address of it. What comes out replaces the
//! unknown in the plan, so that everything behind reads a list written out. What is not certain stays as it was, and is
//! named.
//!
//! | file | what |
//! |---|---|
//! | `term` | what an expression gives |
//! | `eval` | expressions |
//! | `look` | what names mean |
//! | `function` | the functions that are certain |

mod eval;
mod function;
mod look;
mod term;

use std::collections::BTreeMap;
use std::path::Path;

use hcl::{Body, Expression, Structure};
use serde_json::Value;

use super::input::{Input, Side, get, list};
use super::reference::{Call, calls, collapse};
use crate::diagnostic::{Words, words};
use eval::{Evaluator, Frame, holds_true};

/// The mark of an expression whose files say that its references alone do not decide.
pub const OPEN: &str = "pathproof_open";

/// Files of a configuration, by their path from its folder.
pub type Files = [(String, String)];

/// The configuration.
#[derive(Debug, Default)]
pub struct Config {
    /// Its modules, by their folder.
    modules: BTreeMap<String, Module>,
    /// The folders of modules that Terraform has fetched, by their path of calls.
    fetched: BTreeMap<String, String>,
    /// What `*.tfvars` give.
    given: BTreeMap<String, Expression>,
}

/// The files of a folder as one.
#[derive(Debug, Default)]
pub struct Module {
    /// Its blocks.
    blocks: Vec<hcl::Block>,
    /// Its `locals`.
    pub locals: BTreeMap<String, Expression>,
}

/// What could not be evaluated: of which resource, which attribute, and why.
#[derive(Debug)]
pub struct Unevaluated {
    /// The resource, or the file.
    pub address: String,
    /// The attribute.
    pub attribute: Option<String>,
    /// Why.
    pub why: Words,
    /// Whether the references alone do not decide: more stands around them.
    is_open: bool,
}

/// An attribute of a block.
pub fn body_attribute<'c>(body: &'c Body, name: &str) -> Option<&'c Expression> {
    let mut own = body.attributes();
    own.find(|it| it.key.as_str() == name).map(|it| &it.expr)
}

impl Module {
    /// The block with a type and labels.
    pub fn block(&self, path: &[&str]) -> Option<&Body> {
        let mut blocks = self.blocks.iter().filter(|block| {
            let labels = block.labels.iter().map(hcl::BlockLabel::as_str);
            std::iter::once(block.identifier.as_str())
                .chain(labels)
                .eq(path.iter().copied())
        });
        let first = blocks.next()?;
        // two of one name are no configuration
        blocks.next().is_none().then_some(&first.body)
    }
}

impl Config {
    /// Reads the files; what cannot be read is told.
    fn read(files: &Files, told: &mut Vec<Unevaluated>) -> Self {
        let mut config = Self::default();
        for (path, text) in files {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            if name == "modules.json" {
                config.fetched = fetched(text);
                continue;
            }
            let is_values = name == "terraform.tfvars" || name.ends_with(".auto.tfvars");
            let ending = Path::new(name).extension().unwrap_or_default();
            let is_override = name == "override.tf" || name.ends_with("_override.tf");
            let is_tf = ending == "tf" && !is_override;
            let read = match hcl::parse(text) {
                Ok(body) if is_tf || is_values && folder.is_empty() => Ok(body),
                // what overrides others, and values that only a command line names
                Ok(_) if ending != "tf" => continue,
                Ok(_) => Err(Words::new(
                    "files that override others are not read",
                    "不读取覆盖文件",
                )),
                Err(error) => {
                    let error = error.to_string();
                    let line = error.lines().next().unwrap_or_default();
                    Err(words!("it cannot be read: {line}", "无法读取：{line}"))
                }
            };
            let body = match read {
                Ok(body) => body,
                Err(why) => {
                    told.push(Unevaluated {
                        address: path.clone(),
                        attribute: None,
                        why,
                        is_open: false,
                    });
                    continue;
                }
            };
            if is_values {
                let all = body
                    .into_attributes()
                    .map(|it| (it.key.to_string(), it.expr));
                for (name, value) in all {
                    // the files of their own come after this one
                    if path == "terraform.tfvars" {
                        config.given.entry(name).or_insert(value);
                    } else {
                        config.given.insert(name, value);
                    }
                }
                continue;
            }
            config
                .modules
                .entry(folder.to_owned())
                .or_default()
                .add(body);
        }
        config
    }

    /// The module that calls lead to.
    pub fn module(&self, calls: &[Call]) -> Option<&Module> {
        let mut folder = String::new();
        let mut key = String::new();
        for call in calls {
            if !key.is_empty() {
                key.push('.');
            }
            key += &call.name;
            let block = self.modules.get(&folder)?.block(&["module", &call.name])?;
            folder = match (self.fetched.get(&key), body_attribute(block, "source")) {
                (Some(fetched), _) => fetched.clone(),
                (None, Some(Expression::String(source))) => beside(&folder, source)?,
                _ => return None,
            };
        }
        self.modules.get(&folder)
    }

    /// What a file of values gives for a variable.
    pub fn given(&self, name: &str) -> Option<&Expression> {
        self.given.get(name)
    }
}

impl Module {
    fn add(&mut self, body: Body) {
        for structure in body {
            let Structure::Block(block) = structure else {
                continue;
            };
            if block.identifier.as_str() == "locals" {
                let all = block.body.into_attributes();
                self.locals
                    .extend(all.map(|it| (it.key.to_string(), it.expr)));
            } else {
                self.blocks.push(block);
            }
        }
    }
}

/// Where Terraform has put the modules that it has fetched.
fn fetched(text: &str) -> BTreeMap<String, String> {
    let manifest: Value = serde_json::from_str(text).unwrap_or_default();
    let modules = list(get(&manifest, "Modules")).iter().filter_map(|module| {
        let key = get(module, "Key").as_str()?;
        let folder = beside("", &format!("./{}", get(module, "Dir").as_str()?))?;
        Some((key.to_owned(), folder))
    });
    modules.collect()
}

/// A folder that is named from another one; `None` where it lies outside of all.
fn beside(folder: &str, source: &str) -> Option<String> {
    if !source.starts_with("./") && !source.starts_with("../") {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in source.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Puts into a plan what its configuration gives for certain; tells what is not.
pub fn evaluate(document: &mut Value, files: &Files) -> Vec<Unevaluated> {
    let mut told = Vec::new();
    let config = Config::read(files, &mut told);
    let mut found = Vec::new();
    {
        let input = Input::new(document, Side::Final);
        let mut data = Vec::new();
        for tree in [get(document, "prior_state"), document] {
            for name in ["values", "planned_values"] {
                data_of(get(get(tree, name), "root_module"), &mut data);
            }
        }
        let evaluator = Evaluator {
            config: &config,
            input: &input,
            data,
        };
        for index in 0..input.resources.len() {
            settle(&evaluator, index, &mut found, &mut told);
        }
    }
    for (address, name, value) in found {
        put(document, &address, &name, value);
    }
    for it in told.iter().filter(|it| it.is_open) {
        if let Some(name) = &it.attribute {
            mark_open(document, &it.address, name);
        }
    }
    told
}

/// Says of an expression of the plan that its references are not read as a list: more stands around them.
fn mark_open(document: &mut Value, address: &str, name: &str) {
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

fn data_of<'j>(module: &'j Value, found: &mut Vec<(&'j str, &'j Value)>) {
    for resource in list(get(module, "resources")) {
        if get(resource, "mode") == "data"
            && let Some(address) = get(resource, "address").as_str()
            && found.iter().all(|(known, _)| *known != address)
        {
            found.push((address, resource));
        }
    }
    for child in list(get(module, "child_modules")) {
        data_of(child, found);
    }
}

/// Whether an attribute names others, so that which ones decides.
fn names_others(attribute: &str) -> bool {
    let endings = ["_id", "_ids", "groups", "next_hub", "_set"];
    endings.iter().any(|ending| attribute.ends_with(ending))
}

/// Evaluates what a resource does not tell.
fn settle(
    evaluator: &Evaluator<'_, '_>,
    index: usize,
    found: &mut Vec<(String, String, Value)>,
    told: &mut Vec<Unevaluated>,
) {
    let resource = &evaluator.input.resources[index];
    let Some(module) = evaluator.config.module(&resource.module) else {
        return;
    };
    let Some(block) = module.block(&["resource", resource.kind, resource.name]) else {
        return;
    };
    let frame = Frame {
        key: resource.key.clone(),
        for_each: body_attribute(block, "for_each"),
        ..Frame::of(&resource.module)
    };
    for attribute in block.attributes() {
        let name = attribute.key.as_str();
        if !names_others(name) || !holds_true(get(resource.unknown, name)) {
            continue;
        }
        let planned = get(get(resource.block, "expressions"), name);
        let unevaluated = |why, is_open| Unevaluated {
            address: resource.address.to_owned(),
            attribute: Some(name.to_owned()),
            why,
            is_open,
        };
        if !is_of(planned, &attribute.expr) {
            let why = Words::new(
                "the configuration is not the one that the plan was made of: it is not taken",
                "该配置不是生成此计划的配置：不予采用",
            );
            told.push(unevaluated(why, false));
            continue;
        }
        match evaluator
            .eval(&attribute.expr, &frame)
            .map(|term| term.json())
        {
            Ok(Some(value)) => found.push((resource.address.to_owned(), name.to_owned(), value)),
            Err(why) if is_composed(&attribute.expr) => told.push(unevaluated(why, true)),
            Ok(None) if is_composed(&attribute.expr) => {
                told.push(unevaluated(eval::strange(), true));
            }
            // the plan itself is read
            Ok(None) | Err(_) => {}
        }
    }
}

/// Whether more stands in an expression than references and lists of them, which are read without it.
fn is_composed(expression: &Expression) -> bool {
    match expression {
        Expression::Array(items) => items.iter().any(is_composed),
        Expression::Traversal(_)
        | Expression::String(_)
        | Expression::Variable(_)
        | Expression::TemplateExpr(_) => false,
        _ => true,
    }
}

/// Whether an expression refers to what the plan says that it does.
fn is_of(planned: &Value, expression: &Expression) -> bool {
    let text = expression.to_string();
    let references = list(get(planned, "references"))
        .iter()
        .filter_map(Value::as_str);
    let mut references = collapse(references).into_iter().peekable();
    references.peek().is_some()
        && references.all(|reference| {
            let mut parts = reference.split(['.', '[']);
            let root: Vec<&str> = parts.by_ref().take(2).collect();
            text.contains(&root.join("."))
        })
}

/// Puts a value where it was not known.
fn put(document: &mut Value, address: &str, name: &str, value: Value) {
    if let Some(planned) = document.get_mut("planned_values")
        && let Some(root) = planned.get_mut("root_module")
        && let Some(resource) = resource_mut(root, address)
    {
        resource["values"][name] = value;
    }
    let changes = document
        .get_mut("resource_changes")
        .and_then(Value::as_array_mut);
    for change in changes.into_iter().flatten() {
        if get(change, "address") == address
            && let Some(unknown) = change.pointer_mut("/change/after_unknown")
        {
            unknown[name] = Value::Bool(false);
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
