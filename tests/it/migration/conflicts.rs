//! Where there is no plan: the promises that stand in the way, each of which is needed, and where and why each breaks.

use pathproof::plan::{Conflict, Moment, Outcome, Rule};

use super::{planned, scenario};
use crate::cli::run;
use crate::shipped::{self, root};

#[test]
fn a_promise_that_is_always_kept_does_not_let_its_only_machine_restart() {
    let start =
        std::fs::read_to_string(root().join("scenarios/migration/single-machine.start.ron"))
            .expect("a file");
    let strict = scenario(&start.replace("during: except_while_restarting,", ""));
    let goal =
        shipped::loaded("scenarios/migration/single-machine.goal.ron").scenario.expect("a goal");
    let (outcome, promises) = planned(&strict, &goal, &strict.base);
    let Outcome::Impossible(Conflict { promises: which, rules, refused, .. }) = outcome else {
        panic!("there is a plan");
    };
    assert_eq!((rules, refused), (vec![Rule::Restart], None));
    let told: Vec<String> = which.iter().map(|at| promises[*at].name()).collect();
    assert_eq!(told, ["people are served"]);
    // each is needed: without it there is a plan
    let others = strict.base.iter();
    let others = others.filter(|it| it.value.name.as_deref() != Some("people are served"));
    let without: Vec<_> = others.cloned().collect();
    assert!(matches!(planned(&strict, &goal, &without).0, Outcome::Found(..)));
}

#[test]
fn what_is_impossible_ends_with_1_and_names_the_promise() {
    let start = "scenarios/migration/single-machine.start.ron";
    let ended = run(&[
        "plan",
        start,
        "--move",
        "ins-1",
        "--into",
        "subnet-a",
        "--keep-addresses",
        "--format",
        "json",
    ]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    let told = ended.json();
    assert_eq!(told["possible"], false);
    assert!(told["conflict"][0].as_str().is_some_and(|it| it.contains("outside the subnet")));
    let ended = run(&["plan", start, "--move", "ins-1", "--into", "subnet-a", "--format", "json"]);
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.json()["conflict"][0], "the cache is used");
}

/// The promise alone is a member; that it does not hold at the beginning, or that machines restart, is told beside.
#[test]
fn what_does_not_hold_at_the_beginning_is_told_by_its_name() {
    let start =
        std::fs::read_to_string(root().join("scenarios/migration/single-machine.start.ron"));
    let broken = start.expect("a file").replace("from: \"ins-1\"", "from: \"internet\"");
    let path = std::env::temp_dir().join(format!("pathproof-broken-{}.ron", std::process::id()));
    std::fs::write(&path, broken).expect("a file");
    let path = path.display().to_string();
    let goal = "scenarios/migration/single-machine.goal.ron";
    let ended = run(&["plan", &path, "--goal", goal, "--format", "json"]);
    std::fs::remove_file(&path).expect("the file goes");
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    let told = ended.json();
    assert_eq!(told["conflict"], serde_json::json!(["the cache is used"]));
    assert_eq!(told["rules"], serde_json::json!(["it does not hold at the beginning"]));
}

/// Three servers that talk to each other move into three zones, one after the other, and there are no links outside of
/// 10.0-10.47 (CL-7): the first and the last are apart while the one between them moves.
const APART: [&str; 2] = [
    r#"(
        network: (
            vpcs: { "vpc-new": (region: "ap-guangzhou", cidr: "172.16.0.0/16") },
            subnets: {
                "subnet-3": (vpc: "vpc-new", zone: "ap-guangzhou-3", cidr: "172.16.3.0/24"),
                "subnet-4": (vpc: "vpc-new", zone: "ap-guangzhou-4", cidr: "172.16.4.0/24"),
                "subnet-6": (vpc: "vpc-new", zone: "ap-guangzhou-6", cidr: "172.16.6.0/24"),
            },
            security_groups: { "sg-web": (ingress: [Accept(service: "tcp:443")], egress: [Accept()]) },
            classic: (
                instances: {
                    "ins-3": (region: "ap-guangzhou", ip: "10.60.3.3", security_groups: ["sg-web"]),
                    "ins-4": (region: "ap-guangzhou", ip: "10.60.3.4", security_groups: ["sg-web"]),
                    "ins-6": (region: "ap-guangzhou", ip: "10.60.3.6", security_groups: ["sg-web"]),
                },
            ),
        ),
        expect: [
            Reachable(
                from: "ins-3",
                to: "ins-4",
                service: "tcp:443",
                name: "3 sees 4",
                during: except_while_restarting,
            ),
            Unreachable(from: "internet", to: "ins-3", service: "tcp:22", name: "nobody logs in"),
            Reachable(
                from: "ins-4",
                to: "ins-6",
                service: "tcp:443",
                name: "4 sees 6",
                during: except_while_restarting,
            ),
            Reachable(
                from: "ins-6",
                to: "ins-3",
                service: "tcp:443",
                name: "6 sees 3",
                during: except_while_restarting,
            ),
        ],
    )"#,
    r#"(
        network: (
            vpcs: { "vpc-new": (region: "ap-guangzhou", cidr: "172.16.0.0/16") },
            subnets: {
                "subnet-3": (vpc: "vpc-new", zone: "ap-guangzhou-3", cidr: "172.16.3.0/24"),
                "subnet-4": (vpc: "vpc-new", zone: "ap-guangzhou-4", cidr: "172.16.4.0/24"),
                "subnet-6": (vpc: "vpc-new", zone: "ap-guangzhou-6", cidr: "172.16.6.0/24"),
            },
            security_groups: { "sg-web": (ingress: [Accept(service: "tcp:443")], egress: [Accept()]) },
            instances: {
                "ins-3": (subnet: "subnet-3", ip: "172.16.3.11", security_groups: ["sg-web"]),
                "ins-4": (subnet: "subnet-4", ip: "172.16.4.11", security_groups: ["sg-web"]),
                "ins-6": (subnet: "subnet-6", ip: "172.16.6.11", security_groups: ["sg-web"]),
            },
        ),
    )"#,
];

#[test]
fn of_promises_that_cannot_be_kept_together_each_tells_the_step_and_the_blocker() {
    let [from, goal] = APART.map(scenario);
    let (Outcome::Impossible(conflict), promises) = planned(&from, &goal, &from.base) else {
        panic!("there is a plan");
    };
    let names: Vec<String> = conflict.promises.iter().map(|at| promises[*at].name()).collect();
    assert_eq!(names, ["3 sees 4", "4 sees 6", "6 sees 3"]);
    assert_eq!(conflict.rules, [Rule::OneZone]);
    let told: Vec<usize> = conflict.hurdles.iter().map(|it| it.promise).collect();
    assert_eq!(told, conflict.promises);
    for hurdle in &conflict.hurdles {
        let Moment::Step { name, restarts } = &hurdle.moment else {
            panic!("{:?}", hurdle.moment);
        };
        assert!(name.english().starts_with("move ins-"));
        assert!(restarts.is_empty(), "it is broken also afterwards");
        let found = hurdle.report.found.as_ref().expect("a verdict");
        let codes: Vec<&str> = found.reasons.iter().map(|it| it.cause.code.name()).collect();
        assert_eq!(codes, ["classic-link-not-linked"]);
    }
    // each is needed: without it there is a plan
    for left in &conflict.promises {
        let others = from.base.iter().enumerate();
        let others = others.filter(|(at, _)| at != left);
        let others: Vec<_> = others.map(|(_, it)| it.clone()).collect();
        assert!(matches!(planned(&from, &goal, &others).0, Outcome::Found(..)), "without {left}");
    }
}

#[test]
fn why_there_is_no_plan_is_told_in_text_and_json_and_both_languages() {
    let folder = std::env::temp_dir().join(format!("pathproof-conflict-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let paths = ["start.ron", "goal.ron"].map(|name| folder.join(name));
    for (path, text) in paths.iter().zip(APART) {
        std::fs::write(path, text).expect("a file");
    }
    let [start, goal] = paths.map(|path| path.display().to_string());
    let asked = |more: &[&str]| {
        let args = ["plan", &start, "--goal", &goal];
        let ended = run(&[&args[..], more].concat());
        assert_eq!(ended.code, Some(1), "{}", ended.err);
        ended
    };
    for (language, told) in [
        ("en", ["after the step \"move ins-", "[classic-link-not-linked"]),
        ("zh", ["“迁移 ins-", "[classic-link-not-linked"]),
    ] {
        let ended = asked(&["--lang", language]);
        for words in told {
            assert!(ended.out.contains(words), "{words}: {}", ended.out);
        }
    }
    let json = asked(&["--format", "json"]).json();
    let why = json["why"].as_array().expect("reasons");
    let names: Vec<&str> = why.iter().filter_map(|it| it["promise"].as_str()).collect();
    assert_eq!(serde_json::json!(names), json["conflict"]);
    assert_eq!(why[1]["when"], "step");
    assert_eq!(why[1]["reasons"][0]["code"], "classic-link-not-linked");
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}
