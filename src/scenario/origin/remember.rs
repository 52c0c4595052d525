//! Places that are asked for by the thousand: each list is read once.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use super::Origins;
use crate::diagnostic::Span;
use crate::id::Id;
use crate::model::{Key, Locate, Place};

/// The same places as [`Origins`], with the lists that were asked about kept.
pub struct Remembering<'o> {
    origins: &'o Origins,
    lists: RefCell<FxHashMap<Id, FxHashMap<&'static str, Vec<Span>>>>,
}

impl Origins {
    /// The same places, for somebody who will ask for many.
    #[must_use]
    pub fn remembering(&self) -> Remembering<'_> {
        Remembering { origins: self, lists: RefCell::default() }
    }
}

impl Remembering<'_> {
    /// Where a place stands, or else the nearest thing around it.
    #[must_use]
    pub fn nearest(&self, place: &Place) -> Option<Span> {
        let mut place = place.clone();
        loop {
            if let Some(span) = self.locate(&place) {
                return Some(span);
            }
            place.path.pop()?;
        }
    }
}

impl Locate for Remembering<'_> {
    fn locate(&self, place: &Place) -> Option<Span> {
        if let [Key::Field(field), Key::Index(index)] = place.path[..] {
            let mut lists = self.lists.borrow_mut();
            let fields = lists.entry(place.id.clone()).or_default();
            let list = fields
                .entry(field)
                .or_insert_with(|| self.origins.items(&place.id, &[Key::Field(field)]));
            if let Some(span) = list.get(index) {
                return Some(*span);
            }
        }
        self.origins.locate(place)
    }
}
