//! Addresses and references as Terraform writes them: `module.app["east"].tencentcloud_instance.web[0].private_ip`.

use std::fmt;

/// The key of an instance: `count` gives numbers, `for_each` strings. Numbers sort as numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// `[0]`.
    Number(u64),
    /// `["k"]`.
    Text(String),
}

impl Key {
    /// The key that a JSON value is, as an index or as the element of a map.
    pub fn of(value: &serde_json::Value) -> Option<Self> {
        match value {
            serde_json::Value::Number(number) => number.as_u64().map(Self::Number),
            serde_json::Value::String(text) => Some(Self::Text(text.clone())),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{text:?}"),
        }
    }
}

/// One step of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `.name`.
    Name(String),
    /// `[0]`, `["k"]`.
    Index(Key),
}

/// The steps of a reference; what cannot be read ends it.
pub fn steps(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.strip_prefix('.').unwrap_or(rest);
        if rest.is_empty() {
            return steps;
        }
        if let Some(inside) = rest.strip_prefix('[') {
            let Some((key, after)) = index(inside) else {
                return steps;
            };
            steps.push(Step::Index(key));
            rest = after;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            steps.push(Step::Name(rest[..end].to_owned()));
            rest = &rest[end..];
        }
    }
}

/// What stands in brackets, and what follows them.
fn index(inside: &str) -> Option<(Key, &str)> {
    if !inside.starts_with('"') {
        let (number, after) = inside.split_once(']')?;
        return Some((Key::Number(number.parse().ok()?), after));
    }
    // a JSON string is what Terraform writes here
    let mut strings = serde_json::Deserializer::from_str(inside).into_iter::<String>();
    let text = strings.next()?.ok()?;
    let after = inside.get(strings.byte_offset()..)?.strip_prefix(']')?;
    Some((Key::Text(text), after))
}

/// The references of a flat list, in which each is followed by its own prefixes.
pub fn collapse<'a>(list: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut whole: Vec<&str> = Vec::new();
    for text in list {
        let is_prefix = whole.last().is_some_and(|last| {
            last.strip_prefix(text).is_some_and(|rest| rest.starts_with(['.', '[']))
        });
        if !is_prefix {
            whole.push(text);
        }
    }
    whole
}

/// One module on the way from the root.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// The name of the call.
    pub name: String,
    /// Which instance of it.
    pub key: Option<Key>,
}

/// The modules at the beginning of an address, from the root.
pub fn calls(address: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    // what stands in front of the addresses of one document among several
    let label = address.split_once(':').filter(|(label, _)| !label.contains(['.', '[']));
    let address = label.map_or(address, |(_, rest)| rest);
    calls.extend(label.map(|(label, _)| Call { name: format!("{label}:"), key: None }));
    let mut steps = steps(address).into_iter().peekable();
    while let Some(Step::Name(word)) = steps.next() {
        let Some(Step::Name(name)) = (word == "module").then(|| steps.next()).flatten() else {
            break;
        };
        let key = match steps.peek() {
            Some(Step::Index(key)) => Some(key.clone()),
            _ => None,
        };
        if key.is_some() {
            steps.next();
        }
        calls.push(Call { name, key });
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_fall_apart_into_steps() {
        let text = |text: &str| Step::Name(text.to_owned());
        assert_eq!(
            steps("tencentcloud_subnet.a[\"x.y]\"].id"),
            [
                text("tencentcloud_subnet"),
                text("a"),
                Step::Index(Key::Text("x.y]".to_owned())),
                text("id")
            ]
        );
        assert_eq!(steps("count.index"), [text("count"), text("index")]);
        assert_eq!(steps("a.b[2]")[2], Step::Index(Key::Number(2)));
        assert_eq!(steps("a.b[x]"), [text("a"), text("b")]);
    }

    #[test]
    fn prefixes_of_a_reference_are_no_references() {
        let list = [
            "tencentcloud_instance.web[0].id",
            "tencentcloud_instance.web[0]",
            "tencentcloud_instance.web",
            "each.value.subnet",
            "each.value",
            "tencentcloud_instance.webber",
        ];
        assert_eq!(
            collapse(list.into_iter()),
            [list[0], "each.value.subnet", "tencentcloud_instance.webber"]
        );
    }

    #[test]
    fn an_address_says_its_modules() {
        let calls = calls("module.app[\"east\"].module.web.tencentcloud_instance.this[\"a\"]");
        let told: Vec<_> = calls.iter().map(|it| (it.name.as_str(), it.key.clone())).collect();
        let east = Some(Key::Text("east".to_owned()));
        assert_eq!(told, [("app", east), ("web", None)]);
    }
}
