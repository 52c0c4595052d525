//! What is written loads to the same network, without a warning.

use std::io;
use std::path::{Path, PathBuf};

use pathproof::import::{Document, Spot, split, write};
use pathproof::model::{Kind, Network};
use pathproof::scenario::{Files, Loaded, load};

/// Files in memory; the first is the scenario.
pub struct Shelf<'a>(pub &'a [(String, String)]);

impl Files for Shelf<'_> {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let file = self.0.iter().find(|(name, _)| name == path);
        file.map(|(_, text)| text.clone().into_bytes())
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// The network of written files, which must load without a word.
#[track_caller]
pub fn network(files: &[(String, String)]) -> Network {
    let loaded = load(&files[0].0, &Shelf(files));
    let told: Vec<_> = loaded
        .diagnostics
        .iter()
        .map(|it| {
            let place = it.primary.as_ref().map(|label| label.span);
            let place = place.and_then(|span| loaded.sources.place(span));
            format!("{place:?} {}", it.message)
        })
        .collect();
    assert!(told.is_empty(), "{told:#?}\n{}", files[0].1);
    loaded.scenario.expect("a scenario").network
}

struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }
}

fn from_disk(path: &Path) -> Loaded {
    load(&path.to_string_lossy(), &Disk)
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn everything() -> Network {
    let loaded = from_disk(&here("tests/import/everything.ron"));
    assert_eq!(loaded.diagnostics, []);
    loaded.scenario.expect("a scenario").network
}

fn written(document: &Document) -> Vec<(String, String)> {
    vec![("main.ron".to_owned(), write(document))]
}

#[test]
fn everything_that_a_network_may_hold_comes_back() {
    let original = everything();
    assert_eq!(network(&written(&Document::of(&original))), original);
}

#[test]
fn every_shipped_scenario_comes_back() {
    let mut folders = vec![here("scenarios")];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|it| it != "ron") {
                continue;
            }
            let loaded = from_disk(&path);
            let Some(scenario) = loaded.scenario.filter(|_| loaded.diagnostics.is_empty()) else {
                continue;
            };
            let files = written(&Document::of(&scenario.network));
            assert_eq!(network(&files), scenario.network, "{}", path.display());
            count += 1;
        }
    }
    assert!(count > 50, "only {count} scenarios were there");
}

#[test]
fn a_document_in_several_files_comes_back() {
    let original = everything();
    let files = split(&Document::of(&original), "main.ron");
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["main.ron", "main.vpc-c.ron", "main.vpc-b.ron", "main.vpc-a.ron"]);
    assert_eq!(network(&files), original);
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    let document = Document::of(&everything());
    assert_eq!(write(&document), write(&document));
    let again = network(&written(&document));
    assert_eq!(write(&Document::of(&again)), write(&document));
}

#[test]
fn entities_stand_by_vpc_and_subnet_with_names_behind_ids() {
    let text = write(&Document::of(&everything()));
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}\n{text}"));
    assert!(at("\"ins-b\": ") < at("\"ins-gate\": "));
    assert!(at("\"ins-gate\": ") < at("\"ins-1\": "));
    at("// vpc-a (first // really), ap-guangzhou 10.1.0.0/16\n");
    at("Accept(from: \"sg-1\", service: \"tcp:80,443-450\"), // web\n");
}

#[test]
fn comments_stand_where_they_belong_and_stay_on_their_line() {
    let mut document = Document::of(&everything());
    let remarks = [
        (Spot::Head, "from nowhere\n\"x\": ()"),
        (Spot::Section(Kind::Database), "left out: one"),
        (Spot::Entity("ins-1".into()), "stand-in address"),
        (Spot::Item("sg-1".into(), "ingress", 1), "left out: a rule"),
        (Spot::Item("sg-1".into(), "egress", 1), "left out: the last"),
    ];
    for (spot, text) in remarks {
        document.remarks.push((spot, text.to_owned()));
    }
    let files = written(&document);
    assert_eq!(network(&files), everything());
    let text = &files[0].1;
    assert!(text.starts_with("// from nowhere \"x\": ()\nScenario("));
    for part in [
        "            // left out: one\n        },\n",
        "// stand-in address\n            \"ins-1\":",
        "// left out: a rule\n                    Drop(from: \"ipm-1\"),",
        "Accept(),\n                    // left out: the last\n                ],",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}
