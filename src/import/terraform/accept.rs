//! What the route tables of a CCN accept: ordered policies with conditions (CCN-8).

use crate::diagnostic::{Words, words};
use ipnet::IpNet;

use super::Import;
use super::block::{Line, Order};
use super::ccn::{MEMBERS, Part};
use super::input::{get, list};
use super::resolve::{Attribute, Unresolved, lost, text_of};
use super::wan::CCN_ATTACHMENTS;
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::notation;
use crate::model::{CcnMember, CcnRoutePolicy};

impl Import<'_> {
    pub(super) fn input_policies(&mut self, index: usize, written: &mut Vec<usize>) {
        let Some((ccn, table)) = self.ccn_and_table(index) else {
            return;
        };
        if self.is_default(table) {
            let why = Words::new(
                "the default table accepts every route and cannot be edited (CCN-8)",
                "默认路由表接收所有路由，且不可编辑（CCN-8）",
            );
            self.open(index, &ccn, why);
            return;
        }
        if written.contains(&table) {
            let why = Words::new(
                "another resource writes the policies of the same table: the later one wins",
                "另有资源写入同一路由表的策略：后写入者生效",
            );
            self.open(index, &ccn, why);
            return;
        }
        written.push(table);
        let spot = Spot::Entity(ccn.clone());
        let lines = match self.input.lines(index, "policies", Order::Kept) {
            Ok(lines) => lines,
            Err(why) => {
                self.left_out(index, "policies", &spot, why);
                return;
            }
        };
        let id = self.id(table);
        for (number, line) in lines.iter().enumerate() {
            let place = format!("policies[{number}]");
            let part = Part { resource: index, place: &place, ccn: &ccn };
            let accepts = match self.accepts(part, line) {
                Ok(accepts) => accepts,
                Err(why) => {
                    self.left_out(index, &place, &spot, why);
                    continue;
                }
            };
            if let Some(ccn) = self.network().ccns.get_mut(&ccn)
                && let Some(table) = ccn.route_tables.get_mut(&id)
            {
                table.accept.extend(accepts);
            }
        }
        self.joins(index, &ccn);
    }

    /// One policy as one for each member that meets all its conditions.
    fn accepts(
        &mut self,
        part: Part<'_>,
        line: &Line<'_>,
    ) -> Result<Vec<CcnRoutePolicy>, Unresolved> {
        let action = notation::action(&line.text("action")).map_err(Self::unreadable)?;
        let of = |from, cidr| CcnRoutePolicy { from, cidr, action };
        let conditions = self.input.inner(part.resource, line, "route_conditions")?;
        if conditions.is_empty() {
            return Ok(vec![of(None, None)]);
        }
        let mut members = self.network().ccn_members(part.ccn.as_str());
        let mut cidrs: Option<Vec<IpNet>> = None;
        for condition in &conditions {
            if get(condition.values, "match_pattern").as_u64() != Some(1) {
                let why = Words::new(
                    "a condition that matches in part is not imported",
                    "不支持导入部分匹配的条件",
                );
                return Err(Self::unreadable(why));
            }
            match condition.text("name").as_str() {
                "instance-id" => {
                    let ids = self.condition_ids(part, condition)?;
                    members.retain(|member| ids.contains(member.id()));
                }
                "instance-type" => {
                    let words = texts(condition)?;
                    members.retain(|member| words.iter().any(|it| it == word(member)));
                }
                "instance-region" => {
                    let regions = texts(condition)?;
                    let mut own = Vec::new();
                    for member in &members {
                        own.push(regions.contains(&self.member_region(part.ccn, member)?));
                    }
                    let mut own = own.into_iter();
                    members.retain(|_| own.next() == Some(true));
                }
                "cidr-block" if cidrs.is_none() => {
                    let words = texts(condition)?;
                    let read = words.iter().map(|it| notation::cidr(it));
                    let read: Result<_, _> = read.collect();
                    cidrs = Some(read.map_err(Self::unreadable)?);
                }
                other => {
                    let why = words!(
                        "a condition of type `{other}` is not imported",
                        "不支持导入类型为 `{other}` 的条件"
                    );
                    return Err(Self::unreadable(why));
                }
            }
        }
        let Some(cidrs) = cidrs else {
            let members = members.into_iter();
            return Ok(members.map(|member| of(Some(member), None)).collect());
        };
        let mut accepts = Vec::new();
        for member in members {
            for cidr in &cidrs {
                self.only_equal(&member, cidr)?;
                accepts.push(of(Some(member.clone()), Some(*cidr)));
            }
        }
        Ok(accepts)
    }

    /// In the file a CIDR matches what lies in it, too (D20-24); the precise condition does not, so it can stand there
    /// only if the member publishes nothing that tells the two apart.
    fn only_equal(&mut self, member: &CcnMember, cidr: &IpNet) -> Result<(), Unresolved> {
        let published = self.network().published(member);
        let mut inside = published.iter().filter(|it| cidr.contains(*it));
        match inside.find(|it| *it != cidr) {
            None => Ok(()),
            Some(inside) => {
                let id = member.id();
                let why = words!(
                    "{cidr} alone is meant, and {id} publishes {inside} in it: that cannot be written",
                    "仅指 {cidr}，而 {id} 在其中发布了 {inside}：无法写入文件"
                );
                Err(Self::unreadable(why))
            }
        }
    }

    /// The members that a condition names.
    fn condition_ids(
        &mut self,
        part: Part<'_>,
        condition: &Line<'_>,
    ) -> Result<Vec<Id>, Unresolved> {
        let values = condition.attribute("values");
        if let Attribute::Known(_) = values {
            // members that are not in the input publish nothing here
            return Ok(texts(condition)?.iter().map(|it| notation::id(it)).collect());
        }
        let many = self.input.many_of(part.resource, values, &MEMBERS);
        let many = many.unwrap_or_default();
        if let Some(why) = many.lost.into_iter().next() {
            return Err(why);
        }
        let spot = Spot::Entity(part.ccn.clone());
        self.assumed(part.resource, part.place, &spot, many.because);
        Ok(many.found.into_iter().map(|it| self.id(it)).collect())
    }

    /// The region that a member's attachment gives, or its VPC.
    fn member_region(&mut self, ccn: &Id, member: &CcnMember) -> Result<String, Unresolved> {
        for index in self.of_kinds(CCN_ATTACHMENTS) {
            let own = self.input.one(index, "instance_id", &MEMBERS);
            if let Ok(Some(own)) = own
                && self.id(own.value) == *member.id()
                && let Some(region) = self.input.text(index, "instance_region")
            {
                return Ok(region);
            }
        }
        if let Some(vpc) = self.network().vpcs.get(member.id()) {
            return Ok(vpc.region.clone());
        }
        let id = member.id();
        let why = words!("the region of {id} in {ccn} is not known", "{ccn} 中 {id} 的地域未知");
        Err(Self::unreadable(why))
    }
}

/// The values of a condition, which must be known.
fn texts(condition: &Line<'_>) -> Result<Vec<String>, Unresolved> {
    match condition.attribute("values") {
        Attribute::Known(values) => {
            let values = list(values).iter();
            Ok(values.filter_map(text_of).collect())
        }
        Attribute::Unset => Ok(Vec::new()),
        Attribute::Unknown(_) | Attribute::Lost => Err(lost()),
    }
}

/// The provider's word for a kind of member.
fn word(member: &CcnMember) -> &'static str {
    match member {
        CcnMember::Vpc(_) => "VPC",
        CcnMember::VpnGateway(_) => "VPNGW",
        CcnMember::DirectConnectGateway(_) => "DIRECTCONNECT",
    }
}
