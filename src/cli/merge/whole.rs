//! The parts of all slices put together: complete, each once, of one question.

use super::super::format::FormatName;
use super::super::matrix::{only_tables, print};
use super::super::one::complain;
use super::super::parts::classes::{self, CLASSES};
use super::super::parts::told::{FAILURES, MATRIX, MatrixTold, beside, failures_of, failures_part};
use super::super::parts::{Facts, Part, VERSION, file, possible, write};
use super::super::shard::Shard;
use super::{Exit, Global, MergeArgs, Output};
use crate::code::Language;
use crate::diagnostic::{Words, chinese_of, visible};
use crate::render::failures::{FailuresTold, failures_json, failures_text};

/// Runs the command.
pub fn run(args: &MergeArgs, global: &Global, output: &mut Output) -> Exit {
    if let Err(exit) = possible(args.output.as_deref(), global, output) {
        return exit;
    }
    match merged(args) {
        Ok(part) => tell(args, &part, global, output),
        Err(wrong) => {
            complain(global, output, wrong.text(global.language()), None);
            Exit::Unusable
        }
    }
}

/// All parts as one, or why they are none.
fn merged(args: &MergeArgs) -> Result<Part, Words> {
    let mut parts: Vec<(String, Part)> = Vec::new();
    for path in &args.files {
        let name = visible(path).into_owned();
        if let Err(error) = std::fs::metadata(path) {
            return Err(Words::new(
                format!("cannot read {name}: {error}"),
                format!("无法读取 {name}：{}", chinese_of(&error)),
            ));
        }
        let part = file::read(path).map_err(|(name, error)| {
            let name = visible(&name).into_owned();
            Words::new(format!("cannot read {name}: {error}"), format!("无法读取 {name}：{error}"))
        })?;
        let none = || {
            Words::new(
                format!("{name} is no part that pathproof wrote"),
                format!("{name} 不是 pathproof 写出的分片"),
            )
        };
        let part = part.ok_or_else(none)?;
        // What stands beside a part is read with it, also where a pattern of names means both.
        if !is_beside(&part.facts.schema) {
            let wanted = beside(&part.facts.schema).iter().map(|(_, schema)| *schema);
            let mut beside = part.beside.iter().zip(wanted);
            if !beside.all(|(beside, schema)| goes_with(&part, beside, schema)) {
                return Err(Words::new(
                    format!("what stands beside {name} is of another run"),
                    format!("{name} 的附属表来自另一次运行"),
                ));
            }
            parts.push((name, part));
        }
    }
    parts.sort_by_key(|(_, part)| part.facts.shard.number);
    complete(&parts)?;
    let mut parts = parts.into_iter().map(|(_, part)| part);
    let Some(mut whole) = parts.next() else {
        return Err(Words::new("no file is given", "没有给出文件"));
    };
    for part in parts {
        add(&mut whole, &part);
    }
    whole.facts.shard = Shard::WHOLE;
    for beside in &mut whole.beside {
        beside.facts.shard = Shard::WHOLE;
    }
    Ok(whole)
}

/// Whether a table is one that another one refers to.
fn is_beside(schema: &str) -> bool {
    let mut all = classes::BESIDE.iter();
    all.any(|(_, own)| *own == schema)
}

/// Whether a table beside a part is the one that it refers to.
fn goes_with(part: &Part, beside: &Part, schema: &str) -> bool {
    let facts = Facts { schema: schema.to_owned(), ..part.facts.clone() };
    facts == beside.facts && beside.head == part.head
}

/// Whether the parts go together, and none is missing or there twice.
fn complete(parts: &[(String, Part)]) -> Result<(), Words> {
    let Some((first, one)) = parts.first() else {
        return Ok(());
    };
    if one.facts.version != VERSION {
        let version = visible(&one.facts.version).into_owned();
        return Err(Words::new(
            format!("{first} is of version {version}, this is {VERSION}"),
            format!("{first} 由版本 {version} 写出，当前版本为 {VERSION}"),
        ));
    }
    for (name, part) in parts {
        if let Some((what, chinese)) = other(one, part) {
            return Err(Words::new(
                format!("{first} and {name} are of {what}"),
                format!("{first} 与 {name} 的{chinese}不同"),
            ));
        }
    }
    for pair in parts.windows(2) {
        let [(a, one), (b, two)] = pair else { continue };
        if one.facts.shard == two.facts.shard {
            let shard = one.facts.shard;
            return Err(Words::new(
                format!("slice {shard} is there twice: {a} and {b}"),
                format!("分片 {shard} 重复：{a} 与 {b}"),
            ));
        }
    }
    let of = one.facts.shard.of;
    let is_there = |number: &usize| {
        let mut numbers = parts.iter().map(|(_, part)| part.facts.shard.number);
        numbers.any(|there| there == *number)
    };
    match (1..=of).find(|number| !is_there(number)) {
        None => Ok(()),
        Some(number) => Err(Words::new(
            format!("slice {number}/{of} is missing"),
            format!("缺少分片 {number}/{of}"),
        )),
    }
}

/// In what two parts differ that is to be the same.
fn other(one: &Part, two: &Part) -> Option<(&'static str, &'static str)> {
    let (a, b) = (&one.facts, &two.facts);
    let differ = |of: fn(&Facts) -> &str| of(a) != of(b);
    if differ(|facts| &facts.schema) {
        return Some(("different commands", "命令"));
    }
    if differ(|facts| &facts.version) {
        return Some(("different versions of pathproof", "程序版本"));
    }
    if differ(|facts| &facts.digest) || differ(|facts| &facts.file) {
        return Some(("different files, by name or content", "场景文件（名称或内容）"));
    }
    if differ(|facts| &facts.stage) || asked(one) != asked(two) {
        return Some(("different questions", "问题"));
    }
    if a.shard.of != b.shard.of {
        return Some(("different numbers of slices", "分片总数"));
    }
    None
}

/// The head without what each slice has of its own.
fn asked(part: &Part) -> serde_json::Value {
    let mut head = part.head.clone();
    if let Some(fields) = head.as_object_mut() {
        fields.remove("froms");
        fields.remove("tried");
    }
    head
}

fn add(whole: &mut Part, part: &Part) {
    if whole.facts.schema == CLASSES {
        classes::append(whole, part);
        return;
    }
    whole.table.append(&part.table, |_| true);
    let rows = part.head["froms"].as_array().cloned().unwrap_or_default();
    if let Some(froms) = whole.head["froms"].as_array_mut() {
        froms.extend(rows);
    }
    for at in 0..2 {
        let more = part.head["tried"][at].as_u64();
        if let (Some(more), Some(tried)) = (more, whole.head["tried"][at].as_u64()) {
            whole.head["tried"][at] = (tried + more).into();
        }
    }
}

/// Prints the whole, or writes it.
fn tell(args: &MergeArgs, part: &Part, global: &Global, output: &mut Output) -> Exit {
    let broken = Words::new(
        "the files are damaged: their rows do not go with their heads",
        "文件已损坏：行与文件头不一致",
    );
    let damaged = |output: &mut Output| {
        complain(global, output, broken.text(global.language()), None);
        Exit::Unusable
    };
    match part.facts.schema.as_str() {
        MATRIX => {
            let Some(told) = MatrixTold::of(part) else {
                return damaged(output);
            };
            if let Some(path) = &args.output {
                return write(path, &told.part(part.facts.clone()), true, global, output);
            }
            print(&told, Shard::WHOLE, global, output);
            Exit::Good
        }
        FAILURES => {
            let Some((told, warnings)) = failures_of(part) else {
                return damaged(output);
            };
            if let Some(path) = &args.output {
                let part = failures_part(&told, &warnings, part.facts.clone());
                return write(path, &part, true, global, output);
            }
            failures(&told, &warnings, global, output)
        }
        CLASSES => match &args.output {
            Some(path) => write(path, part, true, global, output),
            None => only_tables(global, output),
        },
        _ => damaged(output),
    }
}

fn failures(
    told: &FailuresTold,
    warnings: &[serde_json::Value],
    global: &Global,
    output: &mut Output,
) -> Exit {
    match global.format_name {
        FormatName::Json => output.json(&failures_json(told, warnings, global.language())),
        FormatName::Text => output.result(&failures_text(told, global.language())),
        other => {
            let name = other.name();
            let message = match global.language() {
                Language::English => {
                    format!("`failures` has no format `{name}`; it has text, json")
                }
                Language::Chinese => {
                    format!("`failures` 没有格式 `{name}`；可用格式：text, json")
                }
            };
            complain(global, output, &message, None);
            return Exit::Unusable;
        }
    }
    if told.is_good() { Exit::Good } else { Exit::Finding }
}
