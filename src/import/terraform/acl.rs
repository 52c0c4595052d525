//! Rules of network ACLs that match both sides (ACL-7).

use crate::diagnostic::Words;
use serde_json::Value;

use super::ground::swallowed;
use super::input::{get, list};
use super::resolve::text_of;
use super::{Import, Spots};
use crate::import::document::Spot;
use crate::import::notation;
use crate::model::{AclRule, Kind};
use crate::space::AddressSet;

/// The block that holds the rules.
const SET: &str = "network_acl_quintuple_set";

impl Import<'_> {
    /// `tencentcloud_vpc_network_acl_quintuple`: all rules of an ACL, by priority.
    pub(super) fn quintuples(&mut self) {
        for index in self.of_kind("tencentcloud_vpc_network_acl_quintuple") {
            let spots = Spots::part(Spot::Section(Kind::NetworkAcl));
            let kinds = ["tencentcloud_vpc_acl"];
            let Some(acl) = self.must(index, "network_acl_id", &kinds, &spots) else {
                continue;
            };
            let id = self.id(acl);
            for direction in ["ingress", "egress"] {
                let of = &self.input.resources[index];
                if is_open(get(of.unknown, SET), direction) {
                    let spot = Spot::Entity(id.clone());
                    self.left_out(index, direction, &spot, swallowed());
                    continue;
                }
                let sets = list(get(of.values, SET)).iter();
                let mut lines: Vec<&Value> =
                    sets.flat_map(|set| list(get(set, direction))).collect();
                lines.sort_by_key(|line| get(line, "priority").as_i64());
                for (number, line) in lines.into_iter().enumerate() {
                    match rule(line) {
                        Ok(more) => {
                            let acl = self.network().network_acls.get_mut(&id);
                            let rules = acl.map(|acl| match direction {
                                "ingress" => &mut acl.ingress,
                                _ => &mut acl.egress,
                            });
                            if let Some(rules) = rules {
                                rules.extend(more);
                            }
                        }
                        Err(why) => {
                            let spot = Spot::Entity(id.clone());
                            let place = format!("{direction}[{number}]");
                            self.left_out(index, &place, &spot, Self::unreadable(why));
                        }
                    }
                }
            }
            self.joins(index, &id);
        }
    }
}

/// Whether a part of a direction is not known yet; what the cloud counts up itself does not matter.
fn is_open(unknown: &Value, direction: &str) -> bool {
    let parts = [
        "action",
        "protocol",
        "source_cidr",
        "source_port",
        "destination_cidr",
        "destination_port",
    ];
    let yes = |value: &Value| *value == Value::Bool(true);
    let lines = |set: &Value| match get(set, direction) {
        Value::Array(lines) => {
            lines.iter().any(|line| yes(line) || parts.iter().any(|part| yes(get(line, part))))
        }
        whole => yes(whole),
    };
    yes(unknown) || list(unknown).iter().any(lines)
}

fn rule(line: &Value) -> Result<Vec<AclRule>, Words> {
    let text = |name| text_of(get(line, name)).unwrap_or_default();
    let side = |name| match text(name) {
        all if all.is_empty() => Ok(None),
        cidr => notation::cidr(&cidr).map(|cidr| Some(AddressSet::from(cidr))),
    };
    let (source, destination) = (side("source_cidr")?, side("destination_cidr")?);
    let ports = notation::ports(&text("source_port"))?;
    let action = notation::action(&text("action"))?;
    let services = notation::acl_services(&text("protocol"), &text("destination_port"))?;
    let rules = services.into_iter().map(|service| AclRule {
        action,
        source: source.clone(),
        source_ports: (!ports.is_full()).then(|| ports.clone()),
        destination: destination.clone(),
        service,
    });
    Ok(rules.collect())
}
