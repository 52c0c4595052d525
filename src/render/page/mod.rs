//! The page: one file with everything that came of a run, to be opened from a mail or a folder, on no network.
//!
//! | file | what it is |
//! |---|---|
//! | `data` | what came of the expectations, as JSON |
//! | `cells` | who reaches whom, as JSON |
//! | `suite` | what the expectations would not notice, as JSON |
//! | `book` | texts in both languages, each once |
//! | `page.html`, `page.css`, `page.js` | the page around the data |
//! | `common.js` | what it shares with the page of `serve` |
//!
//! The page decides nothing: it shows, filters and searches what is in its data, and every text of the data is
//! there in English and in Chinese.

mod book;
mod cells;
mod data;
mod suite;

use super::picture::STYLE;
pub use suite::Measure;

use crate::code::Language;
use crate::lint::Report;
use crate::space::Budget;
use crate::verify::{Summary, Survey};

const PAGE: &str = include_str!("page.html");
const LOOK: &str = include_str!("page.css");
const SCRIPT: &str = concat!(include_str!("common.js"), include_str!("page.js"));

/// A file on the page.
pub struct Sheet {
    /// What came of it.
    pub survey: Survey,
    /// What looks wrong in it.
    pub lint: Report,
    /// Whether its network is drawn.
    pub drawn: bool,
    /// What its expectations notice; none if they fail as they are, or there is too much of it.
    pub measure: Option<Measure>,
}

/// The whole page; `language` is the one that it opens in. The time of the budget is that of all its pictures together.
#[must_use]
pub fn page(sheets: &[Sheet], summary: &Summary, language: Language, budget: Budget) -> String {
    let data = data::data(sheets, summary, language, budget.begin()).to_string();
    // In a script element, `<` alone can end it or begin a comment; in JSON it stands in strings only.
    let data = data.replace('<', "\\u003c");
    let plain = data::plain(sheets, summary);
    let mut page = String::new();
    let mut rest = PAGE;
    let parts = [
        ("<!--look-->", format!("{LOOK}{STYLE}")),
        ("<!--plain-->", plain),
        ("<!--data-->", data),
        ("<!--script-->", SCRIPT.to_owned()),
    ];
    for (mark, part) in parts {
        if let Some((before, after)) = rest.split_once(mark) {
            page.push_str(before);
            page.push_str(&part);
            rest = after;
        }
    }
    page + rest
}

/// Text for HTML.
fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}
