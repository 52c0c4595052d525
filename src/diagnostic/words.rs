//! Words for people in every language that the program speaks.
//!
//! They are written side by side where the fact is known, so that a message without its translation does not compile
//! and the two are read, and changed, together. Which of them is shown is chosen in `render` and `cli`.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::code::Language;

/// One thing said in English and in Chinese.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Words(Box<Both>);

/// Boxed, so that refusals and mistakes are small to hand on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Both {
    english: String,
    chinese: String,
}

impl Words {
    /// The same said twice. There is no way to say it once, except for [`Words::verbatim`].
    #[must_use]
    pub fn new(english: impl Into<String>, chinese: impl Into<String>) -> Self {
        Self(Box::new(Both { english: english.into(), chinese: chinese.into() }))
    }

    /// A name or a value, which reads alike in every language.
    #[must_use]
    pub fn verbatim(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::new(text.clone(), text)
    }

    /// That a thing of this name stands at a place.
    #[must_use]
    pub fn here(name: impl fmt::Display) -> Self {
        Self::new(format!("`{name}` is here"), format!("`{name}` 在此处"))
    }

    /// Any one of several: "a, b or c".
    #[must_use]
    pub fn any_of(choices: impl IntoIterator<Item = Words>) -> Self {
        let (english, chinese): (Vec<String>, Vec<String>) =
            choices.into_iter().map(|words| (words.0.english, words.0.chinese)).unzip();
        let join = |all: &[String], comma: &str, or: &str| match all.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{}{or}{last}", rest.join(comma)),
            _ => all.concat(),
        };
        Self::new(join(&english, ", ", " or "), join(&chinese, "、", "或"))
    }

    /// In one language.
    #[must_use]
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::English => &self.0.english,
            Language::Chinese => &self.0.chinese,
        }
    }

    /// In English.
    #[must_use]
    pub fn english(&self) -> &str {
        &self.0.english
    }

    /// In Chinese.
    #[must_use]
    pub fn chinese(&self) -> &str {
        &self.0.chinese
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.english.is_empty()
    }

    /// The same done to each of them.
    #[must_use]
    pub fn map(self, change: impl Fn(String) -> String) -> Self {
        Self::new(change(self.0.english), change(self.0.chinese))
    }
}

/// The same said twice, with what stands in braces put into both.
macro_rules! words {
    ($english:literal, $chinese:literal $(,)?) => {
        $crate::diagnostic::Words::new(format!($english), format!($chinese))
    };
}
pub(crate) use words;

/// In English, the language unless asked otherwise.
impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.english)
    }
}

/// In English, the language unless asked otherwise.
impl Serialize for Words {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.english)
    }
}

/// Why the system refuses a file, in Chinese; what is rare, in the system's own words.
#[must_use]
pub fn chinese_of(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "文件不存在".to_owned(),
        ErrorKind::PermissionDenied => "没有权限".to_owned(),
        ErrorKind::IsADirectory => "它是一个目录".to_owned(),
        ErrorKind::NotADirectory => "路径中有一部分不是目录".to_owned(),
        ErrorKind::AlreadyExists => "文件已存在".to_owned(),
        ErrorKind::StorageFull => "磁盘已满".to_owned(),
        ErrorKind::ReadOnlyFilesystem => "文件系统是只读的".to_owned(),
        ErrorKind::AddrInUse => "地址已被占用".to_owned(),
        _ => error.to_string(),
    }
}
