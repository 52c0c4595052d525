//! Load balancers, in VPCs and in the classic network.

use super::filter::ports;
use super::layout::{Node, Record};
use super::{Names, Write};
use crate::id::Id;
use crate::model::{ClassicLoadBalancer, Listener, LoadBalancer, LoadBalancerNetwork, Target};

/// The weight of a target that writes none.
const USUAL_WEIGHT: u8 = 10;

impl Write for LoadBalancer {
    fn node(&self, id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, network, security_groups, pass_to_target, listeners } = self;
        let network = match network {
            LoadBalancerNetwork::Internal { subnet, vip, eip } => Record::of("Internal")
                .field("subnet", names.id(subnet))
                .field("vip", Node::text(vip))
                .optional("eip", eip.map(Node::text)),
            LoadBalancerNetwork::Public { vpc, vip } => {
                Record::of("Public").field("vpc", names.id(vpc)).field("vip", Node::text(vip))
            }
        };
        names
            .meta(Record::new(), meta)
            .field("network", network.node())
            .unless_empty("security_groups", names.ids(security_groups))
            .unless(false, "pass_to_target", *pass_to_target)
            .field("listeners", listeners_of(id, listeners, names))
            .node()
    }
}

impl Write for ClassicLoadBalancer {
    fn node(&self, id: &Id, names: &Names<'_>) -> Node {
        let Self { meta, region, vip, public, listeners } = self;
        names
            .meta(Record::new(), meta)
            .field("region", Node::text(region))
            .field("vip", Node::text(*vip))
            .unless(false, "public", *public)
            .field("listeners", listeners_of(id, listeners, names))
            .node()
    }
}

fn listeners_of(id: &Id, listeners: &[Listener], names: &Names<'_>) -> Node {
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
