//! `pathproof man`: the manual page of the program, or of one of its commands.

use std::io;

use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::args::{Cli, Global};
use super::chinese;
use super::exit::Exit;
use super::one::complain;
use super::output::Output;
use crate::code::Language;
use crate::diagnostic::Words;
use crate::scenario::{nearest, question};

/// Arguments of `man`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof man > pathproof.1
  pathproof man check > pathproof-check.1")]
pub struct ManArgs {
    /// A command, or two words as in `import terraform`; without it, the program as a whole
    #[arg(num_args = 0..=2, value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// The exit status, in words of both languages.
const STATUS: [(&str, &str, &str); 4] = [
    (
        "0",
        "Everything asked holds, or what was asked is answered.",
        "所问全部成立，或所问已经回答。",
    ),
    (
        "1",
        "A finding: something asked does not hold or could not be decided, or nothing was asked.",
        "有发现：所问有不成立或无法判断的内容，或没有提出任何问题。",
    ),
    (
        "2",
        "The command line or the input cannot be used; nothing was decided.",
        "命令行或输入无法使用，未作任何判断。",
    ),
    (
        "3",
        "The program itself failed: output could not be written, or a bug.",
        "程序自身失败：输出无法写入，或程序有缺陷。",
    ),
];

/// The variables that the program looks at, in words of both languages.
const VARIABLES: [(&str, &str, &str); 3] = [
    (
        "PATHPROOF_LANG",
        "The language to answer in, en or zh, unless --lang says it.",
        "输出语言，en 或 zh；--lang 优先。",
    ),
    (
        "LC_ALL, LC_MESSAGES, LANG",
        "The language to answer in if neither of these is given: Chinese for zh, English otherwise.",
        "上述两者都未给出时的输出语言：zh 为中文，其余为英文。",
    ),
    ("NO_COLOR", "If it is set and not empty, nothing is coloured.", "设置且非空时不使用颜色。"),
];

/// The headings of a page in Chinese.
const HEADINGS: [(&str, &str); 9] = [
    (".SH NAME\n", ".SH 名称\n"),
    (".SH SYNOPSIS\n", ".SH 概要\n"),
    (".SH DESCRIPTION\n", ".SH 说明\n"),
    (".SH OPTIONS\n", ".SH 选项\n"),
    (".SH SUBCOMMANDS\n", ".SH 命令\n"),
    (".SH EXAMPLES\n", ".SH 示例\n"),
    (".SH \"EXIT STATUS\"\n", ".SH 退出状态\n"),
    (".SH ENVIRONMENT\n", ".SH 环境变量\n"),
    (".SH \"OPTIONS OF EVERY COMMAND\"\n", ".SH 所有命令共有的选项\n"),
];

/// Runs the command.
pub fn run(args: &ManArgs, global: &Global, output: &mut Output) -> Exit {
    let language = global.language();
    let Some(command) = command(&args.command, language) else {
        let asked = args.command.join(" ");
        let whole = Cli::whole();
        let names: Vec<&str> = whole.get_subcommands().map(Command::get_name).collect();
        let message =
            Words::new(format!("there is no command `{asked}`"), format!("没有命令 `{asked}`"));
        let near = nearest(&asked, names.iter().copied()).map(question);
        let help = near.unwrap_or_else(|| {
            let names = names.join(", ");
            Words::new(format!("there are {names}"), format!("现有命令：{names}"))
        });
        let help = Some(help.text(language));
        complain(global, output, message.text(language), help);
        return Exit::Unusable;
    };
    match page(command, language) {
        Ok(page) => {
            output.result(&page);
            Exit::Good
        }
        Err(error) => {
            output.note(&format!("error: the page cannot be made: {error}\n"));
            Exit::Failed
        }
    }
}

/// The command of these words, called by all of them: `pathproof-import-terraform`.
fn command(words: &[String], language: Language) -> Option<Command> {
    let whole = match language {
        Language::English => Cli::whole(),
        Language::Chinese => chinese::translated(Cli::whole()),
    };
    let mut command = whole.disable_help_subcommand(true);
    command.build();
    let mut name = command.get_name().to_owned();
    for word in words {
        command = command.find_subcommand(word)?.clone();
        name = format!("{name}-{}", command.get_name());
    }
    Some(command.display_name(name))
}

fn page(mut command: Command, language: Language) -> io::Result<String> {
    let has_commands = command.has_subcommands();
    let name = command.get_display_name().unwrap_or_default().to_owned();
    let examples = command.get_after_help().map(ToString::to_string);
    command = command.after_help("");
    let man = Man::new(command)
        .title(name.as_str())
        .source(concat!("pathproof ", env!("CARGO_PKG_VERSION")))
        .manual("pathproof");
    let mut bytes = Vec::new();
    man.render_title(&mut bytes)?;
    man.render_name_section(&mut bytes)?;
    man.render_synopsis_section(&mut bytes)?;
    man.render_description_section(&mut bytes)?;
    man.render_options_section(&mut bytes)?;
    if has_commands {
        man.render_subcommands_section(&mut bytes)?;
    }
    ends(&examples.unwrap_or_default(), language).to_writer(&mut bytes)?;
    let page = String::from_utf8_lossy(&bytes).into_owned();
    Ok(match language {
        Language::English => page,
        Language::Chinese => HEADINGS
            .iter()
            .fold(chinese::put(&page), |page, (english, chinese)| page.replace(english, chinese)),
    })
}

/// Examples as they are written, the exit status, the environment.
fn ends(help: &str, language: Language) -> Roff {
    let mut roff = Roff::new();
    let examples = help.lines().filter(|line| line.starts_with("  "));
    let is_example = |line: &&str| line.trim_start().starts_with("pathproof ");
    roff.control("SH", ["EXAMPLES"]);
    roff.control("nf", []);
    for example in examples.filter(is_example) {
        roff.text([roman(example.trim())]);
    }
    roff.control("fi", []);
    roff.control("SH", ["EXIT STATUS"]);
    described(&mut roff, &STATUS, language);
    roff.control("SH", ["ENVIRONMENT"]);
    described(&mut roff, &VARIABLES, language);
    roff
}

/// Names with what is said of each.
fn described(roff: &mut Roff, rows: &[(&str, &str, &str)], language: Language) {
    for (name, english, chinese) in rows {
        let words = match language {
            Language::English => *english,
            Language::Chinese => *chinese,
        };
        roff.control("TP", []);
        roff.text([bold(*name)]);
        roff.text([roman(words)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_with_examples_and_the_exit_status() {
        fn hold(command: &Command, words: &[String]) {
            let page = super::page(
                super::command(words, Language::English).expect("a command"),
                Language::English,
            );
            let page = page.expect("a page");
            for heading in ["NAME", "SYNOPSIS", "EXAMPLES", "\"EXIT STATUS\""] {
                assert!(page.contains(&format!(".SH {heading}\n")), "{heading}: {page}");
            }
            assert!(page.contains("pathproof "), "{page}");
            for sub in command.get_subcommands() {
                let more = [words, &[sub.get_name().to_owned()]].concat();
                hold(sub, &more);
            }
        }
        hold(&Cli::whole(), &[]);
    }

    #[test]
    fn a_page_is_told_in_chinese() {
        let command = super::command(&["check".to_owned()], Language::Chinese).expect("a command");
        let page = page(command, Language::Chinese).expect("a page");
        for part in [".SH 名称", ".SH 选项", ".SH 示例", ".SH 退出状态", "运行场景文件中的期望"]
        {
            assert!(page.contains(part), "{part}: {page}");
        }
        let headings = page.lines().filter(|line| line.starts_with(".SH"));
        let english =
            headings.filter(|line| line[3..].contains(|it: char| it.is_ascii_alphabetic()));
        assert_eq!(english.collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn there_is_no_page_of_what_is_no_command() {
        assert!(command(&["chek".to_owned()], Language::English).is_none());
    }
}
