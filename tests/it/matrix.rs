//! A matrix, which computes for whole spots at once, says what every single pair says when it is asked alone; and whatever
//! a set of ends stands for is what its members say together.

use std::collections::BTreeMap;
use std::sync::Arc;

use assert_cmd::Command;
use pathproof::engine::Reacher;
use pathproof::fabric::{Fabric, Party};
use pathproof::generate::{Options, Shape, generate};
use pathproof::model::{Network, OldNetwork, Protocols};
use pathproof::query::{Selector, Traffics, Verdict};
use pathproof::scenario::Origins;
use pathproof::space::{Budget, Protocol, Row};
use pathproof::verify::{
    By, ClassAnswer, ClassMatrix, End, Matrix, Side, Situation, answer, base, pairs, select,
    situations,
};

use crate::random;
use crate::shipped::loaded;

type Table = BTreeMap<(String, String), Option<Verdict>>;

fn matrix(network: &Arc<Network>, by: By, traffic: &Traffics) -> Table {
    let situation = Situation::new(Arc::clone(network), Arc::new(Origins::default()));
    let matrix = Matrix::new(&situation, by, traffic, Budget::NONE);
    let columns: Vec<String> = matrix.columns().map(str::to_owned).collect();
    let mut table = Table::new();
    matrix.each_row(|row| {
        assert_eq!(row.cells.len(), columns.len());
        for (to, cell) in columns.iter().zip(&row.cells) {
            table.insert((row.from.clone(), to.clone()), *cell);
        }
    });
    table
}

/// Who is meant by a name of a row.
fn meant(name: &str) -> Selector {
    match name {
        "internet" => Selector::Internet,
        name => Selector::Id(name.into()),
    }
}

/// The same by one question a pair; a name of a part of a group is asked by its first address.
fn asked(network: &Arc<Network>, from: &str, to: &str, traffic: &Traffics) -> Option<Verdict> {
    let fabric = Fabric::new(Arc::clone(network));
    let mut reacher = Reacher::new(&fabric);
    let from = select(&fabric, &meant(from), Side::From);
    let to = select(&fabric, &meant(to), Side::To);
    let answer = answer(&mut reacher, &from, &to, traffic);
    (!answer.vacuous).then_some(answer.verdict)
}

/// Names that a selector understands as the same end.
fn is_whole(name: &str) -> bool {
    !name.contains('[')
}

#[test]
fn every_cell_is_what_the_pair_alone_is_told() {
    let mut verdicts: BTreeMap<Option<&str>, usize> = BTreeMap::new();
    let ping = |protocol| Traffics {
        service: pathproof::model::Service {
            protocols: Protocols::One(protocol),
            ..Traffics::default().service
        },
        ..Traffics::default()
    };
    for seed in 0..30 {
        let network = Arc::new(random::network(seed));
        let traffic = match seed % 5 {
            3 => ping(Protocol::ICMPV6),
            4 => ping(Protocol::ICMP),
            _ => Traffics::default(),
        };
        for ((from, to), cell) in matrix(&network, By::Endpoint, &traffic) {
            if !is_whole(&from) || !is_whole(&to) {
                continue;
            }
            let alone = asked(&network, &from, &to, &traffic);
            assert_eq!(cell, alone, "seed {seed}: {from} → {to}");
            *verdicts.entry(cell.map(Verdict::name)).or_default() += 1;
        }
    }
    let told = |verdict| verdicts.get(&verdict).copied().unwrap_or(0);
    assert!(told(Some("reachable")) > 50, "{verdicts:?}");
    assert!(told(Some("partial")) > 50, "{verdicts:?}");
    assert!(told(Some("unreachable")) > 500, "{verdicts:?}");
    assert!(told(None) > 50, "{verdicts:?}");
}

#[test]
fn links_and_public_ways_make_no_cell_say_what_the_pair_does_not() {
    let traffic = Traffics::default();
    let mut cells = 0;
    for file in ["classic-link/detach", "classic-link/one-shared-pool", "lint/dnat-target-blocked"]
    {
        let scenario = loaded(&format!("scenarios/{file}.ron")).scenario;
        let network = Arc::new(scenario.expect("it loads").network);
        for ((from, to), cell) in matrix(&network, By::Endpoint, &traffic) {
            let alone = asked(&network, &from, &to, &traffic);
            assert_eq!(cell, alone, "{file}: {from} → {to}");
            cells += 1;
        }
    }
    assert!(cells > 40, "{cells}");
}

/// A matrix by class, for every two members of its classes: the verdict, and what works on all ways. Where nothing works
/// there is none.
fn by_class(
    network: &Arc<Network>,
    traffic: &Traffics,
) -> BTreeMap<(String, String), Arc<ClassAnswer>> {
    let situation = Situation::new(Arc::clone(network), Arc::new(Origins::default()));
    let matrix = ClassMatrix::new(&situation, traffic, Budget::NONE);
    let mut blocks = Vec::new();
    assert_eq!(matrix.each_of(0..matrix.blocks(), |block| blocks.push(block)), None);
    assert_eq!(matrix.costs().len(), blocks.len());
    let mut names: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for member in blocks.iter().flat_map(|block| &block.members) {
        names.entry(member.class).or_default().push(member.name.clone());
    }
    let mut told = BTreeMap::new();
    for block in blocks {
        let members = |sets: &[(u32, u32)], set: u32| -> Vec<String> {
            let classes = sets.iter().filter(|(own, _)| *own == set);
            classes.flat_map(|(_, class)| names[class].clone()).collect()
        };
        for (from, to, answer) in &block.cells {
            for from in members(&block.from, *from) {
                for to in members(&block.to, *to) {
                    let answer = Arc::clone(&block.answers[*answer as usize]);
                    let before = told.insert((from.clone(), to.clone()), answer);
                    assert_eq!(before, None, "{from} → {to} twice");
                }
            }
        }
    }
    told
}

/// What works from one end to another on all ways, of one pair of addresses: asked alone.
fn works_alone(
    network: &Arc<Network>,
    from: &str,
    to: &str,
    traffic: &Traffics,
) -> Option<Vec<Row>> {
    let fabric = Fabric::new(Arc::clone(network));
    let mut reacher = Reacher::new(&fabric);
    let from = select(&fabric, &meant(from), Side::From);
    let to = select(&fabric, &meant(to), Side::To);
    let (from, to): (Vec<_>, Vec<_>) = (from.ends().collect(), to.ends().collect());
    let ([from], [to]) = (&from[..], &to[..]) else {
        return None;
    };
    // The members of a group are asked as one, with their addresses in the sets.
    let is_group =
        |(party, _, addresses): &End| matches!(party, Party::Host(..)) && addresses.len() > 1;
    if is_group(from) || is_group(to) {
        return None;
    }
    let pairs = pairs(&mut reacher, from, to, traffic);
    let [pair] = &pairs[..] else { return None };
    let always = reacher.sets(pair).always;
    Some(reacher.space.rows(always))
}

#[test]
fn a_matrix_by_class_says_of_every_two_members_what_they_are_told_alone() {
    let mut verdicts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut compared = 0;
    let options =
        Options { instances: 300, vpcs: 3, groups: 9, seed: 5, shape: Shape::Mixed, singles: 50 };
    let generated = generate(&options).expect("a region").network;
    let networks = (0..24).map(random::network).chain([generated]);
    for (index, network) in networks.enumerate() {
        let network = Arc::new(network);
        let is_large = index == 24;
        let traffic = Traffics::default();
        let told = by_class(&network, &traffic);
        for ((from, to), cell) in matrix(&network, By::Endpoint, &traffic) {
            let answer = told.get(&(from.clone(), to.clone()));
            let Some(answer) = answer else {
                assert!(
                    matches!(cell, None | Some(Verdict::Unreachable)),
                    "network {index}: {from} → {to}: {cell:?}"
                );
                continue;
            };
            if cell.is_none() && from == to {
                continue;
            }
            assert_eq!(Some(answer.verdict), cell, "network {index}: {from} → {to}");
            *verdicts.entry(answer.verdict.name()).or_default() += 1;
            let is_asked = is_whole(&from) && is_whole(&to) && !(is_large && compared % 7 > 0);
            compared += 1;
            if let Some(works) =
                is_asked.then(|| works_alone(&network, &from, &to, &traffic)).flatten()
            {
                assert_eq!(answer.works, works, "network {index}: {from} → {to}");
            }
        }
    }
    let told = |verdict| verdicts.get(verdict).copied().unwrap_or(0);
    assert!(told("reachable") > 50, "{verdicts:?}");
    assert!(told("partial") > 500, "{verdicts:?}");
}

/// What several cells say together.
fn together(cells: impl Iterator<Item = Option<Verdict>>) -> Option<Verdict> {
    let (mut works, mut fails, mut unsaid) = (false, false, false);
    for cell in cells.flatten() {
        works |= matches!(cell, Verdict::Reachable | Verdict::Partial);
        fails |= matches!(cell, Verdict::Unreachable | Verdict::Partial);
        unsaid |= cell == Verdict::Undetermined;
    }
    match (works, fails, unsaid) {
        (false, false, false) => None,
        (true, true, _) => Some(Verdict::Partial),
        (_, _, true) => Some(Verdict::Undetermined),
        (true, false, false) => Some(Verdict::Reachable),
        (false, true, false) => Some(Verdict::Unreachable),
    }
}

#[test]
fn a_vpc_says_what_its_endpoints_say_together() {
    let generated =
        Options { instances: 400, vpcs: 4, groups: 12, seed: 5, shape: Shape::Mixed, singles: 100 };
    let generated = generate(&generated).expect("a region").network;
    let networks = (0..12).map(random::network).chain([generated]);
    let mut cells = 0;
    for (index, network) in networks.enumerate() {
        let network = Arc::new(network);
        let traffic = Traffics::default();
        let single = matrix(&network, By::Endpoint, &traffic);
        let home = |name: &str| {
            let (id, at) = name.split_once('[').unwrap_or((name, ""));
            let old = network.databases.get(id).into_iter();
            let mut old = old.flat_map(|it| &it.old_vips);
            // an address that a database has kept is at home where it was
            if let Some(old) = old.find(|it| at == format!("{}]", it.ip)) {
                return match &old.network {
                    OldNetwork::Vpc(vpc) => vpc.to_string(),
                    OldNetwork::Classic => name.to_owned(),
                };
            }
            let vpc = network.vpc_of(id).filter(|_| !network.vpcs.contains_key(id));
            vpc.map_or_else(|| name.to_owned(), ToString::to_string)
        };
        let mut parts: BTreeMap<(String, String), Vec<Option<Verdict>>> = BTreeMap::new();
        for ((from, to), cell) in &single {
            let key = (home(from), home(to));
            parts.entry(key).or_default().push(*cell);
        }
        for ((from, to), cell) in matrix(&network, By::Vpc, &traffic) {
            let Some(parts) = parts.get(&(from.clone(), to.clone())) else {
                continue;
            };
            let expected = together(parts.iter().copied());
            assert_eq!(cell, expected, "network {index}: {from} → {to}");
            cells += 1;
        }
    }
    assert!(cells > 300, "{cells}");
}

#[test]
fn any_number_of_threads_tells_the_same_bytes() {
    let folder = std::env::temp_dir().join("pathproof-threads");
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("region.ron");
    let pathproof = || Command::from_std(crate::shipped::program());
    let made = pathproof()
        .args(["generate", "--instances", "600", "--vpcs", "5", "--groups", "15", "--seed", "3"])
        .output()
        .expect("the binary runs");
    std::fs::write(&file, &made.stdout).expect("a file");
    let file = file.to_str().expect("a path");
    for arguments in [
        &["matrix", file][..],
        &["matrix", file, "--by", "subnet", "--format", "json"],
        &["check", file, "--format", "json"],
        &["reach", file, "--from", "vpc-0", "--to", "vpc-1", "--format", "json"],
        &["lint", file, "--format", "json"],
    ] {
        let told = |threads: &str| {
            let run = pathproof().args(arguments).env("RAYON_NUM_THREADS", threads).output();
            run.expect("the binary runs").stdout
        };
        let alone = told("1");
        assert!(!alone.is_empty(), "{arguments:?}");
        for threads in ["2", "3", "8"] {
            assert!(told(threads) == alone, "{arguments:?} with {threads} threads");
        }
    }
}

/// A group of which a load balancer names one member and a rule another one.
const DIVIDED: &str = r#"Scenario(
    name: "one member is a target, another one is banned",
    network: (
        vpcs: { "vpc-a": (region: "ap-guangzhou", cidr: "10.0.0.0/16") },
        subnets: {
            "subnet-a": (vpc: "vpc-a", cidr: "10.0.0.0/24"),
            "subnet-b": (vpc: "vpc-a", cidr: "10.0.1.0/24"),
        },
        security_groups: {
            "sg-db": (ingress: [Drop(from: "10.0.0.13/32"), Accept(from: "10.0.0.0/24")], egress: [Accept()]),
            "sg-web": (ingress: [Accept()], egress: [Accept()]),
        },
        instance_groups: {
            "asg-web": (subnet: "subnet-a", ips: "10.0.0.10-10.0.0.19", security_groups: ["sg-web"]),
        },
        instances: { "ins-db": (subnet: "subnet-b", ip: "10.0.1.5", security_groups: ["sg-db"]) },
        load_balancers: {
            "lb-a": (
                network: Internal(subnet: "subnet-b", vip: "10.0.1.9"),
                listeners: [(service: "tcp:80", targets: [(instance: "asg-web[10.0.0.11]", port: 80)])],
            ),
        },
    ),
    expect: [],
)"#;

#[test]
fn a_group_that_something_names_is_divided_where_rules_divide_it() {
    let told = |arguments: &[&str]| {
        let mut command = Command::from_std(crate::shipped::program());
        let run = command.args(arguments).write_stdin(DIVIDED).output();
        String::from_utf8(run.expect("the binary runs").stdout).expect("text")
    };
    let matrix = told(&["matrix", "-", "--service", "tcp:3306", "--format", "csv"]);
    let mut ends = matrix.split_inclusive('\n');
    assert!(ends.all(|line| line.ends_with("\r\n") && !line.contains('\u{fffd}')));
    let row = |start: &str| matrix.lines().find(|line| line.starts_with(start));
    let banned = row("asg-web[10.0.0.13]").expect("a row of its own");
    assert!(banned.contains("unreachable"), "{matrix}");
    let others = row("asg-web[10.0.0.14").expect("a row of the others");
    assert!(others.split(',').any(|cell| cell == "reachable"), "{matrix}");
    let change = "DeleteSecurityGroupPolicies(security_group: \"sg-db\", ingress: [0])";
    let changed = told(&["whatif", "-", "--change", change]);
    assert!(changed.contains("asg-web[10.0.0.13]"), "{changed}");
    assert!(!changed.contains("no difference"), "{changed}");
}

#[test]
fn each_address_of_a_moved_database_has_a_column_of_its_own() {
    let scenario = loaded("scenarios/changes/move-databases.ron").scenario;
    let scenario = scenario.expect("it loads");
    let mut seen = 0;
    for stage in situations(&scenario, &base(&scenario)) {
        let network = Arc::clone(&stage.network);
        let table = matrix(&network, By::Endpoint, &Traffics::default());
        let columns: std::collections::BTreeSet<&String> = table.keys().map(|(_, to)| to).collect();
        for (id, database) in &network.databases {
            let addresses = database.old_vips.iter().map(|old| old.ip);
            for ip in addresses.chain((!database.old_vips.is_empty()).then_some(database.ip)) {
                assert!(columns.contains(&format!("{id}[{ip}]")), "{id} {ip}: {columns:?}");
                seen += 1;
            }
        }
    }
    assert!(seen > 2, "{seen}");
}
