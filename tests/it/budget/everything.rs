//! What is not a question of packets keeps the budget as well: reading, and the lines of pictures.

use std::fmt::Write as _;
use std::io;
use std::time::{Duration, Instant};

use pathproof::code::Code;
use pathproof::diagnostic::Severity;
use pathproof::scenario::{Files, Loaded, load, load_within};
use pathproof::verify::Budget;

use super::said;
use crate::cli::hostile::mesh;
use crate::cli::{file, run};
use crate::shipped::{root, scenarios};

/// The shipped files.
struct Shipped;

impl Files for Shipped {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        std::fs::read(root().join(path))
    }
}

/// What is read of a file in so much time.
fn within(path: &str, time: Duration) -> Loaded {
    let time = Budget { time: Some(time), ..Budget::NONE };
    load_within(path, &Shipped, time.begin())
}

#[test]
fn a_file_that_takes_longer_to_read_than_it_may_is_refused_and_never_read_in_part() {
    for path in scenarios("scenarios") {
        let late = within(&path, Duration::ZERO);
        assert!(late.scenario.is_none(), "{path}");
        let errors = late.diagnostics.iter();
        let errors: Vec<_> = errors.filter(|it| it.severity == Severity::Error).collect();
        assert_eq!(errors.len(), 1, "{path}: {errors:?}");
        assert_eq!(errors[0].code, Code::TooLarge, "{path}");
        let english = errors[0].message.english();
        assert!(english.starts_with("reading takes longer"), "{english}");
        let whole = load(&path, &Shipped);
        let long = within(&path, Duration::from_hours(1));
        assert_eq!(
            whole.scenario.map(|it| it.network),
            long.scenario.map(|it| it.network),
            "{path}"
        );
    }
}

/// A file of many machines, one by one, that takes a while to read.
fn many(machines: u32) -> String {
    let mut text = String::from(
        "(network: (vpcs: {\"vpc-a\": (region: \"ap-guangzhou\", cidr: \"10.0.0.0/8\")},\n\
         subnets: {\"subnet-a\": (vpc: \"vpc-a\", cidr: \"10.0.0.0/8\")},\n\
         security_groups: {\"sg-a\": (ingress: [Accept()], egress: [Accept()])},\n instances: {\n",
    );
    for number in 0..machines {
        let [_, b, c, d] = (number + 10).to_be_bytes();
        let _ = writeln!(
            text,
            "\"ins-{number}\": (subnet: \"subnet-a\", ip: \"10.{b}.{c}.{d}\", security_groups: [\"sg-a\"]),"
        );
    }
    text + "}), expect: [])\n"
}

#[test]
fn every_command_ends_soon_whatever_it_has_to_read() {
    let path = file("budget-read", "many.ron", many(300_000));
    let pair = ["--from", "ins-1", "--to", "ins-2"];
    let refused = |arguments: &[&str]| {
        let started = Instant::now();
        let ended = run(&[arguments, &["--budget", "1ms"]].concat());
        let taken = started.elapsed();
        assert!(taken < Duration::from_mins(1), "{arguments:?}: {taken:?}");
        assert!(ended.code > Some(0), "{arguments:?}: {}", said(&ended));
        let words = said(&ended);
        // a quick machine reads it in time, and finds that no VPC may be so large
        if ended.code == Some(2) && !words.contains("vpc-cidr-invalid") {
            assert!(words.contains("too-large"), "{arguments:?}: {words}");
            assert!(words.contains("--budget 20s"), "{arguments:?}: {words}");
        }
    };
    refused(&[&["trace", &path], &pair[..]].concat());
    refused(&["check", &path, "--format", "json"]);
    refused(&["lint", &path, "--lang", "zh"]);
}

#[test]
fn lines_of_pictures_are_straight_when_the_time_is_up_and_the_picture_says_so() {
    let path = file("budget-lines", "mesh.ron", mesh(14, 1));
    for (arguments, code) in [(&["graph", &path][..], 0), (&["report", &path], 1)] {
        for (language, words) in [("en", "no time was left to find a way"), ("zh", "时间已用完")]
        {
            let more = ["--budget", "1ms", "--lang", language];
            let short = run(&[arguments, &more].concat());
            assert_eq!(short.code, Some(code), "{arguments:?}: {}", short.err);
            assert!(short.out.contains(words), "{arguments:?} {language}");
            let wires = |text: &str| {
                text.matches("class=\\\"wire").count() + text.matches("class=\"wire").count()
            };
            let whole = run(&[arguments, &["--budget", "none", "--lang", language]].concat());
            assert!(!whole.out.contains(words), "{arguments:?} {language}");
            assert_eq!(wires(&short.out), wires(&whole.out), "{arguments:?}: no line is left out");
        }
    }
}
