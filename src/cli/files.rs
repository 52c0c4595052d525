//! Files: where scenarios come from, and which files a folder means.
//!
//! Reading ends: what is no regular file may never do, so only the user may name a pipe, and nobody a device.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::args::{Format, Global};
use super::one::complain;
use super::output::Output;
use crate::ask::{Shelf, Stamp};
use crate::diagnostic::{Severity, Words, chinese_of, visible};
use crate::render::diagnostics::severity_word;
use crate::scenario::{Files, LARGEST, is_outside, nearest, question};

/// Every file that was read, by its true path: none of them is written over. Whoever writes has no other way to know.
static READ: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn remember(path: &str) {
    if let Ok(path) = fs::canonicalize(path) {
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        read.insert(path);
    }
}

/// Whether a file was read.
#[must_use]
pub fn was_read(path: &Path) -> bool {
    let read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    fs::canonicalize(path).is_ok_and(|path| read.contains(&path))
}

/// Says that a file that was read may be written over after all: what is written holds what is to be kept of it.
pub fn may_be_replaced(path: &Path) {
    if let Ok(path) = fs::canonicalize(path) {
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        read.remove(&path);
    }
}

/// The disk, and standard input under the name `-`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk {
    /// Whether files outside the folder of the scenario are not read.
    strict_includes: bool,
}

impl Disk {
    /// The disk as the command line wants it.
    #[must_use]
    pub fn of(global: &Global) -> Self {
        Self { strict_includes: global.strict_includes }
    }
}

impl Files for Disk {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        if path == "-" {
            return bounded(io::stdin().lock());
        }
        let meta = fs::metadata(path)?;
        if is_pipe(&meta) {
            return bounded(File::open(path)?);
        }
        regular(path, &meta)
    }

    fn read_included(&self, path: &str) -> io::Result<Vec<u8>> {
        regular(path, &fs::metadata(path)?)
    }

    fn is_outside(&self, scenario: &str, path: &str) -> bool {
        let folder = fs::canonicalize(scenario);
        let folder = folder.map(|file| file.parent().map(Path::to_owned));
        match (folder, fs::canonicalize(path)) {
            (Ok(Some(folder)), Ok(path)) => !path.starts_with(folder),
            _ => is_outside(scenario, path),
        }
    }

    fn near(&self, path: &str) -> Option<String> {
        near(path)
    }

    fn may_leave(&self) -> bool {
        !self.strict_includes
    }
}

impl Shelf for Disk {
    fn stamp(&self, path: &str) -> Stamp {
        let data = fs::metadata(path).ok()?;
        Some((data.modified().ok()?, data.len()))
    }

    fn find(&self, path: &str) -> Vec<String> {
        let found = find(&[path.to_owned()]).into_iter();
        found.map(|found| found.path).collect()
    }

    fn truly(&self, path: &str) -> Option<PathBuf> {
        fs::canonicalize(path).ok()
    }
}

/// The bytes of what must be a regular file. Its size is looked at first: a file may have gigabytes and take no room.
fn regular(path: &str, meta: &Metadata) -> io::Result<Vec<u8>> {
    if meta.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !meta.is_file() {
        return Err(no_regular_file());
    }
    if usize::try_from(meta.len()).is_ok_and(|size| size > LARGEST) {
        return Err(too_large());
    }
    let bytes = bounded(File::open(path)?)?;
    remember(path);
    Ok(bytes)
}

/// All bytes, unless there are more than a file may have.
fn bounded(reader: impl Read) -> io::Result<Vec<u8>> {
    let most = u64::try_from(LARGEST).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    reader.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() > LARGEST {
        return Err(too_large());
    }
    Ok(bytes)
}

fn too_large() -> io::Error {
    let words = format!("it has more than {LARGEST} bytes, and no more are read");
    io::Error::new(io::ErrorKind::FileTooLarge, words)
}

fn no_regular_file() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "it is no regular file")
}

#[cfg(unix)]
fn is_pipe(meta: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    meta.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_: &Metadata) -> bool {
    false
}

/// A file that a command was given, or found in a folder that it was given.
pub struct Found {
    /// Its path, as the user would write it.
    pub path: String,
    /// Named by the user, not only found in a folder.
    pub named: bool,
    /// Why it cannot be looked into, if it is such a folder or file.
    pub trouble: Option<io::Error>,
}

/// The `*.ron` files that paths mean: folders recursively, in the order of their names. A folder that cannot be
/// looked into stands in its place, with the trouble.
#[must_use]
pub fn find(paths: &[String]) -> Vec<Found> {
    let mut found = Vec::new();
    for path in paths {
        if path == "-" || !Path::new(path).is_dir() {
            found.push(Found { path: path.clone(), named: true, trouble: None });
        } else {
            walk(Path::new(path), &mut found);
        }
    }
    found
}

/// What there is that has almost this path: a part of it may be misspelt, or `.ron` be missing.
fn near(path: &str) -> Option<String> {
    let mut whole = PathBuf::new();
    for part in Path::new(path).components() {
        let next = whole.join(part);
        if next.exists() {
            whole = next;
            continue;
        }
        let part = part.as_os_str().to_str()?;
        let folder = if whole.as_os_str().is_empty() { Path::new(".") } else { &whole };
        let entries = fs::read_dir(folder).ok()?.filter_map(Result::ok);
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let names: BTreeSet<String> = names.collect();
        let whole_name = names.get(&format!("{part}.ron")).map(String::as_str);
        let meant = whole_name.or_else(|| nearest(part, names.iter().map(String::as_str)))?;
        whole.push(meant);
    }
    whole.exists().then(|| whole.display().to_string())
}

/// What was likely meant by a path that cannot be read because nothing is there.
#[must_use]
pub fn meant(path: &str, error: &io::Error) -> Option<Words> {
    let is_missing = error.kind() == io::ErrorKind::NotFound;
    let near = is_missing.then(|| near(path))?;
    near.as_deref().map(question)
}

/// Says that a file cannot be read, and what may have been meant.
pub fn complain_unread(path: &str, error: &io::Error, global: &Global, output: &mut Output) {
    let shown = visible(path);
    let words = Words::new(
        format!("cannot read `{shown}`: {error}"),
        format!("无法读取 `{shown}`：{}", chinese_of(error)),
    );
    let help = meant(path, error);
    let help = help.as_ref().map(|help| help.text(global.language()));
    complain(global, output, words.text(global.language()), help);
}

/// Whether a server has nothing to answer for at a path, and says why: before it is started, and would only say so later.
pub fn is_nothing_to_serve(path: &str, global: &Global, output: &mut Output) -> bool {
    if let Err(error) = fs::metadata(path)
        && path != "-"
    {
        complain_unread(path, &error, global, output);
        return true;
    }
    is_any_empty(&[path.to_owned()], global, output)
}

/// The folders among these that hold no scenario.
fn empty(paths: &[String]) -> impl Iterator<Item = &String> {
    let folders = paths.iter().filter(|path| *path != "-" && Path::new(path).is_dir());
    folders.filter(|path| find(std::slice::from_ref(path)).is_empty())
}

/// That a folder holds nothing.
fn nothing_in(path: &str) -> Words {
    let path = visible(path);
    Words::new(format!("there is no *.ron file in `{path}`"), format!("`{path}` 中没有 *.ron 文件"))
}

/// Tells of folders that hold nothing for a command that ends with a finding where nothing is asked.
pub fn tell_empty(paths: &[String], global: &Global, output: &mut Output) {
    let language = global.language();
    for path in empty(paths).filter(|_| global.format == Format::Text) {
        let word = severity_word(Severity::Warning, language);
        output.note(&format!("{word}: {}\n", nothing_in(path).text(language)));
    }
}

/// Whether some folder holds nothing for a command that would find nothing wrong there, and says so: the wrong folder in
/// a pipeline must not pass.
pub fn is_any_empty(paths: &[String], global: &Global, output: &mut Output) -> bool {
    let mut is_any = false;
    for path in empty(paths) {
        is_any = true;
        let words = nothing_in(path);
        complain(global, output, words.text(global.language()), None);
    }
    is_any
}

fn walk(folder: &Path, found: &mut Vec<Found>) {
    let entries = fs::read_dir(folder).and_then(|entries| {
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        paths.collect::<io::Result<Vec<_>>>()
    });
    let mut paths = match entries {
        Ok(paths) => paths,
        Err(error) => {
            found.push(Found {
                path: folder.display().to_string(),
                named: true,
                trouble: Some(error),
            });
            return;
        }
    };
    paths.sort();
    for path in paths {
        // A link to a folder could lead in circles.
        let is_link = path.is_symlink();
        if path.is_dir() && !is_link {
            walk(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "ron") {
            let is_other = fs::metadata(&path).is_ok_and(|meta| !meta.is_file());
            found.push(Found {
                path: path.display().to_string(),
                named: false,
                trouble: is_other.then(no_regular_file),
            });
        }
    }
}

/// The path of a file as another one, which may be anywhere, writes it: from its own folder, with `/`.
#[must_use]
pub fn from_beside(from: &Path, to: &Path) -> String {
    let folder = |path: &Path| match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
        Some(parent) => parent.to_owned(),
        None => PathBuf::from("."),
    };
    let real = |path: PathBuf| std::fs::canonicalize(&path).unwrap_or(path);
    let (here, there) = (real(folder(from)), real(folder(to)));
    let parts = |path: &Path| -> Vec<String> {
        let parts = path.components();
        parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect()
    };
    let (here, there) = (parts(&here), parts(&there));
    let common = here.iter().zip(&there).take_while(|(a, b)| a == b).count();
    let up = here[common..].iter().map(|_| String::from(".."));
    let name = to.file_name().map(|name| name.to_string_lossy().into_owned());
    let all = up.chain(there[common..].iter().cloned()).chain(name);
    all.collect::<Vec<_>>().join("/")
}
