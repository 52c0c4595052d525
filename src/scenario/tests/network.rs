//! Mistakes inside a network, and what the readers make of every section.

use std::net::IpAddr;

use super::super::sample::scenario;
use super::network;
use crate::model::{DirectConnectKind, NextHop, Peer, Served, SnatSource};
use crate::space::AddressSet;

const VPC: &str = r#"vpcs: { "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16") }"#;

#[test]
fn an_unknown_field_gets_a_near_name_or_the_list() {
    assert_eq!(
        network(r#"sites: { "idc": (cidrs: [], cdirs: []) }"#),
        "unknown-field 1:39 <cdirs> `site` has no field `cdirs` \
         [its fields: `account`, `name`, `tags`, `cidrs`]"
    );
    assert_eq!(
        network(r#"sites: { "idc": (cdirs: []) }"#),
        "unknown-field 1:28 <cdirs> `site` has no field `cdirs` [did you mean `cidrs`?]"
    );
}

#[test]
fn a_field_is_written_once() {
    assert_eq!(
        network(r#"sites: { "idc": (cidrs: [], cidrs: []) }"#),
        "duplicate-field 1:39 <cidrs> `cidrs` is written twice (first here main.ron:1:28) [keep one of them]"
    );
}

#[test]
fn a_value_of_the_wrong_shape_is_named() {
    let port = |value: &str| {
        network(&format!(
            r#"classic: (databases: {{ "cdb": (region: "r", ip: "10.60.0.1", engine: Redis, port: {value}) }})"#
        ))
    };
    assert_eq!(
        port("\"80\""),
        "invalid-value 1:93 <\"80\"> a number is needed here, not a string [write `80`]"
    );
    assert_eq!(
        port("70000"),
        "invalid-value 1:93 <70000> a whole number from 1 to 65535 is needed here"
    );
    assert_eq!(port("-1"), "invalid-value 1:93 <-1> a whole number from 1 to 65535 is needed here");
    assert_eq!(
        port("8.5"),
        "invalid-value 1:93 <8.5> a whole number from 1 to 65535 is needed here"
    );
    assert_eq!(
        port("Redis"),
        "invalid-value 1:93 <Redis> a number is needed here, not the word `Redis`"
    );
    assert_eq!(port("[1]"), "invalid-value 1:93 <[1]> a number is needed here, not a list `[…]`");
    assert_eq!(port("true"), "invalid-value 1:93 <true> a number is needed here, not a boolean");
    assert_eq!(port("None"), "");
    assert_eq!(port("Some(6380)"), "");
}

#[test]
fn sections_are_maps_of_ids() {
    assert_eq!(
        network("vpcs: []"),
        "invalid-value 1:17 <[]> a map `{…}` is needed here, not a list `[…]`"
    );
    assert_eq!(
        network("vpcs: { 1: () }"),
        "invalid-value 1:19 <1> a string is needed here, not a number [write `\"1\"`]"
    );
    assert_eq!(
        network(r#"sites: { "idc": "x" }"#),
        "invalid-value 1:27 <\"x\"> a struct `(…)` is needed here, not a string"
    );
    assert_eq!(
        network(r#"sites: { "idc": ("x") }"#),
        "invalid-value 1:27 <(\"x\")> named fields are needed here, as in `(name: …)`"
    );
    assert_eq!(
        network(r#"sites: { "idc": Site(cidrs: []) }"#),
        "invalid-value 1:27 <Site> a struct `(…)` is needed here, not the word `Site`"
    );
}

#[test]
fn words_are_written_without_quotes_and_known() {
    let database = |engine: &str| {
        network(&format!(
            r#"classic: (databases: {{ "cdb": (region: "r", ip: "10.60.0.1", engine: {engine}) }})"#
        ))
    };
    assert_eq!(
        database("MySQL"),
        "unknown-variant 1:80 <MySQL> there is no `MySQL` here [did you mean `MySql`?]"
    );
    assert_eq!(
        database("\"MySql\""),
        "invalid-value 1:80 <\"MySql\"> a word is needed here, not a string [write `MySql` without quotes]"
    );
    assert_eq!(
        database("MySql(8)"),
        "invalid-value 1:80 <MySql> `MySql` takes nothing in parentheses"
    );
}

#[test]
fn ids_are_unique_over_all_kinds() {
    assert_eq!(
        network(r#"sites: { "x": (cidrs: []), "x": (cidrs: []) }"#),
        "duplicate-id 1:38 <\"x\"> `x` is defined twice (first here main.ron:1:20)"
    );
    assert_eq!(
        network(r#"sites: { "x": (cidrs: []) }, accounts: { "x": () }"#),
        "duplicate-id 1:20 <\"x\"> `x` is defined twice (first here main.ron:1:52)"
    );
    assert_eq!(
        network(
            r#"sites: { "idc": (cidrs: ["192.168.0.0/16"]) }, ccns: { "ccn": () }, vpn_gateways: { "gw": (
            attached_to: Ccn("ccn"), connections: [(id: "idc", site: "idc")]) }"#
        ),
        "duplicate-id 2:57 <\"idc\"> `idc` is defined twice (first here main.ron:1:20)"
    );
}

#[test]
fn some_words_are_no_ids() {
    for (id, meaning) in [
        ("internet", "the public hosts that the file does not own"),
        ("TCP", "a service"),
        ("all", "a service"),
        ("10.0.0.1", "addresses"),
        ("10.0.0.1/8", "addresses"),
        ("fd00::1", "addresses"),
        ("tag:x", "the endpoints with a tag"),
        ("classic-link:x", "the classic links of a VPC"),
    ] {
        let said = network(&format!(r#"sites: {{ "{id}": (cidrs: []) }}"#));
        assert_eq!(
            said,
            format!("reserved-id 1:20 <\"{id}\"> `{id}` means {meaning} and cannot be an id")
        );
    }
    for id in ["a b", "a|b", "a&b", "!a", "(a", "a)", "a,b", "", "a\tb"] {
        let said = network(&format!(r#"sites: {{ "{id}": (cidrs: []) }}"#));
        assert!(said.starts_with("invalid-value"), "{id}: {said}");
    }
    for id in ["数据库", "tencentcloud_vpc.main[0]", "Internet", "a=b", "tag", "10.0.0.1-10.0.0.9"]
    {
        assert_eq!(network(&format!(r#"sites: {{ "{id}": (cidrs: []) }}"#)), "", "{id}");
    }
}

#[test]
fn a_reference_leads_to_a_thing_of_the_right_kind() {
    let subnet = |vpc: &str| {
        network(&format!(r#"{VPC}, subnets: {{ "s": (vpc: "{vpc}", cidr: "10.1.1.0/24") }}"#))
    };
    assert_eq!(subnet("vpc-a"), "");
    assert_eq!(
        subnet("vpc-b"),
        "unknown-id 1:99 <\"vpc-b\"> there is no VPC `vpc-b` [did you mean `vpc-a`?]"
    );
    assert_eq!(
        subnet("s"),
        "wrong-kind 1:99 <\"s\"> `s` is a subnet, a VPC is needed here [there is `vpc-a`]"
    );
    assert_eq!(
        subnet("nothing-like-it"),
        "unknown-id 1:99 <\"nothing-like-it\"> there is no VPC `nothing-like-it` [there is `vpc-a`]"
    );
}

#[test]
fn host_bits_are_masked_with_a_warning() {
    assert_eq!(
        network(r#"sites: { "idc": (cidrs: ["192.168.1.1/24"]) }"#),
        "host-bits-masked 1:36 <\"192.168.1.1/24\"> \
         `192.168.1.1/24` has host bits; it is read as `192.168.1.0/24`"
    );
    assert_eq!(
        network(r#"sites: { "idc": (cidrs: ["192.168.1.1"]) }"#),
        "invalid-value 1:37 <192.168.1.1> `192.168.1.1` is no CIDR [write `192.168.1.1/32`]"
    );
}

#[test]
fn a_rule_names_addresses_groups_or_templates() {
    let text = r#"(network: (
        security_groups: { "g": (
            ingress: [
                Accept(from: "10.0.0.1"), Accept(from: "fd00::/8"), Accept(from: "g"), Drop(from: "office"),
                Accept(from: "offices", service: "web"), Drop(service: "webs"), Drop, Accept((from: "g")),
            ],
            egress: [Accept(to: "office", service: "TCP:80,443")],
        )},
        address_templates: { "office": (addresses: ["10.0.0.0/8", "10.1.1.1-10.1.1.9", "fd00::1"]) },
        address_template_groups: { "offices": (templates: ["office"]) },
        service_templates: { "web": (services: ["tcp:80"]) },
        service_template_groups: { "webs": (templates: ["web"]) },
    ))"#;
    let network = scenario(text).network;
    let rules = &network.security_groups["g"].ingress;
    assert_eq!(rules[0].peer, Peer::Addresses(AddressSet::single(IpAddr::from([10, 0, 0, 1]))));
    assert_eq!(rules[2].peer, Peer::SecurityGroup("g".into()));
    assert_eq!(rules[3].peer, Peer::AddressTemplate("office".into()));
    assert_eq!(rules[4].peer, Peer::AddressTemplateGroup("offices".into()));
    assert_eq!(rules[4].service, Served::Template("web".into()));
    assert_eq!(rules[5].service, Served::TemplateGroup("webs".into()));
    assert_eq!(rules[6].peer, Peer::Any);
    assert_eq!(rules[7].peer, Peer::SecurityGroup("g".into()));
    assert_eq!(network.address_templates["office"].addresses.len(), 3);
}

#[test]
fn a_rule_of_a_group_knows_which_side_is_its_own() {
    let rule = |rule: &str| network(&format!(r#"security_groups: {{ "g": ({rule}) }}"#));
    assert_eq!(
        rule(r#"ingress: [Accept(to: "g")]"#),
        "unknown-field 1:53 <to> an ingress rule of a security group has no field `to` \
         [the receiver is always a member of the group; the other side is `from`]"
    );
    assert_eq!(
        rule(r#"egress: [Drop(from: "g")]"#),
        "unknown-field 1:50 <from> an egress rule of a security group has no field `from` \
         [the sender is always a member of the group; the other side is `to`]"
    );
    assert_eq!(
        rule(r#"ingress: [Accept(from: "10.0.0.0/33")]"#),
        "invalid-value 1:59 <\"10.0.0.0/33\"> `10.0.0.0/33` is neither an address nor a CIDR [a mask goes from /0 to /32]"
    );
    assert_eq!(
        rule(r#"ingress: [Accept(from: "h")]"#),
        "unknown-id 1:59 <\"h\"> nothing has the id `h` [did you mean `g`?]"
    );
    assert_eq!(
        rule(r#"ingress: [Accept(service: "tpc:80")]"#),
        "invalid-value 1:63 <tpc> `tpc` is no protocol [did you mean `tcp`?]"
    );
    assert_eq!(
        rule(r#"ingress: [Accept(service: "ppm-web")]"#),
        "unknown-id 1:62 <\"ppm-web\"> nothing has the id `ppm-web`"
    );
    assert_eq!(
        rule("ingress: [Allow()]"),
        "unknown-variant 1:46 <Allow> there is no `Allow` here [did you mean `Accept`?]"
    );
}

#[test]
fn a_rule_of_an_acl_takes_both_sides_and_one_range() {
    let rule = |rule: &str| {
        network(&format!(r#"{VPC}, network_acls: {{ "acl": (vpc: "vpc-a", ingress: [{rule}]) }}"#))
    };
    assert_eq!(
        rule(
            r#"Accept(from: "10.0.0.1", source_port: "80,90", to: "fd00::/8", service: "tcp:1-2")"#
        ),
        ""
    );
    assert_eq!(
        rule(r#"Accept(service: "tcp:80,81")"#),
        "invalid-value 1:148 <,> a network ACL rule takes one port or one range [write a rule for each (ACL-8)]"
    );
    assert_eq!(
        rule(r#"Accept(service: "gre")"#),
        "invalid-value 1:142 <gre> a network ACL has no rules for GRE \
         [its protocols are tcp, udp, icmp and all (ACL-8)]"
    );
}

#[test]
fn gateways_and_routes_are_read() {
    let text = r#"(network: (
        vpcs: { "vpc-a": (region: "r", cidr: "10.1.0.0/16"), "vpc-b": (region: "r", cidr: "10.2.0.0/16") },
        subnets: { "s": (vpc: "vpc-a", cidr: "10.1.1.0/24", route_table: "rtb") },
        security_groups: { "g": () },
        instances: { "ins": (subnet: "s", ip: "10.1.1.10", eip: "1.2.3.4", security_groups: ["g"]) },
        instance_groups: { "asg": (subnet: "s", ips: "10.1.1.20-10.1.1.29", security_groups: ["g"]) },
        havips: { "havip": (subnet: "s", ip: "10.1.1.11", bound_to: "ins") },
        route_tables: { "rtb": (vpc: "vpc-a", routes: [
            (to: "0.0.0.0/0", via: NatGateway("nat")),
            (to: "192.168.0.0/16", via: VpnGateway("vpngw"), enabled: false),
            (to: "8.8.8.8/32", via: Eip),
        ]) },
        nat_gateways: { "nat": (
            vpc: "vpc-a",
            eips: ["1.1.1.1"],
            snat: [(from: "s", eips: ["1.1.1.1"]), (from: "ins", eips: ["1.1.1.1"]), (from: "10.1.1.0/25", eips: ["1.1.1.1"])],
            dnat: [
                (service: "tcp:443", eip: "1.1.1.1", to: "ins", port: 8443),
                (service: "tcp:444", eip: "1.1.1.1", to: "asg[10.1.1.21]", port: 1),
            ],
        ) },
        vpn_gateways: { "vpngw": (attached_to: Vpc("vpc-a"), connections: [
            (id: "vpnx", site: "idc", policies: [(local: "10.1.0.0/16", remote: ["192.168.0.0/16"])]),
        ]) },
        direct_connect_gateways: { "dcg": (attached_to: Vpc("vpc-b"), kind: Nat(
            local_ips: [(address: "10.2.0.10", mapped: "172.16.0.1"), ("10.2.0.11", "172.16.0.2")],
        ), tunnels: [(id: "dcx", site: "idc", prefixes: ["192.168.0.0/16"])]) },
        peerings: { "pcx": (between: ("vpc-a", "vpc-b"), state: Pending) },
        sites: { "idc": (cidrs: ["192.168.0.0/16"], tags: { "role": "office" }) },
    ))"#;
    let network = scenario(text).network;
    let routes = &network.route_tables["rtb"].routes;
    assert_eq!(routes[0].via, NextHop::NatGateway("nat".into()));
    assert!(routes[0].enabled && !routes[1].enabled);
    assert_eq!(routes[2].via, NextHop::Eip);
    let nat = &network.nat_gateways["nat"];
    assert_eq!(nat.snat[0].from, SnatSource::Subnet("s".into()));
    assert_eq!(nat.snat[1].from, SnatSource::Instance("ins".into()));
    assert_eq!(nat.dnat[0].to, IpAddr::from([10, 1, 1, 10]));
    assert_eq!(nat.dnat[1].to, IpAddr::from([10, 1, 1, 21]));
    let DirectConnectKind::Nat(mappings) = &network.direct_connect_gateways["dcg"].kind else {
        panic!("a NAT-type gateway")
    };
    assert_eq!(mappings.local_ips[1].1, IpAddr::from([172, 16, 0, 2]));
    assert_eq!(network.sites["idc"].meta.tags["role"], "office");
}

#[test]
fn a_next_hop_says_what_it_needs() {
    let hop = |hop: &str| {
        network(&format!(
            r#"{VPC}, route_tables: {{ "rtb": (vpc: "vpc-a", routes: [(to: "0.0.0.0/0", via: {hop})]) }}"#
        ))
    };
    assert_eq!(
        hop("NatGateway"),
        "invalid-value 1:147 <NatGateway> `NatGateway` takes one value in parentheses: `NatGateway(…)`"
    );
    assert_eq!(
        hop(r#"Nat("nat")"#),
        "unknown-variant 1:147 <Nat> there is no `Nat` here [one of: `NatGateway`, `VpnGateway`, `DirectConnectGateway`, `PeeringConnection`, `Ccn`, `HaVip`, `Instance`, `PublicGateway`, `Eip`]"
    );
    assert_eq!(
        hop(r#"Instance("vpc-a")"#),
        "wrong-kind 1:156 <\"vpc-a\"> `vpc-a` is a VPC, an instance is needed here"
    );
    assert_eq!(hop(r#"Eip("x")"#), "invalid-value 1:147 <Eip> `Eip` takes nothing in parentheses");
}

#[test]
fn instance_groups_are_bounded_and_have_the_members_that_they_have() {
    let group = |ips: &str, target: &str| {
        network(&format!(
            r#"{VPC}, subnets: {{ "s": (vpc: "vpc-a", cidr: "10.1.0.0/17") }}, security_groups: {{ "g": () }},
            instance_groups: {{ "asg": (subnet: "s", ips: "{ips}", security_groups: ["g"]) }},
            load_balancers: {{ "lb": (network: Internal(subnet: "s", vip: "10.1.2.2"),
                listeners: [(service: "tcp:80", targets: [(instance: "{target}", port: 80)])]) }}"#
        ))
    };
    assert_eq!(group("10.1.1.5-10.1.1.9", "asg[10.1.1.5]"), "");
    assert_eq!(
        group("10.1.1.5-10.1.1.9", "asg[10.1.1.4]"),
        "unknown-id 4:70 <\"asg[10.1.1.4]\"> `asg` has no member 10.1.1.4 [its addresses are 10.1.1.5-10.1.1.9]"
    );
    assert_eq!(
        group("10.1.1.5-10.1.1.9", "asg"),
        "wrong-kind 4:70 <\"asg\"> `asg` is an instance group, \
         an instance, a network interface or a classic instance is needed here [name one member: `asg[address]`]"
    );
    assert!(group("10.1.1.9-10.1.1.5", "asg[10.1.1.5]").contains("[write `10.1.1.5-10.1.1.9`]"));
    assert!(group("10.0.0.0-10.255.0.0", "asg[10.1.1.5]").starts_with("too-large"));
    assert!(group("fd00::-fdff::", "asg[10.1.1.5]").starts_with("too-large"));
}

#[test]
fn accounts_need_no_declaration_until_one_is_declared() {
    let site = r#"sites: { "idc": (account: "acct-b", cidrs: []) }"#;
    assert_eq!(network(site), "");
    assert_eq!(
        network(&format!(r#"accounts: {{ "acct-a": () }}, {site}"#)),
        "unknown-id 1:65 <\"acct-b\"> there is no account `acct-b` [did you mean `acct-a`?]"
    );
    assert_eq!(
        network(r#"accounts: { "acct-a": () }, sites: { "idc": (account: "default", cidrs: []) }"#),
        ""
    );
}

#[test]
fn tags_belong_to_endpoints() {
    assert!(
        network(r#"vpcs: { "v": (region: "r", cidr: "10.0.0.0/16", tags: {}) }"#)
            .starts_with("unknown-field")
    );
    assert_eq!(
        network(r#"sites: { "idc": (cidrs: [], tags: { "a": "1", "a": "2" }) }"#),
        "duplicate-id 1:57 <\"a\"> the tag `a` is written twice"
    );
}

#[test]
fn limits_of_the_cloud_are_shown_where_the_file_breaks_them() {
    assert_eq!(
        network(r#"vpcs: { "v": (region: "r", cidr: "10.0.0.0/8") }"#)
            .split(' ')
            .take(3)
            .collect::<Vec<_>>(),
        ["vpc-cidr-invalid", "1:44", "<\"10.0.0.0/8\">"]
    );
}
