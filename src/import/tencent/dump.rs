//! A folder of API responses as lists of objects, whatever the pages and regions.
//!
//! A file is named after its action: `DescribeVpcs.json`, `DescribeVpcs.ap-guangzhou.2.json`. Where a response does not
//! say what it belongs to, the name does: `DescribeSecurityGroupPolicies.sg-1a2b3c4d.json`. Databases have their service in
//! front, or as a folder: `cdb.DescribeDBInstances.ap-guangzhou.json`, `ap-guangzhou/cdb/DescribeDBInstances.json`.

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::answer::{Action, is_service, understood};
use crate::diagnostic::{Words, words};
use crate::id::Id;
use crate::import::notation;
use crate::import::note::ImportError;

/// One file.
#[derive(Debug)]
pub struct Response {
    /// Its name, with the folders that it lies in.
    pub file: String,
    /// The action that it answers.
    pub action: String,
    /// The region that its name or its folder says.
    pub region: Option<String>,
    /// The entity that its name says it belongs to.
    pub owner: Option<String>,
    /// What stands in it, without the wrapper `Response`, numbers as they are written; or why it is no answer.
    pub body: Result<Value, Words>,
    /// Everything that its list holds, by id where it has one: what is counted.
    pub listed: Vec<String>,
    /// What its list holds and cannot be taken as it is: it is no longer in the body.
    pub strays: Vec<Stray>,
}

/// A thing that a list holds and that cannot be taken as it is.
#[derive(Debug)]
pub struct Stray {
    /// Where it stands: file, list and index.
    pub place: String,
    /// What it says.
    pub value: Value,
    /// The id that something had before it; none if it has no id at all.
    pub namesake: Option<Id>,
}

/// An object of a list, with what the name of its file says.
#[derive(Clone, Copy, Debug)]
pub struct Object<'d> {
    /// The object.
    pub value: &'d Value,
    /// The file that it stands in.
    pub response: &'d Response,
}

/// Services whose actions go by their own name.
const COMMON: [&str; 4] = ["vpc", "cvm", "clb", "dc"];

const NOTHING: &Value = &Value::Null;

impl<'d> Object<'d> {
    /// A member, or null.
    pub fn get(&self, name: &str) -> &'d Value {
        self.value.get(name).unwrap_or(NOTHING)
    }

    /// A text or number that says something, as it is written.
    pub fn text(&self, name: &str) -> Option<&'d str> {
        self.get(name).as_str().filter(|text| !text.is_empty())
    }

    /// A text, empty if it is not set.
    pub fn words(&self, name: &str) -> &'d str {
        self.text(name).unwrap_or_default()
    }

    /// A text, empty if it is not set; what is neither must not be taken for what is not set.
    pub fn plain(&self, name: &str) -> Result<&'d str, Words> {
        match self.get(name) {
            Value::Null => Ok(""),
            Value::String(text) => Ok(text),
            other => Err(words!("its {name} {other} cannot be read", "无法读取其 {name} {other}")),
        }
    }

    /// That nothing is said beside what is known, so that nothing is overlooked that makes a rule narrower.
    pub fn only(&self, known: &[&str]) -> Result<(), Words> {
        let members = self.value.as_object().into_iter().flatten();
        let mut strange = members.filter(|(name, value)| {
            let is_set = !matches!(value, Value::Null) && value.as_str() != Some("");
            is_set && !known.contains(&name.as_str())
        });
        match strange.next() {
            None => Ok(()),
            Some((name, _)) => {
                Err(words!("what its `{name}` means is not known", "其 `{name}` 的含义未知"))
            }
        }
    }

    /// A port.
    pub fn port(&self, name: &str) -> Option<u16> {
        let port = self.text(name)?.parse().ok();
        port.filter(|port| *port != 0)
    }

    /// A number, also one that is written as a text.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }

    /// The texts of a list.
    pub fn texts(&self, name: &str) -> Vec<&'d str> {
        let list = self.get(name).as_array().into_iter().flatten();
        list.filter_map(Value::as_str).filter(|text| !text.is_empty()).collect()
    }

    /// The objects of a list.
    pub fn list(&self, name: &str) -> Vec<Object<'d>> {
        let list = self.get(name).as_array().into_iter().flatten();
        let response = self.response;
        list.map(|value| Object { value, response }).collect()
    }

    /// An object inside this one.
    pub fn inner(&self, name: &str) -> Object<'d> {
        Object { value: self.get(name), response: self.response }
    }

    /// Whether a member is `true`, in whatever way that is written.
    pub fn is(&self, name: &str) -> bool {
        self.flag(name) == Some(true)
    }

    /// Whether a member is `false`, in whatever way that is written.
    pub fn is_not(&self, name: &str) -> bool {
        self.flag(name) == Some(false)
    }

    fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name) {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text == "1" || text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text == "0" || text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }
}

/// The files of a folder.
#[derive(Debug, Default)]
pub struct Dump {
    /// By name; pages by number.
    pub responses: Vec<Response>,
    /// What says which files there should be.
    pub manifests: Vec<(String, Value)>,
}

impl Dump {
    /// Reads the files. Mistakes name theirs.
    pub fn new(files: &[(String, String)]) -> Result<Self, ImportError> {
        let mut dump = Self::default();
        for (file, text) in files {
            if let Some(stem) = file.strip_suffix(".json") {
                let value = parsed(file, text)?;
                if stem.rsplit('/').next() == Some("manifest") {
                    dump.manifests.push((file.clone(), value));
                } else {
                    dump.responses.push(Response::new(file, stem, value));
                }
            }
        }
        dump.responses.sort_by_cached_key(|response| natural(&response.file));
        dump.sift();
        Ok(dump)
    }

    /// Takes out of the lists what nothing can name, and what another one of its id was told before: an id means one
    /// thing. What two pages or two regions tell alike is one thing.
    fn sift(&mut self) {
        let mut known: FxHashMap<(&str, Id), Value> = FxHashMap::default();
        for response in &mut self.responses {
            let (Some(action), Ok(body)) = (understood(&response.action), &mut response.body)
            else {
                continue;
            };
            let list = body.get_mut(action.list).and_then(Value::as_array_mut);
            let Some(list) = list else {
                continue;
            };
            let (file, name) = (&response.file, action.list);
            for (index, thing) in std::mem::take(list).into_iter().enumerate() {
                let own = thing.get(action.id).and_then(Value::as_str);
                let own = own.filter(|id| !id.is_empty()).map(notation::id);
                let counted = own.as_ref().map(Id::to_string);
                response.listed.push(counted.unwrap_or_else(|| thing.to_string()));
                let stray = |namesake| Stray {
                    place: format!("{file} {name}[{index}]"),
                    value: thing.clone(),
                    namesake,
                };
                match own {
                    None if action.id.is_empty() => list.push(thing),
                    None => response.strays.push(stray(None)),
                    Some(id) => match known.get(&(action.name, id.clone())) {
                        Some(first) if *first == thing => {}
                        Some(_) => response.strays.push(stray(Some(id))),
                        None => {
                            known.insert((action.name, id), thing.clone());
                            list.push(thing);
                        }
                    },
                }
            }
        }
    }

    /// Everything that is listed: the action, and the id of the thing, or of what it belongs to.
    pub fn things(&self) -> Vec<(&str, &str)> {
        let mut things = Vec::new();
        let mut seen = FxHashSet::default();
        for action in &super::answer::ACTIONS {
            for answer in self.answers(action.name) {
                let owner = answer.response.owner.as_deref().unwrap_or_default();
                let set = answer.inner(action.list);
                let rules = ["Ingress", "Egress"].into_iter();
                let rules = rules.flat_map(|list| set.list(list));
                for thing in answer.list(action.list).into_iter().chain(rules) {
                    let own = thing.text(id_of(action)).unwrap_or(owner);
                    let pair = (action.name, own);
                    if own.is_empty() || own == owner || seen.insert(pair) {
                        things.push(pair);
                    }
                }
                let strays = answer.response.strays.iter();
                let nameless = strays.filter(|it| it.namesake.is_none());
                things.extend(nameless.map(|it| (action.name, it.place.as_str())));
            }
        }
        things
    }

    /// The answers to an action.
    pub fn answers<'d>(&'d self, action: &'d str) -> impl Iterator<Item = Object<'d>> {
        let all = self.responses.iter();
        all.filter(move |response| response.action == action).filter_map(|response| {
            let value = response.body.as_ref().ok()?;
            Some(Object { value, response })
        })
    }

    /// The objects of a list, over all pages and regions.
    pub fn all<'d>(&'d self, action: &'d str, list: &'d str) -> Vec<Object<'d>> {
        self.answers(action).flat_map(|answer| answer.list(list)).collect()
    }
}

impl Response {
    /// A file that is not there.
    pub fn lost(file: &str) -> Self {
        let stem = file.strip_suffix(".json").unwrap_or(file);
        Self::new(file, stem, Value::Null)
    }

    /// A file by its name without the ending, folders in front.
    fn new(file: &str, stem: &str, value: Value) -> Self {
        let mut folders: Vec<&str> = stem.split('/').collect();
        let parts: Vec<&str> = folders.pop().unwrap_or_default().split('.').collect();
        let (action, parts) = match &parts[..] {
            // several services have an action of this name; the commoner ones need no word in front
            [service, action, rest @ ..] if action.starts_with("Describe") => {
                if COMMON.contains(service) {
                    ((*action).to_owned(), rest)
                } else {
                    (format!("{service}.{action}"), rest)
                }
            }
            [action, rest @ ..] => {
                let mut services = folders.iter().rev();
                let service = services.find(|folder| is_service(folder));
                let whole = service.map(|service| format!("{service}.{action}"));
                let whole = whole.filter(|whole| understood(whole).is_some());
                (whole.unwrap_or_else(|| (*action).to_owned()), rest)
            }
            [] => (String::new(), &parts[..]),
        };
        let is_number = |part: &str| part.bytes().all(|digit| digit.is_ascii_digit());
        let named = parts.iter().filter(|part| !is_number(part));
        let region = named.clone().find(|part| is_region(part)).copied();
        let region = region.or_else(|| folders.iter().rev().find(|it| is_region(it)).copied());
        let owner = named.clone().find(|part| !is_region(part));
        Self {
            file: file.to_owned(),
            body: body(&action, value),
            action,
            region: region.map(str::to_owned),
            owner: owner.map(|part| (*part).to_owned()),
            listed: Vec::new(),
            strays: Vec::new(),
        }
    }
}

/// The member by whose text things of a list are counted, each once.
fn id_of(action: &Action) -> &'static str {
    match action.list {
        "RouteSet" => "RouteId",
        "FlowLog" => "FlowLogId",
        // members of a CCN, which have the ids of what has joined
        "InstanceSet" => "InstanceId",
        _ => action.id,
    }
}

/// What a file holds, as JSON.
fn parsed(file: &str, text: &str) -> Result<Value, ImportError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).map_err(|reason| ImportError {
        message: if reason.is_eof() {
            words!("{file} ends too early: it is cut off", "{file} 不完整：内容被截断")
        } else {
            words!("{file} is no JSON: {reason}", "{file} 不是 JSON：{reason}")
        },
        help: Some(Words::new("collect it again", "请重新采集")),
    })
}

/// The answer in a file, or why it is none.
fn body(action: &str, mut value: Value) -> Result<Value, Words> {
    let mut body = match value.get_mut("Response") {
        Some(body) => body.take(),
        None => value,
    };
    if let Some(error) = body.get("Error") {
        let said = |name| error.get(name).and_then(Value::as_str).unwrap_or_default();
        let message = match (said("Code"), said("Message")) {
            ("", message) => message.to_owned(),
            (code, message) => format!("{code}: {message}"),
        };
        return Err(words!(
            "it holds no answer but an error: {message}",
            "其中不是应答而是错误：{message}"
        ));
    }
    if let Some(list) = understood(action).map(|action| action.list) {
        match body.get(list) {
            // nothing is listed; or two lists under one name
            Some(Value::Null | Value::Array(_)) => {}
            Some(Value::Object(_)) if list == "SecurityGroupPolicySet" => {}
            None => {
                return Err(words!(
                    "it holds no answer: there is no `{list}` in it",
                    "其中没有应答：没有 `{list}`"
                ));
            }
            Some(_) => {
                return Err(words!(
                    "it holds no answer: its `{list}` is no list",
                    "其中没有应答：`{list}` 不是列表"
                ));
            }
        }
    }
    spell(&mut body);
    Ok(body)
}

/// Writes every number out, so that `80` and `"80"` are one.
fn spell(value: &mut Value) {
    match value {
        Value::Number(number) => *value = Value::String(number.to_string()),
        Value::Array(items) => items.iter_mut().for_each(spell),
        Value::Object(members) => members.values_mut().for_each(spell),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// Numbers as numbers, so that page 10 stands behind page 9.
fn natural(name: &str) -> Vec<(u64, String)> {
    let parts = name.split(['.', '/']);
    parts.map(|part| (part.parse().unwrap_or(0), part.to_owned())).collect()
}

/// Whether a part of a file name is a region: `ap-guangzhou`, `ap-shanghai-fsi`, `eu-frankfurt`.
fn is_region(part: &str) -> bool {
    let areas = ["ap", "na", "eu", "sa", "me", "af", "cn"];
    let mut words = part.split('-');
    let area = words.next().unwrap_or_default();
    areas.contains(&area) && words.next().is_some_and(|word| word.len() > 2)
}
