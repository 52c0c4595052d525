//! The files that come with pathproof, by their paths from the top of the repository.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use pathproof::diagnostic::Words;
use pathproof::scenario::{Files, Loaded, load};

/// The top of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files by their paths from the top, wherever the tests run.
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        std::fs::read(root().join(path))
    }
}

/// The program, which answers in English whatever the machine speaks, and does all of the work whatever Job it is in.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pathproof"));
    let job = ["JOB_COMPLETION_INDEX", "JOB_COMPLETIONS"];
    let language = ["PATHPROOF_LANG", "LC_ALL", "LC_MESSAGES", "LANG"];
    for variable in language.into_iter().chain(job) {
        command.env_remove(variable);
    }
    command
}

/// Loads a file by its path from the top.
pub fn loaded(path: &str) -> Loaded {
    load(path, &Disk)
}

/// Every `*.ron` file below a folder, by its path from the top, sorted.
pub fn scenarios(folder: &str) -> Vec<String> {
    let mut files = below(&root().join(folder));
    files.retain(|path| path.extension().is_some_and(|extension| extension == "ron"));
    let files = files.iter().filter_map(|path| {
        let path = path.strip_prefix(root()).ok()?;
        path.to_str().map(str::to_owned)
    });
    files.collect()
}

/// Whether words are told in Chinese, and nothing is left in English but names, notations and the cloud's own words.
pub fn is_chinese(words: &Words) -> bool {
    let han = |letter: char| ('\u{4e00}'..='\u{9fff}').contains(&letter);
    // in backticks and quotes stands what a file says
    let prose: String = words.chinese().split('`').step_by(2).collect();
    let prose: String = prose.split('"').step_by(2).collect();
    let english = prose
        .split(|letter: char| !letter.is_ascii_alphanumeric() && !"-/._".contains(letter))
        .filter(|word| word.len() > 2 && word.bytes().all(|letter| letter.is_ascii_lowercase()))
        .find(|word| !KEPT.contains(word));
    words.chinese().contains(han) && english.is_none()
}

/// Words of the notation, which no language changes.
const KEPT: [&str; 7] = ["tcp", "udp", "icmp", "all", "ingress", "egress", "gre"];

/// Every file below a folder, sorted.
pub fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder of the repository");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(below(&path));
        } else {
            files.push(path);
        }
    }
    files
}
