//! The named fields of one struct: each reader says which it takes, and what is left over is a mistake.

use rustc_hash::FxHashMap;

use super::meant;
use super::near;
use super::reader::{Reader, head};
use super::value::{Shape, Value};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Words};

/// The fields of a `(a: …, b: …)` while they are being read.
pub struct Fields<'r, 'src> {
    /// Where to report.
    pub at: &'r mut Reader<'src>,
    what: &'static str,
    head: &'src str,
    written: Vec<Field<'src>>,
    asked: Vec<&'static str>,
    /// Fields that are missing, unless the one written with a near name turns out to be meant for them.
    missing: Vec<(&'static str, &'src str)>,
    /// Others that are missing, unless the one that nobody asks for is meant for the only one.
    lacking: Vec<&'static str>,
}

struct Field<'src> {
    name: &'src str,
    value: Value<'src>,
    asked: bool,
}

impl<'r, 'src> Fields<'r, 'src> {
    /// Reads the fields of a struct without a name. `what` is it for people ("subnet").
    pub fn of(value: Value<'src>, what: &'static str, at: &'r mut Reader<'src>) -> Option<Self> {
        Self::headed(value, what, head(value), at)
    }

    /// Reads what follows the word of a variant: `(…)`, `((…))` or nothing.
    pub fn of_variant(
        word: &'src str,
        payload: Value<'src>,
        what: &'static str,
        at: &'r mut Reader<'src>,
    ) -> Option<Self> {
        if payload.text().is_empty() {
            return Some(Self {
                at,
                what,
                head: word,
                written: Vec::new(),
                asked: Vec::new(),
                missing: Vec::new(),
                lacking: Vec::new(),
            });
        }
        Self::headed(payload.unwrapped(), what, word, at)
    }

    /// Reads the fields of a struct; `head` is underlined when one is missing.
    pub fn headed(
        value: Value<'src>,
        what: &'static str,
        head: &'src str,
        at: &'r mut Reader<'src>,
    ) -> Option<Self> {
        if value.shape() != Shape::Fields {
            return at.shape(value, &Shape::Fields.words());
        }
        let Ok(found) = value.fields() else {
            return at.invalid(
                head,
                Words::new(
                    "named fields are needed here, as in `(name: …)`",
                    "此处需要带名称的字段，如 `(name: …)`",
                ),
            );
        };
        Some(Self::from_pairs(found, what, head, at))
    }

    /// Takes fields that are read already.
    pub fn from_pairs(
        pairs: Vec<(&'src str, Value<'src>)>,
        what: &'static str,
        head: &'src str,
        at: &'r mut Reader<'src>,
    ) -> Self {
        let mut written: Vec<Field<'src>> = Vec::with_capacity(pairs.len());
        // as many as somebody writes, so not by a scan over those before
        let mut seen: FxHashMap<&str, &str> = FxHashMap::default();
        for (name, value) in pairs {
            if let Some(first) = seen.get(name) {
                let (span, first) = (at.span(name), at.span(first));
                let message =
                    Words::new(format!("`{name}` is written twice"), format!("`{name}` 重复书写"));
                let diagnostic = Diagnostic::error(Code::DuplicateField, span, message)
                    .with_other(first, Words::new("first here", "首次出现在此处"))
                    .with_help(Words::new("keep one of them", "请只保留一处"));
                at.report(diagnostic);
            } else {
                seen.insert(name, name);
                written.push(Field { name, value, asked: false });
            }
        }
        Self {
            at,
            what,
            head,
            written,
            asked: Vec::new(),
            missing: Vec::new(),
            lacking: Vec::new(),
        }
    }

    /// The value of a field, if it is written and not `None`.
    pub fn value(&mut self, name: &'static str) -> Option<Value<'src>> {
        self.asked.push(name);
        let field = self.written.iter_mut().find(|field| field.name == name)?;
        field.asked = true;
        field.value.option()
    }

    /// The value of a field that has no place here, to say why: it is none of the fields that are named as such.
    pub fn misplaced(&mut self, name: &str) -> Option<Value<'src>> {
        let field = self.written.iter_mut().find(|field| field.name == name)?;
        field.asked = true;
        field.value.option()
    }

    /// Whether a field is written, without asking for it.
    pub fn has(&self, name: &str) -> bool {
        self.written.iter().any(|field| field.name == name)
    }

    /// Where a field's name stands.
    pub fn name(&self, name: &str) -> Option<&'src str> {
        self.written.iter().find(|field| field.name == name).map(|field| field.name)
    }

    /// A field that may be left out.
    pub fn optional<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(Value<'src>, &mut Reader<'src>) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(name)?;
        read(value, self.at)
    }

    /// A field that must be there.
    pub fn required<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(Value<'src>, &mut Reader<'src>) -> Option<T>,
    ) -> Option<T> {
        let value = self.required_value(name)?;
        read(value, self.at)
    }

    /// The value of a field that must be there.
    pub fn required_value(&mut self, name: &'static str) -> Option<Value<'src>> {
        let value = self.value(name);
        if value.is_none() {
            match self.misspelt(name) {
                Some(written) => self.missing.push((name, written)),
                None if self.written.iter().all(|field| field.asked) => self.is_missing(name),
                None => self.lacking.push(name),
            }
        }
        value
    }

    fn is_missing(&mut self, name: &str) {
        let message = Words::new(
            format!("`{}` needs the field `{name}`", self.what),
            format!("`{}` 缺少必填字段 `{name}`", self.what),
        );
        let span = self.at.span(self.head);
        let help = Words::new(format!("add `{name}: …`"), format!("请添加 `{name}: …`"));
        self.at.report(Diagnostic::error(Code::MissingField, span, message).with_help(help));
    }

    /// What is written instead of a name, if it is near and nobody else's so far. One slip is one mistake: it will be
    /// said of the field that there is.
    fn misspelt(&self, name: &str) -> Option<&'src str> {
        let is_free = |field: &&Field<'src>| {
            !field.asked && self.missing.iter().all(|(_, taken)| *taken != field.name)
        };
        let free = self.written.iter().filter(is_free);
        let mut names = free.map(|field| field.name);
        names.find(|written| {
            near::nearest(written, [name]).is_some() || meant::field(written, [name]).is_some()
        })
    }

    /// A list that may be left out, then it is empty.
    pub fn list<T>(
        &mut self,
        name: &'static str,
        read: impl FnMut(Value<'src>, &mut Reader<'src>) -> Option<T>,
    ) -> Vec<T> {
        self.optional_list(name, read).unwrap_or_default()
    }

    /// A list that may be left out.
    pub fn optional_list<T>(
        &mut self,
        name: &'static str,
        read: impl FnMut(Value<'src>, &mut Reader<'src>) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.optional(name, |value, at| at.list(value, read))
    }

    /// A list that must be there.
    pub fn required_list<T>(
        &mut self,
        name: &'static str,
        read: impl FnMut(Value<'src>, &mut Reader<'src>) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.required(name, |value, at| at.list(value, read))
    }

    /// Reports a field as out of place, with a reason better than that it is unknown.
    pub fn forbid(&mut self, name: &'static str, message: Words, help: Words) {
        if let Some(field) = self.written.iter_mut().find(|field| field.name == name) {
            field.asked = true;
            let span = self.at.span(field.name);
            self.at.report(Diagnostic::error(Code::UnknownField, span, message).with_help(help));
        }
    }

    /// Reports every field that nobody asked for.
    pub fn finish(mut self) {
        let is_whole = self.missing.is_empty() && self.lacking.is_empty();
        if is_whole && self.written.iter().all(|field| field.asked) {
            return;
        }
        for (name, written) in std::mem::take(&mut self.missing) {
            // somebody asked for what is written by its own name: then it was no slip
            if self.written.iter().any(|field| field.name == written && field.asked) {
                self.is_missing(name);
            }
        }
        let is_free = |asked: &&str| !self.written.iter().any(|field| field.name == *asked);
        let free: Vec<&str> = self.asked.iter().copied().filter(is_free).collect();
        let mut unasked = self.written.iter().filter(|field| !field.asked);
        let only = unasked.next().filter(|_| unasked.next().is_none());
        let known = |name: &str| {
            let near = near::nearest(name, free.iter().copied());
            near.or_else(|| meant::field(name, free.iter().copied()))
        };
        let strange = only.is_some_and(|it| known(it.name).is_none());
        // One field that is like none, where one is lacking, is one slip: it is told with what is needed.
        let needed = match *std::mem::take(&mut self.lacking) {
            [one] if strange => Some(one),
            ref several => {
                for name in several {
                    self.is_missing(name);
                }
                None
            }
        };
        let value_of = |names: &[&str]| {
            let mut written = self.written.iter();
            let found = written.find(|field| names.contains(&field.name));
            found.map(|field| field.value.text())
        };
        let ports = value_of(&["port", "ports", "port_range", "dport", "destination_port"]);
        let service = meant::service_of(value_of(&["protocol", "proto"]), ports);
        let sides = self.sides();
        let told = sides.iter().find(|name| known(name).is_some());
        let told = told.or(sides.first()).copied();
        let mut served = false;
        let foreign = self.foreign(&free, service.as_deref());
        let whole = self.all_foreign(&foreign);
        let is_foreign = whole.is_some();
        if let Some(diagnostic) = whole {
            self.at.report(diagnostic);
        }
        for field in self.written.iter().filter(|field| !field.asked) {
            if is_foreign && foreign.iter().any(|(name, _)| *name == field.name) {
                continue;
            }
            let is_side = sides.contains(&field.name);
            if is_side && told != Some(field.name) {
                continue;
            }
            let is_service = meant::field(field.name, free.iter().copied()) == Some("service");
            // A protocol and its ports, written apart, are one slip.
            if is_service && std::mem::replace(&mut served, true) {
                continue;
            }
            let message = Words::new(
                format!("`{}` has no field `{}`", self.what, field.name),
                format!("`{}` 没有字段 `{}`", self.what, field.name),
            );
            let service = service.as_deref().filter(|_| is_service);
            let help = service.map(meant::write);
            let help = help.or_else(|| known(field.name).map(near::question));
            let help = help.or_else(|| {
                let needs = needed.map(|needed| {
                    Words::new(format!("`{needed}` is needed"), format!("缺少必填字段 `{needed}`"))
                });
                let intro = needs.as_ref().map_or_else(
                    || Words::new("its fields", "可用字段"),
                    |needs| {
                        Words::new(
                            format!("{needs}; its fields"),
                            format!("{}；可用字段", needs.chinese()),
                        )
                    },
                );
                near::choice(&intro, self.asked.iter().copied()).or(needs)
            });
            let span = self.at.span(field.name);
            let mut diagnostic = Diagnostic::error(Code::UnknownField, span, message);
            for side in sides.iter().filter(|side| is_side && **side != field.name) {
                let words = Words::new(
                    "nor this one: the other end is whoever has the rule",
                    "也没有此字段：另一端即规则的所有者",
                );
                diagnostic = diagnostic.with_other(self.at.span(side), words);
            }
            self.at.report(Diagnostic { help, ..diagnostic });
        }
    }

    /// The fields that are called as other tools call them, with what to write for each: `service` is what the protocol and
    /// the ports come to that are written apart.
    fn foreign<'a>(&self, free: &[&'a str], service: Option<&'a str>) -> Vec<(&'src str, &'a str)> {
        if !self.sides().is_empty() {
            return Vec::new();
        }
        let unasked = self.written.iter().filter(|field| !field.asked);
        let known = unasked.filter_map(|field| {
            let ours = meant::field(field.name, free.iter().copied())?;
            let service = service.filter(|_| ours == "service");
            Some((field.name, service.unwrap_or(ours)))
        });
        known.collect()
    }

    /// Whoever writes a whole entry as another tool does made one slip. Nothing if it is about a single field, or about a
    /// single thing that is written in two.
    fn all_foreign(&self, foreign: &[(&'src str, &str)]) -> Option<Diagnostic> {
        let ((first, ours), rest) = foreign.split_first()?;
        if rest.iter().all(|(_, other)| other == ours) {
            return None;
        }
        let names: Vec<String> = foreign.iter().map(|(name, _)| format!("`{name}`")).collect();
        let (last, before) = names.split_last()?;
        let message = Words::new(
            format!("`{}` has no field {} or {last}", self.what, before.join(", ")),
            format!("`{}` 没有字段 {}", self.what, names.join("、")),
        );
        let diagnostic = Diagnostic::error(Code::UnknownField, self.at.span(first), message);
        let mut told: Vec<(String, Vec<String>)> = Vec::new();
        for (name, ours) in foreign {
            let name = format!("`{name}`");
            match told.iter_mut().find(|(known, _)| known == ours) {
                Some((_, names)) => names.push(name),
                None => told.push(((*ours).to_owned(), vec![name])),
            }
        }
        let parts = told.iter().map(|(ours, names)| {
            Words::new(
                format!("`{ours}` for {}", names.join(" and ")),
                format!("{} 写作 `{ours}`", names.join("、")),
            )
        });
        let parts: Vec<Words> = parts.collect();
        let joined = |text: fn(&Words) -> &str, comma: &str| {
            parts.iter().map(text).collect::<Vec<_>>().join(comma)
        };
        let help = Words::new(
            format!("write {}", joined(Words::english, ", ")),
            format!("请将 {}", joined(Words::chinese, "，")),
        );
        Some(diagnostic.with_help(help))
    }

    /// Fields of other tools for both ends, where only one end can be named: that is one slip.
    fn sides(&self) -> Vec<&'src str> {
        let is_end = |name: &str| ["from", "to"].contains(&name);
        if self.asked.iter().filter(|name| is_end(name)).count() != 1 {
            return Vec::new();
        }
        let unasked = self.written.iter().filter(|field| !field.asked);
        let names = unasked.map(|field| field.name);
        let sides =
            names.filter(|name| is_end(name) || meant::field(name, ["from", "to"]).is_some());
        let sides: Vec<_> = sides.collect();
        if sides.len() == 2 { sides } else { Vec::new() }
    }
}
