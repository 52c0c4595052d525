//! `pathproof lsp`: the language server, over standard input and output.

use clap::Args;
use lsp_server::Connection;

use super::args::Global;
use super::budget::BudgetOption;
use super::check::today;
use super::exit::Exit;
use super::files::Disk;
use super::one::complain;
use super::output::Output;
use crate::lsp::{Session, serve};

/// Arguments of `lsp`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof lsp

An editor starts it; docs/editors.md says how for VS Code, Neovim, Helix and Zed.")]
pub struct LspArgs {
    /// Taken and ignored: standard input and output are the only way to talk
    #[arg(long)]
    pub stdio: bool,
    /// How much a question may take.
    #[command(flatten)]
    pub budget: BudgetOption,
}

/// Runs the command.
pub fn run(args: &LspArgs, global: &Global, output: &mut Output) -> Exit {
    let disk = Disk::of(global);
    let session = Session {
        disk: &disk,
        today: today(),
        budget: args.budget.budget,
        language: global.language(),
    };
    let (connection, threads) = Connection::stdio();
    let served = serve(&connection, &session);
    drop(connection);
    match served.and_then(|()| threads.join().map_err(|error| error.to_string())) {
        Ok(()) => Exit::Good,
        Err(why) => {
            complain(global, output, &why, None);
            Exit::Failed
        }
    }
}
