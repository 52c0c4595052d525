//! What a file says beside its network, as it stands there: for who writes the network anew.

use super::value::Value;

/// The fields that do not describe the network.
const BESIDE: [&str; 4] = ["expect", "steps", "what_if", "lint"];

/// These fields of the text of a scenario file, word for word; none of what is no scenario.
#[must_use]
pub fn beside_network(text: &str) -> Vec<(&str, &str)> {
    let fields = Value::whole(text).unwrap_or_default().into_iter();
    fields
        .filter(|(name, _)| BESIDE.contains(name))
        .map(|(name, value)| (name, value.text().trim_end()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_beside_the_network_is_kept_with_its_comments() {
        let text = "#![enable(implicit_some)]\n(\n    network: (vpcs: {}),\n    expect: [\n        // the shop\n        Reachable(from: \"a\", to: \"b\"), // always\n    ],\n    lint: [],\n)";
        assert_eq!(
            beside_network(text),
            [
                (
                    "expect",
                    "[\n        // the shop\n        Reachable(from: \"a\", to: \"b\"), // always\n    ]"
                ),
                ("lint", "[]"),
            ]
        );
    }
}
