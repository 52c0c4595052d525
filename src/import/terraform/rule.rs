//! The rules of security groups, in the three ways in which they are written.

use super::block::{Line, Order};
use super::filter::{ADDRESS_GROUPS, ADDRESSES, GROUP, SERVICE_GROUPS, SERVICES};
use super::ground::swallowed;
use super::input::list;
use super::resolve::{Attribute, Unresolved};
use super::{Import, Spots};
use crate::diagnostic::{Words, words};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::notation;
use crate::model::{Kind, Peer, SecurityGroupRule, Served};
use crate::space::Action;

const DIRECTIONS: [&str; 2] = ["ingress", "egress"];
/// The three ways of writing rules.
const WAYS: [&str; 3] = [
    "tencentcloud_security_group_rule_set",
    "tencentcloud_security_group_lite_rule",
    "tencentcloud_security_group_rule",
];

/// An attribute of a rule, what it may name, and what the rule then has.
type Reference<T> = (&'static str, &'static [&'static str], fn(Id) -> T);

impl<'j> Import<'j> {
    pub(super) fn security_group_rules(&mut self) {
        let mut ways: Vec<(Id, &str)> = Vec::new();
        for way in WAYS {
            let mut of_way = self.of_kind(way);
            if way == WAYS[2] {
                of_way.sort_by_key(|rule| {
                    let index = self.input.known(*rule, "policy_index").as_u64();
                    (index.is_none(), index)
                });
            }
            for index in of_way {
                let spots = Spots::part(Spot::Section(Kind::SecurityGroup));
                let Some(group) = self.must(index, "security_group_id", GROUP, &spots) else {
                    continue;
                };
                let id = self.id(group);
                if !ways.contains(&(id.clone(), way)) {
                    ways.push((id.clone(), way));
                }
                match way {
                    "tencentcloud_security_group_rule_set" => self.rule_set(index, &id),
                    "tencentcloud_security_group_lite_rule" => self.lite_rules(index, &id),
                    _ => self.single_rule(index, &id),
                }
                self.joins(index, &id);
            }
        }
        self.doubtful_groups(&ways);
    }

    fn doubtful_groups(&mut self, ways: &[(Id, &str)]) {
        for index in self.of_kind(GROUP[0]) {
            let id = self.id(index);
            let spot = Spot::Entity(id.clone());
            let own: Vec<&str> =
                ways.iter().filter(|(group, _)| *group == id).map(|(_, way)| *way).collect();
            if own.is_empty() {
                let why = Words::new(
                    "nothing in the input gives it rules, so it denies everything (SG-5)",
                    "输入中没有它的规则，因此拒绝一切流量（SG-5）",
                );
                self.doubt(index, &spot, why);
            } else if own.len() > 1 {
                let why = Words::new(
                    format!(
                        "{} both write its rules; in the cloud the later one wins, here all stand",
                        own.join(" and ")
                    ),
                    format!("{} 都写入它的规则；云端后写入者生效，此处全部保留", own.join(" 和 ")),
                );
                self.open(index, &id, why);
            }
            if own.contains(&WAYS[2]) && self.has_unordered_rules(index) {
                let why = Words::new(
                    "rules without `policy_index` accept and drop; their order is the cloud's",
                    "没有 `policy_index` 的规则既有放通又有拒绝；顺序由云端决定",
                );
                self.open(index, &id, why);
            }
        }
    }

    /// Whether single rules without an index both accept and drop in one direction.
    fn has_unordered_rules(&self, group: usize) -> bool {
        DIRECTIONS.into_iter().any(|direction| {
            let rules = self.input.of_kind(WAYS[2]).filter(|rule| {
                let of = self.input.one(*rule, "security_group_id", GROUP);
                let is_own = matches!(of, Ok(Some(found)) if found.value == group);
                is_own
                    && self.input.text(*rule, "type").as_deref() == Some(direction)
                    && self.input.known(*rule, "policy_index").is_null()
            });
            let policies = rules.map(|rule| self.input.text(rule, "policy").unwrap_or_default());
            let mut policies: Vec<_> = policies.map(|it| it.to_ascii_lowercase()).collect();
            policies.dedup();
            policies.len() > 1
        })
    }

    fn rules(&mut self, group: &Id, direction: &str) -> Option<&mut Vec<SecurityGroupRule>> {
        let group = self.network().security_groups.get_mut(group)?;
        Some(if direction == "ingress" { &mut group.ingress } else { &mut group.egress })
    }

    /// Where the next rule of a direction would stand.
    fn next(&mut self, group: &Id, direction: &'static str) -> Spot {
        let count = self.rules(group, direction).map_or(0, |rules| rules.len());
        Spot::Item(group.clone(), direction, count)
    }

    fn rule_set(&mut self, index: usize, group: &Id) {
        for direction in DIRECTIONS {
            let lines = match self.input.lines(index, direction, Order::Kept) {
                Ok(lines) => lines,
                Err(why) => {
                    let spot = self.next(group, direction);
                    self.left_out(index, direction, &spot, why);
                    continue;
                }
            };
            for (number, line) in lines.iter().enumerate() {
                let spot = self.next(group, direction);
                let place = format!("{direction}[{number}]");
                let Some(peer) = self.peer(index, line, &place, &spot) else {
                    continue;
                };
                let Some(service) = self.served(index, line, &place, &spot) else {
                    continue;
                };
                match notation::action(&line.text("action")) {
                    Ok(action) => self.push(group, direction, (action, peer, service)),
                    Err(why) => self.left_out(index, &place, &spot, Self::unreadable(why)),
                }
            }
        }
    }

    fn push(
        &mut self,
        group: &Id,
        direction: &str,
        (action, peer, service): (Action, Peer, Served),
    ) {
        if let Some(rules) = self.rules(group, direction) {
            rules.push(SecurityGroupRule { action, peer, service });
        }
    }

    /// The other side of a line.
    fn peer(&mut self, index: usize, line: &Line<'j>, place: &str, spot: &Spot) -> Option<Peer> {
        for name in ["cidr_block", "ipv6_cidr_block"] {
            match line.attribute(name) {
                Attribute::Unset => {}
                Attribute::Known(value) => {
                    let text = value.as_str().unwrap_or_default();
                    return match notation::cidr(text) {
                        Ok(cidr) => Some(Peer::cidr(cidr)),
                        Err(why) => {
                            let place = format!("{place}.{name}");
                            self.left_out(index, &place, spot, Self::unreadable(why));
                            None
                        }
                    };
                }
                Attribute::Unknown(_) | Attribute::Lost => {
                    let place = format!("{place}.{name}");
                    self.left_out(index, &place, spot, super::resolve::lost());
                    return None;
                }
            }
        }
        let references: [Reference<Peer>; 3] = [
            ("source_security_id", GROUP, Peer::SecurityGroup),
            ("address_template_id", ADDRESSES, Peer::AddressTemplate),
            ("address_template_group", ADDRESS_GROUPS, Peer::AddressTemplateGroup),
        ];
        for (name, kinds, make) in references {
            if let Some(found) = self.part(index, line, (name, kinds), place, spot)? {
                return Some(make(found));
            }
        }
        Some(Peer::Any)
    }

    /// What a line refers to; the outer `None` = it cannot be resolved, which was said.
    #[expect(clippy::option_option, reason = "failed, or not set, or an id")]
    fn part(
        &mut self,
        index: usize,
        line: &Line<'j>,
        (name, kinds): (&str, &[&str]),
        place: &str,
        spot: &Spot,
    ) -> Option<Option<Id>> {
        let resolved = self.input.one_of(index, line.attribute(name), kinds);
        let spots = Spots::part(spot.clone());
        let place = format!("{place}.{name}");
        let found = self.settle(index, &place, resolved, &spots).ok()?;
        Some(found.map(|found| self.id(found)))
    }

    fn served(
        &mut self,
        index: usize,
        line: &Line<'j>,
        place: &str,
        spot: &Spot,
    ) -> Option<Served> {
        let references: [Reference<Served>; 2] = [
            ("service_template_id", SERVICES, Served::Template),
            ("service_template_group", SERVICE_GROUPS, Served::TemplateGroup),
        ];
        for (name, kinds, make) in references {
            if let Some(found) = self.part(index, line, (name, kinds), place, spot)? {
                return Some(make(found));
            }
        }
        for name in ["protocol", "port"] {
            if let Attribute::Unknown(_) = line.attribute(name) {
                let place = format!("{place}.{name}");
                self.left_out(index, &place, spot, super::resolve::lost());
                return None;
            }
        }
        match notation::service(&line.text("protocol"), &line.text("port")) {
            Ok(service) => Some(Served::Service(service)),
            Err(why) => {
                self.left_out(index, place, spot, Self::unreadable(why));
                None
            }
        }
    }

    /// `ACTION#source#port#PROTOCOL`.
    fn lite_rules(&mut self, index: usize, group: &Id) {
        for direction in DIRECTIONS {
            let values = match self.input.attribute(index, direction) {
                Attribute::Known(values) => list(values),
                Attribute::Unset => &[],
                Attribute::Unknown(_) | Attribute::Lost => {
                    let spot = self.next(group, direction);
                    self.left_out(index, direction, &spot, swallowed());
                    continue;
                }
            };
            for (number, value) in values.iter().enumerate() {
                // what is not known yet stands as null among the others
                let rule = match value.as_str() {
                    Some(line) => self.lite_rule(line).map_err(Self::unreadable),
                    None => Err(super::resolve::not_yet()),
                };
                match rule {
                    Ok(rule) => self.push(group, direction, rule),
                    Err(why) => {
                        let spot = self.next(group, direction);
                        let place = format!("{direction}[{number}]");
                        self.left_out(index, &place, &spot, why);
                    }
                }
            }
        }
    }

    fn lite_rule(&self, line: &str) -> Result<(Action, Peer, Served), Words> {
        let parts: Vec<&str> = line.split('#').collect();
        let [action, source, port, rest @ ..] = &parts[..] else {
            return Err(words!(
                "`{line}` is not `ACTION#source#port#PROTOCOL`",
                "`{line}` 不是 `ACTION#source#port#PROTOCOL` 的形式"
            ));
        };
        let peer = if let Ok(cidr) = notation::cidr(source) {
            Peer::cidr(cidr)
        } else {
            match self.known_part(source) {
                Some((Kind::SecurityGroup, id)) => Peer::SecurityGroup(id),
                Some((Kind::AddressTemplate, id)) => Peer::AddressTemplate(id),
                Some((Kind::AddressTemplateGroup, id)) => Peer::AddressTemplateGroup(id),
                _ => {
                    return Err(words!(
                        "nothing in the input has the id `{source}`",
                        "输入中没有 ID 为 `{source}` 的资源"
                    ));
                }
            }
        };
        let service = match self.known_part(port) {
            Some((Kind::ServiceTemplate, id)) => Served::Template(id),
            Some((Kind::ServiceTemplateGroup, id)) => Served::TemplateGroup(id),
            _ => {
                let protocol = rest.first().copied().unwrap_or_default();
                Served::Service(notation::service(protocol, port)?)
            }
        };
        Ok((notation::action(action)?, peer, service))
    }

    /// What a known id is in the network.
    fn known_part(&self, id: &str) -> Option<(Kind, Id)> {
        let index = self.input.with_id(id)?;
        Some((*self.placed.get(&index)?, self.id(index)))
    }

    /// One rule a resource.
    fn single_rule(&mut self, index: usize, group: &Id) {
        let direction = match self.input.text(index, "type").as_deref() {
            Some("egress") => "egress",
            _ => "ingress",
        };
        let spot = self.next(group, direction);
        let Some(peer) = self.single_peer(index, &spot) else {
            return;
        };
        let template = self.template_of(index, "protocol_template");
        let names = ["ip_protocol", "port_range", "policy"].into_iter();
        let mut unknown = names.filter(|name| {
            let attribute = self.input.attribute(index, name);
            matches!(attribute, Attribute::Unknown(_) | Attribute::Lost)
        });
        let unknown = unknown.next().map(|name| (name, super::resolve::not_yet()));
        let of_template = template.as_ref().and_then(|it| it.as_ref().err().cloned());
        let of_template = of_template.map(|why| ("protocol_template", why));
        if let Some((name, why)) = unknown.or(of_template) {
            self.left_out(index, name, &spot, why);
            return;
        }
        let text = |name: &str| self.input.text(index, name).unwrap_or_default();
        let service = match template {
            Some(Ok((Kind::ServiceTemplate, id))) => Ok(Served::Template(id)),
            Some(Ok((Kind::ServiceTemplateGroup, id))) => Ok(Served::TemplateGroup(id)),
            _ => notation::service(&text("ip_protocol"), &text("port_range")).map(Served::Service),
        };
        let rule = notation::action(&text("policy")).and_then(|it| Ok((it, peer, service?)));
        match rule {
            Ok(rule) => self.push(group, direction, rule),
            Err(why) => self.left_out(index, "", &spot, Self::unreadable(why)),
        }
    }

    fn single_peer(&mut self, index: usize, spot: &Spot) -> Option<Peer> {
        for name in ["cidr_ip", "ipv6_cidr_ip"] {
            let Some(text) = self.input.text(index, name) else {
                continue;
            };
            return match notation::cidr(&text) {
                Ok(cidr) => Some(Peer::cidr(cidr)),
                Err(why) => {
                    self.left_out(index, name, spot, Self::unreadable(why));
                    None
                }
            };
        }
        let spots = Spots::part(spot.clone());
        let source = self.may(index, "source_sgid", GROUP, &spots).ok()?;
        if let Some(source) = source {
            return Some(Peer::SecurityGroup(self.id(source)));
        }
        for name in ["cidr_ip", "ipv6_cidr_ip"] {
            if let Attribute::Unknown(_) | Attribute::Lost = self.input.attribute(index, name) {
                self.left_out(index, name, spot, super::resolve::not_yet());
                return None;
            }
        }
        match self.template_of(index, "address_template") {
            Some(Ok((Kind::AddressTemplate, id))) => Some(Peer::AddressTemplate(id)),
            Some(Ok((Kind::AddressTemplateGroup, id))) => Some(Peer::AddressTemplateGroup(id)),
            Some(Err(why)) => {
                self.left_out(index, "address_template", spot, why);
                None
            }
            Some(Ok(_)) | None => Some(Peer::Any),
        }
    }

    /// `address_template { template_id, group_id }`; `None` where there is no such block.
    fn template_of(&self, index: usize, block: &str) -> Option<Result<(Kind, Id), Unresolved>> {
        let kinds: Vec<&str> = [ADDRESSES, ADDRESS_GROUPS, SERVICES, SERVICE_GROUPS].concat();
        let lines = match self.input.lines(index, block, Order::Kept) {
            Ok(lines) => lines,
            Err(why) => return Some(Err(why)),
        };
        let line = lines.first()?;
        let mut names = ["template_id", "group_id"].into_iter();
        let found = names.find_map(|name| {
            let one = self.input.one_of(index, line.attribute(name), &kinds);
            one.transpose()
        });
        Some(match found {
            Some(Ok(found)) => match self.placed.get(&found.value) {
                Some(kind) => Ok((*kind, self.id(found.value))),
                None => Err(Self::hangs_on(self.address(found.value))),
            },
            Some(Err(why)) => Err(why),
            None => Err(super::resolve::lost()),
        })
    }
}
