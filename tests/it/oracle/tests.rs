//! The oracle on cases whose answer a person can give.

mod classic;
mod gateways;

use std::collections::BTreeSet;

use pathproof::code::Code;
use pathproof::model::{
    Attachment, CcnMember, CcnRoute, Dnat, Endpoint, Engine, Listener, ListenerProtocol,
    LoadBalancerNetwork, Network, NextHop, Peer, State, Target, VpnRoute,
};
use pathproof::space::{Action, IntervalSet, Packet};

use super::{Direction, Judgement, judge};
use crate::sketch::{self, acl_rule, group_rule, id, ip, packet, service};

/// The endpoint that an id names.
fn endpoint(network: &Network, name: &str) -> Endpoint {
    let id = id(name);
    match () {
        () if name == "internet" => Endpoint::Internet,
        () if network.instances.contains_key(name) => Endpoint::Instance(id),
        () if network.havips.contains_key(name) => Endpoint::HaVip(id),
        () if network.databases.contains_key(name) => Endpoint::Database(id),
        () if network.load_balancers.contains_key(name) => Endpoint::LoadBalancer(id),
        () if network.endpoint_connections.contains_key(name) => Endpoint::EndpointConnection(id),
        () if network.classic_instances.contains_key(name) => Endpoint::ClassicInstance(id),
        () if network.classic_databases.contains_key(name) => Endpoint::ClassicDatabase(id),
        () if network.classic_load_balancers.contains_key(name) => {
            Endpoint::ClassicLoadBalancer(id)
        }
        () => Endpoint::Site(id),
    }
}

fn ask(network: &Network, from: &str, to: &str, text: &str) -> Judgement {
    judge(network, &endpoint(network, from), &endpoint(network, to), packet(text))
}

fn works(network: &Network, from: &str, to: &str, text: &str) {
    let judgement = ask(network, from, to, text);
    assert!(judgement.always, "{from} → {to} {text}: {:?}", judgement.reasons);
}

fn fails(network: &Network, from: &str, to: &str, text: &str, codes: &[Code]) {
    let judgement = ask(network, from, to, text);
    assert!(!judgement.sometimes, "{from} → {to} {text} works");
    let expected: BTreeSet<_> = codes.iter().map(|code| (*code, Direction::Forward)).collect();
    assert_eq!(judgement.codes(), expected, "{from} → {to} {text}");
}

/// `vpc-tom` with a web server and a database, a secondary CIDR, and two classic CVMs of which one is linked.
fn tom() -> Network {
    let mut network = Network::default();
    let n = &mut network;
    sketch::open_group(n);
    sketch::vpc(n, "vpc-tom", "10.1.0.0/16").secondary_cidrs = vec![sketch::net("172.16.0.0/16")];
    sketch::subnet(n, "subnet-web", "vpc-tom", "10.1.1.0/24");
    sketch::subnet(n, "subnet-db", "vpc-tom", "10.1.2.0/24");
    sketch::subnet(n, "subnet-new", "vpc-tom", "172.16.1.0/24");
    sketch::instance(n, "ins-web", "subnet-web", "10.1.1.10");
    sketch::instance(n, "ins-peer", "subnet-web", "10.1.1.11");
    sketch::instance(n, "ins-app", "subnet-db", "10.1.2.10");
    sketch::instance(n, "ins-new", "subnet-new", "172.16.1.10");
    sketch::database(n, "cdb-tom", "subnet-db", "10.1.2.20", Engine::MySql);
    sketch::classic_instance(n, "ins-tom", "10.60.3.4");
    sketch::classic_instance(n, "ins-other", "10.60.3.5");
    sketch::classic_database(n, "cdb-old", "10.66.1.20", Engine::MySql);
    sketch::link(n, "vpc-tom", "ins-tom");
    sketch::endpoint_connection(n, "ep-old", "vpc-tom", "10.1.2.30", "cdb-old");
    network
}

#[test]
fn inside_a_vpc_everything_is_reachable_until_a_filter_says_no() {
    let n = tom();
    works(&n, "ins-web", "ins-app", "tcp 10.1.1.10:1024 10.1.2.10:80");
    works(&n, "ins-web", "ins-new", "icmp 10.1.1.10 172.16.1.10");
    works(&n, "ins-new", "ins-web", "gre 172.16.1.10 10.1.1.10");
    works(&n, "ins-web", "cdb-tom", "tcp 10.1.1.10:1024 10.1.2.20:3306");
    fails(&n, "ins-web", "cdb-tom", "tcp 10.1.1.10:1024 10.1.2.20:22", &[Code::PortNotServed]);
    fails(
        &n,
        "cdb-tom",
        "ins-web",
        "tcp 10.1.2.20:1024 10.1.1.10:80",
        &[Code::EndpointCannotInitiate],
    );
}

#[test]
fn a_flow_log_of_the_documents_is_told_in_the_same_way() {
    // LOG-2: groups let ICMP in and nothing out, the ACL lets ICMP in and denies what leaves.
    let mut n = tom();
    let icmp = |action| vec![acl_rule(action, "any", "any", "icmp")];
    sketch::security_group(
        &mut n,
        "sg-ping",
        vec![group_rule(Action::Accept, "any", "icmp")],
        vec![],
    );
    sketch::network_acl(&mut n, "acl-ping", "vpc-tom", icmp(Action::Accept), icmp(Action::Drop));
    n.instances["ins-app"].security_groups = vec![id("sg-ping")];
    n.subnets["subnet-db"].network_acl = Some(id("acl-ping"));
    let ping = "icmp 10.1.1.10 10.1.2.10";
    let refused = ask(&n, "ins-web", "ins-app", ping);
    assert!(!refused.sometimes);
    assert_eq!(
        refused.codes(),
        BTreeSet::from([(Code::NetworkAclEgressDenied, Direction::Return)])
    );
    n.network_acls["acl-ping"].egress = icmp(Action::Accept);
    works(&n, "ins-web", "ins-app", ping);
    n.security_groups["sg-ping"].ingress.clear();
    fails(&n, "ins-web", "ins-app", ping, &[Code::SecurityGroupIngressDenied]);
}

#[test]
fn replies_to_ephemeral_ports_need_their_own_acl_rule() {
    // ACL-15: the egress rule covers the ports of Linux clients only.
    let mut n = tom();
    let ingress = vec![acl_rule(Action::Accept, "any", "any", "tcp:80")];
    let egress = vec![acl_rule(Action::Accept, "any", "any", "tcp:32768-61000")];
    sketch::network_acl(&mut n, "acl-web", "vpc-tom", ingress, egress);
    n.subnets["subnet-db"].network_acl = Some(id("acl-web"));
    works(&n, "ins-web", "ins-app", "tcp 10.1.1.10:32768 10.1.2.10:80");
    works(&n, "ins-web", "ins-app", "tcp 10.1.1.10:61000 10.1.2.10:80");
    let windows = ask(&n, "ins-web", "ins-app", "tcp 10.1.1.10:61001 10.1.2.10:80");
    assert_eq!(
        windows.codes(),
        BTreeSet::from([(Code::NetworkAclEgressDenied, Direction::Return)])
    );
}

#[test]
fn an_acl_does_not_act_inside_its_subnet() {
    let mut n = tom();
    sketch::network_acl(&mut n, "acl-shut", "vpc-tom", vec![], vec![]);
    n.subnets["subnet-web"].network_acl = Some(id("acl-shut"));
    works(&n, "ins-web", "ins-peer", "tcp 10.1.1.10:1024 10.1.1.11:80");
    let all = ask(&n, "ins-web", "ins-app", "tcp 10.1.1.10:1024 10.1.2.10:80");
    let expected = [
        (Code::NetworkAclEgressDenied, Direction::Forward),
        (Code::NetworkAclIngressDenied, Direction::Return),
    ];
    assert_eq!(all.codes(), BTreeSet::from(expected));
}

#[test]
fn members_of_a_group_reach_each_other_only_by_a_rule_that_names_it() {
    let mut n = tom();
    let out = || vec![group_rule(Action::Accept, "any", "all")];
    sketch::security_group(&mut n, "sg-app", vec![], out());
    for name in ["ins-web", "ins-app"] {
        n.instances[name].security_groups = vec![id("sg-app")];
    }
    let text = "tcp 10.1.1.10:1024 10.1.2.10:80";
    fails(&n, "ins-web", "ins-app", text, &[Code::SecurityGroupIngressDenied]);
    n.security_groups["sg-app"].ingress = vec![group_rule(Action::Accept, "sg-app", "tcp:80")];
    works(&n, "ins-web", "ins-app", text);
    assert_eq!(n.security_groups["sg-app"].ingress[0].peer, Peer::SecurityGroup(id("sg-app")));
}

#[test]
fn a_stopped_opener_is_judged_on_the_way_there_only() {
    let mut n = tom();
    n.instances["ins-web"].state = State::Stopped;
    sketch::network_acl(
        &mut n,
        "acl-in",
        "vpc-tom",
        vec![acl_rule(Action::Accept, "any", "any", "all")],
        vec![],
    );
    n.subnets["subnet-db"].network_acl = Some(id("acl-in"));
    let text = "tcp 10.1.1.10:1024 10.1.2.10:80";
    fails(&n, "ins-web", "ins-app", text, &[Code::EndpointDown]);
    let packet: Packet = packet(text);
    assert_eq!(packet.reply().reply(), packet);
}

#[test]
fn nobody_sends_with_a_foreign_source() {
    let n = tom();
    fails(
        &n,
        "ins-web",
        "ins-peer",
        "tcp 10.1.1.99:1024 10.1.1.11:80",
        &[Code::SourceAddressNotOwned],
    );
}

#[test]
fn a_comparison_wants_the_bits_and_every_reason_and_no_other() {
    let n = tom();
    let judgement = ask(&n, "ins-tom", "ins-new", "tcp 10.60.3.4:1024 172.16.1.10:22");
    let codes = judgement.codes();
    assert_eq!(judgement.compare((false, false, false), &codes), Ok(()));
    assert!(judgement.compare((true, true, false), &codes).is_err());
    assert!(judgement.compare((false, false, false), &BTreeSet::new()).is_err());
    let mut more = codes;
    more.insert((Code::RouteLoop, Direction::Forward));
    assert!(judgement.compare((false, false, false), &more).is_err());
}
