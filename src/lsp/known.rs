//! What is known of an open file, and the threads that find it out: text and expectations on the one, lints on the other, so that
//! nobody waits for what takes long. Work on a text that is not there any more is called off.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crossbeam_channel::{Receiver, Sender};
use lsp_server::{Request, Response};
use lsp_types::Diagnostic;

use super::Session;
use super::document::Desk;
use super::protocol::reply;
use super::{lens, mend, told};
use crate::ask::Asked;
use crate::lint::Report;
use crate::scenario::load_within;
use crate::verify::{Budget, FileReport, Wanted, run_read};

/// A file as it was at one time.
pub struct Known<'d> {
    pub path: String,
    /// The texts of the editor at that time.
    pub desk: Desk<'d>,
    /// What `check` says.
    pub report: FileReport,
    /// The network that is asked, if the file can be used.
    pub asked: Option<Asked>,
    /// What `lint` says, once it is known; nothing if there is no saying.
    pub lint: OnceLock<Option<Report>>,
}

impl Known<'_> {
    /// Whether all is known that there is to know.
    pub fn is_linted(&self) -> bool {
        self.asked.is_none() || self.lint.get().is_some()
    }

    /// Whether a file is this one, or a part of it.
    pub fn holds(&self, path: &str) -> bool {
        let mut files = self.report.sources.iter();
        self.path == path || files.any(|source| source.file == path)
    }
}

/// Diagnostics by the file that they stand in.
pub type Marks = BTreeMap<String, Vec<Diagnostic>>;

/// Something to do.
pub enum Job<'d> {
    /// Judge a file, and as it could be used last: what its network has in common with that is not compiled again.
    Judge(String, Desk<'d>, Option<Arc<Known<'d>>>),
    /// Answer what takes a while.
    Answer(Request, Arc<Known<'d>>),
}

/// Something that was done.
pub enum News<'d> {
    /// The expectations of a file are judged.
    Judged(Arc<Known<'d>>, Marks),
    /// Its lints are found, or not wanted any more.
    Linted(Arc<Known<'d>>, Marks),
    /// What took a while is answered.
    Answered(Response),
    /// Nothing more comes of the job.
    Done,
}

/// Does one job after the other, until nobody gives any or listens.
pub fn work<'d>(
    session: &Session<'d>,
    jobs: &Receiver<(Job<'d>, Wanted)>,
    news: &Sender<News<'d>>,
) {
    for (job, wanted) in jobs {
        let budget = Budget { wanted: Some(wanted), ..session.budget };
        let tell = |it| news.send(it).is_ok();
        let heard = match job {
            Job::Judge(path, desk, before) => {
                judge(session, (path, desk, before), (budget, wanted), tell)
            }
            Job::Answer(request, known) => {
                tell(News::Answered(answer(session, request, &known, budget)))
            }
        };
        if !heard || !tell(News::Done) {
            return;
        }
    }
}

fn judge<'d>(
    session: &Session<'d>,
    (path, desk, before): (String, Desk<'d>, Option<Arc<Known<'d>>>),
    (budget, wanted): (Budget, Wanted),
    tell: impl Fn(News<'d>) -> bool,
) -> bool {
    let loaded = load_within(&path, &desk, budget.begin());
    let good = before.as_ref().and_then(|known| known.asked.as_ref());
    let asked = Asked::after(loaded, good);
    let read = match &asked {
        Ok(asked) => asked.read(),
        Err((sources, diagnostics)) => (sources.clone(), diagnostics.clone(), None),
    };
    let report = run_read(&path, read, &session.today, budget);
    if wanted.is_over() {
        return true;
    }
    let known = Arc::new(Known { path, desk, report, asked: asked.ok(), lint: OnceLock::new() });
    let marks = told::diagnostics(&known, session.language);
    if !tell(News::Judged(Arc::clone(&known), marks)) {
        return false;
    }
    drop(before);
    true
}

fn answer(session: &Session<'_>, request: Request, known: &Known<'_>, budget: Budget) -> Response {
    use lsp_types::request::{CodeActionRequest, CodeLensResolve, Request as _};
    let Request { id, method, params } = request;
    match method.as_str() {
        CodeActionRequest::METHOD => {
            reply(id, params, |asked| Some(mend::actions(known, &asked, (session, budget))))
        }
        CodeLensResolve::METHOD => {
            reply(id, params, |lens| Some(lens::resolved(known, lens, (session, budget))))
        }
        _ => reply(id, params, |asked| lens::explained(known, &asked, (session, budget))),
    }
}
