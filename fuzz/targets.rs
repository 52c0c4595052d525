//! What is fuzzed: each target takes any text and must come back, whatever the text says. What a target asserts is
//! what the program promises of every input.
//!
//! `cargo fuzz run scenario` and its like call them (`fuzz_targets/`), and so does the runner of the tests on stable
//! (`tests/it/fuzz.rs`).

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use pathproof::code::Language;
use pathproof::diagnostic::{Severity, Sources};
use pathproof::import::{self, Imported, tencent, terraform};
use pathproof::lint::lint;
use pathproof::model::{Network, apply};
use pathproof::render::check_json::check_json;
use pathproof::render::diagnostics::diagnostics_text;
use pathproof::scenario::{
    Files, Loaded, Side, load, parse_changes, parse_intent, parse_service, resolve_selector,
};
use pathproof::verify::{
    Budget, Deed, Request, Situation, Summary, base, difference, differences, run, select,
};

/// A target, by its name.
pub type Target = (&'static str, fn(&str));

/// All of them.
pub const TARGETS: [Target; 6] = [
    ("scenario", scenario),
    ("terraform", from_terraform),
    ("tencent", from_tencent),
    ("changes", changes),
    ("selectors", selectors),
    ("diff", diff),
];

/// Between the parts of an input that is several texts.
pub const CUT: &str = "\n=====\n";

/// Little: an input that needs more is undetermined, and must say so in time.
fn budget() -> Budget {
    Budget { nodes: 100_000, time: Some(Duration::from_millis(500)), ..Budget::NONE }
}

/// A text that is the file, and nothing beside it.
struct Only<'a>(&'a str);

impl Files for Only<'_> {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        match path {
            "fuzz.ron" => Ok(self.0.as_bytes().to_vec()),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

fn loaded(text: &str) -> Loaded {
    let loaded = load("fuzz.ron", &Only(text));
    for language in [Language::English, Language::Chinese] {
        let _ = diagnostics_text(&loaded.sources, &loaded.diagnostics, language);
    }
    let mut all = loaded.diagnostics.iter();
    let has_errors = all.any(|it| it.severity == Severity::Error);
    assert_eq!(loaded.scenario.is_none(), has_errors, "usable, or told why not");
    loaded
}

/// A scenario: loaded, its mistakes drawn, its expectations judged, its network linted.
pub fn scenario(text: &str) {
    let loaded = loaded(text);
    let situation = loaded.scenario.as_ref().map(base);
    let report = run("fuzz.ron", loaded, "2026-01-01", budget());
    let mut summary = Summary::default();
    summary.add(&report);
    let _ = check_json(&[report], &summary, Language::English);
    if let Some(situation) = situation {
        let _ = lint(&situation, &[], budget());
    }
}

/// What an importer writes can be loaded: no mistake of the input becomes one of the scenario.
fn written(imported: &Imported) {
    let text = import::write(&imported.document);
    let loaded = loaded(&text);
    let mut all = loaded.diagnostics.iter();
    let error = all.find(|it| it.severity == Severity::Error);
    assert!(error.is_none(), "{error:?} in what was written:\n{text}");
}

/// A plan or a state of Terraform.
pub fn from_terraform(text: &str) {
    if let Ok(imported) = import::terraform(text, &terraform::Options::default()) {
        written(&imported);
    }
    let _ = terraform::before_and_after(text, &terraform::Options::default());
}

/// A dump: files, each with its name on the first line.
pub fn from_tencent(text: &str) {
    let files = text.split(CUT).map(|part| {
        let (name, text) = part.split_once('\n').unwrap_or((part, ""));
        (name.to_owned(), text.to_owned())
    });
    let files: Vec<_> = files.collect();
    if let Ok(imported) = import::tencent(&files, &tencent::Options::default()) {
        written(&imported);
    }
}

/// The network that changes and selectors speak of.
const GROUND: &str = include_str!("../scenarios/estate/common/shop.ron");

fn ground() -> &'static Network {
    static NETWORK: OnceLock<Network> = OnceLock::new();
    NETWORK.get_or_init(|| {
        let scenario = load("fuzz.ron", &Only(GROUND)).scenario;
        scenario.map(|it| it.network).unwrap_or_default()
    })
}

/// Changes and intents, as files of them have them; each change is applied.
pub fn changes(text: &str) {
    let mut sources = Sources::default();
    let parsed = parse_changes(&[("fuzz", text)], ground(), &mut sources);
    let _ = diagnostics_text(&sources, &parsed.diagnostics, Language::Chinese);
    let mut network = ground().clone();
    for planned in parsed.changes.unwrap_or_default() {
        if let Ok(after) = apply(&network, &planned.change) {
            network = after;
        }
    }
    let mut sources = Sources::default();
    let both = (ground(), &network);
    let parsed = parse_intent(("fuzz", text), both, &mut sources);
    let _ = diagnostics_text(&sources, &parsed.diagnostics, Language::English);
}

/// Selectors and services, a line each.
pub fn selectors(text: &str) {
    static FABRIC: OnceLock<Arc<pathproof::fabric::Fabric>> = OnceLock::new();
    let fabric = FABRIC.get_or_init(|| {
        let network = Arc::new(ground().clone());
        Arc::new(pathproof::fabric::Fabric::new(network))
    });
    for line in text.lines().take(20) {
        for (side, asked) in
            [(Side::From, pathproof::verify::Side::From), (Side::To, pathproof::verify::Side::To)]
        {
            if let Ok(selector) = resolve_selector(line, side, ground()) {
                let _ = select(fabric, &selector, asked);
            }
        }
        let _ = parse_service(line);
    }
}

/// Two scenarios: their networks compared there and back.
pub fn diff(text: &str) {
    let (old, new) = text.split_once(CUT).unwrap_or((text, GROUND));
    let [Some(old), Some(new)] = [old, new].map(|text| loaded(text).scenario) else {
        return;
    };
    let [old, new]: [Situation; 2] = [base(&old), base(&new)];
    for (from, to) in [(&old, &new), (&new, &old)] {
        let parts = differences(&from.network, &to.network).into_iter();
        let request = Request {
            deeds: parts.map(|(part, _)| Deed::Parts(vec![part])).collect(),
            budget: budget(),
            ..Request::default()
        };
        let _ = difference(from, to, &request);
    }
}
