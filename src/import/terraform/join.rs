//! Plans and states as one document: several in one text, several texts, stored states, what data sources have read.
//!
//! Documents that differ keep their addresses apart by a label in front of them, `network:tencentcloud_vpc.main`, and are
//! joined by the ids of the cloud. Of one thing that two of them tell, the first is taken; that they differ is said.

use rustc_hash::FxHashMap;
use serde_json::{Map, Value, json};

use super::data;
use super::input::{get, list, parse_one};
use super::pulumi;
use super::raw::shown;
use crate::diagnostic::{Words, words};
use crate::import::note::ImportError;

/// One document, and what is to be said of how it came about.
#[derive(Debug)]
pub struct Joined {
    /// The document.
    pub document: Value,
    /// Things that two documents tell differently: the address that was not taken, and the id.
    pub differing: Vec<(String, String)>,
    /// Texts that are neither a plan nor a state.
    pub passed_over: Vec<String>,
}

/// The one document in a text, or those in it as one.
pub fn one(text: &str) -> Result<Joined, ImportError> {
    join(&[(String::new(), text.to_owned())], Strange::Refused)
}

/// What is done about a text that is neither a plan nor a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strange {
    /// Nothing can be imported.
    Refused,
    /// It is passed over.
    PassedOver,
}

/// The documents of all texts as one; each text with its name.
pub fn join(texts: &[(String, String)], strange: Strange) -> Result<Joined, ImportError> {
    let mut documents: Vec<(String, Value)> = Vec::new();
    let mut passed_over = Vec::new();
    for (name, text) in texts {
        match documents_of(text) {
            Ok(found) => documents.extend(found.into_iter().map(|it| (name.clone(), it))),
            Err(_) if strange == Strange::PassedOver => passed_over.push(name.clone()),
            Err(error) if name.is_empty() => return Err(error),
            Err(error) => return Err(named(name, error)),
        }
    }
    let mut different: Vec<(String, Value)> = Vec::new();
    for (name, document) in documents {
        if !different.iter().any(|(_, known)| *known == document) {
            different.push((name, document));
        }
    }
    for (_, document) in &mut different {
        read_data(document);
    }
    let mut differing = Vec::new();
    let document = match different.len() {
        0 => {
            return Err(ImportError {
                message: Words::new("nothing here is a plan or a state", "其中没有计划或状态"),
                help: None,
            });
        }
        1 => different.remove(0).1,
        _ => {
            let labels = labels(&different);
            let mut documents = Vec::new();
            for ((_, mut document), label) in different.into_iter().zip(labels) {
                mark(&mut document, &label);
                documents.push((label, document));
            }
            // what will be is more than what is
            documents.sort_by_key(|(_, document)| get(document, "planned_values").is_null());
            drop_doubles(&mut documents, &mut differing);
            merged(&documents)
        }
    };
    Ok(Joined { document, differing, passed_over })
}

fn named(name: &str, error: ImportError) -> ImportError {
    let (english, chinese) = (error.message.english(), error.message.chinese());
    ImportError { message: words!("{name}: {english}", "{name}：{chinese}"), help: error.help }
}

/// The documents that stand one after another in a text.
fn documents_of(text: &str) -> Result<Vec<Value>, ImportError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let is_log = text.trim_start().starts_with("{\"@level\"");
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let found: Result<Vec<Value>, _> = stream.by_ref().collect();
    let found = match found {
        Ok(found) if found.len() > 1 && !is_log => found,
        // what is wrong is said of the text as a whole
        _ => vec![parse_one(text)?],
    };
    let documents =
        found.into_iter().map(|value| match shown(&value).or_else(|| pulumi::shown(&value)) {
            Some(shown) => Ok(shown),
            None => super::input::recognized(value),
        });
    documents.collect()
}

/// Adds what data sources have read, on both sides of a plan.
fn read_data(document: &mut Value) {
    let is_plan = !get(document, "planned_values").is_null();
    let read = if is_plan {
        get(get(document, "prior_state"), "values").clone()
    } else {
        get(document, "values").clone()
    };
    if is_plan {
        if let Some(planned) = document.get_mut("planned_values") {
            data::add(planned, &read);
        }
        if let Some(prior) = document.get_mut("prior_state")
            && let Some(values) = prior.get_mut("values")
        {
            data::add(values, &read);
        }
    } else if let Some(values) = document.get_mut("values") {
        data::add(values, &read);
    }
}

/// A label for each document: the name of its file, with a number where several would have the same.
fn labels(documents: &[(String, Value)]) -> Vec<String> {
    let stem = |name: &str| {
        let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = file.split('.').next().unwrap_or_default();
        let is_plain =
            |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
        let plain: String = stem.chars().filter(|letter| is_plain(*letter)).collect();
        if plain.is_empty() { "document".to_owned() } else { plain }
    };
    let mut labels: Vec<String> = Vec::new();
    for (name, _) in documents {
        let stem = stem(name);
        let mut label = stem.clone();
        let mut number = 2;
        while labels.contains(&label) {
            label = format!("{stem}{number}");
            number += 1;
        }
        labels.push(label);
    }
    labels
}

/// Puts a label in front of every address of a document, and makes its configuration one of a module of that name.
fn mark(document: &mut Value, label: &str) {
    for tree in ["planned_values", "values"] {
        if let Some(tree) = document.get_mut(tree) {
            mark_tree(&mut tree["root_module"], label);
        }
    }
    let prior = document.get_mut("prior_state");
    if let Some(values) = prior.and_then(|prior| prior.get_mut("values")) {
        mark_tree(&mut values["root_module"], label);
    }
    if let Some(changes) = document.get_mut("resource_changes").and_then(Value::as_array_mut) {
        for change in changes {
            for name in ["address", "previous_address"] {
                mark_text(change.get_mut(name), label);
            }
        }
    }
    let variables = get(document, "variables").as_object().cloned().unwrap_or_default();
    let given = variables
        .into_iter()
        .map(|(name, variable)| (name, json!({ "constant_value": get(&variable, "value") })));
    let given: Map<String, Value> = given.collect();
    let Some(configuration) = document.get_mut("configuration") else {
        return;
    };
    let mut root = configuration["root_module"].take();
    mark_providers(&mut root, label);
    let providers = configuration["provider_config"].as_object().cloned().unwrap_or_default();
    let providers =
        providers.into_iter().map(|(key, provider)| (marked_provider(&key, label), provider));
    configuration["provider_config"] = Value::Object(providers.collect());
    let name = format!("{label}:");
    configuration["root_module"] =
        json!({ "module_calls": { name: { "module": root, "expressions": given } } });
}

fn mark_text(text: Option<&mut Value>, label: &str) {
    if let Some(text) = text
        && let Some(address) = text.as_str()
    {
        *text = Value::from(format!("{label}:{address}"));
    }
}

fn mark_tree(module: &mut Value, label: &str) {
    if let Some(resources) = module.get_mut("resources").and_then(Value::as_array_mut) {
        for resource in resources {
            mark_text(resource.get_mut("address"), label);
            let others = resource.get_mut("depends_on").and_then(Value::as_array_mut);
            for other in others.into_iter().flatten() {
                mark_text(Some(other), label);
            }
        }
    }
    let children = module.get_mut("child_modules").and_then(Value::as_array_mut);
    for child in children.into_iter().flatten() {
        mark_tree(child, label);
    }
}

/// The key of a provider configuration, apart from those of other documents: `tencentcloud.network:` of `tencentcloud`.
fn marked_provider(key: &str, label: &str) -> String {
    match key.split_once("tencentcloud") {
        Some((before, after)) => format!("{before}tencentcloud.{label}:{after}"),
        None => format!("{label}:{key}"),
    }
}

fn mark_providers(module: &mut Value, label: &str) {
    let resources = module.get_mut("resources").and_then(Value::as_array_mut);
    for resource in resources.into_iter().flatten() {
        if let Some(key) = resource.get_mut("provider_config_key")
            && let Some(text) = key.as_str()
        {
            *key = Value::from(marked_provider(text, label));
        }
    }
    let calls = module.get_mut("module_calls").and_then(Value::as_object_mut);
    for (_, call) in calls.into_iter().flatten() {
        if let Some(inner) = call.get_mut("module") {
            mark_providers(inner, label);
        }
    }
}

/// Types of which there is one thing for each id, whoever tells of it.
const THINGS: [&str; 14] = [
    "tencentcloud_vpc",
    "tencentcloud_subnet",
    "tencentcloud_route_table",
    "tencentcloud_vpc_acl",
    "tencentcloud_security_group",
    "tencentcloud_instance",
    "tencentcloud_eni",
    "tencentcloud_ha_vip",
    "tencentcloud_eip",
    "tencentcloud_clb_instance",
    "tencentcloud_nat_gateway",
    "tencentcloud_vpn_gateway",
    "tencentcloud_dc_gateway",
    "tencentcloud_ccn",
];

/// Takes out what an earlier document tells, too.
fn drop_doubles(documents: &mut [(String, Value)], differing: &mut Vec<(String, String)>) {
    let mut known: FxHashMap<(String, String), Value> = FxHashMap::default();
    for (_, document) in documents {
        for tree in ["planned_values", "values"] {
            let Some(root) = document.get_mut(tree).and_then(|tree| tree.get_mut("root_module"))
            else {
                continue;
            };
            let mut own = Vec::new();
            drop_known(root, &known, &mut own, differing);
            known.extend(own);
        }
    }
}

type Thing = ((String, String), Value);

fn drop_known(
    module: &mut Value,
    known: &FxHashMap<(String, String), Value>,
    own: &mut Vec<Thing>,
    differing: &mut Vec<(String, String)>,
) {
    if let Some(resources) = module.get_mut("resources").and_then(Value::as_array_mut) {
        resources.retain(|resource| {
            let values = get(resource, "values");
            let kind = get(resource, "type").as_str().unwrap_or_default();
            let Some(id) = get(values, "id").as_str().filter(|id| !id.is_empty()) else {
                return true;
            };
            let key = (kind.to_owned(), id.to_owned());
            match known.get(&key) {
                Some(other) if other == values => false,
                Some(_) if THINGS.contains(&kind) => {
                    let address = get(resource, "address").as_str().unwrap_or_default();
                    // what a data source lists has fewer members
                    if !address.contains(":data.") {
                        differing.push((address.to_owned(), id.to_owned()));
                    }
                    false
                }
                _ => {
                    own.push((key, values.clone()));
                    true
                }
            }
        });
    }
    let children = module.get_mut("child_modules").and_then(Value::as_array_mut);
    for child in children.into_iter().flatten() {
        drop_known(child, known, own, differing);
    }
}

/// Documents with labels as one.
fn merged(documents: &[(String, Value)]) -> Value {
    let mut planned = Vec::new();
    let mut prior = Vec::new();
    let mut changes = Vec::new();
    let mut deferred = Vec::new();
    let mut calls = Map::new();
    let mut providers = Map::new();
    let has_plan = documents.iter().any(|(_, it)| !get(it, "planned_values").is_null());
    let is = |name: &str, value: bool| {
        documents.iter().any(|(_, it)| get(it, name).as_bool() == Some(value))
    };
    let (errored, is_whole) = (is("errored", true), !is("complete", false));
    for (_, document) in documents {
        if get(document, "planned_values").is_null() {
            let root = get(get(document, "values"), "root_module");
            planned.push(root.clone());
            prior.push(root.clone());
        } else {
            planned.push(get(get(document, "planned_values"), "root_module").clone());
            prior.push(get(get(get(document, "prior_state"), "values"), "root_module").clone());
        }
        changes.extend(list(get(document, "resource_changes")).iter().cloned());
        deferred.extend(list(get(document, "deferred_changes")).iter().cloned());
        let configuration = get(document, "configuration");
        let own = get(get(configuration, "root_module"), "module_calls").as_object();
        calls.extend(own.cloned().into_iter().flatten());
        let own = get(configuration, "provider_config").as_object();
        providers.extend(own.cloned().into_iter().flatten());
    }
    let tree = |modules: Vec<Value>| json!({ "root_module": { "child_modules": modules } });
    if !has_plan {
        return json!({ "format_version": "1.0", "values": tree(planned) });
    }
    json!({
        "format_version": "1.0",
        "planned_values": tree(planned),
        "prior_state": { "values": tree(prior) },
        "resource_changes": changes,
        "configuration": { "root_module": { "module_calls": calls }, "provider_config": providers },
        "deferred_changes": deferred,
        "errored": errored,
        "complete": is_whole,
    })
}
