//! What can fail in a network, each with the change that makes it fail: whatever `Down` takes, and the links of classic
//! CVMs, which end by being detached.
//!
//! Not here: members of instance groups, which have no state of their own, and what the cloud keeps up by itself
//! (subnets, CCNs, databases, load balancers).

use super::apply::may_fail;
use super::{Change, Kind, Network, State};
use crate::id::Id;

/// What fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Failing {
    /// An entity, or a part of one.
    Entity(Kind),
    /// The attachment of a VPC to its CCN: `Down` names the VPC.
    Attachment,
    /// The link of a classic CVM to a VPC.
    Link,
}

/// Something that can fail and is up.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// What it goes by: its id; of a link `classic-link:VPC/CVM`.
    pub name: Id,
    /// Whose machine it concerns: the machine itself, or the CVM of a link.
    pub machine: Option<Id>,
    /// What it is.
    pub kind: Failing,
    /// What makes it fail.
    pub change: Change,
}

/// Everything that can fail, what many share first: gateways and lines, peerings, attachments, links, machines.
#[must_use]
pub fn failures(network: &Network) -> Vec<Failure> {
    let entities = [
        of(network.vpn_gateways.keys(), Kind::VpnGateway),
        of(network.direct_connect_gateways.keys(), Kind::DirectConnectGateway),
        network.parts().collect(),
        of(network.nat_gateways.keys(), Kind::NatGateway),
        of(network.peerings.keys(), Kind::Peering),
        of(network.vpcs.keys(), Kind::Vpc),
        of(network.vpc_endpoints.keys(), Kind::VpcEndpoint),
    ];
    let shared = entities.into_iter().flatten();
    let shared = shared.filter(|(id, kind)| may_fail(network, id) && is_up(network, id, *kind));
    let shared = shared.map(|(id, kind)| Failure {
        name: id.clone(),
        machine: None,
        kind: if kind == Kind::Vpc { Failing::Attachment } else { Failing::Entity(kind) },
        change: Change::Down(id.clone()),
    });
    shared.chain(links(network)).chain(machines(network)).collect()
}

/// How many things can fail and have: they are not to fail again.
#[must_use]
pub fn failed(network: &Network) -> usize {
    let fallible = network.ids().filter(|(id, _)| may_fail(network, id)).count();
    let all = failures(network);
    let up = all.iter().filter(|failure| failure.kind != Failing::Link);
    fallible - up.count()
}

fn of<'n>(ids: impl Iterator<Item = &'n Id>, kind: Kind) -> Vec<(&'n Id, Kind)> {
    ids.map(|id| (id, kind)).collect()
}

fn links(network: &Network) -> impl Iterator<Item = Failure> {
    let links = network
        .classic_links
        .iter()
        .flat_map(|(vpc, links)| links.iter().map(move |link| (vpc, link)));
    let live = links.filter(|(_, link)| network.is_live(link));
    live.map(|(vpc, link)| Failure {
        name: Id::from(format!("classic-link:{vpc}/{}", link.instance)),
        machine: Some(link.instance.clone()),
        kind: Failing::Link,
        change: Change::DetachClassicLinkVpc {
            vpc: vpc.clone(),
            instances: vec![link.instance.clone()],
        },
    })
}

fn machines(network: &Network) -> impl Iterator<Item = Failure> {
    let instances = of(network.instances.keys(), Kind::Instance);
    let classic = of(network.classic_instances.keys(), Kind::ClassicInstance);
    let machines = instances.into_iter().chain(classic);
    let machines = machines.filter(|(id, kind)| is_up(network, id, *kind));
    machines.map(|(id, kind)| Failure {
        name: id.clone(),
        machine: Some(id.clone()),
        kind: Failing::Entity(kind),
        change: Change::Down(id.clone()),
    })
}

/// Whether something has not failed by now.
fn is_up(network: &Network, id: &Id, kind: Kind) -> bool {
    let running = |state: Option<State>| state == Some(State::Running);
    let itself = match kind {
        Kind::Instance => running(network.instances.get(id).map(|it| it.state)),
        Kind::ClassicInstance => running(network.classic_instances.get(id).map(|it| it.state)),
        Kind::VpnConnection => {
            let gateways = network.vpn_gateways.values();
            let mut lines = gateways.flat_map(|gateway| &gateway.connections);
            lines.any(|line| line.id == *id && line.up)
        }
        Kind::DirectConnectTunnel => {
            let gateways = network.direct_connect_gateways.values();
            let mut lines = gateways.flat_map(|gateway| &gateway.tunnels);
            lines.any(|line| line.id == *id && line.up)
        }
        Kind::Account
        | Kind::Vpc
        | Kind::Subnet
        | Kind::RouteTable
        | Kind::NetworkAcl
        | Kind::SecurityGroup
        | Kind::AddressTemplate
        | Kind::AddressTemplateGroup
        | Kind::ServiceTemplate
        | Kind::ServiceTemplateGroup
        | Kind::NetworkInterface
        | Kind::InstanceGroup
        | Kind::HaVip
        | Kind::Database
        | Kind::LoadBalancer
        | Kind::ClassicDatabase
        | Kind::ClassicLoadBalancer
        | Kind::EndpointConnection
        | Kind::EndpointService
        | Kind::VpcEndpoint
        | Kind::Peering
        | Kind::Ccn
        | Kind::NatGateway
        | Kind::VpnGateway
        | Kind::DirectConnectGateway
        | Kind::EdgeFirewall
        | Kind::Site
        | Kind::CcnRouteTable => true,
    };
    itself && !network.down.contains(id)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{
        after, ccn, direct_connect, id, instance_group, nat, site, tom, vpn,
    };
    use super::super::{Attachment, CcnMember, apply};
    use super::*;

    fn full() -> Network {
        let mut network = tom();
        network.sites.insert(id("idc"), site(&["192.168.0.0/16"]));
        network.nat_gateways.insert(id("nat-1"), nat(&[]));
        let member = CcnMember::Vpc(id("vpc-tom"));
        network.ccns.insert(id("ccn-1"), ccn(vec![member]));
        let gateway = vpn(Attachment::Vpc(id("vpc-tom")));
        network.vpn_gateways.insert(id("vpngw-1"), gateway);
        let gateway = direct_connect(Attachment::Ccn(id("ccn-1")), &[]);
        network.direct_connect_gateways.insert(id("dcg-1"), gateway);
        let group = instance_group("subnet-web", "10.1.1.20", "10.1.1.30");
        network.instance_groups.insert(id("asg-1"), group);
        network
    }

    fn names(network: &Network) -> Vec<String> {
        let all = failures(network);
        all.iter().map(|it| it.name.to_string()).collect()
    }

    #[test]
    fn whatever_down_takes_can_fail_and_every_link() {
        let network = full();
        let mut named = names(&network);
        let fallible = network.ids().map(|(id, _)| id);
        let fallible = fallible.filter(|id| apply(&network, &Change::Down((*id).clone())).is_ok());
        let mut expected: Vec<String> = fallible.map(ToString::to_string).collect();
        let links = network.classic_links.iter();
        expected.extend(links.flat_map(|(vpc, links)| {
            let live = links.iter().filter(|link| network.is_live(link));
            live.map(move |link| format!("classic-link:{vpc}/{}", link.instance))
        }));
        named.sort_unstable();
        expected.sort_unstable();
        assert_eq!(named, expected);
        assert!(named.contains(&"vpc-tom".to_owned()), "as a member of a CCN");
        assert!(!named.contains(&"vpc-two".to_owned()));
        assert_eq!(failed(&network), 0);
    }

    #[test]
    fn what_has_failed_does_not_fail_again() {
        let network = full();
        for failure in failures(&network) {
            let then = after(&network, &failure.change);
            let name = failure.name.to_string();
            assert!(!names(&then).contains(&name), "{name}");
            let is_link = failure.kind == Failing::Link;
            assert_eq!(failed(&then), usize::from(!is_link), "{name}");
        }
        let mut stopped = full();
        stopped.instances[&id("ins-web")].state = State::Stopped;
        assert!(!names(&stopped).contains(&"ins-web".to_owned()));
    }
}
