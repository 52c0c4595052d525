//! Where the program's words go: results to standard output, everything else to standard error.
//!
//! Colours are taken out where nobody would see them (`--color`, `NO_COLOR`, a pipe). A reader who has seen
//! enough and closes the pipe is no error: what follows is dropped, and the exit status still tells the
//! verdict. Any other failure to write makes the program end with [`Exit::Failed`], a stream that was closed from
//! the start ([`super::streams`]) among them.

use std::io::{self, ErrorKind, IsTerminal, Write};

use anstream::AutoStream;
use serde_json::Value;

use super::args::Color;
use super::exit::Exit;
use super::progress::{Phase, Progress};
use super::streams::{Stream, unless_closed};
use crate::code::Language;
use crate::diagnostic::{harmless, without_commands};
use crate::render::json::diagnostics_json;

/// One of the two streams.
struct Channel {
    writer: Box<dyn Write>,
    /// Whether anything was written.
    begun: bool,
    /// Why nothing is written any more.
    broken: Option<io::Error>,
}

impl Channel {
    fn new(writer: impl Write + 'static) -> Self {
        Self { writer: Box::new(writer), begun: false, broken: None }
    }

    fn attempt(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        if self.broken.is_none() {
            self.broken = write(&mut *self.writer).err();
        }
    }

    fn print(&mut self, text: &str) {
        self.begun |= !text.is_empty();
        self.attempt(|writer| writer.write_all(text.as_bytes()));
    }

    /// What went wrong, unless the reader only left.
    fn failure(&mut self) -> Option<&io::Error> {
        self.attempt(|writer| writer.flush());
        let broken = self.broken.as_ref();
        broken.filter(|error| error.kind() != ErrorKind::BrokenPipe)
    }
}

/// Both streams.
pub struct Output {
    results: Channel,
    notes: Channel,
    /// Whether results are words, not a document of some format.
    for_people: bool,
    language: Language,
    /// What scripts are told instead of a result.
    complaints: Vec<Value>,
    progress: Progress,
}

impl Output {
    /// Standard output and standard error.
    #[must_use]
    pub fn new(color: Color, for_people: bool, language: Language) -> Self {
        let results = AutoStream::new(io::stdout(), color.choice());
        let notes = AutoStream::new(io::stderr(), color.choice());
        Self {
            for_people,
            language,
            results: Channel::new(unless_closed(Stream::Results, results)),
            notes: Channel::new(unless_closed(Stream::Notes, notes)),
            complaints: Vec::new(),
            progress: Progress::nobody(),
        }
    }

    /// Any two writers, which get the colours as they come.
    #[must_use]
    pub fn to(results: impl Write + 'static, notes: impl Write + 'static) -> Self {
        Self {
            results: Channel::new(results),
            notes: Channel::new(notes),
            for_people: true,
            language: Language::English,
            complaints: Vec::new(),
            progress: Progress::nobody(),
        }
    }

    /// The same with somebody who waits at the terminal, unless standard error is none.
    #[must_use]
    pub fn watched(mut self) -> Self {
        if io::stderr().is_terminal() {
            self.progress = Progress::somebody(self.language);
        }
        self
    }

    /// Writes a result; the text has its line breaks.
    pub fn result(&mut self, text: &str) {
        let text = harmless(text);
        let text = if self.for_people { without_commands(&text) } else { text };
        let Self { progress, results, .. } = self;
        progress.aside(|| results.print(&text));
    }

    /// Writes a result as JSON, in which a mark that begins a command of a build server is written as its number.
    pub fn json(&mut self, value: &Value) {
        let text = format!("{value:#}\n").replace("##", "#\\u0023");
        let Self { progress, results, .. } = self;
        progress.aside(|| results.print(&harmless(&text)));
    }

    /// Keeps what is wrong, as JSON: all of it goes out as one document that stands for the result.
    pub fn complain(&mut self, complaint: Value) {
        self.complaints.push(complaint);
    }

    /// Whether any part of a result is out.
    #[must_use]
    pub fn has_results(&self) -> bool {
        self.results.begun
    }

    /// Writes a diagnostic or progress; the text has its line breaks.
    pub fn note(&mut self, text: &str) {
        let Self { progress, notes, .. } = self;
        progress.aside(|| notes.print(&without_commands(&harmless(text))));
    }

    /// Tells whoever waits what is being done.
    pub fn phase(&self, phase: Phase) {
        self.progress.phase(phase);
    }

    /// Tells whoever waits how much of it is done.
    pub fn step(&self, done: usize, total: usize) {
        self.progress.step(done, total);
    }

    /// Whether nobody reads the results any more.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.results.broken.is_some()
    }

    /// A reader of JSON gets one document: after a result, complaints are for people.
    fn tell_complaints(&mut self) {
        let complaints = std::mem::take(&mut self.complaints);
        if complaints.is_empty() {
            return;
        }
        if !self.has_results() {
            self.json(&diagnostics_json(&complaints));
            return;
        }
        for complaint in &complaints {
            let message = complaint["message"].as_str().unwrap_or_default();
            self.note(&format!("error: {message}\n"));
        }
    }

    /// Writes out what is left, and gives the status to end with.
    #[must_use]
    pub fn end(mut self, exit: Exit) -> Exit {
        self.progress.end();
        self.tell_complaints();
        let failure = self.results.failure().map(ToString::to_string);
        if let Some(failure) = &failure {
            self.notes.print(&match self.language {
                Language::English => {
                    format!("error: the output could not be written: {failure}\n")
                }
                Language::Chinese => format!("错误: 无法写出结果：{failure}\n"),
            });
        }
        if failure.is_some() || self.notes.failure().is_some() {
            return Exit::Failed;
        }
        exit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails every write in one way.
    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn ends(kind: ErrorKind, exit: Exit) -> (bool, Exit) {
        let mut output = Output::to(Failing(kind), io::sink());
        output.result("REACHABLE\n");
        (output.is_closed(), output.end(exit))
    }

    #[test]
    fn a_reader_who_leaves_changes_nothing_about_the_verdict() {
        assert_eq!(ends(ErrorKind::BrokenPipe, Exit::Good), (true, Exit::Good));
        assert_eq!(ends(ErrorKind::BrokenPipe, Exit::Finding), (true, Exit::Finding));
    }

    #[test]
    fn a_full_disk_is_a_failure_of_the_program() {
        assert_eq!(ends(ErrorKind::StorageFull, Exit::Good), (true, Exit::Failed));
    }

    #[test]
    fn complaints_make_one_document_unless_there_is_a_result() {
        let complaint = |message: &str| serde_json::json!({ "message": message });
        let mut output = Output::to(io::sink(), io::sink());
        output.complain(complaint("one"));
        output.complain(complaint("two"));
        assert!(!output.has_results());
        output.tell_complaints();
        assert!(output.has_results() && !output.notes.begun);
        output.complain(complaint("late"));
        output.tell_complaints();
        assert!(output.notes.begun);
    }

    #[test]
    fn what_is_written_well_ends_as_it_should() {
        let mut output = Output::to(io::sink(), io::sink());
        output.json(&serde_json::json!({ "schema": "pathproof.check/1" }));
        output.note("…\n");
        assert!(!output.is_closed());
        assert_eq!(output.end(Exit::Unusable), Exit::Unusable);
    }
}
