//! Files that are loaded and compiled once, and again only when one of them looks different.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde_json::Value;

use super::asked::{Asked, to_read};
use super::certificate::Beside;
use super::wrong::{Unanswered, Wrong};
use crate::code::Language;
use crate::diagnostic::{Diagnostic, Sources, Words};
use crate::render::certificate::Digests;
use crate::scenario::{Files, load_within};
use crate::verify::{Budget, Read, Summary, Wanted, run_read};

/// When a file was written last and how long it is; none if it cannot be looked at.
pub type Stamp = Option<(SystemTime, u64)>;

/// Files that can be looked at without being read.
pub trait Shelf: Files + Send + Sync {
    /// How a file looks now.
    fn stamp(&self, path: &str) -> Stamp;

    /// The scenario files that a path means now: itself, or those in the folder.
    fn find(&self, path: &str) -> Vec<String>;

    /// The one true path of a file.
    fn truly(&self, path: &str) -> Option<PathBuf>;
}

/// The shelf, and what each file looked like just before it was read. A file that is missing is watched, too, until somebody
/// writes it.
pub struct Watched<'a> {
    shelf: &'a dyn Shelf,
    stamps: Mutex<BTreeMap<String, Stamp>>,
}

impl<'a> Watched<'a> {
    /// Nothing was read so far.
    #[must_use]
    pub fn new(shelf: &'a dyn Shelf) -> Self {
        let stamps = Mutex::default();
        Self { shelf, stamps }
    }

    /// The first file that looks different now.
    #[must_use]
    pub fn changed(&self) -> Option<String> {
        let stamps = open(&self.stamps);
        let mut stamps = stamps.iter();
        let changed = stamps.find(|(path, stamp)| self.shelf.stamp(path) != **stamp);
        changed.map(|(path, _)| path.clone())
    }

    fn see(&self, path: &str) {
        let stamp = self.shelf.stamp(path);
        open(&self.stamps).entry(path.to_owned()).or_insert(stamp);
    }
}

impl Files for Watched<'_> {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.see(path);
        self.shelf.read(path)
    }

    fn read_included(&self, path: &str) -> io::Result<Vec<u8>> {
        self.see(path);
        self.shelf.read_included(path)
    }

    fn is_outside(&self, scenario: &str, path: &str) -> bool {
        self.shelf.is_outside(scenario, path)
    }

    fn near(&self, path: &str) -> Option<String> {
        self.shelf.near(path)
    }

    fn may_leave(&self) -> bool {
        self.shelf.may_leave()
    }
}

/// What `check` found in one language on one day.
type Checked = (String, Language, Value, Summary);

/// One file as it was when it was loaded.
pub struct Book {
    /// Its path, as the user wrote it.
    pub path: String,
    /// The base network, or what is wrong in the file.
    loaded: Result<Arc<Asked>, (Sources, Vec<Diagnostic>)>,
    /// The networks of steps and what-ifs that were asked.
    stages: Mutex<BTreeMap<String, Arc<Asked>>>,
    checked: Mutex<Option<Checked>>,
    digests: Mutex<Option<Arc<Digests>>>,
    stamps: BTreeMap<String, Stamp>,
    /// Grows with every time that the file is loaded.
    pub version: u64,
}

impl Book {
    /// The network that is asked.
    ///
    /// # Errors
    ///
    /// With what is wrong in the file, or with the name of the stage.
    pub fn asked(&self, at: Option<&str>) -> Result<Arc<Asked>, Unanswered> {
        let base = match &self.loaded {
            Ok(asked) => asked,
            Err((sources, diagnostics)) => {
                return Err(Wrong::Text {
                    sources: sources.clone(),
                    diagnostics: diagnostics.clone(),
                }
                .into());
            }
        };
        let Some(step) = at else {
            return Ok(Arc::clone(base));
        };
        if let Some(known) = open(&self.stages).get(step) {
            return Ok(Arc::clone(known));
        }
        let asked = Arc::new(base.at(&self.path, step)?);
        open(&self.stages).insert(step.to_owned(), Arc::clone(&asked));
        Ok(asked)
    }

    /// Its texts, what is wrong in them, and the scenario unless that is too much.
    #[must_use]
    pub fn read(&self) -> Read<'_> {
        match &self.loaded {
            Ok(asked) => asked.read(),
            Err((sources, diagnostics)) => (sources.clone(), diagnostics.clone(), None),
        }
    }

    /// Whether it can be used.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.loaded.is_ok()
    }

    /// What `check` says of it, and the numbers of that.
    pub fn checked(&self, today: &str, (budget, language): (Budget, Language)) -> (Value, Summary) {
        let mut checked = open(&self.checked);
        if let Some((day, spoken, value, summary)) = &*checked
            && day == today
            && *spoken == language
        {
            return (value.clone(), *summary);
        }
        let path = crate::diagnostic::visible(&self.path);
        let report = run_read(&path, self.read(), today, budget);
        let mut summary = Summary::default();
        summary.add(&report);
        let value = crate::render::check_json::file_json(&report, language);
        // What was called off is told to nobody.
        if !budget.wanted.is_some_and(Wanted::is_over) {
            *checked = Some((today.to_owned(), language, value.clone(), summary));
        }
        (value, summary)
    }

    /// The digests of its texts, for certificates; none if one is not any more as it was when it was loaded.
    fn digests(&self, shelf: &dyn Shelf) -> Option<Arc<Digests>> {
        let mut known = open(&self.digests);
        if known.is_none() {
            let (sources, ..) = self.read();
            *known = Some(Arc::new(self.digests_of(&sources, shelf, shelf)?));
        }
        known.clone()
    }

    /// The digests of texts that are its own and more; none as above.
    fn digests_of(
        &self,
        sources: &Sources,
        files: &dyn Files,
        shelf: &dyn Shelf,
    ) -> Option<Digests> {
        let read = sources.iter().map(|source| {
            let bytes = files.read_included(&source.path).ok()?;
            Some((source.path.clone(), bytes))
        });
        let read: Vec<_> = read.collect::<Option<_>>()?;
        self.is_as_on(shelf).then(|| Digests::of(&read))
    }

    /// Whether all its files look as they did when it was loaded.
    fn is_as_on(&self, shelf: &dyn Shelf) -> bool {
        let mut stamps = self.stamps.iter();
        stamps.all(|(path, stamp)| shelf.stamp(path) == *stamp)
    }

    /// Whether it asks for anything, or cannot be used, which somebody should hear of.
    fn asks(&self) -> bool {
        self.loaded.as_ref().map_or(true, |asked| {
            let it = &asked.scenario;
            !(it.base.is_empty() && it.steps.is_empty() && it.what_if.is_empty())
        })
    }
}

/// Which files questions may be about.
#[derive(Clone, Debug)]
pub enum Reach {
    /// Those that a path means: a file, or a folder.
    Under(String),
    /// Any: each question says which.
    Any,
}

type Slot = Arc<Mutex<Option<Arc<Book>>>>;

/// So many files of any kind stay loaded.
const MOST: usize = 16;

/// Files that stay loaded. A copy answers from the same ones.
#[derive(Clone)]
pub struct Resident {
    shelf: Arc<dyn Shelf>,
    reach: Reach,
    pub(super) budget: Budget,
    pub(super) today: fn() -> String,
    /// The language of a question that asks for none.
    pub language: Language,
    slots: Arc<Mutex<Vec<(String, Slot)>>>,
}

impl Resident {
    /// Files of a shelf. Nothing is loaded before it is asked for.
    #[must_use]
    pub fn new(
        shelf: Box<dyn Shelf>,
        reach: Reach,
        (budget, today): (Budget, fn() -> String),
        language: Language,
    ) -> Self {
        Self { shelf: Arc::from(shelf), reach, budget, today, language, slots: Arc::default() }
    }

    /// The same, for a question whose answer may not be wanted any more before it is there.
    #[must_use]
    pub fn while_wanted(&self, wanted: Wanted) -> Self {
        let mut own = self.clone();
        own.budget.wanted = Some(wanted);
        own
    }

    /// The files that there are to ask; none where any may be.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        match &self.reach {
            Reach::Under(path) => self.shelf.find(path),
            Reach::Any => Vec::new(),
        }
    }

    /// The file that a question is about, as it is now.
    ///
    /// # Errors
    ///
    /// If it does not say which of several, or one that is not served.
    pub fn book(&self, file: Option<&str>) -> Result<Arc<Book>, Unanswered> {
        let path = self.path(file)?;
        Ok(self.open(&path))
    }

    fn path(&self, file: Option<&str>) -> Result<String, Wrong> {
        let known = self.paths();
        match (&self.reach, file, &known[..]) {
            (Reach::Any, Some("-"), _) => Err(Wrong::asked(Words::new(
                "standard input is taken by the questions: name a file",
                "标准输入已用于提问，请指定文件",
            ))),
            (Reach::Any, Some(file), _) => Ok(file.to_owned()),
            (Reach::Under(_), Some(file), known) if known.iter().any(|it| it == file) => {
                Ok(file.to_owned())
            }
            (Reach::Under(_), None, [only]) => Ok(only.clone()),
            (_, file, known) => {
                let message = match file {
                    Some(file) => Words::new(
                        format!("`{file}` is not served"),
                        format!("未提供文件 `{file}`"),
                    ),
                    None => Words::new("`file` says which file is asked", "请用 `file` 指定文件"),
                };
                let names = known.iter().take(20).map(|name| format!("`{name}`"));
                let names = names.collect::<Vec<_>>();
                Err(Wrong::Asked {
                    message,
                    help: (!names.is_empty()).then(|| {
                        Words::new(
                            format!("there are {}", names.join(", ")),
                            format!("现有文件：{}", names.join("、")),
                        )
                    }),
                })
            }
        }
    }

    /// The digests of the texts of a file.
    ///
    /// # Errors
    ///
    /// If one changes just now: then they would be those of another.
    pub(super) fn digests(&self, book: &Book) -> Result<Arc<Digests>, Wrong> {
        book.digests(&*self.shelf).ok_or_else(|| changes(book))
    }

    /// A file after changes, as a scenario that includes it: what its certificates speak of has to stand in files.
    ///
    /// # Errors
    ///
    /// If the file changes just now.
    pub(super) fn beside(
        &self,
        book: &Book,
        written: &[String],
    ) -> Result<(Asked, Digests, Value), Unanswered> {
        let (sources, ..) = book.read();
        let taken: Vec<&str> = sources.iter().map(|source| &*source.path).collect();
        let beside = Beside::of(&book.path, written, &taken, &*self.shelf);
        let after = beside.load(&*book.asked(None)?, self.budget)?;
        let digests = book.digests_of(&after.sources, &beside, &*self.shelf);
        let digests = digests.ok_or_else(|| changes(book))?;
        Ok((after, digests, beside.told()))
    }

    /// Every file that there is, less those that others include and that ask for nothing themselves.
    #[must_use]
    pub fn books(&self) -> Vec<Arc<Book>> {
        let all: Vec<Arc<Book>> = self.paths().iter().map(|path| self.open(path)).collect();
        let alone = all.len() == 1;
        let included: Vec<PathBuf> = all
            .iter()
            .flat_map(|book| book.stamps.keys().filter(|path| **path != book.path))
            .filter_map(|path| self.shelf.truly(path))
            .collect();
        let own = all.into_iter().filter(|book| {
            let path = self.shelf.truly(&book.path);
            alone || book.asks() || path.is_none_or(|path| !included.contains(&path))
        });
        own.collect()
    }

    /// The file as it is now: loaded again if one of its texts looks different.
    fn open(&self, path: &str) -> Arc<Book> {
        let slot = self.slot(path);
        let mut slot = open(&slot);
        let before = slot.as_ref().map_or(0, |book| book.version);
        if let Some(book) = &*slot
            && book.is_as_on(&*self.shelf)
        {
            return Arc::clone(book);
        }
        let watched = Watched::new(&*self.shelf);
        let loaded = load_within(path, &watched, to_read(self.budget));
        let stamps = open(&watched.stamps).clone();
        let good = slot.as_ref().and_then(|book| book.loaded.as_deref().ok());
        let loaded = Asked::after(loaded, good).map(Arc::new);
        let book = Arc::new(Book {
            path: path.to_owned(),
            loaded,
            stages: Mutex::default(),
            checked: Mutex::default(),
            digests: Mutex::default(),
            stamps,
            version: before + 1,
        });
        *slot = Some(Arc::clone(&book));
        book
    }

    /// The place of a file; of those that were asked longest ago, the oldest gives way.
    fn slot(&self, path: &str) -> Slot {
        let mut slots = open(&self.slots);
        let known = slots.iter().position(|(known, _)| known == path);
        let entry = match known {
            Some(at) => slots.remove(at),
            None => (path.to_owned(), Slot::default()),
        };
        let slot = Arc::clone(&entry.1);
        slots.push(entry);
        if slots.len() > MOST && matches!(self.reach, Reach::Any) {
            slots.remove(0);
        }
        slot
    }
}

/// A file looks different than when it was loaded.
fn changes(book: &Book) -> Wrong {
    let path = crate::diagnostic::visible(&book.path);
    Wrong::asked(Words::new(
        format!("`{path}` changes while it is certified: ask again"),
        format!("`{path}` 在出具证书时被修改，请重新提问"),
    ))
}

/// What a lock holds, also after somebody failed while holding it: all that is kept here is whole at any time.
fn open<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
