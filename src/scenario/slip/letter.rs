//! Letters that look like the format's own, or cannot be seen at all: what they are, and what to write instead.

use std::borrow::Cow;

use crate::diagnostic::Words;

/// What full-width letters are shifted by.
const FULL_WIDTH: u32 = 0xFEE0;

/// Letters of other keyboards with what they stand for.
const LOOKALIKES: [(char, &str); 26] = [
    ('、', ","),
    ('。', "."),
    ('“', "\""),
    ('”', "\""),
    ('„', "\""),
    ('‟', "\""),
    ('«', "\""),
    ('»', "\""),
    ('「', "\""),
    ('」', "\""),
    ('『', "\""),
    ('』', "\""),
    ('‘', "\""),
    ('’', "\""),
    ('`', "\""),
    ('【', "["),
    ('】', "]"),
    ('〔', "["),
    ('〕', "]"),
    ('《', "\""),
    ('》', "\""),
    ('〈', "<"),
    ('〉', ">"),
    ('–', "-"),
    ('—', "-"),
    ('−', "-"),
];

/// Blanks that ron takes for none, and letters without a width, in both languages.
const UNSEEN: [(char, &str, &str); 14] = [
    ('\u{A0}', "a no-break blank", "不换行空格"),
    ('\u{3000}', "an ideographic blank", "全角空格"),
    ('\u{2003}', "a wide blank", "宽空格"),
    ('\u{2002}', "a wide blank", "宽空格"),
    ('\u{2009}', "a thin blank", "窄空格"),
    ('\u{202F}', "a narrow no-break blank", "窄不换行空格"),
    ('\u{200B}', "an invisible letter", "不可见字符"),
    ('\u{200C}', "an invisible letter", "不可见字符"),
    ('\u{200D}', "an invisible letter", "不可见字符"),
    ('\u{2060}', "an invisible letter", "不可见字符"),
    ('\u{FEFF}', "an invisible letter", "不可见字符"),
    ('\u{AD}', "an invisible letter", "不可见字符"),
    ('\u{200E}', "an invisible letter", "不可见字符"),
    ('\u{200F}', "an invisible letter", "不可见字符"),
];

/// What a letter that means nothing in the format is there for.
pub enum Odd {
    /// It cannot be seen, or looks like a plain blank.
    Unseen {
        /// What it is.
        what: Words,
        /// Whether it takes room as a blank does.
        is_blank: bool,
    },
    /// It stands for this, which the format has.
    Like(Cow<'static, str>),
    /// Nothing that anybody could know.
    Stray,
}

/// What is odd about a letter outside of strings; nothing about letters and digits of any script.
pub fn odd(letter: char) -> Option<Odd> {
    if let Some((_, english, chinese)) = UNSEEN.iter().find(|(other, _, _)| *other == letter) {
        return Some(Odd::Unseen {
            what: Words::new(*english, *chinese),
            is_blank: letter.is_whitespace(),
        });
    }
    if letter.is_control() {
        return Some(Odd::Unseen {
            what: Words::new("a control character", "控制字符"),
            is_blank: false,
        });
    }
    // the format separates with commas, whatever the keyboard
    if letter == '；' {
        return Some(Odd::Like(Cow::Borrowed(",")));
    }
    if let Some(plain) = narrow(letter) {
        return Some(Odd::Like(Cow::Owned(plain.to_string())));
    }
    if let Some((_, plain)) = LOOKALIKES.iter().find(|(other, _)| *other == letter) {
        return Some(Odd::Like(Cow::Borrowed(plain)));
    }
    (!letter.is_ascii() && !letter.is_alphanumeric()).then_some(Odd::Stray)
}

/// The usual letter of a full-width one.
fn narrow(letter: char) -> Option<char> {
    let full = ('\u{FF01}'..='\u{FF5E}').contains(&letter);
    full.then(|| char::from_u32(letter as u32 - FULL_WIDTH))?
}

/// A text with the letters that somebody may have meant, if they are others: full-width ones made narrow, blanks made
/// plain, what cannot be seen left out.
pub fn plain(text: &str) -> Option<String> {
    let mut meant = String::with_capacity(text.len());
    for letter in without_escapes(text).chars() {
        match odd(letter) {
            Some(Odd::Like(plain)) if letter != '`' => meant.push_str(&plain),
            Some(Odd::Unseen { is_blank: true, .. }) => meant.push(' '),
            Some(Odd::Unseen { .. }) => {}
            _ => meant.push(letter),
        }
    }
    (meant != text).then_some(meant)
}

/// A text without the names of letters that cannot be seen: `\u{200b}`.
fn without_escapes(text: &str) -> String {
    let mut parts = text.split("\\u{");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('}') {
            Some((number, rest)) if u32::from_str_radix(number, 16).is_ok() => kept.push_str(rest),
            _ => {
                kept.push_str("\\u{");
                kept.push_str(part);
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_keyboards_write_is_known() {
        let written = "１０.0.0.0／8，“a”\u{A0}b\u{200B}";
        assert_eq!(plain(written).as_deref(), Some("10.0.0.0/8,\"a\" b"));
        assert_eq!(plain("数据库 10.0.0.0/8"), None);
    }

    #[test]
    fn what_cannot_be_seen_is_left_out() {
        let written = "vpc-a\\u{200b} 数据库 \\u{x}";
        assert_eq!(plain(written).as_deref(), Some("vpc-a 数据库 \\u{x}"));
    }
}
