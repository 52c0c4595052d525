//! Large pictures are folded: few blocks, nothing of what is asked about lost, everybody counted once.

use std::sync::Arc;

use pathproof::code::Language;
use pathproof::diagnostic::Sources;
use pathproof::generate::{Options, generate};
use pathproof::render::picture::{Line, Picture, Shape, View, layout};
use pathproof::scenario::{Origins, Scenario, load};
use pathproof::verify::{Budget, Situation, base};

use super::{One, asked, assert_clean, drawn, estate, random_situation, viewed};
use crate::shipped::{loaded, scenarios};

/// Endpoints and gateways that a picture tells of: its leaves, and what its folded blocks count.
fn told(picture: &Picture) -> usize {
    let blocks = picture.blocks.iter().enumerate();
    let leaves = blocks.filter(|(index, _)| picture.inside(Some(*index)).next().is_none());
    let counted = leaves.map(|(_, block)| {
        if block.shape.holds() {
            let lines = block.lines.iter().map(|line| line.text.as_str());
            lines.flat_map(|line| line.split(" · ")).map(number).sum()
        } else {
            block.ends
        }
    });
    counted.sum()
}

/// The number of leaves in `12 machines`; none in a line that counts nothing, or subnets and VPCs.
fn number(text: &str) -> usize {
    let kinds = ["machine", "database", "load balancer", "gateway", "link"];
    let (count, what) = text.split_once(' ').unwrap_or_default();
    let counts = kinds.iter().any(|kind| what.starts_with(kind));
    if counts { count.replace(',', "").parse().unwrap_or(0) } else { 0 }
}

fn sound(picture: &Picture) {
    assert_clean("folded", picture, &layout(picture, Budget::NONE.begin()));
    for (index, block) in picture.blocks.iter().enumerate() {
        assert!(block.parent.is_none_or(|parent| parent < index));
    }
    for wire in &picture.wires {
        let ends = picture.blocks.len();
        assert!(wire.from < ends && wire.to < ends && wire.from != wire.to);
    }
}

#[test]
fn a_network_of_twenty_thousand_machines_is_drawn_in_few_blocks_that_count_all() {
    let situation = estate(250, 80);
    let picture = viewed(&situation, None, Language::English, &View::Fitting);
    assert!(picture.blocks.len() <= 120, "{}", picture.blocks.len());
    assert_eq!(told(&picture), 250 * 80);
    sound(&picture);
}

#[test]
fn larger_ones_are_folded_by_vpcs_and_regions() {
    let options = Options {
        instances: 9_000,
        vpcs: 450,
        groups: 300,
        seed: 0,
        shape: pathproof::generate::Shape::default(),
        singles: 50,
    };
    let network = generate(&options).expect("a network").network;
    let situation = Situation::new(Arc::new(network), Arc::new(Origins::default()));
    let picture = viewed(&situation, None, Language::English, &View::Fitting);
    assert!(picture.blocks.len() <= 120, "{}", picture.blocks.len());
    assert!(picture.blocks.iter().any(|block| block.shape == Shape::Region));
}

#[test]
fn a_small_network_stays_as_it_is() {
    for path in scenarios("scenarios") {
        let situation = base(&loaded(&path).scenario.expect("a sound scenario"));
        let whole = drawn(&situation, None, Language::English);
        let folded = viewed(&situation, None, Language::English, &View::Fitting);
        assert_eq!(whole.blocks.len(), folded.blocks.len(), "{path}");
    }
}

#[test]
fn around_one_block_everything_is_drawn_or_counted() {
    for seed in 0..30 {
        let situation = random_situation(seed);
        let ids: Vec<_> = situation.network.instances.keys().take(1).collect();
        let Some(id) = ids.first() else { continue };
        let view = View::Around(vec![(*id).clone()]);
        let picture = viewed(&situation, None, Language::English, &view);
        // The same ends stand apart in both.
        let whole = drawn(&situation, None, Language::English);
        sound(&picture);
        assert!(picture.blocks.len() <= whole.blocks.len() + 1);
        let is_named = |line: &Line| line.text == id.as_str();
        let alone =
            |picture: &Picture| picture.blocks.iter().any(|it| it.lines.iter().any(is_named));
        assert!(alone(&picture), "seed {seed}: {id}");
        assert_eq!(told(&picture), told(&whole), "seed {seed}");
    }
}

#[test]
fn a_connection_through_a_large_network_keeps_its_way_and_every_blocker() {
    let (scenario, sources) = large();
    let situation = base(&scenario);
    let report = asked(&scenario, &sources).remove(0);
    let whole = viewed(&situation, Some(&report), Language::English, &View::Whole);
    let folded = viewed(&situation, Some(&report), Language::English, &View::Fitting);
    assert!(whole.blocks.len() > 60 && folded.blocks.len() < 20);
    let before = whole.journey.as_ref().expect("a journey");
    let after = folded.journey.as_ref().expect("a journey");
    assert_eq!(before.words, after.words);
    let stops = |picture: &Picture, stops: &[usize]| {
        let lines = |stop: &usize| picture.blocks[*stop].lines.clone();
        stops.iter().map(lines).collect::<Vec<_>>()
    };
    assert_eq!(stops(&whole, &before.stops), stops(&folded, &after.stops));
    assert_eq!(told(&folded), told(&whole));
    sound(&folded);
}

/// Seventy subnets, and one connection that a group refuses.
fn large() -> (Scenario, Sources) {
    let subnets = (0..70).map(|subnet| {
        format!("\"subnet-{subnet}\": (vpc: \"vpc-a\", cidr: \"10.1.{subnet}.0/24\"),")
    });
    let machines = (0..70).map(|subnet| {
        format!(
            "\"ins-{subnet}\": (subnet: \"subnet-{subnet}\", ip: \"10.1.{subnet}.10\", \
             security_groups: [\"sg\"]),"
        )
    });
    let text = format!(
        "(network: (vpcs: {{ \"vpc-a\": (region: \"ap-guangzhou\", cidr: \"10.1.0.0/16\") }}, \
         security_groups: {{ \"sg\": (egress: [Accept()]) }}, \
         subnets: {{ {} }}, instances: {{ {} }}), \
         expect: [Unreachable(from: \"ins-1\", to: \"ins-2\", service: \"tcp:80\")])",
        subnets.collect::<String>(),
        machines.collect::<String>()
    );
    let loaded = load("large.ron", &One(text));
    (loaded.scenario.expect("a sound scenario"), loaded.sources)
}
