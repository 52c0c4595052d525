//! Texts in both languages, each once: the data refers to them by their number.

use std::fmt::Display;

use indexmap::IndexSet;
use serde_json::{Value, json};

use crate::code::Language;
use crate::render::scene::Scene;
use crate::space::Allowance;

/// The texts of a page, and what else is said more than once.
pub(super) struct Book {
    /// How long its pictures may take together.
    pub(super) time: Allowance,
    texts: IndexSet<(String, String)>,
    lines: IndexSet<String>,
    reasons: IndexSet<String>,
    places: IndexSet<String>,
    rules: IndexSet<&'static str>,
}

impl Book {
    /// A page on which nothing stands.
    pub(super) fn new(time: Allowance) -> Self {
        Self {
            time,
            texts: IndexSet::default(),
            lines: IndexSet::default(),
            reasons: IndexSet::default(),
            places: IndexSet::default(),
            rules: IndexSet::default(),
        }
    }

    /// The number of a text.
    pub(super) fn text(&mut self, tell: impl Fn(Language) -> String) -> usize {
        let pair = (tell(Language::English), tell(Language::Chinese));
        self.texts.insert_full(pair).0
    }

    /// The number of a text about something in a network.
    pub(super) fn told(&mut self, scene: Scene<'_>, tell: impl Fn(Scene<'_>) -> String) -> usize {
        self.text(|language| tell(Scene { language, ..scene }))
    }

    /// The numbers of lines, language by language.
    pub(super) fn lines(
        &mut self,
        scene: Scene<'_>,
        tell: impl Fn(Scene<'_>) -> Vec<String>,
    ) -> Value {
        let both = [Language::English, Language::Chinese].map(|language| {
            let lines = tell(Scene { language, ..scene }).into_iter();
            let lines = lines.map(|line| self.lines.insert_full(line).0);
            lines.collect::<Vec<_>>()
        });
        json!(both)
    }

    /// The number of a reason.
    pub(super) fn reason(&mut self, reason: &Value) -> usize {
        self.reasons.insert_full(reason.to_string()).0
    }

    /// The number of a place.
    pub(super) fn place(&mut self, place: &Value) -> usize {
        self.places.insert_full(place.to_string()).0
    }

    /// Remembers that a rule is cited.
    pub(super) fn rule(&mut self, id: &'static str) {
        self.rules.insert(id);
    }

    /// Everything that was said, for the data.
    pub(super) fn close(mut self) -> Value {
        let cited: Vec<&'static str> = self.rules.iter().copied().collect();
        let mut rules = serde_json::Map::new();
        for id in cited {
            let text = self.text(|language| {
                crate::render::rules::rule(id, language).map_or(String::new(), |rule| {
                    let sources = rule.sources.iter().map(|source| format!("— {}", source.title));
                    let statement = std::iter::once(rule.statement.to_owned());
                    statement.chain(sources).collect::<Vec<_>>().join("\n")
                })
            });
            rules.insert(id.to_owned(), json!(text));
        }
        let texts = self.texts.iter().map(|(english, chinese)| {
            if english == chinese { json!(english) } else { json!([english, chinese]) }
        });
        let texts: Vec<Value> = texts.collect();
        // They were JSON before they became keys.
        let read = |texts: &IndexSet<String>| -> Vec<Value> {
            let texts = texts.iter();
            texts.filter_map(|text| serde_json::from_str(text).ok()).collect()
        };
        json!({
            "texts": texts,
            "lines": self.lines.iter().collect::<Vec<_>>(),
            "reasons": read(&self.reasons),
            "places": read(&self.places),
            "rules": rules,
        })
    }
}

/// A list in words.
pub(super) fn joined(parts: impl IntoIterator<Item = impl Display>) -> String {
    let parts: Vec<String> = parts.into_iter().map(|part| part.to_string()).collect();
    parts.join(", ")
}
