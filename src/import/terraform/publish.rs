//! What a CCN is told, and which of its routes are on: the states of single routes.

use crate::diagnostic::{Words, words};
use ipnet::IpNet;
use serde_json::Value;

use super::input::get;
use super::resolve::{Lack, Unresolved, text_of};
use super::wan::{CCN, VPN};
use super::{Import, Spots};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::left::Bears;
use crate::import::notation;
use crate::model::{Attachment, CcnMember, CcnRoute, Kind};

impl Import<'_> {
    /// The states of routes, when the routes are known.
    pub(super) fn ccn_route_states(&mut self) {
        for index in self.of_kind("tencentcloud_vpn_gateway_ccn_routes") {
            self.told_to_ccn(index);
        }
        for index in self.of_kind("tencentcloud_ccn_routes") {
            self.ccn_route(index);
            self.concerns.clear();
        }
    }

    /// What a VPN gateway tells its CCN, or keeps from it.
    fn told_to_ccn(&mut self, index: usize) {
        let spots = Spots::part(Spot::Section(Kind::VpnGateway));
        let Some(gateway) = self.must(index, "vpn_gateway_id", VPN, &spots) else {
            return;
        };
        let id = self.id(gateway);
        let attached = self.network().vpn_gateways.get(&id);
        let Some(Attachment::Ccn(ccn)) = attached.map(|gateway| gateway.attached_to.clone()) else {
            // no CCN hears it
            self.joins(index, &id);
            return;
        };
        let to = self.input.text(index, "destination_cidr_block");
        let to = match notation::cidr(&to.unwrap_or_default()) {
            Ok(to) => to,
            Err(why) => {
                let bears = Bears::On(vec![id.clone(), ccn]);
                let part = (index, "destination_cidr_block");
                self.leave_out(part, &Spot::Entity(id), Self::unreadable(why), bears);
                return;
            }
        };
        match self.told(index, &ccn, &id, to) {
            Ok(route) => {
                if let Some(route) = route {
                    self.set_state(index, &ccn, route);
                }
                self.joins(index, &id);
            }
            Err(why) => {
                self.concerns = vec![to];
                let bears = Bears::On(vec![id.clone(), ccn]);
                let part = (index, "status");
                self.leave_out(part, &Spot::Entity(id), Self::unreadable(why), bears);
                self.concerns.clear();
            }
        }
    }

    /// The state to write, if any: what is told is computed anyway. What is kept from the CCN is not there at all,
    /// which is the same as a route that is off only if it keeps no other one from being on (CCN-4, D20-24).
    fn told(
        &mut self,
        index: usize,
        ccn: &Id,
        gateway: &Id,
        to: IpNet,
    ) -> Result<Option<CcnRoute>, Words> {
        let status = self.input.text(index, "status").unwrap_or_default();
        let own = CcnMember::VpnGateway(gateway.clone());
        let network = self.network();
        let is_told = network.published(&own).contains(&to);
        if status.eq_ignore_ascii_case("enable") {
            let why = || {
                words!(
                    "{to} is told to {ccn}, and no connection of {gateway} has it",
                    "{to} 发布到 {ccn}，而 {gateway} 没有任何通道含有它"
                )
            };
            return if is_told { Ok(None) } else { Err(why()) };
        }
        if !status.eq_ignore_ascii_case("disable") {
            return Err(words!(
                "`{status}` is neither ENABLE nor DISABLE",
                "`{status}` 既不是 ENABLE 也不是 DISABLE"
            ));
        }
        for member in network.ccn_members(ccn.as_str()) {
            for other in network.published(&member) {
                let is_itself = member == own && other == to;
                if !is_itself && (other.contains(&to) || to.contains(&other)) {
                    let whose = member.id();
                    return Err(words!(
                        "{to} is kept from {ccn}, which {other} of {whose} overlaps: not modelled",
                        "{to} 未发布到 {ccn}，而 {whose} 的 {other} 与之重叠：模型不支持"
                    ));
                }
            }
        }
        Ok(is_told.then_some(CcnRoute { to, next: own, enabled: false }))
    }

    /// The state of one route of a CCN. Terraform gives no more than its id; what it is stands only in a data source.
    fn ccn_route(&mut self, index: usize) {
        let spots = Spots::part(Spot::Section(Kind::Ccn));
        let Some(ccn) = self.must(index, "ccn_id", CCN, &spots) else {
            return;
        };
        let ccn = self.id(ccn);
        let spot = Spot::Entity(ccn.clone());
        let id = self.input.text(index, "route_id").unwrap_or_default();
        let Some(route) = self.input.ccn_routes.get(id.as_str()).copied() else {
            let why = Unresolved {
                lack: Lack::Meaning,
                why: words!(
                    "nothing in the input says which route `{id}` is",
                    "输入中没有说明 `{id}` 是哪条路由"
                ),
                help: Words::new(
                    "read the routes with `data \"tencentcloud_ccn_routes\"`, or write the state into `routes` of the CCN by hand",
                    "请用 `data \"tencentcloud_ccn_routes\"` 读取路由，或将状态手工写入云联网的 `routes`",
                ),
            };
            self.left_out(index, "route_id", &spot, why);
            return;
        };
        let to = text_of(get(route, "destination_cidr_block")).unwrap_or_default();
        let state = notation::cidr(&to).and_then(|to| {
            self.concerns = vec![to];
            self.ccn_route_state(index, &ccn, route, to)
        });
        match state {
            Ok(route) => {
                self.set_state(index, &ccn, route);
                self.joins(index, &ccn);
            }
            Err(why) => self.left_out(index, "route_id", &spot, Self::unreadable(why)),
        }
    }

    fn ccn_route_state(
        &mut self,
        index: usize,
        ccn: &Id,
        route: &Value,
        to: IpNet,
    ) -> Result<CcnRoute, Words> {
        let switch = self.input.text(index, "switch").unwrap_or_default();
        let enabled = match switch.as_str() {
            "on" => true,
            "off" => false,
            other => {
                return Err(words!(
                    "`{other}` is neither on nor off",
                    "`{other}` 既不是 on 也不是 off"
                ));
            }
        };
        let via = text_of(get(route, "instance_id")).unwrap_or_default();
        let network = self.network();
        let own = network.ccns.get(ccn);
        if own.is_some_and(|ccn| !ccn.route_tables.is_empty()) {
            return Err(Words::new(
                "its id does not say in which route table of the CCN it is",
                "其 ID 没有说明它在云联网的哪个路由表中",
            ));
        }
        let mut members = network.ccn_members(ccn.as_str()).into_iter();
        let next = members.find(|member| member.id().as_str() == via);
        let next =
            next.ok_or_else(|| words!("{via} is no member of {ccn}", "{via} 不是 {ccn} 的成员"))?;
        if network.published(&next).contains(&to) {
            Ok(CcnRoute { to, next, enabled })
        } else {
            Err(words!(
                "nothing in the input makes {via} publish {to}",
                "输入中没有使 {via} 发布 {to} 的内容"
            ))
        }
    }

    /// Writes the state of a route, once.
    fn set_state(&mut self, index: usize, ccn: &Id, route: CcnRoute) {
        let Some(entity) = self.network().ccns.get_mut(ccn) else {
            return;
        };
        let same = |it: &&CcnRoute| it.to == route.to && it.next == route.next;
        match entity.routes.iter().find(same) {
            None => entity.routes.push(route),
            Some(other) if other.enabled == route.enabled => {}
            Some(_) => {
                let (to, via) = (route.to, route.next.id());
                let why = words!(
                    "{to} by {via} is on and off: two resources say so",
                    "经 {via} 到 {to} 的路由既启用又停用：两个资源说法不一"
                );
                self.open(index, ccn, why);
            }
        }
    }
}
