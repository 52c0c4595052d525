//! The codes among themselves: names, order, classes.

use std::collections::BTreeSet;

use super::*;

/// `ClassicLinkCvmOnly` → `classic-link-cvm-only`.
fn kebab(variant: &str) -> String {
    let mut name = String::new();
    for letter in variant.chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

#[test]
fn a_name_is_its_variant_in_kebab_case_and_unique() {
    let mut names = BTreeSet::new();
    for &code in Code::ALL {
        assert_eq!(code.name(), kebab(&format!("{code:?}")));
        assert!(names.insert(code.name()), "{code} twice");
    }
}

#[test]
fn a_name_leads_back_to_its_code() {
    for &code in Code::ALL {
        assert_eq!(Code::from_name(code.name()), Some(code));
    }
    assert_eq!(Code::from_name("no-such-code"), None);
}

#[test]
fn codes_stand_grouped_by_kind() {
    assert!(Code::ALL.is_sorted_by_key(|code| code.kind()));
}

#[test]
fn reasons_and_refusals_have_a_class_and_a_rule() {
    for &code in Code::ALL {
        if matches!(code.kind(), CodeKind::Reason | CodeKind::Refusal) {
            assert!(code.class().is_some(), "{code}");
            assert!(!code.rules().is_empty(), "{code}");
        }
    }
}

#[test]
fn a_mistake_that_can_refuse_a_change_is_still_a_mistake() {
    assert_eq!(Code::UnknownId.kind(), CodeKind::Mistake);
    assert!(Code::UnknownId.is_refusal());
    assert!(!Code::UnknownId.can_be_because());
    assert!(!Code::Syntax.can_refuse());
}
