//! Certificates, checked by `tools/certcheck.py` alone: true ones are accepted, false ones are not.
//!
//! | what | in the gate | with `PATHPROOF_LIES=N` |
//! |---|---|---|
//! | every certificate of the shipped scenarios | all | all |
//! | a certificate altered in one field | about 2,000 | about N |
//! | a mutant or a failure that turns a verdict: what was true before and after it | about 1,000 each | up to N |
//! | a scenario edited so that a verdict turned, the digest with it | about 30 files | about N / 20 files |
//!
//! Without python3 there is nobody to check, and the tests say so and pass.

mod lemmas;
mod mistakes;
mod premises;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::cli::{file, folder, run};
use crate::shipped::{root, scenarios};

/// What the checker says: accepted, rejected, without a certificate.
pub type Tally = (usize, usize, usize);

/// Runs the checker; `None` = there is no python3.
#[expect(clippy::print_stderr, reason = "a test that skips has to say so")]
pub fn checked(core: bool, certificates: &Path, scenarios: &[PathBuf]) -> Option<Tally> {
    let mut command = Command::new("python3");
    command.arg(root().join("tools/certcheck.py"));
    if core {
        command.arg("--core");
    }
    let command = command.arg(certificates).args(scenarios);
    let ended = command.stderr(Stdio::inherit()).output().ok();
    let Some(ended) = ended else {
        eprintln!("skipped: no python3");
        return None;
    };
    let out = String::from_utf8_lossy(&ended.stdout);
    let last = out.lines().last().unwrap_or_default();
    let numbers = last.split(' ').filter_map(|word| word.parse().ok());
    let numbers: Vec<usize> = numbers.collect();
    let [accepted, rejected, missing] = numbers[..] else {
        panic!("{out}");
    };
    let clean = rejected == 0 && missing == 0;
    assert_eq!(ended.status.success(), clean, "{out}");
    Some((accepted, rejected, missing))
}

/// The shipped scenarios.
fn shipped() -> Vec<PathBuf> {
    let paths = scenarios("scenarios").into_iter();
    paths.map(|path| root().join(path)).collect()
}

/// The certificates of a scenario, as documents.
fn certificates(scenario: &Path) -> Vec<Value> {
    let path = scenario.to_str().expect("a path");
    let ended = run(&["certify", path]);
    assert_eq!(ended.err, "", "{path}");
    let documents = ended.out.lines();
    documents.map(|line| serde_json::from_str(line).expect("a document")).collect()
}

/// Writes documents, a line each.
fn written(folder: &str, documents: &[Value]) -> PathBuf {
    let lines: Vec<String> = documents.iter().map(Value::to_string).collect();
    PathBuf::from(file(folder, "certificates.json", lines.join("\n")))
}

/// How many lies a run tells.
fn lies(in_the_gate: usize) -> usize {
    let asked = std::env::var("PATHPROOF_LIES").ok();
    asked.map_or(in_the_gate, |asked| asked.parse().expect("a number"))
}

#[test]
fn every_shipped_certificate_is_true_of_its_scenario() {
    let into = folder("certificates-shipped");
    let ended = run(&["check", "-q", "--certify", into.to_str().expect("a path"), "scenarios"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let files = fs::read_dir(&into).expect("the folder");
    let texts = files.map(|file| fs::read_to_string(file.expect("a file").path()));
    let texts: Vec<String> = texts.map(|text| text.expect("certificates")).collect();
    let all = texts.iter().map(|text| text.lines().count()).sum::<usize>();
    let documents = texts.iter().flat_map(|text| text.lines());
    for line in documents.filter(|line| line.len() > 2048) {
        let document: Value = serde_json::from_str(line).expect("a document");
        assert!(!is_a_single_cut(&document), "{} bytes: {line}", line.len());
    }
    let path = PathBuf::from(file("certificates-all", "all.json", texts.concat()));
    if let Some((accepted, rejected, missing)) = checked(false, &path, &shipped()) {
        assert_eq!(rejected, 0, "{rejected} of {all}");
        assert_eq!(accepted + rejected + missing, all);
        assert!(accepted * 100 >= all * 99, "{accepted} of {all}");
    }
}

#[test]
fn what_only_groups_lists_links_and_routes_decide_is_certified_by_the_core() {
    for name in [
        "vpc/security-group-order.ron",
        "vpc/quintuple-acl.ron",
        "vpc/templates.ron",
        "classic-link/primary-cidr-only.ron",
        "classic-link/one-shared-pool.ron",
        "gateways/peering-secondary-cidr.ron",
    ] {
        let scenario = root().join("scenarios").join(name);
        let documents = certificates(&scenario);
        let base: Vec<Value> =
            documents.into_iter().filter(|document| document["stage"]["kind"] == "base").collect();
        let path = written("certificates-core", &base);
        let Some(tally) = checked(true, &path, &[scenario]) else {
            return;
        };
        assert_eq!((tally.0, tally.1), (base.len(), 0), "{name}");
    }
}

/// Every value of a document that can be changed, by its path.
fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(values) => {
            if values.is_empty() {
                found.push(path.to_owned());
            }
            for (index, value) in values.iter().enumerate() {
                leaves(value, &format!("{path}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                leaves(value, &format!("{path}/{name}"), found);
            }
        }
        _ => found.push(path.to_owned()),
    }
}

/// The same document with one value changed to something else of its kind.
fn altered(document: &Value, path: &str) -> Value {
    let mut altered = document.clone();
    let value = altered.pointer_mut(path).expect("a value");
    *value = match &*value {
        Value::String(text) if text.is_empty() => json!("x"),
        Value::String(text) => match text.parse::<u16>() {
            Ok(port) => json!(port.wrapping_add(1).to_string()),
            Err(_) => json!(turned(text)),
        },
        Value::Number(number) => json!(number.as_i64().unwrap_or_default() + 1),
        Value::Bool(is) => json!(!is),
        Value::Null => json!("sg-else"),
        _ => json!([{ "action": "Up", "outcome": "applied" }]),
    };
    altered
}

/// Another word of the same kind where there is one, else the text with its last letter changed.
fn turned(text: &str) -> String {
    const PAIRS: [(&str, &str); 8] = [
        ("reachable", "unreachable"),
        ("unreachable", "partial"),
        ("partial", "reachable"),
        ("walk", "cut"),
        ("cut", "walk"),
        ("there", "back"),
        ("tcp", "udp"),
        ("applied", "refused"),
    ];
    if let Some((_, other)) = PAIRS.iter().find(|(word, _)| *word == text) {
        return (*other).to_owned();
    }
    let mut text = text.to_owned();
    let last = text.pop().unwrap_or('x');
    let other = u8::try_from(last).map_or('x', |byte| char::from(byte ^ 1));
    let next = if last == '9' { '0' } else { other };
    text.push(next);
    text
}

/// What may change without a word becoming false: the version of the program, and which of two equal expectations is meant.
fn says_nothing(path: &str, document: &Value, all: &[Value]) -> bool {
    let place =
        |document: &Value| (document["stage"]["name"].clone(), document["question"].clone());
    let equal = all.iter().filter(|other| place(other) == place(document));
    path == "/program" || path == "/expectation" && equal.count() > 1
}

#[test]
fn a_certificate_altered_in_any_field_is_refused() {
    let most = lies(2000);
    let mut told = 0;
    for scenario in shipped().into_iter().step_by(if most > 2000 { 1 } else { 9 }) {
        let documents = certificates(&scenario);
        let mut false_ones = Vec::new();
        for document in documents.iter().filter(|it| it.get("verdict").is_some()) {
            let mut paths = Vec::new();
            leaves(document, "", &mut paths);
            paths.retain(|path| !says_nothing(path, document, &documents));
            false_ones.extend(paths.iter().map(|path| altered(document, path)));
            for field in ["pieces", "asked", "rests_on", "ends", "verdict", "question"] {
                let mut without = document.clone();
                without.as_object_mut().expect("fields").remove(field);
                false_ones.push(without);
            }
            let mut doubled = document.clone();
            let pieces = doubled["pieces"].as_array_mut().expect("pieces");
            pieces.extend(pieces.clone());
            false_ones.push(doubled);
        }
        false_ones.truncate((most - told.min(most)).max(40));
        told += false_ones.len();
        let path = written("certificates-altered", &false_ones);
        let Some(tally) = checked(false, &path, std::slice::from_ref(&scenario)) else {
            return;
        };
        if tally.0 > 0 {
            let culprit = false_ones.iter().find(|one| {
                let path = written("certificates-one", &[(*one).clone()]);
                checked(false, &path, std::slice::from_ref(&scenario))
                    .is_some_and(|tally| tally.0 > 0)
            });
            panic!("{}: accepted {culprit:#?}", scenario.display());
        }
        if told >= most {
            break;
        }
    }
    assert!(told >= most.min(2000), "{told}");
}

/// Texts that a scenario could have been written with instead: each with one thing changed.
fn edits(text: &str) -> Vec<String> {
    const SWAPS: [(&str, &str); 14] = [
        ("Accept(", "Drop("),
        ("Drop(", "Accept("),
        ("tcp:443", "tcp:444"),
        ("tcp:80", "tcp:81"),
        ("tcp:22", "tcp:23"),
        ("tcp:all", "udp:all"),
        ("10.0.0.0/8", "10.255.0.0/24"),
        ("0.0.0.0/0", "203.0.113.0/24"),
        ("Running", "Stopped"),
        ("[Accept()]", "[]"),
        ("enabled: false", "enabled: true"),
        ("state: Pending", "state: Active"),
        ("security_groups: [\"sg-open\"]", "security_groups: []"),
        ("Active", "Pending"),
    ];
    let mut edits = Vec::new();
    let end = text.find("\n    expect:").unwrap_or(text.len());
    for (from, to) in SWAPS {
        for (at, _) in text[..end].match_indices(from) {
            let mut edit = text.to_owned();
            edit.replace_range(at..at + from.len(), to);
            edits.push(edit);
        }
    }
    edits
}

#[test]
fn a_certificate_of_what_was_so_before_an_edit_is_refused() {
    let most = lies(600) / 20;
    let mut turned = 0;
    let mut edited = 0;
    for scenario in shipped() {
        let text = fs::read_to_string(&scenario).expect("a scenario");
        if text.contains("include:") || edited >= most {
            continue;
        }
        let before = certificates(&scenario);
        let mut by_digest: BTreeMap<PathBuf, Vec<Value>> = BTreeMap::new();
        for (index, edit) in edits(&text).into_iter().enumerate().step_by(7) {
            let home = format!("certificates-edit-{index}");
            let path = PathBuf::from(file(&home, "edited.ron", &edit));
            let ended = run(&["certify", path.to_str().expect("a path")]);
            let now: Vec<Value> =
                ended.out.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
            if now.len() != before.len() {
                continue; // the cloud does not take it
            }
            edited += 1;
            for (old, new) in before.iter().zip(&now) {
                let verdicts = [&old["verdict"], &new["verdict"]];
                if verdicts[0] == verdicts[1] || verdicts.iter().any(|it| it.is_null()) {
                    continue;
                }
                let mut lie = old.clone();
                lie["sha256"] = new["sha256"].clone();
                by_digest.entry(path.clone()).or_default().push(lie);
            }
        }
        for (path, lies) in by_digest {
            turned += lies.len();
            let written = written("certificates-turned", &lies);
            let Some(tally) = checked(false, &written, std::slice::from_ref(&path)) else {
                return;
            };
            let told = fs::read_to_string(&path).expect("an edit");
            assert_eq!(tally.0, 0, "{}: {lies:#?} of {told}", scenario.display());
        }
    }
    assert!(turned > 5, "{turned}");
}

/// Whether all that is asked is one box, lost at one place: no more than 2 KB are to be read.
fn is_a_single_cut(document: &Value) -> bool {
    let one = |value: &Value| value.as_array().is_some_and(|list| list.len() == 1);
    let piece = &document["pieces"][0];
    one(&document["pieces"])
        && one(&piece["cuts"])
        && one(&piece["boxes"])
        && piece["claim"] == "cut"
}

#[test]
fn the_checker_can_be_read_in_an_hour() {
    for name in ["", "_more", "_moves", "_links"] {
        let name = format!("certcheck{name}.py");
        let text = fs::read_to_string(root().join("tools").join(&name)).expect("the checker");
        assert!(text.lines().count() <= 300, "{name}");
        assert!(!text.contains("subprocess"), "{name}");
    }
}

#[test]
fn check_writes_the_certificates_of_what_it_runs() {
    let folder = folder("certificates-check");
    let scenario = root().join("scenarios/vpc/security-group-order.ron");
    let path = scenario.to_str().expect("a path");
    let into = folder.to_str().expect("a path");
    let ended = run(&["check", "--certify", into, path]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let mut files = fs::read_dir(&folder).expect("the folder");
    let written = files.next().expect("a file").expect("a file").path();
    let text = fs::read_to_string(&written).expect("certificates");
    assert_eq!(text.lines().count(), certificates(&scenario).len());
}

/// The documents of a file, a line each.
fn read(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("certificates");
    let lines = text.lines();
    lines.map(|line| serde_json::from_str(line).expect("a document")).collect()
}

#[test]
fn what_a_change_opens_and_closes_is_certified_before_and_after() {
    let place = folder("certificates-difference");
    let into = place.to_str().expect("a path");
    let shop = "scenarios/classic-link/primary-cidr-only.ron";
    let change = r#"DetachClassicLinkVpc(vpc: "vpc-tom", instances: ["TomCVM"])"#;
    let ended = run(&["whatif", shop, "--change", change, "--certify", into]);
    assert!(ended.out.contains("TomCVM"), "{}{}", ended.out, ended.err);
    let (before, after) = (read(&place.join("before.json")), read(&place.join("after.json")));
    assert!(!before.is_empty());
    assert_eq!(before.len(), after.len());
    for (old, new) in before.iter().zip(&after) {
        assert_eq!(old["question"], new["question"]);
        assert_eq!(
            (&old["verdict"], &new["verdict"]),
            (&json!("reachable"), &json!("unreachable"))
        );
    }
    let changed = place.join("whatif.ron");
    // It names the file from where it stands.
    let told = fs::read_to_string(&changed).expect("the what-if");
    assert!(told.contains("include: [\"../"), "{told}");
    for (name, scenario) in [("before.json", root().join(shop)), ("after.json", changed)] {
        let Some(tally) = checked(false, &place.join(name), &[scenario]) else {
            return;
        };
        assert_eq!(tally, (before.len(), 0, 0), "{name}");
    }
    // A file of changes may begin and end with a comment, and have some between.
    let written =
        format!("// tonight\n[{change} // first\n, Down(\"TomCVM\") // second\n]\n// end\n");
    let tonight = file("certificates-comments", "tonight.ron", written);
    let ended = run(&["whatif", shop, "--change-file", &tonight, "--certify", into]);
    assert_eq!((ended.code, ended.err.contains("error")), (Some(1), false), "{}", ended.err);
    let changed = [place.join("whatif.ron")];
    if let Some(tally) = checked(false, &place.join("after.json"), &changed) {
        assert!(tally.0 > 0 && tally.1 == 0, "{tally:?}");
    }
    // Two files, of which one has what the other has not.
    let text = fs::read_to_string(root().join(shop)).expect("a scenario");
    let cut = text.replace(r#"classic_links: { "vpc-tom": ["TomCVM"] },"#, "");
    assert_ne!(cut, text);
    let old = file("certificates-diff-old", "old.ron", &text);
    let new = file("certificates-diff-new", "new.ron", &cut);
    let ended = run(&["diff", &old, &new, "--certify", into]);
    assert!(ended.out.contains("TomCVM"), "{}", ended.err);
    for (name, scenario) in [("before.json", old), ("after.json", new)] {
        let tally = checked(false, &place.join(name), &[PathBuf::from(scenario)]);
        assert!(tally.is_some_and(|tally| tally.0 > 0 && tally.1 == 0), "{name}");
    }
    let ended = run(&["whatif", shop, "--at", "x", "--change", change, "--certify", into]);
    assert_eq!(ended.code, Some(2), "{}", ended.err);
}

#[test]
fn a_question_of_nobody_proves_nothing() {
    let text = fs::read_to_string(root().join("scenarios/vpc/security-group-order.ron"));
    let scenario =
        PathBuf::from(file("certificates-nobody", "order.ron", text.expect("a scenario")));
    let mut one = certificates(&scenario).swap_remove(0);
    let from = (one["question"]["from"].clone(), one["ends"]["from"].clone());
    one["expectation"] = Value::Null;
    (one["question"]["to"], one["ends"]["to"]) = from;
    (one["asked"], one["pieces"]) = (json!([]), json!([]));
    one["rests_on"] = json!(["D20-6", "PIPE-2", "PIPE-5"]);
    for verdict in ["partial", "reachable", "unreachable"] {
        one["verdict"] = verdict.into();
        let path = written("certificates-of-nobody", &[one.clone()]);
        let tally = checked(false, &path, std::slice::from_ref(&scenario));
        assert!(tally.is_none_or(|tally| tally == (0, 1, 0)), "{verdict}: {tally:?}");
    }
}

#[test]
fn a_question_has_a_certificate_of_its_own() {
    let scenario = root().join("scenarios/vpc/security-group-order.ron");
    let first = &certificates(&scenario)[0];
    let word = |name: &str| first["question"][name].as_str().expect("a word").to_owned();
    let path = scenario.to_str().expect("a path");
    let (from, to, service) = (word("from"), word("to"), word("service"));
    let asked = ["certify", path, "--from", &from, "--to", &to, "-s", &service];
    let ended = run(&asked);
    let document: Value = serde_json::from_str(&ended.out).expect("one document");
    assert_eq!(document["expectation"], Value::Null);
    assert_eq!(document["pieces"], first["pieces"]);
    let path = written("certificates-question", &[document]);
    if let Some(tally) = checked(true, &path, &[scenario]) {
        assert_eq!(tally, (1, 0, 0));
    }
}
