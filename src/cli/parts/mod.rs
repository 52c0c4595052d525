//! Results as tables in Parquet files: a part for each slice, which `merge` puts together.
//!
//! A part says what it is of (version, digest of the texts, stage, slice) and holds all that its texts are made of: a head,
//! as JSON, and rows. Only a build with the feature `parquet` reads and writes them; the others say so.

pub mod classes;
#[cfg(feature = "parquet")]
pub mod file;
pub mod table;
pub mod told;

use serde_json::Value;

use super::args::{At, Global};
use super::exit::Exit;
use super::one::complain;
use super::output::Output;
use super::shard::Shard;
use crate::ask::Asked;
use crate::code::Language;
use crate::diagnostic::visible;
use crate::render::digest::digest;
pub use table::{Cell, Column, Columns, Kind, Table};

/// The version of the program, without which texts cannot be made again.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a part is of. Parts that go together are equal in all but the slice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// `pathproof.matrix.parquet/1` and the like.
    pub schema: String,
    /// The version of the program.
    pub version: String,
    /// The digest of the texts.
    pub digest: String,
    /// The file, as it was named.
    pub file: String,
    /// After which step, or in which what-if; empty in the base network.
    pub stage: String,
    /// Which slice.
    pub shard: Shard,
}

/// The columns that every table has first; they are the same in all of its rows.
pub const COMMON: Columns =
    &[("file", Kind::Text), ("digest", Kind::Text), ("stage", Kind::Text), ("version", Kind::Text)];

/// A result as a table, or as one with others beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What it is of.
    pub facts: Facts,
    /// What its texts are made of beside the rows.
    pub head: Value,
    /// The rows, without the columns in common.
    pub table: Table,
    /// The tables that it refers to, as [`told::beside`] has them.
    pub beside: Vec<Part>,
}

impl Part {
    /// A table without rows, and those beside it.
    #[must_use]
    pub fn new(facts: Facts, head: Value) -> Self {
        let beside = told::beside(&facts.schema).iter().map(|(_, schema)| {
            let facts = Facts { schema: (*schema).to_owned(), ..facts.clone() };
            Self::new(facts, head.clone())
        });
        Self {
            beside: beside.collect(),
            table: Table::new(told::columns(&facts.schema)),
            facts,
            head,
        }
    }
}

/// What a result is of.
#[must_use]
pub fn facts(schema: &str, (file, at): (&str, &At), asked: &Asked, shard: Shard) -> Facts {
    Facts {
        schema: schema.to_owned(),
        version: VERSION.to_owned(),
        digest: digest(&asked.sources),
        file: visible(file).into_owned(),
        stage: at.step.clone().unwrap_or_default(),
        shard,
    }
}

/// Says that this build has no tables.
#[cfg(not(feature = "parquet"))]
pub fn missing(global: &Global, output: &mut Output) -> Exit {
    let (message, help) = match global.language() {
        Language::English => (
            "this build of pathproof reads and writes no Parquet files",
            "build it with `cargo install --path . --features parquet`",
        ),
        Language::Chinese => (
            "当前构建的 pathproof 不支持 Parquet 文件",
            "请用 `cargo install --path . --features parquet` 构建",
        ),
    };
    complain(global, output, message, Some(help));
    Exit::Unusable
}

/// Whether tables can be written at all; says so otherwise.
///
/// # Errors
///
/// With the status to end with.
pub fn possible(path: Option<&str>, global: &Global, output: &mut Output) -> Result<(), Exit> {
    let Some(path) = path else { return Ok(()) };
    #[cfg(not(feature = "parquet"))]
    {
        let _ = path;
        Err(missing(global, output))
    }
    #[cfg(feature = "parquet")]
    {
        if std::path::Path::new(path).extension().is_some_and(|it| it == "parquet") {
            return Ok(());
        }
        let path = visible(path);
        let message = match global.language() {
            Language::English => format!("-o writes Parquet: `{path}` does not end in .parquet"),
            Language::Chinese => format!("-o 写出 Parquet：`{path}` 不以 .parquet 结尾"),
        };
        complain(global, output, &message, None);
        Err(Exit::Unusable)
    }
}

/// Writes a part, and says so; nothing is written of what the budget was not enough for.
pub fn write(
    path: &str,
    part: &Part,
    is_whole: bool,
    global: &Global,
    output: &mut Output,
) -> Exit {
    if !is_whole {
        let message = match global.language() {
            Language::English => "nothing is written: the budget was not enough for all of it",
            Language::Chinese => "未写出文件：预算不足以得出全部结果",
        };
        complain(global, output, message, None);
        return Exit::Finding;
    }
    #[cfg(feature = "parquet")]
    {
        let names = file::names(path, &part.facts.schema);
        for (path, part) in names.iter().zip(std::iter::once(part).chain(&part.beside)) {
            match file::bytes(part) {
                Ok(bytes) => match super::save::save_bytes(path, &bytes, global, output) {
                    Exit::Good => {}
                    exit => return exit,
                },
                Err(error) => {
                    output.note(&format!("error: {error}\n"));
                    return Exit::Failed;
                }
            }
        }
        Exit::Good
    }
    #[cfg(not(feature = "parquet"))]
    {
        let _ = (path, part);
        missing(global, output)
    }
}
