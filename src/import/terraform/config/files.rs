//! The files of a configuration: which of them count, in which order, and how some override others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use hcl::{Body, Expression, Structure};
use serde_json::Value;

use super::{Config, Files, Module, Unevaluated, json};
use crate::diagnostic::{Words, words};
use crate::import::terraform::input::{get, list};

/// What a file is for. Terraform reads them in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    /// Which modules Terraform has fetched, and to where.
    Fetched,
    /// `terraform.tfvars`, and the same in JSON.
    Values,
    /// `*.auto.tfvars`, and the same in JSON, which win over the first.
    MoreValues,
    /// Blocks.
    Blocks,
    /// Blocks that change those.
    Override,
}

/// The name of a file without the ending of a configuration.
fn stem(name: &str) -> Option<&str> {
    let endings = [".tf", ".tf.json", ".tofu", ".tofu.json"];
    endings.iter().find_map(|ending| name.strip_suffix(ending))
}

/// What a file is for, if it counts at all.
fn role(folder: &str, name: &str) -> Option<Role> {
    // what editors leave behind
    if name.starts_with(['.', '#']) || name.ends_with('~') {
        return None;
    }
    if name == "modules.json" {
        return folder.starts_with(".terraform").then_some(Role::Fetched);
    }
    if let Some(stem) = stem(name) {
        let overrides = stem == "override" || stem.ends_with("_override");
        return Some(if overrides { Role::Override } else { Role::Blocks });
    }
    // all others are only read where a command line names them
    let own = name.strip_suffix(".json").unwrap_or(name);
    match own.strip_suffix(".tfvars") {
        Some("terraform") if folder.is_empty() => Some(Role::Values),
        Some(own) if folder.is_empty() && own.strip_suffix(".auto").is_some() => {
            Some(Role::MoreValues)
        }
        _ => None,
    }
}

impl Config {
    /// Reads the files; what cannot be read is told.
    pub(super) fn read(files: &Files, told: &mut Vec<Unevaluated>) -> Self {
        let mut config = Self::default();
        let split = |path: &'_ String| match path.rsplit_once('/') {
            Some((folder, name)) => (folder.to_owned(), name.to_owned()),
            None => (String::new(), path.clone()),
        };
        let all = files.iter().filter_map(|(path, text)| {
            let (folder, name) = split(path);
            let role = role(&folder, &name)?;
            Some((role, folder, name, path, text))
        });
        let mut all: Vec<_> = all.collect();
        all.sort();
        let mut stems = BTreeMap::new();
        for (role, folder, name, path, text) in all {
            let twin = stem(&name).map(|it| (folder.clone(), it.to_owned()));
            let is_tofu = name.contains(".tofu");
            let other = twin.and_then(|twin| stems.insert(twin, is_tofu));
            let read = if other.is_some_and(|other| other != is_tofu) {
                config.closed.insert(folder);
                Err(Words::new(
                    "OpenTofu reads it in place of the other, Terraform does not: its folder is not read",
                    "OpenTofu 以它取代另一个文件，Terraform 则不然：不读取其目录",
                ))
            } else {
                config.take(role, &folder, &name, text)
            };
            if let Err(why) = read {
                told.push(Unevaluated::of_file(path, why));
            }
        }
        config
    }

    fn take(&mut self, role: Role, folder: &str, name: &str, text: &str) -> Result<(), Words> {
        let is_json = Path::new(name).extension().is_some_and(|it| it == "json");
        match role {
            Role::Fetched => {
                self.fetched = fetched(text);
                Ok(())
            }
            Role::Values | Role::MoreValues => {
                let all = if is_json {
                    json::values(text)
                } else {
                    parse(text).map(|body| {
                        let all = body.into_attributes();
                        all.map(|it| (it.key.to_string(), it.expr)).collect()
                    })
                };
                // what it would have given is not what the others say
                self.is_given &= all.is_ok();
                self.given.extend(all?);
                Ok(())
            }
            Role::Blocks | Role::Override => {
                let body = if is_json { json::body(text) } else { parse(text) };
                if role == Role::Blocks {
                    self.modules.entry(folder.to_owned()).or_default().add(body?);
                    return Ok(());
                }
                let module = self.modules.entry(folder.to_owned()).or_default();
                let outcome = body.and_then(|body| module.override_with(body));
                if outcome.is_err() {
                    self.closed.insert(folder.to_owned());
                }
                outcome
            }
        }
    }
}

fn parse(text: &str) -> Result<Body, Words> {
    hcl::parse(text).map_err(|error| {
        let error = error.to_string();
        let line = error.lines().next().unwrap_or_default();
        let line = line.trim_start_matches(['-', '>', ' ']);
        words!("it cannot be read: {line}", "无法读取：{line}")
    })
}

impl Module {
    fn add(&mut self, body: Body) {
        for structure in body {
            let Structure::Block(block) = structure else {
                continue;
            };
            if block.identifier.as_str() == "locals" {
                self.locals.extend(locals(block.body));
            } else {
                self.blocks.push(block);
            }
        }
    }

    /// Puts a file over what is there: arguments one by one, blocks of a type all together.
    fn override_with(&mut self, body: Body) -> Result<(), Words> {
        for structure in body {
            let Structure::Block(block) = structure else {
                continue;
            };
            if block.identifier.as_str() == "locals" {
                self.locals.extend(locals(block.body));
                continue;
            }
            let is_same = |it: &&mut hcl::Block| {
                it.identifier == block.identifier && it.labels == block.labels
            };
            match self.blocks.iter_mut().find(is_same) {
                Some(base) => put_over(&mut base.body, block.body),
                // of providers and of Terraform itself nothing is asked
                None if matches!(block.identifier.as_str(), "terraform" | "provider") => {}
                None => {
                    let labels = block.labels.iter().map(hcl::BlockLabel::as_str);
                    let name = labels.collect::<Vec<_>>().join(".");
                    return Err(words!(
                        "it overrides {name}, which is not there: its folder is not read",
                        "它覆盖不存在的 {name}：不读取其目录"
                    ));
                }
            }
        }
        Ok(())
    }
}

fn locals(body: Body) -> impl Iterator<Item = (String, Expression)> {
    let all = body.into_attributes();
    all.map(|it| (it.key.to_string(), it.expr))
}

/// The argument that a structure gives, or the type of block, also of a `dynamic` one.
fn name_of(structure: &Structure) -> &str {
    match structure {
        Structure::Attribute(attribute) => attribute.key.as_str(),
        Structure::Block(block) => match block.labels.first() {
            Some(label) if block.identifier.as_str() == "dynamic" => label.as_str(),
            _ => block.identifier.as_str(),
        },
    }
}

fn put_over(base: &mut Body, over: Body) {
    let names: BTreeSet<&str> = over.iter().map(name_of).collect();
    let kept = base.iter().filter(|it| !names.contains(name_of(it)));
    let kept: Vec<Structure> = kept.cloned().collect();
    *base = kept.into_iter().chain(over).collect();
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
pub fn beside(folder: &str, source: &str) -> Option<String> {
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
