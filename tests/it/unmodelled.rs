//! What a file names as not modelled takes the verdict from what it may decide about, and from nothing else.

use pathproof::query::Verdict;
use pathproof::scenario::load;
use pathproof::verify::{self, Budget, Outcome};

use crate::import_write::Shelf;

/// Two VPCs; `ins-mute` may send nothing; `ins-web` has an EIP and takes no connection from outside 10.0.0.0/8.
const NETWORK: &str = r#"
    vpcs: {
        "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16", default_route_table: "rtb-a"),
        "vpc-b": (region: "ap-guangzhou", cidr: "10.2.0.0/16", default_route_table: "rtb-b"),
    },
    subnets: {
        "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24"),
        "subnet-c": (vpc: "vpc-a", cidr: "10.1.2.0/24"),
        "subnet-b": (vpc: "vpc-b", cidr: "10.2.1.0/24"),
    },
    route_tables: {
        "rtb-a": (vpc: "vpc-a", routes: [(to: "10.2.0.0/16", via: PeeringConnection("pcx-1"))]),
        "rtb-b": (vpc: "vpc-b", routes: [(to: "10.1.0.0/16", via: PeeringConnection("pcx-1"))]),
    },
    security_groups: {
        "sg-open": (ingress: [Accept(from: "10.0.0.0/8")], egress: [Accept()]),
        "sg-mute": (ingress: [Accept()]),
    },
    instances: {
        "ins-web": (subnet: "subnet-a", ip: "10.1.1.2", eip: "203.0.113.2", security_groups: ["sg-open"]),
        "ins-app": (subnet: "subnet-c", ip: "10.1.2.2", security_groups: ["sg-open"]),
        "ins-mute": (subnet: "subnet-a", ip: "10.1.1.3", security_groups: ["sg-mute"]),
        "ins-far": (subnet: "subnet-b", ip: "10.2.1.2", security_groups: ["sg-open"]),
    },
    peerings: { "pcx-1": (between: ("vpc-a", "vpc-b")) },
"#;

/// The verdicts of expectations, with the codes of the reasons that are not about filters.
fn verdicts(entry: &str, asked: &[(&str, &str)]) -> Vec<(Verdict, bool)> {
    let expect: Vec<String> = asked
        .iter()
        .map(|(from, to)| {
            format!("Reachable(from: \"{from}\", to: \"{to}\", service: \"tcp:80\"),")
        })
        .collect();
    let expect = expect.concat();
    let text = format!(
        "Scenario(network: ({NETWORK} unmodelled: [(what: \"x.y\", reason: \"r\", {entry})]), expect: [{expect}])"
    );
    let loaded = load("main.ron", &Shelf(&[("main.ron".to_owned(), text)]));
    assert_eq!(loaded.diagnostics, []);
    let report = verify::run("main.ron", loaded, "2026-01-01", Budget::default());
    let told = report.expectations().map(|(_, report)| {
        let found = report.found.as_ref().expect("an answer");
        let named = found.reasons.iter();
        let named = named.filter(|it| it.cause.code.name() == "not-modelled");
        let is_undetermined = found.verdict == Verdict::Undetermined;
        assert_eq!(report.outcome == Outcome::Undetermined, is_undetermined);
        (found.verdict, named.count() > 0)
    });
    told.collect()
}

#[track_caller]
fn undetermined(entry: &str, asked: &[(&str, &str)]) {
    for (index, told) in verdicts(entry, asked).into_iter().enumerate() {
        assert_eq!(told, (Verdict::Undetermined, true), "{:?}", asked[index]);
    }
}

#[track_caller]
fn decided(entry: &str, asked: &[(&str, &str)], expected: Verdict) {
    for (index, told) in verdicts(entry, asked).into_iter().enumerate() {
        assert_eq!(told, (expected, false), "{:?}", asked[index]);
    }
}

#[test]
fn an_end_that_is_touched_has_no_verdict_on_either_side() {
    let asked = [("ins-web", "ins-app"), ("ins-far", "ins-web")];
    for touched in ["ins-web", "sg-open", "vpc-a"] {
        undetermined(&format!("touches: [\"{touched}\"]"), &asked);
    }
    undetermined("touches: [\"subnet-a\"]", &asked);
    decided("touches: [\"ins-web\"]", &[("ins-app", "ins-far")], Verdict::Reachable);
}

#[test]
fn what_touches_nothing_by_name_touches_everything() {
    undetermined("", &[("ins-web", "ins-app"), ("ins-far", "internet")]);
}

#[test]
fn a_way_through_what_is_touched_has_no_verdict() {
    undetermined("touches: [\"pcx-1\"]", &[("ins-web", "ins-far"), ("ins-far", "ins-app")]);
    decided("touches: [\"pcx-1\"]", &[("ins-web", "ins-app")], Verdict::Reachable);
}

#[test]
fn a_route_table_bears_only_on_what_leaves_the_vpc() {
    let entry = "touches: [\"rtb-a\"]";
    decided(entry, &[("ins-web", "ins-app")], Verdict::Reachable);
    undetermined(entry, &[("ins-web", "ins-far"), ("ins-far", "ins-web")]);
}

#[test]
fn the_routing_of_a_vpc_bears_only_on_what_leaves_it() {
    let entry = "routing_of: [\"vpc-a\"]";
    decided(entry, &[("ins-web", "ins-app")], Verdict::Reachable);
    undetermined(entry, &[("ins-web", "ins-far"), ("ins-far", "ins-web")]);
}

#[test]
fn a_route_bears_only_on_its_destinations() {
    let entry = "touches: [\"rtb-a\"], destinations: [\"10.2.1.0/24\"]";
    undetermined(entry, &[("ins-web", "ins-far"), ("ins-far", "ins-web")]);
    decided(entry, &[("ins-web", "internet")], Verdict::Reachable);
}

#[test]
fn what_the_openers_groups_drop_is_dropped_whatever_the_routes() {
    let asked = [("ins-mute", "ins-far"), ("ins-mute", "internet")];
    decided("touches: [\"rtb-a\"]", &asked, Verdict::Unreachable);
    decided("touches: [\"sg-open\"]", &asked[..1], Verdict::Unreachable);
    undetermined("touches: [\"sg-mute\"]", &asked[..1]);
}

#[test]
fn rules_that_are_not_known_make_no_route() {
    let asked = [("ins-far", "internet"), ("internet", "ins-app")];
    decided("touches: [\"sg-open\"]", &asked, Verdict::Unreachable);
    // unless a route may be missing, too: together they might let it through
    undetermined("touches: [\"sg-open\", \"rtb-b\"]", &asked[..1]);
    let two = "touches: [\"sg-open\"]), (what: \"z\", reason: \"r\", touches: [\"rtb-b\"]";
    undetermined(two, &asked[..1]);
}

#[test]
fn what_is_dropped_on_the_way_there_needs_no_way_back() {
    decided("touches: [\"rtb-a\"]", &[("internet", "ins-web")], Verdict::Unreachable);
    undetermined("touches: [\"sg-open\"]", &[("internet", "ins-web")]);
}

#[test]
fn a_certain_gain_and_a_certain_loss_stay_partial() {
    let asked = [("ins-mute | ins-app | ins-far", "ins-web")];
    decided("touches: [\"sg-mute\"], destinations: [\"192.0.2.0/24\"]", &asked, Verdict::Partial);
    let told = verdicts("touches: [\"rtb-b\"]", &asked);
    assert_eq!(told, [(Verdict::Partial, true)]);
}

#[test]
fn a_missing_endpoint_bears_on_the_sets_that_lack_it_and_on_no_pair() {
    let entry = "missing_from: [\"vpc-a\", \"sg-open\"]";
    let asked = [
        ("vpc-a & sg-mute", "vpc-b"),
        ("internet", "sg-open"),
        ("10.1.2.0/24", "ins-far"),
        ("ins-far", "subnet-a & !ins-web"),
    ];
    undetermined(entry, &asked);
    decided(entry, &[("ins-web", "ins-far")], Verdict::Reachable);
    decided(entry, &[("ins-mute", "subnet-b")], Verdict::Unreachable);
    // whatever is missing, some works and some does not
    decided(entry, &[("vpc-a", "vpc-b")], Verdict::Partial);
}

#[test]
fn an_entry_must_name_what_there_is() {
    let text =
        "Scenario(network: (unmodelled: [(what: \"x\", reason: \"r\", touches: [\"vpc-x\"])]))";
    let loaded = load("main.ron", &Shelf(&[("main.ron".to_owned(), text.to_owned())]));
    let codes: Vec<_> = loaded.diagnostics.iter().map(|it| it.code.name()).collect();
    assert_eq!(codes, ["unknown-id"]);
}

#[test]
fn the_internet_is_touched_by_its_name() {
    let entry = "touches: [\"internet\"]";
    undetermined(entry, &[("internet", "ins-web"), ("ins-web", "internet")]);
    // who means a public address goes out and comes back in
    undetermined(entry, &[("ins-app", "203.0.113.2")]);
    decided(entry, &[("ins-web", "ins-app"), ("ins-far", "ins-web")], Verdict::Reachable);
}

#[test]
fn what_is_kept_to_the_internet_leaves_all_other_packets_certain() {
    let entry = r#"touches: ["ins-web"], destinations: ["internet"]"#;
    undetermined(entry, &[("internet", "ins-web"), ("ins-web", "internet")]);
    let private = [("ins-app", "ins-web"), ("ins-web", "ins-far")];
    decided(entry, &private, Verdict::Reachable);
    // beside a CIDR it adds to it
    let both = r#"touches: ["ins-web"], destinations: ["10.2.0.0/16", "internet"]"#;
    undetermined(both, &[("ins-web", "ins-far"), ("ins-web", "internet")]);
    decided(both, &[("ins-app", "ins-web")], Verdict::Reachable);
}
