//! Each lemma of a cut by itself: where only what it says is wrong, the certificate is refused.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::premises::{Of, PREMISES, Premise, SMALL};
use super::{certificates, checked, lies, shipped, written};
use crate::cli::{file, run};
use crate::shipped::root;

/// The only cut of a certificate: all that it claims.
fn only_cut(document: &Value) -> Option<&Value> {
    let pieces = document["pieces"].as_array()?;
    let [piece] = &pieces[..] else { return None };
    let cuts = piece["cuts"].as_array()?;
    let [cut] = &cuts[..] else { return None };
    (piece["claim"] == "cut").then_some(cut)
}

/// A text with some parts of it written otherwise, each once.
fn edited(text: &str, edits: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from} in {text}");
        text = text.replacen(from, to, 1);
    }
    text
}

/// The lemmas that a certificate claims.
fn lemmas(document: &Value) -> Vec<&str> {
    let pieces = document["pieces"].as_array().into_iter().flatten();
    let cuts = pieces.filter_map(|piece| piece["cuts"].as_array());
    cuts.flatten().filter_map(|cut| cut["lemma"].as_str()).collect()
}

#[test]
fn a_cut_whose_lemma_holds_no_more_is_refused_and_what_has_not_turned_accepted() {
    for Premise { lemma, of, made, unmade } in PREMISES {
        let text = match of {
            Of::File(name) => {
                let path = root().join("scenarios").join(name);
                fs::read_to_string(path).expect("a scenario")
            }
            Of::Small(sections, expected) => {
                edited(SMALL, &[("SECTIONS", sections), ("EXPECTED", expected)])
            }
        };
        let was = edited(&text, made);
        let is = if unmade.is_empty() { text } else { edited(&was, unmade) };
        let [was, is] = [("was", was), ("is", is)].map(|(name, text)| {
            PathBuf::from(file(&format!("certificates-{lemma}-{name}"), "premise.ron", text))
        });
        let (mut before, after) = (certificates_of(&was), certificates_of(&is));
        assert!(!before.is_empty() && before.len() == after.len(), "{lemma}");
        for document in &mut before {
            document["sha256"] = after[0]["sha256"].clone();
        }
        let both = before.into_iter().zip(&after);
        let (same, turned): (Vec<_>, Vec<_>) =
            both.partition(|(before, after)| before["pieces"] == after["pieces"]);
        let same: Vec<Value> = same.into_iter().map(|(before, _)| before).collect();
        let turned = turned.into_iter().map(|(before, _)| before);
        let own: Vec<Value> = turned.filter(|it| lemmas(it).contains(&lemma)).collect();
        assert!(!own.is_empty(), "{lemma} is claimed nowhere");
        let tally = |documents: &[Value]| {
            let written = written("certificates-premise", documents);
            checked(false, &written, std::slice::from_ref(&is))
        };
        let (Some(own_tally), Some(same_tally)) = (tally(&own), tally(&same)) else {
            return;
        };
        assert_eq!((own_tally.0, own_tally.1), (0, own.len()), "{lemma}: {own:#?}");
        assert_eq!(same_tally.1, 0, "{lemma}: {same_tally:?}");
    }
}

/// The certificates of a scenario of a test, which may warn.
fn certificates_of(scenario: &Path) -> Vec<Value> {
    let ended = run(&["certify", scenario.to_str().expect("a path")]);
    let documents = ended.out.lines();
    documents.map(|line| serde_json::from_str(line).expect("a document")).collect()
}

/// What no network makes false: a NAT gateway carries GRE nowhere, and ICMP everywhere.
#[test]
fn a_protocol_that_a_nat_gateway_carries_is_not_unsupported() {
    let scenario = root().join("scenarios/gateways/nat-source.ron");
    let mut documents = certificates(&scenario);
    documents.retain(|it| lemmas(it).contains(&"nat-protocol-unsupported"));
    assert!(!documents.is_empty());
    for document in &mut documents {
        let text = document.to_string().replace("\"gre\"", "\"icmp\"");
        *document = serde_json::from_str(&text).expect("JSON");
        document["expectation"] = Value::Null;
    }
    let path = written("certificates-protocol", &documents);
    if let Some(tally) = checked(false, &path, &[scenario]) {
        assert_eq!(tally, (0, documents.len(), 0));
    }
}

#[test]
fn a_cut_that_claims_another_lemma_is_refused() {
    // Certificates of one cut, by their lemma; and the files of those.
    let mut by_lemma: BTreeMap<String, Value> = BTreeMap::new();
    let mut files: Vec<(PathBuf, Vec<Value>)> = Vec::new();
    for scenario in shipped() {
        let text = fs::read_to_string(&scenario).expect("a scenario");
        if text.contains("include:") {
            continue;
        }
        let mut own = certificates(&scenario);
        own.retain(|it| it["stage"]["kind"] == "base" && only_cut(it).is_some());
        for document in &own {
            let lemma = only_cut(document).map(|cut| cut["lemma"].clone());
            let lemma = lemma.and_then(|lemma| lemma.as_str().map(str::to_owned));
            by_lemma.entry(lemma.expect("a lemma")).or_insert_with(|| document.clone());
        }
        own.truncate(2);
        files.push((scenario, own));
    }
    assert!(by_lemma.len() >= 28, "{:?}", by_lemma.keys());
    let (mut told, most) = (0, lies(600));
    // Few files have many claims each: every lemma is claimed where others hold.
    let step = (files.len() * by_lemma.len() * 2 / most).max(1);
    for (at, (scenario, documents)) in files.iter().enumerate() {
        let mut lies = Vec::new();
        for document in documents {
            for (number, (lemma, other)) in by_lemma.iter().enumerate() {
                let own = only_cut(document).expect("a cut");
                if own["lemma"] == json!(lemma) || (at + number) % step > 0 {
                    continue;
                }
                let mut lie = document.clone();
                // All that goes with the lemma goes with it, so that nothing but the lemma is wrong.
                lie["rests_on"] = other["rests_on"].clone();
                let cut = &mut lie["pieces"][0]["cuts"][0];
                cut["lemma"] = json!(lemma);
                cut["rule"] = Value::Null;
                if only_cut(other).is_some_and(|cut| cut.get("rule").is_none())
                    && let Some(fields) = cut.as_object_mut()
                {
                    fields.remove("rule");
                }
                lies.push(lie);
            }
        }
        if lies.is_empty() {
            continue;
        }
        let written = written("certificates-lemma", &lies);
        let Some(tally) = checked(false, &written, std::slice::from_ref(scenario)) else {
            return;
        };
        told += lies.len();
        assert_eq!(tally.0, 0, "{}", scenario.display());
    }
    assert!(told >= most / 3, "{told}");
}
