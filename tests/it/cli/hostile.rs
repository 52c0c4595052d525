//! What somebody wrote to do harm, or by accident: files that never end, outputs over inputs, names that forge lines.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use pathproof::diagnostic::is_hidden;

use super::{Ended, SMALL, file, folder, run, run_on};

/// Much more than a refusal takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A file that includes these, in a folder of its own.
fn including(test: &str, includes: &str) -> String {
    file(test, "main.ron", format!("(include: [{includes}], network: ())"))
}

fn quickly(arguments: &[&str]) -> Ended {
    let started = Instant::now();
    let ended = run(arguments);
    assert!(started.elapsed() < PATIENCE, "{arguments:?}");
    assert!(!ended.tells("internal-error"), "{}", ended.err);
    ended
}

#[test]
fn two_mistakes_in_a_question_make_one_document() {
    let path = file("hostile-document", "small.ron", SMALL);
    for command in ["trace", "reach", "fix"] {
        let asked = [command, &path, "--from", "ins-x", "--to", "ins-y"];
        let ended = run(&[&asked[..], &["--service", "smoke", "--format", "json"]].concat());
        assert_eq!(ended.code, Some(2), "{command}");
        let told = ended.json();
        assert_eq!(told["schema"], "pathproof.diagnostics/1", "{command}");
        let all = told["diagnostics"].as_array().expect("diagnostics");
        assert!(all.len() >= 2, "{command}: {told}");
    }
}

#[test]
fn a_command_line_that_cannot_be_used_is_a_document_for_scripts() {
    let ended = run(&["trace", "--format", "json"]);
    assert_eq!(ended.code, Some(2));
    let told = ended.json();
    assert_eq!(told["schema"], "pathproof.diagnostics/1");
    assert_eq!(told["diagnostics"][0]["code"], "invalid-value");
    assert!(!ended.err.is_empty(), "people are told, too");
}

#[cfg(unix)]
#[test]
fn nothing_but_regular_files_is_included_or_found() {
    for (test, include) in [("hostile-zero", "\"/dev/zero\""), ("hostile-folder", "\"..\"")] {
        let ended = quickly(&["check", &including(test, include)]);
        assert_eq!(ended.code, Some(2), "{include}");
        assert!(ended.tells("error[io]"), "{}", ended.err);
    }
    let pipe = folder("hostile-pipe").join("x.ron");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo").success());
    let folder = pipe.parent().and_then(Path::to_str).expect("its folder");
    let ended = quickly(&["check", folder]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.tells("no regular file"), "{}", ended.err);
    let main = pipe.with_file_name("main.ron");
    fs::write(&main, "(include: [\"x.ron\"], network: ())").expect("a file");
    let ended = quickly(&["check", main.to_str().expect("a path")]);
    assert!(ended.tells("no regular file"), "{}", ended.err);
    let small = file("hostile-small", "small.ron", SMALL);
    for arguments in [
        &["check", "/dev/zero"][..],
        &["check", &small, "--failed", "/dev/zero"],
        &["lint", "/dev/zero"],
        &["fmt", "/dev/zero"],
        &["import", "terraform", "/dev/zero"],
        &["import", "terraform", "-", "--keep", "/dev/zero"],
        &["whatif", &small, "--change-file", "/dev/zero"],
        &["diff", &small, "/dev/zero"],
    ] {
        let ended = quickly(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.err);
    }
}

#[test]
fn a_file_of_gigabytes_is_refused_before_it_is_read() {
    let path = file("hostile-sparse", "sparse.ron", "");
    let sparse = fs::File::options().write(true).open(&path);
    sparse.expect("the file").set_len(3 << 30).expect("a size");
    for arguments in [
        &["check", &path][..],
        &["import", "terraform", &path],
        &["whatif", "scenarios/estate/today.ron", "--change-file", &path],
    ] {
        let started = Instant::now();
        let ended = quickly(arguments);
        assert!(started.elapsed() < Duration::from_secs(5), "{arguments:?}");
        assert_eq!(ended.code, Some(2), "{arguments:?}");
        let words: Vec<&str> = ended.err.split_whitespace().collect();
        let told = words.join(" ");
        assert!(told.contains("268435456 bytes"), "{}", ended.err);
    }
    fs::remove_file(path).expect("the file");
}

#[test]
fn an_include_outside_the_folder_is_told_and_may_be_forbidden() {
    let main = including("hostile-outside/inner", "\"../common.ron\"");
    let common = Path::new(&main).with_file_name("../common.ron");
    fs::write(common, "(network: ())").expect("a file");
    let ended = run(&["check", &main]);
    assert!(ended.tells("warning[include-outside]"), "{}", ended.err);
    assert_eq!(ended.code, Some(1), "nothing is expected: {}", ended.err);
    let ended = run(&["check", &main, "--strict-includes"]);
    assert!(ended.tells("error[include-outside]"), "{}", ended.err);
    assert_eq!(ended.code, Some(2));
    let named = run(&["lint", &main, "--strict-includes", "--format", "json"]);
    assert_eq!(named.code, Some(2), "{}", named.out);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_outside() {
    let main = including("hostile-link", "\"inner.ron\"");
    let link = Path::new(&main).with_file_name("inner.ron");
    let target = crate::shipped::root().join("scenarios/estate/common/shop.ron");
    std::os::unix::fs::symlink(target, link).expect("a link");
    let ended = run(&["check", &main, "--strict-includes"]);
    assert!(ended.tells("error[include-outside]"), "{}", ended.err);
}

#[test]
fn no_line_of_a_file_that_is_no_scenario_is_shown() {
    let secrets = [
        "root:x:0:0:hunter2:/root:/bin/sh\nother:x:1:1::/:/bin/sh\n",
        "PASSWORD=hunter2\n",
        "{ \"password\": \"hunter2\" }",
        "-----BEGIN hunter2-----\n",
        "# hunter2\n",
        "hunter2 \u{0}\u{1}",
    ];
    for secret in secrets {
        let main = including("hostile-secret", "\"secret\"");
        let path = Path::new(&main).with_file_name("secret");
        fs::write(&path, secret).expect("a file");
        for asked in [&main, path.to_str().expect("a path")] {
            for format in ["text", "json", "sarif", "github", "junit", "tap", "markdown"] {
                let ended = run(&["check", asked, "--format", format]);
                assert_eq!(ended.code, Some(2), "{secret}");
                let told = format!("{}{}", ended.out, ended.err);
                assert!(!told.contains("hunter2"), "{format}: {told}");
            }
            let ended = run(&["check", asked]);
            assert!(ended.tells("secret:1:"), "{}", ended.err);
        }
    }
}

#[test]
fn no_output_replaces_an_input() {
    let path = file("hostile-output", "small.ron", SMALL);
    let other = Path::new(&path).with_file_name("./small.ron");
    let other = other.to_str().expect("a path");
    let report = format!("junit={path}");
    for arguments in [
        &["graph", &path, "-o", other][..],
        &["report", &path, "-o", &path],
        &["check", &path, "--report", &report],
        &["fix", &path, "--from", "ins-client", "--to", "ins-web", "-s", "tcp:22", "-o", &path],
    ] {
        let ended = run(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.err);
        assert!(ended.tells("file that was read"), "{}", ended.err);
        assert_eq!(fs::read_to_string(&path).expect("the input"), SMALL);
    }
}

#[cfg(unix)]
#[test]
fn a_disk_that_is_full_and_a_signal_leave_the_old_file_whole() {
    let old = file("hostile-full", "region.ron", "old");
    let program = env!("CARGO_BIN_EXE_pathproof");
    let generate = "generate --instances 400 --vpcs 4 --groups 20";
    // A file may have half a kilobyte: first the write fails, then the signal for it ends the program.
    for (trap, code) in [("trap '' XFSZ;", Some(3)), ("", None)] {
        let line = format!("{trap} ulimit -c 0; ulimit -f 1; exec {program} {generate} -o {old}");
        let ended = Command::new("sh").args(["-c", &line]).output();
        let ended = ended.expect("a shell");
        assert_eq!(ended.status.code(), code, "{ended:?}");
        assert_eq!(fs::read_to_string(&old).expect("the old file"), "old");
    }
    let ended = run(&["graph", "scenarios/estate/today.ron", "-o", "/dev/full"]);
    assert_eq!(ended.code, Some(3), "{}", ended.err);
}

/// A scenario whose free texts hide, forge, turn and command.
fn forged() -> String {
    let evil = r"x\u{1b}[1A\u{1b}[2K\u{1b}[8m\n::stop-commands::tok\n  PASS  forged.ron:9 ins-client → ins-web\r##[group]\u{202e}gpj\u{2028}\u{9b}2J\u{200b}\u{0}";
    let names = SMALL
        .replace("name: \"small\"", &format!("name: \"{evil}\""))
        .replace("the server stops", &format!("stops {evil}"))
        .replace("the group opens", &format!("opens {evil}"))
        .replace("tcp:80\")],\n    steps", &format!("tcp:80\"), Reachable(name: \"{evil}\", from: \"ins-client\", to: \"ins-web\", service: \"tcp:23\", waive: (reason: \"{evil}\", until: \"2999-01-01\", owner: \"{evil}\")), Unreachable(name: \"{evil}\", from: \"ins-client\", to: \"ins-web\", service: \"tcp:80\")],\n    steps"))
        .replace("ip: \"10.1.1.10\"", &format!("ip: \"10.1.1.10\", name: \"{evil}\", tags: {{\"role\": \"{evil}\"}}"));
    assert!(names.matches("PASS  forged").count() >= 7, "{names}");
    names
}

/// Lines, tabs and colours; nothing else steers, no line is forged, and no line is a command but our own.
#[track_caller]
fn assert_harmless(text: &str, format: &str) {
    let mut plain = anstream::adapter::strip_str(text).to_string();
    if format == "csv" {
        // A line of CSV ends in both (RFC 4180).
        plain = plain.replace("\r\n", "\n");
    }
    let left = plain.chars().find(|it| is_hidden(*it) && !matches!(it, '\n' | '\t'));
    assert!(left.is_none(), "{left:?} in {format}: {plain}");
    assert!(!text.contains("\u{1b}[8m"), "{format}: {plain}");
    for line in plain.lines() {
        let line = line.trim_start();
        assert!(!line.starts_with("PASS  forged"), "{format}: {plain}");
        if format == "github" {
            assert!(!line.starts_with("::stop"), "{plain}");
        } else {
            let command = line.strip_prefix("::");
            assert!(!command.is_some_and(|it| it.contains("::")), "{line}");
            assert!(format != "text" || !line.contains("##["), "{line}");
        }
    }
}

#[test]
fn free_text_steers_no_terminal_log_or_page() {
    let path = file("hostile-forged", "forged.ron", forged());
    let pair = ["--from", "ins-client", "--to", "ins-web", "--service", "tcp:23"];
    let change = ["--change", "Down(\"ins-web\")"];
    let commands: [(&[&str], &[&str], &[&str]); 10] = [
        (&["check"], &["-v"], &["text", "json", "junit", "sarif", "github", "tap", "markdown"]),
        (&["trace"], &pair, &["text", "json"]),
        (&["reach"], &pair, &["text", "json"]),
        (&["fix"], &pair, &["text", "json"]),
        (&["matrix"], &[], &["text", "json", "csv", "markdown"]),
        (&["whatif"], &change, &["text", "json", "markdown"]),
        (&["graph"], &pair, &["svg", "dot", "mermaid"]),
        (&["lint"], &[], &["text", "json", "sarif"]),
        (&["links"], &[], &["text", "json"]),
        (&["report"], &["--pictures", "all"], &["text"]),
    ];
    for (command, options, formats) in commands {
        for format in formats {
            for more in [&["--lang", "en"][..], &["--lang", "zh"], &["--color", "always"]] {
                let all = [command, &[&path], options, &["--format", format], more].concat();
                let ended = run(&all);
                assert!(ended.code < Some(2), "{all:?}: {}", ended.err);
                assert_harmless(&ended.out, format);
                assert_harmless(&ended.err, "text");
            }
        }
    }
    let unknown = run(&["trace", &path, "--from", "a\u{1b}[2K\n::x::", "--to", "ins-web"]);
    assert_harmless(&unknown.err, "text");
    let stage = run(&["links", &path, "--at", "\u{1b}[2K\n::x::"]);
    assert_harmless(&stage.err, "text");
}

#[test]
fn ids_paths_and_lines_of_a_file_steer_nothing_either() {
    let wrong = SMALL.replace("\"ins-web\": (", "\"ins\\u{202e}web\": (");
    let ended = run_on(wrong.as_str(), &["check", "-"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.tells("an id must not contain"), "{}", ended.err);
    assert_harmless(&ended.err, "text");
    let raw = SMALL.replace("ingress:", "\u{1b}[8m\u{202e}ingres: // \u{9b}2K\r");
    assert_harmless(&run_on(raw.as_str(), &["check", "-"]).err, "text");
    let place = folder("hostile-paths");
    let path = place.join("a\u{1b}[2K\n::warning::x.ron");
    if fs::write(&path, SMALL.replace("sg-web\": (ing", "sg-web\": (ign")).is_err() {
        // Not every file system has such names.
        return;
    }
    let path = place.to_str().expect("a path");
    for format in ["text", "json", "junit", "sarif", "github", "tap", "markdown"] {
        let ended = run(&["check", path, "--format", format]);
        assert_harmless(&ended.out, format);
        assert_harmless(&ended.err, "text");
    }
}

#[test]
fn ends_that_the_matrix_prints_are_taken_by_every_command() {
    let members = SMALL
        .replace(
            "        },\n    ),\n    expect",
            "        },\n        instance_groups: { \"asg-a\": (subnet: \"subnet-a\", ips: \"10.1.1.30-10.1.1.39\", security_groups: [\"sg-web\"]) },\n        load_balancers: { \"lb-a\": (network: Internal(subnet: \"subnet-a\", vip: \"10.1.1.61\"), listeners: [(service: \"tcp:80\", targets: [(instance: \"asg-a[10.1.1.30]\", port: 80)])]) },\n    ),\n    expect",
        );
    let path = file("hostile-label", "small.ron", members);
    let matrix = run(&["matrix", &path, "--format", "json"]).json();
    let columns = matrix["columns"].as_array().expect("columns").iter();
    let labels: Vec<&str> = columns.filter_map(|label| label.as_str()).collect();
    assert!(labels.contains(&"asg-a[10.1.1.31-10.1.1.39]"), "{labels:?}");
    for label in &labels {
        for command in ["trace", "reach", "fix", "graph"] {
            let format = if command == "graph" { "svg" } else { "json" };
            let to = [command, &path, "--from", "ins-client", "--to", label];
            let ended = run(&[&to[..], &["--service", "tcp:80", "--format", format]].concat());
            // An end is not asked about itself.
            let same = *label == "ins-client";
            assert!(same || ended.code < Some(2), "{command} {label}: {}{}", ended.out, ended.err);
        }
    }
    let unknown = run(&["trace", &path, "--from", "asg-a[10.1.1.38-10.1.1.40]", "--to", "ins-web"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.tells("has no member 10.1.1.40"), "{}", unknown.err);
}

#[test]
fn many_mistakes_on_one_line_are_drawn_in_part_and_counted() {
    let wrong = (0..300).map(|number| {
        format!("\"ins-{number}\": (subnet: \"nowhere-{number}\", ip: \"10.1.1.5\", security_groups: [])")
    });
    let text = format!("(network: (instances: {{{}}}))", wrong.collect::<Vec<_>>().join(", "));
    let path = file("hostile-line", "line.ron", text);
    let ended = quickly(&["check", &path]);
    assert_eq!(ended.code, Some(2));
    let drawn = ended.err.matches("error[").count();
    assert_eq!(drawn, 10, "{}", ended.err);
    assert!(ended.tells("290 more on line 1 of "), "{}", ended.err);
    let all = quickly(&["check", &path, "--format", "json"]).json();
    let told = all["files"][0]["diagnostics"].as_array().map(Vec::len);
    assert_eq!(told, Some(300));
}

/// So many VPCs, all of them peered, with a machine each, and so many promises that do not hold.
pub fn mesh(vpcs: usize, promises: usize) -> String {
    let each = |line: &dyn Fn(usize) -> String| (0..vpcs).map(line).collect::<Vec<_>>().join(",");
    let pairs = (0..vpcs).flat_map(|a| (0..a).map(move |b| (a, b)));
    let peerings =
        pairs.map(|(a, b)| format!("\"pcx-{a}-{b}\": (between: (\"vpc-{a}\", \"vpc-{b}\"))"));
    let expect = (0..promises).map(|port| {
        format!("Reachable(from: \"ins-0\", to: \"ins-1\", service: \"tcp:{}\")", port + 1)
    });
    format!(
        "(network: (vpcs: {{{}}}, subnets: {{{}}}, peerings: {{{}}}, security_groups: {{\"sg\": (egress: [Accept()])}}, instances: {{{}}}), expect: [{}])",
        each(&|it| format!("\"vpc-{it}\": (region: \"r\", cidr: \"10.{it}.0.0/16\")")),
        each(&|it| format!("\"subnet-{it}\": (vpc: \"vpc-{it}\", cidr: \"10.{it}.1.0/24\")")),
        peerings.collect::<Vec<_>>().join(","),
        each(&|it| format!(
            "\"ins-{it}\": (subnet: \"subnet-{it}\", ip: \"10.{it}.1.5\", security_groups: [\"sg\"])"
        )),
        expect.collect::<Vec<_>>().join(","),
    )
}

#[test]
fn a_mesh_of_many_vpcs_is_drawn_and_says_what_it_did_not_try() {
    let path = file("hostile-mesh", "mesh.ron", mesh(60, 1));
    let ended = quickly(&["graph", &path, "--whole"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.out.contains("the others are drawn straight"), "it says so");
    assert_eq!(ended.out.matches("class=\"vpc").count(), 60);
}

#[test]
fn a_page_has_so_many_pictures_and_counts_the_others() {
    let path = file("hostile-pictures", "mesh.ron", mesh(2, 60));
    let page = Path::new(&path).with_file_name("page.html");
    let ended = run(&["report", &path, "-o", page.to_str().expect("a path")]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    assert!(ended.tells("not drawn: 10;"), "{}", ended.err);
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_looked_into_is_told_in_the_format_that_is_asked() {
    use std::fs::{Permissions, create_dir, read_dir, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    let place = folder("closed-folder");
    let closed = place.join("closed");
    create_dir(&closed).expect("a folder");
    set_permissions(&closed, Permissions::from_mode(0o000)).expect("its owner");
    // The superuser looks into everything.
    if read_dir(&closed).is_err() {
        let ended = run(&["check", place.to_str().expect("UTF-8"), "--format", "json"]);
        let value = ended.json();
        assert_eq!(value["summary"]["unusable"], 1);
        assert_eq!(value["files"][0]["diagnostics"][0]["code"], "io");
    }
    set_permissions(&closed, Permissions::from_mode(0o700)).expect("its owner");
}
