//! Answers of any size fit a screen or two: equal ones are told together, nothing is lost on the way, and every label can
//! be asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use pathproof::model::Endpoint;
use pathproof::query::{Selector, Traffics};
use pathproof::scenario::Origins;
use pathproof::space::AddressSet;
use pathproof::verify::{Budget, Bundle, Part, Situation, overview, reach};

use crate::cli::{file, folder, run};
use crate::random;

/// A generated network as a file.
fn generated(instances: &str) -> String {
    let made = run(&["generate", "--instances", instances]);
    file(&format!("grouping-{instances}"), "region.ron", made.out.as_str())
}

/// How many endpoints each end of a part is.
fn size(part: &Part, all: &BTreeMap<(Endpoint, Endpoint), [AddressSet; 2]>) -> u128 {
    let asked = &all[&(part.from.clone(), part.to.clone())];
    let ends = [&part.from, &part.to].into_iter().zip(asked);
    ends.map(|(end, asked)| match end {
        Endpoint::GroupMember(..) => asked.len(),
        _ => 1,
    })
    .product()
}

#[test]
fn every_part_is_told_in_exactly_one_group_of_pairs() {
    let (mut parts, mut groups) = (0, 0);
    for seed in 0..40 {
        let network = Arc::new(random::network(seed));
        let situation = Situation::new(Arc::clone(&network), Arc::new(Origins::default()));
        let everybody = Selector::everybody();
        for to in network.vpcs.keys() {
            let to = Selector::Id(to.clone());
            let traffic = Traffics::default();
            let Some(found) = reach(&situation, &everybody, &to, &traffic, Budget::default())
            else {
                continue;
            };
            let told = overview(&situation, &found);
            let mut all: BTreeMap<_, [AddressSet; 2]> = BTreeMap::new();
            for part in found.works.iter().chain(&found.blocked) {
                let ends = (part.from.clone(), part.to.clone());
                let own = all.entry(ends).or_insert([AddressSet::EMPTY, AddressSet::EMPTY]);
                for row in &part.packets {
                    own[0] = own[0].union(&row.source);
                    own[1] = own[1].union(&row.destination);
                }
            }
            for (parts, bundles) in [(&found.works, &told.works), (&found.blocked, &told.blocked)] {
                let wanted: u128 = parts.iter().map(|part| size(part, &all)).sum();
                let got: u128 = bundles.iter().map(|bundle: &Bundle<'_>| bundle.pairs).sum();
                assert_eq!(got, wanted, "seed {seed}: {to:?}");
            }
            let pairs: u128 = told.pairs.iter().sum();
            assert!(pairs >= all.len() as u128, "seed {seed}");
            let codes = found.blocked.iter().flat_map(|part| &part.reasons);
            for reason in codes {
                let code = reason.cause.code;
                assert!(told.stops.iter().any(|stop| stop.code == code), "{code}");
            }
            parts += found.works.len() + found.blocked.len();
            groups += told.works.len() + told.blocked.len();
        }
    }
    assert!(parts > 3 * groups / 2, "{parts} parts in {groups} groups");
}

#[test]
fn who_reaches_a_database_among_20000_machines_fits_two_screens() {
    let region = generated("20000");
    for (language, word) in [("en", "✗ what blocks"), ("zh", "✗ 阻断原因")] {
        let told = run(&["reach", &region, "--to", "cdb-0-0", "--lang", language]);
        assert_eq!(told.code, Some(0), "{}", told.err);
        let lines = told.out.lines().count();
        assert!(lines <= 48, "{lines} lines:\n{}", told.out);
        assert!(told.out.contains(word), "{}", told.out);
    }
    let told = run(&["matrix", &region, "--by", "vpc"]);
    assert!(told.out.lines().count() <= 24, "{}", told.out);
    assert!(told.out.contains("classic:ap-guangzhou"), "{}", told.out);
}

#[test]
fn a_run_over_many_files_says_its_result_in_one_screen() {
    let told = run(&["check", "scenarios"]);
    assert!(told.out.lines().count() <= 24, "{}", told.out);
    assert!(told.out.contains("scenarios/vpc/"), "{}", told.out);
}

#[test]
fn a_failure_is_told_before_the_line_of_its_folder() {
    let text = std::fs::read_to_string("scenarios/vpc/templates.ron").expect("a scenario");
    let folder = folder("grouping-folder");
    for index in 0..30 {
        let text = match index {
            7 => text.replacen(" Reachable(", " Unreachable(", 1),
            _ => text.clone(),
        };
        let path = folder.join(format!("file-{index:02}.ron"));
        std::fs::write(path, text).expect("a file");
    }
    let told = run(&["check", &folder.display().to_string()]);
    assert_eq!(told.code, Some(1));
    let fail = told.out.find("file-07.ron").expect("the failure");
    let line = told.out.find("30 files").expect("the folder");
    assert!(fail < line && told.out.contains(" of "), "{}", told.out);
}

#[test]
fn a_label_of_a_matrix_can_be_asked() {
    let region = generated("200");
    for arguments in [&["--by", "vpc"][..], &["--collapse"]] {
        let all = [&["matrix", &region, "--format", "csv"][..], arguments].concat();
        let table = run(&all).out;
        let rows = table.lines().skip(1).map(|line| line.split(',').next());
        let rows: Vec<&str> = rows.flatten().collect();
        assert!(rows.len() > 2 && rows.len() < 12, "{table}");
        for (side, labels) in [
            ("--from", rows),
            ("--to", table.lines().next().expect("a head").split(',').skip(1).collect()),
        ] {
            for label in labels {
                let told = run(&["reach", &region, side, label, "-s", "tcp:443"]);
                assert_eq!(told.code, Some(0), "{label}: {}", told.err);
            }
        }
    }
}

#[test]
fn equal_machines_share_a_row_although_none_meets_itself() {
    let region = generated("200");
    let text = run(&["matrix", &region, "--collapse", "--service", "tcp:9100"]).out;
    assert!(text.lines().any(|line| line.starts_with("vpc-0 ")), "{text}");
}

#[test]
fn pairs_come_as_a_table() {
    let region = generated("200");
    let told = run(&["reach", &region, "--to", "cdb-0-0", "--format", "csv"]);
    let mut lines = told.out.lines();
    let head = "from,to,fate,protocol,src,dst,source_port,destination_port,reasons";
    assert_eq!(lines.next(), Some(head));
    assert!(lines.all(|line| line.contains(",cdb-0-0,")), "{}", told.out);
    let linked = run(&["links", "scenarios/classic-link/opens-both-ways.ron", "--format", "csv"]);
    assert!(linked.out.starts_with("vpc,instance,linked_address,"), "{}", linked.out);
    assert_eq!(linked.out.lines().count(), 2, "{}", linked.out);
}

/// A network of machines that a database does not let in, each promised to reach it.
fn locked_out(machines: usize) -> String {
    let instances = (1..=machines).map(|at| {
        let ip = 10 + at;
        format!("\"ins-{at:02}\": (subnet: \"subnet-a\", ip: \"10.8.1.{ip}\", security_groups: [\"sg-web\"]),")
    });
    let instances = instances.collect::<Vec<_>>().concat();
    let expected = (1..=machines).map(|at| {
        format!("Reachable(from: \"ins-{at:02}\", to: \"cdb-1\", service: \"tcp:3306\"),\n")
    });
    let expected = expected.collect::<Vec<_>>().concat();
    format!(
        r#"Scenario(
    network: (
        vpcs: {{ "vpc-a": (region: "ap-guangzhou", cidr: "10.8.0.0/16") }},
        subnets: {{ "subnet-a": (vpc: "vpc-a", cidr: "10.8.1.0/24") }},
        security_groups: {{
            "sg-web": (egress: [Accept()]),
            "sg-db": (ingress: [Accept(from: "10.9.0.0/16", service: "tcp:3306")]),
        }},
        instances: {{ {instances} }},
        databases: {{ "cdb-1": (subnet: "subnet-a", ip: "10.8.1.9", engine: MySql, security_groups: ["sg-db"]) }},
    ),
    expect: [
        {expected}
        Reachable(from: "cdb-1", to: "ins-01", service: "tcp:22"),
    ],
)"#
    )
}

#[test]
fn failures_of_one_cause_are_drawn_once_and_the_others_listed() {
    let path = file("grouping-locked-out", "many.ron", locked_out(20).as_str());
    for (language, again, listed, more) in [
        (
            "en",
            "for the same cause",
            "and 19 more for the same cause:",
            "… and 7 more; -v draws them all",
        ),
        ("zh", "原因同上", "另有 19 条原因相同：", "……另有 7 条，加 -v 查看全部"),
    ] {
        let told = run(&["check", &path, "--lang", language]);
        assert_eq!(told.code, Some(1), "{}", told.err);
        let text = format!("{}{}", told.out, told.err);
        let drawn = |text: &str| text.matches("[security-group-ingress-denied]:").count();
        assert_eq!(drawn(&text), 1, "{text}");
        assert_eq!(text.matches(again).count(), 19 + usize::from(language == "en"), "{text}");
        for words in [listed, more, "[endpoint-cannot-initiate]:"] {
            assert!(text.contains(words), "{words}:\n{text}");
        }
        assert!(text.lines().count() < 130, "{text}");
        let all = run(&["check", &path, "--lang", language, "-v"]);
        let all = format!("{}{}", all.out, all.err);
        assert_eq!(drawn(&all), 20, "{all}");
    }
    let few = file("grouping-locked-out", "few.ron", locked_out(3).as_str());
    let told = run(&["check", &few]);
    let text = format!("{}{}", told.out, told.err);
    assert_eq!(text.matches("[security-group-ingress-denied]:").count(), 3, "{text}");
}

#[test]
fn findings_of_one_kind_are_drawn_once_and_the_others_listed() {
    let groups = (1..=20).map(|at| format!("\"sg-{at:02}\": (ingress: [Accept()]),"));
    let groups = groups.collect::<Vec<_>>().concat();
    let text = format!("Scenario(network: (security_groups: {{ {groups} }}))");
    let path = file("grouping-unused", "unused.ron", text.as_str());
    for (language, listed, more) in [
        ("en", "and 19 more of unused-object:", "… and 7 more; -v draws them all"),
        ("zh", "unused-object 还有 19 处：", "……另有 7 处，加 -v 查看全部"),
    ] {
        let told = run(&["lint", &path, "--lang", language]);
        assert_eq!(told.out.matches("[unused-object]:").count(), 1, "{}", told.out);
        for words in [listed, more] {
            assert!(told.out.contains(words), "{words}:\n{}", told.out);
        }
        let all = run(&["lint", &path, "--lang", language, "-v"]);
        assert_eq!(all.out.matches("[unused-object]:").count(), 20, "{}", all.out);
    }
}
