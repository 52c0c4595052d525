//! `pathproof lsp`: a server of the Language Server Protocol for scenario files.
//!
//! | module | what it does |
//! |---|---|
//! | `protocol` | what the server can do, what requests need to be known |
//! | `position` | bytes to lines and UTF-16 units, and back |
//! | `cursor` | where in a text a cursor stands, also while it is not well-formed |
//! | `document` | open texts before those of the disk; ids and where they are mentioned |
//! | `known` | what is known of a file, and the thread that finds it out |
//! | `told` | diagnostics, and files laid out |
//! | `lens` | what an expectation came to, what a rule decides |
//! | `lints` | what `lint` says, for which nothing waits |
//! | `mend` | what can be mended: slips, and expectations that fail |
//! | `edit` | a change of the network as an edit of its files |
//! | `complete` | what may stand at a cursor |
//! | `ids` | hover, definitions, references, new names |
//!
//! It says what `check` and `lint` say, from the same road. Texts are judged on a thread of their own; what is asked meanwhile
//! of the text alone is answered at once, the rest when the text as it is has been judged. Lints come later, from one more thread, and
//! only who asks for all diagnostics waits for them. Nothing is written but through the
//! editor.

mod complete;
mod cursor;
mod document;
mod edit;
mod ids;
mod known;
mod lens;
mod lints;
mod mend;
mod position;
mod protocol;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crossbeam_channel::{Sender, never, select, unbounded};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{
    Cancel, DidChangeTextDocument, DidCloseTextDocument, DidOpenTextDocument, Notification as _,
    PublishDiagnostics, ShowMessage,
};
use lsp_types::request::{
    CodeActionRequest, CodeLensRequest, CodeLensResolve, Completion, DocumentDiagnosticRequest,
    DocumentSymbolRequest, ExecuteCommand, Formatting, GotoDefinition, HoverRequest, References,
    Rename, Request as _,
};
use lsp_types::{
    CodeActionParams, InitializeResult, MessageType, PublishDiagnosticsParams, ServerInfo,
    ShowMessageParams, Uri,
};
use serde_json::{Value, json};

use crate::code::Language;
use crate::scenario::Files;
use crate::verify::{Asker, Budget, Wanted};
use document::{Desk, changed, path_of};
use known::{Job, Known, Marks, News};
use lints::Lints;
use protocol::{Need, SHOW, capabilities, need, read, refused, reply, takes_long};

/// How a session goes.
pub struct Session<'d> {
    /// Files that are not open.
    pub disk: &'d dyn Files,
    /// The date, `YYYY-MM-DD` in UTC, for waivers.
    pub today: String,
    /// How much an expectation may take.
    pub budget: Budget,
    /// The language of what is said.
    pub language: Language,
}

/// An open file.
#[derive(Default)]
struct Open<'d> {
    /// The number that the editor gave the text.
    version: i32,
    /// As it was judged last.
    known: Option<Arc<Known<'d>>>,
    /// As it could be used last.
    good: Option<Arc<Known<'d>>>,
    /// The files that have diagnostics because of it.
    marked: BTreeSet<String>,
}

/// What is being done.
enum Busy {
    /// A file is judged; whether its expectations are told.
    Judge { path: String, told: bool },
    /// A request about a file is answered.
    Answer { id: RequestId, path: String },
}

struct Server<'s, 'd> {
    session: &'s Session<'d>,
    connection: &'s Connection,
    desk: Desk<'d>,
    files: BTreeMap<String, Open<'d>>,
    /// Files that are to be judged again.
    waiting: BTreeSet<String>,
    /// Requests that are not answered yet.
    asked: Vec<Request>,
    busy: Option<(Busy, Wanted)>,
    asker: Asker,
    jobs: Sender<(Job<'d>, Wanted)>,
    lints: Lints<'d>,
}

/// Serves until the client says that it is enough.
///
/// # Errors
///
/// When the client breaks the protocol, or is gone.
pub fn serve(connection: &Connection, session: &Session<'_>) -> Result<(), String> {
    let broken = |error: lsp_server::ProtocolError| error.to_string();
    let (id, _) = connection.initialize_start().map_err(broken)?;
    let result = InitializeResult {
        capabilities: capabilities(),
        server_info: Some(ServerInfo {
            name: "pathproof".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
    };
    let result = serde_json::to_value(result).map_err(|error| error.to_string())?;
    connection.initialize_finish(id, result).map_err(broken)?;
    std::thread::scope(|scope| {
        let (jobs, to_do) = unbounded();
        let (tell, news) = unbounded();
        let (lints, to_lint) = unbounded();
        let tell_lints = tell.clone();
        scope.spawn(move || known::work(session, &to_do, &tell));
        scope.spawn(move || lints::work(session, &to_lint, &tell_lints));
        let mut server = Server {
            desk: Desk::new(session.disk),
            session,
            connection,
            files: BTreeMap::new(),
            waiting: BTreeSet::new(),
            asked: Vec::new(),
            busy: None,
            asker: Asker::new(),
            jobs,
            lints: Lints::new(lints),
        };
        let mut news = news;
        let ended = loop {
            select! {
                recv(connection.receiver) -> message => {
                    let Ok(message) = message else {
                        break Err("the client is gone without saying so".to_owned());
                    };
                    match server.receive(message) {
                        Ok(false) => {}
                        Ok(true) => break Ok(()),
                        Err(error) => break Err(error),
                    }
                }
                recv(news) -> told => match told {
                    Ok(told) => if let Err(error) = server.learn(told) {
                        break Err(error);
                    },
                    // The thread failed, which is a bug; what needs no thread is answered still.
                    Err(_) => news = never(),
                }
            }
            if connection.receiver.is_empty()
                && let Err(error) = server.go_on()
            {
                break Err(error);
            }
        };
        server.call_off(|_| true);
        server.lints.call_off(|_| true);
        ended
    })
}

impl<'d> Server<'_, 'd> {
    /// Hears of the client; whether that was the end.
    fn receive(&mut self, message: Message) -> Result<bool, String> {
        match message {
            Message::Request(request) => {
                let ended = self.connection.handle_shutdown(&request);
                if ended.map_err(|error| error.to_string())? {
                    return Ok(true);
                }
                self.asked.push(request);
            }
            Message::Notification(notification) => self.hear(notification)?,
            Message::Response(_) => {}
        }
        Ok(false)
    }

    fn hear(&mut self, told: Notification) -> Result<(), String> {
        match told.method.as_str() {
            DidOpenTextDocument::METHOD => {
                if let Some(params) = read::<lsp_types::DidOpenTextDocumentParams>(told.params) {
                    let document = params.text_document;
                    self.write(&document.uri, document.version, document.text);
                }
            }
            DidChangeTextDocument::METHOD => {
                if let Some(params) = read::<lsp_types::DidChangeTextDocumentParams>(told.params) {
                    let document = params.text_document;
                    let text = self.text(&document.uri);
                    let before = text.map(|(_, text)| text.to_owned());
                    if let Some(text) = changed(before, params.content_changes) {
                        self.write(&document.uri, document.version, text);
                    }
                }
            }
            DidCloseTextDocument::METHOD => {
                let params = read::<lsp_types::DidCloseTextDocumentParams>(told.params);
                let path = params.and_then(|params| path_of(&params.text_document.uri));
                if let Some(path) = path {
                    self.desk.texts.remove(&path);
                    self.waiting.remove(&path);
                    self.lints.call_off(|busy| busy == path);
                    self.call_off(|busy| busy == path);
                    let open = self.files.remove(&path).unwrap_or_default();
                    for path in open.marked {
                        self.publish(&path, Vec::new())?;
                    }
                }
            }
            Cancel::METHOD => {
                let params = read::<lsp_types::CancelParams>(told.params);
                if let Some(params) = params {
                    self.cancel(&match params.id {
                        lsp_types::NumberOrString::Number(number) => number.into(),
                        lsp_types::NumberOrString::String(text) => text.into(),
                    })?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A text is new; whoever includes it is judged again, too.
    fn write(&mut self, uri: &Uri, version: i32, text: String) {
        let Some(path) = path_of(uri) else { return };
        self.desk.texts.insert(path.clone(), text.into());
        self.files.entry(path.clone()).or_default().version = version;
        let holds = |open: &Open<'_>| open.known.as_ref().is_some_and(|it| it.holds(&path));
        let including = self.files.iter().filter(|(_, open)| holds(open));
        let mut stale: BTreeSet<String> = including.map(|(other, _)| other.clone()).collect();
        stale.insert(path);
        self.call_off(|busy| stale.contains(busy));
        self.lints.call_off(|busy| stale.contains(busy));
        self.waiting.extend(stale);
    }

    /// What is being done about some files is not wanted any more.
    fn call_off(&self, is_stale: impl Fn(&str) -> bool) {
        if let Some((Busy::Judge { path, .. } | Busy::Answer { path, .. }, wanted)) = &self.busy
            && is_stale(path)
        {
            wanted.call_off();
        }
    }

    /// The client does not want an answer any more.
    fn cancel(&mut self, cancelled: &RequestId) -> Result<(), String> {
        if let Some((Busy::Answer { id, .. }, wanted)) = &self.busy
            && id == cancelled
        {
            wanted.call_off();
        }
        let before = self.asked.len();
        self.asked.retain(|request| request.id != *cancelled);
        if self.asked.len() == before {
            return Ok(());
        }
        let why = "cancelled".to_owned();
        let response = refused(cancelled.clone(), ErrorCode::RequestCanceled, why);
        self.send(response.into())
    }

    /// Hears of what was done.
    fn learn(&mut self, told: News<'d>) -> Result<(), String> {
        let is_over = self.busy.as_ref().is_some_and(|(_, wanted)| wanted.is_over());
        match told {
            News::Judged(known, marks) if !is_over => {
                if let Some((Busy::Judge { told, .. }, _)) = &mut self.busy {
                    *told = true;
                }
                if let Some(open) = self.files.get_mut(&known.path) {
                    // What was known before is told before it is cleared away, which takes a while.
                    let mut before = vec![open.known.replace(Arc::clone(&known))];
                    if known.asked.is_some() {
                        before.push(open.good.replace(Arc::clone(&known)));
                        self.lints.wait(known.path.clone());
                    }
                    self.tell(&known.path, marks)?;
                    drop(before);
                }
            }
            News::Linted(known, marks) => {
                if self.lints.are_wanted() {
                    self.tell(&known.path, marks)?;
                }
            }
            News::Answered(response) => {
                let response = if is_over {
                    let why = "the text is another one by now".to_owned();
                    refused(response.id, ErrorCode::ContentModified, why)
                } else {
                    self.show(&response)?;
                    response
                };
                self.send(response.into())?;
            }
            News::Done => self.busy = None,
            News::Judged(..) => {}
        }
        Ok(())
    }

    /// What the user asked to see.
    fn show(&self, response: &Response) -> Result<(), String> {
        let Ok(told) = &response.response_result else {
            return Ok(());
        };
        let kind = read::<MessageType>(told["kind"].clone());
        let (Some(typ), Some(title)) = (kind, told["title"].as_str()) else {
            return Ok(());
        };
        let message = title.to_owned();
        self.notify::<ShowMessage>(ShowMessageParams { typ, message })
    }

    /// Answers what can be answered, and begins what takes a while.
    fn go_on(&mut self) -> Result<(), String> {
        for request in std::mem::take(&mut self.asked) {
            let (need, path) = need(&request);
            let path = path.filter(|path| self.files.contains_key(path));
            let Some(path) = path.filter(|_| need != Need::Nothing) else {
                let response = self.answer(request);
                self.send(response.into())?;
                continue;
            };
            let is_judged = match &self.busy {
                Some((Busy::Judge { path: busy, told }, _)) if *busy == path => *told,
                _ => true,
            };
            let known = self.files.get(&path).and_then(|open| open.known.clone());
            let known = known.filter(|_| is_judged && !self.waiting.contains(&path));
            let known = known.filter(|it| need != Need::Linted || self.lints.are_told(it));
            let Some(known) = known else {
                self.asked.push(request);
                continue;
            };
            if !takes_long(&request, &known) {
                let response = self.answer(request);
                self.send(response.into())?;
            } else if self.busy.is_some() || !self.waiting.is_empty() {
                self.asked.push(request);
            } else {
                let id = request.id.clone();
                self.begin(Busy::Answer { id, path }, Job::Answer(request, known));
            }
        }
        if self.busy.is_none()
            && let Some(path) = self.waiting.pop_first()
        {
            let good = self.files.get(&path).and_then(|open| open.good.clone());
            let job = Job::Judge(path.clone(), self.desk.clone(), good);
            self.begin(Busy::Judge { path, told: false }, job);
        }
        self.lints.go_on(|path| self.files.get(path)?.known.clone());
        Ok(())
    }

    fn begin(&mut self, busy: Busy, job: Job<'d>) {
        let wanted = self.asker.ask();
        if self.jobs.send((job, wanted)).is_ok() {
            self.busy = Some((busy, wanted));
        }
    }

    /// Tells what is known of a file.
    fn tell(&mut self, path: &str, mut marks: Marks) -> Result<(), String> {
        // A part of another file that is open is judged with that one.
        let mut others = self.files.iter().filter(|(other, _)| **other != path);
        let holds = |open: &Open<'_>| open.known.as_ref().is_some_and(|it| it.holds(path));
        if others.any(|(_, open)| holds(open)) {
            marks.clear();
        } else {
            marks.entry(path.to_owned()).or_default();
        }
        let Some(open) = self.files.get_mut(path) else {
            return Ok(());
        };
        for before in std::mem::take(&mut open.marked) {
            marks.entry(before).or_default();
        }
        let full = marks.iter().filter(|(_, told)| !told.is_empty());
        open.marked = full.map(|(path, _)| path.clone()).collect();
        for (path, told) in marks {
            self.publish(&path, told)?;
        }
        Ok(())
    }

    fn publish(&self, path: &str, diagnostics: Vec<lsp_types::Diagnostic>) -> Result<(), String> {
        let Some(uri) = document::uri_of(path) else {
            return Ok(());
        };
        self.notify::<PublishDiagnostics>(PublishDiagnosticsParams {
            uri,
            diagnostics,
            version: self.files.get(path).map(|open| open.version),
        })
    }

    fn notify<N: lsp_types::notification::Notification>(
        &self,
        params: N::Params,
    ) -> Result<(), String> {
        let told = Notification::new(N::METHOD.to_owned(), params);
        self.send(told.into())
    }

    fn send(&self, message: Message) -> Result<(), String> {
        let sent = self.connection.sender.send(message);
        sent.map_err(|_| "the client does not listen any more".to_owned())
    }

    fn answer(&self, request: Request) -> Response {
        let Request { id, method, params } = request;
        match method.as_str() {
            Completion::METHOD => reply(id, params, |asked| self.complete(&asked)),
            HoverRequest::METHOD => reply(id, params, |asked| self.hover(&asked)),
            GotoDefinition::METHOD => reply(id, params, |asked| self.definition(&asked)),
            References::METHOD => reply(id, params, |asked| self.references(&asked)),
            DocumentSymbolRequest::METHOD => reply(id, params, |asked| self.symbols(&asked)),
            CodeLensRequest::METHOD => reply(id, params, |asked: lsp_types::CodeLensParams| {
                let known = self.known(&asked.text_document.uri)?;
                Some(lens::lenses(known, self.session.language))
            }),
            CodeActionRequest::METHOD => reply(id, params, |asked: CodeActionParams| {
                let known = self.known(&asked.text_document.uri)?;
                Some(mend::actions(known, &asked, (self.session, self.session.budget)))
            }),
            DocumentDiagnosticRequest::METHOD => {
                reply(id, params, |asked: lsp_types::DocumentDiagnosticParams| {
                    let known = self.known(&asked.text_document.uri)?;
                    let mut marks = told::diagnostics(known, self.session.language);
                    let items = marks.remove(&known.path).unwrap_or_default();
                    Some(json!({ "kind": "full", "items": items }))
                })
            }
            CodeLensResolve::METHOD => Response::new_ok(id, params),
            ExecuteCommand::METHOD => self.execute(id, &params),
            Formatting::METHOD => reply(id, params, |asked| self.lay_out(&asked)),
            Rename::METHOD => match serde_json::from_value(params) {
                Ok(asked) => match self.rename(&asked) {
                    Ok(edit) => Response::new_ok(id, json!(edit)),
                    Err(why) => refused(id, ErrorCode::RequestFailed, why),
                },
                Err(error) => refused(id, ErrorCode::InvalidParams, error.to_string()),
            },
            _ => refused(id, ErrorCode::MethodNotFound, method),
        }
    }

    /// A command that needs nothing to be known.
    fn execute(&self, id: RequestId, params: &Value) -> Response {
        let text = |at: usize| params["arguments"][at].as_str().unwrap_or_default();
        if params["command"] != SHOW {
            let why = format!("nothing to do for {}", params["command"]);
            return refused(id, ErrorCode::InvalidParams, why);
        }
        let shown = json!({ "title": text(0), "text": text(1) });
        let message = format!("{}\n{}", text(0), text(1));
        let typ = MessageType::INFO;
        match self.notify::<ShowMessage>(ShowMessageParams { typ, message }) {
            Ok(()) => Response::new_ok(id, shown),
            Err(why) => refused(id, ErrorCode::RequestFailed, why),
        }
    }

    /// An open text with its path.
    fn text(&self, uri: &Uri) -> Option<(String, &str)> {
        let path = path_of(uri)?;
        let text = self.desk.texts.get(&path)?;
        Some((path, text))
    }

    /// An open file as it was judged last.
    fn known(&self, uri: &Uri) -> Option<&Known<'d>> {
        let open = self.files.get(&path_of(uri)?)?;
        open.known.as_deref()
    }
}
