//! Why an attribute has no meaning, in words.

use serde_json::Value;

use super::input::{get, list};
use super::reference::collapse;
use crate::diagnostic::{Words, words};

/// What is lacking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The meaning: it might be anything here.
    Meaning,
    /// What is meant is not in the input, or is left out itself.
    Presence,
}

/// Why an attribute has no meaning.
#[derive(Clone, Debug)]
pub struct Unresolved {
    /// What is lacking.
    pub lack: Lack,
    /// What the plan says.
    pub why: Words,
    /// What would help.
    pub help: Words,
}

/// What would help against an id that the input does not have.
pub fn outside() -> Words {
    Words::new(
        "import it together with what it belongs to, or write it into the file",
        "请与其所属资源一起导入，或写入文件",
    )
}

/// What would help against a reference that cannot be resolved.
const REWRITE: [&str; 2] = [
    "import the state after `terraform apply`, or write the reference as TYPE.NAME[KEY].id",
    "请在 `terraform apply` 之后导入状态，或将引用写成 TYPE.NAME[KEY].id",
];

impl Unresolved {
    /// That an expression leads to no one thing, and which ones it may be.
    pub fn of(expression: &Value, which: &Words) -> Unresolved {
        let references = list(get(expression, "references")).iter();
        let references = references.filter_map(Value::as_str);
        let references = collapse(references).join(", ");
        let what = if references.is_empty() {
            Words::new("the plan has no reference for it", "计划中没有它的引用")
        } else {
            words!(
                "the plan says only that it comes from {references}",
                "计划只说明它来自 {references}"
            )
        };
        let [english, chinese] = REWRITE;
        let help = if references.contains("local.") {
            words!("{english}, or take it out of the local", "{chinese}，或不经过 local")
        } else {
            Words::new(english, chinese)
        };
        Unresolved {
            lack: Lack::Meaning,
            why: Words::new(
                format!("{}{}", what.english(), which.english()),
                format!("{}{}", what.chinese(), which.chinese()),
            ),
            help,
        }
    }
}

/// A value of a `dynamic` block, which leaves no expression.
pub fn lost() -> Unresolved {
    Unresolved {
        lack: Lack::Meaning,
        why: Words::new(
            "it is not known yet, and a `dynamic` block leaves no references in the plan",
            "其值尚未知，而 `dynamic` 块在计划中不留引用",
        ),
        help: Words::new(
            "give the *.tf files with --config DIR, import the state after `terraform apply`, or write the block out",
            "请用 --config DIR 提供 *.tf 文件，或在 `terraform apply` 之后导入状态，或将块展开写出",
        ),
    }
}

/// A value that only the cloud will tell.
pub fn not_yet() -> Unresolved {
    Unresolved {
        lack: Lack::Meaning,
        why: Words::new("it is not known yet", "其值尚未知"),
        help: Words::new(
            "give the *.tf files with --config DIR, or import the state after `terraform apply`",
            "请用 --config DIR 提供 *.tf 文件，或在 `terraform apply` 之后导入状态",
        ),
    }
}
