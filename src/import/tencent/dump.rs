//! A folder of API responses as lists of objects, whatever the pages and regions.
//!
//! A file is named after its action: `DescribeVpcs.json`, `DescribeVpcs.ap-guangzhou.2.json`. Where a response does not
//! say what it belongs to, the name does: `DescribeSecurityGroupPolicies.sg-1a2b3c4d.json`. Databases have their service in
//! front: `cdb.DescribeDBInstances.ap-guangzhou.json`.

use serde_json::Value;

use crate::diagnostic::{Words, words};
use crate::import::note::ImportError;

/// One file.
#[derive(Debug)]
pub struct Response {
    /// Its name.
    pub file: String,
    /// The action that it answers.
    pub action: String,
    /// The region that its name says.
    pub region: Option<String>,
    /// The entity that its name says it belongs to.
    pub owner: Option<String>,
    /// What stands in it, without the wrapper `Response`.
    pub body: Value,
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

    /// A text that says something; numbers as they are written.
    pub fn text(&self, name: &str) -> Option<&'d str> {
        self.get(name).as_str().filter(|text| !text.is_empty())
    }

    /// A text, empty if it is not set.
    pub fn words(&self, name: &str) -> &'d str {
        self.text(name).unwrap_or_default()
    }

    /// A port.
    pub fn port(&self, name: &str) -> Option<u16> {
        let port = self.get(name).as_u64()?;
        u16::try_from(port).ok().filter(|port| *port != 0)
    }

    /// The texts of a list.
    pub fn texts(&self, name: &str) -> Vec<&'d str> {
        let list = self.get(name).as_array().into_iter().flatten();
        list.filter_map(Value::as_str)
            .filter(|text| !text.is_empty())
            .collect()
    }

    /// The objects of a list.
    pub fn list(&self, name: &str) -> Vec<Object<'d>> {
        let list = self.get(name).as_array().into_iter().flatten();
        let response = self.response;
        list.map(|value| Object { value, response }).collect()
    }

    /// An object inside this one.
    pub fn inner(&self, name: &str) -> Object<'d> {
        Object {
            value: self.get(name),
            response: self.response,
        }
    }

    /// Whether a member is `true`.
    pub fn is(&self, name: &str) -> bool {
        *self.get(name) == Value::Bool(true)
    }
}

/// The files of a folder.
#[derive(Debug, Default)]
pub struct Dump {
    /// By name; pages by number.
    pub responses: Vec<Response>,
}

impl Dump {
    /// Reads the files. Mistakes name theirs.
    pub fn new(files: &[(String, String)]) -> Result<Self, ImportError> {
        let mut responses = Vec::new();
        for (file, text) in files {
            let Some(stem) = file.strip_suffix(".json") else {
                continue;
            };
            let text = text.strip_prefix('\u{feff}').unwrap_or(text);
            let value: Value = serde_json::from_str(text).map_err(|reason| ImportError {
                message: if reason.is_eof() {
                    words!(
                        "{file} ends too early: it is cut off",
                        "{file} 不完整：内容被截断"
                    )
                } else {
                    words!("{file} is no JSON: {reason}", "{file} 不是 JSON：{reason}")
                },
                help: Some(Words::new("collect it again", "请重新采集")),
            })?;
            let parts: Vec<&str> = stem.split('.').collect();
            let (action, parts) = match &parts[..] {
                // several services have an action of this name; the commoner ones need no word in front
                [service, action, rest @ ..] if action.starts_with("Describe") => {
                    if COMMON.contains(service) {
                        ((*action).to_owned(), rest.to_vec())
                    } else {
                        (format!("{service}.{action}"), rest.to_vec())
                    }
                }
                [action, rest @ ..] => ((*action).to_owned(), rest.to_vec()),
                [] => continue,
            };
            let is_number = |part: &str| part.bytes().all(|digit| digit.is_ascii_digit());
            let mut named = parts.iter().filter(|part| !is_number(part));
            let region = named.clone().find(|part| is_region(part));
            let owner = named.find(|part| !is_region(part));
            let body = match value.get("Response") {
                Some(body) => body.clone(),
                None => value.clone(),
            };
            if let Some(error) = body.get("Error") {
                let message = error.get("Message").and_then(Value::as_str);
                let message = message.unwrap_or("an error");
                return Err(ImportError {
                    message: words!(
                        "{file} holds no answer but an error: {message}",
                        "{file} 中不是应答而是错误：{message}"
                    ),
                    help: Some(Words::new("collect it again", "请重新采集")),
                });
            }
            responses.push(Response {
                file: file.clone(),
                action,
                region: region.map(|part| (*part).to_owned()),
                owner: owner.map(|part| (*part).to_owned()),
                body,
            });
        }
        responses.sort_by_cached_key(|response| natural(&response.file));
        Ok(Self { responses })
    }

    /// The answers to an action.
    pub fn answers<'d>(&'d self, action: &'d str) -> impl Iterator<Item = Object<'d>> {
        let all = self.responses.iter();
        all.filter(move |response| response.action == action)
            .map(|response| Object {
                value: &response.body,
                response,
            })
    }

    /// The objects of a list, over all pages and regions.
    pub fn all<'d>(&'d self, action: &'d str, list: &'d str) -> Vec<Object<'d>> {
        self.answers(action)
            .flat_map(|answer| answer.list(list))
            .collect()
    }
}

/// Numbers as numbers, so that page 10 stands behind page 9.
fn natural(name: &str) -> Vec<(u64, String)> {
    let parts = name.split('.');
    parts
        .map(|part| (part.parse().unwrap_or(0), part.to_owned()))
        .collect()
}

/// Whether a part of a file name is a region: `ap-guangzhou`, `ap-shanghai-fsi`, `eu-frankfurt`.
fn is_region(part: &str) -> bool {
    let areas = ["ap", "na", "eu", "sa", "me", "af", "cn"];
    let mut words = part.split('-');
    let area = words.next().unwrap_or_default();
    areas.contains(&area) && words.next().is_some_and(|word| word.len() > 2)
}
