//! Whether ron reads a value: what is plain is seen in half the time that ron takes, and ron says what the rest is.
//!
//! Deliberately not here: what is wrong where it does not (`text`, `slip`).

use ron::Options;
use ron::value::RawValue;

use super::level::{self, Part};
use super::value::{Value, is_name};

/// So deep are values looked at here.
const DEEPEST: usize = 32;

/// So deep may what ron is asked about be. With what encloses it, it is then never as deep as ron reads (128): a level here is two
/// of ron's at most.
const DEEP: usize = 60;

/// Whether ron reads a value that stands in a text.
pub fn is_well_formed(value: Value<'_>) -> bool {
    looks_well(value, 1)
}

fn looks_well(value: Value<'_>, depth: usize) -> bool {
    if depth > DEEPEST {
        return false;
    }
    let text = value.text();
    let part = |part: &Part<'_>, open: u8| match (open, part.key) {
        (b'(', Some(key)) => is_name(key),
        (b'{', Some(key)) => looks_well(Value::new(key), depth + 1),
        (b'(' | b'[', None) => true,
        _ => false,
    };
    let is_plain = match text.as_bytes().first() {
        Some(b'"') => level::plain(text).is_some(),
        Some(b'1'..=b'9') => text.len() < 10 && text.bytes().all(|byte| byte.is_ascii_digit()),
        Some(&open @ (b'(' | b'[' | b'{')) => level::parts(text, open).is_some_and(|parts| {
            let is_named = |part: &Part<'_>| part.key.is_some();
            parts.iter().all(|it| is_named(it) == is_named(&parts[0]) && part(it, open))
                && parts.iter().all(|it| looks_well(it.value, depth + 1))
        }),
        Some(b'A'..=b'Z') => value.variant().is_some_and(|(word, rest)| {
            let is_own = is_name(word) && !matches!(word, "Some" | "None" | "NaN");
            let is_alone = rest.text().is_empty();
            is_own && (is_alone || rest.text().starts_with('(') && looks_well(rest, depth + 1))
        }),
        _ => false,
    };
    let by_ron = || Options::default().with_recursion_limit(DEEP).from_str::<&RawValue>(text);
    is_plain || by_ron().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::value::Named;

    #[test]
    fn what_is_well_formed_is_what_ron_reads() {
        let shop = "// a shop\nScenario(name: \"a\", network: (vpcs: { \"v\": (cidr: \"10.0.0.0/8\"), },\n \
            route_tables: { \"r\": [(to: \"x\", via: Nat(\"n\")), /* , */ None] }), \
            expect: [Reachable(port: 80, code: -1, is: true, at: (1, 2.5), no: [])], )";
        let unusual = r##"(a: r#"x"#, b: 'x', c: "\"", r#in: {})"##;
        // what ron reads and what it does not, at once and only when it is asked about all
        let mut seen = [[0; 2]; 2];
        let mut look = |text: &str| {
            let by_ron = ron::from_str::<Named>(text).is_ok();
            let whole = Value::new(text).body();
            let at_once = whole.is_some_and(|it| it.iter().all(|(_, it)| is_well_formed(*it)));
            assert!(by_ron || !at_once, "{text}");
            assert_eq!(Value::whole(text).is_ok(), by_ron, "{text}");
            seen[usize::from(by_ron)][usize::from(at_once)] += 1;
        };
        for text in [shop, unusual] {
            for at in 0..text.len() {
                for end in ["", "\\", "\"", "\"\\"] {
                    look(&[&text[..at], end].concat());
                }
                for more in [
                    "", "\"", ",", ":", "(", "]", "}", "\\", "'", "#", "/", " x ", "1", "é", "()",
                    "[,]",
                ] {
                    look(&[&text[..at], more, &text[at..]].concat());
                    look(&[&text[..at], more, &text[at + 1..]].concat());
                }
            }
        }
        for depth in (10..140).step_by(5).chain(120..135) {
            for (open, close) in
                [("(", ")"), ("[", "]"), ("A(", ")"), ("Some(", ")"), ("{0: ", "}")]
            {
                for inner in ["", "1", "-1", "'x'"] {
                    let deep = [&open.repeat(depth), inner, &close.repeat(depth)].concat();
                    look(&format!("(name: {deep})"));
                }
            }
        }
        let [[wrong, _], [slow, quick]] = seen;
        assert!(wrong > 500 && slow > 300 && quick > 500, "{seen:?}");
    }
}
