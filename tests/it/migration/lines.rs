//! Every line of a runbook could be typed: the shell reads it, and it is an action of the API with its parameters, or a
//! sentence about what no action does.

use std::collections::BTreeMap;

use super::EXAMPLES;
use crate::cli::run;

/// Actions with their parameters; `!` = required.
const ACTIONS: &str = include_str!("actions.txt");

/// What is planned from where, of every plan that is shipped.
fn plans() -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = EXAMPLES
        .iter()
        .map(|example| {
            let [start, goal] =
                ["start", "goal"].map(|part| format!("scenarios/migration/{example}.{part}.ron"));
            vec![start, String::from("--goal"), goal]
        })
        .collect();
    let moves = [
        ("scenarios/migration/vpc-to-vpc.start.ron", "tag:app=shop | cdb-1", "subnet-new"),
        ("scenarios/estate/exit.start.ron", "sg-legacy | cdb-legacy", "subnet-app"),
    ];
    all.extend(moves.map(|(start, who, into)| {
        [start, "--move", who, "--into", into].map(String::from).to_vec()
    }));
    all
}

/// The runbook of a plan.
fn book(asked: &[String], language: &str, kind: &str) -> String {
    let name = format!("pathproof-lines-{}.{kind}", std::process::id());
    let path = std::env::temp_dir().join(name);
    let file = path.display().to_string();
    let mut args = vec!["plan"];
    args.extend(asked.iter().map(String::as_str));
    args.extend(["--runbook", &file, "--lang", language]);
    let ended = run(&args);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    let text = std::fs::read_to_string(&path).expect("a runbook");
    std::fs::remove_file(&path).expect("the file goes");
    text
}

fn lines(book: &str) -> Vec<&str> {
    let blocks = book.split("```sh\n").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().unwrap_or_default());
    blocks.flat_map(str::lines).collect()
}

/// The words of a command and of those within it, as the shell takes them apart.
fn commands(line: &str) -> Vec<Vec<String>> {
    #[derive(Default)]
    struct Open {
        words: Vec<String>,
        word: String,
        quoted: bool,
    }
    impl Open {
        fn end(&mut self) {
            if !self.word.is_empty() {
                self.words.push(std::mem::take(&mut self.word));
            }
        }
    }
    let mut all = Vec::new();
    let mut open = vec![Open::default()];
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let depth = open.len();
        let top = open.last_mut().expect("one is open");
        match c {
            '\'' if !top.quoted => top.word.extend(chars.by_ref().take_while(|c| *c != '\'')),
            '"' => top.quoted = !top.quoted,
            '\\' => top.word.extend(chars.next()),
            '$' if chars.peek() == Some(&'(') => {
                chars.next();
                top.word.push('$');
                open.push(Open::default());
            }
            ')' if !top.quoted && depth > 1 => {
                top.end();
                all.push(open.pop().expect("one is open").words);
            }
            ' ' if !top.quoted => top.end(),
            c => top.word.push(c),
        }
    }
    let mut last = open.pop().expect("one is open");
    last.end();
    all.push(last.words);
    assert!(open.is_empty(), "{line}");
    all
}

/// Holds every line of a runbook to the shell and to the API, and returns them.
fn held(asked: &[String], language: &str) -> Vec<String> {
    let rows = ACTIONS.lines().filter(|row| !row.starts_with('#'));
    let rows = rows.map(|row| {
        let mut words = row.split(' ');
        let call = [words.next(), words.next()].map(|it| it.expect("an action"));
        (call, words.collect::<Vec<_>>())
    });
    let actions: BTreeMap<[&str; 2], Vec<&str>> = rows.collect();
    let book = book(asked, language, "md");
    let lines = lines(&book);
    assert!(!lines.is_empty(), "{asked:?}");
    for line in &lines {
        if line.starts_with("# ") {
            continue;
        }
        let found = commands(line);
        let calls: Vec<_> = found
            .iter()
            .filter(|words| words.first().is_some_and(|word| word == "tccli"))
            .collect();
        assert!(!calls.is_empty(), "{line}");
        for words in calls {
            let own = actions.get(&[words[1].as_str(), words[2].as_str()]);
            let own = own.unwrap_or_else(|| panic!("no such action: {line}"));
            let given: Vec<&str> = words[3..]
                .iter()
                .take_while(|word| *word != "|")
                .filter_map(|word| word.strip_prefix("--"))
                .filter(|name| !["region", "filter", "waiter"].contains(name))
                .collect();
            for name in &given {
                let is_known = own.iter().any(|it| it.trim_end_matches('!') == *name);
                assert!(is_known, "{name}: {line}");
            }
            for name in own.iter().filter_map(|it| it.strip_suffix('!')) {
                // where the file does not tell the zone of a subnet, a sentence says so
                assert!(given.contains(&name) || name == "Zone", "no {name}: {line}");
            }
        }
    }
    let name = format!("pathproof-steps-{}.sh", std::process::id());
    let script = std::env::temp_dir().join(name);
    std::fs::write(&script, lines.join("\n")).expect("a script");
    let read = std::process::Command::new("sh").arg("-n").arg(&script).output();
    let read = read.expect("a shell");
    std::fs::remove_file(&script).expect("the file goes");
    assert!(read.status.success(), "{asked:?}: {read:?}");
    lines.into_iter().map(str::to_owned).collect()
}

#[test]
fn every_line_of_a_runbook_could_be_typed() {
    for asked in plans() {
        for language in ["en", "zh"] {
            held(&asked, language);
        }
    }
}

/// A network with what the examples do not have; `{}` is what differs.
fn network(differing: &str, others: &str) -> String {
    format!(
        r#"(network: (
            vpcs: {{ "vpc-a": (region: "ap-shanghai", cidr: "10.1.0.0/16") {others} }},
            subnets: {{ "subnet-a": (vpc: "vpc-a", zone: "ap-shanghai-2", cidr: "10.1.1.0/24") }},
            security_groups: {{ "sg-a": (ingress: [Accept()], egress: [Accept()]) }},
            {differing}
        ))"#
    )
}

/// What the API can do is a line with the region of whom it is done to; a sentence is left for the rest.
#[test]
fn what_the_api_can_do_is_a_line() {
    let start = network(
        r#"instances: {
                "ins-a": (subnet: "subnet-a", ip: "10.1.1.10", security_groups: ["sg-a"], secondary_ips: ["10.1.1.12"], eip: "203.0.113.3"),
                "ins-b": (subnet: "subnet-a", ip: "10.1.1.11", security_groups: ["sg-a"]),
            },
            havips: { "havip-a": (subnet: "subnet-a", ip: "10.1.1.99", bound_to: "ins-a") },
            address_templates: { "ipm-a": (addresses: ["10.0.0.1"]) },
            service_templates: { "ppm-a": (services: ["tcp:80"]) },
            nat_gateways: {
                "nat-a": (
                    vpc: "vpc-a",
                    eips: ["203.0.113.1"],
                    snat: [(from: "ins-a", eips: ["203.0.113.1"])],
                    dnat: [(service: "tcp:80", eip: "203.0.113.1", to: "10.1.1.10", port: 8080)],
                ),
            },"#,
        "",
    );
    let goal = network(
        r#"instances: {
                "ins-a": (subnet: "subnet-a", ip: "10.1.1.10", security_groups: ["sg-a"], secondary_ips: ["10.1.1.13"]),
                "ins-b": (subnet: "subnet-a", ip: "10.1.1.11", security_groups: ["sg-a"], eip: "203.0.113.3"),
            },
            havips: {
                "havip-a": (subnet: "subnet-a", ip: "10.1.1.99", bound_to: "ins-b", eip: "203.0.113.4"),
                "havip-b": (subnet: "subnet-a", ip: "10.1.1.98"),
            },
            address_templates: { "ipm-a": (addresses: ["10.0.0.2"]), "ipm-b": (addresses: ["10.0.0.0/8"]) },
            service_templates: { "ppm-a": (services: ["tcp:80,443"]), "ppm-b": (services: ["udp:53"]) },
            nat_gateways: {
                "nat-a": (
                    vpc: "vpc-a",
                    eips: ["203.0.113.1", "203.0.113.2"],
                    snat: [(from: "subnet-a", eips: ["203.0.113.2"])],
                    dnat: [(service: "tcp:443", eip: "203.0.113.1", to: "10.1.1.10", port: 8443)],
                ),
            },
            peerings: { "pcx-a": (between: ("vpc-a", "vpc-b")) },
            load_balancers: {
                "lb-a": (
                    network: Public(vpc: "vpc-a", vip: "203.0.113.9"),
                    listeners: [
                        (service: "http:80", redirects_to: 8080),
                        (service: "http:8080", targets: [(instance: "ins-a", port: 80)]),
                    ],
                ),
            },"#,
        r#", "vpc-b": (region: "ap-beijing", cidr: "10.2.0.0/16", secondary_cidrs: ["10.3.0.0/16"])"#,
    );
    let folder = std::env::temp_dir().join(format!("pathproof-api-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let [start, goal] = [("start.ron", start), ("goal.ron", goal)].map(|(name, text)| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    });
    let lines = held(&[start, String::from("--goal"), goal], "en");
    std::fs::remove_dir_all(&folder).expect("the folder goes");
    let told: Vec<&String> = lines.iter().filter(|line| line.starts_with('#')).collect();
    assert!(told.iter().all(|line| line.contains("keepalived")), "{told:#?}");
    for part in [
        "tccli vpc CreateVpc --region ap-beijing ",
        "tccli vpc CreateAssistantCidr --region ap-beijing ",
        "--DestinationRegion ap-beijing",
        "tccli vpc UnassignPrivateIpAddresses --region ap-shanghai ",
        r#""PrivateIpAddress":"10.1.1.13""#,
        "tccli vpc DisassociateAddress --region ap-shanghai ",
        "tccli vpc AssociateAddress --region ap-shanghai ",
        "tccli vpc HaVipAssociateAddressIp --region ap-shanghai ",
        "tccli vpc CreateHaVip --region ap-shanghai ",
        "tccli vpc AssociateNatGatewayAddress --region ap-shanghai ",
        "tccli vpc DeleteNatGatewaySourceIpTranslationNatRule ",
        r#""ResourceType":"SUBNET""#,
        "tccli vpc DeleteNatGatewayDestinationIpPortTranslationNatRule ",
        "tccli vpc CreateNatGatewayDestinationIpPortTranslationNatRule ",
        "tccli vpc ModifyAddressTemplateAttribute ",
        "--Services '[\"tcp:80,443\"]'",
        "tccli clb CreateRule --region ap-shanghai ",
        "tccli clb ManualRewrite --region ap-shanghai ",
        "--Protocol HTTP --Port 8080 --filter 'Listeners[0].Rules[0].LocationId'",
    ] {
        assert!(lines.iter().any(|line| line.contains(part)), "{part}: {lines:#?}");
    }
}

#[test]
fn a_page_has_a_picture_of_each_wave() {
    for asked in plans() {
        let text = book(&asked, "zh", "html");
        let waves = text.matches("<section class=\"wave\">").count();
        assert_eq!(text.matches("<svg ").count(), waves, "{asked:?}");
    }
}

#[test]
fn the_shell_of_the_test_takes_lines_apart() {
    assert_eq!(
        commands(r#"a=$(tccli x Y --Z '["$b"]' --f "A[?B=='c'] | [0]" | tr -d '"')"#),
        [
            vec![
                "tccli",
                "x",
                "Y",
                "--Z",
                r#"["$b"]"#,
                "--f",
                "A[?B=='c'] | [0]",
                "|",
                "tr",
                "-d",
                "\""
            ],
            vec!["a=$"],
        ]
    );
}
