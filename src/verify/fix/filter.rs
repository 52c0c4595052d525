//! Rules that accept, or drop, exactly the packets of a blocker: by their very addresses first, then by the set that was
//! asked for, then by the smallest CIDR around them; the rule that came nearest may also be widened.

use ipnet::IpNet;

use super::FixQuestion;
use super::block::{Block, Flow};
use super::candidate::Candidate;
use crate::id::Id;
use crate::model::{AclRule, Change, Network, Peer, Protocols, SecurityGroupRule, Served, Service};
use crate::query::{Direction, ListName, Selector};
use crate::space::{Action, AddressSet, IntervalSet, Part, Protocol};
use crate::verify::select::{Side, groups_of};

/// So many rules may stand for one blocker; more addresses are told by a CIDR around them.
const MOST_RULES: usize = 8;

/// How the other side of a rule is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// By its addresses.
    Exact,
    /// By the set that the question names.
    Asked,
    /// By the smallest CIDR around its addresses.
    Around,
}

/// Of shapes that open the same it is the first that is told: what the user has named.
const SHAPES: [Shape; 3] = [Shape::Asked, Shape::Exact, Shape::Around];

/// The side of the packet that a rule of the list names.
fn other_side(flow: &Flow, list: ListName) -> &AddressSet {
    match list {
        ListName::Ingress => &flow.sources,
        ListName::Egress => &flow.destinations,
    }
}

/// What the question calls that side.
fn asked(question: &FixQuestion, list: ListName, direction: Direction) -> &Selector {
    match (list, direction) {
        (ListName::Ingress, Direction::Forward) | (ListName::Egress, Direction::Return) => {
            &question.from.0
        }
        (ListName::Egress, Direction::Forward) | (ListName::Ingress, Direction::Return) => {
            &question.to.0
        }
    }
}

/// The smallest CIDR that holds all addresses, if they are of one family.
pub fn around(set: &AddressSet) -> Option<IpNet> {
    let mut ranges = set.ranges();
    let (first, mut last) = ranges.next()?;
    last = ranges.last().map_or(last, |range| range.1);
    if first.is_ipv4() != last.is_ipv4() {
        return None;
    }
    let most = if first.is_ipv4() { 32 } else { 128 };
    let cidrs = (0..=most).rev();
    let mut cidrs = cidrs.filter_map(|length| IpNet::new(first, length).ok());
    cidrs.find(|cidr| cidr.contains(&last)).map(|cidr| cidr.trunc())
}

/// The CIDRs of a set as a person writes them: few addresses one by one, never two of them as a network of two.
fn written(set: &AddressSet) -> Vec<IpNet> {
    let cidrs = set.cidrs();
    let pairs = cidrs.iter().any(is_pair);
    if !pairs || set.len() > MOST_RULES as u128 {
        return cidrs;
    }
    let single = |cidr: &IpNet| cidr.hosts().map(IpNet::from).collect::<Vec<_>>();
    let each = cidrs.iter().flat_map(|cidr| if is_pair(cidr) { single(cidr) } else { vec![*cidr] });
    each.collect()
}

/// Whether a CIDR is of two addresses.
fn is_pair(cidr: &IpNet) -> bool {
    cidr.max_prefix_len() - cidr.prefix_len() == 1
}

/// The other side of a rule in a shape; `None` where the shape does not fit, or says the same as the exact one.
fn peers(network: &Network, set: &AddressSet, shape: Shape, asked: &Selector) -> Option<Vec<Peer>> {
    let cidrs = written(set);
    let cidr = Peer::cidr;
    match shape {
        Shape::Exact if cidrs.len() <= MOST_RULES => Some(cidrs.into_iter().map(cidr).collect()),
        Shape::Exact => None,
        Shape::Around if cidrs.len() < 2 => None,
        Shape::Around => {
            let around = around(set).filter(|one| !is_pair(one));
            around.map(|one| vec![cidr(one)])
        }
        Shape::Asked => match asked {
            _ if set.len() < 2 => None,
            Selector::Internet => Some(vec![Peer::Addresses(AddressSet::any_v4())]),
            Selector::Cidr(one) => Some(vec![cidr(*one)]),
            Selector::Id(id) if network.security_groups.contains_key(id) => {
                Some(vec![Peer::SecurityGroup(id.clone())])
            }
            Selector::Id(id) => {
                let subnet = network.subnets.get(id).map(|subnet| vec![subnet.cidr]);
                let vpc = network.vpcs.get(id).map(|vpc| vpc.cidrs().collect());
                let site = network.sites.get(id).map(|site| site.cidrs.clone());
                let cidrs = subnet.or(vpc).or(site)?;
                Some(cidrs.into_iter().map(cidr).collect())
            }
            _ => None,
        },
    }
}

/// Rules of a security group for flows.
pub fn group_rules(
    action: Action,
    flows: &[Flow],
    list: ListName,
    tell: impl Fn(&AddressSet) -> Option<Vec<Peer>>,
) -> Option<Vec<SecurityGroupRule>> {
    let mut rules: Vec<SecurityGroupRule> = Vec::new();
    for flow in flows {
        for peer in tell(other_side(flow, list))? {
            for service in &flow.services {
                let rule = SecurityGroupRule {
                    action,
                    peer: peer.clone(),
                    service: Served::Service(service.clone()),
                };
                if !rules.contains(&rule) {
                    rules.push(rule);
                }
            }
        }
    }
    (!rules.is_empty() && rules.len() <= 4 * MOST_RULES).then_some(rules)
}

/// The other side by its addresses, or by the CIDR around them if they are many.
pub fn exactly(set: &AddressSet) -> Option<Vec<Peer>> {
    let cidrs = written(set);
    let cidrs = match cidrs.len() {
        0..=MOST_RULES => cidrs,
        _ => vec![around(set)?],
    };
    let peers = cidrs.into_iter();
    Some(peers.map(Peer::cidr).collect())
}

/// Rules of a network ACL for flows: one port or one range each, and no GRE (ACL-8).
pub fn acl_rules(
    action: Action,
    flows: &[Flow],
    list: ListName,
    tell: impl Fn(&AddressSet) -> Option<Vec<Peer>>,
) -> Option<Vec<AclRule>> {
    let mut rules: Vec<AclRule> = Vec::new();
    for flow in flows {
        for peer in tell(other_side(flow, list))? {
            let set = peer.addresses()?;
            for service in flow.services.iter().flat_map(acl_services) {
                let (source, destination) = match list {
                    ListName::Ingress => (Some(set.clone()), None),
                    ListName::Egress => (None, Some(set.clone())),
                };
                let rule = AclRule { action, source, source_ports: None, destination, service };
                if !rules.contains(&rule) {
                    rules.push(rule);
                }
            }
        }
    }
    (!rules.is_empty() && rules.len() <= 4 * MOST_RULES).then_some(rules)
}

fn acl_services(service: &Service) -> Vec<Service> {
    if service.protocols == Protocols::One(Protocol::GRE) {
        return vec![Service::all()];
    }
    let ranges = service.ports.ranges();
    let each = ranges.map(|(first, last)| Service {
        protocols: service.protocols,
        ports: IntervalSet::range(first, last),
    });
    each.collect()
}

/// A change that puts rules into a list of a security group.
pub fn policy(id: &Id, list: ListName, rules: Vec<SecurityGroupRule>, at: usize) -> Change {
    let (ingress, egress) = match list {
        ListName::Ingress => (rules, Vec::new()),
        ListName::Egress => (Vec::new(), rules),
    };
    Change::CreateSecurityGroupPolicies { security_group: id.clone(), ingress, egress, at }
}

/// A change that puts rules into a list of a network ACL or an edge firewall, which is replaced as a whole.
pub fn entry(
    network: &Network,
    id: &Id,
    list: ListName,
    rules: Vec<AclRule>,
    at: usize,
) -> Option<Change> {
    let [ingress, egress] = network.five_tuple_rules(id)?;
    let mut whole = match list {
        ListName::Ingress => ingress.to_vec(),
        ListName::Egress => egress.to_vec(),
    };
    let at = at.min(whole.len());
    whole.splice(at..at, rules);
    Some(Change::of_rules(network, id, list.name(), whole))
}

fn group_list<'n>(
    network: &'n Network,
    id: &Id,
    list: ListName,
) -> Option<&'n Vec<SecurityGroupRule>> {
    let group = network.security_groups.get(id)?;
    Some(match list {
        ListName::Ingress => &group.ingress,
        ListName::Egress => &group.egress,
    })
}

/// Where rules may stand so that they decide: above the rule that drops, or at the end of a group if none does.
fn places(network: &Network, block: &Block, list: ListName) -> Vec<(Id, usize)> {
    let Some(at) = &block.reason.cause.at else {
        return Vec::new();
    };
    let end = |id: &Id| group_list(network, id, list).map(|rules| (id.clone(), rules.len()));
    let mut places: Vec<(Id, usize)> = match &block.reason.rule {
        Some(rule) => vec![(rule.owner.clone(), rule.index)],
        None => end(at).into_iter().collect(),
    };
    for endpoint in block.endpoints.iter().take(MOST_RULES) {
        let own = groups_of(network, endpoint, Side::To).iter();
        // The rules of a later group do not decide where this one drops.
        let above = own.take_while(|id| block.reason.rule.is_none() || *id != at);
        for place in above.filter(|id| *id != at).filter_map(end) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    places
}

/// Changes of security groups that accept what one of them denies.
pub fn policies(network: &Network, question: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let Some(list) = ListName::denying(block.reason.cause.code) else {
        return Vec::new();
    };
    let asked = asked(question, list, block.reason.direction);
    let mut found: Vec<Candidate> = Vec::new();
    let places = places(network, block, list);
    for shape in SHAPES {
        let tell = |set: &AddressSet| peers(network, set, shape, asked);
        let Some(rules) = group_rules(Action::Accept, &block.flows, list, tell) else {
            continue;
        };
        for (id, at) in &places {
            let candidate = vec![policy(id, list, rules.clone(), *at)];
            if !found.contains(&candidate) {
                found.push(candidate);
            }
        }
    }
    found.extend(widened_policy(network, block, list).map(|change| vec![change]));
    found
}

/// The nearest rule of a security group, made to accept the packets, too.
fn widened_policy(network: &Network, block: &Block, list: ListName) -> Option<Change> {
    let near = block.reason.near_miss.as_ref()?;
    let mut rules = group_list(network, &near.rule.owner, list)?.clone();
    let rule = rules.get_mut(near.rule.index)?;
    match near.failed.as_slice() {
        [Part::Port] => {
            let Served::Service(service) = &mut rule.service else {
                return None;
            };
            service.ports = with_ports(service, &block.flows)?;
        }
        [Part::Source | Part::Destination] => {
            let Peer::Addresses(set) = &rule.peer else {
                return None;
            };
            rule.peer = Peer::written(wider(set, &block.flows, list)?);
        }
        _ => return None,
    }
    let (ingress, egress) = match list {
        ListName::Ingress => (Some(rules), None),
        ListName::Egress => (None, Some(rules)),
    };
    Some(Change::ModifySecurityGroupPolicies {
        security_group: near.rule.owner.clone(),
        ingress,
        egress,
    })
}

/// The ports of a service and those of the flows, if all are of its protocol.
fn with_ports(service: &Service, flows: &[Flow]) -> Option<IntervalSet<u16>> {
    let mut ports = service.ports.clone();
    for other in flows.iter().flat_map(|flow| &flow.services) {
        if other.protocols != service.protocols {
            return None;
        }
        ports = ports.union(&other.ports);
    }
    Some(ports)
}

/// The smallest CIDR around the addresses of a rule and those of the flows.
fn wider(set: &AddressSet, flows: &[Flow], list: ListName) -> Option<AddressSet> {
    let others = flows.iter().map(|flow| other_side(flow, list).clone());
    let all = AddressSet::union_all(others).union(set);
    around(&all).filter(|one| !is_pair(one)).map(AddressSet::from)
}

/// Changes of a network ACL or an edge firewall that accept what it denies.
pub fn entries(network: &Network, question: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let (Some(list), Some(id)) =
        (ListName::denying(block.reason.cause.code), &block.reason.cause.at)
    else {
        return Vec::new();
    };
    let asked = asked(question, list, block.reason.direction);
    let at = block.reason.rule.as_ref().map_or(usize::MAX, |rule| rule.index);
    let mut found: Vec<Candidate> = Vec::new();
    for shape in SHAPES {
        let tell = |set: &AddressSet| peers(network, set, shape, asked);
        let rules = acl_rules(Action::Accept, &block.flows, list, tell);
        let change = rules.and_then(|rules| entry(network, id, list, rules, at));
        let candidate: Option<Candidate> = change.map(|change| vec![change]);
        found.extend(candidate.filter(|one| !found.contains(one)));
    }
    found.extend(widened_entry(network, block, list).map(|change| vec![change]));
    found
}

/// The nearest rule of a network ACL, made to accept the packets, too.
fn widened_entry(network: &Network, block: &Block, list: ListName) -> Option<Change> {
    let near = block.reason.near_miss.as_ref()?;
    let acl = network.network_acls.get(&near.rule.owner)?;
    let mut rules = match list {
        ListName::Ingress => acl.ingress.clone(),
        ListName::Egress => acl.egress.clone(),
    };
    let rule = rules.get_mut(near.rule.index)?;
    let side = match list {
        ListName::Ingress => &mut rule.source,
        ListName::Egress => &mut rule.destination,
    };
    match near.failed.as_slice() {
        [Part::Port] => {
            let ports = with_ports(&rule.service, &block.flows)?;
            (ports.ranges().len() == 1).then_some(())?;
            rule.service.ports = ports;
        }
        [Part::Source | Part::Destination] => {
            *side = Some(wider(side.as_ref()?, &block.flows, list)?);
        }
        _ => return None,
    }
    Some(Change::of_rules(network, &near.rule.owner, list.name(), rules))
}
