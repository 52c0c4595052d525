//! A plan as the network before it and the network after it, and which resource touches what.
//!
//! Before is the plan's `prior_state`, after its `planned_values`. Ids match: what stays has on both sides the id that
//! the cloud gave it; what is created or replaced has its Terraform address as its id afterwards, as in every import.
//!
//! How to use it, for a what-if of a plan: call [`before_and_after`] with the text of `terraform show -json`, write
//! both documents with [`write()`](crate::import::write), load both texts as scenarios, and compare the networks. For a
//! piece of the difference look up the entities it names in [`ResourceChange::before`] (ids of the old network) and
//! [`ResourceChange::after`] (ids of the new one): those resources may have caused it. Notes of either side that are
//! [left out](crate::import::Outcome::LeftOut) or [stood in](crate::import::Outcome::StoodIn) are to be shown.

use crate::diagnostic::{Words, words};
use serde_json::Value;

use super::input::{Side, get, list};
use super::join::one;
use super::{Import, Options};
use crate::id::Id;
use crate::import::note::{ImportError, Imported};
use crate::model::Kind;

/// A plan, imported twice.
#[derive(Clone, Debug)]
pub struct BeforeAndAfter {
    /// The network as it is; empty if the plan builds on nothing.
    pub before: Imported,
    /// The network as it will be.
    pub after: Imported,
    /// What the plan does, in the order of the plan; neither what stays as it is nor what is only read.
    pub changes: Vec<ResourceChange>,
}

/// What a plan does to one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceChange {
    /// Its address in Terraform.
    pub address: String,
    /// Its address before, if a `moved` block has renamed it.
    pub previous_address: Option<String>,
    /// What is done.
    pub action: Action,
    /// What it is, or is a part of, in the network before; empty if it is nothing there.
    pub before: Vec<Part>,
    /// The same in the network after.
    pub after: Vec<Part>,
}

/// An entity of a network that a resource is, or is a part of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    /// Its section.
    pub kind: Kind,
    /// Its id.
    pub id: Id,
}

/// What a plan does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// It comes into being.
    Create,
    /// It is changed in place.
    Update,
    /// It is deleted and created anew, in whichever order.
    Replace,
    /// It ceases to be.
    Delete,
    /// Terraform forgets it; the cloud keeps it.
    Forget,
}

impl Action {
    /// The word for people and scripts.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Forget => "forget",
        }
    }

    /// `Ok(None)`: nothing is done to the cloud.
    fn read(actions: &Value) -> Result<Option<Self>, ImportError> {
        let words: Option<Vec<&str>> = list(actions).iter().map(Value::as_str).collect();
        match words.as_deref() {
            Some(["no-op" | "read"]) => Ok(None),
            Some(["create"]) => Ok(Some(Self::Create)),
            Some(["update"]) => Ok(Some(Self::Update)),
            Some(["delete"]) => Ok(Some(Self::Delete)),
            Some(["forget"]) => Ok(Some(Self::Forget)),
            // the old one may be forgotten in place of being deleted
            Some(["delete", "create"] | ["create", "delete" | "forget"]) => Ok(Some(Self::Replace)),
            _ => Err(ImportError {
                message: words!(
                    "the plan does {actions}, which is not known here",
                    "计划中的操作 {actions} 未知"
                ),
                help: Some(Words::new("use a newer pathproof", "请使用更新的 pathproof")),
            }),
        }
    }
}

/// Imports both sides of a plan.
pub fn before_and_after(json: &str, options: &Options) -> Result<BeforeAndAfter, ImportError> {
    let mut document = one(json)?.document;
    let unevaluated = super::config::evaluate(&mut document, &options.config);
    if get(&document, "planned_values").is_null() {
        return Err(ImportError {
            message: Words::new(
                "this is a state, which says what is, not what will change",
                "这是状态文件：它说明现状，而不是将要发生的变更",
            ),
            help: Some(Words::new(
                "write a plan with `terraform show -json plan.tfplan`",
                "请用 `terraform show -json plan.tfplan` 输出计划",
            )),
        });
    }
    let import = |side| {
        let mut import = Import::new(&document, side, options);
        if side == Side::Final {
            import.whole_plan(&document);
        }
        import.run();
        // what cannot be is touched by nothing
        import.draft.make_sound();
        import
    };
    let (before, after) = (import(Side::Prior), import(Side::Final));
    let mut changes = Vec::new();
    for change in list(get(&document, "resource_changes")) {
        if get(change, "mode") == "data" {
            continue;
        }
        let Some(action) = Action::read(get(get(change, "change"), "actions"))? else {
            continue;
        };
        let text = |name| get(change, name).as_str().map(str::to_owned);
        let address = text("address").unwrap_or_default();
        let previous = text("previous_address");
        changes.push(ResourceChange {
            before: before.parts_of(previous.as_ref().unwrap_or(&address)),
            after: after.parts_of(&address),
            address,
            previous_address: previous,
            action,
        });
    }
    let mut after = after.draft.finish();
    after.notes.extend(super::told(unevaluated));
    Ok(BeforeAndAfter { before: before.draft.finish(), after, changes })
}

impl Import<'_> {
    /// What the resource with this address is in the network, and what it is a part of.
    fn parts_of(&self, address: &str) -> Vec<Part> {
        let mut resources = self.input.resources.iter();
        let Some(index) = resources.position(|resource| resource.address == address) else {
            return Vec::new();
        };
        let network = &self.draft.document.fragment.network;
        let own = self.placed.contains_key(&index).then(|| self.id(index));
        let owners = self.parts.get(&index).into_iter().flatten().cloned();
        let ids = own.into_iter().chain(owners);
        // a listener has been placed, yet is no entity
        ids.filter_map(|id| Some((network.kind_of(id.as_str())?, id)))
            .map(|(kind, id)| Part { kind, id })
            .collect()
    }
}
