//! What a whole region costs: loading a million instances in instance groups, loading a hundred thousand that are written
//! one by one, and one packet in the former.
//!
//! The regions are those of `pathproof generate` with seed 0; what is in each is printed first. With `-- --test` they are
//! smaller, so that the benches can be tried quickly.

use std::hint::black_box;
use std::io::{self, Write};
use std::net::IpAddr;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use pathproof::cli::generate::scenario;
use pathproof::engine::trace;
use pathproof::fabric::{Fabric, Party};
use pathproof::generate::{Options, Shape};
use pathproof::model::{Endpoint, Network};
use pathproof::query::Traffics;
use pathproof::scenario::{Files, load};
use pathproof::space::{Packet, Protocol};
use pathproof::verify::{
    Budget, By, Effort, Matrix, Request, Scope, Situation, difference, party_of,
};

/// A text that is every file.
struct Only(String);

impl Files for Only {
    fn read(&self, _: &str) -> io::Result<Vec<u8>> {
        Ok(self.0.clone().into_bytes())
    }
}

/// The text of a region; a fiftieth of it when the benches are only tried.
fn region(instances: u32, vpcs: u32, groups: u32, singles: u32) -> Only {
    let part = if is_trial() { 50 } else { 1 };
    let options = Options {
        instances: instances / part,
        vpcs: vpcs.div_ceil(part),
        groups: groups / part,
        seed: 0,
        shape: Shape::Mixed,
        singles,
    };
    let (text, counts) = scenario(&options).expect("a region");
    let _ = writeln!(
        io::stdout(),
        "region of {} instances, {singles} % of the fleets written one by one: {} VPCs, {} groups, {} rules, {} bytes",
        counts.instances,
        counts.vpcs,
        counts.groups,
        counts.rules,
        text.len()
    );
    Only(text)
}

fn is_trial() -> bool {
    std::env::args().any(|argument| argument == "--test")
}

fn network(text: &Only) -> Network {
    let loaded = load("region.ron", text);
    loaded.scenario.expect("a scenario").network
}

fn compiled(text: &Only) -> Fabric {
    Fabric::new(Arc::new(network(text)))
}

/// A packet from a member of the first instance group to one of the second.
fn packet(fabric: &Fabric) -> (Party, Party, Packet) {
    let mut groups = fabric.network.instance_groups.iter();
    let mut end = || -> (Party, IpAddr) {
        let (id, group) = groups.next().expect("an instance group");
        let address = group.ips.0;
        let endpoint = Endpoint::GroupMember(id.clone(), address);
        (party_of(fabric, &endpoint).expect("a resident"), address)
    };
    let ((from, source), (to, destination)) = (end(), end());
    let packet = Packet::new(Protocol::TCP, (source, 40000), (destination, 9100));
    (from, to, packet)
}

fn regions(criterion: &mut Criterion) {
    let million = region(1_000_000, 200, 8000, 2);
    let singles = region(100_000, 40, 900, 100);
    let mut rows = criterion.benchmark_group("region");
    rows.sample_size(10);
    for (name, text) in [
        ("1M instances in groups", &million),
        ("100k instances one by one", &singles),
    ] {
        rows.bench_function(format!("text to compiled, {name}"), |bencher| {
            bencher.iter(|| compiled(black_box(text)));
        });
        let network = Arc::new(network(text));
        rows.bench_function(format!("compile, {name}"), |bencher| {
            bencher.iter(|| Fabric::new(Arc::clone(&network)));
        });
    }
    rows.finish();
    let fabric = compiled(&million);
    let (from, to, packet) = packet(&fabric);
    criterion.bench_function("trace one packet among 1M instances", |bencher| {
        bencher.iter(|| trace(&fabric, from, to, black_box(packet)));
    });
}

/// One rule less in the first group whose loss anybody feels.
fn edited(network: &Network) -> Network {
    let mut after = network.clone();
    let group = after
        .security_groups
        .values_mut()
        .find(|group| group.ingress.len() > 1);
    group.expect("a group of rules").ingress.remove(0);
    after
}

fn situation(network: &Network) -> Situation {
    Situation::new(Arc::new(network.clone()), Arc::default())
}

/// Everybody to everybody, and the exact difference that one rule makes: for what it can have touched, and for all pairs.
fn answers(criterion: &mut Criterion) {
    let network = network(&region(20_000, 20, 400, 2));
    let (old, new) = (situation(&network), situation(&edited(&network)));
    let matrix = Matrix::new(&old, By::Vpc, &Traffics::default(), Budget::NONE);
    let Effort {
        instances,
        classes,
        rules,
    } = matrix.effort();
    let _ = writeln!(
        io::stdout(),
        "{instances} instances, {classes} classes, {rules} rules"
    );
    let mut rows = criterion.benchmark_group("answers");
    rows.sample_size(10);
    rows.bench_function("everybody to everybody, by VPC, 20k instances", |bencher| {
        bencher.iter(|| {
            let mut told = 0;
            matrix.each_row(|row| told += row.cells.len());
            told
        });
    });
    let scopes = [
        ("what it touches", Scope::Touched),
        ("every pair", Scope::Everything),
    ];
    for (name, scope) in scopes {
        rows.bench_function(
            format!("difference of one rule, {name}, 20k instances"),
            |bencher| {
                let request = Request {
                    scope,
                    ..Request::default()
                };
                bencher.iter(|| difference(&old, &new, &request).pieces.len());
            },
        );
    }
    rows.finish();
}

criterion_group!(region_benches, regions, answers);
criterion_main!(region_benches);
