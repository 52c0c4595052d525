//! Tries the woven mutants: round by round, the quick tests first, each mutant until a test fails. What was tried stands
//! in the table, so that a run that was stopped goes on where it was.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use crate::weave::NAMES;

/// The table that is written: number, round, how it ended, seconds, name.
const TABLE: &str = "mutants.tsv";

/// What the table says of a mutant that no test of a round noticed.
const PASSED: &str = "passed";

/// How much more processor time than without a mutant a round may take; what takes more is caught, too.
const PATIENCE: u64 = 3;

/// Seconds that are added to that, for what is over in a moment.
const AT_LEAST: u64 = 5;

/// How much longer than its processor time a round may last, on a machine that others use.
const CROWDED: u32 = 12;

/// A mutant that asks for more kilobytes is caught, and does not take the machine down.
const MEMORY: u64 = 6_000_000;

/// A run of tests: which binary, with which filters and settings.
struct Round {
    name: &'static str,
    /// The mutants of which files it is for: the tests of the algebra know nothing else.
    of: &'static str,
    binary: &'static str,
    filters: &'static [&'static str],
    settings: &'static [(&'static str, &'static str)],
}

/// From what catches the most in a second to what takes the longest.
const ROUNDS: [Round; 8] = [
    Round {
        name: "algebra",
        of: "src/space/",
        binary: "pathproof",
        filters: &["space::"],
        settings: &[],
    },
    Round {
        name: "scenarios",
        of: "",
        binary: "it",
        filters: &["library::every_shipped_scenario_holds"],
        settings: &[],
    },
    Round {
        name: "unit",
        of: "",
        binary: "pathproof",
        filters: &["engine::", "fabric::", "verify::"],
        settings: &[],
    },
    Round { name: "corners", of: "", binary: "it", filters: &["corners::"], settings: &[] },
    Round { name: "library", of: "", binary: "it", filters: &["library::"], settings: &[] },
    Round {
        name: "questions",
        of: "",
        binary: "it",
        filters: &[
            "asking::",
            "between::",
            "causes::",
            "changes::",
            "matrix::",
            "memory::",
            "reach::",
            "rewrites::",
            "rules::",
            "selectors::",
            "unmodelled::",
            "whatif::",
        ],
        settings: &[("PATHPROOF_PAIRS", "4")],
    },
    Round {
        name: "voices",
        of: "",
        binary: "it",
        filters: &["three_voices::", "blockers::"],
        settings: &[("PATHPROOF_NETWORKS", "60")],
    },
    Round { name: "everything", of: "", binary: "it", filters: &[], settings: &[] },
];

#[derive(Clone, Debug, PartialEq)]
enum Ended {
    Passed,
    Failed(String),
    TookTooLong,
}

impl Ended {
    fn told(&self) -> &str {
        match self {
            Self::Passed => PASSED,
            Self::Failed(test) => test,
            Self::TookTooLong => "took too long",
        }
    }
}

/// Builds the tests and says where they are.
fn built() -> Result<BTreeMap<String, PathBuf>, Box<dyn Error>> {
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--no-run", "--lib", "--test", "it"]);
    cargo.args(["--message-format", "json-render-diagnostics"]);
    cargo.args(["--config", "profile.test.package.pathproof.opt-level=1"]);
    cargo.args(["--config", "profile.test.package.pathproof.debug=false"]);
    let output = cargo.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err("the woven sources do not compile".into());
    }
    let mut binaries = BTreeMap::new();
    for line in output.stdout.split(|byte| *byte == b'\n') {
        let Ok(told) = serde_json::from_slice::<serde_json::Value>(line) else {
            continue;
        };
        // The program has the library's name, and is no test.
        let executable = told["executable"].as_str().filter(|_| told["profile"]["test"] == true);
        if let (Some(path), Some(name)) = (executable, told["target"]["name"].as_str()) {
            binaries.insert(name.to_owned(), PathBuf::from(path));
        }
    }
    Ok(binaries)
}

/// The tests of a round with a mutant on, as a group of processes of their own; on one core, so that a test takes as
/// long whatever the others do. The shell sets the limits and says at the end what they took.
fn started(round: &Round, binary: &Path, number: usize, seconds: u64) -> std::io::Result<Child> {
    let script =
        format!("ulimit -v {MEMORY}; ulimit -t {seconds}; \"$@\"; code=$?; times; exit $code");
    Command::new("sh")
        .args(["-c", &script, "sh"])
        .arg(binary)
        .args(round.filters)
        .env("PATHPROOF_MUTANT", number.to_string())
        .env("RUST_TEST_THREADS", "1")
        .env("RAYON_NUM_THREADS", "2")
        .env("INSTA_UPDATE", "no")
        .envs(round.settings.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
}

fn stopped(child: &mut Child) -> std::io::Result<()> {
    let group = format!("-{}", child.id());
    Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status()?;
    child.wait()?;
    Ok(())
}

/// Reads until a test fails or all have ended: the test, and all that was read.
fn read(output: ChildStdout) -> (Option<String>, String) {
    let mut output = BufReader::new(output);
    let (mut line, mut all) = (String::new(), String::new());
    while output.read_line(&mut line).is_ok_and(|read| read > 0) {
        let test = line.strip_prefix("test ");
        if let Some(test) = test.and_then(|it| it.trim_end().strip_suffix(" ... FAILED")) {
            return (Some(test.to_owned()), all);
        }
        all += &line;
        line.clear();
    }
    let _ = output.read_to_string(&mut all);
    (None, all)
}

/// Runs a round with a mutant on, and how many seconds of processor time it took; the first test that fails ends it.
fn tried(
    round: &Round,
    binary: &Path,
    number: usize,
    seconds: u64,
) -> Result<(Ended, u64), Box<dyn Error>> {
    let begun = Instant::now();
    let mut child = started(round, binary, number, seconds)?;
    let output = child.stdout.take().ok_or("a pipe")?;
    let reader = thread::spawn(move || read(output));
    let patience = Duration::from_secs(seconds) * CROWDED;
    while !reader.is_finished() && begun.elapsed() < patience {
        thread::sleep(Duration::from_millis(20));
    }
    if !reader.is_finished() {
        stopped(&mut child)?;
        return Ok((Ended::TookTooLong, seconds));
    }
    let (failed, all) = reader.join().map_err(|_| "what was read is lost")?;
    if let Some(test) = failed {
        stopped(&mut child)?;
        return Ok((Ended::Failed(test), 0));
    }
    let code = child.wait()?.code();
    let spent = all.lines().last().map_or(0, spent);
    Ok(match code {
        Some(0) => (Ended::Passed, spent),
        // What the shell says of a process that a signal ended, here those of the processor time.
        Some(137 | 152) => (Ended::TookTooLong, spent),
        code => (Ended::Failed(format!("ends with {code:?}")), spent),
    })
}

/// The seconds of a line like `1m2.34s 0m0.10s`.
fn spent(line: &str) -> u64 {
    let one = |part: &str| {
        let (minutes, seconds) = part.strip_suffix('s')?.split_once('m')?;
        let (minutes, seconds): (f64, f64) = (minutes.parse().ok()?, seconds.parse().ok()?);
        Some((minutes * 60.0 + seconds).ceil() as u64)
    };
    line.split_whitespace().filter_map(one).sum()
}

/// What is known of the mutants so far.
struct Tried {
    names: BTreeMap<usize, String>,
    /// The rounds that a mutant has been through, and how the last one ended.
    rounds: BTreeMap<usize, BTreeMap<String, String>>,
    table: File,
}

impl Tried {
    fn of(only: &[&str]) -> Result<Self, Box<dyn Error>> {
        let names = fs::read_to_string(NAMES)
            .map_err(|error| format!("{NAMES}: {error}: weave a sample first"))?;
        let lines = names.lines().filter_map(|line| line.split_once('\t'));
        let lines = lines.filter(|(number, _)| only.is_empty() || only.contains(number));
        let names = lines.map(|(number, name)| Ok((number.parse()?, name.to_owned())));
        let names: BTreeMap<usize, String> = names.collect::<Result<_, Box<dyn Error>>>()?;
        let mut rounds: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for line in fs::read_to_string(TABLE).unwrap_or_default().lines() {
            let [number, round, how, _, name] = line.split('\t').collect::<Vec<_>>()[..] else {
                continue;
            };
            let number: usize = number.parse()?;
            if names.get(&number).is_some_and(|known| known != name) {
                return Err(
                    format!("{TABLE} is of another sample: mutant {number} is {name}").into()
                );
            }
            let known = rounds.entry(number).or_default();
            known.insert(round.to_owned(), how.to_owned());
        }
        let table = File::options().create(true).append(true).open(TABLE)?;
        Ok(Self { names, rounds, table })
    }

    /// By which round and test a mutant was caught.
    fn caught(&self, number: usize) -> Option<(&str, &str)> {
        let mut rounds = self.rounds.get(&number)?.iter();
        let (round, how) = rounds.find(|(_, how)| *how != PASSED)?;
        Some((round, how))
    }

    /// The mutants that a round is still to try.
    fn left(&self, round: &Round) -> BTreeSet<usize> {
        let of = self.names.iter().filter(|(_, name)| name.starts_with(round.of));
        let numbers = of.map(|(number, _)| *number);
        let left = numbers.filter(|number| {
            let known = self.rounds.get(number);
            let been = known.is_some_and(|known| known.contains_key(round.name));
            !been && self.caught(*number).is_none()
        });
        left.collect()
    }

    fn add(
        &mut self,
        number: usize,
        round: &Round,
        ended: &Ended,
        seconds: f32,
    ) -> std::io::Result<()> {
        let (how, name) = (ended.told(), &self.names[&number]);
        let line = format!("{number}\t{}\t{how}\t{seconds:.1}\t{name}\n", round.name);
        print!("{line}");
        self.table.write_all(line.as_bytes())?;
        let known = self.rounds.entry(number).or_default();
        known.insert(round.name.to_owned(), how.to_owned());
        Ok(())
    }

    /// What each round caught, the share of all, and the names of those that nothing caught.
    fn summary(&self) -> String {
        let mut by: BTreeMap<&str, usize> = BTreeMap::new();
        let mut missed = String::new();
        for (number, name) in &self.names {
            match self.caught(*number) {
                Some((round, _)) => *by.entry(round).or_default() += 1,
                None => missed += &format!("missed: {number}\t{name}\n"),
            }
        }
        let (caught, all): (usize, usize) = (by.values().sum(), self.names.len());
        let rounds = ROUNDS.iter().filter_map(|round| {
            let count = by.get(round.name)?;
            Some(format!("{:>5}  {}\n", count, round.name))
        });
        let rounds: String = rounds.collect();
        let share = 100.0 * caught as f64 / all.max(1) as f64;
        format!("{missed}{rounds}{caught} of {all} caught, {share:.1} %")
    }
}

/// The rounds that `PATHPROOF_ROUNDS` names, with a comma between; all without it.
fn rounds() -> Result<Vec<&'static Round>, String> {
    let Ok(told) = std::env::var("PATHPROOF_ROUNDS") else {
        return Ok(ROUNDS.iter().collect());
    };
    let named = told.split(',').map(|name| {
        let mut rounds = ROUNDS.iter();
        let round = rounds.find(|round| round.name == name);
        round.ok_or_else(|| format!("no round {name}"))
    });
    named.collect()
}

/// Tries all mutants, or those of some numbers, as many at once as there are cores, or as `PATHPROOF_JOBS` says.
pub fn run(only: &[&str]) -> Result<(), Box<dyn Error>> {
    let told = std::env::var("PATHPROOF_JOBS").ok();
    let jobs = match told.map(|it| it.parse()).transpose()? {
        Some(jobs) => jobs,
        None => thread::available_parallelism()?.get(),
    };
    let rounds = rounds()?;
    let mut tried_before = Tried::of(only)?;
    let binaries = built()?;
    for round in rounds {
        let left = tried_before.left(round);
        if left.is_empty() {
            continue;
        }
        let binary = binaries.get(round.binary).ok_or("a binary of tests")?;
        let (ended, took) = tried(round, binary, 0, 100_000)?;
        if ended != Ended::Passed {
            return Err(format!("{} fails without a mutant: {}", round.name, ended.told()).into());
        }
        println!("{}: {took} s without a mutant, {} to try", round.name, left.len());
        let seconds = took * PATIENCE + AT_LEAST;
        let (queue, known) = (Mutex::new(left.into_iter()), Mutex::new(&mut tried_before));
        let work = || -> Result<(), String> {
            loop {
                let next = queue.lock().map_err(|it| it.to_string())?.next();
                let Some(number) = next else { return Ok(()) };
                let begun = Instant::now();
                let (ended, _) =
                    tried(round, binary, number, seconds).map_err(|it| it.to_string())?;
                let took = begun.elapsed().as_secs_f32();
                let mut known = known.lock().map_err(|it| it.to_string())?;
                known.add(number, round, &ended, took).map_err(|it| it.to_string())?;
            }
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
            let mut ends = workers.into_iter().map(|worker| worker.join());
            ends.try_for_each(|end| end.map_err(|_| "a worker ended".to_owned())?)
        })?;
    }
    println!("{}", tried_before.summary());
    Ok(())
}
