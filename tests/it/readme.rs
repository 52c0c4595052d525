//! The READMEs and the pages beside them, held true: their files are written, every command they show is run, and the output
//! that they show must be the output.
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

/// What a page shows, and the language that it is in.
struct Page {
    path: &'static str,
    language: &'static str,
}

/// Every page with commands; the pages of `docs` go on with the files of the README.
const PAGES: [Page; 8] = [
    english("README.md"),
    english("docs/questions.md"),
    english("docs/changes.md"),
    english("docs/migration.md"),
    english("docs/ci.md"),
    english("docs/suite.md"),
    english("docs/performance.md"),
    Page { path: "README.zh.md", language: "zh" },
];

const fn english(path: &'static str) -> Page {
    Page { path, language: "en" }
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect("a page of the repository")
}

fn blocks(path: &str) -> Vec<Block> {
    let page = text(path);
    let mut parts = page.split("\n```");
    parts.next();
    let mut blocks = Vec::new();
    while let (Some(block), Some(_prose)) = (parts.next(), parts.next()) {
        let (kind, text) = block.split_once('\n').expect("a block of lines");
        blocks.push(Block { kind: kind.to_owned(), text: text.to_owned() });
    }
    blocks
}

/// A place with the files of the pages of a language and the shipped scenarios.
fn place(language: &str) -> PathBuf {
    let place = place_of(language);
    let _ = fs::remove_dir_all(&place);
    for path in below(&root().join("scenarios")) {
        let copy = place.join(path.strip_prefix(root()).expect("a path of the repository"));
        fs::create_dir_all(copy.parent().expect("a folder")).expect("a folder");
        fs::copy(&path, copy).expect("a copy of a scenario");
    }
    let tools = place.join("tools");
    fs::create_dir_all(&tools).expect("a folder");
    for entry in fs::read_dir(root().join("tools")).expect("the tools") {
        let path = entry.expect("a tool").path();
        let name = path.file_name().expect("a name").to_owned();
        if name.to_string_lossy().starts_with("certcheck") {
            fs::copy(&path, tools.join(name)).expect("a copy of the checker");
        }
    }
    let pages = PAGES.iter().filter(|page| page.language == language);
    for block in pages.flat_map(|page| blocks(page.path)) {
        if block.kind == "ron" {
            let name = block.text.strip_prefix("// ").expect("a file name first");
            let (name, _) = name.split_once(':').expect("a file name and a colon");
            fs::write(place.join(name), format!("{}\n", block.text)).expect("a file of a page");
        }
    }
    place
}

/// Runs a line as a shell does; what it prints and how it ends.
fn run(line: &str, place: &Path, language: &str) -> (String, Option<i32>) {
    let line = line.replace("cargo run --release --", "pathproof");
    let program = env!("CARGO_BIN_EXE_pathproof");
    let script = format!(
        "unset LC_ALL LC_MESSAGES LANG; export PATHPROOF_LANG={language}; pathproof() {{ '{program}' \"$@\"; }}\nexec 2>&1\n{line}"
    );
    let mut shell = Command::new("sh");
    let shell = shell.args(["-c", &script]).current_dir(place);
    let output = shell.output().expect("a shell");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    (printed, output.status.code())
}

fn has_python() -> bool {
    Command::new("python3").arg("--version").output().is_ok()
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
    line.strip_suffix(" ms")
        .map_or(line, |line| line.trim_end_matches(|letter: char| letter.is_ascii_digit()))
}

/// Runs what the pages of a language show; how many commands there were.
fn shown_and_printed(language: &str) -> usize {
    let place = place(language);
    let mut commands = 0;
    let pages = PAGES.iter().filter(|page| page.language == language);
    for (path, block) in
        pages.flat_map(|page| blocks(page.path).into_iter().map(|it| (page.path, it)))
    {
        let mut words = block.kind.split(' ');
        if words.next() != Some("console") {
            continue;
        }
        let status = words.next().map_or("exit=0", |word| word);
        for command in format!("\n{}", block.text).split("\n$ ").skip(1) {
            let (line, shown) = command.split_once('\n').unwrap_or((command, "…"));
            let lacks_python = line.starts_with("python3 ") && !has_python();
            if lacks_python || NOT_RUN.iter().any(|(not_run, _)| *not_run == line) {
                continue;
            }
            let (printed, code) = run(line, &place, language);
            let ends = format!("exit={}", code.unwrap_or(-1));
            assert_eq!(ends, status, "{path}: {line}\n{printed}");
            let shown: Vec<&str> = shown.trim_end().lines().collect();
            let lines: Vec<&str> = printed.trim_end().lines().collect();
            assert!(fits(&shown, &lines), "{path}: {line} prints\n{printed}");
            commands += 1;
        }
    }
    commands
}

#[test]
fn what_the_pages_show_is_what_is_printed() {
    let commands = shown_and_printed("en");
    assert!(commands >= 12, "{commands} commands");
    let picture = fs::read_to_string(place_of("en").join("why.svg")).expect("a picture");
    assert_eq!(
        picture,
        text("docs/why.svg"),
        "docs/why.svg is drawn anew by the command of the README"
    );
}

#[test]
fn what_the_chinese_readme_shows_is_what_is_printed() {
    let commands = shown_and_printed("zh");
    assert!(commands >= 7, "{commands} commands");
}

#[test]
fn the_two_readmes_show_the_same_commands_and_are_short() {
    let commands = |path: &str| -> Vec<String> {
        let lines: Vec<String> = text(path).lines().map(str::to_owned).collect();
        lines.into_iter().filter(|line| line.starts_with("$ ")).collect()
    };
    assert_eq!(commands("README.md"), commands("README.zh.md"));
    let words = text("README.md").split_whitespace().count();
    assert!(words <= 2000, "{words} words");
    let signs = text("README.zh.md").chars().filter(|sign| ('一'..='鿿').contains(sign)).count();
    assert!(signs <= 2000, "{signs} signs");
}

/// The anchors of the headings of a page, as hosts of code make them.
fn anchors(page: &str) -> Vec<String> {
    let headings = page.lines().filter_map(|line| {
        line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#'))
    });
    let stays = |sign: &char| sign.is_alphanumeric() || ['-', '_'].contains(sign);
    let anchor = |heading: &str| {
        let signs = heading.to_lowercase().replace(' ', "-");
        format!("#{}", signs.chars().filter(stays).collect::<String>())
    };
    headings.map(anchor).collect()
}

#[test]
fn what_the_pages_point_at_exists() {
    let mut pages: Vec<PathBuf> = vec!["README.md".into(), "README.zh.md".into()];
    for entry in fs::read_dir(root().join("docs")).expect("the documents") {
        let name = entry.expect("a document").file_name();
        let path = Path::new("docs").join(name);
        pages.extend((path.extension().is_some_and(|end| end == "md")).then_some(path));
    }
    for path in pages {
        let page = fs::read_to_string(root().join(&path)).expect("a page");
        let links = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://")) {
            let (file, anchor) = link
                .split_once('#')
                .map_or((link, None), |(file, anchor)| (file, Some(format!("#{anchor}"))));
            let target = root().join(&path).with_file_name("").join(file);
            let exists = file.is_empty() || target.exists();
            assert!(exists, "{}: {link}", path.display());
            if let Some(anchor) = anchor {
                let other = if file.is_empty() {
                    page.clone()
                } else {
                    fs::read_to_string(target).expect("a page")
                };
                let known = anchors(&other);
                assert!(
                    known.contains(&anchor) || other.contains(&format!("id=\"{}\"", &anchor[1..])),
                    "{}: {link}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn commands_in_the_prose_of_the_readme_exist() {
    let readme = text("README.md");
    let help = run("pathproof --help", &place_of_nothing(), "en").0;
    for mention in readme.split("pathproof ").skip(1) {
        let word: String = mention.chars().take_while(char::is_ascii_lowercase).collect();
        let is_command = readme.contains(&format!("`pathproof {word}"));
        assert!(!is_command || help.contains(&format!("\n  {word} ")), "pathproof {word}");
    }
}

fn place_of(language: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("readme-{language}"))
}

fn place_of_nothing() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).to_owned()
}

#[test]
fn every_page_with_commands_is_run() {
    // Its commands take other programs and a build of their own; `.ci/tables` runs them.
    const ELSEWHERE: &str = "docs/scale.md";
    for entry in fs::read_dir(root().join("docs")).expect("the documents") {
        let name = entry.expect("a document").file_name();
        let path = format!("docs/{}", name.to_string_lossy());
        let is_page = Path::new(&path).extension() == Some("md".as_ref());
        if !is_page || path == ELSEWHERE {
            continue;
        }
        let shows = blocks(&path).iter().any(|block| block.kind.starts_with("console"));
        let is_run = PAGES.iter().any(|page| page.path == path);
        assert!(!shows || is_run, "{path} shows commands that nobody runs");
    }
}
