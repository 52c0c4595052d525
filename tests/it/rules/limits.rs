//! What the cloud has no room for: how many of something there may be, and words that a part does not take. Each case cites the
//! rule that says so; the numbers are the rule's, not the program's.

use std::fmt::Write;
use std::io;

use pathproof::code::Code;
use pathproof::scenario::{Files, load};

struct Text(String);

impl Files for Text {
    fn read(&self, _path: &str) -> io::Result<Vec<u8>> {
        Ok(self.0.clone().into())
    }
}

/// The codes that a network's text is told of, and the text of the messages.
fn told(network: &str) -> Vec<(Code, String)> {
    let loaded = load("limits.ron", &Text(format!("(network: ({network}))")));
    let all = loaded.diagnostics.into_iter();
    all.map(|it| (it.code, it.message.to_string())).collect()
}

fn codes(network: &str) -> Vec<Code> {
    told(network).into_iter().map(|(code, _)| code).collect()
}

/// `count` copies of an entry, its number for every `#`.
fn many(count: usize, entry: &str) -> String {
    (1..=count).fold(String::new(), |mut all, number| {
        let _ = write!(all, "{},", entry.replace('#', &number.to_string()));
        all
    })
}

const VPC: &str = r#"vpcs: { "vpc-a": (region: "ap-guangzhou", cidr: "10.0.0.0/12") },"#;

/// What an endpoint service stands in front of.
const SERVED: &str = r#"vpcs: { "vpc-a": (region: "ap-guangzhou", cidr: "10.0.0.0/12") },
    subnets: { "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24") },
    load_balancers: { "lb-a": (network: Internal(subnet: "subnet-a", vip: "10.1.1.5"), listeners: []) },"#;

/// A quota of the cloud: the rule, how many there may be, whether an increase lifts it, and the network with so many.
struct Limit(&'static str, usize, Code, fn(usize) -> String);

const LIMITS: [Limit; 21] = [
    Limit("PL-9", 50, Code::QuotaWarning, |count| {
        let endpoints =
            many(count, r#""vpce-#": (subnet: "subnet-a", ip: "10.1.1.1#", service: "vpcsvc-a")"#);
        format!(
            r#"{SERVED} endpoint_services: {{ "vpcsvc-a": (vpc: "vpc-a", load_balancer: "lb-a") }},
            vpc_endpoints: {{ {endpoints} }}"#
        )
    }),
    Limit("PL-9", 100, Code::QuotaWarning, |count| {
        let services = many(count, r#""vpcsvc-#": (vpc: "vpc-a", load_balancer: "lb-a")"#);
        format!("{SERVED} endpoint_services: {{ {services} }}")
    }),
    Limit("VPC-2", 5, Code::QuotaWarning, |count| {
        let more = many(count, r#""10.2#.0.0/16""#);
        format!(
            r#"vpcs: {{ "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16", secondary_cidrs: [{more}]) }}"#
        )
    }),
    Limit("VPC-3", 100, Code::QuotaWarning, |count| {
        let subnets = many(count, r#""subnet-#": (vpc: "vpc-a", cidr: "10.1.#.0/24")"#);
        format!("{VPC} subnets: {{ {subnets} }}")
    }),
    Limit("VPC-7", 20, Code::QuotaWarning, |count| {
        let vpcs = many(count, r#""vpc-#": (region: "ap-guangzhou", cidr: "10.1.0.0/16")"#);
        format!("vpcs: {{ {vpcs} }}")
    }),
    Limit("RT-2", 10, Code::QuotaWarning, |count| {
        format!("{VPC} route_tables: {{ {} }}", many(count, r#""rtb-#": (vpc: "vpc-a")"#))
    }),
    Limit("RT-2", 50, Code::QuotaWarning, |count| {
        let routes = many(count, r#"(to: "192.168.#.0/24", via: Eip)"#);
        format!(r#"{VPC} route_tables: {{ "rtb-a": (vpc: "vpc-a", routes: [{routes}]) }}"#)
    }),
    Limit("SG-15", 50, Code::QuotaWarning, |count| {
        format!("security_groups: {{ {} }}", many(count, r#""sg-#": (region: "ap-guangzhou")"#))
    }),
    Limit("SG-15", 100, Code::QuotaWarning, |count| {
        let rules = many(count, r#"Accept(service: "tcp:#")"#);
        format!(r#"security_groups: {{ "sg-a": (ingress: [{rules}]) }}"#)
    }),
    Limit("SG-15, D-11", 5, Code::QuotaWarning, |count| {
        let groups = many(count, r#""sg-#": ()"#);
        let bound = many(count, r#""sg-#""#);
        format!(
            r#"{VPC} subnets: {{ "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24") }}, security_groups: {{ {groups} }},
            instances: {{ "ins-a": (subnet: "subnet-a", ip: "10.1.1.10", security_groups: [{bound}]) }}"#
        )
    }),
    Limit("SG-15", 10, Code::QuotaWarning, |count| {
        let groups = many(count, r#""sg-#": ()"#);
        let rules = many(count, r#"Accept(from: "sg-#")"#);
        format!(r#"security_groups: {{ {groups} "sg-a": (ingress: [{rules}]) }}"#)
    }),
    Limit("SG-14", 20, Code::QuotaExceeded, |count| {
        format!(
            r#"address_templates: {{ "ipm-a": (addresses: [{}]) }}"#,
            many(count, r#""10.#.0.0/16""#)
        )
    }),
    Limit("ACL-10", 50, Code::QuotaWarning, |count| {
        format!("{VPC} network_acls: {{ {} }}", many(count, r#""acl-#": (vpc: "vpc-a")"#))
    }),
    Limit("ACL-10", 20, Code::QuotaWarning, |count| {
        let rules = many(count, r#"Accept(service: "tcp:#")"#);
        format!(r#"{VPC} network_acls: {{ "acl-a": (vpc: "vpc-a", egress: [{rules}]) }}"#)
    }),
    Limit("PCX-8", 10, Code::QuotaWarning, |count| {
        let vpcs = many(count, r#""vpc-#": (region: "ap-guangzhou", cidr: "172.16.#.0/24")"#);
        let peerings = many(count, r#""pcx-#": (between: ("vpc-a", "vpc-#"))"#);
        format!(
            r#"vpcs: {{ "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16"), {vpcs} }}, peerings: {{ {peerings} }}"#
        )
    }),
    Limit("CCN-13", 5, Code::QuotaWarning, |count| {
        format!("ccns: {{ {} }}", many(count, r#""ccn-#": (attachments: [])"#))
    }),
    Limit("NAT-14", 3, Code::QuotaWarning, |count| {
        format!("{VPC} nat_gateways: {{ {} }}", many(count, r#""nat-#": (vpc: "vpc-a")"#))
    }),
    Limit("NAT-14", 10, Code::QuotaWarning, |count| {
        let eips = many(count, r#""203.0.113.#""#);
        format!(r#"{VPC} nat_gateways: {{ "nat-a": (vpc: "vpc-a", eips: [{eips}]) }}"#)
    }),
    Limit("NAT-14", 200, Code::QuotaWarning, |count| {
        let entries =
            many(count, r#"(service: "tcp:#", eip: "203.0.113.1", to: "10.1.1.10", port: #)"#);
        format!(
            r#"{VPC} subnets: {{ "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24") }}, security_groups: {{ "sg-a": () }},
            instances: {{ "ins-a": (subnet: "subnet-a", ip: "10.1.1.10", security_groups: ["sg-a"]) }},
            nat_gateways: {{ "nat-a": (vpc: "vpc-a", eips: ["203.0.113.1"], dnat: [{entries}]) }}"#
        )
    }),
    Limit("NAT-14", 200, Code::QuotaWarning, |count| {
        let rules = many(count, r#"(from: "10.1.#.0/24", eips: ["203.0.113.1"])"#);
        format!(
            r#"{VPC} nat_gateways: {{ "nat-a": (vpc: "vpc-a", eips: ["203.0.113.1"], snat: [{rules}]) }}"#
        )
    }),
    // the documents call this one a maximum
    Limit("CCN-8", 10, Code::QuotaExceeded, |count| {
        let tables = many(count, r#""ccnrtb-#": (attachments: [])"#);
        format!(r#"ccns: {{ "ccn-a": (attachments: [], route_tables: {{ {tables} }}) }}"#)
    }),
];

#[test]
fn so_many_as_the_rule_says_are_there_without_a_word_and_one_more_is_told() {
    for Limit(rule, most, code, network) in LIMITS {
        assert_eq!(codes(&network(most)), [], "{rule}: {most} are allowed");
        let told = told(&network(most + 1));
        assert!(
            matches!(&told[..], [(found, _)] if *found == code),
            "{rule}: {} are one too many: {told:?}",
            most + 1
        );
        let [first, ..] = rule.split(", ").collect::<Vec<_>>()[..] else {
            continue;
        };
        assert!(told[0].1.contains(first), "{rule}: {}", told[0].1);
    }
}

/// A word that a part does not take, each with the rule that says why.
const NOT_TAKEN: [(&str, &str); 7] = [
    (
        "ACL-14: a classic CVM has no ACL",
        r#"security_groups: { "sg-a": () }, classic: (instances: {
            "ins-a": (region: "ap-guangzhou", ip: "10.60.1.1", security_groups: ["sg-a"], network_acl: "acl-a"),
        })"#,
    ),
    (
        "CN-1: nor a subnet",
        r#"security_groups: { "sg-a": () }, classic: (instances: {
            "ins-a": (region: "ap-guangzhou", ip: "10.60.1.1", security_groups: ["sg-a"], subnet: "subnet-a"),
        })"#,
    ),
    (
        "DB-5: a classic database has no groups",
        r#"classic: (databases: {
            "cdb-a": (region: "ap-guangzhou", ip: "10.60.1.1", engine: MySql, security_groups: ["sg-a"]),
        })"#,
    ),
    (
        "CLB-8, SG-16: a classic load balancer has no groups",
        r#"classic: (load_balancers: {
            "lb-a": (region: "ap-guangzhou", vip: "10.60.1.1", listeners: [], security_groups: ["sg-a"]),
        })"#,
    ),
    (
        "CLB-8: and no pass-through",
        r#"classic: (load_balancers: {
            "lb-a": (region: "ap-guangzhou", vip: "10.60.1.1", listeners: [], pass_to_target: true),
        })"#,
    ),
    (
        "NAT-6, SG-16: a NAT gateway has no groups",
        r#"vpcs: { "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16") },
            nat_gateways: { "nat-a": (vpc: "vpc-a", security_groups: ["sg-a"]) }"#,
    ),
    (
        "NAT-6: and no ACL",
        r#"vpcs: { "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16") },
            nat_gateways: { "nat-a": (vpc: "vpc-a", network_acl: "acl-a") }"#,
    ),
];

#[test]
fn what_a_part_does_not_have_cannot_be_written() {
    for (rule, network) in NOT_TAKEN {
        assert_eq!(codes(network), [Code::UnknownField], "{rule}");
    }
}

/// A network that the cloud does not take, and the same one as it would: the rule, both texts, what is said of the first.
struct Refusal(&'static str, &'static str, &'static str, Code);

const REFUSALS: [Refusal; 14] = [
    Refusal(
        "DC-5: link-local addresses are not announced, but for a part of them",
        r#"sites: { "site-1": (cidrs: ["169.254.0.0/17"]) }, direct_connect_gateways: { "dcg-a": (attached_to: Vpc("vpc-a"),
            tunnels: [(id: "dcx-1", site: "site-1", prefixes: ["169.254.0.0/24"])]) }"#,
        r#"sites: { "site-1": (cidrs: ["169.254.0.0/17"]) }, direct_connect_gateways: { "dcg-a": (attached_to: Vpc("vpc-a"),
            tunnels: [(id: "dcx-1", site: "site-1", prefixes: ["169.254.64.0/24", "169.254.65.0/24"])]) }"#,
        Code::InvalidValue,
    ),
    Refusal(
        "ACL-8: no list of ports",
        r#"network_acls: { "acl-a": (vpc: "vpc-a", ingress: [Accept(service: "tcp:80,443")]) }"#,
        r#"network_acls: { "acl-a": (vpc: "vpc-a", ingress: [Accept(service: "tcp:80-443")]) }"#,
        Code::InvalidValue,
    ),
    Refusal(
        "ACL-8: no GRE",
        r#"network_acls: { "acl-a": (vpc: "vpc-a", ingress: [Accept(service: "gre")]) }"#,
        r#"network_acls: { "acl-a": (vpc: "vpc-a", ingress: [Accept(service: "ICMP")]) }"#,
        Code::InvalidValue,
    ),
    Refusal(
        "ACL-9: host bits are masked, with a word",
        r#"network_acls: { "acl-a": (vpc: "vpc-a", ingress: [Accept(from: "192.168.200.11/24")]) }"#,
        r#"network_acls: { "acl-a": (vpc: "vpc-a", ingress: [Accept(from: "192.168.200.0/24")]) }"#,
        Code::HostBitsMasked,
    ),
    Refusal(
        "SG-10: ICMP has no ports",
        r#"security_groups: { "sg-a": (ingress: [Accept(service: "icmp:8")]) }"#,
        r#"security_groups: { "sg-a": (ingress: [Accept(service: "icmp")]) }"#,
        Code::InvalidValue,
    ),
    Refusal(
        "SG-10: nor has all, but for the word itself",
        r#"security_groups: { "sg-a": (ingress: [Accept(service: "all:80")]) }"#,
        r#"security_groups: { "sg-a": (ingress: [Accept(service: "all:all"), Accept(service: "ALL")]) }"#,
        Code::InvalidValue,
    ),
    Refusal(
        "SG-10: over IPv6 it is ICMPv6",
        r#"security_groups: { "sg-a": (ingress: [Accept(from: "2001:db8::/32", service: "icmp")]) }"#,
        r#"security_groups: { "sg-a": (ingress: [Accept(from: "2001:db8::/32", service: "ICMPV6")]) }"#,
        Code::InvalidValue,
    ),
    Refusal(
        "D-1: a VPC lies in 10.0.0.0/8 with /12 at most",
        r#"vpcs: { "vpc-b": (region: "ap-guangzhou", cidr: "10.0.0.0/11") }"#,
        r#"vpcs: { "vpc-b": (region: "ap-guangzhou", cidr: "10.240.0.0/12") }"#,
        Code::VpcCidrInvalid,
    ),
    Refusal(
        "D-1: and with /28 at least",
        r#"vpcs: { "vpc-b": (region: "ap-guangzhou", cidr: "10.0.0.0/29") }"#,
        r#"vpcs: { "vpc-b": (region: "ap-guangzhou", cidr: "10.0.0.0/28") }"#,
        Code::VpcCidrInvalid,
    ),
    Refusal(
        "D-3: peers of one VPC that overlap, across regions",
        r#"vpcs: {
                "vpc-b": (region: "ap-guangzhou", cidr: "172.16.0.0/16"),
                "vpc-c": (region: "ap-shanghai", cidr: "172.17.0.0/16"),
                "vpc-d": (region: "ap-shanghai", cidr: "172.17.0.0/20"),
            },
            peerings: { "pcx-1": (between: ("vpc-b", "vpc-c")), "pcx-2": (between: ("vpc-b", "vpc-d")) }"#,
        r#"vpcs: {
                "vpc-b": (region: "ap-guangzhou", cidr: "172.16.0.0/16"),
                "vpc-c": (region: "ap-shanghai", cidr: "172.17.0.0/16"),
                "vpc-d": (region: "ap-shanghai", cidr: "172.18.0.0/20"),
            },
            peerings: { "pcx-1": (between: ("vpc-b", "vpc-c")), "pcx-2": (between: ("vpc-b", "vpc-d")) }"#,
        Code::PeeringCidrOverlap,
    ),
    Refusal(
        "D-5: pairs of two tunnels overlap; locals alone may",
        r#"vpn_gateways: { "vpngw-a": (attached_to: Vpc("vpc-a"), connections: [
                (id: "vpnx-1", site: "site-1", policies: [(local: "10.1.0.0/16", remote: ["192.168.1.0/24"])]),
                (id: "vpnx-2", site: "site-1", policies: [(local: "10.1.1.0/24", remote: ["192.168.0.0/16"])]),
            ]) }, sites: { "site-1": (cidrs: ["192.168.0.0/16"]) }"#,
        r#"vpn_gateways: { "vpngw-a": (attached_to: Vpc("vpc-a"), connections: [
                (id: "vpnx-1", site: "site-1", policies: [(local: "10.1.0.0/16", remote: ["192.168.1.0/24"])]),
                (id: "vpnx-2", site: "site-1", policies: [(local: "10.1.1.0/24", remote: ["192.168.2.0/24"])]),
            ]) }, sites: { "site-1": (cidrs: ["192.168.0.0/16"]) }"#,
        Code::VpnPolicyInvalid,
    ),
    Refusal(
        "D20-16: another account below",
        r#"accounts: { "acct-a": (), "acct-b": () },
            vpcs: { "vpc-b": (account: "acct-a", region: "ap-guangzhou", cidr: "10.1.0.0/16") },
            subnets: { "subnet-b": (account: "acct-b", vpc: "vpc-b", cidr: "10.1.1.0/24") }"#,
        r#"accounts: { "acct-a": (), "acct-b": () },
            vpcs: { "vpc-b": (account: "acct-a", region: "ap-guangzhou", cidr: "10.1.0.0/16") },
            subnets: { "subnet-b": (account: "acct-a", vpc: "vpc-b", cidr: "10.1.1.0/24") }"#,
        Code::InvalidValue,
    ),
    Refusal(
        "VPN-1: a gateway of a VPC is no member of a CCN",
        r#"vpn_gateways: { "vpngw-a": (attached_to: Vpc("vpc-a"), connections: []) },
            ccns: { "ccn-a": (attachments: [VpnGateway("vpngw-a")]) }"#,
        r#"vpn_gateways: { "vpngw-a": (attached_to: Ccn("ccn-a"), connections: []) },
            ccns: { "ccn-a": (attachments: [VpnGateway("vpngw-a")]) }"#,
        Code::InvalidValue,
    ),
    Refusal(
        "D-9: a link's VPC ends at 10.47.255.255",
        r#"vpcs: { "vpc-b": (region: "ap-guangzhou", cidr: "10.48.0.0/16") }, security_groups: { "sg-a": () },
            classic: (instances: { "ins-a": (region: "ap-guangzhou", ip: "10.60.1.1", security_groups: ["sg-a"]) }),
            classic_links: { "vpc-b": ["ins-a"] }"#,
        r#"vpcs: { "vpc-b": (region: "ap-guangzhou", cidr: "10.47.255.0/24") }, security_groups: { "sg-a": () },
            classic: (instances: { "ins-a": (region: "ap-guangzhou", ip: "10.60.1.1", security_groups: ["sg-a"]) }),
            classic_links: { "vpc-b": ["ins-a"] }"#,
        Code::ClassicLinkVpcCidrNotEligible,
    ),
];

#[test]
fn what_the_cloud_does_not_take_is_told_and_what_it_takes_is_not() {
    for Refusal(rule, bad, good, code) in REFUSALS {
        // the VPC that most of them need
        let whole = |text: &str| {
            if text.contains("vpcs:") || !text.contains("vpc-a") {
                text.to_owned()
            } else {
                format!("{VPC} {text}")
            }
        };
        assert_eq!(codes(&whole(bad)), [code], "{rule}: {:?}", told(&whole(bad)));
        assert_eq!(codes(&whole(good)), [], "{rule}: {:?}", told(&whole(good)));
    }
}

/// D-3: inside one region it is a warning, and the longest prefix decides.
#[test]
fn peers_that_overlap_inside_a_region_are_a_warning() {
    let network = r#"vpcs: {
            "vpc-b": (region: "ap-guangzhou", cidr: "172.16.0.0/16"),
            "vpc-c": (region: "ap-guangzhou", cidr: "172.17.0.0/16"),
            "vpc-d": (region: "ap-guangzhou", cidr: "172.17.0.0/20"),
        },
        peerings: { "pcx-1": (between: ("vpc-b", "vpc-c")), "pcx-2": (between: ("vpc-b", "vpc-d")) }"#;
    let loaded = load("limits.ron", &Text(format!("(network: ({network}))")));
    assert!(loaded.scenario.is_some(), "it loads: {:?}", told(network));
    assert_eq!(loaded.diagnostics.len(), 1, "{:?}", told(network));
}

/// D20-28: an EIP opens nothing by itself.
#[test]
fn an_eip_is_nobody_to_ask_from() {
    let ask = |from: &str| {
        let text = format!(
            r#"(network: ({VPC} subnets: {{ "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24") }},
            security_groups: {{ "sg-a": (ingress: [Accept()], egress: [Accept()]) }},
            instances: {{
                "ins-a": (subnet: "subnet-a", ip: "10.1.1.10", eip: "203.0.113.1", security_groups: ["sg-a"]),
                "ins-b": (subnet: "subnet-a", ip: "10.1.1.11", security_groups: ["sg-a"]),
            }}), expect: [Reachable(from: "{from}", to: "ins-b")])"#
        );
        let loaded = load("limits.ron", &Text(text));
        let all = loaded.diagnostics.into_iter();
        all.map(|it| it.code).collect::<Vec<_>>()
    };
    assert_eq!(ask("203.0.113.1"), [Code::InvalidValue]);
    assert_eq!(ask("ins-a"), []);
    assert_eq!(ask("internet"), []);
}
