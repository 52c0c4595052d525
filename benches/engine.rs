//! What it costs: the packet algebra, one trace, loading, compiling, and `check scenarios` from beginning to end.
//!
//! The roads are measured on the shipped scenarios and on a network of 1,000 instances that is written here; the rule
//! lists are those of `lists`. Each figure says how many rules, and the node counts are printed first.

mod lists;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use lists::{Numbers, group, rule, rules};
use pathproof::engine::trace;
use pathproof::fabric::Fabric;
use pathproof::id::Id;
use pathproof::model::Endpoint;
use pathproof::scenario::{Files, load};
use pathproof::space::{Action, List, Match, Packet, Protocol, Set, Space};
use pathproof::verify::{Budget, Summary, party_of, run};
use std::hint::black_box;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn permitted(space: &mut Space, rules: &[(Match, Action)]) -> Set {
    let list = space.list(rules);
    space.permitted(list)
}

fn build(criterion: &mut Criterion) {
    let cases = [
        ("group list, 100 rules", group(1, 100)),
        ("group list, 1000 rules", group(1, 1000)),
        ("list, 100 rules", rules(1, 100)),
        ("list, 1000 rules", rules(1, 1000)),
    ];
    for (name, rules) in &cases {
        let mut space = Space::new();
        let set = permitted(&mut space, rules);
        let (nodes, edges, rows) = (space.node_count(), space.edge_count(), space.rows(set).len());
        let _ = writeln!(
            std::io::stdout(),
            "{name}: {nodes} nodes, {edges} edges, {rows} rows permitted"
        );
        criterion.bench_function(&format!("permit set of a {name}"), |bencher| {
            bencher.iter_batched_ref(
                Space::new,
                |space| permitted(space, black_box(rules)),
                BatchSize::PerIteration,
            );
        });
        criterion.bench_function(&format!("permit set of a {name}, in used memory"), |bencher| {
            bencher.iter(|| {
                space.clear();
                permitted(&mut space, black_box(rules))
            });
        });
    }
}

fn intersect(criterion: &mut Criterion) {
    let mut space = Space::new();
    let lists: Vec<_> = (0..1001).map(|seed| rules(seed, 10)).collect();
    for rules in &lists {
        permitted(&mut space, rules);
    }
    let _ = writeln!(std::io::stdout(), "1001 lists of 10 rules: {} nodes", space.node_count());
    let fresh = || {
        let mut space = Space::new();
        let sets: Vec<Set> = lists.iter().map(|rules| permitted(&mut space, rules)).collect();
        (space, sets)
    };
    criterion.bench_function("1000 intersections of 10-rule lists", |bencher| {
        bencher.iter_batched_ref(
            fresh,
            |(space, sets)| sets.windows(2).map(|pair| space.intersection(pair[0], pair[1])).max(),
            BatchSize::PerIteration,
        );
    });
}

fn edit(criterion: &mut Criterion) {
    let old = rules(1, 1000);
    let mut new = old.clone();
    new[500] = rule(&mut Numbers(77));
    let fresh = || {
        let mut space = Space::new();
        let before = permitted(&mut space, &old);
        (space, before)
    };
    criterion.bench_function("1000-rule list again after one edited rule", |bencher| {
        bencher.iter_batched_ref(
            fresh,
            |(space, _)| permitted(space, &new),
            BatchSize::PerIteration,
        );
    });
    criterion.bench_function("difference after one edited rule of 1000", |bencher| {
        let fresh = || {
            let (mut space, before) = fresh();
            let after = permitted(&mut space, &new);
            (space, before, after)
        };
        bencher.iter_batched_ref(
            fresh,
            |(space, before, after)| {
                (space.difference(*before, *after), space.difference(*after, *before))
            },
            BatchSize::PerIteration,
        );
    });
}

fn ask(criterion: &mut Criterion) {
    let mut space = Space::new();
    let list: List = space.list(&rules(1, 1000));
    let set = space.permitted(list);
    let address = |offset| IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 | offset));
    let mut numbers = Numbers(5);
    let packets: Vec<Packet> = (0..1024)
        .map(|_| {
            let (source, destination) =
                (address(numbers.below(1 << 24)), address(numbers.below(64 << 8)));
            Packet::new(
                Protocol::TCP,
                (source, 40000),
                (destination, numbers.pick(&[22, 80, 443, 3306, 9000])),
            )
        })
        .collect();
    criterion.bench_function("witness of a 1000-rule list", |bencher| {
        bencher.iter(|| space.witness(black_box(set)));
    });
    let mut next = 0;
    criterion.bench_function("decision of a 1000-rule list for one packet", |bencher| {
        bencher.iter(|| {
            next = (next + 1) % packets.len();
            space.decision(black_box(list), &packets[next])
        });
    });
    criterion.bench_function("rows of a 1000-rule list", |bencher| {
        bencher.iter(|| space.rows(black_box(set)).len());
    });
    criterion.bench_function("count of a 1000-rule list", |bencher| {
        bencher.iter(|| space.count(black_box(set)));
    });
}

/// The shipped scenarios, by their paths from the top of the repository.
struct Shipped;

impl Files for Shipped {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
    }
}

impl Shipped {
    fn paths() -> Vec<String> {
        fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
            let entries = std::fs::read_dir(folder).expect("the shipped scenarios");
            for path in entries.map(|entry| entry.expect("an entry").path()) {
                if path.is_dir() {
                    walk(&path, found);
                } else if path.extension().is_some_and(|extension| extension == "ron") {
                    found.push(path);
                }
            }
        }
        let mut found = Vec::new();
        walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"), &mut found);
        found.sort();
        let relative = |path: &PathBuf| {
            let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).ok()?;
            path.to_str().map(str::to_owned)
        };
        found.iter().filter_map(relative).collect()
    }
}

/// A text that is every file.
struct Only(String);

impl Files for Only {
    fn read(&self, _: &str) -> io::Result<Vec<u8>> {
        Ok(self.0.clone().into_bytes())
    }
}

/// A scenario of one VPC with so many instances in subnets of 200 and ten groups of ten rules.
fn many(instances: u32) -> String {
    use std::fmt::Write;
    let (mut subnets, mut groups, mut machines) = (String::new(), String::new(), String::new());
    for subnet in 0..instances.div_ceil(200) {
        let _ = writeln!(
            subnets,
            "\"subnet-{subnet}\": (vpc: \"vpc-a\", cidr: \"10.1.{subnet}.0/24\"),"
        );
    }
    for group in 0..10 {
        let mut rules = String::new();
        for rule in 0..10 {
            let _ = write!(
                rules,
                "Accept(from: \"10.1.{rule}.0/24\", service: \"tcp:{}\"), ",
                8000 + 10 * group + rule
            );
        }
        let _ = writeln!(groups, "\"sg-{group}\": (ingress: [{rules}], egress: [Accept()]),");
    }
    for machine in 0..instances {
        let (subnet, host) = (machine / 200, 10 + machine % 200);
        let _ = writeln!(
            machines,
            "\"ins-{machine}\": (subnet: \"subnet-{subnet}\", ip: \"10.1.{subnet}.{host}\", \
             security_groups: [\"sg-{}\"]),",
            machine % 10
        );
    }
    format!(
        "Scenario(network: (\nvpcs: {{ \"vpc-a\": (region: \"ap-guangzhou\", cidr: \"10.1.0.0/16\") }},\n\
         subnets: {{\n{subnets}}},\nsecurity_groups: {{\n{groups}}},\ninstances: {{\n{machines}}},\n))\n"
    )
}

fn road(criterion: &mut Criterion) {
    let paths = Shipped::paths();
    let size = |path: &&String| Shipped.read(path).map_or(0, |bytes| bytes.len());
    let largest = paths.iter().max_by_key(size).expect("a scenario");
    let _ = writeln!(io::stdout(), "largest shipped scenario: {largest}");
    criterion.bench_function("load the largest shipped scenario", |bencher| {
        bencher.iter(|| load(black_box(largest), &Shipped));
    });
    let thousand = Only(many(1000));
    criterion.bench_function("load 1000 instances", |bencher| {
        bencher.iter(|| load(black_box("many.ron"), &thousand));
    });
    let network = |path: &str, files: &dyn Files| {
        let loaded = load(path, files);
        Arc::new(loaded.scenario.expect("a scenario").network)
    };
    let estate = network("scenarios/estate/today.ron", &Shipped);
    let thousand = network("many.ron", &thousand);
    for (name, network) in [("the estate", &estate), ("1000 instances", &thousand)] {
        criterion.bench_function(&format!("compile {name}"), |bencher| {
            bencher.iter(|| Fabric::new(Arc::clone(network)));
        });
    }
    let fabric = Fabric::new(estate);
    let party = |endpoint| party_of(&fabric, &endpoint).expect("somebody of the estate");
    let from = party(Endpoint::Instance(Id::from("ins-app-1")));
    let to = party(Endpoint::Database(Id::from("cdb-orders")));
    let address = |text: &str| text.parse::<IpAddr>().expect("an address");
    let packet =
        Packet::new(Protocol::TCP, (address("10.8.3.10"), 40000), (address("10.8.4.20"), 3306));
    criterion.bench_function("trace one packet of the estate", |bencher| {
        bencher.iter(|| trace(&fabric, from, to, black_box(packet)));
    });
    criterion.bench_function("check all shipped scenarios", |bencher| {
        bencher.iter(|| {
            let mut summary = Summary::default();
            for path in &paths {
                summary.add(&run(path, load(path, &Shipped), "2026-01-01", Budget::default()));
            }
            assert!(summary.is_good(), "{summary:?}");
            summary
        });
    });
}

criterion_group!(engine, build, intersect, edit, ask, road);
criterion_main!(engine);
