//! `pathproof import`: a scenario file from what people have.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::args::{Format, Global, ImportArgs, ImportFrom, ImportOptions};
use super::exit::Exit;
use super::files::Disk;
use super::one::complain;
use super::output::Output;
use super::save::write_all;
use crate::code::Language;
use crate::diagnostic::{Severity, Words, visible, words};
use crate::import::{self, ImportError, Imported, Note, Outcome, tencent, terraform};
use crate::render::check_text::Verbosity;
use crate::scenario::{Files, load};

/// Runs the command.
pub fn import(args: &ImportArgs, global: &Global, output: &mut Output) -> Exit {
    let (imported, options) = match &args.from {
        ImportFrom::Terraform { file, options } => (from_terraform(file, options, global), options),
        ImportFrom::Tencent { folder, options } => (from_tencent(folder, options, global), options),
    };
    match imported {
        Ok(imported) => deliver(&imported, options, global, output),
        Err(error) => {
            refuse(&error, global, output);
            Exit::Unusable
        }
    }
}

/// Tells why nothing could be imported.
pub fn refuse(error: &ImportError, global: &Global, output: &mut Output) {
    let language = global.language();
    let help = error.help.as_ref().map(|help| help.text(language));
    complain(global, output, error.message.text(language), help);
}

fn from_terraform(
    file: &str,
    options: &ImportOptions,
    global: &Global,
) -> Result<Imported, ImportError> {
    let bytes = Disk::of(global)
        .read(file)
        .map_err(|error| unreadable(file, &error))?;
    let text = text(file, bytes)?;
    let options = terraform::Options {
        region: options.region.clone(),
        language: global.language(),
    };
    import::terraform(&text, &options)
}

fn from_tencent(
    folder: &str,
    options: &ImportOptions,
    global: &Global,
) -> Result<Imported, ImportError> {
    let failed = |error| unreadable(folder, &error);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let is_json = path.extension().is_some_and(|ending| ending == "json");
        if !is_json || path.is_dir() {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let bytes = Disk::default().read_included(&path.to_string_lossy());
        let bytes = bytes.map_err(|error| unreadable(&name, &error))?;
        let text = text(&name, bytes)?;
        files.push((name.into_owned(), text));
    }
    let options = tencent::Options {
        region: options.region.clone(),
        language: global.language(),
    };
    import::tencent(&files, &options)
}

fn unreadable(path: &str, error: &io::Error) -> ImportError {
    ImportError {
        message: words!("{path} cannot be read: {error}", "无法读取 {path}：{error}"),
        help: None,
    }
}

fn text(path: &str, bytes: Vec<u8>) -> Result<String, ImportError> {
    String::from_utf8(bytes).map_err(|_| ImportError {
        message: words!("{path} is no UTF-8 text", "{path} 不是 UTF-8 文本"),
        help: Some(Words::new(
            "a plan of Terraform's own is made JSON by `terraform show -json`",
            "Terraform 自有格式的计划可用 `terraform show -json` 转为 JSON",
        )),
    })
}

/// Writes the file or files and tells what was done.
fn deliver(
    imported: &Imported,
    options: &ImportOptions,
    global: &Global,
    output: &mut Output,
) -> Exit {
    let files = match &options.output {
        Some(path) if options.split => {
            let name = Path::new(path).file_name().unwrap_or_default();
            import::split(&imported.document, &name.to_string_lossy())
        }
        _ => vec![(String::new(), import::write(&imported.document))],
    };
    if let Some(path) = &options.output {
        let all = files.iter().enumerate().map(|(index, (name, text))| {
            let path = match index {
                0 => Path::new(path).to_owned(),
                _ => Path::new(path).with_file_name(name),
            };
            (path, text.as_str())
        });
        if let Err(exit) = write_all(&all.collect::<Vec<_>>(), global, output) {
            return exit;
        }
    }
    let text = files.first().map_or("", |(_, text)| text.as_str());
    match global.format {
        Format::Text => {
            if options.output.is_none() {
                output.result(text);
            }
            output.note(&summary(imported, global));
        }
        Format::Json => output.json(&document(imported, options, text, global.language())),
    }
    let unfit = unfit(files, options);
    for message in &unfit {
        complain(global, output, message.text(global.language()), None);
    }
    if imported.is_complete() && unfit.is_empty() {
        Exit::Good
    } else {
        Exit::Finding
    }
}

/// Files in memory.
struct Written(Vec<(String, String)>);

impl Files for Written {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let mut files = self.0.iter();
        let file = files.find(|(name, _)| name == path);
        file.map(|(_, text)| text.clone().into_bytes())
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// Why what was written does not load, on the road that every scenario takes; nothing, unless the importer is wrong.
fn unfit(files: Vec<(String, String)>, options: &ImportOptions) -> Vec<Words> {
    let Some(main) = files.first().map(|(name, _)| name.clone()) else {
        return Vec::new();
    };
    let loaded = load(&main, &Written(files));
    let name = options.output.as_deref();
    let (english, chinese) = (name.unwrap_or("the scenario"), name.unwrap_or("场景"));
    let errors = loaded.diagnostics.into_iter();
    let errors = errors.filter(|it| it.severity == Severity::Error);
    errors
        .map(|it| {
            Words::new(
                format!("{english} does not load: {}", it.message.english()),
                format!("{chinese} 无法载入：{}", it.message.chinese()),
            )
        })
        .collect()
}

/// A line for each note that is wanted, and how many there are of each.
fn summary(imported: &Imported, global: &Global) -> String {
    let language = global.language();
    let is_told = |note: &&Note| match global.verbosity() {
        Verbosity::Quiet => note.outcome == Outcome::LeftOut,
        Verbosity::Normal => note.outcome != Outcome::Imported,
        Verbosity::Verbose => true,
    };
    let notes = imported.notes.iter().filter(is_told);
    let mut text = String::new();
    for note in notes {
        text.push_str(&visible(&note.line(language)));
        text.push('\n');
    }
    let counts = Outcome::ALL.into_iter().filter_map(|outcome| {
        let notes = imported.notes.iter();
        let count = notes.filter(|note| note.outcome == outcome).count();
        let words = outcome.words();
        (count > 0).then(|| match language {
            Language::English => format!("{count} {}", words.english()),
            Language::Chinese => format!("{}{count}", words.chinese()),
        })
    });
    let counts: Vec<_> = counts.collect();
    if counts.is_empty() {
        text.push_str(match language {
            Language::English => "nothing in the input bears on connectivity\n",
            Language::Chinese => "输入中没有与连通性有关的内容\n",
        });
    } else {
        text.push_str(&counts.join(match language {
            Language::English => ", ",
            Language::Chinese => "，",
        }));
        text.push('\n');
    }
    text
}

fn document(imported: &Imported, options: &ImportOptions, text: &str, language: Language) -> Value {
    let notes = imported.notes.iter().map(|note| {
        json!({
            "outcome": note.outcome.name(),
            "resource": note.resource,
            "attribute": note.attribute,
            "message": note.why.text(language),
            "help": note.help.as_ref().map(|help| help.text(language)),
        })
    });
    json!({
        "schema": "pathproof.import/1",
        "complete": imported.is_complete(),
        "scenario": options.output.is_none().then_some(text),
        "notes": notes.collect::<Vec<_>>(),
    })
}
