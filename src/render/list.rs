//! What a file asks and what is in its network, for scripts: `pathproof.list/1`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::model::{Kind, Network};
use crate::query::Expectation;
use crate::verify::StageKind;

/// So many ids of one kind are told; how many there are is told in any case.
const MOST: usize = 100;

/// What is told of one file.
pub struct Listed<'a> {
    /// As the user wrote it.
    pub path: &'a str,
    /// The scenario's name.
    pub name: Option<&'a str>,
    /// Mistakes and warnings.
    pub diagnostics: Vec<Value>,
    /// Its stages, each with its expectations and the lines that they stand on.
    pub stages: Vec<Stage>,
    /// Its network; none if the file cannot be used.
    pub network: Option<&'a Network>,
    /// Only ids with one of these in them are told, unless there are none.
    pub words: &'a [String],
}

/// A stage: base, step or what-if, its name, and its expectations with their lines.
pub type Stage = (StageKind, Option<String>, Vec<(Option<usize>, Expectation)>);

/// All files.
#[must_use]
pub fn list_json(files: &[Value]) -> Value {
    json!({ "schema": "pathproof.list/1", "files": files })
}

/// One file.
#[must_use]
pub fn list_file_json(listed: &Listed<'_>) -> Value {
    let stages = listed.stages.iter().map(stage_json);
    let entities =
        listed.network.map_or_else(Vec::new, |network| entities_json(network, listed.words));
    json!({
        "path": listed.path,
        "name": listed.name,
        "diagnostics": listed.diagnostics,
        "stages": stages.collect::<Vec<_>>(),
        "entities": entities,
    })
}

fn stage_json((kind, name, expectations): &Stage) -> Value {
    let expectations = expectations.iter().map(|(line, asked)| {
        json!({
            "line": line,
            "name": asked.name,
            "from": asked.from_text,
            "to": asked.to_text,
            "service": asked.service_text,
            "expected": asked.want.verdict().name(),
        })
    });
    json!({
        "kind": kind.name(),
        "name": name,
        "expectations": expectations.collect::<Vec<_>>(),
    })
}

/// The ids by their kinds, in the order of the network.
fn entities_json(network: &Network, words: &[String]) -> Vec<Value> {
    let mut kinds: Vec<Kind> = Vec::new();
    let mut ids: BTreeMap<&str, (usize, Vec<&str>)> = BTreeMap::new();
    for (id, kind) in network.ids() {
        let lower = id.as_str().to_lowercase();
        if !words.is_empty() && !words.iter().any(|word| lower.contains(word)) {
            continue;
        }
        let (count, told) = ids.entry(kind.words()).or_default();
        if *count == 0 {
            kinds.push(kind);
        }
        *count += 1;
        if *count <= MOST {
            told.push(id.as_str());
        }
    }
    let all = kinds.into_iter().filter_map(|kind| {
        let (count, ids) = ids.get(kind.words())?;
        Some(json!({ "kind": kind.words(), "count": count, "ids": ids }))
    });
    all.collect()
}
