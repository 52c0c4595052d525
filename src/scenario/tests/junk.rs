//! Text that is no scenario: every mistake is said, nothing panics, nothing takes long.

use super::super::sample::{loaded, told};
use super::EXAMPLE;

/// A small generator of numbers (`SplitMix64`).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap_or(0)
    }
}

/// Every diagnostic has a place inside its file.
fn survives(text: impl Into<Vec<u8>>) -> String {
    let loaded = loaded(text);
    for diagnostic in &loaded.diagnostics {
        let label = diagnostic.primary.as_ref().expect("a place");
        assert!(loaded.sources.place(label.span).is_some(), "{diagnostic:?}");
    }
    told(&loaded)
}

#[test]
fn an_empty_file_says_what_a_scenario_is() {
    for text in ["", " \n", "// nothing\n", "/* nothing */"] {
        let said = survives(text);
        assert!(said.starts_with("syntax") && said.contains("the file is empty"), "{said}");
    }
    assert_eq!(survives("()"), "");
    assert_eq!(survives("Scenario()"), "");
    assert_eq!(survives("\u{FEFF}#![enable(implicit_some)]\r\n// c\r\nScenario(\r\n)\r\n"), "");
}

#[test]
fn malformed_text_is_one_mistake_where_ron_stops() {
    for (text, said) in [
        ("(name: \"a\" network: ())", "syntax 1:8 <\"a\"> a `,` is missing after this"),
        (
            "(name: \"a)",
            "syntax 1:8 <\"a)> the string begun on line 1 is not closed [write `\"` where it ends; a quote inside of \
             a string is written `\\\"`]",
        ),
        (
            "(name: \"a\"",
            "syntax 1:1 <(> the `(` opened on line 1 is not closed (the text ends here main.ron:1:11) [write `)` where \
             it ends]",
        ),
        (
            "(name: \"a\"]",
            "syntax 1:11 <]> `]` does not close the `(` opened on line 1 (opened here main.ron:1:1) [write `)`]",
        ),
        ("Network()", "syntax 1:8 <(> a scenario begins with `Scenario(`, not with `Network`"),
        (
            "[]",
            "syntax 1:1 <[> a scenario begins with `Scenario(` [this looks like JSON: `Scenario(name: …, network: (…))` \
             has parentheses around fields, and no quotes around their names; `pathproof import` reads plans of Terraform \
             and answers of the cloud]",
        ),
        (
            "() ()",
            "syntax 1:4 <(> the scenario is closed, and more text follows (closed here main.ron:1:2) [leave the rest out, or \
             close the scenario after it]",
        ),
        ("(name: \"a\", // \n é: 1, €)", "syntax 2:8 <€> `€` has no meaning here"),
        ("/* (", "syntax 1:4 <(> the comment is not closed"),
    ] {
        assert_eq!(survives(text), said, "{text}");
    }
}

#[test]
fn bytes_that_are_no_text_are_pointed_at() {
    assert_eq!(
        survives(b"(\n \xFFname: 1)".to_vec()),
        "not-utf8 2:2 <\u{FFFD}> the byte 0xff is no UTF-8 text"
    );
    assert_eq!(
        survives(b"\xEF\xBB\xBF(\xFF".to_vec()),
        "not-utf8 1:2 <\u{FFFD}> the byte 0xff is no UTF-8 text"
    );
}

#[test]
fn nesting_is_bounded() {
    for open in ["(", "[", "{", "(a:", "Some(", "[(", "((", "{\"a\":", "!", "/*"] {
        for prefix in ["", "(network: ", "(network: (vpcs: ", "(expect: "] {
            let said = survives(format!("{prefix}{}", open.repeat(100_000)));
            assert!(
                said.starts_with("too-deep") || said.starts_with("syntax"),
                "{prefix}{open}: {said}"
            );
        }
    }
    let deep = format!("(network: (vpcs: {}{}))", "[".repeat(40), "]".repeat(40));
    assert!(survives(deep).starts_with("invalid-value"));
}

#[test]
fn a_file_cut_anywhere_is_a_mistake() {
    let end = EXAMPLE.trim_end().len();
    for cut in 0..end {
        let said = survives(&EXAMPLE.as_bytes()[..cut]);
        assert!(said.starts_with("syntax"), "{cut}: {said}");
    }
}

#[test]
fn a_file_with_any_byte_changed_is_survived() {
    let mut numbers = Numbers(1);
    for _ in 0..2000 {
        let mut bytes = EXAMPLE.as_bytes().to_vec();
        for _ in 0..=numbers.below(3) {
            let at = numbers.below(bytes.len());
            let junk = b"(){}[]\"',:!|&/*#\\ \n\0\xFFar1-";
            bytes[at] = junk[numbers.below(junk.len())];
        }
        survives(bytes);
    }
}

#[test]
fn tokens_in_any_order_are_survived() {
    const TOKENS: [&str; 40] = [
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "\"\"",
        "\"a\"",
        "\"10.0.0.0/8\"",
        "network:",
        "vpcs:",
        "subnets:",
        "region:",
        "cidr:",
        "expect:",
        "steps:",
        "what_if:",
        "from:",
        "to:",
        "Reachable(",
        "Create(",
        "Refused(",
        "change:",
        "changes:",
        "classic:",
        "instances:",
        "Scenario(",
        "None",
        "Some(",
        "1",
        "-1",
        "true",
        "//",
        "\n",
        "/*",
        "*/",
        "r#\"",
        "name:",
    ];
    let mut numbers = Numbers(2);
    for _ in 0..3000 {
        let count = numbers.below(40);
        let text: String = (0..count).map(|_| TOKENS[numbers.below(TOKENS.len())]).collect();
        survives(format!("({text}"));
        survives(format!("(network: ({text}))"));
        survives(format!("(what_if: [(name: \"a\", changes: [{text}])])"));
    }
}

#[test]
fn huge_strings_and_lists_are_survived() {
    let long = "x".repeat(1 << 20);
    assert!(
        survives(format!("(network: (vpcs: {{ \"{long}\": () }}))")).starts_with("missing-field")
    );
    assert!(
        survives(format!(
            "(expect: [Reachable(from: \"{long}\", to: \"!{long}\", service: \"{long}\")])"
        ))
        .starts_with("unknown-id")
    );
    let many = "1,".repeat(100_000);
    assert!(survives(format!("(expect: [{many}])")).contains("more mistakes are not listed"));
    let fields: Vec<String> = (0..50_000).map(|field| format!("f{field}: 1")).collect();
    let fields = fields.join(",");
    assert!(survives(format!("({fields})")).starts_with("unknown-field"));
}
