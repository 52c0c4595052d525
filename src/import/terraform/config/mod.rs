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
//! | `files`, `json` | which files count, in both syntaxes, and what overrides what |
//! | `term` | what an expression gives |
//! | `eval` | expressions |
//! | `look` | what names mean |
//! | `kind` | what the type of a variable makes of its value |
//! | `function` | the functions that are certain |
//! | `lines` | nested blocks, also `dynamic` ones |
//! | `put` | into the plan |

mod eval;
mod files;
mod function;
mod json;
mod kind;
mod lines;
mod look;
mod put;
mod term;

use std::collections::{BTreeMap, BTreeSet};

use hcl::{Body, Expression};
use serde_json::Value;

use super::input::{Input, Side, get, list};
use super::reference::{Call, collapse};
use crate::diagnostic::Words;
use eval::{Evaluator, Frame, holds_true};
use files::beside;
use lines::Lines;
use put::{Part, mark_open, put};

/// The mark of an expression whose files say that its references alone do not decide.
pub const OPEN: &str = "pathproof_open";

/// Files of a configuration, by their path from its folder.
pub type Files = [(String, String)];

/// The configuration.
#[derive(Debug)]
pub struct Config {
    /// Its modules, by their folder.
    modules: BTreeMap<String, Module>,
    /// The folders that are not what their files say: one of them could not be put over the others.
    closed: BTreeSet<String>,
    /// The folders of modules that Terraform has fetched, by their path of calls.
    fetched: BTreeMap<String, String>,
    /// What `*.tfvars` give.
    given: BTreeMap<String, Expression>,
    /// Whether all of them could be read.
    is_given: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            modules: BTreeMap::new(),
            closed: BTreeSet::new(),
            fetched: BTreeMap::new(),
            given: BTreeMap::new(),
            is_given: true,
        }
    }
}

/// The files of a folder as one.
#[derive(Debug, Default)]
pub struct Module {
    /// Its blocks.
    blocks: Vec<hcl::Block>,
    /// Its `locals`.
    pub locals: BTreeMap<String, Expression>,
}

/// What is certain of a resource.
#[derive(Debug)]
pub struct Evaluated {
    address: String,
    path: Vec<Part>,
    value: Value,
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

impl Unevaluated {
    fn of(address: &str, attribute: &str, why: Words, is_open: bool) -> Self {
        Self { address: address.to_owned(), attribute: Some(attribute.to_owned()), why, is_open }
    }

    fn of_file(path: &str, why: Words) -> Self {
        Self { address: path.to_owned(), attribute: None, why, is_open: false }
    }
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
            std::iter::once(block.identifier.as_str()).chain(labels).eq(path.iter().copied())
        });
        let first = blocks.next()?;
        // two of one name are no configuration
        blocks.next().is_none().then_some(&first.body)
    }
}

impl Config {
    /// The module that calls lead to.
    pub fn module(&self, calls: &[Call]) -> Option<&Module> {
        let mut folder = String::new();
        let mut key = String::new();
        for call in calls {
            if !key.is_empty() {
                key.push('.');
            }
            key += &call.name;
            let module = self.modules.get(&folder);
            let module = module.filter(|_| !self.closed.contains(&folder))?;
            let block = module.block(&["module", &call.name])?;
            folder = match (self.fetched.get(&key), body_attribute(block, "source")) {
                (Some(fetched), _) => fetched.clone(),
                (None, Some(Expression::String(source))) => beside(&folder, source)?,
                _ => return None,
            };
        }
        self.modules.get(&folder).filter(|_| !self.closed.contains(&folder))
    }

    /// What a file of values gives for a variable.
    pub fn given(&self, name: &str) -> Option<&Expression> {
        self.given.get(name)
    }
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
        let evaluator =
            Evaluator { config: &config, input: &input, data, spent: std::cell::Cell::default() };
        for index in 0..input.resources.len() {
            evaluator.start();
            settle(&evaluator, index, &mut found, &mut told);
        }
    }
    for it in found {
        put(document, &it.address, &it.path, it.value);
    }
    for it in told.iter().filter(|it| it.is_open) {
        if let Some(name) = &it.attribute {
            mark_open(document, &it.address, name);
        }
    }
    told
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

/// Whether an attribute is what people call a thing: nothing hangs on it.
fn is_label(attribute: &str) -> bool {
    let labels = ["description", "remark", "tags", "tag_list", "user_data"];
    attribute.ends_with("name") || labels.contains(&attribute)
}

/// That the files and the plan do not belong together.
fn other_plan() -> Words {
    Words::new(
        "the configuration is not the one that the plan was made of: it is not taken",
        "该配置不是生成此计划的配置：不予采用",
    )
}

/// Evaluates what a resource does not tell.
fn settle(
    evaluator: &Evaluator<'_, '_>,
    index: usize,
    found: &mut Vec<Evaluated>,
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
    let expressions = get(resource.block, "expressions");
    let mut lines = Lines { evaluator, address: resource.address, found, told };
    let of = [resource.values, resource.unknown, expressions];
    for name in lines::types(block) {
        lines.block(block, name, &frame, of);
    }
    for attribute in block.attributes() {
        let name = attribute.key.as_str();
        let unknown = get(resource.unknown, name);
        if is_label(name) || !holds_true(unknown) {
            continue;
        }
        // objects in a list are blocks, however they are written
        if list(unknown).iter().any(Value::is_object) {
            lines.block(block, name, &frame, of);
            continue;
        }
        let planned = get(expressions, name);
        let unevaluated = |why, is_open| Unevaluated::of(resource.address, name, why, is_open);
        let is_named = names_others(name);
        if !is_of(planned, &attribute.expr) {
            if is_named {
                lines.told.push(unevaluated(other_plan(), false));
            }
            continue;
        }
        let value = evaluator.eval(&attribute.expr, &frame);
        match value.and_then(|it| it.json().ok_or_else(eval::strange)) {
            Ok(value) => lines.found.push(Evaluated {
                address: resource.address.to_owned(),
                path: vec![Part::Name(name.to_owned())],
                value,
            }),
            Err(why) if is_named && is_composed(&attribute.expr) => {
                lines.told.push(unevaluated(why, true));
            }
            // the plan itself is read
            Err(_) => {}
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
    let references = list(get(planned, "references")).iter().filter_map(Value::as_str);
    let mut references = collapse(references).into_iter().peekable();
    references.peek().is_some()
        && references.all(|reference| {
            let mut parts = reference.split(['.', '[']);
            let root: Vec<&str> = parts.by_ref().take(2).collect();
            text.contains(&root.join("."))
        })
}
