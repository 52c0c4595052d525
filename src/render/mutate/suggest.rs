//! The file that `--suggest` writes: the expectations that notice what nobody noticed.

use super::MutationScene;
use crate::code::Language;
use crate::mutate::Suggestion;

/// A scenario that includes the file with the network and expects what is suggested.
#[must_use]
pub fn suggested_file(all: MutationScene<'_>, include: &str, suggestions: &[Suggestion]) -> String {
    let language = all.scene.language;
    let head = match language {
        Language::English => format!(
            "// What `pathproof mutate` would add to the expectations of {}: each line notices mistakes that nothing noticed.\n\
             // Move them there, or keep this file beside it: its own expectations are not run again from here.\n",
            all.path
        ),
        Language::Chinese => format!(
            "// `pathproof mutate` 建议为 {} 补充的期望：每一行都能发现此前无人发现的错误。\n\
             // 可移入原文件，也可保留为单独文件：原文件的期望不会在此重复运行。\n",
            all.path
        ),
    };
    let mut text = head.replace('\r', "");
    let include = quoted(include);
    text.extend([format!("Scenario(\n    include: [{include}],\n    expect: [\n")]);
    for suggestion in suggestions {
        for line in why(all, suggestion) {
            text.extend([format!("        // {line}\n")]);
        }
        text.extend([format!("        {},\n", suggestion.killer)]);
    }
    text + "    ],\n)\n"
}

/// The mistakes that an expectation is there for, the first ones by name.
fn why(all: MutationScene<'_>, suggestion: &Suggestion) -> Vec<String> {
    /// The rest is counted.
    const NAMED: usize = 2;
    let mutants = suggestion.mutants.iter().map(|at| &all.mutation.mutants[*at]);
    let lines = mutants.take(NAMED).map(|fated| {
        let turned = fated.mutant.turned.as_ref();
        let turned = turned.map_or(String::new(), |(was, is)| format!(" {was} → {is}"));
        let line =
            all.spot(fated).map_or(String::new(), |spot| format!("{}: ", all.scene.short(spot)));
        format!("{line}{} {}{turned}", fated.mutant.operator.name(), all.name(fated))
    });
    let mut lines: Vec<String> = lines.collect();
    let more = suggestion.mutants.len().saturating_sub(NAMED);
    if more > 0 {
        lines.push(match all.scene.language {
            Language::English => format!("… and {more} more"),
            Language::Chinese => format!("…… 另有 {more} 个"),
        });
    }
    lines
}

/// A text as a scenario file writes it.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

/// What was written, in a line.
#[must_use]
pub fn suggested_text(path: &str, suggestions: &[Suggestion], language: Language) -> String {
    let noticed: usize = suggestions.iter().map(|one| one.mutants.len()).sum();
    let count = suggestions.len();
    match language {
        Language::English if count == 1 => {
            format!("wrote {path}: one expectation that notices {noticed} of the survivors\n")
        }
        Language::English => {
            format!("wrote {path}: {count} expectations that notice {noticed} of the survivors\n")
        }
        Language::Chinese => {
            format!("已写入 {path}：{count} 条期望可发现 {noticed} 个未被发现的变异\n")
        }
    }
}
