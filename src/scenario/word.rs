//! Single values: texts, ids, addresses, CIDRs, numbers, words and variants.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

use super::meant;
use super::mistake::Mistake;
use super::reader::Reader;
use super::reference::Wanted;
use super::service;
use super::value::{self, Shape, Value};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Words, is_hidden};
use crate::id::Id;
use crate::model::Service;
use crate::space::{AddressSet, IntervalSet};

/// Any string.
pub fn text<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<String> {
    at.string(value).map(std::borrow::Cow::into_owned)
}

/// A string that says something.
pub fn words<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<String> {
    let text = text(value, at)?;
    if text.trim().is_empty() {
        return at.invalid(value.text(), Words::new("this must not be empty", "此处不能为空"));
    }
    Some(text)
}

/// `true` or `false`.
pub fn boolean<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<bool> {
    match value.boolean() {
        Ok(boolean) => Some(boolean),
        Err(_) => at.shape(value, &Words::new("`true` or `false`", "`true` 或 `false`")),
    }
}

/// A number from `least` to `most`.
pub fn number<'src, T>(least: T, most: T) -> impl Fn(Value<'src>, &mut Reader<'src>) -> Option<T>
where
    T: TryFrom<u64> + PartialOrd + std::fmt::Display,
{
    move |value, at| {
        if value.shape() != Shape::Number {
            return at.shape(value, &Shape::Number.words());
        }
        let number = value.number::<u64>().ok().and_then(|number| T::try_from(number).ok());
        match number {
            Some(number) if number >= least && number <= most => Some(number),
            _ => at.invalid(
                value.text(),
                Words::new(
                    format!("a whole number from {least} to {most} is needed here"),
                    format!("此处需要 {least} 到 {most} 的整数"),
                ),
            ),
        }
    }
}

/// A port on which something is served.
pub fn port<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<u16> {
    number(1, u16::MAX)(value, at)
}

/// The id of a new thing, with the rules for ids (section 2 of the format).
pub fn new_id<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Id> {
    let text = at.exact(value)?;
    match check_id(&text) {
        Ok(()) => Some(Id::from(text.as_ref())),
        Err(mistake) => at.mistake(value, &text, mistake),
    }
}

/// Whether a text may be an id.
pub fn check_id(text: &str) -> Result<(), Mistake> {
    if text.is_empty() {
        return Err(Mistake::invalid(0..0, Words::new("an id must not be empty", "ID 不能为空")));
    }
    let forbidden =
        |letter: char| letter.is_whitespace() || is_hidden(letter) || "|&!(),".contains(letter);
    if let Some((at, letter)) = text.char_indices().find(|(_, letter)| forbidden(*letter)) {
        let what = if letter.is_whitespace() {
            Words::new("a blank", "空白")
        } else {
            Words::new(format!("`{letter}`"), format!(" `{letter}`"))
        };
        return Err(Mistake::invalid(
            at..at + letter.len_utf8(),
            Words::new(
                format!("an id must not contain {what}"),
                format!("ID 不能包含{}", what.chinese()),
            ),
        ));
    }
    let meaning = if text == "internet" {
        Words::new("the public hosts that the file does not own", "不属于本文件的公网主机")
    } else if text.eq_ignore_ascii_case("all")
        || service::PROTOCOLS.iter().any(|word| text.eq_ignore_ascii_case(word))
    {
        Words::new("a service", "一种服务")
    } else if text.parse::<IpAddr>().is_ok() || text.parse::<IpNet>().is_ok() {
        Words::new("addresses", "地址")
    } else if text.starts_with("tag:") {
        Words::new("the endpoints with a tag", "带有某标签的实例")
    } else if text.starts_with("classic:") {
        Words::new("the classic network of a region", "某个地域的基础网络")
    } else if text.starts_with("classic-link:") {
        Words::new("the classic links of a VPC", "私有网络的基础网络互通")
    } else {
        return Ok(());
    };
    let message = Words::new(
        format!("`{text}` means {meaning} and cannot be an id"),
        format!("`{text}` 表示{}，不能用作 ID", meaning.chinese()),
    );
    Err(Mistake { code: Code::ReservedId, ..Mistake::invalid(0..text.len(), message) })
}

/// The id of something that must exist.
pub fn reference<'src>(wanted: Wanted) -> impl Fn(Value<'src>, &mut Reader<'src>) -> Option<Id> {
    move |value, at| {
        let text = at.string(value)?;
        let id = Id::from(text.as_ref());
        at.refer(&id, value.text(), wanted);
        Some(id)
    }
}

/// An address.
pub fn address<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<IpAddr> {
    let text = at.string(value)?;
    match parse_address(&text) {
        Ok(address) => Some(address),
        Err(mistake) => at.mistake(value, &text, mistake),
    }
}

/// An address of IPv6.
pub fn address_v6<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<IpAddr> {
    let address = address(value, at)?;
    if address.is_ipv4() {
        return at.invalid(
            value.text(),
            Words::new("an IPv6 address is needed here", "此处需要 IPv6 地址"),
        );
    }
    Some(address)
}

/// An address, from text.
pub fn parse_address(text: &str) -> Result<IpAddr, Mistake> {
    IpAddr::from_str(text).map_err(|_| {
        let message = if IpNet::from_str(text).is_ok() {
            Words::new(
                format!("an address is needed here, `{text}` is a CIDR"),
                format!("此处需要一个地址，而 `{text}` 是网段"),
            )
        } else {
            Words::new(format!("`{text}` is no address"), format!("`{text}` 不是有效的地址"))
        };
        Mistake::invalid(0..text.len(), message).with_help(meant::address(text))
    })
}

/// A CIDR; host bits are masked off with a warning (ACL-9).
pub fn cidr<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<IpNet> {
    let text = at.string(value)?;
    match parse_cidr(&text) {
        Ok(cidr) => Some(masked(cidr, value, at)),
        Err(mistake) => at.mistake(value, &text, mistake),
    }
}

/// A CIDR of IPv6.
pub fn cidr_v6<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<IpNet> {
    let cidr = cidr(value, at)?;
    if cidr.addr().is_ipv4() {
        return at.invalid(
            value.text(),
            Words::new("an IPv6 CIDR is needed here", "此处需要 IPv6 网段"),
        );
    }
    Some(cidr)
}

/// A CIDR as written, from text.
pub fn parse_cidr(text: &str) -> Result<IpNet, Mistake> {
    IpNet::from_str(text).map_err(|_| {
        let mistake = Mistake::invalid(
            0..text.len(),
            Words::new(format!("`{text}` is no CIDR"), format!("`{text}` 不是有效的网段")),
        );
        mistake.with_help(meant::cidr(text))
    })
}

/// Without host bits, and a warning if there were any.
pub fn masked<'src>(cidr: IpNet, value: Value<'src>, at: &mut Reader<'src>) -> IpNet {
    let network = cidr.trunc();
    if network != cidr {
        let span = at.span(value.text());
        let message = Words::new(
            format!("`{cidr}` has host bits; it is read as `{network}`"),
            format!("`{cidr}` 含有主机位，按 `{network}` 处理"),
        );
        at.report(Diagnostic::warning(Code::HostBitsMasked, span, message));
    }
    network
}

/// An address or a CIDR.
pub fn address_or_cidr<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<IpNet> {
    let text = at.string(value)?;
    let read = IpAddr::from_str(&text).map(IpNet::from);
    if let Ok(cidr) = read.or_else(|_| parse_cidr(&text)) {
        return Some(masked(cidr, value, at));
    }
    let message = Words::new(
        format!("`{text}` is neither an address nor a CIDR"),
        format!("`{text}` 既不是地址也不是网段"),
    );
    match meant::either(&text) {
        Some(help) => at.invalid_with(value.text(), message, help),
        None => at.invalid(value.text(), message),
    }
}

/// A member of an address template: an address, a CIDR or a range (SG-14).
pub fn addresses<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<AddressSet> {
    let text = at.string(value)?;
    if text.contains('-') {
        return range(value, at).map(|(first, last)| AddressSet::range(first, last));
    }
    address_or_cidr(value, at).map(AddressSet::from)
}

/// `10.1.2.10-10.1.2.200`, or one address.
pub fn range<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<(IpAddr, IpAddr)> {
    let text = at.string(value)?;
    match parse_range(&text) {
        Ok(range) => Some(range),
        Err(mistake) => at.mistake(value, &text, mistake),
    }
}

fn parse_range(text: &str) -> Result<(IpAddr, IpAddr), Mistake> {
    let Some((first, last)) = text.split_once('-') else {
        return parse_address(text).map(|address| (address, address));
    };
    let offset = first.len() + 1;
    let first = parse_address(first.trim())?;
    let last = parse_address(last.trim()).map_err(|mistake| mistake.moved(offset))?;
    if first.is_ipv4() != last.is_ipv4() {
        return Err(Mistake::invalid(
            0..text.len(),
            Words::new(
                "the ends of a range must be both IPv4 or both IPv6",
                "范围的两端必须同为 IPv4 或同为 IPv6",
            ),
        ));
    }
    if first > last {
        let mistake = Mistake::invalid(
            0..text.len(),
            Words::new("the range ends before it begins", "范围的终点小于起点"),
        );
        return Err(mistake.with_help(Some(Words::new(
            format!("write `{last}-{first}`"),
            format!("请写 `{last}-{first}`"),
        ))));
    }
    Ok((first, last))
}

/// The text of a service. Without quotes it is told what it may be.
pub fn service_text<'src>(
    value: Value<'src>,
    at: &mut Reader<'src>,
) -> Option<std::borrow::Cow<'src, str>> {
    if !matches!(value.shape(), Shape::Number | Shape::Word) {
        if at.is_listed(value, meant::one_service) {
            return None;
        }
        return at.string(value);
    }
    let written = value::without_comments(value.text());
    match meant::service(written) {
        Some(meant) => {
            let message = Words::new(
                format!("`{written}` is no service"),
                format!("`{written}` 不是有效的服务"),
            );
            let span = at.span(value.text());
            let help = Words::new(format!("write `\"{meant}\"`"), format!("请写 `\"{meant}\"`"));
            at.report(Diagnostic::error(Code::InvalidValue, span, message).with_help(help));
            None
        }
        None => at.string(value),
    }
}

/// `"tcp:80,443"`.
pub fn service<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Service> {
    let text = service_text(value, at)?;
    match service::parse_meant(&text) {
        Ok(service) => Some(service),
        Err(mistake) => at.mistake(value, &text, mistake),
    }
}

/// `"1024-65535"`.
pub fn ports<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<IntervalSet<u16>> {
    let text = at.string(value)?;
    match service::parse_ports(&text) {
        Ok(ports) => Some(ports),
        Err(mistake) => at.mistake(value, &text, mistake),
    }
}
