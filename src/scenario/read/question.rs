//! Expectations and stages (sections 5 and 6 of the format).

use std::net::IpAddr;

use jiff::civil::Date;

use super::change;
use super::outline::Scope;
use crate::code::{Code, CodeKind};
use crate::diagnostic::{Diagnostic, Words};
use crate::id::Id;
use crate::model::{Change, Kind, Service};
use crate::query::question::Waypoint;
use crate::query::{During, Expectation, Intention, Traffics, Turn, Waiver, Want};
use crate::scenario::fields::Fields;
use crate::scenario::near;
use crate::scenario::reader::{Reader, head};
use crate::scenario::reference::{WAYPOINT, only};
use crate::scenario::value::{Shape, Value};
use crate::scenario::variant::word as word_of;
use crate::scenario::who::Side;
use crate::scenario::word::{self, ports, text, words};
use crate::scenario::{Planned, PlannedChange, Stage};

const DURING: &[(&str, During)] = &[
    ("always", During::Always),
    ("except_while_restarting", During::ExceptWhileRestarting),
    ("at_end", During::AtEnd),
];

/// One expectation: `Reachable(from: …, to: …)`.
pub fn expectation<'src>(
    value: Value<'src>,
    at: &mut Reader<'src>,
) -> Option<Planned<Expectation>> {
    let span = at.span(value.text());
    let (name, payload) = at.variant(value, &["Reachable", "Unreachable", "Partial"])?;
    let what = match name {
        "Reachable" => "Reachable",
        "Unreachable" => "Unreachable",
        _ => "Partial",
    };
    let mut fields = Fields::of_variant(name, payload, what, at)?;
    let from = fields.required("from", |value, at| at.selector(value, Side::From));
    let to = fields.required("to", |value, at| at.selector(value, Side::To));
    let service = fields.optional("service", service);
    let source_ports = fields.optional("source_port", ports);
    let title = fields.optional("name", text);
    let because = match what {
        "Reachable" => {
            no_because(&mut fields);
            None
        }
        _ => fields.optional("because", reason),
    };
    let via = fields.optional("via", waypoints).unwrap_or_default();
    let not_via = fields.optional("not_via", waypoints).unwrap_or_default();
    let during = fields.optional("during", word_of(DURING)).unwrap_or_default();
    let waive = fields.optional("waive", waiver);
    let want = match what {
        "Reachable" => Want::Reachable,
        "Unreachable" => Want::Unreachable,
        _ => Want::Partial { works: fields.optional("works", works) },
    };
    fields.finish();
    let (from, from_text) = from?;
    let (to, to_text) = to?;
    let (service, service_text) = service.unwrap_or_else(|| (Service::all(), String::from("all")));
    let source_ports = source_ports.unwrap_or(Traffics::default().source_ports);
    let traffic = Traffics { service, source_ports };
    let expectation = Expectation {
        name: title,
        from,
        from_text,
        to,
        to_text,
        traffic,
        service_text,
        want,
        because,
        via,
        not_via,
        during,
        waive,
    };
    Some(Planned { value: expectation, span })
}

/// What a change is meant to do: `Gains(from: …, to: …)`.
pub fn intention<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Planned<Intention>> {
    let span = at.span(value.text());
    let (name, payload) = at.variant(value, &["Gains", "Loses"])?;
    let (what, turn) = match name {
        "Gains" => ("Gains", Turn::Gained),
        _ => ("Loses", Turn::Lost),
    };
    let mut fields = Fields::of_variant(name, payload, what, at)?;
    let from = fields.required("from", |value, at| at.selector(value, Side::From));
    let to = fields.required("to", |value, at| at.selector(value, Side::To));
    let service = fields.optional("service", service);
    let source_ports = fields.optional("source_port", ports);
    fields.finish();
    let (from, from_text) = from?;
    let (to, to_text) = to?;
    let (service, service_text) = service.unwrap_or_else(|| (Service::all(), String::from("all")));
    let source_ports = source_ports.unwrap_or(Traffics::default().source_ports);
    let intention = Intention {
        turn,
        from,
        from_text,
        to,
        to_text,
        traffic: Traffics { service, source_ports },
        service_text,
    };
    Some(Planned { value: intention, span })
}

/// A service, and how it is written.
fn service<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<(Service, String)> {
    let service = word::service(value, at)?;
    Some((service, text(value, at)?))
}

fn no_because(fields: &mut Fields<'_, '_>) {
    if let Some(value) = fields.misplaced("because") {
        let span = fields.at.span(value.text());
        let message = Words::new(
            "a connection that works has no reason why it does not",
            "可通的连接没有不通的原因",
        );
        let help = Words::new(
            "leave `because` out, or expect `Unreachable` or `Partial`",
            "请删去 `because`，或改为 `Unreachable`、`Partial`",
        );
        fields
            .at
            .report(Diagnostic::error(Code::BecauseWithReachable, span, message).with_help(help));
    }
}

/// A reason code (`because`).
fn reason<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Code> {
    let text = at.string(value)?;
    let code = Code::from_name(&text);
    if let Some(code) = code.filter(|code| code.can_be_because()) {
        return Some(code);
    }
    let message = match code.map(Code::kind) {
        Some(CodeKind::Refusal) => Words::new(
            format!("`{text}` refuses a change; it is no reason why packets do not cross"),
            format!("`{text}` 是拒绝变更的代码，不是报文不通的原因"),
        ),
        Some(_) => Words::new(
            format!("`{text}` is no reason why packets do not cross"),
            format!("`{text}` 不是报文不通的原因"),
        ),
        None => {
            Words::new(format!("there is no reason `{text}`"), format!("没有原因代码 `{text}`"))
        }
    };
    let names = Code::ALL.iter().filter(|code| code.can_be_because()).map(|code| code.name());
    let help = near::nearest(&text, names).map(near::question);
    let span = at.span(value.text());
    let diagnostic = Diagnostic::error(Code::UnknownReason, span, message);
    at.report(Diagnostic { help, ..diagnostic });
    None
}

/// One way point, or a list of them.
fn waypoints<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Vec<Waypoint>> {
    if value.shape() == Shape::List {
        return at.list(value, waypoint);
    }
    waypoint(value, at).map(|only| vec![only])
}

fn waypoint<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Waypoint> {
    let text = at.string(value)?;
    if let Some(vpc) = text.strip_prefix("classic-link:") {
        let vpc = Id::from(vpc);
        at.refer(&vpc, value.text(), only(&[Kind::Vpc]));
        return Some(Waypoint::ClassicLink(vpc));
    }
    let id = Id::from(text.as_ref());
    at.refer(&id, value.text(), WAYPOINT);
    Some(Waypoint::Id(id))
}

fn waiver<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Waiver> {
    let mut fields = Fields::of(value, "waive", at)?;
    let reason = fields.required("reason", words);
    let until = fields.required("until", date);
    let owner = fields.required("owner", words);
    fields.finish();
    Some(Waiver { reason: reason?, until: until?, owner: owner? })
}

/// A day, `YYYY-MM-DD`.
fn date<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<String> {
    let text = text(value, at)?;
    match text.parse::<Date>() {
        Ok(date) if date.to_string() == text => Some(text),
        _ => at.invalid(
            value.text(),
            Words::new(
                format!("`{text}` is no day; write it as `2027-01-31`"),
                format!("`{text}` 不是日期；请写成 `2027-01-31`"),
            ),
        ),
    }
}

/// The services that work: one string, or a list of them.
fn works<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Vec<Service>> {
    if value.shape() == Shape::List {
        return at.list(value, word::service);
    }
    word::service(value, at).map(|only| vec![only])
}

/// A stage: `(name: …, changes: […], expect: […])`.
///
/// Before it is read, the ids that its changes may create become known, so that every change and expectation of it
/// may name them.
pub fn stage<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Stage> {
    let mut fields = Fields::of(value, "stage", at)?;
    let title = fields.required_value("name");
    let name = title.and_then(|value| words(value, fields.at));
    let changes = fields.required("changes", changes);
    let expectations = fields.list("expect", expectation);
    fields.finish();
    at.check_references();
    let span = at.span(title.map_or_else(|| head(value), Value::text));
    Some(Stage { name: name?, span, changes: changes?, expectations })
}

fn changes<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Vec<PlannedChange>> {
    let errors = at.errors();
    let changes = at.list(value, |item, _| Some(item)).map(|items| changes_of(&items, at));
    // what a change that cannot be read would create is not known
    at.partial |= at.errors() > errors;
    changes
}

/// Changes in order. What any of them may create is known to all.
pub fn changes_of<'src>(items: &[Value<'src>], at: &mut Reader<'src>) -> Vec<PlannedChange> {
    for item in items {
        if let Some(outline) = change::creation(*item, at) {
            for entry in outline.all() {
                let key = at.span(entry.key.text());
                at.known.may_create(entry.id.clone(), entry.kind, key);
            }
        }
    }
    let mut changes = Vec::new();
    for item in items {
        if let Some(planned) = change::planned(*item, at) {
            at.remember(&planned.change);
            changes.push(planned);
        }
    }
    at.check_accounts(Scope::Change);
    changes
}

impl Reader<'_> {
    /// Notes the addresses that a change may bring.
    fn remember(&mut self, change: &Change) {
        match change {
            Change::Create(fragment) | Change::Replace(fragment) => {
                self.owners.tried.add(&fragment.network);
            }
            Change::ModifyPrivateIpAddress { instance, ip } => {
                self.owners.tried.add_address(*ip);
                self.known.moved(instance, *ip);
            }
            Change::ModifyInstancesVpcAttribute { instances, ips, .. } => {
                let ips = ips.iter().flatten().copied().map(Some);
                let ips = ips.chain(std::iter::repeat(None));
                for (instance, ip) in instances.iter().zip(ips) {
                    self.moves_in(instance, Kind::Instance, ip);
                }
            }
            Change::ModifyDBInstanceVipVport { database, ip, .. } => {
                self.moves_in(database, Kind::Database, *ip);
            }
            Change::AttachClassicLinkVpc { .. }
            | Change::DetachClassicLinkVpc { .. }
            | Change::TerminateInstances { .. }
            | Change::IsolateInstance { .. }
            | Change::RecoverInstance { .. }
            | Change::MigrateInstance { .. }
            | Change::ResizeInstance { .. }
            | Change::ResetInstance { .. }
            | Change::RegisterTargets { .. }
            | Change::DeregisterTargets { .. }
            | Change::CreateSecurityGroupPolicies { .. }
            | Change::DeleteSecurityGroupPolicies { .. }
            | Change::ModifySecurityGroupPolicies { .. }
            | Change::AssociateSecurityGroups { .. }
            | Change::ModifyNetworkAclEntries { .. }
            | Change::AssociateNetworkAclSubnets { .. }
            | Change::DisassociateNetworkAclSubnets { .. }
            | Change::CreateRoutes { .. }
            | Change::DeleteRoutes { .. }
            | Change::EnableRoutes { .. }
            | Change::DisableRoutes { .. }
            | Change::ReplaceRouteTableAssociation { .. }
            | Change::ReleaseOldVip { .. }
            | Change::Advance { .. }
            | Change::SwitchName { .. }
            | Change::Delete { .. }
            | Change::Down { .. }
            | Change::Up { .. } => {}
        }
    }

    /// Notes that something may be in a VPC from now on, at an address if one is told.
    fn moves_in(&mut self, id: &Id, kind: Kind, ip: Option<IpAddr>) {
        self.known.becomes(id, kind, ip);
        if let Some(ip) = ip {
            self.owners.tried.add_address(ip);
        }
    }
}
