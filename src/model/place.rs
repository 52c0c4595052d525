//! A place in the configuration: an entity and the way to one of its parts. It knows nothing of files;
//! [`crate::scenario::origin`] turns it into one.

use crate::diagnostic::Span;
use crate::id::Id;

/// One step into an entity.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A field, by its name in the scenario format.
    Field(&'static str),
    /// An element of a list, from 0.
    Index(usize),
    /// An entry of a map, by its key.
    Entry(Id),
}

/// An entity, or a part of it: rule 3 of `sg-web` is `sg-web`, `[Field("ingress"), Index(2)]`.
///
/// The classic links of a VPC are the field `classic_links` of that VPC's id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The entity.
    pub id: Id,
    /// The way to the part; empty = the entity itself.
    pub path: Vec<Key>,
}

impl Place {
    /// The entity itself.
    #[must_use]
    pub fn of(id: &Id) -> Self {
        Self { id: id.clone(), path: Vec::new() }
    }

    /// A field of the entity.
    #[must_use]
    pub fn field(id: &Id, field: &'static str) -> Self {
        Self::of(id).then(Key::Field(field))
    }

    /// An element of a list field.
    #[must_use]
    pub fn item(id: &Id, field: &'static str, index: usize) -> Self {
        Self::field(id, field).then(Key::Index(index))
    }

    /// One step further in.
    #[must_use]
    pub fn then(mut self, key: Key) -> Self {
        self.path.push(key);
        self
    }
}

/// Something that knows where places of a configuration stand in files.
pub trait Locate {
    /// Where a place was written, if it was.
    fn locate(&self, place: &Place) -> Option<Span>;
}
