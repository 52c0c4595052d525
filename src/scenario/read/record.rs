//! Everything that has named fields, read by its row in [`records!`].

use std::collections::BTreeMap;

use super::form;
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::{Meta, Section, mention, records};
use crate::scenario::fields::Fields;
use crate::scenario::reader::Reader;
use crate::scenario::reference::only;
use crate::scenario::value::{Shape, Value};
use crate::scenario::word;

/// What has named fields.
pub trait Record: Sized {
    /// What it is for people, where a field of it is wrong.
    const WHAT: &'static str;

    /// Reads its fields.
    fn of_fields(fields: Fields<'_, '_>) -> Option<Self>;

    /// Reads `(…)`.
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        Self::of_fields(Fields::of(value, Self::WHAT, at)?)
    }

    /// Reads what follows the word of a variant.
    fn of_variant<'src>(
        word: &'src str,
        payload: Value<'src>,
        at: &mut Reader<'src>,
    ) -> Option<Self> {
        Self::of_fields(Fields::of_variant(word, payload, Self::WHAT, at)?)
    }
}

/// How the text of a field reads.
macro_rules! form {
    (id[$may:ident]) => {
        word::reference(only(mention::$may.kinds()))
    };
    (record<$inner:ident>) => {
        <crate::model::$inner as Record>::read
    };
    ($form:ident $([$may:ident])?) => {
        form::$form
    };
}

/// A field as it is asked for.
macro_rules! asked {
    (must $fields:ident $name:expr, $read:expr) => {
        $fields.required($name, $read)
    };
    (must_list $fields:ident $name:expr, $read:expr) => {
        $fields.required_list($name, $read)
    };
    (list $fields:ident $name:expr, $read:expr) => {
        $fields.list($name, $read)
    };
    (rows $fields:ident $name:expr, $read:expr) => {
        $fields.list($name, $read)
    };
    (map $fields:ident $name:expr, $read:expr) => {
        $fields.optional($name, section($read))
    };
    // may, usual
    ($how:ident $fields:ident $name:expr, $read:expr) => {
        $fields.optional($name, $read)
    };
}

/// A field when all are read: nothing comes of a record that lacks what must be there.
macro_rules! had {
    (must $field:ident) => {
        $field?
    };
    (must_list $field:ident) => {
        $field?
    };
    (usual $field:ident) => {
        $field.unwrap_or_default()
    };
    (usual $field:ident $usual:expr) => {
        $field.unwrap_or_else(|| $usual)
    };
    (map $field:ident) => {
        $field.unwrap_or_default()
    };
    // may, list, rows
    ($how:ident $field:ident) => {
        $field
    };
}

/// What it carries beside its own fields comes first.
macro_rules! carried {
    (own $fields:ident $meta:ident) => {
        let $meta = $fields.meta();
    };
    (tagged $fields:ident $meta:ident) => {
        let $meta = $fields.endpoint_meta();
    };
    (part $fields:ident $meta:ident) => {};
}

macro_rules! built {
    (part $meta:ident $($field:ident)*) => { Self { $($field),* } };
    ($carries:ident $meta:ident $($field:ident)*) => { Self { $meta, $($field),* } };
}

macro_rules! read {
    ($($record:ident $what:literal $carries:ident {
        $($field:ident: $how:ident $(($usual:expr))? $form:ident $([$may:ident])? $(<$inner:ident>)?;)*
    })+) => {
        $(impl Record for crate::model::$record {
            const WHAT: &'static str = $what;

            fn of_fields(mut fields: Fields<'_, '_>) -> Option<Self> {
                carried!($carries fields meta);
                $(let $field = asked!(
                    $how fields stringify!($field), form!($form $([$may])? $(<$inner>)?)
                );)*
                fields.finish();
                $(let $field = had!($how $field $($usual)?);)*
                Some(built!($carries meta $($field)*))
            }
        })+
    };
}
records!(read);

/// A map from id to record. Its ids are checked with those of the sections (`network`).
fn section<'src, T: Clone>(
    read: impl Fn(Value<'src>, &mut Reader<'src>) -> Option<T>,
) -> impl FnOnce(Value<'src>, &mut Reader<'src>) -> Option<Section<T>> {
    move |value, at| {
        let Ok(entries) = value.entries() else {
            return at.shape(value, &Shape::Map.words());
        };
        let mut section = Section::default();
        for (key, value) in entries {
            let id = word::text(key, at);
            let entity = read(value, at);
            if let (Some(id), Some(entity)) = (id, entity) {
                section.insert(Id::from(id), entity);
            }
        }
        Some(section)
    }
}

impl Fields<'_, '_> {
    /// `account` and `name`, which every entity takes.
    fn meta(&mut self) -> Meta {
        Meta {
            account: self.optional("account", form::account),
            name: self.optional("name", word::text),
            tags: BTreeMap::new(),
        }
    }

    /// `account`, `name` and `tags`, which every endpoint takes.
    fn endpoint_meta(&mut self) -> Meta {
        let meta = self.meta();
        Meta { tags: self.optional("tags", tags).unwrap_or_default(), ..meta }
    }
}

fn tags<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<BTreeMap<String, String>> {
    let Ok(entries) = value.entries() else {
        return at.shape(value, &Shape::Map.words());
    };
    let mut tags = BTreeMap::new();
    for (key, value) in entries {
        let (name, text) = (word::words(key, at), word::text(value, at));
        let (Some(name), Some(text)) = (name, text) else {
            continue;
        };
        if tags.insert(name.clone(), text).is_some() {
            at.error::<()>(
                Code::DuplicateId,
                key.text(),
                Words::new(
                    format!("the tag `{name}` is written twice"),
                    format!("标签 `{name}` 重复书写"),
                ),
            );
        }
    }
    Some(tags)
}
