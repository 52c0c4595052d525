//! The architecture, held true: who may import whom, which library lives where, and how the code is kept.
//!
//! [`ROOMS`] *is* the architecture. Changing it is easy and means changing the guided tour in `src/lib.rs`, too.

use std::fs;
use std::path::{Path, PathBuf};

use crate::shipped::{below, root};

/// Every room of `src` from the ground up, and the rooms that it may import. A room stands above all that it imports,
/// so there are no circles. `scenario` and `fabric` never see each other; `render` sees neither `engine` nor `fabric`.
const ROOMS: [(&str, &[&str]); 23] = [
    ("limit", &[]),
    ("code", &["limit"]),
    ("diagnostic", &["code"]),
    ("id", &[]),
    ("space", &[]),
    ("model", &["code", "diagnostic", "id", "limit", "space"]),
    ("query", &["code", "id", "model", "space"]),
    ("scenario", &["code", "diagnostic", "id", "model", "query", "space"]),
    ("fabric", &["code", "id", "model", "query", "space"]),
    ("engine", &["code", "fabric", "id", "model", "query", "space"]),
    (
        "verify",
        &["code", "diagnostic", "engine", "fabric", "id", "model", "query", "scenario", "space"],
    ),
    (
        "plan",
        &[
            "code",
            "diagnostic",
            "fabric",
            "id",
            "limit",
            "model",
            "query",
            "scenario",
            "space",
            "verify",
        ],
    ),
    (
        "certify",
        &["code", "engine", "fabric", "id", "model", "query", "scenario", "space", "verify"],
    ),
    (
        "mutate",
        &[
            "code",
            "diagnostic",
            "engine",
            "fabric",
            "id",
            "model",
            "query",
            "scenario",
            "space",
            "verify",
        ],
    ),
    ("generate", &["id", "limit", "model", "space"]),
    (
        "lint",
        &[
            "code",
            "diagnostic",
            "engine",
            "fabric",
            "id",
            "model",
            "query",
            "scenario",
            "space",
            "verify",
        ],
    ),
    ("import", &["code", "diagnostic", "id", "model", "space"]),
    (
        "render",
        &[
            "certify",
            "code",
            "diagnostic",
            "id",
            "limit",
            "lint",
            "model",
            "mutate",
            "plan",
            "query",
            "space",
            "verify",
        ],
    ),
    (
        "ask",
        &[
            "certify",
            "code",
            "diagnostic",
            "import",
            "lint",
            "model",
            "query",
            "render",
            "scenario",
            "verify",
        ],
    ),
    (
        "lsp",
        &[
            "ask",
            "code",
            "diagnostic",
            "id",
            "import",
            "lint",
            "model",
            "mutate",
            "query",
            "render",
            "scenario",
            "space",
            "verify",
        ],
    ),
    ("mcp", &["ask"]),
    ("serve", &["ask", "code", "diagnostic"]),
    (
        "cli",
        &[
            "ask",
            "certify",
            "code",
            "diagnostic",
            "generate",
            "import",
            "lint",
            "lsp",
            "mcp",
            "mutate",
            "plan",
            "query",
            "render",
            "scenario",
            "serve",
            "verify",
        ],
    ),
];

/// What some rooms alone may use.
const ONLY_IN: [(&str, &[&str]); 29] = [
    ("petgraph::", &["fabric", "engine"]),
    ("ron::", &["scenario"]),
    ("crossbeam_channel::", &["lsp"]),
    ("lsp_types", &["lsp"]),
    ("lsp_server", &["cli", "lsp"]),
    ("rmcp::", &["mcp"]),
    ("axum::", &["serve"]),
    ("futures_core::", &["serve"]),
    ("tokio::", &["mcp", "serve"]),
    ("jiff::", &["cli", "scenario"]),
    ("serde_json::", &["ask", "cli", "import", "lsp", "mcp", "render", "serve"]),
    ("sha2::", &["render"]),
    ("annotate_snippets::", &["render"]),
    ("anstyle::", &["render"]),
    ("clap::", &["cli"]),
    ("clap_complete::", &["cli"]),
    ("clap_mangen::", &["cli"]),
    ("quick_junit::", &["render"]),
    ("indicatif::", &["cli"]),
    ("toml::", &["cli"]),
    ("terminal_size::", &["cli"]),
    ("unicode_width::", &["render"]),
    ("std::fs", &["cli"]),
    ("std::env", &["cli"]),
    ("std::process", &["cli"]),
    ("print!", &["cli"]),
    ("println!", &["cli"]),
    ("eprint!", &["cli"]),
    ("eprintln!", &["cli"]),
];

/// Longer files are to be split; those below have a reason not to be.
const MOST_LINES: usize = 500;

const LONG_FILES: [(&str, &str); 4] = [
    ("src/code/table.rs", "rows: all that is said of a code"),
    ("src/engine/walk.rs", "one walk for packets and sets; its steps share all of its state"),
    ("src/engine/reach.rs", "one algorithm over pairs, ways and returns"),
    ("src/fabric/vpc.rs", "the precedence of routes is read as one page beside its rules"),
];

/// A source file, comments and inner tests left out.
struct Source {
    path: String,
    lines: Vec<String>,
}

impl Source {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("source text");
        let code = text.lines().take_while(|line| *line != "#[cfg(test)]");
        let lines = code.map(|line| line.split("//").next().unwrap_or_default().to_owned());
        Self { path: relative(path), lines: lines.collect() }
    }

    /// The room it stands in: `render` for `src/render/json.rs`, none for `src/lib.rs`.
    fn room(&self) -> Option<&str> {
        let first = self.path.strip_prefix("src/")?.split('/').next()?;
        let room = first.trim_end_matches(".rs");
        (room != "lib" && room != "main").then_some(room)
    }

    /// How many modules deep it is: 2 for `src/render/json.rs`.
    fn depth(&self) -> usize {
        let parts = self.path.split('/').skip(1);
        parts.filter(|part| *part != "mod.rs").count()
    }

    /// Whether the code mentions a path or a macro, not as the end of another name.
    fn mentions(&self, path: &str) -> bool {
        let starts = |line: &str, at: usize| {
            let before = line[..at].chars().next_back();
            before.is_none_or(|letter| !letter.is_alphanumeric() && letter != '_' && letter != ':')
        };
        self.lines.iter().any(|line| line.match_indices(path).any(|(at, _)| starts(line, at)))
    }
}

fn relative(path: &Path) -> String {
    let path = path.strip_prefix(root()).expect("a path of the repository");
    path.to_string_lossy().replace('\\', "/")
}

fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut files = below(&root().join(folder));
    files.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files
}

/// The sources of the program without its tests.
fn sources() -> Vec<Source> {
    let files = rust_files("src").into_iter();
    let files = files.filter(|path| {
        let path = relative(path);
        !path.contains("/tests/") && !path.ends_with("/tests.rs")
    });
    files.map(|path| Source::read(&path)).collect()
}

fn allowed(room: &str) -> Option<&'static [&'static str]> {
    let row = ROOMS.iter().find(|(name, _)| *name == room);
    row.map(|(_, rooms)| *rooms)
}

#[test]
fn a_room_imports_only_what_the_table_allows() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(room) = source.room() else { continue };
        let Some(allowed) = allowed(room) else {
            wrong.push(format!("{}: no row for {room}", source.path));
            continue;
        };
        for line in &source.lines {
            for imported in line.split("crate::").skip(1) {
                let end = imported.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
                let imported = &imported[..end.unwrap_or(imported.len())];
                if imported != room && !allowed.contains(&imported) {
                    wrong.push(format!("{}: {}", source.path, line.trim()));
                }
            }
            let climbs = line.matches("super::").count();
            if climbs >= source.depth() {
                wrong.push(format!("{} leaves its room: {}", source.path, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_room_stands_above_all_that_it_imports() {
    let mut ground: Vec<&str> = Vec::new();
    for (room, imports) in ROOMS {
        for import in imports {
            assert!(ground.contains(import), "{room} stands below {import}");
        }
        ground.push(room);
    }
}

#[test]
fn a_library_is_used_where_it_belongs() {
    let sources = sources();
    let mut wrong = Vec::new();
    for (library, rooms) in ONLY_IN {
        for source in &sources {
            let outside = source.room().is_some_and(|room| !rooms.contains(&room));
            let used = source.mentions(library);
            if outside && used {
                wrong.push(format!("{} uses {library}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_file_is_too_long_to_read() {
    let folders = ["src", "tests", "benches"];
    for path in folders.into_iter().flat_map(rust_files) {
        let lines = fs::read_to_string(&path).expect("source text");
        let lines = lines.lines().count();
        let path = relative(&path);
        let excused = LONG_FILES.iter().any(|(long, _)| *long == path);
        assert!(lines <= MOST_LINES || excused, "{path} has {lines} lines");
        assert!(lines > MOST_LINES || !excused, "{path} is short by now: take it off the list");
    }
}

/// Types of which every value is told apart: who adds one is led by the compiler to all that has to know it.
const WHOLE: [&str; 3] = ["Change", "Fact", "Kind"];

/// Where a type of this name is another one, or a value that is not told apart has an answer all the same.
const NOT_WHOLE: [(&str, &str); 3] = [
    ("src/scenario/layout/", "kinds of tokens"),
    ("src/scenario/slip/", "kinds of tokens"),
    ("src/render/commands/mod.rs", "a change without a line is told as a comment"),
];

/// The arms of a `match` that take all that no other takes, where another arm tells a value of these types.
fn rests(source: &Source) -> Vec<String> {
    let is_rest = |arm: &str| {
        let word = arm.split([' ', '(']).next().unwrap_or_default();
        let is_name = word.bytes().all(|it| it.is_ascii_lowercase() || it == b'_');
        is_name && !word.is_empty() && arm.contains(" => ")
    };
    let tells = |arm: &str| {
        let arm = arm.trim_start_matches("| ");
        WHOLE.iter().any(|name| arm.strip_prefix(name).is_some_and(|rest| rest.starts_with("::")))
    };
    let mut found = Vec::new();
    for (at, line) in source.lines.iter().enumerate() {
        let arm = line.trim_start();
        let margin = line.len() - arm.len();
        let depth = |line: &str| line.len() - line.trim_start().len();
        let before = source.lines[..at].iter().rev().filter(|line| !line.trim().is_empty());
        let siblings = before.take_while(|line| depth(line) >= margin);
        let mut siblings = siblings.filter(|line| depth(line) == margin);
        if is_rest(arm) && siblings.any(|line| tells(line.trim_start())) {
            found.push(format!("{}: {arm}", source.path));
        }
    }
    found
}

#[test]
fn every_change_fact_and_kind_is_told_apart_by_name() {
    let told = |text: &str| Source {
        path: String::new(),
        lines: text.lines().map(str::to_owned).collect(),
    };
    assert_eq!(rests(&told("match it {\n    Kind::Vpc => 1,\n    _ => 0,\n}")), [": _ => 0,"]);
    assert!(rests(&told("match it {\n    Kind::Vpc => 1,\n    Kind::Ccn => 0,\n}")).is_empty());
    let excused = |source: &Source| NOT_WHOLE.iter().any(|(at, _)| source.path.starts_with(at));
    let (excused, others): (Vec<_>, Vec<_>) = sources().into_iter().partition(excused);
    let found: Vec<String> = others.iter().flat_map(rests).collect();
    assert!(found.is_empty(), "{found:#?}");
    for (at, _) in NOT_WHOLE {
        let mut own = excused.iter().filter(|source| source.path.starts_with(at));
        assert!(own.any(|source| !rests(source).is_empty()), "{at} needs no excuse");
    }
}

#[test]
fn nothing_is_left_for_later_in_the_code() {
    let marks = ["TODO", "FIXME", "XXX"];
    let own = Path::new("tests/it/tidy.rs");
    for folder in ["src", "tests", "benches", "scenarios"] {
        for path in below(&root().join(folder)) {
            let text = fs::read(&path).expect("a file");
            let text = String::from_utf8_lossy(&text);
            let found = marks.iter().find(|mark| text.contains(*mark));
            let excused = path.ends_with(own);
            assert!(found.is_none() || excused, "{}: {found:?}", path.display());
        }
    }
}

#[test]
fn every_file_of_code_opens_with_what_it_is() {
    for path in ["src", "tests", "benches"].into_iter().flat_map(rust_files) {
        let text = fs::read_to_string(&path).expect("source text");
        assert!(text.starts_with("//! "), "{}", path.display());
    }
}
