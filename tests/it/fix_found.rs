//! What `fix` finds: on a half-built estate what a person would add, and on random networks a way back from what was
//! taken away.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use pathproof::code::Code;
use pathproof::diagnostic::Severity;
use pathproof::model::{
    Change, Endpoint, LoadBalancerNetwork, Network, PeeringState, State, apply, check,
};
use pathproof::query::Verdict;
use pathproof::verify::{Fixes, Goal, Why, fix};

use crate::cli::run;
use crate::fix::{DAY, about, asked, is_single, question, scenario, situation};
use crate::{oracle, random};

const HALF_BUILT: &str = "scenarios/gateways/half-built.ron";

fn actions(found: &Fixes) -> Vec<&'static str> {
    let best = found.fixes.first();
    best.map_or(Vec::new(), |fix| fix.changes.iter().map(Change::action).collect())
}

#[test]
fn what_a_person_would_add_is_found() {
    let cases: [([&str; 3], &[&str]); 12] = [
        (["ins-data", "internet", "tcp:443"], &["CreateRoutes"]),
        (["ins-shop", "internet", "tcp:443"], &["Replace"]),
        (["ins-shop", "ins-data", "tcp:443"], &["Create"]),
        (["ins-shop", "lb-shop", "tcp:443"], &["RegisterTargets"]),
        (["ins-shop", "lb-shop", "tcp:80"], &["Replace"]),
        (["ins-shop", "192.168.7.9", "tcp:22"], &["CreateRoutes", "Replace"]),
        (["192.168.7.9", "ins-shop", "tcp:22"], &["Replace", "CreateRoutes"]),
        (["ins-shop", "havip-shop", "tcp:22"], &["Replace"]),
        (["internet", "43.136.10.9", "tcp:443"], &["Replace"]),
        (["internet", "ins-shop", "tcp:22"], &["Replace"]),
        (["ins-lone", "ins-apart", "tcp:22"], &["Replace"]),
        (["ins-old", "ins-shop", "tcp:22"], &["DetachClassicLinkVpc", "AttachClassicLinkVpc"]),
    ];
    for (words, wanted) in cases {
        let (_, found) = asked(HALF_BUILT, words, Goal::Open);
        assert_eq!(actions(&found), wanted, "{words:?}: {:?}", found.stuck);
    }
}

#[test]
fn a_link_that_is_taken_away_tells_the_promise_that_it_breaks() {
    let (_, found) = asked(HALF_BUILT, ["ins-old", "ins-shop", "tcp:22"], Goal::Open);
    let mut broken = found.fixes[0].broken.iter();
    assert!(broken.any(|report| report.expectation.to_text == "ins-data"));
}

#[test]
fn an_address_that_the_cloud_would_give_is_told_as_a_stand_in() {
    let arguments = ["fix", HALF_BUILT, "--from", "internet", "--to", "ins-shop"];
    let ended = run(&[&arguments[..], &["-s", "tcp:22"]].concat());
    let wanted = "203.0.113.1 stands for the address that the cloud will give";
    assert!(ended.out.contains(wanted), "{}", ended.out);
}

#[test]
fn a_port_that_a_database_does_not_serve_names_the_one_that_it_does() {
    let arguments = ["--from", "ins-shop", "--to", "cdb-shop", "-s", "tcp:3307"];
    let ended = run(&[&["fix", HALF_BUILT][..], &arguments].concat());
    assert_eq!(ended.code, Some(1));
    let wanted = "ask for tcp:3306, which cdb-shop serves";
    assert!(ended.out.contains(wanted), "{}", ended.out);
    let ended = run(&[&["trace", HALF_BUILT][..], &arguments].concat());
    assert!(ended.out.contains(wanted), "{}", ended.out);
}

#[test]
fn whoever_has_no_way_is_told_why() {
    let path = "scenarios/classic-link/primary-cidr-only.ron";
    let (_, found) = asked(path, ["TomCVM", "ins-new", "all"], Goal::Open);
    let stuck: Vec<(Code, Why)> =
        found.stuck.iter().map(|it| (it.reason.cause.code, it.why)).collect();
    assert_eq!(stuck, [(Code::ClassicLinkSecondaryCidr, Why::Platform)]);
    let path = "scenarios/classic-link/a-hundred-links.ron";
    let (_, found) = asked(path, ["ins-more", "ins-web", "all"], Goal::Open);
    let stuck: Vec<(Code, Why)> =
        found.stuck.iter().map(|it| (it.reason.cause.code, it.why)).collect();
    assert_eq!(stuck, [(Code::ClassicLinkNotLinked, Why::Refused)]);
}

#[test]
fn of_fixes_that_open_the_same_the_one_in_the_words_of_the_user_is_told() {
    let mut network = scenario(HALF_BUILT).network;
    let group = network.security_groups["sg-open"].clone();
    let mute = pathproof::model::SecurityGroup { ingress: Vec::new(), ..group };
    network.security_groups.insert("sg-mute".into(), mute);
    network.databases["cdb-shop"].security_groups = vec!["sg-mute".into()];
    let mut bare = scenario(HALF_BUILT);
    bare.base.clear();
    let told = |from: &str| {
        let question = question(&network, [from, "cdb-shop", "tcp:3306"], Goal::Open);
        let found = fix(&situation(&network), &bare, &question, DAY).expect("somebody is meant");
        let text: Vec<String> =
            found.fixes[0].changes.iter().map(pathproof::import::write_change).collect();
        text.join("\n")
    };
    assert!(told("subnet-shop").contains("10.1.1.0/24"), "{}", told("subnet-shop"));
    let two = told("ins-shop | ins-shop-2");
    assert!(!two.contains("/31") && two.contains("10.1.1.5") && two.contains("10.1.1.6"), "{two}");
}

/// A gateway is down since none of its lines carries, a CCN where a member's attachment does not: that part is brought up (D20-34).
#[test]
fn of_what_is_down_in_parts_a_part_is_brought_up() {
    for (file, at, ends, expected) in [
        (
            "scenarios/gateways/direct-connect-with-vpn-behind.ron",
            "both are cut: the first is taken, and says why it fails",
            ["ins-app", "192.168.10.9", "tcp:22"],
            &[r#"Up("dcx-main")"#, r#"Up("vpnx-back")"#][..],
        ),
        // the routes have vanished with their line
        (
            "scenarios/gateways/ccn-line-and-vpn.ron",
            "both are cut: the route itself is gone",
            ["ins-app", "192.168.10.9", "tcp:22"],
            &[r#"Up("dcx-main")"#, r#"Up("vpnx-back")"#],
        ),
        (
            "scenarios/changes/failures.ron",
            "the line is mended, the VPN gateway as a whole fails",
            ["ins-a", "site-shop", "tcp:443"],
            &[r#"Up("vpngw-mesh")"#],
        ),
    ] {
        let [from, to, service] = ends;
        let told =
            run(&["fix", file, "--at", at, "--from", from, "--to", to, "-s", service, "--changes"]);
        assert_eq!(told.code, Some(0), "{file}: {}", told.err);
        let one = expected.iter().any(|change| told.out.contains(change));
        assert!(one, "{file}: {}", told.out);
    }
}

/// One thing that a connection may need, taken away.
fn taken_away(network: &Network, number: usize) -> Option<Network> {
    let mut all: Vec<Network> = Vec::new();
    let mut add = |take: &dyn Fn(&mut Network)| {
        let mut new = network.clone();
        take(&mut new);
        all.push(new);
    };
    for (id, table) in &network.route_tables {
        for at in 0..table.routes.len() {
            add(&|new| drop(new.route_tables[id].routes.remove(at)));
        }
    }
    for (id, group) in &network.security_groups {
        for at in 0..group.ingress.len() {
            add(&|new| drop(new.security_groups[id].ingress.remove(at)));
        }
        for at in 0..group.egress.len() {
            add(&|new| drop(new.security_groups[id].egress.remove(at)));
        }
    }
    for (id, acl) in &network.network_acls {
        for at in 0..acl.ingress.len() {
            add(&|new| drop(new.network_acls[id].ingress.remove(at)));
        }
    }
    for (id, balancer) in &network.load_balancers {
        for (at, listener) in balancer.listeners.iter().enumerate() {
            add(&|new| drop(new.load_balancers[id].listeners.remove(at)));
            for target in 0..listener.targets.len() {
                add(&|new| new.load_balancers[id].listeners[at].targets[target].weight = 0);
                add(&|new| drop(new.load_balancers[id].listeners[at].targets.remove(target)));
            }
        }
    }
    for (id, gateway) in &network.vpn_gateways {
        for (at, line) in gateway.connections.iter().enumerate() {
            for policy in 0..line.policies.len() {
                add(&|new| drop(new.vpn_gateways[id].connections[at].policies.remove(policy)));
            }
        }
        for at in 0..gateway.routes.len() {
            add(&|new| drop(new.vpn_gateways[id].routes.remove(at)));
        }
    }
    for (id, gateway) in &network.direct_connect_gateways {
        for (at, tunnel) in gateway.tunnels.iter().enumerate() {
            for prefix in 0..tunnel.prefixes.len() {
                add(&|new| {
                    new.direct_connect_gateways[id].tunnels[at].prefixes.remove(prefix);
                });
            }
        }
    }
    for (id, gateway) in &network.nat_gateways {
        for at in 0..gateway.dnat.len() {
            add(&|new| drop(new.nat_gateways[id].dnat.remove(at)));
        }
        for at in 0..gateway.snat.len() {
            add(&|new| drop(new.nat_gateways[id].snat.remove(at)));
        }
    }
    for (id, ccn) in &network.ccns {
        for at in 0..ccn.attachments.len() {
            add(&|new| drop(new.ccns[id].attachments.remove(at)));
        }
        for table in ccn.route_tables.keys() {
            add(&|new| new.ccns[id].route_tables[table].accept.clear());
        }
    }
    for id in network.peerings.keys() {
        add(&|new| new.peerings[id].state = PeeringState::Pending);
        add(&|new| drop(new.peerings.shift_remove(id)));
    }
    for id in network.havips.keys() {
        add(&|new| new.havips[id].bound_to = None);
    }
    for id in network.instances.keys() {
        add(&|new| new.instances[id].state = State::Stopped);
        add(&|new| new.instances[id].eip = None);
    }
    for id in network.classic_links.keys() {
        add(&|new| drop(new.classic_links.shift_remove(id)));
    }
    if all.is_empty() {
        return None;
    }
    let at = number % all.len();
    Some(all.swap_remove(at))
}

/// Ends that mean one address each, those that serve among them.
fn is_meant(network: &Network, end: &Endpoint, address: IpAddr) -> bool {
    match end {
        Endpoint::NetworkInterface(id) => network.network_interfaces[id].ip == address,
        Endpoint::HaVip(id) => network.havips[id].ip == address,
        Endpoint::LoadBalancer(id) => match network.load_balancers[id].network {
            LoadBalancerNetwork::Internal { vip, .. } => vip == address,
            LoadBalancerNetwork::Public { .. } => false,
        },
        _ => is_single(network, end, address),
    }
}

/// How often a network breaks a limit of the cloud; random ones may do so after something failed.
fn errors(network: &Network) -> usize {
    let all = check(network).into_iter();
    all.filter(|it| it.severity == Severity::Error).count()
}

#[test]
fn what_was_taken_away_from_random_networks_is_found_again() {
    let mut empty = scenario(HALF_BUILT);
    empty.base.clear();
    let seeds: u64 = std::env::var("FIX_SEEDS").map_or(6, |text| text.parse().expect("a number"));
    let (mut asked, mut answered) = (0, 0);
    let mut missed: BTreeMap<String, u32> = BTreeMap::new();
    for seed in 0..seeds {
        let network = random::network(seed);
        for (number, (from, to, packet)) in (0..).zip(random::questions(&network, seed, 120)) {
            let single = is_meant(&network, &from, packet.source)
                && is_meant(&network, &to, packet.destination);
            if !single || !oracle::judge(&network, &from, &to, packet).always {
                continue;
            }
            // One to three things go, until it does not work any more.
            let mut damaged = network.clone();
            let mut works = true;
            for step in 0..40 {
                let stride = number * 7919 + step * 104_729 + usize::try_from(seed).unwrap_or(0);
                let Some(new) = taken_away(&network, stride) else {
                    break;
                };
                if errors(&new) > errors(&network) {
                    continue;
                }
                let judged = oracle::judge(&new, &from, &to, packet);
                if !judged.always && !judged.undetermined {
                    (damaged, works) = (new, false);
                    break;
                }
            }
            let Some(question) = about(&from, &to, &packet, Goal::Open).filter(|_| !works) else {
                continue;
            };
            let Some(found) = fix(&situation(&damaged), &empty, &question, DAY) else {
                continue;
            };
            if found.verdict == Verdict::Reachable {
                continue;
            }
            asked += 1;
            for fix in &found.fixes {
                let judged = oracle::judge(&fix.network, &from, &to, packet);
                assert!(judged.always, "seed {seed}: {from} → {to} {packet}: {:?}", fix.changes);
                let mut network = damaged.clone();
                for change in &fix.changes {
                    network = apply(&network, change).expect("a change that was tried");
                }
                assert_eq!(Arc::new(network), fix.network);
            }
            if found.fixes.is_empty() {
                let codes = found.reasons.iter().map(|reason| reason.cause.code.name());
                *missed.entry(codes.collect::<Vec<_>>().join(" ")).or_default() += 1;
                assert!(
                    found.capped || !found.stuck.is_empty(),
                    "seed {seed}: {from} → {to} {packet}"
                );
            } else {
                answered += 1;
            }
        }
    }
    assert!(asked > 10 && answered * 10 >= asked * 9, "{answered} of {asked}: {missed:#?}");
}
