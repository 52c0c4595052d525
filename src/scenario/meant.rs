//! What somebody meant who wrote a service, an address or a set in the words of another tool.

mod address;
mod names;

pub use address::{address, cidr, either};
pub use names::{field, service_of, variant};

use super::service::parse_service;
use super::slip::letter::plain;
use crate::diagnostic::Words;

/// The services that people know by name.
const NAMED: [(&str, &str); 29] = [
    ("http", "tcp:80"),
    ("https", "tcp:443"),
    ("ssh", "tcp:22"),
    ("sftp", "tcp:22"),
    ("ftp", "tcp:21"),
    ("telnet", "tcp:23"),
    ("smtp", "tcp:25"),
    ("dns", "udp:53"),
    ("ntp", "udp:123"),
    ("snmp", "udp:161"),
    ("syslog", "udp:514"),
    ("imap", "tcp:143"),
    ("pop3", "tcp:110"),
    ("ldap", "tcp:389"),
    ("ldaps", "tcp:636"),
    ("smb", "tcp:445"),
    ("nfs", "tcp:2049"),
    ("rdp", "tcp:3389"),
    ("mysql", "tcp:3306"),
    ("mariadb", "tcp:3306"),
    ("postgres", "tcp:5432"),
    ("postgresql", "tcp:5432"),
    ("sqlserver", "tcp:1433"),
    ("mssql", "tcp:1433"),
    ("redis", "tcp:6379"),
    ("mongodb", "tcp:27017"),
    ("memcached", "tcp:11211"),
    ("ping", "icmp"),
    ("ping6", "icmpv6"),
];

/// Other words for everything.
const ALL: [&str; 5] = ["any", "*", "-1", "everything", "-"];

/// How a service is written that was written in another way: `443/tcp`, `https`, `any`.
pub fn service(text: &str) -> Option<String> {
    let text = plain(text).unwrap_or_else(|| text.to_owned()).to_lowercase();
    let text = text.trim();
    if ALL.contains(&text) {
        return Some(String::from("all"));
    }
    let named = |word: &str| NAMED.iter().find(|(name, _)| *name == word);
    if let Some((_, service)) = named(text) {
        return Some((*service).to_owned());
    }
    let mut candidates = vec![
        text.replace('：', ":"),
        format!("tcp:{text}"),
        text.strip_prefix(':').map_or_else(String::new, |port| format!("tcp:{port}")),
        text.replace(['/', ' ', '-'], ":"),
        text.replacen([' ', '/'], ":", 1),
        text.replace("..", "-").replace(['~', '–'], "-"),
        text.replace([';', '|'], ","),
        text.replacen('.', ":", 1),
    ];
    if let [protocol, first, last] = text.split(':').collect::<Vec<_>>()[..] {
        candidates.push(format!("{protocol}:{first}-{last}"));
    }
    if let Some((left, right)) = text.split_once(['/', ' ', ':']) {
        // The protocol, and the whole service once more.
        if right.starts_with(left) {
            candidates.push(right.to_owned());
        }
        candidates.push(format!("{right}:{left}"));
        if let Some((_, service)) = named(right.trim()) {
            candidates.push((*service).to_owned());
        }
        if let Some((protocol, _)) = named(left.trim()).and_then(|(_, it)| it.split_once(':')) {
            candidates.push(format!("{protocol}:{right}"));
        }
        if ALL.contains(&right.trim()) {
            candidates.push(left.to_owned());
        }
    }
    candidates
        .into_iter()
        .find_map(|text| parse_service(&text).ok().map(|service| service.to_string()))
}

/// The services of `tcp:443,udp:53`, each as it is written alone.
pub fn services(text: &str) -> Option<Vec<String>> {
    let parts: Vec<&str> = text.split([',', ';', '|', '，']).collect();
    let read = |part: &&str| {
        let part = part.trim();
        parse_service(part).ok().map(|service| service.to_string())
    };
    let services: Vec<String> = parts.iter().map(read).collect::<Option<_>>()?;
    (services.len() > 1).then_some(services)
}

/// What to write instead of a list of services: their ports together if they have one protocol, else a line for each.
pub fn one_service(all: &[String]) -> Words {
    let ports = all.iter().map(|text| text.split_once(':'));
    let ports: Option<Vec<(&str, &str)>> = ports.collect();
    let together = ports.and_then(|all| {
        let (protocol, _) = *all.first()?;
        let same = all.iter().all(|(other, _)| *other == protocol);
        let ports: Vec<&str> = all.iter().map(|(_, ports)| *ports).collect();
        let text = format!("{protocol}:{}", ports.join(","));
        let service = parse_service(&text).ok().filter(|_| same)?;
        Some(write(&format!("\"{service}\"")))
    });
    together.unwrap_or_else(|| apart(all))
}

/// What to write instead of a list of ends.
pub fn joined(all: &[String]) -> Words {
    write(&format!("\"{}\"", all.join(" | ")))
}

/// What to write instead of a list of other sides.
pub fn one_peer(all: &[String]) -> Words {
    let all: Vec<String> = all.iter().map(|one| format!("`{one}`")).collect();
    Words::new(
        format!(
            "a rule has one other side: write a rule for each of {}, or an address template with all of them",
            all.join(", ")
        ),
        format!(
            "一条规则只能写一个对端：请为 {} 各写一条规则，或使用包含它们的 IP 地址模板",
            all.join("、")
        ),
    )
}

/// That every service needs a line of its own.
fn apart(services: &[String]) -> Words {
    let all: Vec<String> = services.iter().map(|one| format!("`{one}`")).collect();
    Words::new(
        format!("a service has one protocol: write one line for each of {}", all.join(", ")),
        format!("一个 `service` 只能有一种协议：请为 {} 各写一条", all.join("、")),
    )
}

/// What to do about a service that cannot be read.
pub fn service_help(text: &str) -> Option<Words> {
    if let Some(services) = services(text) {
        return Some(apart(&services));
    }
    service(text).map(|meant| write(&meant))
}

/// What to write instead of several ids in one word, joined by what joins them elsewhere: `ins-a、ins-b`.
pub fn several(text: &str, is_set: bool) -> Option<Words> {
    let ids: Vec<&str> = text.split([',', '，', '、', ';', '；']).map(str::trim).collect();
    if ids.len() < 2 || ids.iter().any(|id| id.is_empty()) {
        return None;
    }
    Some(if is_set {
        write(&ids.join(" | "))
    } else {
        let ids: Vec<String> = ids.iter().map(|id| format!("\"{id}\"")).collect();
        write(&ids.join(", "))
    })
}

/// The word of the format for one that names everybody or the Internet elsewhere, in a selector.
pub fn selector(word: &str) -> Option<Words> {
    let lower = word.to_lowercase();
    if ["internet", "public", "world", "wan", "外网", "公网", "互联网"].contains(&lower.as_str())
    {
        return Some(write("internet"));
    }
    let everybody = ["any", "all", "*", "everybody", "everyone", "anywhere"];
    everybody.contains(&lower.as_str()).then(|| {
        Words::new(
            "write `internet` for every public host, the id of a VPC for all in it; `a | b` joins sets",
            "`internet` 表示所有公网主机，VPC 的 ID 表示其中全部实例；`a | b` 表示并集",
        )
    })
}

/// The same where a rule names its other side.
pub fn peer(word: &str) -> Option<Words> {
    let lower = word.to_lowercase();
    let words = [
        "any",
        "all",
        "*",
        "internet",
        "public",
        "world",
        "anywhere",
        "everyone",
        "外网",
        "公网",
        "互联网",
    ];
    words.contains(&lower.as_str()).then(|| {
        Words::new(
            "write `0.0.0.0/0`, or leave the field out for everybody",
            "请写 `0.0.0.0/0`，或省略该字段表示所有地址",
        )
    })
}

/// "write `…`".
pub fn write(text: &str) -> Words {
    Words::new(format!("write `{text}`"), format!("请写 `{text}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_in_the_words_of_others_are_understood() {
        for (text, meant) in [
            ("443/tcp", "tcp:443"),
            ("443", "tcp:443"),
            ("80,443", "tcp:80,443"),
            ("https", "tcp:443"),
            ("HTTPS", "tcp:443"),
            ("ping", "icmp"),
            ("any", "all"),
            ("tcp/443", "tcp:443"),
            ("TCP 443", "tcp:443"),
            ("tcp-443", "tcp:443"),
            ("tcp:https", "tcp:443"),
            ("tcp:*", "tcp:all"),
            ("tcp:80~90", "tcp:80-90"),
            ("tcp：443", "tcp:443"),
            ("80-90/udp", "udp:80-90"),
            (":443", "tcp:443"),
            ("tcp:tcp:443", "tcp:443"),
        ] {
            assert_eq!(service(text).as_deref(), Some(meant), "{text}");
        }
        for text in ["teapot", "tcp:70000", "", "sg-web"] {
            assert_eq!(service(text), None, "{text}");
        }
    }

    #[test]
    fn ids_in_one_word_are_told_apart() {
        let help = |text, is_set| several(text, is_set).map(|words| words.to_string());
        assert_eq!(help("ins-a、ins-b", true).as_deref(), Some("write `ins-a | ins-b`"));
        assert_eq!(help("sg-a；sg-b", false).as_deref(), Some("write `\"sg-a\", \"sg-b\"`"));
        assert_eq!(help("ins-a", true), None);
        assert_eq!(help("，", true), None);
    }

    #[test]
    fn several_services_are_told_apart() {
        let two = vec![String::from("tcp:443"), String::from("udp:53")];
        assert_eq!(services("tcp:443,udp:53"), Some(two));
        assert_eq!(services("tcp:443"), None);
    }
}
