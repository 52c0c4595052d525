//! The same question has the same document everywhere: on the command line, from what is resident, from the server of
//! assistants and over HTTP.

use std::fs;
use std::path::Path;

use pathproof::ask::{Asker, Reach, Resident};
use pathproof::cli::files::Disk;
use pathproof::code::Language;
use pathproof::verify::Budget;
use serde_json::{Map, Value, json};

use crate::cli::{file, folder, run};
use crate::shipped::{root, scenarios};

pub const TODAY: &str = "scenarios/estate/today.ron";
const MIGRATION: &str = "scenarios/estate/migration.ron";

/// A question by its command and its fields.
pub type Question = (&'static str, Value);

/// Twenty questions about the estate, and some that have no answer.
pub fn questions() -> Vec<Question> {
    let mut all = twenty();
    all.extend([
        (
            "trace",
            json!({ "file": TODAY, "from": "ins-none", "to": "sgw-nowhere", "service": "tpc:1" }),
        ),
        (
            "trace",
            json!({ "file": TODAY, "from": "vpc-prod", "to": "vpc-none", "lang": "zh" }),
        ),
        (
            "reach",
            json!({ "file": TODAY, "from": "ins-bastion", "to": "ins-bastion" }),
        ),
        ("whatif", json!({ "file": TODAY, "changes": ["Down(1)"] })),
        ("whatif", json!({ "file": TODAY, "changes": [] })),
        ("links", json!({ "file": TODAY, "vpc": "vpc-none" })),
        ("links", json!({ "file": TODAY, "at": "never" })),
        ("explain", json!({ "code": "no-rout" })),
        ("schema", json!({ "name": "teapot", "lang": "zh" })),
        (
            "fix",
            json!({
                "file": TODAY, "from": "vpc-tools", "to": "ins-legacy-1", "lang": "zh",
                "changes": ["Delete(\"vpc-prod\")"],
            }),
        ),
        (
            "fix",
            json!({ "file": TODAY, "from": "vpc-tools", "to": "ins-legacy-1", "changes": ["Down(\"ins-b"] }),
        ),
        (
            "trace",
            json!({ "file": "no/such/file.ron", "from": "a", "to": "b" }),
        ),
    ]);
    all
}

#[rustfmt::skip]
pub fn twenty() -> Vec<Question> {
    vec![
        ("check", json!({ "file": TODAY })),
        ("check", json!({ "file": MIGRATION, "lang": "zh" })),
        ("list", json!({ "file": TODAY })),
        ("list", json!({ "file": MIGRATION, "only": ["BASTION"] })),
        ("trace", json!({ "file": TODAY, "from": "internet", "to": "lb-shop", "service": "tcp:443" })),
        ("trace", json!({ "file": TODAY, "from": "vpc-prod", "to": "internet", "service": "tcp:443", "lang": "zh" })),
        ("trace", json!({ "file": TODAY, "from": "vpc-prod", "to": "ins-legacy-1", "service": "icmp" })),
        ("trace", json!({ "file": TODAY, "from": "vpc-prod", "to": "vpc-prod", "source_port": 1024 })),
        ("reach", json!({ "file": TODAY, "from": "vpc-prod", "to": "vpc-tools", "service": "tcp:22" })),
        ("reach", json!({ "file": TODAY, "from": "internet", "service": "tcp:1-1024" })),
        ("matrix", json!({ "file": TODAY, "by": "vpc", "service": "tcp:22" })),
        ("matrix", json!({ "file": TODAY, "by": "group", "collapse": true })),
        ("whatif", json!({ "file": TODAY, "changes": ["Down(\"ins-bastion\")"] })),
        ("diff", json!({ "file": TODAY, "new": MIGRATION })),
        ("lint", json!({ "file": TODAY })),
        ("links", json!({ "file": MIGRATION })),
        ("fix", json!({ "file": TODAY, "from": "ins-web-1", "to": "cdb-orders", "service": "tcp:3306", "limit": 1, "changes": ["Down(\"ins-bastion\")"] })),
        ("explain", json!({ "code": "CL-6", "lang": "zh" })),
        ("explain", json!({})),
        ("schema", json!({ "name": "trace" })),
    ]
}

/// The words of the command line for a question.
pub fn words(command: &str, fields: &Value) -> Vec<String> {
    let mut words = match command {
        "list" => vec!["check".to_owned(), "--list".to_owned()],
        _ => vec![command.to_owned()],
    };
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    for (name, value) in fields.as_object().expect("fields") {
        match (name.as_str(), value) {
            ("file" | "new" | "code" | "name", _) => words.push(text(value)),
            (_, Value::Bool(said)) => words.extend(said.then(|| format!("--{name}"))),
            ("changes" | "only", Value::Array(all)) => {
                let option = name.strip_suffix('s').unwrap_or(name);
                let all = all.iter().map(text);
                words.extend(all.flat_map(|one| [format!("--{option}"), one]));
            }
            _ => words.extend([format!("--{}", name.replace('_', "-")), text(value)]),
        }
    }
    words.extend(["--format", "json"].map(str::to_owned));
    words
}

/// What the command line says.
pub fn told(command: &str, fields: &Value) -> Value {
    let words = words(command, fields);
    run(&words.iter().map(String::as_str).collect::<Vec<_>>()).json()
}

fn today() -> String {
    "2027-01-31".to_owned()
}

pub fn resident(reach: Reach) -> Resident {
    let terms = (Budget::default(), today as fn() -> String);
    Resident::new(Box::new(Disk::default()), reach, terms, Language::English)
}

fn fields(value: &Value) -> &Map<String, Value> {
    value.as_object().expect("fields")
}

fn answer(resident: &Resident, command: &str, given: &Value) -> Value {
    let answer = resident.ask(command, fields(given)).expect("a command");
    answer.unwrap_or_else(|diagnostics| diagnostics)
}

#[test]
fn what_is_resident_answers_as_the_command_line_does() {
    let resident = resident(Reach::Any);
    for (command, given) in questions() {
        // Twice: the second time nothing is loaded.
        for _ in 0..2 {
            let answer = answer(&resident, command, &given);
            assert_eq!(answer, told(command, &given), "{command} {given}");
        }
    }
}

/// Questions whose answers carry certificates.
pub fn certified() -> Vec<Question> {
    let services = [
        ("internet", "lb-shop", "tcp:443"),
        ("ins-bastion", "ins-web-1", "tcp:22"),
        ("ins-web-1", "cdb-orders", "tcp:3306"),
        ("ins-web-1", "ins-bastion", "tcp:22"),
    ];
    let traces = services.map(|(from, to, service)| {
        ("trace", json!({ "file": TODAY, "from": from, "to": to, "service": service }))
    });
    let mut all = traces.to_vec();
    all.push(("check", json!({ "file": TODAY })));
    all.push(("check", json!({ "file": MIGRATION })));
    all.push(("diff", json!({ "file": TODAY, "new": MIGRATION })));
    all
}

/// Writes certificates that came with answers, and has them checked by who knows nothing of this program: how many there
/// are.
pub fn checked_by_others(test: &str, certificates: &[Value]) -> usize {
    let lines = certificates.iter().map(|one| format!("{one}\n"));
    let path = file(test, "certificates.json", lines.collect::<String>());
    let scenarios = [TODAY, MIGRATION].map(|path| root().join(path));
    if let Some((accepted, rejected, missing)) =
        crate::certificates::checked(false, Path::new(&path), &scenarios)
    {
        let none = certificates.iter().filter(|one| !one["no_certificate"].is_null());
        assert_eq!((rejected, missing), (0, none.count()));
        assert_eq!(accepted + missing, certificates.len());
    }
    certificates.len()
}

#[test]
fn answers_carry_certificates_that_others_check() {
    let resident = resident(Reach::Any);
    let mut all = Vec::new();
    for (command, given) in certified() {
        let plain = answer(&resident, command, &given);
        let mut asking = given.clone();
        asking["certify"] = true.into();
        let mut value = answer(&resident, command, &asking);
        let certificates = value["certificates"].take();
        let fields = value.as_object_mut().expect("a document");
        fields.shift_remove("certificates");
        assert_eq!(value, plain, "{command}: nothing else is told otherwise");
        all.extend(certificates.as_array().expect("certificates").clone());
    }
    let at = json!({
        "file": MIGRATION, "from": "ins-bastion", "to": "ins-web-1", "service": "tcp:22", "certify": true,
    });
    let moved = answer(&resident, "trace", &at);
    all.extend(moved["certificates"].as_array().expect("a certificate").clone());
    assert!(checked_by_others("certified-answers", &all) > 30, "{}", all.len());
}

/// A change whose answers carry certificates of the network before and after.
pub fn certified_change() -> Value {
    let changes = ["Down(\"ins-bastion\")", "[Down(\"ins-web-1\") // too\n]"];
    json!({ "file": TODAY, "changes": changes, "certify": true })
}

/// Saves the scenario and the certificates of an answer as a client would, the one beside the files that it speaks of, and
/// has them checked; then with one fact turned, which must not pass.
pub fn saved_and_checked(test: &str, answer: &Value) {
    let place = folder(test);
    let estate = root().join("scenarios/estate");
    fs::create_dir_all(place.join("common")).expect("a folder");
    for name in ["today.ron", "common/shop.ron"] {
        fs::copy(estate.join(name), place.join(name)).expect("a copy");
    }
    let scenario = &answer["scenario"];
    let whatif = place.join(scenario["name"].as_str().expect("a name"));
    let text = scenario["text"].as_str().expect("a text");
    fs::write(&whatif, text).expect("the scenario");
    let certificates = answer["certificates"].as_array().expect("certificates");
    let (before, after) = certificates.split_at(certificates.len() / 2);
    assert!(!before.is_empty());
    let kinds = |half: &[Value], kind: &str| half.iter().all(|one| one["stage"]["kind"] == kind);
    assert!(kinds(before, "base") && kinds(after, "what_if"), "{certificates:?}");
    let texts: Vec<String> = certificates.iter().map(Value::to_string).collect();
    let lines = texts.join("\n");
    let path = place.join("proof.json");
    fs::write(&path, &lines).expect("certificates");
    let scenarios = [place.join("today.ron"), whatif.clone()];
    let Some(tally) = crate::certificates::checked(false, &path, &scenarios) else {
        return;
    };
    assert_eq!(tally, (certificates.len(), 0, 0));
    let turned = lines.replace("\"verdict\":\"unreachable\"", "\"verdict\":\"reachable\"");
    assert_ne!(turned, lines);
    fs::write(&path, turned).expect("lies");
    let tally = crate::certificates::checked(false, &path, &scenarios).expect("python3");
    assert!(tally.1 >= after.len(), "{tally:?}");
    fs::write(&path, &lines).expect("certificates");
    fs::write(&whatif, text.replace("ins-bastion", "ins-build")).expect("another change");
    let tally = crate::certificates::checked(false, &path, &scenarios).expect("python3");
    assert_eq!(tally.1, after.len(), "those of the network after");
}

#[test]
fn a_change_carries_certificates_and_the_scenario_that_they_speak_of() {
    let resident = resident(Reach::Any);
    let mut asking = certified_change();
    saved_and_checked("certified-whatif", &answer(&resident, "whatif", &asking));
    asking["at"] = "never".into();
    let none = answer(&resident, "whatif", &asking);
    assert_eq!(none["schema"], "pathproof.diagnostics/1");
    // A file of the name that the scenario would have.
    let text = fs::read_to_string(root().join("scenarios/classic-link/primary-cidr-only.ron"));
    let path = file("certified-whatif-own", "whatif.ron", text.expect("a scenario"));
    let given = json!({ "file": path, "changes": ["Down(\"TomCVM\")"], "certify": true });
    let own = answer(&resident, "whatif", &given);
    assert_eq!(own["scenario"]["name"], "the-whatif.ron");
    let read = own["certificates"].as_array().and_then(|all| all.last()).expect("certificates");
    assert_eq!(read["sha256"].as_object().map(Map::len), Some(2), "{read}");
}

#[test]
fn traces_of_all_shipped_scenarios_are_the_same_from_what_is_resident() {
    let resident = resident(Reach::Any);
    let paths = scenarios("scenarios");
    let checked = answer(&resident, "list", &json!({}));
    assert_eq!(checked["files"], json!([]), "any file, so none of its own");
    let mut asked = 0;
    for (index, path) in paths.iter().enumerate() {
        let listed = answer(&resident, "list", &json!({ "file": path }));
        let stages = listed["files"][0]["stages"].as_array().expect("stages");
        for stage in stages {
            let expectations = stage["expectations"].as_array().expect("expectations");
            for (number, one) in expectations.iter().enumerate() {
                let given = json!({
                    "file": path, "from": one["from"], "to": one["to"], "service": one["service"],
                });
                let mut given = given;
                if !stage["name"].is_null() {
                    given["at"] = stage["name"].clone();
                }
                let value = answer(&resident, "trace", &given);
                let schema = value["schema"].as_str().expect("a schema");
                let known = ["pathproof.trace/1", "pathproof.diagnostics/1"];
                assert!(known.contains(&schema), "{path}: {value}");
                // The program has to start for each: some of them stand for all.
                if number == 0 && index % 8 == 0 {
                    assert_eq!(value, told("trace", &given), "{path}: {given}");
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 10, "{asked}");
}

#[test]
fn a_question_that_is_called_off_ends_and_leaves_nothing_behind() {
    let resident = resident(Reach::Any);
    let wanted = Asker::new().ask();
    wanted.call_off();
    let gone = resident.while_wanted(wanted);
    for (command, given) in [
        ("check", json!({ "file": TODAY })),
        ("trace", json!({ "file": TODAY, "from": "internet", "to": "lb-shop" })),
    ] {
        let nothing = answer(&gone, command, &given);
        assert!(nothing.to_string().contains("undetermined"), "{nothing}");
        assert_eq!(answer(&resident, command, &given), told(command, &given));
    }
}

#[test]
fn a_file_that_changes_is_loaded_again_and_one_that_does_not_is_not() {
    let part = "vpcs: { \"vpc-a\": (region: \"ap-guangzhou\", cidr: \"10.1.0.0/16\") }";
    let path = file("ask-again", "shop.ron", format!("(network: ({part}))"));
    let resident = resident(Reach::Under(path.clone()));
    let version = || resident.book(None).expect("the file").version;
    let first = answer(&resident, "list", &json!({}));
    assert_eq!(first["files"][0]["entities"][0]["ids"], json!(["vpc-a"]));
    assert_eq!((version(), version()), (1, 1));
    fs::write(&path, "(network: (vpcs: {").expect("a broken file");
    let broken = answer(&resident, "trace", &json!({ "from": "vpc-a", "to": "vpc-a" }));
    assert_eq!(broken["schema"], "pathproof.diagnostics/1");
    assert_eq!(version(), 2);
    let other = part.replace("vpc-a", "vpc-of-another-name");
    fs::write(&path, format!("(network: ({other}))")).expect("a file");
    let mended = answer(&resident, "list", &json!({}));
    assert_eq!(mended["files"][0]["entities"][0]["ids"], json!(["vpc-of-another-name"]));
    assert_eq!(version(), 3);
}

#[test]
fn only_files_that_are_served_are_asked() {
    let resident = resident(Reach::Under("scenarios/vpc".to_owned()));
    let foreign = answer(&resident, "check", &json!({ "file": TODAY }));
    let message = foreign["diagnostics"][0]["message"].as_str();
    assert_eq!(message, Some("`scenarios/estate/today.ron` is not served"));
    let which = answer(&resident, "lint", &json!({}));
    let message = which["diagnostics"][0]["message"].as_str();
    assert_eq!(message, Some("`file` says which file is asked"));
    let whole = answer(&resident, "check", &json!({}));
    assert_eq!(whole, told("check", &json!({ "file": "scenarios/vpc" })));
}
