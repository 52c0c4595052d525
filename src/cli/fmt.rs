//! `pathproof fmt`: scenario files with every line where it belongs.

use clap::Args;

use super::args::{Format, Global};
use super::exit::Exit;
use super::files::{Disk, Found, complain_unread, find, is_any_empty};
use super::one::tell;
use super::output::Output;
use super::save::replace;
use crate::code::Language;
use crate::diagnostic::visible;
use crate::render::case::counted;
use crate::scenario::{Files, lay_out};

/// Arguments of `fmt`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof fmt shop.ron
  pathproof fmt --check scenarios
  pathproof fmt - < shop.ron > tidy.ron

Words, their order and every comment stay; a file that could not be kept so is left alone and told.
Exit status: with --check 1 when a file is not laid out, 2 when one cannot be read.")]
pub struct FmtArgs {
    /// Scenario files, folders with *.ron files in them, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<String>,
    /// Change nothing; name the files that are not laid out, and end with 1 if there are any
    #[arg(long)]
    pub check: bool,
}

/// Runs the command.
pub fn run(args: &FmtArgs, global: &Global, output: &mut Output) -> Exit {
    if is_any_empty(&args.paths, global, output) {
        return Exit::Unusable;
    }
    let mut exit = Exit::Good;
    let mut changed = Vec::new();
    let mut all = 0;
    for mut found in find(&args.paths) {
        let read = match found.trouble.take() {
            Some(error) => Err(error),
            None => Disk::of(global).read(&found.path),
        };
        let told = match read {
            Ok(bytes) => file(&found, &bytes, args, global, output),
            Err(error) => {
                complain_unread(&found.path, &error, global, output);
                Err(Exit::Unusable)
            }
        };
        all += usize::from(!matches!(told, Ok(Laid::Foreign)));
        match told {
            Ok(Laid::Anew) => changed.push(found.path),
            Ok(Laid::AsItWas | Laid::Foreign) => {}
            Err(failed) => exit = exit.max(failed),
        }
    }
    if args.check && !changed.is_empty() {
        exit = exit.max(Exit::Finding);
    }
    let piped = args.paths.iter().any(|path| path == "-") && !args.check;
    if !piped {
        summary(&changed, all, args.check, global, output);
    }
    exit
}

/// What became of a file.
enum Laid {
    /// It changes.
    Anew,
    /// It was laid out.
    AsItWas,
    /// It lay in a folder and is no scenario: other programs have files of that name, too.
    Foreign,
}

/// Lays out one file.
fn file(
    found: &Found,
    bytes: &[u8],
    args: &FmtArgs,
    global: &Global,
    output: &mut Output,
) -> Result<Laid, Exit> {
    let path = found.path.as_str();
    let laid = lay_out(path, bytes.to_owned());
    if !found.named && !laid.is_scenario {
        let path = visible(path);
        output.note(&match global.language() {
            Language::English => format!("{path} is no scenario and stays as it is\n"),
            Language::Chinese => format!("{path} 不是场景文件，保持原样\n"),
        });
        return Ok(Laid::Foreign);
    }
    let Some(text) = laid.text else {
        tell(&laid.sources, &laid.diagnostics, global, output);
        return Err(Exit::Unusable);
    };
    let changed = text.as_bytes() != bytes;
    if path == "-" && !args.check {
        output.result(&text);
    } else if changed && !args.check {
        replace(path, &text, global, output)?;
    }
    Ok(if changed { Laid::Anew } else { Laid::AsItWas })
}

fn summary(changed: &[String], all: usize, check: bool, global: &Global, output: &mut Output) {
    if global.format == Format::Json {
        output.json(&serde_json::json!({
            "schema": "pathproof.fmt/1",
            "files": all,
            "changed": changed,
            "written": !check,
        }));
        return;
    }
    let count = changed.len();
    for path in changed {
        output.result(&format!("{path}\n"));
    }
    if global.quiet {
        return;
    }
    output.note(&match (global.language(), check) {
        (Language::English, true) => format!("{}, {count} not laid out\n", counted(all, "file")),
        (Language::English, false) => format!("{}, {count} laid out anew\n", counted(all, "file")),
        (Language::Chinese, true) => format!("共 {all} 个文件，{count} 个未排版\n"),
        (Language::Chinese, false) => format!("共 {all} 个文件，重新排版了 {count} 个\n"),
    });
}
