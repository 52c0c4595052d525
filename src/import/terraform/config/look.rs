//! What the names of a configuration mean: variables, locals, resources, data, modules.

use std::fmt::Write as _;

use serde_json::json;

use super::eval::{Evaluator, Frame, lost, strange};
use super::term::{Term, Told};
use super::{Module, body_attribute};
use crate::diagnostic::Words;
use crate::import::terraform::input::get;
use crate::import::terraform::reference::{Call, Key};
use hcl::Expression;

impl<'c> Evaluator<'c, '_> {
    /// The instances of a block of the plan.
    pub(super) fn resources(&self, kind: &str, name: &str, frame: &Frame<'c>) -> Told {
        let all = self.input.instances(&frame.module, kind, name);
        if !all.is_empty() {
            let all = all.iter().map(|index| {
                let key = self.input.resources[*index].key.clone();
                (key, Term::Resource(*index))
            });
            return Ok(Term::of_keys(all.collect()));
        }
        let block = self.module(&frame.module)?;
        let block = block.block(&["resource", kind, name]);
        let block = block.ok_or_else(|| lost(&format!("{kind}.{name}")))?;
        // a plan for a part of the resources lacks the others, and those of other providers are not in it
        let outside = Frame { depth: frame.depth, ..Frame::of(&frame.module) };
        let told = |name| body_attribute(block, name).map(|it| self.eval(it, &outside));
        match (told("count"), told("for_each")) {
            (Some(Ok(count)), None) if count.index() == Some(0) => Ok(Term::List(Vec::new())),
            (None, Some(Ok(all))) if all.items().is_some_and(|it| it.is_empty()) => {
                Ok(Term::Map(Vec::new()))
            }
            _ => Err(lost(&format!("{kind}.{name}"))),
        }
    }

    /// What a data source has read.
    pub(super) fn data(&self, kind: &str, name: &str, frame: &Frame<'c>) -> Told {
        let mut path = String::new();
        for call in &frame.module {
            let _ = write!(path, "module.{}", call.name);
            if let Some(key) = &call.key {
                let _ = write!(path, "[{key}]");
            }
            path.push('.');
        }
        let block = format!("{path}data.{kind}.{name}");
        let mut all = Vec::new();
        for (address, resource) in &self.data {
            let key = Key::of(get(resource, "index"));
            let own = match &key {
                Some(key) => format!("{block}[{key}]"),
                None => block.clone(),
            };
            if *address == own {
                all.push((key, Term::Known(get(resource, "values").clone())));
            }
        }
        if all.is_empty() {
            return Err(lost(&block));
        }
        Ok(Term::of_keys(all))
    }

    /// `each.key`, `each.value`, `count.index`.
    pub(super) fn own(&self, root: &str, name: &str, frame: &Frame<'c>) -> Told {
        let key = match &frame.key {
            Some(Key::Number(at)) => Term::Known(json!(at)),
            Some(Key::Text(text)) => Term::Known(json!(text)),
            None => return Err(lost(&format!("{root}.{name}"))),
        };
        match (root, name) {
            ("count", "index") | ("each", "key") => Ok(key),
            _ => {
                let all = frame.for_each.ok_or_else(strange)?;
                let outside = Frame { key: None, for_each: None, ..frame.clone() };
                let all = self.eval(all, &outside)?;
                // what is no map here is a set, of which each is its own key
                if all.is_map() { all.element(&key) } else { Ok(key) }
            }
        }
    }

    /// A module of the configuration.
    fn module(&self, calls: &[Call]) -> Result<&'c Module, Words> {
        self.config
            .module(calls)
            .ok_or_else(|| Words::new("the files of its module are not there", "没有其模块的文件"))
    }

    /// What a call of a module says, and where that stands.
    fn caller(&self, calls: &[Call]) -> Result<(&'c hcl::Body, Frame<'c>), Words> {
        let (call, outside) = calls.split_last().ok_or_else(strange)?;
        let block = self.module(outside)?.block(&["module", &call.name]);
        let block = block.ok_or_else(strange)?;
        let frame = Frame {
            module: outside.to_vec(),
            key: call.key.clone(),
            for_each: body_attribute(block, "for_each"),
            ..Frame::default()
        };
        Ok((block, frame))
    }

    /// A variable of a module, as its type makes it.
    pub(super) fn variable(&self, name: &str, frame: &Frame<'c>) -> Told {
        let inside = Frame { depth: frame.depth, ..Frame::of(&frame.module) };
        let block = self.module(&frame.module)?.block(&["variable", name]);
        let default = block.and_then(|block| body_attribute(block, "default"));
        let nullable = block.and_then(|block| body_attribute(block, "nullable"));
        let given = self.handed(name, frame)?;
        let given = given.filter(|it| !it.is_null() || nullable != Some(&Expression::Bool(false)));
        let value = match (given, default) {
            (Some(given), _) => given,
            (None, Some(default)) => self.eval(default, &inside)?,
            (None, None) => return Err(lost(&format!("var.{name}"))),
        };
        match block.and_then(|block| body_attribute(block, "type")) {
            Some(kind) => self.conform(value, kind, &inside),
            None => Ok(value),
        }
    }

    /// What is given to a variable from outside, if anything is.
    fn handed(&self, name: &str, frame: &Frame<'c>) -> Result<Option<Term>, Words> {
        if !frame.module.is_empty() {
            let (block, mut outside) = self.caller(&frame.module)?;
            outside.depth = frame.depth;
            let given = body_attribute(block, name);
            return given.map(|it| self.eval(it, &outside)).transpose();
        }
        if let Some(told) = self.input.variables.get(name) {
            return Ok(Some(Term::Known(get(told, "value").clone())));
        }
        if !self.config.is_given {
            return Err(lost(&format!("var.{name}")));
        }
        let given = self.config.given(name);
        given.map(|it| self.eval(it, &Frame::default())).transpose()
    }

    /// A local of a module.
    pub(super) fn local(&self, name: &str, frame: &Frame<'c>) -> Told {
        let local = self.module(&frame.module)?.locals.get(name);
        let local = local.ok_or_else(|| lost(&format!("local.{name}")))?;
        let frame = Frame { depth: frame.depth, ..Frame::of(&frame.module) };
        self.eval(local, &frame)
    }

    /// The instances of a module.
    pub(super) fn modules(&self, name: &str, frame: &Frame<'c>) -> Told {
        let module = self.module(&frame.module)?;
        let block = module.block(&["module", name]).ok_or_else(strange)?;
        let instance = |key: Option<Key>| {
            let mut calls = frame.module.clone();
            calls.push(Call { name: name.to_owned(), key: key.clone() });
            (key, Term::Module(calls))
        };
        let outside = Frame { depth: frame.depth, ..Frame::of(&frame.module) };
        if let Some(count) = body_attribute(block, "count") {
            let count = self.eval(count, &outside)?.index().ok_or_else(strange)?;
            let all = (0..count).map(|at| instance(Some(Key::Number(at as u64))));
            return Ok(Term::of_keys(all.collect()));
        }
        if let Some(each) = body_attribute(block, "for_each") {
            let each = self.eval(each, &outside)?;
            let members = each.members().filter(|_| !each.is_list());
            let members = members.ok_or_else(strange)?;
            let all = members.into_iter().map(|(key, _)| instance(Some(Key::Text(key))));
            return Ok(Term::of_keys(all.collect()));
        }
        Ok(instance(None).1)
    }

    /// An output of a module.
    pub(super) fn output(&self, calls: &[Call], name: &str, frame: &Frame<'c>) -> Told {
        let block = self.module(calls)?.block(&["output", name]).ok_or_else(strange)?;
        let value = body_attribute(block, "value").ok_or_else(strange)?;
        let inside = Frame { depth: frame.depth, ..Frame::of(calls) };
        self.eval(value, &inside)
    }
}
