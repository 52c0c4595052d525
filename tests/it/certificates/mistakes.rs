//! The attack: what `mutate` does to a network, and everything in it that may fail. Where that turns a verdict, the certificate
//! from before is false, with all that is around it true; that from after is true.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{certificates, checked, lies, shipped, written};
use crate::cli::{file, run};
use crate::shipped::root;

/// How the ids of what may fail begin.
const FAILING: [&str; 8] = ["ins-", "vpngw-", "vpnx-", "dcg-", "dcx-", "nat-", "pcx-", "vpce-"];

/// The changes of the mutants that somebody or nobody notices, in the words of scenario files.
fn mutants(path: &str) -> Vec<String> {
    let ended = run(&["mutate", "--format", "json", path]);
    let Ok(document) = serde_json::from_str::<Value>(&ended.out) else {
        return Vec::new();
    };
    let mutants = document["mutants"].as_array().into_iter().flatten();
    let mutants = mutants.filter(|mutant| {
        let made = ["killed", "survived"].iter();
        made.clone().any(|fate| mutant["outcome"] == *fate) && mutant["file"] == path
    });
    let changes = mutants.filter_map(|mutant| mutant["change"].as_str());
    changes
        .map(|change| match change.strip_prefix('[') {
            Some(_) => change.to_owned(),
            None => format!("[{change}]"),
        })
        .collect()
}

/// What is in the network of a file and may fail.
fn failures(text: &str) -> Vec<String> {
    let later = ["\n    expect:", "\n    steps:", "\n    what_if:"].map(|it| text.find(it));
    let end = later.into_iter().flatten().min().unwrap_or(text.len());
    let text = &text[..end];
    let mut ids: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
    let is_own = |id: &&str| {
        text.contains(&format!("\"{id}\": (")) || text.contains(&format!("id: \"{id}\""))
    };
    ids.retain(|id| FAILING.iter().any(|begins| id.starts_with(begins)) && is_own(id));
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().map(|id| format!("[Down({id:?})]")).collect()
}

/// A scenario with these changes, each as a what-if, of which all is expected that is certified of the base.
fn scenario(of: &Path, base: &[Value], changes: &[String]) -> String {
    let expected: Vec<String> = base
        .iter()
        .map(|document| {
            let word = match document["verdict"].as_str() {
                Some("reachable") => "Reachable",
                Some("unreachable") => "Unreachable",
                _ => "Partial",
            };
            let question = &document["question"];
            let field = |name: &str| format!("{name}: {}", question[name]);
            let fields = ["from", "to", "service", "source_port"].map(field);
            format!("{word}({})", fields.join(", "))
        })
        .collect();
    let expected = expected.join(",\n");
    let what_ifs = changes.iter().enumerate();
    let what_ifs = what_ifs.map(|(number, changes)| {
        format!("(name: \"{number}\", changes: {changes}, expect: [{expected}])")
    });
    let what_ifs: Vec<String> = what_ifs.collect();
    format!("(include: [{:?}], what_if: [{}])", of.display(), what_ifs.join(",\n"))
}

#[test]
fn certificates_from_before_a_mistake_are_refused_and_those_from_after_it_accepted() {
    let most = lies(1000);
    let (mut told, mut accepted, mut all) = (0, 0, 0);
    for path in shipped().into_iter().step_by(if most > 1000 { 1 } else { 4 }) {
        let mut base = certificates(&path);
        base.retain(|it| it["stage"]["kind"] == "base" && it.get("verdict").is_some());
        let text = fs::read_to_string(&path).expect("a scenario");
        let own = path.strip_prefix(root()).expect("of the repository");
        let mut changes = mutants(own.to_str().expect("a path"));
        changes.extend(failures(&text));
        if base.is_empty() || changes.is_empty() {
            continue;
        }
        let changed = scenario(&path, &base, &changes);
        let changed = PathBuf::from(file("certificates-mistakes", "mistakes.ron", changed));
        let ended = run(&["certify", changed.to_str().expect("a path")]);
        let now = ended.out.lines();
        let now: Vec<Value> =
            now.map(|line| serde_json::from_str(line).expect("a document")).collect();
        assert_eq!(now.len(), base.len() * changes.len(), "{}", ended.err);
        let (mut lies, mut true_ones) = (Vec::new(), Vec::new());
        for (new, old) in now.into_iter().zip(base.iter().cycle()) {
            if new.get("verdict").is_none() || new["verdict"] == old["verdict"] {
                continue;
            }
            let mut lie = new.clone();
            for field in ["verdict", "ends", "asked", "pieces", "rests_on"] {
                lie[field] = old[field].clone();
            }
            lies.push(lie);
            true_ones.push(new);
        }
        for (documents, is_true) in [(&lies, false), (&true_ones, true)] {
            let written = written("certificates-mistakes-told", documents);
            let Some(tally) = checked(false, &written, std::slice::from_ref(&changed)) else {
                return;
            };
            let wrong = if is_true { tally.1 } else { tally.0 };
            assert_eq!(wrong, 0, "{} {is_true}: {tally:?}", own.display());
            accepted += if is_true { tally.0 } else { 0 };
        }
        told += lies.len();
        all += true_ones.len();
        if told >= most {
            break;
        }
    }
    assert!(told >= most.min(1000), "{told}");
    assert!(accepted * 100 >= all * 97, "{accepted} of {all}");
}
