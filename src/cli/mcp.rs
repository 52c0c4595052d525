//! `pathproof mcp`: the questions of an assistant, over standard input and output.

use clap::Args;

use super::args::Global;
use super::budget::BudgetOption;
use super::check::today;
use super::exit::Exit;
use super::files::{Disk, is_nothing_to_serve};
use super::one::complain;
use super::output::Output;
use crate::ask::{Need, Reach, Resident};
use crate::mcp::serve;

/// Arguments of `mcp`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof mcp
  pathproof mcp network

An assistant starts it; docs/assistants.md says how. Nothing is written, and no file but those that are named is read.")]
pub struct McpArgs {
    /// A scenario file, or a folder of them: no other file can be asked; without it, each question names one
    #[arg(value_name = "FILE|DIR")]
    pub path: Option<String>,
    /// How much a question may take.
    #[command(flatten)]
    pub budget: BudgetOption,
}

/// Runs the command.
pub fn run(args: &McpArgs, global: &Global, output: &mut Output) -> Exit {
    if args.path.as_deref() == Some("-") {
        let message = crate::diagnostic::Words::new(
            "standard input is taken by the questions: name a file",
            "标准输入已用于提问，请指定文件",
        );
        complain(global, output, message.text(global.language()), None);
        return Exit::Unusable;
    }
    let mut path = args.path.iter();
    if path.any(|path| is_nothing_to_serve(path, global, output)) {
        return Exit::Unusable;
    }
    let (reach, file) = match &args.path {
        Some(path) => (Reach::Under(path.clone()), Need::May),
        None => (Reach::Any, Need::Must),
    };
    let disk = Box::new(Disk::of(global));
    let resident = Resident::new(disk, reach, (args.budget.budget, today), global.language());
    match serve(resident, file) {
        Ok(()) => Exit::Good,
        Err(why) => {
            complain(global, output, &why, None);
            Exit::Failed
        }
    }
}
