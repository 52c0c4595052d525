//! Habits that people expect: watching, manual pages, silence where nobody looks on.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::{ESTATE, SMALL, folder, run, run_on};
use crate::shipped::root;

/// Much more than a run and a look at the files take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program that runs until the test is over.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = crate::shipped::program()
            .current_dir(root())
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let out = child.stdout.take().expect("its output");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, lines }
    }

    /// Everything up to a line with these words.
    fn until(&self, words: &str) -> String {
        let mut text = String::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("no `{words}` in {text}"));
            text.push_str(&line);
            text.push('\n');
            if line.contains(words) {
                return text;
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_watched_check_runs_again_when_a_file_an_included_file_or_the_folder_changes() {
    let place = folder("watched");
    let path = |name: &str| place.join(name);
    let (network, expect) = SMALL.split_once("    expect:").expect("expectations");
    let expect = format!("Scenario(include: [\"net.ron\"],\n    expect:{expect}");
    fs::write(path("net.ron"), format!("{network})\n")).expect("a file");
    fs::write(path("shop.ron"), &expect).expect("a file");
    let watched = Running::start(&["check", "--watch", place.to_str().expect("UTF-8")]);
    let first = watched.until("1 expectation: ");
    assert!(first.contains("1 passed"), "{first}");

    let closed = network.replace(r#"service: "tcp:80""#, r#"service: "tcp:8443""#);
    fs::write(path("net.ron"), format!("{closed})\n")).expect("a file");
    let second = watched.until("1 expectation: ");
    assert!(second.contains("net.ron changed ──"), "{second}");
    assert!(second.contains("1 failed"), "{second}");

    fs::write(path("shop.ron"), expect.replace("tcp:80", "tcp:8443")).expect("a file");
    let third = watched.until("1 expectation: ");
    assert!(third.contains("shop.ron changed ──") && third.contains("1 passed"), "{third}");

    fs::write(path("new.ron"), SMALL).expect("a file");
    let fourth = watched.until("2 expectations: ");
    assert!(fourth.contains("new.ron changed ──"), "{fourth}");
}

#[test]
fn standard_input_is_not_watched() {
    let ended = run_on(SMALL, &["check", "--watch", "-"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.tells("cannot be watched"), "{}", ended.err);
    let zh = run_on(SMALL, &["check", "--watch", "-", "--lang", "zh"]);
    assert!(zh.tells("无法监视"), "{}", zh.err);
}

#[test]
fn a_manual_page_says_what_the_help_says_and_how_it_ends() {
    let whole = run(&["man"]).out;
    let help = run(&["--help"]).out;
    let commands = help.split("Commands:\n").nth(1).expect("commands");
    let commands = commands.split("\n\n").next().expect("commands");
    // What is indented further goes on with the line above.
    for line in commands.lines().filter(|line| !line.starts_with("   ")) {
        let name = line.split_whitespace().next().expect("a name");
        let listed = format!("pathproof\\-{name}(1)");
        assert!(name == "help" || whole.contains(&listed), "{name}: {whole}");
    }
    assert!(whole.starts_with(".ie") || whole.starts_with(".TH"), "{whole}");
    assert!(whole.contains(".SH \"EXIT STATUS\"\n.TP\n\\fB0\\fR\n"), "{whole}");
    let check = run(&["man", "check"]).out;
    for needle in ["\\-\\-report", "\\-\\-watch", "junit", ".SH EXAMPLES"] {
        assert!(check.contains(needle), "{needle}: {check}");
    }
    assert!(run(&["man", "import", "terraform"]).out.contains("\\-\\-region"));
    let unknown = run(&["man", "chek"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.tells("there is no command `chek`"), "{}", unknown.err);
}

#[test]
fn no_document_has_colours_and_no_pipe_sees_progress() {
    for format in ["json", "junit", "sarif", "github", "tap", "markdown"] {
        let arguments = ["check", "scenarios", "--format", format, "--color", "always"];
        let ended = run(&arguments);
        assert_eq!(ended.code, Some(0), "{format}: {}", ended.err);
        assert!(!ended.out.contains('\u{1b}'), "{format}");
        assert_eq!(ended.err, "", "{format}");
    }
    assert_eq!(run(&["check", ESTATE]).err, "");
}
