//! Resources that only set an option of something else: whether a route is on or published, the health check of a
//! tunnel, the bandwidth of a CCN.

use serde_json::Value;

use super::block::Order;
use super::many::Many;
use super::resolve::{Attribute, Lack, Unresolved, text_of};
use super::wan::CCN;
use super::{Import, Spots};
use crate::diagnostic::{Words, words};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::left::Bears;
use crate::import::notation;
use crate::model::{CcnBandwidth, CcnMember, Kind};

/// The type of a route.
const ENTRY: &[&str] = &["tencentcloud_route_table_entry"];

impl Import<'_> {
    /// Whether overlapping routes of gateways stay on together in a CCN; `None` = it is not told.
    pub(super) fn overlaps(&self, ccn: usize) -> Option<bool> {
        let told = self.input.known(ccn, "route_overlap_flag").as_bool();
        // the provider makes every CCN with it, whatever is written
        told.or(self.input.is_plan.then_some(true))
    }

    /// Bandwidth between regions, and what overlaps where nothing says what then holds.
    pub(super) fn ccn_options(&mut self) {
        for index in self.of_kind("tencentcloud_ccn_bandwidth_limit") {
            let spots = Spots::part(Spot::Section(Kind::Ccn));
            let found = self.input.one(index, "ccn_id", CCN);
            if let Err(why) = found {
                // whether there is bandwidth decides about no verdict (CCN-13)
                self.leave_out((index, "ccn_id"), &spots.missing, why, Bears::Nothing);
                continue;
            }
            let Ok(Some(ccn)) = self.settle(index, "ccn_id", found, &spots) else {
                continue;
            };
            let id = self.id(ccn);
            if let Some(ccn) = self.network().ccns.get_mut(&id) {
                ccn.bandwidth = Some(CcnBandwidth::Configured);
            }
            self.joins(index, &id);
        }
        for index in self.of_kind(CCN[0]) {
            let id = self.id(index);
            if self.input.known(index, "route_overlap_flag").is_boolean()
                || !self.network().gateways_overlap(&id)
            {
                continue;
            }
            if self.overlaps(index).is_none() {
                let why = Words::new(
                    "prefixes of its gateways overlap, and whether both stay on (`route_overlap_flag`) is not told (D20-34)",
                    "其网关的网段重叠，而输入未说明二者是否同时生效（`route_overlap_flag`，D20-34）",
                );
                self.open(index, &id, why);
            } else {
                let why = Words::new(
                    "not set: the provider makes every CCN with it",
                    "未设置：Provider 创建的云联网均启用",
                );
                let spot = Spot::Entity(id);
                self.assumed(index, "route_overlap_flag", &spot, Some(why));
            }
        }
    }

    /// The health check and the prefixes of Direct Connect tunnels.
    pub(super) fn tunnel_options(&mut self) {
        for index in self.of_kind("tencentcloud_dcx_extra_config") {
            let spots = Spots::part(Spot::Section(Kind::DirectConnectGateway));
            let kinds = ["tencentcloud_dcx"];
            let name = "direct_connect_tunnel_id";
            let Some(tunnel) = self.must(index, name, &kinds, &spots) else {
                continue;
            };
            let id = self.id(tunnel);
            let network = &self.draft.document.fragment.network;
            let mut gateways = network.direct_connect_gateways.iter();
            let owner = gateways.find(|(_, it)| it.tunnels.iter().any(|it| it.id == id));
            let Some(owner) = owner.map(|(owner, _)| owner.clone()) else {
                continue;
            };
            let lines = self.input.lines(index, "route_filter_prefixes", Order::Free);
            let lines = match lines {
                Ok(lines) => lines,
                Err(why) => {
                    self.left_out(index, "route_filter_prefixes", &Spot::Entity(owner), why);
                    continue;
                }
            };
            let cidrs = lines.iter().map(|line| notation::cidr(&line.text("cidr")));
            let prefixes = match cidrs.collect::<Result<Vec<_>, _>>() {
                Ok(prefixes) => prefixes,
                Err(why) => {
                    let why = Self::unreadable(why);
                    self.left_out(index, "route_filter_prefixes", &Spot::Entity(owner), why);
                    continue;
                }
            };
            let checks = ["bfd_enable", "nqa_enable"].into_iter();
            let mut checks = checks.map(|name| self.input.known(index, name).as_u64());
            let is_checked = checks.any(|it| it == Some(1));
            let gateway = self.network().direct_connect_gateways.get_mut(&owner);
            let mut tunnels = gateway.into_iter().flat_map(|it| &mut it.tunnels);
            let mut site = None;
            if let Some(tunnel) = tunnels.find(|it| it.id == id) {
                tunnel.health_check |= is_checked;
                if !prefixes.is_empty() {
                    tunnel.prefixes.clone_from(&prefixes);
                }
                site = Some(tunnel.site.clone());
            }
            if let Some(site) = site {
                self.widen(&site, None, &prefixes);
                self.belongs(index, &site);
            }
            self.joins(index, &owner);
        }
    }

    /// Which routes are on, and which are published to CCNs.
    pub(super) fn route_options(&mut self) {
        for index in self.of_kind("tencentcloud_route_table_entry_config") {
            self.switch(index);
        }
        for index in self.of_kind("tencentcloud_vpc_notify_routes") {
            self.publish(index);
        }
    }

    fn switch(&mut self, index: usize) {
        let spots = Spots::part(Spot::Section(Kind::RouteTable));
        let Ok(Some(table)) = self.table(index, "route_table_id", &spots) else {
            return;
        };
        let spot = Spot::Entity(table.clone());
        let many = self.entries_of(index, "route_item_id");
        for why in many.lost {
            self.leave_out((index, "route_item_id"), &spot, why, Bears::On(vec![table.clone()]));
        }
        let is_on = *self.input.known(index, "disabled") != Value::Bool(true);
        for entry in many.found {
            if let Some((table, at)) = self.entries.get(&entry).cloned()
                && let Some(table) = self.network().route_tables.get_mut(&table)
                && let Some(route) = table.routes.get_mut(at)
            {
                route.enabled = is_on;
            }
        }
        self.joins(index, &table);
    }

    fn publish(&mut self, index: usize) {
        let spots = Spots::part(Spot::Section(Kind::RouteTable));
        let Ok(Some(table)) = self.table(index, "route_table_id", &spots) else {
            return;
        };
        let ccns = self.ccns_of_table(&table);
        let spot = Spot::Entity(table.clone());
        let many = self.entries_of(index, "route_item_ids");
        for why in many.lost {
            let bears = on(&ccns);
            self.leave_out((index, "route_item_ids"), &spot, why, bears);
        }
        for entry in many.found {
            let Some((table, at)) = self.entries.get(&entry).cloned() else {
                continue;
            };
            let network = self.network();
            let route = network.route_tables.get(&table);
            let route = route.and_then(|table| table.routes.get(at)).cloned();
            let Some(route) = route else {
                continue;
            };
            if route.enabled && network.is_publishable(&route) {
                if let Some(table) = network.route_tables.get_mut(&table)
                    && let Some(route) = table.routes.get_mut(at)
                {
                    route.publish = true;
                }
                continue;
            }
            let to = route.to;
            let why = words!(
                "the route to {to} is published, which the model takes only of routes to machines, HAVIPs and \
                 standard NAT gateways (D20-37, D20-38)",
                "到 {to} 的路由已发布；模型只支持发布经机器、高可用虚拟 IP 与标准型 NAT 网关的路由（D20-37、D20-38）"
            );
            let bears = on(&ccns);
            self.concerns = vec![to];
            let part = (index, "route_item_ids");
            self.leave_out(part, &spot, Self::unreadable(why), bears);
            self.concerns.clear();
        }
        self.joins(index, &table);
    }

    /// The CCNs that the VPC of a table has joined.
    fn ccns_of_table(&mut self, table: &Id) -> Vec<Id> {
        let network = self.network();
        let vpc = network.route_tables.get(table).map(|it| it.vpc.clone());
        let member = vpc.map(CcnMember::Vpc);
        let ccns = member.iter().flat_map(|member| network.ccns_of(member));
        ccns.cloned().collect()
    }

    /// The routes that an attribute names by what the cloud calls their items.
    fn entries_of(&self, index: usize, name: &str) -> Many {
        let Attribute::Known(value) = self.input.attribute(index, name) else {
            return self.input.many(index, name, ENTRY).unwrap_or_default();
        };
        let one = [value.clone()];
        let items = value.as_array().map_or(&one[..], Vec::as_slice);
        let mut many = Many::default();
        for item in items.iter().filter_map(text_of) {
            let mut entries = self.input.of_kind(ENTRY[0]);
            let own =
                |entry: &usize| self.input.text(*entry, "route_item_id").as_ref() == Some(&item);
            match entries.find(own) {
                Some(entry) => many.found.push(entry),
                None => many.lost.push(Unresolved {
                    lack: Lack::Meaning,
                    why: words!(
                        "nothing in the input says which route `{item}` is",
                        "输入中没有说明 `{item}` 是哪条路由"
                    ),
                    help: Words::new("import it together with its route", "请与该路由一起导入"),
                }),
            }
        }
        many
    }
}

/// What bears on CCNs, if there are any.
fn on(ccns: &[Id]) -> Bears {
    if ccns.is_empty() { Bears::Nothing } else { Bears::On(ccns.to_vec()) }
}
