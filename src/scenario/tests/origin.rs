//! Where parts of a network stand, before and after changes.

use super::super::{Loaded, Origins};
use super::asked;
use crate::model::{Key, Locate, Place};

/// The text that a place is shown by.
fn shown(origins: &Origins, loaded: &Loaded, place: &Place) -> String {
    let span = origins.locate(place).expect("a place");
    loaded.sources.get(span.file).expect("a file").text[span.range()].to_owned()
}

fn item(id: &str, list: &'static str, index: usize) -> Place {
    Place::item(&id.into(), list, index)
}

#[test]
fn parts_are_found_where_the_file_writes_them() {
    let loaded = asked("");
    let origins = loaded.scenario.as_ref().expect("a scenario").origins.clone();
    let shown = |place: Place| shown(&origins, &loaded, &place);
    assert_eq!(shown(Place::of(&"vpc-tom".into())), "\"vpc-tom\"");
    assert_eq!(shown(Place::field(&"vpc-tom".into(), "cidr")), "\"10.1.0.0/16\"");
    assert_eq!(shown(item("acl-web", "ingress", 1)), "Accept(service: \"tcp:1024-65535\")");
    assert_eq!(shown(item("acl-web", "ingress", 0).then(Key::Field("from"))), "\"10.0.0.0/8\"");
    assert_eq!(shown(item("vpc-tom", "classic_links", 0)), "\"ins-tom\"");
    // what is not written is shown by what encloses it
    assert_eq!(shown(Place::field(&"vpc-tom".into(), "ipv6_cidr")), "\"vpc-tom\"");
    assert_eq!(
        shown(item("acl-web", "ingress", 9)),
        "[Accept(from: \"10.0.0.0/8\", service: \"tcp:22\"), Accept(service: \"tcp:1024-65535\")]"
    );
    assert_eq!(origins.locate(&Place::of(&"nobody".into())), None);
}

/// The places after the changes of a what-if.
fn after(changes: &str, places: &[(Place, &str)]) {
    let loaded = asked(&format!(r#"what_if: [(name: "w", changes: [{changes}])]"#));
    let scenario = loaded.scenario.as_ref().unwrap_or_else(|| panic!("{}", super::told(&loaded)));
    let changes = &scenario.what_if[0].changes;
    let origins = changes.iter().fold(scenario.origins.clone(), |origins, planned| {
        origins.after(&planned.change, planned.origin)
    });
    for (place, text) in places {
        assert_eq!(shown(&origins, &loaded, place), *text, "{place:?}");
    }
}

#[test]
fn rules_move_with_the_list_and_new_ones_stand_in_the_change() {
    after(
        r#"CreateSecurityGroupPolicies(security_group: "sg-ssh", ingress: [Drop(service: "udp"), Drop(service: "gre")]),
           CreateSecurityGroupPolicies(security_group: "sg-ssh", ingress: [Accept(service: "icmp")], at: 1),
           DeleteSecurityGroupPolicies(security_group: "sg-ssh", ingress: [0], egress: [0])"#,
        &[
            (item("sg-ssh", "ingress", 0), r#"Accept(service: "icmp")"#),
            (item("sg-ssh", "ingress", 1), r#"Drop(service: "gre")"#),
            (item("sg-ssh", "ingress", 2), r#"Accept(from: "sg-open", service: "tcp:22")"#),
            (item("sg-ssh", "ingress", 2).then(Key::Field("from")), r#""sg-open""#),
            (item("sg-ssh", "egress", 0), r#""sg-ssh""#),
        ],
    );
    after(
        r#"ModifyNetworkAclEntries(network_acl: "acl-web", ingress: [Drop()])"#,
        &[
            (item("acl-web", "ingress", 0), "Drop()"),
            (item("acl-web", "egress", 0), r#"Accept(service: "tcp:all")"#),
        ],
    );
}

#[test]
fn fields_that_changes_set_stand_in_the_change() {
    after(
        r#"ModifyPrivateIpAddress(instance: "ins-tom", ip: "10.60.3.9"),
           AssociateSecurityGroups(instance: "ins-tom", security_groups: ["sg-ssh"]),
           DisassociateNetworkAclSubnets(network_acl: "acl-web", subnets: ["subnet-web"])"#,
        &[
            (Place::field(&"ins-tom".into(), "ip"), r#""10.60.3.9""#),
            (item("ins-tom", "security_groups", 0), r#""sg-ssh""#),
            (Place::field(&"ins-tom".into(), "region"), r#""ap-guangzhou""#),
            (
                Place::field(&"subnet-web".into(), "network_acl"),
                r#"DisassociateNetworkAclSubnets(network_acl: "acl-web", subnets: ["subnet-web"])"#,
            ),
        ],
    );
}

#[test]
fn created_and_replaced_things_stand_in_the_change() {
    after(
        r#"Create(
               route_tables: { "rtb": (vpc: "vpc-tom", routes: [(to: "8.0.0.0/8", via: Eip), (to: "9.0.0.0/8", via: Eip)]) },
               vpn_gateways: { "gw": (attached_to: Vpc("vpc-tom"), connections: [(id: "tunnel", site: "idc")]) },
               sites: { "idc": (cidrs: []) },
               load_balancers: { "lb": (
                   network: Internal(subnet: "subnet-web", vip: "10.1.1.99"),
                   listeners: [(service: "tcp:80", targets: [(instance: "ins-web", port: 80), (instance: "ins-new", port: 80)])],
               ) },
           ),
           DeleteRoutes(route_table: "rtb", to: ["8.0.0.0/8"]),
           CreateRoutes(route_table: "rtb", routes: [(to: "7.0.0.0/8", via: Eip)]),
           RegisterTargets(load_balancer: "lb", service: "tcp:80", targets: [(instance: "ins-new", port: 81)]),
           DeregisterTargets(load_balancer: "lb", service: "tcp:80", targets: [(instance: "ins-new", port: 80)]),
           Replace(vpcs: { "vpc-tom": (region: "ap-guangzhou", cidr: "10.1.0.0/16", name: "new") })"#,
        &[
            (Place::of(&"tunnel".into()), r#""tunnel""#),
            (item("rtb", "routes", 0), r#"(to: "9.0.0.0/8", via: Eip)"#),
            (item("rtb", "routes", 1), r#"(to: "7.0.0.0/8", via: Eip)"#),
            (Place::field(&"lb".into(), "network").then(Key::Field("vip")), r#""10.1.1.99""#),
            (
                item("lb", "listeners", 0)
                    .then(Key::Field("targets"))
                    .then(Key::Index(1))
                    .then(Key::Field("port")),
                "81",
            ),
            (Place::field(&"vpc-tom".into(), "name"), r#""new""#),
            (item("vpc-tom", "classic_links", 0), r#""ins-tom""#),
        ],
    );
}

#[test]
fn links_come_and_go() {
    after(
        r#"Create(classic: (instances: { "ins-two": (region: "ap-guangzhou", ip: "10.60.3.8", security_groups: ["sg-open"]) })),
           AttachClassicLinkVpc(vpc: "vpc-tom", instances: ["ins-two"]),
           DetachClassicLinkVpc(vpc: "vpc-tom", instances: ["ins-tom"])"#,
        &[(item("vpc-tom", "classic_links", 0), r#""ins-two""#)],
    );
    after(
        r#"TerminateInstances(["ins-tom"])"#,
        &[(item("vpc-tom", "classic_links", 0), r#""vpc-tom""#)],
    );
}

#[test]
fn links_outlive_the_vpc_being_replaced() {
    after(
        r#"Create(classic: (instances: { "ins-two": (region: "ap-guangzhou", ip: "10.60.3.8", security_groups: ["sg-open"]) })),
           AttachClassicLinkVpc(vpc: "vpc-tom", instances: ["ins-two"]),
           Replace(vpcs: { "vpc-tom": (region: "ap-guangzhou", cidr: "10.1.0.0/16") })"#,
        &[
            (item("vpc-tom", "classic_links", 0), r#""ins-tom""#),
            (item("vpc-tom", "classic_links", 1), r#""ins-two""#),
        ],
    );
}

#[test]
fn the_state_of_a_propagated_route_stands_in_the_change() {
    after(
        r#"Create(route_tables: { "rtb": (vpc: "vpc-tom", routes: [(to: "9.0.0.0/8", via: Eip)]) }),
           EnableRoutes(route_table: "rtb", to: ["9.0.0.0/8", "10.7.0.0/16"])"#,
        &[
            (item("rtb", "routes", 0), r#"(to: "9.0.0.0/8", via: Eip)"#),
            (item("rtb", "routes", 1), r#""10.7.0.0/16""#),
        ],
    );
}
