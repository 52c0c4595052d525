//! Which language is spoken: `--lang`, then `PATHPROOF_LANG`, then what the system speaks (`LC_ALL`, `LC_MESSAGES`, `LANG`).
//!
//! It is known before the command line is read, because what is wrong with that is told in it, too.

use std::ffi::{OsStr, OsString};

use clap::ValueEnum;

use super::args::Lang;
use crate::code::Language;

/// The variable of our own.
pub const VARIABLE: &str = "PATHPROOF_LANG";
/// Those of the system, the strongest first.
const SYSTEM: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

impl Lang {
    /// The same for what is said.
    #[must_use]
    pub fn language(self) -> Language {
        match self {
            Self::En => Language::English,
            Self::Zh => Language::Chinese,
        }
    }
}

/// The language that is asked for on a command line, as far as that can be told of one that may be wrong.
#[must_use]
pub fn of_words(words: &[OsString]) -> Option<Lang> {
    let mut words = words.iter().map(|word| word.to_string_lossy());
    let mut found = None;
    while let Some(word) = words.next() {
        if word == "--" {
            break;
        }
        let value = match word.strip_prefix("--lang=") {
            Some(value) => Some(value.to_owned()),
            None if word == "--lang" => words.next().map(std::borrow::Cow::into_owned),
            None => None,
        };
        found = value.and_then(|value| Lang::from_str(&value, true).ok()).or(found);
    }
    found
}

/// The language of the surroundings: our own variable, what the repository says, the system.
///
/// # Errors
///
/// With the value of our own variable, if it names no language.
pub fn of_surroundings(
    configured: Option<Lang>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Lang, String> {
    let given = |name: &str| variable(name).filter(|value| !value.is_empty());
    if let Some(value) = given(VARIABLE) {
        return spoken(&value).ok_or_else(|| value.to_string_lossy().into_owned());
    }
    if let Some(lang) = configured {
        return Ok(lang);
    }
    let system = SYSTEM.into_iter().find_map(given);
    Ok(system.and_then(|value| spoken(&value)).unwrap_or(Lang::En))
}

/// The language of `zh_CN.UTF-8`.
fn spoken(value: &OsStr) -> Option<Lang> {
    let value = value.to_string_lossy().to_lowercase();
    let language = value.split(['_', '-', '.', '@']).next()?;
    Lang::from_str(language, true).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken_with(variables: &[(&str, &str)]) -> Result<Lang, String> {
        of_surroundings(None, |name| {
            let found = variables.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn our_own_variable_is_stronger_than_the_systems() {
        assert_eq!(spoken_with(&[]), Ok(Lang::En));
        assert_eq!(spoken_with(&[("LANG", "zh_CN.UTF-8")]), Ok(Lang::Zh));
        assert_eq!(spoken_with(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")]), Ok(Lang::En));
        assert_eq!(spoken_with(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "")]), Ok(Lang::Zh));
        assert_eq!(spoken_with(&[("LC_ALL", "de_DE"), (VARIABLE, "zh")]), Ok(Lang::Zh));
        assert_eq!(spoken_with(&[("LANG", "zh_CN"), (VARIABLE, "en")]), Ok(Lang::En));
        assert_eq!(spoken_with(&[(VARIABLE, "klingon")]), Err(String::from("klingon")));
    }

    #[test]
    fn the_option_is_found_in_a_line_that_cannot_be_read() {
        let of = |line: &str| of_words(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(of("pathproof chek --lang zh"), Some(Lang::Zh));
        assert_eq!(of("pathproof --lang=zh --foo --lang en"), Some(Lang::En));
        assert_eq!(of("pathproof check -- --lang zh"), None);
        assert_eq!(of("pathproof check --lang"), None);
    }
}
