//! The outline of a network: which things stand in its sections, before any of them is read.
//!
//! It comes first because a rule may name a group that stands further down, or in another file.

use rustc_hash::FxHashMap;

use crate::code::Code;
use crate::diagnostic::{Diagnostic, Span, Words};
use crate::id::Id;
use crate::model::Kind;
use crate::scenario::fields::Fields;
use crate::scenario::reader::Reader;
use crate::scenario::value::{Shape, Value};
use crate::scenario::word::check_id;

/// The sections of `network` and then those of `classic`, in the order in which they are read: what has addresses before what
/// names them.
fn sections() -> impl Iterator<Item = (Kind, &'static str)> {
    let own = Kind::SECTIONS.iter().filter(|kind| !kind.is_classic());
    let classic = Kind::SECTIONS.iter().filter(|kind| kind.is_classic());
    own.chain(classic).filter_map(|kind| {
        let section = kind.section()?;
        Some((*kind, section.strip_prefix("classic_").unwrap_or(section)))
    })
}

/// The names of the sections of `network`.
pub fn section_names() -> impl Iterator<Item = &'static str> {
    let own = sections().filter(|(kind, _)| !kind.is_classic());
    own.map(|(_, name)| name).chain(["classic", "classic_links"])
}

/// One thing with an id.
#[derive(Clone, Debug)]
pub struct Entry<'src> {
    /// What it is.
    pub kind: Kind,
    /// Its id; any text, checked or not.
    pub id: Id,
    /// Where the id stands.
    pub key: Value<'src>,
    /// What is said of it.
    pub value: Value<'src>,
}

/// The links of one VPC.
#[derive(Clone, Debug)]
pub struct Links<'src> {
    /// The VPC.
    pub vpc: Id,
    /// Where its id stands.
    pub key: Value<'src>,
    /// The list of instances.
    pub value: Value<'src>,
}

/// What stands in the sections, by section and in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Outline<'src> {
    /// The entries of the sections.
    pub entries: Vec<Entry<'src>>,
    /// Things that stand inside entries and have ids of their own: tunnels, route tables of CCNs.
    pub parts: Vec<Entry<'src>>,
    /// The entries of `classic_links`.
    pub links: Vec<Links<'src>>,
    /// The section `platform`.
    pub platform: Option<Value<'src>>,
    /// The lists `unmodelled`, one a file that has one.
    pub unmodelled: Vec<Value<'src>>,
}

/// The outline of `network: (…)`.
pub fn outline<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Outline<'src>> {
    Fields::of(value, "network", at).map(outline_of)
}

/// The outline of sections that are already taken apart.
pub fn outline_of<'src>(mut fields: Fields<'_, 'src>) -> Outline<'src> {
    let mut outline = Outline::default();
    for (kind, name) in sections().filter(|(kind, _)| !kind.is_classic()) {
        outline.section(name, kind, &mut fields);
    }
    if let Some(value) = fields.value("classic")
        && let Some(mut classic) = Fields::of(value, "classic", fields.at)
    {
        for (kind, name) in sections().filter(|(kind, _)| kind.is_classic()) {
            outline.section(name, kind, &mut classic);
        }
        classic.finish();
    }
    if let Some(entries) = fields.optional("classic_links", entries) {
        let links = entries.into_iter().map(|(vpc, key, value)| Links { vpc, key, value });
        outline.links = links.collect();
    }
    outline.platform = fields.value("platform");
    outline.unmodelled.extend(fields.value("unmodelled"));
    fields.finish();
    outline.find_parts();
    outline
}

impl<'src> Outline<'src> {
    fn section(&mut self, name: &'static str, kind: Kind, fields: &mut Fields<'_, 'src>) {
        let entries = fields.optional(name, entries).unwrap_or_default();
        self.entries.extend(entries.into_iter().map(|(id, key, value)| Entry {
            kind,
            id,
            key,
            value,
        }));
    }

    /// Looks into the few entries that hold things with ids of their own. What cannot be read is skipped here and
    /// reported when the entry is read.
    fn find_parts(&mut self) {
        for entry in &self.entries {
            let mut wholes = Kind::PARTS.into_iter();
            let Some((_, field, kind)) = wholes.find(|(whole, ..)| *whole == entry.kind) else {
                continue;
            };
            let Some(list) = field_of(entry.value, field) else {
                continue;
            };
            let parts: Vec<(Value<'src>, Value<'src>)> = if kind == Kind::CcnRouteTable {
                list.entries().unwrap_or_default()
            } else {
                let items = list.items().unwrap_or_default().into_iter();
                items.filter_map(|item| Some((field_of(item, "id")?, item))).collect()
            };
            for (key, value) in parts {
                if let Ok(id) = key.string() {
                    self.parts.push(Entry { kind, id: Id::from(id.as_ref()), key, value });
                }
            }
        }
    }

    /// Everything with an id.
    pub fn all(&self) -> impl Iterator<Item = &Entry<'src>> {
        self.entries.iter().chain(&self.parts)
    }

    /// Adds another outline's things, kept by section.
    pub fn extend(&mut self, other: Self) {
        self.entries.extend(other.entries);
        self.entries.sort_by_key(|entry| order(entry.kind));
        self.parts.extend(other.parts);
        self.links.extend(other.links);
        self.platform = other.platform.or(self.platform);
        self.unmodelled.extend(other.unmodelled);
    }
}

fn order(kind: Kind) -> usize {
    sections().take_while(|(other, _)| *other != kind).count()
}

/// A field of a struct, if it can be read.
pub fn field_of<'src>(value: Value<'src>, name: &str) -> Option<Value<'src>> {
    let fields = value.fields().ok()?;
    fields.into_iter().find(|(field, _)| *field == name).and_then(|(_, value)| value.option())
}

fn entries<'src>(
    value: Value<'src>,
    at: &mut Reader<'src>,
) -> Option<Vec<(Id, Value<'src>, Value<'src>)>> {
    let Ok(entries) = value.entries() else {
        return at.shape(value, &Shape::Map.words());
    };
    let entries = entries.into_iter();
    Some(
        entries
            .filter_map(|(key, value)| Some((Id::from(at.exact(key)?.as_ref()), key, value)))
            .collect(),
    )
}

impl<'src> Reader<'src> {
    /// Checks the ids of an outline among themselves: their form, and that none stands twice. With
    /// [`Scope::Network`] they become known.
    pub fn define(&mut self, outline: &Outline<'src>, scope: Scope) {
        let mut own: FxHashMap<&Id, Span> = FxHashMap::default();
        for entry in outline.all() {
            let key = self.span(entry.key.text());
            if let Err(mistake) = check_id(entry.id.as_str()) {
                self.report(mistake.at(key));
            }
            let first = match scope {
                Scope::Network => {
                    self.known.define(entry.id.clone(), entry.kind, key).and_then(|first| first.key)
                }
                Scope::Change => own.insert(&entry.id, key),
            };
            if let Some(first) = first {
                self.twice(&entry.id, key, first, &Words::new("defined", "定义"));
            }
        }
        let mut links: FxHashMap<&Id, Span> = FxHashMap::default();
        for link in &outline.links {
            let key = self.span(link.key.text());
            if let Some(first) = links.insert(&link.vpc, key) {
                self.twice(
                    &link.vpc,
                    key,
                    first,
                    &Words::new("given classic links", "书写基础网络互通"),
                );
            }
        }
    }

    fn twice(&mut self, id: &Id, again: Span, first: Span, what: &Words) {
        let message =
            Words::new(format!("`{id}` is {what} twice"), format!("`{id}` 重复{}", what.chinese()));
        self.report(
            Diagnostic::error(Code::DuplicateId, again, message)
                .with_other(first, Words::new("first here", "首次出现在此处")),
        );
    }
}

/// Whose ids an outline defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The network's; an id stands once in all files.
    Network,
    /// A change's; whether the network has the id already shows when the change is tried.
    Change,
}
