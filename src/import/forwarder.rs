//! What next-hop machines send to the Internet. No document tells whether they translate it (D20-36), so it is left open.

use super::document::Spot;
use super::draft::{Draft, Say};
use super::left::Bears;
use crate::diagnostic::words;
use crate::id::Id;
use crate::model::lookup::{has_public, is_all_public};
use crate::model::{Destination, Network, NextHop, Route};

impl Draft {
    /// Leaves open what routes hand to machines and HAVIPs for the Internet, unless these are known to masquerade.
    pub fn open_forwarders(&mut self) {
        let network = &self.document.fragment.network;
        let mut found = Vec::new();
        for (table, it) in &network.route_tables {
            for (at, route) in it.routes.iter().enumerate() {
                if let Some(forwarder) = untold(network, route) {
                    found.push((table.clone(), at, forwarder.clone(), route.clone()));
                }
            }
        }
        for (table, at, forwarder, route) in found {
            let spot = Spot::Item(table.clone(), "routes", at);
            let to = if is_all_public(route.to) {
                Destination::Cidr(route.to)
            } else {
                Destination::Internet
            };
            let said = say(&table, &forwarder).at(route.to.to_string());
            let mut touched = vec![table];
            if route.publish {
                // who comes by a CCN does not use the table
                touched.push(forwarder.clone());
            }
            self.leave_open_to(spot, said, Bears::On(touched), vec![to]);
        }
    }
}

/// The machine or HAVIP that a route hands packets of the Internet to, if nobody tells what it does with them.
fn untold<'n>(network: &Network, route: &'n Route) -> Option<&'n Id> {
    let (forwarder, masquerades) = match &route.via {
        NextHop::Instance(id) => (id, network.instances.get(id).map(|it| it.masquerades)),
        NextHop::HaVip(id) => (id, network.havips.get(id).map(|it| it.masquerades)),
        NextHop::NatGateway(_)
        | NextHop::VpnGateway(_)
        | NextHop::DirectConnectGateway(_)
        | NextHop::PeeringConnection(_)
        | NextHop::Ccn(_)
        | NextHop::PublicGateway(_)
        | NextHop::Eip => return None,
    };
    let is_open = route.enabled && masquerades != Some(true) && has_public(route.to);
    is_open.then_some(forwarder)
}

fn say(table: &Id, forwarder: &Id) -> Say {
    let why = words!(
        "whether {forwarder} translates what it sends to the Internet is not told (D20-36)",
        "{forwarder} 向公网转发时是否做地址转换，输入中没有说明（D20-36）"
    );
    let help = words!(
        "write `masquerades: true` at {forwarder} if it does, and delete the entry of {table} from `unmodelled`",
        "若做转换，请在 {forwarder} 处写 `masquerades: true`，并删除 `unmodelled` 中 {table} 的条目"
    );
    Say::of(table.as_str(), why).help(help)
}
