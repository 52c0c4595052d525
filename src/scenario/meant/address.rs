//! What somebody meant who wrote an address or a CIDR as other tools do, or with a slip of the hand.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net, Ipv4Subnets};

use super::write;
use crate::diagnostic::Words;
use crate::scenario::slip::letter::plain;

/// So many CIDRs of a range are named.
const MOST: usize = 4;

/// What to do about a text that is no CIDR.
pub fn cidr(text: &str) -> Option<Words> {
    let meant = cleaned(text);
    if let Ok(address) = meant.parse::<IpAddr>() {
        return Some(write(&around(address).to_string()));
    }
    whole(&meant).or_else(|| reason(&meant))
}

/// What to do about a text that is no address.
pub fn address(text: &str) -> Option<Words> {
    let meant = cleaned(text);
    if let Ok(address) = meant.parse::<IpAddr>() {
        return Some(write(&address.to_string()));
    }
    if let Ok(cidr) = meant.parse::<IpNet>() {
        let is_one = cidr.prefix_len() == cidr.max_prefix_len() || cidr.addr() != cidr.network();
        return is_one.then(|| write(&cidr.addr().to_string()));
    }
    if let Some((address, port)) = meant.rsplit_once(':')
        && let Ok(address) = address.parse::<Ipv4Addr>()
        && port.parse::<u16>().is_ok()
    {
        return Some(Words::new(
            format!("write `{address}`; a port stands in a `service`"),
            format!("请写 `{address}`；端口写在 `service` 中"),
        ));
    }
    decimal(&meant).map(|address| write(&address.to_string())).or_else(|| reason(&meant))
}

/// An address or a CIDR where either may stand.
pub fn either(text: &str) -> Option<Words> {
    let meant = cleaned(text);
    if let Ok(address) = meant.parse::<IpAddr>() {
        return Some(write(&address.to_string()));
    }
    if let Some(address) = decimal(&meant) {
        return Some(write(&address.to_string()));
    }
    whole(&meant).or_else(|| looks_like_one(&meant).then(|| reason(&meant)).flatten())
}

/// A CIDR in another notation.
fn whole(meant: &str) -> Option<Words> {
    if let Ok(cidr) = meant.parse::<IpNet>() {
        return Some(write(&cidr.to_string()));
    }
    if let Some((address, mask)) = meant.split_once('/')
        && let Some(address) = padded(address)
    {
        if let Ok(mask) = mask.parse::<Ipv4Addr>() {
            let cidr = Ipv4Net::with_netmask(address, mask).ok()?;
            return Some(write(&cidr.trunc().to_string()));
        }
        let cidr = Ipv4Net::new(address, mask.parse().ok()?).ok()?;
        return Some(write(&cidr.to_string()));
    }
    if let Some((first, last)) = meant.split_once('-') {
        return range(first.parse().ok()?, last.parse().ok()?);
    }
    starred(meant).map(|cidr| write(&cidr.to_string()))
}

/// The CIDRs of a range of addresses.
fn range(first: Ipv4Addr, last: Ipv4Addr) -> Option<Words> {
    if first > last {
        return None;
    }
    let cidrs: Vec<String> =
        Ipv4Subnets::new(first, last, 0).take(MOST + 1).map(|cidr| format!("`{cidr}`")).collect();
    match cidrs.as_slice() {
        [one] => Some(Words::new(format!("write {one}"), format!("请写 {one}"))),
        several if several.len() <= MOST => Some(Words::new(
            format!("these CIDRs make up the range: {}", several.join(", ")),
            format!("该范围由以下网段组成：{}", several.join("、")),
        )),
        _ => Some(Words::new(
            "write the range as CIDRs, such as `10.0.0.0/24`",
            "请把该范围写成网段，如 `10.0.0.0/24`",
        )),
    }
}

/// `10.8.1.*` and `10.8.1.x`.
fn starred(meant: &str) -> Option<Ipv4Net> {
    let parts: Vec<&str> = meant.split('.').collect();
    let kept = parts.iter().take_while(|part| !matches!(**part, "*" | "x"));
    let kept = kept.count();
    if parts.len() != 4 || kept == 4 {
        return None;
    }
    let address = padded(&parts[..kept].join("."))?;
    Ipv4Net::new(address, u8::try_from(kept * 8).ok()?).ok()
}

/// The network that somebody may have meant who left the mask out: as many zeros at its end as there are.
fn around(address: IpAddr) -> IpNet {
    let IpAddr::V4(address) = address else {
        return IpNet::from(address);
    };
    let octets = address.octets();
    let zeros = octets.iter().rev().take_while(|it| **it == 0);
    let kept = 4 - u8::try_from(zeros.count()).unwrap_or(0).min(3);
    Ipv4Net::new(address, kept * 8).map_or_else(|_| IpNet::from(IpAddr::V4(address)), IpNet::V4)
}

/// An address of fewer than four numbers with zeros at its end, or with zeros before its numbers.
fn padded(text: &str) -> Option<Ipv4Addr> {
    let numbers = numbers(text)?;
    let mut octets = [0; 4];
    if numbers.is_empty() || numbers.len() > 4 {
        return None;
    }
    for (octet, number) in octets.iter_mut().zip(numbers) {
        *octet = u8::try_from(number).ok()?;
    }
    Some(Ipv4Addr::from(octets))
}

/// An address whose numbers have zeros before them.
fn decimal(text: &str) -> Option<Ipv4Addr> {
    (numbers(text)?.len() == 4).then(|| padded(text)).flatten()
}

/// The numbers between the dots.
fn numbers(text: &str) -> Option<Vec<u32>> {
    let parts = text.split('.').map(|part| part.parse::<u32>().ok());
    parts.collect()
}

/// What no address can have.
fn reason(meant: &str) -> Option<Words> {
    let (address, mask) = match meant.split_once('/') {
        Some((address, mask)) => (address, Some(mask)),
        None => (meant, None),
    };
    if let Ok(one) = address.parse::<IpAddr>()
        && let Some(Ok(length)) = mask.map(str::parse::<u32>)
    {
        let most = if one.is_ipv4() { 32 } else { 128 };
        return (length > most).then(|| {
            Words::new(format!("a mask goes from /0 to /{most}"), format!("掩码为 /0 到 /{most}"))
        });
    }
    let numbers = numbers(address)?;
    if let Some(large) = numbers.iter().find(|number| **number > 255) {
        return Some(Words::new(
            format!("a number of an IPv4 address goes from 0 to 255, not to {large}"),
            format!("IPv4 地址的每一段为 0 到 255，不能是 {large}"),
        ));
    }
    let count = numbers.len();
    (count != 4).then(|| {
        Words::new(
            format!("an IPv4 address has four numbers, this has {count}"),
            format!("IPv4 地址有四段，此处有 {count} 段"),
        )
    })
}

/// Whether a text is meant as an address and not as a name.
fn looks_like_one(meant: &str) -> bool {
    meant.starts_with(|first: char| first.is_ascii_digit()) && meant.contains('.')
}

/// Without blanks, with plain letters, and with digits where letters look like them.
fn cleaned(text: &str) -> String {
    let text = plain(text).unwrap_or_else(|| text.to_owned());
    // Ends of lines, which are told by their names.
    let text = text.replace("\\n", "").replace("\\r", "").replace("\\t", "");
    let kept = text.chars().filter(|letter| !letter.is_whitespace());
    let text: String = kept.collect::<String>().replace('\\', "/").replace(['–', '~'], "-");
    let commas = text.split(',').count() == 4;
    let text = if commas && text.chars().all(|it| it.is_ascii_digit() || it == ',') {
        text.replace(',', ".")
    } else {
        text
    };
    let is_digit = |letter: char| letter.is_ascii_digit() || "./-:Ool".contains(letter);
    if !text.chars().all(is_digit) {
        return text;
    }
    text.replace(['O', 'o'], "0").replace('l', "1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(help: Option<Words>) -> String {
        help.map_or_else(|| "-".to_owned(), |words| words.english().to_owned())
    }

    #[test]
    fn a_cidr_of_another_notation_is_written_as_one() {
        for (text, help) in [
            ("10.8.1.0", "write `10.8.1.0/24`"),
            ("10.8.0.0", "write `10.8.0.0/16`"),
            ("10.8.1.7", "write `10.8.1.7/32`"),
            ("10.8.1.0/255.255.255.0", "write `10.8.1.0/24`"),
            ("10.8.1.0 / 24", "write `10.8.1.0/24`"),
            ("10.8.1.0\\24", "write `10.8.1.0/24`"),
            ("10.8/16", "write `10.8.0.0/16`"),
            ("10.8.01.0/24", "write `10.8.1.0/24`"),
            ("10.8.1.*", "write `10.8.1.0/24`"),
            ("10.8.1.O/24", "write `10.8.1.0/24`"),
            ("10.8.1.0-10.8.1.255", "write `10.8.1.0/24`"),
            ("10.8.1.0-10.8.1.2", "these CIDRs make up the range: `10.8.1.0/31`, `10.8.1.2/32`"),
            ("10.8.1.0/33", "a mask goes from /0 to /32"),
            ("10.8.256.0/24", "a number of an IPv4 address goes from 0 to 255, not to 256"),
            ("anything", "-"),
            ("/", "-"),
            ("-", "-"),
        ] {
            assert_eq!(said(cidr(text)), help, "{text}");
        }
    }

    #[test]
    fn an_address_with_too_much_or_too_little_is_told() {
        for (text, help) in [
            ("10.8.1.10/24", "write `10.8.1.10`"),
            ("10.8.1.0/24", "-"),
            ("10.8.01.10", "write `10.8.1.10`"),
            ("10.8.1.1O", "write `10.8.1.10`"),
            ("10.8.1.10:80", "write `10.8.1.10`; a port stands in a `service`"),
            ("10,8,1,10", "write `10.8.1.10`"),
            ("10.8.1.10\\n", "write `10.8.1.10`"),
            ("10.8.1", "an IPv4 address has four numbers, this has 3"),
            ("10.8.1.10.5", "an IPv4 address has four numbers, this has 5"),
        ] {
            assert_eq!(said(address(text)), help, "{text}");
        }
        assert_eq!(said(either("sg-web")), "-");
        assert_eq!(said(either("10.8.1.0/255.255.255.0")), "write `10.8.1.0/24`");
    }
}
