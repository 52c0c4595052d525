//! Where in the files the parts of a network stand, before and after changes.
//!
//! Of every entity two places are kept: where its id stands, and the slice that describes it. What lies inside is
//! found by reading the slice again when somebody asks, because people ask about few parts. What changes have done is
//! kept beside the files' entities, so that a step costs what it changes and not what there is.
//!
//! A place that cannot be found exactly, such as a field that was left out, is shown by what encloses it.

mod after;
mod edit;
mod remember;

pub use remember::Remembering;

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::read::outline::{Entry, Outline};
use super::reader::Texts;
use super::value::{self, Shape, Value};
use crate::diagnostic::{Sources, Span};
use crate::id::Id;
use crate::model::{Key, Kind, Locate, Place};

/// Where a change stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeOrigin {
    /// The change itself, without the `Refused` around it.
    pub span: Span,
}

/// The places of everything that a network holds.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    sources: Sources,
    files: Arc<Written>,
    /// What changes created or replaced; `None` = deleted.
    changed: BTreeMap<Id, Option<Entity>>,
    /// Parts of entities that changes wrote anew.
    edits: BTreeMap<Id, Vec<(Vec<Key>, Edit)>>,
}

/// What the files say.
#[derive(Debug, Default)]
struct Written {
    entities: FxHashMap<Id, Entity>,
    /// VPC id → its list of classic links.
    links: BTreeMap<Id, Entity>,
    /// The entries of all lists `unmodelled`, in the order of the network's.
    unmodelled: Vec<Span>,
}

/// Where an entity stands.
#[derive(Clone, Copy, Debug)]
struct Entity {
    kind: Kind,
    key: Span,
    value: Span,
}

/// A part of an entity that a change wrote.
#[derive(Clone, Debug)]
enum Edit {
    /// It stands here now.
    Value(Span),
    /// It is a list of what stands at these places.
    Items(Vec<Span>),
}

/// The field under which the classic links of a VPC are found.
const LINKS: &str = "classic_links";
/// The field under which what is not modelled is found, whatever id it is asked of.
const UNMODELLED: &str = "unmodelled";

impl Origins {
    /// The places of an outline's things.
    pub(super) fn new(outline: &Outline<'_>, texts: &Texts<'_>) -> Self {
        let mut written = Written::default();
        for entry in outline.all() {
            written.entities.entry(entry.id.clone()).or_insert_with(|| Entity::of(entry, texts));
        }
        for links in &outline.links {
            let entity = Entity {
                kind: Kind::Vpc,
                key: texts.span(links.key.text()),
                value: texts.span(links.value.text()),
            };
            written.links.insert(links.vpc.clone(), entity);
        }
        let unmodelled = outline.unmodelled.iter().flat_map(|list| elements(*list));
        written.unmodelled.extend(unmodelled.map(|entry| texts.span(entry.text())));
        Self { files: Arc::new(written), ..Self::default() }
    }

    /// The same places, in files that hold more than before (changes from the command line).
    #[must_use]
    pub fn with_sources(&self, sources: Sources) -> Self {
        Self { sources, ..self.clone() }
    }

    fn entity(&self, id: &Id) -> Option<Entity> {
        match self.changed.get(id) {
            Some(changed) => *changed,
            None => self.files.entities.get(id).copied(),
        }
    }

    /// The value at a place of the files.
    fn value(&self, span: Span) -> Option<Value<'_>> {
        self.sources.get(span.file)?.text.get(span.range()).map(Value::new)
    }

    /// The place of a slice of the file that `span` is in.
    fn span(&self, near: Span, slice: &str) -> Option<Span> {
        let text = &self.sources.get(near.file)?.text;
        let slice = value::without_comments(slice);
        let start = (slice.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
        let place = |offset: usize| u32::try_from(offset).ok();
        Some(Span { file: near.file, start: place(start)?, end: place(start + slice.len())? })
    }

    fn edit(&self, id: &Id, path: &[Key]) -> Option<&Edit> {
        let edits = self.edits.get(id)?.iter();
        edits.rev().find(|(edited, _)| edited == path).map(|(_, edit)| edit)
    }

    /// Follows a path as far as it is written.
    fn follow(&self, id: &Id, path: &[Key]) -> Found<'_> {
        let entity = self.entity(id);
        let mut shown = entity.map(|entity| entity.key);
        let mut here = entity.map(|entity| Here::Text(entity.value));
        for (index, key) in path.iter().enumerate() {
            here = match (self.edit(id, &path[..=index]), here, key) {
                (Some(Edit::Value(span)), _, _) => Some(Here::Text(*span)),
                (Some(Edit::Items(items)), _, _) => Some(Here::Items(items)),
                (None, _, Key::Field(LINKS)) if index == 0 => {
                    self.files.links.get(id).map(|list| {
                        shown = Some(list.key);
                        Here::Text(list.value)
                    })
                }
                (None, _, Key::Field(UNMODELLED)) if index == 0 => {
                    Some(Here::Items(&self.files.unmodelled))
                }
                (None, Some(Here::Items(items)), Key::Index(item)) => {
                    items.get(*item).map(|span| Here::Text(*span))
                }
                (None, Some(Here::Text(from)), key) => self.step(from, key).map(Here::Text),
                (None, _, _) => None,
            };
            match here {
                Some(Here::Text(span)) if *key != Key::Field(LINKS) => shown = Some(span),
                Some(Here::Items(items)) => shown = items.first().copied().or(shown),
                Some(Here::Text(_)) => {}
                None => break,
            }
        }
        Found { shown, here }
    }

    /// One step into a value.
    fn step(&self, from: Span, key: &Key) -> Option<Span> {
        let value = self.value(from)?;
        let inner = match value.shape() {
            Shape::Word => value.variant()?.1.unwrapped(),
            _ => value,
        };
        let found = match key {
            Key::Field(name) => {
                inner.fields().ok()?.into_iter().find(|(field, _)| field == name)?.1
            }
            Key::Index(index) => *elements(inner).get(*index)?,
            Key::Entry(id) => {
                let mut entries = inner.entries().ok()?.into_iter();
                entries.find(|(key, _)| key.string().is_ok_and(|key| key == id.as_str()))?.1
            }
        };
        self.span(from, found.option()?.text())
    }

    /// The places of the elements of a list.
    fn items(&self, id: &Id, path: &[Key]) -> Vec<Span> {
        match self.follow(id, path).here {
            Some(Here::Items(items)) => items.to_vec(),
            Some(Here::Text(list)) => self.elements(list),
            None => Vec::new(),
        }
    }

    fn elements(&self, list: Span) -> Vec<Span> {
        let items = self.value(list).map(elements).unwrap_or_default().into_iter();
        items.filter_map(|item| self.span(list, item.text())).collect()
    }
}

/// How far a path could be followed.
struct Found<'o> {
    /// What to show: the part itself, or what encloses it.
    shown: Option<Span>,
    /// The part, if the path could be followed to its end.
    here: Option<Here<'o>>,
}

/// A part of an entity.
#[derive(Clone, Copy)]
enum Here<'o> {
    /// It stands in one place.
    Text(Span),
    /// It is a list whose elements stand in several.
    Items(&'o [Span]),
}

/// The elements of a list or a pair; a pair may be written with names.
fn elements(value: Value<'_>) -> Vec<Value<'_>> {
    if value.shape() == Shape::List {
        return value.items().unwrap_or_default();
    }
    match (value.tuple(), value.fields()) {
        (Ok(tuple), _) => tuple,
        (Err(_), Ok(fields)) => fields.into_iter().map(|(_, value)| value).collect(),
        (Err(_), Err(_)) => Vec::new(),
    }
}

impl Entity {
    fn of(entry: &Entry<'_>, texts: &Texts<'_>) -> Self {
        Self {
            kind: entry.kind,
            key: texts.span(entry.key.text()),
            value: texts.span(entry.value.text()),
        }
    }
}

impl Locate for Origins {
    /// Where a place stands, or what encloses it; `None` if the entity is in no file.
    fn locate(&self, place: &Place) -> Option<Span> {
        self.follow(&place.id, &place.path).shown
    }
}
