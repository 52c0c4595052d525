//! Cloud Connect Networks.

use super::Read;
use crate::id::Id;
use crate::model::{
    Ccn, CcnBandwidth, CcnMember, CcnRoute, CcnRoutePolicy, CcnRouteTable, CcnSelection, Kind,
    Section,
};
use crate::scenario::fields::Fields;
use crate::scenario::reader::Reader;
use crate::scenario::reference::only;
use crate::scenario::value::{Shape, Value};
use crate::scenario::variant;
use crate::scenario::word::{self, boolean, cidr, reference};
use crate::space::Action;

/// An entry of `ccns`.
impl Read for Ccn {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        let mut fields = Fields::of(value, "ccn", at)?;
        let meta = fields.meta();
        let route_overlap = fields.optional("route_overlap", boolean).unwrap_or(false);
        let bandwidth = fields.optional("bandwidth", bandwidth);
        let attachments = fields.list("attachments", member);
        let routes = fields.list("routes", route);
        let route_tables = fields.optional("route_tables", route_tables).unwrap_or_default();
        let selection = fields.list("selection", selection);
        fields.finish();
        Some(Ccn { meta, route_overlap, bandwidth, attachments, routes, route_tables, selection })
    }
}

fn bandwidth<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<CcnBandwidth> {
    let (name, payload) = at.variant(value, &["Configured", "Missing"])?;
    at.bare(name, payload)?;
    Some(match name {
        "Configured" => CcnBandwidth::Configured,
        _ => CcnBandwidth::Missing,
    })
}

/// A member of a CCN: `Vpc("vpc-a")`.
fn member<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<CcnMember> {
    let (name, payload) = at.variant(value, &["Vpc", "VpnGateway", "DirectConnectGateway"])?;
    match name {
        "Vpc" => at.named(name, payload, only(&[Kind::Vpc])).map(CcnMember::Vpc),
        "VpnGateway" => {
            at.named(name, payload, only(&[Kind::VpnGateway])).map(CcnMember::VpnGateway)
        }
        _ => at
            .named(name, payload, only(&[Kind::DirectConnectGateway]))
            .map(CcnMember::DirectConnectGateway),
    }
}

fn route<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<CcnRoute> {
    let mut fields = Fields::of(value, "ccn route", at)?;
    let to = fields.required("to", cidr);
    let next = fields.required("next", member);
    let enabled = fields.optional("enabled", boolean).unwrap_or(true);
    fields.finish();
    Some(CcnRoute { to: to?, next: next?, enabled })
}

/// The custom tables. Their ids are checked with those of the sections (`network`).
fn route_tables<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Section<CcnRouteTable>> {
    let Ok(entries) = value.entries() else {
        return at.shape(value, &Shape::Map.words());
    };
    let mut tables = Section::default();
    for (key, value) in entries {
        let id = word::text(key, at);
        let table = route_table(value, at);
        if let (Some(id), Some(table)) = (id, table) {
            tables.insert(Id::from(id), table);
        }
    }
    Some(tables)
}

fn route_table<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<CcnRouteTable> {
    let mut fields = Fields::of(value, "ccn route table", at)?;
    let meta = fields.meta();
    let attachments = fields.list("attachments", member);
    let accept = fields.list("accept", policy);
    fields.finish();
    Some(CcnRouteTable { meta, attachments, accept })
}

fn policy<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<CcnRoutePolicy> {
    const ACTIONS: &[(&str, Action)] = &[("Accept", Action::Accept), ("Drop", Action::Drop)];
    let mut fields = Fields::of(value, "ccn route policy", at)?;
    let from = fields.optional("from", member);
    let published = fields.optional("cidr", cidr);
    let action = fields.optional("action", variant::word(ACTIONS)).unwrap_or(Action::Accept);
    fields.finish();
    Some(CcnRoutePolicy { from, cidr: published, action })
}

fn selection<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<CcnSelection> {
    let mut fields = Fields::of(value, "ccn selection policy", at)?;
    let attachment = fields.required("attachment", member);
    let source = fields.required("source", cidr);
    let route_table = fields.required("route_table", reference(only(&[Kind::CcnRouteTable])));
    fields.finish();
    Some(CcnSelection { attachment: attachment?, source: source?, route_table: route_table? })
}
