//! Databases with several addresses (MIG-6, MIG-11): what is said of one as a whole is what the oracle says of its addresses.

use std::net::IpAddr;
use std::sync::Arc;

use pathproof::engine::Reacher;
use pathproof::fabric::Fabric;
use pathproof::id::Id;
use pathproof::model::{Endpoint, Network};
use pathproof::query::{Selector, Traffics, Verdict};
use pathproof::scenario::parse_service;
use pathproof::space::{IntervalSet, Packet, Protocol};
use pathproof::verify::{Side, answer, select};

use crate::{oracle, random};

const NETWORKS: u64 = 60;

/// The port from which clients ask.
const FROM: u16 = 40_000;

/// What the oracle says of the best of a database's addresses, for one packet.
fn of_the_best(
    network: &Network,
    (client, source): (&Endpoint, IpAddr),
    ends: &[(Endpoint, IpAddr)],
    port: u16,
) -> Verdict {
    let said = ends.iter().map(|(to, at)| {
        let packet = Packet::new(Protocol::TCP, (source, FROM), (*at, port));
        let judged = oracle::judge(network, client, to, packet);
        match (judged.always, judged.sometimes, judged.undetermined) {
            (true, _, _) => Verdict::Reachable,
            (_, _, true) => Verdict::Undetermined,
            (_, true, _) => Verdict::Partial,
            _ => Verdict::Unreachable,
        }
    });
    let said: Vec<_> = said.collect();
    let best = [Verdict::Reachable, Verdict::Undetermined, Verdict::Partial];
    let best = best.into_iter().find(|verdict| said.contains(verdict));
    best.unwrap_or(Verdict::Unreachable)
}

/// The clients of a network, each with an address that it sends from.
fn clients(network: &Network) -> Vec<(Endpoint, IpAddr)> {
    let instances = network.instances.iter();
    let instances = instances.map(|(id, it)| (Endpoint::Instance(id.clone()), it.ip));
    let classic = network.classic_instances.iter();
    let classic = classic.map(|(id, it)| (Endpoint::ClassicInstance(id.clone()), it.ip));
    instances.chain(classic).collect()
}

#[test]
fn whoever_asks_for_a_database_finds_it_at_the_best_of_its_addresses() {
    let mut told = [0; 3];
    for seed in 0..NETWORKS {
        let network = Arc::new(random::network(seed));
        let fabric = Fabric::new(Arc::clone(&network));
        let mut reacher = Reacher::new(&fabric);
        let moved = network.databases.iter();
        for (id, database) in moved.filter(|(_, it)| !it.old_vips.is_empty()) {
            let old = database.old_vips.iter();
            let mut ends = vec![(Endpoint::Database(id.clone()), database.ip)];
            ends.extend(old.map(|old| (Endpoint::OldVip(id.clone(), old.ip), old.ip)));
            let traffic = Traffics {
                service: parse_service(&format!("tcp:{}", database.port)).expect("a service"),
                source_ports: IntervalSet::single(FROM),
            };
            for (client, source) in clients(&network) {
                let expected = of_the_best(&network, (&client, source), &ends, database.port);
                let name = client.id().expect("an id").clone();
                let from = select(&fabric, &Selector::Id(name), Side::From);
                let to = select(&fabric, &Selector::Id(id.clone()), Side::To);
                let found = answer(&mut reacher, &from, &to, &traffic);
                assert_eq!(found.verdict, expected, "seed {seed}: {client} → {id}");
                assert_eq!(found.pairs, 1, "seed {seed}: {client} → {id}");
                match expected {
                    Verdict::Reachable => told[0] += 1,
                    Verdict::Unreachable => told[1] += 1,
                    Verdict::Partial | Verdict::Undetermined => told[2] += 1,
                }
            }
        }
    }
    assert!(told[0] > 10 && told[1] > 10, "{told:?}");
}

#[test]
fn a_name_means_whoever_it_leads_to() {
    let mut network = random::network(3);
    let (name, id) = (Id::from("some.name"), network.instances.keys().next().expect("one"));
    let id = id.clone();
    network.names.insert(name.clone(), id.clone());
    let fabric = Fabric::new(Arc::new(network));
    let [by_name, by_id] = [name, id].map(|word| select(&fabric, &Selector::Id(word), Side::To));
    assert_eq!(by_name, by_id);
    assert!(!by_id.is_empty());
}
