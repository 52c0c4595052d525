//! What the tests of this room share.

use std::collections::BTreeMap;
use std::io;

use super::{Files, Loaded, Scenario, load};
use crate::diagnostic::{Diagnostic, Sources};

/// Files in memory.
#[derive(Default)]
pub struct Shelf(pub BTreeMap<String, Vec<u8>>);

impl Files for Shelf {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.0.get(path).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }
}

/// Loads a text as the file `main.ron`.
pub fn loaded(text: impl Into<Vec<u8>>) -> Loaded {
    load("main.ron", &Shelf(BTreeMap::from([(String::from("main.ron"), text.into())])))
}

/// Loads several files; the first is the one the user names.
pub fn loaded_all(files: &[(&str, &str)]) -> Loaded {
    let shelf = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
    load(files[0].0, &Shelf(shelf.collect()))
}

/// The scenario of a text that has no mistakes.
pub fn scenario(text: &str) -> Scenario {
    let loaded = loaded(text);
    match loaded.scenario {
        Some(scenario) => scenario,
        None => panic!("{}", told(&loaded)),
    }
}

/// The diagnostics in short: `code line:column "culprit" message [help]`.
pub fn told(loaded: &Loaded) -> String {
    let lines = loaded.diagnostics.iter().map(|diagnostic| line(diagnostic, &loaded.sources));
    lines.collect::<Vec<_>>().join("\n")
}

fn line(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let mut parts = vec![diagnostic.code.name().to_owned()];
    if let Some(primary) = &diagnostic.primary {
        let place = sources.place(primary.span);
        parts.extend(place.map(|(_, line, column)| format!("{line}:{column}")));
        let source = sources.get(primary.span.file);
        let text = source.and_then(|source| source.text.get(primary.span.range()));
        parts.extend(text.map(|text| format!("<{text}>")));
    }
    parts.push(diagnostic.message.to_string());
    for other in &diagnostic.others {
        let place = sources.place(other.span);
        let place = place.map(|(path, line, column)| format!("{path}:{line}:{column}"));
        parts.push(format!("({} {})", other.text, place.unwrap_or_default()));
    }
    parts.extend(diagnostic.help.as_ref().map(|help| format!("[{help}]")));
    parts.join(" ")
}
