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
use crate::diagnostic::Severity;
use crate::import::{self, ImportError, Imported, Note, Outcome, tencent, terraform};
use crate::render::check_text::Verbosity;
use crate::scenario::{Files, load};

/// Runs the command.
pub fn import(args: &ImportArgs, global: &Global, output: &mut Output) -> Exit {
    let (imported, options) = match &args.from {
        ImportFrom::Terraform { file, options } => (from_terraform(file, options), options),
        ImportFrom::Tencent { folder, options } => (from_tencent(folder, options), options),
    };
    match imported {
        Ok(imported) => deliver(&imported, options, global, output),
        Err(error) => {
            complain(global, output, &error.message, error.help.as_deref());
            Exit::Unusable
        }
    }
}

fn from_terraform(file: &str, options: &ImportOptions) -> Result<Imported, ImportError> {
    let bytes = Disk.read(file).map_err(|error| unreadable(file, &error))?;
    let text = text(file, bytes)?;
    let options = terraform::Options {
        region: options.region.clone(),
    };
    import::terraform(&text, &options)
}

fn from_tencent(folder: &str, options: &ImportOptions) -> Result<Imported, ImportError> {
    let failed = |error| unreadable(folder, &error);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let is_json = path.extension().is_some_and(|ending| ending == "json");
        if !is_json || path.is_dir() {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let bytes = fs::read(&path).map_err(|error| unreadable(&name, &error))?;
        let text = text(&name, bytes)?;
        files.push((name.into_owned(), text));
    }
    let options = tencent::Options {
        region: options.region.clone(),
    };
    import::tencent(&files, &options)
}

fn unreadable(path: &str, error: &io::Error) -> ImportError {
    ImportError {
        message: format!("{path} cannot be read: {error}"),
        help: None,
    }
}

fn text(path: &str, bytes: Vec<u8>) -> Result<String, ImportError> {
    String::from_utf8(bytes).map_err(|_| ImportError {
        message: format!("{path} is no UTF-8 text"),
        help: Some("a plan of Terraform's own is made JSON by `terraform show -json`".to_owned()),
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
        for (index, (name, text)) in files.iter().enumerate() {
            let path = match index {
                0 => Path::new(path).to_owned(),
                _ => Path::new(path).with_file_name(name),
            };
            if let Err(error) = fs::write(&path, text) {
                let message = format!("{} cannot be written: {error}", path.display());
                complain(global, output, &message, None);
                return Exit::Failed;
            }
        }
    }
    let text = files.first().map_or("", |(_, text)| text.as_str());
    match global.format {
        Format::Text => {
            if options.output.is_none() {
                output.result(text);
            }
            output.note(&summary(imported, global.verbosity()));
        }
        Format::Json => output.json(&document(imported, options, text)),
    }
    let unfit = unfit(files, options);
    for message in &unfit {
        complain(global, output, message, None);
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
fn unfit(files: Vec<(String, String)>, options: &ImportOptions) -> Vec<String> {
    let Some(main) = files.first().map(|(name, _)| name.clone()) else {
        return Vec::new();
    };
    let loaded = load(&main, &Written(files));
    let name = options.output.as_deref().unwrap_or("the scenario");
    let errors = loaded.diagnostics.into_iter();
    let errors = errors.filter(|it| it.severity == Severity::Error);
    errors
        .map(|it| format!("{name} does not load: {}", it.message))
        .collect()
}

/// A line for each note that is wanted, and how many there are of each.
fn summary(imported: &Imported, verbosity: Verbosity) -> String {
    let is_told = |note: &&Note| match verbosity {
        Verbosity::Quiet => note.outcome == Outcome::LeftOut,
        Verbosity::Normal => note.outcome != Outcome::Imported,
        Verbosity::Verbose => true,
    };
    let notes = imported.notes.iter().filter(is_told);
    let mut text = String::new();
    for note in notes {
        text.push_str(&note.to_string());
        text.push('\n');
    }
    let counts = [
        Outcome::Imported,
        Outcome::StoodIn,
        Outcome::Assumed,
        Outcome::Doubtful,
        Outcome::LeftOut,
    ];
    let counts = counts.into_iter().filter_map(|outcome| {
        let notes = imported.notes.iter();
        let count = notes.filter(|note| note.outcome == outcome).count();
        (count > 0).then(|| format!("{count} {}", outcome.words()))
    });
    let counts: Vec<_> = counts.collect();
    if counts.is_empty() {
        text.push_str("nothing in the input bears on connectivity\n");
    } else {
        text.push_str(&counts.join(", "));
        text.push('\n');
    }
    text
}

fn document(imported: &Imported, options: &ImportOptions, text: &str) -> Value {
    let notes = imported.notes.iter().map(|note| {
        json!({
            "outcome": note.outcome.words().replace(' ', "_"),
            "resource": note.resource,
            "attribute": note.attribute,
            "message": note.why,
            "help": note.help,
        })
    });
    json!({
        "schema": "pathproof.import/1",
        "complete": imported.is_complete(),
        "scenario": options.output.is_none().then_some(text),
        "notes": notes.collect::<Vec<_>>(),
    })
}
