//! The names that other tools have for the fields and words of the format.

use super::parse_service;

/// Fields of Terraform, of consoles and of other firewalls, and what they are called here.
const FIELDS: [(&str, &[&str]); 14] = [
    (
        "from",
        &[
            "src",
            "source",
            "source_ip",
            "source_cidr",
            "cidr",
            "cidr_block",
            "cidr_ip",
            "client",
            "peer",
        ],
    ),
    (
        "to",
        &[
            "dst",
            "dest",
            "destination",
            "destination_cidr",
            "destination_cidr_block",
            "target",
            "server",
            "peer",
        ],
    ),
    ("service", &["port", "ports", "port_range", "protocol", "proto", "dport", "destination_port"]),
    ("cidr", &["cidr_block", "prefix", "range", "ip_range", "net"]),
    ("ip", &["address", "ip_address", "private_ip", "addr"]),
    ("security_groups", &["sg", "sgs", "groups", "security_group_ids", "orderly_security_groups"]),
    ("vpc", &["vpc_id"]),
    ("subnet", &["subnet_id"]),
    ("via", &["next_hop", "nexthop", "gateway", "next_type", "hop"]),
    ("because", &["reason", "why", "cause"]),
    ("eip", &["public_ip", "elastic_ip"]),
    ("classic", &["classic_instances", "classic_cvms", "classic_databases"]),
    ("expect", &["expectations", "assert", "assertions", "checks", "promises", "tests"]),
    ("targets", &["backends", "members", "servers"]),
];

/// Words of other tools that are near to none of ours, or to the wrong one.
const WORDS: [(&str, &[&str]); 4] = [
    ("Accept", &["allow", "permit", "pass", "true"]),
    ("Drop", &["deny", "block", "reject", "refuse", "discard", "false"]),
    (
        "Unreachable",
        &["notreachable", "cannotreach", "blocked", "denied", "isolated", "not_reachable"],
    ),
    ("Reachable", &["canreach", "reaches", "reach", "connect", "connects", "allowed"]),
];

/// The field that is called otherwise elsewhere, if it is one of those that may stand here.
pub fn field<'a>(written: &str, here: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase();
    let known = |name: &str| {
        let mut rows = FIELDS.iter();
        rows.any(|(ours, others)| *ours == name && others.contains(&written.as_str()))
    };
    here.into_iter().find(|name| known(name))
}

/// The word that is another elsewhere, if it is one of those that may stand here.
pub fn variant<'a>(written: &str, here: &[&'a str]) -> Option<&'a str> {
    let written = written.to_lowercase();
    let found = WORDS.iter().find(|(_, others)| others.contains(&written.as_str()));
    let ours = found.map(|(ours, _)| *ours)?;
    here.iter().copied().find(|name| *name == ours)
}

/// The one `service` of a protocol and of ports that were written apart.
pub fn service_of(protocol: Option<&str>, ports: Option<&str>) -> Option<String> {
    let bare = |text: &str| -> String {
        let kept = text.chars().filter(|it| !it.is_whitespace() && !"[]\"()".contains(*it));
        kept.collect()
    };
    let protocol = protocol.map_or_else(|| "tcp".to_owned(), bare);
    let text = match ports {
        Some(ports) => format!("{protocol}:{}", bare(ports)),
        None => protocol,
    };
    let service = parse_service(&text).ok()?;
    let service = service.to_string();
    let service = service.trim_end_matches(":all");
    Some(format!("service: \"{service}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_tools_lead_to_ours() {
        assert_eq!(field("src", ["to", "from"]), Some("from"));
        assert_eq!(field("src", ["to"]), None);
        assert_eq!(variant("Allow", &["Accept", "Drop"]), Some("Accept"));
        assert_eq!(variant("NotReachable", &["Reachable", "Unreachable"]), Some("Unreachable"));
        let said = |protocol, ports| service_of(protocol, ports);
        let written = |text: &str| Some(format!("service: \"{text}\""));
        assert_eq!(said(Some("\"tcp\""), Some("[22, 80]")), written("tcp:22,80"));
        assert_eq!(said(None, Some("22")), written("tcp:22"));
        assert_eq!(said(Some("\"UDP\""), None), written("udp"));
        assert_eq!(said(Some("\"x\""), Some("22")), None);
    }
}
