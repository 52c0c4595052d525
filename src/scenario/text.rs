//! From bytes to the fields of a scenario: encoding, size, and well-formedness as ron sees it.

use std::ops::Range;
use std::sync::Arc;

use ron::error::{Error, Position, SpannedError};
use ron::value::RawValue;

use super::encoding;
use super::fields::Fields;
use super::near;
use super::reader::Reader;
use super::slip::{self, Slip};
use super::value::{self, Value};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Words};

/// How large a file may be, in bytes.
pub const LARGEST: usize = 256 << 20;
/// What some editors write before the text.
const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// Why a file is no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// `not-utf8` or `too-large`.
    pub code: Code,
    /// Where in the decoded text.
    pub at: Range<usize>,
    /// What to say.
    pub message: Words,
    /// What to do.
    pub help: Option<Words>,
}

/// The text of a file. If it is none, what can be shown of it, and why.
pub fn decode(bytes: Vec<u8>) -> (Arc<str>, Option<Unreadable>) {
    if bytes.len() > LARGEST {
        let size = bytes.len();
        let message = Words::new(
            format!("the file has {size} bytes; {LARGEST} are read at most"),
            format!("文件有 {size} 字节，最多读取 {LARGEST} 字节"),
        );
        return (
            Arc::from(""),
            Some(Unreadable { code: Code::TooLarge, at: 0..0, message, help: None }),
        );
    }
    match String::from_utf8(bytes) {
        Ok(text) => {
            let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text);
            // lines may end as on Windows; what is shown of them shall not
            let text = if text.contains("\r\n") {
                Arc::from(text.replace("\r\n", "\n"))
            } else {
                Arc::from(text)
            };
            (text, None)
        }
        Err(error) => {
            let start = error.utf8_error().valid_up_to();
            let byte = error.as_bytes().get(start).copied().unwrap_or_default();
            let text = String::from_utf8_lossy(error.as_bytes());
            let shown = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text);
            let start = start - (text.len() - shown.len());
            let end = start + shown[start..].chars().next().map_or(0, char::len_utf8);
            let message = Words::new(
                format!("the byte {byte:#04x} is no UTF-8 text"),
                format!("字节 {byte:#04x} 不是 UTF-8 文本"),
            );
            (
                Arc::from(shown),
                Some(Unreadable {
                    code: Code::NotUtf8,
                    at: start..end,
                    message,
                    help: encoding::guess(error.as_bytes()),
                }),
            )
        }
    }
}

/// Whether a text is meant as a scenario. An error in another one must not show its lines: who writes an `include` could
/// read what is not theirs.
pub fn looks_like_a_scenario(text: &str) -> bool {
    let mut start = value::after_blanks(text);
    while let Some((_, rest)) = start.strip_prefix("#![").and_then(|it| it.split_once(']')) {
        start = value::after_blanks(rest);
    }
    let is_head = |rest: &str| rest.trim_start().starts_with(['(', '（']);
    let mut named = text.match_indices(NAME);
    start.is_empty()
        || is_head(start)
        || named.any(|(at, _)| is_head(&text[at + NAME.len()..]))
        || start.strip_prefix(NAME).is_some_and(|rest| rest.trim().is_empty())
}

/// What a scenario may begin with.
const NAME: &str = "Scenario";

/// The fields of a whole file, `Scenario(…)` or `(…)`.
pub fn root<'r, 'src>(text: &'src Arc<str>, at: &'r mut Reader<'src>) -> Option<Fields<'r, 'src>> {
    match Value::whole(text) {
        Ok(pairs) => {
            let first = Value::new(text);
            let head =
                first.variant().map_or_else(|| first.text().get(..1), |(word, _)| Some(word));
            Some(Fields::from_pairs(pairs, "scenario", head.unwrap_or(text), at))
        }
        Err(error) => {
            let diagnostic = if is_blank(text, &error) {
                let span = at.span(&text[..0]);
                Diagnostic::error(
                    Code::Syntax,
                    span,
                    Words::new("the file is empty", "文件为空"),
                )
                .with_help(if text.contains('\r') && !text.contains('\n') {
                    Words::new(
                        "its lines end with carriage returns alone, so all of it is one comment: save it with the line \
                         ends of Unix or Windows",
                        "文件的行尾只有回车符，全部内容成了一行注释：请以 Unix 或 Windows 的行尾保存",
                    )
                } else {
                    Words::new(
                        "a scenario is written `Scenario(network: (…), expect: […])`",
                        "场景的写法是 `Scenario(network: (…), expect: […])`",
                    )
                })
            } else if looks_like_a_scenario(text) || is_structure(text) {
                malformed(&error, text, at)
            } else {
                let first = Value::new(text).text();
                let end = first.chars().next().map_or(0, char::len_utf8);
                let words =
                    Words::new("a scenario begins with `Scenario(`", "场景以 `Scenario(` 开头");
                Diagnostic {
                    help: foreign(text).or_else(|| {
                        Some(Words::new(
                            "a scenario is written `Scenario(network: (…), expect: […])`",
                            "场景的写法是 `Scenario(network: (…), expect: […])`",
                        ))
                    }),
                    ..Diagnostic::error(Code::Syntax, at.span(&first[..end]), words)
                }
            };
            at.report(diagnostic);
            None
        }
    }
}

/// Whether a text begins with a word and a parenthesis: the word is told then, and nothing else.
fn is_structure(text: &str) -> bool {
    let first = Value::new(text);
    let word = first.variant().map(|(word, _)| word);
    let rest = word.and_then(|word| first.text().strip_prefix(word));
    rest.is_some_and(|rest| rest.trim_start().starts_with('('))
}

/// The one value of a text from the command line.
pub fn value<'src>(text: &'src Arc<str>, at: &mut Reader<'src>) -> Option<Value<'src>> {
    let Err(error) = RawValue::from_ron(text) else {
        return Some(Value::new(text));
    };
    if is_blank(text, &error) {
        return at.error(
            Code::Syntax,
            &text[..0],
            Words::new("there is nothing in it", "其中没有内容"),
        );
    }
    let diagnostic = malformed(&error, text, at);
    at.report(diagnostic);
    None
}

/// Whether there is nothing but blanks and comments, which are closed.
fn is_blank(text: &str, error: &SpannedError) -> bool {
    Value::new(text).text().is_empty() && error.code != Error::UnclosedBlockComment
}

/// What helps whoever gives the file of another tool.
fn foreign(text: &str) -> Option<Words> {
    let first = Value::new(text).text();
    let line = first.lines().next().unwrap_or_default().trim();
    let word = line.split([' ', ':', '"']).next().unwrap_or_default();
    if line.starts_with("<!--") {
        return Some(Words::new("a comment begins with `//`", "注释以 `//` 开头"));
    }
    let terraform = ["resource", "terraform", "provider", "variable", "module", "data", "locals"];
    if terraform.contains(&word) && line.ends_with('{') {
        return Some(Words::new(
            "this looks like Terraform: `pathproof import terraform` reads what `terraform show -json` prints",
            "这看起来是 Terraform：`pathproof import terraform` 读入 `terraform show -json` 的输出",
        ));
    }
    let is_name = |text: &str| {
        !text.is_empty() && text.chars().all(|it| it.is_alphanumeric() || "_-.".contains(it))
    };
    if line == "---"
        || line
            .split_once(':')
            .is_some_and(|(name, rest)| is_name(name) && !rest.contains(['(', '{', '[']))
    {
        return Some(Words::new(
            "this looks like YAML: a scenario is written `Scenario(network: (…), expect: […])`; `pathproof init` writes one",
            "这看起来是 YAML：场景的写法是 `Scenario(network: (…), expect: […])`；`pathproof init` 可写出一个",
        ));
    }
    let table = line.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    if table.is_some_and(is_name) {
        return Some(Words::new(
            "this looks like TOML: a scenario is written `Scenario(network: (…), expect: […])`; `pathproof init` writes one",
            "这看起来是 TOML：场景的写法是 `Scenario(network: (…), expect: […])`；`pathproof init` 可写出一个",
        ));
    }
    let is_json = first.starts_with(['{', '[']);
    is_json.then(|| {
        Words::new(
            "this looks like JSON: `Scenario(name: …, network: (…))` has parentheses around fields, and no quotes \
             around their names; `pathproof import` reads plans of Terraform and answers of the cloud",
            "这看起来是 JSON：`Scenario(name: …, network: (…))` 的字段写在圆括号中，字段名不加引号；Terraform 计划和云 API 的响应用 \
             `pathproof import` 读入",
        )
    })
}

/// What is wrong with a text that ron does not read: the slip somebody made, or else what ron says.
fn malformed(error: &SpannedError, text: &str, at: &Reader<'_>) -> Diagnostic {
    let (place, early) = match letter(text, error.span.end) {
        Some(place) => (place, false),
        None => (last_letter(text), true),
    };
    let known = told_by_ron(error, early);
    // of a text that is a megabyte of brackets, only its depth matters
    let deep = matches!(known, Some((Code::TooDeep, _)));
    // what ron says well is said of the place where it stops, and a slip before that place comes first
    let slip = (!deep).then(|| slip::find(text)).flatten();
    let slip = slip.filter(|slip| known.is_none() || slip.noticed < place.start);
    if let Some(slip) = slip {
        return slipped(slip, text, at);
    }
    let span = at.span(&text[place]);
    if let Some((code, message)) = known {
        let help = foreign(text).or_else(|| match &error.code {
            Error::ExpectedDifferentStructName { found, .. } => {
                near::nearest(found, [NAME]).map(near::question)
            }
            _ => None,
        });
        let diagnostic = Diagnostic::error(code, span, message);
        return Diagnostic { help, ..diagnostic };
    }
    let words = error.code.to_string();
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    let message: String = first.into_iter().chain(letters).collect();
    let chinese = match expected(&error.code) {
        Some(what) => format!("此处应为{what}"),
        None => format!("文本不符合 RON 语法：{message}"),
    };
    Diagnostic::error(Code::Syntax, span, Words::new(message, chinese))
}

/// A slip at its place.
fn slipped(slip: Slip, text: &str, at: &Reader<'_>) -> Diagnostic {
    let span = at.span(&text[slip.at]);
    let mut diagnostic = Diagnostic::error(Code::Syntax, span, slip.message);
    diagnostic.help = slip.help;
    match slip.other {
        Some((other, words)) => diagnostic.with_other(at.span(&text[other]), words),
        None => diagnostic,
    }
}

/// What ron knows better than anybody who looks at brackets and quotes alone.
fn told_by_ron(error: &SpannedError, early: bool) -> Option<(Code, Words)> {
    let message = match &error.code {
        Error::ExceededRecursionLimit => {
            let message = Words::new("the text is nested too deeply", "文本嵌套过深");
            return Some((Code::TooDeep, message));
        }
        Error::ExpectedDifferentStructName { found, .. } => Words::new(
            format!("a scenario begins with `Scenario(`, not with `{found}`"),
            format!("场景以 `Scenario(` 开头，而不是 `{found}`"),
        ),
        Error::ExpectedNamedStructLike(_) | Error::ExpectedStructLike if !early => {
            Words::new("a scenario begins with `Scenario(`", "场景以 `Scenario(` 开头")
        }
        Error::InvalidEscape(_) => Words::new(
            "this `\\` begins nothing known; a `\\` itself is written `\\\\`",
            "这个 `\\` 不是已知的转义；`\\` 本身要写作 `\\\\`",
        ),
        Error::UnclosedBlockComment => Words::new("the comment is not closed", "注释没有闭合"),
        _ => return None,
    };
    Some((Code::Syntax, message))
}

/// What should stand where ron found something else, in Chinese.
fn expected(error: &Error) -> Option<&'static str> {
    Some(match error {
        Error::ExpectedComma => " `,`",
        Error::ExpectedMapColon => " `:`",
        Error::ExpectedArrayEnd => " `]`",
        Error::ExpectedMapEnd => " `}`",
        Error::ExpectedStructLikeEnd => " `)`",
        Error::ExpectedString => "字符串",
        Error::ExpectedIdentifier => "名称",
        _ => return None,
    })
}

/// The letter at a position that ron reports (line and column from 1, columns in characters), unless the text is over.
fn letter(text: &str, position: Position) -> Option<Range<usize>> {
    let line: usize =
        text.split_inclusive('\n').take(position.line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(line..)?;
    let column: usize = rest.chars().take(position.col.saturating_sub(1)).map(char::len_utf8).sum();
    let at = line + column;
    text.get(at..)?.chars().next().map(|letter| at..at + letter.len_utf8())
}

/// The last letter that is no blank.
fn last_letter(text: &str) -> Range<usize> {
    let end = text.trim_end().len();
    let length = text[..end].chars().next_back().map_or(0, char::len_utf8);
    end - length..end
}
