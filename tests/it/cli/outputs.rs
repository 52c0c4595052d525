//! Outputs that cannot be written: closed, full, or left by their reader, for every command.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{ESTATE, SMALL, file, folder};
use crate::shipped::root;

const CHANGE: &str = "--change=Down(\"ins-web\")";

/// Every command, with what it ends with where its words are read.
fn commands(path: &str) -> Vec<(Vec<&str>, i32)> {
    let pair = ["--from", "ins-client", "--to", "ins-web"];
    let asked = |command| [&[command, path][..], &pair].concat();
    vec![
        (vec!["check", path], 0),
        (vec!["check", path, "--list"], 0),
        (vec!["check", path, "--format", "json"], 0),
        (asked("trace"), 0),
        (asked("reach"), 0),
        (asked("fix"), 0),
        (vec!["matrix", path], 0),
        (vec!["whatif", path, CHANGE], 1),
        (vec!["diff", path, ESTATE], 1),
        (vec!["lint", path], 0),
        (vec!["graph", path], 0),
        (vec!["report", path], 0),
        (vec!["links", ESTATE], 0),
        (vec!["fmt", "-"], 0),
        (vec!["init", "-"], 0),
        (vec!["import", "terraform", "-"], 0),
        (vec!["generate", "--instances=50", "--vpcs=2", "--groups=5"], 0),
        (vec!["explain"], 0),
        (vec!["schema", "check"], 0),
        (vec!["completions", "bash"], 0),
        (vec!["man"], 0),
        (vec!["--help"], 0),
        (vec!["--help", "--lang", "zh"], 0),
        (vec!["check", "--help"], 0),
        (vec!["--version"], 0),
    ]
}

/// What a shell makes of the program with these arguments and something behind them; the status, and what was said on
/// standard error.
fn shell(test: &str, arguments: &[&str], behind: &str) -> (Option<i32>, String) {
    limited(test, "", arguments, behind)
}

/// The same with something before it.
fn limited(test: &str, before: &str, arguments: &[&str], behind: &str) -> (Option<i32>, String) {
    let program = env!("CARGO_BIN_EXE_pathproof");
    let line = format!("{before} \"$0\" \"$@\" {behind}");
    let mut command = Command::new("bash");
    command.args(["-c", &line, program]).args(arguments);
    command.current_dir(root()).env("LC_ALL", "C");
    let input = folder(&format!("{test}-input")).join("input");
    let text = if arguments[0] == "fmt" {
        SMALL
    } else {
        "{\"values\": {\"root_module\": {\"resources\": []}}}"
    };
    fs::write(&input, text).expect("an input");
    command.stdin(fs::File::open(&input).expect("the input"));
    let ended = command.output().expect("a shell");
    let words = String::from_utf8_lossy(&ended.stderr).into_owned();
    (ended.status.code(), words)
}

/// Says of each command how it ends when its standard output is led elsewhere.
#[track_caller]
fn each(test: &str, behind: &str, check: impl Fn(&[&str], i32, (Option<i32>, String))) {
    let path = file(test, "small.ron", SMALL);
    for (arguments, usual) in commands(&path) {
        let ended = shell(test, &arguments, behind);
        check(&arguments, usual, ended);
    }
}

#[test]
fn every_command_has_a_result_that_can_be_read() {
    each("outputs-read", "> /dev/null", |arguments, usual, (code, err)| {
        assert_eq!(code, Some(usual), "{arguments:?}: {err}");
    });
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
#[test]
fn closed_standard_output_is_an_error() {
    each("outputs-closed", ">&-", |arguments, _, (code, err)| {
        assert_eq!(code, Some(3), "{arguments:?}: {err}");
        let last = err.lines().last().unwrap_or_default();
        let said = last.starts_with("error: the output could not be written: Bad file")
            || last.starts_with("错误: 无法写出结果：Bad file");
        assert!(said, "{arguments:?}: {err}");
    });
    let path = file("outputs-closed-all", "small.ron", SMALL);
    let all = shell("outputs-closed-all", &["check", &path], "<&- >&- 2>&-");
    assert_eq!(all, (Some(3), String::new()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_standard_output_is_an_error() {
    each("outputs-full", "> /dev/full", |arguments, _, (code, err)| {
        assert_eq!(code, Some(3), "{arguments:?}: {err}");
        assert!(err.contains("No space left"), "{arguments:?}: {err}");
    });
}

#[test]
fn a_reader_who_leaves_changes_no_status_and_hears_nothing() {
    let behind = "| true; exit ${PIPESTATUS[0]}";
    each("outputs-left", behind, |arguments, usual, (code, err)| {
        assert_eq!(code, Some(usual), "{arguments:?}: {err}");
        assert!(!err.contains("error"), "{arguments:?}: {err}");
    });
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
#[test]
fn what_has_nothing_to_say_needs_no_stream() {
    let path = file("outputs-silent", "small.ron", SMALL);
    let picture = Path::new(&path).with_file_name("small.svg");
    let picture = picture.to_str().expect("a path");
    let drawn = shell("outputs-silent", &["graph", &path, "-q", "-o", picture], ">&- 2>&-");
    assert_eq!(drawn.0, Some(0));
    let checked = shell("outputs-silent", &["check", &path], "> /dev/null 2>&-");
    assert_eq!(checked.0, Some(0));
    let unsaid = shell("outputs-silent", &["check", "missing.ron"], "> /dev/null 2>&-");
    assert_eq!(unsaid.0, Some(3), "why it ends with 2 could not be said");
}

/// What lies in the folder of a file.
fn beside(path: &Path) -> Vec<String> {
    let folder = fs::read_dir(path.parent().expect("a folder")).expect("a folder");
    let names = folder.map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<_> = names.map(|it| it.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[cfg(unix)]
#[test]
fn a_file_that_does_not_fit_leaves_the_old_one_whole_whoever_writes_it() {
    // No file may have a single byte; the signal for it is not wanted, the error is.
    let behind = "; exit $?";
    let before = "trap '' XFSZ; ulimit -c 0; ulimit -f 0;";
    let crooked = SMALL.replace("    name", "  name");
    let path = file("outputs-unfit", "small.ron", &crooked);
    let old = Path::new(&path).with_file_name("old");
    fs::write(&old, "old").expect("a file");
    let target = old.to_str().expect("a path");
    let report = format!("junit={target}");
    let pair = ["--from", "ins-client", "--to", "ins-web", "-s", "tcp:22", "-o", target];
    for arguments in [
        &["fmt", &path][..],
        &["graph", &path, "-o", target],
        &["report", &path, "-o", target],
        &["check", &path, "--report", &report],
        &[&["fix", &path], &pair[..]].concat(),
        &["generate", "--instances=50", "--vpcs=2", "--groups=5", "-o", target],
        &["import", "terraform", "-", "-o", target],
    ] {
        let (code, err) = limited("outputs-unfit", before, arguments, behind);
        assert_eq!(code, Some(3), "{arguments:?}: {err}");
        assert!(err.contains("cannot be written"), "{arguments:?}: {err}");
        assert_eq!(fs::read_to_string(&old).expect("the old file"), "old");
        assert_eq!(fs::read_to_string(&path).expect("the input"), crooked);
        assert_eq!(beside(&old), ["old", "small.ron"], "{arguments:?}");
    }
    let new = old.with_file_name("new.ron");
    let init = ["init", new.to_str().expect("a path")];
    assert_eq!(limited("outputs-unfit", before, &init, behind).0, Some(3));
    assert_eq!(beside(&old), ["old", "small.ron"], "half a file is none");
}

#[cfg(unix)]
#[test]
fn whenever_the_program_is_killed_a_file_is_the_old_or_the_new_one() {
    let path = file("outputs-killed", "region.ron", "old");
    let arguments = ["generate", "--instances=2000", "--vpcs=4", "--groups=20", "-o", &path];
    let whole = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pathproof"));
        command.args(arguments).stderr(std::process::Stdio::null());
        command.spawn().expect("the program starts")
    };
    assert!(whole().wait().expect("it ends").success());
    let new = fs::read_to_string(&path).expect("the new file");
    let mut killed = 0;
    for step in 0..20_u64 {
        fs::write(&path, "old").expect("the old file");
        let mut running = whole();
        std::thread::sleep(std::time::Duration::from_millis(step * step));
        running.kill().expect("a signal");
        killed += u32::from(!running.wait().expect("it ends").success());
        let found = fs::read_to_string(&path).expect("a file");
        assert!(found == "old" || found == new, "{} bytes", found.len());
    }
    assert!(killed > 0, "it was never killed in time");
}
