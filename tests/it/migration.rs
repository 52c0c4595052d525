//! Plans of migrations: the worked examples of the cloud's documents, random estates with the oracle as judge of every step,
//! fewest windows against brute force, and conflicts of which every member is needed (MIG-1..12).

mod conflicts;
mod estates;
mod large;
mod lines;
mod products;

use std::io;

use pathproof::model::apply;
use pathproof::plan::{Outcome, Promise, Step, Task, Terms, followed, plan};
use pathproof::query::Expectation;
use pathproof::scenario::{Files, Planned, Scenario, load};
use pathproof::verify::Budget;

use crate::cli::run;
use crate::shipped::{self, root};

const EXAMPLES: [&str; 5] =
    ["public-balancer", "mixed-access", "single-machine", "no-links", "peering-to-ccn"];

const TODAY: &str = "2027-01-31";

struct Text(String);

impl Files for Text {
    fn read(&self, _path: &str) -> io::Result<Vec<u8>> {
        Ok(self.0.clone().into_bytes())
    }
}

fn scenario(text: &str) -> Scenario {
    let loaded = load("estate.ron", &Text(text.to_owned()));
    let told: Vec<_> = loaded.diagnostics.iter().map(|it| it.message.to_string()).collect();
    loaded.scenario.unwrap_or_else(|| panic!("{told:#?}\n{text}"))
}

fn planned(
    from: &Scenario,
    goal: &Scenario,
    expected: &[Planned<Expectation>],
) -> (Outcome, Vec<Promise>) {
    let task = Task::between(from.network.clone(), goal.network.clone());
    let promises = followed(&task, expected);
    let terms = Terms { today: TODAY, budget: Budget::default(), told: &|_, _| (), explain: None };
    (plan(&task, &promises, from, &terms), promises)
}

fn names(steps: &[Step]) -> Vec<&str> {
    steps.iter().map(|step| step.name.english()).collect()
}

/// A plan is a shipped scenario: what the program finds is what stands there, and `check scenarios` proves it.
#[test]
fn the_worked_examples_are_planned_as_they_are_shipped() {
    for example in EXAMPLES {
        let file = |part: &str| format!("scenarios/migration/{example}.{part}.ron");
        let (start, goal) = (file("start"), file("goal"));
        let ended = run(&["plan", &start, "--goal", &goal]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        if std::env::var_os("INSTA_UPDATE").is_some_and(|value| value == "always") {
            std::fs::write(root().join(file("plan")), &ended.out).expect("a file");
        }
        let shipped = std::fs::read_to_string(root().join(file("plan"))).expect("a plan");
        assert_eq!(ended.out, shipped, "{example}");
        let checked = run(&["check", "-q", &file("plan")]);
        assert_eq!(checked.code, Some(0), "{}", checked.out);
    }
}

/// What `--move` finds is what is shipped, and `check` proves it.
fn moved_as_shipped(start: &str, example: &str, (who, into): (&str, &str)) -> String {
    let ended = run(&["plan", start, "--move", who, "--into", into]);
    assert_eq!(ended.err, "", "nothing to warn of");
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    let file = format!("scenarios/migration/{example}.plan.ron");
    if std::env::var_os("INSTA_UPDATE").is_some_and(|value| value == "always") {
        std::fs::write(root().join(&file), &ended.out).expect("a file");
    }
    let shipped = std::fs::read_to_string(root().join(&file)).expect("a plan");
    assert_eq!(ended.out, shipped);
    let checked = run(&["check", "-q", &file]);
    assert_eq!(checked.code, Some(0), "{}", checked.out);
    shipped
}

fn in_order(plan: &str, changes: &[&str]) {
    let at = changes.iter().map(|it| plan.find(&format!("                {it}")).expect(it));
    let at: Vec<usize> = at.collect();
    assert!(at.is_sorted(), "{changes:?} at {at:?}");
}

/// The estate has what binds machines and cannot move: a classic balancer, and an endpoint connection to the database.
#[test]
fn the_estate_is_planned_as_it_is_shipped() {
    let plan = moved_as_shipped(
        "scenarios/estate/exit.start.ron",
        "estate",
        ("sg-legacy | cdb-legacy", "subnet-app"),
    );
    in_order(
        &plan,
        &[
            "DeregisterTargets(",
            "ModifyInstancesVpcAttribute(",
            "RegisterTargets(",
            "SwitchName(name: \"legacy.shop\", to: \"lb-legacy-new\")",
        ],
    );
}

/// From one VPC to another: an interface is taken off and put on again, rules name both addresses meanwhile.
#[test]
fn a_move_from_vpc_to_vpc_is_planned_as_it_is_shipped() {
    let plan = moved_as_shipped(
        "scenarios/migration/vpc-to-vpc.start.ron",
        "vpc-to-vpc",
        ("tag:app=shop | cdb-1", "subnet-new"),
    );
    let unbound = plan.find("Delete([\"eni-2\"])").expect("the interface goes");
    let moved = plan.find("instances: [\"ins-web2\"]").expect("its machine moves");
    assert!(unbound < moved);
    assert!(plan.contains("Accept(from: \"10.1.1.11\", service: \"tcp:3306\")"));
}

/// No links can be, so an endpoint connection is made for a time, and the name leads there while the database is classic.
#[test]
fn an_endpoint_connection_comes_and_goes_where_there_is_no_way_without() {
    let file = root().join("scenarios/migration/no-links.plan.ron");
    let plan = std::fs::read_to_string(file).expect("a plan");
    in_order(
        &plan,
        &[
            "ModifyInstancesVpcAttribute(",
            "SwitchName(name: \"db.docs\", to: \"epc-cmgo-1-vpc-new\")",
            "ModifyDBInstanceVipVport(",
            "SwitchName(name: \"db.docs\", to: \"cmgo-1\")",
        ],
    );
}

/// Ten kinds of nonsense: each is told with its own status, and nothing is written.
#[test]
fn nonsense_is_told_and_nothing_is_written() {
    let start = "scenarios/migration/public-balancer.start.ron";
    let goal = "scenarios/migration/public-balancer.goal.ron";
    let out = std::env::temp_dir().join(format!("pathproof-none-{}.ron", std::process::id()));
    let out = out.display().to_string();
    let asked: [(&[&str], i32, &str); 12] = [
        (&[start], 2, "--move"),
        (&[start, "--goal", "nowhere.ron"], 2, "nowhere.ron"),
        (&["nowhere.ron", "--goal", goal], 2, "nowhere.ron"),
        (&[start, "--goal", "Cargo.toml"], 2, "Cargo.toml"),
        (&[start, "--goal", goal, "--move", "ins-web1", "--into", "subnet-web"], 2, "--goal"),
        (&[start, "--move", "ins-web1"], 2, "--into"),
        (&[start, "--into", "subnet-web"], 2, "--into"),
        (&[start, "--move", "ins-web9", "--into", "subnet-web"], 2, "ins-web9"),
        (&[start, "--move", "ins-web1 &", "--into", "subnet-web"], 2, "--move"),
        (&[start, "--move", "ins-web1", "--into", "vpc-new"], 2, "vpc-new"),
        (&[start, "--move", "internet", "--into", "subnet-web"], 2, "--move"),
        (
            &[start, "--move", "ins-web1", "--into", "subnet-web", "--keep-addresses"],
            1,
            "outside the subnet",
        ),
    ];
    for (args, code, told) in asked {
        let args: Vec<&str> = ["plan"].iter().chain(args).copied().chain(["-o", &out]).collect();
        let ended = run(&args);
        assert_eq!(ended.code, Some(code), "{args:?}: {}{}", ended.out, ended.err);
        let all = format!("{}{}", ended.out, ended.err);
        assert!(all.contains(told), "{args:?}: {all}");
        assert!(!std::path::Path::new(&out).exists(), "{args:?}");
    }
}

/// From a step of a plan, what is left is what came after it.
#[test]
fn a_plan_goes_on_from_any_of_its_steps() {
    let ended = run(&[
        "plan",
        "scenarios/migration/public-balancer.plan.ron",
        "--at",
        "move ins-web1 (ap-guangzhou-3)",
        "--goal",
        "scenarios/migration/public-balancer.goal.ron",
        "--format",
        "json",
    ]);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    let told = ended.json();
    let steps = told["steps"].as_array().expect("steps");
    let names: Vec<&str> = steps.iter().filter_map(|it| it["name"].as_str()).collect();
    let left = ["www.shop leads to lb-new", "move ins-web2 (ap-guangzhou-3)", "end what is old"];
    assert_eq!(names, left);
    assert_eq!(steps[0]["promises"], 3, "what the step says is kept");
    let unknown = ["plan", "scenarios/migration/public-balancer.plan.ron", "--at", "no step"];
    let ended = run(&[&unknown[..], &["--move", "ins-web1", "--into", "subnet-web"]].concat());
    assert_eq!(ended.code, Some(2), "{}", ended.out);
}

#[test]
fn the_order_of_the_documents_comes_out() {
    let shipped = |name: &str| {
        shipped::loaded(&format!("scenarios/migration/{name}.ron")).scenario.expect("a scenario")
    };
    let (start, goal) = (shipped("public-balancer.start"), shipped("public-balancer.goal"));
    let (Outcome::Found(steps, _), _) = planned(&start, &goal, &start.base) else {
        panic!("no plan");
    };
    let order = [
        "prepare the new network",
        "move cdb-1 into subnet-web",
        "move ins-web1 (ap-guangzhou-3)",
        "www.shop leads to lb-new",
        "move ins-web2 (ap-guangzhou-3)",
        "end what is old",
    ];
    assert_eq!(names(&steps), order);
    let mut now = start.network.clone();
    for change in steps.iter().flat_map(|step| &step.changes) {
        now = apply(&now, change).expect("a change that goes through");
    }
    assert_eq!(
        estates::settled(&now),
        estates::settled(&goal.network),
        "the last step leaves the goal"
    );
}

#[test]
fn a_step_is_explained_by_its_name_and_an_unknown_one_is_told() {
    let [start, goal] =
        ["start", "goal"].map(|part| format!("scenarios/migration/public-balancer.{part}.ron"));
    let asked = |step: &str, language: &str| {
        run(&["plan", &start, "--goal", &goal, "--explain", step, "--lang", language])
    };
    let ended = asked("www.shop leads to lb-new", "en");
    assert_eq!(ended.code, Some(0));
    assert!(ended.out.contains("this promise would break: the shop is open"), "{}", ended.out);
    let ended = asked("将 www.shop 切换到 lb-new", "zh");
    assert!(ended.out.contains("以下期望将不成立：the shop is open"), "{}", ended.out);
    assert_eq!(asked("another", "en").code, Some(2));
}

#[test]
fn a_runbook_has_every_step_as_a_heading_and_names_everything_that_moves() {
    let folder = std::env::temp_dir().join(format!("pathproof-runbook-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    for language in ["en", "zh"] {
        let [plan, book] =
            ["plan.ron", "plan.md"].map(|name| folder.join(name).display().to_string());
        let [start, goal] =
            ["start", "goal"].map(|part| format!("scenarios/migration/public-balancer.{part}.ron"));
        let ended = run(&[
            "plan",
            &start,
            "--goal",
            &goal,
            "-o",
            &plan,
            "--runbook",
            &book,
            "--lang",
            language,
        ]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        let book = std::fs::read_to_string(&book).expect("a runbook");
        let loaded = scenario(&std::fs::read_to_string(&plan).expect("a plan"));
        for step in &loaded.steps {
            assert!(book.lines().any(|line| line == format!("## {}", step.name)), "{}", step.name);
        }
        for moved in ["ins-web1", "ins-web2", "cdb-1"] {
            assert!(book.contains(moved), "{moved}");
        }
        let lines = book.lines().filter(|line| line.starts_with("tccli "));
        assert!(lines.count() >= 9, "{book}");
        assert_eq!(run(&["check", "-q", &plan]).code, Some(0));
    }
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}
