//! Proves the expectations of a scenario file from Rust: `cargo run --example prove -- shop.ron`.

use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;

use pathproof::code::Language;
use pathproof::render::check_text::expectation_line;
use pathproof::render::diagnostics::diagnostics_text;
use pathproof::scenario::{Files, load};
use pathproof::verify::{Budget, run};

/// The files of the disk.
struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        fs::read(path)
    }
}

fn main() -> io::Result<ExitCode> {
    let mut out = io::stdout();
    let Some(path) = std::env::args().nth(1) else {
        writeln!(out, "which scenario file?")?;
        return Ok(ExitCode::from(2));
    };
    // a waiver counts up to its day, and it is the caller who knows which day it is
    let report = run(&path, load(&path, &Disk), "2027-01-31", Budget::default());
    let language = Language::English;
    write!(out, "{}", diagnostics_text(&report.sources, &report.diagnostics, language))?;
    let mut good = true;
    for (_, judged) in report.expectations() {
        good &= judged.outcome.is_good();
        let asked = expectation_line(&judged.expectation, language);
        writeln!(out, "{:12} {asked}", judged.outcome.name())?;
    }
    Ok(ExitCode::from(u8::from(!good)))
}
