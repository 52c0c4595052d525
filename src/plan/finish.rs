//! The last step: old addresses end, what was only for a time goes, and the network is the goal.

use super::deed::only_added;
use super::entity::{settle, turned};
use super::task::Task;
use crate::id::Id;
use crate::model::between::{Part, Turned, differences};
use crate::model::{Change, Network, Refusal, apply};

/// The changes that make a network the goal, and the network after them.
///
/// # Errors
///
/// With the refusal of the cloud, if one of them does not go through.
pub(super) fn finish(task: &Task, now: &Network) -> Result<(Vec<Change>, Network), Refusal> {
    let goal = &task.goal;
    let mut end = End { changes: Vec::new(), network: now.clone() };
    let added = only_added(&end.network, goal);
    if added.network != Network::default() {
        end.does(Change::Create(Box::new(added)))?;
    }
    for (name, to) in &goal.names {
        if end.network.names.get(name).is_some_and(|now| now != to) {
            end.does(Change::SwitchName { name: name.clone(), to: to.clone() })?;
        }
    }
    end.links(goal)?;
    let old = now.databases.iter();
    let old = old.filter(|(_, it)| !it.old_vips.is_empty());
    let old: Vec<Id> = old.map(|(id, _)| id.clone()).collect();
    for database in old {
        let after = goal.databases.get(&database);
        if after.is_none_or(|it| it.old_vips.is_empty()) {
            end.does(Change::ReleaseOldVip { database })?;
        }
    }
    let changed = differences(&end.network, goal).into_iter();
    for (part, turn) in changed {
        if let (Part::Entity(sort, id), Turned::Changed) = (part, turn) {
            for change in turned(task, &end.network, sort, &id) {
                end.does(change)?;
            }
        }
    }
    let removed = differences(&end.network, goal).into_iter();
    let removed = removed.filter_map(|(part, turned)| match part {
        Part::Entity(_, id) => (turned == Turned::Removed).then_some(id),
        Part::Links(_) | Part::Failure(_) | Part::Name(_) | Part::Platform => None,
    });
    let removed: Vec<Id> = removed.collect();
    if !removed.is_empty() {
        end.does(Change::Delete(removed))?;
    }
    Ok((end.changes, end.network))
}

struct End {
    changes: Vec<Change>,
    network: Network,
}

impl End {
    fn does(&mut self, change: Change) -> Result<(), Refusal> {
        self.network = apply(&self.network, &change)?;
        self.changes.push(change);
        Ok(())
    }

    /// Links that the goal does not have go; those that it has beside come.
    fn links(&mut self, goal: &Network) -> Result<(), Refusal> {
        let linked = |network: &Network, vpc: &Id| {
            let links = network.classic_links.get(vpc).into_iter().flatten();
            links.map(|link| link.instance.clone()).collect::<Vec<_>>()
        };
        let vpcs: Vec<Id> = self.network.vpcs.keys().cloned().collect();
        for vpc in &vpcs {
            let wanted = linked(goal, vpc);
            let gone = linked(&self.network, vpc).into_iter();
            let instances: Vec<Id> = gone.filter(|id| !wanted.contains(id)).collect();
            if !instances.is_empty() {
                self.does(Change::DetachClassicLinkVpc { vpc: vpc.clone(), instances })?;
            }
        }
        for vpc in vpcs {
            let has = linked(&self.network, &vpc);
            let instances: Vec<Id> =
                linked(goal, &vpc).into_iter().filter(|id| !has.contains(id)).collect();
            if !instances.is_empty() {
                self.does(Change::AttachClassicLinkVpc { vpc, instances })?;
            }
        }
        Ok(())
    }
}

/// Whether two networks are configured alike, whatever the order of targets and links; a VPC without links is one that was
/// never linked.
pub(super) fn is_same(a: &Network, b: &Network) -> bool {
    let [a, b] = [a, b].map(|network| {
        let mut network = network.clone();
        settle(&mut network);
        network
    });
    a == b
}
