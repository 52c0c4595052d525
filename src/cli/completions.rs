//! `pathproof completions`: a script that teaches a shell the command line.

use clap_complete::{Shell, generate};

use super::args::{Cli, CompletionsArgs};
use super::exit::Exit;
use super::output::Output;

/// Runs the command.
pub fn run(args: &CompletionsArgs, output: &mut Output) -> Exit {
    output.result(&script(args.shell));
    Exit::Good
}

fn script(shell: Shell) -> String {
    let mut bytes = Vec::new();
    generate(shell, &mut Cli::whole(), "pathproof", &mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn every_shell_learns_the_commands() {
        for shell in Shell::value_variants() {
            let script = script(*shell);
            for command in Cli::whole().get_subcommands() {
                assert!(script.contains(command.get_name()), "{shell}");
            }
        }
    }
}
