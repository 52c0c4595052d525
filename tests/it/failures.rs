//! `failures` leaves out what a failure cannot touch and tries one of many that are alike: what it tells is what judging
//! everything again after every failure tells.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pathproof::cli::generate::scenario;
use pathproof::diagnostic::Span;
use pathproof::engine::Reacher;
use pathproof::fabric::Fabric;
use pathproof::generate::{Options, Shape};
use pathproof::model::failure::failures;
use pathproof::model::{Failure, Network, apply};
use pathproof::query::{During, Expectation, Selector, Traffics, Verdict, Want};
use pathproof::scenario::{Files, Origins, Planned, load};
use pathproof::verify::{
    AtOnce, Budget, ExpectationReport, Outcome, Situation, Sweep, judge, sweep,
};

use crate::random::{self, Dice};
use crate::shipped::{loaded, scenarios};

const TODAY: &str = "2026-01-01";

/// What fails, by name, and the promise that breaks, by position, with its verdict and reasons then.
type Told = BTreeSet<(Vec<String>, usize, String)>;

/// Why a promise does not hold.
fn why(report: &ExpectationReport) -> String {
    let Some(found) = &report.found else {
        return String::new();
    };
    let codes: BTreeSet<&str> = found.reasons.iter().map(|it| it.cause.code.name()).collect();
    format!("{} {codes:?}", found.verdict.name())
}

fn situation(network: &Arc<Network>) -> Situation {
    Situation::new(Arc::clone(network), Arc::new(Origins::default()))
}

/// What a sweep tells.
fn swept(network: &Arc<Network>, promises: &[Planned<Expectation>], at_once: AtOnce) -> Told {
    let found = sweep(
        &Sweep {
            situation: &situation(network),
            expectations: promises.iter().collect(),
            today: TODAY,
            budget: Budget::NONE,
            at_once,
            has: &|_| true,
        },
        |_, _| (),
    );
    let mut told = Told::new();
    for broken in &found.broken {
        let down = broken.down.iter().map(|at| found.failures[*at].name.to_string());
        let down: Vec<String> = down.collect();
        for (promise, report) in &*broken.breaks {
            let line = (down.clone(), *promise, why(report));
            assert!(told.insert(line), "told twice");
        }
    }
    told
}

/// Which promises hold in a network: everything judged, one by one.
fn held(network: &Arc<Network>, promises: &[Planned<Expectation>]) -> Vec<(Outcome, String)> {
    let fabric = Fabric::new(Arc::clone(network));
    let mut reacher = Reacher::new(&fabric);
    let outcomes = promises.iter().map(|promise| {
        let report = judge(&mut reacher, &promise.value, promise.span, TODAY);
        (report.outcome, why(&report))
    });
    outcomes.collect()
}

/// What breaks, told by judging everything again after every failure, and after every two.
fn judged(network: &Arc<Network>, promises: &[Planned<Expectation>], at_once: AtOnce) -> Told {
    let before = held(network, promises);
    let all = failures(network);
    let broken = |down: &[&Failure]| -> BTreeMap<usize, String> {
        let after = down.iter().fold((**network).clone(), |network, failure| {
            apply(&network, &failure.change).expect("what is up can fail")
        });
        let after = held(&Arc::new(after), promises);
        let both = before.iter().zip(&after).enumerate();
        let broken =
            both.filter(|(_, (before, after))| before.0 == Outcome::Pass && !after.0.is_good());
        broken.map(|(promise, (_, after))| (promise, after.1.clone())).collect()
    };
    let alone: Vec<BTreeMap<usize, String>> = all.iter().map(|one| broken(&[one])).collect();
    let mut told = Told::new();
    for (one, own) in all.iter().zip(&alone) {
        told.extend(
            own.iter().map(|(promise, why)| (vec![one.name.to_string()], *promise, why.clone())),
        );
    }
    if at_once == AtOnce::One {
        return told;
    }
    for (first, one) in all.iter().enumerate() {
        for (second, two) in all.iter().enumerate().skip(first + 1) {
            let more = broken(&[one, two]);
            let more = more.iter().filter(|(promise, _)| {
                !alone[first].contains_key(promise) && !alone[second].contains_key(promise)
            });
            let down = vec![one.name.to_string(), two.name.to_string()];
            told.extend(more.map(|(promise, why)| (down.clone(), *promise, why.clone())));
        }
    }
    told
}

/// Promises about a random network, of ends and of sets of them; each says what is so.
fn promises(network: &Arc<Network>, seed: u64) -> Vec<Planned<Expectation>> {
    let mut dice = Dice::new(seed ^ 0x0f41).split();
    let ids = |ids: Vec<&pathproof::id::Id>| -> Vec<Selector> {
        ids.into_iter().map(|id| Selector::Id(id.clone())).collect()
    };
    let stocks = [
        ids(network.instances.keys().collect()),
        ids(network.classic_instances.keys().collect()),
        ids(network.vpcs.keys().chain(network.subnets.keys()).collect()),
        ids(network.sites.keys().chain(network.load_balancers.keys()).collect()),
        vec![Selector::Internet],
    ];
    let fabric = Fabric::new(Arc::clone(network));
    let mut reacher = Reacher::new(&fabric);
    let mut made = Vec::new();
    for _ in 0..12 {
        let mut any = || -> Option<Selector> {
            let stock = dice.any(&stocks)?;
            dice.any(stock).cloned()
        };
        let (Some(from), Some(to)) = (any(), any()) else {
            continue;
        };
        let mut expectation = Expectation {
            name: None,
            from,
            from_text: String::new(),
            to,
            to_text: String::new(),
            traffic: Traffics::default(),
            service_text: String::new(),
            want: Want::Reachable,
            because: None,
            via: Vec::new(),
            not_via: Vec::new(),
            waive: None,
            during: During::default(),
        };
        let span = Span { file: 0, start: 0, end: 0 };
        let report = judge(&mut reacher, &expectation, span, TODAY);
        expectation.want = match report.found.map(|found| found.verdict) {
            Some(Verdict::Unreachable) => Want::Unreachable,
            Some(Verdict::Partial) => Want::Partial { works: None },
            _ => Want::Reachable,
        };
        made.push(Planned { value: expectation, span });
    }
    made
}

#[test]
fn in_random_networks_every_failure_breaks_what_judging_again_says() {
    let mut broken = 0;
    for seed in 0..20 {
        let network = Arc::new(random::network(seed));
        let promises = promises(&network, seed);
        let told = swept(&network, &promises, AtOnce::One);
        assert_eq!(told, judged(&network, &promises, AtOnce::One), "seed {seed}");
        broken += told.len();
    }
    assert!(broken > 30, "{broken}");
}

/// Scenarios in which something stands in for something else, and few things can fail.
const SPARE: [&str; 4] = [
    "scenarios/gateways/vpn-main-and-backup.ron",
    "scenarios/gateways/load-balancer-targets.ron",
    "scenarios/gateways/equal-routes.ron",
    "scenarios/gateways/nat-port-forwarding.ron",
];

#[test]
fn every_two_failures_break_what_judging_again_says_and_neither_alone_does() {
    let mut pairs = 0;
    let mut hold = |network: &Arc<Network>, promises: &[Planned<Expectation>], name: &str| {
        let told = swept(network, promises, AtOnce::Two);
        assert_eq!(told, judged(network, promises, AtOnce::Two), "{name}");
        pairs += told.iter().filter(|(down, ..)| down.len() == 2).count();
    };
    for path in SPARE {
        let scenario = loaded(path).scenario.expect("a scenario");
        hold(&Arc::new(scenario.network), &scenario.base, path);
    }
    let network = Arc::new(random::network(103));
    hold(&network, &promises(&network, 103), "a random network");
    assert!(pairs > 0, "{pairs}");
}

#[test]
fn in_every_shipped_scenario_every_failure_breaks_what_judging_again_says() {
    let mut broken = 0;
    for path in
        scenarios("scenarios/gateways").into_iter().chain(scenarios("scenarios/classic-link"))
    {
        let scenario = loaded(&path).scenario.expect("a scenario");
        let network = Arc::new(scenario.network);
        let told = swept(&network, &scenario.base, AtOnce::One);
        assert_eq!(told, judged(&network, &scenario.base, AtOnce::One), "{path}");
        broken += told.len();
    }
    assert!(broken > 100, "{broken}");
}

#[test]
fn in_a_generated_region_every_failure_breaks_what_judging_again_says() {
    let options =
        Options { instances: 150, vpcs: 3, groups: 8, seed: 3, shape: Shape::Mixed, singles: 100 };
    let (text, _) = scenario(&options).expect("such a network");
    let loaded = load("region.ron", &Text(text));
    let scenario = loaded.scenario.expect("a scenario");
    let network = Arc::new(scenario.network);
    let told = swept(&network, &scenario.base, AtOnce::One);
    let expected = judged(&network, &scenario.base, AtOnce::One);
    assert_eq!(told, expected);
    assert!(told.len() > 10, "{}", told.len());
}

struct Text(String);

impl Files for Text {
    fn read(&self, _path: &str) -> std::io::Result<Vec<u8>> {
        Ok(self.0.clone().into())
    }
}
