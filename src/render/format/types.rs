//! The notation of types: `list of id of vpcs`, `map of record route`, `Running/Stopped`.

use super::record;
use crate::code::Language;

/// A type as people read it.
pub(super) fn told(kind: &str, language: Language) -> String {
    match language {
        Language::English => english(kind),
        Language::Chinese => chinese(kind),
    }
}

fn english(kind: &str) -> String {
    if let Some(inner) = kind.strip_prefix("map of ") {
        return format!("map from ids to {}", english(inner));
    }
    kind.replace("record ", "")
}

fn chinese(kind: &str) -> String {
    if let Some(inner) = kind.strip_prefix("list of ") {
        return format!("列表：{}", chinese(inner));
    }
    if let Some(inner) = kind.strip_prefix("map of ") {
        return format!("以 ID 为键的映射：{}", chinese(inner));
    }
    if let Some(inner) = kind.strip_prefix("pair of ") {
        return format!("一对：{}", chinese(inner));
    }
    if let Some(name) = kind.strip_prefix("record ") {
        let found = record(name).map(|record| record.one.chinese().to_owned());
        return found.unwrap_or_else(|| name.to_owned());
    }
    if let Some((first, ids)) = kind.split_once("or id of ") {
        let first = first.trim_end_matches([',', ' ']);
        let first: Vec<String> = first.split(", ").map(chinese).collect();
        return format!("{}或 {ids} 的 ID", first.join("、"));
    }
    if let Some(ids) = kind.strip_prefix("id of ") {
        return format!("{ids} 的 ID");
    }
    if let Some(range) = kind.strip_prefix("number ") {
        return format!("整数 {range}");
    }
    let word = WORDS.iter().find(|(english, _)| *english == kind);
    word.map_or_else(|| kind.replace("record ", ""), |(_, chinese)| (*chinese).to_owned())
}

/// The single types in Chinese.
const WORDS: [(&str, &str); 23] = [
    ("text", "字符串"),
    ("region", "地域"),
    ("address", "地址"),
    ("cidr", "网段"),
    ("address or cidr", "地址或网段"),
    ("addresses", "地址、网段或范围"),
    ("cidr or internet", "网段或 `internet`"),
    ("cidr or route name", "网段，或 (to, via)"),
    ("range", "地址范围"),
    ("port", "端口"),
    ("ports", "端口"),
    ("bool", "布尔值"),
    ("service", "服务"),
    ("listener service", "监听器的服务"),
    ("selector", "集合"),
    ("code", "代码"),
    ("day", "日期"),
    ("id", "ID"),
    ("member", "成员 Vpc(id)、VpnGateway(id) 或 DirectConnectGateway(id)"),
    ("expectation", "期望"),
    ("change", "变更"),
    ("next hop", "下一跳"),
    ("number", "整数"),
];
