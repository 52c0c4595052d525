//! Random networks and questions about them: small, legal and nasty. One seed, one network.
//!
//! Everything is drawn boldly and taken back where the limits of the cloud refuse it
//! ([`Draft::attempt`]), so each network could stand in a file. At the end some next hops are
//! deleted, which leaves routes into nowhere (RT-16); a file could reach that state by a step.
//!
//! | file | draws |
//! |---|---|
//! | `dice` | numbers |
//! | `land` | VPCs, subnets, machines, the classic network, sites |
//! | `wires` | peerings, CCNs, gateways, load balancers |
//! | `links` | endpoint services and endpoints |
//! | `tunnels` | VPN and Direct Connect gateways |
//! | `routes` | route tables |
//! | `rules` | security groups, ACLs, templates |
//! | `asks` | questions |
//! | `edits` | changes |
//!
//! Left out on purpose, because the documents do not say what happens: a site behind a NAT-type
//! Direct Connect gateway and another gateway of the same VPC; a HAVIP in another subnet than its
//! instance; overlapping SNAT rules with different EIPs; NAT for IPv6.

mod asks;
mod dice;
mod edits;
mod land;
mod links;
mod routes;
mod rules;
mod tunnels;
mod wires;

use pathproof::diagnostic::Severity;
use pathproof::model::{Network, broken_references, check};

pub use asks::questions;
pub use dice::Dice;
pub use edits::{edit, edits};

/// A network under way.
struct Draft {
    network: Network,
    dice: Dice,
    /// Numbers for ids.
    count: usize,
}

impl Draft {
    /// A new id with this prefix.
    fn name(&mut self, prefix: &str) -> String {
        self.count += 1;
        format!("{prefix}-{}", self.count)
    }

    /// Makes a change unless the limits of the cloud refuse it.
    fn attempt(&mut self, change: impl FnOnce(&mut Network, &mut Dice)) -> bool {
        let before = self.network.clone();
        change(&mut self.network, &mut self.dice);
        let legal = is_legal(&self.network);
        if !legal {
            self.network = before;
        }
        legal
    }
}

/// Whether a file could hold this network.
fn is_legal(network: &Network) -> bool {
    let mut violations = broken_references(network).into_iter().chain(check(network));
    !violations.any(|violation| violation.severity == Severity::Error)
}

/// The network of a seed.
pub fn network(seed: u64) -> Network {
    let mut draft = drawn(seed);
    draft.failures();
    draft.network
}

/// The network of a seed while everything still stands.
fn drawn(seed: u64) -> Draft {
    let mut draft = Draft { network: Network::default(), dice: Dice::new(seed), count: 0 };
    draft.land();
    draft.wires();
    draft.rules();
    draft.moves();
    draft.firewalls(seed);
    draft.redirections(seed);
    draft
}

mod tests {
    use std::collections::BTreeMap;

    use pathproof::model::Key;

    use super::*;
    use crate::oracle::{self, Direction};

    #[test]
    fn the_same_seed_draws_the_same_network_and_questions() {
        for seed in 0..20 {
            assert_eq!(network(seed), network(seed));
            let drawn = network(seed);
            assert_eq!(questions(&drawn, seed, 50), questions(&drawn, seed, 50));
        }
    }

    #[test]
    fn every_network_obeys_the_limits_until_something_is_deleted() {
        for seed in 0..300 {
            assert!(is_legal(&drawn(seed).network), "seed {seed}");
            let errors =
                check(&network(seed)).into_iter().filter(|it| it.severity == Severity::Error);
            // A terminated instance leaves its DNAT entries behind.
            let errors: Vec<_> =
                errors.filter(|it| !it.place.path.contains(&Key::Field("dnat"))).collect();
            assert!(errors.is_empty(), "seed {seed}: {errors:#?}");
        }
    }

    #[test]
    fn verdicts_are_of_every_kind_and_consistent() {
        let (mut always, mut partly, mut never, mut undetermined) = (0, 0, 0, 0);
        let mut codes: BTreeMap<_, u32> = BTreeMap::new();
        for seed in 0..200 {
            let drawn = network(seed);
            for (from, to, packet) in questions(&drawn, seed, 60) {
                let judgement = oracle::judge(&drawn, &from, &to, packet);
                let name = format!("seed {seed}: {from} → {to} {packet}: {judgement:?}");
                assert!(
                    judgement.sometimes || !judgement.always || judgement.undetermined,
                    "{name}"
                );
                assert_eq!(
                    judgement.always,
                    judgement.reasons.is_empty() && !judgement.undetermined,
                    "{name}"
                );
                for reason in judgement.codes() {
                    *codes.entry(reason).or_default() += 1;
                }
                match (judgement.always, judgement.sometimes) {
                    _ if judgement.undetermined => undetermined += 1,
                    (true, _) => always += 1,
                    (false, true) => partly += 1,
                    (false, false) => never += 1,
                }
            }
        }
        for (what, count) in
            [("always", always), ("partly", partly), ("never", never), ("?", undetermined)]
        {
            assert!(count > 20, "{what}: {count}");
        }
        let seen: Vec<_> = codes.keys().map(|(code, _)| *code).collect();
        let missed: Vec<_> = pathproof::code::Code::ALL
            .iter()
            .filter(|code| code.can_be_because() && !seen.contains(code))
            .map(|code| code.name())
            .collect();
        assert_eq!(missed, ["source-address-not-owned"], "{codes:#?}");
        assert!(codes.keys().any(|(_, direction)| *direction == Direction::Return));
    }
}
