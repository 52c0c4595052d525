//! Changes, named after the cloud's API actions (section 6 of the format).

use super::action::{Field, Whole};
use super::outline::{Outline, field_of, outline_of};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Words};
use crate::model::mention;
use crate::model::{Change, changes};
use crate::scenario::PlannedChange;
use crate::scenario::fields::Fields;
use crate::scenario::known::Known;
use crate::scenario::near;
use crate::scenario::origin::ChangeOrigin;
use crate::scenario::reader::Reader;
use crate::scenario::value::Value;

/// A change of a stage, `Refused(…)` included.
pub fn planned<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<PlannedChange> {
    let span = at.span(value.text());
    let Some(("Refused", payload)) = value.variant() else {
        let change = change(value, at)?;
        return Some(PlannedChange { change, refused: None, span, origin: ChangeOrigin { span } });
    };
    let (word, _) = value.variant()?;
    let mut fields = Fields::of_variant(word, payload, "Refused", at)?;
    let refused = fields.required("because", refusal);
    let inner = fields.required_value("change");
    fields.finish();
    let inner = inner?;
    at.expected_refusal = refused;
    let change = change(inner, at);
    at.expected_refusal = None;
    let origin = ChangeOrigin { span: at.span(inner.text()) };
    Some(PlannedChange { change: change?, refused: Some(refused?), span, origin })
}

fn refusal<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Code> {
    let text = at.string(value)?;
    if let Some(code) = Code::from_name(&text).filter(|code| code.can_refuse()) {
        return Some(code);
    }
    let message = match Code::from_name(&text) {
        Some(_) => Words::new(
            format!("`{text}` is no refusal of a change"),
            format!("`{text}` 不是拒绝变更的代码"),
        ),
        None => {
            Words::new(format!("there is no refusal `{text}`"), format!("没有拒绝代码 `{text}`"))
        }
    };
    let names = Code::ALL.iter().filter(|code| code.can_refuse()).map(|code| code.name());
    let span = at.span(value.text());
    let help = near::nearest(&text, names).map(near::question);
    at.report(Diagnostic { help, ..Diagnostic::error(Code::UnknownReason, span, message) });
    None
}

/// The change inside a `Refused`, or the value itself.
fn bare(value: Value<'_>) -> Value<'_> {
    match value.variant() {
        Some(("Refused", payload)) => field_of(payload.unwrapped(), "change").unwrap_or(value),
        _ => value,
    }
}

/// What a change creates, if it can be read.
pub fn creation<'src>(value: Value<'src>, at: &Reader<'src>) -> Option<Outline<'src>> {
    let (word @ ("Create" | "Replace"), payload) = bare(value).variant()? else {
        return None;
    };
    let mut quiet = Reader::new(at.texts.clone(), Known::default());
    Fields::of_variant(word, payload, "network", &mut quiet).map(outline_of)
}

fn change<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Change> {
    let (name, payload) = at.variant(value, &Change::ACTIONS)?;
    macro_rules! read {
        ($(
            $action:ident
            $({ $($field:ident: $type:ty $([$may:ident])?),+ })?
            $(( $whole:ty $([$whole_may:ident])? ))?
        )+) => {
            $(if name == stringify!($action) {
                $(
                    let mut fields = Fields::of_variant(name, payload, stringify!($action), at)?;
                    $(let $field = Field::field(&mut fields, stringify!($field), may!($($may)?));)+
                    fields.finish();
                    return Some(Change::$action { $($field: $field?),+ });
                )?
                $(return Whole::whole(name, payload, may!($($whole_may)?), at).map(Change::$action);)?
            })+
        };
    }
    macro_rules! may {
        () => {
            mention::ANY
        };
        ($may:ident) => {
            mention::$may
        };
    }
    changes!(read);
    None
}
