//! Results that go to files: `-o` and `--report`.
//!
//! A file is written beside the old one and takes its place when it is whole and on the disk, so a full disk, a signal or
//! a bug leaves the old one as it was. What the program has read is never written over.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::args::{Format, Global};
use super::exit::Exit;
use super::files::was_read;
use super::one::heads;
use super::output::Output;
use crate::code::{Code, Language};
use crate::diagnostic::{Words, chinese_of, shortened, visible};
use crate::render::json::complaint_json;

/// Why a file is not written.
#[derive(Debug)]
pub enum Unwritten {
    /// It was read: what it holds would be lost.
    Input,
    /// The system refused.
    Failed(io::Error),
}

impl From<io::Error> for Unwritten {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

impl Unwritten {
    /// In words; `what` is the file, or the report that goes to it.
    #[must_use]
    pub fn words(&self, what: &Words) -> Words {
        let (english, chinese) = (what.english(), what.chinese());
        match self {
            Self::Input => Words::new(
                format!("{english} is not written: it would replace a file that was read"),
                format!("{chinese} 未写入：它会覆盖一个刚读取的文件"),
            ),
            Self::Failed(error) => Words::new(
                format!("{english} cannot be written: {error}"),
                format!("无法写入 {chinese}：{}", chinese_of(error)),
            ),
        }
    }

    /// How the program ends for it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Input => Exit::Unusable,
            Self::Failed(_) => Exit::Failed,
        }
    }
}

/// Puts another text in the place of the file that it was made from.
///
/// # Errors
///
/// With the status to end with, after it was told why; the file stays as it is.
pub fn replace(path: &str, text: &str, global: &Global, output: &mut Output) -> Result<(), Exit> {
    let path = Path::new(path);
    let staged = Staged::beside(path, |file| file.write_all(text.as_bytes()));
    let put = staged.and_then(|staged| Ok(staged.put()?));
    put.map_err(|error| refuse(path, &error, global, output))
}

/// Writes a result to a file, and says so on standard error.
pub fn save(path: &str, text: &str, global: &Global, output: &mut Output) -> Exit {
    if let Err(exit) = write_all(&[(PathBuf::from(path), text)], global, output) {
        return exit;
    }
    told(path, global, output);
    Exit::Good
}

/// The same with a result that is no text.
#[cfg(feature = "parquet")]
pub fn save_bytes(path: &str, bytes: &[u8], global: &Global, output: &mut Output) -> Exit {
    let target = Path::new(path);
    let staged = Staged::filled(target, |file| file.write_all(bytes));
    if let Err(error) = staged.and_then(|staged| Ok(staged.put()?)) {
        return refuse(target, &error, global, output);
    }
    told(path, global, output);
    Exit::Good
}

/// Says that a file was written.
fn told(path: &str, global: &Global, output: &mut Output) {
    if !global.quiet {
        let path = visible(path);
        output.note(&match global.language() {
            Language::English => format!("wrote {path}\n"),
            Language::Chinese => format!("已写入 {path}\n"),
        });
    }
}

/// Writes files that belong together: all of them are whole before the first takes its place.
///
/// # Errors
///
/// With the status to end with, after it was told why.
pub fn write_all(
    files: &[(PathBuf, &str)],
    global: &Global,
    output: &mut Output,
) -> Result<(), Exit> {
    let mut staged = Vec::new();
    for (path, text) in files {
        match Staged::new(path, text) {
            Ok(file) => staged.push((path, file)),
            Err(error) => return Err(refuse(path, &error, global, output)),
        }
    }
    for (path, file) in staged {
        if let Err(error) = file.put() {
            return Err(refuse(path, &error.into(), global, output));
        }
    }
    Ok(())
}

/// Writes one file.
///
/// # Errors
///
/// When the old file, if there is one, stays as it is.
pub fn write(path: &Path, text: &str) -> Result<(), Unwritten> {
    Ok(Staged::new(path, text)?.put()?)
}

fn refuse(path: &Path, error: &Unwritten, global: &Global, output: &mut Output) -> Exit {
    let path = Words::verbatim(shortened(visible(&path.to_string_lossy()).into_owned()));
    let words = error.words(&path);
    let message = words.text(global.language());
    match global.format {
        Format::Text => {
            let (head, _) = heads(global.language());
            output.note(&format!("{head}: {message}\n"));
        }
        Format::Json => output.complain(complaint_json(Code::Io, message, None, None)),
    }
    error.exit()
}

/// A whole file beside the one whose place it takes; gone again if it never does.
enum Staged {
    Beside {
        part: Part,
        target: PathBuf,
    },
    /// A pipe or a device has no place to take: it was written.
    Written,
}

/// A file that is removed unless it was renamed.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // After renaming there is none.
        let _ = fs::remove_file(&self.0);
    }
}

impl Staged {
    fn new(path: &Path, text: &str) -> Result<Self, Unwritten> {
        Self::filled(path, |file| file.write_all(text.as_bytes()))
    }

    fn filled(
        path: &Path,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<Self, Unwritten> {
        if was_read(path) {
            return Err(Unwritten::Input);
        }
        Self::beside(path, fill)
    }

    fn beside(
        path: &Path,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<Self, Unwritten> {
        // A link stays one: what it leads to is replaced.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let old = fs::metadata(&target).ok();
        if old.as_ref().is_some_and(std::fs::Metadata::is_dir) {
            return Err(io::Error::from(io::ErrorKind::IsADirectory).into());
        }
        if old.as_ref().is_some_and(|old| !old.is_file()) {
            let mut file = File::options().write(true).open(&target)?;
            fill(&mut file)?;
            return Ok(Self::Written);
        }
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let part = target.with_file_name(format!(".{name}.{}.part", std::process::id()));
        let mut file = File::options().write(true).create_new(true).open(&part)?;
        let part = Part(part);
        fill(&mut file)?;
        if let Some(old) = old {
            file.set_permissions(old.permissions())?;
        }
        file.sync_all()?;
        Ok(Self::Beside { part, target })
    }

    fn put(self) -> io::Result<()> {
        match self {
            Self::Beside { part, target } => fs::rename(&part.0, target),
            Self::Written => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of a test, with an old file in it.
    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("pathproof-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("old.ron"), "old").expect("a file");
        folder
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("the folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        names.map(|name| name.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_write_that_fails_anywhere_leaves_the_old_file_whole_and_nothing_beside_it() {
        let folder = folder("fails");
        let path = folder.join("old.ron");
        let new = "a new file that does not fit";
        for most in 0..new.len() {
            let failed = Staged::filled(&path, |file| {
                file.write_all(&new.as_bytes()[..most])?;
                Err(io::ErrorKind::StorageFull.into())
            });
            assert!(matches!(failed, Err(Unwritten::Failed(_))), "{most}");
            let panicked = std::panic::catch_unwind(|| {
                Staged::filled(&path, |file| {
                    file.write_all(&new.as_bytes()[..most])?;
                    panic!("half way")
                })
            });
            assert!(panicked.is_err(), "{most}");
            assert_eq!(fs::read_to_string(&path).expect("the old file"), "old");
            assert_eq!(names(&folder), ["old.ron"]);
        }
        drop(Staged::new(&path, new).expect("a whole file"));
        assert_eq!(fs::read_to_string(&path).expect("the old file"), "old");
        write(&path, new).expect("a new file");
        assert_eq!(fs::read_to_string(&path).expect("the new file"), new);
        assert_eq!(names(&folder), ["old.ron"]);
        fs::remove_dir_all(folder).expect("the folder");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = folder("link");
        let (path, link) = (folder.join("old.ron"), folder.join("link.ron"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("permissions");
        symlink("old.ron", &link).expect("a link");
        write(&link, "new").expect("a new file");
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&path).expect("the file"), "new");
        let mode = fs::metadata(&path).expect("the file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::remove_dir_all(folder).expect("the folder");
    }
}
