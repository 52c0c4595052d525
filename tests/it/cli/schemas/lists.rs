//! Lists of expectations and plans are what their schemas say.

use serde_json::{Value, json};

use super::super::{ESTATE, run};
use super::{Schemas, items, text};

impl Schemas {
    /// Holds what is answered over HTTP and to assistants.
    pub(super) fn answer(&mut self, command: &str, given: &Value) {
        let resident = crate::asked::resident(pathproof::ask::Reach::Any);
        let answer = resident.ask(command, given.as_object().expect("fields"));
        let mut value = answer.expect("a command").expect("an answer");
        // They have a schema of their own.
        let certificates = std::mem::replace(&mut value["certificates"], json!([]));
        assert!(certificates.is_array(), "{command}");
        self.hold(&value, command);
    }
}

#[test]
fn lists_print_what_their_schema_says() {
    let mut schemas = Schemas::all();
    let whole = schemas.run(&["check", "scenarios", "--list"]);
    assert!(items(&whole["files"]).len() > 50);
    let some = schemas.run(&["check", ESTATE, "--list", "-k", "LB-SHOP"]);
    let ids = some["files"][0]["entities"][0]["ids"].clone();
    assert_eq!(ids, json!(["lb-shop"]));
    let asked = items(&some["files"][0]["stages"][0]["expectations"]);
    assert!(asked.iter().all(|one| text(&one["to"]) == "lb-shop") && asked.len() > 1);
    let mistaken = run(&[
        "check",
        "scenarios/mistakes/duplicate-id.ron.bad",
        "--list",
        "--format",
        "json",
    ]);
    assert_eq!(mistaken.code, Some(2));
    schemas.hold(&mistaken.json(), "a file that cannot be used");
    let seen = schemas.seen.get_mut("list").expect("outputs");
    seen.extend(["argument", "near"].map(str::to_owned));
    schemas.nothing_unused("list");
}

#[test]
fn plans_and_conflicts_print_what_their_schema_says() {
    let mut schemas = Schemas::all();
    let [start, goal] =
        ["start", "goal"].map(|part| format!("scenarios/migration/public-balancer.{part}.ron"));
    let plan = schemas.run(&["plan", &start, "--goal", &goal]);
    assert_eq!(items(&plan["steps"]).len(), 6);
    let start = "scenarios/migration/single-machine.start.ron";
    let plan = schemas.run(&["plan", start, "--move", "ins-1", "--into", "subnet-a"]);
    assert_eq!(text(&plan["conflict"][0]), "the cache is used");
    schemas.nothing_unused("plan");
}
