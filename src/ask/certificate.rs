//! Certificates: verdicts that a stranger can check, a document each, of a connection, of expectations, of a difference.

use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::asked::{Asked, to_read};
use super::connection::Between;
use super::ends::traffic;
use super::resident::Shelf;
use super::wrong::Unanswered;
use crate::certify::{Gap, Proof, Setting, questions, setting, settings_of};
use crate::diagnostic::{Span, Words};
use crate::query::Traffics;
use crate::render::certificate::{Digests, Subject, certificate_json};
use crate::scenario::{Files, Scenario, load_within};
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

/// The name of the what-if that stands for changes.
pub const WHATIF: &str = "the change";

/// A scenario that includes a file and has changes as a what-if: what certificates speak of has to stand in files.
#[must_use]
pub fn whatif_text(include: &str, changes: &[String]) -> String {
    format!(
        "// What `pathproof whatif` was asked of the file that is included; the certificates speak of it.\n\
         Scenario(\n    include: [{include:?}],\n    what_if: [\n        (\n            name: {WHATIF:?},\n            \
         changes: [\n{}\n            ],\n        ),\n    ],\n)\n",
        changes.join(",\n")
    )
}

/// Changes of a step or of a what-if, or of standard input, stand in no file.
#[must_use]
pub fn only_of_base() -> Words {
    Words::new(
        "certificates of changes need the base network of a file: what they speak of has to stand in files",
        "变更的证书需要文件的基础网络：证书所述内容必须在文件中",
    )
}

/// A scenario beside a file that stands on no disk: files as before, and this one.
pub(super) struct Beside<'a> {
    shelf: &'a dyn Shelf,
    path: String,
    text: String,
}

impl<'a> Beside<'a> {
    /// Changes as a what-if of a file, whose texts have these paths.
    pub fn of(file: &str, changes: &[String], taken: &[&str], shelf: &'a dyn Shelf) -> Self {
        let name = |path: &str| {
            let name = Path::new(path).file_name();
            name.unwrap_or_default().to_string_lossy().into_owned()
        };
        let mut own = "whatif.ron".to_owned();
        // Certificates know files by their names.
        while taken.iter().any(|path| name(path) == own) {
            own = format!("the-{own}");
        }
        let path = Path::new(file).with_file_name(own);
        let text = whatif_text(&name(file), changes);
        Self { shelf, path: path.to_string_lossy().into_owned(), text }
    }

    /// Its network after the changes.
    ///
    /// # Errors
    ///
    /// With what is wrong in the file that it includes.
    pub fn load(&self, before: &Asked, budget: Budget) -> Result<Asked, Unanswered> {
        let loaded = load_within(&self.path, self, to_read(budget));
        Asked::after(loaded, Some(before)).map_err(Unanswered::in_texts)?.at(&self.path, WHATIF)
    }

    /// Where it would stand, and what it says.
    pub fn told(&self) -> Value {
        let name = Path::new(&self.path).file_name().unwrap_or_default();
        json!({ "name": name.to_string_lossy(), "text": self.text })
    }
}

impl Files for Beside<'_> {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        if path == self.path { Ok(self.text.clone().into_bytes()) } else { self.shelf.read(path) }
    }

    fn read_included(&self, path: &str) -> io::Result<Vec<u8>> {
        if path == self.path { self.read(path) } else { self.shelf.read_included(path) }
    }

    fn is_outside(&self, scenario: &str, path: &str) -> bool {
        self.shelf.is_outside(scenario, path)
    }

    fn may_leave(&self) -> bool {
        self.shelf.may_leave()
    }
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
