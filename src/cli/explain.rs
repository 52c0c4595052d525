//! `pathproof explain`: one code or rule in full, or the list of all codes.

use clap::Args;
use serde_json::json;

use super::args::{Format, Global};
use super::exit::Exit;
use super::one::heads;
use super::output::Output;
use crate::code::{Code, Language};
use crate::render::explain::{
    explain_all, explain_all_json, explain_json, explain_one, explain_rule, explain_rule_json,
    topics,
};
use crate::render::format::{names, record, record_json, record_text, records_text};
use crate::render::json::{complaint_json, diagnostics_json};

/// The word for the list of everything that a file can hold.
const FORMAT: &str = "format";

/// Arguments of `explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof explain classic-link-secondary-cidr
  pathproof explain CL-6
  pathproof explain security_groups
  pathproof explain CreateRoutes

`pathproof explain format` lists what a scenario file can hold.")]
pub struct ExplainArgs {
    /// A code, the id of a rule, or a section, part or change of the format; without it, all codes are listed
    pub code: Option<String>,
}

/// So many near names are offered.
const NEAR: usize = 3;

/// Runs the command.
pub fn run(args: &ExplainArgs, global: &Global, output: &mut Output) -> Exit {
    let language = global.language();
    let Some(asked) = args.code.as_deref().map(str::trim) else {
        match global.format {
            Format::Text => output.result(&explain_all(language)),
            Format::Json => output.json(&explain_all_json(language)),
        }
        return Exit::Good;
    };
    let code = Code::from_name(&asked.to_lowercase());
    let told = match global.format {
        Format::Text => code
            .map(|code| explain_one(code, language))
            .or_else(|| explain_rule(asked, language))
            .or_else(|| (asked == FORMAT).then(|| records_text(language)))
            .or_else(|| record(asked).map(|record| record_text(&record, language)))
            .map(|text| output.result(&text)),
        Format::Json => code
            .map(|code| explain_json(code, language))
            .or_else(|| explain_rule_json(asked, language))
            .or_else(|| record(asked).map(|record| record_json(&record, language)))
            .map(|value| output.json(&value)),
    };
    if told.is_some() {
        return Exit::Good;
    }
    unknown(asked, global, output);
    Exit::Unusable
}

fn unknown(asked: &str, global: &Global, output: &mut Output) {
    let near = near(asked);
    let english = global.language() == Language::English;
    let message = if english {
        format!("there is no code, rule or part of the format `{asked}`")
    } else {
        format!("没有名为 `{asked}` 的代码、规则或格式的部分")
    };
    let quoted: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
    let help = match (quoted.is_empty(), english) {
        (false, true) => format!("did you mean {}?", quoted.join(" or ")),
        (false, false) => format!("您是否要找 {}？", quoted.join("、")),
        (true, true) => {
            "`pathproof explain` lists all codes, `pathproof explain format` what a file can hold"
                .to_owned()
        }
        (true, false) => {
            "`pathproof explain` 列出全部代码，`pathproof explain format` 列出文件可以包含的内容"
                .to_owned()
        }
    };
    match global.format {
        Format::Text => {
            let (error, advice) = heads(global.language());
            output.note(&format!("{error}: {message}\n{advice}: {help}\n"));
        }
        Format::Json => {
            let mut complaint = complaint_json(Code::UnknownReason, &message, Some(&help), None);
            complaint["near"] = json!(near);
            output.json(&diagnostics_json(&[complaint]));
        }
    }
}

/// The names that come nearest, nearest first: names with the asked text in them, then those that are
/// written alike.
fn near(asked: &str) -> Vec<&'static str> {
    let asked = asked.to_lowercase();
    let likeness = |name: &str| {
        let name = name.to_lowercase();
        if asked.len() >= 3 && name.contains(&asked) {
            return 1.0;
        }
        strsim::normalized_damerau_levenshtein(&asked, &name)
    };
    let mut names: Vec<(f64, &str)> = topics()
        .chain(names())
        .map(|name| (likeness(name), name))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .collect();
    names.sort_by(|a, b| b.0.total_cmp(&a.0));
    names.into_iter().take(NEAR).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_code_is_answered_with_near_ones() {
        assert_eq!(near("no-rout"), ["no-route", "ccn-no-route"]);
        assert_eq!(
            near("secondary-cidr"),
            [
                "peering-secondary-cidr",
                "direct-connect-secondary-cidr",
                "classic-link-secondary-cidr"
            ]
        );
        assert_eq!(near("rt-166").first(), Some(&"RT-16"));
        assert_eq!(near("teapot"), [""; 0]);
    }
}
