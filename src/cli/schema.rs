//! `pathproof schema`: the JSON schema of what a command prints as JSON.

use clap::Args;

use super::args::{Format, Global};
use super::exit::Exit;
use super::one::refuse;
use super::output::Output;
use crate::ask::schema_document;
use crate::render::schema::names;

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

/// Runs the command.
pub fn run(args: &SchemaArgs, global: &Global, output: &mut Output) -> Exit {
    if args.name.is_none() && global.format == Format::Text {
        let names: Vec<&str> = names().collect();
        output.result(&(names.join("\n") + "\n"));
        return Exit::Good;
    }
    match schema_document(args.name.as_deref(), global.language()) {
        Ok(value) => {
            output.json(&value);
            Exit::Good
        }
        Err(wrong) => refuse(&wrong, global, output),
    }
}
