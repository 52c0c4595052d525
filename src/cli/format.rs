//! The formats that results are printed in, and which command has which.
//!
//! clap refuses what a command does not have and names what it has; `--help` shows the same list.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Arg, Command, ValueEnum};

use crate::code::Language;

/// Every format that some command has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FormatName {
    /// For people.
    #[default]
    Text,
    /// For scripts.
    Json,
    /// Test results in XML, for GitLab and Jenkins.
    Junit,
    /// SARIF 2.1.0, for code hosts.
    Sarif,
    /// Annotations in the log of a GitHub workflow.
    Github,
    /// The Test Anything Protocol.
    Tap,
    /// Markdown, for comments and summaries of jobs.
    Markdown,
    /// Comma-separated values, for spreadsheets.
    Csv,
    /// A drawing.
    Svg,
    /// A graph for Graphviz.
    Dot,
    /// A flowchart for Markdown.
    Mermaid,
    /// Coverage line by line, for genhtml and editors.
    Lcov,
    /// Coverage in XML, for GitLab, Jenkins and others.
    Cobertura,
    /// A page.
    Html,
}

impl FormatName {
    /// As it is written on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Tap => "tap",
            Self::Markdown => "markdown",
            Self::Csv => "csv",
            Self::Svg => "svg",
            Self::Dot => "dot",
            Self::Mermaid => "mermaid",
            Self::Lcov => "lcov",
            Self::Cobertura => "cobertura",
            Self::Html => "html",
        }
    }
}

/// Commands that have other formats than `USUAL`; the first one is taken unless another is asked for.
const OTHERS: [(&str, &[FormatName]); 14] = [
    (
        "check",
        &[
            FormatName::Text,
            FormatName::Json,
            FormatName::Junit,
            FormatName::Sarif,
            FormatName::Github,
            FormatName::Tap,
            FormatName::Markdown,
        ],
    ),
    ("completions", &[FormatName::Text]),
    (
        "coverage",
        &[
            FormatName::Text,
            FormatName::Json,
            FormatName::Lcov,
            FormatName::Cobertura,
            FormatName::Html,
            FormatName::Github,
        ],
    ),
    ("diff", DIFFERENCE),
    ("lint", &[FormatName::Text, FormatName::Json, FormatName::Sarif]),
    ("graph", &[FormatName::Svg, FormatName::Dot, FormatName::Mermaid]),
    ("init", &[FormatName::Text]),
    ("links", TABLE),
    ("man", &[FormatName::Text]),
    ("matrix", &[FormatName::Text, FormatName::Json, FormatName::Csv, FormatName::Markdown]),
    ("merge", &[FormatName::Text, FormatName::Json, FormatName::Csv, FormatName::Markdown]),
    ("reach", TABLE),
    ("report", &[FormatName::Text]),
    ("whatif", DIFFERENCE),
];

const DIFFERENCE: &[FormatName] = &[FormatName::Text, FormatName::Json, FormatName::Markdown];

const TABLE: &[FormatName] = &[FormatName::Text, FormatName::Json, FormatName::Csv];

const USUAL: &[FormatName] = &[FormatName::Text, FormatName::Json];

/// The formats of a command.
#[must_use]
pub fn formats(command: &str) -> &'static [FormatName] {
    let other = OTHERS.iter().find(|(name, _)| *name == command);
    other.map_or(USUAL, |(_, formats)| formats)
}

/// Gives every subcommand its own `--format`, which takes its formats only.
#[must_use]
pub fn narrowed(command: Command) -> Command {
    let names: Vec<String> =
        command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| {
        let own = argument(formats(&name));
        command.mut_subcommand(name, |command| command.arg(own))
    })
}

fn argument(formats: &'static [FormatName]) -> Arg {
    let values = formats.iter().filter_map(ValueEnum::to_possible_value);
    let parser = PossibleValuesParser::new(values)
        .try_map(|name| <FormatName as ValueEnum>::from_str(&name, false));
    Arg::new("format")
        .long("format")
        .value_name("FORMAT")
        .value_parser(parser)
        .default_value(formats.first().map_or("text", |format| format.name()))
        .global(true)
        .help("How to print the result")
        .help_heading("Options of every command")
}

/// What is to be said of a format that a command does not have.
#[must_use]
pub fn refusal(command: &str, format: FormatName, language: Language) -> Option<String> {
    let formats = formats(command);
    let names: Vec<&str> = formats.iter().map(|format| format.name()).collect();
    let (name, names) = (format.name(), names.join(", "));
    (!formats.contains(&format)).then(|| match language {
        Language::English => format!("`{command}` has no format `{name}`; it has {names}"),
        Language::Chinese => format!("`{command}` 没有格式 `{name}`；可用格式：{names}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_called_as_clap_reads_it() {
        for format in FormatName::value_variants() {
            let value = format.to_possible_value().expect("none is hidden");
            assert_eq!(value.get_name(), format.name());
        }
    }
}
