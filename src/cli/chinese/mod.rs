//! The command line in Chinese: help, what is wrong with arguments, manual pages.
//!
//! The texts of the commands stand in English beside their arguments, and in Chinese in a table; what clap says itself is
//! put into Chinese here. A command line that is to be answered in Chinese is read by the translated command first, which
//! only tells help and mistakes; what is run comes from the English one.

mod mistake;
mod table;

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command};

pub use mistake::Wrong;
pub use mistake::told;

use super::flow::joined;

/// What clap writes itself.
const CLAP: [(&str, &str); 14] = [
    ("Print help (see a summary with '-h')", "打印帮助（-h 只给出摘要）"),
    ("Print help (see more with '--help')", "打印帮助（--help 给出详情）"),
    ("Print this message or the help of the given subcommand(s)", "打印本说明，或某个子命令的帮助"),
    ("Print version", "打印版本"),
    ("Print help", "打印帮助"),
    ("Possible values:", "可选值："),
    ("[possible values: ", "[可选值："),
    ("[default: ", "[默认值："),
    ("Usage:", "用法："),
    ("Commands:", "命令："),
    ("Options of every command:", "所有命令共有的选项："),
    ("Options:", "选项："),
    ("Arguments:", "参数："),
    ("For more information, try", "更多信息请用"),
];

/// The command line with all of its texts in Chinese, for help and mistakes only: it yields no values.
#[must_use]
pub fn translated(command: Command) -> Command {
    let names: Vec<String> =
        command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let arguments: Vec<String> =
        command.get_arguments().map(|argument| argument.get_id().to_string()).collect();
    // Clap breaks lines at blanks only, and takes a Chinese character for one column.
    let mut command = command.term_width(0);
    if let Some(about) = command.get_about().map(ToString::to_string) {
        command = command.about(in_chinese(&about));
    }
    if let Some(about) = command.get_long_about().map(ToString::to_string) {
        command = command.long_about(in_chinese(&about));
    }
    if let Some(help) = command.get_after_help().map(ToString::to_string) {
        command = command.after_help(end(&help));
    }
    for name in arguments {
        command = command.mut_arg(name, argument);
    }
    for name in names {
        command = command.mut_subcommand(name, translated);
    }
    command
}

fn argument(argument: Arg) -> Arg {
    let mut argument = argument;
    if let Some(help) = argument.get_help().map(ToString::to_string) {
        argument = argument.help(in_chinese(&help));
    }
    if let Some(help) = argument.get_long_help().map(ToString::to_string) {
        argument = argument.long_help(in_chinese(&help));
    }
    let values = argument.get_possible_values();
    let explained = values.iter().any(|value| value.get_help().is_some());
    if explained {
        let values = values.iter().map(|value| {
            let told = value.get_help().map(ToString::to_string);
            match told {
                Some(told) => value.clone().help(in_chinese(&told)),
                None => value.clone(),
            }
        });
        argument = argument.value_parser(PossibleValuesParser::new(values));
    }
    argument
}

/// A text of the table; what is not in it stays as it is.
fn in_chinese(english: &str) -> String {
    let row = table::ROWS.iter().find(|(text, _)| *text == english);
    row.map_or_else(|| english.to_owned(), |(_, chinese)| (*chinese).to_owned())
}

/// What stands under the help: the examples stay, the rest is told in Chinese.
#[must_use]
pub fn end(english: &str) -> String {
    let (examples, prose) = parts(english);
    let row = table::ENDS.iter().find(|(text, _)| *text == prose);
    let prose = row.map_or(prose.as_str(), |(_, chinese)| chinese);
    let gap = if prose.is_empty() { "" } else { "\n\n" };
    let prose = joined(prose, "");
    format!("示例：\n{}{gap}{prose}", examples.join("\n"))
}

/// The lines of the examples, and what follows them.
fn parts(help: &str) -> (Vec<String>, String) {
    let mut lines = help.lines().peekable();
    if lines.peek() == Some(&"Example:") {
        lines.next();
    }
    let mut examples = Vec::new();
    while let Some(line) = lines.next_if(|line| line.starts_with("  ")) {
        examples.push(line.to_owned());
    }
    let prose: Vec<&str> = lines.collect();
    (examples, prose.join("\n").trim().to_owned())
}

/// What clap drew, with its own words in Chinese.
#[must_use]
pub fn put(drawn: &str) -> String {
    CLAP.iter().fold(drawn.to_owned(), |text, (english, chinese)| text.replace(english, chinese))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cli::args::Cli;

    /// Every text of the command line, and every end of a help.
    fn texts(command: &Command, texts: &mut BTreeSet<String>, ends: &mut BTreeSet<String>) {
        let about = command.get_about().into_iter().chain(command.get_long_about());
        texts.extend(about.map(ToString::to_string));
        if let Some(help) = command.get_after_help() {
            ends.insert(parts(&help.to_string()).1);
        }
        for argument in command.get_arguments() {
            let help = argument.get_help().into_iter().chain(argument.get_long_help());
            texts.extend(help.map(ToString::to_string));
            let values = argument.get_possible_values();
            let told = values.iter().filter_map(|value| value.get_help());
            texts.extend(told.map(ToString::to_string));
        }
        for command in command.get_subcommands() {
            self::texts(command, texts, ends);
        }
    }

    #[test]
    fn every_text_of_the_command_line_has_one_row() {
        let (mut shown, mut ends) = (BTreeSet::new(), BTreeSet::new());
        texts(&Cli::whole(), &mut shown, &mut ends);
        ends.remove("");
        for (all, rows) in [(shown, table::ROWS), (ends, table::ENDS)] {
            let known: BTreeSet<String> = rows.iter().map(|(text, _)| (*text).to_owned()).collect();
            assert_eq!(known.len(), rows.len(), "a text has two rows");
            let missing: Vec<_> = all.difference(&known).collect();
            assert!(missing.is_empty(), "without a row: {missing:#?}");
            let needless: Vec<_> = known.difference(&all).collect();
            assert!(needless.is_empty(), "rows of no text: {needless:#?}");
        }
    }

    #[test]
    fn help_is_told_in_chinese_with_the_same_examples() {
        let words = ["pathproof", "trace", "--help"];
        let help = translated(Cli::whole()).try_get_matches_from(words).expect_err("help");
        let help = put(&help.to_string());
        for part in [
            "用法：",
            "选项：",
            "示例：\n  pathproof trace shop.ron --from ins-tom",
            "打印帮助",
            "可选值：",
        ] {
            assert!(help.contains(part), "{part}: {help}");
        }
        assert!(!help.contains("Options"), "{help}");
    }
}
