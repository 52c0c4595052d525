//! Every rule of the cloud is held by a test that cites it: an expectation of a scenario that would turn were the rule another
//! one, a file that breaks it and is refused, or a test in Rust. What the oracle and the random networks say of rules in their
//! comments does not count: they are a reading of the rules, not tests.

use std::collections::{BTreeMap, BTreeSet};

use pathproof::code::Language;
use pathproof::render::rules;

use crate::shipped::{below, loaded, root, scenarios};

/// Rules that no test can hold, and why. Whoever cites one of them takes it from here.
const UNTESTABLE: [(&str, &str); 6] = [
    ("PIPE-4", "what the sender of a dropped packet sees; nothing is sent here"),
    (
        "VPN-10",
        "customer gateways are not part of a scenario: two tunnels to one site may end at two of them",
    ),
    ("LOG-1", "the form of flow logs, which are not read"),
    ("LOG-3", "the form of flow logs between regions, which are not read"),
    ("LOG-5", "what another tool looks at"),
    ("LOG-6", "what no other tool does"),
];

/// Where rules are cited: each file with what of its text may cite.
fn texts() -> Vec<(String, String)> {
    let tests = below(&root().join("tests/it")).into_iter();
    let shipped = below(&root().join("scenarios")).into_iter();
    let files = tests.chain(shipped).filter_map(|path| {
        let name = path.strip_prefix(root()).ok()?.to_str()?.to_owned();
        let is_reading = name.starts_with("tests/it/oracle")
            && !name.starts_with("tests/it/oracle/tests")
            || name.starts_with("tests/it/random")
            || name.ends_with("citations.rs");
        let end = name.rsplit_once('.')?.1;
        let cites = match end {
            "rs" => !is_reading,
            "ron" | "bad" => !name.contains("/common/"),
            _ => false,
        };
        let bytes = cites.then(|| std::fs::read(&path).expect("a file"))?;
        // some of the mistakes are no UTF-8
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let holds = end != "rs" || text.contains("#[test]");
        holds.then_some((name, text))
    });
    files.collect()
}

/// The words of a text that look like the id of a rule: capitals, figures, a hyphen, a number.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    text.split(move |letter: char| !is_part(letter)).filter(|word| {
        word.rsplit_once('-').is_some_and(|(family, number)| {
            !number.is_empty()
                && number.bytes().all(|digit| digit.is_ascii_digit())
                && family.starts_with(|letter: char| letter.is_ascii_uppercase())
                && family
                    .bytes()
                    .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit())
        })
    })
}

/// Which files cite a rule.
fn citations() -> BTreeMap<String, Vec<String>> {
    let mut cited: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, text) in texts() {
        let once: BTreeSet<&str> = words(&text).collect();
        for id in once {
            cited.entry(id.to_owned()).or_default().push(name.clone());
        }
    }
    cited
}

#[test]
fn every_rule_is_cited_by_a_test() {
    let cited = citations();
    let excused = |id: &str| UNTESTABLE.iter().any(|(known, _)| *known == id);
    let missing: Vec<_> =
        rules::ids().filter(|id| !cited.contains_key(*id) && !excused(id)).collect();
    assert_eq!(missing, [""; 0], "no test cites these rules");
}

#[test]
fn what_no_test_can_hold_is_a_rule_that_no_test_cites() {
    let cited = citations();
    for (id, why) in UNTESTABLE {
        assert!(rules::rule(id, Language::English).is_some(), "{id} is no rule");
        assert!(why.split_whitespace().count() > 3, "{id}: {why}");
        assert_eq!(cited.get(id), None, "{id} is cited, and so can be held");
    }
}

#[test]
fn whatever_is_cited_is_a_rule() {
    let families: BTreeSet<&str> =
        rules::ids().filter_map(|id| id.rsplit_once('-').map(|(family, _)| family)).collect();
    for (id, names) in citations() {
        let is_known = rules::rule(&id, Language::English).is_some();
        let family = id.rsplit_once('-').map(|(family, _)| family);
        assert!(
            is_known || !family.is_some_and(|family| families.contains(family)),
            "{names:?} cite {id}, which is no rule"
        );
    }
}

/// In these files every expectation says which rule it is about.
#[test]
fn an_expectation_about_a_rule_is_named_after_it() {
    for path in scenarios("scenarios/rules") {
        let scenario = loaded(&path).scenario.expect("a scenario");
        let stages = scenario.steps.iter().chain(&scenario.what_if);
        let later = stages.flat_map(|stage| &stage.expectations);
        for expectation in scenario.base.iter().chain(later) {
            let name = expectation.value.name.as_deref().unwrap_or_default();
            let (ids, _) = name.split_once(": ").unwrap_or_default();
            let mut ids = ids.split(", ").peekable();
            assert!(
                ids.peek().is_some() && ids.all(|id| rules::rule(id, Language::English).is_some()),
                "{path}: {name:?}"
            );
        }
    }
}
