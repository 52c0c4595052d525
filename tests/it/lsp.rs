//! The language server, asked by a client as an editor asks: once over standard input and output, else in memory.

mod mends;

use std::collections::BTreeMap;
use std::io::{BufReader, Write};
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};

use lsp_server::{Connection, Message, Notification, Request, Response};
use pathproof::cli::files::Disk;
use pathproof::code::Language;
use pathproof::lsp::{Session, serve};
use pathproof::verify::Budget;
use serde_json::{Value, json};

use crate::shipped::{root, scenarios};

pub const SHOP: &str = r#"Scenario(
    name: "the shop of sg-web",
    network: (
        vpcs: { "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16") },
        subnets: { "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24") },
        security_groups: { "sg-web": (ingress: [Accept(service: "tcp:443")], egress: [Accept()]) },
        instances: {
            "ins-a": (subnet: "subnet-a", ip: "10.1.1.10", security_groups: ["sg-web"]),
            "ins-b": (subnet: "subnet-a", ip: "10.1.1.20", security_groups: ["sg-web"]),
        },
    ),
    expect: [
        Reachable(from: "ins-a", to: "ins-b", service: "tcp:443"),
        Unreachable(from: "ins-a & !ins-b", to: "ins-b", service: "tcp:22", because: "security-group-ingress-denied"),
    ],
)
"#;

/// An editor with one open file.
pub struct Editor {
    connection: Connection,
    server: Option<JoinHandle<Result<(), String>>>,
    next: i32,
    pub uri: String,
    text: String,
    /// What was published last, by file.
    published: BTreeMap<String, Vec<Value>>,
    /// What the user was shown.
    pub shown: Vec<String>,
}

impl Editor {
    pub fn open(path: &str, text: &str, language: Language) -> Self {
        let (connection, other) = Connection::memory();
        let server = thread::spawn(move || {
            let disk = Disk::default();
            let session = Session {
                disk: &disk,
                today: "2027-01-31".to_owned(),
                budget: Budget::default(),
                language,
            };
            serve(&other, &session)
        });
        let mut editor = Self {
            connection,
            server: Some(server),
            next: 0,
            uri: format!("file://{path}"),
            text: String::new(),
            published: BTreeMap::new(),
            shown: Vec::new(),
        };
        let told = editor.ask("initialize", json!({ "capabilities": {} }));
        assert_eq!(told["serverInfo"]["name"], "pathproof");
        editor.tell("initialized", json!({}));
        text.clone_into(&mut editor.text);
        let document =
            json!({ "uri": editor.uri, "languageId": "ron", "version": 1, "text": text });
        editor.tell("textDocument/didOpen", json!({ "textDocument": document }));
        editor
    }

    pub fn tell(&self, method: &str, params: Value) {
        let told = Notification::new(method.to_owned(), params);
        self.connection.sender.send(told.into()).expect("a server");
    }

    /// Writes another text and gives the diagnostics that come of it.
    pub fn write(&mut self, text: &str) -> Vec<Value> {
        self.write_only(text);
        self.diagnostics()
    }

    /// Writes another text.
    pub fn write_only(&mut self, text: &str) {
        text.clone_into(&mut self.text);
        let document = json!({ "uri": self.uri, "version": 2 });
        let params = json!({ "textDocument": document, "contentChanges": [{ "text": text }] });
        self.tell("textDocument/didChange", params);
    }

    /// The diagnostics of the file when all is known. What was published until then says the same.
    pub fn diagnostics(&mut self) -> Vec<Value> {
        let uri = self.uri.clone();
        let told = self.ask("textDocument/diagnostic", json!({ "textDocument": { "uri": uri } }));
        let published = self.published.get(&uri).cloned().unwrap_or_default();
        assert_eq!(told["items"], json!(published));
        published
    }

    /// What is said of a kind: 1 is an error, 2 a warning, 3 a note.
    pub fn codes(told: &[Value], severity: u64) -> Vec<&str> {
        let told = told.iter().filter(|it| it["severity"] == severity);
        told.map(|it| it["code"].as_str().expect("a code")).collect()
    }

    pub fn actions(&mut self, what: &str) -> Vec<Value> {
        let at = self.place(what, 1);
        let range = json!({ "start": at, "end": at });
        let params = json!({ "textDocument": { "uri": self.uri }, "range": range, "context": { "diagnostics": [] } });
        let told = self.ask("textDocument/codeAction", params);
        told.as_array().expect("a list").clone()
    }

    /// The text with the edits of an action.
    pub fn edited(&self, action: &Value) -> String {
        let edits = action["edit"]["changes"][&self.uri].as_array();
        let mut edits = edits.expect("edits").clone();
        edits.sort_by_key(|it| {
            (it["range"]["start"]["line"].as_u64(), it["range"]["start"]["character"].as_u64())
        });
        let mut text = self.text.clone();
        for edit in edits.iter().rev() {
            let byte = |end: &Value| {
                let number =
                    |of: &str| usize::try_from(end[of].as_u64().expect("a number")).expect("small");
                let mut lines = text.split_inclusive('\n');
                let before: usize = lines.by_ref().take(number("line")).map(str::len).sum();
                before + number("character")
            };
            let range = byte(&edit["range"]["start"])..byte(&edit["range"]["end"]);
            text.replace_range(range, edit["newText"].as_str().expect("a text"));
        }
        text
    }

    pub fn asked(&mut self, method: &str, params: Value) -> Response {
        self.next += 1;
        let request = Request::new(self.next.into(), method.to_owned(), params);
        self.connection.sender.send(request.into()).expect("a server");
        loop {
            match self.connection.receiver.recv().expect("an answer") {
                Message::Response(response) => return response,
                Message::Notification(told) if told.method == "window/showMessage" => {
                    self.shown.push(told.params["message"].as_str().expect("words").to_owned());
                }
                Message::Notification(told) => {
                    let uri = told.params["uri"].as_str().expect("a file").to_owned();
                    let all = told.params["diagnostics"].as_array().expect("a list");
                    self.published.insert(uri, all.clone());
                }
                Message::Request(_) => {}
            }
        }
    }

    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let response = self.asked(method, params);
        response.response_result.expect("an answer")
    }

    /// Line and column of the first place of a text, and some columns further.
    fn place(&self, what: &str, further: usize) -> Value {
        let at = self.text.find(what).expect("a place") + further;
        let line = self.text[..at].matches('\n').count();
        let start = self.text[..at].rfind('\n').map_or(0, |it| it + 1);
        let column = self.text[start..at].encode_utf16().count();
        json!({ "line": line, "character": column })
    }

    fn at(&mut self, method: &str, what: &str, further: usize) -> Value {
        let params = json!({
            "textDocument": { "uri": self.uri },
            "position": self.place(what, further),
            "context": { "includeDeclaration": true, "triggerKind": 1 },
        });
        self.ask(method, params)
    }

    fn offers(&mut self, what: &str, further: usize) -> Vec<String> {
        let told = self.at("textDocument/completion", what, further);
        let items = told["items"].as_array().expect("a list");
        items.iter().map(|it| it["label"].as_str().expect("a label").to_owned()).collect()
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        let ended = self.server.take().expect("a server").join();
        assert_eq!(ended.expect("no panic"), Ok(()));
    }
}

pub fn shop() -> Editor {
    let mut editor = Editor::open("/nowhere/shop.ron", SHOP, Language::English);
    assert_eq!(editor.diagnostics(), [] as [Value; 0]);
    editor
}

#[test]
fn mistakes_and_broken_promises_are_told_where_they_stand_and_go_away() {
    let mut editor = shop();
    let told = editor.write(&SHOP.replace("tcp:443\")],", "tcp:80\")],"));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["code"], "security-group-ingress-denied");
    assert_eq!(told[0]["range"]["start"]["line"], 12);
    let message = told[0]["message"].as_str().expect("words");
    assert!(message.contains("should be reachable"), "{message}");
    let told = editor.write(
        &SHOP.replace("[\"sg-web\"]),\n            \"ins-b", "[\"sg-wep\"]),\n            \"ins-b"),
    );
    assert_eq!(
        (told[0]["code"].as_str(), told[0]["severity"].as_u64()),
        (Some("unknown-id"), Some(1))
    );
    let told = editor.write("Scenario(network: (");
    assert_eq!(told[0]["code"], "syntax");
    assert_eq!(editor.write(SHOP), [] as [Value; 0]);
}

#[test]
fn a_file_that_is_included_is_told_of_and_read_from_the_editor() {
    let folder = std::env::temp_dir().join(format!("pathproof-lsp-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let part = folder.join("part.ron");
    std::fs::write(&part, "(network: (vpcs: {}))").expect("a file");
    let main = folder.join("main.ron");
    let text = SHOP.replace("Scenario(\n", "Scenario(\n    include: [\"part.ron\"],\n");
    let mut editor = Editor::open(main.to_str().expect("a path"), &text, Language::English);
    assert_eq!(editor.diagnostics(), [] as [Value; 0]);
    // Not saved: it stands in the editor only.
    let document = json!({ "uri": format!("file://{}", part.display()), "languageId": "ron", "version": 1,
        "text": "(network: (vpcs: { \"vpc-a\": (region: \"ap-guangzhou\", cidr: \"10.9.0.0/16\") }))" });
    editor.tell("textDocument/didOpen", json!({ "textDocument": document }));
    let told = editor.diagnostics();
    assert_eq!(told[0]["code"], "duplicate-id");
    std::fs::remove_dir_all(&folder).expect("to tidy up");
}

#[test]
fn fields_ids_codes_and_actions_are_offered_where_they_may_stand() {
    let mut editor = shop();
    assert_eq!(editor.offers("\"vpc-a\", cidr: \"10.1.1", 3), ["vpc-a"]);
    let codes = editor.offers("security-group-ingress", 4);
    assert!(codes.contains(&"no-route".to_owned()) && !codes.contains(&"syntax".to_owned()));
    let ends = editor.offers("ins-a & !ins", 2);
    assert!(ends.contains(&"ins-b".to_owned()) && ends.contains(&"internet".to_owned()));
    let told = editor.at("textDocument/completion", "ins-a & !ins", 2);
    let edit = &told["items"][0]["textEdit"]["range"];
    assert_eq!(edit["start"], editor.place("ins-a & !ins", 0), "only the part under the cursor");
    assert_eq!(edit["end"], editor.place("ins-a & !ins", 5));
    editor.write(&SHOP.replace("expect: [", "expect: [\n        U"));
    assert!(editor.offers("        U", 9).contains(&"Unreachable".to_owned()));
    editor.write(&SHOP.replace("cidr: \"10.1.0.0/16\")", "cidr: \"10.1.0.0/16\", "));
    let fields = editor.offers("10.1.0.0/16\", ", 14);
    assert!(fields.contains(&"secondary_cidrs".to_owned()), "{fields:?}");
    assert!(!fields.contains(&"cidr".to_owned()), "written before");
}

#[test]
fn what_stands_under_the_cursor_is_explained() {
    let mut editor = shop();
    let mut hover = |what: &str, further| {
        let told = editor.at("textDocument/hover", what, further);
        told["contents"]["value"].as_str().unwrap_or_default().to_owned()
    };
    assert!(hover("cidr: \"10.1.0.0/16\"", 1).contains("primary CIDR"));
    assert!(hover("Unreachable(", 2).contains("No connection of any pair works"));
    assert!(hover("security-group-ingress-denied", 2).contains("SG-5"));
    let group = hover("[\"sg-web\"]", 3);
    assert!(
        group.contains("a security group") && group.contains("Accept(service: \"tcp:443\")"),
        "{group}"
    );
    let rule = hover("Accept(service", 2);
    assert!(rule.contains("sg-web ingress #1**: accept tcp:443"), "{rule}");
    assert!(rule.contains("2 have sg-web: ins-a, ins-b"), "{rule}");
    assert_eq!(hover("10.1.1.10", 2), "");
}

#[test]
fn ids_lead_to_their_definition_and_are_found_and_renamed_everywhere_but_in_free_text() {
    let mut editor = shop();
    let told = editor.at("textDocument/definition", "ins-a & !ins", 2);
    assert_eq!(told["range"]["start"]["line"], 7);
    let told = editor.at("textDocument/references", "[\"sg-web\"]", 3);
    assert_eq!(told.as_array().expect("a list").len(), 3);
    let params = |editor: &Editor, name: &str| json!({ "textDocument": { "uri": editor.uri }, "position": editor.place("[\"sg-web\"]", 3), "newName": name });
    let edit = editor.ask("textDocument/rename", params(&editor, "sg-front"));
    let edits = edit["changes"][&editor.uri].as_array().expect("edits").clone();
    assert_eq!(edits.len(), 3);
    let mut lines: Vec<String> = editor.text.lines().map(str::to_owned).collect();
    for edit in edits.iter().rev() {
        let place = |end: &str, of: &str| {
            usize::try_from(edit["range"][end][of].as_u64().expect("a number")).expect("small")
        };
        lines[place("start", "line")]
            .replace_range(place("start", "character")..place("end", "character"), "sg-front");
    }
    let renamed = lines.join("\n") + "\n";
    assert!(renamed.contains("name: \"the shop of sg-web\""));
    assert_eq!(editor.write(&renamed), [] as [Value; 0]);
    editor.write(SHOP);
    for name in ["ins-a", "two words", ""] {
        let refused = editor.asked("textDocument/rename", params(&editor, name));
        assert!(refused.response_result.is_err(), "{name}");
    }
}

#[test]
fn expectations_say_what_they_came_to_and_slips_can_be_mended() {
    let mut editor = shop();
    let document = json!({ "textDocument": { "uri": editor.uri } });
    let lenses = editor.ask("textDocument/codeLens", document.clone());
    let titles: Vec<&str> = lenses
        .as_array()
        .expect("a list")
        .iter()
        .filter(|lens| !lens["command"].is_null())
        .map(|lens| lens["command"]["title"].as_str().expect("a title"))
        .collect();
    assert_eq!(titles.len(), 2);
    assert!(titles.iter().all(|title| title.starts_with('✓')), "{titles:?}");
    let text = SHOP.replace(
        "security_groups: [\"sg-web\"]),\n            \"ins-b",
        "security_groups: [\"sg-wep\"]),\n            \"ins-b",
    );
    editor.write(&text);
    let range = json!({ "start": editor.place("sg-wep", 1), "end": editor.place("sg-wep", 1) });
    let params = json!({ "textDocument": { "uri": editor.uri }, "range": range, "context": { "diagnostics": [] } });
    let actions = editor.ask("textDocument/codeAction", params);
    let edit = &actions[0]["edit"]["changes"][&editor.uri][0];
    assert_eq!(edit["newText"], "\"sg-web\"");
    let symbols = editor.ask("textDocument/documentSymbol", document);
    assert!(symbols.as_array().expect("a list").iter().any(|it| it["name"] == "subnet-a"));
}

#[test]
fn it_says_of_shipped_scenarios_what_check_and_lint_say() {
    for path in [scenarios("scenarios/classic-link"), scenarios("scenarios/lint")].concat() {
        let full = root().join(&path);
        let full = full.to_str().expect("a path");
        let text = std::fs::read_to_string(full).expect("a scenario");
        let mut editor = Editor::open(full, &text, Language::English);
        let told = editor.diagnostics();
        let program = Command::new(env!("CARGO_BIN_EXE_pathproof"));
        let found = { program }.args(["lint", "--format", "json", full]).output();
        let found: Value =
            serde_json::from_slice(&found.expect("the program").stdout).expect("JSON");
        let findings = found["files"][0]["findings"].as_array().expect("a list").iter();
        let own = findings.filter(|it| it["file"].is_null() || it["file"] == full);
        let own: Vec<_> = own.map(|it| it["code"].clone()).collect();
        let codes: Vec<_> = told.iter().map(|it| it["code"].clone()).collect();
        assert_eq!(codes, own, "{path}");
    }
}

#[test]
fn nonsense_is_refused_and_the_server_goes_on() {
    let mut editor = shop();
    for (method, params) in [
        ("textDocument/hover", json!({ "textDocument": 7 })),
        ("textDocument/teapot", json!({})),
        ("textDocument/rename", json!([])),
    ] {
        assert!(editor.asked(method, params).response_result.is_err(), "{method}");
    }
    let elsewhere = json!({ "textDocument": { "uri": "untitled:x" }, "position": { "line": 0, "character": 0 } });
    assert_eq!(editor.ask("textDocument/hover", elsewhere), Value::Null);
    let far = json!({ "textDocument": { "uri": editor.uri }, "position": { "line": 999, "character": 999 } });
    assert_eq!(editor.ask("textDocument/hover", far), Value::Null);
    editor.tell("textDocument/didChange", json!("nonsense"));
    assert!(editor.write("\u{0}\u{1}\"\\").len() == 1);
    assert_eq!(editor.write(SHOP), [] as [Value; 0]);
}

#[test]
fn it_talks_over_standard_input_and_output() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_pathproof"))
        .args(["lsp", "--stdio"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut input = child.stdin.take().expect("its input");
    let mut output = BufReader::new(child.stdout.take().expect("its output"));
    let mut say = |message: Message| {
        message.write(&mut input).expect("to write");
        input.flush().expect("to write");
    };
    let mut hear = || Message::read(&mut output).expect("to read").expect("a message");
    say(Request::new(1.into(), "initialize".to_owned(), json!({ "capabilities": {} })).into());
    assert!(matches!(hear(), Message::Response(told) if told.response_result.is_ok()));
    say(Notification::new("initialized".to_owned(), json!({})).into());
    let document = json!({ "uri": "file:///nowhere/a.ron", "languageId": "ron", "version": 1, "text": "Scenario(" });
    say(Notification::new("textDocument/didOpen".to_owned(), json!({ "textDocument": document }))
        .into());
    let Message::Notification(told) = hear() else {
        panic!("no diagnostics");
    };
    assert_eq!(told.params["diagnostics"][0]["code"], "syntax");
    say(Request::new(2.into(), "shutdown".to_owned(), Value::Null).into());
    assert!(matches!(hear(), Message::Response(_)));
    say(Notification::new("exit".to_owned(), Value::Null).into());
    assert_eq!(child.wait().expect("to end").code(), Some(0));
}
