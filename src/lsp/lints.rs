//! What `lint` says of open files. It takes the longest by far and nothing that mends or shows waits for it, so it is found on a
//! thread of its own, a file at a time.

use std::collections::BTreeSet;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

use super::known::{Known, Marks, News};
use super::{Session, told};
use crate::ask::lint_of;
use crate::lint::Switches;
use crate::verify::{Asker, Budget, Wanted};

/// Files, and a thread that lints them.
pub struct Lints<'d> {
    /// Files that were judged and not linted since.
    waiting: BTreeSet<String>,
    busy: Option<(String, Wanted)>,
    asker: Asker,
    jobs: Sender<(Arc<Known<'d>>, Wanted)>,
}

impl<'d> Lints<'d> {
    /// Nothing to do so far.
    pub fn new(jobs: Sender<(Arc<Known<'d>>, Wanted)>) -> Self {
        Self { waiting: BTreeSet::new(), busy: None, asker: Asker::new(), jobs }
    }

    /// A file was judged.
    pub fn wait(&mut self, path: String) {
        self.waiting.insert(path);
    }

    /// Those of some files are not wanted any more.
    pub fn call_off(&mut self, is_stale: impl Fn(&str) -> bool) {
        self.waiting.retain(|path| !is_stale(path));
        if let Some((busy, wanted)) = &self.busy
            && is_stale(busy)
        {
            wanted.call_off();
        }
    }

    /// Whether those of a file were told: who asks for them hears no others.
    pub fn are_told(&self, known: &Known<'_>) -> bool {
        let is_busy = self.busy.as_ref().is_some_and(|(busy, _)| *busy == known.path);
        known.is_linted() && !is_busy && !self.waiting.contains(&known.path)
    }

    /// The thread is done with a file; whether anybody wants to hear of it.
    pub fn are_wanted(&mut self) -> bool {
        self.busy.take().is_some_and(|(_, wanted)| !wanted.is_over())
    }

    /// Begins with the next file, unless one is being linted.
    pub fn go_on(&mut self, known: impl Fn(&str) -> Option<Arc<Known<'d>>>) {
        while self.busy.is_none()
            && let Some(path) = self.waiting.pop_first()
        {
            let wanted = self.asker.ask();
            if known(&path).is_some_and(|known| self.jobs.send((known, wanted)).is_ok()) {
                self.busy = Some((path, wanted));
            }
        }
    }
}

/// Lints one file after the other, until nobody gives any or listens.
pub fn work<'d>(
    session: &Session<'d>,
    jobs: &Receiver<(Arc<Known<'d>>, Wanted)>,
    news: &Sender<News<'d>>,
) {
    for (known, wanted) in jobs {
        let mut marks = Marks::new();
        if let Some(asked) = known.asked.as_ref().filter(|_| !wanted.is_over()) {
            let budget = Budget { wanted: Some(wanted), ..session.budget };
            let switches = Switches(Vec::new());
            let found = lint_of(known.path.clone(), asked.read(), (None, budget), &switches);
            // What was called off is told to nobody.
            if !wanted.is_over() {
                let _ = known.lint.set(found.ok());
                marks = told::diagnostics(&known, session.language);
            }
        }
        if news.send(News::Linted(known, marks)).is_err() {
            return;
        }
    }
}
