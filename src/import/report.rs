//! What came of an import, for a file beside it: what went in and what came out, what was taken for granted, what is
//! missing, which verdicts hang on it, and what would settle it.

use std::fmt::Write as _;

use rustc_hash::FxHashSet;
use serde_json::{Value, json};

use super::note::{Imported, Note, Outcome};
use crate::code::Language;
use crate::diagnostic::{Words, words};
use crate::model::{Network, Unmodelled};

/// How much was read of one type, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The type of Terraform, or the action of the API.
    pub kind: String,
    /// How many there were.
    pub read: usize,
    /// Of how many it was said that they are in the file.
    pub imported: usize,
    /// Of how many it was said that they are not, or not wholly.
    pub left_out: usize,
}

impl Counted {
    /// Counts things by type; each with the name that notes call it by.
    pub fn of<'n>(
        things: impl IntoIterator<Item = (&'n str, &'n str)>,
        notes: &[Note],
    ) -> Vec<Self> {
        let told = |outcome: Outcome| -> FxHashSet<&str> {
            let notes = notes.iter().filter(|note| note.outcome == outcome);
            notes.map(|note| note.resource.as_str()).collect()
        };
        let (imported, left_out) = (told(Outcome::Imported), told(Outcome::LeftOut));
        let mut counted: std::collections::BTreeMap<&str, Self> = std::collections::BTreeMap::new();
        for (kind, name) in things {
            let row = counted.entry(kind).or_insert_with(|| Self {
                kind: kind.to_owned(),
                read: 0,
                imported: 0,
                left_out: 0,
            });
            row.read += 1;
            row.imported += usize::from(imported.contains(name));
            row.left_out += usize::from(left_out.contains(name));
        }
        counted.into_values().collect()
    }
}

impl Imported {
    /// How many entities of each kind, rules and routes are in the file.
    #[must_use]
    pub fn written(&self) -> Vec<(Words, usize)> {
        let network = &self.document.fragment.network;
        let mut counts: Vec<(crate::model::Kind, usize)> = Vec::new();
        for (_, kind) in network.ids() {
            match counts.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, count)) => *count += 1,
                None => counts.push((kind, 1)),
            }
        }
        let counts = counts.into_iter();
        let mut written: Vec<(Words, usize)> =
            counts.map(|(kind, count)| (Words::new(kind.words(), kind.chinese()), count)).collect();
        written.push((Words::new("rule of a security group", "安全组规则"), group_rules(network)));
        written.push((Words::new("rule of a network ACL", "网络 ACL 规则"), acl_rules(network)));
        written.push((Words::new("route", "路由"), routes(network)));
        written.retain(|(_, count)| *count > 0);
        written
    }

    /// What verdicts hang on that a note tells is not in the file; `None` = nothing that is in it.
    #[must_use]
    pub fn bearing(&self, note: &Note) -> Option<&Unmodelled> {
        if !matches!(note.outcome, Outcome::LeftOut | Outcome::Doubtful) {
            return None;
        }
        let entries = &self.document.fragment.network.unmodelled;
        let own = entries.iter().filter(|entry| entry.what == note.resource);
        let says = |entry: &&Unmodelled| {
            let attribute = note.attribute.as_deref().unwrap_or_default();
            let mut reasons = [note.why.english(), note.why.chinese()].into_iter();
            entry.reason.starts_with(attribute) && reasons.any(|it| entry.reason.ends_with(it))
        };
        // the same gap is written down once, whatever it was noticed at
        let any = own.clone().next().filter(|_| note.outcome == Outcome::LeftOut);
        own.clone().find(says).or(any)
    }

    /// The report in Markdown.
    #[must_use]
    pub fn markdown(&self, language: Language) -> String {
        let say = |english: &'static str, chinese: &'static str| match language {
            Language::English => english,
            Language::Chinese => chinese,
        };
        let mut text = format!("# {}\n\n", say("Import", "导入报告"));
        let verdict = if self.is_complete() {
            say("Everything came over.", "全部内容均已导入。")
        } else {
            say("Not everything came over.", "有内容未导入。")
        };
        let _ = write!(text, "{verdict}\n\n## {}\n\n", say("Read", "读入"));
        let heads = say("type | read | imported | left out", "类型 | 读入 | 已导入 | 未导入");
        let rows = self.read.iter();
        let rows = rows.map(|it| {
            [it.kind.clone(), it.read.to_string(), it.imported.to_string(), it.left_out.to_string()]
        });
        table(&mut text, heads, rows);
        let _ = write!(text, "\n## {}\n\n", say("Written", "写出"));
        let rows = self.written().into_iter();
        let rows = rows.map(|(kind, count)| [kind.text(language).to_owned(), count.to_string()]);
        table(&mut text, say("what | how many", "内容 | 数量"), rows);
        let parts = [
            (Outcome::LeftOut, say("Left out", "未导入")),
            (Outcome::Doubtful, say("Doubtful", "存疑")),
            (Outcome::StoodIn, say("Stood in", "占位")),
            (Outcome::Assumed, say("Assumed", "推定")),
        ];
        for (outcome, title) in parts {
            let notes = self.notes.iter().filter(|note| note.outcome == outcome);
            let rows: Vec<_> = notes.map(|note| self.row(note, language)).collect();
            if rows.is_empty() {
                continue;
            }
            let _ = write!(text, "\n## {title}\n\n");
            let heads = say(
                "what | why | undetermined | to settle it",
                "内容 | 原因 | 无法判定 | 如何解决",
            );
            table(&mut text, heads, rows.into_iter());
        }
        text
    }

    fn row(&self, note: &Note, language: Language) -> [String; 4] {
        let what = match &note.attribute {
            Some(attribute) => format!("`{}` {attribute}", note.resource),
            None => format!("`{}`", note.resource),
        };
        let hangs = self.bearing(note).map(verdicts).unwrap_or_default();
        let settles = self.settling(note);
        [
            what,
            note.why.text(language).to_owned(),
            hangs.text(language).to_owned(),
            settles.text(language).to_owned(),
        ]
    }

    /// What would settle a note, in one line.
    #[must_use]
    pub fn settling(&self, note: &Note) -> Words {
        if let Some(help) = &note.help {
            return help.clone();
        }
        if self.bearing(note).is_none() {
            return Words::default();
        }
        let what = &note.resource;
        words!(
            "once it is known not to matter, take `what: \"{what}\"` out of `unmodelled`",
            "确认无关后，从 `unmodelled` 中删去 `what: \"{what}\"`"
        )
    }

    /// The report as data: what goes into the document of the command.
    #[must_use]
    pub fn json(&self, language: Language) -> [(&'static str, Value); 3] {
        let read = self.read.iter().map(|it| {
            json!({ "type": it.kind, "read": it.read, "imported": it.imported, "left_out": it.left_out })
        });
        let written = self.written().into_iter();
        let written =
            written.map(|(kind, count)| json!({ "kind": kind.text(language), "count": count }));
        let notes = self.notes.iter().map(|note| {
            let bearing = self.bearing(note);
            json!({
                "outcome": note.outcome.name(),
                "resource": note.resource,
                "attribute": note.attribute,
                "message": note.why.text(language),
                "help": note.help.as_ref().map(|help| help.text(language)),
                "undetermined": bearing.map(|entry| verdicts(entry).text(language).to_owned()),
            })
        });
        [("read", read.collect()), ("written", written.collect()), ("notes", notes.collect())]
    }
}

/// Which verdicts something takes, in words.
fn verdicts(entry: &Unmodelled) -> Words {
    let join = |ids: &[crate::id::Id], comma: &str| {
        let ids: Vec<&str> = ids.iter().map(crate::id::Id::as_str).collect();
        ids.join(comma)
    };
    let mut said = Vec::new();
    if entry.touches_all() {
        said.push(Words::new("every connection", "所有连接"));
    }
    if !entry.touches.is_empty() {
        let (english, chinese) = (join(&entry.touches, ", "), join(&entry.touches, "、"));
        said.push(words!(
            "what begins, ends or passes at {english}",
            "起止或经过 {chinese} 的连接"
        ));
    }
    if !entry.routing_of.is_empty() {
        let (english, chinese) = (join(&entry.routing_of, ", "), join(&entry.routing_of, "、"));
        said.push(words!("what leaves {english}", "离开 {chinese} 的连接"));
    }
    if !entry.missing_from.is_empty() {
        let (english, chinese) = (join(&entry.missing_from, ", "), join(&entry.missing_from, "、"));
        said.push(words!("what is asked of {english} as a whole", "对 {chinese} 整体的提问"));
    }
    let (english, chinese): (Vec<String>, Vec<String>) =
        said.iter().map(|it| (it.english().to_owned(), it.chinese().to_owned())).unzip();
    let (english, chinese) = (english.join("; "), chinese.join("；"));
    if entry.destinations.is_empty() {
        return Words::new(english, chinese);
    }
    let to: Vec<String> = entry.destinations.iter().map(ToString::to_string).collect();
    let to = to.join(", ");
    words!("{english}, to {to}", "{chinese}，目的为 {to}")
}

fn table<const N: usize>(text: &mut String, heads: &str, rows: impl Iterator<Item = [String; N]>) {
    let _ = writeln!(text, "| {heads} |");
    let _ = writeln!(text, "|{}", "---|".repeat(N));
    for row in rows {
        let cells = row.map(|cell| cell.replace('|', "\\|").replace('\n', " "));
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
}

fn group_rules(network: &Network) -> usize {
    let groups = network.security_groups.values();
    groups.map(|it| it.ingress.len() + it.egress.len()).sum()
}

fn acl_rules(network: &Network) -> usize {
    let acls = network.network_acls.values();
    acls.map(|it| it.ingress.len() + it.egress.len()).sum()
}

fn routes(network: &Network) -> usize {
    network.route_tables.values().map(|it| it.routes.len()).sum()
}
