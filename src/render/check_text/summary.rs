//! The last line of `check`.

use std::time::Duration;

use super::super::case::counted;
use super::super::number::number;
use super::super::screen::width;
use super::super::style::{BAD, GOOD, Line};
use super::super::wrap::wrap;
use crate::code::Language;
use crate::verify::Summary;

/// The last line: `31 expectations: 29 passed, … — 12 files in 14 ms`.
#[must_use]
pub fn summary_line(summary: &Summary, elapsed: Duration, language: Language) -> String {
    let style = if summary.is_good() && summary.unusable == 0 { GOOD } else { BAD };
    let text = tally(summary, language);
    let text = match language {
        Language::English => format!("{text} in {}", lasted(elapsed)),
        Language::Chinese => format!("{text}，用时 {}", lasted(elapsed)),
    };
    let lines = wrap(&text, width() - 2);
    let lines = lines.iter().map(|line| Line::indented(2).styled(style, line).end());
    lines.collect()
}

/// The same without the time, which differs from run to run.
#[must_use]
pub fn tally(summary: &Summary, language: Language) -> String {
    match language {
        Language::English => english(summary),
        Language::Chinese => chinese(summary),
    }
}

/// What is to be said of a run that asked nothing.
#[must_use]
pub fn nothing_expected(language: Language) -> &'static str {
    match language {
        Language::English => "nothing is expected anywhere, so nothing is proved",
        Language::Chinese => "没有任何期望，因此什么也没有证明",
    }
}

fn english(summary: &Summary) -> String {
    let Summary { passed, failed, vacuous, undetermined, waived, .. } = *summary;
    let [passed, failed, vacuous, undetermined, waived] =
        [passed, failed, vacuous, undetermined, waived].map(number);
    let asked = counted(summary.expectations, "expectation");
    let errors = also(summary.errors, |count| format!(", {}", counted(count, "error")));
    let changes = also(summary.changes_failed, |count| {
        format!("; {} not as expected", counted(count, "change"))
    });
    let unusable =
        also(summary.unusable, |count| format!("; {} not usable", counted(count, "file")));
    format!(
        "{asked}: {passed} passed, {failed} failed, {vacuous} vacuous, \
         {undetermined} undetermined, {waived} waived{errors}{changes}{unusable} — {}",
        counted(summary.files, "file"),
    )
}

fn chinese(summary: &Summary) -> String {
    let Summary { files, expectations, passed, failed, vacuous, undetermined, waived, .. } =
        *summary;
    let [files, expectations, passed, failed] = [files, expectations, passed, failed].map(number);
    let [vacuous, undetermined, waived] = [vacuous, undetermined, waived].map(number);
    let errors = also(summary.errors, |count| format!("，错误 {count}"));
    let changes = also(summary.changes_failed, |count| format!("；{count} 个变更的结果与预期不符"));
    let unusable = also(summary.unusable, |count| format!("；{count} 个文件无法使用"));
    format!(
        "共 {expectations} 条期望：通过 {passed}，失败 {failed}，空集 {vacuous}，\
         未决 {undetermined}，豁免 {waived}{errors}{changes}{unusable} — \
         {files} 个文件"
    )
}

/// Words about a number, unless it is 0.
fn also(count: usize, words: impl Fn(usize) -> String) -> String {
    if count == 0 { String::new() } else { words(count) }
}

fn lasted(elapsed: Duration) -> String {
    if elapsed < Duration::from_secs(1) {
        format!("{} ms", elapsed.as_millis())
    } else {
        format!("{:.1} s", elapsed.as_secs_f64())
    }
}
