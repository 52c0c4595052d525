//! `pathproof explain`: one code or rule in full, or the list of all codes.

use clap::Args;

use super::args::{Format, Global};
use super::exit::Exit;
use super::one::refuse;
use super::output::Output;
use crate::ask::{Topic, explain_document, topic, unknown};
use crate::render::explain::{explain_all, explain_one, explain_rule};
use crate::render::format::{field_text, record_text, records_text};

/// Arguments of `explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof explain classic-link-secondary-cidr
  pathproof explain CL-6
  pathproof explain security_groups
  pathproof explain CreateRoutes
  pathproof explain because

`pathproof explain format` lists what a scenario file can hold.")]
pub struct ExplainArgs {
    /// A code, the id of a rule, or a section, part, field or change of the format; without it, all codes are listed
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
    let told = topic(asked).and_then(|topic| match topic {
        Topic::Code(code) => Some(explain_one(code, language)),
        Topic::Rule(id) => explain_rule(id, language),
        Topic::Format => Some(records_text(language)),
        Topic::Record(record) => Some(record_text(record, language)),
        Topic::Field(name) => Some(field_text(name, language)),
    });
    match told {
        Some(text) => {
            output.result(&text);
            Exit::Good
        }
        None => refuse(&unknown(asked), global, output),
    }
}
