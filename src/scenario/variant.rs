//! Words without quotes, alone or with something in parentheses: `Running`, `Vpc("vpc-1")`.

use super::meant;
use super::near;
use super::reader::Reader;
use super::reference::Wanted;
use super::value::{Shape, Value};
use super::word::reference;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Words};
use crate::id::Id;

/// One of some words.
pub fn word<'src, T: Copy>(
    choices: &'static [(&'static str, T)],
) -> impl Fn(Value<'src>, &mut Reader<'src>) -> Option<T> {
    move |value, at| {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let (word, payload) = at.variant(value, &names)?;
        at.bare(word, payload)?;
        choices.iter().find(|(name, _)| *name == word).map(|(_, choice)| *choice)
    }
}

impl<'src> Reader<'src> {
    /// The word of a variant, which must be one of `names`, and what follows it.
    pub fn variant(
        &mut self,
        value: Value<'src>,
        names: &[&str],
    ) -> Option<(&'src str, Value<'src>)> {
        let Some((word, payload)) = value.variant().filter(|_| value.shape() == Shape::Word) else {
            let quoted = value.string().ok().filter(|text| names.contains(&text.as_ref()));
            if let Some(word) = quoted {
                let span = self.span(value.text());
                let diagnostic = Diagnostic::error(
                    Code::InvalidValue,
                    span,
                    Words::new("a word is needed here, not a string", "此处需要单词，而不是字符串"),
                );
                self.report(diagnostic.with_help(Words::new(
                    format!("write `{word}` without quotes"),
                    format!("`{word}` 请不要加引号"),
                )));
                return None;
            }
            if names.contains(&"Accept") && value.shape() == Shape::Fields {
                return self.invalid_with(
                    super::reader::head(value),
                    Words::new("a rule begins with its action", "规则以动作开头"),
                    Words::new(
                        "write `Accept(…)` or `Drop(…)`, without a field for it",
                        "请写 `Accept(…)` 或 `Drop(…)`，动作不是字段",
                    ),
                );
            }
            let wanted = match names {
                [one, ..] => {
                    Words::new(format!("a word such as `{one}`"), format!("单词，例如 `{one}`"))
                }
                [] => Words::new("a word", "单词"),
            };
            self.shape::<()>(value, &wanted);
            return None;
        };
        if names.contains(&word) {
            return Some((word, payload));
        }
        let span = self.span(word);
        let diagnostic = Diagnostic::error(
            Code::UnknownVariant,
            span,
            Words::new(format!("there is no `{word}` here"), format!("此处没有 `{word}` 这一项")),
        );
        let help = meant::variant(word, names).map(near::question);
        let help = help.or_else(|| near::help(word, &near::one_of(), names.iter().copied()));
        self.report(Diagnostic { help, ..diagnostic });
        None
    }

    /// The one value of `Vpc("vpc-1")`.
    pub fn single(&mut self, word: &'src str, payload: Value<'src>) -> Option<Value<'src>> {
        if let Ok(tuple) = payload.tuple()
            && let [only] = tuple[..]
        {
            return Some(only);
        }
        self.invalid(
            word,
            Words::new(
                format!("`{word}` takes one value in parentheses: `{word}(…)`"),
                format!("`{word}` 的括号中需要一个值：`{word}(…)`"),
            ),
        )
    }

    /// Nothing after the word, as in `Running`.
    pub fn bare(&mut self, word: &'src str, payload: Value<'src>) -> Option<()> {
        if payload.text().is_empty() || payload.tuple().is_ok_and(|tuple| tuple.is_empty()) {
            return Some(());
        }
        self.invalid(
            word,
            Words::new(
                format!("`{word}` takes nothing in parentheses"),
                format!("`{word}` 的括号中不能有内容"),
            ),
        )
    }

    /// An id as the one value of a variant, as in `Vpc("vpc-1")`.
    pub fn named(&mut self, word: &'src str, payload: Value<'src>, wanted: Wanted) -> Option<Id> {
        let value = self.single(word, payload)?;
        reference(wanted)(value, self)
    }
}
