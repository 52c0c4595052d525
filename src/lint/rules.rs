//! Rules that decide nothing, and rules without which everything would be decided as with them.
//!
//! A list says accept, drop or nothing about each packet; nothing is left open, because what follows the list is not
//! the list's (SG-4: the next group; else the implied deny). So a drop that only repeats the implied deny is no finding. All
//! rules that are found redundant can be taken out together.
//!
//! | a rule | is found when |
//! |---|---|
//! | shadowed | rules above match all its packets, some with the other action |
//! | redundant | rules above match all its packets with its own action |
//! | redundant | what is left of its packets, rules below decide alike |
//!
//! Most rules decide some packet at a corner of what they match, which is found without any set; only for the others
//! are sets built, and of the rules that meet them only.

use super::hull::{Hulls, corners};
use super::{Fact, Finding, Subject, short};
use crate::code::Code;
use crate::fabric::{FilterBuilder, FilterList};
use crate::model::{Network, Place};
use crate::query::{ListName, RuleRef};
use crate::space::{Action, Exceeded, Match, Packet, Set, Space};

/// Every list of the network, one a group or ACL and direction, as the fabric compiles it.
pub(super) fn lists(network: &Network) -> Vec<FilterList> {
    let mut builder = FilterBuilder::new(network);
    let mut uses = Vec::new();
    for list in [ListName::Ingress, ListName::Egress] {
        for group in network.security_groups.keys() {
            uses.extend(builder.groups(std::slice::from_ref(group), list));
        }
        for acl in network.network_acls.keys() {
            uses.extend(builder.acl(acl, list, None));
        }
    }
    let filters = builder.finish();
    let lists = uses.iter().map(|filter| filters.get(filter.list).clone());
    lists.collect()
}

pub(super) fn find(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let mut space = Space::within(subject.budget.begin());
    for list in lists(subject.network) {
        if list.rules.len() <= 1 {
            continue;
        }
        space.clear();
        let told = Rules::new(&list, &mut space).findings();
        let Some(exceeded) = space.exceeded() else {
            found.extend(told);
            continue;
        };
        let lints = [Code::ShadowedRule, Code::RedundantRule];
        found.extend(lints.map(|lint| short(lint, Place::of(&list.owner), exceeded)));
        if matches!(exceeded, Exceeded::Time(_)) {
            return;
        }
    }
}

/// A list under examination.
struct Rules<'a> {
    rules: Vec<Rule<'a>>,
    space: &'a mut Space,
}

struct Rule<'a> {
    when: &'a Match,
    action: Action,
    name: &'a RuleRef,
    hulls: Hulls,
    set: Option<Set>,
    /// It has been found to decide nothing, or nothing of its own.
    gone: bool,
}

/// What other rules make of a rule's packets.
struct Covered {
    /// Those that decide some of them, top first.
    by: Vec<usize>,
    /// What they leave.
    rest: Set,
}

impl<'a> Rules<'a> {
    fn new(list: &'a FilterList, space: &'a mut Space) -> Self {
        let rules = list.rules.iter().filter_map(|rule| {
            Some(Rule {
                when: &rule.when,
                action: rule.action,
                name: rule.rule.as_ref()?,
                hulls: Hulls::of(&rule.when),
                set: None,
                gone: false,
            })
        });
        Self { rules: rules.collect(), space }
    }

    fn findings(mut self) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut live: Vec<(usize, Option<Packet>)> = Vec::new();
        for index in 0..self.rules.len() {
            if self.space.is_over() {
                return Vec::new();
            }
            if self.rules[index].hulls.is_empty() {
                // It matches nothing at all, which is another lint's.
                self.rules[index].gone = true;
                continue;
            }
            let packet = self.decided(index);
            if packet.is_none()
                && let Some(finding) = self.covered_above(index)
            {
                self.rules[index].gone = true;
                found.push((index, finding));
                continue;
            }
            live.push((index, packet));
        }
        // A rule that is gone may have been what kept another one.
        let mut before = usize::MAX;
        while before != live.len() && !self.space.is_over() {
            before = live.len();
            live.retain(|(index, packet)| {
                let Some(finding) = self.repeated_below(*index, *packet) else {
                    return true;
                };
                self.rules[*index].gone = true;
                found.push((*index, finding));
                false
            });
        }
        found.sort_by_key(|(index, _)| *index);
        found.into_iter().map(|(_, finding)| finding).collect()
    }

    /// A packet at a corner of the rule that no rule above matches.
    fn decided(&self, index: usize) -> Option<Packet> {
        let above = &self.rules[..index];
        corners(self.rules[index].when)
            .into_iter()
            .find(|packet| !above.iter().any(|rule| rule.holds(packet)))
    }

    fn covered_above(&mut self, index: usize) -> Option<Finding> {
        let covered = self.cover(index, 0..index, None)?;
        (covered.rest == Space::EMPTY).then(|| self.told(index, &covered.by))
    }

    /// Whether rules below decide alike what the rule decides.
    fn repeated_below(&mut self, index: usize, packet: Option<Packet>) -> Option<Finding> {
        let action = self.rules[index].action;
        if let Some(packet) = packet {
            let mut below = self.rules[index + 1..].iter();
            let next = below.find(|rule| !rule.gone && rule.holds(&packet))?;
            if next.action != action {
                return None;
            }
        }
        let own = self.cover(index, 0..index, None)?.rest;
        let below = self.cover_set(index, own, index + 1..self.rules.len(), Some(action))?;
        (below.rest == Space::EMPTY).then(|| self.told(index, &below.by))
    }

    fn cover(
        &mut self,
        index: usize,
        others: std::ops::Range<usize>,
        only: Option<Action>,
    ) -> Option<Covered> {
        let own = self.set(index);
        self.cover_set(index, own, others, only)
    }

    /// Which other rules decide a part of the rule's packets, in order; `None` if one of them has another action
    /// than the only one that will do.
    fn cover_set(
        &mut self,
        index: usize,
        own: Set,
        others: std::ops::Range<usize>,
        only: Option<Action>,
    ) -> Option<Covered> {
        let mut covered = Covered { by: Vec::new(), rest: own };
        for other in others {
            if covered.rest == Space::EMPTY {
                break;
            }
            let (rule, next) = (&self.rules[index], &self.rules[other]);
            if next.gone || !next.hulls.meet(&rule.hulls) {
                continue;
            }
            let set = self.set(other);
            let left = self.space.difference(covered.rest, set);
            if left == covered.rest {
                continue;
            }
            if only.is_some_and(|only| only != self.rules[other].action) {
                return None;
            }
            covered.rest = left;
            covered.by.push(other);
        }
        Some(covered)
    }

    fn set(&mut self, index: usize) -> Set {
        let rule = &mut self.rules[index];
        *rule.set.get_or_insert_with(|| rule.when.set(self.space))
    }

    /// The finding of a rule whose packets others decide.
    fn told(&self, index: usize, others: &[usize]) -> Finding {
        let rule = &self.rules[index];
        let others = || others.iter().map(|other| &self.rules[*other]);
        let by: Vec<RuleRef> = others().map(|other| other.name.clone()).collect();
        let places: Vec<_> = by.iter().map(RuleRef::place).collect();
        let name = rule.name.clone();
        let fact = if others().any(|other| other.action != rule.action) {
            Fact::ShadowedRule { rule: name, by }
        } else {
            Fact::RedundantRule { rule: name, by }
        };
        Finding::at(rule.name.place(), fact).with(places)
    }
}

impl Rule<'_> {
    fn holds(&self, packet: &Packet) -> bool {
        self.hulls.has(packet) && self.when.holds(packet)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fabric::FilterRule;
    use crate::id::Id;
    use crate::space::{AddressSet, IntervalSet, Protocol, Traffic};

    /// A small source of numbers, the same in every run.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (self.0 >> 33) % sides
        }
    }

    /// A rule over few addresses and ports, so that rules cover each other all the time.
    fn rule(dice: &mut Dice, index: usize) -> FilterRule {
        let addresses = (dice.roll(4) > 0).then(|| {
            let low = u8::try_from(dice.roll(6)).expect("small");
            let high = low + u8::try_from(dice.roll(4)).expect("small");
            Arc::new(AddressSet::range([10, 0, 0, low].into(), [10, 0, 0, high].into()))
        });
        let low = u16::try_from(dice.roll(5)).expect("small");
        let high = low + u16::try_from(dice.roll(4)).expect("small");
        let traffic = match dice.roll(5) {
            0 => Traffic::all(),
            1 => Traffic::protocol(Protocol::ICMP),
            2 => Traffic::ports(Protocol::UDP, IntervalSet::range(low, high)),
            _ => Traffic::ports(Protocol::TCP, IntervalSet::range(low, high)),
        };
        let action = if dice.roll(3) == 0 { Action::Drop } else { Action::Accept };
        FilterRule {
            when: Match { source: addresses, destination: None, traffic: Arc::new(traffic) },
            action,
            rule: Some(RuleRef {
                owner: Id::from("sg-dice"),
                list: ListName::Ingress,
                index,
                action,
            }),
        }
    }

    fn decisions(space: &mut Space, rules: &[&FilterRule]) -> crate::space::List {
        let rules: Vec<(Match, Action)> =
            rules.iter().map(|rule| (rule.when.clone(), rule.action)).collect();
        space.list(&rules)
    }

    #[test]
    fn what_is_found_can_go_together_and_what_is_left_cannot() {
        let mut dice = Dice(1);
        let (mut shadowed, mut redundant) = (0, 0);
        for _ in 0..400 {
            let count = usize::try_from(dice.roll(9)).expect("small") + 2;
            let rules: Vec<_> = (0..count).map(|index| rule(&mut dice, index)).collect();
            let list = FilterList { rules: rules.clone(), owner: Id::from("sg-dice") };
            let mut space = Space::new();
            let found = Rules::new(&list, &mut space).findings();
            let gone: Vec<usize> = found
                .iter()
                .map(|finding| match &finding.fact {
                    Fact::ShadowedRule { rule, by } => {
                        shadowed += 1;
                        assert!(by.iter().all(|other| other.index < rule.index));
                        assert!(by.iter().any(|other| other.action != rule.action));
                        rule.index
                    }
                    Fact::RedundantRule { rule, by } => {
                        redundant += 1;
                        assert!(by.iter().all(|other| other.action == rule.action));
                        rule.index
                    }
                    other => panic!("{other:?}"),
                })
                .collect();
            let kept = |without: Option<usize>| -> Vec<&FilterRule> {
                let all = rules.iter().enumerate();
                let kept = all.filter(|(at, _)| !gone.contains(at) && Some(*at) != without);
                kept.map(|(_, rule)| rule).collect()
            };
            let mut space = Space::new();
            let before = decisions(&mut space, &rules.iter().collect::<Vec<_>>());
            assert_eq!(before, decisions(&mut space, &kept(None)));
            for index in (0..count).filter(|index| !gone.contains(index)) {
                let less = decisions(&mut space, &kept(Some(index)));
                assert_ne!(before, less, "rule {index} of {rules:#?}");
            }
        }
        assert!(shadowed > 50 && redundant > 50, "{shadowed} {redundant}");
    }
}
