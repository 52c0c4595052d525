//! Certificates: verdicts that a stranger can check, a document each, of a connection, of expectations, of a difference.

use serde_json::Value;

use super::asked::Asked;
use super::connection::Between;
use super::ends::traffic;
use super::wrong::Unanswered;
use crate::certify::{Gap, Proof, Setting, questions, setting, settings_of};
use crate::diagnostic::Span;
use crate::query::Traffics;
use crate::render::certificate::{Digests, Subject, certificate_json};
use crate::scenario::Scenario;
use crate::verify::{Budget, Difference, Situation};

/// Certificates, a document a line, and how many lines say that there is none.
#[derive(Debug, Default)]
pub struct Certificates {
    /// The lines.
    pub text: String,
    /// How many of them say why there is no certificate.
    pub missing: usize,
}

impl Certificates {
    /// How many lines there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.text.lines().count()
    }

    /// The documents.
    ///
    /// # Panics
    ///
    /// Never: each line is JSON.
    #[must_use]
    pub fn documents(&self) -> Vec<Value> {
        let lines = self.text.lines();
        let documents = lines.map(|line| serde_json::from_str(line).expect("a line of JSON"));
        documents.collect()
    }

    fn add(&mut self, subject: &Subject<'_>, proof: &Result<Proof, Gap>) {
        self.missing += usize::from(proof.is_err());
        self.text.push_str(&certificate_json(subject, proof));
        self.text.push('\n');
    }
}

/// The certificate of a connection, in the network of the file or after a step or in a what-if.
///
/// # Errors
///
/// With what is wrong with the question.
pub fn certified(
    (asked, at): (&Asked, Option<&str>),
    between: Between<'_>,
    files: &Digests,
    budget: Budget,
) -> Result<Certificates, Unanswered> {
    let ([opener, meant], packets) = between.resolve(asked)?;
    let mut documents = Certificates::default();
    if let Some(setting) = setting(&asked.scenario, asked.base(), at) {
        let texts = [between.from, between.to, between.service];
        let subject = subject(&setting, files, None, texts, &packets);
        let proof = setting.answer([&opener, &meant], &packets, budget);
        documents.add(&subject, &proof);
    }
    Ok(documents)
}

/// The certificates of the expectations of a file: of those that are wanted by their places.
#[must_use]
pub fn certified_expectations(
    (scenario, base): (&Scenario, &Situation),
    files: &Digests,
    only: impl Fn(Span) -> bool,
    budget: Budget,
) -> Certificates {
    let mut documents = Certificates::default();
    for setting in settings_of(scenario, base) {
        let proofs = setting.certificates(budget).into_iter();
        for (index, (planned, proof)) in setting.expectations.iter().zip(proofs).enumerate() {
            if !only(planned.span) {
                continue;
            }
            let asked = &planned.value;
            let texts = [&*asked.from_text, &asked.to_text, &asked.service_text];
            let subject = subject(&setting, files, Some(index), texts, &asked.traffic);
            documents.add(&subject, &proof);
        }
    }
    documents
}

/// The certificates of one side of a difference: what is asked on either side of each piece of it.
#[must_use]
pub fn certified_side(
    (asked, at): (&Asked, Option<&str>),
    found: &Difference,
    files: &Digests,
    budget: Budget,
) -> Certificates {
    let mut documents = Certificates::default();
    let Some(setting) = setting(&asked.scenario, asked.base(), at) else {
        return documents;
    };
    for question in questions(found) {
        let (from, to, service) = (&question.from, &question.to, &question.service);
        let between = Between { from, to, service, source_port: question.source_port.as_deref() };
        let Ok(packets) = traffic(service, between.source_port) else {
            continue;
        };
        let subject = subject(&setting, files, None, [from, to, service], &packets);
        let proof = match between.resolve(asked) {
            Ok(([opener, meant], packets)) => setting.answer([&opener, &meant], &packets, budget),
            // Somebody who is only there before, or only after.
            Err(_) => Err(Gap::Vacuous),
        };
        documents.add(&subject, &proof);
    }
    documents
}

fn subject<'a>(
    setting: &'a Setting<'_>,
    files: &'a Digests,
    expectation: Option<usize>,
    texts: [&'a str; 3],
    traffic: &'a Traffics,
) -> Subject<'a> {
    Subject {
        files,
        stage: (setting.kind.name(), setting.name, &setting.changes),
        expectation,
        texts,
        traffic,
    }
}
