//! Until when old addresses last and who uses them then, and what was only for a time.

use std::collections::BTreeSet;

use super::{Runbook, list};
use crate::code::Language;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::Change;
use crate::plan::Kind;

impl Runbook<'_> {
    /// How long old addresses last, and who still uses them then.
    pub(super) fn deadlines(&self, language: Language) -> Vec<String> {
        let mut lines = Vec::new();
        for (at, step) in self.steps.iter().enumerate() {
            for change in &step.changes {
                let Change::ModifyDBInstanceVipVport { database, keep_old_hours, .. } = change
                else {
                    continue;
                };
                let hours = keep_old_hours.unwrap_or(0);
                let using = self.using(database, at);
                let still = list(using.iter().copied(), language);
                let number = at + 1;
                let words = match (hours, using.is_empty()) {
                    (0, _) => Words::new(
                        format!("`{database}` loses its old address in step {number}"),
                        format!("`{database}` 的旧地址在第 {number} 步立即失效"),
                    ),
                    (_, true) => Words::new(
                        format!("`{database}`'s old address ends {hours} h after step {number}"),
                        format!("`{database}` 的旧地址在第 {number} 步之后 {hours} 小时失效"),
                    ),
                    (_, false) => Words::new(
                        format!(
                            "`{database}`'s old address ends {hours} h after step {number}; until they move, {still} still \
                             use it"
                        ),
                        format!(
                            "`{database}` 的旧地址在第 {number} 步之后 {hours} 小时失效；{still} 迁移前仍在使用"
                        ),
                    ),
                };
                lines.push(words.text(language).to_owned());
            }
        }
        lines
    }

    /// Who moves later and has to do with a database by some promise.
    fn using(&self, database: &Id, at: usize) -> Vec<&Id> {
        let later = self.steps.iter().skip(at + 1);
        let later: BTreeSet<&Id> = later.flat_map(|step| &step.restarts).collect();
        let promises = self.promises.iter();
        let about = promises.filter(|promise| promise.about.contains(database));
        let clients: BTreeSet<&Id> = about.flat_map(|promise| &promise.about).collect();
        later.intersection(&clients).copied().collect()
    }

    /// Links, endpoint connections and rules that the goal does not have.
    pub(super) fn temporary(&self, language: Language) -> Vec<String> {
        let mut lines = Vec::new();
        for (at, step) in self.steps.iter().enumerate() {
            let number = at + 1;
            for change in &step.changes {
                let words = match (step.kind, change) {
                    (_, Change::AttachClassicLinkVpc { vpc, instances }) => {
                        let goal = self.goal.classic_links.get(vpc);
                        let stays = |id: &&Id| {
                            let mut all = goal.into_iter().flatten();
                            all.any(|link| link.instance == **id)
                        };
                        let gone: Vec<&Id> = instances.iter().filter(|id| !stays(id)).collect();
                        if gone.is_empty() {
                            continue;
                        }
                        let who = list(gone.into_iter(), language);
                        Words::new(
                            format!(
                                "links of {who} to `{vpc}` (step {number}); each goes when its machine moves"
                            ),
                            format!(
                                "{who} 与 `{vpc}` 的互通（第 {number} 步），云服务器迁移时随之解除"
                            ),
                        )
                    }
                    (Kind::Connect, Change::Create(part)) => {
                        let ids = part.network.endpoint_connections.keys();
                        let who = list(ids, language);
                        Words::new(
                            format!("endpoint connections {who} (step {number})"),
                            format!("终端连接 {who}（第 {number} 步）"),
                        )
                    }
                    (
                        Kind::Widen,
                        Change::ModifySecurityGroupPolicies { security_group: id, .. }
                        | Change::ModifyNetworkAclEntries { network_acl: id, .. },
                    ) => Words::new(
                        format!(
                            "rules of `{id}` for old and new addresses side by side (step {number})"
                        ),
                        format!("`{id}` 中同时放通新旧地址的规则（第 {number} 步）"),
                    ),
                    _ => continue,
                };
                lines.push(words.text(language).to_owned());
            }
        }
        lines
    }
}
