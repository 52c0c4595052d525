//! `pathproof.toml`: what holds for a repository, so that nobody has to type it. It is looked for in this folder and in
//! those above, up to the one that git keeps.
//!
//! What it says is put into the command line where that does not say it itself, so a setting can do what an option can,
//! and an option wins.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::args::Lang;
use crate::diagnostic::{Words, chinese_of};

/// The name of the file.
pub(super) const NAME: &str = "pathproof.toml";

/// What the file says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Config {
    /// What `check`, `lint` and `report` look at where no path is given.
    paths: Vec<String>,
    /// The language: `en` or `zh`.
    lang: Option<String>,
    /// How much a question may take, as `--budget` says it.
    budget: Option<String>,
    /// Reports that every `check` writes, `FORMAT=FILE`.
    reports: Vec<String>,
    /// How loudly lints are told.
    lint: Levels,
    /// Its folder, from here.
    #[serde(skip)]
    folder: PathBuf,
}

/// `[lint]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Levels {
    deny: Vec<String>,
    warn: Vec<String>,
    allow: Vec<String>,
}

/// Commands that look at paths.
const WITH_PATHS: [&str; 3] = ["check", "lint", "report"];

/// Commands that know no `--budget`.
const WITHOUT_BUDGET: [&str; 14] = [
    "completions",
    "explain",
    "fmt",
    "generate",
    "help",
    "import",
    "init",
    "links",
    "lsp",
    "man",
    "mcp",
    "merge",
    "schema",
    "serve",
];

impl Config {
    /// What holds here; nothing if there is no file.
    ///
    /// # Errors
    ///
    /// With what is wrong with the file.
    pub(super) fn here() -> Result<Self, Words> {
        let mut folder = PathBuf::new();
        for _ in 0..64 {
            let path = folder.join(NAME);
            if path.is_file() {
                let config = Self::of(&path)?;
                return Ok(Self { folder, ..config });
            }
            let is_top = folder.join(".git").exists();
            folder.push("..");
            if is_top || !folder.is_dir() {
                break;
            }
        }
        Ok(Self::default())
    }

    fn of(path: &Path) -> Result<Self, Words> {
        let shown = path.display();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Words::new(
                format!("cannot read `{shown}`: {error}"),
                format!("无法读取 `{shown}`：{}", chinese_of(&error)),
            )
        })?;
        let config = Self::read(&text).map_err(|error| {
            let error = error.to_string();
            let error = error.trim_end();
            Words::new(
                format!("`{shown}` cannot be used: {error}"),
                format!("无法使用 `{shown}`：{}", in_chinese(error)),
            )
        })?;
        match (&config.lang, config.lang()) {
            (Some(other), None) => Err(Words::new(
                format!("lang in {shown} is `{other}`; it can be en or zh"),
                format!("{shown} 中的 lang 为 `{other}`；只能是 en 或 zh"),
            )),
            _ => Ok(config),
        }
    }

    fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The language that it asks for.
    pub(super) fn lang(&self) -> Option<Lang> {
        match self.lang.as_deref() {
            Some("en") => Some(Lang::En),
            Some("zh") => Some(Lang::Zh),
            _ => None,
        }
    }

    /// A command line with what it leaves open, and the paths for a command that is given none.
    pub(super) fn fill(&self, words: &[OsString]) -> (Vec<OsString>, Vec<OsString>) {
        let mut words = words.to_vec();
        let Some((at, command)) = command_of(&words) else {
            return (words, Vec::new());
        };
        let mut more: Vec<OsString> = Vec::new();
        let mut add = |option: &str, value: &str| more.extend([option.into(), value.into()]);
        let says = |option: &str| {
            let begins = |word: &OsString| word.to_string_lossy().starts_with(option);
            words.iter().any(begins)
        };
        if let Some(budget) = &self.budget
            && !says("--budget")
            && !WITHOUT_BUDGET.contains(&command.as_str())
        {
            add("--budget", budget);
        }
        if command == "check" && !says("--report") && !says("--list") {
            for report in &self.reports {
                add("--report", report);
            }
        }
        if command == "lint" {
            let levels = [
                ("--deny", &self.lint.deny),
                ("--warn", &self.lint.warn),
                ("--allow", &self.lint.allow),
            ];
            for (option, codes) in levels {
                for code in codes {
                    add(option, code);
                }
            }
        }
        let rest = words.split_off(at + 1);
        words.extend(more.into_iter().chain(rest));
        let paths = self.paths.iter().filter(|_| WITH_PATHS.contains(&&*command));
        let paths = paths.map(|path| self.folder.join(path).into()).collect();
        (words, paths)
    }
}

/// The command of a command line, and where it stands: the first word that is neither an option nor its value.
fn command_of(words: &[OsString]) -> Option<(usize, String)> {
    let with_value = ["--format", "--color", "--lang"];
    let mut skipped = false;
    for (at, word) in words.iter().enumerate().skip(1) {
        let word = word.to_string_lossy();
        if std::mem::take(&mut skipped) {
            continue;
        }
        if word.starts_with('-') {
            skipped = with_value.contains(&&*word);
            continue;
        }
        return Some((at, word.into_owned()));
    }
    None
}

/// What the reader of TOML says most, in Chinese; the lines that it draws stay.
fn in_chinese(error: &str) -> String {
    const WORDS: [(&str, &str); 7] = [
        ("TOML parse error at line ", "TOML 有误，第 "),
        (", column ", " 行，列 "),
        ("unknown field ", "没有字段 "),
        ("expected one of ", "可用字段为 "),
        ("string values must be quoted", "字符串要加引号"),
        (", expected literal string", ""),
        ("invalid type: ", "类型不符："),
    ];
    WORDS.iter().fold(error.to_owned(), |text, (english, chinese)| text.replace(english, chinese))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        paths = ["network"]
        lang = "zh"
        budget = "30s"
        reports = ["junit=junit.xml"]
        [lint]
        deny = ["exposed-to-internet"]
    "#;

    fn filled(line: &str) -> String {
        let config = Config::read(TEXT).expect("a configuration");
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let words = config.fill(&words).0.into_iter();
        let words: Vec<String> = words.map(|it| it.to_string_lossy().into_owned()).collect();
        words.join(" ")
    }

    #[test]
    fn what_is_left_open_is_filled_in_and_an_option_wins() {
        assert_eq!(
            filled("pathproof --lang en check a.ron"),
            "pathproof --lang en check --budget 30s --report junit=junit.xml a.ron"
        );
        assert_eq!(
            filled("pathproof check --budget none --report tap=a a.ron"),
            "pathproof check --budget none --report tap=a a.ron"
        );
        assert_eq!(
            filled("pathproof lint --allow all a.ron"),
            "pathproof lint --budget 30s --deny exposed-to-internet --allow all a.ron"
        );
        assert_eq!(filled("pathproof explain CL-6"), "pathproof explain CL-6");
        assert_eq!(filled("pathproof --version"), "pathproof --version");
    }

    #[test]
    fn a_setting_that_there_is_not_is_told() {
        let wrong = Config::read("pahts = []").expect_err("no such setting");
        assert!(wrong.to_string().contains("unknown field `pahts`"), "{wrong}");
        let config = Config::read("lang = \"de\"").expect("a text");
        assert!(config.lang().is_none());
    }
}
