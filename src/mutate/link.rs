//! What goes wrong with what joins networks: classic links, peerings, CCNs.

use super::operator::Operator;
use super::thing::{Sheet, ThingKind};
use crate::id::Id;
use crate::model::{Ccn, CcnRoute, CcnTable, Change, Fragment, Key, Network, PeeringState, Place};

/// The links of all VPCs.
pub(super) fn classic(network: &Network, sheet: &mut Sheet) {
    for (vpc, links) in &network.classic_links {
        for (index, link) in links.iter().enumerate() {
            let place = Place::item(vpc, "classic_links", index);
            sheet.thing(ThingKind::Link, place, link);
            let change = Change::DetachClassicLinkVpc {
                vpc: vpc.clone(),
                instances: vec![link.instance.clone()],
            };
            sheet.mutant(Operator::LinkDetached, vec![change]);
        }
    }
}

/// Peerings that carry something.
pub(super) fn peerings(network: &Network, sheet: &mut Sheet) {
    for (id, peering) in &network.peerings {
        if peering.state == PeeringState::Active && !network.down.contains(id) {
            sheet.thing(ThingKind::Link, Place::of(id), peering);
            sheet.mutant(Operator::PeeringDown, vec![Change::Down(id.clone())]);
        }
    }
}

/// Members of CCNs, and the routes that they have computed.
pub(super) fn ccns(network: &Network, sheet: &mut Sheet) {
    for (id, ccn) in &network.ccns {
        for (index, member) in ccn.attachments.iter().enumerate() {
            let place = Place::item(id, "attachments", index);
            sheet.thing(ThingKind::Link, place, member);
            let mut fewer = ccn.clone();
            fewer.attachments.remove(index);
            // What was said of the member goes with it.
            fewer.routes.retain(|route| route.next != *member);
            fewer.selection.retain(|policy| policy.attachment != *member);
            for table in fewer.route_tables.values_mut() {
                table.attachments.retain(|own| own != member);
            }
            let turned = (member.id().to_string(), String::from("–"));
            sheet.turned(Operator::MemberDetached, turned, vec![replaced(id, fewer)]);
        }
        for route in network.ccn_routes(id, CcnTable::Default) {
            switched(id, ccn, route, sheet);
        }
    }
}

/// A route of a CCN that is on and should be off, or the other way about.
fn switched(id: &Id, ccn: &Ccn, route: CcnRoute, sheet: &mut Sheet) {
    let is_meant = |own: &CcnRoute| own.to == route.to && own.next == route.next;
    let written = ccn.routes.iter().position(is_meant);
    let member = ccn.attachments.iter().position(|own| *own == route.next);
    let place = match (written, member) {
        (Some(index), _) => Place::item(id, "routes", index),
        (None, Some(index)) => Place::field(id, "attachments").then(Key::Index(index)),
        (None, None) => Place::of(id),
    };
    sheet.thing(ThingKind::Other, place, &route);
    let said = |enabled| {
        let state = if enabled { "on" } else { "off" };
        format!("{} via {} {state}", route.to, route.next.id())
    };
    let turned = (said(route.enabled), said(!route.enabled));
    let mut other = ccn.clone();
    let new = CcnRoute { enabled: !route.enabled, ..route };
    match written {
        Some(index) => other.routes[index] = new,
        None => other.routes.push(new),
    }
    sheet.turned(Operator::CcnRouteSwitched, turned, vec![replaced(id, other)]);
}

fn replaced(id: &Id, ccn: Ccn) -> Change {
    let mut fragment = Fragment::default();
    fragment.network.ccns.insert(id.clone(), ccn);
    Change::Replace(Box::new(fragment))
}
