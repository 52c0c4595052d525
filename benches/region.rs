//! What a whole region costs: loading it, one packet in it, everybody to everybody, and the exact difference that a change
//! makes.
//!
//! The regions are those of `pathproof generate` with seed 0; what is in each is printed first. With `-- --test` they are
//! smaller, so that the benches can be tried quickly.

mod regions;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::{self, Write};
use std::net::IpAddr;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use pathproof::cli::generate::scenario;
use pathproof::engine::{Crossing, Reacher, SpotIx, Spots, trace};
use pathproof::fabric::{Fabric, Party};
use pathproof::generate::{Options, Shape};
use pathproof::model::{Endpoint, Network};
use pathproof::query::Traffics;
use pathproof::space::{AddressSet, Packet, Protocol, Space};
use pathproof::verify::{
    Budget, By, Effort, Matrix, Request, Scope, difference, packets, party_of,
};
use rayon::prelude::*;

use regions::{Only, is_trial, loaded, situation};

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

fn network(text: &Only) -> Network {
    loaded(text).network
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
    for (name, text) in
        [("1M instances in groups", &million), ("100k instances one by one", &singles)]
    {
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
    verdicts(criterion, &fabric);
}

/// One packet after the other between random machines of one VPC, yes or no.
fn verdicts(criterion: &mut Criterion, fabric: &Fabric) {
    let groups = fabric.network.instance_groups.iter();
    let mut homes: BTreeMap<Option<u32>, Vec<(Party, IpAddr)>> = BTreeMap::new();
    for (id, group) in groups {
        let endpoint = Endpoint::GroupMember(id.clone(), group.ips.1);
        let party = party_of(fabric, &endpoint).expect("a resident");
        let resident = fabric.hosts.of(id.as_str()).expect("a resident");
        let home = homes.entry(fabric.vpc_of_resident(resident)).or_default();
        home.push((party, group.ips.1));
    }
    let homes: Vec<_> = homes.into_values().filter(|home| home.len() > 1).collect();
    // A multiplicative generator (MMIX): the same flows every time.
    let mut state = 1_u64;
    let mut below = |count: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(state >> 33).unwrap_or(0) % count
    };
    let flows: Vec<(Party, Party, Packet)> = (0..10_000)
        .map(|_| {
            let home = &homes[below(homes.len())];
            let (from, to) = (home[below(home.len())], home[below(home.len())]);
            let ports = (40_000, [22, 80, 443, 3306, 8080, 9100][below(6)]);
            let packet = Packet::new(Protocol::TCP, (from.1, ports.0), (to.1, ports.1));
            (from.0, to.0, packet)
        })
        .collect();
    let mut reacher = Reacher::new(fabric);
    let works = flows.iter();
    let works = works.filter(|(from, to, packet)| reacher.crosses(*from, *to, *packet).always);
    let _ = writeln!(io::stdout(), "{} of 10,000 flows work", works.count());
    let mut flow = flows.iter().cycle();
    criterion.bench_function("verdict of one packet among 1M instances", |bencher| {
        bencher.iter(|| {
            let (from, to, packet) = flow.next().expect("a flow");
            reacher.crosses(*from, *to, black_box(*packet))
        });
    });
}

/// A network with its classes of machines.
struct Estate {
    fabric: Arc<Fabric>,
    /// How many machines each class is.
    sizes: Vec<u128>,
    spots: Spots,
}

impl Estate {
    fn of(network: &Network) -> Self {
        let situation = situation(network.clone());
        let (fabric, classes) = (situation.fabric(), situation.classes());
        let spots = Spots::among(&fabric, &classes, |class| class.location.is_some());
        Self { fabric, sizes: classes.iter().map(|(_, class)| class.len()).collect(), spots }
    }

    /// What works between all pairs of classes of machines, exactly: how many pairs anything crosses between, counted with
    /// the number of their members.
    fn everybody(&self, spots: &[SpotIx]) -> u128 {
        let mut reacher = Reacher::new(&self.fabric);
        let any = AddressSet::any();
        let all = packets(&Traffics::default(), false);
        let all = reacher.space.cube(&any, &any, &all);
        let mut works = 0;
        for spot in spots {
            let senders = &self.spots.get(*spot).classes;
            reacher.crossings(
                &self.spots,
                (*spot, senders),
                all,
                &mut |_: &mut Reacher<'_>, to, crossing: Crossing<'_>| {
                    let receivers = &self.spots.get(to).classes;
                    let crosses = |index: usize| match crossing {
                        Crossing::Sets(sets) => sets[index] != Space::EMPTY,
                        Crossing::Works(works) => works[index].always != Space::EMPTY,
                        Crossing::Unclear => false,
                    };
                    let pairs = senders.iter().flat_map(|a| receivers.iter().map(move |b| (a, b)));
                    for (index, (a, b)) in pairs.enumerate() {
                        if crosses(index) {
                            works += self.sizes[a.0 as usize] * self.sizes[b.0 as usize];
                        }
                    }
                },
            );
        }
        works
    }
}

/// Everybody to everybody among the machines of regions of several sizes, on one core and on all.
fn machines(criterion: &mut Criterion) {
    let mut rows = criterion.benchmark_group("machines to machines");
    rows.sample_size(10);
    for (name, (instances, vpcs, groups)) in [
        ("1M instances", (1_000_000, 200, 8000)),
        ("a tenth of the instances", (100_000, 200, 8000)),
        ("a tenth of the classes", (100_000, 20, 800)),
    ] {
        let estate = Estate::of(&network(&region(instances, vpcs, groups, 2)));
        let spots: Vec<SpotIx> = estate.spots.iter().collect();
        let classes = spots.iter().map(|spot| estate.spots.get(*spot).classes.len());
        let classes: usize = classes.sum();
        let works = estate.everybody(&spots);
        let _ = writeln!(
            io::stdout(),
            "{name}: {classes} classes of machines in {} spots, {works} pairs of machines can open something",
            spots.len()
        );
        rows.bench_function(format!("{name}, one core"), |bencher| {
            bencher.iter(|| estate.everybody(&spots));
        });
        rows.bench_function(format!("{name}, all cores"), |bencher| {
            let share = spots.len().div_ceil(rayon::current_num_threads());
            bencher.iter(|| -> u128 {
                spots.par_chunks(share).map(|spots| estate.everybody(spots)).sum()
            });
        });
    }
    rows.finish();
}

/// One rule less in the first group whose loss anybody feels.
fn edited(network: &Network) -> Network {
    let mut after = network.clone();
    let group = after.security_groups.values_mut().find(|group| group.ingress.len() > 1);
    group.expect("a group of rules").ingress.remove(0);
    after
}

/// Everybody to everybody, and the exact difference that one rule makes: for what it can have touched, and for all pairs.
fn answers(criterion: &mut Criterion) {
    let network = network(&region(20_000, 20, 400, 2));
    let (old, new) = (situation(network.clone()), situation(edited(&network)));
    let matrix = Matrix::new(&old, By::Vpc, &Traffics::default(), Budget::NONE);
    let Effort { instances, classes, rules } = matrix.effort();
    let _ = writeln!(io::stdout(), "{instances} instances, {classes} classes, {rules} rules");
    let mut rows = criterion.benchmark_group("answers");
    rows.sample_size(10);
    rows.bench_function("everybody to everybody, by VPC, 20k instances", |bencher| {
        bencher.iter(|| {
            let mut told = 0;
            matrix.each_row(|row| told += row.cells.len());
            told
        });
    });
    let scopes = [("what it touches", Scope::Touched), ("every pair", Scope::Everything)];
    for (name, scope) in scopes {
        rows.bench_function(format!("difference of one rule, {name}, 20k instances"), |bencher| {
            let request = Request { scope, ..Request::default() };
            bencher.iter(|| difference(&old, &new, &request).pieces.len());
        });
    }
    rows.finish();
}

/// The exact difference that one rule makes in a region of 1M instances, both networks given as they are written.
fn what_if(criterion: &mut Criterion) {
    let network = network(&region(1_000_000, 200, 8000, 2));
    let after = edited(&network);
    let old = situation(network.clone());
    let (instances, classes) = {
        let classes = old.classes();
        let sizes = classes.iter().map(|(_, class)| class.len());
        (sizes.sum::<u128>(), classes.len())
    };
    let _ = writeln!(io::stdout(), "{instances} instances, {classes} classes");
    let mut rows = criterion.benchmark_group("what if");
    rows.sample_size(10);
    rows.bench_function(
        "difference of one rule, 1M instances, the old network compiled",
        |bencher| {
            bencher.iter(|| {
                difference(&old, &situation(after.clone()), &Request::default()).pieces.len()
            });
        },
    );
    rows.finish();
}

criterion_group!(region_benches, regions, machines, answers, what_if);
criterion_main!(region_benches);
