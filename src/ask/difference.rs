//! Two networks compared: `whatif` and `diff`, with the expectations that a change would break.

use serde_json::{Value, json};

use super::Terms;
use super::asked::Asked;
use super::ends::traffic;
use super::wrong::{Unanswered, Wrong};
use crate::code::Language;
use crate::diagnostic::{Sources, Span, Words};
use crate::render::difference::{Outcomes, Scenes, difference_json, intent_json};
use crate::render::scene::Scene;
use crate::scenario::{PlannedChange, parse_changes, parse_intent};
use crate::verify::{
    Budget, ChangeReport, ChangedPart as Part, Deed, Depth, Difference, Exceeded,
    ExpectationReport, Request, Scope, Situation, StageReport, Turned, Untolds, applied,
    difference, differences, rerun,
};

/// Two networks, the texts that they stand in, and what leads from one to the other.
pub struct Two {
    /// The network before.
    pub old: (Situation, Sources),
    /// The network after.
    pub new: (Situation, Sources),
    /// What leads from one to the other.
    pub deeds: Vec<Deed>,
    /// What people call each deed.
    pub names: Vec<String>,
    /// Each change as it was written, if the deeds are changes.
    pub written: Vec<String>,
    /// What came of the changes, if the deeds are changes.
    pub changes: Vec<ChangeReport>,
    /// Warnings of the files.
    pub warnings: Vec<Value>,
    /// What was left out of the networks.
    pub left: Untolds,
}

impl Two {
    /// Where what is spoken of stands.
    #[must_use]
    pub fn scenes(&self, language: Language) -> Scenes<'_> {
        Scenes {
            old: Scene::of(&self.old.0, &self.old.1, language),
            new: Scene::of(&self.new.0, &self.new.1, language),
            deeds: &self.names,
        }
    }

    /// A network before and after changes, which come as texts with a name each.
    ///
    /// # Errors
    ///
    /// With what is wrong in them.
    pub fn by_changes(
        asked: &Asked,
        texts: &[(String, String)],
        language: Language,
    ) -> Result<Self, Unanswered> {
        if texts.is_empty() {
            return Err(no_change().into());
        }
        let mut sources = asked.sources.clone();
        let named = texts.iter();
        let named: Vec<_> = named.map(|(name, text)| (&**name, &**text)).collect();
        let parsed = parse_changes(&named, &asked.situation.network, &mut sources);
        let Some(changes) = parsed.changes else {
            let diagnostics = parsed.diagnostics;
            return Err(Wrong::Text { sources, diagnostics }.into());
        };
        let old = asked.situation.clone();
        let placed = old.origins.with_sources(sources.clone());
        let start = old.placed(placed.into());
        let (new, reports) = applied(&start, &changes);
        let deeds = changes.iter().map(|one| Deed::Change(one.change.clone()));
        let names = changes.iter().map(|planned| told(&sources, planned));
        let written = changes.iter().filter_map(|planned| sources.text(planned.span));
        Ok(Self {
            written: written.map(str::to_owned).collect(),
            old: (old, asked.sources.clone()),
            deeds: deeds.collect(),
            names: names.collect(),
            new: (new, sources),
            changes: reports,
            warnings: asked.warnings(language),
            left: Untolds::default(),
        })
    }

    /// Two files.
    #[must_use]
    pub fn of_files(old: &Asked, new: &Asked, language: Language) -> Self {
        let parts = differences(&old.situation.network, &new.situation.network);
        let names = parts.iter().map(|part| part_name(part, language));
        Self {
            old: (old.situation.clone(), old.sources.clone()),
            new: (new.situation.clone(), new.sources.clone()),
            names: names.collect(),
            written: Vec::new(),
            deeds: parts.into_iter().map(|(part, _)| Deed::Parts(vec![part])).collect(),
            changes: Vec::new(),
            warnings: [old.warnings(language), new.warnings(language)].concat(),
            left: Untolds::default(),
        }
    }
}

/// What is asked about a difference, beside what works.
#[derive(Debug)]
pub struct Asking<'a> {
    /// The name and the text of what is meant to change: nothing else may.
    pub intent: Option<(&'a str, &'a str)>,
    /// How closely it is looked at.
    pub depth: Depth,
    /// Source ports, if others than the usual ones.
    pub source_port: Option<&'a str>,
}

/// What came of a comparison.
pub struct Compared {
    /// What is let through differently.
    pub found: Difference,
    /// The expectations that hold before and not after, if there are any.
    pub broken: Option<StageReport>,
    /// Of each that may break what the budget was not enough of.
    pub unjudged: Vec<Exceeded>,
}

/// Compares two networks; the expectations are those of the file that is asked.
///
/// # Errors
///
/// With what is wrong with the question.
pub fn compare(
    two: &Two,
    asked: Option<&Asked>,
    asking: &Asking<'_>,
    terms: &Terms,
) -> Result<Compared, Unanswered> {
    let mut intent = None;
    if let Some(text) = asking.intent {
        let mut sources = Sources::default();
        let networks = (&*two.old.0.network, &*two.new.0.network);
        let parsed = parse_intent(text, networks, &mut sources);
        let Some(items) = parsed.items else {
            let diagnostics = parsed.diagnostics;
            return Err(Wrong::Text { sources, diagnostics }.into());
        };
        intent = Some(items.into_iter().map(|item| item.value).collect());
    }
    let request = Request {
        deeds: two.deeds.clone(),
        depth: asking.depth,
        intent,
        scope: Scope::Touched,
        traffic: traffic("all", asking.source_port)?,
        budget: terms.budget,
    };
    let mut found = difference(&two.old.0, &two.new.0, &request);
    if found.exceeded.is_none() {
        found.untold.extend(two.left.changed.iter().cloned());
        let met = two.left.met.iter().filter(|_| found.doubtful > 0);
        found.untold.extend(met.cloned());
    }
    let broken = asked.map(|asked| broken(asked, two, &terms.today, terms.budget));
    let (broken, unjudged) = broken.unzip();
    Ok(Compared {
        found,
        broken: broken.filter(|broken| !broken.expectations.is_empty()),
        unjudged: unjudged.unwrap_or_default(),
    })
}

/// What came of it, as JSON.
#[must_use]
pub fn difference_document(two: &Two, compared: &Compared, language: Language) -> Value {
    let found = &compared.found;
    let broken = compared.broken.as_ref();
    let list = broken.map(|broken| broken_json(broken, &two.new.1));
    let outcomes = Outcomes {
        changes: &two.changes,
        broken: &list.unwrap_or_default(),
        intent: &found.intent.as_ref().map_or(Value::Null, intent_json),
        unjudged: compared.unjudged.len(),
    };
    let mut value = difference_json(found, outcomes, two.scenes(language));
    value["diagnostics"] = two.warnings.clone().into();
    value
}

/// Nothing is to change.
fn no_change() -> Wrong {
    let example = "--change 'DetachClassicLinkVpc(vpc: \"vpc-1\", instances: [\"ins-1\"])'";
    Wrong::Asked {
        message: Words::new("no change is given", "没有给出任何变更"),
        help: Some(Words::new(format!("for example {example}"), format!("例如 {example}"))),
    }
}

/// A change as it was written, on one line and not too long.
fn told(sources: &Sources, planned: &PlannedChange) -> String {
    /// So many letters tell one change from another.
    const LONGEST: usize = 72;
    let text = sources.text(planned.span).unwrap_or_default();
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    if text.chars().count() <= LONGEST {
        return text;
    }
    let start: String = text.chars().take(LONGEST - 1).collect();
    format!("{start}…")
}

/// `sg-web (changed)`.
fn part_name((part, turned): &(Part, Turned), language: Language) -> String {
    let name = match (part, language) {
        (Part::Entity(_, id) | Part::Failure(id) | Part::Name(id), _) => id.to_string(),
        (Part::Links(vpc), Language::English) => format!("classic links of {vpc}"),
        (Part::Links(vpc), Language::Chinese) => format!("{vpc} 的基础网络互通"),
        (Part::Platform, Language::English) => "platform switches".to_owned(),
        (Part::Platform, Language::Chinese) => "平台开关".to_owned(),
    };
    let is_failure = matches!(part, Part::Failure(_));
    match (turned, language) {
        (Turned::Added, Language::English) if is_failure => format!("{name} (down)"),
        (Turned::Added, Language::Chinese) if is_failure => format!("{name}（故障）"),
        (Turned::Removed, Language::English) if is_failure => format!("{name} (up)"),
        (Turned::Removed, Language::Chinese) if is_failure => format!("{name}（恢复）"),
        (Turned::Added, Language::English) => format!("{name} (added)"),
        (Turned::Added, Language::Chinese) => format!("{name}（新增）"),
        (Turned::Changed, Language::English) => format!("{name} (changed)"),
        (Turned::Changed, Language::Chinese) => format!("{name}（变更）"),
        (Turned::Removed, Language::English) => format!("{name} (removed)"),
        (Turned::Removed, Language::Chinese) => format!("{name}（删除）"),
    }
}

/// The expectations of the file that hold in the old network and not in the new one, and of each that may what the budget
/// was not enough of.
fn broken(asked: &Asked, two: &Two, today: &str, budget: Budget) -> (StageReport, Vec<Exceeded>) {
    let before = rerun(&two.old.0, &asked.scenario, today, budget);
    let mut after = rerun(&two.new.0, &asked.scenario, today, budget);
    let is_open = |report: &ExpectationReport| report.exceeded().is_some();
    let reports = before.expectations.iter().zip(&after.expectations);
    let unjudged = reports.filter_map(|(old, new)| {
        let held = old.outcome.is_good() || is_open(old);
        let open = held && !new.outcome.is_good();
        old.exceeded().or(new.exceeded()).filter(|_| open)
    });
    let unjudged = unjudged.collect();
    let held: Vec<Span> = before
        .expectations
        .iter()
        .filter(|report| report.outcome.is_good())
        .map(|report| report.span)
        .collect();
    after.expectations.retain(|report| !report.outcome.is_good() && !is_open(report));
    after.expectations.retain(|report| held.contains(&report.span));
    (after, unjudged)
}

/// The expectations that break.
fn broken_json(broken: &StageReport, sources: &Sources) -> Vec<Value> {
    let list = broken.expectations.iter().map(|report| {
        let line = sources.place(report.span).map(|(_, line, _)| line);
        let verdict = report.found.as_ref().map(|found| found.verdict.name());
        json!({
            "line": line,
            "from": report.expectation.from_text,
            "to": report.expectation.to_text,
            "service": report.expectation.service_text,
            "expected": report.expectation.want.verdict().name(),
            "verdict": verdict,
            "outcome": report.outcome.name(),
        })
    });
    list.collect()
}
