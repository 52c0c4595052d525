//! Who and what is asked about: selectors and services as people write them.

use super::asked::Asked;
use super::wrong::Wrong;
use crate::diagnostic::Words;
use crate::query::{Selector, Traffics};
use crate::scenario::{Side, parse_ports, parse_service};

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
    asked
        .names()
        .resolve(text, side)
        .map_err(|mistakes| Wrong::Argument {
            option,
            text: text.to_owned(),
            mistakes,
        })
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
    asked
        .names()
        .resolve_asked(text, side)
        .map_err(|mistakes| Wrong::Argument {
            option,
            text: text.to_owned(),
            mistakes,
        })
}

/// The packets of a service and of source ports.
///
/// # Errors
///
/// With what is wrong in either.
pub fn traffic(service: &str, source_port: Option<&str>) -> Result<Traffics, Wrong> {
    let wrong = |option, text: &str, mistake| Wrong::Argument {
        option,
        text: text.to_owned(),
        mistakes: vec![mistake],
    };
    let parsed = parse_service(service).map_err(|it| wrong("--service", service, it))?;
    let mut traffic = Traffics {
        service: parsed,
        ..Traffics::default()
    };
    if let Some(ports) = source_port {
        let parsed = parse_ports(ports).map_err(|it| wrong("--source-port", ports, it));
        traffic.source_ports = parsed?;
    }
    Ok(traffic)
}

/// No two different ends are meant.
#[must_use]
pub fn nobody(from: &str, to: &str) -> Wrong {
    Wrong::asked(Words::new(
        format!("nobody is meant: `{from}` and `{to}` make no pair of different endpoints"),
        format!("没有可判断的对象：`{from}` 与 `{to}` 没有一对不同的实例"),
    ))
}
