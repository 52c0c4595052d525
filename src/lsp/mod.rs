//! `pathproof lsp`: a server of the Language Server Protocol for scenario files.
//!
//! | module | what it does |
//! |---|---|
//! | `position` | bytes to lines and UTF-16 units, and back |
//! | `cursor` | where in a text a cursor stands, also while it is not well-formed |
//! | `document` | open texts before those of the disk; ids and where they are mentioned |
//! | `told` | diagnostics, what an expectation came to, what can be mended |
//! | `complete` | what may stand at a cursor |
//! | `ids` | hover, definitions, references, new names |
//!
//! It says what `check` says, from the same road. A text is loaded with every key, and judged when no message waits.
//! Nothing is written but through the editor.

mod complete;
mod cursor;
mod document;
mod ids;
mod position;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidCloseTextDocument, DidOpenTextDocument, Notification as _,
    PublishDiagnostics,
};
use lsp_types::request::{
    CodeActionRequest, CodeLensRequest, Completion, DocumentSymbolRequest, Formatting,
    GotoDefinition, HoverRequest, References, Rename, Request as _,
};
use lsp_types::{
    CodeActionProviderCapability, CodeLensOptions, CompletionOptions, HoverProviderCapability,
    InitializeResult, OneOf, PublishDiagnosticsParams, ServerCapabilities, ServerInfo,
    TextDocumentSyncCapability, TextDocumentSyncKind, Uri,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::code::Language;
use crate::scenario::{Files, Scenario, load_within};
use crate::verify::{Budget, FileReport, run};
use document::{Desk, path_of};

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

/// What is known of an open file.
#[derive(Default)]
struct Known {
    /// As it was when it could be loaded last.
    scenario: Option<Scenario>,
    /// What it came to last.
    report: Option<FileReport>,
    /// The files that have diagnostics because of it.
    marked: BTreeSet<String>,
}

impl Known {
    /// Whether a file is this one, or a part of it.
    fn holds(&self, path: &str) -> bool {
        let mut files = self.report.iter().flat_map(|it| it.sources.iter());
        files.any(|source| source.file == path)
    }
}

struct Server<'d> {
    session: Session<'d>,
    desk: Desk<'d>,
    known: BTreeMap<String, Known>,
    /// Files that are to be judged again.
    waiting: BTreeSet<String>,
}

/// Serves until the client says that it is enough.
///
/// # Errors
///
/// When the client breaks the protocol, or is gone.
pub fn serve(connection: &Connection, session: Session<'_>) -> Result<(), String> {
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
    let mut server = Server {
        desk: Desk::new(session.disk),
        session,
        known: BTreeMap::new(),
        waiting: BTreeSet::new(),
    };
    while let Ok(message) = connection.receiver.recv() {
        match message {
            Message::Request(request) => {
                if connection.handle_shutdown(&request).map_err(broken)? {
                    return Ok(());
                }
                // What is asked is asked of the text as it is.
                server.judge_waiting(connection)?;
                send(connection, server.answer(request).into())?;
            }
            Message::Notification(notification) => server.hear(connection, notification)?,
            Message::Response(_) => {}
        }
        if connection.receiver.is_empty() {
            server.judge_waiting(connection)?;
        }
    }
    Err("the client is gone without saying so".to_owned())
}

fn send(connection: &Connection, message: Message) -> Result<(), String> {
    let sent = connection.sender.send(message);
    sent.map_err(|_| "the client does not listen any more".to_owned())
}

fn capabilities() -> ServerCapabilities {
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Kind(TextDocumentSyncKind::FULL)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(["\"", "(", " ", "[", "{"].map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        rename_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        document_formatting_provider: Some(OneOf::Left(true)),
        code_action_provider: Some(CodeActionProviderCapability::Simple(true)),
        code_lens_provider: Some(CodeLensOptions {
            resolve_provider: Some(false),
        }),
        ..ServerCapabilities::default()
    }
}

impl Server<'_> {
    fn hear(&mut self, connection: &Connection, told: Notification) -> Result<(), String> {
        match told.method.as_str() {
            DidOpenTextDocument::METHOD => {
                if let Some(params) = read::<lsp_types::DidOpenTextDocumentParams>(told.params) {
                    self.write(&params.text_document.uri, params.text_document.text);
                }
            }
            DidChangeTextDocument::METHOD => {
                if let Some(params) = read::<lsp_types::DidChangeTextDocumentParams>(told.params) {
                    let last = params.content_changes.into_iter().next_back();
                    if let Some(change) = last {
                        self.write(&params.text_document.uri, change.text);
                    }
                }
            }
            DidCloseTextDocument::METHOD => {
                let params = read::<lsp_types::DidCloseTextDocumentParams>(told.params);
                let path = params.and_then(|params| path_of(&params.text_document.uri));
                if let Some(path) = path {
                    self.desk.texts.remove(&path);
                    self.waiting.remove(&path);
                    let known = self.known.remove(&path).unwrap_or_default();
                    let nothing = known.marked.into_iter().map(|path| (path, Vec::new()));
                    publish(connection, nothing)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A text is new; whoever includes it is judged again, too.
    fn write(&mut self, uri: &Uri, text: String) {
        let Some(path) = path_of(uri) else { return };
        self.desk.texts.insert(path.clone(), text);
        let including = self.known.iter().filter(|(_, known)| known.holds(&path));
        self.waiting
            .extend(including.map(|(other, _)| other.clone()));
        self.waiting.insert(path);
    }

    fn judge_waiting(&mut self, connection: &Connection) -> Result<(), String> {
        for path in std::mem::take(&mut self.waiting) {
            let loaded = load_within(&path, &self.desk, self.session.budget.begin());
            // A part of another file that is open is judged with that one.
            let mut others = self.known.iter().filter(|(other, _)| **other != path);
            let is_part = others.any(|(_, known)| known.holds(&path));
            let known = self.known.entry(path.clone()).or_default();
            if loaded.scenario.is_some() {
                known.scenario.clone_from(&loaded.scenario);
            }
            let report = run(&path, loaded, &self.session.today, self.session.budget);
            let mut told = if is_part {
                BTreeMap::new()
            } else {
                told::diagnostics(&report, self.session.language)
            };
            for before in std::mem::take(&mut known.marked) {
                told.entry(before).or_default();
            }
            let full = told.iter().filter(|(_, told)| !told.is_empty());
            known.marked = full.map(|(path, _)| path.clone()).collect();
            if !is_part {
                told.entry(path).or_default();
            }
            known.report = Some(report);
            publish(connection, told)?;
        }
        Ok(())
    }

    fn answer(&self, request: Request) -> Response {
        let Request { id, method, params } = request;
        match method.as_str() {
            Completion::METHOD => reply(id, params, |asked| self.complete(&asked)),
            HoverRequest::METHOD => reply(id, params, |asked| self.hover(&asked)),
            GotoDefinition::METHOD => reply(id, params, |asked| self.definition(&asked)),
            References::METHOD => reply(id, params, |asked| self.references(&asked)),
            DocumentSymbolRequest::METHOD => reply(id, params, |asked| self.symbols(&asked)),
            CodeLensRequest::METHOD => reply(id, params, |asked| self.lenses(&asked)),
            CodeActionRequest::METHOD => reply(id, params, |asked| self.actions(&asked)),
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

    /// An open text with its path.
    fn text(&self, uri: &Uri) -> Option<(String, &str)> {
        let path = path_of(uri)?;
        let text = self.desk.texts.get(&path)?;
        Some((path, text))
    }
}

fn reply<Asked: DeserializeOwned, Told: Serialize>(
    id: RequestId,
    params: Value,
    answer: impl FnOnce(Asked) -> Option<Told>,
) -> Response {
    match serde_json::from_value(params) {
        Ok(asked) => Response::new_ok(id, json!(answer(asked))),
        Err(error) => refused(id, ErrorCode::InvalidParams, error.to_string()),
    }
}

fn refused(id: RequestId, code: ErrorCode, why: String) -> Response {
    Response::new_err(id, code as i32, why)
}

fn read<Params: DeserializeOwned>(params: Value) -> Option<Params> {
    serde_json::from_value(params).ok()
}

fn publish(
    connection: &Connection,
    told: impl IntoIterator<Item = (String, Vec<lsp_types::Diagnostic>)>,
) -> Result<(), String> {
    for (path, diagnostics) in told {
        let Some(uri) = document::uri_of(&path) else {
            continue;
        };
        let params = PublishDiagnosticsParams {
            uri,
            diagnostics,
            version: None,
        };
        let method = PublishDiagnostics::METHOD.to_owned();
        send(connection, Notification::new(method, params).into())?;
    }
    Ok(())
}
