//! Who may ask, and what every answer carries.
//!
//! A page of another site could have a browser ask here: it would name itself in `Origin`, or come under a name of its own
//! that leads to this machine, in `Host`. Neither is let in.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{HOST, HeaderName, HeaderValue, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::Site;
use super::paths::refusal;
use crate::diagnostic::{Words, visible, words};

/// Scripts and styles come from here alone, nothing is embedded, nothing is sent elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Pictures have their styles in them, and nothing else.
const OF_PICTURES: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

const HEADERS: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    ("cache-control", "no-store"),
];

/// Lets requests in that are meant for this server, and gives every answer its headers.
pub(super) async fn guard(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let is_picture = request.uri().path() == "/picture";
    let mut response = match stranger(request.headers(), site.address) {
        None => next.run(request).await,
        Some((status, message)) => refusal(status, message, site.resident.language),
    };
    let headers = response.headers_mut();
    let drawn =
        is_picture && headers.get("content-type").is_some_and(|kind| kind == "image/svg+xml");
    let policy = if drawn { OF_PICTURES } else { POLICY };
    let policy = ("content-security-policy", policy);
    for (name, value) in HEADERS.into_iter().chain([policy]) {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

/// Why a request is not let in.
fn stranger(headers: &HeaderMap, address: SocketAddr) -> Option<(StatusCode, Words)> {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        let message = Words::new(
            "a request names one host: `Host: 127.0.0.1`",
            "请求必须带有一个 Host，如 `Host: 127.0.0.1`",
        );
        return Some((StatusCode::BAD_REQUEST, message));
    };
    let host = host.to_str().unwrap_or_default();
    if !is_own(host, address) {
        let host = visible(host).into_owned();
        let message =
            words!("`{host}` is not the name of this server", "`{host}` 不是本服务器的名称");
        return Some((StatusCode::FORBIDDEN, message));
    }
    for origin in headers.get_all(ORIGIN) {
        let origin = origin.to_str().unwrap_or_default();
        let own = origin.strip_prefix("http://");
        if !own.is_some_and(|own| is_own(own, address) && own.eq_ignore_ascii_case(host)) {
            let origin = visible(origin).into_owned();
            let message =
                words!("pages of `{origin}` may not ask here", "`{origin}` 的页面不得在此提问");
            return Some((StatusCode::FORBIDDEN, message));
        }
    }
    None
}

/// Whether a name with a port is one of this server: of this machine if it listens on that alone, else also the addresses
/// that it may have. Other names could be anybody's.
fn is_own(authority: &str, address: SocketAddr) -> bool {
    let (name, port) = match authority.rsplit_once(':') {
        Some((name, port))
            if !port.contains(']') && (!name.contains(':') || name.ends_with(']')) =>
        {
            (name, Some(port))
        }
        _ => (authority, None),
    };
    let port_fits = match port {
        Some(port) => port.parse() == Ok(address.port()),
        None => address.port() == 80,
    };
    if name.eq_ignore_ascii_case("localhost") {
        return port_fits;
    }
    let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    let own = address.ip();
    let fits = |ip: IpAddr| ip.is_loopback() || ip == own || own.is_unspecified();
    port_fits && name.parse().is_ok_and(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_machine_are_own_and_no_others() {
        let here: SocketAddr = "127.0.0.1:7070".parse().expect("an address");
        for own in ["127.0.0.1:7070", "localhost:7070", "LocalHost:7070", "[::1]:7070"] {
            assert!(is_own(own, here), "{own}");
        }
        for other in [
            "127.0.0.1",
            "127.0.0.1:80",
            "localhost",
            "localhost:7071",
            "evil.example:7070",
            "localhost.evil.example:7070",
            "127.0.0.1.evil.example:7070",
            "127.0.0.1:7070@evil.example",
            "192.0.2.1:7070",
            "[::1:7070",
            "::1:7070",
            ":7070",
            "",
        ] {
            assert!(!is_own(other, here), "{other}");
        }
        let everywhere: SocketAddr = "0.0.0.0:80".parse().expect("an address");
        assert!(is_own("192.0.2.1", everywhere) && is_own("192.0.2.1:80", everywhere));
        assert!(!is_own("evil.example", everywhere));
        let one: SocketAddr = "192.0.2.1:80".parse().expect("an address");
        assert!(is_own("192.0.2.1", one) && !is_own("192.0.2.2", one));
    }
}
