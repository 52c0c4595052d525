//! `pathproof completions`: a script that teaches a shell to ask the program itself what may come next (`complete.rs`).

use clap_complete::Shell;
use clap_complete::env::Shells;

use super::args::CompletionsArgs;
use super::exit::Exit;
use super::output::Output;

/// The variable by which the script asks.
const VARIABLE: &str = "COMPLETE";

/// Runs the command.
pub fn run(args: &CompletionsArgs, output: &mut Output) -> Exit {
    output.result(&script(args.shell));
    Exit::Good
}

/// For Bash, whose readline takes words apart at colons and quotes nothing unless told.
const BASH: &str = include_str!("completions.bash");

fn script(shell: Shell) -> String {
    if shell == Shell::Bash {
        return BASH.to_owned();
    }
    let mut bytes = Vec::new();
    let shells = Shells::builtins();
    if let Some(shell) = shells.completer(&shell.to_string()) {
        let name = "pathproof";
        // Writing into memory does not fail.
        let _ = shell.write_registration(VARIABLE, name, name, name, &mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn every_shell_is_taught_to_ask_the_program() {
        for shell in Shell::value_variants() {
            let script = script(*shell);
            assert!(script.contains("COMPLETE"), "{shell}: {script}");
            assert!(script.contains("pathproof"), "{shell}");
        }
    }
}
