//! What came of a run as a whole document of any format, for standard output and for the files of `--report`.

use std::io;
use std::path::Path;
use std::time::Duration;

use clap::ValueEnum;

use super::args::Global;
use super::chinese::Wrong;
use super::exit::Exit;
use super::format::{FormatName, formats};
use super::hint::after_failures;
use super::one::heads;
use super::output::Output;
use super::save::{Unwritten, write};
use crate::diagnostic::{Words, visible};
use crate::render::check_github::check_github;
use crate::render::check_json::check_json;
use crate::render::check_junit::check_junit;
use crate::render::check_markdown::check_markdown;
use crate::render::check_sarif::check_sarif;
use crate::render::check_tap::check_tap;
use crate::render::check_text::{failures, file_lines, nothing_expected, summary_line};
use crate::render::diagnostics::diagnostics_text;
use crate::verify::{FileReport, Summary};

/// What came of a run.
#[derive(Default)]
pub struct Run {
    /// Of each file, in order.
    pub reports: Vec<FileReport>,
    /// All counted.
    pub summary: Summary,
    /// How long it took.
    pub elapsed: Duration,
    /// Whether other slices of the work ask for something, so that this one may be idle.
    pub others_ask: bool,
}

/// A report that is wanted beside the terminal's: `--report FORMAT=FILE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its format.
    pub format: FormatName,
    /// Where to, `-` for standard output.
    pub path: String,
}

impl Target {
    /// Reads `junit=report.xml`.
    ///
    /// # Errors
    ///
    /// With the formats that there are.
    pub fn read(text: &str) -> Result<Self, Wrong> {
        let names = formats("check").iter().map(|format| format.name());
        let known = names.collect::<Vec<_>>().join(", ");
        let Some((format, path)) = text.split_once('=').filter(|(_, path)| !path.is_empty()) else {
            return Err(Wrong(Words::new(
                format!(
                    "a format and a file are needed, as in junit=report.xml; formats are {known}"
                ),
                format!("需要格式和文件，如 junit=report.xml；可用格式：{known}"),
            )));
        };
        let format = FormatName::from_str(format, false)
            .ok()
            .filter(|format| formats("check").contains(format))
            .ok_or_else(|| {
                Wrong(Words::new(
                    format!("there is no format `{format}`; there are {known}"),
                    format!("没有格式 `{format}`；可用格式：{known}"),
                ))
            })?;
        Ok(Self { format, path: path.to_owned() })
    }
}

/// The document of a format, as it goes to a file or a pipe.
///
/// # Errors
///
/// If it cannot be made, which would be a bug.
pub fn document(format: FormatName, run: &Run, global: &Global) -> Result<String, String> {
    let (verbosity, language) = (global.verbosity(), global.language());
    let (reports, summary) = (&run.reports, &run.summary);
    Ok(match format {
        FormatName::Text => {
            let text = text(run, global);
            anstream::adapter::strip_str(&text).to_string()
        }
        FormatName::Json => format!("{:#}\n", check_json(reports, summary, language)),
        FormatName::Sarif => format!("{:#}\n", check_sarif(reports, verbosity, language)),
        FormatName::Junit => {
            let xml = check_junit(reports, verbosity, language);
            xml.map_err(|error| error.to_string())?
        }
        FormatName::Github => check_github(reports, summary, verbosity, language),
        FormatName::Tap => check_tap(reports, summary, verbosity, language),
        FormatName::Markdown => check_markdown(reports, summary, verbosity, language),
        FormatName::Csv
        | FormatName::Svg
        | FormatName::Dot
        | FormatName::Mermaid
        | FormatName::Lcov
        | FormatName::Cobertura
        | FormatName::Html => {
            return Err(format!("`check` has no format `{}`", format.name()));
        }
    })
}

/// Everything that the terminal shows of a run, diagnostics in front.
fn text(run: &Run, global: &Global) -> String {
    let mut text = String::new();
    for report in &run.reports {
        text += &diagnostics_text(&report.sources, &report.diagnostics, global.language());
        text += &file_lines(report, global.verbosity(), global.language());
    }
    text + &ending(run, global)
}

/// What the terminal shows after the lines of the files: failures drawn, and the tally.
#[must_use]
pub fn ending(run: &Run, global: &Global) -> String {
    let (verbosity, language) = (global.verbosity(), global.language());
    let mut text = String::new();
    for report in &run.reports {
        let drawn = failures(report, verbosity, language);
        if !drawn.is_empty() {
            text.push('\n');
            text += &drawn;
            text += &after_failures(report, language).unwrap_or_default();
        }
    }
    let summary = &run.summary;
    if summary.expectations + summary.refusals == 0 && summary.unusable == 0 {
        text += nothing_expected(language);
        text.push('\n');
    }
    text + &summary_line(summary, run.elapsed, language)
}

/// Writes the reports of `--report`.
pub fn deliver(targets: &[Target], run: &Run, global: &Global, output: &mut Output) -> Exit {
    let mut exit = Exit::Good;
    for target in targets {
        let text = document(target.format, run, global);
        let written = text.map_err(|error| Unwritten::Failed(io::Error::other(error)));
        let written = written.and_then(|text| {
            if target.path == "-" {
                output.result(&text);
                return Ok(());
            }
            write(Path::new(&target.path), &text)
        });
        if let Err(error) = written {
            let (path, format) = (visible(&target.path), target.format.name());
            let words = error.words(&Words::new(
                format!("the {format} report {path}"),
                format!("{format} 报告 {path}"),
            ));
            let (head, _) = heads(global.language());
            output.note(&format!("{head}: {}\n", words.text(global.language())));
            exit = exit.max(error.exit());
        }
    }
    exit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_a_format_and_a_file() {
        let target = Target::read("junit=out/a=b.xml").expect("a target");
        assert_eq!(target.format, FormatName::Junit);
        assert_eq!(target.path, "out/a=b.xml");
        for text in ["junit", "junit=", "=a.xml", "xml=a.xml"] {
            let error = Target::read(text).expect_err(text).to_string();
            assert!(error.contains("text, json, junit, sarif"), "{error}");
        }
    }
}
