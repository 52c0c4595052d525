//! Groups that a resource of its own binds to a machine or a database, and lists of groups whose order nobody tells.
//!
//! Which of several groups comes first decides only where one drops what another accepts; else any order is the same. Binding one more does not say where it goes (SG-4).

use super::Import;
use super::filter::GROUP;
use super::machine::INSTANCE;
use super::order::order_decides;
use super::resolve::{Lack, Unresolved};
use crate::diagnostic::Words;
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::draft::Say;
use crate::import::left::{Bears, Touched};
use crate::model::Network;

/// How a resource binds groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// It adds one to those that are there.
    Adds,
    /// It names all of them.
    Replaces,
}

/// A type that binds groups.
struct Row {
    kind: &'static str,
    /// The attribute that names what gets the groups, and the types that it may name.
    owner: (&'static str, &'static [&'static str]),
    /// The attribute that names the groups.
    groups: &'static str,
    way: Way,
}

const MYSQL: &[&str] = &["tencentcloud_mysql_instance", "tencentcloud_mysql_readonly_instance"];
const SQLSERVER: &[&str] = &["tencentcloud_sqlserver_instance"];
/// Products whose endpoints are not in the file.
const NOWHERE: &[&str] = &[];

const ROWS: [Row; 9] = [
    Row {
        kind: "tencentcloud_cvm_security_group_attachment",
        owner: ("instance_id", INSTANCE),
        groups: "security_group_id",
        way: Way::Adds,
    },
    Row {
        kind: "tencentcloud_mysql_security_groups_attachment",
        owner: ("instance_id", MYSQL),
        groups: "security_group_id",
        way: Way::Adds,
    },
    Row {
        kind: "tencentcloud_redis_security_group_attachment",
        owner: ("instance_id", &["tencentcloud_redis_instance"]),
        groups: "security_group_id",
        way: Way::Adds,
    },
    Row {
        kind: "tencentcloud_mariadb_security_groups",
        owner: ("instance_id", &["tencentcloud_mariadb_instance"]),
        groups: "security_group_id",
        way: Way::Adds,
    },
    Row {
        kind: "tencentcloud_dcdb_security_group_attachment",
        owner: (
            "instance_id",
            &["tencentcloud_dcdb_db_instance", "tencentcloud_dcdb_hourdb_instance"],
        ),
        groups: "security_group_id",
        way: Way::Adds,
    },
    Row {
        kind: "tencentcloud_postgresql_security_group_config",
        owner: ("db_instance_id", &["tencentcloud_postgresql_instance"]),
        groups: "security_group_id_set",
        way: Way::Replaces,
    },
    Row {
        kind: "tencentcloud_cynosdb_security_group",
        owner: ("cluster_id", &["tencentcloud_cynosdb_cluster"]),
        groups: "security_group_ids",
        way: Way::Replaces,
    },
    Row {
        kind: "tencentcloud_sqlserver_config_instance_security_groups",
        owner: ("instance_id", SQLSERVER),
        groups: "security_group_id_set",
        way: Way::Replaces,
    },
    Row {
        kind: "tencentcloud_elasticsearch_security_group",
        owner: ("instance_id", NOWHERE),
        groups: "security_group_ids",
        way: Way::Replaces,
    },
];

/// Whether a type binds groups to something.
pub fn is_attachment(kind: &str) -> bool {
    ROWS.iter().any(|row| row.kind == kind)
}

impl Import<'_> {
    pub(super) fn attached_groups(&mut self) {
        for row in &ROWS {
            let all = self.of_kind(row.kind);
            for index in &all {
                self.attach(*index, row);
            }
        }
    }

    fn attach(&mut self, index: usize, row: &Row) {
        let (attribute, kinds) = row.owner;
        let many = self.input.many(index, row.groups, GROUP).unwrap_or_default();
        let found = many.found.iter().filter(|it| self.placed.contains_key(it));
        let groups: Vec<Id> = found.map(|group| self.id(*group)).collect();
        let owner = match self.input.one(index, attribute, kinds) {
            Ok(Some(owner)) if self.placed.contains_key(&owner.value) => owner.value,
            Err(why) if why.lack == Lack::Meaning && !kinds.is_empty() => {
                self.leave_out((index, attribute), &Spot::Head, why, Bears::Everything);
                return;
            }
            owner => {
                // its endpoint is not in the file, and is a member of these groups all the same
                let why = match owner {
                    Ok(Some(owner)) => Self::hangs_on(self.address(owner.value)),
                    Err(why) if !kinds.is_empty() => why,
                    _ => Self::unreadable(Words::new(
                        "what it binds groups to is not imported",
                        "其绑定安全组的对象未导入",
                    )),
                };
                let bears = Bears::Of(Touched { missing: groups, ..Touched::default() });
                self.leave_out((index, attribute), &Spot::Head, why, bears);
                return;
            }
        };
        self.bind_groups(index, owner, row, groups, many.lost);
    }

    fn bind_groups(
        &mut self,
        index: usize,
        owner: usize,
        row: &Row,
        groups: Vec<Id>,
        lost: Vec<Unresolved>,
    ) {
        let id = self.id(owner);
        let spot = Spot::Entity(id.clone());
        if let Some(part) = self.other_part(index, row) {
            self.left_out(index, part, &spot, Self::unreadable(other_part()));
            return;
        }
        for why in lost {
            self.left_out(index, row.groups, &spot, why);
        }
        let Some(own) = groups_of(self.network(), &id) else {
            // the classic network has none
            self.joins(index, &id);
            return;
        };
        let before = own.len();
        match row.way {
            Way::Replaces => *own = groups,
            Way::Adds => {
                let more = groups.into_iter().filter(|group| !own.contains(group));
                let more: Vec<Id> = more.collect();
                own.extend(more);
            }
        }
        if own.len() > 1 && (row.way == Way::Replaces || own.len() > before) {
            self.unordered.push((index, id.clone()));
        }
        self.joins(index, &id);
    }

    /// The attribute that says that not the endpoint itself is meant, but a read-only part of it.
    fn other_part(&self, index: usize, row: &Row) -> Option<&'static str> {
        let text = |name| self.input.text(index, name);
        match row.kind {
            "tencentcloud_postgresql_security_group_config" => {
                text("read_only_group_id").map(|_| "read_only_group_id")
            }
            "tencentcloud_cynosdb_security_group" => {
                let group = text("instance_group_type")?;
                let is_own = group.eq_ignore_ascii_case("HA") || group.eq_ignore_ascii_case("ALL");
                (!is_own).then_some("instance_group_type")
            }
            _ => None,
        }
    }

    /// Names the endpoints whose groups have no known order, where it decides: when the rules are known.
    pub(super) fn orders(&mut self) {
        for (index, id) in std::mem::take(&mut self.unordered) {
            let own = groups_of(self.network(), &id).cloned().unwrap_or_default();
            let network = &self.draft.document.fragment.network;
            let spot = Spot::Entity(id.clone());
            let is_unknown = |group: &Id| {
                let mut open = network.unmodelled.iter();
                open.any(|entry| entry.touches.contains(group))
            };
            if own.iter().any(is_unknown) {
                // whatever has to do with a group whose rules are not known is open, in any order
                continue;
            }
            if order_decides(network, &own) {
                let why = Unresolved {
                    lack: Lack::Meaning,
                    why: Words::new(
                        "the order of its groups is not known, and one of them drops what another accepts (SG-4)",
                        "安全组的顺序未知，且其中一个拒绝另一个所允许的报文（SG-4）",
                    ),
                    help: Words::new(
                        "name all groups in `orderly_security_groups`, or write the order into the file",
                        "在 `orderly_security_groups` 中写出全部安全组，或将顺序写入文件",
                    ),
                };
                self.left_out(index, "", &spot, why);
            } else {
                let why = Words::new(
                    "the order of its groups is not known; none drops what another accepts, so it does not matter (SG-4)",
                    "安全组的顺序未知；但没有一个拒绝另一个所允许的报文，顺序无关紧要（SG-4）",
                );
                self.assumed(index, "", &spot, Some(why));
            }
        }
    }

    /// Of an id written out beside the references of a list, a plan tells nothing: `["sg-1", TYPE.NAME.id]` and
    /// `[TYPE.NAME.id]` are the same there. So the list holds what the plan tells, or more; `missing` are sets that may
    /// have the entity as a member then.
    pub(super) fn more_beside(&mut self, (index, name): (usize, &str), id: &Id, missing: Vec<Id>) {
        let why = Words::new(
            "a plan tells the references of a list, and nothing of an id that is written out beside them",
            "计划只给出列表中的引用，不给出其旁直接写出的 ID",
        );
        let touched = Touched { on: vec![id.clone()], missing, ..Touched::default() };
        let say = Say::of(self.address(index), why).at(name);
        let say = say.help(super::resolve::not_yet().help);
        self.draft.leave_open(Spot::Entity(id.clone()), say, Bears::Of(touched));
    }

    /// Remembers that the order of the groups of an endpoint is not told.
    pub(super) fn without_order(&mut self, index: usize, id: &Id) {
        self.unordered.push((index, id.clone()));
    }
}

fn other_part() -> Words {
    Words::new("it is about read-only instances, which are not imported", "涉及只读实例，未导入")
}

/// The groups of an endpoint.
fn groups_of<'n>(network: &'n mut Network, id: &Id) -> Option<&'n mut Vec<Id>> {
    if let Some(it) = network.instances.get_mut(id) {
        return Some(&mut it.security_groups);
    }
    if let Some(it) = network.classic_instances.get_mut(id) {
        return Some(&mut it.security_groups);
    }
    if let Some(it) = network.network_interfaces.get_mut(id) {
        return Some(&mut it.security_groups);
    }
    if let Some(it) = network.load_balancers.get_mut(id) {
        return Some(&mut it.security_groups);
    }
    if let Some(it) = network.instance_groups.get_mut(id) {
        return Some(&mut it.security_groups);
    }
    if let Some(it) = network.vpc_endpoints.get_mut(id) {
        return Some(&mut it.security_groups);
    }
    let it = network.databases.get_mut(id)?;
    Some(&mut it.security_groups)
}
