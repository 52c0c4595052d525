//! Near names: what somebody may have meant.

use crate::diagnostic::Words;

/// Names longer than this are not compared.
const LONGEST: usize = 80;

/// The candidate nearest to `name`, if one is near: at most a third of the letters differ. The first of equals.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let lower = name.to_lowercase();
    let allowed = (name.chars().count() / 3).clamp(1, 4);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate.len().abs_diff(name.len()) > allowed || candidate == name {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How many names are listed at most.
const LISTED: usize = 40;

/// "did you mean `…`?", or the candidates if there is no near one.
pub fn help<'a>(
    name: &str,
    what: &Words,
    candidates: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<Words> {
    nearest(name, candidates.clone()).map(question).or_else(|| choice(what, candidates))
}

/// "did you mean `…`?".
#[must_use]
pub fn question(name: &str) -> Words {
    Words::new(format!("did you mean `{name}`?"), format!("是否想写 `{name}`？"))
}

/// "one of", before all candidates.
pub fn one_of() -> Words {
    Words::new("one of", "可选值")
}

/// All candidates, if they are few.
pub fn choice<'a>(what: &Words, candidates: impl IntoIterator<Item = &'a str>) -> Option<Words> {
    let all: Vec<String> =
        candidates.into_iter().take(LISTED + 1).map(|name| format!("`{name}`")).collect();
    (1..=LISTED).contains(&all.len()).then(|| {
        Words::new(
            format!("{what}: {}", all.join(", ")),
            format!("{}：{}", what.chinese(), all.join("、")),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swapped_letter_is_near_and_another_word_is_not() {
        assert_eq!(nearest("cdir", ["vpc", "cidr", "zone"]), Some("cidr"));
        assert_eq!(nearest("volume", ["vpc", "cidr", "zone"]), None);
    }

    #[test]
    fn few_candidates_are_all_named() {
        let helped = |name| help(name, &one_of(), ["vpc", "cidr"]).unwrap_or_default();
        assert_eq!(helped("volume").english(), "one of: `vpc`, `cidr`");
        assert_eq!(helped("volume").chinese(), "可选值：`vpc`、`cidr`");
        assert_eq!(helped("vcp").english(), "did you mean `vpc`?");
    }
}
