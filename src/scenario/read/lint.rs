//! What `lint` is not to tell: `Allow(code: "unused-object", at: "sg-spare", reason: "…")`.

use crate::code::{Code, CodeKind};
use crate::diagnostic::{Diagnostic, Words};
use crate::id::Id;
use crate::scenario::fields::Fields;
use crate::scenario::near;
use crate::scenario::reader::Reader;
use crate::scenario::reference::ANY;
use crate::scenario::value::Value;
use crate::scenario::word::words;
use crate::scenario::{Allow, Planned};

/// One `Allow(…)`.
pub fn allow<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Planned<Allow>> {
    let span = at.span(value.text());
    let (name, payload) = at.variant(value, &["Allow"])?;
    let mut fields = Fields::of_variant(name, payload, "Allow", at)?;
    let code = fields.required("code", code);
    let entity = fields.optional("at", entity);
    let reason = fields.required("reason", words);
    fields.finish();
    at.check_references();
    let allow = Allow { code: code?, at: entity, reason: reason? };
    Some(Planned { value: allow, span })
}

/// The code of a lint.
fn code<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Code> {
    let text = at.string(value)?;
    let code = Code::from_name(&text);
    if let Some(code) = code.filter(|code| code.kind() == CodeKind::Lint) {
        return Some(code);
    }
    let message = match code {
        Some(_) => Words::new(format!("`{text}` is no lint"), format!("`{text}` 不是检查项")),
        None => {
            Words::new(format!("there is no lint `{text}`"), format!("没有名为 `{text}` 的检查项"))
        }
    };
    let lints = Code::ALL.iter().filter(|code| code.kind() == CodeKind::Lint);
    let names = lints.map(|code| code.name());
    let help = near::help(&text, &Words::new("the lints", "检查项"), names);
    let span = at.span(value.text());
    let diagnostic = Diagnostic::error(Code::InvalidValue, span, message);
    at.report(Diagnostic { help, ..diagnostic });
    None
}

/// Any entity.
fn entity<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Id> {
    let text = at.string(value)?;
    let id = Id::from(text.as_ref());
    at.refer(&id, value.text(), ANY);
    Some(id)
}
