//! `pathproof explain`: one code or rule in full, or the list of all codes.

use clap::Args;

use super::args::{Format, Global};
use super::exit::Exit;
use super::one::refuse;
use super::output::Output;
use crate::ask::{explain_document, unknown};
use crate::code::Code;
use crate::render::explain::{explain_all, explain_one, explain_rule};
use crate::render::format::{record, record_text, records_text};

/// The word for the list of everything that a file can hold.
const FORMAT: &str = "format";

/// Arguments of `explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof explain classic-link-secondary-cidr
  pathproof explain CL-6
  pathproof explain security_groups
  pathproof explain CreateRoutes

`pathproof explain format` lists what a scenario file can hold.")]
pub struct ExplainArgs {
    /// A code, the id of a rule, or a section, part or change of the format; without it, all codes are listed
    pub code: Option<String>,
}

/// Runs the command.
pub fn run(args: &ExplainArgs, global: &Global, output: &mut Output) -> Exit {
    let language = global.language();
    if global.format == Format::Json {
        return match explain_document(args.code.as_deref(), language) {
            Ok(value) => {
                output.json(&value);
                Exit::Good
            }
            Err(wrong) => refuse(&wrong, global, output),
        };
    }
    let Some(asked) = args.code.as_deref().map(str::trim) else {
        output.result(&explain_all(language));
        return Exit::Good;
    };
    let told = Code::from_name(&asked.to_lowercase())
        .map(|code| explain_one(code, language))
        .or_else(|| explain_rule(asked, language))
        .or_else(|| (asked == FORMAT).then(|| records_text(language)))
        .or_else(|| record(asked).map(|record| record_text(&record, language)));
    match told {
        Some(text) => {
            output.result(&text);
            Exit::Good
        }
        None => refuse(&unknown(asked), global, output),
    }
}
