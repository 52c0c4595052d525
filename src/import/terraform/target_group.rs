//! Target groups: their members are targets of the listeners that they are bound to.
//!
//! Only what is known as a whole is read: a group with a member that nobody can tell, or one that takes every port of its
//! listener, stays out of the file, and leaves open the load balancers that use it.

use std::net::IpAddr;

use rustc_hash::FxHashMap;
use serde_json::Value;

use super::Import;
use super::block::{Line, Order};
use super::machine::{INSTANCE, INTERFACE};
use super::resolve::Attribute;
use super::service::LISTENER;
use crate::id::Id;
use crate::model::Target;

const GROUP: &[&str] = &["tencentcloud_clb_target_group"];
const MEMBER: &str = "tencentcloud_clb_target_group_instance_attachment";
const BINDING: &str = "tencentcloud_clb_target_group_attachment";
const BINDINGS: &str = "tencentcloud_clb_target_group_attachments";
const RULE: &[&str] = &["tencentcloud_clb_listener_rule"];

/// The members of each group; `None` where not all of them are known.
type Members = FxHashMap<usize, Option<Vec<Target>>>;

/// A group at a listener, and what the binding says of its weight.
type Bound = (usize, usize, Option<u64>);

impl<'j> Import<'j> {
    pub(super) fn target_groups(&mut self) {
        let members = self.group_members();
        for index in self.of_kind(BINDING) {
            let bound = self.bound(index).map(|it| vec![it]);
            self.give_members(index, bound, &members);
        }
        for index in self.of_kind(BINDINGS) {
            let bound = self.all_bound(index);
            self.give_members(index, bound, &members);
        }
        for (group, targets) in members {
            if targets.is_some() {
                self.whole.insert(group);
                self.imported(group);
            }
        }
    }

    fn group_members(&mut self) -> Members {
        let mut all = Members::default();
        for group in self.of_kind(GROUP[0]) {
            let takes_all = *self.input.known(group, "full_listen_switch") == Value::Bool(true);
            let lines = self.input.lines(group, "target_group_instances", Order::Free);
            let own = lines.ok().filter(|_| !takes_all);
            let own =
                own.and_then(|lines| lines.iter().map(|it| self.group_line(group, it)).collect());
            all.insert(group, own);
        }
        let mut parts = Vec::new();
        for index in self.of_kind(MEMBER) {
            let target = self.group_member(index);
            let Ok(Some(group)) = self.input.one(index, "target_group_id", GROUP) else {
                // it may be one of any
                for known in all.values_mut() {
                    *known = None;
                }
                continue;
            };
            let Some(known) = all.get_mut(&group.value) else {
                continue;
            };
            match (known.as_mut(), target) {
                (Some(known), Some(target)) => {
                    known.push(target);
                    parts.push((index, group.value));
                }
                _ => *known = None,
            }
        }
        for (index, group) in parts {
            if matches!(all.get(&group), Some(Some(_))) {
                self.whole.insert(index);
                self.imported(index);
            }
        }
        all
    }

    /// A member that is a resource of its own.
    fn group_member(&mut self, index: usize) -> Option<Target> {
        let address = self.input.attribute(index, "bind_ip");
        let number = |name| self.input.known(index, name).as_u64();
        let (port, weight) = (number("port")?, number("weight"));
        if let Attribute::Unknown(_) | Attribute::Lost = self.input.attribute(index, "weight") {
            return None;
        }
        self.group_target(index, address, port, weight)
    }

    /// A member that stands in the group, as old configurations have it.
    fn group_line(&mut self, group: usize, line: &Line<'j>) -> Option<Target> {
        let number = |name: &str| line.text(name).parse::<u64>().ok();
        let port = number("new_port").filter(|it| *it != 0).or(number("port"))?;
        self.group_target(group, line.attribute("bind_ip"), port, number("weight"))
    }

    fn group_target(
        &mut self,
        index: usize,
        address: Attribute<'j>,
        port: u64,
        weight: Option<u64>,
    ) -> Option<Target> {
        let instance = match address {
            Attribute::Known(value) => {
                let address: IpAddr = value.as_str()?.parse().ok()?;
                self.owner_of(address)?
            }
            Attribute::Unknown(_) => {
                let kinds = [INSTANCE, INTERFACE].concat();
                let found = self.input.one_of(index, address, &kinds).ok()??.value;
                self.placed.contains_key(&found).then(|| self.id(found))?
            }
            Attribute::Unset | Attribute::Lost => return None,
        };
        Some(Target {
            instance,
            port: u16::try_from(port).ok()?,
            weight: u8::try_from(weight.unwrap_or(10)).ok()?,
        })
    }

    fn bound(&self, index: usize) -> Option<Bound> {
        let group = self.input.one(index, "target_group_id", GROUP).ok()??;
        let own = self.input.one(index, "listener_id", LISTENER).ok()?;
        let listener = if let Some(listener) = own {
            listener.value
        } else {
            let rule = self.input.one(index, "rule_id", RULE).ok()??;
            let of = self.input.one(rule.value, "listener_id", LISTENER);
            of.ok()??.value
        };
        if let Attribute::Unknown(_) | Attribute::Lost = self.input.attribute(index, "weight") {
            return None;
        }
        let weight = self.input.known(index, "weight").as_u64();
        Some((listener, group.value, weight))
    }

    fn all_bound(&self, index: usize) -> Option<Vec<Bound>> {
        let common = self.input.one(index, "target_group_id", GROUP).ok()?;
        let lines = self.input.lines(index, "associations", Order::Free).ok()?;
        let bound = lines.iter().map(|line| {
            let of = |name, kinds| {
                let one = self.input.one_of(index, line.attribute(name), kinds).ok()?;
                Some(one.map(|it| it.value))
            };
            let group = of("target_group_id", GROUP)?;
            let group = group.or(common.as_ref().map(|it| it.value))?;
            let weight = line.text("weight").parse().ok();
            Some((of("listener_id", LISTENER)??, group, weight))
        });
        bound.collect()
    }

    /// Gives the members to the listeners, if all of it is known.
    fn give_members(&mut self, index: usize, bound: Option<Vec<Bound>>, members: &Members) {
        let Some(bound) = bound else {
            return;
        };
        let mut given: Vec<(Id, usize, Vec<Target>)> = Vec::new();
        for (listener, group, weight) in bound {
            let Some(Some(targets)) = members.get(&group) else {
                return;
            };
            let balancer = self.input.one(listener, "clb_id", super::service::BALANCER);
            let Ok(Some(balancer)) = balancer else {
                return;
            };
            if !self.placed.contains_key(&balancer.value) || !self.placed.contains_key(&listener) {
                return;
            }
            let mut targets = targets.clone();
            if weight == Some(0) {
                for target in &mut targets {
                    target.weight = 0;
                }
            }
            given.push((self.id(balancer.value), listener, targets));
        }
        for (balancer, listener, targets) in given {
            for target in targets {
                self.add_target(&balancer, listener, target);
            }
            self.belongs(index, &balancer);
        }
        self.whole.insert(index);
        self.imported(index);
    }
}
