//! The command line: what clap reads, and `--help` with an example for each command.
//!
//! A command stands here when it works, not before.

use std::ffi::OsString;

use anstream::ColorChoice;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::budget::BudgetOption;
use super::certify::CertifyArgs;
use super::check::CheckArgs;
use super::chinese;
use super::config::Config;
use super::exit::Exit;
use super::explain::ExplainArgs;
use super::failures::FailuresArgs;
use super::fix::FixArgs;
use super::flow::flowing;
use super::fmt::FmtArgs;
use super::format::{FormatName, narrowed, refusal};
use super::generate::GenerateArgs;
use super::graph::GraphArgs;
use super::init::InitArgs;
use super::language;
use super::links::LinksArgs;
use super::lsp::LspArgs;
use super::man::ManArgs;
use super::matrix::MatrixArgs;
use super::unread::refused;
use super::whatif::{DiffArgs, WhatifArgs};
use crate::code::Language;
use crate::query::Verdict;
use crate::render::check_text::Verbosity;

/// Proves which packets can cross a cloud network, and why the others cannot.
#[derive(Debug, Parser)]
#[command(name = "pathproof", version, max_term_width = 100)]
#[command(after_help = "\
Example:
  pathproof trace shop.ron --from ins-tom --to cdb-1 --service tcp:3306

Exit status: 0 everything asked holds; 1 it does not, or could not be decided;
2 the command line or the input cannot be used; 3 the program failed.")]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Reads the command line; prints help, version or what is wrong with it.
    ///
    /// # Errors
    ///
    /// With the status to end with.
    pub fn read() -> Result<Self, Exit> {
        let words: Vec<OsString> = std::env::args_os().collect();
        let config = Config::here();
        let known = config.as_ref().ok().and_then(Config::lang);
        let asked = language::of_words(&words)
            .map_or_else(|| language::of_surroundings(known, |name| std::env::var_os(name)), Ok);
        let lang = match asked {
            Ok(lang) => lang,
            Err(value) => {
                let wrong = format!("{} is `{value}`; it can be en or zh", language::VARIABLE);
                let _ = Self::whole().error(ErrorKind::InvalidValue, wrong).print();
                return Err(Exit::Unusable);
            }
        };
        let config = match config {
            Ok(config) => config,
            Err(wrong) => {
                let error =
                    Self::whole().error(ErrorKind::InvalidValue, wrong.text(lang.language()));
                return Err(refused(&error, &words, lang));
            }
        };
        let (mut words, paths) = config.fill(&words);
        let mut read = Self::spoken(&words, lang);
        let lacks = |it: &clap::Error| it.kind() == ErrorKind::MissingRequiredArgument;
        if read.as_ref().is_err_and(lacks) && !paths.is_empty() {
            words.extend(paths);
            read = Self::spoken(&words, lang);
        }
        read.map_err(|error| refused(&error, &words, lang))
    }

    /// Reads a command line that is answered in a language.
    fn spoken(words: &[OsString], lang: Lang) -> Result<Self, clap::Error> {
        if lang == Lang::Zh {
            chinese::translated(Self::whole()).try_get_matches_from(words)?;
        }
        Self::read_in(words, lang)
    }

    /// Reads a command line; the first word is the program's name.
    ///
    /// # Errors
    ///
    /// With what is wrong with it, or with the help that it asks for.
    pub fn of<Word>(words: impl IntoIterator<Item = Word>) -> Result<Self, clap::Error>
    where
        Word: Into<OsString> + Clone,
    {
        Self::read_in(words, Lang::En)
    }

    fn read_in<Word>(words: impl IntoIterator<Item = Word>, lang: Lang) -> Result<Self, clap::Error>
    where
        Word: Into<OsString> + Clone,
    {
        let matches = flowing(Self::whole()).try_get_matches_from(words)?;
        let mut cli = Self::from_arg_matches(&matches)?;
        cli.global.lang.get_or_insert(lang);
        let command = matches.subcommand_name().unwrap_or_default();
        // Before the command, clap takes any format.
        if let Some(refusal) = refusal(command, cli.global.format_name, cli.global.language()) {
            return Err(Self::whole().error(ErrorKind::InvalidValue, refusal));
        }
        cli.global.format = match cli.global.format_name {
            FormatName::Json => Format::Json,
            _ => Format::Text,
        };
        Ok(cli)
    }

    /// The command line, each command with the formats that it has.
    #[must_use]
    pub fn whole() -> clap::Command {
        narrowed(Self::command())
    }
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// How to print the result; some commands have more formats than text and json
    #[arg(id = "format", long = "format", value_name = "FORMAT", global = true, value_enum)]
    #[arg(default_value_t, hide_possible_values = true)]
    pub format_name: FormatName,
    /// Text or JSON, for commands that have no other format.
    #[arg(skip)]
    pub format: Format,
    /// When to use colours; `NO_COLOR` is honoured
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
    /// Say less: only what does not hold, and the summary
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more: the reasons of what holds, too
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// The language to answer in; without it `PATHPROOF_LANG`, then `LC_ALL` and `LANG` choose
    #[arg(long, global = true, value_enum)]
    pub lang: Option<Lang>,
    /// Read no included file outside the folder of the scenario: for files that others write
    #[arg(long, global = true)]
    pub strict_includes: bool,
}

impl Global {
    /// How much to say.
    #[must_use]
    pub fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, true) => Verbosity::Verbose,
            (false, false) => Verbosity::Normal,
        }
    }

    /// The language to answer in.
    #[must_use]
    pub fn language(&self) -> Language {
        self.lang.unwrap_or_default().language()
    }
}

/// How a result is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For scripts.
    Json,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    #[default]
    Auto,
    /// Even into a pipe.
    Always,
    /// Nowhere.
    Never,
}

impl Color {
    /// The same for anstream, which knows terminals and `NO_COLOR`.
    #[must_use]
    pub fn choice(self) -> ColorChoice {
        match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        }
    }
}

/// The languages, as people write them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// 中文
    Zh,
}

/// The commands that there are.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the expectations of scenario files
    Check(CheckArgs),
    /// Prove the verdicts of a file so that somebody else can check them without this program
    Certify(CertifyArgs),
    /// Explain one connection, hop by hop, there and back
    Trace(TraceArgs),
    /// Tell exactly which packets work between two sets of ends, and what blocks the others
    Reach(ReachArgs),
    /// Tell everybody to everybody: one verdict for every pair of endpoints, subnets, VPCs or groups
    Matrix(MatrixArgs),
    /// Put the Parquet files of all slices of a matrix, or of failures, together
    Merge(super::merge::MergeArgs),
    /// Tell exactly what changes would open and close, and which expectations they break
    Whatif(WhatifArgs),
    /// Tell exactly what two scenario files let through differently
    Diff(DiffArgs),
    /// Tell which promises break when something fails: every gateway, line and machine in turn, or two at once
    Failures(FailuresArgs),
    /// Draw the network, and a connection through it
    Graph(GraphArgs),
    /// Write a page with everything that came of a run, and who reaches whom
    Report(super::report::ReportArgs),
    /// Tell what is legal and still looks wrong
    Lint(super::lint::LintArgs),
    /// Find the smallest changes that open a connection, or close it, each with its side effect
    Fix(FixArgs),
    /// Tell which rules, routes, entries, links and targets the expectations pin, and which they would not miss
    Coverage(super::coverage::CoverageArgs),
    /// Make small mistakes in the network and tell which of them no expectation notices
    Mutate(super::mutate::MutateArgs),
    /// Find the steps from one network to another that keep every promise: out of the classic network
    Plan(super::migrate::PlanArgs),
    /// Write a scenario file to begin with, with remarks
    Init(InitArgs),
    /// Lay out scenario files: every line where it belongs, comments and all
    Fmt(FmtArgs),
    /// Serve an editor: diagnostics, completion, definitions, renaming, layout
    Lsp(LspArgs),
    /// Serve an assistant: every question as a tool of the Model Context Protocol
    #[cfg(feature = "mcp")]
    Mcp(super::mcp::McpArgs),
    /// Serve a page to ask with, and the same questions over HTTP with JSON
    #[cfg(feature = "serve")]
    Serve(super::serve::ServeArgs),
    /// List the classic CVMs that are linked to VPCs
    Links(LinksArgs),
    /// Make a scenario file from a Terraform plan or state, or from a dump of the cloud's API
    Import(ImportArgs),
    /// Make a realistic network of any size, for measurements and tests
    Generate(GenerateArgs),
    /// Tell what a code, a rule of the cloud, or a section or change of the format means
    Explain(ExplainArgs),
    /// Print the JSON schema of what a command prints as JSON
    Schema(super::schema::SchemaArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page of the program or of one of its commands
    Man(ManArgs),
}

/// Arguments of `trace`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof trace shop.ron --from ins-tom --to cdb-1 --service tcp:3306
  pathproof trace shop.ron --from internet --to lb-web --service tcp:443 --expect reachable")]
pub struct TraceArgs {
    /// The scenario file, or - for standard input
    pub file: String,
    /// Who opens the connection: an id, an address, `internet`, or a set such as "vpc-a & !sg-b"
    #[arg(long, value_name = "WHO")]
    pub from: String,
    /// Who is meant
    #[arg(long, value_name = "WHO")]
    pub to: String,
    /// What is asked for: tcp:443, udp:53, icmp, all
    #[arg(long, short = 's', default_value = "all")]
    pub service: String,
    /// Source ports: 1024-65535, or a single one
    #[arg(long, value_name = "PORTS")]
    pub source_port: Option<String>,
    /// End with 1 unless this is the verdict
    #[arg(long, value_enum, value_name = "VERDICT")]
    pub expect: Option<ExpectedVerdict>,
    /// End with 1 unless every way that works passes this gateway, CCN, load balancer, forwarder or
    /// classic-link:VPC
    #[arg(long, value_name = "ID")]
    pub via: Vec<String>,
    /// End with 1 if any way that works passes this
    #[arg(long, value_name = "ID")]
    pub not_via: Vec<String>,
    /// Which network to ask.
    #[command(flatten)]
    pub at: At,
    /// How much a question may take.
    #[command(flatten)]
    pub budget: BudgetOption,
}

/// Arguments of `reach`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof reach shop.ron --from vpc-shop --to cdb-1
  pathproof reach shop.ron --from internet --to \"tag:role=web\" --service tcp:1-1024
  pathproof reach shop.ron --to cdb-1

With --to alone: who can reach this. With --from alone: whom can this reach.
Under packets that are rewritten on the way (NAT, EIP, load balancer) stands what each device makes of them.")]
pub struct ReachArgs {
    /// The scenario file, or - for standard input
    pub file: String,
    /// Who opens: an id, an address, `internet`, or a set such as "vpc-a & !sg-b"; everybody unless given
    #[arg(long, value_name = "SET", required_unless_present = "to")]
    pub from: Option<String>,
    /// Who is meant; everybody unless given
    #[arg(long, value_name = "SET")]
    pub to: Option<String>,
    /// What is asked for: tcp:443, udp:53, icmp, all
    #[arg(long, short = 's', default_value = "all")]
    pub service: String,
    /// Source ports: 1024-65535, or a single one
    #[arg(long, value_name = "PORTS")]
    pub source_port: Option<String>,
    /// End with 1 unless this is the verdict
    #[arg(long, value_enum, value_name = "VERDICT")]
    pub expect: Option<ExpectedVerdict>,
    /// Which network to ask.
    #[command(flatten)]
    pub at: At,
    /// How much a question may take.
    #[command(flatten)]
    pub budget: BudgetOption,
}

/// Which network of a file is asked.
#[derive(Clone, Debug, Args)]
pub struct At {
    /// Ask after this step, or in this what-if, instead of the base network
    #[arg(long = "at", value_name = "STEP")]
    pub step: Option<String>,
}

/// Arguments of `import`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof import terraform plan.json -o shop.ron
  pathproof import tencent dump -o shop.ron --split
  pathproof import tencent dump -o shop.ron --keep shop.ron --report import.md

What was stood in for or left out is told on standard error; the status is 1 if anything was left out.")]
pub struct ImportArgs {
    /// What to import.
    #[command(subcommand)]
    pub from: ImportFrom,
}

/// What can be imported.
#[derive(Debug, Subcommand)]
pub enum ImportFrom {
    /// What `terraform show -json` prints of a plan or a state, or a terraform.tfstate; several are joined by their ids
    #[command(after_help = "\
Example:
  pathproof import terraform plan.json -o shop.ron
  pathproof import terraform plan.json --config . -o shop.ron
  pathproof import terraform network/terraform.tfstate shop/plan.json -o shop.ron")]
    Terraform {
        /// The files, folders of *.json and *.tfstate, or - for standard input
        #[arg(required = true, value_name = "FILE|DIR")]
        files: Vec<String>,
        /// The folder of the *.tf files that the plan was made of: for lists that an expression decides
        #[arg(long, value_name = "DIR")]
        config: Option<String>,
        /// Where to and how.
        #[command(flatten)]
        options: ImportOptions,
    },
    /// A folder of responses of the API, as `tccli` prints them: DescribeVpcs.json, …
    #[command(after_help = "\
Example:
  pathproof import tencent dump -o shop.ron --split")]
    Tencent {
        /// The folder
        #[arg(value_name = "DIR")]
        folder: String,
        /// Where to and how.
        #[command(flatten)]
        options: ImportOptions,
    },
}

/// Options of every import.
#[derive(Clone, Debug, Args)]
pub struct ImportOptions {
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<String>,
    /// The region of whatever the input gives none for
    #[arg(long)]
    pub region: Option<String>,
    /// One file for each VPC beside the first, which includes them
    #[arg(long, requires = "output")]
    pub split: bool,
    /// Keep the expectations, steps, lint settings, names and tags of this scenario, and tell what changed since
    #[arg(long, value_name = "FILE")]
    pub keep: Option<String>,
    /// Write down what went in and came out, what is missing and what hangs on it: *.json or *.md
    #[arg(long, value_name = "FILE")]
    pub report: Option<String>,
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof completions zsh > ~/.zfunc/_pathproof")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// A verdict to expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExpectedVerdict {
    /// Every connection works.
    Reachable,
    /// None works.
    Unreachable,
    /// Some work.
    Partial,
    /// It cannot be decided.
    Undetermined,
}

impl ExpectedVerdict {
    /// The verdict.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Reachable => Verdict::Reachable,
            Self::Unreachable => Verdict::Unreachable,
            Self::Partial => Verdict::Partial,
            Self::Undetermined => Verdict::Undetermined,
        }
    }
}

#[cfg(test)]
mod tests;
