//! Networks that have little in common, compared: nothing between them is unsound, and the differences obey the laws of
//! sets. `PATHPROOF_PAIRS=1000 cargo test between` compares more pairs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pathproof::generate::{Options, Shape, generate};
use pathproof::model::between::half_way;
use pathproof::model::{Endpoint, Key, Network, broken_references};
use pathproof::query::Turn;
use pathproof::scenario::Origins;
use pathproof::space::{Set, Space, Traffic};
use pathproof::verify::{Deed, Difference, Piece, Request, Situation, difference, differences};

use crate::random;
use crate::shipped::{loaded, scenarios};
use crate::three_voices::setting;

/// Pairs of random networks in an ordinary run.
const PAIRS: u64 = 4;

/// What `diff` asks.
fn compared(old: &Network, new: &Network) -> Difference {
    let parts = differences(old, new).into_iter();
    told(old, new, parts.map(|(part, _)| Deed::Parts(vec![part])).collect())
}

/// What works differently, and which of the deeds it is due to.
fn told(old: &Network, new: &Network, deeds: Vec<Deed>) -> Difference {
    let request = Request { deeds, ..Request::default() };
    let [old, new] = [old, new]
        .map(|network| Situation::new(Arc::new(network.clone()), Arc::new(Origins::default())));
    difference(&old, &new, &request)
}

/// A comparison with an empty network, there and back: all that is gained is lost again.
#[track_caller]
fn against_nothing(name: &str, network: &Network) {
    let empty = Network::default();
    let there = compared(&empty, network);
    let back = compared(network, &empty);
    assert!(there.exceeded.is_none() && back.exceeded.is_none(), "{name}");
    let lost = there.pieces.iter().find(|piece| piece.turn == Turn::Lost);
    let gained = back.pieces.iter().find(|piece| piece.turn == Turn::Gained);
    assert!(lost.is_none() && gained.is_none(), "{name}");
    assert_eq!(there.pieces.is_empty(), back.pieces.is_empty(), "{name}");
}

#[test]
fn every_shipped_network_is_compared_with_an_empty_one_and_back() {
    // Many files include one network.
    let mut seen: Vec<Network> = Vec::new();
    for path in scenarios("scenarios") {
        let network = loaded(&path).scenario.map(|scenario| scenario.network);
        if let Some(network) = network.filter(|network| !seen.contains(network)) {
            against_nothing(&path, &network);
            seen.push(network);
        }
    }
    assert!(seen.len() > 50, "{} networks", seen.len());
}

#[test]
fn every_generated_network_is_compared_with_an_empty_one_and_back() {
    let shapes = [Shape::Shared, Shape::Private, Shape::Mixed].into_iter();
    for (seed, shape) in (0..).zip(shapes) {
        let options = Options { instances: 12, vpcs: 2, groups: 4, seed, shape, singles: 2 };
        let generated = generate(&options).expect("such a network");
        against_nothing(&format!("{options:?}"), &generated.network);
    }
}

/// The part of a difference that two differences can be compared by: the packets of each pair of ends of which each has
/// one address or none. Members of groups and the Internet are told apart anew in each comparison.
fn sets(space: &mut Space, found: &Difference, turn: Turn) -> BTreeMap<(String, String), Set> {
    let mut sets = BTreeMap::new();
    let pieces = found.pieces.iter().filter(|piece| piece.turn == turn);
    for piece in pieces {
        let set = whole(space, piece);
        let plain = |end: &&Endpoint| {
            !matches!(end, Endpoint::GroupMember(..) | Endpoint::Internet | Endpoint::Site(_))
        };
        let ends = |crowd: &pathproof::verify::Crowd| {
            let who: Vec<Endpoint> = crowd.who.iter().map(|who| who.endpoint.clone()).collect();
            who.iter().filter(plain).map(ToString::to_string).collect::<BTreeSet<_>>()
        };
        let receivers = ends(&piece.to);
        for from in ends(&piece.from) {
            for to in receivers.iter().filter(|to| **to != from) {
                let known = sets.entry((from.clone(), to.clone())).or_insert(Space::EMPTY);
                *known = space.union(*known, set);
            }
        }
    }
    sets
}

fn whole(space: &mut Space, piece: &Piece) -> Set {
    let rows = piece.packets.iter();
    let rows: Vec<Set> = rows
        .map(|row| space.cube(&row.source, &row.destination, &Traffic::from(row.traffic.clone())))
        .collect();
    space.union_all(rows)
}

/// Holds sets of each pair of ends against what they should be; nothing is the empty set.
#[track_caller]
fn assert_equal(
    is: &BTreeMap<(String, String), Set>,
    should: impl Fn(&(String, String)) -> Set,
    all: &BTreeSet<(String, String)>,
    what: &str,
) {
    for pair in all {
        let is = is.get(pair).copied().unwrap_or(Space::EMPTY);
        assert_eq!(is, should(pair), "{what}: {pair:?}");
    }
}

#[test]
fn differences_of_random_pairs_mirror_and_compose() {
    let pairs = setting("PATHPROOF_PAIRS").unwrap_or(PAIRS);
    let mut turned = 0;
    for seed in 0..pairs {
        let networks = [seed, seed * 7 + 1, seed * 13 + 2].map(random::network);
        let [first, second, third] = &networks;
        let mut space = Space::new();
        let mut of_sets = |found: Difference| {
            assert!(found.exceeded.is_none(), "seed {seed}");
            [Turn::Gained, Turn::Lost].map(|turn| sets(&mut space, &found, turn))
        };
        let there = of_sets(compared(first, second));
        let back = of_sets(told(second, first, Vec::new()));
        let on = of_sets(told(second, third, Vec::new()));
        let across = of_sets(told(first, third, Vec::new()));
        let all = [&there, &back, &on, &across].into_iter().flatten();
        let all: BTreeSet<_> = all.flat_map(BTreeMap::keys).cloned().collect();
        turned += all.len();
        let of = |sets: &BTreeMap<_, Set>, pair: &(String, String)| {
            sets.get(pair).copied().unwrap_or(Space::EMPTY)
        };
        for turn in [0, 1] {
            let what = format!("seed {seed}: mirrored");
            assert_equal(&there[turn], |pair| of(&back[1 - turn], pair), &all, &what);
            let mut composed = BTreeMap::new();
            for pair in &all {
                let early = space.difference(of(&there[turn], pair), of(&on[1 - turn], pair));
                let late = space.difference(of(&on[turn], pair), of(&there[1 - turn], pair));
                composed.insert(pair.clone(), space.union(early, late));
            }
            let what = format!("seed {seed}: composed");
            assert_equal(&across[turn], |pair| of(&composed, pair), &all, &what);
        }
    }
    assert!(turned > 50, "{turned} pairs of ends differ");
}

#[test]
fn networks_half_way_refer_to_nothing_that_is_not_there() {
    let mut left = 0;
    for seed in 0..24u64 {
        let (old, new) = (random::network(seed), random::network(seed + 1000));
        let parts = differences(&old, &new);
        for which in 1..7 {
            let taken = parts.iter().enumerate();
            let taken = taken.filter(|(at, _)| (*at as u64 * which + seed) % 5 < 2);
            let taken: Vec<_> = taken.map(|(_, (part, _))| part.clone()).collect();
            let network = half_way(&old, &new, &taken);
            let mut broken = broken_references(&network);
            broken.retain(|one| !one.place.path.contains(&Key::Field("via")));
            assert!(broken.is_empty(), "seed {seed}: {broken:#?}");
            let mut seen = BTreeSet::new();
            assert!(network.ids().all(|(id, _)| seen.insert(id)), "seed {seed}");
            let done: BTreeSet<_> = differences(&old, &network).into_iter().collect();
            left += taken.len() - done.len();
        }
        let all: Vec<_> = parts.iter().map(|(part, _)| part.clone()).collect();
        assert_eq!(half_way(&old, &new, &all), new, "seed {seed}");
        assert_eq!(half_way(&old, &new, &[]), old, "seed {seed}");
    }
    assert!(left > 50, "{left} parts could not be taken alone");
}
