//! A section of a network: its entities by id, in the order of the file.
//!
//! Networks are values, and most of two that a change lies between is equal. So a copy of a section is the section itself until
//! somebody writes to it: a network is copied in the time of its number of sections, and two networks can be asked at once
//! which sections no change has touched ([`Section::is_same`]).

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use indexmap::IndexMap;
use indexmap::map::{IntoIter, Iter};
use rustc_hash::FxBuildHasher;

use crate::id::Id;

/// A map that keeps the order of the file, with quick hashes: nobody attacks the network that is theirs.
pub type Ordered<T> = IndexMap<Id, T, FxBuildHasher>;

/// A map from id to entity that keeps the order of the file.
pub struct Section<T>(Arc<Ordered<T>>);

impl<T> Section<T> {
    /// Whether two sections are one: neither was written to since one was copied from the other. Two that are not may be equal.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T: PartialEq> Section<T> {
    /// Becomes another section if the two hold equal entities in the same order.
    pub fn share(&mut self, other: &Self) {
        if !self.is_same(other) && self.0.iter().eq(other.0.iter()) {
            self.0 = Arc::clone(&other.0);
        }
    }
}

impl<T: Clone> Section<T> {
    /// Changes the entities that are meant; where none is, the section stays the same one.
    pub fn change(&mut self, is_meant: impl Fn(&T) -> bool, change: impl FnMut(&mut T)) {
        if self.0.values().any(&is_meant) {
            let entities = self.values_mut();
            entities.filter(|entity| is_meant(entity)).for_each(change);
        }
    }

    /// Keeps the entities that are not gone; where none is, the section stays the same one.
    pub fn forget(&mut self, is_gone: impl Fn(&Id, &T) -> bool) {
        if self.0.iter().any(|(id, entity)| is_gone(id, entity)) {
            self.retain(|id, entity| !is_gone(id, entity));
        }
    }
}

impl<T> Deref for Section<T> {
    type Target = Ordered<T>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T: Clone> DerefMut for Section<T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        Arc::make_mut(&mut self.0)
    }
}

impl<T> Clone for Section<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Section<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Section<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: PartialEq> PartialEq for Section<T> {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other) || self.0 == other.0
    }
}

impl<T: Eq> Eq for Section<T> {}

impl<T> FromIterator<(Id, T)> for Section<T> {
    fn from_iter<I: IntoIterator<Item = (Id, T)>>(entities: I) -> Self {
        Self(Arc::new(entities.into_iter().collect()))
    }
}

impl<T> From<Ordered<T>> for Section<T> {
    fn from(entities: Ordered<T>) -> Self {
        Self(Arc::new(entities))
    }
}

impl<T: Clone> IntoIterator for Section<T> {
    type Item = (Id, T);
    type IntoIter = IntoIter<Id, T>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Section<T> {
    type Item = (&'a Id, &'a T);
    type IntoIter = Iter<'a, Id, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_the_same_until_it_is_written_to() {
        let old: Section<u8> = [(Id::from("a"), 1)].into_iter().collect();
        let mut new = old.clone();
        assert!(old.is_same(&new));
        new.insert(Id::from("b"), 2);
        assert!(!old.is_same(&new));
        assert_eq!((old.len(), new.len()), (1, 2));
        new.shift_remove("b");
        assert!(!old.is_same(&new) && old == new);
    }
}
