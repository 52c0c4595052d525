//! `fix` as scripts and people see it: what it writes is what `whatif` takes, and how it ends.

use std::fs;

use serde_json::{Value, json};

use super::{ESTATE, SMALL, file, folder, run, run_on};

/// The pieces of a difference, as `fix` and `whatif` both tell them.
fn pieces(value: &Value) -> Vec<Value> {
    let pieces = value.as_array().into_iter().flatten();
    let pieces = pieces.map(|piece| {
        let fields = ["turn", "from", "to", "packets", "witness"];
        fields.map(|field| piece[field].clone()).into()
    });
    pieces.collect()
}

#[test]
fn what_fix_writes_whatif_takes_and_gains_exactly_what_fix_said() {
    let cases = [
        (ESTATE, ["tag:role=web", "cdb-orders", "tcp:3306"]),
        ("scenarios/gateways/peering.ron", ["ins-a", "ins-c", "all"]),
        ("scenarios/gateways/peering.ron", ["ins-a", "ins-b-forgot", "all"]),
        ("scenarios/gateways/ccn-disabled-routes.ron", ["ins-a", "ins-b2", "all"]),
        ("scenarios/classic-link/isolated-by-default.ron", ["ins-old", "ins-tom", "all"]),
    ];
    let place = folder("fix-round-trip");
    let changes = place.join("changes.ron");
    let changes = changes.to_str().expect("UTF-8");
    for (path, [from, to, service]) in cases {
        let ends = ["--from", from, "--to", to, "-s", service];
        let written = ["-o", changes, "--format", "json"];
        let found = run(&[&["fix", path], &ends[..], &written].concat());
        assert_eq!(found.code, Some(0), "{path}: {}", found.err);
        let best = found.json()["fixes"][0].clone();
        let whatif = run(&["whatif", path, "--change-file", changes, "--format", "json"]).json();
        assert_eq!(pieces(&whatif["pieces"]), pieces(&best["pieces"]), "{path} {from} → {to}");
        let gained = |one: &Value| one["turn"] == "gained";
        assert!(whatif["pieces"].as_array().expect("pieces").iter().any(gained));
        let printed = run(&[&["fix", path], &ends[..], &["--changes"]].concat());
        assert_eq!(printed.out, fs::read_to_string(changes).expect("the changes"));
    }
}

#[test]
fn the_status_of_fix_tells_whether_there_is_one() {
    let ask = |service: &str, more: &[&str]| {
        let ends = ["fix", "-", "--from", "ins-client", "--to", "ins-web", "-s", service];
        run_on(SMALL, &[&ends[..], more].concat())
    };
    let found = ask("tcp:443", &[]);
    assert_eq!(found.code, Some(0), "{}", found.err);
    assert!(found.out.contains("nothing else"), "{}", found.out);
    assert!(ask("tcp:443", &["--lang", "zh"]).out.contains("方案 A"));
    let works = ask("tcp:80", &["--changes"]);
    assert_eq!((works.code, works.out.as_str()), (Some(0), "[]\n"));
    let kept = ask("tcp:80", &["--close"]);
    assert_eq!(kept.code, Some(1), "the file expects it to work");
    assert!(kept.out.contains("breaks: ins-client → ins-web tcp:80"), "{}", kept.out);
    let closed = ask("tcp:81", &["--close", "--format", "json"]).json();
    assert_eq!(closed["done"], json!(true));
    for more in [&["--changes", "--format", "json"][..], &["--limit", "0"], &["--at", "never"]] {
        assert_eq!(ask("tcp:443", more).code, Some(2), "{more:?}");
    }
    let place = folder("fix-none").join("none.ron");
    let path = place.to_str().expect("UTF-8");
    let none = run(&[
        "fix",
        "scenarios/classic-link/primary-cidr-only.ron",
        "--from",
        "TomCVM",
        "--to",
        "ins-new",
        "-o",
        path,
    ]);
    assert_eq!(none.code, Some(1));
    assert!(none.out.contains("no rule lifts 1, which is the platform's"), "{}", none.out);
    assert!(none.tells("is not written") && !place.exists());
}

#[test]
fn trace_names_fix_where_everything_that_blocks_can_be_lifted() {
    let path = file("trace-hint", "small.ron", SMALL);
    let traced =
        |to, service| run(&["trace", &path, "--from", "ins-client", "--to", to, "-s", service]);
    let hint = "--from ins-client --to ins-web --service tcp:443";
    assert!(traced("ins-web", "tcp:443").out.contains(hint));
    assert!(!traced("ins-web", "tcp:80").out.contains("pathproof fix"));
    let platform = "scenarios/classic-link/primary-cidr-only.ron";
    let traced = run(&["trace", platform, "--from", "TomCVM", "--to", "ins-new"]);
    assert!(!traced.out.contains("pathproof fix"), "{}", traced.out);
    let failing = SMALL.replace(
        "expect: [Reachable(from: \"ins-client\", to: \"ins-web\", service: \"tcp:80\")]",
        "expect: [Reachable(from: \"ins-client\", to: \"ins-web\", service: \"tcp:443\")]",
    );
    let path = file("check-hint", "small.ron", failing);
    let checked = run(&["check", &path]);
    assert_eq!(checked.code, Some(1));
    assert!(checked.out.contains(&format!("pathproof fix {path} {hint}")), "{}", checked.out);
}

/// Promises that fail: one for a rule, one for a port that is open, one for its reason, one of a part, one in a what-if.
fn failing() -> String {
    let expect = r#"expect: [
        Reachable(from: "ins-client", to: "ins-web", service: "tcp:22"),
        Unreachable(from: "ins-client", to: "ins-web", service: "tcp:80"),
        Unreachable(from: "ins-client", to: "ins-web", service: "tcp:443", because: "no-route"),
        Partial(from: "ins-client", to: "ins-web", service: "tcp:22"),
    ],
    what_if: [(
        name: "ssh",
        changes: [CreateSecurityGroupPolicies(security_group: "sg-web", ingress: [Accept(service: "tcp:22")])],
        expect: [Reachable(from: "ins-client", to: "ins-web", service: "tcp:443")],
    )],"#;
    let (before, _) = SMALL.split_once("    expect:").expect("expectations");
    format!("{before}    {expect}\n)\n")
}

#[test]
fn every_promise_that_fails_is_told_with_what_lets_it_pass() {
    let path = &file("fix-all", "failing.ron", failing());
    let found = run(&["fix", "--all", path]);
    assert_eq!(found.code, Some(1), "{}{}", found.out, found.err);
    let told = |words: &str| found.out.contains(words);
    assert!(told("5 promises fail, 3 of 5 have a fix"), "{}", found.out);
    assert!(told("the reason or the way is not"), "{}", found.out);
    assert!(told("a part is to work"), "{}", found.out);
    assert!(told("reachable (ssh)"), "{}", found.out);
    let chinese = run(&["fix", "--all", path, "--lang", "zh"]);
    assert!(chinese.out.contains("5 条期望不成立，其中 3 条有修复方案"));
    let json = run(&["fix", "--all", path, "--format", "json"]).json();
    let promises = json["promises"].as_array().expect("promises");
    let text = |value: &Value| value.as_str().map(str::to_owned).expect("a text");
    let in_base = promises.iter().filter(|it| it["stage"].is_null());
    let mut mended = 0;
    for promise in in_base {
        let fixes = promise["fix"]["fixes"].as_array();
        for fix in fixes.into_iter().flatten() {
            let changes = fix["changes"].as_array().expect("changes");
            let changes: Vec<String> = changes.iter().map(|it| text(&it["text"])).collect();
            let word = match text(&promise["expected"]).as_str() {
                "reachable" => "Reachable",
                _ => "Unreachable",
            };
            let holds = format!(
                "(include: [{path:?}], what_if: [(name: \"mended\", changes: [{}], \
                 expect: [{word}(from: \"ins-client\", to: \"ins-web\", service: {})])])",
                changes.join(", "),
                promise["service"]
            );
            let ended = run_on(holds.as_str(), &["check", "-"]);
            assert_eq!(ended.code, Some(0), "{holds}\n{}{}", ended.out, ended.err);
            mended += 1;
        }
    }
    assert!(mended > 1, "{mended}");
    let only = run(&["fix", "--all", path, "--at", "ssh"]);
    assert!(only.out.contains("1 promise fails"), "{}", only.out);
    assert_eq!(only.code, Some(0));
    let good = run(&["fix", "--all", ESTATE]);
    assert_eq!(good.code, Some(0));
    assert!(good.out.contains("0 promises fail"), "{}", good.out);
    let both = run(&["fix", "--all", path, "--from", "ins-client"]);
    assert_eq!(both.code, Some(2));
}
