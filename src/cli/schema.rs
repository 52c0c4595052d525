//! `pathproof schema`: the JSON schema of what a command prints as JSON.

use clap::Args;
use serde_json::json;

use super::args::{Format, Global};
use super::exit::Exit;
use super::one::complain;
use super::output::Output;
use crate::code::Language;
use crate::render::format::scenario_schema;
use crate::render::schema::{names, schema};

/// Arguments of `schema`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof schema
  pathproof schema check > check.schema.json

`pathproof schema scenario` prints the schema of scenario files.")]
pub struct SchemaArgs {
    /// The document: the part between `pathproof.` and `/` of its `schema`; without it, all are listed
    pub name: Option<String>,
}

/// The schema of what is read, beside those of what is printed.
const SCENARIO: &str = "scenario";

/// Runs the command.
pub fn run(args: &SchemaArgs, global: &Global, output: &mut Output) -> Exit {
    let Some(name) = &args.name else {
        let names: Vec<&str> = names().collect();
        match global.format {
            Format::Text => output.result(&(names.join("\n") + "\n")),
            Format::Json => output.json(&json!({
                "schema": "pathproof.schemas/1",
                "names": names,
            })),
        }
        return Exit::Good;
    };
    if name == SCENARIO {
        output.json(&scenario_schema(global.language()));
        return Exit::Good;
    }
    if let Some(schema) = schema(name) {
        output.json(&schema);
        return Exit::Good;
    }
    let known = names().chain([SCENARIO]).collect::<Vec<_>>().join(", ");
    let (message, help) = match global.language() {
        Language::English => (
            format!("there is no schema `{name}`"),
            format!("there are {known}"),
        ),
        Language::Chinese => (
            format!("没有名为 `{name}` 的模式"),
            format!("现有模式：{known}"),
        ),
    };
    complain(global, output, &message, Some(&help));
    Exit::Unusable
}
