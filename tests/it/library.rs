//! The scenarios that come with pathproof: each holds, each teaches, and who reaches whom in each is a snapshot.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use pathproof::engine::Reacher;
use pathproof::fabric::Fabric;
use pathproof::id::Id;
use pathproof::model::{Kind, Network};
use pathproof::query::{Selector, Traffics, Verdict};
use pathproof::render::rule::services;
use pathproof::verify::{self, Budget, Outcome, Selection, Side, Summary, answer, select};

use crate::shipped::{loaded, scenarios};

/// Scenarios that expect nothing: they are only included by others.
const INCLUDED: &str = "/common/";

#[test]
fn every_shipped_scenario_holds() {
    let mut total = Summary::default();
    for path in scenarios("scenarios") {
        let report = verify::run(&path, loaded(&path), "2026-01-01", Budget::default());
        let mut summary = Summary::default();
        summary.add(&report);
        let failed: Vec<_> = report
            .expectations()
            .filter(|(_, report)| report.outcome != Outcome::Pass)
            .map(|(stage, report)| (&stage.name, &report.expectation, &report.notes))
            .collect();
        assert!(
            failed.is_empty() && report.usable(),
            "{path}: {failed:#?} {:#?}",
            report.diagnostics
        );
        let asks = !path.contains(INCLUDED);
        assert_eq!(summary.is_good(), asks, "{path} asks something, or is only included");
        total.add(&report);
    }
    assert!(total.is_good() && total.expectations > 700, "{total:?}");
}

#[test]
fn every_shipped_scenario_opens_with_words_that_teach() {
    for path in scenarios("scenarios") {
        let loaded = loaded(&path);
        let source = loaded.sources.iter().find(|source| source.path == path);
        let text = &source.expect("its own text").text;
        let opening: Vec<&str> = text.lines().take_while(|line| line.starts_with("//")).collect();
        let words = opening.join(" ").split_whitespace().count();
        assert!(opening.len() >= 2 && words >= 15, "{path}: {opening:?}");
        let name = loaded.scenario.expect("a scenario").name;
        assert!(name.is_some() || path.contains(INCLUDED), "{path} has no name");
    }
}

#[test]
fn who_reaches_whom_in_every_shipped_scenario() {
    let tables = scenarios("scenarios").into_iter().map(|path| {
        let loaded = loaded(&path);
        let included = loaded.sources.iter().map(|source| source.path.clone());
        let included: Vec<String> = included.filter(|other| *other != path).collect();
        let network = loaded.scenario.expect("a scenario").network;
        (path, (included, who_reaches_whom(network)))
    });
    let tables: BTreeMap<String, (Vec<String>, String)> = tables.collect();
    for (path, (included, table)) in &tables {
        // The snapshot of an included file says the same.
        let told =
            |other| tables.get(other).is_some_and(|(_, theirs): &(_, String)| theirs == table);
        if included.iter().any(told) {
            continue;
        }
        let name = path.trim_start_matches("scenarios/").trim_end_matches(".ron");
        insta::with_settings!({
            snapshot_path => "snapshots/reach",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(name.replace('/', "__"), table);
        });
    }
}

/// What works from one endpoint to another: `tcp:22,443 icmp`, or nothing. `in part` = nothing works for every source
/// port, address and way, and something does for some.
type Works = String;

/// Who reaches whom with what, source ports 1024 to 65535. Endpoints that behave alike share a block.
fn who_reaches_whom(network: Network) -> String {
    let ends = endpoints(&network);
    let fabric = Fabric::new(Arc::new(network));
    let mut reacher = Reacher::new(&fabric);
    let side = |side| -> Vec<Selection> {
        ends.iter().map(|(_, selector)| select(&fabric, selector, side)).collect()
    };
    let (senders, receivers) = (side(Side::From), side(Side::To));
    let mut table: Vec<Vec<Works>> = Vec::new();
    for from in &senders {
        let row = receivers.iter().map(|to| works(&mut reacher, from, to));
        table.push(row.collect());
    }
    let names: Vec<&str> = ends.iter().map(|(name, _)| name.as_str()).collect();
    let mut text = String::new();
    let mut silent = Vec::new();
    for block in alike(&table) {
        let one = block[0];
        let members: Vec<&str> = block.iter().map(|index| names[*index]).collect();
        let mut reached: BTreeMap<&Works, Vec<&str>> = BTreeMap::new();
        for (to, works) in table[one].iter().enumerate() {
            if !block.contains(&to) && !works.is_empty() {
                reached.entry(works).or_default().push(names[to]);
            }
        }
        let among = block.get(1).map_or(&table[one][one], |two| &table[one][*two]);
        if reached.is_empty() && among.is_empty() {
            silent.extend(members);
            continue;
        }
        let _ = writeln!(text, "{}", folded(&members));
        if !among.is_empty() {
            let others = if block.len() > 1 { "each other" } else { "its own members" };
            let _ = writeln!(text, "  → {others}: {among}");
        }
        for (works, receivers) in reached {
            let _ = writeln!(text, "  → {}: {works}", folded(&receivers));
        }
    }
    if !silent.is_empty() {
        let _ = writeln!(text, "reaching nobody: {}", folded(&silent));
    }
    text
}

/// Everybody who can be an end of a connection, in the order of the file, the Internet last.
fn endpoints(network: &Network) -> Vec<(String, Selector)> {
    let is_end = |kind: Kind| {
        matches!(
            kind,
            Kind::Instance
                | Kind::InstanceGroup
                | Kind::NetworkInterface
                | Kind::HaVip
                | Kind::Database
                | Kind::LoadBalancer
                | Kind::EndpointConnection
                | Kind::VpcEndpoint
                | Kind::ClassicInstance
                | Kind::ClassicDatabase
                | Kind::ClassicLoadBalancer
                | Kind::Site
        )
    };
    let ids = network.ids().filter(|(_, kind)| is_end(*kind));
    let named = ids.map(|(id, _): (&Id, _)| (id.to_string(), Selector::Id(id.clone())));
    let internet = ("internet".to_owned(), Selector::Internet);
    named.chain([internet]).collect()
}

fn works(reacher: &mut Reacher<'_>, from: &Selection, to: &Selection) -> Works {
    let answer = answer(reacher, from, to, &Traffics::default());
    let services = services(&answer.works).join(" ");
    match answer.verdict {
        _ if answer.vacuous => String::new(),
        Verdict::Unreachable => String::new(),
        Verdict::Reachable => "everything".to_owned(),
        Verdict::Undetermined if services.is_empty() => "not known".to_owned(),
        Verdict::Undetermined => format!("{services}, the rest is not known"),
        Verdict::Partial if services.is_empty() => "in part".to_owned(),
        Verdict::Partial => services,
    }
}

/// Groups those that reach the same others and each other alike, in order.
fn alike(table: &[Vec<Works>]) -> Vec<Vec<usize>> {
    let same = |a: usize, b: usize| {
        let mut others = (0..table.len()).filter(|other| *other != a && *other != b);
        table[a][b] == table[b][a] && others.all(|other| table[a][other] == table[b][other])
    };
    let mut blocks: Vec<Vec<usize>> = Vec::new();
    for index in 0..table.len() {
        let one_of = |block: &&mut Vec<usize>| {
            block.iter().all(|other| same(*other, index))
                && (block.len() < 2 || table[block[0]][block[1]] == table[block[0]][index])
        };
        match blocks.iter_mut().find(one_of) {
            Some(block) => block.push(index),
            None => blocks.push(vec![index]),
        }
    }
    blocks
}

/// Names in a line; runs of numbered ones as `ins-1 … ins-100`.
fn folded(names: &[&str]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut rest = names;
    while let Some(first) = rest.first() {
        let run = run(rest);
        if run > 3 {
            parts.push(format!("{first} … {}", rest[run - 1]));
            rest = &rest[run..];
        } else {
            parts.push((*first).to_owned());
            rest = &rest[1..];
        }
    }
    parts.join(", ")
}

/// How many names count on from the first.
fn run(names: &[&str]) -> usize {
    let numbered = |name: &str| {
        let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let number: Option<u32> = name[stem.len()..].parse().ok();
        number.map(|number| (stem.to_owned(), number))
    };
    let mut next = numbered(names[0]);
    let counts_on = names.iter().take_while(|name| {
        let found = numbered(name);
        let fits = found.is_some() && found == next;
        next = found.map(|(stem, number)| (stem, number + 1));
        fits
    });
    counts_on.count().max(1)
}
