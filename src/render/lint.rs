//! `lint`: findings for people, for scripts and for code hosts.
//!
//! The words of each finding stand in `lint/english.rs` and `lint/chinese.rs`; a new fact needs an arm in both.

mod chinese;
mod english;
mod json;
mod log;

use annotate_snippets::{AnnotationKind, Group, Level as Title};
use indexmap::IndexMap;

use super::check_text::Verbosity;
use super::number::number;
use super::rule::{place_name, rule_name, rule_text};
use super::scene::Scene;
use super::several::several;
use super::snippet::{draw, fitted, fitted_title, has_room, help, mark};
use super::style::{BAD, DOUBT, GOOD, Line, paragraph};
use crate::code::{Code, Language};
use crate::diagnostic::{Sources, Span};
use crate::id::Id;
use crate::lint::{Finding, Level, Report, Site};
use crate::model::{Locate, Network, Place};
use crate::query::RuleRef;

pub(super) use json::findings;
pub use json::lint_json;
pub use log::lint_sarif;

/// So many other places are drawn with a finding, and so many names stand in a sentence.
const FEW: usize = 4;

/// Of more findings of a kind only the first is drawn; so many others are listed.
const ALIKE: usize = 3;
const LISTED: usize = 12;

/// The words of a finding.
struct Words {
    /// One sentence without a full stop.
    message: String,
    /// What is to be said of the other places.
    related: &'static str,
}

/// A network with its places and texts, and the language to speak of it.
struct Speaker<'a> {
    network: &'a Network,
    places: &'a dyn Locate,
    sources: &'a Sources,
    language: Language,
}

impl Speaker<'_> {
    fn words(&self, finding: &Finding) -> Words {
        match self.language {
            Language::English => english::words(self, finding),
            Language::Chinese => chinese::words(self, finding),
        }
    }

    fn scene(&self) -> Scene<'_> {
        Scene {
            network: self.network,
            origins: self.places,
            sources: self.sources,
            language: self.language,
        }
    }

    fn span(&self, at: &Site) -> Option<Span> {
        match at {
            Site::Place(place) => self.scene().find(place).map(|spot| spot.span),
            Site::Span(span) => Some(*span),
        }
    }

    /// `sg-web ingress #3`, with what it says.
    fn rule(&self, rule: &RuleRef) -> String {
        let name = rule_name(rule);
        match rule_text(self.network, rule, self.language) {
            Some(text) => format!("{name} ({text})"),
            None => name,
        }
    }

    /// `sg-web #1, #2`: rules of one list, the first few of them.
    fn rules(&self, rules: &[RuleRef]) -> String {
        let numbers = rules.iter().take(FEW);
        let numbers: Vec<String> = numbers.map(|rule| format!("#{}", rule.index + 1)).collect();
        let more = rules.len().saturating_sub(FEW);
        self.and_more(&several(&numbers, self.language), more)
    }

    /// The first few names.
    fn names(&self, names: &[String]) -> String {
        let more = names.len().saturating_sub(FEW);
        let few: Vec<&str> = names.iter().take(FEW).map(String::as_str).collect();
        self.and_more(&several(&few, self.language), more)
    }

    /// `ins-a:80, ins-b:80`.
    fn targets(&self, targets: &[Id], port: u16) -> String {
        let names = targets.iter().map(|id| format!("{id}:{port}"));
        self.names(&names.collect::<Vec<_>>())
    }

    fn and_more(&self, few: &str, more: usize) -> String {
        match (more, self.language) {
            (0, _) => few.to_owned(),
            (_, Language::English) => format!("{few} and {more} more"),
            (_, Language::Chinese) => format!("{few} 等（另有 {more} 个）"),
        }
    }

    /// The thing that a finding stands at, by name.
    fn name(finding: &Finding) -> String {
        match &finding.at {
            Site::Place(place) => place_name(place),
            Site::Span(_) => String::new(),
        }
    }
}

/// What is made of the findings of a file; nothing where it has no network to speak of.
fn spoken<T: Default>(
    report: &Report,
    language: Language,
    tell: impl FnOnce(&Speaker<'_>) -> T,
) -> T {
    let Some(network) = &report.network else {
        return T::default();
    };
    let places = report.places();
    tell(&Speaker { network, places: &*places, sources: &report.sources, language })
}

/// The findings of a file, each drawn at its place with a blank line after it.
#[must_use]
pub fn lint_text(report: &Report, verbosity: Verbosity, language: Language) -> String {
    spoken(report, language, |speaker| grouped(speaker, report, verbosity))
}

/// Many findings of a kind together.
fn grouped(speaker: &Speaker<'_>, report: &Report, verbosity: Verbosity) -> String {
    let told = report.findings.iter();
    let told = told.filter(|it| verbosity > Verbosity::Quiet || it.level == Level::Error);
    let mut groups: IndexMap<(Code, Level), Vec<&Finding>> = IndexMap::new();
    let mut text = String::new();
    let told: Vec<&Finding> = told.collect();
    for finding in &told {
        let group = groups.entry((finding.code(), finding.level)).or_default();
        group.push(finding);
    }
    for finding in told {
        let group = groups.get(&(finding.code(), finding.level));
        let many = group.filter(|it| it.len() > ALIKE && verbosity < Verbosity::Verbose);
        match many.map(|it| it.split_at(1)) {
            None => text += &(drawn(speaker, finding, verbosity) + "\n"),
            Some(([first], others)) if std::ptr::eq(*first, finding) => {
                text += &drawn(speaker, finding, verbosity);
                text += &(listed(speaker, others) + "\n");
            }
            Some(_) => {}
        }
    }
    text
}

/// Others of the kind of a finding, a line each, and how many more there are.
fn listed(speaker: &Speaker<'_>, others: &[&Finding]) -> String {
    let code = others.first().map_or("", |it| it.code().name());
    let count = number(others.len());
    let head = match speaker.language {
        Language::English => format!("and {count} more of {code}:"),
        Language::Chinese => format!("{code} 还有 {count} 处："),
    };
    let mut text = paragraph(2, &head, "");
    for finding in others.iter().take(LISTED) {
        let place = speaker.span(&finding.at);
        let place = place.and_then(|span| speaker.scene().spot(span));
        let place = place.map_or_else(String::new, |spot| speaker.scene().short(spot));
        text += &paragraph(4, &speaker.words(finding).message, &place);
    }
    let more = others.len().saturating_sub(LISTED);
    if more > 0 {
        let more = number(more);
        let line = match speaker.language {
            Language::English => format!("… and {more} more; -v draws them all"),
            Language::Chinese => format!("……另有 {more} 处，加 -v 查看全部"),
        };
        text += &paragraph(4, &line, "");
    }
    text
}

fn drawn(speaker: &Speaker<'_>, finding: &Finding, verbosity: Verbosity) -> String {
    let words = speaker.words(finding);
    let word = level_word(finding.level, speaker.language);
    let title = match finding.level {
        Level::Error => Title::ERROR,
        Level::Warning => Title::WARNING,
        Level::Note => Title::NOTE,
    };
    let message = fitted_title(word, Some(finding.code()), &words.message);
    let title = title.with_name(word).primary_title(message);
    let mut group = Group::with_title(title.id(finding.code().name()));
    let own = speaker.span(&finding.at);
    if let Some(snippet) =
        own.and_then(|span| mark(speaker.sources, span, AnnotationKind::Primary, ""))
    {
        group = group.element(snippet);
    }
    for span in related(speaker, finding, own) {
        let fits = has_room(speaker.sources, span, words.related);
        let label = if fits { words.related } else { "" };
        if let Some(snippet) = mark(speaker.sources, span, AnnotationKind::Context, label) {
            group = group.element(snippet);
        }
    }
    if verbosity == Verbosity::Verbose
        && let Some(advice) = finding.code().advice(speaker.language)
    {
        group = group.element(help(speaker.language).message(fitted(advice)));
    }
    draw(&[group])
}

/// The word for how bad it is.
fn level_word(level: Level, language: Language) -> &'static str {
    match (level, language) {
        (Level::Error, Language::English) => "error",
        (Level::Warning, Language::English) => "warning",
        (Level::Note, Language::English) => "note",
        (Level::Error, Language::Chinese) => "错误",
        (Level::Warning, Language::Chinese) => "警告",
        (Level::Note, Language::Chinese) => "提示",
    }
}

/// The first few other places that stand elsewhere than the finding.
fn related(speaker: &Speaker<'_>, finding: &Finding, own: Option<Span>) -> Vec<Span> {
    let mut spans = Vec::new();
    for place in &finding.related {
        let span = speaker.span(&Site::Place(place.clone()));
        if let Some(span) = span.filter(|span| Some(*span) != own && !spans.contains(span)) {
            spans.push(span);
        }
        if spans.len() == FEW {
            break;
        }
    }
    spans
}

/// A finding in words, for an editor.
pub struct Said {
    /// Where it stands, if it was written.
    pub span: Option<Span>,
    /// Its code.
    pub code: Code,
    /// How bad it is.
    pub level: Level,
    /// One sentence.
    pub message: String,
    /// What to do.
    pub help: &'static str,
    /// The first few other places.
    pub related: Vec<Span>,
    /// What is to be said of them.
    pub of_related: &'static str,
}

/// The findings of a file in words, in its order.
#[must_use]
pub fn said(report: &Report, language: Language) -> Vec<Said> {
    spoken(report, language, |speaker| {
        let said = report.findings.iter().map(|finding| {
            let words = speaker.words(finding);
            let span = speaker.span(&finding.at);
            Said {
                span,
                code: finding.code(),
                level: finding.level,
                message: words.message,
                help: finding.code().advice(language).unwrap_or_default(),
                related: related(speaker, finding, span),
                of_related: words.related,
            }
        });
        said.collect()
    })
}

/// How many findings there are in all files.
#[must_use]
pub fn lint_summary(reports: &[Report], language: Language) -> String {
    let count = |level| reports.iter().map(|report| report.count(level)).sum::<usize>();
    let [errors, warnings, notes] = [Level::Error, Level::Warning, Level::Note].map(count);
    let files = reports.len();
    let many = |count: usize, word: &str| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} {word}{plural}")
    };
    let text = match language {
        Language::English => format!(
            "{}: {}, {}, {} — {}",
            many(errors + warnings + notes, "finding"),
            many(errors, "error"),
            many(warnings, "warning"),
            many(notes, "note"),
            many(files, "file")
        ),
        Language::Chinese => format!(
            "共 {} 个问题：{errors} 个错误，{warnings} 个警告，{notes} 个提示 — {files} 个文件",
            errors + warnings + notes
        ),
    };
    let style = match (errors, warnings) {
        (0, 0) => GOOD,
        (0, _) => DOUBT,
        _ => BAD,
    };
    Line::indented(2).styled(style, &text).end()
}

/// A place of the network as the finding's words name it.
fn id_of(place: &Place) -> &str {
    place.id.as_str()
}
