//! `pathproof mcp`: a server of the Model Context Protocol, so that an assistant can ask what the command line answers.
//!
//! Every question of [`crate::ask`] is a tool, and its document is the structured content of the answer. Nothing is changed
//! on the disk; each tool says so. What is wrong with a question is an answer, too: the assistant is to read it.

use std::sync::Arc;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, Implementation, ListToolsResult,
    MetaObject, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
};
use rmcp::service::{RequestContext, RoleServer, ServerInitializeError};
use rmcp::transport::stdio;
use rmcp::{ErrorData, ServerHandler, ServiceExt};

use serde_json::{Map, Value};

use crate::ask::{Answer, CERTIFICATES, CERTIFY, Need, Resident, TOOLS};

/// What an assistant is told before it asks.
const INSTRUCTIONS: &str = "\
pathproof proves which packets can cross a cloud network described in a scenario file, and why the others cannot. \
Start with `list` (what a file asks and which ids it has) or `check`; `trace` explains one connection, `whatif` tells what \
changes would open, close and break, `fix` finds changes. Every blocker has a code (`explain` tells it in full), a file \
and a line. `undetermined` means that it is not known: never take it for a yes or a no. Nothing is ever written.";

/// Answers one assistant.
struct Desk {
    resident: Arc<Resident>,
    /// Whether a question has to say which file it is about.
    file: Need,
}

impl ServerHandler for Desk {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        let own = Implementation::new("pathproof", env!("CARGO_PKG_VERSION"));
        ServerConfig::new(capabilities).with_server_info(own).with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(tools(self.file)))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let resident = Arc::clone(&self.resident);
        let name = request.name.clone();
        let given = request.arguments.unwrap_or_default();
        // An answer may take long: others are not to wait for it.
        let asked = tokio::task::spawn_blocking(move || answered(&resident, &request.name, given));
        let (answer, certificates) = asked.await.map_err(|error| {
            ErrorData::internal_error(format!("pathproof failed: {error}"), None)
        })?;
        let answer = answer
            .ok_or_else(|| ErrorData::invalid_params(format!("there is no tool `{name}`"), None))?;
        let mut result = result(answer);
        result.meta = certificates.map(|certificates| {
            let mut meta = MetaObject::new();
            meta.insert(META.to_owned(), certificates);
            meta
        });
        Ok(result.into())
    }
}

/// What an answer carries beside its document, for programs: the certificate of a connection.
const META: &str = "pathproof/certificates";

/// Of so many pairs of ends at most a certificate comes unasked: it tells every one of them.
const MOST_PAIRS: u64 = 4;

/// The answer, and beside it the certificate of a connection for which nobody asked: the document stays the command's.
fn answered(
    resident: &Resident,
    name: &str,
    mut given: Map<String, Value>,
) -> (Option<Answer>, Option<Value>) {
    let answer = resident.ask(name, &given);
    let is_asked = name != "trace" || given.contains_key(CERTIFY);
    let pairs = match &answer {
        Some(Ok(document)) => document["pairs"].as_u64(),
        _ => None,
    };
    if is_asked || pairs.is_none_or(|pairs| pairs > MOST_PAIRS) {
        return (answer, None);
    }
    given.insert(CERTIFY.to_owned(), true.into());
    let certified = resident.ask(name, &given).and_then(Result::ok);
    let certificates = certified.and_then(|mut document| {
        let fields = document.as_object_mut()?;
        fields.shift_remove(CERTIFICATES)
    });
    (answer, certificates)
}

fn result(answer: Answer) -> CallToolResult {
    match answer {
        Ok(document) => CallToolResult::structured(document),
        Err(diagnostics) => CallToolResult::structured_error(diagnostics),
    }
}

/// All tools, each of which only reads, and only the files of this machine.
fn tools(file: Need) -> Vec<Tool> {
    let tools = TOOLS.iter().map(|tool| {
        let reads = ToolAnnotations::from_raw(
            Some(tool.name.to_owned()),
            Some(true),
            Some(false),
            Some(true),
            Some(false),
        );
        Tool::new(tool.name, tool.meaning, tool.schema(file)).with_annotations(reads)
    });
    tools.collect()
}

/// Serves an assistant on standard input and output, until it closes the input.
///
/// # Errors
///
/// With what went wrong between the two.
pub fn serve(resident: Resident, file: Need) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let desk = Desk { resident: Arc::new(resident), file };
    let served = runtime.block_on(async {
        let service = match desk.serve(stdio()).await {
            Ok(service) => service,
            // Who starts a server and leaves without a word has asked for nothing.
            Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
            Err(error) => return Err(error.to_string()),
        };
        let ended = service.waiting().await;
        ended.map(|_| ()).map_err(|error| error.to_string())
    });
    // Reading standard input cannot be broken off.
    runtime.shutdown_background();
    served
}
