//! What holds for a repository: its `pathproof.toml`, what is known to fail, what failed at a revision of git; and what a
//! shell is offered.

use std::fs;
use std::path::Path;
use std::process::Command as Program;

use super::{Ended, SMALL, ended, folder, pathproof};

fn within(place: &Path, arguments: &[&str]) -> Ended {
    ended(pathproof().current_dir(place).args(arguments))
}

/// The small network with a promise that it does not keep.
fn failing() -> String {
    SMALL.replace(
        "expect: [",
        "expect: [Reachable(from: \"ins-client\", to: \"ins-web\", service: \"tcp:22\"), ",
    )
}

/// One more such promise.
fn worse() -> String {
    failing().replace(
        "expect: [",
        "expect: [Reachable(from: \"ins-client\", to: \"ins-web\", service: \"udp:53\"), ",
    )
}

#[test]
fn only_what_is_new_fails_against_a_baseline() {
    let place = folder("repository-baseline");
    fs::write(place.join("small.ron"), failing()).expect("a file");
    let before = within(&place, &["check", "small.ron", "--format", "json"]);
    assert_eq!(before.code, Some(1));
    fs::write(place.join("known.json"), &before.out).expect("a file");
    let against = ["check", "small.ron", "--baseline", "known.json"];
    let known = within(&place, &against);
    assert_eq!(known.code, Some(0), "{}", known.out);
    let words = known.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("known from known.json"), "{}", known.out);
    assert!(known.out.contains("1 waived"), "{}", known.out);
    let told = within(&place, &[&against[..], &["--lang", "zh"]].concat());
    let words = told.out.split_whitespace().collect::<String>();
    assert!(words.contains("known.json中已知"), "{}", told.out);
    // A baseline that is made anew with the old one keeps what was known.
    let again = within(&place, &[&against[..], &["--format", "json"]].concat());
    fs::write(place.join("known.json"), &again.out).expect("a file");
    assert_eq!(within(&place, &against).code, Some(0));
    fs::write(place.join("small.ron"), worse()).expect("a file");
    let new = within(&place, &against);
    assert_eq!(new.code, Some(1), "{}", new.out);
    assert!(new.out.contains("1 failed"), "{}", new.out);
    let wrong = within(&place, &["check", "small.ron", "--baseline", "small.ron"]);
    assert_eq!(wrong.code, Some(2));
}

#[test]
fn only_what_is_new_since_a_revision_fails() {
    let place = folder("repository-since");
    let git = |words: &[&str]| {
        let mut git = Program::new("git");
        let who = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
        let done = git.current_dir(&place).args(who).args(words).output();
        assert!(done.expect("git runs").status.success(), "{words:?}");
    };
    git(&["init", "-q"]);
    fs::write(place.join("small.ron"), failing()).expect("a file");
    git(&["add", "small.ron"]);
    git(&["commit", "-q", "-m", "one"]);
    let since = ["check", "small.ron", "--since", "HEAD"];
    assert_eq!(within(&place, &["check", "small.ron"]).code, Some(1));
    let known = within(&place, &since);
    assert_eq!(known.code, Some(0), "{}{}", known.out, known.err);
    assert!(known.out.contains("known from HEAD"), "{}", known.out);
    fs::write(place.join("small.ron"), worse()).expect("a file");
    assert_eq!(within(&place, &since).code, Some(1));
    for revision in ["nowhere", "--help"] {
        let since = format!("--since={revision}");
        let wrong = within(&place, &["check", "small.ron", &since]);
        assert_eq!(wrong.code, Some(2), "{revision}");
        assert!(wrong.tells("no revision"), "{}", wrong.err);
    }
}

#[test]
fn a_repository_says_what_nobody_wants_to_type() {
    let place = folder("repository-config");
    fs::create_dir_all(place.join("network/deep")).expect("a folder");
    fs::write(place.join("network/small.ron"), SMALL).expect("a file");
    let config = "paths = [\"network\"]\nlang = \"zh\"\nreports = [\"tap=out.tap\"]\n";
    fs::write(place.join("pathproof.toml"), config).expect("a file");
    let told = within(&place, &["check"]);
    assert_eq!(told.code, Some(0), "{}{}", told.out, told.err);
    assert!(told.out.contains("通过"), "{}", told.out);
    assert!(place.join("out.tap").is_file());
    let deep = place.join("network/deep");
    let told = within(&deep, &["check", "--lang", "en"]);
    assert!(told.out.contains("PASS"), "{}{}", told.out, told.err);
    fs::write(place.join("pathproof.toml"), "langg = \"zh\"\n").expect("a file");
    let wrong = within(&place, &["explain", "CL-6"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.tells("langg"), "{}", wrong.err);
}

#[test]
fn a_shell_is_offered_what_the_file_has() {
    let place = folder("repository-complete");
    fs::write(place.join("small.ron"), SMALL).expect("a file");
    let offered = |words: &[&str]| {
        let mut asked = pathproof();
        let index = (words.len() - 1).to_string();
        asked.current_dir(&place).env("COMPLETE", "bash");
        asked.env("_CLAP_COMPLETE_INDEX", index).env("_CLAP_COMPLETE_COMP_TYPE", "9");
        asked.env("_CLAP_IFS", "\n").env("_CLAP_COMPLETE_SPACE", "false");
        ended(asked.arg("--").args(words)).out
    };
    let ends = offered(&["pathproof", "trace", "small.ron", "--from", "ins-"]);
    assert_eq!(ends.lines().collect::<Vec<_>>(), ["ins-client", "ins-web"]);
    let steps = offered(&["pathproof", "matrix", "small.ron", "--at", "the"]);
    assert!(steps.contains("the server stops"), "{steps}");
    let codes = offered(&["pathproof", "explain", "classic-link-sec"]);
    assert!(codes.contains("classic-link-secondary-cidr"), "{codes}");
}

#[test]
fn lines_are_as_wide_as_columns_says_within_what_can_be_read() {
    let wide = |columns: &str| {
        let mut asked = pathproof();
        asked.env("COLUMNS", columns);
        let text = ended(asked.args(["explain", "CL-6"])).out;
        let prose = text.lines().take_while(|line| !line.is_empty());
        prose.map(|line| line.chars().count()).max().unwrap_or(0)
    };
    let [narrow, piped, broad] = ["10", "", "500"].map(wide);
    assert!(narrow <= 60 && narrow > 40, "{narrow}");
    assert!(piped <= 100 && broad <= 140, "{piped} {broad}");
    assert!(narrow < piped, "{narrow} {piped}");
}
