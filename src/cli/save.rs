//! Results that go to a file (`-o`).

use std::fs;

use super::args::Global;
use super::exit::Exit;
use super::one::complain;
use super::output::Output;
use crate::code::Language;

/// Writes a result to a file, and says so on standard error.
pub fn save(path: &str, text: &str, global: &Global, output: &mut Output) -> Exit {
    if let Err(error) = fs::write(path, text) {
        let message = format!("{path} cannot be written: {error}");
        complain(global, output, &message, None);
        return Exit::Failed;
    }
    if !global.quiet {
        output.note(&match global.language() {
            Language::English => format!("wrote {path}\n"),
            Language::Chinese => format!("已写入 {path}\n"),
        });
    }
    Exit::Good
}
