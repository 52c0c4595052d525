//! Which entity refers to which: every id that a network mentions, and what it may name.
//!
//! This is the one list of references. The loader checks a file with it, [`super::apply()`] checks
//! what a change adds and what a deletion would leave hanging.
//!
//! Three kinds of reference may lead further than they mean to, because a rule of the cloud has a
//! better word for it than "wrong kind": what a link, an endpoint connection and a load balancer
//! point at (CL-1, EP-2, CLB-17). [`super::check()`] judges those.

mod walk;

use std::collections::BTreeMap;

use super::{Key, Kind, Network, Place, Violation};
use crate::code::Code;
use crate::diagnostic::{Words, after_chinese};
use crate::id::Id;

pub(crate) use walk::{Step, next_hop, walk};

/// An id that the network mentions, where, and what it may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Where it is mentioned.
    pub place: Place,
    /// The id.
    pub id: Id,
    /// The kinds of entity that can stand here; none = all, and a rule of the cloud judges which.
    pub wanted: &'static [Kind],
    /// Whether the network stays valid when the entity goes: next hops of routes do, and become
    /// `route-blackhole` (RT-16), and a name leads nowhere (MIG-10).
    pub may_dangle: bool,
}

/// Every reference of the network, in the order of sections, of the file, and of the fields.
#[must_use]
pub fn references(network: &Network) -> Vec<Reference> {
    let mut references = Vec::new();
    walk(network, &mut |owner, path, id, wanted| {
        references.push(Reference {
            place: place(owner, path),
            id: id.clone(),
            wanted,
            may_dangle: may_dangle(path),
        });
    });
    references
}

/// The references of the network that lead nowhere (`unknown-id`) or to the wrong thing
/// (`wrong-kind`). Next hops count as well: a file must not name what it does not define.
///
/// An account need not be declared as long as the network declares none.
#[must_use]
pub fn broken_references(network: &Network) -> Vec<Violation> {
    broken_references_in(network, network)
}

/// The references of `part` that do not hold in `whole`.
pub(crate) fn broken_references_in(part: &Network, whole: &Network) -> Vec<Violation> {
    let parts: BTreeMap<&Id, Kind> = whole.parts().collect();
    let mut broken = Vec::new();
    walk(part, &mut |owner, path, id, wanted| {
        if !holds(whole, &parts, id, wanted) {
            broken.push(violation(whole, place(owner, path), id, wanted));
        }
    });
    broken
}

/// The references that must lead somewhere and do not.
pub(crate) fn dangling(network: &Network) -> Vec<Reference> {
    let parts: BTreeMap<&Id, Kind> = network.parts().collect();
    let mut references = references(network);
    references.retain(|reference| {
        !reference.may_dangle && !holds(network, &parts, &reference.id, reference.wanted)
    });
    references
}

/// Whether an id leads to one of the wanted kinds. An account need not be declared as long as none is.
fn holds(whole: &Network, parts: &BTreeMap<&Id, Kind>, id: &Id, wanted: &[Kind]) -> bool {
    let any = wanted.is_empty() && whole.kind_of(id.as_str()).is_some();
    let one = |kind: &Kind| {
        if kind.section().is_none() {
            parts.get(id) == Some(kind)
        } else if *kind == Kind::InstanceGroup {
            whole.group_member(id.as_str()).is_some()
        } else {
            whole.has(*kind, id.as_str())
        }
    };
    any || wanted.iter().any(one) || is_implied_account(whole, id, wanted)
}

/// Accounts are there without being declared, until somebody declares one.
fn is_implied_account(network: &Network, id: &Id, wanted: &[Kind]) -> bool {
    wanted == [Kind::Account]
        && (network.accounts.is_empty() || id.as_str() == super::lookup::DEFAULT_ACCOUNT)
        && network.kind_of(id.as_str()).is_none()
}

/// Says that `id` leads nowhere, or not to one of the wanted kinds.
pub(crate) fn violation(network: &Network, place: Place, id: &Id, wanted: &[Kind]) -> Violation {
    let needed = needed(wanted);
    match network.kind_of(id.as_str()) {
        Some(Kind::InstanceGroup) if wanted.contains(&Kind::InstanceGroup) => Violation::error(
            Code::WrongKind,
            place,
            Words::new(
                format!("`{id}` is a whole instance group, {needed} is needed here"),
                format!("`{id}` 是整个实例组，此处需要{}", after_chinese(needed.chinese())),
            ),
        )
        .with_help(Words::new(
            format!("name one member: `{id}[address]`"),
            format!("请写其中一个成员：`{id}[地址]`"),
        )),
        Some(kind) => Violation::error(
            Code::WrongKind,
            place,
            Words::new(
                format!("`{id}` is {}, {needed} is needed here", kind.one()),
                format!(
                    "`{id}` 是{}，此处需要{}",
                    after_chinese(kind.chinese()),
                    after_chinese(needed.chinese())
                ),
            ),
        )
        .with_other(
            Place::of(id),
            Words::new(format!("`{id}` is defined here"), format!("`{id}` 在此定义")),
        ),
        None => {
            let unknown = Violation::error(
                Code::UnknownId,
                place,
                Words::new(
                    format!("nothing has the id `{id}`, {needed} is needed here"),
                    format!(
                        "没有任何对象的 ID 为 `{id}`，此处需要{}",
                        after_chinese(needed.chinese())
                    ),
                ),
            );
            match near(network, id, wanted) {
                Some(near) => unknown.with_help(Words::new(
                    format!("did you mean `{near}`?"),
                    format!("是否想写 `{near}`？"),
                )),
                None => unknown,
            }
        }
    }
}

/// "a subnet", "an instance or a network interface"; any kind at all is "an entity".
fn needed(wanted: &[Kind]) -> Words {
    if wanted.is_empty() {
        return Words::new("an entity", "一个已定义的对象");
    }
    let words = wanted.iter().map(|kind| {
        if *kind == Kind::InstanceGroup {
            Words::new("a member of an instance group", "实例组的成员")
        } else {
            kind.one()
        }
    });
    Words::any_of(words)
}

/// The id of a wanted kind that reads most like `id`, if one is near.
#[must_use]
pub fn near<'n>(network: &'n Network, id: &Id, wanted: &[Kind]) -> Option<&'n Id> {
    let wrong = id.as_str();
    let likeness = |other: &Id| strsim::normalized_damerau_levenshtein(wrong, other.as_str());
    network
        .ids()
        .filter(|(other, kind)| {
            wanted.contains(kind) && other.as_str().len().abs_diff(wrong.len()) <= 3
        })
        .map(|(other, _)| (likeness(other), other))
        .filter(|(likeness, _)| *likeness >= 0.7)
        .max_by(|(a, left), (b, right)| a.total_cmp(b).then_with(|| right.cmp(left)))
        .map(|(_, other)| other)
}

pub(crate) fn may_dangle(path: &[Step<'_>]) -> bool {
    matches!(
        path,
        [Step::Field("routes"), Step::Index(_), Step::Field("via")] | [Step::Field("names")]
    )
}

/// The place that a path from an entity leads to.
pub(crate) fn place(owner: &Id, path: &[Step<'_>]) -> Place {
    let keys = path.iter().map(|step| match step {
        Step::Field(field) => Key::Field(field),
        Step::Index(index) => Key::Index(*index),
        Step::Entry(id) => Key::Entry((*id).clone()),
    });
    Place { id: owner.clone(), path: keys.collect() }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{
        balancer, endpoint, id, ids, instance_group, link, nat, route, tom, vpn,
    };
    use super::super::{Account, Attachment, Meta, NextHop};
    use super::*;

    #[track_caller]
    fn broken(edit: impl FnOnce(&mut Network), expected: &[(Code, &str)]) {
        let mut network = tom();
        edit(&mut network);
        let found = broken_references(&network);
        let found: Vec<_> = found.iter().map(|it| (it.code, it.message.english())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_sample_refers_to_nothing_unknown() {
        broken(|_| {}, &[]);
    }

    #[test]
    fn an_unknown_id_says_what_is_needed() {
        let message = "nothing has the id `subnet-wep`, a subnet is needed here";
        let edit = |network: &mut Network| {
            network.instances[&id("ins-web")].subnet = id("subnet-wep");
        };
        broken(edit, &[(Code::UnknownId, message)]);
        let mut network = tom();
        edit(&mut network);
        let help = broken_references(&network)[0].help.clone();
        let help = help.as_ref().map(Words::english);
        assert_eq!(help, Some("did you mean `subnet-web`?"));
    }

    #[test]
    fn a_wrong_kind_says_what_it_is() {
        let edit = |network: &mut Network| {
            network.nat_gateways.insert(id("nat-1"), nat(&[]));
            network.instances[&id("ins-web")].subnet = id("nat-1");
        };
        let message = "`nat-1` is a NAT gateway, a subnet is needed here";
        broken(edit, &[(Code::WrongKind, message)]);
    }

    #[test]
    fn a_target_is_a_member_of_a_group_and_never_the_whole_group() {
        let target = |name: &'static str| {
            move |network: &mut Network| {
                let group = instance_group("subnet-web", "10.1.1.20", "10.1.1.30");
                network.instance_groups.insert(id("asg-web"), group);
                network.load_balancers.insert(id("lb-x"), balancer("10.1.1.99", &[name]));
            }
        };
        broken(target("asg-web[10.1.1.25]"), &[]);
        let needed = "an instance, a network interface, a member of an instance group \
                      or a classic instance is needed here";
        let message = format!("nothing has the id `asg-web[10.1.1.31]`, {needed}");
        broken(target("asg-web[10.1.1.31]"), &[(Code::UnknownId, &message)]);
        let message = format!("`asg-web` is a whole instance group, {needed}");
        broken(target("asg-web"), &[(Code::WrongKind, &message)]);
    }

    #[test]
    fn links_and_endpoint_connections_may_name_any_entity() {
        let edit = |network: &mut Network| {
            let links = ids(&["ins-web", "vpc-two"]);
            let links = links.iter().map(|name| link(name.as_str(), "0.0.0.0"));
            network.classic_links.insert(id("vpc-two"), links.collect());
            let connection = endpoint("10.1.1.30", "ins-web");
            network.endpoint_connections.insert(id("ep-x"), connection);
        };
        broken(edit, &[]);
    }

    #[test]
    fn an_account_is_declared_once_any_is() {
        let owned = |network: &mut Network| {
            network.vpcs[&id("vpc-two")].meta.account = Some(id("ann"));
        };
        broken(owned, &[]);
        let declared = |network: &mut Network| {
            owned(network);
            let account = Account {
                meta: Meta::default(),
                supported_platforms: super::super::SupportedPlatforms::Classic,
            };
            network.accounts.insert(id("tom"), account);
        };
        let message = "nothing has the id `ann`, an account is needed here";
        broken(declared, &[(Code::UnknownId, message)]);
        let no_account = |network: &mut Network| {
            network.vpcs[&id("vpc-two")].meta.account = Some(id("sg-open"));
        };
        let message = "`sg-open` is a security group, an account is needed here";
        broken(no_account, &[(Code::WrongKind, message)]);
    }

    #[test]
    fn only_next_hops_of_route_tables_may_dangle() {
        let mut network = tom();
        let hop = NextHop::Instance(id("ins-web"));
        network.route_tables[&id("rtb-tom")].routes = vec![route("9.0.0.0/8", hop)];
        network.vpn_gateways.insert(id("vpngw-1"), vpn(Attachment::Vpc(id("vpc-tom"))));
        let dangling = references(&network).into_iter().filter(|it| it.may_dangle);
        let places: Vec<_> = dangling.map(|it| it.place).collect();
        let via = Place::item(&id("rtb-tom"), "routes", 0).then(Key::Field("via"));
        assert_eq!(places, [via]);
    }
}
