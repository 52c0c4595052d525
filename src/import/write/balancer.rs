//! Load balancers, in VPCs and in the classic network.

use super::Names;
use super::filter::ports;
use super::layout::{Node, Record};
use crate::id::Id;
use crate::model::{ClassicLoadBalancer, Listener, LoadBalancer, LoadBalancerNetwork, Target};

/// The weight of a target that writes none.
const USUAL_WEIGHT: u8 = 10;

pub fn load_balancer(id: &Id, balancer: &LoadBalancer, names: &Names<'_>) -> Node {
    let network = match &balancer.network {
        LoadBalancerNetwork::Internal { subnet, vip, eip } => Record::of("Internal")
            .field("subnet", names.id(subnet))
            .field("vip", Node::text(vip))
            .optional("eip", eip.map(Node::text)),
        LoadBalancerNetwork::Public { vpc, vip } => Record::of("Public")
            .field("vpc", names.id(vpc))
            .field("vip", Node::text(vip)),
    };
    names
        .endpoint(Record::new(), &balancer.meta)
        .field("network", network.node())
        .unless_empty("security_groups", names.ids(&balancer.security_groups))
        .unless(false, "pass_to_target", balancer.pass_to_target)
        .field("listeners", listeners(id, &balancer.listeners, names))
        .node()
}

pub fn classic_load_balancer(id: &Id, balancer: &ClassicLoadBalancer, names: &Names<'_>) -> Node {
    names
        .endpoint(Record::new(), &balancer.meta)
        .field("region", Node::text(&balancer.region))
        .field("vip", Node::text(balancer.vip))
        .unless(false, "public", balancer.public)
        .field("listeners", listeners(id, &balancer.listeners, names))
        .node()
}

fn listeners(id: &Id, listeners: &[Listener], names: &Names<'_>) -> Node {
    let listeners = listeners.iter().map(|listener| {
        let service = format!("{}:{}", listener.protocol.word(), ports(&listener.ports));
        let targets = listener.targets.iter().map(|one| target(one, names));
        Record::new()
            .field("service", Node::text(service))
            .unless_empty("targets", Node::list(targets))
            .optional("redirects_to", listener.redirects_to.map(Node::word))
            .node()
    });
    names.items(id, "listeners", listeners)
}

/// A target of a listener.
pub fn target(target: &Target, names: &Names<'_>) -> Node {
    let weight = (target.weight != USUAL_WEIGHT).then(|| Node::word(target.weight));
    Record::new()
        .field("instance", names.id(&target.instance))
        .field("port", Node::word(target.port))
        .optional("weight", weight)
        .node()
}
