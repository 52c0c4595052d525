//! Every mistake that a file can make has a file that makes it, and only it; how it is drawn is a snapshot.
//!
//! The files end with `.ron.bad`, so that `check scenarios` passes them by. `CODE.ron.bad` shows a code, and
//! `CODE.SLIP.ron.bad` one of the slips that lead to it: one slip is one mistake.

use std::collections::BTreeSet;

use pathproof::code::{Code, CodeKind, Language};
use pathproof::diagnostic::{Diagnostic, Severity, Words};
use pathproof::render::diagnostics::diagnostics_text;
use pathproof::scenario::Loaded;

use crate::shipped::{self, is_chinese, root};

const FOLDER: &str = "scenarios/mistakes";

/// Codes that reading a file cannot provoke, and when they come instead.
const LATER: [(Code, &str); 7] = [
    (Code::InternalError, "when the program itself fails"),
    (Code::NoExpectations, "when a run ends that asked nothing"),
    (Code::ExpiredWaiver, "when an expectation is judged on a day"),
    (Code::ClassicLinkVpcInUse, "when a change deletes the VPC of a link"),
    (Code::ClassicLinkNotAttached, "when a change detaches what is not linked"),
    (Code::MigrationBound, "when a change moves what is bound where it is"),
    (Code::MigrationElsewhere, "when a change moves something to another place"),
];

fn names() -> Vec<String> {
    let entries = std::fs::read_dir(root().join(FOLDER)).expect("the folder of mistakes");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let names = names.filter_map(|name| name.to_str()?.strip_suffix(".ron.bad").map(str::to_owned));
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// The code that a file is about.
fn code_of(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

fn loaded(name: &str) -> Loaded {
    shipped::loaded(&format!("{FOLDER}/{name}.ron.bad"))
}

#[test]
fn a_file_of_mistakes_provokes_exactly_its_code() {
    for name in names() {
        let loaded = loaded(&name);
        let said = |diagnostic: &Diagnostic| {
            let place = diagnostic.primary.as_ref();
            let place = place.and_then(|label| loaded.sources.place(label.span));
            format!("{} {place:?} {}", diagnostic.code, diagnostic.message)
        };
        let all: Vec<String> = loaded.diagnostics.iter().map(said).collect();
        assert!(!all.is_empty(), "{name} has no mistake");
        for diagnostic in &loaded.diagnostics {
            assert_eq!(diagnostic.code.name(), code_of(&name), "{name}: {all:#?}");
            assert!(diagnostic.primary.is_some(), "{name} has no place");
            let warns = diagnostic.code.kind() == CodeKind::Warning;
            assert_eq!(diagnostic.severity == Severity::Warning, warns, "{name}");
            assert_eq!(loaded.scenario.is_some(), warns, "{name}");
        }
    }
}

#[test]
fn one_slip_is_one_mistake() {
    let names = names();
    let slips: Vec<_> = names.iter().filter(|name| name.contains('.')).collect();
    assert!(slips.len() > 30, "{}", slips.len());
    for name in slips {
        let loaded = loaded(name);
        assert_eq!(loaded.diagnostics.len(), 1, "{name}: {:#?}", loaded.diagnostics);
    }
}

#[test]
fn no_code_of_a_file_is_without_one() {
    let files = names().into_iter();
    let files: BTreeSet<String> = files.map(|name| code_of(&name).to_owned()).collect();
    let later: Vec<Code> = LATER.iter().map(|(code, _)| *code).collect();
    let provocable = Code::ALL.iter().filter(|code| match code.kind() {
        CodeKind::Refusal | CodeKind::Mistake | CodeKind::Warning => !later.contains(code),
        CodeKind::Reason | CodeKind::Undetermined | CodeKind::Lint => false,
    });
    let missing: Vec<&str> =
        provocable.map(|code| code.name()).filter(|name| !files.contains(*name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let needless = LATER.iter().filter(|(code, _)| files.contains(code.name()));
    assert_eq!(needless.count(), 0, "a code of LATER has a file");
}

#[test]
fn a_file_of_mistakes_begins_with_what_is_wrong() {
    for name in names() {
        let loaded = loaded(&name);
        let text = &loaded.sources.iter().next().expect("the file").text;
        assert!(text.starts_with("// "), "{name}");
    }
}

#[test]
fn a_mistake_is_drawn_at_its_place_with_what_to_do() {
    for name in names() {
        let loaded = loaded(&name);
        let drawn = diagnostics_text(&loaded.sources, &loaded.diagnostics, Language::English);
        let drawn = anstream::adapter::strip_str(&drawn).to_string();
        insta::with_settings!({
            snapshot_path => "snapshots/mistakes",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(name, drawn);
        });
    }
}

#[test]
fn every_code_is_explained_in_both_languages() {
    for code in Code::ALL {
        let [english, chinese] =
            [Language::English, Language::Chinese].map(|language| code.meaning(language));
        assert!(english.is_ascii() && !english.is_empty(), "{code}");
        let words = Words::new(english, chinese);
        assert!(is_chinese(&words), "{code}: {chinese}");
    }
}

#[test]
fn a_mistake_is_told_in_chinese_as_well() {
    let mut told = Vec::new();
    for name in names() {
        let loaded = loaded(&name);
        let drawn = diagnostics_text(&loaded.sources, &loaded.diagnostics, Language::Chinese);
        assert!(drawn.contains("错误") || drawn.contains("警告"), "{name}: {drawn}");
        for diagnostic in &loaded.diagnostics {
            let labels = diagnostic.primary.iter().chain(&diagnostic.others);
            let words = std::iter::once(&diagnostic.message)
                .chain(labels.map(|label| &label.text))
                .chain(&diagnostic.help);
            for words in words.filter(|words| !words.is_empty()) {
                assert!(is_chinese(words), "{name}: {words:?}");
                told.push(format!("{name}: {}", words.chinese()));
            }
        }
    }
    insta::with_settings!({
        snapshot_path => "snapshots",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("mistakes-in-chinese", told.join("\n"));
    });
}

#[test]
fn what_a_folder_of_scenarios_holds_has_no_mistakes() {
    for path in shipped::scenarios("scenarios") {
        let loaded = shipped::loaded(&path);
        assert!(loaded.diagnostics.is_empty(), "{path}: {:#?}", loaded.diagnostics);
        let network = loaded.scenario.expect("a scenario").network;
        let broken = pathproof::model::broken_references(&network);
        assert_eq!(broken, Vec::new(), "{path}");
    }
}
