//! The cloud's own way to write protocols, ports, addresses and rules, in whatever case (IMP-1).

use std::fmt::Write as _;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::diagnostic::{Words, is_hidden, words};
use crate::id::Id;
use crate::model::{ListenerProtocol, Protocols, Service};
use crate::space::{Action, AddressSet, IntervalSet, Protocol};

/// A word that says that nothing is restricted.
fn is_all(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || text.eq_ignore_ascii_case("all")
}

/// A CIDR, or an address as the CIDR that holds only it; host bits are cut off (ACL-9).
pub fn cidr(text: &str) -> Result<IpNet, Words> {
    let text = text.trim();
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map(|cidr| cidr.trunc())
        .map_err(|_| {
            words!("`{text}` is neither an address nor a CIDR", "`{text}` 既不是 IP 地址也不是网段")
        })
}

/// An address.
pub fn address(text: &str) -> Result<IpAddr, Words> {
    let text = text.trim();
    text.parse().map_err(|_| words!("`{text}` is no address", "`{text}` 不是 IP 地址"))
}

/// A member of an address template: an address, a CIDR or a range (SG-14).
pub fn addresses(text: &str) -> Result<AddressSet, Words> {
    let Some((first, last)) = text.split_once('-') else {
        return cidr(text).map(AddressSet::from);
    };
    let (first, last) = (address(first)?, address(last)?);
    if first.is_ipv4() != last.is_ipv4() || first > last {
        return Err(words!("`{text}` is no range of addresses", "`{text}` 不是 IP 地址范围"));
    }
    Ok(AddressSet::range(first, last))
}

/// `80`, `80,443`, `3306-20000`, `ALL`, nothing.
pub fn ports(text: &str) -> Result<IntervalSet<u16>, Words> {
    if is_all(text) {
        return Ok(IntervalSet::full());
    }
    let wrong = || words!("`{text}` is no list of ports", "`{text}` 不是端口列表");
    let port = |text: &str| text.trim().parse::<u16>().map_err(|_| wrong());
    let mut ranges = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (port(first)?, port(last)?);
        if first > last {
            return Err(wrong());
        }
        ranges.push((first, last));
    }
    Ok(IntervalSet::from_ranges(ranges))
}

/// A protocol and ports as two texts; the second counts for TCP and UDP only.
pub fn service(protocol: &str, port: &str) -> Result<Service, Words> {
    let protocols = protocols(protocol)?;
    let ports = match protocols {
        Protocols::One(protocol) if protocol.has_ports() => ports(port)?,
        Protocols::All if !is_all(port) => {
            return Err(words!("the port `{port}` needs a protocol", "端口 `{port}` 缺少协议"));
        }
        _ => IntervalSet::full(),
    };
    Ok(Service { protocols, ports })
}

fn protocols(text: &str) -> Result<Protocols, Words> {
    let known = [
        ("tcp", Protocol::TCP),
        ("udp", Protocol::UDP),
        ("icmp", Protocol::ICMP),
        ("icmpv6", Protocol::ICMPV6),
        ("gre", Protocol::GRE),
    ];
    if is_all(text) {
        return Ok(Protocols::All);
    }
    let mut known = known.into_iter();
    known
        .find(|(word, _)| text.trim().eq_ignore_ascii_case(word))
        .map(|(_, protocol)| Protocols::One(protocol))
        .ok_or_else(|| {
            words!("`{text}` is no protocol that is known here", "`{text}` 不是已知的协议")
        })
}

/// `tcp:80,443` of a service template.
pub fn template_service(text: &str) -> Result<Service, Words> {
    let (protocol, ports) = text.split_once(':').unwrap_or((text, ""));
    service(protocol, ports)
}

/// A service of a network ACL, which takes one port or one range: several are as many rules (ACL-8).
pub fn acl_services(protocol: &str, port: &str) -> Result<Vec<Service>, Words> {
    let service = service(protocol, port)?;
    if service.ports.ranges().len() <= 1 {
        return Ok(vec![service]);
    }
    let each = service.ports.ranges().map(|(first, last)| Service {
        protocols: service.protocols,
        ports: IntervalSet::range(first, last),
    });
    Ok(each.collect())
}

/// `ACCEPT` or `DROP`.
pub fn action(text: &str) -> Result<Action, Words> {
    if text.trim().eq_ignore_ascii_case("accept") {
        Ok(Action::Accept)
    } else if text.trim().eq_ignore_ascii_case("drop") {
        Ok(Action::Drop)
    } else {
        Err(words!("`{text}` is neither ACCEPT nor DROP", "`{text}` 既不是 ACCEPT 也不是 DROP"))
    }
}

/// The protocol of a listener.
pub fn listener_protocol(text: &str) -> Result<ListenerProtocol, Words> {
    let known = [
        ListenerProtocol::Tcp,
        ListenerProtocol::Udp,
        ListenerProtocol::TcpSsl,
        ListenerProtocol::Quic,
        ListenerProtocol::Http,
        ListenerProtocol::Https,
    ];
    let mut known = known.into_iter();
    known.find(|protocol| text.trim().eq_ignore_ascii_case(protocol.word())).ok_or_else(|| {
        words!(
            "`{text}` is no listener protocol that is known here",
            "`{text}` 不是已知的监听器协议"
        )
    })
}

/// The region of a zone: `ap-guangzhou-3` → `ap-guangzhou`.
pub fn region_of_zone(zone: &str) -> Option<&str> {
    let (region, number) = zone.trim().rsplit_once('-')?;
    let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    (is_number && region.contains('-')).then_some(region)
}

/// Words that mean services or hosts wherever an end is named, and beginnings that mean sets of them.
const WORDS: [&str; 9] =
    ["internet", "all", "tcp", "udp", "icmp", "icmpv6", "gre", "http", "https"];
const BEGINNINGS: [&str; 2] = ["tag:", "classic-link:"];

/// Whether a text means something else than an entity.
fn means_something_else(text: &str) -> bool {
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
        || BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
        || text.parse::<IpAddr>().is_ok()
        || text.parse::<IpNet>().is_ok()
}

/// An id, with what no id may hold written `%20`, and so the first letter of what would mean something else.
pub fn id(text: &str) -> Id {
    let forbidden =
        |letter: char| letter.is_whitespace() || is_hidden(letter) || "|&!(),".contains(letter);
    let is_taken = means_something_else(text);
    if !is_taken && !text.contains(forbidden) {
        return Id::from(text);
    }
    let mut safe = String::new();
    for (at, letter) in text.char_indices() {
        if forbidden(letter) || (is_taken && at == 0) {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                let _ = write!(safe, "%{byte:02X}");
            }
        } else {
            safe.push(letter);
        }
    }
    Id::from(safe)
}
