//! What a page shows beside the documents: a picture, and the lines that a hop stands on.

use serde_json::{Value, json};

use super::connection::{Between, trace_of};
use super::resident::Resident;
use super::wrong::{Unanswered, Wrong};
use crate::code::Language;
use crate::diagnostic::words;
use crate::render::picture::{View, picture, svg};
use crate::render::scene::Scene;
use crate::render::stage::STAGES;

/// So many lines are shown before and after the one that is meant.
const AROUND: usize = 12;

/// What stages are called, in both languages.
#[must_use]
pub fn stage_words() -> Value {
    let words = STAGES.map(|(name, [english, chinese])| {
        (name.to_owned(), json!({ "en": english, "zh": chinese }))
    });
    Value::Object(words.into_iter().collect())
}

impl Resident {
    /// A connection on its network, as an SVG document; what is not on the way is folded.
    ///
    /// # Errors
    ///
    /// With what is wrong with the question.
    pub fn picture(
        &self,
        (file, at): (Option<&str>, Option<&str>),
        between: Between<'_>,
        language: Language,
    ) -> Result<String, Unanswered> {
        let book = self.book(file)?;
        let asked = book.asked(at)?;
        let report = trace_of(&asked, between, self.budget)?;
        let scene = Scene::of(&asked.situation, &asked.sources, language);
        let name = asked.scenario.name.as_deref().unwrap_or(&book.path);
        let title = match at {
            None => name.to_owned(),
            Some(step) => format!("{name} — {step}"),
        };
        let (picture, _) = picture(scene, &title, Some(&report), &View::Beside);
        Ok(svg(&picture, self.budget.begin()))
    }

    /// The lines around one of a file that was read for a scenario.
    ///
    /// # Errors
    ///
    /// If it was not, or has no such line, or is not to be shown.
    pub fn excerpt(
        &self,
        file: Option<&str>,
        path: &str,
        line: usize,
    ) -> Result<Value, Unanswered> {
        let book = self.book(file)?;
        let (sources, _, _) = book.read();
        let mut known = sources.iter();
        let source = known.find(|source| source.path == path && !source.veiled);
        let lines = source.map(|source| source.text.lines());
        let first = line.saturating_sub(AROUND).max(1);
        let lines: Vec<&str> = lines
            .map_or_else(Vec::new, |lines| lines.skip(first - 1).take(2 * AROUND + 1).collect());
        if line < first || line >= first + lines.len() {
            let message = words!(
                "line {line} of `{path}` is not to be shown",
                "无法显示 `{path}` 的第 {line} 行"
            );
            return Err(Wrong::asked(message).into());
        }
        Ok(json!({ "path": path, "line": line, "first": first, "lines": lines }))
    }

    /// The files as they are now: how often each was loaded, and whether it can be used.
    #[must_use]
    pub fn state(&self) -> Value {
        let books = self.books();
        let files = books.iter().map(|book| {
            json!({ "path": book.path, "version": book.version, "usable": book.is_usable() })
        });
        json!({ "files": files.collect::<Vec<_>>() })
    }
}
