//! The Cloud Firewall at the border of the Internet: the rules in their order, and the public addresses that it is switched on
//! for. Both must be there whole, and say nothing but five fields: else what it lets through is not known.

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::dump::Object;
use super::{Import, collect};
use crate::diagnostic::{Words, words};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::left::Bears;
use crate::import::notation;
use crate::model::{AclRule, EdgeFirewall, INTERNET, Meta};
use crate::space::AddressSet;

const RULES: &str = "cfw.DescribeAclRule";
const SWITCHES: &str = "cfw.DescribeFwEdgeIps";

/// The answers give the firewall no id: an account has one.
const ID: &str = "cfw-edge";

impl Import<'_> {
    pub(super) fn edge_firewall(&mut self) {
        let dump = self.dump;
        let (rules, switches) = (dump.all(RULES, "Data"), dump.all(SWITCHES, "Data"));
        if dump.answers(RULES).chain(dump.answers(SWITCHES)).next().is_none() {
            return;
        }
        let firewall = self
            .is_whole(RULES, "AllTotal", rules.len())
            .and_then(|()| self.is_whole(SWITCHES, "Total", switches.len()))
            .and_then(|()| firewall(&rules, &switches));
        match firewall {
            // switched on for nobody, it does nothing
            Ok(firewall) => {
                if !firewall.addresses.is_empty() {
                    let firewalls = &mut self.network().edge_firewalls;
                    firewalls.insert(Id::from(ID), firewall);
                    self.imported(ID);
                }
            }
            Err((what, why)) => {
                let bears = Bears::On(vec![Id::from(INTERNET)]);
                let help = Words::new(
                    "write it as `edge_firewalls` by hand, if five fields can say it",
                    "若可用五元组表达，请手工写为 `edge_firewalls`",
                );
                self.leave_out((what.as_str(), ""), Spot::Head, why, help, bears);
            }
        }
    }

    /// Whether an answer is there with all its pages.
    fn is_whole(
        &self,
        action: &'static str,
        total: &str,
        found: usize,
    ) -> Result<(), (String, Words)> {
        let totals = self.dump.answers(action).map(|answer| answer.number(total));
        let Some(total) = totals.max() else {
            let help = collect(&format!("{action}.json"));
            return Err((
                action.to_owned(),
                Words::new(
                    format!("it is not in the files: {}", help.english()),
                    format!("文件中没有该应答：{}", help.chinese()),
                ),
            ));
        };
        if total.and_then(|total| usize::try_from(total).ok()) == Some(found) {
            return Ok(());
        }
        let total = total.map_or_else(|| "?".to_owned(), |total| total.to_string());
        Err((
            action.to_owned(),
            words!(
                "it holds {found} of {total}: pages are missing",
                "只含 {total} 项中的 {found} 项：缺少分页"
            ),
        ))
    }
}

type Unread = (String, Words);

fn firewall(rules: &[Object<'_>], switches: &[Object<'_>]) -> Result<EdgeFirewall, Unread> {
    Ok(EdgeFirewall {
        meta: Meta::default(),
        addresses: guarded(switches)?,
        ingress: list(rules, 1)?,
        egress: list(rules, 0)?,
    })
}

/// The addresses that it is switched on for, in line with the traffic: beside it, it can only cut connections short.
fn guarded(switches: &[Object<'_>]) -> Result<Vec<IpNet>, Unread> {
    let mut guarded = Vec::new();
    for switch in switches {
        let name = switch.words("PublicIp");
        let unread = |why| (name.to_owned(), why);
        match (switch.number("Status"), switch.number("SwitchMode")) {
            (Some(0), _) => {}
            (Some(1), Some(1)) => {
                let address = notation::address(name).map_err(unread)?;
                guarded.push(IpNet::from(address));
            }
            _ => {
                let (status, mode) = (switch.words("Status"), switch.words("SwitchMode"));
                return Err(unread(words!(
                    "its firewall switch is neither off nor on in line (Status {status}, SwitchMode {mode})",
                    "其防火墙开关既非关闭也非串行开启（Status {status}，SwitchMode {mode}）"
                )));
            }
        }
    }
    guarded.sort_unstable();
    Ok(guarded)
}

/// The rules of a direction in their order; what is not enabled does nothing.
fn list(rules: &[Object<'_>], direction: i64) -> Result<Vec<AclRule>, Unread> {
    let mut seen = BTreeSet::new();
    let mut list = Vec::new();
    for rule in rules {
        let name = format!("rule {}", rule.words("Uuid"));
        let unread = |why| (name.clone(), why);
        match rule.number("Direction") {
            Some(own) if own == direction => {}
            Some(0 | 1) => continue,
            _ => return Err(unread(unknown("Direction", rule.words("Direction")))),
        }
        if rule.is_not("Enable") {
            continue;
        }
        let order = rule.number("OrderIndex").filter(|order| seen.insert(*order));
        let Some(order) = order else {
            return Err(unread(unknown("OrderIndex", rule.words("OrderIndex"))));
        };
        list.push((order, five_fields(rule).map_err(unread)?));
    }
    list.sort_by_key(|(order, _)| *order);
    Ok(list.into_iter().map(|(_, rule)| rule).collect())
}

fn unknown(member: &str, value: &str) -> Words {
    words!(
        "its {member} `{value}` is none that five fields can say",
        "其 {member} `{value}` 无法用五元组表达"
    )
}

fn five_fields(rule: &Object<'_>) -> Result<AclRule, Words> {
    let must = |member: &str, known: &[&str]| {
        let value = rule.words(member);
        let mut known = known.iter();
        let is_known = known.any(|known| known.eq_ignore_ascii_case(value));
        is_known.then_some(()).ok_or_else(|| unknown(member, value))
    };
    if !rule.is("Enable") {
        return Err(unknown("Enable", rule.words("Enable")));
    }
    must("SourceType", &["net", "ip"])?;
    must("TargetType", &["net", "ip"])?;
    // the third, `log`, says nothing of what comes after it
    must("RuleAction", &["accept", "drop"])?;
    must("Protocol", &["ANY", "TCP", "UDP", "ICMP"])?;
    must("Scope", &["all", "serial"])?;
    must("Invalid", &["", "0"])?;
    let side = |member: &str| notation::cidr(rule.words(member)).map(AddressSet::from);
    let port = match rule.words("Port").split_once('/') {
        Some(("-1", "-1")) => "all".to_owned(),
        Some((first, last)) if first == last => first.to_owned(),
        Some((first, last)) => format!("{first}-{last}"),
        None => rule.words("Port").to_owned(),
    };
    let protocol = match rule.words("Protocol") {
        any if any.eq_ignore_ascii_case("ANY") => "ALL",
        other => other,
    };
    Ok(AclRule {
        action: notation::action(rule.words("RuleAction"))?,
        source: Some(side("SourceContent")?),
        source_ports: None,
        destination: Some(side("TargetContent")?),
        service: notation::service(protocol, &port)?,
    })
}
