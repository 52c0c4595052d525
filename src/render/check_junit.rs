//! `check --format junit`: the XML of `JUnit`, which GitLab, Jenkins and others show as tests.
//!
//! A file is a suite, a case a test. What is waived counts as skipped; a file that cannot be used and an expectation
//! that names what is gone are errors, everything else that does not hold is a failure with its rule as the type. No
//! times: the same network gives the same bytes.

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::case::{Case, cases};
use super::check_text::Verbosity;
use crate::code::Language;
use crate::verify::{FileReport, Outcome};

/// Everything that came of a run, as XML.
///
/// # Errors
///
/// If the XML cannot be made, which would be a bug.
pub fn check_junit(
    files: &[FileReport],
    verbosity: Verbosity,
    language: Language,
) -> Result<String, SerializeError> {
    let mut report = Report::new(env!("CARGO_PKG_NAME"));
    for (file, cases) in cases(files, verbosity, language) {
        let mut suite = TestSuite::new(file.path.as_str());
        for case in &cases {
            suite.add_test_case(test(case));
        }
        report.add_test_suite(suite);
    }
    report.to_string()
}

fn test(case: &Case<'_>) -> TestCase {
    let mut test = TestCase::new(case.name.as_str(), status(case));
    test.set_classname(case.path);
    test.extra.insert("file".into(), case.file().into());
    let line = case.line().to_string();
    test.extra.insert("line".into(), line.into());
    test
}

fn status(case: &Case<'_>) -> TestCaseStatus {
    let mut status = match case.outcome {
        Outcome::Pass => return TestCaseStatus::success(),
        Outcome::Waived => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(case.why.as_str());
            return status;
        }
        Outcome::Error => TestCaseStatus::non_success(NonSuccessKind::Error),
        Outcome::Fail | Outcome::Vacuous | Outcome::Undetermined => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
    };
    let text = if case.drawn.is_empty() { &case.why } else { &case.drawn };
    status
        .set_message(case.why.as_str())
        .set_type(case.rule.id.as_str())
        .set_description(text.as_str());
    status
}
