//! Tries the woven mutants: the tests run once for each, the quick ones first, until one of them fails.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::weave::NAMES;

/// The table that is written: number, caught by which round (or `missed`), seconds, name.
const TABLE: &str = "mutants.tsv";

/// Longer than any round takes; what never ends is caught, too.
const PATIENCE: Duration = Duration::from_secs(240);

/// A run of tests: which binary, with which filters.
struct Round {
    name: &'static str,
    binary: &'static str,
    filters: &'static [&'static str],
    settings: &'static [(&'static str, &'static str)],
}

/// From the quickest to the slowest.
const ROUNDS: [Round; 4] = [
    Round {
        name: "unit",
        binary: "pathproof",
        filters: &["space::", "engine::", "fabric::", "verify::"],
        settings: &[],
    },
    Round {
        name: "voices",
        binary: "it",
        filters: &["library::", "three_voices::", "blockers::"],
        settings: &[("PATHPROOF_NETWORKS", "40")],
    },
    Round {
        name: "questions",
        binary: "it",
        filters: &[
            "reach::",
            "changes::",
            "asking::",
            "unmodelled::",
            "rules::",
            "whatif::",
            "between::",
            "matrix::",
        ],
        settings: &[("PATHPROOF_PAIRS", "10")],
    },
    Round {
        name: "rest",
        binary: "it",
        filters: &[
            "causes::",
            "selectors::",
            "rewrites::",
            "lint::",
            "page::",
            "budget::",
            "fix",
            "cli::",
        ],
        settings: &[],
    },
];

#[derive(Debug, PartialEq)]
enum Ended {
    Passed,
    Failed(String),
    TookTooLong,
}

/// Builds the tests and says where they are.
fn built() -> Result<BTreeMap<String, PathBuf>, Box<dyn Error>> {
    let mut cargo = Command::new("cargo");
    cargo.args([
        "test",
        "--no-run",
        "--lib",
        "--test",
        "it",
        "--message-format",
        "json-render-diagnostics",
    ]);
    cargo.args([
        "--config",
        "profile.test.package.pathproof.opt-level=1",
        "--config",
        "profile.test.package.pathproof.debug=false",
    ]);
    let output = cargo.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err("the woven sources do not compile: put the names of those that do not into mutants.unviable".into());
    }
    let mut binaries = BTreeMap::new();
    for line in output.stdout.split(|byte| *byte == b'\n') {
        let Ok(told) = serde_json::from_slice::<serde_json::Value>(line) else {
            continue;
        };
        if let (Some(path), Some(name)) =
            (told["executable"].as_str(), told["target"]["name"].as_str())
        {
            binaries.insert(name.to_owned(), PathBuf::from(path));
        }
    }
    Ok(binaries)
}

/// Runs a round with a mutant on; the first test that fails ends it.
fn tried(round: &Round, binary: &PathBuf, number: usize) -> Result<Ended, Box<dyn Error>> {
    let mut command = Command::new(binary);
    command
        .args(round.filters)
        .env("PATHPROOF_MUTANT", number.to_string())
        .envs(round.settings.iter().copied());
    command
        .env("CARGO_MANIFEST_DIR", std::env::current_dir()?)
        .env("INSTA_UPDATE", "no");
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let output = child.stdout.take().ok_or("a pipe")?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some(test) = line
                .strip_prefix("test ")
                .and_then(|it| it.strip_suffix(" ... FAILED"))
            {
                let _ = sender.send(test.to_owned());
            }
        }
    });
    let ended = match receiver.recv_timeout(PATIENCE) {
        Ok(test) => Ended::Failed(test),
        Err(mpsc::RecvTimeoutError::Timeout) => Ended::TookTooLong,
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            let status = child.wait()?;
            return Ok(if status.success() {
                Ended::Passed
            } else {
                Ended::Failed("the process".into())
            });
        }
    };
    child.kill()?;
    child.wait()?;
    Ok(ended)
}

/// Tries all mutants, or those of some numbers.
pub fn run(only: &[&str]) -> Result<(), Box<dyn Error>> {
    let binaries = built()?;
    for round in &ROUNDS {
        let begun = Instant::now();
        let ended = tried(round, &binaries[round.binary], 0)?;
        println!(
            "without a mutant, {}: {ended:?} in {:.1} s",
            round.name,
            begun.elapsed().as_secs_f32()
        );
        if ended != Ended::Passed {
            return Err("the tests fail without a mutant".into());
        }
    }
    let names = fs::read_to_string(NAMES)?;
    let mut table = File::options().create(true).append(true).open(TABLE)?;
    let (mut caught, mut all) = (0, 0);
    for (number, name) in names.lines().filter_map(|line| line.split_once('\t')) {
        if !only.is_empty() && !only.contains(&number) {
            continue;
        }
        let begun = Instant::now();
        let mut by = "missed".to_owned();
        for round in &ROUNDS {
            match tried(round, &binaries[round.binary], number.parse()?)? {
                Ended::Passed => continue,
                Ended::Failed(test) => by = format!("{}: {test}", round.name),
                Ended::TookTooLong => by = format!("{}: took too long", round.name),
            }
            break;
        }
        all += 1;
        caught += usize::from(by != "missed");
        let line = format!(
            "{number}\t{by}\t{:.1}\t{name}\n",
            begun.elapsed().as_secs_f32()
        );
        print!("{line}");
        table.write_all(line.as_bytes())?;
    }
    println!("{caught} of {all} caught");
    Ok(())
}
