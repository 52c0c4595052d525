//! Several names in a sentence, as a language lists them.

use crate::code::Language;

/// `a, b` or `a、b`.
pub(super) fn several<T: AsRef<str>>(names: &[T], language: Language) -> String {
    let comma = match language {
        Language::English => ", ",
        Language::Chinese => "、",
    };
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    names.join(comma)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_lists_in_its_own_way() {
        let names = ["ins-a", "ins-b"];
        assert_eq!(several(&names, Language::English), "ins-a, ins-b");
        assert_eq!(several(&names, Language::Chinese), "ins-a、ins-b");
    }
}
