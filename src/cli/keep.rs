//! `import --keep`: what people have written into a file outlives the network in it.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use super::args::Global;
use super::exit::Exit;
use super::files::{Disk, may_be_replaced};
use super::one::tell;
use super::output::Output;
use crate::code::Language;
use crate::import::Document;
use crate::scenario::{Scenario, beside_network, load};
use crate::verify::{ChangedPart as Part, Turned, differences};

/// What is kept of a file.
pub struct Kept {
    scenario: Scenario,
    /// What stands beside its network: fields and their texts.
    beside: Vec<(String, String)>,
    path: String,
}

/// What differs between the network that was and the one that was imported.
pub struct Changed(Vec<(Part, Turned)>);

impl Kept {
    /// Reads the file; tells what is wrong with it.
    ///
    /// # Errors
    ///
    /// With the status to end with.
    pub fn read(path: &str, global: &Global, output: &mut Output) -> Result<Self, Exit> {
        let loaded = load(path, &Disk::of(global));
        for source in loaded.sources.iter() {
            may_be_replaced(Path::new(&source.path));
        }
        let Some(scenario) = loaded.scenario else {
            tell(&loaded.sources, &loaded.diagnostics, global, output);
            return Err(Exit::Unusable);
        };
        let text = loaded.sources.get(0).map_or("", |source| &source.text);
        let beside = beside_network(text).into_iter();
        Ok(Self {
            scenario,
            beside: beside.map(|(name, text)| (name.to_owned(), text.to_owned())).collect(),
            path: path.to_owned(),
        })
    }

    /// Puts the names and tags of the file into the document, and tells what else differs.
    pub fn put(&self, document: &mut Document) -> Changed {
        if self.scenario.name.is_some() {
            document.name.clone_from(&self.scenario.name);
        }
        for (id, meta) in document.fragment.network.metas_mut() {
            let Some(own) = self.scenario.network.meta_of(id.as_str()) else {
                continue;
            };
            if own.name.is_some() {
                meta.name.clone_from(&own.name);
            }
            let tags = own.tags.iter();
            meta.tags.extend(tags.map(|(key, value)| (key.clone(), value.clone())));
        }
        let network = document.fragment.clone().into_network();
        Changed(differences(&self.scenario.network, &network))
    }

    /// The text of the new file with what stood beside the network of the old one.
    pub fn beside(&self, text: &str) -> String {
        let Some(end) = text.rfind(')') else {
            return text.to_owned();
        };
        let (before, after) = text.split_at(end);
        let mut text = before.to_owned();
        for (name, value) in &self.beside {
            let _ = writeln!(text, "    {name}: {value},");
        }
        text + after
    }

    /// What changed, in lines.
    pub fn changes(&self, changed: &Changed, language: Language) -> String {
        let mut text = String::new();
        for (part, turned) in &changed.0 {
            let word = match (turned, language) {
                (Turned::Added, Language::English) => "added: ",
                (Turned::Changed, Language::English) => "changed: ",
                (Turned::Removed, Language::English) => "removed: ",
                (Turned::Added, Language::Chinese) => "新增：",
                (Turned::Changed, Language::Chinese) => "变更：",
                (Turned::Removed, Language::Chinese) => "删除：",
            };
            let _ = writeln!(text, "{word}{}", told(part, language));
        }
        let path = &self.path;
        let count = |wanted| changed.0.iter().filter(|(_, it)| *it == wanted).count();
        let (added, other, removed) =
            (count(Turned::Added), count(Turned::Changed), count(Turned::Removed));
        text + &match language {
            _ if changed.0.is_empty() => match language {
                Language::English => format!("nothing changed since {path}\n"),
                Language::Chinese => format!("自 {path} 以来没有变化\n"),
            },
            Language::English => {
                format!("since {path}: {added} added, {other} changed, {removed} removed\n")
            }
            Language::Chinese => {
                format!("自 {path} 以来：新增 {added}，变更 {other}，删除 {removed}\n")
            }
        }
    }
}

impl Changed {
    /// What changed, as data.
    pub fn json(&self) -> Value {
        let all = self.0.iter().map(|(part, turned)| {
            let (kind, id) = match part {
                Part::Entity(kind, id) => (kind.words(), Some(id.as_str())),
                Part::Links(id) => ("classic links", Some(id.as_str())),
                Part::Failure(id) => ("failure", Some(id.as_str())),
                Part::Name(name) => ("name", Some(name.as_str())),
                Part::Platform => ("platform", None),
            };
            let turned = match turned {
                Turned::Added => "added",
                Turned::Changed => "changed",
                Turned::Removed => "removed",
            };
            json!({ "change": turned, "kind": kind, "id": id })
        });
        all.collect()
    }
}

fn told(part: &Part, language: Language) -> String {
    match (part, language) {
        (Part::Entity(kind, id), Language::English) => format!("{} {id}", kind.words()),
        (Part::Entity(kind, id), Language::Chinese) => format!("{} {id}", kind.chinese()),
        (Part::Links(id), Language::English) => format!("the classic links of {id}"),
        (Part::Links(id), Language::Chinese) => format!("{id} 的基础网络互通"),
        (Part::Failure(id), Language::English) => format!("whether {id} has failed"),
        (Part::Failure(id), Language::Chinese) => format!("{id} 的故障状态"),
        (Part::Name(name), Language::English) => format!("the name {name}"),
        (Part::Name(name), Language::Chinese) => format!("名称 {name}"),
        (Part::Platform, Language::English) => "the switches of `platform`".to_owned(),
        (Part::Platform, Language::Chinese) => "`platform` 开关".to_owned(),
    }
}
