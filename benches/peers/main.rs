//! The packet algebra beside libraries that others wrote, in one run: `oxidd` and `biodivine-lib-bdd`, binary decision
//! diagrams both.
//!
//! All get the same lists, of IPv4 packets, as the sets that they make best of them: pathproof its rules, the others
//! patterns of bits, prepared before anything is timed. Before that they must agree: on random packets with each other
//! and with the rules read one by one, and in how many packets there are in a set. Engines that remember results
//! forget them before each timing and keep their memory.
//!
//! Which order of fields is best for diagrams of bits is printed first; pathproof's is fixed (addresses first).

mod agree;
mod biodivine;
mod bits;
mod engine;
mod idd;
#[path = "../lists/mod.rs"]
mod lists;
mod orders;
mod oxidd_engine;

use std::hint::black_box;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main};
use pathproof::space::AddressSet;

use agree::Engines;
use biodivine::Biodivine;
use engine::{Engine, Tree, Written};
use idd::Idd;
use lists::{Numbers, group, rule, rules};
use orders::{
    AddressesFirst, DestinationFirst, Layout, ServicesFirst, ServicesInside,
    ServicesThenDestination, SourceLast,
};
use oxidd_engine::Oxidd;

/// The order in which each builds fastest; services first is the smallest for both, as [`orders`] shows. `oxidd` with
/// complement edges is no faster and hardly smaller, and lists that are folded rule by rule are built more slowly by all.
type BestOxidd = Oxidd<DestinationFirst>;
type BestBiodivine = Biodivine<ServicesFirst>;

/// So many lists are met with their neighbours.
const SMALL_LISTS: u64 = 1001;

fn is_trial() -> bool {
    std::env::args().any(|argument| argument == "--test")
}

fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Without IPv6, which the others would need more bits for.
fn only_v4(mut written: Written) -> Written {
    let v4 =
        |set: Option<Arc<AddressSet>>| Some(set.unwrap_or_else(|| Arc::new(AddressSet::any_v4())));
    written.0.source = v4(written.0.source);
    written.0.destination = v4(written.0.destination);
    written
}

fn all_v4(list: Vec<Written>) -> Vec<Written> {
    list.into_iter().map(only_v4).collect()
}

/// The lists that are built, by name.
fn lists() -> Vec<(&'static str, Vec<Written>)> {
    vec![
        ("100 rules", all_v4(rules(1, 100))),
        ("1000 rules", all_v4(rules(1, 1000))),
        ("1000 rules of a group", all_v4(group(1, 1000))),
    ]
}

/// Edits of a list: another rule at a random place.
fn edits(list: &[Written]) -> Vec<(usize, Written)> {
    let mut numbers = Numbers(77);
    let count = u32::try_from(list.len()).unwrap_or(u32::MAX);
    let edit = |_| {
        let at = numbers.below(count) as usize;
        (at, only_v4(rule(&mut numbers)))
    };
    (0..16).map(edit).collect()
}

fn prepared<E: Engine>(list: &[Written]) -> Vec<E::Rule> {
    list.iter().map(E::prepare).collect()
}

/// The sum of so many timings, each on an engine that remembers nothing.
fn timed<E: Engine, S, T>(
    engine: &mut E,
    times: u64,
    before: impl Fn(&mut E) -> S,
    work: impl Fn(&mut E, &S, u64) -> T,
) -> Duration {
    let mut sum = Duration::ZERO;
    let mut ready = None;
    for turn in 0..times {
        if E::REMEMBERS {
            drop(ready.take());
            engine.forget();
        }
        let ready = ready.get_or_insert_with(|| before(engine));
        let start = Instant::now();
        let done = black_box(work(engine, ready, turn));
        sum += start.elapsed();
        drop(done);
    }
    sum
}

fn build<E: Engine>(rows: &mut BenchmarkGroup<'_, WallTime>) {
    for (name, list) in lists() {
        let (mut engine, list) = (E::new(), prepared::<E>(&list));
        let set = engine.build(&list);
        let size = engine.size(&set);
        drop(set);
        let per_rule = size.bytes / list.len();
        say(&format!(
            "{}, {name}: {} nodes, {} bytes, {per_rule} a rule",
            E::NAME,
            size.nodes,
            size.bytes
        ));
        rows.bench_function(format!("build {name}/{}", E::NAME), |bencher| {
            bencher.iter_custom(|times| {
                let build = |engine: &mut E, (): &(), _| engine.build(black_box(&list));
                timed(&mut engine, times, |_| (), build)
            });
        });
    }
}

fn intersect<E: Engine>(rows: &mut BenchmarkGroup<'_, WallTime>) {
    let lists = (0..SMALL_LISTS).map(|seed| prepared::<E>(&all_v4(rules(seed, 10))));
    let lists: Vec<Vec<E::Rule>> = lists.collect();
    let mut engine = E::new();
    let sets =
        |engine: &mut E| -> Vec<E::Set> { lists.iter().map(|list| engine.build(list)).collect() };
    rows.bench_function(
        format!("1000 intersections of lists of 10 rules/{}", E::NAME),
        |bencher| {
            bencher.iter_custom(|times| {
                timed(&mut engine, times, sets, |engine, sets, _| -> Vec<E::Set> {
                    let pairs = sets.windows(2);
                    pairs.map(|pair| engine.intersection(&pair[0], &pair[1])).collect()
                })
            });
        },
    );
}

fn edit<E: Engine>(rows: &mut BenchmarkGroup<'_, WallTime>) {
    let list = all_v4(rules(1, 1000));
    let edits: Vec<(usize, E::Rule)> =
        edits(&list).iter().map(|(at, rule)| (*at, E::prepare(rule))).collect();
    let list = prepared::<E>(&list);
    let chosen = |turn: u64| &edits[usize::try_from(turn).unwrap_or(0) % edits.len()];
    let both_ways = |engine: &mut E, before: &E::Set, after: &E::Set| {
        (engine.difference(before, after), engine.difference(after, before))
    };
    let mut engine = E::new();
    let before = |engine: &mut E| {
        let tree = Tree::new(engine, &list);
        let set = tree.permitted(engine);
        (tree, set)
    };
    rows.bench_function(
        format!("edit 1 rule of 1000, and the difference/{}", E::NAME),
        |bencher| {
            bencher.iter_custom(|times| {
                timed(&mut engine, times, before, |engine, (tree, set), turn| {
                    let (at, rule) = chosen(turn);
                    let after = tree.edited(engine, *at, rule);
                    both_ways(engine, set, &after)
                })
            });
        },
    );
    let before = |engine: &mut E| {
        let (tree, set) = before(engine);
        let edited = edits.iter().map(|(at, rule)| tree.edited(engine, *at, rule));
        let edited: Vec<E::Set> = edited.collect();
        (tree, set, edited)
    };
    rows.bench_function(format!("the difference alone/{}", E::NAME), |bencher| {
        bencher.iter_custom(|times| {
            timed(&mut engine, times, before, |engine, (_, set, edited), turn| {
                let at = usize::try_from(turn).unwrap_or(0) % edited.len();
                both_ways(engine, set, &edited[at])
            })
        });
    });
}

fn ask<E: Engine>(rows: &mut BenchmarkGroup<'_, WallTime>) {
    let mut engine = E::new();
    let set = engine.build(&prepared::<E>(&all_v4(rules(1, 1000))));
    rows.bench_function(format!("a packet of 1000 rules/{}", E::NAME), |bencher| {
        bencher.iter(|| engine.witness(black_box(&set)));
    });
}

/// What lists take in an order of fields.
fn order<L: Layout>() {
    let lists = lists();
    let lists = if is_trial() { &lists[..1] } else { &lists[1..] };
    for (name, list) in lists {
        let told = [told::<Oxidd<L>>(list), told::<Biodivine<L>>(list)];
        say(&format!("{}, {name}: {}", L::NAME, told.join(", ")));
    }
}

fn told<E: Engine>(list: &[Written]) -> String {
    let (mut engine, list) = (E::new(), prepared::<E>(list));
    let start = Instant::now();
    let set = engine.build(&list);
    let elapsed = start.elapsed();
    let nodes = engine.size(&set).nodes;
    format!("{} {nodes} nodes in {elapsed:.0?}", E::NAME)
}

fn orders() {
    order::<AddressesFirst>();
    order::<DestinationFirst>();
    order::<ServicesFirst>();
    order::<ServicesThenDestination>();
    order::<ServicesInside>();
    order::<SourceLast>();
}

/// Holds the engines to each other; a figure of engines that do different work would mean nothing.
fn hold() {
    let mut engines = Engines::new();
    for (name, list) in lists() {
        engines.agree(&list, 4096);
        say(&format!("all agree on {name}"));
    }
    for seed in 0..SMALL_LISTS {
        engines.agree(&all_v4(rules(seed, 10)), 16);
    }
    let list = all_v4(rules(1, 1000));
    engines.agree_on_edits(&list, &edits(&list), 1024);
    say("all agree on the small lists and on the edits");
}

fn rows<E: Engine>(criterion: &mut Criterion) {
    let mut rows = criterion.benchmark_group("peers");
    rows.sample_size(20);
    build::<E>(&mut rows);
    intersect::<E>(&mut rows);
    edit::<E>(&mut rows);
    ask::<E>(&mut rows);
    rows.finish();
}

fn peers(criterion: &mut Criterion) {
    orders();
    hold();
    rows::<Idd>(criterion);
    rows::<BestOxidd>(criterion);
    rows::<BestBiodivine>(criterion);
}

criterion_group!(benches, peers);
criterion_main!(benches);
