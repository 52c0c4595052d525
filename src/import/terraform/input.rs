//! A plan or a state as one list of resources, with what the plan's configuration says of each.

use crate::diagnostic::{Words, words};
use rustc_hash::FxHashMap;
use serde_json::Value;

use super::attach::is_attachment;
use super::reference::{Call, Key, calls};
use super::unread::is_understood;
use crate::import::note::ImportError;

/// The document that was read.
#[derive(Debug)]
pub struct Input<'j> {
    /// Whether it is a plan, which says what will be, not how it fares.
    pub is_plan: bool,
    /// The managed resources of the cloud's provider, by the bytes of their addresses.
    pub resources: Vec<Resource<'j>>,
    /// The root module of the configuration; null in a state.
    pub configuration: &'j Value,
    /// The configurations of providers.
    pub providers: &'j Value,
    /// The values of the root's variables.
    pub variables: &'j Value,
    /// What data sources tell of the routes of CCNs, by their ids.
    pub ccn_routes: FxHashMap<&'j str, &'j Value>,
    by_id: FxHashMap<&'j str, usize>,
    by_block: FxHashMap<Block, Vec<usize>>,
}

/// A block: its module instance, type and name.
type Block = (Vec<Call>, String, String);

/// One resource that will exist.
#[derive(Debug)]
pub struct Resource<'j> {
    /// Its address.
    pub address: &'j str,
    /// The modules that it lies in.
    pub module: Vec<Call>,
    /// Its type.
    pub kind: &'j str,
    /// Its name within the module.
    pub name: &'j str,
    /// Which instance of its block it is.
    pub key: Option<Key>,
    /// The values that are known.
    pub values: &'j Value,
    /// `true` where a value is not known.
    pub unknown: &'j Value,
    /// Its block in the configuration; null in a state.
    pub block: &'j Value,
    /// The key of its provider configuration; empty in a state.
    pub provider: &'j str,
    /// What a state says that it depends on.
    pub depends_on: &'j Value,
}

/// Which network of a document is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What will be, of a plan; what is, of a state.
    Final,
    /// What is before a plan is carried out: its `prior_state`.
    Prior,
}

/// What stands where nothing stands.
pub const NOTHING: &Value = &Value::Null;

/// A member of an object, or null.
pub fn get<'j>(value: &'j Value, name: &str) -> &'j Value {
    value.get(name).unwrap_or(NOTHING)
}

/// The members of a list; none of anything else.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Whether a value is not set: null, empty, absent.
pub fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A text as JSON.
pub fn parse_one(text: &str) -> Result<Value, ImportError> {
    let error = |message: Words, help: Words| ImportError { message, help: Some(help) };
    let show = show();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.starts_with("PK") {
        let message = Words::new(
            "this is a plan in Terraform's own format, not JSON",
            "这是 Terraform 自有格式的计划，不是 JSON",
        );
        return Err(error(message, show));
    }
    if text.trim().is_empty() {
        return Err(error(Words::new("the input is empty", "输入为空"), show));
    }
    let value: Value = serde_json::from_str(text).map_err(|reason| {
        if text.trim_start().starts_with("{\"@level\"") {
            let message = Words::new(
                "this is the log of `terraform plan -json`, not a plan",
                "这是 `terraform plan -json` 的日志，不是计划",
            );
            return error(message, show.clone());
        }
        if reason.is_eof() {
            let line = reason.line();
            let message =
                words!("the JSON ends too early, at line {line}", "JSON 不完整，止于第 {line} 行");
            let help = Words::new("the file is cut off: write it again", "文件被截断：请重新输出");
            return error(message, help);
        }
        error(words!("this is no JSON: {reason}", "这不是 JSON：{reason}"), show.clone())
    })?;
    Ok(value)
}

/// A document that is a plan or a state.
pub fn recognized(value: Value) -> Result<Value, ImportError> {
    let is_shown = value.get("planned_values").is_some() || value.get("values").is_some();
    // the state of nothing at all
    let is_empty = value.get("format_version").is_some() && value.get("configuration").is_none();
    let error = |message: Words, help: Words| ImportError { message, help: Some(help) };
    if is_shown || is_empty {
        let place = {
            let prior = get(get(&value, "prior_state"), "values");
            let trees = [get(&value, "planned_values"), get(&value, "values"), prior];
            trees.into_iter().find_map(misshapen)
        };
        if let Some(place) = place {
            let message = words!(
                "this is no plan and no state as Terraform writes them: {place} is not what stands there",
                "这不是 Terraform 写出的计划或状态：{place} 的形式不对"
            );
            return Err(error(message, show()));
        }
        return Ok(value);
    }
    if value.get("encrypted_data").is_some() {
        let message =
            Words::new("this is an encrypted state of OpenTofu", "这是 OpenTofu 的加密状态");
        let help = Words::new(
            "write it with `tofu show -json > state.json`",
            "请用 `tofu show -json > state.json` 输出",
        );
        return Err(error(message, help));
    }
    let message = Words::new(
        "this is neither a plan nor a state: it has neither `planned_values` nor `values`",
        "这既不是计划也不是状态：既没有 `planned_values` 也没有 `values`",
    );
    Err(error(message, show()))
}

/// Where a tree of resources is none: nothing of it may be passed over.
fn misshapen(values: &Value) -> Option<String> {
    fn within(module: &Value, path: &str) -> Option<String> {
        if !module.is_object() && !module.is_null() {
            return Some(path.to_owned());
        }
        let lists = ["resources", "child_modules"].map(|name| get(module, name));
        if lists.iter().any(|it| !it.is_array() && !it.is_null()) {
            return Some(format!("a list of {path}"));
        }
        let [resources, children] = lists.map(list);
        let is_resource = |it: &Value| {
            let is_text = |name| get(it, name).is_string() || get(it, name).is_null();
            get(it, "type").is_string() && is_text("address") && is_text("name")
        };
        let bad = resources.iter().position(|it| !is_resource(it));
        if let Some(at) = bad {
            return Some(format!("{path}.resources[{at}]"));
        }
        let mut children = children.iter().enumerate();
        children.find_map(|(at, it)| within(it, &format!("{path}.child_modules[{at}]")))
    }
    if !values.is_object() && !values.is_null() {
        return Some("values".to_owned());
    }
    within(get(values, "root_module"), "root_module")
}

/// How a plan is written as JSON.
fn show() -> Words {
    Words::new(
        "write it with `terraform show -json plan.tfplan > plan.json`",
        "请用 `terraform show -json plan.tfplan > plan.json` 输出",
    )
}

impl<'j> Input<'j> {
    /// Reads one side of the document.
    pub fn new(document: &'j Value, side: Side) -> Self {
        let planned = get(document, "planned_values");
        let values = match side {
            Side::Prior => get(get(document, "prior_state"), "values"),
            Side::Final if planned.is_null() => get(document, "values"),
            Side::Final => planned,
        };
        let configuration = get(document, "configuration");
        let changes: &[Value] = match side {
            Side::Prior => &[],
            Side::Final => list(get(document, "resource_changes")),
        };
        let unknown: FxHashMap<&str, &Value> = changes
            .iter()
            .filter_map(|change| {
                let address = change.get("address")?.as_str()?;
                Some((address, get(get(change, "change"), "after_unknown")))
            })
            .collect();
        let mut input = Self {
            is_plan: !planned.is_null(),
            resources: Vec::new(),
            configuration: get(configuration, "root_module"),
            providers: get(configuration, "provider_config"),
            variables: get(document, "variables"),
            ccn_routes: FxHashMap::default(),
            by_id: FxHashMap::default(),
            by_block: FxHashMap::default(),
        };
        input.collect(get(values, "root_module"), &unknown);
        // what was read before a plan is not among what is planned
        let read = match planned {
            Value::Null => values,
            _ => get(get(document, "prior_state"), "values"),
        };
        input.read_ccn_routes(get(read, "root_module"));
        for change in changes {
            input.forgotten(change);
        }
        if side == Side::Final && get(document, "complete").as_bool() == Some(false) {
            let prior = get(get(document, "prior_state"), "values");
            input.collect_untouched(get(prior, "root_module"), changes);
        }
        if side == Side::Prior {
            // the configuration says how it will be; of what was, it tells no more than the provider
            for resource in &mut input.resources {
                resource.block = NOTHING;
            }
        }
        input.resources.sort_by_key(|resource| resource.address);
        input.index();
        input
    }

    fn collect(&mut self, module: &'j Value, unknown: &FxHashMap<&str, &'j Value>) {
        for resource in list(get(module, "resources")) {
            let text = |name| get(resource, name).as_str().unwrap_or_default();
            let kind = text("type");
            if text("mode") == "data" || !kind.starts_with("tencentcloud_") {
                continue;
            }
            // what has no address can only be told by its type
            let address = match text("address") {
                "" => kind,
                address => address,
            };
            let module = calls(address);
            let block = self.block(&module, kind, text("name"));
            let provider = get(block, "provider_config_key");
            self.resources.push(Resource {
                provider: provider.as_str().unwrap_or_default(),
                address,
                module,
                kind,
                name: text("name"),
                key: Key::of(get(resource, "index")),
                values: get(resource, "values"),
                unknown: unknown.get(address).copied().unwrap_or(NOTHING),
                block,
                depends_on: get(resource, "depends_on"),
            });
        }
        for child in list(get(module, "child_modules")) {
            self.collect(child, unknown);
        }
    }

    /// What a plan for a part of the resources does not speak of: it stays as it is.
    fn collect_untouched(&mut self, module: &'j Value, changes: &[Value]) {
        let mut prior = Self {
            resources: Vec::new(),
            by_id: FxHashMap::default(),
            by_block: FxHashMap::default(),
            ccn_routes: FxHashMap::default(),
            ..*self
        };
        prior.collect(module, &FxHashMap::default());
        let spoken = changes.iter().map(|it| get(it, "address"));
        let mut spoken: Vec<&str> = spoken.filter_map(Value::as_str).collect();
        spoken.extend(self.resources.iter().map(|it| it.address));
        let untouched = prior.resources.into_iter();
        let untouched = untouched.filter(|it| !spoken.contains(&it.address));
        self.resources.extend(untouched);
    }

    fn read_ccn_routes(&mut self, module: &'j Value) {
        for resource in list(get(module, "resources")) {
            if get(resource, "mode") != "data" || get(resource, "type") != "tencentcloud_ccn_routes"
            {
                continue;
            }
            for route in list(get(get(resource, "values"), "route_list")) {
                if let Some(id) = get(route, "route_id").as_str() {
                    self.ccn_routes.insert(id, route);
                }
            }
        }
        for child in list(get(module, "child_modules")) {
            self.read_ccn_routes(child);
        }
    }

    /// What Terraform only forgets stays in the cloud as it is.
    fn forgotten(&mut self, change: &'j Value) {
        let text = |name| get(change, name).as_str().unwrap_or_default();
        let mut actions = list(get(get(change, "change"), "actions")).iter();
        let is_forgotten = actions.any(|action| action == "forget");
        let kind = text("type");
        if !is_forgotten || text("mode") == "data" || !kind.starts_with("tencentcloud_") {
            return;
        }
        self.resources.push(Resource {
            address: text("address"),
            module: calls(text("address")),
            kind,
            // nothing in the configuration refers to it; a new one may have taken its name
            name: "",
            key: None,
            values: get(get(change, "change"), "before"),
            unknown: NOTHING,
            block: NOTHING,
            provider: "",
            depends_on: NOTHING,
        });
    }

    fn index(&mut self) {
        for (index, resource) in self.resources.iter().enumerate() {
            let (kind, name) = (resource.kind.to_owned(), resource.name.to_owned());
            let block = (resource.module.clone(), kind, name);
            self.by_block.entry(block).or_default().push(index);
        }
        // what others belong to comes first: an unknown part may carry the id of its whole
        for is_read in [true, false] {
            for (index, resource) in self.resources.iter().enumerate() {
                if is_understood(resource.kind) != is_read {
                    continue;
                }
                for name in own_ids(resource.kind) {
                    if let Some(id) = get(resource.values, name).as_str()
                        && !id.is_empty()
                    {
                        self.by_id.entry(id).or_insert(index);
                    }
                }
            }
        }
        for (index, resource) in self.resources.iter().enumerate() {
            let table = get(resource.values, "default_route_table_id").as_str();
            if let Some(id) = table.filter(|id| !id.is_empty()) {
                self.by_id.entry(id).or_insert(index);
            }
        }
        // a configuration names what does not exist yet by its address
        for (index, resource) in self.resources.iter().enumerate() {
            let has_id =
                own_ids(resource.kind).iter().any(|name| get(resource.values, name).is_string());
            if !has_id {
                self.by_id.entry(resource.address).or_insert(index);
            }
        }
        for indices in self.by_block.values_mut() {
            indices.sort_by(|a, b| self.resources[*a].key.cmp(&self.resources[*b].key));
        }
    }

    /// The resource with an id.
    pub fn with_id(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// The instances of a block, by key.
    pub fn instances(&self, module: &[Call], kind: &str, name: &str) -> &[usize] {
        let block = (module.to_vec(), kind.to_owned(), name.to_owned());
        self.by_block.get(&block).map_or(&[], Vec::as_slice)
    }

    /// The resources of a type.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = usize> + 'a {
        let all = self.resources.iter().enumerate();
        all.filter(move |(_, resource)| resource.kind == kind).map(|(index, _)| index)
    }

    /// The configuration of a module.
    pub fn module(&self, calls: &[Call]) -> &'j Value {
        calls.iter().fold(self.configuration, |module, call| {
            get(get(get(module, "module_calls"), &call.name), "module")
        })
    }

    /// The block of a data source that a reference names: `TYPE.NAME…`.
    pub fn data_block(&self, module: &[Call], reference: &str) -> Option<&'j Value> {
        let (kind, rest) = reference.split_once('.')?;
        let name = rest.split(['.', '[']).next()?;
        let mut blocks = list(get(self.module(module), "resources")).iter();
        blocks.find(|block| {
            get(block, "mode") == "data" && get(block, "type") == kind && get(block, "name") == name
        })
    }

    fn block(&self, module: &[Call], kind: &str, name: &str) -> &'j Value {
        let blocks = list(get(self.module(module), "resources"));
        blocks
            .iter()
            .find(|block| {
                get(block, "type") == kind
                    && get(block, "name") == name
                    && get(block, "mode") != "data"
            })
            .unwrap_or(NOTHING)
    }
}

/// The attributes that hold the ids by which others refer to a resource.
pub fn own_ids(kind: &str) -> &'static [&'static str] {
    match kind {
        "tencentcloud_clb_listener" => &["listener_id", "id"],
        "tencentcloud_clb_listener_rule" => &["rule_id", "id"],
        // rule sets and attachments have the id of what they belong to
        kind if is_part(kind) || is_attachment(kind) => &[],
        _ => &["id"],
    }
}

/// Whether a resource is only a part of another one, whose id it may carry.
fn is_part(kind: &str) -> bool {
    [
        "_rule_set",
        "_lite_rule",
        "_attachment",
        "_association",
        "_entry",
        "_rule",
        "_ccn_routes",
        "_quintuple",
        "_cidr_block",
        "_ipv4_address",
        "_ipv6_address",
        "_eni_address",
        "_input_policies",
        "_instance_config",
        "_entry_config",
        "_extra_config",
        "_notify_routes",
        "_bandwidth_limit",
        "_selection_policies",
        "_snat_ip",
    ]
    .iter()
    .any(|end| kind.ends_with(end))
}
