//! The lines of `check` while it runs: one an expectation, of many one a file, of many files one a folder.

use std::path::Path;

use super::args::Global;
use super::check::asked;
use crate::render::check_text::{Together, Verbosity, file_lines};
use crate::scenario::Loaded;
use crate::verify::FileReport;

/// A run of more expectations than these tells a line a file.
const LINES: usize = 50;

/// A run of more files than these, then, tells a line a folder.
const FILES: usize = 20;

/// What has a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Each {
    Expectation,
    File,
    Folder,
}

/// Lines under way.
pub(super) struct Lines<'a> {
    each: Each,
    global: &'a Global,
    /// The folder that is not told yet.
    folder: Option<(String, Together)>,
}

impl<'a> Lines<'a> {
    /// Lines of a run over these files.
    pub(super) fn of(files: &[(String, Loaded)], global: &'a Global) -> Self {
        let asked: usize = files.iter().map(|(_, loaded)| asked(loaded)).sum();
        let each = match (asked > LINES, files.len() > FILES, global.verbosity()) {
            (true, true, Verbosity::Normal) => Each::Folder,
            (true, false, Verbosity::Normal) => Each::File,
            _ => Each::Expectation,
        };
        Self { each, global, folder: None }
    }

    /// What is told now that a file is decided: what did not pass at once, whatever has a line.
    pub(super) fn tell(&mut self, report: &FileReport) -> String {
        let language = self.global.language();
        let failed = || file_lines(report, Verbosity::Quiet, language);
        match self.each {
            Each::Expectation => file_lines(report, self.global.verbosity(), language),
            Each::File => {
                let mut told = Together::default();
                told.add(report);
                failed() + &told.line(&report.path, language)
            }
            Each::Folder => {
                let folder = Path::new(&report.path).parent();
                let folder = folder.map_or(String::new(), |it| it.display().to_string());
                let begins = self.folder.as_ref().is_none_or(|(own, _)| *own != folder);
                let before = if begins { self.end() } else { String::new() };
                let (_, told) = self.folder.get_or_insert_with(|| (folder, Together::default()));
                told.add(report);
                before + &failed()
            }
        }
    }

    /// What is left to tell.
    pub(super) fn end(&mut self) -> String {
        let folder = self.folder.take();
        folder.map_or(String::new(), |(path, told)| {
            told.line(&format!("{path}/"), self.global.language())
        })
    }
}
