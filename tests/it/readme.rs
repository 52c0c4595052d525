//! The README, held true: its scenario is written to a file, every command it shows is run, and the output that it
//! shows must be the output.
//!
//! In a block of `console`, a line that begins with `$ ` is a command and what follows is what it prints; a line `…` stands
//! for any lines, and milliseconds may differ. ``console exit=1`` says how the block's commands end.

#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shipped::{below, root};

/// Commands that are shown and not run here, and why.
const NOT_RUN: [(&str, &str); 1] = [("cargo test", "it is what runs this test")];

/// A fenced block: its language with options, and its text.
struct Block {
    kind: String,
    text: String,
}

fn blocks() -> Vec<Block> {
    let readme = fs::read_to_string(root().join("README.md")).expect("the README");
    let mut parts = readme.split("\n```");
    parts.next();
    let mut blocks = Vec::new();
    while let (Some(block), Some(_prose)) = (parts.next(), parts.next()) {
        let (kind, text) = block.split_once('\n').expect("a block of lines");
        blocks.push(Block {
            kind: kind.to_owned(),
            text: text.to_owned(),
        });
    }
    blocks
}

/// A place with the README's files and the shipped scenarios.
fn place() -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    let _ = fs::remove_dir_all(&place);
    for path in below(&root().join("scenarios")) {
        let copy = place.join(path.strip_prefix(root()).expect("a path of the repository"));
        fs::create_dir_all(copy.parent().expect("a folder")).expect("a folder");
        fs::copy(&path, copy).expect("a copy of a scenario");
    }
    for block in blocks().iter().filter(|block| block.kind == "ron") {
        let name = block.text.strip_prefix("// ").expect("a file name first");
        let (name, _) = name.split_once(':').expect("a file name and a colon");
        fs::write(place.join(name), format!("{}\n", block.text)).expect("a file of the README");
    }
    place
}

/// Runs a line as a shell does; what it prints and how it ends.
fn run(line: &str, place: &Path) -> (String, Option<i32>) {
    let line = line.replace("cargo run --release --", "pathproof");
    let program = env!("CARGO_BIN_EXE_pathproof");
    let script = format!(
        "unset PATHPROOF_LANG LC_ALL LC_MESSAGES LANG; pathproof() {{ '{program}' \"$@\"; }}\nexec 2>&1\n{line}"
    );
    let mut shell = Command::new("sh");
    let shell = shell.args(["-c", &script]).current_dir(place);
    let output = shell.output().expect("a shell");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    (printed, output.status.code())
}

/// Whether lines are those shown, where a shown `…` stands for any lines.
fn fits(shown: &[&str], printed: &[&str]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((&"…", rest)) => (0..=printed.len()).any(|skipped| fits(rest, &printed[skipped..])),
        Some((line, rest)) => printed
            .split_first()
            .is_some_and(|(first, others)| timeless(line) == timeless(first) && fits(rest, others)),
    }
}

/// A line without its milliseconds.
fn timeless(line: &str) -> &str {
    line.strip_suffix(" ms").map_or(line, |line| {
        line.trim_end_matches(|letter: char| letter.is_ascii_digit())
    })
}

#[test]
fn what_the_readme_shows_is_what_is_printed() {
    let place = place();
    let mut commands = 0;
    for block in blocks() {
        let mut words = block.kind.split(' ');
        if words.next() != Some("console") {
            continue;
        }
        let status = words.next().map_or("exit=0", |word| word);
        for command in format!("\n{}", block.text).split("\n$ ").skip(1) {
            let (line, shown) = command.split_once('\n').unwrap_or((command, "…"));
            if NOT_RUN.iter().any(|(not_run, _)| *not_run == line) {
                continue;
            }
            let (printed, code) = run(line, &place);
            let ends = format!("exit={}", code.unwrap_or(-1));
            assert_eq!(ends, status, "{line}\n{printed}");
            let shown: Vec<&str> = shown.trim_end().lines().collect();
            let lines: Vec<&str> = printed.trim_end().lines().collect();
            assert!(fits(&shown, &lines), "{line} prints\n{printed}");
            commands += 1;
        }
    }
    assert!(commands >= 5, "{commands} commands");
}

#[test]
fn what_the_readme_points_at_exists() {
    let readme = fs::read_to_string(root().join("README.md")).expect("the README");
    let links = readme
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let files: Vec<&str> = links.filter(|link| !link.contains("://")).collect();
    assert!(!files.is_empty());
    let headings = readme.lines().filter_map(|line| line.strip_prefix("## "));
    let anchors: Vec<String> = headings
        .map(|heading| format!("#{}", heading.to_lowercase().replace(' ', "-")))
        .collect();
    for file in files {
        let exists = if file.starts_with('#') {
            anchors.iter().any(|anchor| anchor == file)
        } else {
            root().join(file).exists()
        };
        assert!(exists, "{file}");
    }
}

#[test]
fn commands_in_the_prose_of_the_readme_exist() {
    let readme = fs::read_to_string(root().join("README.md")).expect("the README");
    let help = run("pathproof --help", &place_of_nothing()).0;
    for mention in readme.split("pathproof ").skip(1) {
        let word: String = mention
            .chars()
            .take_while(char::is_ascii_lowercase)
            .collect();
        let is_command = readme.contains(&format!("`pathproof {word}"));
        assert!(
            !is_command || help.contains(&format!("\n  {word} ")),
            "pathproof {word}"
        );
    }
}

fn place_of_nothing() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).to_owned()
}
