//! The route tables of a CCN: who is bound to them, and which of them decides (CCN-6).

use crate::diagnostic::{Words, words};
use rustc_hash::FxHashMap;

use super::block::{Line, Order};
use super::ground::VPC;
use super::resolve::Lack;
use super::wan::{CCN, CCN_ATTACHMENTS, DIRECT, VPN};
use super::{Import, Spots};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::notation;
use crate::model::{CcnMember, CcnRouteTable, CcnSelection, Kind};

const TABLE: &[&str] = &["tencentcloud_ccn_route_table"];
/// The types that may be a member of a CCN.
pub const MEMBERS: [&str; 3] = [VPC[0], VPN[0], DIRECT[0]];

/// A part of a resource that speaks of a CCN.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    /// The resource.
    pub resource: usize,
    /// The attribute or line.
    pub place: &'a str,
    /// The CCN.
    pub ccn: &'a Id,
}

impl Import<'_> {
    /// Everything about route tables, when the members are known.
    pub(super) fn ccn_route_tables(&mut self) {
        for index in self.of_kind(TABLE[0]) {
            self.ccn_table(index);
        }
        let mut bound = FxHashMap::default();
        // what associates members says it for itself; an attachment may only repeat what was before
        for index in self.of_kind("tencentcloud_ccn_route_table_associate_instance_config") {
            self.associated(index, &mut bound);
        }
        for index in self.of_kinds(CCN_ATTACHMENTS) {
            self.attached(index, &mut bound);
        }
        let mut written = Vec::new();
        for index in self.of_kind("tencentcloud_ccn_route_table_input_policies") {
            self.input_policies(index, &mut written);
        }
        for index in self.of_kind(TABLE[0]) {
            if self.placed.contains_key(&index)
                && !self.is_default(index)
                && !written.contains(&index)
                && let Ok(Some(ccn)) = self.input.one(index, "ccn_id", CCN)
            {
                let spot = self.entity(ccn.value);
                let why = Words::new(
                    "nothing in the input says what it accepts: it accepts no route",
                    "输入中没有其接收策略：它不接收任何路由",
                );
                self.doubt(index, &spot, why);
            }
        }
        let mut selecting = Vec::new();
        for index in self.of_kind("tencentcloud_ccn_route_table_selection_policies") {
            self.selection_policies(index, &mut selecting);
        }
    }

    fn ccn_table(&mut self, index: usize) {
        let spots = Spots::part(Spot::Section(Kind::Ccn));
        let Some(ccn) = self.must(index, "ccn_id", CCN, &spots) else {
            return;
        };
        let (ccn, id) = (self.id(ccn), self.id(index));
        let table = CcnRouteTable {
            meta: self.plain_meta(index),
            attachments: Vec::new(),
            accept: Vec::new(),
        };
        // the default one accepts everything and is not written
        if !self.is_default(index)
            && let Some(ccn) = self.network().ccns.get_mut(&ccn)
        {
            ccn.route_tables.insert(id, table);
        }
        self.belongs(index, &ccn);
        self.place(index, Kind::CcnRouteTable);
    }

    pub(super) fn is_default(&self, table: usize) -> bool {
        self.input.known(table, "is_default_table").as_bool() == Some(true)
    }

    /// The CCN and the table that a resource is about, if both are in the file.
    pub(super) fn ccn_and_table(&mut self, index: usize) -> Option<(Id, usize)> {
        let spots = Spots::part(Spot::Section(Kind::Ccn));
        let ccn = self.must(index, "ccn_id", CCN, &spots)?;
        let spots = Spots::part(self.entity(ccn));
        let table = self.must(index, "route_table_id", TABLE, &spots)?;
        let ccn = self.id(ccn);
        let part = Part { resource: index, place: "route_table_id", ccn: &ccn };
        self.serves(part, table).then_some((ccn, table))
    }

    /// Whether a table is one of the CCN that is spoken of; said if not.
    fn serves(&mut self, part: Part<'_>, table: usize) -> bool {
        let own = self.input.one(table, "ccn_id", CCN);
        let serves = matches!(own, Ok(Some(own)) if self.id(own.value) == *part.ccn);
        if !serves {
            let address = self.address(table);
            let why = words!("{address} is no table of this CCN", "{address} 不是此云联网的路由表");
            self.not_read(part, why);
        }
        serves
    }

    fn not_read(&mut self, part: Part<'_>, why: Words) {
        let spot = Spot::Entity(part.ccn.clone());
        self.left_out(part.resource, part.place, &spot, Self::unreadable(why));
    }

    fn associated(&mut self, index: usize, bound: &mut FxHashMap<Id, usize>) {
        let Some((ccn, table)) = self.ccn_and_table(index) else {
            return;
        };
        let spot = Spot::Entity(ccn.clone());
        let lines = match self.input.lines(index, "instances", Order::Free) {
            Ok(lines) => lines,
            Err(why) => {
                self.left_out(index, "instances", &spot, why);
                return;
            }
        };
        for (number, line) in lines.iter().enumerate() {
            let place = format!("instances[{number}]");
            let part = Part { resource: index, place: &place, ccn: &ccn };
            if let Some(member) = self.member(part, line) {
                self.bind_member(part, table, member, bound);
            }
        }
        self.joins(index, &ccn);
    }

    /// The member that a line names.
    fn member(&mut self, part: Part<'_>, line: &Line<'_>) -> Option<CcnMember> {
        let named = line.attribute("instance_id");
        let resolved = self.input.one_of(part.resource, named, &MEMBERS);
        let spots = Spots::part(Spot::Entity(part.ccn.clone()));
        match self.settle(part.resource, part.place, resolved, &spots) {
            Ok(Some(found)) => self.joined(part, found),
            Ok(None) => {
                let why = Words::new("it names no member", "未指定成员");
                self.not_read(part, why);
                None
            }
            Err(()) => None,
        }
    }

    /// A resource as a member of the CCN; said if it is none.
    fn joined(&mut self, part: Part<'_>, resource: usize) -> Option<CcnMember> {
        let id = self.id(resource);
        let members = self.network().ccn_members(part.ccn.as_str());
        let own = members.into_iter().find(|member| *member.id() == id);
        if own.is_none() {
            let why = words!("{id} is no member of this CCN", "{id} 不是此云联网的成员");
            self.not_read(part, why);
        }
        own
    }

    fn bind_member(
        &mut self,
        part: Part<'_>,
        table: usize,
        member: CcnMember,
        bound: &mut FxHashMap<Id, usize>,
    ) {
        if let Some(other) = bound.get(member.id()).copied() {
            if other != table {
                let (one, two) = (self.address(other), self.address(table));
                let id = member.id();
                let why =
                    words!("{id} is bound to {one} and to {two}", "{id} 同时绑定到 {one} 和 {two}");
                self.open(part.resource, part.ccn, why);
            }
            return;
        }
        bound.insert(member.id().clone(), table);
        let id = self.id(table);
        if let Some(ccn) = self.network().ccns.get_mut(part.ccn)
            && let Some(table) = ccn.route_tables.get_mut(&id)
        {
            table.attachments.push(member);
        }
    }

    /// The table that an attachment names; none = the default one.
    fn attached(&mut self, index: usize, bound: &mut FxHashMap<Id, usize>) {
        let ccn = self.input.one(index, "ccn_id", CCN);
        let member = self.input.one(index, "instance_id", &MEMBERS);
        let (Ok(Some(ccn)), Ok(Some(member))) = (ccn, member) else {
            // said when it should have joined
            return;
        };
        let is_there = |index: usize| self.placed.contains_key(&index);
        if !is_there(ccn.value) || !is_there(member.value) {
            return;
        }
        let ccn = self.id(ccn.value);
        let part = Part { resource: index, place: "route_table_id", ccn: &ccn };
        let found = self.input.one(index, part.place, TABLE);
        if let Err(why) = &found
            && why.lack == Lack::Presence
        {
            // over a state this is what was before something else in the input says more
            if !bound.contains_key(&self.id(member.value)) {
                let table = self.input.text(index, part.place).unwrap_or_default();
                let why = words!(
                    "its route table {table} is not in the input: the default one, or one that accepts less",
                    "输入中没有其路由表 {table}：可能是默认路由表，也可能是接收更少路由的表"
                );
                self.open(index, &ccn, why);
            }
            return;
        }
        let spots = Spots::part(Spot::Entity(ccn.clone()));
        if let Ok(Some(table)) = self.settle(index, part.place, found, &spots)
            && self.serves(part, table)
            && let Some(member) = self.joined(part, member.value)
        {
            self.bind_member(part, table, member, bound);
        }
    }

    fn selection_policies(&mut self, index: usize, seen: &mut Vec<Id>) {
        let spots = Spots::part(Spot::Section(Kind::Ccn));
        let Some(ccn) = self.must(index, "ccn_id", CCN, &spots) else {
            return;
        };
        let ccn = self.id(ccn);
        if seen.contains(&ccn) {
            let why = Words::new(
                "another resource writes the selection policies of the same CCN",
                "另有资源写入同一云联网的选择策略",
            );
            self.open(index, &ccn, why);
            return;
        }
        seen.push(ccn.clone());
        let spot = Spot::Entity(ccn.clone());
        let lines = match self.input.lines(index, "selection_policies", Order::Kept) {
            Ok(lines) => lines,
            Err(why) => {
                self.left_out(index, "selection_policies", &spot, why);
                return;
            }
        };
        for (number, line) in lines.iter().enumerate() {
            let place = format!("selection_policies[{number}]");
            let part = Part { resource: index, place: &place, ccn: &ccn };
            if let Some(selection) = self.selected(part, line)
                && let Some(ccn) = self.network().ccns.get_mut(&ccn)
            {
                ccn.selection.push(selection);
            }
        }
        self.joins(index, &ccn);
    }

    fn selected(&mut self, part: Part<'_>, line: &Line<'_>) -> Option<CcnSelection> {
        let attachment = self.member(part, line)?;
        let source = match notation::cidr(&line.text("source_cidr_block")) {
            Ok(source) => source,
            Err(why) => {
                self.not_read(part, why);
                return None;
            }
        };
        let named = line.attribute("route_table_id");
        let resolved = self.input.one_of(part.resource, named, TABLE);
        let spots = Spots::part(Spot::Entity(part.ccn.clone()));
        let table = self.settle(part.resource, part.place, resolved, &spots);
        let table = match table {
            Ok(Some(table)) if self.is_default(table) => {
                let why = Words::new(
                    "a selection policy cannot name the default table (CCN-8)",
                    "选择策略不能指定默认路由表（CCN-8）",
                );
                self.not_read(part, why);
                return None;
            }
            Ok(None) => {
                let why = Words::new("it names no route table", "未指定路由表");
                self.not_read(part, why);
                return None;
            }
            Ok(Some(table)) => table,
            Err(()) => return None,
        };
        self.serves(part, table).then(|| CcnSelection {
            attachment,
            source,
            route_table: self.id(table),
        })
    }
}
