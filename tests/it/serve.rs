//! The server of the page, asked over TCP by a client that writes requests itself.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::asked::{TODAY, questions, told, twenty};
use crate::cli::{SMALL, file, folder};
use crate::shipped::{program, root, scenarios};

/// The program, serving.
struct Server {
    process: Child,
    address: SocketAddr,
}

/// What came back.
struct Reply {
    status: u16,
    head: String,
    body: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    fn header(&self, name: &str) -> &str {
        let lines = self.head.lines();
        let mut pairs = lines.filter_map(|line| line.split_once(": "));
        let found = pairs.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    /// That it is a refusal in the form of all of them.
    #[track_caller]
    fn refuses(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.body);
        let value = self.json();
        assert_eq!(value["schema"], "pathproof.diagnostics/1");
        value["diagnostics"][0]["message"].to_string()
    }
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(program().get_program())
            .current_dir(root())
            .args(["serve", "--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let output = process.stdout.take().expect("a pipe");
        BufReader::new(output).read_line(&mut line).expect("a line");
        let address = line.strip_prefix("http://").and_then(|rest| rest.split('/').next());
        let address = address.and_then(|address| address.parse().ok());
        let address = address.unwrap_or_else(|| panic!("no address in {line}"));
        Self { process, address }
    }

    fn send(&self, request: &str) -> Reply {
        let mut stream = TcpStream::connect(self.address).expect("a server");
        stream.write_all(request.as_bytes()).expect("a server that reads");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("an answer");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Reply { status: status.expect("a status"), head: head.to_owned(), body: body.to_owned() }
    }

    fn request(&self, method: &str, path: &str, headers: &str, body: &str) -> Reply {
        let (host, length) = (self.address, body.len());
        self.send(&format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        ))
    }

    fn get(&self, path: &str) -> Reply {
        self.request("GET", path, "", "")
    }

    fn ask(&self, command: &str, fields: &Value) -> Reply {
        self.request("POST", &format!("/api/{command}"), "", &fields.to_string())
    }

    /// Asks it to end, and that it does so well and soon.
    fn end(mut self) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.expect("a signal").success());
        let begun = Instant::now();
        let status = self.process.wait().expect("the end");
        assert_eq!(status.code(), Some(0));
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
    }
}

#[test]
fn the_same_questions_have_the_same_documents_over_http() {
    let server = Server::start(&["scenarios/estate"]);
    let answered = twenty().len();
    for (index, (command, fields)) in questions().into_iter().enumerate() {
        // No file but those that are served.
        if fields["file"] == "no/such/file.ron" {
            server.ask(command, &fields).refuses(400);
            continue;
        }
        let reply = server.ask(command, &fields);
        let status = if index < answered { 200 } else { 400 };
        assert_eq!(reply.status, status, "{command} {fields}: {}", reply.body);
        assert_eq!(reply.json(), told(command, &fields), "{command} {fields}");
        assert_eq!(reply.header("content-type"), "application/json");
    }
    server.end();
}

#[test]
fn a_change_over_http_brings_what_others_check() {
    let server = Server::start(&["scenarios/estate"]);
    let reply = server.ask("whatif", &crate::asked::certified_change());
    assert_eq!(reply.status, 200);
    let document: Value = serde_json::from_str(&reply.body).expect("JSON");
    crate::asked::saved_and_checked("certified-whatif-http", &document);
    server.end();
}

#[test]
fn the_page_is_of_one_piece_and_nothing_of_it_comes_from_elsewhere() {
    let server = Server::start(&[TODAY]);
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/app.js", "text/javascript; charset=utf-8"),
        ("/app.css", "text/css; charset=utf-8"),
        ("/api/state", "application/json"),
        ("/picture?from=internet&to=lb-shop&service=tcp:443", "image/svg+xml"),
        ("/nowhere", "application/json"),
    ] {
        let reply = server.get(path);
        assert_eq!(reply.header("content-type"), kind, "{path}");
        assert!(!reply.body.contains("https://"), "{path}");
        let policy = reply.header("content-security-policy");
        for part in ["default-src 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        if !path.starts_with("/picture") {
            assert!(!policy.contains("unsafe"), "{path}: {policy}");
        }
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("set-cookie"), "", "{path}");
    }
    let page = server.get("/").body;
    assert!(!page.contains("style=") && !page.contains("<script>"), "{page}");
    assert!(page.contains("/app.js") && page.contains("/app.css"));
    server.end();
}

#[test]
fn strangers_and_slips_are_refused() {
    let server = Server::start(&[TODAY]);
    let good = json!({ "from": "internet", "to": "lb-shop" }).to_string();
    let port = server.address.port();
    let trace = |headers: &str| server.request("POST", "/api/trace", headers, &good);
    let own = format!("Origin: http://{}\r\n", server.address);
    assert_eq!(trace(&own).status, 200);
    for origin in ["http://evil.example", "null", "https://127.0.0.1", "http://localhost:1"] {
        let told = trace(&format!("Origin: {origin}\r\n")).refuses(403);
        assert!(told.contains(origin), "{told}");
    }
    for host in
        [format!("evil.example:{port}"), "127.0.0.1:1".to_owned(), format!("192.0.2.1:{port}")]
    {
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let told = server.send(&request).refuses(403);
        assert!(told.contains(&host), "{told}");
    }
    let nobody = server.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert_eq!(nobody.status, 400);
    assert!(server.ask("teapot", &json!({})).refuses(404).contains("teapot"));
    server.get("/etc/passwd").refuses(404);
    server.get("/../Cargo.toml").refuses(404);
    server.get("/api/trace").refuses(405);
    for body in [
        "{",
        "[]",
        "7",
        "\"trace\"",
        "{\"from\":\"a\",\"to\":1}",
        "{\"form\":\"a\"}",
        "{\"from\":\"internet\",\"to\":\"lb-app\",\"to\":\"lb-shop\"}",
        "\u{0}",
    ] {
        server.request("POST", "/api/trace", "", body).refuses(400);
    }
    server.request("POST", "/api/%ff", "", "{}").refuses(404);
    let drawn = "/picture?from=internet&to=lb-shop";
    assert_eq!(server.get(drawn).status, 200);
    for query in ["", "&to=lb-app", "&form=a", "&lang=fr", "&at=never"] {
        let drawn = if query.is_empty() { "/picture" } else { drawn };
        server.get(&format!("{drawn}{query}")).refuses(400);
    }
    let fix = json!({ "from": "internet", "to": "lb-shop", "limit": 27 });
    server.ask("fix", &fix).refuses(400);
    let long = format!("{{\"from\":\"{}\"}}", "a".repeat(2 << 20));
    assert_eq!(server.request("POST", "/api/trace", "", &long).status, 413);
    server.end();
}

#[test]
fn a_hop_opens_its_file_and_no_other_one() {
    let server = Server::start(&[TODAY]);
    let asked = json!({ "from": "internet", "to": "lb-shop", "service": "tcp:443" });
    let traced = server.ask("trace", &asked).json();
    let hops = traced["forward"].as_array().expect("hops");
    let hop = hops.iter().find(|hop| hop["line"].is_number()).expect("a place");
    let place = json!({ "path": hop["file"], "line": hop["line"] });
    let source = server.ask("source", &place).json();
    let line = source["line"].as_u64().expect("a line") - source["first"].as_u64().expect("a line");
    let path = root().join(hop["file"].as_str().expect("a path"));
    let text = fs::read_to_string(path).expect("a file");
    let meant = hop["line"].as_u64().expect("a line") - 1;
    let meant = text.lines().nth(usize::try_from(meant).expect("small"));
    assert_eq!(source["lines"][usize::try_from(line).expect("small")], meant.expect("a line"));
    for (path, line) in [("Cargo.toml", 1), ("/etc/passwd", 1), (TODAY, 0), (TODAY, 9_999_999)] {
        let place = json!({ "path": path, "line": line });
        server.ask("source", &place).refuses(400);
    }
    server.end();
}

#[test]
fn a_file_that_breaks_is_told_and_answers_come_back_with_it() {
    let path = file("serve-breaks", "small.ron", SMALL);
    let server = Server::start(&[&path]);
    let asked = json!({ "from": "ins-client", "to": "ins-web", "service": "tcp:80" });
    assert_eq!(server.ask("trace", &asked).json()["verdict"], "reachable");
    fs::write(&path, &SMALL[..SMALL.len() / 2]).expect("a broken file");
    let broken = server.ask("trace", &asked);
    broken.refuses(400);
    assert!(broken.json()["diagnostics"][0]["line"].is_number());
    assert_eq!(server.get("/api/state").json()["files"][0]["usable"], false);
    fs::remove_file(&path).expect("no file");
    server.ask("trace", &asked).refuses(400);
    let closed = SMALL.replace("Accept(service: \"tcp:80\")", "Accept(service: \"tcp:81\")");
    fs::write(&path, closed).expect("a file");
    let other = server.ask("trace", &asked).json();
    assert_eq!(other["verdict"], "unreachable");
    let checked = server.ask("check", &json!({})).json();
    assert_eq!(checked["summary"]["failed"], 1);
    server.end();
}

#[test]
fn a_page_that_listens_hears_of_a_file_that_changes() {
    let path = file("serve-events", "small.ron", SMALL);
    let server = Server::start(&[&path]);
    let mut stream = TcpStream::connect(server.address).expect("a server");
    let host = server.address;
    let request = format!("GET /api/events HTTP/1.1\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("to write");
    stream.set_read_timeout(Some(Duration::from_mins(1))).expect("a limit");
    let mut lines = BufReader::new(stream).lines().map(|line| line.expect("a line"));
    let kind = lines.find(|line| line.starts_with("content-type:"));
    assert_eq!(kind.as_deref(), Some("content-type: text/event-stream"));
    let mut heard = || lines.find(|line| line.starts_with("data: ")).expect("an event");
    assert!(heard().contains("\"usable\":true"));
    fs::write(&path, &SMALL[..SMALL.len() / 2]).expect("a broken file");
    assert!(heard().contains("\"usable\":false"));
    // An open page keeps nobody from ending the server.
    server.end();
}

#[test]
fn questions_that_nobody_waits_for_keep_nobody_waiting() {
    let region = folder("serve-left").join("region.ron");
    let region = region.to_str().expect("UTF-8");
    let made = program()
        .args(["generate", "--instances", "3000", "--singles", "100", "-o", region])
        .status();
    assert!(made.expect("the program").success());
    let server = Server::start(&["--budget", "10m", region]);
    let listed = server.ask("list", &json!({})).json();
    assert!(listed["files"][0]["network"].is_object() || listed["files"].is_array());
    let body = json!({ "by": "endpoint" }).to_string();
    let (host, length) = (server.address, body.len());
    let request = format!(
        "POST /api/matrix HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    // More than are answered at once.
    for _ in 0..12 {
        let mut stream = TcpStream::connect(host).expect("a server");
        stream.write_all(request.as_bytes()).expect("to write");
        thread::sleep(Duration::from_millis(100));
    }
    let begun = Instant::now();
    assert_eq!(server.ask("schema", &json!({})).status, 200);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    server.end();
}

#[test]
fn a_folder_is_served_with_what_comes_and_goes() {
    let folder = folder("serve-folder");
    fs::write(folder.join("a.ron"), SMALL).expect("a file");
    let server = Server::start(&[folder.to_str().expect("UTF-8")]);
    let count = || {
        let state = server.get("/api/state").json();
        state["files"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(count(), 1);
    let asked = json!({ "from": "ins-client", "to": "ins-web" });
    assert_eq!(server.ask("trace", &asked).status, 200);
    fs::write(folder.join("b.ron"), SMALL).expect("a file");
    assert_eq!(count(), 2);
    assert!(server.ask("trace", &asked).refuses(400).contains("file"));
    fs::remove_file(folder.join("a.ron")).expect("a file");
    assert_eq!(server.ask("trace", &asked).status, 200);
    server.end();
}

#[test]
fn many_ask_at_once_and_all_are_answered_alike() {
    let server = Server::start(&["scenarios"]);
    let paths = scenarios("scenarios/vpc");
    let asked: Vec<(Value, Value)> = paths
        .iter()
        .take(6)
        .map(|path| {
            let fields = json!({ "file": path });
            let value = told("check", &fields);
            (fields, value)
        })
        .collect();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for (fields, value) in &asked {
                    assert_eq!(server.ask("check", fields).json(), *value);
                }
            });
        }
    });
    server.end();
}
