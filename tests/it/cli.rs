//! The program as scripts and people see it: exit statuses, streams, JSON, colours, junk.
//!
//! What the texts look like is held elsewhere (snapshots of `render`); here are the promises of the contract.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

use crate::shipped::root;

mod chinese;
mod failures;
mod first_steps;
mod fix;
mod formats;
pub mod hostile;
mod json;
mod junk;
mod manners;
mod outputs;
mod parts;
mod repository;
mod rewrites;
mod schemas;
mod shards;

const BOTH_SIDES: &str = "scenarios/classic-link/security-groups-on-both-sides.ron";
const ESTATE: &str = "scenarios/estate/today.ron";

/// A small network of two instances, one question, and a what-if and a step with names.
pub const SMALL: &str = r#"Scenario(
    name: "small",
    network: (
        vpcs: { "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16") },
        subnets: { "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24") },
        security_groups: {
            "sg-open": (ingress: [Accept()], egress: [Accept()]),
            "sg-web": (ingress: [Accept(service: "tcp:80")]),
        },
        instances: {
            "ins-client": (subnet: "subnet-a", ip: "10.1.1.10", security_groups: ["sg-open"]),
            "ins-web": (subnet: "subnet-a", ip: "10.1.1.20", security_groups: ["sg-web"]),
        },
    ),
    expect: [Reachable(from: "ins-client", to: "ins-web", service: "tcp:80")],
    steps: [(name: "the server stops", changes: [Down("ins-web")])],
    what_if: [(
        name: "the group opens",
        changes: [CreateSecurityGroupPolicies(security_group: "sg-web", ingress: [Accept(service: "tcp:22")])],
    )],
)
"#;

/// What came of a run.
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ended {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }

    /// Whether the complaint has these words, wherever its lines were broken: how long a path is decides that.
    pub fn tells(&self, words: &str) -> bool {
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        flat(&self.err).contains(&flat(words))
    }
}

fn pathproof() -> Command {
    let mut command = Command::from_std(crate::shipped::program());
    command.current_dir(root());
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "FORCE_COLOR", "COLUMNS", "COMPLETE"] {
        command.env_remove(name);
    }
    command
}

fn ended(command: &mut Command) -> Ended {
    let output = command.output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
    Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

pub fn run(arguments: &[&str]) -> Ended {
    ended(pathproof().args(arguments))
}

pub fn run_on(input: impl Into<Vec<u8>>, arguments: &[&str]) -> Ended {
    ended(pathproof().args(arguments).write_stdin(input))
}

/// An empty folder for one test.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

/// A file in a folder for one test; its path.
pub fn file(test: &str, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder(test).join(name);
    fs::write(&path, content).expect("a file for the test");
    path.to_str().expect("a path in UTF-8").to_owned()
}

#[test]
fn what_holds_ends_with_0() {
    for arguments in [
        &["check", "scenarios"][..],
        &["check", BOTH_SIDES, ESTATE],
        &["explain"],
        &["explain", "CL-6"],
        &["links", ESTATE],
        &["completions", "bash"],
        &["--help"],
        &["trace", "--help"],
        &["--version"],
    ] {
        let ended = run(arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.err);
        assert!(!ended.out.is_empty() && ended.err.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_trace_that_is_answered_ends_with_0_whatever_the_answer() {
    let ask = |service: &str, more: &[&str]| {
        let ends = ["--from", "ins-client", "--to", "ins-web", "-s", service];
        let arguments = ["trace", "-"].iter().chain(&ends).chain(more);
        let arguments: Vec<&str> = arguments.copied().collect();
        run_on(SMALL, &arguments)
    };
    let works = ask("tcp:80", &[]);
    assert!(works.out.starts_with("REACHABLE  ins-client"), "{}", works.out);
    assert_eq!(works.code, Some(0));
    let blocked = ask("tcp:22", &[]);
    assert!(blocked.out.starts_with("UNREACHABLE"), "{}", blocked.out);
    assert_eq!(blocked.code, Some(0));
    assert_eq!(ask("tcp:22", &["--expect", "unreachable"]).code, Some(0));
    assert_eq!(ask("tcp:22", &["--expect", "reachable"]).code, Some(1));
    assert!(ask("all", &[]).out.starts_with("PARTIAL"));
}

#[test]
fn a_changed_rule_makes_a_failure_with_the_guilty_line() {
    let text = fs::read_to_string(root().join(BOTH_SIDES)).expect("a scenario");
    let rule = r#"Accept(from: "sg-classic", service: "tcp:8080")"#;
    let changed = r#"Accept(from: "sg-classic", service: "tcp:8443")"#;
    let path = file("changed_rule", "changed.ron", text.replace(rule, changed));
    let ended = run(&["check", &path]);
    assert_eq!(ended.code, Some(1));
    let place = |needle: &str| {
        let lines = text.lines().position(|line| line.contains(needle));
        format!("{path}:{}", lines.expect("a line") + 1)
    };
    let drawn =
        ended.out.split("FAIL[security-group-ingress-denied]").nth(1).expect("a drawn failure");
    for needle in
        [place(r#"Reachable(from: "TomCVM""#).as_str(), place(rule).as_str(), changed, "port ✗"]
    {
        assert!(drawn.contains(needle), "{needle} in {drawn}");
    }
    assert!(ended.out.contains("FAIL  "), "{}", ended.out);
}

#[test]
fn nothing_expected_is_nothing_proved() {
    let ended = run_on("Scenario(network: ())", &["check", "-"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.out.contains("nothing is expected"), "{}", ended.out);
    let refused = r#"Scenario(
        network: (vpcs: { "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16") }),
        what_if: [(name: "x", changes: [Refused(
            change: AttachClassicLinkVpc(vpc: "vpc-a", instances: ["vpc-a"]),
            because: "classic-link-not-a-classic-instance",
        )])],
    )"#;
    let ended = run_on(refused, &["check", "-"]);
    assert_eq!(ended.code, Some(0), "a refusal is asked: {}{}", ended.out, ended.err);
}

#[test]
fn a_stage_is_asked_by_its_name() {
    let ask = |at: &str| {
        let arguments =
            ["trace", "-", "--from", "ins-client", "--to", "ins-web", "-s", "tcp:22", "--at", at];
        run_on(SMALL, &arguments)
    };
    assert!(ask("the group opens").out.starts_with("REACHABLE"));
    assert!(ask("the server stops").out.contains("endpoint-down"));
    let unknown = ask("the group closes");
    assert_eq!(unknown.code, Some(2));
    for needle in ["the group closes", "`the server stops`", "`the group opens`"] {
        assert!(unknown.tells(needle), "{}", unknown.err);
    }
}

#[test]
fn an_unknown_name_comes_with_the_near_one() {
    let near = |arguments: &[&str], name: &str| {
        let ended = run(arguments);
        assert_eq!(ended.code, Some(2), "{}", ended.out);
        assert!(ended.out.is_empty(), "{}", ended.out);
        assert!(ended.tells(&format!("did you mean `{name}`")), "{}", ended.err);
    };
    let trace = ["trace", ESTATE, "--from", "ins-lagacy-1", "--to", "cdb-orders"];
    near(&trace, "ins-legacy-1");
    near(&["explain", "clasic-link-stale-address"], "classic-link-stale-address");
}

#[test]
fn a_pipe_gets_no_colours_unless_asked() {
    let escape = |arguments: &[&str]| run(arguments).out.contains('\u{1b}');
    let failing = "scenarios/mistakes/unknown-id.ron.bad";
    for arguments in [&["check", ESTATE][..], &["explain", "CL-6"], &["links", ESTATE]] {
        assert!(!escape(arguments), "{arguments:?}");
    }
    assert!(!run(&["check", failing]).tells("\u{1b}"));
    assert!(escape(&["check", ESTATE, "--color", "always"]));
    assert!(run(&["check", failing, "--color", "always"]).tells("\u{1b}"));
    assert!(!escape(&["check", ESTATE, "--color", "always", "--format", "json"]));
}

#[test]
fn no_color_is_honoured() {
    let colours = |variables: &[(&str, &str)]| {
        let mut command = pathproof();
        command.args(["check", ESTATE]).envs(variables.iter().copied());
        ended(&mut command).out.contains('\u{1b}')
    };
    assert!(colours(&[("CLICOLOR_FORCE", "1")]));
    assert!(!colours(&[("NO_COLOR", "1")]));
    assert!(!colours(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let trace = ["trace", ESTATE, "--from", "vpc-prod", "--to", "cdb-orders", "--format", "json"];
    for arguments in [&["check", "scenarios", "--format", "json"][..], &trace, &["explain"]] {
        let (one, two) = (run(arguments), run(arguments));
        assert_eq!(one.out, two.out, "{arguments:?}");
    }
    // Only the time a run took may differ.
    let text = || {
        let out = run(&["check", "scenarios"]).out;
        let (before, _) = out.rsplit_once(" in ").expect("a time at the end");
        before.to_owned()
    };
    assert_eq!(text(), text());
}

#[test]
fn chinese_is_spoken_when_asked() {
    let trace = ["trace", "-", "--from", "ins-client", "--to", "ins-web", "--lang", "zh"];
    for ended in [
        run(&["check", ESTATE, "--lang", "zh"]),
        run(&["explain", "CL-6", "--lang", "zh"]),
        run(&["links", ESTATE, "--lang", "zh"]),
        run_on(SMALL, &trace),
    ] {
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        let chinese = |letter| ('\u{4e00}'..='\u{9fff}').contains(&letter);
        assert!(ended.out.contains(chinese), "{}", ended.out);
    }
    let codes = |lang: &str| {
        let json = run(&["check", ESTATE, "--format", "json", "--lang", lang]).json();
        json["summary"].clone()
    };
    assert_eq!(codes("en"), codes("zh"));
}

#[test]
fn quiet_says_less_and_verbose_says_more() {
    let lines = |arguments: &[&str]| run(arguments).out.lines().count();
    let quiet = lines(&["check", ESTATE, "-q"]);
    let normal = lines(&["check", ESTATE]);
    let verbose = lines(&["check", ESTATE, "-v"]);
    assert!(quiet < normal && normal < verbose, "{quiet} {normal} {verbose}");
}

#[test]
fn links_are_searched_by_vpc_and_address() {
    let all = run(&["links", ESTATE]);
    assert!(all.out.contains("ins-legacy-1") && all.out.contains("ins-legacy-2"));
    let one = run(&["links", ESTATE, "--vpc", "vpc-prod", "--ip", "10.60.3.5"]);
    assert!(!one.out.contains("ins-legacy-1") && one.out.contains("ins-legacy-2"));
    assert_eq!(run(&["links", ESTATE, "--ip", "10.60.3"]).code, Some(2));
}

#[test]
fn a_file_that_is_only_included_is_not_run_by_itself() {
    let checked = run(&["check", "scenarios/estate", "--format", "json"]).json();
    let paths = checked["files"].as_array().expect("files").iter();
    let paths: Vec<&str> = paths.filter_map(|file| file["path"].as_str()).collect();
    assert_eq!(
        paths,
        ["scenarios/estate/exit.start.ron", "scenarios/estate/migration.ron", ESTATE]
    );
}

#[test]
fn a_reader_who_leaves_early_changes_nothing_about_the_status() {
    let mut child = crate::shipped::program()
        .current_dir(root())
        .args(["check", "scenarios"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}
