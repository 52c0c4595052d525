//! A command line that is not run: it asks for help, or cannot be read.

use std::ffi::OsString;

use anstream::adapter::strip_str;

use super::args::{Color, Lang};
use super::chinese;
use super::exit::Exit;
use super::output::Output;
use crate::code::{Code, Language};
use crate::render::json::complaint_json;
use crate::render::screen::width;
use crate::render::wrap::{columns, wrap};

/// Tells help, or what is wrong with a command line, and how the program ends.
#[must_use]
pub fn refused(error: &clap::Error, words: &[OsString], lang: Lang) -> Exit {
    let (language, told) = match lang {
        Lang::En => (Language::English, error.render().ansi().to_string()),
        Lang::Zh => (Language::Chinese, chinese::told(error)),
    };
    let mut output = Output::new(Color::Auto, true, language);
    if !error.use_stderr() {
        output.result(&fitted(&told, width()));
        return output.end(Exit::Good);
    }
    output.note(&fitted(&told, width()));
    if !wants_json(words) {
        return output.end(Exit::Unusable);
    }
    let message = strip_str(&told).to_string();
    let message = message.trim_start_matches("error: ").trim_start_matches("错误: ");
    let mut output = Output::new(Color::Auto, false, language);
    output.complain(complaint_json(Code::InvalidValue, message.trim_end(), None, None));
    output.end(Exit::Unusable)
}

/// The lines that are too wide broken, each part under the beginning of its text; a command to copy never is.
fn fitted(told: &str, limit: usize) -> String {
    let mut text = String::new();
    for line in told.lines() {
        let plain = strip_str(line).to_string();
        if columns(&plain) <= limit || plain.trim_start().starts_with("pathproof ") {
            text.extend([line, "\n"]);
            continue;
        }
        let indent = plain.len() - plain.trim_start().len();
        let gap = line.trim_end().rfind("  ").map_or(0, |at| at + 2);
        let before = columns(&strip_str(&line[..gap]).to_string());
        let (head, hang) = if before > indent && before <= limit / 2 {
            (gap, before)
        } else {
            (line.len() - line.trim_start().len(), indent)
        };
        let rest = strip_str(&line[head..]).to_string();
        for (index, part) in wrap(&rest, limit - hang).iter().enumerate() {
            if index == 0 {
                text.push_str(&line[..head]);
            } else {
                text.extend(std::iter::repeat_n(' ', hang));
            }
            text.extend([part, "\n"]);
        }
    }
    text
}

/// Whether a command line that cannot be read asks for JSON.
fn wants_json(words: &[OsString]) -> bool {
    let pairs = words.windows(2);
    words.iter().any(|word| word == "--format=json")
        || pairs.into_iter().any(|pair| pair[0] == "--format" && pair[1] == "json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_lines_are_broken_under_their_text_and_commands_are_not() {
        let told =
            "  failures  给出发生故障时哪些承诺会被破坏\n  pathproof failures a-long-name.ron\n";
        assert_eq!(
            fitted(told, 28),
            "  failures  给出发生故障时哪\n            些承诺会被破坏\n  pathproof failures a-long-name.ron\n"
        );
        assert_eq!(fitted("error: one two three\n", 14), "error: one two\nthree\n");
    }
}
