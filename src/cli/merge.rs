//! `pathproof merge`: the parts of all slices as the whole, byte for byte what one run without slices gives.

#[cfg(feature = "parquet")]
mod whole;

use clap::Args;

#[cfg(feature = "parquet")]
pub use whole::run;

use super::args::Global;
use super::exit::Exit;
use super::output::Output;

/// Arguments of `merge`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof merge part-*.parquet --format csv
  pathproof merge part-*.parquet -o all.parquet

Without -o the whole is printed. All slices have to be there, each once, of the same files, question and
version: otherwise nothing is printed or written, and the status is 2.")]
pub struct MergeArgs {
    /// The files that `matrix -o` or `failures -o` wrote, in any order
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// Write the whole to this Parquet file, instead of printing it
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<String>,
}

/// Runs the command.
#[cfg(not(feature = "parquet"))]
pub fn run(_: &MergeArgs, global: &Global, output: &mut Output) -> Exit {
    super::parts::missing(global, output)
}
