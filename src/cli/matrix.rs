//! `pathproof matrix`: everybody to everybody, a row at a time.

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::args::{At, Global};
use super::budget::BudgetOption;
use super::check::today;
use super::exit::Exit;
use super::format::FormatName;
use super::one::{complain, open, refuse};
use super::output::Output;
use super::parts::classes::{CLASSES, ClassesTold};
use super::parts::told::{MATRIX, MatrixTold};
use super::parts::{facts, possible, write};
use super::progress::Phase;
use super::shard::{Shard, ShardOption};
use crate::ask::{Asked, BY, MatrixJson, Terms, class_matrix_of, matrix_of};
use crate::code::Language;
use crate::query::Verdict;
use crate::render::csv::csv_line;
use crate::render::matrix::{
    MatrixText, csv_row, effort_text, markdown_head, markdown_row, matrix_exceeded,
};
use crate::verify::{By, Effort, Exceeded, MatrixRow};

/// Arguments of `matrix`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof matrix shop.ron
  pathproof matrix shop.ron --by subnet --service tcp:443 --format csv
  pathproof matrix region.ron --by vpc --shard 2/4 -o part-2.parquet
  pathproof matrix region.ron --by class -o region.parquet

A cell is reachable if every connection of the service works for every pair of its ends, there and back.
With --by class what works is written exactly, into FILE.parquet and three tables beside it.")]
pub struct MatrixArgs {
    /// The scenario file, or - for standard input
    pub file: String,
    /// What a row and a column stand for
    #[arg(long, value_enum, default_value_t)]
    pub by: ByName,
    /// What is sent, as a security group would say it: tcp:22,80, udp, icmp, all
    #[arg(long, default_value = "all")]
    pub service: String,
    /// Source ports of TCP and UDP
    #[arg(long, value_name = "PORTS")]
    pub source_port: Option<String>,
    /// Tell rows whose ends may open the same, and columns that are reached by the same, once
    #[arg(long)]
    pub collapse: bool,
    /// Write all pairs to this Parquet file, instead of printing them
    #[arg(short, long, value_name = "FILE", conflicts_with = "collapse")]
    pub output: Option<String>,
    /// Which rows.
    #[command(flatten)]
    pub shard: ShardOption,
    /// Which network to ask.
    #[command(flatten)]
    pub at: At,
    /// How much a question may take.
    #[command(flatten)]
    pub budget: BudgetOption,
}

/// What a row stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ByName {
    /// One endpoint.
    #[default]
    Endpoint,
    /// All endpoints of a subnet.
    Subnet,
    /// All endpoints of a VPC.
    Vpc,
    /// All members of a security group.
    Group,
    /// All ends that nothing tells apart, in tables.
    Class,
}

impl ByName {
    fn by(self) -> (By, &'static str) {
        let by = match self {
            Self::Endpoint | Self::Class => By::Endpoint,
            Self::Subnet => By::Subnet,
            Self::Vpc => By::Vpc,
            Self::Group => By::Group,
        };
        let word = BY.iter().find(|(known, _)| *known == by);
        (by, word.map_or("endpoint", |(_, word)| word))
    }
}

/// Runs the command.
pub fn run(args: &MatrixArgs, global: &Global, output: &mut Output) -> Exit {
    let shard = match shard(args, global, output) {
        Ok(shard) => shard,
        Err(exit) => return exit,
    };
    if let Err(exit) = possible(args.output.as_deref(), global, output) {
        return exit;
    }
    if args.by == ByName::Class && args.output.is_none() {
        return only_tables(global, output);
    }
    let asked = match open(&args.file, &args.at, args.budget.budget, global, output) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    if let (ByName::Class, Some(path)) = (args.by, &args.output) {
        return by_class(args, (&asked, path), shard, global, output);
    }
    let (mut by, word) = args.by.by();
    if args.collapse {
        by = by.to_collapse();
    }
    let terms = Terms { budget: args.budget.budget, today: today() };
    let sent = (&*args.service, args.source_port.as_deref());
    let matrix = match matrix_of(&asked, by, sent, &terms) {
        Ok(matrix) => matrix,
        Err(wrong) => return refuse(&wrong, global, output),
    };
    let warnings = asked.warnings(global.language());
    let columns: Vec<String> = matrix.columns().map(str::to_owned).collect();
    let effort = matrix.effort();
    let mut undetermined = 0;
    let mut count = |row: &MatrixRow| {
        let cells = row.cells.iter();
        undetermined += cells.filter(|cell| **cell == Some(Verdict::Undetermined)).count();
    };
    let language = global.language();
    output.phase(Phase::Pairing);
    let part = shard.stretch(matrix.rows());
    if let Some(path) = &args.output {
        let mut told = MatrixTold {
            by: word.to_owned(),
            service: args.service.clone(),
            source_port: args.source_port.clone().unwrap_or_default(),
            columns,
            effort,
            warnings,
            rows: Vec::new(),
        };
        let total = part.len();
        let exceeded = matrix.each_row_of(part, |row| {
            told.rows.push(row);
            output.step(told.rows.len(), total);
        });
        let facts = facts(MATRIX, (&args.file, &args.at), &asked, shard);
        return write(path, &told.part(facts), exceeded.is_none(), global, output);
    }
    let exceeded = if args.collapse {
        let mut rows = Vec::new();
        let exceeded = matrix.each_row(|row| {
            count(&row);
            rows.push(row);
            output.step(rows.len(), matrix.rows());
        });
        let (columns, rows) = matrix.collapsed(&rows);
        let mut printer = Printer::new(&args.service, global, &columns, &rows);
        output.result(&printer.head((word, shard), effort, &warnings));
        for row in &rows {
            output.result(&printer.row(row));
        }
        output.result(&printer.end(exceeded));
        exceeded
    } else {
        let mut printer = Printer::new(&args.service, global, &columns, &[]);
        output.result(&printer.head((word, shard), effort, &warnings));
        let exceeded = matrix.each_row_of(part, |row| {
            count(&row);
            output.result(&printer.row(&row));
        });
        output.result(&printer.end(exceeded));
        exceeded
    };
    if global.verbose {
        output.note(&effort_text(effort, language));
    }
    let Some(exceeded) = exceeded else {
        return Exit::Good;
    };
    output.note(&matrix_exceeded(exceeded, undetermined, language));
    Exit::Finding
}

/// Writes what works between classes.
fn by_class(
    args: &MatrixArgs,
    (asked, path): (&Asked, &str),
    shard: Shard,
    global: &Global,
    output: &mut Output,
) -> Exit {
    let sent = (&*args.service, args.source_port.as_deref());
    let matrix = match class_matrix_of(asked, sent, args.budget.budget) {
        Ok(matrix) => matrix,
        Err(wrong) => return refuse(&wrong, global, output),
    };
    output.phase(Phase::Pairing);
    let own = if shard.is_whole() { 0..matrix.blocks() } else { shard.stretch_by(&matrix.costs()) };
    let total = own.len();
    let warnings = asked.warnings(global.language());
    let mut told = ClassesTold::new(
        facts(CLASSES, (&args.file, &args.at), asked, shard),
        (sent.0, sent.1.unwrap_or_default()),
        matrix.effort(),
        &warnings,
    );
    let mut done = 0;
    let exceeded = matrix.each_of(own, |block| {
        told.add(&block);
        done += 1;
        output.step(done, total);
    });
    if global.verbose {
        output.note(&effort_text(matrix.effort(), global.language()));
    }
    write(path, &told.part(), exceeded.is_none(), global, output)
}

/// Says that what was asked for is told in tables only.
pub fn only_tables(global: &Global, output: &mut Output) -> Exit {
    let (message, help) = match global.language() {
        Language::English => {
            ("a matrix by class is told in tables only", "write them with -o FILE.parquet")
        }
        Language::Chinese => ("按类计算的矩阵只以表的形式给出", "请用 -o FILE.parquet 写出"),
    };
    complain(global, output, message, Some(help));
    Exit::Unusable
}

/// Prints a matrix, or a slice of one, that was kept.
pub fn print(told: &MatrixTold, shard: Shard, global: &Global, output: &mut Output) {
    let mut printer = Printer::new(&told.service, global, &told.columns, &[]);
    output.result(&printer.head((&told.by, shard), told.effort, &told.warnings));
    for row in &told.rows {
        output.result(&printer.row(row));
    }
    output.result(&printer.end(None));
}

/// Which rows are asked for; equal columns are found in all of them only.
fn shard(args: &MatrixArgs, global: &Global, output: &mut Output) -> Result<Shard, Exit> {
    let shard = args.shard.slice(global, output)?;
    if shard.is_whole() || !args.collapse {
        return Ok(shard);
    }
    let message = match global.language() {
        Language::English => "--collapse compares all rows, a slice has only some of them",
        Language::Chinese => "--collapse 要比较所有行，而一个分片只有其中一部分",
    };
    complain(global, output, message, None);
    Err(Exit::Unusable)
}

/// Prints a matrix in one of the formats.
struct Printer<'a> {
    shape: Shape,
    service: &'a str,
    global: &'a Global,
    columns: &'a [String],
}

enum Shape {
    Text(MatrixText),
    Json(MatrixJson),
    Csv,
    Markdown,
}

impl<'a> Printer<'a> {
    fn new(
        service: &'a str,
        global: &'a Global,
        columns: &'a [String],
        rows: &[MatrixRow],
    ) -> Self {
        let names = columns.iter().chain(rows.iter().map(|row| &row.from));
        let widest = names.map(|name| name.chars().count()).max().unwrap_or(0);
        let shape = match global.format_name {
            FormatName::Csv => Shape::Csv,
            FormatName::Markdown => Shape::Markdown,
            FormatName::Json => Shape::Json(MatrixJson::default()),
            _ => {
                let columns = columns.to_vec();
                Shape::Text(MatrixText::new(columns, widest, global.verbosity(), global.language()))
            }
        };
        Self { shape, service, global, columns }
    }

    fn head(&self, (by, shard): (&str, Shard), effort: Effort, warnings: &[Value]) -> String {
        match &self.shape {
            Shape::Text(text) => text.head(),
            Shape::Json(json) => {
                let shard = (!shard.is_whole()).then(|| shard.to_string());
                let asked = (by, self.service, shard.as_deref());
                json.head(self.columns, asked, effort, warnings)
            }
            Shape::Csv => {
                let names = self.columns.iter().map(String::as_str);
                csv_line(std::iter::once("from").chain(names))
            }
            Shape::Markdown => markdown_head(self.columns, self.global.language()),
        }
    }

    fn row(&mut self, row: &MatrixRow) -> String {
        match &mut self.shape {
            Shape::Text(text) => text.row(row),
            Shape::Json(json) => json.row(row),
            Shape::Csv => csv_row(row),
            Shape::Markdown => markdown_row(row, self.global.language()),
        }
    }

    fn end(&self, exceeded: Option<Exceeded>) -> String {
        match &self.shape {
            Shape::Text(text) => text.legend(),
            Shape::Json(json) => json.end(exceeded, self.global.language()),
            Shape::Csv | Shape::Markdown => String::new(),
        }
    }
}
