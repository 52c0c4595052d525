//! Generated networks: the same from the same seed, of the size that was asked for, without a warning, and true.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;

use pathproof::cli::generate::scenario;
use pathproof::code::Code;
use pathproof::generate::{Options, Shape, generate};
use pathproof::lint::{Finding, lint};
use pathproof::model::{InstanceGroup, Network};
use pathproof::scenario::{Files, Loaded, load};
use pathproof::verify::{Budget, Situation, Summary, run};

const SHAPES: [Shape; 3] = [Shape::Shared, Shape::Private, Shape::Mixed];

/// A text that is every file.
struct Only(String);

impl Files for Only {
    fn read(&self, _: &str) -> io::Result<Vec<u8>> {
        Ok(self.0.clone().into_bytes())
    }
}

fn options(instances: u32, vpcs: u32, groups: u32, seed: u64) -> Options {
    Options { instances, vpcs, groups, seed, shape: Shape::Mixed, singles: 2 }
}

fn text(options: &Options) -> String {
    scenario(options).expect("such a network").0
}

#[track_caller]
fn loaded(options: &Options) -> Loaded {
    let loaded = load("generated.ron", &Only(text(options)));
    assert_eq!(loaded.diagnostics, [], "{options:?}");
    loaded
}

#[track_caller]
fn network(options: &Options) -> Network {
    loaded(options).scenario.expect("a scenario").network
}

fn machines(network: &Network) -> usize {
    let groups = network.instance_groups.values();
    let in_groups: usize = groups.map(InstanceGroup::count).sum();
    in_groups + network.instances.len() + network.classic_instances.len()
}

/// Sizes of all kinds: more groups than instances, more VPCs than instances, one of everything, full groups.
fn sizes() -> Vec<(u32, u32, u32)> {
    vec![
        (1, 1, 1),
        (2, 1, 50),
        (3, 7, 2),
        (40, 1, 1),
        (100, 100, 1),
        (150, 2, 900),
        (700, 5, 40),
        (2000, 1, 1),
        (4000, 23, 2),
        (3000, 90, 120),
    ]
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for seed in [0, 1, u64::MAX] {
        let options = options(900, 9, 70, seed);
        assert_eq!(text(&options), text(&options));
    }
}

#[test]
fn another_seed_gives_another_network() {
    let seeds = (0..20).map(|seed| generate(&options(400, 4, 30, seed)).expect("a network"));
    let networks: Vec<Network> = seeds.map(|region| region.network).collect();
    for (at, network) in networks.iter().enumerate() {
        assert!(!networks[..at].contains(network), "seed {at}");
    }
}

#[test]
fn every_size_loads_without_a_warning_and_as_it_was_generated() {
    for (at, (instances, vpcs, groups)) in sizes().into_iter().enumerate() {
        for seed in 0..3 {
            let options = Options {
                shape: SHAPES[(at + usize::try_from(seed).expect("small")) % 3],
                singles: [0, 2, 100][at % 3],
                ..options(instances, vpcs, groups, seed)
            };
            let network = network(&options);
            assert_eq!(machines(&network), instances as usize, "{options:?}");
            assert_eq!(network.vpcs.len(), vpcs as usize, "{options:?}");
            assert_eq!(network.security_groups.len(), groups as usize);
            let generated = generate(&options).expect("a network").network;
            // the writer sorts sections by VPC; equality of sections does not ask for order
            assert_eq!(network, generated, "{options:?}");
        }
    }
}

#[test]
fn what_is_promised_holds() {
    let mut promises = 0;
    for (at, (instances, vpcs, groups)) in sizes().into_iter().enumerate() {
        let seed = u64::try_from(at).expect("small") + 100;
        let options = Options { shape: SHAPES[at % 3], ..options(instances, vpcs, groups, seed) };
        let mut summary = Summary::default();
        let report = run("generated.ron", loaded(&options), "2026-01-01", Budget::default());
        summary.add(&report);
        assert!(summary.is_good(), "{options:?} {summary:?}");
        promises += summary.expectations;
    }
    assert!(promises > 150, "{promises} promises");
}

/// A lint that has stopped at its limit says nothing of the network.
fn wrong(network: Network) -> Vec<Finding> {
    let situation = Situation::new(Arc::new(network), Arc::default());
    let mut found = lint(&situation, &[], Budget::default());
    found.retain(|finding| finding.code() != Code::LintIncomplete);
    found
}

#[test]
fn nothing_in_it_looks_wrong() {
    let sizes =
        [(1, 1, 1), (9, 1, 1), (60, 3, 2), (300, 1, 3), (300, 12, 6), (700, 25, 20), (1000, 8, 60)];
    for shape in SHAPES {
        for (instances, vpcs, groups) in sizes {
            for seed in 0..2 {
                let options = Options {
                    shape,
                    singles: [0, 2, 100][usize::try_from(seed).expect("small") % 3],
                    ..options(instances, vpcs, groups, seed)
                };
                let network = generate(&options).expect("a network").network;
                let found = wrong(network);
                assert!(found.is_empty(), "{options:?}: {found:#?}");
            }
        }
    }
}

#[test]
fn groups_that_are_asked_for_beyond_what_machines_take_are_all_that_looks_wrong() {
    let options = options(150, 2, 900, 0);
    let network = generate(&options).expect("a network").network;
    for finding in wrong(network) {
        assert_eq!(finding.code(), Code::UnusedObject, "{finding:?}");
    }
}

#[test]
fn a_region_has_everything_that_the_documentation_lists() {
    let network = network(&options(6000, 45, 300, 5));
    let counts = [
        ("secondary CIDRs", network.vpcs.values().map(|vpc| vpc.secondary_cidrs.len()).sum()),
        ("ACLs", network.network_acls.len()),
        ("instances", network.instances.len()),
        ("instance groups", network.instance_groups.len()),
        ("databases", network.databases.len()),
        ("load balancers", network.load_balancers.len()),
        ("classic instances", network.classic_instances.len()),
        ("classic links", network.classic_links.values().map(Vec::len).sum()),
        ("endpoint connections", network.endpoint_connections.len()),
        ("peerings", network.peerings.len()),
        ("CCNs", network.ccns.len()),
        ("NAT gateways", network.nat_gateways.len()),
        ("VPN gateways", network.vpn_gateways.len()),
        ("Direct Connect gateways", network.direct_connect_gateways.len()),
        ("sites", network.sites.len()),
        ("service templates", network.service_templates.len()),
    ];
    for (what, count) in counts {
        assert!(count > 1, "{count} {what}");
    }
    let regions: HashSet<&str> = network.vpcs.values().map(|vpc| vpc.region.as_str()).collect();
    assert_eq!(regions.len(), 3);
}

#[test]
fn singles_decide_how_instances_are_written_and_nothing_else() {
    let with = |singles| {
        let options = Options { singles, ..options(2000, 6, 50, 1) };
        generate(&options).expect("a network").network
    };
    let (groups, singles) = (with(0), with(100));
    assert!(groups.instances.is_empty());
    assert!(singles.instance_groups.is_empty());
    assert_eq!(machines(&groups), machines(&singles));
    assert_eq!(groups.subnets, singles.subnets);
    assert_eq!(groups.security_groups, singles.security_groups);
}

#[test]
fn what_cannot_be_is_refused_and_said() {
    let cases = [
        ((0, 1, 1), "a network needs at least one instance"),
        ((1, 0, 1), "a network needs at least one VPC"),
        ((1, 1, 0), "a network needs at least one security group"),
        (
            (2001, 3, 1),
            "2001 instances do not fit into 1 security groups of 2000 members each (SG-15)",
        ),
        ((4_000_001, 1, 2001), "4000001 instances are more than this makes"),
        ((1, 100_001, 1), "100001 VPCs are more than this makes"),
        ((1, 1, u32::MAX), "4294967295 security groups are more than this makes"),
    ];
    for ((instances, vpcs, groups), message) in cases {
        let error = generate(&options(instances, vpcs, groups, 0)).expect_err(message);
        assert_eq!(error.message, message);
    }
}

#[test]
fn a_million_instances_have_some_forty_thousand_classes() {
    let network = generate(&options(1_000_000, 200, 8000, 0)).expect("a network").network;
    assert_eq!(machines(&network), 1_000_000);
    let mut classes = HashSet::new();
    for group in network.instance_groups.values() {
        classes.insert((&group.subnet, &group.security_groups));
    }
    for instance in network.instances.values() {
        classes.insert((&instance.subnet, &instance.security_groups));
    }
    let rules = network.security_groups.values();
    let rules: usize = rules.map(|group| group.ingress.len() + group.egress.len()).sum();
    assert!((35_000..45_000).contains(&classes.len()), "{} classes", classes.len());
    assert!((62_000..76_000).contains(&rules), "{rules} rules");
}
