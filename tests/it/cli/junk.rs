//! Input that nobody should give, and is given every day: told in a line, in bounded time, never a panic.

use std::time::{Duration, Instant};

use super::{ESTATE, Ended, SMALL, file, folder, run, run_on};

/// Much more than any refusal takes, much less than a user waits.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs `check` on a file with this content.
fn check(test: &str, content: impl AsRef<[u8]>) -> Ended {
    let path = file(&format!("junk-{test}"), "junk.ron", content);
    let started = Instant::now();
    let ended = run(&["check", &path]);
    assert!(started.elapsed() < PATIENCE, "{test}: {:?}", started.elapsed());
    assert!(!ended.tells("panicked"), "{test}: {}", ended.err);
    ended
}

/// A file that cannot be used, and what is said of it.
fn refused(test: &str, content: impl AsRef<[u8]>, code: &str) {
    let ended = check(test, content);
    assert_eq!(ended.code, Some(2), "{test}: {}{}", ended.out, ended.err);
    let said = format!("error[{code}]");
    assert!(ended.tells(&said), "{test}: {}", ended.err);
    let drawn = ended.err.len();
    assert!(drawn < 5000, "{test}: {drawn} bytes are said");
}

#[test]
fn binary_is_refused() {
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    refused("binary", bytes, "not-utf8");
    let zeros = vec![0_u8; 1000];
    assert_eq!(check("zeros", zeros).code, Some(2));
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    refused("latin", b"Scenario(name: \"caf\xe9\")", "not-utf8");
    let utf16: Vec<u8> = SMALL.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(check("utf16", utf16).code, Some(2));
}

#[test]
fn an_empty_file_is_refused() {
    refused("empty", "", "syntax");
    refused("blank", "\n \t\n", "syntax");
    refused("comment", "// nothing\n", "syntax");
}

#[test]
fn deep_nesting_is_refused() {
    let deep = "[".repeat(1_000_000);
    refused("deep", format!("Scenario(network: {deep}"), "too-deep");
    let deep = "Some(".repeat(1_000_000);
    refused("deep-structs", format!("Scenario(network: {deep}"), "too-deep");
}

#[test]
fn a_huge_line_is_bearable() {
    let long = "x".repeat(5_000_000);
    assert_eq!(check("long-name", format!("Scenario(name: \"{long}\")")).code, Some(1));
    refused("long-field", format!("Scenario({long}: 1)"), "unknown-field");
}

#[test]
fn a_scenario_cut_off_anywhere_is_refused_or_read() {
    for end in (0..SMALL.len()).step_by(97).filter(|end| SMALL.is_char_boundary(*end)) {
        let ended = run_on(&SMALL[..end], &["check", "-"]);
        assert_eq!(ended.code, Some(2), "cut at {end}: {}", ended.err);
        assert!(ended.tells("error["), "cut at {end}: {}", ended.err);
    }
}

#[test]
fn another_kind_of_file_is_refused_when_it_is_named() {
    let path = file("junk-extension", "network.json", "{ \"vpcs\": [] }");
    let ended = run(&["check", &path]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.tells("error[syntax]"), "{}", ended.err);
    // A folder is searched for scenarios only.
    let inside = std::path::Path::new(&path).parent().and_then(|p| p.to_str());
    let ended = run(&["check", inside.expect("its folder")]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
}

#[test]
fn a_folder_without_scenarios_proves_nothing() {
    let empty = folder("junk-folder");
    let ended = run(&["check", empty.to_str().expect("a path")]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.out.contains("nothing is expected"), "{}", ended.out);
}

#[test]
fn a_missing_file_is_named() {
    for arguments in [
        &["check", "no/such.ron"][..],
        &["trace", "no/such.ron", "--from", "a", "--to", "b"],
        &["links", "no/such.ron"],
    ] {
        let ended = run(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}");
        assert!(ended.tells("no/such.ron"), "{}", ended.err);
    }
}

#[test]
fn a_folder_is_no_scenario() {
    let ended = run(&["trace", "scenarios", "--from", "a", "--to", "b"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.tells("scenarios"), "{}", ended.err);
}

#[test]
fn nonsense_options_are_refused() {
    for arguments in [
        &[][..],
        &["chekc", "scenarios"],
        &["check"],
        &["check", "--nonsense", "scenarios"],
        &["check", "scenarios", "--format", "yaml"],
        &["check", "scenarios", "-q", "-v"],
        &["trace", "scenarios/estate/today.ron"],
        &["explain", "no-such-code"],
        &["completions", "tcsh-9"],
    ] {
        let ended = run(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}");
        assert!(ended.out.is_empty(), "{arguments:?}: {}", ended.out);
        assert!(!ended.err.is_empty(), "{arguments:?}");
    }
}

#[test]
fn nonsense_in_a_question_is_pointed_at() {
    for (option, value) in [
        ("--from", "ins-client |"),
        ("--from", "((((("),
        ("--to", ""),
        ("--to", "10.1.1.999"),
        ("--service", "tcp:99999"),
        ("--service", "smoke"),
        ("--source-port", "9-1"),
    ] {
        let mut asked =
            vec![("--from", "ins-client"), ("--to", "ins-web"), ("--service", "tcp:80")];
        asked.retain(|(name, _)| *name != option);
        asked.push((option, value));
        let words = asked.iter().flat_map(|(name, value)| [*name, *value]);
        let arguments: Vec<&str> = ["trace", "-"].into_iter().chain(words).collect();
        let ended = run_on(SMALL, &arguments);
        assert_eq!(ended.code, Some(2), "{option} {value}: {}", ended.out);
        assert!(ended.tells(option), "{option} {value}: {}", ended.err);
        assert!(ended.tells("^"), "{option} {value}: {}", ended.err);
    }
}

#[test]
fn a_huge_argument_is_told_by_its_beginning() {
    let huge = "a".repeat(100_000);
    let path = file("junk-huge", "small.ron", SMALL);
    for arguments in [
        &["trace", &path, "--from", &huge, "--to", "ins-web"][..],
        &["reach", &path, "--to", "ins-web", "--service", &huge],
        &["links", &path, "--vpc", &huge],
        &["check", &huge],
        &["graph", &path, "-o", &huge],
    ] {
        let ended = run(arguments);
        assert!(ended.code > Some(1), "{}", ended.err.len());
        assert!(ended.err.len() < 5000, "{} bytes are said", ended.err.len());
    }
}

#[test]
fn what_came_along_with_an_id_or_an_address_is_told() {
    for (written, help) in [
        ("“ins-bastion”", "did you mean `ins-bastion`?"),
        ("'ins-bastion'", "did you mean `ins-bastion`?"),
        ("ins-bastion。", "did you mean `ins-bastion`?"),
        ("ins-bastion，ins-build", "write `ins-bastion | ins-build`"),
        ("10.8.1.0/33", "a mask goes from /0 to /32"),
        ("10.8.256.7", "goes from 0 to 255, not to 256"),
        ("Internet", "write `internet`"),
    ] {
        let ended = run(&["trace", ESTATE, "--from", written, "--to", "lb-shop"]);
        assert_eq!(ended.code, Some(2), "{written}: {}", ended.out);
        assert!(ended.tells(help), "{written}: {}", ended.err);
    }
}
