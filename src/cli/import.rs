//! `pathproof import`: a scenario file from what people have.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::Path;

use serde_json::{Value, json};

use super::args::{Format, Global, ImportArgs, ImportFrom, ImportOptions};
use super::exit::Exit;
use super::files::Disk;
use super::keep::{Changed, Kept};
use super::one::complain;
use super::output::Output;
use super::save::write_all;
use crate::code::Language;
use crate::diagnostic::{Severity, Words, chinese_of, visible, words};
use crate::import::terraform::Strange;
use crate::import::{self, ImportError, Imported, Note, Outcome, tencent, terraform};
use crate::render::check_text::Verbosity;
use crate::render::screen::width;
use crate::render::wrap::wrap;
use crate::scenario::{Files, load};

/// Runs the command.
pub fn import(args: &ImportArgs, global: &Global, output: &mut Output) -> Exit {
    let options = match &args.from {
        ImportFrom::Terraform { options, .. } | ImportFrom::Tencent { options, .. } => options,
    };
    if let Some(path) = &options.report
        && !is_markdown(path)
        && Path::new(path).extension().is_none_or(|it| it != "json")
    {
        let message = words!(
            "a report is written as *.json or *.md, not as {path}",
            "报告应写为 *.json 或 *.md，而不是 {path}"
        );
        complain(global, output, message.text(global.language()), None);
        return Exit::Unusable;
    }
    let kept = match &options.keep {
        None => None,
        Some(path) => match Kept::read(path, global, output) {
            Ok(kept) => Some(kept),
            Err(exit) => return exit,
        },
    };
    let imported = match &args.from {
        ImportFrom::Terraform { files, config, .. } => {
            let config = configuration(config.as_deref());
            config.and_then(|config| from_terraform(files, config, options, global))
        }
        ImportFrom::Tencent { folder, .. } => from_tencent(folder, options, global),
    };
    match imported {
        Ok(imported) => deliver(imported, kept.as_ref(), options, global, output),
        Err(error) => {
            refuse(&error, global, output);
            Exit::Unusable
        }
    }
}

fn is_markdown(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|ending| ending == "md")
}

/// Tells why nothing could be imported.
pub fn refuse(error: &ImportError, global: &Global, output: &mut Output) {
    let language = global.language();
    let help = error.help.as_ref().map(|help| help.text(language));
    complain(global, output, error.message.text(language), help);
}

fn from_terraform(
    paths: &[String],
    config: Vec<(String, String)>,
    options: &ImportOptions,
    global: &Global,
) -> Result<Imported, ImportError> {
    let mut texts = Vec::new();
    let mut strange = Strange::Refused;
    for path in paths {
        if path == "-" || !Path::new(path).is_dir() {
            let bytes = Disk::of(global).read(path).map_err(|error| unreadable(path, &error))?;
            texts.push((path.clone(), text(path, bytes)?));
            continue;
        }
        // nobody said of every file in a folder that it is one
        strange = Strange::PassedOver;
        let found = folder(path, &[".json", ".tfstate"])?;
        texts.extend(found.into_iter().map(|(name, text)| (format!("{path}/{name}"), text)));
    }
    if !config.is_empty() && texts.len() != 1 {
        return Err(ImportError {
            message: Words::new(
                "--config goes with the one plan that was made of it",
                "--config 只能与由其生成的一个计划同用",
            ),
            help: None,
        });
    }
    let options =
        terraform::Options { region: options.region.clone(), language: global.language(), config };
    match &texts[..] {
        [(_, text)] => import::terraform(text, &options),
        _ => terraform::terraform_all(&texts, strange, &options),
    }
}

fn from_tencent(
    path: &str,
    options: &ImportOptions,
    global: &Global,
) -> Result<Imported, ImportError> {
    let files = folder(path, &[".json"])?;
    let options = tencent::Options { region: options.region.clone(), language: global.language() };
    import::tencent(&files, &options)
}

/// The files of a configuration, and of the modules that Terraform has fetched for it.
pub fn configuration(path: Option<&str>) -> Result<Vec<(String, String)>, ImportError> {
    let Some(path) = path else {
        return Ok(Vec::new());
    };
    let blocks = [".tf", ".tf.json", ".tofu", ".tofu.json"];
    let mut files = folder(path, &blocks)?;
    if files.is_empty() {
        return Err(ImportError {
            message: words!("{path} holds no *.tf files", "{path} 中没有 *.tf 文件"),
            help: None,
        });
    }
    files.extend(folder(path, &[".tfvars", ".tfvars.json"])?);
    let fetched = Path::new(path).join(".terraform/modules");
    if fetched.is_dir() {
        let mut wanted = blocks.to_vec();
        wanted.push("modules.json");
        let own = folder(&fetched.to_string_lossy(), &wanted)?.into_iter();
        files.extend(own.map(|(name, text)| (format!(".terraform/modules/{name}"), text)));
    }
    Ok(files)
}

/// The files with one of the endings in a folder and in those inside it, by their path from there. What Terraform keeps
/// for itself is none of them.
fn folder(folder: &str, endings: &[&str]) -> Result<Vec<(String, String)>, ImportError> {
    let is_wanted = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        endings.iter().any(|wanted| name.ends_with(wanted))
    };
    let failed = |error| unreadable(folder, &error);
    let mut files = Vec::new();
    let mut folders = vec![(Path::new(folder).to_owned(), String::new())];
    while let Some((path, within)) = folders.pop() {
        for entry in fs::read_dir(&path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = format!("{within}{}", entry.file_name().to_string_lossy());
            let path = entry.path();
            // not through links, which may lead in circles
            if entry.file_type().map_err(failed)?.is_dir() {
                if entry.file_name() == ".terraform" {
                    continue;
                }
                folders.push((path, format!("{name}/")));
            } else if is_wanted(&path) && !path.is_dir() {
                let bytes = Disk::default().read_included(&path.to_string_lossy());
                let bytes = bytes.map_err(|error| unreadable(&name, &error))?;
                files.push((name.clone(), text(&name, bytes)?));
            }
        }
    }
    files.sort();
    Ok(files)
}

fn unreadable(path: &str, error: &io::Error) -> ImportError {
    ImportError {
        message: Words::new(
            format!("{path} cannot be read: {error}"),
            format!("无法读取 {path}：{}", chinese_of(error)),
        ),
        help: None,
    }
}

/// A text of UTF-8, or of UTF-16 with its mark in front, as `>` of PowerShell writes.
fn text(path: &str, bytes: Vec<u8>) -> Result<String, ImportError> {
    let wide = |pair: fn([u8; 2]) -> u16| {
        let units = bytes[2..].chunks_exact(2);
        let units: Vec<u16> = units.map(|unit| pair([unit[0], unit[1]])).collect();
        String::from_utf16(&units).ok()
    };
    let decoded = match bytes.get(..2) {
        Some([0xFF, 0xFE]) => wide(u16::from_le_bytes),
        Some([0xFE, 0xFF]) => wide(u16::from_be_bytes),
        _ => None,
    };
    if let Some(text) = decoded {
        return Ok(text);
    }
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
    mut imported: Imported,
    kept: Option<&Kept>,
    options: &ImportOptions,
    global: &Global,
    output: &mut Output,
) -> Exit {
    let language = global.language();
    let changed = kept.map(|kept| kept.put(&mut imported.document));
    let mut files = match &options.output {
        Some(path) if options.split => {
            let name = Path::new(path).file_name().unwrap_or_default();
            import::split(&imported.document, &name.to_string_lossy())
        }
        _ => vec![(String::new(), import::write(&imported.document))],
    };
    if let (Some(kept), Some((_, main))) = (kept, files.first_mut()) {
        *main = kept.beside(main);
    }
    let text = files.first().map_or("", |(_, text)| text.as_str());
    let report = document(&imported, changed.as_ref(), options, text, language);
    let unfit = unfit(files.clone(), options);
    // what was kept may speak of what is no longer there, and that is for its author to mend
    if kept.is_none() && !unfit.is_empty() {
        tell_unfit(&unfit, global, output);
        return Exit::Unusable;
    }
    if let Err(exit) = write_down(&imported, &files, &report, options, global, output) {
        return exit;
    }
    match global.format {
        Format::Text => {
            if options.output.is_none() {
                output.result(text);
            }
            output.note(&summary(&imported, global));
            if let (Some(kept), Some(changed)) = (kept, &changed) {
                output.note(&kept.changes(changed, language));
            }
        }
        Format::Json => output.json(&report),
    }
    tell_unfit(&unfit, global, output);
    if imported.is_complete() && unfit.is_empty() { Exit::Good } else { Exit::Finding }
}

/// Writes the files and the report to where they are wanted.
fn write_down(
    imported: &Imported,
    files: &[(String, String)],
    report: &Value,
    options: &ImportOptions,
    global: &Global,
    output: &mut Output,
) -> Result<(), Exit> {
    let mut wanted = Vec::new();
    if let Some(path) = &options.output {
        for (index, (name, text)) in files.iter().enumerate() {
            let path = match index {
                0 => Path::new(path).to_owned(),
                _ => Path::new(path).with_file_name(name),
            };
            wanted.push((path, text.clone()));
        }
    }
    if let Some(path) = &options.report {
        let text = if is_markdown(path) {
            imported.markdown(global.language())
        } else {
            format!("{report:#}\n")
        };
        wanted.push((Path::new(path).to_owned(), text));
    }
    let wanted: Vec<_> = wanted.iter().map(|(path, text)| (path.clone(), text.as_str())).collect();
    write_all(&wanted, global, output)
}

fn tell_unfit(unfit: &[Words], global: &Global, output: &mut Output) {
    for message in unfit {
        complain(global, output, message.text(global.language()), None);
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
    // In a pipe a note is a line, for whoever looks for one; on a terminal it fits.
    let limit = if std::io::stderr().is_terminal() { width() } else { usize::MAX };
    for note in notes {
        let line = note.line(language);
        for (index, part) in wrap(&visible(&line), limit.saturating_sub(2)).iter().enumerate() {
            let indent = if index == 0 { "" } else { "  " };
            text.extend([indent, part, "\n"]);
        }
    }
    let counts = Outcome::ALL.into_iter().filter_map(|outcome| {
        let notes = imported.notes.iter();
        let count = notes.filter(|note| note.outcome == outcome).count();
        let words = outcome.words();
        (count > 0).then(|| match language {
            Language::English => format!("{count} {}", words.english()),
            Language::Chinese => format!("{} {count}", words.chinese()),
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

fn document(
    imported: &Imported,
    changed: Option<&Changed>,
    options: &ImportOptions,
    text: &str,
    language: Language,
) -> Value {
    let mut document = json!({
        "schema": "pathproof.import/1",
        "complete": imported.is_complete(),
        "scenario": options.output.is_none().then_some(text),
        "changes": changed.map(Changed::json),
    });
    for (name, part) in imported.json(language) {
        document[name] = part;
    }
    document
}
