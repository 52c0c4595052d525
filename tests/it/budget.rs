//! What a budget leaves of an answer: the same verdict or none, why there is none, and the right exit status; for every
//! command, on shipped and generated networks and on one whose ways are too many to walk.

use std::time::Duration;

use pathproof::code::Code;
use pathproof::query::{Traffics, Verdict};
use pathproof::scenario::Scenario;
use pathproof::verify::{
    Budget, By, Exceeded, Matrix, MatrixRow, Outcome, StageReport, base, run as judged,
};
use serde_json::{Value, json};

use crate::cli::{Ended, file, run};
use crate::plans::{plan, resource};
use crate::shipped::{loaded, scenarios};

mod everything;
mod networks;

use networks::{generated, tangle};

const ESTATE: &str = "scenarios/estate/today.ron";
const MOVED: &str =
    "the report server moves into the primary range, and the legacy CVMs see it at last";
const DAY: &str = "2026-01-01";
const NODES: [usize; 5] = [10, 100, 1_000, 10_000, 100_000];

/// A question of the estate with many pairs.
const MANY: [&str; 6] = ["--from", "vpc-prod", "--to", "vpc-prod", "-s", "all"];

fn nodes(nodes: usize) -> Budget {
    Budget { nodes, ..Budget::NONE }
}

/// Every expectation of a file, in order.
fn outcomes(stages: &[StageReport]) -> Vec<(Outcome, Option<Verdict>, Option<Exceeded>)> {
    let reports = stages.iter().flat_map(|stage| &stage.expectations);
    let told = reports.map(|report| {
        let verdict = report.found.as_ref().map(|found| found.verdict);
        (report.outcome, verdict, report.exceeded())
    });
    told.collect()
}

#[test]
fn an_expectation_under_any_budget_has_the_same_outcome_or_is_undetermined_and_says_why() {
    let (mut same, mut open) = (0, 0);
    for path in scenarios("scenarios") {
        let whole = outcomes(&judged(&path, loaded(&path), DAY, Budget::NONE).stages);
        for budget in NODES {
            let report = judged(&path, loaded(&path), DAY, nodes(budget));
            for (whole, (outcome, verdict, exceeded)) in whole.iter().zip(outcomes(&report.stages))
            {
                let Some(exceeded) = exceeded else {
                    assert_eq!((outcome, verdict), (whole.0, whole.1), "{path} {budget}");
                    same += 1;
                    continue;
                };
                assert!(
                    matches!(exceeded, Exceeded::Nodes(most) | Exceeded::Steps(most) if most == budget),
                    "{path} {budget}: {exceeded:?}"
                );
                assert!(
                    matches!(outcome, Outcome::Undetermined | Outcome::Waived),
                    "{path} {budget}: {outcome:?}"
                );
                assert_eq!(verdict, Some(Verdict::Undetermined), "{path} {budget}");
                open += 1;
            }
        }
    }
    assert!(same > 1000 && open > 200, "{same} {open}");
}

#[test]
fn what_was_asked_before_does_not_use_up_what_an_expectation_may_take() {
    let text = generated(300);
    let path = file("budget-alone", "generated.ron", &text);
    let (mut alone_open, mut alone_decided) = (0, 0);
    for budget in [10, 12, 15, 20, 30, 100] {
        let together = judged(&path, loaded(&path), DAY, nodes(budget)).stages;
        let count = outcomes(&together).len();
        for at in 0..count {
            let mut one = loaded(&path);
            let scenario = one.scenario.as_mut().expect("a scenario");
            let kept = scenario.base.remove(at);
            scenario.base = vec![kept];
            let alone = outcomes(&judged(&path, one, DAY, nodes(budget)).stages)[0];
            let beside = outcomes(&together)[at];
            alone_open += usize::from(alone.2.is_some());
            alone_decided += usize::from(alone.2.is_none());
            assert!(alone.2.is_some() || beside == alone, "{budget} {at}");
        }
    }
    assert!(alone_open > 20 && alone_decided > 20, "{alone_open} {alone_decided}");
}

fn rows(scenario: &Scenario, by: By, budget: Budget) -> (Vec<MatrixRow>, Option<Exceeded>) {
    let matrix = Matrix::new(&base(scenario), by, &Traffics::default(), budget);
    let mut rows = Vec::new();
    let exceeded = matrix.each_row(|row| rows.push(row));
    (rows, exceeded)
}

#[test]
fn a_cell_of_a_matrix_under_any_budget_is_the_same_or_undetermined() {
    let text = generated(300);
    let path = file("budget-matrix", "generated.ron", &text);
    let (mut same, mut open) = (0, 0);
    for (path, by) in [
        (path.as_str(), By::Vpc),
        (path.as_str(), By::Endpoint),
        (ESTATE, By::Endpoint),
        ("scenarios/gateways/equal-routes.ron", By::Endpoint),
    ] {
        let scenario = loaded(path).scenario.expect("a scenario");
        let (whole, none) = rows(&scenario, by, Budget::NONE);
        assert_eq!(none, None);
        for budget in NODES {
            let (small, exceeded) = rows(&scenario, by, nodes(budget));
            assert_eq!(small.len(), whole.len(), "{path} {budget}");
            let mut differ = false;
            for (small, whole) in small.iter().zip(&whole) {
                assert_eq!(small.from, whole.from);
                for (cell, known) in small.cells.iter().zip(&whole.cells) {
                    let equal = cell == known;
                    assert!(
                        equal || *cell == Some(Verdict::Undetermined),
                        "{path} {budget}: {cell:?} {known:?}"
                    );
                    differ |= !equal;
                    same += usize::from(equal);
                    open += usize::from(!equal);
                }
            }
            assert!(!differ || exceeded.is_some(), "{path} {budget}");
            let again = rows(&scenario, by, nodes(budget));
            assert_eq!((small, exceeded), again, "{path} {budget}: the same every time");
        }
    }
    assert!(same > 1000 && open > 1000, "{same} {open}");
}

#[test]
fn time_that_is_up_leaves_a_matrix_complete_in_shape_and_undetermined() {
    let text = generated(3_000);
    let path = file("budget-time", "generated.ron", &text);
    let late = run(&["matrix", &path, "--budget", "1ms", "--format", "json"]);
    assert_eq!(late.code, Some(1), "{}", late.err);
    let told = late.json();
    assert_eq!(told["exceeded"]["what"], "time");
    assert_eq!(told["exceeded"]["limit"], 1);
    let columns = told["columns"].as_array().expect("columns").len();
    let rows = told["rows"].as_array().expect("rows");
    assert!(rows.len() > 500 && columns > 500, "{} {columns}", rows.len());
    for row in rows {
        let cells = row["verdicts"].as_array().expect("verdicts");
        assert_eq!(cells.len(), columns);
        let open = |cell: &Value| cell.is_null() || cell == "undetermined";
        assert!(cells.iter().all(open), "{row}");
    }
}

#[test]
fn a_time_budget_shared_by_threads_ends_each_of_them() {
    let scenario = loaded(ESTATE).scenario.expect("a scenario");
    let budget = Budget { time: Some(Duration::ZERO), ..Budget::NONE };
    let (rows, exceeded) = rows(&scenario, By::Vpc, budget);
    assert_eq!(exceeded, Some(Exceeded::Time(Duration::ZERO)));
    let mut cells = rows.iter().flat_map(|row| &row.cells).flatten();
    assert!(cells.all(|cell| *cell == Verdict::Undetermined));
}

#[test]
fn an_answer_of_more_rows_than_nodes_is_not_told_in_part() {
    let path = file("budget-rows", "generated.ron", generated(300));
    let asked = ["reach", &path, "--from", "vpc-0", "--to", "vpc-0 | vpc-1", "--format", "json"];
    let told = |budget: &str| run(&[&asked[..], &["--budget", budget]].concat());
    let whole = told("none").json();
    let parts = |told: &Value, name: &str| told[name].as_array().expect("parts").len();
    assert!(parts(&whole, "works") + parts(&whole, "blocked") > 300, "{whole}");
    let mut whats = Vec::new();
    for budget in ["20", "100", "300", "100k"] {
        let ended = told(budget);
        let small = ended.json();
        let Some(what) = small["exceeded"]["what"].as_str() else {
            assert_eq!(small, whole, "{budget}");
            continue;
        };
        assert_eq!(ended.code, Some(1), "{budget}");
        assert_eq!(small["verdict"], "undetermined", "{budget}");
        assert_eq!(parts(&small, "works") + parts(&small, "blocked"), 0);
        whats.push(what.to_owned());
    }
    assert!(whats.contains(&"rows".to_owned()), "{whats:?}");
}

/// What a command says on both streams.
fn said(ended: &Ended) -> String {
    format!("{}{}", ended.out, ended.err)
}

#[test]
fn every_command_says_that_its_budget_was_not_enough_and_ends_with_1() {
    let change = r#"DeleteSecurityGroupPolicies(security_group: "sg-data", ingress: [0])"#;
    let migrated = "scenarios/estate/migration.ron";
    for arguments in [
        &["check", ESTATE][..],
        &[&["trace", ESTATE], &MANY[..]].concat(),
        &[&["reach", ESTATE], &MANY[..]].concat(),
        &["matrix", ESTATE],
        &["whatif", ESTATE, "--change", change],
        &["diff", ESTATE, migrated, "--at", MOVED],
        &["report", ESTATE],
        &[&["fix", ESTATE], &MANY[..]].concat(),
        &[&["fix", ESTATE, "--close"], &MANY[..]].concat(),
        &[&["graph", ESTATE], &MANY[..]].concat(),
    ] {
        let ended = run(&[arguments, &["--budget", "10"]].concat());
        assert_eq!(ended.code, Some(1), "{arguments:?}: {}", said(&ended));
        let words: String = said(&ended).split_whitespace().collect::<Vec<_>>().join(" ");
        let all = ["more room than 10 diagram nodes", "--budget 100 allows more"];
        for part in all {
            assert!(words.contains(part), "{arguments:?}: {words}");
        }
        let chinese = run(&[arguments, &["--budget", "10", "--lang", "zh"]].concat());
        assert_eq!(chinese.code, Some(1), "{arguments:?}");
        let words: String = said(&chinese).split_whitespace().collect();
        assert!(words.contains("超过10个图节点"), "{arguments:?}: {words}");
        let enough = run(&[arguments, &["--budget", "none"]].concat());
        let usual = run(arguments);
        assert_eq!(enough.code, usual.code, "{arguments:?}");
        assert!(!said(&enough).contains("allows more"), "{arguments:?}");
    }
}

#[test]
fn what_is_expected_to_be_undetermined_is_no_finding() {
    let asked = [&["trace", ESTATE], &MANY[..], &["--budget", "10"]].concat();
    for (verdict, code) in [("undetermined", 0), ("reachable", 1)] {
        let ended = run(&[&asked[..], &["--expect", verdict]].concat());
        assert_eq!(ended.code, Some(code), "{}", said(&ended));
    }
}

#[test]
fn a_comparison_under_any_budget_tells_the_same_or_nothing() {
    let change = r#"DeleteSecurityGroupPolicies(security_group: "sg-data", ingress: [0])"#;
    for arguments in [
        &["whatif", ESTATE, "--reasons", "--change", change][..],
        &["diff", ESTATE, "scenarios/estate/migration.ron", "--at", MOVED],
    ] {
        let arguments = [arguments, &["--format", "json"]].concat();
        let told = |budget: &str| run(&[&arguments[..], &["--budget", budget]].concat());
        let whole = told("none").json();
        assert_eq!(whole["determined"], true);
        let mut open = 0;
        for budget in ["10", "100", "1k", "10k", "100k"] {
            let ended = told(budget);
            let small = ended.json();
            if small["determined"] == true {
                assert_eq!(small["pieces"], whole["pieces"], "{budget}");
                assert_eq!(small["shifts"], whole["shifts"], "{budget}");
                assert_eq!(small["deeds"], whole["deeds"], "{budget}");
                continue;
            }
            open += 1;
            assert_eq!(ended.code, Some(1), "{budget}");
            assert_eq!(small["pieces"], Value::Array(Vec::new()), "{budget}");
            let what = small["exceeded"]["what"].as_str().expect("what");
            assert!(["nodes", "rows"].contains(&what), "{budget}: {what}");
            assert_eq!(small["deeds"][0]["effect"], Value::Null, "{budget}");
            for size in ["pairs", "classes"] {
                assert_eq!(small[size], whole[size], "{budget}: what there was to do");
            }
        }
        assert!(open > 0, "{arguments:?}");
    }
}

#[test]
fn a_plan_is_compared_within_the_budget() {
    let built = |address: &str, values| resource(address, values, json!({}), json!({}));
    let machine = |name: &str, ip: &str| {
        let values = json!({
            "id": format!("ins-{name}"), "vpc_id": "vpc-1", "subnet_id": "subnet-1",
            "private_ip": ip, "orderly_security_groups": ["sg-1"],
        });
        built(&format!("tencentcloud_instance.{name}"), values)
    };
    let rule = |port| json!({ "action": "ACCEPT", "cidr_block": "10.0.0.0/8", "port": port, "protocol": "TCP" });
    let network = json!({ "id": "vpc-1", "cidr_block": "10.1.0.0/16" });
    let subnet = json!({ "id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.1.1.0/24" });
    let rules = json!({ "id": "sg-1", "security_group_id": "sg-1", "ingress": [rule("22"), rule("80")], "egress": [rule("1-100")] });
    let text = plan(&[
        built("tencentcloud_vpc.main", network),
        built("tencentcloud_subnet.a", subnet),
        built("tencentcloud_security_group.web", json!({ "id": "sg-1" })),
        built("tencentcloud_security_group_rule_set.web", rules),
        machine("one", "10.1.1.10"),
        machine("two", "10.1.1.11"),
    ]);
    let path = file("budget-plan", "plan.json", text.to_string());
    let asked = ["whatif", "--terraform", &path, "--region", "ap-guangzhou", "--format", "json"];
    let whole = run(&asked).json();
    assert_eq!(whole["determined"], true);
    assert!(!whole["pieces"].as_array().expect("pieces").is_empty());
    let short = run(&[&asked[..], &["--budget", "10"]].concat());
    assert_eq!((short.code, &short.json()["determined"]), (Some(1), &json!(false)));
}

#[test]
fn an_expectation_that_cannot_be_judged_does_not_pass_for_one_that_holds() {
    let path = file("budget-broken", "tangle.ron", tangle());
    let change = r#"Down("ins-7-7")"#;
    let asked = ["whatif", &path, "--change", change, "--budget", "1k"];
    let told = run(&[&asked[..], &["--format", "json"]].concat());
    assert_eq!(told.code, Some(1), "{}", told.err);
    assert_eq!(told.json()["unjudged"], 1);
    assert!(run(&asked).tells("may break"), "{}", run(&asked).err);
}

#[test]
fn a_fix_under_any_budget_is_one_that_is_found_without_or_the_search_says_that_it_is_not_complete()
{
    let ends = ["--from", "tag:role=web", "--to", "cdb-orders", "-s", "tcp:3306"];
    let asked = [&["fix", ESTATE], &ends[..], &["--format", "json", "--budget"]].concat();
    let whole = run(&[&asked[..], &["none"]].concat()).json();
    assert!(whole["exceeded"].is_null());
    let mut short = 0;
    for budget in ["10", "20", "50", "100", "1k", "10k"] {
        let small = run(&[&asked[..], &[budget]].concat()).json();
        if small["exceeded"].is_null() {
            assert_eq!(small, whole, "{budget}");
            continue;
        }
        short += 1;
        for fix in small["fixes"].as_array().expect("fixes") {
            let written = file("budget-fix", "fix.ron", changes(fix));
            let tried = ["whatif", ESTATE, "--change-file", &written, "--format", "json"];
            assert_eq!(run(&tried).json()["pieces"], fix["pieces"], "{budget}");
        }
    }
    assert!(short > 0, "no budget was small enough");
}

fn changes(fix: &Value) -> String {
    let changes = fix["changes"].as_array().expect("changes").iter();
    let changes = changes.map(|change| change.as_str().expect("a change").to_owned());
    format!("[{}]", changes.collect::<Vec<_>>().join(","))
}

#[test]
fn a_lint_that_could_not_see_everything_says_so() {
    let (mut short, mut same) = (0, 0);
    for path in scenarios("scenarios/lint").iter().map(String::as_str).chain([ESTATE]) {
        let findings = |budget: &str| {
            let told = run(&["lint", path, "--format", "json", "--budget", budget]).json();
            let findings = told["files"][0]["findings"].as_array().expect("findings").clone();
            let (open, found): (Vec<Value>, Vec<Value>) =
                findings.into_iter().partition(|it| it["code"] == Code::LintIncomplete.name());
            (found, open)
        };
        let (whole, none) = findings("none");
        assert!(none.is_empty(), "{path}");
        for budget in ["10", "20", "100", "10k"] {
            let (found, open) = findings(budget);
            assert!(found.iter().all(|it| whole.contains(it)), "{path} {budget}");
            if open.is_empty() {
                assert_eq!(found, whole, "{path} {budget}");
                same += 1;
            } else {
                let message = open[0]["message"].as_str().expect("a message");
                assert!(message.contains("--budget"), "{path} {budget}: {message}");
                short += 1;
            }
        }
    }
    assert!(short > 5 && same > 5, "{short} {same}");
}

#[test]
fn more_ways_than_can_be_walked_are_no_hang() {
    let path = file("budget-ways", "tangle.ron", tangle());
    let ends = ["--from", "ins-0-0", "--to", "site-a"];
    let checked = run(&["check", &path, "--budget", "10k"]);
    assert_eq!(checked.code, Some(1));
    assert!(checked.out.contains("1 passed"), "{}", checked.out);
    assert!(checked.out.contains("1 undetermined"), "{}", checked.out);
    assert!(checked.out.contains("10,000 steps"), "{}", checked.out);
    for arguments in [
        &[&["trace", &path], &ends[..]].concat()[..],
        &[&["reach", &path], &ends[..]].concat(),
        &[&["fix", &path], &ends[..]].concat(),
        &["lint", &path],
        &["matrix", &path],
    ] {
        let ended = run(&[arguments, &["--budget", "10k"]].concat());
        assert!(said(&ended).contains("10,000"), "{}", said(&ended));
    }
}

#[test]
fn a_misspelled_budget_is_refused_with_an_example() {
    for text in ["0", "0s", "-5", "", "30 s", "s", "99999999999999999999"] {
        let ended = run(&["matrix", ESTATE, "--budget", text]);
        assert_eq!(ended.code, Some(2), "{text}");
        assert!(ended.out.is_empty(), "{text}");
        let words = ["--budget <BUDGET>", "30s,1M", "`none`"];
        assert!(ended.tells(words[0]), "{text}: {}", ended.err);
        assert!(words[1..].iter().any(|word| ended.tells(word)), "{text}");
    }
}
