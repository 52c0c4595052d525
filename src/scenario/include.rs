//! Reading a scenario file and the files that it includes.
//!
//! Files come through [`Files`], so nothing here touches a disk. A file that is included twice is read once. The
//! result is in merge order: what is included stands before what includes it.

use std::cell::OnceCell;
use std::io;
use std::sync::Arc;

use super::fields::Fields;
use super::near;
use super::read::outline::section_names;
use super::reader::Reader;
use super::text::{self, LARGEST, Unreadable};
use super::value::Value;
use super::word;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Severity, Sources, Words, chinese_of};

/// Where files come from: several may be read at once.
pub trait Files: Sync {
    /// The bytes of a file that somebody asks for.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;

    /// The bytes of a file that only another file asks for.
    fn read_included(&self, path: &str) -> io::Result<Vec<u8>> {
        self.read(path)
    }

    /// Whether a file lies outside the folder of the scenario that includes it.
    fn is_outside(&self, scenario: &str, path: &str) -> bool {
        is_outside(scenario, path)
    }

    /// The path of what was likely meant by one where nothing is.
    fn near(&self, _path: &str) -> Option<String> {
        None
    }

    /// Whether such a file is read all the same.
    fn may_leave(&self) -> bool {
        true
    }
}

/// How many files one scenario may have.
const MOST_FILES: usize = 1000;
/// How many bytes they may have together.
const MOST_BYTES: usize = 2 * LARGEST;
/// How deep files may include each other.
const DEEPEST: usize = 50;

/// Texts that stay where they are while more are added.
pub struct Shelf(Vec<OnceCell<Arc<str>>>);

impl Shelf {
    /// Room for the files of one scenario.
    pub fn new() -> Self {
        Self((0..MOST_FILES).map(|_| OnceCell::new()).collect())
    }

    fn put(&self, text: Arc<str>) -> Option<&Arc<str>> {
        let free = self.0.iter().find(|slot| slot.get().is_none())?;
        Some(free.get_or_init(|| text))
    }
}

/// The parts of one file.
pub struct Document<'src> {
    /// `name`.
    pub name: Option<Value<'src>>,
    /// `network`.
    pub network: Option<Value<'src>>,
    /// `names`.
    pub names: Option<Value<'src>>,
    /// `expect`.
    pub expect: Option<Value<'src>>,
    /// `steps`.
    pub steps: Option<Value<'src>>,
    /// `what_if`.
    pub what_if: Option<Value<'src>>,
    /// `lint`.
    pub lint: Option<Value<'src>>,
}

/// Reads files that include each other.
pub struct Includer<'load, 'src> {
    /// Where files come from.
    pub files: &'load dyn Files,
    /// Where their texts stay.
    pub shelf: &'src Shelf,
    /// Where diagnostics find them.
    pub sources: &'load mut Sources,
    /// The files in merge order.
    pub documents: Vec<Document<'src>>,
    seen: Vec<String>,
    open: Vec<String>,
    /// How many bytes were read.
    bytes: usize,
}

impl<'load, 'src> Includer<'load, 'src> {
    /// Nothing read yet.
    pub fn new(files: &'load dyn Files, shelf: &'src Shelf, sources: &'load mut Sources) -> Self {
        Self {
            files,
            shelf,
            sources,
            documents: Vec::new(),
            seen: Vec::new(),
            open: Vec::new(),
            bytes: 0,
        }
    }

    /// Reads the file that the user named, and all that it includes.
    pub fn start(&mut self, path: &str, at: &mut Reader<'src>) {
        match self.files.read(path) {
            Ok(bytes) => self.file(path, bytes, at),
            Err(error) => at.report(Diagnostic {
                code: code(&error, Code::Io),
                severity: Severity::Error,
                message: unreadable(path, &error),
                primary: None,
                others: Vec::new(),
                help: self.meant(path, &error),
            }),
        }
    }

    /// What was likely meant by a path where nothing is.
    fn meant(&self, path: &str, error: &io::Error) -> Option<Words> {
        let is_missing = error.kind() == io::ErrorKind::NotFound;
        let near = is_missing.then(|| self.files.near(path))?;
        near.as_deref().map(near::question)
    }

    fn file(&mut self, path: &str, bytes: Vec<u8>, at: &mut Reader<'src>) {
        self.seen.push(normal(path));
        self.bytes += bytes.len();
        let (decoded, unreadable) = text::decode(bytes);
        let Some(text) = self.shelf.put(decoded) else {
            return;
        };
        let file = self.sources.add(path.to_owned(), Arc::clone(text));
        if !text::looks_like_a_scenario(text) {
            self.sources.veil(file);
        }
        at.texts.add(file, text);
        if let Some(Unreadable { code, at: place, message, help }) = unreadable {
            let span = at.span(&text[place]);
            let diagnostic = Diagnostic::error(code, span, message);
            at.report(Diagnostic { help, ..diagnostic });
            at.partial = true;
            return;
        }
        let Some(mut fields) = text::root(text, at) else {
            at.partial = true;
            return;
        };
        let mut document = Document {
            name: fields.value("name"),
            network: None,
            names: None,
            expect: None,
            steps: None,
            what_if: None,
            lint: None,
        };
        self.open.push(normal(path));
        if let Some(value) = fields.value("include") {
            self.includes(path, value, fields.at);
        }
        self.open.pop();
        document.network = fields.value("network");
        document.names = fields.value("names");
        document.expect = fields.value("expect");
        document.steps = fields.value("steps");
        document.what_if = fields.value("what_if");
        document.lint = fields.value("lint");
        if !self.open.is_empty() {
            for name in ["expect", "steps", "what_if"] {
                if let Some(place) = fields.name(name) {
                    let span = fields.at.span(place);
                    let message = Words::new(
                        format!("`{name}` of an included file is ignored"),
                        format!("被包含文件中的 `{name}` 会被忽略"),
                    );
                    fields.at.report(Diagnostic::warning(
                        Code::IncludeIgnoresExpectations,
                        span,
                        message,
                    ));
                }
            }
        }
        outside_the_network(&mut fields);
        fields.finish();
        self.documents.push(document);
    }

    fn includes(&mut self, path: &str, value: Value<'src>, at: &mut Reader<'src>) {
        let wanted = at.list(value, |item, at| word::words(item, at).map(|name| (item, name)));
        at.partial |= wanted.is_none();
        for (item, name) in wanted.unwrap_or_default() {
            if at.is_over() {
                return;
            }
            let path = beside(path, &name);
            let strayed = self.strayed(&path);
            let is_read = strayed.is_none() || self.files.may_leave();
            if let Some(message) = strayed {
                let mut warning =
                    Diagnostic::warning(Code::IncludeOutside, at.span(item.text()), message);
                if !is_read {
                    warning.severity = Severity::Error;
                }
                at.report(warning);
            }
            let included = if is_read {
                self.include(&path, at)
            } else {
                at.partial = true;
                Ok(())
            };
            if let Err((code, message)) = included {
                at.partial = true;
                let error = Diagnostic::error(code, at.span(item.text()), message);
                let is_missing = code == Code::IncludeNotFound;
                let help = is_missing.then(|| self.files.near(&path)).flatten();
                // As this file has to write it.
                let folder = &path[..path.len().saturating_sub(normal(&name).len())];
                let help = help.as_deref().and_then(|near| near.strip_prefix(folder));
                let help = help.map(near::question);
                at.report(Diagnostic { help, ..error });
            }
        }
    }

    /// What to say of a file outside the folder of the file that the user named.
    fn strayed(&self, path: &str) -> Option<Words> {
        let named = self.open.first()?;
        let is_outside = self.files.is_outside(named, path);
        is_outside.then(|| {
            Words::new(
                format!("`{path}` lies outside the folder of `{named}`"),
                format!("`{path}` 位于 `{named}` 所在文件夹之外"),
            )
        })
    }

    fn include(&mut self, path: &str, at: &mut Reader<'src>) -> Result<(), (Code, Words)> {
        if let Some(start) = self.open.iter().position(|open| open == path) {
            let way: Vec<&str> =
                self.open[start..].iter().map(String::as_str).chain([path]).collect();
            return Err((
                Code::IncludeCycle,
                Words::new(
                    format!("`{path}` includes itself: {}", way.join(" → ")),
                    format!("`{path}` 包含了自身：{}", way.join(" → ")),
                ),
            ));
        }
        if self.seen.iter().any(|seen| seen == path) {
            // two files may share a third; its network is there once
            return Ok(());
        }
        if self.open.len() >= DEEPEST {
            return Err((
                Code::TooDeep,
                Words::new(
                    format!("more than {DEEPEST} files include each other"),
                    format!("文件互相包含超过 {DEEPEST} 层"),
                ),
            ));
        }
        if self.seen.len() >= MOST_FILES {
            return Err((
                Code::TooLarge,
                Words::new(
                    format!("a scenario has more than {MOST_FILES} files"),
                    format!("一个场景的文件超过 {MOST_FILES} 个"),
                ),
            ));
        }
        let bytes = self.files.read_included(path);
        let bytes = bytes.map_err(|error| {
            let code = code(&error, Code::IncludeNotFound);
            (code, unreadable(path, &error))
        })?;
        if self.bytes + bytes.len() > MOST_BYTES {
            return Err((
                Code::TooLarge,
                Words::new(
                    format!("the files of a scenario have more than {MOST_BYTES} bytes together"),
                    format!("一个场景的所有文件合计超过 {MOST_BYTES} 字节"),
                ),
            ));
        }
        self.file(path, bytes, at);
        Ok(())
    }
}

/// Sections of a network that stand beside it: one slip, whatever then refers to them.
fn outside_the_network(fields: &mut Fields<'_, '_>) {
    let strayed = section_names().filter_map(|name| {
        let written = fields.name(name)?;
        fields.misplaced(name);
        Some(written)
    });
    let mut strayed: Vec<&str> = strayed.collect();
    strayed.sort_by_key(|name| name.as_ptr());
    let Some(first) = strayed.first() else {
        return;
    };
    let names: Vec<String> = strayed.iter().map(|name| format!("`{name}`")).collect();
    let message = Words::new(
        format!("a scenario has no field {}", names.join(" or ")),
        format!("场景没有字段 {}", names.join("、")),
    );
    let help = Words::new(
        format!("write `network: ({first}: …)`"),
        format!("请写 `network: ({first}: …)`"),
    );
    let at = &mut *fields.at;
    let error = Diagnostic::error(Code::UnknownField, at.span(first), message);
    at.partial = true;
    at.report(error.with_help(help));
}

/// The code of what went wrong; of a file that is not there, it depends on who asked.
fn code(error: &io::Error, missing: Code) -> Code {
    match error.kind() {
        io::ErrorKind::NotFound => missing,
        io::ErrorKind::FileTooLarge => Code::TooLarge,
        _ => Code::Io,
    }
}

/// Why a file cannot be read, in the system's words and in Chinese.
fn unreadable(path: &str, error: &io::Error) -> Words {
    let chinese = match error.kind() {
        io::ErrorKind::Unsupported => "它不是普通文件".to_owned(),
        io::ErrorKind::FileTooLarge => format!("文件超过 {LARGEST} 字节"),
        _ => chinese_of(error),
    };
    Words::new(format!("cannot read `{path}`: {error}"), format!("无法读取 `{path}`：{chinese}"))
}

/// Whether a path leads out of the folder of a file, as both are written.
#[must_use]
pub fn is_outside(file: &str, path: &str) -> bool {
    let path = normal(path);
    match normal(file).rsplit_once('/') {
        Some((folder, _)) => !path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')),
        None => path.starts_with('/') || path == ".." || path.starts_with("../"),
    }
}

/// A path as written in a file, seen from where that file is.
fn beside(path: &str, name: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, _)) if !name.starts_with('/') => normal(&format!("{folder}/{name}")),
        _ => normal(name),
    }
}

/// Without `.` and with `..` taken back where that is possible, so that one file has one name.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| !last.is_empty() && *last != "..") => {
                parts.pop();
            }
            "" if !parts.is_empty() => {}
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_folder_holds_is_not_outside() {
        for (file, path, outside) in [
            ("main.ron", "common.ron", false),
            ("main.ron", "a/common.ron", false),
            ("main.ron", "../common.ron", true),
            ("main.ron", "/etc/common.ron", true),
            ("-", "common.ron", false),
            ("a/main.ron", "a/b/common.ron", false),
            ("a/main.ron", "ab/common.ron", true),
            ("a/main.ron", "common.ron", true),
            ("../a/main.ron", "../a/common.ron", false),
            ("../a/main.ron", "../common.ron", true),
            ("/a/main.ron", "/a/../etc/common.ron", true),
            ("/main.ron", "/etc/common.ron", false),
        ] {
            assert_eq!(is_outside(file, path), outside, "{file} {path}");
        }
    }

    #[test]
    fn includes_are_relative_to_the_file_that_includes() {
        assert_eq!(beside("main.ron", "common.ron"), "common.ron");
        assert_eq!(beside("a/main.ron", "common.ron"), "a/common.ron");
        assert_eq!(beside("a/b/main.ron", "../common.ron"), "a/common.ron");
        assert_eq!(beside("/a/main.ron", "./x/../common.ron"), "/a/common.ron");
        assert_eq!(beside("a/main.ron", "/etc/common.ron"), "/etc/common.ron");
        assert_eq!(beside("main.ron", "../../common.ron"), "../../common.ron");
    }
}
