//! `cargo fuzz run selectors`.

#![no_main]

#[path = "../targets.rs"]
#[expect(dead_code, reason = "each program has one target")]
mod targets;

libfuzzer_sys::fuzz_target!(|text: &str| targets::selectors(text));
