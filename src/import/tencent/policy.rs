//! What the custom route tables of a CCN accept (CCN-8).

use super::dump::Object;
use super::{Import, by_hand, collect};
use crate::diagnostic::{Words, words};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::notation;
use crate::model::{CcnMember, CcnRoutePolicy, Kind};

impl<'d> Import<'d> {
    /// The name of a file says whose policies it holds: `DescribeCcnRouteTableInputPolicys.ccnrtb-….json`.
    pub(super) fn ccn_policies(&mut self) {
        let tables = self.network().ccns.iter().flat_map(|(ccn, entity)| {
            let tables = entity.route_tables.keys();
            tables.map(|table| (ccn.clone(), table.clone()))
        });
        let tables: Vec<(Id, Id)> = tables.collect();
        for (ccn, table) in tables {
            let mut answers = self.dump.answers("DescribeCcnRouteTableInputPolicys");
            let own = answers.find(|it| it.response.owner.as_deref() == Some(table.as_str()));
            let spot = Spot::Entity(ccn.clone());
            let Some(own) = own else {
                let why = words!(
                    "what {table} accepts is not in the files: without it, it drops all",
                    "文件中没有 {table} 的接收策略：没有策略时它拒绝所有路由"
                );
                let help = collect(&format!("DescribeCcnRouteTableInputPolicys.{table}.json"));
                self.left_out(table.as_str(), "", spot, why, help);
                continue;
            };
            // older versions are listed, too
            let newest = own.list("PolicySet").into_iter();
            let newest = newest.max_by_key(|set| set.number("PolicyVersion"));
            for policy in newest.map(|set| set.list("Policys")).unwrap_or_default() {
                let accepts = self.accepts(&ccn, &policy);
                let accepts = self.read(table.as_str(), "accept", spot.clone(), accepts);
                if let Some(ccn) = self.network().ccns.get_mut(&ccn)
                    && let Some(table) = ccn.route_tables.get_mut(&table)
                {
                    table.accept.extend(accepts.into_iter().flatten());
                }
            }
        }
    }

    /// What a VPN gateway keeps from its CCN: `DescribeVpnGatewayCcnRoutes.vpngw-….json`.
    pub(super) fn kept_from_ccn(&mut self) {
        for object in self.dump.all("DescribeVpnGatewayCcnRoutes", "RouteSet") {
            if !object.words("Status").eq_ignore_ascii_case("disable") {
                continue;
            }
            let owner = object.response.owner.as_deref().unwrap_or_default();
            let route = object.words("RouteId");
            let spot = Spot::Section(Kind::VpnGateway);
            let Some(gateway) = self.must(route, "VpnGatewayId", owner, Kind::VpnGateway, spot)
            else {
                continue;
            };
            let cidr = object.words("DestinationCidrBlock");
            self.concerns = notation::cidr(cidr).into_iter().collect();
            let why = words!(
                "{cidr} is kept from the CCN, which is not modelled",
                "{cidr} 未发布到云联网，模型不支持"
            );
            let help = by_hand();
            self.left_out(route, "Status", Spot::Entity(gateway), why, help);
            self.concerns.clear();
        }
    }

    /// One policy as one for each member that meets all its conditions.
    fn accepts(&self, ccn: &Id, policy: &Object<'d>) -> Result<Vec<CcnRoutePolicy>, Words> {
        let action = notation::action(policy.words("Action"))?;
        let network = &self.draft.document.fragment.network;
        let of = |from| CcnRoutePolicy { from, cidr: None, action };
        let conditions = policy.list("RouteConditions");
        if conditions.is_empty() {
            return Ok(vec![of(None)]);
        }
        let mut members = network.ccn_members(ccn.as_str());
        for condition in conditions {
            let values = condition.texts("Values");
            if condition.number("MatchPattern") == Some(0) {
                return Err(Words::new(
                    "a condition that matches in part is not imported",
                    "不支持导入部分匹配的条件",
                ));
            }
            let meets = |text: &str| values.iter().any(|value| value.eq_ignore_ascii_case(text));
            match condition.words("Name") {
                "instance-id" => members.retain(|member| meets(member.id().as_str())),
                "instance-type" => members.retain(|member| meets(word(member))),
                "instance-region" => {
                    let regions = self.regions(ccn, &members)?;
                    let mut regions = regions.into_iter();
                    members.retain(|_| regions.next().is_some_and(&meets));
                }
                other => {
                    return Err(words!(
                        "a condition of type `{other}` is not imported",
                        "不支持导入类型为 `{other}` 的条件"
                    ));
                }
            }
        }
        Ok(members.into_iter().map(|member| of(Some(member))).collect())
    }

    /// The regions that the API tells of members, in their order.
    fn regions(&self, ccn: &Id, members: &[CcnMember]) -> Result<Vec<&'d str>, Words> {
        let listed = self.dump.all("DescribeCcnAttachedInstances", "InstanceSet");
        let region = |member: &CcnMember| {
            let id = member.id().as_str();
            let own = listed.iter().find(|it| it.text("InstanceId") == Some(id));
            let region = own.and_then(|it| it.text("InstanceRegion"));
            region.ok_or_else(|| {
                words!(
                    "the region of {id} in {ccn} is not in the files",
                    "文件中没有 {ccn} 中 {id} 的地域"
                )
            })
        };
        members.iter().map(region).collect()
    }
}

/// The API's word for a kind of member.
fn word(member: &CcnMember) -> &'static str {
    match member {
        CcnMember::Vpc(_) => "VPC",
        CcnMember::VpnGateway(_) => "VPNGW",
        CcnMember::DirectConnectGateway(_) => "DIRECTCONNECT",
    }
}
