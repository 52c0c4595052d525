//! `check --format markdown`: for a comment on a pull request or the summary of a job.
//!
//! First how it ended, then a table of what does not hold, then each failure drawn, folded. Code hosts cut long comments;
//! what would not fit is left out here, and said to be (`MOST`), unless everything is asked for.

use std::fmt::Write as _;

use super::case::{Case, cases, counted, plain};
use super::check_text::{Verbosity, outcome_word, tally};
use super::scene::spot;
use crate::code::Language;
use crate::diagnostic::Severity;
use crate::verify::{FileReport, Outcome, Summary};

/// So many bytes may the table take, and so many the whole text: GitHub's comments end at 65,536 characters.
const MOST: (usize, usize) = (24_000, 60_000);

/// How a run ended, and everything that does not hold.
#[must_use]
pub fn check_markdown(
    files: &[FileReport],
    summary: &Summary,
    verbosity: Verbosity,
    language: Language,
) -> String {
    let all = cases(files, verbosity, language);
    let told = all.iter().flat_map(|(_, cases)| cases);
    let told = told.filter(|case| match case.outcome {
        Outcome::Pass => false,
        Outcome::Waived => verbosity > Verbosity::Quiet,
        _ => true,
    });
    let told: Vec<&Case<'_>> = told.collect();
    let mut text = format!("{}\n", headline(summary, language));
    if !told.is_empty() {
        text += &table(&told, verbosity, language);
    }
    if verbosity > Verbosity::Quiet {
        text += &warnings(files, language);
    }
    let drawn: Vec<&Case<'_>> =
        told.into_iter().filter(|case| !case.is_good() && !case.drawn.is_empty()).collect();
    text + &details(&drawn, verbosity, language)
}

fn headline(summary: &Summary, language: Language) -> String {
    let asked = summary.expectations + summary.refusals > 0;
    let english = language == Language::English;
    let verdict = match (summary.unusable, summary.is_good(), asked) {
        (0, true, _) if english => "✅ The network keeps its promises",
        (0, true, _) => "✅ 网络满足全部期望",
        (0, false, true) if english => "❌ The network does not keep its promises",
        (0, false, true) => "❌ 网络不满足期望",
        (0, false, false) if english => "❌ Nothing is expected, so nothing is proved",
        (0, false, false) => "❌ 没有任何期望，因此什么也没有证明",
        _ if english => "❌ The input cannot be used",
        _ => "❌ 输入无法使用",
    };
    format!("### {verdict}\n\n{}", tally(summary, language))
}

fn table(cases: &[&Case<'_>], verbosity: Verbosity, language: Language) -> String {
    let mut text = match language {
        Language::English => "\n| outcome | where | what | why |\n|---|---|---|---|\n".to_owned(),
        Language::Chinese => "\n| 结果 | 位置 | 内容 | 原因 |\n|---|---|---|---|\n".to_owned(),
    };
    for (index, case) in cases.iter().enumerate() {
        let (_, word) = outcome_word(case.outcome, language);
        let place = format!("{}:{}", case.file(), case.line());
        let row = format!(
            "| **{word}** | {} | {} | {} |\n",
            code(&place),
            cell(&case.headline),
            cell(&case.why)
        );
        if verbosity < Verbosity::Verbose && text.len() + row.len() > MOST.0 {
            let more = cases.len() - index;
            return text + "\n" + &left_out(more, language);
        }
        text += &row;
    }
    text
}

/// A line a warning; mistakes stand in the table.
fn warnings(files: &[FileReport], language: Language) -> String {
    let mut text = String::new();
    for file in files {
        let warnings = file.diagnostics.iter();
        let warnings = warnings.filter(|diagnostic| diagnostic.severity == Severity::Warning);
        for warning in warnings {
            let label = warning.primary.as_ref();
            let place = label.and_then(|label| spot(&file.sources, label.span));
            let place = place.map_or_else(|| file.path.clone(), |place| place.short());
            let word = match language {
                Language::English => "warning",
                Language::Chinese => "警告",
            };
            let (place, message) = (code(&place), cell(warning.message.text(language)));
            let _ = write!(text, "\n- **{word}** {place}: {message}");
        }
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn details(cases: &[&Case<'_>], verbosity: Verbosity, language: Language) -> String {
    let mut text = String::new();
    for (index, case) in cases.iter().enumerate() {
        let fence = fence(&case.drawn);
        let block = format!(
            "\n<details><summary>{}</summary>\n\n{fence}text\n{}\n{fence}\n\n</details>\n",
            html(&case.headline),
            case.drawn.trim_end()
        );
        if verbosity < Verbosity::Verbose && MOST.0 + text.len() + block.len() > MOST.1 {
            let more = cases.len() - index;
            return text + "\n" + &left_out(more, language);
        }
        text += &block;
    }
    text
}

fn left_out(more: usize, language: Language) -> String {
    match language {
        Language::English => {
            format!("… and {} more, which `-v` shows\n", counted(more, "failure"))
        }
        Language::Chinese => format!("……另有 {more} 处，加 `-v` 查看全部\n"),
    }
}

/// Words in a cell of a table: nothing in them is markup.
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for letter in html(&plain(text)).chars() {
        if "\\`*_[]|~#@".contains(letter) {
            cell.push('\\');
        }
        cell.push(letter);
    }
    cell.replace('\n', "<br>")
}

/// A place in a cell, in the type of code.
fn code(text: &str) -> String {
    format!("<code>{}</code>", cell(text))
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A fence longer than any in the text.
fn fence(text: &str) -> String {
    let mut longest = 2;
    let mut run = 0;
    for letter in text.chars() {
        run = if letter == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    "`".repeat(longest + 1)
}

#[cfg(test)]
mod tests {
    use super::super::sample::file;
    use super::*;

    fn told(file: FileReport, verbosity: Verbosity) -> String {
        let mut summary = Summary::default();
        summary.add(&file);
        check_markdown(&[file], &summary, verbosity, Language::English)
    }

    #[test]
    fn a_table_tells_what_does_not_hold_and_each_failure_unfolds() {
        let text = told(file(), Verbosity::Normal);
        let (head, details) = text.split_once("\n<details>").expect("details");
        insta::assert_snapshot!(head, @r##"
        ### ❌ The network does not keep its promises

        3 expectations: 1 passed, 1 failed, 1 vacuous, 0 undetermined, 0 waived; 1 change not as expected — 1 file

        | outcome | where | what | why |
        |---|---|---|---|
        | **FAIL** | <code>shop.ron:26</code> | ins-tom → cdb-1 tcp:3306 should be reachable | is unreachable: 172.16.3.9 lies in a secondary CIDR; a linked classic CVM meets only the primary 10.8.0.0/16 (and 1 more) |
        | **VACUOUS** | <code>shop.ron:28</code> | tag:role=none → cdb-1 all should be reachable | \`tag:role=none\` is nobody |
        | **FAIL** | <code>shop.ron:33</code> | step: link another: AttachClassicLinkVpc goes through | is refused with classic-link-region-mismatch: \`ins-far\` is in ap-beijing, \`vpc-shop\` in ap-guangzhou |
        "##);
        assert_eq!(details.matches("</details>").count(), 3);
        assert!(details.contains("19 │ "), "{details}");
    }

    #[test]
    fn markup_in_a_name_stays_words() {
        assert_eq!(cell("a|b <x> *c* `d`"), r"a\|b &lt;x&gt; \*c\* \`d\`");
        assert_eq!(fence("a ```` b"), "`````");
    }

    #[test]
    fn a_text_too_long_for_a_comment_is_cut_and_says_so() {
        let mut many = file();
        let stage = &mut many.stages[0];
        let failing = stage.expectations[0].clone();
        stage.expectations.extend(vec![failing; 400]);
        let cut = told(many, Verbosity::Normal);
        assert!(cut.len() < 65_536, "{}", cut.len());
        assert_eq!(cut.matches(" more, which `-v` shows").count(), 2);
        let mut many = file();
        let stage = &mut many.stages[0];
        let failing = stage.expectations[0].clone();
        stage.expectations.extend(vec![failing; 400]);
        assert!(!told(many, Verbosity::Verbose).contains("which `-v` shows"));
    }
}
