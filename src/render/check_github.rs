//! `check --format github`: workflow commands, which GitHub shows as annotations on the lines of a pull request.
//!
//! What does not hold is an error, what is waived a notice, a warning of a file a warning. The tally comes last, as a
//! plain line of the log.

use super::case::{Case, cases, plain};
use super::check_text::{Verbosity, outcome_word, tally};
use super::scene::{Spot, spot};
use crate::code::Language;
use crate::diagnostic::{Diagnostic, Severity};
use crate::verify::{FileReport, Outcome, Summary};

/// A line for each thing that is to be seen.
#[must_use]
pub fn check_github(
    files: &[FileReport],
    summary: &Summary,
    verbosity: Verbosity,
    language: Language,
) -> String {
    let mut text = String::new();
    for (file, cases) in cases(files, verbosity, language) {
        for diagnostic in &file.diagnostics {
            text += &of_diagnostic(file, diagnostic, language);
        }
        let told = cases.iter().filter(|case| match case.outcome {
            Outcome::Pass => false,
            Outcome::Waived => verbosity > Verbosity::Quiet,
            _ => file.usable(),
        });
        text.extend(told.map(|case| of_case(case, language)));
    }
    text + &tally(summary, language) + "\n"
}

fn of_case(case: &Case<'_>, language: Language) -> String {
    let level = if case.is_good() { "notice" } else { "error" };
    let (_, word) = outcome_word(case.outcome, language);
    let title = format!("{word}: {}", case.headline);
    let mut message = case.why.clone();
    for fact in &case.facts {
        message.push('\n');
        message.push_str(fact);
    }
    annotation(level, case.path, case.place, &title, &message)
}

fn of_diagnostic(file: &FileReport, diagnostic: &Diagnostic, language: Language) -> String {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let place = diagnostic.primary.as_ref();
    let place = place.and_then(|label| spot(&file.sources, label.span));
    let mut message = diagnostic.message.text(language).to_owned();
    if let Some(help) = &diagnostic.help {
        message.push('\n');
        message.push_str(help.text(language));
    }
    annotation(level, &file.path, place, diagnostic.code.name(), &message)
}

/// One annotation: a command of the log. Without a place it is on the first line of the file.
pub(super) fn annotation(
    level: &str,
    path: &str,
    place: Option<Spot<'_>>,
    title: &str,
    message: &str,
) -> String {
    let file = property(place.map_or(path, |place| place.path));
    let (line, column) = place.map_or((1, 1), |place| (place.line, place.column));
    let title = property(title);
    let message = data(message);
    format!("::{level} file={file},line={line},col={column},title={title}::{message}\n")
}

/// What stands after the second `::`.
fn data(text: &str) -> String {
    let text = plain(text);
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What stands after a `=`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::sample::file;
    use super::*;

    #[test]
    fn each_finding_is_a_command_on_its_line() {
        let file = file();
        let mut summary = Summary::default();
        summary.add(&file);
        let text = check_github(&[file], &summary, Verbosity::Normal, Language::English);
        insta::assert_snapshot!(text, @r##"
        ::error file=shop.ron,line=26,col=9,title=FAIL%3A ins-tom → cdb-1 tcp%3A3306 should be reachable::is unreachable: 172.16.3.9 lies in a secondary CIDR; a linked classic CVM meets only the primary 10.8.0.0/16 (and 1 more)%0A1. 172.16.3.9 lies in a secondary CIDR; a linked classic CVM meets only the primary 10.8.0.0/16 [classic-link-secondary-cidr, CL-6]%0A2. no ingress rule of sg-db accepts tcp:3306 from 10.60.5.7; nearest: sg-db #2 accept tcp:3306 from 10.1.0.0/16 — protocol ✓ port ✓ source ✗ [security-group-ingress-denied, SG-5]%0Ano rule lifts 1, which is the platform's: move the endpoint into a subnet of the primary CIDR%0A2: sg-db ingress #2 is nearest; it, or a new rule, has to accept source 10.60.5.7
        ::error file=shop.ron,line=28,col=9,title=VACUOUS%3A tag%3Arole=none → cdb-1 all should be reachable::`tag:role=none` is nobody
        ::error file=shop.ron,line=33,col=23,title=FAIL%3A step%3A link another%3A AttachClassicLinkVpc goes through::is refused with classic-link-region-mismatch: `ins-far` is in ap-beijing, `vpc-shop` in ap-guangzhou
        3 expectations: 1 passed, 1 failed, 1 vacuous, 0 undetermined, 0 waived; 1 change not as expected — 1 file
        "##);
    }

    #[test]
    fn what_would_end_a_command_is_escaped() {
        assert_eq!(data("50%\nof a: b, c"), "50%25%0Aof a: b, c");
        assert_eq!(property("50%\nof a: b, c"), "50%25%0Aof a%3A b%2C c");
    }
}
