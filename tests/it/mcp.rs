//! The server for assistants, asked by a client as an assistant asks: over standard input and output.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::asked::{TODAY, certified, certified_change, checked_by_others, questions};
use crate::asked::{saved_and_checked, told, twenty};
use crate::shipped::{program, root};

/// An assistant and the server that it started.
struct Assistant {
    server: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    next: u64,
}

impl Assistant {
    fn start(arguments: &[&str]) -> Self {
        let mut server = Command::new(program().get_program())
            .current_dir(root())
            .arg("mcp")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let input = server.stdin.take();
        let output = BufReader::new(server.stdout.take().expect("a pipe"));
        let mut assistant = Self { server, input, output, next: 0 };
        let told = assistant.ask(
            "initialize",
            &json!({
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": { "name": "test", "version": "1" },
            }),
        );
        assert_eq!(told["result"]["serverInfo"]["name"], "pathproof");
        assert!(told["result"]["capabilities"]["tools"].is_object());
        assistant.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        assistant
    }

    fn send(&mut self, message: &Value) {
        let input = self.input.as_mut().expect("a pipe");
        writeln!(input, "{message}").expect("a server that reads");
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let mut line = String::new();
            let read = self.output.read_line(&mut line).expect("an answer");
            assert!(read > 0, "the server left");
            let message: Value = serde_json::from_str(&line).expect("JSON");
            if message["id"] == id {
                return message;
            }
        }
    }

    fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        let params = json!({ "name": tool, "arguments": arguments });
        self.ask("tools/call", &params)
    }

    fn end(mut self) {
        drop(self.input.take());
        let status = self.server.wait().expect("the end");
        assert_eq!(status.code(), Some(0));
    }
}

#[test]
fn an_assistant_is_answered_as_the_command_line_answers() {
    let mut assistant = Assistant::start(&[]);
    let answered = twenty().len();
    for (index, (tool, arguments)) in questions().into_iter().enumerate() {
        let answer = assistant.call(tool, &arguments);
        let result = &answer["result"];
        assert_eq!(result["structuredContent"], told(tool, &arguments), "{tool} {arguments}");
        assert_eq!(result["isError"], index >= answered, "{tool} {arguments}");
        let text = result["content"][0]["text"].as_str().expect("a text");
        let text: Value = serde_json::from_str(text).expect("the same as JSON");
        assert_eq!(text, result["structuredContent"]);
    }
    assistant.end();
}

#[test]
fn an_answer_about_a_connection_carries_its_certificate() {
    let mut assistant = Assistant::start(&[]);
    let mut all = Vec::new();
    for (tool, arguments) in certified() {
        let result = assistant.call(tool, &arguments)["result"].take();
        let beside = &result["_meta"]["pathproof/certificates"];
        assert_eq!(beside.is_array(), tool == "trace", "{tool}: never more than was asked");
        all.extend(beside.as_array().into_iter().flatten().cloned());
        let mut asking = arguments.clone();
        asking["certify"] = true.into();
        let result = assistant.call(tool, &asking)["result"].take();
        let inside = &result["structuredContent"]["certificates"];
        assert!(result["_meta"]["pathproof/certificates"].is_null());
        if tool == "trace" {
            assert_eq!(inside, beside);
        } else {
            all.extend(inside.as_array().expect("certificates").clone());
        }
    }
    checked_by_others("certified-assistant", &all);
    let changed = assistant.call("whatif", &certified_change())["result"].take();
    saved_and_checked("certified-whatif-assistant", &changed["structuredContent"]);
    let wrong =
        assistant.call("trace", &json!({ "file": TODAY, "from": "ins-none", "to": "lb-shop" }));
    assert_eq!(wrong["result"]["isError"], true);
    assistant.end();
}

#[test]
fn tools_read_only_and_say_what_they_take() {
    let mut assistant = Assistant::start(&[]);
    let told = assistant.ask("tools/list", &json!({}));
    let tools = told["result"]["tools"].as_array().expect("tools");
    let names: BTreeSet<&str> = tools.iter().filter_map(|it| it["name"].as_str()).collect();
    let wanted = [
        "check", "diff", "explain", "fix", "links", "lint", "list", "matrix", "reach", "schema",
        "trace", "whatif",
    ];
    assert_eq!(names, BTreeSet::from(wanted));
    for tool in tools {
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{tool}");
        assert_eq!(tool["annotations"]["destructiveHint"], false, "{tool}");
        let schema = &tool["inputSchema"];
        assert!(jsonschema::meta::is_valid(schema), "{tool}");
        assert_eq!(schema["additionalProperties"], false, "{tool}");
        let validator = jsonschema::draft202012::new(schema).expect("a schema");
        for (name, arguments) in questions() {
            if tool["name"] == name {
                assert!(validator.is_valid(&arguments), "{name} {arguments}");
            }
        }
    }
    assistant.end();
}

#[test]
fn what_cannot_be_asked_is_told_and_the_server_goes_on() {
    let mut assistant = Assistant::start(&["scenarios/vpc"]);
    let none = assistant.call("delete", &json!({}));
    assert_eq!(none["error"]["code"], -32602, "{none}");
    let slip = assistant.call("trace", &json!({ "form": "a", "to": "b" }));
    let told = &slip["result"]["structuredContent"];
    assert_eq!(slip["result"]["isError"], true);
    assert_eq!(told["schema"], "pathproof.diagnostics/1");
    assert_eq!(told["diagnostics"][0]["message"], "`trace` has no field `form`");
    let foreign = assistant.call("check", &json!({ "file": "scenarios/estate/today.ron" }));
    assert_eq!(foreign["result"]["isError"], true);
    let whole = assistant.call("check", &json!({}));
    assert_eq!(whole["result"]["isError"], false);
    assistant.end();
}
