//! How much of what the program does would be missed by the tests if it were otherwise.
//!
//! `cargo mutants` builds the program once for each mutant, which takes a minute or more for this one. Here a sample of
//! its mutants goes into one build, each behind a number that `PATHPROOF_MUTANT` turns on, and only the tests run once
//! for each:
//!
//! ```sh
//! cargo mutants --list --json --file 'src/space/**' … > mutants.json
//! pathproof-mutants weave mutants.json SEED COUNT   # in a copy of the repository: its sources are written over
//! pathproof-mutants run                             # builds, then tries each; the table is in mutants.tsv
//! ```

mod run;
mod weave;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["weave", list, seed, count] => weave::weave(list, seed, count),
        ["run", ref only @ ..] => run::run(only),
        _ => Err("weave LIST SEED COUNT, or run [NUMBER …]".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
