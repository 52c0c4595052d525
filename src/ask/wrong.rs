//! Why a question has no answer: as data, so that a terminal can draw it and everybody else gets the same document.

use serde_json::{Value, json};

use crate::code::{Code, Language};
use crate::diagnostic::{Diagnostic, Sources, Words, shortened, visible};
use crate::render::json::{complaint_json, diagnostic_json, diagnostics_json};
use crate::scenario::Mistake;

/// One thing that is wrong with a question, or with what it is asked of.
#[derive(Debug)]
pub enum Wrong {
    /// A text cannot be used.
    Text {
        /// The texts.
        sources: Sources,
        /// What is wrong in them.
        diagnostics: Vec<Diagnostic>,
    },
    /// An argument is not written as it must be.
    Argument {
        /// The option of the command line.
        option: &'static str,
        /// Its value.
        text: String,
        /// What is wrong in it.
        mistakes: Vec<Mistake>,
    },
    /// What is asked for means nothing here.
    Asked {
        /// What is wrong.
        message: Words,
        /// What to do.
        help: Option<Words>,
    },
    /// The answer is not to be relied on, which is a bug.
    Bug(Words),
    /// There is no such name.
    Unknown {
        /// What is wrong.
        message: Words,
        /// What to do.
        help: Words,
        /// The names that come nearest.
        near: Vec<&'static str>,
    },
}

impl Wrong {
    /// What is asked for means nothing here.
    #[must_use]
    pub fn asked(message: Words) -> Self {
        let help = None;
        Self::Asked { message, help }
    }

    /// As diagnostics in JSON.
    #[must_use]
    pub fn told(&self, language: Language) -> Vec<Value> {
        let shown = |text: &str| shortened(visible(text).into_owned());
        match self {
            Self::Text { sources, diagnostics } => warnings(sources, diagnostics, language),
            Self::Argument { option, mistakes, .. } => {
                let mistakes = mistakes.iter().map(|mistake| {
                    let short = |words: &Words| shortened(words.text(language).to_owned());
                    let help = mistake.help.as_ref().map(short);
                    let message = short(&mistake.message);
                    complaint_json(mistake.code, &message, help.as_deref(), Some(option))
                });
                mistakes.collect()
            }
            Self::Asked { message, help } => {
                let help = help.as_ref().map(|help| shown(help.text(language)));
                let message = shown(message.text(language));
                let code = Code::InvalidValue;
                vec![complaint_json(code, &message, help.as_deref(), None)]
            }
            Self::Bug(message) => {
                let message = shown(message.text(language));
                vec![complaint_json(Code::InvalidValue, &message, None, None)]
            }
            Self::Unknown { message, help, near } => {
                let (message, help) = (message.text(language), help.text(language));
                let code = Code::UnknownReason;
                let mut told = complaint_json(code, message, Some(help), None);
                told["near"] = json!(near);
                vec![told]
            }
        }
    }
}

/// Everything that is wrong with a question.
#[derive(Debug)]
pub struct Unanswered(pub Vec<Wrong>);

impl From<Wrong> for Unanswered {
    fn from(wrong: Wrong) -> Self {
        Self(vec![wrong])
    }
}

impl Unanswered {
    /// What is wrong in texts.
    #[must_use]
    pub fn in_texts((sources, diagnostics): (Sources, Vec<Diagnostic>)) -> Self {
        Wrong::Text { sources, diagnostics }.into()
    }

    /// The document that stands for the answer: `pathproof.diagnostics/1`.
    #[must_use]
    pub fn document(&self, language: Language) -> Value {
        let all = self.0.iter().flat_map(|wrong| wrong.told(language));
        diagnostics_json(&all.collect::<Vec<_>>())
    }
}

/// Diagnostics of texts, as the JSON of a result has them under `diagnostics`.
#[must_use]
pub fn warnings(sources: &Sources, diagnostics: &[Diagnostic], language: Language) -> Vec<Value> {
    let all = diagnostics.iter();
    all.map(|diagnostic| diagnostic_json(sources, diagnostic, language)).collect()
}

/// Two results, or what is wrong with either.
pub(super) fn both<A, B>(
    one: Result<A, Wrong>,
    other: Result<B, Wrong>,
) -> Result<(A, B), Unanswered> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (one, other) => {
            let all = one.err().into_iter().chain(other.err());
            Err(Unanswered(all.collect()))
        }
    }
}
