//! `pathproof init`: a scenario file to begin with.

use std::path::Path;

use clap::Args;

use super::args::Global;
use super::exit::Exit;
use super::one::complain;
use super::output::Output;
use super::save::save;
use crate::code::Language;

/// A small network with remarks, in both languages.
const SKELETONS: [&str; 2] =
    [include_str!("init/skeleton.en.ron"), include_str!("init/skeleton.zh.ron")];

/// Arguments of `init`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof init shop.ron
  pathproof init shop.ron --lang zh

A file that exists is never written over. From what exists in the cloud: pathproof import.")]
pub struct InitArgs {
    /// The file to write, or - for standard output
    #[arg(default_value = "scenario.ron")]
    pub file: String,
}

/// Runs the command.
pub fn run(args: &InitArgs, global: &Global, output: &mut Output) -> Exit {
    let language = global.language();
    let [english, chinese] = SKELETONS;
    let text = match language {
        Language::English => english,
        Language::Chinese => chinese,
    };
    let path = &args.file;
    if path == "-" {
        output.result(text);
        return Exit::Good;
    }
    if Path::new(path).exists() {
        let (message, help) = match language {
            Language::English => (
                format!("`{path}` exists already, and stays as it is"),
                "name another file, or - for standard output",
            ),
            Language::Chinese => {
                (format!("`{path}` 已存在，保持原样"), "请换一个文件名，或用 - 输出到标准输出")
            }
        };
        complain(global, output, &message, Some(help));
        return Exit::Unusable;
    }
    let saved = save(path, text, global, output);
    if saved == Exit::Good && !global.quiet {
        output.note(&match language {
            Language::English => format!("next: pathproof check {path}\n"),
            Language::Chinese => format!("下一步：pathproof check {path}\n"),
        });
    }
    saved
}
