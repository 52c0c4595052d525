//! Networks that take much: a large one, and one with more ways than can be walked.

use std::fmt::Write as _;

use pathproof::cli::generate::scenario;
use pathproof::generate::{Options, Shape};

/// A network of that many instances, in few VPCs.
pub fn generated(instances: u32) -> String {
    let options =
        Options { instances, vpcs: 6, groups: 20, seed: 7, shape: Shape::Mixed, singles: 20 };
    scenario(&options).expect("such a network").0
}

/// Eight layers of forwarders with equal routes to each of the next: two million ways.
pub fn tangle() -> String {
    let layers = |one: &dyn Fn(usize) -> String| (0..8).map(one).collect::<String>();
    let subnets = layers(&|at| {
        format!(
            r#""subnet-{at}": (vpc: "vpc-a", cidr: "10.1.{at}.0/24", route_table: "rtb-{at}"), "#
        )
    });
    let tables = layers(&|at| {
        let route = |via: String| format!(r#"(to: "192.168.0.0/16", via: {via}), "#);
        let routes: String = match at {
            7 => route(r#"DirectConnectGateway("dcg-a")"#.to_owned()),
            _ => {
                (0..8).map(|next| route(format!(r#"Instance("ins-{}-{next}")"#, at + 1))).collect()
            }
        };
        format!(r#""rtb-{at}": (vpc: "vpc-a", routes: [{routes}]), "#)
    });
    let instances = layers(&|at| {
        let mut text = String::new();
        for one in 0..8 {
            let _ = write!(
                text,
                r#""ins-{at}-{one}": (subnet: "subnet-{at}", ip: "10.1.{at}.1{one}", security_groups: ["sg-open"]), "#
            );
        }
        text
    });
    format!(
        r#"Scenario(
    network: (
        vpcs: {{ "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16") }},
        subnets: {{ {subnets} }},
        route_tables: {{ {tables} }},
        security_groups: {{ "sg-open": (ingress: [Accept()], egress: [Accept()]) }},
        instances: {{ {instances} }},
        sites: {{ "site-a": (cidrs: ["192.168.0.0/16"]) }},
        direct_connect_gateways: {{
            "dcg-a": (attached_to: Vpc("vpc-a"), tunnels: [(id: "dcx-a", site: "site-a", prefixes: ["192.168.0.0/16"])]),
        }},
    ),
    expect: [
        Reachable(from: "ins-0-0", to: "site-a", service: "tcp:80"),
        Reachable(from: "ins-0-0", to: "ins-1-1", service: "tcp:80"),
    ],
)"#
    )
}
