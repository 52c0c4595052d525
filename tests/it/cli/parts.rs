//! Parquet files of slices: put together they are the whole, byte for byte, in every format; what does not go together is
//! refused.
//!
//! Most of this needs a program with the feature `parquet`: the one of these tests if they have it, or the one that
//! `PATHPROOF_WITH_PARQUET` names, which the gate builds anyway.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

use super::{ESTATE, Ended, SMALL, ended, file, folder};
use crate::shipped::{program, root};

const SPARE: &str = "scenarios/gateways/single-points-of-failure.ron";

/// Runs a program that has tables.
fn run(arguments: &[&str]) -> Ended {
    let mut own = program();
    if let Some(other) = std::env::var_os("PATHPROOF_WITH_PARQUET") {
        own = std::process::Command::new(root().join(other));
        own.env("PATHPROOF_LANG", "en");
    }
    ended(Command::from_std(own).current_dir(root()).args(arguments))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// Writes a part.
fn part(arguments: &[&str], shard: &str, place: &Path, name: &str) -> PathBuf {
    let path = place.join(name);
    let ended = run(&[arguments, &["--shard", shard, "-o", text(&path)]].concat());
    assert!(matches!(ended.code, Some(0 | 1)), "{}", ended.err);
    assert_eq!(ended.out, "", "what goes to a file is not printed");
    path
}

/// Writes a part for every slice; the last one first.
fn parts(arguments: &[&str], of: usize, place: &Path) -> Vec<PathBuf> {
    let slices = (1..=of).rev();
    let parts = slices.map(|number| {
        let name = format!("{number}.parquet");
        part(arguments, &format!("{number}/{of}"), place, &name)
    });
    parts.collect()
}

fn merge(parts: &[PathBuf], more: &[&str]) -> Ended {
    let parts: Vec<&str> = parts.iter().map(|path| text(path)).collect();
    run(&[&["merge"], &parts[..], more].concat())
}

/// That slices of a command are together what it is without, in these formats and as a table.
fn together(name: &str, arguments: &[&str], formats: &[&str], counts: &[usize]) {
    for of in counts {
        let place = folder(&format!("parts_{name}_{of}"));
        let parts = parts(arguments, *of, &place);
        for format in formats {
            let whole = run(&[arguments, &["--format", format]].concat());
            let merged = merge(&parts, &["--format", format]);
            assert_eq!(merged.out, whole.out, "{name} in {of}: {format}");
            assert_eq!(merged.code, whole.code, "{}", merged.err);
        }
        let whole = part(arguments, "1/1", &place, "whole.parquet");
        let all = place.join("all.parquet");
        let merged = merge(&parts, &["-o", text(&all)]);
        assert_eq!(merged.code, Some(0), "{}", merged.err);
        let bytes = |path: &Path| fs::read(path).expect("a file");
        assert_eq!(bytes(&all), bytes(&whole), "{name} in {of}");
        // What was put together can be read again.
        assert_eq!(
            merge(&[all], &["--format", formats[0]]).out,
            merge(&[whole], &["--format", formats[0]]).out
        );
    }
}

#[test]
#[cfg_attr(not(feature = "parquet"), ignore = "needs a program with Parquet")]
fn slices_of_a_matrix_are_together_the_whole_byte_for_byte() {
    let all = ["text", "json", "csv", "markdown"];
    together("vpc", &["matrix", ESTATE, "--by", "vpc"], &all, &[1, 2, 3, 4, 5, 6, 7, 20]);
    let asked =
        ["matrix", ESTATE, "--by", "subnet", "--service", "tcp:443", "--source-port", "2000"];
    together("subnet", &asked, &["json"], &[3]);
    let later = ["matrix", SPARE, "--at", "both servers are away"];
    together("later", &later, &["json"], &[2]);
}

#[test]
#[cfg_attr(not(feature = "parquet"), ignore = "needs a program with Parquet")]
fn slices_of_all_failures_are_together_the_whole_byte_for_byte() {
    together("alone", &["failures", SPARE], &["text", "json"], &[1, 2, 3, 4, 5, 6, 7, 20]);
    together("two", &["failures", SPARE, "-k", "2"], &["json", "text"], &[4]);
    let step = ["failures", "scenarios/changes/failures.ron", "--at", "the tunnel to the office"];
    together("step", &step, &["json", "text"], &[3]);
}

/// The files of a matrix by class.
fn tables(path: &Path) -> Vec<PathBuf> {
    let beside = ["members", "sets", "services"];
    let beside = beside.map(|name| path.with_extension(format!("{name}.parquet")));
    std::iter::once(path.to_owned()).chain(beside).collect()
}

#[test]
#[cfg_attr(not(feature = "parquet"), ignore = "needs a program with Parquet")]
fn slices_of_a_matrix_by_class_are_together_the_whole_byte_for_byte() {
    for (name, arguments) in [
        ("estate", &["matrix", ESTATE, "--by", "class"][..]),
        ("small", &["matrix", SPARE, "--by", "class", "--service", "tcp:22,443"]),
    ] {
        for of in [1, 2, 3, 5, 20] {
            let place = folder(&format!("parts_class_{name}_{of}"));
            let whole = part(arguments, "1/1", &place, "whole.parquet");
            let parts = parts(arguments, of, &place);
            let all = place.join("all.parquet");
            // As a pattern of names means them: with the tables beside each.
            let given: Vec<PathBuf> = parts.iter().flat_map(|part| tables(part)).collect();
            for given in [&parts, &given] {
                let merged = merge(given, &["-o", text(&all)]);
                assert_eq!(merged.code, Some(0), "{}", merged.err);
                for (all, whole) in tables(&all).iter().zip(tables(&whole)) {
                    let bytes = |path: &Path| fs::read(path).expect("a file");
                    assert_eq!(bytes(all), bytes(&whole), "{name} in {of}: {}", all.display());
                    fs::remove_file(all).expect("a file");
                }
            }
        }
    }
}

#[test]
#[cfg_attr(not(feature = "parquet"), ignore = "needs a program with Parquet")]
fn a_matrix_by_class_goes_with_its_own_tables_only() {
    let place = folder("parts_class_refused");
    let by_class = ["matrix", ESTATE, "--by", "class"];
    let own = parts(&by_class, 2, &place);
    let all = place.join("all.parquet");
    let refused = |words: &str| {
        let ended = merge(&own, &["-o", text(&all)]);
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{words}");
        assert!(ended.tells(words), "{words}: {}", ended.err);
        assert!(!all.exists(), "{words}");
    };
    let [_, members, sets, _] = &tables(&own[0])[..] else {
        panic!("four tables");
    };
    let kept = fs::read(members).expect("a table");
    fs::copy(&tables(&own[1])[1], members).expect("a table");
    refused("of another run");
    fs::remove_file(members).expect("a table");
    refused("cannot read");
    fs::write(members, kept).expect("a table");
    let kept = fs::read(sets).expect("a table");
    fs::copy(members, sets).expect("a table");
    refused("of another run");
    fs::write(sets, kept).expect("a table");
    let one = merge(&own[..1], &["-o", text(&all)]);
    assert!(one.tells("is missing"), "{}", one.err);
    // There is no text of it.
    for ended in [run(&by_class), merge(&own, &[])] {
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""));
        assert!(!ended.err.is_empty());
    }
}

#[test]
#[cfg_attr(not(feature = "parquet"), ignore = "needs a program with Parquet")]
fn what_does_not_go_together_is_refused_and_nothing_is_written() {
    let place = folder("parts_refused");
    let by_vpc = ["matrix", ESTATE, "--by", "vpc"];
    let own = parts(&by_vpc, 3, &place);
    let other = |name: &str, arguments: &[&str], shard: &str| part(arguments, shard, &place, name);
    let small = file("parts_small", "small.ron", SMALL);
    let one = ["matrix", &small];
    let old = other("old.parquet", &one, "1/2");
    fs::write(&small, SMALL.replace("tcp:80", "tcp:81")).expect("a file");
    let new = other("new.parquet", &one, "2/2");
    let junk = place.join("junk.parquet");
    fs::write(&junk, b"PAR1 and no more").expect("a file");
    let bytes = fs::read(&own[0]).expect("a part");
    let aged = place.join("aged.parquet");
    let (mine, theirs) = (env!("CARGO_PKG_VERSION"), "9.9.9");
    assert_eq!(mine.len(), theirs.len());
    let mut changed = bytes.clone();
    for at in 0..bytes.len() - mine.len() {
        if &bytes[at..at + mine.len()] == mine.as_bytes() {
            changed[at..at + mine.len()].copy_from_slice(theirs.as_bytes());
        }
    }
    fs::write(&aged, &changed).expect("a file");
    let by_subnet = ["matrix", ESTATE, "--by", "subnet"];
    let tcp = ["matrix", ESTATE, "--by", "vpc", "--service", "tcp:22"];
    let (a, b, c) = (own[0].clone(), own[1].clone(), own[2].clone());
    for (parts, words) in [
        (vec![a.clone(), b.clone()], "slice 1/3 is missing"),
        (vec![a.clone(), b.clone(), c.clone(), a.clone()], "slice 3/3 is there twice"),
        (vec![old, new], "different files"),
        (vec![a.clone(), b.clone(), other("q.parquet", &by_subnet, "1/3")], "different questions"),
        (vec![a.clone(), b.clone(), other("s.parquet", &tcp, "1/3")], "different questions"),
        (
            vec![a.clone(), b.clone(), other("n.parquet", &by_vpc, "1/4")],
            "different numbers of slices",
        ),
        (
            vec![a.clone(), b.clone(), other("f.parquet", &["failures", ESTATE], "1/3")],
            "different commands",
        ),
        (vec![aged, b.clone(), c.clone()], "version"),
        (vec![a.clone(), b.clone(), junk], "cannot read"),
        (vec![a, b, place.join("none.parquet")], "cannot read"),
    ] {
        let all = place.join("all.parquet");
        for more in [&["--format", "csv"][..], &["-o", text(&all)]] {
            let ended = merge(&parts, more);
            assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{words}");
            assert!(ended.tells(words), "{words}: {}", ended.err);
            assert!(!all.exists(), "{words}");
        }
    }
    let wrong = run(&["matrix", ESTATE, "-o", text(&place.join("part.csv"))]);
    assert_eq!(wrong.code, Some(2), "{}", wrong.err);
    let broken = place.join("budget.parquet");
    let ended = run(&["matrix", ESTATE, "--budget", "1", "-o", text(&broken)]);
    assert_eq!((ended.code, broken.exists()), (Some(1), false), "{}", ended.err);
}

#[test]
#[cfg(not(feature = "parquet"))]
fn a_program_without_tables_says_which_has_them() {
    let place = folder("parts_without");
    let path = place.join("part.parquet");
    let path = text(&path);
    for arguments in
        [&["matrix", ESTATE, "-o", path][..], &["failures", SPARE, "-o", path], &["merge", path]]
    {
        let ended = super::run(arguments);
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ended.tells("--features parquet"), "{}", ended.err);
        assert!(!Path::new(path).exists());
    }
}
