//! What this server can do, what each request needs to be known, and answers as the protocol has them.

use lsp_server::{ErrorCode, Request, RequestId, Response};
use lsp_types::request::{
    CodeActionRequest, CodeLensRequest, CodeLensResolve, DocumentDiagnosticRequest,
    DocumentSymbolRequest, ExecuteCommand, GotoDefinition, References, Rename, Request as _,
};
use lsp_types::{
    CodeActionParams, CodeActionProviderCapability, CodeLensOptions, CompletionOptions,
    ExecuteCommandOptions, HoverProviderCapability, OneOf, ServerCapabilities,
    TextDocumentSyncCapability, TextDocumentSyncKind, Uri,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::document::path_of;
use super::known::Known;
use super::mend;

/// The command of an expectation's lens: show what came of it, and the way of its packets.
pub const RUN: &str = "pathproof.run";
/// The command of a fix that cannot be written as an edit: show it.
pub const SHOW: &str = "pathproof.show";

/// What a request needs to be known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The text, and whatever is known.
    Nothing,
    /// What the expectations of the text as it is came to.
    Judged,
    /// Its lints, too.
    Linted,
}

pub fn capabilities() -> ServerCapabilities {
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Kind(
            TextDocumentSyncKind::INCREMENTAL,
        )),
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
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(true) }),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: vec![RUN.to_owned(), SHOW.to_owned()],
            ..ExecuteCommandOptions::default()
        }),
        ..ServerCapabilities::default()
    }
}

/// What a request needs, and the file that it is about.
pub fn need(request: &Request) -> (Need, Option<String>) {
    let params = &request.params;
    let (need, uri) = match request.method.as_str() {
        DocumentDiagnosticRequest::METHOD => (Need::Linted, &params["textDocument"]["uri"]),
        CodeLensResolve::METHOD => (Need::Judged, &params["data"]["uri"]),
        ExecuteCommand::METHOD if params["command"] == RUN => {
            (Need::Judged, &params["arguments"][0])
        }
        CodeActionRequest::METHOD
        | CodeLensRequest::METHOD
        | DocumentSymbolRequest::METHOD
        | GotoDefinition::METHOD
        | References::METHOD
        | Rename::METHOD => (Need::Judged, &params["textDocument"]["uri"]),
        _ => (Need::Nothing, &Value::Null),
    };
    let uri = uri.as_str().and_then(|uri| uri.parse::<Uri>().ok());
    (need, uri.as_ref().and_then(path_of))
}

/// Whether a request is one for the thread.
pub fn takes_long(request: &Request, known: &Known<'_>) -> bool {
    match request.method.as_str() {
        CodeActionRequest::METHOD => {
            let asked = read::<CodeActionParams>(request.params.clone());
            asked.is_some_and(|asked| mend::takes_long(known, asked.range))
        }
        CodeLensResolve::METHOD | ExecuteCommand::METHOD => true,
        _ => false,
    }
}

pub fn reply<Asked: DeserializeOwned, Told: Serialize>(
    id: RequestId,
    params: Value,
    answer: impl FnOnce(Asked) -> Option<Told>,
) -> Response {
    match serde_json::from_value(params) {
        Ok(asked) => Response::new_ok(id, json!(answer(asked))),
        Err(error) => refused(id, ErrorCode::InvalidParams, error.to_string()),
    }
}

pub fn refused(id: RequestId, code: ErrorCode, why: String) -> Response {
    Response::new_err(id, code as i32, why)
}

pub fn read<Params: DeserializeOwned>(params: Value) -> Option<Params> {
    serde_json::from_value(params).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_asks_for_all_diagnostics_waits_for_lints() {
        let params = serde_json::json!({ "textDocument": { "uri": "file:///a.ron" } });
        let need = |method: &str| need(&Request::new(1.into(), method.to_owned(), params.clone()));
        let path = Some("/a.ron".to_owned());
        let methods = [CodeActionRequest::METHOD, CodeLensRequest::METHOD, Rename::METHOD];
        for method in methods {
            assert!(need(method) == (Need::Judged, path.clone()), "{method}");
        }
        assert!(need(DocumentDiagnosticRequest::METHOD) == (Need::Linted, path));
    }
}
