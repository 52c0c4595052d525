//! Any input at all: the targets of `fuzz/` on seeded mutations of what is shipped, in this process.
//!
//! An ordinary run takes a few inputs a target. `PATHPROOF_FUZZ=100000 cargo test --release fuzz -- --nocapture` runs
//! longer and tells the figures; `PATHPROOF_SEED=7` begins elsewhere. An input that fails is written to the folder of
//! the tests, and named: one that panics, one that takes too long three times in a row, and in a longer run of one
//! target (of several together nobody knows whose it is) one with which the process takes more memory than it may.

#[path = "../../fuzz/targets.rs"]
mod targets;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::random::Dice;
use crate::shipped::{below, root, scenarios};
use crate::three_voices::setting;

/// Inputs a target in an ordinary run.
const INPUTS: u64 = 40;

/// The same of a target whose inputs cost little, and whose mistakes are rare: an id that is lost or stands twice.
const MANY_INPUTS: u64 = 400;

/// More than an input may take; a machine that runs all tests at once, without optimisation, is slow.
const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 60 } else { 2 });

/// More megabytes than a process may take, whatever the input.
const ROOM: u64 = 500;

/// Edges of numbers and notations, and what readers trip over.
const WORDS: [&str; 40] = [
    "0",
    "-1",
    "65535",
    "65536",
    "4294967296",
    "18446744073709551616",
    "1e999",
    "0.0.0.0/0",
    "::/0",
    "10.0.0.0/33",
    "255.255.255.255",
    "fe80::1/128",
    "internet",
    "all",
    "tcp:0-65535",
    "tcp:1,2,3",
    "udp",
    "icmp",
    "icmpv6",
    "gre",
    "\"\"",
    "\"\\u{202e}\"",
    "\"\\u{0}\"",
    "()",
    "[]",
    "{}",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "Some(",
    "None",
    "//",
    "/*",
    "null",
    "\u{feff}",
];

struct Corpus {
    /// What is changed.
    texts: Vec<String>,
    /// Words of all texts, to be put where others were.
    words: Vec<String>,
}

impl Corpus {
    fn of(texts: Vec<String>) -> Self {
        let words = texts.iter().flat_map(|text| {
            let words = text.split(|it: char| it.is_whitespace() || "(),[]{}".contains(it));
            words.filter(|word| (2..60).contains(&word.len()))
        });
        let mut words: Vec<String> = words.map(str::to_owned).collect();
        words.extend(WORDS.map(str::to_owned));
        words.sort_unstable();
        words.dedup();
        Self { texts, words }
    }

    /// An input: one of the texts with a few changes.
    fn input(&self, dice: &mut Dice) -> String {
        let mut text = dice.any(&self.texts).cloned().unwrap_or_default();
        for _ in 0..=dice.below(6) {
            self.change(&mut text, dice);
        }
        text
    }

    fn change(&self, text: &mut String, dice: &mut Dice) {
        let (from, to) = if dice.chance(70) { token(text, dice) } else { stretch(text, dice) };
        match dice.below(8) {
            0 => text.replace_range(from..to, ""),
            1 => {
                let again = text[from..to].to_owned();
                text.insert_str(to, &again);
            }
            2 => {
                let letter = char::from_u32(u32::try_from(dice.below(0x3000)).unwrap_or(0));
                text.insert(from, letter.unwrap_or('\u{fffd}'));
            }
            3 => {
                let other = dice.any(&self.texts).map_or("", String::as_str);
                let (start, end) = stretch(other, dice);
                text.replace_range(from..to, &other[start..end]);
            }
            4 => {
                let (start, end) = token(text, dice);
                let word = text[start..end].to_owned();
                text.replace_range(from..to, &word);
            }
            _ => {
                let word = dice.any(&self.words).map_or("", String::as_str);
                text.replace_range(from..to, word);
            }
        }
    }
}

/// A word of a text, or a mark.
fn token(text: &str, dice: &mut Dice) -> (usize, usize) {
    let at = text.floor_char_boundary(dice.below(text.len().max(1)));
    let is_edge = |it: char| it.is_whitespace() || "\"(),[]{}:".contains(it);
    let from = text[..at].rfind(is_edge).map_or(0, |edge| {
        let width = text[edge..].chars().next().map_or(1, char::len_utf8);
        edge + width
    });
    let to = text[at..].find(is_edge).map_or(text.len(), |edge| at + edge);
    (from, to.max(from))
}

/// Any part of a text, short ones more often.
fn stretch(text: &str, dice: &mut Dice) -> (usize, usize) {
    let most = if dice.chance(80) { 40 } else { text.len().max(1) };
    let from = text.floor_char_boundary(dice.below(text.len().max(1)));
    let to = text.floor_char_boundary((from + dice.below(most)).min(text.len()));
    (from, to.max(from))
}

fn read(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a shipped text");
    // Large ones only take time.
    text.chars().take(20_000).collect()
}

/// The shipped texts that a target is fed with.
fn corpus(target: &str) -> Corpus {
    let shipped = || scenarios("scenarios").into_iter().map(|path| read(&root().join(path)));
    Corpus::of(match target {
        "terraform" => plans(),
        "tencent" => {
            let files = below(&root().join("tests/import/tencent")).into_iter();
            let files = files.map(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                format!("{name}\n{}", read(&path))
            });
            vec![files.collect::<Vec<_>>().join(targets::CUT)]
        }
        "changes" => shipped().flat_map(|text| lists_of_changes(&text)).collect(),
        "selectors" => shipped().map(|text| quoted(&text)).collect(),
        "diff" => {
            let all: Vec<String> = shipped().filter(|text| !text.contains("include:")).collect();
            let next = all.iter().cycle().skip(1);
            let pairs = all.iter().zip(next);
            pairs.map(|(old, new)| [old.as_str(), new].join(targets::CUT)).collect()
        }
        _ => shipped().collect(),
    })
}

/// The plans and states that the tests of the importer have in their texts.
fn plans() -> Vec<String> {
    let files = below(&root().join("tests/it")).into_iter();
    let files = files.filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("import") && name.ends_with(".rs") || name == "plans.rs"
    });
    let texts = files.flat_map(|path| {
        let text = fs::read_to_string(path).expect("a test");
        let parts = text.split("r#\"").skip(1);
        let parts = parts.filter_map(|part| part.split_once("\"#"));
        let parts = parts.filter(|(json, _)| json.contains("\"values\""));
        parts.map(|(json, _)| json.to_owned()).collect::<Vec<_>>()
    });
    let mut texts: Vec<String> = texts.collect();
    texts.push("{\"values\": {\"root_module\": {\"resources\": []}}}".to_owned());
    texts
}

/// What stands in the brackets after each `changes:`.
fn lists_of_changes(text: &str) -> Vec<String> {
    let lists = text.split("changes: [").skip(1).filter_map(|rest| {
        let mut depth = 1;
        let end = rest.find(|letter| {
            depth += i32::from(letter == '[') - i32::from(letter == ']');
            depth == 0
        })?;
        Some(format!("[{}]", &rest[..end]))
    });
    lists.collect()
}

/// The strings of a text, a line each.
fn quoted(text: &str) -> String {
    let strings = text.split('"').skip(1).step_by(2);
    strings.take(200).collect::<Vec<_>>().join("\n")
}

/// The most memory that this process ever had, in megabytes; nothing where the system does not tell.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024)
}

/// The most is counted anew from here on, where the system can do that.
fn forget_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// What is wrong with a target on an input, and how long it takes.
fn tried(target: fn(&str), input: &str) -> (Option<&'static str>, Duration) {
    let mut least = Duration::MAX;
    // A busy machine is slow now and then, a slow input every time.
    for _ in 0..3 {
        let begun = Instant::now();
        if catch_unwind(AssertUnwindSafe(|| target(input))).is_err() {
            return (Some("panics"), begun.elapsed());
        }
        least = least.min(begun.elapsed());
        if least <= PATIENCE {
            return (None, least);
        }
    }
    (Some("is slow"), least)
}

/// Feeds a target, and keeps what fails.
#[expect(clippy::print_stderr, reason = "figures of a longer run")]
fn feed(name: &str) {
    let target = targets::TARGETS.iter().find(|(known, _)| *known == name);
    let (_, target) = *target.expect("a target");
    let (corpus, first) = (corpus(name), setting("PATHPROOF_SEED").unwrap_or(0));
    assert!(!corpus.texts.is_empty(), "{name} has a corpus");
    let inputs = setting("PATHPROOF_FUZZ");
    let is_long = inputs.is_some();
    let ordinary = match name {
        "terraform" | "tencent" => MANY_INPUTS,
        _ => INPUTS,
    };
    let inputs = inputs.unwrap_or(ordinary);
    let mut failed = Vec::new();
    let (started, mut slowest, mut most) = (Instant::now(), Duration::ZERO, 0);
    if is_long {
        forget_peak();
    }
    for seed in first..first + inputs {
        let input = corpus.input(&mut Dice::new(seed));
        let (mut wrong, taken) = tried(target, &input);
        slowest = slowest.max(taken);
        if is_long {
            let peak = peak().unwrap_or(0);
            most = most.max(peak);
            if peak > ROOM {
                wrong = wrong.or(Some("takes much memory"));
                forget_peak();
            }
        }
        if let Some(why) = wrong {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
            let path = folder.join(format!("fuzz-{name}-{seed}.txt"));
            fs::write(&path, &input).expect("the input that fails");
            failed.push(format!("{} {why} ({taken:?})", path.display()));
        }
    }
    let total = started.elapsed();
    eprintln!(
        "{name}: {inputs} inputs from {first} in {total:?}, slowest {slowest:?}, at most {most} MB"
    );
    assert!(failed.is_empty(), "{name}: {failed:#?}");
}

#[test]
fn any_scenario_is_judged_or_refused() {
    feed("scenario");
}

#[test]
fn any_plan_is_imported_or_refused() {
    feed("terraform");
}

#[test]
fn any_dump_is_imported_or_refused() {
    feed("tencent");
}

#[test]
fn any_changes_are_applied_or_refused() {
    feed("changes");
}

#[test]
fn any_selector_selects_or_is_refused() {
    feed("selectors");
}

#[test]
fn any_two_scenarios_are_compared_or_refused() {
    feed("diff");
}
