//! Who and what is asked about: selectors and services as people write them.

use super::asked::Asked;
use super::wrong::Wrong;
use crate::diagnostic::Words;
use crate::query::{Selector, Traffics};
use crate::scenario::{Mistake, Side, parse_ports, parse_service};

/// A selector whose every word means something in the network.
///
/// # Errors
///
/// With what is wrong in it.
pub fn selector(
    option: &'static str,
    text: &str,
    side: Side,
    asked: &Asked,
) -> Result<Selector, Wrong> {
    let selector = asked.names().resolve(text, side);
    selector.map_err(|mistakes| wrong(option, text, mistakes))
}

/// The same, where `--to` may be a private address that nobody owns.
///
/// # Errors
///
/// With what is wrong in it.
pub fn asked_selector(
    option: &'static str,
    text: &str,
    side: Side,
    asked: &Asked,
) -> Result<Selector, Wrong> {
    let selector = asked.names().resolve_asked(text, side);
    selector.map_err(|mistakes| wrong(option, text, mistakes))
}

/// The packets of a service and of source ports.
///
/// # Errors
///
/// With what is wrong in either.
pub fn traffic(service: &str, source_port: Option<&str>) -> Result<Traffics, Wrong> {
    let parsed = parse_service(service).map_err(|it| wrong("--service", service, vec![it]))?;
    let mut traffic = Traffics { service: parsed, ..Traffics::default() };
    if let Some(ports) = source_port {
        let parsed = parse_ports(ports).map_err(|it| wrong("--source-port", ports, vec![it]));
        traffic.source_ports = parsed?;
    }
    Ok(traffic)
}

/// What is wrong in the value of an option.
fn wrong(option: &'static str, text: &str, mistakes: Vec<Mistake>) -> Wrong {
    Wrong::Argument { option, text: text.to_owned(), mistakes }
}

/// No two different ends are meant.
#[must_use]
pub fn nobody(from: &str, to: &str) -> Wrong {
    Wrong::asked(Words::new(
        format!("nobody is meant: `{from}` and `{to}` make no pair of different endpoints"),
        format!("没有可判断的对象：`{from}` 与 `{to}` 没有一对不同的实例"),
    ))
}
