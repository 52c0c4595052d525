//! What goes wrong with routes of route tables.

use super::operator::Operator;
use super::rule::{halves, wider};
use super::thing::{Sheet, ThingKind};
use crate::id::Id;
use crate::model::{Attachment, Change, Network, NextHop, Place, Route, RouteTable};

/// The routes of all route tables.
pub(super) fn tables(network: &Network, sheet: &mut Sheet) {
    for (id, table) in &network.route_tables {
        for (index, route) in table.routes.iter().enumerate() {
            sheet.thing(ThingKind::Route, Place::item(id, "routes", index), route);
            let deleted =
                Change::DeleteRoutes { route_table: id.clone(), to: vec![table.name_of(route)] };
            sheet.mutant(Operator::RouteDeleted, vec![deleted.clone()]);
            if route.enabled {
                let disabled = Change::DisableRoutes {
                    route_table: id.clone(),
                    to: vec![table.name_of(route)],
                };
                sheet.mutant(Operator::RouteDisabled, vec![disabled]);
            }
            for (operator, turned, new) in versions(network, table, route) {
                let created = Change::CreateRoutes { route_table: id.clone(), routes: vec![new] };
                sheet.turned(operator, turned, vec![deleted.clone(), created]);
            }
        }
    }
}

/// A route as it should not be.
fn versions(
    network: &Network,
    table: &RouteTable,
    route: &Route,
) -> Vec<(Operator, (String, String), Route)> {
    let mut all = Vec::new();
    if let Some(via) = elsewhere(network, table, &route.via) {
        let turned = (told(&route.via), told(&via));
        let new = Route { via, ..route.clone() };
        all.push((Operator::RouteRedirected, turned, new));
    }
    let wider = wider(route.to).map(|to| (Operator::RouteWider, to));
    let narrower = halves(route.to).into_iter();
    let narrower = narrower.map(|to| (Operator::RouteNarrower, to));
    for (operator, to) in wider.into_iter().chain(narrower) {
        let turned = (route.to.to_string(), to.to_string());
        let new = Route { to, ..route.clone() };
        all.push((operator, turned, new));
    }
    all
}

fn told(via: &NextHop) -> String {
    via.id().map_or(via.word().to_owned(), Id::to_string)
}

/// Another way out of the VPC: one that a route of the table takes already, else any that the VPC has.
fn elsewhere(network: &Network, table: &RouteTable, own: &NextHop) -> Option<NextHop> {
    let used = table.routes.iter().map(|route| route.via.clone());
    let vpc = &table.vpc;
    let peerings = network.peerings.iter();
    let peerings = peerings.filter(|(_, peering)| peering.other(vpc).is_some());
    let is_own = |attached: &Attachment| matches!(attached, Attachment::Vpc(id) if id == vpc);
    let nats = network.nat_gateways.iter().filter(|(_, it)| it.vpc == *vpc);
    let vpns = network.vpn_gateways.iter();
    let vpns = vpns.filter(|(_, it)| is_own(&it.attached_to));
    let direct = network.direct_connect_gateways.iter();
    let direct = direct.filter(|(_, it)| is_own(&it.attached_to));
    let havips = network.havips.iter();
    let havips = havips.filter(|(id, _)| network.vpc_of(id.as_str()) == Some(vpc));
    let mut all = used
        .chain(peerings.map(|(id, _)| NextHop::PeeringConnection(id.clone())))
        .chain(nats.map(|(id, _)| NextHop::NatGateway(id.clone())))
        .chain(vpns.map(|(id, _)| NextHop::VpnGateway(id.clone())))
        .chain(direct.map(|(id, _)| NextHop::DirectConnectGateway(id.clone())))
        .chain(havips.map(|(id, _)| NextHop::HaVip(id.clone())));
    // A route via a CCN is the state of one that the CCN propagates, and leads nowhere else.
    let is_state = |hop: &NextHop| matches!(hop, NextHop::Ccn(_));
    all.find(|hop| hop != own && !is_state(hop) && !is_state(own))
}
