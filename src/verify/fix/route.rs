//! Routes to where a packet wants to go, through peerings and gateways that are there and lead there.

use ipnet::IpNet;

use super::FixQuestion;
use super::block::{Block, Flow};
use super::candidate::Candidate;
use super::filter::around;
use super::{fresh, serve, stated};
use crate::code::Code;
use crate::id::Id;
use crate::model::{
    Change, Fragment, Key, Network, NextHop, Place, Route, RouteName, RouteTable, Subnet, Vpc,
    apply,
};
use crate::space::AddressSet;

/// So many destinations get a route of their own; more go by the CIDR around them.
const MOST_ROUTES: usize = 8;

/// The id of a route table that has to be made, unless it is taken.
const NEW_TABLE: &str = "rtb-new";

/// Who asks for a route: a table, or subnets of a VPC that have none.
pub struct Asker {
    /// Its VPC.
    pub vpc: Id,
    table: Option<Id>,
    subnets: Vec<Id>,
}

impl Asker {
    /// The one that a blocker is at; where it is at a gateway or an end, the subnets that send what is lost.
    pub fn of(network: &Network, block: &Block) -> Option<Self> {
        let at = block.reason.cause.at.as_ref()?;
        if let Some(table) = network.route_tables.get(at) {
            return Some(Self {
                vpc: table.vpc.clone(),
                table: Some(at.clone()),
                subnets: Vec::new(),
            });
        }
        let own = network.vpcs.contains_key(at).then_some(at);
        let sends = |subnet: &Subnet| {
            let cidr = AddressSet::from(subnet.cidr);
            let mut flows = block.flows.iter();
            flows.any(|flow| !cidr.intersection(&flow.sources).is_empty())
        };
        let subnets = network.subnets.iter();
        let subnets: Vec<(&Id, &Subnet)> = subnets
            .filter(|(_, subnet)| own.is_none_or(|own| own == &subnet.vpc) && sends(subnet))
            .collect();
        let vpc = own.or_else(|| subnets.first().map(|(_, subnet)| &subnet.vpc))?;
        let subnets = subnets.iter().filter(|(_, subnet)| &subnet.vpc == vpc);
        let default = network.vpcs.get(vpc)?.default_route_table.as_ref();
        let mut tables = subnets.clone().map(|(_, subnet)| subnet.route_table.as_ref().or(default));
        // All of them share a table, or each needs one.
        let table = tables.next().flatten();
        let table = table.filter(|table| tables.all(|other| other == Some(*table)));
        Some(Self {
            vpc: vpc.clone(),
            table: table.filter(|_| own.is_none()).cloned(),
            subnets: subnets.map(|(id, _)| (*id).clone()).collect(),
        })
    }

    /// The changes that give it routes; a route of the same destination goes first (RT-10).
    pub fn take(&self, network: &Network, routes: Vec<Route>) -> Option<Candidate> {
        if let Some(table) = &self.table {
            let old = network.route_tables.get(table).into_iter();
            let old = old.flat_map(|table| &table.routes);
            let taken = |old: &&Route| old.enabled && routes.iter().any(|new| new.to == old.to);
            let mut gone: Vec<IpNet> = old.filter(taken).map(|old| old.to).collect();
            gone.dedup();
            let mut changes = Vec::new();
            changes.extend((!gone.is_empty()).then(|| Change::DeleteRoutes {
                route_table: table.clone(),
                to: gone.into_iter().map(RouteName::from).collect(),
            }));
            changes.push(Change::CreateRoutes { route_table: table.clone(), routes });
            return Some(changes);
        }
        if self.subnets.is_empty() {
            return None;
        }
        let name = fresh::id(network, NEW_TABLE)?;
        let mut fragment = Fragment::default();
        let table =
            RouteTable { meta: crate::model::Meta::default(), vpc: self.vpc.clone(), routes };
        fragment.network.route_tables.insert(name.clone(), table);
        let mut changes = vec![Change::Create(Box::new(fragment))];
        changes.extend(self.subnets.iter().map(|subnet| {
            let (subnet, route_table) = (subnet.clone(), name.clone());
            Change::ReplaceRouteTableAssociation { subnet, route_table }
        }));
        Some(changes)
    }
}

/// The destinations of a blocker, as they look where it is.
pub fn destinations(block: &Block) -> AddressSet {
    let flows = block.flows.iter();
    AddressSet::union_all(flows.map(|flow: &Flow| flow.destinations.clone()))
}

/// Next hops of a VPC that lead to an address, each with the CIDRs that lie behind it.
fn hops(network: &Network, vpc: &Id, wanted: &AddressSet) -> Vec<(NextHop, Vec<IpNet>)> {
    let holds = |cidr: &IpNet| !AddressSet::from(*cidr).intersection(wanted).is_empty();
    let mut found = Vec::new();
    for (id, peering) in &network.peerings {
        let other = peering.other(vpc).and_then(|other| network.vpcs.get(other));
        let cidrs: Vec<IpNet> = other.into_iter().flat_map(Vpc::cidrs).collect();
        found.push((NextHop::PeeringConnection(id.clone()), cidrs));
    }
    let beyond = |site: &Id| network.sites.get(site).map_or(Vec::new(), |one| one.cidrs.clone());
    for (id, gateway) in &network.vpn_gateways {
        if gateway.attached_to.vpc() == Some(vpc) {
            let sites = gateway.connections.iter().map(|tunnel| &tunnel.site);
            found.push((NextHop::VpnGateway(id.clone()), sites.flat_map(beyond).collect()));
        }
    }
    for (id, gateway) in &network.direct_connect_gateways {
        if gateway.attached_to.vpc() == Some(vpc) {
            let sites = gateway.tunnels.iter().map(|tunnel| &tunnel.site);
            let hop = NextHop::DirectConnectGateway(id.clone());
            found.push((hop, sites.flat_map(beyond).collect()));
        }
    }
    let everywhere: Vec<IpNet> = AddressSet::any_v4().cidrs();
    if wanted.first().is_some_and(|address| network.is_public(address)) {
        let nats = network.nat_gateways.iter();
        let nats = nats.filter(|(_, gateway)| &gateway.vpc == vpc);
        found.extend(nats.map(|(id, _)| (NextHop::NatGateway(id.clone()), everywhere.clone())));
        let public = network.instances.iter();
        let public = public.filter(|(id, instance)| {
            instance.public_gateway && network.vpc_of(id.as_str()) == Some(vpc)
        });
        found
            .extend(public.map(|(id, _)| (NextHop::PublicGateway(id.clone()), everywhere.clone())));
        found.push((NextHop::Eip, everywhere));
    }
    found.extend(used(network, vpc));
    for (_, cidrs) in &mut found {
        cidrs.retain(&holds);
    }
    found.retain(|(_, cidrs)| !cidrs.is_empty());
    found
}

/// Forwarders and CCNs that routes of the VPC lead to already, each with what those routes are for.
fn used(network: &Network, vpc: &Id) -> Vec<(NextHop, Vec<IpNet>)> {
    let mut found: Vec<(NextHop, Vec<IpNet>)> = Vec::new();
    let tables = network.route_tables.values().filter(|table| &table.vpc == vpc);
    for route in tables.flat_map(|table| &table.routes) {
        let forwards =
            matches!(route.via, NextHop::Instance(_) | NextHop::HaVip(_) | NextHop::Ccn(_));
        if !forwards || !route.enabled {
            continue;
        }
        match found.iter_mut().find(|(via, _)| *via == route.via) {
            Some((_, cidrs)) if cidrs.contains(&route.to) => {}
            Some((_, cidrs)) => cidrs.push(route.to),
            None => found.push((route.via.clone(), vec![route.to])),
        }
    }
    found
}

/// What routes may lead to: the very destinations, or all that lies behind the hop.
fn aims(wanted: &AddressSet, behind: &[IpNet]) -> Vec<Vec<IpNet>> {
    let cidrs = wanted.cidrs();
    let exact = match cidrs.len() {
        0..=MOST_ROUTES => cidrs,
        _ => around(wanted).into_iter().collect(),
    };
    let within = |cidr: &IpNet| {
        let mut behind = behind.iter();
        behind.any(|one| one.contains(cidr))
    };
    // What a person would write comes first; of ways that open the same it is the one that is told.
    let mut aims = vec![behind.to_vec()];
    let everywhere = behind.iter().any(|cidr| cidr.prefix_len() == 0);
    if !everywhere && !exact.is_empty() && exact.iter().all(within) {
        aims.push(exact.clone());
    }
    if everywhere && wanted.len() <= MOST_ROUTES as u128 {
        aims.push(exact);
    }
    aims.dedup();
    aims
}

/// Routes to destinations over one next hop.
pub fn routes_to(aim: &[IpNet], via: &NextHop) -> Vec<Route> {
    let routes = aim.iter().map(|to| Route {
        to: *to,
        via: via.clone(),
        enabled: true,
        priority: 0,
        publish: false,
    });
    routes.collect()
}

/// A route where there is none: one that is written and off, another table of the VPC, or a new one.
pub fn routes(network: &Network, question: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let Some(asker) = Asker::of(network, block) else {
        return Vec::new();
    };
    let wanted = destinations(block);
    let mut found = match block.reason.cause.code {
        Code::NoPublicAddress => Vec::new(),
        _ => enabled(network, question, block),
    };
    for (hop, behind) in hops(network, &asker.vpc, &wanted) {
        for aim in aims(&wanted, &behind) {
            found.extend(asker.take(network, routes_to(&aim, &hop)));
        }
    }
    if asker.table.is_none() {
        found.extend(another_table(network, &asker, &wanted));
    }
    found
}

/// The routes that lead the packets of a blocker where it is, away: what is left may lead them elsewhere.
pub fn without(network: &Network, _: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let cleared = cleared(network, block);
    if cleared.is_empty() {
        return Vec::new();
    }
    vec![cleared]
}

/// The same as changes; none if no written route of a private destination leads there.
pub fn cleared(network: &Network, block: &Block) -> Candidate {
    let asker = Asker::of(network, block);
    let Some(id) = asker.and_then(|asker| asker.table) else {
        return Vec::new();
    };
    let wanted = destinations(block);
    let table = network.route_tables.get(&id).into_iter();
    let routes = table.flat_map(|table| &table.routes);
    let leads = |route: &&Route| {
        let to = AddressSet::from(route.to);
        route.enabled && route.to.prefix_len() > 0 && !to.intersection(&wanted).is_empty()
    };
    let mut to: Vec<IpNet> = routes.filter(leads).map(|route| route.to).collect();
    to.dedup();
    if to.is_empty() {
        return Vec::new();
    }
    vec![Change::DeleteRoutes {
        route_table: id,
        to: to.into_iter().map(RouteName::from).collect(),
    }]
}

/// Tables of the VPC that have a route for the destination, for the subnets that have none.
fn another_table(network: &Network, asker: &Asker, wanted: &AddressSet) -> Vec<Candidate> {
    let tables = network.route_tables.iter().filter(|(_, table)| {
        let mut routes = table.routes.iter();
        let leads = |route: &Route| {
            let to = AddressSet::from(route.to);
            route.enabled && !to.intersection(wanted).is_empty()
        };
        table.vpc == asker.vpc && routes.any(leads)
    });
    let candidates = tables.map(|(id, _)| {
        let subnets = asker.subnets.iter();
        let each = subnets.map(|subnet| Change::ReplaceRouteTableAssociation {
            subnet: subnet.clone(),
            route_table: id.clone(),
        });
        each.collect()
    });
    candidates.filter(|one: &Candidate| !one.is_empty()).collect()
}

/// Routes for the destination that are off, turned on: written ones, and those that a CCN propagates.
pub fn enabled(network: &Network, question: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let wanted = destinations(block);
    let sources = AddressSet::union_all(block.flows.iter().map(|flow| flow.sources.clone()));
    let mut aims: Vec<IpNet> = Vec::new();
    let subnets = network.subnets.values().map(|subnet| subnet.cidr);
    let vpcs = network.vpcs.values().flat_map(Vpc::cidrs);
    let sites = network.sites.values().flat_map(|site| site.cidrs.clone());
    let written = network.route_tables.values().flat_map(|table| &table.routes);
    let written = written.filter(|route| !route.enabled).map(|route| route.to);
    for cidr in written.chain(subnets).chain(vpcs).chain(sites) {
        let leads = !AddressSet::from(cidr).intersection(&wanted).is_empty();
        if leads && !aims.contains(&cidr) {
            aims.push(cidr);
        }
    }
    let at = block.reason.cause.at.as_ref();
    let tables = network.route_tables.iter().filter(|(id, table)| {
        let vpc = network.vpcs.get(&table.vpc);
        let mut cidrs = vpc.into_iter().flat_map(Vpc::cidrs);
        let near = |cidr| !AddressSet::from(cidr).intersection(&sources).is_empty();
        at == Some(*id) || at == Some(&table.vpc) || cidrs.any(near)
    });
    let mut found = stated::ccn_routes(network, question, block);
    for (table, _) in tables {
        for aim in &aims {
            let change =
                Change::EnableRoutes { route_table: table.clone(), to: vec![(*aim).into()] };
            // Most of these are not there: only what turns a route on is a candidate.
            if apply(network, &change).is_ok_and(|new| &new != network) {
                found.push(vec![change]);
            }
        }
    }
    found
}

/// Another next hop for a route that leads nowhere; a machine for the HAVIP that it leads to.
pub fn instead(network: &Network, question: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let cause = &block.reason.cause;
    let havips = cause.at.iter().chain(&cause.facts.other);
    let mut found: Vec<Candidate> = havips.flat_map(|id| serve::bound(network, id)).collect();
    found.extend(elsewhere(network, question, block));
    found
}

fn elsewhere(network: &Network, question: &FixQuestion, block: &Block) -> Vec<Candidate> {
    let Some((id, route)) = block.reason.cause.place.as_ref().and_then(|at| written(network, at))
    else {
        // Nobody's route: the table that the packets come from may lead them elsewhere.
        return routes(network, question, block);
    };
    let Some(table) = network.route_tables.get(id) else {
        return Vec::new();
    };
    let gone = Change::DeleteRoutes { route_table: id.clone(), to: vec![table.name_of(route)] };
    let mut found = vec![vec![gone.clone()]];
    for (via, _) in hops(network, &table.vpc, &destinations(block)) {
        let change =
            Change::CreateRoutes { route_table: id.clone(), routes: routes_to(&[route.to], &via) };
        found.push(vec![gone.clone(), change]);
    }
    found
}

/// The written route that stands at a place.
pub fn written<'n>(network: &'n Network, place: &'n Place) -> Option<(&'n Id, &'n Route)> {
    let table = network.route_tables.get(&place.id)?;
    match place.path.as_slice() {
        [Key::Field("routes"), Key::Index(index)] => Some((&place.id, table.routes.get(*index)?)),
        _ => None,
    }
}
