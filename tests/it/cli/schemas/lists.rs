//! Lists of expectations and plans are what their schemas say.

use serde_json::{Value, json};

use crate::shipped::root;

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
    let mistaken =
        run(&["check", "scenarios/mistakes/duplicate-id.ron.bad", "--list", "--format", "json"]);
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
    let written = std::fs::read_to_string(root().join(start)).expect("a file");
    let path = std::env::temp_dir().join(format!("pathproof-strict-{}.ron", std::process::id()));
    let path = path.display().to_string();
    let mut broken = |from: &str, to: &str| {
        std::fs::write(&path, written.replace(from, to)).expect("a file");
        let goal = "scenarios/migration/single-machine.goal.ron";
        let plan = schemas.run(&["plan", &path, "--goal", goal]);
        plan["why"][0].clone()
    };
    let restarts = broken("during: except_while_restarting,", "");
    assert_eq!(text(&restarts["restarts"][0]), "ins-1");
    let denied = broken("\"tcp:80\",\n            name", "\"tcp:81\",\n            name");
    assert_eq!(text(&denied["when"]), "start");
    std::fs::remove_file(&path).expect("the file goes");
    schemas.nothing_unused("plan");
}
