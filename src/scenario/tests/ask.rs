//! What comes from the command line.

use super::super::sample::scenario;
use super::super::{Side, parse_changes, parse_selector, resolve_selector};
use super::EXAMPLE;
use crate::diagnostic::Sources;

#[test]
fn a_selector_is_checked_against_the_network() {
    let network = scenario(EXAMPLE).network;
    assert!(parse_selector("ins-web | nobody").is_ok());
    assert!(resolve_selector("ins-web | 10.60.3.4", Side::From, &network).is_ok());
    let wrong =
        resolve_selector("ins-webb | 10.60.3.5", Side::From, &network).expect_err("two mistakes");
    let said: Vec<String> =
        wrong.into_iter().map(|mistake| format!("{:?} {}", mistake.at, mistake.message)).collect();
    assert_eq!(
        said,
        ["0..8 nothing has the id `ins-webb`", "11..20 no endpoint has the address 10.60.3.5"]
    );
}

#[test]
fn an_account_is_known_when_something_names_it() {
    let network =
        scenario(r#"(network: (sites: { "idc": (account: "acct-b", cidrs: []) }))"#).network;
    assert!(resolve_selector("acct-b | default", Side::To, &network).is_ok());
    assert!(resolve_selector("acct-c", Side::To, &network).is_err());
}

#[test]
fn changes_may_come_alone_in_a_list_and_from_several_texts() {
    let scenario = scenario(EXAMPLE);
    let mut sources = Sources::default();
    let texts = [
        ("--change", r#"Create(security_groups: { "sg-new": () })"#),
        (
            "more.ron",
            r#"[ AssociateSecurityGroups(instance: "ins-web", security_groups: ["sg-new"]), Down("ins-web") ]"#,
        ),
    ];
    let parsed = parse_changes(&texts, &scenario.network, &mut sources);
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.changes.map(|changes| changes.len()), Some(3));
}

#[test]
fn a_wrong_change_is_shown_in_its_text() {
    let network = scenario(EXAMPLE).network;
    for (text, said) in [
        ("", "there is nothing in it"),
        ("Down(", "the `(` opened on line 1 is not closed"),
        ("Down(\"x\") Up(\"x\")", "the scenario is closed, and more text follows"),
        ("Down(\"x\")", "nothing has the id `x`"),
        ("12", "a word such as `AttachClassicLinkVpc` is needed here, not a number"),
    ] {
        let mut sources = Sources::default();
        let parsed = parse_changes(&[("--change", text)], &network, &mut sources);
        assert!(parsed.changes.is_none());
        assert_eq!(parsed.diagnostics[0].message.english(), said);
        let span = parsed.diagnostics[0].primary.as_ref().map(|label| label.span);
        assert_eq!(
            span.and_then(|span| sources.place(span)).map(|(path, line, _)| (path, line)),
            Some(("--change", 1))
        );
    }
}
