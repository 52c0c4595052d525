//! A plan as a runbook that an engineer follows step by step: as Markdown, or as a page with pictures.
//!
//! Every step has its name as a heading, who is down, what to look at before, the actions as `tccli` lines, how to go back,
//! and the deadlines that begin or end with it; every wave has a picture of who stands where after it.
//!
//! | file | what it is |
//! |---|---|
//! | `words` | what to look at before a step, and how to go back |
//! | `deadlines` | until when old addresses last, and what was only for a time |
//! | `scene` | who stands where after a wave |
//! | `markdown`, `page` | the same as text and as a page |

mod deadlines;
mod markdown;
mod page;
mod scene;
mod words;

pub use markdown::runbook;
pub use page::runbook_page;

use super::commands::Commands;
use crate::code::Language;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::{Change, Network};
use crate::plan::{Earlier, Promise, Step};
use crate::render::case::counted;
use crate::render::several::several;

use words::{before, no_return, rollback};

/// What a runbook is made of.
pub struct Runbook<'a> {
    /// The plan's file, as it will be called.
    pub file: &'a str,
    /// Where it begins.
    pub from: &'a Network,
    /// Where it ends.
    pub goal: &'a Network,
    /// The steps.
    pub steps: &'a [Step],
    /// How many windows there have to be.
    pub least: usize,
    /// All promises.
    pub promises: &'a [Promise],
    /// Groups and ACLs whose rules name an address that goes.
    pub named: &'a [Id],
    /// A change in the words of scenario files.
    pub written: &'a dyn Fn(&Change) -> String,
}

/// Why a step does not come before the one before it.
#[must_use]
pub fn earlier(book: &Runbook<'_>, step: &Step) -> Words {
    let place = |at: usize| {
        let name = book.steps.get(at).map(|it| &it.name);
        let told = |text: &str| format!("{} ({text})", at + 1);
        let chinese = |text: &str| format!("第 {} 步（{text}）", at + 1);
        let english = name.map_or_else(String::new, |it| told(it.english()));
        let chinese = name.map_or_else(String::new, |it| chinese(it.chinese()));
        [format!("step {english}"), chinese]
    };
    match &step.earlier {
        Earlier::First => Words::new("it is the first step", "它是第一步"),
        Earlier::Free => Words::new(
            "nothing forbids it: it stands here so that fewer things are temporary",
            "没有阻碍：排在此处是为了减少临时状态",
        ),
        Earlier::Refused { before, words } => {
            let [english, chinese] = place(*before);
            Words::new(
                format!("before {english}, the cloud refuses it: {}", words.english()),
                format!("若排在{chinese}之前，云会拒绝：{}", words.chinese()),
            )
        }
        Earlier::Breaks { before, promise } => {
            let [english, chinese] = place(*before);
            let name = book.promises.get(*promise).map(Promise::name).unwrap_or_default();
            Words::new(
                format!("before {english}, this promise would break: {name}"),
                format!("若排在{chinese}之前，以下期望将不成立：{name}"),
            )
        }
    }
}

fn list<'a>(ids: impl Iterator<Item = &'a Id>, language: Language) -> String {
    let ids: Vec<String> = ids.map(|id| format!("`{id}`")).collect();
    several(&ids, language)
}

/// Between a head and its text.
fn colon(language: Language) -> &'static str {
    match language {
        Language::English => ": ",
        Language::Chinese => "：",
    }
}

/// A step as it is told.
struct Section {
    name: String,
    /// Each with its head.
    rows: Vec<(String, String)>,
    lines: Vec<String>,
    after: Vec<(String, String)>,
    /// Whether it cannot be undone.
    no_return: Option<String>,
}

/// What is told before the steps.
struct Front {
    title: String,
    summary: String,
    /// How to use the lines.
    shell: String,
    /// Lists with their heads.
    lists: Vec<(String, Vec<String>)>,
}

impl Runbook<'_> {
    /// The steps in which machines restart.
    #[must_use]
    pub fn windows(&self) -> usize {
        let waves = self.steps.iter().filter(|step| !step.restarts.is_empty());
        waves.count()
    }

    /// How far the windows are from the fewest that there can be; `None` where there is at most one.
    #[must_use]
    pub fn few(&self) -> Option<Words> {
        let windows = self.windows();
        let more = windows.saturating_sub(self.least);
        (windows > 1).then(|| match more {
            0 => Words::new("the fewest there can be", "已是最少"),
            more => Words::new(
                format!("at most {more} more than the fewest"),
                format!("至多比最少多 {more} 个"),
            ),
        })
    }

    fn front(&self, language: Language) -> Front {
        let count = self.steps.len();
        let waves: Vec<(usize, &Step)> =
            (self.steps.iter().enumerate()).filter(|(_, step)| !step.restarts.is_empty()).collect();
        let few = self.few();
        let summary = Words::new(
            format!(
                "{}, {} in which machines restart{}. `pathproof check {}` proves that every promise holds after each of them.",
                counted(count, "step"),
                counted(waves.len(), "window"),
                few.as_ref().map_or_else(String::new, |few| format!(", {}", few.english())),
                self.file
            ),
            format!(
                "共 {count} 步，其中 {} 个窗口会重启云服务器{}。`pathproof check {}` 可证明每一步之后各项期望均成立。",
                waves.len(),
                few.as_ref().map_or_else(String::new, |few| format!("，{}", few.chinese())),
                self.file
            ),
        );
        let windows = waves.into_iter().map(|(at, step)| {
            let down = list(step.restarts.iter(), language);
            let words =
                Words::new(format!("step {}: {down}", at + 1), format!("第 {} 步：{down}", at + 1));
            words.text(language).to_owned()
        });
        let named: Vec<String> = self.named.iter().map(|id| format!("`{id}`")).collect();
        let lists = [
            (Words::new("Windows", "维护窗口"), windows.collect()),
            (Words::new("Deadlines", "时限"), self.deadlines(language)),
            (
                Words::new(
                    "Rules that name addresses that go, and are rewritten",
                    "引用了将失效地址、会被改写的规则",
                ),
                named,
            ),
            (
                Words::new("Only for a time, ended in the last step", "临时措施，在最后一步清理"),
                self.temporary(language),
            ),
        ];
        let lists = lists.into_iter().filter(|(_, list)| !list.is_empty());
        let shell = Words::new(
            "Run the lines in one shell, step by step: variables keep the ids that the cloud gives. Some actions go on after \
             they have returned: where one is refused because another is still under way, repeat it.",
            "各步命令请在同一个 shell 中依次执行：云分配的 ID 保存在变量中。部分操作返回后仍在进行：若提示已有任务在执行，稍后重试。",
        );
        Front {
            title: Words::new("Migration runbook", "迁移操作手册").text(language).to_owned(),
            summary: summary.text(language).to_owned(),
            shell: shell.text(language).to_owned(),
            lists: lists.map(|(head, list)| (head.text(language).to_owned(), list)).collect(),
        }
    }

    fn sections(&self, language: Language) -> Vec<Section> {
        let changes = self.steps.iter().flat_map(|step| &step.changes);
        let commands = Commands::new([self.from, self.goal], changes, self.written, language);
        let mut now = self.from.clone();
        let steps = self.steps.iter().enumerate();
        steps
            .map(|(at, step)| {
                let mut lines = Vec::new();
                for change in &step.changes {
                    lines.extend(commands.lines(&now, change));
                    if let Ok(next) = crate::model::apply(&now, change) {
                        now = next;
                    }
                }
                self.section(at, step, lines, language)
            })
            .collect()
    }

    fn section(&self, at: usize, step: &Step, lines: Vec<String>, language: Language) -> Section {
        let row = |head: Words, body: String| (head.text(language).to_owned(), body);
        let (count, kept) = (self.steps.len(), step.kept.len());
        let place = Words::new(
            format!("{} of {count}", at + 1),
            format!("第 {} 步，共 {count} 步", at + 1),
        );
        let down = if step.restarts.is_empty() {
            Words::new("nobody", "无").text(language).to_owned()
        } else {
            list(step.restarts.iter(), language)
        };
        let after = Words::new(
            format!("{kept} promises hold; `pathproof check {}` says so", self.file),
            format!("{kept} 项期望成立；见 `pathproof check {}`", self.file),
        );
        let no_return = no_return(step).then(|| {
            let words = Words::new(
                "**Point of no return**: this cannot be undone (MIG-1).",
                "**不可回退点**：此操作无法撤销（MIG-1）。",
            );
            words.text(language).to_owned()
        });
        Section {
            name: step.name.text(language).to_owned(),
            rows: vec![
                row(Words::new("Step", "步骤"), place.text(language).to_owned()),
                row(Words::new("Down meanwhile", "期间中断"), down),
                row(Words::new("Before", "操作前检查"), before(step).text(language).to_owned()),
            ],
            lines,
            after: vec![
                row(Words::new("Rollback", "回退"), rollback(step).text(language).to_owned()),
                row(Words::new("After", "操作后"), after.text(language).to_owned()),
                row(
                    Words::new("Why not earlier", "为何不能更早"),
                    earlier(self, step).text(language).to_owned(),
                ),
            ],
            no_return,
        }
    }

    /// The networks after each step.
    fn networks(&self) -> Vec<Network> {
        let mut now = self.from.clone();
        let steps = self.steps.iter().map(|step| {
            for change in &step.changes {
                if let Ok(next) = crate::model::apply(&now, change) {
                    now = next;
                }
            }
            now.clone()
        });
        steps.collect()
    }
}
