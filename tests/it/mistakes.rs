//! Every mistake that a file can make has a file that makes it, and only it.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use pathproof::code::{Code, CodeKind};
use pathproof::diagnostic::{Diagnostic, Severity};
use pathproof::scenario::{Files, Loaded, load};

struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
    }
}

/// Mistakes that are not made when a file is read: the first two when expectations are run, the
/// others by changes.
const LATER: [Code; 4] = [
    Code::NoExpectations,
    Code::ExpiredWaiver,
    Code::ClassicLinkVpcInUse,
    Code::ClassicLinkNotAttached,
];

fn files() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/mistakes");
    let entries = std::fs::read_dir(folder).expect("the folder of mistakes");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let names = names.filter_map(|name| name.to_str()?.strip_suffix(".ron").map(str::to_owned));
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

fn loaded(name: &str) -> Loaded {
    load(&format!("scenarios/mistakes/{name}.ron"), &Disk)
}

#[test]
fn a_file_of_mistakes_provokes_exactly_its_code() {
    for name in files() {
        let loaded = loaded(&name);
        let said = |diagnostic: &Diagnostic| {
            let place = diagnostic.primary.as_ref();
            let place = place.and_then(|label| loaded.sources.place(label.span));
            format!("{} {place:?} {}", diagnostic.code, diagnostic.message)
        };
        let all: Vec<String> = loaded.diagnostics.iter().map(said).collect();
        assert!(!all.is_empty(), "{name} has no mistake");
        for diagnostic in &loaded.diagnostics {
            assert_eq!(diagnostic.code.name(), name, "{all:#?}");
            assert!(diagnostic.primary.is_some(), "{name} has no place");
            let warns = diagnostic.code.kind() == CodeKind::Warning;
            assert_eq!(diagnostic.severity == Severity::Warning, warns, "{name}");
            assert_eq!(loaded.scenario.is_some(), warns, "{name}");
        }
    }
}

#[test]
fn no_code_of_a_file_is_without_one() {
    let files: BTreeSet<String> = files().into_iter().collect();
    let provocable = Code::ALL.iter().filter(|code| match code.kind() {
        CodeKind::Refusal | CodeKind::Mistake | CodeKind::Warning => !LATER.contains(code),
        CodeKind::Reason | CodeKind::Undetermined => false,
    });
    let missing: Vec<&str> = provocable
        .map(|code| code.name())
        .filter(|name| !files.contains(*name))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_file_of_mistakes_begins_with_what_is_wrong() {
    for name in files() {
        let loaded = loaded(&name);
        let text = &loaded.sources.iter().next().expect("the file").text;
        assert!(text.starts_with("// "), "{name}");
    }
}

/// The scenario files below a folder, mistakes aside.
fn stories(folder: &Path, found: &mut Vec<String>) {
    let entries = std::fs::read_dir(folder).expect("a folder of scenarios");
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("mistakes") {
            stories(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "ron") {
            found.push(path.to_string_lossy().into_owned());
        }
    }
}

#[test]
fn every_other_scenario_loads() {
    let mut found = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    stories(&root, &mut found);
    assert!(!found.is_empty());
    for path in found {
        let loaded = load(&path, &Disk);
        assert!(
            loaded.scenario.is_some(),
            "{path}: {:#?}",
            loaded.diagnostics
        );
        let network = loaded.scenario.map(|scenario| scenario.network);
        let broken = network.map(|network| pathproof::model::broken_references(&network));
        assert_eq!(broken, Some(Vec::new()), "{path}");
    }
}
