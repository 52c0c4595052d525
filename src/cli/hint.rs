//! Where to go on: the command that looks for changes, where changes are known for everything that blocks.

use crate::code::Language;
use crate::query::{Reason, Traffics, Verdict};
use crate::verify::{ExpectationReport, FileReport, Outcome, StageReport, is_liftable};

/// A question in the words of the command line.
pub struct Question<'a> {
    /// The scenario file.
    pub file: &'a str,
    /// Who opens.
    pub from: &'a str,
    /// Who is meant.
    pub to: &'a str,
    /// What is asked for.
    pub service: &'a str,
    /// Source ports, if others than the usual ones.
    pub source_port: Option<&'a str>,
    /// The step or what-if.
    pub at: Option<&'a str>,
}

/// One line with the command, unless something blocks that no change is known for, or nothing does. Standard input
/// cannot be read again.
pub fn hint(
    question: &Question<'_>,
    verdict: Verdict,
    reasons: &[Reason],
    language: Language,
) -> Option<String> {
    let blocked = matches!(verdict, Verdict::Unreachable | Verdict::Partial);
    let mut all = reasons.iter();
    // Where one port is served only, another one is not to be opened.
    let changes = |one: &Reason| is_liftable(one.cause.code) && one.cause.facts.port.is_none();
    let liftable = !reasons.is_empty() && all.all(changes);
    if !blocked || !liftable || question.file == "-" {
        return None;
    }
    let options = [
        ("", Some(question.file)),
        (" --from", Some(question.from)),
        (" --to", Some(question.to)),
        (" --service", Some(question.service)),
        (" --source-port", question.source_port),
        (" --at", question.at),
    ];
    let words = options.into_iter().filter_map(|(option, value)| {
        let word = shell_word(value?);
        Some(format!("{option} {word}"))
    });
    let words: String = words.collect();
    Some(match language {
        Language::English => format!("  the smallest changes: pathproof fix{words}\n"),
        Language::Chinese => format!("  查找最小变更：pathproof fix{words}\n"),
    })
}

/// The command for the first expectation of a file that should have been reachable and can be made so.
pub fn after_failures(report: &FileReport, language: Language) -> Option<String> {
    let mut failed = report.expectations();
    failed.find_map(|(stage, expectation)| of_failure(&report.path, stage, expectation, language))
}

fn of_failure(
    path: &str,
    stage: &StageReport,
    report: &ExpectationReport,
    language: Language,
) -> Option<String> {
    let expectation = &report.expectation;
    let found = report.found.as_ref()?;
    let usual = expectation.traffic.source_ports == Traffics::default().source_ports;
    let wanted = expectation.want.verdict() == Verdict::Reachable;
    if report.outcome != Outcome::Fail || !usual || !wanted {
        return None;
    }
    let question = Question {
        file: path,
        from: &expectation.from_text,
        to: &expectation.to_text,
        service: &expectation.service_text,
        source_port: None,
        at: stage.name.as_deref(),
    };
    hint(&question, found.verdict, &found.reasons, language)
}

/// A word as a shell takes it.
fn shell_word(word: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_./:=,@+".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
