//! Services and ports in the cloud's own notation: `tcp:80,443`, `udp:3306-20000`, `icmp`, `all` (SG-10, SG-11).

use super::meant;
use super::mistake::Mistake;
use super::near;
use crate::diagnostic::Words;
use crate::model::{ListenerProtocol, Protocols, Service};
use crate::space::{IntervalSet, Protocol};

/// The protocols that the format names; none of them can be an id.
pub const PROTOCOLS: [&str; 7] = ["tcp", "udp", "icmp", "icmpv6", "gre", "http", "https"];

/// What a service may begin with.
const SERVICES: [(&str, Protocols); 6] = [
    ("tcp", Protocols::One(Protocol::TCP)),
    ("udp", Protocols::One(Protocol::UDP)),
    ("icmp", Protocols::One(Protocol::ICMP)),
    ("icmpv6", Protocols::One(Protocol::ICMPV6)),
    ("gre", Protocols::One(Protocol::GRE)),
    ("all", Protocols::All),
];

/// What the service of a listener may begin with (CLB-2).
const LISTENERS: [(&str, ListenerProtocol); 6] = [
    ("tcp", ListenerProtocol::Tcp),
    ("udp", ListenerProtocol::Udp),
    ("http", ListenerProtocol::Http),
    ("https", ListenerProtocol::Https),
    ("tcp_ssl", ListenerProtocol::TcpSsl),
    ("quic", ListenerProtocol::Quic),
];

/// A service, with what may have been meant if it is none.
///
/// ```
/// use pathproof::scenario::parse_service;
///
/// let service = parse_service("TCP:80,443").expect("a service");
/// assert_eq!(service.to_string(), "tcp:80,443");
///
/// let mistake = parse_service("443/tcp").expect_err("another notation");
/// assert_eq!(mistake.help.expect("what was meant").english(), "write `tcp:443`");
/// ```
///
/// # Errors
///
/// With the part that is wrong.
pub fn parse_meant(text: &str) -> Result<Service, Mistake> {
    parse_service(text).map_err(|mistake| match meant::service_help(text) {
        // several services, or another notation: then the whole is wrong, not a part of it
        Some(help) => Mistake::invalid(
            0..text.len(),
            Words::new(format!("`{text}` is no service"), format!("`{text}` 不是有效的服务")),
        )
        .with_help(Some(help)),
        None => mistake,
    })
}

/// A service. Ports belong to TCP and UDP only.
pub fn parse_service(text: &str) -> Result<Service, Mistake> {
    let (protocols, ports) = split(text, &SERVICES)?;
    let ports = match ports {
        None => IntervalSet::full(),
        Some((at, ports)) => {
            let set = parse_ports(ports).map_err(|mistake| mistake.moved(at))?;
            let has_ports = matches!(protocols, Protocols::One(protocol) if protocol.has_ports());
            if !has_ports && !set.is_full() {
                let word = text.split(':').next().unwrap_or(text).trim();
                return Err(Mistake::invalid(
                    at..text.len(),
                    Words::new(format!("`{word}` has no ports"), format!("`{word}` 没有端口")),
                )
                .with_help(Some(Words::new(
                    "ports belong to tcp and udp",
                    "只有 tcp 和 udp 有端口",
                ))));
            }
            set
        }
    };
    Ok(Service { protocols, ports })
}

/// A service of a network ACL: no GRE, and one port or one range (ACL-8).
pub fn parse_acl_service(text: &str) -> Result<Service, Mistake> {
    let service = parse_meant(text)?;
    if let Some(comma) = text.find(',') {
        return Err(Mistake::invalid(
            comma..comma + 1,
            Words::new(
                "a network ACL rule takes one port or one range",
                "网络 ACL 规则只能写一个端口或一个范围",
            ),
        )
        .with_help(Some(Words::new(
            "write a rule for each (ACL-8)",
            "请分别写成多条规则（ACL-8）",
        ))));
    }
    if service.protocols == Protocols::One(Protocol::GRE) {
        return Err(Mistake::invalid(
            0..text.len(),
            Words::new("a network ACL has no rules for GRE", "网络 ACL 规则不支持 GRE"),
        )
        .with_help(Some(Words::new(
            "its protocols are tcp, udp, icmp and all (ACL-8)",
            "支持的协议为 tcp、udp、icmp 和 all（ACL-8）",
        ))));
    }
    Ok(service)
}

/// The service of a listener.
pub fn parse_listener(text: &str) -> Result<(ListenerProtocol, IntervalSet<u16>), Mistake> {
    let (protocol, ports) = split(text, &LISTENERS)?;
    let Some((at, ports)) = ports else {
        return Err(Mistake::invalid(
            0..text.len(),
            Words::new("a listener needs a port", "监听器必须有端口"),
        )
        .with_help(Some(Words::new(
            format!("write `{}:443`", protocol.word()),
            format!("请写 `{}:443`", protocol.word()),
        ))));
    };
    let ports = parse_ports(ports).map_err(|mistake| mistake.moved(at))?;
    Ok((protocol, ports))
}

/// Ports alone: `1024-65535`, `80,443`, `all`.
pub fn parse_ports(text: &str) -> Result<IntervalSet<u16>, Mistake> {
    if text.trim().eq_ignore_ascii_case("all") {
        return Ok(IntervalSet::full());
    }
    let mut ranges = Vec::new();
    let mut at = 0;
    for part in text.split(',') {
        ranges.push(parse_port_range(part).map_err(|mistake| mistake.moved(at))?);
        at += part.len() + 1;
    }
    Ok(IntervalSet::from_ranges(ranges))
}

fn parse_port_range(text: &str) -> Result<(u16, u16), Mistake> {
    let invalid = |message: Words| Mistake::invalid(0..text.len(), message);
    let port = |part: &str| -> Result<u16, Mistake> {
        let part = part.trim();
        if part.is_empty() {
            return Err(invalid(Words::new("a port is missing here", "此处缺少端口")));
        }
        if !part.bytes().all(|letter| letter.is_ascii_digit()) {
            return Err(invalid(Words::new(
                format!("`{part}` is no port"),
                format!("`{part}` 不是端口"),
            )));
        }
        part.parse().map_err(|_| {
            invalid(Words::new(
                format!("{part} is no port; they go from 0 to 65535"),
                format!("{part} 不是端口；端口取值为 0 到 65535"),
            ))
        })
    };
    let Some((first, last)) = text.split_once('-') else {
        return port(text).map(|port| (port, port));
    };
    let (first, last) = (port(first)?, port(last)?);
    if first > last {
        return Err(invalid(Words::new("the range ends before it begins", "范围的终点小于起点"))
            .with_help(Some(Words::new(
                format!("write `{last}-{first}`"),
                format!("请写 `{last}-{first}`"),
            ))));
    }
    Ok((first, last))
}

/// The protocol word, and the ports with their place.
#[expect(clippy::type_complexity, reason = "protocol, and where the ports are if there are any")]
fn split<'a, T: Copy>(
    text: &'a str,
    words: &[(&'static str, T)],
) -> Result<(T, Option<(usize, &'a str)>), Mistake> {
    let (word, ports) = match text.split_once(':') {
        Some((word, ports)) => (word, Some((word.len() + 1, ports))),
        None => (text, None),
    };
    let found = words.iter().find(|(name, _)| word.trim().eq_ignore_ascii_case(name));
    let Some((_, protocol)) = found else {
        let message = Words::new(
            format!("`{}` is no protocol", word.trim()),
            format!("`{}` 不是支持的协议", word.trim()),
        );
        let names = words.iter().map(|(name, _)| *name);
        return Err(Mistake::invalid(0..word.len(), message).with_help(near::help(
            word.trim(),
            &near::one_of(),
            names,
        )));
    };
    Ok((*protocol, ports))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(text: &str) -> String {
        match parse_service(text) {
            Ok(service) => service.to_string(),
            Err(mistake) => format!("{}: {}", &text[mistake.at], mistake.message),
        }
    }

    #[test]
    fn the_clouds_notation_is_read_in_any_case() {
        for (text, means) in [
            ("tcp:80", "tcp:80"),
            ("TCP:80,443", "tcp:80,443"),
            ("udp:3306-20000", "udp:3306-20000"),
            ("tcp:ALL", "tcp:all"),
            ("tcp", "tcp:all"),
            ("tcp:0-65535", "tcp:all"),
            ("ICMP", "icmp"),
            ("icmpv6", "icmpv6"),
            ("gre", "gre"),
            ("all", "all"),
            ("all:all", "all"),
            ("tcp: 80, 443-445 ", "tcp:80,443-445"),
        ] {
            assert_eq!(service(text), means, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_pointed_at() {
        assert_eq!(service("tpc:80"), "tpc: `tpc` is no protocol");
        assert_eq!(service("tcp:80,70000"), "70000: 70000 is no port; they go from 0 to 65535");
        assert_eq!(service("tcp:90-80"), "90-80: the range ends before it begins");
        assert_eq!(service("icmp:8"), "8: `icmp` has no ports");
        assert_eq!(service("tcp:"), ": a port is missing here");
        assert_eq!(service("tcp:80,"), ": a port is missing here");
        assert_eq!(service("tcp:+80"), "+80: `+80` is no port");
        assert_eq!(service(""), ": `` is no protocol");
    }

    #[test]
    fn an_acl_takes_one_range_and_no_gre() {
        assert!(parse_acl_service("tcp:80-90").is_ok());
        assert_eq!(parse_acl_service("tcp:80,81").map_err(|mistake| mistake.at), Err(6..7));
        assert!(parse_acl_service("gre").is_err());
    }

    #[test]
    fn a_listener_has_a_protocol_of_its_own_and_a_port() {
        let (protocol, ports) = parse_listener("https:443").expect("a listener");
        assert_eq!((protocol.word(), ports.to_string()), ("https", String::from("443")));
        assert!(parse_listener("tcp").is_err());
        assert!(parse_listener("icmp").is_err());
    }
}
