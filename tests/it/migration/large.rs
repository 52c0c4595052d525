//! Large estates: services of equal machines behind a balancer, each with two databases, in three zones.

use std::fmt::Write;
use std::time::Instant;

use pathproof::model::Change;
use pathproof::plan::Outcome;

use super::{planned, scenario};

const ZONES: [&str; 3] = ["ap-guangzhou-3", "ap-guangzhou-4", "ap-guangzhou-6"];

const ENGINES: [(&str, u16); 4] =
    [("MySql", 3306), ("TdSql", 3306), ("Redis", 6379), ("MariaDb", 3306)];

/// Start and goal of an estate of so many services with so many machines each.
fn estate(services: usize, each: usize) -> [String; 2] {
    let mut ground = String::from(
        r#"vpcs: { "vpc-new": (region: "ap-guangzhou", cidr: "10.1.0.0/16") }, subnets: {"#,
    );
    for (at, zone) in ZONES.iter().enumerate() {
        let third = at * 16;
        let _ = write!(
            ground,
            r#""subnet-{at}": (vpc: "vpc-new", zone: "{zone}", cidr: "10.1.{third}.0/20"),"#
        );
    }
    ground += r#""subnet-db": (vpc: "vpc-new", cidr: "10.1.128.0/20") },
        security_groups: { "sg-db": (ingress: [Accept(from: "10.0.0.0/8")], egress: [Accept()]),"#;
    let [mut old, mut new, mut old_db, mut new_db, mut old_lb, mut new_lb] =
        [const { String::new() }; 6];
    let [mut names, mut switched, mut expect] = [const { String::new() }; 3];
    let mut count = 0;
    for s in 0..services {
        let _ = write!(
            ground,
            r#""sg-{s}": (ingress: [Accept(service: "tcp:443")], egress: [Accept()]),"#
        );
        let mut targets = String::new();
        for m in 0..each {
            let (zone, high, low) = (count % 3, count / 200, count % 200 + 10);
            let third = zone * 16 + high;
            let rest = format!(r#"security_groups: ["sg-{s}"], tags: {{ "app": "s{s}" }}"#);
            let _ = write!(
                old,
                r#""ins-{s}-{m}": (region: "ap-guangzhou", ip: "10.60.{high}.{low}", {rest}),"#
            );
            let _ = write!(
                new,
                r#""ins-{s}-{m}": (subnet: "subnet-{zone}", ip: "10.1.{third}.{low}", {rest}),"#
            );
            let _ = write!(targets, r#"(instance: "ins-{s}-{m}", port: 443),"#);
            count += 1;
        }
        let listeners = format!(r#"listeners: [(service: "tcp:443", targets: [{targets}])]"#);
        let (a, b) = (s + 10, s + 100);
        let _ = write!(
            old_lb,
            r#""lb-{s}": (region: "ap-guangzhou", vip: "203.0.113.{a}", public: true, {listeners}),"#
        );
        let _ = write!(
            new_lb,
            r#""lb-new-{s}": (network: Public(vpc: "vpc-new", vip: "203.0.113.{b}"), {listeners}),"#
        );
        let _ = write!(names, r#""www.s{s}": "lb-{s}","#);
        let _ = write!(switched, r#""www.s{s}": "lb-new-{s}","#);
        let _ =
            write!(expect, r#"Reachable(from: "internet", to: "www.s{s}", service: "tcp:443"),"#);
        for d in 0..2 {
            let number = 2 * s + d;
            let (engine, port) = ENGINES[number % 4];
            let last = number + 10;
            let _ = write!(
                old_db,
                r#""db-{s}-{d}": (region: "ap-guangzhou", ip: "10.66.1.{last}", engine: {engine}),"#
            );
            let _ = write!(
                new_db,
                r#""db-{s}-{d}": (subnet: "subnet-db", ip: "10.1.128.{last}", engine: {engine}, security_groups: ["sg-db"]),"#
            );
            for names in [&mut names, &mut switched] {
                let _ = write!(names, r#""db{d}.s{s}": "db-{s}-{d}","#);
            }
            let _ = write!(
                expect,
                r#"Reachable(from: "tag:app=s{s}", to: "db{d}.s{s}", service: "tcp:{port}"),
                Unreachable(from: "internet", to: "db{d}.s{s}", service: "tcp:{port}"),"#
            );
        }
    }
    [
        format!(
            "(network: ({ground} }}, classic: (instances: {{ {old} }}, databases: {{ {old_db} }}, load_balancers: {{ {old_lb} }})), \
             names: {{ {names} }}, expect: [{expect}])"
        ),
        format!(
            "(network: ({ground} }}, instances: {{ {new} }}, databases: {{ {new_db} }}, load_balancers: {{ {new_lb} }}), \
             names: {{ {switched} }})"
        ),
    ]
}

/// `PATHPROOF_LARGE=1` plans 500 machines, 40 databases and 20 balancers.
#[test]
fn an_estate_of_many_services_moves_zone_by_zone() {
    let large = crate::three_voices::setting("PATHPROOF_LARGE").is_some();
    let (services, each) = if large { (20, 25) } else { (3, 4) };
    let [start, goal] = estate(services, each);
    let (from, to) = (scenario(&start), scenario(&goal));
    let begun = Instant::now();
    let (Outcome::Found(steps, least), _) = planned(&from, &to, &from.base) else {
        panic!("no plan");
    };
    let deeds = steps.iter().flat_map(|step| &step.changes).map(|change| match change {
        Change::ModifyInstancesVpcAttribute { instances, .. } => instances.len(),
        Change::RegisterTargets { targets, .. } | Change::DeregisterTargets { targets, .. } => {
            targets.len()
        }
        _ => 1,
    });
    let deeds: usize = deeds.sum();
    let taken = begun.elapsed();
    assert!(deeds >= services * (3 * each + 3), "{deeds} in {taken:?}");
    let waves = steps.iter().filter(|step| !step.restarts.is_empty());
    let sizes: Vec<usize> = waves.map(|step| step.restarts.len()).collect();
    assert_eq!(sizes.iter().sum::<usize>(), services * each);
    let fewest = 3 * (services * each).div_ceil(3).div_ceil(100);
    assert_eq!((sizes.len(), least), (fewest, fewest), "{sizes:?}");
}
