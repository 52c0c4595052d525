//! What makes the lemma of each cut true, taken away: in a shipped scenario or in a small network of its own.

/// A lemma with a network in which something is lost by it, and the one thing of it that the lemma says.
pub struct Premise {
    /// The reason code.
    pub lemma: &'static str,
    /// Where something is lost by it.
    pub of: Of,
    /// What makes the lemma true, where it is not as it stands: text, and what to write for it.
    pub made: &'static [(&'static str, &'static str)],
    /// What makes it false: if nothing, the network without what was made.
    pub unmade: &'static [(&'static str, &'static str)],
}

/// A network.
pub enum Of {
    /// A shipped scenario.
    File(&'static str),
    /// [`SMALL`] with more sections, and what is expected of it.
    Small(&'static str, &'static str),
}

/// Two subnets, and a group that lets everything pass.
pub const SMALL: &str = r#"(
    network: (
        vpcs: { "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16") },
        subnets: { "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24"), "subnet-b": (vpc: "vpc-a", cidr: "10.1.2.0/24") },
        security_groups: { "sg-open": (ingress: [Accept()], egress: [Accept()]) },
        SECTIONS
    ),
    expect: [EXPECTED],
)
"#;

pub const PREMISES: [Premise; 42] = [
    Premise {
        lemma: "attachment-down",
        of: Of::File("lint/next-hop-down.ron"),
        made: &[],
        unmade: &[(", up: false", "")],
    },
    Premise {
        lemma: "ccn-no-route",
        of: Of::File("gateways/ccn-selection.ron"),
        made: &[],
        unmade: &[(
            r#"selection: [(attachment: Vpc("vpc-a"), source: "10.1.2.0/24", route_table: "ccnrtb-shut")],"#,
            "",
        )],
    },
    Premise {
        lemma: "ccn-route-disabled",
        of: Of::File("gateways/ccn-disabled-routes.ron"),
        made: &[],
        unmade: &[("enabled: false", "enabled: true")],
    },
    Premise {
        lemma: "classic-link-cvm-only",
        of: Of::Small(
            r#"instances: { "ins-a": (subnet: "subnet-a", ip: "10.1.1.10", security_groups: ["sg-open"]) },
        classic: (databases: { "x": (region: "ap-guangzhou", ip: "10.60.3.4", engine: MySql) }),"#,
            r#"Unreachable(from: "ins-a", to: "x", service: "tcp:3306")"#,
        ),
        made: &[],
        unmade: &[(
            r#"classic: (databases: { "x": (region: "ap-guangzhou", ip: "10.60.3.4", engine: MySql) }),"#,
            r#"classic: (instances: { "x": (region: "ap-guangzhou", ip: "10.60.3.4", security_groups: ["sg-open"]) }),"#,
        )],
    },
    Premise {
        lemma: "classic-link-not-linked",
        of: Of::File("private-link/reached-from-elsewhere.ron"),
        made: &[],
        unmade: &[(r#"["ins-linked"]"#, r#"["ins-linked", "ins-free"]"#)],
    },
    Premise {
        lemma: "classic-link-secondary-cidr",
        of: Of::Small(
            r#"instances: { "ins-a": (subnet: "subnet-a", ip: "10.1.1.10", security_groups: ["sg-open"]) },
        classic: (instances: { "x": (region: "ap-guangzhou", ip: "10.60.3.4", security_groups: ["sg-open"]) }),
        classic_links: { "vpc-a": ["x"] },"#,
            r#"Unreachable(from: "x", to: "ins-a")"#,
        ),
        made: &[(
            r#"cidr: "10.1.0.0/16")"#,
            r#"cidr: "10.40.0.0/16", secondary_cidrs: ["10.1.0.0/16"])"#,
        )],
        unmade: &[],
    },
    Premise {
        lemma: "classic-link-stale-address",
        of: Of::File("classic-link/address-change.ron"),
        made: &[],
        unmade: &[(r#"ip: "10.60.3.99""#, r#"ip: "10.60.3.4""#)],
    },
    Premise {
        lemma: "classic-other-region",
        of: Of::File("classic-link/one-shared-pool.ron"),
        made: &[],
        unmade: &[(r#"region: "ap-shanghai","#, r#"region: "ap-guangzhou","#)],
    },
    Premise {
        lemma: "classic-other-tenant",
        of: Of::File("truth-table/17-across-tenants.ron"),
        made: &[],
        unmade: &[(r#""cdb-ann": (account: "acct-ann""#, r#""cdb-ann": (account: "acct-tom""#)],
    },
    Premise {
        lemma: "direct-connect-nat-no-mapping",
        of: Of::File("gateways/direct-connect-nat.ron"),
        made: &[],
        unmade: &[(
            r#"("10.1.1.10", "192.168.99.10")"#,
            r#"("10.1.1.10", "192.168.99.10"), ("10.1.1.11", "192.168.99.11")"#,
        )],
    },
    Premise {
        lemma: "direct-connect-no-prefix",
        of: Of::File("gateways/direct-connect.ron"),
        made: &[],
        unmade: &[(
            r#"prefixes: ["192.168.1.0/24"]"#,
            r#"prefixes: ["192.168.1.0/24", "192.168.2.0/24"]"#,
        )],
    },
    Premise {
        lemma: "direct-connect-secondary-cidr",
        of: Of::File("gateways/direct-connect-nat.ron"),
        made: &[],
        unmade: &[(r#"kind: Nat(local_ips: [("10.1.1.10", "192.168.99.10")]),"#, "")],
    },
    Premise {
        lemma: "edge-firewall-egress-denied",
        of: Of::File("gateways/edge-firewall.ron"),
        made: &[],
        unmade: &[(r#"Drop(from: "203.0.113.10", to"#, r#"Accept(from: "203.0.113.10", to"#)],
    },
    Premise {
        lemma: "edge-firewall-ingress-denied",
        of: Of::File("gateways/edge-firewall.ron"),
        made: &[],
        unmade: &[("Drop(", "Accept(")],
    },
    Premise {
        lemma: "endpoint-cannot-initiate",
        of: Of::Small(
            r#"databases: { "x": (subnet: "subnet-a", ip: "10.1.1.5", engine: MySql) },"#,
            r#"Unreachable(from: "x", to: "internet", service: "tcp:443")"#,
        ),
        made: &[],
        unmade: &[(
            r#"databases: { "x": (subnet: "subnet-a", ip: "10.1.1.5", engine: MySql) },"#,
            r#"instances: { "x": (subnet: "subnet-a", ip: "10.1.1.5", eip: "203.0.113.5", security_groups: ["sg-open"]) },"#,
        )],
    },
    Premise {
        lemma: "endpoint-connection-no-transit",
        of: Of::File("classic-link/endpoint-connection.ron"),
        made: &[],
        unmade: &[(
            "network: (",
            "network: (
        platform: (endpoint_connection_transit: true),",
        )],
    },
    Premise {
        lemma: "endpoint-connection-one-way",
        of: Of::Small(
            r#"endpoint_connections: { "x": (vpc: "vpc-a", vip: "10.1.1.5", target: "cdb-a") },
        classic: (databases: { "cdb-a": (region: "ap-guangzhou", ip: "10.66.1.20", engine: MySql) }),"#,
            r#"Unreachable(from: "x", to: "internet", service: "tcp:443")"#,
        ),
        made: &[],
        unmade: &[(
            r#"endpoint_connections: { "x": (vpc: "vpc-a", vip: "10.1.1.5", target: "cdb-a") },"#,
            r#"instances: { "x": (subnet: "subnet-a", ip: "10.1.1.5", eip: "203.0.113.5", security_groups: ["sg-open"]) },"#,
        )],
    },
    Premise {
        lemma: "endpoint-down",
        of: Of::File("lint/classic-link-idle.ron"),
        made: &[],
        unmade: &[("state: Stopped", "state: Running")],
    },
    Premise {
        lemma: "forwarder-does-not-translate",
        of: Of::File("gateways/forwarder-that-translates.ron"),
        made: &[],
        unmade: &[(
            r#"eip: "119.29.1.8", security_groups: ["sg-open"]"#,
            r#"eip: "119.29.1.8", security_groups: ["sg-open"], masquerades: true"#,
        )],
    },
    Premise {
        lemma: "gateway-no-transit",
        of: Of::File("rules/accounts-and-ccn.ron"),
        made: &[(", masquerades: true", "")],
        unmade: &[],
    },
    Premise {
        lemma: "load-balancer-loop",
        of: Of::File("private-link/overlapping-networks.ron"),
        made: &[],
        unmade: &[(
            r#"targets: [(instance: "ins-api", port: 8443)]"#,
            r#"targets: [(instance: "ins-same-address", port: 8443)]"#,
        )],
    },
    Premise {
        lemma: "local-without-owner",
        of: Of::File("lint/overlapping-cidrs.ron"),
        made: &[],
        unmade: &[(
            r#"cidr: "10.1.0.0/16", default_route_table: "rtb-a""#,
            r#"cidr: "10.1.1.0/24", default_route_table: "rtb-a""#,
        )],
    },
    Premise {
        lemma: "nat-no-address",
        of: Of::File("gateways/nat-source.ron"),
        made: &[(r#", eips: ["203.0.113.1", "203.0.113.2"]"#, "")],
        unmade: &[],
    },
    Premise {
        lemma: "nat-no-dnat-entry",
        of: Of::File("gateways/nat-port-forwarding.ron"),
        made: &[],
        unmade: &[(r#"service: "tcp:443", eip"#, r#"service: "tcp:80", eip"#)],
    },
    Premise {
        lemma: "nat-source-not-covered",
        of: Of::File("gateways/nat-source.ron"),
        made: &[(
            r#"eips: ["203.0.113.1", "203.0.113.2"]"#,
            r#"eips: ["203.0.113.1", "203.0.113.2"], strict_snat: true"#,
        )],
        unmade: &[],
    },
    Premise {
        lemma: "network-acl-egress-denied",
        of: Of::File("lint/replies-dropped.ron"),
        made: &[],
        unmade: &[(r#", network_acl: "acl-mute""#, "")],
    },
    Premise {
        lemma: "network-acl-ingress-denied",
        of: Of::File("classic-link/linked-neighbours.ron"),
        made: &[],
        unmade: &[(r#", network_acl: "acl-shut""#, "")],
    },
    Premise {
        lemma: "no-public-address",
        of: Of::File("vpc/another-route-table.ron"),
        made: &[],
        unmade: &[(r#"route_table: "rtb-shut""#, r#"route_table: "rtb-out""#)],
    },
    Premise {
        lemma: "no-route",
        of: Of::File("gateways/ccn-custom-tables.ron"),
        made: &[],
        unmade: &[(", action: Drop", "")],
    },
    Premise {
        lemma: "no-target",
        of: Of::File("rules/load-balancer-redirects.ron"),
        made: &[],
        unmade: &[("state: Stopped", "state: Running")],
    },
    Premise {
        lemma: "outbound-smtp-blocked",
        of: Of::File("gateways/outbound-mail-released.ron"),
        made: &[("platform: (outbound_smtp_blocked: false),", "")],
        unmade: &[],
    },
    Premise {
        lemma: "peering-secondary-cidr",
        of: Of::File("gateways/peering-secondary-cidr.ron"),
        made: &[],
        unmade: &[
            (r#"cidr: "10.2.0.0/16","#, r#"cidr: "172.16.0.0/16","#),
            (r#"secondary_cidrs: ["172.16.0.0/16"]"#, r#"secondary_cidrs: ["10.2.0.0/16"]"#),
        ],
    },
    Premise {
        lemma: "port-not-served",
        of: Of::File("classic-link/services-inside-the-vpc.ron"),
        made: &[],
        unmade: &[(r#"service: "tcp:80", targets"#, r#"service: "tcp:443", targets"#)],
    },
    Premise {
        lemma: "private-destination-to-internet",
        of: Of::File("gateways/nat-source.ron"),
        made: &[],
        unmade: &[
            (
                r#"(to: "0.0.0.0/0", via: NatGateway("nat-a"))"#,
                r#"(to: "0.0.0.0/0", via: NatGateway("nat-a")), (to: "192.168.0.0/16", via: DirectConnectGateway("dcg"))"#,
            ),
            (
                "nat_gateways: {",
                r#"direct_connect_gateways: { "dcg": (attached_to: Vpc("vpc-a"), tunnels: [(id: "dcx", site: "site-far", prefixes: ["192.168.0.0/16"])]) },
        nat_gateways: {"#,
            ),
        ],
    },
    Premise {
        lemma: "public-gateway-same-subnet",
        of: Of::Small(
            r#"route_tables: { "rtb-a": (vpc: "vpc-a", routes: [(to: "0.0.0.0/0", via: PublicGateway("ins-gate"))]), "rtb-gate": (vpc: "vpc-a") },
        instances: {
            "ins-a": (subnet: "subnet-a", ip: "10.1.1.10", security_groups: ["sg-open"]),
            "ins-gate": (subnet: "subnet-a", ip: "10.1.1.20", eip: "203.0.113.9", security_groups: ["sg-open"], public_gateway: true),
        },"#,
            r#"Unreachable(from: "ins-a", to: "internet", service: "tcp:443")"#,
        ),
        made: &[(
            r#""subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24")"#,
            r#""subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24", route_table: "rtb-a")"#,
        )],
        unmade: &[(
            r#"subnet: "subnet-a", ip: "10.1.1.20""#,
            r#"subnet: "subnet-b", ip: "10.1.2.20""#,
        )],
    },
    Premise {
        lemma: "route-blackhole",
        of: Of::File("lint/next-hop-gone.ron"),
        made: &[],
        unmade: &[(r#"ip: "10.1.1.100")"#, r#"ip: "10.1.1.100", bound_to: "ins-client")"#)],
    },
    Premise {
        lemma: "route-loop",
        of: Of::File("lint/looping-route.ron"),
        made: &[],
        unmade: &[
            (
                r#""subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24")"#,
                r#""subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24"), "subnet-b": (vpc: "vpc-a", cidr: "10.1.2.0/24", route_table: "rtb-b")"#,
            ),
            ("route_tables: {", r#"route_tables: { "rtb-b": (vpc: "vpc-a"),"#),
            (r#"subnet: "subnet-a", ip: "10.1.1.20""#, r#"subnet: "subnet-b", ip: "10.1.2.20""#),
        ],
    },
    Premise {
        lemma: "security-group-egress-denied",
        of: Of::File("gateways/outbound-mail-released.ron"),
        made: &[],
        unmade: &[(r#"Drop(service: "tcp:25")"#, r#"Accept(service: "tcp:25")"#)],
    },
    Premise {
        lemma: "security-group-ingress-denied",
        of: Of::File("lint/dnat-target-blocked.ron"),
        made: &[],
        unmade: &[(r#"service: "tcp:2222""#, r#"service: "tcp:22""#)],
    },
    Premise {
        lemma: "vpc-endpoint-one-way",
        of: Of::Small(
            r#"load_balancers: { "lb-a": (network: Internal(subnet: "subnet-b", vip: "10.1.2.5"), listeners: [(service: "tcp:443", targets: [])]) },
        endpoint_services: { "svc-a": (vpc: "vpc-a", load_balancer: "lb-a") },
        vpc_endpoints: { "x": (subnet: "subnet-a", ip: "10.1.1.5", service: "svc-a") },"#,
            r#"Unreachable(from: "x", to: "internet", service: "tcp:443")"#,
        ),
        made: &[],
        unmade: &[(
            r#"vpc_endpoints: { "x": (subnet: "subnet-a", ip: "10.1.1.5", service: "svc-a") },"#,
            r#"instances: { "x": (subnet: "subnet-a", ip: "10.1.1.5", eip: "203.0.113.5", security_groups: ["sg-open"]) },"#,
        )],
    },
    Premise {
        lemma: "vpc-endpoint-pending",
        of: Of::File("private-link/acceptance.ron"),
        made: &[],
        unmade: &[(", state: Pending", "")],
    },
    Premise {
        lemma: "vpn-policy-mismatch",
        of: Of::File("gateways/vpn-by-policy.ron"),
        made: &[],
        unmade: &[(r#"local: "10.1.0.0/17""#, r#"local: "10.1.0.0/16""#)],
    },
];
