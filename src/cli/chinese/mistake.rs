//! What is wrong with a command line, in Chinese.

use std::error::Error as _;
use std::fmt;

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::put;
use crate::code::Language;
use crate::diagnostic::Words;

/// What a parser of ours says of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong(pub Words);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Wrong {}

/// Help, or what is wrong, as it is shown in Chinese, with colours.
#[must_use]
pub fn told(error: &Error) -> String {
    let drawn = put(&error.render().ansi().to_string());
    let Some(message) = message(error) else {
        return drawn.replace("error:", "错误:");
    };
    let mut text = format!("错误: {message}\n");
    for (kind, what) in [
        (ContextKind::SuggestedSubcommand, "命令"),
        (ContextKind::SuggestedArg, "参数"),
        (ContextKind::SuggestedValue, "值"),
    ] {
        if let Some(names) = names(error, kind) {
            text.extend([format!("\n  建议: 是否想写{what} {names}？\n")]);
        }
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        text.extend([format!("\n{}\n", put(&usage.ansi().to_string()))]);
    }
    text + "\n更多信息请用 '--help'。\n"
}

/// What is wrong in a sentence; nothing if it is help or words of our own.
fn message(error: &Error) -> Option<String> {
    let argument = names(error, ContextKind::InvalidArg);
    let value = names(error, ContextKind::InvalidValue);
    let command = names(error, ContextKind::InvalidSubcommand);
    let possible = match names(error, ContextKind::ValidValue) {
        Some(values) => format!("\n  可选值：{values}"),
        None => String::new(),
    };
    Some(match error.kind() {
        ErrorKind::UnknownArgument => format!("没有参数 {}", argument?),
        ErrorKind::InvalidSubcommand => format!("没有命令 {}", command?),
        ErrorKind::InvalidValue => match (argument?, value) {
            (argument, Some(value)) if value != "''" => {
                format!("{value} 不是 {argument} 的有效值{possible}")
            }
            (argument, _) => format!("{argument} 需要一个值{possible}"),
        },
        ErrorKind::ValueValidation => {
            format!("{} 不是 {} 的有效值：{}", value?, argument?, source(error))
        }
        ErrorKind::MissingRequiredArgument => format!("缺少必需的参数：{}", argument?),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            format!("{} 需要一个命令", command?)
        }
        ErrorKind::ArgumentConflict => {
            let argument = argument?;
            match names(error, ContextKind::PriorArg) {
                Some(prior) if prior != argument => format!("{argument} 不能与 {prior} 同时使用"),
                _ => format!("{argument} 不能使用多次"),
            }
        }
        ErrorKind::TooManyValues => format!("{} 是 {} 多余的值", value?, argument?),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("{} 的值的个数不对", argument?)
        }
        ErrorKind::NoEquals => format!("{} 的值要用等号给出", argument?),
        ErrorKind::InvalidUtf8 => String::from("命令行中有不是 UTF-8 的文本"),
        _ => return None,
    })
}

/// The names that clap gives of something, each in quotes.
fn names(error: &Error, kind: ContextKind) -> Option<String> {
    let quoted = |name: &String| format!("'{name}'");
    match error.get(kind)? {
        ContextValue::String(name) => Some(quoted(name)),
        ContextValue::Strings(names) if !names.is_empty() => {
            Some(names.iter().map(quoted).collect::<Vec<_>>().join("、"))
        }
        _ => None,
    }
}

/// Why a value was refused by the parser of its argument.
fn source(error: &Error) -> String {
    let Some(source) = error.source() else {
        return String::from("无法读取");
    };
    if let Some(Wrong(words)) = source.downcast_ref() {
        return words.text(Language::Chinese).to_owned();
    }
    let english = source.to_string();
    if let Some((number, range)) = english.split_once(" is not in ") {
        return format!("{number} 不在 {range} 之内");
    }
    match english.as_str() {
        "invalid digit found in string" => String::from("不是整数"),
        "invalid IP address syntax" => String::from("不是 IP 地址"),
        _ => english,
    }
}

#[cfg(test)]
mod tests {
    use super::super::translated;
    use super::*;
    use crate::cli::args::Cli;

    fn said(line: &str) -> String {
        let error = translated(Cli::whole()).try_get_matches_from(line.split(' '));
        let text = told(&error.expect_err(line));
        let plain = anstream::adapter::strip_str(&text).to_string();
        plain.lines().next().unwrap_or_default().to_owned()
    }

    #[test]
    fn what_is_wrong_with_arguments_is_told_in_chinese() {
        for (line, message) in [
            ("pathproof check a --foo", "错误: 没有参数 '--foo'"),
            ("pathproof chek a", "错误: 没有命令 'chek'"),
            ("pathproof check", "错误: 缺少必需的参数：'<PATH>...'"),
            ("pathproof check a --color red", "错误: 'red' 不是 '--color <WHEN>' 的有效值"),
            ("pathproof check a -q -v", "错误: '--quiet' 不能与 '--verbose' 同时使用"),
            (
                "pathproof report a --limit 0",
                "错误: '0' 不是 '--limit <ENDS>' 的有效值：0 不在 1..=1000 之内",
            ),
            ("pathproof links a --ip x", "错误: 'x' 不是 '--ip <ADDRESS>' 的有效值：不是 IP 地址"),
        ] {
            assert_eq!(said(line), message, "{line}");
        }
        let budget = said("pathproof check a --budget none,none");
        assert!(budget.ends_with("`none` 要写在最前，如 none,1M"), "{budget}");
    }
}
