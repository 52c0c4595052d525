//! `check --watch`: runs again whenever something that was read changes.
//!
//! Files are looked at every `PAUSE`: that needs nothing of the system, and works on every file system. What is watched
//! is what the run asked the disk for, so included files are, too, and an include that is missing until somebody writes it.

use std::thread::sleep;
use std::time::Duration;

use super::args::Global;
use super::check::{CheckArgs, once};
use super::exit::Exit;
use super::files::{Disk, find};
use super::format::FormatName;
use super::output::Output;
use super::select::Selection;
use crate::ask::{Shelf, Watched};
use crate::code::Language;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(300);

/// So long must a file rest after a change: an editor may still be writing.
const REST: Duration = Duration::from_millis(50);

/// The files that the paths mean now.
fn listed(paths: &[String]) -> Vec<String> {
    find(paths).into_iter().map(|found| found.path).collect()
}

/// Runs, waits for a change, runs again, until somebody ends it.
pub fn watch(
    args: &CheckArgs,
    selection: &Selection,
    global: &Global,
    output: &mut Output,
) -> Exit {
    loop {
        let files = listed(&args.paths);
        let disk = Disk::of(global);
        let watched = Watched::new(&disk);
        let exit = once(args, selection, global, &watched, output);
        if output.is_closed() {
            return exit;
        }
        let changed = wait(&args.paths, &files, (&disk, &watched));
        let line = separation(&changed, global.language());
        // Between documents for machines, people's words would be in the way.
        if global.format_name == FormatName::Text {
            output.result(&line);
        } else {
            output.note(&line);
        }
    }
}

/// Waits until a file changes, comes or goes; which one it is.
fn wait(paths: &[String], files: &[String], (disk, watched): (&Disk, &Watched<'_>)) -> String {
    loop {
        sleep(PAUSE);
        let now = listed(paths);
        let other = now.iter().find(|path| !files.contains(path));
        let other = other.or_else(|| files.iter().find(|path| !now.contains(path)));
        if let Some(path) = watched.changed().or_else(|| other.cloned()) {
            let mut before = disk.stamp(&path);
            sleep(REST);
            while disk.stamp(&path) != before {
                before = disk.stamp(&path);
                sleep(REST);
            }
            return path;
        }
    }
}

fn separation(path: &str, language: Language) -> String {
    let line = "─".repeat(20);
    match language {
        Language::English => format!("\n{line} {path} changed {line}\n"),
        Language::Chinese => format!("\n{line} {path} 已变更 {line}\n"),
    }
}
