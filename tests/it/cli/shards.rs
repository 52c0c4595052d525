//! `--shard K/N`: slices that many machines work on are together the whole, whatever their number.

use std::collections::BTreeSet;
use std::fs;

use assert_cmd::Command;

use super::{ESTATE, SMALL, file, folder, run};
use crate::shipped::{program, root};

/// Runs a command in each of so many slices.
fn slices(arguments: &[&str], of: usize) -> Vec<super::Ended> {
    let slice = |number: usize| {
        let shard = format!("{number}/{of}");
        run(&[arguments, &["--shard", &shard]].concat())
    };
    (1..=of).map(slice).collect()
}

/// Numbers of slices, one of them larger than any work here.
const COUNTS: [usize; 8] = [1, 2, 3, 4, 5, 6, 7, 20];

#[test]
fn the_rows_of_all_slices_of_a_matrix_are_its_rows_in_order() {
    let split = |out: &str| {
        let (head, rows) = out.split_once('\n').expect("a head");
        (head.to_owned(), rows.to_owned())
    };
    let together = |by: &str, of: usize| {
        let arguments = ["matrix", ESTATE, "--by", by, "--format", "csv"];
        let (head, whole) = split(&run(&arguments).out);
        let mut rows = String::new();
        for part in slices(&arguments, of) {
            assert_eq!(part.code, Some(0), "{}", part.err);
            let (own, more) = split(&part.out);
            assert_eq!(own, head);
            rows += &more;
        }
        assert_eq!(rows, whole, "{by} in {of}");
    };
    for of in COUNTS {
        together("vpc", of);
    }
    for by in ["endpoint", "subnet", "group"] {
        together(by, 3);
    }
}

#[test]
fn a_slice_of_a_matrix_says_which_it_is() {
    let whole = run(&["matrix", ESTATE, "--format", "json"]).json();
    assert!(whole["shard"].is_null());
    let mut rows = Vec::new();
    for (index, part) in slices(&["matrix", ESTATE, "--format", "json"], 3).iter().enumerate() {
        let part = part.json();
        assert_eq!(part["shard"], format!("{}/3", index + 1));
        assert_eq!(part["columns"], whole["columns"]);
        rows.extend(part["rows"].as_array().expect("rows").clone());
    }
    assert_eq!(Some(&rows), whole["rows"].as_array());
    let collapsed = run(&["matrix", ESTATE, "--collapse", "--shard", "1/2"]);
    assert_eq!((collapsed.code, collapsed.out.as_str()), (Some(2), ""));
    assert!(collapsed.tells("--collapse"), "{}", collapsed.err);
}

#[test]
fn every_file_of_a_check_is_run_by_one_slice() {
    let paths = |ended: &super::Ended| -> Vec<String> {
        let value = ended.json();
        let files = value["files"].as_array().expect("files").iter();
        files.map(|file| file["path"].to_string()).collect()
    };
    let place = folder("shard_files");
    for name in ["a", "b", "c", "d", "e"] {
        fs::write(place.join(format!("{name}.ron")), SMALL).expect("a file");
    }
    let place = place.to_str().expect("a path in UTF-8");
    let arguments = ["check", place, "--format", "json"];
    let whole: Vec<String> = paths(&run(&arguments));
    assert_eq!(whole.len(), 5);
    for of in COUNTS {
        let parts = slices(&arguments, of);
        let all: Vec<String> = parts.iter().flat_map(paths).collect();
        let once: BTreeSet<&String> = all.iter().collect();
        assert_eq!(once.len(), all.len(), "{of}");
        assert_eq!(once, whole.iter().collect(), "{of}");
        // A slice that has nothing to do has nothing to complain of.
        assert!(parts.iter().all(|part| part.code == Some(0)), "{of}");
    }
    let listed = |shard| run(&["check", "scenarios/classic-link", "--list", "--shard", shard]);
    let (one, two) = (listed("1/2").out, listed("2/2").out);
    assert!(!one.is_empty() && !two.is_empty() && one != two);
}

#[test]
fn a_slice_fails_where_the_whole_does() {
    let bad =
        file("shard_bad", "bad.ron", SMALL.replace("expect: [Reachable", "expect: [Unreachable"));
    let good = file("shard_good", "good.ron", SMALL);
    let codes = |paths: [&str; 2]| -> Vec<Option<i32>> {
        let parts = slices(&["check", paths[0], paths[1]], 3);
        parts.iter().map(|part| part.code).collect()
    };
    assert_eq!(codes([&good, &bad]), [Some(0), Some(1), Some(0)]);
    // Where nobody asks for anything, every slice says so as the whole does.
    let silent = SMALL.replace(
        "expect: [Reachable(from: \"ins-client\", to: \"ins-web\", service: \"tcp:80\")],",
        "",
    );
    let silent = file("shard_silent", "silent.ron", silent);
    assert_eq!(run(&["check", &silent]).code, Some(1));
    assert_eq!(codes([&silent, &silent]), [Some(1), Some(1), Some(1)]);
    assert_eq!(codes([&silent, &good]), [Some(0), Some(0), Some(0)]);
}

/// Runs in a Job of Kubernetes that says these of its two numbers.
fn in_job(index: Option<&str>, count: Option<&str>, arguments: &[&str]) -> super::Ended {
    let mut command = Command::from_std(program());
    command.current_dir(root()).args(arguments);
    for (name, value) in [("JOB_COMPLETION_INDEX", index), ("JOB_COMPLETIONS", count)] {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    super::ended(&mut command)
}

#[test]
fn a_job_says_which_slice_it_is_unless_the_command_line_does() {
    let arguments = ["matrix", ESTATE, "--format", "csv"];
    let asked = |shard: &str| run(&[&arguments[..], &["--shard", shard]].concat()).out;
    let own = in_job(Some("1"), Some("4"), &arguments);
    assert_eq!((own.code, own.out), (Some(0), asked("2/4")));
    let told = in_job(Some("1"), Some("4"), &[&arguments[..], &["--shard", "1/2"]].concat());
    assert_eq!(told.out, asked("1/2"));
}

#[test]
fn nonsense_about_slices_ends_with_2_and_does_nothing() {
    for command in ["check", "matrix"] {
        for shard in ["0/4", "5/4", "4", "", "a/b", "1/0"] {
            let ended = run(&[command, ESTATE, "--shard", shard]);
            assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{shard}");
            assert!(ended.tells("--shard"), "{shard}: {}", ended.err);
        }
        for (index, count) in [
            (Some("1"), None),
            (None, Some("2")),
            (Some("2"), Some("2")),
            (Some("x"), Some("2")),
            (Some("0"), Some("")),
        ] {
            let ended = in_job(index, count, &[command, ESTATE]);
            assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""));
            assert!(ended.tells("JOB_COMPLETION"), "{}", ended.err);
            let chinese = in_job(index, count, &[command, ESTATE, "--lang", "zh"]);
            assert!(chinese.tells("错误"), "{}", chinese.err);
        }
    }
}
