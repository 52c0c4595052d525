//! `pathproof man`: the manual page of the program, or of one of its commands.

use std::io;

use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::args::{Cli, Global};
use super::exit::Exit;
use super::one::complain;
use super::output::Output;
use crate::code::Language;

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

/// The exit status, in words.
const STATUS: [(&str, &str); 4] = [
    (
        "0",
        "Everything asked holds, or what was asked is answered.",
    ),
    (
        "1",
        "A finding: something asked does not hold or could not be decided, or nothing was asked.",
    ),
    (
        "2",
        "The command line or the input cannot be used; nothing was decided.",
    ),
    (
        "3",
        "The program itself failed: output could not be written, or a bug.",
    ),
];

/// Runs the command.
pub fn run(args: &ManArgs, global: &Global, output: &mut Output) -> Exit {
    let Some(command) = command(&args.command) else {
        let asked = args.command.join(" ");
        let whole = Cli::whole();
        let names: Vec<&str> = whole.get_subcommands().map(Command::get_name).collect();
        let names = names.join(", ");
        let (message, help) = match global.language() {
            Language::English => (
                format!("there is no command `{asked}`"),
                format!("there are {names}"),
            ),
            Language::Chinese => (format!("没有命令 `{asked}`"), format!("现有命令：{names}")),
        };
        complain(global, output, &message, Some(&help));
        return Exit::Unusable;
    };
    match page(command) {
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
fn command(words: &[String]) -> Option<Command> {
    let mut command = Cli::whole().disable_help_subcommand(true);
    command.build();
    let mut name = command.get_name().to_owned();
    for word in words {
        command = command.find_subcommand(word)?.clone();
        name = format!("{name}-{}", command.get_name());
    }
    Some(command.display_name(name))
}

fn page(mut command: Command) -> io::Result<String> {
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
    ends(&examples.unwrap_or_default()).to_writer(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Examples as they are written, the exit status, the environment.
fn ends(help: &str) -> Roff {
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
    for (code, words) in STATUS {
        roff.control("TP", []);
        roff.text([bold(code)]);
        roff.text([roman(words)]);
    }
    roff.control("SH", ["ENVIRONMENT"]);
    roff.control("TP", []);
    roff.text([bold("NO_COLOR")]);
    roff.text([roman("If it is set and not empty, nothing is coloured.")]);
    roff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_with_examples_and_the_exit_status() {
        fn hold(command: &Command, words: &[String]) {
            let page = page(super::command(words).expect("a command")).expect("a page");
            for heading in ["NAME", "SYNOPSIS", "EXAMPLES", "\"EXIT STATUS\""] {
                assert!(
                    page.contains(&format!(".SH {heading}\n")),
                    "{heading}: {page}"
                );
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
    fn there_is_no_page_of_what_is_no_command() {
        assert!(command(&["chek".to_owned()]).is_none());
    }
}
