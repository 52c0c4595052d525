//! Classes and memory never change an answer: what is computed once for many, or was computed before an edit, is what
//! every single pair gets from nothing.

use std::sync::Arc;

use pathproof::engine::{ClassIx, Classes, Memory, Pair, Reacher};
use pathproof::fabric::{Fabric, Party};
use pathproof::model::Network;
use pathproof::query::Traffics;
use pathproof::space::{AddressSet, Row, Set, Space};
use pathproof::verify::packets;

use crate::random;

/// Everything, from the usual source ports.
pub fn everything(space: &mut Space) -> Set {
    let any = AddressSet::any();
    space.cube(&any, &any, &packets(&Traffics::default(), false))
}

fn pair(from: Party, to: Party, traffic: Set) -> Option<Pair> {
    let single = |party| match party {
        Party::Host(_, address) => Some(AddressSet::single(address)),
        _ => None,
    };
    Some(Pair { from, to, source: single(from)?, destination: single(to)?, traffic })
}

/// Every member of a class, at its first and at its last address.
fn members(classes: &Classes, class: ClassIx) -> Vec<Party> {
    let members = classes.get(class).members.iter();
    let ends = members.flat_map(|member| {
        let (first, last) = member.addresses;
        [first, last].map(|address| Party::Host(member.resident, address))
    });
    let mut ends: Vec<_> = ends.collect();
    ends.dedup();
    ends
}

#[test]
fn what_holds_for_a_class_holds_for_each_of_its_members() {
    let (mut pairs, mut shared) = (0, 0);
    for seed in 0..60 {
        let fabric = Fabric::new(Arc::new(random::network(seed)));
        let classes = Classes::of(&fabric);
        let mut reacher = Reacher::new(&fabric);
        let traffic = everything(&mut reacher.space);
        for (from, _) in classes.iter() {
            for (to, _) in classes.iter() {
                let Some(works) = reacher.between(&classes, from, to, traffic) else {
                    continue;
                };
                let (senders, receivers) = (members(&classes, from), members(&classes, to));
                shared += usize::from(senders.len() > 1 || receivers.len() > 1);
                for sender in &senders {
                    for receiver in receivers.iter().filter(|it| *it != sender) {
                        let pair = pair(*sender, *receiver, traffic).expect("two machines");
                        let (alone, _) = reacher.works(&pair);
                        assert_eq!(works.always, alone, "seed {seed}: {sender:?} → {receiver:?}");
                        let all = reacher.pair(&pair);
                        assert_eq!(alone, all.always, "seed {seed}: with and without reasons");
                        assert_eq!(works.sometimes, all.sometimes, "seed {seed}: on some way");
                        assert_eq!(works.asked, all.asked, "seed {seed}");
                        pairs += 1;
                    }
                }
            }
        }
    }
    assert!(pairs > 500 && shared > 100, "{pairs} pairs, {shared} shared");
}

#[test]
fn equal_machines_of_the_classic_network_are_one_class() {
    let mut network = Network::default();
    crate::sketch::open_group(&mut network);
    crate::sketch::vpc(&mut network, "vpc-a", "10.1.0.0/16");
    for last in 1..=100 {
        let (name, address) = (format!("ins-{last}"), format!("10.60.3.{last}"));
        crate::sketch::classic_instance(&mut network, &name, &address);
    }
    let classes = |network: &Network| {
        let fabric = Fabric::new(Arc::new(network.clone()));
        Classes::of(&fabric).len()
    };
    assert_eq!(classes(&network), 1);
    crate::sketch::link(&mut network, "vpc-a", "ins-7");
    crate::sketch::link(&mut network, "vpc-a", "ins-8");
    assert_eq!(classes(&network), 2);
    network.classic_instances["ins-9"].region = "ap-shanghai".into();
    network.classic_instances["ins-10"].public_ip = Some(crate::sketch::ip("43.136.1.9"));
    assert_eq!(classes(&network), 4);
}

/// What works between all classes of machines: rows, so that two arenas can be compared.
fn table(network: &Network, space: Space, memory: Memory) -> (Vec<Vec<Row>>, Space, Memory) {
    let fabric = Fabric::new(Arc::new(network.clone()));
    let classes = Classes::of(&fabric);
    let mut reacher = Reacher::remembering(&fabric, space, memory);
    let traffic = everything(&mut reacher.space);
    let mut table = Vec::new();
    for (from, _) in classes.iter() {
        for (to, _) in classes.iter() {
            if let Some(works) = reacher.between(&classes, from, to, traffic) {
                table.push(reacher.space.rows(works.always));
            }
        }
    }
    let (space, memory, _) = reacher.into_parts();
    (table, space, memory)
}

#[test]
fn after_random_edits_the_remembered_answer_is_the_one_from_nothing() {
    let mut edits = 0;
    for seed in 0..40 {
        let network = random::network(seed);
        let (_, mut space, mut memory) = table(&network, Space::new(), Memory::default());
        for (change, after) in random::edits(&network, seed, 8) {
            let (remembered, next, kept) = table(&after, space, memory);
            let (anew, ..) = table(&after, Space::new(), Memory::default());
            assert_eq!(remembered, anew, "seed {seed}, after {change:?}");
            edits += 1;
            (space, memory) = (next, kept);
        }
    }
    assert!(edits > 100, "{edits} edits");
}
