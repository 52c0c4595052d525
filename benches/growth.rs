//! How the costs grow with the network: one table, a column a size, a row a command or a part of one.
//!
//! ```console
//! $ cargo bench --bench growth -- --most 1000000
//! ```
//!
//! Commands are run as a user runs them, from the text, each once; what is in brackets is the most memory that the process
//! had (Linux tells). Parts are called from the library, the best of three, and edits one after the other. A row ends where the
//! last size took longer than `--patience` seconds; `--only TEXT` takes some rows. With `--test` there are two small sizes, to try it.

mod regions;

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use pathproof::cli::generate::scenario;
use pathproof::engine::{Crossing, Reacher, SpotIx, Spots};
use pathproof::fabric::Fabric;
use pathproof::generate::{Options, Shape};
use pathproof::model::Network;
use pathproof::mutate::{Mutant, Suite, things};
use pathproof::query::Traffics;
use pathproof::scenario::Scenario;
use pathproof::space::{AddressSet, Space};
use pathproof::verify::{Budget, Depth, Request, Situation, difference, packets};

use regions::{Only, is_trial, loaded, situation};

/// A region of `pathproof generate`, as a file.
struct Region {
    name: String,
    path: PathBuf,
    text: Only,
}

impl Region {
    /// Quotas bound groups and machines of a VPC: both grow with it.
    fn of(instances: u32, singles: u32, folder: &Path) -> Self {
        let options = Options {
            instances,
            vpcs: (instances / 5000).max(1),
            groups: (instances / 125).max(8),
            seed: 0,
            shape: Shape::Mixed,
            singles,
        };
        let (text, _) = scenario(&options).expect("a region");
        let name = match instances {
            0..1_000_000 => format!("{}k", instances / 1000),
            _ => format!("{}M", instances / 1_000_000),
        };
        let kind = if singles == 100 { "singly" } else { "groups" };
        let path = folder.join(format!("{name}-{kind}.ron"));
        fs::write(&path, &text).expect("a file");
        Self { name, path, text: Only(text) }
    }

    fn scenario(&self) -> Scenario {
        loaded(&self.text)
    }
}

/// What a row measures of a region.
type Measure = fn(&Region) -> (Duration, String);

/// The rows of the table.
const ROWS: &[(&str, Measure)] = &[
    ("load", |region| best(|| region.scenario())),
    ("compile", |region| {
        let network = Arc::new(region.scenario().network);
        best(|| Fabric::new(Arc::clone(&network)))
    }),
    ("everybody to everybody, one core", |region| {
        let situation = situation(region.scenario().network);
        best(|| everybody(&situation))
    }),
    ("one edit: p50 / p99 / most", edits),
    ("check", |region| run(region, &["check", "--quiet"], &[])),
    ("matrix --by vpc", |region| run(region, &["matrix"], &["--by", "vpc"])),
    ("matrix --by group", |region| run(region, &["matrix"], &["--by", "group"])),
    ("whatif, a rule", |region| {
        let change = rule_less(&region.scenario().network);
        run(region, &["whatif"], &["--change", &change])
    }),
    ("fix, a rule that is missing", |region| {
        let (from, to) = neighbours(&region.scenario().network);
        let asked = ["--from", &from, "--to", &to, "--service", "tcp:9999"];
        run(region, &["fix"], &asked)
    }),
    ("lint", |region| run(region, &["lint"], &[])),
    ("report", |region| {
        let page = region.path.with_extension("html");
        run(region, &["report"], &["-o", &page.to_string_lossy()])
    }),
    ("graph", |region| run(region, &["graph"], &["--format", "svg"])),
];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, otherwise: u64| {
        let mut pairs = arguments.windows(2);
        let given = pairs.find(|pair| pair[0] == name);
        given.map_or(otherwise, |pair| pair[1].parse().expect("a number"))
    };
    let most = number("--most", if is_trial() { 2000 } else { 1_000_000 });
    let mut pairs = arguments.windows(2);
    let only = pairs.find(|pair| pair[0] == "--only");
    let only = only.map_or("", |pair| pair[1].as_str());
    let patience = Duration::from_secs(number("--patience", 60));
    let sizes: &[u32] =
        if is_trial() { &[1000, 2000] } else { &[1000, 10_000, 100_000, 1_000_000, 3_000_000] };
    let folder = std::env::temp_dir().join(format!("pathproof-growth-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    for (kind, singles) in [("in groups", 2), ("one by one", 100)] {
        let sizes = sizes.iter().filter(|size| u64::from(**size) <= most);
        let regions: Vec<Region> = sizes.map(|size| Region::of(*size, singles, &folder)).collect();
        let names: Vec<&str> = regions.iter().map(|region| region.name.as_str()).collect();
        tell(&format!("\n| instances {kind} | {} |", names.join(" | ")));
        tell(&format!("|---|{}", "---|".repeat(names.len())));
        let rows = ROWS.iter().filter(|(row, _)| row.contains(only));
        for (row, measure) in rows {
            let mut line = format!("| {row} |");
            let mut last = Duration::ZERO;
            for region in &regions {
                let cell = if last > patience {
                    "–".to_owned()
                } else {
                    let (took, cell) = measure(region);
                    last = took;
                    cell
                };
                let _ = write!(line, " {cell} |");
            }
            tell(&line);
        }
    }
    fs::remove_dir_all(&folder).expect("a folder");
}

fn tell(line: &str) {
    writeln!(io::stdout(), "{line}").expect("a line");
}

/// `1.24 s`, `38 ms`, `12 µs`.
fn said(time: Duration) -> String {
    match time.as_secs_f64() {
        seconds if seconds >= 1.0 => format!("{seconds:.2} s"),
        seconds if seconds >= 0.001 => format!("{:.1} ms", seconds * 1e3),
        seconds => format!("{:.0} µs", seconds * 1e6),
    }
}

/// The best of three.
fn best<T>(work: impl Fn() -> T) -> (Duration, String) {
    let times = (0..3).map(|_| {
        let began = Instant::now();
        black_box(work());
        began.elapsed()
    });
    let best = times.min().unwrap_or_default();
    (best, said(best))
}

/// What works between all pairs of classes of machines, exactly.
fn everybody(situation: &Situation) -> usize {
    let (fabric, classes) = (situation.fabric(), situation.classes());
    let spots = Spots::among(&fabric, &classes, |class| class.location.is_some());
    let mut reacher = Reacher::new(&fabric);
    let all = packets(&Traffics::default(), false);
    let any = AddressSet::any();
    let all = reacher.space.cube(&any, &any, &all);
    let mut works = 0;
    for spot in spots.iter().collect::<Vec<SpotIx>>() {
        let own = (spot, &spots.get(spot).classes);
        reacher.crossings(
            &spots,
            (own.0, own.1),
            all,
            &mut |_: &mut Reacher<'_>, _, crossing: Crossing<'_>| {
                works += match crossing {
                    Crossing::Sets(sets) => sets.iter().filter(|set| **set != Space::EMPTY).count(),
                    Crossing::Works(all) => {
                        let mut all = all.iter().filter(|it| it.always != Space::EMPTY);
                        all.by_ref().count()
                    }
                    Crossing::Unclear => 0,
                };
            },
        );
    }
    works
}

/// Edits of every kind that `mutate` knows, spread over the network, each compared exactly with what it was.
fn edits(region: &Region) -> (Duration, String) {
    /// They end when they have taken so long together.
    const LONGEST: Duration = Duration::from_secs(30);
    let most = if is_trial() { 50 } else { 1000 };
    let scenario = region.scenario();
    let suite = Suite::new(&scenario, "2026-01-01", Budget::NONE);
    let base = suite.situation();
    let things = things(&scenario.network);
    let mutants: Vec<&Mutant> = things.iter().flat_map(|thing| &thing.mutants).collect();
    let step = (mutants.len() / most).max(1);
    let request = Request { depth: Depth::Packets, ..Request::default() };
    let began = Instant::now();
    let mut times = Vec::new();
    // The first one pays for what all of them stand on.
    for (index, mutant) in mutants.iter().step_by(step).take(most + 1).enumerate() {
        let start = Instant::now();
        if let Ok(after) = suite.mutated(&mutant.changes) {
            black_box(difference(&base, &after, &request).pieces.len());
            if index > 0 {
                times.push(start.elapsed());
            }
        }
        if began.elapsed() > LONGEST {
            break;
        }
    }
    times.sort_unstable();
    let at = |hundredth: usize| times[(times.len() - 1) * hundredth / 100];
    let told = [50, 99, 100].map(|hundredth| said(at(hundredth)));
    let told = format!("{} ({} edits)", told.join(" / "), times.len());
    // However long all of them took: one at the next size may be waited for.
    (at(99), told)
}

/// The change that takes the first rule away whose loss may be felt.
fn rule_less(network: &Network) -> String {
    let mut groups = network.security_groups.iter();
    let group = groups.find(|(_, group)| group.ingress.len() > 1);
    let (id, _) = group.expect("a group of rules");
    format!("DeleteSecurityGroupPolicies(security_group: \"{id}\", ingress: [0])")
}

/// Two members of one group of instances: nothing but rules is between them.
fn neighbours(network: &Network) -> (String, String) {
    let mut groups = network.instance_groups.iter();
    let group = groups.find(|(_, group)| group.ips.0 != group.ips.1);
    if let Some((id, group)) = group {
        return (format!("{id}[{}]", group.ips.0), format!("{id}[{}]", group.ips.1));
    }
    let mut ids = network.instances.keys();
    let mut next = || ids.next().map(ToString::to_string).unwrap_or_default();
    (next(), next())
}

/// Runs a command on a region: how long it took, and the most memory it had. What it finds does not matter here; that it could
/// be read does.
fn run(region: &Region, before: &[&str], after: &[&str]) -> (Duration, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pathproof"));
    command.args(before).arg(&region.path).args(after);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    let mut child = command.spawn().expect("the program");
    let mut most = 0;
    let status = loop {
        most = memory(child.id()).unwrap_or(most);
        if let Some(status) = child.try_wait().expect("a status") {
            break status;
        }
        sleep(Duration::from_millis(2));
    };
    let took = began.elapsed();
    assert!(
        matches!(status.code(), Some(0 | 1)),
        "{before:?} {after:?} of {}: {status}",
        region.name
    );
    (took, format!("{} ({} MB)", said(took), most >> 10))
}

/// The most memory that a process has had, in KiB.
fn memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
