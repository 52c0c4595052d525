//! Why an expectation or a change came out as it did, in a few words for its line.

use super::super::json::waypoint_text;
use super::super::number::number;
use super::super::rule::{near_miss, services};
use super::super::scene::Scene;
use super::super::sentence::sentence;
use super::super::several::several;
use crate::code::{Code, Language};
use crate::id::Id;
use crate::model::Endpoint;
use crate::query::{Direction, Facts, Reason, RuleRef, Verdict, Want};
use crate::verify::{ChangeReport, ExpectationReport, Found, Note, Outcome};

/// `ins-a → ins-b tcp:443 reachable`.
pub(in super::super) fn subject(report: &ExpectationReport, language: Language) -> String {
    let verdict = report.expectation.want.verdict();
    format!("{} {}", question(report, language), verdict_word(verdict, language))
}

/// `ins-a → ins-b tcp:443 should be reachable`, and what else is demanded where that is what fails.
pub(in super::super) fn demand(report: &ExpectationReport, language: Language) -> String {
    let verdict = report.expectation.want.verdict();
    let verdict = verdict_word(verdict, language);
    let question = question(report, language);
    let more = report.notes.iter().find_map(|note| match (note, language) {
        (Note::OtherReason(code), Language::English) => Some(format!(" because of {code}")),
        (Note::NotVia(at), Language::English) => Some(format!(" via {}", waypoint_text(at))),
        (Note::Via(at), Language::English) => Some(format!(", not via {}", waypoint_text(at))),
        (Note::OtherReason(code), Language::Chinese) => Some(format!("，原因为 {code}")),
        (Note::NotVia(at), Language::Chinese) => Some(format!("，经由 {}", waypoint_text(at))),
        (Note::Via(at), Language::Chinese) => Some(format!("，不经由 {}", waypoint_text(at))),
        _ => None,
    });
    let more = more.unwrap_or_default();
    match language {
        Language::English => format!("{question} should be {verdict}{more}"),
        Language::Chinese => format!("{question} 应{verdict}{more}"),
    }
}

/// What was asked, with the name in front if it has one.
fn question(report: &ExpectationReport, language: Language) -> String {
    let asked = &report.expectation;
    let name = asked.name.as_ref().map_or(String::new(), |name| match language {
        Language::English => format!("{name}: "),
        Language::Chinese => format!("{name}："),
    });
    format!("{name}{} → {} {}", asked.from_text, asked.to_text, asked.service_text)
}

pub(in super::super) fn verdict_word(verdict: Verdict, language: Language) -> &'static str {
    match (verdict, language) {
        (_, Language::English) => verdict.name(),
        (Verdict::Reachable, Language::Chinese) => "可达",
        (Verdict::Unreachable, Language::Chinese) => "不可达",
        (Verdict::Partial, Language::Chinese) => "部分可达",
        (Verdict::Undetermined, Language::Chinese) => "未决",
    }
}

/// Why an expectation did not pass, without whom it speaks of: those of one cause are told together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SameCause<'a> {
    verdicts: (Outcome, Verdict, Verdict),
    stops: Vec<Stop<'a>>,
}

/// The code, where, by which rule, and which way the packets were going.
type Stop<'a> = (Code, Option<&'a Id>, Option<&'a RuleRef>, Direction);

impl<'a> SameCause<'a> {
    /// Of an expectation; `None` where it passed, or where blockers are not all that is to be said.
    pub(super) fn of(report: &'a ExpectationReport) -> Option<Self> {
        let found = report.found.as_ref()?;
        let plain = report.notes.iter().all(|note| *note == Note::OtherVerdict);
        if report.outcome.is_good() || !plain || found.reasons.is_empty() {
            return None;
        }
        let mut stops: Vec<Stop<'_>> = Vec::new();
        for reason in &found.reasons {
            let cause = &reason.cause;
            let stop = (cause.code, cause.at.as_ref(), reason.rule.as_ref(), reason.direction);
            if !stops.contains(&stop) {
                stops.push(stop);
            }
        }
        let wanted = report.expectation.want.verdict();
        Some(Self { verdicts: (report.outcome, wanted, found.verdict), stops })
    }
}

/// A blocker in words.
pub(super) struct Blocker {
    /// The sentence, and the near miss.
    pub(super) text: String,
    pub(super) code: Code,
    /// The first rule of the cloud, or an empty text.
    pub(super) semantics: &'static str,
}

/// Blockers that are the same but for whom they are at are one.
pub(in super::super) struct Shared<'a> {
    /// The first of them.
    pub(in super::super) reason: &'a Reason,
    /// At whom they are.
    ends: Vec<&'a Endpoint>,
}

impl Shared<'_> {
    /// ` (at ins-1 and 8 more)`; nothing of one end.
    fn whom(&self, language: Language) -> String {
        match (self.ends.as_slice(), language) {
            ([first, _, ..], Language::English) => {
                format!(" (at {first} and {} more)", number(self.ends.len() - 1))
            }
            ([first, _, ..], Language::Chinese) => {
                format!("（{first} 等共 {} 处）", number(self.ends.len()))
            }
            _ => String::new(),
        }
    }
}

/// The blockers that people are told, in the order of the first of each.
pub(in super::super) fn distinct(reasons: &[Reason]) -> Vec<Shared<'_>> {
    let mut known: Vec<Shared<'_>> = Vec::new();
    for reason in reasons {
        match known.iter_mut().find(|it| is_same(it.reason, reason)) {
            None => known.push(Shared { reason, ends: reason.endpoint.iter().collect() }),
            Some(shared) => {
                let end = reason.endpoint.as_ref();
                let end = end.filter(|end| !shared.ends.contains(end));
                shared.ends.extend(end);
            }
        }
    }
    known
}

/// Whether two blockers are at two ends and otherwise the same.
fn is_same(a: &Reason, b: &Reason) -> bool {
    let key = |reason: &Reason| (reason.direction, reason.cause.code, reason.endpoint.is_some());
    let at = |reason: &Reason| {
        let own = reason.endpoint.as_ref().and_then(Endpoint::id);
        reason.cause.at.clone().filter(|at| Some(at) != own)
    };
    let facts = |reason: &Reason| Facts { address: None, ..reason.cause.facts.clone() };
    key(a) == key(b)
        && at(a) == at(b)
        && facts(a) == facts(b)
        && (&a.rule, &a.near_miss) == (&b.rule, &b.near_miss)
}

/// All blockers in words.
pub(super) fn blockers(scene: Scene<'_>, reasons: &[Reason]) -> Vec<Blocker> {
    let told = distinct(reasons).into_iter().map(|shared| {
        let reason = shared.reason;
        let mut text = sentence(reason, scene.language) + &shared.whom(scene.language);
        if let Some(near) = &reason.near_miss {
            let near = near_miss(scene.network, near, &reason.witness, scene.language);
            text.push_str(match scene.language {
                Language::English => "; nearest: ",
                Language::Chinese => "；最接近的规则：",
            });
            text.push_str(&near);
        }
        Blocker {
            text,
            code: reason.cause.code,
            semantics: reason.cause.code.rules().first().copied().unwrap_or(""),
        }
    });
    told.collect()
}

/// Why an expectation did not pass, or what it is waived for.
pub(in super::super) fn of_expectation(scene: Scene<'_>, report: &ExpectationReport) -> String {
    let language = scene.language;
    let found = report.found.as_ref();
    let mut parts: Vec<String> = Vec::new();
    if report.outcome == Outcome::Undetermined && !report.notes.contains(&Note::OtherVerdict) {
        parts.extend(found.map(|found| verdict_is(found, language)));
    }
    for note in &report.notes {
        parts.extend(note_text(report, found, note, language));
    }
    if let (Outcome::Waived, Some(waiver)) = (report.outcome, &report.expectation.waive) {
        let (until, owner, reason) = (&waiver.until, &waiver.owner, &waiver.reason);
        parts.push(match language {
            Language::English => format!("accepted until {until} by {owner}: {reason}"),
            Language::Chinese => format!("{owner} 豁免至 {until}：{reason}"),
        });
    }
    parts.join(match language {
        Language::English => "; ",
        Language::Chinese => "；",
    })
}

fn note_text(
    report: &ExpectationReport,
    found: Option<&Found>,
    note: &Note,
    language: Language,
) -> Option<String> {
    let asked = &report.expectation;
    let english = language == Language::English;
    Some(match note {
        Note::OtherVerdict => verdict_is(found?, language),
        Note::OtherReason(code) => {
            let mut codes: Vec<&str> = Vec::new();
            for reason in &found?.reasons {
                let name = reason.cause.code.name();
                if !codes.contains(&name) {
                    codes.push(name);
                }
            }
            let codes = several(&codes, language);
            if english {
                format!("is blocked, but not by {code}: {codes}")
            } else {
                format!("被阻断，但原因不是 {code}：{codes}")
            }
        }
        Note::NotVia(at) if english => format!("a way misses {}", waypoint_text(at)),
        Note::NotVia(at) => format!("有路径未经过 {}", waypoint_text(at)),
        Note::Via(at) if english => format!("a way passes {}", waypoint_text(at)),
        Note::Via(at) => format!("有路径经过 {}", waypoint_text(at)),
        Note::OtherServices => {
            let works = works_text(found?, language);
            let wanted = match &asked.want {
                Want::Partial { works: Some(works) } => works.iter().map(ToString::to_string),
                _ => return Some(works),
            };
            let wanted = several(&wanted.collect::<Vec<_>>(), language);
            if english {
                format!("{works}, not {wanted}")
            } else {
                format!("{works}，而非 {wanted}")
            }
        }
        Note::Known(from) if english => format!("known from {from}"),
        Note::Known(from) => format!("{from} 中已知"),
        Note::WaiverExpired(until) if english => format!("the waiver ran out on {until}"),
        Note::WaiverExpired(until) => format!("豁免已于 {until} 到期"),
        Note::NobodyFrom if english => format!("`{}` is nobody", asked.from_text),
        Note::NobodyFrom => format!("`{}` 不包含任何对象", asked.from_text),
        Note::NobodyTo if english => format!("`{}` is nobody", asked.to_text),
        Note::NobodyTo => format!("`{}` 不包含任何对象", asked.to_text),
        Note::OnlyItself if english => "both sides are one and the same endpoint".to_owned(),
        Note::OnlyItself => "两端是同一个对象".to_owned(),
        Note::Unknown(id) if english => format!("`{id}` does not exist here"),
        Note::Unknown(id) => format!("`{id}` 在此处不存在"),
    })
}

/// `is partial: the reply … is dropped`.
fn verdict_is(found: &Found, language: Language) -> String {
    let verdict = verdict_word(found.verdict, language);
    let first = found.reasons.first();
    let detail = match (found.verdict, first, &found.working) {
        (Verdict::Reachable, _, Some(working)) => match language {
            Language::English => format!("{} arrives and is answered", working.packet),
            Language::Chinese => format!("{} 可到达并得到应答", working.packet),
        },
        (_, Some(_), _) => blocked(&distinct(&found.reasons), language),
        _ => return is(verdict, language),
    };
    match language {
        Language::English => format!("is {verdict}: {detail}"),
        Language::Chinese => format!("实为{verdict}：{detail}"),
    }
}

fn is(verdict: &str, language: Language) -> String {
    match language {
        Language::English => format!("is {verdict}"),
        Language::Chinese => format!("实为{verdict}"),
    }
}

/// The first blocker, and how many there are besides.
fn blocked(reasons: &[Shared<'_>], language: Language) -> String {
    let first = reasons.first();
    let first = first.map(|it| sentence(it.reason, language) + &it.whom(language));
    let first = first.unwrap_or_default();
    match (reasons.len().saturating_sub(1), language) {
        (0, _) => first,
        (more, Language::English) => format!("{first} (and {more} more)"),
        (more, Language::Chinese) => format!("{first}（另有 {more} 处）"),
    }
}

/// Which services work for everybody.
pub(in super::super) fn works_text(found: &Found, language: Language) -> String {
    let works = several(&services(&found.works), language);
    match (works.is_empty(), language) {
        (true, Language::English) => "no service works for every pair and source port".to_owned(),
        (true, Language::Chinese) => "没有任何服务对所有对象和源端口都可用".to_owned(),
        (false, Language::English) => format!("{works} works"),
        (false, Language::Chinese) => format!("{works} 可用"),
    }
}

/// What came of a change, with the words of a refusal.
pub(in super::super) fn of_change(change: &ChangeReport, language: Language) -> String {
    let outcome = outcome_of(change, language);
    match &change.refused {
        Some((_, message)) if !change.passed => {
            let message = message.text(language);
            match language {
                Language::English => format!("{outcome}: {message}"),
                Language::Chinese => format!("{outcome}：{message}"),
            }
        }
        _ => outcome,
    }
}

/// What came of a change.
pub(super) fn outcome_of(change: &ChangeReport, language: Language) -> String {
    let english = language == Language::English;
    match (&change.refused, change.wanted) {
        (None, None) if english => "is applied".to_owned(),
        (None, None) => "已生效".to_owned(),
        (None, Some(wanted)) if english => {
            format!("goes through; it should be refused with {wanted}")
        }
        (None, Some(wanted)) => format!("已生效，而预期以 {wanted} 拒绝"),
        (Some((code, _)), Some(wanted)) if *code == wanted && english => {
            format!("is refused as it should be: {code}")
        }
        (Some((code, _)), Some(wanted)) if *code == wanted => format!("如预期被拒绝：{code}"),
        (Some((code, _)), Some(wanted)) if english => {
            format!("is refused with {code}, not {wanted}")
        }
        (Some((code, _)), Some(wanted)) => format!("以 {code} 而非 {wanted} 拒绝"),
        (Some((code, _)), None) if english => format!("is refused with {code}"),
        (Some((code, _)), None) => format!("被拒绝：{code}"),
    }
}
