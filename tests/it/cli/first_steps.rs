//! Beginning: `init` writes what `check` takes, `fmt` lays out and keeps what a file means, `explain` tells the format.

use std::fs;
use std::path::Path;

use super::{ESTATE, file, folder, run, run_on};
use crate::shipped::{loaded, root, scenarios};

#[test]
fn the_skeleton_holds_and_is_laid_out_in_both_languages() {
    for language in ["en", "zh"] {
        let path = folder(&format!("init-{language}")).join("shop.ron");
        let path = path.to_str().expect("a path");
        let made = run(&["init", path, "--lang", language]);
        assert_eq!(made.code, Some(0), "{}", made.err);
        let checked = run(&["check", path, "--lang", language]);
        assert_eq!(checked.code, Some(0), "{}{}", checked.out, checked.err);
        let laid = run(&["fmt", "--check", path]);
        assert_eq!((laid.code, laid.out.as_str()), (Some(0), ""), "{}", laid.err);
        let again = run(&["init", path, "--lang", language]);
        assert_eq!(again.code, Some(2), "{}", again.out);
    }
}

#[test]
fn laying_out_keeps_what_every_shipped_file_means() {
    for path in scenarios("scenarios") {
        let bytes = fs::read(root().join(&path)).expect("a file");
        let before = loaded(&path);
        let laid = pathproof::scenario::lay_out(&path, bytes);
        let text = laid.text.unwrap_or_else(|| panic!("{path}: {:#?}", laid.diagnostics));
        let again = pathproof::scenario::lay_out(&path, text.clone().into_bytes());
        assert_eq!(again.text.as_deref(), Some(text.as_str()), "{path}");
        let Some(before) = before.scenario else {
            continue;
        };
        if text.contains("include:") {
            continue;
        }
        assert_eq!(before.network, load_text(&text), "{path}");
    }
}

/// The network of a text.
fn load_text(text: &str) -> pathproof::model::Network {
    struct One<'a>(&'a str);
    impl pathproof::scenario::Files for One<'_> {
        fn read(&self, _: &str) -> std::io::Result<Vec<u8>> {
            Ok(self.0.as_bytes().to_vec())
        }
    }
    let loaded = pathproof::scenario::load("main.ron", &One(text));
    loaded.scenario.expect("a scenario").network
}

#[test]
fn files_are_laid_out_in_place_and_only_told_of_with_check() {
    let untidy = "Scenario(name:\"a\", // why\n network:())\n";
    let folder = folder("fmt");
    let path = folder.join("a.ron");
    fs::write(&path, untidy).expect("a file");
    let folder = folder.to_str().expect("a path");
    let checked = run(&["fmt", "--check", folder]);
    assert_eq!(checked.code, Some(1));
    assert!(checked.out.ends_with("a.ron\n"), "{}", checked.out);
    assert_eq!(fs::read_to_string(&path).expect("a file"), untidy);
    let laid = run(&["fmt", folder]);
    assert_eq!(laid.code, Some(0), "{}", laid.err);
    let tidy = "Scenario(\n    name: \"a\", // why\n    network: (),\n)\n";
    assert_eq!(fs::read_to_string(&path).expect("a file"), tidy);
    assert_eq!(fs::read_dir(folder).expect("a folder").count(), 1);
    assert_eq!(run(&["fmt", "--check", folder]).code, Some(0));
    let piped = run_on(untidy, &["fmt", "-"]);
    assert_eq!((piped.code, piped.out.as_str()), (Some(0), tidy));
}

#[test]
fn a_file_of_another_program_in_a_folder_stays_as_it_is() {
    let foreign = "(name:\"a\",window:(width:3))\n";
    let folder = folder("fmt-foreign");
    let path = folder.join("window.ron");
    fs::write(&path, foreign).expect("a file");
    let folder = folder.to_str().expect("a path");
    for arguments in [&["fmt", folder][..], &["fmt", "--check", folder]] {
        let ended = run(arguments);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        assert!(ended.tells("window.ron is no scenario"), "{}", ended.err);
        assert_eq!(fs::read_to_string(&path).expect("a file"), foreign);
    }
    let named = run(&["fmt", path.to_str().expect("a path")]);
    assert_eq!(named.code, Some(0), "who names it means it: {}", named.err);
    assert_ne!(fs::read_to_string(&path).expect("a file"), foreign);
}

#[test]
fn what_cannot_be_read_is_left_alone() {
    let broken = "Scenario(name: \"a\" network: ())\n";
    let path = &file("fmt-broken", "broken.ron", broken);
    let ended = run(&["fmt", path]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.tells("a `,` is missing after this"), "{}", ended.err);
    assert_eq!(fs::read_to_string(path).expect("a file"), broken);
}

#[test]
fn sections_changes_and_parts_are_explained_in_both_languages() {
    for (asked, english, chinese) in [
        ("security_groups", "a security group", "安全组"),
        ("安全组", "a security group", "安全组"),
        ("“安全组”。", "a security group", "安全组"),
        ("classic_links", "network", "互通"),
        ("基础网络互通", "classic_links: ", "互通"),
        ("error[no-route]:", "no-route  (reason", "原因"),
        ("CreateRoutes", "route_table: id of route_tables (required)", "路由表"),
        ("listener", "targets: list of target", "监听器"),
        ("format", "Sections of a network", "网络的各个部分"),
    ] {
        let told = run(&["explain", asked]);
        assert!(told.out.contains(english), "{asked}: {}{}", told.out, told.err);
        let told = run(&["explain", asked, "--lang", "zh"]);
        assert!(told.out.contains(chinese), "{asked}: {}{}", told.out, told.err);
    }
    let near = run(&["explain", "CreateRoute"]);
    assert!(near.tells("CreateRoutes"), "{}", near.err);
    let schema = run(&["schema", "scenario"]);
    assert!(schema.out.contains("\"#/$defs/scenario\""), "{}", schema.out);
}

#[test]
fn a_folder_without_scenarios_is_told() {
    let folder = folder("no-scenarios");
    let folder = folder.to_str().expect("a path");
    for (command, code) in [
        ("check", 1),
        ("report", 1),
        ("lint", 2),
        ("fmt", 2),
        ("coverage", 2),
        ("mutate", 2),
        ("serve", 2),
        ("mcp", 2),
    ] {
        let ended = run(&[command, folder]);
        assert!(ended.tells("there is no *.ron file in"), "{command}: {}", ended.err);
        assert_eq!(ended.code, Some(code), "{command}");
    }
    let wrong = run(&["lint", ESTATE, folder, "--format", "json"]);
    assert_eq!(wrong.code, Some(2), "one of them is enough");
    assert_eq!(wrong.json()["schema"], "pathproof.diagnostics/1");
}

#[test]
fn a_misspelt_path_is_told_with_the_one_that_is_there() {
    let meant = "did you mean `scenarios/estate/today.ron`?";
    for command in ["check", "lint", "fmt", "coverage", "mutate", "serve", "mcp"] {
        for path in
            ["scenarios/estate/todya.ron", "scenarios/estate/today", "scenarois/estate/today.ron"]
        {
            let ended = run(&[command, path]);
            assert_eq!(ended.code, Some(2), "{command} {path}");
            assert!(ended.tells(meant), "{command} {path}: {}", ended.err);
        }
    }
    let question = ["--from", "ins-a", "--to", "ins-b"];
    let ended = run(&[&["trace", "scenarios/estate/todya.ron"], &question[..]].concat());
    assert!(ended.tells(meant), "{}", ended.err);
    let ended = run(&["whatif", ESTATE, "--change-file", "scenarios/estate/todya.ron"]);
    assert!(ended.tells(meant), "{}", ended.err);
    let far = run(&["check", "nowhere-at-all.ron"]);
    assert!(!far.tells("did you mean"), "{}", far.err);
}

#[test]
fn an_include_that_is_misspelt_is_told_with_the_one_that_is_there() {
    let including = file("misspelt-include", "a.ron", r#"(include: ["commno.ron"])"#);
    let folder = Path::new(&including).parent().expect("a folder");
    fs::write(folder.join("common.ron"), "()").expect("a file");
    let ended = run(&["check", &including]);
    assert!(ended.tells("did you mean `common.ron`?"), "{}", ended.err);
}

#[test]
fn a_server_of_nothing_does_not_start() {
    for command in ["serve", "mcp"] {
        let ended = run(&[command, "no-such-file.ron"]);
        assert_eq!(ended.code, Some(2), "{command}");
        assert!(ended.tells("cannot read `no-such-file.ron`"), "{}", ended.err);
    }
}

#[test]
fn what_is_wrong_at_many_places_for_one_reason_is_drawn_once() {
    let renamed = TWO.replacen("\"sg-open\": (", "\"sg-shut\": (", 1);
    let ended = run_on(renamed, &["check", "-"]);
    assert_eq!(ended.err.matches("error[").count(), 1, "{}", ended.err);
    assert!(ended.tells("the same at"), "{}", ended.err);
}

const TWO: &str = r#"Scenario(
    network: (
        vpcs: { "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16") },
        subnets: { "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24") },
        security_groups: { "sg-open": (ingress: [Accept()], egress: [Accept()]) },
        instances: {
            "ins-a": (subnet: "subnet-a", ip: "10.1.1.10", security_groups: ["sg-open"]),
            "ins-b": (subnet: "subnet-a", ip: "10.1.1.20", security_groups: ["sg-open"]),
        },
    ),
    expect: [
        Reachable(from: "ins-a", to: "ins-b", service: "tcp:80"),
        Unreachable(from: "ins-b", to: "ins-a", service: "tcp:22"),
    ],
    steps: [(
        name: "b stops",
        changes: [Down("ins-b")],
        expect: [Unreachable(from: "ins-a", to: "ins-b")],
    )],
)
"#;

#[test]
fn check_runs_what_is_selected_and_says_when_nothing_is() {
    let path = &file("select", "two.ron", TWO);
    let summary = |arguments: &[&str]| {
        let ended = run(arguments);
        let text = ended.out + &ended.err;
        let counts = text.lines().find(|line| line.contains(" passed, "));
        (ended.code, counts.unwrap_or(&text).trim().to_owned())
    };
    let (code, told) = summary(&["check", &format!("{path}:12")]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.starts_with("1 expectation: 1 passed"), "{told}");
    let (code, told) = summary(&["check", &format!("{path}:16")]);
    assert!(told.starts_with("1 expectation: 1 passed"), "{code:?} {told}");
    let (code, told) = summary(&["check", path, "-k", "TCP:22"]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.starts_with("1 expectation: 0 passed, 1 failed"), "{told}");
    let nothing = run(&["check", path, "-k", "teapot"]);
    assert_eq!(nothing.code, Some(2), "{}", nothing.out);
    assert!(nothing.tells("no expectation is selected"), "{}", nothing.err);
    let listed = run(&["check", path, "--list"]);
    assert_eq!((listed.code, listed.out.lines().count()), (Some(0), 3), "{}", listed.out);
    assert!(listed.out.contains(":12  ins-a → ins-b tcp:80 reachable"), "{}", listed.out);
    assert!(listed.out.contains("[b stops]"), "{}", listed.out);
}

#[test]
fn check_runs_again_what_did_not_pass() {
    let path = &file("failed", "two.ron", TWO);
    let before = run(&["check", path, "--format", "json"]);
    let last = &file("failed-last", "last.json", before.out);
    let again = run(&["check", path, "--failed", last]);
    assert_eq!(again.code, Some(1), "{}", again.err);
    assert!(again.out.contains("1 expectation: 0 passed, 1 failed"), "{}", again.out);
    assert!(again.tells("1 of 3 expectations are selected"), "{}", again.err);
    let wrong = run(&["check", path, "--failed", path]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.tells("is no result of"), "{}", wrong.err);
}

#[test]
fn check_stops_at_the_first_file_that_fails_if_asked_to() {
    let failing = &file("fail-fast", "a.ron", TWO);
    let folder = std::path::Path::new(failing).parent().expect("a folder");
    fs::write(folder.join("b.ron"), TWO).expect("a file");
    let folder = folder.to_str().expect("a path");
    let all = run(&["check", folder]);
    assert!(all.out.contains("6 expectations"), "{}", all.out);
    let first = run(&["check", folder, "--fail-fast"]);
    assert_eq!(first.code, Some(1));
    assert!(first.out.contains("3 expectations"), "{}", first.out);
}
