//! A command line that is not run: it asks for help, or cannot be read.

use std::ffi::OsString;

use super::args::{Color, Lang};
use super::chinese;
use super::exit::Exit;
use super::output::Output;
use crate::code::{Code, Language};
use crate::render::json::complaint_json;

/// Tells help, or what is wrong with a command line, and how the program ends.
#[must_use]
pub fn refused(error: &clap::Error, words: &[OsString], lang: Lang) -> Exit {
    let (language, told) = match lang {
        Lang::En => (Language::English, error.render().ansi().to_string()),
        Lang::Zh => (Language::Chinese, chinese::told(error)),
    };
    let mut output = Output::new(Color::Auto, true, language);
    if !error.use_stderr() {
        output.result(&told);
        return output.end(Exit::Good);
    }
    output.note(&told);
    if !wants_json(words) {
        return output.end(Exit::Unusable);
    }
    let message = anstream::adapter::strip_str(&told).to_string();
    let message = message
        .trim_start_matches("error: ")
        .trim_start_matches("错误：");
    let mut output = Output::new(Color::Auto, false, language);
    output.complain(complaint_json(
        Code::InvalidValue,
        message.trim_end(),
        None,
        None,
    ));
    output.end(Exit::Unusable)
}

/// Whether a command line that cannot be read asks for JSON.
fn wants_json(words: &[OsString]) -> bool {
    let pairs = words.windows(2);
    words.iter().any(|word| word == "--format=json")
        || pairs
            .into_iter()
            .any(|pair| pair[0] == "--format" && pair[1] == "json")
}
